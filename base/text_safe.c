/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from outside made fit for a screen, and how wide it is there.
 */
#include "base/text_safe.h"

#include <string.h>

#include "base/text_table.h"

#define REPLACEMENT 0xfffdu
#define ELLIPSIS    "\xe2\x80\xa6" /* U+2026 */
#define ELLIPSIS_LEN 3

static bool table_has(const struct text_table *table, uint32_t c)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c < table->ranges[middle].first)
			high = middle;
		else if (c > table->ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

/* How many bytes follow the lead byte, and what the first of them may be: Unicode table 3-7, which
 * leaves out overlong forms, surrogates and everything above U+10FFFF.
 */
struct lead {
	int more;
	uint8_t low, high;
};

static struct lead lead_of(uint8_t c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){1, 0x80, 0xbf};
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){2, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf};
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){3, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf};
	return (struct lead){0, 0, 0};
}

/* Moves *at over one character, or over the longest start of one that could not be finished. */
static bool decode(struct span text, size_t *at, uint32_t *out)
{
	uint8_t first = text.data[(*at)++];

	*out = first;
	if (first < 0x80)
		return true;
	*out = REPLACEMENT;
	struct lead lead = lead_of(first);
	if (lead.more == 0)
		return false;
	uint32_t c = first & (0x3fu >> lead.more);
	for (int i = 0; i < lead.more; i++) {
		uint8_t low = i == 0 ? lead.low : 0x80;
		uint8_t high = i == 0 ? lead.high : 0xbf;
		if (*at >= text.len || text.data[*at] < low || text.data[*at] > high)
			return false;
		c = c << 6 | (text.data[(*at)++] & 0x3fu);
	}
	*out = c;
	return true;
}

uint32_t text_utf8_next(struct span text, size_t *at)
{
	uint32_t c;

	ASSERT(*at < text.len);
	ERR_IGNORE(!decode(text, at, &c)); /* a malformed sequence is U+FFFD, as promised */
	return c;
}

void text_utf8_put(struct bytes *out, uint32_t c)
{
	if (c < 0x80) {
		bytes_add_u8(out, (uint8_t)c);
	} else if (c < 0x800) {
		bytes_add_u8(out, (uint8_t)(0xc0 | c >> 6));
		bytes_add_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		bytes_add_u8(out, (uint8_t)(0xe0 | c >> 12));
		bytes_add_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		bytes_add_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		bytes_add_u8(out, (uint8_t)(0xf0 | c >> 18));
		bytes_add_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		bytes_add_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		bytes_add_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static size_t encode(uint8_t out[static 4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

size_t text_safe(char *out, size_t out_cap, struct span text)
{
	size_t room = out_cap - 1;
	size_t len = 0;
	size_t cut = 0; /* the last border with room for the ellipsis after it */

	ASSERT(out_cap >= ELLIPSIS_LEN + 1);
	for (size_t at = 0; at < text.len;) {
		uint8_t utf8[4];
		uint32_t c = text_utf8_next(text, &at);
		size_t n = encode(utf8, table_has(&text_table_unsafe, c) ? REPLACEMENT : c);
		if (n > room - len) {
			memcpy(out + cut, ELLIPSIS, ELLIPSIS_LEN);
			len = cut + ELLIPSIS_LEN;
			break;
		}
		memcpy(out + len, utf8, n);
		len += n;
		if (len <= room - ELLIPSIS_LEN)
			cut = len;
	}
	out[len] = '\0';
	return len;
}

static size_t plain_len(struct span text)
{
	size_t at = 0;

	while (at < text.len && text.data[at] >= 0x20 && text.data[at] < 0x7f)
		at++;
	return at;
}

bool text_is_safe(struct span text)
{
	for (size_t at = plain_len(text); at < text.len;) {
		uint32_t c;
		if (!decode(text, &at, &c) || table_has(&text_table_unsafe, c))
			return false;
	}
	return true;
}

int text_char_columns(uint32_t code_point)
{
	if (code_point < 0x300)
		return 1;
	if (table_has(&text_table_combining, code_point))
		return 0;
	return table_has(&text_table_wide, code_point) ? 2 : 1;
}

size_t text_columns(struct span text)
{
	size_t columns = 0;

	for (size_t at = 0; at < text.len;)
		columns += (size_t)text_char_columns(text_utf8_next(text, &at));
	return columns;
}
