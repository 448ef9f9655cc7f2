/* SPDX-License-Identifier: Apache-2.0
 *
 * Going from phase to phase: what is set, and what is to be done, whenever one is entered.
 */
#include <string.h>

#include "verifier/flow_private.h"

/* ---- small things ---- */

int64_t flow_later(const struct flow *f, int64_t ms)
{
	return f->now_ms + ms;
}

void flow_push(struct flow_actions *out, enum flow_action_kind kind, uint32_t serial)
{
	ASSERT(out->count < FLOW_ACTIONS_MAX);
	out->list[out->count++] = (struct flow_action){.kind = kind, .serial = serial};
}

void flow_copy(char *out, size_t cap, const char *text)
{
	size_t len = strnlen(text, cap - 1);

	memcpy(out, text, len);
	memset(out + len, 0, cap - len);
}

void flow_set_notice(struct flow *f, enum flow_reason reason, int64_t until_ms)
{
	f->notice = reason;
	f->notice_text[0] = '\0';
	f->notice_symbology[0] = '\0';
	f->notice_until_ms = reason == REASON_NONE ? INT64_MAX : until_ms;
}

/* ---- phases ---- */

void flow_init(struct flow *f)
{
	*f = (struct flow){
		.next_ms = INT64_MAX,
		.deadline_ms = INT64_MAX,
		.notice_until_ms = INT64_MAX,
		.result_ms = FLOW_RESULT_MS,
		.attempts_left = -1,
	};
}

/* Forgets one verification, keeps what lives longer. */
void flow_enter_waiting(struct flow *f)
{
	struct flow old = *f;

	flow_init(f);
	f->now_ms = old.now_ms;
	f->serial = old.serial;
	f->offline = old.offline;
	f->down = old.down;
	f->result_ms = old.result_ms;
	f->ended = old.ended;
	f->held = old.held;
	f->held_in_view = old.held_in_view;
	memcpy(f->held_id, old.held_id, sizeof f->held_id);
	f->held_seen_ms = old.held_seen_ms;
	f->cancelled_start = old.cancelled_start;
	memcpy(f->answered, old.answered, sizeof f->answered);
	f->answered_next = old.answered_next;
	f->verifications = old.verifications;
}

/* The phone is most likely still there; frames that show it keep the credential held. */
static void hold(struct flow *f)
{
	f->held = true;
	f->held_in_view = false;
	memcpy(f->held_id, f->credential_id, sizeof f->held_id);
	f->held_seen_ms = f->now_ms;
}

void flow_request(struct flow *f, struct flow_actions *out, enum flow_action_kind kind)
{
	f->serial = f->serial == UINT32_MAX ? 1 : f->serial + 1;
	f->in_flight = true;
	f->next_ms = flow_later(f, FLOW_REQUEST_MS);
	flow_push(out, kind, f->serial);
}

void flow_finish(struct flow *f, struct flow_actions *out, enum verdict verdict,
	enum flow_reason reason, enum at_backend at_backend)
{
	if (f->phase == FLOW_PIN)
		flow_push(out, FLOW_DO_PIN_CLOSE, 0);
	f->phase = FLOW_RESULT;
	f->verdict = verdict;
	f->reason = reason;
	f->in_flight = false;
	f->next_ms = INT64_MAX;
	/* With no frames to come there is nothing to make room for. */
	f->deadline_ms = f->ended ? INT64_MAX : flow_later(f, f->result_ms);
	flow_set_notice(f, REASON_NONE, 0);
	if (f->first_code[0]) {
		f->verifications++;
		hold(f);
	}
	if (at_backend == MAYBE_OPEN && f->id[0])
		flow_push(out, FLOW_DO_CANCEL, 0);
	flow_push(out, FLOW_DO_FINISHED, 0);
}

/* The only way to the verdict that hands goods over. Callers have an answer in hand; it is looked
 * at once more here, so that no other line needs to be right.
 */
void flow_finish_accepted(struct flow *f, struct flow_actions *out, const struct flow_answer *a)
{
	bool pin = f->pin_try > 0;

	ASSERT(f->phase == FLOW_ANSWERING || f->phase == FLOW_PIN_SENT ||
		f->phase == FLOW_UNCERTAIN);
	ASSERT(f->second_code[0] && f->id[0]);
	ASSERT(a->state == (pin ? FLOW_REC_AUTHORISED : FLOW_REC_ACCEPTED));
	ASSERT(a->pin_required == f->pin_required && f->pin_required == pin);
	f->pin_done = pin;
	flow_copy(f->receipt, sizeof f->receipt, a->receipt);
	flow_copy(f->receipt_code, sizeof f->receipt_code, a->receipt_code);
	flow_finish(f, out, VERDICT_ACCEPTED, REASON_NONE, DECIDED);
}

/* What the policy let pass is no acceptance; what it did not is a refusal only where a list that
 * the issuer signed says so. Anything else decided nothing.
 */
void flow_finish_offline(struct flow *f, struct flow_actions *out, const struct flow_offline *o)
{
	bool barred = o->reason == REASON_FROZEN || o->reason == REASON_VOID;

	ASSERT(f->phase == FLOW_STARTING && f->offline && f->offline_asked);
	ASSERT(f->first_code[0] && !f->second_code[0] && !f->id[0]);
	if (o->written)
		flow_finish(f, out, VERDICT_UNCONFIRMED, REASON_OFFLINE, DECIDED);
	else
		flow_finish(f, out, barred ? VERDICT_REFUSED : VERDICT_NONE,
			o->reason != REASON_NONE ? o->reason : REASON_NO_BACKEND, DECIDED);
}

void flow_enter_number(struct flow *f, struct flow_actions *out, enum flow_reason still_open)
{
	f->phase = FLOW_NUMBER;
	f->next_ms = INT64_MAX;
	f->deadline_ms = f->number_end_ms;
	f->uncertain_end_ms = 0;
	f->tries = 0;
	f->still_open = still_open;
	if (f->now_ms >= f->number_end_ms)
		flow_give_up(f, out, REASON_NUMBER_EXPIRED);
	else if (f->ended)
		flow_give_up(f, out, REASON_END_OF_FRAMES);
	else
		flow_set_notice(f, still_open, f->number_end_ms);
}

void flow_enter_pin(struct flow *f, struct flow_actions *out, int pin_try, bool wrong)
{
	if (pin_try > FLOW_PIN_TRIES) {
		flow_finish(f, out, VERDICT_REFUSED, REASON_WRONG_PIN, MAYBE_OPEN);
		return;
	}
	f->phase = FLOW_PIN;
	f->lost = f->lost && pin_try == f->pin_try; /* what came before is recorded */
	f->pin_try = pin_try;
	f->next_ms = INT64_MAX;
	f->deadline_ms = flow_later(f, FLOW_PIN_MS);
	f->uncertain_end_ms = 0;
	f->tries = 0;
	flow_set_notice(f, wrong ? REASON_WRONG_PIN : REASON_NONE, f->deadline_ms);
	flow_push(out, FLOW_DO_PIN_OPEN, 0);
}

void flow_send_start(struct flow *f, struct flow_actions *out)
{
	f->phase = FLOW_STARTING;
	f->tries++;
	flow_request(f, out, FLOW_DO_START);
}

void flow_send_answer(struct flow *f, struct flow_actions *out)
{
	f->phase = FLOW_ANSWERING;
	f->deadline_ms = f->number_end_ms;
	flow_set_notice(f, REASON_NONE, 0);
	flow_request(f, out, FLOW_DO_ANSWER);
}

void flow_ask(struct flow *f, struct flow_actions *out)
{
	f->tries++;
	flow_request(f, out, FLOW_DO_ASK);
}

static void ask_later(struct flow *f)
{
	int64_t pause = FLOW_ASK_AGAIN_MS;

	for (int i = 1; i < f->tries && pause < FLOW_ASK_AGAIN_MAX_MS; i++)
		pause *= 2;
	f->next_ms = flow_later(f, pause < FLOW_ASK_AGAIN_MAX_MS ? pause : FLOW_ASK_AGAIN_MAX_MS);
}

/* The limit runs from the first answer that was lost: an answer sent again and lost again does not
 * make it longer, and does not make the questions quicker.
 */
static void enter_uncertain(struct flow *f, struct flow_actions *out)
{
	f->phase = FLOW_UNCERTAIN;
	if (!f->uncertain_end_ms) {
		f->uncertain_end_ms = flow_later(f, FLOW_UNCERTAIN_MS);
		f->tries = 0;
	}
	f->deadline_ms = f->uncertain_end_ms;
	if (f->now_ms >= f->uncertain_end_ms)
		flow_finish(f, out, VERDICT_UNCERTAIN, REASON_NO_BACKEND, MAYBE_OPEN);
	else if (f->tries == 0)
		flow_ask(f, out);
	else
		ask_later(f);
}

void flow_give_up(struct flow *f, struct flow_actions *out, enum flow_reason reason)
{
	if (!f->lost) {
		flow_finish(f, out, VERDICT_REFUSED, reason, MAYBE_OPEN);
		return;
	}
	if (f->phase == FLOW_PIN)
		flow_push(out, FLOW_DO_PIN_CLOSE, 0);
	f->given_up = reason;
	flow_set_notice(f, REASON_NONE, 0);
	flow_push(out, FLOW_DO_CANCEL, 0);
	enter_uncertain(f, out);
}

/* The question may have overtaken the cancellation, or that one was lost. */
void flow_give_up_again(struct flow *f, struct flow_actions *out)
{
	flow_push(out, FLOW_DO_CANCEL, 0);
	ask_later(f);
}

/* The running request got no answer (or one that is none). */
void flow_no_answer(struct flow *f, struct flow_actions *out, enum flow_reason reason)
{
	f->in_flight = false;
	f->next_ms = INT64_MAX;
	switch (f->phase) {
	case FLOW_STARTING:
		if (f->tries >= (f->down ? FLOW_START_TRIES_DOWN : FLOW_START_TRIES))
			flow_finish(f, out, VERDICT_NONE, reason, DECIDED);
		else
			f->next_ms = flow_later(f, FLOW_START_AGAIN_MS);
		break;
	case FLOW_ANSWERING:
	case FLOW_PIN_SENT:
		f->lost = true;
		enter_uncertain(f, out);
		break;
	case FLOW_UNCERTAIN:
		ask_later(f);
		break;
	default:
		break;
	}
}

void flow_nobody(struct flow *f, struct flow_actions *out)
{
	bool last = f->tries >= (f->down ? FLOW_START_TRIES_DOWN : FLOW_START_TRIES);

	if (f->phase != FLOW_STARTING || !f->offline || f->offline_asked || !last) {
		flow_no_answer(f, out, REASON_NO_BACKEND);
		return;
	}
	f->offline_asked = true;
	flow_request(f, out, FLOW_DO_OFFLINE);
}
