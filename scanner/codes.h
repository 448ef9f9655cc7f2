/* SPDX-License-Identifier: Apache-2.0
 *
 * What a recording of a hand-held reader holds in place of frames: the file frames.codes, a line
 * for each code, and one for each SCAN_READER_TICK_MS in which nothing was read.
 *
 *	countersign-codes 1
 *	-
 *	qr 485454503a2f2f...
 *	code-128+ 303132...        + : longer than what follows
 *
 * Before the space the symbology, after it the text in hexadecimal, so that every byte is kept.
 */
#ifndef SCANNER_CODES_H
#define SCANNER_CODES_H

#include "base/bytes.h"
#include "scanner/scanner.h"

#define SCAN_CODES_HEAD "countersign-codes 1"
#define SCAN_CODES_LINE_MAX (2 * SCAN_TEXT_MAX + 32) /* bytes of a line, with its end */

/* With its end. */
void scan_codes_line(struct bytes *out, const struct scan_code *code);
/* line: without its end. A tick has text_len 0. ERR_FORMAT. */
ERR_MUST_CHECK enum err_code scan_codes_parse(struct scan_code *out, struct span line,
	struct err *err);

#endif
