/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/store_postgres_gather.h"

#include <string.h>

#include "backend/store_postgres.h"
#include "backend/store_postgres_about.h"

/* What nearly every request writes. Anything else is sent at once. Each has the numbers of its
 * arguments (from 0) that are the key of the row.
 */
static const struct {
	enum store_sql n;
	signed char key[4];
} gathered[PG_GATHER_STATEMENTS] = {
	{SQL_NUMBER_TAKE, {0, 1, 2, -1}},
	{SQL_VERIFICATION_INSERT, {0, -1}},
	{SQL_VERIFICATION_DECIDE, {0, -1}},
	{SQL_VERIFICATION_PIN, {0, -1}},
	{SQL_VERIFICATION_CLOSE, {0, -1}},
	{SQL_TAG_PUT, {0, 1, -1}},
	{SQL_AUDIT_INSERT, {0, -1}},
	{SQL_CREDENTIAL_GUARD, {4, -1}},
	{SQL_TERMINAL_GUARD, {4, -1}},
	{SQL_ACCOUNT_WRONG, {0, -1}},
};

static int place_of(int n)
{
	for (int i = 0; i < PG_GATHER_STATEMENTS; i++)
		if ((int)gathered[i].n == n)
			return i;
	return -1;
}

bool pg_gather_takes(int n)
{
	return place_of(n) >= 0;
}

const signed char *pg_gather_key(int n)
{
	int at = place_of(n);

	return at < 0 ? NULL : gathered[at].key;
}

/* ---- rows that wait ---- */

static uint64_t hash_of(int at, const struct store_arg *args)
{
	uint64_t h = pg_about((int)gathered[at].n)->written;

	for (const signed char *k = gathered[at].key; *k >= 0; k++)
		h = pg_hash_arg(h, &args[(size_t)*k]);
	return h ? h : 1;
}

/* False: a row with this hash waits already. */
static bool remember(struct pg_gather *g, uint64_t h)
{
	size_t at = (size_t)(h ^ h >> 32) & (PG_GATHER_SEEN - 1);

	for (; g->seen[at]; at = (at + 1) & (PG_GATHER_SEEN - 1))
		if (g->seen[at] == h)
			return false;
	g->seen[at] = h;
	g->seen_count++;
	return true;
}

static void forget(struct pg_gather *g)
{
	if (g->seen_count)
		memset(g->seen, 0, sizeof(g->seen));
	g->seen_count = 0;
}

static bool is_full(const struct pg_set *set)
{
	bool full = set->rows == PG_GATHER_ROWS_MAX;

	for (size_t i = 0; i < set->arg_count; i++)
		full = full || set->column[i].len > PG_GATHER_BYTES_MAX;
	return full;
}

/* ---- sending ---- */

static enum err_code send_set(struct store_postgres *s, struct pg_set *set, struct err *err)
{
	enum err_code e = set->rows ? pg_send_set(s, set, err) : ERR_OK;

	set->rows = 0;
	return e;
}

enum err_code pg_gather_flush(struct store_postgres *s, uint64_t tables, struct err *err)
{
	enum err_code e = ERR_OK;
	bool left = false;

	for (int i = 0; !e && i < PG_GATHER_STATEMENTS; i++) {
		if (pg_about((int)gathered[i].n)->tables & tables)
			e = send_set(s, &s->gather.set[i], err);
		left |= s->gather.set[i].rows > 0;
	}
	if (!left)
		forget(&s->gather);
	return e;
}

enum err_code pg_gather_add(struct store_postgres *s, int n, int expect,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	int at = place_of(n);
	struct pg_set *set = &s->gather.set[at];
	uint64_t h = hash_of(at, args);
	enum err_code e = ERR_OK;

	if (s->gather.seen_count == PG_GATHER_SEEN / 2)
		e = pg_gather_flush(s, UINT64_MAX, err);
	if (!e && !remember(&s->gather, h)) {
		e = pg_gather_flush(s, pg_about(n)->tables, err);
		(void)remember(&s->gather, h); /* it may be known still: then the next goes, too */
	}
	if (e)
		return e;
	if (!set->rows)
		pg_set_begin(set, n, s->type[n], arg_count);
	pg_set_add(set, args);
	set->expect = expect < 0 || set->expect < 0 ? -1 : set->expect + expect;
	return is_full(set) ? send_set(s, set, err) : ERR_OK;
}

void pg_gather_drop(struct pg_gather *g)
{
	for (int i = 0; i < PG_GATHER_STATEMENTS; i++)
		g->set[i].rows = 0;
	forget(g);
}

void pg_gather_done(struct pg_gather *g)
{
	for (int i = 0; i < PG_GATHER_STATEMENTS; i++)
		pg_set_done(&g->set[i]);
}
