/* SPDX-License-Identifier: Apache-2.0
 *
 * Freezing, unfreezing, voiding and renewing credentials.
 */
#include "backend/rules_credential.h"
#include "backend/rules_message.h"

#include <string.h>

#define DAY_S 86400

/* ---- keys and tokens of one generation ---- */

enum err_code rules_credential_end(const struct rules *r, uint32_t *out, int64_t wanted,
	struct err *err)
{
	int64_t now = clock_unix_s(r->clock);

	if (!wanted && !r->policy->valid_days)
		wanted = CODE_NO_END;
	if (!wanted)
		wanted = now + r->policy->valid_days * DAY_S;
	if (wanted <= now || wanted > (int64_t)CODE_NO_END)
		return err_set(err, ERR_RANGE,
			"the end of validity must be later than now and before the year 2106");
	*out = (uint32_t)wanted;
	return ERR_OK;
}

enum err_code rules_key_make(const struct rules *r, struct store_key *key, struct err *err)
{
	struct code_credential fields = {
		.generation = (uint16_t)key->generation, .not_after = key->not_after};
	uint8_t secret[SEC_KEY_LEN];
	enum err_code e = sec_random(secret, sizeof(secret), err);

	if (!e)
		e = keyring_credential_seal(r->keys, key->sealed, key->credential, key->generation,
			secret, err);
	sec_wipe(secret, sizeof(secret));
	if (e)
		return e;
	key->sealed_len = KEYRING_SEALED_LEN;
	memcpy(fields.issuer_key_id, keyring_issuer_at(r->keys, 0)->key_id, CODE_KEY_ID_LEN);
	memcpy(fields.credential_id, key->credential, CODE_ID_LEN);
	e = code_credential_sign(key->static_body, &fields, keyring_signing_seed(r->keys));
	return e ? err_set(err, e, "the credential could not be signed")
		 : store_key_insert(r->store, key, err);
}

static enum err_code activation_code(const struct rules *r, char out[static CODE_TEXT_MAX],
	const struct code_activation *fields, struct err *err)
{
	uint8_t body[CODE_PRESENTED_BODY_LEN];
	struct bytes text;
	enum err_code e = code_activation_sign(body, fields, keyring_signing_seed(r->keys));

	bytes_init_fixed(&text, out, CODE_TEXT_MAX - 1);
	if (!e)
		e = code_text_build(&text, keyring_issuer_host(r->keys), CODE_ACTIVATION,
			SPAN(body, sizeof(body)));
	sec_wipe(body, sizeof(body));
	if (e)
		return err_set(err, e, "the code of an activation could not be made");
	out[text.len] = '\0';
	return ERR_OK;
}

enum err_code rules_activation_make(const struct rules *r, struct rules_issued *out,
	const struct store_key *key, struct err *err)
{
	struct store_activation a = {.generation = key->generation};
	struct code_activation fields = {.generation = (uint16_t)key->generation};
	enum err_code e = keyring_activation_new(r->keys, fields.secret, a.token, err);

	memcpy(a.credential, key->credential, CODE_ID_LEN);
	a.expires_at = clock_unix_s(r->clock) + r->policy->activation_lifetime_s;
	memcpy(fields.issuer_key_id, keyring_issuer_at(r->keys, 0)->key_id, CODE_KEY_ID_LEN);
	memcpy(fields.credential_id, key->credential, CODE_ID_LEN);
	fields.not_after = (uint32_t)a.expires_at;
	if (!e)
		e = activation_code(r, out->code, &fields, err);
	if (!e)
		code_activation_text(out->token, fields.secret);
	memcpy(out->id, key->credential, CODE_ID_LEN);
	out->generation = (uint16_t)key->generation;
	out->not_after = key->not_after;
	out->token_expires_at = a.expires_at;
	sec_wipe(&fields, sizeof(fields));
	return e ? e : store_activation_insert(r->store, &a, err);
}

enum err_code rules_activation_withdraw(const struct rules *r,
	const uint8_t credential[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_activation_withdraw(r->store, credential, err);

	return e ? e : store_message_withdraw(r->store, credential, err);
}

/* ---- acts ---- */

static enum err_code load(const struct rules *r, struct store_credential *c,
	struct rules_problem *problem, const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_credential_get(r->store, c, id, err);

	rules_problem_clear(problem);
	if (e == ERR_NOT_FOUND) {
		rules_refuse(problem, 404, "not-found", "no such credential");
		return ERR_OK;
	}
	if (!e && c->is_void)
		rules_refuse(problem, 403, "void",
			"the credential is void; that is for ever, issue a new one");
	return e;
}

static enum err_code record(const struct rules *r, const char *kind, const uint8_t *id,
	int64_t until, const char *actor, struct err *err)
{
	const struct rules_act act = {
		.kind = kind, .credential = id, .until = until, .operator_mark = actor};

	return rules_record(r, &act, err);
}

enum err_code rules_credential_freeze(const struct rules *r, struct rules_problem *problem,
	const uint8_t id[static CODE_ID_LEN], int64_t until, const char *actor, struct err *err)
{
	struct store_credential c;
	enum err_code e = load(r, &c, problem, id, err);

	if (e || rules_refused(problem))
		return e;
	c.frozen_until = until ? until : STORE_FOR_EVER;
	e = store_credential_guard_put(r->store, &c, err);
	if (!e)
		e = record(r, "frozen", id, until, actor, err);
	return e ? e : rules_credential_stop(r, id, "frozen", until, err);
}

enum err_code rules_credential_unfreeze(const struct rules *r, struct rules_problem *problem,
	const uint8_t id[static CODE_ID_LEN], const char *actor, struct err *err)
{
	struct store_credential c;
	enum err_code e = load(r, &c, problem, id, err);

	if (e || rules_refused(problem))
		return e;
	c.frozen_until = 0;
	c.failures = c.freezes = 0;
	e = store_credential_guard_put(r->store, &c, err);
	if (!e)
		e = record(r, "unfrozen", id, 0, actor, err);
	if (!e)
		e = rules_message(r, "unfrozen", id, NULL, 0, err);
	return e ? e : rules_event_credential(r, id, "active", 0, err);
}

enum err_code rules_credential_void(const struct rules *r, struct rules_problem *problem,
	const uint8_t id[static CODE_ID_LEN], const char *actor, struct err *err)
{
	struct store_credential c;
	enum err_code e = load(r, &c, problem, id, err);

	if (e || rules_refused(problem))
		return e;
	c.is_void = true;
	e = store_credential_guard_put(r->store, &c, err);
	if (!e)
		e = rules_activation_withdraw(r, id, err);
	if (!e)
		e = store_wallet_revoke(r->store, id, err);
	if (!e)
		e = record(r, "void", id, 0, actor, err);
	return e ? e : rules_credential_stop(r, id, "void", 0, err);
}

/* ---- the next generation ---- */

/* key: credential, generation and not_after of the next one. */
static enum err_code next_generation(const struct rules *r, struct store_key *key, struct err *err)
{
	const uint8_t *id = key->credential;
	enum err_code e = store_credential_generation_put(r->store, id, key->generation, err);

	if (!e)
		e = rules_key_make(r, key, err);
	if (!e)
		e = store_key_forget(r->store, id, key->generation, err);
	if (!e)
		e = store_number_forget(r->store, id, key->generation, err);
	if (!e)
		e = rules_activation_withdraw(r, id, err);
	return e ? e : rules_credential_stop(r, id, "superseded", 0, err);
}

enum err_code rules_credential_supersede(const struct rules *r, const struct store_credential *c,
	struct err *err)
{
	struct store_key old, key = {.generation = c->generation + 1};
	enum err_code e = store_key_get(r->store, &old, c->id, c->generation, err);

	if (e)
		return e;
	memcpy(key.credential, c->id, CODE_ID_LEN);
	key.not_after = old.not_after;
	e = next_generation(r, &key, err);
	return e ? e : store_wallet_revoke(r->store, c->id, err);
}

/* Refuses when there have been too many. */
static enum err_code renew(const struct rules *r, struct rules_issued *out,
	struct rules_problem *problem, const struct store_credential *c, uint32_t not_after,
	struct err *err)
{
	struct store_key key = {.generation = c->generation + 1, .not_after = not_after};
	enum err_code e;

	if (c->generation == UINT16_MAX) {
		rules_refuse(problem, 403, "not-allowed",
			"this credential was renewed too often; issue a new one");
		return ERR_OK;
	}
	memcpy(key.credential, c->id, CODE_ID_LEN);
	e = next_generation(r, &key, err);
	return e ? e : rules_activation_make(r, out, &key, err);
}

enum err_code rules_credential_renew(const struct rules *r, struct rules_issued *out,
	struct rules_problem *problem, const uint8_t id[static CODE_ID_LEN], uint32_t not_after,
	const char *actor, struct err *err)
{
	struct store_credential c;
	enum err_code e = load(r, &c, problem, id, err);

	memset(out, 0, sizeof(*out));
	if (e || rules_refused(problem))
		return e;
	e = renew(r, out, problem, &c, not_after, err);
	if (!e && !rules_refused(problem))
		e = store_wallet_revoke(r->store, c.id, err);
	if (!e && !rules_refused(problem))
		e = record(r, "renewed", c.id, 0, actor, err);
	if (!e && !rules_refused(problem))
		e = rules_message(
			r, "activation", c.id, out->token, out->token_expires_at, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}

/* ---- by the wallet ---- */

/* Why its wallet may not renew it now; *again: its next generation waits to be activated. */
static enum err_code wallet_may(const struct rules *r, bool *again, struct rules_problem *problem,
	const struct store_credential *c, struct err *err)
{
	int64_t now = clock_unix_s(r->clock);
	bool activated = false;
	struct store_key key;
	enum err_code e = store_activation_done(r->store, &activated, c->id, c->generation, err);

	if (!e)
		e = store_key_get(r->store, &key, c->id, c->generation, err);
	if (e)
		return e;
	*again = !activated;
	if (c->frozen_until > now) {
		rules_refuse(problem, 403, "frozen",
			"a frozen credential is not renewed; ask the issuer");
		problem->until_unix_s = c->frozen_until == STORE_FOR_EVER ? 0 : c->frozen_until;
	} else if (activated && (key.not_after == CODE_NO_END || now < (int64_t)key.not_after)) {
		rules_refuse(problem, 403, "not-expired",
			"the credential is still valid: it is renewed after its end");
	} else if (activated && now >= (int64_t)key.not_after + r->policy->renewal_days * DAY_S) {
		rules_refuse(problem, 403, "expired",
			"it ended too long ago to be renewed by the wallet; ask the issuer");
	}
	return ERR_OK;
}

static enum err_code wallet_token(const struct rules *r, struct rules_issued *out,
	struct rules_problem *problem, const struct store_credential *c, bool again,
	struct err *err)
{
	const struct rules_act act = {.kind = "renewed", .credential = c->id, .reason = "wallet"};
	const struct rules_act once_more = {
		.kind = "activation-token", .credential = c->id, .reason = "wallet"};
	struct store_key key;
	uint32_t not_after = 0;
	enum err_code e;

	if (!again) {
		e = rules_credential_end(r, &not_after, 0, err);
		if (!e)
			e = renew(r, out, problem, c, not_after, err);
		return e || rules_refused(problem) ? e : rules_record(r, &act, err);
	}
	e = store_key_get(r->store, &key, c->id, c->generation, err);
	if (!e)
		e = rules_activation_withdraw(r, c->id, err);
	if (!e)
		e = rules_activation_make(r, out, &key, err);
	return e ? e : rules_record(r, &once_more, err);
}

enum err_code rules_wallet_renew(const struct rules *r, struct rules_issued *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_credential c;
	bool again = false;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	if (!span_equal(SPAN(caller->id, CODE_ID_LEN), SPAN(id, CODE_ID_LEN))) {
		rules_refuse(problem, 404, "not-found", "this wallet has no such credential");
		return ERR_OK;
	}
	e = load(r, &c, problem, id, err);
	if (!e && !rules_refused(problem))
		e = wallet_may(r, &again, problem, &c, err);
	if (!e && !rules_refused(problem))
		e = wallet_token(r, out, problem, &c, again, err);
	if (!e && !rules_refused(problem)) /* its link is the wallet's: this only says so */
		e = rules_message(r, "renewed", c.id, NULL, 0, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}
