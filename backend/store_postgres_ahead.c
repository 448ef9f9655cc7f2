/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading ahead: what was wanted of one statement is asked for as one set, and all sets together.
 */
#include <string.h>

#include "backend/store_postgres.h"
#include "backend/store_postgres_about.h"
#include "backend/store_postgres_lib.h"

#define ALONE_MAX (STORE_POSTGRES_QUEUE_MAX / 2) /* on their way, each as a statement of its own */

/* What is wanted, by statement. */
struct wanted {
	uint16_t row[PG_CACHE_ROWS_MAX];      /* of the cache, those of one statement together */
	int from[STORE_SQL_COUNT + 1];        /* where each statement's begin */
	bool set[STORE_SQL_COUNT];
};

static void sort(struct wanted *w, const struct pg_cache *c)
{
	int at[STORE_SQL_COUNT];

	memset(w->from, 0, sizeof(w->from));
	for (int i = c->read; i < c->count; i++)
		w->from[c->row[i].n + 1]++;
	for (int n = 0; n < STORE_SQL_COUNT; n++)
		w->from[n + 1] += w->from[n];
	memcpy(at, w->from, sizeof(at));
	for (int i = c->read; i < c->count; i++)
		w->row[at[c->row[i].n]++] = (uint16_t)i;
}

/* Before any of them is sent, so that their answers come in one piece. */
static enum err_code prepare(struct store_postgres *s, struct wanted *w, struct err *err)
{
	enum err_code e = ERR_OK;

	for (int n = 0; !e && n < STORE_SQL_COUNT; n++) {
		w->set[n] = false;
		if (w->from[n + 1] - w->from[n] > 1)
			e = pg_prepare_set(s, n, &w->set[n], err);
	}
	return e;
}

static enum err_code send_set(struct store_postgres *s, const struct wanted *w, int n,
	struct err *err)
{
	struct pg_set *set = &s->ahead;

	pg_set_begin(set, n, s->type[n], (size_t)s->arg_count[n]);
	for (int i = w->from[n]; i < w->from[n + 1]; i++)
		pg_set_add(set, s->cache.row[w->row[i]].args);
	set->expect = -1;
	return pg_send_set(s, set, err);
}

static enum err_code send_each(struct store_postgres *s, const struct wanted *w, int n, int *sent,
	struct err *err)
{
	enum err_code e = ERR_OK;

	for (int i = w->from[n]; !e && i < w->from[n + 1]; i++) {
		struct pg_cached *p = &s->cache.row[w->row[i]];

		p->dropped = *sent >= ALONE_MAX; /* then it is read in its turn */
		if (p->dropped)
			continue;
		e = pg_send(s, n, -1, p->args, p->arg_count, err);
		*sent += !e;
	}
	return e;
}

/* ---- answers ---- */

/* Each row says which of the keys it belongs to. Of a key with several rows the order is not
 * known: that one is read in its turn.
 */
static enum err_code take_set(struct store_postgres *s, const struct wanted *w, int n,
	struct err *err)
{
	PGresult *r = NULL;
	enum err_code e = pg_take(s, &r, err);

	if (e || !r)
		return e;
	pg_cache_keep(&s->cache, r);
	for (int i = w->from[n]; i < w->from[n + 1]; i++)
		s->cache.row[w->row[i]].rows = r;
	for (int row = 0; row < PQntuples(r); row++) {
		struct store_arg key = ARG_NULL;
		struct pg_cached *p;

		pg_value(r, row, 0, &key);
		if (key.kind != STORE_ARG_INT || key.number < 1 ||
			key.number > w->from[n + 1] - w->from[n])
			return err_set(err, ERR_STORE, "%s: %s: an answer to no question",
				s->base.path, store_sql_names[n]);
		p = &s->cache.row[w->row[w->from[n] + (int)key.number - 1]];
		p->dropped = p->dropped || p->end > p->first;
		p->column = 1;
		p->first = row;
		p->end = row + 1;
	}
	return ERR_OK;
}

static enum err_code take_each(struct store_postgres *s, const struct wanted *w, int n,
	struct err *err)
{
	enum err_code e = ERR_OK;

	for (int i = w->from[n]; !e && i < w->from[n + 1]; i++) {
		struct pg_cached *p = &s->cache.row[w->row[i]];

		if (p->dropped)
			continue;
		e = pg_take(s, &p->rows, err);
		if (e || !p->rows)
			continue;
		pg_cache_keep(&s->cache, p->rows);
		p->end = PQntuples(p->rows);
	}
	return e;
}

static enum err_code send_all(struct store_postgres *s, const struct wanted *w, int *sent,
	struct err *err)
{
	enum err_code e = ERR_OK;

	for (int n = 0; !e && n < STORE_SQL_COUNT; n++) {
		if (!w->set[n]) {
			e = send_each(s, w, n, sent, err);
		} else {
			e = send_set(s, w, n, err);
			(*sent)++;
		}
	}
	if (!e && !PQsendFlushRequest(s->conn))
		e = pg_lost(s, err);
	return e;
}

enum err_code pg_read_ahead(struct store *base, bool *any, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	struct wanted w;
	int sent = 0;
	enum err_code e = s->broken ? pg_given_up(s, err) : ERR_OK;

	*any = s->cache.read < s->cache.count;
	if (e || !*any)
		return e;
	sort(&w, &s->cache);
	e = prepare(s, &w, err);
	if (!e) /* of the sweep before it */
		e = pg_gather_flush(s, UINT64_MAX, err);
	if (!e)
		e = send_all(s, &w, &sent, err);
	if (!e)
		e = pg_drain(s, (size_t)sent, err);
	for (int n = 0; !e && n < STORE_SQL_COUNT; n++)
		e = w.set[n] ? take_set(s, &w, n, err) : take_each(s, &w, n, err);
	if (!e)
		s->cache.read = s->cache.count;
	return !e && s->broken ? pg_given_up(s, err) : e;
}
