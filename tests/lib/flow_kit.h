/* SPDX-License-Identifier: Apache-2.0
 *
 * A counter for tests of the flow: events with few words, and the way to every phase. People are
 * letters; person 'A' shows first code 'A' and second codes numbered from 1.
 */
#ifndef TESTS_LIB_FLOW_KIT_H
#define TESTS_LIB_FLOW_KIT_H

#include <stdio.h>
#include <string.h>

#include "verifier/flow.h"

#define KIT_LIFETIME_MS 60000

struct counter {
	struct flow f;
	struct flow_actions out;
	int64_t now;
	struct flow_event event; /* of the last step */
};

static inline void counter_open(struct counter *c)
{
	memset(c, 0, sizeof *c);
	flow_init(&c->f);
	c->now = 1000;
}

static inline void counter_step(struct counter *c, struct flow_event *ev)
{
	ev->now_ms = c->now;
	c->event = *ev;
	flow_step(&c->f, &c->out, ev);
}

static inline bool counter_did(const struct counter *c, enum flow_action_kind kind)
{
	for (size_t i = 0; i < c->out.count; i++) {
		if (c->out.list[i].kind == kind)
			return true;
	}
	return false;
}

/* ---- codes ---- */

static inline struct flow_code kit_first(char person)
{
	struct flow_code c = {.judgement = FLOW_CODE_FIRST, .live = true};

	memset(c.credential_id, person, sizeof c.credential_id);
	snprintf(c.text, sizeof c.text, "FIRST CODE OF %c", person);
	return c;
}

static inline struct flow_code kit_judged(char person, enum flow_code_judgement judgement)
{
	struct flow_code c = kit_first(person);

	c.judgement = judgement;
	return c;
}

static inline struct flow_code kit_second(char person, unsigned n)
{
	struct flow_code c = {.judgement = FLOW_CODE_SECOND};

	memset(c.credential_id, person, CODE_ID_SHORT_LEN);
	be32_put(c.response_head, (uint32_t)person);
	be32_put(c.response_head + 4, n);
	snprintf(c.text, sizeof c.text, "SECOND CODE %u OF %c", n, person);
	return c;
}

static inline struct flow_code kit_foreign(enum code_foreign foreign, const char *text)
{
	struct flow_code c = {.judgement = FLOW_CODE_FOREIGN, .foreign = foreign};

	snprintf(c.text, sizeof c.text, "%s", text);
	return c;
}

static inline struct flow_code kit_other_kind(void)
{
	struct flow_code c = {.judgement = FLOW_CODE_OTHER_KIND};

	snprintf(c.text, sizeof c.text, "A RECEIPT");
	return c;
}

/* ---- events ---- */

static inline void counter_see(struct counter *c, const struct flow_code *list, size_t count)
{
	struct flow_event ev = {.kind = FLOW_EV_CODES};

	for (size_t i = 0; i < count; i++)
		ev.codes.list[i] = list[i];
	ev.codes.count = count;
	counter_step(c, &ev);
}

static inline void counter_see_one(struct counter *c, struct flow_code code)
{
	counter_see(c, &code, 1);
}

static inline void counter_see_two(struct counter *c, struct flow_code a, struct flow_code b)
{
	struct flow_code both[] = {a, b};

	counter_see(c, both, 2);
}

static inline void counter_event(struct counter *c, enum flow_event_kind kind)
{
	struct flow_event ev = {.kind = kind, .serial = c->f.serial};

	counter_step(c, &ev);
}

static inline void counter_wait(struct counter *c, int64_t ms)
{
	c->now += ms;
	counter_event(c, FLOW_EV_TIME);
}

static inline struct flow_event kit_started(uint32_t serial)
{
	struct flow_event ev = {.kind = FLOW_EV_STARTED, .serial = serial};

	snprintf(ev.started.id, sizeof ev.started.id, "%032x", serial);
	snprintf(ev.started.number, sizeof ev.started.number, "012345");
	snprintf(ev.started.challenge_code, sizeof ev.started.challenge_code, "CHALLENGE");
	snprintf(ev.started.credential.holder, FLOW_LABEL_MAX, "Li Lei");
	ev.started.lifetime_ms = KIT_LIFETIME_MS;
	return ev;
}

static inline struct flow_event kit_state(uint32_t serial, enum flow_recorded state)
{
	struct flow_event ev = {.kind = FLOW_EV_STATE, .serial = serial};

	ev.answer.state = state;
	ev.answer.attempts_left = -1;
	ev.answer.pin_tries_used = -1;
	if (state == FLOW_REC_ACCEPTED || state == FLOW_REC_AUTHORISED)
		snprintf(ev.answer.receipt, sizeof ev.answer.receipt, "R-1");
	return ev;
}

static inline struct flow_event kit_refused(uint32_t serial, enum flow_reason reason, bool open)
{
	struct flow_event ev = {.kind = FLOW_EV_REFUSED, .serial = serial};

	ev.refusal.reason = reason;
	ev.refusal.attempts_left = -1;
	ev.refusal.still_open = open;
	return ev;
}

static inline void counter_started(struct counter *c)
{
	struct flow_event ev = kit_started(c->f.serial);

	counter_step(c, &ev);
}

/* The account has a PIN, and this verification wants it. */
static inline void counter_started_pin(struct counter *c)
{
	struct flow_event ev = kit_started(c->f.serial);

	ev.started.pin_required = true;
	counter_step(c, &ev);
}

static inline void counter_refused(struct counter *c, enum flow_reason reason, bool open)
{
	struct flow_event ev = kit_refused(c->f.serial, reason, open);

	counter_step(c, &ev);
}

/* pin: the account has one; used: tries counted, -1 = not said. */
static inline void counter_state(
	struct counter *c, enum flow_recorded state, bool pin, int used, enum flow_reason reason)
{
	struct flow_event ev = kit_state(c->f.serial, state);

	ev.answer.pin_required = pin;
	ev.answer.pin_tries_used = used;
	ev.answer.reason = reason;
	counter_step(c, &ev);
}

static inline void counter_lost(struct counter *c)
{
	counter_event(c, FLOW_EV_NO_ANSWER);
}

/* ---- the way to every phase, with person A ---- */

static inline void counter_to_number(struct counter *c)
{
	counter_see_one(c, kit_first('A'));
	counter_started(c);
}

static inline void counter_to_answering(struct counter *c)
{
	counter_to_number(c);
	counter_see_one(c, kit_second('A', 1));
}

static inline void counter_to_answering_pin(struct counter *c)
{
	counter_see_one(c, kit_first('A'));
	counter_started_pin(c);
	counter_see_one(c, kit_second('A', 1));
}

static inline void counter_to_pin(struct counter *c)
{
	counter_to_answering_pin(c);
	counter_state(c, FLOW_REC_ACCEPTED, true, -1, REASON_NONE);
}

static inline void counter_to_pin_sent(struct counter *c, int pin_try)
{
	counter_to_pin(c);
	counter_event(c, FLOW_EV_PIN_TYPED);
	while (c->f.pin_try < pin_try) {
		counter_state(c, FLOW_REC_ACCEPTED, true, -1, REASON_WRONG_PIN);
		counter_event(c, FLOW_EV_PIN_TYPED);
	}
}

#endif
