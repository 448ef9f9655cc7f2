/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a stream become events.
 */
#include "verifier/event_stream.h"

#include <string.h>

void event_stream_init(struct event_stream *s)
{
	memset(s, 0, sizeof *s);
}

static void event_clear(struct event_stream *s)
{
	s->kind[0] = '\0';
	s->data_len = 0;
	s->has_data = s->spoiled = false;
}

void event_stream_again(struct event_stream *s)
{
	event_clear(s);
	s->line_len = 0;
	s->line_long = s->after_cr = false;
	memcpy(s->id, s->last_id, sizeof s->id);
}

/* Only what a server of ours gives out: it is sent back in a header line. */
static void take_id(struct event_stream *s, struct span value)
{
	if (value.len == 0 || value.len > EVENT_STREAM_ID_MAX)
		return;
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return;
	memcpy(s->id, value.data, value.len);
	s->id[value.len] = '\0';
}

static void take_kind(struct event_stream *s, struct span value)
{
	if (value.len >= sizeof s->kind) {
		s->spoiled = true;
		return;
	}
	memcpy(s->kind, value.data, value.len);
	s->kind[value.len] = '\0';
}

static void take_data(struct event_stream *s, struct span value)
{
	size_t gap = s->has_data ? 1 : 0; /* a line break between two lines of data */

	if (s->data_len + gap + value.len >= sizeof s->data) {
		s->spoiled = true;
		return;
	}
	if (gap)
		s->data[s->data_len++] = '\n';
	memcpy(s->data + s->data_len, value.data, value.len);
	s->data_len += value.len;
	s->has_data = true;
}

static bool is(struct span name, const char *word)
{
	return span_equal(name, span_text(word));
}

static void take_line(struct event_stream *s, struct span line)
{
	const uint8_t *colon = line.len ? memchr(line.data, ':', line.len) : NULL;
	size_t name_len = colon ? (size_t)(colon - line.data) : line.len;
	struct span name = SPAN(line.data, name_len);
	struct span value = SPAN(line.data + name_len, line.len - name_len);

	if (value.len > 0) { /* the colon, and one space behind it */
		value.data++;
		value.len--;
	}
	if (value.len > 0 && value.data[0] == ' ') {
		value.data++;
		value.len--;
	}
	if (is(name, "id"))
		take_id(s, value);
	else if (is(name, "event"))
		take_kind(s, value);
	else if (is(name, "data"))
		take_data(s, value);
}

/* An empty line: the event is whole. Its number counts also when it has no data. */
static void dispatch(struct event_stream *s, event_stream_sink *sink, void *ctx)
{
	char data[EVENT_STREAM_LINE_MAX], kind[EVENT_STREAM_KIND_MAX];
	bool tell = s->has_data && !s->spoiled;

	memcpy(s->last_id, s->id, sizeof s->last_id);
	memcpy(data, s->data, s->data_len);
	data[s->data_len] = '\0';
	memcpy(kind, s->kind, sizeof kind);
	event_clear(s);
	if (tell && strlen(data) > 0)
		sink(ctx, kind, data);
}

static void end_line(struct event_stream *s, event_stream_sink *sink, void *ctx)
{
	if (s->line_long)
		s->spoiled = true;
	else if (s->line_len == 0)
		dispatch(s, sink, ctx);
	else
		take_line(s, SPAN(s->line, s->line_len));
	s->line_len = 0;
	s->line_long = false;
}

void event_stream_feed(struct event_stream *s, struct span piece, event_stream_sink *sink,
	void *ctx)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = (char)piece.data[i];
		bool swallow = c == '\n' && s->after_cr;

		s->after_cr = c == '\r';
		if (swallow)
			continue;
		if (c == '\n' || c == '\r')
			end_line(s, sink, ctx);
		else if (s->line_len < sizeof s->line)
			s->line[s->line_len++] = c;
		else
			s->line_long = true;
	}
}
