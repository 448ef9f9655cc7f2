/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/decoder_kit.h"

#include "scanner/examine.h"

/* Frames of the same picture until a code is found; 0 = not in `most`. */
static unsigned frames_until_found(unsigned most)
{
	for (unsigned n = 1; n <= most; n++)
		if (look(false))
			return n;
	return 0;
}

static struct placed upright(const char *what)
{
	return (struct placed){.text = what, .x = 320, .y = 240, .module = 4, .dark = 20,
		.light = 230};
}

static void reads_codes_of_the_protocols_lengths(void **state)
{
	(void)state;
	for (size_t len = 160; len <= 330; len += 17) {
		struct placed p = upright(code_text(text, len, (unsigned)len));
		p.module = 5;
		grey_scene(&frame, 640, 480);
		draw_code(&frame, &p);
		assert_int_equal(frames_until_found(1), 1);
		assert_true(has(text));
		assert_int_equal(found.codes[0].cut, 0);
	}
}

static void reads_turned_and_blurred_codes(void **state)
{
	(void)state;
	static const double angles[] = {0, 7, 45, 90, 133, 180, 270, 352};
	for (size_t i = 0; i < sizeof angles / sizeof angles[0]; i++) {
		struct placed p = upright(code_text(text, 185, 3));
		p.angle = angles[i];
		grey_scene(&frame, 640, 480);
		draw_code(&frame, &p);
		blur(&frame);
		assert_in_range(frames_until_found(3), 1, 3);
		assert_true(has(text));
	}
}

static void reads_a_dark_code_within_a_few_frames(void **state)
{
	(void)state;
	static const int widths[] = {640, 1280};
	for (size_t i = 0; i < 2; i++) {
		struct placed p = upright(code_text(text, 185, 3));
		p.dark = 235;
		p.light = 15;
		p.module = i ? 7 : 4;
		grey_scene(&frame, widths[i], widths[i] * 3 / 4);
		draw_code(&frame, &p);
		forget();
		assert_in_range(frames_until_found(4), 1, 4);
		assert_true(has(text));
		assert_int_equal(frames_until_found(1), 1); /* and from then on at once */
	}
}

static void reads_two_codes_in_one_frame(void **state)
{
	(void)state;
	char other[200];
	struct placed p = upright(code_text(text, 170, 1));
	p.module = 3;
	p.x = 170;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	p.text = code_text(other, 180, 2);
	p.x = 480;
	p.angle = 10;
	draw_code(&frame, &p);
	assert_int_equal(look(false), 2);
	assert_true(has(text) && has(other));
}

static void reads_a_dark_code_beside_a_light_one_in_time(void **state)
{
	(void)state;
	char other[200];
	bool both = false;
	struct placed p = upright(code_text(text, 170, 1));
	p.module = 3;
	p.x = 170;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	p = (struct placed){.text = code_text(other, 180, 2), .x = 480, .y = 240, .module = 3,
		.dark = 235, .light = 15};
	draw_code(&frame, &p);
	for (int i = 0; i < 16 && !both; i++) {
		look(false);
		both = has(text) && has(other);
	}
	assert_true(both);
}

static void gives_the_same_text_once(void **state)
{
	(void)state;
	struct placed p = upright("HELLO WORLD AND ALL");
	p.x = 170;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	p.x = 480;
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
}

static void gives_at_most_four_texts(void **state)
{
	(void)state;
	grey_scene(&frame, 640, 480);
	for (int i = 0; i < 6; i++) {
		char name[] = "CODE NUMBER 0";
		name[12] = (char)('0' + i);
		struct placed p = upright(name);
		p.x = 110 + 200 * (i % 3);
		p.y = 120 + 220 * (i / 3);
		draw_code(&frame, &p);
	}
	assert_int_equal(look(false), SCAN_CODES_MAX);
}

static void cuts_a_long_text_and_says_so(void **state)
{
	(void)state;
	struct placed p = {.text = code_text(text, SCAN_TEXT_MAX, 5), .x = 500, .y = 400,
		.module = 5, .dark = 0, .light = 255};
	grey_scene(&frame, 998, 800);
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
	assert_int_equal(found.codes[0].text_len, SCAN_TEXT_MAX);
	assert_int_equal(found.codes[0].cut, 0);
	p.text = code_text(text, SCAN_TEXT_MAX + 1, 5);
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
	assert_int_equal(found.codes[0].text_len, SCAN_TEXT_MAX);
	assert_int_equal(found.codes[0].cut, 1);
	assert_memory_equal(found.codes[0].text, text, SCAN_TEXT_MAX);
}

static bool near(const int16_t corner[2], double x, double y)
{
	return fabs(corner[0] - x) < 6 && fabs(corner[1] - y) < 6;
}

static void tells_corners_clockwise_from_upper_left(void **state)
{
	(void)state;
	struct placed p = upright("HELLO"); /* version 1: 21 modules */
	p.module = 6;
	double half = 21 * 6 / 2.0;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
	const struct scan_code *c = &found.codes[0];
	assert_true(near(c->corner[0], 320 - half, 240 - half));
	assert_true(near(c->corner[1], 320 + half, 240 - half));
	assert_true(near(c->corner[2], 320 + half, 240 + half));
	assert_true(near(c->corner[3], 320 - half, 240 + half));
	grey_scene(&frame, 640, 480);
	p.angle = 90; /* clockwise: its upper left is at the upper right */
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
	assert_true(near(c->corner[0], 320 + half, 240 - half));
	assert_true(near(c->corner[1], 320 + half, 240 + half));
}

static void tells_corners_in_pixels_of_the_whole_frame(void **state)
{
	(void)state;
	struct placed p = {.text = "HELLO", .x = 900, .y = 500, .module = 10, .dark = 0,
		.light = 255};
	grey_scene(&frame, 1280, 720);
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1); /* at half size */
	assert_int_equal(decoder.read_by, STEP_FIRST);
	assert_true(near(found.codes[0].corner[0], 900 - 105, 500 - 105));
	assert_true(near(found.codes[0].corner[2], 900 + 105, 500 + 105));
}

static void zbar_tells_corners_in_pixels_of_the_whole_frame(void **state)
{
	(void)state;
	struct placed p = upright("HELLO");
	p.module = 6;
	double half = 21 * 6 / 2.0;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	found.count = 0;
	for (int again = 0; again < 2; again++) /* and the same text once */
		assert_int_equal(scan_zbar_read(&found, &frame, 2, NULL), ERR_OK);
	assert_int_equal(found.count, 1);
	assert_true(has("HELLO"));
	const struct scan_code *c = &found.codes[0];
	assert_true(near(c->corner[0], 2 * (320 - half), 2 * (240 - half)));
	assert_true(near(c->corner[1], 2 * (320 + half), 2 * (240 - half)));
	assert_true(near(c->corner[2], 2 * (320 + half), 2 * (240 + half)));
	assert_true(near(c->corner[3], 2 * (320 - half), 2 * (240 + half)));
}

static void reads_a_photographed_screen_at_half_size(void **state)
{
	(void)state;
	struct placed p = {.text = code_text(text, 185, 3), .x = 640, .y = 360, .module = 9,
		.dark = 30, .light = 240};
	grey_scene(&frame, 1280, 720);
	draw_code(&frame, &p);
	for (int y = 0; y < 720; y++) /* the screen's own pixels: every second row and column dim */
		for (int x = 0; x < 1280; x++)
			if (x % 2 && y % 2)
				frame.pixels[y * 1280 + x] /= 3;
	assert_int_equal(frames_until_found(1), 1);
	assert_true(has(text));
}

static void dear_steps_take_turns_over_frames_without_code(void **state)
{
	(void)state;
	unsigned seen = 0;
	grey_scene(&frame, 1280, 720);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(look(false), 0);
		seen |= decoder.done;
		assert_in_range(__builtin_popcount(decoder.done), 1, 2);
	}
	unsigned turns = 1u << STEP_FIRST | 1u << STEP_SMOOTH | 1u << STEP_FINE | 1u << STEP_COARSE;
	assert_int_equal(seen & turns, turns);
}

static void reads_the_same_every_time(void **state)
{
	(void)state;
	struct placed p = upright(code_text(text, 300, 8));
	p.module = 2.6;
	p.angle = 31;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	blur(&frame);
	char first[32], again[32];
	for (int run = 0; run < 3; run++) {
		forget();
		for (int i = 0; i < 31; i++)
			again[i] = look(false) ? '1' : '0';
		again[31] = '\0';
		if (run == 0)
			memcpy(first, again, sizeof first);
		assert_string_equal(first, again);
	}
}

static void makes_every_effort_for_a_single_picture(void **state)
{
	(void)state;
	struct scan_examiner e;
	struct scan_examined seen;
	struct placed p = {.text = code_text(text, 185, 3), .x = 640, .y = 360, .module = 9,
		.dark = 240, .light = 30};
	grey_scene(&frame, 1280, 720);
	draw_code(&frame, &p);
	struct scan_frame f = {.grey = &frame};
	scan_examiner_init(&e);
	assert_int_equal(scan_examine(&e, &seen, &f, true, NULL), ERR_OK);
	assert_int_equal(seen.found.count, 1);
	assert_true(seen.cpu_us > 0);
	scan_examiner_done(&e);
}

static void examines_a_cut_jpeg_as_far_as_it_goes(void **state)
{
	(void)state;
	struct scan_examiner e;
	struct scan_examined seen;
	struct err err = {.text = ""};
	struct placed p = upright("IN THE UPPER HALF");
	p.y = 100;
	grey_scene(&frame, 640, 480);
	draw_code(&frame, &p);
	struct span jpeg = make_jpeg(&frame, 85);
	struct scan_frame f = {.jpeg = SPAN(jpeg.data, jpeg.len * 3 / 4)};
	scan_examiner_init(&e);
	assert_int_equal(scan_examine(&e, &seen, &f, false, &err), ERR_OK);
	assert_true(seen.damaged && err.text[0]);
	assert_int_equal(seen.found.count, 1);
	f.jpeg.len = 30;
	assert_int_not_equal(scan_examine(&e, &seen, &f, false, &err), ERR_OK);
	assert_null(seen.grey);
	assert_int_equal(seen.found.count, 0);
	scan_examiner_done(&e);
	drop(jpeg);
}

static void survives_pictures_of_all_sizes(void **state)
{
	(void)state;
	static const int sides[][2] = {{16, 16}, {17, 33}, {4096, 16}, {16, 4096}, {199, 16},
		{201, 17}};
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		scan_grey_done(&frame);
		grey_scene(&frame, sides[i][0], sides[i][1]);
		for (int n = 0; n < 5; n++)
			assert_int_equal(look(false), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reads_codes_of_the_protocols_lengths),
		CASE(reads_turned_and_blurred_codes),
		CASE(reads_a_dark_code_within_a_few_frames),
		CASE(reads_two_codes_in_one_frame),
		CASE(reads_a_dark_code_beside_a_light_one_in_time),
		CASE(gives_the_same_text_once),
		CASE(gives_at_most_four_texts),
		CASE(cuts_a_long_text_and_says_so),
		CASE(tells_corners_clockwise_from_upper_left),
		CASE(tells_corners_in_pixels_of_the_whole_frame),
		CASE(zbar_tells_corners_in_pixels_of_the_whole_frame),
		CASE(reads_a_photographed_screen_at_half_size),
		CASE(dear_steps_take_turns_over_frames_without_code),
		CASE(reads_the_same_every_time),
		CASE(makes_every_effort_for_a_single_picture),
		CASE(examines_a_cut_jpeg_as_far_as_it_goes),
		CASE(survives_pictures_of_all_sizes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
