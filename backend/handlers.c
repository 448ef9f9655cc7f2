/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers: fields -> rules -> answer.
 */
#include "backend/handlers.h"

enum err_code handle_activation(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_activation_out out = {0};
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e =
		rules_activation(r, &out, &problem, &call->in.activation, err);

	(void)next;
	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_activation(&call->answer, &out);
	call->is_try = out.again;
	sec_wipe(&out, sizeof(out));
	return e;
}

enum err_code handle_activation_look(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_activation_seen seen;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e = rules_activation_look(
		r, &seen, &problem, call->in.activation.token, err);

	(void)next;
	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_activation_look(&call->answer, &seen);
	return e;
}

enum err_code handle_start(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_start_out out = {0};
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e =
		rules_verification_start(r, &out, &problem, &call->caller, &call->in.start, err);

	(void)next;
	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_start(&call->answer, &out);
	return e;
}

/* What every call about one verification ends with. */
static void tell(struct route_call *call, const struct rules_verification *out,
	const struct rules_problem *problem)
{
	if (problem->word[0])
		answer_problem(&call->answer, problem);
	else
		answer_verification(&call->answer, out);
}

#define VERIFICATION_NONE ((struct rules_verification){.attempts_left = -1})

static enum err_code tell_wallet(const struct rules *r, struct route_call *call, struct err *err)
{
	struct rules_wallet_verification out;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e =
		rules_wallet_verification(r, &out, &problem, &call->caller, call->id, err);

	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_wallet_verification(&call->answer, &out);
	return e;
}

enum err_code handle_state(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_verification out = VERIFICATION_NONE;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e;

	(void)next;
	if (call->caller.role == ROLE_WALLET)
		return tell_wallet(r, call, err);
	e = rules_verification_state(r, &out, &problem, &call->caller, call->id, err);
	if (!e)
		tell(call, &out, &problem);
	return e;
}

enum err_code handle_cancel(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_verification out = VERIFICATION_NONE;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e =
		rules_verification_cancel(r, &out, &problem, &call->caller, call->id, err);

	(void)next;
	if (!e)
		tell(call, &out, &problem);
	return e;
}

enum err_code handle_answer(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_verification out = VERIFICATION_NONE;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e = rules_verification_answer(
		r, &out, &problem, &call->caller, call->id, call->in.answer.code, err);

	(void)next;
	if (!e)
		tell(call, &out, &problem);
	return e;
}

enum err_code handle_pin(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_verification out = VERIFICATION_NONE;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e = rules_pin_begin(r, &call->hash, &out, &problem, &call->caller, call->id,
		(int)call->in.pin.pin_try, span_text(call->in.pin.pin), err);

	if (e)
		return e;
	if (call->hash.wanted && problem.word[0] == '\0')
		*next = ROUTE_HASH;
	else
		tell(call, &out, &problem);
	return ERR_OK;
}

enum err_code handle_pin_finish(const struct rules *r, struct route_call *call, struct err *err)
{
	struct rules_verification out = VERIFICATION_NONE;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e = rules_pin_finish(r, &out, &problem, &call->caller, call->id,
		(int)call->in.pin.pin_try, &call->hash, call->hash_right, err);

	if (!e)
		tell(call, &out, &problem);
	return e;
}
