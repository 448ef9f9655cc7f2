/* SPDX-License-Identifier: Apache-2.0
 *
 * The camera's picture: half blocks in greys where the terminal has them, else shading.
 */
#include "ui/view_parts.h"

#define COLOURS_FOR_GREYS 256

/* Mean of the pixels under one of cols x rows parts. */
static uint8_t mean(const struct view_model *m, int part_col, int cols, int part_row, int rows)
{
	int left = part_col * VIEW_PREVIEW_COLUMNS / cols;
	int right = (part_col + 1) * VIEW_PREVIEW_COLUMNS / cols;
	int top = part_row * VIEW_PREVIEW_ROWS / rows;
	int bottom = (part_row + 1) * VIEW_PREVIEW_ROWS / rows;
	int sum = 0, count = 0;

	for (int y = top; y < bottom || y == top; y++)
		for (int x = left; x < right || x == left; x++) {
			sum += m->preview[y][x];
			count++;
		}
	return (uint8_t)(sum / count);
}

static void shade(struct grid *g, int col, int row, int grey)
{
	static const uint32_t levels[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};

	grid_put(g, col, row, levels[grey * 5 / 256], GRID_NORMAL);
}

void view_preview_draw(struct grid *g, const struct grid_box *box, const struct view_model *m)
{
	if (!m->preview || box->cols <= 0 || box->rows <= 0)
		return;
	for (int r = 0; r < box->rows; r++)
		for (int c = 0; c < box->cols; c++) {
			uint8_t top = mean(m, c, box->cols, 2 * r, 2 * box->rows);
			uint8_t bottom = mean(m, c, box->cols, 2 * r + 1, 2 * box->rows);

			if (m->colours >= COLOURS_FOR_GREYS)
				grid_grey(g, box->col + c, box->row + r, top, bottom);
			else
				shade(g, box->col + c, box->row + r, (top + bottom) / 2);
		}
}
