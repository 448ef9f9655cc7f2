/* SPDX-License-Identifier: Apache-2.0
 *
 * The curses screen on a pseudo terminal: a child draws and reads keys, the parent is the terminal.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/lib/pty_kit.h"
#include "ui/screen.h"

#define WANG "\xe7\x8e\x8b"

/* ---- the child's side ---- */

static void open_or_exit(const struct screen_options *opt)
{
	struct err err;

	text_init("en");
	if (screen_open(opt, &err))
		_exit(90);
}

static void draw_text(const char *text)
{
	struct grid g;
	struct err err;
	int cols, rows;

	screen_size(&cols, &rows);
	if (grid_init(&g, cols, rows, &err))
		_exit(91);
	grid_text(&g, 0, 0, cols, GRID_BAD, text);
	grid_grey(&g, 0, 1, 0x2580, 0, 255);
	screen_draw(&g);
	grid_done(&g);
}

static struct screen_input input_wait(void)
{
	struct pollfd p = {.fd = screen_fd(), .events = POLLIN};
	struct screen_input in = screen_read();

	while (in.key == SCREEN_KEY_NONE && poll(&p, 1, WAIT_MS) > 0)
		in = screen_read();
	return in;
}

static void draws(void)
{
	open_or_exit(&(struct screen_options){.no_colour = false});
	draw_text("verdict " WANG WANG " end");
	screen_close();
	screen_close();
	_exit(screen_is_open() ? 1 : 0);
}

static void draws_without_colour(void)
{
	open_or_exit(&(struct screen_options){.no_colour = true});
	draw_text("plain");
	_exit(screen_colours() != 0 ? 1 : (screen_close(), 0));
}

static void draws_on_linux_console(void)
{
	setenv("TERM", "linux", 1);
	open_or_exit(&(struct screen_options){.no_colour = false});
	draw_text("console");
	_exit(screen_colours() != 8 ? 1 : (screen_close(), 0));
}

static void honours_no_color(void)
{
	setenv("NO_COLOR", "1", 1);
	draws_without_colour();
}

/* A theme that was asked for counts more than a habit of the environment. */
static void a_theme_counts_more_than_no_color(void)
{
	setenv("NO_COLOR", "1", 1);
	open_or_exit(&(struct screen_options){.theme = SCREEN_THEME_HIGH_CONTRAST});
	draw_text("strong");
	_exit(screen_colours() != 256 ? 1 : (screen_close(), 0));
}

static void a_theme_has_no_colours(void)
{
	open_or_exit(&(struct screen_options){.theme = SCREEN_THEME_NO_COLOUR});
	draw_text("plain");
	_exit(screen_colours() != 0 ? 1 : (screen_close(), 0));
}

#define KEY(k)	      {.key = (k)}
#define CHARACTER(c)  {.key = SCREEN_KEY_CHARACTER, .character = (c)}
#define AT(k, c, r)   {.key = (k), .col = (c), .row = (r)}

static void reads_keys(void)
{
	static const struct screen_input expected[] = {CHARACTER('0'),
		CHARACTER('9'), CHARACTER('5'),
		KEY(SCREEN_KEY_BACKSPACE), KEY(SCREEN_KEY_BACKSPACE),
		KEY(SCREEN_KEY_ENTER), CHARACTER('q'),
		CHARACTER(0x738b), KEY(SCREEN_KEY_TAB),
		KEY(SCREEN_KEY_OTHER), KEY(SCREEN_KEY_REDRAW),
		KEY(SCREEN_KEY_UP), KEY(SCREEN_KEY_OTHER),
		KEY(SCREEN_KEY_OTHER), CHARACTER('z'),
		KEY(SCREEN_KEY_F1), KEY(SCREEN_KEY_F10), KEY(SCREEN_KEY_F12),
		KEY(SCREEN_KEY_PAGE_DOWN), KEY(SCREEN_KEY_DELETE),
		KEY(SCREEN_KEY_BACKTAB), AT(SCREEN_KEY_CLICK, 6, 2),
		CHARACTER('x'), AT(SCREEN_KEY_WHEEL_DOWN, 0, 9),
		KEY(SCREEN_KEY_ESCAPE), CHARACTER('1'),
		KEY(SCREEN_KEY_ESCAPE)};

	open_or_exit(&(struct screen_options){.no_colour = false});
	draw_text("ready");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct screen_input in = input_wait();

		if (in.key != expected[i].key || in.character != expected[i].character ||
			in.col != expected[i].col || in.row != expected[i].row)
			_exit((int)i + 1);
	}
	screen_close();
	_exit(0);
}

static void sees_a_new_size(void)
{
	int cols = 0, rows = 0;

	open_or_exit(&(struct screen_options){.no_colour = false});
	draw_text("ready");
	for (int i = 0; i < 500 && cols != 100; i++) {
		usleep(10000);
		screen_size(&cols, &rows);
	}
	draw_text("larger");
	_exit(cols == 100 && rows == 30 ? (screen_close(), 0) : 1);
}

static void sees_the_end_of_the_terminal(void)
{
	signal(SIGHUP, SIG_IGN);
	open_or_exit(&(struct screen_options){.no_colour = false});
	draw_text("ready");
	_exit(input_wait().key == SCREEN_KEY_CLOSED ? 0 : 1);
}

static void beeps(void)
{
	open_or_exit(&(struct screen_options){.no_bell = false});
	screen_bell(SCREEN_BELL_UNCERTAIN, 1000);
	for (int64_t now = 1000; now < 3000; now += 10)
		screen_tick(now);
	_exit(screen_next_ms() != INT64_MAX ? 1 : (screen_close(), 0));
}

static void keeps_quiet(void)
{
	open_or_exit(&(struct screen_options){.no_bell = true});
	screen_bell(SCREEN_BELL_REFUSED, 1000);
	screen_tick(5000);
	_exit(screen_next_ms() != INT64_MAX ? 1 : (screen_close(), 0));
}

/* ---- the terminal's side ---- */

static void draws_and_gives_the_terminal_back(void **state)
{
	(void)state;
	start(draws);
	assert_ended_well();
	assert_non_null(strstr(output, WANG WANG " end"));
	/* xterm's alternate screen: entered and left */
	assert_non_null(strstr(output, "\033[?1049h"));
	assert_non_null(strstr(output, "\033[?1049l"));
	/* the greys of the preview and the red of a refusal */
	assert_non_null(strstr(output, "38;5;160m"));
	assert_non_null(strstr(output, "48;5;231m"));
}

static void draws_without_any_colour(void **state)
{
	(void)state;
	start(draws_without_colour);
	assert_ended_well();
	assert_non_null(strstr(output, "plain"));
	assert_null(strstr(output, "38;5;"));
	assert_null(strstr(output, "[31m"));
	start(honours_no_color);
	assert_ended_well();
	assert_null(strstr(output, "38;5;"));
}

/* Of the strong theme every cell has its own colours, also where nothing stands. */
static void themes_are_what_they_say(void **state)
{
	(void)state;
	start(a_theme_counts_more_than_no_color);
	assert_ended_well();
	assert_non_null(strstr(output, "38;5;231"));
	assert_non_null(strstr(output, "48;5;16"));
	start(a_theme_has_no_colours);
	assert_ended_well();
	assert_null(strstr(output, "38;5;"));
}

static void draws_on_the_console(void **state)
{
	(void)state;
	start(draws_on_linux_console);
	assert_ended_well();
	assert_non_null(strstr(output, "console"));
	assert_null(strstr(output, "38;5;"));
}

static void understands_keys(void **state)
{
	(void)state;
	start(reads_keys);
	read_until("ready");
	/* digits, one of an input method; a character, Tab, Ctrl-A, Ctrl-L */
	type("09\xef\xbc\x95\x7f\x08\rq\xe7\x8e\x8b\t\x01\x0c");
	/* arrows as this terminal has them and as it has not */
	type("\x1bOA\x1b[A\x1b[1;99Zz");
	type("\x1bOP\x1b[21~\x1b[24~\x1b[6~\x1b[3~\x1b[Z");
	/* a click and its release, the wheel; then Esc, a digit, and Esc alone */
	type("\x1b[<0;7;3M\x1b[<0;7;3mx\x1b[<65;1;10M\x1b" "1\x1b");
	assert_ended_well();
}

static void follows_the_window(void **state)
{
	const struct winsize size = {.ws_row = 30, .ws_col = 100};

	(void)state;
	start(sees_a_new_size);
	read_until("ready");
	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
	assert_ended_well();
	assert_non_null(strstr(output, "larger"));
}

static void notices_when_the_terminal_goes_away(void **state)
{
	int status = -1;

	(void)state;
	start(sees_the_end_of_the_terminal);
	read_until("ready");
	close(terminal);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void beeps_differently(void **state)
{
	(void)state;
	start(beeps);
	assert_ended_well();
	assert_int_equal(count('\a'), 3);
	start(keeps_quiet);
	assert_ended_well();
	assert_int_equal(count('\a'), 0);
}

/* ---- refusals ---- */

static int refusal(int in, int out, const char *term)
{
	int status = -1;

	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct screen_options opt = {.no_colour = false};
		struct err err = {.code = ERR_OK};
		enum err_code rc;

		text_init("en");
		setenv("TERM", term, 1);
		if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
			_exit(99);
		rc = screen_open(&opt, &err);
		_exit(rc == ERR_UNSUPPORTED && err.text[0] && !screen_is_open() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void refuses_what_is_no_terminal(void **state)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int slave = -1, master = -1;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(refusal(null, null, "xterm"), 0);
	assert_int_equal(refusal(slave, null, "xterm"), 0);
	assert_int_equal(refusal(null, slave, "xterm"), 0);
	assert_int_equal(refusal(slave, slave, "no-such-terminal"), 0);
	assert_int_equal(refusal(slave, slave, "dumb"), 0);
	close(null);
	close(slave);
	close(master);
}

static void closed_screen_does_nothing(void **state)
{
	int cols = 0, rows = 0;

	(void)state;
	screen_close();
	screen_redraw();
	screen_bell(SCREEN_BELL_REFUSED, 0);
	screen_tick(1000);
	screen_size(&cols, &rows);
	assert_int_equal(cols, 1);
	assert_int_equal(rows, 1);
	assert_int_equal(screen_read().key, SCREEN_KEY_NONE);
	assert_int_equal(screen_fd(), -1);
	assert_true(screen_next_ms() == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_and_gives_the_terminal_back),
		cmocka_unit_test(draws_without_any_colour),
		cmocka_unit_test(themes_are_what_they_say),
		cmocka_unit_test(draws_on_the_console),
		cmocka_unit_test(understands_keys),
		cmocka_unit_test(follows_the_window),
		cmocka_unit_test(notices_when_the_terminal_goes_away),
		cmocka_unit_test(beeps_differently),
		cmocka_unit_test(refuses_what_is_no_terminal),
		cmocka_unit_test(closed_screen_does_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
