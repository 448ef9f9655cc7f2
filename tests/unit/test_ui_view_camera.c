/* SPDX-License-Identifier: Apache-2.0
 *
 * The screens: what they say of the camera's picture, and why it does not read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/lib/view_kit.h"
#include "ui/view_parts.h"
#include "ui/words.h"

static const char *const languages[] = {"en", "zh_CN"};

static void draw_hint(struct view_model *m, struct flow *f, const char *sample, int hint)
{
	sample_fill(m, f, sample_named(sample));
	m->hint = (enum scan_hint)hint;
	draw_text(m, 80, 24);
}

static void every_hint_fits_into_80x24(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int h = 0; h < SCAN_HINT_COUNT; h++) {
			const char *act = words_hint_do((enum scan_hint)h);

			text_init(languages[l]);
			if (!act[0])
				continue;
			act = words_hint_do((enum scan_hint)h);
			draw_hint(&m, &f, "waiting", h);
			assert_non_null(strstr(dump, "!  "));
			assert_non_null(strstr(dump, last_word(act)));
			draw_hint(&m, &f, "number", h);
			assert_non_null(strstr(dump, act));
			assert_non_null(strstr(dump, "Wang Xiaoming"));
		}
}

/* A hint is for a phone that is held to the camera now, and never in the way of anything else. */
static void hints_are_shown_while_a_code_is_waited_for(void **state)
{
	const char *act;
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	act = last_word(words_hint_do(SCAN_HINT_BLURRED));
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		sample_fill(&m, &f, &SAMPLES[i]);
		if (f.phase == FLOW_WAITING || f.phase == FLOW_NUMBER)
			continue;
		m.hint = SCAN_HINT_BLURRED;
		draw_text(&m, 80, 24);
		assert_null(strstr(dump, act));
	}
	draw_hint(&m, &f, "waiting-same-phone", SCAN_HINT_BLURRED);
	assert_null(strstr(dump, act));
	draw_hint(&m, &f, "camera-fault", SCAN_HINT_BLURRED);
	assert_null(strstr(dump, act));
	draw_hint(&m, &f, "waiting", SCAN_HINT_NOTHING);
	assert_null(strstr(dump, "!  "));
}

static void marks_a_found_code_in_every_kind_of_colours(void **state)
{
	static uint8_t preview[VIEW_PREVIEW_ROWS][VIEW_PREVIEW_COLUMNS];
	static const int16_t marks[1][4][2] = {{{60, 20}, {120, 20}, {120, 80}, {60, 80}}};
	static const int colours[] = {0, 8, 256, 1 << 24};

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct flow f;
		struct view_model m = {.flow = &f, .colours = colours[k], .marks_count = 1};
		struct grid g = {.cells = NULL};
		int corners = 0, edges = 0;

		flow_init(&f);
		m.scanner = VIEW_SCANNER_RUNNING;
		m.preview = (const uint8_t(*)[VIEW_PREVIEW_COLUMNS])preview;
		m.marks = marks;
		assert_int_equal(grid_init(&g, 120, 40, NULL), ERR_OK);
		view_draw(&g, &m);
		for (int i = 0; i < g.cols * g.rows; i++) {
			bool marked = g.cells[i].style == GRID_GOOD_FILL;
			corners += marked && g.cells[i].code_point == '+';
			edges += marked && g.cells[i].code_point == '*';
		}
		assert_int_equal(corners, 4);
		assert_true(edges > 20);
		m.marks_count = 0;
		view_draw(&g, &m);
		for (int i = 0; i < g.cols * g.rows; i++)
			assert_int_not_equal(g.cells[i].style, GRID_GOOD_FILL);
		grid_done(&g);
	}
}

/* The cell at the middle of a window, over a picture that is light where this says so. */
static struct grid_cell middle_cell(int colours, int cols, int rows, int light_from_col,
	int light_from_row)
{
	static uint8_t preview[VIEW_PREVIEW_ROWS][VIEW_PREVIEW_COLUMNS];
	struct flow f;
	struct view_model m = {.flow = &f, .colours = colours};
	const struct grid_box box = {.cols = cols, .rows = rows};
	struct grid g = {.cells = NULL};
	struct grid_cell cell;

	for (int y = 0; y < VIEW_PREVIEW_ROWS; y++)
		for (int x = 0; x < VIEW_PREVIEW_COLUMNS; x++)
			preview[y][x] = x >= light_from_col && y >= light_from_row ? 240 : 20;
	flow_init(&f);
	m.preview = (const uint8_t(*)[VIEW_PREVIEW_COLUMNS])preview;
	assert_int_equal(grid_init(&g, cols, rows, NULL), ERR_OK);
	view_preview_draw(&g, &box, &m);
	cell = *grid_at(&g, cols / 2, rows / 2);
	grid_done(&g);
	return cell;
}

/* 48 columns and 18 rows: a cell is 4 x 6 pixels, the one in the middle begins at 96, 54. */
static void small_windows_show_quarters_of_cells(void **state)
{
	struct grid_cell c = middle_cell(256, 48, 18, 98, 57);

	(void)state;
	assert_int_equal(c.code_point, 0x2597); /* lower right */
	assert_int_equal(c.grey_ink, 240);
	assert_int_equal(c.grey_ground, 20);
	c = middle_cell(256, 48, 18, 98, 0);
	assert_int_equal(c.code_point, 0x2590); /* right half */
	c = middle_cell(1 << 24, 48, 18, 0, 57);
	assert_int_equal(c.code_point, 0x2584); /* lower half */
	c = middle_cell(256, 48, 18, 0, 0); /* no edge: two pixels as ever */
	assert_int_equal(c.code_point, 0x2580);
	assert_int_equal(c.grey_ink, 240);
	assert_int_equal(c.grey_ground, 240);
}

/* The picture has 192 columns: in 160 of a window no quarter would be a pixel of its own. */
static void large_windows_show_two_pixels_a_cell(void **state)
{
	struct grid_cell c = middle_cell(256, 160, 54, 0, 55);

	(void)state;
	assert_int_equal(c.code_point, 0x2580);
	assert_int_equal(c.grey_ink, 20);
	assert_int_equal(c.grey_ground, 240);
}

/* Characters of code page 437, which every font of the console has. */
static void few_colours_show_shades_and_edges(void **state)
{
	static const int colours[] = {0, 8, 16};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(middle_cell(colours[i], 48, 18, 0, 57).code_point, 0x2584);
		assert_int_equal(middle_cell(colours[i], 48, 18, 0, 0).code_point, 0x2588);
		assert_int_equal(middle_cell(colours[i], 48, 18, 0, 108).code_point, ' ');
		assert_int_equal(middle_cell(colours[i], 48, 18, 98, 0).code_point, 0x2592);
		assert_int_equal(middle_cell(colours[i], 48, 18, 0, 0).style, GRID_PREVIEW);
	}
}

/* What is wrong, in the cashier's language; the technical words once; the status line says no more
 * than that.
 */
static void a_fault_is_said_by_its_kind(void **state)
{
	static const enum err_code codes[] = {ERR_NOT_FOUND, ERR_CLOSED, ERR_BUSY, ERR_PERMISSION,
		ERR_TIMEOUT, ERR_IO, ERR_UNSUPPORTED};
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	for (size_t i = 0; i < 2 * sizeof codes / sizeof codes[0]; i++) {
		bool reader = i % 2;
		const char *once;

		sample_fill(&m, &f, sample_named(reader ? "reader-fault" : "camera-fault"));
		m.scanner_words = "/dev/x: EPIPE";
		m.scanner_code = codes[i / 2];
		draw_text(&m, 80, 24);
		assert_non_null(strstr(dump, words_scanner(codes[i / 2], reader)));
		once = strstr(dump, "EPIPE");
		assert_non_null(once);
		assert_null(strstr(once + 1, "EPIPE"));
		assert_non_null(strstr(words_scanner_do(codes[i / 2], reader), "all whoever"));
		sample_fill(&m, &f, sample_named("number")); /* the status line alone */
		m.reader = reader;
		m.scanner = VIEW_SCANNER_FAULT;
		m.scanner_code = codes[i / 2];
		draw_text(&m, 120, 30);
		assert_non_null(strstr(dump, words_scanner(codes[i / 2], reader)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hint_fits_into_80x24),
		cmocka_unit_test(hints_are_shown_while_a_code_is_waited_for),
		cmocka_unit_test(a_fault_is_said_by_its_kind),
		cmocka_unit_test(marks_a_found_code_in_every_kind_of_colours),
		cmocka_unit_test(small_windows_show_quarters_of_cells),
		cmocka_unit_test(large_windows_show_two_pixels_a_cell),
		cmocka_unit_test(few_colours_show_shades_and_edges),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
