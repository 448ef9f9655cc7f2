/* SPDX-License-Identifier: Apache-2.0
 *
 * A scenario being played: time and the terminal's events go in, what the phones show and how the
 * camera sees them come out. The phones learn the number from the event alone, as a person reads it
 * from the screen. No I/O and no clock of its own.
 */
#ifndef WALLET_HOLDER_PLAY_H
#define WALLET_HOLDER_PLAY_H

#include "wallet/holder/phone.h"
#include "wallet/holder/scenario.h"

#define PLAY_STEPS_A_FRAME 10000 /* then the next frame is drawn, whatever a repeat wants */

/* One line of the terminal's events (JSON, version 1). */
struct play_event {
	bool known; /* one of the kinds of enum scenario_event */
	enum scenario_event kind;
	int64_t frame; /* of a "frame" event, else -1 */
	char number[CODE_DIGITS_MAX + 1];
	char challenge[CODE_TEXT_MAX]; /* "" = not said */
};
#define PLAY_EVENT_LINE_MAX 16384
/* ERR_FORMAT when the line is no event; unknown events are ERR_OK with known false, frame -1. */
ERR_MUST_CHECK enum err_code play_event_parse(
	struct play_event *out, struct span line, struct err *err);

struct play_options {
	const struct scenario *scenario;
	const struct wallet *wallet[CAMERA_PHONES]; /* the second may be NULL */
	enum code_binding binding;                  /* of `answer` without a word */
	uint64_t amount;                            /* for CODE_BINDING_AMOUNT */
	char currency[4];
	enum qr_level level;
};

struct play; /* heap; borrows what the options point to */

ERR_MUST_CHECK enum err_code play_new(
	struct play **out, const struct play_options *opt, struct err *err);
void play_free(struct play **p);

void play_tell(struct play *p, const struct play_event *ev);
/* No more events will come. */
void play_tell_over(struct play *p);

/* Runs the steps that are due. at_ms since the first frame, never falling; unix_ms is what time it
 * is for the phones.
 * Returns: ERR_OK      draw a frame
 *          ERR_CLOSED  the scenario is over
 *          else        it cannot go on; err names the line
 */
ERR_MUST_CHECK enum err_code play_advance(
	struct play *p, int64_t at_ms, int64_t unix_ms, struct err *err);

/* Waits for an event that can no longer come. */
bool play_is_stuck(const struct play *p);

/* What phone `index` shows at the time of the last play_advance(). */
ERR_MUST_CHECK enum err_code play_view(
	const struct play *p, int index, struct phone_view *out, struct err *err);
/* Knobs and phones in view; frame is the caller's to fill. */
void play_shot(const struct play *p, struct camera_shot *out);
/* Is this frame to be cut short in the stream? Counts it. */
bool play_cut_next(struct play *p);

#endif
