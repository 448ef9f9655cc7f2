/* SPDX-License-Identifier: Apache-2.0
 *
 * What a frame gets. First the places where codes were in the last frame, then the whole frame at
 * the size that suffices for most. When nothing is read, what looked like a code gets more effort,
 * and one of the dearer ways to look has its turn: a phone is held for twenty frames and more, so
 * each of them has several. The one that found a code last is the next to be tried.
 */
#include "scanner/decode.h"

#include <string.h>

#include "scanner/attempt.h"

#define BUDGET_US 800         /* of a millisecond are given out: counted work is not exact */
#define FIRST_SIDE 1100       /* the first look is at the size at which no side is longer */
#define FORGET_FRAMES 15      /* without a code: a sighting is old */
#define NEAR_FRAMES 5         /* so long a lost code is looked for around where it was */
#define NEAR_MARGIN 0.6       /* of its side */
#define SECOND_PHONE_FRAMES 4 /* with a code, every so many frames the rest is looked at, too */
#define NEAR_STEP 2
#define NEAR_US 2500          /* of work to find patterns, of the usual budget; see budget.h */
#define LOOK_US 6500
#define LOOK_THOROUGH_US 60000
/* Below it are 99 of 100 places that were read, and one in four of the others. */
#define DOUBT_USUAL 1.45
#define DOUBT_SMALL 1.0
#define DOUBT_BENT 0.5
#define DOUBT_ANY 1e9
#define VAIN_USUAL 4
#define FINDER_FAIR 0.6f
#define SHARP_PIXELS_MAX 1000000 /* in video */
#define ZBAR_MISSES 3 /* frames without a code */

const char *const scan_step_words[STEP_COUNT] = {
#define STEP_WORD(name, word, what) word,
	SCAN_STEP_LIST(STEP_WORD)
#undef STEP_WORD
};
const char *const scan_step_means[STEP_COUNT] = {
#define STEP_MEANS(name, word, what) what,
	SCAN_STEP_LIST(STEP_MEANS)
#undef STEP_MEANS
};

void scan_decoder_init(struct scan_decoder *d)
{
	*d = (struct scan_decoder){.budget_ms = SCAN_BUDGET_MS, .misses = FORGET_FRAMES,
		.best = STEP_COUNT};
}

void scan_decoder_done(struct scan_decoder *d)
{
	if (!d)
		return;
	scan_views_done(&d->views);
	scan_grey_done(&d->part);
	scan_grey_done(&d->flat);
	scan_attempt_done(d);
}

void scan_decoder_begin(struct scan_decoder *d, struct scan_found *found)
{
	d->done = 0;
	d->places = 0;
	d->seen.count = 0;
	d->sampled = false;
	d->read_by = STEP_COUNT;
	d->frames++;
	for (unsigned i = 0; i < d->sightings; i++)
		d->sighting[i].again = false;
	found->count = 0;
}

bool scan_found_add(struct scan_found *found, const void *text, size_t len,
	const double corner[4][2], int width, int height)
{
	bool cut = len > SCAN_TEXT_MAX;
	len = cut ? SCAN_TEXT_MAX : len;
	if (!len || found->count == SCAN_CODES_MAX)
		return false;
	for (unsigned i = 0; i < found->count; i++)
		if (found->codes[i].text_len == len && !memcmp(found->codes[i].text, text, len))
			return false;
	struct scan_code *c = &found->codes[found->count++];
	memset(c, 0, sizeof *c);
	c->text_len = (uint16_t)len;
	c->cut = cut;
	c->symbology = SCAN_QR;
	memcpy(c->text, text, len);
	for (int i = 0; i < 4; i++) {
		double x = corner[i][0], y = corner[i][1];
		c->corner[i][0] = (int16_t)(!(x > 0) ? 0 : x > width ? width : x);
		c->corner[i][1] = (int16_t)(!(y > 0) ? 0 : y > height ? height : y);
	}
	return true;
}

/* ---- steps ---- */

static void track(struct scan_decoder *d, struct scan_found *found)
{
	for (unsigned i = 0; i < d->sightings; i++)
		if (d->sighting[i].misses < NEAR_FRAMES)
			scan_attempt_again(d, found, &d->sighting[i]);
}

/* At the size at which a module has two pixels or more, every row of a small code. */
static void look_near(struct scan_decoder *d, struct scan_found *found)
{
	for (unsigned i = 0; i < d->sightings; i++) {
		const struct scan_sighting *s = &d->sighting[i];
		if (s->again || s->misses >= NEAR_FRAMES)
			continue;
		struct qr_box box = scan_place_box(&s->place, s->view, NEAR_MARGIN);
		struct scan_search search = {.view = s->view, .step = NEAR_STEP, .where = &box,
			.most_us = NEAR_US, .doubt = DOUBT_USUAL, .vain = VAIN_USUAL,
			.how = s->how};
		scan_attempt_search(d, found, &search);
	}
	scan_attempt_read(d, found, QR_SAMPLE_MEAN, 2);
}

static void look(struct scan_decoder *d, struct scan_found *found, enum scan_view view, int step,
	bool smooth)
{
	struct scan_search search = {.view = view, .step = step, .smooth = smooth,
		.most_us = d->thorough ? LOOK_THOROUGH_US : LOOK_US, .doubt = DOUBT_USUAL,
		.vain = VAIN_USUAL};
	scan_attempt_search(d, found, &search);
	if (!found->count)
		scan_attempt_read(d, found, QR_SAMPLE_EQUAL, SCAN_PLACES_MAX);
}

static enum scan_view first_view(const struct scan_grey *frame)
{
	int longer = frame->width > frame->height ? frame->width : frame->height;
	enum scan_view v = VIEW_FULL;
	while (longer >> v > FIRST_SIDE && v < VIEW_QUARTER)
		v++;
	return v;
}

static void make(struct scan_decoder *d, struct scan_found *found, enum scan_step step)
{
	enum scan_view first = first_view(d->views.frame);
	switch (step) {
	case STEP_TRACK:
		track(d, found);
		break;
	case STEP_NEAR:
		look_near(d, found);
		break;
	case STEP_FIRST:
		look(d, found, first, 2, false);
		break;
	case STEP_SMOOTH:
		look(d, found, first, 2, true);
		break;
	case STEP_FINE:
		look(d, found, first ? first - 1 : VIEW_FULL, 1, false);
		break;
	case STEP_SHARP:
		look(d, found, VIEW_SHARP, 2, false);
		break;
	case STEP_COARSE:
		look(d, found, first + 1, 1, false);
		break;
	case STEP_FINEST:
		look(d, found, VIEW_FULL, 1, false);
		break;
	case STEP_DOUBTFUL:
		scan_attempt_fit(d, found, DOUBT_ANY, SCAN_PLACES_MAX, QR_SAMPLE_MEAN);
		scan_attempt_read(d, found, QR_SAMPLE_EQUAL, SCAN_PLACES_MAX);
		break;
	case STEP_BEND:
		scan_attempt_bend(d, found, DOUBT_BENT, d->thorough ? 3 : 1);
		break;
	case STEP_CORE:
		scan_attempt_read(d, found, QR_SAMPLE_CORE, SCAN_PLACES_MAX);
		break;
	case STEP_ZBAR:
		scan_attempt_zbar(d, found);
		break;
	case STEP_COUNT:
		break;
	}
}

/* ---- which ones ---- */

static bool has_recent(const struct scan_decoder *d)
{
	for (unsigned i = 0; i < d->sightings; i++)
		if (d->sighting[i].misses < NEAR_FRAMES)
			return true;
	return false;
}

static bool all_again(const struct scan_decoder *d)
{
	for (unsigned i = 0; i < d->sightings; i++)
		if (d->sighting[i].misses < NEAR_FRAMES && !d->sighting[i].again)
			return false;
	return true;
}

static bool is_done(const struct scan_decoder *d, enum scan_step step)
{
	return d->done & 1u << step;
}

static bool is_to_read(const struct scan_decoder *d, enum qr_sampling how)
{
	for (unsigned i = 0; i < d->places; i++) {
		const struct scan_place *p = &d->place[i];
		if (p->state == PLACE_FITS && !p->read && !(p->tried & 1u << how))
			return true;
	}
	return false;
}

static const enum scan_step turns[] = {STEP_BEND, STEP_FINE, STEP_SMOOTH, STEP_SHARP,
	STEP_ZBAR, STEP_COARSE};
#define TURNS (sizeof turns / sizeof turns[0])

/* Something in view is enough like a code to spend more on this frame. */
static bool is_promising(const struct scan_decoder *d)
{
	for (unsigned i = 0; i < d->places; i++)
		if (d->place[i].state != PLACE_NOT && d->place[i].place.score >= -DOUBT_SMALL)
			return true;
	return false;
}

/* zbar is dear, and pays where finder patterns are seen but nothing fits. Sharpening goes with the
 * pixels of the whole frame.
 */
static bool is_worth_a_turn(struct scan_decoder *d, enum scan_step step)
{
	unsigned good = 0;
	if (is_done(d, step))
		return false;
	for (unsigned i = 0; i < d->seen.count; i++)
		good += d->seen.at[i].quality >= FINDER_FAIR;
	if (step == STEP_BEND)
		return scan_attempt_may_bend(d, DOUBT_BENT);
	if (step == STEP_SHARP)
		return (int64_t)d->views.frame->width * d->views.frame->height <= SHARP_PIXELS_MAX;
	return step != STEP_ZBAR || (good >= 2 && d->misses >= ZBAR_MISSES);
}

/* In video: one of the dear steps for this frame; STEP_COUNT = none. */
static enum scan_step next_turn(struct scan_decoder *d)
{
	for (unsigned i = 0; i < TURNS; i++)
		if (is_done(d, turns[i]))
			return STEP_COUNT;
	/* In two frames of five anyway: a code may be there and nothing of it be seen. */
	if (!is_promising(d) && (d->frames - 1) * 2 % 5 >= 2)
		return STEP_COUNT;
	if (d->best != STEP_COUNT && d->misses % 2 == 0 && is_worth_a_turn(d, d->best))
		return d->best;
	for (unsigned i = 0; i < TURNS; i++) {
		enum scan_step step = turns[(d->turn + i) % TURNS];
		if (!is_worth_a_turn(d, step))
			continue;
		d->turn = (d->turn + i + 1) % TURNS;
		return step;
	}
	return STEP_COUNT;
}

/* For a single picture: everything. */
static enum scan_step next_effort(const struct scan_decoder *d)
{
	static const enum scan_step order[] = {STEP_FINE, STEP_SMOOTH, STEP_SHARP, STEP_BEND,
		STEP_ZBAR, STEP_COARSE, STEP_FINEST, STEP_DOUBTFUL};
	bool large = first_view(d->views.frame) > VIEW_HALF;
	for (unsigned i = 0; i < sizeof order / sizeof order[0]; i++)
		if (!is_done(d, order[i]) && (order[i] != STEP_FINEST || large))
			return order[i];
	return STEP_COUNT;
}

/* What the next step is; STEP_COUNT = the frame has had enough. */
static enum scan_step next_step(struct scan_decoder *d, const struct scan_found *found)
{
	if (!d->done && has_recent(d))
		return STEP_TRACK;
	if (d->done == 1u << STEP_TRACK && !all_again(d))
		return STEP_NEAR;
	if (!is_done(d, STEP_FIRST) && (!found->count || d->frames % SECOND_PHONE_FRAMES == 0))
		return STEP_FIRST;
	if (found->count)
		return STEP_COUNT;
	enum scan_step step = d->thorough ? next_effort(d) : next_turn(d);
	if (step != STEP_COUNT)
		return step;
	if (!is_done(d, STEP_CORE) && is_to_read(d, QR_SAMPLE_CORE))
		return STEP_CORE;
	return STEP_COUNT;
}

static void finish(struct scan_decoder *d, const struct scan_found *found)
{
	if (!found->count && d->misses >= FORGET_FRAMES)
		d->best = STEP_COUNT;
	unsigned kept = 0;
	for (unsigned i = 0; i < d->sightings; i++) {
		struct scan_sighting *s = &d->sighting[i];
		s->misses = s->again ? 0 : s->misses + 1;
		if (s->misses < FORGET_FRAMES)
			d->sighting[kept++] = *s;
	}
	d->sightings = kept;
	d->misses = found->count ? 0 : d->misses < FORGET_FRAMES ? d->misses + 1 : FORGET_FRAMES;
}

bool scan_decoder_pass(struct scan_decoder *d, struct scan_found *found,
	const struct scan_grey *frame, bool thorough)
{
	if (!d->done) {
		d->thorough = thorough;
		scan_views_begin(&d->views, frame);
		scan_budget_start(&d->budget,
			(int64_t)d->budget_ms * BUDGET_US * (thorough ? SCAN_THOROUGH_TIMES : 1),
			d->live);
		if (!scan_attempt_init(d)) /* the frame counts as one without a code */
			return false;
	}
	enum scan_step step = next_step(d, found);
	if (step == STEP_COUNT) {
		finish(d, found);
		return false;
	}
	int64_t start = scan_cpu_us();
	unsigned before = found->count;
	make(d, found, step);
	d->done |= 1u << step;
	d->count[step].runs++;
	d->count[step].cpu_us += (uint64_t)(scan_cpu_us() - start);
	if (found->count && !before) {
		d->count[step].reads++;
		d->read_by = step;
		for (unsigned i = 0; i < TURNS; i++)
			d->best = step == turns[i] ? step : d->best;
	}
	return true;
}
