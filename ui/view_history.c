/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of today, and a sale as its receipt.
 */
#include <stdio.h>
#include <string.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/desk.h"
#include "ui/receipt.h"
#include "ui/transactions.h"
#include "ui/view_parts.h"

#define DAY_S 86400
#define TIME_COLS    5
#define VERDICT_COLS 14
#define AMOUNT_COLS  16
#define RECEIPT_COLS 17
#define GAP_COLS     2
#define HEAD_ROWS    4 /* sums, search, a row, names of the columns */
#define PAPER_COLS   46

static enum grid_style style_of(const struct sale *sale)
{
	switch (sale->verdict) {
	case SALE_ACCEPTED:
	case SALE_AUTHORISED:
		return GRID_GOOD;
	case SALE_UNCERTAIN:
	case SALE_UNCONFIRMED:
		return GRID_WARN;
	case SALE_REFUSED:
	case SALE_NONE:
	case SALE_VERDICT_COUNT:
		break;
	}
	return GRID_BAD;
}

/* ---- the list ---- */

static void sums(struct grid *g, const struct grid_box *box, const struct sales *s)
{
	char text[GRID_TEXT_MAX], amount[LOCAL_AMOUNT_MAX];
	struct sales_figures figures;
	uint32_t good;
	size_t len;

	sales_figures(&figures, s);
	good = figures.verdicts[SALE_ACCEPTED] + figures.verdicts[SALE_AUTHORISED];
	snprintf(text, sizeof text, ngettext("%u checked", "%u checked", sales_total(s)),
		sales_total(s));
	len = strlen(text);
	snprintf(text + len, sizeof text - len, ngettext(", %u accepted", ", %u accepted", good),
		good);
	for (int i = 0; i < figures.sum_count; i++) {
		local_amount(amount, figures.sums[i].amount, figures.sums[i].currency);
		len = strlen(text);
		snprintf(text + len, sizeof text - len, "%s%s %s", i == 0 ? ":  " : "  ", amount,
			figures.sums[i].currency);
	}
	grid_text(g, box->col, box->row, box->cols, GRID_BOLD, text);
}

/* Why the list may not be whole. */
static void faults(struct grid *g, const struct grid_box *box, const struct sales *s)
{
	char text[GRID_TEXT_MAX] = "";

	if (s->fault[0] != '\0')
		snprintf(text, sizeof text, _("Not saved: %s"), s->fault);
	else if (s->given_up > 0)
		snprintf(text, sizeof text,
			ngettext("%u sale could not be saved", "%u sales could not be saved",
				s->given_up),
			s->given_up);
	else if (s->damaged > 0)
		snprintf(text, sizeof text,
			ngettext("%u line of the file is damaged and left out",
				"%u lines of the file are damaged and left out", s->damaged),
			s->damaged);
	if (text[0] != '\0')
		grid_text(g, box->col, box->row, box->cols, GRID_WARN, text);
}

struct columns {
	int col, cols;
	int verdict, amount, reference, receipt, holder; /* first column of each */
	int reference_cols;
};

static struct columns columns_of(const struct grid_box *box)
{
	struct columns c = {.col = box->col, .cols = box->cols};
	int rest;

	c.verdict = c.col + TIME_COLS + GAP_COLS;
	c.amount = c.verdict + VERDICT_COLS + GAP_COLS;
	c.receipt = c.amount + AMOUNT_COLS + GAP_COLS;
	c.reference = c.receipt + RECEIPT_COLS + GAP_COLS;
	rest = box->col + box->cols - c.reference;
	c.reference_cols = rest > 50 ? 26 : rest > 30 ? rest / 2 : rest;
	c.holder = c.reference + c.reference_cols + GAP_COLS;
	return c;
}

static void names(struct grid *g, const struct columns *c, int row)
{
	int end = c->col + c->cols;

	grid_text(g, c->col, row, TIME_COLS, GRID_DIM, _("Time"));
	grid_text(g, c->verdict, row, VERDICT_COLS, GRID_DIM, _("Verdict"));
	grid_text_right(g, c->amount, row, AMOUNT_COLS, GRID_DIM, _("Amount"));
	grid_text(g, c->receipt, row, RECEIPT_COLS, GRID_DIM, _("Receipt"));
	grid_text(g, c->reference, row, c->reference_cols, GRID_DIM, _("Reference"));
	grid_text(g, c->holder, row, end - c->holder, GRID_DIM, _("Holder"));
}

static void sale_draw(struct grid *g, const struct columns *c, int row, const struct sale *sale,
	bool selected)
{
	enum grid_style style = selected ? GRID_SELECTED : GRID_NORMAL;
	char amount[RECEIPT_AMOUNT_MAX], when[16];
	int day_s = (int)((sale->at_unix_s + sale->utc_offset_s) % DAY_S);
	int end = c->col + c->cols;

	if (selected)
		grid_fill(g, c->col - 1, row, c->cols + 2, 1, ' ', style);
	receipt_amount(amount, &sale->sold);
	snprintf(when, sizeof when, "%02d:%02d", day_s / 3600 % 24, day_s / 60 % 60);
	grid_text(g, c->col, row, TIME_COLS, style, when);
	grid_text(g, c->verdict, row, VERDICT_COLS, selected ? style : style_of(sale),
		receipt_verdict(sale));
	grid_text_right(g, c->amount, row, AMOUNT_COLS, style, amount);
	grid_text(g, c->receipt, row, RECEIPT_COLS, style, sale->receipt);
	grid_text(g, c->reference, row, c->reference_cols, style, sale->sold.reference);
	grid_text(g, c->holder, row, end - c->holder, style, sale->credential.holder);
}

/* The selected one stays in the middle, but for both ends. */
static void list(struct grid *g, const struct grid_box *box, const struct page_history *h)
{
	struct columns c = columns_of(box);
	uint32_t rows = box->rows > 0 ? (uint32_t)box->rows : 0;
	uint32_t top = h->selected > rows / 2 ? h->selected - rows / 2 : 0;

	if (top + rows > h->count)
		top = h->count > rows ? h->count - rows : 0;
	for (uint32_t i = 0; i < rows && top + i < h->count; i++)
		if (top + i >= h->first && top + i - h->first < h->loaded)
			sale_draw(g, &c, box->row + (int)i, &h->rows[top + i - h->first],
				top + i == h->selected);
}

static void search(struct grid *g, const struct grid_box *box, const struct page_history *h)
{
	char text[GRID_TEXT_MAX];
	int col = box->col;

	col += grid_text(g, col, box->row, box->cols, GRID_DIM, _("Search")) + GAP_COLS;
	entry_draw(g, col, box->row, PAGE_HISTORY_SEARCH_MAX / 2, &h->search, true);
	col += PAGE_HISTORY_SEARCH_MAX / 2 + GAP_COLS;
	if (h->search.len > 0) {
		snprintf(text, sizeof text, ngettext("%u found", "%u found", h->count), h->count);
		grid_text(g, col, box->row, box->col + box->cols - col, GRID_NORMAL, text);
	}
}

static void list_draw(struct grid *g, const struct grid_box *body, const struct desk *d)
{
	const struct page_history *h = &d->history;
	const struct sales *s = &d->transactions->sales;
	struct grid_box box = *body;
	struct columns c = columns_of(&box);

	sums(g, &box, s);
	box.row++;
	search(g, &box, h);
	box.row++;
	faults(g, &box, s);
	box.row++;
	names(g, &c, box.row++);
	box.rows = body->row + body->rows - box.row;
	if (h->count == 0) {
		box.row++;
		grid_text(g, box.col, box.row, box.cols, GRID_DIM,
			h->search.len > 0 ? _("Nothing is like this.")
					  : _("Nothing was checked today."));
	}
	list(g, &box, h);
}

/* ---- one sale ---- */

static void details_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	const struct page_history *h = &m->desk->history;
	const struct sale *sale = page_history_selected(h);
	const struct receipt r = {.sale = sale};
	struct grid_box paper = {.col = body->col, .row = body->row, .rows = body->rows,
		.cols = PAPER_COLS};
	int right = body->col + PAPER_COLS + GAP_COLS;
	struct qr_fit fit;

	if (sale == NULL)
		return;
	receipt_draw(g, &paper, &r);
	if (h->code_side == 0)
		return;
	qr_grid_fit(&fit, h->code_side, m->cell, body->col + body->cols - right, body->rows,
		QR_GRID_QUIET_LEAST);
	if (fit.cols > 0)
		qr_grid_draw(g, right, body->row, &fit, h->code, h->code_side);
}

bool view_history_code_there(const struct view_model *m)
{
	return m->desk != NULL && m->desk->page == DESK_HISTORY && m->desk->history.code_whole &&
	       m->desk->history.code_side > 0;
}

/* What must be said on every screen; returns the rows. */
static int flags(struct grid *g, const struct grid_box *box, const struct view_model *m)
{
	struct grid_box at = *box;

	if (m->simulator)
		at.row += grid_wrapped(g, &at, GRID_WARN_FILL, _("SIMULATOR"));
	if (m->replay)
		at.row += grid_wrapped(g, &at, GRID_WARN_FILL, _("REPLAY"));
	if (m->recording) {
		at.row += grid_wrapped(g, &at, GRID_NORMAL, _("RECORDING"));
	} else if (view_has(m->record_fault)) {
		at.row += grid_wrapped(g, &at, GRID_WARN_FILL, _("NOT RECORDING"));
		at.row += grid_wrapped(g, &at, GRID_WARN, m->record_fault);
	}
	return at.row - box->row;
}

void view_history_code_draw(struct grid *g, const struct view_model *m)
{
	const struct page_history *h = &m->desk->history;
	const struct sale *sale = page_history_selected(h);
	struct grid_box words = {.rows = g->rows};
	struct qr_fit fit;
	char text[GRID_TEXT_MAX];
	int row = 0;

	if (qr_grid_fit(&fit, h->code_side, m->cell, g->cols, g->rows, QR_GRID_QUIET_LEAST)) {
		qr_grid_draw(g, g->cols - fit.cols, (g->rows - fit.rows) / 2, &fit, h->code,
			h->code_side);
		words.cols = g->cols - fit.cols - GAP_COLS;
	} else {
		words.cols = g->cols;
		qr_grid_smallest(&fit, h->code_side, m->cell, QR_GRID_QUIET_LEAST);
		snprintf(text, sizeof text,
			_("This window is too small for the code: make it %d x %d."), fit.cols,
			fit.rows);
		row = grid_wrapped(g, &words, GRID_WARN, text);
	}
	words.row = row;
	words.row += flags(g, &words, m);
	words.row += grid_wrapped(g, &words, GRID_BOLD, _("This code proves the receipt")) + 1;
	if (sale != NULL)
		words.row += grid_wrapped(g, &words, GRID_NORMAL, sale->receipt) + 1;
	(void)grid_wrapped(g, &words, GRID_DIM, _("F5 or Esc: back"));
}

void view_history_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	if (m->desk->transactions == NULL)
		return;
	if (m->desk->history.details)
		details_draw(g, body, m);
	else
		list_draw(g, body, m->desk);
}
