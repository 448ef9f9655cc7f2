/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS for the HTTP server: certificates in use, and the handshake of a connection. Private to
 * http*.c and its tests. Knows OpenSSL; nothing of requests.
 *
 * TLS 1.3 and 1.2, no tickets, no renegotiation. A client certificate is asked for and not
 * required; one that is sent must be good: of our authority, for a client, in its time. What it is
 * worth then is the rules' business: here it is only the digest of a key. Who offers HTTP/2, a
 * browser, is not asked.
 */
#ifndef BACKEND_HTTP_TLS_H
#define BACKEND_HTTP_TLS_H

#include "backend/http.h"
#include "crypto/x509.h"

_Static_assert(HTTP_PEER_LEN == SEC_SPKI_LEN, "a peer is the digest of a public key");

struct ssl_st;

struct http_peer {
	bool known; /* a verified client certificate; else the rest is zero */
	uint8_t key[HTTP_PEER_LEN];
	int64_t until_unix_s; /* end of the certificate */
};

struct http_tls; /* what new connections get */

ERR_MUST_CHECK enum err_code http_tls_new(struct http_tls **out, const struct http_tls_files *files,
	struct err *err);
/* Reads the files again, for connections that come from now on. On error the old ones stay. */
ERR_MUST_CHECK enum err_code http_tls_reload(struct http_tls *t, struct err *err);
void http_tls_free(struct http_tls **t);
/* End of the server's own certificate, Unix seconds; 0 = it cannot be read. */
int64_t http_tls_not_after(const struct http_tls *t);

/* ---- one handshake ----
 *
 * A connection that has said nothing yet costs a few hundred bytes: the TLS object is made when its
 * first byte is there.
 */
struct http_handshake;

enum http_handshake_next {
	HTTP_HANDSHAKE_READ,  /* wait until it can be read from */
	HTTP_HANDSHAKE_WRITE, /* wait until it can be written to */
	HTTP_HANDSHAKE_DONE,
	HTTP_HANDSHAKE_PLAIN, /* the first byte is not of TLS; it was not taken */
	HTTP_HANDSHAKE_FAILED /* told in words, see http_handshake_fault() */
};

struct http_handshake *http_handshake_new(int fd); /* NULL: no memory; fd stays the caller's */
enum http_handshake_next http_handshake_step(struct http_handshake *h, const struct http_tls *t);
/* After DONE: the connection, the caller's like its fd, and whose it is. h is used up. */
struct ssl_st *http_handshake_finish(struct http_handshake **h, struct http_peer *peer);
/* Static words about what failed: they tell kinds of faults, not single clients, apart. */
const char *http_handshake_fault(const struct http_handshake *h);
void http_handshake_free(struct http_handshake **h); /* closes fd */
int http_handshake_release(struct http_handshake **h); /* does not: it is the caller's */

#endif
