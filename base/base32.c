/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4648 section 6. Tokens pass through here: neither branches nor table look-ups depend on the
 * content.
 */
#include "base/base32.h"

#include <string.h>

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

/* Eight characters are five bytes: 40 bits, the first ones highest. */
#define BLOCK_CHARS 8
#define BLOCK_BYTES 5

static uint64_t bits_of(const uint8_t bytes[static BLOCK_BYTES])
{
	return (uint64_t)bytes[0] << 32 | be32_get(bytes + 1);
}

static void put_bytes(uint8_t out[static BLOCK_BYTES], uint64_t bits)
{
	out[0] = (uint8_t)(bits >> 32);
	be32_put(out + 1, (uint32_t)bits);
}

static void put_characters(uint8_t out[static BLOCK_CHARS], uint64_t bits)
{
	for (int i = BLOCK_CHARS - 1; i >= 0; i--, bits >>= 5)
		out[i] = character_of((unsigned)bits & 31u);
}

static uint64_t read_characters(const uint8_t text[static BLOCK_CHARS], unsigned *bad)
{
	uint64_t bits = 0;

	for (int i = 0; i < BLOCK_CHARS; i++) {
		unsigned v = value_of(text[i]);
		*bad |= v >> 5;
		bits = bits << 5 | (v & 31u);
	}
	return bits;
}

void base32_encode(struct bytes *out, struct span in)
{
	uint8_t bytes[BLOCK_BYTES] = {0}, text[BLOCK_CHARS];

	/* First the room, so that a text which does not fit leaves nothing behind. */
	if (in.len > SIZE_MAX / 8 - 1) {
		out->full = true;
		return;
	}
	uint8_t *at = bytes_extend(out, BASE32_TEXT_LEN(in.len));
	if (at == NULL)
		return;
	for (; in.len >= BLOCK_BYTES; in.data += BLOCK_BYTES, in.len -= BLOCK_BYTES) {
		put_characters(at, bits_of(in.data));
		at += BLOCK_CHARS;
	}
	if (in.len == 0)
		return;
	memcpy(bytes, in.data, in.len);
	put_characters(text, bits_of(bytes));
	memcpy(at, text, BASE32_TEXT_LEN(in.len));
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(text, sizeof text);
}

/* The last block, of fewer characters. Bits that belong to no byte are zero: one text for one
 * value.
 */
static void decode_rest(uint8_t *out, struct span text, unsigned *bad)
{
	uint8_t whole[BLOCK_CHARS] = "AAAAAAAA", bytes[BLOCK_BYTES];
	size_t len = text.len * BLOCK_BYTES / BLOCK_CHARS;

	memcpy(whole, text.data, text.len);
	put_bytes(bytes, read_characters(whole, bad));
	memcpy(out, bytes, len);
	for (size_t i = len; i < BLOCK_BYTES; i++)
		*bad |= bytes[i];
	explicit_bzero(whole, sizeof whole);
	explicit_bzero(bytes, sizeof bytes);
}

enum err_code base32_decode(struct bytes *out, struct span text)
{
	size_t rest = text.len % BLOCK_CHARS;
	size_t len = text.len / BLOCK_CHARS * BLOCK_BYTES + rest * BLOCK_BYTES / BLOCK_CHARS;
	unsigned bad = 0;

	if (rest == 1 || rest == 3 || rest == 6)
		return ERR_FORMAT;
	if (text.len == 0)
		return ERR_OK;
	uint8_t *at = bytes_extend(out, len);
	if (at == NULL)
		return ERR_TOO_LARGE;
	for (; text.len >= BLOCK_CHARS; text.data += BLOCK_CHARS, text.len -= BLOCK_CHARS) {
		put_bytes(at, read_characters(text.data, &bad));
		at += BLOCK_BYTES;
	}
	if (rest > 0)
		decode_rest(at, text, &bad);
	if (bad == 0)
		return ERR_OK;
	out->len -= len;
	explicit_bzero(out->data + out->len, len);
	return ERR_FORMAT;
}
