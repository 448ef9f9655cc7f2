/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP/1.1 server: sockets, limits and deadlines on libevent; bytes -> request -> answer. Knows
 * nothing of routes, JSON fields or rules. Everything here runs on the I/O thread. What TLS adds
 * is in http_handshake.c (a connection before it speaks) and http_tls.c (OpenSSL).
 *
 * A connection does one request at a time; what a client sends ahead waits unread. Deadlines are
 * absolute: bytes that drip in do not move them.
 */
#ifndef BACKEND_HTTP_H
#define BACKEND_HTTP_H

#include "backend/http_parse.h"
#include "base/clock.h"

struct event_base;

/* Limits and times, also in docs/limits.md. */
#define HTTP_CONNECTIONS_MAX 10240 /* at once; the longest idle one gives way, else 503 */
#define HTTP_REQUESTS_SHARE 16 /* one part in so many of them is kept free of streams */
#define HTTP_BACKLOG 1024
#define HTTP_FIRST_MS 10000  /* from connect to the first byte */
#define HTTP_HANDSHAKE_MS 10000 /* from connect to the end of the TLS handshake */
#define HTTP_HANDSHAKES_MAX 1024 /* at once; the next ones wait to be accepted */
#define HTTP_HANDSHAKE_PATIENCE_MS 1000 /* then, one that waits for its client gives way */
#define HTTP_HANDSHAKE_TURN 8 /* steps between two looks at the network */
#define HTTP_TOLD_MS 60000 /* between two lines in the log about the same kind of handshake */
#define HTTP_REQUEST_MS 5000 /* from a request's first byte to its last */
#define HTTP_IDLE_MS 300000  /* between requests: terminals keep their connection */
#define HTTP_WRITE_MS 5000   /* until an answer has left */
#define HTTP_PAGE_MS 60000   /* the same of a page: a phone on a bad line; it gives way to others */
#define HTTP_LINGER_MS 1000  /* reading on after a refusal, so that the client can read it */
#define HTTP_LINGER_MAX 1048576 /* bytes thrown away meanwhile */
#define HTTP_BUSY_MAX 256 /* TLS connections that keep their buffers between requests */
#define HTTP_BUSY_MS 2000 /* and for so long after one */
#define HTTP_STREAM_BUFFER_MAX 16384 /* bytes that wait for one reader; more, and it is closed */
#define HTTP_STREAM_BEAT_MS 15000    /* between two signs of life on a stream */
#define HTTP_STREAM_SILENT_MS 30000  /* bytes on a stream unacknowledged: the client has gone */

struct http_server;
struct http_call; /* one request that waits for its answer; see http_handler */

struct http_answer {
	int status;
	int64_t date_unix_s;
	const char *content_type; /* static */
	const char *allow;        /* static or NULL; for 405 */
	int retry_after_s;        /* 0 = none */
	bool authenticate;        /* WWW-Authenticate: Bearer */
	bool gzip;                /* Content-Encoding of the body */
	bool vary;                /* another client gets it in another encoding */
	const char *etag;         /* static, in its quotes; NULL = none */
	const char *cache;        /* static, Cache-Control; NULL = no-store */
	const char *fields;       /* static, more fields with their line ends; NULL = none */
	bool lasting;             /* body is there as long as the server is, and nobody's secret */
	struct span body;         /* borrowed for the call; wiped by its owner if it is secret */
};

struct http_handler {
	void *ctx;
	/* The head is there, the body is not. True: go on. False: *refusal is sent at once and the
	 * body never read. head is borrowed for the call.
	 */
	bool (*head)(void *ctx, struct http_answer *refusal, const struct http_head *head);
	/* The whole request; body and head are borrowed for the call and wiped after it. Now or
	 * later, exactly once, http_answer_send() must be called, unless gone() came first.
	 */
	void (*request)(void *ctx, struct http_call *call, const struct http_head *head,
		struct span body);
	/* The client went away before its answer; call must not be used again. */
	void (*gone)(void *ctx, struct http_call *call);
	/* The same of a stream or of a call that was parked. These two may be NULL where nothing
	 * of that kind is ever begun.
	 */
	void (*left)(void *ctx, struct http_call *call);
	/* HTTP_STREAM_BEAT_MS have passed: write a sign of life, or end the stream. */
	void (*beat)(void *ctx, struct http_call *call);
	/* Bytes that are no request, or no room for one more connection. */
	void (*refuse)(void *ctx, struct http_answer *answer, const struct http_refusal *refusal);
};

/* PEM files; borrowed for http_server_new(). */
struct http_tls_files {
	const char *certificate; /* the server's, and what leads to its authority */
	const char *key;         /* 0600, no passphrase */
	const char *ca;          /* who signs those of clients; NULL = none is asked for */
};

struct http_options {
	const char *address;      /* plain: 127.0.0.1 or ::1, anything else is ERR_PERMISSION */
	const struct http_tls_files *tls; /* NULL = plain HTTP */
	int port;                 /* 0 = any free one */
	int listen_fd;            /* a listening socket, ours from now on; then address and port
	                           * are its own; 0 = none */
	const char *extra_name;   /* a header field to pass on in head.extra, NULL = none */
	int connections_max;      /* 0 = HTTP_CONNECTIONS_MAX, less when descriptors are short */
	int64_t request_ms;       /* 0 = HTTP_REQUEST_MS; tests shorten it */
	int64_t first_ms;         /* 0 = HTTP_FIRST_MS */
	int64_t beat_ms;          /* 0 = HTTP_STREAM_BEAT_MS */
	int64_t handshake_ms;     /* 0 = HTTP_HANDSHAKE_MS */
};

/* Listens when it returns. base is borrowed. SIGPIPE is ignored from now on, process-wide. */
ERR_MUST_CHECK enum err_code http_server_new(struct http_server **out, struct event_base *base,
	const struct http_options *opt, const struct http_handler *handler, struct err *err);
/* Closes every connection at once; calls gone() for what waits. */
void http_server_free(struct http_server **s);
int http_server_port(const struct http_server *s);
/* Reads the certificates again, for connections that come from now on. On error, and in a plain
 * server, everything stays as it is (ERR_UNSUPPORTED when it is plain).
 */
ERR_MUST_CHECK enum err_code http_server_tls_reload(struct http_server *s, struct err *err);
/* End of the certificate that new connections get, Unix seconds; 0 = plain HTTP. */
int64_t http_server_tls_not_after(const struct http_server *s);

/* No new connections, idle ones closed; what was begun is answered, each with Connection: close. */
void http_server_drain(struct http_server *s);
size_t http_server_connections(const struct http_server *s);
struct http_figures {
	size_t connections, handshakes, streams;
	uint64_t refused, handshakes_failed; /* since the start */
};
struct http_figures http_server_figures(const struct http_server *s);

void http_answer_send(struct http_call *call, const struct http_answer *answer);

/* ---- answers without an end, and answers that wait long (http_stream.c) ----
 *
 * Neither counts as idle, so none of them ever gives way; therefore they may take all but one part
 * in HTTP_REQUESTS_SHARE of the connections.
 */

/* Instead of http_answer_send(): head and first piece (answer->body) of an answer that goes on
 * until http_stream_end() or until the client leaves. False: there is no room for one more, or the
 * server stops; nothing was sent, and an ordinary answer is still due.
 */
ERR_MUST_CHECK bool http_stream_begin(struct http_call *call, const struct http_answer *answer);
/* False: the client reads too slowly, or there is no memory. It was closed, left() is not called,
 * and call must not be used again.
 */
ERR_MUST_CHECK bool http_stream_write(struct http_call *call, struct span piece);
/* What was written still leaves; call must not be used again. */
void http_stream_end(struct http_call *call);
/* The answer will come later, perhaps much later; gone() becomes left(). False as above. */
ERR_MUST_CHECK bool http_call_park(struct http_call *call);
size_t http_server_streams(const struct http_server *s); /* parked calls included */

/* Where the client is: IPv4 as ::ffff:a.b.c.d, of IPv6 the first 64 bits (what one customer of a
 * provider has); of anything else zeroes. *local: on this machine. As it was accepted: whoever
 * asked and went away has asked all the same.
 */
#define HTTP_ORIGIN_LEN 16
void http_call_origin(const struct http_call *call, uint8_t out[static HTTP_ORIGIN_LEN],
	bool *local);

/* What the handler keeps with a call, to find it again in gone() and left(). */
void http_call_set_user(struct http_call *call, void *user);
void *http_call_user(const struct http_call *call);

#endif
