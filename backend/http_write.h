/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer as bytes: status line, header fields, body. Private to the HTTP server and its tests.
 */
#ifndef BACKEND_HTTP_WRITE_H
#define BACKEND_HTTP_WRITE_H

#include "backend/http.h"

struct evbuffer;

#define HTTP_DATE_LEN 29 /* Sat, 21 Nov 2026 06:41:03 GMT */

/* RFC 9110 section 5.6.7, IMF-fixdate, with NUL. Times outside the years 1970 to 9999 become the
 * nearest one inside.
 */
void http_date_text(char out[static HTTP_DATE_LEN + 1], int64_t unix_s);

struct http_write_options {
	bool close;     /* say Connection: close */
	bool omit_body; /* answer to HEAD */
	bool endless;   /* the end of the connection is its end */
};
/* ERR_NO_MEMORY: nothing sensible is in out. */
ERR_MUST_CHECK enum err_code http_answer_write(
	struct evbuffer *out, const struct http_answer *answer, struct http_write_options opt);

#endif
