/* SPDX-License-Identifier: Apache-2.0
 *
 * The challenge code on the screen: where it stands, and that a phone can read it.
 */
#include "tests/lib/phone_kit.h"
#include "tests/lib/view_kit.h"
#include "ui/digits.h"
#include "ui/qr.h"

/* As a backend makes it: 41 modules. With the longest host, name and reference: 53. */
#define CODE                                                                                       \
	"HTTPS://QR.EXAMPLE.COM/Q/AEAA46IQUGIL2A2F45RPPGTGOSHFJV6INHGXFECCAIAAAAAAAAGQMSIGNNE5"    \
	"EPAAAAAAAAAAAAUAEKVKSB5TGS6DUOVZGKLLDN52W45DFOIDECLJRGAYDD3DZXSWPKGPHKO2NRPOHCQFKTMA"

static const struct phone_font FONTS[] = {
	{8, 16, 0, false}, {10, 20, 0, false}, {7, 14, 0, false}, {12, 24, 0, false},
	{6, 13, 0, false}, {7, 15, 0, true}, {9, 18, 1, false}, {11, 23, 0, true},
	{8, 17, 1, true}, {10, 22, 2, true},
};
/* Taller and squarer cells than the usual one. */
static const struct phone_font ODD_FONTS[] = {
	{8, 8, 0, false}, {10, 12, 0, false}, {8, 12, 0, false}, {9, 14, 0, true},
	{6, 15, 0, false}, {16, 16, 0, false},
};
static const struct phone_theme THEMES[] = {
	{229, 0, 0, 255},     /* light on dark */
	{0, 255, 0, 255},     /* dark on light */
	{170, 0, 0, 170},     /* eight colours of the Linux console */
	{101, 253, 7, 238},   /* eight colours of a pale theme */
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t modules[QR_GRID_SIDE_MAX * QR_GRID_SIDE_MAX];

static void fill(struct view_model *m, struct flow *f, const char *text)
{
	text_init("en");
	sample_fill(m, f, sample_named("number"));
	m->challenge_side = qr_draw(modules, QR_GRID_SIDE_MAX, text);
	m->challenge = modules;
	assert_true(m->challenge_side > 0);
}

static const char *longest_code(void)
{
	static char text[400];

	snprintf(text, sizeof text, "HTTPS://%064d/Q/%0240d", 7, 3);
	return text;
}

static void assert_read(const struct view_model *m, const char *code, int cols, int rows,
	const struct phone_font *font, const struct phone_theme *theme)
{
	struct grid g;
	struct phone_picture screen, photo;

	draw(&g, m, cols, rows);
	phone_screen(&screen, &g, font, theme);
	grid_done(&g);
	if (!phone_reads(&screen, code))
		fail_msg("not read: %d x %d, font %d x %d, theme %d on %d", cols, rows,
			font->width, font->height, theme->ink, theme->ground);
	/* once for each font is enough */
	if (theme != &THEMES[0]) {
		phone_photo(&photo, &screen, font->height > 16 ? 70 : 100);
		if (!phone_reads(&photo, code))
			fail_msg("no photo: %d x %d, font %d x %d, theme %d on %d", cols, rows,
				font->width, font->height, theme->ink, theme->ground);
		phone_picture_free(&photo);
	}
	phone_picture_free(&screen);
}

static void a_phone_reads_it_beside_the_number(void **state)
{
	static const int sizes[][2] = {{100, 30}, {132, 43}, {200, 60}};
	struct view_model m;
	struct flow f;

	(void)state;
	fill(&m, &f, CODE);
	for (size_t i = 0; i < COUNT(FONTS); i++)
		assert_read(&m, CODE, sizes[i % 3][0], sizes[i % 3][1], &FONTS[i],
			&THEMES[i % COUNT(THEMES)]);
	for (size_t i = 0; i < 3 * COUNT(THEMES); i++)
		assert_read(&m, CODE, sizes[i % 3][0], sizes[i % 3][1], &FONTS[2],
			&THEMES[i / 3]);
}

static void a_phone_reads_it_in_full_size(void **state)
{
	static const int sizes[][2] = {{80, 24}, {100, 30}, {60, 40}, {49, 30}, {240, 67}};
	struct view_model m;
	struct flow f;

	(void)state;
	fill(&m, &f, CODE);
	m.challenge_whole = true;
	for (size_t i = 0; i < COUNT(FONTS); i++) {
		assert_read(&m, CODE, 80, 24, &FONTS[i], &THEMES[i % COUNT(THEMES)]);
		assert_read(&m, CODE, sizes[i % 4][0], sizes[i % 4][1], &FONTS[i], &THEMES[0]);
	}
	for (size_t i = 0; i < COUNT(THEMES); i++)
		assert_read(&m, CODE, 80, 24, &FONTS[0], &THEMES[i]);
	assert_read(&m, CODE, 240, 67, &FONTS[0], &THEMES[0]);
}

static void a_phone_reads_it_in_cells_of_other_shapes(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	fill(&m, &f, CODE);
	m.challenge_whole = true;
	for (size_t i = 0; i < COUNT(ODD_FONTS); i++) {
		m.cell = (struct qr_cell){ODD_FONTS[i].width, ODD_FONTS[i].height};
		assert_read(&m, CODE, 140, 68, &ODD_FONTS[i], &THEMES[i % COUNT(THEMES)]);
	}
}

/* On a page of the desk: the signed code, and where that has no room the link. */
static void a_phone_reads_an_activation_code(void **state)
{
	static const int sizes[][2] = {{80, 24}, {100, 30}, {132, 43}, {240, 67}};
	const struct message_renewed *renewed;
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("service-code"));
	renewed = (const void *)sample_desk.service.code->data;
	for (size_t i = 0; i < COUNT(FONTS); i++)
		assert_read(&m, i % 4 ? renewed->code : renewed->link, sizes[i % 4][0],
			sizes[i % 4][1], &FONTS[i], &THEMES[i % COUNT(THEMES)]);
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_read(&m, i ? renewed->code : renewed->link, sizes[i][0], sizes[i][1],
			&FONTS[0], &THEMES[0]);
}

/* ---- where it stands ---- */

static int paper_cells(const struct grid *g)
{
	int n = 0;

	for (int i = 0; i < g->rows * g->cols; i++)
		n += g->cells[i].style == GRID_PAPER;
	return n;
}

static int paper_in(const struct view_model *m, int cols, int rows)
{
	struct grid g;
	int n;

	draw(&g, m, cols, rows);
	n = paper_cells(&g);
	grid_done(&g);
	return n;
}

static void assert_light(const struct grid *g, int col, int row)
{
	assert_int_equal(grid_at(g, col, row)->style, GRID_PAPER);
	assert_int_equal(grid_at(g, col, row)->code_point, ' ');
}

/* Four light modules all around, whatever stands beside. */
static void has_its_quiet_zone(void **state)
{
	struct view_model m;
	struct flow f;
	struct grid g;
	int left = 0, top = 0;

	(void)state;
	fill(&m, &f, CODE);
	draw(&g, &m, 104, 30);
	while (grid_at(&g, left, top)->style != GRID_PAPER)
		if (++left == g.cols) {
			left = 0;
			top++;
		}
	assert_int_equal(paper_cells(&g), 49 * 25);
	for (int i = 0; i < 49; i++)
		for (int q = 0; q < 4; q++) {
			assert_light(&g, left + i, top + q / 2);
			assert_light(&g, left + i, top + 24 - q / 2);
			assert_light(&g, left + q, top + i / 2);
			assert_light(&g, left + 48 - q, top + i / 2);
		}
	grid_done(&g);
}

static void the_number_stays_large_beside_it(void **state)
{
	static const char digit[] = "0123456789";
	struct view_model m;
	struct flow f;
	struct grid g;

	(void)state;
	fill(&m, &f, CODE);
	for (int n = 6; n <= 10; n++)
		for (int cols = 80; cols <= 240; cols += 4) {
			int rows_of_blocks = 0;

			memcpy(f.number, digit, (size_t)n);
			f.number[n] = '\0';
			draw(&g, &m, cols, 30);
			for (int row = 2; row < 30; row++) {
				bool block = false;

				/* the bar is of blocks, too, and runs to the right */
				for (int col = 0; col < cols; col++) {
					const struct grid_cell *c = grid_at(&g, col, row);

					if (c->code_point == 0x2591)
						block = false;
					if (c->code_point == 0x2591)
						break;
					if (c->style == GRID_NUMBER && c->code_point == 0x2588)
						block = true;
				}
				rows_of_blocks += block;
			}
			assert_in_range(rows_of_blocks, DIGITS_ROWS_MIN, 30);
			if (n == 6)
				assert_int_equal(paper_cells(&g) > 0, cols >= 100);
			grid_done(&g);
		}
}

static void is_there_only_while_it_can_be_answered(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (int phase = 0; phase < FLOW_PHASE_COUNT; phase++)
		for (int whole = 0; whole < 2; whole++) {
			fill(&m, &f, CODE);
			f.phase = (enum flow_phase)phase;
			m.challenge_whole = whole;
			assert_int_equal(paper_in(&m, 132, 43) > 0, phase == FLOW_NUMBER);
		}
	fill(&m, &f, CODE);
	m.challenge_side = 0;
	assert_int_equal(paper_in(&m, 132, 43), 0);
	m.challenge_side = QR_GRID_SIDE_MAX + 2;
	assert_int_equal(paper_in(&m, 132, 43), 0);
}

static void in_full_size_the_rest_is_still_said(void **state)
{
	static const int sizes[][2] = {{80, 24}, {60, 40}, {132, 43}, {30, 10}};
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		fill(&m, &f, CODE);
		m.challenge_whole = m.simulator = m.replay = true;
		draw_text(&m, sizes[i][0], sizes[i][1]);
		assert_non_null(strstr(dump, "048 213"));
		assert_non_null(strstr(dump, "42 s"));
		assert_non_null(strstr(dump, "SIMULATOR"));
		assert_non_null(strstr(dump, "REPLAY"));
	}
}

static void says_which_window_the_longest_code_needs(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	fill(&m, &f, longest_code());
	assert_int_equal(m.challenge_side, 53);
	m.challenge_whole = true;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "make this window 83 x 29"));
	assert_int_equal(paper_in(&m, 80, 24), 0);
	assert_int_equal(paper_in(&m, 83, 28), 0);
	assert_read(&m, longest_code(), 83, 29, &FONTS[0], &THEMES[0]);
}

/* No side of a module is more than two fifths longer than the other: readers look for that. */
static void assert_square(const struct qr_fit *fit, struct qr_cell cell)
{
	int wide, high;

	if (cell.width == 0 || cell.height == 0)
		cell = (struct qr_cell){1, 2};
	wide = 2 * fit->module_cols * cell.width;
	high = fit->module_halves * cell.height;
	assert_true(wide * 10 <= high * 14 && high * 10 <= wide * 14);
}

static void fits_where_it_says_so_in_every_window(void **state)
{
	struct view_model m;
	struct flow f;
	struct qr_fit fit, smallest;

	(void)state;
	fill(&m, &f, CODE);
	for (int cols = 1; cols < 130; cols += 3)
		for (int rows = 1; rows < 70; rows += 2)
			for (int shape = 0; shape < 40; shape++) {
				struct qr_cell cell = {shape % 7 * 3, shape / 7 * 5};

				m.cell = cell;
				m.challenge_whole = shape % 2;
				if (shape == rows % 40)
					draw_text(&m, cols, rows);
				qr_grid_smallest(&smallest, 41, cell, QR_GRID_QUIET_LEAST);
				if (qr_grid_fit(&fit, 41, cell, cols, rows, QR_GRID_QUIET_LEAST)) {
					assert_true(fit.cols <= cols && fit.rows <= rows);
					assert_square(&fit, cell);
				}
				else if (smallest.module_cols < 16 && smallest.module_halves < 16)
					assert_true(smallest.cols > cols || smallest.rows > rows);
			}
}

/* The reader of this test does not see what is not there. */
static void a_code_that_is_painted_over_is_not_read(void **state)
{
	struct phone_picture screen;
	struct view_model m;
	struct flow f;
	struct grid g;

	(void)state;
	fill(&m, &f, CODE);
	draw(&g, &m, 132, 43);
	phone_screen(&screen, &g, &FONTS[0], &THEMES[0]);
	assert_true(phone_reads(&screen, CODE));
	assert_false(phone_reads(&screen, CODE "2"));
	phone_picture_free(&screen);
	grid_fill(&g, 90, 10, 30, 10, ' ', GRID_PAPER);
	phone_screen(&screen, &g, &FONTS[0], &THEMES[0]);
	assert_false(phone_reads(&screen, CODE));
	phone_picture_free(&screen);
	grid_done(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_reads_it_beside_the_number),
		cmocka_unit_test(a_phone_reads_it_in_full_size),
		cmocka_unit_test(a_phone_reads_it_in_cells_of_other_shapes),
		cmocka_unit_test(a_phone_reads_an_activation_code),
		cmocka_unit_test(has_its_quiet_zone),
		cmocka_unit_test(the_number_stays_large_beside_it),
		cmocka_unit_test(is_there_only_while_it_can_be_answered),
		cmocka_unit_test(in_full_size_the_rest_is_still_said),
		cmocka_unit_test(says_which_window_the_longest_code_needs),
		cmocka_unit_test(fits_where_it_says_so_in_every_window),
		cmocka_unit_test(a_code_that_is_painted_over_is_not_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
