/* SPDX-License-Identifier: Apache-2.0
 *
 * From verdicts to the list and the printer.
 */
#include "ui/transactions.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/text_safe.h"

/* Never shown or printed before the issuer's key has said that it is of this very receipt. */
static bool code_is_right(const struct sale *sale, const char *text, const struct client_keys *keys)
{
	const struct code_receipt fields = {
		.state = sale_verdict_word(sale->verdict),
		.receipt = sale->receipt,
		.verification = sale->id,
		.amount = sale->sold.amount,
		.currency = sale->sold.currency,
		.reference = sale->sold.reference,
	};
	struct code code;
	bool right = false;

	code_parse(&code, span_text(text));
	if (code.kind != CODE_RECEIPT || !sale_is_accepted(sale))
		return false;
	for (size_t i = 0; i < keys->count && !right; i++) {
		const struct flow_issuer *k = &keys->list[i];

		right = span_equal(SPAN(k->key_id, CODE_KEY_ID_LEN),
				SPAN(code.presented.issuer_key_id, CODE_KEY_ID_LEN)) &&
			code_receipt_verify(&code, &fields,
				SPAN(k->public_key, sizeof k->public_key)) == ERR_OK;
	}
	return right;
}

static void code_take(struct sale *out, const struct counter *c)
{
	const char *text = c->flow.receipt_code;

	if (text[0] == '\0')
		return;
	if (code_is_right(out, text, &c->keys) && strlen(text) < sizeof out->receipt_code)
		memcpy(out->receipt_code, text, strlen(text) + 1);
	else
		log_line(LOG_WARNING, "sales",
			"the code of receipt %s is not the issuer's for it; it is left out",
			out->receipt);
}

void transactions_sale(struct sale *out, const struct counter *c, const char *terminal_name)
{
	const struct flow *f = &c->flow;
	char day[SALES_DAY_LEN + 1];

	memset(out, 0, sizeof *out);
	out->verdict = sale_verdict_of(f->verdict, f->pin_done);
	out->reason = f->reason;
	out->at_unix_s = clock_unix_s(&c->clock);
	sale_day(day, &out->utc_offset_s, out->at_unix_s);
	out->sold = c->sale;
	text_safe(out->terminal, sizeof out->terminal, span_text(terminal_name));
	memcpy(out->id, f->id, sizeof out->id);
	memcpy(out->receipt, f->receipt, sizeof out->receipt);
	out->credential = f->credential;
	code_take(out, c);
}

static void notice_set(struct transactions *t, const char *words)
{
	text_copy(t->notice, sizeof t->notice, words);
	t->notices++;
}

static enum err_code print(struct transactions *t, const struct sale *sale, bool copy,
	struct err *err)
{
	unsigned lost = 0;
	enum err_code rc = printer_print(&t->printer, &lost, sale, copy,
		clock_unix_s(&t->counter->clock), err);

	if (rc == ERR_OK && lost > 0)
		log_line(LOG_WARNING, "printer",
			"%u characters of a receipt cannot be printed with this encoding: "
			"[receipt] encoding, or language = en",
			lost);
	return rc;
}

/* As the receipt itself: whether there is one on paper is known when this job has ended. */
static enum err_code print_first(struct transactions *t, struct err *err)
{
	enum err_code rc = print(t, &t->last, false, err);

	t->last_printed = rc == ERR_OK;
	t->last_job = rc == ERR_OK ? t->printer.last_id : 0;
	return rc;
}

static void printed(void *ctx, uint32_t id, const char *fault)
{
	struct transactions *t = ctx;

	t->counter->changed = true;
	if (fault[0] == '\0')
		return;
	if (id == t->last_job)
		t->last_printed = false; /* then the next one is no copy */
	notice_set(t, fault);
}

static bool prints_by_itself(const struct transactions *t, const struct sale *sale)
{
	enum printer_automatic automatic = t->settings->receipt.automatic;

	if (automatic == PRINTER_ACCEPTED)
		return sale_is_accepted(sale);
	return automatic == PRINTER_ALL;
}

static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	struct transactions *t = ctx;
	struct err err = {0};

	if (t->off || c->flow.phase != FLOW_RESULT || before == FLOW_RESULT)
		return;
	transactions_sale(&t->last, c, t->settings->terminal_name);
	t->last_there = true;
	t->last_printed = false;
	t->last_job = 0;
	sales_add(&t->sales, &t->last);
	t->changes++;
	if (prints_by_itself(t, &t->last) && print_first(t, &err) != ERR_OK) {
		notice_set(t, err.text);
		log_line(LOG_WARNING, "printer", "%s", err.text);
	}
}

enum err_code transactions_start(struct transactions *t, const struct settings *settings,
	struct counter *c, struct err *err)
{
	const struct counter_watch watch = {.stepped = stepped, .ctx = t};
	struct err why = {0};
	enum err_code rc;

	memset(t, 0, sizeof *t);
	t->settings = settings;
	t->counter = c;
	t->sales.fd = -1;
	t->off = c->stepped;
	counter_watch_add(c, &watch);
	if (!t->off && sales_open(&t->sales, settings->sales_folder, clock_unix_s(&c->clock),
			       &why) != ERR_OK)
		log_line(LOG_WARNING, "sales", "today's sales are not kept: %s", why.text);
	rc = printer_init(&t->printer, &settings->receipt, err);
	t->printer.told = printed;
	t->printer.ctx = t;
	return rc;
}

void transactions_done(struct transactions *t)
{
	if (t->counter == NULL)
		return;
	if (!t->off && !sales_sync(&t->sales, clock_unix_s(&t->counter->clock)) &&
		t->sales.waiting_count > 0)
		log_line(LOG_ERROR, "sales", "%u sales could not be written: %s",
			(unsigned)t->sales.waiting_count, t->sales.fault);
	if (!t->off)
		sales_close(&t->sales);
	printer_done(&t->printer);
	memset(t, 0, sizeof *t);
}

void transactions_tick(struct transactions *t, int64_t now_ms)
{
	if (t->counter == NULL)
		return;
	printer_tick(&t->printer, now_ms);
	if (!t->off && now_ms >= sales_next_ms(&t->sales) &&
		sales_tick(&t->sales, clock_unix_s(&t->counter->clock), now_ms)) {
		t->changes++;
		t->counter->changed = true;
	}
}

int64_t transactions_next_ms(const struct transactions *t)
{
	int64_t next = t->counter != NULL ? printer_next_ms(&t->printer) : INT64_MAX;

	if (t->counter != NULL && !t->off && sales_next_ms(&t->sales) < next)
		next = sales_next_ms(&t->sales);
	return next;
}

uint32_t transactions_today(const struct transactions *t)
{
	return t->counter != NULL && !t->off ? sales_total(&t->sales) : 0;
}

enum err_code transactions_print_last(struct transactions *t, struct err *err)
{
	if (!t->last_there)
		return err_set(err, ERR_NOT_FOUND, "%s", _("Nothing was checked yet."));
	return t->last_printed ? print(t, &t->last, true, err) : print_first(t, err);
}

enum err_code transactions_print(struct transactions *t, const struct sale *sale, struct err *err)
{
	return print(t, sale, true, err);
}
