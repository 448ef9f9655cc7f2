/* SPDX-License-Identifier: Apache-2.0
 *
 * The store in a file of SQLite: statements, rows and transactions.
 */
#include "backend/store_sqlite.h"

const char *sqlite_text(int n)
{
	static const char *const control[SQLITE_STATEMENTS - STORE_SQL_COUNT] = {
#define SQLITE_CONTROL_TEXT(name, text) [name - STORE_SQL_COUNT] = (text),
		SQLITE_CONTROL(SQLITE_CONTROL_TEXT)
#undef SQLITE_CONTROL_TEXT
	};

	return n < STORE_SQL_COUNT ? store_sql_text[n] : control[n - STORE_SQL_COUNT];
}

static enum err_code translate(const struct store_sqlite *s, int rc, int n, struct err *err)
{
	const char *name = n < STORE_SQL_COUNT ? store_sql_names[n] : sqlite_text(n);

	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_EXISTS, "%s: %s: %s", s->base.path, name,
			sqlite3_errmsg(s->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, "%s: another program keeps it locked", s->base.path);
	case SQLITE_FULL:
		return err_set(err, ERR_STORE,
			"%s: the disk is full; make room, nothing was written", s->base.path);
	case SQLITE_IOERR:
		return err_set_os(err, ERR_STORE, sqlite3_system_errno(s->db),
			"%s: reading or writing failed (%s)", s->base.path, name);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS " (%s)", s->base.path, name);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, ERR_STORE, "%s: may not be written", s->base.path);
	case SQLITE_NOMEM:
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", s->base.path);
	default:
		return err_set(err, ERR_STORE, "%s: %s: %s", s->base.path, name,
			sqlite3_errmsg(s->db));
	}
}

static enum err_code prepare(struct store_sqlite *s, int n, struct err *err)
{
	int rc;

	if (s->stmt[n])
		return ERR_OK;
	rc = sqlite3_prepare_v3(s->db, sqlite_text(n), -1, SQLITE_PREPARE_PERSISTENT, &s->stmt[n],
		NULL);
	return rc == SQLITE_OK ? ERR_OK : translate(s, rc, n, err);
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct store_arg *arg)
{
	/* A NULL pointer would bind NULL: an empty value is not that. */
	const void *data = arg->bytes.data ? (const void *)arg->bytes.data : "";

	switch (arg->kind) {
	case STORE_ARG_INT:
		return sqlite3_bind_int64(stmt, at, arg->number);
	case STORE_ARG_BLOB:
		return sqlite3_bind_blob64(stmt, at, data, arg->bytes.len, SQLITE_STATIC);
	case STORE_ARG_TEXT:
		return sqlite3_bind_text64(stmt, at, data, arg->bytes.len, SQLITE_STATIC,
			SQLITE_UTF8);
	case STORE_ARG_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, at);
}

/* Prepared, bound, and stepped once; *rc is the step's result. */
static enum err_code step_first(struct store_sqlite *s, int n, const struct store_arg *args,
	size_t arg_count, int *rc, struct err *err)
{
	enum err_code e;

	/* After a full disk or an I/O error SQLite may have rolled everything back by itself. */
	if (s->base.begun && sqlite3_get_autocommit(s->db))
		return err_set(err, ERR_STORE, "%s: the transaction was given up", s->base.path);
	e = prepare(s, n, err);
	if (e)
		return e;
	ASSERT((int)arg_count == sqlite3_bind_parameter_count(s->stmt[n]));
	for (size_t i = 0; i < arg_count; i++) {
		*rc = bind_one(s->stmt[n], (int)i + 1, &args[i]);
		if (*rc != SQLITE_OK)
			return translate(s, *rc, n, err);
	}
	*rc = sqlite3_step(s->stmt[n]);
	return ERR_OK;
}

static void finish(sqlite3_stmt *stmt)
{
	if (!stmt)
		return;
	/* The result repeats what the step said. Bindings are borrowed from the caller. */
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

static enum err_code run(struct store *base, enum store_sql n, const struct store_arg *args,
	size_t arg_count, bool *row, int *changes, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	int rc = SQLITE_OK;
	enum err_code e = step_first(s, (int)n, args, arg_count, &rc, err);

	*row = !e && rc == SQLITE_ROW;
	if (*row)
		return ERR_OK;
	if (!e && rc != SQLITE_DONE)
		e = translate(s, rc, (int)n, err);
	if (!e && changes)
		*changes = sqlite3_changes(s->db);
	finish(s->stmt[n]);
	return e;
}

static enum err_code next(struct store *base, enum store_sql n, bool *row, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	int rc = sqlite3_step(s->stmt[n]);
	enum err_code e = ERR_OK;

	*row = rc == SQLITE_ROW;
	if (*row)
		return ERR_OK;
	if (rc != SQLITE_DONE)
		e = translate(s, rc, (int)n, err);
	finish(s->stmt[n]);
	return e;
}

static void cell(struct store *base, enum store_sql n, int column, struct store_arg *out)
{
	sqlite3_stmt *stmt = store_sqlite(base)->stmt[n];
	int type = sqlite3_column_type(stmt, column);

	*out = ARG_NULL;
	if (type == SQLITE_INTEGER) {
		*out = ARG_INT(sqlite3_column_int64(stmt, column));
	} else if (type == SQLITE_BLOB || type == SQLITE_TEXT) {
		/* in this order: the first may change the second */
		const void *data = sqlite3_column_blob(stmt, column);

		*out = ARG_BLOB(data, (size_t)sqlite3_column_bytes(stmt, column));
		if (type == SQLITE_TEXT)
			out->kind = STORE_ARG_TEXT;
	}
}

static void end(struct store *base, enum store_sql n)
{
	finish(store_sqlite(base)->stmt[n]);
}

/* ---- transactions ---- */

static enum err_code control(struct store *base, int n, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	int rc = SQLITE_OK;
	enum err_code e = step_first(s, n, NULL, 0, &rc, err);

	if (!e && rc != SQLITE_DONE)
		e = translate(s, rc, n, err);
	finish(s->stmt[n]);
	return e;
}

static enum err_code begin(struct store *s, struct err *err)
{
	return control(s, SQLITE_BEGIN, err);
}

static enum err_code savepoint(struct store *s, struct err *err)
{
	return control(s, SQLITE_SAVE, err);
}

static enum err_code release(struct store *s, struct err *err)
{
	return control(s, SQLITE_RELEASE, err);
}

static enum err_code rollback_to(struct store *s, struct err *err)
{
	enum err_code e = control(s, SQLITE_ROLLBACK_TO, err);

	return e ? e : control(s, SQLITE_RELEASE, err);
}

static void rollback(struct store *base)
{
	struct store_sqlite *s = store_sqlite(base);

	if (sqlite3_get_autocommit(s->db))
		return; /* SQLite did it already */
	if (!prepare(s, SQLITE_ROLLBACK_ALL, NULL)) {
		/* at worst the journal does it later */
		(void)sqlite3_step(s->stmt[SQLITE_ROLLBACK_ALL]);
		finish(s->stmt[SQLITE_ROLLBACK_ALL]);
	}
}

static enum err_code commit(struct store *base, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	int rc = SQLITE_OK;
	enum err_code e = step_first(s, SQLITE_COMMIT, NULL, 0, &rc, err);

	finish(s->stmt[SQLITE_COMMIT]);
	if (!e && rc == SQLITE_DONE)
		return ERR_OK;
	/* Not even begun, or no room for the frame of the log that makes it a commit. */
	if (e || (rc & 0xff) == SQLITE_FULL) {
		rollback(base);
		return e ? e : translate(s, rc, SQLITE_COMMIT, err);
	}
	/* The log may or may not have reached the disk: never try again (a second sync can
	 * succeed although the first lost the data).
	 */
	base->uncertain = true;
	ERR_IGNORE(translate(s, rc, SQLITE_COMMIT, err)); /* only its words are wanted */
	if (err)
		err->code = ERR_UNCERTAIN;
	return ERR_UNCERTAIN;
}

const struct store_driver store_sqlite_driver = {
	.run = run,
	.next = next,
	.cell = cell,
	.end = end,
	.begin = begin,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.commit = commit,
	.rollback = rollback,
	.check = sqlite_check,
	.size = sqlite_size,
	.keep = sqlite_keep,
	.rest = sqlite_rest,
	.close = sqlite_close_file,
};
