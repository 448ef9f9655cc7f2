/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as text: server-sent events (HTML standard, section 9.2) and the JSON of a long poll.
 */
#ifndef BACKEND_EVENT_TEXT_H
#define BACKEND_EVENT_TEXT_H

#include "backend/store_event.h"

#define EVENT_TEXT_MAX (STORE_EVENT_KIND_MAX + STORE_EVENT_DATA_MAX + 64) /* one event */
#define EVENT_POLL_END_MAX 64
#define EVENT_RETRY_MS 2000 /* told to browsers: the pause before they connect again */

enum event_begin {
	EVENT_OPEN,    /* from now on */
	EVENT_RESUMED, /* what was missed follows */
	EVENT_RESET    /* the number is not kept any more: ask for the state, then go on from now */
};
void event_text_begin(struct bytes *out, enum event_begin how, int64_t last);
void event_text_stream(struct bytes *out, const struct store_event *ev);
/* A sign of life that moves the number on, so that a quiet caller's does not grow old. */
void event_text_beat(struct bytes *out, int64_t last);
/* The server stops, or looks again whether the caller may: connect again. */
void event_text_stop(struct bytes *out);

void event_text_poll_begin(struct bytes *out, bool reset);
void event_text_poll(struct bytes *out, const struct store_event *ev, bool first);
void event_text_poll_end(struct bytes *out, int64_t last);

#endif
