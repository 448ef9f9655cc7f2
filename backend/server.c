/* SPDX-License-Identifier: Apache-2.0
 *
 * The I/O thread: requests into jobs, finished jobs into answers, and the order of stopping.
 */
#include "backend/server.h"

#include <event2/event.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/server_private.h"
#include "base/log.h"

#define MEMORY_KEPT 1048576 /* bytes at the end of the heap that stay the process's */

/* ---- answers that need no rule ---- */

static void send_figures(struct server *s, struct http_call *call)
{
	struct http_figures f = http_server_figures(s->http);
	struct metrics_gauges g = {.connections = f.connections,
		.handshakes = f.handshakes,
		.streams = f.streams,
		.handshakes_failed = f.handshakes_failed,
		.connections_refused = f.refused,
		.jobs = s->jobs,
		.hashes = worker_hashes_waiting(s->worker),
		.server_not_after = s->server_not_after,
		.authority_not_after = s->authority_not_after,
		.ends = s->opt.service->ends};
	struct http_answer answer = {.status = 200,
		.content_type = METRICS_TYPE,
		.date_unix_s = clock_unix_s(&s->clock)};
	struct bytes text;

	bytes_init(&text, METRICS_TEXT_MAX);
	metrics_text(&text, &s->metrics, &g);
	answer.body = bytes_span(&text);
	if (text.full)
		answer = (struct http_answer){.status = 503, .content_type = METRICS_TYPE};
	http_answer_send(call, &answer);
	bytes_done(&text);
}

static void refuse(struct server *s, struct http_answer *out, const struct rules_problem *problem)
{
	answer_problem(&s->refusal, problem);
	s->refusal.http.date_unix_s = clock_unix_s(&s->clock);
	*out = *answer_http(&s->refusal);
}

static void on_refuse(void *ctx, struct http_answer *answer, const struct http_refusal *refusal)
{
	struct rules_problem problem;

	problem_set(&problem, refusal->status, refusal->word, refusal->detail);
	refuse(ctx, answer, &problem);
}

static void read_time(struct server *s, struct job *job, const struct http_head *head)
{
	const struct server_time_header *header = s->opt.time_header;

	if (!header || head->extra.len == 0 || !header->read(&job->unix_ms, head->extra))
		return;
	job->timed = true;
	clock_set_unix(&s->clock, job->unix_ms);
}

/* That a connection is from this machine counts only where the policy says so. */
static struct http_head head_here(const struct server *s, const struct http_head *head)
{
	struct http_head seen = *head;

	seen.local = seen.local && s->metrics_local;
	return seen;
}

/* Behind a path that is no route's: a file of the wallet page, or NULL. */
static const struct site_file *page_of(const struct server *s, const struct http_head *head)
{
	return s->page && s->opt.site ? site_find(s->opt.site, head->target) : NULL;
}

static bool may_read(const struct http_head *head, struct rules_problem *problem,
	const char **allow)
{
	if (head->method == HTTP_GET || head->method == HTTP_HEAD)
		return true;
	problem_set(problem, 405, "method-not-allowed", "this path takes other methods: see Allow");
	*allow = SITE_ALLOW;
	return false;
}

static bool on_head(void *ctx, struct http_answer *refusal, const struct http_head *head)
{
	struct server *s = ctx;
	const struct http_head seen = head_here(s, head);
	const struct route *route;
	struct rules_problem problem;
	const char *allow;
	uint8_t id[CODE_ID_LEN];
	bool good;

	if (route_find(&route, id, &problem, &allow, head->method, head->target))
		good = route_admit(route, &problem, &seen);
	else
		good = problem.status == 404 && page_of(s, head) &&
			may_read(head, &problem, &allow);
	if (good)
		return true;
	refuse(s, refusal, &problem);
	refusal->allow = allow;
	return false;
}

/* Whoever will listen counts from here on, so that no event is missed before it does. */
static bool submit(struct server *s, struct job *job)
{
	int listens = job->call.route->events ? 1 : 0;

	worker_want_events(s->worker, listens);
	if (worker_submit(s->worker, job))
		return true;
	worker_want_events(s->worker, -listens);
	return false;
}

static void send_page(struct server *s, struct http_call *call, const struct http_head *head)
{
	const struct site_file *file = page_of(s, head);
	struct http_answer answer;

	ASSERT(file); /* on_head() found it, and nobody was asked since */
	site_answer(&answer, file, head);
	answer.date_unix_s = clock_unix_s(&s->clock);
	http_answer_send(call, &answer);
}

/* Outside the worker: when the store is stuck, the first two say so. route: NULL for a page. True:
 * it was answered.
 */
static bool answer_here(struct server *s, struct http_call *call, const struct route *route,
	const struct http_head *head)
{
	const struct answer_health stuck = {.store = true, .clock = true, .keys = true,
		.certificate_ends_at = server_ends_soon(s)};

	if (!route) {
		send_page(s, call, head);
		return true;
	}
	if (route->figures && head->local) {
		send_figures(s, call);
		return true;
	}
	if (!route->health || worker_is_alive(s->worker))
		return false;
	answer_wipe(&s->refusal);
	answer_init(&s->refusal);
	answer_health(&s->refusal, &stuck);
	s->refusal.http.date_unix_s = clock_unix_s(&s->clock);
	http_answer_send(call, answer_http(&s->refusal));
	return true;
}

/* ---- guesses ---- */

void server_policy(struct server *s, const struct policy *policy)
{
	s->page = policy->page != 0;
	s->metrics_local = policy->metrics_local != 0;
	s->address_tries = policy->address_tries_minute;
	s->address_local = policy->address_local != 0;
	if (s->opt.address_tries) {
		s->address_tries = s->opt.address_tries;
		s->address_local = true;
	}
}

/* Where it comes from, when that tells callers apart: what a proxy on this machine passes on comes
 * from here, whoever sent it.
 */
static void read_origin(struct server *s, struct job *job)
{
	bool local = false;

	http_call_origin(job->http, job->call.origin, &local);
	job->call.has_origin = job->call.route->guessed && (!local || s->address_local);
}

/* A try is taken before anything is looked at, and given back when it was none. */
static bool may_try(struct server *s, struct job *job, struct rules_problem *problem)
{
	int64_t wait_ms = 0;

	job->tried = job->call.has_origin && s->address_tries > 0;
	if (!job->tried || limiter_take(s->limiter, &wait_ms, job->call.origin, s->address_tries,
				   clock_mono_ms(&s->real)))
		return true;
	problem_set(problem, 429, "too-many-attempts",
		"too many tries from this address; wait, then try again");
	problem->until_unix_s = clock_unix_s(&s->clock) + (wait_ms + 999) / 1000;
	return false;
}

static void give_back(struct server *s, const struct job *job, int status)
{
	if (job->tried && !job->call.is_try && (status < 400 || status >= 500))
		limiter_give(s->limiter, job->call.origin);
}

static void on_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	struct server *s = ctx;
	const struct http_head seen = head_here(s, head);
	struct job *job = malloc(sizeof(*job));
	const struct route *route = NULL;
	struct rules_problem problem;
	struct http_answer answer;
	const char *allow;
	uint8_t id[CODE_ID_LEN];
	bool room;

	/* on_head() found the one or the other by the same bytes */
	if (!route_find(&route, id, &problem, &allow, head->method, head->target))
		route = NULL;
	if (answer_here(s, call, route, &seen)) {
		free(job);
		return;
	}
	if (job) {
		memset(job, 0, offsetof(struct job, call));
		route_prepare(&job->call, route, id, &seen, body);
		job->call.deterministic = s->opt.time_header != NULL;
		if (route->health)
			job->call.certificate_ends_at = server_ends_soon(s);
		read_time(s, job, head);
		job->http = call;
		job->begun_us = metrics_now_us();
		read_origin(s, job);
	}
	room = job && s->jobs < WORKER_JOBS_MAX;
	if (room && may_try(s, job, &problem)) {
		if (submit(s, job)) {
			s->jobs++;
			http_call_set_user(call, job);
			return;
		}
		give_back(s, job, 503);
		room = false;
	}
	if (!room)
		problem_set(&problem, 503, "busy", "too many requests at once");
	if (job)
		route_wipe(&job->call);
	free(job);
	refuse(s, &answer, &problem);
	http_answer_send(call, &answer);
}

static void on_gone(void *ctx, struct http_call *call)
{
	struct job *job = http_call_user(call);

	(void)ctx;
	/* the decision is made and recorded all the same */
	if (job)
		job->http = NULL;
}

static void on_left(void *ctx, struct http_call *call)
{
	struct server *s = ctx;

	hub_left(s->hub, call);
}

static void on_beat(void *ctx, struct http_call *call)
{
	struct server *s = ctx;

	hub_beat(s->hub, call);
}

static void on_listeners(void *ctx, int by)
{
	struct server *s = ctx;

	worker_want_events(s->worker, by);
}

/* ---- what the worker gives back ---- */

static void count_answer(struct server *s, const struct job *job)
{
	int class = job->call.answer.http.status / 100;

	metrics_observe(&s->metrics.stage[job->call.route->stage],
		metrics_now_us() - job->begun_us);
	if (class >= 0 && class < 6)
		metrics_add(&s->metrics.answers[class], 1);
}

static void answer_one(struct server *s, struct job *job)
{
	struct http_call *http = job->http;
	struct rules_problem problem;
	struct http_answer answer;

	http_call_set_user(http, NULL);
	if (!job->call.events.held)
		count_answer(s, job);
	if (job->call.route->figures && job->call.answer.http.status == 200) {
		send_figures(s, http);
	} else if (!job->call.events.held) {
		http_answer_send(http, answer_http(&job->call.answer));
	} else if (!hub_arrive(s->hub, http, &job->call)) {
		problem_set(&problem, 503, "busy", "too many event streams at once");
		refuse(s, &answer, &problem);
		http_answer_send(http, &answer);
	}
}

static void answer_done(struct server *s)
{
	struct job *next;

	for (struct job *job = worker_take_done(s->worker); job; job = next) {
		next = job->next;
		s->jobs--;
		give_back(s, job, job->call.answer.http.status);
		if (job->http)
			answer_one(s, job);
		if (job->call.route->events)
			worker_want_events(s->worker, -1);
		route_wipe(&job->call);
		free(job);
	}
}

/* The order matters: see watch.h. */
static void take_all(struct server *s)
{
	struct hub_events *next, *events = worker_take_events(s->worker);

	answer_done(s);
	for (; events; events = next) {
		next = events->next;
		hub_tell(s->hub, events);
		free(events);
	}
}

void server_drain(struct server *s)
{
	struct timeval tv = {.tv_sec = SERVER_DRAIN_MS / 1000};

	if (s->draining)
		return;
	s->draining = true;
	if (s->opt.daemon)
		daemon_stopping(s->opt.daemon);
	hub_drain(s->hub);
	http_server_drain(s->http);
	(void)event_add(s->drain_end, &tv);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return; /* woken for nothing */
	if (s->worker)
		take_all(s);
	if (atomic_load(&s->stop) || (s->worker && worker_failed(s->worker)))
		server_drain(s);
}

static void on_drain_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

/* ---- life ---- */

/* The buffers of libevent hold requests with PINs and answers with secrets, and move as they grow:
 * nothing that it gives back stays readable. realloc() itself would leave the old place as it is.
 */
static void *realloc_wiped(void *p, size_t size)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *out = malloc(size);

	if (!out)
		return NULL;
	if (p)
		memcpy(out, p, had < size ? had : size);
	free_wiped(p);
	return out;
}

static void set_memory(void)
{
	event_set_mem_functions(malloc, realloc_wiped, free_wiped);
	/* the room of one request comes and goes: not to and from the kernel each time */
	(void)mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
	(void)mallopt(M_TOP_PAD, MEMORY_KEPT);
}

static enum err_code make_events(struct server *s, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_memory);
	s->base = event_base_new();
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!s->base || s->wake_fd < 0)
		return err_set(err, ERR_NO_MEMORY, "cannot make an event loop");
	s->wake = event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
	s->drain_end = evtimer_new(s->base, on_drain_end, s->base);
	if (!s->wake || !s->drain_end || event_add(s->wake, NULL))
		return err_set(err, ERR_NO_MEMORY, "cannot make an event loop");
	if (server_ends_make(s, err))
		return ERR_NO_MEMORY;
	return server_signals_make(s, err);
}

static enum err_code make_http(struct server *s, struct err *err)
{
	struct http_handler handler = {.ctx = s,
		.head = on_head,
		.request = on_request,
		.gone = on_gone,
		.left = on_left,
		.beat = on_beat,
		.refuse = on_refuse};
	struct http_options opt = {.address = s->opt.address,
		.tls = s->opt.tls,
		.port = s->opt.port,
		.listen_fd = s->opt.listen_fd,
		.extra_name = s->opt.time_header ? s->opt.time_header->name : NULL,
		.connections_max = s->opt.connections_max,
		.request_ms = s->opt.request_ms,
		.first_ms = s->opt.first_ms};
	struct hub_options hub = {
		.base = s->base, .clock = &s->clock, .changed = on_listeners, .ctx = s};
	enum err_code e = hub_new(&s->hub, &hub, err);

	if (e)
		return e;
	return http_server_new(&s->http, s->base, &opt, &handler, err);
}

enum err_code server_new(struct server **out, const struct server_options *opt, struct err *err)
{
	struct server *s = calloc(1, sizeof(*s));
	enum err_code e;

	if (!s)
		return err_set(err, ERR_NO_MEMORY, "no memory for the server");
	s->opt = *opt;
	s->clock = *opt->clock;
	s->wake_fd = -1;
	clock_init_real(&s->real);
	server_policy(s, &opt->service->policy);
	s->metrics.started_unix_ms = clock_unix_ms(&s->real);
	answer_init(&s->refusal);
	e = limiter_new(&s->limiter, err);
	if (!e)
		e = make_events(s, err);
	if (!e)
		e = make_http(s, err);
	if (e)
		server_free(&s);
	else
		*out = s;
	return e;
}

void server_free(struct server **server)
{
	struct server *s = *server;

	if (!s)
		return;
	http_server_free(&s->http);
	hub_free(&s->hub);
	limiter_free(&s->limiter);
	server_signals_free(s);
	if (s->ends)
		event_free(s->ends);
	if (s->drain_end)
		event_free(s->drain_end);
	if (s->wake)
		event_free(s->wake);
	if (s->base)
		event_base_free(s->base);
	if (s->wake_fd >= 0)
		(void)close(s->wake_fd);
	free(s);
	*server = NULL;
}

int server_port(const struct server *s)
{
	return http_server_port(s->http);
}

void server_stop(struct server *s)
{
	uint64_t one = 1;

	atomic_store(&s->stop, true);
	/* fails only when the counter is full: then the loop is awake anyway */
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static bool finished(const struct server *s)
{
	return s->draining && s->jobs == 0 && http_server_connections(s->http) == 0;
}

enum err_code server_run(struct server *s, struct err *err)
{
	bool failed;
	enum err_code e = worker_start(
		&s->worker, s->opt.service, s->opt.clock, s->wake_fd, &s->metrics, err);

	if (e)
		return e;
	server_tell_ready(s);
	server_ends_look(s);
	while (!finished(s) && !event_base_got_break(s->base))
		if (event_base_loop(s->base, EVLOOP_ONCE) < 0)
			break;
	/* whoever is still connected had their time; their jobs come back nevertheless */
	http_server_free(&s->http);
	while (s->jobs > 0 && event_base_loop(s->base, EVLOOP_ONCE) == 0)
		;
	failed = worker_failed(s->worker);
	worker_stop(&s->worker);
	return failed ? err_set(err, ERR_UNCERTAIN, "the outcome of a write is unknown") : ERR_OK;
}
