/* SPDX-License-Identifier: Apache-2.0
 *
 * What must always be read, and what must never be, on frames of the benchmark's generator. Only
 * results are asserted; what they cost is the benchmark's business.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scanner/decode.h"
#include "tests/bench/frames.h"
#include "tests/bench/hostile.h"

static struct frame frame;
static struct shot shot;
static struct scan_decoder decoder;
static struct scan_found found;

static int finish(void **state)
{
	(void)state;
	frame_done(&frame);
	return 0;
}

static unsigned look(void)
{
	struct scan_grey g = {.pixels = frame.grey,
		.cap = (size_t)frame.width * (size_t)frame.height,
		.width = frame.width,
		.height = frame.height};
	scan_decoder_init(&decoder);
	scan_decoder_begin(&decoder, &found);
	while (scan_decoder_pass(&decoder, &found, &g, true))
		;
	scan_decoder_done(&decoder);
	return found.count;
}

static bool reads_only(const struct frame_text *t)
{
	return found.count == 1 && found.codes[0].text_len == t->len &&
	       !memcmp(found.codes[0].text, t->bytes, t->len);
}

/* ---- the generator ---- */

static uint64_t sum_of(void)
{
	uint64_t sum = 14695981039346656037u;
	for (size_t i = 0; i < (size_t)frame.width * (size_t)frame.height; i++)
		sum = (sum ^ frame.grey[i]) * 1099511628211u;
	return sum;
}

static void the_same_shot_gives_the_same_frame(void **state)
{
	(void)state;
	static const enum condition some[] = {COND_TYPICAL, COND_MOIRE, COND_SEVERAL, COND_HALOS};
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		frames_shot(&shot, some[i], GRADE_HARD, 4);
		frame_take(&frame, &shot);
		uint64_t first = sum_of();
		struct frame_text text = frame.text[0];
		frames_shot(&shot, COND_DARK, GRADE_EASY, 2); /* leaves nothing behind */
		frame_take(&frame, &shot);
		assert_int_not_equal(sum_of(), first);
		frames_shot(&shot, some[i], GRADE_HARD, 4);
		frame_take(&frame, &shot);
		assert_int_equal(sum_of(), first);
		assert_int_equal(frame.text[0].len, text.len);
		assert_memory_equal(frame.text[0].bytes, text.bytes, text.len);
	}
}

static void another_number_gives_another_frame(void **state)
{
	(void)state;
	uint64_t before = 0;
	for (unsigned number = 0; number < 8; number += 2) {
		frames_shot(&shot, COND_CLEAN, GRADE_EASY, number);
		frame_take(&frame, &shot);
		assert_int_not_equal(sum_of(), before);
		before = sum_of();
	}
}

static void a_moving_hand_moves_the_code_and_keeps_its_text(void **state)
{
	(void)state;
	static struct shot later;
	frames_shot(&shot, COND_CLEAN, GRADE_EASY, 0);
	shot_hand(&later, &shot, 400, 5);
	assert_true(fabs(later.code[0].x - shot.code[0].x) * shot.width < 6);
	assert_true(later.code[0].x != shot.code[0].x);
	assert_string_equal(later.code[0].text, shot.code[0].text);
	assert_int_not_equal(later.grain, shot.grain);
}

/* ---- what must be read ---- */

static void must_read(const char *what)
{
	frame_take(&frame, &shot);
	look();
	if (!reads_only(&frame.text[0]))
		print_message(
			"# not read: %s, %.2f pixels, roll %.0f pitch %.0f yaw %.0f, %u texts\n",
			what, frame.module, shot.code[0].roll, shot.code[0].pitch, shot.code[0].yaw,
			found.count);
	assert_true(reads_only(&frame.text[0]));
}

/* Every rotation in turn, every tilt, sizes from three pixels a module on. */
static void sweep(bool inverted)
{
	static const double tilts[] = {0, 12, 25, 35}, sizes[] = {3, 3.4, 4.2, 6};
	static const size_t lengths[] = {64, 110, 180};
	for (unsigned i = 0; i < 32; i++) {
		double tilt = tilts[i % 4], way = i * 0.83;
		shot_plain(&shot, 480, 360, i);
		struct shot_code *c = shot_add(&shot, sizes[i / 4 % 4], lengths[i % 3], i);
		if (c->module > 5)
			shot_plain(&shot, 640, 480, i), c = shot_add(&shot, 6, 64, i);
		c->roll = i * 37 % 360;
		c->pitch = tilt * cos(way);
		c->yaw = tilt * sin(way);
		c->inverted = inverted;
		c->carrier = i % 2 ? CARRIER_PHONE : CARRIER_STICKER;
		must_read(inverted ? "light on dark" : "dark on light");
	}
}

static void reads_sharp_codes_of_three_pixels_a_module(void **state)
{
	(void)state;
	sweep(false);
}

static void reads_light_codes_on_dark_screens(void **state)
{
	(void)state;
	sweep(true);
}

/* ---- what must not ---- */

static void no_text_may_come(const char *what)
{
	for (unsigned i = 0; i < look(); i++)
		print_message(
			"# %s: %.*s\n", what, (int)found.codes[i].text_len, found.codes[i].text);
	assert_int_equal(found.count, 0);
}

static void reads_nothing_from_hostile_pictures(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * HOSTILE_COUNT; i++) {
		enum hostile kind = (enum hostile)(i % HOSTILE_COUNT);
		if (kind == HOSTILE_HUGE || kind == HOSTILE_NESTED)
			continue; /* real codes */
		hostile_take(&frame, kind, 320, 240, i);
		no_text_may_come(hostile_words[kind]);
	}
}

/* Finder patterns, timing, format words and a part of the data are right; the rest is noise. */
static void reads_nothing_from_a_code_whose_data_are_lost(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 24; i++) {
		shot_plain(&shot, 320, 240, i);
		struct shot_code *c = shot_add(&shot, 3 + i % 3, 20 + i, i);
		c->level = (enum shot_level)(i % 4);
		c->inverted = i % 5 == 0;
		c->mirrored = i % 7 == 0;
		c->ruin = 0.75 + 0.01 * i;
		frame_take(&frame, &shot);
		no_text_may_come("a ruined code");
	}
}

static void half_a_code_in_view_gives_no_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		shot_plain(&shot, 320, 240, i);
		struct shot_code *c = shot_add(&shot, 4, 64, i);
		c->x = i % 2 ? 0 : 1; /* half of it is outside */
		c->roll = 30 * i;
		frame_take(&frame, &shot);
		no_text_may_come("half a code");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_shot_gives_the_same_frame),
		cmocka_unit_test(another_number_gives_another_frame),
		cmocka_unit_test(a_moving_hand_moves_the_code_and_keeps_its_text),
		cmocka_unit_test(reads_sharp_codes_of_three_pixels_a_module),
		cmocka_unit_test(reads_light_codes_on_dark_screens),
		cmocka_unit_test(reads_nothing_from_hostile_pictures),
		cmocka_unit_test(reads_nothing_from_a_code_whose_data_are_lost),
		cmocka_unit_test(half_a_code_in_view_gives_no_text),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, finish);
}
