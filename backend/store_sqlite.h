/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store's files and their tests: the connection, its statements, and how arguments
 * go in and columns come out. SQLite's result codes end here.
 */
#ifndef BACKEND_STORE_SQLITE_H
#define BACKEND_STORE_SQLITE_H

#include <sqlite3.h>

#include "backend/store.h"
#include "backend/store_sql.h"
#include "base/bytes.h"

/* A path goes in. */
#define STORE_DAMAGED_WORDS                                                                        \
	"%s: the database is damaged: keep this file aside, put a backup in its place and run"     \
	" `countersignd restore`"

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmt[STORE_SQL_COUNT];
	bool begun;     /* store_begin() succeeded and neither commit nor rollback was called */
	bool saved;     /* inside a savepoint */
	bool uncertain; /* a commit failed: nothing is done any more */
	char path[STORE_PATH_MAX];
};

/* ---- arguments ---- */

struct store_arg {
	enum { STORE_ARG_INT, STORE_ARG_BLOB, STORE_ARG_TEXT, STORE_ARG_NULL } kind;
	int64_t number;
	struct span bytes; /* BLOB and TEXT; borrowed for the call */
};
#define ARG_INT(v) ((struct store_arg){.kind = STORE_ARG_INT, .number = (int64_t)(v)})
#define ARG_BLOB(p, n) ((struct store_arg){.kind = STORE_ARG_BLOB, .bytes = SPAN(p, n)})
#define ARG_ID(p) ARG_BLOB(p, 16)
#define ARG_TEXT(t) ((struct store_arg){.kind = STORE_ARG_TEXT, .bytes = span_text(t)})
#define ARG_NULL ((struct store_arg){.kind = STORE_ARG_NULL})
#define ARGS(...)                                                                                  \
	(const struct store_arg[]){__VA_ARGS__},                                                   \
		sizeof((const struct store_arg[]){__VA_ARGS__}) / sizeof(struct store_arg)

/* A statement that changes something; inside a transaction only. changes may be NULL.
 * ERR_EXISTS for a key that is there already.
 */
ERR_MUST_CHECK enum err_code store_exec(struct store *s, enum store_sql n, int *changes,
	const struct store_arg *args, size_t arg_count, struct err *err);

/* ---- rows ---- */

/* The first row of a statement. Columns are read in order with the functions below; a wrong type
 * or length is remembered and store_row_end() then returns ERR_CORRUPT.
 */
struct store_row {
	struct store *store;
	sqlite3_stmt *stmt; /* NULL when there is no row */
	enum store_sql n;
	int column;
	bool bad;
};
ERR_MUST_CHECK enum err_code store_row_begin(struct store *s, struct store_row *row,
	enum store_sql n, const struct store_arg *args, size_t arg_count, struct err *err);
ERR_MUST_CHECK enum err_code store_row_end(struct store_row *row, struct err *err);
int64_t row_int(struct store_row *row, int64_t min, int64_t max);
bool row_null(const struct store_row *row); /* looks at the next column without taking it */
void row_skip(struct store_row *row);
void row_blob(struct store_row *row, void *out, size_t len); /* exactly len bytes */
/* Up to cap bytes; returns how many. */
size_t row_bytes(struct store_row *row, void *out, size_t cap);
void row_text(struct store_row *row, char *out, size_t cap); /* with NUL */

/* Finds one row and ends it: ERR_NOT_FOUND without words when there is none. */
#define STORE_NOT_FOUND(err) err_set((err), ERR_NOT_FOUND, "no such row")

#endif
