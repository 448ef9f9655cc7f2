/* SPDX-License-Identifier: Apache-2.0
 *
 * The log goes into the file beside the one who writes, and begins anew; when that fails it grows,
 * is told once, and nothing is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "backend/store_sqlite.h"
#include "base/log.h"
#include "tests/lib/folder.h"
#include "tests/lib/store_faults.h"

#define PAGES_EACH 64 /* at least, that a commit adds to the log */
#define COMMITS_MAX 2000

static struct store *store;
static struct err err;
static pthread_t writer;
static atomic_bool others_fail;
static uint8_t big[PAGES_EACH * 4096];

/* Whoever syncs but is not the writer. */
static int sync_of_others(sqlite3_file *f, int flags)
{
	if (atomic_load(&others_fail) && !pthread_equal(pthread_self(), writer))
		return SQLITE_IOERR_FSYNC;
	return real_of(f)->xSync(f, flags);
}

static int set_up(void **state)
{
	if (folder_set_up(state))
		return -1;
	writer = pthread_self();
	atomic_store(&others_fail, false);
	assert_int_equal(store_create(in_folder("db"), &err), ERR_OK);
	assert_int_equal(store_open(&store, in_folder("db"), &err), ERR_OK);
	for (int i = 0; i < TABLES; i++)
		our_io[i].xSync = sync_of_others;
	assert_int_equal(store_keep(store, &err), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	store_close(&store);
	log_set_fd(2);
	return folder_tear_down(state);
}

static int pages(void)
{
	return store_sqlite(store)->log_pages;
}

/* Returns the number that was written. */
static uint8_t write_once(void)
{
	memset(big, big[0] + 1, sizeof(big)); /* a page that stays as it is is not written */
	assert_int_equal(store_begin(store, &err), ERR_OK);
	assert_int_equal(store_setting_put(store, "big", SPAN(big, sizeof(big)), &err), ERR_OK);
	assert_int_equal(store_commit(store, &err), ERR_OK);
	store_rest(store);
	return big[0];
}

/* Does the log become shorter while we go on writing? */
static bool begins_anew(void)
{
	for (int i = 0; i < COMMITS_MAX; i++) {
		int before = pages();

		(void)write_once();
		if (pages() < before)
			return true;
		usleep(1000); /* a writer that never sleeps is not the one there is */
	}
	return false;
}

static void is_there(uint8_t number)
{
	static uint8_t got[sizeof(big)];
	size_t len = 0;

	assert_int_equal(store_setting_get(store, "big", got, sizeof(got), &len, &err), ERR_OK);
	assert_int_equal(len, sizeof(got));
	assert_int_equal(got[0], number);
}

static void the_log_begins_anew_while_somebody_writes(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(begins_anew());
	is_there(big[0]);
}

static void who_reads_long_keeps_the_log_and_no_longer(void **state)
{
	sqlite3 *reader = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(in_folder("db"), &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM setting", NULL, NULL,
		NULL), SQLITE_OK);
	while (pages() < 2 * SQLITE_LOG_PAGES) {
		int before = pages();

		(void)write_once();
		assert_true(pages() > before);
	}
	assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_true(begins_anew());
	is_there(big[0]);
}

static void what_cannot_be_written_back_stays_in_the_log(void **state)
{
	char said[4096] = "";
	int fd[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	log_set_fd(fd[1]);
	atomic_store(&others_fail, true);
	while (pages() < SQLITE_LOG_PAGES)
		(void)write_once();
	n = read(fd[0], said, sizeof(said) - 1); /* waits until it was told */
	assert_true(n > 0);
	assert_non_null(strstr(said, "cannot be written into the database"));
	is_there(big[0]);
	atomic_store(&others_fail, false);
	assert_true(begins_anew());
	memset(said, 0, sizeof(said));
	n = read(fd[0], said, sizeof(said) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(said, "again"));
	close(fd[0]);
	close(fd[1]);
	/* and all of it is in the file, whoever opens it next */
	store_close(&store);
	assert_int_equal(access(in_folder("db-wal"), F_OK), -1);
	assert_int_equal(store_open(&store, in_folder("db"), &err), ERR_OK);
	is_there(big[0]);
}

static void without_the_thread_commits_write_back(void **state)
{
	(void)state;
	store_close(&store);
	assert_int_equal(store_open(&store, in_folder("db"), &err), ERR_OK);
	for (int i = 0; i < 2; i++)
		assert_true(begins_anew());
	assert_true(pages() < SQLITE_LOG_PAGES + 4 * PAGES_EACH);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_log_begins_anew_while_somebody_writes),
		CASE(who_reads_long_keeps_the_log_and_no_longer),
		CASE(what_cannot_be_written_back_stays_in_the_log),
		CASE(without_the_thread_commits_write_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, faults_install, NULL);
}
