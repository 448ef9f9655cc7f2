/* SPDX-License-Identifier: Apache-2.0
 *
 * Who listens: streams and waiting long polls, by terminal and by credential. One list of new
 * events is told to all of them; each gets what is addressed to it and nothing else. Runs on the
 * I/O thread; knows no store and no rules.
 */
#ifndef BACKEND_HUB_H
#define BACKEND_HUB_H

#include "backend/http.h"
#include "backend/routes.h"
#include "backend/store_event.h"

struct event_base;

/* Limits and times, also in docs/limits.md. */
#define HUB_LISTENERS_OF_ONE_MAX 4 /* connections of one terminal or wallet; the oldest gives way */
#define HUB_STREAM_MS 3600000 /* then a stream ends and must be asked for again: may it still? */

/* New events, in order. Made by the store thread, freed by the I/O thread. */
#define HUB_EVENTS_MAX 64
struct hub_events {
	struct hub_events *next;
	size_t count;
	struct store_event list[HUB_EVENTS_MAX];
};

struct hub;

/* changed: how many listen was changed by so many; called from all the functions below. */
struct hub_options {
	struct event_base *base;
	const struct clock *clock; /* the time in answers */
	void (*changed)(void *ctx, int by);
	void *ctx;
};
ERR_MUST_CHECK enum err_code hub_new(struct hub **out, const struct hub_options *opt,
	struct err *err);
void hub_free(struct hub **h); /* nobody listens by then */

/* A call of the route for events that route_run() left `held`. False: there is no room or the
 * server stops, and an ordinary answer is still due.
 */
ERR_MUST_CHECK bool hub_arrive(struct hub *h, struct http_call *http, struct route_call *call);
/* http_handler.left and .beat */
void hub_left(struct hub *h, struct http_call *http);
void hub_beat(struct hub *h, struct http_call *http);

void hub_tell(struct hub *h, const struct hub_events *events);
/* The server stops: waiting polls are answered, streams told and ended. */
void hub_drain(struct hub *h);

size_t hub_listeners(const struct hub *h);

#endif
