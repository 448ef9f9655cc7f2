/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal's ear, against a server that says what a script says: what is told, how it is taken
 * up again, and what is learnt of the issuer.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"
#include "verifier/client_listen.h"

#define TOKEN "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_B "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define STREAM(events)                                                                             \
	"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" events

/* Of GET /v1/issuer, which every ear begins with, behind its subscription. */
#define ISSUER_A                                                                                   \
	script_http("200 OK", "application/json",                                                  \
		"{\"name\":\"B\",\"host\":\"H\",\"keys\":[{\"key\":\"" KEY_A               \
		"\",\"not_before\":0,\"not_after\":4294967295}]}")

static struct script_server server;
static struct client *client;
static struct clock test_clock;

static void start(const struct script_answer *answers, size_t count)
{
	struct client_options opt = {.token = TOKEN, .clock = &test_clock};
	struct err err = {0};

	script_server_start(&server, answers, count);
	opt.url = server.url;
	clock_init_manual(&test_clock, 1000000, FIXTURE_NOW * 1000);
	assert_int_equal(client_new(&client, &opt, &err), ERR_OK);
	assert_int_equal(client_listen(client, &err), ERR_OK);
}

static void stop(void)
{
	client_free(&client);
	script_server_stop(&server);
}

/* A few turns of the loop; true: something was told. */
static bool hears(struct client_told *out)
{
	struct err err = {0};

	for (int i = 0; i < 100; i++) {
		if (client_next_told(client, out))
			return true;
		assert_int_equal(client_poll(client, NULL, 0, 20, &err), ERR_OK);
	}
	return false;
}

/* Turns until so many requests were made. */
static void until_requests(size_t count)
{
	struct client_told t;

	for (int i = 0; i < 200 && *(volatile size_t *)&server.request_count < count; i++) {
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
		while (client_next_told(client, &t))
			;
	}
	assert_in_range(server.request_count, count, SCRIPT_ANSWERS_MAX);
}

static void pass(int64_t ms)
{
	clock_advance_to(&test_clock, clock_mono_ms(&test_clock) + ms);
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

static void tells_what_comes_and_resumes_after_it(void **state)
{
	const struct script_answer answers[] = {
		{STREAM("retry: 2000\nid: 7\n\n"
			"id: 8\nevent: verification\ndata: {\"id\":\"" FIXTURE_ID
			"\",\"state\":\"rejected\"}\n\n"
			"event: party\ndata: {}\n\n"           /* of a newer server */
			"event: verification\ndata: nonsense\n\n"
			"event: verification\ndata: {\"id\":\"toolong" FIXTURE_ID "\"}\n\n"
			"id: 9\nevent: terminal\ndata: {\"state\":\"stopped\"}\n\n"
			"id: 10\nevent: verification\ndata: {\"id\":"), SCRIPT_CLOSE},
		{ISSUER_A, SCRIPT_CLOSE},
		{STREAM("id: 10\nevent: terminal\ndata: {\"state\":\"started\"}\n\n"),
			SCRIPT_CLOSE},
	};
	struct client_told t;

	(void)state;
	start(answers, 3);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_VERIFICATION);
	assert_string_equal(t.about, FIXTURE_ID);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_TERMINAL);
	assert_int_equal(t.barred, REASON_TERMINAL_STOPPED);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	assert_false(client_next_told(client, &t));
	assert_int_equal(server.request_count, 2); /* not before its time */
	pass(CLIENT_LISTEN_AGAIN_MS);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_TERMINAL);
	assert_int_equal(t.barred, REASON_NONE);
	stop();
	assert_memory_equal(server.request[0], "GET /v1/events HTTP/1.1\r\n", 25);
	assert_non_null(strstr(server.request[0], "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(server.request[0], "\r\nAccept: text/event-stream\r\n"));
	assert_null(strcasestr(server.request[0], "Last-Event-ID"));
	assert_non_null(strstr(server.request[2], "\r\nLast-Event-ID: 9\r\n"));
}

/* The same after a rotation. */
#define ISSUER_B_A                                                                                 \
	script_http("200 OK", "application/json",                                                  \
		"{\"name\":\"B\",\"host\":\"H\",\"keys\":[{\"key\":\"" KEY_B               \
		"\",\"not_before\":0,\"not_after\":4294967295},{\"key\":\"" KEY_A             \
		"\",\"not_before\":0,\"not_after\":1790000100}]}")

static void learns_the_issuers_keys_when_it_begins_and_when_told(void **state)
{
	const struct script_answer answers[] = {
		{STREAM("id: 7\n\n"), SCRIPT_CLOSE},
		{ISSUER_A, SCRIPT_CLOSE},
		{STREAM("id: 8\nevent: issuer\ndata: {\"version\":2}\n\n"), SCRIPT_CLOSE},
		{ISSUER_B_A, SCRIPT_CLOSE},
	};
	struct client_told t;

	(void)state;
	start(answers, 4);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
	assert_int_equal(t.keys.count, 1);
	assert_int_equal(t.keys.list[0].public_key[0], 0xd7);
	pass(CLIENT_LISTEN_AGAIN_MS);
	until_requests(3);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	pass(CLIENT_ISSUER_SPREAD_MS);
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
	assert_int_equal(t.keys.count, 2);
	assert_int_equal(t.keys.list[0].public_key[0], 0x3d);
	stop();
	assert_memory_equal(server.request[1], "GET /v1/issuer HTTP/1.1\r\n", 25);
	assert_non_null(strstr(server.request[1], "\r\nAuthorization: Bearer " TOKEN "\r\n"));
}

/* The keys are asked for when it begins; a change between their answer and the first words of the
 * stream is told to nobody. A stream that is taken up again tells it. */
static void learns_what_changed_before_it_was_subscribed(void **state)
{
	const struct script_answer answers[] = {
		{STREAM("id: 7\nevent: open\ndata: {}\n\n"), SCRIPT_CLOSE},
		{ISSUER_A, SCRIPT_CLOSE},
		{STREAM("id: 7\nevent: open\ndata: {}\n\n"), SCRIPT_CLOSE},
		{ISSUER_B_A, SCRIPT_CLOSE},
		{STREAM(":\n\n"), SCRIPT_CLOSE},
	};
	struct client_told t;
	size_t fetches = 0;

	(void)state;
	start(answers, 5);
	for (int i = 0; i < 2; i++) {
		assert_true(hears(&t));
		assert_int_equal(t.kind, CLIENT_TOLD_AGAIN);
		assert_true(hears(&t));
		assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
		assert_int_equal(t.keys.count, i + 1);
		pass(CLIENT_ISSUER_SPREAD_MS);
	}
	until_requests(5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	stop();
	for (size_t i = 0; i < server.request_count; i++)
		fetches += strncmp(server.request[i], "GET /v1/issuer ", 15) == 0;
	assert_int_equal(fetches, 2);
}

static void a_refusal_is_asked_again_only_after_the_longest_pause(void **state)
{
	const struct script_answer answers[] = {
		{script_http("404 Not Found", "application/problem+json", "{}"), SCRIPT_CLOSE}};

	(void)state;
	start(answers, 1);
	until_requests(2);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	pass(CLIENT_LISTEN_AGAIN_MAX_MS / 4);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	assert_int_equal(server.request_count, 2);
	pass(CLIENT_LISTEN_AGAIN_MAX_MS);
	until_requests(4);
	stop();
}

static void a_stream_without_a_sign_of_life_is_given_up(void **state)
{
	const struct script_answer answers[] = {
		{STREAM(":\n\n"), SCRIPT_SILENT}, {ISSUER_A, SCRIPT_CLOSE},
		{STREAM(":\n\n"), SCRIPT_CLOSE}};

	(void)state;
	start(answers, 3);
	until_requests(1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	pass(CLIENT_LISTEN_SILENT_MS);
	assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	pass(CLIENT_LISTEN_AGAIN_MS);
	until_requests(3);
	stop();
}

/* Turns of the loop, through so many pauses; how often it was told that nobody is there. */
static int lost_in(int pauses, int *again)
{
	struct client_told t;
	int lost = 0;

	*again = 0;
	for (int i = 0; i < 20 * pauses; i++) {
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
		while (client_next_told(client, &t)) {
			lost += t.kind == CLIENT_TOLD_LOST;
			*again += t.kind == CLIENT_TOLD_AGAIN;
		}
		if (i % 20 == 19)
			pass(CLIENT_LISTEN_AGAIN_MAX_MS);
	}
	return lost;
}

static void a_backend_out_of_reach_is_told_at_once_and_once(void **state)
{
	const struct script_answer none[] = {{"", SCRIPT_CLOSE}};
	int again;

	(void)state;
	start(none, 1);
	script_server_stop(&server); /* before the first turn */
	assert_int_equal(lost_in(4, &again), 1);
	assert_int_equal(again, 0);
	assert_non_null(strstr(client_last_fault(client), "connection refused"));
	client_free(&client);
}

/* The end of a stream is no news, that it cannot be begun again is. */
static void a_stream_that_ends_is_lost_only_when_nobody_takes_it_up(void **state)
{
	const struct script_answer answers[] = {{STREAM(":\n\n"), SCRIPT_CLOSE},
		{ISSUER_A, SCRIPT_CLOSE}, {STREAM("retry: 2000\n\n"), SCRIPT_CLOSE}};
	int again;

	(void)state;
	start(answers, 3);
	assert_int_equal(lost_in(1, &again), 0);
	assert_int_equal(lost_in(1, &again), 0);
	script_server_stop(&server);
	assert_int_equal(lost_in(2, &again), 1);
	client_free(&client);
}

static void whoever_refuses_is_there(void **state)
{
	const struct script_answer answers[] = {
		{script_http("503 Busy", "application/problem+json", "{}"), SCRIPT_CLOSE}};
	int again;

	(void)state;
	start(answers, 1);
	assert_int_equal(lost_in(2, &again), 0);
	stop();
}

#define PROBLEM(status, word)                                                                      \
	"{\"type\":\"https://countersign.invalid/problems/" word "\",\"status\":" status "}"

static const char *problem(const char *status, const char *body)
{
	return script_http(status, "application/problem+json", body);
}

/* Revoked while it was not running, or as one of these two states while it was. */
static void whoever_is_shut_out_is_told_why_until_let_in(void **state)
{
	static const struct {
		const char *status, *body; /* status NULL: body is the whole answer */
		enum flow_reason barred;
	} cases[] = {
		{"403 Forbidden", PROBLEM("403", "terminal-revoked"), REASON_TERMINAL_REVOKED},
		{"403 Forbidden", PROBLEM("403", "terminal-stopped"), REASON_TERMINAL_STOPPED},
		{"403 Forbidden", PROBLEM("403", "forbidden"), REASON_UNKNOWN_TERMINAL},
		{"401 Unauthorized", PROBLEM("401", "unauthorised"), REASON_UNKNOWN_TERMINAL},
		{NULL, STREAM("id: 1\nevent: terminal\ndata: {\"state\":\"revoked\"}\n\n"),
			REASON_TERMINAL_REVOKED},
		{NULL, STREAM("id: 1\nevent: terminal\ndata: {\"state\":\"enrolled\"}\n\n"),
			REASON_TERMINAL_REVOKED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct script_answer answers[] = {
			{cases[i].status ? problem(cases[i].status, cases[i].body)
					 : cases[i].body, SCRIPT_CLOSE},
			{problem("403 Forbidden", PROBLEM("403", "terminal-revoked")),
				SCRIPT_CLOSE},
			{STREAM(":\n\n"), SCRIPT_CLOSE}};
		struct client_told t;

		start(answers, 3);
		assert_true(hears(&t));
		assert_int_equal(t.kind, CLIENT_TOLD_TERMINAL);
		assert_int_equal(t.barred, cases[i].barred);
		until_requests(2);
		assert_false(client_issuer_is_current(client));
		pass(CLIENT_LISTEN_AGAIN_MAX_MS);
		if (cases[i].status) { /* it was refused, and is heard now */
			assert_true(hears(&t));
			assert_int_equal(t.kind, CLIENT_TOLD_TERMINAL);
			assert_int_equal(t.barred, REASON_NONE);
		}
		stop();
	}
}

static void other_refusals_say_nothing_of_the_terminal(void **state)
{
	static const struct {
		const char *status, *type, *body;
	} OTHER[] = {
		{"403 Forbidden", "application/problem+json", PROBLEM("403", "frozen")},
		{"403 Forbidden", "application/problem+json", "{}"},
		{"403 Forbidden", "application/problem+json", PROBLEM("401", "terminal-revoked")},
		{"403 Forbidden", "application/json", PROBLEM("403", "terminal-revoked")},
		{"403 Forbidden", "text/html", "terminal-revoked"},
		{"404 Not Found", "application/problem+json", PROBLEM("404", "terminal-revoked")},
		{"503 Service Unavailable", "application/problem+json",
			PROBLEM("503", "terminal-revoked")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof OTHER / sizeof OTHER[0]; i++) {
		const struct script_answer answers[] = {
			{script_http(OTHER[i].status, OTHER[i].type, OTHER[i].body), SCRIPT_CLOSE}};
		struct client_told t;

		start(answers, 1);
		until_requests(1);
		for (int k = 0; k < 5; k++)
			assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
		assert_false(client_next_told(client, &t));
		stop();
	}
}

static bool becomes_current(void)
{
	for (int i = 0; i < 50 && !client_issuer_is_current(client); i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	return client_issuer_is_current(client);
}

/* What is known of the issuer is of now while the stream is heard and nothing is being fetched. */
static void keys_are_current_while_the_backend_is_heard(void **state)
{
	const struct script_answer answers[] = {{STREAM(":\n\n"), SCRIPT_CLOSE},
		{ISSUER_A, SCRIPT_CLOSE}, {STREAM(":\n\n"), SCRIPT_SILENT},
		{ISSUER_A, SCRIPT_CLOSE}};
	struct client_told t;

	(void)state;
	start(answers, 4);
	assert_false(client_issuer_is_current(client));
	assert_false(client_is_connected(client));
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
	assert_false(becomes_current()); /* they were told, but the stream has ended */
	pass(CLIENT_LISTEN_AGAIN_MS);
	assert_true(becomes_current());
	client_issuer_ask(client);
	assert_false(client_issuer_is_current(client)); /* until the answer */
	assert_true(client_is_connected(client));
	pass(CLIENT_LISTEN_SILENT_MS); /* that server serves one at a time */
	assert_true(hears(&t));
	assert_int_equal(t.kind, CLIENT_TOLD_ISSUER);
	stop();
	assert_non_null(strstr(server.request[3], "GET /v1/issuer "));
}

/* An answer with another type, however it looks, tells nothing. */
static void only_an_event_stream_tells(void **state)
{
	const struct script_answer answers[] = {
		{"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
		 "event: terminal\ndata: {\"state\":\"stopped\"}\n\n", SCRIPT_CLOSE},
	};
	struct client_told t;

	(void)state;
	start(answers, 1);
	until_requests(1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(client_poll(client, NULL, 0, 20, NULL), ERR_OK);
	assert_false(client_next_told(client, &t));
	stop();
}

static void pauses_grow_to_a_bound_and_differ(void **state)
{
	(void)state;
	for (unsigned tries = 1; tries < 20; tries++) {
		int64_t least = client_listen_pause_ms(tries, 0);

		assert_in_range(least, CLIENT_LISTEN_AGAIN_MS / 2, CLIENT_LISTEN_AGAIN_MAX_MS / 2);
		for (uint32_t chance = 1; chance < 4000000000u; chance += 99999989u)
			assert_in_range(
				client_listen_pause_ms(tries, chance), least, 2 * least);
	}
	assert_int_equal(client_listen_pause_ms(20, 0), CLIENT_LISTEN_AGAIN_MAX_MS / 2);
	assert_int_not_equal(client_listen_pause_ms(3, 5), client_listen_pause_ms(3, 6));
}

static void keys_that_are_none_are_not_learnt(void **state)
{
	static const char *const BAD[] = {"", "{}", "{\"keys\":[]}", "{\"keys\":[1]}",
		"{\"keys\":{}}", "{\"keys\":[{\"key\":\"" KEY_A "\"}]}",
		"{\"keys\":[{\"key\":\"00\",\"not_before\":0,\"not_after\":4294967295}]}",
		"{\"keys\":[{\"key\":\"" KEY_A "00\",\"not_before\":0,\"not_after\":4294967295}]}",
		"{\"keys\":[{\"key\":\"" KEY_A "\",\"not_before\":0,\"not_after\":1790000000}]}",
		"{\"keys\":[{\"key\":\"" KEY_A
		"\",\"not_before\":\"0\",\"not_after\":4294967295}]}"};
	struct client_keys keys;

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		if (message_issuer_parse(&keys, span_text(BAD[i]), FIXTURE_NOW, NULL) == ERR_OK)
			fail_msg("taken: %s", BAD[i]);
		assert_int_equal(keys.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whoever_is_shut_out_is_told_why_until_let_in, set_up),
		cmocka_unit_test_setup(other_refusals_say_nothing_of_the_terminal, set_up),
		cmocka_unit_test_setup(keys_are_current_while_the_backend_is_heard, set_up),
		cmocka_unit_test(tells_what_comes_and_resumes_after_it),
		cmocka_unit_test(learns_the_issuers_keys_when_it_begins_and_when_told),
		cmocka_unit_test(learns_what_changed_before_it_was_subscribed),
		cmocka_unit_test(a_refusal_is_asked_again_only_after_the_longest_pause),
		cmocka_unit_test(a_stream_without_a_sign_of_life_is_given_up),
		cmocka_unit_test(a_backend_out_of_reach_is_told_at_once_and_once),
		cmocka_unit_test(a_stream_that_ends_is_lost_only_when_nobody_takes_it_up),
		cmocka_unit_test(whoever_refuses_is_there),
		cmocka_unit_test(only_an_event_stream_tells),
		cmocka_unit_test(pauses_grow_to_a_bound_and_differ),
		cmocka_unit_test(keys_that_are_none_are_not_learnt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
