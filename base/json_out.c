/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON out, straight into a struct bytes.
 */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/json_plain.h"
#include "base/text_safe.h"

void json_out_init(struct json_out *w, struct bytes *to)
{
	*w = (struct json_out){.to = to};
}

static void escape(struct bytes *to, uint8_t c)
{
	static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r'};
	char text[8];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof text, "\\%c", c);
	else if (c < sizeof letters && letters[c] != 0)
		snprintf(text, sizeof text, "\\%c", letters[c]);
	else
		snprintf(text, sizeof text, "\\u%04x", c);
	bytes_add_text(to, text);
}

static void quote_rest(struct bytes *to, struct span text)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t copied = 0;

	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		uint8_t first = text.data[at];
		uint32_t c = text_utf8_next(text, &at);
		/* A real U+FFFD may be replaced by itself. */
		if (c != 0xfffd && c != '"' && c != '\\' && c >= 0x20)
			continue;
		bytes_add(to, text.data + copied, start - copied);
		copied = at;
		if (c == 0xfffd)
			bytes_add_text(to, replacement);
		else
			escape(to, first);
	}
	if (copied < text.len)
		bytes_add(to, text.data + copied, text.len - copied);
}

static void quote(struct bytes *to, struct span text)
{
	size_t len = json_plain_len(text);

	bytes_add_u8(to, '"');
	bytes_add(to, text.data, len);
	if (len < text.len)
		quote_rest(to, SPAN(text.data + len, text.len - len));
	bytes_add_u8(to, '"');
}

static void lead(struct json_out *w, const char *name)
{
	if (w->comma)
		bytes_add_u8(w->to, ',');
	w->comma = true;
	if (name != NULL) {
		quote(w->to, span_text(name));
		bytes_add_u8(w->to, ':');
	}
}

static void open_with(struct json_out *w, const char *name, char bracket)
{
	lead(w, name);
	bytes_add_u8(w->to, (uint8_t)bracket);
	w->comma = false;
}

static void close_with(struct json_out *w, char bracket)
{
	bytes_add_u8(w->to, (uint8_t)bracket);
	w->comma = true;
}

void json_out_begin(struct json_out *w, const char *name)
{
	open_with(w, name, '{');
}

void json_out_end(struct json_out *w)
{
	close_with(w, '}');
}

void json_out_array_begin(struct json_out *w, const char *name)
{
	open_with(w, name, '[');
}

void json_out_array_end(struct json_out *w)
{
	close_with(w, ']');
}

void json_out_text(struct json_out *w, const char *name, const char *text)
{
	json_out_span(w, name, span_text(text));
}

void json_out_span(struct json_out *w, const char *name, struct span text)
{
	lead(w, name);
	quote(w->to, text);
}

void json_out_hex(struct json_out *w, const char *name, struct span bytes)
{
	lead(w, name);
	bytes_add_u8(w->to, '"');
	uint8_t *at = bytes_extend(w->to, 2 * bytes.len + 1);
	if (at == NULL)
		return;
	hex_encode((char *)at, bytes); /* with a NUL */
	at[2 * bytes.len] = '"';
}

void json_out_int(struct json_out *w, const char *name, int64_t v)
{
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	uint8_t text[20]; /* as many digits as 2^64 has */
	size_t at = sizeof text;

	lead(w, name);
	if (v < 0)
		bytes_add_u8(w->to, '-');
	do {
		text[--at] = (uint8_t)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	bytes_add(w->to, text + at, sizeof text - at);
}

void json_out_bool(struct json_out *w, const char *name, bool v)
{
	lead(w, name);
	bytes_add_text(w->to, v ? "true" : "false");
}
