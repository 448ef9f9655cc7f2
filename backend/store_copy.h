/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything of one store into another: a file of SQLite into an empty database of PostgreSQL.
 */
#ifndef BACKEND_STORE_COPY_H
#define BACKEND_STORE_COPY_H

#include "backend/store.h"

#define STORE_TABLES_MAX 64
#define STORE_COLUMNS_MAX 40
#define STORE_IDENTIFIER_MAX 48 /* of a table or column, with NUL */

struct store_copy {
	/* Told now and then: rows of the table so far. May be NULL. */
	void (*progress)(void *ctx, const char *table, int64_t rows, bool comparing);
	void *ctx;
	int tables;   /* out */
	int64_t rows; /* out, of all tables */
};

/* All or nothing: the target gets everything in one transaction, which is kept only after every
 * table was read back and has the same rows, counted and hashed. Nobody can write the source
 * meanwhile. sec_start() was called before.
 *
 * Returns: ERR_OK
 *          ERR_EXISTS       the target holds a backend already
 *          ERR_UNSUPPORTED  not from a file to PostgreSQL
 *          ERR_CORRUPT      what was read back is not what was written
 *          what store_open() and store_begin() say, of either
 */
ERR_MUST_CHECK enum err_code store_copy(struct store_copy *how, const char *from, const char *to,
	struct err *err);

#endif
