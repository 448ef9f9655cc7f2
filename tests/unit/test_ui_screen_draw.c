/* SPDX-License-Identifier: Apache-2.0
 *
 * What is sent to the terminal: only what changed, and in the end the same picture as if everything
 * had been drawn at once. Colours where a terminal takes them directly. Settings of the terminal
 * that keep a wrong key from stopping the program.
 */
#include <fcntl.h>
#include <termios.h>

#include "base/text.h"
#include "tests/lib/pty_kit.h"
#include "ui/screen.h"

#define COLS 40
#define ROWS 10
#define PICTURES 200 /* random ones, one over the other */
#define MARK "<<MARK>>"

/* ---- the child's side ---- */

static struct grid grid;

static void open_or_exit(void)
{
	struct err err;

	text_init("en");
	if (screen_open(&(struct screen_options){.no_bell = true}, &err) ||
	    grid_init(&grid, COLS, ROWS, &err))
		_exit(90);
}

/* Between two pictures; curses has written what it had. */
static void mark(void)
{
	if (write(STDOUT_FILENO, MARK, sizeof(MARK) - 1) < 0)
		_exit(92);
}

static _Noreturn void end(void)
{
	mark();
	screen_close();
	_exit(0);
}

static void draws_the_same_and_one_letter(void)
{
	open_or_exit();
	grid_text(&grid, 3, 2, 20, GRID_BOLD, "some words");
	screen_draw(&grid);
	mark();
	screen_draw(&grid);
	mark();
	grid_put(&grid, 30, 5, 'Z', GRID_BAD);
	screen_draw(&grid);
	end();
}

static void pixels(uint8_t ink, uint8_t ground)
{
	for (int row = 0; row < ROWS; row++)
		for (int col = 0; col < COLS; col++)
			grid_grey(&grid, col, row, 0x2580, ink, ground);
	screen_draw(&grid);
	mark();
}

/* 100 and 200 are in the levels from 99 to 108 and from 197 to 206. */
static void draws_noise_and_then_light(void)
{
	open_or_exit();
	pixels(100, 200);
	pixels(97, 203);
	pixels(110, 208);
	pixels(120, 200);
	end();
}

static void random_cell(unsigned *dice)
{
	static const uint32_t letters[] = {'a', 'b', ' ', 0x738b, 0x4e2d, 0x2580};
	int col, row;

	*dice = *dice * 1103515245u + 12345u;
	col = (int)(*dice >> 8) % COLS;
	row = (int)(*dice >> 20) % ROWS;
	grid_put(&grid, col < 0 ? -col : col, row < 0 ? -row : row,
		letters[(*dice >> 16) % 6], (enum grid_style)((*dice >> 12) % 3));
}

static void random_pictures(bool each)
{
	unsigned dice = 7;

	open_or_exit();
	for (int i = 0; i < PICTURES; i++) {
		for (int k = 0; k < 30; k++)
			random_cell(&dice);
		if (each)
			screen_draw(&grid);
	}
	if (!each)
		screen_draw(&grid);
	mark();
	screen_redraw();
	screen_draw(&grid);
	end();
}

static void draws_each_picture(void)
{
	random_pictures(true);
}

static void draws_the_last_picture(void)
{
	random_pictures(false);
}

static void draws_in_direct_colours(void)
{
	setenv("TERM", "direct-test", 1);
	open_or_exit();
	if (screen_colours() != SCREEN_COLOURS_TRUE)
		_exit(1);
	grid_text(&grid, 0, 0, 20, GRID_BAD, "refused");
	grid_grey(&grid, 0, 1, 0x2580, 128, 255);
	screen_draw(&grid);
	end();
}

static void waits_for_a_key(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	open_or_exit();
	mark();
	_exit(poll(&p, 1, WAIT_MS) == 1 ? (screen_close(), 0) : 1);
}

/* ---- the terminal's side ---- */

/* What came between two marks; the first part is 0. */
static const char *part(int number, size_t *len)
{
	const char *at = output;
	const char *next;

	for (; number > 0 && at; number--) {
		at = strstr(at, MARK);
		at = at ? at + strlen(MARK) : NULL;
	}
	next = at ? strstr(at, MARK) : NULL;
	if (!next)
		fail_msg("part %d did not come", number);
	*len = (size_t)(next - at);
	return at;
}

static void only_what_changed_is_sent(void **state)
{
	const char *first, *third;
	size_t len;

	(void)state;
	start(draws_the_same_and_one_letter);
	assert_ended_well();
	first = part(0, &len);
	assert_non_null(memmem(first, len, "words", 5));
	(void)part(1, &len);
	assert_int_equal(len, 0);
	third = part(2, &len);
	assert_non_null(memchr(third, 'Z', len));
	assert_null(memmem(third, len, "words", 5));
	assert_in_range(len, 1, 60);
}

static void noise_of_the_camera_is_not_sent(void **state)
{
	size_t all, noise, light, dark;

	(void)state;
	start(draws_noise_and_then_light);
	assert_ended_well();
	(void)part(0, &all);
	assert_in_range(all, COLS * ROWS * 3, 100000);
	(void)part(1, &noise);
	assert_int_equal(noise, 0);
	(void)part(2, &light); /* as far as a level reaches, and a little further */
	assert_int_equal(light, 0);
	(void)part(3, &dark);
	assert_in_range(dark, COLS * ROWS * 3, 100000);
}

/* Everything that is sent after the window was cleared. */
static const char *part_cleared(int number, size_t *len)
{
	static const char CLEAR[] = "\033[2J";
	const char *begin = part(number, len);
	const char *at = memmem(begin, *len, CLEAR, sizeof(CLEAR) - 1);

	assert_non_null(at);
	*len -= (size_t)(at - begin);
	return at;
}

/* Wide characters over narrow ones and the other way round, halves of them overwritten. */
static void pictures_over_each_other_end_in_the_last_one(void **state)
{
	static char once[sizeof(output)];
	size_t once_len, len;
	const char *text;

	(void)state;
	start(draws_the_last_picture);
	assert_ended_well();
	text = part_cleared(1, &once_len);
	assert_in_range(once_len, COLS * ROWS / 2, sizeof(once));
	memcpy(once, text, once_len);
	start(draws_each_picture);
	assert_ended_well();
	text = part_cleared(1, &len);
	assert_int_equal(len, once_len);
	assert_memory_equal(text, once, len);
}

/* A terminal type of 2^24 colours, made here: Debian's base system has none. */
static void direct_colours_are_the_same_colours(void **state)
{
	static const char TYPE[] =
		"direct-test|a terminal that takes red, green and blue,\n"
		"\tRGB, colors#0x1000000, pairs#0x10000, initc@, ccc@,\n"
		"\tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;"
		"%p1%{255}%&%d%;m,\n"
		"\tsetab=\\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;"
		"%p1%{255}%&%d%;m,\n"
		"\tuse=xterm-256color,\n";
	char dir[] = "/tmp/countersign-terminfo.XXXXXX";
	char command[256];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command), "tic -x -o %s - 2>%s/errors", dir, dir);
	f = popen(command, "w");
	assert_non_null(f);
	assert_true(fputs(TYPE, f) >= 0);
	assert_int_equal(pclose(f), 0);
	setenv("TERMINFO", dir, 1);
	start(draws_in_direct_colours);
	assert_ended_well();
	unsetenv("TERMINFO");
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	/* 160 of the 256; the 12th grey of the ramp; white */
	assert_non_null(strstr(output, "38;2;215;0;0m"));
	assert_non_null(strstr(output, "38;2;118;118;118m"));
	assert_non_null(strstr(output, "48;2;255;255;255m"));
}

static void no_key_holds_the_screen_up(void **state)
{
	struct termios before, now;

	(void)state;
	start(waits_for_a_key);
	assert_int_equal(tcgetattr(terminal, &before), 0);
	read_until(MARK);
	assert_int_equal(tcgetattr(terminal, &now), 0);
	assert_int_equal(now.c_iflag & (IXON | IXOFF), 0);
	assert_int_equal(now.c_cc[VQUIT], _POSIX_VDISABLE);
	assert_int_equal(now.c_lflag & (ICANON | ECHO), 0);
	type("\x13"); /* Ctrl-S is a key like others */
	assert_ended_well();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_changed_is_sent),
		cmocka_unit_test(noise_of_the_camera_is_not_sent),
		cmocka_unit_test(pictures_over_each_other_end_in_the_last_one),
		cmocka_unit_test(direct_colours_are_the_same_colours),
		cmocka_unit_test(no_key_holds_the_screen_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
