/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/qr_pictures.h"

static struct scan_grey frame;
static char text[600];
static struct qr_work work;
static struct qr_matrix matrix;
static struct qr_text out;

static int done(void **state)
{
	(void)state;
	scan_grey_done(&frame);
	return 0;
}

static struct pose posed(int version, double module)
{
	return (struct pose){.x = 320, .y = 240, .module = module, .turn = 25, .version = version,
		.dark = 25, .light = 220};
}

/* Draws it; the place is exact. */
static QRcode *drawn(struct qr_place *place, const struct pose *p)
{
	QRcode *qr = pose_code(text, p);
	grey_scene(&frame, 640, 480);
	pose_draw(&frame, p, qr);
	memset(place, 0, sizeof *place);
	place->side = qr->width;
	place->inverted = p->dark > p->light;
	pose_map(place->map, p, qr->width);
	return qr;
}

static int wrong_modules(const QRcode *qr)
{
	int wrong = 0;
	assert_int_equal(matrix.side, qr->width);
	for (int i = 0; i < qr->width * qr->width; i++)
		wrong += (matrix.dark[i] > 128) != (qr->data[i] & 1);
	return wrong;
}

static void every_way_reads_a_sharp_picture_of_either_polarity(void **state)
{
	(void)state;
	for (int version = 1; version <= 10; version += 3)
		for (int how = 0; how < 2 * QR_SAMPLINGS; how++) {
			struct qr_place place;
			struct pose p = posed(version, 2.4 + 0.5 * (how % 3));
			if (how & 1) {
				p.dark = 220;
				p.light = 25;
			}
			QRcode *qr = drawn(&place, &p);
			qr_sample(&matrix, &frame, &place, (enum qr_sampling)(how / 2), &work);
			assert_in_range(wrong_modules(qr), 0, 5);
			assert_int_equal(qr_symbol_read(&out, &matrix), ERR_OK);
			assert_int_equal(out.len, strlen(text));
			assert_memory_equal(out.bytes, text, out.len);
			QRcode_free(qr);
		}
}

static void shadows_and_slopes_of_light_are_followed(void **state)
{
	(void)state;
	struct qr_place place;
	struct pose p = posed(6, 6);
	QRcode *qr = drawn(&place, &p);
	for (int i = 0; i < 640 * 480; i++) {
		int x = i % 640, y = i / 640;
		int light = x + y / 2 > 400 ? 30 : 100 - x / 8;
		frame.pixels[i] = (uint8_t)(frame.pixels[i] * light / 100);
	}
	qr_sample(&matrix, &frame, &place, QR_SAMPLE_MEAN, &work);
	assert_in_range(wrong_modules(qr), 0, qr->width * qr->width / 50);
	QRcode_free(qr);
}

static void blown_out_and_missing_modules_are_unknown(void **state)
{
	(void)state;
	struct qr_place place;
	struct pose p = posed(7, 7);
	p.turn = 0;
	QRcode *qr = drawn(&place, &p);
	double left = 320 - 45 / 2.0 * 7, top = 240 - 45 / 2.0 * 7;
	for (int i = 0; i < 640 * 480; i++) {
		double x = (i % 640 - left) / 7, y = (i / 640 - top) / 7;
		if (x > 15 && x < 33 && y > 15 && y < 33)
			frame.pixels[i] = 255;
	}
	qr_sample(&matrix, &frame, &place, QR_SAMPLE_MEAN, &work);
	int unknown = 0;
	for (int y = 20; y < 28; y++)
		for (int x = 20; x < 28; x++)
			unknown += abs(matrix.dark[y * 45 + x] - 128) < 40;
	assert_in_range(unknown, 60, 64);
	/* A symbol that reaches out of the picture. */
	place.map[2] -= 200 * place.map[8];
	qr_sample(&matrix, &frame, &place, QR_SAMPLE_MEAN, &work);
	for (int y = 0; y < 45; y++)
		assert_int_equal(matrix.dark[y * 45], 128);
	QRcode_free(qr);
}

static void the_filter_undoes_blur_that_the_mean_does_not(void **state)
{
	(void)state;
	struct qr_place place;
	struct pose p = posed(6, 3);
	QRcode *qr = drawn(&place, &p);
	for (int i = 0; i < 4; i++)
		blur(&frame); /* sigma 1.6 in all: more than half a module */
	qr_sample(&matrix, &frame, &place, QR_SAMPLE_MEAN, &work);
	int mean = wrong_modules(qr);
	qr_sample(&matrix, &frame, &place, QR_SAMPLE_EQUAL, &work);
	int equal = wrong_modules(qr);
	print_message("# wrong modules: mean %d, equal %d\n", mean, equal);
	assert_true(mean > 40);
	assert_true(equal * 3 < mean);
	QRcode_free(qr);
}

static void always_the_same_from_the_same(void **state)
{
	(void)state;
	static struct qr_matrix again;
	struct qr_place place;
	struct pose p = posed(5, 3);
	QRcode *qr = drawn(&place, &p);
	blur(&frame);
	for (int how = 0; how < QR_SAMPLINGS; how++) {
		memset(&work, 0, sizeof work);
		qr_sample(&matrix, &frame, &place, (enum qr_sampling)how, &work);
		memset(&work, 0xa5, sizeof work);
		qr_sample(&again, &frame, &place, (enum qr_sampling)how, &work);
		assert_memory_equal(again.dark, matrix.dark, (size_t)(37 * 37));
	}
	QRcode_free(qr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_reads_a_sharp_picture_of_either_polarity),
		cmocka_unit_test(shadows_and_slopes_of_light_are_followed),
		cmocka_unit_test(blown_out_and_missing_modules_are_unknown),
		cmocka_unit_test(the_filter_undoes_blur_that_the_mean_does_not),
		cmocka_unit_test(always_the_same_from_the_same),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, done);
}
