/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server on a free port, with raw sockets as clients that do what they should not.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "backend/http.h"
#include "tests/lib/raw_http.h"

#define HOST "Host: localhost\r\n"

struct fixture {
	struct event_base *base;
	struct http_server *server;
	struct event *quit;
	pthread_t thread;
	int pipe[2];
	int port;
	struct http_call *held; /* a call that nobody answers */
	int gone;
	int requests;
};

static void echo(struct http_call *call, struct span body)
{
	struct http_answer a = {.status = 200, .content_type = "text/plain", .body = body};

	http_answer_send(call, &a);
}

static bool fixture_head(void *ctx, struct http_answer *refusal, const struct http_head *head)
{
	(void)ctx;
	if (head->target.data[1] != 'x')
		return true;
	*refusal = (struct http_answer){.status = 405,
		.allow = "GET, POST",
		.content_type = "text/plain",
		.body = span_text("no")};
	return false;
}

static void fixture_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	struct fixture *f = ctx;

	f->requests++;
	if (span_equal(head->target, span_text("/hold")))
		f->held = call;
	else
		echo(call, body.len ? body : head->target);
}

static void fixture_gone(void *ctx, struct http_call *call)
{
	struct fixture *f = ctx;

	assert_ptr_equal(f->held, call);
	f->gone++;
}

static void fixture_refuse(
	void *ctx, struct http_answer *answer, const struct http_refusal *refusal)
{
	(void)ctx;
	*answer = (struct http_answer){.status = refusal->status,
		.content_type = "text/plain",
		.body = span_text(refusal->detail)};
}

static void fixture_quit(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

static void *fixture_run(void *arg)
{
	struct fixture *f = arg;

	(void)event_base_dispatch(f->base);
	return NULL;
}

static void fixture_start(struct fixture *f, int connections_max, int request_ms, int first_ms)
{
	struct http_handler handler = {.ctx = f,
		.head = fixture_head,
		.request = fixture_request,
		.gone = fixture_gone,
		.refuse = fixture_refuse};
	struct http_options opt = {.address = "127.0.0.1",
		.connections_max = connections_max,
		.request_ms = request_ms,
		.first_ms = first_ms};
	struct err err = {0};

	memset(f, 0, sizeof(*f));
	f->base = event_base_new();
	assert_int_equal(pipe(f->pipe), 0);
	f->quit = event_new(f->base, f->pipe[0], EV_READ, fixture_quit, f->base);
	assert_int_equal(event_add(f->quit, NULL), 0);
	if (http_server_new(&f->server, f->base, &opt, &handler, &err))
		fail_msg("%s", err.text);
	f->port = http_server_port(f->server);
	assert_int_equal(pthread_create(&f->thread, NULL, fixture_run, f), 0);
}

static void fixture_stop(struct fixture *f)
{
	assert_int_equal(write(f->pipe[1], "q", 1), 1);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	http_server_free(&f->server);
	assert_null(f->server);
	event_free(f->quit);
	event_base_free(f->base);
	close(f->pipe[0]);
	close(f->pipe[1]);
}

static void once(struct fixture *f, struct raw_answer *a, const char *text)
{
	raw_once(f->port, a, text, strlen(text));
}

static void answers_many_requests_on_one_connection(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	for (int i = 0; i < 50; i++) {
		raw_text(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
		raw_read(fd, &a, 5000, false);
		assert_int_equal(a.status, 200);
		assert_string_equal(a.body, "hello");
		assert_null(raw_field(&a, "\r\nConnection: close"));
		assert_non_null(raw_field(&a, "\r\nCache-Control: no-store"));
		assert_non_null(raw_field(&a, "\r\nDate: "));
	}
	close(fd);
	fixture_stop(&f);
}

static void one_date_in_every_answer(void **state)
{
	struct fixture f;
	struct raw_answer a;
	const char *first;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	once(&f, &a, "GET /a HTTP/1.1\r\n" HOST "\r\n");
	first = strstr(a.text, "Date:");
	assert_non_null(first);
	assert_null(strstr(first + 1, "Date:"));
	fixture_stop(&f);
}

static void requests_sent_ahead_are_answered_in_order(void **state)
{
	struct fixture f;
	struct raw_answer a;
	const char *one, *two, *three;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	once(&f, &a,
		"GET /one HTTP/1.1\r\n" HOST "\r\nGET /two HTTP/1.1\r\n" HOST
		"\r\nPOST /3 HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\n/three");
	one = strstr(a.text, "/one");
	two = strstr(a.text, "/two");
	three = strstr(a.text, "/three");
	assert_true(one && two && three && one < two && two < three);
	assert_int_equal(f.requests, 3);
	fixture_stop(&f);
}

static void a_request_may_come_in_single_bytes(void **state)
{
	static const char TEXT[] = "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	for (size_t i = 0; i < sizeof(TEXT) - 1; i++) {
		raw_send(fd, TEXT + i, 1);
		usleep(500);
	}
	raw_read(fd, &a, 5000, false);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello");
	assert_int_equal(f.requests, 1);
	close(fd);
	fixture_stop(&f);
}

static void a_truncated_request_reaches_nobody(void **state)
{
	static const char TEXT[] = "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
	struct fixture f;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	for (size_t n = 0; n < sizeof(TEXT) - 1; n++) {
		raw_once(f.port, &a, TEXT, n);
		assert_int_equal(a.status, 0);
		assert_true(a.closed);
	}
	assert_int_equal(f.requests, 0);
	fixture_stop(&f);
}

static void a_dripping_client_is_closed(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int64_t begin;
	int fd;

	(void)state;
	fixture_start(&f, 0, 300, 0);
	fd = raw_connect(f.port);
	begin = raw_now_ms();
	raw_text(fd, "GET /a HTTP/1.1\r\nX: ");
	for (int i = 0; i < 100 && raw_now_ms() - begin < 3000; i++) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		raw_send(fd, "x", 1);
		if (poll(&p, 1, 50) > 0)
			break;
	}
	raw_read(fd, &a, 3000, true);
	assert_int_equal(a.status, 408);
	assert_true(a.closed);
	assert_in_range(raw_now_ms() - begin, 250, 2900);
	close(fd);
	fixture_stop(&f);
}

static void a_silent_client_is_closed(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 200);
	fd = raw_connect(f.port);
	raw_read(fd, &a, 3000, true);
	assert_true(a.closed);
	assert_int_equal(a.len, 0);
	close(fd);
	fixture_stop(&f);
}

static void refuses_a_huge_body_before_reading_it(void **state)
{
	struct fixture f;
	struct raw_answer a;
	char *junk = calloc(1, 1 << 16);
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1000000000\r\n\r\n");
	for (int i = 0; i < 4; i++)
		raw_send(fd, junk, 1 << 16);
	raw_read(fd, &a, 5000, true);
	assert_int_equal(a.status, 413);
	assert_non_null(raw_field(&a, "\r\nConnection: close"));
	assert_int_equal(f.requests, 0);
	close(fd);
	free(junk);
	fixture_stop(&f);
}

static void refuses_an_endless_head(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "GET /a HTTP/1.1\r\n");
	for (int i = 0; i < 2000; i++)
		raw_text(fd, "X: 0123456789\r\n");
	raw_read(fd, &a, 5000, true);
	assert_int_equal(a.status, 431);
	assert_true(a.closed);
	close(fd);
	fixture_stop(&f);
}

static void a_head_of_the_largest_size_is_taken(void **state)
{
	struct fixture f;
	struct raw_answer a;
	char text[HTTP_HEAD_MAX + HTTP_BODY_MAX];
	int n;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	n = snprintf(text, sizeof(text),
		"POST /a HTTP/1.1\r\n" HOST "Content-Length: %d\r\nX: ", HTTP_BODY_MAX);
	memset(text + n, 'a', sizeof(text) - (size_t)n);
	memcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	raw_once(f.port, &a, text, sizeof(text));
	assert_int_equal(a.status, 200);
	assert_non_null(raw_field(&a, "\r\nContent-Length: 16384"));
	/* one byte more is too much */
	text[HTTP_HEAD_MAX - 4] = 'a';
	raw_once(f.port, &a, text, sizeof(text));
	assert_int_equal(a.status, 431);
	fixture_stop(&f);
}

static void refuses_garbage_at_its_first_byte(void **state)
{
	static const char *const GARBAGE[] = {"\x16\x03\x01\x02", "get / HTTP/1.1\r\n", "{}", "\n"};
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	for (size_t i = 0; i < sizeof(GARBAGE) / sizeof(GARBAGE[0]); i++) {
		fd = raw_connect(f.port);
		raw_text(fd, GARBAGE[i]);
		raw_read(fd, &a, 2000, true);
		assert_int_equal(a.status, 400);
		close(fd);
	}
	fixture_stop(&f);
}

static void says_continue_to_who_waits_for_it(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "POST /a HTTP/1.1\r\n" HOST
		     "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	raw_read(fd, &a, 5000, false);
	assert_int_equal(a.status, 100);
	raw_text(fd, "hello");
	raw_read(fd, &a, 5000, false);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello");
	close(fd);
	fixture_stop(&f);
}

static void a_refused_head_is_answered_before_its_body(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "POST /x HTTP/1.1\r\n" HOST
		     "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	raw_read(fd, &a, 5000, true);
	assert_int_equal(a.status, 405);
	assert_non_null(raw_field(&a, "\r\nAllow: GET, POST"));
	assert_true(a.closed);
	close(fd);
	/* without a body the connection lives on */
	fd = raw_connect(f.port);
	raw_text(fd, "GET /x HTTP/1.1\r\n" HOST "\r\nGET /ok HTTP/1.1\r\n" HOST "\r\n");
	raw_read(fd, &a, 1000, true);
	assert_int_equal(a.status, 405);
	assert_non_null(strstr(a.text, "/ok"));
	close(fd);
	fixture_stop(&f);
}

static void head_gets_no_body(void **state)
{
	struct fixture f;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	once(&f, &a, "HEAD /x HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(a.status, 405);
	assert_string_equal(a.body, "");
	fixture_stop(&f);
}

static void closes_when_asked_to(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	for (int i = 0; i < 2; i++) {
		fd = raw_connect(f.port);
		raw_text(fd, i ? "GET /a HTTP/1.0\r\n\r\n"
			       : "GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
		raw_read(fd, &a, 5000, true);
		assert_int_equal(a.status, 200);
		assert_true(a.closed);
		close(fd);
	}
	fixture_stop(&f);
}

static void learns_that_a_client_went_away(void **state)
{
	struct fixture f;
	struct linger reset = {.l_onoff = 1};
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	usleep(100000);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	close(fd);
	usleep(100000);
	fixture_stop(&f);
	assert_int_equal(f.gone, 1);
}

static void tells_of_held_calls_when_it_is_freed(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	raw_text(fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	usleep(100000);
	fixture_stop(&f);
	assert_int_equal(f.gone, 1);
	close(fd);
}

/* Three fill the house; the oldest goes when a fourth comes, and the others may go on. */
static void the_oldest_gives_way(const char *begun, bool answered, const char *rest)
{
	struct fixture f;
	struct raw_answer a;
	int fd[4];

	fixture_start(&f, 3, 0, 0);
	for (int i = 0; i < 3; i++) {
		fd[i] = raw_connect(f.port);
		raw_text(fd[i], begun);
		if (answered)
			raw_read(fd[i], &a, 5000, false);
		usleep(20000);
	}
	fd[3] = raw_connect(f.port);
	raw_text(fd[3], "GET /new HTTP/1.1\r\n" HOST "\r\n");
	raw_read(fd[3], &a, 5000, false);
	assert_int_equal(a.status, 200);
	raw_read(fd[0], &a, 2000, true);
	assert_true(a.closed);
	raw_text(fd[2], rest);
	raw_read(fd[2], &a, 5000, false);
	assert_int_equal(a.status, 200);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	fixture_stop(&f);
}

static void an_idle_connection_or_an_unfinished_head_gives_way(void **state)
{
	(void)state;
	the_oldest_gives_way("GET /a HTTP/1.1\r\n" HOST "\r\n", true,
		"GET /a HTTP/1.1\r\n" HOST "\r\n");
	the_oldest_gives_way("GET /a HTTP/1.1\r\nHost: ", false, "localhost\r\n\r\n");
}

static void turns_away_when_all_are_busy(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int busy, fd;

	(void)state;
	fixture_start(&f, 1, 0, 0);
	busy = raw_connect(f.port);
	/* admitted, its body on the way */
	raw_text(busy, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe");
	usleep(100000);
	fd = raw_connect(f.port);
	raw_read(fd, &a, 5000, true);
	assert_int_equal(a.status, 503);
	assert_true(a.closed);
	close(fd);
	close(busy);
	fixture_stop(&f);
}

static void listens_on_loopback_only(void **state)
{
	static const char *const BAD[] = { /* the last three are no addresses at all */
		"0.0.0.0", "::", "192.0.2.1", "127.0.0.2", "", "example.org", "127.0.0.1 "};
	struct http_handler handler = {0};
	struct http_server *s = NULL;
	struct event_base *base = event_base_new();
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct http_options opt = {.address = BAD[i]};

		assert_int_equal(http_server_new(&s, base, &opt, &handler, &err),
			i < 4 ? ERR_PERMISSION : ERR_INVALID);
		assert_null(s);
		assert_non_null(strstr(err.text, i < 4 ? "TLS" : "no address"));
	}
	event_base_free(base);
}

static void answers_without_a_delay(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int64_t begin;
	int fd;

	(void)state;
	fixture_start(&f, 0, 0, 0);
	fd = raw_connect(f.port);
	begin = raw_now_ms();
	for (int i = 0; i < 100; i++) {
		raw_text(fd, "GET /a HTTP/1.1\r\n" HOST "\r\n");
		raw_read(fd, &a, 5000, false);
	}
	/* 40 ms each where Nagle meets a delayed ACK */
	assert_true(raw_now_ms() - begin < 2000);
	close(fd);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_many_requests_on_one_connection),
		cmocka_unit_test(one_date_in_every_answer),
		cmocka_unit_test(requests_sent_ahead_are_answered_in_order),
		cmocka_unit_test(a_request_may_come_in_single_bytes),
		cmocka_unit_test(a_truncated_request_reaches_nobody),
		cmocka_unit_test(a_dripping_client_is_closed),
		cmocka_unit_test(a_silent_client_is_closed),
		cmocka_unit_test(refuses_a_huge_body_before_reading_it),
		cmocka_unit_test(refuses_an_endless_head),
		cmocka_unit_test(a_head_of_the_largest_size_is_taken),
		cmocka_unit_test(refuses_garbage_at_its_first_byte),
		cmocka_unit_test(says_continue_to_who_waits_for_it),
		cmocka_unit_test(a_refused_head_is_answered_before_its_body),
		cmocka_unit_test(head_gets_no_body),
		cmocka_unit_test(closes_when_asked_to),
		cmocka_unit_test(learns_that_a_client_went_away),
		cmocka_unit_test(tells_of_held_calls_when_it_is_freed),
		cmocka_unit_test(an_idle_connection_or_an_unfinished_head_gives_way),
		cmocka_unit_test(turns_away_when_all_are_busy),
		cmocka_unit_test(listens_on_loopback_only),
		cmocka_unit_test(answers_without_a_delay),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
