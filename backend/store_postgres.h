/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the PostgreSQL driver and its tests. libpq's codes end here.
 *
 * One connection, always in pipeline mode. What a transaction writes is sent without waiting; a
 * read waits, and by then all before it has been looked at. Whoever writes holds one advisory lock
 * until the transaction ends, as SQLite's writers do: so there is one writer at a time among all
 * processes, and rules need no locks of their own.
 */
#ifndef BACKEND_STORE_POSTGRES_H
#define BACKEND_STORE_POSTGRES_H

#include <postgresql/libpq-fe.h>

#include "backend/store_driver.h"
#include "backend/store_postgres_cache.h"
#include "backend/store_postgres_gather.h"
#include "backend/store_postgres_set.h"
#include "base/clock.h"

#define STORE_POSTGRES_SQL_MAX 4096   /* bytes of one statement in PostgreSQL's words */
#define STORE_POSTGRES_ARGS_MAX PG_SET_ARGS_MAX /* of one statement */
#define STORE_POSTGRES_QUEUE_MAX 4096 /* statements sent and not yet answered */
#define STORE_POSTGRES_REPLY_MS 30000 /* a server that says nothing for so long is lost */
#define STORE_POSTGRES_RESOLVE_MS 10000 /* finding out whether a lost COMMIT happened */
#define STORE_POSTGRES_AGAIN_MAX 3 /* more tries of what lost against another transaction */
#define STORE_POSTGRES_RETRY_MIN_MS 100 /* between two tries to connect; doubles */
#define STORE_POSTGRES_RETRY_MAX_MS 5000
#define STORE_POSTGRES_ID_LEN 16
#define STORE_POSTGRES_CHANNEL "countersign" /* of NOTIFY: there are new events */

/* Statements of this driver alone, after those of the store. Every transaction that writes leaves
 * its number in store_writer, so that after a lost connection it can be told whether it happened.
 */
#define PG_CONTROL(X)                                                                              \
	X(PG_BEGIN, "BEGIN ISOLATION LEVEL READ COMMITTED")                                        \
	X(PG_LOCK, "SELECT pg_advisory_xact_lock(1129531214)")                                     \
	X(PG_COMMIT, "COMMIT")                                                                     \
	X(PG_ROLLBACK, "ROLLBACK")                                                                 \
	X(PG_SAVE, "SAVEPOINT request")                                                            \
	X(PG_RELEASE, "RELEASE SAVEPOINT request")                                                 \
	X(PG_ROLLBACK_TO, "ROLLBACK TO SAVEPOINT request")                                         \
	X(PG_MARK, "INSERT INTO store_writer(id,mark,at) VALUES($1,$2,now())"                      \
		   " ON CONFLICT(id) DO UPDATE SET mark=excluded.mark,at=excluded.at")             \
	X(PG_MARK_GET, "SELECT mark FROM store_writer WHERE id=$1")                                \
	X(PG_NOTIFY, "SELECT pg_notify('" STORE_POSTGRES_CHANNEL "','')")                          \
	X(PG_SIZE, "SELECT pg_database_size(current_database())")

enum pg_control {
	PG_BEFORE_CONTROL = STORE_SQL_COUNT - 1,
#define PG_CONTROL_ENUM(name, text) name,
	PG_CONTROL(PG_CONTROL_ENUM)
#undef PG_CONTROL_ENUM
	PG_STATEMENTS
};

struct pg_sent { /* a statement that was sent and not answered yet */
	int n;      /* of both lists; -1 = a synchronisation point */
	int expect; /* rows it must change; -1 = any number */
	bool prepares; /* its form for sets */
};

enum pg_set_state { /* of a statement's form for sets, on this connection */
	PG_SET_UNKNOWN = 0,
	PG_SET_PREPARED,
	PG_SET_NONE /* or one that the server refused */
};

struct store_postgres {
	struct store base;
	PGconn *conn; /* NULL: lost, or given up */
	char *url;
	bool broken;  /* the server has given up the transaction: only rolling back is left */
	bool conflict; /* and that was for the sake of another transaction: it may be tried again */
	bool wrote;   /* in this transaction */
	bool events;  /* and among it events */
	struct err why; /* what broke it */
	struct pg_sent sent[STORE_POSTGRES_QUEUE_MAX];
	size_t sent_first, sent_count;
	PGresult *result[PG_STATEMENTS]; /* of the open row */
	int row[PG_STATEMENTS], row_end[PG_STATEMENTS], column[PG_STATEMENTS];
	bool borrowed[PG_STATEMENTS]; /* the result is the cache's */
	struct pg_cache cache;
	struct pg_gather gather;
	struct pg_set ahead; /* keys of what is read ahead */
	enum pg_set_state set[STORE_SQL_COUNT];
	unsigned set_uses[STORE_SQL_COUNT], set_plan[STORE_SQL_COUNT]; /* see pg_send_set() */
	Oid type[PG_STATEMENTS][STORE_POSTGRES_ARGS_MAX]; /* of the arguments */
	int arg_count[PG_STATEMENTS];
	struct clock clock;
	int64_t retry_at_ms; /* not before, by the monotonic clock */
	int64_t retry_ms;
	struct err down;     /* why it could not connect */
	uint8_t id[STORE_POSTGRES_ID_LEN]; /* of this connection in store_writer */
	int64_t mark;        /* of the last transaction that wrote */
	int64_t seen;        /* newest record of the audit that was kept; 0 = none yet */
	uint8_t seen_hash[STORE_DIGEST_LEN];
	int64_t resolve_ms;  /* STORE_POSTGRES_RESOLVE_MS; tests are impatient */
	/* Tests: just before COMMIT is sent, and just after; or NULL. */
	void (*at_commit)(struct store_postgres *s, bool sent);
};

static inline struct store_postgres *store_postgres(struct store *s)
{
	return (struct store_postgres *)s;
}

extern const struct store_driver store_postgres_driver;

/* Why the transaction was given up. */
enum err_code pg_given_up(const struct store_postgres *s, struct err *err);

/* A column of a binary result; bytes are borrowed from it. */
void pg_value(const PGresult *r, int row, int column, struct store_arg *out);

/* ---- store_postgres_sql.c: words ---- */

/* SQL of the store in PostgreSQL's words. ERR_TOO_LARGE. */
ERR_MUST_CHECK enum err_code pg_sql(char *out, size_t cap, const char *text, struct err *err);
/* Of a statement of the lists: what may meet a taken key says so by changing nothing, because an
 * error would end the whole transaction.
 */
ERR_MUST_CHECK enum err_code pg_sql_statement(char *out, size_t cap, int n, struct err *err);

/* ---- store_postgres_ahead.c ---- */

ERR_MUST_CHECK enum err_code pg_read_ahead(struct store *base, bool *any, struct err *err);

/* ---- store_postgres_open.c ---- */

/* A URL that libpq understands and that has no password in it. */
ERR_MUST_CHECK enum err_code pg_url_check(const char *url, char *name, size_t name_cap,
	struct err *err);
/* On this machine, or a server whose certificate is looked at. As libpq has them; "" = not said. */
bool pg_way_is_safe(const char *host, const char *address, const char *sslmode);
/* As libpq's own; never waits for long. */
PGconn *pg_connect_url(const char *url);
/* Connects when there is no connection and it is time to try again. */
ERR_MUST_CHECK enum err_code pg_connect(struct store_postgres *s, struct err *err);
void pg_disconnect(struct store_postgres *s);
void pg_close(struct store *base);
enum err_code pg_check(struct store *base, enum store_check depth, struct err *err);

/* ---- store_postgres_link.c: sending and receiving ---- */

/* The connection is gone: forgets all that was sent. ERR_STORE. */
enum err_code pg_lost(struct store_postgres *s, struct err *err);
/* The code of a failed result and its words. */
enum err_code pg_translate(const struct store_postgres *s, const PGresult *r, int n,
	struct err *err);
/* Waits for one answer of the connection. NULL is an answer, too. */
ERR_MUST_CHECK enum err_code pg_receive(struct store_postgres *s, PGresult **out, struct err *err);
/* Sends statement n; expect as in struct pg_sent. */
ERR_MUST_CHECK enum err_code pg_send(struct store_postgres *s, int n, int expect,
	const struct store_arg *args, size_t arg_count, struct err *err);
/* Prepares the form for sets of a statement of the store when that was not done yet. *can: there is
 * one. The server's refusal is no error here: it breaks the transaction, and is remembered.
 */
ERR_MUST_CHECK enum err_code pg_prepare_set(struct store_postgres *s, int n, bool *can,
	struct err *err);
/* Sends a set with rows; all of it prepared before, or now. */
ERR_MUST_CHECK enum err_code pg_send_set(struct store_postgres *s, struct pg_set *set,
	struct err *err);
/* Takes the answers of all but the last `leave` that were sent. A failure breaks the transaction;
 * only a lost connection is an error here.
 */
ERR_MUST_CHECK enum err_code pg_drain(struct store_postgres *s, size_t leave, struct err *err);
/* The answer to the last one sent, all before it taken. NULL: it was not run (see s->broken). */
ERR_MUST_CHECK enum err_code pg_answer(struct store_postgres *s, PGresult **out, struct err *err);
/* The answer to the oldest one; NULL: it was not run. Its turn must have come: see pg_drain(). */
ERR_MUST_CHECK enum err_code pg_take(struct store_postgres *s, PGresult **out, struct err *err);
/* Ends a group: after an error the server runs things again. */
ERR_MUST_CHECK enum err_code pg_sync(struct store_postgres *s, struct err *err);

#endif
