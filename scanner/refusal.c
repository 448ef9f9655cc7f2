/* SPDX-License-Identifier: Apache-2.0
 *
 * What is no code in frame after frame. A camera on a counter always sees the same shelf or mat,
 * and to fit places to it costs more than to see that they are the same.
 */
#include <math.h>

#include "scanner/attempt.h"

#define REFUSAL_SHIFT 0.7f /* modules: so far a place may move and is still the same */
#define REFUSAL_TIMES 2
#define REFUSAL_FRAMES 8

static bool is_refusal_of(const struct scan_refusal *r, const struct qr_place *p, float scale)
{
	for (unsigned i = 0; i < 3; i++) {
		const struct qr_finder *f = &p->finder[i];
		float most = f->module * scale * REFUSAL_SHIFT;
		if (fabsf(f->x * scale - r->at[i][0]) > most ||
			fabsf(f->y * scale - r->at[i][1]) > most)
			return false;
	}
	return true;
}

static struct scan_refusal *refusal_of(struct scan_decoder *d, const struct scan_place *p)
{
	float scale = (float)scan_view_scale(p->view);
	for (unsigned i = 0; i < d->refusals; i++)
		if (is_refusal_of(&d->refusal[i], &p->place, scale))
			return &d->refusal[i];
	return NULL;
}

/* Refused more than once, it is looked at again only after some frames. */
bool scan_place_is_refused(struct scan_decoder *d, const struct scan_place *p)
{
	const struct scan_refusal *r = d->thorough ? NULL : refusal_of(d, p);
	return r && r->times >= REFUSAL_TIMES && d->frames - r->frame < REFUSAL_FRAMES;
}

void scan_place_refuse(struct scan_decoder *d, const struct scan_place *p)
{
	struct scan_refusal *r = refusal_of(d, p);
	if (!r) {
		r = &d->refusal[0];
		if (d->refusals < SCAN_REFUSALS_MAX)
			r = &d->refusal[d->refusals++];
		else
			for (unsigned i = 1; i < d->refusals; i++)
				if (d->refusal[i].frame < r->frame)
					r = &d->refusal[i];
		r->times = 0;
	}
	float scale = (float)scan_view_scale(p->view);
	for (unsigned i = 0; i < 3; i++) {
		r->at[i][0] = p->place.finder[i].x * scale;
		r->at[i][1] = p->place.finder[i].y * scale;
	}
	r->frame = d->frames;
	r->times++;
}
