/* SPDX-License-Identifier: Apache-2.0
 *
 * The start of a stream of events or of a long poll, on the store thread: what the caller missed,
 * and up to which number that is. What comes later is the hub's (hub.h).
 */
#include "backend/event_text.h"
#include "backend/handlers.h"
#include "backend/rules_event.h"
#include "backend/store_event.h"

/* ERR_OK always: events that do not fit are asked for again. */
static void write_events(struct route_call *call, const struct rules_events_out *out,
	const struct store_event *list)
{
	struct bytes *to = &call->answer.body;
	bool stream = call->in.events.wait_s < 0;
	size_t room;

	for (size_t i = 0; i < out->count; i++) {
		room = to->max - to->len;
		if (room < EVENT_TEXT_MAX + EVENT_POLL_END_MAX) {
			call->events.more = true;
			return;
		}
		if (stream)
			event_text_stream(to, &list[i]);
		else
			event_text_poll(to, &list[i], i == 0);
		call->events.position = list[i].seq;
	}
	call->events.more = out->count == RULES_EVENTS_PAGE;
}

enum err_code handle_events(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct store_event list[RULES_EVENTS_PAGE];
	struct rules_events_out out;
	bool stream = call->in.events.wait_s < 0;
	int64_t after = call->in.events.after;
	enum err_code e = rules_events_read(r, &out, list, &call->caller, after, err);

	(void)next;
	if (e)
		return e;
	bytes_clear(&call->answer.body);
	call->answer.http.status = 200;
	call->answer.http.content_type = stream ? "text/event-stream" : "application/json";
	call->events.held = true;
	call->events.position = after;
	if (stream)
		event_text_begin(&call->answer.body,
			out.reset ? EVENT_RESET : after < 0 ? EVENT_OPEN : EVENT_RESUMED, out.last);
	else
		event_text_poll_begin(&call->answer.body, out.reset);
	write_events(call, &out, list);
	/* nothing else is the caller's up to the newest of all */
	if (!call->events.more)
		call->events.position = out.last;
	call->events.urgent = out.reset || out.count > 0;
	if (!stream)
		event_text_poll_end(&call->answer.body, call->events.position);
	return ERR_OK;
}
