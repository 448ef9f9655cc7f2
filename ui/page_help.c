/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of the page behind, one a line; any key goes back to it.
 */
#include "ui/page_help.h"

#include <string.h>

#include "base/text.h"
#include "ui/desk.h"

#define GAP_COLS 3

static bool help_key(struct desk *d, const struct screen_input *in)
{
	enum desk_page behind = d->behind;

	if (in->key == SCREEN_KEY_OTHER || in->key == SCREEN_KEY_REDRAW)
		return true;
	d->page = behind;
	/* what the list says can be typed from the list; Esc, F1 and Enter only leave it */
	if (in->key >= SCREEN_KEY_F2 && in->key <= SCREEN_KEY_F12)
		desk_key(d, in);
	return true;
}

static size_t help_keys(const struct view_model *m, struct page_key out[static PAGE_KEYS_MAX])
{
	(void)m;
	out[0] = (struct page_key){.key = SCREEN_KEY_ESCAPE, .name = "Esc", .does = _("Back")};
	return 1;
}

static void help_draw(struct grid *g, const struct grid_box *body, const struct view_model *m)
{
	struct page_key keys[PAGE_KEYS_MAX];
	size_t count = desk_keys_of(m, m->desk->behind, keys);
	int names = 0;
	int row = body->row;

	for (size_t i = 0; i < count; i++)
		if (grid_text_columns(keys[i].name) > names)
			names = grid_text_columns(keys[i].name);
	for (size_t i = 0; i < count && row < body->row + body->rows; i++, row++) {
		int col = body->col;

		grid_fill(g, col, row, names + 2, 1, ' ', GRID_KEY);
		grid_text(g, col + 1, row, names, GRID_KEY, keys[i].name);
		col += names + 2 + GAP_COLS;
		grid_text(g, col, row, body->col + body->cols - col, GRID_BOLD, keys[i].does);
		/* a line between them where there is room: the eye finds them faster */
		if ((int)count * 2 <= body->rows)
			row++;
	}
}

const struct page page_help = {
	.title = N_("What the keys do"), .key = help_key, .keys = help_keys, .draw = help_draw};
