/* SPDX-License-Identifier: Apache-2.0
 *
 * Between play.c (timeline) and play_phone.c (what a phone computes and shows).
 */
#ifndef WALLET_HOLDER_PLAY_PRIVATE_H
#define WALLET_HOLDER_PLAY_PRIVATE_H

#include "base/clock.h"
#include "wallet/holder/play.h"

struct play_knob {
	double from, to;
	int64_t begin_ms, until_ms;
	bool returns; /* to `from` when the time is over; else it moves evenly to `to` */
};

struct play_phone {
	const struct wallet *wallet; /* NULL: it has none and shows pictures only */
	enum scenario_show show;
	bool inverted;
	int64_t clock_s;  /* how wrong its clock is */
	struct span text; /* of SHOW_TEXT and those after it */
	char typed[CODE_DIGITS_MAX + 1];
	char answered[CODE_DIGITS_MAX + 1]; /* number of the second code, "" = challenge */
	char second[CODE_TEXT_MAX];         /* last second code */
	size_t second_len;
};

struct play {
	struct play_options opt;
	struct play_phone phone[CAMERA_PHONES];
	struct play_knob knob[CAMERA_KNOB_COUNT];
	size_t next;                      /* step that runs or waits */
	int64_t step_ms;                  /* when it began; -1 = before the first frame */
	int64_t at_ms, unix_ms;           /* now */
	int64_t left[SCENARIO_DEPTH_MAX]; /* further rounds of the open repeats */
	size_t depth;
	int64_t cut; /* frames to cut short */
	unsigned seen[EVENT_COUNT], used[EVENT_COUNT];
	bool no_more_events;
	char number[CODE_DIGITS_MAX + 1], older[CODE_DIGITS_MAX + 1];
	char challenge[CODE_TEXT_MAX];
};

/* Computes the second code that the step asks for; `show second` shows it. */
ERR_MUST_CHECK enum err_code play_phone_answer(const struct play *p, struct play_phone *phone,
	const struct scenario_step *s, struct err *err);

#endif
