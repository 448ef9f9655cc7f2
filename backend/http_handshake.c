/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections before they speak: TLS handshakes, in turns.
 *
 * A handshake costs as much as a hundred requests. When thousands of terminals come at once, as
 * after a power cut, requests of those that are there must not wait for all of them: between two
 * looks at the network only HTTP_HANDSHAKE_TURN steps are made, the rest waits in its order.
 */
#include "backend/http_private.h"

#include <stdlib.h>

static void turn_soon(struct http_server *s)
{
	static const struct timeval at_once = {0, 0};

	if (!evtimer_pending(s->handshake_turn, NULL))
		(void)event_add(s->handshake_turn, &at_once);
}

static void list_add(struct http_handshakes *l, struct http_call *c)
{
	c->turn_prev = l->last;
	c->turn_next = NULL;
	*(c->turn_prev ? &c->turn_prev->turn_next : &l->first) = c;
	l->last = c;
	c->turn_list = l;
}

static void list_leave(struct http_call *c)
{
	struct http_handshakes *l = c->turn_list;

	if (!l)
		return;
	*(c->turn_prev ? &c->turn_prev->turn_next : &l->first) = c->turn_next;
	*(c->turn_next ? &c->turn_next->turn_prev : &l->last) = c->turn_prev;
	c->turn_list = NULL;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *c = arg;

	(void)fd;
	(void)what;
	list_leave(c);
	list_add(&c->server->ready, c);
	turn_soon(c->server);
}

/* Each kind of fault once, and again when it has been quiet for a while: a client that fails for
 * ever must not fill the log.
 */
static void tell(struct http_server *s, const char *fault)
{
	int64_t now = clock_mono_ms(&s->clock);
	struct http_told *to = NULL;

	s->handshakes_failed++;
	for (size_t i = 0; i < HTTP_TOLD_MAX && !to; i++)
		if (!s->told[i].words || s->told[i].words == fault)
			to = &s->told[i];
	if (!to)
		return;
	to->count++;
	if (to->words && now - to->at_ms < HTTP_TOLD_MS)
		return;
	if (to->count > 1)
		log_line(LOG_WARNING, "tls", "%s (%llu times since it was last told)", fault,
			(unsigned long long)to->count);
	else
		log_line(LOG_WARNING, "tls", "%s", fault);
	to->words = fault;
	to->at_ms = now;
	to->count = 0;
}

/* Somebody speaks HTTP to this port: he is told so, in plain words. */
static void answer_plain(struct http_call *c, int fd)
{
	struct http_refusal refusal = {400, "bad-request", "this port speaks TLS: use https://"};

	http_refuse_plain(c->server, fd, &refusal);
}

static bool wait_for(struct http_call *c, short what)
{
	evutil_socket_t fd = event_get_fd(c->handshake_event);

	c->waits_since_ms = clock_mono_ms(&c->server->clock);
	list_add(&c->server->waiting, c);
	return !event_assign(c->handshake_event, c->server->base, fd, what, on_ready, c) &&
		!event_add(c->handshake_event, NULL);
}

static void leave(struct http_call *c)
{
	list_leave(c);
	if (c->handshake_event)
		event_free(c->handshake_event);
	c->handshake_event = NULL;
	c->server->handshakes--;
}

static void finish(struct http_call *c)
{
	int fd = event_get_fd(c->handshake_event);

	leave(c);
	http_call_speak(c, fd, http_handshake_finish(&c->handshake, &c->peer));
}

static void step(struct http_call *c)
{
	struct http_server *s = c->server;

	switch (http_handshake_step(c->handshake, s->tls)) {
	case HTTP_HANDSHAKE_READ:
		if (wait_for(c, EV_READ))
			return;
		break;
	case HTTP_HANDSHAKE_WRITE:
		if (wait_for(c, EV_WRITE))
			return;
		break;
	case HTTP_HANDSHAKE_DONE:
		finish(c);
		return;
	case HTTP_HANDSHAKE_PLAIN:
		tell(s, "a client speaks plain HTTP to the TLS port");
		answer_plain(c, event_get_fd(c->handshake_event));
		break;
	case HTTP_HANDSHAKE_FAILED:
		tell(s, http_handshake_fault(c->handshake));
		break;
	}
	leave(c);
	http_call_linger(c, http_handshake_release(&c->handshake));
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *s = arg;
	struct http_call *c;

	(void)fd;
	(void)what;
	for (int i = 0; i < HTTP_HANDSHAKE_TURN && (c = s->ready.first) != NULL; i++) {
		list_leave(c);
		step(c);
	}
	if (s->ready.first)
		turn_soon(s);
}

bool http_handshakes_start(struct http_server *s)
{
	s->handshake_turn = evtimer_new(s->base, on_turn, s);
	return s->handshake_turn != NULL;
}

bool http_handshake_begin(struct http_call *c, int fd)
{
	c->handshake = http_handshake_new(fd);
	if (!c->handshake)
		return false;
	c->server->handshakes++;
	c->handshake_event = event_new(c->server->base, fd, EV_READ, on_ready, c);
	return c->handshake_event && wait_for(c, EV_READ);
}

void http_handshake_end(struct http_call *c)
{
	if (!c->handshake)
		return;
	leave(c);
	http_handshake_free(&c->handshake);
}

void http_handshake_late(struct http_call *c)
{
	tell(c->server, "a client did not finish its handshake in time");
}

/* Whoever has let us wait longest goes first, once that is long for a client that means it. */
bool http_handshakes_full(struct http_server *s)
{
	struct http_call *c = s->waiting.first;

	if (s->handshakes < HTTP_HANDSHAKES_MAX)
		return false;
	if (!c || clock_mono_ms(&s->clock) - c->waits_since_ms < HTTP_HANDSHAKE_PATIENCE_MS)
		return true;
	tell(s, "a client that let its handshake wait gave way to others");
	http_call_free(c);
	return false;
}
