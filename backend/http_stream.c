/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers without an end, and answers that wait long. The end of a stream is the end of its
 * connection: no chunks, so that a piece is one write of its own bytes.
 *
 * What a client does not read is never kept without bound: the kernel holds a little, we hold
 * HTTP_STREAM_BUFFER_MAX, then the connection is closed. A client whose machine has gone is found
 * by the signs of life that nobody acknowledges.
 */
#include "backend/http_private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "backend/http_write.h"

static bool room_for_one(const struct http_call *c)
{
	const struct http_server *s = c->server;

	ASSERT(c->state == CALL_HANDLING);
	return !s->draining && !c->ended && s->streams < s->streams_max;
}

/* Where the system lacks one of these, the signs of life and the buffer's bound still hold. */
static void set_socket(struct http_call *c)
{
	evutil_socket_t fd = bufferevent_getfd(c->bev);
	int kept = HTTP_STREAM_BUFFER_MAX;
	unsigned silent = HTTP_STREAM_SILENT_MS;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kept, sizeof(kept));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent, sizeof(silent));
}

/* Clients that came at one moment would get their signs of life at one moment. */
static int64_t first_beat_ms(struct http_server *s)
{
	int64_t half = s->beat_ms / 2;

	return s->beat_ms - (int64_t)(s->beats++ * 7919u % 1024u) * half / 1024;
}

/* Later, in the loop: whoever called us may still be looking at it. */
static void close_soon(struct http_call *c)
{
	http_call_set_state(c, CALL_LINGER, 0);
	c->close = true;
	event_active(c->deadline, EV_TIMEOUT, 0);
}

/* The output is empty when a stream begins: one request at a time, and what was written before has
 * left.
 */
bool http_stream_begin(struct http_call *c, const struct http_answer *answer)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct http_write_options opt = {.close = true, .endless = true};

	if (!room_for_one(c))
		return false;
	set_socket(c);
	c->close = true;
	http_call_set_state(c, CALL_STREAM, first_beat_ms(c->server));
	if (http_answer_write(out, answer, opt)) {
		/* no memory: what is there already is no answer, and nothing may follow it */
		(void)evbuffer_drain(out, evbuffer_get_length(out));
		http_call_set_state(c, CALL_HANDLING, 0);
		return false;
	}
	return true;
}

/* What leaves at once needs no buffer, no waiting for the socket and no second turn of the loop:
 * half the work of an event. Only where nothing waits before it, and never under TLS. Faults are
 * found by the buffer's own write.
 */
static struct span write_now(const struct http_call *c, const struct evbuffer *out,
	struct span piece)
{
	ssize_t n = 0;

	if (!c->server->tls && evbuffer_get_length(out) == 0)
		n = send(bufferevent_getfd(c->bev), piece.data, piece.len,
			MSG_DONTWAIT | MSG_NOSIGNAL);
	return n > 0 ? SPAN(piece.data + n, piece.len - (size_t)n) : piece;
}

bool http_stream_write(struct http_call *c, struct span piece)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	ASSERT(c->state == CALL_STREAM);
	piece = write_now(c, out, piece);
	if (piece.len == 0)
		return true;
	if (evbuffer_get_length(out) + piece.len <= HTTP_STREAM_BUFFER_MAX &&
		!evbuffer_add(out, piece.data, piece.len))
		return true;
	close_soon(c);
	return false;
}

void http_stream_end(struct http_call *c)
{
	ASSERT(c->state == CALL_STREAM);
	http_call_set_state(c, CALL_WRITING, HTTP_WRITE_MS);
	if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0)
		http_call_finish(c);
}

void http_stream_beat(struct http_call *c)
{
	struct http_server *s = c->server;
	bool waits = evbuffer_get_length(bufferevent_get_output(c->bev)) > 0;

	if (waits && c->slow) {
		http_call_free(c);
		return;
	}
	c->slow = waits;
	http_call_set_state(c, CALL_STREAM, s->beat_ms);
	s->handler.beat(s->handler.ctx, c);
}

bool http_call_park(struct http_call *c)
{
	if (!room_for_one(c))
		return false;
	http_call_set_state(c, CALL_PARKED, 0);
	return true;
}

size_t http_server_streams(const struct http_server *s)
{
	return s->streams;
}
