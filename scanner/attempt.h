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
	double doubt;              /* places with a score below -doubt wait */
	unsigned vain;             /* so many places are fitted in vain, the likeliest first */
	enum qr_sampling how;      /* to try at once with what fits */
};

bool scan_attempt_init(struct scan_decoder *d); /* false: no memory */
void scan_attempt_done(struct scan_decoder *d);

/* NULL also where the budget has no room to make it. */
const struct scan_grey *scan_attempt_view(struct scan_decoder *d, enum scan_view view);
/* New places where symbols may be are kept, then fitted and read. */
void scan_attempt_search(struct scan_decoder *d, struct scan_found *found,
	const struct scan_search *how);
/* Fits places that wait, and reads them, until `most` were not read. */
void scan_attempt_fit(struct scan_decoder *d, struct scan_found *found, double doubt,
	unsigned most, enum qr_sampling how);
/* Measures the modules of places that fit and have not been read, the likeliest first. */
void scan_attempt_read(struct scan_decoder *d, struct scan_found *found, enum qr_sampling how,
	unsigned most);
/* Follows curved paper with a mesh, in up to `most` places that the flat map does not read. */
void scan_attempt_bend(struct scan_decoder *d, struct scan_found *found, double doubt,
	unsigned most);
bool scan_attempt_may_bend(struct scan_decoder *d, double doubt); /* there is such a place */
/* A code of the last frame, about where it was. True: read. */
bool scan_attempt_again(struct scan_decoder *d, struct scan_found *found,
	struct scan_sighting *s);
/* zbar on the thresholded frame. Not where it would take too long. */
void scan_attempt_zbar(struct scan_decoder *d, struct scan_found *found);
/* What is around it, in pixels of the frame. */
struct qr_box scan_place_box(const struct qr_place *p, enum scan_view view, double margin);

/* A place that was refused in several frames is looked at again only after some more. */
bool scan_place_is_refused(struct scan_decoder *d, const struct scan_place *p);
void scan_place_refuse(struct scan_decoder *d, const struct scan_place *p);

#endif
