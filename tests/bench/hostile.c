/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/hostile.h"

#include <math.h>
#include <stdlib.h>

#include "tests/bench/shot_private.h"

const char *const hostile_words[HOSTILE_COUNT] = {
#define HOSTILE_WORD(name, word) word,
	HOSTILE_LIST(HOSTILE_WORD)
#undef HOSTILE_WORD
};

/* A picture is a function of a place; `a` and `b` are the picture's own numbers. */
struct art {
	uint64_t seed;
	double a, b, c, s; /* c, s: of the turn */
	int width, height;
};

static double cells(double v, double size)
{
	return floor(v / size);
}

static bool finder(double x, double y) /* modules from its corner */
{
	double d = fmax(fabs(x - 3.5), fabs(y - 3.5));

	return d < 3.5 && (d >= 2.5 || d < 1.5);
}

static double wrap(double v, double by)
{
	return v - by * floor(v / by);
}

static double stripes(const struct art *a, double x, double y)
{
	double grow = 1 + a->b * x / a->width; /* some of them wider to one side */

	return wrap((a->c * x + a->s * y) / grow, 2 * a->a) < a->a ? 20 : 230;
}

static double checks(const struct art *a, double x, double y)
{
	double u = a->c * x + a->s * y, v = a->c * y - a->s * x;

	return ((int)cells(u, a->a) + (int)cells(v, a->a)) & 1 ? 20 : 230;
}

static double modules(const struct art *a, double x, double y)
{
	double u = a->c * x + a->s * y, v = a->c * y - a->s * x;

	return dice_at(a->seed, (int)cells(u, a->a), (int)cells(v, a->a)) < 0.5 ? 20 : 230;
}

/* Finder patterns side by side, `gap` modules between them. */
static double finders(const struct art *a, double x, double y, double gap)
{
	double u = (a->c * x + a->s * y) / a->a, v = (a->c * y - a->s * x) / a->a;

	return finder(wrap(u, 7 + gap), wrap(v, 7 + gap)) ? 20 : 230;
}

/* Each in its own cell, turned and sized as it likes. */
static double scatter(const struct art *a, double x, double y)
{
	double cell = 14 * a->a;
	int ix = (int)cells(x, cell), iy = (int)cells(y, cell);
	double turn = 6.2832 * dice_at(a->seed, ix, iy),
	       k = a->a * (0.5 + 0.7 * dice_at(a->seed + 1, ix, iy));
	double u = x - (ix + 0.5) * cell, v = y - (iy + 0.5) * cell;

	return finder((cos(turn) * u + sin(turn) * v) / k + 3.5,
		       (cos(turn) * v - sin(turn) * u) / k + 3.5)
		       ? 20
		       : 230;
}

static double bars(const struct art *a, double x, double y)
{
	static const bool dark[] = {1, 0, 1, 1, 1, 0, 1, 0};

	return dark[(int)wrap((a->c * x + a->s * y) / a->a, 8)] ? 20 : 230;
}

static double rings(const struct art *a, double x, double y, double turns)
{
	double dx = x - a->width * 0.5, dy = y - a->height * 0.5;
	double r = sqrt(dx * dx + dy * dy) + turns * a->a * atan2(dy, dx) / 3.14159;

	return wrap(r, 2 * a->a) < a->a ? 20 : 230;
}

/* Finder patterns where a symbol of `b` modules has them, tiled; else random modules. */
static double corners(const struct art *a, double x, double y, bool layout)
{
	double u = (a->c * x + a->s * y) / a->a, v = (a->c * y - a->s * x) / a->a;
	double side = a->b, whole = side + 8;
	int ix = (int)floor(u / whole), iy = (int)floor(v / whole);

	u -= ix * whole + 4;
	v -= iy * whole + 4;
	if (u < 0 || v < 0 || u >= side || v >= side)
		return 230;
	bool left = u < 8, right = u >= side - 8, top = v < 8, low = v >= side - 8;

	if ((left && top) || (right && top) || (left && low))
		return finder(right ? u - side + 7 : u, low ? v - side + 7 : v) ? 20 : 230;
	if (layout && ((int)u == 6 || (int)v == 6)) /* timing patterns */
		return ((int)u + (int)v) & 1 ? 230 : 20;
	return dice_at(a->seed + (uint64_t)(ix * 91 + iy), (int)u, (int)v) < 0.5 ? 20 : 230;
}

/* A solid L and clocks around random modules; or rings with random modules around them. */
static double matrix(const struct art *a, double x, double y)
{
	double u = (a->c * x + a->s * y) / a->a, v = (a->c * y - a->s * x) / a->a;
	int ix = (int)floor(u / 34), iy = (int)floor(v / 34);
	int mx = (int)(u - 34 * ix), my = (int)(v - 34 * iy);

	if (mx >= 26 || my >= 26)
		return 230;
	if ((ix + iy) & 1) {
		int d = abs(mx - 13) > abs(my - 13) ? abs(mx - 13) : abs(my - 13);

		if (d <= 6)
			return d & 1 ? 230 : 20;
	} else {
		if (mx == 0 || my == 25)
			return 20;
		if (my == 0 || mx == 25)
			return (mx + my) & 1 ? 20 : 230;
	}
	return dice_at(a->seed, mx + 64 * ix, my + 64 * iy) < 0.5 ? 20 : 230;
}

static double labels(const struct art *a, double x, double y)
{
	double u = (a->c * x + a->s * y) / a->a, v = (a->c * y - a->s * x) / a->a;
	int row = (int)floor(v / 40), column = (int)floor(u / 110);

	if (wrap(v, 40) > 30 || wrap(u, 110) > 95)
		return 230;
	return dice_at(a->seed + (uint64_t)(row * 31 + column), (int)wrap(u, 110), 0) < 0.5 ? 20
											    : 230;
}

static double place(const struct art *a, enum hostile kind, double x, double y)
{
	switch (kind) {
	case HOSTILE_STRIPES:
		return stripes(a, x, y);
	case HOSTILE_CHECKS:
		return checks(a, x, y);
	case HOSTILE_NOISE:
		return 128 + a->b * 100 *
				     (dice_at(a->seed, (int)x, (int)y) +
					     dice_at(a->seed + 1, (int)x, (int)y) - 1);
	case HOSTILE_BITS:
		return dice_at(a->seed, (int)x, (int)y) < 0.5 ? 0 : 255;
	case HOSTILE_MODULES:
		return modules(a, x, y);
	case HOSTILE_FINDERS:
		return finders(a, x, y, a->b);
	case HOSTILE_DARK_FINDERS:
		return 250 - finders(a, x, y, a->b);
	case HOSTILE_TINY:
		return finders(a, x, y, 1);
	case HOSTILE_SCATTER:
		return scatter(a, x, y);
	case HOSTILE_BARS:
		return bars(a, x, y);
	case HOSTILE_RINGS:
		return rings(a, x, y, 0);
	case HOSTILE_SPIRAL:
		return rings(a, x, y, 1 + floor(a->b));
	case HOSTILE_FORMATS:
		return corners(a, x, y, true);
	case HOSTILE_CORNERS:
		return corners(a, x, y, false);
	case HOSTILE_MATRIX:
		return matrix(a, x, y);
	case HOSTILE_LABELS:
		return labels(a, x, y);
	default:
		return 40 + 180 * wrap((a->c * x + a->s * y) / (a->a * 40), 1);
	}
}

static void choose(struct art *a, enum hostile kind, uint64_t *dice)
{
	double turn = dice_chance(dice, 0.5) ? 0 : dice_range(dice, 0, 1.57);

	a->c = cos(turn);
	a->s = sin(turn);
	a->a = dice_range(dice, 1, 6) * (dice_chance(dice, 0.3) ? 2 : 1);
	if (dice_chance(dice, 0.5)) /* whole pixels are worst for some */
		a->a = floor(a->a);
	a->b = dice_range(dice, 0, 1);
	if (kind == HOSTILE_TINY)
		a->a = dice_range(dice, 1, 1.8);
	if (kind == HOSTILE_FINDERS || kind == HOSTILE_DARK_FINDERS)
		a->b = 1 + dice_int(dice, 8);
	if (kind == HOSTILE_CORNERS || kind == HOSTILE_FORMATS) {
		a->b = 17 + 4 * (1 + dice_int(dice, 12));
		a->a = dice_range(dice, 1.5, 5);
	}
}

/* ---- with real codes ---- */

static void take_shot(struct frame *f, enum hostile kind, int width, int height, uint64_t seed)
{
	static struct shot s;
	uint64_t dice = seed;

	shot_plain(&s, width, height, seed);
	struct shot_code *c = shot_add(&s, height / 60.0, 180, dice_next(&dice));

	c->roll = dice_range(&dice, -180, 180);
	c->pitch = dice_range(&dice, -20, 20);
	if (kind == HOSTILE_HUGE) {
		c->version = 36 + dice_int(&dice, 5);
		c->carrier = CARRIER_STICKER;
		c->roll = dice_range(&dice, -4, 4);
		c->module = height / 186.0;
	} else if (kind == HOSTILE_RUINED) {
		c->ruin = dice_range(&dice, 0.7, 1);
		c->level = (enum shot_level)dice_int(&dice, 4);
	} else {
		c->version = 8;
		c->level = SHOT_H;
		c->module = height / 90.0;
		struct shot_code *in = shot_add(&s, c->module / 8, 20, dice_next(&dice));

		in->carrier = CARRIER_STICKER;
		in->quiet = 2;
	}
	frame_take(f, &s);
}

void hostile_take(struct frame *f, enum hostile kind, int width, int height, unsigned number)
{
	uint64_t seed = dice_mix((uint64_t)kind << 32 | number), dice = seed;
	struct art a = {.seed = seed, .width = width, .height = height};

	if (kind == HOSTILE_HUGE || kind == HOSTILE_NESTED || kind == HOSTILE_RUINED) {
		take_shot(f, kind, width, height, seed);
		return;
	}
	frame_blank(f, width, height);
	choose(&a, kind, &dice);
	bool soft = dice_chance(&dice, 0.6);
	int n = soft ? 2 : 1; /* drawn sharp, or as through a lens */
	double noise = dice_chance(&dice, 0.5) ? dice_range(&dice, 0, 12) : 0;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			double sum = 0;

			for (int k = 0; k < n * n; k++)
				sum += place(
					&a, kind, x + (k % n + 0.5) / n, y + (k / n + 0.5) / n);
			sum = sum / (n * n) + noise * (dice_at(seed, x, y) - 0.5);
			f->grey[(size_t)y * (size_t)width + (size_t)x] =
				(uint8_t)(sum < 0     ? 0
					  : sum > 255 ? 255
						      : sum);
		}
}
