/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/authority_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define NEXT ".next"
#define WITH_SIGNER "with server-ca.pem\n"
#define WITHOUT_SIGNER "without server-ca.pem\n"
#define MARK_MAX 64

struct next { /* where the new ones wait, and the file that says that they count */
	char key[AUTHORITY_PATH_MAX + 8], cert[AUTHORITY_PATH_MAX + 8];
	char signer[AUTHORITY_PATH_MAX + 8], mark[AUTHORITY_PATH_MAX + 8];
};

static void next_paths(struct next *n, const struct authority_files *f)
{
	size_t folder = strlen(f->server) - strlen("server.pem");

	(void)snprintf(n->key, sizeof(n->key), "%s" NEXT, f->server_key);
	(void)snprintf(n->cert, sizeof(n->cert), "%s" NEXT, f->server);
	(void)snprintf(n->signer, sizeof(n->signer), "%s" NEXT, f->server_ca);
	(void)snprintf(n->mark, sizeof(n->mark), "%.*sserver" NEXT, (int)folder, f->server);
}

static void forget(const struct next *n)
{
	(void)unlink(n->key); /* what is not there needs no removing */
	(void)unlink(n->cert);
	(void)unlink(n->signer);
}

/* ---- taking their places ---- */

/* It may have been moved before somebody was stopped, or by somebody else just now. */
static enum err_code move(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) == 0 || errno == ENOENT)
		return ERR_OK;
	return err_set_os(err, ERR_IO, errno, "%s: cannot be replaced", to);
}

static enum err_code read_mark(bool *with_signer, const struct next *n, struct err *err)
{
	uint8_t room[MARK_MAX];
	struct bytes text;
	enum err_code e;

	bytes_init_fixed(&text, room, sizeof(room));
	e = file_read(&text, n->mark, true, err);
	*with_signer = span_equal(bytes_span(&text), span_text(WITH_SIGNER));
	if (!e && !*with_signer && !span_equal(bytes_span(&text), span_text(WITHOUT_SIGNER)))
		e = err_set(err, ERR_FORMAT,
			"%s: is damaged; remove it, then run ca renew-server", n->mark);
	return e;
}

enum err_code authority_server_finish(const struct authority_files *f, struct err *err)
{
	struct next n;
	bool with_signer = false;
	enum err_code e;

	next_paths(&n, f);
	if (access(n.mark, F_OK) != 0)
		return ERR_OK;
	e = read_mark(&with_signer, &n, err);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* somebody else has just finished it */
	e = move(n.key, f->server_key, err);
	if (!e)
		e = move(n.cert, f->server, err);
	if (!e && with_signer)
		e = move(n.signer, f->server_ca, err);
	if (!e && !with_signer)
		(void)unlink(f->server_ca); /* of a certificate given before */
	if (!e)
		e = file_sync_folder(f->server, err); /* before the mark is gone */
	if (!e && unlink(n.mark) != 0 && errno != ENOENT)
		e = err_set_os(err, ERR_IO, errno, "%s: cannot be removed", n.mark);
	return e;
}

/* ---- beside the old ones ---- */

static enum err_code copy_file(const char *from, const char *to, bool secret, struct err *err)
{
	struct bytes text;
	enum err_code e;

	bytes_init(&text, SEC_PEM_MAX);
	e = file_read(&text, from, secret, err);
	if (!e)
		e = file_replace(to, bytes_span(&text), secret ? 0600 : 0644, err);
	if (text.data)
		sec_wipe(text.data, text.cap);
	bytes_done(&text);
	return e;
}

/* As they were written, so that what is compared is what will be used. */
static enum err_code compare(const struct next *n, const struct authority_pair *pair,
	struct err *err)
{
	struct sec_key *key = NULL;
	struct sec_cert *cert = NULL;
	enum err_code e = sec_key_read_any(&key, n->key, err);

	if (!e)
		e = sec_cert_read(&cert, n->cert, err);
	if (!e && !sec_cert_has_key(cert, key))
		e = err_set(err, ERR_INVALID, "%s: is not the key of %s; nothing was changed",
			pair->key_path ? pair->key_path : n->key,
			pair->cert_path ? pair->cert_path : n->cert);
	sec_key_free(&key);
	sec_cert_free(&cert);
	return e;
}

static enum err_code write_next(const struct next *n, const struct authority_pair *pair,
	struct err *err)
{
	enum err_code e = pair->key ? sec_key_write(pair->key, n->key, err)
				    : copy_file(pair->key_path, n->key, true, err);

	if (!e)
		e = pair->cert ? sec_cert_write(pair->cert, n->cert, err)
			       : copy_file(pair->cert_path, n->cert, false, err);
	if (!e && pair->signer)
		e = sec_cert_write(pair->signer, n->signer, err);
	return e ? e : compare(n, pair, err);
}

enum err_code authority_server_put(const struct authority_files *f,
	const struct authority_pair *pair, struct err *err)
{
	struct next n;
	enum err_code e;

	next_paths(&n, f);
	/* one that waits is finished; a damaged mark does not stand in the way of a new one */
	if (authority_server_finish(f, NULL))
		(void)unlink(n.mark);
	forget(&n);
	e = write_next(&n, pair, err);
	if (e) {
		forget(&n);
		return e;
	}
	e = file_replace(n.mark, span_text(pair->signer ? WITH_SIGNER : WITHOUT_SIGNER), 0600, err);
	return e && e != ERR_UNCERTAIN ? e : authority_server_finish(f, err);
}
