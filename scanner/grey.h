/* SPDX-License-Identifier: Apache-2.0
 *
 * A grey picture in memory that is used again and again: one byte a pixel, rows without gaps.
 * The only place where room for pixels is made, so that limits are checked before it is.
 */
#ifndef SCANNER_GREY_H
#define SCANNER_GREY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct scan_grey {
	uint8_t *pixels; /* width * height bytes */
	size_t cap;      /* bytes there are */
	int width, height;
};

/* Returns: ERR_OK; ERR_RANGE when a side is outside SCAN_SIDE_MIN .. SCAN_WIDTH_MAX, _HEIGHT_MAX */
ERR_MUST_CHECK enum err_code scan_geometry_check(int64_t width, int64_t height, struct err *err);

/* Makes room for width x height pixels, whose values are then undefined. On error the picture is
 * empty (0 x 0). ERR_RANGE; ERR_NO_MEMORY.
 */
ERR_MUST_CHECK enum err_code scan_grey_size(struct scan_grey *g, int64_t width, int64_t height,
	struct err *err);
void scan_grey_done(struct scan_grey *g); /* NULL-safe; leaves an empty picture */

/* Mean of each 2x2 block; an odd last column or row is left out. */
ERR_MUST_CHECK enum err_code scan_grey_half(struct scan_grey *out, const struct scan_grey *in,
	struct err *err);
ERR_MUST_CHECK enum err_code scan_grey_invert(struct scan_grey *out, const struct scan_grey *in,
	struct err *err);
/* The whole picture as columns x rows means; its shape is lost. */
void scan_grey_shrink(uint8_t *out, int columns, int rows, const struct scan_grey *in);

#endif
