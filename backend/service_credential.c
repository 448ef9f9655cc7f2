/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials: issued, shown, frozen, made void, renewed.
 */
#include "backend/service_shared.h"

#include <stdio.h>
#include <string.h>

#include "backend/registration.h"

#define DAY_S 86400

/* ---- keys and tokens of one generation ---- */

static enum err_code end_date(const struct service *s, uint32_t *out, int64_t wanted,
	struct err *err)
{
	int64_t now = clock_unix_s(s->clock);

	if (!wanted && !s->policy.valid_days)
		wanted = CODE_NO_END;
	if (!wanted)
		wanted = now + s->policy.valid_days * DAY_S;
	if (wanted <= now || wanted > (int64_t)CODE_NO_END)
		return err_set(err, ERR_RANGE,
			"the end of validity must be later than now and before the year 2106");
	*out = (uint32_t)wanted;
	return ERR_OK;
}

static enum err_code make_key(struct service *s, struct store_key *key, struct err *err)
{
	struct code_credential fields = {
		.generation = (uint16_t)key->generation, .not_after = key->not_after};
	uint8_t secret[SEC_KEY_LEN];
	enum err_code e = sec_random(secret, sizeof(secret), err);

	if (!e)
		e = keyring_credential_seal(s->keys, key->sealed, key->credential, key->generation,
			secret, err);
	sec_wipe(secret, sizeof(secret));
	if (e)
		return e;
	key->sealed_len = KEYRING_SEALED_LEN;
	memcpy(fields.issuer_key_id, keyring_issuer_at(s->keys, 0)->key_id, CODE_KEY_ID_LEN);
	memcpy(fields.credential_id, key->credential, CODE_ID_LEN);
	e = code_credential_sign(key->static_body, &fields, keyring_signing_seed(s->keys));
	return e ? err_set(err, e, "the credential could not be signed")
		 : store_key_insert(s->store, key, err);
}

static enum err_code make_token(struct service *s, struct service_issued *out,
	const struct store_key *key, struct err *err)
{
	struct store_activation a = {.generation = key->generation};
	enum err_code e = keyring_token_new(out->token, a.token, err);

	memcpy(a.credential, key->credential, CODE_ID_LEN);
	a.expires_at = clock_unix_s(s->clock) + s->policy.activation_lifetime_s;
	memcpy(out->id, key->credential, CODE_ID_LEN);
	out->generation = (uint16_t)key->generation;
	out->not_after = key->not_after;
	out->token_expires_at = a.expires_at;
	return e ? e : store_activation_insert(s->store, &a, err);
}

static enum err_code finish_issue(struct service *s, struct service_issued *out,
	const char *kind, enum err_code e, struct err *err)
{
	if (!e)
		e = service_record(s, kind, out->id, NULL, 0, err);
	e = service_finish(s, e, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}

/* ---- issue ---- */

static enum err_code check_issue(const struct service *s, struct store_credential *c,
	const struct service_issue *in, struct err *err)
{
	int64_t standard = in->is_static ? s->policy.digits_static : s->policy.digits;
	enum err_code e = service_text(c->purpose, sizeof(c->purpose),
		in->purpose[0] ? in->purpose : "payment", "the purpose", false, err);

	if (!e)
		e = service_text(c->face_value, sizeof(c->face_value), in->face_value,
			"the face value", true, err);
	if (e)
		return e;
	c->live = !in->is_static;
	c->digits = in->digits ? in->digits : (int)standard;
	if (c->digits < CODE_DIGITS_MIN || c->digits > CODE_DIGITS_MAX)
		return err_set(err, ERR_RANGE, "digits must be %d to %d", CODE_DIGITS_MIN,
			CODE_DIGITS_MAX);
	c->pin = !in->no_pin;
	c->generation = 1;
	c->created_at = clock_unix_s(s->clock);
	memcpy(c->holder, in->holder, CODE_ID_LEN);
	memcpy(c->account, in->account, CODE_ID_LEN);
	return ERR_OK;
}

static enum err_code load_parties(struct service *s, struct store_holder *h,
	struct store_account *a, const struct service_issue *in, struct err *err)
{
	enum err_code e = store_holder_get(s->store, h, in->holder, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "no such holder");
	if (!e)
		e = store_account_get(s->store, a, in->account, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "no such account");
	if (!e && !span_equal(SPAN(a->holder, CODE_ID_LEN), SPAN(h->id, CODE_ID_LEN)))
		return err_set(err, ERR_INVALID, "the account is not this holder's");
	return e;
}

enum err_code service_credential_issue(struct service *s, struct service_issued *out,
	const struct service_issue *in, struct err *err)
{
	struct store_credential c = {.generation = 1};
	struct store_key key = {.generation = 1};
	struct store_holder holder;
	struct store_account account;
	struct bytes record;
	enum err_code e = check_issue(s, &c, in, err);

	memset(out, 0, sizeof(*out));
	if (!e)
		e = end_date(s, &key.not_after, in->not_after, err);
	if (!e)
		e = sec_random(c.id, CODE_ID_LEN, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	memcpy(key.credential, c.id, CODE_ID_LEN);
	e = load_parties(s, &holder, &account, in, err);
	bytes_init_fixed(&record, c.registration, sizeof(c.registration));
	if (!e)
		e = registration_build(&record, account.number, holder.name, holder.phone, err);
	c.registration_len = record.len;
	if (!e)
		e = store_credential_insert(s->store, &c, err);
	if (!e)
		e = make_key(s, &key, err);
	if (!e)
		e = make_token(s, out, &key, err);
	return finish_issue(s, out, "issued", e, err);
}

/* ---- the others: each reads the row first ---- */

static enum err_code load(struct service *s, struct store_credential *c,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_credential_get(s->store, c, id, err);

	return e == ERR_NOT_FOUND ? err_set(err, e, "no such credential") : e;
}

static enum err_code load_usable(struct service *s, struct store_credential *c,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = load(s, c, id, err);

	if (!e && c->is_void)
		e = err_set(err, ERR_INVALID,
			"the credential is void; that is for ever, issue a new one");
	return e;
}

/* key: credential, generation and not_after of the next one. */
static enum err_code supersede(struct service *s, struct store_key *key, struct err *err)
{
	const uint8_t *id = key->credential;
	enum err_code e = store_credential_generation_put(s->store, id, key->generation, err);

	if (!e)
		e = make_key(s, key, err);
	if (!e)
		e = store_key_forget(s->store, id, key->generation, err);
	if (!e)
		e = store_activation_withdraw(s->store, id, err);
	return e ? e : store_wallet_revoke(s->store, id, err);
}

enum err_code service_credential_supersede(struct service *s, const struct store_credential *c,
	struct err *err)
{
	struct store_key old, key = {.generation = c->generation + 1};
	enum err_code e = store_key_get(s->store, &old, c->id, c->generation, err);

	if (e)
		return e;
	memcpy(key.credential, c->id, CODE_ID_LEN);
	key.not_after = old.not_after;
	return supersede(s, &key, err);
}

enum err_code service_credential_renew(struct service *s, struct service_issued *out,
	const uint8_t id[static CODE_ID_LEN], int64_t not_after, struct err *err)
{
	struct store_credential c;
	struct store_key key = {.generation = 0};
	enum err_code e = end_date(s, &key.not_after, not_after, err);

	memcpy(key.credential, id, CODE_ID_LEN); /* first: id may be a member of *out */
	memset(out, 0, sizeof(*out));
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	id = key.credential;
	e = load_usable(s, &c, id, err);
	if (!e && c.generation == UINT16_MAX)
		e = err_set(err, ERR_RANGE, "this credential was renewed too often");
	key.generation = c.generation + 1;
	if (!e)
		e = supersede(s, &key, err);
	if (!e)
		e = make_token(s, out, &key, err);
	return finish_issue(s, out, "renewed", e, err);
}

enum err_code service_credential_freeze(struct service *s, const uint8_t id[static CODE_ID_LEN],
	int64_t until, struct err *err)
{
	struct store_credential c;
	enum err_code e;

	if (until && until <= clock_unix_s(s->clock))
		return err_set(err, ERR_RANGE, "the end of the freeze must be later than now");
	e = store_begin(s->store, err);
	if (e)
		return e;
	e = load_usable(s, &c, id, err);
	c.frozen_until = until ? until : STORE_FOR_EVER;
	if (!e)
		e = store_credential_guard_put(s->store, &c, err);
	if (!e)
		e = service_record(s, "frozen", id, NULL, until, err);
	return service_finish(s, e, err);
}

enum err_code service_credential_unfreeze(struct service *s,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_credential c;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = load_usable(s, &c, id, err);
	c.frozen_until = 0;
	c.failures = c.freezes = 0;
	if (!e)
		e = store_credential_guard_put(s->store, &c, err);
	if (!e)
		e = service_record(s, "unfrozen", id, NULL, 0, err);
	return service_finish(s, e, err);
}

enum err_code service_credential_void(struct service *s, const uint8_t id[static CODE_ID_LEN],
	struct err *err)
{
	struct store_credential c;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = load_usable(s, &c, id, err);
	c.is_void = true;
	if (!e)
		e = store_credential_guard_put(s->store, &c, err);
	if (!e)
		e = store_activation_withdraw(s->store, id, err);
	if (!e)
		e = store_wallet_revoke(s->store, id, err);
	if (!e)
		e = service_record(s, "void", id, NULL, 0, err);
	return service_finish(s, e, err);
}

/* ---- show ---- */

static void show(const struct service *s, struct service_credential *out,
	const struct store_credential *c, const struct store_key *key)
{
	const char *bar = rules_credential_bar(c, key, clock_unix_s(s->clock));
	bool frozen = c->frozen_until > clock_unix_s(s->clock);

	memcpy(out->id, c->id, CODE_ID_LEN);
	memcpy(out->holder, c->holder, CODE_ID_LEN);
	memcpy(out->account, c->account, CODE_ID_LEN);
	(void)snprintf(out->purpose, sizeof(out->purpose), "%s", c->purpose);
	(void)snprintf(out->face_value, sizeof(out->face_value), "%s", c->face_value);
	out->status = bar[0] ? bar : "active";
	out->frozen_until = frozen ? c->frozen_until : 0;
	out->generation = (uint16_t)c->generation;
	out->not_after = key->not_after;
	out->live = c->live;
	out->digits = c->digits;
	out->pin = c->pin;
	out->failures = c->failures;
	out->freezes = c->freezes;
}

enum err_code service_credential_show(struct service *s, struct service_credential *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_credential c;
	struct store_key key;
	struct store_holder holder;
	struct bytes text;
	enum err_code e = load(s, &c, id, err);

	memset(out, 0, sizeof(*out));
	out->status = "";
	if (!e)
		e = store_key_get(s->store, &key, id, c.generation, err);
	if (!e)
		e = store_holder_get(s->store, &holder, c.holder, err);
	if (!e)
		e = store_activation_done(s->store, &out->activated, id, c.generation, err);
	if (e)
		return e;
	show(s, out, &c, &key);
	(void)snprintf(out->holder_name, sizeof(out->holder_name), "%s", holder.name);
	bytes_init_fixed(&text, out->first_code, sizeof(out->first_code) - 1);
	e = code_text_build(&text, keyring_issuer_host(s->keys), CODE_CREDENTIAL,
		SPAN(key.static_body, CODE_STATIC_BODY_LEN));
	out->first_code[text.full ? 0 : text.len] = '\0';
	return e ? err_set(err, e, "the first code could not be written") : ERR_OK;
}
