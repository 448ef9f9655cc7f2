/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in and off.
 */
#include "ui/page_sign_in.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"
#include "ui/view_parts.h"
#include "ui/words.h"

#define FIELD_COLS 36
#define LABEL_COLS 20

/* ---- life ---- */

enum err_code page_sign_in_init(struct page_sign_in *p, struct err *err)
{
	enum err_code rc = entry_init_secret(&p->passphrase, ENTRY_BYTES_MAX, err);

	entry_init(&p->name, MESSAGE_NAME_MAX);
	if (rc == ERR_OK)
		rc = entry_init_secret(&p->quick, OPERATORS_QUICK_MAX, err);
	if (rc == ERR_OK)
		rc = entry_init_secret(&p->back, OPERATORS_QUICK_MAX, err);
	return rc;
}

void page_sign_in_done(struct page_sign_in *p)
{
	entry_done(&p->name);
	entry_done(&p->passphrase);
	entry_done(&p->quick);
	entry_done(&p->back);
}

static void secrets_clear(struct page_sign_in *p)
{
	entry_clear(&p->passphrase);
	entry_clear(&p->quick);
	entry_clear(&p->back);
}

int64_t page_sign_in_next_ms(const struct page_sign_in *p, int64_t touched_ms)
{
	bool typed = p->passphrase.len + p->quick.len + p->back.len > 0;

	return typed ? touched_ms + SIGN_IN_TYPED_MS : INT64_MAX;
}

/* ---- words ---- */

const char *page_sign_in_role(enum message_role role)
{
	switch (role) {
	case MESSAGE_ROLE_CASHIER:
		return _("cashier");
	case MESSAGE_ROLE_TELLER:
		return _("teller");
	case MESSAGE_ROLE_SUPERVISOR:
		return _("supervisor");
	case MESSAGE_ROLE_ADMINISTRATOR:
	case MESSAGE_ROLE_NONE:
		break;
	}
	return "";
}

const char *page_sign_in_over(const struct operators *o)
{
	if (o->outcome == OPERATORS_IDLE)
		return _("Signed off, because nobody has pressed a key for a while.");
	if (o->outcome == OPERATORS_EXPIRED)
		return _("The session is over. Sign in again.");
	return "";
}

static void outcome_words(char out[static VIEW_SENTENCE_MAX], const struct operators *o,
	const struct view_model *m)
{
	char until[VIEW_UNTIL_MAX];

	out[0] = '\0';
	switch (o->outcome) {
	case OPERATORS_FINE:
		break;
	case OPERATORS_ASKING:
		snprintf(out, VIEW_SENTENCE_MAX, "%s", _("Asking the server ..."));
		break;
	case OPERATORS_WRONG:
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			_("That is not right. Check the name and type it once more."));
		break;
	case OPERATORS_WAIT:
		view_time(until, m, o->until_unix_s);
		snprintf(out, VIEW_SENTENCE_MAX,
			_("Too many wrong passphrases. Try again at %s."), until);
		break;
	case OPERATORS_NO_ANSWER:
		snprintf(out, VIEW_SENTENCE_MAX, _("The server did not let you in: %s"), o->words);
		break;
	case OPERATORS_NO_LINE: /* of a certificate there are words for the counter */
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			words_certificate(o->words)[0] != '\0' ? words_certificate(o->words)
							: words_notice(REASON_NO_BACKEND));
		break;
	case OPERATORS_NO_ROLE:
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			_("This is not somebody of the counter: administrators do not sign in at a "
			  "till."));
		break;
	case OPERATORS_NOT_NOW:
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			_("A verification runs. Try again after it."));
		break;
	case OPERATORS_NO_QUICK:
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			_("The quick code does not count any more. Type the passphrase."));
		break;
	case OPERATORS_QUICK_FORM:
		snprintf(out, VIEW_SENTENCE_MAX,
			_("A quick code has %d to %d digits, not all the same. Or leave it empty."),
			OPERATORS_QUICK_MIN, OPERATORS_QUICK_MAX);
		break;
	case OPERATORS_IDLE:
	case OPERATORS_EXPIRED:
		snprintf(out, VIEW_SENTENCE_MAX, "%s", page_sign_in_over(o));
		break;
	}
}

/* ---- the list ---- */

static bool can_come_back(const struct operators *o, int index)
{
	return index < OPERATORS_MAX && index != o->current && o->list[index].token != NULL &&
	       o->list[index].quick != NULL;
}

static bool is_listed(const struct operators *o, int index)
{
	return index >= OPERATORS_MAX ||
	       (o->list[index].name[0] != '\0' && index != o->current);
}

static void move(struct desk *d, int by)
{
	struct page_sign_in *p = &d->sign_in;

	do {
		p->focus = (p->focus + by + SIGN_IN_FOCUS_COUNT) % SIGN_IN_FOCUS_COUNT;
	} while (!is_listed(&d->operators, p->focus));
	entry_clear(&p->back);
}

/* ---- what is done ---- */

static void sign_in_open(struct desk *d)
{
	struct page_sign_in *p = &d->sign_in;

	secrets_clear(p);
	p->asked = false;
	p->tried = d->operators.outcome == OPERATORS_IDLE ||
		   d->operators.outcome == OPERATORS_EXPIRED;
	p->focus = SIGN_IN_NAME;
	for (int i = OPERATORS_MAX - 1; i >= 0; i--)
		if (can_come_back(&d->operators, i))
			p->focus = i;
}

static void sign_in_close(struct desk *d)
{
	operators_sign_in_stop(&d->operators);
	d->sign_in.asked = false;
	secrets_clear(&d->sign_in);
	entry_clear(&d->sign_in.name);
}

/* Somebody stands there: the page has done its work. */
static void welcome(struct desk *d)
{
	desk_close(d);
	desk_say(d, false, _("Signed in: %s, %s"), operators_name(&d->operators),
		page_sign_in_role(operators_role(&d->operators)));
}

static struct span typed(const struct entry *e)
{
	return SPAN(e->text, e->len);
}

static void come_back(struct desk *d)
{
	struct page_sign_in *p = &d->sign_in;
	struct operators *o = &d->operators;

	if (!can_come_back(o, p->focus)) { /* only the name is known */
		entry_set(&p->name, o->list[p->focus].name);
		p->focus = SIGN_IN_PASSPHRASE;
		return;
	}
	operators_switch(o, p->focus, typed(&p->back));
	entry_clear(&p->back);
	p->tried = true;
	if (o->outcome == OPERATORS_FINE)
		welcome(d);
}

static void enter(struct desk *d)
{
	struct page_sign_in *p = &d->sign_in;

	if (p->asked)
		return;
	if (p->focus < OPERATORS_MAX) {
		come_back(d);
	} else if (p->focus == SIGN_IN_NAME && p->passphrase.len == 0) {
		p->focus = SIGN_IN_PASSPHRASE;
	} else {
		p->tried = true;
		operators_sign_in(&d->operators, p->name.text, typed(&p->passphrase),
			typed(&p->quick));
		p->asked = d->operators.outcome == OPERATORS_ASKING;
		if (d->operators.outcome != OPERATORS_QUICK_FORM)
			entry_clear(&p->passphrase);
	}
}

static void sign_off(struct desk *d)
{
	if (operators_name(&d->operators)[0] == '\0')
		return;
	operators_sign_in_stop(&d->operators); /* nobody else comes by what was asked before */
	operators_sign_off(&d->operators);
	desk_say(d, false, "%s", _("Signed off."));
	sign_in_open(d);
}

static void sign_in_tick(struct desk *d, int64_t now_ms)
{
	struct page_sign_in *p = &d->sign_in;

	/* whoever comes next must not send it with Enter */
	if (now_ms >= page_sign_in_next_ms(p, d->operators.active_ms)) {
		secrets_clear(p);
		d->counter->changed = true;
	}
	if (!p->asked || d->operators.outcome == OPERATORS_ASKING)
		return;
	p->asked = false;
	d->counter->changed = true;
	if (d->operators.outcome == OPERATORS_FINE)
		welcome(d);
	else
		p->focus = SIGN_IN_PASSPHRASE;
}

static struct entry *entry_of(struct page_sign_in *p)
{
	switch (p->focus) {
	case SIGN_IN_NAME:
		return &p->name;
	case SIGN_IN_PASSPHRASE:
		return &p->passphrase;
	case SIGN_IN_QUICK:
		return &p->quick;
	default:
		return &p->back;
	}
}

/* A quick code is in somebody's head, not printed on something; and goods that are scanned here by
 * mistake are no wrong codes.
 */
static bool is_of_scanner(struct desk *d, const struct screen_input *in)
{
	struct page_sign_in *p = &d->sign_in;
	bool text = in->key == SCREEN_KEY_CHARACTER || in->key == SCREEN_KEY_ENTER;

	if (!text || p->focus >= OPERATORS_MAX || !can_come_back(&d->operators, p->focus) ||
		!typing_is_machine(&d->typing, in->at_ms))
		return false;
	entry_clear(&p->back);
	desk_say(d, true, "%s", _("A scanner typed something. It was left out."));
	return true;
}

static bool sign_in_key(struct desk *d, const struct screen_input *in)
{
	struct page_sign_in *p = &d->sign_in;

	if (is_of_scanner(d, in))
		return true;
	switch (in->key) {
	case SCREEN_KEY_ENTER:
		enter(d);
		return true;
	case SCREEN_KEY_TAB:
	case SCREEN_KEY_DOWN:
		move(d, 1);
		return true;
	case SCREEN_KEY_BACKTAB:
	case SCREEN_KEY_UP:
		move(d, -1);
		return true;
	case SCREEN_KEY_F9:
		sign_off(d);
		return true;
	default:
		break;
	}
	/* a quick code is of digits; letters on it were meant for a field */
	if (in->key == SCREEN_KEY_CHARACTER && (in->character < '0' || in->character > '9') &&
		(p->focus < OPERATORS_MAX || p->focus == SIGN_IN_QUICK))
		return true;
	return !p->asked && entry_key(entry_of(p), in);
}

static size_t sign_in_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	size_t count = 0;

	out[count++] = (struct page_key){
		.key = SCREEN_KEY_ENTER, .name = "Enter", .does = _("Sign in")};
	out[count++] = (struct page_key){
		.key = SCREEN_KEY_TAB, .name = "Tab", .does = _("Next field")};
	if (operators_name(&m->desk->operators)[0] != '\0')
		out[count++] = (struct page_key){
			.key = SCREEN_KEY_F9, .name = "F9", .does = _("Sign off")};
	out[count++] = (struct page_key){
		.key = SCREEN_KEY_ESCAPE, .name = "Esc", .does = _("Back")};
	return count;
}

/* ---- drawing ---- */

static void field(struct grid *g, const struct grid_box *b, int row, const char *label,
	const struct entry *e, bool focus)
{
	int cols = b->cols - LABEL_COLS < FIELD_COLS ? b->cols - LABEL_COLS : FIELD_COLS;

	grid_text(g, b->col, row, LABEL_COLS - 1, focus ? GRID_BOLD : GRID_DIM, label);
	entry_draw(g, b->col + LABEL_COLS, row, cols, e, focus);
}

/* Who was here lately: name, role, and what it takes to come back. */
static int list_draw(struct grid *g, const struct grid_box *b, int row, const struct desk *d)
{
	const struct operators *o = &d->operators;
	const struct page_sign_in *p = &d->sign_in;
	char text[GRID_TEXT_MAX];
	int used;

	for (int i = 0; i < OPERATORS_MAX; i++) {
		if (!is_listed(o, i))
			continue;
		snprintf(text, sizeof text, "%s  %s", o->list[i].name,
			page_sign_in_role(o->list[i].role));
		if (p->focus == i)
			grid_fill(g, b->col, row, b->cols, 1, ' ', GRID_SELECTED);
		grid_text(g, b->col + 1, row, b->cols / 2 - 2,
			p->focus == i ? GRID_SELECTED : GRID_NORMAL, text);
		used = grid_text(g, b->col + b->cols / 2, row, b->cols / 2,
			p->focus == i ? GRID_SELECTED : GRID_DIM,
			can_come_back(o, i) ? _("quick code") : _("passphrase"));
		if (p->focus == i && can_come_back(o, i))
			entry_draw(g, b->col + b->cols / 2 + used + 2, row, OPERATORS_QUICK_MAX + 2,
				&p->back, true);
		row++;
	}
	return row;
}

static void sign_in_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	const struct desk *d = m->desk;
	const struct page_sign_in *p = &d->sign_in;
	char words[VIEW_SENTENCE_MAX];
	struct grid_box box = *body;
	int row = body->row;

	if (operators_name(&d->operators)[0] != '\0') {
		snprintf(words, sizeof words, _("Signed in: %s, %s"),
			operators_name(&d->operators),
			page_sign_in_role(operators_role(&d->operators)));
		grid_text(g, body->col, row, body->cols, GRID_NORMAL, words);
		row += 2;
	}
	box.row = row;
	row = list_draw(g, &box, row, d);
	row += row > box.row;
	field(g, body, row, _("Name"), &p->name, p->focus == SIGN_IN_NAME);
	field(g, body, row + 1, _("Passphrase"), &p->passphrase, p->focus == SIGN_IN_PASSPHRASE);
	field(g, body, row + 2, _("Quick code"), &p->quick, p->focus == SIGN_IN_QUICK);
	row += 4;
	if (p->tried) {
		outcome_words(words, &d->operators, m);
		box = (struct grid_box){body->col, row, body->cols, 3, false};
		row += grid_wrapped(g, &box,
			d->operators.outcome == OPERATORS_ASKING ? GRID_DIM : GRID_BAD, words);
		row++;
	}
	box = (struct grid_box){body->col, row, body->cols, body->row + body->rows - row, false};
	grid_wrapped(g, &box, GRID_DIM,
		_("Whoever gives a quick code comes back with it today, at this till, without the "
		  "passphrase."));
}

const struct page page_sign_in = {.title = N_("Who stands at the counter"),
	.open = sign_in_open,
	.close = sign_in_close,
	.key = sign_in_key,
	.keys = sign_in_keys,
	.draw = sign_in_draw,
	.tick = sign_in_tick};
