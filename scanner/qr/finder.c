/* SPDX-License-Identifier: Apache-2.0
 *
 * Finder patterns: 1:1:3:1:1 along rows, confirmed along the column and both diagonals.
 */
#include "scanner/qr/qr.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "scanner/qr/line.h"

#define STEP_DEFAULT 2
#define STEP_MAX 32
#define KEPT_MAX 160         /* patterns before the best are chosen */
#define CROSS_LINE_MAX 1200  /* pixels on each line of a confirmation */
#define FLOOR_MIN 8          /* grey levels that are nothing but noise */
#define FLOOR_MAX 24
/* Nanoseconds, as measured. */
#define WORK_START 12000
#define WORK_PIXEL 1
#define WORK_SMOOTH 2
#define WORK_TURN 12
#define WORK_LIKELY 40
#define WORK_CONFIRM 8 /* a pixel */
#define WORK_CONFIRM_SMOOTH 16
#define MODULE_MIN 1.2f      /* pixels */
#define RAYS_LEAST 0.5f      /* share of the rays around that must show the pattern */
#define LOCAL_PART 6         /* of a pattern's contrast: smaller turns are none of its edges */
#define EVEN_PART 6          /* smallest step of a pattern, part of its largest */

struct kept {
	struct qr_finder finder;
	unsigned rows; /* on which it was seen */
};

struct find {
	const struct scan_grey *g;
	bool smooth;
	int floor; /* of rows */
	int local; /* of lines through the pattern that is looked at: its contrast is known */
	long budget; /* pixels that confirmations may still look at */
	long later;  /* of them, kept for the rows to come */
	long work;   /* see struct qr_finders */
	unsigned count;
	struct kept at[KEPT_MAX];
	struct qr_turns turns;
	struct qr_turns cross;
};

/* How far neighbours differ for no reason: the lower quartile of curvature along some rows. */
static int noise_floor(const struct scan_grey *g, bool smooth, int step)
{
	unsigned histogram[128] = {0}, total = 0, sum = 0;
	for (int i = 1; i < 16; i++) {
		const uint8_t *p = g->pixels + (size_t)(g->height * i / 16) * (size_t)g->width;
		for (int x = 1; x < g->width - 1; x += 3, total++) {
			int d = abs(2 * p[x] - p[x - 1] - p[x + 1]);
			histogram[d > 127 ? 127 : d]++;
		}
	}
	int quartile = 0;
	while (quartile < 127 && (sum += histogram[quartile]) * 4 < total)
		quartile++;
	/* Of normal noise the lower quartile of |2b - a - c| is 0.78 sigma. A turn of 6 sigma is
	 * hardly ever noise; where every row is looked at, 3 sigma and more work.
	 */
	int floor = quartile * (step > 1 ? 8 : 4) / (smooth ? 3 : 1);
	return floor < FLOOR_MIN ? FLOOR_MIN : floor > FLOOR_MAX ? FLOOR_MAX : floor;
}

/* The six edges from turn k on. */
static void edges_of(float edge[static 6], const struct qr_turns *t, const uint8_t *v, int n, int k)
{
	for (int i = 0; i < 6; i++)
		edge[i] = qr_line_edge(t, v, n, k + i);
}

/* The finder pattern along one line whose middle bar holds the value at `middle`. */
static float crossed(struct find *f, float *centre, int middle, const uint8_t *v, int n,
	bool inverted, float slack)
{
	const struct qr_turns *t = &f->cross;
	qr_line_turns(&f->cross, v, n, f->local);
	for (int k = 0; k + 5 < t->count; k++) {
		float e[6];
		bool dark = t->first_falls == ((k & 1) == 0);
		/* The edge lies a little after its turn began, or just before. */
		if (dark == inverted || t->at[k + 3] < middle - 2)
			continue;
		if (t->at[k + 2] > middle + 2)
			return 0;
		edges_of(e, t, v, n, k);
		if (e[2] > (float)middle + 1 || e[3] < (float)middle)
			continue;
		*centre = (e[0] + e[1] + e[2] + e[3] + e[4] + e[5]) / 6;
		return qr_line_finder(e, slack);
	}
	return 0;
}

/* The same along a direction through (x, y), as far as `reach`; moves (x, y) to the middle. */
static float cross(struct find *f, float *x, float *y, int dx, int dy, float reach_px,
	bool inverted, float slack)
{
	uint8_t line[CROSS_LINE_MAX];
	int reach = (int)reach_px + 4;
	if (reach * 2 + 1 > CROSS_LINE_MAX)
		reach = CROSS_LINE_MAX / 2 - 1;
	int px = (int)*x, py = (int)*y, back = reach;
	if (dx && back > px)
		back = px;
	if (dy > 0 && back > py)
		back = py;
	if (dy < 0 && back > f->g->height - 1 - py)
		back = f->g->height - 1 - py;
	int n = qr_line_gather(line, f->g, px - back * dx, py - back * dy, dx, dy,
		back + reach + 1, f->smooth);
	f->budget -= n;
	float centre = 0, size = crossed(f, &centre, back, line, n, inverted, slack);
	if (size > 0) {
		float t = centre - (float)back - 0.5f;
		*x = dx ? (float)px + 0.5f + (float)dx * t : *x;
		*y = dy ? (float)py + 0.5f + (float)dy * t : *y;
	}
	return size;
}

static bool alike(float a, float b, float most)
{
	return a < b * most && b < a * most;
}

/* Height of the middle bar at (x, y), as the row's levels tell it from the ring; two pixels of the
 * other kind end it. Most candidates fail here, at little cost.
 */
static int middle_height(struct find *f, int x, int y, int limit, int most, bool inverted)
{
	int height = 1, width = f->g->width;
	for (int way = -1; way <= 1; way += 2) {
		int other = 0;
		const uint8_t *p = f->g->pixels + (size_t)y * (size_t)width + (size_t)x;
		for (int i = y + way; i >= 0 && i < f->g->height && height <= most; i += way) {
			p += way * width;
			other = (*p > limit) != inverted ? other + 1 : 0;
			if (other == 2)
				break;
			height++;
		}
		height -= other > 0;
	}
	f->budget -= height + 2;
	return height;
}

/* Size of a module on one ray from the middle outwards, in steps of the ray: light, dark and light
 * again where they should be. 0 = no pattern this way.
 */
static float ray(struct find *f, int x, int y, int dx, int dy, int reach, bool inverted)
{
	uint8_t line[CROSS_LINE_MAX];
	int n = qr_line_gather(line, f->g, x, y, dx, dy, reach, f->smooth);
	f->budget -= n;
	const struct qr_turns *t = &f->cross;
	qr_line_turns(&f->cross, line, n, f->local);
	if (t->count < 3 || t->first_falls != inverted)
		return 0;
	float e[3];
	for (int i = 0; i < 3; i++)
		e[i] = qr_line_edge(t, line, n, i) - 0.5f;
	/* At 1.5, 2.5, 3.5 modules; bloom moves the second against the others. */
	float module = (e[0] + 2 * e[1] + e[2]) / 10, loose = 0.75f * module + 0.4f;
	if (fabsf(e[2] - e[0] - 2 * module) > loose || e[1] - e[0] < 0.3f * module ||
		e[2] - e[1] < 0.3f * module || fabsf(e[0] + e[1] - 4 * module) > 1.5f * loose)
		return 0;
	return module;
}

/* Rays all around. along, down: modules by the row and the column. Returns the module size, share:
 * how many of the rays show the pattern. One corner may be hidden by glare or a finger.
 */
static float rays(struct find *f, float x, float y, float along, float down, bool inverted,
	float *share)
{
	static const int8_t way[16][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}, {1, 1}, {-1, 1},
		{-1, -1}, {1, -1}, {2, 1}, {1, 2}, {-1, 2}, {-2, 1}, {-2, -1}, {-1, -2}, {1, -2},
		{2, -1}};
	static const float length[3] = {1, 1.41421356f, 2.23606798f};
	float sum[3] = {0, 0, 0}, larger = along > down ? along : down, seen = 0, module = 1e9f;
	int count[3] = {0, 0, 0};
	for (int i = 0; i < 16; i++) {
		int kind = i / 8 ? 2 : i / 4;
		int reach = (int)(larger * 6 / length[kind]) + 4;
		if (i == 8 && seen < 3)
			break;
		float m = ray(f, (int)x, (int)y, way[i][0], way[i][1],
			reach < CROSS_LINE_MAX ? reach : CROSS_LINE_MAX, inverted) * length[kind];
		if (m <= 0 || !alike(m, larger, 2.6f))
			continue;
		seen++;
		sum[kind] += m;
		count[kind]++;
	}
	/* A ray along a side of the pattern shows its modules as they are, all others longer. */
	for (int k = 0; k < 3; k++)
		if (count[k] && sum[k] / (float)count[k] < module)
			module = sum[k] / (float)count[k];
	*share = seen / 16;
	return module;
}

/* A row's candidate: is it a finder pattern from all sides? Both rings must show along the column
 * and the row, and on most rays around.
 * bar, ring: grey levels of its middle and of the ring around.
 */
static bool confirm(struct find *f, struct qr_finder *out, float x, float y, float module,
	int bar, int ring, bool inverted)
{
	int high = middle_height(f, (int)x, (int)y, (bar + ring) / 2, (int)(module * 8) + 2,
		inverted);
	if ((float)high < module || (float)high > module * 8)
		return false;
	int part = abs(ring - bar) / LOCAL_PART;
	f->local = part > f->floor ? part : f->floor;
	float down = cross(f, &x, &y, 0, 1, (float)high * 1.8f, inverted, 1.2f);
	if (down == 0 || !alike(down, module, 2.6f))
		return false;
	float x0 = x, along = cross(f, &x, &y, 1, 0, module * 5.5f, inverted, 1.2f);
	if (along == 0 || !alike(along, down, 2.6f))
		return false;
	if (fabsf(x - x0) > 1) {
		float again = cross(f, &x, &y, 0, 1, down * 5.5f, inverted, 1.2f);
		down = again > 0 ? again : down;
	}
	float seen = 0, module_seen = rays(f, x, y, along, down, inverted, &seen);
	if (seen < RAYS_LEAST || module_seen < MODULE_MIN * 0.8f)
		return false;
	out->x = x;
	out->y = y;
	out->module = module_seen;
	out->quality = seen * seen * (alike(along, down, 1.5f) ? 1 : 0.8f);
	out->inverted = inverted;
	return true;
}

static bool known(struct find *f, float x, float y, float module, bool inverted)
{
	for (unsigned i = 0; i < f->count; i++) {
		struct kept *k = &f->at[i];
		float near = k->finder.module * 2.2f;
		if (k->finder.inverted == inverted && fabsf(k->finder.x - x) < near &&
			fabsf(k->finder.y - y) < near && alike(k->finder.module, module, 2.0f)) {
			k->rows++;
			return true;
		}
	}
	return false;
}

static struct kept *worst_of(struct find *f)
{
	struct kept *worst = &f->at[0];
	for (unsigned i = 1; i < f->count; i++)
		if (f->at[i].finder.quality < worst->finder.quality)
			worst = &f->at[i];
	return worst;
}

static void keep(struct find *f, const struct qr_finder *new)
{
	if (known(f, new->x, new->y, new->module, new->inverted))
		return;
	struct kept *to = &f->at[f->count];
	if (f->count < KEPT_MAX) {
		f->count++;
	} else {
		to = worst_of(f);
		if (to->finder.quality >= new->quality)
			return;
	}
	*to = (struct kept){*new, 1};
}

/* No step of the pattern is small beside the others: it is one thing under one light. */
static bool even(const struct qr_turns *t, int k)
{
	int least = 255, most = 0;
	for (int i = k; i < k + 6; i++) {
		int step = abs(t->level[i] - t->level[i + 1]);
		least = step < least ? step : least;
		most = step > most ? step : most;
	}
	return least * EVEN_PART > most;
}

static void look_at_row(struct find *f, int y, int left, int right)
{
	uint8_t row[QR_LINE_MAX];
	qr_line_row(row, f->g, y, left, right, f->smooth);
	int n = right - left;
	qr_line_turns(&f->turns, row, n, f->floor);
	f->work += n * (f->smooth ? WORK_SMOOTH : WORK_PIXEL) + f->turns.count * WORK_TURN;
	for (int k = 0; k + 5 < f->turns.count; k++) {
		float e[6];
		if (!qr_line_likely(&f->turns, k) || !even(&f->turns, k))
			continue;
		f->work += WORK_LIKELY + (long)f->count;
		edges_of(e, &f->turns, row, n, k);
		float module = qr_line_finder(e, 1);
		if (module < MODULE_MIN)
			continue;
		bool inverted = f->turns.first_falls != ((k & 1) == 0);
		float x = (float)left + (e[2] + e[3]) * 0.5f;
		const uint8_t *level = f->turns.level + k;
		int ring = inverted ? (level[2] > level[4] ? level[2] : level[4]) :
			(level[2] < level[4] ? level[2] : level[4]);
		struct qr_finder new;
		if (known(f, x, (float)y + 0.5f, module, inverted))
			continue;
		if (f->budget > f->later && confirm(f, &new, x, (float)y + 0.5f, module,
			level[3], ring, inverted))
			keep(f, &new);
	}
}

static int better(const void *a, const void *b)
{
	const struct kept *p = a, *q = b;
	float left = p->finder.quality, right = q->finder.quality;
	if (left != right)
		return left > right ? -1 : 1;
	return p->finder.y < q->finder.y ? -1 : p->finder.y > q->finder.y;
}

static struct qr_box clipped(const struct scan_grey *g, const struct qr_box *where)
{
	struct qr_box all = {0, 0, g->width, g->height};
	if (!where)
		return all;
	struct qr_box b = *where;
	b.left = b.left < 0 ? 0 : b.left;
	b.top = b.top < 0 ? 0 : b.top;
	b.right = b.right > g->width ? g->width : b.right;
	b.bottom = b.bottom > g->height ? g->height : b.bottom;
	return b;
}

void qr_find(struct qr_finders *out, const struct scan_grey *g, const struct qr_find_options *how)
{
	/* Rows far apart first: when the work gets too much, it was spread over the picture. */
	static const uint8_t turns[8] = {0, 4, 2, 6, 1, 5, 3, 7};
	struct qr_box box = clipped(g, how ? how->where : NULL);
	int step = how && how->step > 0 ? how->step : STEP_DEFAULT;
	step = step > STEP_MAX ? STEP_MAX : step;
	out->count = 0;
	out->work = 0;
	if (box.right - box.left < 16 || box.bottom - box.top < 16)
		return;
	struct find f;
	f.g = g;
	f.smooth = how && how->smooth;
	f.floor = noise_floor(g, f.smooth, step);
	f.budget = 131072 + (long)g->width * g->height / 4;
	f.count = 0;
	f.work = WORK_START;
	long most = how && how->work_max > 0 ? how->work_max : LONG_MAX, budget = f.budget;
	long confirm_each = f.smooth ? WORK_CONFIRM_SMOOTH : WORK_CONFIRM;
	/* Wood and cloth at the top of the picture must not use up what a code below needs. */
	long rows = (box.bottom - box.top) / step + 1, each = budget / 2 / rows;
	f.later = each * rows;
	for (int turn = 0; turn < 8; turn++)
		for (int y = box.top + turns[turn] * step + step / 2;
			y < box.bottom && f.work + (budget - f.budget) * confirm_each < most;
			y += 8 * step) {
			f.later -= each;
			look_at_row(&f, y, box.left, box.right);
		}
	out->work = f.work + (budget - f.budget) * confirm_each;
	/* Seen on many of the rows that a pattern of this size covers: surely one. */
	for (unsigned i = 0; i < f.count; i++) {
		struct qr_finder *k = &f.at[i].finder;
		float share = (float)f.at[i].rows * (float)step / (3 * k->module);
		k->quality *= 0.4f + 0.6f * (share > 1 ? 1 : share);
	}
	qsort(f.at, f.count, sizeof f.at[0], better);
	for (unsigned i = 0; i < f.count && i < QR_FINDERS_MAX; i++)
		out->at[out->count++] = f.at[i].finder;
}
