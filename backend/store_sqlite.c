/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/store_sqlite.h"

#include <stdlib.h>
#include <string.h>

static enum err_code usable(const struct store *s, bool need_transaction, struct err *err)
{
	if (s->uncertain)
		return err_set(err, ERR_UNCERTAIN,
			"%s: a write failed before; the program must be stopped", s->path);
	/* After a full disk or an I/O error SQLite may have rolled everything back by itself. */
	if (s->begun && sqlite3_get_autocommit(s->db))
		return err_set(err, ERR_STORE, "%s: the transaction was given up", s->path);
	if (need_transaction && !s->begun)
		return err_set(err, ERR_INTERNAL, "write outside a transaction");
	return ERR_OK;
}

static enum err_code translate(const struct store *s, int rc, enum store_sql n, struct err *err)
{
	const char *name = store_sql_names[n];

	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_EXISTS, "%s: %s: %s", s->path, name, sqlite3_errmsg(s->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, "%s: another program keeps it locked", s->path);
	case SQLITE_FULL:
		return err_set(err, ERR_STORE,
			"%s: the disk is full; make room, nothing was written", s->path);
	case SQLITE_IOERR:
		return err_set_os(err, ERR_STORE, sqlite3_system_errno(s->db),
			"%s: reading or writing failed (%s)", s->path, name);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_CORRUPT, STORE_DAMAGED_WORDS " (%s)", s->path, name);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, ERR_STORE, "%s: may not be written", s->path);
	case SQLITE_NOMEM:
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", s->path);
	default:
		return err_set(err, ERR_STORE, "%s: %s: %s", s->path, name, sqlite3_errmsg(s->db));
	}
}

static enum err_code prepare(struct store *s, enum store_sql n, struct err *err)
{
	int rc;

	if (s->stmt[n])
		return ERR_OK;
	rc = sqlite3_prepare_v3(s->db, store_sql_text[n], -1, SQLITE_PREPARE_PERSISTENT,
		&s->stmt[n], NULL);
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
static enum err_code run(struct store *s, enum store_sql n, const struct store_arg *args,
	size_t arg_count, int *rc, struct err *err)
{
	enum err_code e = prepare(s, n, err);

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
	/* The result repeats what the step said. Bindings are borrowed from the caller. */
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

enum err_code store_exec(struct store *s, enum store_sql n, int *changes,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	int rc = SQLITE_OK;
	enum err_code e = usable(s, true, err);

	if (!e)
		e = run(s, n, args, arg_count, &rc, err);
	if (!e && rc != SQLITE_DONE)
		e = translate(s, rc, n, err);
	if (!e && changes)
		*changes = sqlite3_changes(s->db);
	if (s->stmt[n])
		finish(s->stmt[n]);
	return e;
}

/* ---- rows ---- */

enum err_code store_row_begin(struct store *s, struct store_row *row, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	int rc = SQLITE_OK;
	enum err_code e = usable(s, false, err);

	*row = (struct store_row){.store = s, .n = n};
	if (!e)
		e = run(s, n, args, arg_count, &rc, err);
	if (!e && rc == SQLITE_ROW) {
		row->stmt = s->stmt[n];
		return ERR_OK;
	}
	if (!e && rc != SQLITE_DONE)
		e = translate(s, rc, n, err);
	if (s->stmt[n])
		finish(s->stmt[n]);
	return e;
}

enum err_code store_row_end(struct store_row *row, struct err *err)
{
	if (row->stmt)
		finish(row->stmt);
	row->stmt = NULL;
	if (row->bad)
		return err_set(err, ERR_CORRUPT, "%s: a stored row is damaged (%s)",
			row->store->path, store_sql_names[row->n]);
	return ERR_OK;
}

bool row_null(const struct store_row *row)
{
	return sqlite3_column_type(row->stmt, row->column) == SQLITE_NULL;
}

void row_skip(struct store_row *row)
{
	row->column++;
}

int64_t row_int(struct store_row *row, int64_t min, int64_t max)
{
	int column = row->column++;
	int64_t v = sqlite3_column_int64(row->stmt, column);

	if (sqlite3_column_type(row->stmt, column) == SQLITE_INTEGER && v >= min && v <= max)
		return v;
	row->bad = true;
	return min;
}

size_t row_bytes(struct store_row *row, void *out, size_t cap)
{
	int column = row->column++;
	const void *data = sqlite3_column_blob(row->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(row->stmt, column);
	int type = sqlite3_column_type(row->stmt, column);

	if ((type != SQLITE_BLOB && type != SQLITE_TEXT) || len > cap || (len && !data)) {
		row->bad = true;
		return 0;
	}
	if (len)
		memcpy(out, data, len);
	return len;
}

void row_blob(struct store_row *row, void *out, size_t len)
{
	memset(out, 0, len);
	if (row_bytes(row, out, len) != len)
		row->bad = true;
}

void row_text(struct store_row *row, char *out, size_t cap)
{
	size_t len = row_bytes(row, out, cap - 1);

	out[len] = '\0';
	if (strlen(out) != len)
		row->bad = true;
}

/* ---- transactions ---- */

enum err_code store_begin(struct store *s, struct err *err)
{
	int rc = SQLITE_OK;
	enum err_code e;

	ASSERT(!s->begun);
	e = usable(s, false, err);
	if (!e)
		e = run(s, SQL_BEGIN, NULL, 0, &rc, err);
	if (!e && rc != SQLITE_DONE)
		e = translate(s, rc, SQL_BEGIN, err);
	if (s->stmt[SQL_BEGIN])
		finish(s->stmt[SQL_BEGIN]);
	s->begun = !e;
	return e;
}

enum err_code store_savepoint(struct store *s, struct err *err)
{
	enum err_code e;

	ASSERT(!s->saved);
	e = store_exec(s, SQL_SAVEPOINT, NULL, NULL, 0, err);
	s->saved = !e;
	return e;
}

enum err_code store_release(struct store *s, struct err *err)
{
	s->saved = false;
	return store_exec(s, SQL_RELEASE, NULL, NULL, 0, err);
}

enum err_code store_rollback_to(struct store *s, struct err *err)
{
	enum err_code e = store_exec(s, SQL_ROLLBACK_TO, NULL, NULL, 0, err);

	s->saved = false;
	return e ? e : store_exec(s, SQL_RELEASE, NULL, NULL, 0, err);
}

enum err_code store_commit(struct store *s, struct err *err)
{
	int rc = SQLITE_OK;
	enum err_code e;

	ASSERT(s->begun && !s->saved);
	e = usable(s, true, err);
	if (e) {
		store_rollback(s);
		return e;
	}
	e = run(s, SQL_COMMIT, NULL, 0, &rc, err);
	finish(s->stmt[SQL_COMMIT]);
	if (!e && rc == SQLITE_DONE) {
		s->begun = false;
		return ERR_OK;
	}
	/* No room for a frame of the log: the one that makes it a commit is not there. */
	if (!e && (rc & 0xff) == SQLITE_FULL) {
		store_rollback(s);
		return translate(s, rc, SQL_COMMIT, err);
	}
	s->begun = false;
	/* The log may or may not have reached the disk: never try again (a second sync can
	 * succeed although the first lost the data).
	 */
	s->uncertain = true;
	ERR_IGNORE(translate(s, rc, SQL_COMMIT, err)); /* only its words are wanted */
	if (err)
		err->code = ERR_UNCERTAIN;
	return ERR_UNCERTAIN;
}

void store_rollback(struct store *s)
{
	if (!s || !s->begun)
		return;
	s->begun = false;
	s->saved = false;
	if (sqlite3_get_autocommit(s->db))
		return; /* SQLite did it already */
	if (!prepare(s, SQL_ROLLBACK, NULL)) {
		(void)sqlite3_step(s->stmt[SQL_ROLLBACK]); /* at worst the journal does it later */
		finish(s->stmt[SQL_ROLLBACK]);
	}
}

bool store_in_transaction(const struct store *s)
{
	return s->begun;
}
