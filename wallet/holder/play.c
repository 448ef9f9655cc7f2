/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline: which step runs, what it waits for, and the camera's knobs on the way.
 */
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/play_private.h"

enum err_code play_new(struct play **out, const struct play_options *opt, struct err *err)
{
	struct play *p = calloc(1, sizeof(*p));

	*out = NULL;
	if (!p)
		return err_set(err, ERR_NO_MEMORY, "no memory for the scenario");
	p->opt = *opt;
	for (int i = 0; i < CAMERA_PHONES; i++)
		p->phone[i].wallet = opt->wallet[i];
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		p->knob[i] = (struct play_knob){
			.from = camera_knobs[i].start, .to = camera_knobs[i].start};
	p->step_ms = -1;
	*out = p;
	return ERR_OK;
}

void play_free(struct play **p)
{
	if (!*p)
		return;
	sec_wipe(*p, sizeof(**p));
	free(*p);
	*p = NULL;
}

void play_tell(struct play *p, const struct play_event *ev)
{
	if (!ev->known)
		return;
	p->seen[ev->kind]++;
	if (ev->kind != EVENT_NUMBER)
		return;
	memcpy(p->older, p->number, sizeof(p->older));
	memcpy(p->number, ev->number, sizeof(p->number));
	memcpy(p->challenge, ev->challenge, sizeof(p->challenge));
}

void play_tell_over(struct play *p)
{
	p->no_more_events = true;
}

/* ---- camera knobs ---- */

static double knob_now(const struct play_knob *k, int64_t at_ms)
{
	if (at_ms >= k->until_ms)
		return k->returns ? k->from : k->to;
	if (k->returns)
		return k->to;
	return k->from + (k->to - k->from) * (double)(at_ms - k->begin_ms) /
				 (double)(k->until_ms - k->begin_ms);
}

static void knob_turn(struct play *p, const struct scenario_step *s)
{
	struct play_knob *k = &p->knob[s->what];
	double now = knob_now(k, p->step_ms);

	*k = (struct play_knob){.from = now,
		.to = s->value,
		.begin_ms = p->step_ms,
		.until_ms = p->step_ms + s->ms,
		.returns = s->how == HOW_FOR};
	if (s->how == HOW_SET)
		k->from = k->to;
}

void play_shot(const struct play *p, struct camera_shot *out)
{
	for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
		out->knob[i] = knob_now(&p->knob[i], p->at_ms);
	for (int i = 0; i < CAMERA_PHONES; i++)
		out->in_view[i] = p->phone[i].show != SHOW_NOTHING;
	out->at_ms = p->at_ms;
}

bool play_cut_next(struct play *p)
{
	if (p->cut == 0)
		return false;
	p->cut--;
	return true;
}

/* ---- steps ---- */

enum step_result {
	STEP_DONE, /* the next one may run */
	STEP_WAITS,
	STEP_OVER,
	STEP_FAILED
};

/* Waits for a time: the next step begins exactly then, between two frames. */
static enum step_result until(struct play *p, int64_t ms)
{
	if (p->at_ms < p->step_ms + ms)
		return STEP_WAITS;
	p->step_ms += ms;
	return STEP_DONE;
}

static enum step_result event_wait(struct play *p, const struct scenario_step *s)
{
	if (p->seen[s->what] > p->used[s->what]) {
		p->used[s->what] = p->seen[s->what];
		p->step_ms = p->at_ms;
		return STEP_DONE;
	}
	if (s->ms)
		return until(p, s->ms);
	return STEP_WAITS;
}

/* How much of the number is typed: the first third of the time goes into reading it. */
static size_t typed_len(size_t len, int64_t passed_ms, int64_t whole_ms)
{
	int64_t reading_ms = whole_ms / 3;

	if (passed_ms <= reading_ms)
		return 0;
	return (size_t)((int64_t)len * (passed_ms - reading_ms) / (whole_ms - reading_ms));
}

static enum step_result answering(struct play *p, const struct scenario_step *s, struct err *err)
{
	if (s->what != ANSWER_AGAIN && p->number[0] == 0)
		return STEP_WAITS;
	if (!play_phone_answer(p, &p->phone[s->phone], s, err))
		return STEP_DONE;
	err_prefix(err, "scenario, line %d", s->line);
	return STEP_FAILED;
}

static enum step_result typing(struct play *p, const struct scenario_step *s, struct err *err)
{
	struct play_phone *phone = &p->phone[s->phone];
	size_t len = strlen(p->number);

	if (len == 0) { /* nothing to read on the screen yet */
		p->step_ms = p->at_ms;
		return STEP_WAITS;
	}
	phone->show = SHOW_TYPING;
	memset(phone->typed, 0, sizeof(phone->typed));
	if (until(p, s->ms) == STEP_DONE) {
		memcpy(phone->typed, p->number, len);
		return answering(p, s, err); /* what: ANSWER_DEFAULT */
	}
	memcpy(phone->typed, p->number, typed_len(len, p->at_ms - p->step_ms, s->ms));
	return STEP_WAITS;
}

static enum step_result showing(struct play *p, const struct scenario_step *s, struct err *err)
{
	struct play_phone *phone = &p->phone[s->phone];
	bool own = s->what == SHOW_FIRST || s->what == SHOW_STATIC || s->what == SHOW_FORGED;

	if (own && !phone->wallet) {
		err_set(err, ERR_USAGE, "scenario, line %d: phone 2 has no wallet; give --wallet2",
			s->line);
		return STEP_FAILED;
	}
	if (s->what == SHOW_SECOND && phone->second_len == 0) {
		err_set(err, ERR_INVALID, "scenario, line %d: nothing was answered yet", s->line);
		return STEP_FAILED;
	}
	phone->show = (enum scenario_show)s->what;
	phone->text = SPAN(p->opt.scenario->texts + s->text_at, s->text_len);
	return STEP_DONE;
}

static void repeat_enter(struct play *p, const struct scenario_step *s)
{
	p->left[p->depth++] = s->count - 1;
	ASSERT(p->depth <= SCENARIO_DEPTH_MAX);
}

static void repeat_again(struct play *p, const struct scenario_step *s)
{
	if (p->left[p->depth - 1]-- > 0)
		p->next = s->jump - 1; /* the caller adds one */
	else
		p->depth--;
}

static enum step_result step_run(struct play *p, const struct scenario_step *s, struct err *err)
{
	switch (s->verb) {
	case SCENARIO_SHOW:
		return showing(p, s, err);
	case SCENARIO_WAIT:
		return until(p, s->ms);
	case SCENARIO_WAIT_EVENT:
		return event_wait(p, s);
	case SCENARIO_TYPE:
		return typing(p, s, err);
	case SCENARIO_ANSWER:
		return answering(p, s, err);
	case SCENARIO_CAMERA:
		knob_turn(p, s);
		break;
	case SCENARIO_CAMERA_RESET:
		for (int i = 0; i < CAMERA_KNOB_COUNT; i++)
			p->knob[i] = (struct play_knob){
				.from = camera_knobs[i].start, .to = camera_knobs[i].start};
		break;
	case SCENARIO_INVERT:
		p->phone[s->phone].inverted = s->count;
		break;
	case SCENARIO_CLOCK:
		p->phone[s->phone].clock_s = s->count;
		break;
	case SCENARIO_TRUNCATE:
		p->cut += s->count;
		break;
	case SCENARIO_REPEAT:
		repeat_enter(p, s);
		break;
	case SCENARIO_AGAIN:
		repeat_again(p, s);
		break;
	case SCENARIO_END:
		return STEP_OVER;
	}
	return STEP_DONE;
}

enum err_code play_advance(struct play *p, int64_t at_ms, int64_t unix_ms, struct err *err)
{
	if (p->step_ms < 0)
		p->step_ms = at_ms;
	p->at_ms = at_ms;
	p->unix_ms = unix_ms;
	for (int i = 0; i < PLAY_STEPS_A_FRAME; i++) {
		if (p->next == p->opt.scenario->count)
			return ERR_CLOSED;
		switch (step_run(p, &p->opt.scenario->step[p->next], err)) {
		case STEP_DONE:
			p->next++;
			break;
		case STEP_WAITS:
			return ERR_OK;
		case STEP_OVER:
			return ERR_CLOSED;
		case STEP_FAILED:
			return err && err->code ? err->code : ERR_INVALID;
		}
	}
	return ERR_OK;
}

bool play_is_stuck(const struct play *p)
{
	const struct scenario_step *s = &p->opt.scenario->step[p->next];

	if (!p->no_more_events || p->next == p->opt.scenario->count)
		return false;
	switch (s->verb) {
	case SCENARIO_WAIT_EVENT:
		return s->ms == 0 && p->seen[s->what] <= p->used[s->what];
	case SCENARIO_TYPE:
	case SCENARIO_ANSWER:
		return p->number[0] == 0;
	default:
		return false;
	}
}
