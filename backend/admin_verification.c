/* SPDX-License-Identifier: Apache-2.0
 *
 * verification show, list: what became of a verification, for whoever the counter asks.
 */
#include "backend/admin.h"

#define DAY_S    86400
#define LIST_MAX 1000

static void tell(struct admin *a, const struct service_verification *v)
{
	admin_json_id(a, "id", v->id);
	json_out_text(&a->json, "state", rules_state_word(v->state));
	if (v->reason[0])
		json_out_text(&a->json, "reason", v->reason);
	json_out_bool(&a->json, "open", v->open);
	admin_json_id(a, "credential", v->credential);
	json_out_text(&a->json, "terminal", v->terminal);
	if (v->amount) { /* 0 = none, whatever its currency */
		json_out_int(&a->json, "amount", (int64_t)v->amount);
		json_out_text(&a->json, "currency", v->currency);
	}
	if (v->reference[0])
		json_out_text(&a->json, "reference", v->reference);
	if (v->operator_name[0])
		json_out_text(&a->json, "operator", v->operator_name);
	json_out_int(&a->json, "started_at", v->started_at);
	if (v->decided_at)
		json_out_int(&a->json, "decided_at", v->decided_at);
	json_out_bool(&a->json, "pin_required", v->pin);
	json_out_int(&a->json, "pin_tries", v->pin_tries);
	if (v->receipt[0])
		json_out_text(&a->json, "receipt", v->receipt);
}

enum err_code admin_verification_show(struct admin *a, struct err *err)
{
	struct service_verification v;
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_verification_show(a->service, &v, id, err);
	if (!e)
		tell(a, &v);
	return e;
}

enum err_code admin_verification_list(struct admin *a, struct err *err)
{
	bool open = false, today = false, more = false;
	int64_t last = LIST_MAX, now = clock_unix_s(a->clock), count = 0;
	const struct arg list[] = {
		{.name = "open", .flag = &open},
		{.name = "today", .flag = &today},
		{.name = "last", .number = &last, .min = 1, .max = LIST_MAX},
	};
	struct service_verification v = {.place = INT64_MAX};
	enum err_code e = args_parse(a->argc, a->argv, list, 3, NULL, err);

	if (e)
		return e;
	json_out_array_begin(&a->json, "verifications");
	for (;;) {
		e = service_verification_before(a->service, &v, v.place, open, err);
		if (e || (today && v.started_at < now - now % DAY_S))
			break;
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
