/* SPDX-License-Identifier: Apache-2.0
 *
 * Which screen a phase has, and where it goes.
 */
#include "ui/view.h"

#include "base/text.h"
#include "ui/desk.h"
#include "ui/view_parts.h"

#define PAGE_TITLE_ROWS 3

/* Its title, a row, and what it draws itself. */
static void page_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	const struct page *page = desk_page(m->desk->page);
	struct grid_box in = *body;

	if (page->title[0] != '\0') {
		grid_text(g, in.col, in.row + 1, in.cols, GRID_BOLD, _(page->title));
		in.row += PAGE_TITLE_ROWS;
		in.rows -= PAGE_TITLE_ROWS;
	}
	page->draw(g, &in, m);
}

void view_draw(struct grid *g, const struct view_model *m)
{
	struct grid_box body = {
		.col = VIEW_MARGIN_COLS,
		.row = VIEW_ROWS_ABOVE,
		.cols = g->cols - VIEW_COLS_AROUND,
		.rows = g->rows - VIEW_ROWS_AROUND,
	};

	ASSERT(m->flow);
	grid_clear(g);
	if (m->challenge_whole && view_code_there(m)) {
		view_code_draw(g, m);
		return;
	}
	if (view_history_code_there(m)) {
		view_history_code_draw(g, m);
		return;
	}
	if (g->cols < VIEW_COLS_MIN || g->rows < VIEW_ROWS_MIN) {
		view_small_draw(g, m);
		return;
	}
	if (m->desk != NULL && m->desk->page != DESK_SALE) {
		page_draw(g, &body, m);
		view_frame_draw(g, m);
		return;
	}
	switch (m->flow->phase) {
	case FLOW_WAITING:
	case FLOW_STARTING:
		view_waiting_draw(g, &body, m);
		break;
	case FLOW_NUMBER:
	case FLOW_ANSWERING:
		view_number_draw(g, &body, m);
		break;
	case FLOW_PIN:
	case FLOW_PIN_SENT:
		view_pin_draw(g, &body, m);
		break;
	case FLOW_UNCERTAIN:
	case FLOW_RESULT:
	case FLOW_PHASE_COUNT:
	default:
		view_result_draw(g, &body, m);
		break;
	}
	/* last, so that no content can cover it */
	view_frame_draw(g, m);
}

static int64_t later(int64_t now_ms, int64_t by_ms)
{
	return now_ms > INT64_MAX - by_ms ? INT64_MAX : now_ms + by_ms;
}

int64_t view_next_ms(const struct view_model *m)
{
	const struct flow *f = m->flow;
	int64_t deadline = 0, left;

	if (f->phase == FLOW_NUMBER || f->phase == FLOW_PIN ||
		(f->phase == FLOW_RESULT && f->deadline_ms != INT64_MAX))
		deadline = f->deadline_ms;
	else if (f->phase == FLOW_UNCERTAIN)
		deadline = f->next_ms;
	left = view_left_ms(m, deadline);
	/* the second that is shown changes when a whole number of them is left */
	if (left > 0)
		return later(m->now_ms, (left - 1) % 1000 + 1);
	return m->now_unix_s ? later(m->now_ms, 1000) : INT64_MAX;
}
