/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/events at the real server: streams and long polls, each for its own caller only, cut and
 * taken up again. What happens is done by another program on the same directory, or over HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "backend/hub.h"
#include "backend/rules_event.h"
#include "tests/lib/test_backend.h"

/* ---- a reader of streams ---- */

struct reader {
	int fd;
	size_t len;
	char text[65536]; /* everything that came */
};

static void reader_open(const struct test_backend *b, struct reader *r, const char *token,
	const char *query, const char *last_id)
{
	char text[512];

	memset(r, 0, sizeof(*r));
	r->fd = raw_connect(b->port);
	snprintf(text, sizeof(text),
		"GET /v1/events%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
		"%s%s%s" TEST_TIME_HEADER ": %lld\r\n\r\n",
		query, token, last_id ? "Last-Event-ID: " : "", last_id ? last_id : "",
		last_id ? "\r\n" : "", (long long)b->now_ms);
	raw_text(r->fd, text);
}

/* Reads on for at most so long, or until the text is there. False: it is not; *closed is set. */
static bool reader_waits(struct reader *r, const char *text, int timeout_ms, bool *closed)
{
	int64_t end = raw_now_ms() + timeout_ms;

	*closed = false;
	while (!text || !strstr(r->text, text)) {
		struct pollfd p = {.fd = r->fd, .events = POLLIN};
		int64_t left = end - raw_now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		n = recv(r->fd, r->text + r->len, sizeof(r->text) - 1 - r->len, 0);
		if (n <= 0) {
			*closed = true;
			return false;
		}
		r->len += (size_t)n;
	}
	return true;
}

static void comes(struct reader *r, const char *text)
{
	bool closed;

	if (!reader_waits(r, text, 5000, &closed))
		fail_msg("\"%s\" did not come; there is: %s", text, r->text);
}

static void closes(struct reader *r)
{
	bool closed;

	(void)reader_waits(r, NULL, 5000, &closed);
	assert_true(closed);
	close(r->fd);
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

/* The number of the last event in a stream. */
static const char *last_id(const struct reader *r)
{
	static char id[24];
	const char *at = r->text;

	for (const char *p = strstr(at, "\nid: "); p; p = strstr(p + 1, "\nid: "))
		at = p + 5;
	snprintf(id, sizeof(id), "%.*s", (int)strspn(at, "0123456789"), at);
	return id;
}

/* ---- another program on the same directory ---- */

struct other {
	struct clock clock;
	struct service *service;
	struct err err;
};

static void other_open(const struct test_backend *b, struct other *o)
{
	memset(o, 0, sizeof(*o));
	clock_init_manual(&o->clock, 0, b->now_ms);
	if (service_open(&o->service, in_folder("backend"), &o->clock, &o->err))
		fail_msg("%s", o->err.text);
}

static void other_stop(struct other *o, const char *name, bool stop)
{
	if (service_terminal_stop(o->service, name, stop, &o->err))
		fail_msg("%s", o->err.text);
}

/* ---- cases ---- */

static void a_stream_tells_what_another_program_did(void **state)
{
	struct test_backend b;
	struct reader r;
	struct other o;

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	reader_open(&b, &r, b.terminal_a, "", NULL);
	comes(&r, "event: open\ndata: {}\n\n");
	assert_non_null(strstr(r.text, "\r\nContent-Type: text/event-stream\r\n"));
	assert_non_null(strstr(r.text, "\r\nCache-Control: no-store\r\n"));
	other_stop(&o, "till-a", true);
	comes(&r, "event: terminal\ndata: {\"state\":\"stopped\"}\n\n");
	other_stop(&o, "till-a", false);
	comes(&r, "{\"state\":\"started\"}\n\n");
	close(r.fd);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* The wallet's event comes from a decision at till A; nobody else's stream shows anything. */
static void nobody_is_told_what_is_anothers(void **state)
{
	struct test_backend b;
	struct reader a, till_b, wallet;
	struct raw_answer poll;
	struct other o;
	char id[33], missed[64];

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	reader_open(&b, &a, b.terminal_a, "", NULL);
	reader_open(&b, &till_b, b.terminal_b, "", NULL);
	reader_open(&b, &wallet, b.wallet_token, "", NULL);
	comes(&a, "event: open");
	comes(&till_b, "event: open\ndata: {}\n\n");
	(void)snprintf(missed, sizeof(missed), "/v1/events?wait=0&after=%s", last_id(&till_b));
	comes(&wallet, "event: open");
	test_accepted(&b, id, b.terminal_a);
	comes(&wallet, "event: verification");
	comes(&wallet, id);
	other_stop(&o, "till-a", true);
	comes(&a, "event: terminal");
	other_stop(&o, "till-b", true);
	comes(&till_b, "event: terminal");
	if (service_credential_freeze(o.service, b.credential, 0, &o.err))
		fail_msg("%s", o.err.text);
	comes(&wallet, "event: credential");
	comes(&a, "event: verification"); /* the PIN was awaited there */
	assert_int_equal(times(a.text, "event: "), 3);
	assert_int_equal(times(till_b.text, "event: "), 2);
	assert_int_equal(times(wallet.text, "event: "), 4);
	/* nor when it asks for everything that there was */
	assert_int_equal(test_call(&b, &poll, b.terminal_b, "GET", missed, NULL), 200);
	assert_int_equal(times(poll.body, "\"kind\""), 1);
	assert_null(strstr(poll.body, id));
	close(a.fd);
	close(till_b.fd);
	close(wallet.fd);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* Cut at any place, taken up with the last number that came: each event exactly once, in order. */
static void resuming_loses_nothing_and_repeats_nothing(void **state)
{
	struct test_backend b;
	static struct reader r;
	struct other o;
	char id[24], all[64][24];
	size_t count = 0;

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	reader_open(&b, &r, b.terminal_a, "", NULL);
	comes(&r, "event: open\ndata: {}\n\n");
	snprintf(id, sizeof(id), "%s", last_id(&r));
	for (int round = 0; round < 6; round++) {
		bool closed;

		/* some while it is connected, some while it is not, more than a page at once */
		for (int i = 0; i < round; i++)
			other_stop(&o, "till-a", true);
		(void)reader_waits(&r, NULL, round % 2 ? 300 : 1, &closed);
		for (const char *p = strstr(r.text, "\nid: "); p; p = strstr(p + 1, "\nid: ")) {
			if (!strstr(p, "\n\n") || strncmp(strchr(p + 1, '\n'), "\nevent: t", 9))
				continue;
			snprintf(id, sizeof(id), "%.*s", (int)strspn(p + 5, "0123456789"), p + 5);
			snprintf(all[count++], 24, "%s", id);
		}
		close(r.fd);
		for (int i = 0; i < 4; i++)
			other_stop(&o, "till-a", false);
		reader_open(&b, &r, b.terminal_a, "", id);
	}
	close(r.fd);
	/* what is left, page by page */
	for (int page = 0; page < 100 && count < 15 + 24; page++) {
		bool closed;

		reader_open(&b, &r, b.terminal_a, "", id);
		(void)reader_waits(&r, NULL, 200, &closed);
		for (const char *p = strstr(r.text, "\nid: "); p; p = strstr(p + 1, "\nid: ")) {
			if (strncmp(strchr(p + 1, '\n'), "\nevent: t", 9))
				continue;
			snprintf(id, sizeof(id), "%.*s", (int)strspn(p + 5, "0123456789"), p + 5);
			snprintf(all[count++], 24, "%s", id);
		}
		close(r.fd);
	}
	assert_int_equal(count, 15 + 24);
	for (size_t i = 1; i < count; i++)
		assert_int_equal(strtoll(all[i], NULL, 10), strtoll(all[i - 1], NULL, 10) + 1);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_number_that_is_not_kept_says_so(void **state)
{
	static const char *const BAD[] = {"", "x", "-1", "01", "1 2", "99999999999999999999"};
	struct test_backend b;
	struct reader r;

	(void)state;
	test_backend_start(&b, NULL);
	reader_open(&b, &r, b.terminal_a, "", "4711");
	comes(&r, "event: reset\ndata: {}\n\n");
	assert_true(strtoll(last_id(&r), NULL, 10) < 4711);
	close(r.fd);
	/* the header is newer than the query */
	reader_open(&b, &r, b.terminal_a, "?after=4711", "1");
	comes(&r, "retry: ");
	assert_null(strstr(r.text, "reset"));
	close(r.fd);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		reader_open(&b, &r, b.terminal_a, "", BAD[i]);
		comes(&r, "HTTP/1.1 400 ");
		close(r.fd);
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_long_poll_waits_and_is_answered_by_the_event(void **state)
{
	struct test_backend b;
	struct reader r;
	struct raw_answer a;
	struct other o;
	char path[64];
	bool closed;

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	/* the number to begin with */
	assert_int_equal(test_call(&b, &a, b.terminal_a, "GET", "/v1/events?wait=0", NULL), 200);
	assert_non_null(strstr(a.body, "{\"events\":[],\"last\":"));
	snprintf(path, sizeof(path), "?wait=30&after=%lld", (long long)test_int(&a, "last"));
	reader_open(&b, &r, b.terminal_a, path, NULL);
	assert_false(reader_waits(&r, NULL, 300, &closed));
	assert_false(closed);
	other_stop(&o, "till-b", true);
	assert_false(reader_waits(&r, NULL, 500, &closed));
	assert_int_equal(r.len, 0);
	other_stop(&o, "till-a", true);
	comes(&r, "\"kind\":\"terminal\",\"data\":{\"state\":\"stopped\"}}],\"last\":");
	close(r.fd);
	/* it was there already: at once */
	snprintf(path, sizeof(path), "/v1/events?wait=30&after=%lld",
		(long long)test_int(&a, "last"));
	assert_int_equal(test_call(&b, &a, b.terminal_a, "GET", path, NULL), 200);
	assert_int_equal(times(a.body, "\"kind\""), 1);
	/* nothing comes: an empty answer when the time is over */
	assert_int_equal(test_call(&b, &a, b.wallet_token, "GET", "/v1/events?wait=1", NULL), 200);
	assert_non_null(strstr(a.body, "{\"events\":[],\"last\":"));
	assert_int_equal(test_call(&b, &a, b.terminal_a, "GET", "/v1/events?after=4711&wait=9",
				 NULL), 200);
	assert_non_null(strstr(a.body, "{\"reset\":true,\"events\":[],"));
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void the_oldest_connection_of_one_caller_gives_way(void **state)
{
	struct test_backend b;
	static struct reader r[HUB_LISTENERS_OF_ONE_MAX + 2];
	struct other o;

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	for (size_t i = 0; i < HUB_LISTENERS_OF_ONE_MAX + 1; i++) {
		reader_open(&b, &r[i], b.terminal_a, "", NULL);
		comes(&r[i], "event: open");
	}
	/* another caller does not count */
	reader_open(&b, &r[HUB_LISTENERS_OF_ONE_MAX + 1], b.terminal_b, "", NULL);
	comes(&r[HUB_LISTENERS_OF_ONE_MAX + 1], "event: open");
	comes(&r[0], "event: stop");
	closes(&r[0]);
	other_stop(&o, "till-a", true);
	for (size_t i = 1; i < HUB_LISTENERS_OF_ONE_MAX + 1; i++) {
		comes(&r[i], "event: terminal");
		close(r[i].fd);
	}
	close(r[HUB_LISTENERS_OF_ONE_MAX + 1].fd);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* Every one gets it, each once, of one read from the store. */
static void hundreds_of_streams_are_told_at_once(void **state)
{
	enum { STREAMS = 400, OF_ONE = HUB_LISTENERS_OF_ONE_MAX };
	struct rlimit limit;
	struct test_backend b;
	struct service_terminal t;
	static struct reader r;
	static int fd[STREAMS];
	struct rules rules;
	struct other o;
	char name[32];
	bool closed;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max < 3 * STREAMS || setrlimit(RLIMIT_NOFILE, &limit))
		skip();
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	for (size_t i = 0; i < STREAMS; i++) {
		snprintf(name, sizeof(name), "many-%zu", i);
		if (i % OF_ONE == 0 &&
			service_terminal_enrol(o.service, &t, name, NULL, &o.err))
			fail_msg("%s", o.err.text);
		reader_open(&b, &r, t.token, "", NULL);
		comes(&r, "event: open");
		fd[i] = r.fd;
	}
	rules = service_rules(o.service);
	if (store_begin(o.service->store, &o.err) || rules_event_issuer(&rules, 7, &o.err) ||
		store_commit(o.service->store, &o.err))
		fail_msg("%s", o.err.text);
	for (size_t i = 0; i < STREAMS; i++) {
		memset(&r, 0, sizeof(r));
		r.fd = fd[i];
		comes(&r, "event: issuer\ndata: {\"version\":7}\n\n");
		assert_int_equal(times(r.text, "event: "), 1);
	}
	memset(&r, 0, sizeof(r));
	r.fd = fd[0];
	assert_false(reader_waits(&r, "event: ", 200, &closed));
	assert_false(closed);
	for (size_t i = 0; i < STREAMS; i++)
		close(fd[i]);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void whose_token_has_ended_is_told_so_and_hears_nothing_more(void **state)
{
	struct test_backend b;
	struct service_terminal t;
	struct reader till, wallet;
	struct raw_answer a;
	struct other o;

	(void)state;
	test_backend_start(&b, NULL);
	other_open(&b, &o);
	reader_open(&b, &till, b.terminal_a, "", NULL);
	reader_open(&b, &wallet, b.wallet_token, "", NULL);
	comes(&till, "event: open");
	comes(&wallet, "event: open");
	if (service_terminal_enrol(o.service, &t, "till-a", NULL, &o.err) ||
		service_credential_void(o.service, b.credential, &o.err))
		fail_msg("%s", o.err.text);
	comes(&till, "{\"state\":\"enrolled\"}");
	comes(&wallet, "{\"state\":\"void\"}");
	closes(&till);
	closes(&wallet);
	assert_int_equal(test_call(&b, &a, b.terminal_a, "GET", "/v1/events", NULL), 401);
	assert_int_equal(test_call(&b, &a, b.wallet_token, "GET", "/v1/events", NULL), 401);
	reader_open(&b, &till, t.token, "", NULL);
	comes(&till, "event: open");
	close(till.fd);
	service_close(&o.service);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_server_that_stops_tells_it_and_is_not_held_up(void **state)
{
	struct test_backend b;
	struct reader stream, poll;
	int64_t begin;

	(void)state;
	test_backend_start(&b, NULL);
	reader_open(&b, &stream, b.terminal_a, "", NULL);
	reader_open(&b, &poll, b.terminal_b, "?wait=60", NULL);
	comes(&stream, "event: open");
	usleep(100000); /* if the poll is not there yet, it is answered in another way */
	begin = raw_now_ms();
	assert_int_equal(test_backend_stop(&b), ERR_OK);
	assert_true(raw_now_ms() - begin < SERVER_DRAIN_MS);
	comes(&stream, "event: stop\ndata: {}\n\n");
	closes(&stream);
	closes(&poll);
}

static void no_query_but_this_one(void **state)
{
	static const char *const NOT_FOUND[] = {"/v1/issuer?wait=1", "/healthz?", "/v1/events/",
		"/v1/eventsx", "/v1/events%3Fwait=1"};
	static const char *const BAD[] = {"/v1/events?", "/v1/events?wait=61", "/v1/events?x=1",
		"/v1/events?wait=1&wait=1", "/v1/events?after=-1"};
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	for (size_t i = 0; i < sizeof(NOT_FOUND) / sizeof(NOT_FOUND[0]); i++)
		assert_int_equal(
			test_call(&b, &a, b.terminal_a, "GET", NOT_FOUND[i], NULL), 404);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_int_equal(test_call(&b, &a, b.terminal_a, "GET", BAD[i], NULL), 400);
		assert_string_equal(test_word(&a), "bad-request");
		/* a stranger does not even learn that */
		assert_int_equal(test_call(&b, &a, "x", "GET", BAD[i], NULL), 401);
	}
	assert_int_equal(
		test_call(&b, &a, b.terminal_a, "DELETE", "/v1/events?wait=1", NULL), 405);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_stream_tells_what_another_program_did),
		CASE(nobody_is_told_what_is_anothers),
		CASE(resuming_loses_nothing_and_repeats_nothing),
		CASE(a_number_that_is_not_kept_says_so),
		CASE(a_long_poll_waits_and_is_answered_by_the_event),
		CASE(the_oldest_connection_of_one_caller_gives_way),
		CASE(hundreds_of_streams_are_told_at_once),
		CASE(whose_token_has_ended_is_told_so_and_hears_nothing_more),
		CASE(a_server_that_stops_tells_it_and_is_not_held_up),
		CASE(no_query_but_this_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
