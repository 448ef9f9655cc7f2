/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and opening the file: is it a database, is it ours, will it keep what it acknowledges?
 */
#include "backend/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* Pages in memory, as many as are used, at most: the default of 2 MiB holds not even the pages that
 * a hundred terminals write to, and each one that is missed is read once more.
 */
#define CACHE_KIB "49152"

/* First column of a statement without arguments, as a number or as text. */
static enum err_code ask(struct store_sqlite *s, const char *sql, int64_t *number,
	const char *want_text, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum err_code e = ERR_OK;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_NOTADB)
		e = err_set(err, ERR_FORMAT, "%s: is not a database", s->base.path);
	else if ((rc & 0xff) == SQLITE_CORRUPT)
		e = err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS, s->base.path);
	else if (rc != SQLITE_ROW)
		e = err_set(err, ERR_STORE, "%s: %s: %s", s->base.path, sql, sqlite3_errmsg(s->db));
	else if (number)
		*number = sqlite3_column_int64(stmt, 0);
	else if (strcmp((const char *)sqlite3_column_text(stmt, 0), want_text) != 0)
		e = err_set(err, ERR_UNSUPPORTED,
			"%s: %s does not give \"%s\"; the file system must be a local one",
			s->base.path, sql, want_text);
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	return e;
}

static enum err_code expect(struct store_sqlite *s, const char *sql, int64_t want, struct err *err)
{
	int64_t got = 0;
	enum err_code e = ask(s, sql, &got, NULL, err);

	if (!e && got != want)
		e = err_set(err, ERR_UNSUPPORTED, "%s: %s gives %lld, not %lld", s->base.path, sql,
			(long long)got, (long long)want);
	return e;
}

static enum err_code run_text(struct store_sqlite *s, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		return ERR_OK;
	if ((rc & 0xff) == SQLITE_CORRUPT) /* some read the schema */
		return err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS, s->base.path);
	return err_set(err, ERR_STORE, "%s: %s", s->base.path, sqlite3_errmsg(s->db));
}

/* What keeps acknowledged decisions, read back: a file system or a build that cannot do it is
 * found at start and not after a power cut.
 */
static enum err_code make_durable(struct store_sqlite *s, struct err *err)
{
	enum err_code e = run_text(s, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
				      " PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
				      " PRAGMA cache_size=-" CACHE_KIB, err);

	/* instead of its own at 1000 pages: a few commits of many requests */
	(void)sqlite3_wal_hook(s->db, sqlite_committed, s);

	if (!e)
		e = ask(s, "PRAGMA journal_mode=WAL", NULL, "wal", err);
	if (!e)
		e = ask(s, "PRAGMA journal_mode", NULL, "wal", err);
	if (!e)
		e = run_text(s, "PRAGMA synchronous=FULL", err);
	if (!e)
		e = expect(s, "PRAGMA synchronous", 2, err);
	if (!e)
		e = expect(s, "PRAGMA foreign_keys", 1, err);
	return e;
}

static enum err_code check_ours(struct store_sqlite *s, struct err *err)
{
	int64_t application = 0, version = 0;
	enum err_code e = ask(s, "PRAGMA application_id", &application, NULL, err);

	if (!e)
		e = ask(s, "PRAGMA user_version", &version, NULL, err);
	if (e)
		return e;
	if (application != STORE_APPLICATION_ID)
		return err_set(err, ERR_FORMAT, "%s: is a database, but not one of countersignd",
			s->base.path);
	if (version > STORE_SCHEMA_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: made by a newer program (schema %lld, this program knows %d)",
			s->base.path, (long long)version, STORE_SCHEMA_VERSION);
	if (version < 1)
		return err_set(err, ERR_FORMAT, "%s: schema version %lld does not exist",
			s->base.path, (long long)version);
	return ERR_OK;
}

static enum err_code run_pieces(struct store_sqlite *s, const char *const *piece, struct err *err)
{
	for (; *piece; piece++) {
		int rc = sqlite3_exec(s->db, *piece, NULL, NULL, NULL);

		if ((rc & 0xff) == SQLITE_CORRUPT)
			return err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS, s->base.path);
		if (rc != SQLITE_OK)
			return err_set(err,
				(rc & 0xff) == SQLITE_ERROR ? ERR_FORMAT : ERR_STORE,
				(rc & 0xff) == SQLITE_ERROR
					? "%s: tables are not as they should be: %s"
					: "%s: could not be brought to this schema: %s",
				s->base.path, sqlite3_errmsg(s->db));
	}
	return ERR_OK;
}

static enum err_code migrate_from(struct store_sqlite *s, int64_t version, struct err *err)
{
	char mark[96];
	enum err_code e = ERR_OK;

	for (int64_t v = version; !e && v < STORE_SCHEMA_VERSION; v++)
		e = run_pieces(s, store_migrations[v], err);
	(void)snprintf(mark, sizeof(mark), "PRAGMA application_id=%d; PRAGMA user_version=%d",
		STORE_APPLICATION_ID, STORE_SCHEMA_VERSION);
	return e ? e : run_text(s, mark, err);
}

/* Forward to this program's schema, in one transaction; version 0 is an empty file. Two programs
 * that come at once take turns, and the second finds nothing to do.
 */
static enum err_code migrate(struct store_sqlite *s, struct err *err)
{
	int64_t version = 0;
	enum err_code e = ask(s, "PRAGMA user_version", &version, NULL, err);

	if (e || version == STORE_SCHEMA_VERSION)
		return e;
	e = run_text(s, "BEGIN IMMEDIATE", err);
	if (!e)
		e = ask(s, "PRAGMA user_version", &version, NULL, err);
	if (!e && version < STORE_SCHEMA_VERSION)
		e = migrate_from(s, version, err);
	if (!e)
		e = run_text(s, "COMMIT", err);
	if (e && !sqlite3_get_autocommit(s->db))
		ERR_IGNORE(run_text(s, "ROLLBACK", NULL)); /* closing would do it, too */
	if (!e && version > 0)
		log_line(LOG_INFO, "store", "%s: brought from schema %lld to %d", s->base.path,
			(long long)version, STORE_SCHEMA_VERSION);
	return e;
}

static enum err_code prepare_all(struct store_sqlite *s, struct err *err)
{
	for (int n = 0; n < SQLITE_STATEMENTS; n++) {
		int rc = sqlite3_prepare_v3(s->db, sqlite_text(n), -1,
			SQLITE_PREPARE_PERSISTENT, &s->stmt[n], NULL);
		if ((rc & 0xff) == SQLITE_CORRUPT)
			return err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS, s->base.path);
		if (rc != SQLITE_OK)
			return err_set(err, ERR_FORMAT, "%s: tables are not as they should be: %s",
				s->base.path, sqlite3_errmsg(s->db));
	}
	return ERR_OK;
}

/* The database and what it keeps beside it. */
static enum err_code check_private(const char *path, struct err *err)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char name[STORE_PATH_MAX + 8];
	enum err_code e = ERR_OK;

	for (size_t i = 0; !e && i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		e = store_private(name, err);
		if (e == ERR_NOT_FOUND && i > 0)
			e = ERR_OK; /* these come and go */
	}
	return e;
}

/* Before the first database is opened; later it is refused and nothing changes. Statistics of
 * SQLite's memory are kept under a lock at each allocation, and nobody asks for them: an eighth of
 * the time of a verification.
 */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum err_code connect_file(struct store_sqlite **out, const char *path, struct err *err)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;
	struct store_sqlite *s;
	enum err_code e;
	int rc;

	*out = NULL;
	(void)pthread_once(&configured, configure);
	if (strlen(path) >= STORE_PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "path of the database is too long");
	if (access(path, F_OK) != 0)
		return err_set_os(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
			"%s: cannot open the database", path);
	e = check_private(path, err);
	if (e)
		return e;
	if (access(path, W_OK) != 0)
		return err_set_os(err, ERR_IO, errno, "%s: may not be written%s", path,
			errno == EROFS ? ", its file system is read-only; mount it writable" : "");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	s->base.driver = &store_sqlite_driver;
	memcpy(s->base.path, path, strlen(path) + 1);
	rc = sqlite3_open_v2(path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	*out = s;
	if (rc != SQLITE_OK)
		return err_set(err, ERR_STORE, "%s: cannot open the database: %s", path,
			s->db ? sqlite3_errmsg(s->db) : "out of memory");
	(void)sqlite3_extended_result_codes(s->db, 1); /* fails on a NULL handle only */
	(void)sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	return ERR_OK;
}

enum err_code store_sqlite_open(struct store **out, const char *path, struct err *err)
{
	struct store_sqlite *s = NULL;
	enum err_code e = connect_file(&s, path, err);

	/* Ours or not comes first: nothing of a stranger's file is changed. */
	if (!e)
		e = check_ours(s, err);
	if (!e)
		e = make_durable(s, err);
	if (!e)
		e = migrate(s, err);
	if (!e)
		e = prepare_all(s, err);
	if (e && s) {
		sqlite_close_file(&s->base);
		s = NULL;
	}
	*out = s ? &s->base : NULL;
	return e;
}

enum err_code store_sqlite_create(const char *path, struct err *err)
{
	struct store_sqlite *s = NULL;
	enum err_code e;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set_os(err, errno == EEXIST ? ERR_EXISTS : ERR_IO, errno,
			"%s: cannot make the database", path);
	(void)close(fd); /* empty: nothing can be lost */
	e = connect_file(&s, path, err);
	if (!e)
		e = make_durable(s, err);
	if (!e)
		e = migrate(s, err);
	if (!e) /* what the migrations left behind */
		e = run_text(s, "VACUUM", err);
	if (s)
		sqlite_close_file(&s->base);
	return e;
}

void sqlite_close_file(struct store *base)
{
	struct store_sqlite *s = store_sqlite(base);

	sqlite_keep_end(s);
	for (int n = 0; n < SQLITE_STATEMENTS; n++)
		(void)sqlite3_finalize(s->stmt[n]); /* repeats an old result; NULL is allowed */
	(void)sqlite3_close(s->db); /* every statement is gone, so it cannot be busy */
	free(s);
}
