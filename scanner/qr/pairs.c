/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/qr/pairs.h"

#include <math.h>
#include <string.h>

#include "scanner/qr/fit.h"

#define PAIRS_MAX 6     /* looked at in one picture */
#define LOOK_AROUND 6   /* modules around where the third should be */
#define VOTES_LEAST 37  /* of 49 modules that must be as in a finder pattern */
#define QUALITY_ADDED 0.3f

/* One pattern seen through its own map: (3.5, 3.5) is its centre, one unit is a module. */
struct frame {
	struct qr_place place;
	float contrast;
	struct qr_point centre, right, below; /* of one module, pixels */
};

/* Fits a flat map to the edges of one pattern whose rows run along (ux, uy), roughly. */
static bool frame_of(struct frame *out, const struct scan_grey *g, const struct qr_finder *f,
	float ux, float uy)
{
	struct qr_place *p = &out->place;
	double m = (double)f->module, x = (double)ux * m, y = (double)uy * m;
	memset(p, 0, sizeof *p);
	p->side = QR_SIDE_MIN;
	p->inverted = f->inverted;
	const double map[9] = {x, -y, (double)f->x - 3.5 * (x - y), y, x,
		(double)f->y - 3.5 * (x + y), 0, 0, 1};
	memcpy(p->map, map, sizeof map);
	int dark_out = p->inverted ? -1 : 1;
	float ring = 0, middle = qr_grey_at(g, qr_map(p, 3.5f, 3.5f));
	for (int k = 0; k < 4; k++)
		ring += qr_grey_at(g, qr_map(p, k < 2 ? 1.5f + 4 * (float)k : 3.5f,
			k < 2 ? 3.5f : 1.5f + 4 * (float)(k - 2))) / 4;
	out->contrast = fabsf(ring - middle);
	for (int round = 0; round < 3; round++) {
		struct qr_equations e;
		qr_fit_start(&e);
		for (int k = 0; k < 3; k++)
			qr_fit_square(&e, p, g, 3.5f, 3.5f, 1.5f + (float)k,
				k == 1 ? -dark_out : dark_out, 0.8f, out->contrast * 0.7f);
		if (e.weight < 8 || !qr_fit_apply(&e, p, 1e6))
			return false;
	}
	struct qr_point r = qr_map(p, 4.5f, 3.5f), b = qr_map(p, 3.5f, 4.5f);
	out->centre = qr_map(p, 3.5f, 3.5f);
	out->right = (struct qr_point){r.x - out->centre.x, r.y - out->centre.y};
	out->below = (struct qr_point){b.x - out->centre.x, b.y - out->centre.y};
	return true;
}

/* How many of the 49 modules are as in a finder pattern with its centre at (x, y). */
static int votes(const struct frame *f, const struct scan_grey *g, float x, float y)
{
	static const int8_t ring[4][2] = {{-2, 0}, {2, 0}, {0, -2}, {0, 2}};
	float value[49], dark = 0, light = 0, sign = f->place.inverted ? -1 : 1;
	/* Most places fail by the middle and one module of the ring on each side. */
	float middle = qr_grey_at(g, (struct qr_point){x, y});
	int brighter = 0;
	for (int k = 0; k < 4; k++) {
		float i = ring[k][0], j = ring[k][1];
		float v = qr_grey_at(g, (struct qr_point){x + i * f->right.x + j * f->below.x,
			y + i * f->right.y + j * f->below.y});
		brighter += (v - middle) * sign > 0.2f * f->contrast;
	}
	if (brighter < 2)
		return 0;
	for (int k = 0; k < 49; k++) {
		float i = (float)(k % 7) - 3, j = (float)(k / 7) - 3;
		value[k] = qr_grey_at(g, (struct qr_point){x + i * f->right.x + j * f->below.x,
			y + i * f->right.y + j * f->below.y});
		bool ink = qr_fixed_module(QR_SIDE_MIN, k % 7, k / 7) == 1;
		dark += ink ? value[k] / 33 : 0;
		light += ink ? 0 : value[k] / 16;
	}
	int right = 0;
	middle = (dark + light) / 2;
	if ((light - dark) * sign < 0.25f * f->contrast)
		return 0;
	for (int k = 0; k < 49; k++)
		right += value[k] >= 0 && ((value[k] - middle) * sign < 0) ==
			(qr_fixed_module(QR_SIDE_MIN, k % 7, k / 7) == 1);
	return right;
}

/* Looks for the third pattern around (x, y): on whole modules, then finer. */
static bool look(struct qr_finder *out, const struct frame *f, const struct scan_grey *g, float x,
	float y)
{
	int most = 0;
	float bx = x, by = y;
	for (int step = 0; step < 2; step++) {
		float part = step ? 0.33f : 1, cx = bx, cy = by;
		int reach = step ? 2 : LOOK_AROUND;
		for (int j = -reach; j <= reach; j++)
			for (int i = -reach; i <= reach; i++) {
				float u = (float)i * part, v = (float)j * part;
				float tx = cx + u * f->right.x + v * f->below.x;
				float ty = cy + u * f->right.y + v * f->below.y;
				int n = votes(f, g, tx, ty);
				if (n > most) {
					most = n;
					bx = tx;
					by = ty;
				}
			}
		if (most < VOTES_LEAST - 4)
			return false;
	}
	if (most < VOTES_LEAST)
		return false;
	out->x = bx;
	out->y = by;
	out->module = sqrtf(fabsf(f->right.x * f->below.y - f->right.y * f->below.x));
	out->quality = QUALITY_ADDED * (float)most / 49;
	out->inverted = f->place.inverted;
	return true;
}

static bool add(struct qr_finders *f, const struct qr_finder *new)
{
	for (unsigned i = 0; i < f->count; i++)
		if (hypotf(f->at[i].x - new->x, f->at[i].y - new->y) < 2 * new->module &&
			f->at[i].inverted == new->inverted)
			return false;
	unsigned at = f->count < QR_FINDERS_MAX ? f->count++ : QR_FINDERS_MAX - 1;
	f->at[at] = *new;
	return true;
}

/* The third is beside a or b when they are neighbours, across when they are opposite corners. */
static bool complete(struct qr_finders *f, const struct scan_grey *g, unsigned a, unsigned b)
{
	const struct qr_finder end[2] = {f->at[a], f->at[b]};
	bool added = false;
	float dx = end[1].x - end[0].x, dy = end[1].y - end[0].y, length = hypotf(dx, dy);
	for (int k = 0; k < 2; k++) {
		struct frame fr;
		struct qr_finder new;
		float way = k ? -1 : 1, ux = dx / length * way, uy = dy / length * way;
		if (frame_of(&fr, g, &end[k], ux, uy)) {
			float n = length / hypotf(fr.right.x, fr.right.y);
			for (int side = -1; side <= 1; side += 2)
				if (look(&new, &fr, g, fr.centre.x + (float)side * n * fr.below.x,
					fr.centre.y + (float)side * n * fr.below.y))
					added |= add(f, &new);
		}
		float c = 0.70710678f;
		if (k == 0 && frame_of(&fr, g, &end[0], c * (ux + uy), c * (uy - ux))) {
			float n = length / hypotf(fr.right.x + fr.below.x, fr.right.y + fr.below.y);
			if (look(&new, &fr, g, fr.centre.x + n * fr.right.x,
				fr.centre.y + n * fr.right.y))
				added |= add(f, &new);
			if (look(&new, &fr, g, fr.centre.x + n * fr.below.x,
				fr.centre.y + n * fr.below.y))
				added |= add(f, &new);
		}
	}
	return added;
}

bool qr_pairs_complete(struct qr_finders *f, const struct scan_grey *g)
{
	unsigned before = f->count, good = 0, pairs = 0;
	bool added = false;
	while (good < before && f->at[good].quality >= QR_PAIRS_GOOD)
		good++;
	for (unsigned j = 1; j < good; j++)
		for (unsigned i = 0; i < j && pairs < PAIRS_MAX; i++) {
			const struct qr_finder *a = &f->at[i], *b = &f->at[j];
			float far = hypotf(a->x - b->x, a->y - b->y) / sqrtf(a->module * b->module);
			if (a->inverted != b->inverted || a->module > 1.8f * b->module ||
				b->module > 1.8f * a->module || far < 11 || far > 180)
				continue;
			pairs++;
			added |= complete(f, g, i, j);
		}
	return added;
}
