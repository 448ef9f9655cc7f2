/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and administrators.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backend/service_people.h"
#include "backend/service_shared.h"
#include "base/text_safe.h"

#define PASSPHRASE_KINDS_MIN 5 /* different characters */

static void tell(struct service_operator *out, const struct store_staff *s)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, s->id, CODE_ID_LEN);
	(void)snprintf(out->name, sizeof(out->name), "%s", s->name);
	out->role = s->role;
	out->stopped = s->stopped;
	out->created_at = s->created_at;
}

/* ---- passphrases ---- */

static bool has_name(struct span passphrase, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; n >= 3 && i + n <= passphrase.len; i++)
		if (strncasecmp((const char *)passphrase.data + i, name, n) == 0)
			return true;
	return false;
}

static enum err_code check_passphrase(struct span p, const char *name, struct err *err)
{
	bool seen[256] = {false};
	size_t characters = 0, kinds = 0;

	for (size_t i = 0; i < p.len; i++) {
		characters += (p.data[i] & 0xc0) != 0x80; /* not the rest of one */
		kinds += !seen[p.data[i]];
		seen[p.data[i]] = true;
	}
	if (!text_is_safe(p))
		return err_set(err, ERR_INVALID,
			"a passphrase has characters that can be typed: no control characters");
	if (characters < RULES_PASSPHRASE_MIN)
		return err_set(err, ERR_INVALID, "a passphrase has at least %d characters",
			RULES_PASSPHRASE_MIN);
	if (p.len > RULES_PASSPHRASE_MAX)
		return err_set(err, ERR_INVALID, "a passphrase has at most %d bytes",
			RULES_PASSPHRASE_MAX);
	if (kinds < PASSPHRASE_KINDS_MIN)
		return err_set(err, ERR_INVALID,
			"this passphrase is the same few characters again and again");
	if (has_name(p, name))
		return err_set(err, ERR_INVALID, "a passphrase must not have the name in it");
	return ERR_OK;
}

static enum err_code hash_passphrase(struct service *s, struct store_staff *staff,
	struct span passphrase, struct err *err)
{
	const struct rules r = service_rules(s);
	uint8_t peppered[SEC_KEY_LEN];
	enum err_code e = rules_passphrase_pepper(&r, peppered, staff->id, passphrase);

	if (e)
		return err_set(err, e, "the passphrase could not be prepared");
	e = sec_password_hash(staff->pass_hash, SPAN(peppered, sizeof(peppered)), err);
	sec_wipe(peppered, sizeof(peppered));
	return e;
}

/* ---- verbs ---- */

static enum err_code record(struct service *s, const char *kind, const struct store_staff *staff,
	struct err *err)
{
	const struct rules r = service_rules(s);
	const struct rules_act act = {
		.kind = kind, .member = staff->id, .operator_mark = s->actor};

	return rules_record(&r, &act, err);
}

enum err_code service_operator_add(struct service *s, struct service_operator *out,
	const char *name, enum staff_role role, struct span passphrase, struct err *err)
{
	struct store_staff staff = {.role = role, .created_at = clock_unix_s(s->clock)};
	enum err_code e = service_text(staff.name, sizeof(staff.name), name,
		"the operator's name", false, err);

	if (!e)
		e = check_passphrase(passphrase, name, err);
	if (!e)
		e = sec_random(staff.id, CODE_ID_LEN, err);
	if (!e)
		e = hash_passphrase(s, &staff, passphrase, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = store_staff_insert(s->store, &staff, err);
	if (e == ERR_EXISTS)
		e = err_set(err, e, "there is an operator with this name already");
	if (!e)
		e = record(s, "operator-added", &staff, err);
	tell(out, &staff);
	return service_finish(s, e, err);
}

static enum err_code find(struct service *s, struct store_staff *staff, const char *name,
	struct err *err)
{
	enum err_code e = store_staff_by_name(s->store, staff, name, err);

	return e == ERR_NOT_FOUND ? err_set(err, e, "no operator has this name") : e;
}

enum err_code service_operator_passphrase(struct service *s, struct service_operator *out,
	const char *name, struct span passphrase, struct err *err)
{
	struct store_staff staff;
	enum err_code e = check_passphrase(passphrase, name, err);

	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = find(s, &staff, name, err);
	if (!e)
		e = hash_passphrase(s, &staff, passphrase, err);
	if (!e)
		e = store_staff_put(s->store, &staff, err);
	if (!e)
		e = store_session_end_of(s->store, staff.id, err);
	if (!e)
		e = store_try_forget(s->store, staff.id, err);
	if (!e)
		e = record(s, "operator-changed", &staff, err);
	tell(out, &staff);
	return service_finish(s, e, err);
}

enum err_code service_operator_stop(struct service *s, struct service_operator *out,
	const char *name, bool stop, struct err *err)
{
	struct store_staff staff;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = find(s, &staff, name, err);
	staff.stopped = stop;
	if (!e)
		e = store_staff_put(s->store, &staff, err);
	if (!e)
		e = store_session_end_of(s->store, staff.id, err);
	if (!e)
		e = store_try_forget(s->store, staff.id, err);
	if (!e)
		e = record(s, stop ? "operator-stopped" : "operator-started", &staff, err);
	tell(out, &staff);
	return service_finish(s, e, err);
}

enum err_code service_operator_role(struct service *s, struct service_operator *out,
	const char *name, enum staff_role role, struct err *err)
{
	const struct rules r = service_rules(s);
	struct store_staff staff;
	struct rules_act act = {.kind = "operator-role",
		.reason = rules_staff_role(role),
		.operator_mark = s->actor};
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = find(s, &staff, name, err);
	staff.role = role;
	act.member = staff.id;
	if (!e)
		e = store_staff_put(s->store, &staff, err);
	if (!e)
		e = store_session_end_of(s->store, staff.id, err);
	if (!e)
		e = rules_record(&r, &act, err);
	tell(out, &staff);
	return service_finish(s, e, err);
}

enum err_code service_operator_after(struct service *s, struct service_operator *out,
	const char *name, struct err *err)
{
	struct store_staff staff;
	enum err_code e = store_staff_after(s->store, &staff, name, err);

	tell(out, &staff);
	return e;
}

enum err_code service_actor_set(struct service *s, const char *name, struct err *err)
{
	struct store_staff staff;
	struct rules_caller caller = {.role = ROLE_OPERATOR};
	enum err_code e = find(s, &staff, name, err);

	if (!e && staff.stopped)
		e = err_set(err, ERR_INVALID, "this operator is stopped");
	if (e)
		return e;
	memcpy(caller.id, staff.id, CODE_ID_LEN);
	rules_actor(s->actor, &caller);
	return ERR_OK;
}
