/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a backend. The master key is a file (0600) outside the database; everything secret in
 * the database is sealed under a key derived from it with AES-256-GCM, with kind and row identity
 * as associated data, so that a sealed value cannot be moved to another row. A sealed value begins
 * with the id of its master key: while values are sealed anew there are two, and both open.
 *
 * It belongs to the thread of the store; keyring_pin_pepper() alone may be called from any thread.
 */
#ifndef BACKEND_KEYRING_H
#define BACKEND_KEYRING_H

#include "crypto/crypto.h"
#include "verifier/code.h"

struct store;
struct keyring;

#define KEYRING_NAME_MAX 64 /* bytes of an issuer's name, with NUL */
#define KEYRING_ISSUERS_MAX 8
#define KEYRING_MASTER_ID_LEN 4
#define KEYRING_SEALED_LEN (KEYRING_MASTER_ID_LEN + SEC_KEY_LEN + SEC_AEAD_OVERHEAD)

/* A new random master key as 64 hex digits and a line feed. ERR_EXISTS when the file is there. */
ERR_MUST_CHECK enum err_code keyring_master_create(const char *path, struct err *err);
/* Reads a master key file: 32 raw bytes, or 64 hex digits with or without a line feed.
 * ERR_PERMISSION when others may read it; ERR_FORMAT when it is neither. next_path: of the key
 * that is being rotated to, which need not be there; NULL = none.
 */
ERR_MUST_CHECK enum err_code keyring_open(struct keyring **out, const char *master_path,
	const char *next_path, struct err *err);
void keyring_free(struct keyring **k);

/* New keys of all kinds into an empty store; inside a transaction. */
ERR_MUST_CHECK enum err_code keyring_generate(struct keyring *k, struct store *s, const char *name,
	const char *host, int64_t now, struct err *err);
/* Unseals what the store has. ERR_FORGED: the master key is not the one of this database. */
ERR_MUST_CHECK enum err_code keyring_load(struct keyring *k, struct store *s, struct err *err);
/* Loads everything again, master keys too, when somebody rotated a key since: one short question
 * to the store. On a failure nothing in k has changed.
 */
ERR_MUST_CHECK enum err_code keyring_follow(struct keyring *k, struct store *s, struct err *err);
/* The same without asking. */
ERR_MUST_CHECK enum err_code keyring_reload(struct keyring *k, struct store *s, struct err *err);
const char *keyring_master_path(const struct keyring *k);

/* ---- master keys ---- */

size_t keyring_master_count(const struct keyring *k); /* 1, or 2 while there is a next one */
const uint8_t *keyring_master_id(const struct keyring *k, size_t i); /* 0: the one in use */
const uint8_t *keyring_master_sealing(const struct keyring *k);      /* the one that seals */
/* Of a master key file, without opening anything with it. */
ERR_MUST_CHECK enum err_code keyring_master_file_id(uint8_t out[static KEYRING_MASTER_ID_LEN],
	const char *path, struct err *err);

/* ---- rotation: each in a transaction; others learn of it by keyring_follow() ---- */

/* From now on this master key seals; it must be one of those that were read. */
ERR_MUST_CHECK enum err_code keyring_master_use(struct keyring *k, struct store *s,
	const uint8_t id[static KEYRING_MASTER_ID_LEN], struct err *err);
/* Seals the few single values anew that another master key sealed; *count is how many. */
ERR_MUST_CHECK enum err_code keyring_singles_seal(struct keyring *k, struct store *s, int *count,
	struct err *err);
/* The next keyring_follow() of everybody reads everything again. */
ERR_MUST_CHECK enum err_code keyring_version_bump(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code keyring_number_rotate(struct keyring *k, struct store *s,
	struct err *err);
/* A new issuer key signs from `now` on; those that ended are forgotten. k signs with the old one
 * until it is loaded again. ERR_RANGE when KEYRING_ISSUERS_MAX are known.
 */
ERR_MUST_CHECK enum err_code keyring_issuer_rotate(struct keyring *k, struct store *s,
	uint8_t public_key[static SEC_ED25519_PUBLIC_LEN], int64_t now, struct err *err);

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

/* Is it in its time? Keys that are made in one second begin one after the other, and each signs at
 * once: so a key is good a little before it begins.
 */
bool keyring_issuer_is_good(const struct keyring_issuer *issuer, int64_t at);

struct span keyring_signing_seed(const struct keyring *k);
struct span keyring_number_key(const struct keyring *k);
/* What guards the audit chain outside the database; never rotated, so that what was written under
 * it can be checked for ever.
 */
struct span keyring_chain_key(const struct keyring *k);

/* kind: a short constant word; identity: what tells the row from every other. */
ERR_MUST_CHECK enum err_code keyring_seal(const struct keyring *k,
	uint8_t out[static KEYRING_SEALED_LEN], const char *kind, struct span identity,
	const uint8_t secret[static SEC_KEY_LEN], struct err *err);
ERR_MUST_CHECK enum err_code keyring_unseal(const struct keyring *k,
	uint8_t out[static SEC_KEY_LEN], const char *kind, struct span identity, struct span sealed,
	struct err *err);

/* Under the master key in use. *changed is false, and nothing was written, when it is already. */
ERR_MUST_CHECK enum err_code keyring_seal_again(const struct keyring *k,
	uint8_t out[static KEYRING_SEALED_LEN], bool *changed, const char *kind,
	struct span identity, struct span sealed, struct err *err);

/* K of one generation of a credential. */
#define KEYRING_KIND_CREDENTIAL "credential key"
void keyring_credential_identity(uint8_t out[static CODE_ID_LEN + 2],
	const uint8_t credential[static CODE_ID_LEN], int generation);
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

/* The same for anything else that a person knows. kind: a short constant word; identity: whose. */
ERR_MUST_CHECK enum err_code keyring_pepper(const struct keyring *k,
	uint8_t out[static SEC_KEY_LEN], const char *kind, struct span identity,
	struct span secret);

/* ---- bearer tokens ---- */

#define KEYRING_TOKEN_LEN 32
#define KEYRING_TOKEN_TEXT_LEN 52 /* Base32 */
/* A new token: text for its owner, digest for the store. */
ERR_MUST_CHECK enum err_code keyring_token_new(char text[static KEYRING_TOKEN_TEXT_LEN + 1],
	uint8_t digest[static SEC_SHA256_LEN], struct err *err);
/* ERR_FORMAT when the text cannot be a token. */
ERR_MUST_CHECK enum err_code keyring_token_digest(uint8_t digest[static SEC_SHA256_LEN],
	struct span text);

/* ---- activations: verifier/code.h ---- */

/* A new secret, and the digest for the store: it can be typed, so it is short, and the digest is
 * made with a key that is not in the database.
 */
ERR_MUST_CHECK enum err_code keyring_activation_new(const struct keyring *k,
	uint8_t secret[static CODE_ACTIVATION_LEN], uint8_t digest[static SEC_SHA256_LEN],
	struct err *err);
ERR_MUST_CHECK enum err_code keyring_activation_digest(const struct keyring *k,
	uint8_t digest[static SEC_SHA256_LEN],
	const uint8_t secret[static CODE_ACTIVATION_LEN]);

#endif
