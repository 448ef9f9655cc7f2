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

static bool room_for_one(const struct http_call *c)
{
	const struct http_server *s = c->server;

	ASSERT(c->state == CALL_HANDLING);
	return !s->draining && !c->ended && s->streams < s->streams_max;
}

/* Where the system lacks one of these, the signs of life and the buffer's bound still hold. */
static void set_socket(struct http_call *c)
{
	int fd = c->wire.fd;
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

/* The output is empty when a stream begins: one request at a time, and what was written before has
 * left. What fails is found in the loop: our caller goes on with the stream that it began.
 */
bool http_stream_begin(struct http_call *c, const struct http_answer *answer)
{
	struct http_write_options opt = {.close = true, .endless = true};

	if (!room_for_one(c))
		return false;
	set_socket(c);
	c->close = true;
	http_call_set_state(c, CALL_STREAM, first_beat_ms(c->server));
	if (http_call_write(c, answer, opt))
		return true;
	c->ended = true;
	event_active(c->wire.readable, EV_READ, 0);
	return true;
}

bool http_stream_write(struct http_call *c, struct span piece)
{
	ASSERT(c->state == CALL_STREAM);
	if (http_wire_waiting(&c->wire) + piece.len <= HTTP_STREAM_BUFFER_MAX &&
		http_wire_write(&c->wire, piece))
		return true;
	http_call_break(c);
	return false;
}

void http_stream_end(struct http_call *c)
{
	ASSERT(c->state == CALL_STREAM);
	http_call_set_state(c, CALL_WRITING, HTTP_WRITE_MS);
	if (!c->running)
		http_call_run(c);
}

void http_stream_beat(struct http_call *c)
{
	struct http_server *s = c->server;
	bool waits = http_wire_waiting(&c->wire) > 0;

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
