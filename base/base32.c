/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4648 section 6. Tokens pass through here: neither branches nor table look-ups depend on the
 * content.
 */
#include "base/base32.h"

#include <string.h>

#include "base/eight.h"

/* Eight characters are five bytes: 40 bits, the first ones highest. All eight are worked on
 * together; no difference leaves its byte, for nothing is taken from a byte that has less.
 */
#define BLOCK_CHARS 8
#define BLOCK_BYTES 5

/* 'A' + v below 26, '2' + v - 26 from there. */
static uint64_t characters_of(uint64_t values)
{
	return values + EIGHT('A') - (eight_at_least(values, 26) & EIGHT('A' + 26 - '2'));
}

/* Anything but zero in *bad: a character is not in the alphabet, and its value means nothing. */
static uint64_t values_of(uint64_t text, uint64_t *bad)
{
	uint64_t c = text & ~EIGHT_TOP;
	uint64_t letter = eight_between(c, 'A', 'Z');
	uint64_t digit = eight_between(c, '2', '7');

	*bad |= (text & EIGHT_TOP) | ~(letter | digit);
	return c - (letter & EIGHT('A')) - (digit & EIGHT('2' - 26));
}

/* Eight values of five bits, a byte each, moved together, and apart again. */
static uint64_t pack(uint64_t v)
{
	v = (v & 0x1f001f001f001f00) >> 3 | (v & 0x001f001f001f001f);
	v = (v & 0x03ff000003ff0000) >> 6 | (v & 0x000003ff000003ff);
	return (v & 0x000fffff00000000) >> 12 | (v & 0x00000000000fffff);
}

static uint64_t unpack(uint64_t v)
{
	v = (v & 0x000000fffff00000) << 12 | (v & 0x00000000000fffff);
	v = (v & 0x000ffc00000ffc00) << 6 | (v & 0x000003ff000003ff);
	return (v & 0x03e003e003e003e0) << 3 | (v & 0x001f001f001f001f);
}

static void encode_block(uint8_t out[static BLOCK_CHARS], const uint8_t in[static BLOCK_BYTES])
{
	be64_put(out, characters_of(unpack((uint64_t)in[0] << 32 | be32_get(in + 1))));
}

static void decode_block(uint8_t out[static BLOCK_BYTES], const uint8_t in[static BLOCK_CHARS],
	uint64_t *bad)
{
	uint64_t bits = pack(values_of(be64_get(in), bad));

	out[0] = (uint8_t)(bits >> 32);
	be32_put(out + 1, (uint32_t)bits);
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
		encode_block(at, in.data);
		at += BLOCK_CHARS;
	}
	if (in.len == 0)
		return;
	memcpy(bytes, in.data, in.len);
	encode_block(text, bytes);
	memcpy(at, text, BASE32_TEXT_LEN(in.len));
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(text, sizeof text);
}

/* The last block, of fewer characters. Bits that belong to no byte are zero: one text for one
 * value.
 */
static void decode_rest(uint8_t *out, struct span text, uint64_t *bad)
{
	uint8_t whole[BLOCK_CHARS] = "AAAAAAAA", bytes[BLOCK_BYTES];
	size_t len = text.len * BLOCK_BYTES / BLOCK_CHARS;

	memcpy(whole, text.data, text.len);
	decode_block(bytes, whole, bad);
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
	uint64_t bad = 0;

	if (rest == 1 || rest == 3 || rest == 6)
		return ERR_FORMAT;
	if (text.len == 0)
		return ERR_OK;
	uint8_t *at = bytes_extend(out, len);
	if (at == NULL)
		return ERR_TOO_LARGE;
	for (; text.len >= BLOCK_CHARS; text.data += BLOCK_CHARS, text.len -= BLOCK_CHARS) {
		decode_block(at, text.data, &bad);
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

void base32_grouped(char *out, struct span in)
{
	uint8_t plain[BASE32_TYPED_MAX];
	struct bytes text;

	bytes_init_fixed(&text, plain, sizeof plain);
	base32_encode(&text, in);
	ASSERT(!text.full && text.len > 0);
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = '-';
		*out++ = (char)plain[i];
	}
	*out = '\0';
	explicit_bzero(plain, sizeof plain);
}

enum err_code base32_decode_typed(struct bytes *out, struct span text)
{
	uint8_t plain[BASE32_TYPED_MAX];
	size_t len = 0;
	enum err_code code = ERR_OK;

	for (size_t i = 0; i < text.len && code == ERR_OK; i++) {
		uint8_t c = text.data[i];

		if (c == '-' || c == ' ')
			continue;
		if (len == sizeof plain)
			code = ERR_FORMAT;
		else
			plain[len++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
	}
	if (code == ERR_OK)
		code = base32_decode(out, SPAN(plain, len));
	explicit_bzero(plain, sizeof plain);
	return code;
}
