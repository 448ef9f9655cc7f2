/* SPDX-License-Identifier: Apache-2.0
 *
 * The guide on drawn pictures: what is told, when it is told, and when nothing is. The films in
 * fixtures/guidance (tests/e2e/guidance.t) have what is hard to draw.
 */
#include "tests/lib/scan_pictures.h"

#include "scanner/guide.h"
#include "scanner/source.h"

#define WIDTH 640
#define HEIGHT 480
#define AWAY_FRAMES (GUIDE_WINDOW_FRAMES + GUIDE_AWAY_MS * SCAN_FPS_DEFAULT / 1000 + 1)

static struct scan_guide guide;
static struct scan_grey frame;
static struct qr_finders finders;

static int set_up(void **state)
{
	(void)state;
	scan_guide_init(&guide);
	finders.count = 0;
	grey_scene(&frame, WIDTH, HEIGHT);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scan_grey_done(&frame);
	return 0;
}

static uint8_t *pixel(int x, int y)
{
	return &frame.pixels[y * frame.width + x];
}

static void box(int x, int y, int width, int height, uint8_t grey)
{
	for (int j = y > 0 ? y : 0; j < y + height && j < frame.height; j++)
		for (int i = x > 0 ? x : 0; i < x + width && i < frame.width; i++)
			*pixel(i, j) = grey;
}

/* A phone's screen with a code of 41 modules on it. */
static void phone(double x, double y, double module, uint8_t dark, uint8_t light)
{
	char text[128];
	struct placed p = {code_text(text, 120, 3), x, y, module, 8, dark, light};

	box((int)(x - 30 * module), (int)(y - 34 * module), (int)(60 * module), (int)(100 * module),
		light);
	draw_code(&frame, &p);
}

static void gain(int percent, int add)
{
	for (size_t i = 0; i < (size_t)frame.width * (size_t)frame.height; i++) {
		int v = frame.pixels[i] * percent / 100 + add;
		frame.pixels[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

static void noise(int most, unsigned seed)
{
	for (size_t i = 0; i < (size_t)frame.width * (size_t)frame.height; i++) {
		seed = seed * 1664525u + 1013904223u;
		int v = frame.pixels[i] + (int)(seed >> 16) % (2 * most + 1) - most;
		frame.pixels[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

/* Each pixel is the mean of those to its right, as when the shutter is open while it moves. */
static void smear(int len)
{
	for (int y = 0; y < frame.height; y++)
		for (int x = 0; x < frame.width; x++) {
			int sum = 0;
			for (int i = 0; i < len; i++)
				sum += *pixel(x + i < frame.width ? x + i : frame.width - 1, y);
			*pixel(x, y) = (uint8_t)(sum / len);
		}
}

static enum scan_hint cause(void)
{
	return scan_guide_picture(&guide, &frame, &finders);
}

static enum scan_hint next(void)
{
	return scan_guide_frame(&guide, -1, &frame, &finders);
}

static void finder_add(float x, float y, float module)
{
	finders.at[finders.count++] =
		(struct qr_finder){.x = x, .y = y, .module = module, .quality = 0.9f};
}

/* ---- the causes ---- */

static void an_empty_desk_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	gain(20, 0);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	gain(0, 0);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	gain(0, 255);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
}

static void small_modules_are_far(void **state)
{
	(void)state;
	phone(300, 200, 1.4, 10, 230);
	assert_int_equal(cause(), SCAN_HINT_FAR);
}

static void the_modules_of_finder_patterns_count(void **state)
{
	(void)state;
	phone(300, 200, 5, 10, 230);
	assert_int_not_equal(cause(), SCAN_HINT_FAR);
	finder_add(270, 170, 1.5f);
	finder_add(330, 170, 1.5f);
	assert_int_equal(cause(), SCAN_HINT_FAR);
}

static void a_code_over_the_border_is_cut(void **state)
{
	static const double at[][2] = {{30, 240}, {610, 240}, {320, 20}, {320, 460}};

	for (size_t i = 0; i < 4; i++) {
		set_up(state);
		phone(at[i][0], at[i][1], 5, 10, 230);
		assert_int_equal(cause(), SCAN_HINT_CUT);
	}
}

static void larger(int width, int height)
{
	scan_grey_done(&frame);
	grey_scene(&frame, width, height);
}

/* With a part of its border, with a corner, with nothing but modules; too near to be sharp, too. */
static void a_code_that_is_too_near_is_cut(void **state)
{
	static const double held[][3] = {
		{12.5, 330, 250}, {16, 200, 300}, {20, 320, 240}, {30, 320, 240}};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		const double *h = held[i / 2];
		double scale = i % 2 ? 1.5 : 1;

		larger(i % 2 ? 1280 : WIDTH, i % 2 ? 720 : HEIGHT);
		phone(h[1] * frame.width / WIDTH, h[2] * scale, h[0] * scale, 10, 230);
		assert_int_equal(cause(), SCAN_HINT_CUT);
		for (int turn = 0; turn < 6; turn++)
			blur(&frame);
		assert_int_equal(cause(), SCAN_HINT_CUT);
	}
}

static void what_fills_the_picture_is_not_always_a_code(void **state)
{
	(void)state;
	for (int side = 12; side <= 60; side += 6) { /* a board */
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				*pixel(x, y) = (x / side + y / side) % 2 ? 230 : 10;
		assert_int_equal(cause(), SCAN_HINT_NOTHING);
		for (int y = 0; y < HEIGHT; y++) /* tiles with joints */
			for (int x = 0; x < WIDTH; x++)
				*pixel(x, y) = x % side < side / 6 || y % side < side / 6 ? 10
					: (x / side * 7 + y / side * 5) % 3 ? 220 : 60;
		assert_int_equal(cause(), SCAN_HINT_NOTHING);
	}
	memset(frame.pixels, 90, (size_t)WIDTH * HEIGHT);
	noise(110, 7);
	for (int i = 0; i < 12; i++) /* leaves */
		blur(&frame);
	gain(700, -520);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
}

static void a_code_without_edges_is_blurred(void **state)
{
	(void)state;
	phone(320, 220, 5, 10, 230);
	for (int i = 0; i < 14; i++)
		blur(&frame);
	assert_int_equal(cause(), SCAN_HINT_BLURRED);
	noise(6, 1);
	assert_int_equal(cause(), SCAN_HINT_BLURRED);
}

static void a_code_without_edges_in_one_direction_moves(void **state)
{
	(void)state;
	phone(320, 220, 5, 10, 230);
	smear(18);
	assert_int_equal(cause(), SCAN_HINT_MOVING);
	noise(6, 1);
	assert_int_equal(cause(), SCAN_HINT_MOVING);
}

static void a_dim_screen_is_dark(void **state)
{
	(void)state;
	phone(320, 220, 5, 10, 230);
	gain(28, 0);
	noise(8, 1);
	assert_int_equal(cause(), SCAN_HINT_DARK);
}

static void a_dark_room_around_a_bright_phone_is_not(void **state)
{
	(void)state;
	gain(10, 0);
	phone(320, 220, 5, 10, 230);
	assert_int_not_equal(cause(), SCAN_HINT_DARK);
}

static void white_paper_is_not_bright(void **state)
{
	(void)state;
	box(100, 60, 400, 360, 255);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	for (int line = 0; line < 14; line++) /* a letter */
		for (int c = 0; c < 44; c++)
			if ((c * 7 + line * 3) % 9 > 1)
				box(130 + 8 * c, 80 + 22 * line, 4, 7, 40);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
}

static void light_over_the_modules_is_bright(void **state)
{
	(void)state;
	phone(320, 220, 5, 10, 230);
	for (int i = 0; i < 4; i++)
		blur(&frame);
	gain(450, 40);
	assert_int_equal(cause(), SCAN_HINT_BRIGHT);
}

static void a_lamp_on_the_code_is_glare(void **state)
{
	(void)state;
	phone(320, 220, 5, 10, 200);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			int dx = x - 350, dy = y - 250, near = 75 * 75 - dx * dx - dy * dy;
			int v = *pixel(x, y) + (near > 0 ? near / 8 : 0);
			*pixel(x, y) = (uint8_t)(v > 255 ? 255 : v);
		}
	assert_int_equal(cause(), SCAN_HINT_GLARE);
}

static void bars_stripes_and_boards_are_nothing(void **state)
{
	(void)state;
	for (int x = 60; x < 580; x += 13)
		box(x, 100, 4 + x % 3 * 2, 250, 20);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	set_up(state);
	for (int y = 0; y < HEIGHT; y += 9) /* a shirt */
		box(0, y, WIDTH, 4, 180);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
	set_up(state);
	for (int y = 0; y < HEIGHT; y += 12) /* and another */
		for (int x = y / 12 % 2 * 12; x < WIDTH; x += 24)
			box(x, y, 12, 12, 220);
	assert_int_equal(cause(), SCAN_HINT_NOTHING);
}

/* ---- over time ---- */

static void a_hint_comes_when_several_frames_agree(void **state)
{
	(void)state;
	phone(300, 200, 1.4, 10, 230);
	for (int i = 1; i < GUIDE_HOLD_FRAMES; i++)
		assert_int_equal(next(), SCAN_HINT_NONE);
	assert_int_equal(next(), SCAN_HINT_FAR);
}

static void one_odd_frame_changes_nothing(void **state)
{
	(void)state;
	phone(300, 200, 1.4, 10, 230);
	for (int i = 0; i < GUIDE_HOLD_FRAMES; i++)
		next();
	for (int turn = 0; turn < 6; turn++) {
		tear_down(state);
		grey_scene(&frame, WIDTH, HEIGHT);
		assert_int_equal(next(), SCAN_HINT_FAR);
		phone(300, 200, 1.4, 10, 230);
		for (int i = 0; i < 3; i++)
			assert_int_equal(next(), SCAN_HINT_FAR);
	}
}

/* At any rate of frames: with gaps in the evidence a hint stays, and goes when nothing is left. */
static void interrupted_evidence_gives_one_steady_hint(void **state)
{
	static const int64_t steps_ms[] = {20, 66, 200};

	for (size_t k = 0; k < 3; k++) {
		int64_t at_ms = 5000, step_ms = steps_ms[k];

		scan_guide_init(&guide);
		for (int i = 0; i < 120; i++, at_ms += step_ms) {
			bool gap = i >= 20 && (i * step_ms) % 1400 < 700;

			tear_down(state);
			grey_scene(&frame, WIDTH, HEIGHT);
			if (!gap)
				phone(300 + i % 3, 200, 1.4, 10, 230);
			enum scan_hint hint = scan_guide_frame(&guide, at_ms, &frame, NULL);
			if (i >= GUIDE_HOLD_FRAMES - 1)
				assert_int_equal(hint, SCAN_HINT_FAR);
		}
		tear_down(state);
		grey_scene(&frame, WIDTH, HEIGHT);
		for (int64_t end = at_ms + 3000; at_ms < end; at_ms += step_ms)
			scan_guide_frame(&guide, at_ms, &frame, NULL);
		assert_int_equal(guide.told, SCAN_HINT_NOTHING);
	}
}

/* Another cause is told only when the first could be read. */
static void another_hint_waits_until_the_first_was_shown(void **state)
{
	int64_t at_ms = 0, first_ms = -1;

	(void)state;
	phone(300, 200, 1.4, 10, 230);
	for (int i = 0; i < GUIDE_HOLD_FRAMES; i++, at_ms += 50)
		if (scan_guide_frame(&guide, at_ms, &frame, NULL) == SCAN_HINT_FAR)
			first_ms = at_ms;
	assert_true(first_ms >= 0);
	tear_down(state);
	grey_scene(&frame, WIDTH, HEIGHT);
	phone(30, 240, 5, 10, 230);
	while (at_ms - first_ms < GUIDE_SHOWN_MS) {
		assert_int_equal(scan_guide_frame(&guide, at_ms, &frame, NULL), SCAN_HINT_FAR);
		at_ms += 50;
	}
	assert_int_equal(scan_guide_frame(&guide, at_ms, &frame, NULL), SCAN_HINT_CUT);
}

static void a_code_that_is_read_ends_it_at_once(void **state)
{
	(void)state;
	phone(300, 200, 1.4, 10, 230);
	for (int i = 0; i < GUIDE_HOLD_FRAMES; i++)
		next();
	assert_int_equal(scan_guide_read(&guide), SCAN_HINT_NONE);
	/* the frames between two that are read say nothing */
	for (int i = 0; i < GUIDE_QUIET_FRAMES + GUIDE_HOLD_FRAMES - 1; i++)
		assert_int_equal(next(), SCAN_HINT_NONE);
	assert_int_equal(next(), SCAN_HINT_FAR);
}

static void what_never_changes_is_furniture(void **state)
{
	enum scan_hint hint = SCAN_HINT_NONE;

	(void)state;
	phone(300, 200, 1.4, 10, 230); /* a poster on the wall */
	for (int i = 0; i < GUIDE_STILL_FRAMES + AWAY_FRAMES; i++)
		hint = next();
	assert_int_equal(hint, SCAN_HINT_NOTHING);
	phone(420, 300, 1.4, 10, 230); /* and a phone before it */
	for (int i = 0; i < GUIDE_HOLD_FRAMES; i++)
		hint = next();
	assert_int_equal(hint, SCAN_HINT_FAR);
}

static void without_a_finder_pattern_nothing_is_told_for_ever(void **state)
{
	enum scan_hint hint = SCAN_HINT_NONE;

	(void)state;
	/* a patterned sleeve that moves */
	for (int i = 0; i < GUIDE_DOUBT_FRAMES + AWAY_FRAMES; i++) {
		grey_scene(&frame, WIDTH, HEIGHT);
		phone(200 + i % 7 * 20, 200 + i % 5 * 16, 1.4, 10, 230);
		hint = next();
		if (i == GUIDE_DOUBT_FRAMES / 2)
			assert_int_equal(hint, SCAN_HINT_FAR);
	}
	assert_int_equal(hint, SCAN_HINT_NOTHING);
	finder_add(200, 200, 1.4f);
	finder_add(260, 200, 1.4f);
	for (int i = 0; i < GUIDE_HOLD_FRAMES; i++)
		hint = next();
	assert_int_equal(hint, SCAN_HINT_FAR);
}

/* Somebody in a dark coat with a checked scarf walks by: never "hold still" for long. */
static void a_person_walking_by_is_not_told_to_hold_still(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		grey_scene(&frame, WIDTH, HEIGHT);
		box(-200 + 14 * i, 40, 180, 440, 35);
		for (int k = 0; k < 12; k++)
			box(-180 + 14 * i + k % 4 * 34, 90 + k / 4 * 24, 17, 12, 150);
		smear(9);
		assert_int_not_equal(next(), SCAN_HINT_MOVING);
	}
}

static void the_same_frames_give_the_same_hints(void **state)
{
	enum scan_hint first[12];

	(void)state;
	phone(300, 200, 1.4, 10, 230);
	for (int i = 0; i < 12; i++)
		first[i] = next();
	scan_guide_init(&guide);
	for (int i = 0; i < 12; i++)
		assert_int_equal(next(), first[i]);
}

/* ---- odd pictures ---- */

static void every_size_and_any_finder_pattern_is_borne(void **state)
{
	static const int sizes[][2] = {{16, 16}, {17, 4096}, {4096, 16}, {161, 121}, {1280, 720},
		{321, 16}, {33, 500}};
	static const float odd[] = {-1e30f, 1e30f, 0, -5, 1e-30f};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		tear_down(state);
		grey_fill(&frame, sizes[i][0], sizes[i][1], 90);
		noise(120, (unsigned)i);
		finders.count = 0;
		for (size_t k = 0; k < 25; k++)
			finder_add(odd[k / 5], odd[k % 5], odd[(k + i) % 5]);
		assert_in_range(cause(), 0, SCAN_HINT_COUNT - 1);
		finders.count = 0;
		assert_in_range(next(), 0, SCAN_HINT_COUNT - 1);
	}
	assert_in_range(scan_guide_picture(&guide, &frame, NULL), 0, SCAN_HINT_COUNT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(an_empty_desk_is_nothing),
		CASE(small_modules_are_far),
		CASE(the_modules_of_finder_patterns_count),
		CASE(a_code_over_the_border_is_cut),
		CASE(a_code_that_is_too_near_is_cut),
		CASE(what_fills_the_picture_is_not_always_a_code),
		CASE(a_code_without_edges_is_blurred),
		CASE(a_code_without_edges_in_one_direction_moves),
		CASE(a_dim_screen_is_dark),
		CASE(a_dark_room_around_a_bright_phone_is_not),
		CASE(white_paper_is_not_bright),
		CASE(light_over_the_modules_is_bright),
		CASE(a_lamp_on_the_code_is_glare),
		CASE(bars_stripes_and_boards_are_nothing),
		CASE(a_hint_comes_when_several_frames_agree),
		CASE(one_odd_frame_changes_nothing),
		CASE(interrupted_evidence_gives_one_steady_hint),
		CASE(another_hint_waits_until_the_first_was_shown),
		CASE(a_code_that_is_read_ends_it_at_once),
		CASE(what_never_changes_is_furniture),
		CASE(without_a_finder_pattern_nothing_is_told_for_ever),
		CASE(a_person_walking_by_is_not_told_to_hold_still),
		CASE(the_same_frames_give_the_same_hints),
		CASE(every_size_and_any_finder_pattern_is_borne),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
