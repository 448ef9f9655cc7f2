/* SPDX-License-Identifier: Apache-2.0
 *
 * Many terminals at once in one thread: each connection does stage one, derives the second code as
 * the phone would, does stage two, and begins again. Latencies are from the moment a request was
 * due: a server that stalls does not look better for it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define IN_MAX 4096
#define OUT_MAX 2048
#define EVENTS 256

enum stage {
	STAGE_IDLE = -1, /* between two verifications, when there is a rate */
	STAGE_START,
	STAGE_ANSWER
};

struct connection {
	int fd;
	SSL *ssl;
	unsigned terminal;
	unsigned turn; /* verifications begun */
	enum stage stage;
	double due, begun;      /* this request, this verification */
	struct test_wallet phone;
	char in[IN_MAX + 1], out[OUT_MAX];
	size_t in_len, out_len, out_done;
};

struct samples {
	double *at;
	unsigned count, cap;
};

struct load {
	const struct load_plan *plan;
	struct load_result *result;
	struct connection *connections;
	int epoll;
	unsigned long begun; /* verifications, by the schedule */
	double start, from, until;
	struct samples stage[2], both;
};

static void keep(struct samples *s, double ms)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 65536;
		s->at = realloc(s->at, s->cap * sizeof(*s->at));
		if (!s->at)
			load_fail("memory", "not enough");
	}
	s->at[s->count++] = ms;
}

/* ---- bytes ---- */

static long put(struct connection *c, const char *data, size_t len)
{
	if (c->ssl) {
		int n = SSL_write(c->ssl, data, (int)len);

		return n > 0 ? n : SSL_want(c->ssl) != SSL_NOTHING ? 0 : -1;
	}
	long n = send(c->fd, data, len, MSG_NOSIGNAL);

	return n >= 0 ? n : errno == EAGAIN ? 0 : -1;
}

static long get(struct connection *c, char *data, size_t len)
{
	if (c->ssl) {
		int n = SSL_read(c->ssl, data, (int)len);

		return n > 0 ? n : SSL_want(c->ssl) != SSL_NOTHING ? 0 : -1;
	}
	long n = recv(c->fd, data, len, 0);

	return n > 0 ? n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static void push(struct connection *c)
{
	while (c->out_done < c->out_len) {
		long n = put(c, c->out + c->out_done, c->out_len - c->out_done);

		if (n < 0)
			load_fail("connection", "closed while writing");
		if (n == 0)
			return; /* epoll says when (edge-triggered for both ways) */
		c->out_done += (size_t)n;
	}
}

/* ---- requests ---- */

static void request(struct load *l, struct connection *c, const char *path, const char *body)
{
	const struct load_terminal *t = &l->plan->world->terminals[c->terminal];
	int n = snprintf(c->out, sizeof(c->out),
		"POST %s HTTP/1.1\r\nHost: localhost\r\n%s%s%sContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, t->tls ? "" : "Authorization: Bearer ", t->tls ? "" : t->token,
		t->tls ? "" : "\r\n", strlen(body), body);

	if (n < 0 || n >= (int)sizeof(c->out))
		load_fail("request", "too long");
	c->out_len = (size_t)n;
	c->out_done = 0;
	c->in_len = 0;
	push(c);
}

static int64_t unix_now(void)
{
	return (int64_t)time(NULL);
}

static void begin(struct load *l, struct connection *c, double due)
{
	const struct load_world *w = l->plan->world;
	unsigned turn = l->plan->first + c->turn++;
	char code[CODE_TEXT_MAX], body[CODE_TEXT_MAX + 128];

	load_phone(w, &c->phone, load_phone_of(w, c->terminal, turn));
	test_wallet_show(&c->phone, code, unix_now());
	(void)snprintf(body, sizeof(body), "{\"code\":\"%s\",\"amount\":%d,\"currency\":\"CNY\"}",
		code, LOAD_AMOUNT);
	c->stage = STAGE_START;
	c->begun = c->due = due;
	request(l, c, "/v1/verifications", body);
}

static bool member(char *out, size_t cap, const char *body, const char *name)
{
	char mark[32];
	const char *at;
	size_t n;

	(void)snprintf(mark, sizeof(mark), "\"%s\":\"", name);
	at = strstr(body, mark);
	if (!at)
		return false;
	at += strlen(mark);
	n = strcspn(at, "\"");
	if (n >= cap)
		return false;
	memcpy(out, at, n);
	out[n] = '\0';
	return true;
}

static void answer(struct load *l, struct connection *c, const char *body, double now)
{
	char id[40], number[CODE_DIGITS_MAX + 1], code[CODE_TEXT_MAX], path[96];
	char text[CODE_TEXT_MAX + 16];

	if (!member(id, sizeof(id), body, "id") || !member(number, sizeof(number), body, "number"))
		load_fail("answer of stage one", body);
	test_wallet_answer(&c->phone, code, number, unix_now());
	(void)snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	(void)snprintf(text, sizeof(text), "{\"code\":\"%s\"}", code);
	c->stage = STAGE_ANSWER;
	c->due = now;
	request(l, c, path, text);
}

/* ---- answers ---- */

static void refused(struct load *l, struct connection *c, const char *body)
{
	if (l->result->refused++ == 0)
		(void)snprintf(l->result->word, sizeof(l->result->word), "%.79s", body);
	c->stage = STAGE_IDLE;
}

static void finished(struct load *l, struct connection *c, const char *body, double now)
{
	bool measured = now >= l->from && now < l->until;

	if (!strstr(body, "\"state\":\"accepted\"")) {
		refused(l, c, body);
		return;
	}
	c->stage = STAGE_IDLE;
	if (!measured)
		return;
	l->result->verifications++;
	keep(&l->both, (now - c->begun) * 1000);
}

static void answered(struct load *l, struct connection *c, int status, const char *body)
{
	double now = measure_now();
	enum stage was = c->stage;

	if (now >= l->from && now < l->until)
		keep(&l->stage[was], (now - c->due) * 1000);
	if (was == STAGE_START && status == 201)
		answer(l, c, body, now);
	else if (was == STAGE_ANSWER && status == 200)
		finished(l, c, body, now);
	else
		refused(l, c, body);
	if (c->stage == STAGE_IDLE && l->plan->rate <= 0 && now < l->until)
		begin(l, c, now);
}

static void receive(struct load *l, struct connection *c)
{
	for (;;) {
		long n = get(c, c->in + c->in_len, IN_MAX - c->in_len);
		char *end, *length;
		size_t need;

		if (n < 0)
			load_fail("connection", "closed by the server");
		if (n == 0)
			return;
		c->in_len += (size_t)n;
		c->in[c->in_len] = '\0';
		end = strstr(c->in, "\r\n\r\n");
		length = strcasestr(c->in, "content-length:");
		if (!end || !length || length > end)
			continue;
		need = (size_t)(end + 4 - c->in) + strtoul(length + 15, NULL, 10);
		if (c->in_len < need)
			continue;
		answered(l, c, (int)strtol(c->in + 9, NULL, 10), end + 4);
		/* one answer to one request: to ask the system for more is a call for nothing */
		if (!c->ssl || !SSL_has_pending(c->ssl))
			return;
	}
}

/* ---- life ---- */

int load_connect(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		load_fail("connect", strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void connect_one(struct load *l, unsigned index)
{
	struct connection *c = &l->connections[index];
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};

	c->terminal = index;
	c->stage = STAGE_IDLE;
	c->fd = load_connect(l->plan->port);
	if (l->plan->world->terminals[c->terminal].tls) {
		c->ssl = SSL_new(l->plan->world->terminals[c->terminal].tls);
		if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
			load_fail("TLS", ERR_reason_error_string(ERR_get_error()));
		SSL_set_read_ahead(c->ssl, 1); /* a record is one read, not two */
	}
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) || epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev))
		load_fail("epoll", strerror(errno));
}

static void pace(struct load *l)
{
	double due;

	while (l->plan->rate > 0) {
		due = l->start + (double)l->begun / l->plan->rate;
		if (due > measure_now() || due >= l->until)
			return;
		struct connection *c = &l->connections[l->begun % l->plan->connections];

		if (c->stage != STAGE_IDLE)
			return; /* the schedule waits for it, and the latency shows it */
		l->begun++;
		begin(l, c, due);
	}
}

#define COMMITS "countersign_store_commit_duration_seconds_count"

/* What grew since: a counter and when it was read. */
struct mark {
	double at, commits, server_cpu_s, io_cpu_s, client_cpu_s;
};

/* Of the server's first thread, which talks with the clients. */
static double io_cpu(const struct load_server *s)
{
	char path[64];
	double ns = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)s->pid, (int)s->pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%lf", &ns) != 1)
		ns = 0;
	if (f)
		(void)fclose(f);
	return ns / 1e9;
}

static struct mark mark_now(const struct load *l, const struct load_server *server)
{
	struct mark m = {.commits = load_metric(l->plan->world, l->plan->port, COMMITS)};

	m.at = measure_now();
	m.server_cpu_s = load_server_cpu_s(server);
	m.io_cpu_s = io_cpu(server);
	m.client_cpu_s = measure_process_cpu();
	return m;
}

static void loop(struct load *l, const struct load_server *server)
{
	struct epoll_event ev[EVENTS];
	struct mark from = {0}, to;

	for (double now = measure_now(); now < l->until; now = measure_now()) {
		int n = epoll_wait(l->epoll, ev, EVENTS, l->plan->rate > 0 ? 1 : 100);

		if (from.at <= 0 && now >= l->from)
			from = mark_now(l, server);
		for (int i = 0; i < n; i++) {
			struct connection *c = ev[i].data.ptr;

			push(c);
			receive(l, c);
		}
		pace(l);
	}
	to = mark_now(l, server);
	l->result->server_cpu_s = to.server_cpu_s - from.server_cpu_s;
	l->result->io_cpu_s = to.io_cpu_s - from.io_cpu_s;
	l->result->client_cpu_s = to.client_cpu_s - from.client_cpu_s;
	l->result->commits = (to.commits - from.commits) / (to.at - from.at);
}

static void percentiles(double out[static 3], struct samples *s)
{
	out[0] = measure_median(s->at, s->count);
	out[1] = measure_at(s->at, s->count, 0.9);
	out[2] = measure_at(s->at, s->count, 0.99);
	free(s->at);
}

void load_run(struct load_result *out, const struct load_plan *plan,
	const struct load_server *server)
{
	struct load l = {.plan = plan, .result = out};

	if (plan->connections > plan->world->terminal_count)
		load_fail("connections", "more than terminals");
	memset(out, 0, sizeof(*out));
	l.connections = calloc(plan->connections, sizeof(*l.connections));
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!l.connections || l.epoll < 0)
		load_fail("memory", "not enough");
	for (unsigned i = 0; i < plan->connections; i++)
		connect_one(&l, i);
	l.start = measure_now();
	l.from = l.start + plan->warm_s;
	l.until = l.from + plan->seconds;
	for (unsigned i = 0; plan->rate <= 0 && i < plan->connections; i++)
		begin(&l, &l.connections[i], measure_now());
	loop(&l, server);
	out->seconds = plan->seconds;
	percentiles(out->stage_ms[0], &l.stage[0]);
	percentiles(out->stage_ms[1], &l.stage[1]);
	percentiles(out->both_ms, &l.both);
	for (unsigned i = 0; i < plan->connections; i++) {
		SSL_free(l.connections[i].ssl);
		(void)close(l.connections[i].fd);
	}
	(void)close(l.epoll);
	free(l.connections);
}
