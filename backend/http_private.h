/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the HTTP server share. Private to http*.c.
 */
#ifndef BACKEND_HTTP_PRIVATE_H
#define BACKEND_HTTP_PRIVATE_H

#include "backend/http_tls.h"
#include "backend/http_wire.h"
#include "backend/http_write.h"
#include "base/log.h"

struct evconnlistener;

enum call_state {
	CALL_HANDSHAKE, /* TLS is not there yet, and there is no wire */
	CALL_FIRST,    /* connected, no byte yet */
	CALL_IDLE,     /* between requests */
	CALL_READING,  /* some bytes of a request are there */
	CALL_HANDLING, /* the handler has it */
	CALL_PARKED,   /* the same, and it may take long */
	CALL_STREAM,   /* an answer without an end */
	CALL_WRITING,  /* the answer is on its way */
	CALL_PAGE,     /* the same, of what can be asked for again: it gives way */
	CALL_LINGER    /* answered and shut; what still comes is thrown away */
};

/* A connection; it does one request at a time, so it is the call as well. */
struct http_call {
	struct http_server *server;
	struct http_call *next, *prev;
	struct http_call *idle_next, *idle_prev; /* while idle */
	struct http_wire wire;
	struct event *deadline;
	int64_t due_ms;   /* when this state ends by itself; 0 = never */
	int64_t armed_ms; /* when `deadline` looks next, never later than due; 0 = it does not */
	struct http_handshake *handshake; /* these six: while there is a handshake */
	struct event *handshake_event;
	struct http_handshakes *turn_list;
	struct http_call *turn_next, *turn_prev;
	int64_t waits_since_ms; /* for the client */
	enum call_state state;
	size_t searched;    /* bytes looked through for the end of the head */
	size_t need;        /* bytes of head and body, once the head is known */
	size_t thrown_away; /* while lingering */
	bool busy;          /* keeps its buffers; one of HTTP_BUSY_MAX */
	bool running;       /* somebody goes through its states already */
	bool broken;        /* to be freed in the loop: whoever called us may still look at it */
	bool close;         /* after this answer */
	bool head_method;
	bool ended; /* the client will send no more */
	bool idle;  /* nothing would be lost that a client was promised: it may give way */
	bool slow;  /* a stream's bytes did not leave since the last sign of life */
	bool local; /* from a loopback address */
	uint8_t origin[HTTP_ORIGIN_LEN];
	struct http_peer peer;
	void *user;
};

struct http_handshakes { /* in the order in which they came */
	struct http_call *first, *last;
};

#define HTTP_TOLD_MAX 16

struct http_told { /* a kind of fault, by its static words */
	const char *words;
	int64_t at_ms;
	uint64_t count; /* since then */
};

struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *accept_again;
	struct http_handler handler;
	char extra_name[64];
	int64_t request_ms, first_ms, beat_ms;
	size_t count, count_max;
	size_t busy; /* calls that are */
	size_t streams, streams_max; /* parked calls included */
	uint64_t refused, handshakes_failed; /* since the start */
	unsigned beats;              /* spreads them over time */
	struct http_call *calls;
	struct http_call *idle, *idle_last; /* the longest idle one first */
	struct clock clock; /* real: deadlines never follow a clock turned by hand */
	struct log_fault accept_fault;
	struct http_tls *tls; /* NULL: plain */
	struct event *handshake_turn;
	struct http_handshakes ready, waiting; /* for us, for the client */
	size_t handshakes;
	int64_t handshake_ms;
	struct http_told told[HTTP_TOLD_MAX];
	int port;
	bool draining;
	struct http_date date;
	uint8_t in[HTTP_WIRE_READ_MAX]; /* what one connection reads at a time */
	uint8_t out[HTTP_ANSWER_ROOM];  /* what one connection writes at a time */
};

/* Owns fd from now on, whatever happens. */
void http_call_new(struct http_server *s, int fd, const uint8_t origin[static HTTP_ORIGIN_LEN],
	bool local);
void http_call_free(struct http_call *c);
/* From now on requests are read. ssl: NULL = plain. fd and ssl have an owner when it returns. */
void http_call_speak(struct http_call *c, int fd, struct ssl_st *ssl);
/* On a socket that was shut already: what still comes is thrown away for a while, because closing
 * with unread bytes would take away from the client what it was told last.
 */
void http_call_linger(struct http_call *c, int fd);
/* A refusal without TLS on a socket that nothing was sent on; the socket stays open. */
void http_refuse_plain(struct http_server *s, int fd, const struct http_refusal *refusal);
/* In http_state.c. A state that ends by itself after deadline_ms; 0 = it does not. */
void http_call_set_state(struct http_call *c, enum call_state state, int64_t deadline_ms);
void http_call_deadline_set(struct http_call *c, int64_t in_ms); /* of the state it is in */
/* The state is not over yet, and the timer looks again when it may be. */
bool http_call_deadline_is_ahead(struct http_call *c);
/* It gives way to nobody any more. */
void http_call_idle_leave(struct http_call *c);
/* Requests come: it keeps its buffers for a while, if not too many do. */
void http_call_busy_begin(struct http_call *c);
/* Goes on as far as it can; c may be gone when it returns. */
void http_call_run(struct http_call *c);
/* Writes head and body of an answer. False: it was broken. */
ERR_MUST_CHECK bool http_call_write(struct http_call *c, const struct http_answer *answer,
	struct http_write_options opt);
/* Closed later, in the loop; nobody is told. */
void http_call_break(struct http_call *c);
/* In http_handshake.c. begin: false when there is no memory; fd is the call's all the same. */
ERR_MUST_CHECK bool http_handshakes_start(struct http_server *s);
ERR_MUST_CHECK bool http_handshake_begin(struct http_call *c, int fd);
void http_handshake_end(struct http_call *c); /* NULL-safe in all its parts */
void http_handshake_late(struct http_call *c);
/* No more of them now; one that dawdles may have given way. */
bool http_handshakes_full(struct http_server *s);
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
