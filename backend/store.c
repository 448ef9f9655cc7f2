/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of the store that is the same for every database: what may be called when, and columns
 * that must be what they should be.
 */
#include "backend/store_driver.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- opening ---- */

bool store_is_url(const char *path)
{
	return strncmp(path, "postgresql://", 13) == 0 || strncmp(path, "postgres://", 11) == 0;
}

enum err_code store_create(const char *path, struct err *err)
{
	if (store_is_url(path))
		return store_postgres_create(path, err);
	return store_sqlite_create(path, err);
}

enum err_code store_open(struct store **out, const char *path, struct err *err)
{
	if (store_is_url(path))
		return store_postgres_open(out, path, err);
	return store_sqlite_open(out, path, err);
}

void store_close(struct store **s)
{
	if (!*s)
		return;
	store_rollback(*s);
	(*s)->driver->close(*s);
	*s = NULL;
}

enum err_code store_private(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set_os(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
			"%s: cannot be looked at", path);
	if ((st.st_mode & 022) == 0)
		return ERR_OK;
	return err_set(err, ERR_PERMISSION,
		"%s: mode %04o lets others write it; run: chmod go-w %s", path,
		(unsigned)(st.st_mode & 07777), path);
}

enum err_code store_check(struct store *s, enum store_check depth, struct err *err)
{
	return s->driver->check(s, depth, err);
}

int64_t store_size(const struct store *s)
{
	return s->driver->size(s);
}

enum err_code store_keep(struct store *s, struct err *err)
{
	return s->driver->keep ? s->driver->keep(s, err) : ERR_OK;
}

void store_rest(struct store *s)
{
	if (s->driver->rest && !s->begun && !s->uncertain)
		s->driver->rest(s);
}

/* ---- statements ---- */

static enum err_code usable(const struct store *s, bool need_transaction, struct err *err)
{
	if (s->uncertain)
		return err_set(err, ERR_UNCERTAIN,
			"%s: a write failed before; the program must be stopped", s->path);
	if (need_transaction && !s->begun)
		return err_set(err, ERR_INTERNAL, "write outside a transaction");
	return ERR_OK;
}

enum err_code store_exec(struct store *s, enum store_sql n, int *changes,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	bool row = false;
	enum err_code e = usable(s, true, err);

	if (!e)
		e = s->driver->run(s, n, args, arg_count, &row, changes, err);
	ASSERT(!row);
	return e;
}

/* ---- rows ---- */

enum err_code store_row_begin(struct store *s, struct store_row *row, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	enum err_code e = usable(s, false, err);

	*row = (struct store_row){.store = s, .n = n};
	return e ? e : s->driver->run(s, n, args, arg_count, &row->found, NULL, err);
}

enum err_code store_row_next(struct store_row *row, struct err *err)
{
	ASSERT(row->found);
	row->column = 0;
	row->found = false;
	return row->store->driver->next(row->store, row->n, &row->found, err);
}

enum err_code store_row_end(struct store_row *row, struct err *err)
{
	if (row->found)
		row->store->driver->end(row->store, row->n);
	row->found = false;
	if (row->bad)
		return err_set(err, ERR_CORRUPT, "%s: a stored row is damaged (%s)",
			row->store->path, store_sql_names[row->n]);
	return ERR_OK;
}

static struct store_arg cell(const struct store_row *row, int column)
{
	struct store_arg v = ARG_NULL;

	ASSERT(row->found);
	row->store->driver->cell(row->store, row->n, column, &v);
	return v;
}

bool row_null(const struct store_row *row)
{
	return cell(row, row->column).kind == STORE_ARG_NULL;
}

void row_skip(struct store_row *row)
{
	row->column++;
}

int64_t row_int(struct store_row *row, int64_t min, int64_t max)
{
	struct store_arg v = cell(row, row->column++);

	if (v.kind == STORE_ARG_INT && v.number >= min && v.number <= max)
		return v.number;
	row->bad = true;
	return min;
}

size_t row_bytes(struct store_row *row, void *out, size_t cap)
{
	struct store_arg v = cell(row, row->column++);

	if ((v.kind != STORE_ARG_BLOB && v.kind != STORE_ARG_TEXT) || v.bytes.len > cap ||
		(v.bytes.len && !v.bytes.data)) {
		row->bad = true;
		return 0;
	}
	if (v.bytes.len)
		memcpy(out, v.bytes.data, v.bytes.len);
	return v.bytes.len;
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
	enum err_code e;

	ASSERT(!s->begun);
	e = usable(s, false, err);
	if (!e)
		e = s->driver->begin(s, err);
	s->begun = !e;
	s->last_known = false;
	return e;
}

enum err_code store_begin_shared(struct store *s, struct err *err)
{
	enum err_code e;

	s->shared = true;
	e = store_begin(s, err);
	s->shared = !e;
	return e;
}

bool store_is_expecting(const struct store *s)
{
	return s->shared && s->driver->read_ahead;
}

bool store_rehearse(struct store *s, bool on)
{
	if (!store_is_expecting(s))
		return false;
	s->rehearsing = on;
	return true;
}

bool store_is_rehearsing(const struct store *s)
{
	return s->rehearsing;
}

enum err_code store_read_ahead(struct store *s, bool *any, struct err *err)
{
	return s->driver->read_ahead(s, any, err);
}

enum err_code store_savepoint(struct store *s, struct err *err)
{
	enum err_code e = usable(s, true, err);

	ASSERT(!s->saved);
	if (!e)
		e = s->driver->savepoint(s, err);
	s->saved = !e;
	return e;
}

enum err_code store_release(struct store *s, struct err *err)
{
	enum err_code e = usable(s, true, err);

	s->saved = false;
	return e ? e : s->driver->release(s, err);
}

enum err_code store_rollback_to(struct store *s, struct err *err)
{
	enum err_code e = usable(s, true, err);

	s->saved = s->last_known = false;
	return e ? e : s->driver->rollback_to(s, err);
}

enum err_code store_commit(struct store *s, struct err *err)
{
	enum err_code e;

	ASSERT(s->begun && !s->saved);
	e = usable(s, true, err);
	if (e) {
		store_rollback(s);
		return e;
	}
	e = s->driver->commit(s, err);
	s->last_known = s->last_known && !e;
	s->begun = s->shared = false;
	return e;
}

void store_rollback(struct store *s)
{
	if (!s || !s->begun)
		return;
	s->begun = s->saved = s->last_known = false;
	s->driver->rollback(s);
	s->shared = false;
}

bool store_is_lost(const struct store *s)
{
	return s->uncertain;
}

bool store_in_transaction(const struct store *s)
{
	return s->begun;
}
