/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts that are heard.
 */
#include "ui/sound.h"

#include <string.h>

static int64_t real_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

/* ---- what ---- */

static enum sound_kind of_verdict(enum verdict v)
{
	switch (v) {
	case VERDICT_ACCEPTED:
		return SOUND_ACCEPTED;
	case VERDICT_UNCERTAIN:
		return SOUND_UNCERTAIN;
	case VERDICT_UNCONFIRMED:
		return SOUND_UNCONFIRMED;
	case VERDICT_REFUSED:
	case VERDICT_NONE:
		break;
	}
	return SOUND_REFUSED;
}

enum sound_kind sound_of(const struct flow *f, enum flow_phase before)
{
	if (f->phase == before)
		return SOUND_NONE;
	if (f->phase == FLOW_UNCERTAIN)
		return SOUND_UNCERTAIN;
	return f->phase == FLOW_RESULT ? of_verdict(f->verdict) : SOUND_NONE;
}

enum screen_bell sound_bell(enum sound_kind kind)
{
	switch (kind) {
	case SOUND_ACCEPTED:
		return SCREEN_BELL_ACCEPTED;
	case SOUND_UNCERTAIN:
	case SOUND_UNCONFIRMED:
		return SCREEN_BELL_UNCERTAIN;
	case SOUND_NONE:
		return SCREEN_BELL_NONE;
	case SOUND_REFUSED:
	case SOUND_COUNT:
		break;
	}
	return SCREEN_BELL_REFUSED;
}

/* ---- how ---- */

/* A loudspeaker that is out of order must not make the counter silent. */
static void on_end(void *ctx, const struct runner_end *end)
{
	struct sound *s = ctx;
	bool heard = end->ending == RUNNER_WELL || end->ending == RUNNER_DROPPED;

	if (!heard && end->id == s->playing_id)
		screen_bell(sound_bell(s->playing), s->now_ms);
}

static void play(struct sound *s, enum sound_kind kind, int64_t now_ms)
{
	const struct runner_job job = {.command = &s->settings->command[kind]};

	s->now_ms = now_ms;
	s->playing = kind;
	s->playing_id = 0;
	runner_drop(&s->runner, now_ms); /* the verdict before is no news any more */
	if (!runner_command_is_set(job.command) ||
		runner_run(&s->runner, &s->playing_id, &job, NULL) != ERR_OK)
		screen_bell(sound_bell(kind), now_ms);
}

/* In virtual time verdicts come faster than anybody listens: then there is the bell only. */
static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	struct sound *s = ctx;
	enum sound_kind kind = sound_of(&c->flow, before);

	if (kind == SOUND_NONE)
		return;
	if (c->stepped)
		screen_bell(sound_bell(kind), real_ms());
	else
		play(s, kind, real_ms());
}

void sound_init(struct sound *s, const struct sound_settings *settings, struct counter *c)
{
	const struct runner_options opt = {
		.area = "sound",
		.limit_ms = SOUND_LIMIT_MS,
		.outlives = true, /* a single verification ends with its sound */
		.ended = on_end,
		.ctx = s,
	};
	const struct counter_watch watch = {.stepped = stepped, .ctx = s};

	memset(s, 0, sizeof *s);
	s->settings = settings;
	runner_init(&s->runner, &opt);
	counter_watch_add(c, &watch);
}

void sound_done(struct sound *s)
{
	runner_done(&s->runner);
}

void sound_tick(struct sound *s, int64_t now_ms)
{
	s->now_ms = now_ms;
	runner_tick(&s->runner, now_ms);
}

int64_t sound_next_ms(const struct sound *s)
{
	return runner_next_ms(&s->runner);
}
