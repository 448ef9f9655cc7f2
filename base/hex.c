/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal text. Keys pass through here: neither branches nor table look-ups depend on them.
 */
#include "base/bytes.h"

/* '0' + v below ten, 'a' + v - 10 from there: 9 - v wraps and its upper bits become a mask. */
static char digit_of(unsigned v)
{
	return (char)(v + '0' + (((9u - v) >> 8) & ('a' - '0' - 10u)));
}

/* All ones when lo <= c <= hi, for values of a byte; else zero. */
static unsigned in_range(unsigned c, unsigned lo, unsigned hi)
{
	return (((c - lo) | (hi - c)) >> 8 & 1u) - 1u;
}

/* The value, or all ones for what is not a digit. */
static unsigned value_of(uint8_t c)
{
	unsigned number = in_range(c, '0', '9');
	unsigned lower = in_range(c, 'a', 'f');
	unsigned upper = in_range(c, 'A', 'F');
	unsigned value = (number & (c - (unsigned)'0')) | (lower & (c - (unsigned)'a' + 10u)) |
		(upper & (c - (unsigned)'A' + 10u));

	return value | ~(number | lower | upper);
}

void hex_encode(char *out, struct span in)
{
	for (size_t i = 0; i < in.len; i++) {
		out[2 * i] = digit_of(in.data[i] >> 4);
		out[2 * i + 1] = digit_of(in.data[i] & 15u);
	}
	out[2 * in.len] = '\0';
}

enum err_code hex_decode(uint8_t *out, size_t out_len, struct span text)
{
	unsigned bad = 0;

	if (text.len % 2 != 0 || text.len / 2 != out_len)
		return ERR_FORMAT;
	for (size_t i = 0; i < text.len; i++)
		bad |= value_of(text.data[i]);
	if ((bad & ~15u) != 0)
		return ERR_FORMAT;
	for (size_t i = 0; i < out_len; i++)
		out[i] =
			(uint8_t)(value_of(text.data[2 * i]) << 4 | value_of(text.data[2 * i + 1]));
	return ERR_OK;
}
