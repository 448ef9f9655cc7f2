/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of ui_samples.h: what was sold today.
 */
#ifndef TESTS_LIB_UI_SAMPLES_HISTORY_H
#define TESTS_LIB_UI_SAMPLES_HISTORY_H

#include "tests/lib/ui_samples_base.h"
#include "ui/transactions.h"

#define SAMPLE_SALES 7

static struct transactions sample_transactions;

static void sample_sale(struct sale *s, int number, enum sale_verdict verdict, uint64_t amount)
{
	static const char *const holders[] = {"Li Lei", "Anna M\xc3\xbcller",
		"\xe7\x8e\x8b\xe6\x95\x8f"};

	*s = (struct sale){.verdict = verdict, .at_unix_s = SAMPLE_NOW_UNIX_S - number * 1260,
		.sold = {.amount = amount, .currency = "EUR"}};
	s->reason = verdict == SALE_REFUSED     ? REASON_FROZEN
		    : verdict == SALE_UNCERTAIN ? REASON_NO_BACKEND
						: REASON_NONE;
	snprintf(s->sold.reference, sizeof s->sold.reference, "Table %d", 9 - number);
	sample_text(s->sold.operator_name, sizeof s->sold.operator_name, "Anna");
	sample_text(s->terminal, sizeof s->terminal, "Till 3");
	sample_text(s->credential.holder, sizeof s->credential.holder, holders[number % 3]);
	sample_text(s->credential.purpose, sizeof s->credential.purpose, "Member card");
	sample_text(s->id, sizeof s->id, "00112233445566778899aabbccddeeff");
	if (sale_is_accepted(s))
		snprintf(s->receipt, sizeof s->receipt, "20261121-%06d", 420 - 7 * number);
}

static struct page_history *sample_today_of(struct view_model *m)
{
	static const struct {
		enum sale_verdict verdict;
		uint64_t amount;
	} sold[SAMPLE_SALES] = {{SALE_AUTHORISED, 2490}, {SALE_REFUSED, 129900},
		{SALE_ACCEPTED, 780}, {SALE_UNCERTAIN, 1250}, {SALE_UNCONFIRMED, 500},
		{SALE_NONE, 0}, {SALE_AUTHORISED, 129900}};
	struct page_history *h = &sample_desk.history;

	memset(&sample_transactions, 0, sizeof sample_transactions);
	m->closed = COUNTER_CLOSED_PAGE;
	sample_desk.transactions = &sample_transactions;
	sample_desk.page = DESK_HISTORY;
	entry_init(&h->search, PAGE_HISTORY_SEARCH_MAX);
	for (int i = 0; i < SAMPLE_SALES; i++) {
		sample_sale(&h->rows[i], i, sold[i].verdict, sold[i].amount);
		sample_transactions.sales.written.verdicts[sold[i].verdict]++;
	}
	h->count = h->loaded = sample_transactions.sales.lines = SAMPLE_SALES;
	sample_transactions.sales.written.sums[0] = (struct sales_sum){"EUR", 133170};
	sample_transactions.sales.written.sum_count = 1;
	h->selected = 2;
	return h;
}

static void sample_today(struct view_model *m, struct flow *f)
{
	(void)f;
	ERR_IGNORE(!sample_today_of(m));
}

static void sample_today_search(struct view_model *m, struct flow *f)
{
	struct page_history *h = sample_today_of(m);

	(void)f;
	entry_set(&h->search, "1,299");
	h->rows[0] = h->rows[1];
	h->rows[1] = h->rows[6];
	h->count = h->loaded = 2;
	h->selected = 1;
	sample_text(sample_transactions.sales.fault, sizeof sample_transactions.sales.fault,
		"sales-2026-11-21.jsonl: no space left on device");
}

static void sample_today_receipt(struct view_model *m, struct flow *f)
{
	struct page_history *h = sample_today_of(m);
	struct sale *s = &h->rows[h->selected];

	(void)f;
	h->details = true;
	snprintf(s->receipt_code, sizeof s->receipt_code, "HTTPS://QR.EXAMPLE.COM/X/AE%0168d", 7);
	h->code_side = qr_draw(h->code, QR_GRID_SIDE_MAX, s->receipt_code);
}

static void sample_today_refused(struct view_model *m, struct flow *f)
{
	struct page_history *h = sample_today_of(m);

	(void)f;
	h->details = true;
	h->selected = 1;
}

static void sample_today_code(struct view_model *m, struct flow *f)
{
	sample_today_receipt(m, f);
	sample_desk.history.code_whole = true;
}

#define SAMPLES_HISTORY                                                                            \
	{"today", sample_today}, {"today-search", sample_today_search},                            \
		{"today-receipt", sample_today_receipt}, {"today-refused", sample_today_refused},  \
		{"today-code", sample_today_code}

#endif
