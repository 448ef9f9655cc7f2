/* SPDX-License-Identifier: Apache-2.0
 *
 * How many columns and half rows a module gets, and which of the half blocks a cell is.
 */
#include "ui/qr_grid.h"

#define UPPER_HALF 0x2580
#define LOWER_HALF 0x2584
#define FULL 0x2588

#define MODULE_COLS_MAX 16
#define MODULE_HALVES_MAX 16
/* Readers tell a code's corners by runs of 1:1:3:1:1 in both directions, and take for another thing
 * what is two fifths longer in one than in the other.
 */
#define SQUARE_PERCENT_MAX 135

/* ---- size ---- */

/* Percent that the longer side of a module is of the shorter; both sides are doubled, because half
 * a row may be half a pixel.
 */
static int square_percent(struct qr_cell cell, int module_cols, int module_halves)
{
	int wide = 2 * module_cols * cell.width, high = module_halves * cell.height;

	return wide > high ? wide * 100 / high : high * 100 / wide;
}

static int shorter(struct qr_cell cell, const struct qr_fit *fit)
{
	int wide = 2 * fit->module_cols * cell.width, high = fit->module_halves * cell.height;

	return wide < high ? wide : high;
}

static struct qr_fit fit_of(int side, int module_cols, int module_halves, int quiet)
{
	int whole = side + 2 * quiet;

	return (struct qr_fit){
		.cols = whole * module_cols,
		.rows = (whole * module_halves + 1) / 2,
		.module_cols = module_cols,
		.module_halves = module_halves,
		.quiet = quiet,
	};
}

static bool better(struct qr_cell cell, const struct qr_fit *a, const struct qr_fit *b)
{
	int size_a = shorter(cell, a), size_b = b->cols ? shorter(cell, b) : 0;

	if (size_a != size_b)
		return size_a > size_b;
	return square_percent(cell, a->module_cols, a->module_halves) <
		square_percent(cell, b->module_cols, b->module_halves);
}

static bool fit_with(struct qr_fit *out, int side, struct qr_cell cell, int cols, int rows,
	int quiet)
{
	for (int c = 1; c <= MODULE_COLS_MAX; c++)
		for (int h = 1; h <= MODULE_HALVES_MAX; h++) {
			struct qr_fit fit = fit_of(side, c, h, quiet);

			if (fit.cols <= cols && fit.rows <= rows &&
			    square_percent(cell, c, h) <= SQUARE_PERCENT_MAX &&
			    better(cell, &fit, out))
				*out = fit;
		}
	return out->cols > 0;
}

static struct qr_cell cell_or_usual(struct qr_cell cell)
{
	bool known = cell.width > 0 && cell.height > 0 && cell.width < 256 && cell.height < 256;

	return known ? cell : (struct qr_cell){1, 2};
}

void qr_grid_smallest(struct qr_fit *out, int side, struct qr_cell cell, int quiet)
{
	cell = cell_or_usual(cell);
	for (int sum = 2; sum <= MODULE_COLS_MAX + MODULE_HALVES_MAX; sum++)
		for (int c = 1; c < sum; c++)
			if (square_percent(cell, c, sum - c) <= SQUARE_PERCENT_MAX) {
				*out = fit_of(side, c, sum - c, quiet);
				return;
			}
	*out = fit_of(side, 1, 1, quiet); /* no cell is as long as that */
}

bool qr_grid_fit(struct qr_fit *out, int side, struct qr_cell cell, int cols, int rows,
	int quiet_least)
{
	*out = (struct qr_fit){.cols = 0};
	if (side <= 0 || side > QR_GRID_SIDE_MAX)
		return false;
	cell = cell_or_usual(cell);
	for (int quiet = QR_GRID_QUIET; quiet >= quiet_least; quiet--)
		if (fit_with(out, side, cell, cols, rows, quiet))
			return true;
	return false;
}

/* ---- picture ---- */

/* x in columns, y in half rows of the picture. */
static bool dark(const struct qr_fit *fit, const uint8_t *modules, int side, int x, int y)
{
	int across = x / fit->module_cols - fit->quiet, down = y / fit->module_halves - fit->quiet;

	return across >= 0 && down >= 0 && across < side && down < side &&
		modules[down * side + across] != 0;
}

void qr_grid_draw(struct grid *g, int col, int row, const struct qr_fit *fit,
	const uint8_t *modules, int side)
{
	for (int r = 0; r < fit->rows; r++)
		for (int c = 0; c < fit->cols; c++) {
			bool top = dark(fit, modules, side, c, 2 * r);
			bool bottom = dark(fit, modules, side, c, 2 * r + 1);

			grid_put(g, col + c, row + r,
				top && bottom ? FULL
				: top         ? UPPER_HALF
				: bottom      ? LOWER_HALF
					      : ' ',
				GRID_PAPER);
		}
}

bool qr_grid_paint(uint32_t *code_point)
{
	if (*code_point != FULL && *code_point != LOWER_HALF)
		return false;
	*code_point = *code_point == FULL ? ' ' : UPPER_HALF;
	return true;
}
