/* SPDX-License-Identifier: Apache-2.0
 *
 * The language of scenario files: what the holder does, line by line. This file only reads it; what
 * the lines do is said in docs/scenarios.md and done in play.c.
 */
#ifndef WALLET_HOLDER_SCENARIO_H
#define WALLET_HOLDER_SCENARIO_H

#include "wallet/holder/camera.h"
#include "wallet/holder/wallet.h"

/* Limits, also in docs/limits.md. */
#define SCENARIO_FILE_MAX   65536 /* bytes */
#define SCENARIO_LINE_MAX   1024  /* bytes of one line */
#define SCENARIO_STEPS_MAX  512
#define SCENARIO_TEXTS_MAX  16384 /* bytes of all texts together */
#define SCENARIO_TEXT_MAX   500   /* bytes of one text to be shown as a code */
#define SCENARIO_DEPTH_MAX  4     /* repeat inside repeat */
#define SCENARIO_REPEAT_MAX 1000
#define SCENARIO_MS_MAX     86400000 /* longest wait: a day */

enum scenario_verb {
	SCENARIO_SHOW,
	SCENARIO_WAIT,       /* ms */
	SCENARIO_WAIT_EVENT, /* what; ms = at most, 0 = for ever */
	SCENARIO_TYPE,       /* ms; what is ANSWER_DEFAULT */
	SCENARIO_ANSWER,
	SCENARIO_CAMERA,
	SCENARIO_CAMERA_RESET,
	SCENARIO_INVERT,
	SCENARIO_CLOCK,
	SCENARIO_TRUNCATE,
	SCENARIO_REPEAT, /* count; jump = step after its end */
	SCENARIO_AGAIN,  /* end of a repeat; jump = first step inside */
	SCENARIO_END
};

enum scenario_show {
	SHOW_NOTHING,
	SHOW_DARK,
	SHOW_FIRST,
	SHOW_STATIC,
	SHOW_FORGED,
	SHOW_SECOND,
	SHOW_TYPING, /* not in files: while SCENARIO_TYPE runs */
	SHOW_TEXT,
	SHOW_CODE,
	SHOW_EAN13,
	SHOW_PICTURE /* text: its file */
};

enum scenario_answer {
	ANSWER_DEFAULT, /* as --answer says */
	ANSWER_NUMBER,
	ANSWER_AMOUNT,
	ANSWER_CHALLENGE,
	ANSWER_WRONG,
	ANSWER_OLDER,
	ANSWER_AGAIN
};

enum scenario_event {
	EVENT_NUMBER,
	EVENT_VERDICT,
	EVENT_PIN,
	EVENT_NOTICE,
	EVENT_UNCERTAIN,
	EVENT_COUNT
};

enum scenario_how {
	HOW_SET,
	HOW_FOR, /* back to what it was after ms */
	HOW_OVER /* evenly, over ms */
};

struct scenario_step {
	enum scenario_verb verb;
	int phone; /* 0 or 1 */
	int what;  /* of the enum that belongs to the verb, or a camera knob */
	enum scenario_how how;
	double value; /* camera */
	int64_t ms;
	int64_t count; /* clock: seconds; truncate: frames; repeat: times; invert: 0, 1 */
	size_t jump;
	bool untimed;     /* answer */
	char currency[4]; /* answer amount; the amount is in count */
	size_t text_at, text_len;
	int line;
};

struct scenario {
	struct scenario_step step[SCENARIO_STEPS_MAX];
	size_t count;
	uint8_t texts[SCENARIO_TEXTS_MAX];
	size_t texts_len;
};

/* ERR_FORMAT with line number and words. About 60 kB: the caller keeps it on the heap or static. */
ERR_MUST_CHECK enum err_code scenario_parse(
	struct scenario *out, struct span text, struct err *err);

#endif
