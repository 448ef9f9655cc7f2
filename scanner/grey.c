/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/grey.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/scanner.h"

enum err_code scan_geometry_check(int64_t width, int64_t height, struct err *err)
{
	if (width >= SCAN_SIDE_MIN && width <= SCAN_WIDTH_MAX && height >= SCAN_SIDE_MIN &&
		height <= SCAN_HEIGHT_MAX)
		return ERR_OK;
	return err_set(err, ERR_RANGE, "picture of %lld x %lld pixels: sides must be %d to %d",
		(long long)width, (long long)height, SCAN_SIDE_MIN, SCAN_WIDTH_MAX);
}

static enum err_code make_room(struct scan_grey *g, int64_t width, int64_t height, struct err *err)
{
	size_t need = (size_t)width * (size_t)height;
	if (need > g->cap) {
		free(g->pixels);
		g->pixels = malloc(need);
		g->cap = g->pixels ? need : 0;
		if (!g->pixels)
			return err_set(err, ERR_NO_MEMORY, "no memory for a picture of %lld x %lld",
				(long long)width, (long long)height);
	}
	g->width = (int)width;
	g->height = (int)height;
	return ERR_OK;
}

enum err_code scan_grey_size(struct scan_grey *g, int64_t width, int64_t height, struct err *err)
{
	g->width = 0;
	g->height = 0;
	enum err_code code = scan_geometry_check(width, height, err);
	return code ? code : make_room(g, width, height, err);
}

void scan_grey_done(struct scan_grey *g)
{
	if (!g)
		return;
	free(g->pixels);
	*g = (struct scan_grey){.pixels = NULL};
}

/* A length that the compiler knows, and pairs of pixels as one number: it makes vectors of that,
 * and is three times as fast. The order of the two does not matter.
 */
#define HALF_BLOCK 32
static void half_block(uint8_t *restrict to, const uint8_t *restrict a, const uint8_t *restrict b)
{
	uint16_t upper[HALF_BLOCK], lower[HALF_BLOCK];
	memcpy(upper, a, sizeof upper);
	memcpy(lower, b, sizeof lower);
	for (int i = 0; i < HALF_BLOCK; i++) {
		uint16_t sum = (uint16_t)((upper[i] & 0xff) + (upper[i] >> 8) + (lower[i] & 0xff) +
			(lower[i] >> 8) + 2);
		to[i] = (uint8_t)(sum >> 2);
	}
}

enum err_code scan_grey_half(struct scan_grey *out, const struct scan_grey *in, struct err *err)
{
	int width = in->width / 2, height = in->height / 2;
	out->width = 0;
	out->height = 0;
	if (width < 1 || height < 1)
		return err_set(err, ERR_RANGE, "picture too small to halve");
	enum err_code code = make_room(out, width, height, err);
	if (code)
		return code;
	for (int y = 0; y < height; y++) {
		const uint8_t *a = in->pixels + (size_t)(2 * y) * (size_t)in->width;
		const uint8_t *b = a + in->width;
		uint8_t *to = out->pixels + (size_t)y * (size_t)width;
		int x = 0;
		for (; x + HALF_BLOCK <= width; x += HALF_BLOCK)
			half_block(to + x, a + 2 * x, b + 2 * x);
		for (; x < width; x++) {
			int sum = a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1];
			to[x] = (uint8_t)((sum + 2) / 4);
		}
	}
	return ERR_OK;
}

enum err_code scan_grey_invert(struct scan_grey *out, const struct scan_grey *in, struct err *err)
{
	enum err_code code = make_room(out, in->width, in->height, err);
	if (code)
		return code;
	size_t n = (size_t)in->width * (size_t)in->height;
	for (size_t i = 0; i < n; i++)
		out->pixels[i] = (uint8_t)(255 - in->pixels[i]);
	return ERR_OK;
}

/* Mean of the pixels x0 <= x < x1, y0 <= y < y1, at least one of them. */
static uint8_t mean_of(const struct scan_grey *in, int x0, int x1, int y0, int y1)
{
	uint64_t sum = 0;
	for (int y = y0; y < y1; y++) {
		const uint8_t *row = in->pixels + (size_t)y * (size_t)in->width;
		for (int x = x0; x < x1; x++)
			sum += row[x];
	}
	uint64_t n = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);
	return (uint8_t)((sum + n / 2) / n);
}

void scan_grey_shrink(uint8_t *out, int columns, int rows, const struct scan_grey *in)
{
	for (int r = 0; r < rows; r++) {
		int y0 = r * in->height / rows, y1 = (r + 1) * in->height / rows;
		for (int c = 0; c < columns; c++) {
			int x0 = c * in->width / columns, x1 = (c + 1) * in->width / columns;
			out[(size_t)r * (size_t)columns + (size_t)c] =
				mean_of(in, x0, x1 > x0 ? x1 : x0 + 1, y0, y1 > y0 ? y1 : y0 + 1);
		}
	}
}
