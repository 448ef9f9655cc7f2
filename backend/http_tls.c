/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS contexts and handshakes on OpenSSL.
 */
#include "backend/http_tls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/file.h"
#include "crypto/x509_openssl.h"

#define TLS_PATH_MAX 4096
#define TLS_RECORD_HANDSHAKE 0x16 /* the first byte of a ClientHello */
/* Of TLS 1.2: ECDHE and AEAD only; ours is an ECDSA key, a given certificate may have RSA. */
#define CIPHERS_1_2                                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"                             \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"

struct http_tls {
	SSL_CTX *ctx;
	char certificate[TLS_PATH_MAX], key[TLS_PATH_MAX], ca[TLS_PATH_MAX];
};

struct http_handshake {
	int fd;
	SSL *ssl; /* NULL until the first byte */
	const char *fault;
};

/* ---- contexts ---- */

/* The session cache and tickets would keep client certificates; a terminal keeps its connection
 * instead.
 */
static bool set_behaviour(SSL_CTX *ctx)
{
	char groups[] = "X25519:P-256"; /* the macro wants it without const */

	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
			SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
			SSL_OP_CLEANSE_PLAINTEXT);
	/* requests have a length: an end without TLS's own word cuts none short unseen, and whoever
	 * says no more may still wait for an answer, which OpenSSL would not write any more
	 */
	(void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* half the memory of an idle connection; what waits to be written may move and grow */
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* else the header of each record is a read of its own */
	SSL_CTX_set_read_ahead(ctx, 1);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
		SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
		SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) == 1 &&
		SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

/* RFC 7301 section 3.1: names with a length before each, a length before them all. What is not well
 * formed OpenSSL refuses, after us.
 */
static bool offers(struct span list, const char *name)
{
	size_t len = strlen(name);

	list = list.len > 2 ? SPAN(list.data + 2, list.len - 2) : SPAN(NULL, 0);
	while (list.len > 0 && list.data[0] < list.len) {
		size_t n = list.data[0];

		if (n == len && memcmp(list.data + 1, name, n) == 0)
			return true;
		list = SPAN(list.data + 1 + n, list.len - 1 - n);
	}
	return false;
}

/* A browser, which always offers HTTP/2, is not asked for a certificate: it has none of ours, and
 * many phones would show a dialog that nobody understands before they show the page. Terminals
 * offer HTTP/1.1. Whoever was not asked has none, and may do less.
 */
static int on_hello(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *list;
	size_t len;

	(void)alert;
	(void)arg;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
		    &list, &len) == 1 &&
		offers(SPAN(list, len), "h2"))
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* Names of the authority are told to clients, so that those with several certificates choose. */
static enum err_code set_clients(SSL_CTX *ctx, const char *path, struct err *err)
{
	struct sec_cert *ca = NULL;
	enum err_code e = sec_cert_read(&ca, path, err);

	if (e)
		return e;
	if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca->x509) != 1 ||
		SSL_CTX_add_client_CA(ctx, ca->x509) != 1)
		e = err_set(err, ERR_CRYPTO, "%s: cannot be used", path);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(ctx, 1);
	SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
	sec_cert_free(&ca);
	return e;
}

/* Given certificates have keys of any kind, so this is not sec_key_read(). */
static enum err_code set_own(SSL_CTX *ctx, const struct http_tls *t, struct err *err)
{
	struct bytes text;
	enum err_code e;

	bytes_init(&text, SEC_PEM_MAX);
	e = file_read(&text, t->key, true, err); /* others may not read it */
	if (text.data)
		sec_wipe(text.data, text.cap);
	bytes_done(&text);
	if (e)
		return e;
	if (SSL_CTX_use_certificate_chain_file(ctx, t->certificate) != 1)
		return err_set(err, ERR_FORMAT, "%s: no certificate in PEM", t->certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, t->key, SSL_FILETYPE_PEM) != 1)
		return err_set(err, ERR_FORMAT, "%s: no private key of %s", t->key, t->certificate);
	return ERR_OK;
}

static int no_passphrase(char *buf, int size, int rwflag, void *ctx)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)ctx;
	return -1;
}

static enum err_code context_new(SSL_CTX **out, const struct http_tls *t, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	enum err_code e = ERR_OK;

	if (!ctx || !set_behaviour(ctx))
		e = err_set(err, ERR_CRYPTO, "TLS cannot be set up");
	if (!e) {
		SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
		e = set_own(ctx, t, err);
	}
	if (!e && t->ca[0])
		e = set_clients(ctx, t->ca, err);
	ERR_clear_error();
	if (e)
		SSL_CTX_free(ctx);
	else
		*out = ctx;
	return e;
}

static bool take_path(char out[static TLS_PATH_MAX], const char *path)
{
	size_t len = path ? strlen(path) : 0;

	if (len >= TLS_PATH_MAX)
		return false;
	memcpy(out, path ? path : "", len + 1);
	return true;
}

enum err_code http_tls_new(
	struct http_tls **out, const struct http_tls_files *files, struct err *err)
{
	struct http_tls *t = calloc(1, sizeof(*t));
	enum err_code e = ERR_OK;

	*out = NULL;
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "no memory for TLS");
	if (!take_path(t->certificate, files->certificate) || !take_path(t->key, files->key) ||
		!take_path(t->ca, files->ca))
		e = err_set(err, ERR_INVALID, "the path of a certificate is too long");
	if (!e)
		e = context_new(&t->ctx, t, err);
	if (e)
		http_tls_free(&t);
	*out = t;
	return e;
}

enum err_code http_tls_reload(struct http_tls *t, struct err *err)
{
	SSL_CTX *fresh = NULL;
	enum err_code e = context_new(&fresh, t, err);

	if (e)
		return e;
	SSL_CTX_free(t->ctx); /* connections that use it hold it */
	t->ctx = fresh;
	return ERR_OK;
}

int64_t http_tls_not_after(const struct http_tls *t)
{
	const struct sec_cert own = {.x509 = SSL_CTX_get0_certificate(t->ctx)};
	int64_t not_before = 0, not_after = 0;

	if (own.x509)
		sec_cert_times(&own, &not_before, &not_after);
	return not_after;
}

void http_tls_free(struct http_tls **t)
{
	if (!*t)
		return;
	SSL_CTX_free((*t)->ctx);
	free(*t);
	*t = NULL;
}

/* ---- handshakes ---- */

struct http_handshake *http_handshake_new(int fd)
{
	struct http_handshake *h = calloc(1, sizeof(*h));

	if (h) {
		h->fd = fd;
		h->fault = "";
	}
	return h;
}

int http_handshake_release(struct http_handshake **h)
{
	int fd = (*h)->fd;

	SSL_free((*h)->ssl);
	free(*h);
	*h = NULL;
	return fd;
}

void http_handshake_free(struct http_handshake **h)
{
	if (*h)
		(void)close(http_handshake_release(h));
}

const char *http_handshake_fault(const struct http_handshake *h)
{
	return h->fault;
}

/* A certificate of the client that is not good, in words. */
static const char *verify_words(long result)
{
	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "a client's certificate has expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "a client's certificate is not valid yet: is the clock right?";
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return "a client's certificate is of another authority";
	default:
		return "a client's certificate is not good";
	}
}

static const char *fault_words(const SSL *ssl, int error)
{
	unsigned long code = ERR_peek_error();
	long verified = SSL_get_verify_result(ssl);

	if (error == SSL_ERROR_SYSCALL || code == 0)
		return "a client went away in the handshake";
	switch (ERR_GET_REASON(code)) {
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		return verify_words(SSL_get_verify_result(ssl));
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
		return "a client has no version or cipher in common with us (TLS 1.2 is the least)";
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
		return "a client does not trust the server's certificate";
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return "a client went away in the handshake";
	default: /* of a foreign authority with our name the signature is what fails first */
		return verified != X509_V_OK ? verify_words(verified)
			: "a client does not speak TLS as it must be spoken";
	}
}

static bool first_byte(struct http_handshake *h, enum http_handshake_next *next)
{
	uint8_t byte;
	ssize_t n = recv(h->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n == 1 && byte == TLS_RECORD_HANDSHAKE)
		return true;
	*next = n == 1 ? HTTP_HANDSHAKE_PLAIN : HTTP_HANDSHAKE_FAILED;
	h->fault = "a client went away before it said anything";
	return false;
}

static bool begin(struct http_handshake *h, const struct http_tls *t)
{
	h->ssl = SSL_new(t->ctx);
	if (!h->ssl || SSL_set_fd(h->ssl, h->fd) != 1) {
		h->fault = "no memory for a handshake";
		return false;
	}
	SSL_set_accept_state(h->ssl);
	return true;
}

enum http_handshake_next http_handshake_step(struct http_handshake *h, const struct http_tls *t)
{
	enum http_handshake_next next;
	int r, error;

	if (!h->ssl && !first_byte(h, &next))
		return next;
	if (!h->ssl && !begin(h, t))
		return HTTP_HANDSHAKE_FAILED;
	ERR_clear_error();
	r = SSL_do_handshake(h->ssl);
	if (r == 1)
		return HTTP_HANDSHAKE_DONE;
	error = SSL_get_error(h->ssl, r);
	if (error == SSL_ERROR_WANT_READ)
		return HTTP_HANDSHAKE_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return HTTP_HANDSHAKE_WRITE;
	h->fault = fault_words(h->ssl, error);
	ERR_clear_error();
	return HTTP_HANDSHAKE_FAILED;
}

/* Only what was verified counts: SSL_VERIFY_PEER has ended a handshake with anything else, and this
 * looks again.
 */
static struct http_peer peer_of(const SSL *ssl)
{
	struct sec_cert cert = {.x509 = SSL_get0_peer_certificate(ssl)};
	struct http_peer peer = {.known = false};
	int64_t not_before;

	if (!cert.x509 || !(SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) ||
		SSL_get_verify_result(ssl) != X509_V_OK || sec_x509_spki(peer.key, cert.x509))
		return (struct http_peer){.known = false};
	sec_cert_times(&cert, &not_before, &peer.until_unix_s);
	peer.known = true;
	return peer;
}

/* A third of the memory of a client that sends its authority's certificate, too. Nobody reads them
 * again: what they prove was looked at, and the client's own is kept elsewhere.
 */
static void drop_chain(SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);

	while (chain && sk_X509_num(chain) > 0)
		X509_free(sk_X509_pop(chain));
}

struct ssl_st *http_handshake_finish(struct http_handshake **handshake, struct http_peer *peer)
{
	struct http_handshake *h = *handshake;
	SSL *ssl = h->ssl;

	*peer = peer_of(ssl);
	drop_chain(ssl);
	free(h);
	*handshake = NULL;
	return ssl;
}
