/* SPDX-License-Identifier: Apache-2.0
 *
 * The verification number in big digits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ui/block.h"
#include "ui/digits.h"

#define COLS 80
#define ROWS 24

static void assert_grouped(const char *number, const char *expected)
{
	char out[DIGITS_TEXT_MAX];

	digits_grouped(out, number);
	assert_string_equal(out, expected);
}

static void groups_so_that_it_can_be_read_aloud(void **state)
{
	(void)state;
	assert_grouped("012345", "012 345");
	assert_grouped("0123456", "012 34 56");
	assert_grouped("01234567", "01 23 45 67");
	assert_grouped("012345678", "012 345 678");
	assert_grouped("0123456789", "01 23 45 67 89");
}

static void leaves_out_what_is_no_digit(void **state)
{
	(void)state;
	assert_grouped("0\x1b[1;2345", "012 345");
	assert_grouped("", "");
	assert_grouped(NULL, "");
	assert_grouped("00000000001", "00 00 00 00 00");
}

/* Every length and every digit, in the window that a cashier has. */
static void is_at_least_six_rows_high_in_80_columns(void **state)
{
	static const char digits[] = "0123456789";

	(void)state;
	for (int n = 6; n <= 10; n++)
		for (int d = 0; d < 10; d++) {
			char number[DIGITS_MAX + 1] = "";
			struct digits_size size;

			memset(number, digits[d], (size_t)n);
			size = digits_fit(number, 78, 9);
			assert_true(size.rows >= DIGITS_ROWS_MIN && size.rows <= 9);
			assert_true(size.cols > 0 && size.cols <= 78);
		}
}

static void grows_with_the_window(void **state)
{
	struct digits_size small = digits_fit("012345", 78, 9);
	struct digits_size large = digits_fit("012345", 190, 40);

	(void)state;
	assert_true(large.rows > small.rows);
	assert_true(large.cols <= 190 && large.rows <= 40);
}

static void says_when_nothing_fits(void **state)
{
	struct digits_size size = digits_fit("012345", 30, 9);

	(void)state;
	assert_int_equal(size.rows, 0);
	assert_int_equal(digits_fit("012345", 78, 4).rows, 0);
	assert_int_equal(digits_fit("", 78, 9).rows, 0);
}

static size_t drawn(char *out, size_t out_cap, const struct grid_box *box, const char *number)
{
	struct grid g;
	struct err err;
	struct bytes b;

	assert_int_equal(grid_init(&g, COLS, ROWS, &err), ERR_OK);
	bytes_init_fixed(&b, out, out_cap);
	(void)digits_draw(&g, box, GRID_NUMBER, number);
	/* nothing outside the box */
	for (int row = 0; row < ROWS; row++)
		for (int col = 0; col < COLS; col++)
			if (row < box->row || row >= box->row + box->rows || col < box->col ||
				col >= box->col + box->cols)
				assert_int_equal(grid_at(&g, col, row)->code_point, ' ');
	grid_dump(&g, &b);
	(void)bytes_text(&b);
	grid_done(&g);
	return b.len;
}

static void draws_numbers_that_differ_differently(void **state)
{
	static char a[16384], b[16384];
	const struct grid_box box = {.col = 1, .row = 3, .cols = 78, .rows = 9};
	static const char digits[] = "0123456789";

	(void)state;
	for (int n = 6; n <= 10; n++)
		for (int i = 0; i < n; i++)
			for (int d = 1; d < 10; d++) {
				char number[DIGITS_MAX + 1] = "0000000000";

				number[n] = '\0';
				assert_true(drawn(a, sizeof(a), &box, number) > 0);
				number[i] = digits[d];
				assert_true(drawn(b, sizeof(b), &box, number) > 0);
				assert_string_not_equal(a, b);
			}
}

static void draws_nothing_into_a_box_that_is_too_small(void **state)
{
	static char text[16384];
	const struct grid_box box = {.col = 1, .row = 3, .cols = 20, .rows = 3};

	(void)state;
	assert_int_equal(drawn(text, sizeof(text), &box, "012345"), ROWS);
}

/* Confusing two digits is the one thing that must not happen. */
static void tells_all_digits_apart(void **state)
{
	(void)state;
	for (uint32_t a = '0'; a <= '9'; a++)
		for (uint32_t b = a + 1; b <= '9'; b++) {
			assert_string_not_equal(block_char(a)->art, block_char(b)->art);
			assert_string_not_equal(block_small_digit(a)->art,
				block_small_digit(b)->art);
		}
}

static void has_whole_pictures(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x10000; c++) {
		const struct block_glyph *glyph = block_char(c);

		if (!glyph)
			continue;
		assert_int_equal(strlen(glyph->art),
			(size_t)glyph->height * (size_t)(glyph->width + 1));
		assert_int_equal(strspn(glyph->art, "#. "), strlen(glyph->art));
	}
	for (int s = 0; s < BLOCK_SIGN_COUNT; s++) {
		const struct block_glyph *glyph = block_sign((enum block_sign)s);

		assert_int_equal(strlen(glyph->art),
			(size_t)glyph->height * (size_t)(glyph->width + 1));
	}
	assert_null(block_char(0x1b));
	assert_null(block_small_digit('a'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_so_that_it_can_be_read_aloud),
		cmocka_unit_test(leaves_out_what_is_no_digit),
		cmocka_unit_test(is_at_least_six_rows_high_in_80_columns),
		cmocka_unit_test(grows_with_the_window),
		cmocka_unit_test(says_when_nothing_fits),
		cmocka_unit_test(draws_numbers_that_differ_differently),
		cmocka_unit_test(draws_nothing_into_a_box_that_is_too_small),
		cmocka_unit_test(tells_all_digits_apart),
		cmocka_unit_test(has_whole_pictures),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
