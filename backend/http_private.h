/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the HTTP server share. Private to http.c and http_call.c.
 */
#ifndef BACKEND_HTTP_PRIVATE_H
#define BACKEND_HTTP_PRIVATE_H

#include "backend/http.h"
#include "base/log.h"

struct bufferevent;
struct event;
struct evconnlistener;

enum call_state {
	CALL_FIRST,    /* connected, no byte yet */
	CALL_IDLE,     /* between requests */
	CALL_READING,  /* some bytes of a request are there */
	CALL_HANDLING, /* the handler has it */
	CALL_PARKED,   /* the same, and it may take long */
	CALL_STREAM,   /* an answer without an end */
	CALL_WRITING,  /* the answer is on its way */
	CALL_LINGER    /* answered and shut; what still comes is thrown away */
};

/* A connection; it does one request at a time, so it is the call as well. */
struct http_call {
	struct http_server *server;
	struct http_call *next, *prev;
	struct http_call *idle_next, *idle_prev; /* while idle */
	struct bufferevent *bev;
	struct event *deadline;
	enum call_state state;
	size_t searched;    /* bytes looked through for the end of the head */
	size_t need;        /* bytes of head and body, once the head is known */
	size_t thrown_away; /* while lingering */
	bool close;         /* after this answer */
	bool head_method;
	bool ended; /* the client will send no more */
	bool idle;  /* nothing would be lost that a client was promised: it may give way */
	bool slow;  /* a stream's bytes did not leave since the last sign of life */
	void *user;
};

struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *accept_again;
	struct http_handler handler;
	char extra_name[64];
	int64_t request_ms, first_ms, beat_ms;
	size_t count, count_max;
	size_t streams, streams_max; /* parked calls included */
	unsigned beats;              /* spreads them over time */
	struct http_call *calls;
	struct http_call *idle, *idle_last; /* the longest idle one first */
	struct clock clock; /* real: deadlines never follow a clock turned by hand */
	struct log_fault accept_fault;
	int port;
	bool draining;
};

/* Owns fd from now on, whatever happens. */
void http_call_new(struct http_server *s, int fd);
void http_call_free(struct http_call *c);
void http_call_set_state(struct http_call *c, enum call_state state, int64_t deadline_ms);
/* The answer has left. */
void http_call_finish(struct http_call *c);
/* In http_stream.c: its deadline came. */
void http_stream_beat(struct http_call *c);
static inline bool http_call_is_held(const struct http_call *c)
{
	return c->state == CALL_PARKED || c->state == CALL_STREAM;
}
/* The connection that has asked for nothing whole the longest; NULL when all are busy. */
static inline struct http_call *http_call_longest_idle(const struct http_server *s)
{
	return s->idle;
}

#endif
