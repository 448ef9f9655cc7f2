/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the PostgreSQL driver: rows that were read ahead in this transaction. A write drops
 * whatever it could have changed; what that is, is told from the statements' own words.
 */
#ifndef BACKEND_STORE_POSTGRES_CACHE_H
#define BACKEND_STORE_POSTGRES_CACHE_H

#include <postgresql/libpq-fe.h>

#include "backend/store_driver.h"

#define PG_CACHE_ROWS_MAX 8192 /* a power of two; beyond it nothing more is read ahead */
#define PG_CACHE_PLACES (2 * PG_CACHE_ROWS_MAX)
#define PG_CACHE_KEY_MAX 128   /* bytes of all arguments of a statement that can be read ahead */
#define PG_CACHE_ARGS_MAX 6

struct pg_cached {
	bool dropped; /* a write came since, or it could not be read ahead */
	int n;
	size_t arg_count;
	struct store_arg args[PG_CACHE_ARGS_MAX]; /* bytes are in key */
	uint8_t key[PG_CACHE_KEY_MAX];
	PGresult *rows;  /* the cache's; NULL: wanted and not read yet */
	int first, end;  /* the rows of it that are its own */
	int column;      /* the first of its own */
	uint16_t next;   /* 1 + the next one that a write of the same identifier drops */
};

struct pg_cache {
	struct pg_cached *row; /* in the order they came; NULL when there was no memory */
	uint16_t place[PG_CACHE_PLACES];   /* by hash: 1 + number of the row; 0 = free */
	uint16_t by_id[PG_CACHE_PLACES];   /* by hash of the first identifier: head of a list */
	uint16_t loose;                    /* head of those that have none */
	PGresult *result[PG_CACHE_ROWS_MAX]; /* what the rows are in */
	int count;
	int read; /* rows before it were read */
	int result_count;
};

void pg_cache_init(struct pg_cache *c);
void pg_cache_done(struct pg_cache *c);
void pg_cache_clear(struct pg_cache *c); /* at the end of a transaction */

/* NULL: not there. */
struct pg_cached *pg_cache_find(struct pg_cache *c, int n, const struct store_arg *args,
	size_t arg_count);
/* Remembers that it is wanted. False: it cannot be read ahead. */
bool pg_cache_want(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count);
/* Takes over a result that rows of it are to be found in. */
void pg_cache_keep(struct pg_cache *c, PGresult *r);
/* Statement n is about to write. */
void pg_cache_write(struct pg_cache *c, int n, const struct store_arg *args, size_t arg_count);

/* Of bytes, and of all arguments. */
uint64_t pg_hash(uint64_t h, const void *data, size_t len);
uint64_t pg_hash_arg(uint64_t h, const struct store_arg *arg);

#endif
