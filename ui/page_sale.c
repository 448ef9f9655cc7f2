/* SPDX-License-Identifier: Apache-2.0
 *
 * What the keys do while cards are taken and a verification runs. One table: the bar at the bottom,
 * the list of F1, the mouse and the keys themselves read it.
 */
#include "ui/page_sale.h"

#include "base/text.h"
#include "ui/desk.h"
#include "ui/transactions.h"

#define IN(phase) (1u << (phase))
#define IDLE	  (IN(FLOW_WAITING) | IN(FLOW_RESULT))
#define RUNNING                                                                                    \
	(IN(FLOW_STARTING) | IN(FLOW_NUMBER) | IN(FLOW_ANSWERING) | IN(FLOW_PIN) |                 \
		IN(FLOW_PIN_SENT) | IN(FLOW_UNCERTAIN))
#define ALWAYS (IDLE | RUNNING)

/* ---- what they do ---- */

static void help(struct desk *d)
{
	d->code_whole = false;
	desk_open(d, DESK_HELP);
}

/* What is on top goes away first. */
static void cancel(struct desk *d)
{
	if (d->code_whole)
		d->code_whole = false;
	else
		counter_cancel(d->counter);
}

static void code(struct desk *d)
{
	d->code_whole = !d->code_whole;
}

static bool code_is_there(const struct desk *d)
{
	return d->counter->flow.challenge_code[0] != '\0';
}

static void sale_clear(struct desk *d)
{
	desk_sale_clear(d);
}

static void quit(struct desk *d)
{
	d->counter->quit = true;
}

static void pin_send(struct desk *d)
{
	d->pin_length_wrong = !pin_entry_complete(&d->counter->pin);
	counter_pin_send(d->counter);
}

static void pin_backspace(struct desk *d)
{
	pin_entry_backspace(&d->counter->pin);
}

static void amount(struct desk *d)
{
	desk_open(d, DESK_AMOUNT);
}

static void reference(struct desk *d)
{
	desk_open(d, DESK_AMOUNT);
	d->amount.in_reference = d->page == DESK_AMOUNT;
}

static void history(struct desk *d)
{
	desk_open(d, DESK_HISTORY);
}

static void print_last(struct desk *d)
{
	struct err err = {0};

	if (transactions_print_last(d->transactions, &err) == ERR_OK)
		desk_say(d, false, "%s", _("The receipt is being printed."));
	else
		desk_say(d, true, _("The receipt was not printed: %s"), err.text);
}

static void sign_in(struct desk *d)
{
	desk_open(d, DESK_SIGN_IN);
}

static void service(struct desk *d)
{
	desk_open(d, DESK_SERVICE);
}

/* ---- the table ---- */

/* In virtual time nobody comes and goes. */
static bool operators_are_there(const struct desk *d)
{
	return !d->counter->stepped;
}

static bool holders_are_served(const struct desk *d)
{
	return operators_may_serve(&d->operators);
}

static bool history_is_there(const struct desk *d)
{
	return d->transactions != NULL && !d->counter->stepped;
}

static bool can_print_last(const struct desk *d)
{
	return d->transactions != NULL && d->transactions->last_there &&
	       printer_is_there(&d->transactions->printer);
}

static bool sale_is_typed(const struct desk *d)
{
	return desk_sale_is_typed(d);
}

static bool sale_is_there(const struct desk *d)
{
	return desk_sale_is_typed(d) &&
		(d->counter->sale.amount > 0 || d->counter->sale.reference[0] != '\0');
}

static bool sale_is_of_till(const struct desk *d)
{
	return d->counter->sale_of_till;
}

struct sale_key {
	unsigned phases;
	enum screen_key key;
	uint32_t letter; /* does the same; 0 = none */
	const char *name; /* NULL: not told */
	const char *does; /* N_() */
	void (*act)(struct desk *d); /* NULL: told, and done elsewhere */
	bool (*there)(const struct desk *d); /* NULL: always */
};

/* The most important first: the bar leaves out what has no room. */
static const struct sale_key KEYS[] = {
	{ALWAYS, SCREEN_KEY_F1, '?', "F1", N_("Keys"), help, NULL},
	{IN(FLOW_PIN), SCREEN_KEY_NONE, 0, "0-9", N_("PIN"), NULL, NULL},
	{IN(FLOW_PIN), SCREEN_KEY_BACKSPACE, 0, N_("Backspace"), N_("Delete"), pin_backspace, NULL},
	{IN(FLOW_PIN), SCREEN_KEY_DELETE, 0, NULL, NULL, pin_backspace, NULL},
	{IN(FLOW_PIN), SCREEN_KEY_ENTER, 0, "Enter", N_("Send"), pin_send, NULL},
	{RUNNING, SCREEN_KEY_ESCAPE, 0, "Esc", N_("Cancel"), cancel, NULL},
	{IN(FLOW_NUMBER), SCREEN_KEY_F5, 'c', "F5", N_("Code"), code, code_is_there},
	{IN(FLOW_RESULT), SCREEN_KEY_ENTER, 0, "Enter", N_("Continue"), cancel, NULL},
	{IN(FLOW_RESULT), SCREEN_KEY_ESCAPE, 0, NULL, NULL, cancel, NULL},
	{IDLE, SCREEN_KEY_F2, 0, "F2", N_("Amount"), amount, sale_is_typed},
	{IDLE, SCREEN_KEY_F3, 0, NULL, N_("Reference"), reference, sale_is_typed},
	{IN(FLOW_WAITING), SCREEN_KEY_ESCAPE, 0, "Esc", N_("No sale"), sale_clear, sale_is_there},
	{IN(FLOW_WAITING), SCREEN_KEY_ESCAPE, 0, "Esc", N_("Cancel"), cancel, sale_is_of_till},
	{IDLE, SCREEN_KEY_F4, 'h', "F4", N_("Today"), history, history_is_there},
	{IDLE, SCREEN_KEY_F8, 'p', "F8", N_("Print"), print_last, can_print_last},
	{IDLE, SCREEN_KEY_F6, 's', "F6", N_("Service"), service, holders_are_served},
	{IDLE, SCREEN_KEY_F9, 'o', "F9", N_("Operator"), sign_in, operators_are_there},
	{IDLE, SCREEN_KEY_F7, 'l', "F7", N_("Language"), desk_language_next, NULL},
	{IDLE, SCREEN_KEY_F10, 'q', "F10", N_("Quit"), quit, NULL},
};
#define KEYS_COUNT (sizeof KEYS / sizeof KEYS[0])

static bool is_there(const struct sale_key *k, enum flow_phase phase, const struct desk *d)
{
	if ((unsigned)phase >= FLOW_PHASE_COUNT || (k->phases & IN(phase)) == 0)
		return false;
	return k->there == NULL || (d != NULL && k->there(d));
}

static bool means(const struct sale_key *k, const struct screen_input *in)
{
	uint32_t c = in->character >= 'A' && in->character <= 'Z' ? in->character + 'a' - 'A'
								   : in->character;

	if (in->key == SCREEN_KEY_CHARACTER)
		return k->letter != 0 && k->letter == c;
	return k->key != SCREEN_KEY_NONE && k->key == in->key;
}

static size_t sale_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < KEYS_COUNT && count < PAGE_KEYS_MAX; i++)
		if (KEYS[i].name != NULL && is_there(&KEYS[i], m->flow->phase, m->desk))
			out[count++] = (struct page_key){.key = KEYS[i].key,
				.name = _(KEYS[i].name),
				.does = _(KEYS[i].does)};
	return count;
}

/* Digits: the PIN's where one is wanted, else the beginning of an amount. */
static bool digit(struct desk *d, const struct screen_input *in)
{
	if (in->key != SCREEN_KEY_CHARACTER || in->character < '0' || in->character > '9')
		return false;
	if (counter_pin_wanted(d->counter)) {
		d->pin_length_wrong = !pin_entry_add(&d->counter->pin, (int)in->character - '0');
	} else if (!counter_is_running(d->counter) && desk_sale_is_typed(d) &&
		desk_open(d, DESK_AMOUNT)) {
		ERR_IGNORE(page_amount.key(d, in));
	}
	return true;
}

/* A PIN is typed by its owner: what a scanner sends as keys is thrown away as a whole. */
static bool is_of_machine(struct desk *d, const struct screen_input *in)
{
	bool text = in->key == SCREEN_KEY_CHARACTER || in->key == SCREEN_KEY_ENTER;

	if (!text || !counter_pin_wanted(d->counter) || !typing_is_machine(&d->typing, in->at_ms))
		return false;
	pin_entry_clear(&d->counter->pin);
	desk_say(d, true, _("Faster than fingers: not taken. Type the PIN by hand, key by key."));
	return true;
}

static bool act(struct desk *d, const struct screen_input *in)
{
	enum flow_phase phase = d->counter->flow.phase;

	for (size_t i = 0; i < KEYS_COUNT; i++)
		if (KEYS[i].act != NULL && is_there(&KEYS[i], phase, d) && means(&KEYS[i], in)) {
			KEYS[i].act(d);
			return true;
		}
	return false;
}

/* ---- letters ---- */

/* A scanner that types codes types letters: the first of them must not open or end anything. So a
 * letter waits a moment for the next one, and what comes as fast as that is left out as a whole.
 */
static bool is_of_scanner(struct desk *d, const struct screen_input *in)
{
	bool text = in->key == SCREEN_KEY_CHARACTER || in->key == SCREEN_KEY_ENTER;
	bool after_letter = d->letter.key != SCREEN_KEY_NONE &&
		in->at_ms - d->letter.at_ms < DESK_LETTER_MS;
	bool goes_on = d->quiet_ms != 0 && in->at_ms - d->quiet_ms < TYPING_QUIET_MS;

	if (!text || in->at_ms == 0 || !(after_letter || goes_on))
		return false;
	if (after_letter)
		desk_say(d, true, _("A scanner typed something. It was left out."));
	d->letter.key = SCREEN_KEY_NONE;
	d->quiet_ms = in->at_ms;
	return true;
}

/* Digits wait, too, where the first one would take a verdict off the screen, or does nothing. */
static bool waits(const struct desk *d, const struct screen_input *in)
{
	bool is_digit = in->character >= '0' && in->character <= '9';

	if (in->key != SCREEN_KEY_CHARACTER || in->at_ms == 0 || d->counter->stepped ||
		counter_pin_wanted(d->counter))
		return false;
	return !is_digit || d->counter->flow.phase == FLOW_RESULT || !desk_sale_is_typed(d);
}

static void letter_take(struct desk *d)
{
	struct screen_input letter = d->letter;

	d->letter.key = SCREEN_KEY_NONE;
	if (letter.key != SCREEN_KEY_NONE && !digit(d, &letter))
		ERR_IGNORE(act(d, &letter));
}

static void sale_tick(struct desk *d, int64_t now_ms)
{
	if (d->letter.key == SCREEN_KEY_NONE || now_ms - d->letter.at_ms < DESK_LETTER_MS)
		return;
	if (d->page == DESK_SALE)
		letter_take(d);
	d->letter.key = SCREEN_KEY_NONE;
	d->counter->changed = true; /* what it did is seen at once, not with the next second */
}

static bool sale_key(struct desk *d, const struct screen_input *in)
{
	d->pin_length_wrong = false;
	if (is_of_machine(d, in))
		return true;
	if (!counter_pin_wanted(d->counter) && is_of_scanner(d, in))
		return true;
	letter_take(d); /* whoever typed it was slow enough */
	if (d->page != DESK_SALE)
		return desk_page(d->page)->key(d, in);
	if (waits(d, in)) {
		d->letter = *in;
		return true;
	}
	return digit(d, in) || act(d, in);
}

const struct page page_sale = {
	.title = "", .key = sale_key, .keys = sale_keys, .tick = sale_tick};
