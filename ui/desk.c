/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages, keys, and what is sold next.
 */
#include "ui/desk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/page_help.h"
#include "ui/page_sale.h"

static const struct page *const PAGES[DESK_PAGE_COUNT] = {
	[DESK_SALE] = &page_sale,
	[DESK_HELP] = &page_help,
	[DESK_AMOUNT] = &page_amount,
	[DESK_SIGN_IN] = &page_sign_in,
	[DESK_SERVICE] = &page_service,
	[DESK_HISTORY] = &page_history,
};

/* Pages that let a verification go on behind them. */
static bool may_cover_what_runs(enum desk_page page)
{
	return page == DESK_SALE || page == DESK_HELP;
}

/* Itself, or behind the list of its keys. */
static bool is_open(const struct desk *d, enum desk_page page)
{
	return d->page == page || (d->page == DESK_HELP && d->behind == page);
}

/* ---- what is sold ---- */

bool desk_sale_is_typed(const struct desk *d)
{
	/* in virtual time nobody types */
	return d->settings->sale.currencies > 0 && !d->counter->stepped &&
		!d->counter->sale_of_till &&
		(d->counter->closed & (unsigned)COUNTER_CLOSED_TILL) == 0 &&
		d->settings->sale.amount != SETTINGS_AMOUNT_NEVER && d->first.amount == 0;
}

bool desk_amount_is_required(const struct desk *d)
{
	return desk_sale_is_typed(d) && d->settings->sale.amount == SETTINGS_AMOUNT_REQUIRED;
}

static void closed_look(struct desk *d)
{
	struct counter *c = d->counter;

	counter_close(c, COUNTER_CLOSED_PAGE, d->page != DESK_SALE);
	counter_close(c, COUNTER_CLOSED_OPERATOR,
		d->settings->operators.required && operators_name(&d->operators)[0] == '\0');
	counter_close(c, COUNTER_CLOSED_AMOUNT, desk_amount_is_required(d) && c->sale.amount == 0);
}

void desk_sale_clear(struct desk *d)
{
	if (counter_sale_set(d->counter, &d->first))
		closed_look(d);
}

bool desk_sale_take(struct desk *d, const struct client_sale *sale, const char **words)
{
	if (is_open(d, DESK_SERVICE)) { /* a call with a holder is not ended by a till */
		*words = "a holder is being served";
		return false;
	}
	if (!counter_sale_set(d->counter, sale)) {
		*words = "a verification runs";
		return false;
	}
	if (d->page != DESK_SALE && !is_open(d, DESK_SIGN_IN))
		desk_close(d);
	d->counter->sale_of_till = true;
	closed_look(d);
	return true;
}

/* After a sale comes the next customer; after anything else the same one may try again. */
static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	struct desk *d = ctx;

	if (c->flow.phase == before)
		return;
	d->code_whole = false;
	if (d->page != DESK_SALE && may_cover_what_runs(d->page))
		desk_close(d); /* what comes now has to be seen */
	if (before == FLOW_RESULT && c->flow.phase == FLOW_WAITING && desk_sale_is_typed(d) &&
		(c->verdict == VERDICT_ACCEPTED || c->verdict == VERDICT_UNCONFIRMED))
		desk_sale_clear(d);
}

/* A call with a holder is one operator's: it ends with him, also at the backend while he still has
 * a session there.
 */
static void operator_leaving(void *ctx)
{
	struct desk *d = ctx;

	if (!is_open(d, DESK_SERVICE))
		return;
	d->page = DESK_SERVICE;
	desk_close(d);
}

/* Whoever signed in is named with each sale, whatever a command line or a till says. */
static void operator_changed(void *ctx, const char *name, enum message_role role)
{
	struct desk *d = ctx;

	(void)role;
	operator_leaving(d); /* of a session that was over already */
	counter_operator_set(d->counter, name, d->first.operator_name);
	closed_look(d);
}

/* ---- life ---- */

static enum err_code operators_start(struct desk *d, struct err *err)
{
	enum err_code rc = page_sign_in_init(&d->sign_in, err);

	operators_init(&d->operators, &d->settings->operators, d->counter->client,
		&d->counter->clock);
	d->operators.changed = operator_changed;
	d->operators.leaving = operator_leaving;
	d->operators.ctx = d;
	page_service_init(&d->service);
	return rc;
}

enum err_code desk_init(struct desk *d, struct counter *c, const struct settings *settings,
	struct err *err)
{
	const struct counter_watch watch = {.stepped = stepped, .ctx = d};

	memset(d, 0, sizeof *d);
	d->counter = c;
	d->settings = settings;
	d->first = c->sale;
	entry_init(&d->amount.reference, sizeof c->sale.reference - 1);
	counter_watch_add(c, &watch);
	closed_look(d);
	return operators_start(d, err);
}

void desk_done(struct desk *d)
{
	if (d->counter == NULL)
		return;
	operator_leaving(d);
	operators_end(&d->operators);
	operators_done(&d->operators);
	page_sign_in_done(&d->sign_in);
	page_service_done(&d->service);
	entry_done(&d->amount.reference);
	entry_done(&d->history.search);
}

/* ---- pages ---- */

const struct page *desk_page(enum desk_page page)
{
	return PAGES[page < DESK_PAGE_COUNT ? page : DESK_SALE];
}

bool desk_open(struct desk *d, enum desk_page page)
{
	if (counter_is_running(d->counter) && !may_cover_what_runs(page))
		return false;
	if (page == DESK_HELP)
		d->behind = d->page;
	else if (d->counter->flow.phase == FLOW_RESULT && page != DESK_SALE)
		counter_cancel(d->counter); /* it has been read */
	d->page = page;
	if (desk_page(page)->open != NULL)
		desk_page(page)->open(d);
	closed_look(d);
	return true;
}

void desk_close(struct desk *d)
{
	if (desk_page(d->page)->close != NULL)
		desk_page(d->page)->close(d);
	d->page = DESK_SALE;
	closed_look(d);
}

void desk_say(struct desk *d, bool fault, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->said, sizeof d->said, format, args);
	va_end(args);
	d->said_is_fault = fault;
	d->said_until_ms = clock_mono_ms(&d->counter->clock) + DESK_SAID_MS;
	d->counter->changed = true;
}

void desk_language_next(struct desk *d)
{
	text_init(strcmp(text_language(), "en") == 0 ? "zh_CN" : "en");
	d->counter->changed = true;
}

/* ---- keys and time ---- */

void desk_key(struct desk *d, const struct screen_input *in)
{
	const struct page *page = desk_page(d->page);

	d->counter->changed = true;
	operators_touched(&d->operators);
	if (!page->key(d, in)) {
		if (in->key == SCREEN_KEY_ESCAPE)
			desk_close(d);
		else if (in->key == SCREEN_KEY_F1)
			desk_open(d, DESK_HELP);
	}
	closed_look(d);
}

size_t desk_keys_of(const struct view_model *m, enum desk_page page,
	struct page_key out[static PAGE_KEYS_MAX])
{
	const struct page *p = desk_page(page);

	return p->keys != NULL ? p->keys(m, out) : 0;
}

size_t desk_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	return desk_keys_of(m, m->desk != NULL ? m->desk->page : DESK_SALE, out);
}

void desk_tick(struct desk *d, int64_t now_ms)
{
	if (d->said[0] != '\0' && now_ms >= d->said_until_ms) {
		d->said[0] = '\0';
		d->counter->changed = true;
	}
	operators_tick(&d->operators, counter_is_running(d->counter));
	for (size_t i = 0; i < DESK_PAGE_COUNT; i++)
		if (PAGES[i]->tick != NULL)
			PAGES[i]->tick(d, now_ms);
}

int64_t desk_next_ms(const struct desk *d)
{
	int64_t next = d->said[0] != '\0' ? d->said_until_ms : INT64_MAX;
	int64_t other = operators_next_ms(&d->operators);

	next = other < next ? other : next;
	if (d->letter.key != SCREEN_KEY_NONE && d->letter.at_ms + DESK_LETTER_MS < next)
		next = d->letter.at_ms + DESK_LETTER_MS;
	other = page_sign_in_next_ms(&d->sign_in, d->operators.active_ms);
	next = other < next ? other : next;
	other = page_service_next_ms(&d->service, clock_mono_ms(&d->counter->clock));
	return other < next ? other : next;
}
