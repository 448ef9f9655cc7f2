/* SPDX-License-Identifier: Apache-2.0
 *
 * The only file that includes ncurses: its macros clash with everybody's names. Curses itself finds
 * out what changed since the last screen_draw() and sends only that.
 */
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "ui/qr_grid.h"
#include "ui/screen.h"

#define ESCAPE_DELAY_MS 25 /* how long an Esc waits for being the begin of a key sequence */
#define CTRL_L 12
#define ESCAPE 27
#define SEQUENCE_MAX 32    /* characters of an unknown key sequence */
#define FULLWIDTH_0 0xff10 /* digits as a Chinese input method may send them */
#define GREYS 26           /* of the preview: black, 24 greys of the 256 colours, white */
#define GREY_HELD 4        /* so near to the level that is shown a grey stays it: no noise */
#define PREVIEW_PAIR (GRID_STYLE_COUNT + 1)
#define PAIRS_NEEDED (PREVIEW_PAIR + GREYS * GREYS)
#define END_TRIES 3
/* Of a press and its release that come together ncurses tells one event, of one kind or another. */
#define CLICKS                                                                                     \
	(BUTTON1_RELEASED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON1_TRIPLE_CLICKED)

/* A cell as curses has it: what did not change is not given to curses again. */
struct drawn {
	uint32_t code_point;
	uint8_t columns, style;
	uint8_t ink, ground; /* GRID_PREVIEW: levels, 0 .. GREYS-1 */
};
#define DRAWN_STYLE_NONE 0xff /* nothing was drawn there yet */

static struct {
	SCREEN *screen; /* NULL = closed */
	bool quiet;
	int colours;
	int cols, rows; /* of what was drawn last; 0 = nothing */
	struct drawn drawn[GRID_COLS_MAX * GRID_ROWS_MAX];
	enum screen_theme theme;
	bool paper; /* without colours: black and white for codes */
	int beeps;
	int64_t next_beep_ms;
} state;

/* ---- styles ---- */

static attr_t attr_of(unsigned bits)
{
	return (bits & SCREEN_LOOK_BOLD ? A_BOLD : A_NORMAL) |
		(bits & SCREEN_LOOK_DIM ? A_DIM : A_NORMAL) |
		(bits & SCREEN_LOOK_UNDERLINE ? A_UNDERLINE : A_NORMAL) |
		(bits & SCREEN_LOOK_REVERSE ? A_REVERSE : A_NORMAL);
}

/* Level 0 .. GREYS-1 to a colour of the 256: black, the grey ramp, white. */
static short grey_colour(int level)
{
	if (level == 0)
		return 16;
	if (level == GREYS - 1)
		return 231;
	return (short)(232 + level * 23 / (GREYS - 1));
}

/* Of the 256 in red, green, blue: where a terminal takes colours directly it has no others. There
 * the first eight numbers are still the usual ones.
 */
static int direct_colour(int colour)
{
	static const int CUBE[] = {0, 95, 135, 175, 215, 255};
	int grey = 8 + (colour - 232) * 10;
	int at = colour - 16;

	if (colour < 8)
		return colour;
	if (colour < 16)
		return (colour & 1 ? 0xff0000 : 0x5f0000) | (colour & 2 ? 0xff00 : 0x5f00) |
			(colour & 4 ? 0xff : 0x5f);
	if (colour >= 232)
		return grey << 16 | grey << 8 | grey;
	return CUBE[at / 36] << 16 | CUBE[at / 6 % 6] << 8 | CUBE[at % 6];
}

static int colours_of_terminal(const struct screen_options *opt)
{
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: present and not empty */

	bool unwanted = opt->no_colour || opt->theme == SCREEN_THEME_NO_COLOUR ||
		(opt->theme == SCREEN_THEME_USUAL && no_color && no_color[0]);

	if (unwanted || !has_colors())
		return 0;
	if (start_color() == ERR || COLORS < 8 || COLOR_PAIRS <= GRID_STYLE_COUNT)
		return 0;
	if (COLORS > 256 && COLOR_PAIRS >= PAIRS_NEEDED)
		return SCREEN_COLOURS_TRUE;
	if (COLORS >= 256 && COLOR_PAIRS >= PAIRS_NEEDED)
		return 256;
	return COLORS >= 16 ? 16 : 8;
}

static bool pair_init(int pair, short fg, short bg)
{
	if (COLORS > 256)
		return init_extended_pair(pair, direct_colour(fg), direct_colour(bg)) == OK;
	return init_pair((short)pair, fg, bg) == OK;
}

/* A code is dark on light whatever the theme: also where no colours are wanted, for black and white
 * are none, and a terminal's own may be either way round.
 */
static void paper_init(void)
{
	int pair = GRID_PAPER + 1;

	state.paper = has_colors() && start_color() != ERR && COLORS >= 8 && COLOR_PAIRS > pair &&
		use_default_colors() == OK &&
		pair_init(pair, COLORS >= 256 ? 16 : COLOR_BLACK,
			COLORS >= 256        ? 231
				: COLORS >= 16 ? 15
					       : COLOR_WHITE);
}

static void pairs_init(void)
{
	/* without default colours -1 is not a colour */
	bool own = use_default_colors() == OK;
	bool many = state.colours >= 256;

	for (int s = 0; s < GRID_STYLE_COUNT; s++) {
		const struct screen_look *l = screen_look(state.theme, (unsigned)s);
		short fg = many ? l->ink256 : l->ink8;
		short bg = many ? l->ground256 : l->ground8;

		(void)pair_init(s + 1, fg < 0 && !own ? COLOR_WHITE : fg,
			bg < 0 && !own ? COLOR_BLACK : bg);
	}
	for (int i = 0; many && i < GREYS * GREYS; i++)
		(void)pair_init(PREVIEW_PAIR + i, grey_colour(i / GREYS), grey_colour(i % GREYS));
}

/* ---- life ---- */

static enum err_code check(struct err *err)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_UNSUPPORTED,
			"standard input and output are no terminal; use --headless --json");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return err_set(err, ERR_UNSUPPORTED,
			"the locale is not UTF-8 but %s; set LANG=C.UTF-8 or another UTF-8 locale",
			nl_langinfo(CODESET));
	return ERR_OK;
}

/* TERM=dumb is known but can only write one line after another. */
static bool can_address_cursor(void)
{
	char name[] = "cup";
	const char *how = tigetstr(name);

	return how && how != (const char *)-1 && how[0];
}

/* Ctrl-S would hold the screen up, and with it the whole program, until somebody knows Ctrl-Q;
 * Ctrl-\ would end it without giving the terminal back. Both are keys like others here.
 */
static void keys_free(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) != 0)
		return;
	t.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	t.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0)
		def_prog_mode(); /* screen_resume() comes back to it */
}

enum err_code screen_open(const struct screen_options *opt, struct err *err)
{
	enum err_code rc = check(err);
	const char *term = getenv("TERM");

	if (rc)
		return rc;
	if (state.screen)
		return ERR_OK;
	state.screen = newterm(NULL, stdout, stdin);
	if (state.screen && !can_address_cursor()) {
		screen_close();
		return err_set(err, ERR_UNSUPPORTED,
			"terminal type \"%s\" cannot place text on the screen; set TERM, for "
			"example TERM=linux",
			term ? term : "");
	}
	if (!state.screen)
		return err_set(err, ERR_UNSUPPORTED,
			"terminal type \"%s\" is not known here; set TERM, for example TERM=linux",
			term ? term : "");
	set_term(state.screen);
	state.quiet = opt->no_bell;
	state.theme = opt->theme;
	state.beeps = 0;
	set_escdelay(ESCAPE_DELAY_MS);
	cbreak();
	keys_free();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE); /* the cursor is not seen: nothing is sent to move it */
	mouseinterval(0); /* nothing waits for a second click */
	mousemask(CLICKS | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	curs_set(0);
	state.colours = colours_of_terminal(opt);
	state.paper = false;
	if (state.colours)
		pairs_init();
	else
		paper_init();
	state.cols = state.rows = 0;
	return ERR_OK;
}

void screen_close(void)
{
	SCREEN *screen = state.screen;

	if (!screen)
		return;
	/* first, so that a failure in here cannot come back */
	state.screen = NULL;
	endwin();
	delscreen(screen);
}

void screen_pause(void)
{
	if (state.screen)
		endwin();
}

void screen_resume(void)
{
	if (!state.screen)
		return;
	clearok(stdscr, TRUE);
	refresh();
}

bool screen_is_open(void)
{
	return state.screen != NULL;
}

void screen_size(int *cols, int *rows)
{
	struct winsize size = {.ws_row = 0};

	*cols = *rows = 1;
	if (!state.screen)
		return;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
	    is_term_resized(size.ws_row, size.ws_col))
		resizeterm(size.ws_row, size.ws_col);
	*rows = getmaxy(stdscr) > 0 ? getmaxy(stdscr) : 1;
	*cols = getmaxx(stdscr) > 0 ? getmaxx(stdscr) : 1;
}

void screen_cell(int *width, int *height)
{
	struct winsize size = {.ws_row = 0};

	*width = *height = 0;
	if (!state.screen || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return;
	*width = size.ws_xpixel / size.ws_col;
	*height = size.ws_ypixel / size.ws_row;
}

int screen_colours(void)
{
	return state.screen ? state.colours : 0;
}

int screen_fd(void)
{
	return state.screen ? STDIN_FILENO : -1;
}

/* ---- drawing ---- */

/* The level of a grey; the one that is there where the grey is still near it. */
static uint8_t level_of(uint8_t grey, const struct drawn *was, uint8_t level)
{
	if (was->style == GRID_PREVIEW && grey >= level * 256 / GREYS - GREY_HELD &&
	    grey < (level + 1) * 256 / GREYS + GREY_HELD)
		return level;
	return (uint8_t)(grey * GREYS / 256);
}

static short pair_of(const struct drawn *d)
{
	if (!state.colours)
		return d->style == GRID_PAPER && state.paper ? GRID_PAPER + 1 : 0;
	if (d->style == GRID_PREVIEW && state.colours >= 256)
		return (short)(PREVIEW_PAIR + d->ink * GREYS + d->ground);
	return (short)(d->style + 1);
}

static void put(int row, int col, const struct drawn *d, wchar_t character)
{
	const struct screen_look *l = screen_look(state.theme, d->style);
	bool paper = d->style == GRID_PAPER;
	uint32_t painted = (uint32_t)character;
	attr_t attr = attr_of(state.colours || (paper && state.paper) ? l->attr : l->mono);
	wchar_t text[2] = {L'\0', L'\0'};
	cchar_t cell;

	if (paper && qr_grid_paint(&painted))
		attr ^= A_REVERSE;
	text[0] = (wchar_t)painted;
	if (setcchar(&cell, text, attr, pair_of(d), NULL) == OK)
		mvadd_wch(row, col, &cell);
}

/* The grid's table and the C library's may differ in what is wide: then the grid is right, and the
 * character gives way, so that the rest of the row stays where it belongs.
 */
static void put_cell(int row, int col, const struct drawn *d)
{
	int columns = wcwidth((wchar_t)d->code_point);

	if (columns == d->columns) {
		put(row, col, d, (wchar_t)d->code_point);
		return;
	}
	put(row, col, d, L'?');
	if (d->columns == 2)
		put(row, col + 1, d, L' ');
}

/* Whatever stood there before: the window's own size of it. */
static void begin(int cols, int rows)
{
	if (cols == state.cols && rows == state.rows)
		return;
	state.cols = cols;
	state.rows = rows;
	for (int i = 0; i < cols * rows; i++)
		state.drawn[i] = (struct drawn){.style = DRAWN_STYLE_NONE};
	erase();
}

static void draw_cell(int row, int col, const struct grid_cell *c)
{
	struct drawn *was = &state.drawn[row * state.cols + col];
	struct drawn now = {.code_point = c->code_point, .columns = c->columns, .style = c->style};

	if (col + c->columns > state.cols) { /* half a character at the edge of a smaller window */
		now.code_point = ' ';
		now.columns = 1;
	}
	if (c->style == GRID_PREVIEW) {
		now.ink = level_of(c->grey_ink, was, was->ink);
		now.ground = level_of(c->grey_ground, was, was->ground);
	}
	if (now.code_point == was->code_point && now.columns == was->columns &&
	    now.style == was->style && now.ink == was->ink && now.ground == was->ground)
		return;
	*was = now;
	/* The right half of a wide character came with the left one. From left to right: what
	 * curses blanks because half of it is overwritten was, or will be, put again.
	 */
	if (now.columns > 0)
		put_cell(row, col, &now);
}

void screen_draw(const struct grid *g)
{
	int rows, cols;

	if (!state.screen)
		return;
	screen_size(&cols, &rows);
	if (cols > GRID_COLS_MAX)
		cols = GRID_COLS_MAX;
	if (rows > GRID_ROWS_MAX)
		rows = GRID_ROWS_MAX;
	begin(cols, rows);
	for (int row = 0; row < g->rows && row < rows; row++)
		for (int col = 0; col < g->cols && col < cols; col++)
			draw_cell(row, col, grid_at(g, col, row));
	refresh();
}

void screen_redraw(void)
{
	if (state.screen)
		clearok(stdscr, TRUE);
}

/* ---- keys ---- */

static struct screen_input input_of(enum screen_key key)
{
	return (struct screen_input){.key = key};
}

/* An Esc that begins a key sequence which this terminal type does not know must not cancel
 * anything: ESC [ ... or ESC O ... up to its last character is one other key.
 */
static enum screen_key escape_or_sequence(void)
{
	wint_t c = 0;

	if (get_wch(&c) == ERR)
		return SCREEN_KEY_ESCAPE;
	if (c != L'[' && c != L'O') {
		unget_wch((wchar_t)c);
		return SCREEN_KEY_ESCAPE;
	}
	for (int i = 0; i < SEQUENCE_MAX && get_wch(&c) != ERR; i++)
		if (c >= 0x40 && c <= 0x7e)
			break;
	return SCREEN_KEY_OTHER;
}

static struct screen_input input_of_character(wint_t c)
{
	switch (c) {
	case L'\r':
	case L'\n':
		return input_of(SCREEN_KEY_ENTER);
	case L'\t':
		return input_of(SCREEN_KEY_TAB);
	case 8:
	case 127:
		return input_of(SCREEN_KEY_BACKSPACE);
	case ESCAPE:
		return input_of(escape_or_sequence());
	case CTRL_L:
		screen_redraw();
		return input_of(SCREEN_KEY_REDRAW);
	default:
		break;
	}
	if (c >= FULLWIDTH_0 && c <= FULLWIDTH_0 + 9)
		c = L'0' + (c - FULLWIDTH_0);
	if (c < L' ')
		return input_of(SCREEN_KEY_OTHER);
	return (struct screen_input){.key = SCREEN_KEY_CHARACTER, .character = c};
}

static struct screen_input mouse(void)
{
	struct screen_input in = {.key = SCREEN_KEY_OTHER};
	MEVENT event;

	if (getmouse(&event) != OK)
		return in;
	in.col = event.x;
	in.row = event.y;
	if (event.bstate & CLICKS)
		in.key = SCREEN_KEY_CLICK;
	else if (event.bstate & BUTTON4_PRESSED)
		in.key = SCREEN_KEY_WHEEL_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		in.key = SCREEN_KEY_WHEEL_DOWN;
	return in;
}

static struct screen_input input_of_code(wint_t code)
{
	static const struct {
		int code;
		enum screen_key key;
	} KEYS[] = {
		{KEY_BACKSPACE, SCREEN_KEY_BACKSPACE}, {KEY_DC, SCREEN_KEY_DELETE},
		{KEY_ENTER, SCREEN_KEY_ENTER}, {KEY_BTAB, SCREEN_KEY_BACKTAB},
		{KEY_UP, SCREEN_KEY_UP}, {KEY_DOWN, SCREEN_KEY_DOWN},
		{KEY_LEFT, SCREEN_KEY_LEFT}, {KEY_RIGHT, SCREEN_KEY_RIGHT},
		{KEY_PPAGE, SCREEN_KEY_PAGE_UP}, {KEY_NPAGE, SCREEN_KEY_PAGE_DOWN},
		{KEY_HOME, SCREEN_KEY_HOME}, {KEY_END, SCREEN_KEY_END},
		{KEY_RESIZE, SCREEN_KEY_RESIZE},
	};

	if (code == KEY_MOUSE)
		return mouse();
	if (code >= (wint_t)KEY_F(1) && code <= (wint_t)KEY_F(12))
		return input_of((enum screen_key)(SCREEN_KEY_F1 + (code - (wint_t)KEY_F(1))));
	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++)
		if ((wint_t)KEYS[i].code == code)
			return input_of(KEYS[i].key);
	return input_of(SCREEN_KEY_OTHER);
}

/* Readable without anything to read is the end of the terminal. */
static bool ended(bool *readable)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	*readable = false;
	if (poll(&p, 1, 0) <= 0)
		return false;
	*readable = (p.revents & POLLIN) != 0;
	return (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

struct screen_input screen_read(void)
{
	bool readable = true;

	if (!state.screen)
		return input_of(SCREEN_KEY_NONE);
	for (int i = 0; readable && i < END_TRIES; i++) {
		wint_t c = 0;
		int rc = get_wch(&c);

		if (rc == KEY_CODE_YES)
			return input_of_code(c);
		if (rc != ERR)
			return input_of_character(c);
		if (ended(&readable))
			return input_of(SCREEN_KEY_CLOSED);
	}
	return input_of(readable ? SCREEN_KEY_CLOSED : SCREEN_KEY_NONE);
}

/* ---- bell ---- */

void screen_bell(enum screen_bell bell, int64_t now_ms)
{
	if (!state.screen || state.quiet)
		return;
	state.beeps = (int)bell;
	state.next_beep_ms = now_ms;
	screen_tick(now_ms);
}

void screen_tick(int64_t now_ms)
{
	if (!state.screen || state.beeps <= 0 || now_ms < state.next_beep_ms)
		return;
	beep();
	state.beeps--;
	state.next_beep_ms = now_ms + SCREEN_BELL_PAUSE_MS;
}

int64_t screen_next_ms(void)
{
	return state.screen && state.beeps > 0 ? state.next_beep_ms : INT64_MAX;
}
