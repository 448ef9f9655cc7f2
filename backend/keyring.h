/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a backend. The master key is a file (0600) outside the database; everything secret in
 * the database is sealed under a key derived from it with AES-256-GCM, with kind and row identity
 * as associated data, so that a sealed value cannot be moved to another row.
 *
 * After keyring_load() nothing in it changes: every function that takes it as const may be called
 * from any thread.
 */
#ifndef BACKEND_KEYRING_H
#define BACKEND_KEYRING_H

#include "crypto/crypto.h"
#include "verifier/code.h"

struct store;
struct keyring;

#define KEYRING_NAME_MAX 64 /* bytes of an issuer's name, with NUL */
#define KEYRING_ISSUERS_MAX 8
#define KEYRING_SEALED_LEN (SEC_KEY_LEN + SEC_AEAD_OVERHEAD)

/* A new random master key as 64 hex digits and a line feed. ERR_EXISTS when the file is there. */
ERR_MUST_CHECK enum err_code keyring_master_create(const char *path, struct err *err);
/* Reads a master key file: 32 raw bytes, or 64 hex digits with or without a line feed.
 * ERR_PERMISSION when others may read it; ERR_FORMAT when it is neither.
 */
ERR_MUST_CHECK enum err_code keyring_open(struct keyring **out, const char *master_path,
	struct err *err);
void keyring_free(struct keyring **k);

/* New number key and issuer key into an empty store; inside a transaction. */
ERR_MUST_CHECK enum err_code keyring_generate(struct keyring *k, struct store *s, const char *name,
	const char *host, int64_t now, struct err *err);
/* Unseals what the store has. ERR_FORGED: the master key is not the one of this database. */
ERR_MUST_CHECK enum err_code keyring_load(struct keyring *k, struct store *s, struct err *err);

/* ---- use ---- */

struct keyring_issuer {
	uint8_t key_id[CODE_KEY_ID_LEN];
	uint8_t public_key[SEC_ED25519_PUBLIC_LEN];
	int64_t not_before; /* Unix seconds */
	int64_t not_after;  /* Unix seconds; INT64_MAX = no end */
};
const char *keyring_issuer_name(const struct keyring *k);
const char *keyring_issuer_host(const struct keyring *k);
size_t keyring_issuer_count(const struct keyring *k); /* 1..KEYRING_ISSUERS_MAX */
const struct keyring_issuer *keyring_issuer_at(const struct keyring *k, size_t i); /* 0 signs */
/* NULL when none of ours has this id. */
const struct keyring_issuer *keyring_issuer_find(const struct keyring *k,
	const uint8_t key_id[static CODE_KEY_ID_LEN]);

struct span keyring_signing_seed(const struct keyring *k);
struct span keyring_number_key(const struct keyring *k);

/* kind: a short constant word; identity: what tells the row from every other. */
ERR_MUST_CHECK enum err_code keyring_seal(const struct keyring *k,
	uint8_t out[static KEYRING_SEALED_LEN], const char *kind, struct span identity,
	const uint8_t secret[static SEC_KEY_LEN], struct err *err);
ERR_MUST_CHECK enum err_code keyring_unseal(const struct keyring *k,
	uint8_t out[static SEC_KEY_LEN], const char *kind, struct span identity, struct span sealed,
	struct err *err);

/* K of one generation of a credential. */
ERR_MUST_CHECK enum err_code keyring_credential_seal(const struct keyring *k,
	uint8_t out[static KEYRING_SEALED_LEN], const uint8_t credential[static CODE_ID_LEN],
	int generation, const uint8_t secret[static SEC_KEY_LEN], struct err *err);
ERR_MUST_CHECK enum err_code keyring_credential_unseal(const struct keyring *k,
	uint8_t out[static SEC_KEY_LEN], const uint8_t credential[static CODE_ID_LEN],
	int generation, struct span sealed, struct err *err);

/* What is hashed instead of a PIN: HMAC of the PIN for this account under a key that is not in the
 * database, so that a stolen database alone cannot be searched for four-digit PINs.
 */
ERR_MUST_CHECK enum err_code keyring_pin_pepper(const struct keyring *k,
	uint8_t out[static SEC_KEY_LEN], const uint8_t account[static CODE_ID_LEN],
	struct span pin);

/* ---- bearer and activation tokens ---- */

#define KEYRING_TOKEN_LEN 32
#define KEYRING_TOKEN_TEXT_LEN 52 /* Base32 */
/* A new token: text for its owner, digest for the store. */
ERR_MUST_CHECK enum err_code keyring_token_new(char text[static KEYRING_TOKEN_TEXT_LEN + 1],
	uint8_t digest[static SEC_SHA256_LEN], struct err *err);
/* ERR_FORMAT when the text cannot be a token. */
ERR_MUST_CHECK enum err_code keyring_token_digest(uint8_t digest[static SEC_SHA256_LEN],
	struct span text);

#endif
