/* SPDX-License-Identifier: Apache-2.0
 *
 * The camera's picture, and the codes that were found in it, marked.
 *
 *   the terminal has   a cell is
 *   -----------------  --------------------------------------------------------------------------
 *   256 colours, more  two pixels, one above the other, in greys; in a window so small that pixels
 *                      of the picture would be lost, quarters of the cell in the two greys that
 *                      they are nearest to
 *   fewer              one of five shades; where light meets dark, an upper or a lower half. Only
 *                      characters that the fonts of the Linux console have
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

#define EDGE 96     /* grey levels between the halves of a cell that is drawn as an edge */
#define FLAT 24     /* quarters of a cell that differ by less are noise */
#define HALF 0x2580 /* upper half block */

static void shade(struct grid *g, int col, int row, int top, int bottom)
{
	static const uint32_t levels[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
	uint32_t sign = levels[(top + bottom) / 2 * 5 / 256];

	if (top - bottom > EDGE)
		sign = HALF;
	else if (bottom - top > EDGE)
		sign = HALF + 4; /* lower half block */
	grid_put(g, col, row, sign, GRID_PREVIEW);
}

/* In four quarters there are two greys: those above the middle become ink, the others ground. */
static void quarters(struct grid *g, int col, int row, const uint8_t quarter[static 4])
{
	/* bits: upper left, upper right, lower left, lower right */
	static const uint32_t signs[16] = {' ', 0x2598, 0x259d, 0x2580, 0x2596, 0x258c, 0x259e,
		0x259b, 0x2597, 0x259a, 0x2590, 0x259c, 0x2584, 0x2599, 0x259f, 0x2588};
	int low = 255, high = 0, sum[2] = {0, 0}, count[2] = {0, 0};
	unsigned bits = 0;

	for (int i = 0; i < 4; i++) {
		low = quarter[i] < low ? quarter[i] : low;
		high = quarter[i] > high ? quarter[i] : high;
	}
	if (high - low < FLAT) {
		grid_grey(g, col, row, HALF, (uint8_t)((quarter[0] + quarter[1]) / 2),
			(uint8_t)((quarter[2] + quarter[3]) / 2));
		return;
	}
	for (int i = 0; i < 4; i++) {
		bool ink = quarter[i] > (low + high) / 2;

		bits |= ink ? 1u << i : 0;
		sum[ink] += quarter[i];
		count[ink]++;
	}
	grid_grey(g, col, row, signs[bits], (uint8_t)(sum[1] / count[1]),
		(uint8_t)(sum[0] / count[0]));
}

/* One cell of the picture in the box. */
static void picture_cell(struct grid *g, const struct grid_box *box, int c, int r,
	const struct view_model *m)
{
	bool fine = 2 * box->cols <= VIEW_PREVIEW_COLUMNS;
	uint8_t quarter[4], top, bottom;

	if (m->colours >= COLOURS_FOR_GREYS && fine) {
		for (int i = 0; i < 4; i++)
			quarter[i] = mean(m, 2 * c + i % 2, 2 * box->cols, 2 * r + i / 2,
				2 * box->rows);
		quarters(g, box->col + c, box->row + r, quarter);
		return;
	}
	top = mean(m, c, box->cols, 2 * r, 2 * box->rows);
	bottom = mean(m, c, box->cols, 2 * r + 1, 2 * box->rows);
	if (m->colours >= COLOURS_FOR_GREYS)
		grid_grey(g, box->col + c, box->row + r, HALF, top, bottom);
	else
		shade(g, box->col + c, box->row + r, top, bottom);
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
		for (int c = 0; c < box->cols; c++)
			picture_cell(g, box, c, r, m);
	for (int i = 0; m->marks && i < m->marks_count; i++)
		mark_code(g, box, m->marks[i]);
}
