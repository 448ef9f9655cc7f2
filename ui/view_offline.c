/* SPDX-License-Identifier: Apache-2.0
 *
 * What is shown of a server out of reach: the verdict UNCONFIRMED, which nobody may take for an
 * acceptance, and what was written down meanwhile.
 */
#include <stdio.h>

#include "base/text.h"
#include "base/local.h"
#include "ui/view_parts.h"
#include "ui/words.h"

#define WARN_ROWS 4 /* of most warnings, in the narrow column beside the preview */

void view_offline_result(struct view_pen *p)
{
	const struct flow *f = p->m->flow;

	view_pen_centred(p, GRID_BOLD, words_reason(f->reason));
	view_pen_centred(p, GRID_BOLD, words_next_step(f->reason));
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_NORMAL,
		_("Only the card's signature was checked here: not the phone, and no PIN."));
}

/* ---- while no card is looked at ---- */

/* An empty row before it, unless the words of a small window need it. */
static void warn(struct view_pen *p, const char *text)
{
	if (view_pen_left(p) > WARN_ROWS)
		view_pen_gap(p, 1);
	view_pen_text(p, GRID_WARN, text);
}

static void out_of_reach(struct view_pen *p)
{
	const struct offline_view *o = &p->m->offline;
	char text[GRID_TEXT_MAX], amount[LOCAL_AMOUNT_MAX];

	if (!o->ready) {
		warn(p, _("The server is out of reach: no card can be checked. The next card "
			  "tries it again."));
		return;
	}
	local_amount(amount, o->amount_max, o->currency);
	snprintf(text, sizeof(text),
		_("The server is out of reach. Up to %s %s is written down without being "
		  "confirmed."),
		amount, o->currency);
	warn(p, text);
}

void view_offline_waiting(struct view_pen *p)
{
	const struct offline_view *o = &p->m->offline;
	char text[GRID_TEXT_MAX];

	if (view_has(p->m->backend_fault))
		out_of_reach(p);
	if (view_has(o->damage)) {
		snprintf(text, sizeof(text),
			_("The journal of unconfirmed payments is damaged (%s). A supervisor must "
			  "look: countersign offline."),
			o->damage);
		warn(p, text);
	}
	if (o->conflicts > 0) {
		snprintf(text, sizeof(text),
			ngettext("%d unconfirmed payment was not accepted afterwards. A supervisor "
				 "must look: countersign offline.",
				"%d unconfirmed payments were not accepted afterwards. A "
				"supervisor must look: countersign offline.",
				(unsigned long)o->conflicts),
			o->conflicts);
		warn(p, text);
	}
	if (o->open > 0) {
		snprintf(text, sizeof(text),
			ngettext("%d unconfirmed payment is not sent yet.",
				"%d unconfirmed payments are not sent yet.",
				(unsigned long)o->open),
			o->open);
		warn(p, text);
	}
}
