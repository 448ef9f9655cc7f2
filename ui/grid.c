/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells and text in cells. Wide characters own two cells: the second has columns == 0.
 */
#include "ui/grid.h"

#include <stdlib.h>

#include "base/text_safe.h"

#define ELLIPSIS 0x2026

static const struct grid_cell BLANK = {.code_point = ' ', .columns = 1};

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

enum err_code grid_init(struct grid *g, int cols, int rows, struct err *err)
{
	struct grid fresh = {
		.cols = clamp(cols, 1, GRID_COLS_MAX),
		.rows = clamp(rows, 1, GRID_ROWS_MAX),
	};

	fresh.cells = calloc((size_t)fresh.cols * (size_t)fresh.rows, sizeof(*fresh.cells));
	if (!fresh.cells)
		return err_set(err, ERR_NO_MEMORY, "screen of %d x %d cells", cols, rows);
	*g = fresh;
	grid_clear(g);
	return ERR_OK;
}

enum err_code grid_resize(struct grid *g, int cols, int rows, struct err *err)
{
	struct grid fresh;
	enum err_code rc;

	if (g->cells && clamp(cols, 1, GRID_COLS_MAX) == g->cols &&
	    clamp(rows, 1, GRID_ROWS_MAX) == g->rows) {
		grid_clear(g);
		return ERR_OK;
	}
	rc = grid_init(&fresh, cols, rows, err);
	if (rc)
		return rc;
	grid_done(g);
	*g = fresh;
	return ERR_OK;
}

void grid_done(struct grid *g)
{
	if (!g)
		return;
	free(g->cells);
	*g = (struct grid){.cells = NULL};
}

void grid_clear(struct grid *g)
{
	size_t count = (size_t)g->cols * (size_t)g->rows;

	for (size_t i = 0; i < count; i++)
		g->cells[i] = BLANK;
}

static struct grid_cell *cell(const struct grid *g, int col, int row)
{
	if (col < 0 || row < 0 || col >= g->cols || row >= g->rows)
		return NULL;
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

const struct grid_cell *grid_at(const struct grid *g, int col, int row)
{
	return cell(g, col, row);
}

/* Whatever is written into one half of a wide character leaves a blank in the other. */
static void detach(const struct grid *g, int col, int row)
{
	struct grid_cell *c = cell(g, col, row);
	struct grid_cell *other = NULL;

	if (!c)
		return;
	if (c->columns == 0)
		other = cell(g, col - 1, row);
	else if (c->columns == 2)
		other = cell(g, col + 1, row);
	if (other) {
		other->code_point = ' ';
		other->columns = 1;
	}
}

static void set(const struct grid *g, int col, int row, struct grid_cell value)
{
	struct grid_cell *c = cell(g, col, row);

	if (!c)
		return;
	detach(g, col, row);
	*c = value;
}

void grid_put(struct grid *g, int col, int row, uint32_t code_point, enum grid_style style)
{
	int columns = text_char_columns(code_point);
	struct grid_cell value = {.code_point = code_point, .columns = 1, .style = (uint8_t)style};

	if (columns <= 0 || code_point < ' ' || (code_point >= 0x7f && code_point < 0xa0))
		return;
	if (columns == 1) {
		set(g, col, row, value);
		return;
	}
	if (!cell(g, col, row) || !cell(g, col + 1, row)) {
		value.code_point = ' ';
		set(g, col, row, value);
		set(g, col + 1, row, value);
		return;
	}
	value.columns = 2;
	set(g, col, row, value);
	value.code_point = 0;
	value.columns = 0;
	/* not set(): that would take the new left half for a stranger */
	detach(g, col + 1, row);
	*cell(g, col + 1, row) = value;
}

void grid_fill(struct grid *g, int col, int row, int cols, int rows, uint32_t code_point,
	enum grid_style style)
{
	int right = col + cols < g->cols ? col + cols : g->cols;
	int bottom = row + rows < g->rows ? row + rows : g->rows;
	int step = text_char_columns(code_point);

	if (step <= 0)
		return;
	for (int r = row < 0 ? 0 : row; r < bottom; r++)
		for (int c = col < 0 ? 0 : col; c + step <= right; c += step)
			grid_put(g, c, r, code_point, style);
}

void grid_grey(struct grid *g, int col, int row, uint32_t code_point, uint8_t ink, uint8_t ground)
{
	set(g, col, row,
		(struct grid_cell){
			.code_point = code_point,
			.columns = 1,
			.style = GRID_PREVIEW,
			.grey_ink = ink,
			.grey_ground = ground,
		});
}

/* ---- text ---- */

struct line { /* a safe text, read character by character */
	char text[GRID_TEXT_MAX];
	size_t len;
};

static void line_init(struct line *l, const char *text)
{
	l->len = text_safe(l->text, sizeof(l->text), span_text(text ? text : ""));
}

static uint32_t line_next(const struct line *l, size_t *at)
{
	return text_utf8_next(SPAN(l->text, l->len), at);
}

static int line_columns(const struct line *l)
{
	return (int)text_columns(SPAN(l->text, l->len));
}

/* Draws the characters from..to that fit in cols columns. */
static int line_draw(struct grid *g, const struct grid_box *box, enum grid_style style,
	const struct line *l, size_t from, size_t to)
{
	int used = 0;

	while (from < to) {
		uint32_t c = line_next(l, &from);
		int columns = text_char_columns(c);

		if (columns <= 0)
			continue;
		if (used + columns > box->cols)
			break;
		grid_put(g, box->col + used, box->row, c, style);
		used += columns;
	}
	return used;
}

static int line_draw_cut(struct grid *g, struct grid_box box, enum grid_style style,
	const struct line *l)
{
	int used;

	if (box.cols <= 0)
		return 0;
	if (line_columns(l) <= box.cols)
		return line_draw(g, &box, style, l, 0, l->len);
	box.cols--;
	used = line_draw(g, &box, style, l, 0, l->len);
	grid_put(g, box.col + used, box.row, ELLIPSIS, style);
	return used + 1;
}

int grid_text(struct grid *g, int col, int row, int cols, enum grid_style style, const char *text)
{
	struct line l;

	line_init(&l, text);
	return line_draw_cut(g, (struct grid_box){.col = col, .row = row, .cols = cols}, style, &l);
}

int grid_text_right(struct grid *g, int col, int row, int cols, enum grid_style style,
	const char *text)
{
	struct line l;
	int spare;

	line_init(&l, text);
	spare = cols - line_columns(&l);
	if (spare < 0)
		spare = 0;
	return line_draw_cut(g,
		(struct grid_box){.col = col + spare, .row = row, .cols = cols - spare}, style, &l);
}

int grid_text_columns(const char *text)
{
	struct line l;

	line_init(&l, text);
	return line_columns(&l);
}

/* ---- wrapping ---- */

/* Never at the beginning of a line. */
static bool is_closing(uint32_t c)
{
	static const uint32_t closing[] = {'!', ')', ',', '.', ':', ';', '?', ']', '%', 0x2019,
		0x201d, 0x2026, 0x3001, 0x3002, 0x300b, 0x300d, 0x300f, 0x3011, 0xff01, 0xff05,
		0xff09, 0xff0c, 0xff1a, 0xff1b, 0xff1f};

	for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
		if (c == closing[i])
			return true;
	return false;
}

/* Never at the end of a line. */
static bool is_opening(uint32_t c)
{
	return c == '(' || c == '[' || c == 0x201c || c == 0x2018 || c == 0x300a || c == 0x300c ||
		c == 0x300e || c == 0x3010 || c == 0xff08;
}

static bool may_break(uint32_t before, uint32_t after)
{
	if (before == ' ')
		return true;
	if (is_closing(after) || is_opening(before) || after == ' ')
		return false;
	return text_char_columns(before) == 2 || text_char_columns(after) == 2;
}

/* Where the line that begins at `from` ends: at the last place where it may break, or, when a word
 * is longer than the line, in that word. Always moves on by at least one character.
 */
static size_t line_end(const struct line *l, size_t from, int cols)
{
	size_t at = from, last_break = from;
	uint32_t before = 0;
	int used = 0;

	while (at < l->len) {
		size_t here = at;
		uint32_t c = line_next(l, &at);

		if (before && may_break(before, c))
			last_break = here;
		/* a space that hangs over the edge is not seen */
		if (used + text_char_columns(c) > cols && c != ' ')
			return last_break > from ? last_break : here > from ? here : at;
		used += text_char_columns(c);
		before = c;
	}
	return l->len;
}

static size_t without_spaces(const struct line *l, size_t from, size_t to)
{
	while (to > from && l->text[to - 1] == ' ')
		to--;
	return to;
}

int grid_wrapped(struct grid *g, const struct grid_box *box, enum grid_style style,
	const char *text)
{
	struct line l;
	size_t from = 0;
	int lines = 0;

	line_init(&l, text);
	if (box->cols <= 0)
		return 0;
	while (from < l.len) {
		size_t next = line_end(&l, from, box->cols);
		size_t to = without_spaces(&l, from, next);

		if (g && lines < box->rows) {
			struct grid_box line = *box;
			int spare = box->cols -
				(int)text_columns(SPAN(l.text + from, to - from));

			line.row += lines;
			if (box->centred && spare > 0)
				line.col += spare / 2;
			(void)line_draw(g, &line, style, &l, from, to);
		}
		lines++;
		from = next;
		while (from < l.len && l.text[from] == ' ')
			from++;
	}
	return lines;
}

/* ---- as text ---- */

void grid_dump(const struct grid *g, struct bytes *out)
{
	for (int row = 0; row < g->rows; row++) {
		int end = g->cols;

		while (end > 0 && grid_at(g, end - 1, row)->code_point == ' ')
			end--;
		for (int col = 0; col < end; col++) {
			const struct grid_cell *c = grid_at(g, col, row);

			if (c->columns)
				text_utf8_put(out, c->code_point);
		}
		bytes_add_u8(out, '\n');
	}
}
