/* SPDX-License-Identifier: Apache-2.0
 *
 * Module coordinates to pixels, and pixels to grey values. Inline: this is where the time goes.
 */
#ifndef SCANNER_QR_MAP_H
#define SCANNER_QR_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/qr/qr.h"

struct qr_point {
	float x, y;
};

/* What bend[][] adds at (x, y). */
static inline struct qr_point qr_map_bend(const struct qr_place *p, float x, float y)
{
	const int last = p->nodes - 1;
	float scale = (float)last / (float)p->side, u = x * scale, v = y * scale;
	u = u < 0 ? 0 : u > (float)last ? (float)last : u;
	v = v < 0 ? 0 : v > (float)last ? (float)last : v;
	int i = u >= (float)last ? last - 1 : (int)u, j = v >= (float)last ? last - 1 : (int)v;
	float s = u - (float)i, t = v - (float)j;
	const float *a = p->bend[j][i], *b = p->bend[j][i + 1];
	const float *c = p->bend[j + 1][i], *d = p->bend[j + 1][i + 1];
	return (struct qr_point){
		(a[0] * (1 - s) + b[0] * s) * (1 - t) + (c[0] * (1 - s) + d[0] * s) * t,
		(a[1] * (1 - s) + b[1] * s) * (1 - t) + (c[1] * (1 - s) + d[1] * s) * t,
	};
}

static inline struct qr_point qr_map_flat(const double map[static 9], double x, double y)
{
	double w = map[6] * x + map[7] * y + map[8];
	/* Behind the camera: nowhere. The negation also catches a map that is not a number. */
	if (!(w > 1e-9))
		return (struct qr_point){-1e6f, -1e6f};
	double px = (map[0] * x + map[1] * y + map[2]) / w;
	double py = (map[3] * x + map[4] * y + map[5]) / w;
	if (!(px > -1e6 && px < 1e6 && py > -1e6 && py < 1e6))
		return (struct qr_point){-1e6f, -1e6f};
	return (struct qr_point){(float)px, (float)py};
}

static inline struct qr_point qr_map(const struct qr_place *p, float x, float y)
{
	if (p->bent) {
		struct qr_point d = qr_map_bend(p, x, y);
		x += d.x;
		y += d.y;
	}
	return qr_map_flat(p->map, (double)x, (double)y);
}

/* Between four pixels. Outside the picture: -1. */
static inline float qr_grey_at(const struct scan_grey *g, struct qr_point at)
{
	float x = at.x - 0.5f, y = at.y - 0.5f;
	if (!(x > -0.5f && y > -0.5f && x < (float)g->width - 0.5f && y < (float)g->height - 0.5f))
		return -1;
	x = x < 0 ? 0 : x > (float)(g->width - 1) ? (float)(g->width - 1) : x;
	y = y < 0 ? 0 : y > (float)(g->height - 1) ? (float)(g->height - 1) : y;
	int i = (int)x, j = (int)y;
	i = i > g->width - 2 ? g->width - 2 : i;
	j = j > g->height - 2 ? g->height - 2 : j;
	float s = x - (float)i, t = y - (float)j;
	const uint8_t *p = g->pixels + (size_t)j * (size_t)g->width + (size_t)i;
	const uint8_t *q = p + g->width;
	float above = (float)p[0] + s * (float)(p[1] - p[0]);
	float below = (float)q[0] + s * (float)(q[1] - q[0]);
	return above + t * (below - above);
}

/* Pixels that one module covers along its sides near (x, y), geometric mean. */
float qr_map_module(const struct qr_place *p, float x, float y);

/* Perspective from three finder centres and how much nearer the other two are than the upper left:
 * the map takes module coordinates of a symbol of `side` modules.
 */
void qr_map_from_finders(double map[static 9], const struct qr_point centre[static 3],
	double near_right, double near_below, int side);

/* After out = first then second, as matrices: second(first(x)). */
void qr_map_chain(double out[static 9], const double second[static 9],
	const double first[static 9]);

/* False: it has no inverse. */
bool qr_map_invert(double out[static 9], const double map[static 9]);

/* Solves the n x n system in place: a is row-major n x (n + 1), the last column the right side and
 * then the answer. False: no single answer.
 */
bool qr_solve(double *a, int n);

#endif
