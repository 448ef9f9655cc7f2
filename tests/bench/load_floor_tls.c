/* SPDX-License-Identifier: Apache-2.0
 *
 * Floors of TLS with nothing but OpenSSL and epoll: an echo of a request's size over connections
 * with client certificates, and a full mutual handshake in memory. What is told is the server's
 * side.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/load.h"
#include "tests/lib/tls_client.h"

#define ECHO_BYTES 560 /* a request of stage one; its answer is as long */
#define ECHO_CONNECTIONS 256
#define ECHO_SECONDS 3.0
#define HANDSHAKES 400

struct floor_tls {
	SSL_CTX *server, *client;
};

static SSL_CTX *context(const SSL_METHOD *method, const char *name)
{
	SSL_CTX *c = SSL_CTX_new(method);
	char file[64];

	(void)snprintf(file, sizeof(file), "%s.pem", name);
	if (!c || SSL_CTX_use_certificate_file(c, in_folder(file), SSL_FILETYPE_PEM) != 1)
		load_fail("TLS", "no context");
	(void)snprintf(file, sizeof(file), "%s.key", name);
	if (SSL_CTX_use_PrivateKey_file(c, in_folder(file), SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_load_verify_file(c, in_folder("ca.pem")) != 1)
		load_fail("TLS", "no context");
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	(void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_num_tickets(c, 0);
	(void)SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
	return c;
}

static struct floor_tls contexts(void)
{
	struct tls_authority ca;
	uint8_t spki[SEC_SPKI_LEN];
	struct floor_tls t;

	if (folder_set_up(NULL))
		load_fail("folder", strerror(errno));
	tls_authority_new(&ca, "ca.pem");
	tls_certificate(&ca, "server", SEC_CERT_SERVER, 0, TLS_DAY, spki);
	tls_certificate(&ca, "client", SEC_CERT_CLIENT, 0, TLS_DAY, spki);
	tls_authority_free(&ca);
	t.server = context(TLS_server_method(), "server");
	t.client = context(TLS_client_method(), "client");
	if (folder_tear_down(NULL))
		load_fail("folder", strerror(errno));
	return t;
}

/* ---- handshakes in memory ---- */

/* Seconds of the server's side of one, its object made and freed. */
static double handshake(const struct floor_tls *t)
{
	double began = measure_thread_cpu(), took;
	SSL *s = SSL_new(t->server), *c;
	BIO *a = NULL, *b = NULL;
	bool done = false;

	took = measure_thread_cpu() - began;
	c = SSL_new(t->client);
	if (!s || !c || BIO_new_bio_pair(&a, 32768, &b, 32768) != 1)
		load_fail("TLS", "no memory");
	SSL_set_bio(s, a, a);
	SSL_set_bio(c, b, b);
	SSL_set_accept_state(s);
	SSL_set_connect_state(c);
	for (int turn = 0; !done && turn < 10; turn++) {
		bool client = SSL_do_handshake(c) == 1, server;

		began = measure_thread_cpu();
		server = SSL_do_handshake(s) == 1;
		took += measure_thread_cpu() - began;
		done = client && server;
	}
	if (!done)
		load_fail("TLS", "no handshake in memory");
	SSL_free(c);
	began = measure_thread_cpu();
	SSL_free(s);
	return took + measure_thread_cpu() - began;
}

/* As where a server is measured: its clients are at work on another processor meanwhile, and
 * processors share more than one sees.
 */
static pid_t company(const struct floor_tls *t)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	load_stay_on(0, 1);
	for (;;)
		(void)handshake(t);
}

double floor_handshake_us(void)
{
	struct floor_tls t = contexts();
	static double took[HANDSHAKES];
	pid_t pid = company(&t);

	load_stay_on(0, 0);
	for (int i = 0; i < HANDSHAKES; i++)
		took[i] = handshake(&t) * 1e6;
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	load_stay_on(0, -1);
	SSL_CTX_free(t.server);
	SSL_CTX_free(t.client);
	return measure_median(took, HANDSHAKES);
}

/* ---- echo ---- */

struct echo_end {
	int fd;
	SSL *ssl;
	size_t got;
	char text[ECHO_BYTES];
};

/* What came whole goes back at once; true: one went back. */
static bool echo_turn(struct echo_end *e)
{
	bool went = false;

	for (;;) {
		int n = SSL_read(e->ssl, e->text + e->got, (int)(ECHO_BYTES - e->got));

		if (n <= 0)
			return went;
		e->got += (size_t)n;
		if (e->got < ECHO_BYTES)
			continue;
		e->got = 0;
		if (SSL_write(e->ssl, e->text, ECHO_BYTES) != ECHO_BYTES)
			return went; /* the other end has gone */
		went = true;
	}
}

static void shake(SSL_CTX *ctx, struct echo_end *e, bool accept)
{
	int one = 1;

	(void)setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	e->ssl = SSL_new(ctx);
	if (!e->ssl || SSL_set_fd(e->ssl, e->fd) != 1 ||
		(accept ? SSL_accept(e->ssl) : SSL_connect(e->ssl)) != 1 ||
		fcntl(e->fd, F_SETFL, O_NONBLOCK))
		load_fail("TLS", "no handshake");
}

static unsigned long echo_loop(struct echo_end *ends, double seconds)
{
	struct epoll_event ev = {.events = EPOLLIN}, list[ECHO_CONNECTIONS];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	double until = measure_now() + seconds;
	unsigned long count = 0;

	for (int i = 0; i < ECHO_CONNECTIONS; i++) {
		ev.data.ptr = &ends[i];
		if (epoll_ctl(ep, EPOLL_CTL_ADD, ends[i].fd, &ev))
			load_fail("epoll", strerror(errno));
	}
	while (measure_now() < until) {
		int n = epoll_wait(ep, list, ECHO_CONNECTIONS, 100);

		for (int i = 0; i < n; i++)
			count += echo_turn(list[i].data.ptr);
	}
	(void)close(ep);
	return count;
}

static void echo_client(const struct floor_tls *t, struct echo_end *ends)
{
	for (int i = 0; i < ECHO_CONNECTIONS; i++)
		shake(t->client, &ends[i], false);
	for (int i = 0; i < ECHO_CONNECTIONS; i++)
		if (SSL_write(ends[i].ssl, ends[i].text, ECHO_BYTES) != ECHO_BYTES)
			load_fail("TLS", "no echo");
	(void)echo_loop(ends, ECHO_SECONDS + 1);
	_exit(0);
}

double floor_echo_us(void)
{
	struct floor_tls t = contexts();
	static struct echo_end server[ECHO_CONNECTIONS], client[ECHO_CONNECTIONS];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned long count;
	double began;
	pid_t pid;

	if (listener < 0 || bind(listener, (const struct sockaddr *)&at, len) ||
		listen(listener, ECHO_CONNECTIONS) ||
		getsockname(listener, (struct sockaddr *)&at, &len))
		load_fail("listen", strerror(errno));
	for (int i = 0; i < ECHO_CONNECTIONS; i++) {
		client[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (client[i].fd < 0 || connect(client[i].fd, (const struct sockaddr *)&at, len))
			load_fail("connect", strerror(errno));
		server[i].fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	}
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		echo_client(&t, client);
	}
	for (int i = 0; i < ECHO_CONNECTIONS; i++) {
		(void)close(client[i].fd);
		shake(t.server, &server[i], true);
	}
	began = measure_thread_cpu();
	count = echo_loop(server, ECHO_SECONDS);
	began = measure_thread_cpu() - began;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	for (int i = 0; i < ECHO_CONNECTIONS; i++) {
		SSL_free(server[i].ssl);
		(void)close(server[i].fd);
	}
	(void)close(listener);
	SSL_CTX_free(t.server);
	SSL_CTX_free(t.client);
	return count ? began / (double)count * 1e6 : 0;
}
