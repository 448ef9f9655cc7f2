/* SPDX-License-Identifier: Apache-2.0
 *
 * How the tellers' page looks.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"
#include "ui/page_service.h"
#include "ui/view_parts.h"

#define FIELD_COLS 36
#define LABEL_COLS 24
#define CARDS_ROWS_BELOW 4 /* that there are more, a gap, what was done */

/* ---- words ---- */

/* What the backend refused, in words for the counter. Others are shown as they came. */
static const char *refusal(const struct page_service *p)
{
	static const struct {
		const char *word, *words;
	} WORDS[] = {
		{"not-found", N_("Nobody is known under this. Check the number.")},
		{"ambiguous", N_("Several holders have this number. Ask for the account number.")},
		{"no-questions", N_("No question of this holder can be asked. An administrator has "
				    "to help.")},
		{"too-many-attempts", N_("Too many calls today in which this holder was not "
					 "identified.")},
		{"call-ended", N_("This call is over. Begin again.")},
		{"not-identified", N_("More right answers are needed for this.")},
		{"forbidden", N_("Your role does not allow this.")},
		{"void", N_("This card was made void. The holder needs a new one.")},
		{"terminal-stopped", N_("This terminal was stopped.")},
	};

	if (p->act == SERVICE_SHOW && strcmp(p->word, "not-allowed") == 0)
		return _("You may not show activation codes here. Renew with F4: the holder gets a "
			 "message.");
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (strcmp(p->word, WORDS[i].word) == 0)
			return _(WORDS[i].words);
	return p->words;
}

static void last_words(struct grid *g, const struct grid_box *b, int row,
	const struct page_service *p)
{
	char text[VIEW_SENTENCE_MAX] = "";
	struct grid_box box = {b->col, row, b->cols, b->row + b->rows - row, false};

	if (p->request != SERVICE_NOTHING) {
		grid_wrapped(g, &box, GRID_DIM, _("Asking the server ..."));
		return;
	}
	if (p->no_answer)
		snprintf(text, sizeof text,
			_("The server did not answer this: %s. Nobody knows whether it was done; "
			  "look again."),
			p->words);
	else if (p->word[0] != '\0')
		snprintf(text, sizeof text, "%s", refusal(p));
	if (text[0] != '\0')
		grid_wrapped(g, &box, GRID_BAD, text);
	else if (p->done != NULL)
		grid_wrapped(g, &box, GRID_BOLD, _(p->done));
}

static void status_words(char out[static VIEW_SENTENCE_MAX], const struct message_credential *c,
	const struct view_model *m)
{
	char until[VIEW_UNTIL_MAX];

	switch (c->status) {
	case MESSAGE_STATUS_ACTIVE:
		snprintf(out, VIEW_SENTENCE_MAX, "%s",
			c->activated ? _("active") : _("waits for its activation"));
		break;
	case MESSAGE_STATUS_FROZEN:
		view_time(until, m, c->frozen_until);
		if (c->frozen_until > 0)
			snprintf(out, VIEW_SENTENCE_MAX, _("frozen until %s"), until);
		else
			snprintf(out, VIEW_SENTENCE_MAX, "%s", _("frozen"));
		break;
	case MESSAGE_STATUS_EXPIRED:
		snprintf(out, VIEW_SENTENCE_MAX, "%s", _("expired"));
		break;
	case MESSAGE_STATUS_VOID:
		snprintf(out, VIEW_SENTENCE_MAX, "%s", _("void"));
		break;
	}
}

/* Those that every holder has are asked in the operator's language. */
static const char *question_words(const struct message_question *q)
{
	switch (q->kind) {
	case MESSAGE_QUESTION_DOCUMENT:
		return _("Number of the identity document");
	case MESSAGE_QUESTION_PHONE:
		return _("Telephone number");
	case MESSAGE_QUESTION_BIRTH:
		return _("Date of birth");
	case MESSAGE_QUESTION_OTHER:
		break;
	}
	return q->words;
}

/* ---- the steps ---- */

static void field(struct grid *g, const struct grid_box *b, int row, const char *label,
	const struct entry *e)
{
	int cols = b->cols - LABEL_COLS < FIELD_COLS ? b->cols - LABEL_COLS : FIELD_COLS;

	grid_text(g, b->col, row, LABEL_COLS - 1, GRID_BOLD, label);
	entry_draw(g, b->col + LABEL_COLS, row, cols, e, true);
}

static int find_draw(struct grid *g, const struct grid_box *b, const struct page_service *p)
{
	struct grid_box box = {b->col, b->row, b->cols, 3, false};
	int row = b->row + grid_wrapped(g, &box, GRID_NORMAL,
			_("Find the holder by the number of the account, or by telephone.")) + 1;

	field(g, b, row, p->by == MESSAGE_CALL_ACCOUNT ? _("Account") : _("Telephone"), &p->find);
	return row + 2;
}

static int ask_draw(struct grid *g, const struct grid_box *b, const struct page_service *p)
{
	const struct message_call *c = &p->call;
	char text[VIEW_SENTENCE_MAX];
	int row = b->row;

	if (c->state > MESSAGE_CALL_IDENTIFIED)
		snprintf(text, sizeof text, "%s", _("This call is over. Begin again."));
	else
		snprintf(text, sizeof text,
			_("Right answers: %d of %d needed. Wrong ones left: %d."), c->right,
			c->needed, c->attempts_left);
	grid_text(g, b->col, row, b->cols, GRID_NORMAL, text);
	row += 2;
	for (size_t i = 0; i < c->question_count; i++, row++) {
		bool chosen = i == p->question;

		snprintf(text, sizeof text, "%s %s",
			c->question[i].right ? "✓" : chosen ? "▸" : " ",
			question_words(&c->question[i]));
		grid_text(g, b->col, row, b->cols,
			c->question[i].right ? GRID_DIM : chosen ? GRID_BOLD : GRID_NORMAL, text);
	}
	row++;
	if (c->state <= MESSAGE_CALL_IDENTIFIED)
		field(g, b, row, _("The holder's answer"), &p->answer);
	return row + 2;
}

static void card_draw(struct grid *g, const struct grid_box *b, int row,
	const struct message_credential *c, bool chosen, const struct view_model *m)
{
	enum grid_style style = chosen ? GRID_SELECTED : GRID_NORMAL;
	char status[VIEW_SENTENCE_MAX];
	char text[GRID_TEXT_MAX];

	status_words(status, c, m);
	snprintf(text, sizeof text, "%s  %s  %s", c->purpose, c->face_value, c->account);
	if (chosen)
		grid_fill(g, b->col, row, b->cols, 1, ' ', style);
	grid_text(g, b->col + 1, row, b->cols * 3 / 5 - 2, style, text);
	grid_text_right(g, b->col + b->cols * 3 / 5, row, b->cols - b->cols * 3 / 5 - 1, style,
		status);
}

/* As many as there is room for: the chosen one is always among them. */
static int cards_draw(struct grid *g, const struct grid_box *b, const struct view_model *m)
{
	const struct page_service *p = &m->desk->service;
	int row = b->row + 2;
	int room = b->rows - 2 - CARDS_ROWS_BELOW;
	size_t shown = room > 1 ? (size_t)room : 1;
	size_t first = p->card < shown ? 0 : p->card - shown + 1;

	grid_text(g, b->col, b->row, b->cols, GRID_BOLD, p->cards.holder);
	if (p->cards.count == 0)
		grid_text(g, b->col, row++, b->cols, GRID_DIM, _("No cards."));
	for (size_t i = first; i < p->cards.count && i < first + shown; i++)
		card_draw(g, b, row++, &p->cards.list[i], i == p->card, m);
	if (p->cards.more || p->cards.count > first + shown)
		grid_text(g, b->col, row++, b->cols, GRID_WARN,
			_("There are more cards than fit here."));
	return row + 1;
}

static int sure_draw(struct grid *g, const struct grid_box *b, const struct view_model *m)
{
	const struct page_service *p = &m->desk->service;
	const struct message_credential *c = page_service_card(p);
	struct grid_box box = *b;
	char text[GRID_TEXT_MAX];

	if (c != NULL) {
		snprintf(text, sizeof text, "%s: %s  %s  %s", p->cards.holder, c->purpose,
			c->face_value, c->account);
		grid_text(g, b->col, box.row, b->cols, GRID_BOLD, text);
		box.row += 2;
	}
	box.row += grid_wrapped(g, &box, GRID_WARN,
		p->act == SERVICE_VOID
			? _("Make this card void? That is for ever: the holder needs a new one.")
		: p->act == SERVICE_SHOW
			? _("Renew this card, and show the activation code to the holder here? The "
			    "old card stops working at once.")
			: _("Renew this card? The old one stops working at once; the holder gets a "
			    "message."));
	return box.row + 1;
}

void page_service_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	const struct page_service *p = &m->desk->service;
	int row = body->row;

	switch (p->step) {
	case SERVICE_FIND:
		row = find_draw(g, body, p);
		break;
	case SERVICE_ASK:
		row = ask_draw(g, body, p);
		break;
	case SERVICE_CARDS:
		row = cards_draw(g, body, m);
		break;
	case SERVICE_SURE:
		row = sure_draw(g, body, m);
		break;
	case SERVICE_CODE:
		page_service_code_draw(g, body, m); /* has the whole page */
		return;
	}
	last_words(g, body, row, p);
}
