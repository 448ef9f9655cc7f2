/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow of a verification. Read with the table in flow.h: a function for each event, a case for
 * each phase in which the event means something.
 */
#include <string.h>

#include "base/text_safe.h"
#include "verifier/flow_private.h"

/* Far beyond any clock; sums with the times of flow.h cannot overflow. */
#define NOW_MAX (INT64_MAX / 2)

/* Reasons that a backend may give; the terminal's own are no answer of a backend. */
static bool backend_reason(enum flow_reason r)
{
	return r > REASON_NONE && r < REASON_OTHER_ISSUER;
}

static void set_notice_text(struct flow *f, const struct flow_code *c)
{
	text_safe(f->notice_text, sizeof f->notice_text,
		SPAN(c->text, strnlen(c->text, sizeof c->text)));
	memcpy(f->notice_symbology, c->symbology, sizeof f->notice_symbology);
}

/* ---- answers of the backend ---- */

static bool digits_only(const char *text, size_t len_min, size_t len_max, const char *digits)
{
	size_t len = strnlen(text, len_max + 1);

	return len >= len_min && len <= len_max && strspn(text, digits) == len;
}

static bool id_valid(const char *id)
{
	return digits_only(id, FLOW_ID_TEXT_LEN, FLOW_ID_TEXT_LEN, "0123456789abcdef");
}

static void on_started(struct flow *f, struct flow_actions *out, const struct flow_started *s)
{
	if (f->phase != FLOW_STARTING || !id_valid(s->id) ||
		!digits_only(s->number, CODE_DIGITS_MIN, CODE_DIGITS_MAX, "0123456789")) {
		flow_no_answer(f, out, REASON_BAD_ANSWER);
		return;
	}
	flow_copy(f->id, sizeof f->id, s->id);
	flow_copy(f->number, sizeof f->number, s->number);
	flow_copy(f->challenge_code, sizeof f->challenge_code, s->challenge_code);
	f->credential = s->credential;
	f->credential.purpose[FLOW_LABEL_MAX - 1] = '\0';
	f->credential.face_value[FLOW_LABEL_MAX - 1] = '\0';
	f->credential.holder[FLOW_LABEL_MAX - 1] = '\0';
	f->pin_required = s->pin_required;
	f->number_ms = s->lifetime_ms < FLOW_NUMBER_MS_MAX ? s->lifetime_ms : FLOW_NUMBER_MS_MAX;
	if (f->number_ms < 0)
		f->number_ms = 0;
	f->number_end_ms = flow_later(f, f->number_ms);
	flow_enter_number(f, out, REASON_NONE);
}

static void on_refused(struct flow *f, struct flow_actions *out, const struct flow_refusal *r)
{
	/* A refused question says nothing of the verification. */
	if (f->phase == FLOW_UNCERTAIN || !backend_reason(r->reason)) {
		flow_no_answer(f, out, REASON_BAD_ANSWER);
		return;
	}
	f->attempts_left = r->attempts_left;
	f->until_unix_s = r->until_unix_s;
	if (f->phase == FLOW_ANSWERING && r->still_open)
		flow_enter_number(f, out, r->reason);
	else
		flow_give_up(f, out, r->reason);
}

/* Recorded state `accepted`: right second code, and what the PIN makes of it. */
static void on_accepted(struct flow *f, struct flow_actions *out, const struct flow_answer *a)
{
	int used = a->pin_tries_used;

	if (a->pin_required != f->pin_required) { /* stage one said otherwise */
		flow_no_answer(f, out, REASON_BAD_ANSWER);
	} else if (f->pin_try == 0 && (used > 0 || a->reason != REASON_NONE)) {
		flow_no_answer(f, out, REASON_BAD_ANSWER); /* no PIN was sent yet */
	} else if (!a->pin_required) {
		flow_finish_accepted(f, out, a);
	} else if (f->given_up != REASON_NONE) {
		flow_give_up_again(f, out);
	} else if (f->pin_try == 0) {
		flow_enter_pin(f, out, 1, false);
	} else if (f->phase == FLOW_PIN_SENT) {
		if (a->reason == REASON_WRONG_PIN && (used < 0 || used == f->pin_try))
			flow_enter_pin(f, out, f->pin_try + 1, true);
		else
			flow_no_answer(f, out, REASON_BAD_ANSWER);
	} else if (used == f->pin_try) { /* asked: the try had arrived, and was wrong */
		flow_enter_pin(f, out, f->pin_try + 1, true);
	} else if (used < 0 || used == f->pin_try - 1) {
		/* It had not. The digits are gone; the same try is typed again, and should the lost
		 * one still arrive, the backend counts the two as one.
		 */
		flow_enter_pin(f, out, f->pin_try, false);
	} else {
		flow_no_answer(f, out, REASON_BAD_ANSWER);
	}
}

/* Recorded state `challenged` when asked: the second code never arrived. */
static void on_challenged(struct flow *f, struct flow_actions *out)
{
	if (f->phase != FLOW_UNCERTAIN || f->pin_try > 0)
		flow_no_answer(f, out, REASON_BAD_ANSWER);
	else if (f->given_up != REASON_NONE)
		flow_give_up_again(f, out);
	else if (f->now_ms >= f->number_end_ms)
		flow_give_up(f, out, REASON_NUMBER_EXPIRED);
	else
		flow_send_answer(f, out);
}

static enum flow_reason rejection(const struct flow *f, const struct flow_answer *a)
{
	if (backend_reason(a->reason))
		return a->reason;
	return f->pin_try > 0 ? REASON_WRONG_PIN : REASON_WRONG_ANSWER;
}

static void on_state(struct flow *f, struct flow_actions *out, const struct flow_answer *a)
{
	if (f->phase == FLOW_STARTING) {
		flow_no_answer(f, out, REASON_BAD_ANSWER);
		return;
	}
	f->attempts_left = a->attempts_left;
	switch (a->state) {
	case FLOW_REC_CHALLENGED:
		on_challenged(f, out);
		break;
	case FLOW_REC_ACCEPTED:
		on_accepted(f, out, a);
		break;
	case FLOW_REC_AUTHORISED:
		if (f->pin_try > 0 && a->pin_required == f->pin_required)
			flow_finish_accepted(f, out, a);
		else
			flow_no_answer(f, out, REASON_BAD_ANSWER);
		break;
	case FLOW_REC_REJECTED:
		flow_finish(f, out, VERDICT_REFUSED, rejection(f, a), DECIDED);
		break;
	case FLOW_REC_EXPIRED:
		flow_finish(f, out, VERDICT_REFUSED, REASON_NUMBER_EXPIRED, DECIDED);
		break;
	case FLOW_REC_CANCELLED:
		flow_finish(f, out, VERDICT_REFUSED,
			f->given_up != REASON_NONE ? f->given_up : REASON_CANCELLED, DECIDED);
		break;
	default:
		flow_no_answer(f, out, REASON_BAD_ANSWER);
	}
}

/* A start that was cancelled in flight began a verification after all. */
static void on_late_start(struct flow *f, struct flow_actions *out, const struct flow_event *ev)
{
	if (!f->cancelled_start || ev->serial != f->cancelled_start)
		return;
	f->cancelled_start = 0;
	if (ev->kind != FLOW_EV_STARTED || f->id[0] || !id_valid(ev->started.id))
		return;
	if (f->phase != FLOW_RESULT && f->phase != FLOW_WAITING)
		return;
	flow_copy(f->id, sizeof f->id, ev->started.id);
	flow_push(out, FLOW_DO_CANCEL, 0);
}

static void on_offline(struct flow *f, struct flow_actions *out, const struct flow_offline *o)
{
	if (f->phase == FLOW_STARTING && f->offline_asked)
		flow_finish_offline(f, out, o);
	else
		flow_no_answer(f, out, REASON_BAD_ANSWER);
}

static void on_answer(struct flow *f, struct flow_actions *out, const struct flow_event *ev)
{
	f->in_flight = false;
	f->next_ms = INT64_MAX;
	if (f->phase == FLOW_STARTING && f->offline_asked && ev->kind != FLOW_EV_OFFLINE) {
		flow_no_answer(f, out, REASON_NO_BACKEND); /* that was not what was asked */
		return;
	}
	switch (ev->kind) {
	case FLOW_EV_STARTED:
		on_started(f, out, &ev->started);
		break;
	case FLOW_EV_REFUSED:
		on_refused(f, out, &ev->refusal);
		break;
	case FLOW_EV_STATE:
		on_state(f, out, &ev->answer);
		break;
	case FLOW_EV_OFFLINE:
		on_offline(f, out, &ev->offline);
		break;
	default:
		if (ev->nobody)
			flow_nobody(f, out);
		else
			flow_no_answer(f, out, REASON_NO_BACKEND);
	}
}

/* ---- time ---- */

static void on_time_result(struct flow *f, struct flow_actions *out)
{
	switch (f->phase) {
	case FLOW_NUMBER:
		flow_give_up(f, out, REASON_NUMBER_EXPIRED);
		break;
	case FLOW_PIN:
		flow_give_up(f, out, REASON_PIN_TIMEOUT);
		break;
	case FLOW_UNCERTAIN:
		flow_finish(f, out, VERDICT_UNCERTAIN, REASON_NO_BACKEND, MAYBE_OPEN);
		break;
	case FLOW_RESULT:
		flow_enter_waiting(f);
		break;
	default: /* in ANSWERING the number may run out: the backend decides */
		break;
	}
}

static void on_time(struct flow *f, struct flow_actions *out)
{
	if (f->now_ms >= f->notice_until_ms)
		flow_set_notice(f, REASON_NONE, 0);
	if (f->held && f->now_ms - f->held_seen_ms >= FLOW_SAME_AGAIN_MS)
		f->held = f->held_in_view = false;
	if (f->now_ms >= f->deadline_ms)
		on_time_result(f, out);
	if (f->now_ms < f->next_ms)
		return;
	if (f->in_flight)
		flow_no_answer(f, out, REASON_NO_BACKEND);
	else if (f->phase == FLOW_STARTING)
		flow_send_start(f, out);
	else
		flow_ask(f, out);
}

int64_t flow_next_ms(const struct flow *f)
{
	bool deadline = f->phase == FLOW_NUMBER || f->phase == FLOW_PIN ||
			f->phase == FLOW_UNCERTAIN || f->phase == FLOW_RESULT;
	int64_t next = f->next_ms;

	/* The words about the phone that has to go away go with it. */
	if (f->phase == FLOW_WAITING && f->held_in_view)
		next = f->held_seen_ms + FLOW_SAME_AGAIN_MS;
	if (deadline && f->deadline_ms < next)
		next = f->deadline_ms;
	return f->notice_until_ms < next ? f->notice_until_ms : next;
}

/* ---- codes ---- */

static void on_first_code(struct flow *f, struct flow_actions *out, const struct flow_code *c)
{
	size_t len = strnlen(c->text, sizeof c->text);

	if (len == 0 || len >= sizeof f->first_code)
		return;
	flow_enter_waiting(f);
	f->cancelled_start = 0; /* that one is left to expire: this is another verification */
	flow_copy(f->first_code, sizeof f->first_code, c->text);
	memcpy(f->credential_id, c->credential_id, sizeof f->credential_id);
	switch (c->judgement) {
	case FLOW_CODE_FIRST:
		flow_send_start(f, out);
		break;
	case FLOW_CODE_OTHER_ISSUER:
		flow_finish(f, out, VERDICT_REFUSED, REASON_OTHER_ISSUER, DECIDED);
		break;
	case FLOW_CODE_UNKNOWN_ISSUER:
		flow_finish(f, out, VERDICT_NONE, REASON_UNKNOWN_ISSUER, DECIDED);
		break;
	case FLOW_CODE_EXPIRED:
		flow_finish(f, out, VERDICT_REFUSED, REASON_CREDENTIAL_EXPIRED, DECIDED);
		break;
	default:
		flow_finish(f, out, VERDICT_REFUSED, REASON_BAD_SIGNATURE, DECIDED);
	}
}

static void on_second_code(struct flow *f, struct flow_actions *out, const struct flow_code *c)
{
	size_t len = strnlen(c->text, sizeof c->text);

	if (len == 0 || len >= sizeof f->second_code)
		return;
	flow_copy(f->second_code, sizeof f->second_code, c->text);
	memcpy(f->second_head, c->response_head, sizeof f->second_head);
	flow_answer_remember(f, c->response_head);
	f->still_open = REASON_NONE;
	flow_send_answer(f, out);
}

static void on_codes(struct flow *f, struct flow_actions *out, const struct flow_event *ev)
{
	struct flow_sight s;
	int64_t until_ms;

	if (f->phase == FLOW_PIN || f->phase == FLOW_PIN_SENT)
		return;
	flow_codes_look(&s, f, ev->codes.list, ev->codes.count);
	if (s.held_in_view) {
		f->held_in_view = true;
		f->held_seen_ms = f->now_ms;
	}
	if (f->phase == FLOW_RESULT)
		return;
	if (s.take) {
		if (f->phase == FLOW_WAITING)
			on_first_code(f, out, s.take);
		else
			on_second_code(f, out, s.take);
	} else if (s.notice != REASON_NONE) {
		until_ms = flow_later(f, FLOW_NOTICE_MS);
		flow_set_notice(
			f, s.notice, s.notice == f->still_open ? f->number_end_ms : until_ms);
		if (s.notice_code && s.notice_code->judgement == FLOW_CODE_FOREIGN)
			set_notice_text(f, s.notice_code);
	}
}

/* ---- operator, end of frames ---- */

static void on_pin_typed(struct flow *f, struct flow_actions *out)
{
	if (f->phase != FLOW_PIN)
		return;
	f->phase = FLOW_PIN_SENT;
	f->attempts_left = -1;
	flow_set_notice(f, REASON_NONE, 0);
	flow_request(f, out, FLOW_DO_PIN);
	flow_push(out, FLOW_DO_PIN_CLOSE, 0);
}

static void on_cancel(struct flow *f, struct flow_actions *out)
{
	switch (f->phase) {
	case FLOW_STARTING:
		f->cancelled_start = f->in_flight ? f->serial : 0;
		flow_finish(f, out, VERDICT_REFUSED, REASON_CANCELLED, DECIDED);
		break;
	case FLOW_NUMBER:
	case FLOW_PIN:
		flow_give_up(f, out, REASON_CANCELLED);
		break;
	case FLOW_ANSWERING:
	case FLOW_PIN_SENT:
	case FLOW_UNCERTAIN:
		/* It may have been accepted a moment ago. */
		flow_finish(f, out, VERDICT_UNCERTAIN, REASON_CANCELLED, MAYBE_OPEN);
		break;
	case FLOW_RESULT:
		flow_enter_waiting(f);
		break;
	default:
		flow_set_notice(f, REASON_NONE, 0);
	}
}

static void on_end(struct flow *f, struct flow_actions *out)
{
	f->ended = true;
	if (f->phase == FLOW_WAITING) { /* nothing was begun: no verdict, and nothing to wait for */
		f->held_in_view = false;
		flow_set_notice(f, REASON_NONE, 0);
	} else if (f->phase == FLOW_NUMBER) {
		flow_give_up(f, out, REASON_END_OF_FRAMES);
	} else if (f->phase == FLOW_RESULT) {
		f->deadline_ms = INT64_MAX;
	}
}

/* ---- what the backend tells unasked ---- */

static bool waits_for_somebody(const struct flow *f, const struct flow_event *ev)
{
	return (f->phase == FLOW_NUMBER || f->phase == FLOW_PIN) && f->id[0] &&
	       !memcmp(f->id, ev->about, sizeof f->id);
}

/* An end only: acceptance is the answer to what this terminal sent, and to nothing else. */
static void on_looked(struct flow *f, struct flow_actions *out, const struct flow_answer *a)
{
	switch (a->state) {
	case FLOW_REC_REJECTED:
		f->attempts_left = a->attempts_left;
		flow_finish(f, out, VERDICT_REFUSED, rejection(f, a), DECIDED);
		break;
	case FLOW_REC_EXPIRED:
		flow_finish(f, out, VERDICT_REFUSED,
			f->phase == FLOW_PIN ? REASON_PIN_TIMEOUT : REASON_NUMBER_EXPIRED, DECIDED);
		break;
	case FLOW_REC_CANCELLED:
		flow_finish(f, out, VERDICT_REFUSED, REASON_CANCELLED, DECIDED);
		break;
	default:
		break;
	}
}

/* ---- one step ---- */

static bool is_answer(const struct flow_event *ev)
{
	return ev->kind == FLOW_EV_STARTED || ev->kind == FLOW_EV_REFUSED ||
	       ev->kind == FLOW_EV_STATE || ev->kind == FLOW_EV_NO_ANSWER ||
	       ev->kind == FLOW_EV_OFFLINE;
}

static void on_event(struct flow *f, struct flow_actions *out, const struct flow_event *ev)
{
	switch (ev->kind) {
	case FLOW_EV_CODES:
		on_codes(f, out, ev);
		break;
	case FLOW_EV_PIN_TYPED:
		on_pin_typed(f, out);
		break;
	case FLOW_EV_CANCEL:
		on_cancel(f, out);
		break;
	case FLOW_EV_TOLD:
		if (waits_for_somebody(f, ev))
			flow_push(out, FLOW_DO_LOOK, 0);
		break;
	case FLOW_EV_LOOKED:
		if (waits_for_somebody(f, ev))
			on_looked(f, out, &ev->answer);
		break;
	default:
		break;
	}
}

void flow_step(struct flow *f, struct flow_actions *out, const struct flow_event *ev)
{
	bool answers = is_answer(ev) && f->in_flight && ev->serial == f->serial;
	enum flow_phase phase;

	out->count = 0;
	if (ev->now_ms > f->now_ms)
		f->now_ms = ev->now_ms < NOW_MAX ? ev->now_ms : NOW_MAX;
	if (answers)
		on_answer(f, out, ev);
	phase = f->phase;
	on_time(f, out);
	if (ev->kind == FLOW_EV_END)
		on_end(f, out);
	else if (is_answer(ev) && !answers)
		on_late_start(f, out, ev);
	else if (f->phase == phase)
		on_event(f, out, ev);
}
