/* SPDX-License-Identifier: Apache-2.0
 *
 * NUMBER and ANSWERING: the digits above all, then the time, then who is answering. Where the
 * window is large enough the challenge code stands beside them.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/digits.h"
#include "ui/view_parts.h"

#define ROWS_BESIDES_DIGITS 10 /* headings, bar, three details, gaps */
#define NUMBER_COLS_MIN 43     /* left of a challenge code: six digits, and words */
#define GAP_COLS 3

/* ---- number ---- */

static void digits(struct view_pen *p)
{
	bool open = p->m->flow->phase == FLOW_NUMBER;
	/* the margins too: ten digits need them in 80 columns */
	struct grid_box box = {.col = p->col - 1, .row = p->row, .cols = p->cols + 2};
	struct digits_size size;

	box.rows = p->rows - ROWS_BESIDES_DIGITS;
	if (box.rows < DIGITS_ROWS_MIN)
		box.rows = DIGITS_ROWS_MIN;
	size = digits_fit(p->m->flow->number, box.cols, box.rows);
	if (size.rows == 0) {
		char text[DIGITS_TEXT_MAX];

		digits_grouped(text, p->m->flow->number);
		view_pen_centred(p, GRID_NUMBER, text);
		return;
	}
	if (p->g)
		digits_draw(p->g, &box, open ? GRID_NUMBER : GRID_DIM, p->m->flow->number);
	p->row += size.rows;
}

/* ---- challenge code: where it fits ---- */

static bool challenge_fits_in(struct qr_fit *out, const struct view_model *m, int cols, int rows,
	int most)
{
	return qr_grid_fit(out, m->challenge_side, m->cell, most, rows, QR_GRID_QUIET) &&
		digits_fit(m->flow->number, cols - out->cols - GAP_COLS, rows).rows >=
			DIGITS_ROWS_MIN;
}

/* Beside the number, which stays large. It takes more than half of the place only where it would
 * not be there at all.
 */
static bool challenge_fits(struct qr_fit *out, const struct view_model *m, int cols, int rows)
{
	return view_code_there(m) &&
		(challenge_fits_in(out, m, cols, rows, cols / 2) ||
			challenge_fits_in(out, m, cols, rows, cols - GAP_COLS - NUMBER_COLS_MIN));
}

/* ---- words ---- */

/* The customer has to scan the code, and this window has no room for it beside the number. */
static void scan_hint(struct view_pen *p)
{
	if (p->m->flow->notice == REASON_WEAK_BINDING)
		view_pen_centred(p, GRID_WARN,
			_("F5 shows the code that the wallet scans, as large as the window."));
}

static const char *new_code(const struct view_model *m)
{
	return m->reader ? _("and then shows the new code; hold the reader to it")
			 : _("and then holds the new code to the camera");
}

static const char *heading(const struct view_model *m, bool beside)
{
	if (m->flow->phase != FLOW_NUMBER)
		return _("Checking the phone's answer...");
	return beside ? _("The customer types this number into the phone, or scans the code")
		      : _("The customer types this number into the phone");
}

static void number(struct view_pen *p)
{
	bool open = p->m->flow->phase == FLOW_NUMBER;
	struct qr_fit fit;
	bool beside = challenge_fits(&fit, p->m, p->window_cols - VIEW_COLS_AROUND, p->rows);
	char hint[GRID_TEXT_MAX];

	view_hint(hint, p->m);
	view_pen_centred(p, GRID_BOLD, heading(p->m, beside));
	view_pen_gap(p, 1);
	digits(p);
	view_pen_gap(p, 1);
	if (open)
		view_pen_countdown(p, p->m->flow->number_ms);
	else
		view_pen_gap(p, 1);
	view_pen_gap(p, 1);
	if (hint[0])
		view_pen_centred(p, GRID_WARN_FILL, hint);
	else
		view_pen_centred(p, GRID_BOLD, open ? new_code(p->m)
						    : _("Do not hand anything out yet."));
	if (view_code_there(p->m) && !beside)
		scan_hint(p);
	view_pen_gap(p, 1);
	view_pen_credential(p);
}

void view_number_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	struct grid_box left = *body;
	struct qr_fit fit;

	if (challenge_fits(&fit, m, body->cols, body->rows)) {
		left.cols = body->cols - fit.cols - GAP_COLS;
		qr_grid_draw(g, body->col + left.cols + GAP_COLS,
			body->row + (body->rows - fit.rows) / 2, &fit, m->challenge,
			m->challenge_side);
	}
	view_centre(g, m, &left, number);
}
