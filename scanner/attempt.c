/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/attempt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/qr/map.h"

struct scan_work {
	struct qr_work qr;
	struct qr_matrix matrix;
	struct qr_text text;
	struct qr_finders finders;
	struct qr_place place[QR_PLACES_MAX];
};

/* Microseconds, measured (gcc -O2): see budget.h. */
#define COST_HALF 0.00028   /* a pixel of the larger picture */
#define COST_SHARP 0.0035   /* a pixel */
#define COST_FINDER 70      /* to choose places, for each finder pattern */
#define COST_FIT 1500
#define COST_BEND 5000
#define COST_BEND_LARGE 8000 /* from QR_BEND_LARGE modules on */
#define COST_MODULE 0.2     /* to measure it */
#define COST_EQUAL 0.9
#define COST_READ 100

bool scan_attempt_init(struct scan_decoder *d)
{
	if (d->work)
		return true;
	d->work = malloc(sizeof *d->work);
	return d->work != NULL;
}

void scan_attempt_done(struct scan_decoder *d)
{
	free(d->work);
	d->work = NULL;
}

/* ---- what is kept of a frame ---- */

static void see(struct scan_decoder *d, const struct qr_finders *f, int scale)
{
	for (unsigned i = 0; i < f->count && d->seen.count < QR_FINDERS_MAX; i++) {
		struct qr_finder *to = &d->seen.at[d->seen.count];
		bool known = false;
		*to = f->at[i];
		to->x *= (float)scale;
		to->y *= (float)scale;
		to->module *= (float)scale;
		for (unsigned k = 0; k < d->seen.count && !known; k++)
			known = fabsf(d->seen.at[k].x - to->x) < 3 * to->module &&
				fabsf(d->seen.at[k].y - to->y) < 3 * to->module;
		d->seen.count += !known;
	}
}

static struct qr_point middle_of(const struct qr_place *p, enum scan_view view)
{
	float half = (float)p->side / 2, scale = (float)scan_view_scale(view);
	struct qr_point m = qr_map(p, half, half);
	return (struct qr_point){m.x * scale, m.y * scale};
}

/* Two places on one symbol: the same three finder patterns. */
static bool is_same(const struct scan_place *a, const struct qr_place *p, enum scan_view view)
{
	float scale = (float)scan_view_scale(view), own = (float)scan_view_scale(a->view);
	for (unsigned i = 0; i < 3; i++) {
		const struct qr_finder *f = &a->place.finder[i], *g = &p->finder[i];
		float most = g->module * scale * (a->state == PLACE_FITS ? 1.5f : 0.7f);
		if (fabsf(f->x * own - g->x * scale) > most ||
			fabsf(f->y * own - g->y * scale) > most)
			return false;
	}
	return true;
}

/* Seen in another view it may be clearer, unless it was read there. */
static bool is_known(const struct scan_decoder *d, const struct qr_place *p, enum scan_view view)
{
	for (unsigned i = 0; i < d->places; i++)
		if ((d->place[i].view == view || d->place[i].read) &&
			is_same(&d->place[i], p, view))
			return true;
	return false;
}

/* Inside a code that was read in this frame there is no other. */
static bool is_inside_a_read_one(const struct scan_decoder *d, const struct qr_place *p,
	enum scan_view view)
{
	struct qr_point m = middle_of(p, view);
	for (unsigned i = 0; i < d->places; i++) {
		if (!d->place[i].read)
			continue;
		struct qr_box b = scan_place_box(&d->place[i].place, d->place[i].view, 0);
		if (m.x > (float)b.left && m.x < (float)b.right && m.y > (float)b.top &&
			m.y < (float)b.bottom)
			return true;
	}
	return false;
}

struct qr_box scan_place_box(const struct qr_place *p, enum scan_view view, double margin)
{
	struct qr_box b = {SCAN_WIDTH_MAX, SCAN_HEIGHT_MAX, 0, 0};
	float scale = (float)scan_view_scale(view), m = (float)(margin * p->side);
	float far = (float)p->side;
	for (int i = 0; i < 4; i++) {
		struct qr_point at = qr_map(p, i & 1 ? far : 0, i & 2 ? far : 0);
		struct qr_point in = qr_map(p, far / 2, far / 2);
		float grow = m / far * 2;
		float x = (at.x + (at.x - in.x) * grow) * scale;
		float y = (at.y + (at.y - in.y) * grow) * scale;
		x = x < 0 ? 0 : x > SCAN_WIDTH_MAX ? SCAN_WIDTH_MAX : x;
		y = y < 0 ? 0 : y > SCAN_HEIGHT_MAX ? SCAN_HEIGHT_MAX : y;
		b.left = (int)x < b.left ? (int)x : b.left;
		b.top = (int)y < b.top ? (int)y : b.top;
		b.right = (int)x + 1 > b.right ? (int)x + 1 : b.right;
		b.bottom = (int)y + 1 > b.bottom ? (int)y + 1 : b.bottom;
	}
	return b;
}

/* ---- looking for places ---- */

const struct scan_grey *scan_attempt_view(struct scan_decoder *d, enum scan_view view)
{
	double pixels = (double)d->views.frame->width * d->views.frame->height, cost = 0;
	if (view == VIEW_SHARP && !(d->views.made & 1u << view))
		cost = pixels * COST_SHARP;
	for (enum scan_view v = VIEW_HALF; view != VIEW_SHARP && v <= view; v++, pixels /= 4)
		if (!(d->views.made & 1u << v))
			cost += pixels * COST_HALF;
	if (!scan_budget_take(&d->budget, (int64_t)cost))
		return NULL;
	return scan_views_get(&d->views, view);
}

/* NULL: there is no room, and all that is kept is better. */
static struct scan_place *keep(struct scan_decoder *d, const struct qr_place *p,
	enum scan_view view, enum scan_place_state state)
{
	unsigned at = d->places;
	if (at < SCAN_PLACES_MAX) {
		d->places++;
	} else {
		at = 0;
		for (unsigned i = 1; i < d->places; i++)
			if (d->place[i].state < d->place[at].state ||
				(d->place[i].state == d->place[at].state &&
					d->place[i].place.score < d->place[at].place.score))
				at = i;
		if (d->place[at].state > state)
			return NULL;
	}
	struct scan_place *kept = &d->place[at];
	*kept = (struct scan_place){.place = *p, .view = view, .state = state};
	return kept;
}

/* ---- reading places ---- */

static int64_t cost_of_reading(const struct qr_place *p, enum qr_sampling how)
{
	double modules = (double)p->side * p->side;
	double each = how == QR_SAMPLE_EQUAL ? COST_EQUAL : COST_MODULE;
	return (int64_t)(modules * each) + COST_READ;
}

static void add(struct scan_decoder *d, struct scan_found *found, const struct qr_place *p,
	enum scan_view view)
{
	const struct qr_text *t = &d->work->text;
	float side = (float)p->side;
	const float at[4][2] = {{0, 0}, {side, 0}, {side, side}, {0, side}};
	double corner[4][2];
	for (int i = 0; i < 4; i++) {
		struct qr_point c = qr_map(p, at[i][0], at[i][1]);
		corner[i][0] = (double)c.x * scan_view_scale(view);
		corner[i][1] = (double)c.y * scan_view_scale(view);
	}
	scan_found_add(found, t->bytes, t->len, corner, d->views.frame->width,
		d->views.frame->height);
}

/* A new sighting takes the place of one that is nearly there, or of the oldest. */
static void remember(struct scan_decoder *d, const struct qr_place *p, enum scan_view view,
	enum qr_sampling how)
{
	struct qr_point m = middle_of(p, view);
	unsigned at = 0, oldest = 0;
	for (; at < d->sightings; at++) {
		const struct scan_sighting *s = &d->sighting[at];
		struct qr_box b = scan_place_box(&s->place, s->view, 0);
		if (m.x > (float)b.left && m.x < (float)b.right && m.y > (float)b.top &&
			m.y < (float)b.bottom)
			break;
		if (s->misses > d->sighting[oldest].misses)
			oldest = at;
	}
	if (at == d->sightings) {
		if (d->sightings < SCAN_CODES_MAX)
			d->sightings++;
		else
			at = oldest;
	}
	d->sighting[at] = (struct scan_sighting){.place = *p, .view = view, .how = how,
		.again = true};
}

static bool read_place(struct scan_decoder *d, struct scan_found *found,
	const struct qr_place *p, enum scan_view view, enum qr_sampling how)
{
	const struct scan_grey *g = scan_views_get(&d->views, view);
	if (!g || !scan_budget_take(&d->budget, cost_of_reading(p, how)))
		return false;
	d->sampled = true;
	qr_sample(&d->work->matrix, g, p, how, &d->work->qr);
	if (qr_symbol_read(&d->work->text, &d->work->matrix))
		return false;
	add(d, found, p, view);
	remember(d, p, view, how);
	return true;
}

static void try_place(struct scan_decoder *d, struct scan_found *found, struct scan_place *p,
	enum qr_sampling how)
{
	p->tried |= 1u << how;
	p->read = read_place(d, found, &p->place, p->view, how);
}

static struct scan_place *next_to_fit(struct scan_decoder *d, double doubt)
{
	struct scan_place *best = NULL;
	for (unsigned i = 0; i < d->places; i++) {
		struct scan_place *p = &d->place[i];
		if (p->state == PLACE_NEW && p->place.score >= -doubt &&
			(!best || p->place.score > best->place.score))
			best = p;
	}
	return best;
}

void scan_attempt_fit(struct scan_decoder *d, struct scan_found *found, double doubt,
	unsigned most, enum qr_sampling how)
{
	struct scan_place *p;
	for (unsigned vain = 0; vain < most && (p = next_to_fit(d, doubt));) {
		const struct scan_grey *g = scan_views_get(&d->views, p->view);
		if (!g || scan_place_is_refused(d, p) ||
			is_inside_a_read_one(d, &p->place, p->view)) {
			p->state = PLACE_NOT;
			continue;
		}
		if (!scan_budget_take(&d->budget, COST_FIT))
			return;
		p->state = qr_fit(&p->place, g) ? PLACE_FITS : PLACE_NOT;
		if (p->state == PLACE_FITS)
			try_place(d, found, p, how);
		else if (!d->thorough)
			scan_place_refuse(d, p);
		vain += !p->read;
	}
}

void scan_attempt_search(struct scan_decoder *d, struct scan_found *found,
	const struct scan_search *how)
{
	const struct scan_grey *g = scan_attempt_view(d, how->view);
	int scale = scan_view_scale(how->view);
	struct qr_box box;
	struct qr_find_options o = {.step = how->step, .smooth = how->smooth};
	if (!g)
		return;
	if (how->where) {
		box = (struct qr_box){how->where->left / scale, how->where->top / scale,
			how->where->right / scale, how->where->bottom / scale};
		o.where = &box;
	}
	/* Choosing among what is found comes after it. */
	int64_t left_us = scan_budget_left(&d->budget) - COST_FINDER * QR_FINDERS_MAX;
	o.work_max = 1000 * (long)(how->most_us < left_us ? how->most_us : left_us);
	if (o.work_max <= 0)
		return;
	struct scan_work *w = d->work;
	qr_find(&w->finders, g, &o);
	scan_budget_spend(&d->budget, w->finders.work / 1000 + COST_FINDER * w->finders.count);
	see(d, &w->finders, scale);
	unsigned count = qr_places(w->place, g, &w->finders);
	for (unsigned i = 0; i < count; i++) {
		struct qr_place *p = &w->place[i];
		if (is_known(d, p, how->view) || is_inside_a_read_one(d, p, how->view))
			continue;
		keep(d, p, how->view, PLACE_NEW);
	}
	scan_attempt_fit(d, found, how->doubt, how->vain, how->how);
}

static struct scan_place *next_to_read(struct scan_decoder *d, enum qr_sampling how)
{
	struct scan_place *best = NULL;
	for (unsigned i = 0; i < d->places; i++) {
		struct scan_place *p = &d->place[i];
		if (p->state != PLACE_FITS || p->read || p->tried & 1u << how)
			continue;
		if (!best || p->place.score > best->place.score)
			best = p;
	}
	return best;
}

void scan_attempt_read(struct scan_decoder *d, struct scan_found *found, enum qr_sampling how,
	unsigned most)
{
	struct scan_place *p;
	for (unsigned i = 0; i < most && (p = next_to_read(d, how)); i++) {
		if (is_inside_a_read_one(d, &p->place, p->view))
			p->tried |= 1u << how;
		else
			try_place(d, found, p, how);
	}
}

/* ---- curved paper ---- */

#define BENT (1u << QR_SAMPLINGS) /* in `tried`: a mesh was tried, too */

/* One that fits and was not read, or that hardly failed to fit, once for three finder patterns. */
static struct scan_place *next_to_bend(struct scan_decoder *d, double doubt)
{
	struct scan_place *best = NULL;
	for (unsigned i = 0; i < d->places; i++) {
		struct scan_place *p = &d->place[i];
		bool may = !p->read && !(p->tried & BENT) && p->state != PLACE_NEW &&
			(p->state == PLACE_FITS || p->place.score >= -doubt);
		for (unsigned k = 0; k < d->places && may; k++)
			may = !(d->place[k].tried & BENT) ||
				!is_same(&d->place[k], &p->place, p->view);
		if (!may)
			continue;
		if (!best || p->state > best->state ||
			(p->state == best->state && p->place.score > best->place.score))
			best = p;
	}
	return best;
}

static bool bend(struct scan_decoder *d, struct qr_place *p, const struct scan_grey *g)
{
	int64_t cost = p->side < QR_BEND_LARGE ? COST_BEND : COST_BEND_LARGE;
	return scan_budget_take(&d->budget, cost) && qr_bend(p, g);
}

bool scan_attempt_may_bend(struct scan_decoder *d, double doubt)
{
	return next_to_bend(d, doubt) != NULL;
}

void scan_attempt_bend(struct scan_decoder *d, struct scan_found *found, double doubt,
	unsigned most)
{
	struct scan_place *p;
	for (unsigned i = 0; i < most && !found->count && (p = next_to_bend(d, doubt)); i++) {
		const struct scan_grey *g = scan_views_get(&d->views, p->view);
		enum scan_view view = p->view;
		struct qr_place bent = p->place;
		p->tried |= BENT;
		if (!g || !bend(d, &bent, g))
			continue;
		p = keep(d, &bent, view, PLACE_FITS);
		if (!p)
			return;
		p->tried |= BENT;
		try_place(d, found, p, QR_SAMPLE_MEAN);
		if (!p->read)
			try_place(d, found, p, QR_SAMPLE_EQUAL);
	}
}

/* ---- codes of the last frame ---- */

/* The map follows the finder patterns, then a mesh the paper. */
static bool fit_again(struct scan_decoder *d, struct qr_place *p, const struct scan_grey *g)
{
	bool was_bent = p->bent;
	if (!scan_budget_take(&d->budget, COST_FIT))
		return false;
	bool fits = qr_fit(p, g);
	return was_bent ? bend(d, p, g) : fits;
}

bool scan_attempt_again(struct scan_decoder *d, struct scan_found *found,
	struct scan_sighting *s)
{
	const struct scan_grey *g = scan_attempt_view(d, s->view);
	struct qr_place p = s->place;
	if (!g || !fit_again(d, &p, g))
		return false;
	enum scan_view view = s->view;
	enum qr_sampling how = s->how;
	struct scan_place *kept = keep(d, &p, view, PLACE_FITS);
	if (kept)
		try_place(d, found, kept, how);
	return kept && kept->read;
}
