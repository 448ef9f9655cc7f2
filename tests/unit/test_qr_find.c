/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/qr_pictures.h"

static struct scan_grey frame;
static char text[600];

static int done(void **state)
{
	(void)state;
	scan_grey_done(&frame);
	return 0;
}

/* How many of the symbol's three patterns are among those found, within a third of a module. */
static int patterns_found(const struct pose *p, const struct qr_find_options *how)
{
	struct qr_finders f;
	double map[9];
	int side = 17 + 4 * p->version, hits = 0;
	qr_find(&f, &frame, how);
	assert_in_range(f.count, 0, QR_FINDERS_MAX);
	pose_map(map, p, side);
	for (int k = 0; k < 3; k++) {
		double x = k == 1 ? side - 3.5 : 3.5, y = k == 2 ? side - 3.5 : 3.5;
		struct qr_point c = qr_map_flat(map, x, y);
		bool hit = false;
		for (unsigned i = 0; i < f.count; i++) {
			const struct qr_finder *at = &f.at[i];
			hit = hit || (at->inverted == (p->dark > p->light) &&
				hypot((double)(at->x - c.x), (double)(at->y - c.y)) <
					p->module / 3 &&
				fabs((double)at->module / p->module - 1) < 0.35);
		}
		hits += hit;
	}
	return hits;
}

static struct pose posed(double module, double turn, bool inverted)
{
	return (struct pose){.x = 160, .y = 120, .module = module, .turn = turn, .version = 1,
		.dark = inverted ? 220 : 25, .light = inverted ? 25 : 220};
}

static void draw(const struct pose *p, int width, int height)
{
	QRcode *qr = pose_code(text, p);
	grey_scene(&frame, width, height);
	pose_draw(&frame, p, qr);
	QRcode_free(qr);
}

static void finds_patterns_at_every_turn_and_in_both_polarities(void **state)
{
	(void)state;
	struct qr_find_options every = {.step = 2};
	for (int turn = 0; turn < 360; turn += 9) {
		struct pose p = posed(4, turn, turn & 1);
		draw(&p, 320, 240);
		assert_int_equal(patterns_found(&p, &every), 3);
	}
}

static void finds_patterns_of_2_to_30_pixels_a_module(void **state)
{
	(void)state;
	static const double sizes[] = {2, 2.5, 3, 5, 8, 12, 18, 24, 30};
	struct qr_find_options every = {.step = 1};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (int inverted = 0; inverted < 2; inverted++) {
			struct pose p = posed(sizes[i], 17, inverted);
			p.x = p.y = sizes[i] > 6 ? 480 : 120;
			draw(&p, 2 * (int)p.x, 2 * (int)p.y);
			assert_int_equal(patterns_found(&p, &every), 3);
		}
}

static void finds_tilted_patterns(void **state)
{
	(void)state;
	struct qr_find_options every = {.step = 1};
	for (int way = 0; way < 360; way += 30) {
		struct pose p = posed(4, 20 + way * 0.7, way % 60 == 0);
		p.tilt = 40;
		p.way = way;
		draw(&p, 320, 240);
		assert_int_equal(patterns_found(&p, &every), 3);
	}
}

static void finds_blurred_patterns_and_noisy_ones_when_smoothed(void **state)
{
	(void)state;
	struct qr_find_options smooth = {.step = 1, .smooth = true};
	struct pose p = posed(4, 30, false);
	draw(&p, 320, 240);
	blur(&frame);
	assert_int_equal(patterns_found(&p, &(struct qr_find_options){.step = 1}), 3);
	draw(&p, 320, 240);
	unsigned seed = 5;
	for (int i = 0; i < 320 * 240; i++) {
		seed = seed * 1664525u + 1013904223u;
		int v = frame.pixels[i] + (int)(seed >> 26) - 32;
		frame.pixels[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
	assert_int_equal(patterns_found(&p, &smooth), 3);
}

static void steps_of_light_beside_the_quiet_zone_do_no_harm(void **state)
{
	(void)state;
	struct pose p = posed(4, 0, false);
	draw(&p, 320, 240);
	for (int i = 0; i < 320 * 240; i++) {
		int x = i % 320, y = i / 320;
		bool ground = abs(x - 160) > 55 || abs(y - 120) > 55;
		frame.pixels[i] = ground ? 255 : frame.pixels[i] > 180 ? 190 : frame.pixels[i];
	}
	assert_int_equal(patterns_found(&p, &(struct qr_find_options){.step = 2}), 3);
}

static void looks_only_where_it_is_told(void **state)
{
	(void)state;
	struct pose p = posed(4, 0, false);
	struct qr_finders f;
	draw(&p, 320, 240);
	struct qr_box left = {0, 0, 155, 240}, outside = {400, 0, 500, 240};
	struct qr_box thin = {10, 10, 20, 200};
	struct qr_box wild = {-50000, -50000, 50000, 50000}, backwards = {300, 200, 20, 10};
	assert_int_equal(patterns_found(&p, &(struct qr_find_options){.where = &left}), 2);
	assert_int_equal(patterns_found(&p, &(struct qr_find_options){.where = &wild}), 3);
	assert_int_equal(patterns_found(&p, NULL), 3);
	qr_find(&f, &frame, &(struct qr_find_options){.where = &outside});
	assert_int_equal(f.count, 0);
	qr_find(&f, &frame, &(struct qr_find_options){.where = &thin});
	assert_int_equal(f.count, 0);
	qr_find(&f, &frame, &(struct qr_find_options){.where = &backwards});
	assert_int_equal(f.count, 0);
}

static void finds_nothing_where_nothing_is(void **state)
{
	(void)state;
	struct qr_finders f;
	grey_scene(&frame, 640, 480);
	qr_find(&f, &frame, NULL);
	assert_int_equal(f.count, 0);
	for (int value = 0; value < 256; value += 51) {
		grey_fill(&frame, 16, 16, (uint8_t)value);
		qr_find(&f, &frame, &(struct qr_find_options){.step = 1, .smooth = value > 100});
		assert_int_equal(f.count, 0);
	}
}

/* kind 0: stripes, 1: a field of patterns, 2: squares, 3: noise */
static uint8_t hostile(int kind, int x, int y)
{
	int u = x % 16, v = y % 16, ring = abs(u - 7) > abs(v - 7) ? abs(u - 7) : abs(v - 7);
	if (kind == 0)
		return (x / 3 & 1) ? 230 : 20;
	if (kind == 1)
		return ring <= 3 || ring == 6 || ring == 7 ? 20 : 230;
	if (kind == 2)
		return ((x / 7 ^ y / 7) & 1) ? 230 : 20;
	unsigned seed = (unsigned)(x * 7919 + y * 104729);
	return (uint8_t)((seed * 1664525u + 1013904223u) >> 24);
}

static void hostile_pictures_are_bounded_and_hide_no_code(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct qr_finders f;
		struct qr_place places[QR_PLACES_MAX];
		struct pose p = posed(6, 12, kind & 1);
		grey_fill(&frame, 1280, 720, 0);
		for (int y = 0; y < 720; y++)
			for (int x = 0; x < 1280; x++)
				frame.pixels[y * 1280 + x] = hostile(kind, x, y);
		qr_find(&f, &frame, &(struct qr_find_options){.step = 1, .smooth = kind == 3});
		assert_in_range(f.count, 0, QR_FINDERS_MAX);
		assert_in_range(qr_places(places, &frame, &f), 0, QR_PLACES_MAX);
		QRcode *qr = pose_code(text, &p);
		p.x = 700;
		p.y = 400;
		pose_draw(&frame, &p, qr);
		QRcode_free(qr);
		if (kind != 1) /* among a thousand others nobody need find three */
			assert_int_equal(patterns_found(&p, NULL), 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_patterns_at_every_turn_and_in_both_polarities),
		cmocka_unit_test(finds_patterns_of_2_to_30_pixels_a_module),
		cmocka_unit_test(finds_tilted_patterns),
		cmocka_unit_test(finds_blurred_patterns_and_noisy_ones_when_smoothed),
		cmocka_unit_test(steps_of_light_beside_the_quiet_zone_do_no_harm),
		cmocka_unit_test(looks_only_where_it_is_told),
		cmocka_unit_test(finds_nothing_where_nothing_is),
		cmocka_unit_test(hostile_pictures_are_bounded_and_hide_no_code),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, done);
}
