/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of a file as they are, for copying.
 */
#include <stdio.h>
#include <string.h>

#include "backend/store_sqlite.h"
#include "backend/store_table.h"

static enum err_code fault(struct store *s, struct err *err)
{
	return err_set(err, ERR_STORE, "%s: %s", s->path, sqlite3_errmsg(store_sqlite(s)->db));
}

/* The log is left only when nobody else has the file open; and who opens it then, must make a log
 * again, which the transaction that follows here forbids.
 */
enum err_code sqlite_alone(struct store *s, struct err *err)
{
	sqlite3 *db = store_sqlite(s)->db;
	sqlite3_stmt *stmt = NULL;
	int rc;

	(void)sqlite3_busy_timeout(db, 0);
	rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode=DELETE", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW &&
		strcmp((const char *)sqlite3_column_text(stmt, 0), "delete") != 0)
		rc = SQLITE_BUSY;
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	(void)sqlite3_busy_timeout(db, STORE_BUSY_MS);
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
		return err_set(err, ERR_BUSY,
			"%s: another program has it open; stop its servers, then copy", s->path);
	return rc == SQLITE_ROW ? ERR_OK : fault(s, err);
}

static enum err_code table_look(struct store *s, struct store_table *t, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	char sql[128];
	int rc;

	(void)snprintf(sql, sizeof(sql), "SELECT name,pk FROM pragma_table_info('%s')", t->name);
	rc = sqlite3_prepare_v2(store_sqlite(s)->db, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int pk = sqlite3_column_int(stmt, 1);

		rc = SQLITE_OK;
		if (t->column_count == STORE_COLUMNS_MAX || pk > STORE_COLUMNS_MAX) {
			(void)sqlite3_finalize(stmt); /* was only read */
			return err_set(err, ERR_TOO_LARGE, "table %s has too many columns", t->name);
		}
		(void)snprintf(t->column[t->column_count], STORE_IDENTIFIER_MAX, "%s",
			(const char *)sqlite3_column_text(stmt, 0));
		if (pk > 0) {
			t->key[pk - 1] = t->column_count;
			t->key_count++;
		}
		t->column_count++;
	}
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	return rc == SQLITE_DONE ? ERR_OK : fault(s, err);
}

enum err_code sqlite_tables(struct store *s, struct store_table *out, size_t max, size_t *count,
	struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum err_code e = ERR_OK;
	int rc = sqlite3_prepare_v2(store_sqlite(s)->db,
		"SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'"
		" ORDER BY rowid", -1, &stmt, NULL);

	*count = 0;
	while (!e && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		if (*count == max) {
			e = err_set(err, ERR_TOO_LARGE, "%s: too many tables", s->path);
			break;
		}
		memset(&out[*count], 0, sizeof(out[0]));
		(void)snprintf(out[*count].name, STORE_IDENTIFIER_MAX, "%s",
			(const char *)sqlite3_column_text(stmt, 0));
		e = table_look(s, &out[(*count)++], err);
	}
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	return e || rc == SQLITE_DONE ? e : fault(s, err);
}

static void values_of(sqlite3_stmt *stmt, struct store_arg *values, int count)
{
	for (int i = 0; i < count; i++) {
		int type = sqlite3_column_type(stmt, i);

		values[i] = ARG_NULL;
		if (type == SQLITE_INTEGER) {
			values[i] = ARG_INT(sqlite3_column_int64(stmt, i));
		} else if (type != SQLITE_NULL) {
			const void *data = sqlite3_column_blob(stmt, i);

			values[i] = ARG_BLOB(data, (size_t)sqlite3_column_bytes(stmt, i));
		}
	}
}

enum err_code sqlite_table_walk(struct store *s, const struct store_table *t,
	store_table_row *row, void *ctx, struct err *err)
{
	char sql[4096], columns[2048], key[1024];
	struct store_arg values[STORE_COLUMNS_MAX];
	sqlite3_stmt *stmt = NULL;
	int rc;
	enum err_code e = store_table_columns(t, false, columns, sizeof(columns), err);

	if (!e)
		e = store_table_columns(t, true, key, sizeof(key), err);
	if (e)
		return e;
	(void)snprintf(sql, sizeof(sql), "SELECT %s FROM %s ORDER BY %s", columns, t->name, key);
	rc = sqlite3_prepare_v2(store_sqlite(s)->db, sql, -1, &stmt, NULL);
	while (!e && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		values_of(stmt, values, t->column_count);
		e = row(ctx, values, (size_t)t->column_count, err);
	}
	(void)sqlite3_finalize(stmt); /* repeats what the step said */
	return e || rc == SQLITE_DONE ? e : fault(s, err);
}
