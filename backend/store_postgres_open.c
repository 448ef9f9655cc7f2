/* SPDX-License-Identifier: Apache-2.0
 *
 * Connecting to PostgreSQL: is it a server that keeps what it acknowledges, and has it our tables?
 */
#include "backend/store_postgres.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text_safe.h"
#include "backend/store_postgres_lib.h"

/* ---- the URL ---- */

static const char *option(const PQconninfoOption *list, const char *keyword)
{
	for (; list->keyword; list++)
		if (strcmp(list->keyword, keyword) == 0 && list->val)
			return list->val;
	return "";
}

enum err_code pg_url_check(const char *url, char *name, size_t name_cap, struct err *err)
{
	PQconninfoOption *list;
	char *why = NULL, words[512];
	const char *host;
	enum err_code e;

	if (strlen(url) >= STORE_PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "the URL of the database is too long");
	e = pg_lib_load(err);
	if (e)
		return e;
	list = PQconninfoParse(url, &why);
	if (!list) {
		/* what libpq says may hold a piece of the URL, and that a password */
		PQfreemem(why);
		return err_set(err, ERR_INVALID,
			"the URL of the database (--store, or url in [store]) is malformed;"
			" it is like postgresql://USER@HOST/DATABASE?sslmode=verify-full, see"
			" countersignd(8)");
	}
	host = option(list, "host");
	(void)snprintf(words, sizeof(words), "postgresql://%s%s%s/%s", host[0] == '/' ? "" : host,
		option(list, "port")[0] ? ":" : "", option(list, "port"), option(list, "dbname"));
	(void)text_safe(name, name_cap, span_text(words));
	if (option(list, "password")[0] || option(list, "sslpassword")[0])
		e = err_set(err, ERR_PERMISSION,
			"%s: the URL holds a password; put it in a file of mode 0600 and say "
			"?passfile=FILE, or use a service file", name);
	PQconninfoFree(list);
	return e;
}

/* ---- the way to the server ---- */

bool pg_way_is_safe(const char *host, const char *address, const char *sslmode)
{
	if (!host[0] || host[0] == '/' || host[0] == '@') /* a socket of this machine */
		return true;
	if (strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0)
		return true;
	return strcmp(sslmode, "verify-full") == 0 || strcmp(sslmode, "verify-ca") == 0;
}

/* Whoever sits in between could let anybody in: rows say who may sign in, and what is void. Asked
 * of the connection, because environment and service files say things, too.
 */
static enum err_code check_way(const struct store_postgres *s, struct err *err)
{
	PQconninfoOption *list = PQconninfo(s->conn);
	const char *host = PQhost(s->conn), *address = PQhostaddr(s->conn);
	bool safe = list && pg_way_is_safe(host ? host : "", address ? address : "",
				    option(list, "sslmode"));

	PQconninfoFree(list);
	if (safe || PQgssEncInUse(s->conn))
		return ERR_OK;
	return err_set(err, ERR_PERMISSION,
		"%s: the server is on another machine and nothing says that it is the right one: "
		"use sslmode=verify-full (and sslrootcert=FILE for an authority of your own)",
		s->base.path);
}

/* ---- questions in plain words, before the pipeline begins ---- */

/* First column of the first row; "" when there is none. */
static enum err_code ask(struct store_postgres *s, const char *sql, char *out, size_t cap,
	struct err *err)
{
	PGresult *r = PQexec(s->conn, sql);
	ExecStatusType status = PQresultStatus(r);
	enum err_code e = ERR_OK;

	if (cap)
		out[0] = '\0';
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		e = PQstatus(s->conn) == CONNECTION_BAD ? pg_lost(s, err)
							: pg_translate(s, r, -1, err);
	else if (cap && PQntuples(r) > 0)
		(void)snprintf(out, cap, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return e;
}

static enum err_code tell(struct store_postgres *s, const char *sql, struct err *err)
{
	return ask(s, sql, NULL, 0, err);
}

static enum err_code want(struct store_postgres *s, const char *setting, const char *a,
	const char *b, struct err *err)
{
	char sql[64], got[64];
	enum err_code e;

	(void)snprintf(sql, sizeof(sql), "SHOW %s", setting);
	e = ask(s, sql, got, sizeof(got), err);
	if (e || strcmp(got, a) == 0 || strcmp(got, b) == 0)
		return e;
	return err_set(err, ERR_UNSUPPORTED,
		"%s: %s is %s and must be %s: what was decided could be lost",
		s->base.path, setting, got, a);
}

/* What keeps acknowledged decisions, asked for each time it connects. */
static enum err_code check_durable(struct store_postgres *s, struct err *err)
{
	char standby[8];
	enum err_code e = want(s, "fsync", "on", "on", err);

	if (!e)
		e = want(s, "full_page_writes", "on", "on", err);
	if (!e)
		e = want(s, "synchronous_commit", "on", "remote_apply", err);
	if (!e)
		e = want(s, "server_encoding", "UTF8", "UTF8", err);
	if (!e)
		e = ask(s, "SELECT pg_is_in_recovery()", standby, sizeof(standby), err);
	if (!e && standby[0] == 't')
		e = err_set(err, ERR_UNSUPPORTED, "%s: is a standby and cannot be written",
			s->base.path);
	return e;
}

/* ---- schema ---- */

#define VERSION_TABLE                                                                              \
	"CREATE TABLE store_schema(version BIGINT NOT NULL);"                                      \
	"INSERT INTO store_schema VALUES(0);"                                                      \
	"CREATE TABLE store_writer(id BYTEA PRIMARY KEY NOT NULL, mark BIGINT NOT NULL,"           \
	" at TIMESTAMPTZ NOT NULL)"

/* 0: there is nothing of ours. */
static enum err_code schema_version(struct store_postgres *s, int64_t *out, struct err *err)
{
	char text[32];
	enum err_code e =
		ask(s, "SELECT to_regclass('store_schema') IS NOT NULL", text, sizeof(text), err);

	*out = 0;
	if (e || text[0] != 't')
		return e;
	e = ask(s, "SELECT version FROM store_schema", text, sizeof(text), err);
	if (!e)
		*out = strtoll(text, NULL, 10);
	if (!e && *out > STORE_SCHEMA_VERSION)
		e = err_set(err, ERR_UNSUPPORTED,
			"%s: made by a newer program (schema %lld, this program knows %d)",
			s->base.path, (long long)*out, STORE_SCHEMA_VERSION);
	return e;
}

static enum err_code run_pieces(struct store_postgres *s, const char *const *piece,
	struct err *err)
{
	static const size_t room = 65536;
	char *sql = malloc(room);
	enum err_code e = sql ? ERR_OK : err_set(err, ERR_NO_MEMORY, "out of memory");

	for (; !e && *piece; piece++) {
		e = pg_sql(sql, room, *piece, err);
		if (!e && sql[0]) /* an area may have nothing */
			e = tell(s, sql, err);
	}
	free(sql);
	return e;
}

static enum err_code migrate_from(struct store_postgres *s, int64_t version, struct err *err)
{
	char mark[80];
	enum err_code e = version ? ERR_OK : tell(s, VERSION_TABLE, err);

	for (int64_t v = version; !e && v < STORE_SCHEMA_VERSION; v++)
		e = run_pieces(s, store_migrations[v], err);
	(void)snprintf(mark, sizeof(mark), "UPDATE store_schema SET version=%d",
		STORE_SCHEMA_VERSION);
	return e ? e : tell(s, mark, err);
}

/* Forward to this program's schema, in one transaction; processes that come at once take turns. An
 * empty database is filled only when it may be made.
 */
static enum err_code migrate(struct store_postgres *s, bool make, struct err *err)
{
	int64_t version = 0;
	enum err_code e = schema_version(s, &version, err);

	if (e || version == STORE_SCHEMA_VERSION)
		return e;
	e = tell(s, "BEGIN; SELECT pg_advisory_xact_lock(1129531214)", err);
	if (!e)
		e = schema_version(s, &version, err);
	if (!e && !version && !make)
		e = err_set(err, ERR_NOT_FOUND,
			"%s: no store of countersignd here; `countersignd init` makes one",
			s->base.path);
	if (!e && version < STORE_SCHEMA_VERSION)
		e = migrate_from(s, version, err);
	if (!e)
		e = tell(s, "COMMIT", err);
	/* nothing when another program did it meanwhile */
	if (!e && version > 0 && version < STORE_SCHEMA_VERSION)
		log_line(LOG_INFO, "store", "%s: brought from schema %lld to %d", s->base.path,
			(long long)version, STORE_SCHEMA_VERSION);
	return e;
}

/* ---- statements ---- */

static enum err_code prepare_send(struct store_postgres *s, int n, struct err *err)
{
	char sql[STORE_POSTGRES_SQL_MAX], name[16];
	enum err_code e = pg_sql_statement(sql, sizeof(sql), n, err);

	if (e)
		return e;
	(void)snprintf(name, sizeof(name), "s%d", n);
	if (!PQsendPrepare(s->conn, name, sql, 0, NULL) || !PQsendDescribePrepared(s->conn, name))
		return pg_lost(s, err);
	return ERR_OK;
}

static enum err_code prepare_receive(struct store_postgres *s, int n, struct err *err)
{
	PGresult *r = NULL, *end = NULL;
	enum err_code e = ERR_OK;

	for (int i = 0; !e && i < 2; i++) { /* of the statement, then what it is like */
		e = pg_receive(s, &r, err);
		if (!e && !r)
			e = pg_lost(s, err);
		if (!e && PQresultStatus(r) != PGRES_COMMAND_OK)
			e = pg_translate(s, r, n, err);
		if (!e && i == 1) {
			s->arg_count[n] = PQnparams(r);
			for (int a = 0; a < PQnparams(r) && a < STORE_POSTGRES_ARGS_MAX; a++)
				s->type[n][a] = PQparamtype(r, a);
		}
		PQclear(r);
		if (!e)
			e = pg_receive(s, &end, err);
		PQclear(end);
	}
	return e;
}

/* All at once: a table that is missing is found at start and not at a counter. */
static enum err_code prepare_all(struct store_postgres *s, struct err *err)
{
	PGresult *r = NULL;
	enum err_code e = ERR_OK;

	for (int n = 0; !e && n < PG_STATEMENTS; n++)
		e = prepare_send(s, n, err);
	if (!e && !PQpipelineSync(s->conn))
		e = pg_lost(s, err);
	for (int n = 0; !e && n < PG_STATEMENTS; n++)
		e = prepare_receive(s, n, err);
	if (!e)
		e = pg_receive(s, &r, err);
	if (!e && PQresultStatus(r) != PGRES_PIPELINE_SYNC)
		e = pg_lost(s, err);
	PQclear(r);
	return e;
}

/* ---- connecting ---- */

/* A server that was restored beneath us, or that took over before it had everything, lacks what was
 * told to somebody: PROTOCOL.md section 8.10.
 */
static enum err_code check_seen(struct store_postgres *s, struct err *err)
{
	char sql[80], want[2 * STORE_DIGEST_LEN + 1], got[sizeof(want) + 1];
	enum err_code e;

	if (!s->seen)
		return ERR_OK;
	(void)snprintf(sql, sizeof(sql), "SELECT encode(hash,'hex') FROM audit WHERE seq=%lld",
		(long long)s->seen);
	e = ask(s, sql, got, sizeof(got), err);
	hex_encode(want, SPAN(s->seen_hash, sizeof(s->seen_hash)));
	if (e || strcmp(got, want) == 0)
		return e;
	return err_set(err, ERR_CORRUPT,
		"%s: record %lld of the audit chain, which was written here, is not there any more:"
		" an older database took its place; put the newest back, or stop all servers and"
		" run `countersignd restore DIR`", s->base.path, (long long)s->seen);
}

static void say_nothing(void *context, const char *message)
{
	(void)context;
	(void)message; /* notices may hold values */
}

PGconn *pg_connect_url(const char *url)
{
	static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"fallback_application_name", "dbname", "client_encoding", NULL};
	const char *const values[] = {"5", "10000", "30", "countersignd", url, "UTF8", NULL};
	PGconn *c = PQconnectdbParams(keys, values, 1); /* the URL's come after the first ones */

	(void)PQsetNoticeProcessor(c, say_nothing, NULL); /* does nothing to NULL */
	return c;
}

static enum err_code connect_server(struct store_postgres *s, struct err *err)
{
	const char *said;

	s->conn = pg_connect_url(s->url);
	if (PQstatus(s->conn) == CONNECTION_OK)
		return check_way(s, err);
	said = PQerrorMessage(s->conn);
	return err_set(err, ERR_STORE, "%s: cannot connect: %.*s", s->base.path,
		(int)strcspn(said, "\n"), said);
}

static enum err_code start_session(struct store_postgres *s, bool make, struct err *err)
{
	/* And generic plans, made while a table may be small and kept when it is not any more:
	 * every statement is a look-up, of many keys at once too.
	 */
	char lock[256];
	enum err_code e = connect_server(s, err);

	(void)snprintf(lock, sizeof(lock), "SET lock_timeout=%d; SET statement_timeout=0;"
		" SET jit=off; SET plan_cache_mode=force_generic_plan; SET enable_seqscan=off;"
		" SET enable_hashjoin=off; SET enable_mergejoin=off", STORE_BUSY_MS);
	if (!e)
		e = tell(s, lock, err);
	if (!e)
		e = check_durable(s, err);
	if (!e)
		e = migrate(s, make, err);
	if (!e)
		e = check_seen(s, err);
	if (!e) /* of processes that are long gone */
		e = tell(s, "DELETE FROM store_writer WHERE at<now()-interval '30 days'", err);
	if (!e && (PQsetnonblocking(s->conn, 1) != 0 || !PQenterPipelineMode(s->conn)))
		e = pg_lost(s, err);
	if (!e)
		e = prepare_all(s, err);
	if (e)
		pg_disconnect(s);
	return e;
}

enum err_code pg_connect(struct store_postgres *s, struct err *err)
{
	int64_t now = clock_mono_ms(&s->clock);
	enum err_code e;

	if (s->conn)
		return ERR_OK;
	if (now < s->retry_at_ms) {
		if (err)
			*err = s->down;
		return s->down.code;
	}
	e = start_session(s, false, &s->down);
	if (!e) {
		s->retry_ms = 0;
		return ERR_OK;
	}
	s->retry_ms = s->retry_ms ? s->retry_ms * 2 : STORE_POSTGRES_RETRY_MIN_MS;
	if (s->retry_ms > STORE_POSTGRES_RETRY_MAX_MS)
		s->retry_ms = STORE_POSTGRES_RETRY_MAX_MS;
	s->retry_at_ms = clock_mono_ms(&s->clock) + s->retry_ms;
	if (err)
		*err = s->down;
	return e;
}

/* Tells connections apart; no secret, so that the server's tables may show it. */
static enum err_code make_id(struct store_postgres *s, struct err *err)
{
	if (getentropy(s->id, sizeof(s->id)) == 0)
		return ERR_OK;
	return err_set_os(err, ERR_CRYPTO, errno, "no randomness");
}

static enum err_code new_store(struct store_postgres **out, const char *url, struct err *err)
{
	struct store_postgres *s = calloc(1, sizeof(*s));
	enum err_code e;

	*out = s;
	if (!s)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	s->base.driver = &store_postgres_driver;
	clock_init_real(&s->clock);
	s->resolve_ms = STORE_POSTGRES_RESOLVE_MS;
	pg_cache_init(&s->cache);
	e = pg_url_check(url, s->base.path, sizeof(s->base.path), err);
	if (!e)
		e = make_id(s, err);
	s->url = e ? NULL : strdup(url);
	return !e && !s->url ? err_set(err, ERR_NO_MEMORY, "out of memory") : e;
}

void pg_close(struct store *base)
{
	struct store_postgres *s = store_postgres(base);

	pg_disconnect(s);
	pg_cache_done(&s->cache);
	pg_gather_done(&s->gather);
	pg_set_done(&s->ahead);
	free(s->url);
	free(s);
}

enum err_code store_postgres_open(struct store **out, const char *url, struct err *err)
{
	struct store_postgres *s = NULL;
	enum err_code e = new_store(&s, url, err);

	if (!e)
		e = start_session(s, false, err);
	if (e && s) {
		pg_close(&s->base);
		s = NULL;
	}
	*out = s ? &s->base : NULL;
	return e;
}

/* What another init left unfinished has no settings yet, and may be used. */
enum err_code store_postgres_create(const char *url, struct err *err)
{
	struct store_postgres *s = NULL;
	struct store_row row;
	enum err_code e = new_store(&s, url, err);

	if (!e)
		e = start_session(s, true, err);
	if (!e)
		e = store_row_begin(&s->base, &row, SQL_AUDIT_LAST, NULL, 0, err);
	if (!e && row.found)
		e = err_set(err, ERR_EXISTS, "%s: there is a backend in it already", s->base.path);
	if (s)
		pg_close(&s->base);
	return e;
}

/* Damaged pages are the server's to find (data checksums): all rows are read, nothing more. */
enum err_code pg_check(struct store *base, enum store_check depth, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(base, &row, SQL_AUDIT_LAST, NULL, 0, err);

	(void)depth;
	return e ? e : store_row_end(&row, err);
}
