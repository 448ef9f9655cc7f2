/* SPDX-License-Identifier: Apache-2.0
 *
 * The real terminal. screen_curses.c is the only file that includes ncurses. There is one screen in
 * a process, so there is no object. Nothing here waits.
 *
 * While the screen is open nothing else may write to the terminal: log_set_fd(-1) or to a file.
 * screen_close() belongs into the assert hook.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/screen_look.h"

enum screen_key {
	SCREEN_KEY_NONE,      /* nothing was typed */
	SCREEN_KEY_CHARACTER, /* one that can be shown; digits of an input method are plain ones */
	SCREEN_KEY_BACKSPACE,
	SCREEN_KEY_DELETE,
	SCREEN_KEY_ENTER,
	SCREEN_KEY_ESCAPE,
	SCREEN_KEY_TAB,
	SCREEN_KEY_BACKTAB,
	SCREEN_KEY_UP,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_LEFT,
	SCREEN_KEY_RIGHT,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_CLICK,      /* left button, at col and row of the window */
	SCREEN_KEY_WHEEL_UP,
	SCREEN_KEY_WHEEL_DOWN,
	SCREEN_KEY_REDRAW,    /* Ctrl-L: screen_redraw() was called already */
	SCREEN_KEY_RESIZE,    /* the window has another size: resize the grid, draw again */
	SCREEN_KEY_CLOSED,    /* the terminal is gone: end */
	SCREEN_KEY_OTHER,
	SCREEN_KEY_F1 = 32,
	SCREEN_KEY_F2,
	SCREEN_KEY_F3,
	SCREEN_KEY_F4,
	SCREEN_KEY_F5,
	SCREEN_KEY_F6,
	SCREEN_KEY_F7,
	SCREEN_KEY_F8,
	SCREEN_KEY_F9,
	SCREEN_KEY_F10,
	SCREEN_KEY_F11,
	SCREEN_KEY_F12
};

struct screen_input {
	enum screen_key key;
	uint32_t character; /* CHARACTER: code point; else 0 */
	int col, row;       /* CLICK, WHEEL */
	int64_t at_ms;      /* of the machine's monotonic clock, when it was read; 0 = not known */
};

enum screen_bell {
	SCREEN_BELL_NONE,
	SCREEN_BELL_ACCEPTED = 1,  /* one beep */
	SCREEN_BELL_REFUSED = 2,   /* two, also for VERDICT_NONE */
	SCREEN_BELL_UNCERTAIN = 3  /* three */
};
#define SCREEN_BELL_PAUSE_MS 180 /* between two beeps of one signal */

struct screen_options {
	bool no_colour; /* --no-colour; the environment's NO_COLOR does the same where no theme is
			 * said */
	enum screen_theme theme;
	bool no_bell;
};

/* Takes standard input and output. The locale must be set (text_init()).
 * Returns: ERR_OK; ERR_UNSUPPORTED with words when they are no terminal, TERM is unknown, or the
 * locale is not UTF-8. On error the terminal is as it was.
 */
ERR_MUST_CHECK enum err_code screen_open(const struct screen_options *opt, struct err *err);
/* Gives the terminal back. May be called at any time and any number of times. */
void screen_close(void);
bool screen_is_open(void);
/* The terminal is another one's while the program is stopped, and ours again; nothing is done when
 * the screen is not open. Not for use in a signal handler.
 */
void screen_pause(void);
void screen_resume(void);

/* The window now (asked from the kernel each time, so that it also works while SIGWINCH is
 * blocked). At least 1 x 1.
 */
void screen_size(int *cols, int *rows);
/* Pixels of a cell; 0 x 0 where the terminal does not say. */
void screen_cell(int *width, int *height);
#define SCREEN_COLOURS_TRUE (1 << 24)
int screen_colours(void); /* 0 (none), 8, 16, 256 or SCREEN_COLOURS_TRUE */
int screen_fd(void);      /* poll for reading; -1 when closed */

/* Copies the grid; only what changed is sent. Cells outside the window are left out. */
void screen_draw(const struct grid *g);
/* Sends everything again at the next screen_draw(). */
void screen_redraw(void);

/* The next key or click. Call until SCREEN_KEY_NONE after the descriptor was readable or SIGWINCH
 * came.
 */
struct screen_input screen_read(void);

/* Beeps: the first at once, the others by screen_tick() at screen_next_ms(). */
void screen_bell(enum screen_bell bell, int64_t now_ms);
void screen_tick(int64_t now_ms);
int64_t screen_next_ms(void); /* INT64_MAX = nothing waits */

#endif
