/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup put back: what was open ends, and what was taken away since stays taken away.
 */
#include <string.h>

#include "backend/guard.h"
#include "backend/rules_credential.h"
#include "backend/rules_enrol.h"
#include "backend/store_message.h"
#include "backend/store_enrol.h"
#include "backend/store_event.h"
#include "backend/store_people.h"
#include "backend/service_shared.h"
#include "base/log.h"

static enum err_code end_open_verifications(struct service *s, struct err *err)
{
	const struct rules r = service_rules(s);
	struct store_verification v;
	enum err_code e = ERR_OK;

	while (!e) {
		e = store_verification_due(s->store, &v, INT64_MAX, err);
		if (!e)
			e = rules_verification_end(&r, &v, STATE_EXPIRED, "number-expired",
				"expired", err);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- what the guard log has and the database has not ---- */

static enum err_code take_back_credential(struct service *s, struct store_credential *c,
	const struct guard_line *l, struct err *err)
{
	const struct rules r = service_rules(s);

	if (strcmp(l->kind, "renewed") == 0) /* the key of the new one is lost: renew once more */
		return c->is_void ? ERR_OK : rules_credential_supersede(&r, c, err);
	if (l->has_counts) {
		c->failures = l->failures;
		c->freezes = l->freezes;
	}
	if (strcmp(l->kind, "void") == 0)
		c->is_void = true;
	else if (strcmp(l->kind, "frozen") == 0)
		c->frozen_until = l->until ? l->until : STORE_FOR_EVER;
	else if (strcmp(l->kind, "unfrozen") == 0)
		c->frozen_until = c->failures = c->freezes = 0;
	else if (strcmp(l->kind, "counted") != 0)
		return ERR_OK;
	if (c->is_void) {
		enum err_code e = store_wallet_revoke(s->store, c->id, err);

		if (e)
			return e;
	}
	return store_credential_guard_put(s->store, c, err);
}

/* pin-locked, pin-counted, pin-unlocked; the first programs named no account. */
static enum err_code take_back_pin(struct service *s, const struct guard_line *l, struct err *err)
{
	struct store_credential c;
	struct store_account a;
	uint8_t id[CODE_ID_LEN];
	enum err_code e = ERR_OK;

	memcpy(id, l->account, CODE_ID_LEN);
	if (!l->has_account) {
		e = store_credential_get(s->store, &c, l->credential, err);
		memcpy(id, c.account, CODE_ID_LEN);
	}
	if (!e)
		e = store_account_get(s->store, &a, id, err);
	if (e)
		return e;
	if (l->has_counts)
		a.pin_failures = l->failures;
	if (strcmp(l->kind, "pin-locked") == 0)
		a.pin_locked = true;
	if (strcmp(l->kind, "pin-unlocked") == 0)
		a.pin_failures = a.pin_locked = 0;
	return store_account_pin_put(s->store, &a, err);
}

/* Wrong answers of a day, of all credentials of an account: a day that is newer, or more of it. */
static enum err_code take_back_wrong(struct service *s, const struct guard_line *l, bool *done,
	struct err *err)
{
	struct store_account a;
	enum err_code e = store_account_get(s->store, &a, l->account, err);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*done = true;
	if (l->day < a.wrong_day || (l->day == a.wrong_day && l->wrong <= a.wrong_count))
		return ERR_OK;
	a.wrong_day = l->day;
	a.wrong_count = l->wrong;
	return store_account_wrong_put(s->store, &a, err);
}

static enum err_code take_back_terminal(struct service *s, struct store_terminal *t,
	const struct guard_line *l, struct err *err)
{
	const struct rules r = service_rules(s);

	/* token and key it had in the backup were ended; the new ones are lost: enrol once more */
	if (strcmp(l->kind, "terminal-enrolled") == 0 || strcmp(l->kind, "terminal-revoked") == 0)
		return rules_terminal_shut_out(&r, t, err);
	t->stopped = strcmp(l->kind, "terminal-stopped") == 0;
	t->wrong_row = t->static_wrong = 0;
	return store_terminal_guard_put(s->store, t, err);
}

static enum err_code take_back(struct service *s, const struct guard_line *l, bool *done,
	struct err *err)
{
	struct store_credential c;
	struct store_terminal t;
	bool counted = false;
	enum err_code e = ERR_OK;

	*done = true;
	if (l->has_wrong)
		e = take_back_wrong(s, l, &counted, err);
	if (e)
		return e;
	if (strncmp(l->kind, "pin-", 4) == 0) {
		e = take_back_pin(s, l, err);
		if (!e)
			return ERR_OK;
	} else if (strncmp(l->kind, "terminal-", 9) == 0 && l->has_terminal) {
		e = store_terminal_get(s->store, &t, l->terminal, err);
		if (!e)
			return take_back_terminal(s, &t, l, err);
	} else if (l->has_credential) {
		e = store_credential_get(s->store, &c, l->credential, err);
		if (!e)
			return take_back_credential(s, &c, l, err);
	} else {
		return store_credential_freeze_all(s->store, err); /* after a restore without log */
	}
	*done = counted; /* made after the backup: not there, so there is nothing to take away */
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

struct review {
	struct service *s;
	struct service_restored *told;
	bool parted; /* from here on the log is not the database's */
	bool issuer; /* the issuer key was rotated since: the one of the backup must not sign */
};

/* In the chain that goes on from here, so that the next restore finds it again. */
static enum err_code record_line(struct service *s, const struct guard_line *l, struct err *err)
{
	const struct rules r = service_rules(s);
	const struct rules_act act = {
		.kind = l->kind,
		.credential = l->has_credential ? l->credential : NULL,
		.terminal = l->has_terminal ? l->terminal : NULL,
		.account = l->has_account ? l->account : NULL,
		.has_counts = l->has_counts,
		.failures = l->failures,
		.freezes = l->freezes,
		.has_wrong = l->has_wrong,
		.day = l->day,
		.wrong = l->wrong,
		.operator_mark = s->actor,
		.until = l->until,
	};

	return rules_record(&r, &act, err);
}

static enum err_code review_line(void *ctx, const struct guard_line *l, struct err *err)
{
	struct review *v = ctx;
	struct store_audit r;
	bool done = false;
	enum err_code e = ERR_OK;

	if (!v->parted) {
		e = store_audit_next(v->s->store, &r, l->seq - 1, err);
		if (e && e != ERR_NOT_FOUND)
			return e;
		v->parted = e || r.seq != l->seq || !sec_equal(r.hash, l->hash, AUDIT_HASH_LEN);
	}
	if (!v->parted)
		return ERR_OK;
	if (strcmp(l->kind, AUDIT_ISSUER) == 0) {
		v->issuer = true;
		return ERR_OK;
	}
	e = take_back(v->s, l, &done, err);
	if (e || !done)
		return e;
	service_restored_line(v->told, l);
	return record_line(v->s, l, err);
}

#define REFUSED                                                                                    \
	"%s; what was made void or stopped since the backup is not known. Put guard.log back, or"  \
	" run restore with --without-guard: then every credential is frozen until you unfreeze it"

static enum err_code review(struct service *s, const char *guard, const char *head,
	struct service_restored *told_to, struct err *err)
{
	struct review v = {.s = s, .told = told_to};
	struct audit_head told;
	struct err why = {0};
	int64_t last = 0;
	enum err_code e = guard_walk(s->keys, guard, review_line, &v, &last, &why);

	/* no checkpoint: then nothing tells whether the end was cut off */
	if (!e && audit_head_read(&told, s->keys, head, NULL) == ERR_OK && told.guard > last)
		e = err_set(&why, ERR_FORGED, "%s: its end was cut off", guard);
	if (e == ERR_NOT_FOUND || e == ERR_FORGED)
		return err_set(err, ERR_CORRUPT, REFUSED, why.text);
	if (e)
		return err_set(err, e, "%s", why.text);
	return v.issuer ? service_issuer_rotate(s, err) : ERR_OK;
}

static enum err_code freeze_all(struct service *s, struct err *err)
{
	enum err_code e = store_credential_freeze_all(s->store, err);

	return e ? e : service_record(s, "frozen", NULL, NULL, 0, err);
}

/* Whoever was stopped, or got a new passphrase, in the lost time could sign in as before: everybody
 * is let in anew by hand, there are not many.
 */
static enum err_code stop_staff(struct service *s, struct err *err)
{
	enum err_code e = store_session_end_of(s->store, NULL, err);

	if (!e)
		e = store_call_end_all(s->store, err);
	return e ? e : store_staff_stop_all(s->store, err);
}

/* Receipts of this day are told apart from those of the lost time by it. */
static enum err_code record_time(struct service *s, struct err *err)
{
	uint8_t at[8];

	s->restored_at = clock_unix_s(s->clock);
	be64_put(at, (uint64_t)s->restored_at);
	return store_setting_put(s->store, SERVICE_RESTORED_AT, SPAN(at, sizeof(at)), err);
}

enum err_code service_restore_rules(struct service *s, const char *guard, const char *head,
	bool without_guard, struct service_restored *told, struct err *err)
{
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	/* first: numbers of events given out in the lost time are never found again */
	e = store_event_skip(s->store, EVENTS_LOST_MAX, clock_unix_s(s->clock), err);
	if (!e)
		e = service_restored_begin(s, told, err);
	if (!e)
		e = end_open_verifications(s, err);
	if (!e)
		e = store_activation_withdraw(s->store, NULL, err);
	if (!e) /* and with them the messages that wait; others were sent after the backup */
		e = store_message_withdraw(s->store, NULL, err);
	if (!e) /* as are codes for terminals: they may have been used since */
		e = store_enrolment_forget(s->store, "", STORE_FOR_EVER, err);
	if (!e)
		e = stop_staff(s, err);
	if (!e)
		e = without_guard ? freeze_all(s, err) : review(s, guard, head, told, err);
	if (!e)
		e = service_restored_end(s, told, err);
	if (!e)
		e = record_time(s, err);
	if (!e) /* a new epoch: numbers of the lost time are not made again */
		e = service_number_rotate(s, err);
	if (!e)
		e = service_record(s, "restored", NULL, NULL, 0, err);
	if (e) {
		store_rollback(s->store);
		return e;
	}
	e = store_commit(s->store, err);
	if (!e)
		log_line(LOG_WARNING, "restore",
			"what was accepted since the backup is not in today's sums: until midnight"
			" an account may get its level_*_day once more; lower them until then if"
			" that is too much");
	return e;
}
