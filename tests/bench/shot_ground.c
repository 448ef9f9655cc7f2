/* SPDX-License-Identifier: Apache-2.0
 *
 * What is behind: counters, people, goods, rooms. One value for each pixel, the lens softens it.
 */
#include <math.h>

#include "tests/bench/shot_private.h"

#define BLOBS 7

struct ground {
	enum shot_background kind;
	uint64_t seed;
	double c, s, scale;    /* turned and scaled, so that no two frames have the same raster */
	double lean;           /* a surface leans away */
	double blob[BLOBS][4]; /* x, y, 1 / radius^2, light */
	double base, depth;
};

double ground_noise(uint64_t seed, double x, double y)
{
	int ix = (int)floor(x), iy = (int)floor(y);
	double u = x - ix, v = y - iy;

	u = u * u * (3 - 2 * u);
	v = v * v * (3 - 2 * v);
	double top = dice_at(seed, ix, iy) * (1 - u) + dice_at(seed, ix + 1, iy) * u;
	double low = dice_at(seed, ix, iy + 1) * (1 - u) + dice_at(seed, ix + 1, iy + 1) * u;
	return top + (low - top) * v;
}

/* Letters of three by five dots in cells of `wide` by `high`. */
static bool is_ink(uint64_t seed, double x, double y, double wide, double high)
{
	int cx = (int)floor(x / wide), cy = (int)floor(y / high);
	double u = x / wide - cx, v = y / high - cy;
	uint64_t bits = dice_mix(seed ^ (uint64_t)(uint32_t)cx << 32 ^ (uint64_t)(uint32_t)cy);

	if (bits % 6 == 0 || u > 0.75 || v > 0.55)
		return false;
	return bits >> (8 + (int)(u * 4) + 3 * (int)(v * 9)) & 1;
}

static double keyboard(uint64_t seed, double x, double y)
{
	double u = fmod(fmod(x + 18 * floor(y / 40), 40) + 40, 40), v = fmod(fmod(y, 40) + 40, 40);
	bool key = u > 3 && u < 37 && v > 3 && v < 37;

	if (!key)
		return 0.02;
	if (u > 8 && u < 22 && v > 8 && v < 24)
		return is_ink(seed, x, y, 40, 40) ? 0.7 : 0.09;
	return 0.09 + 0.002 * (40 - v);
}

static double shelf(uint64_t seed, double x, double y)
{
	int row = (int)floor(y / 130), item = (int)floor((x + 57 * row) / 75);
	double u = x + 57 * row - 75 * item, v = y - 130 * row;
	double grey = dice_at(seed, item, row);

	if (v > 118)
		return 0.3;
	if (u > 12 && u < 60 && v > 70 && v < 105 && grey > 0.3) /* bars */
		return u < 16 || u > 56                                           ? 0.85
		       : dice_at(seed + 1, (int)(u * 0.8), item * 31 + row) > 0.5 ? 0.85
										  : 0.04;
	if (v < 50 && is_ink(seed + 2, x, y, 12, 17))
		return grey > 0.5 ? 0.1 : 0.8;
	return 0.08 + 0.7 * grey;
}

static double tiles(uint64_t seed, double x, double y)
{
	double u = fmod(fmod(x, 34) + 34, 34), v = fmod(fmod(y, 34) + 34, 34);
	int ix = (int)floor(x / 34), iy = (int)floor(y / 34);

	if (u < 2.5 || v < 2.5)
		return 0.5;
	return (ix + iy) & 1 ? 0.12 + 0.05 * dice_at(seed, ix, iy) : 0.7;
}

static double blobs(const struct ground *g, double x, double y)
{
	double sum = g->base;

	for (int i = 0; i < BLOBS; i++) {
		double dx = x - g->blob[i][0], dy = y - g->blob[i][1];
		double d = (dx * dx + 0.6 * dy * dy) * g->blob[i][2];

		if (d < 1)
			sum += (g->blob[i][3] - sum) * (1 - d * d);
	}
	return sum;
}

static double wood(uint64_t seed, double u, double v)
{
	double ring = ground_noise(seed, u * 0.004, v * 0.05) * 9 + v * 0.02;

	return 0.22 + 0.1 * sin(ring * 6.28) + 0.12 * ground_noise(seed + 1, u * 0.03, v * 0.6);
}

static double value(const struct ground *g, double u, double v, double x, double y)
{
	double coarse = 0.08 * ground_noise(g->seed + 9, x * 0.006, y * 0.006);

	switch (g->kind) {
	case GROUND_WOOD:
		return wood(g->seed, u, v);
	case GROUND_CARPET:
		return 0.05 +
		       0.35 * ground_noise(g->seed, u * 0.35, v * 0.35) *
			       ground_noise(g->seed + 1, u * 0.05, v * 0.05) +
		       0.15 * dice_at(g->seed + 2, (int)x, (int)y);
	case GROUND_TEXT:
		return is_ink(g->seed, u, v, 9, 18) ? 0.06 : 0.75;
	case GROUND_KEYBOARD:
		return keyboard(g->seed, u, v);
	case GROUND_STRIPES:
		return fmod(fmod(u, 17) + 17, 17) < 8 ? g->base * 0.3 : 0.2 + g->base;
	case GROUND_BLOBS:
		return blobs(g, x, y) + coarse;
	case GROUND_SHELF:
		return shelf(g->seed, u, v);
	case GROUND_WINDOW:
		return (x > 150 && x < 420 && y > 40 && y < 260 && fmod(x, 90) > 8) ? 2.2
										    : 0.04 + coarse;
	case GROUND_TILES:
		return tiles(g->seed, u, v);
	case GROUND_LEAVES: {
		double n = ground_noise(g->seed, u * 0.09, v * 0.09) +
			   0.5 * ground_noise(g->seed + 1, u * 0.3, v * 0.3);
		return n > 0.75 ? 0.5 * n : 0.08 * n;
	}
	case GROUND_DESK:
		return g->base * (0.7 + 0.0008 * x) + coarse +
		       0.03 * dice_at(g->seed, (int)x, (int)y);
	case GROUND_PLAIN:
	case GROUND_COUNT:
		break;
	}
	return g->base;
}

static void ground_init(struct ground *g, const struct shot *s)
{
	uint64_t dice = s->seed ^ 0x67726f756e64;
	double angle = dice_range(&dice, -0.7, 0.7);

	*g = (struct ground){.kind = s->background,
		.seed = dice_next(&dice),
		.base = dice_range(&dice, 0.08, 0.6)};
	g->scale = dice_range(&dice, 0.5, 1.8) * 480 / s->height;
	g->c = cos(angle);
	g->s = sin(angle);
	g->lean = dice_chance(&dice, 0.5) ? dice_range(&dice, -0.4, 0.4) / s->height : 0;
	for (int i = 0; i < BLOBS; i++) {
		double r = dice_range(&dice, 30, 140);

		g->blob[i][0] = dice_range(&dice, 0, 640);
		g->blob[i][1] = dice_range(&dice, 0, 480);
		g->blob[i][2] = 1 / (r * r);
		g->blob[i][3] = dice_range(&dice, 0.03, 0.8);
	}
}

void ground_draw(struct light *l, const struct shot *s)
{
	struct ground g;
	double k = 480.0 / s->height;

	ground_init(&g, s);
	for (int y = 0; y < l->height; y++)
		for (int x = 0; x < l->width; x++) {
			double w = g.scale / (1 + g.lean * (y - l->height / 2));
			double u = (g.c * x + g.s * y) * w, v = (g.c * y - g.s * x) * w;

			l->at[(size_t)y * (size_t)l->width + (size_t)x] =
				(float)(s->background_light * value(&g, u, v, x * k, y * k));
		}
}
