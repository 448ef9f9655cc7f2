/* SPDX-License-Identifier: Apache-2.0
 *
 * What a commit writes goes into the log, and from there into the file: by a thread with a
 * connection of its own, so that no request waits for it. SQLite lets it read and write beside the
 * writer. The log begins anew only when the whole of it is in the file and the writer adds nothing
 * meanwhile: the writer sees to the little that is left then, between two batches.
 *
 * Nothing is lost when this fails: what was committed is in the log until it is in the file and
 * synced. Then the log grows, the fault is told, and the writer does it all itself.
 */
#include "backend/store_sqlite.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"

struct store_keeper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	sqlite3 *db; /* the thread's */
	bool stop, busy;
	int done;     /* pages of the log that are in the file, as far as the thread knows */
	struct log_fault fault;
	/* the writer's */
	int told;  /* pages in the log when the thread was last called */
	int tried; /* and when the writer tried itself */
};

static void lock(struct store_keeper *k)
{
	ASSERT(pthread_mutex_lock(&k->lock) == 0);
}

static void unlock(struct store_keeper *k)
{
	ASSERT(pthread_mutex_unlock(&k->lock) == 0);
}

static void tell(struct store_keeper *k, int rc)
{
	if (rc == SQLITE_OK)
		log_fault_end(&k->fault, "store", "the log is written into the database again");
	else if ((rc & 0xff) != SQLITE_BUSY) /* a program that makes a backup, or the writer */
		log_fault_begin(&k->fault, "store",
			"the log cannot be written into the database (%s): it grows, nothing is"
			" lost", sqlite3_errstr(rc));
}

static void *keeper_thread(void *arg)
{
	struct store_keeper *k = arg;

	lock(k);
	while (true) {
		int pages = 0, done = 0, rc;

		while (!k->busy && !k->stop)
			(void)pthread_cond_wait(&k->wanted, &k->lock);
		if (k->stop)
			break;
		unlock(k);
		rc = sqlite3_wal_checkpoint_v2(
			k->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
		tell(k, rc);
		lock(k);
		k->done = rc == SQLITE_OK ? done : 0;
		k->busy = false;
	}
	unlock(k);
	return NULL;
}

/* The writer's. What the thread knows about the log before it began anew is not about this one. */
static void look(struct store_sqlite *s, bool *busy, int *left)
{
	struct store_keeper *k = s->keeper;

	lock(k);
	if (s->log_pages < k->told) {
		k->told = k->tried = 0;
		k->done = 0;
	}
	*busy = k->busy;
	*left = s->log_pages - (k->done < s->log_pages ? k->done : 0);
	unlock(k);
}

static void call(struct store_sqlite *s)
{
	struct store_keeper *k = s->keeper;

	k->told = s->log_pages;
	lock(k);
	k->busy = true;
	(void)pthread_cond_signal(&k->wanted);
	unlock(k);
}

static void write_back(struct store_sqlite *s)
{
	s->keeper->tried = s->log_pages;
	/* an error is told by the thread, which meets it, too */
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void sqlite_rest(struct store *base)
{
	struct store_sqlite *s = store_sqlite(base);
	struct store_keeper *k = s->keeper;
	bool busy, full;
	int left = 0;

	if (!k)
		return;
	look(s, &busy, &left);
	full = s->log_pages >= SQLITE_LOG_PAGES && s->log_pages - k->tried >= SQLITE_KEEP_PAGES;
	if (busy)
		return;
	if (full && (left <= SQLITE_REST_PAGES || s->log_pages >= SQLITE_LOG_PAGES_MAX))
		write_back(s);
	else if (full || s->log_pages - k->told >= SQLITE_KEEP_PAGES)
		call(s);
}

int sqlite_committed(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store_sqlite *s = arg;

	s->log_pages = pages;
	/* its result is not that of the commit, and comes again the next time */
	if (pages >= (s->keeper ? 2 * SQLITE_LOG_PAGES_MAX : SQLITE_LOG_PAGES))
		(void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static void keeper_free(struct store_keeper *k)
{
	(void)sqlite3_close(k->db); /* it has no statements; NULL is allowed */
	(void)pthread_cond_destroy(&k->wanted);
	(void)pthread_mutex_destroy(&k->lock);
	free(k);
}

static enum err_code connect_keeper(struct store_keeper *k, const char *path, struct err *err)
{
	int rc = sqlite3_open_v2(path, &k->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(k->db, "PRAGMA synchronous=FULL; PRAGMA cache_size=-64", NULL,
			NULL, NULL);
	if (rc == SQLITE_OK)
		return ERR_OK;
	return err_set(err, ERR_STORE, "%s: cannot open the database once more: %s", path,
		sqlite3_errstr(rc));
}

enum err_code sqlite_keep(struct store *base, struct err *err)
{
	struct store_sqlite *s = store_sqlite(base);
	struct store_keeper *k;
	sigset_t all, before;
	enum err_code e;
	int rc;

	if (s->keeper)
		return ERR_OK;
	k = calloc(1, sizeof(*k));
	if (!k)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	ASSERT(pthread_mutex_init(&k->lock, NULL) == 0); /* neither can fail on Linux */
	ASSERT(pthread_cond_init(&k->wanted, NULL) == 0);
	e = connect_keeper(k, base->path, err);
	if (e) {
		keeper_free(k);
		return e;
	}
	/* signals are another thread's */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&k->thread, NULL, keeper_thread, k);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		keeper_free(k);
		return err_set_os(err, ERR_NO_MEMORY, rc, "cannot start a thread");
	}
	s->keeper = k;
	return ERR_OK;
}

void sqlite_keep_end(struct store_sqlite *s)
{
	struct store_keeper *k = s->keeper;

	if (!k)
		return;
	lock(k);
	k->stop = true;
	(void)pthread_cond_signal(&k->wanted);
	unlock(k);
	(void)pthread_join(k->thread, NULL);
	keeper_free(k);
	s->keeper = NULL;
}
