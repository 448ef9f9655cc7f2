/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as text. Kinds are words and data is one line of JSON, so nothing has to be escaped.
 */
#include "backend/event_text.h"

#include <stdarg.h>
#include <stdio.h>

static void add(struct bytes *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct bytes *out, const char *format, ...)
{
	char text[EVENT_TEXT_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ASSERT(n >= 0 && (size_t)n < sizeof(text));
	bytes_add(out, text, (size_t)n);
}

void event_text_begin(struct bytes *out, enum event_begin how, int64_t last)
{
	add(out, "retry: %d\n", EVENT_RETRY_MS);
	if (how == EVENT_RESUMED)
		add(out, "\n");
	else
		add(out, "id: %lld\nevent: %s\ndata: {}\n\n", (long long)last,
			how == EVENT_RESET ? "reset" : "open");
}

void event_text_stream(struct bytes *out, const struct store_event *ev)
{
	add(out, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)ev->seq, ev->kind, ev->data);
}

void event_text_beat(struct bytes *out, int64_t last)
{
	add(out, ":\nid: %lld\n\n", (long long)last);
}

void event_text_stop(struct bytes *out)
{
	add(out, "event: stop\ndata: {}\n\n");
}

void event_text_poll_begin(struct bytes *out, bool reset)
{
	add(out, "{%s\"events\":[", reset ? "\"reset\":true," : "");
}

void event_text_poll(struct bytes *out, const struct store_event *ev, bool first)
{
	add(out, "%s{\"id\":%lld,\"kind\":\"%s\",\"data\":%s}", first ? "" : ",",
		(long long)ev->seq, ev->kind, ev->data);
}

void event_text_poll_end(struct bytes *out, int64_t last)
{
	add(out, "],\"last\":%lld}", (long long)last);
}
