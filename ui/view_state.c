/* SPDX-License-Identifier: Apache-2.0
 *
 * One row that says how camera, server and clock are, and what was done today, while nothing is
 * wrong; faults have the row otherwise.
 */
#include <stdio.h>

#include "base/text.h"
#include "ui/view_parts.h"

#define GAP_COLS 3

static const char *camera(const struct view_model *m)
{
	switch (m->scanner) {
	case VIEW_SCANNER_STARTING:
		return _("starting");
	case VIEW_SCANNER_PAUSED:
		return _("off");
	case VIEW_SCANNER_RUNNING:
		return _("ready");
	case VIEW_SCANNER_RESTARTING:
	case VIEW_SCANNER_ENDED:
	case VIEW_SCANNER_FAULT:
		break;
	}
	return "";
}

static int state(struct grid *g, int col, int row, const char *label, const char *word)
{
	char text[GRID_TEXT_MAX];

	if (word[0] == '\0')
		return col;
	snprintf(text, sizeof(text), "%s %s", label, word);
	return col + grid_text(g, col, row, g->cols - 2 - col, GRID_DIM, text) + GAP_COLS;
}

static bool clock_is_wrong(const struct view_model *m)
{
	return m->clock_known && (m->clock_ahead_s >= VIEW_CLOCK_WRONG_S ||
					 m->clock_ahead_s <= -VIEW_CLOCK_WRONG_S);
}

/* Codes of phones are told apart by their time: with a wrong clock they are refused. */
static int clock_state(struct grid *g, int col, int row, const struct view_model *m)
{
	char text[GRID_TEXT_MAX];
	int64_t s = m->clock_ahead_s < 0 ? -m->clock_ahead_s : m->clock_ahead_s;

	if (!clock_is_wrong(m))
		return m->clock_known ? state(g, col, row, _("Clock:"), _("right")) : col;
	if (s < 120)
		snprintf(text, sizeof(text),
			m->clock_ahead_s > 0 ? _("Clock: %d s ahead, set it")
					     : _("Clock: %d s behind, set it"),
			(int)s);
	else
		snprintf(text, sizeof(text),
			m->clock_ahead_s > 0 ? _("Clock: %d min ahead, set it")
					     : _("Clock: %d min behind, set it"),
			s / 60 > 1000000 ? 1000000 : (int)(s / 60));
	return col + grid_text(g, col, row, g->cols - 2 - col, GRID_WARN, text) + GAP_COLS;
}

static void today(struct grid *g, int col, int row, const struct view_model *m)
{
	char text[GRID_TEXT_MAX];

	if (m->today < 0)
		return;
	snprintf(text, sizeof(text), _("Today: %d"), m->today);
	if (col + grid_text_columns(text) <= g->cols - 2)
		grid_text_right(g, col, row, g->cols - 2 - col, GRID_DIM, text);
}

void view_state_draw(struct grid *g, const struct view_model *m, int row)
{
	int col = VIEW_MARGIN_COLS;

	col = state(g, col, row, m->reader ? _("Reader:") : _("Camera:"), camera(m));
	col = state(g, col, row, _("Server:"), m->server_heard ? _("ready") : _("connecting"));
	col = clock_state(g, col, row, m);
	if (m->display_lost)
		col += grid_text(g, col, row, g->cols - 2 - col, GRID_WARN,
			_("Display: not there")) + GAP_COLS;
	today(g, col, row, m);
}
