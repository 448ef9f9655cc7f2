/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/times.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 20

struct scan_times {
	struct scan_reader *reader;
	int64_t last_ms;
	unsigned line;
};

enum err_code scan_times_new(struct scan_times **out, int fd, struct err *err)
{
	struct scan_reader *reader;
	*out = NULL;
	enum err_code code = scan_reader_new(&reader, fd, READER_PIECE, err);
	if (code)
		return code;
	struct scan_times *t = calloc(1, sizeof *t);
	if (!t) {
		scan_reader_free(&reader);
		return err_set(err, ERR_NO_MEMORY, "no memory for the times of a recording");
	}
	t->reader = reader;
	*out = t;
	return ERR_OK;
}

void scan_times_free(struct scan_times **t)
{
	if (!*t)
		return;
	scan_reader_free(&(*t)->reader);
	free(*t);
	*t = NULL;
}

void scan_times_rewind(struct scan_times *t)
{
	if (scan_reader_rewind(t->reader)) {
		t->last_ms = 0;
		t->line = 0;
	}
}

/* -1 when the line is not a number that may follow. */
static int64_t parse(const struct scan_times *t, struct span line)
{
	int64_t v = 0;
	if (line.len == 0 || line.len > 13)
		return -1;
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return -1;
		v = v * 10 + (line.data[i] - '0');
	}
	return v < t->last_ms || v > SCAN_TIME_MAX_MS ? -1 : v;
}

enum err_code scan_times_next(struct scan_times *t, int64_t *at_ms, struct err *err)
{
	for (;;) {
		struct span have = scan_reader_bytes(t->reader);
		const uint8_t *end = have.len ? memchr(have.data, '\n', have.len) : NULL;
		if (end || have.len > LINE_MAX_BYTES) {
			size_t len = end ? (size_t)(end - have.data) : have.len;
			int64_t v = parse(t, SPAN(have.data, len));
			t->line++;
			if (v < 0)
				return err_set(err, ERR_FORMAT, "times, line %u: not a number of "
					"milliseconds, or earlier than the line before", t->line);
			scan_reader_eat(t->reader, len + 1);
			t->last_ms = v;
			*at_ms = v;
			return ERR_OK;
		}
		enum reader_result r = scan_reader_fill(t->reader, err);
		if (r == READER_FAILED)
			return ERR_IO;
		if (r != READER_MORE) /* also a last line without its end: it was cut */
			return err_set(err, ERR_CLOSED, "times: fewer lines than frames");
	}
}
