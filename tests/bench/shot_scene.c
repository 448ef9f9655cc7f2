/* SPDX-License-Identifier: Apache-2.0
 *
 * Lays a carrier into the scene through a true perspective, as lens and shutter see it.
 */
#include <math.h>
#include <string.h>

#include "tests/bench/shot_private.h"

#define OVERSAMPLE      3
#define OVERSAMPLE_GRID 6    /* a display's own pixels are finer than ours */
#define FOCAL           1.05 /* of the frame's width: about 51 degrees across */

struct view {
	const struct shot *s;
	const struct carrier *t;
	const struct shot_code *c;
	double to_code[9]; /* frame pixels to modules from the symbol's middle */
	double tint[3];    /* of the display's stripes */
	double side;       /* modules of the symbol */
};

static void turn(double out[9], const struct shot_code *c)
{
	double cr = cos(c->roll * DEGREE), sr = sin(c->roll * DEGREE);
	double cp = cos(c->pitch * DEGREE), sp = sin(c->pitch * DEGREE);
	double cy = cos(c->yaw * DEGREE), sy = sin(c->yaw * DEGREE);
	/* Rz(roll) * Rx(pitch) * Ry(yaw) */
	double r[9] = {cr * cy - sr * sp * sy, -sr * cp, cr * sy + sr * sp * cy,
		sr * cy + cr * sp * sy, cr * cp, sr * sy - cr * sp * cy, -cp * sy, sp, cp * cy};

	memcpy(out, r, sizeof r);
}

static void invert(double o[9], const double m[9])
{
	double det = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
		     m[2] * (m[3] * m[7] - m[4] * m[6]);

	o[0] = (m[4] * m[8] - m[5] * m[7]) / det;
	o[1] = (m[2] * m[7] - m[1] * m[8]) / det;
	o[2] = (m[1] * m[5] - m[2] * m[4]) / det;
	o[3] = (m[5] * m[6] - m[3] * m[8]) / det;
	o[4] = (m[0] * m[8] - m[2] * m[6]) / det;
	o[5] = (m[2] * m[3] - m[0] * m[5]) / det;
	o[6] = (m[3] * m[7] - m[4] * m[6]) / det;
	o[7] = (m[1] * m[6] - m[0] * m[7]) / det;
	o[8] = (m[0] * m[4] - m[1] * m[3]) / det;
}

/* A plane at the distance that makes a module the wanted size, its middle where the shot says. */
static void pose(struct view *v, double to_frame[9])
{
	const struct shot *s = v->s;
	double f = FOCAL * s->width, r[9];
	double cx = s->width / 2.0, cy = s->height / 2.0;

	turn(r, v->c);
	double d = f / v->c->module * sqrt(fabs(r[8]));
	double tx = d * (v->c->x * s->width - cx) / f, ty = d * (v->c->y * s->height - cy) / f;
	double col[3][3] = {{r[0], r[3], r[6]}, {r[1], r[4], r[7]}, {tx, ty, d}};

	for (int i = 0; i < 3; i++) {
		to_frame[i] = f * col[i][0] + cx * col[i][2];
		to_frame[3 + i] = f * col[i][1] + cy * col[i][2];
		to_frame[6 + i] = col[i][2];
	}
	invert(v->to_code, to_frame);
}

void shot_code_box(double box[4], const struct shot *s, const struct shot_code *c, double side)
{
	struct view v = {.s = s, .c = c};
	double m[9];

	pose(&v, m);
	box[0] = box[1] = 1e9;
	box[2] = box[3] = -1e9;
	for (int i = 0; i < 4; i++) {
		double a = (i & 1 ? 0.5 : -0.5) * side, b = (i & 2 ? 0.5 : -0.5) * side;
		double z = m[6] * a + m[7] * b + m[8];

		for (int k = 0; k < 2; k++) {
			double p = (m[3 * k] * a + m[3 * k + 1] * b + m[3 * k + 2]) / z;

			box[k] = fmin(box[k], p);
			box[2 + k] = fmax(box[2 + k], p);
		}
	}
}

/* Brightness of the display's own pixels at a place of the display, mean 1. */
static double grid_at(const struct view *v, double u, double w)
{
	double px = u * v->c->grid, py = w * v->c->grid;
	double fx = px - floor(px), fy = py - floor(py);
	int stripe = (int)(fx * 3);
	double lit = (fy < 0.82 ? 1 / 0.82 : 0) * v->tint[stripe > 2 ? 2 : stripe] *
		     (fx * 3 - stripe < 0.85 ? 1 / 0.85 : 0);

	return 1 + v->c->grid_depth * (lit - 1);
}

/* From the flat plane to the sheet that is bent; false: nothing is there. */
static bool bend(const struct view *v, double *a, double *b)
{
	double side = v->side;

	if (v->c->curve > 0) { /* round a cylinder whose axis is upright in the code */
		double radius = side / v->c->curve, q = *a / radius;

		if (fabs(q) >= 1)
			return false;
		*b += radius * (1 - sqrt(1 - q * q)) * 0.25;
		*a = radius * asin(q);
	}
	if (v->c->wave > 0) {
		double phase = (double)(v->s->seed % 628) / 100;
		double w = 6.2832 / (side * (0.8 + (double)(v->s->seed % 7) / 5));

		*b += v->c->wave * sin(*a * w + phase);
		*a += 0.4 * v->c->wave * sin(*a * 2 * w + *b * w / 2);
	}
	return true;
}

/* Light of the carrier at frame place x, y; below 0: it is not there. */
static float look(const struct view *v, double x, double y)
{
	const struct shot *s = v->s;
	double row = y / s->height;

	x += s->skew * (row - 0.5) + s->wobble * sin(row * 9);
	if (s->distortion != 0) {
		double dx = x - s->width / 2.0, dy = y - s->height / 2.0;
		double r2 = (dx * dx + dy * dy) * 4 / (s->width * (double)s->width);
		double k = 1 + s->distortion * r2;

		x = s->width / 2.0 + dx * k;
		y = s->height / 2.0 + dy * k;
	}
	const double *m = v->to_code;
	double z = m[6] * x + m[7] * y + m[8];
	double a = (m[0] * x + m[1] * y + m[2]) / z, b = (m[3] * x + m[4] * y + m[5]) / z;

	if ((v->c->curve > 0 || v->c->wave > 0) && !bend(v, &a, &b))
		return -1;
	double u = v->t->x + a * v->t->per_module - 0.5, w = v->t->y + b * v->t->per_module - 0.5;
	int iu = (int)floor(u), iw = (int)floor(w);

	if (iu < 0 || iw < 0 || iu + 1 >= v->t->width || iw + 1 >= v->t->height)
		return -1;
	const float *p = v->t->at + (size_t)iw * (size_t)v->t->width + (size_t)iu;
	const float *q = p + v->t->width;

	if (p[0] < 0 || p[1] < 0 || q[0] < 0 || q[1] < 0)
		return p[0];
	float fu = (float)(u - iu), fw = (float)(w - iw);
	float top = p[0] + (p[1] - p[0]) * fu, low = q[0] + (q[1] - q[0]) * fu;
	float light = top + (low - top) * fw;

	return v->c->grid > 0 ? light * (float)grid_at(v, a, b) : light;
}

static int clamped(double v, int high)
{
	return v < 0 ? 0 : v > high ? high : (int)v;
}

/* Frame rectangle that holds the carrier: x0, y0, x1, y1. */
static void find_area(const struct view *v, const double to_frame[9], int area[4])
{
	double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
	double slack = fabs(v->s->skew) + fabs(v->s->wobble) + 2 +
		       fabs(v->s->distortion) * v->s->width / 2;

	for (int i = 0; i < 4; i++) {
		double a = ((i & 1 ? v->t->width : 0) - v->t->x) / v->t->per_module;
		double b = ((i & 2 ? v->t->height : 0) - v->t->y) / v->t->per_module;
		double z = to_frame[6] * a + to_frame[7] * b + to_frame[8];

		for (int k = 0; k < 2; k++) {
			const double *m = to_frame + 3 * k;
			double p = (m[0] * a + m[1] * b + m[2]) / z;

			if (z <= 0) { /* behind the lens: the whole frame */
				low[k] = -1e9;
				high[k] = 1e9;
				continue;
			}
			low[k] = fmin(low[k], p);
			high[k] = fmax(high[k], p);
		}
	}
	area[0] = clamped(low[0] - slack, v->s->width);
	area[1] = clamped(low[1] - slack, v->s->height);
	area[2] = clamped(high[0] + slack, v->s->width);
	area[3] = clamped(high[1] + slack, v->s->height);
}

void scene_lay(
	struct light *l, const struct shot *s, const struct carrier *t, const struct shot_code *c)
{
	struct view v = {.s = s, .t = t, .c = c, .tint = {0.9, 1.7, 0.4}, .side = t->side};
	int n = c->grid > 0 ? OVERSAMPLE_GRID : OVERSAMPLE, area[4];
	double to_frame[9];

	pose(&v, to_frame);
	find_area(&v, to_frame, area);
	for (int y = area[1]; y < area[3]; y++)
		for (int x = area[0]; x < area[2]; x++) {
			float *out = &l->at[(size_t)y * (size_t)l->width + (size_t)x];
			float sum = 0;
			int there = 0;

			for (int k = 0; k < n * n; k++) {
				float light =
					look(&v, x + (k % n + 0.5) / n, y + (k / n + 0.5) / n);

				if (light < 0)
					continue;
				sum += light;
				there++;
			}
			*out = (sum + *out * (float)(n * n - there)) / (float)(n * n);
		}
}
