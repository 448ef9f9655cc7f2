/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenSSL objects inside keys and certificates: for crypto/x509*.c, and for the one file that
 * gives them to TLS.
 */
#ifndef CRYPTO_X509_OPENSSL_H
#define CRYPTO_X509_OPENSSL_H

#include "crypto/internal.h"
#include "crypto/x509.h"

#include <openssl/x509.h>

struct sec_key {
	EVP_PKEY *pkey;
};

struct sec_csr {
	EVP_PKEY *pkey; /* public */
};

struct sec_cert {
	X509 *x509;
};

/* SHA-256 of the DER form of a certificate's public key with its algorithm. */
ERR_MUST_CHECK enum err_code sec_x509_spki(uint8_t out[static SEC_SPKI_LEN], const X509 *x509);
ERR_MUST_CHECK enum err_code sec_pkey_spki(uint8_t out[static SEC_SPKI_LEN], const EVP_PKEY *pkey);
/* P-256 by its name, not by parameters that only look like it. */
bool sec_pkey_is_p256(const EVP_PKEY *pkey);
/* Common name of a subject or issuer. */
bool sec_name_set(X509_NAME *name, const char *common);

#endif
