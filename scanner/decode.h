/* SPDX-License-Identifier: Apache-2.0
 *
 * Grey picture to code texts. decode.c knows what is tried in which frame, attempt.c how one thing
 * is tried, qr/ reads symbols, decode_zbar.c knows zbar.
 */
#ifndef SCANNER_DECODE_H
#define SCANNER_DECODE_H

#include <stdbool.h>

#include "scanner/budget.h"
#include "scanner/grey.h"
#include "scanner/qr/qr.h"
#include "scanner/scanner.h"
#include "scanner/views.h"

struct scan_found {
	unsigned count;
	struct scan_code codes[SCAN_CODES_MAX]; /* different texts */
};

/* What is tried with a frame, one step at a time. X(enum, word, what it is). */
#define SCAN_STEP_LIST(X)                                                                          \
	X(STEP_TRACK, "track", "where codes were in the last frame")                               \
	X(STEP_NEAR, "near", "around there")                                                       \
	X(STEP_FIRST, "first", "the whole frame, as coarse as is good enough")                     \
	X(STEP_SMOOTH, "smooth", "the whole frame, noise and a screen's pixels smoothed away")     \
	X(STEP_FINE, "fine", "every row at twice the size, for small codes")                       \
	X(STEP_SHARP, "sharp", "with sharper edges, for haze, blur and low contrast")              \
	X(STEP_COARSE, "coarse", "at half the size, for large codes")                              \
	X(STEP_FINEST, "finest", "every row of a very large frame")                                \
	X(STEP_DOUBTFUL, "doubtful", "three finder patterns that hardly belong together")          \
	X(STEP_BEND, "bend", "what looks like a code: as on curved paper")                         \
	X(STEP_CORE, "core", "what looks like a code: the middle of its modules")                  \
	X(STEP_ZBAR, "zbar", "zbar on the whole frame, thresholded")

enum scan_step {
#define SCAN_STEP_ENUM(name, word, what) name,
	SCAN_STEP_LIST(SCAN_STEP_ENUM)
#undef SCAN_STEP_ENUM
	STEP_COUNT
};
extern const char *const scan_step_words[STEP_COUNT];
extern const char *const scan_step_means[STEP_COUNT];

/* For benchmarks: what a step added and cost since scan_decoder_init(). */
struct scan_step_count {
	uint64_t runs;
	uint64_t reads; /* frames in which it read a code and no step before it had */
	uint64_t cpu_us;
};

enum scan_place_state {
	PLACE_NOT,  /* the fixed patterns are not there; only kept so that it is not tried again */
	PLACE_NEW,  /* three finder patterns that may belong together */
	PLACE_FITS  /* the fixed patterns are there */
};

/* Something that may be a code, in this frame. */
struct scan_place {
	struct qr_place place; /* in pixels of its view */
	enum scan_view view;
	enum scan_place_state state;
	bool read;
	unsigned tried;        /* bit for each sampling */
};
#define SCAN_PLACES_MAX 24

/* A code as it was read, to look for it in the next frame. */
struct scan_sighting {
	struct qr_place place; /* in pixels of its view */
	enum scan_view view;
	enum qr_sampling how;
	unsigned misses; /* frames since */
	bool again;      /* read in this frame, too */
};

/* Three finder patterns that are no code: a counter's background does not move. */
struct scan_refusal {
	float at[3][2];  /* pixels of the frame */
	unsigned frame;  /* when it was refused last */
	unsigned times;
};
#define SCAN_REFUSALS_MAX 48

struct scan_work; /* memory of the attempts, allocated once */

/* What was learned from the frames before is plain data, a function of those frames alone. */
struct scan_decoder {
	int budget_ms;        /* CPU time of one frame; from scan_decoder_init() SCAN_BUDGET_MS */
	bool live;            /* the clock is looked at, too: a camera does not wait. Else the same
			       * frames give the same codes, also on a slower machine */

	/* Of the frame that was examined last, whether it was read or not. */
	struct qr_finders seen; /* pixels of the frame */
	bool sampled;           /* something looked enough like a code to measure its modules */
	enum scan_step read_by; /* where something was found: the first step that did */

	struct scan_step_count count[STEP_COUNT];

	/* private */
	struct scan_views views;
	struct scan_budget budget;
	struct scan_sighting sighting[SCAN_CODES_MAX];
	unsigned sightings;
	struct scan_place place[SCAN_PLACES_MAX];
	unsigned places;
	struct scan_refusal refusal[SCAN_REFUSALS_MAX];
	unsigned refusals;
	struct scan_work *work;
	struct scan_grey part, flat; /* for zbar: a part of the frame; black and white */
	bool thorough;
	unsigned done;   /* bit for each step made at this frame */
	unsigned frames; /* seen */
	unsigned misses; /* frames since a code was found */
	unsigned turn;   /* whose turn it is among the steps that take turns */
	enum scan_step best; /* of them, the one that found a code last */
};

void scan_decoder_init(struct scan_decoder *d);
void scan_decoder_done(struct scan_decoder *d); /* NULL-safe */

/* A frame is examined by scan_decoder_begin() and then scan_decoder_pass() until it says false:
 *
 *	scan_decoder_begin(&d, &found);
 *	while (scan_decoder_pass(&d, &found, &frame, thorough))
 *		tell the watchdog;
 *
 * In video the difficult steps take turns over the frames; thorough makes every step until one
 * finds something (single pictures), with SCAN_THOROUGH_TIMES the budget.
 */
void scan_decoder_begin(struct scan_decoder *d, struct scan_found *found);
bool scan_decoder_pass(struct scan_decoder *d, struct scan_found *found,
	const struct scan_grey *frame, bool thorough);

/* Adds a code unless its text is there already or there is no room. corner: clockwise from the
 * upper left of the symbol, kept inside width x height.
 */
bool scan_found_add(struct scan_found *found, const void *text, size_t len,
	const double corner[4][2], int width, int height);

/* Every QR code that zbar finds; texts that are in `found` already are not added again. scale:
 * coordinates are multiplied by it. Keeps nothing between calls: the same picture always gives the
 * same result. ERR_NO_MEMORY.
 */
ERR_MUST_CHECK enum err_code scan_zbar_read(struct scan_found *found, const struct scan_grey *grey,
	int scale, struct err *err);

#endif
