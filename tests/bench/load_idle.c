/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not show in a rate: full handshakes, terminals that only listen for events, one event
 * told to all of them, and the server's own counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/rules_event.h"
#include "tests/bench/load.h"

#define TEXT_MAX 65536
#define TOLD_WAIT_S 10
#define QUIET_S 2
#define SHAKERS 8 /* clients at once that connect again and again */

struct wire {
	int fd;
	SSL *ssl; /* NULL: plain */
};

static struct wire wire_open(const struct load_world *w, int port, unsigned terminal)
{
	struct wire c = {.fd = load_connect(port)};

	if (!w->tls)
		return c;
	c.ssl = SSL_new(w->terminals[terminal].tls);
	if (!c.ssl || SSL_set_fd(c.ssl, c.fd) != 1 || SSL_connect(c.ssl) != 1)
		load_fail("TLS", ERR_reason_error_string(ERR_get_error()));
	return c;
}

static void wire_close(struct wire *c)
{
	SSL_free(c->ssl);
	(void)close(c->fd);
}

static long wire_read(struct wire *c, char *to, size_t len)
{
	return c->ssl ? SSL_read(c->ssl, to, (int)len) : recv(c->fd, to, len, 0);
}

static void ask(struct wire *c, const struct load_world *w, const char *path, unsigned terminal)
{
	char text[512];
	bool token = !w->tls;
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n",
		path, token ? "Authorization: Bearer " : "",
		token ? w->terminals[terminal].token : "", token ? "\r\n" : "");

	if (c->ssl ? SSL_write(c->ssl, text, n) != n : send(c->fd, text, (size_t)n, 0) != n)
		load_fail(path, "cannot be asked for");
}

/* ---- what the server counts ---- */

static bool whole(const char *text, size_t len)
{
	const char *end = len ? strstr(text, "\r\n\r\n") : NULL;
	const char *length = len ? strstr(text, "ontent-Length: ") : NULL;

	return end && length && len >= (size_t)(end + 4 - text) + strtoul(length + 15, NULL, 10);
}

double load_metric(const struct load_world *w, int port, const char *name)
{
	static char text[TEXT_MAX];
	struct wire c = wire_open(w, port, 0);
	size_t len = 0;
	char *at;
	long n;

	ask(&c, w, "/metrics", 0);
	while (!whole(text, len) && (n = wire_read(&c, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
	}
	wire_close(&c);
	text[len] = '\0';
	for (at = strstr(text, name); at; at = strstr(at + 1, name))
		if (at[-1] == '\n' && at[strlen(name)] == ' ')
			return strtod(at + strlen(name), NULL);
	load_fail("/metrics", name);
}

/* ---- handshakes ---- */

void load_stay_on(pid_t thread, int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (processor < 0 || i == processor)
			CPU_SET((size_t)i, &set);
	(void)sched_setaffinity(thread, sizeof(set), &set);
}

_Noreturn static void shake(const struct load_world *w, int port, unsigned first, double until,
	unsigned *count)
{
	load_stay_on(0, 1);
	for (; measure_now() < until; ++*count) {
		struct wire c = wire_open(w, port, (first + *count) % w->terminal_count);

		wire_close(&c);
	}
	_exit(0);
}

/* Several at once: a server that sleeps between two of them pays for waking up. The thread that
 * talks with clients has a processor for itself, as the floor has: a second use of it empties the
 * caches of the first, and that is not what is asked here.
 */
double load_handshake_us(const struct load_world *w, const struct load_server *s, double seconds)
{
	double cpu = load_server_cpu_s(s), until = measure_now() + seconds;
	unsigned *count = mmap(NULL, SHAKERS * sizeof(*count), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned sum = 0;
	pid_t pid[SHAKERS];
	int status;

	if (count == MAP_FAILED)
		load_fail("memory", "not enough");
	load_stay_on(s->pid, 0);
	for (unsigned i = 0; i < SHAKERS; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			shake(w, s->port, i * w->terminal_count / SHAKERS, until, &count[i]);
	}
	for (unsigned i = 0; i < SHAKERS; i++) {
		if (pid[i] < 0 || waitpid(pid[i], &status, 0) != pid[i] || status)
			load_fail("a client that only connects", "failed");
		sum += count[i];
	}
	load_stay_on(s->pid, -1);
	(void)munmap(count, SHAKERS * sizeof(*count));
	return sum ? (load_server_cpu_s(s) - cpu) / sum * 1e6 : 0;
}

/* ---- listeners ---- */

static void make_room(unsigned connections)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < connections + 64) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < connections + 64)
			load_fail("descriptors", "not enough for so many listeners");
	}
}

/* By a second process, as the command line does it: written, and seen by the server when it
 * looks.
 */
static void tell_all(const struct load_world *w)
{
	struct service *s = NULL;
	struct clock clock;
	struct rules rules;
	struct err err = {0};

	clock_init_real(&clock);
	if (service_open(&s, w->dir, &clock, &err))
		load_fail("the backend directory", err.text);
	rules = service_rules(s);
	if (store_begin(s->store, &err) || rules_event_issuer(&rules, 1, &err) ||
		store_commit(s->store, &err))
		load_fail("an event", err.text);
	service_close(&s);
}

static void expect(struct wire *c, const char *words)
{
	char text[TEXT_MAX / 16];
	struct timeval tv = {.tv_sec = TOLD_WAIT_S};
	size_t len = 0;
	long n;

	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	while ((n = wire_read(c, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, words))
			return;
	}
	load_fail("a listener did not hear", words);
}

static double idle_cpu(const struct load_server *s)
{
	struct timespec pause = {.tv_sec = QUIET_S};
	double cpu = load_server_cpu_s(s);

	(void)nanosleep(&pause, NULL);
	return load_server_cpu_s(s) - cpu;
}

void load_listeners(struct load_idle *out, const struct load_world *w, const struct load_server *s,
	unsigned count)
{
	struct wire *c = calloc(count, sizeof(*c));
	double cpu, quiet;

	if (!c)
		load_fail("memory", "not enough");
	make_room(count);
	out->base_kib = load_server_rss_kib(s);
	for (unsigned i = 0; i < count; i++) {
		c[i] = wire_open(w, s->port, i % w->terminal_count);
		ask(&c[i], w, "/v1/events", i % w->terminal_count);
		expect(&c[i], "text/event-stream");
	}
	quiet = idle_cpu(s);
	out->each_kib = (load_server_rss_kib(s) - out->base_kib) / count;
	cpu = load_server_cpu_s(s);
	tell_all(w);
	for (unsigned i = 0; i < count; i++)
		expect(&c[i], "event: issuer");
	out->push_us = (load_server_cpu_s(s) - cpu - quiet / QUIET_S) / count * 1e6;
	for (unsigned i = 0; i < count; i++)
		wire_close(&c[i]);
	free(c);
}
