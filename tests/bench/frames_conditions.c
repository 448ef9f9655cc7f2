/* SPDX-License-Identifier: Apache-2.0
 *
 * What each condition is. Numbers come from real counters, phones and cameras where we know them:
 * displays of 1080 to 1440 pixels across 70 mm, cameras of 640 to 1920 pixels across 30 to 70 cm.
 */
#include <math.h>
#include <string.h>

#include "tests/bench/frames_private.h"

static void tilt(struct roll *r, double low, double high)
{
	double angle = dice_range(r->dice, low, high), way = dice_range(r->dice, 0, 6.2832);

	r->c->pitch = angle * cos(way);
	r->c->yaw = angle * sin(way);
}

/* Every reader needs about 2.6 sigma a module: the grade says how much more there is. */
static void blur(struct roll *r, double sigma)
{
	static const double ratio[] = {3.8, 3.1, 2.6, 2.2};

	r->s->sigma = sigma * dice_range(r->dice, 0.95, 1.05);
	r->c->module = sigma * ratio[r->grade] * dice_range(r->dice, 0.9, 1.1);
}

static void blur_10(struct roll *r)
{
	blur(r, 1);
}

static void blur_15(struct roll *r)
{
	blur(r, 1.5);
}

static void blur_20(struct roll *r)
{
	blur(r, 2);
}

static void blur_25(struct roll *r)
{
	blur(r, 2.5);
}

static void defocus(struct roll *r)
{
	blur(r, dice_range(r->dice, 1, 2.2));
	r->s->disk = r->s->sigma * 1.9; /* as wide as that sigma, about */
	r->s->sigma = 0.5;
}

static void steep(struct roll *r)
{
	tilt(r, r->grade == GRADE_EXTREME ? 36 : 20, r->grade == GRADE_EXTREME ? 50 : 35);
}

static void dark(struct roll *r)
{
	r->s->exposure = 0.5 - 0.42 * r->bad;
	r->s->noise = 3 + 9 * r->bad;
	if (dice_chance(r->dice, 0.3))
		r->s->jpeg = 60 + dice_int(r->dice, 35);
}

static void bright(struct roll *r, double bloom)
{
	r->s->exposure = bloom > 0 ? 1.4 + 1.8 * r->bad : 1.2 + 1.3 * r->bad;
	r->s->bloom = bloom;
	if (bloom > 0)
		r->s->sigma += 0.6 * r->bad;
	r->c->dark = fmax(r->c->dark, 0.02 + 0.05 * r->bad);
}

static void over(struct roll *r)
{
	bright(r, 0);
}

static void bloom(struct roll *r)
{
	bright(r, 0.15 + 0.3 * r->bad);
}

/* Somewhere on the symbol. */
static void on_code(const struct roll *r, double *x, double *y, double reach)
{
	double half = frames_side(r->c) * r->c->module / 2 * reach;

	*x = r->c->x + dice_range(r->dice, -half, half) / r->s->width;
	*y = r->c->y + dice_range(r->dice, -half, half) / r->s->height;
}

static void spot(struct roll *r)
{
	double side = frames_side(r->c) * r->c->module;

	on_code(r, &r->s->spot_x, &r->s->spot_y, 0.9);
	r->s->spot_radius = side * (0.04 + 0.16 * r->bad) / r->s->height;
	r->s->spot_light = dice_range(r->dice, 0.8, 3);
	r->c->level = r->bad > 0.5 && r->c->level == SHOT_L ? SHOT_M : r->c->level;
}

static void streak(struct roll *r)
{
	on_code(r, &r->s->streak_x, &r->s->streak_y, 0.6);
	r->s->streak_angle = dice_range(r->dice, 0, 180);
	r->s->streak_width =
		frames_side(r->c) * r->c->module * (0.01 + 0.05 * r->bad) / r->s->height;
	r->s->streak_light = dice_range(r->dice, 0.4, 0.6 + 1.5 * r->bad);
}

/* Display pixels of 0.5 to 2.5 camera pixels; the worst is near one to one. */
static void moire(struct roll *r)
{
	double pitch = dice_range(r->dice, 0.5, 1.0 + 1.6 * r->bad);

	r->c->grid = r->c->module / pitch;
	r->c->grid_depth = 0.4 + 0.6 * r->bad;
	r->c->carrier = CARRIER_PHONE;
	r->s->sigma = dice_range(r->dice, 0.3, 0.55);
}

static void dark_mode(struct roll *r)
{
	r->c->inverted = true;
	r->c->carrier = CARRIER_PHONE;
	r->c->dark = dice_range(r->dice, 0.004, 0.02 + 0.05 * r->bad);
	r->c->light = dice_range(r->dice, 0.5, 1);
	r->s->sigma += 0.4 * r->bad;
	r->s->noise += 4 * r->bad;
}

static void motion(struct roll *r)
{
	r->s->motion = (1 + 2.2 * r->bad) * (r->s->height > 500 ? 1.3 : 1);
	r->s->motion_angle = dice_range(r->dice, 0, 180);
}

static void rolling(struct roll *r)
{
	r->s->skew = dice_range(r->dice, -1, 1) * 140 * r->bad * r->s->height / 480;
	r->s->wobble = dice_range(r->dice, -1, 1) * 6 * r->bad * r->s->height / 480;
	r->s->motion = 1.5 * r->bad;
}

static void small(struct roll *r)
{
	static const double low[] = {2.6, 2.2, 1.8, 1.5}, high[] = {3.0, 2.6, 2.2, 1.8};

	r->c->module = dice_range(r->dice, low[r->grade], high[r->grade]);
	r->s->sigma = dice_range(r->dice, 0.3, 0.5);
}

static void typical(struct roll *r)
{
	tilt(r, 0, 20);
	r->s->sigma = 0.6 + 0.5 * r->bad;
	r->s->exposure = dice_range(r->dice, 0.6, 1.2);
	r->s->noise = 1 + 2 * r->bad;
	r->s->motion = dice_range(r->dice, 0, 1);
	if (dice_chance(r->dice, 0.5))
		r->s->jpeg = 60 + dice_int(r->dice, 36);
	if (dice_chance(r->dice, 0.1))
		spot(r);
}

static void far(struct roll *r)
{
	r->c->module = dice_range(r->dice, 3.2, 3.8) - 1.2 * r->bad;
}

static void typical_far(struct roll *r)
{
	typical(r);
	r->s->sigma = 0.5 + 0.4 * r->bad;
}

static void banding(struct roll *r)
{
	r->s->banding = 0.15 + 0.7 * r->bad;
	r->s->band_rows = dice_range(r->dice, 12, 240) * r->s->height / 480;
}

static void mixed(struct roll *r)
{
	tilt(r, 0, 35);
	r->s->sigma = 0.5 + r->bad;
	r->s->exposure = dice_range(r->dice, 0.4, 1.3);
	r->s->noise = 1 + 6 * r->bad;
	r->s->motion = 3 * r->bad * dice_unit(r->dice);
	if (dice_chance(r->dice, 0.1))
		dark_mode(r);
	if (dice_chance(r->dice, 0.3))
		spot(r);
	if (dice_chance(r->dice, 0.2))
		moire(r);
	if (dice_chance(r->dice, 0.2))
		banding(r);
	if (dice_chance(r->dice, 0.5))
		r->s->jpeg = 60 + dice_int(r->dice, 36);
}

static void close_up(struct roll *r)
{
	r->c->roll = dice_range(r->dice, -8, 8);
	r->c->module = 100; /* the frame limits it */
	r->c->quiet = dice_range(r->dice, 1, 3);
	tilt(r, 0, 15 * r->bad);
	r->s->sigma = 0.6 + 2.4 * r->bad;
}

static void shadow(struct roll *r)
{
	r->s->shadow = 0.5 + 0.45 * r->bad;
	r->s->shadow_soft =
		dice_chance(r->dice, 0.5) ? dice_range(r->dice, 0, 3) : dice_range(r->dice, 5, 60);
	r->s->slope = 0.7 * r->bad;
	r->c->x = dice_range(r->dice, 0.45, 0.55);
	r->c->y = dice_range(r->dice, 0.45, 0.55);
}

static void shadow_or_leaves(struct roll *r)
{
	if (dice_chance(r->dice, 0.3))
		r->s->dapple = 0.4 + 0.5 * r->bad;
	else
		shadow(r);
}

/* A display of 2 to 8 of its own pixels a module, each of them 1.5 to 4 of ours. */
static void monitor(struct roll *r)
{
	int pixels = 2 + dice_int(r->dice, 5 - (int)r->grade);
	double pitch = dice_range(r->dice, 1.2, 1.8 + 2 * r->bad);

	r->c->module = pixels * pitch;
	r->c->grid = pixels;
	r->c->grid_depth = 0.4 + 0.6 * r->bad;
	r->c->carrier = CARRIER_PHONE;
	r->s->sigma = dice_range(r->dice, 0.35, 0.6);
	r->s->exposure = dice_range(r->dice, 0.8, 1.3);
}

static void sheen(struct roll *r)
{
	double side = frames_side(r->c) * r->c->module;

	on_code(r, &r->s->spot_x, &r->s->spot_y, 1.2);
	r->s->spot_radius = side * dice_range(r->dice, 0.15, 0.5) / r->s->height;
	r->s->spot_light = 0.2 + 1.1 * r->bad;
	r->s->haze = 0.15 * r->bad;
	r->s->exposure = dice_range(r->dice, 0.4, 0.8);
}

static void art(struct roll *r)
{
	r->c->level = r->grade < GRADE_HARD ? SHOT_Q : SHOT_H;
	r->c->uneven = 0.3 + 0.7 * r->bad;
	r->c->round_finders = dice_chance(r->dice, 0.3);
	if (dice_chance(r->dice, 0.4)) {
		r->c->style = STYLE_HALFTONE;
		r->c->uneven *= 0.4;
		r->c->module = fmax(r->c->module * 1.5, 4);
	}
	tilt(r, 0, 15);
}

static void curved(struct roll *r)
{
	r->c->carrier = dice_chance(r->dice, 0.5) ? CARRIER_STICKER : CARRIER_PAPER;
	if (dice_chance(r->dice, 0.6))
		r->c->curve = 0.3 + 1.4 * r->bad; /* to a hundred degrees round a cup */
	else
		r->c->wave = 0.4 + 2.2 * r->bad;
	tilt(r, 0, 20);
}

static void damaged(struct roll *r)
{
	static const enum shot_level levels[] = {SHOT_M, SHOT_M, SHOT_Q, SHOT_H};

	r->c->damage = 0.15 + 0.8 * r->bad;
	r->c->level = levels[r->grade];
	r->s->sigma += 0.4 * r->bad;
}

static void logo(struct roll *r)
{
	r->c->level = SHOT_H;
	r->c->logo = 0.12 + 0.2 * r->bad;
	r->c->round_finders = dice_chance(r->dice, 0.3);
	tilt(r, 0, 20 * r->bad);
}

static void styled(struct roll *r)
{
	r->c->style = (enum shot_style)(STYLE_DOTS + dice_int(r->dice, 3));
	r->c->round_finders = dice_chance(r->dice, 0.6);
	r->s->sigma += 0.3 * r->bad;
	tilt(r, 0, 25 * r->bad);
}

static void quiet(struct roll *r)
{
	r->c->quiet = fmax(0, 2 - 2.2 * r->bad);
	r->c->carrier = dice_chance(r->dice, 0.6) ? CARRIER_STICKER : CARRIER_PHONE;
	tilt(r, 0, 15);
}

static void contrast(struct roll *r)
{
	double middle = dice_range(r->dice, 0.12, 0.6), apart = 0.85 - 0.72 * r->bad;

	r->c->light = fmin(1, middle * (1 + apart));
	r->c->dark = middle * (1 - apart);
	r->c->inverted = dice_chance(r->dice, 0.25);
	if (r->bad > 0.5)
		r->s->noise = 1 + 2 * r->bad;
}

static void clutter(struct roll *r)
{
	static const enum shot_background lively[] = {GROUND_CARPET, GROUND_TEXT, GROUND_KEYBOARD,
		GROUND_STRIPES, GROUND_SHELF, GROUND_TILES, GROUND_LEAVES};

	r->s->background = lively[dice_int(r->dice, 7)];
	r->s->background_light = 1;
	r->s->sigma = dice_range(r->dice, 0.4, 0.8);
	r->c->carrier = dice_chance(r->dice, 0.5) ? CARRIER_STICKER : CARRIER_PAPER;
	r->c->quiet = 4 - 3 * r->bad;
	tilt(r, 0, 30 * r->bad);
	if (dice_chance(r->dice, 0.2)) {
		r->c->carrier = CARRIER_BARE;
		r->s->background = dice_chance(r->dice, 0.5) ? GROUND_WOOD : GROUND_DESK;
	}
}

/* Two to five, the first one where it was put, the others in their own parts of the frame. */
static void several(struct roll *r)
{
	int count = 2 + dice_int(r->dice, 3);
	struct shot_code first = *r->c;

	r->s->codes = 0;
	for (int i = 0; i < count; i++) {
		size_t len = 20 + (size_t)dice_int(r->dice, 60);
		struct shot_code *c = shot_add(r->s, first.module, len, dice_next(r->dice));

		c->carrier = CARRIER_STICKER;
		c->light = dice_range(r->dice, 0.6, 0.95);
		c->quiet = 3;
		c->roll = dice_range(r->dice, -20, 20);
		double cell = fmin(r->s->width, r->s->height) / 2.0 * 0.78;

		c->module = fmin(first.module, cell / (frames_side(c) + 2 * c->quiet));
		c->x = i & 1 ? 0.74 : 0.26;
		c->y = i & 2 ? 0.74 : 0.26;
	}
	r->s->sigma += 0.3 * r->bad;
}

static void high_version(struct roll *r)
{
	r->c->version = 15 + (int)(15 * r->bad);
	r->c->carrier = CARRIER_STICKER;
	r->c->roll = dice_range(r->dice, -12, 12);
	r->c->quiet = 3;
	r->s->width = r->bad > 0.3 && r->s->width == 640 ? 1280 : r->s->width;
	r->s->height = r->s->width == 640 ? 480 : r->s->width == 1280 ? 720 : SHOT_HEIGHT_MAX;
	r->c->module = dice_range(r->dice, 3, 5);
	tilt(r, 0, 15);
}

static void halos(struct roll *r)
{
	r->s->noise += 3 * r->bad;
	r->s->sigma = 0.6 + 0.6 * r->bad;
	r->s->sharpen = 0.6 + 2 * r->bad;
	r->s->denoise = dice_chance(r->dice, 0.6) ? r->bad : 0;
	r->s->jpeg = 70 + dice_int(r->dice, 25);
}

static void haze(struct roll *r)
{
	r->s->haze = 0.1 + 0.9 * r->bad;
	r->s->bloom = 0.2 + 0.4 * r->bad;
	r->s->exposure = 0.9 / (1 + r->s->haze);
	r->s->sigma += 0.3 * r->bad;
}

static void print(struct roll *r)
{
	r->c->carrier = dice_chance(r->dice, 0.5) ? CARRIER_RECEIPT : CARRIER_PAPER;
	r->c->gain = (dice_chance(r->dice, 0.6) ? 1 : -1) * (0.08 + 0.27 * r->bad);
	r->c->dark = 0.05 + 0.25 * r->bad * dice_unit(r->dice);
	tilt(r, 0, 15);
}

static void backlight(struct roll *r)
{
	r->s->background = GROUND_WINDOW;
	r->s->background_light = 1.5 + 2 * r->bad;
	r->s->bloom = 0.1 + 0.25 * r->bad;
	r->s->exposure = 0.55 - 0.35 * r->bad;
	r->s->noise = 1 + 3 * r->bad;
	tilt(r, 0, 15);
}

static void mirrored(struct roll *r)
{
	r->c->mirrored = true;
	tilt(r, 0, 20 * r->bad);
}

static void finger(struct roll *r)
{
	r->c->finger = r->c->quiet * (0.4 + 0.55 * r->bad) + (r->grade == GRADE_EXTREME ? 1.5 : 0);
}

static void jpeg(struct roll *r)
{
	r->s->jpeg = 95 - (int)(65 * r->bad);
}

static void mirror(struct roll *r)
{
	r->s->mirror = 0.15 + 0.75 * r->bad;
	r->s->exposure = dice_range(r->dice, 0.5, 0.9);
}

static void lens(struct roll *r)
{
	r->s->distortion = dice_range(r->dice, 0.1, 0.15 + 0.3 * r->bad);
}

static void depth(struct roll *r)
{
	r->s->bits = 6 - (int)(4.5 * r->bad);
}

/* ---- which is which ---- */

static void (*const shapes[COND_COUNT])(struct roll *r) = {
	[COND_TILT] = steep,
	[COND_BLUR_1] = blur_10,
	[COND_BLUR_15] = blur_15,
	[COND_BLUR_2] = blur_20,
	[COND_BLUR_25] = blur_25,
	[COND_DEFOCUS] = defocus,
	[COND_SMALL] = small,
	[COND_FAR] = far,
	[COND_CLOSE] = close_up,
	[COND_CURVED] = curved,
	[COND_DAMAGED] = damaged,
	[COND_LOGO] = logo,
	[COND_STYLED] = styled,
	[COND_QUIET] = quiet,
	[COND_CLUTTER] = clutter,
	[COND_VERSION] = high_version,
	[COND_MONITOR] = monitor,
	[COND_ART] = art,
	[COND_PRINT] = print,
	[COND_MIRRORED] = mirrored,
	[COND_FINGER] = finger,
};

static void (*const spoils[COND_COUNT])(struct roll *r) = {
	[COND_TYPICAL] = typical,
	[COND_FAR] = typical_far,
	[COND_MIXED] = mixed,
	[COND_DARK] = dark,
	[COND_OVER] = over,
	[COND_BLOOM] = bloom,
	[COND_SPOT] = spot,
	[COND_STREAK] = streak,
	[COND_MOIRE] = moire,
	[COND_INVERT] = dark_mode,
	[COND_MOTION] = motion,
	[COND_ROLLING] = rolling,
	[COND_JPEG] = jpeg,
	[COND_SHADOW] = shadow_or_leaves,
	[COND_SHEEN] = sheen,
	[COND_MIRROR] = mirror,
	[COND_BANDING] = banding,
	[COND_CONTRAST] = contrast,
	[COND_SEVERAL] = several,
	[COND_LENS] = lens,
	[COND_HALOS] = halos,
	[COND_DEPTH] = depth,
	[COND_HAZE] = haze,
	[COND_BACKLIGHT] = backlight,
};

void frames_shape(struct roll *r, enum condition which)
{
	if (shapes[which])
		shapes[which](r);
}

void frames_spoil(struct roll *r, enum condition which)
{
	if (spoils[which])
		spoils[which](r);
}
