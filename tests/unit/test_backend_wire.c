/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a TLS connection that do not come or go as one would like: answers that the client reads
 * slowly, requests in one record or in many, new keys, a request right behind the handshake.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>

#include "backend/http.h"
#include "backend/http_wire.h"
#include "tests/lib/http_hooks.h"
#include "tests/lib/tls_client.h"

#define LARGE ((size_t)8 << 20) /* more than the system holds for a connection */
#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

static const struct tls_how TILL = {"till", TLS1_2_VERSION, 0};

static struct {
	struct tls_authority ca;
	struct event_base *base;
	struct http_server *server;
	struct event *quit;
	pthread_t thread;
	int pipe[2], port;
	uint8_t large[LARGE];
} world;

static uint8_t large_byte(size_t at)
{
	return (uint8_t)('a' + (at + at / 251) % 26);
}

/* /large, /lasting (the same, lent), or what came as a body, or the path. */
static void on_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	struct http_answer a = {.status = 200, .content_type = "text/plain"};

	(void)ctx;
	a.body = body.len ? body : head->target;
	a.lasting = span_equal(head->target, span_text("/lasting"));
	if (a.lasting || span_equal(head->target, span_text("/large")))
		a.body = SPAN(world.large, LARGE);
	http_answer_send(call, &a);
}

static void on_quit(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(base);
}

static void *run(void *base)
{
	(void)event_base_dispatch(base);
	return NULL;
}

/* ---- what the client does ---- */

static void say(struct tls_client *c, const char *text)
{
	assert_int_equal(SSL_write(c->ssl, text, (int)strlen(text)), (int)strlen(text));
}

/* Head of one answer, byte by byte, so that nothing of its body is taken. */
static size_t body_len(struct tls_client *c)
{
	char head[1024] = "";
	size_t len = 0;
	const char *length;

	while (!strstr(head, "\r\n\r\n")) {
		assert_true(len < sizeof(head) - 1);
		assert_int_equal(SSL_read(c->ssl, head + len, 1), 1);
		len++;
	}
	assert_int_equal(strncmp(head, "HTTP/1.1 200 ", 13), 0);
	length = strstr(head, "Content-Length: ");
	assert_non_null(length);
	return strtoul(length + 16, NULL, 10);
}

static void expect(struct tls_client *c, const char *body)
{
	char text[256];
	size_t need = body_len(c), have = 0;

	assert_int_equal(need, strlen(body));
	for (int n = 1; have < need; have += (size_t)n) {
		n = SSL_read(c->ssl, text + have, (int)(need - have));
		assert_true(n > 0);
	}
	assert_memory_equal(text, body, need);
}

static void begin(struct tls_client *c)
{
	if (!tls_connect(c, world.port, &TILL))
		fail_msg("%s", c->fault);
}

/* ---- tests ---- */

static void an_answer_that_has_to_wait_arrives_whole(void **state)
{
	static uint8_t part[5000];
	struct tls_client c;
	int small = 262144;
	size_t have = 0;

	(void)state;
	begin(&c);
	assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (int turn = 0; turn < 2; turn++) {
		say(&c, turn ? GET("/lasting") : GET("/large"));
		assert_int_equal(body_len(&c), LARGE);
		for (have = 0; have < LARGE;) {
			int n = SSL_read(c.ssl, part, sizeof(part));

			assert_true(n > 0);
			assert_memory_equal(part, world.large + have, (size_t)n);
			have += (size_t)n;
		}
		say(&c, GET("/after"));
		expect(&c, "/after");
	}
	tls_end(&c);
}

/* More than fits into the room for one reading, in few records. */
static void many_requests_at_once_are_answered_in_turn(void **state)
{
	static char text[64 * 1024];
	struct tls_client c;
	char path[32];
	size_t len = 0;
	unsigned count = 0;

	(void)state;
	while (len < sizeof(text) - 128)
		len += (size_t)snprintf(text + len, 128,
			"GET /n/%u HTTP/1.1\r\nHost: localhost\r\n\r\n", count++);
	begin(&c);
	say(&c, text);
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "/n/%u", i);
		expect(&c, path);
	}
	tls_end(&c);
}

static void a_request_in_many_records_is_one(void **state)
{
	static const char text[] = "POST /x HTTP/1.1\r\nHost: localhost\r\n"
				   "Content-Length: 10\r\n\r\n0123456789" GET("/next");
	struct tls_client c;

	(void)state;
	begin(&c);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(SSL_write(c.ssl, text + i, 1), 1);
	expect(&c, "0123456789");
	expect(&c, "/next");
	tls_end(&c);
}

static void new_keys_change_nothing(void **state)
{
	struct tls_client c;

	(void)state;
	begin(&c);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		say(&c, GET("/again"));
		expect(&c, "/again");
	}
	tls_end(&c);
}

/* Sent before anything is read, so that one turn of the loop finds them all. */
static bool is_answered_after(int changes)
{
	struct tls_client c;
	struct raw_answer a;
	BIO *out = BIO_new(BIO_s_mem());
	const char *text;
	long len;
	bool good;

	begin(&c);
	SSL_set0_wbio(c.ssl, out);
	for (int i = 0; i < changes; i++) {
		assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(c.ssl), 1);
	}
	say(&c, GET("/after"));
	len = BIO_get_mem_data(out, &text);
	raw_send(c.fd, text, (size_t)len);
	SSL_set_fd(c.ssl, c.fd);
	good = tls_ask(&c, &a, GET("/then")) && a.status == 200;
	tls_end(&c);
	return good;
}

static void new_keys_without_end_are_the_end(void **state)
{
	(void)state;
	assert_true(is_answered_after(HTTP_WIRE_ASIDES_MAX));
	assert_false(is_answered_after(HTTP_WIRE_ASIDES_MAX + 1));
	assert_false(is_answered_after(5000));
}

/* A side that is shut, with TLS's own word or without, may still read: while it waits for us. */
static void a_client_that_says_no_more_is_still_answered(void **state)
{
	static uint8_t got[LARGE];

	(void)state;
	for (int word = 0; word < 4; word++) {
		struct tls_client c;
		size_t have = 0;

		begin(&c);
		say(&c, word < 2 ? GET("/large") : GET("/lasting"));
		if (word & 1)
			assert_int_equal(SSL_shutdown(c.ssl), 0);
		assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
		assert_int_equal(body_len(&c), LARGE);
		for (int n = 1; have < LARGE && n > 0; have += n > 0 ? (size_t)n : 0)
			n = SSL_read(c.ssl, got + have, (int)(LARGE - have));
		assert_int_equal(have, LARGE);
		assert_memory_equal(got, world.large, LARGE);
		tls_end(&c);
	}
}

/* One way through memory: what is written in between leaves in one piece. */
static void hand_over(struct tls_client *c, BIO *out)
{
	char text[16384];
	int n = BIO_read(out, text, sizeof(text));

	if (n > 0)
		assert_int_equal(send(c->fd, text, (size_t)n, MSG_NOSIGNAL), n);
}

/* The server reads it with the last words of the handshake, and no socket tells of it again. */
static void a_request_right_behind_the_handshake_is_seen(void **state)
{
	struct tls_client c;
	BIO *out = BIO_new(BIO_s_mem()), *in;
	char text[16384];
	ssize_t n;

	(void)state;
	tls_begin(&c, world.port, &TILL);
	in = BIO_new(BIO_s_mem());
	SSL_set_bio(c.ssl, in, out);
	SSL_set_connect_state(c.ssl);
	while (SSL_do_handshake(c.ssl) != 1) {
		hand_over(&c, out);
		n = recv(c.fd, text, sizeof(text), 0);
		assert_true(n > 0);
		assert_int_equal(BIO_write(in, text, (int)n), (int)n);
	}
	say(&c, GET("/early"));
	hand_over(&c, out);
	SSL_set_fd(c.ssl, c.fd);
	expect(&c, "/early");
	tls_end(&c);
}

static int set_up(void **state)
{
	struct http_handler handler = {
		.head = http_hook_head, .request = on_request, .gone = http_hook_gone,
		.refuse = http_hook_refuse};
	struct http_tls_files files;
	struct http_options opt = {.address = "127.0.0.1", .tls = &files};
	struct err err = {0};
	uint8_t spki[SEC_SPKI_LEN];

	(void)signal(SIGPIPE, SIG_IGN);
	if (sec_start(&err) || folder_set_up(state))
		return -1;
	tls_authority_new(&world.ca, "ca.pem");
	tls_certificate(&world.ca, "server", SEC_CERT_SERVER, 0, TLS_DAY, spki);
	tls_certificate(&world.ca, "till", SEC_CERT_CLIENT, 0, TLS_DAY, spki);
	for (size_t i = 0; i < LARGE; i++)
		world.large[i] = large_byte(i);
	files = (struct http_tls_files){
		in_folder("server.pem"), in_folder("server.key"), in_folder("ca.pem")};
	world.base = event_base_new();
	if (pipe(world.pipe))
		return -1;
	world.quit = event_new(world.base, world.pipe[0], EV_READ, on_quit, world.base);
	if (event_add(world.quit, NULL))
		return -1;
	tls_must(http_server_new(&world.server, world.base, &opt, &handler, &err), &err);
	world.port = http_server_port(world.server);
	return pthread_create(&world.thread, NULL, run, world.base);
}

static int tear_down(void **state)
{
	if (write(world.pipe[1], "q", 1) != 1 || pthread_join(world.thread, NULL))
		return -1;
	http_server_free(&world.server);
	event_free(world.quit);
	event_base_free(world.base);
	close(world.pipe[0]);
	close(world.pipe[1]);
	tls_authority_free(&world.ca);
	sec_stop();
	return folder_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_has_to_wait_arrives_whole),
		cmocka_unit_test(many_requests_at_once_are_answered_in_turn),
		cmocka_unit_test(a_request_in_many_records_is_one),
		cmocka_unit_test(new_keys_change_nothing),
		cmocka_unit_test(new_keys_without_end_are_the_end),
		cmocka_unit_test(a_client_that_says_no_more_is_still_answered),
		cmocka_unit_test(a_request_right_behind_the_handshake_is_seen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
