/* SPDX-License-Identifier: Apache-2.0
 *
 * All cryptography, over OpenSSL 3 (EVP) and libargon2. Knows the primitives, not the protocol:
 * what is hashed and signed is said in verifier/code.h.
 *
 * Symbols are sec_*: crypto_ belongs to libsodium. Threads: after sec_start() every function may be
 * called from any thread; a struct belongs to one thread at a time.
 * Argument order: object; outputs; inputs, a length after its pointer; struct err last.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SEC_SHA1_LEN 20
#define SEC_SHA256_LEN 32
#define SEC_SHA512_LEN 64
#define SEC_KEY_LEN 32 /* every symmetric key of the protocol */
#define SEC_ED25519_SEED_LEN 32
#define SEC_ED25519_PUBLIC_LEN 32
#define SEC_ED25519_SIGNATURE_LEN 64
#define SEC_AEAD_NONCE_LEN 12
#define SEC_AEAD_TAG_LEN 16
#define SEC_AEAD_OVERHEAD (SEC_AEAD_NONCE_LEN + SEC_AEAD_TAG_LEN)

/* ---- start ---- */

/* Once, before anything else: fetches algorithms, makes the locked heap, runs the self-test (one
 * known answer for each primitive). Returns ERR_CRYPTO with the name of the primitive that failed;
 * the program must then stop. Safe to call twice.
 */
ERR_MUST_CHECK enum err_code sec_start(struct err *err);
void sec_stop(void);
/* The self-test alone. For tests: `corrupt` is the index of the primitive whose known answer is
 * spoiled first (-1 = none); returns ERR_CRYPTO then, ERR_RANGE when there is no such primitive.
 */
ERR_MUST_CHECK enum err_code sec_selftest(int corrupt, struct err *err);

/* ---- secrets ---- */

/* Bytes in locked memory that is left out of core dumps, wiped when freed. */
struct secret {
	uint8_t *data;
	size_t len;
};
ERR_MUST_CHECK enum err_code secret_new(struct secret **out, size_t len); /* zeroed */
void secret_free(struct secret **s); /* NULL-safe, wipes, sets NULL */
void sec_wipe(void *p, size_t len);  /* is not optimised away */
/* Constant time in the content. */
bool sec_equal(const void *a, const void *b, size_t len);

/* From the operating system through OpenSSL. The deterministic test build replaces this function
 * (crypto/random_deterministic.c); the installed programs do not contain that file.
 */
ERR_MUST_CHECK enum err_code sec_random(uint8_t *out, size_t len, struct err *err);

/* ---- hashes and MACs: over the concatenation of parts ---- */

ERR_MUST_CHECK enum err_code sec_sha1(uint8_t out[static SEC_SHA1_LEN], const struct span *parts,
	size_t part_count);
ERR_MUST_CHECK enum err_code sec_sha256(uint8_t out[static SEC_SHA256_LEN],
	const struct span *parts, size_t part_count);
ERR_MUST_CHECK enum err_code sec_sha512(uint8_t out[static SEC_SHA512_LEN],
	const struct span *parts, size_t part_count);

enum sec_hash {
	SEC_HASH_SHA1,
	SEC_HASH_SHA256,
	SEC_HASH_SHA512
};
size_t sec_hash_len(enum sec_hash hash);

/* RFC 2104. Any key length. out holds sec_hash_len(hash) bytes. */
ERR_MUST_CHECK enum err_code sec_hmac(uint8_t *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count);

/* Of messages that begin alike: out[i] is sec_hmac() of parts and then rests[i]. Key and parts are
 * hashed once for all of them. All are wiped when one fails.
 */
ERR_MUST_CHECK enum err_code sec_hmac_each(uint8_t *const *out, enum sec_hash hash,
	struct span key, const struct span *parts, size_t part_count, const struct span *rests,
	size_t count);

/* RFC 5869 with SHA-256. salt may be empty. out_len up to 255 * 32. */
ERR_MUST_CHECK enum err_code sec_hkdf_sha256(uint8_t *out, size_t out_len, struct span key,
	struct span salt, struct span info);
/* Several keys of SEC_KEY_LEN bytes out of one, as sec_hkdf_sha256() with each info makes them, for
 * little more than half of the work. All are wiped when one fails. At most SEC_HKDF_EACH_MAX, an
 * info of 1 to SEC_HKDF_INFO_MAX bytes.
 */
#define SEC_HKDF_EACH_MAX 4
#define SEC_HKDF_INFO_MAX 64
ERR_MUST_CHECK enum err_code sec_hkdf_sha256_each(uint8_t *const *out, const struct span *info,
	size_t count, struct span key, struct span salt);

/* ---- OCRA, RFC 6287 ---- */

struct sec_ocra_suite {
	char text[64];           /* as written; goes into the MAC */
	enum sec_hash hash;      /* of the HMAC */
	int digits;              /* 0 = not truncated, else 4..10 */
	bool counter;            /* C */
	char question_format;    /* 'A' 'N' 'H' */
	int question_len;        /* 4..64, of each party's challenge */
	bool pin;                /* P */
	enum sec_hash pin_hash;
	int session_len;         /* bytes of S, 0 = none, else 1..512 */
	int64_t time_step_s;     /* 0 = no T */
};

/* The whole grammar of section 6, strictly: refuses 0H, one-digit lengths, lower case, wrong order,
 * repeats, trailing text. P, S and T alone have the section's defaults (SHA1, 064, 1M). ERR_FORMAT.
 */
ERR_MUST_CHECK enum err_code sec_ocra_suite_parse(struct sec_ocra_suite *out, struct span text,
	struct err *err);

struct sec_ocra_input {
	uint64_t counter;
	/* Characters as shown: text, decimal or hex digits; from 1 to twice the suite's length (two
	 * challenges one after the other in mutual mode).
	 */
	struct span question;
	struct span pin_digest; /* length of the suite's pin hash */
	struct span session;    /* at most session_len bytes; shorter is padded on the left */
	uint64_t time_steps;
};
#define SEC_OCRA_TEXT_LEN 10
/* Full HMAC value. out holds sec_hash_len(suite->hash) bytes. */
ERR_MUST_CHECK enum err_code sec_ocra_mac(uint8_t *out, const struct sec_ocra_suite *suite,
	struct span key, const struct sec_ocra_input *in, struct err *err);
/* Of time steps one after the other, in->time_steps the first: out[i] is the value of
 * in->time_steps + i. At most SEC_OCRA_STEPS_MAX.
 */
#define SEC_OCRA_STEPS_MAX 16
ERR_MUST_CHECK enum err_code sec_ocra_mac_steps(uint8_t *const *out, size_t count,
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err);
/* Truncated to suite->digits decimal digits with NUL; ERR_INVALID when digits is 0. Both refuse
 * input that is not the suite's (question, PIN digest, session) with ERR_INVALID.
 */
ERR_MUST_CHECK enum err_code sec_ocra_text(char out[static SEC_OCRA_TEXT_LEN + 1],
	const struct sec_ocra_suite *suite, struct span key, const struct sec_ocra_input *in,
	struct err *err);
/* RFC 4226 section 5.3 over any of the three hashes; digits 4..10. */
void sec_truncate(char *out, const uint8_t *mac, size_t mac_len, int digits);

/* ---- Ed25519, RFC 8032 ---- */

ERR_MUST_CHECK enum err_code sec_ed25519_public(uint8_t out[static SEC_ED25519_PUBLIC_LEN],
	struct span seed);
ERR_MUST_CHECK enum err_code sec_ed25519_sign(uint8_t out[static SEC_ED25519_SIGNATURE_LEN],
	struct span seed, struct span message);
/* ERR_OK only when the signature is right; ERR_FORGED when it is not; ERR_INVALID for a key of
 * another length or of small order (all zero, for example), under which anybody could sign.
 */
ERR_MUST_CHECK enum err_code sec_ed25519_verify(struct span public_key, struct span signature,
	struct span message);

/* ---- AES-256-GCM: nonce | ciphertext | tag ---- */

/* out holds in.len + SEC_AEAD_OVERHEAD bytes. The nonce is random. */
ERR_MUST_CHECK enum err_code sec_aead_seal(uint8_t *out, struct span key, struct span in,
	struct span associated, struct err *err);
/* out holds in.len - SEC_AEAD_OVERHEAD bytes. ERR_FORGED when key, data or associated data are not
 * the sealed ones; out is then zero.
 */
ERR_MUST_CHECK enum err_code sec_aead_open(uint8_t *out, struct span key, struct span in,
	struct span associated);

/* ---- passwords: argon2id, RFC 9106; 19 MiB, t = 2, p = 1 ---- */

#define SEC_PASSWORD_TEXT_MAX 128 /* encoded form $argon2id$..., with NUL */
#define SEC_PASSWORD_MEMORY_KIB 19456
#define SEC_PASSWORD_PASSES 2

ERR_MUST_CHECK enum err_code sec_password_hash(char out[static SEC_PASSWORD_TEXT_MAX],
	struct span password, struct err *err);
/* ERR_OK right; ERR_FORGED wrong; ERR_CORRUPT when the encoded text is not one. */
ERR_MUST_CHECK enum err_code sec_password_verify(const char *encoded, struct span password);
/* A 32-byte key from a passphrase and a 16-byte salt, for sealed files. */
ERR_MUST_CHECK enum err_code sec_password_key(uint8_t out[static SEC_KEY_LEN],
	struct span password, const uint8_t salt[static 16], struct err *err);

#endif
