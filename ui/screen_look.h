/* SPDX-License-Identifier: Apache-2.0
 *
 * What the styles of a grid look like, in each theme. Knows no terminal: colours are the numbers of
 * the 8 and of the 256 that terminals have in common.
 *
 *   standard       the terminal's own colours, with coloured verdicts
 *   high-contrast  black and white and strong colours only, nothing dim: at least 7 to 1 (WCAG 2.2,
 *                  1.4.6) with 256 colours
 *   no-colour      bold, underlined and reversed only
 *
 * In every theme a verdict has a sign and a word of its own, too.
 */
#ifndef UI_SCREEN_LOOK_H
#define UI_SCREEN_LOOK_H

#include <stdbool.h>

#include "ui/grid.h"

/* X(enum, word) */
#define SCREEN_THEME_LIST(X)                                                                       \
	X(SCREEN_THEME_USUAL, "") /* nobody said: standard, or none where NO_COLOR is set */       \
	X(SCREEN_THEME_STANDARD, "standard")                                                       \
	X(SCREEN_THEME_HIGH_CONTRAST, "high-contrast")                                             \
	X(SCREEN_THEME_NO_COLOUR, "no-colour")

enum screen_theme {
#define SCREEN_THEME_ENUM(name, word) name,
	SCREEN_THEME_LIST(SCREEN_THEME_ENUM)
#undef SCREEN_THEME_ENUM
	SCREEN_THEME_COUNT
};
/* False: no such word. */
bool screen_theme_of(enum screen_theme *out, const char *word);

enum { /* bits of a look */
	SCREEN_LOOK_BOLD = 1,
	SCREEN_LOOK_DIM = 2,
	SCREEN_LOOK_UNDERLINE = 4,
	SCREEN_LOOK_REVERSE = 8
};

struct screen_look {
	unsigned char mono;   /* bits, without colours */
	unsigned char attr;   /* bits, with colours */
	short ink8, ground8;  /* 0-7: black red green yellow blue magenta cyan white; -1 = the
			       * terminal's own */
	short ink256, ground256;
};

/* Of a number out of range: that of GRID_NORMAL. */
const struct screen_look *screen_look(enum screen_theme theme, unsigned style);

#endif
