/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/offline: fields -> rules -> answer.
 */
#include "backend/handlers.h"
#include "backend/rules_offline.h"
#include "base/json.h"

static void answer_offline(struct answer *a, const struct rules_offline_out *out)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	json_out_hex(&w, "id", SPAN(out->id, CODE_ID_LEN));
	json_out_text(&w, "outcome", out->accepted ? "accepted" : "conflict");
	if (!out->accepted)
		json_out_text(&w, "reason", out->reason);
	if (out->receipt[0])
		json_out_text(&w, "receipt", out->receipt);
	json_out_end(&w);
}

enum err_code handle_offline(
	const struct rules *r, struct route_call *call, enum route_next *next, struct err *err)
{
	struct rules_offline_out out;
	struct rules_problem problem = {.attempts_left = -1};
	enum err_code e =
		rules_offline(r, &out, &problem, &call->caller, &call->in.offline, err);

	(void)next;
	if (!e && problem.word[0])
		answer_problem(&call->answer, &problem);
	else if (!e)
		answer_offline(&call->answer, &out);
	return e;
}
