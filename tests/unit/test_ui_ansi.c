/* SPDX-License-Identifier: Apache-2.0
 *
 * What was sent makes a terminal show the grid, whatever it showed before.
 */
#include "tests/lib/ansi_kit.h"

#include "ui/ansi.h"
#include "ui/qr.h"

#define COLS 60
#define ROWS 20

static uint8_t storage[4 * ANSI_ROW_MAX];
static struct ansi ansi;
static struct test_terminal terminal;
static struct grid grid;
static struct bytes out;

static int begin(void **state)
{
	(void)state;
	memset(&ansi, 0, sizeof ansi);
	bytes_init_fixed(&out, storage, sizeof storage);
	terminal_new(&terminal, COLS, ROWS);
	assert_int_equal(grid_init(&grid, COLS, ROWS, NULL), ERR_OK);
	assert_int_equal(ansi_begin(&ansi, &out, COLS, ROWS, NULL), ERR_OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	ansi_done(&ansi);
	terminal_free(&terminal);
	grid_done(&grid);
	return 0;
}

static void send(void)
{
	assert_false(out.full);
	terminal_feed(&terminal, out.data, out.len);
	bytes_clear(&out);
}

static void show(void)
{
	while (!ansi_draw(&ansi, &out, &grid))
		send();
	send();
}

static void assert_shown(void)
{
	for (int row = 0; row < ROWS; row++)
		for (int col = 0; col < COLS; col++) {
			const struct grid_cell *want = grid_at(&grid, col, row);
			const struct grid_cell *have = grid_at(&terminal.cells, col, row);

			if (want->style == GRID_PAPER)
				continue; /* painted in another way: a phone looks below */
			assert_int_equal(have->code_point, want->code_point);
			assert_int_equal(have->columns, want->columns);
		}
}

static void shows_what_changes(void **state)
{
	static const uint32_t characters[] = {' ', 'a', '7', 0xe9, 0x2588, 0x2580, 0x738b, 0x5c0f,
		0x2026, 0x1f600, 0xff10};
	static const int colours[] = {0, 8, 256};
	unsigned seed = 4711;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		ansi.colours = colours[i / 500];
		for (int n = 0; n < i % 40; n++) {
			seed = seed * 1103515245 + 12345;
			grid_put(&grid, (int)(seed >> 8) % COLS, (int)(seed >> 16) % ROWS,
				characters[(seed >> 20) % 11],
				(enum grid_style)((seed >> 12) % GRID_STYLE_COUNT));
		}
		show();
		assert_shown();
	}
	assert_int_equal(terminal.beginnings, 1);
}

static void sends_nothing_when_nothing_changed(void **state)
{
	(void)state;
	grid_text(&grid, 3, 3, 40, GRID_BOLD, "048 213");
	show();
	assert_true(ansi_draw(&ansi, &out, &grid));
	assert_int_equal(out.len, 0);
	grid_put(&grid, 4, 3, '9', GRID_BOLD);
	assert_true(ansi_draw(&ansi, &out, &grid));
	assert_in_range(out.len, 1, 40);
}

static void a_row_that_does_not_fit_waits(void **state)
{
	(void)state;
	send();
	bytes_init_fixed(&out, storage, ANSI_ROW_MAX + 200);
	grid_fill(&grid, 0, 0, COLS, ROWS, 'x', GRID_BAD_FILL);
	assert_false(ansi_draw(&ansi, &out, &grid));
	show();
	assert_shown();
}

static void takes_the_screen_and_gives_it_back(void **state)
{
	(void)state;
	send();
	assert_false(terminal.cursor);
	assert_true(terminal.other_screen);
	grid_text(&grid, 0, 0, 20, GRID_BOLD, "Thank you.");
	show();
	ansi_end(&out);
	send();
	assert_true(terminal.cursor);
	assert_false(terminal.other_screen);
	assert_int_equal(grid_at(&terminal.cells, 0, 0)->code_point, ' ');
}

/* Sizes change while it runs; what was shown is not known any more. */
static void another_size_begins_anew(void **state)
{
	(void)state;
	grid_text(&grid, 0, 0, 20, GRID_BOLD, "048 213");
	show();
	terminal_free(&terminal);
	terminal_new(&terminal, 40, 10);
	assert_int_equal(grid_resize(&grid, 40, 10, NULL), ERR_OK);
	assert_int_equal(ansi_begin(&ansi, &out, 40, 10, NULL), ERR_OK);
	grid_text(&grid, 0, 9, 20, GRID_BOLD, "048 213");
	show();
	assert_int_equal(grid_at(&terminal.cells, 0, 9)->code_point, '0');
}

static void a_phone_reads_a_code_in_every_number_of_colours(void **state)
{
	static const int colours[] = {0, 8, 256};
	static const struct phone_font fonts[] = {{8, 16, 0, false}, {10, 20, 1, false}};
	uint8_t modules[QR_KEPT_SIDE_MAX * QR_KEPT_SIDE_MAX];
	int side = qr_draw(modules, QR_KEPT_SIDE_MAX, "HTTPS://QR.EXAMPLE.COM/Q/AEAA");
	struct phone_picture picture;
	struct qr_fit fit;

	(void)state;
	assert_true(qr_grid_fit(&fit, side, (struct qr_cell){0, 0}, COLS, ROWS, QR_GRID_QUIET));
	for (int i = 0; i < 6; i++) {
		ansi.colours = colours[i / 2];
		grid_fill(&grid, 0, 0, COLS, ROWS, 'x', GRID_NORMAL);
		show();
		qr_grid_draw(&grid, i, 1, &fit, modules, side);
		show();
		terminal_screen(&picture, &terminal, &fonts[i % 2]);
		assert_true(phone_reads(&picture, "HTTPS://QR.EXAMPLE.COM/Q/AEAA"));
		phone_picture_free(&picture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(shows_what_changes, begin, end),
		cmocka_unit_test_setup_teardown(sends_nothing_when_nothing_changed, begin, end),
		cmocka_unit_test_setup_teardown(a_row_that_does_not_fit_waits, begin, end),
		cmocka_unit_test_setup_teardown(takes_the_screen_and_gives_it_back, begin, end),
		cmocka_unit_test_setup_teardown(another_size_begins_anew, begin, end),
		cmocka_unit_test_setup_teardown(a_phone_reads_a_code_in_every_number_of_colours,
			begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
