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
#define CHALLENGE_QUIET 4      /* white modules around a code, ISO/IEC 18004 */
#define CHALLENGE_SIDE_MAX 177
#define NUMBER_COLS_MIN 48     /* left of a challenge code */
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

static int challenge_whole(const struct view_model *m)
{
	return m->challenge_side + 2 * CHALLENGE_QUIET;
}

static bool has_challenge(const struct view_model *m)
{
	return m->challenge && m->challenge_side > 0 && m->challenge_side <= CHALLENGE_SIDE_MAX &&
		m->flow->phase == FLOW_NUMBER;
}

static bool challenge_fits(const struct view_model *m, int cols, int rows)
{
	return (challenge_whole(m) + 1) / 2 <= rows &&
		challenge_whole(m) + GAP_COLS + NUMBER_COLS_MIN <= cols;
}

/* ---- words ---- */

/* The customer is asked to scan a code that this window has no room for: say which window has. */
static void window_hint(struct view_pen *p)
{
	const struct view_model *m = p->m;
	char text[GRID_TEXT_MAX];

	if (m->flow->notice != REASON_WEAK_BINDING || !has_challenge(m) ||
	    challenge_fits(m, p->window_cols - VIEW_COLS_AROUND, p->rows))
		return;
	snprintf(text, sizeof(text),
		_("To show a code that the wallet can scan, make this window %d x %d."),
		challenge_whole(m) + GAP_COLS + NUMBER_COLS_MIN + VIEW_COLS_AROUND,
		(challenge_whole(m) + 1) / 2 + VIEW_ROWS_AROUND);
	view_pen_centred(p, GRID_WARN, text);
}

static const char *new_code(const struct view_model *m)
{
	return m->reader ? _("and then shows the new code; hold the reader to it")
			 : _("and then holds the new code to the camera");
}

static void number(struct view_pen *p)
{
	bool open = p->m->flow->phase == FLOW_NUMBER;
	char hint[GRID_TEXT_MAX];

	view_hint(hint, p->m);
	view_pen_centred(p, GRID_BOLD, open ? _("The customer types this number into the phone")
					    : _("Checking the phone's answer..."));
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
	window_hint(p);
	view_pen_gap(p, 1);
	view_pen_credential(p);
}

/* ---- challenge code: its picture ---- */

static bool dark(const struct view_model *m, int x, int y)
{
	int side = m->challenge_side;

	x -= CHALLENGE_QUIET;
	y -= CHALLENGE_QUIET;
	return x >= 0 && y >= 0 && x < side && y < side && m->challenge[y * side + x];
}

/* Two modules in a cell, one above the other. */
static void challenge_draw(struct grid *g, int col, int row, const struct view_model *m)
{
	int whole = challenge_whole(m);

	for (int y = 0; y < whole; y += 2)
		for (int x = 0; x < whole; x++) {
			bool top = dark(m, x, y), bottom = dark(m, x, y + 1);

			grid_put(g, col + x, row + y / 2,
				top && bottom ? 0x2588
				: top         ? 0x2580
				: bottom      ? 0x2584
					      : ' ',
				GRID_PAPER);
		}
}

void view_number_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	struct grid_box left = *body;
	int whole = challenge_whole(m);

	if (has_challenge(m) && challenge_fits(m, body->cols, body->rows)) {
		left.cols = body->cols - whole - GAP_COLS;
		challenge_draw(g, body->col + left.cols + GAP_COLS,
			body->row + (body->rows - (whole + 1) / 2) / 2, m);
	}
	view_centre(g, m, &left, number);
}
