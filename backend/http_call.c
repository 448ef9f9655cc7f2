/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection of the HTTP server: reads a request, has it answered, waits for the next.
 */
#include "backend/http_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"

enum step {
	STEP_ON,   /* there may be more to do at once */
	STEP_WAIT, /* for the client, or for the handler */
	STEP_GONE  /* it was freed */
};

/* ---- answers ---- */

/* One piece of memory: over TLS each piece becomes a record and a write of its own. Bodies may hold
 * secrets: nothing of them stays in the room of all.
 */
bool http_call_write(struct http_call *c, const struct http_answer *answer,
	struct http_write_options opt)
{
	struct http_server *s = c->server;
	struct span body = opt.omit_body ? SPAN(NULL, 0) : answer->body;
	struct bytes out;
	bool good;

	bytes_init_fixed(&out, s->out, sizeof(s->out));
	http_answer_head(&out, &s->date, answer, opt);
	if (body.len > 0 && body.len <= out.cap - out.len) {
		bytes_add(&out, body.data, body.len);
		body = SPAN(NULL, 0);
	}
	good = !out.full && http_wire_write(&c->wire, bytes_span(&out));
	if (good && body.len > 0)
		good = answer->lasting ? http_wire_lend(&c->wire, body)
				       : http_wire_write(&c->wire, body);
	sec_wipe(s->out, out.len);
	return good;
}

void http_answer_send(struct http_call *c, const struct http_answer *answer)
{
	struct http_write_options opt = {.omit_body = c->head_method};

	if (c->server->draining || c->ended)
		c->close = true;
	opt.close = c->close;
	http_call_set_state(c, CALL_WRITING, 0);
	if (!http_call_write(c, answer, opt))
		http_call_break(c);
	else if (http_wire_waiting(&c->wire) > 0 && answer->lasting)
		http_call_set_state(c, CALL_PAGE, HTTP_PAGE_MS);
	else if (http_wire_waiting(&c->wire) > 0)
		http_call_deadline_set(c, HTTP_WRITE_MS);
	else if (!c->running)
		http_call_run(c);
}

static void call_refuse(struct http_call *c, const struct http_refusal *refusal)
{
	struct http_answer answer = {0};

	c->server->handler.refuse(c->server->handler.ctx, &answer, refusal);
	c->close = true;
	http_answer_send(c, &answer);
}

/* The answer has left. */
static enum step call_finish(struct http_call *c)
{
	if (!c->close && !c->server->draining) {
		http_call_set_state(c, CALL_IDLE, HTTP_IDLE_MS);
		return STEP_ON;
	}
	if (c->ended) {
		http_call_free(c);
		return STEP_GONE;
	}
	/* closing with unread bytes resets the connection, and the client may lose the answer */
	http_wire_shut(&c->wire);
	http_call_set_state(c, CALL_LINGER, HTTP_LINGER_MS);
	return STEP_ON;
}

static enum step call_linger(struct http_call *c)
{
	size_t len = http_wire_input(&c->wire).len;

	c->thrown_away += len;
	http_wire_take(&c->wire, len);
	if (c->thrown_away <= HTTP_LINGER_MAX && !c->ended)
		return STEP_WAIT;
	http_call_free(c);
	return STEP_GONE;
}

/* ---- requests ---- */

static void head_tell_connection(const struct http_call *c, struct http_head *head)
{
	head->tls = c->server->tls != NULL;
	head->local = c->local && !head->forwarded; /* a proxy here asks for anybody */
	head->peer_key = c->peer.known ? c->peer.key : NULL;
}

/* Drops what the request took; it may hold a PIN or a token. */
static void call_consume(struct http_call *c, size_t len)
{
	http_wire_take(&c->wire, len);
	c->searched = 0;
	c->need = 0;
}

static const char *extra_name(const struct http_server *s)
{
	return s->extra_name[0] ? s->extra_name : NULL;
}

/* A head is complete: refuse it, or learn how long the whole request is. STEP_ON: go on with it. A
 * method that may have sent a body is not read further once it was refused.
 */
static enum step call_begin(struct http_call *c, struct http_head *head, struct span head_bytes)
{
	struct http_server *s = c->server;
	struct http_refusal refusal;
	struct http_answer answer = {0};

	/* as good as in a new handshake: the client makes one, with a renewed certificate */
	if (c->peer.known && clock_unix_s(&s->clock) >= c->peer.until_unix_s) {
		http_call_free(c);
		return STEP_GONE;
	}
	if (http_head_parse(head, &refusal, head_bytes, extra_name(s))) {
		call_refuse(c, &refusal);
		return STEP_WAIT;
	}
	c->close = !head->keep_alive;
	c->head_method = head->method == HTTP_HEAD;
	c->need = head_bytes.len + head->content_length;
	head_tell_connection(c, head);
	if (!s->handler.head(s->handler.ctx, &answer, head)) {
		c->close = c->close || head->content_length > 0;
		http_answer_send(c, &answer);
		call_consume(c, head_bytes.len);
		return STEP_WAIT;
	}
	/* best effort: if it is broken, reading says so */
	if (head->expect_continue && http_wire_input(&c->wire).len < c->need)
		(void)!http_wire_write(&c->wire, span_text("HTTP/1.1 100 Continue\r\n\r\n"));
	return STEP_ON;
}

/* The body was not there when the head came: the same bytes were found good then. */
static struct http_head head_again(const struct http_call *c, struct span head_bytes)
{
	struct http_refusal refusal;
	struct http_head head;

	ASSERT(http_head_parse(&head, &refusal, head_bytes, extra_name(c->server)) == ERR_OK);
	head_tell_connection(c, &head);
	return head;
}

/* Head and body are there. */
static enum step call_dispatch(struct http_call *c, const struct http_head *head, size_t head_len)
{
	struct http_server *s = c->server;
	struct span body = http_wire_input(&c->wire);

	body = SPAN(body.data + head_len, c->need - head_len);
	http_call_set_state(c, CALL_HANDLING, 0);
	http_call_busy_begin(c);
	s->handler.request(s->handler.ctx, c, head, body);
	call_consume(c, head_len + body.len);
	return c->state == CALL_HANDLING ? STEP_WAIT : STEP_ON;
}

/* More of it must come. */
static enum step call_wait(struct http_call *c)
{
	if (c->ended) {
		http_call_free(c);
		return STEP_GONE;
	}
	if (c->state != CALL_READING)
		http_call_set_state(c, CALL_READING, c->server->request_ms);
	if (c->need > 0)
		http_call_idle_leave(c);
	return STEP_WAIT;
}

static const char *words_for_noise(const struct http_server *s)
{
	return s->tls ? "this is not an HTTP/1.1 request"
		      : "this is not an HTTP request; the port speaks plain HTTP/1.1";
}

static enum step call_refuse_step(struct http_call *c, int status, const char *word,
	const char *detail)
{
	call_refuse(c, &(struct http_refusal){status, word, detail});
	return STEP_ON;
}

static enum step call_read(struct http_call *c)
{
	struct span in = http_wire_input(&c->wire);
	size_t look = in.len < HTTP_HEAD_MAX ? in.len : HTTP_HEAD_MAX, head_len;
	struct http_head head;
	enum step step;

	if (c->need > 0) {
		if (in.len < c->need)
			return call_wait(c);
		head_len = http_head_len(SPAN(in.data, look), 0);
		head = head_again(c, SPAN(in.data, head_len));
		return call_dispatch(c, &head, head_len);
	}
	head_len = http_head_len(SPAN(in.data, look), c->searched);
	c->searched = look;
	if (!http_start_plausible(SPAN(in.data, look)))
		return call_refuse_step(c, 400, "bad-request", words_for_noise(c->server));
	if (head_len == 0 && in.len >= HTTP_HEAD_MAX)
		return call_refuse_step(c, 431, "too-large", "the head is larger than 8 KiB");
	if (head_len == 0)
		return call_wait(c);
	step = call_begin(c, &head, SPAN(in.data, head_len));
	if (step != STEP_ON)
		return step == STEP_GONE ? STEP_GONE : STEP_ON;
	if (in.len < c->need)
		return call_wait(c);
	return call_dispatch(c, &head, head_len);
}

/* ---- steps ---- */

static enum step call_step(struct http_call *c)
{
	bool silent = http_wire_input(&c->wire).len == 0;

	switch (c->state) {
	case CALL_FIRST:
	case CALL_IDLE:
	case CALL_READING:
		if (!silent)
			return call_read(c);
		break;
	case CALL_WRITING:
	case CALL_PAGE:
		if (http_wire_waiting(&c->wire) == 0)
			return call_finish(c);
		return STEP_WAIT;
	case CALL_LINGER:
		return c->broken ? STEP_WAIT : call_linger(c);
	case CALL_STREAM: /* nothing can follow it, so that nothing has to be kept either */
		if (silent && !c->ended)
			return STEP_WAIT;
		http_call_free(c);
		return STEP_GONE;
	case CALL_PARKED:
		break;
	case CALL_HANDSHAKE:
	case CALL_HANDLING:
		return STEP_WAIT; /* what was sent ahead waits */
	}
	if (!c->ended)
		return STEP_WAIT;
	http_call_free(c);
	return STEP_GONE;
}

void http_call_run(struct http_call *c)
{
	enum step step;

	c->running = true;
	do
		step = call_step(c);
	while (step == STEP_ON);
	if (step == STEP_GONE)
		return;
	c->running = false;
	if (!http_wire_keep(&c->wire))
		http_call_free(c);
}

/* ---- what the loop tells ---- */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *c = arg;

	(void)fd;
	(void)what;
	switch (http_wire_read(&c->wire, c->server->in)) {
	case HTTP_WIRE_GOOD:
		break;
	case HTTP_WIRE_ENDED:
		/* a client may shut its side once it has asked, and still read the answer */
		c->ended = true;
		break;
	case HTTP_WIRE_BROKEN:
		http_call_free(c);
		return;
	}
	http_call_run(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *c = arg;

	(void)fd;
	(void)what;
	if (!http_wire_flush(&c->wire)) {
		http_call_free(c);
		return;
	}
	if (http_wire_waiting(&c->wire) > 0)
		return;
	c->slow = false;
	http_call_run(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *c = arg;

	(void)fd;
	(void)what;
	if (http_call_deadline_is_ahead(c))
		return;
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

static const event_callback_fn CALLS[2] = {on_readable, on_writable};

void http_call_speak(struct http_call *c, int fd, struct ssl_st *ssl)
{
	http_call_set_state(c, CALL_FIRST, c->server->first_ms);
	if (!http_wire_open(&c->wire, c->server->base, fd, ssl, CALLS, c))
		http_call_free(c);
}

void http_call_linger(struct http_call *c, int fd)
{
	c->close = true;
	http_call_set_state(c, CALL_LINGER, HTTP_LINGER_MS);
	if (http_wire_open(&c->wire, c->server->base, fd, NULL, CALLS, c))
		http_wire_shut(&c->wire);
	else
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
	http_call_speak(c, fd, NULL);
}

void http_call_new(struct http_server *s, int fd, const uint8_t origin[static HTTP_ORIGIN_LEN],
	bool local)
{
	struct http_call *c = calloc(1, sizeof(*c));

	if (!c) {
		(void)close(fd);
		return;
	}
	c->server = s;
	c->local = local;
	memcpy(c->origin, origin, HTTP_ORIGIN_LEN);
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

void http_call_origin(const struct http_call *call, uint8_t out[static HTTP_ORIGIN_LEN],
	bool *local)
{
	memcpy(out, call->origin, HTTP_ORIGIN_LEN);
	*local = call->local;
}
