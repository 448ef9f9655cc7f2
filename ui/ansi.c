/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells that changed, as sequences.
 */
#include "ui/ansi.h"

#include <stdio.h>
#include <string.h>

#include "ui/qr_grid.h"

#define WIDE_FROM 0x1100 /* terminals differ in how wide some characters from here on are */

/* UTF-8; another screen than the one before, where there is one; plain text, all of it empty; no
 * jump to the next line after the last column; no cursor; and a console does not go dark.
 */
#define BEGIN "\x1b%G\x1b[?1049h\x1b[0m\x1b[2J\x1b[?7l\x1b[?25l\x1b[9;0]"
#define END   "\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l"

/* ---- styles ---- */

struct look {
	const char *mono, *colours8, *colours256; /* parameters of SGR after 0; NULL = none */
};

static const struct look LOOKS[GRID_STYLE_COUNT] = {
	[GRID_DIM] = {NULL, NULL, "38;5;244"},
	[GRID_BOLD] = {"1", "1", "1"},
	[GRID_TITLE] = {"7", "37;44", "38;5;254;48;5;236"},
	[GRID_KEY] = {"7", "30;47", "38;5;16;48;5;250"},
	[GRID_GOOD] = {"1", "1;32", "1;38;5;34"},
	[GRID_BAD] = {"1", "1;31", "1;38;5;160"},
	[GRID_WARN] = {"1", "1;33", "1;38;5;172"},
	[GRID_GOOD_FILL] = {"7", "1;37;42", "1;38;5;231;48;5;28"},
	[GRID_BAD_FILL] = {"7", "1;37;41", "1;38;5;231;48;5;124"},
	[GRID_WARN_FILL] = {"7", "30;43", "38;5;16;48;5;214"},
	[GRID_NUMBER] = {"1", "1", "1"},
	/* 107: brighter than 47 where it is known */
	[GRID_PAPER] = {"7", "30;47;107", "38;5;16;48;5;231"},
};
static const struct look PAPER_EXCHANGED = {NULL, "37;97;40", "38;5;231;48;5;16"};

static const char *sgr(const struct ansi *a, const struct look *look)
{
	const char *words = a->colours == 0 ? look->mono
		: a->colours < 256          ? look->colours8
					    : look->colours256;

	return words != NULL ? words : "";
}

/* ---- cells ---- */

static bool same(const struct grid_cell *a, const struct grid_cell *b)
{
	return a->code_point == b->code_point && a->columns == b->columns && a->style == b->style;
}

static void go(struct bytes *out, int col, int row)
{
	char text[32];

	snprintf(text, sizeof text, "\x1b[%d;%dH", row + 1, col + 1);
	bytes_add_text(out, text);
}

static void utf8(struct bytes *out, uint32_t c)
{
	if (c < 0x80) {
		bytes_add_u8(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		bytes_add_u8(out, (uint8_t)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			bytes_add_u8(out, (uint8_t)(0xe0 | c >> 12));
		} else {
			bytes_add_u8(out, (uint8_t)(0xf0 | c >> 18));
			bytes_add_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		bytes_add_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	bytes_add_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* words: of the cell before, NULL = none yet. Returns those of this one. */
static const char *cell(const struct ansi *a, struct bytes *out, const struct grid_cell *c,
	const char *words)
{
	bool paper = c->style == GRID_PAPER;
	uint32_t painted = c->code_point;
	bool exchanged = paper && qr_grid_paint(&painted);
	const char *now = sgr(a,
		exchanged ? &PAPER_EXCHANGED
			  : &LOOKS[c->style < GRID_STYLE_COUNT ? c->style : GRID_NORMAL]);

	if (words == NULL || strcmp(words, now) != 0) {
		bytes_add_text(out, now[0] != '\0' ? "\x1b[0;" : "\x1b[0");
		bytes_add_text(out, now);
		bytes_add_text(out, "m");
	}
	utf8(out, painted);
	return now;
}

static void row_draw(struct ansi *a, struct bytes *out, const struct grid *g, int row)
{
	const struct grid_cell *want = &g->cells[row * g->cols];
	struct grid_cell *have = &a->shown.cells[row * g->cols];
	const char *words = NULL;
	int at = -1; /* where the cursor is; -1 = not known */

	for (int col = 0; col < g->cols; col++) {
		bool right = want[col].columns == 0;
		bool differs = !same(&want[col], &have[col]) ||
			(want[col].columns == 2 && !same(&want[col + 1], &have[col + 1]));

		if (right || !differs)
			continue;
		if (at != col)
			go(out, col, row);
		words = cell(a, out, &want[col], words);
		at = want[col].code_point < WIDE_FROM ||
				(want[col].code_point >= 0x2500 && want[col].code_point < 0x25a0)
			? col + 1
			: -1;
	}
	memcpy(have, want, (size_t)g->cols * sizeof *have);
	if (words != NULL)
		bytes_add_text(out, "\x1b[0m");
}

/* ---- the screen ---- */

enum err_code ansi_begin(struct ansi *a, struct bytes *out, int cols, int rows, struct err *err)
{
	enum err_code rc = a->shown.cells == NULL ? grid_init(&a->shown, cols, rows, err)
						  : grid_resize(&a->shown, cols, rows, err);

	if (rc != ERR_OK)
		return rc;
	grid_clear(&a->shown);
	bytes_add_text(out, BEGIN);
	return ERR_OK;
}

void ansi_end(struct bytes *out)
{
	bytes_add_text(out, END);
}

void ansi_done(struct ansi *a)
{
	if (a != NULL)
		grid_done(&a->shown);
}

bool ansi_draw(struct ansi *a, struct bytes *out, const struct grid *g)
{
	size_t row_size = (size_t)g->cols * sizeof g->cells[0];

	ASSERT(g->cols == a->shown.cols && g->rows == a->shown.rows);
	for (int row = 0; row < g->rows; row++) {
		size_t first = (size_t)row * (size_t)g->cols;

		if (memcmp(&g->cells[first], &a->shown.cells[first], row_size) == 0)
			continue;
		if (out->max - out->len < ANSI_ROW_MAX)
			return false;
		row_draw(a, out, g, row);
	}
	return true;
}
