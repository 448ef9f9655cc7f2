/* SPDX-License-Identifier: Apache-2.0
 *
 * The store in PostgreSQL: statements, rows and transactions.
 */
#include "backend/store_postgres.h"

#include <string.h>
#include <unistd.h>
#include "backend/store_postgres_about.h"
#include "backend/store_postgres_lib.h"

/* ---- statements ---- */

enum err_code pg_given_up(const struct store_postgres *s, struct err *err)
{
	if (err)
		*err = s->why;
	return s->why.code;
}

/* The answer of the last one that was sent, or why it has none. */
static enum err_code answer(struct store_postgres *s, PGresult **r, struct err *err)
{
	enum err_code e = pg_answer(s, r, err);

	if (!e && s->broken) {
		PQclear(*r);
		*r = NULL;
		return pg_given_up(s, err);
	}
	return e;
}

static enum err_code alone_once(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, PGresult **r, struct err *err)
{
	enum err_code e = pg_connect(s, err), again;

	s->broken = s->conflict = false;
	if (!e)
		e = pg_send(s, n, -1, args, arg_count, err);
	if (e)
		return e;
	e = answer(s, r, err);
	if (!s->conn)
		return e;
	again = pg_sync(s, e ? NULL : err);
	s->broken = false;
	return e ? e : again;
}

/* Outside a transaction every statement is one, and only reads. */
static enum err_code alone(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, PGresult **r, struct err *err)
{
	enum err_code e = alone_once(s, n, args, arg_count, r, err);

	for (int i = 0; i < STORE_POSTGRES_AGAIN_MAX && e && s->conn && s->conflict; i++)
		e = alone_once(s, n, args, arg_count, r, err);
	return e;
}

static int changes_of(const PGresult *r)
{
	const char *text = PQcmdTuples((PGresult *)(uintptr_t)r); /* only reads it */
	int n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (*text - '0');
	return n;
}

/* The rows of a result that are a statement's: from first to before end. */
static void keep_rows(struct store_postgres *s, int n, PGresult *r, int first, int end)
{
	ASSERT(!s->result[n]);
	s->result[n] = r;
	s->row[n] = first;
	s->row_end[n] = end;
	s->column[n] = 0;
}

static void keep_own_rows(struct store_postgres *s, int n, PGresult *r, bool *row)
{
	*row = PQntuples(r) > 0;
	if (*row)
		keep_rows(s, n, r, 0, PQntuples(r));
	else
		PQclear(r);
}

static void keep_known_rows(struct store_postgres *s, int n, const struct pg_cached *known,
	bool *row)
{
	*row = known->end > known->first;
	if (!*row)
		return;
	keep_rows(s, n, known->rows, known->first, known->end);
	s->column[n] = known->column;
	s->borrowed[n] = true;
}

/* How many rows it will change, when that can be said before: a request of a shared transaction has
 * read what it changes, and nobody else can write. -1 = it need not be known; -2 = wait and see.
 */
static int expected(const struct store_postgres *s, int n, const int *changes)
{
	const struct pg_about *about = pg_about(n);

	if (!s->base.shared || about->reads)
		return -2;
	if (about->insert || (changes && about->counted))
		return 1;
	return changes ? -2 : -1;
}

/* Nothing is known of what comes after a read that is missing. */
static enum err_code rehearsed(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, int *changes, struct err *err)
{
	if (changes)
		*changes = 1;
	if (!pg_about(n)->reads)
		return ERR_OK;
	(void)pg_cache_want(&s->cache, n, args, arg_count); /* or it is read in its turn */
	return err_set(err, ERR_TIMEOUT, "not read yet");
}

/* Sent, and what it said. */
static enum err_code ask(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, PGresult **r, struct err *err)
{
	enum err_code e;

	if (!s->base.begun)
		return alone(s, n, args, arg_count, r, err);
	e = pg_send(s, n, -1, args, arg_count, err);
	return e ? e : answer(s, r, err);
}

/* Of a shared transaction: what is known of it need not be waited for. */
static enum err_code write_later(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, int expect, struct err *err)
{
	enum err_code e;

	if (pg_gather_takes(n))
		return pg_gather_add(s, n, expect, args, arg_count, err);
	e = pg_gather_flush(s, pg_about(n)->tables, err);
	return e ? e : pg_send(s, n, expect, args, arg_count, err);
}

static void note_write(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count)
{
	s->wrote = true;
	s->events |= n == SQL_EVENT_INSERT;
	pg_cache_write(&s->cache, n, args, arg_count);
}

static enum err_code run_now(struct store_postgres *s, int n, const struct store_arg *args,
	size_t arg_count, bool *row, int *changes, struct err *err)
{
	PGresult *r = NULL;
	int changed;
	enum err_code e = pg_gather_flush(s, pg_about(n)->tables, err);

	if (!e)
		e = ask(s, n, args, arg_count, &r, err);
	if (e) {
		PQclear(r);
		return e;
	}
	changed = changes_of(r);
	keep_own_rows(s, n, r, row);
	if (changes)
		*changes = changed;
	if (pg_about(n)->insert && changed == 0)
		return err_set(err, ERR_EXISTS, "%s: %s: the key is taken", s->base.path,
			store_sql_names[n]);
	return ERR_OK;
}

static enum err_code run(struct store *base, enum store_sql sql, const struct store_arg *args,
	size_t arg_count, bool *row, int *changes, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	const struct pg_cached *known = NULL;
	int n = (int)sql, expect = expected(s, n, changes);
	bool reads = pg_about(n)->reads;

	*row = false;
	if (base->begun && s->broken)
		return pg_given_up(s, err);
	if (base->begun && reads)
		known = pg_cache_find(&s->cache, n, args, arg_count);
	if (known) {
		keep_known_rows(s, n, known, row);
		return ERR_OK;
	}
	if (base->rehearsing)
		return rehearsed(s, n, args, arg_count, changes, err);
	if (!reads)
		note_write(s, n, args, arg_count);
	if (expect == -2)
		return run_now(s, n, args, arg_count, row, changes, err);
	if (changes)
		*changes = 1;
	return write_later(s, n, args, arg_count, expect, err);
}

static void end(struct store *base, enum store_sql n)
{
	struct store_postgres *s = store_postgres(base);

	if (!s->borrowed[n])
		PQclear(s->result[n]);
	s->result[n] = NULL;
	s->borrowed[n] = false;
}

static enum err_code next(struct store *base, enum store_sql n, bool *row, struct err *err)
{
	struct store_postgres *s = store_postgres(base);

	(void)err;
	*row = s->result[n] && ++s->row[n] < s->row_end[n];
	if (!*row)
		end(base, n);
	return ERR_OK;
}

/* ---- columns ---- */

void pg_value(const PGresult *r, int row, int column, struct store_arg *out)
{
	const uint8_t *data;
	size_t len;
	uint64_t v;

	*out = ARG_NULL;
	if (PQgetisnull(r, row, column))
		return;
	data = (const uint8_t *)PQgetvalue(r, row, column);
	len = (size_t)PQgetlength(r, row, column);
	switch (PQftype(r, column)) {
	case 20: /* INT8OID */
	case 23: /* INT4OID */
		v = len && data[0] & 0x80 ? UINT64_MAX : 0;
		for (size_t i = 0; i < len; i++)
			v = v << 8 | data[i];
		*out = ARG_INT((int64_t)v);
		break;
	case 17: /* BYTEAOID */
		*out = ARG_BLOB(data, len);
		break;
	case 25: /* TEXTOID */
		*out = (struct store_arg){.kind = STORE_ARG_TEXT, .bytes = SPAN(data, len)};
		break;
	default:
		break;
	}
}

static void cell(struct store *base, enum store_sql n, int column, struct store_arg *out)
{
	const struct store_postgres *s = store_postgres(base);

	*out = ARG_NULL; /* lost in the middle of reading: no value fits */
	if (s->result[n])
		pg_value(s->result[n], s->row[n], s->column[n] + column, out);
}

/* ---- transactions ---- */

static enum err_code control(struct store_postgres *s, int n, struct err *err)
{
	return pg_send(s, n, -1, NULL, 0, err);
}

/* Sends nothing when the connection is gone: the server rolls back by itself. */
static void roll_back(struct store_postgres *s)
{
	PGresult *r = NULL;

	pg_cache_clear(&s->cache);
	pg_gather_drop(&s->gather);
	s->base.rehearsing = false;
	if (s->conn && pg_sync(s, NULL))
		return;
	if (s->conn && !control(s, PG_ROLLBACK, NULL) && !pg_answer(s, &r, NULL))
		ERR_IGNORE(pg_sync(s, NULL)); /* a lost connection rolls back, too */
	PQclear(r);
	s->broken = false;
	s->wrote = false;
}

static enum err_code begin_locked(struct store_postgres *s, struct err *err)
{
	PGresult *r = NULL;
	enum err_code e = control(s, PG_BEGIN, err);

	s->broken = s->conflict = false;
	s->wrote = s->events = false;
	if (!e)
		e = control(s, PG_LOCK, err);
	if (!e)
		e = answer(s, &r, err);
	PQclear(r);
	if (e)
		roll_back(s);
	return e;
}

static enum err_code begin(struct store *base, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	enum err_code e = pg_connect(s, err);

	if (e)
		return e;
	e = begin_locked(s, err);
	for (int i = 0; i < STORE_POSTGRES_AGAIN_MAX && e && s->conn && s->conflict; i++)
		e = begin_locked(s, err);
	if (!e || s->conn)
		return e;
	/* It was lost while nothing was going on: what was not begun can be begun again. */
	e = pg_connect(s, err);
	return e ? e : begin_locked(s, err);
}

static enum err_code savepoint(struct store *base, struct err *err)
{
	struct store_postgres *s = store_postgres(base);

	if (s->broken)
		return pg_given_up(s, err);
	return s->base.shared ? ERR_OK : control(s, PG_SAVE, err);
}

static enum err_code release(struct store *base, struct err *err)
{
	struct store_postgres *s = store_postgres(base);

	if (s->broken)
		return pg_given_up(s, err);
	return s->base.shared ? ERR_OK : control(s, PG_RELEASE, err);
}

static enum err_code rollback_to(struct store *base, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	PGresult *r = NULL;
	enum err_code e;

	if (!s->conn)
		return pg_given_up(s, err);
	if (base->shared) { /* its requests have no savepoints: together or one by one */
		s->broken = true;
		s->why.code = err_set(&s->why, ERR_BUSY, "%s: a request failed", base->path);
		return pg_given_up(s, err);
	}
	e = pg_sync(s, err);
	pg_cache_clear(&s->cache); /* what was read since may have been undone */
	if (!e) {
		s->broken = false;
		e = control(s, PG_ROLLBACK_TO, err);
	}
	if (!e)
		e = control(s, PG_RELEASE, err);
	if (!e)
		e = answer(s, &r, err);
	PQclear(r);
	return e;
}

static void rollback(struct store *base)
{
	roll_back(store_postgres(base));
}

/* ---- commit ---- */

/* Did the transaction happen whose COMMIT was sent and never answered? Whoever has the lock knows
 * that it is over, and then its mark is there or it is not.
 */
static enum err_code resolve_once(struct store_postgres *s, bool *happened, struct err *err)
{
	const struct store_arg id = ARG_BLOB(s->id, sizeof(s->id));
	struct store_arg mark = ARG_NULL;
	PGresult *r = NULL;
	enum err_code e;

	s->retry_at_ms = 0;
	e = pg_connect(s, err);
	if (!e)
		e = begin_locked(s, err);
	if (!e)
		e = pg_send(s, PG_MARK_GET, -1, &id, 1, err);
	if (!e)
		e = answer(s, &r, err);
	if (!e && PQntuples(r) > 0)
		pg_value(r, 0, 0, &mark);
	*happened = mark.kind == STORE_ARG_INT && mark.number == s->mark;
	PQclear(r);
	roll_back(s);
	return e;
}

static enum err_code resolve(struct store_postgres *s, struct err *err)
{
	int64_t until = clock_mono_ms(&s->clock) + s->resolve_ms;
	bool happened = false;
	struct err why;
	enum err_code e;

	s->base.begun = false;
	while ((e = resolve_once(s, &happened, &why)) != ERR_OK &&
		clock_mono_ms(&s->clock) < until)
		(void)usleep(STORE_POSTGRES_RETRY_MIN_MS * 1000); /* shorter when interrupted */
	if (e)
		return err_set(err, ERR_UNCERTAIN,
			"%s: the connection was lost while committing, and the server cannot be "
			"asked whether it happened", s->base.path);
	return happened ? ERR_OK
			: err_set(err, ERR_STORE,
				  "%s: the connection was lost while committing; nothing was "
				  "written", s->base.path);
}

static enum err_code mark(struct store_postgres *s, struct err *err)
{
	const struct store_arg args[] = {ARG_BLOB(s->id, sizeof(s->id)), ARG_INT(++s->mark)};

	return pg_send(s, PG_MARK, 1, args, 2, err);
}

/* What the database must still have when it is connected to again. */
static void remember(struct store_postgres *s)
{
	if (!s->base.last_known)
		return;
	s->seen = s->base.last.seq;
	memcpy(s->seen_hash, s->base.last.hash, sizeof(s->seen_hash));
}

static enum err_code commit_sent(struct store *base, struct err *err)
{
	struct store_postgres *s = store_postgres(base);
	PGresult *r = NULL;
	bool wrote = s->wrote, sent = false;
	enum err_code e = s->broken ? pg_given_up(s, err) : pg_gather_flush(s, UINT64_MAX, err);

	if (!e && wrote)
		e = mark(s, err);
	if (!e && s->events) /* heard by the other processes when it is committed */
		e = control(s, PG_NOTIFY, err);
	/* all of it is known to be right before it is kept */
	if (!e)
		e = pg_drain(s, 0, err);
	if (!e && s->broken)
		e = pg_given_up(s, err);
	if (e) {
		roll_back(s);
		return e;
	}
	if (s->at_commit)
		s->at_commit(s, false);
	e = control(s, PG_COMMIT, err);
	sent = !e;
	if (sent && s->at_commit)
		s->at_commit(s, true);
	if (sent)
		e = answer(s, &r, err);
	if (!e && strcmp(PQcmdStatus(r), "COMMIT") != 0)
		e = err_set(err, ERR_STORE, "%s: the transaction was given up", base->path);
	PQclear(r);
	pg_cache_clear(&s->cache);
	s->broken = false;
	s->wrote = false;
	if (s->conn)
		ERR_IGNORE(pg_sync(s, NULL)); /* what was answered stays so */
	/* A fault from a server that is there undid it; one that was said before hanging up may be
	 * somebody's in between.
	 */
	return e && !s->conn && sent && wrote ? resolve(s, err) : e;
}

static enum err_code commit(struct store *base, struct err *err)
{
	enum err_code e = commit_sent(base, err);

	if (!e)
		remember(store_postgres(base));
	return e;
}

static int64_t size(const struct store *base)
{
	struct store_postgres *s = (struct store_postgres *)(uintptr_t)base;
	struct store_arg bytes = ARG_NULL;
	PGresult *r = NULL;

	if (base->begun || alone(s, PG_SIZE, NULL, 0, &r, NULL) || !r)
		return 0;
	if (PQntuples(r) > 0)
		pg_value(r, 0, 0, &bytes);
	PQclear(r);
	return bytes.kind == STORE_ARG_INT ? bytes.number : 0;
}

const struct store_driver store_postgres_driver = {
	.run = run,
	.next = next,
	.cell = cell,
	.end = end,
	.begin = begin,
	.savepoint = savepoint,
	.release = release,
	.rollback_to = rollback_to,
	.commit = commit,
	.read_ahead = pg_read_ahead,
	.rollback = rollback,
	.check = pg_check,
	.size = size,
	.close = pg_close,
};
