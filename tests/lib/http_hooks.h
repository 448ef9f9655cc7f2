/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test of the HTTP server hooks in where it does not matter to it. For test programs only.
 */
#ifndef TESTS_LIB_HTTP_HOOKS_H
#define TESTS_LIB_HTTP_HOOKS_H

#include "backend/http.h"

/* Every head is welcome. */
static inline bool http_hook_head(
	void *ctx, struct http_answer *refusal, const struct http_head *head)
{
	(void)ctx;
	(void)refusal;
	(void)head;
	return true;
}

static inline void http_hook_gone(void *ctx, struct http_call *call)
{
	(void)ctx;
	(void)call;
}

/* The status, and no words. */
static inline void http_hook_refuse(
	void *ctx, struct http_answer *answer, const struct http_refusal *why)
{
	(void)ctx;
	*answer = (struct http_answer){.status = why->status, .content_type = "text/plain"};
}

#endif
