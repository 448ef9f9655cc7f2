/* SPDX-License-Identifier: Apache-2.0
 *
 * A screen as a rectangle of cells. Views draw into it, screen_curses.c copies it to the terminal,
 * tests compare it as text. Knows nothing of curses and nothing of verifications.
 *
 * Every drawing function clips: columns and rows outside the grid are ignored, so that no view has
 * to ask. Text goes through text_safe() again here, whoever made it safe before.
 */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define GRID_COLS_MAX 512
#define GRID_ROWS_MAX 256
#define GRID_TEXT_MAX 1024 /* bytes of one text that is drawn; longer ones are cut */

/* What a cell means; how it looks is the screen's business. */
enum grid_style {
	GRID_NORMAL,
	GRID_DIM,       /* labels, what can wait */
	GRID_BOLD,      /* what to read first */
	GRID_TITLE,     /* top bar and key bar */
	GRID_KEY,       /* name of a key in the key bar */
	GRID_GOOD,      /* accepted */
	GRID_BAD,       /* refused, none */
	GRID_WARN,      /* uncertain, notices, simulator */
	GRID_GOOD_FILL, /* the same as bands: reversed */
	GRID_BAD_FILL,
	GRID_WARN_FILL,
	GRID_NUMBER,    /* digits of the verification number */
	GRID_PREVIEW,   /* of the camera's picture: light ink on dark ground, or in greys */
	GRID_PAPER,     /* dark on white, for codes that a phone scans */
	GRID_FIELD,     /* a line that is typed; one that is typed next */
	GRID_FIELD_OTHER,
	GRID_CURSOR,    /* in it */
	GRID_SELECTED,  /* the line of a list that keys act on */
	GRID_STYLE_COUNT
};

struct grid_cell {
	uint32_t code_point; /* 0 = right half of the wide character before it */
	uint8_t columns;     /* 1, 2, or 0 for that right half */
	uint8_t style;       /* enum grid_style */
	uint8_t grey_ink;    /* GRID_PREVIEW only: 0 black .. 255 white */
	uint8_t grey_ground;
};

struct grid {
	int cols;
	int rows;
	struct grid_cell *cells; /* rows * cols, row by row */
};

/* Blank cells. Sizes are clamped to 1 .. GRID_COLS_MAX, GRID_ROWS_MAX. */
ERR_MUST_CHECK enum err_code grid_init(struct grid *g, int cols, int rows, struct err *err);
/* Another size, blank; keeps the storage when the size is the same. On error g is as it was. */
ERR_MUST_CHECK enum err_code grid_resize(struct grid *g, int cols, int rows, struct err *err);
void grid_done(struct grid *g); /* NULL-safe, also on a zeroed struct */

void grid_clear(struct grid *g);
/* NULL outside. */
const struct grid_cell *grid_at(const struct grid *g, int col, int row);

/* One character; a control or combining one is dropped, a wide one at the right edge becomes blank.
 */
void grid_put(struct grid *g, int col, int row, uint32_t code_point, enum grid_style style);
void grid_fill(struct grid *g, int col, int row, int cols, int rows, uint32_t code_point,
	enum grid_style style);
/* A block character of one column, in grey on grey. For screens with colours enough for greys. */
void grid_grey(struct grid *g, int col, int row, uint32_t code_point, uint8_t ink, uint8_t ground);

/* One line in at most `cols` columns; what does not fit is cut and ends in U+2026. Returns the
 * columns used.
 */
int grid_text(struct grid *g, int col, int row, int cols, enum grid_style style, const char *text);
int grid_text_right(struct grid *g, int col, int row, int cols, enum grid_style style,
	const char *text);

/* Lines that a text takes when broken to `cols` columns: at spaces, or between two characters where
 * one of them is wide, but never before closing punctuation. Draws at most `rows` of them when g is
 * not NULL; returns how many the whole text needs.
 */
struct grid_box {
	int col, row, cols, rows;
	bool centred;
};
int grid_wrapped(struct grid *g, const struct grid_box *box, enum grid_style style,
	const char *text);

/* Columns of a text after text_safe(). */
int grid_text_columns(const char *text);

/* The grid as lines of UTF-8, spaces at line ends left out. */
void grid_dump(const struct grid *g, struct bytes *out);

#endif
