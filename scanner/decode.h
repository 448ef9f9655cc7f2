/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey picture to code texts. decode.c knows what to try in which frame; decode_zbar.c knows zbar.
 */
#ifndef SCANNER_DECODE_H
#define SCANNER_DECODE_H

#include <stdbool.h>

#include "scanner/grey.h"
#include "scanner/scanner.h"

struct scan_found {
	unsigned count;
	struct scan_code codes[SCAN_CODES_MAX]; /* different texts */
};

/* One way to look at a picture; the cheap ones come first when they take turns. */
enum scan_look {
	LOOK_HALF, /* 2x2 means: a photographed screen's own pixels disappear, and it is cheaper */
	LOOK_HALF_DARK, /* inverted: light modules on a dark ground */
	LOOK_FULL,
	LOOK_FULL_DARK,
	LOOK_COUNT
};

/* What was learned from the frames before; plain data, a function of those frames alone. */
struct scan_decoder {
	enum scan_look best; /* the look that found a code last */
	unsigned turn;       /* whose turn it is among the others */
	unsigned frames;     /* seen; tells when to look for a second phone */
	unsigned misses;     /* frames since a code was found */
	struct scan_grey half, work;
	unsigned done;       /* bit for each look made at this frame */
	bool half_made;
	int budget_ms;       /* CPU time of one frame; from scan_decoder_init() SCAN_BUDGET_MS */
	bool all_symbologies; /* other codes than QR, too; false unless set */
};

void scan_decoder_init(struct scan_decoder *d);
void scan_decoder_done(struct scan_decoder *d); /* NULL-safe */

/* A frame is examined by scan_decoder_begin() and then scan_decoder_pass() until it says false:
 *
 *	scan_decoder_begin(&d, &found);
 *	while (scan_decoder_pass(&d, &found, &frame, thorough))
 *		tell the watchdog;
 *
 * In video one frame costs one or two looks, in turn over the frames; thorough makes every look
 * until one finds something (single pictures).
 */
void scan_decoder_begin(struct scan_decoder *d, struct scan_found *found);
bool scan_decoder_pass(struct scan_decoder *d, struct scan_found *found,
	const struct scan_grey *frame, bool thorough);

/* Every QR code that zbar finds; texts that are in `found` already are not added again. scale:
 * coordinates are multiplied by it. Keeps nothing between calls: the same picture always gives the
 * same result. ERR_NO_MEMORY.
 */
ERR_MUST_CHECK enum err_code scan_zbar_read(struct scan_found *found, const struct scan_grey *grey,
	int scale, struct err *err);

#endif
