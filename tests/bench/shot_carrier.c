/* SPDX-License-Identifier: Apache-2.0
 *
 * What carries a code: a phone, a sheet, a sticker, with the symbol's modules as they are really
 * drawn and printed, and what happened to them since.
 */
#include <math.h>
#include <string.h>

#include "tests/bench/shot_private.h"

#define TEXELS_MIN 6
#define TEXELS_MAX 16
#define TEXELS_ALL (6u << 20)

struct box {
	int x0, y0, x1, y1;
};

static void fill(struct carrier *t, struct box b, double value)
{
	for (int y = b.y0 < 0 ? 0 : b.y0; y < b.y1 && y < t->height; y++)
		for (int x = b.x0 < 0 ? 0 : b.x0; x < b.x1 && x < t->width; x++)
			t->at[(size_t)y * (size_t)t->width + (size_t)x] = (float)value;
}

/* ---- modules ---- */

static bool is_dark(const struct symbol *m, int x, int y)
{
	return x >= 0 && y >= 0 && x < m->side && y < m->side && m->dark[y][x];
}

/* Middle of the finder pattern that x, y is in; false when it is in none. */
static bool finder_middle(const struct symbol *m, const struct shot_code *c, double x, double y,
	double *cx, double *cy)
{
	double far = m->side - 3.5;
	bool right = x > m->side / 2.0, low = y > m->side / 2.0;

	*cx = right ? far : 3.5;
	*cy = low ? far : 3.5;
	if (c->mirrored ? (!right && low) : (right && low))
		return false;
	return fabs(x - *cx) < 4 && fabs(y - *cy) < 4;
}

static bool finder_is_dark(double dx, double dy)
{
	/* Between a circle and a square, as designers draw them. */
	double d = pow(dx * dx * dx * dx + dy * dy * dy * dy, 0.25);

	return d < 1.55 || (d > 2.5 && d < 3.55);
}

/* Between the middles of modules a picture shows in dots a third of a module wide. Timing patterns
 * stay whole.
 */
static bool halftone(const struct symbol *m, double x, double y)
{
	int ix = (int)floor(x), iy = (int)floor(y);

	if (ix < 0 || iy < 0 || ix >= m->side || iy >= m->side)
		return false;
	if (ix == 6 || iy == 6)
		return is_dark(m, ix, iy);
	return dice_at(7, (int)floor(x * 3), (int)floor(y * 3)) <
	       0.5 + 0.4 * sin(x * 0.3) * cos(y * 0.25);
}

static bool cell_is_dark(const struct symbol *m, const struct shot_code *c, double x, double y)
{
	int ix = (int)floor(x), iy = (int)floor(y);
	double dx = fabs(x - ix - 0.5), dy = fabs(y - iy - 0.5);
	double cx, cy;
	bool in_finder = finder_middle(m, c, x, y, &cx, &cy);

	if (in_finder && c->round_finders)
		return finder_is_dark(x - cx, y - cy);
	if (c->style == STYLE_HALFTONE && !in_finder && (dx > 0.25 || dy > 0.25))
		return halftone(m, x, y);
	if (!is_dark(m, ix, iy))
		return false;
	if (in_finder || c->style == STYLE_SQUARE)
		return true;
	if (c->style == STYLE_DOTS)
		return dx * dx + dy * dy < 0.46 * 0.46;
	if (c->style == STYLE_GAPS)
		return dx < 0.42 && dy < 0.42;
	if (c->style == STYLE_HALFTONE)
		return true; /* see halftone() */
	return dx < 0.25 || dy < 0.25 ||
	       (dx - 0.25) * (dx - 0.25) + (dy - 0.25) * (dy - 0.25) < 0.0625;
}

static bool inked(const struct symbol *m, const struct shot_code *c, double x, double y)
{
	double g = fabs(c->gain);
	bool here = cell_is_dark(m, c, x, y), spreads = c->gain > 0;

	if (g < 0.01 || here == spreads)
		return here;
	return cell_is_dark(m, c, x - g, y) == spreads || cell_is_dark(m, c, x + g, y) == spreads ||
			       cell_is_dark(m, c, x, y - g) == spreads ||
			       cell_is_dark(m, c, x, y + g) == spreads
		       ? spreads
		       : here;
}

/* How far a module's grey is from its own towards the other. */
static double grey_of(const struct shot_code *c, uint64_t seed, double u, double v)
{
	if (c->uneven <= 0)
		return 0;
	return 0.42 * c->uneven * dice_at(seed, (int)floor(u), (int)floor(v));
}

static void draw_symbol(
	struct carrier *t, const struct symbol *m, const struct shot_code *c, uint64_t *dice)
{
	double half = m->side / 2.0, reach = half + c->quiet, logo = c->logo * half;
	double dark = c->inverted ? c->light : c->dark, light = c->inverted ? c->dark : c->light;
	double shade = dice_range(dice, 0.1, 0.6);
	uint64_t seed = *dice;

	for (int y = 0; y < t->height; y++)
		for (int x = 0; x < t->width; x++) {
			double u = (x + 0.5 - t->x) / t->per_module;
			double v = (y + 0.5 - t->y) / t->per_module;
			float *out = &t->at[(size_t)y * (size_t)t->width + (size_t)x];

			if (fabs(u) > reach || fabs(v) > reach)
				continue;
			if (fabs(u) < logo && fabs(v) < logo)
				*out = (float)(u * u + v * v < logo * logo * 0.6 ? shade : light);
			else if (fabs(u) < half + 1 && fabs(v) < half + 1 &&
				 inked(m, c, u + half, v + half))
				*out = (float)(dark + (light - dark) * grey_of(c, seed, u, v));
			else if (c->carrier != CARRIER_BARE)
				*out = (float)(light - (light - dark) * grey_of(c, ~seed, u, v));
		}
}

/* ---- around it ---- */

/* Lines of something like letters, in texels. */
static void draw_words(struct carrier *t, struct box b, double ink, double letter, uint64_t *dice)
{
	int w = (int)(letter * 0.6) + 1, h = (int)letter + 1;

	for (int y = b.y0; y + h < b.y1; y += h * 2)
		for (int x = b.x0; x + w < b.x1; x += w + w / 3 + 1) {
			uint64_t bits = dice_next(dice);

			if (bits % 6 == 0)
				continue;
			for (int i = 0; i < 15; i++)
				if (bits >> (8 + i) & 1)
					fill(t,
						(struct box){x + i % 3 * w / 3, y + i / 3 * h / 5,
							x + (i % 3 + 1) * w / 3,
							y + (i / 3 + 1) * h / 5},
						ink);
		}
}

static void draw_bars(struct carrier *t, struct box b, double ink, double module, uint64_t *dice)
{
	for (double x = b.x0; x < b.x1;) {
		double bar = (1 + dice_int(dice, 3)) * module;

		fill(t, (struct box){(int)x, b.y0, (int)(x + bar), b.y1}, ink);
		x += bar + (1 + dice_int(dice, 3)) * module;
	}
}

static void cut_corners(struct carrier *t, double radius)
{
	int r = (int)radius;

	for (int y = 0; y < r && y < t->height; y++)
		for (int x = 0; x < r && x < t->width; x++) {
			if ((r - x) * (r - x) + (r - y) * (r - y) <= r * r)
				continue;
			size_t w = (size_t)t->width, h = (size_t)t->height;
			size_t i = (size_t)x, j = (size_t)y;

			t->at[j * w + i] = t->at[j * w + w - 1 - i] = -1;
			t->at[(h - 1 - j) * w + i] = t->at[(h - 1 - j) * w + w - 1 - i] = -1;
		}
}

static void draw_phone(struct carrier *t, const struct shot_code *c, double reach, uint64_t *dice)
{
	double n = t->per_module, edge = reach * n * 0.05;
	bool night = c->inverted || dice_chance(dice, 0.2);
	double page = night ? dice_range(dice, 0.005, 0.05) : dice_range(dice, 0.7, 0.95);
	double ink = night ? 0.6 : dice_range(dice, 0.02, 0.3);
	struct box s = {
		(int)edge, (int)(edge * 2), t->width - (int)edge, t->height - (int)(edge * 2)};
	int top = (int)(t->y - reach * n), low = (int)(t->y + reach * n);
	int in = (int)(t->x - reach * n);

	fill(t, (struct box){0, 0, t->width, t->height}, dice_range(dice, 0.01, 0.08));
	fill(t, s, page);
	draw_words(t, (struct box){s.x0 + in / 2, s.y0, s.x1 - in / 2, s.y0 + 2 * (int)n}, ink, n,
		dice);
	draw_words(t, (struct box){in, top - 7 * (int)n, s.x1 - in, top - 2 * (int)n}, ink, 2 * n,
		dice);
	draw_words(t, (struct box){in, low + (int)n, s.x1 - in, low + 12 * (int)n}, ink, 1.6 * n,
		dice);
	fill(t, (struct box){in, low + (int)(14 * n), s.x1 - in, low + (int)(19 * n)},
		dice_range(dice, 0.1, 0.7));
	cut_corners(t, reach * n * 0.16);
}

static void draw_paper(struct carrier *t, const struct shot_code *c, double reach, uint64_t *dice)
{
	double n = t->per_module;
	double letter = n * dice_range(dice, 1.2, 4);
	int top = (int)(t->y - reach * n), low = (int)(t->y + reach * n), rim = (int)(2 * n);

	fill(t, (struct box){0, 0, t->width, t->height}, c->inverted ? c->dark : c->light);
	draw_words(t, (struct box){rim, rim, t->width - rim, top - rim / 2}, 0.05, letter, dice);
	draw_words(t, (struct box){rim, low + rim, t->width - rim, t->height - rim}, 0.05, letter,
		dice);
	if (c->carrier == CARRIER_RECEIPT)
		draw_bars(t,
			(struct box){rim, t->height - (int)(9 * n), t->width - rim,
				t->height - (int)(2 * n)},
			0.05, n * 0.7, dice);
}

/* ---- what happened to it ---- */

static void scratch(struct carrier *t, double value, double width, double reach, uint64_t *dice)
{
	double angle = dice_range(dice, 0, 6.28), len = dice_range(dice, 0.2, 1.4) * reach;
	double x = t->x + dice_range(dice, -1, 1) * reach,
	       y = t->y + dice_range(dice, -1, 1) * reach;

	for (double d = 0; d < len; d += 0.5) {
		int cx = (int)(x + cos(angle) * d), cy = (int)(y + sin(angle) * d),
		    w = (int)(width / 2);

		fill(t, (struct box){cx - w, cy - w, cx + w + 1, cy + w + 1}, value);
		angle += dice_range(dice, -0.01, 0.01);
	}
}

static void stain(
	struct carrier *t, double value, double radius, double weight, double reach, uint64_t *dice)
{
	double x = t->x + dice_range(dice, -1, 1) * reach,
	       y = t->y + dice_range(dice, -1, 1) * reach;
	double a = dice_range(dice, 0.6, 1.6);

	for (int j = (int)(y - 2 * radius); j < y + 2 * radius; j++)
		for (int i = (int)(x - 2 * radius); i < x + 2 * radius; i++) {
			double d =
				((i - x) * (i - x) * a + (j - y) * (j - y) / a) / (radius * radius);

			if (d >= 1 || i < 0 || j < 0 || i >= t->width || j >= t->height)
				continue;
			float *out = &t->at[(size_t)j * (size_t)t->width + (size_t)i];

			if (*out >= 0)
				*out = (float)(*out + (value - *out) * weight);
		}
}

static void wear(struct carrier *t, const struct shot_code *c, double reach, uint64_t *dice)
{
	double n = t->per_module, r = reach * n;
	int scratches = (int)(c->damage * 10), stains = (int)(c->damage * 8);

	for (int i = 0; i < scratches; i++)
		scratch(t, dice_chance(dice, 0.5) ? c->light * 0.9 : c->dark + 0.1,
			n * dice_range(dice, 0.2, 0.4 + c->damage), r, dice);
	for (int i = 0; i < stains; i++)
		stain(t, dice_range(dice, 0.02, 0.9),
			n * dice_range(dice, 0.5, 1.5 + 3 * c->damage), dice_range(dice, 0.3, 1), r,
			dice);
}

/* A finger tip over one edge: skin is a middle grey and out of focus is not modelled. */
static void cover(
	struct carrier *t, const struct symbol *m, const struct shot_code *c, uint64_t *dice)
{
	double n = t->per_module, r = dice_range(dice, 5, 9) * n;
	double into = (m->side / 2.0 + c->quiet - c->finger) * n;
	double along = dice_range(dice, -0.6, 0.6) * m->side / 2.0 * n;
	double x = t->x + along, y = t->y + into + r;
	double skin = dice_range(dice, 0.2, 0.5);

	for (int j = 0; j < t->height; j++)
		for (int i = 0; i < t->width; i++) {
			double dx = i - x, dy = j < y ? j - y : 0;
			double d = (dx * dx + dy * dy) / (r * r);

			if (d < 1)
				t->at[(size_t)j * (size_t)t->width + (size_t)i] =
					(float)(skin * (1 - 0.5 * d * d));
		}
}

/* ---- all of it ---- */

/* Sides in modules and where the symbol's middle is in them. */
static void measure(struct carrier *t, const struct shot_code *c, double reach, uint64_t *dice)
{
	double w = 2 * reach, h = 2 * reach, x = reach, y = reach;

	if (c->carrier == CARRIER_PHONE) {
		w *= dice_range(dice, 1.12, 1.5);
		h = w * dice_range(dice, 1.9, 2.2);
		x = w / 2;
		y = h * dice_range(dice, 0.36, 0.5);
	} else if (c->carrier == CARRIER_PAPER || c->carrier == CARRIER_RECEIPT) {
		bool strip = c->carrier == CARRIER_RECEIPT;

		w *= dice_range(dice, 1.1, strip ? 1.4 : 2.2);
		h *= dice_range(dice, strip ? 2 : 1.2, strip ? 3 : 2.2);
		x = strip ? w / 2 : reach + (w - 2 * reach) * dice_unit(dice);
		y = reach + (h - 2 * reach) * dice_unit(dice);
	}
	t->per_module = ceil(3 * c->module);
	t->per_module = fmin(fmax(t->per_module, TEXELS_MIN), TEXELS_MAX);
	while (w * h * t->per_module * t->per_module > TEXELS_ALL && t->per_module > 3)
		t->per_module -= 1;
	t->width = (int)(w * t->per_module);
	t->height = (int)(h * t->per_module);
	t->x = x * t->per_module;
	t->y = y * t->per_module;
}

void carrier_draw(
	struct carrier *t, const struct symbol *m, const struct shot_code *c, uint64_t seed)
{
	double reach = m->side / 2.0 + c->quiet;
	uint64_t dice = seed;

	t->side = m->side;
	measure(t, c, reach, &dice);
	t->at = shot_room(t->at, &t->cap, (size_t)t->width * (size_t)t->height, sizeof *t->at);
	fill(t, (struct box){0, 0, t->width, t->height},
		c->carrier == CARRIER_BARE ? -1 : c->light);
	if (c->carrier == CARRIER_PHONE)
		draw_phone(t, c, reach, &dice);
	else if (c->carrier == CARRIER_PAPER || c->carrier == CARRIER_RECEIPT)
		draw_paper(t, c, reach, &dice);
	if (!c->blank)
		draw_symbol(t, m, c, &dice);
	if (c->damage > 0)
		wear(t, c, reach, &dice);
	if (c->finger > 0)
		cover(t, m, c, &dice);
}
