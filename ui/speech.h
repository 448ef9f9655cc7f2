/* SPDX-License-Identifier: Apache-2.0
 *
 * The number, the amount and the verdict aloud, for customers who cannot see them: sentences of the
 * language in force go to the standard input of a program of the configuration, for example
 * `espeak-ng -v {language}`. Watches the counter and decides nothing.
 *
 * What is said concerns the customer: a refusal without its reason (everybody in the queue hears
 * it), of a PIN that it is wanted or was wrong, and never a digit of it.
 */
#ifndef UI_SPEECH_H
#define UI_SPEECH_H

#include "ui/counter.h"
#include "ui/runner.h"
#include "ui/settings_programs.h"

#define SPEECH_LIMIT_MS      60000 /* for one text; what happens next ends it before that */
#define SPEECH_TEXT_MAX      512

struct speech {
	const struct speech_settings *settings;
	struct runner runner;
	char number[SPEECH_TEXT_MAX]; /* what is repeated; "" = nothing */
	int64_t repeat_ms;            /* when; INT64_MAX = not now */
	int64_t now_ms;
};

/* What is said after a step of the flow, in the language in force; "" = nothing. True: what was
 * being said is over. Pure.
 */
bool speech_of(char out[static SPEECH_TEXT_MAX], const struct flow *f,
	const struct client_sale *sale, enum flow_phase before, bool verdicts);

/* settings is borrowed. */
void speech_init(struct speech *s, const struct speech_settings *settings, struct counter *c);
void speech_done(struct speech *s); /* also of a zeroed struct */
void speech_tick(struct speech *s, int64_t now_ms); /* as runner_tick() */
int64_t speech_next_ms(const struct speech *s);

#endif
