/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's online backup in steps, over a connection of its own that holds one read transaction:
 * without it, every commit of a server would make the copy begin again, and it would never end.
 * Measured against VACUUM INTO: docs/decisions.md.
 */
#include "backend/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/audit.h"
#include "backend/store_sqlite.h"

struct copy {
	char part[STORE_PATH_MAX]; /* what is being written */
	sqlite3 *from, *to;
};

static enum err_code fault(struct copy *c, sqlite3 *db, const char *what, struct err *err)
{
	return err_set(err, ERR_STORE, "%s: %s: %s", c->part, what,
		db ? sqlite3_errmsg(db) : "no memory");
}

static enum err_code make_part(struct copy *c, const char *to, struct err *err)
{
	int n = snprintf(c->part, sizeof(c->part), "%s.part", to);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(c->part) - 8)
		return err_set(err, ERR_TOO_LARGE, "the file's path is too long");
	if (access(to, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s: is there already; nothing was changed", to);
	(void)unlink(c->part); /* of a backup that was cut short */
	fd = open(c->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set_os(err, ERR_IO, errno, "%s: cannot be made", c->part);
	(void)close(fd); /* empty: nothing to lose */
	return ERR_OK;
}

static enum err_code open_both(struct copy *c, const char *path, struct err *err)
{
	if (sqlite3_open_v2(path, &c->from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return fault(c, c->from, "the database cannot be opened", err);
	(void)sqlite3_busy_timeout(c->from, STORE_BUSY_MS);
	if (sqlite3_open_v2(c->part, &c->to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return fault(c, c->to, "cannot be opened", err);
	/* a transaction begins with its first read */
	if (sqlite3_exec(c->from, "BEGIN; SELECT count(*) FROM sqlite_schema;", NULL, NULL, NULL) !=
		SQLITE_OK)
		return fault(c, c->from, "the database cannot be read", err);
	return ERR_OK;
}

static enum err_code copy_pages(struct copy *c, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(c->to, "main", c->from, "main");
	int rc = SQLITE_OK;

	if (!b)
		return fault(c, c->to, "the backup cannot begin", err);
	while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
		rc = sqlite3_backup_step(b, BACKUP_STEP_PAGES);
		if (rc != SQLITE_DONE)
			(void)sqlite3_sleep(BACKUP_PAUSE_MS);
	}
	(void)sqlite3_backup_finish(b); /* repeats what the step said */
	return rc == SQLITE_DONE ? ERR_OK : fault(c, c->to, "was not written", err);
}

static enum err_code close_both(struct copy *c, enum err_code e, struct err *err)
{
	if (c->to && sqlite3_close(c->to) != SQLITE_OK && !e)
		e = err_set(err, ERR_STORE, "%s: cannot be closed", c->part);
	(void)sqlite3_close(c->from); /* was only read */
	return e;
}

static enum err_code sync_path(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err_code e = ERR_OK;

	if (fd < 0 || fsync(fd))
		e = err_set_os(err, ERR_IO, errno, "%s: cannot be synced", path);
	if (fd >= 0)
		(void)close(fd); /* was synced */
	return e;
}

/* What nobody has read back is no backup. */
static enum err_code look_at(struct copy *c, struct store_backup *out, struct err *err)
{
	struct store *s = NULL;
	enum err_code e = store_open(&s, c->part, err);

	if (!e)
		e = store_check(s, STORE_CHECK_FULL, err);
	if (!e)
		e = audit_last_seq(s, &out->audit, err);
	if (!e)
		out->bytes = store_size(s);
	store_close(&s);
	return e ? e : sync_path(c->part, err);
}

/* Under its name, where nobody else put one meanwhile. */
static enum err_code name_it(struct copy *c, const char *to, struct err *err)
{
	char dir[STORE_PATH_MAX];

	if (link(c->part, to))
		return errno == EEXIST
			? err_set(err, ERR_EXISTS, "%s: is there already", to)
			: err_set_os(err, ERR_IO, errno, "%s: cannot be named", to);
	(void)unlink(c->part); /* the other name stays */
	(void)snprintf(dir, sizeof(dir), "%s", to);
	return sync_path(dirname(dir), err);
}

enum err_code store_backup(struct store *s, const char *to, struct store_backup *out,
	struct err *err)
{
	struct copy c = {.from = NULL};
	enum err_code e;

	*out = (struct store_backup){0};
	if (store_is_url(s->path))
		return err_set(err, ERR_UNSUPPORTED,
			"the store is PostgreSQL's: use pg_dump for a copy of it, or pg_basebackup "
			"with an archive of its log for one up to any moment");
	e = make_part(&c, to, err);
	if (e)
		return e;
	e = open_both(&c, s->path, err);
	if (!e)
		e = copy_pages(&c, err);
	e = close_both(&c, e, err);
	if (!e)
		e = look_at(&c, out, err);
	if (!e)
		e = name_it(&c, to, err);
	if (e)
		(void)unlink(c.part); /* of no use to anybody */
	return e;
}
