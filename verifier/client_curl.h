/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP request and its answer, with every limit set: the seam to libcurl. Knows nothing of
 * verifications. Private to client.c, client_exchange.c and their tests.
 *
 * Limits: no redirects, no proxy, no cookies, no other protocol than the address says, TLS 1.2 or
 * newer with the peer checked, one time limit for the whole, one size limit each for header and
 * body. What curl frees is wiped first: requests carry tokens and PINs.
 */
#ifndef VERIFIER_CLIENT_CURL_H
#define VERIFIER_CLIENT_CURL_H

#include "verifier/client.h"

#define HTTP_HEADERS_MAX 6

struct http_request {
	const char *method; /* "GET" "POST" "DELETE" */
	const char *url;
	bool loopback;      /* the address was checked to be this machine's */
	const char *user_agent;
	const char *headers[HTTP_HEADERS_MAX]; /* whole lines; NULL entries are left out */
	const struct client_tls *tls; /* NULL = the system's list, no certificate */
	struct span body;   /* POST only */
	int total_ms; /* 0 = no limit */
	/* A 200 with text/event-stream goes here as it comes, and not into the result. */
	void (*piece)(void *ctx, struct span piece);
	void *piece_ctx;
};

struct http_result {
	enum err_code code; /* ERR_OK: a whole answer came; else why none did, in fault */
	/* Nobody was reached: no name, no connection, no byte in time, or it broke before an answer
	 * began. Not so where somebody was there and the certificates did not agree.
	 */
	bool nobody;
	int status;
	int64_t date_unix_s;
	int64_t date_heard_ms; /* when that came, on the machine's monotonic clock */
	bool json;          /* application/json */
	bool problem;       /* application/problem+json */
	struct span body;   /* borrowed until the next http_call_begin() or _free() */
	char fault[CLIENT_FAULT_MAX]; /* one line, not yet safe */
};

struct http_pool; /* calls that run side by side and share connections */
struct http_call; /* one reusable call */

ERR_MUST_CHECK enum err_code http_pool_new(struct http_pool **out, struct err *err);
void http_pool_free(struct http_pool **p); /* after its calls */
ERR_MUST_CHECK enum err_code http_pool_wait(struct http_pool *p, struct client_fd *fds,
	size_t fd_count, int timeout_ms, struct err *err);
/* A call that is over since the last time; NULL when there is none. */
struct http_call *http_pool_done(struct http_pool *p);

ERR_MUST_CHECK enum err_code http_call_new(struct http_call **out, size_t answer_max,
	struct err *err);
void http_call_free(struct http_call **c); /* cancels when it runs */
/* method, url, headers and body are borrowed until the call is over. Begins at once; a call that
 * still runs is cancelled first.
 */
ERR_MUST_CHECK enum err_code http_call_begin(struct http_call *c, struct http_pool *p,
	const struct http_request *r, struct err *err);
void http_call_cancel(struct http_call *c);
/* The same without a pool: waits for the end. */
ERR_MUST_CHECK enum err_code http_call_run(struct http_call *c, const struct http_request *r,
	struct err *err);
const struct http_result *http_call_result(const struct http_call *c);

#endif
