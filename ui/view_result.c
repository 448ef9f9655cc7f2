/* SPDX-License-Identifier: Apache-2.0
 *
 * RESULT and UNCERTAIN: a panel across the window with sign and word, below it why and what to do.
 * Sign, word and colour say the same, so that any one of them is enough. Whatever is not exactly
 * ACCEPTED, UNCERTAIN or UNCONFIRMED looks like a refusal.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/view_parts.h"
#include "ui/words.h"

#define PANEL_MARGIN_ROWS 1
#define SIGN_GAP_COLS 3

struct look {
	enum block_sign sign;
	enum grid_style fill;
	const char *word;
};

static struct look look_of(const struct flow *f)
{
	enum verdict v = view_verdict(f);
	struct look look = {BLOCK_CROSS, GRID_BAD_FILL, words_verdict(v, f->pin_done)};

	if (v == VERDICT_ACCEPTED) {
		look.sign = BLOCK_CHECK;
		look.fill = GRID_GOOD_FILL;
	} else if (v == VERDICT_UNCERTAIN) {
		look.sign = BLOCK_QUESTION;
		look.fill = GRID_WARN_FILL;
	} else if (v == VERDICT_UNCONFIRMED) {
		look.sign = BLOCK_WARNING;
		look.fill = GRID_WARN_FILL;
	}
	return look;
}

/* ---- panel ---- */

struct panel {
	struct block_scale scale;
	bool broken;
	bool drawn;   /* the word has pictures */
	int sign_cols, sign_rows;
	struct block_size word;
};

/* The largest scale whose sign and word stand side by side in cols x rows. */
static struct panel panel_fit(const struct look *look, int cols, int rows)
{
	static const int scales[] = {3, 2, 1};
	const struct block_glyph *sign = block_sign(look->sign);
	struct panel p = {.drawn = false};

	for (size_t i = 0; i < 2 * sizeof(scales) / sizeof(scales[0]); i++) {
		p.scale = (struct block_scale){scales[i / 2], scales[i / 2]};
		p.broken = i % 2;
		p.sign_cols = block_cols(sign, p.scale);
		p.sign_rows = block_rows(sign, p.scale);
		p.drawn = block_text_size(&p.word, look->word, p.scale, p.broken);
		if (p.drawn && p.sign_cols + SIGN_GAP_COLS + p.word.cols <= cols &&
		    p.sign_rows <= rows && p.word.rows <= rows)
			return p;
	}
	p.drawn = false;
	p.word = (struct block_size){grid_text_columns(look->word), 1};
	return p;
}

static void panel(struct view_pen *p)
{
	struct look look = look_of(p->m->flow);
	struct panel fit = panel_fit(&look, p->cols, p->rows / 2);
	int rows = fit.sign_rows > fit.word.rows ? fit.sign_rows : fit.word.rows;
	int all = rows + 2 * PANEL_MARGIN_ROWS;
	int col = p->col + (p->cols - fit.sign_cols - SIGN_GAP_COLS - fit.word.cols) / 2;
	int word_col = col + fit.sign_cols + SIGN_GAP_COLS;
	int word_row = p->row + PANEL_MARGIN_ROWS + (rows - fit.word.rows) / 2;

	if (p->g) {
		grid_fill(p->g, 0, p->row, p->g->cols, all, ' ', look.fill);
		block_draw(p->g, col, p->row + PANEL_MARGIN_ROWS + (rows - fit.sign_rows) / 2,
			block_sign(look.sign), fit.scale, look.fill);
		if (fit.drawn)
			block_text_draw(p->g, word_col, word_row, look.word, fit.scale, fit.broken,
				look.fill);
		else
			grid_text(p->g, word_col, word_row, p->cols, look.fill, look.word);
	}
	p->row += all;
}

/* ---- words ---- */

static void accepted(struct view_pen *p)
{
	const struct flow *f = p->m->flow;

	view_pen_centred(p, GRID_BOLD, f->pin_done
			? _("Card, phone and PIN are right. You can finish the sale.")
			: _("Card and phone are right. You can finish the sale."));
	view_pen_gap(p, 1);
	view_pen_detail(p, _("Receipt"), f->receipt);
	view_pen_credential(p);
}

static void refused(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	char text[VIEW_SENTENCE_MAX];

	view_reason(text, p->m);
	view_pen_centred(p, GRID_BOLD, text);
	view_pen_centred(p, GRID_NORMAL,
		words_next_step(view_certificate(p->m)[0] ? REASON_BAD_ANSWER : f->reason));
	if (f->attempts_left >= 0 && f->reason == REASON_WRONG_ANSWER) {
		snprintf(text, sizeof(text), _("Attempts left: %d"), f->attempts_left);
		view_pen_centred(p, GRID_WARN, text);
	}
	view_pen_gap(p, 1);
	view_pen_credential(p);
}

static void uncertain(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	char text[GRID_TEXT_MAX];

	view_pen_centred(p, GRID_BOLD, _("Do not hand anything out yet."));
	view_pen_gap(p, 1);
	if (f->phase == FLOW_UNCERTAIN) {
		view_pen_centred(p, GRID_NORMAL, _("The server's decision did not arrive. It may "
						   "have accepted or refused."));
		if (f->in_flight)
			snprintf(text, sizeof(text), "%s", _("Asking again now..."));
		else
			snprintf(text, sizeof(text), _("Asking again in %d s."),
				view_left_s(p->m, f->next_ms));
		view_pen_centred(p, GRID_NORMAL, text);
		/* how long it is asked at the most */
		view_pen_countdown(p, FLOW_UNCERTAIN_MS);
	} else {
		view_pen_centred(p, GRID_NORMAL,
			_("It is not known what the server decided. Look "
			  "this verification up there before you try again."));
	}
	view_pen_gap(p, 1);
	view_pen_detail(p, _("Verification"), f->id);
	view_pen_credential(p);
}

/* The screen goes back to waiting by itself; after the last frame it stays. */
static void goes_away(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	int left = view_left_s(p->m, f->deadline_ms);
	char text[GRID_TEXT_MAX];

	if (f->phase != FLOW_RESULT || f->deadline_ms == INT64_MAX || view_pen_left(p) < 2)
		return;
	view_pen_gap(p, 1);
	snprintf(text, sizeof(text),
		ngettext("Next customer in %d second", "Next customer in %d seconds",
			(unsigned long)left),
		left);
	view_pen_centred(p, GRID_DIM, text);
}

static void content(struct view_pen *p)
{
	enum verdict v = view_verdict(p->m->flow);

	panel(p);
	view_pen_gap(p, 1);
	if (v == VERDICT_UNCERTAIN)
		uncertain(p);
	else if (v == VERDICT_UNCONFIRMED)
		view_offline_result(p);
	else if (v == VERDICT_ACCEPTED)
		accepted(p);
	else
		refused(p);
	goes_away(p);
}

void view_result_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	view_centre(g, m, body, content);
}
