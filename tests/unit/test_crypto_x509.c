/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, certificate requests and certificates of the backend's authority: what is made is good, and
 * everything that only looks like it is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/x509_openssl.h"
#include "tests/lib/crypto_case.h"
#include "tests/lib/folder.h"

#define NOW  1795000000
#define YEAR ((int64_t)365 * 86400)

struct world {
	struct sec_key *ca_key;
	struct sec_cert *ca;
	struct err err;
};

static const char *const NAMES[] = {"localhost", "127.0.0.1", "::1", "bank.example.com"};

static struct sec_key *key_make(void)
{
	struct sec_key *k = NULL;
	struct err err = {0};

	assert_int_equal(sec_key_new(&k, &err), ERR_OK);
	return k;
}

static void world_init(struct world *w)
{
	memset(w, 0, sizeof *w);
	w->ca_key = key_make();
	assert_int_equal(sec_cert_authority(
				 &w->ca, w->ca_key, "Corner Bank", NOW, NOW + 10 * YEAR, &w->err),
		ERR_OK);
}

static void world_done(struct world *w)
{
	sec_cert_free(&w->ca);
	sec_key_free(&w->ca_key);
}

static size_t csr_text(char out[static SEC_CSR_MAX], const struct sec_key *k)
{
	struct bytes text;
	struct err err = {0};

	bytes_init_fixed(&text, out, SEC_CSR_MAX);
	assert_int_equal(sec_csr_build(&text, k, "till", &err), ERR_OK);
	return text.len;
}

static struct sec_csr *csr_make(const struct sec_key *k)
{
	char text[SEC_CSR_MAX];
	size_t len = csr_text(text, k);
	struct sec_csr *csr = NULL;
	struct err err = {0};

	assert_int_equal(sec_csr_parse(&csr, SPAN(text, len), &err), ERR_OK);
	return csr;
}

static struct sec_cert *issue(struct world *w, const struct sec_key *k, enum sec_cert_use use)
{
	const struct sec_cert_order order = {
		.use = use, .subject = "till", .names = NAMES, .name_count = 4, .now = NOW,
		.not_after = NOW + YEAR};
	struct sec_csr *csr = csr_make(k);
	struct sec_cert *cert = NULL;

	assert_int_equal(sec_cert_issue(&cert, w->ca, w->ca_key, csr, &order, &w->err), ERR_OK);
	sec_csr_free(&csr);
	return cert;
}

static void a_request_becomes_a_certificate_of_the_same_key(void **state)
{
	struct world w;
	struct sec_key *k = key_make();
	struct sec_csr *csr = csr_make(k);
	uint8_t of_key[SEC_SPKI_LEN], of_csr[SEC_SPKI_LEN], of_cert[SEC_SPKI_LEN];
	int64_t not_before, not_after;

	(void)state;
	world_init(&w);
	struct sec_cert *cert = issue(&w, k, SEC_CERT_CLIENT);
	assert_int_equal(sec_key_spki(of_key, k), ERR_OK);
	assert_int_equal(sec_csr_spki(of_csr, csr), ERR_OK);
	assert_int_equal(sec_cert_spki(of_cert, cert), ERR_OK);
	assert_memory_equal(of_key, of_csr, SEC_SPKI_LEN);
	assert_memory_equal(of_key, of_cert, SEC_SPKI_LEN);
	assert_true(sec_cert_has_key(cert, k));
	assert_false(sec_cert_has_key(cert, w.ca_key));
	sec_cert_times(cert, &not_before, &not_after);
	assert_int_equal(not_before, NOW - SEC_CERT_BACKDATE_S);
	assert_int_equal(not_after, NOW + YEAR);
	assert_int_equal(sec_cert_check(cert, w.ca, SEC_CERT_CLIENT, NOW, &w.err), ERR_OK);
	sec_csr_free(&csr);
	sec_cert_free(&cert);
	sec_key_free(&k);
	world_done(&w);
}

static void a_server_has_its_names_and_no_other(void **state)
{
	struct world w;
	struct sec_key *k = key_make();

	(void)state;
	world_init(&w);
	struct sec_cert *cert = issue(&w, k, SEC_CERT_SERVER);
	for (size_t i = 0; i < 4; i++)
		assert_true(sec_cert_has_name(cert, NAMES[i]));
	assert_false(sec_cert_has_name(cert, "example.com"));
	assert_false(sec_cert_has_name(cert, "x.bank.example.com"));
	assert_false(sec_cert_has_name(cert, "127.0.0.2"));
	assert_false(sec_cert_has_name(cert, "till"));
	sec_cert_free(&cert);
	sec_key_free(&k);
	world_done(&w);
}

static void a_certificate_is_for_its_use_its_time_and_its_authority(void **state)
{
	struct world w, other;
	struct sec_key *k = key_make();

	(void)state;
	world_init(&w);
	world_init(&other);
	struct sec_cert *cert = issue(&w, k, SEC_CERT_CLIENT);
	assert_int_equal(sec_cert_check(cert, w.ca, SEC_CERT_SERVER, NOW, &w.err), ERR_FORGED);
	assert_int_equal(
		sec_cert_check(cert, other.ca, SEC_CERT_CLIENT, NOW, &w.err), ERR_FORGED);
	assert_int_equal(
		sec_cert_check(cert, w.ca, SEC_CERT_CLIENT, NOW + YEAR - 1, &w.err), ERR_OK);
	assert_int_equal(
		sec_cert_check(cert, w.ca, SEC_CERT_CLIENT, NOW + YEAR, &w.err), ERR_RANGE);
	assert_string_equal(w.err.text, "the certificate expired on 2027-11-18T11:06:40Z");
	assert_int_equal(sec_cert_check(cert, w.ca, SEC_CERT_CLIENT,
				 NOW - SEC_CERT_BACKDATE_S - 1, &w.err),
		ERR_RANGE);
	assert_non_null(strstr(w.err.text, "not valid before"));
	/* nor does the authority itself pass for a terminal, or a terminal for an authority */
	assert_int_equal(sec_cert_check(w.ca, w.ca, SEC_CERT_CLIENT, NOW + 11 * YEAR, &w.err),
		ERR_RANGE);
	assert_int_equal(sec_cert_check(cert, cert, SEC_CERT_SERVER, NOW, &w.err), ERR_FORGED);
	sec_cert_free(&cert);
	sec_key_free(&k);
	world_done(&other);
	world_done(&w);
}

static void an_authority_of_the_same_name_is_another_one(void **state)
{
	struct world w, other;
	struct sec_key *k = key_make();

	(void)state;
	world_init(&w);
	world_init(&other); /* the same subject, another key */
	struct sec_cert *cert = issue(&other, k, SEC_CERT_CLIENT);
	assert_int_equal(sec_cert_check(cert, w.ca, SEC_CERT_CLIENT, NOW, &w.err), ERR_FORGED);
	sec_cert_free(&cert);
	sec_key_free(&k);
	world_done(&other);
	world_done(&w);
}

static void a_terminal_cannot_sign_another(void **state)
{
	struct world w;
	struct sec_key *k = key_make(), *second = key_make();
	const struct sec_cert_order order = {
		.use = SEC_CERT_CLIENT, .subject = "x", .now = NOW, .not_after = NOW + YEAR};
	struct sec_csr *csr = csr_make(second);
	struct sec_cert *below = NULL;

	(void)state;
	world_init(&w);
	struct sec_cert *cert = issue(&w, k, SEC_CERT_CLIENT);
	assert_int_equal(sec_cert_issue(&below, cert, k, csr, &order, &w.err), ERR_OK);
	assert_int_equal(sec_cert_check(below, w.ca, SEC_CERT_CLIENT, NOW, &w.err), ERR_FORGED);
	assert_int_equal(sec_cert_check(below, cert, SEC_CERT_CLIENT, NOW, &w.err), ERR_FORGED);
	sec_cert_free(&below);
	assert_int_equal(sec_cert_issue(&below, w.ca, k, csr, &order, &w.err), ERR_INVALID);
	assert_null(below);
	sec_csr_free(&csr);
	sec_cert_free(&cert);
	sec_key_free(&second);
	sec_key_free(&k);
	world_done(&w);
}

static void orders_that_make_no_sense_are_refused(void **state)
{
	static const char *const BAD[] = {"", "a b", "a,IP:1.2.3.4", "DNS:x", "*.example.com",
		".x", "-x", "a..b", "x\n", "1.2.3.4/8", "\xc3\xa9.example"};
	static const char *const good[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
	struct world w;
	struct sec_key *k = key_make();
	struct sec_csr *csr = csr_make(k);
	struct sec_cert *cert = NULL;
	char long_name[SEC_CERT_SUBJECT_MAX + 2];
	struct sec_cert_order order = {.use = SEC_CERT_SERVER, .subject = "s", .name_count = 1,
		.now = NOW, .not_after = NOW + YEAR};

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		order.names = &BAD[i];
		assert_int_equal(sec_cert_issue(&cert, w.ca, w.ca_key, csr, &order, &w.err),
			ERR_INVALID);
		assert_null(cert);
	}
	order.names = good;
	for (order.name_count = 0; order.name_count <= 9; order.name_count += 9)
		assert_int_equal(sec_cert_issue(&cert, w.ca, w.ca_key, csr, &order, &w.err),
			ERR_INVALID);
	order.name_count = 8;
	assert_int_equal(sec_cert_issue(&cert, w.ca, w.ca_key, csr, &order, &w.err), ERR_OK);
	sec_cert_free(&cert);
	order.not_after = NOW;
	assert_int_equal(sec_cert_issue(&cert, w.ca, w.ca_key, csr, &order, &w.err), ERR_INVALID);
	order.not_after = NOW + 1;
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	const char *const subjects[] = {"", NULL, "a\033[1mb", "\xff", long_name};
	for (size_t i = 0; i < 5; i++) {
		order.subject = subjects[i];
		assert_int_equal(sec_cert_issue(&cert, w.ca, w.ca_key, csr, &order, &w.err),
			ERR_INVALID);
	}
	sec_csr_free(&csr);
	sec_key_free(&k);
	world_done(&w);
}

/* ---- requests that are refused ---- */

static enum err_code parse(struct span text, struct err *err)
{
	struct sec_csr *csr = (void *)err; /* must be set */
	enum err_code rc = sec_csr_parse(&csr, text, err);

	if (rc)
		assert_null(csr);
	sec_csr_free(&csr);
	return rc;
}

/* A request that OpenSSL makes of any key, with any digest. */
static size_t foreign_request(char out[static SEC_CSR_MAX * 2], EVP_PKEY *key, EVP_PKEY *signer,
	const char *digest)
{
	X509_REQ *req = X509_REQ_new();
	EVP_MD *md = digest ? EVP_MD_fetch(NULL, digest, NULL) : NULL;
	BIO *to = BIO_new(BIO_s_mem());
	char *data;

	assert_int_equal(X509_REQ_set_pubkey(req, key), 1);
	assert_true(X509_REQ_sign(req, signer, md) > 0);
	assert_int_equal(PEM_write_bio_X509_REQ(to, req), 1);
	size_t len = (size_t)BIO_get_mem_data(to, &data);
	assert_true(len <= (size_t)SEC_CSR_MAX * 2);
	memcpy(out, data, len);
	BIO_free(to);
	EVP_MD_free(md);
	X509_REQ_free(req);
	return len;
}

static void refuses_other_keys_and_digests(void **state)
{
	char text[SEC_CSR_MAX * 2];
	struct sec_key *k = key_make(), *other = key_make();
	struct err err = {0};
	static const char *const CURVES[] = {"P-384", "secp256k1", "P-224"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY *key = EVP_EC_gen(CURVES[i]);
		size_t len = foreign_request(text, key, key, "SHA256");

		assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
		EVP_PKEY_free(key);
	}
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	size_t len = foreign_request(text, rsa, rsa, "SHA256");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	len = foreign_request(text, ed, ed, NULL);
	assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	len = foreign_request(text, k->pkey, k->pkey, "SHA1");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	len = foreign_request(text, k->pkey, k->pkey, "SHA384");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	len = foreign_request(text, k->pkey, other->pkey, "SHA256");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_FORGED);
	len = foreign_request(text, k->pkey, k->pkey, "SHA256");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_OK);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed);
	sec_key_free(&k);
	sec_key_free(&other);
}

/* A terminal is the digest of its key's bytes: one key has one spelling, or a revoked one comes
 * back under another.
 */
static void refuses_other_spellings_of_a_point(void **state)
{
	static const char *const FORMS[] = {"compressed", "hybrid"};
	static const char NAME[] = OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT;
	char text[SEC_CSR_MAX * 2];
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct err err = {0};
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(EVP_PKEY_set_utf8_string_param(key, NAME, FORMS[i]), 1);
		len = foreign_request(text, key, key, "SHA256");
		assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	}
	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, NAME, "uncompressed"), 1);
	len = foreign_request(text, key, key, "SHA256");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_OK);
	EVP_PKEY_free(key);
}

/* P-256 written out as numbers: what the numbers are is then the sender's word. */
static void refuses_a_curve_of_explicit_parameters(void **state)
{
	char text[SEC_CSR_MAX * 2];
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct err err = {0};

	(void)state;
	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
	size_t len = foreign_request(text, key, key, "SHA256");
	assert_int_equal(parse(SPAN(text, len), &err), ERR_UNSUPPORTED);
	EVP_PKEY_free(key);
}

static void refuses_every_changed_byte_of_a_request(void **state)
{
	char text[SEC_CSR_MAX];
	struct sec_key *k = key_make();
	size_t len = csr_text(text, k);
	struct err err = {0};
	int passed = 0;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		passed += parse(SPAN(text, len), &err) == ERR_OK;
		text[i] = was;
	}
	assert_int_equal(passed, 0);
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(parse(SPAN(text, i), &err), ERR_OK);
	assert_int_equal(parse(SPAN(text, len), &err), ERR_OK);
	sec_key_free(&k);
}

static void refuses_what_is_not_one_request(void **state)
{
	char one[SEC_CSR_MAX], text[SEC_CSR_MAX * 2 + 16];
	struct sec_key *k = key_make();
	size_t len = csr_text(one, k);
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(SPAN(NULL, 0), &err), ERR_FORMAT);
	assert_int_equal(parse(span_text("nonsense"), &err), ERR_FORMAT);
	memcpy(text, one, len);
	memcpy(text + len, one, len);
	assert_int_equal(parse(SPAN(text, len * 2), &err), ERR_FORMAT); /* two */
	memcpy(text + len, "more", 4);
	assert_int_equal(parse(SPAN(text, len + 4), &err), ERR_FORMAT);
	memcpy(text, "x\n", 2);
	memcpy(text + 2, one, len);
	assert_int_equal(parse(SPAN(text, len + 2), &err), ERR_FORMAT); /* something before */
	memset(text, '\n', sizeof text);
	memcpy(text, one, len);
	assert_int_equal(parse(SPAN(text, SEC_CSR_MAX + 1), &err), ERR_TOO_LARGE);
	memcpy(text, one, len);
	memcpy(text + 30, one, len - 30); /* a NUL or two inside */
	text[60] = '\0';
	assert_int_equal(parse(SPAN(text, len), &err), ERR_FORMAT);
	sec_key_free(&k);
}

/* ---- files ---- */

static void keys_and_certificates_are_files(void **state)
{
	const char *path = in_folder("k"), *cert_path = in_folder("c");
	struct world w;
	struct sec_key *again = NULL;
	struct sec_cert *cert = NULL;
	struct stat st;
	uint8_t a[SEC_SPKI_LEN], b[SEC_SPKI_LEN];

	(void)state;
	world_init(&w);
	assert_int_equal(sec_key_write(w.ca_key, path, &w.err), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(sec_key_read(&again, path, &w.err), ERR_OK);
	assert_int_equal(sec_key_spki(a, w.ca_key), ERR_OK);
	assert_int_equal(sec_key_spki(b, again), ERR_OK);
	assert_memory_equal(a, b, sizeof a);
	sec_key_free(&again);
	assert_int_equal(sec_cert_write(w.ca, cert_path, &w.err), ERR_OK);
	assert_int_equal(sec_cert_read(&cert, cert_path, &w.err), ERR_OK);
	assert_true(sec_cert_has_key(cert, w.ca_key));
	sec_cert_free(&cert);
	/* one is not the other */
	assert_int_equal(sec_cert_read(&cert, path, &w.err), ERR_FORMAT);
	assert_non_null(strstr(w.err.text, path));
	assert_int_equal(chmod(cert_path, 0600), 0);
	assert_int_equal(sec_key_read(&again, cert_path, &w.err), ERR_FORMAT);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(sec_key_read(&again, path, &w.err), ERR_PERMISSION);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(sec_key_read(&again, path, &w.err), ERR_NOT_FOUND);
	assert_int_equal(sec_key_write(w.ca_key, "/nowhere/k", &w.err), ERR_NOT_FOUND);
	assert_null(again);
	world_done(&w);
}

static void write_pem(const char *path, EVP_PKEY *key, const char *passphrase)
{
	BIO *to = BIO_new(BIO_s_mem());
	EVP_CIPHER *aes = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	struct err err = {0};
	char *data;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(to, key, passphrase ? aes : NULL, passphrase,
				 passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
		1);
	size_t len = (size_t)BIO_get_mem_data(to, &data);
	assert_int_equal(file_replace(path, SPAN(data, len), 0600, &err), ERR_OK);
	EVP_CIPHER_free(aes);
	BIO_free(to);
}

static void refuses_other_and_encrypted_keys(void **state)
{
	const char *path = in_folder("k");
	struct sec_key *k = NULL, *good = key_make();
	struct err err = {0};
	EVP_PKEY *p384 = EVP_EC_gen("P-384");

	(void)state;
	write_pem(path, p384, NULL);
	assert_int_equal(sec_key_read(&k, path, &err), ERR_UNSUPPORTED);
	/* and nobody is asked on the terminal */
	write_pem(path, good->pkey, "secret");
	assert_int_equal(sec_key_read(&k, path, &err), ERR_FORMAT);
	write_pem(path, good->pkey, NULL);
	assert_int_equal(sec_key_read(&k, path, &err), ERR_OK);
	sec_key_free(&k);
	sec_key_free(&good);
	EVP_PKEY_free(p384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_becomes_a_certificate_of_the_same_key),
		cmocka_unit_test(a_server_has_its_names_and_no_other),
		cmocka_unit_test(a_certificate_is_for_its_use_its_time_and_its_authority),
		cmocka_unit_test(an_authority_of_the_same_name_is_another_one),
		cmocka_unit_test(a_terminal_cannot_sign_another),
		cmocka_unit_test(orders_that_make_no_sense_are_refused),
		cmocka_unit_test(refuses_other_keys_and_digests),
		cmocka_unit_test(refuses_other_spellings_of_a_point),
		cmocka_unit_test(refuses_a_curve_of_explicit_parameters),
		cmocka_unit_test(refuses_every_changed_byte_of_a_request),
		cmocka_unit_test(refuses_what_is_not_one_request),
		cmocka_unit_test_setup_teardown(
			keys_and_certificates_are_files, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			refuses_other_and_encrypted_keys, folder_set_up, folder_tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
