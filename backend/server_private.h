/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two files of the server share.
 */
#ifndef BACKEND_SERVER_PRIVATE_H
#define BACKEND_SERVER_PRIVATE_H

#include <stdatomic.h>

#include "backend/daemon.h"
#include "backend/hub.h"
#include "backend/server.h"
#include "backend/worker.h"

struct event;
struct event_base;

#define SERVER_SIGNALS 3

struct server {
	struct event_base *base;
	struct http_server *http;
	struct worker *worker;
	struct hub *hub; /* who listens for events */
	struct event *wake;
	struct event *signals[SERVER_SIGNALS];
	struct event *watchdog; /* NULL: nobody wants signs of life */
	struct event *ends;
	int64_t server_not_after, authority_not_after; /* of the certificates in use; 0 = none */
	int64_t ends_told_at;
	struct event *drain_end;
	struct server_options opt;
	struct clock clock; /* the I/O thread's own; of the answers that never meet a rule */
	struct clock real;
	struct answer refusal;
	struct metrics metrics;
	int wake_fd;
	size_t jobs; /* in the worker */
	bool page;          /* these four: the policy's, as the I/O thread knows it */
	bool metrics_local;
	int64_t address_tries;
	bool address_local;
	struct limiter *limiter;
	atomic_bool stop;
	bool draining;
};

void server_drain(struct server *s);
void server_policy(struct server *s, const struct policy *policy);

/* ---- what ends: server_ends.c ---- */

ERR_MUST_CHECK enum err_code server_ends_make(struct server *s, struct err *err);
/* At the start, each hour, and when certificates were read again. */
void server_ends_look(struct server *s);
int64_t server_ends_soon(const struct server *s); /* the server's certificate, or 0 */

/* ---- signals and the service manager: server_signals.c ---- */

ERR_MUST_CHECK enum err_code server_signals_make(struct server *s, struct err *err);
void server_signals_free(struct server *s);
void server_tell_ready(struct server *s);

#endif
