/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4648 section 6. Tokens pass through here: neither branches nor table look-ups depend on the
 * content.
 */
#include "base/base32.h"

/* 'A' + v below 26, '2' + v - 26 from there: 25 - v wraps and its upper bits become a mask. */
static uint8_t character_of(unsigned v)
{
	return (uint8_t)(v + 'A' - (((25u - v) >> 8) & ('A' + 26u - '2')));
}

/* All ones when lo <= c <= hi, for values of a byte; else zero. */
static unsigned in_range(unsigned c, unsigned lo, unsigned hi)
{
	return (((c - lo) | (hi - c)) >> 8 & 1u) - 1u;
}

/* The value, or bits above the fifth for what is not in the alphabet. */
static unsigned value_of(uint8_t c)
{
	unsigned letter = in_range(c, 'A', 'Z');
	unsigned digit = in_range(c, '2', '7');

	return (letter & (c - (unsigned)'A')) | (digit & (c - (unsigned)'2' + 26u)) |
		~(letter | digit);
}

void base32_encode(struct bytes *out, struct span in)
{
	unsigned bits = 0;
	int have = 0;

	/* First the room, so that a text which does not fit leaves nothing behind. */
	if (in.len > SIZE_MAX / 8 - 1) {
		out->full = true;
		return;
	}
	uint8_t *at = bytes_extend(out, BASE32_TEXT_LEN(in.len));
	if (at == NULL)
		return;
	for (size_t i = 0; i < in.len; i++) {
		bits = (bits << 8 | in.data[i]) & 0xfff;
		for (have += 8; have >= 5; have -= 5)
			*at++ = character_of(bits >> (have - 5) & 31u);
	}
	if (have > 0)
		*at = character_of(bits << (5 - have) & 31u);
}

enum err_code base32_decode(struct bytes *out, struct span text)
{
	unsigned left = (unsigned)(text.len % 8);
	unsigned bad = 0;
	unsigned bits = 0;
	int have = 0;

	if (left == 1 || left == 3 || left == 6)
		return ERR_FORMAT;
	if (text.len == 0)
		return ERR_OK;
	for (size_t i = 0; i < text.len; i++)
		bad |= value_of(text.data[i]) >> 5;
	/* Bits of the last character that belong to no byte are zero: one text for one value. */
	unsigned spare = left * 5 % 8;
	bad |= value_of(text.data[text.len - 1]) & ((1u << spare) - 1u);
	if (bad != 0)
		return ERR_FORMAT;

	uint8_t *at = bytes_extend(out, text.len / 8 * 5 + left * 5 / 8);
	if (at == NULL)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < text.len; i++) {
		bits = (bits << 5 | value_of(text.data[i])) & 0xfff;
		have += 5;
		if (have >= 8) {
			have -= 8;
			*at++ = (uint8_t)(bits >> have);
		}
	}
	return ERR_OK;
}
