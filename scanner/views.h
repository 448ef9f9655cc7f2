/* SPDX-License-Identifier: Apache-2.0
 *
 * A frame at several sizes and with sharper edges, made when they are asked for.
 */
#ifndef SCANNER_VIEWS_H
#define SCANNER_VIEWS_H

#include <stdbool.h>

#include "scanner/grey.h"

enum scan_view { VIEW_FULL, VIEW_HALF, VIEW_QUARTER, VIEW_EIGHTH, VIEW_SHARP, VIEW_COUNT };

struct scan_views {
	const struct scan_grey *frame; /* borrowed */
	struct scan_grey other[VIEW_COUNT]; /* [VIEW_FULL] is not used */
	unsigned made;                 /* bit for each view */
};

void scan_views_done(struct scan_views *v);
void scan_views_begin(struct scan_views *v, const struct scan_grey *frame);
/* NULL when the frame is too small for it or there is no memory. */
const struct scan_grey *scan_views_get(struct scan_views *v, enum scan_view which);
/* Pixels of the frame for one of the view. */
static inline int scan_view_scale(enum scan_view which)
{
	return which == VIEW_SHARP ? 1 : 1 << which;
}

#endif
