/* SPDX-License-Identifier: Apache-2.0
 *
 * The file `times` of a recording: one decimal number of milliseconds a line, never falling.
 */
#ifndef SCANNER_TIMES_H
#define SCANNER_TIMES_H

#include "scanner/reader.h"

#define SCAN_TIME_MAX_MS INT64_C(4102444800000) /* a monotonic clock never gets there */

struct scan_times;

/* Takes over fd, also on failure. */
ERR_MUST_CHECK enum err_code scan_times_new(struct scan_times **out, int fd, struct err *err);
void scan_times_free(struct scan_times **t); /* NULL-safe */
/* The next frame's time. ERR_CLOSED after the last line; ERR_FORMAT names the line. */
ERR_MUST_CHECK enum err_code scan_times_next(struct scan_times *t, int64_t *at_ms,
	struct err *err);
void scan_times_rewind(struct scan_times *t);

#endif
