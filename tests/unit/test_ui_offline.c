/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline policy at the counter, with a backend that says what a case wants: what is written
 * down before anything is said, what is sent again, and what never becomes an acceptance.
 */
#include "tests/lib/counter_kit.h"
#include "tests/lib/folder.h"

#include "base/log.h"
#include "ui/offline.h"

#define NOW 1790000100 /* a little after the list of docs/http.md */
#define KEY "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define SIGNATURE                                                                                  \
	"d799f8f04df59deb4cfdfeb0a6fac06256bb3d24873a16a3859154514e2ca982"                         \
	"85597fb90a57b3a44cb522e06874a006bddc1992e45f6c3aa96d466101d47107"

static struct offline *policy;
static struct offline_settings settings;
static struct flow_issuer issuer;
static uint8_t seed[SEC_ED25519_SEED_LEN];
static struct err err;
static bool barred; /* the card's id counts up, as those of the list do */

static void reply(int status, const char *body, const char *word)
{
	struct client_reply r = {.code = status != 0 ? ERR_OK : ERR_NETWORK,
		.status = status,
		.body = span_text(body)};

	snprintf(r.word, sizeof r.word, "%s", word);
	asked_last.answered(asked_last.ctx, &r);
}

static void list_reply(void)
{
	char body[2048], id[2 * CODE_KEY_ID_LEN + 1];

	hex_encode(id, SPAN(issuer.key_id, sizeof issuer.key_id));
	snprintf(body, sizeof body,
		"{\"name\":\"B\",\"host\":\"H\",\"version\":12,\"keys\":[{\"key\":\"" KEY
		"\",\"not_before\":0,\"not_after\":4294967295}],\"policy\":{\"offline_max\":5000},"
		"\"list\":{\"version\":7,\"at\":1790000000,\"complete\":true,"
		"\"frozen\":\"1011121314151617\",\"void\":\"20212223242526273031323334353637\","
		"\"key_id\":\"%s\",\"signature\":\"" SIGNATURE "\"}}",
		id);
	reply(200, body, "");
}

static void begin(void)
{
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_OK);
	counter.offline = policy;
	counter.flow.offline = offline_is_on(policy);
}

static void end(void)
{
	offline_free(&policy);
	counter.offline = NULL;
}

static void heard(bool is)
{
	offline_heard(policy, is);
	offline_tick(policy);
}

static void pass(int64_t ms)
{
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + ms);
}

/* Of a credential whose id begins with this byte. */
static struct flow_code card(uint8_t first)
{
	struct code_credential fields = {.not_after = CODE_NO_END, .generation = 1};
	uint8_t body[CODE_LIVE_BODY_LEN] = {0}, k_live[SEC_KEY_LEN] = {0};
	uint8_t fixed[CODE_STATIC_BODY_LEN];
	struct flow_code out;
	struct bytes text;

	for (size_t i = 0; i < sizeof fields.credential_id; i++)
		fields.credential_id[i] = (uint8_t)(first + (barred ? i : 0));
	memcpy(fields.issuer_key_id, issuer.key_id, sizeof issuer.key_id);
	assert_int_equal(code_credential_sign(fixed, &fields, SPAN(seed, sizeof seed)), ERR_OK);
	assert_int_equal(
		code_credential_live(body, fixed, SPAN(k_live, sizeof k_live), code_step(NOW)),
		ERR_OK);
	memset(&out, 0, sizeof out);
	bytes_init_fixed(&text, out.text, sizeof out.text - 1);
	assert_int_equal(
		code_text_build(&text, "H", CODE_CREDENTIAL, SPAN(body, sizeof body)), ERR_OK);
	out.text[text.len] = '\0';
	return out;
}

/* Shown while nobody is there. */
static void show(uint8_t first)
{
	struct flow_code code = card(first);

	if (counter.flow.phase == FLOW_RESULT) {
		counter_cancel(&counter);
		pass(FLOW_SAME_AGAIN_MS);
		counter_step(&counter, FLOW_EV_TIME);
	}
	counter.ev = (struct flow_event){.codes.count = 1};
	assert_true(counter_code_judge(&counter, &counter.ev.codes.list[0],
		span_text(code.text), NOW));
	counter.flow.down = true;
	counter_step(&counter, FLOW_EV_CODES);
	assert_int_equal(counter.flow.phase, FLOW_STARTING);
	counter.ev = (struct flow_event){.serial = counter.flow.serial, .nobody = true};
	counter_step(&counter, FLOW_EV_NO_ANSWER);
	assert_int_equal(counter.flow.phase, FLOW_RESULT);
}

static void is(enum verdict verdict, enum flow_reason reason)
{
	assert_int_equal(counter.flow.verdict, verdict);
	assert_int_equal(counter.flow.reason, reason);
	assert_int_equal(
		counter_exit_status(&counter), verdict == VERDICT_UNCONFIRMED ? 2 : 1);
}

static void with_a_list(void)
{
	begin();
	heard(true);
	list_reply();
	heard(false);
}

static int case_up(void **state)
{
	set_up(state);
	if (folder_set_up(state) != 0)
		return -1;
	log_set_fd(-1);
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)i;
	asked_count = 0;
	barred = false;
	clock_init_manual(&counter.clock, 1000000, (int64_t)NOW * 1000);
	assert_int_equal(sec_ed25519_public(issuer.public_key, SPAN(seed, sizeof seed)), ERR_OK);
	assert_int_equal(code_issuer_key_id(issuer.key_id,
				 SPAN(issuer.public_key, sizeof issuer.public_key)),
		ERR_OK);
	counter.issuer = &issuer;
	counter.keys.count = 1;
	counter.keys.list[0] = issuer;
	current = true;
	counter.sale = (struct client_sale){.amount = 1000, .currency = "EUR"};
	memset(&settings, 0, sizeof settings);
	offline_settings_default(&settings);
	snprintf(settings.policy, sizeof settings.policy, "accept");
	snprintf(settings.currency, sizeof settings.currency, "EUR");
	settings.amount_max = 2000;
	settings.sum_max = 5000;
	snprintf(settings.folder, sizeof settings.folder, "%s", folder_path);
	return 0;
}

static int case_down(void **state)
{
	end();
	return folder_tear_down(state);
}

/* ---- cases ---- */

static void it_is_off_unless_it_was_said(void **state)
{
	(void)state;
	memset(settings.policy, 0, sizeof settings.policy);
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_OK);
	assert_null(policy);
	assert_false(offline_is_on(policy));
	snprintf(settings.policy, sizeof settings.policy, "maybe");
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_FORMAT);
	snprintf(settings.policy, sizeof settings.policy, "accept");
	settings.sum_max = 1999;
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_FORMAT);
	assert_non_null(strstr(err.text, "sum_max"));
	settings.sum_max = 5000;
	settings.amount_max = 0;
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_FORMAT);
	settings.amount_max = 2000;
	settings.currency[2] = '\0';
	assert_int_equal(offline_new(&policy, &settings, "conf", &counter, &err), ERR_FORMAT);
	assert_null(policy);
}

static void nothing_passes_before_there_is_a_list(void **state)
{
	(void)state;
	begin();
	show(1);
	is(VERDICT_NONE, REASON_OFFLINE_LIST);
	heard(true);
	assert_string_equal(asked_last.path, "/v1/issuer");
	reply(200, "{}", "");
	heard(false);
	show(2);
	is(VERDICT_NONE, REASON_OFFLINE_LIST);
}

static void a_sale_is_in_the_journal_before_it_is_told(void **state)
{
	(void)state;
	with_a_list();
	show(1);
	is(VERDICT_UNCONFIRMED, REASON_OFFLINE);
	assert_true(first_of("\"event\":\"offline\"") < first_of("\"event\":\"verdict\""));
	assert_non_null(strstr(told, "\"verdict\":\"unconfirmed\""));
	assert_null(strstr(told, "accepted"));
	end();
	begin(); /* the list was kept, and the sale */
	show(1);
	is(VERDICT_NONE, REASON_OFFLINE_CARD);
	show(2);
	is(VERDICT_UNCONFIRMED, REASON_OFFLINE);
}

static void a_card_on_the_list_is_refused(void **state)
{
	(void)state;
	with_a_list();
	show(2); /* 20 21 22 ... is on it, 02 02 02 ... is not */
	is(VERDICT_UNCONFIRMED, REASON_OFFLINE);
	barred = true;
	show(0x20);
	assert_int_equal(counter.flow.verdict, VERDICT_REFUSED);
	assert_int_equal(counter.flow.reason, REASON_VOID);
}

static void a_disk_that_cannot_be_written_lets_nothing_pass(void **state)
{
	(void)state;
	with_a_list();
	assert_int_equal(chmod(in_folder("offline"), 0500), 0);
	if (geteuid() != 0) { /* root writes everywhere */
		show(1);
		is(VERDICT_NONE, REASON_OFFLINE_JOURNAL);
	}
	assert_int_equal(chmod(in_folder("offline"), 0700), 0);
	end();
	unlink(in_folder("offline/journal.head"));
	begin();
	show(1);
	is(VERDICT_NONE, REASON_OFFLINE_JOURNAL);
}

static void a_terminal_that_was_stopped_lets_nothing_pass_even_later(void **state)
{
	(void)state;
	with_a_list();
	counter_barred(&counter, REASON_TERMINAL_STOPPED);
	show(1);
	is(VERDICT_NONE, REASON_NO_BACKEND);
	counter.barred = REASON_NONE; /* as after a start of the program */
	end();
	begin();
	show(2);
	is(VERDICT_NONE, REASON_OFFLINE_LIST);
}

static void a_list_that_was_on_its_way_is_not_taken(void **state)
{
	(void)state;
	begin();
	heard(true);
	counter_barred(&counter, REASON_TERMINAL_STOPPED);
	list_reply();
	assert_true(offline_next_ms(policy) == INT64_MAX); /* nothing to wake up for */
	heard(true);
	assert_int_equal(asked_count, 1);
	counter_barred(&counter, REASON_NONE);
	heard(false);
	show(1);
	is(VERDICT_NONE, REASON_OFFLINE_LIST);
	heard(true); /* at once */
	assert_int_equal(asked_count, 2);
}

/* The same bytes, again and again, until there is an answer to them. */
static void a_sale_is_sent_until_it_is_answered(void **state)
{
	char first[CLIENT_ASK_BODY_MAX], good[256];
	static const struct {
		int status;
		const char *body, *word;
	} none[] = {{0, "", ""}, {503, "{}", "busy"}, {500, "{}", "internal"},
		{403, "{}", "terminal-stopped"}, {404, "{}", "not-found"}, {200, "{}", ""},
		{200, "{\"id\":\"00\",\"outcome\":\"accepted\",\"receipt\":\"1\"}", ""}};
	struct offline_view view;
	int64_t pause = OFFLINE_SEND_AGAIN_MS;
	int count;

	(void)state;
	with_a_list();
	show(1);
	heard(true);
	assert_string_equal(asked_last.path, "/v1/offline");
	snprintf(first, sizeof first, "%.*s", (int)asked_last.body.len, (char *)asked_body);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		count = asked_count;
		reply(none[i].status, none[i].body, none[i].word);
		offline_tick(policy);
		assert_int_equal(asked_count, count); /* not at once */
		pass(pause);
		pause = 2 * pause < OFFLINE_SEND_AGAIN_MAX_MS ? 2 * pause
							      : OFFLINE_SEND_AGAIN_MAX_MS;
		offline_tick(policy);
		assert_int_equal(asked_count, count + 1);
		assert_int_equal(asked_last.body.len, strlen(first));
		assert_memory_equal(asked_body, first, strlen(first));
	}
	snprintf(good, sizeof good,
		"{\"id\":\"%.32s\",\"outcome\":\"accepted\",\"receipt\":\"20260921-000001\"}",
		strstr(first, "\"id\":\"") + 6);
	count = asked_count;
	reply(200, good, "");
	pass(OFFLINE_SEND_AGAIN_MS);
	offline_tick(policy);
	assert_int_equal(asked_count, count);
	offline_look(policy, &view);
	assert_int_equal(view.open + view.conflicts, 0);
	assert_non_null(strstr(told, "\"state\":\"accepted\""));
	is(VERDICT_UNCONFIRMED, REASON_OFFLINE); /* the verdict of then does not change */
}

static void what_will_never_be_taken_is_a_conflict(void **state)
{
	struct offline_view view;

	(void)state;
	with_a_list();
	show(1);
	heard(true);
	reply(400, "{}", "bad-request");
	offline_look(policy, &view);
	assert_int_equal(view.conflicts, 1);
	assert_non_null(strstr(told, "\"state\":\"conflict\""));
	assert_true(view.ready);
	heard(false);
	show(1); /* nobody has looked yet */
	is(VERDICT_NONE, REASON_OFFLINE_CARD);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_up, case_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_off_unless_it_was_said),
		CASE(nothing_passes_before_there_is_a_list),
		CASE(a_sale_is_in_the_journal_before_it_is_told),
		CASE(a_card_on_the_list_is_refused),
		CASE(a_disk_that_cannot_be_written_lets_nothing_pass),
		CASE(a_terminal_that_was_stopped_lets_nothing_pass_even_later),
		CASE(a_list_that_was_on_its_way_is_not_taken),
		CASE(a_sale_is_sent_until_it_is_answered),
		CASE(what_will_never_be_taken_is_a_conflict),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
