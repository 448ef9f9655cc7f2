/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal's ear.
 */
#include "verifier/client_listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"

#define QUEUE_MAX 8
#define TRIES_MAX 6 /* from here on the pause is the longest */

struct client_listen {
	struct client_listen_options opt;
	struct http_call *stream, *issuer;
	bool streams, fetches; /* the call runs */
	bool hears;            /* and the stream has said something */
	bool resumes;          /* it says what was missed */
	bool knows;            /* the keys came at least once */
	bool barred;           /* the last subscription was refused to this terminal */
	bool lost;             /* nobody is there, and that was told */
	char fault[CLIENT_FAULT_MAX];
	struct event_stream events;
	unsigned tries;     /* since the stream last said something */
	int64_t next_ms;    /* when to subscribe again */
	int64_t heard_ms;   /* when the stream last said something */
	int64_t issuer_ms;  /* when to fetch the keys; INT64_MAX = not */
	uint32_t chance;
	char url[CLIENT_URL_MAX + 16], issuer_url[CLIENT_URL_MAX + 16];
	char last_id[EVENT_STREAM_ID_MAX + 20]; /* header line */
	struct client_told queue[QUEUE_MAX];
	size_t first, count;
};

static int64_t now_ms(const struct client_listen *l)
{
	return clock_mono_ms(l->opt.clock);
}

/* Only to keep terminals apart in time; nothing depends on its quality. */
static uint32_t chance(struct client_listen *l)
{
	l->chance = l->chance * 1664525u + 1013904223u;
	return l->chance >> 8;
}

int64_t client_listen_pause_ms(unsigned tries, uint32_t chance)
{
	int64_t pause = CLIENT_LISTEN_AGAIN_MS;

	for (unsigned i = 1; i < tries && pause < CLIENT_LISTEN_AGAIN_MAX_MS; i++)
		pause *= 2;
	if (pause > CLIENT_LISTEN_AGAIN_MAX_MS)
		pause = CLIENT_LISTEN_AGAIN_MAX_MS;
	return pause / 2 + chance % (uint32_t)(pause / 2 + 1);
}

/* ---- life ---- */

enum err_code client_listen_new(struct client_listen **out,
	const struct client_listen_options *opt, struct err *err)
{
	struct client_listen *l = calloc(1, sizeof *l);
	struct timespec t = {0};
	enum err_code rc;

	if (l == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory to listen for events");
	l->opt = *opt; /* issuer_ms is 0: fetched at once, because a card may be shown already */
	(void)clock_gettime(CLOCK_REALTIME, &t);
	l->chance = (uint32_t)t.tv_nsec ^ (uint32_t)t.tv_sec ^ ((uint32_t)getpid() << 12);
	event_stream_init(&l->events);
	snprintf(l->url, sizeof l->url, "%s/v1/events", opt->base);
	snprintf(l->issuer_url, sizeof l->issuer_url, "%s/v1/issuer", opt->base);
	rc = http_call_new(&l->stream, CLIENT_ANSWER_MAX, err);
	if (rc == ERR_OK)
		rc = http_call_new(&l->issuer, CLIENT_ANSWER_MAX, err);
	if (rc != ERR_OK)
		client_listen_free(&l);
	else
		*out = l;
	return rc;
}

void client_listen_free(struct client_listen **l)
{
	if (*l == NULL)
		return;
	http_call_free(&(*l)->stream);
	http_call_free(&(*l)->issuer);
	free(*l);
	*l = NULL;
}

/* ---- what is told ---- */

/* When the caller does not keep up, what was lost becomes one "look at everything again". */
static void tell(struct client_listen *l, const struct client_told *told)
{
	if (l->count == QUEUE_MAX) {
		l->first = 0;
		l->count = 1;
		l->queue[0] = (struct client_told){.kind = CLIENT_TOLD_AGAIN};
	}
	l->queue[(l->first + l->count++) % QUEUE_MAX] = *told;
}

bool client_listen_next(struct client_listen *l, struct client_told *out)
{
	if (l->count == 0)
		return false;
	*out = l->queue[l->first];
	l->first = (l->first + 1) % QUEUE_MAX;
	l->count--;
	return true;
}

static void tell_kind(struct client_listen *l, enum client_told_kind kind)
{
	tell(l, &(struct client_told){.kind = kind});
}

/* A moment later, so that not every terminal of a bank asks in the same one. */
static void fetch_soon(struct client_listen *l)
{
	if (l->issuer_ms == INT64_MAX)
		l->issuer_ms = now_ms(l) + chance(l) % CLIENT_ISSUER_SPREAD_MS;
}

static void on_verification(struct client_listen *l, const struct json *data)
{
	struct client_told told = {.kind = CLIENT_TOLD_VERIFICATION};

	if (json_get_text(data, "id", told.about, sizeof told.about, NULL) == ERR_OK)
		tell(l, &told);
}

static void on_terminal(struct client_listen *l, const struct json *data)
{
	struct client_told told = {.kind = CLIENT_TOLD_TERMINAL};
	char state[16];

	if (json_get_text(data, "state", state, sizeof state, NULL) != ERR_OK)
		return;
	if (strcmp(state, "stopped") == 0)
		told.barred = REASON_TERMINAL_STOPPED;
	else if (strcmp(state, "started") != 0) /* revoked, or enrolled anew: not as this one */
		told.barred = REASON_TERMINAL_REVOKED;
	tell(l, &told);
}

/* Who was revoked before this run began hears no event: the subscription is refused. */
static void on_refused(struct client_listen *l, const struct http_result *r)
{
	const struct message_request request = {.kind = FLOW_DO_ASK};
	const struct message_answer answer = {
		.status = r->status, .problem = r->problem, .body = r->body};
	struct client_told told = {.kind = CLIENT_TOLD_TERMINAL};
	struct flow_event ev;

	if (r->code != ERR_OK || !r->problem || (r->status != 401 && r->status != 403))
		return;
	message_answer_parse(&ev, &request, &answer, NULL);
	if (ev.kind != FLOW_EV_REFUSED || !flow_reason_bars(ev.refusal.reason))
		return;
	told.barred = ev.refusal.reason;
	l->barred = true;
	tell(l, &told);
}

/* Kinds that we do not know are for newer terminals. */
static void on_told(void *ctx, const char *kind, const char *data)
{
	struct client_listen *l = ctx;
	struct json *j = NULL;
	struct err err = {0};

	if (json_parse(&j, span_text(data), EVENT_STREAM_LINE_MAX, &err) != ERR_OK)
		return;
	if (strcmp(kind, "open") == 0 || strcmp(kind, "reset") == 0) {
		tell_kind(l, CLIENT_TOLD_AGAIN);
		/* what changed between the keys' answer and here would be told to nobody */
		if (kind[0] == 'r' || !l->resumes)
			fetch_soon(l);
	} else if (strcmp(kind, "verification") == 0) {
		on_verification(l, j);
	} else if (strcmp(kind, "terminal") == 0) {
		on_terminal(l, j);
	} else if (strcmp(kind, "issuer") == 0) {
		fetch_soon(l);
	}
	json_free(&j);
}

static void on_piece(void *ctx, struct span piece)
{
	struct client_listen *l = ctx;

	l->heard_ms = now_ms(l);
	l->tries = 0;
	l->hears = true;
	if (l->lost)
		tell_kind(l, CLIENT_TOLD_AGAIN); /* what it says first may be a comment */
	l->lost = false;
	if (l->barred)
		tell_kind(l, CLIENT_TOLD_TERMINAL); /* it may go on: enrolled anew meanwhile */
	l->barred = false;
	event_stream_feed(&l->events, piece, on_told, l);
}

/* A stream that ends is begun again at once; that nobody is there is known when that fails. Who
 * refuses is there.
 */
static void lost_look(struct client_listen *l, bool heard, const char *fault)
{
	if (heard || l->lost)
		return;
	l->lost = true;
	snprintf(l->fault, sizeof l->fault, "%s", fault);
	tell_kind(l, CLIENT_TOLD_LOST);
}

const char *client_listen_fault(const struct client_listen *l)
{
	return l->fault;
}

/* ---- subscribing ---- */

static void again_later(struct client_listen *l)
{
	l->streams = l->hears = false;
	l->tries += l->tries < TRIES_MAX ? 1 : 0;
	l->next_ms = now_ms(l) + client_listen_pause_ms(l->tries, chance(l));
}

static void subscribe(struct client_listen *l)
{
	bool resume = l->events.last_id[0] != '\0';
	const struct http_request r = {
		.method = "GET",
		.url = l->url,
		.loopback = l->opt.loopback,
		.tls = l->opt.tls,
		.user_agent = l->opt.user_agent,
		.headers = {l->opt.authorization, "Accept: text/event-stream",
			resume ? l->last_id : NULL},
		.piece = on_piece,
		.piece_ctx = l,
	};

	event_stream_again(&l->events);
	snprintf(l->last_id, sizeof l->last_id, "Last-Event-ID: %s", l->events.last_id);
	l->heard_ms = now_ms(l);
	l->streams = true;
	l->resumes = resume;
	if (http_call_begin(l->stream, l->opt.pool, &r, NULL) != ERR_OK)
		again_later(l);
}

/* ---- the issuer's keys ---- */

static void fetch(struct client_listen *l)
{
	const struct http_request r = {
		.method = "GET",
		.url = l->issuer_url,
		.loopback = l->opt.loopback,
		.tls = l->opt.tls,
		.user_agent = l->opt.user_agent,
		.headers = {l->opt.authorization, "Accept: application/json"},
		.total_ms = CLIENT_TOTAL_MS,
	};

	l->issuer_ms = INT64_MAX;
	l->fetches = http_call_begin(l->issuer, l->opt.pool, &r, NULL) == ERR_OK;
	if (!l->fetches)
		l->issuer_ms = now_ms(l) + CLIENT_LISTEN_AGAIN_MAX_MS;
}

static void fetched(struct client_listen *l)
{
	const struct http_result *r = http_call_result(l->issuer);
	struct client_told told = {.kind = CLIENT_TOLD_ISSUER};

	l->fetches = false;
	if (r->code == ERR_OK && r->status == 200 && r->json &&
		message_issuer_parse(&told.keys, r->body, clock_unix_s(l->opt.clock), NULL) ==
			ERR_OK)
		l->knows = true;
	if (told.keys.count > 0)
		tell(l, &told);
	else if (l->issuer_ms == INT64_MAX) /* what is known stays known meanwhile */
		l->issuer_ms = now_ms(l) + client_listen_pause_ms(TRIES_MAX, chance(l));
}

bool client_listen_hears(const struct client_listen *l)
{
	return l->hears;
}

/* Before the stream says something, a change of before may not have come yet. */
bool client_listen_is_current(const struct client_listen *l)
{
	return l->knows && l->hears && !l->fetches && l->issuer_ms == INT64_MAX;
}

void client_listen_ask(struct client_listen *l)
{
	if (!l->fetches)
		l->issuer_ms = 0;
}

/* ---- the loop ---- */

void client_listen_tick(struct client_listen *l)
{
	int64_t now = now_ms(l);

	if (l->streams && now - l->heard_ms >= CLIENT_LISTEN_SILENT_MS) {
		http_call_cancel(l->stream);
		lost_look(l, l->hears, "no answer in time");
		again_later(l);
	}
	if (!l->streams && now >= l->next_ms)
		subscribe(l);
	if (!l->fetches && now >= l->issuer_ms)
		fetch(l);
}

bool client_listen_done(struct client_listen *l, const struct http_call *call)
{
	const struct http_result *r = http_call_result(call);

	if (call == l->issuer) {
		fetched(l);
		return true;
	}
	if (call != l->stream)
		return false;
	/* a server that refuses, or knows no events, will not change its mind in a second */
	if (r->code == ERR_OK && r->status >= 400 && r->status < 500)
		l->tries = TRIES_MAX;
	on_refused(l, r);
	if (r->code != ERR_OK)
		lost_look(l, l->hears, r->fault);
	again_later(l);
	return true;
}
