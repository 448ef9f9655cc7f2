/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of operators, customer service, and what they do to credentials.
 */
#include <string.h>

#include "backend/answers_people.h"
#include "backend/handlers.h"
#include "backend/rules_message.h"

#define PROBLEM_NONE ((struct rules_problem){.attempts_left = -1})

enum err_code handle_issuer(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_issuer list;
	enum err_code e = rules_issuer(r, &list, err);

	(void)next;
	if (!e)
		answer_issuer(&call->answer, r->keys, r->policy, &list);
	return e;
}

/* ---- sessions ---- */

static struct span origin(const struct route_call *call)
{
	return SPAN(call->origin, call->has_origin ? sizeof(call->origin) : 0);
}

enum err_code handle_sign_in(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	enum err_code e = rules_sign_in_begin(r, &call->hash, &problem, call->in.session.name,
		origin(call), span_text(call->in.session.passphrase), err);

	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		*next = ROUTE_HASH;
	return e;
}

enum err_code handle_sign_in_finish(
	const struct rules *r, struct route_call *call, struct err *err)
{
	struct rules_session out = {.role = ""};
	struct rules_problem problem = PROBLEM_NONE;
	enum err_code e = rules_sign_in_finish(r, &out, &problem, call->in.session.name,
		origin(call), &call->hash, call->hash_right, err);

	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_session(&call->answer, &out);
	sec_wipe(&out, sizeof(out));
	return e;
}

enum err_code handle_sign_out(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	enum err_code e = rules_sign_out(r, &call->caller, span_text(call->token), err);

	(void)next;
	if (!e)
		answer_session_ended(&call->answer);
	return e;
}

/* ---- calls ---- */

/* What every request about a call ends with. */
static void tell_call(struct route_call *call, int status, const struct rules_call *out,
	const struct rules_problem *problem)
{
	if (problem->word[0])
		answer_problem(&call->answer, problem);
	else
		answer_call(&call->answer, status, out);
}

enum err_code handle_call_open(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_call out;
	enum err_code e =
		rules_call_open(r, &out, &problem, &call->caller, &call->in.call_open, err);

	(void)next;
	if (!e)
		tell_call(call, 201, &out, &problem);
	return e;
}

enum err_code handle_call_state(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_call out;
	enum err_code e = rules_call_state(r, &out, &problem, &call->caller, call->id, err);

	(void)next;
	if (!e)
		tell_call(call, 200, &out, &problem);
	return e;
}

enum err_code handle_call_end(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_call out;
	enum err_code e = rules_call_end(r, &out, &problem, &call->caller, call->id, err);

	(void)next;
	if (!e)
		tell_call(call, 200, &out, &problem);
	return e;
}

enum err_code handle_call_answer(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_call out;
	enum err_code e = rules_call_answer_begin(r, &call->hash, &out, &problem, &call->caller,
		call->id, (int)call->in.call_answer.question,
		span_text(call->in.call_answer.answer), err);

	if (e)
		return e;
	if (call->hash.wanted && problem.word[0] == '\0')
		*next = ROUTE_HASH;
	else
		tell_call(call, 200, &out, &problem);
	return ERR_OK;
}

enum err_code handle_call_answer_finish(
	const struct rules *r, struct route_call *call, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_call out;
	enum err_code e = rules_call_answer_finish(r, &out, &problem, &call->caller, call->id,
		(int)call->in.call_answer.question, &call->hash, call->hash_right, err);

	if (!e)
		tell_call(call, 200, &out, &problem);
	return e;
}

/* ---- credentials ---- */

enum err_code handle_call_credentials(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_credential_seen list[RULES_CREDENTIALS_MAX];
	struct rules_problem problem = PROBLEM_NONE;
	struct store_holder holder;
	size_t count = 0;
	bool more = false;
	enum err_code e = rules_call_holder(r, &holder, &problem, &call->caller, call->id, err);

	(void)next;
	if (!e && problem.word[0] == '\0')
		e = rules_credentials_of(r, list, &count, &more, holder.id, err);
	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_credentials(&call->answer, &holder, list, count, more);
	return e;
}

enum err_code handle_credential(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	struct rules_credential_seen seen;
	bool of_wallet = call->caller.role == ROLE_WALLET;
	enum err_code e = ERR_NOT_FOUND;

	(void)next;
	if (!of_wallet || memcmp(call->caller.id, call->id, CODE_ID_LEN) == 0)
		e = rules_credential_look(r, &seen, call->id, err);
	if (e == ERR_NOT_FOUND) {
		problem_set(&problem, 404, "not-found",
			of_wallet ? "this wallet has no such credential" : "no such credential");
		answer_problem(&call->answer, &problem);
		return ERR_OK;
	}
	if (!e && of_wallet)
		answer_wallet_credential(&call->answer, &seen);
	else if (!e)
		answer_credential(&call->answer, &seen);
	return e;
}

/* What it is afterwards. */
static enum err_code tell_credential(const struct rules *r, struct route_call *call,
	const struct rules_problem *problem, struct err *err)
{
	struct rules_credential_seen seen;
	enum err_code e = ERR_OK;

	if (problem->word[0]) {
		answer_problem(&call->answer, problem);
		return ERR_OK;
	}
	e = rules_credential_look(r, &seen, call->id, err);
	if (!e)
		answer_credential(&call->answer, &seen);
	return e;
}

enum err_code handle_freeze(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	char actor[RULES_ACTOR_MAX];
	enum err_code e = rules_call_allows(r, &problem, &call->caller, call->in.act.call,
		call->id, CALL_ACT_FREEZE, err);

	(void)next;
	rules_actor(actor, &call->caller);
	if (!e && problem.word[0] == '\0')
		e = rules_credential_freeze(r, &problem, call->id, 0, actor, err);
	return e ? e : tell_credential(r, call, &problem, err);
}

static enum err_code change(const struct rules *r, struct route_call *call,
	enum err_code (*act)(const struct rules *, struct rules_problem *, const uint8_t *,
		const char *, struct err *),
	struct err *err)
{
	struct rules_problem problem = PROBLEM_NONE;
	char actor[RULES_ACTOR_MAX];
	enum err_code e = rules_call_allows(r, &problem, &call->caller, call->in.act.call,
		call->id, CALL_ACT_CHANGE, err);

	rules_actor(actor, &call->caller);
	if (!e && problem.word[0] == '\0')
		e = act(r, &problem, call->id, actor, err);
	return e ? e : tell_credential(r, call, &problem, err);
}

enum err_code handle_unfreeze(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	(void)next;
	return change(r, call, rules_credential_unfreeze, err);
}

enum err_code handle_void(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	(void)next;
	return change(r, call, rules_credential_void, err);
}

/* Who is told the token without having asked for it to be shown. */
static bool token_is_for(const struct route_call *call)
{
	return call->caller.role == ROLE_WALLET || call->caller.role == ROLE_ADMIN;
}

/* May the code be shown to the holder who stands at the counter? Said by the policy, to whom it
 * says, and only where an enrolled terminal asks, by its certificate: never to a copied session.
 */
static enum err_code may_show(const struct rules *r, const struct route_call *call,
	struct rules_problem *problem, struct err *err)
{
	struct store_terminal terminal;
	int64_t least = call->caller.role == ROLE_SUPERVISOR ? 1 : 2;

	if (token_is_for(call))
		return ERR_OK;
	if (r->policy->activation_shown < least) {
		problem_set(problem, 403, "not-allowed",
			"this operator may not show activation codes here: the holder gets a "
			"message");
		return ERR_OK;
	}
	if (call->terminal.role != ROLE_TERMINAL) {
		problem_set(problem, 403, "not-allowed",
			"activation codes are shown at enrolled terminals only");
		return ERR_OK;
	}
	return rules_terminal_load(r, &terminal, problem, &call->terminal, err);
}

/* Beside the record of the renewal: whoever stood at which terminal saw the code. */
static enum err_code record_shown(const struct rules *r, const struct route_call *call,
	const char *actor, struct err *err)
{
	uint8_t id[CODE_ID_LEN] = {0};
	const struct rules_act act = {.kind = "activation-shown",
		.credential = call->id,
		.terminal = call->terminal.id,
		.call = id,
		.operator_mark = actor};

	if (token_is_for(call))
		return ERR_OK;
	return hex_decode(id, CODE_ID_LEN, span_text(call->in.act.call))
		       ? err_set(err, ERR_INTERNAL, "a call that was good is none")
		       : rules_record(r, &act, err);
}

static enum err_code renew(const struct rules *r, struct route_call *call,
	struct rules_issued *out, struct rules_problem *problem, struct err *err)
{
	char actor[RULES_ACTOR_MAX];
	uint32_t not_after = 0;
	enum err_code e;

	if (call->caller.role == ROLE_WALLET && (call->in.act.call[0] || call->in.act.show)) {
		problem_set(problem, 400, "bad-request", "a wallet is in no call");
		return ERR_OK;
	}
	if (call->caller.role == ROLE_WALLET)
		return rules_wallet_renew(r, out, problem, &call->caller, call->id, err);
	rules_actor(actor, &call->caller);
	e = rules_call_allows(r, problem, &call->caller, call->in.act.call, call->id,
		CALL_ACT_CHANGE, err);
	if (!e && problem->word[0] == '\0' && call->in.act.show)
		e = may_show(r, call, problem, err);
	if (!e && problem->word[0] == '\0')
		e = rules_credential_end(r, &not_after, 0, err);
	if (!e && problem->word[0] == '\0')
		e = rules_credential_renew(r, out, problem, call->id, not_after, actor, err);
	if (!e && problem->word[0] == '\0' && call->in.act.show)
		e = record_shown(r, call, actor, err);
	return e;
}

enum err_code handle_renewal(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_issued out = {.generation = 0};
	struct rules_problem problem = PROBLEM_NONE;
	char link[MESSAGE_LINK_MAX] = "";
	enum err_code e = renew(r, call, &out, &problem, err);

	(void)next;
	/* An operator who has the token could activate the credential: by itself none is told. */
	if (!e && problem.word[0]) {
		answer_problem(&call->answer, &problem);
	} else if (!e) {
		if (call->in.act.show)
			rules_message_link(r, link, out.token);
		answer_renewed(&call->answer, &out, token_is_for(call) || call->in.act.show, link);
	}
	sec_wipe(link, sizeof(link));
	sec_wipe(&out, sizeof(out));
	return e;
}
