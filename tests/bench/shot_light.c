/* SPDX-License-Identifier: Apache-2.0
 *
 * Lamps and shadows on the scene; then what the lens makes of it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/shot_private.h"

#define TAPS_MAX 128
#define DISK_MAX 16

static float *row_of(float *at, const struct light *l, int y)
{
	return at + (size_t)y * (size_t)l->width;
}

/* ---- light ---- */

static double spot_at(const struct shot *s, double x, double y)
{
	double dx = x - s->spot_x * s->width, dy = y - s->spot_y * s->height;
	double r = s->spot_radius * s->height;
	double d = (dx * dx + dy * dy) / (r * r);

	return s->spot_light * (d < 1 ? 1 : exp(-(d - 1) * 1.5)); /* a hard middle, a soft rim */
}

static double streak_at(const struct shot *s, double x, double y)
{
	double a = s->streak_angle * DEGREE;
	double dx = x - s->streak_x * s->width, dy = y - s->streak_y * s->height;
	double d = (dx * sin(a) - dy * cos(a)) / (s->streak_width * s->height);

	return d * d > 9 ? 0 : s->streak_light * exp(-d * d * d * d);
}

/* The shadow's edge is a line through the middle, at an angle of the seed. */
static double shadow_at(const struct shot *s, double x, double y)
{
	double a = (double)(s->seed % 628) / 100;
	double d = (x - s->width / 2.0) * cos(a) + (y - s->height / 2.0) * sin(a);

	return 1 - s->shadow / (1 + exp(-d / (s->shadow_soft + 0.3)));
}

#define PANES 4

struct pane {
	double x, y, c, s, w, h, light, soft;
};

/* Windows and lamps of the room, as the phone's glass mirrors them around its codes. */
static void panes_hang(struct pane pane[PANES], const struct shot *s)
{
	uint64_t dice = s->seed ^ 0x70616e65;

	for (int i = 0; i < PANES; i++) {
		double turn = dice_range(&dice, -0.6, 0.6), size = s->height * 0.12;

		pane[i] =
			(struct pane){.x = (s->code[0].x + dice_range(&dice, -0.2, 0.2)) * s->width,
				.y = (s->code[0].y + dice_range(&dice, -0.25, 0.25)) * s->height,
				.c = cos(turn),
				.s = sin(turn),
				.w = size * dice_range(&dice, 0.3, 2),
				.h = size * dice_range(&dice, 0.3, 2),
				.light = s->mirror * dice_range(&dice, 0.3, 1),
				.soft = dice_range(&dice, 1, 12)};
	}
}

static double panes_at(const struct pane pane[PANES], double x, double y)
{
	double sum = 0;

	for (int i = 0; i < PANES; i++) {
		const struct pane *p = &pane[i];
		double u = p->c * (x - p->x) + p->s * (y - p->y);
		double v = p->c * (y - p->y) - p->s * (x - p->x);
		double out = fmax(fabs(u) - p->w, fabs(v) - p->h) / p->soft;

		sum += out > 4 ? 0 : p->light / (1 + exp(2 * out));
	}
	return sum;
}

/* Spots of shade with soft rims. */
static double dapple_at(const struct shot *s, double x, double y)
{
	double k = 9.0 / s->height, n = ground_noise(s->seed, x * k, y * k);

	n = 0.7 * n + 0.3 * ground_noise(s->seed + 1, x * k * 3, y * k * 3);
	return 1 - s->dapple / (1 + exp((n - 0.5) * 30));
}

void light_fall(struct light *l, const struct shot *s)
{
	double a = (double)(s->seed % 613) / 98;
	struct pane pane[PANES];

	if (s->mirror > 0)
		panes_hang(pane, s);
	double wave = s->banding > 0 ? 6.2832 / s->band_rows : 0;

	for (int y = 0; y < l->height; y++) {
		float *row = row_of(l->at, l, y);
		double band = 1 - s->banding * (0.5 + 0.5 * sin(y * wave + (double)(s->seed % 64)));

		for (int x = 0; x < l->width; x++) {
			double v = row[x] * band;

			if (s->shadow > 0)
				v *= shadow_at(s, x, y);
			if (s->slope > 0)
				v *= 1 - s->slope * (0.5 + cos(a) * ((double)x / l->width - 0.5) +
							    sin(a) * ((double)y / l->height - 0.5));
			if (s->dapple > 0)
				v *= dapple_at(s, x, y);
			if (s->mirror > 0)
				v += panes_at(pane, x, y);
			if (s->spot_light > 0)
				v += spot_at(s, x, y);
			if (s->streak_light > 0)
				v += streak_at(s, x, y);
			row[x] = (float)(v + s->haze);
		}
	}
}

/* ---- lens ---- */

static int clamped(int v, int high)
{
	return v < 0 ? 0 : v > high ? high : v;
}

/* One row with its edges repeated on both sides, weighted by taps. */
static void row_blur(float *out, const float *padded, int width, const float *tap, int radius)
{
	memset(out, 0, (size_t)width * sizeof *out);
	for (int k = 0; k <= 2 * radius; k++) {
		const float *in = padded + k;
		float w = tap[k];

		for (int x = 0; x < width; x++)
			out[x] += w * in[x];
	}
}

static void column_blur(float *out, const struct light *l, int y, const float *tap, int radius)
{
	memset(out, 0, (size_t)l->width * sizeof *out);
	for (int k = -radius; k <= radius; k++) {
		const float *in = row_of(l->other, l, clamped(y + k, l->height - 1));
		float w = tap[k + radius];

		for (int x = 0; x < l->width; x++)
			out[x] += w * in[x];
	}
}

static void gauss(struct light *l, double sigma)
{
	static float padded[SHOT_WIDTH_MAX + 2 * TAPS_MAX];
	float tap[2 * TAPS_MAX + 1];
	int radius = clamped((int)(3 * sigma + 1), TAPS_MAX);
	double sum = 0;

	for (int k = -radius; k <= radius; k++)
		sum += exp(-k * k / (2 * sigma * sigma));
	for (int k = -radius; k <= radius; k++)
		tap[k + radius] = (float)(exp(-k * k / (2 * sigma * sigma)) / sum);
	for (int y = 0; y < l->height; y++) {
		const float *in = row_of(l->at, l, y);

		for (int x = -radius; x < l->width + radius; x++)
			padded[x + radius] = in[clamped(x, l->width - 1)];
		row_blur(row_of(l->other, l, y), padded, l->width, tap, radius);
	}
	for (int y = 0; y < l->height; y++)
		column_blur(row_of(l->at, l, y), l, y, tap, radius);
}

struct tap {
	int dx, dy;
	float weight;
};

/* Any small kernel, pixel by pixel moved and added. */
static void apply(struct light *l, const struct tap *tap, int count)
{
	memcpy(l->other, l->at, (size_t)l->width * (size_t)l->height * sizeof *l->at);
	for (int y = 0; y < l->height; y++) {
		float *out = row_of(l->at, l, y);

		memset(out, 0, (size_t)l->width * sizeof *out);
		for (int k = 0; k < count; k++) {
			const float *in =
				row_of(l->other, l, clamped(y + tap[k].dy, l->height - 1));
			int from = clamped(-tap[k].dx, l->width);
			int to = l->width - clamped(tap[k].dx, l->width);
			float w = tap[k].weight;

			for (int x = 0; x < from; x++)
				out[x] += w * in[0];
			for (int x = from; x < to; x++)
				out[x] += w * in[x + tap[k].dx];
			for (int x = to > from ? to : from; x < l->width; x++)
				out[x] += w * in[l->width - 1];
		}
	}
}

/* Out of focus: an even disk, its rim by share of the pixel. */
static void defocus(struct light *l, double radius)
{
	struct tap tap[(2 * DISK_MAX + 1) * (2 * DISK_MAX + 1)];
	int r = clamped((int)ceil(radius), DISK_MAX), count = 0;
	double sum = 0;

	for (int dy = -r; dy <= r; dy++)
		for (int dx = -r; dx <= r; dx++) {
			double in = radius + 0.5 - sqrt(dx * dx + dy * dy);

			if (in <= 0)
				continue;
			tap[count] = (struct tap){dx, dy, (float)fmin(in, 1)};
			sum += fmin(in, 1);
			count++;
		}
	for (int i = 0; i < count; i++)
		tap[i].weight = (float)(tap[i].weight / sum);
	apply(l, tap, count);
}

static void drag(struct light *l, const struct shot *s)
{
	struct tap tap[4 * TAPS_MAX];
	int steps = clamped((int)(s->motion * 2) + 1, TAPS_MAX), count = 0;

	for (int i = 0; i < steps; i++) {
		double d = s->motion * ((i + 0.5) / steps - 0.5);
		double x = d * cos(s->motion_angle * DEGREE), y = d * sin(s->motion_angle * DEGREE);
		int ix = (int)floor(x), iy = (int)floor(y);
		double u = x - ix, v = y - iy;

		tap[count++] = (struct tap){ix, iy, (float)((1 - u) * (1 - v) / steps)};
		tap[count++] = (struct tap){ix + 1, iy, (float)(u * (1 - v) / steps)};
		tap[count++] = (struct tap){ix, iy + 1, (float)((1 - u) * v / steps)};
		tap[count++] = (struct tap){ix + 1, iy + 1, (float)(u * v / steps)};
	}
	apply(l, tap, count);
}

static void copy_quarter(float *small, const struct light *l, int w, int h)
{
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			float sum = 0;

			for (int k = 0; k < 64; k++)
				sum += l->at[(size_t)(8 * y + k / 8) * (size_t)l->width +
					     (size_t)(8 * x + k % 8)];
			small[y * w + x] = sum / 64;
		}
}

/* Bright light spreads far: a wide blur, made of means of 8 x 8. */
static void spread(struct light *l, double share)
{
	int w = l->width / 8, h = l->height / 8;
	struct light small = {.width = w, .height = h};
	size_t cap = 0, cap_other = 0;

	small.at = shot_room(NULL, &cap, (size_t)w * (size_t)h, sizeof *small.at);
	small.other = shot_room(NULL, &cap_other, (size_t)w * (size_t)h, sizeof *small.other);
	copy_quarter(small.at, l, w, h);
	gauss(&small, w / 40.0);
	for (int y = 0; y < l->height; y++)
		for (int x = 0; x < l->width; x++) {
			float *out = row_of(l->at, l, y) + x;

			*out = (float)(*out * (1 - share) +
				       share * small.at[clamped(y / 8, h - 1) * w +
							clamped(x / 8, w - 1)]);
		}
	free(small.at);
	free(small.other);
}

static void darken_corners(struct light *l, double vignette)
{
	double k = 1.0 / (l->width * (double)l->width + l->height * (double)l->height);

	for (int y = 0; y < l->height; y++)
		for (int x = 0; x < l->width; x++) {
			double dx = 2 * x - l->width, dy = 2 * y - l->height;

			row_of(l->at, l, y)[x] *= (float)(1 - vignette * (dx * dx + dy * dy) * k);
		}
}

void lens_blur(struct light *l, const struct shot *s)
{
	if (s->bloom > 0)
		spread(l, s->bloom);
	if (s->motion > 0.3)
		drag(l, s);
	if (s->disk > 0.3)
		defocus(l, s->disk);
	if (s->sigma > 0.15)
		gauss(l, s->sigma);
	if (s->vignette > 0)
		darken_corners(l, s->vignette);
}
