/* SPDX-License-Identifier: Apache-2.0
 *
 * Byte ranges without hidden lengths: struct span is borrowed, struct bytes has a fixed maximum.
 * Big-endian integers and hexadecimal text.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct span {
	const uint8_t *data; /* borrowed; may be NULL when len is 0 */
	size_t len;
};

/* Appendable bytes over storage with a hard maximum. Appending more than fits sets `full` and
 * appends nothing; the caller looks at `full` once, at the end.
 */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t cap; /* bytes there are now */
	size_t max; /* never grows above this */
	bool owned; /* data is on the heap and freed by bytes_done() */
	bool full;
};

#define SPAN(ptr, n) ((struct span){.data = (const uint8_t *)(ptr), .len = (n)})
struct span span_text(const char *text); /* the bytes of a C string without its NUL */
/* With NUL; cut before the first character (UTF-8) that does not fit. */
void text_copy(char *out, size_t cap, const char *text);
bool span_equal(struct span a, struct span b); /* not for secrets: sec_equal() */

/* Over the caller's storage: never allocates. */
void bytes_init_fixed(struct bytes *b, void *storage, size_t cap);
/* Grows on the heap up to max. */
void bytes_init(struct bytes *b, size_t max);
void bytes_done(struct bytes *b); /* frees when owned, sets to empty; NULL-safe */
void bytes_clear(struct bytes *b); /* len 0, full false; keeps the storage */
void bytes_add(struct bytes *b, const void *data, size_t len);
/* Appends len bytes for the caller to fill; NULL when len is 0 or they do not fit (then full). */
uint8_t *bytes_extend(struct bytes *b, size_t len);
void bytes_add_text(struct bytes *b, const char *text);
void bytes_add_u8(struct bytes *b, uint8_t v);
void bytes_add_be16(struct bytes *b, uint16_t v);
void bytes_add_be32(struct bytes *b, uint32_t v);
void bytes_add_be64(struct bytes *b, uint64_t v);
/* Appends and keeps a NUL after the text (not counted in len); returns the text or "" when full. */
const char *bytes_text(struct bytes *b);
struct span bytes_span(const struct bytes *b);

/* free(), overwriting before: for libraries that are given the functions to allocate with. */
void free_wiped(void *p);

uint16_t be16_get(const uint8_t p[static 2]);
uint32_t be32_get(const uint8_t p[static 4]);
uint64_t be64_get(const uint8_t p[static 8]);
void be16_put(uint8_t p[static 2], uint16_t v);
void be32_put(uint8_t p[static 4], uint32_t v);
void be64_put(uint8_t p[static 8], uint64_t v);

/* Lower-case hex with NUL; out holds 2 * in.len + 1 bytes. */
void hex_encode(char *out, struct span in);
/* Exactly out_len bytes from exactly 2 * out_len digits, either case; else ERR_FORMAT and out
 * is untouched.
 */
ERR_MUST_CHECK enum err_code hex_decode(uint8_t *out, size_t out_len, struct span text);

#endif
