/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of the flow after every step, whatever happens; and random things to happen. For
 * the random walk, the walk through all states, and the fuzz target. No cmocka here.
 */
#ifndef TESTS_LIB_FLOW_RULES_H
#define TESTS_LIB_FLOW_RULES_H

#include "tests/lib/flow_kit.h"

/* ---- rules ---- */

/* What the rules remember of the steps before: their own account, not the flow's. */
struct flow_rules {
	bool pin_open;    /* PIN_OPEN came, PIN_CLOSE did not */
	bool answer_sent; /* in the verification since the last START */
	bool pin_sent;
	bool pending; /* an ANSWER or PIN was sent and may still be taken: no outcome of it came */
	uint32_t open_serial; /* of the request that has no answer yet; 0 = none */
	uint32_t last_serial;
	uint32_t accepted; /* verdicts seen, so that a test can see that there were some */
	uint32_t unconfirmed;
	uint32_t finished;
};

static inline bool rules_text(const char *text, size_t cap)
{
	return strnlen(text, cap) < cap;
}

static inline bool rules_is_request(enum flow_action_kind kind)
{
	return kind == FLOW_DO_START || kind == FLOW_DO_ANSWER || kind == FLOW_DO_PIN ||
	       kind == FLOW_DO_ASK || kind == FLOW_DO_OFFLINE;
}

static inline const char *rules_request(struct flow_rules *r, const struct flow_action *a,
	const struct flow *before, const struct flow_event *ev, const struct flow *after)
{
	bool seen = ev->kind == FLOW_EV_CODES;

	if (r->open_serial)
		return "a request while one is in flight";
	if (a->serial == 0 || a->serial == r->last_serial)
		return "a serial that is not fresh";
	if (a->serial != after->serial)
		return "a serial that is not the running request's";
	if (a->kind == FLOW_DO_START && !(seen && before->phase == FLOW_WAITING) &&
		before->phase != FLOW_STARTING)
		return "a start from nowhere";
	if (a->kind == FLOW_DO_ANSWER && !(seen && before->phase == FLOW_NUMBER) &&
		before->phase != FLOW_UNCERTAIN)
		return "an answer from nowhere";
	if (a->kind == FLOW_DO_PIN && (ev->kind != FLOW_EV_PIN_TYPED || before->phase != FLOW_PIN))
		return "a PIN that nobody typed";
	if (a->kind == FLOW_DO_ASK && !r->answer_sent)
		return "a question about nothing";
	if (a->kind == FLOW_DO_OFFLINE &&
		(before->phase != FLOW_STARTING || ev->kind != FLOW_EV_NO_ANSWER || !ev->nobody ||
			!before->offline || before->offline_asked))
		return "the offline policy asked without need";
	if (a->kind == FLOW_DO_START)
		r->answer_sent = r->pin_sent = r->pending = false;
	if (a->kind == FLOW_DO_ANSWER || a->kind == FLOW_DO_PIN)
		r->pending = true;
	if (a->kind == FLOW_DO_ANSWER)
		r->answer_sent = true;
	if (a->kind == FLOW_DO_PIN)
		r->pin_sent = true;
	r->open_serial = r->last_serial = a->serial;
	return NULL;
}

static inline const char *rules_action(struct flow_rules *r, const struct flow_action *a,
	const struct flow *before, const struct flow_event *ev, const struct flow *after)
{
	if (rules_is_request(a->kind))
		return rules_request(r, a, before, ev, after);
	if (a->serial)
		return "a serial where there is no request";
	switch (a->kind) {
	case FLOW_DO_PIN_OPEN:
		if (r->pin_open)
			return "PIN opened twice";
		r->pin_open = true;
		return NULL;
	case FLOW_DO_PIN_CLOSE:
		if (!r->pin_open)
			return "PIN closed twice";
		r->pin_open = false;
		return NULL;
	case FLOW_DO_CANCEL:
		return after->id[0] ? NULL : "a cancel without an id";
	case FLOW_DO_LOOK:
		return ev->kind == FLOW_EV_TOLD && after->id[0] ? NULL : "a look without a cause";
	default:
		r->finished++;
		return after->phase == FLOW_RESULT ? NULL : "finished without a result";
	}
}

/* Evidence, from the event itself. */
static inline const char *rules_accepted(
	struct flow_rules *r, const struct flow_event *ev, uint32_t open_serial)
{
	r->accepted++;
	if (ev->kind != FLOW_EV_STATE || ev->serial != open_serial || !open_serial)
		return "accepted without an answer to the running request";
	if (!r->answer_sent)
		return "accepted without a second code";
	if (r->pin_sent ? ev->answer.state != FLOW_REC_AUTHORISED
			: ev->answer.state != FLOW_REC_ACCEPTED || ev->answer.pin_required)
		return "accepted though the answer did not say so";
	return NULL;
}

/* Nothing but what was written down, in answer to the question; and never more than once. */
static inline const char *rules_unconfirmed(struct flow_rules *r, const struct flow *before,
	const struct flow *after, const struct flow_event *ev, uint32_t open_serial)
{
	r->unconfirmed++;
	if (ev->kind != FLOW_EV_OFFLINE || !ev->offline.written || !open_serial ||
		ev->serial != open_serial || before->phase != FLOW_STARTING ||
		!before->offline_asked || !before->offline)
		return "unconfirmed though nothing was written down";
	if (after->id[0] || after->second_code[0] || after->receipt[0] ||
		after->receipt_code[0] || after->pin_done)
		return "unconfirmed, and more";
	return NULL;
}

/* A refusal that is the terminal's own must not meet what may still be taken. The backend refuses
 * with a final state, with a fourth PIN, or with a problem in answer to the only message sent.
 */
static inline const char *rules_refused(
	const struct flow_rules *r, const struct flow_event *ev, const struct flow *before)
{
	bool state = ev->kind == FLOW_EV_STATE || ev->kind == FLOW_EV_LOOKED;
	bool final = state && (ev->answer.state == FLOW_REC_REJECTED ||
				      ev->answer.state == FLOW_REC_EXPIRED ||
				      ev->answer.state == FLOW_REC_CANCELLED);
	bool fourth = ev->kind == FLOW_EV_STATE && ev->answer.state == FLOW_REC_ACCEPTED &&
		      before->pin_try == FLOW_PIN_TRIES;

	if (!r->pending || final || fourth)
		return NULL;
	if (ev->kind == FLOW_EV_REFUSED && !before->lost &&
		(before->phase == FLOW_ANSWERING || before->phase == FLOW_PIN_SENT))
		return NULL;
	return "refused while something that was sent may still be taken";
}

/* Outcomes: a state that was recorded for the second code, or for this try. */
static inline void rules_outcome(
	struct flow_rules *r, const struct flow *before, const struct flow *after)
{
	if (after->phase == FLOW_PIN &&
		(before->phase == FLOW_ANSWERING || before->phase == FLOW_PIN_SENT ||
			before->phase == FLOW_UNCERTAIN) &&
		after->pin_try > before->pin_try)
		r->pending = false;
	/* The only copy of the second code was refused. */
	if (after->phase == FLOW_NUMBER && before->phase == FLOW_ANSWERING && !before->lost)
		r->pending = false;
}

static inline const char *rules_state(const struct flow_rules *r, const struct flow *f)
{
	if ((unsigned)f->phase >= FLOW_PHASE_COUNT || (unsigned)f->notice >= FLOW_REASON_COUNT ||
		(unsigned)f->reason >= FLOW_REASON_COUNT)
		return "a number outside its list";
	if (f->phase != FLOW_RESULT && (f->verdict != VERDICT_NONE || f->pin_done))
		return "a verdict before the result";
	if (f->phase == FLOW_RESULT && f->verdict != VERDICT_ACCEPTED && f->reason == REASON_NONE)
		return "a result without a reason";
	if (r->pin_open != (f->phase == FLOW_PIN))
		return "PIN entry is open outside PIN";
	if (f->in_flight != (r->open_serial != 0))
		return "in flight, or not";
	if (f->in_flight && (f->phase == FLOW_WAITING || f->phase == FLOW_NUMBER ||
				    f->phase == FLOW_PIN || f->phase == FLOW_RESULT))
		return "a request in flight in a phase that has none";
	if (flow_next_ms(f) <= f->now_ms)
		return "time that is due already: a busy loop";
	if (f->phase != FLOW_WAITING && f->phase != FLOW_RESULT && flow_next_ms(f) == INT64_MAX)
		return "a phase that no time ends";
	if (f->pin_try < 0 || f->pin_try > FLOW_PIN_TRIES)
		return "a PIN try that is none";
	if (!rules_text(f->first_code, sizeof f->first_code) ||
		!rules_text(f->second_code, sizeof f->second_code) ||
		!rules_text(f->challenge_code, sizeof f->challenge_code) ||
		!rules_text(f->id, sizeof f->id) || !rules_text(f->number, sizeof f->number) ||
		!rules_text(f->receipt, sizeof f->receipt) ||
		!rules_text(f->receipt_code, sizeof f->receipt_code) ||
		!rules_text(f->notice_text, sizeof f->notice_text) ||
		!rules_text(f->credential.holder, FLOW_LABEL_MAX) ||
		!rules_text(f->credential.purpose, FLOW_LABEL_MAX) ||
		!rules_text(f->credential.face_value, FLOW_LABEL_MAX))
		return "a text without its end";
	return NULL;
}

/* NULL when every rule holds, else which does not. */
static inline const char *rules_check(struct flow_rules *r, const struct flow *before,
	const struct flow_event *ev, const struct flow *after, const struct flow_actions *out)
{
	uint32_t open_serial = r->open_serial;
	const char *broken = NULL;
	bool finished = out->count && out->list[out->count - 1].kind == FLOW_DO_FINISHED;
	bool entered = after->phase == FLOW_RESULT && before->phase != FLOW_RESULT;
	/* Time ends one result in the very step that brings the end of frames, which is another. */
	bool next_result = ev->kind == FLOW_EV_END && before->phase == FLOW_RESULT && finished;

	if (out->count > FLOW_ACTIONS_MAX)
		return "too many actions";
	if (after->now_ms < before->now_ms)
		return "time goes back";
	/* The request in flight ends with its answer, with time, or with the verification. */
	if (before->in_flight && (!after->in_flight || after->serial != before->serial))
		r->open_serial = 0;
	for (size_t i = 0; i < out->count && !broken; i++)
		broken = rules_action(r, &out->list[i], before, ev, after);
	/* One that was cut off in the step that sent it. */
	if (!after->in_flight)
		r->open_serial = 0;
	if (broken)
		return broken;
	if (finished != (entered || next_result))
		return "a result without FINISHED at the end, or the other way round";
	if (after->verdict == VERDICT_ACCEPTED && before->verdict != VERDICT_ACCEPTED)
		broken = rules_accepted(r, ev, open_serial);
	if (after->verdict == VERDICT_UNCONFIRMED && before->verdict != VERDICT_UNCONFIRMED)
		broken = rules_unconfirmed(r, before, after, ev, open_serial);
	if (entered && after->verdict == VERDICT_REFUSED)
		broken = rules_refused(r, ev, before);
	rules_outcome(r, before, after);
	if (after->phase == FLOW_RESULT)
		r->pending = false;
	if (before->phase == FLOW_RESULT && after->phase == FLOW_RESULT && !next_result &&
		(after->verdict != before->verdict || after->reason != before->reason))
		return "a verdict that changed";
	return broken ? broken : rules_state(r, after);
}

/* ---- chance ---- */

struct chance {
	uint64_t state;      /* of the generator, when there is no data */
	const uint8_t *data; /* fuzz input; when it ends everything is 0 */
	size_t len, at;
};

/* 0 .. n - 1, n up to 256 */
static inline unsigned chance(struct chance *c, unsigned n)
{
	uint64_t z;

	if (c->data)
		return c->at < c->len ? c->data[c->at++] % n : 0;
	z = (c->state += 0x9e3779b97f4a7c15u); /* splitmix64 */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

static inline struct flow_code chance_code(struct chance *c)
{
	char person = (char)('A' + chance(c, 3));
	struct flow_code code;

	switch (chance(c, 8)) {
	case 0:
		code = kit_foreign((enum code_foreign)chance(c, 4), "\x1b[2J foreign");
		break;
	case 1:
		code = kit_judged(person, (enum flow_code_judgement)chance(c, 8));
		break;
	case 2:
	case 3:
	case 4:
		code = kit_first(person);
		break;
	default:
		code = kit_second(person, chance(c, 4));
	}
	if (chance(c, 64) == 63)
		code.text[0] = '\0';
	if (chance(c, 64) == 63)
		memset(code.text, 'x', sizeof code.text); /* no NUL */
	return code;
}

static inline uint32_t chance_serial(struct chance *c, const struct flow *f)
{
	unsigned n = chance(c, 16);

	return n == 15 ? 0 : n == 14 ? f->serial + 1 : n == 13 ? f->serial - 1 : f->serial;
}

static inline struct flow_event chance_answer(struct chance *c, const struct flow *f)
{
	uint32_t serial = chance_serial(c, f);
	enum flow_reason reason;
	struct flow_event ev;

	switch (f->phase == FLOW_STARTING && chance(c, 2) ? 0 : chance(c, 8)) {
	case 0:
	case 1:
		ev = kit_started(serial);
		if (chance(c, 16) == 15)
			memset(ev.started.id, 'f', sizeof ev.started.id); /* no NUL */
		if (chance(c, 16) == 15)
			memset(&ev.started.credential, 'x', sizeof ev.started.credential);
		if (chance(c, 16) == 15)
			ev.started.lifetime_ms = chance(c, 2) ? INT64_MIN : INT64_MAX;
		ev.started.pin_required = chance(c, 2);
		return ev;
	case 2:
		reason = (enum flow_reason)chance(c, FLOW_REASON_COUNT + 2);
		return kit_refused(serial, reason, chance(c, 2));
	case 3:
		ev = (struct flow_event){.kind = FLOW_EV_NO_ANSWER, .serial = serial};
		ev.nobody = chance(c, 4) != 0;
		return ev;
	case 4:
		ev = (struct flow_event){.kind = FLOW_EV_OFFLINE, .serial = serial};
		ev.offline.written = chance(c, 2);
		ev.offline.reason = (enum flow_reason)chance(c, FLOW_REASON_COUNT);
		return ev;
	default:
		ev = kit_state(serial, (enum flow_recorded)chance(c, 7));
		ev.answer.pin_required = chance(c, 4) ? f->pin_required : chance(c, 2);
		reason = chance(c, 2) ? REASON_WRONG_PIN
				      : (enum flow_reason)chance(c, FLOW_REASON_COUNT);
		ev.answer.reason = chance(c, 4) ? REASON_NONE : reason;
		ev.answer.pin_tries_used = (int)chance(c, 6) - 1;
		return ev;
	}
}

static inline int64_t chance_wait(struct chance *c, const struct flow *f)
{
	static const int64_t waits[] = {0, 0, 0, 1, 66, 999, 1000, 2000, 4000, 12000, 60000, -500};
	unsigned n = chance(c, 16);
	int64_t next = flow_next_ms(f);

	if (n < 12)
		return waits[n];
	return next == INT64_MAX ? 0 : next - f->now_ms - (n == 12);
}

/* What leads on from the phase. */
static inline struct flow_event chance_likely(struct chance *c, const struct flow *f)
{
	struct flow_event ev = {.kind = FLOW_EV_TIME};

	switch (f->phase) {
	case FLOW_WAITING:
		ev.kind = FLOW_EV_CODES;
		ev.codes.count = 1;
		ev.codes.list[0] = kit_first((char)('A' + chance(c, 3)));
		return ev;
	case FLOW_STARTING:
		if (f->offline_asked)
			return (struct flow_event){.kind = FLOW_EV_OFFLINE,
				.serial = f->serial,
				.offline = {.written = chance(c, 2), .reason = REASON_VOID}};
		if (f->offline && chance(c, 2))
			return (struct flow_event){
				.kind = FLOW_EV_NO_ANSWER, .serial = f->serial, .nobody = true};
		ev = kit_started(f->serial);
		ev.started.pin_required = chance(c, 2);
		return ev;
	case FLOW_NUMBER:
		ev.kind = FLOW_EV_CODES;
		ev.codes.count = 1;
		ev.codes.list[0] = kit_second((char)f->credential_id[0], chance(c, 256));
		return ev;
	case FLOW_ANSWERING:
		ev = kit_state(f->serial, FLOW_REC_ACCEPTED);
		ev.answer.pin_required = f->pin_required;
		return ev;
	case FLOW_PIN:
		ev.kind = FLOW_EV_PIN_TYPED;
		return ev;
	case FLOW_PIN_SENT:
		ev = kit_state(f->serial, chance(c, 2) ? FLOW_REC_AUTHORISED : FLOW_REC_ACCEPTED);
		ev.answer.pin_required = true;
		ev.answer.reason = REASON_WRONG_PIN;
		return ev;
	case FLOW_UNCERTAIN:
		ev = kit_state(f->serial, (enum flow_recorded)chance(c, 6));
		ev.answer.pin_required = f->pin_required;
		return ev;
	default:
		ev.kind = FLOW_EV_CANCEL;
		return ev;
	}
}

static inline struct flow_event chance_unlikely(struct chance *c, const struct flow *f)
{
	struct flow_event ev = {.kind = FLOW_EV_TIME};
	unsigned kind = chance(c, 64);

	if (kind < 32) {
		ev.kind = FLOW_EV_CODES;
		ev.codes.count = chance(c, 3);
		ev.codes.count += chance(c, 16) == 15 ? 3 : 0;
		for (size_t i = 0; i < ev.codes.count && i < FLOW_CODES_MAX; i++)
			ev.codes.list[i] = chance_code(c);
	} else if (kind < 48) {
		ev = chance_answer(c, f);
	} else if (kind < 54) {
		ev.kind = FLOW_EV_PIN_TYPED;
	} else if (kind == 54) {
		ev.kind = FLOW_EV_CANCEL;
	} else if (kind == 55) {
		ev.kind = chance(c, 4) ? FLOW_EV_TIME : FLOW_EV_END;
	} else if (kind == 56) {
		ev.kind = (enum flow_event_kind)99;
	} else if (kind < 60) {
		ev = kit_state(f->serial, (enum flow_recorded)chance(c, 7));
		ev.kind = chance(c, 2) ? FLOW_EV_TOLD : FLOW_EV_LOOKED;
		if (chance(c, 8))
			memcpy(ev.about, f->id, sizeof ev.about);
	}
	return ev;
}

static inline struct flow_event chance_event(struct chance *c, const struct flow *f, int64_t *now)
{
	struct flow_event ev;

	*now += chance_wait(c, f);
	ev = chance(c, 4) ? chance_unlikely(c, f) : chance_likely(c, f);
	ev.now_ms = *now;
	return ev;
}

#endif
