/* SPDX-License-Identifier: Apache-2.0
 *
 * Today's sales: what keys do, and which sales are there. view_history.c draws it.
 */
#include "ui/page_history.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/text.h"
#include "ui/desk.h"
#include "ui/qr.h"
#include "ui/sales_export.h"
#include "ui/transactions.h"

#define PAGE_STEP 10 /* sales of PgUp and PgDn */

const struct sale *page_history_selected(const struct page_history *h)
{
	return h->selected < h->count && h->selected - h->first < h->loaded
		       ? &h->rows[h->selected - h->first]
		       : NULL;
}

/* ---- which sales ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* Upper and lower case of ASCII letters are the same; a name is found by any part of it. */
static bool has(const char *text, const char *part)
{
	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (part[i] != '\0' && lower(text[i]) == lower(part[i]))
			i++;
		if (part[i] == '\0')
			return true;
	}
	return false;
}

static bool matches(const struct sale *sale, const char *part)
{
	char amount[AMOUNT_TEXT_MAX] = "", local[RECEIPT_AMOUNT_MAX], when[RECEIPT_TIME_MAX];

	if (sale->sold.amount > 0)
		amount_text(amount, sizeof amount, sale->sold.amount, sale->sold.currency);
	receipt_amount(local, &sale->sold);
	receipt_time(when, sale->at_unix_s, sale->utc_offset_s);
	return has(sale->receipt, part) || has(sale->sold.reference, part) ||
	       has(sale->credential.holder, part) || has(sale->sold.operator_name, part) ||
	       has(amount, part) || has(local, part) || has(when, part) ||
	       has(receipt_verdict(sale), part) || has(sale->id, part);
}

static void find(struct page_history *h, struct sales *sales)
{
	struct sale sale;

	h->count = 0;
	for (uint32_t i = sales_count(sales); i-- > 0 && h->count < SALES_LISTED_MAX;)
		if (h->search.len == 0 || (sales_get(sales, i, &sale) == ERR_OK &&
						  matches(&sale, h->search.text)))
			h->found[h->count++] = i;
	if (h->selected >= h->count)
		h->selected = h->count > 0 ? h->count - 1 : 0;
}

static void load(struct page_history *h, struct sales *sales)
{
	uint32_t end;

	h->first = h->selected > PAGE_HISTORY_AROUND ? h->selected - PAGE_HISTORY_AROUND : 0;
	end = h->first + PAGE_HISTORY_ROWS < h->count ? h->first + PAGE_HISTORY_ROWS : h->count;
	h->loaded = 0;
	for (uint32_t i = h->first; i < end; i++, h->loaded++)
		if (sales_get(sales, h->found[i], &h->rows[h->loaded]) != ERR_OK)
			memset(&h->rows[h->loaded], 0, sizeof h->rows[0]);
}

static void look(struct desk *d, bool again)
{
	struct page_history *h = &d->history;
	struct transactions *t = d->transactions;
	uint32_t at = h->selected < h->count ? h->found[h->selected] : UINT32_MAX;

	if (t == NULL)
		return;
	if (h->stale || again || h->changes != t->changes) {
		find(h, &t->sales);
		/* The sale that one looks at stays the selected one when others come. */
		for (uint32_t i = 0; !again && at != UINT32_MAX && i < h->count; i++)
			if (h->found[i] == at)
				h->selected = i;
		h->changes = t->changes;
		h->stale = false;
	}
	load(h, &t->sales);
	d->counter->changed = true;
}

/* Keys that come in a burst are looked for once. */
static void search(struct desk *d)
{
	struct page_history *h = &d->history;

	if (!h->typed)
		return;
	h->typed = false;
	h->selected = 0;
	look(d, true);
}

/* ---- keys ---- */

static void move(struct desk *d, int64_t by)
{
	struct page_history *h = &d->history;
	int64_t to = (int64_t)h->selected + by;

	if (to >= (int64_t)h->count)
		to = (int64_t)h->count - 1;
	h->selected = to > 0 ? (uint32_t)to : 0;
	look(d, false);
}

static void code_make(struct page_history *h)
{
	const struct sale *sale = page_history_selected(h);

	h->code_side = 0;
	h->code_whole = false;
	if (h->details && sale != NULL && sale->receipt_code[0] != '\0')
		h->code_side = qr_draw(h->code, QR_GRID_SIDE_MAX, sale->receipt_code);
}

static void print_again(struct desk *d)
{
	const struct sale *sale = page_history_selected(&d->history);
	struct err err = {0};

	if (sale == NULL)
		return;
	if (transactions_print(d->transactions, sale, &err) == ERR_OK)
		desk_say(d, false, "%s", _("A copy of the receipt is being printed."));
	else if (err.code == ERR_NOT_FOUND)
		desk_say(d, true, "%s", _("There is no printer: see [receipt] in the settings."));
	else
		desk_say(d, true, _("The receipt was not printed: %s"), err.text);
}

static void export(struct desk *d)
{
	struct sales *sales = &d->transactions->sales;
	char path[SALES_EXPORT_PATH_MAX];
	struct err err = {0};
	enum err_code rc = sales_export(path, sales, SALES_CSV, &err);

	if (rc == ERR_OK)
		rc = sales_export(path, sales, SALES_JSON, &err);
	if (rc == ERR_OK)
		desk_say(d, false, _("Written: %s.csv and .json"), path);
	else
		desk_say(d, true, _("Not exported: %s"), err.text);
}

static bool moved(struct desk *d, const struct screen_input *in)
{
	switch (in->key) {
	case SCREEN_KEY_UP:
	case SCREEN_KEY_WHEEL_UP:
		move(d, -1);
		return true;
	case SCREEN_KEY_DOWN:
	case SCREEN_KEY_WHEEL_DOWN:
		move(d, 1);
		return true;
	case SCREEN_KEY_PAGE_UP:
		move(d, -PAGE_STEP);
		return true;
	case SCREEN_KEY_PAGE_DOWN:
		move(d, PAGE_STEP);
		return true;
	case SCREEN_KEY_HOME:
		move(d, -SALES_LISTED_MAX);
		return true;
	case SCREEN_KEY_END:
		move(d, SALES_LISTED_MAX);
		return true;
	default:
		return false;
	}
}

static bool escape(struct desk *d)
{
	struct page_history *h = &d->history;

	if (h->code_whole) {
		h->code_whole = false;
	} else if (h->details) {
		h->details = false;
	} else if (h->search.len > 0) {
		entry_clear(&h->search);
		look(d, true);
	} else {
		return false; /* the desk closes the page */
	}
	return true;
}

static bool history_key(struct desk *d, const struct screen_input *in)
{
	struct page_history *h = &d->history;
	size_t len = h->search.len;

	if (in->key != SCREEN_KEY_CHARACTER)
		search(d);
	if (moved(d, in)) {
		code_make(h);
		return true;
	}
	switch (in->key) {
	case SCREEN_KEY_ENTER:
		h->details = !h->details && h->count > 0;
		code_make(h);
		return true;
	case SCREEN_KEY_ESCAPE:
		return escape(d);
	case SCREEN_KEY_F4: /* the key that opened it */
		desk_close(d);
		return true;
	case SCREEN_KEY_F5:
		h->code_whole = !h->code_whole && h->code_side > 0;
		return true;
	case SCREEN_KEY_F6:
		export(d);
		return true;
	case SCREEN_KEY_F8:
		print_again(d);
		return true;
	default:
		break;
	}
	if (h->details || !entry_key(&h->search, in))
		return false;
	h->typed = h->typed || h->search.len != len; /* else the cursor moved */
	return true;
}

static size_t history_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	const struct page_history *h = &m->desk->history;
	bool searched = !h->details && h->search.len > 0;
	size_t count = 0;

	out[count++] = (struct page_key){.key = SCREEN_KEY_F1, .name = "F1", .does = _("Keys")};
	if (h->count > 0)
		out[count++] = (struct page_key){.key = SCREEN_KEY_ENTER, .name = "Enter",
			.does = h->details ? _("List") : _("Show receipt")};
	if (h->details && h->code_side > 0)
		out[count++] = (struct page_key){.key = SCREEN_KEY_F5, .name = "F5",
			.does = _("Code")};
	if (h->count > 0 && printer_is_there(&m->desk->transactions->printer))
		out[count++] = (struct page_key){.key = SCREEN_KEY_F8, .name = "F8",
			.does = _("Print a copy")};
	out[count++] = (struct page_key){.key = SCREEN_KEY_F6, .name = "F6", .does = _("Export")};
	out[count++] = (struct page_key){.key = SCREEN_KEY_ESCAPE, .name = "Esc",
		.does = searched ? _("Whole list") : _("Back")};
	return count;
}

/* ---- life ---- */

static void history_open(struct desk *d)
{
	struct page_history *h = &d->history;

	if (d->transactions == NULL) {
		desk_close(d);
		return;
	}
	if (h->search.text == NULL)
		entry_init(&h->search, PAGE_HISTORY_SEARCH_MAX);
	entry_clear(&h->search);
	h->details = false;
	h->selected = 0;
	h->stale = true;
	h->notices = d->transactions->notices;
	look(d, true);
}

/* Names of customers stay no longer than they are looked at. */
static void history_close(struct desk *d)
{
	struct page_history *h = &d->history;

	entry_clear(&h->search);
	sec_wipe(h->rows, sizeof h->rows);
	h->count = 0;
	h->loaded = 0;
	h->typed = false;
	h->details = false;
	h->code_whole = false;
	h->code_side = 0;
}

static bool same(const struct sale *a, const struct sale *b)
{
	return a->at_unix_s == b->at_unix_s && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->receipt, b->receipt) == 0;
}

/* What was sold meanwhile. A receipt that is shown never becomes another one's by itself. */
static void look_again(struct desk *d)
{
	struct page_history *h = &d->history;
	const struct sale *sale = page_history_selected(h);
	struct sale before;

	memset(&before, 0, sizeof before);
	if (sale != NULL)
		before = *sale;
	look(d, false);
	sale = page_history_selected(h);
	if (h->details && (sale == NULL || !same(sale, &before))) {
		h->details = false;
		code_make(h);
	}
}

static void history_tick(struct desk *d, int64_t now_ms)
{
	struct transactions *t = d->transactions;

	(void)now_ms;
	if (t == NULL)
		return;
	if (d->history.notices != t->notices) {
		d->history.notices = t->notices;
		if (t->notice[0] != '\0')
			desk_say(d, true, _("The receipt was not printed: %s"), t->notice);
	}
	if (d->page == DESK_HISTORY)
		search(d);
	if (d->page == DESK_HISTORY && d->history.changes != t->changes)
		look_again(d);
}

const struct page page_history = {.title = N_("Today"),
	.open = history_open,
	.close = history_close,
	.key = history_key,
	.keys = history_keys,
	.draw = view_history_draw,
	.tick = history_tick};
