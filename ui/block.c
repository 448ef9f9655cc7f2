/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws the pictures of block_font.c.
 */
#include "ui/block.h"

#include "base/text_safe.h"

#define UPPER_HALF 0x2580
#define LOWER_HALF 0x2584
#define FULL 0x2588

int block_cols(const struct block_glyph *glyph, struct block_scale scale)
{
	return glyph->width * scale.cols;
}

int block_rows(const struct block_glyph *glyph, struct block_scale scale)
{
	return (glyph->height * scale.halves + 1) / 2;
}

static bool pixel(const struct block_glyph *glyph, int x, int y)
{
	return y < glyph->height && glyph->art[y * (glyph->width + 1) + x] == '#';
}

void block_draw(struct grid *g, int col, int row, const struct block_glyph *glyph,
	struct block_scale scale, enum grid_style style)
{
	int cols = block_cols(glyph, scale), rows = block_rows(glyph, scale);

	for (int r = 0; r < rows; r++)
		for (int c = 0; c < cols; c++) {
			bool top = pixel(glyph, c / scale.cols, 2 * r / scale.halves);
			bool bottom = pixel(glyph, c / scale.cols, (2 * r + 1) / scale.halves);

			if (top || bottom)
				grid_put(g, col + c, row + r,
					top && bottom ? FULL : top ? UPPER_HALF : LOWER_HALF,
					style);
		}
}

/* One walk for measuring and drawing, so that they cannot disagree. */
struct walk {
	struct block_scale scale;
	bool broken;
	int col, row;           /* of the next character */
	int height;             /* rows of one line */
	struct block_size size; /* so far */
};

/* Returns false at a character without a picture. */
static bool walk_char(struct walk *w, const struct block_glyph *glyph)
{
	if (!glyph)
		return false;
	if (glyph->code_point == ' ' && w->broken) {
		w->col = 0;
		w->row += w->height + 1;
		return true;
	}
	if (w->col > 0)
		w->col += w->scale.cols;
	w->col += block_cols(glyph, w->scale);
	if (w->col > w->size.cols)
		w->size.cols = w->col;
	if (w->row + w->height > w->size.rows)
		w->size.rows = w->row + w->height;
	return true;
}

/* Latin and Chinese pictures have different heights: a line is as high as its highest. */
static int line_height(struct span text, struct block_scale scale)
{
	int height = 0;

	for (size_t at = 0; at < text.len;) {
		const struct block_glyph *glyph = block_char(text_utf8_next(text, &at));

		if (glyph && block_rows(glyph, scale) > height)
			height = block_rows(glyph, scale);
	}
	return height;
}

bool block_text_size(struct block_size *out, const char *text, struct block_scale scale,
	bool broken)
{
	struct span t = span_text(text);
	struct walk w = {.scale = scale, .broken = broken, .height = line_height(t, scale)};

	for (size_t at = 0; at < t.len;)
		if (!walk_char(&w, block_char(text_utf8_next(t, &at))))
			return false;
	*out = w.size;
	return true;
}

void block_text_draw(struct grid *g, int col, int row, const char *text, struct block_scale scale,
	bool broken, enum grid_style style)
{
	struct span t = span_text(text);
	struct walk w = {.scale = scale, .broken = broken, .height = line_height(t, scale)};
	struct block_size size;

	if (!block_text_size(&size, text, scale, broken))
		return;
	for (size_t at = 0; at < t.len;) {
		const struct block_glyph *glyph = block_char(text_utf8_next(t, &at));

		(void)walk_char(&w, glyph);
		if (w.col > 0)
			block_draw(g, col + w.col - block_cols(glyph, scale),
				row + w.row + w.height - block_rows(glyph, scale), glyph, scale,
				style);
	}
}
