/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"
#include "wallet/holder/picture.h"

enum err_code picture_new(struct picture *p, int width, int height)
{
	ASSERT(width > 0 && height > 0 && width <= PICTURE_SIDE_MAX && height <= PICTURE_SIDE_MAX);
	*p = (struct picture){.width = width, .height = height};
	p->grey = calloc((size_t)width, (size_t)height);
	return p->grey ? ERR_OK : ERR_NO_MEMORY;
}

void picture_free(struct picture *p)
{
	free(p->grey);
	*p = (struct picture){0};
}

/* Cuts the rectangle to the picture; false when nothing is left. */
static bool clip(const struct picture *p, int *x, int *y, int *width, int *height)
{
	if (*x < 0) {
		*width += *x;
		*x = 0;
	}
	if (*y < 0) {
		*height += *y;
		*y = 0;
	}
	if (*x + *width > p->width)
		*width = p->width - *x;
	if (*y + *height > p->height)
		*height = p->height - *y;
	return *width > 0 && *height > 0;
}

void picture_fill(struct picture *p, int x, int y, int width, int height, uint8_t grey)
{
	if (!clip(p, &x, &y, &width, &height))
		return;
	for (int row = y; row < y + height; row++)
		memset(p->grey + (size_t)row * (size_t)p->width + x, grey, (size_t)width);
}

void picture_frame(struct picture *p, int x, int y, int width, int height, int thick, uint8_t grey)
{
	picture_fill(p, x, y, width, thick, grey);
	picture_fill(p, x, y + height - thick, width, thick, grey);
	picture_fill(p, x, y, thick, height, grey);
	picture_fill(p, x + width - thick, y, thick, height, grey);
}

void picture_invert(struct picture *p, int x, int y, int width, int height)
{
	if (!clip(p, &x, &y, &width, &height))
		return;
	for (int row = y; row < y + height; row++) {
		uint8_t *at = p->grey + (size_t)row * (size_t)p->width + x;

		for (int i = 0; i < width; i++)
			at[i] = (uint8_t)(255 - at[i]);
	}
}

/* Bytes of the longest piece of at most `columns` letters, cut at a space where there is one;
 * *skip is what the next line leaves out.
 */
static size_t line_len(struct span text, int columns, size_t *skip)
{
	size_t at = 0, space = 0;

	*skip = 0;
	for (int n = 0; at < text.len; n++) {
		if (text.data[at] == ' ')
			space = at;
		if (n == columns) {
			*skip = space ? 1 : 0;
			return space ? space : at;
		}
		text_utf8_next(text, &at);
	}
	return at;
}

int picture_text_lines(
	struct picture *p, int x, int y, const char *text, int scale, int columns, int lines)
{
	struct span left = span_text(text);

	for (int i = 0; i < lines && left.len; i++) {
		char line[256];
		size_t skip, len = line_len(left, columns, &skip);

		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, left.data, len);
		line[len] = 0;
		picture_text(p, x, y, line, scale, 0);
		y += (FONT_ROWS + 2) * scale;
		left.data += len + skip;
		left.len -= len + skip;
	}
	return y;
}

void picture_qr(struct picture *p, int x, int y, int side, const struct qr *qr)
{
	int modules = qr->side + 2 * QR_QUIET, pixel, edge;

	picture_fill(p, x, y, side, side, 255);
	pixel = side / modules;
	if (qr->side == 0 || pixel == 0)
		return;
	edge = (side - pixel * qr->side) / 2;
	for (int j = 0; j < qr->side; j++)
		for (int i = 0; i < qr->side; i++)
			if (qr->black[j][i])
				picture_fill(p, x + edge + i * pixel, y + edge + j * pixel, pixel,
					pixel, 0);
}

/* Of a side `from` scaled to `to`: which of its pixels the pixel `at` covers, up to *end. */
static int covered(int *end, int at, int to, int from)
{
	int begin = (int)((int64_t)at * from / to);
	int64_t behind = (int64_t)(at + 1) * from / to;

	*end = behind > begin ? (int)behind : begin + 1;
	return begin;
}

static uint8_t mean(const struct picture *from, int x, int x_end, int y, int y_end)
{
	unsigned sum = 0;

	for (int j = y; j < y_end; j++)
		for (int i = x; i < x_end; i++)
			sum += from->grey[(size_t)j * (size_t)from->width + (size_t)i];
	return (uint8_t)(sum / (unsigned)((x_end - x) * (y_end - y)));
}

void picture_fit(
	struct picture *p, int x, int y, int width, int height, const struct picture *from)
{
	bool tall = (int64_t)from->width * height < (int64_t)from->height * width;
	int w = tall ? from->width * height / from->height : width;
	int h = tall ? height : from->height * width / from->width;

	ASSERT(x >= 0 && y >= 0 && x + width <= p->width && y + height <= p->height);
	x += (width - w) / 2;
	y += (height - h) / 2;
	for (int j = 0; j < h; j++) {
		uint8_t *row = p->grey + (size_t)(y + j) * (size_t)p->width + x;
		int y_end, y_begin = covered(&y_end, j, h, from->height);

		for (int i = 0; i < w; i++) {
			int x_end, x_begin = covered(&x_end, i, w, from->width);

			row[i] = mean(from, x_begin, x_end, y_begin, y_end);
		}
	}
}
