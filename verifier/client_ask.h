/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP request beside the flow's: an operator signs in, a service call, a sealed journal is
 * handed in, a look whether the backend is there. Runs in client_poll() with the same connections,
 * certificates and limits as everything else; the answer goes to a callback. Knows nothing of what
 * is asked, decides nothing.
 */
#ifndef VERIFIER_CLIENT_ASK_H
#define VERIFIER_CLIENT_ASK_H

#include "verifier/client.h"

#define CLIENT_ASKS_MAX 6           /* requests that run beside the flow's; more are ERR_BUSY */
#define CLIENT_ASK_PATH_MAX 160     /* bytes, with NUL */
#define CLIENT_ASK_BODY_MAX 16384   /* bytes of a request */
#define CLIENT_ASK_SECRET_MAX 1024  /* bytes: bodies up to this are held in secret memory */
#define CLIENT_ASK_TOTAL_MS_MAX 60000
#define CLIENT_WORD_MAX 40          /* bytes, with NUL: a problem's word */

/* What came of it. */
struct client_reply {
	/* ERR_OK: the backend answered, and status is what it said: 200 to 299 with an object, or a
	 * problem (word is not empty). Else nobody knows whether it was done: no connection, no
	 * answer in time, too much of it, or something else than an answer of the protocol.
	 */
	enum err_code code;
	int status;
	int64_t date_unix_s;          /* of the backend's clock; 0 = unknown */
	struct span body;             /* JSON; borrowed for the callback, then wiped */
	char word[CLIENT_WORD_MAX];   /* "" = no problem; else of a-z 0-9 - */
	int64_t until_unix_s;         /* of a problem; 0 = not said */
	char words[CLIENT_FAULT_MAX]; /* of a problem or fault: one line, safe; "" = none */
};
typedef void client_answered(void *ctx, const struct client_reply *reply);

/* All of it is copied. */
struct client_ask {
	const char *method; /* "GET" "POST" "DELETE" */
	const char *path;   /* "/v1/..." after the backend's address: letters, digits, "/-._~?=&" */
	struct span body;   /* POST: an object; may be empty */
	/* Whose request it is: a bearer token that counts instead of the terminal's; empty = the
	 * terminal's own.
	 */
	struct span bearer;
	int total_ms;       /* 0 = that of the client */
	client_answered *answered; /* once, out of client_poll(); it may ask again */
	void *ctx;
};

/* Begins a request. *ticket (NULL = not wanted) is for client_ask_cancel(), never 0.
 *
 * Returns: ERR_INVALID  a method, path, token or body that is not sent by anybody
 *          ERR_BUSY     CLIENT_ASKS_MAX requests run
 * On an error the callback is not called.
 */
ERR_MUST_CHECK enum err_code client_ask(struct client *c, uint32_t *ticket,
	const struct client_ask *ask, struct err *err);
/* Its callback is not called any more. A ticket that is over, or 0, is let be. What was asked for
 * may have been done all the same.
 */
void client_ask_cancel(struct client *c, uint32_t ticket);
size_t client_asks_running(const struct client *c);

/* ---- private to client.c and tests ---- */

struct client_asks;

struct client_asks_options { /* borrowed for their life */
	struct http_pool *pool;
	const char *base;
	const char *authorization; /* of the terminal: whole header line; NULL = its certificate */
	const char *user_agent;
	bool loopback;
	const struct client_tls *tls;
	const struct clock *clock;
	bool send_replay_time;
	int total_ms;
};
ERR_MUST_CHECK enum err_code client_asks_new(struct client_asks **out,
	const struct client_asks_options *opt, struct err *err);
void client_asks_free(struct client_asks **a); /* callbacks are not called */
ERR_MUST_CHECK enum err_code client_asks_begin(struct client_asks *a, uint32_t *ticket,
	const struct client_ask *ask, struct err *err);
void client_asks_cancel(struct client_asks *a, uint32_t ticket);
size_t client_asks_count(const struct client_asks *a);
struct http_call;
/* A call of the pool is over: false when it is not ours. */
bool client_asks_done(struct client_asks *a, const struct http_call *call);

/* Status and body of an answer -> reply, without a network. json, problem: what its content type
 * says. reply->body is borrowed from body.
 */
void client_reply_read(struct client_reply *reply, int status, bool json, bool problem,
	struct span body);

#endif
