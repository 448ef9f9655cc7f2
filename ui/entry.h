/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that is typed: text of one row, edited at a cursor. A secret one lives in secret memory
 * and is drawn as dots. What cannot be shown safely is not taken.
 */
#ifndef UI_ENTRY_H
#define UI_ENTRY_H

#include "crypto/crypto.h"
#include "ui/grid.h"
#include "ui/screen.h"

#define ENTRY_BYTES_MAX 256 /* of a text, without its NUL */

struct entry {
	char *text; /* always ended by NUL */
	size_t max; /* bytes that fit */
	size_t len, cursor; /* bytes; the cursor stands before a character */
	struct secret *secret; /* where the text lives; NULL: in storage */
	char storage[ENTRY_BYTES_MAX + 1];
};

/* max: 1 .. ENTRY_BYTES_MAX. Must not be copied afterwards. */
void entry_init(struct entry *e, size_t max);
ERR_MUST_CHECK enum err_code entry_init_secret(struct entry *e, size_t max, struct err *err);
void entry_done(struct entry *e); /* wipes; also on a zeroed struct */

void entry_clear(struct entry *e); /* wipes */
/* As much of it as fits and can be shown. */
void entry_set(struct entry *e, const char *text);
/* True: the key was for the line, whether it changed it or not. Enter, Esc, Tab and the function
 * keys are the page's.
 */
bool entry_key(struct entry *e, const struct screen_input *in);

/* In cols columns, the part around the cursor; with the cursor when the line has the focus. */
void entry_draw(struct grid *g, int col, int row, int cols, const struct entry *e, bool focus);

#endif
