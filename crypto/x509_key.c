/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys and certificate requests.
 */
#include "crypto/x509_openssl.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "base/file.h"

bool sec_pkey_is_p256(const EVP_PKEY *pkey)
{
	char group[32] = "";
	int explicit_form = 1;

	return EVP_PKEY_is_a(pkey, "EC") == 1 &&
		EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) == 1 &&
		strcmp(group, SN_X9_62_prime256v1) == 0 &&
		EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
			&explicit_form) == 1 &&
		explicit_form == 0;
}

bool sec_name_set(X509_NAME *name, const char *common)
{
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		       (const unsigned char *)common, (int)strlen(common), -1, 0) == 1;
}

static enum err_code spki_digest(uint8_t out[static SEC_SPKI_LEN], uint8_t *der, int len)
{
	enum err_code rc = ERR_CRYPTO;

	if (len > 0 && der != NULL)
		rc = sec_sha256(out, &SPAN(der, (size_t)len), 1);
	OPENSSL_free(der);
	return rc == ERR_OK ? ERR_OK : sec_failed(rc);
}

enum err_code sec_pkey_spki(uint8_t out[static SEC_SPKI_LEN], const EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	return spki_digest(out, der, len);
}

enum err_code sec_x509_spki(uint8_t out[static SEC_SPKI_LEN], const X509 *x509)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);

	return spki_digest(out, der, len);
}

/* ---- keys ---- */

static enum err_code key_wrap(struct sec_key **out, EVP_PKEY *pkey, struct err *err)
{
	struct sec_key *k = calloc(1, sizeof *k);

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return err_set(err, ERR_NO_MEMORY, "no memory for a key");
	}
	k->pkey = pkey;
	*out = k;
	return ERR_OK;
}

enum err_code sec_key_new(struct sec_key **out, struct err *err)
{
	EVP_PKEY *pkey;

	*out = NULL;
	ASSERT(sec_algorithms() != NULL);
	pkey = EVP_EC_gen("P-256");
	if (pkey == NULL)
		return err_set(err, sec_failed(ERR_CRYPTO), "a key could not be made");
	return key_wrap(out, pkey, err);
}

void sec_key_free(struct sec_key **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	free(*k);
	*k = NULL;
}

/* Instead of the question on the terminal that OpenSSL would ask for an encrypted key. */
static int no_passphrase(char *buf, int size, int rwflag, void *ctx)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)ctx;
	return -1;
}

static enum err_code key_parse(struct sec_key **out, struct span pem, const char *path, bool any,
	struct err *err)
{
	BIO *in = BIO_new_mem_buf(pem.data, (int)pem.len);
	EVP_PKEY *pkey = NULL;

	if (in != NULL)
		pkey = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	ERR_IGNORE(sec_failed(ERR_OK)); /* only empties OpenSSL's queue */
	if (pkey == NULL)
		return err_set(err, ERR_FORMAT,
			"%s: no private key in PEM (it must not have a passphrase)", path);
	if (!any && !sec_pkey_is_p256(pkey)) {
		EVP_PKEY_free(pkey);
		return err_set(err, ERR_UNSUPPORTED, "%s: the key is not a P-256 key", path);
	}
	return key_wrap(out, pkey, err);
}

static enum err_code key_read(struct sec_key **out, const char *path, bool any, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	*out = NULL;
	ASSERT(sec_algorithms() != NULL);
	bytes_init(&text, SEC_PEM_MAX);
	rc = file_read(&text, path, true, err);
	if (rc == ERR_OK)
		rc = key_parse(out, bytes_span(&text), path, any, err);
	if (text.data != NULL)
		sec_wipe(text.data, text.cap);
	bytes_done(&text);
	return rc;
}

enum err_code sec_key_read(struct sec_key **out, const char *path, struct err *err)
{
	return key_read(out, path, false, err);
}

enum err_code sec_key_read_any(struct sec_key **out, const char *path, struct err *err)
{
	return key_read(out, path, true, err);
}

enum err_code sec_key_write(const struct sec_key *k, const char *path, struct err *err)
{
	BIO *to = BIO_new(BIO_s_secmem());
	char *data = NULL;
	long len = 0;
	enum err_code rc = ERR_CRYPTO;

	if (to != NULL && PEM_write_bio_PKCS8PrivateKey(
				  to, k->pkey, NULL, NULL, 0, NULL, NULL) == 1)
		len = BIO_get_mem_data(to, &data);
	if (len > 0)
		rc = file_replace(path, SPAN(data, (size_t)len), 0600, err);
	else
		rc = err_set(err, sec_failed(rc), "%s: the key could not be written", path);
	BIO_free(to);
	return rc;
}

enum err_code sec_key_spki(uint8_t out[static SEC_SPKI_LEN], const struct sec_key *k)
{
	return sec_pkey_spki(out, k->pkey);
}

/* ---- requests ---- */

static enum err_code bio_append(struct bytes *out, BIO *from, struct err *err)
{
	char *data = NULL;
	long len = from != NULL ? BIO_get_mem_data(from, &data) : 0;

	if (len <= 0)
		return err_set(err, sec_failed(ERR_CRYPTO), "PEM could not be written");
	bytes_add(out, data, (size_t)len);
	return out->full ? err_set(err, ERR_TOO_LARGE, "no room for PEM") : ERR_OK;
}

enum err_code sec_csr_build(struct bytes *out, const struct sec_key *k, const char *subject,
	struct err *err)
{
	X509_REQ *req = X509_REQ_new();
	BIO *to = BIO_new(BIO_s_mem());
	enum err_code rc = ERR_CRYPTO;

	if (req != NULL && to != NULL && X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
		sec_name_set(X509_REQ_get_subject_name(req), subject) &&
		X509_REQ_set_pubkey(req, k->pkey) == 1 &&
		X509_REQ_sign(req, k->pkey, sec_algorithms()->md[SEC_HASH_SHA256]) > 0 &&
		PEM_write_bio_X509_REQ(to, req) == 1)
		rc = bio_append(out, to, err);
	else
		rc = err_set(err, sec_failed(rc), "a certificate request could not be made");
	BIO_free(to);
	X509_REQ_free(req);
	return rc;
}

/* What OpenSSL would write of it is what came: nothing before or after it, no second one, and no
 * other spelling of the same bytes.
 */
static bool is_canonical(X509_REQ *req, struct span pem)
{
	BIO *to = BIO_new(BIO_s_mem());
	char *data = NULL;
	bool same = false;

	if (to != NULL && PEM_write_bio_X509_REQ(to, req) == 1) {
		long len = BIO_get_mem_data(to, &data);

		same = len > 0 && span_equal(SPAN(data, (size_t)len), pem);
	}
	BIO_free(to);
	return same;
}

static X509_REQ *csr_read(struct span pem)
{
	BIO *in = pem.len > 0 ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
	X509_REQ *req = NULL;

	if (in != NULL)
		req = PEM_read_bio_X509_REQ(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	if (req != NULL && !is_canonical(req, pem)) {
		X509_REQ_free(req);
		req = NULL;
	}
	return req;
}

/* A point can be written in three ways, and each would be another digest of the same key. */
static bool is_uncompressed(const EVP_PKEY *pkey)
{
	char form[32] = "";

	return EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		       form, sizeof form, NULL) == 1 &&
		strcmp(form, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 0;
}

static enum err_code csr_check(struct sec_csr *out, X509_REQ *req, struct err *err)
{
	out->pkey = X509_REQ_get_pubkey(req);
	if (out->pkey == NULL || !sec_pkey_is_p256(out->pkey))
		return err_set(err, sec_failed(ERR_UNSUPPORTED),
			"the key of the certificate request is not a P-256 key");
	if (!is_uncompressed(out->pkey))
		return err_set(err, sec_failed(ERR_UNSUPPORTED),
			"the key of the certificate request is not written as an uncompressed "
			"point");
	if (X509_REQ_get_signature_nid(req) != NID_ecdsa_with_SHA256)
		return err_set(err, ERR_UNSUPPORTED,
			"the certificate request is not signed by ECDSA with SHA-256");
	if (X509_REQ_verify(req, out->pkey) != 1)
		return err_set(err, sec_failed(ERR_FORGED),
			"the certificate request is not signed by its own key");
	return ERR_OK;
}

enum err_code sec_csr_parse(struct sec_csr **out, struct span pem, struct err *err)
{
	struct sec_csr *c;
	X509_REQ *req;
	enum err_code rc;

	*out = NULL;
	ASSERT(sec_algorithms() != NULL);
	if (pem.len > SEC_CSR_MAX)
		return err_set(err, ERR_TOO_LARGE,
			"the certificate request has more than %d bytes", SEC_CSR_MAX);
	req = csr_read(pem);
	if (req == NULL)
		return err_set(err, sec_failed(ERR_FORMAT),
			"not exactly one certificate request in PEM");
	c = calloc(1, sizeof *c);
	rc = c != NULL ? csr_check(c, req, err) : err_set(err, ERR_NO_MEMORY, "out of memory");
	X509_REQ_free(req);
	if (rc != ERR_OK)
		sec_csr_free(&c);
	*out = c;
	return rc;
}

void sec_csr_free(struct sec_csr **c)
{
	if (*c == NULL)
		return;
	EVP_PKEY_free((*c)->pkey);
	free(*c);
	*c = NULL;
}

enum err_code sec_csr_spki(uint8_t out[static SEC_SPKI_LEN], const struct sec_csr *c)
{
	return sec_pkey_spki(out, c->pkey);
}
