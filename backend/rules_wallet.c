/* SPDX-License-Identifier: Apache-2.0
 *
 * What a wallet may know of the verifications of its own credential. It gets what the holder sees
 * anyway: merchant, amount, outcome, receipt.
 */
#include <string.h>

#include "backend/rules_shared.h"

static enum err_code load(const struct rules *r, struct store_verification *v,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_verification_get(r->store, v, id, err);

	if (e && e != ERR_NOT_FOUND)
		return e;
	/* A guess of another's is no attack that counts: ids are random, and nothing is told. */
	if (e || caller->role != ROLE_WALLET ||
		!span_equal(SPAN(v->credential, CODE_ID_LEN), SPAN(caller->id, CODE_ID_LEN))) {
		rules_refuse(problem, 404, "not-found", "this wallet has no such verification");
		return ERR_OK;
	}
	return rules_verification_expire(r, v, err);
}

/* What the challenge said; without one (a sale made offline) the name that the counter has now. */
static enum err_code tell_merchant(const struct rules *r, struct rules_wallet_verification *out,
	const struct store_verification *v, struct err *err)
{
	char merchant[CODE_MERCHANT_MAX + 1], reference[CODE_REFERENCE_MAX + 1];
	struct store_terminal terminal;
	enum err_code e = ERR_OK;

	if (rules_challenge_texts(merchant, reference, v)) {
		text_copy(out->merchant, sizeof(out->merchant), merchant);
		return ERR_OK;
	}
	e = store_terminal_get(r->store, &terminal, v->terminal, err);
	if (!e)
		text_copy(out->merchant, sizeof(out->merchant), terminal.merchant);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code rules_wallet_verification(const struct rules *r,
	struct rules_wallet_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_verification v;
	struct store_told told;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	e = load(r, &v, problem, caller, id, err);
	if (e || rules_refused(problem))
		return e;
	e = store_verification_told(r->store, &told, id, err);
	if (!e)
		e = tell_merchant(r, out, &v, err);
	if (e)
		return e;
	rules_verification_view(r, &out->v, &v);
	out->amount = v.amount;
	text_copy(out->currency, sizeof(out->currency), v.amount ? v.currency : "");
	text_copy(out->reference, sizeof(out->reference), told.reference);
	out->started_at = told.created_at;
	out->decided_at = told.decided_at;
	return ERR_OK;
}
