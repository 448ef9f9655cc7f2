/* SPDX-License-Identifier: Apache-2.0
 *
 * One attempt at a frame: look for symbols somewhere, or read those that were seen in some way.
 * What was found is added, what was seen is kept in the decoder. All of it counts against the
 * frame's budget; an attempt that the budget has no room for is not made.
 */
#ifndef SCANNER_ATTEMPT_H
#define SCANNER_ATTEMPT_H

#include "scanner/decode.h"

struct scan_search {
	enum scan_view view;
	int step;                  /* rows */
	bool smooth;
	const struct qr_box *where; /* pixels of the frame; NULL = everywhere */
	int most_us;               /* of work to find patterns; then it stops */
	enum qr_sampling how;      /* to try at once with what fits */
};

bool scan_attempt_init(struct scan_decoder *d); /* false: no memory */
void scan_attempt_done(struct scan_decoder *d);

/* New places where symbols may be are fitted and read. Known ones are passed over. */
void scan_attempt_search(struct scan_decoder *d, struct scan_found *found,
	const struct scan_search *how);
/* Measures the modules of places that fit and have not been read, the likeliest first. */
void scan_attempt_read(struct scan_decoder *d, struct scan_found *found, enum qr_sampling how,
	unsigned most);
/* A code of the last frame, about where it was. True: read. */
bool scan_attempt_again(struct scan_decoder *d, struct scan_found *found,
	struct scan_sighting *s);
/* What is around it, in pixels of the frame. */
struct qr_box scan_place_box(const struct qr_place *p, enum scan_view view, double margin);

#endif
