/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates: issued, read, written, checked.
 */
#include "crypto/x509_openssl.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text_safe.h"

#define SERIAL_LEN 16 /* random; RFC 5280 section 4.1.2.2 allows 20 */
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"
#define NAMES_MAX  (SEC_CERT_NAMES_MAX * (SEC_CERT_NAME_MAX + 5))

static enum err_code cert_wrap(struct sec_cert **out, X509 *x509, struct err *err)
{
	struct sec_cert *c = calloc(1, sizeof *c);

	if (c == NULL) {
		X509_free(x509);
		return err_set(err, ERR_NO_MEMORY, "no memory for a certificate");
	}
	c->x509 = x509;
	*out = c;
	return ERR_OK;
}

void sec_cert_free(struct sec_cert **c)
{
	if (*c == NULL)
		return;
	X509_free((*c)->x509);
	free(*c);
	*c = NULL;
}

/* ---- issuing ---- */

static bool serial_set(X509 *x, struct err *err)
{
	uint8_t raw[SERIAL_LEN];
	BIGNUM *n;
	bool ok;

	if (sec_random(raw, sizeof raw, err))
		return false;
	raw[0] = (uint8_t)((raw[0] & 0x7f) | 0x40); /* positive, and always as long */
	n = BN_bin2bn(raw, sizeof raw, NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

static bool times_set(X509 *x, int64_t not_before, int64_t not_after)
{
	return ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)not_before, 0, 0) != NULL &&
		ASN1_TIME_adj(X509_getm_notAfter(x), (time_t)not_after, 0, 0) != NULL;
}

static bool extension_add(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

static bool subject_is_one(const char *text)
{
	return text != NULL && text[0] != '\0' && strlen(text) <= SEC_CERT_SUBJECT_MAX &&
		text_is_safe(span_text(text));
}

static enum err_code body_set(X509 *x, EVP_PKEY *key, const char *subject, int64_t now,
	int64_t not_after, struct err *err)
{
	if (!subject_is_one(subject))
		return err_set(err, ERR_INVALID, "the name of a certificate is 1 to %d bytes",
			SEC_CERT_SUBJECT_MAX);
	if (not_after <= now)
		return err_set(err, ERR_INVALID, "the certificate would have ended already");
	if (X509_set_version(x, X509_VERSION_3) != 1 || !serial_set(x, err) ||
		!times_set(x, now - SEC_CERT_BACKDATE_S, not_after) ||
		!sec_name_set(X509_get_subject_name(x), subject) || X509_set_pubkey(x, key) != 1)
		return err_set(err, sec_failed(ERR_CRYPTO), "a certificate could not be made");
	return ERR_OK;
}

enum err_code sec_cert_authority(struct sec_cert **out, const struct sec_key *k,
	const char *subject, int64_t now, int64_t not_after, struct err *err)
{
	X509 *x = X509_new();
	X509V3_CTX ctx;
	enum err_code rc;

	*out = NULL;
	if (x == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for a certificate");
	rc = body_set(x, k->pkey, subject, now, not_after, err);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	if (rc == ERR_OK &&
		(X509_set_issuer_name(x, X509_get_subject_name(x)) != 1 ||
			!extension_add(x, &ctx, NID_basic_constraints,
				"critical,CA:TRUE,pathlen:0") ||
			!extension_add(x, &ctx, NID_key_usage, "critical,keyCertSign,cRLSign") ||
			!extension_add(x, &ctx, NID_subject_key_identifier, "hash") ||
			X509_sign(x, k->pkey, sec_algorithms()->md[SEC_HASH_SHA256]) <= 0))
		rc = err_set(err, sec_failed(ERR_CRYPTO), "the authority could not be made");
	if (rc == ERR_OK)
		return cert_wrap(out, x, err);
	X509_free(x);
	return rc;
}

static bool is_address(const char *name)
{
	uint8_t raw[16];

	return inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1;
}

static bool is_dns_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= SEC_CERT_NAME_MAX && strspn(name, NAME_CHARS) == len &&
		name[0] != '.' && name[0] != '-' && strstr(name, "..") == NULL;
}

bool sec_cert_name_is_one(const char *name)
{
	return is_address(name) || is_dns_name(name);
}

/* The text that OpenSSL reads names from. What goes into it was checked, so that no name can bring
 * an extension of its own.
 */
static enum err_code names_text(char out[static NAMES_MAX], const struct sec_cert_order *o,
	struct err *err)
{
	size_t len = 0;

	if (o->name_count == 0 || o->name_count > SEC_CERT_NAMES_MAX)
		return err_set(err, ERR_INVALID, "a server has 1 to %d names", SEC_CERT_NAMES_MAX);
	for (size_t i = 0; i < o->name_count; i++) {
		if (!sec_cert_name_is_one(o->names[i]))
			return err_set(err, ERR_INVALID,
				"'%.64s' is neither a host name nor an address", o->names[i]);
		len += (size_t)snprintf(out + len, NAMES_MAX - len, "%s%s:%s", i > 0 ? "," : "",
			is_address(o->names[i]) ? "IP" : "DNS", o->names[i]);
	}
	return ERR_OK;
}

static bool leaf_extensions(X509 *x, X509V3_CTX *ctx, enum sec_cert_use use, const char *names)
{
	bool server = use == SEC_CERT_SERVER;

	return extension_add(x, ctx, NID_basic_constraints, "critical,CA:FALSE") &&
		extension_add(x, ctx, NID_key_usage, "critical,digitalSignature") &&
		extension_add(x, ctx, NID_ext_key_usage, server ? "serverAuth" : "clientAuth") &&
		extension_add(x, ctx, NID_subject_key_identifier, "hash") &&
		extension_add(x, ctx, NID_authority_key_identifier, "keyid:always") &&
		(!server || extension_add(x, ctx, NID_subject_alt_name, names));
}

static enum err_code leaf_sign(X509 *x, const struct sec_cert *ca, const struct sec_key *ca_key,
	const struct sec_cert_order *o, struct err *err)
{
	char names[NAMES_MAX] = "";
	X509V3_CTX ctx;
	enum err_code rc = ERR_OK;

	if (o->use == SEC_CERT_SERVER)
		rc = names_text(names, o, err);
	if (rc != ERR_OK)
		return rc;
	X509V3_set_ctx(&ctx, ca->x509, x, NULL, NULL, 0);
	if (X509_set_issuer_name(x, X509_get_subject_name(ca->x509)) != 1 ||
		!leaf_extensions(x, &ctx, o->use, names) ||
		X509_sign(x, ca_key->pkey, sec_algorithms()->md[SEC_HASH_SHA256]) <= 0)
		return err_set(err, sec_failed(ERR_CRYPTO), "a certificate could not be made");
	return ERR_OK;
}

enum err_code sec_cert_issue(struct sec_cert **out, const struct sec_cert *ca,
	const struct sec_key *ca_key, const struct sec_csr *csr, const struct sec_cert_order *order,
	struct err *err)
{
	X509 *x;
	enum err_code rc;

	*out = NULL;
	if (!sec_cert_has_key(ca, ca_key))
		return err_set(err, ERR_INVALID, "the authority's key is not its certificate's");
	x = X509_new();
	if (x == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for a certificate");
	rc = body_set(x, csr->pkey, order->subject, order->now, order->not_after, err);
	if (rc == ERR_OK)
		rc = leaf_sign(x, ca, ca_key, order, err);
	if (rc == ERR_OK)
		return cert_wrap(out, x, err);
	X509_free(x);
	return rc;
}

/* ---- in and out ---- */

enum err_code sec_cert_parse(struct sec_cert **out, struct span pem, struct err *err)
{
	BIO *in;
	X509 *x = NULL;

	*out = NULL;
	ASSERT(sec_algorithms() != NULL);
	if (pem.len > SEC_PEM_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d bytes", SEC_PEM_MAX);
	in = BIO_new_mem_buf(pem.data != NULL ? pem.data : (const uint8_t *)"", (int)pem.len);
	if (in != NULL)
		x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	if (x == NULL)
		return err_set(err, sec_failed(ERR_FORMAT), "no certificate in PEM");
	return cert_wrap(out, x, err);
}

enum err_code sec_cert_read(struct sec_cert **out, const char *path, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	*out = NULL;
	bytes_init(&text, SEC_PEM_MAX);
	rc = file_read(&text, path, false, err);
	if (rc == ERR_OK && sec_cert_parse(out, bytes_span(&text), err))
		rc = err_prefix(err, "%s", path);
	bytes_done(&text);
	return rc;
}

enum err_code sec_cert_pem(struct bytes *out, const struct sec_cert *c, struct err *err)
{
	BIO *to = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len = 0;

	if (to != NULL && PEM_write_bio_X509(to, c->x509) == 1)
		len = BIO_get_mem_data(to, &data);
	if (len > 0)
		bytes_add(out, data, (size_t)len);
	BIO_free(to);
	if (len <= 0)
		return err_set(err, sec_failed(ERR_CRYPTO), "PEM could not be written");
	return out->full ? err_set(err, ERR_TOO_LARGE, "no room for PEM") : ERR_OK;
}

enum err_code sec_cert_write(const struct sec_cert *c, const char *path, struct err *err)
{
	struct bytes text;
	enum err_code rc;

	bytes_init(&text, SEC_PEM_MAX);
	rc = sec_cert_pem(&text, c, err);
	if (rc == ERR_OK)
		rc = file_replace(path, bytes_span(&text), 0644, err);
	bytes_done(&text);
	return rc;
}

/* ---- what one says ---- */

enum err_code sec_cert_spki(uint8_t out[static SEC_SPKI_LEN], const struct sec_cert *c)
{
	return sec_x509_spki(out, c->x509);
}

static bool time_read(int64_t *out, const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool ok = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;

	ASN1_TIME_free(epoch);
	if (ok)
		*out = (int64_t)days * 86400 + seconds;
	return ok;
}

void sec_cert_times(const struct sec_cert *c, int64_t *not_before, int64_t *not_after)
{
	if (!time_read(not_before, X509_get0_notBefore(c->x509)))
		*not_before = INT64_MAX;
	if (!time_read(not_after, X509_get0_notAfter(c->x509)))
		*not_after = 0;
	ERR_IGNORE(sec_failed(ERR_OK)); /* only empties OpenSSL's queue */
}

bool sec_cert_has_key(const struct sec_cert *c, const struct sec_key *k)
{
	bool same = EVP_PKEY_eq(X509_get0_pubkey(c->x509), k->pkey) == 1;

	ERR_IGNORE(sec_failed(ERR_OK)); /* only empties OpenSSL's queue */
	return same;
}

bool sec_cert_has_name(const struct sec_cert *c, const char *name)
{
	return is_address(name) ? X509_check_ip_asc(c->x509, name, 0) == 1
				: X509_check_host(c->x509, name, 0, 0, NULL) == 1;
}

static bool name_add(struct bytes *out, const GENERAL_NAME *name)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	const uint8_t *data = ASN1_STRING_get0_data(value);
	int len = ASN1_STRING_length(value);
	char address[INET6_ADDRSTRLEN];

	if (out->len > 0)
		bytes_add_u8(out, ',');
	if (type == GEN_DNS) {
		bytes_add(out, data, (size_t)len);
		return true;
	}
	if (type != GEN_IPADD || (len != 4 && len != 16) ||
		!inet_ntop(len == 4 ? AF_INET : AF_INET6, data, address, sizeof address))
		return false;
	bytes_add_text(out, address);
	return true;
}

enum err_code sec_cert_names(struct bytes *out, const struct sec_cert *c, struct err *err)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(c->x509, NID_subject_alt_name, NULL, NULL);
	bool good = true;

	for (int i = 0; good && i < sk_GENERAL_NAME_num(names); i++)
		good = name_add(out, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	if (good && !out->full)
		return ERR_OK;
	return err_set(err, ERR_FORMAT, "the certificate has names that cannot be kept");
}

static enum err_code times_check(const struct sec_cert *c, int64_t now, struct err *err)
{
	char text[CLOCK_TEXT_LEN + 1];
	int64_t not_before, not_after;

	sec_cert_times(c, &not_before, &not_after);
	if (now < not_before) {
		clock_text(text, not_before);
		return err_set(err, ERR_RANGE, "the certificate is not valid before %s", text);
	}
	if (now >= not_after) { /* as OpenSSL has it */
		clock_text(text, not_after);
		return err_set(err, ERR_RANGE, "the certificate expired on %s", text);
	}
	return ERR_OK;
}

static bool chain_check(const struct sec_cert *c, const struct sec_cert *ca, enum sec_cert_use use,
	int64_t now)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = false;

	if (store != NULL && ctx != NULL && X509_STORE_add_cert(store, ca->x509) == 1 &&
		X509_STORE_CTX_init(ctx, store, c->x509, NULL) == 1 &&
		X509_STORE_CTX_set_purpose(ctx, use == SEC_CERT_SERVER
				? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT) == 1) {
		X509_STORE_CTX_set_time(ctx, 0, (time_t)now);
		ok = X509_verify_cert(ctx) == 1;
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return ok;
}

enum err_code sec_cert_check(const struct sec_cert *c, const struct sec_cert *ca,
	enum sec_cert_use use, int64_t now, struct err *err)
{
	enum err_code rc = times_check(c, now, err);

	if (rc == ERR_OK && !chain_check(c, ca, use, now))
		rc = err_set(err, sec_failed(ERR_FORGED),
			"the certificate is not one of this authority for this use");
	return rc;
}
