/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of one HTTP/1.1 request, strictly. Pure: no I/O, no allocation; tested and fuzzed alone.
 *
 * A subset of RFC 9112 on purpose, so that nothing can be read in two ways: exact line ends, no
 * folding, no Transfer-Encoding, one Content-Length, one Host, no absolute targets. What the subset
 * leaves out is refused with words, never guessed.
 */
#ifndef BACKEND_HTTP_PARSE_H
#define BACKEND_HTTP_PARSE_H

#include <stdbool.h>

#include "base/bytes.h"

#define HTTP_HEAD_MAX 8192   /* bytes of request line and header fields */
#define HTTP_BODY_MAX 16384  /* bytes of a request body */
#define HTTP_TARGET_MAX 384  /* bytes of a path and its query */
#define HTTP_PEER_LEN 32      /* SHA-256 of a public key */
#define HTTP_FIELDS_MAX 64   /* header fields of one request */

enum http_method {
	HTTP_OTHER = 0, /* a method we do not serve; still a well-formed request */
	HTTP_GET,
	HTTP_POST,
	HTTP_DELETE,
	HTTP_HEAD
};
const char *http_method_word(enum http_method m); /* "GET"; "other" */

struct http_head {
	enum http_method method;
	struct span target;        /* borrowed; begins with '/', visible ASCII */
	bool keep_alive;
	bool expect_continue;
	bool has_length;
	size_t content_length;     /* 0..HTTP_BODY_MAX */
	bool has_type;
	bool json;                 /* Content-Type is application/json */
	struct span authorization; /* borrowed; empty = none */
	bool has_event_id;
	struct span event_id;      /* borrowed; value of Last-Event-ID */
	struct span extra;         /* borrowed; value of the caller's header, empty = none */
	bool gzip;                 /* an answer may come like that */
	struct span none_match;    /* borrowed; value of If-None-Match, empty = none */
	bool forwarded;            /* somebody says that he asks for somebody else */
	/* What the connection knows; the parser leaves them false and NULL. */
	bool tls;
	bool local;                /* from this machine: the address is a loopback one */
	const uint8_t *peer_key;   /* HTTP_PEER_LEN bytes: digest of the public key of a client
	                            * certificate that our authority signed; NULL = none */
};

/* Why a request is refused before anybody looks at what it asks for. Always ends the connection. */
struct http_refusal {
	int status;         /* 400 411 413 417 431 505 */
	const char *word;   /* problem word, static */
	const char *detail; /* static English words */
};

/* Without the blanks and tabs around it: optional white space, RFC 9110 section 5.6.3. */
struct span http_trim(struct span s);

/* How many bytes the head takes, its empty line included; 0 when it is not complete in `input`. */
size_t http_head_len(struct span input, size_t from);

/* False as soon as the first bytes cannot begin a request that we serve; saves waiting for the
 * rest. Empty input is plausible.
 */
bool http_start_plausible(struct span input);

/* One whole head of the length http_head_len() gave. extra_name: a header field that the caller
 * wants to see, NULL = none.
 *
 * Returns: ERR_OK      out is filled, its spans borrowed from head
 *          ERR_FORMAT  refusal says why; out is zero
 */
ERR_MUST_CHECK enum err_code http_head_parse(struct http_head *out, struct http_refusal *refusal,
	struct span head, const char *extra_name);

#endif
