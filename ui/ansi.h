/* SPDX-License-Identifier: Apache-2.0
 *
 * A grid as bytes for a terminal that is not ours: ECMA-48 sequences that the Linux console, xterm,
 * tmux and what is built after a VT220 understand. Knows nothing of devices; curses has the
 * operator's terminal, and waits in write() where this one must not.
 */
#ifndef UI_ANSI_H
#define UI_ANSI_H

#include "ui/grid.h"

#define ANSI_ROW_MAX (GRID_COLS_MAX * 40 + 32) /* bytes of one row at most */

/* colours: 0, 8 or 256. */
struct ansi {
	struct grid shown; /* what the terminal shows, as far as it was told */
	int colours;
};

/* Takes the terminal: an empty screen of this size, without a cursor. Also when it has another size
 * now, and when what it shows is not known.
 */
ERR_MUST_CHECK enum err_code ansi_begin(struct ansi *a, struct bytes *out, int cols, int rows,
	struct err *err);
/* Gives it back as it was. */
void ansi_end(struct bytes *out);
void ansi_done(struct ansi *a); /* NULL-safe, also on a zeroed struct */

/* Appends what is needed to show *g, which has the size of ansi_begin(): what changed, row by row,
 * while there is room for a whole one. True: all of it; false: call again when the rest was sent.
 */
bool ansi_draw(struct ansi *a, struct bytes *out, const struct grid *g);

#endif
