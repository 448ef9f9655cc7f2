/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal text. Keys pass through here: neither branches nor table look-ups depend on them.
 */
#include "base/bytes.h"

#include <stdbool.h>
#include <string.h>

#include "base/eight.h"

#define BLOCK_DIGITS 8
#define BLOCK_BYTES  4

/* '0' + v below ten, 'a' + v - 10 from there. */
static uint64_t digits_of(uint64_t values)
{
	return values + EIGHT('0') + (eight_at_least(values, 10) & EIGHT('a' - '0' - 10));
}

/* Anything but zero in *bad: a character is not a digit, and its value means nothing. Upper and
 * lower case of a letter differ in 0x20, which nothing that is not a letter turns into one.
 */
static uint64_t values_of(uint64_t text, uint64_t *bad)
{
	uint64_t c = text & ~EIGHT_TOP, low = c | EIGHT(0x20);
	uint64_t number = eight_between(c, '0', '9');
	uint64_t letter = eight_between(low, 'a', 'f');

	*bad |= (text & EIGHT_TOP) | ~(number | letter);
	return (number & (c & EIGHT(15))) | (letter & ((low & EIGHT(15)) + EIGHT(9)));
}

static void encode_block(char out[static BLOCK_DIGITS], const uint8_t in[static BLOCK_BYTES])
{
	uint8_t text[BLOCK_DIGITS];
	uint64_t v = be32_get(in);

	v = (v << 16 | v) & 0x0000ffff0000ffff;
	v = (v << 8 | v) & 0x00ff00ff00ff00ff;
	v = (v << 4 | v) & EIGHT(15);
	be64_put(text, digits_of(v));
	memcpy(out, text, sizeof text);
}

static uint32_t decode_block(const uint8_t in[static BLOCK_DIGITS], uint64_t *bad)
{
	uint64_t v = values_of(be64_get(in), bad);

	v = (v >> 4 | v) & 0x00ff00ff00ff00ff;
	v = (v >> 8 | v) & 0x0000ffff0000ffff;
	return (uint32_t)(v >> 16 | v);
}

void hex_encode(char *out, struct span in)
{
	uint8_t last[BLOCK_BYTES] = {0};
	char text[BLOCK_DIGITS];

	for (; in.len >= BLOCK_BYTES; in.data += BLOCK_BYTES, in.len -= BLOCK_BYTES) {
		encode_block(out, in.data);
		out += BLOCK_DIGITS;
	}
	if (in.len > 0) {
		memcpy(last, in.data, in.len);
		encode_block(text, last);
		memcpy(out, text, 2 * in.len);
		explicit_bzero(last, sizeof last);
		explicit_bzero(text, sizeof text);
	}
	out[2 * in.len] = '\0';
}

/* All of the text, into out where there is one. */
static bool decode(uint8_t *out, struct span text)
{
	uint8_t last[BLOCK_DIGITS] = "00000000", bytes[BLOCK_BYTES];
	uint64_t bad = 0;

	for (; text.len >= BLOCK_DIGITS; text.data += BLOCK_DIGITS, text.len -= BLOCK_DIGITS) {
		uint32_t v = decode_block(text.data, &bad);
		if (out != NULL) {
			be32_put(out, v);
			out += BLOCK_BYTES;
		}
	}
	if (text.len > 0) {
		memcpy(last, text.data, text.len);
		be32_put(bytes, decode_block(last, &bad));
		if (out != NULL)
			memcpy(out, bytes, text.len / 2);
		explicit_bzero(last, sizeof last);
		explicit_bzero(bytes, sizeof bytes);
	}
	return bad == 0;
}

enum err_code hex_decode(uint8_t *out, size_t out_len, struct span text)
{
	if (text.len % 2 != 0 || text.len / 2 != out_len)
		return ERR_FORMAT;
	/* first without, so that out stays as it was when a digit is none */
	return decode(NULL, text) && decode(out, text) ? ERR_OK : ERR_FORMAT;
}
