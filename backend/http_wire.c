/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of connections on sockets and OpenSSL.
 *
 * Not libevent's bufferevents: two changes of what epoll waits for in each answer, a second turn of
 * the loop before it leaves, and a kilobyte for each idle connection.
 */
#include "backend/http_wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/crypto.h"

#define ROOM_FIRST ((size_t)1024)

enum { WAIT = 0, ENDED = -1, BROKEN = -2 }; /* else a number of bytes */

/* ---- one call of the system or of OpenSSL ---- */

/* Reading that must write first is a client that asks for new keys and reads nothing: it is closed,
 * for the socket stays readable meanwhile and the loop would spin.
 */
static long tls_said(SSL *ssl, int r, int wait)
{
	int error = SSL_get_error(ssl, r);

	ERR_clear_error(); /* nobody else's words about something else */
	if (error == wait)
		return WAIT;
	return error == SSL_ERROR_ZERO_RETURN ? ENDED : BROKEN;
}

static long get_tls(SSL *ssl, uint8_t *to, size_t len)
{
	int n;

	ERR_clear_error();
	n = SSL_read(ssl, to, (int)len);
	return n > 0 ? n : tls_said(ssl, n, SSL_ERROR_WANT_READ);
}

static long get(const struct http_wire *w, uint8_t *to, size_t len)
{
	ssize_t n;

	if (w->ssl)
		return get_tls(w->ssl, to, len);
	n = recv(w->fd, to, len, MSG_DONTWAIT);
	if (n > 0)
		return n;
	if (n == 0)
		return ENDED;
	return errno == EAGAIN || errno == EINTR ? WAIT : BROKEN;
}

/* All of it, or why not the rest: *done says how much. */
static long put(const struct http_wire *w, size_t *done, struct span data)
{
	long n = 1;

	for (*done = 0; *done < data.len && n > 0; *done += n > 0 ? (size_t)n : 0) {
		const uint8_t *from = data.data + *done;
		size_t len = data.len - *done;

		if (w->ssl) {
			ERR_clear_error();
			n = SSL_write(w->ssl, from, (int)len);
			n = n > 0 ? n : tls_said(w->ssl, (int)n, SSL_ERROR_WANT_WRITE);
		} else {
			n = send(w->fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0)
				n = errno == EAGAIN || errno == EINTR ? WAIT : BROKEN;
		}
	}
	return n;
}

/* ---- rooms ---- */

static void room_free(struct http_wire_room *r)
{
	if (r->data) {
		sec_wipe(r->data, r->len);
		free(r->data);
	}
	*r = (struct http_wire_room){.data = NULL};
}

/* Room for `more` bytes after len, what is there moved to the front. */
static bool room_grow(struct http_wire_room *r, size_t more)
{
	size_t have = r->len - r->at, cap = ROOM_FIRST;
	struct http_wire_room bigger = {.len = have};

	if (r->data && more <= r->cap - r->len)
		return true;
	while (cap < have + more)
		cap *= 2;
	bigger.data = malloc(cap);
	bigger.cap = cap;
	if (!bigger.data)
		return false;
	if (have)
		memcpy(bigger.data, r->data + r->at, have);
	room_free(r);
	*r = bigger;
	return true;
}

static bool room_add(struct http_wire_room *r, struct span data)
{
	if (!room_grow(r, data.len))
		return false;
	memcpy(r->data + r->len, data.data, data.len);
	r->len += data.len;
	return true;
}

/* ---- life ---- */

/* OpenSSL goes on reading until a request's bytes come, and a client can send new keys faster than
 * we can make ours: one that never stops would have the loop for itself, past every deadline. The
 * same goes for requests to negotiate again, each of which OpenSSL answers with a warning. Set like
 * this, reading fails at the next record.
 */
static void count_asides(int sent, int version, int type, const void *data, size_t len, SSL *ssl,
	void *wire)
{
	struct http_wire *w = wire;

	(void)version;
	if (sent ? type != SSL3_RT_ALERT
		 : type != SSL3_RT_HANDSHAKE || len == 0 ||
				*(const uint8_t *)data != SSL3_MT_KEY_UPDATE)
		return;
	if (++w->asides > HTTP_WIRE_ASIDES_MAX)
		SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

bool http_wire_open(struct http_wire *w, struct event_base *base, int fd, struct ssl_st *ssl,
	const event_callback_fn calls[static 2], void *ctx)
{
	*w = (struct http_wire){.fd = fd, .ssl = ssl, .on_writable = calls[1]};
	if (ssl) {
		SSL_set_msg_callback(ssl, count_asides);
		SSL_set_msg_callback_arg(ssl, w);
	}
	w->readable = event_new(base, fd, EV_READ | EV_PERSIST, calls[0], ctx);
	if (w->readable && !event_add(w->readable, NULL)) {
		/* what came with the last words of the handshake: no socket tells of it again */
		if (ssl && SSL_has_pending(ssl))
			event_active(w->readable, EV_READ, 0);
		return true;
	}
	if (!w->readable) {
		SSL_free(ssl);
		(void)close(fd);
	}
	http_wire_close(w);
	return false;
}

void http_wire_close(struct http_wire *w)
{
	if (!w->readable)
		return;
	event_free(w->readable);
	if (w->writable)
		event_free(w->writable);
	if (w->shared)
		sec_wipe(w->in.data, w->in.len);
	else
		room_free(&w->in);
	room_free(&w->out);
	SSL_free(w->ssl);
	(void)close(w->fd);
	*w = (struct http_wire){.fd = -1};
}

void http_wire_shut(struct http_wire *w)
{
	if (w->ssl)
		(void)SSL_shutdown(w->ssl); /* best effort: the socket is shut after it */
	ERR_clear_error();
	(void)shutdown(w->fd, SHUT_WR);
}

void http_wire_hoard(struct http_wire *w, bool hoard)
{
	if (!w->ssl)
		return;
	if (hoard) {
		(void)SSL_clear_mode(w->ssl, SSL_MODE_RELEASE_BUFFERS);
		return;
	}
	(void)SSL_set_mode(w->ssl, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_free_buffers(w->ssl); /* while something waits in them, later and by itself */
}

/* ---- reading ---- */

void http_wire_deafen(struct http_wire *w)
{
	(void)event_del(w->readable);
}

static void pause_reading(struct http_wire *w)
{
	w->paused = true;
	http_wire_deafen(w);
}

/* What OpenSSL holds already, no socket tells of again. */
static void resume_reading(struct http_wire *w)
{
	w->paused = false;
	(void)event_add(w->readable, NULL);
	if (w->ssl && SSL_has_pending(w->ssl))
		event_active(w->readable, EV_READ, 0);
}

/* How much more may be read; 0: what is there must be taken first. */
static size_t allowed(const struct http_wire *w)
{
	size_t have = w->in.len - w->in.at;

	return have < HTTP_WIRE_READ_MAX ? HTTP_WIRE_READ_MAX - have : 0;
}

/* Where the next bytes go, and how many of them; 0: no memory. */
static size_t make_room(struct http_wire *w, uint8_t *room, size_t most)
{
	if (!w->in.data) {
		w->in = (struct http_wire_room){.data = room, .cap = HTTP_WIRE_READ_MAX};
		w->shared = true;
	}
	if (!w->shared && w->in.len == w->in.cap && !room_grow(&w->in, ROOM_FIRST))
		return 0;
	return most < w->in.cap - w->in.len ? most : w->in.cap - w->in.len;
}

enum http_wire_read http_wire_read(struct http_wire *w, uint8_t *room)
{
	size_t most, space;
	long n;

	do {
		most = allowed(w);
		if (most == 0) {
			pause_reading(w);
			return HTTP_WIRE_GOOD;
		}
		space = make_room(w, room, most);
		n = space ? get(w, w->in.data + w->in.len, space) : BROKEN;
		w->in.len += n > 0 ? (size_t)n : 0;
		/* the socket is not asked again: the loop does that, for all at once */
	} while (n > 0 && w->ssl && SSL_has_pending(w->ssl));
	if (n >= 0)
		return HTTP_WIRE_GOOD;
	http_wire_deafen(w);
	return n == ENDED ? HTTP_WIRE_ENDED : HTTP_WIRE_BROKEN;
}

struct span http_wire_input(const struct http_wire *w)
{
	if (!w->in.data)
		return SPAN(NULL, 0);
	return SPAN(w->in.data + w->in.at, w->in.len - w->in.at);
}

void http_wire_take(struct http_wire *w, size_t len)
{
	if (!len)
		return;
	ASSERT(len <= w->in.len - w->in.at);
	sec_wipe(w->in.data + w->in.at, len);
	w->in.at += len;
	if (w->in.at == w->in.len)
		w->in.at = w->in.len = 0;
	if (w->paused)
		resume_reading(w);
}

bool http_wire_keep(struct http_wire *w)
{
	struct http_wire_room lent = w->in;
	struct span rest = http_wire_input(w);
	bool good = true;

	if (!w->shared) {
		if (w->in.data && rest.len == 0)
			room_free(&w->in);
		return true;
	}
	w->shared = false;
	w->in = (struct http_wire_room){.data = NULL};
	if (rest.len > 0) {
		good = room_add(&w->in, rest);
		sec_wipe(lent.data + lent.at, rest.len);
	}
	return good;
}

/* ---- writing ---- */

size_t http_wire_waiting(const struct http_wire *w)
{
	return w->out.len - w->out.at + w->lent.len;
}

/* False: broken. */
static bool flush_out(struct http_wire *w)
{
	struct http_wire_room *out = &w->out;
	size_t done = 0;
	long n;

	if (!out->data)
		return true;
	n = put(w, &done, SPAN(out->data + out->at, out->len - out->at));
	out->at += done;
	if (out->at < out->len)
		return n >= 0;
	room_free(out);
	return true;
}

static bool flush_lent(struct http_wire *w)
{
	size_t done = 0;
	long n;

	if (w->lent.len == 0 || w->out.data)
		return true;
	n = put(w, &done, w->lent);
	w->lent = SPAN(w->lent.data + done, w->lent.len - done);
	return w->lent.len == 0 || n >= 0;
}

bool http_wire_flush(struct http_wire *w)
{
	if (!flush_out(w) || !flush_lent(w))
		return false;
	if (http_wire_waiting(w) == 0)
		(void)event_del(w->writable);
	return true;
}

static bool wait_for_room(struct http_wire *w)
{
	if (!w->writable)
		w->writable = event_new(event_get_base(w->readable), w->fd, EV_WRITE | EV_PERSIST,
			w->on_writable, event_get_callback_arg(w->readable));
	return w->writable && !event_add(w->writable, NULL);
}

bool http_wire_write(struct http_wire *w, struct span data)
{
	size_t done = 0;

	ASSERT(w->lent.len == 0);
	if (http_wire_waiting(w) == 0 && put(w, &done, data) < 0)
		return false;
	if (done == data.len)
		return true;
	return room_add(&w->out, SPAN(data.data + done, data.len - done)) && wait_for_room(w);
}

bool http_wire_lend(struct http_wire *w, struct span data)
{
	ASSERT(w->lent.len == 0);
	w->lent = data;
	return flush_lent(w) && (w->lent.len == 0 || wait_for_room(w));
}
