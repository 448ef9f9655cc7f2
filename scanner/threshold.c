/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of columns that move down with the row, and a sum of them that moves along it: each pixel is
 * looked at three times, whatever the radius.
 */
#include "scanner/threshold.h"

#include <stdbool.h>
#include <string.h>

#include "scanner/scanner.h"

static void add_row(uint32_t *column, const struct scan_grey *in, int y, bool gone)
{
	const uint8_t *p = in->pixels + (size_t)y * (size_t)in->width;
	if (gone)
		for (int x = 0; x < in->width; x++)
			column[x] -= p[x];
	else
		for (int x = 0; x < in->width; x++)
			column[x] += p[x];
}

static void decide(uint8_t *to, const uint8_t *from, const uint32_t *column, int width, int rows,
	int radius, int percent)
{
	uint64_t sum = 0;
	int right = 0, left = 0; /* columns left .. right - 1 are in the sum */
	for (int x = 0; x < width; x++) {
		int first = x - radius < 0 ? 0 : x - radius;
		int last = x + radius + 1 > width ? width : x + radius + 1;
		while (right < last)
			sum += column[right++];
		while (left < first)
			sum -= column[left++];
		uint64_t area = (uint64_t)(right - left) * (uint64_t)rows;
		to[x] = from[x] * area * 100 < sum * (uint64_t)percent ? 0 : 255;
	}
}

enum err_code scan_threshold(struct scan_grey *out, const struct scan_grey *in, int radius,
	int percent, struct err *err)
{
	uint32_t column[SCAN_WIDTH_MAX];
	enum err_code code = scan_grey_size(out, in->width, in->height, err);
	if (code)
		return code;
	memset(column, 0, sizeof column);
	int top = 0, bottom = 0; /* rows top .. bottom - 1 are in the columns */
	for (int y = 0; y < in->height; y++) {
		int first = y - radius < 0 ? 0 : y - radius;
		int last = y + radius + 1 > in->height ? in->height : y + radius + 1;
		while (bottom < last)
			add_row(column, in, bottom++, false);
		while (top < first)
			add_row(column, in, top++, true);
		size_t at = (size_t)y * (size_t)in->width;
		decide(out->pixels + at, in->pixels + at, column, in->width, bottom - top, radius,
			percent);
	}
	return ERR_OK;
}
