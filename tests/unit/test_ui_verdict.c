/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts on the screen: each looks like itself and like no other, and says its reason and the
 * next step whole, for every reason that there is, in both languages, in the smallest window.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/view_kit.h"
#include "ui/block.h"
#include "ui/words.h"

static struct view_model m;
static struct flow f;

static void result(enum verdict verdict, enum flow_reason reason)
{
	sample_fill(&m, &f, sample_named("refused"));
	f.phase = FLOW_RESULT;
	f.verdict = verdict;
	f.reason = reason;
	f.until_unix_s = 0;
	f.attempts_left = -1;
	f.deadline_ms = m.now_ms + 4500;
	f.id[0] = '\0';
	m.backend_fault = NULL;
}

/* What is in a text and on the screen without gaps and line breaks. */
static void squeeze(char *out, size_t cap, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < cap; text++)
		if (*text != ' ' && *text != '\n')
			out[len++] = *text;
	out[len] = '\0';
}

static void assert_shown_whole(const char *words)
{
	static char screen[DUMP_MAX];
	char wanted[1024];

	squeeze(screen, sizeof screen, dump);
	squeeze(wanted, sizeof wanted, words);
	if (strstr(screen, wanted) == NULL)
		fail_msg("not on the screen: %s\n%s", words, dump);
}

static void every_reason_is_said_whole(void **state)
{
	static const char *const languages[] = {"en", "zh_CN"};
	static const enum verdict verdicts[] = {VERDICT_REFUSED, VERDICT_NONE};

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int r = REASON_NONE + 1; r < FLOW_REASON_COUNT; r++)
			for (size_t v = 0; v < 2; v++) {
				text_init(languages[l]);
				result(verdicts[v], (enum flow_reason)r);
				draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
				assert_shown_whole(words_reason(f.reason));
				assert_shown_whole(words_next_step(f.reason));
			}
	text_init("en");
}

/* In the panel, which is as wide as the window. */
static enum grid_style panel_style(const struct grid *g)
{
	for (int row = VIEW_ROWS_MIN - 1; row > 1; row--) {
		enum grid_style style = (enum grid_style)grid_at(g, 0, row)->style;

		if (style == GRID_GOOD_FILL || style == GRID_BAD_FILL || style == GRID_WARN_FILL)
			return style;
	}
	return GRID_NORMAL;
}

static enum grid_style style_of(enum verdict verdict, enum flow_reason reason)
{
	enum grid_style style;
	struct grid g;

	result(verdict, reason);
	draw(&g, &m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	style = panel_style(&g);
	grid_done(&g);
	return style;
}

static void only_accepted_is_green(void **state)
{
	(void)state;
	text_init("en");
	assert_int_equal(style_of(VERDICT_ACCEPTED, REASON_NONE), GRID_GOOD_FILL);
	for (int r = 0; r < FLOW_REASON_COUNT; r++) {
		assert_int_equal(style_of(VERDICT_REFUSED, (enum flow_reason)r), GRID_BAD_FILL);
		assert_int_equal(style_of(VERDICT_NONE, (enum flow_reason)r), GRID_BAD_FILL);
		assert_int_equal(style_of((enum verdict)55, (enum flow_reason)r), GRID_BAD_FILL);
		assert_int_equal(style_of(VERDICT_UNCERTAIN, (enum flow_reason)r), GRID_WARN_FILL);
		assert_int_equal(
			style_of(VERDICT_UNCONFIRMED, (enum flow_reason)r), GRID_WARN_FILL);
	}
}

static bool is_at(const struct grid *g, const struct grid *picture, int col, int row)
{
	for (int y = 0; y < picture->rows; y++)
		for (int x = 0; x < picture->cols; x++)
			if (grid_at(g, col + x, row + y)->code_point !=
				grid_at(picture, x, y)->code_point)
				return false;
	return true;
}

static bool has_sign(const struct grid *g, enum block_sign sign)
{
	const struct block_scale scale = {1, 1};
	const struct block_glyph *glyph = block_sign(sign);
	struct grid picture;
	bool found = false;

	assert_int_equal(
		grid_init(&picture, block_cols(glyph, scale), block_rows(glyph, scale), NULL),
		ERR_OK);
	grid_clear(&picture);
	block_draw(&picture, 0, 0, glyph, scale, GRID_NORMAL);
	for (int row = 0; row + picture.rows <= g->rows; row++)
		for (int col = 0; col + picture.cols <= g->cols; col++)
			found = found || is_at(g, &picture, col, row);
	grid_done(&picture);
	return found;
}

static void each_verdict_has_its_sign(void **state)
{
	static const struct {
		enum verdict verdict;
		enum block_sign sign;
	} rows[] = {
		{VERDICT_ACCEPTED, BLOCK_CHECK},
		{VERDICT_REFUSED, BLOCK_CROSS},
		{VERDICT_NONE, BLOCK_CROSS},
		{VERDICT_UNCERTAIN, BLOCK_QUESTION},
		{VERDICT_UNCONFIRMED, BLOCK_WARNING},
	};
	static const enum block_sign signs[] = {
		BLOCK_CHECK, BLOCK_CROSS, BLOCK_QUESTION, BLOCK_WARNING};
	struct grid g;

	(void)state;
	text_init("en");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		result(rows[i].verdict, REASON_OFFLINE);
		draw(&g, &m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(has_sign(&g, signs[k]), signs[k] == rows[i].sign);
		grid_done(&g);
	}
}

/* Without any colour, too: the pictures of sign and word alone. */
static void no_two_verdicts_look_the_same_without_colour(void **state)
{
	static const enum verdict verdicts[] = {VERDICT_ACCEPTED, VERDICT_REFUSED,
		VERDICT_UNCERTAIN, VERDICT_UNCONFIRMED};
	static char seen[4][4096];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *row;
		size_t rows = 0;

		result(verdicts[i], REASON_OFFLINE);
		m.colours = 0;
		draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
		/* the picture is above the first sentence */
		for (row = dump; rows < 12 && (row = strchr(row, '\n')) != NULL; rows++, row++)
			;
		assert_non_null(row);
		snprintf(seen[i], sizeof seen[i], "%.*s", (int)(row - dump), dump);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[i], seen[k]);
	}
}

static void a_verdict_says_how_long_it_stays(void **state)
{
	(void)state;
	text_init("en");
	result(VERDICT_REFUSED, REASON_FROZEN);
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_non_null(strstr(dump, "Next customer in 5 seconds"));
	assert_int_equal(view_next_ms(&m), m.now_ms + 500);
	f.deadline_ms = m.now_ms + 1000;
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_non_null(strstr(dump, "Next customer in 1 second\n"));
	f.deadline_ms = INT64_MAX; /* after the last frame it stays */
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_null(strstr(dump, "Next customer"));
}

static void uncertain_counts_down_to_the_next_question(void **state)
{
	(void)state;
	text_init("en");
	result(VERDICT_NONE, REASON_NONE);
	f.phase = FLOW_UNCERTAIN;
	f.in_flight = false;
	f.next_ms = m.now_ms + 3200;
	f.deadline_ms = m.now_ms + 61000;
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_non_null(strstr(dump, "Asking again in 4 s."));
	assert_non_null(strstr(dump, "61 s"));
	assert_null(strstr(dump, "Next customer"));
	assert_int_equal(view_next_ms(&m), m.now_ms + 200);
	f.in_flight = true;
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_non_null(strstr(dump, "Asking again now..."));
}

static void says_when_a_freeze_ends(void **state)
{
	(void)state;
	text_init("en");
	result(VERDICT_REFUSED, REASON_FROZEN);
	f.until_unix_s = m.now_unix_s + 3600;
	m.utc_offset_s = 0;
	draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
	assert_non_null(strstr(dump, "This card is frozen until 08:07"));
}

/* A PIN that is wanted: its time, its tries, and what comes of the last one. */
static void a_pin_has_its_tries(void **state)
{
	static const char *const words[] = {"Attempt 1 of 3: 3 tries left",
		"Attempt 2 of 3: 2 tries left", "Attempt 3 of 3: 1 try left"};

	(void)state;
	text_init("en");
	for (int i = 0; i < 3; i++) {
		result(VERDICT_NONE, REASON_NONE);
		f.phase = FLOW_PIN;
		f.pin_try = i + 1;
		f.deadline_ms = m.now_ms + 31000;
		draw_text(&m, VIEW_COLS_MIN, VIEW_ROWS_MIN);
		assert_non_null(strstr(dump, words[i]));
		assert_non_null(strstr(dump, "31 s"));
		assert_non_null(strstr(dump, "The camera is off while the PIN is typed."));
		assert_int_equal(strstr(dump, "wrong once more") != NULL, i == 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_is_said_whole),
		cmocka_unit_test(only_accepted_is_green),
		cmocka_unit_test(each_verdict_has_its_sign),
		cmocka_unit_test(no_two_verdicts_look_the_same_without_colour),
		cmocka_unit_test(a_verdict_says_how_long_it_stays),
		cmocka_unit_test(uncertain_counts_down_to_the_next_question),
		cmocka_unit_test(says_when_a_freeze_ends),
		cmocka_unit_test(a_pin_has_its_tries),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
