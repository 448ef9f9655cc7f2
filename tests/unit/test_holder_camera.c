/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated camera: same seed, same frames; each knob does what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wallet/holder/camera.h"
#include "wallet/holder/phone.h"

#define WIDTH  320
#define HEIGHT 240
#define PIXELS ((size_t)WIDTH * HEIGHT)

static struct picture phone;

static int set_up(void **state)
{
	static struct phone_view v = {.screen = PHONE_CARD, .alphanumeric = true, .digits = 6};

	(void)state;
	memcpy(v.code, "HTTPS://QR.EXAMPLE.COM", v.code_len = 22);
	return picture_new(&phone, PHONE_WIDTH, PHONE_HEIGHT) || phone_draw(&phone, &v, NULL) ? -1
											      : 0;
}

static int tear_down(void **state)
{
	(void)state;
	picture_free(&phone);
	return 0;
}

static struct camera_shot start(void)
{
	struct camera_shot shot = {.in_view = {true}};

	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		shot.knob[i] = camera_knobs[i].start;
	return shot;
}

/* A frame of a camera that is new each time. */
static struct picture take(uint64_t seed, const struct camera_shot *shot)
{
	struct camera *c = NULL;
	struct picture frame;

	assert_int_equal(camera_new(&c, WIDTH, HEIGHT, seed, NULL), ERR_OK);
	assert_int_equal(picture_new(&frame, WIDTH, HEIGHT), ERR_OK);
	camera_phone_set(c, 0, &phone);
	camera_phone_set(c, 1, &phone);
	camera_take(c, &frame, shot);
	camera_free(&c);
	return frame;
}

static double mean(const struct picture *p)
{
	double sum = 0;

	for (size_t i = 0; i < PIXELS; i++)
		sum += p->grey[i];
	return sum / (double)PIXELS;
}

/* Mean step between neighbours: sharp and noisy pictures have much of it. */
static double roughness(const struct picture *p)
{
	double sum = 0;

	for (size_t i = 1; i < PIXELS; i++)
		sum += abs(p->grey[i] - p->grey[i - 1]);
	return sum / (double)PIXELS;
}

static size_t count_of(const struct picture *p, uint8_t low)
{
	size_t n = 0;

	for (size_t i = 0; i < PIXELS; i++)
		n += p->grey[i] >= low;
	return n;
}

static void same_seed_gives_the_same_frames(void **state)
{
	struct camera_shot shot = start();
	struct picture a, b, c;

	(void)state;
	shot.at_ms = 12345;
	shot.frame = 77;
	a = take(7, &shot);
	b = take(7, &shot);
	c = take(8, &shot);
	assert_memory_equal(a.grey, b.grey, PIXELS);
	assert_memory_not_equal(a.grey, c.grey, PIXELS);
	picture_free(&a);
	picture_free(&b);
	picture_free(&c);
}

static void a_camera_forgets_the_frames_before(void **state)
{
	struct camera_shot odd = start(), shot = start();
	struct camera *c = NULL;
	struct picture frame, fresh = take(3, &shot);

	(void)state;
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		odd.knob[i] = camera_knobs[i].high / 2;
	odd.in_view[1] = true;
	assert_int_equal(camera_new(&c, WIDTH, HEIGHT, 3, NULL), ERR_OK);
	assert_int_equal(picture_new(&frame, WIDTH, HEIGHT), ERR_OK);
	camera_phone_set(c, 0, &phone);
	camera_phone_set(c, 1, &phone);
	camera_take(c, &frame, &odd);
	camera_take(c, &frame, &shot);
	assert_memory_equal(frame.grey, fresh.grey, PIXELS);
	camera_free(&c);
	picture_free(&frame);
	picture_free(&fresh);
}

static double mean_with(
	enum camera_knob knob, double value, double (*measure)(const struct picture *))
{
	struct camera_shot shot = start();
	struct picture p;
	double v;

	shot.knob[CAMERA_NOISE] = 0;
	shot.knob[knob] = value;
	p = take(5, &shot);
	v = measure(&p);
	picture_free(&p);
	return v;
}

static void knobs_do_what_they_say(void **state)
{
	(void)state;
	assert_true(
		mean_with(CAMERA_EXPOSURE, 0.3, mean) < mean_with(CAMERA_EXPOSURE, 1, mean) - 20);
	assert_true(mean_with(CAMERA_DARK, 1, mean) < mean_with(CAMERA_DARK, 0, mean) - 10);
	assert_true(mean_with(CAMERA_GLARE, 1, mean) > mean_with(CAMERA_GLARE, 0, mean));
	assert_true(mean_with(CAMERA_SIZE, 1, mean) < mean_with(CAMERA_SIZE, 3, mean) - 20);
	assert_true(
		mean_with(CAMERA_BLUR, 3, roughness) < mean_with(CAMERA_BLUR, 0, roughness) * 0.7);
	assert_true(mean_with(CAMERA_MOTION, 9, roughness) <
		    mean_with(CAMERA_MOTION, 0, roughness) * 0.9);
	assert_true(
		mean_with(CAMERA_NOISE, 9, roughness) > mean_with(CAMERA_NOISE, 0, roughness) + 5);
	assert_true(mean_with(CAMERA_MOIRE, 1, roughness) >
		    mean_with(CAMERA_MOIRE, 0, roughness) * 1.1);
}

static void over_exposure_clips_white(void **state)
{
	struct camera_shot shot = start();
	struct picture right = take(5, &shot), over;

	(void)state;
	shot.knob[CAMERA_EXPOSURE] = 4;
	over = take(5, &shot);
	assert_true(count_of(&right, 255) < PIXELS / 100);
	assert_true(count_of(&over, 250) > PIXELS / 4);
	picture_free(&right);
	picture_free(&over);
}

static void noise_is_new_in_every_frame_and_the_hand_moves(void **state)
{
	struct camera_shot shot = start();
	struct picture a = take(5, &shot), b, c;

	(void)state;
	shot.frame = 1;
	b = take(5, &shot);
	assert_memory_not_equal(a.grey, b.grey, PIXELS);
	shot.knob[CAMERA_NOISE] = 0;
	picture_free(&a);
	a = take(5, &shot);
	shot.at_ms = 400;
	c = take(5, &shot);
	assert_memory_not_equal(a.grey, c.grey, PIXELS);
	picture_free(&a);
	picture_free(&b);
	picture_free(&c);
}

/* Every knob at its ends, and in the corners of all of them: nothing is written outside. */
static void survives_every_extreme(void **state)
{
	struct camera *c = NULL;
	struct picture frame;
	uint32_t rng = 1;

	(void)state;
	assert_int_equal(camera_new(&c, CAMERA_WIDTH_MIN, CAMERA_HEIGHT_MIN, 1, NULL), ERR_OK);
	assert_int_equal(picture_new(&frame, CAMERA_WIDTH_MIN, CAMERA_HEIGHT_MIN), ERR_OK);
	camera_phone_set(c, 0, &phone);
	camera_phone_set(c, 1, &phone);
	for (int round = 0; round < 200; round++) {
		struct camera_shot shot = start();

		shot.at_ms = round * 1000003;
		shot.in_view[1] = round & 1;
		for (int i = 0; i < CAMERA_KNOB_COUNT; i++) {
			rng = rng * 1664525 + 1013904223;
			switch (rng >> 24 & 3) {
			case 0:
				shot.knob[i] = camera_knobs[i].low;
				break;
			case 1:
				shot.knob[i] = camera_knobs[i].high;
				break;
			case 2:
				shot.knob[i] = (camera_knobs[i].low + camera_knobs[i].high) / 3;
				break;
			default:
				break;
			}
		}
		camera_take(c, &frame, &shot);
	}
	camera_free(&c);
	picture_free(&frame);
}

static void refuses_frames_of_odd_sizes(void **state)
{
	static const int bad[][2] = {{0, 0}, {-4, 200}, {158, 240}, {320, 118}, {321, 240},
		{320, 241}, {1922, 1080}, {1920, 1442}, {100000, 1}};
	struct camera *c = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(camera_new(&c, bad[i][0], bad[i][1], 1, NULL), ERR_RANGE);
		assert_null(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_gives_the_same_frames),
		cmocka_unit_test(a_camera_forgets_the_frames_before),
		cmocka_unit_test(knobs_do_what_they_say),
		cmocka_unit_test(over_exposure_clips_white),
		cmocka_unit_test(noise_is_new_in_every_frame_and_the_hand_moves),
		cmocka_unit_test(survives_every_extreme),
		cmocka_unit_test(refuses_frames_of_odd_sizes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
