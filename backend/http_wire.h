/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of one connection, plain or TLS, as the loop hands them over. Private to http*.c.
 * Knows nothing of requests and never calls back while it is called.
 *
 * What comes is read into a room that all connections of the loop share; only what is not taken
 * before the next one reads is kept by its own. What goes out is written at once; only what the
 * system does not take waits here. So an idle connection has no buffers, and a request that comes
 * whole is neither copied nor waited for twice. Whatever is given back was wiped.
 */
#ifndef BACKEND_HTTP_WIRE_H
#define BACKEND_HTTP_WIRE_H

#include <event2/event.h>

#include "backend/http_parse.h"

struct ssl_st;

#define HTTP_WIRE_ASIDES_MAX 64 /* new keys and warnings of TLS on one connection; more ends it */
#define HTTP_WIRE_READ_MAX ((size_t)HTTP_HEAD_MAX + HTTP_BODY_MAX) /* what waits unread is more */

struct http_wire_room { /* data[at..len) are the bytes */
	uint8_t *data;
	size_t at, len, cap;
};

struct http_wire {
	int fd;
	struct ssl_st *ssl;       /* NULL: plain */
	struct event *readable;   /* NULL: there is no wire */
	struct event *writable;   /* NULL: nothing ever had to wait */
	event_callback_fn on_writable;
	struct http_wire_room in, out;
	struct span lent; /* leaves after out */
	unsigned asides; /* of TLS, since the handshake */
	bool shared; /* in is the room of all */
	bool paused; /* in is full: the rest waits in the system */
};

enum http_wire_read {
	HTTP_WIRE_GOOD,  /* there may be more input than before */
	HTTP_WIRE_ENDED, /* as before, and nothing will follow */
	HTTP_WIRE_BROKEN
};

/* Owns fd and ssl from now on, whatever happens, and is read from. ctx: of the two callbacks, which
 * are called from the loop. False: no memory; it is closed.
 */
ERR_MUST_CHECK bool http_wire_open(struct http_wire *w, struct event_base *base, int fd,
	struct ssl_st *ssl, const event_callback_fn calls[static 2], void *ctx);
void http_wire_close(struct http_wire *w); /* also where there is none */

/* When it is readable: takes over what there is, up to HTTP_WIRE_READ_MAX. room: as large as that,
 * lent until http_wire_keep().
 */
enum http_wire_read http_wire_read(struct http_wire *w, uint8_t *room);
struct span http_wire_input(const struct http_wire *w);
void http_wire_take(struct http_wire *w, size_t len); /* from the front of the input; wiped */
/* The room is somebody else's from here on. False: no memory. */
ERR_MUST_CHECK bool http_wire_keep(struct http_wire *w);
/* Nothing more is read from now on. */
void http_wire_deafen(struct http_wire *w);

/* False: the connection is broken, or there is no memory. */
ERR_MUST_CHECK bool http_wire_write(struct http_wire *w, struct span data);
/* The same, and nothing of it is copied: data is there as long as the connection is. Nothing can be
 * written behind it before it has left.
 */
ERR_MUST_CHECK bool http_wire_lend(struct http_wire *w, struct span data);
/* When it is writable, and what waited may leave. False: broken. */
ERR_MUST_CHECK bool http_wire_flush(struct http_wire *w);
size_t http_wire_waiting(const struct http_wire *w); /* bytes written that have not left */
/* OpenSSL takes 16 KiB for each record that comes, and wipes and frees them when it went. Here:
 * whether it keeps them instead. At first it does not.
 */
void http_wire_hoard(struct http_wire *w, bool hoard);
/* Our side says no more. */
void http_wire_shut(struct http_wire *w);

#endif
