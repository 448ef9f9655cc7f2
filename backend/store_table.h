/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the store: whole tables, for copying. Names come from the schema, never from outside.
 */
#ifndef BACKEND_STORE_TABLE_H
#define BACKEND_STORE_TABLE_H

#include "backend/store_copy.h"
#include "backend/store_driver.h"

struct store_table {
	char name[STORE_IDENTIFIER_MAX];
	char column[STORE_COLUMNS_MAX][STORE_IDENTIFIER_MAX];
	int column_count;
	int key[STORE_COLUMNS_MAX]; /* columns of the primary key, in its order */
	int key_count;
};

typedef enum err_code store_table_row(void *ctx, const struct store_arg *values, size_t count,
	struct err *err);

/* "a,b,c" of all columns or of the key. */
ERR_MUST_CHECK enum err_code store_table_columns(const struct store_table *t, bool key, char *out,
	size_t cap, struct err *err);

/* ---- SQLite: store_sqlite_table.c ---- */

/* Nobody else has the file open; while this store is, no other program can begin to work on it.
 * ERR_BUSY: somebody has.
 */
ERR_MUST_CHECK enum err_code sqlite_alone(struct store *s, struct err *err);
/* In the order they were made: what is referred to comes first. */
ERR_MUST_CHECK enum err_code sqlite_tables(struct store *s, struct store_table *out, size_t max,
	size_t *count, struct err *err);
/* Every row in the order of the key; inside a transaction. */
ERR_MUST_CHECK enum err_code sqlite_table_walk(struct store *s, const struct store_table *t,
	store_table_row *row, void *ctx, struct err *err);

/* ---- PostgreSQL: store_postgres_table.c ---- */

/* Leaves the pipeline and takes the lock; the tables are emptied (a new schema may have rows). The
 * store is good for nothing but these calls and closing after it.
 */
ERR_MUST_CHECK enum err_code pg_fill_begin(struct store *s, const struct store_table *tables,
	size_t count, struct err *err);
ERR_MUST_CHECK enum err_code pg_fill_table(struct store *s, const struct store_table *t,
	struct err *err);
ERR_MUST_CHECK enum err_code pg_fill_row(struct store *s, const struct store_arg *values,
	size_t count, struct err *err);
ERR_MUST_CHECK enum err_code pg_fill_table_end(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code pg_table_walk(struct store *s, const struct store_table *t,
	store_table_row *row, void *ctx, struct err *err);
ERR_MUST_CHECK enum err_code pg_fill_commit(struct store *s, struct err *err);

#endif
