/* SPDX-License-Identifier: Apache-2.0
 *
 * A shot of the bench set: what every one has; the conditions do the rest.
 */
#include "tests/bench/frames.h"

#include <math.h>
#include <string.h>

#include "tests/bench/dice.h"
#include "tests/bench/frames_private.h"

const char *const condition_words[COND_COUNT] = {
#define CONDITION_WORD(name, word) word,
	CONDITION_LIST(CONDITION_WORD)
#undef CONDITION_WORD
};
const char *const grade_words[GRADE_COUNT] = {"easy", "medium", "hard", "extreme"};

double frames_side(const struct shot_code *c)
{
	double bits = c->alphanumeric ? 5.5 * (double)c->len + 13 : 8.0 * (double)c->len + 12;
	static const double room[] = {0.8, 0.63, 0.45, 0.35}; /* of a symbol's modules are data */
	double side = sqrt(bits / room[c->level] + 230) + 4;

	return c->version ? fmax(side, 17.0 + 4 * c->version) : side;
}

/* A grade is a band of 0 .. 1: how bad it is. */
static double badness(enum grade g, uint64_t *dice)
{
	static const double low[] = {0.05, 0.3, 0.55, 0.8}, high[] = {0.3, 0.55, 0.8, 1.0};

	return dice_range(dice, low[g], high[g]);
}

static double module_for(enum grade g, uint64_t *dice)
{
	static const double low[] = {4.5, 3.4, 2.7, 2.0}, high[] = {9, 5.5, 4.2, 3.4};

	return dice_range(dice, low[g], high[g]);
}

/* No larger than the frame has room for at any turn, and then somewhere in it. */
static void place(struct shot *s, struct shot_code *c, uint64_t *dice)
{
	double whole = frames_side(c) + 2 * c->quiet, least = fmin(s->width, s->height);
	double fits = least / (whole * 1.05);

	if (fabs(remainder(c->roll, 90)) > 8)
		fits /= fabs(cos(c->roll * 0.0174533)) + fabs(sin(c->roll * 0.0174533));
	if (c->module > fits)
		c->module = fits;
	double free_x = 0.5 - whole * c->module * 0.62 / s->width;
	double free_y = 0.5 - whole * c->module * 0.62 / s->height;

	c->x = 0.5 + dice_range(dice, -1, 1) * fmax(free_x, 0);
	c->y = 0.5 + dice_range(dice, -1, 1) * fmax(free_y, 0);
}

static enum shot_background any_background(uint64_t *dice)
{
	return (enum shot_background)dice_int(dice, GROUND_COUNT);
}

/* Who holds what: mostly phones, also print. */
static void choose_code(struct shot_code *c, uint64_t *dice)
{
	static const enum shot_level levels[] = {SHOT_L, SHOT_M, SHOT_M, SHOT_M, SHOT_Q, SHOT_H};
	int what = dice_int(dice, 10);

	c->level = levels[dice_int(dice, 6)];
	if (dice_chance(dice, 0.2))
		shot_foreign_text(c, dice_next(dice));
	c->carrier = what < 6   ? CARRIER_PHONE
		     : what < 8 ? CARRIER_PAPER
		     : what < 9 ? CARRIER_RECEIPT
				: CARRIER_STICKER;
	if (c->carrier == CARRIER_PHONE) {
		c->light = dice_range(dice, 0.7, 1.1);
		c->dark = dice_range(dice, 0.004, 0.06);
	} else {
		c->light = dice_range(dice, 0.55, 0.9);
		c->dark = dice_range(dice, 0.03, 0.1);
	}
	/* Most are held nearly upright; the rest comes as it comes. */
	c->roll = dice_chance(dice, 0.6) ? dice_range(dice, -12, 12) : dice_range(dice, -180, 180);
	c->pitch = dice_range(dice, -5, 5);
	c->yaw = dice_range(dice, -5, 5);
}

static void choose_camera(struct shot *s, unsigned number, uint64_t *dice)
{
	static const int sizes[][2] = {{640, 480}, {1280, 720}};
	const int *size = sizes[number % 2];

	if (number % 16 == 7) {
		s->width = SHOT_WIDTH_MAX;
		s->height = SHOT_HEIGHT_MAX;
	} else {
		s->width = size[0];
		s->height = size[1];
	}
	s->sigma = dice_range(dice, 0.35, 0.65);
	s->noise = dice_range(dice, 0.5, 1.5);
	s->grain_light = dice_range(dice, 0.2, 1.2);
	s->exposure = dice_range(dice, 0.75, 1.05);
	s->background = any_background(dice);
	s->background_light = dice_range(dice, 0.4, 1);
	s->vignette = dice_range(dice, 0, 0.3);
}

/* What perspective pushed out of the frame comes back into it, smaller where it must be; lamps on
 * it move with it.
 */
static void fit(struct shot *s, struct shot_code *c)
{
	double box[4], dx, dy;

	for (int i = 0; i < 20; i++) {
		shot_code_box(box, s, c, frames_side(c) + 1);
		if (box[2] - box[0] < s->width && box[3] - box[1] < s->height)
			break;
		c->module *= 0.96;
	}
	dx = fmax(0, -box[0]) - fmax(0, box[2] - s->width);
	dy = fmax(0, -box[1]) - fmax(0, box[3] - s->height);
	c->x += dx / s->width;
	c->y += dy / s->height;
	s->spot_x += dx / s->width;
	s->spot_y += dy / s->height;
	s->streak_x += dx / s->width;
	s->streak_y += dy / s->height;
}

void frames_shot(struct shot *s, enum condition which, enum grade g, unsigned number)
{
	static const size_t lengths[] = {64, 110, 180, 260};
	uint64_t seed = dice_mix((uint64_t)which << 32 | (uint64_t)g << 24 | number) ^ 0x636f6465;
	uint64_t dice = seed;
	struct roll r = {.s = s, .grade = g, .dice = &dice};

	shot_plain(s, 640, 480, seed);
	choose_camera(s, number, &dice);
	r.bad = badness(g, &dice);
	r.c = shot_add(s, module_for(g, &dice), lengths[dice_int(&dice, 4)], dice_next(&dice));
	choose_code(r.c, &dice);
	frames_shape(&r, which);
	place(s, r.c, &dice);
	frames_spoil(&r, which);
	for (unsigned i = 0; i < s->codes; i++)
		fit(s, &s->code[i]);
}
