/* SPDX-License-Identifier: Apache-2.0
 *
 * Typing an amount.
 */
#include "ui/page_amount.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/local.h"
#include "base/local.h"
#include "base/text.h"
#include "ui/desk.h"
#include "ui/view_parts.h"

#define FIELD_COLS 30

static const char *currency(const struct desk *d)
{
	return d->settings->sale.currency[d->amount.currency];
}

static bool has_next_currency(const struct desk *d)
{
	return d->settings->sale.currencies > 1;
}

/* ---- the amount ---- */

static uint64_t power(int decimals)
{
	uint64_t p = 1;

	while (decimals-- > 0)
		p *= 10;
	return p;
}

static void amount_clear(struct page_amount *a)
{
	a->amount = 0;
	a->fresh = a->point = false;
	a->decimals = 0;
}

static void begin_another(struct page_amount *a)
{
	if (a->fresh)
		amount_clear(a);
}

static void digit(struct desk *d, unsigned value)
{
	struct page_amount *a = &d->amount;
	int all = amount_decimals(currency(d));
	uint64_t next;

	begin_another(a);
	if (!a->point) {
		next = a->amount * 10 + value;
	} else {
		if (a->decimals == all)
			return;
		next = a->amount + value * power(all - a->decimals - 1);
	}
	if (next > PAGE_AMOUNT_MAX)
		return;
	a->amount = next;
	a->decimals += a->point;
}

/* What was typed before it are whole units. */
static void point(struct desk *d)
{
	struct page_amount *a = &d->amount;
	int all = amount_decimals(currency(d));
	uint64_t next;

	begin_another(a);
	next = a->amount * power(all);
	if (a->point || all == 0 || next > PAGE_AMOUNT_MAX)
		return;
	a->amount = next;
	a->point = true;
	a->decimals = 0;
}

static void backspace(struct desk *d)
{
	struct page_amount *a = &d->amount;
	int all = amount_decimals(currency(d));

	a->fresh = false;
	if (!a->point) {
		a->amount /= 10;
	} else if (a->decimals > 0) {
		uint64_t unit = power(all - a->decimals + 1);

		a->amount = a->amount / unit * unit;
		a->decimals--;
	} else {
		a->amount /= power(all);
		a->point = false;
	}
}

static void currency_next(struct desk *d)
{
	d->amount.currency = (d->amount.currency + 1) % d->settings->sale.currencies;
	amount_clear(&d->amount); /* another one has other decimals */
}

/* ---- the page ---- */

static void amount_open(struct desk *d)
{
	const struct client_sale *sale = &d->counter->sale;

	amount_clear(&d->amount);
	d->amount.in_reference = false;
	for (size_t i = 0; i < d->settings->sale.currencies; i++)
		if (strcmp(d->settings->sale.currency[i], sale->currency) == 0)
			d->amount.currency = i;
	if (strcmp(currency(d), sale->currency) == 0) {
		d->amount.amount = sale->amount;
		d->amount.fresh = true;
	}
	entry_set(&d->amount.reference, sale->reference);
}

static void take(struct desk *d)
{
	struct client_sale sale = d->counter->sale;

	if (d->amount.amount == 0 && desk_amount_is_required(d)) {
		desk_say(d, true, "%s", _("Type the amount first."));
		return;
	}
	sale.amount = d->amount.amount;
	snprintf(sale.currency, sizeof sale.currency, "%s",
		sale.amount > 0 ? currency(d) : "");
	snprintf(sale.reference, sizeof sale.reference, "%s", d->amount.reference.text);
	if (counter_sale_set(d->counter, &sale))
		desk_close(d);
}

static bool amount_typed(struct desk *d, const struct screen_input *in)
{
	if (in->key == SCREEN_KEY_CHARACTER && in->character >= '0' && in->character <= '9')
		digit(d, in->character - '0');
	else if (in->key == SCREEN_KEY_CHARACTER && (in->character == '.' || in->character == ','))
		point(d);
	else if (in->key == SCREEN_KEY_BACKSPACE)
		backspace(d);
	else if (in->key == SCREEN_KEY_DELETE)
		amount_clear(&d->amount);
	else
		return in->key == SCREEN_KEY_CHARACTER; /* letters are no amount */
	return true;
}

/* The digits of a bar code are goods, not money; as a reference they are welcome. A key that is
 * held down repeats as fast, and is a person's.
 */
static bool is_of_scanner(struct desk *d, const struct screen_input *in)
{
	struct page_amount *a = &d->amount;
	bool text = in->key == SCREEN_KEY_CHARACTER || in->key == SCREEN_KEY_ENTER;
	bool held_down = in->character != 0 && in->character == a->last;

	a->last = in->character;
	if (!text || a->in_reference || held_down || !typing_is_machine(&d->typing, in->at_ms))
		return false;
	amount_clear(a);
	desk_say(d, true, "%s",
		_("That was a scanner, so it is no amount. Type the amount by hand."));
	return true;
}

static bool amount_key(struct desk *d, const struct screen_input *in)
{
	struct page_amount *a = &d->amount;

	if (is_of_scanner(d, in))
		return true;
	switch (in->key) {
	case SCREEN_KEY_ENTER:
		take(d);
		return true;
	case SCREEN_KEY_UP:
	case SCREEN_KEY_DOWN:
	case SCREEN_KEY_TAB:
	case SCREEN_KEY_BACKTAB:
	case SCREEN_KEY_F3:
		a->in_reference = !a->in_reference;
		return true;
	case SCREEN_KEY_F2:
		if (has_next_currency(d))
			currency_next(d);
		return true;
	default:
		return a->in_reference ? entry_key(&a->reference, in) : amount_typed(d, in);
	}
}

static size_t amount_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	size_t count = 0;

	out[count++] = (struct page_key){
		.key = SCREEN_KEY_ENTER, .name = "Enter", .does = _("Take it")};
	out[count++] = (struct page_key){.key = SCREEN_KEY_TAB,
		.name = "Tab",
		.does = m->desk->amount.in_reference ? _("Amount") : _("Reference")};
	if (has_next_currency(m->desk))
		out[count++] = (struct page_key){
			.key = SCREEN_KEY_F2, .name = "F2", .does = _("Currency")};
	out[count++] = (struct page_key){
		.key = SCREEN_KEY_ESCAPE, .name = "Esc", .does = _("Back")};
	return count;
}

static void content(struct view_pen *p)
{
	const struct desk *d = p->m->desk;
	const struct page_amount *a = &d->amount;
	char number[LOCAL_AMOUNT_MAX];
	char text[LOCAL_AMOUNT_MAX + 8];
	int cols = p->cols < FIELD_COLS ? p->cols : FIELD_COLS;

	local_amount(number, a->amount, currency(d));
	snprintf(text, sizeof text, "%s %s", number, currency(d));
	view_pen_centred(p, a->in_reference ? GRID_DIM : GRID_BOLD, _("Amount"));
	view_pen_gap(p, 1);
	view_pen_big_centred(p, a->in_reference ? GRID_DIM : GRID_BOLD, text);
	view_pen_gap(p, 2);
	view_pen_centred(p, a->in_reference ? GRID_BOLD : GRID_DIM, _("Reference"));
	if (p->g != NULL)
		entry_draw(p->g, p->col + (p->cols - cols) / 2, p->row, cols, &a->reference,
			a->in_reference);
	p->row++;
}

static void amount_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	view_centre(g, m, body, content);
}

const struct page page_amount = {.title = N_("What is sold"),
	.open = amount_open,
	.key = amount_key,
	.keys = amount_keys,
	.draw = amount_draw};
