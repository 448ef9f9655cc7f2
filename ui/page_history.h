/* SPDX-License-Identifier: Apache-2.0
 *
 * Today's sales on the screen: the list, newest first; search by typing; one sale as its receipt,
 * with its code for a phone; print again; export.
 */
#ifndef UI_PAGE_HISTORY_H
#define UI_PAGE_HISTORY_H

#include "ui/entry.h"
#include "ui/qr_grid.h"
#include "ui/sales.h"

#define PAGE_HISTORY_SEARCH_MAX 40 /* bytes */
#define PAGE_HISTORY_AROUND 40     /* sales kept before and after the selected one */
#define PAGE_HISTORY_ROWS (2 * PAGE_HISTORY_AROUND + 1)

struct page_history {
	struct entry search;
	uint32_t found[SALES_LISTED_MAX]; /* indices of the sales that match, the newest first */
	uint32_t count;    /* of them */
	uint32_t selected; /* of those */
	uint32_t changes;  /* of the list that they were found in */
	bool stale;        /* nothing was found yet */
	bool typed;        /* the search is another than the one they match */

	/* What is drawn: the sales around the selected one. */
	struct sale rows[PAGE_HISTORY_ROWS];
	uint32_t first; /* index into found of rows[0] */
	uint32_t loaded;

	bool details; /* one sale instead of the list */
	uint8_t code[QR_GRID_SIDE_MAX * QR_GRID_SIDE_MAX]; /* of its receipt */
	int code_side; /* modules; 0 = none */
	bool code_whole; /* it fills the window */
	uint32_t notices; /* of the printer that were told */
};

extern const struct page page_history;

/* NULL: there is none. */
const struct sale *page_history_selected(const struct page_history *h);

/* ---- page_history.c and view_history.c ---- */

struct view_model;
void view_history_draw(struct grid *g, const struct grid_box *body, const struct view_model *m);
/* The code of a receipt fills the window: is that so now; then it is drawn instead of the page. */
bool view_history_code_there(const struct view_model *m);
void view_history_code_draw(struct grid *g, const struct view_model *m);

#endif
