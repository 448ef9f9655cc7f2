/* SPDX-License-Identifier: Apache-2.0
 *
 * PROTOCOL.md section 8.8: what an amount needs. The weakest level that is good for it is asked
 * for; a day's sum is counted over what was accepted at that level.
 */
#include "backend/rules_shared.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"

#define DAY_S 86400

enum fit {
	FIT_GOOD,
	FIT_CURRENCY, /* limits are in another one, and nobody can compare them */
	FIT_AMOUNT, /* too large by itself */
	FIT_DAY     /* with what was accepted today */
};

static enum err_code fit_of(const struct rules *r, enum fit *out,
	const struct store_verification *v, enum policy_level level, struct err *err)
{
	int64_t day = policy_level_day(r->policy, level), sum = 0;
	int64_t now = clock_unix_s(r->clock);
	/* It counts for the day it was started on, also where midnight came before the answer. */
	bool earlier = v->created_at && v->created_at < now;
	int64_t since = policy_day_start(r->policy, earlier ? v->created_at : now);
	enum err_code e = ERR_OK;

	*out = FIT_GOOD;
	if (r->policy->currency[0] && strcmp(v->currency, r->policy->currency) != 0) {
		*out = FIT_CURRENCY;
		return ERR_OK;
	}
	if (v->amount > (uint64_t)policy_level_max(r->policy, level)) {
		*out = FIT_AMOUNT;
		return ERR_OK;
	}
	if (day == INT64_MAX)
		return ERR_OK;
	e = store_day_sum(r->store, &sum, v->account, (int)level, since, err);
	if (!e && (v->amount > (uint64_t)day || sum > day - (int64_t)v->amount))
		*out = FIT_DAY;
	return e;
}

/* The next surer level that this credential can reach; false: there is none. */
static bool raise(struct policy_need *need, bool live, bool pin)
{
	if (!live)
		return false;
	if (pin && !need->pin) {
		need->pin = true;
		return true;
	}
	if (need->binding == CODE_BINDING_CHALLENGE)
		return false;
	need->binding = CODE_BINDING_CHALLENGE;
	return true;
}

static void refuse(const struct rules *r, struct rules_problem *problem,
	const struct store_verification *v, enum policy_level level, enum fit fit, bool pin)
{
	int64_t limit = fit == FIT_DAY ? policy_level_day(r->policy, level)
				       : policy_level_max(r->policy, level);
	const char *help = level == POLICY_LEVEL_D ? "a live code is good for more"
			   : !pin		  ? "an account with a PIN is good for more"
						  : "the issuer can raise it";
	char detail[sizeof(problem->detail)], text[AMOUNT_TEXT_MAX];

	if (fit == FIT_CURRENCY) {
		(void)snprintf(detail, sizeof(detail),
			"payments in %s are not allowed here, only in %s", v->currency,
			r->policy->currency);
		rules_refuse(problem, 403, "not-allowed", detail);
		return;
	}
	amount_text(text, sizeof(text), (uint64_t)limit, v->currency);
	(void)snprintf(detail, sizeof(detail),
		fit == FIT_DAY ? "more than %s of this account in one day is not allowed; %s"
			       : "more than %s at once is not allowed; %s",
		text, help);
	rules_refuse(problem, 403, "not-allowed", detail);
	if (fit == FIT_DAY)
		problem->until_unix_s =
			policy_day_start(r->policy, clock_unix_s(r->clock)) + DAY_S;
}

enum err_code rules_amount_need(const struct rules *r, struct policy_need *need, int *level,
	struct rules_problem *problem, const struct store_verification *v, bool live, bool pin,
	struct err *err)
{
	enum policy_level l = POLICY_LEVEL_D;
	enum fit fit = FIT_GOOD;
	enum err_code e;

	*level = POLICY_LEVEL_NONE;
	if (!v->amount)
		return ERR_OK;
	do {
		l = policy_level_of(live, need->binding, need->pin);
		e = fit_of(r, &fit, v, l, err);
		if (e)
			return e;
	} while (fit != FIT_GOOD && fit != FIT_CURRENCY && raise(need, live, pin));
	*level = (int)l;
	if (fit != FIT_GOOD)
		refuse(r, problem, v, l, fit, pin);
	return ERR_OK;
}

enum err_code rules_amount_fits(const struct rules *r, const char **bar,
	const struct store_verification *v, struct err *err)
{
	static const char *const bars[] = {
		[FIT_GOOD] = "",
		[FIT_CURRENCY] = "limits-changed",
		[FIT_AMOUNT] = "limits-changed",
		[FIT_DAY] = "not-allowed"};
	enum fit fit = FIT_GOOD;
	enum err_code e = ERR_OK;

	if (v->level > POLICY_LEVEL_NONE && v->level < POLICY_LEVEL_COUNT)
		e = fit_of(r, &fit, v, (enum policy_level)v->level, err);
	*bar = bars[e ? FIT_DAY : fit];
	return e;
}
