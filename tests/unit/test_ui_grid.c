/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells and text in cells. Grids are exact-size heap blocks, so that ASan sees writing outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/text_safe.h"
#include "ui/grid.h"

#define WANG "\xe7\x8e\x8b" /* wide */
#define COMMA "\xef\xbc\x8c" /* wide closing punctuation */

static struct grid grid;

static void setup(int cols, int rows)
{
	struct err err;

	grid_done(&grid);
	assert_int_equal(grid_init(&grid, cols, rows, &err), ERR_OK);
}

static int teardown(void **state)
{
	(void)state;
	grid_done(&grid);
	return 0;
}

static void assert_dump(const char *expected)
{
	static uint8_t storage[65536];
	struct bytes out;

	bytes_init_fixed(&out, storage, sizeof(storage));
	grid_dump(&grid, &out);
	assert_string_equal(bytes_text(&out), expected);
}

/* Every wide cell has its right half, and no half stands alone. */
static void assert_whole(void)
{
	for (int row = 0; row < grid.rows; row++)
		for (int col = 0; col < grid.cols; col++) {
			const struct grid_cell *c = grid_at(&grid, col, row);

			if (c->columns == 2) {
				assert_true(col + 1 < grid.cols);
				assert_int_equal(grid_at(&grid, col + 1, row)->columns, 0);
			} else if (c->columns == 0) {
				assert_true(col > 0);
				assert_int_equal(grid_at(&grid, col - 1, row)->columns, 2);
			} else {
				assert_int_equal(text_char_columns(c->code_point), 1);
			}
		}
}

/* ---- cells ---- */

static void begins_blank(void **state)
{
	(void)state;
	setup(3, 2);
	assert_dump("\n\n");
}

static void clamps_sizes(void **state)
{
	(void)state;
	setup(0, -5);
	assert_int_equal(grid.cols, 1);
	assert_int_equal(grid.rows, 1);
	setup(1000000, 1000000);
	assert_int_equal(grid.cols, GRID_COLS_MAX);
	assert_int_equal(grid.rows, GRID_ROWS_MAX);
}

static void ignores_what_is_outside(void **state)
{
	(void)state;
	setup(3, 2);
	grid_put(&grid, -1, 0, 'a', GRID_NORMAL);
	grid_put(&grid, 3, 0, 'a', GRID_NORMAL);
	grid_put(&grid, 0, 2, 'a', GRID_NORMAL);
	grid_put(&grid, 0, -1, 'a', GRID_NORMAL);
	grid_grey(&grid, 3, 1, 0x2580, 1, 2);
	grid_fill(&grid, -9, -9, 9, 9, 'a', GRID_NORMAL);
	grid_fill(&grid, 3, 0, 9, 9, 'a', GRID_NORMAL);
	assert_null(grid_at(&grid, 3, 0));
	assert_null(grid_at(&grid, 0, -1));
	assert_dump("\n\n");
}

static void fills_what_is_inside(void **state)
{
	(void)state;
	setup(3, 2);
	grid_fill(&grid, -1, -1, 3, 2, 'a', GRID_BOLD);
	assert_dump("aa\n\n");
	assert_int_equal(grid_at(&grid, 1, 0)->style, GRID_BOLD);
	assert_int_equal(grid_at(&grid, 2, 0)->style, GRID_NORMAL);
}

static void gives_wide_characters_two_cells(void **state)
{
	(void)state;
	setup(4, 1);
	grid_put(&grid, 1, 0, 0x738b, GRID_GOOD);
	assert_int_equal(grid_at(&grid, 1, 0)->columns, 2);
	assert_int_equal(grid_at(&grid, 2, 0)->columns, 0);
	assert_int_equal(grid_at(&grid, 2, 0)->code_point, 0);
	assert_dump(" " WANG "\n");
	assert_whole();
}

static void leaves_no_half_of_a_wide_character(void **state)
{
	(void)state;
	for (int col = 0; col < 5; col++) {
		setup(5, 1);
		grid_put(&grid, 1, 0, 0x738b, GRID_NORMAL);
		grid_put(&grid, 3, 0, 0x738b, GRID_NORMAL);
		grid_put(&grid, col, 0, 'x', GRID_NORMAL);
		assert_whole();
	}
	for (int col = 0; col < 5; col++) {
		setup(5, 1);
		grid_put(&grid, 1, 0, 0x738b, GRID_NORMAL);
		grid_put(&grid, 3, 0, 0x738b, GRID_NORMAL);
		grid_put(&grid, col, 0, 0x738b, GRID_NORMAL);
		assert_whole();
	}
}

static void leaves_out_a_wide_character_that_does_not_fit(void **state)
{
	(void)state;
	setup(3, 1);
	grid_put(&grid, 2, 0, 0x738b, GRID_NORMAL);
	assert_dump("\n");
	assert_whole();
}

static void drops_combining_and_control_characters(void **state)
{
	(void)state;
	setup(3, 1);
	grid_put(&grid, 0, 0, 'a', GRID_NORMAL);
	grid_put(&grid, 0, 0, 0x0301, GRID_NORMAL);
	grid_put(&grid, 0, 0, 0x1b, GRID_NORMAL);
	grid_put(&grid, 0, 0, '\n', GRID_NORMAL);
	assert_dump("a\n");
}

static void keeps_greys(void **state)
{
	(void)state;
	setup(2, 1);
	grid_grey(&grid, 1, 0, 0x2580, 7, 200);
	assert_int_equal(grid_at(&grid, 1, 0)->grey_ink, 7);
	assert_int_equal(grid_at(&grid, 1, 0)->grey_ground, 200);
	assert_int_equal(grid_at(&grid, 1, 0)->style, GRID_PREVIEW);
}

static void resizes_to_blank(void **state)
{
	struct err err;

	(void)state;
	setup(3, 1);
	grid_text(&grid, 0, 0, 3, GRID_NORMAL, "abc");
	assert_int_equal(grid_resize(&grid, 3, 1, &err), ERR_OK);
	assert_dump("\n");
	grid_text(&grid, 0, 0, 3, GRID_NORMAL, "abc");
	assert_int_equal(grid_resize(&grid, 4, 2, &err), ERR_OK);
	assert_dump("\n\n");
}

/* ---- text ---- */

static void cuts_text_and_says_so(void **state)
{
	(void)state;
	setup(6, 1);
	assert_int_equal(grid_text(&grid, 0, 0, 5, GRID_NORMAL, "abcde"), 5);
	assert_dump("abcde\n");
	assert_int_equal(grid_text(&grid, 0, 0, 5, GRID_NORMAL, "abcdef"), 5);
	assert_dump("abcd\xe2\x80\xa6\n");
}

static void cuts_wide_text_at_a_character(void **state)
{
	(void)state;
	setup(8, 1);
	assert_int_equal(grid_text(&grid, 0, 0, 6, GRID_NORMAL, WANG WANG WANG WANG), 5);
	assert_dump(WANG WANG "\xe2\x80\xa6\n");
	assert_whole();
}

static void draws_nothing_into_no_columns(void **state)
{
	(void)state;
	setup(3, 1);
	assert_int_equal(grid_text(&grid, 0, 0, 0, GRID_NORMAL, "a"), 0);
	assert_int_equal(grid_text(&grid, 0, 0, -3, GRID_NORMAL, "a"), 0);
	assert_int_equal(grid_text(&grid, 0, 0, 3, GRID_NORMAL, NULL), 0);
	assert_dump("\n");
}

static void places_text_at_the_right(void **state)
{
	(void)state;
	setup(9, 1);
	grid_text_right(&grid, 0, 0, 9, GRID_NORMAL, WANG "a");
	assert_dump("      " WANG "a\n");
}

static void makes_text_safe_again(void **state)
{
	static const char *const hostile[] = {"\x1b[2J\x1b[31mx", "\x07\x08\x7f", "a\nb\rc\td",
		"\xe2\x80\xaexyz", "\xf3\xa0\x80\x81", "\xc0\xaf\xff\xfe", "\xe2\x80\xa8"};

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		setup(40, 1);
		grid_text(&grid, 0, 0, 40, GRID_NORMAL, hostile[i]);
		grid_wrapped(&grid, &(struct grid_box){.cols = 40, .rows = 1}, GRID_NORMAL,
			hostile[i]);
		for (int col = 0; col < 40; col++) {
			uint32_t c = grid_at(&grid, col, 0)->code_point;

			assert_true(c >= ' ' && (c < 0x7f || c > 0x9f) && c != 0x202e &&
				c != 0x2028 && c != 0xe0001);
		}
		assert_whole();
	}
}

/* ---- wrapping ---- */

static void assert_wrapped(int cols, const char *text, const char *expected)
{
	int lines;

	setup(cols, 6);
	lines = grid_wrapped(NULL, &(struct grid_box){.cols = cols, .rows = 6}, GRID_NORMAL, text);
	assert_int_equal(grid_wrapped(&grid, &(struct grid_box){.cols = cols, .rows = 6},
				 GRID_NORMAL, text),
		lines);
	assert_dump(expected);
	assert_whole();
}

static void breaks_at_spaces(void **state)
{
	(void)state;
	assert_wrapped(9, "show the card now", "show the\ncard now\n\n\n\n\n");
	assert_wrapped(8, "show the card now", "show the\ncard now\n\n\n\n\n");
	assert_wrapped(7, "show the card now", "show\nthe\ncard\nnow\n\n\n");
}

static void breaks_a_word_that_is_too_long(void **state)
{
	(void)state;
	assert_wrapped(4, "abcdefghij k", "abcd\nefgh\nij k\n\n\n\n");
	assert_wrapped(1, "abc", "a\nb\nc\n\n\n\n");
}

static void breaks_between_wide_characters(void **state)
{
	(void)state;
	assert_wrapped(5, WANG WANG WANG, WANG WANG "\n" WANG "\n\n\n\n\n");
}

static void does_not_begin_a_line_with_closing_punctuation(void **state)
{
	(void)state;
	assert_wrapped(5, WANG WANG COMMA WANG, WANG "\n" WANG COMMA "\n" WANG "\n\n\n\n");
}

static void comes_to_an_end_when_a_character_is_wider_than_the_line(void **state)
{
	(void)state;
	setup(1, 6);
	assert_int_equal(grid_wrapped(&grid, &(struct grid_box){.cols = 1, .rows = 6}, GRID_NORMAL,
				 WANG WANG), 2);
	assert_dump("\n\n\n\n\n\n");
	assert_int_equal(grid_wrapped(&grid, &(struct grid_box){.cols = 0, .rows = 6}, GRID_NORMAL,
				 "a"), 0);
}

static void counts_lines_it_does_not_draw(void **state)
{
	(void)state;
	setup(3, 6);
	assert_int_equal(grid_wrapped(&grid, &(struct grid_box){.cols = 3, .rows = 1}, GRID_NORMAL,
				 "abc def ghi"), 3);
	assert_dump("abc\n\n\n\n\n\n");
	assert_int_equal(grid_wrapped(&grid, &(struct grid_box){.cols = 3, .rows = 1}, GRID_NORMAL,
				 ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_blank),
		cmocka_unit_test(clamps_sizes),
		cmocka_unit_test(ignores_what_is_outside),
		cmocka_unit_test(fills_what_is_inside),
		cmocka_unit_test(gives_wide_characters_two_cells),
		cmocka_unit_test(leaves_no_half_of_a_wide_character),
		cmocka_unit_test(leaves_out_a_wide_character_that_does_not_fit),
		cmocka_unit_test(drops_combining_and_control_characters),
		cmocka_unit_test(keeps_greys),
		cmocka_unit_test(resizes_to_blank),
		cmocka_unit_test(cuts_text_and_says_so),
		cmocka_unit_test(cuts_wide_text_at_a_character),
		cmocka_unit_test(draws_nothing_into_no_columns),
		cmocka_unit_test(places_text_at_the_right),
		cmocka_unit_test(makes_text_safe_again),
		cmocka_unit_test(breaks_at_spaces),
		cmocka_unit_test(breaks_a_word_that_is_too_long),
		cmocka_unit_test(breaks_between_wide_characters),
		cmocka_unit_test(does_not_begin_a_line_with_closing_punctuation),
		cmocka_unit_test(comes_to_an_end_when_a_character_is_wider_than_the_line),
		cmocka_unit_test(counts_lines_it_does_not_draw),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
