/* SPDX-License-Identifier: Apache-2.0
 *
 * The challenge code alone, as large as the window allows: beside or below it the little that must
 * be said on every screen, and the number for a phone that does not read it all the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/digits.h"
#include "ui/view_parts.h"

#define SIDE_COLS 24 /* words beside the code: at least */
#define BELOW_ROWS 6 /* words below it */
#define GAP_COLS 2

bool view_code_there(const struct view_model *m)
{
	return m->challenge && m->challenge_side > 0 && m->challenge_side <= QR_GRID_SIDE_MAX &&
		m->flow->phase == FLOW_NUMBER;
}

/* ---- words ---- */

static void flags(struct view_pen *p)
{
	if (p->m->simulator)
		view_pen_text(p, GRID_WARN_FILL, _("SIMULATOR"));
	if (p->m->replay)
		view_pen_text(p, GRID_WARN_FILL, _("REPLAY"));
	if (p->m->recording)
		view_pen_text(p, GRID_NORMAL, _("RECORDING"));
	else if (view_has(p->m->record_fault)) {
		view_pen_text(p, GRID_WARN_FILL, _("NOT RECORDING"));
		view_pen_text(p, GRID_WARN, p->m->record_fault);
	}
}

static void words(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	char number[DIGITS_TEXT_MAX], text[GRID_TEXT_MAX];

	digits_grouped(number, f->number);
	snprintf(text, sizeof(text), "%s   ", number);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), _("%d s"),
		view_left_s(p->m, f->deadline_ms));
	view_pen_text(p, GRID_BOLD, _("The customer scans this code with the wallet"));
	view_pen_gap(p, p->rows > BELOW_ROWS);
	view_pen_text(p, GRID_NUMBER, text);
	view_pen_gap(p, p->rows > BELOW_ROWS);
	if (view_has(p->m->amount)) {
		snprintf(text, sizeof(text), "%s %s", p->m->amount,
			p->m->currency ? p->m->currency : "");
		view_pen_text(p, GRID_BOLD, text);
	}
	view_pen_gap(p, p->rows > BELOW_ROWS);
	view_pen_text(p, GRID_DIM, _("F5 or Esc: back"));
}

static struct view_pen pen(struct grid *g, const struct view_model *m, const struct grid_box *box)
{
	return (struct view_pen){
		.g = g,
		.m = m,
		.col = box->col,
		.cols = box->cols,
		.row = box->row,
		.bottom = box->row + box->rows,
		.rows = box->rows,
		.window_cols = g->cols,
	};
}

static void words_draw(struct grid *g, const struct view_model *m, const struct grid_box *box)
{
	struct view_pen p = pen(g, m, box);

	flags(&p);
	words(&p);
}

/* ---- code ---- */

static void too_small(struct grid *g, const struct view_model *m)
{
	struct grid_box box = {.cols = g->cols, .rows = g->rows};
	struct view_pen p = pen(g, m, &box);
	struct qr_fit fit;
	char text[GRID_TEXT_MAX];

	qr_grid_smallest(&fit, m->challenge_side, m->cell, QR_GRID_QUIET_LEAST);
	snprintf(text, sizeof(text),
		_("To show a code that the wallet can scan, make this window %d x %d."),
		fit.cols + SIDE_COLS + GAP_COLS, fit.rows);
	flags(&p);
	view_pen_text(&p, GRID_WARN, text);
	view_pen_gap(&p, 1);
	words(&p);
}

/* Larger modules first, then a wider quiet zone. */
static bool worse(const struct qr_fit *a, const struct qr_fit *b)
{
	if (a->module_halves != b->module_halves)
		return a->module_halves < b->module_halves;
	return a->quiet < b->quiet;
}

void view_code_draw(struct grid *g, const struct view_model *m)
{
	struct qr_fit beside, above;
	struct grid_box box = {.cols = g->cols, .rows = g->rows};

	qr_grid_fit(&beside, m->challenge_side, m->cell, g->cols - SIDE_COLS - GAP_COLS, g->rows,
		QR_GRID_QUIET_LEAST);
	qr_grid_fit(&above, m->challenge_side, m->cell, g->cols, g->rows - BELOW_ROWS,
		QR_GRID_QUIET_LEAST);
	if (worse(&beside, &above)) {
		box.row = above.rows;
		box.rows = g->rows - box.row;
		qr_grid_draw(g, (g->cols - above.cols) / 2, 0, &above, m->challenge,
			m->challenge_side);
	} else if (beside.cols > 0) {
		box.cols = g->cols - beside.cols - GAP_COLS;
		qr_grid_draw(g, box.cols + GAP_COLS, (g->rows - beside.rows) / 2, &beside,
			m->challenge, m->challenge_side);
	} else {
		too_small(g, m);
		return;
	}
	words_draw(g, m, &box);
}
