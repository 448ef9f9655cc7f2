/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that the store has, sealed: made, loaded, rotated.
 *
 * Settings: number_key, pin_key and chain_key (sealed), master_key (id of the one that seals) and
 * key_version. The first databases have neither pin_key nor chain_key: there the pepper comes from
 * the master key, and the chain is guarded under the number key. A rotation stores what they were.
 */
#include <string.h>

#include "backend/keyring_private.h"

#define VERSION_LEN 8

/* ---- single sealed values ---- */

static enum err_code single_put(struct keyring *k, struct store *s, const char *name,
	const char *kind, const uint8_t secret[static SEC_KEY_LEN], struct err *err)
{
	uint8_t sealed[KEYRING_SEALED_LEN];
	enum err_code e = keyring_seal(k, sealed, kind, SPAN(NULL, 0), secret, err);

	return e ? e : store_setting_put(s, name, SPAN(sealed, sizeof(sealed)), err);
}

/* instead: what it is where the store has none. */
static enum err_code single_get(const struct keyring *k, struct store *s, uint8_t *out,
	const char *name, const char *kind, const uint8_t *instead, struct err *err)
{
	uint8_t sealed[KEYRING_SEALED_LEN];
	size_t len = 0;
	enum err_code e = store_setting_get(s, name, sealed, sizeof(sealed), &len, err);

	if (e == ERR_NOT_FOUND && instead) {
		memcpy(out, instead, SEC_KEY_LEN);
		return ERR_OK;
	}
	return e ? e : keyring_unseal(k, out, kind, SPAN(NULL, 0), SPAN(sealed, len), err);
}

/* ---- version ---- */

static enum err_code version_get(struct store *s, uint64_t *out, struct err *err)
{
	uint8_t raw[VERSION_LEN] = {0};
	size_t len = 0;
	enum err_code e = store_setting_get(s, "key_version", raw, sizeof(raw), &len, err);

	*out = e ? 0 : be64_get(raw);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code keyring_version_bump(struct store *s, struct err *err)
{
	uint8_t raw[VERSION_LEN];
	uint64_t version;
	enum err_code e = version_get(s, &version, err);

	be64_put(raw, version + 1);
	return e ? e : store_setting_put(s, "key_version", SPAN(raw, sizeof(raw)), err);
}

/* ---- load ---- */

static enum err_code load_text(struct store *s, const char *name, char *out, size_t cap,
	struct err *err)
{
	size_t len = 0;
	enum err_code e = store_setting_get(s, name, out, cap - 1, &len, err);

	out[len] = '\0';
	return e;
}

/* Which master key seals; in the first databases that is the only one there is. */
static enum err_code load_sealing(struct keyring *k, struct store *s, struct err *err)
{
	uint8_t id[KEYRING_MASTER_ID_LEN];
	char told[2 * KEYRING_MASTER_ID_LEN + 1];
	size_t len = 0;
	enum err_code e = store_setting_get(s, "master_key", id, sizeof(id), &len, err);

	k->sealing = 0;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (len == sizeof(id))
		k->sealing = keyring_master_find(k, id);
	if (len == sizeof(id) && k->sealing < k->master_count)
		return ERR_OK;
	k->sealing = 0;
	hex_encode(told, SPAN(id, sizeof(id)));
	return err_set(err, ERR_FORGED,
		"%s is another master key: this database needs the one with the id %s",
		k->master_path, told);
}

static enum err_code load_issuers(struct keyring *k, struct store *s, struct err *err)
{
	struct store_issuer row;
	enum err_code e;

	k->issuer_count = 0;
	while (k->issuer_count < KEYRING_ISSUERS_MAX) {
		struct keyring_issuer *to = &k->issuers[k->issuer_count];

		e = store_issuer_nth(s, &row, (int)k->issuer_count, err);
		if (e == ERR_NOT_FOUND && k->issuer_count)
			return ERR_OK;
		if (!e && k->issuer_count == 0) /* the newest one signs */
			e = keyring_unseal(k, k->keys->signing_seed, "issuer key",
				SPAN(row.key_id, CODE_KEY_ID_LEN), SPAN(row.sealed, row.sealed_len),
				err);
		if (e)
			return e;
		memcpy(to->key_id, row.key_id, CODE_KEY_ID_LEN);
		memcpy(to->public_key, row.public_key, SEC_ED25519_PUBLIC_LEN);
		to->not_before = row.not_before;
		to->not_after = row.not_after;
		k->issuer_count++;
	}
	return ERR_OK;
}

enum err_code keyring_load(struct keyring *k, struct store *s, struct err *err)
{
	enum err_code e = load_text(s, "issuer_name", k->name, sizeof(k->name), err);

	if (!e)
		e = load_text(s, "issuer_host", k->host, sizeof(k->host), err);
	if (!e)
		e = load_sealing(k, s, err);
	if (!e)
		e = single_get(k, s, k->keys->number, "number_key", "number key", NULL, err);
	if (!e)
		e = single_get(k, s, k->keys->chain, "chain_key", "chain key", k->keys->number,
			err);
	if (!e)
		e = single_get(k, s, k->keys->pepper, "pin_key", "pin key", k->keys->old_pepper,
			err);
	if (!e)
		e = load_issuers(k, s, err);
	if (!e)
		e = version_get(s, &k->version, err);
	k->loaded = !e;
	return e;
}

/* The pepper is the same for ever and may be in use on other threads: it is not written again. */
static void take_over(struct keyring *k, const struct keyring *from)
{
	struct keyring_keys *to = k->keys;

	memcpy(to->wrap, from->keys->wrap, sizeof(to->wrap));
	memcpy(to->number, from->keys->number, sizeof(to->number));
	memcpy(to->signing_seed, from->keys->signing_seed, sizeof(to->signing_seed));
	memcpy(k->master_id, from->master_id, sizeof(k->master_id));
	memcpy(k->issuers, from->issuers, sizeof(k->issuers));
	k->master_count = from->master_count;
	k->sealing = from->sealing;
	k->version = from->version;
	k->issuer_count = from->issuer_count;
}

enum err_code keyring_reload(struct keyring *k, struct store *s, struct err *err)
{
	struct keyring *fresh = NULL;
	enum err_code e = keyring_open(&fresh, k->master_path, k->next_path, err);

	if (!e)
		e = keyring_load(fresh, s, err);
	if (!e && (!sec_equal(fresh->keys->pepper, k->keys->pepper, SEC_KEY_LEN) ||
			  !sec_equal(fresh->keys->chain, k->keys->chain, SEC_KEY_LEN)))
		e = err_set(err, ERR_FORGED, "these are the keys of another backend");
	if (!e)
		take_over(k, fresh);
	keyring_free(&fresh);
	return e;
}

enum err_code keyring_follow(struct keyring *k, struct store *s, struct err *err)
{
	uint64_t version;
	enum err_code e = version_get(s, &version, err);

	return e || version == k->version ? e : keyring_reload(k, s, err);
}

/* ---- generate ---- */

static enum err_code generate_issuer(struct keyring *k, struct store *s,
	uint8_t public_key[static SEC_ED25519_PUBLIC_LEN], int64_t now, struct err *err)
{
	struct store_issuer row = {.not_before = now, .not_after = INT64_MAX};
	uint8_t raw[SEC_ED25519_SEED_LEN];
	struct span seed = SPAN(raw, sizeof(raw));
	enum err_code e = sec_random(raw, sizeof(raw), err);

	if (e)
		return e;
	if (sec_ed25519_public(row.public_key, seed) ||
		code_issuer_key_id(row.key_id, SPAN(row.public_key, SEC_ED25519_PUBLIC_LEN)))
		return err_set(err, ERR_CRYPTO, "the issuer key could not be made");
	row.sealed_len = KEYRING_SEALED_LEN;
	memcpy(public_key, row.public_key, SEC_ED25519_PUBLIC_LEN);
	e = keyring_seal(k, row.sealed, "issuer key", SPAN(row.key_id, CODE_KEY_ID_LEN), raw, err);
	sec_wipe(raw, sizeof(raw));
	return e ? e : store_issuer_insert(s, &row, err);
}

static enum err_code generate_single(struct keyring *k, struct store *s, uint8_t *out,
	const char *name, const char *kind, struct err *err)
{
	enum err_code e = sec_random(out, SEC_KEY_LEN, err);

	return e ? e : single_put(k, s, name, kind, out, err);
}

enum err_code keyring_generate(struct keyring *k, struct store *s, const char *name,
	const char *host, int64_t now, struct err *err)
{
	uint8_t public_key[SEC_ED25519_PUBLIC_LEN];
	enum err_code e = store_setting_put(s, "issuer_name", span_text(name), err);

	k->sealing = 0;
	if (!e)
		e = store_setting_put(s, "issuer_host", span_text(host), err);
	if (!e)
		e = store_setting_put(s, "master_key", SPAN(k->master_id[0], KEYRING_MASTER_ID_LEN),
			err);
	if (!e)
		e = generate_single(k, s, k->keys->number, "number_key", "number key", err);
	if (!e)
		e = generate_issuer(k, s, public_key, now, err);
	if (!e)
		e = generate_single(k, s, k->keys->chain, "chain_key", "chain key", err);
	if (!e)
		e = generate_single(k, s, k->keys->pepper, "pin_key", "pin key", err);
	return e ? e : keyring_load(k, s, err);
}

/* ---- rotation ---- */

enum err_code keyring_master_use(struct keyring *k, struct store *s,
	const uint8_t id[static KEYRING_MASTER_ID_LEN], struct err *err)
{
	size_t at = keyring_master_find(k, id);
	enum err_code e;

	if (at == k->master_count)
		return err_set(err, ERR_NOT_FOUND, "no such master key was read");
	k->sealing = at;
	e = store_setting_put(s, "master_key", SPAN(id, KEYRING_MASTER_ID_LEN), err);
	return e ? e : keyring_version_bump(s, err);
}

/* Stored from now on, also where it was derived before. */
static enum err_code single_seal(struct keyring *k, struct store *s, int *count, const char *name,
	const char *kind, const uint8_t secret[static SEC_KEY_LEN], struct err *err)
{
	uint8_t sealed[KEYRING_SEALED_LEN], again[KEYRING_SEALED_LEN];
	size_t len = 0;
	bool changed = true;
	enum err_code e = store_setting_get(s, name, sealed, sizeof(sealed), &len, err);

	if (!e)
		e = keyring_seal_again(k, again, &changed, kind, SPAN(NULL, 0), SPAN(sealed, len),
			err);
	else if (e == ERR_NOT_FOUND)
		e = ERR_OK;
	*count += !e && changed;
	return e || !changed ? e : single_put(k, s, name, kind, secret, err);
}

static enum err_code issuers_seal(struct keyring *k, struct store *s, int *count, struct err *err)
{
	struct store_issuer row;
	bool changed = false;
	enum err_code e = ERR_OK;

	for (int nth = 0; !e; nth++) {
		uint8_t again[KEYRING_SEALED_LEN];

		e = store_issuer_nth(s, &row, nth, err);
		if (!e && !row.sealed_len)
			continue; /* forgotten: it signs nothing any more */
		if (!e)
			e = keyring_seal_again(k, again, &changed, "issuer key",
				SPAN(row.key_id, CODE_KEY_ID_LEN), SPAN(row.sealed, row.sealed_len),
				err);
		if (!e && changed)
			e = store_issuer_seal(s, row.key_id, SPAN(again, sizeof(again)), err);
		*count += !e && changed;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code keyring_singles_seal(struct keyring *k, struct store *s, int *count, struct err *err)
{
	enum err_code e;

	*count = 0;
	e = single_seal(k, s, count, "number_key", "number key", k->keys->number, err);
	if (!e)
		e = single_seal(k, s, count, "chain_key", "chain key", k->keys->chain, err);
	if (!e)
		e = single_seal(k, s, count, "pin_key", "pin key", k->keys->pepper, err);
	return e ? e : issuers_seal(k, s, count, err);
}

enum err_code keyring_number_rotate(struct keyring *k, struct store *s, struct err *err)
{
	/* first what was guarded under the old one where there was no key of its own */
	enum err_code e = single_put(k, s, "chain_key", "chain key", k->keys->chain, err);

	if (!e)
		e = generate_single(k, s, k->keys->number, "number_key", "number key", err);
	return e ? e : keyring_version_bump(s, err);
}

enum err_code keyring_issuer_rotate(struct keyring *k, struct store *s,
	uint8_t public_key[static SEC_ED25519_PUBLIC_LEN], int64_t now, struct err *err)
{
	enum err_code e = store_issuer_prune(s, now, err);

	if (!e)
		e = load_issuers(k, s, err);
	if (!e && k->issuer_count == KEYRING_ISSUERS_MAX)
		e = err_set(err, ERR_RANGE,
			"%d issuer keys are known, and no more can be: wait until one has ended"
			" (`key list` says when), or renew the credentials that need it",
			KEYRING_ISSUERS_MAX);
	/* the newest one signs, so it must be the newest by its time too */
	if (!e && now <= k->issuers[0].not_before)
		now = k->issuers[0].not_before + 1;
	if (!e)
		e = store_issuer_forget(s, err);
	if (!e)
		e = generate_issuer(k, s, public_key, now, err);
	return e ? e : keyring_version_bump(s, err);
}
