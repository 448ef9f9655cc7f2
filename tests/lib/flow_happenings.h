/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that can happen at a counter, as a list of named events: for the table of docs/flow.md
 * and for walking through all the states that they lead to.
 */
#ifndef TESTS_LIB_FLOW_HAPPENINGS_H
#define TESTS_LIB_FLOW_HAPPENINGS_H

#include "tests/lib/flow_kit.h"

static inline void see_first(struct counter *c)
{
	counter_see_one(c, kit_first('A'));
}

static inline void see_first_other(struct counter *c)
{
	counter_see_one(c, kit_first('B'));
}

static inline void see_two_firsts(struct counter *c)
{
	counter_see_two(c, kit_first('A'), kit_first('B'));
}

static inline void see_first_and_second(struct counter *c)
{
	counter_see_two(c, kit_first('A'), kit_second('A', 3));
}

static inline void see_other_issuer(struct counter *c)
{
	counter_see_one(c, kit_judged('I', FLOW_CODE_OTHER_ISSUER));
}

static inline void see_unknown_issuer(struct counter *c)
{
	counter_see_one(c, kit_judged('U', FLOW_CODE_UNKNOWN_ISSUER));
}

static inline void see_forged(struct counter *c)
{
	counter_see_one(c, kit_judged('F', FLOW_CODE_FORGED));
}

static inline void see_expired(struct counter *c)
{
	counter_see_one(c, kit_judged('E', FLOW_CODE_EXPIRED));
}

static inline void see_expired_same(struct counter *c)
{
	counter_see_one(c, kit_judged('A', FLOW_CODE_EXPIRED));
}

static inline void see_second_1(struct counter *c)
{
	counter_see_one(c, kit_second('A', 1));
}

static inline void see_second_new(struct counter *c)
{
	counter_see_one(c, kit_second('A', 2));
}

static inline void see_two_seconds(struct counter *c)
{
	counter_see_two(c, kit_second('A', 2), kit_second('A', 3));
}

static inline void see_second_earlier(struct counter *c)
{
	counter_see_one(c, kit_second('A', 0));
}

static inline void see_second_other(struct counter *c)
{
	counter_see_one(c, kit_second('B', 1));
}

static inline void see_second_and_other(struct counter *c)
{
	counter_see_two(c, kit_second('A', 2), kit_first('B'));
}

static inline void see_web(struct counter *c)
{
	counter_see_one(c, kit_foreign(CODE_FOREIGN_WEB, "https://example.com"));
}

static inline void see_text(struct counter *c)
{
	counter_see_one(c, kit_foreign(CODE_FOREIGN_TEXT, "6901234567892"));
}

static inline void see_damaged(struct counter *c)
{
	counter_see_one(c, kit_foreign(CODE_FOREIGN_DAMAGED, "HTTPS://A/C/AE"));
}

static inline void see_other_kind(struct counter *c)
{
	counter_see_one(c, kit_other_kind());
}

static inline void started_malformed(struct counter *c)
{
	struct flow_event ev = kit_started(c->f.serial);

	ev.started.number[0] = 'x';
	counter_step(c, &ev);
}

static inline void started_too_late(struct counter *c)
{
	struct flow_event ev = kit_started(c->f.serial);

	ev.started.lifetime_ms = 0;
	counter_step(c, &ev);
}

static inline void started_old(struct counter *c)
{
	struct flow_event ev = kit_started(c->f.serial - 1);

	counter_step(c, &ev);
}

static inline void refused(struct counter *c)
{
	counter_refused(c, REASON_FROZEN, false);
}

static inline void refused_open(struct counter *c)
{
	counter_refused(c, REASON_WEAK_BINDING, true);
}

static inline void refused_wordless(struct counter *c)
{
	counter_refused(c, REASON_BAD_ANSWER, false);
}

static inline void state_challenged(struct counter *c)
{
	counter_state(c, FLOW_REC_CHALLENGED, false, -1, REASON_NONE);
}

static inline void state_accepted(struct counter *c)
{
	counter_state(c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
}

static inline void state_accepted_pin(struct counter *c)
{
	counter_state(c, FLOW_REC_ACCEPTED, true, -1, REASON_NONE);
}

static inline void state_wrong_pin(struct counter *c)
{
	counter_state(c, FLOW_REC_ACCEPTED, true, c->f.pin_try, REASON_WRONG_PIN);
}

static inline void state_pin_not_counted(struct counter *c)
{
	counter_state(c, FLOW_REC_ACCEPTED, true, c->f.pin_try - 1, REASON_NONE);
}

static inline void state_authorised(struct counter *c)
{
	counter_state(c, FLOW_REC_AUTHORISED, true, -1, REASON_NONE);
}

static inline void state_rejected(struct counter *c)
{
	counter_state(c, FLOW_REC_REJECTED, false, -1, REASON_NONE);
}

static inline void state_expired(struct counter *c)
{
	counter_state(c, FLOW_REC_EXPIRED, false, -1, REASON_NONE);
}

static inline void state_cancelled(struct counter *c)
{
	counter_state(c, FLOW_REC_CANCELLED, false, -1, REASON_NONE);
}

static inline void state_old(struct counter *c)
{
	struct flow_event ev = kit_state(c->f.serial - 1, FLOW_REC_ACCEPTED);

	counter_step(c, &ev);
}

static inline void nobody(struct counter *c)
{
	struct flow_event ev = {
		.kind = FLOW_EV_NO_ANSWER, .serial = c->f.serial, .nobody = true};

	counter_step(c, &ev);
}

static inline void offline_says(struct counter *c, bool written, enum flow_reason reason)
{
	struct flow_event ev = {.kind = FLOW_EV_OFFLINE,
		.serial = c->f.serial,
		.offline = {.written = written, .reason = reason}};

	counter_step(c, &ev);
}

static inline void offline_written(struct counter *c)
{
	offline_says(c, true, REASON_NONE);
}

static inline void offline_limit(struct counter *c)
{
	offline_says(c, false, REASON_OFFLINE_LIMIT);
}

static inline void offline_frozen(struct counter *c)
{
	offline_says(c, false, REASON_FROZEN);
}

static inline void told(struct counter *c)
{
	struct flow_event ev = {.kind = FLOW_EV_TOLD};

	memcpy(ev.about, c->f.id, sizeof ev.about);
	counter_step(c, &ev);
}

static inline void told_other(struct counter *c)
{
	struct flow_event ev = {.kind = FLOW_EV_TOLD, .about = "00000000000000000000000000000000"};

	counter_step(c, &ev);
}

static inline void looked(struct counter *c, enum flow_recorded state)
{
	struct flow_event ev = kit_state(0, state);

	ev.kind = FLOW_EV_LOOKED;
	memcpy(ev.about, c->f.id, sizeof ev.about);
	ev.answer.pin_required = c->f.pin_required;
	if (state == FLOW_REC_REJECTED)
		ev.answer.reason = REASON_FROZEN;
	counter_step(c, &ev);
}

static inline void looked_challenged(struct counter *c)
{
	looked(c, FLOW_REC_CHALLENGED);
}

static inline void looked_accepted(struct counter *c)
{
	looked(c, FLOW_REC_ACCEPTED);
}

static inline void looked_authorised(struct counter *c)
{
	looked(c, FLOW_REC_AUTHORISED);
}

static inline void looked_rejected(struct counter *c)
{
	looked(c, FLOW_REC_REJECTED);
}

static inline void looked_expired(struct counter *c)
{
	looked(c, FLOW_REC_EXPIRED);
}

static inline void looked_cancelled(struct counter *c)
{
	looked(c, FLOW_REC_CANCELLED);
}

static inline void looked_other(struct counter *c)
{
	struct flow_event ev = kit_state(0, FLOW_REC_REJECTED);

	ev.kind = FLOW_EV_LOOKED;
	memcpy(ev.about, "00000000000000000000000000000000", sizeof ev.about);
	counter_step(c, &ev);
}

static inline void pin_typed(struct counter *c)
{
	counter_event(c, FLOW_EV_PIN_TYPED);
}

static inline void cancel(struct counter *c)
{
	counter_event(c, FLOW_EV_CANCEL);
}

static inline void end_of_frames(struct counter *c)
{
	counter_event(c, FLOW_EV_END);
}

static inline void time_now(struct counter *c)
{
	counter_wait(c, 0);
}

static inline void time_next(struct counter *c)
{
	int64_t next = flow_next_ms(&c->f);

	counter_wait(c, next == INT64_MAX ? 0 : next - c->now);
}

static inline void time_deadline(struct counter *c)
{
	bool in_use = c->f.phase != FLOW_WAITING && c->f.phase != FLOW_STARTING;

	counter_wait(c, !in_use || c->f.deadline_ms == INT64_MAX ? 0 : c->f.deadline_ms - c->now);
}

static const struct happening {
	const char *name;
	void (*happen)(struct counter *c);
} HAPPENINGS[] = {
	{"first code of A", see_first},
	{"first code of B", see_first_other},
	{"first codes of A and B in one frame", see_two_firsts},
	{"first code and second code 3 of A in one frame", see_first_and_second},
	{"first code of another issuer", see_other_issuer},
	{"first code of an issuer that cannot be told", see_unknown_issuer},
	{"first code with a wrong signature", see_forged},
	{"first code that has expired", see_expired},
	{"first code of A, expired by now", see_expired_same},
	{"second code 1 of A", see_second_1},
	{"second code 2 of A", see_second_new},
	{"second codes 2 and 3 of A in one frame", see_two_seconds},
	{"second code of A sent in an earlier verification", see_second_earlier},
	{"second code of B", see_second_other},
	{"second code 2 of A and first code of B in one frame", see_second_and_other},
	{"web address", see_web},
	{"plain text", see_text},
	{"damaged code", see_damaged},
	{"code of another kind", see_other_kind},
	{"answer: started", counter_started},
	{"answer: started, PIN wanted", counter_started_pin},
	{"answer: started, malformed", started_malformed},
	{"answer: started, number has run out", started_too_late},
	{"answer: started, to an older request", started_old},
	{"answer: refused (frozen)", refused},
	{"answer: refused, still open (weak-binding)", refused_open},
	{"answer: refused without a known word", refused_wordless},
	{"answer: challenged", state_challenged},
	{"answer: accepted, no PIN wanted", state_accepted},
	{"answer: accepted, PIN wanted", state_accepted_pin},
	{"answer: accepted, this PIN try was wrong", state_wrong_pin},
	{"answer: accepted, this PIN try was not counted", state_pin_not_counted},
	{"answer: authorised", state_authorised},
	{"answer: rejected", state_rejected},
	{"answer: expired", state_expired},
	{"answer: cancelled", state_cancelled},
	{"answer: accepted, to an older request", state_old},
	{"no answer", counter_lost},
	{"no answer, nobody was reached", nobody},
	{"offline policy: written down", offline_written},
	{"offline policy: not written down (offline-limit)", offline_limit},
	{"offline policy: not written down (frozen)", offline_frozen},
	{"told: this verification has changed", told},
	{"told: another verification has changed", told_other},
	{"looked: challenged", looked_challenged},
	{"looked: accepted", looked_accepted},
	{"looked: authorised", looked_authorised},
	{"looked: rejected (frozen)", looked_rejected},
	{"looked: expired", looked_expired},
	{"looked: cancelled", looked_cancelled},
	{"looked: rejected, another verification", looked_other},
	{"PIN typed", pin_typed},
	{"cancel", cancel},
	{"end of frames", end_of_frames},
	{"time: nothing is due", time_now},
	{"time: the next thing is due", time_next},
	{"time: the end of the phase has come", time_deadline},
};

#define HAPPENING_COUNT (sizeof HAPPENINGS / sizeof HAPPENINGS[0])

#endif
