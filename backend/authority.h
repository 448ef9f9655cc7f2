/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend's own certificate authority: whom terminals trust, and who signs their certificates.
 *
 *   DIR/ca.key      0600   DIR/ca.pem          signs certificates of terminals, and the server's
 *   DIR/server.key  0600   DIR/server.pem      the server's, and what leads to its authority
 *                          DIR/server-ca.pem   only with a given server certificate: who signed it
 *   DIR/server.next         while the server's are being replaced: see authority_server.h
 *
 * Nothing in an open authority changes: it may be used from any thread.
 */
#ifndef BACKEND_AUTHORITY_H
#define BACKEND_AUTHORITY_H

#include "crypto/x509.h"

/* Limits, also in docs/limits.md. */
#define AUTHORITY_DAYS 3650       /* life of the authority */
#define AUTHORITY_SERVER_DAYS 730 /* life of a server certificate that it signs */
#define AUTHORITY_SECRET_LEN 10   /* bytes of an enrolment code that are random */
#define AUTHORITY_MARK_LEN 10     /* and of its digest of the authority's key */
#define AUTHORITY_CODE_TEXT_MAX 40 /* 32 characters with a dash after each four, and NUL */
#define AUTHORITY_PEM_MAX 2048    /* bytes of one certificate as PEM */
#define AUTHORITY_PATH_MAX 4160

struct authority;

struct authority_files {
	char ca_key[AUTHORITY_PATH_MAX], ca[AUTHORITY_PATH_MAX];
	char server_key[AUTHORITY_PATH_MAX], server[AUTHORITY_PATH_MAX];
	char server_ca[AUTHORITY_PATH_MAX];
};
void authority_files(struct authority_files *out, const char *dir);

/* The server's certificate: made for these names, or taken from given files. */
struct authority_server {
	const char *const *names;
	size_t name_count;
	const char *certificate, *key, *ca; /* given; ca: who signed it, NULL = our authority */
};
/* A new authority with a server certificate, whose end is *not_after. ERR_EXISTS: there is one. */
ERR_MUST_CHECK enum err_code authority_create(const char *dir, const char *name,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err);
/* Another server certificate from the authority that is there. */
ERR_MUST_CHECK enum err_code authority_renew_server(const char *dir,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err);

/* ERR_NOT_FOUND: DIR has none. */
ERR_MUST_CHECK enum err_code authority_open(struct authority **out, const char *dir,
	struct err *err);
void authority_free(struct authority **a);

/* Whom a terminal has to trust to speak to the server, as PEM. */
struct span authority_anchor(const struct authority *a);
int64_t authority_not_after(const struct authority *a); /* of its certificate, Unix seconds */
/* The first bytes of the digest of its key. */
const uint8_t *authority_mark(const struct authority *a);
/* A certificate for a terminal, as PEM; *not_after never beyond the authority's own. */
ERR_MUST_CHECK enum err_code authority_sign_terminal(const struct authority *a, struct bytes *out,
	int64_t *not_after, const struct sec_csr *csr, const char *name, int64_t now, int64_t days,
	struct err *err);

/* ---- one-time codes ---- */

/* Base32 of secret and mark, in groups of four. */
void authority_code_text(char out[static AUTHORITY_CODE_TEXT_MAX],
	const uint8_t secret[static AUTHORITY_SECRET_LEN],
	const uint8_t mark[static AUTHORITY_MARK_LEN]);

#endif
