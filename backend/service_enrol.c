/* SPDX-License-Identifier: Apache-2.0
 *
 * Terminals by certificate: one-time codes and revocation.
 */
#include "backend/service_shared.h"

#include <stdio.h>
#include <string.h>

#include "backend/rules_enrol.h"
#include "backend/store_enrol.h"

static enum err_code make_code(const struct service *s, struct service_enrolment *out,
	struct store_enrolment *row, struct err *err)
{
	uint8_t secret[AUTHORITY_SECRET_LEN];
	enum err_code e = sec_random(secret, sizeof(secret), err);

	if (e)
		return e;
	authority_code_text(out->code, secret, authority_mark(s->authority));
	sec_wipe(secret, sizeof(secret));
	if (rules_enrolment_digest(row->code, span_text(out->code)))
		return err_set(err, ERR_CRYPTO, "the code could not be hashed");
	return ERR_OK;
}

/* For which terminal, when there is one of this name; and which code, so that the record of who
 * used it can be told.
 */
static enum err_code record_code(struct service *s, const struct store_enrolment *row,
	struct err *err)
{
	const struct rules r = service_rules(s);
	struct store_terminal t;
	struct rules_act act = {.kind = "enrolment-code",
		.code = row->code,
		.until = row->expires_at,
		.operator_mark = s->actor};
	enum err_code e = store_terminal_by_name(s->store, &t, row->name, err);

	if (e && e != ERR_NOT_FOUND)
		return e;
	act.terminal = e ? NULL : t.id;
	return rules_record(&r, &act, err);
}

enum err_code service_enrolment_new(struct service *s, struct service_enrolment *out,
	const char *name, const char *merchant, struct err *err)
{
	struct store_enrolment row = {.expires_at = 0};
	int64_t now = clock_unix_s(s->clock);
	enum err_code e;

	memset(out, 0, sizeof(*out));
	if (!s->authority)
		return err_set(err, ERR_NOT_FOUND,
			"there is no authority for terminals yet; `countersignd ca create` makes "
			"it");
	e = service_terminal_names(row.name, row.merchant, name, merchant, err);
	if (!e)
		e = make_code(s, out, &row, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	row.expires_at = out->expires_at = now + s->policy.enrolment_lifetime_s;
	e = store_enrolment_forget(s->store, row.name, now, err);
	if (!e)
		e = store_enrolment_insert(s->store, &row, err);
	if (!e)
		e = record_code(s, &row, err);
	e = service_finish(s, e, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}

enum err_code service_terminal_after(struct service *s, struct service_terminal_entry *out,
	const char *name, struct err *err)
{
	int64_t soon = clock_unix_s(s->clock) + ends_terminal_soon_s(s->policy.certificate_days);
	struct store_terminal_entry row;
	enum err_code e = store_terminal_after(s->store, &row, name, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	memcpy(out->id, row.id, CODE_ID_LEN);
	(void)snprintf(out->name, sizeof(out->name), "%s", row.name);
	(void)snprintf(out->merchant, sizeof(out->merchant), "%s", row.merchant);
	out->stopped = row.stopped;
	out->had_certificate = row.keys > 0;
	out->not_after = row.not_after;
	out->ends_soon = row.not_after != 0 && row.not_after <= soon;
	return ERR_OK;
}

enum err_code service_terminal_revoke(struct service *s, const char *name, struct err *err)
{
	const struct rules r = service_rules(s);
	struct store_terminal t;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = store_terminal_by_name(s->store, &t, name, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no terminal has this name");
	if (!e)
		e = rules_terminal_shut_out(&r, &t, err);
	if (!e) /* whoever has the device may have its code, too */
		e = store_enrolment_forget(s->store, t.name, clock_unix_s(s->clock), err);
	if (!e)
		e = service_record(s, "terminal-revoked", NULL, t.id, 0, err);
	if (!e)
		e = rules_event_terminal(&r, t.id, "revoked", err);
	return service_finish(s, e, err);
}
