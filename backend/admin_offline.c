/* SPDX-License-Identifier: Apache-2.0
 *
 * offline list: what terminals sold while the server was out of reach.
 */
#include <string.h>

#include "backend/admin.h"
#include "backend/rules_offline.h"

#define LIST_MAX 1000

static void tell(struct admin *a, const struct service_verification *v)
{
	bool accepted = v->state == STATE_ACCEPTED;
	size_t skip = strlen(OFFLINE_WORD "-");

	admin_json_id(a, "id", v->id);
	json_out_text(&a->json, "outcome", accepted ? "accepted" : "conflict");
	if (!accepted)
		json_out_text(&a->json, "reason", strlen(v->reason) > skip ? v->reason + skip : "");
	admin_json_id(a, "credential", v->credential);
	json_out_text(&a->json, "terminal", v->terminal);
	json_out_int(&a->json, "amount", (int64_t)v->amount);
	json_out_text(&a->json, "currency", v->currency);
	if (v->reference[0])
		json_out_text(&a->json, "reference", v->reference);
	if (v->operator_name[0])
		json_out_text(&a->json, "operator", v->operator_name);
	json_out_int(&a->json, "sold_at", v->started_at);
	json_out_int(&a->json, "handed_in_at", v->decided_at);
	if (v->receipt[0])
		json_out_text(&a->json, "receipt", v->receipt);
}

enum err_code admin_offline_list(struct admin *a, struct err *err)
{
	bool conflicts = false, more = false;
	int64_t last = LIST_MAX, count = 0;
	const struct arg list[] = {
		{.name = "conflicts", .flag = &conflicts},
		{.name = "last", .number = &last, .min = 1, .max = LIST_MAX},
	};
	struct service_verification v = {.place = INT64_MAX};
	enum err_code e = args_parse(a->argc, a->argv, list, 2, NULL, err);

	if (e)
		return e;
	json_out_array_begin(&a->json, "sales");
	for (;;) {
		e = service_verification_before_offline(a->service, &v, v.place, err);
		if (e)
			break;
		if (conflicts && v.state == STATE_ACCEPTED)
			continue;
		more = count++ == last;
		if (more)
			break;
		json_out_begin(&a->json, NULL);
		tell(a, &v);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	json_out_bool(&a->json, "more", more);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
