/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/shrink.h"

#include <string.h>

static int16_t scaled(int at, int from, int to)
{
	int v = (at * to + from / 2) / from;
	return (int16_t)(v < 0 ? 0 : v > to ? to : v);
}

void scan_shrink(struct scan_preview *out, const struct scan_examined *seen)
{
	out->width = (uint16_t)seen->width;
	out->height = (uint16_t)seen->height;
	out->code_count = (uint16_t)seen->found.count;
	memset(out->corner, 0, sizeof out->corner);
	for (unsigned i = 0; i < seen->found.count; i++)
		for (unsigned k = 0; k < 4; k++) {
			const int16_t *at = seen->found.codes[i].corner[k];
			out->corner[i][k][0] = scaled(at[0], seen->width, SCAN_PREVIEW_COLUMNS);
			out->corner[i][k][1] = scaled(at[1], seen->height, SCAN_PREVIEW_ROWS);
		}
	scan_grey_shrink(out->grey[0], SCAN_PREVIEW_COLUMNS, SCAN_PREVIEW_ROWS, seen->grey);
}
