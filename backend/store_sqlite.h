/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the SQLite driver and its tests: the connection and its statements. SQLite's result
 * codes end here.
 */
#ifndef BACKEND_STORE_SQLITE_H
#define BACKEND_STORE_SQLITE_H

#include <sqlite3.h>

#include "backend/store_driver.h"

/* A path goes in. */
#define STORE_DAMAGED_WORDS                                                                        \
	"%s: the database is damaged: keep this file aside, put a backup in its place and run"     \
	" `countersignd restore DIR`"

/* Statements of this driver alone, after those of the store. */
#define SQLITE_CONTROL(X)                                                                          \
	X(SQLITE_BEGIN, "BEGIN IMMEDIATE")                                                         \
	X(SQLITE_COMMIT, "COMMIT")                                                                 \
	X(SQLITE_ROLLBACK_ALL, "ROLLBACK")                                                         \
	X(SQLITE_SAVE, "SAVEPOINT request")                                                        \
	X(SQLITE_RELEASE, "RELEASE request")                                                       \
	X(SQLITE_ROLLBACK_TO, "ROLLBACK TO request")

enum sqlite_control {
	SQLITE_BEFORE_CONTROL = STORE_SQL_COUNT - 1,
#define SQLITE_CONTROL_ENUM(name, text) name,
	SQLITE_CONTROL(SQLITE_CONTROL_ENUM)
#undef SQLITE_CONTROL_ENUM
	SQLITE_STATEMENTS
};

/* Pages of the log, also in docs/limits.md. The thread of store_sqlite_keep.c is called each time
 * there are KEEP_PAGES more. From LOG_PAGES on the writer writes back what is left, so that the log
 * begins anew: when that is little, or when the log has become too long.
 */
#define SQLITE_KEEP_PAGES    4096
#define SQLITE_LOG_PAGES     8192
#define SQLITE_REST_PAGES    1024
#define SQLITE_LOG_PAGES_MAX 65536

struct store_keeper;

struct store_sqlite {
	struct store base;
	sqlite3 *db;
	int log_pages; /* after the last commit */
	struct store_keeper *keeper; /* NULL: there is none, and commits write back */
	sqlite3_stmt *stmt[SQLITE_STATEMENTS];
};

static inline struct store_sqlite *store_sqlite(struct store *s)
{
	return (struct store_sqlite *)s;
}

extern const struct store_driver store_sqlite_driver;
const char *sqlite_text(int n); /* of statement n of both lists */
enum err_code sqlite_check(struct store *s, enum store_check depth, struct err *err);
int64_t sqlite_size(const struct store *s);
void sqlite_close_file(struct store *s);

/* ---- store_sqlite_keep.c ---- */

/* For sqlite3_wal_hook(). */
int sqlite_committed(void *s, sqlite3 *db, const char *name, int pages);
enum err_code sqlite_keep(struct store *s, struct err *err);
void sqlite_rest(struct store *s);
void sqlite_keep_end(struct store_sqlite *s);

#endif
