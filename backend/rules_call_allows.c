/* SPDX-License-Identifier: Apache-2.0
 *
 * What a call to customer service allows its operator.
 */
#include "backend/rules_call.h"

#include <string.h>

static enum err_code of_holder(const struct rules *r, bool *same,
	const uint8_t credential[static CODE_ID_LEN], const uint8_t holder[static CODE_ID_LEN],
	struct err *err)
{
	struct store_credential c;
	enum err_code e = store_credential_get(r->store, &c, credential, err);

	*same = !e && span_equal(SPAN(c.holder, CODE_ID_LEN), SPAN(holder, CODE_ID_LEN));
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static void check_call(const struct rules *r, struct rules_problem *problem,
	const struct store_call *c, enum rules_call_act act)
{
	if (rules_call_is_over(r, c))
		rules_refuse(problem, 403, "call-ended", "this call is over; open a new one");
	else if (act == CALL_ACT_CHANGE && !c->identified)
		rules_refuse(problem, 403, "not-identified",
			"the holder must be identified for this: more right answers are needed");
	else if (rules_call_right(c) < RULES_CALL_FREEZE_RIGHT)
		rules_refuse(problem, 403, "not-identified",
			"one question must be answered rightly first");
}

enum err_code rules_call_allows(const struct rules *r, struct rules_problem *problem,
	const struct rules_caller *caller, const char *call,
	const uint8_t credential[static CODE_ID_LEN], enum rules_call_act act, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	struct store_call c;
	bool same = false;
	enum err_code e;

	rules_problem_clear(problem);
	if (!call[0] && caller->role == ROLE_ADMIN)
		return ERR_OK;
	if (!call[0] || caller->role == ROLE_WALLET) {
		rules_refuse(problem, 403, "call-needed",
			"an operator does this only in a call with the holder");
		return ERR_OK;
	}
	if (hex_decode(id, CODE_ID_LEN, span_text(call))) {
		rules_refuse(problem, 400, "bad-request", "member \"call\" must be 32 hex digits");
		return ERR_OK;
	}
	e = rules_call_load(r, &c, problem, caller, id, err);
	if (!e && !rules_refused(problem) && caller->role != ROLE_ADMIN)
		check_call(r, problem, &c, act);
	if (!e && !rules_refused(problem))
		e = of_holder(r, &same, credential, c.holder, err);
	if (!e && !rules_refused(problem) && !same)
		rules_refuse(problem, 404, "not-found", "the holder has no such credential");
	if (e || rules_refused(problem))
		return e;
	/* which call it was, beside the record of the act itself */
	return rules_call_record(r, "call-used", &c, credential, NULL, err);
}

enum err_code rules_call_holder(const struct rules *r, struct store_holder *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t call[static CODE_ID_LEN], struct err *err)
{
	struct store_call c;
	enum err_code e = rules_call_load(r, &c, problem, caller, call, err);

	memset(out, 0, sizeof(*out));
	if (!e && !rules_refused(problem) && caller->role != ROLE_ADMIN)
		check_call(r, problem, &c, CALL_ACT_LOOK);
	return e || rules_refused(problem) ? e : store_holder_get(r->store, out, c.holder, err);
}
