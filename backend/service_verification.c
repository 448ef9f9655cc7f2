/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking verifications up, for whoever is asked what became of one.
 */
#include <stdio.h>
#include <string.h>

#include "backend/service_shared.h"
#include "backend/store_rows.h"

/* One that is over but not yet swept is told as the terminal would be told it. */
static void tell_state(struct service_verification *out, const struct store_told *v, int64_t now)
{
	const char *reason = v->reason;

	out->state = (enum rules_state)v->state;
	out->open = v->deadline > now;
	out->decided_at = v->decided_at;
	if (v->deadline && !out->open) {
		reason = v->state == STATE_CHALLENGED ? "number-expired" : "pin-timeout";
		out->state = STATE_EXPIRED;
		out->decided_at = v->deadline;
	}
	(void)snprintf(out->reason, sizeof(out->reason), "%s", reason);
}

static void tell(const struct service *s, struct service_verification *out,
	const struct store_told *v)
{
	memset(out, 0, sizeof(*out));
	out->place = v->place;
	memcpy(out->id, v->id, CODE_ID_LEN);
	memcpy(out->credential, v->credential, CODE_ID_LEN);
	tell_state(out, v, clock_unix_s(s->clock));
	(void)snprintf(out->terminal, sizeof(out->terminal), "%s", v->terminal);
	out->amount = v->amount;
	(void)snprintf(out->currency, sizeof(out->currency), "%s", v->currency);
	(void)snprintf(out->reference, sizeof(out->reference), "%s", v->reference);
	(void)snprintf(out->operator_name, sizeof(out->operator_name), "%s", v->operator_name);
	out->started_at = v->created_at;
	out->pin = v->pin;
	out->pin_tries = v->pin_tries;
	(void)snprintf(out->receipt, sizeof(out->receipt), "%s", v->receipt);
}

enum err_code service_verification_show(struct service *s, struct service_verification *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_told v;
	enum err_code e = store_verification_told(s->store, &v, id, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "no such verification");
	if (!e)
		tell(s, out, &v);
	return e;
}

enum err_code service_verification_before_offline(struct service *s,
	struct service_verification *out, int64_t place, struct err *err)
{
	struct store_told v;
	enum err_code e = store_verification_before_offline(s->store, &v, place, err);

	if (!e)
		tell(s, out, &v);
	return e;
}

enum err_code service_verification_before(struct service *s, struct service_verification *out,
	int64_t place, bool only_open, struct err *err)
{
	struct store_told v;
	enum err_code e = store_verification_before(
		s->store, &v, place, only_open ? clock_unix_s(s->clock) : 0, err);

	if (!e)
		tell(s, out, &v);
	return e;
}
