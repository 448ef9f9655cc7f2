/* SPDX-License-Identifier: Apache-2.0
 *
 * Between flow.c, which takes events, flow_phases.c, which goes from phase to phase, and
 * flow_codes.c, which says what one frame means.
 */
#ifndef VERIFIER_FLOW_PRIVATE_H
#define VERIFIER_FLOW_PRIVATE_H

#include "verifier/flow.h"

/* ---- flow_phases.c ---- */

/* Whether the backend may still hold the verification open: then it is cancelled there. */
enum at_backend {
	DECIDED,
	MAYBE_OPEN
};

int64_t flow_later(const struct flow *f, int64_t ms);
void flow_copy(char *out, size_t cap, const char *text); /* cut to fit, rest zeroed */
void flow_push(struct flow_actions *out, enum flow_action_kind kind, uint32_t serial);
void flow_set_notice(struct flow *f, enum flow_reason reason, int64_t until_ms);

/* A new serial, in flight, and the action. */
void flow_request(struct flow *f, struct flow_actions *out, enum flow_action_kind kind);
void flow_send_start(struct flow *f, struct flow_actions *out);
void flow_send_answer(struct flow *f, struct flow_actions *out);
void flow_ask(struct flow *f, struct flow_actions *out);
/* The running request got no answer, or one that is none. */
void flow_no_answer(struct flow *f, struct flow_actions *out, enum flow_reason reason);
/* The same, and nobody was reached: a start of which nothing comes is the offline policy's. */
void flow_nobody(struct flow *f, struct flow_actions *out);
/* The only way to UNCONFIRMED. */
void flow_finish_offline(struct flow *f, struct flow_actions *out, const struct flow_offline *o);

/* Forgets one verification, keeps what lives longer. */
void flow_enter_waiting(struct flow *f);
/* still_open: why the last second code was refused; NONE when there was none. */
void flow_enter_number(struct flow *f, struct flow_actions *out, enum flow_reason still_open);
void flow_enter_pin(struct flow *f, struct flow_actions *out, int pin_try, bool wrong);
void flow_finish(struct flow *f, struct flow_actions *out, enum verdict verdict,
	enum flow_reason reason, enum at_backend at_backend);
/* The terminal refuses by itself; when something is lost, only once the backend has recorded it. */
void flow_give_up(struct flow *f, struct flow_actions *out, enum flow_reason reason);
/* Given up, and the backend still has it open: once more. */
void flow_give_up_again(struct flow *f, struct flow_actions *out);
/* The only way to the verdict that hands goods over. Callers have an answer in hand; it is looked
 * at once more inside, so that no other line needs to be right.
 */
void flow_finish_accepted(struct flow *f, struct flow_actions *out, const struct flow_answer *a);

/* ---- flow_codes.c ---- */

/* What the codes of one frame mean in the present phase. */
struct flow_sight {
	const struct flow_code *take;        /* the one code to act on; NULL = none */
	enum flow_reason notice;             /* what the operator should know; NONE = nothing */
	const struct flow_code *notice_code; /* the code that it is about */
	bool held_in_view;                   /* the phone of the last result is still there */
};
/* Not in PIN and PIN_SENT; in RESULT only held_in_view is said. */
void flow_codes_look(struct flow_sight *out, const struct flow *f, const struct flow_code *list,
	size_t count);

bool flow_answer_known(const struct flow *f, const uint8_t head[static 8]);
void flow_answer_remember(struct flow *f, const uint8_t head[static 8]);

#endif
