/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and certificates of the backend's own authority: P-256 only, ECDSA with SHA-256 only. Knows
 * X.509 and PEM; nothing of TLS connections, terminals or where files lie.
 *
 * A terminal is known by the digest of its public key (SPKI), not by what its certificate says of
 * it: a certificate is renewed, a name can be given twice, a key is one terminal's.
 */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include "crypto/crypto.h"

/* Limits, also in docs/limits.md. */
#define SEC_SPKI_LEN SEC_SHA256_LEN
#define SEC_PEM_MAX 16384         /* bytes of a file with certificates or a key */
#define SEC_CSR_MAX 2048          /* bytes of a certificate request as PEM */
#define SEC_CERT_SUBJECT_MAX 64   /* bytes of a common name */
#define SEC_CERT_NAMES_MAX 8      /* DNS names and addresses of one server */
#define SEC_CERT_NAME_MAX 253     /* bytes of one of them */
#define SEC_CERT_BACKDATE_S 86400 /* a certificate is good from so long ago: clocks differ */

/* ---- keys ---- */

struct sec_key; /* private P-256 */

ERR_MUST_CHECK enum err_code sec_key_new(struct sec_key **out, struct err *err);
void sec_key_free(struct sec_key **k); /* NULL-safe; OpenSSL wipes it */
/* PKCS #8 PEM without a passphrase, mode 0600. Reading refuses a file that others may read
 * (ERR_PERMISSION), one that is encrypted or no key (ERR_FORMAT), another kind of key or curve
 * (ERR_UNSUPPORTED). The words name the file.
 */
ERR_MUST_CHECK enum err_code sec_key_read(struct sec_key **out, const char *path, struct err *err);
/* Of any kind and curve: a server's that was given. For sec_cert_has_key(), not for signing. */
ERR_MUST_CHECK enum err_code sec_key_read_any(struct sec_key **out, const char *path,
	struct err *err);
ERR_MUST_CHECK enum err_code sec_key_write(const struct sec_key *k, const char *path,
	struct err *err);
/* SHA-256 of the DER form of the public key with its algorithm. */
ERR_MUST_CHECK enum err_code sec_key_spki(uint8_t out[static SEC_SPKI_LEN],
	const struct sec_key *k);

/* ---- certificate requests, PKCS #10 ---- */

struct sec_csr; /* one whose signature was right */

/* Appends PEM. */
ERR_MUST_CHECK enum err_code sec_csr_build(struct bytes *out, const struct sec_key *k,
	const char *subject, struct err *err);
/* Exactly one request and nothing else. Of what it says only the key is used.
 *
 * Returns: ERR_TOO_LARGE    more than SEC_CSR_MAX bytes
 *          ERR_FORMAT       no request in PEM, or more than one
 *          ERR_UNSUPPORTED  another kind of key, another curve, another signature algorithm
 *          ERR_FORGED       the signature is not made by the key in it
 */
ERR_MUST_CHECK enum err_code sec_csr_parse(struct sec_csr **out, struct span pem, struct err *err);
void sec_csr_free(struct sec_csr **c);
ERR_MUST_CHECK enum err_code sec_csr_spki(uint8_t out[static SEC_SPKI_LEN],
	const struct sec_csr *c);

/* ---- certificates ---- */

struct sec_cert;

enum sec_cert_use {
	SEC_CERT_SERVER, /* serverAuth, with names */
	SEC_CERT_CLIENT  /* clientAuth */
};

struct sec_cert_order {
	enum sec_cert_use use;
	const char *subject;      /* common name: UTF-8, 1..SEC_CERT_SUBJECT_MAX bytes */
	const char *const *names; /* of a server: DNS names and addresses */
	size_t name_count;
	int64_t now;              /* Unix seconds; good from SEC_CERT_BACKDATE_S before */
	int64_t not_after;        /* Unix seconds */
};

/* An authority: signed by its own key, may sign others, no further authority below it. */
ERR_MUST_CHECK enum err_code sec_cert_authority(struct sec_cert **out, const struct sec_key *k,
	const char *subject, int64_t now, int64_t not_after, struct err *err);
/* A DNS name without wildcards, or an address. */
bool sec_cert_name_is_one(const char *name);
/* ERR_INVALID: a subject or a name that cannot be one, or ca_key is not the authority's. */
ERR_MUST_CHECK enum err_code sec_cert_issue(struct sec_cert **out, const struct sec_cert *ca,
	const struct sec_key *ca_key, const struct sec_csr *csr, const struct sec_cert_order *order,
	struct err *err);
void sec_cert_free(struct sec_cert **c);

/* The first certificate of a PEM text or file; what follows (a chain) is not looked at. Any key. */
ERR_MUST_CHECK enum err_code sec_cert_parse(struct sec_cert **out, struct span pem,
	struct err *err);
ERR_MUST_CHECK enum err_code sec_cert_read(struct sec_cert **out, const char *path,
	struct err *err);
/* Appends PEM. */
ERR_MUST_CHECK enum err_code sec_cert_pem(struct bytes *out, const struct sec_cert *c,
	struct err *err);
ERR_MUST_CHECK enum err_code sec_cert_write(const struct sec_cert *c, const char *path,
	struct err *err); /* mode 0644: nothing in it is secret */

ERR_MUST_CHECK enum err_code sec_cert_spki(uint8_t out[static SEC_SPKI_LEN],
	const struct sec_cert *c);
/* Unix seconds; not_before is INT64_MAX and not_after 0 when they cannot be read. */
void sec_cert_times(const struct sec_cert *c, int64_t *not_before, int64_t *not_after);
bool sec_cert_has_key(const struct sec_cert *c, const struct sec_key *k);
/* A DNS name or an address is one of the certificate's. */
bool sec_cert_has_name(const struct sec_cert *c, const char *name);
/* Appends all of them with commas between. ERR_FORMAT: it has one that is neither. */
ERR_MUST_CHECK enum err_code sec_cert_names(struct bytes *out, const struct sec_cert *c,
	struct err *err);

/* Good for this use at this time, and signed by this authority (directly).
 *
 * Returns: ERR_OK
 *          ERR_RANGE   expired, or not valid yet: the words say which, and when
 *          ERR_FORGED  of another authority, for another use, or damaged
 */
ERR_MUST_CHECK enum err_code sec_cert_check(const struct sec_cert *c, const struct sec_cert *ca,
	enum sec_cert_use use, int64_t now, struct err *err);

#endif
