/* SPDX-License-Identifier: Apache-2.0
 *
 * What the decoder does from frame to frame: tracking, the budget, turns, hostile pictures; and the
 * views of a frame that it makes.
 */
#include "tests/lib/qr_pictures.h"

#include "tests/lib/decoder_kit.h"

#include "scanner/attempt.h"
#include "scanner/sharpen.h"
#include "scanner/threshold.h"

static void draw_at(double x, double y, double module, double angle)
{
	struct placed p = {.text = code_text(text, 185, 3), .x = x, .y = y, .module = module,
		.angle = angle, .dark = 20, .light = 230};
	grey_scene(&frame, 1280, 720);
	draw_code(&frame, &p);
}

/* ---- from frame to frame ---- */

static void follows_a_code_that_moves_a_little(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		draw_at(600 + 2 * i, 360 - i, 5, 0.2 * i);
		assert_int_equal(look(false), 1);
		assert_int_equal(decoder.read_by, i ? STEP_TRACK : STEP_FIRST);
	}
}

static void finds_a_code_again_that_jumped(void **state)
{
	(void)state;
	draw_at(600, 360, 5, 0);
	assert_int_equal(look(false), 1);
	draw_at(640, 390, 5, 8);
	assert_int_equal(look(false), 1);
	assert_int_equal(decoder.read_by, STEP_NEAR);
	draw_at(200, 200, 4, 80);
	assert_int_equal(look(false), 1);
	assert_int_equal(decoder.read_by, STEP_FIRST);
}

static void reads_another_text_at_the_same_place(void **state)
{
	(void)state;
	draw_at(600, 360, 5, 0);
	assert_int_equal(look(false), 1);
	struct placed p = {.text = "ANOTHER ONE OF THE SAME LENGTH OR SO, BUT NOT THE SAME TEXT",
		.x = 600, .y = 360, .module = 5, .dark = 20, .light = 230};
	grey_scene(&frame, 1280, 720);
	draw_code(&frame, &p);
	assert_int_equal(look(false), 1);
	assert_true(has(p.text));
}

static void forgets_a_code_that_went_away(void **state)
{
	(void)state;
	draw_at(600, 360, 5, 0);
	assert_int_equal(look(false), 1);
	grey_scene(&frame, 1280, 720);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(look(false), 0);
		if (i < 3)
			assert_true(decoder.done & 1u << STEP_TRACK);
	}
	assert_int_equal(decoder.sightings, 0);
	assert_false(decoder.done & 1u << STEP_TRACK);
}

static void tells_what_it_saw_of_a_code_that_it_cannot_read(void **state)
{
	(void)state;
	draw_at(640, 360, 6, 0);
	for (int y = 300; y < 420; y++) /* a hand over the middle */
		memset(frame.pixels + y * 1280 + 400, 90, 480);
	assert_int_equal(look(false), 0);
	assert_in_range(decoder.seen.count, 3, QR_FINDERS_MAX);
	unsigned good = 0;
	for (unsigned i = 0; i < decoder.seen.count; i++)
		good += fabs((double)decoder.seen.at[i].module - 6) < 1;
	assert_true(good >= 3); /* in pixels of the frame, not of the half it was found in */
}

static void counts_what_each_step_does(void **state)
{
	(void)state;
	draw_at(600, 360, 5, 0);
	look(false);
	look(false);
	assert_int_equal(decoder.count[STEP_FIRST].runs, 1);
	assert_int_equal(decoder.count[STEP_FIRST].reads, 1);
	assert_int_equal(decoder.count[STEP_TRACK].runs, 1);
	assert_int_equal(decoder.count[STEP_TRACK].reads, 1);
	assert_int_equal(decoder.count[STEP_SMOOTH].runs, 0);
}

/* ---- what only one step reads ---- */

static void add_noise(int most)
{
	uint32_t seed = 5;
	for (int i = 0; i < frame.width * frame.height; i++) {
		seed = seed * 1664525u + 1013904223u;
		int v = frame.pixels[i] + (int)((seed >> 16) % (2u * (unsigned)most + 1)) - most;
		frame.pixels[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

/* Light grows by a pixel all around, as where there is too much of it. */
static void add_bloom(void)
{
	struct scan_grey was = {.pixels = NULL};
	int width = frame.width;
	grey_fill(&was, width, frame.height, 0);
	memcpy(was.pixels, frame.pixels, (size_t)width * (size_t)frame.height);
	for (int y = 1; y < frame.height - 1; y++)
		for (int x = 1; x < width - 1; x++)
			for (int k = 0; k < 9; k++) {
				uint8_t v = was.pixels[(y + k / 3 - 1) * width + x + k % 3 - 1];
				uint8_t *to = &frame.pixels[y * width + x];
				*to = v > *to ? v : *to;
			}
	scan_grey_done(&was);
}

static void each_step_reads_what_those_before_it_do_not(void **state)
{
	(void)state;
	static const struct {
		enum scan_step step;
		double module;
		uint8_t dark, light;
		int blurs, noise;
		bool bloom;
	} all[] = {
		{STEP_SMOOTH, 4.5, 20, 230, 0, 60, false},
		{STEP_SHARP, 3, 112, 128, 2, 0, false},
		{STEP_COARSE, 7, 20, 230, 6, 60, false},
		{STEP_CORE, 3, 20, 230, 0, 0, true},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		int width = all[i].module < 5 ? 320 : 400, height = width < 400 ? 240 : 320;
		struct placed p = {.text = "A SHORT TEXT OF THIRTY LETTERS", .x = width / 2.0,
			.y = height / 2.0, .module = all[i].module, .angle = 10,
			.dark = all[i].dark, .light = all[i].light};
		grey_fill(&frame, width, height, p.light);
		draw_code(&frame, &p);
		for (int k = 0; k < all[i].blurs; k++)
			blur(&frame);
		if (all[i].noise)
			add_noise(all[i].noise);
		if (all[i].bloom)
			add_bloom();
		forget();
		assert_int_equal(look(true), 1);
		assert_true(has(p.text));
		assert_int_equal(decoder.read_by, all[i].step);
	}
}

static void draw_posed(const struct pose *p, int width, int height)
{
	QRcode *qr = pose_code(text, p);
	grey_scene(&frame, width, height);
	pose_draw(&frame, p, qr);
	QRcode_free(qr);
}

static void leaves_to_zbar_what_is_tilted_too_far(void **state)
{
	(void)state;
	struct pose p = {.x = 200, .y = 160, .module = 5, .turn = 10, .tilt = 60, .version = 3,
		.dark = 25, .light = 220};
	draw_posed(&p, 400, 320);
	assert_int_equal(look(true), 1);
	assert_true(has(text));
	assert_int_equal(decoder.read_by, STEP_ZBAR);
}

/* A label around a cup, which no other step reads. */
static void bends_to_paper_in_a_picture_and_in_a_video(void **state)
{
	(void)state;
	for (int turn = 0; turn < 90; turn += 40) {
		struct pose p = {.x = 320, .y = 240, .module = 7, .turn = turn, .curve = 0.9,
			.version = 4, .dark = 25, .light = 220};
		draw_posed(&p, 640, 480);
		assert_int_equal(look(true), 1);
		assert_true(has(text));
		assert_int_equal(decoder.read_by, STEP_BEND);
		forget();
		assert_int_equal(look(false), 1);
		assert_true(has(text));
		assert_int_equal(decoder.read_by, STEP_BEND);
		p.x += 2; /* its mesh is followed */
		draw_posed(&p, 640, 480);
		assert_int_equal(look(false), 1);
		assert_int_equal(decoder.read_by, STEP_TRACK);
		forget();
	}
}

/* ---- what is no code in frame after frame ---- */

static void what_was_refused_twice_rests_for_some_frames(void **state)
{
	(void)state;
	struct scan_place p = {.view = VIEW_HALF};
	for (int i = 0; i < 3; i++)
		p.place.finder[i] = (struct qr_finder){.x = (float)(100 + 50 * (i == 1)),
			.y = (float)(100 + 50 * (i == 2)), .module = 3};
	scan_place_refuse(&decoder, &p);
	assert_false(scan_place_is_refused(&decoder, &p));
	decoder.frames++;
	p.place.finder[0].x += 1; /* a camera shakes a little */
	scan_place_refuse(&decoder, &p);
	assert_int_equal(decoder.refusals, 1);
	assert_true(scan_place_is_refused(&decoder, &p));
	struct scan_place moved = p;
	moved.place.finder[2].y += 3;
	assert_false(scan_place_is_refused(&decoder, &moved));
	moved = p;
	moved.view = VIEW_FULL; /* other pixels of the frame */
	assert_false(scan_place_is_refused(&decoder, &moved));
	decoder.thorough = true;
	assert_false(scan_place_is_refused(&decoder, &p));
	decoder.thorough = false;
	decoder.frames += 7;
	assert_true(scan_place_is_refused(&decoder, &p));
	decoder.frames++;
	assert_false(scan_place_is_refused(&decoder, &p));
}

/* ---- the budget ---- */

static void finder_at(int x, int y, int module)
{
	for (int j = 0; j < 7 * module; j++)
		for (int i = 0; i < 7 * module; i++) {
			int u = abs(i / module - 3), v = abs(j / module - 3);
			if (x + i < frame.width && y + j < frame.height)
				frame.pixels[(y + j) * frame.width + x + i] =
					(u > v ? u : v) == 2 ? 240 : 10;
		}
}

static void draw_hostile(int kind, int width, int height)
{
	uint32_t seed = 1;
	grey_fill(&frame, width, height, 240);
	for (int y = 0; y < height && kind < 5; y++)
		for (int x = 0; x < width; x++) {
			seed = seed * 1664525u + 1013904223u;
			int v = kind == 0   ? x / 3 % 2 * 255
				: kind == 1 ? y / 3 % 2 * 255
				: kind == 2 ? (int)(seed >> 24)
				: kind == 3 ? (x / 4 + y / 4) % 2 * 255
					    : (int)(seed >> 31) * 255;
			frame.pixels[y * width + x] = (uint8_t)v;
		}
	for (int y = 0; y < height && kind >= 5; y += kind == 5 ? 27 : 18)
		for (int x = 0; x < width; x += kind == 5 ? 27 : 18)
			finder_at(x, y, kind == 5 ? 3 : 2);
}

/* What is counted before it is done may be a little short. */
#define OVERDRAFT_US 5000

static void keeps_to_the_budget_on_hostile_pictures(void **state)
{
	(void)state;
	static const int sizes[][2] = {{640, 480}, {1280, 720}, {1920, 1080}};
	for (size_t s = 0; s < 3; s++)
		for (int kind = 0; kind < 7; kind++) {
			forget();
			draw_hostile(kind, sizes[s][0], sizes[s][1]);
			for (int i = 0; i < 3; i++) {
				assert_int_equal(look(false), 0);
				assert_true(decoder.budget.left_us > -OVERDRAFT_US);
			}
		}
}

static int64_t spent_with(int budget_ms)
{
	forget();
	decoder.budget_ms = budget_ms;
	scan_decoder_begin(&decoder, &found);
	assert_true(scan_decoder_pass(&decoder, &found, &frame, false));
	int64_t left = decoder.budget.left_us;
	while (scan_decoder_pass(&decoder, &found, &frame, false))
		;
	return left - decoder.budget.left_us; /* after the first step */
}

static void a_small_budget_leaves_out_the_dear_steps(void **state)
{
	(void)state;
	draw_hostile(2, 640, 480);
	int64_t small = spent_with(4), large = spent_with(50);
	assert_true(small < large);
	assert_true(large > 4000);
}

static void work_that_is_too_much_is_not_begun(void **state)
{
	(void)state;
	struct scan_budget b;
	scan_budget_start(&b, 1000, false);
	assert_true(scan_budget_take(&b, 900));
	assert_false(scan_budget_take(&b, 101));
	assert_true(scan_budget_take(&b, 100));
	assert_int_equal(scan_budget_left(&b), 0);
	scan_budget_spend(&b, 50);
	assert_int_equal(scan_budget_left(&b), 0);
	assert_false(scan_budget_take(&b, 1));
}

static void the_clock_matters_only_live(void **state)
{
	(void)state;
	struct scan_budget b;
	scan_budget_start(&b, 1000000, true);
	assert_true(scan_budget_take(&b, 1000));
	b.stop_cpu_us = scan_cpu_us(); /* as if time had run out */
	assert_false(scan_budget_take(&b, 1000));
	assert_int_equal(scan_budget_left(&b), 0);
	b.stop_cpu_us = INT64_MAX;
	assert_true(scan_budget_take(&b, 1000));
}

/* ---- views ---- */

static void halves_until_there_is_nothing_left_to_halve(void **state)
{
	(void)state;
	struct scan_views v = {.frame = NULL};
	grey_scene(&frame, 320, 200);
	scan_views_begin(&v, &frame);
	assert_ptr_equal(scan_views_get(&v, VIEW_FULL), &frame);
	assert_int_equal(scan_views_get(&v, VIEW_QUARTER)->width, 80);
	assert_int_equal(scan_views_get(&v, VIEW_HALF)->width, 160);
	assert_null(scan_views_get(&v, VIEW_EIGHTH));
	assert_int_equal(scan_views_get(&v, VIEW_SHARP)->height, 200);
	scan_views_done(&v);
}

static void black_and_white_follows_the_light(void **state)
{
	(void)state;
	struct scan_grey out = {.pixels = NULL};
	grey_fill(&frame, 300, 40, 0);
	for (int y = 0; y < 40; y++) /* from shadow to light, stripes a fifth darker */
		for (int x = 0; x < 300; x++)
			frame.pixels[y * 300 + x] =
				(uint8_t)((40 + x * 2 / 3) * (x / 5 % 2 ? 8 : 10) / 10);
	assert_int_equal(scan_threshold(&out, &frame, 12, 95, NULL), ERR_OK);
	for (int y = 0; y < 40; y++)
		for (int x = 12; x < 288; x++)
			assert_int_equal(out.pixels[y * 300 + x], x / 5 % 2 ? 0 : 255);
	scan_grey_done(&out);
}

static void sharpening_leaves_even_grey_and_lifts_edges(void **state)
{
	(void)state;
	struct scan_grey out = {.pixels = NULL};
	grey_fill(&frame, 40, 30, 100);
	assert_int_equal(scan_sharpen(&out, &frame, NULL), ERR_OK);
	for (int i = 0; i < 40 * 30; i++)
		assert_int_equal(out.pixels[i], 100);
	for (int y = 0; y < 30; y++)
		memset(frame.pixels + y * 40 + 20, 140, 20);
	assert_int_equal(scan_sharpen(&out, &frame, NULL), ERR_OK);
	assert_in_range(out.pixels[15 * 40 + 19], 50, 90);
	assert_in_range(out.pixels[15 * 40 + 20], 150, 190);
	assert_int_equal(out.pixels[15 * 40 + 5], 100);
	assert_int_equal(out.pixels[15 * 40 + 39], 140);
	scan_grey_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(follows_a_code_that_moves_a_little),
		CASE(finds_a_code_again_that_jumped),
		CASE(reads_another_text_at_the_same_place),
		CASE(forgets_a_code_that_went_away),
		CASE(tells_what_it_saw_of_a_code_that_it_cannot_read),
		CASE(counts_what_each_step_does),
		CASE(each_step_reads_what_those_before_it_do_not),
		CASE(leaves_to_zbar_what_is_tilted_too_far),
		CASE(bends_to_paper_in_a_picture_and_in_a_video),
		CASE(what_was_refused_twice_rests_for_some_frames),
		CASE(keeps_to_the_budget_on_hostile_pictures),
		CASE(a_small_budget_leaves_out_the_dear_steps),
		CASE(work_that_is_too_much_is_not_begun),
		CASE(the_clock_matters_only_live),
		CASE(halves_until_there_is_nothing_left_to_halve),
		CASE(black_and_white_follows_the_light),
		CASE(sharpening_leaves_even_grey_and_lifts_edges),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
