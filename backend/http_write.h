/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer as bytes: status line, header fields, body. Private to the HTTP server and its tests.
 */
#ifndef BACKEND_HTTP_WRITE_H
#define BACKEND_HTTP_WRITE_H

#include "backend/http.h"

#define HTTP_DATE_LEN 29 /* Sat, 21 Nov 2026 06:41:03 GMT */
#define HTTP_ANSWER_HEAD_MAX 2048 /* bytes of status line and header fields */
/* Head and body up to here leave in one write, and over TLS in one record. */
#define HTTP_ANSWER_ROOM 16384

/* RFC 9110 section 5.6.7, IMF-fixdate, with NUL. Times outside the years 1970 to 9999 become the
 * nearest one inside.
 */
void http_date_text(char out[static HTTP_DATE_LEN + 1], int64_t unix_s);

struct http_date { /* the last one: a thousand answers have the same; all zero at first */
	int64_t unix_s;
	char text[HTTP_DATE_LEN + 1];
};

struct http_write_options {
	bool close;     /* say Connection: close */
	bool omit_body; /* answer to HEAD */
	bool endless;   /* the end of the connection is its end */
};
/* The head, its empty line included. out: room for HTTP_ANSWER_HEAD_MAX; full when that was too
 * little. date is borrowed and changed.
 */
void http_answer_head(struct bytes *out, struct http_date *date, const struct http_answer *answer,
	struct http_write_options opt);

#endif
