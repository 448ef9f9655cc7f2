/* SPDX-License-Identifier: Apache-2.0
 *
 * PIN and PIN_SENT. The model knows how many digits were typed, not which.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/view_parts.h"

#define SLOT_COLS 4
#define SLOT_ROWS 2
#define SLOT_GAP 2
#define SLOTS_MIN 4 /* shown empty from the start, so that it looks like a place to type */

static void slots(struct view_pen *p)
{
	int typed = p->m->pin_len < 0 ? 0 : p->m->pin_len;
	int count, cols;

	if (typed > VIEW_PIN_LEN_MAX)
		typed = VIEW_PIN_LEN_MAX;
	count = typed < SLOTS_MIN ? SLOTS_MIN : typed;
	cols = count * (SLOT_COLS + SLOT_GAP) - SLOT_GAP;
	for (int i = 0; p->g && i < count; i++) {
		int col = p->col + (p->cols - cols) / 2 + i * (SLOT_COLS + SLOT_GAP);

		if (i < typed)
			grid_fill(p->g, col, p->row, SLOT_COLS, SLOT_ROWS, 0x2588, GRID_NUMBER);
		else
			grid_fill(
				p->g, col, p->row + SLOT_ROWS - 1, SLOT_COLS, 1, 0x2584, GRID_DIM);
	}
	p->row += SLOT_ROWS;
}

/* The try that runs is one of those that are left. */
static void tries(struct view_pen *p)
{
	const struct flow *f = p->m->flow;
	int left = FLOW_PIN_TRIES - f->pin_try + 1;
	char text[GRID_TEXT_MAX];

	/* count of this try, of all, of those that are left with this one */
	snprintf(text, sizeof(text),
		ngettext("Attempt %d of %d: %d try left", "Attempt %d of %d: %d tries left",
			(unsigned long)(left > 0 ? left : 0)),
		f->pin_try, FLOW_PIN_TRIES, left > 0 ? left : 0);
	view_pen_centred(p, f->pin_try > 1 ? GRID_WARN : GRID_NORMAL, text);
	if (left == 1)
		view_pen_centred(
			p, GRID_WARN, _("If it is wrong once more, the payment is refused."));
}

static void content(struct view_pen *p)
{
	bool open = p->m->flow->phase == FLOW_PIN;

	view_pen_centred(p, GRID_BOLD, open ? _("The customer types the account PIN, then Enter")
					    : _("Checking the PIN..."));
	view_pen_gap(p, 2);
	slots(p);
	if (open && p->m->pin_length_wrong) {
		view_pen_centred(p, GRID_WARN, _("A PIN has 4 to 12 digits."));
		view_pen_gap(p, 1);
	} else {
		view_pen_gap(p, 2);
	}
	if (open) {
		view_pen_countdown(p, FLOW_PIN_MS);
		view_pen_gap(p, 1);
		tries(p);
		view_pen_centred(p, GRID_NORMAL,
			p->m->reader ? _("The reader is off while the PIN is typed.")
				     : _("The camera is off while the PIN is typed."));
	} else {
		view_pen_gap(p, 2);
		view_pen_centred(p, GRID_BOLD, _("Do not hand anything out yet."));
		view_pen_gap(p, 1);
	}
	view_pen_gap(p, 1);
	view_pen_credential(p);
}

void view_pin_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	view_centre(g, m, body, content);
}
