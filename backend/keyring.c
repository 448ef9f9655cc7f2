/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/keyring_private.h"
#include "base/base32.h"

#define SEAL_CONTEXT "countersign/1 at rest "

enum err_code keyring_open(struct keyring **out, const char *master_path, const char *next_path,
	struct err *err)
{
	struct keyring *k = calloc(1, sizeof(*k));
	enum err_code e;

	*out = NULL;
	if (!k)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	e = secret_new(&k->memory, sizeof(struct keyring_keys));
	if (e) {
		free(k);
		return err_set(err, e, "no locked memory for the keys");
	}
	k->keys = (struct keyring_keys *)(void *)k->memory->data;
	(void)snprintf(k->master_path, sizeof(k->master_path), "%s", master_path);
	(void)snprintf(k->next_path, sizeof(k->next_path), "%s", next_path ? next_path : "");
	e = keyring_masters_read(k, err);
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

const uint8_t *keyring_master_sealing(const struct keyring *k)
{
	return k->master_id[k->sealing];
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

/* id of the master key | nonce | ciphertext | tag. Values sealed before there were ids have none:
 * they were all sealed under the first master key.
 */
enum err_code keyring_seal(const struct keyring *k, uint8_t out[static KEYRING_SEALED_LEN],
	const char *kind, struct span identity, const uint8_t secret[static SEC_KEY_LEN],
	struct err *err)
{
	uint8_t storage[128];
	struct bytes context;

	bytes_init_fixed(&context, storage, sizeof(storage));
	if (seal_context(&context, kind, identity))
		return err_set(err, ERR_TOO_LARGE, "identity of a sealed %s is too long", kind);
	memcpy(out, k->master_id[k->sealing], KEYRING_MASTER_ID_LEN);
	return sec_aead_seal(out + KEYRING_MASTER_ID_LEN,
		SPAN(k->keys->wrap[k->sealing], SEC_KEY_LEN), SPAN(secret, SEC_KEY_LEN),
		bytes_span(&context), err);
}

enum err_code keyring_unseal(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const char *kind, struct span identity, struct span sealed, struct err *err)
{
	uint8_t storage[128];
	struct bytes context;
	size_t master = 0;
	enum err_code e = ERR_FORGED;

	memset(out, 0, SEC_KEY_LEN);
	bytes_init_fixed(&context, storage, sizeof(storage));
	if (seal_context(&context, kind, identity))
		return err_set(err, ERR_TOO_LARGE, "identity of a sealed %s is too long", kind);
	if (sealed.len == KEYRING_SEALED_LEN) {
		master = keyring_master_find(k, sealed.data);
		sealed = SPAN(sealed.data + KEYRING_MASTER_ID_LEN,
			sealed.len - KEYRING_MASTER_ID_LEN);
	}
	if (sealed.len == KEYRING_SEALED_LEN - KEYRING_MASTER_ID_LEN && master < k->master_count)
		e = sec_aead_open(out, SPAN(k->keys->wrap[master], SEC_KEY_LEN), sealed,
			bytes_span(&context));
	if (e)
		return err_set(err, e, "the sealed %s does not open: another master key, or the row"
				       " was changed", kind);
	return ERR_OK;
}

enum err_code keyring_seal_again(const struct keyring *k, uint8_t out[static KEYRING_SEALED_LEN],
	bool *changed, const char *kind, struct span identity, struct span sealed, struct err *err)
{
	uint8_t secret[SEC_KEY_LEN];
	enum err_code e;

	*changed = sealed.len != KEYRING_SEALED_LEN ||
		!span_equal(SPAN(sealed.data, KEYRING_MASTER_ID_LEN),
			SPAN(k->master_id[k->sealing], KEYRING_MASTER_ID_LEN));
	if (!*changed)
		return ERR_OK;
	e = keyring_unseal(k, secret, kind, identity, sealed, err);
	if (!e)
		e = keyring_seal(k, out, kind, identity, secret, err);
	sec_wipe(secret, sizeof(secret));
	return e;
}

void keyring_credential_identity(uint8_t out[static CODE_ID_LEN + 2],
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

	keyring_credential_identity(identity, credential, generation);
	return keyring_seal(k, out, KEYRING_KIND_CREDENTIAL, SPAN(identity, sizeof(identity)),
		secret, err);
}

enum err_code keyring_credential_unseal(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const uint8_t credential[static CODE_ID_LEN], int generation, struct span sealed,
	struct err *err)
{
	uint8_t identity[CODE_ID_LEN + 2];

	keyring_credential_identity(identity, credential, generation);
	return keyring_unseal(k, out, KEYRING_KIND_CREDENTIAL, SPAN(identity, sizeof(identity)),
		sealed, err);
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

bool keyring_issuer_is_good(const struct keyring_issuer *issuer, int64_t at)
{
	return at >= issuer->not_before - KEYRING_ISSUERS_MAX && at < issuer->not_after;
}

struct span keyring_signing_seed(const struct keyring *k)
{
	return SPAN(k->keys->signing_seed, SEC_ED25519_SEED_LEN);
}

struct span keyring_number_key(const struct keyring *k)
{
	return SPAN(k->keys->number, SEC_KEY_LEN);
}

struct span keyring_chain_key(const struct keyring *k)
{
	return SPAN(k->keys->chain, SEC_KEY_LEN);
}

enum err_code keyring_pin_pepper(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const uint8_t account[static CODE_ID_LEN], struct span pin)
{
	const struct span parts[] = {SPAN(account, CODE_ID_LEN), pin};

	return sec_hmac(out, SEC_HASH_SHA256, SPAN(k->keys->pepper, SEC_KEY_LEN), parts, 2);
}

/* Begins with words, where a PIN's begins with 16 random bytes and goes on with digits: no input of
 * one is an input of the other.
 */
enum err_code keyring_pepper(const struct keyring *k, uint8_t out[static SEC_KEY_LEN],
	const char *kind, struct span identity, struct span secret)
{
	uint8_t lengths[2] = {(uint8_t)strlen(kind), (uint8_t)identity.len};
	const struct span parts[] = {span_text("countersign/1 known to a person "),
		SPAN(lengths, sizeof(lengths)), span_text(kind), identity, secret};

	ASSERT(identity.len <= UINT8_MAX);
	return sec_hmac(out, SEC_HASH_SHA256, SPAN(k->keys->pepper, SEC_KEY_LEN), parts,
		sizeof(parts) / sizeof(parts[0]));
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

enum err_code keyring_activation_digest(const struct keyring *k,
	uint8_t digest[static SEC_SHA256_LEN], const uint8_t secret[static CODE_ACTIVATION_LEN])
{
	return keyring_pepper(
		k, digest, "activation", SPAN(NULL, 0), SPAN(secret, CODE_ACTIVATION_LEN));
}

enum err_code keyring_activation_new(const struct keyring *k,
	uint8_t secret[static CODE_ACTIVATION_LEN], uint8_t digest[static SEC_SHA256_LEN],
	struct err *err)
{
	enum err_code e = sec_random(secret, CODE_ACTIVATION_LEN, err);

	if (!e && keyring_activation_digest(k, digest, secret))
		e = err_set(err, ERR_CRYPTO, "an activation could not be hashed");
	return e;
}
