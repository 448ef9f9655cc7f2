/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys: where the master key comes from, and rotation. Servers at work learn of it by the store:
 * see keyring_follow().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "backend/rules_event.h"
#include "backend/rules_issuer.h"
#include "backend/service_shared.h"
#include "base/file.h"
#include "base/json.h"

#define CREDENTIAL "countersign-master"
#define KEY_FILE_MAX 128
#define ROUNDS_MAX 16
#define ISSUER_GRACE_S 86400 /* an ended credential is told as expired, not as a stranger's */

static enum err_code join(char out[static SERVICE_PATH_MAX], const char *dir, const char *file,
	struct err *err)
{
	int n = snprintf(out, SERVICE_PATH_MAX, "%s/%s", dir, file);

	return n > 0 && n < SERVICE_PATH_MAX
		       ? ERR_OK
		       : err_set(err, ERR_TOO_LARGE, "the path of the master key is too long");
}

/* systemd puts credentials into files of a directory that only the service can read. */
enum err_code service_master_path(const struct service *s, char out[static SERVICE_PATH_MAX],
	struct err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	enum err_code e;

	if (s->policy.keys_master[0]) {
		(void)snprintf(out, SERVICE_PATH_MAX, "%s", s->policy.keys_master);
		return out[0] == '/' ? ERR_OK
				     : err_set(err, ERR_INVALID,
					       "[keys] master must be a path from / on");
	}
	if (credentials && credentials[0] == '/') {
		e = join(out, credentials, CREDENTIAL, err);
		if (e || access(out, F_OK) == 0)
			return e;
	}
	return join(out, s->dir, SERVICE_FILE_MASTER, err);
}

/* ---- records ---- */

static enum err_code record(struct service *s, const char *kind, const char *name,
	struct span value, struct err *err)
{
	uint8_t storage[AUDIT_DETAIL_MAX - 1];
	struct bytes detail;
	struct json_out w;
	struct audit_record r = {.kind = kind};

	bytes_init_fixed(&detail, storage, sizeof(storage));
	json_out_init(&w, &detail);
	json_out_begin(&w, NULL);
	if (name)
		json_out_hex(&w, name, value);
	json_out_text(&w, "operator", s->actor);
	json_out_end(&w);
	ASSERT(!detail.full);
	r.detail = bytes_span(&detail);
	return audit_append(s->store, s->keys, clock_unix_s(s->clock), &r, err);
}

/* After a failure the keys in memory are those of the store again. */
static enum err_code finish(struct service *s, enum err_code e, struct err *err)
{
	e = service_finish(s, e, err);
	if (e)
		ERR_IGNORE(keyring_reload(s->keys, s->store, NULL)); /* e says what was wrong */
	return e;
}

/* ---- master key ---- */

static bool is_ours(const struct service *s)
{
	char own[SERVICE_PATH_MAX];

	return !join(own, s->dir, SERVICE_FILE_MASTER, NULL) &&
		strcmp(own, keyring_master_path(s->keys)) == 0;
}

static enum err_code copy_key(const char *from, const char *to, struct err *err)
{
	uint8_t id[KEYRING_MASTER_ID_LEN], storage[KEY_FILE_MAX];
	struct bytes file;
	enum err_code e = keyring_master_file_id(id, from, err); /* is it one? */

	bytes_init_fixed(&file, storage, sizeof(storage));
	if (!e)
		e = file_read(&file, from, true, err);
	if (!e)
		e = file_replace(to, bytes_span(&file), 0600, err);
	sec_wipe(storage, sizeof(storage));
	return e;
}

/* DIR/master.next: there already when a rotation was begun before. */
static enum err_code next_key(struct service *s, const char *next, const char *new_path,
	struct err *err)
{
	uint8_t there[KEYRING_MASTER_ID_LEN], wanted[KEYRING_MASTER_ID_LEN];
	enum err_code e;

	if (access(next, F_OK) == 0) {
		e = new_path ? keyring_master_file_id(wanted, new_path, err) : ERR_OK;
		if (!e && new_path)
			e = keyring_master_file_id(there, next, err);
		if (!e && new_path && !sec_equal(there, wanted, sizeof(there)))
			e = err_set(err, ERR_EXISTS,
				"a rotation to another key was begun; finish it first, without"
				" --new");
		return e;
	}
	if (new_path)
		return copy_key(new_path, next, err);
	if (is_ours(s))
		return keyring_master_create(next, err);
	return err_set(err, ERR_INVALID,
		"the master key is %s, which is not ours to change: make a new key file and give it"
		" with --new FILE", keyring_master_path(s->keys));
}

/* Other processes on one database cannot open what is sealed under a key that only this directory
 * has: they would answer 503 from then on. There it must be put everywhere before.
 */
bool service_key_prepared(const struct service *s, struct err *err)
{
	char next[SERVICE_PATH_MAX];

	if (!s->policy.store_url[0] || !is_ours(s))
		return true;
	if (!join(next, s->dir, SERVICE_FILE_NEXT, err) && access(next, F_OK) == 0)
		return true;
	ERR_IGNORE(err_set(err, ERR_USAGE,
		"each process on this database needs the new key before it is used: make one"
		" (openssl rand -hex 32), put it as %s, mode 0600, into the directory of each,"
		" then run this for each directory", SERVICE_FILE_NEXT));
	return false;
}

/* From here on everybody seals under the new one. */
static enum err_code begin_sealing(struct service *s, struct service_rotation *out,
	struct err *err)
{
	int singles = 0;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = keyring_reload(s->keys, s->store, err);
	if (!e) {
		size_t last = keyring_master_count(s->keys) - 1;

		memcpy(out->master, keyring_master_id(s->keys, last), KEYRING_MASTER_ID_LEN);
		e = keyring_master_use(s->keys, s->store, out->master, err);
	}
	if (!e)
		e = keyring_singles_seal(s->keys, s->store, &singles, err);
	out->sealed += singles;
	return finish(s, e, err);
}

static enum err_code seal_one(struct service *s, const struct store_sealed *old, struct err *err)
{
	uint8_t identity[CODE_ID_LEN + 2], again[KEYRING_SEALED_LEN];
	bool changed = false;
	enum err_code e;

	keyring_credential_identity(identity, old->credential, old->generation);
	e = keyring_seal_again(s->keys, again, &changed, KEYRING_KIND_CREDENTIAL,
		SPAN(identity, sizeof(identity)), SPAN(old->sealed, old->sealed_len), err);
	return e || !changed ? e : store_sealed_put(s->store, old, SPAN(again, sizeof(again)), err);
}

/* One bite: read without a transaction, written in one, each only where it is still the same. */
static enum err_code seal_bite(struct service *s, struct store_sealed *after, size_t *count,
	struct service_rotation *out, struct err *err)
{
	struct store_sealed *rows = calloc(STORE_SEALED_BITE, sizeof(*rows));
	enum err_code e;

	if (!rows)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	e = store_sealed_next(s->store, rows, count, after,
		SPAN(out->master, KEYRING_MASTER_ID_LEN), err);
	if (!e && *count) {
		*after = rows[*count - 1];
		e = store_begin(s->store, err);
		if (!e) {
			for (size_t i = 0; !e && i < *count; i++)
				e = seal_one(s, &rows[i], err);
			e = service_finish(s, e, err);
		}
	}
	out->sealed += e ? 0 : (int64_t)*count;
	free(rows);
	return e;
}

static enum err_code seal_all(struct service *s, struct service_rotation *out, struct err *err)
{
	int64_t left = 1;
	enum err_code e = ERR_OK;

	for (int round = 0; !e && left && round < ROUNDS_MAX; round++) {
		struct store_sealed after = {.generation = 0};
		size_t count = 1;

		while (!e && count)
			e = seal_bite(s, &after, &count, out, err);
		if (!e)
			e = service_key_left(s, &left, err);
	}
	if (!e && left)
		e = err_set(err, ERR_BUSY,
			"another program goes on sealing under the old key: stop what was started"
			" before this rotation, then run it again");
	return e;
}

/* Nothing needs the old one any more. */
static enum err_code end_old(struct service *s, struct service_rotation *out, const char *next,
	struct err *err)
{
	uint8_t id[KEYRING_MASTER_ID_LEN];
	int fd;
	enum err_code e = keyring_master_file_id(id, keyring_master_path(s->keys), err);

	if (e)
		return e;
	if (sec_equal(id, out->master, sizeof(id))) { /* it is there already */
		(void)unlink(next); /* not there: then it was renamed */
	} else if (!is_ours(s)) {
		out->waits = true;
	} else if (rename(next, keyring_master_path(s->keys)) != 0) {
		return err_set_os(err, ERR_IO, errno, "%s: cannot be renamed", next);
	}
	fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		e = err_set_os(err, ERR_IO, errno, "%s: cannot be synced", s->dir);
	if (fd >= 0)
		(void)close(fd); /* fsync() told already */
	return e ? e : keyring_reload(s->keys, s->store, err);
}

/* Two at once could put two keys into the same file, and what the first one sealed under its own
 * would never open again. Of this directory: whoever shares the database does not share the files.
 */
static enum err_code lock_dir(int *fd, const char *dir, struct err *err)
{
	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	if (*fd >= 0 && errno == EWOULDBLOCK)
		return err_set(err, ERR_BUSY,
			"another rotation of the master key is at work here; wait until it ends");
	return err_set_os(err, ERR_IO, errno, "%s: cannot be locked", dir);
}

static enum err_code rotate_locked(struct service *s, struct service_rotation *out,
	const char *new_path, struct err *err)
{
	char next[SERVICE_PATH_MAX];
	enum err_code e = join(next, s->dir, SERVICE_FILE_NEXT, err);

	(void)snprintf(out->path, sizeof(out->path), "%s", keyring_master_path(s->keys));
	if (!e)
		e = next_key(s, next, new_path, err);
	if (!e)
		e = begin_sealing(s, out, err);
	if (!e)
		e = seal_all(s, out, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = record(s, "master-rotated", "master", SPAN(out->master, KEYRING_MASTER_ID_LEN), err);
	if (!e)
		e = keyring_version_bump(s->store, err);
	e = finish(s, e, err);
	return e ? e : end_old(s, out, next, err);
}

enum err_code service_key_rotate_master(struct service *s, struct service_rotation *out,
	const char *new_path, struct err *err)
{
	int fd;
	enum err_code e = lock_dir(&fd, s->dir, err);

	memset(out, 0, sizeof(*out));
	if (!e)
		e = rotate_locked(s, out, new_path, err);
	if (fd >= 0)
		(void)close(fd); /* with the lock */
	return e;
}

enum err_code service_key_left(struct service *s, int64_t *out, struct err *err)
{
	return store_sealed_count(s->store, out,
		SPAN(keyring_master_sealing(s->keys), KEYRING_MASTER_ID_LEN), err);
}

/* ---- number key ---- */

enum err_code service_number_rotate(struct service *s, struct err *err)
{
	enum err_code e = keyring_follow(s->keys, s->store, err);

	if (!e)
		e = keyring_number_rotate(s->keys, s->store, err);
	return e ? e : record(s, "number-rotated", NULL, SPAN(NULL, 0), err);
}

enum err_code service_key_rotate_number(struct service *s, struct err *err)
{
	enum err_code e = store_begin(s->store, err);

	return e ? e : finish(s, service_number_rotate(s, err), err);
}

/* ---- issuer key ---- */

/* They fetch the keys when their stream says so. */
static enum err_code tell_terminals(struct service *s, struct err *err)
{
	const struct rules r = service_rules(s);
	int64_t version = 0;
	enum err_code e = rules_issuer_version(&r, &version, err);

	return e ? e : rules_event_issuer(&r, version, err);
}

/* The old key signs that the chain is good to here, and names the new one; the new one goes on. */
enum err_code service_issuer_rotate(struct service *s, struct err *err)
{
	uint8_t key[SEC_ED25519_PUBLIC_LEN];
	int64_t now = clock_unix_s(s->clock);
	enum err_code e = keyring_follow(s->keys, s->store, err);

	if (!e)
		e = keyring_issuer_rotate(s->keys, s->store, key, now, err);
	if (!e)
		e = audit_checkpoint(s->store, s->keys, now, err);
	if (!e)
		e = audit_issuer(s->store, s->keys, now, key, err);
	if (!e)
		e = keyring_load(s->keys, s->store, err);
	if (!e)
		e = audit_checkpoint(s->store, s->keys, now, err);
	return e ? e : tell_terminals(s, err);
}

/* When the last credential of each old key ends. Nothing is signed with them any more, so it can
 * be looked up before the transaction: the store reads every credential for it.
 */
static enum err_code end_one(struct service *s, const struct keyring_issuer *old, struct err *err)
{
	int64_t now = clock_unix_s(s->clock), end = 0;
	enum err_code e = store_issuer_last_end(s->store, &end, old->key_id, err);

	if (e || end == (int64_t)CODE_NO_END)
		return e;
	e = store_begin(s->store, err);
	if (e)
		return e;
	e = store_issuer_end_put(s->store, old->key_id,
		(end > now ? end : now) + ISSUER_GRACE_S, err);
	if (!e)
		e = keyring_version_bump(s->store, err);
	if (!e)
		e = tell_terminals(s, err);
	return service_finish(s, e, err);
}

enum err_code service_key_rotate_issuer(struct service *s, struct err *err)
{
	enum err_code e = store_begin(s->store, err);

	if (!e)
		e = finish(s, service_issuer_rotate(s, err), err);
	for (size_t i = 1; !e && i < keyring_issuer_count(s->keys); i++)
		if (keyring_issuer_at(s->keys, i)->not_after == INT64_MAX)
			e = end_one(s, keyring_issuer_at(s->keys, i), err);
	return e ? e : keyring_reload(s->keys, s->store, err);
}
