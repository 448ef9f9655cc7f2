/* SPDX-License-Identifier: Apache-2.0
 *
 * What the backend keeps. First part: the file and its transactions, for whoever runs the rules.
 * Second part (backend/store_rows.h): the rows and the verbs on them, for rules and administration.
 * Knows nothing of HTTP, keys or decisions.
 *
 * One connection belongs to one thread at a time. Durability: journal WAL with synchronous=FULL,
 * both read back at open; anything else is refused.
 */
#ifndef BACKEND_STORE_H
#define BACKEND_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define STORE_APPLICATION_ID 0x4353474e /* "CSGN" in the file's header */
#define STORE_SCHEMA_VERSION 5
#define STORE_BUSY_MS 5000 /* waits for another process (an administration command) */
#define STORE_PATH_MAX 4096

struct store;

/* A store is a file of SQLite, or a database of PostgreSQL named by a URL ("postgresql://"; without
 * a password). Whoever takes a path below takes such a URL, too.
 */
bool store_is_url(const char *path);

/* Makes the file (mode 0600) with an empty schema. ERR_EXISTS when there is something already. */
ERR_MUST_CHECK enum err_code store_create(const char *path, struct err *err);

/* A store of an older schema is brought to this program's, in one transaction, and the log says so.
 *
 * Returns: ERR_OK
 *          ERR_NOT_FOUND    no such file
 *          ERR_FORMAT       not a database, or not one of ours
 *          ERR_PERMISSION   group or others may write it
 *          ERR_CORRUPT      damaged, as far as opening shows; store_check() looks at all of it
 *          ERR_UNSUPPORTED  schema of a newer program, or WAL with FULL cannot be had here
 *          ERR_STORE        anything else the database says
 * The words name the file.
 */
ERR_MUST_CHECK enum err_code store_open(struct store **out, const char *path, struct err *err);
/* ERR_PERMISSION when group or others may write this file or directory. store_open() calls it for
 * its files; whoever may write the directory may replace them.
 */
ERR_MUST_CHECK enum err_code store_private(const char *path, struct err *err);
void store_close(struct store **s); /* NULL-safe; an open transaction is rolled back */

/* Reads the whole file. Outside a transaction; other connections go on meanwhile. */
enum store_check {
	STORE_CHECK_QUICK, /* every page and row; for a start */
	STORE_CHECK_FULL   /* and that every index agrees with its table */
};
/* ERR_CORRUPT: damaged; the words say what to do. */
ERR_MUST_CHECK enum err_code store_check(struct store *s, enum store_check depth, struct err *err);
/* Bytes in the file, 0 when it cannot be told. */
int64_t store_size(const struct store *s);

/* One transaction at a time; it takes the write lock at once, so nothing in it can lose a race.
 *
 * ERR_BUSY from begin: another process kept the lock longer than STORE_BUSY_MS; try again later.
 */
ERR_MUST_CHECK enum err_code store_begin(struct store *s, struct err *err);

/* The same for many requests that share it. Where asking costs a journey, what a statement will
 * change is taken as expected and looked at before the commit: then that, or what comes before,
 * may return ERR_BUSY, and nothing was written: do them again, each with store_begin().
 */
ERR_MUST_CHECK enum err_code store_begin_shared(struct store *s, struct err *err);
/* In a shared transaction that takes things as expected. */
bool store_is_expecting(const struct store *s);
/* In a shared transaction, before its requests run: rows can be read ahead for all of them at once.
 * Between true and false, what a request reads is remembered and ERR_TIMEOUT when it is not there
 * yet, and what it writes is ignored. False: this store gains nothing by it.
 */
bool store_rehearse(struct store *s, bool on);
bool store_is_rehearsing(const struct store *s);
/* Reads what was remembered. *any: there was something; rehearse again to see what comes after. */
ERR_MUST_CHECK enum err_code store_read_ahead(struct store *s, bool *any, struct err *err);

/* A savepoint for each request of a shared transaction; they do not nest. release keeps what was
 * done, rollback_to throws away what was done since store_savepoint() and ends it.
 * After a full disk or an I/O error the database may have given up the whole transaction: then all
 * of these and commit return ERR_STORE, and nothing of the transaction was written.
 */
ERR_MUST_CHECK enum err_code store_savepoint(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code store_release(struct store *s, struct err *err);
ERR_MUST_CHECK enum err_code store_rollback_to(struct store *s, struct err *err);

/* Returns: ERR_OK         all of it is durable; answers may leave now
 *          ERR_STORE      the disk is full, or the transaction was lost before: nothing was
 *                         written, answer 503 and go on
 *          ERR_UNCERTAIN  nobody knows. Say so. When store_is_lost() says it, too, stop the
 *                         process: a write or sync of this machine failed, is never tried
 *                         again, and every later call on this store returns ERR_UNCERTAIN.
 *                         Otherwise a server went away and may come back: go on.
 */
ERR_MUST_CHECK enum err_code store_commit(struct store *s, struct err *err);
/* Gives up the transaction, if there is one. */
void store_rollback(struct store *s);
bool store_in_transaction(const struct store *s);
bool store_is_lost(const struct store *s);

/* ---- between transactions ---- */

/* From now on what the store has to do for itself is done on a thread of its own (a file's log goes
 * into the file); until store_close(). For whoever writes all the time; without it commits do that.
 */
ERR_MUST_CHECK enum err_code store_keep(struct store *s, struct err *err);
/* To be called between transactions when store_keep() was, when nobody waits for an answer: does
 * what the thread cannot.
 */
void store_rest(struct store *s);

/* ---- events of other processes ---- */

/* Hears when any process on the same store committed new events. On a connection of its own, for a
 * thread of its own.
 */
struct store_listener;

#define STORE_LISTEN_RETRY_MS 1000 /* between two tries to connect */

/* Does not connect yet. ERR_UNSUPPORTED: a file; there nobody tells, look now and then. */
ERR_MUST_CHECK enum err_code store_listen_open(struct store_listener **out, const char *path,
	struct err *err);
/* Waits at most timeout_ms. *news: there may be new events; also after it connected again, because
 * nobody knows what was missed. ERR_STORE: not connected; it tries again, call it again.
 */
ERR_MUST_CHECK enum err_code store_listen_wait(struct store_listener *l, bool *news,
	int timeout_ms, struct err *err);
void store_listen_close(struct store_listener **l); /* NULL-safe */

#endif
