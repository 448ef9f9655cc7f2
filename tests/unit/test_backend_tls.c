/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS in the HTTP server: who a client is, which clients never get as far, what a slow one costs.
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
#include <sys/resource.h>

#include "backend/http.h"
#include "base/file.h"
#include "tests/lib/tls_client.h"

#define GET "GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n"

static struct {
	struct tls_authority ca, foreign;
	uint8_t till[SEC_SPKI_LEN];
} world;

struct fixture {
	struct event_base *base;
	struct http_server *server;
	struct event *quit, *reload;
	pthread_t thread;
	int pipe[2], reload_pipe[2], reloaded[2];
	int port;
};

/* The answer is who the client is. */
static void fixture_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	static char much[3001];
	char text[2 * SEC_SPKI_LEN + 1] = "nobody";
	struct http_answer a = {.status = 200, .content_type = "text/plain"};

	(void)ctx;
	(void)body;
	assert_true(head->tls);
	if (head->peer_key)
		hex_encode(text, SPAN(head->peer_key, SEC_SPKI_LEN));
	memset(much, 'm', sizeof(much) - 1);
	a.body = span_text(span_equal(head->target, span_text("/much")) ? much : text);
	http_answer_send(call, &a);
}

static bool fixture_head(void *ctx, struct http_answer *refusal, const struct http_head *head)
{
	(void)ctx;
	(void)refusal;
	(void)head;
	return true;
}

static void fixture_gone(void *ctx, struct http_call *call)
{
	(void)ctx;
	(void)call;
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

static void fixture_reload(evutil_socket_t fd, short what, void *arg)
{
	struct fixture *f = arg;
	struct err err = {0};
	char byte;

	(void)what;
	assert_int_equal(read(fd, &byte, 1), 1);
	byte = (char)http_server_tls_reload(f->server, &err);
	assert_int_equal(write(f->reloaded[1], &byte, 1), 1);
}

static void *fixture_run(void *arg)
{
	struct fixture *f = arg;

	(void)event_base_dispatch(f->base);
	return NULL;
}

static void fixture_start(struct fixture *f, int handshake_ms)
{
	struct http_handler handler = {.ctx = f,
		.head = fixture_head,
		.request = fixture_request,
		.gone = fixture_gone,
		.refuse = fixture_refuse};
	struct http_tls_files files = {
		in_folder("server.pem"), in_folder("server.key"), in_folder("ca.pem")};
	struct http_options opt = {
		.address = "127.0.0.1", .tls = &files, .handshake_ms = handshake_ms};
	struct err err = {0};

	memset(f, 0, sizeof(*f));
	f->base = event_base_new();
	assert_int_equal(pipe(f->pipe), 0);
	assert_int_equal(pipe(f->reload_pipe), 0);
	assert_int_equal(pipe(f->reloaded), 0);
	f->quit = event_new(f->base, f->pipe[0], EV_READ, fixture_quit, f->base);
	f->reload = event_new(f->base, f->reload_pipe[0], EV_READ | EV_PERSIST, fixture_reload, f);
	assert_int_equal(event_add(f->quit, NULL), 0);
	assert_int_equal(event_add(f->reload, NULL), 0);
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
	event_free(f->quit);
	event_free(f->reload);
	event_base_free(f->base);
	for (int i = 0; i < 2; i++) {
		close(f->pipe[i]);
		close(f->reload_pipe[i]);
		close(f->reloaded[i]);
	}
}

static enum err_code reload(struct fixture *f)
{
	char byte = 'r';

	assert_int_equal(write(f->reload_pipe[1], &byte, 1), 1);
	assert_int_equal(read(f->reloaded[0], &byte, 1), 1);
	return (enum err_code)byte;
}

static int who_is(
	struct fixture *f, struct raw_answer *a, const struct tls_how *how, char fault[256])
{
	struct tls_client c;
	bool fine = tls_connect(&c, f->port, how) && tls_ask(&c, a, GET);

	if (fault)
		memcpy(fault, c.fault, 256);
	tls_end(&c);
	return fine ? a->status : 0;
}

/* ---- who a client is ---- */

static void a_terminal_is_known_by_its_key(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct fixture f;
	struct raw_answer a;
	char till[2 * SEC_SPKI_LEN + 1];

	(void)state;
	hex_encode(till, SPAN(world.till, SEC_SPKI_LEN));
	fixture_start(&f, 0);
	for (int i = 0; i < 2; i++) {
		struct tls_how how = {"till", versions[i], versions[i]};

		for (int k = 0; k < 3; k++) {
			tls_offers = k == 1 ? "\10http/1.1" : k == 2 ? "\2h3\3h2x\1h\4http" : NULL;
			assert_int_equal(who_is(&f, &a, &how, NULL), 200);
			assert_string_equal(a.body, till);
		}
		for (int k = 0; k < 2; k++) { /* a browser is not asked: it may show a dialog */
			tls_offers = k ? "\2h2\10http/1.1" : "\10http/1.1\2h2";
			assert_int_equal(who_is(&f, &a, &how, NULL), 200);
			assert_string_equal(a.body, "nobody");
		}
		how.name = tls_offers = NULL; /* a wallet has none */
		assert_int_equal(who_is(&f, &a, &how, NULL), 200);
		assert_string_equal(a.body, "nobody");
	}
	fixture_stop(&f);
}

static void bad_certificates_end_the_handshake(void **state)
{
	static const struct {
		const char *name, *fault;
	} BAD[] = {
		{"foreign", "alert unknown ca"},
		{"expired", "alert certificate expired"},
		{"early", "alert bad certificate"},
		{"server", "alert unsupported certificate"},
		{"itself", "alert unknown ca"},
	};
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct fixture f;
	struct raw_answer a;
	char fault[256];

	(void)state;
	fixture_start(&f, 0);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		for (int v = 0; v < 2; v++) {
			struct tls_how how = {BAD[i].name, versions[v], versions[v]};

			assert_int_equal(who_is(&f, &a, &how, fault), 0);
			if (!strstr(fault, BAD[i].fault))
				fail_msg("%s: %s", BAD[i].name, fault);
		}
	fixture_stop(&f);
}

/* A certificate whose key the client does not have: it shows another's and signs with its own. */
static void a_certificate_without_its_key_is_nothing(void **state)
{
	struct fixture f;
	struct tls_client c;
	struct raw_answer a;
	struct tls_how how = {NULL, 0, 0};

	(void)state;
	fixture_start(&f, 0);
	tls_begin(&c, f.port, &how);
	assert_int_equal(
		SSL_use_certificate_file(c.ssl, in_folder("till.pem"), SSL_FILETYPE_PEM), 1);
	/* OpenSSL refuses to pair them; the client then sends none */
	assert_int_not_equal(
		SSL_use_PrivateKey_file(c.ssl, in_folder("expired.key"), SSL_FILETYPE_PEM), 1);
	ERR_clear_error();
	if (SSL_connect(c.ssl) == 1 && tls_ask(&c, &a, GET))
		assert_string_equal(a.body, "nobody");
	tls_end(&c);
	fixture_stop(&f);
}

static void old_versions_are_refused(void **state)
{
	static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
	struct fixture f;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(who_is(&f, &a,
					 &(struct tls_how){"till", versions[i], versions[i]}, NULL),
			0);
	fixture_stop(&f);
}

static void plain_http_is_told_what_the_port_speaks(void **state)
{
	struct fixture f;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0);
	raw_once(f.port, &a, GET, strlen(GET));
	assert_int_equal(a.status, 400);
	assert_non_null(strstr(a.body, "https"));
	raw_once(f.port, &a, "\0nonsense", 9);
	assert_int_equal(a.status, 400);
	raw_once(f.port, &a, "\x16\x03\x01\x00\x05nonsense", 13);
	assert_int_equal(a.status, 0);
	assert_true(a.closed);
	fixture_stop(&f);
}

static void nobody_negotiates_again(void **state)
{
	struct fixture f;
	struct tls_client c;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0);
	assert_true(tls_connect(
		&c, f.port, &(struct tls_how){"till", TLS1_2_VERSION, TLS1_2_VERSION}));
	assert_true(tls_ask(&c, &a, GET));
	assert_int_equal(SSL_renegotiate(c.ssl), 1);
	assert_false(SSL_do_handshake(c.ssl) == 1 && tls_ask(&c, &a, GET));
	tls_end(&c);
	fixture_stop(&f);
}

/* ---- answers ---- */

static void an_answer_is_one_record(void **state)
{
	struct fixture f;
	struct tls_client c;
	struct raw_answer a;

	(void)state;
	fixture_start(&f, 0);
	assert_true(tls_connect(&c, f.port, &(struct tls_how){"till", 0, 0}));
	for (int i = 1; i <= 5; i++) {
		assert_true(tls_ask(&c, &a,
			i % 2 ? GET : "GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n"));
		assert_int_equal(c.records, i); /* and no ticket before the first */
	}
	tls_end(&c);
	fixture_stop(&f);
}

static void the_last_answer_ends_with_tls_own_word(void **state)
{
	struct fixture f;
	struct tls_client c;
	struct raw_answer a;
	char byte;

	(void)state;
	fixture_start(&f, 0);
	assert_true(tls_connect(&c, f.port, &(struct tls_how){"till", 0, 0}));
	assert_true(tls_ask(&c, &a,
		"GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
	assert_int_equal(SSL_read(c.ssl, &byte, 1), 0);
	assert_int_equal(SSL_get_error(c.ssl, 0), SSL_ERROR_ZERO_RETURN);
	tls_end(&c);
	assert_true(tls_connect(&c, f.port, &(struct tls_how){"till", 0, 0}));
	assert_true(tls_ask(&c, &a, "nonsense\r\n\r\n"));
	assert_int_equal(a.status, 400);
	assert_null(strstr(a.body, "plain"));
	tls_end(&c);
	fixture_stop(&f);
}

/* One that is open when the certificate's time is over is worth nothing more either. */
static void a_connection_ends_with_its_certificate(void **state)
{
	uint8_t spki[SEC_SPKI_LEN];
	struct fixture f;
	struct tls_client c;
	struct raw_answer a;
	int64_t until = raw_now_ms() + 10000;
	bool open;

	(void)state;
	tls_certificate(&world.ca, "short", SEC_CERT_CLIENT, 0, 3, spki);
	fixture_start(&f, 0);
	assert_true(tls_connect(&c, f.port, &(struct tls_how){"short", 0, 0}));
	assert_true(tls_ask(&c, &a, GET));
	do {
		struct timespec pause = {.tv_nsec = 100000000};

		(void)nanosleep(&pause, NULL);
		open = tls_ask(&c, &a, GET);
	} while (open && raw_now_ms() < until);
	assert_false(open);
	assert_int_equal(a.status, 0);
	tls_end(&c);
	fixture_stop(&f);
}

/* ---- slow and half-open clients ---- */

static bool ends(int fd, int timeout_ms)
{
	struct raw_answer a;

	raw_read(fd, &a, timeout_ms, true);
	return a.closed && a.status == 0;
}

static void a_handshake_has_an_absolute_deadline(void **state)
{
	/* the head of a record that never becomes whole */
	static const char part[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
	struct fixture f;
	int silent, drip;

	(void)state;
	fixture_start(&f, 300);
	silent = raw_connect(f.port);
	drip = raw_connect(f.port);
	for (int i = 0; i < 40; i++) { /* long after the deadline */
		ssize_t n = send(drip, part + i % 11, i < 11, MSG_NOSIGNAL);
		struct pollfd p = {.fd = drip, .events = POLLIN};

		if (n < 0 || (poll(&p, 1, 50) > 0 && recv(drip, &(char){0}, 1, 0) <= 0)) {
			shutdown(drip, SHUT_RDWR);
			break;
		}
		assert_true(i < 39);
	}
	assert_true(ends(silent, 5000));
	close(silent);
	close(drip);
	fixture_stop(&f);
}

static void dawdlers_give_way(void **state)
{
	static int fds[HTTP_HANDSHAKES_MAX + 50];
	struct fixture f;
	struct raw_answer a;
	struct rlimit limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur < 2 * HTTP_HANDSHAKES_MAX + 300)
		skip();
	fixture_start(&f, 60000);
	for (int i = 0; i < HTTP_HANDSHAKES_MAX + 50; i++) {
		fds[i] = raw_connect(f.port);
		raw_send(fds[i], "\x16\x03\x01", i % 2 ? 3 : 0);
	}
	assert_int_equal(who_is(&f, &a, &(struct tls_how){"till", 0, 0}, NULL), 200);
	for (int i = 0; i < HTTP_HANDSHAKES_MAX + 50; i++)
		close(fds[i]);
	fixture_stop(&f);
}

/* ---- certificates of the server ---- */

static void copy(const char *from, const char *to, unsigned mode)
{
	char storage[SEC_PEM_MAX];
	struct bytes text;
	struct err err = {0};

	bytes_init_fixed(&text, storage, sizeof(storage));
	tls_must(file_read(&text, in_folder(from), false, &err), &err);
	tls_must(file_replace(in_folder(to), bytes_span(&text), mode, &err), &err);
}

static void new_certificates_are_for_new_connections(void **state)
{
	struct fixture f;
	struct tls_client old;
	struct raw_answer a;
	struct tls_how how = {"till", 0, 0};

	(void)state;
	copy("server.pem", "kept.pem", 0644);
	copy("server.key", "kept.key", 0600);
	fixture_start(&f, 0);
	assert_true(tls_connect(&old, f.port, &how));
	/* one of another authority, which the client does not trust */
	copy("elsewhere.pem", "server.pem", 0644);
	assert_int_equal(reload(&f), ERR_FORMAT); /* the key is still the old one */
	assert_int_equal(who_is(&f, &a, &how, NULL), 200);
	copy("elsewhere.key", "server.key", 0600);
	assert_int_equal(reload(&f), ERR_OK);
	assert_int_equal(who_is(&f, &a, &how, NULL), 0);
	assert_true(tls_ask(&old, &a, GET));
	copy("kept.pem", "server.pem", 0644);
	copy("kept.key", "server.key", 0600);
	assert_int_equal(reload(&f), ERR_OK);
	assert_int_equal(who_is(&f, &a, &how, NULL), 200);
	assert_true(tls_ask(&old, &a, GET));
	tls_end(&old);
	fixture_stop(&f);
}

static void refuses_files_that_do_not_fit(void **state)
{
	static const struct {
		const char *certificate, *key, *ca;
		enum err_code code;
	} BAD[] = {
		{"server.pem", "till.key", "ca.pem", ERR_FORMAT},
		{"server.key", "server.key", "ca.pem", ERR_FORMAT},
		{"server.pem", "open.key", "ca.pem", ERR_PERMISSION},
		{"server.pem", "none", "ca.pem", ERR_NOT_FOUND},
		{"none", "server.key", "ca.pem", ERR_FORMAT},
		{"server.pem", "server.key", "none", ERR_NOT_FOUND},
		{"server.pem", "server.key", "server.key", ERR_FORMAT},
	};
	struct http_handler handler = {.head = fixture_head};
	struct event_base *base = event_base_new();

	(void)state;
	copy("server.key", "open.key", 0644);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct http_tls_files files = {in_folder(BAD[i].certificate),
			in_folder(BAD[i].key), in_folder(BAD[i].ca)};
		struct http_options opt = {.address = "0.0.0.0", .tls = &files};
		struct http_server *s = NULL;
		struct err err = {0};

		assert_int_equal(http_server_new(&s, base, &opt, &handler, &err), BAD[i].code);
		assert_null(s);
		assert_int_not_equal(err.text[0], '\0');
	}
	event_base_free(base);
}

static void listens_beyond_loopback_only_with_tls(void **state)
{
	struct http_handler handler = {.head = fixture_head};
	struct event_base *base = event_base_new();
	struct http_tls_files files = {
		in_folder("server.pem"), in_folder("server.key"), in_folder("ca.pem")};
	struct http_options opt = {.address = "0.0.0.0"};
	struct http_server *s = NULL;
	struct err err = {0};

	(void)state;
	assert_int_equal(http_server_new(&s, base, &opt, &handler, &err), ERR_PERMISSION);
	assert_null(s);
	assert_non_null(strstr(err.text, "TLS"));
	assert_int_equal(http_server_new(&s, base,
				 &(struct http_options){.address = "127.0.0.2"}, &handler, &err),
		ERR_PERMISSION);
	opt.tls = &files;
	opt.address = "nowhere";
	assert_int_equal(http_server_new(&s, base, &opt, &handler, &err), ERR_INVALID);
	opt.address = "0.0.0.0";
	assert_int_equal(http_server_new(&s, base, &opt, &handler, &err), ERR_OK);
	http_server_free(&s);
	event_base_free(base);
}

static int set_up(void **state)
{
	struct err err = {0};
	uint8_t spki[SEC_SPKI_LEN];
	struct tls_authority *ca = &world.ca;

	(void)signal(SIGPIPE, SIG_IGN);
	if (sec_start(&err) || folder_set_up(state))
		return -1;
	tls_authority_new(ca, "ca.pem");
	tls_authority_new(&world.foreign, "foreign-ca.pem");
	tls_certificate(ca, "server", SEC_CERT_SERVER, 0, TLS_DAY, spki);
	tls_certificate(ca, "till", SEC_CERT_CLIENT, 0, TLS_DAY, world.till);
	tls_certificate(ca, "expired", SEC_CERT_CLIENT, -3 * TLS_DAY, TLS_DAY, spki);
	tls_certificate(ca, "early", SEC_CERT_CLIENT, 3 * TLS_DAY, TLS_DAY, spki);
	tls_certificate(&world.foreign, "foreign", SEC_CERT_CLIENT, 0, TLS_DAY, spki);
	tls_certificate(&world.foreign, "elsewhere", SEC_CERT_SERVER, 0, TLS_DAY, spki);
	tls_must(sec_cert_write(world.foreign.cert, in_folder("itself.pem"), &err), &err);
	tls_must(sec_key_write(world.foreign.key, in_folder("itself.key"), &err), &err);
	return 0;
}

static int tear_down(void **state)
{
	tls_authority_free(&world.ca);
	tls_authority_free(&world.foreign);
	sec_stop();
	return folder_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_is_known_by_its_key),
		cmocka_unit_test(bad_certificates_end_the_handshake),
		cmocka_unit_test(a_certificate_without_its_key_is_nothing),
		cmocka_unit_test(old_versions_are_refused),
		cmocka_unit_test(plain_http_is_told_what_the_port_speaks),
		cmocka_unit_test(nobody_negotiates_again),
		cmocka_unit_test(an_answer_is_one_record),
		cmocka_unit_test(the_last_answer_ends_with_tls_own_word),
		cmocka_unit_test(a_connection_ends_with_its_certificate),
		cmocka_unit_test(a_handshake_has_an_absolute_deadline),
		cmocka_unit_test(dawdlers_give_way),
		cmocka_unit_test(new_certificates_are_for_new_connections),
		cmocka_unit_test(refuses_files_that_do_not_fit),
		cmocka_unit_test(listens_beyond_loopback_only_with_tls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
