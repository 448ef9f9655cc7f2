/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite with faults: the n-th allocation, write or sync fails, or a sync does not end. Install it
 * before the first database is opened: cmocka_run_group_tests(tests, faults_install, NULL).
 */
#ifndef TESTS_LIB_STORE_FAULTS_H
#define TESTS_LIB_STORE_FAULTS_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- faults: countdowns, 0 = none ---- */

static int fail_malloc, fail_write, fail_sync, fail_full;
static bool failed;

static bool fails(int *countdown)
{
	bool now = *countdown > 0 && --*countdown == 0;

	failed |= now;
	return now;
}

static sqlite3_mem_methods memory;

static void *malloc_or_fail(int size)
{
	return fails(&fail_malloc) ? NULL : memory.xMalloc(size);
}

static void *realloc_or_fail(void *old, int size)
{
	return fails(&fail_malloc) ? NULL : memory.xRealloc(old, size);
}

/* The system's VFS. Its files' methods (one table for databases, another for logs) are replaced by
 * ours, which call the real ones.
 */
#define TABLES 4

static sqlite3_vfs *real_vfs, our_vfs;
static const sqlite3_io_methods *real_io[TABLES];
static sqlite3_io_methods our_io[TABLES];

static const sqlite3_io_methods *real_of(const sqlite3_file *f)
{
	return real_io[f->pMethods - our_io];
}

static int write_or_fail(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
	if (fails(&fail_write))
		return SQLITE_IOERR_WRITE;
	if (fails(&fail_full))
		return SQLITE_FULL;
	return real_of(f)->xWrite(f, data, len, at);
}

/* Whoever holds the gate keeps every sync from ending, as a disk does that hangs. */
static pthread_mutex_t sync_gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int syncs_begun;

static int sync_or_fail(sqlite3_file *f, int flags)
{
	(void)atomic_fetch_add(&syncs_begun, 1);
	(void)pthread_mutex_lock(&sync_gate);
	(void)pthread_mutex_unlock(&sync_gate);
	return fails(&fail_sync) ? SQLITE_IOERR_FSYNC : real_of(f)->xSync(f, flags);
}

static int open_ours(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	int rc = real_vfs->xOpen(vfs, name, f, flags, out), i = 0;

	if (rc != SQLITE_OK || !f->pMethods)
		return rc;
	while (i < TABLES - 1 && real_io[i] && real_io[i] != f->pMethods)
		i++;
	if (!real_io[i]) {
		real_io[i] = f->pMethods;
		our_io[i] = *f->pMethods;
		our_io[i].xWrite = write_or_fail;
		our_io[i].xSync = sync_or_fail;
	}
	f->pMethods = &our_io[i];
	return rc;
}

static inline int faults_install(void **state)
{
	sqlite3_mem_methods ours;

	(void)state;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
		return -1;
	ours = memory;
	ours.xMalloc = malloc_or_fail;
	ours.xRealloc = realloc_or_fail;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK ||
		sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
		sqlite3_initialize() != SQLITE_OK)
		return -1;
	real_vfs = sqlite3_vfs_find(NULL);
	our_vfs = *real_vfs;
	our_vfs.zName = "faulty";
	our_vfs.xOpen = open_ours;
	return sqlite3_vfs_register(&our_vfs, 1) == SQLITE_OK ? 0 : -1;
}

#endif
