/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/qr_pictures.h"

static struct scan_grey frame;
static char text[600];
static struct qr_work work;

static int done(void **state)
{
	(void)state;
	scan_grey_done(&frame);
	return 0;
}

static void draw(const struct pose *p, int width, int height)
{
	QRcode *qr = pose_code(text, p);
	grey_scene(&frame, width, height);
	pose_draw(&frame, p, qr);
	QRcode_free(qr);
}

static struct pose posed(int version, double module, double turn)
{
	return (struct pose){.x = 320, .y = 240, .module = module, .turn = turn,
		.version = version, .dark = 25, .light = 220};
}

/* The best place is the symbol: its size, and each corner within `most` modules. */
static void assert_fitted(const struct pose *p, double most)
{
	struct qr_place places[QR_PLACES_MAX];
	assert_in_range(places_fitted(places, &frame, 1), 1, QR_PLACES_MAX);
	assert_int_equal(places[0].side, 17 + 4 * p->version);
	assert_int_equal(places[0].inverted, p->dark > p->light);
	assert_true(corner_error(&places[0], p) < most);
	assert_true(places[0].score > 0.95 && places[0].score <= 1);
}

static void fits_every_turn(void **state)
{
	(void)state;
	for (int turn = 0; turn < 360; turn += 20) {
		struct pose p = posed(1 + turn / 40, 4, turn + 1);
		draw(&p, 640, 480);
		assert_fitted(&p, 0.15);
	}
}

static void fits_tilt_to_40_degrees_both_polarities(void **state)
{
	(void)state;
	for (int way = 0; way < 360; way += 24) {
		struct pose p = posed(1 + way / 24 % 7, 4.5, way * 2.3);
		p.tilt = 25 + way / 24;
		p.way = way;
		if (way % 48) {
			p.dark = 220;
			p.light = 25;
		}
		draw(&p, 640, 480);
		assert_fitted(&p, 0.3);
	}
}

static void fits_2_to_30_pixels_a_module(void **state)
{
	(void)state;
	static const double sizes[] = {2, 2.4, 3, 6, 10, 15};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pose p = posed(sizes[i] < 6 ? 6 : 1, sizes[i], 33);
		draw(&p, 640, 480);
		assert_fitted(&p, 0.3);
	}
	struct pose large = posed(1, 30, 3);
	large.x = large.y = 480;
	draw(&large, 960, 960);
	assert_fitted(&large, 0.1);
}

static void fits_large_symbols(void **state)
{
	(void)state;
	for (int version = 14; version <= 20; version += 3) {
		struct pose p = posed(version, 6.5, version * 11);
		p.x = 640;
		p.y = 480;
		p.tilt = 15;
		draw(&p, 1280, 960);
		assert_fitted(&p, 0.3);
	}
}

static void corrects_a_side_that_is_wrong_by_a_version(void **state)
{
	(void)state;
	struct pose p = posed(5, 5, 12);
	struct qr_place places[QR_PLACES_MAX];
	struct qr_finders found;
	draw(&p, 640, 480);
	qr_find(&found, &frame, NULL);
	assert_true(qr_places(places, &frame, &found) > 0);
	assert_int_equal(places[0].side, 37);
	for (int wrong = -4; wrong <= 4; wrong += 8) {
		struct qr_place place = places[0];
		place.side += wrong;
		/* The map of a wrong side runs from the same centres over other modules. */
		double k = (double)(37 - 7) / (place.side - 7), o = 3.5 - 3.5 * k;
		const double scale[9] = {k, 0, o, 0, k, o, 0, 0, 1};
		qr_map_chain(place.map, place.map, scale);
		assert_true(qr_fit(&place, &frame));
		assert_int_equal(place.side, 37);
	}
}

static void follows_a_place_that_moved_a_little(void **state)
{
	(void)state;
	struct pose p = posed(4, 5, 40);
	struct qr_place places[QR_PLACES_MAX];
	draw(&p, 640, 480);
	assert_true(places_fitted(places, &frame, 2) > 0);
	p.x += 3;
	p.y -= 2;
	p.turn += 1;
	draw(&p, 640, 480);
	assert_true(qr_fit(&places[0], &frame));
	assert_true(corner_error(&places[0], &p) < 0.2);
}

static void refuses_what_is_no_symbol_and_leaves_it_as_it_was(void **state)
{
	(void)state;
	struct pose p = posed(4, 5, 40);
	struct qr_place places[QR_PLACES_MAX];
	draw(&p, 640, 480);
	assert_true(places_fitted(places, &frame, 2) > 0);
	struct qr_place was = places[0];
	unsigned seed = 3;
	for (int i = 0; i < 640 * 480; i++) {
		seed = seed * 1664525u + 1013904223u;
		frame.pixels[i] = (uint8_t)(seed >> 24);
	}
	assert_false(qr_fit(&places[0], &frame));
	assert_memory_equal(&places[0], &was, sizeof was);
	assert_false(qr_bend(&places[0], &frame));
	for (int side = -1; side < 200; side += side < 17 ? 1 : 4) {
		struct qr_place place = was;
		place.side = side;
		assert_false(qr_fit(&place, &frame));
		assert_false(qr_bend(&place, &frame));
	}
}

/* Maps that no camera makes: nothing is read outside the picture (sanitizers look). */
static void wild_maps_do_no_harm(void **state)
{
	(void)state;
	static const double wild[] = {0, 1e-300, 1e300, -1e300, 1e9, NAN, INFINITY, -1};
	static struct qr_matrix matrix;
	struct pose p = posed(4, 5, 40);
	struct qr_place places[QR_PLACES_MAX];
	draw(&p, 640, 480);
	assert_true(places_fitted(places, &frame, 2) > 0);
	for (int i = 0; i < 9; i++)
		for (size_t k = 0; k < sizeof wild / sizeof wild[0]; k++) {
			struct qr_place place = places[0];
			place.map[i] = wild[k];
			(void)qr_fit(&place, &frame);
			place = places[0];
			place.map[i] = wild[k];
			(void)qr_bend(&place, &frame);
			for (int how = 0; how < QR_SAMPLINGS; how++)
				qr_sample(&matrix, &frame, &place, (enum qr_sampling)how, &work);
			assert_int_equal(matrix.side, place.side);
		}
}

static void bends_to_paper_around_a_cylinder(void **state)
{
	(void)state;
	for (int turn = 0; turn < 360; turn += 72) {
		struct pose p = posed(4, 6, turn);
		struct qr_finders found;
		struct qr_place places[QR_PLACES_MAX];
		p.curve = 0.9;
		draw(&p, 640, 480);
		qr_find(&found, &frame, NULL);
		assert_true(qr_places(places, &frame, &found) > 0);
		assert_true(qr_bend(&places[0], &frame));
		assert_int_equal(places[0].side, 33);
		double map[9], most = 0, half = 33 / 2.0;
		pose_map(map, &p, 33);
		for (int k = 0; k < 25; k++) {
			double x = 2 + k % 5 * 7.25, y = 2 + k / 5 * 7.25;
			double flat = half + half * sin((x - half) / half * p.curve) / sin(p.curve);
			struct qr_point a = qr_map(&places[0], (float)x, (float)y);
			struct qr_point b = qr_map_flat(map, flat, y);
			double d = hypot((double)(a.x - b.x), (double)(a.y - b.y)) / p.module;
			most = d > most ? d : most;
		}
		assert_true(most < 0.3);
	}
}

static void several_symbols_are_all_offered(void **state)
{
	(void)state;
	struct qr_place places[QR_PLACES_MAX];
	grey_scene(&frame, 640, 480);
	for (int i = 0; i < 4; i++) {
		struct pose p = posed(2, 4, 10 + 30 * i);
		p.x = 140 + 340 * (i & 1);
		p.y = 120 + 230 * (i / 2);
		QRcode *qr = pose_code(text, &p);
		pose_draw(&frame, &p, qr);
		QRcode_free(qr);
	}
	unsigned n = places_fitted(places, &frame, 2), seen = 0;
	for (unsigned k = 0; k < n; k++) {
		struct qr_point middle = qr_map(&places[k], 12.5f, 12.5f);
		if (places[k].side == 25)
			seen |= 1u << ((middle.x > 320) + 2 * (middle.y > 240));
	}
	assert_int_equal(seen, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_every_turn),
		cmocka_unit_test(fits_tilt_to_40_degrees_both_polarities),
		cmocka_unit_test(fits_2_to_30_pixels_a_module),
		cmocka_unit_test(fits_large_symbols),
		cmocka_unit_test(corrects_a_side_that_is_wrong_by_a_version),
		cmocka_unit_test(follows_a_place_that_moved_a_little),
		cmocka_unit_test(refuses_what_is_no_symbol_and_leaves_it_as_it_was),
		cmocka_unit_test(wild_maps_do_no_harm),
		cmocka_unit_test(bends_to_paper_around_a_cylinder),
		cmocka_unit_test(several_symbols_are_all_offered),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, done);
}
