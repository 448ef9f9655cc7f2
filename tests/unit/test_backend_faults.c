/* SPDX-License-Identifier: Apache-2.0
 *
 * The n-th allocation, write or sync of the database fails, for n = 1, 2, ... until nothing fails
 * any more. Whatever happens: an acknowledged decision is kept, a refused one leaves nothing, an
 * uncertain one is one or the other, and asking again gives the one answer there is.
 */
#include "tests/lib/backend_world.h"

#include <sqlite3.h>

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

static void *realloc_or_fail(void *p, int size)
{
	return fails(&fail_malloc) ? NULL : memory.xRealloc(p, size);
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

static int sync_or_fail(sqlite3_file *f, int flags)
{
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

static int install(void **state)
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

/* ---- one verification with a fault in it ---- */

static struct world *w;
static struct phone p;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	phone_new(w, &p, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

/* As the server: roll back what failed, stop when the outcome is unknown. */
static enum err_code answer_once(const char *code)
{
	struct store *s = w->service->store;
	enum err_code e = store_begin(s, &w->err);

	if (!e)
		e = store_savepoint(s, &w->err);
	if (!e)
		e = rules_verification_answer(&w->rules, &w->seen, &w->problem, &w->till,
			w->started.id, code, &w->err);
	if (!e)
		e = store_release(s, &w->err);
	if (!e)
		return store_commit(s, &w->err);
	store_rollback(s);
	return e;
}

static void reopen(void)
{
	store_rollback(w->service->store);
	store_close(&w->service->store);
	must(w, store_open(&w->service->store, w->db, &w->err));
	w->rules = service_rules(w->service);
}

static void one_fault(int *kind, int n)
{
	char code[CODE_TEXT_MAX];
	enum err_code e;

	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, (uint64_t)n), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	*kind = n;
	e = answer_once(code);
	*kind = 0;
	if (e)
		assert_true(w->err.text[0]);
	if (!failed)
		assert_int_equal(e, ERR_OK);
	if (kind == &fail_full)
		assert_true(e == ERR_OK || e == ERR_STORE); /* and the program goes on */
	else
		reopen();
	(void)world_state(w);
	if (!e)
		assert_int_equal(w->seen.state, STATE_ACCEPTED);
	else if (e != ERR_UNCERTAIN)
		assert_int_equal(w->seen.state, STATE_CHALLENGED);
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
}

/* Every n until a run meets no fault; says how many were met. */
static int every_fault(int *kind)
{
	int n = 0, accepted = world_audit_count(w, "accepted");

	w->service->policy.starts_hour = w->service->policy.starts_day = 100000;
	do {
		failed = false;
		one_fault(kind, ++n);
		if (n > 5000)
			fail_msg("faults have no end");
	} while (failed);
	assert_int_equal(world_audit_count(w, "accepted"), accepted + n);
	world_audit_is_whole(w);
	return n - 1;
}

static void every_allocation_of_the_database_may_fail(void **state)
{
	(void)state;
	assert_true(every_fault(&fail_malloc) > 10);
}

static void every_write_may_fail(void **state)
{
	(void)state;
	assert_true(every_fault(&fail_write) > 3);
}

static void the_disk_may_be_full_at_every_write(void **state)
{
	(void)state;
	assert_true(every_fault(&fail_full) > 3);
}

static void every_sync_may_fail(void **state)
{
	(void)state;
	assert_true(every_fault(&fail_sync) > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(every_allocation_of_the_database_may_fail),
		CASE(every_write_may_fail),
		CASE(the_disk_may_be_full_at_every_write),
		CASE(every_sync_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, install, NULL);
}
