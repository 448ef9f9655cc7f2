/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of crypto/ share: algorithms fetched at the start, contexts kept for each thread.
 * Private to crypto/ and its tests.
 */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#ifndef OPENSSL_NO_DEPRECATED
#define OPENSSL_NO_DEPRECATED /* the calls that OpenSSL 3 took back are not declared */
#endif
#include <openssl/evp.h>

#include "crypto/crypto.h"

#define SEC_HASH_COUNT 3

struct sec_algorithms {
	EVP_MD *md[SEC_HASH_COUNT]; /* by enum sec_hash */
	EVP_CIPHER *aes_256_gcm;
};

/* Asserts that sec_start() was called. */
const struct sec_algorithms *sec_algorithms(void);

/* Making a context costs as much as a hash, so each thread keeps its own; freed when it ends. */
struct sec_contexts {
	EVP_MD_CTX *md[SEC_HASH_COUNT];     /* each with its hash */
	EVP_MD_CTX *inner, *outer, *work;   /* of an HMAC; empty between calls */
};

/* NULL: out of memory. */
struct sec_contexts *sec_contexts(void);

/* OpenSSL's queue of errors belongs to the thread: what is left in it would be taken for a fault of
 * the next TLS call. Returns the code, so that a function can end in it.
 */
enum err_code sec_failed(enum err_code code);

/* sec_aead_seal() with the nonce given: for known answers only. A nonce used twice with one key
 * gives both texts away.
 */
ERR_MUST_CHECK enum err_code sec_aead_seal_with(uint8_t *out, struct span key,
	const uint8_t nonce[static SEC_AEAD_NONCE_LEN], struct span in, struct span associated);

/* RFC 9106 section 5.3, whose parameters are not those of sec_password_hash(). */
bool sec_password_selftest(const uint8_t expected[static 32]);

#endif
