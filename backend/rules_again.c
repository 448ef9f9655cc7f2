/* SPDX-License-Identifier: Apache-2.0
 *
 * What was begun under other limits is looked at again with those of now, before it is accepted and
 * before its PIN is. Nothing is looked at again where nothing changed: an account that runs out of
 * tries ends what is open itself (rules_throttle.c).
 */
#include "backend/rules_shared.h"

bool rules_is_older(const struct rules *r, const struct store_verification *v)
{
	return v->created_at <= r->policy->since;
}

int rules_least_binding(const struct rules *r, const struct store_verification *v)
{
	const struct policy_need need =
		policy_need_of(r->policy, v->amount, v->timed, v->digits);

	return (int)need.binding > v->min_binding ? (int)need.binding : v->min_binding;
}

const char *rules_account_bar(const struct rules *r, const struct store_verification *v,
	const struct store_account *a)
{
	struct rules_problem problem;

	rules_problem_clear(&problem);
	rules_account_check(r, &problem, a);
	if (rules_refused(&problem))
		return "too-many-attempts";
	if (v->level > POLICY_LEVEL_NONE && v->level < POLICY_LEVEL_COUNT &&
		v->amount > (uint64_t)policy_level_max(r->policy, (enum policy_level)v->level))
		return "limits-changed";
	return "";
}

enum err_code rules_again(const struct rules *r, const char **bar,
	const struct store_verification *v, const struct store_credential *c, struct err *err)
{
	const struct policy_need need =
		policy_need_of(r->policy, v->amount, v->timed, v->digits);
	/* also of another process, which has not read the file yet, or at a clock set back */
	const bool unasked = need.pin && !v->pin && c->pin;
	struct store_account account;
	enum err_code e;

	if ((*bar)[0] || (!unasked && !rules_is_older(r, v)))
		return ERR_OK;
	e = store_account_get(r->store, &account, c->account, err);
	if (e)
		return e;
	*bar = rules_account_bar(r, v, &account);
	/* who did not ask for a PIN then cannot ask for it now: begin anew */
	if (!(*bar)[0] && unasked && account.pin_hash[0])
		*bar = "limits-changed";
	return ERR_OK;
}
