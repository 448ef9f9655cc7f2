/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verdict sounds like: a program of the configuration for each, the terminal's bell where
 * none is named or the one that is named does not run. Watches the counter and decides nothing.
 *
 *   heard when               program, else beeps
 *   -----------------------  ---------------------------------------------------
 *   RESULT, accepted         [sound] accepted, one
 *   RESULT, refused or none  [sound] refused, two; also for whatever is none of the others
 *   UNCERTAIN begins, and    [sound] uncertain, three
 *   RESULT, uncertain
 *   RESULT, unconfirmed      [sound] unconfirmed, three
 */
#ifndef UI_SOUND_H
#define UI_SOUND_H

#include "ui/counter.h"
#include "ui/runner.h"
#include "ui/screen.h"
#include "ui/settings_programs.h"

#define SOUND_LIMIT_MS 10000 /* for one; the next verdict ends it before that */

struct sound {
	const struct sound_settings *settings;
	struct runner runner;
	enum sound_kind playing; /* asked for last */
	uint32_t playing_id;
	int64_t now_ms;
};

/* What is heard after a step of the flow. Pure. */
enum sound_kind sound_of(const struct flow *f, enum flow_phase before);
enum screen_bell sound_bell(enum sound_kind kind);

/* settings is borrowed. */
void sound_init(struct sound *s, const struct sound_settings *settings, struct counter *c);
void sound_done(struct sound *s); /* also of a zeroed struct */
void sound_tick(struct sound *s, int64_t now_ms); /* as runner_tick() */
int64_t sound_next_ms(const struct sound *s);

#endif
