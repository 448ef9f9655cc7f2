/* SPDX-License-Identifier: Apache-2.0
 *
 * A reader of server-sent events (HTML standard, section 9.2.6), fed with pieces as they come.
 * Pure: no I/O, no allocation. What is too long for us is left out whole, never cut.
 */
#ifndef VERIFIER_EVENT_STREAM_H
#define VERIFIER_EVENT_STREAM_H

#include <stdbool.h>

#include "base/bytes.h"

#define EVENT_STREAM_LINE_MAX 1024 /* bytes; longer lines are left out with their event */
#define EVENT_STREAM_ID_MAX 20     /* digits of a number */
#define EVENT_STREAM_KIND_MAX 16   /* bytes with NUL */

struct event_stream {
	char line[EVENT_STREAM_LINE_MAX];
	size_t line_len;
	bool line_long;
	bool after_cr; /* a LF that comes now belongs to it */
	bool spoiled;  /* the event has something that was left out */
	char kind[EVENT_STREAM_KIND_MAX];
	char data[EVENT_STREAM_LINE_MAX];
	size_t data_len;
	bool has_data;
	char id[EVENT_STREAM_ID_MAX + 1];      /* of the event that is coming */
	char last_id[EVENT_STREAM_ID_MAX + 1]; /* "" = none yet; lives longer than a connection */
};

/* Texts with NUL, borrowed for the call; kind "" = none was said. */
typedef void event_stream_sink(void *ctx, const char *kind, const char *data);

void event_stream_init(struct event_stream *s);
/* Another connection: what was begun is forgotten, last_id is not. */
void event_stream_again(struct event_stream *s);
void event_stream_feed(struct event_stream *s, struct span piece, event_stream_sink *sink,
	void *ctx);

#endif
