/* SPDX-License-Identifier: Apache-2.0
 *
 * Who listens, in a hash table by terminal or credential: ids are random, so their first bytes
 * spread evenly and nobody can choose where they fall.
 */
#include "backend/hub.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "backend/event_text.h"
#include "backend/rules_event.h"

#define PLACES 4096u

struct listener {
	struct listener *next; /* of the same place, the newest first */
	struct http_call *http;
	struct event *end; /* of a long poll; NULL for a stream */
	int64_t seen;      /* every event of this caller's up to here was told */
	int64_t since_ms;
	enum rules_role role;
	uint8_t id[CODE_ID_LEN];
	struct hub *hub;
};

struct hub {
	struct hub_options opt;
	struct clock mono;
	int64_t last; /* number of the newest event that came by */
	size_t count;
	struct listener *place[PLACES];
};

enum err_code hub_new(struct hub **out, const struct hub_options *opt, struct err *err)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(err, ERR_NO_MEMORY, "no memory for those who listen");
	h->opt = *opt;
	clock_init_real(&h->mono);
	*out = h;
	return ERR_OK;
}

void hub_free(struct hub **h)
{
	if (!*h)
		return;
	ASSERT((*h)->count == 0);
	free(*h);
	*h = NULL;
}

size_t hub_listeners(const struct hub *h)
{
	return h->count;
}

/* ---- the table ---- */

static struct listener **place_of(struct hub *h, const uint8_t *id)
{
	return &h->place[be32_get(id) % PLACES];
}

static bool is(const struct listener *l, enum rules_role role, const uint8_t *id)
{
	return l->role == role && memcmp(l->id, id, CODE_ID_LEN) == 0;
}

static void enter(struct hub *h, struct listener *l)
{
	struct listener **place = place_of(h, l->id);

	l->next = *place;
	*place = l;
	h->count++;
	h->opt.changed(h->opt.ctx, 1);
	http_call_set_user(l->http, l);
}

static void leave(struct hub *h, struct listener *l)
{
	struct listener **p = place_of(h, l->id);

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	h->count--;
	h->opt.changed(h->opt.ctx, -1);
	if (l->end)
		event_free(l->end);
	free(l);
}

/* ---- the end of one ---- */

static void poll_answer(struct hub *h, struct listener *l, const struct store_event *ev)
{
	uint8_t storage[EVENT_TEXT_MAX + 2 * EVENT_POLL_END_MAX];
	struct http_answer answer = {.status = 200,
		.content_type = "application/json",
		.date_unix_s = clock_unix_s(h->opt.clock)};
	struct http_call *http = l->http;
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof(storage));
	event_text_poll_begin(&text, false);
	if (ev)
		event_text_poll(&text, ev, true);
	event_text_poll_end(&text, ev ? ev->seq : l->seen > h->last ? l->seen : h->last);
	ASSERT(!text.full);
	leave(h, l);
	http_call_set_user(http, NULL);
	answer.body = bytes_span(&text);
	http_answer_send(http, &answer);
}

static void stream_stop(struct hub *h, struct listener *l, bool tell)
{
	uint8_t storage[64];
	struct http_call *http = l->http;
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof(storage));
	event_text_stop(&text);
	leave(h, l);
	if (!tell || http_stream_write(http, bytes_span(&text)))
		http_stream_end(http);
}

/* Nothing is lost by it: whoever comes again names the last event that it got. */
static void send_away(struct hub *h, struct listener *l)
{
	if (l->end)
		poll_answer(h, l, NULL);
	else
		stream_stop(h, l, true);
}

static void on_poll_end(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	poll_answer(l->hub, l, NULL);
}

/* ---- arriving ---- */

static void make_room(struct hub *h, enum rules_role role, const uint8_t *id)
{
	struct listener *oldest = NULL;
	size_t count = 0;

	for (struct listener *l = *place_of(h, id); l; l = l->next)
		if (is(l, role, id)) {
			count++;
			oldest = l;
		}
	if (count > HUB_LISTENERS_OF_ONE_MAX)
		send_away(h, oldest);
}

static struct listener *listener_new(struct hub *h, struct http_call *http,
	const struct route_call *call)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->hub = h;
	l->http = http;
	l->seen = call->events.position;
	l->since_ms = clock_mono_ms(&h->mono);
	l->role = call->caller.role;
	memcpy(l->id, call->caller.id, CODE_ID_LEN);
	return l;
}

static bool arrive_stream(struct hub *h, struct http_call *http, struct route_call *call)
{
	struct listener *l = listener_new(h, http, call);

	if (!l || !http_stream_begin(http, answer_http(&call->answer))) {
		free(l);
		return false;
	}
	enter(h, l);
	/* the rest is asked for again, at once: the caller then has a number to go on from */
	if (call->events.more)
		stream_stop(h, l, false);
	else
		make_room(h, call->caller.role, call->caller.id);
	return true;
}

static bool park(struct hub *h, struct http_call *http, struct route_call *call)
{
	struct timeval tv = {.tv_sec = (time_t)call->in.events.wait_s};
	struct listener *l = listener_new(h, http, call);

	if (l)
		l->end = evtimer_new(h->opt.base, on_poll_end, l);
	if (!l || !l->end || event_add(l->end, &tv) || !http_call_park(http)) {
		if (l && l->end)
			event_free(l->end);
		free(l);
		return false;
	}
	enter(h, l);
	make_room(h, call->caller.role, call->caller.id);
	return true;
}

bool hub_arrive(struct hub *h, struct http_call *http, struct route_call *call)
{
	ASSERT(call->events.held);
	if (call->in.events.wait_s < 0)
		return arrive_stream(h, http, call);
	/* where there is no room to wait, the answer is that there is nothing yet */
	if (call->events.urgent || call->in.events.wait_s == 0 || !park(h, http, call))
		http_answer_send(http, answer_http(&call->answer));
	return true;
}

void hub_left(struct hub *h, struct http_call *http)
{
	leave(h, http_call_user(http));
}

void hub_beat(struct hub *h, struct http_call *http)
{
	struct listener *l = http_call_user(http);
	uint8_t storage[64];
	struct bytes text;

	if (clock_mono_ms(&h->mono) - l->since_ms >= HUB_STREAM_MS) {
		stream_stop(h, l, true);
		return;
	}
	bytes_init_fixed(&text, storage, sizeof(storage));
	event_text_beat(&text, l->seen > h->last ? l->seen : h->last);
	if (!http_stream_write(http, bytes_span(&text)))
		leave(h, l);
}

/* ---- telling ---- */

static void tell_one(struct hub *h, struct listener *l, const struct store_event *ev,
	struct span text)
{
	if (ev->seq <= l->seen)
		return;
	l->seen = ev->seq;
	if (l->end)
		poll_answer(h, l, ev);
	else if (!http_stream_write(l->http, text))
		leave(h, l);
	else if (rules_event_is_last(ev))
		stream_stop(h, l, false);
}

/* id NULL: everybody with this role. */
static void tell_place(struct hub *h, struct listener *l, enum rules_role role, const uint8_t *id,
	const struct store_event *ev, struct span text)
{
	struct listener *next;

	for (; l; l = next) {
		next = l->next;
		if (id ? is(l, role, id) : l->role == role)
			tell_one(h, l, ev, text);
	}
}

static bool is_for_all(const struct store_event *ev)
{
	static const uint8_t all[CODE_ID_LEN];

	return ev->for_terminal && memcmp(ev->terminal, all, CODE_ID_LEN) == 0;
}

static void tell_event(struct hub *h, const struct store_event *ev)
{
	enum rules_role role = ev->for_terminal ? ROLE_TERMINAL : ROLE_WALLET;
	const uint8_t *id = ev->for_terminal ? ev->terminal : ev->credential;
	uint8_t storage[EVENT_TEXT_MAX];
	struct bytes text;

	if (!ev->for_terminal && !ev->for_wallet)
		return;
	bytes_init_fixed(&text, storage, sizeof(storage));
	event_text_stream(&text, ev);
	ASSERT(!text.full);
	if (!is_for_all(ev)) {
		tell_place(h, *place_of(h, id), role, id, ev, bytes_span(&text));
		return;
	}
	for (size_t i = 0; i < PLACES; i++)
		tell_place(h, h->place[i], role, NULL, ev, bytes_span(&text));
}

void hub_tell(struct hub *h, const struct hub_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		tell_event(h, &events->list[i]);
		h->last = events->list[i].seq;
	}
}

void hub_drain(struct hub *h)
{
	for (size_t i = 0; i < PLACES; i++)
		while (h->place[i])
			send_away(h, h->place[i]);
}
