/* SPDX-License-Identifier: Apache-2.0
 *
 * Themes: contrast by the formula of WCAG 2.2, and verdicts that differ from one another.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/screen_look.h"

/* Of the Linux console; bold letters have those of the second half. */
static const uint32_t console[16] = {0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa,
	0x00aaaa, 0xaaaaaa, 0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff,
	0xffffff};

static uint32_t of_256(int colour)
{
	static const uint32_t cube[] = {0, 95, 135, 175, 215, 255};
	uint32_t grey = (uint32_t)(8 + (colour - 232) * 10);

	assert_in_range(colour, 16, 255); /* those below are whatever a terminal makes of them */
	if (colour >= 232)
		return grey << 16 | grey << 8 | grey;
	colour -= 16;
	return cube[colour / 36] << 16 | cube[colour / 6 % 6] << 8 | cube[colour % 6];
}

static double luminance(uint32_t rgb)
{
	static const double share[] = {0.0722, 0.7152, 0.2126};
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double v = (double)(rgb >> 8 * i & 0xff) / 255;

		sum += share[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(uint32_t one, uint32_t other)
{
	double a = luminance(one), b = luminance(other);

	return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static void high_contrast_is_high(void **state)
{
	(void)state;
	assert_true(contrast(0, 0xffffff) > 20.9 && contrast(0, 0xffffff) < 21.1);
	for (unsigned s = 0; s < GRID_STYLE_COUNT; s++) {
		const struct screen_look *l = screen_look(SCREEN_THEME_HIGH_CONTRAST, s);
		int ink = l->ink8 + (l->attr & SCREEN_LOOK_BOLD ? 8 : 0);

		assert_false((l->attr | l->mono) & SCREEN_LOOK_DIM);
		assert_in_range(l->ink8, 0, 7); /* never a terminal's own: nobody knows them */
		assert_in_range(l->ground8, 0, 7);
		if (contrast(of_256(l->ink256), of_256(l->ground256)) < 7)
			fail_msg("style %u: %d on %d of 256", s, l->ink256, l->ground256);
		if (contrast(console[ink], console[l->ground8]) < 6.5)
			fail_msg("style %u: %d on %d of 8", s, ink, l->ground8);
	}
}

static bool same_colours(const struct screen_look *a, const struct screen_look *b)
{
	return (a->ink8 == b->ink8 && a->ground8 == b->ground8) ||
	       (a->ink256 == b->ink256 && a->ground256 == b->ground256);
}

static void verdicts_have_colours_of_their_own(void **state)
{
	static const unsigned styles[] = {GRID_GOOD_FILL, GRID_BAD_FILL, GRID_WARN_FILL,
		GRID_TITLE, GRID_NORMAL};

	(void)state;
	for (int t = SCREEN_THEME_USUAL; t < SCREEN_THEME_NO_COLOUR; t++)
		for (size_t i = 0; i < 5; i++)
			for (size_t k = 0; k < i; k++)
				assert_false(same_colours(
					screen_look((enum screen_theme)t, styles[i]),
					screen_look((enum screen_theme)t, styles[k])));
}

static void without_colours_what_matters_still_stands_out(void **state)
{
	static const unsigned styles[] = {GRID_TITLE, GRID_GOOD_FILL, GRID_BAD_FILL,
		GRID_WARN_FILL, GRID_SELECTED, GRID_CURSOR, GRID_PAPER};

	(void)state;
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
		assert_true(screen_look(SCREEN_THEME_NO_COLOUR, styles[i])->mono &
			SCREEN_LOOK_REVERSE);
	assert_true(screen_look(SCREEN_THEME_NO_COLOUR, GRID_NUMBER)->mono & SCREEN_LOOK_BOLD);
}

/* Curses draws codes for phones with the colours of paper, whatever the theme. */
static void paper_is_white_in_every_theme(void **state)
{
	(void)state;
	for (int t = 0; t < SCREEN_THEME_COUNT; t++) {
		const struct screen_look *l = screen_look((enum screen_theme)t, GRID_PAPER);

		assert_int_equal(of_256(l->ink256), 0);
		assert_int_equal(of_256(l->ground256), 0xffffff);
	}
	assert_ptr_equal(screen_look(SCREEN_THEME_STANDARD, 999),
		screen_look(SCREEN_THEME_STANDARD, GRID_NORMAL));
}

static void knows_its_words(void **state)
{
	static const char *const bad[] = {"", "Standard", "no-color", "high", "standard ", "x"};
	enum screen_theme t = SCREEN_THEME_USUAL;

	(void)state;
	assert_true(screen_theme_of(&t, "standard") && t == SCREEN_THEME_STANDARD);
	assert_true(screen_theme_of(&t, "high-contrast") && t == SCREEN_THEME_HIGH_CONTRAST);
	assert_true(screen_theme_of(&t, "no-colour") && t == SCREEN_THEME_NO_COLOUR);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(screen_theme_of(&t, bad[i]));
	assert_int_equal(t, SCREEN_THEME_NO_COLOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(high_contrast_is_high),
		cmocka_unit_test(verdicts_have_colours_of_their_own),
		cmocka_unit_test(without_colours_what_matters_still_stands_out),
		cmocka_unit_test(paper_is_white_in_every_theme),
		cmocka_unit_test(knows_its_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
