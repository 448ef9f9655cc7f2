/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a file or pipe by pieces, without ever blocking on a pipe.
 */
#ifndef SCANNER_READER_H
#define SCANNER_READER_H

#include <stdbool.h>

#include "base/bytes.h"

#define READER_PIECE 65536

enum reader_result {
	READER_MORE, /* at least one new byte */
	READER_WAIT, /* a pipe has nothing now */
	READER_END,
	READER_FULL, /* `max` unread bytes are held already */
	READER_FAILED
};

struct scan_reader {
	int fd;
	bool regular;  /* a file: never waits, can be rewound */
	bool ended;
	uint8_t *data;
	size_t pos, len, cap; /* unread bytes are data[pos .. len) */
	size_t max;
};

/* Takes over fd, also on failure. max: unread bytes that may be held. */
ERR_MUST_CHECK enum err_code scan_reader_new(struct scan_reader **out, int fd, size_t max,
	struct err *err);
void scan_reader_free(struct scan_reader **r); /* NULL-safe, closes */
/* Reads one more piece. */
enum reader_result scan_reader_fill(struct scan_reader *r, struct err *err);
struct span scan_reader_bytes(const struct scan_reader *r); /* the unread ones; until fill() */
void scan_reader_eat(struct scan_reader *r, size_t n);
bool scan_reader_rewind(struct scan_reader *r);

#endif
