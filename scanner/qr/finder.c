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
#define EVEN_PART 6          /* smallest step of a pattern, part of its largest */

struct kept {
	struct qr_finder finder;
	unsigned rows; /* on which it was seen */
};

struct find {
	const struct scan_grey *g;
	bool smooth;
	int floor;
	long budget; /* pixels that confirmations may still look at */
	long work;   /* see struct qr_finders */
	unsigned count;
	struct kept at[KEPT_MAX];
	struct qr_turns turns;
	struct qr_turns cross;
};

/* How far neighbours differ for no reason: the lower quartile of curvature along some rows. */
static int noise_floor(const struct scan_grey *g, bool smooth)
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
	/* Of normal noise the lower quartile of |2b - a - c| is 0.78 sigma; a turn of 3 sigma. */
	int floor = smooth ? quartile * 4 / 3 : quartile * 4;
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
	qr_line_turns(&f->cross, v, n, f->floor);
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

/* The same along a direction through (x, y), as far as `reach` steps; moves (x, y) to the middle. */
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

/* A row's candidate: is it a finder pattern from all sides? Both rings must show along the column
 * and the row, and along one diagonal at least (the other may be in glare).
 * limit: grey level between its bars and its ring.
 */
static bool confirm(struct find *f, struct qr_finder *out, float x, float y, float module,
	int limit, bool inverted)
{
	int high = middle_height(f, (int)x, (int)y, limit, (int)(module * 8) + 2, inverted);
	if ((float)high < module || (float)high > module * 8)
		return false;
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
	float larger = along > down ? along : down;
	float ax = x, ay = y, bx = x, by = y;
	float a = cross(f, &ax, &ay, 1, 1, larger * 5.5f, inverted, 1.7f) * 1.41421356f;
	float b = cross(f, &bx, &by, 1, -1, larger * 5.5f, inverted, 1.7f) * 1.41421356f;
	if (a == 0 && b == 0)
		return false;
	float upright = sqrtf(along * down), slanted = a > 0 && b > 0 ? sqrtf(a * b) : a + b;
	out->x = x;
	out->y = y;
	/* Turned by 45 degrees the row is 1.41 modules of the pattern, the diagonal is 1. */
	out->module = upright < slanted ? upright : slanted;
	if (out->module < MODULE_MIN * 0.8f)
		return false;
	float odd = fabsf(ax - x) + fabsf(ay - y) + fabsf(bx - x) + fabsf(by - y);
	out->quality = 1 / (1 + 0.5f * odd / out->module) * (a > 0 && b > 0 ? 1 : 0.6f) *
		(alike(along, down, 1.5f) ? 1 : 0.8f);
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

static void keep(struct find *f, const struct qr_finder *new)
{
	if (known(f, new->x, new->y, new->module, new->inverted))
		return;
	if (f->count < KEPT_MAX)
		f->at[f->count++] = (struct kept){*new, 1};
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
		if (f->budget > 0 && confirm(f, &new, x, (float)y + 0.5f, module,
			(ring + level[3]) / 2, inverted))
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
	f.floor = noise_floor(g, f.smooth);
	f.budget = 65536 + (long)g->width * g->height / 8;
	f.count = 0;
	f.work = WORK_START;
	long most = how && how->work_max > 0 ? how->work_max : LONG_MAX, budget = f.budget;
	long confirm_each = f.smooth ? WORK_CONFIRM_SMOOTH : WORK_CONFIRM;
	for (int turn = 0; turn < 8; turn++)
		for (int y = box.top + turns[turn] * step + step / 2;
			y < box.bottom && f.work + (budget - f.budget) * confirm_each < most;
			y += 8 * step)
			look_at_row(&f, y, box.left, box.right);
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
