/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers without an end and answers that wait: what is written arrives, nobody is waited for
 * without bound, and they leave room for requests.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "backend/http.h"
#include "tests/lib/http_hooks.h"
#include "tests/lib/raw_http.h"

#define HOST      "Host: localhost\r\n"
#define CALLS_MAX 64

/* One server; the test thread tells it by single bytes what to do with the calls it holds. */
struct fixture {
	struct event_base *base;
	struct http_server *server;
	struct event *told;
	pthread_t thread;
	int tell[2], done[2];
	int port;
	struct http_call *calls[CALLS_MAX];
	atomic_size_t count;
	atomic_int left, beats, closed;
	atomic_bool end_at_beat;
};

static void forget(struct fixture *f, const struct http_call *call)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->calls[i] == call)
			f->calls[i] = f->calls[--f->count];
}

static struct http_answer plain(int status, const char *text)
{
	return (struct http_answer){
		.status = status, .content_type = "text/plain", .body = span_text(text)};
}

static void on_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	struct fixture *f = ctx;
	struct http_answer a = plain(200, "first\n");
	bool stream = span_equal(head->target, span_text("/stream"));
	bool park = span_equal(head->target, span_text("/park"));

	(void)body;
	if ((stream && http_stream_begin(call, &a)) || (park && http_call_park(call))) {
		assert_true(f->count < CALLS_MAX);
		f->calls[f->count++] = call;
		return;
	}
	a = stream || park ? plain(503, "full") : plain(200, "plain");
	http_answer_send(call, &a);
}

static void on_gone(void *ctx, struct http_call *call)
{
	(void)ctx;
	(void)call;
	fail_msg("every call was answered or held at once");
}

static void on_left(void *ctx, struct http_call *call)
{
	struct fixture *f = ctx;
	size_t before = f->count;

	forget(f, call);
	assert_int_equal(f->count, before - 1);
	f->left++;
}

static void on_beat(void *ctx, struct http_call *call)
{
	struct fixture *f = ctx;

	f->beats++;
	if (f->end_at_beat) {
		forget(f, call);
		http_stream_end(call);
	} else if (!http_stream_write(call, span_text(":\n"))) {
		forget(f, call);
	}
}

static void on_refuse(void *ctx, struct http_answer *answer, const struct http_refusal *refusal)
{
	(void)ctx;
	*answer = plain(refusal->status, refusal->detail);
}

static void write_all(struct fixture *f, struct span piece)
{
	for (size_t i = f->count; i-- > 0;)
		if (!http_stream_write(f->calls[i], piece)) {
			f->closed++;
			forget(f, f->calls[i]);
		}
}

static void do_told(struct fixture *f, char what)
{
	static uint8_t block[4096];
	struct http_answer a = plain(200, "late");

	if (what == 'w')
		write_all(f, span_text("piece\n"));
	else if (what == 'f')
		write_all(f, SPAN(block, sizeof(block)));
	else if (what == 'd')
		http_server_drain(f->server);
	while ((what == 'e' || what == 'a') && f->count > 0) {
		f->count--;
		if (what == 'e')
			http_stream_end(f->calls[f->count]);
		else
			http_answer_send(f->calls[f->count], &a);
	}
	if (what == 'q')
		(void)event_base_loopbreak(f->base);
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
	struct fixture *f = arg;
	char c;

	(void)what;
	assert_int_equal(read(fd, &c, 1), 1);
	do_told(f, c);
	assert_int_equal(write(f->done[1], &c, 1), 1);
}

/* Returns when it was done. */
static void tell(struct fixture *f, char what)
{
	char c;

	assert_int_equal(write(f->tell[1], &what, 1), 1);
	assert_int_equal(read(f->done[0], &c, 1), 1);
}

static void *run(void *arg)
{
	struct fixture *f = arg;

	(void)event_base_dispatch(f->base);
	return NULL;
}

static void start(struct fixture *f, int connections_max, int beat_ms)
{
	struct http_handler handler = {.ctx = f,
		.head = http_hook_head,
		.request = on_request,
		.gone = on_gone,
		.left = on_left,
		.beat = on_beat,
		.refuse = on_refuse};
	struct http_options opt = {.address = "127.0.0.1",
		.connections_max = connections_max,
		.beat_ms = beat_ms};
	struct err err = {0};

	memset(f, 0, sizeof(*f));
	f->base = event_base_new();
	assert_int_equal(pipe(f->tell), 0);
	assert_int_equal(pipe(f->done), 0);
	f->told = event_new(f->base, f->tell[0], EV_READ | EV_PERSIST, on_told, f);
	assert_int_equal(event_add(f->told, NULL), 0);
	if (http_server_new(&f->server, f->base, &opt, &handler, &err))
		fail_msg("%s", err.text);
	f->port = http_server_port(f->server);
	assert_int_equal(pthread_create(&f->thread, NULL, run, f), 0);
}

static void stop(struct fixture *f)
{
	tell(f, 'q');
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	http_server_free(&f->server);
	assert_int_equal(f->count, 0);
	event_free(f->told);
	event_base_free(f->base);
	close(f->tell[0]);
	close(f->tell[1]);
	close(f->done[0]);
	close(f->done[1]);
}

static int ask(const struct fixture *f, const char *path)
{
	char text[128];
	int fd = raw_connect(f->port);

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
	raw_text(fd, text);
	return fd;
}

/* Reads until the text has come; what was read is thrown away. False: closed, or too late. */
static bool comes(int fd, const char *text)
{
	char got[4096] = "";
	size_t len = 0;
	int64_t end = raw_now_ms() + 5000;

	while (!strstr(got, text)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = end - raw_now_ms();
		ssize_t n;

		if (left <= 0 || len == sizeof(got) - 1 || poll(&p, 1, (int)left) <= 0)
			return false;
		n = recv(fd, got + len, sizeof(got) - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		got[len] = '\0';
	}
	return true;
}

/* A server that holds one stream, which has begun. */
static int start_held(struct fixture *f)
{
	int fd;

	start(f, 0, 0);
	fd = ask(f, "/stream");
	assert_true(comes(fd, "first\n"));
	return fd;
}

static bool is_closed(int fd)
{
	struct raw_answer a;

	for (;;) {
		raw_read(fd, &a, 5000, true);
		if (a.closed || a.len < sizeof(a.text) - 1)
			return a.closed;
	}
}

static void stop_closed(struct fixture *f, int fd)
{
	assert_true(is_closed(fd));
	close(fd);
	stop(f);
}

/* The server has looked at what the client did. */
static void until(struct fixture *f, const atomic_int *number, int least)
{
	for (int i = 0; i < 500 && *number < least; i++) {
		tell(f, '.');
		usleep(10000);
	}
	assert_in_range(*number, least, INT32_MAX);
}

/* ---- streams ---- */

static void a_stream_tells_no_length_and_gives_each_piece_at_once(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	start(&f, 0, 0);
	fd = ask(&f, "/stream");
	raw_read(fd, &a, 5000, false);
	assert_int_equal(a.status, 200);
	assert_null(raw_field(&a, "\r\nContent-Length:"));
	assert_non_null(raw_field(&a, "\r\nConnection: close"));
	assert_string_equal(a.body, "first\n");
	for (int i = 0; i < 20; i++) {
		tell(&f, 'w');
		assert_true(comes(fd, "piece\n"));
	}
	tell(&f, 'e');
	raw_read(fd, &a, 5000, true);
	assert_true(a.closed);
	assert_int_equal(a.len, 0);
	assert_int_equal(f.left, 0); /* it was ended by us */
	close(fd);
	stop(&f);
}

static void what_was_written_before_the_end_still_arrives(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	fd = start_held(&f);
	assert_int_equal(write(f.tell[1], "we", 2), 2);
	raw_read(fd, &a, 5000, true);
	assert_string_equal(a.text, "piece\n");
	assert_true(a.closed);
	close(fd);
	for (int i = 0; i < 2; i++)
		assert_int_equal(read(f.done[0], a.text, 1), 1);
	stop(&f);
}

static void a_stream_that_nobody_reads_is_closed(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	fd = start_held(&f);
	for (int i = 0; i < 5000 && f.closed == 0; i++)
		tell(&f, 'f');
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.left, 0);
	stop_closed(&f, fd);
}

/* Other readers do not notice it. */
static void a_slow_reader_holds_nobody_up(void **state)
{
	struct fixture f;
	int slow, quick;
	char got[8192];

	(void)state;
	start(&f, 0, 0);
	slow = ask(&f, "/stream");
	quick = ask(&f, "/stream");
	assert_true(comes(slow, "first\n"));
	assert_true(comes(quick, "first\n"));
	for (int i = 0; i < 5000 && f.closed == 0; i++) {
		tell(&f, 'f');
		for (size_t n = 0; n < 4096;) {
			ssize_t more = recv(quick, got, sizeof(got), 0);

			assert_true(more > 0);
			n += (size_t)more;
		}
	}
	assert_int_equal(f.closed, 1);
	tell(&f, 'w');
	assert_true(comes(quick, "piece\n"));
	assert_true(is_closed(slow));
	close(slow);
	close(quick);
	until(&f, &f.left, 1);
	stop(&f);
}

static void a_silent_stream_gets_signs_of_life(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	start(&f, 0, 50);
	fd = ask(&f, "/stream");
	for (int i = 0; i < 3; i++)
		assert_true(comes(fd, ":\n"));
	tell(&f, 'e');
	close(fd);
	stop(&f);
	assert_in_range(f.beats, 3, INT32_MAX);
}

static void a_sign_of_life_may_end_the_stream(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	start(&f, 0, 50);
	f.end_at_beat = true;
	fd = ask(&f, "/stream");
	stop_closed(&f, fd);
	assert_int_equal(f.beats, 1);
}

static void a_client_that_leaves_is_noticed(void **state)
{
	struct fixture f;
	struct linger reset = {.l_onoff = 1};
	int fd[4];

	(void)state;
	start(&f, 0, 0);
	for (int i = 0; i < 4; i++)
		fd[i] = ask(&f, i < 2 ? "/stream" : "/park");
	assert_true(comes(fd[0], "first\n"));
	assert_true(comes(fd[1], "first\n"));
	for (int i = 0; i < 500 && f.count < 4; i++)
		tell(&f, '.');
	assert_int_equal(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	assert_int_equal(setsockopt(fd[3], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	until(&f, &f.left, 4);
	assert_int_equal(f.count, 0);
	assert_int_equal(http_server_connections(f.server), 0);
	assert_int_equal(http_server_streams(f.server), 0);
	stop(&f);
}

static void nothing_may_be_asked_on_a_stream(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	fd = start_held(&f);
	raw_text(fd, "G");
	assert_true(is_closed(fd));
	close(fd);
	until(&f, &f.left, 1);
	stop(&f);
}

/* ---- parked calls ---- */

static void a_parked_call_is_answered_later_and_its_connection_goes_on(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd;

	(void)state;
	start(&f, 0, 0);
	fd = ask(&f, "/park");
	for (int round = 0; round < 3; round++) {
		raw_read(fd, &a, 50, false);
		assert_int_equal(a.len, 0);
		tell(&f, 'a');
		raw_read(fd, &a, 5000, false);
		assert_string_equal(a.body, "late");
		raw_text(fd, "GET /park HTTP/1.1\r\n" HOST "\r\n");
		for (int i = 0; i < 500 && f.count < 1; i++)
			tell(&f, '.');
	}
	close(fd);
	until(&f, &f.left, 1);
	stop(&f);
}

/* ---- room ---- */

/* 17 places: one for each 16 is kept, and one more. */
static void streams_leave_room_for_requests_and_never_give_way(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int fd[15], over, plain_fd;

	(void)state;
	start(&f, 17, 0);
	for (int i = 0; i < 15; i++) {
		fd[i] = ask(&f, i % 2 ? "/park" : "/stream");
		for (int k = 0; k < 500 && f.count < (size_t)i + 1; k++)
			tell(&f, '.');
		assert_int_equal(f.count, i + 1);
	}
	over = ask(&f, "/stream");
	raw_read(over, &a, 5000, false);
	assert_int_equal(a.status, 503);
	/* an idle one gives way, again and again; no stream does */
	for (int i = 0; i < 40; i++) {
		plain_fd = ask(&f, "/plain");
		raw_read(plain_fd, &a, 5000, false);
		assert_int_equal(a.status, 200);
		if (i % 2)
			close(plain_fd);
	}
	assert_int_equal(f.left, 0);
	assert_int_equal(f.count, 15);
	for (int i = 0; i < 15; i++)
		close(fd[i]);
	until(&f, &f.left, 15);
	close(over);
	stop(&f);
}

static void a_server_that_stops_holds_nothing_and_begins_nothing(void **state)
{
	struct fixture f;
	struct raw_answer a;
	int stream, park, plain_fd;

	(void)state;
	start(&f, 0, 0);
	stream = ask(&f, "/stream");
	park = ask(&f, "/park");
	plain_fd = raw_connect(f.port);
	raw_text(plain_fd, "GET /stream HTTP/1.1\r\n");
	assert_true(comes(stream, "first\n"));
	for (int i = 0; i < 500 && f.count < 2; i++)
		tell(&f, '.');
	tell(&f, 'd');
	assert_int_equal(f.left, 2);
	assert_true(is_closed(stream));
	assert_true(is_closed(park));
	raw_text(plain_fd, HOST "\r\n");
	raw_read(plain_fd, &a, 5000, true);
	assert_true(a.status == 503 || a.status == 0);
	close(stream);
	close(park);
	close(plain_fd);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_tells_no_length_and_gives_each_piece_at_once),
		cmocka_unit_test(what_was_written_before_the_end_still_arrives),
		cmocka_unit_test(a_stream_that_nobody_reads_is_closed),
		cmocka_unit_test(a_slow_reader_holds_nobody_up),
		cmocka_unit_test(a_silent_stream_gets_signs_of_life),
		cmocka_unit_test(a_sign_of_life_may_end_the_stream),
		cmocka_unit_test(a_client_that_leaves_is_noticed),
		cmocka_unit_test(nothing_may_be_asked_on_a_stream),
		cmocka_unit_test(a_parked_call_is_answered_later_and_its_connection_goes_on),
		cmocka_unit_test(streams_leave_room_for_requests_and_never_give_way),
		cmocka_unit_test(a_server_that_stops_holds_nothing_and_begins_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
