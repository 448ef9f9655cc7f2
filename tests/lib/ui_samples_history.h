/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of today's sales, for ui_samples.h.
 */
#ifndef TESTS_LIB_UI_SAMPLES_HISTORY_H
#define TESTS_LIB_UI_SAMPLES_HISTORY_H

#include "ui/transactions.h"

static struct transactions sample_transactions;

static void sample_sold(struct sale *s, int64_t at_unix_s, enum sale_verdict verdict,
	const char *holder, const char *receipt)
{
	*s = (struct sale){.verdict = verdict, .at_unix_s = at_unix_s,
		.reason = verdict == SALE_REFUSED ? REASON_FROZEN : REASON_NONE,
		.sold = {.amount = 1280, .currency = "EUR"}};
	sample_text(s->sold.reference, sizeof(s->sold.reference), "A-1001");
	sample_text(s->sold.operator_name, sizeof(s->sold.operator_name), "Anna");
	sample_text(s->terminal, sizeof(s->terminal), "Till 3");
	sample_text(s->id, sizeof(s->id), "00112233445566778899aabbccddeeff");
	sample_text(s->receipt, sizeof(s->receipt), receipt);
	sample_text(s->credential.holder, sizeof(s->credential.holder), holder);
	sample_text(s->credential.purpose, sizeof(s->credential.purpose), "Member card");
}

static void sample_history(struct view_model *m, struct flow *f)
{
	struct page_history *h = &sample_desk.history;
	struct sales *s = &sample_transactions.sales;
	static const struct {
		enum sale_verdict verdict;
		const char *holder, *receipt;
	} rows[] = {
		{SALE_AUTHORISED, "Wang Xiaoming \xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e",
			"20261121-000417"},
		{SALE_ACCEPTED, "Li Lei", "20261121-000416"},
		{SALE_REFUSED, "", ""},
		{SALE_UNCERTAIN, "Han Meimei", ""},
		{SALE_UNCONFIRMED, "", ""},
		{SALE_NONE, "", ""},
	};

	(void)f;
	m->closed = COUNTER_CLOSED_PAGE;
	sample_desk.page = DESK_HISTORY;
	sample_desk.transactions = &sample_transactions;
	entry_init(&h->search, PAGE_HISTORY_SEARCH_MAX);
	memset(s->verdicts, 0, sizeof(s->verdicts));
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sample_sold(&h->rows[i], SAMPLE_NOW_UNIX_S - 700 * (int64_t)i, rows[i].verdict,
			rows[i].holder, rows[i].receipt);
		h->found[i] = i;
		h->loaded = h->count = i + 1;
		s->verdicts[rows[i].verdict]++;
	}
	s->lines = h->count;
	s->sum_count = 1;
	s->sums[0] = (struct sales_sum){.currency = "EUR", .amount = 2560};
	s->damaged = 0;
	h->selected = 1;
}

static void sample_history_search(struct view_model *m, struct flow *f)
{
	sample_history(m, f);
	entry_set(&sample_desk.history.search, "\xe7\x8e\x8b");
	sample_desk.history.count = sample_desk.history.loaded = 1;
	sample_desk.history.selected = 0;
	sample_transactions.sales.damaged = 1;
}

static void sample_history_empty(struct view_model *m, struct flow *f)
{
	sample_history(m, f);
	sample_desk.history.count = sample_desk.history.loaded = 0;
	sample_desk.history.selected = 0;
	memset(sample_transactions.sales.verdicts, 0, sizeof(sample_transactions.sales.verdicts));
	sample_transactions.sales.sum_count = 0;
	sample_transactions.sales.lines = 0;
}

static void sample_history_sale(struct view_model *m, struct flow *f)
{
	struct page_history *h = &sample_desk.history;

	sample_history(m, f);
	h->details = true;
	h->selected = 0;
	h->code_side = qr_draw(h->code, QR_GRID_SIDE_MAX,
		"HTTPS://QR.EXAMPLE.COM/X/AEAH6TMG7TYESDGYUHB2NZQKXDMY7K5BW2REKKBKTAAAAAAAAAC5");
}

#define SAMPLES_HISTORY                                                                            \
	{"history", sample_history}, {"history-search", sample_history_search},                    \
		{"history-empty", sample_history_empty}, {"history-sale", sample_history_sale}

#endif
