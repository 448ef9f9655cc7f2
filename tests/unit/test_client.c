/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client against a server that says anything.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"

#include <poll.h>

#define TOKEN    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define STATE    "{\"id\":\"" FIXTURE_ID "\",\"state\":\"accepted\",\"pin_required\":true}"
#define JSON     "application/json"
#define TOTAL_MS 400 /* the limit in these tests */

static struct script_server server;
static struct client *client;
static struct clock test_clock;
static struct flow flow;
static struct client_sale sale;

static void open_client(const char *url)
{
	struct client_options opt = {.url = url,
		.token = TOKEN,
		.user_agent = "test/1",
		.send_replay_time = true,
		.total_ms = TOTAL_MS,
		.clock = &test_clock};
	struct err err = {0};

	clock_init_manual(&test_clock, 0, FIXTURE_NOW * 1000);
	fixture_flow(&flow);
	assert_int_equal(client_new(&client, &opt, &err), ERR_OK);
}

static void start(const struct script_answer *answers, size_t count)
{
	script_server_start(&server, answers, count);
	open_client(server.url);
}

static void stop(void)
{
	client_free(&client);
	assert_null(client);
	script_server_stop(&server);
}

static void request(enum flow_action_kind kind, uint32_t serial)
{
	struct flow_action action = {.kind = kind, .serial = serial};

	client_request(client, &action, &flow, &sale, span_text("2468"));
}

/* Waits for the next event, for a few of the client's own time limits at most. */
static bool next(struct flow_event *ev)
{
	struct err err = {0};
	int i;

	for (i = 0; i < 100; i++) {
		if (client_next_event(client, ev))
			return true;
		if (client_in_flight(client) == 0)
			return false;
		assert_int_equal(client_poll(client, NULL, 0, 50, &err), ERR_OK);
	}
	fail_msg("no event");
	return false;
}

static char last_fault[CLIENT_FAULT_MAX]; /* of the last exchange() */

/* One exchange on a fresh server. */
static enum flow_event_kind exchange(
	enum flow_action_kind kind, const char *text, enum script_after after)
{
	struct script_answer answer = {text, after};
	struct flow_event ev;

	start(&answer, 1);
	request(kind, 7);
	assert_true(next(&ev));
	assert_int_equal(ev.serial, 7);
	if (ev.kind == FLOW_EV_NO_ANSWER)
		assert_string_not_equal(client_last_fault(client), "");
	else
		assert_string_equal(client_last_fault(client), "");
	snprintf(last_fault, sizeof last_fault, "%s", client_last_fault(client));
	assert_int_equal(client_in_flight(client), 0);
	stop();
	return ev.kind;
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* ---- right answers ---- */

static void asks_for_a_verification(void **state)
{
	struct script_answer answer = {.after = SCRIPT_KEEP};
	struct flow_event ev;
	const char *r = server.request[0];

	(void)state;
	sale = (struct client_sale){1280, "EUR", "7", ""};
	answer.text = script_http("201 Created", JSON, fixture_started_for(&sale));
	start(&answer, 1);
	request(FLOW_DO_START, 3);
	assert_int_equal(client_in_flight(client), 1);
	assert_true(next(&ev));
	assert_int_equal(ev.kind, FLOW_EV_STARTED);
	assert_int_equal(ev.serial, 3);
	assert_string_equal(ev.started.number, FIXTURE_NUMBER);
	assert_int_equal(ev.started.lifetime_ms, 60000);
	stop();
	assert_memory_equal(r, "POST /v1/verifications HTTP/1.1\r\n", 33);
	assert_non_null(strstr(r, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(r, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(r, "\r\nUser-Agent: test/1\r\n"));
	assert_non_null(strstr(r, "\r\nCountersign-Test-Time: 1790000000000\r\n"));
	assert_null(strcasestr(r, "\r\nExpect:"));
	assert_null(strcasestr(r, "\r\nAccept-Encoding:"));
	assert_non_null(strstr(r, "\"amount\":1280,\"currency\":\"EUR\",\"reference\":\"7\"}"));
}

static void sends_each_request_to_its_place(void **state)
{
	static const struct {
		enum flow_action_kind kind;
		const char *line;
	} cases[] = {
		{FLOW_DO_ANSWER, "POST /v1/verifications/" FIXTURE_ID "/response HTTP/1.1\r\n"},
		{FLOW_DO_PIN, "POST /v1/verifications/" FIXTURE_ID "/pin HTTP/1.1\r\n"},
		{FLOW_DO_ASK, "GET /v1/verifications/" FIXTURE_ID " HTTP/1.1\r\n"},
	};
	struct script_answer answer = {script_http("200 OK", JSON, STATE), SCRIPT_KEEP};
	struct flow_event ev;
	size_t i;

	(void)state;
	start(&answer, 1);
	for (i = 0; i < 3; i++) {
		request(cases[i].kind, (uint32_t)i + 1);
		assert_true(next(&ev));
		assert_int_equal(ev.kind, FLOW_EV_STATE);
		assert_int_equal(ev.serial, i + 1);
	}
	stop();
	for (i = 0; i < 3; i++)
		assert_memory_equal(server.request[i], cases[i].line, strlen(cases[i].line));
	assert_non_null(strstr(server.request[1], "{\"pin\":\"2468\",\"try\":1}"));
	assert_null(strcasestr(server.request[2], "content-type:"));
	assert_int_equal(server.connections, 1); /* kept and used again */
}

static void nobody_waits_for_a_cancellation(void **state)
{
	struct script_answer answer = {script_http("200 OK", JSON, STATE), SCRIPT_KEEP};
	struct flow_event ev;

	(void)state;
	start(&answer, 1);
	request(FLOW_DO_CANCEL, 0);
	assert_int_equal(client_in_flight(client), 1);
	assert_false(next(&ev));
	stop();
	assert_memory_equal(
		server.request[0], "DELETE /v1/verifications/" FIXTURE_ID " HTTP/1.1\r\n", 58);
}

static void a_cancellation_runs_beside_a_request(void **state)
{
	struct script_answer answers[] = {
		{NULL, SCRIPT_SILENT}, {script_http("200 OK", JSON, STATE), SCRIPT_KEEP}};
	struct flow_event ev;

	(void)state;
	start(answers, 2);
	request(FLOW_DO_ANSWER, 5);
	request(FLOW_DO_CANCEL, 0);
	assert_int_equal(client_in_flight(client), 2);
	assert_true(next(&ev));
	assert_int_equal(ev.serial, 5);
	stop();
}

static void a_new_request_ends_the_one_before(void **state)
{
	struct script_answer answers[] = {
		{NULL, SCRIPT_SILENT}, {script_http("200 OK", JSON, STATE), SCRIPT_KEEP}};
	struct flow_event ev;

	(void)state;
	start(answers, 2);
	request(FLOW_DO_ANSWER, 5);
	assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	request(FLOW_DO_ASK, 6);
	assert_int_equal(client_in_flight(client), 1);
	assert_true(next(&ev));
	assert_int_equal(ev.serial, 6);
	assert_false(next(&ev));
	stop();
}

static void a_problem_is_a_refusal(void **state)
{
	(void)state;
	assert_int_equal(
		exchange(FLOW_DO_START,
			script_http("404 Not Found", "application/problem+json; charset=utf-8",
				"{\"type\":\"https://countersign.invalid/problems/"
				"unknown-credential\",\"title\":\"t\",\"status\":404}"),
			SCRIPT_KEEP),
		FLOW_EV_REFUSED);
}

static void an_answer_in_pieces_is_one(void **state)
{
	(void)state;
	assert_int_equal(exchange(FLOW_DO_ASK,
				 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				 "Transfer-Encoding: chunked\r\n\r\n"
				 "5\r\n{\"id\"\r\n56\r\n:\"" FIXTURE_ID "\",\"state\":\"accepted\","
				 "\"pin_required\":true}\r\n0\r\n\r\n",
				 SCRIPT_KEEP),
		FLOW_EV_NO_ANSWER); /* the length of the second piece is a lie */
	assert_int_equal(exchange(FLOW_DO_ASK,
				 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				 "Transfer-Encoding: chunked\r\n\r\n"
				 "5\r\n{\"id\"\r\n4b\r\n:\"" FIXTURE_ID "\",\"state\":\"accepted\","
				 "\"pin_required\":true}\r\n0\r\n\r\n",
				 SCRIPT_KEEP),
		FLOW_EV_STATE);
}

static void uses_its_own_clock_when_the_answer_has_no_date(void **state)
{
	struct script_answer answer = {NULL, SCRIPT_CLOSE};
	char text[4096];
	struct flow_event ev;

	(void)state;
	snprintf(text, sizeof text,
		"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n%s",
		fixture_started_for(&sale));
	answer.text = text;
	start(&answer, 1);
	clock_set_unix(&test_clock, (FIXTURE_NOW + 50) * 1000);
	request(FLOW_DO_START, 1);
	assert_true(next(&ev));
	assert_int_equal(ev.kind, FLOW_EV_STARTED);
	assert_int_equal(ev.started.lifetime_ms, 10000);
	stop();
}

/* ---- wrong answers ---- */

static void broken_answers_are_none(void **state)
{
	const char *cut = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
	char short_one[512];
	char lying[512];
	const struct script_answer cases[] = {
		{NULL, SCRIPT_CLOSE},
		{NULL, SCRIPT_RESET},
		{"", SCRIPT_SILENT},
		{"garbage\r\n\r\n", SCRIPT_CLOSE},
		{STATE, SCRIPT_CLOSE}, /* HTTP/0.9 */
		{"HTTP/1.1 200 OK\r\n", SCRIPT_CLOSE},
		{"HTTP/1.1 200 OK\r\n\r\n", SCRIPT_CLOSE},
		{"HTTP/9.9 200 OK\r\n\r\n" STATE, SCRIPT_CLOSE},
		{"HTTP/1.1 99999 OK\r\nContent-Type: application/json\r\n\r\n" STATE, SCRIPT_CLOSE},
		{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
		 "-1\r\n\r\n" STATE,
			SCRIPT_CLOSE},
		{short_one, SCRIPT_CLOSE},
		{lying, SCRIPT_CLOSE},
		{lying, SCRIPT_SILENT},
		{script_http("200 OK", "text/html", STATE), SCRIPT_KEEP},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", SCRIPT_KEEP},
		{script_http("200 OK", JSON, "<html></html>"), SCRIPT_KEEP},
		{script_http("200 OK", JSON, STATE "x"), SCRIPT_KEEP},
	};
	size_t i;

	(void)state;
	snprintf(short_one, sizeof short_one, "%s%zu\r\n\r\n%s", cut, strlen(STATE) - 5, STATE);
	snprintf(lying, sizeof lying, "%s%zu\r\n\r\n%s", cut, strlen(STATE) + 5, STATE);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
			exchange(FLOW_DO_ANSWER, cases[i].text, cases[i].after), FLOW_EV_NO_ANSWER);
}

static void server_faults_are_no_answer(void **state)
{
	static const char *const statuses[] = {
		"500 x", "502 x", "503 x", "504 x", "204 No Content", "206 Partial Content"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		assert_int_equal(exchange(FLOW_DO_ANSWER, script_http(statuses[i], JSON, STATE),
					 SCRIPT_CLOSE),
			FLOW_EV_NO_ANSWER);
}

static void does_not_follow_redirects(void **state)
{
	static const char *const statuses[] = {"301", "302", "303", "307", "308"};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		snprintf(text, sizeof text,
			"HTTP/1.1 %s Moved\r\nLocation: /v1/verifications/other\r\n"
			"Content-Type: application/json\r\nContent-Length: 0\r\n\r\n",
			statuses[i]);
		assert_int_equal(exchange(FLOW_DO_ANSWER, text, SCRIPT_KEEP), FLOW_EV_NO_ANSWER);
		assert_int_equal(server.request_count, 1);
	}
}

static void does_not_read_a_body_of_a_gigabyte(void **state)
{
	(void)state;
	assert_int_equal(exchange(FLOW_DO_ASK,
				 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				 "Content-Length: 1073741824\r\n\r\n{",
				 SCRIPT_ENDLESS),
		FLOW_EV_NO_ANSWER);
	assert_true(server.sent < 16 << 20); /* what socket buffers swallow */
	assert_int_equal(
		exchange(FLOW_DO_ASK, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{",
			SCRIPT_ENDLESS),
		FLOW_EV_NO_ANSWER);
	assert_true(server.sent < 16 << 20);
}

static void does_not_read_endless_headers(void **state)
{
	char *text = malloc(40000);
	size_t len;

	(void)state;
	assert_non_null(text);
	len = (size_t)snprintf(text, 40000, "HTTP/1.1 200 OK\r\n");
	while (len < 39000)
		len += (size_t)snprintf(text + len, 40000 - len, "X-Pad: %060d\r\n", 0);
	snprintf(text + len, 40000 - len, "Content-Type: application/json\r\n\r\n%s", STATE);
	assert_int_equal(exchange(FLOW_DO_ASK, text, SCRIPT_CLOSE), FLOW_EV_NO_ANSWER);
	free(text);
	assert_int_equal(exchange(FLOW_DO_ASK, "HTTP/1.1 200 OK\r\nX-Pad: ", SCRIPT_DRIP),
		FLOW_EV_NO_ANSWER);
}

static void a_slow_answer_meets_the_time_limit(void **state)
{
	(void)state;
	assert_int_equal(exchange(FLOW_DO_ASK,
				 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				 "Content-Length: 1000\r\n\r\n",
				 SCRIPT_DRIP),
		FLOW_EV_NO_ANSWER);
	assert_int_equal(exchange(FLOW_DO_ASK, "HTTP/1.1 100 Continue\r\n\r\n", SCRIPT_SILENT),
		FLOW_EV_NO_ANSWER);
}

static void assert_fault(const char *words)
{
	const char *space = strchr(last_fault, ' ');

	assert_int_equal(strncmp(last_fault, "127.0.0.1:", 10), 0);
	assert_non_null(space);
	assert_string_equal(space + 1, words);
}

static void a_fault_is_the_address_and_a_few_words(void **state)
{
	(void)state;
	exchange(FLOW_DO_ASK, "HTTP/1.1 100 Continue\r\n\r\n", SCRIPT_SILENT);
	assert_fault("no answer in time");
	exchange(FLOW_DO_ASK, "", SCRIPT_CLOSE);
	assert_fault("closed without an answer");
	exchange(FLOW_DO_ASK, "hello\r\n", SCRIPT_CLOSE);
	assert_fault("the answer is not HTTP");
	exchange(FLOW_DO_ASK,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
		SCRIPT_CLOSE);
	assert_fault("connection broken");
	exchange(FLOW_DO_ASK, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{",
		SCRIPT_ENDLESS);
	assert_fault("the answer is too large");
}

static void a_doubled_answer_is_not_the_next_one(void **state)
{
	char text[8192];
	const char *one = script_http("200 OK", JSON, STATE);
	struct script_answer answers[] = {
		{text, SCRIPT_KEEP}, {script_http("200 OK", JSON,
					      "{\"id\":\"" FIXTURE_ID
					      "\",\"state\":\"rejected\",\"pin_required\":true}"),
					     SCRIPT_KEEP}};
	struct flow_event ev;

	(void)state;
	snprintf(text, sizeof text, "%s%s", one, one);
	start(answers, 2);
	request(FLOW_DO_ASK, 1);
	assert_true(next(&ev));
	assert_int_equal(ev.answer.state, FLOW_REC_ACCEPTED);
	request(FLOW_DO_ASK, 2);
	assert_true(next(&ev));
	assert_int_equal(ev.serial, 2);
	assert_int_equal(ev.answer.state, FLOW_REC_REJECTED);
	stop();
}

static void nobody_listens(void **state)
{
	struct flow_event ev;

	(void)state;
	open_client("http://127.0.0.1:1");
	request(FLOW_DO_START, 9);
	assert_true(next(&ev));
	assert_int_equal(ev.kind, FLOW_EV_NO_ANSWER);
	assert_int_equal(ev.serial, 9);
	assert_string_equal(client_last_fault(client), "127.0.0.1:1: connection refused");
	client_free(&client);
}

static void a_request_that_cannot_be_written_is_no_answer(void **state)
{
	struct flow_action action = {.kind = FLOW_DO_PIN, .serial = 4};
	struct flow_event ev;

	(void)state;
	open_client("http://127.0.0.1:1");
	client_request(client, &action, &flow, &sale, span_text("12 4"));
	assert_true(next(&ev));
	assert_int_equal(ev.kind, FLOW_EV_NO_ANSWER);
	assert_int_equal(ev.serial, 4);
	client_free(&client);
}

static void a_fault_in_words_has_no_token(void **state)
{
	struct flow_event ev;

	(void)state;
	open_client("http://127.0.0.1:1");
	request(FLOW_DO_START, 9);
	assert_true(next(&ev));
	assert_null(strstr(client_last_fault(client), TOKEN));
	client_free(&client);
}

/* ---- waiting ---- */

static void tells_which_descriptor_is_ready(void **state)
{
	struct client_fd fds[3];
	int pipe_fd[2];

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(write(pipe_fd[1], "x", 1), 1);
	open_client("http://127.0.0.1:1");
	fds[0] = (struct client_fd){.fd = -1, .events = POLLIN, .revents = POLLIN};
	fds[1] = (struct client_fd){.fd = pipe_fd[0], .events = POLLIN};
	fds[2] = (struct client_fd){.fd = pipe_fd[1], .events = POLLIN};
	assert_int_equal(client_poll(client, fds, 3, 1000, NULL), ERR_OK);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);
	assert_int_equal(fds[2].revents, 0);
	client_free(&client);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

/* ---- tokens ---- */

static void refuses_tokens_that_would_write_headers(void **state)
{
	static const char *const bad[] = {"", "a b", "a\r\nX: y", "a\n", "\x80", "a\x7f"};
	struct client_options opt = {.url = "http://127.0.0.1:1", .clock = &test_clock};
	struct client *c = NULL;
	struct err err = {0};
	char long_one[CLIENT_TOKEN_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		opt.token = bad[i];
		assert_int_equal(client_new(&c, &opt, &err), ERR_INVALID);
	}
	memset(long_one, 'A', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = '\0';
	opt.token = long_one;
	assert_int_equal(client_new(&c, &opt, &err), ERR_INVALID);
	opt.token = NULL;
	assert_int_equal(client_new(&c, &opt, &err), ERR_INVALID);
	assert_null(c);
}

/* ---- one plain exchange ---- */

static enum err_code plain(const char *path, struct http_exchange *x, struct err *err)
{
	char url[128];

	snprintf(url, sizeof url, "%s%s", server.url, path);
	x->url = url;
	return http_exchange(x, err);
}

static void exchanges_one_message(void **state)
{
	struct script_answer answers[] = {
		{script_http("201 Created", JSON, "{\"a\":1}"), SCRIPT_KEEP},
		{script_http("404 Not Found", "application/problem+json", "{}"), SCRIPT_KEEP},
		{script_http("200 OK", "text/plain", "hello"), SCRIPT_KEEP},
		{script_http("200 OK", JSON, "{\"long\":\"0123456789012345678901234567890\"}"),
			SCRIPT_KEEP}};
	char storage[32];
	struct bytes answer;
	struct http_exchange x = {
		.method = "POST", .body = span_text("{\"token\":\"T\"}"), .answer = &answer};
	struct err err = {0};

	(void)state;
	bytes_init_fixed(&answer, storage, sizeof storage);
	script_server_start(&server, answers, 4);
	assert_int_equal(plain("/v1/activations", &x, &err), ERR_OK);
	assert_int_equal(x.status, 201);
	assert_int_equal(x.date_unix_s, FIXTURE_NOW);
	assert_string_equal(bytes_text(&answer), "{\"a\":1}");
	x.method = "GET";
	x.token = TOKEN;
	assert_int_equal(plain("/v1/issuer", &x, &err), ERR_OK);
	assert_int_equal(x.status, 404);
	assert_int_equal(plain("/v1/issuer", &x, &err), ERR_PROTOCOL);
	assert_int_equal(plain("/v1/issuer", &x, &err), ERR_TOO_LARGE);
	x.url = "http://bank.example/v1/issuer";
	assert_int_equal(http_exchange(&x, &err), ERR_INVALID);
	x.url = "http://127.0.0.1:1/v1/issuer";
	assert_int_equal(http_exchange(&x, &err), ERR_NETWORK);
	assert_string_equal(err.text, "127.0.0.1:1: connection refused");
	script_server_stop(&server);
	assert_null(strstr(server.request[0], "Authorization"));
	assert_non_null(strstr(server.request[1], "Authorization: Bearer " TOKEN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_verification),
		cmocka_unit_test(sends_each_request_to_its_place),
		cmocka_unit_test(nobody_waits_for_a_cancellation),
		cmocka_unit_test(a_cancellation_runs_beside_a_request),
		cmocka_unit_test(a_new_request_ends_the_one_before),
		cmocka_unit_test(a_problem_is_a_refusal),
		cmocka_unit_test(an_answer_in_pieces_is_one),
		cmocka_unit_test(uses_its_own_clock_when_the_answer_has_no_date),
		cmocka_unit_test(broken_answers_are_none),
		cmocka_unit_test(server_faults_are_no_answer),
		cmocka_unit_test(does_not_follow_redirects),
		cmocka_unit_test(does_not_read_a_body_of_a_gigabyte),
		cmocka_unit_test(does_not_read_endless_headers),
		cmocka_unit_test(a_slow_answer_meets_the_time_limit),
		cmocka_unit_test(a_fault_is_the_address_and_a_few_words),
		cmocka_unit_test(a_doubled_answer_is_not_the_next_one),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_request_that_cannot_be_written_is_no_answer),
		cmocka_unit_test(a_fault_in_words_has_no_token),
		cmocka_unit_test(tells_which_descriptor_is_ready),
		cmocka_unit_test(refuses_tokens_that_would_write_headers),
		cmocka_unit_test(exchanges_one_message),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
