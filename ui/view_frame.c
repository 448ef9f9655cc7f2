/* SPDX-License-Identifier: Apache-2.0
 *
 * What surrounds every screen: top bar, sale, step, notice, faults, keys.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/desk.h"
#include "ui/view_parts.h"
#include "ui/words.h"

/* ---- top bar ---- */

/* Puts " text " left of *right and moves *right there. */
static void flag(struct grid *g, int *right, enum grid_style style, const char *text)
{
	int cols = grid_text_columns(text) + 2;

	*right -= cols;
	grid_fill(g, *right, 0, cols, 1, ' ', style);
	grid_text(g, *right + 1, 0, cols - 1, style, text);
}

static void top_bar(struct grid *g, const struct view_model *m)
{
	char text[GRID_TEXT_MAX];
	char clock[VIEW_UNTIL_MAX];
	int right = g->cols;

	grid_fill(g, 0, 0, g->cols, 1, ' ', GRID_TITLE);
	view_time(clock, m, m->now_unix_s);
	if (clock[0])
		flag(g, &right, GRID_TITLE, clock);
	if (m->recording)
		flag(g, &right, GRID_TITLE, _("RECORDING"));
	else if (view_has(m->record_fault))
		flag(g, &right, GRID_WARN_FILL, _("NOT RECORDING"));
	if (m->replay)
		flag(g, &right, GRID_WARN_FILL, _("REPLAY"));
	if (m->simulator)
		flag(g, &right, GRID_WARN_FILL, _("SIMULATOR"));
	snprintf(text, sizeof(text), "countersign%s%s%s%s", view_has(m->terminal_name) ? "  " : "",
		view_has(m->terminal_name) ? m->terminal_name : "",
		view_has(m->issuer_name) ? "  " : "",
		view_has(m->issuer_name) ? m->issuer_name : "");
	grid_text(g, 1, 0, right - 2, GRID_TITLE, text);
}

/* ---- sale and steps ---- */

static void labelled(struct grid *g, int *col, int right, const char *label, const char *value)
{
	if (!view_has(value) || *col >= right)
		return;
	*col += grid_text(g, *col, 1, right - *col, GRID_DIM, label) + 1;
	*col += grid_text(g, *col, 1, right - *col, GRID_NORMAL, value) + 3;
}

static void sale(struct grid *g, const struct view_model *m, int right)
{
	char text[128];
	int col = 2;

	if (view_has(m->amount)) {
		snprintf(text, sizeof(text), "%s %s", m->amount, m->currency ? m->currency : "");
		col += grid_text(g, col, 1, right - col, GRID_BOLD, text) + 3;
	}
	labelled(g, &col, right, _("Reference"), m->reference);
	labelled(g, &col, right, _("Operator"), m->operator_name);
}

static int step_of(enum flow_phase phase)
{
	switch (phase) {
	case FLOW_WAITING:
	case FLOW_STARTING:
		return 1;
	case FLOW_NUMBER:
	case FLOW_ANSWERING:
		return 2;
	case FLOW_PIN:
	case FLOW_PIN_SENT:
		return 3;
	case FLOW_UNCERTAIN:
	case FLOW_RESULT:
	case FLOW_PHASE_COUNT:
		break;
	}
	return 0;
}

/* The verdict as plain text too: for screen readers, braille lines and whoever searches the screen.
 */
static int verdict(struct grid *g, const struct flow *f)
{
	enum verdict v = view_verdict(f);
	bool warn = v == VERDICT_UNCERTAIN || v == VERDICT_UNCONFIRMED;
	enum grid_style style = warn   ? GRID_WARN
		: v == VERDICT_ACCEPTED ? GRID_GOOD
					: GRID_BAD;
	const char *word = words_verdict(v, f->pin_done);
	int col = g->cols - 2 - grid_text_columns(word);

	grid_text(g, col, 1, g->cols - col, style, word);
	return col - 3;
}

/* Draws "1 Card  2 Number  3 PIN" to the right edge; returns the column that is free before it. */
static int steps(struct grid *g, const struct flow *f)
{
	const char *names[] = {_("1 Card"), _("2 Number"), _("3 PIN")};
	int count = f->id[0] && !f->pin_required ? 2 : 3;
	int now = step_of(f->phase);
	int col = g->cols - 2;

	if (!now)
		return verdict(g, f);
	for (int i = count; i >= 1; i--) {
		col -= grid_text_columns(names[i - 1]);
		grid_text(g, col, 1, g->cols - col, i == now ? GRID_BOLD : GRID_DIM, names[i - 1]);
		col -= 3;
	}
	return col;
}

/* ---- notice and faults ---- */

/* What the desk just did, or could not do. */
static void said(struct grid *g, const struct desk *d, int row)
{
	char text[GRID_TEXT_MAX];
	enum grid_style style = d->said_is_fault ? GRID_WARN_FILL : GRID_TITLE;

	snprintf(text, sizeof(text), "%s%s", d->said_is_fault ? "!  " : "", d->said);
	grid_fill(g, 0, row, g->cols, 1, ' ', style);
	grid_text(g, 2, row, g->cols - 4, style, text);
}

static bool is_said(const struct view_model *m)
{
	return m->desk != NULL && view_has(m->desk->said);
}

/* The answer to a key comes first: it is short, and a code that stays in view is still there. */
static void notice(struct grid *g, const struct view_model *m, int row)
{
	const struct flow *f = m->flow;
	char text[GRID_TEXT_MAX], words[VIEW_SENTENCE_MAX];

	if (is_said(m)) {
		said(g, m->desk, row);
		return;
	}
	if (f->notice == REASON_NONE)
		return;
	words_notice_of(words, sizeof(words), f);
	snprintf(text, sizeof(text), "!  %s  %s", words, f->notice_text);
	grid_fill(g, 0, row, g->cols, 1, ' ', GRID_WARN_FILL);
	grid_text(g, 2, row, g->cols - 4, GRID_WARN_FILL, text);
}

static const char *scanner_state(const struct view_model *m)
{
	switch (m->scanner) {
	case VIEW_SCANNER_RESTARTING:
		return m->reader ? _("Reader: starting again") : _("Camera: starting again");
	case VIEW_SCANNER_ENDED:
		/* a film that has ended is no fault of the verdict that came of it */
		if (m->flow->phase == FLOW_RESULT)
			return NULL;
		return _("Camera: no more pictures");
	case VIEW_SCANNER_FAULT:
		return m->reader ? _("Reader: out of order") : _("Camera: out of order");
	case VIEW_SCANNER_STARTING:
	case VIEW_SCANNER_RUNNING:
	case VIEW_SCANNER_PAUSED:
		break;
	}
	return NULL;
}

static void record_fault(struct grid *g, const struct view_model *m, int col, int row)
{
	if (view_has(m->record_fault))
		grid_text(g, col, row, g->cols - 2 - col, GRID_WARN, m->record_fault);
}

/* While a card is waited for the middle of the screen says it. */
static const char *scanner_why(const struct view_model *m)
{
	bool told = m->flow->phase == FLOW_WAITING || m->flow->phase == FLOW_STARTING;

	return m->scanner == VIEW_SCANNER_FAULT && !told ? words_scanner(m->scanner_code, m->reader)
							 : "";
}

static void faults(struct grid *g, const struct view_model *m, int row)
{
	const char *state = scanner_state(m);
	const char *why;
	char text[GRID_TEXT_MAX];
	int col = 2;

	if (!view_has(m->backend_fault) && !state && !m->symbologies_lost &&
		!view_has(m->record_fault)) {
		view_state_draw(g, m, row);
		return;
	}
	if (view_has(m->backend_fault)) {
		snprintf(text, sizeof(text), _("Server: %s"), m->backend_fault);
		/* leave half of the line to the camera when it has something to say too */
		col += grid_text(g, col, row, (state ? g->cols / 2 : g->cols) - 4, GRID_WARN,
			text) + 3;
	}
	if (state) {
		why = scanner_why(m);
		snprintf(text, sizeof(text), why[0] ? _("%s: %s") : "%s%s", state, why);
		col += grid_text(g, col, row, g->cols - 2 - col, GRID_WARN, text) + 3;
	}
	if (m->symbologies_lost)
		col += grid_text(g, col, row, g->cols - 2 - col, GRID_WARN,
			_("Only QR codes are read now.")) + 3;
	/* the row of the notice is larger than what is left of this one */
	if (col > 2 && m->flow->notice == REASON_NONE && !is_said(m))
		record_fault(g, m, 2, row - 1);
	else
		record_fault(g, m, col, row);
}

/* ---- keys ---- */

/* Columns that a key takes in the bar: "  F1  Keys ". */
static int key_cols(const struct page_key *k)
{
	return grid_text_columns(k->name) + 2 + 1 + grid_text_columns(k->does) + 2;
}

static void key(struct grid *g, int col, const struct page_key *k)
{
	int row = g->rows - 1;

	grid_fill(g, col, row, grid_text_columns(k->name) + 2, 1, ' ', GRID_KEY);
	col += 1 + grid_text(g, col + 1, row, g->cols - col - 1, GRID_KEY, k->name) + 2;
	grid_text(g, col, row, g->cols - col, GRID_TITLE, k->does);
}

/* Those that have room, and at which column they begin. */
static size_t bar(const struct grid *g, const struct view_model *m,
	struct page_key keys[static PAGE_KEYS_MAX], int cols[static PAGE_KEYS_MAX])
{
	size_t count = desk_keys(m, keys);
	size_t i;
	int col = 1;

	for (i = 0; i < count && col + key_cols(&keys[i]) - 1 <= g->cols; i++) {
		cols[i] = col;
		col += key_cols(&keys[i]);
	}
	return i;
}

static void key_bar(struct grid *g, const struct view_model *m)
{
	struct page_key keys[PAGE_KEYS_MAX];
	int cols[PAGE_KEYS_MAX];
	size_t count = bar(g, m, keys, cols);

	grid_fill(g, 0, g->rows - 1, g->cols, 1, ' ', GRID_TITLE);
	for (size_t i = 0; i < count; i++)
		key(g, cols[i], &keys[i]);
}

bool view_key_at(const struct grid *g, const struct view_model *m, int col, int row,
	struct page_key *out)
{
	struct page_key keys[PAGE_KEYS_MAX];
	int cols[PAGE_KEYS_MAX];
	size_t count;

	if (row != g->rows - 1 || g->cols < VIEW_COLS_MIN || g->rows < VIEW_ROWS_MIN)
		return false;
	count = bar(g, m, keys, cols);
	for (size_t i = 0; i < count; i++)
		if (col >= cols[i] && col < cols[i] + key_cols(&keys[i]) - 2) {
			*out = keys[i];
			return true;
		}
	return false;
}

void view_frame_draw(struct grid *g, const struct view_model *m)
{
	top_bar(g, m);
	sale(g, m, steps(g, m->flow));
	notice(g, m, g->rows - 3);
	faults(g, m, g->rows - 2);
	key_bar(g, m);
}
