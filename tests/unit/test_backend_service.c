/* SPDX-License-Identifier: Apache-2.0
 *
 * What an administrator does: the directory, people, credentials, terminals; and two programs on
 * one directory.
 */
#include "tests/lib/backend_world.h"

#include "base/file.h"

static struct world *w;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (w->service)
		world_audit_is_whole(w);
	world_free(w);
	w = NULL;
	return 0;
}

static void says(const char *words)
{
	if (!strstr(w->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", w->err.text, words);
}

static const char *in_world(const char *name)
{
	static char path[2][160];
	static int next;

	next ^= 1;
	snprintf(path[next], sizeof(path[0]), "%s/%s", w->dir, name);
	return path[next];
}

/* ---- the directory ---- */

static void init_makes_a_private_directory_that_opens(void **state)
{
	static const char *const files[] = {
		"new/countersignd.conf", "new/master.key", "new/countersign.db", "new/audit.head"};
	struct service *s = NULL;
	struct stat st;

	(void)state;
	must(w, service_init(in_world("new"), "Bäckerei 面包店", "A-1.B:8080", &w->clock, &w->err));
	assert_int_equal(stat(in_world("new"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(stat(in_world(files[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	must(w, service_open(&s, in_world("new"), &w->clock, &w->err));
	assert_string_equal(keyring_issuer_name(s->keys), "Bäckerei 面包店");
	service_close(&s);
	assert_int_equal(service_init(in_world("new"), "X", "X", &w->clock, &w->err), ERR_EXISTS);
	says("not empty");
	must(w, service_open(&s, in_world("new"), &w->clock, &w->err)); /* and is as it was */
	service_close(&s);
}

static void init_refuses_bad_names_and_places_and_leaves_nothing(void **state)
{
	static const char *const hosts[] = {"", "qr.example.com", "A/B", "A B", "A_B", "É",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	char name[80];

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_int_equal(service_init(in_world("no"), "Bank", hosts[i], &w->clock, &w->err),
			ERR_INVALID);
		says("host");
	}
	assert_int_equal(service_init(in_world("no"), "", "A", &w->clock, &w->err), ERR_INVALID);
	assert_int_equal(service_init(in_world("no"), "a\033[2J", "A", &w->clock, &w->err),
		ERR_INVALID);
	assert_int_equal(service_init(in_world("no"), "\xff", "A", &w->clock, &w->err),
		ERR_INVALID);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(service_init(in_world("no"), name, "A", &w->clock, &w->err),
		ERR_TOO_LARGE);
	assert_int_equal(access(in_world("no"), F_OK), -1);
	assert_int_equal(service_init(in_world("no/such"), "B", "A", &w->clock, &w->err), ERR_IO);
	assert_int_equal(service_init(in_world("master.key"), "B", "A", &w->clock, &w->err),
		ERR_IO);
}

static void open_refuses_what_is_no_backend_or_lacks_a_part(void **state)
{
	static const struct {
		const char *file;
		enum err_code code;
	} parts[] = {
		{"countersignd.conf", ERR_NOT_FOUND},
		{"master.key", ERR_NOT_FOUND},
		{"countersign.db", ERR_NOT_FOUND},
		{"audit.head", ERR_CORRUPT},
	};
	struct service *s = NULL;

	(void)state;
	assert_int_equal(service_open(&s, "/nonexistent", &w->clock, &w->err), ERR_NOT_FOUND);
	says("countersignd init");
	service_close(&w->service);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (w->url[0] && strcmp(parts[i].file, "countersign.db") == 0)
			continue; /* is elsewhere */
		assert_int_equal(rename(in_world(parts[i].file), in_world("away")), 0);
		assert_int_equal(service_open(&s, w->dir, &w->clock, &w->err), parts[i].code);
		assert_null(s);
		assert_int_equal(rename(in_world("away"), in_world(parts[i].file)), 0);
	}
	assert_int_equal(chmod(in_world("master.key"), 0644), 0);
	assert_int_equal(service_open(&s, w->dir, &w->clock, &w->err), ERR_PERMISSION);
	assert_int_equal(chmod(in_world("master.key"), 0600), 0);
	world_open(w);
}

/* ---- people ---- */

static void refuses_texts_that_cannot_be_shown(void **state)
{
	static const char *const BAD[] = {"abc", "1", "12", "+", "+12", "1234567890123456", "12a4",
		"138 0013 000x", "1380013++", "13800130000;", " ", "++4912345", "４９１"};
	static const char *const GOOD[] = {"110", "13800130000", "+8613800130000",
		"+44 20 7946 0000", "(020) 7946-0000", "0049.30.123456"};
	uint8_t id[CODE_ID_LEN];
	char text[80];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(service_holder_add(w->service, id, "", "1", &w->err), ERR_INVALID);
	assert_int_equal(service_holder_add(w->service, id, "a\nb", "1", &w->err), ERR_INVALID);
	assert_int_equal(service_holder_add(w->service, id, "\xe2\x80\xae", "1", &w->err),
		ERR_INVALID);
	assert_int_equal(service_holder_add(w->service, id, text, "1", &w->err), ERR_TOO_LARGE);
	assert_int_equal(service_holder_add(w->service, id, "A", text, &w->err), ERR_TOO_LARGE);
	assert_int_equal(service_holder_add(w->service, id, "A", "1\t", &w->err), ERR_INVALID);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(
			service_holder_add(w->service, id, "A", BAD[i], &w->err), ERR_INVALID);
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		must(w, service_holder_add(w->service, id, "A", GOOD[i], &w->err));
	must(w, service_holder_add(w->service, id, "韩梅梅", "", &w->err));
}

static void refuses_accounts_without_holder_with_bad_pins_or_taken_numbers(void **state)
{
	static const char *const pins[] = {"123", "1234567890123", "12a4", "12 4", "１２３４"};
	const uint8_t nobody[CODE_ID_LEN] = {1};
	uint8_t id[CODE_ID_LEN];

	(void)state;
	assert_int_equal(service_account_add(w->service, id, nobody, "n", SPAN(NULL, 0), &w->err),
		ERR_NOT_FOUND);
	says("no such holder");
	assert_int_equal(service_account_add(w->service, id, w->holder, "6222-0000", SPAN(NULL, 0),
				 &w->err), ERR_EXISTS);
	says("number");
	assert_int_equal(service_account_add(w->service, id, w->holder, "", SPAN(NULL, 0), &w->err),
		ERR_INVALID);
	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
		assert_true(service_account_add(w->service, id, w->holder, "m", span_text(pins[i]),
			&w->err) != ERR_OK);
	must(w, service_account_add(w->service, id, w->holder, "m", span_text("123456789012"),
			&w->err));
	assert_int_equal(service_account_unlock(w->service, nobody, &w->err), ERR_NOT_FOUND);
}

/* ---- credentials ---- */

static enum err_code issue(struct service_issued *out, struct service_issue in)
{
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	if (!in.account[0])
		memcpy(in.account, w->account, CODE_ID_LEN);
	return service_credential_issue(w->service, out, &in, &w->err);
}

static void issue_follows_policy_and_what_was_asked(void **state)
{
	struct service_issued out;
	struct service_credential c;

	(void)state;
	must(w, issue(&out, (struct service_issue){.digits = 0}));
	assert_int_equal(out.generation, 1);
	assert_int_equal(out.not_after, WORLD_NOW + 730 * 86400);
	assert_int_equal(strlen(out.token), CODE_ACTIVATION_TEXT_LEN);
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "active");
	assert_string_equal(c.purpose, "payment");
	assert_string_equal(c.holder_name, "Li Lei");
	assert_true(c.live && c.pin && !c.activated);
	assert_int_equal(c.digits, 6);
	assert_int_equal(strncmp(c.first_code, "HTTPS://QR.EXAMPLE.COM/C/", 25), 0);
	must(w, issue(&out, (struct service_issue){.is_static = true, .no_pin = true,
		.not_after = CODE_NO_END, .purpose = "door"}));
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_true(!c.live && !c.pin);
	assert_int_equal(c.digits, 8);
	assert_int_equal(c.not_after, CODE_NO_END);
	w->service->policy.valid_days = 0;
	must(w, issue(&out, (struct service_issue){.digits = 10}));
	assert_int_equal(out.not_after, CODE_NO_END);
}

static void refuses_credentials_that_do_not_fit(void **state)
{
	const struct service_issued zero = {.generation = 0};
	struct service_issued out;
	struct service_issue in = {.digits = 0};
	uint8_t other[CODE_ID_LEN];

	(void)state;
	assert_int_equal(issue(&out, (struct service_issue){.digits = 5}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.digits = 11}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.digits = -6}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.not_after = WORLD_NOW}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.not_after = -1}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.not_after = 0x100000000}), ERR_RANGE);
	assert_int_equal(issue(&out, (struct service_issue){.purpose = "\x1b[0m"}), ERR_INVALID);
	assert_int_equal(issue(&out, (struct service_issue){.face_value = "\r"}), ERR_INVALID);
	assert_int_equal(issue(&out, (struct service_issue){.account = {9}}), ERR_NOT_FOUND);
	assert_memory_equal(&out, &zero, sizeof(out));
	must(w, service_holder_add(w->service, other, "Han", "101", &w->err));
	memcpy(in.holder, other, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	assert_int_equal(service_credential_issue(w->service, &out, &in, &w->err), ERR_INVALID);
	says("not this holder");
	in.holder[0] ^= 1;
	assert_int_equal(service_credential_issue(w->service, &out, &in, &w->err), ERR_NOT_FOUND);
	assert_false(store_in_transaction(w->service->store));
}

static void status_is_shown_as_it_is(void **state)
{
	struct service_issued out;
	struct service_credential c;
	struct phone p;

	(void)state;
	must(w, issue(&out, (struct service_issue){.not_after = WORLD_NOW + 1000}));
	phone_activate(w, &p, out.token);
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_true(c.activated);
	must(w, service_credential_freeze(w->service, out.id, WORLD_NOW + 10, &w->err));
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "frozen");
	assert_int_equal(c.frozen_until, WORLD_NOW + 10);
	world_pass(w, 10);
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "active");
	assert_int_equal(c.frozen_until, 0);
	world_pass(w, 990);
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "expired");
	must(w, service_credential_renew(w->service, &out, out.id, 0, &w->err));
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "active");
	assert_int_equal(c.generation, 2);
	assert_false(c.activated);
	must(w, service_credential_void(w->service, out.id, &w->err));
	must(w, service_credential_show(w->service, &c, out.id, &w->err));
	assert_string_equal(c.status, "void");
}

static void refuses_verbs_on_what_is_not_there_or_void(void **state)
{
	const uint8_t nobody[CODE_ID_LEN] = {7};
	struct service *s = w->service;
	struct service_credential c;
	struct service_issued out, again;

	(void)state;
	assert_int_equal(service_credential_show(s, &c, nobody, &w->err), ERR_NOT_FOUND);
	says("no such credential");
	assert_int_equal(service_credential_freeze(s, nobody, 0, &w->err), ERR_NOT_FOUND);
	assert_int_equal(service_credential_unfreeze(s, nobody, &w->err), ERR_NOT_FOUND);
	assert_int_equal(service_credential_void(s, nobody, &w->err), ERR_NOT_FOUND);
	assert_int_equal(service_credential_renew(s, &again, nobody, 0, &w->err), ERR_NOT_FOUND);
	must(w, issue(&out, (struct service_issue){.digits = 0}));
	assert_int_equal(service_credential_freeze(s, out.id, WORLD_NOW, &w->err), ERR_RANGE);
	assert_int_equal(service_credential_freeze(s, out.id, -5, &w->err), ERR_RANGE);
	assert_int_equal(service_credential_renew(s, &again, out.id, WORLD_NOW, &w->err),
		ERR_RANGE);
	must(w, service_credential_void(s, out.id, &w->err));
	assert_int_equal(service_credential_freeze(s, out.id, 0, &w->err), ERR_INVALID);
	says("void");
	assert_int_equal(service_credential_unfreeze(s, out.id, &w->err), ERR_INVALID);
	assert_int_equal(service_credential_void(s, out.id, &w->err), ERR_INVALID);
	assert_int_equal(service_credential_renew(s, &again, out.id, 0, &w->err), ERR_INVALID);
}

static void renewal_forgets_the_old_secret(void **state)
{
	struct service_issued out, again;
	struct store_key key;

	(void)state;
	must(w, issue(&out, (struct service_issue){.digits = 0}));
	must(w, service_credential_renew(w->service, &again, out.id, 0, &w->err));
	must(w, store_key_get(w->service->store, &key, out.id, 1, &w->err));
	assert_int_equal(key.sealed_len, 0);
	must(w, store_key_get(w->service->store, &key, out.id, 2, &w->err));
	assert_int_equal(key.sealed_len, KEYRING_SEALED_LEN);
}

/* ---- terminals ---- */

static void terminals_have_names_and_merchants(void **state)
{
	struct service_terminal t;
	struct rules_caller who;
	struct phone p;
	struct code c;
	char code[CODE_TEXT_MAX], text[80];

	(void)state;
	must(w, service_terminal_enrol(w->service, &t, "bakery 1", "Corner Bakery 面包", &w->err));
	assert_string_equal(t.issuer_name, "Corner Bank");
	assert_string_equal(t.issuer_host, "QR.EXAMPLE.COM");
	must(w, rules_authenticate(&w->rules, &who, span_text(t.token), &w->err));
	assert_string_equal(who.name, "bakery 1");
	phone_new(w, &p, false);
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &who, code, 0), "");
	code_parse(&c, span_text(w->started.challenge_code));
	assert_string_equal(c.challenge.merchant, "Corner Bakery 面包");
	assert_int_equal(service_terminal_enrol(w->service, &t, "", NULL, &w->err), ERR_INVALID);
	assert_int_equal(service_terminal_enrol(w->service, &t, "a\nb", NULL, &w->err),
		ERR_INVALID);
	memset(text, 'x', 41);
	text[41] = '\0';
	assert_int_equal(service_terminal_enrol(w->service, &t, "n", text, &w->err), ERR_TOO_LARGE);
	assert_string_equal(t.token, "");
	assert_int_equal(service_terminal_stop(w->service, "n", true, &w->err), ERR_NOT_FOUND);
	/* A long name is cut at a character for the challenge code. */
	memcpy(text + 39, "面包", sizeof("面包"));
	must(w, service_terminal_enrol(w->service, &t, text, NULL, &w->err));
	must(w, rules_authenticate(&w->rules, &who, span_text(t.token), &w->err));
	world_pass(w, 30);
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &who, code, 0), "");
	code_parse(&c, span_text(w->started.challenge_code));
	assert_int_equal(strlen(c.challenge.merchant), 39);
}

/* ---- two programs, one directory ---- */

static void commands_work_while_a_server_has_the_directory_open(void **state)
{
	struct service *command = NULL;
	struct phone p;

	(void)state;
	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_open(&command, w->dir, &w->clock, &w->err));
	must(w, service_credential_freeze(command, p.credential, 0, &w->err));
	service_close(&command);
	assert_string_equal(world_right(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
	world_audit_is_whole(w);
}

static void a_failed_verb_leaves_nothing_and_no_transaction(void **state)
{
	uint8_t id[CODE_ID_LEN];
	int64_t records = world_last_audit(w).seq;

	(void)state;
	assert_int_equal(service_account_add(w->service, id, w->holder, "6222-0000", SPAN(NULL, 0),
				 &w->err), ERR_EXISTS);
	assert_false(store_in_transaction(w->service->store));
	assert_int_equal(world_last_audit(w).seq, records);
	must(w, service_account_add(w->service, id, w->holder, "6222-0009", SPAN(NULL, 0),
			&w->err));
	assert_int_equal(world_last_audit(w).seq, records + 1);
}

static void restore_ends_what_was_open_and_withdraws_tokens(void **state)
{
	struct service_issued out;
	struct rules_activation_out a;
	struct phone p;

	(void)state;
	phone_new(w, &p, false);
	must(w, issue(&out, (struct service_issue){.digits = 0}));
	assert_string_equal(world_start(w, &p, 0), "");
	service_close(&w->service);
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(world_right(w, &p), "expired");
	must(w, store_begin(w->service->store, &w->err));
	must(w, world_activation(w, &a, out.token));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(w->problem.word, "not-found");
	assert_int_equal(service_restore("/nonexistent", false, &w->clock, &w->err), ERR_NOT_FOUND);
}

/* The chain's numbers go on from those of the backup: the same day has them twice. */
static void receipts_after_a_restore_are_not_those_of_before(void **state)
{
	char lost[RULES_RECEIPT_MAX], mark[16];
	struct phone p;
	size_t len;

	(void)state;
	phone_new(w, &p, false);
	world_pass(w, 86400);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	(void)snprintf(lost, sizeof(lost), "%s", w->seen.receipt);
	assert_null(strchr(strchr(lost, '-') + 1, '-'));
	world_pass(w, 60);
	(void)snprintf(mark, sizeof(mark), "-%d", (int)(world_now(w) % 86400));
	service_close(&w->service);
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	len = strlen(w->seen.receipt);
	assert_true(len > strlen(mark));
	assert_string_equal(w->seen.receipt + len - strlen(mark), mark);
	world_pass(w, -86400); /* the clock was ahead when it was restored */
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	len = strlen(w->seen.receipt);
	assert_string_equal(w->seen.receipt + len - strlen(mark), mark);
	world_pass(w, 2 * 86400);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_null(strchr(strchr(w->seen.receipt, '-') + 1, '-'));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(init_makes_a_private_directory_that_opens),
		CASE(init_refuses_bad_names_and_places_and_leaves_nothing),
		CASE(open_refuses_what_is_no_backend_or_lacks_a_part),
		CASE(refuses_texts_that_cannot_be_shown),
		CASE(refuses_accounts_without_holder_with_bad_pins_or_taken_numbers),
		CASE(issue_follows_policy_and_what_was_asked),
		CASE(refuses_credentials_that_do_not_fit),
		CASE(status_is_shown_as_it_is),
		CASE(refuses_verbs_on_what_is_not_there_or_void),
		CASE(renewal_forgets_the_old_secret),
		CASE(terminals_have_names_and_merchants),
		CASE(commands_work_while_a_server_has_the_directory_open),
		CASE(a_failed_verb_leaves_nothing_and_no_transaction),
		CASE(restore_ends_what_was_open_and_withdraws_tokens),
		CASE(receipts_after_a_restore_are_not_those_of_before),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
