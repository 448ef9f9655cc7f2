/* SPDX-License-Identifier: Apache-2.0
 *
 * The verification number: 6 to 10 digits, in groups, as large as the place allows.
 */
#ifndef UI_DIGITS_H
#define UI_DIGITS_H

#include "ui/grid.h"

#define DIGITS_MAX 10
#define DIGITS_TEXT_MAX 32
#define DIGITS_ROWS_MIN 6 /* rows of a digit in a window of 80 x 24, at least */

/* "012 345": threes for 6 and 9 digits, pairs for 8 and 10, 3 2 2 for 7. Whatever is no digit is
 * left out, and so is everything after DIGITS_MAX digits.
 */
void digits_grouped(char out[static DIGITS_TEXT_MAX], const char *number);

/* Columns and rows of the largest digits that fit into cols x rows; 0 x 0 when none do. */
struct digits_size {
	int cols, rows;
};
struct digits_size digits_fit(const char *number, int cols, int rows);

/* Draws them in the middle of the box's columns, at its top. Returns the rows used, 0 when even the
 * smallest do not fit: then the caller writes digits_grouped() as text.
 */
int digits_draw(struct grid *g, const struct grid_box *box, enum grid_style style,
	const char *number);

#endif
