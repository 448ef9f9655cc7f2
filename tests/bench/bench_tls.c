/* SPDX-License-Identifier: Apache-2.0
 *
 * What TLS costs in the HTTP server: processor time of a full mutual handshake over a socket
 * against what OpenSSL alone takes in memory, and resident memory of an idle terminal. The server
 * is a process of its own, so that only its side counts. One line of JSON.
 */
#include <event2/event.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "backend/http.h"
#include "tests/bench/measure.h"
#include "tests/lib/http_hooks.h"
#include "tests/lib/tls_client.h"

#define HANDSHAKES   1600
#define CLIENTS      8
#define IDLE_CLIENTS 1000
#define IN_MEMORY    500

static const struct tls_how TILL = {"till", TLS1_3_VERSION, TLS1_3_VERSION};

/* ---- the server ---- */

static void on_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	struct http_answer a = {.status = 200, .content_type = "text/plain"};

	(void)ctx;
	(void)body;
	a.body = span_text(head->peer_key ? "a terminal" : "nobody");
	http_answer_send(call, &a);
}

static void on_term(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(base);
}

_Noreturn static void serve(int port_pipe)
{
	struct event_base *base = event_base_new();
	struct http_handler handler = {
		.head = http_hook_head, .request = on_request, .gone = http_hook_gone,
		.refuse = http_hook_refuse};
	struct http_tls_files files = {
		in_folder("server.pem"), in_folder("server.key"), in_folder("ca.pem")};
	struct http_options opt = {.address = "127.0.0.1", .tls = &files};
	struct http_server *s = NULL;
	struct event *term = evsignal_new(base, SIGTERM, on_term, base);
	struct err err = {0};
	int port;

	tls_must(http_server_new(&s, base, &opt, &handler, &err), &err);
	port = http_server_port(s);
	(void)event_add(term, NULL);
	if (write(port_pipe, &port, sizeof(port)) != sizeof(port))
		_exit(1);
	(void)event_base_dispatch(base);
	_exit(0);
}

struct child {
	pid_t pid;
	int port;
};

static struct child start(void)
{
	struct child c = {0};
	int ends[2];

	if (pipe(ends) || (c.pid = fork()) < 0)
		abort();
	if (c.pid == 0)
		serve(ends[1]);
	if (read(ends[0], &c.port, sizeof(c.port)) != sizeof(c.port))
		abort();
	close(ends[0]);
	close(ends[1]);
	return c;
}

/* Seconds of processor time that it used in its life. */
static double stop(const struct child *c)
{
	struct rusage used;
	int status;

	(void)kill(c->pid, SIGTERM);
	if (wait4(c->pid, &status, 0, &used) != c->pid || status)
		abort();
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* ---- the three figures ---- */

static void once(struct tls_client *c, int port)
{
	struct raw_answer a;

	if (!tls_connect(c, port, &TILL) ||
		!tls_ask(c, &a, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") ||
		strcmp(a.body, "a terminal") != 0)
		abort();
}

static void connect_again_and_again(int port)
{
	for (int i = 0; i < HANDSHAKES / CLIENTS; i++) {
		struct tls_client till;

		if (!tls_connect(&till, port, &TILL))
			abort();
		tls_end(&till);
	}
}

/* Several at once: a server that sleeps between two of them pays for waking up. */
static double over_sockets(void)
{
	struct child none = start();
	double base = stop(&none);
	struct child c = start();
	pid_t clients[CLIENTS];
	int status;

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		if (clients[i] == 0) {
			connect_again_and_again(c.port);
			_exit(0);
		}
	}
	for (int i = 0; i < CLIENTS; i++)
		if (waitpid(clients[i], &status, 0) != clients[i] || status)
			abort();
	return (stop(&c) - base) / HANDSHAKES;
}

/* The same contexts as over sockets, with two pipes of bytes between them. */
static double in_memory(void)
{
	SSL_CTX *server = SSL_CTX_new(TLS_server_method());
	struct tls_client shape;
	double used = 0;
	int listener_port;
	struct child c = start(); /* only for a client's context that is made as the others */

	listener_port = c.port;
	tls_begin(&shape, listener_port, &TILL);
	(void)SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_num_tickets(server, 0);
	(void)SSL_CTX_set_mode(server, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(server, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_use_certificate_file(server, in_folder("server.pem"), SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_PrivateKey_file(server, in_folder("server.key"), SSL_FILETYPE_PEM) !=
			1 ||
		SSL_CTX_load_verify_file(server, in_folder("ca.pem")) != 1)
		abort();
	for (int i = 0; i < IN_MEMORY; i++) {
		double begun = measure_thread_cpu();
		SSL *a = SSL_new(server);

		used += measure_thread_cpu() - begun;
		SSL *b = SSL_new(shape.ctx);
		BIO *at_a = NULL, *at_b = NULL;
		int done_a = 0, done_b = 0;

		if (BIO_new_bio_pair(&at_a, 65536, &at_b, 65536) != 1)
			abort();
		SSL_set_bio(a, at_a, at_a);
		SSL_set_bio(b, at_b, at_b);
		SSL_set_accept_state(a);
		SSL_set_connect_state(b);
		while (done_a != 1 || done_b != 1) {
			double from;

			done_b = SSL_do_handshake(b);
			from = measure_thread_cpu();
			done_a = SSL_do_handshake(a);
			used += measure_thread_cpu() - from;
		}
		SSL_free(b);
		double from = measure_thread_cpu();
		SSL_free(a);
		used += measure_thread_cpu() - from;
	}
	tls_end(&shape);
	(void)stop(&c);
	SSL_CTX_free(server);
	return used / IN_MEMORY;
}

static double idle_kb(double *base)
{
	static struct tls_client tills[IDLE_CLIENTS];
	struct child c = start();
	double kb;

	once(&tills[0], c.port);
	*base = measure_memory_kib(c.pid, "VmRSS:");
	for (int i = 1; i < IDLE_CLIENTS; i++)
		once(&tills[i], c.port);
	kb = (measure_memory_kib(c.pid, "VmRSS:") - *base) / (IDLE_CLIENTS - 1);
	(void)stop(&c);
	for (int i = 0; i < IDLE_CLIENTS; i++)
		tls_end(&tills[i]);
	return kb;
}

int main(void)
{
	struct tls_authority ca;
	struct rlimit limit;
	struct err err = {0};
	uint8_t spki[SEC_SPKI_LEN];
	double memory, sockets, kb;
	double base;

	(void)signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (sec_start(&err) || folder_set_up(NULL))
		return 1;
	tls_authority_new(&ca, "ca.pem");
	tls_certificate(&ca, "server", SEC_CERT_SERVER, 0, TLS_DAY, spki);
	tls_certificate(&ca, "till", SEC_CERT_CLIENT, 0, TLS_DAY, spki);
	memory = in_memory();
	sockets = over_sockets();
	kb = idle_kb(&base);
	printf("{\"accepts_per_core_s\":%.0f,\"in_memory_per_core_s\":%.0f,\"ratio\":%.2f,"
	       "\"idle_terminal_kb\":%.1f,\"base_kb\":%.0f}\n",
		1 / sockets, 1 / memory, memory / sockets, kb, base);
	tls_authority_free(&ca);
	(void)folder_tear_down(NULL);
	return 0;
}
