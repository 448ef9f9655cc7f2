/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the PostgreSQL driver: many executions of one statement as one statement. Its
 * arguments become arrays, and the statement is joined with what they unfold to:
 *
 *   SELECT a FROM t WHERE id=$1
 *     SELECT given.i,q.* FROM unnest($1::bytea[]) WITH ORDINALITY AS given(a1,i),
 *      LATERAL(SELECT a FROM t WHERE id=given.a1 OFFSET 0) AS q
 *   INSERT INTO t(a,b) VALUES($1,0) ON CONFLICT DO NOTHING
 *     INSERT INTO t(a,b) SELECT given.a1,0 FROM unnest(...) AS given(...) ON CONFLICT DO NOTHING
 *   UPDATE t SET a=$1 WHERE id=$2
 *     UPDATE t SET a=given.a1 FROM unnest(...) AS given(...) WHERE id=given.a2
 *
 * So there is no second text of any statement that could come to mean something else.
 */
#ifndef BACKEND_STORE_POSTGRES_SET_H
#define BACKEND_STORE_POSTGRES_SET_H

#include <postgresql/libpq-fe.h>

#include "backend/store_driver.h"
#include "base/bytes.h"

#define PG_SET_ARGS_MAX 32
#define PG_SET_COLUMN_MAX (4 << 20) /* bytes of one argument of all executions */

/* The text of statement n as a set; types and count of its arguments as the server described them.
 * ERR_UNSUPPORTED: it has none (no arguments, may find many rows, another kind of statement).
 */
ERR_MUST_CHECK enum err_code pg_set_sql(char *out, size_t cap, int n, const Oid *types, int count,
	struct err *err);

/* Executions that were collected. */
struct pg_set {
	int n;
	int rows;
	int expect; /* rows they must change together; -1 = any number */
	size_t arg_count;
	struct bytes column[PG_SET_ARGS_MAX]; /* each an array in PostgreSQL's binary form */
};

void pg_set_begin(struct pg_set *set, int n, const Oid *types, size_t arg_count);
/* Arguments of one more. What does not fit is told by pg_set_end(). */
void pg_set_add(struct pg_set *set, const struct store_arg *args);
ERR_MUST_CHECK enum err_code pg_set_end(struct pg_set *set, struct err *err);
void pg_set_done(struct pg_set *set);

#endif
