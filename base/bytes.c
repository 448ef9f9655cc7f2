/* SPDX-License-Identifier: Apache-2.0
 *
 * Byte ranges, appendable bytes, big-endian integers.
 */
#include "base/bytes.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

struct span span_text(const char *text)
{
	return SPAN(text, strlen(text));
}

void text_copy(char *out, size_t cap, const char *text)
{
	size_t len = strlen(text);

	ASSERT(cap > 0);
	if (len > cap - 1) {
		len = cap - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void bytes_init_fixed(struct bytes *b, void *storage, size_t cap)
{
	*b = (struct bytes){.data = storage, .cap = cap, .max = cap};
}

void bytes_init(struct bytes *b, size_t max)
{
	*b = (struct bytes){.max = max, .owned = true};
}

void bytes_done(struct bytes *b)
{
	if (b == NULL)
		return;
	if (b->owned)
		free(b->data);
	*b = (struct bytes){0};
}

void bytes_clear(struct bytes *b)
{
	b->len = 0;
	b->full = false;
}

/* Doubles, so that appending n bytes copies O(n). */
static bool grow(struct bytes *b, size_t more)
{
	if (b->full || b->len > b->max || more > b->max - b->len) {
		b->full = true;
		return false;
	}
	size_t need = b->len + more;
	if (need <= b->cap)
		return true;
	ASSERT(b->owned); /* fixed storage has cap == max */
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
	while (cap < need)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	uint8_t *data = realloc(b->data, cap);
	if (data == NULL) {
		b->full = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

/* Room for `more` bytes after len, or `full`. */
static inline bool make_room(struct bytes *b, size_t more)
{
	return (!b->full && b->len <= b->cap && more <= b->cap - b->len) || grow(b, more);
}

uint8_t *bytes_extend(struct bytes *b, size_t len)
{
	if (len == 0 || !make_room(b, len))
		return NULL;
	uint8_t *at = b->data + b->len;
	b->len += len;
	return at;
}

void bytes_add(struct bytes *b, const void *data, size_t len)
{
	if (len == 0 || !make_room(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void bytes_add_text(struct bytes *b, const char *text)
{
	bytes_add(b, text, strlen(text));
}

void bytes_add_u8(struct bytes *b, uint8_t v)
{
	bytes_add(b, &v, 1);
}

void bytes_add_be16(struct bytes *b, uint16_t v)
{
	uint8_t p[2];

	be16_put(p, v);
	bytes_add(b, p, sizeof p);
}

void bytes_add_be32(struct bytes *b, uint32_t v)
{
	uint8_t p[4];

	be32_put(p, v);
	bytes_add(b, p, sizeof p);
}

void bytes_add_be64(struct bytes *b, uint64_t v)
{
	uint8_t p[8];

	be64_put(p, v);
	bytes_add(b, p, sizeof p);
}

const char *bytes_text(struct bytes *b)
{
	if (!make_room(b, 1))
		return "";
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

struct span bytes_span(const struct bytes *b)
{
	return (struct span){.data = b->data, .len = b->len};
}

void free_wiped(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

uint16_t be16_get(const uint8_t p[static 2])
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

uint32_t be32_get(const uint8_t p[static 4])
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t be64_get(const uint8_t p[static 8])
{
	return (uint64_t)be32_get(p) << 32 | be32_get(p + 4);
}

void be16_put(uint8_t p[static 2], uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void be32_put(uint8_t p[static 4], uint32_t v)
{
	be16_put(p, (uint16_t)(v >> 16));
	be16_put(p + 2, (uint16_t)v);
}

void be64_put(uint8_t p[static 8], uint64_t v)
{
	be32_put(p, (uint32_t)(v >> 32));
	be32_put(p + 4, (uint32_t)v);
}
