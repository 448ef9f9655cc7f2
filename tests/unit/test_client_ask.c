/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests beside the flow's, against a server that says anything.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"
#include "verifier/client_ask.h"

#define TOKEN    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define SESSION  "SESSIONSESSIONSESSIONSESSION2345"
#define JSON     "application/json"
#define PROBLEM  "application/problem+json"
#define TYPE     "\"type\":\"https://countersign.invalid/problems/"
#define TOTAL_MS 400

static struct script_server server;
static struct client *client;
static struct clock test_clock;

static struct client_reply reply; /* the last one; its body is in body_copy */
static char body_copy[CLIENT_ANSWER_MAX];
static size_t replies;
static const struct client_ask *ask_again;

static void answered(void *ctx, const struct client_reply *r)
{
	assert_ptr_equal(ctx, &replies);
	reply = *r;
	snprintf(body_copy, sizeof body_copy, "%.*s", (int)r->body.len,
		r->body.len > 0 ? (const char *)r->body.data : "");
	replies++;
	if (ask_again != NULL) {
		const struct client_ask *ask = ask_again;

		ask_again = NULL;
		assert_int_equal(client_ask(client, NULL, ask, NULL), ERR_OK);
	}
}

static struct client_ask request(const char *method, const char *path, const char *body)
{
	return (struct client_ask){.method = method,
		.path = path,
		.body = span_text(body),
		.answered = answered,
		.ctx = &replies};
}

static void start(const struct script_answer *answers, size_t count)
{
	struct client_options opt = {
		.token = TOKEN, .user_agent = "test/1", .total_ms = TOTAL_MS, .clock = &test_clock};
	struct err err = {0};

	clock_init_manual(&test_clock, 0, FIXTURE_NOW * 1000);
	script_server_start(&server, answers, count);
	opt.url = server.url;
	assert_int_equal(client_new(&client, &opt, &err), ERR_OK);
	replies = 0;
	ask_again = NULL;
}

static void stop(void)
{
	client_free(&client);
	script_server_stop(&server);
}

static void wait_for(size_t count)
{
	struct err err = {0};
	int i;

	for (i = 0; i < 100 && replies < count; i++)
		assert_int_equal(client_poll(client, NULL, 0, 50, &err), ERR_OK);
	assert_int_equal(replies, count);
}

/* One request on a fresh server; what came is in reply. */
static void exchange(const struct client_ask *ask, const char *text, enum script_after after)
{
	struct script_answer answer = {text, after};
	uint32_t ticket = 0;

	start(&answer, 1);
	assert_int_equal(client_ask(client, &ticket, ask, NULL), ERR_OK);
	assert_int_not_equal(ticket, 0);
	assert_int_equal(client_asks_running(client), 1);
	wait_for(1);
	assert_int_equal(client_asks_running(client), 0);
	stop();
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* ---- what is sent ---- */

static void asks_as_the_terminal_when_nobody_signed_in(void **state)
{
	struct client_ask ask = request("GET", "/v1/issuer", "");
	const char *r = server.request[0];

	(void)state;
	exchange(&ask, script_http("200 OK", JSON, "{\"name\":\"Corner Bank\"}"), SCRIPT_KEEP);
	assert_memory_equal(r, "GET /v1/issuer HTTP/1.1\r\n", 25);
	assert_non_null(strstr(r, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(r, "\r\nUser-Agent: test/1\r\n"));
	assert_null(strcasestr(r, "\r\nContent-Type:"));
	assert_int_equal(reply.code, ERR_OK);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.date_unix_s, FIXTURE_NOW);
	assert_string_equal(reply.word, "");
	assert_string_equal(body_copy, "{\"name\":\"Corner Bank\"}");
}

static void a_session_counts_instead_of_the_terminal(void **state)
{
	struct client_ask ask = request("POST", "/v1/service/calls", "{\"account\":\"7\"}");
	const char *r = server.request[0];

	(void)state;
	ask.bearer = span_text(SESSION);
	exchange(&ask, script_http("201 Created", JSON, "{}"), SCRIPT_KEEP);
	assert_non_null(strstr(r, "\r\nAuthorization: Bearer " SESSION "\r\n"));
	assert_null(strstr(r, TOKEN));
	assert_non_null(strstr(r, "\r\nContent-Type: application/json\r\n"));
	assert_null(strcasestr(r, "\r\nExpect:"));
	assert_non_null(strstr(r, "\r\n\r\n{\"account\":\"7\"}"));
	assert_int_equal(reply.status, 201);
}

static void sends_what_is_too_long_for_secret_memory(void **state)
{
	static char body[CLIENT_ASK_SECRET_MAX + 200];
	struct client_ask ask = request("POST", "/v1/offline", "");
	const char *r = server.request[0];

	(void)state;
	memset(body, ' ', sizeof body - 1);
	memcpy(body, "{\"a\":1", 6);
	body[sizeof body - 2] = '}';
	ask.body = span_text(body);
	exchange(&ask, script_http("200 OK", JSON, "{}"), SCRIPT_KEEP);
	assert_non_null(strstr(r, body));
}

static void never_sends_what_could_bend_a_request(void **state)
{
	static const char *const paths[] = {"", "/", "v1/issuer", "/v1/../x", "/v1/ issuer",
		"/v1/issuer\r\nX: y", "/v1/issuer#x", "/v1/%2e", "@evil.example/", "/v1/\xc3\xa9"};
	static char long_path[CLIENT_ASK_PATH_MAX + 1];
	static char long_body[CLIENT_ASK_BODY_MAX + 2];
	struct script_answer answer = {script_http("200 OK", JSON, "{}"), SCRIPT_KEEP};
	struct client_ask ask;
	size_t i;

	(void)state;
	start(&answer, 1);
	for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		ask = request("GET", paths[i], "");
		assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	}
	memset(long_path, '/', sizeof long_path - 1);
	ask = request("GET", long_path, "");
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	ask = request("PUT", "/v1/issuer", "");
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	ask = request("GET", "/v1/issuer", "{}");
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	memset(long_body, ' ', sizeof long_body - 1);
	ask = request("POST", "/v1/issuer", long_body);
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	ask = request("GET", "/v1/issuer", "");
	ask.bearer = span_text("a\r\nX-Evil: 1");
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	ask.bearer = SPAN(long_body, CLIENT_TOKEN_MAX + 1);
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	ask = request("GET", "/v1/issuer", "");
	ask.total_ms = CLIENT_ASK_TOTAL_MS_MAX + 1;
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_INVALID);
	assert_int_equal(client_asks_running(client), 0);
	stop();
	assert_int_equal(server.request_count, 0);
	assert_int_equal(replies, 0);
}

/* ---- what comes back ---- */

static void tells_a_problem_by_its_word(void **state)
{
	struct client_ask ask = request("POST", "/v1/sessions", "{}");

	(void)state;
	exchange(&ask,
		script_http("429 Too Many Requests", PROBLEM,
			"{" TYPE "too-many-attempts\",\"title\":\"Wait\",\"status\":429,"
			"\"detail\":\"wait \\u001b[31m half a minute\",\"until\":1790000030}"),
		SCRIPT_KEEP);
	assert_int_equal(reply.code, ERR_OK);
	assert_int_equal(reply.status, 429);
	assert_string_equal(reply.word, "too-many-attempts");
	assert_int_equal(reply.until_unix_s, 1790000030);
	assert_string_equal(reply.words, "wait \xef\xbf\xbd[31m half a minute");
}

static void a_problem_of_the_server_is_told_too(void **state)
{
	struct client_ask ask = request("GET", "/v1/issuer", "");

	(void)state;
	exchange(&ask,
		script_http("503 Service Unavailable", PROBLEM,
			"{" TYPE "busy\",\"title\":\"Busy\",\"status\":503}"),
		SCRIPT_KEEP);
	assert_int_equal(reply.code, ERR_OK);
	assert_string_equal(reply.word, "busy");
	assert_string_equal(reply.words, "Busy");
}

static void takes_nothing_else_for_an_answer(void **state)
{
	static const struct {
		const char *status, *type, *body;
	} cases[] = {
		{"200 OK", "text/html", "{}"},
		{"200 OK", PROBLEM, "{}"},
		{"200 OK", JSON, ""},
		{"200 OK", JSON, "[]"},
		{"200 OK", JSON, "{\"a\":1}x"},
		{"200 OK", JSON, "{\"a\":1,\"a\":2}"},
		{"302 Found", JSON, "{}"},
		{"404 Not Found", JSON, "{}"},
		{"404 Not Found", PROBLEM, "{}"},
		{"404 Not Found", PROBLEM, "{\"type\":\"about:blank\",\"status\":404}"},
		{"404 Not Found", PROBLEM, "{" TYPE "\",\"status\":404}"},
		{"404 Not Found", PROBLEM, "{" TYPE "not-found\"}"},
		{"404 Not Found", PROBLEM, "{" TYPE "not-found\",\"status\":403}"},
		{"404 Not Found", PROBLEM, "{" TYPE "Not Found\",\"status\":404}"},
		{"404 Not Found", PROBLEM, "{" TYPE "x\",\"status\":404,\"until\":-1}"},
	};
	struct client_ask ask = request("GET", "/v1/issuer", "");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		exchange(&ask, script_http(cases[i].status, cases[i].type, cases[i].body),
			SCRIPT_KEEP);
		if (reply.code != ERR_PROTOCOL)
			fail_msg("%s %s %s", cases[i].status, cases[i].type, cases[i].body);
		assert_string_equal(reply.word, "");
		assert_string_not_equal(reply.words, "");
		assert_int_equal(reply.until_unix_s, 0);
		assert_string_equal(body_copy, "");
	}
}

static void says_when_no_answer_came(void **state)
{
	static char endless[256];
	struct client_ask ask = request("GET", "/v1/issuer", "");

	(void)state;
	ask.total_ms = 100;
	exchange(&ask, NULL, SCRIPT_SILENT);
	assert_int_equal(reply.code, ERR_TIMEOUT);
	assert_non_null(strstr(reply.words, "no answer in time"));
	exchange(&ask, NULL, SCRIPT_CLOSE);
	assert_int_equal(reply.code, ERR_PROTOCOL);
	assert_int_equal(reply.status, 0);
	ask.total_ms = 0;
	snprintf(endless, sizeof endless,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{");
	exchange(&ask, endless, SCRIPT_ENDLESS);
	assert_int_equal(reply.code, ERR_TOO_LARGE);
	assert_string_equal(body_copy, "");
}

/* ---- several ---- */

static void asks_side_by_side_and_no_more_than_fit(void **state)
{
	struct script_answer answer = {NULL, SCRIPT_SILENT};
	struct client_ask ask = request("GET", "/v1/issuer", "");
	struct err err = {0};
	size_t i;

	(void)state;
	start(&answer, 1);
	for (i = 0; i < CLIENT_ASKS_MAX; i++)
		assert_int_equal(client_ask(client, NULL, &ask, &err), ERR_OK);
	assert_int_equal(client_ask(client, NULL, &ask, &err), ERR_BUSY);
	assert_int_equal(client_asks_running(client), CLIENT_ASKS_MAX);
	assert_int_equal(client_in_flight(client), 0); /* nobody waits for them at the end */
	wait_for(CLIENT_ASKS_MAX);
	assert_int_equal(client_ask(client, NULL, &ask, &err), ERR_OK);
	stop(); /* one still runs */
}

static void what_was_given_up_is_not_told(void **state)
{
	struct script_answer answer = {script_http("200 OK", JSON, "{}"), SCRIPT_KEEP};
	struct client_ask ask = request("GET", "/v1/issuer", "");
	uint32_t first = 0, second = 0;

	(void)state;
	start(&answer, 1);
	assert_int_equal(client_ask(client, &first, &ask, NULL), ERR_OK);
	client_ask_cancel(client, first);
	assert_int_equal(client_asks_running(client), 0);
	assert_int_equal(client_ask(client, &second, &ask, NULL), ERR_OK);
	assert_int_not_equal(first, second);
	client_ask_cancel(client, first); /* it is over: the second one runs on */
	client_ask_cancel(client, 0);
	wait_for(1);
	stop();
}

static void an_answer_can_lead_to_the_next_request(void **state)
{
	struct script_answer answers[] = {
		{script_http("200 OK", JSON, "{\"turn\":1}"), SCRIPT_KEEP},
		{script_http("200 OK", JSON, "{\"turn\":2}"), SCRIPT_KEEP}};
	struct client_ask ask = request("GET", "/v1/issuer", "");

	(void)state;
	start(answers, 2);
	ask_again = &ask;
	assert_int_equal(client_ask(client, NULL, &ask, NULL), ERR_OK);
	wait_for(2);
	assert_string_equal(body_copy, "{\"turn\":2}");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_as_the_terminal_when_nobody_signed_in),
		cmocka_unit_test(a_session_counts_instead_of_the_terminal),
		cmocka_unit_test(sends_what_is_too_long_for_secret_memory),
		cmocka_unit_test(never_sends_what_could_bend_a_request),
		cmocka_unit_test(tells_a_problem_by_its_word),
		cmocka_unit_test(a_problem_of_the_server_is_told_too),
		cmocka_unit_test(takes_nothing_else_for_an_answer),
		cmocka_unit_test(says_when_no_answer_came),
		cmocka_unit_test(asks_side_by_side_and_no_more_than_fit),
		cmocka_unit_test(what_was_given_up_is_not_told),
		cmocka_unit_test(an_answer_can_lead_to_the_next_request),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
