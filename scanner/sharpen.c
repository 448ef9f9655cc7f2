/* SPDX-License-Identifier: Apache-2.0
 *
 * The binomial filter 1 4 6 4 1 down the columns, then along the row of sums.
 */
#include "scanner/sharpen.h"

#include "scanner/scanner.h"

#define REACH 2
#define SUM_SHIFT 8 /* of 16 times 16 */
#define AMOUNT 2

static int clamp(int v, int most)
{
	return v < 0 ? 0 : v > most ? most : v;
}

static uint8_t sharper(uint8_t own, unsigned around)
{
	return (uint8_t)clamp(own + AMOUNT * (own - (int)around), 255);
}

static unsigned weigh(const uint16_t *s, int a, int b, int c, int d, int e)
{
	return ((unsigned)s[a] + s[e] + 4 * ((unsigned)s[b] + s[d]) + 6 * (unsigned)s[c] +
		       (1u << (SUM_SHIFT - 1))) >> SUM_SHIFT;
}

enum err_code scan_sharpen(struct scan_grey *out, const struct scan_grey *in, struct err *err)
{
	uint16_t sum[SCAN_WIDTH_MAX];
	int width = in->width, last = width - 1;
	enum err_code code = scan_grey_size(out, width, in->height, err);
	if (code)
		return code;
	for (int y = 0; y < in->height; y++) {
		const uint8_t *row[2 * REACH + 1];
		for (int i = -REACH; i <= REACH; i++)
			row[i + REACH] = in->pixels + (size_t)clamp(y + i, in->height - 1) *
							      (size_t)width;
		const uint8_t *own = row[REACH];
		uint8_t *to = out->pixels + (size_t)y * (size_t)width;
		for (int x = 0; x < width; x++)
			sum[x] = (uint16_t)(row[0][x] + row[4][x] + 4 * (row[1][x] + row[3][x]) +
				6 * own[x]);
		for (int x = REACH; x < width - REACH; x++)
			to[x] = sharper(own[x], weigh(sum, x - 2, x - 1, x, x + 1, x + 2));
		for (int x = 0; x < width; x = x == REACH - 1 ? width - REACH : x + 1)
			to[x] = sharper(own[x],
				weigh(sum, clamp(x - 2, last), clamp(x - 1, last), x,
					clamp(x + 1, last), clamp(x + 2, last)));
	}
	return ERR_OK;
}
