/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/scan_pictures.h"

#include "scanner/picture.h"
#include "scanner/scanner.h"

static struct scan_grey sample, out;

static int make_sample(void **state)
{
	(void)state;
	grey_scene(&sample, 120, 90);
	return 0;
}

static int drop_sample(void **state)
{
	(void)state;
	scan_grey_done(&sample);
	scan_grey_done(&out);
	return 0;
}

static bool same_as_sample(int tolerance)
{
	if (out.width != sample.width || out.height != sample.height)
		return false;
	for (int i = 0; i < out.width * out.height; i++)
		if (abs(out.pixels[i] - sample.pixels[i]) > tolerance)
			return false;
	return true;
}

static enum err_code read_text(const char *text)
{
	struct span s = exact(text, strlen(text));
	bool damaged;
	struct err err = {.code = ERR_OK};
	enum err_code code = scan_picture_read(&out, s, &damaged, &err);
	assert_int_equal(code, err.code);
	if (code) {
		assert_true(err.text[0]);
		assert_int_equal(out.width, 0);
	}
	drop(s);
	return code;
}

static enum err_code read_span(struct span s, bool *damaged)
{
	bool d;
	struct err err = {.code = ERR_OK};
	return scan_picture_read(&out, s, damaged ? damaged : &d, &err);
}

/* ---- PGM ---- */

static void reads_a_raw_pgm(void **state)
{
	(void)state;
	struct span s = make_pgm(&sample);
	assert_int_equal(read_span(s, NULL), ERR_OK);
	assert_true(same_as_sample(0));
	drop(s);
}

static void reads_a_plain_pgm(void **state)
{
	(void)state;
	char text[4096];
	int n = snprintf(text, sizeof text, "P2 # words\n16\t16 # more\n 100\n");
	for (int i = 0; i < 256; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%d%c", i % 101,
			i % 16 ? ' ' : '\n');
	assert_int_equal(read_text(text), ERR_OK);
	assert_int_equal(out.width, 16);
	assert_int_equal(out.pixels[0], 0);
	assert_int_equal(out.pixels[50], 128); /* 50 of 100 */
	assert_int_equal(out.pixels[100], 255);
}

static void scales_a_pgm_of_16_bits(void **state)
{
	(void)state;
	uint8_t file[15 + 512];
	int n = snprintf((char *)file, sizeof file, "P5 16 16 65535 ");
	for (int i = 0; i < 256; i++)
		be16_put(file + n + 2 * i, (uint16_t)(i * 257));
	struct span s = exact(file, (size_t)n + 512);
	assert_int_equal(read_span(s, NULL), ERR_OK);
	for (int i = 0; i < 256; i++)
		assert_int_equal(out.pixels[i], i);
	drop(s);
}

static void takes_brighter_than_white_for_white(void **state)
{
	(void)state;
	char file[300];
	int n = snprintf(file, sizeof file, "P5 16 16 100 ");
	memset(file + n, 200, 256);
	struct span s = exact(file, (size_t)n + 256);
	assert_int_equal(read_span(s, NULL), ERR_OK);
	assert_int_equal(out.pixels[0], 255);
	drop(s);
}

static void refuses_a_pgm_of_16_bits_with_8_bit_pixels(void **state)
{
	(void)state;
	char file[600];
	int n = snprintf(file, sizeof file, "P5 16 16 65535 ");
	memset(file + n, 7, 511);
	struct span s = exact(file, (size_t)n + 511);
	assert_int_equal(read_span(s, NULL), ERR_FORMAT);
	assert_int_equal(out.width, 0);
	drop(s);
}

static void refuses_a_pgm_that_lies_about_its_size(void **state)
{
	(void)state;
	static const char *const bad[] = {"P5 4000 4000 255 abc", "P5 16 16 255 too short",
		"P5 16 16 65535 too short", "P2 16 16 255 1 2 3", "P2 4096 4096 1 1"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_text(bad[i]), ERR_FORMAT);
	struct span s = make_pgm(&sample);
	for (size_t len = 0; len < s.len; len++) {
		struct span cut = exact(s.data, len);
		assert_int_not_equal(read_span(cut, NULL), ERR_OK);
		assert_int_equal(out.width, 0);
		drop(cut);
	}
	drop(s);
}

/* The sample as PGM with `more` behind it. */
static enum err_code read_with(struct span pgm, struct span more)
{
	uint8_t *file = malloc(pgm.len + more.len);
	assert_non_null(file);
	memcpy(file, pgm.data, pgm.len);
	memcpy(file + pgm.len, more.data, more.len);
	struct span s = exact(file, pgm.len + more.len);
	enum err_code code = read_span(s, NULL);
	drop(s);
	free(file);
	return code;
}

static void refuses_a_pgm_with_bytes_behind_its_pixels(void **state)
{
	(void)state;
	static const char *const bad[] = {"x", " ", "\r\n", "\n\n", "\nP5 16 16 255 ",
		"P5 16 16 255 ",
		"P5", "P5 100000 1 255 x"};
	static const uint8_t many[300000] = {0};
	struct span s = make_pgm(&sample);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(read_with(s, span_text(bad[i])), ERR_FORMAT);
		assert_int_equal(out.width, 0);
	}
	assert_int_equal(read_with(s, SPAN(many, sizeof many)), ERR_FORMAT);
	for (size_t len = 1; len < s.len; len++) /* another picture, but not a whole one */
		assert_int_equal(read_with(s, SPAN(s.data, len)), ERR_FORMAT);
	drop(s);
	char text[700];
	int n = snprintf(text, sizeof text, "P2 16 16 1");
	for (int i = 0; i < 256; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, " 1");
	snprintf(text + n, sizeof text - (size_t)n, " \n# words\n");
	assert_int_equal(read_text(text), ERR_OK);
	snprintf(text + n, sizeof text - (size_t)n, " 1\n");
	assert_int_equal(read_text(text), ERR_FORMAT);
	snprintf(text + n, sizeof text - (size_t)n, "x");
	assert_int_equal(read_text(text), ERR_FORMAT);
}

static void reads_the_first_of_several_raw_pgms(void **state)
{
	(void)state;
	struct span s = make_pgm(&sample);
	assert_int_equal(read_with(s, span_text("\n")), ERR_OK);
	assert_int_equal(read_with(s, s), ERR_OK);
	assert_true(same_as_sample(0));
	drop(s);
}

static void refuses_sides_outside_the_limits(void **state)
{
	(void)state;
	static const char *const bad[] = {"P5 100000 1 255 x", "P5 1 100000 255 x",
		"P5 15 16 255 x",
		"P5 16 15 255 x", "P5 0 0 255 x", "P5 4097 16 255 x", "P5 16 4097 255 x",
		"P5 9999999 9999999 255 x", "P2 100000 1 255 1"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_text(bad[i]), ERR_RANGE);
}

static void refuses_a_damaged_pgm_header(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "P", "P5", "P6 16 16 255 x", "P5 x 16 255 y",
		"P5 16 16 0 x", "P5 16 16 65536 x", "P5 16 16 255", "P5 -16 16 255 x",
		"P5 99999999 16 255 x", "P5 # only words", "P5 16 16 255x"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_text(bad[i]), ERR_FORMAT);
}

/* ---- PNG ---- */

static void reads_a_png(void **state)
{
	(void)state;
	struct span s = make_png(&sample);
	assert_int_equal(read_span(s, NULL), ERR_OK);
	assert_true(same_as_sample(0));
	drop(s);
}

static void refuses_a_png_that_is_cut_or_changed(void **state)
{
	(void)state;
	struct span s = make_png(&sample);
	for (size_t len = 0; len < s.len - 12; len += 7) { /* the last chunk may be missing */
		struct span cut = exact(s.data, len);
		assert_int_not_equal(read_span(cut, NULL), ERR_OK);
		drop(cut);
	}
	drop(s);
}

/* A header of 100000 x 1; then a good file that is one row too low. */
static void refuses_a_png_of_impossible_sides(void **state)
{
	(void)state;
	static const uint8_t huge[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H',
		'D', 'R', 0, 1, 0x86, 0xa0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0xe6, 0x38, 0x4b, 0x69};
	struct span s = exact(huge, sizeof huge);
	assert_int_not_equal(read_span(s, NULL), ERR_OK);
	assert_int_equal(out.width, 0);
	drop(s);
	struct scan_grey thin = {.pixels = NULL};
	grey_fill(&thin, 4096, 16, 9);
	thin.height = 15;
	s = make_png(&thin);
	assert_int_equal(read_span(s, NULL), ERR_RANGE);
	drop(s);
	thin.height = 16;
	scan_grey_done(&thin);
}

/* ---- JPEG ---- */

static void reads_a_jpeg(void **state)
{
	(void)state;
	bool damaged = true;
	struct span s = make_jpeg(&sample, 95);
	assert_int_equal(read_span(s, &damaged), ERR_OK);
	assert_false(damaged);
	assert_true(same_as_sample(12));
	drop(s);
}

static void reads_a_cut_jpeg_as_far_as_it_goes(void **state)
{
	(void)state;
	bool damaged = false;
	struct span s = make_jpeg(&sample, 95), half = exact(s.data, s.len * 2 / 3);
	assert_int_equal(read_span(half, &damaged), ERR_OK);
	assert_true(damaged);
	assert_int_equal(out.width, sample.width);
	for (int i = 0; i < sample.width * 8; i++)
		assert_true(abs(out.pixels[i] - sample.pixels[i]) <= 12);
	drop(s);
	drop(half);
}

/* As many cameras send them: the tables are the standard's. */
static void reads_a_jpeg_without_huffman_tables(void **state)
{
	(void)state;
	bool damaged = true;
	struct span s = make_jpeg(&sample, 95);
	uint8_t *copy = malloc(s.len);
	size_t len = 2, at = 2;
	assert_non_null(copy);
	memcpy(copy, s.data, 2);
	while (s.data[at + 1] != 0xda) {
		size_t segment = 2 + (size_t)be16_get(s.data + at + 2);
		if (s.data[at + 1] != 0xc4) {
			memcpy(copy + len, s.data + at, segment);
			len += segment;
		}
		at += segment;
	}
	memcpy(copy + len, s.data + at, s.len - at);
	len += s.len - at;
	assert_true(len < s.len);
	assert_int_equal(read_span(SPAN(copy, len), &damaged), ERR_OK);
	assert_false(damaged);
	assert_true(same_as_sample(12));
	free(copy);
	drop(s);
}

static void never_fails_hard_on_a_changed_jpeg(void **state)
{
	(void)state;
	struct span s = make_jpeg(&sample, 80);
	for (size_t i = 0; i < s.len; i++) {
		uint8_t *copy = malloc(s.len);
		assert_non_null(copy);
		memcpy(copy, s.data, s.len);
		copy[i] ^= (uint8_t)(1u << (i % 8));
		bool damaged;
		struct err err = {.code = ERR_OK};
		if (scan_jpeg_read(&out, SPAN(copy, s.len), &damaged, &err))
			assert_true(err.text[0] && out.width == 0);
		free(copy);
	}
	for (size_t len = 0; len < s.len; len++) {
		struct span cut = exact(s.data, len);
		bool damaged;
		struct err err;
		if (!scan_jpeg_read(&out, cut, &damaged, &err))
			assert_true(damaged);
		drop(cut);
	}
	drop(s);
}

static void set_jpeg_sides(uint8_t *jpeg, size_t len, uint16_t width, uint16_t height)
{
	for (size_t i = 0; i + 9 < len; i++)
		if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0) {
			be16_put(jpeg + i + 5, height);
			be16_put(jpeg + i + 7, width);
			return;
		}
	fail();
}

static void refuses_a_jpeg_of_impossible_sides(void **state)
{
	(void)state;
	static const uint16_t sides[][2] = {{65500, 65500}, {65500, 16}, {16, 65500}, {4097, 64},
		{15, 64}, {0, 64}, {64, 0}};
	struct span s = make_jpeg(&sample, 80);
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		uint8_t *copy = malloc(s.len);
		assert_non_null(copy);
		memcpy(copy, s.data, s.len);
		set_jpeg_sides(copy, s.len, sides[i][0], sides[i][1]);
		bool damaged;
		struct err err;
		assert_int_not_equal(scan_jpeg_read(&out, SPAN(copy, s.len), &damaged, &err),
			ERR_OK);
		assert_int_equal(out.width, 0);
		free(copy);
	}
	drop(s);
}

static void refuses_what_is_no_picture(void **state)
{
	(void)state;
	static const char *const bad[] = {"hello", "\xff\xd8", "\xff\xd8\xff", "\x89PNG\r\n\x1a\n",
		"GIF89a", "\xff\xd8\xff\xd9"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_text(bad[i]), ERR_FORMAT);
}

/* ---- grey ---- */

static void halves_by_means(void **state)
{
	(void)state;
	struct scan_grey g = {.pixels = NULL}, half = {.pixels = NULL};
	grey_fill(&g, 17, 17, 0);
	g.pixels[0] = 255;
	g.pixels[1] = 255;
	g.pixels[17] = 255;
	assert_int_equal(scan_grey_half(&half, &g, NULL), ERR_OK);
	assert_int_equal(half.width, 8);
	assert_int_equal(half.height, 8);
	assert_int_equal(half.pixels[0], 191);
	assert_int_equal(half.pixels[1], 0);
	scan_grey_done(&g);
	scan_grey_done(&half);
}

static void shrinks_to_a_preview_of_any_shape(void **state)
{
	(void)state;
	static const int sides[][2] = {{16, 16}, {640, 480}, {4096, 16}, {97, 55}};
	uint8_t small[SCAN_PREVIEW_ROWS * SCAN_PREVIEW_COLUMNS];
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		struct scan_grey g = {.pixels = NULL};
		grey_fill(&g, sides[i][0], sides[i][1], 77);
		scan_grey_shrink(small, SCAN_PREVIEW_COLUMNS, SCAN_PREVIEW_ROWS, &g);
		for (size_t k = 0; k < sizeof small; k++)
			assert_int_equal(small[k], 77);
		scan_grey_done(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_raw_pgm),
		cmocka_unit_test(reads_a_plain_pgm),
		cmocka_unit_test(scales_a_pgm_of_16_bits),
		cmocka_unit_test(takes_brighter_than_white_for_white),
		cmocka_unit_test(refuses_a_pgm_of_16_bits_with_8_bit_pixels),
		cmocka_unit_test(refuses_a_pgm_that_lies_about_its_size),
		cmocka_unit_test(refuses_a_pgm_with_bytes_behind_its_pixels),
		cmocka_unit_test(reads_the_first_of_several_raw_pgms),
		cmocka_unit_test(refuses_sides_outside_the_limits),
		cmocka_unit_test(refuses_a_damaged_pgm_header),
		cmocka_unit_test(reads_a_png),
		cmocka_unit_test(refuses_a_png_that_is_cut_or_changed),
		cmocka_unit_test(refuses_a_png_of_impossible_sides),
		cmocka_unit_test(reads_a_jpeg),
		cmocka_unit_test(reads_a_cut_jpeg_as_far_as_it_goes),
		cmocka_unit_test(reads_a_jpeg_without_huffman_tables),
		cmocka_unit_test(never_fails_hard_on_a_changed_jpeg),
		cmocka_unit_test(refuses_a_jpeg_of_impossible_sides),
		cmocka_unit_test(refuses_what_is_no_picture),
		cmocka_unit_test(halves_by_means),
		cmocka_unit_test(shrinks_to_a_preview_of_any_shape),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_sample, drop_sample);
}
