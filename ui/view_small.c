/* SPDX-License-Identifier: Apache-2.0
 *
 * A window below 80 x 24: one clear message, but number and verdict stay readable as long as there
 * is a row for them. Most important first, because the rest may not fit.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/digits.h"
#include "ui/view_parts.h"
#include "ui/words.h"

static enum grid_style verdict_style(const struct flow *f)
{
	if (view_verdict(f) == VERDICT_UNCERTAIN || view_verdict(f) == VERDICT_UNCONFIRMED)
		return GRID_WARN_FILL;
	return view_verdict(f) == VERDICT_ACCEPTED ? GRID_GOOD_FILL : GRID_BAD_FILL;
}

static void main_line(char *out, size_t out_cap, const struct flow *f)
{
	enum verdict v = view_verdict(f);
	char number[DIGITS_TEXT_MAX];

	switch (f->phase) {
	case FLOW_WAITING:
		snprintf(out, out_cap, "%s", _("Ready for a card"));
		return;
	case FLOW_STARTING:
		snprintf(out, out_cap, "%s", _("Checking the card..."));
		return;
	case FLOW_NUMBER:
		digits_grouped(number, f->number);
		snprintf(out, out_cap, "%s", number);
		return;
	case FLOW_ANSWERING:
		snprintf(out, out_cap, "%s", _("Checking the phone's answer..."));
		return;
	case FLOW_PIN:
		snprintf(out, out_cap, "%s", _("PIN"));
		return;
	case FLOW_PIN_SENT:
		snprintf(out, out_cap, "%s", _("Checking the PIN..."));
		return;
	case FLOW_UNCERTAIN:
	case FLOW_RESULT:
	case FLOW_PHASE_COUNT:
		break;
	}
	snprintf(out, out_cap, "%s %s",
		v == VERDICT_ACCEPTED    ? "\xe2\x88\x9a" /* U+221A, also on the console */
		: v == VERDICT_UNCERTAIN ? "?"
		: v == VERDICT_UNCONFIRMED ? "!"
					 : "X",
		words_verdict(v, f->pin_done));
}

/* One more line, as far as there are rows. */
static void line(struct grid *g, int *row, enum grid_style style, const char *text)
{
	if (!text[0] || *row >= g->rows)
		return;
	*row += grid_wrapped(g,
		&(struct grid_box){.row = *row, .cols = g->cols, .rows = g->rows - *row}, style,
		text);
}

/* What was typed, masked, and the time that is left for the rest. */
static void typed(char out[static GRID_TEXT_MAX], const struct view_model *m)
{
	char stars[VIEW_PIN_LEN_MAX + 3] = "";
	char left[32];
	int i;

	for (i = 0; i < m->pin_len && i < VIEW_PIN_LEN_MAX; i++)
		stars[i] = '*';
	if (i > 0)
		stars[i] = stars[i + 1] = ' ';
	snprintf(left, sizeof(left), _("%d s"), view_left_s(m, m->flow->deadline_ms));
	snprintf(out, GRID_TEXT_MAX, "%s%s", stars, left);
}

static void more(struct grid *g, int *row, const struct view_model *m)
{
	const struct flow *f = m->flow;
	char text[GRID_TEXT_MAX] = "";
	char reason[VIEW_SENTENCE_MAX];

	if (f->phase == FLOW_NUMBER)
		snprintf(text, sizeof(text), _("%d s"), view_left_s(m, f->deadline_ms));
	else if (f->phase == FLOW_PIN)
		typed(text, m);
	line(g, row, GRID_NUMBER, text);
	if (f->phase == FLOW_PIN && m->pin_length_wrong)
		line(g, row, GRID_WARN, _("A PIN has 4 to 12 digits."));
	view_hint(text, m);
	line(g, row, GRID_WARN, text);
	if (view_verdict(f) == VERDICT_UNCERTAIN)
		line(g, row, GRID_BOLD, _("Do not hand anything out yet."));
	else if (f->phase == FLOW_RESULT) {
		view_reason(reason, m);
		line(g, row, GRID_BOLD, view_verdict(f) == VERDICT_ACCEPTED ? f->receipt : reason);
	}
	if (f->notice != REASON_NONE) {
		words_notice_of(text, sizeof(text), f);
		line(g, row, GRID_WARN, text);
	}
}

void view_small_draw(struct grid *g, const struct view_model *m)
{
	const struct flow *f = m->flow;
	bool verdict = f->phase >= FLOW_UNCERTAIN;
	char text[GRID_TEXT_MAX];
	struct grid_box box = {.cols = g->cols, .rows = g->rows - 3};
	int row = 0;

	if (f->phase == FLOW_NUMBER)
		row = digits_draw(g, &box, GRID_NUMBER, f->number);
	if (row == 0) {
		main_line(text, sizeof(text), f);
		if (verdict)
			grid_fill(g, 0, 0, g->cols, 1, ' ', verdict_style(f));
		row = 1;
		grid_text(g, 0, 0, g->cols, verdict ? verdict_style(f) : GRID_BOLD, text);
	}
	if (m->simulator)
		line(g, &row, GRID_WARN_FILL, _("SIMULATOR"));
	if (m->replay)
		line(g, &row, GRID_WARN_FILL, _("REPLAY"));
	more(g, &row, m);
	if (view_has(m->record_fault))
		line(g, &row, GRID_WARN, m->record_fault);
	snprintf(text, sizeof(text), _("Window too small: %d x %d needed."), VIEW_COLS_MIN,
		VIEW_ROWS_MIN);
	line(g, &row, GRID_WARN, text);
}
