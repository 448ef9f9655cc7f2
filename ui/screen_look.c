/* SPDX-License-Identifier: Apache-2.0
 *
 * The themes.
 */
#include "ui/screen_look.h"

#include <string.h>

#define PLAIN     0
#define BOLD      SCREEN_LOOK_BOLD
#define DIM       SCREEN_LOOK_DIM
#define UNDERLINE SCREEN_LOOK_UNDERLINE
#define REVERSE   SCREEN_LOOK_REVERSE

enum {
	OWN = -1,
	BLACK = 0,
	RED = 1,
	GREEN = 2,
	YELLOW = 3,
	BLUE = 4,
	CYAN = 6,
	WHITE = 7
};

static const struct screen_look STANDARD[GRID_STYLE_COUNT] = {
	[GRID_NORMAL] = {PLAIN, PLAIN, OWN, OWN, OWN, OWN},
	[GRID_DIM] = {DIM, PLAIN, OWN, OWN, 244, OWN},
	[GRID_BOLD] = {BOLD, BOLD, OWN, OWN, OWN, OWN},
	[GRID_TITLE] = {REVERSE, PLAIN, WHITE, BLUE, 254, 236},
	[GRID_KEY] = {BOLD, PLAIN, BLACK, WHITE, 16, 250},
	[GRID_GOOD] = {BOLD, BOLD, GREEN, OWN, 34, OWN},
	[GRID_BAD] = {BOLD, BOLD, RED, OWN, 160, OWN},
	[GRID_WARN] = {BOLD, BOLD, YELLOW, OWN, 172, OWN},
	[GRID_GOOD_FILL] = {REVERSE, BOLD, WHITE, GREEN, 231, 28},
	[GRID_BAD_FILL] = {REVERSE, BOLD, WHITE, RED, 231, 124},
	[GRID_WARN_FILL] = {REVERSE, PLAIN, BLACK, YELLOW, 16, 214},
	[GRID_NUMBER] = {BOLD, BOLD, OWN, OWN, OWN, OWN},
	[GRID_PREVIEW] = {PLAIN, PLAIN, WHITE, BLACK, 231, 16},
	[GRID_PAPER] = {REVERSE, PLAIN, BLACK, WHITE, 16, 231},
	[GRID_FIELD] = {UNDERLINE, PLAIN, WHITE, BLUE, 231, 238},
	[GRID_FIELD_OTHER] = {UNDERLINE, UNDERLINE, OWN, OWN, OWN, OWN},
	[GRID_CURSOR] = {REVERSE, REVERSE, WHITE, BLUE, 231, 238},
	[GRID_SELECTED] = {REVERSE, BOLD, BLACK, CYAN, 16, 153},
};

/* On the Linux console bold makes the eight colours bright, and black grey: never bold on black
 * letters. Its yellow is brown, which nothing reads well on.
 */
static const struct screen_look HIGH_CONTRAST[GRID_STYLE_COUNT] = {
	[GRID_NORMAL] = {PLAIN, BOLD, WHITE, BLACK, 231, 16},
	[GRID_DIM] = {PLAIN, PLAIN, WHITE, BLACK, 231, 16},
	[GRID_BOLD] = {BOLD, BOLD, WHITE, BLACK, 231, 16},
	[GRID_TITLE] = {REVERSE, PLAIN, BLACK, WHITE, 16, 231},
	[GRID_KEY] = {BOLD, BOLD, WHITE, BLACK, 231, 16},
	[GRID_GOOD] = {BOLD, BOLD, GREEN, BLACK, 46, 16},
	[GRID_BAD] = {BOLD, BOLD, WHITE, RED, 231, 88},
	[GRID_WARN] = {BOLD, BOLD, YELLOW, BLACK, 226, 16},
	[GRID_GOOD_FILL] = {REVERSE, PLAIN, BLACK, GREEN, 16, 46},
	[GRID_BAD_FILL] = {REVERSE, BOLD, WHITE, RED, 231, 88},
	[GRID_WARN_FILL] = {REVERSE, BOLD, YELLOW, BLUE, 16, 226},
	[GRID_NUMBER] = {BOLD, BOLD, WHITE, BLACK, 231, 16},
	[GRID_PREVIEW] = {PLAIN, PLAIN, WHITE, BLACK, 231, 16},
	[GRID_PAPER] = {REVERSE, PLAIN, BLACK, WHITE, 16, 231},
	[GRID_FIELD] = {UNDERLINE, PLAIN, BLACK, WHITE, 16, 231},
	[GRID_FIELD_OTHER] = {UNDERLINE, UNDERLINE | BOLD, WHITE, BLACK, 231, 16},
	[GRID_CURSOR] = {REVERSE, BOLD, YELLOW, BLUE, 16, 226},
	[GRID_SELECTED] = {REVERSE, PLAIN, BLACK, CYAN, 16, 51},
};

bool screen_theme_of(enum screen_theme *out, const char *word)
{
	static const char *const WORDS[] = {
#define SCREEN_THEME_WORD(name, word) word,
		SCREEN_THEME_LIST(SCREEN_THEME_WORD)
#undef SCREEN_THEME_WORD
	};

	for (int i = SCREEN_THEME_STANDARD; i < SCREEN_THEME_COUNT; i++) {
		if (strcmp(WORDS[i], word) != 0)
			continue;
		*out = (enum screen_theme)i;
		return true;
	}
	return false;
}

const struct screen_look *screen_look(enum screen_theme theme, unsigned style)
{
	const struct screen_look *looks =
		theme == SCREEN_THEME_HIGH_CONTRAST ? HIGH_CONTRAST : STANDARD;

	return &looks[style < GRID_STYLE_COUNT ? style : GRID_NORMAL];
}
