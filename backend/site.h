/* SPDX-License-Identifier: Apache-2.0
 *
 * The wallet page: which file a path is, and the answer that hands it out. The files are part of
 * the program (backend/site_data.pl makes them so). Pure; knows nothing of routes
 * or rules.
 */
#ifndef BACKEND_SITE_H
#define BACKEND_SITE_H

#include "backend/http.h"

#define SITE_ALLOW "GET, HEAD"
#define SITE_CODE_MIN 26  /* bytes of the shortest code whose path leads to the page */
#define SITE_CODE_MAX 160 /* and of the longest */

struct site_file {
	const char *path; /* "/app.js"; the page itself is "/" */
	const char *type; /* Content-Type */
	struct span plain, gzip; /* gzip.len 0: it would not be smaller */
	const char *plain_etag, *gzip_etag; /* with their quotes; of what is sent */
};

struct site {
	const struct site_file *files;
	size_t count;
};

extern const struct site site_built; /* in the programs; tests bring their own */

/* The file of a path: exactly its name, or the page for "/" and for what a camera app opens when it
 * scanned a code: /KIND/BODY, a letter and canonical Base32. Behind these two a query means nothing
 * (senders of links add some); elsewhere there is none. NULL: no such path.
 */
const struct site_file *site_find(const struct site *site, struct span target);

/* To a GET or HEAD: 200, or 304 when the client has the same. date_unix_s is the caller's. Nothing
 * of the request is in it.
 */
void site_answer(struct http_answer *out, const struct site_file *file,
	const struct http_head *head);

#endif
