/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings of a hand-held reader: written, read, damaged.
 */
#include "tests/lib/scan_pictures.h"

#include "scanner/codes.h"
#include "scanner/record.h"
#include "scanner/source.h"

static char dir[64];
static struct scan_source *source;
static struct err why;

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", test_dir());
	source = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_source_close(&source);
	remove_dir(dir);
	return 0;
}

static struct scan_code a_code(const char *text, uint8_t symbology)
{
	struct scan_code c = {.text_len = (uint16_t)strlen(text), .symbology = symbology};
	memcpy(c.text, text, strlen(text));
	return c;
}

static void holds(const char *name, const char *text)
{
	struct span s = read_file(in_dir(dir, name));
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.data, text, s.len);
	drop(s);
}

static void opens(const char *path)
{
	struct scan_source_options opt = {.path = path};
	assert_int_equal(scan_source_open(&source, &opt, &why), ERR_OK);
}

/* A file with these lines, opened. */
static void given(const char *text)
{
	write_file(in_dir(dir, "x.codes"), "w", span_text(text));
	opens(in_dir(dir, "x.codes"));
}

static void gives(const char *text, uint8_t symbology)
{
	struct scan_frame f;
	assert_int_equal(source->ops->next(source, &f, &why), SOURCE_FRAME);
	assert_non_null(f.code);
	assert_int_equal(f.code->text_len, strlen(text));
	assert_memory_equal(f.code->text, text, strlen(text));
	assert_int_equal(f.code->symbology, symbology);
}

static void says(enum scan_source_result want, const char *words)
{
	struct scan_frame f;
	assert_int_equal(source->ops->next(source, &f, &why), want);
	assert_non_null(strstr(why.text, words));
}

static void ends(void)
{
	struct scan_frame f;
	assert_int_equal(source->ops->next(source, &f, &why), SOURCE_END);
}

static void a_recording_gives_what_was_read(void **state)
{
	(void)state;
	struct scan_record rec;
	struct scan_code codes[] = {{.text_len = 0}, a_code("HELLO", SCAN_QR),
		a_code("\x01\xff", SCAN_CODE_128), a_code("x", SCAN_UNTOLD)};
	assert_int_equal(scan_record_open(&rec, dir, false, 15, NULL), ERR_OK);
	for (int i = 0; i < 4; i++) {
		struct scan_frame f = {.code = &codes[i]};
		if (i == 2) { /* another life of the process */
			scan_record_close(&rec);
			assert_int_equal(scan_record_open(&rec, dir, true, 15, NULL), ERR_OK);
		}
		assert_int_equal(scan_record_frame(&rec, &f, 10 * i, NULL), ERR_OK);
	}
	scan_record_close(&rec);
	holds("frames.codes",
		"countersign-codes 1\n-\nqr 48454c4c4f\ncode-128 01ff\nuntold 78\n");
	holds("times", "0\n10\n20\n30\n");
	opens(dir);
	assert_int_equal(source->class, SOURCE_FILE);
	for (int i = 0; i < 2; i++) {
		struct scan_frame f;
		gives("", 0);
		gives("HELLO", SCAN_QR);
		gives("\x01\xff", SCAN_CODE_128);
		assert_int_equal(source->ops->next(source, &f, &why), SOURCE_FRAME);
		assert_true(f.stamped && f.at_ms == 30);
		ends();
		assert_true(source->ops->rewind(source));
	}
}

static void a_recording_keeps_to_codes(void **state)
{
	(void)state;
	struct scan_record rec;
	struct scan_code code = a_code("HELLO", SCAN_QR);
	struct scan_frame f = {.code = &code}, jpeg = {.jpeg = span_text("x"), .verbatim = true};
	assert_int_equal(scan_record_open(&rec, dir, false, 15, NULL), ERR_OK);
	assert_int_equal(scan_record_frame(&rec, &f, 0, NULL), ERR_OK);
	assert_int_equal(scan_record_frame(&rec, &jpeg, 1, NULL), ERR_UNSUPPORTED);
	scan_record_close(&rec);
	holds("times", "0\n");
	assert_int_equal(scan_record_open(&rec, dir, false, 15, &why), ERR_EXISTS);
	assert_non_null(strstr(why.text, "frames.codes"));
}

static void a_cut_text_stays_cut(void **state)
{
	(void)state;
	struct scan_code code = {.text_len = SCAN_TEXT_MAX, .cut = 1, .symbology = SCAN_PDF417};
	struct scan_code back;
	uint8_t room[SCAN_CODES_LINE_MAX];
	struct bytes line;
	memset(code.text, 'z', sizeof code.text);
	bytes_init_fixed(&line, room, sizeof room);
	scan_codes_line(&line, &code);
	assert_false(line.full);
	assert_memory_equal(room, "pdf417+ 7a7a", 12);
	assert_int_equal(scan_codes_parse(&back, SPAN(room, line.len - 1), NULL), ERR_OK);
	assert_memory_equal(&back, &code, sizeof code);
}

static void lines_that_are_none_are_told_and_passed_over(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "qr", "qr ", "qr 4", "qr 4g", "qr  48", "qrx 48",
		" 48", "+ 48", "qr+ 48", "--", "QR 48", "qr 48 "};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[128];
		snprintf(text, sizeof text, SCAN_CODES_HEAD "\n%s\nqr 48\n", bad[i]);
		given(text);
		says(SOURCE_BAD, "codes, line 2: ");
		gives("H", SCAN_QR);
		ends();
		scan_source_close(&source);
	}
}

static void another_header_is_refused(void **state)
{
	(void)state;
	given("countersign-codes 2\nqr 48\n");
	says(SOURCE_FAILED, "first line");
	scan_source_close(&source);
	given("c");
	says(SOURCE_NOTE, "cut");
	ends();
}

static void a_cut_last_line_is_told(void **state)
{
	(void)state;
	given(SCAN_CODES_HEAD "\nqr 48\nqr 4");
	gives("H", SCAN_QR);
	says(SOURCE_NOTE, "last line is cut");
	ends();
}

static void a_pipe_goes_on_in_the_next_life(void **state)
{
	(void)state;
	static const char rest[] = "8454c\nqr 4142\n-\n"; /* of a line that the former life began */
	int fds[2], stdin_before = dup(STDIN_FILENO);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], rest, sizeof rest - 1), sizeof rest - 1);
	close(fds[1]);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	close(fds[0]);
	struct scan_source_options opt = {.path = "-", .joined = true, .head = SCAN_CODES_HEAD};
	assert_int_equal(scan_source_open(&source, &opt, &why), ERR_OK);
	gives("AB", SCAN_QR);
	gives("", 0);
	ends();
	assert_int_equal(dup2(stdin_before, STDIN_FILENO), STDIN_FILENO);
	close(stdin_before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_recording_gives_what_was_read),
		CASE(a_recording_keeps_to_codes),
		CASE(a_cut_text_stays_cut),
		CASE(lines_that_are_none_are_told_and_passed_over),
		CASE(another_header_is_refused),
		CASE(a_cut_last_line_is_told),
		CASE(a_pipe_goes_on_in_the_next_life),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_codes", tests, NULL, NULL);
}
