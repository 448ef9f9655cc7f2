/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to PostgreSQL: what was sent and is not answered yet, waiting with a bound, and
 * what its error codes mean here.
 */
#include "backend/store_postgres.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "backend/store_postgres_lib.h"

/* ---- faults ---- */

void pg_disconnect(struct store_postgres *s)
{
	for (int n = 0; n < PG_STATEMENTS; n++) {
		if (!s->borrowed[n])
			PQclear(s->result[n]);
		s->result[n] = NULL;
	}
	pg_cache_clear(&s->cache);
	pg_gather_drop(&s->gather);
	memset(s->set, 0, sizeof(s->set));
	memset(s->set_uses, 0, sizeof(s->set_uses));
	memset(s->set_plan, 0, sizeof(s->set_plan));
	PQfinish(s->conn);
	s->conn = NULL;
	s->sent_first = s->sent_count = 0;
}

static enum err_code give_up(struct store_postgres *s, const char *words, struct err *err)
{
	struct err why;

	/* libpq's words may go over several lines; the first says it */
	why.code = err_set(&why, ERR_STORE, "%s: the connection was lost: %.*s", s->base.path,
		(int)strcspn(words, "\n"), words);
	s->why = why;
	s->broken = s->base.begun;
	pg_disconnect(s);
	if (err)
		*err = why;
	return ERR_STORE;
}

enum err_code pg_lost(struct store_postgres *s, struct err *err)
{
	return give_up(s, s->conn ? PQerrorMessage(s->conn) : "", err);
}

static bool is(const char *state, const char *want)
{
	return strncmp(state, want, strlen(want)) == 0;
}

static const char *state_of(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	return state ? state : "";
}

enum err_code pg_translate(const struct store_postgres *s, const PGresult *r, int n,
	struct err *err)
{
	const char *state = state_of(r);
	const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *name = n >= 0 && n < STORE_SQL_COUNT ? store_sql_names[n] : "transaction";

	said = said ? said : "no words";
	if (is(state, "23"))
		return err_set(err, ERR_EXISTS, "%s: %s: %s", s->base.path, name, said);
	if (is(state, "55P03"))
		return err_set(err, ERR_BUSY, "%s: another program keeps it locked", s->base.path);
	if (is(state, "40"))
		return err_set(err, ERR_BUSY, "%s: %s: %s; to be tried again", s->base.path, name,
			said);
	if (is(state, "53100"))
		return err_set(err, ERR_STORE,
			"%s: the server's disk is full; make room, nothing was written",
			s->base.path);
	if (is(state, "XX001") || is(state, "XX002"))
		return err_set(err, ERR_CORRUPT, "%s: the database is damaged (%s): %s",
			s->base.path, name, said);
	if (is(state, "42P01") || is(state, "42703"))
		return err_set(err, ERR_FORMAT, "%s: tables are not as they should be: %s",
			s->base.path, said);
	if (is(state, "25006"))
		return err_set(err, ERR_STORE, "%s: may not be written: %s", s->base.path, said);
	return err_set(err, ERR_STORE, "%s: %s: %s (%s)", s->base.path, name, said, state);
}

static void break_transaction(struct store_postgres *s, const PGresult *r, int n)
{
	if (s->broken)
		return; /* the first cause counts */
	s->broken = true;
	s->conflict = is(state_of(r), "40");
	s->why = (struct err){.code = ERR_STORE};
	s->why.code = pg_translate(s, r, n, &s->why);
	if (s->base.shared) /* one request's fault is not the others': each by itself */
		s->why.code = ERR_BUSY;
}

/* ---- waiting ---- */

/* Until there is something to read; what is to be sent goes out meanwhile. */
static enum err_code wait_for_input(struct store_postgres *s, struct err *err)
{
	struct pollfd fd = {.fd = PQsocket(s->conn), .events = POLLIN};
	int left = PQflush(s->conn), n;

	if (left < 0)
		return pg_lost(s, err);
	if (left > 0)
		fd.events |= POLLOUT;
	n = poll(&fd, 1, STORE_POSTGRES_REPLY_MS);
	if (n == 0)
		return give_up(s, "no answer in time", err);
	if (n > 0 && (fd.revents & (POLLIN | POLLERR | POLLHUP)) && !PQconsumeInput(s->conn))
		return pg_lost(s, err);
	return ERR_OK; /* interrupted, or only sent: the caller looks again */
}

enum err_code pg_receive(struct store_postgres *s, PGresult **out, struct err *err)
{
	enum err_code e = ERR_OK;

	*out = NULL;
	while (!e && PQisBusy(s->conn))
		e = wait_for_input(s, err);
	if (!e)
		*out = PQgetResult(s->conn);
	return e;
}

/* ---- the queue ---- */

static enum err_code queue_add(struct store_postgres *s, struct pg_sent sent, struct err *err)
{
	if (s->sent_count == STORE_POSTGRES_QUEUE_MAX) {
		enum err_code e = pg_drain(s, 0, err);

		if (e)
			return e;
	}
	s->sent[(s->sent_first + s->sent_count) % STORE_POSTGRES_QUEUE_MAX] = sent;
	s->sent_count++;
	return ERR_OK;
}

struct pg_values {
	const char *data[STORE_POSTGRES_ARGS_MAX];
	int len[STORE_POSTGRES_ARGS_MAX];
	int format[STORE_POSTGRES_ARGS_MAX];
	uint8_t number[STORE_POSTGRES_ARGS_MAX][8];
};

static void value_of(struct pg_values *v, size_t i, const struct store_arg *arg, Oid type)
{
	uint64_t number = (uint64_t)arg->number;
	int width = type == 23 ? 4 : 8; /* INT4OID: beside a bare number in SQL */

	v->format[i] = 1;
	switch (arg->kind) {
	case STORE_ARG_INT:
		for (int b = 0; b < width; b++)
			v->number[i][b] = (uint8_t)(number >> (8 * (width - 1 - b)));
		v->data[i] = (const char *)v->number[i];
		v->len[i] = width;
		break;
	case STORE_ARG_BLOB:
	case STORE_ARG_TEXT:
		/* A NULL pointer would be NULL: an empty value is not that. */
		v->data[i] = arg->bytes.data ? (const char *)arg->bytes.data : "";
		v->len[i] = (int)arg->bytes.len;
		break;
	case STORE_ARG_NULL:
		v->data[i] = NULL;
		v->len[i] = 0;
		break;
	}
}

enum err_code pg_send(struct store_postgres *s, int n, int expect, const struct store_arg *args,
	size_t arg_count, struct err *err)
{
	struct pg_values v;
	char name[16];
	enum err_code e;

	ASSERT(arg_count <= STORE_POSTGRES_ARGS_MAX && (int)arg_count == s->arg_count[n]);
	e = queue_add(s, (struct pg_sent){.n = n, .expect = expect}, err);
	if (e)
		return e;
	for (size_t i = 0; i < arg_count; i++)
		value_of(&v, i, &args[i], s->type[n][i]);
	(void)snprintf(name, sizeof(name), "s%d", n);
	if (!PQsendQueryPrepared(s->conn, name, (int)arg_count, v.data, v.len, v.format, 1))
		return pg_lost(s, err);
	return ERR_OK;
}

/* ---- sets ---- */

enum err_code pg_prepare_set(struct store_postgres *s, int n, bool *can, struct err *err)
{
	char sql[STORE_POSTGRES_SQL_MAX], name[32];
	enum err_code e;

	if (s->set[n] == PG_SET_UNKNOWN) {
		s->set[n] = PG_SET_NONE;
		if (pg_set_sql(sql, sizeof(sql), n, s->type[n], s->arg_count[n], NULL) == ERR_OK)
			s->set[n] = PG_SET_PREPARED;
		e = s->set[n] == PG_SET_NONE ? ERR_OK : queue_add(s,
			(struct pg_sent){.n = n, .expect = -1, .prepares = true}, err);
		if (e)
			return e;
		(void)snprintf(name, sizeof(name), "m%d_%u", n, s->set_plan[n]);
		if (s->set[n] == PG_SET_PREPARED && !PQsendPrepare(s->conn, name, sql, 0, NULL))
			return pg_lost(s, err);
	}
	*can = s->set[n] == PG_SET_PREPARED;
	return ERR_OK;
}

/* A plan is kept, and one that was made for a table of a few rows may be wrong for many: so it is
 * made anew after 8, 64, 512 ... uses, ten times at most. The old ones stay until the connection
 * ends.
 */
static void note_use(struct store_postgres *s, int n)
{
	if (++s->set_uses[n] < UINT32_C(8) << (3 * s->set_plan[n]) || s->set_plan[n] == 9)
		return;
	s->set_plan[n]++;
	s->set[n] = PG_SET_UNKNOWN;
}

enum err_code pg_send_set(struct store_postgres *s, struct pg_set *set, struct err *err)
{
	const char *data[PG_SET_ARGS_MAX];
	int len[PG_SET_ARGS_MAX], format[PG_SET_ARGS_MAX];
	char name[32];
	bool can = false;
	enum err_code e = pg_prepare_set(s, set->n, &can, err);

	if (!e && !can)
		e = err_set(err, ERR_BUSY, "%s: %s is done one by one", s->base.path,
			store_sql_names[set->n]);
	if (!e)
		e = pg_set_end(set, err);
	if (!e)
		e = queue_add(s, (struct pg_sent){.n = set->n, .expect = set->expect}, err);
	if (e)
		return e;
	for (size_t i = 0; i < set->arg_count; i++) {
		data[i] = (const char *)set->column[i].data;
		len[i] = (int)set->column[i].len;
		format[i] = 1;
	}
	(void)snprintf(name, sizeof(name), "m%d_%u", set->n, s->set_plan[set->n]);
	if (!PQsendQueryPrepared(s->conn, name, (int)set->arg_count, data, len, format, 1))
		return pg_lost(s, err);
	note_use(s, set->n);
	return ERR_OK;
}

/* ---- answers ---- */

static int changes_of(const PGresult *r)
{
	const char *text = PQcmdTuples((PGresult *)(uintptr_t)r); /* only reads it */
	int n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (*text - '0');
	return n;
}

static void judge(struct store_postgres *s, const struct pg_sent *sent, const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	if (sent->prepares && status != PGRES_COMMAND_OK)
		s->set[sent->n] = status == PGRES_PIPELINE_ABORTED ? PG_SET_UNKNOWN : PG_SET_NONE;
	if (status == PGRES_PIPELINE_ABORTED || status == PGRES_PIPELINE_SYNC)
		return;
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		break_transaction(s, r, sent->n);
	if (sent->expect >= 0 && changes_of(r) != sent->expect && !s->broken) {
		s->broken = true;
		s->why.code = err_set(&s->why, ERR_BUSY, "%s: %s did not change what was expected",
			s->base.path, store_sql_names[sent->n]);
	}
}

/* Takes the oldest one's answer; *keep gets it when asked for and it was run. */
static enum err_code take_oldest(struct store_postgres *s, PGresult **keep, struct err *err)
{
	struct pg_sent sent = s->sent[s->sent_first];
	PGresult *r = NULL, *end = NULL;
	enum err_code e = pg_receive(s, &r, err);

	if (e)
		return e;
	if (!r || PQstatus(s->conn) == CONNECTION_BAD) {
		PQclear(r);
		return pg_lost(s, err);
	}
	s->sent_first = (s->sent_first + 1) % STORE_POSTGRES_QUEUE_MAX;
	s->sent_count--;
	judge(s, &sent, r);
	if (sent.n >= 0) /* a statement's answers end with NULL; a synchronisation's do not */
		e = pg_receive(s, &end, err);
	PQclear(end);
	if (!e && keep &&
		(PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK))
		*keep = r;
	else
		PQclear(r);
	return e;
}

enum err_code pg_drain(struct store_postgres *s, size_t leave, struct err *err)
{
	enum err_code e = ERR_OK;

	if (s->sent_count > leave && !PQsendFlushRequest(s->conn))
		return pg_lost(s, err);
	while (!e && s->sent_count > leave)
		e = take_oldest(s, NULL, err);
	return e;
}

enum err_code pg_take(struct store_postgres *s, PGresult **out, struct err *err)
{
	*out = NULL;
	return take_oldest(s, out, err);
}

enum err_code pg_answer(struct store_postgres *s, PGresult **out, struct err *err)
{
	enum err_code e;

	*out = NULL;
	if (!PQsendFlushRequest(s->conn))
		return pg_lost(s, err);
	e = pg_drain(s, 1, err);
	return e ? e : take_oldest(s, out, err);
}

enum err_code pg_sync(struct store_postgres *s, struct err *err)
{
	enum err_code e = queue_add(s, (struct pg_sent){.n = -1, .expect = -1}, err);

	if (!e && !PQpipelineSync(s->conn))
		e = pg_lost(s, err);
	while (!e && s->sent_count > 0)
		e = take_oldest(s, NULL, err);
	return e;
}
