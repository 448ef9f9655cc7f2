/* SPDX-License-Identifier: Apache-2.0
 *
 * A receipt: what stands on it, in the language in force, for a screen, a text printer or an
 * ESC/POS printer. Drawn into a grid as wide as the paper, so that wide characters and long words
 * break as they do on the screen. A pure function of the sale; knows no printer.
 *
 * A receipt of anything but an acceptance says so in its largest letters, and that nothing was
 * paid or confirmed.
 */
#ifndef UI_RECEIPT_H
#define UI_RECEIPT_H

#include "ui/grid.h"
#include "ui/sales.h"

#define RECEIPT_COLS_MIN 24
#define RECEIPT_COLS_MAX 64
#define RECEIPT_ROWS_MAX 120
#define RECEIPT_WORDS_MAX 199  /* of header and footer: what a line of the configuration holds */
#define RECEIPT_TEXT_MAX 65536 /* bytes of a receipt in any form */

/* How a row is printed is told by its style. */
#define RECEIPT_STYLE_PLAIN GRID_NORMAL
#define RECEIPT_STYLE_BOLD  GRID_BOLD
#define RECEIPT_STYLE_LARGE GRID_NUMBER /* twice as wide and high: laid out in half the columns */

struct receipt {
	const struct sale *sale;
	const char *header, *footer; /* lines with '|' between them; NULL = none */
	bool copy;                   /* printed before: says so, and when this one was made */
	int64_t printed_unix_s;      /* of a copy, in the sale's offset from UTC */
	bool large;                  /* whoever prints it has letters of double size */
};

/* Rows that it takes in this many columns; draws them at the box's top when g is not NULL. Rows
 * that are not in the box are left out.
 */
int receipt_draw(struct grid *g, const struct grid_box *box, const struct receipt *r);

/* A grid of its own; the caller's to give back with grid_done(). */
ERR_MUST_CHECK enum err_code receipt_grid(struct grid *out, const struct receipt *r, int cols,
	struct err *err);

/* As UTF-8 lines, with the receipt code as text beneath. */
ERR_MUST_CHECK enum err_code receipt_text(struct bytes *out, const struct receipt *r, int cols,
	struct err *err);

/* The verdict's word as it is shown. */
const char *receipt_verdict(const struct sale *sale);
/* "2026-11-21 14:05:09" where the sale was. */
#define RECEIPT_TIME_MAX 96
void receipt_time(char out[static RECEIPT_TIME_MAX], int64_t unix_s, int32_t utc_offset_s);
/* "24.90 EUR", as it is written here; "" when there is no amount. */
#define RECEIPT_AMOUNT_MAX 104
void receipt_amount(char out[static RECEIPT_AMOUNT_MAX], const struct client_sale *sold);

#endif
