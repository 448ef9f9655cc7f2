/* SPDX-License-Identifier: Apache-2.0
 *
 * Who stands at the counter, against a server that says anything: who is let in, who comes back
 * with a quick code, and when nobody is there any more.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"
#include "ui/operators.h"

#define TOKEN	"TERMINALTERMINAL"
#define JSON	"application/json"
#define PROBLEM "application/problem+json"
#define PASS	"correct horse battery"
#define QUICK	"2580"
#define MINUTE	INT64_C(60000)

static struct script_server server;
static struct client *client;
static struct clock test_clock;
static struct operators o;
static struct operators_settings settings;
static char stands[FLOW_LABEL_MAX]; /* as the last change told it */
static enum message_role stands_role;
static size_t changes;

static void changed(void *ctx, const char *name, enum message_role role)
{
	(void)ctx;
	snprintf(stands, sizeof stands, "%s", name);
	stands_role = role;
	changes++;
}

static const char *session(const char *name, const char *role)
{
	char body[512];

	snprintf(body, sizeof body,
		"{\"token\":\"T-%s\",\"expires_at\":%lld,\"operator\":\"" FIXTURE_ID
		"\",\"name\":\"%s\",\"role\":\"%s\"}",
		name, (long long)FIXTURE_NOW + 28800, name, role);
	return script_http("201 Created", JSON, body);
}

static void wait_ms(int64_t ms)
{
	clock_advance_to(&test_clock, clock_mono_ms(&test_clock) + ms);
}

static void start(const struct script_answer *answers, size_t count)
{
	struct client_options opt = {.token = TOKEN, .total_ms = 400, .clock = &test_clock};

	clock_init_manual(&test_clock, 0, FIXTURE_NOW * 1000);
	script_server_start(&server, answers, count);
	opt.url = server.url;
	assert_int_equal(client_new(&client, &opt, NULL), ERR_OK);
	settings = (struct operators_settings){
		.required = true, .idle_minutes = 10, .aside_minutes = 60};
	operators_init(&o, &settings, client, &test_clock);
	o.changed = changed;
	stands[0] = '\0';
	changes = 0;
}

static void stop(void)
{
	operators_done(&o);
	client_free(&client);
	script_server_stop(&server);
}

static void settle(void)
{
	for (int i = 0; i < 100 && client_asks_running(client) > 0; i++)
		assert_int_equal(client_poll(client, NULL, 0, 50, NULL), ERR_OK);
	assert_int_equal(client_asks_running(client), 0);
}

static enum operators_outcome sign_in(const char *name, const char *quick)
{
	operators_sign_in(&o, name, span_text(PASS), span_text(quick));
	settle();
	return o.outcome;
}

static void pass(int64_t ms, bool busy)
{
	wait_ms(ms);
	operators_tick(&o, busy);
	settle();
}

/* How many requests began with this. */
static size_t requests(const char *begin)
{
	size_t n = 0;

	for (size_t i = 0; i < server.request_count; i++)
		n += strncmp(server.request[i], begin, strlen(begin)) == 0;
	return n;
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* ---- signing in ---- */

static void a_right_passphrase_lets_in(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	assert_string_equal(operators_name(&o), "");
	assert_int_equal(operators_token(&o).len, 0);
	operators_sign_in(&o, "Tess", span_text(PASS), span_text(""));
	assert_int_equal(o.outcome, OPERATORS_ASKING);
	assert_string_equal(operators_name(&o), "");
	settle();
	assert_int_equal(o.outcome, OPERATORS_FINE);
	assert_string_equal(operators_name(&o), "Tess");
	assert_string_equal(stands, "Tess");
	assert_int_equal(stands_role, MESSAGE_ROLE_TELLER);
	assert_true(operators_may_serve(&o));
	assert_true(span_equal(operators_token(&o), span_text("T-Tess")));
	assert_non_null(strstr(server.request[0],
		"\r\n\r\n{\"name\":\"Tess\",\"passphrase\":\"" PASS "\"}"));
	stop();
}

static void nobody_else_is_let_in(void **state)
{
	static const struct {
		const char *status, *type, *body;
		enum operators_outcome outcome;
	} CASES[] = {
		{"403 Forbidden", PROBLEM,
			"{\"type\":\"https://countersign.invalid/problems/wrong-passphrase\","
			"\"title\":\"x\",\"status\":403}",
			OPERATORS_WRONG},
		{"429 Too Many", PROBLEM,
			"{\"type\":\"https://countersign.invalid/problems/too-many-attempts\","
			"\"title\":\"x\",\"status\":429,\"until\":1790000030}",
			OPERATORS_WAIT},
		{"503 Busy", PROBLEM,
			"{\"type\":\"https://countersign.invalid/problems/busy\",\"title\":\"x\","
			"\"status\":503}",
			OPERATORS_NO_ANSWER},
		{"201 Created", JSON, "{\"name\":\"Tess\"}", OPERATORS_NO_ANSWER},
		{"201 Created", "text/html", "<html>", OPERATORS_NO_ANSWER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct script_answer answer = {
			script_http(CASES[i].status, CASES[i].type, CASES[i].body), SCRIPT_KEEP};

		start(&answer, 1);
		assert_int_equal(sign_in("Tess", QUICK), CASES[i].outcome);
		assert_string_equal(operators_name(&o), "");
		assert_null(o.quick);
		assert_int_equal(changes, 0);
		if (CASES[i].outcome == OPERATORS_NO_ANSWER)
			assert_string_not_equal(o.words, "");
		if (CASES[i].outcome == OPERATORS_WAIT)
			assert_int_equal(o.until_unix_s, 1790000030);
		stop();
	}
}

/* An administrator's session is ended at once; so is one of a role that is not known. */
static void administrators_do_not_stand_at_a_counter(void **state)
{
	static const char *const ROLES[] = {"administrator", "king", ""};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct script_answer answer = {session("Root", ROLES[i]), SCRIPT_KEEP};

		start(&answer, 1);
		assert_int_equal(sign_in("Root", QUICK), OPERATORS_NO_ROLE);
		assert_string_equal(operators_name(&o), "");
		assert_int_equal(requests("DELETE /v1/sessions "), 1);
		assert_non_null(strstr(server.request[1], "Bearer T-Root\r\n"));
		stop();
	}
}

static void asks_nothing_that_cannot_be_right(void **state)
{
	static const char *const QUICKS[] = {"123", "123456789", "12a4", "1111"};
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(sign_in("Tess", QUICKS[i]), OPERATORS_QUICK_FORM);
	operators_sign_in(&o, "", span_text(PASS), span_text(""));
	assert_int_equal(o.outcome, OPERATORS_WRONG);
	operators_sign_in(&o, "Tess", span_text(""), span_text(""));
	assert_int_equal(o.outcome, OPERATORS_WRONG);
	stop();
	assert_int_equal(server.request_count, 0);
}

/* A verification keeps the operator that it began with. */
static void nobody_changes_while_a_verification_runs(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	operators_tick(&o, true);
	operators_sign_in(&o, "Tess", span_text(PASS), span_text(QUICK));
	assert_int_equal(o.outcome, OPERATORS_NOT_NOW);
	operators_tick(&o, false);
	operators_sign_in(&o, "Tess", span_text(PASS), span_text(QUICK));
	operators_tick(&o, true); /* it began before the answer came */
	settle();
	assert_int_equal(o.outcome, OPERATORS_NOT_NOW);
	assert_string_equal(operators_name(&o), "");
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	assert_int_equal(changes, 0);
	stop();
}

/* ---- switching ---- */

static void two_signed_in(void)
{
	assert_int_equal(sign_in("Tess", QUICK), OPERATORS_FINE);
	assert_int_equal(sign_in("Cy", "1470"), OPERATORS_FINE);
	assert_string_equal(stands, "Cy");
	assert_int_equal(stands_role, MESSAGE_ROLE_CASHIER);
	assert_false(operators_may_serve(&o));
}

static void comes_back_with_the_quick_code(void **state)
{
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_KEEP},
		{session("Cy", "cashier"), SCRIPT_KEEP}};

	(void)state;
	start(answers, 2);
	two_signed_in();
	assert_string_equal(o.list[0].name, "Tess");
	operators_switch(&o, 0, span_text(QUICK));
	assert_int_equal(o.outcome, OPERATORS_FINE);
	assert_string_equal(stands, "Tess");
	assert_true(span_equal(operators_token(&o), span_text("T-Tess")));
	operators_switch(&o, 1, span_text("1470"));
	assert_string_equal(stands, "Cy");
	stop();
	assert_int_equal(server.request_count, 2); /* nothing was asked for it */
}

static void nobody_comes_back_while_a_verification_runs(void **state)
{
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_KEEP},
		{session("Cy", "cashier"), SCRIPT_KEEP}};

	(void)state;
	start(answers, 2);
	two_signed_in();
	operators_tick(&o, true);
	operators_switch(&o, 0, span_text(QUICK));
	assert_int_equal(o.outcome, OPERATORS_NOT_NOW);
	assert_string_equal(operators_name(&o), "Cy");
	operators_tick(&o, false);
	operators_switch(&o, 0, span_text(QUICK));
	assert_string_equal(operators_name(&o), "Tess");
	stop();
}

static void three_wrong_quick_codes_end_the_session(void **state)
{
	static const char *const WRONG[] = {"2581", "", "25800"};
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_KEEP},
		{session("Cy", "cashier"), SCRIPT_KEEP}};

	(void)state;
	start(answers, 2);
	two_signed_in();
	for (int i = 0; i < 3; i++)
		operators_switch(&o, 0, span_text(WRONG[i]));
	assert_int_equal(o.outcome, OPERATORS_NO_QUICK);
	settle();
	assert_string_equal(stands, "Cy");
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	assert_non_null(strstr(server.request[2], "Bearer T-Tess\r\n"));
	operators_switch(&o, 0, span_text(QUICK)); /* too late */
	assert_int_equal(o.outcome, OPERATORS_NO_QUICK);
	assert_string_equal(stands, "Cy");
	assert_string_equal(o.list[0].name, "Tess"); /* the name is remembered */
	for (int i = -2; i < OPERATORS_MAX + 2; i++)
		if (i != 1)
			operators_switch(&o, i, span_text(QUICK));
	assert_string_equal(stands, "Cy");
	stop();
}

static void a_right_code_between_wrong_ones_begins_anew(void **state)
{
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_KEEP},
		{session("Cy", "cashier"), SCRIPT_KEEP}};

	(void)state;
	start(answers, 2);
	two_signed_in();
	for (int round = 0; round < 3; round++) {
		operators_switch(&o, 0, span_text("0001"));
		operators_switch(&o, 0, span_text("0001"));
		assert_int_equal(o.outcome, OPERATORS_WRONG);
		operators_switch(&o, 0, span_text(QUICK));
		assert_int_equal(o.outcome, OPERATORS_FINE);
	}
	stop();
}

static void without_a_quick_code_the_session_ends(void **state)
{
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_KEEP},
		{session("Cy", "cashier"), SCRIPT_KEEP}};

	(void)state;
	start(answers, 2);
	assert_int_equal(sign_in("Tess", ""), OPERATORS_FINE);
	assert_int_equal(sign_in("Cy", ""), OPERATORS_FINE);
	settle();
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	operators_switch(&o, 0, span_text(""));
	assert_int_equal(o.outcome, OPERATORS_NO_QUICK);
	assert_string_equal(stands, "Cy");
	stop();
}

static void the_list_is_bounded(void **state)
{
	struct script_answer answers[OPERATORS_MAX + 2];
	static char text[OPERATORS_MAX + 2][512];

	(void)state;
	for (size_t i = 0; i < OPERATORS_MAX + 2; i++) {
		char name[3] = {'A' + (char)i, 'x', '\0'};

		snprintf(text[i], sizeof text[i], "%s", session(name, "cashier"));
		answers[i] = (struct script_answer){text[i], SCRIPT_KEEP};
	}
	start(answers, OPERATORS_MAX + 2);
	for (size_t i = 0; i < OPERATORS_MAX; i++) {
		wait_ms(1000);
		assert_int_equal(sign_in((char[]){'A' + (char)i, 'x', '\0'}, QUICK),
			OPERATORS_FINE);
	}
	wait_ms(1000);
	assert_int_equal(sign_in("Gx", QUICK), OPERATORS_FINE);
	assert_string_equal(o.list[0].name, "Gx"); /* who was away longest has gone */
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	stop();
}

/* ---- the end of sessions ---- */

static void nobody_at_the_keys_is_nobody(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	assert_int_equal(sign_in("Tess", ""), OPERATORS_FINE);
	pass(9 * MINUTE, false);
	assert_string_equal(stands, "Tess");
	operators_touched(&o);
	pass(9 * MINUTE, false);
	assert_string_equal(stands, "Tess");
	pass(20 * MINUTE, true); /* a verification runs */
	assert_string_equal(stands, "Tess");
	pass(9 * MINUTE, false);
	assert_int_equal(operators_next_ms(&o), clock_mono_ms(&test_clock) + MINUTE);
	pass(MINUTE, false);
	assert_string_equal(stands, "");
	assert_int_equal(o.outcome, OPERATORS_IDLE);
	assert_int_equal(operators_token(&o).len, 0);
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	stop();
}

static void who_was_set_aside_comes_back_for_a_while(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	assert_int_equal(sign_in("Tess", QUICK), OPERATORS_FINE);
	pass(10 * MINUTE, false);
	assert_string_equal(stands, "");
	assert_int_equal(requests("DELETE /v1/sessions "), 0);
	operators_switch(&o, 0, span_text(QUICK));
	assert_string_equal(stands, "Tess");
	pass(10 * MINUTE, false);
	pass(60 * MINUTE, false);
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	operators_switch(&o, 0, span_text(QUICK));
	assert_int_equal(o.outcome, OPERATORS_NO_QUICK);
	stop();
}

static void a_session_ends_with_its_time(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	settings.idle_minutes = 0;
	assert_int_equal(sign_in("Tess", QUICK), OPERATORS_FINE);
	pass(28799 * 1000, false);
	assert_string_equal(stands, "Tess");
	pass(1000, false);
	assert_string_equal(stands, "");
	assert_int_equal(o.outcome, OPERATORS_EXPIRED);
	operators_switch(&o, 0, span_text(QUICK));
	assert_int_equal(o.outcome, OPERATORS_NO_QUICK);
	stop();
}

static void signing_off_ends_it_at_the_backend(void **state)
{
	struct script_answer answer = {session("Tess", "teller"), SCRIPT_KEEP};

	(void)state;
	start(&answer, 1);
	assert_int_equal(sign_in("Tess", QUICK), OPERATORS_FINE);
	operators_sign_off(&o);
	assert_string_equal(stands, "");
	operators_sign_off(&o); /* nobody is there */
	settle();
	assert_int_equal(requests("DELETE /v1/sessions "), 1);
	assert_int_equal(changes, 2);
	stop();
}

static void the_end_of_the_program_ends_all(void **state)
{
	/* both are ended at once: the server takes one connection after another */
	struct script_answer answers[] = {{session("Tess", "teller"), SCRIPT_CLOSE},
		{session("Cy", "cashier"), SCRIPT_CLOSE}};

	(void)state;
	start(answers, 2);
	two_signed_in();
	operators_end(&o);
	assert_int_equal(requests("DELETE /v1/sessions "), 2);
	assert_int_equal(operators_token(&o).len, 0);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_passphrase_lets_in),
		cmocka_unit_test(nobody_else_is_let_in),
		cmocka_unit_test(administrators_do_not_stand_at_a_counter),
		cmocka_unit_test(asks_nothing_that_cannot_be_right),
		cmocka_unit_test(nobody_changes_while_a_verification_runs),
		cmocka_unit_test(comes_back_with_the_quick_code),
		cmocka_unit_test(nobody_comes_back_while_a_verification_runs),
		cmocka_unit_test(three_wrong_quick_codes_end_the_session),
		cmocka_unit_test(a_right_code_between_wrong_ones_begins_anew),
		cmocka_unit_test(without_a_quick_code_the_session_ends),
		cmocka_unit_test(the_list_is_bounded),
		cmocka_unit_test(nobody_at_the_keys_is_nobody),
		cmocka_unit_test(who_was_set_aside_comes_back_for_a_while),
		cmocka_unit_test(a_session_ends_with_its_time),
		cmocka_unit_test(signing_off_ends_it_at_the_backend),
		cmocka_unit_test(the_end_of_the_program_ends_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
