/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the authority, and what it signs.
 */
#include "backend/authority_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base32.h"

#define DAY_S ((int64_t)86400)

struct authority {
	struct sec_key *key;
	struct sec_cert *cert;
	struct bytes anchor; /* PEM */
	uint8_t mark[SEC_SPKI_LEN];
};

void authority_files(struct authority_files *out, const char *dir)
{
	(void)snprintf(out->ca_key, sizeof(out->ca_key), "%s/ca.key", dir);
	(void)snprintf(out->ca, sizeof(out->ca), "%s/ca.pem", dir);
	(void)snprintf(out->server_key, sizeof(out->server_key), "%s/server.key", dir);
	(void)snprintf(out->server, sizeof(out->server), "%s/server.pem", dir);
	(void)snprintf(out->server_ca, sizeof(out->server_ca), "%s/server-ca.pem", dir);
}

/* ---- open ---- */

static enum err_code read_anchor(struct authority *a, const struct authority_files *f,
	struct err *err)
{
	struct sec_cert *anchor = NULL;
	bool given = access(f->server_ca, F_OK) == 0;
	enum err_code e = sec_cert_read(&anchor, given ? f->server_ca : f->ca, err);

	bytes_init(&a->anchor, AUTHORITY_PEM_MAX);
	if (!e)
		e = sec_cert_pem(&a->anchor, anchor, err);
	if (!e && sec_cert_spki(a->mark, anchor))
		e = err_set(err, ERR_CRYPTO, "the authority's key has no digest");
	sec_cert_free(&anchor);
	return e;
}

enum err_code authority_open(struct authority **out, const char *dir, struct err *err)
{
	struct authority *a = calloc(1, sizeof(*a));
	struct authority_files f;
	enum err_code e;

	*out = NULL;
	if (!a)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	authority_files(&f, dir);
	e = authority_server_finish(&f, err);
	if (!e)
		e = sec_cert_read(&a->cert, f.ca, err);
	if (!e)
		e = sec_key_read(&a->key, f.ca_key, err);
	if (!e && !sec_cert_has_key(a->cert, a->key))
		e = err_set(err, ERR_FORGED, "%s: is not the key of %s", f.ca_key, f.ca);
	if (!e)
		e = read_anchor(a, &f, err);
	if (e)
		authority_free(&a);
	*out = a;
	return e;
}

void authority_free(struct authority **a)
{
	if (!*a)
		return;
	sec_key_free(&(*a)->key);
	sec_cert_free(&(*a)->cert);
	bytes_done(&(*a)->anchor);
	free(*a);
	*a = NULL;
}

struct span authority_anchor(const struct authority *a)
{
	return bytes_span(&a->anchor);
}

int64_t authority_not_after(const struct authority *a)
{
	int64_t not_before, not_after;

	sec_cert_times(a->cert, &not_before, &not_after);
	return not_after;
}

const uint8_t *authority_mark(const struct authority *a)
{
	return a->mark;
}

/* ---- signing ---- */

static int64_t at_most_life_of(const struct sec_cert *ca, int64_t wanted)
{
	int64_t not_before, not_after;

	sec_cert_times(ca, &not_before, &not_after);
	return wanted < not_after ? wanted : not_after;
}

enum err_code authority_sign_terminal(const struct authority *a, struct bytes *out,
	int64_t *not_after, const struct sec_csr *csr, const char *name, int64_t now, int64_t days,
	struct err *err)
{
	const struct sec_cert_order order = {.use = SEC_CERT_CLIENT,
		.subject = name,
		.now = now,
		.not_after = at_most_life_of(a->cert, now + days * DAY_S)};
	struct sec_cert *cert = NULL;
	enum err_code e = sec_cert_issue(&cert, a->cert, a->key, csr, &order, err);

	if (!e)
		e = sec_cert_pem(out, cert, err);
	*not_after = order.not_after;
	sec_cert_free(&cert);
	return e;
}

/* A request is made of our own key only to go the one way there is. */
static enum err_code sign_server(const struct authority *a, const struct authority_files *f,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err)
{
	const struct sec_cert_order order = {.use = SEC_CERT_SERVER,
		.subject = "countersign backend",
		.names = server->names,
		.name_count = server->name_count,
		.now = now,
		.not_after = at_most_life_of(a->cert, now + AUTHORITY_SERVER_DAYS * DAY_S)};
	char storage[SEC_CSR_MAX];
	struct bytes pem;
	struct sec_key *key = NULL;
	struct sec_csr *csr = NULL;
	struct sec_cert *cert = NULL;
	enum err_code e = sec_key_new(&key, err);

	bytes_init_fixed(&pem, storage, sizeof(storage));
	if (!e)
		e = sec_csr_build(&pem, key, order.subject, err);
	if (!e)
		e = sec_csr_parse(&csr, bytes_span(&pem), err);
	if (!e)
		e = sec_cert_issue(&cert, a->cert, a->key, csr, &order, err);
	if (!e)
		e = authority_server_put(
			f, &(struct authority_pair){.key = key, .cert = cert}, err);
	*not_after = order.not_after;
	sec_cert_free(&cert);
	sec_csr_free(&csr);
	sec_key_free(&key);
	return e;
}

/* ---- a given server certificate ---- */

/* The chain may have more links than we look at: what is certain here is only its end. */
static enum err_code take_given(const struct authority *a, const struct authority_files *f,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err)
{
	struct sec_cert *cert = NULL, *ca = NULL;
	int64_t not_before;
	enum err_code e = sec_cert_read(&cert, server->certificate, err);

	if (!e && server->ca)
		e = sec_cert_read(&ca, server->ca, err);
	if (!e && !server->ca && sec_cert_check(cert, a->cert, SEC_CERT_SERVER, now, NULL))
		e = err_set(err, ERR_INVALID,
			"%s: is not signed by this authority; give who signed it with --server-ca",
			server->certificate);
	if (!e)
		e = authority_server_put(f,
			&(struct authority_pair){.key_path = server->key,
				.cert_path = server->certificate,
				.signer = ca},
			err);
	if (!e)
		sec_cert_times(cert, &not_before, not_after);
	sec_cert_free(&cert);
	sec_cert_free(&ca);
	return e;
}

static enum err_code make_server(const struct authority *a, const struct authority_files *f,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err)
{
	if (server->certificate)
		return take_given(a, f, server, now, not_after, err);
	return sign_server(a, f, server, now, not_after, err);
}

/* ---- create, renew ---- */

static enum err_code make_authority(const struct authority_files *f, const char *name, int64_t now,
	struct err *err)
{
	char subject[SEC_CERT_SUBJECT_MAX + 1];
	struct sec_key *key = NULL;
	struct sec_cert *cert = NULL;
	enum err_code e;

	if (access(f->ca, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s: there is an authority already", f->ca);
	if (access(f->ca_key, F_OK) == 0)
		return err_set(err, ERR_EXISTS,
			"%s: this is of an authority whose ca.pem is missing; put it back",
			f->ca_key);
	(void)snprintf(subject, sizeof(subject), "%s", name);
	e = sec_key_new(&key, err);
	if (!e)
		e = sec_cert_authority(
			&cert, key, subject, now, now + AUTHORITY_DAYS * DAY_S, err);
	if (!e)
		e = sec_key_write(key, f->ca_key, err);
	if (!e)
		e = sec_cert_write(cert, f->ca, err);
	sec_key_free(&key);
	sec_cert_free(&cert);
	return e;
}

enum err_code authority_create(const char *dir, const char *name,
	const struct authority_server *server, int64_t now, int64_t *not_after, struct err *err)
{
	struct authority_files f;
	enum err_code e;

	authority_files(&f, dir);
	e = make_authority(&f, name, now, err);
	return e ? e : authority_renew_server(dir, server, now, not_after, err);
}

enum err_code authority_renew_server(const char *dir, const struct authority_server *server,
	int64_t now, int64_t *not_after, struct err *err)
{
	struct authority_files f;
	struct authority *a = NULL;
	enum err_code e = authority_open(&a, dir, err);

	authority_files(&f, dir);
	if (!e)
		e = make_server(a, &f, server, now, not_after, err);
	authority_free(&a);
	return e;
}

/* ---- codes ---- */

void authority_code_text(char out[static AUTHORITY_CODE_TEXT_MAX],
	const uint8_t secret[static AUTHORITY_SECRET_LEN],
	const uint8_t mark[static AUTHORITY_MARK_LEN])
{
	uint8_t raw[AUTHORITY_SECRET_LEN + AUTHORITY_MARK_LEN];

	memcpy(raw, secret, AUTHORITY_SECRET_LEN);
	memcpy(raw + AUTHORITY_SECRET_LEN, mark, AUTHORITY_MARK_LEN);
	_Static_assert(BASE32_GROUPED_LEN(sizeof(raw)) < AUTHORITY_CODE_TEXT_MAX, "it fits");
	base32_grouped(out, SPAN(raw, sizeof(raw)));
	sec_wipe(raw, sizeof(raw));
}
