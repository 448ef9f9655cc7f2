/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/store_rows.h"
#include "base/base32.h"
#include "base/file.h"

#define MASTER_FILE_MAX 128
#define SEAL_CONTEXT "countersign/1 at rest "
#define INFO_WRAP "countersign/1 at rest"
#define INFO_PEPPER "countersign/1 pin"

struct keys { /* in locked memory */
	uint8_t wrap[SEC_KEY_LEN];
	uint8_t pepper[SEC_KEY_LEN];
	uint8_t number[SEC_KEY_LEN];
	uint8_t signing_seed[SEC_ED25519_SEED_LEN];
};

struct keyring {
	struct secret *memory;
	struct keys *keys; /* in memory */
	struct keyring_issuer issuers[KEYRING_ISSUERS_MAX];
	size_t issuer_count;
	char name[KEYRING_NAME_MAX];
	char host[CODE_HOST_MAX + 1];
};

/* ---- master key file ---- */

enum err_code keyring_master_create(const char *path, struct err *err)
{
	uint8_t key[SEC_KEY_LEN];
	char text[2 * SEC_KEY_LEN + 2];
	enum err_code e;

	if (access(path, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s: exists already", path);
	e = sec_random(key, sizeof(key), err);
	if (!e) {
		hex_encode(text, SPAN(key, sizeof(key)));
		memcpy(text + 2 * SEC_KEY_LEN, "\n", 2);
		e = file_replace(path, SPAN(text, 2 * SEC_KEY_LEN + 1), 0600, err);
	}
	sec_wipe(key, sizeof(key));
	sec_wipe(text, sizeof(text));
	return e;
}

static enum err_code master_decode(uint8_t out[static SEC_KEY_LEN], struct span file,
	const char *path, struct err *err)
{
	if (file.len == SEC_KEY_LEN) {
		memcpy(out, file.data, SEC_KEY_LEN);
		return ERR_OK;
	}
	if (file.len == 2 * SEC_KEY_LEN + 1 && file.data[2 * SEC_KEY_LEN] == '\n')
		file.len--;
	if (file.len == 2 * SEC_KEY_LEN && !hex_decode(out, SEC_KEY_LEN, file))
		return ERR_OK;
	return err_set(err, ERR_FORMAT,
		"%s: a master key is 32 bytes, or 64 hexadecimal digits on one line", path);
}

static enum err_code master_read(uint8_t out[static SEC_KEY_LEN], const char *path,
	struct err *err)
{
	uint8_t storage[MASTER_FILE_MAX];
	struct bytes file;
	enum err_code e;

	bytes_init_fixed(&file, storage, sizeof(storage));
	e = file_read(&file, path, true, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e,
			"%s: the master key is missing: put your copy of it back (mode 0600);"
			" a new key cannot open this database", path);
	if (!e)
		e = master_decode(out, bytes_span(&file), path, err);
	sec_wipe(storage, sizeof(storage));
	return e;
}

static enum err_code derive(struct keys *keys, struct span master)
{
	enum err_code e = sec_hkdf_sha256(keys->wrap, SEC_KEY_LEN, master, SPAN(NULL, 0),
		span_text(INFO_WRAP));

	return e ? e
		 : sec_hkdf_sha256(keys->pepper, SEC_KEY_LEN, master, SPAN(NULL, 0),
			 span_text(INFO_PEPPER));
}

enum err_code keyring_open(struct keyring **out, const char *master_path, struct err *err)
{
	uint8_t master[SEC_KEY_LEN];
	struct keyring *k = calloc(1, sizeof(*k));
	enum err_code e;

	*out = NULL;
	if (!k)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	e = secret_new(&k->memory, sizeof(struct keys));
	if (e) {
		free(k);
		return err_set(err, e, "no locked memory for the keys");
	}
	k->keys = (struct keys *)(void *)k->memory->data;
	e = master_read(master, master_path, err);
	if (!e) {
		e = derive(k->keys, SPAN(master, sizeof(master)));
		if (e)
			ERR_IGNORE(err_set(err, e, "keys could not be derived")); /* words only */
	}
	sec_wipe(master, sizeof(master));
	if (e)
		keyring_free(&k);
	*out = k;
	return e;
}

void keyring_free(struct keyring **kp)
{
	if (!*kp)
		return;
	secret_free(&(*kp)->memory);
	free(*kp);
	*kp = NULL;
}

/* ---- sealing ---- */

/* The associated data: kind and identity with the kind's length before it, so that no two pairs
 * give the same bytes.
 */
static enum err_code seal_context(struct bytes *out, const char *kind, struct span identity)
{
	bytes_add_text(out, SEAL_CONTEXT);
	bytes_add_u8(out, (uint8_t)strlen(kind));
	bytes_add_text(out, kind);
	bytes_add(out, identity.data, identity.len);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

enum err_code keyring_seal(const struct keyring *k, uint8_t out[static KEYRING_SEALED_LEN],
	const char *kind, struct span identity, const uint8_t secret[static SEC_KEY_LEN],
	struct err *err)
{
	uint8_t storage[128];
	struct bytes context;

	bytes_init_fixed(&context, storage, sizeof(storage));
	if (seal_context(&context, kind, identity))
		return err_set(err, ERR_TOO_LARGE, "identity of a sealed %s is too long", kind);
	return sec_aead_seal(out, SPAN(k->keys->wrap, SEC_KEY_LEN), SPAN(secret, SEC_KEY_LEN),
		bytes_span(&context), err);
}

enum err_code keyring_unseal(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const char *kind, struct span identity, struct span sealed, struct err *err)
{
	uint8_t storage[128];
	struct bytes context;
	enum err_code e = ERR_FORGED;

	memset(out, 0, SEC_KEY_LEN);
	bytes_init_fixed(&context, storage, sizeof(storage));
	if (seal_context(&context, kind, identity))
		return err_set(err, ERR_TOO_LARGE, "identity of a sealed %s is too long", kind);
	if (sealed.len == KEYRING_SEALED_LEN)
		e = sec_aead_open(out, SPAN(k->keys->wrap, SEC_KEY_LEN), sealed,
			bytes_span(&context));
	if (e)
		return err_set(err, e, "the sealed %s does not open: another master key, or the row"
				       " was changed", kind);
	return ERR_OK;
}

static void credential_identity(uint8_t out[static CODE_ID_LEN + 2],
	const uint8_t credential[static CODE_ID_LEN], int generation)
{
	memcpy(out, credential, CODE_ID_LEN);
	be16_put(out + CODE_ID_LEN, (uint16_t)generation);
}

enum err_code keyring_credential_seal(const struct keyring *k,
	uint8_t out[static KEYRING_SEALED_LEN], const uint8_t credential[static CODE_ID_LEN],
	int generation, const uint8_t secret[static SEC_KEY_LEN], struct err *err)
{
	uint8_t identity[CODE_ID_LEN + 2];

	credential_identity(identity, credential, generation);
	return keyring_seal(k, out, "credential key", SPAN(identity, sizeof(identity)), secret,
		err);
}

enum err_code keyring_credential_unseal(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const uint8_t credential[static CODE_ID_LEN], int generation, struct span sealed,
	struct err *err)
{
	uint8_t identity[CODE_ID_LEN + 2];

	credential_identity(identity, credential, generation);
	return keyring_unseal(k, out, "credential key", SPAN(identity, sizeof(identity)), sealed,
		err);
}

/* ---- generate and load ---- */

static enum err_code generate_number_key(struct keyring *k, struct store *s, struct err *err)
{
	uint8_t sealed[KEYRING_SEALED_LEN];
	enum err_code e = sec_random(k->keys->number, SEC_KEY_LEN, err);

	if (!e)
		e = keyring_seal(k, sealed, "number key", SPAN(NULL, 0), k->keys->number, err);
	if (!e)
		e = store_setting_put(s, "number_key", SPAN(sealed, sizeof(sealed)), err);
	return e;
}

static enum err_code generate_issuer(struct keyring *k, struct store *s, int64_t now,
	struct err *err)
{
	struct store_issuer row = {.not_before = now, .not_after = INT64_MAX};
	struct span seed = SPAN(k->keys->signing_seed, SEC_ED25519_SEED_LEN);
	enum err_code e = sec_random(k->keys->signing_seed, SEC_ED25519_SEED_LEN, err);

	if (e)
		return e;
	if (sec_ed25519_public(row.public_key, seed) ||
		code_issuer_key_id(row.key_id, SPAN(row.public_key, SEC_ED25519_PUBLIC_LEN)))
		return err_set(err, ERR_CRYPTO, "the issuer key could not be made");
	row.sealed_len = KEYRING_SEALED_LEN;
	e = keyring_seal(k, row.sealed, "issuer key", SPAN(row.key_id, CODE_KEY_ID_LEN), seed.data,
		err);
	return e ? e : store_issuer_insert(s, &row, err);
}

enum err_code keyring_generate(struct keyring *k, struct store *s, const char *name,
	const char *host, int64_t now, struct err *err)
{
	enum err_code e = store_setting_put(s, "issuer_name", span_text(name), err);

	if (!e)
		e = store_setting_put(s, "issuer_host", span_text(host), err);
	if (!e)
		e = generate_number_key(k, s, err);
	if (!e)
		e = generate_issuer(k, s, now, err);
	return e ? e : keyring_load(k, s, err);
}

static enum err_code load_text(struct store *s, const char *name, char *out, size_t cap,
	struct err *err)
{
	size_t len = 0;
	enum err_code e = store_setting_get(s, name, out, cap - 1, &len, err);

	out[len] = '\0';
	return e;
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
	uint8_t sealed[KEYRING_SEALED_LEN];
	size_t len = 0;
	enum err_code e = load_text(s, "issuer_name", k->name, sizeof(k->name), err);

	if (!e)
		e = load_text(s, "issuer_host", k->host, sizeof(k->host), err);
	if (!e)
		e = store_setting_get(s, "number_key", sealed, sizeof(sealed), &len, err);
	if (!e)
		e = keyring_unseal(k, k->keys->number, "number key", SPAN(NULL, 0),
			SPAN(sealed, len), err);
	return e ? e : load_issuers(k, s, err);
}

/* ---- use ---- */

const char *keyring_issuer_name(const struct keyring *k)
{
	return k->name;
}

const char *keyring_issuer_host(const struct keyring *k)
{
	return k->host;
}

size_t keyring_issuer_count(const struct keyring *k)
{
	return k->issuer_count;
}

const struct keyring_issuer *keyring_issuer_at(const struct keyring *k, size_t i)
{
	ASSERT(i < k->issuer_count);
	return &k->issuers[i];
}

const struct keyring_issuer *keyring_issuer_find(const struct keyring *k,
	const uint8_t key_id[static CODE_KEY_ID_LEN])
{
	for (size_t i = 0; i < k->issuer_count; i++)
		if (span_equal(SPAN(k->issuers[i].key_id, CODE_KEY_ID_LEN),
			    SPAN(key_id, CODE_KEY_ID_LEN)))
			return &k->issuers[i];
	return NULL;
}

struct span keyring_signing_seed(const struct keyring *k)
{
	return SPAN(k->keys->signing_seed, SEC_ED25519_SEED_LEN);
}

struct span keyring_number_key(const struct keyring *k)
{
	return SPAN(k->keys->number, SEC_KEY_LEN);
}

enum err_code keyring_pin_pepper(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const uint8_t account[static CODE_ID_LEN], struct span pin)
{
	const struct span parts[] = {SPAN(account, CODE_ID_LEN), pin};

	return sec_hmac(out, SEC_HASH_SHA256, SPAN(k->keys->pepper, SEC_KEY_LEN), parts, 2);
}

/* ---- tokens ---- */

static enum err_code token_digest_raw(uint8_t digest[static SEC_SHA256_LEN],
	const uint8_t raw[static KEYRING_TOKEN_LEN])
{
	const struct span parts[] = {SPAN(raw, KEYRING_TOKEN_LEN)};

	return sec_sha256(digest, parts, 1);
}

enum err_code keyring_token_new(char text[static KEYRING_TOKEN_TEXT_LEN + 1],
	uint8_t digest[static SEC_SHA256_LEN], struct err *err)
{
	uint8_t raw[KEYRING_TOKEN_LEN];
	struct bytes out;
	enum err_code e = sec_random(raw, sizeof(raw), err);

	if (e)
		return e;
	bytes_init_fixed(&out, text, KEYRING_TOKEN_TEXT_LEN);
	base32_encode(&out, SPAN(raw, sizeof(raw)));
	text[KEYRING_TOKEN_TEXT_LEN] = '\0';
	e = token_digest_raw(digest, raw);
	sec_wipe(raw, sizeof(raw));
	return e ? err_set(err, e, "the token could not be hashed") : ERR_OK;
}

enum err_code keyring_token_digest(uint8_t digest[static SEC_SHA256_LEN], struct span text)
{
	uint8_t raw[KEYRING_TOKEN_LEN];
	struct bytes out;
	enum err_code e;

	if (text.len != KEYRING_TOKEN_TEXT_LEN)
		return ERR_FORMAT;
	bytes_init_fixed(&out, raw, sizeof(raw));
	e = base32_decode(&out, text);
	if (!e)
		e = out.len == KEYRING_TOKEN_LEN ? token_digest_raw(digest, raw) : ERR_FORMAT;
	sec_wipe(raw, sizeof(raw));
	return e;
}
