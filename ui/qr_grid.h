/* SPDX-License-Identifier: Apache-2.0
 *
 * A QR code in cells, for phones that scan the screen: modules as large as the place allows and as
 * square as the cells do, dark on paper, with a quiet zone around.
 */
#ifndef UI_QR_GRID_H
#define UI_QR_GRID_H

#include "ui/grid.h"

#define QR_GRID_SIDE_MAX 177 /* modules: version 40 */
#define QR_GRID_QUIET 4      /* light modules around a code, ISO/IEC 18004 */
/* Where the window has no room for four. Readers need no more than this, on black or on white; the
 * standard's four are for print on anything.
 */
#define QR_GRID_QUIET_LEAST 2

/* A window's cell in pixels. 0 x 0 = not known: taken for one that is twice as high as wide, as
 * nearly all are.
 */
struct qr_cell {
	int width, height;
};

struct qr_fit {
	int cols, rows;  /* of the picture with its quiet zone */
	int module_cols; /* of one module */
	int module_halves; /* half rows of one module */
	int quiet;       /* light modules on each side; below and to the right may be more */
};

/* The largest picture of a code of side * side modules in cols x rows, with a quiet zone of four
 * modules, or fewer, down to quiet_least, where no other fits. False, and a zeroed *out, when none
 * does.
 */
bool qr_grid_fit(struct qr_fit *out, int side, struct qr_cell cell, int cols, int rows,
	int quiet_least);
/* The smallest picture that is square enough: what to ask a window for. */
void qr_grid_smallest(struct qr_fit *out, int side, struct qr_cell cell, int quiet);
/* modules: side * side bytes, 1 = dark. Upper left corner of the quiet zone at col, row. */
void qr_grid_draw(struct grid *g, int col, int row, const struct qr_fit *fit,
	const uint8_t *modules, int side);

/* How a cell of a code is painted: with the character that *code_point becomes, and with ink and
 * paper exchanged where true. A ground fills the whole cell, while the blocks of many fonts leave a
 * line open between two rows, and such lines through a code's corners hide it from readers. So what
 * is all dark is ground, and what is dark below is a light block on dark ground.
 */
bool qr_grid_paint(uint32_t *code_point);

#endif
