/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the guide: from pixels to the place where something like a code is (guide_look.c),
 * and what its edges are like (guide_edges.c).
 */
#ifndef SCANNER_GUIDE_LOOK_H
#define SCANNER_GUIDE_LOOK_H

#include "scanner/guide.h"

enum {
	PATCH_CORE = 1, /* busy all around */
	PATCH_RIM
};

struct guide_box { /* tiles; right and bottom are outside */
	int left, top, right, bottom;
};

/* Fills points and tiles; coarser: these are larger so many times, as for larger modules. */
void guide_tiles(struct scan_guide *g, const struct scan_grey *frame, int coarser);
/* The same of the usual size without what is furniture, and seen.noise, brightest and usual. */
void guide_look(struct scan_guide *g, const struct scan_grey *frame);
/* The largest square of busy tiles. False when there is none. */
bool guide_find(struct scan_guide *g, struct guide_box *out);
/* The busy tiles that hang together with the square, and the box around most of them. */
void guide_grow(struct scan_guide *g, struct guide_box *around, const struct guide_box *square);
/* Fills seen.filled, hidden, lamp and paper. */
void guide_light(struct scan_guide *g, const struct guide_box *around);

/* Fills seen.ring; after guide_edges(). */
void guide_ring(struct scan_guide *g, const struct guide_box *around);

/* Fills run, edge, lean, light, dark, ink and white of what is in the box. */
void guide_edges(struct guide_measures *m, const struct scan_grey *frame,
	const struct qr_box *box);

#endif
