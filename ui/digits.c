/* SPDX-License-Identifier: Apache-2.0
 *
 * Which size of digits fits, and where each one stands.
 */
#include "ui/digits.h"

#include "ui/block.h"

struct shape {
	bool small; /* 3 x 5 instead of 5 x 7 */
	struct block_scale scale;
	int gap;    /* columns between two digits of a group; three times that between groups */
};

/* Largest first; the small font is only taken where the better drawn one does not fit, and close
 * digits only where nothing else does: ten of them in 80 columns.
 */
static const struct shape SHAPES[] = {
	{false, {8, 8}, 8},
	{false, {7, 7}, 7},
	{false, {6, 6}, 6},
	{false, {5, 5}, 5},
	{false, {4, 4}, 4},
	{false, {3, 3}, 3},
	{true, {4, 5}, 4},
	{false, {2, 2}, 2},
	{true, {3, 4}, 3},
	{true, {2, 3}, 2},
	{true, {2, 3}, 1},
	{true, {2, 2}, 2},
	{true, {2, 2}, 1},
};

/* ---- groups ---- */

/* Is there a gap before digit i of n? */
static bool gap_before(size_t i, size_t n)
{
	if (i == 0)
		return false;
	if (n == 6 || n == 9)
		return i % 3 == 0;
	if (n == 7)
		return i == 3 || i == 5;
	return i % 2 == 0;
}

static size_t digits_only(char out[static DIGITS_MAX + 1], const char *number)
{
	size_t n = 0;

	for (; number && *number && n < DIGITS_MAX; number++)
		if (*number >= '0' && *number <= '9')
			out[n++] = *number;
	out[n] = '\0';
	return n;
}

void digits_grouped(char out[static DIGITS_TEXT_MAX], const char *number)
{
	char digits[DIGITS_MAX + 1];
	size_t n = digits_only(digits, number), at = 0;

	for (size_t i = 0; i < n; i++) {
		if (gap_before(i, n))
			out[at++] = ' ';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

/* ---- size ---- */

static const struct block_glyph *glyph_of(const struct shape *s, char digit)
{
	return s->small ? block_small_digit((uint8_t)digit) : block_char((uint8_t)digit);
}

/* Columns before digit i of n. */
static int gap_cols(const struct shape *s, size_t i, size_t n)
{
	if (i == 0)
		return 0;
	return gap_before(i, n) ? 3 * s->gap : s->gap;
}

static struct digits_size size_of(const struct shape *s, const char *digits, size_t n)
{
	struct digits_size size = {0, 0};

	for (size_t i = 0; i < n; i++) {
		const struct block_glyph *glyph = glyph_of(s, digits[i]);

		size.cols += gap_cols(s, i, n) + block_cols(glyph, s->scale);
		size.rows = block_rows(glyph, s->scale);
	}
	return size;
}

static const struct shape *choose(struct digits_size *size, const char *digits, size_t n, int cols,
	int rows)
{
	for (size_t i = 0; n > 0 && i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++) {
		*size = size_of(&SHAPES[i], digits, n);
		if (size->cols <= cols && size->rows <= rows)
			return &SHAPES[i];
	}
	*size = (struct digits_size){0, 0};
	return NULL;
}

struct digits_size digits_fit(const char *number, int cols, int rows)
{
	char digits[DIGITS_MAX + 1];
	size_t n = digits_only(digits, number);
	struct digits_size size;

	(void)choose(&size, digits, n, cols, rows);
	return size;
}

int digits_draw(struct grid *g, const struct grid_box *box, enum grid_style style,
	const char *number)
{
	char digits[DIGITS_MAX + 1];
	size_t n = digits_only(digits, number);
	struct digits_size size;
	const struct shape *s = choose(&size, digits, n, box->cols, box->rows);
	int col = box->col + (box->cols - size.cols) / 2;

	if (!s)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct block_glyph *glyph = glyph_of(s, digits[i]);

		col += gap_cols(s, i, n);
		block_draw(g, col, box->row, glyph, s->scale, style);
		col += block_cols(glyph, s->scale);
	}
	return size.rows;
}
