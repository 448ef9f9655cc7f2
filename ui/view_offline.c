/* SPDX-License-Identifier: Apache-2.0
 *
 * What is shown of a server out of reach: the verdict UNCONFIRMED, which nobody may take for an
 * acceptance, and what was written down meanwhile.
 */
#include "base/text.h"
#include "ui/view_parts.h"
#include "ui/words.h"

void view_offline_result(struct view_pen *p)
{
	const struct flow *f = p->m->flow;

	view_pen_centred(p, GRID_BOLD, words_reason(f->reason));
	view_pen_centred(p, GRID_BOLD, words_next_step(f->reason));
	view_pen_gap(p, 1);
	view_pen_centred(p, GRID_NORMAL,
		_("Only the card's signature was checked here: not the phone, and no PIN."));
}
