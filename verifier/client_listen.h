/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal's ear: one more transfer in the client's loop, subscribed to GET /v1/events, and the
 * issuer's keys fetched when the stream says that they changed. Begins again by itself, with pauses
 * that grow and differ from terminal to terminal. Private to client.c and its tests.
 */
#ifndef VERIFIER_CLIENT_LISTEN_H
#define VERIFIER_CLIENT_LISTEN_H

#include "verifier/client_curl.h"
#include "verifier/event_stream.h"

struct client_listen;

/* What every request of this client has in common; borrowed for the life of the ear. */
struct client_listen_options {
	struct http_pool *pool;
	const char *base;
	const char *authorization; /* whole header line; NULL = none, the certificate says it */
	const char *user_agent;
	bool loopback;
	const struct client_tls *tls;
	const struct clock *clock;
};

ERR_MUST_CHECK enum err_code client_listen_new(struct client_listen **out,
	const struct client_listen_options *opt, struct err *err);
void client_listen_free(struct client_listen **l);

/* Begins and ends what is due. */
void client_listen_tick(struct client_listen *l);
/* A call of the pool is over. False: it is not ours. */
bool client_listen_done(struct client_listen *l, const struct http_call *call);
bool client_listen_next(struct client_listen *l, struct client_told *out);
/* Why nobody is heard, after LOST was told; not yet safe. */
const char *client_listen_fault(const struct client_listen *l);
/* See client_is_connected(), client_issuer_is_current() and client_issuer_ask(). */
bool client_listen_hears(const struct client_listen *l);
bool client_listen_is_current(const struct client_listen *l);
void client_listen_ask(struct client_listen *l);

/* For tests: a pause of this many tries, between half of it and the whole. */
int64_t client_listen_pause_ms(unsigned tries, uint32_t chance);

#endif
