/* SPDX-License-Identifier: Apache-2.0
 *
 * The screens: compared with fixtures/screens/<name>.<language>.<columns>x<rows>.txt, and drawn
 * from random models in every size. UI_SCREENS_WRITE=1 writes the files anew; look at the
 * difference before it is committed.
 */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "tests/lib/view_kit.h"
#include "ui/words.h"

#define RANDOM_MODELS 1500

static const char *const languages[] = {"en", "zh_CN"};

static size_t cells_of(const struct grid *g, enum grid_style style)
{
	size_t n = 0;

	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col++)
			n += grid_at(g, col, row)->style == style;
	return n;
}

/* ---- snapshots ---- */

#define COMPARED_MAX 2048
static char compared[COMPARED_MAX][NAME_MAX + 1]; /* names of files that were looked at */
static size_t compared_count;

static void compared_add(const char *path)
{
	assert_true(compared_count < COMPARED_MAX);
	snprintf(compared[compared_count++], sizeof(compared[0]), "%s", strrchr(path, '/') + 1);
}

static bool is_compared(const char *name)
{
	for (size_t i = 0; i < compared_count; i++)
		if (strcmp(compared[i], name) == 0)
			return true;
	return strncmp(name, "customer-", 9) == 0; /* by another test */
}

static void compare(const struct sample *s, const char *language, int cols, int rows)
{
	static uint8_t storage[DUMP_MAX];
	struct view_model m;
	struct flow f;
	struct err err = {.code = ERR_OK};
	struct bytes expected;
	char path[PATH_MAX];

	text_init(language);
	sample_fill(&m, &f, s);
	draw_text(&m, cols, rows);
	snprintf(path, sizeof(path), "fixtures/screens/%s.%s.%dx%d.txt", s->name, language, cols,
		rows);
	compared_add(path);
	if (getenv("UI_SCREENS_WRITE")) {
		assert_int_equal(file_replace(path, span_text(dump), 0644, &err), ERR_OK);
		return;
	}
	bytes_init_fixed(&expected, storage, sizeof(storage));
	if (file_read(&expected, path, false, &err))
		fail_msg("%s", err.text);
	if (strcmp(dump, bytes_text(&expected)) != 0)
		fail_msg("%s differs from:\n%s", path, dump);
}

/* The least, a usual window, and a console of 1920x1080 with a font of 8x16. */
static void every_screen_looks_as_recorded(void **state)
{
	static const int sizes[][2] = {{VIEW_COLS_MIN, VIEW_ROWS_MIN}, {132, 43}, {240, 67}};

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < SAMPLE_COUNT; i++)
			for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
				compare(&SAMPLES[i], languages[l], sizes[k][0], sizes[k][1]);
}

/* No page and no phase of a verification is forgotten above. */
static void every_page_and_phase_is_recorded(void **state)
{
	bool page[DESK_PAGE_COUNT] = {false}, phase[FLOW_PHASE_COUNT] = {false};
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		sample_fill(&m, &f, &SAMPLES[i]);
		page[m.desk->page] = true;
		phase[f.phase] = true;
	}
	for (int i = 0; i < DESK_PAGE_COUNT; i++)
		if (!page[i])
			fail_msg("page %d has no sample", i);
	for (int i = 0; i < FLOW_PHASE_COUNT; i++)
		if (!phase[i])
			fail_msg("phase %d has no sample", i);
}

static void small_windows_keep_number_and_verdict(void **state)
{
	static const char *const names[] = {"waiting", "number", "pin-again", "authorised",
		"refused", "uncertain"};

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		compare(sample_named(names[n]), "en", 60, 12);
		compare(sample_named(names[n]), "en", 20, 4);
	}
	compare(sample_named("waiting-far"), "en", 60, 12);
	compare(sample_named("number-glare"), "en", 60, 12);
	compare(sample_named("number"), "zh_CN", 20, 4);
	compare(sample_named("pin"), "en", 20, 4);
	compare(sample_named("pin"), "zh_CN", 20, 4);
	compare(sample_named("pin-short"), "en", 60, 12);
}

static void number_and_verdict_are_readable_in_one_row(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("number"));
	draw_text(&m, 7, 1);
	assert_string_equal(dump, "048 213\n");
	sample_fill(&m, &f, sample_named("refused"));
	draw_text(&m, 9, 1);
	assert_string_equal(dump, "X REFUSED\n");
}

/* A file that nothing is compared with says nothing any more. */
static void no_recorded_screen_is_left_over(void **state)
{
	DIR *dir = opendir("fixtures/screens");
	const struct dirent *entry;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, ".txt") && !is_compared(entry->d_name))
			fail_msg("fixtures/screens/%s: no test draws it", entry->d_name);
	closedir(dir);
}

/* ---- what must be said ---- */

static void the_simulator_is_called_one_on_every_screen(void **state)
{
	static const int sizes[][2] = {{80, 24}, {132, 43}, {60, 20}, {20, 4}};
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < SAMPLE_COUNT * 4; i++) {
			text_init(languages[l]);
			sample_fill(&m, &f, &SAMPLES[i / 4]);
			m.simulator = true;
			m.terminal_name =
				"a name that is much too long for the top bar of any window "
				"that a terminal could ever have, so it has to give way";
			draw_text(&m, sizes[i % 4][0], sizes[i % 4][1]);
			assert_non_null(strstr(dump, _("SIMULATOR")));
			m.simulator = false;
			draw_text(&m, sizes[i % 4][0], sizes[i % 4][1]);
			assert_null(strstr(dump, _("SIMULATOR")));
		}
}

static void a_source_that_ended_is_no_fault_of_the_verdict(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("refused"));
	m.scanner = VIEW_SCANNER_ENDED;
	draw_text(&m, 80, 24);
	assert_null(strstr(dump, "Camera"));
	m.scanner = VIEW_SCANNER_FAULT;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "Camera: out of order"));
	sample_fill(&m, &f, sample_named("number"));
	m.scanner = VIEW_SCANNER_ENDED;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "Camera: no more pictures"));
}

static void a_recording_that_ended_is_said_on_every_screen(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		sample_fill(&m, &f, &SAMPLES[i]);
		m.recording = false;
		m.record_fault = "recording stopped: \x1b[2J";
		draw_text(&m, 80, 24);
		assert_non_null(strstr(dump, "NOT RECORDING"));
		assert_null(strchr(dump, 0x1b));
		if (!m.backend_fault || f.notice == REASON_NONE)
			assert_non_null(strstr(dump, "recording stopped"));
	}
}

static void every_reason_fits_into_80x24(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int r = 1; r < FLOW_REASON_COUNT * 2; r++) {
			enum flow_reason reason = (enum flow_reason)(r % FLOW_REASON_COUNT);

			text_init(languages[l]);
			sample_fill(&m, &f, sample_named("refused"));
			f.reason = reason;
			f.notice = reason;
			f.verdict = r < FLOW_REASON_COUNT ? VERDICT_REFUSED : VERDICT_NONE;
			draw_text(&m, 80, 24);
			if (reason == REASON_NONE)
				continue;
			assert_non_null(strstr(dump, last_word(words_reason(reason))));
			assert_non_null(strstr(dump, last_word(words_next_step(reason))));
			assert_non_null(strstr(dump, words_notice(reason)));
			assert_non_null(strstr(dump, "Wang Xiaoming"));
		}
}

static void nothing_but_accepted_looks_accepted(void **state)
{
	struct view_model m;
	struct flow f;
	struct grid g;

	(void)state;
	text_init("en");
	for (int v = -2; v < 260; v++) {
		sample_fill(&m, &f, sample_named("authorised"));
		f.verdict = (enum verdict)v;
		for (int small = 0; small < 2; small++) {
			draw(&g, &m, small ? 40 : 80, small ? 10 : 24);
			assert_true((cells_of(&g, GRID_GOOD_FILL) > 0) == (v == VERDICT_ACCEPTED));
			assert_true((cells_of(&g, GRID_BAD_FILL) > 0) ==
				(v != VERDICT_ACCEPTED && v != VERDICT_UNCERTAIN &&
					v != VERDICT_UNCONFIRMED));
			grid_done(&g);
		}
	}
}

static void an_unknown_phase_looks_like_a_refusal(void **state)
{
	struct view_model m;
	struct flow f;
	struct grid g;

	(void)state;
	text_init("en");
	for (int small = 0; small < 2; small++) {
		sample_fill(&m, &f, sample_named("authorised"));
		f.phase = (enum flow_phase)99;
		draw(&g, &m, small ? 40 : 80, small ? 10 : 24);
		assert_true(cells_of(&g, GRID_BAD_FILL) > 0);
		assert_int_equal(cells_of(&g, GRID_GOOD_FILL), 0);
		assert_int_equal(cells_of(&g, GRID_GOOD), 0);
		grid_done(&g);
	}
}

/* Whoever cannot see pictures of letters finds the word. */
static void the_verdict_is_there_as_text_too(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	for (size_t l = 0; l < 2; l++)
		for (int v = VERDICT_NONE; v <= VERDICT_UNCONFIRMED; v++) {
			text_init(languages[l]);
			sample_fill(&m, &f, sample_named("authorised"));
			f.verdict = (enum verdict)v;
			draw_text(&m, 80, 24);
			assert_non_null(strstr(dump, words_verdict(f.verdict, true)));
		}
}

/* Without colours sign and word still differ. */
static void verdicts_differ_without_colours(void **state)
{
	static char first[DUMP_MAX];
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	for (int a = VERDICT_NONE; a <= VERDICT_UNCONFIRMED; a++)
		for (int b = a + 1; b <= VERDICT_UNCONFIRMED; b++) {
			sample_fill(&m, &f, sample_named("accepted"));
			f.verdict = (enum verdict)a;
			draw_text(&m, 80, 24);
			memcpy(first, dump, sizeof(first));
			f.verdict = (enum verdict)b;
			draw_text(&m, 80, 24);
			assert_string_not_equal(first, dump);
		}
}

static void shows_all_digits_with_leading_zeroes(void **state)
{
	static char zero[DUMP_MAX];
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("number"));
	snprintf(f.number, sizeof(f.number), "000000");
	draw_text(&m, 80, 24);
	memcpy(zero, dump, sizeof(zero));
	snprintf(f.number, sizeof(f.number), "0000000");
	draw_text(&m, 80, 24);
	assert_string_not_equal(zero, dump);
}

static void foreign_text_is_shown_safely(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("waiting-foreign-code"));
	snprintf(f.notice_text, sizeof(f.notice_text), "\x1b[2J\x1b]0;x\x07 and more\xe2\x80\xae");
	m.reference = "a\nb\x1b[31m";
	m.backend_fault = "\x9b\x32J\xff";
	draw_text(&m, 80, 24);
	assert_null(strchr(dump, 0x1b));
	assert_null(strchr(dump, 0x07));
	assert_null(strstr(dump, "\xe2\x80\xae"));
	assert_null(strstr(dump, "\xc2\x9b"));
}

/* ---- time ---- */

static void counts_down_in_whole_seconds_rounded_up(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("number"));
	f.deadline_ms = m.now_ms + 1;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "  1 s"));
	f.deadline_ms = m.now_ms;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "  0 s"));
	f.deadline_ms = m.now_ms - 100000;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "  0 s"));
	f.deadline_ms = INT64_MAX;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "  600 s"));
}

static void asks_to_be_drawn_when_the_second_changes(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	sample_fill(&m, &f, sample_named("number"));
	f.deadline_ms = m.now_ms + 42000;
	assert_int_equal(view_next_ms(&m), m.now_ms + 1000);
	f.deadline_ms = m.now_ms + 41001;
	assert_int_equal(view_next_ms(&m), m.now_ms + 1);
	f.deadline_ms = m.now_ms + 41500;
	assert_int_equal(view_next_ms(&m), m.now_ms + 500);
	f.deadline_ms = m.now_ms - 5;
	m.now_unix_s = 0;
	assert_int_equal(view_next_ms(&m), INT64_MAX);
	f.phase = FLOW_WAITING;
	m.now_unix_s = 5;
	assert_int_equal(view_next_ms(&m), m.now_ms + 1000);
}

static void says_until_when_a_card_is_frozen_in_local_time(void **state)
{
	struct view_model m;
	struct flow f;

	(void)state;
	text_init("en");
	sample_fill(&m, &f, sample_named("frozen"));
	m.utc_offset_s = 8 * 3600;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "frozen until 15:22."));
	m.utc_offset_s = -10 * 3600;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "frozen until 21:22."));
	f.until_unix_s = m.now_unix_s + 86400;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "frozen until 2026-11-21 21:07."));
	f.until_unix_s = 0;
	draw_text(&m, 80, 24);
	assert_non_null(strstr(dump, "This card is frozen."));
}

/* ---- anything at all ---- */

static uint32_t seed = 2463534242;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static int64_t any_time(void)
{
	static const int64_t odd[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1000000, 1000999};

	return any(2) ? odd[any(7)] : (int64_t)any(UINT32_MAX) - 1000000;
}

static void any_text(char *out, size_t cap)
{
	size_t len = any((uint32_t)cap);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(any(4) ? 0x20 + any(0x60) : 1 + any(255));
	out[len] = '\0';
}

static const char *any_pointer(char *storage, size_t cap)
{
	any_text(storage, cap);
	return any(4) ? storage : NULL;
}

static void any_flow(struct flow *f)
{
	*f = (struct flow){
		.phase = (enum flow_phase)any(FLOW_PHASE_COUNT + 2),
		.verdict = (enum verdict)any(5),
		.reason = (enum flow_reason)any(FLOW_REASON_COUNT + 2),
		.notice = (enum flow_reason)any(FLOW_REASON_COUNT + 2),
		.pin_done = any(2),
		.pin_required = any(2),
		.in_flight = any(2),
		.tries = (int)any(6),
		.pin_try = (int)any(5),
		.attempts_left = (int)any(9) - 1,
		.next_ms = any_time(),
		.deadline_ms = any_time(),
		.number_ms = any_time(),
		.until_unix_s = any_time(),
	};
	any_text(f->notice_text, sizeof(f->notice_text));
	any_text(f->number, sizeof(f->number));
	any_text(f->id, sizeof(f->id));
	any_text(f->receipt, sizeof(f->receipt));
	any_text(f->credential.holder, sizeof(f->credential.holder));
	any_text(f->credential.purpose, sizeof(f->credential.purpose));
	any_text(f->credential.face_value, sizeof(f->credential.face_value));
	for (size_t i = 0; any(2) && i < sizeof(f->number) - 1; i++)
		f->number[i] = (char)('0' + any(10));
}

static void any_model(struct view_model *m, struct flow *f)
{
	static char text[8][300];
	static uint8_t preview[VIEW_PREVIEW_ROWS][VIEW_PREVIEW_COLUMNS];
	static uint8_t challenge[61 * 61];
	static int16_t marks[4][4][2];

	any_flow(f);
	for (size_t i = 0; i < sizeof(preview); i++)
		preview[i / VIEW_PREVIEW_COLUMNS][i % VIEW_PREVIEW_COLUMNS] = (uint8_t)any(256);
	for (size_t i = 0; i < 32; i++)
		marks[i / 8][i / 2 % 4][i % 2] = (int16_t)any(i < 16 ? 110 : 65536);
	*m = (struct view_model){
		.flow = f,
		.now_ms = any_time(),
		.now_unix_s = any_time(),
		.hint = (enum scan_hint)any(SCAN_HINT_COUNT + 1),
		.utc_offset_s = (int32_t)any(UINT32_MAX),
		.amount = any_pointer(text[0], 300),
		.currency = any_pointer(text[1], 300),
		.reference = any_pointer(text[2], 300),
		.operator_name = any_pointer(text[3], 300),
		.terminal_name = any_pointer(text[4], 300),
		.issuer_name = any_pointer(text[5], 300),
		.backend_fault = any_pointer(text[6], 300),
		.scanner_words = any_pointer(text[7], 300),
		.scanner = (enum view_scanner)any(8),
		.simulator = any(2),
		.replay = any(2),
		.recording = any(2),
		.colours = any(2) ? 256 : 8,
		.preview = any(2) ? (const uint8_t(*)[VIEW_PREVIEW_COLUMNS])preview : NULL,
		.marks = any(4) ? (const int16_t(*)[4][2])marks : NULL,
		.marks_count = (int)any(5),
		.pin_len = (int)any(40) - 10,
		.challenge = any(2) ? challenge : NULL,
		.challenge_side = (int)any(62),
	};
}

static void assert_cell(const struct grid *g, int col, int row)
{
	const struct grid_cell *c = grid_at(g, col, row);

	assert_true(c->style < GRID_STYLE_COUNT);
	if (c->columns == 0) {
		assert_true(col > 0 && grid_at(g, col - 1, row)->columns == 2);
		return;
	}
	assert_true(c->code_point >= ' ' && (c->code_point < 0x7f || c->code_point > 0x9f));
	assert_int_equal(text_char_columns(c->code_point), c->columns);
	if (c->columns == 2)
		assert_true(col + 1 < g->cols && grid_at(g, col + 1, row)->columns == 0);
}

static void draws_any_model_in_any_size(void **state)
{
	struct view_model m;
	struct flow f;
	struct grid g;

	(void)state;
	for (int i = 0; i < RANDOM_MODELS; i++) {
		int64_t next;

		text_init(languages[any(2)]);
		any_model(&m, &f);
		draw(&g, &m, 1 + (int)any(250), 1 + (int)any(80));
		for (int row = 0; row < g.rows; row++)
			for (int col = 0; col < g.cols; col++)
				assert_cell(&g, col, row);
		grid_done(&g);
		next = view_next_ms(&m);
		assert_true(next == INT64_MAX || next > m.now_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_looks_as_recorded),
		cmocka_unit_test(every_page_and_phase_is_recorded),
		cmocka_unit_test(small_windows_keep_number_and_verdict),
		cmocka_unit_test(number_and_verdict_are_readable_in_one_row),
		cmocka_unit_test(no_recorded_screen_is_left_over),
		cmocka_unit_test(the_simulator_is_called_one_on_every_screen),
		cmocka_unit_test(a_source_that_ended_is_no_fault_of_the_verdict),
		cmocka_unit_test(a_recording_that_ended_is_said_on_every_screen),
		cmocka_unit_test(every_reason_fits_into_80x24),
		cmocka_unit_test(nothing_but_accepted_looks_accepted),
		cmocka_unit_test(an_unknown_phase_looks_like_a_refusal),
		cmocka_unit_test(the_verdict_is_there_as_text_too),
		cmocka_unit_test(verdicts_differ_without_colours),
		cmocka_unit_test(shows_all_digits_with_leading_zeroes),
		cmocka_unit_test(foreign_text_is_shown_safely),
		cmocka_unit_test(counts_down_in_whole_seconds_rounded_up),
		cmocka_unit_test(asks_to_be_drawn_when_the_second_changes),
		cmocka_unit_test(says_until_when_a_card_is_frozen_in_local_time),
		cmocka_unit_test(draws_any_model_in_any_size),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
