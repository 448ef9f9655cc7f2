/* SPDX-License-Identifier: Apache-2.0
 *
 * The camera's picture: half blocks in greys where the terminal has them, else shading; and the
 * codes that were found in it, marked.
 */
#include <stdlib.h>

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

/* ---- marks ---- */

struct point {
	int col, row;
};

static struct point cell_of(const struct grid_box *box, const int16_t at[2])
{
	struct point p = {at[0] * box->cols / VIEW_PREVIEW_COLUMNS,
		at[1] * box->rows / VIEW_PREVIEW_ROWS};

	if (p.col >= box->cols) /* the far edge belongs to the last cell */
		p.col = box->cols - 1;
	if (p.row >= box->rows)
		p.row = box->rows - 1;
	return p;
}

static void mark(struct grid *g, const struct grid_box *box, struct point p, uint32_t sign)
{
	if (p.col >= 0 && p.col < box->cols && p.row >= 0 && p.row < box->rows)
		grid_put(g, box->col + p.col, box->row + p.row, sign, GRID_GOOD_FILL);
}

static void mark_edge(struct grid *g, const struct grid_box *box, struct point a, struct point b)
{
	int cols = b.col - a.col, rows = b.row - a.row;
	int steps = abs(cols) > abs(rows) ? abs(cols) : abs(rows);

	for (int i = 1; i < steps; i++)
		mark(g, box, (struct point){a.col + cols * i / steps, a.row + rows * i / steps},
			'*');
}

/* In signs of their own, so that they are seen without colours, too. */
static void mark_code(struct grid *g, const struct grid_box *box, const int16_t corner[4][2])
{
	for (int i = 0; i < 4; i++)
		mark_edge(g, box, cell_of(box, corner[i]), cell_of(box, corner[(i + 1) % 4]));
	for (int i = 0; i < 4; i++)
		mark(g, box, cell_of(box, corner[i]), '+');
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
	for (int i = 0; m->marks && i < m->marks_count; i++)
		mark_code(g, box, m->marks[i]);
}
