/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection of the HTTP server: reads a request, has it answered, waits for the next.
 */
#include "backend/http_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "backend/http_write.h"
#include "crypto/crypto.h"

#define READ_AHEAD_MAX ((size_t)HTTP_HEAD_MAX + HTTP_BODY_MAX)

static void call_advance(struct http_call *c);

static void idle_leave(struct http_call *c)
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

	idle_leave(c);
	c->idle_prev = s->idle_last;
	*(c->idle_prev ? &c->idle_prev->idle_next : &s->idle) = c;
	s->idle_last = c;
	c->idle = true;
}

/* A head that never ends is no more worth than a connection that says nothing; call_begin() takes
 * it out when the head is there.
 */
void http_call_set_state(struct http_call *c, enum call_state state, int64_t deadline_ms)
{
	struct timeval tv = {.tv_sec = deadline_ms / 1000, .tv_usec = deadline_ms % 1000 * 1000};
	bool held = http_call_is_held(c);

	c->state = state;
	c->server->streams += (size_t)http_call_is_held(c) - (size_t)held;
	if (state == CALL_HANDSHAKE || state == CALL_FIRST || state == CALL_IDLE ||
		state == CALL_READING)
		idle_enter(c);
	else
		idle_leave(c);
	if (deadline_ms > 0)
		(void)event_add(c->deadline, &tv);
	else
		(void)event_del(c->deadline);
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
	idle_leave(c);
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
	if (c->bev)
		bufferevent_free(c->bev);
	free(c);
}

/* Drops what the request took; it may hold a PIN or a token. */
static void call_consume(struct http_call *c, size_t len)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	unsigned char *p = len ? evbuffer_pullup(in, (ev_ssize_t)len) : NULL;

	if (p)
		sec_wipe(p, len);
	(void)evbuffer_drain(in, len);
	c->searched = 0;
	c->need = 0;
}

void http_answer_send(struct http_call *c, const struct http_answer *answer)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct http_write_options opt = {.omit_body = c->head_method};

	if (c->server->draining || c->ended)
		c->close = true;
	opt.close = c->close;
	http_call_set_state(c, CALL_WRITING, HTTP_WRITE_MS);
	if (http_answer_write(out, answer, opt))
		c->close = true; /* out of memory: what is cut short must not look whole */
}

static void call_refuse(struct http_call *c, const struct http_refusal *refusal)
{
	struct http_answer answer = {0};

	c->server->handler.refuse(c->server->handler.ctx, &answer, refusal);
	c->close = true;
	http_answer_send(c, &answer);
}

void http_call_finish(struct http_call *c)
{
	if (!c->close && !c->server->draining) {
		http_call_set_state(c, CALL_IDLE, HTTP_IDLE_MS);
		call_advance(c);
		return;
	}
	if (c->ended) {
		http_call_free(c);
		return;
	}
	/* closing with unread bytes resets the connection, and the client may lose the answer */
	http_tls_shut(c->bev);
	(void)shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	http_call_set_state(c, CALL_LINGER, HTTP_LINGER_MS);
	call_advance(c);
}

static void call_linger(struct http_call *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	c->thrown_away += evbuffer_get_length(in);
	(void)evbuffer_drain(in, evbuffer_get_length(in));
	if (c->thrown_away > HTTP_LINGER_MAX || c->ended)
		http_call_free(c);
}

static void head_tell_connection(const struct http_call *c, struct http_head *head)
{
	head->tls = c->server->tls != NULL;
	head->local = c->local && !head->forwarded; /* a proxy here asks for anybody */
	head->peer_key = c->peer.known ? c->peer.key : NULL;
}

/* A head is complete: refuse it, or learn how long the whole request is. False: nothing to go on
 * with. A method that may have sent a body is not read further once it was refused.
 */
static bool call_begin(struct http_call *c, struct span head_bytes)
{
	struct http_server *s = c->server;
	struct http_refusal refusal;
	struct http_answer answer = {0};
	struct http_head head;

	/* as good as in a new handshake: the client makes one, with a renewed certificate */
	if (c->peer.known && clock_unix_s(&s->clock) >= c->peer.until_unix_s) {
		http_call_free(c);
		return false;
	}
	if (http_head_parse(&head, &refusal, head_bytes, s->extra_name[0] ? s->extra_name : NULL)) {
		call_refuse(c, &refusal);
		return false;
	}
	c->close = !head.keep_alive;
	c->head_method = head.method == HTTP_HEAD;
	c->need = head_bytes.len + head.content_length;
	idle_leave(c);
	head_tell_connection(c, &head);
	if (!s->handler.head(s->handler.ctx, &answer, &head)) {
		c->close = c->close || head.content_length > 0;
		http_answer_send(c, &answer);
		call_consume(c, head_bytes.len);
		return false;
	}
	if (head.expect_continue && evbuffer_get_length(bufferevent_get_input(c->bev)) < c->need)
		(void)bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	return true;
}

/* Head and body are there. */
static void call_dispatch(struct http_call *c)
{
	struct http_server *s = c->server;
	size_t need = c->need;
	const uint8_t *p = evbuffer_pullup(bufferevent_get_input(c->bev), (ev_ssize_t)need);
	struct http_refusal refusal;
	struct http_head head;
	size_t head_len;

	if (!p) {
		http_call_free(c);
		return;
	}
	head_len = http_head_len(SPAN(p, need), 0);
	/* the same bytes were found good when the head came */
	ASSERT(http_head_parse(&head, &refusal, SPAN(p, head_len),
		       s->extra_name[0] ? s->extra_name : NULL) == ERR_OK);
	head_tell_connection(c, &head);
	http_call_set_state(c, CALL_HANDLING, 0);
	s->handler.request(s->handler.ctx, c, &head, SPAN(p + head_len, need - head_len));
	call_consume(c, need);
}

static void call_read(struct http_call *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t len = evbuffer_get_length(in);
	size_t look = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	struct span view;

	if (c->state != CALL_READING)
		http_call_set_state(c, CALL_READING, c->server->request_ms);
	if (c->need == 0) {
		view = SPAN(evbuffer_pullup(in, (ev_ssize_t)look), look);
		size_t head_len = view.data ? http_head_len(view, c->searched) : 0;

		c->searched = look;
		if (!view.data || !http_start_plausible(view)) {
			call_refuse(c, &(struct http_refusal){400, "bad-request",
					       c->server->tls ? "this is not an HTTP/1.1 "
								"request"
							      : "this is not an HTTP request; "
								"the port speaks plain "
								"HTTP/1.1"});
			return;
		}
		if (head_len == 0) {
			if (len >= HTTP_HEAD_MAX)
				call_refuse(c, &(struct http_refusal){431, "too-large",
						       "the head is larger than 8 KiB"});
			return;
		}
		if (!call_begin(c, SPAN(view.data, head_len)))
			return;
	}
	if (len >= c->need)
		call_dispatch(c);
}

static void call_advance(struct http_call *c)
{
	switch (c->state) {
	case CALL_FIRST:
	case CALL_IDLE:
	case CALL_READING:
		if (evbuffer_get_length(bufferevent_get_input(c->bev)) > 0)
			call_read(c);
		else if (c->ended)
			http_call_free(c);
		break;
	case CALL_LINGER:
		call_linger(c);
		break;
	case CALL_STREAM: /* nothing can follow it, so that nothing has to be kept either */
		http_call_free(c);
		break;
	case CALL_PARKED:
		if (c->ended)
			http_call_free(c);
		break;
	case CALL_HANDSHAKE:
	case CALL_HANDLING:
	case CALL_WRITING:
		break; /* what was sent ahead waits */
	}
}

static void on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	call_advance(arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct http_call *c = arg;

	(void)bev;
	c->slow = false;
	if (c->state == CALL_WRITING)
		http_call_finish(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_call *c = arg;

	(void)bev;
	if (!(what & BEV_EVENT_EOF) || (what & BEV_EVENT_ERROR)) {
		http_call_free(c);
		return;
	}
	/* a client may shut its side once it has asked, and still read the answer */
	c->ended = true;
	if (c->state == CALL_READING)
		http_call_free(c);
	else
		call_advance(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CALL_READING)
		call_refuse(c, &(struct http_refusal){
				       408, "bad-request", "the request did not arrive in time"});
	else if (c->state == CALL_STREAM)
		http_stream_beat(c);
	else {
		if (c->state == CALL_HANDSHAKE)
			http_handshake_late(c);
		http_call_free(c);
	}
}

void http_call_speak(struct http_call *c)
{
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, READ_AHEAD_MAX);
	http_call_set_state(c, CALL_FIRST, c->server->first_ms);
	if (bufferevent_enable(c->bev, EV_READ | EV_WRITE))
		http_call_free(c);
}

void http_call_linger(struct http_call *c, int fd)
{
	(void)shutdown(fd, SHUT_WR);
	c->bev = bufferevent_socket_new(c->server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		(void)close(fd);
		http_call_free(c);
		return;
	}
	c->close = true;
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	http_call_set_state(c, CALL_LINGER, HTTP_LINGER_MS);
	if (bufferevent_enable(c->bev, EV_READ))
		http_call_free(c);
}

/* The one place that decides what a connection speaks; fd has an owner when it returns. */
static void connection_begin(struct http_call *c, int fd)
{
	struct http_server *s = c->server;

	if (s->tls) {
		http_call_set_state(c, CALL_HANDSHAKE, s->handshake_ms);
		if (http_handshake_begin(c, fd))
			return;
		if (!c->handshake)
			(void)close(fd);
		http_call_free(c);
		return;
	}
	c->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev) {
		http_call_speak(c);
		return;
	}
	(void)close(fd);
	http_call_free(c);
}

void http_call_new(struct http_server *s, int fd, bool local)
{
	struct http_call *c = calloc(1, sizeof(*c));

	if (!c) {
		(void)close(fd);
		return;
	}
	c->server = s;
	c->local = local;
	c->next = s->calls;
	if (c->next)
		c->next->prev = c;
	s->calls = c;
	s->count++;
	c->deadline = evtimer_new(s->base, on_deadline, c);
	if (c->deadline) {
		connection_begin(c, fd);
		return;
	}
	(void)close(fd);
	http_call_free(c);
}

void http_call_set_user(struct http_call *call, void *user)
{
	call->user = user;
}

void *http_call_user(const struct http_call *call)
{
	return call->user;
}

bool http_call_origin(const struct http_call *call, uint8_t out[static HTTP_ORIGIN_LEN],
	bool *local)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t len = sizeof(a);

	memset(out, 0, HTTP_ORIGIN_LEN);
	*local = call->local;
	if (!call->bev || getpeername(bufferevent_getfd(call->bev), &a.any, &len))
		return false;
	if (a.any.sa_family == AF_INET) {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &a.v4.sin_addr, 4);
		return true;
	}
	if (a.any.sa_family != AF_INET6)
		return false;
	memcpy(out, a.v6.sin6_addr.s6_addr, IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr) ? 16 : 8);
	return true;
}
