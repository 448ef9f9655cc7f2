/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands on a receipt, from the top down.
 */
#include "ui/receipt.h"

#include <stdio.h>
#include <string.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/words.h"

struct paper {
	struct grid *g; /* NULL = measure */
	struct grid_box at; /* col, cols; row of the next line */
	int bottom;
	const struct receipt *r;
};

void receipt_time(char out[static RECEIPT_TIME_MAX], int64_t unix_s, int32_t utc_offset_s)
{
	char date[LOCAL_DATE_MAX], time[LOCAL_DATE_MAX];

	local_date(date, unix_s + utc_offset_s);
	local_time_long(time, unix_s + utc_offset_s);
	snprintf(out, RECEIPT_TIME_MAX, "%s %s", date, time);
}

void receipt_amount(char out[static RECEIPT_AMOUNT_MAX], const struct client_sale *sold)
{
	char amount[LOCAL_AMOUNT_MAX];

	out[0] = '\0';
	if (sold->amount == 0)
		return;
	local_amount(amount, sold->amount, sold->currency);
	snprintf(out, RECEIPT_AMOUNT_MAX, "%s %s", amount, sold->currency);
}

const char *receipt_verdict(const struct sale *sale)
{
	switch (sale->verdict) {
	case SALE_ACCEPTED:
		return words_verdict(VERDICT_ACCEPTED, false);
	case SALE_AUTHORISED:
		return words_verdict(VERDICT_ACCEPTED, true);
	case SALE_REFUSED:
		return words_verdict(VERDICT_REFUSED, false);
	case SALE_UNCERTAIN:
		return words_verdict(VERDICT_UNCERTAIN, false);
	case SALE_UNCONFIRMED:
		return words_verdict(VERDICT_UNCONFIRMED, false);
	case SALE_NONE:
	case SALE_VERDICT_COUNT:
		break;
	}
	return words_verdict(VERDICT_NONE, false);
}

/* ---- parts ---- */

static struct grid *place(struct paper *p, int rows)
{
	p->at.rows = p->bottom - p->at.row;
	return p->g != NULL && p->at.row + rows <= p->bottom ? p->g : NULL;
}

static void text(struct paper *p, enum grid_style style, const char *words, bool centred)
{
	struct grid_box box = p->at;
	int rows;

	if (style == RECEIPT_STYLE_LARGE && !p->r->large)
		style = RECEIPT_STYLE_BOLD;
	if (style == RECEIPT_STYLE_LARGE)
		box.cols /= 2;
	box.rows = p->bottom - p->at.row;
	box.centred = centred;
	rows = grid_wrapped(box.rows > 0 ? p->g : NULL, &box, style, words);
	p->at.row += rows;
}

static void gap(struct paper *p)
{
	p->at.row++;
}

static void rule(struct paper *p)
{
	struct grid *g = place(p, 1);

	if (g != NULL)
		grid_fill(g, p->at.col, p->at.row, p->at.cols, 1, '-', RECEIPT_STYLE_PLAIN);
	p->at.row++;
}

/* The value at the right edge, beside its label where there is room, else below it. */
static void pair(struct paper *p, const char *label, const char *value)
{
	int label_cols = grid_text_columns(label), value_cols = grid_text_columns(value);
	struct grid *g;

	if (value[0] == '\0')
		return;
	if (label_cols + 1 + value_cols > p->at.cols) {
		text(p, RECEIPT_STYLE_PLAIN, label, false);
		text(p, RECEIPT_STYLE_PLAIN, value, false);
		return;
	}
	g = place(p, 1);
	if (g != NULL) {
		(void)grid_text(g, p->at.col, p->at.row, p->at.cols, RECEIPT_STYLE_PLAIN, label);
		(void)grid_text_right(
			g, p->at.col, p->at.row, p->at.cols, RECEIPT_STYLE_PLAIN, value);
	}
	p->at.row++;
}

static void lines(struct paper *p, enum grid_style style, const char *words)
{
	char line[RECEIPT_WORDS_MAX + 1];

	while (words != NULL && words[0] != '\0') {
		size_t len = strcspn(words, "|");

		snprintf(line, sizeof line, "%.*s", (int)len, words);
		if (line[0] == '\0')
			gap(p);
		else
			text(p, style, line, true);
		words += len + (words[len] == '|');
	}
}

/* ---- what it says ---- */

static const char *meaning(const struct sale *sale)
{
	switch (sale->verdict) {
	case SALE_ACCEPTED:
	case SALE_AUTHORISED:
		return "";
	case SALE_UNCERTAIN:
		return _("It is not known yet whether this was accepted. This is no proof of "
			 "payment.");
	case SALE_UNCONFIRMED:
		return _("Taken while the server was out of reach; it has not confirmed it. This "
			 "is no proof of payment.");
	case SALE_REFUSED:
	case SALE_NONE:
	case SALE_VERDICT_COUNT:
		break;
	}
	return _("Nothing was paid.");
}

static void copy_told(struct paper *p)
{
	char when[RECEIPT_TIME_MAX], words[GRID_TEXT_MAX];

	if (!p->r->copy)
		return;
	receipt_time(when, p->r->printed_unix_s, p->r->sale->utc_offset_s);
	text(p, RECEIPT_STYLE_LARGE, _("COPY"), true);
	snprintf(words, sizeof words, _("printed %s"), when);
	text(p, RECEIPT_STYLE_PLAIN, words, true);
	gap(p);
}

static void verdict_told(struct paper *p)
{
	const struct sale *sale = p->r->sale;
	char amount[RECEIPT_AMOUNT_MAX];

	receipt_amount(amount, &sale->sold);
	if (amount[0] != '\0')
		text(p, RECEIPT_STYLE_LARGE, amount, true);
	text(p, RECEIPT_STYLE_LARGE, receipt_verdict(sale), true);
	if (!sale_is_accepted(sale))
		text(p, RECEIPT_STYLE_PLAIN, words_reason(sale->reason), true);
	text(p, RECEIPT_STYLE_BOLD, meaning(sale), true);
}

static void details_told(struct paper *p)
{
	const struct sale *sale = p->r->sale;
	char when[RECEIPT_TIME_MAX];

	receipt_time(when, sale->at_unix_s, sale->utc_offset_s);
	pair(p, _("Time"), when);
	pair(p, _("Reference"), sale->sold.reference);
	pair(p, _("Operator"), sale->sold.operator_name);
	pair(p, _("Terminal"), sale->terminal);
	pair(p, _("Card"), sale->credential.purpose);
	pair(p, _("Value"), sale->credential.face_value);
	pair(p, _("Holder"), sale->credential.holder);
	pair(p, _("Receipt"), sale->receipt);
	pair(p, _("Verification"), sale->id);
}

int receipt_draw(struct grid *g, const struct grid_box *box, const struct receipt *r)
{
	struct paper p = {.g = g, .at = *box, .bottom = box->row + box->rows, .r = r};

	lines(&p, RECEIPT_STYLE_BOLD, r->header);
	if (r->header != NULL && r->header[0] != '\0')
		gap(&p);
	copy_told(&p);
	verdict_told(&p);
	rule(&p);
	details_told(&p);
	rule(&p);
	lines(&p, RECEIPT_STYLE_PLAIN, r->footer);
	copy_told(&p); /* at both ends: neither can be torn off */
	return p.at.row - box->row;
}

enum err_code receipt_grid(struct grid *out, const struct receipt *r, int cols, struct err *err)
{
	struct grid_box box = {.cols = cols};
	enum err_code rc;

	ASSERT(cols >= RECEIPT_COLS_MIN && cols <= RECEIPT_COLS_MAX);
	box.rows = receipt_draw(NULL, &box, r);
	if (box.rows > RECEIPT_ROWS_MAX)
		box.rows = RECEIPT_ROWS_MAX;
	memset(out, 0, sizeof *out);
	rc = grid_init(out, cols, box.rows, err);
	if (rc == ERR_OK)
		(void)receipt_draw(out, &box, r);
	return rc;
}

enum err_code receipt_text(struct bytes *out, const struct receipt *r, int cols, struct err *err)
{
	struct receipt plain = *r;
	struct grid g;
	enum err_code rc;

	plain.large = false;
	rc = receipt_grid(&g, &plain, cols, err);
	if (rc != ERR_OK)
		return rc;
	grid_dump(&g, out);
	grid_done(&g);
	for (const char *code = r->sale->receipt_code; code[0] != '\0';) {
		size_t len = strnlen(code, (size_t)cols);

		bytes_add(out, code, len);
		bytes_add_u8(out, '\n');
		code += len;
	}
	return out->full ? err_set(err, ERR_TOO_LARGE, "the receipt is too long") : ERR_OK;
}
