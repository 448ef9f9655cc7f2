/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the PostgreSQL driver: writes of a shared transaction that wait, so that many of one
 * statement are sent as one set. Two writes of the same row never wait together, and nothing that
 * reads or writes a table overtakes what waits for it.
 */
#ifndef BACKEND_STORE_POSTGRES_GATHER_H
#define BACKEND_STORE_POSTGRES_GATHER_H

#include "backend/store_postgres_set.h"

struct store_postgres;

#define PG_GATHER_STATEMENTS 10
#define PG_GATHER_ROWS_MAX 1024      /* of one statement */
#define PG_GATHER_BYTES_MAX 1048576 /* of one argument */
#define PG_GATHER_SEEN 16384         /* a power of two; places for rows that wait, half are used */

struct pg_gather {
	struct pg_set set[PG_GATHER_STATEMENTS];
	uint64_t seen[PG_GATHER_SEEN]; /* hashes of table and key; 0 = free */
	int seen_count;
};

/* Can statement n wait? */
bool pg_gather_takes(int n);
/* expect: rows it must change; -1 = any number. */
ERR_MUST_CHECK enum err_code pg_gather_add(struct store_postgres *s, int n, int expect,
	const struct store_arg *args, size_t arg_count, struct err *err);
/* Sends what waits for one of these tables. */
ERR_MUST_CHECK enum err_code pg_gather_flush(struct store_postgres *s, uint64_t tables,
	struct err *err);
void pg_gather_drop(struct pg_gather *g); /* all that waits is forgotten */
void pg_gather_done(struct pg_gather *g);

/* Arguments of statement n that are the key of its row, ended by -1; NULL: it cannot wait. */
const signed char *pg_gather_key(int n);

#endif
