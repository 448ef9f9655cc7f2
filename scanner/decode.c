/* SPDX-License-Identifier: Apache-2.0
 *
 * Which looks a frame gets. zbar's cost goes with the pixels, so in video a frame gets the look
 * that worked last and, when that finds nothing, one other look, in turn: a phone is held for
 * twenty frames and more. Half size comes first where a frame is wide enough for it: plain zbar
 * reads 1 of 17 photographed screens at 1280x720, and all 17 at half size.
 */
#include "scanner/decode.h"

#include <string.h>

#define HALF_FIRST_WIDTH 1000 /* from this width on half size is the first look */
#define HALF_WIDTH_MIN 200    /* below, half size has too few pixels for a module */
#define FORGET_FRAMES 15      /* without a code: begin with the usual look again */
#define SECOND_PHONE_FRAMES 4 /* with a code, every so many frames another look is made too */

void scan_decoder_init(struct scan_decoder *d)
{
	*d = (struct scan_decoder){.misses = FORGET_FRAMES, .budget_ms = SCAN_BUDGET_MS};
}

void scan_decoder_done(struct scan_decoder *d)
{
	if (!d)
		return;
	scan_grey_done(&d->half);
	scan_grey_done(&d->work);
}

void scan_decoder_begin(struct scan_decoder *d, struct scan_found *found)
{
	d->done = 0;
	d->half_made = false;
	d->frames++;
	found->count = 0;
}

static bool is_possible(enum scan_look look, const struct scan_grey *frame)
{
	bool half = look == LOOK_HALF || look == LOOK_HALF_DARK;
	return !half || frame->width >= HALF_WIDTH_MIN;
}

static enum scan_look usual_look(const struct scan_grey *frame)
{
	return frame->width >= HALF_FIRST_WIDTH ? LOOK_HALF : LOOK_FULL;
}

/* The next look in turn that this frame has not had; false when it has had all. */
static bool other_look(struct scan_decoder *d, const struct scan_grey *frame,
	enum scan_look *look)
{
	for (unsigned i = 0; i < LOOK_COUNT; i++) {
		enum scan_look l = (enum scan_look)((d->turn + i) % LOOK_COUNT);
		if (d->done & (1u << l) || !is_possible(l, frame))
			continue;
		d->turn = (unsigned)l + 1;
		*look = l;
		return true;
	}
	return false;
}

/* Faults here mean no memory: the frame counts as one without a code. */
static void look_at(struct scan_decoder *d, struct scan_found *found, const struct scan_grey *frame,
	enum scan_look look)
{
	bool half = look == LOOK_HALF || look == LOOK_HALF_DARK;
	bool dark = look == LOOK_FULL_DARK || look == LOOK_HALF_DARK;
	const struct scan_grey *g = frame;
	d->done |= 1u << look;
	if (half) {
		if (!d->half_made && scan_grey_half(&d->half, frame, NULL))
			return;
		d->half_made = true;
		g = &d->half;
	}
	if (dark) {
		if (scan_grey_invert(&d->work, g, NULL))
			return;
		g = &d->work;
	}
	unsigned before = found->count;
	ERR_IGNORE(scan_zbar_read(found, g, half ? 2 : 1, NULL)); /* see above */
	if (found->count > before && before == 0)
		d->best = look;
}

/* True when this frame gets one more look. */
static bool wants_more(struct scan_decoder *d, const struct scan_found *found, unsigned looks,
	bool thorough)
{
	if (thorough)
		return found->count == 0;
	if (looks > 1)
		return false;
	return found->count == 0 || d->frames % SECOND_PHONE_FRAMES == 0;
}

bool scan_decoder_pass(struct scan_decoder *d, struct scan_found *found,
	const struct scan_grey *frame, bool thorough)
{
	enum scan_look look = d->misses < FORGET_FRAMES ? d->best : usual_look(frame);
	unsigned looks = (unsigned)__builtin_popcount(d->done);
	if (!is_possible(look, frame))
		look = LOOK_FULL;
	if (looks > 0 && !other_look(d, frame, &look))
		return false;
	look_at(d, found, frame, look);
	if (wants_more(d, found, looks + 1, thorough))
		return true;
	d->misses = found->count ? 0 : d->misses < FORGET_FRAMES ? d->misses + 1 : FORGET_FRAMES;
	return false;
}
