/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side of a TLS test on OpenSSL: one connection, every fault in words. And an authority
 * in the folder of the test that makes good and bad certificates. For test programs only.
 */
#ifndef TESTS_LIB_TLS_CLIENT_H
#define TESTS_LIB_TLS_CLIENT_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <time.h>

#include "crypto/x509.h"
#include "tests/lib/folder.h"
#include "tests/lib/raw_http.h"

#define TLS_DAY 86400

/* ---- certificates as files ---- */

struct tls_authority {
	struct sec_key *key;
	struct sec_cert *cert;
};

static inline void tls_must(enum err_code e, const struct err *err)
{
	if (e) {
		fprintf(stderr, "# %s\n", err->text);
		abort();
	}
}

static inline void tls_authority_new(struct tls_authority *a, const char *file)
{
	struct err err = {0};
	int64_t now = time(NULL);

	tls_must(sec_key_new(&a->key, &err), &err);
	tls_must(sec_cert_authority(&a->cert, a->key, "Test Bank", now, now + 1000 * TLS_DAY, &err),
		&err);
	tls_must(sec_cert_write(a->cert, in_folder(file), &err), &err);
}

static inline void tls_authority_free(struct tls_authority *a)
{
	sec_key_free(&a->key);
	sec_cert_free(&a->cert);
}

/* NAME.key and NAME.pem; made `made` seconds from now, good for `life` seconds then. */
static inline void tls_certificate(const struct tls_authority *a, const char *name,
	enum sec_cert_use use, int64_t made, int64_t life, uint8_t spki[static SEC_SPKI_LEN])
{
	static const char *const names[] = {"localhost", "127.0.0.1", "::1"};
	struct sec_cert_order order = {.use = use, .subject = name, .names = names, .name_count = 3,
		.now = time(NULL) + made, .not_after = time(NULL) + made + life};
	struct sec_key *key = NULL;
	struct sec_csr *csr = NULL;
	struct sec_cert *cert = NULL;
	char storage[SEC_CSR_MAX], file[64];
	struct bytes pem;
	struct err err = {0};

	bytes_init_fixed(&pem, storage, sizeof(storage));
	tls_must(sec_key_new(&key, &err), &err);
	tls_must(sec_csr_build(&pem, key, name, &err), &err);
	tls_must(sec_csr_parse(&csr, bytes_span(&pem), &err), &err);
	tls_must(sec_cert_issue(&cert, a->cert, a->key, csr, &order, &err), &err);
	tls_must(sec_cert_spki(spki, cert), &err);
	snprintf(file, sizeof(file), "%s.key", name);
	tls_must(sec_key_write(key, in_folder(file), &err), &err);
	snprintf(file, sizeof(file), "%s.pem", name);
	tls_must(sec_cert_write(cert, in_folder(file), &err), &err);
	sec_cert_free(&cert);
	sec_csr_free(&csr);
	sec_key_free(&key);
}

/* ---- one connection ---- */

struct tls_client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	char fault[256];
	int records; /* of application data that came */
};

struct tls_how {
	const char *name; /* NAME.pem and NAME.key of the folder; NULL = no certificate */
	int least, most;  /* versions; 0 = whatever there is */
};

static inline void tls_fault(struct tls_client *c)
{
	unsigned long code = ERR_get_error();

	snprintf(c->fault, sizeof(c->fault), "%s",
		code ? ERR_reason_error_string(code) : "closed");
	ERR_clear_error();
}

static inline void tls_count(int writes, int version, int type, const void *data, size_t len,
	SSL *ssl, void *arg)
{
	struct tls_client *c = arg;

	(void)version;
	(void)ssl;
	if (!writes && type == SSL3_RT_HEADER && len > 0 &&
		((const uint8_t *)data)[0] == SSL3_RT_APPLICATION_DATA)
		c->records++;
}

/* By ALPN, on the next connections: a length before each name; NULL = nothing is said. */
static const char *tls_offers;

/* Without a handshake yet; the server must be one of ca.pem for 127.0.0.1. */
static inline void tls_begin(struct tls_client *c, int port, const struct tls_how *how)
{
	char file[64];
	struct timeval tv = {.tv_sec = 10};

	memset(c, 0, sizeof(*c));
	c->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(c->ctx, how->most && how->most < TLS1_2_VERSION ? 0 : 2);
	(void)SSL_CTX_set_min_proto_version(c->ctx, how->least);
	(void)SSL_CTX_set_max_proto_version(c->ctx, how->most);
	if (SSL_CTX_load_verify_file(c->ctx, in_folder("ca.pem")) != 1)
		abort();
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, NULL);
	if (how->name) {
		snprintf(file, sizeof(file), "%s.pem", how->name);
		if (SSL_CTX_use_certificate_file(c->ctx, in_folder(file), SSL_FILETYPE_PEM) != 1)
			abort();
		snprintf(file, sizeof(file), "%s.key", how->name);
		if (SSL_CTX_use_PrivateKey_file(c->ctx, in_folder(file), SSL_FILETYPE_PEM) != 1)
			abort();
	}
	if (tls_offers && SSL_CTX_set_alpn_protos(c->ctx, (const uint8_t *)tls_offers,
				  (unsigned)strlen(tls_offers)))
		abort();
	c->fd = raw_connect(port);
	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	c->ssl = SSL_new(c->ctx);
	(void)SSL_set_fd(c->ssl, c->fd);
	(void)X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(c->ssl), "127.0.0.1");
}

static inline bool tls_connect(struct tls_client *c, int port, const struct tls_how *how)
{
	tls_begin(c, port, how);
	if (SSL_connect(c->ssl) != 1) {
		tls_fault(c);
		return false;
	}
	SSL_set_msg_callback(c->ssl, tls_count);
	SSL_set_msg_callback_arg(c->ssl, c);
	return true;
}

static inline void tls_end(struct tls_client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
	ERR_clear_error();
}

/* One request, one answer; false: c->fault says what became of it. */
static inline bool tls_ask(struct tls_client *c, struct raw_answer *a, const char *text)
{
	memset(a, 0, sizeof(*a));
	a->body = a->text;
	if (SSL_write(c->ssl, text, (int)strlen(text)) <= 0) {
		tls_fault(c);
		return false;
	}
	while (!raw_whole(a)) {
		int n = SSL_read(c->ssl, a->text + a->len, (int)(sizeof(a->text) - 1 - a->len));

		if (n <= 0) {
			tls_fault(c);
			return false;
		}
		a->len += (size_t)n;
	}
	a->status = strncmp(a->text, "HTTP/1.1 ", 9) == 0 ? (int)strtol(a->text + 9, NULL, 10) : 0;
	return true;
}

#endif
