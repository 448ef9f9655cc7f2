/* SPDX-License-Identifier: Apache-2.0
 *
 * One POST after another to an address that is not the backend's: a webhook of the shop's own. Runs
 * in client_poll() with the same limits as everything else, and with none of the terminal's tokens
 * and certificates. Knows nothing of what is sent.
 */
#ifndef VERIFIER_CLIENT_POST_H
#define VERIFIER_CLIENT_POST_H

#include "verifier/client.h"

#define CLIENT_POST_ANSWER_MAX 4096 /* bytes of an answer; it is not looked at */

struct client_post; /* heap */

struct client_post_options {
	const char *url; /* https://..., or http:// to this machine; copied */
	const char *ca;  /* PEM file: only what it signed is trusted; NULL = the system's list;
	                  * borrowed */
};
/* ERR_INVALID: the address, or plain http to another machine. One at a time for a client. */
ERR_MUST_CHECK enum err_code client_post_new(struct client_post **out, struct client *c,
	const struct client_post_options *opt, struct err *err);
void client_post_free(struct client_post **p); /* before its client; the callback is not called */

struct client_post_result {
	bool answered; /* status is what the server said */
	int status;
	char fault[CLIENT_FAULT_MAX]; /* else why not; one line, safe */
};
/* Body and header (a whole line) are borrowed until answered() is called, once, out of
 * client_poll(). One that runs is cancelled.
 */
ERR_MUST_CHECK enum err_code client_post_send(struct client_post *p, struct span body,
	const char *header,
	void (*answered)(void *ctx, const struct client_post_result *result), void *ctx,
	struct err *err);

/* ---- private to client.c ---- */

struct http_call;
struct http_pool;
bool client_post_done(struct client_post *p, const struct http_call *call); /* is it this one's? */
struct http_pool *client_pool(struct client *c);
void client_post_attach(struct client *c, struct client_post *p); /* NULL: none any more */

#endif
