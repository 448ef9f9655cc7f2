/* SPDX-License-Identifier: Apache-2.0
 *
 * From three finder patterns to an exact map.
 */
#include "scanner/qr/fit.h"

#include <math.h>
#include <string.h>

#include "scanner/qr/layout.h"

#define FINDERS_ROUGH 0.62f /* agreement of a rough map: half is chance */
#define TIMING_SURE 0.85f
#define TIMING_BETTER 0.1f
#define TIMING_OTHER 0.75f  /* agreement that makes another side believed */
#define ALIGNMENT_REACH 3   /* modules around where an alignment pattern should be */
#define ALIGNMENT_LEAST 0.55f

/* Upper left module of each finder pattern. */
static void corner_of(int side, int which, int *x, int *y)
{
	*x = which == 1 ? side - 7 : 0;
	*y = which == 2 ? side - 7 : 0;
}

/* Dark, light: means of the centre and of the ring of one finder pattern. */
static bool finder_levels(const struct qr_place *p, const struct scan_grey *g, int which,
	float *dark, float *light)
{
	int x0, y0, n = 0, m = 0;
	float d = 0, l = 0;
	corner_of(p->side, which, &x0, &y0);
	for (int y = 1; y < 6; y++)
		for (int x = 1; x < 6; x++) {
			bool ring = x == 1 || x == 5 || y == 1 || y == 5;
			float v = qr_grey_at(g, qr_map(p, (float)(x0 + x) + 0.5f,
				(float)(y0 + y) + 0.5f));
			if (v < 0)
				continue;
			l += ring ? v : 0;
			m += ring;
			d += ring ? 0 : v;
			n += !ring;
		}
	if (n < 4 || m < 8)
		return false;
	*dark = d / (float)n;
	*light = l / (float)m;
	return true;
}

static void add_finders(struct qr_equations *e, const struct qr_place *p,
	const struct scan_grey *g, float reach, float contrast[static 3])
{
	for (int i = 0; i < 3; i++) {
		int x, y;
		float dark, light;
		corner_of(p->side, i, &x, &y);
		contrast[i] = 0;
		if (!finder_levels(p, g, i, &dark, &light))
			continue;
		int out = p->inverted ? -1 : 1;
		contrast[i] = (light - dark) * (float)out;
		if (contrast[i] < 6)
			continue;
		float cx = (float)x + 3.5f, cy = (float)y + 3.5f;
		qr_fit_square(e, p, g, cx, cy, 3.5f, out, reach, contrast[i]);
		qr_fit_square(e, p, g, cx, cy, 2.5f, -out, reach, contrast[i]);
		qr_fit_square(e, p, g, cx, cy, 1.5f, out, reach, contrast[i]);
	}
}

/* Timing edges up to `far` modules from the finder patterns at both ends. */
static void add_timing(struct qr_equations *e, const struct qr_place *p, const struct scan_grey *g,
	int far, float reach, const float contrast[static 3])
{
	for (int along = 0; along < 2; along++)
		for (int i = 8; i <= p->side - 8; i++) {
			if (i - 8 > far && p->side - 8 - i > far)
				continue;
			float c = (contrast[0] + contrast[1 + along]) / 2;
			if (c < 6)
				continue;
			/* Module i - 1 is light when i is even. */
			int rises = ((i & 1) != 0) == !p->inverted ? 1 : -1;
			float x = along ? 6.5f : (float)i, y = along ? (float)i : 6.5f;
			qr_fit_add(e, p, x, y, along,
				qr_fit_edge(p, g, x, y, along, rises, reach, c));
		}
}

/* How well an alignment pattern fits at (x, y): mean difference of its light and dark modules as a
 * part of the contrast.
 */
static float alignment_at(const struct qr_place *p, const struct scan_grey *g, float x, float y,
	float contrast)
{
	float light = 0, dark = 0, value[25];
	for (int i = 0; i < 25; i++) {
		value[i] = qr_grey_at(g,
			qr_map(p, x + (float)(i % 5) - 2, y + (float)(i / 5) - 2));
		if (value[i] < 0)
			return 0;
	}
	float weakest_light = 1e9f, strongest_dark = -1e9f, sign = p->inverted ? -1 : 1;
	for (int i = 0; i < 25; i++) {
		int dx = i % 5 - 2, dy = i / 5 - 2;
		bool ring = dx * dx <= 1 && dy * dy <= 1 && (dx || dy);
		float v = value[i] * sign;
		light += ring ? v : 0;
		dark += ring ? 0 : v;
		if (ring && v < weakest_light)
			weakest_light = v;
		if (!ring && v > strongest_dark)
			strongest_dark = v;
	}
	float mean = (light / 8 - dark / 17) / contrast;
	return mean + 0.25f * (weakest_light - strongest_dark) / contrast;
}

/* Where the alignment pattern near (x, y) really is. False: not to be seen. */
static bool find_alignment(const struct qr_place *p, const struct scan_grey *g, float *x, float *y,
	float contrast)
{
	float best = 0, bx = *x, by = *y;
	for (int j = -2 * ALIGNMENT_REACH; j <= 2 * ALIGNMENT_REACH; j++)
		for (int i = -2 * ALIGNMENT_REACH; i <= 2 * ALIGNMENT_REACH; i++) {
			float tx = *x + (float)i * 0.5f, ty = *y + (float)j * 0.5f;
			float fit = alignment_at(p, g, tx, ty, contrast) -
				0.01f * (float)(i * i + j * j) / ALIGNMENT_REACH;
			if (fit > best) {
				best = fit;
				bx = tx;
				by = ty;
			}
		}
	*x = bx;
	*y = by;
	return best > ALIGNMENT_LEAST;
}

static void add_alignment(struct qr_equations *e, const struct qr_place *p,
	const struct scan_grey *g, float reach, float contrast)
{
	int centre[7];
	unsigned n = qr_alignment_centres(p->side, centre);
	int out = p->inverted ? -1 : 1;
	for (unsigned j = 0; j < n; j++)
		for (unsigned i = 0; i < n; i++) {
			bool finder = (i == 0 && j == 0) || (i == 0 && j == n - 1) ||
				(i == n - 1 && j == 0);
			float x = (float)centre[i] + 0.5f, y = (float)centre[j] + 0.5f;
			if (finder || alignment_at(p, g, x, y, contrast) < 0.4f)
				continue;
			qr_fit_square(e, p, g, x, y, 1.5f, -out, reach, contrast);
			qr_fit_square(e, p, g, x, y, 0.5f, out, reach, contrast);
			qr_fit_square(e, p, g, x, y, 2.5f, out, reach, contrast);
		}
}

static float mean3(const float v[static 3])
{
	return (v[0] + v[1] + v[2]) / 3;
}

struct qr_agreement qr_fit_agreement(const struct qr_place *p, const struct scan_grey *g)
{
	struct qr_agreement a = {0, 0};
	float sign = p->inverted ? -1 : 1;
	int right = 0, all = 0;
	for (int i = 0; i < 3; i++) {
		int x0, y0;
		float dark = 0, light = 0;
		corner_of(p->side, i, &x0, &y0);
		bool seen = finder_levels(p, g, i, &dark, &light);
		float middle = (dark + light) / 2;
		for (int y = 0; y < 7; y++)
			for (int x = 0; x < 7; x++, all++) {
				float v = qr_grey_at(g, qr_map(p, (float)(x0 + x) + 0.5f,
					(float)(y0 + y) + 0.5f));
				int is = qr_fixed_module(p->side, x0 + x, y0 + y);
				right += seen && v >= 0 && ((v - middle) * sign < 0) == (is == 1);
			}
	}
	a.finders = (float)right / (float)all;
	right = all = 0;
	for (int along = 0; along < 2; along++)
		for (int i = 8; i <= p->side - 9; i++, all++) {
			float v[3];
			for (int k = 0; k < 3; k++) {
				float t = (float)(i + k - 1) + 0.5f;
				v[k] = qr_grey_at(g, qr_map(p, along ? 6.5f : t, along ? t : 6.5f));
			}
			bool dark = (2 * v[1] - v[0] - v[2]) * sign < 0;
			right += v[0] >= 0 && v[1] >= 0 && v[2] >= 0 && dark == ((i & 1) == 0);
		}
	a.timing = (float)right / (float)all;
	return a;
}

/* Finder edges alone, then the corner that has none, then everything. */
static struct qr_agreement fit_flat(struct qr_place *p, const struct scan_grey *g)
{
	const struct qr_agreement none = {0, 0};
	struct qr_equations e;
	float contrast[3];
	p->bent = false;
	/* Most that is offered is no symbol at all: seen before any edge is measured. */
	if (qr_fit_agreement(p, g).finders < FINDERS_ROUGH)
		return none;
	static const float reaches[3] = {0.9f, 0.7f, 0.6f};
	for (int i = 0; i < 3; i++) {
		qr_fit_start(&e);
		add_finders(&e, p, g, reaches[i], contrast);
		if (e.weight < 20 || !qr_fit_apply(&e, p, i == 0 ? 0.02 : 1e-4))
			return none;
	}
	float c = mean3(contrast);
	int centre[7];
	unsigned n = qr_alignment_centres(p->side, centre);
	if (n && c > 6) {
		float x = (float)centre[n - 1] + 0.5f, y = x, fx = x, fy = y;
		if (find_alignment(p, g, &fx, &fy, c)) {
			qr_fit_start(&e);
			add_finders(&e, p, g, 0.5f, contrast);
			qr_fit_add(&e, p, x, y, false, (struct qr_shift){fx - x, 30});
			qr_fit_add(&e, p, x, y, true, (struct qr_shift){fy - y, 30});
			if (!qr_fit_apply(&e, p, 1e-6))
				return none;
		}
	}
	for (int far = 8, i = 0; i < 3; far *= 3, i++) {
		qr_fit_start(&e);
		add_finders(&e, p, g, 0.5f, contrast);
		add_timing(&e, p, g, far, 0.6f, contrast);
		add_alignment(&e, p, g, 0.6f, c);
		if (!qr_fit_apply(&e, p, 1e-6))
			return none;
	}
	return qr_fit_agreement(p, g);
}

/* The same finder patterns with another number of modules between them. */
static void set_side(struct qr_place *p, int side)
{
	double k = (double)(p->side - 7) / (double)(side - 7), o = 3.5 - 3.5 * k;
	const double scale[9] = {k, 0, o, 0, k, o, 0, 0, 1};
	qr_map_chain(p->map, p->map, scale);
	p->side = side;
}

bool qr_fit_sides(struct qr_place *p, const struct scan_grey *g, const struct qr_fit_way *way)
{
	static const int others[] = {0, -4, 4};
	struct qr_place best = *p, try;
	struct qr_agreement most = {0, 0};
	if (!qr_version_of_side(p->side))
		return false;
	for (int i = 0; i < way->sides && most.timing < way->sure; i++) {
		int side = p->side + others[i];
		if (!qr_version_of_side(side))
			continue;
		try = *p;
		set_side(&try, side);
		struct qr_agreement a = way->fit(&try, g);
		/* Another side must prove itself: any fits the finder patterns. */
		if (a.finders < QR_FIT_FINDERS_LEAST ||
			(i > 0 && (a.timing < TIMING_OTHER ||
				a.timing < most.timing + way->better)))
			continue;
		most = a;
		best = try;
		best.score = (double)(a.finders + a.timing) / 2;
	}
	if (most.finders <= 0)
		return false;
	*p = best;
	return true;
}

bool qr_fit(struct qr_place *p, const struct scan_grey *g)
{
	static const struct qr_fit_way flat = {fit_flat, 3, TIMING_SURE, TIMING_BETTER};
	return qr_fit_sides(p, g, &flat);
}
