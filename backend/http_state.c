/* SPDX-License-Identifier: Apache-2.0
 *
 * Which state a connection is in, when that ends by itself, and who gives way to others.
 */
#include "backend/http_private.h"

#include <stdlib.h>

void http_call_idle_leave(struct http_call *c)
{
	struct http_server *s = c->server;

	if (!c->idle)
		return;
	*(c->idle_prev ? &c->idle_prev->idle_next : &s->idle) = c->idle_next;
	*(c->idle_next ? &c->idle_next->idle_prev : &s->idle_last) = c->idle_prev;
	c->idle_next = c->idle_prev = NULL;
	c->idle = false;
}

/* Last: whoever became idle before gives way first. */
static void idle_enter(struct http_call *c)
{
	struct http_server *s = c->server;

	http_call_idle_leave(c);
	c->idle_prev = s->idle_last;
	*(c->idle_prev ? &c->idle_prev->idle_next : &s->idle) = c;
	s->idle_last = c;
	c->idle = true;
}

/* ---- buffers ---- */

static void busy_end(struct http_call *c)
{
	if (!c->busy)
		return;
	c->busy = false;
	c->server->busy--;
	http_wire_hoard(&c->wire, false);
}

void http_call_busy_begin(struct http_call *c)
{
	if (c->busy || c->server->busy >= HTTP_BUSY_MAX)
		return;
	c->busy = true;
	c->server->busy++;
	http_wire_hoard(&c->wire, true);
}

/* ---- deadlines ---- */

/* When a connection that waits for its next request gives back its buffers; else 0. */
static int64_t busy_until(const struct http_call *c)
{
	return c->busy && c->state == CALL_IDLE ? c->due_ms - HTTP_IDLE_MS + HTTP_BUSY_MS : 0;
}

static int64_t next_look(const struct http_call *c)
{
	int64_t busy = busy_until(c);

	return busy && busy < c->due_ms ? busy : c->due_ms;
}

/* The timer is left where it is when it looks early enough: a busy connection changes its deadline
 * with each request, and has it looked at every other second.
 */
static void deadline_arm(struct http_call *c, int64_t now)
{
	int64_t at = next_look(c), ms = at > now ? at - now : 0;
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	c->armed_ms = event_add(c->deadline, &tv) ? 0 : at;
}

void http_call_deadline_set(struct http_call *c, int64_t in_ms)
{
	int64_t now = in_ms > 0 ? clock_mono_ms(&c->server->clock) : 0;

	c->due_ms = in_ms > 0 ? now + in_ms : 0;
	if (c->due_ms && (!c->armed_ms || next_look(c) < c->armed_ms))
		deadline_arm(c, now);
}

/* It is not over yet, and the timer looks again when it may be. */
bool http_call_deadline_is_ahead(struct http_call *c)
{
	int64_t now = clock_mono_ms(&c->server->clock), busy = busy_until(c);

	c->armed_ms = 0;
	if (busy && now >= busy)
		busy_end(c);
	if (c->broken || (c->due_ms && now >= c->due_ms))
		return false;
	if (c->due_ms)
		deadline_arm(c, now);
	return true;
}

/* ---- states ---- */

/* A head that never ends is no more worth than a connection that says nothing; call_wait() takes
 * it out when the head is there.
 */
void http_call_set_state(struct http_call *c, enum call_state state, int64_t deadline_ms)
{
	bool held = http_call_is_held(c);

	c->state = state;
	c->server->streams += (size_t)http_call_is_held(c) - (size_t)held;
	if (state == CALL_HANDSHAKE || state == CALL_FIRST || state == CALL_IDLE ||
		state == CALL_READING || state == CALL_PAGE)
		idle_enter(c);
	else
		http_call_idle_leave(c);
	if (http_call_is_held(c) || state == CALL_LINGER)
		busy_end(c);
	http_call_deadline_set(c, deadline_ms);
}

void http_call_free(struct http_call *c)
{
	struct http_server *s = c->server;

	if (c->state == CALL_HANDLING)
		s->handler.gone(s->handler.ctx, c);
	if (http_call_is_held(c)) {
		s->streams--;
		s->handler.left(s->handler.ctx, c);
	}
	http_call_idle_leave(c);
	busy_end(c);
	if (c->prev)
		c->prev->next = c->next;
	else if (s->calls == c)
		s->calls = c->next;
	if (c->next)
		c->next->prev = c->prev;
	s->count--;
	if (c->deadline)
		event_free(c->deadline);
	http_handshake_end(c);
	http_wire_close(&c->wire);
	free(c);
}

/* Nothing more is read or told meanwhile. */
void http_call_break(struct http_call *c)
{
	c->broken = true;
	c->close = true;
	http_wire_deafen(&c->wire);
	http_call_set_state(c, CALL_LINGER, 0);
	event_active(c->deadline, EV_TIMEOUT, 0);
}
