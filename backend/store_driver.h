/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store's files and their tests: what a database must be able to do, and how
 * arguments go in and columns come out. The verbs (store_rows.h) are one code over this; which
 * database it is, they do not know.
 */
#ifndef BACKEND_STORE_DRIVER_H
#define BACKEND_STORE_DRIVER_H

#include "backend/store_rows.h"
#include "backend/store_sql.h"
#include "base/bytes.h"

/* ---- values: arguments and columns ---- */

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

/* ---- the driver ---- */

/* What every driver's connection begins with. */
struct store {
	const struct store_driver *driver;
	bool begun;     /* store_begin() succeeded and neither commit nor rollback was called */
	bool saved;     /* inside a savepoint */
	bool shared;    /* store_begin_shared() */
	bool rehearsing;
	bool last_known; /* in this transaction, or in the one that was committed */
	struct store_audit last; /* record of the audit chain */
	bool uncertain; /* a commit failed and nothing may be done any more */
	char path[STORE_PATH_MAX]; /* what errors name; never a password */
};

/* The transaction calls are called in order only (begun and saved are kept by store_driver.c). */
struct store_driver {
	/* Runs a statement. *row: there is a first row, and the statement stays open until end().
	 * *changes: rows changed.
	 */
	enum err_code (*run)(struct store *s, enum store_sql n, const struct store_arg *args,
		size_t arg_count, bool *row, int *changes, struct err *err);
	enum err_code (*next)(struct store *s, enum store_sql n, bool *row, struct err *err);
	/* A column of the row; bytes are good until next() or end(). */
	void (*cell)(struct store *s, enum store_sql n, int column, struct store_arg *out);
	void (*end)(struct store *s, enum store_sql n);
	enum err_code (*begin)(struct store *s, struct err *err);
	enum err_code (*savepoint)(struct store *s, struct err *err);
	enum err_code (*release)(struct store *s, struct err *err);
	enum err_code (*rollback_to)(struct store *s, struct err *err);
	enum err_code (*commit)(struct store *s, struct err *err); /* ends it in any case */
	void (*rollback)(struct store *s);
	/* NULL: nothing is gained by reading ahead. */
	enum err_code (*read_ahead)(struct store *s, bool *any, struct err *err);
	enum err_code (*check)(struct store *s, enum store_check depth, struct err *err);
	int64_t (*size)(const struct store *s);
	/* NULL: it has nothing to do for itself. */
	enum err_code (*keep)(struct store *s, struct err *err);
	void (*rest)(struct store *s);
	void (*close)(struct store *s); /* frees it */
};

ERR_MUST_CHECK enum err_code store_sqlite_create(const char *path, struct err *err);
ERR_MUST_CHECK enum err_code store_sqlite_open(struct store **out, const char *path,
	struct err *err);

ERR_MUST_CHECK enum err_code store_postgres_create(const char *url, struct err *err);
ERR_MUST_CHECK enum err_code store_postgres_open(struct store **out, const char *url,
	struct err *err);

/* ---- statements ---- */

/* One that changes something; inside a transaction only. changes may be NULL.
 * ERR_EXISTS for a key that is there already, or that refers to nothing.
 */
ERR_MUST_CHECK enum err_code store_exec(struct store *s, enum store_sql n, int *changes,
	const struct store_arg *args, size_t arg_count, struct err *err);

/* ---- rows ---- */

/* The first row of a statement; store_row_next() goes on to the next one. Columns are read in
 * order with the functions below; a wrong type or length is remembered and store_row_end() then
 * returns ERR_CORRUPT. After a success of begin, end must be called unless nothing was found.
 */
struct store_row {
	struct store *store;
	enum store_sql n;
	int column;
	bool found; /* false: there is no (further) row */
	bool bad;
};
ERR_MUST_CHECK enum err_code store_row_begin(struct store *s, struct store_row *row,
	enum store_sql n, const struct store_arg *args, size_t arg_count, struct err *err);
ERR_MUST_CHECK enum err_code store_row_next(struct store_row *row, struct err *err);
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
