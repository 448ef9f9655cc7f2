/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of SQLite: whose it is, what it promises, and what happens when it cannot keep it. What
 * is the same for every store is in test_backend_store_both.c.
 */
#include "tests/lib/backend_world.h"

#include "backend/store_sqlite.h"

static struct store *s;
static struct err err;

static sqlite3 *db_of(struct store *store)
{
	return store_sqlite(store)->db;
}

static int set_up(void **state)
{
	if (folder_set_up(state) || store_create(in_folder("db"), &err))
		return -1;
	return store_open(&s, in_folder("db"), &err) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	store_close(&s);
	assert_null(s);
	return folder_tear_down(state);
}

static int64_t pragma(const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t v = -1;

	assert_int_equal(sqlite3_prepare_v2(db_of(s), sql, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return v;
}

static void change(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static enum err_code put(const char *name, const char *value)
{
	return store_setting_put(s, name, span_text(value), &err);
}

static const char *get(const char *name)
{
	static char out[256];
	size_t len = 0;

	if (store_setting_get(s, name, out, sizeof(out) - 1, &len, &err))
		return "none";
	out[len] = '\0';
	return out;
}

/* ---- opening ---- */

static void open_store_is_durable_private_and_ours(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(pragma("PRAGMA synchronous"), 2);
	assert_int_equal(pragma("PRAGMA foreign_keys"), 1);
	assert_int_equal(pragma("PRAGMA trusted_schema"), 0);
	assert_int_equal(pragma("PRAGMA application_id"), STORE_APPLICATION_ID);
	assert_int_equal(pragma("PRAGMA user_version"), STORE_SCHEMA_VERSION);
	assert_int_equal(stat(in_folder("db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(in_folder("db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Refused with this code, words that name the file, and a NULL store. */
static void refuses(const char *path, enum err_code code, const char *words)
{
	struct store *none = NULL;
	enum err_code e = store_open(&none, path, &err);

	assert_null(none);
	assert_int_equal(e, code);
	if (!strstr(err.text, path) || !strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\" of %s", err.text, words, path);
}

static void refuses_files_that_are_not_a_store_of_ours(void **state)
{
	char junk[8192];
	const char *path;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	refuses(in_folder("missing"), ERR_NOT_FOUND, "cannot open");
	refuses(put_file("text", junk, sizeof(junk), 0600), ERR_FORMAT, "is not a database");
	refuses(put_file("short", "x", 1, 0600), ERR_FORMAT, "");
	refuses(put_file("empty", "", 0, 0600), ERR_FORMAT, "not one of countersignd");
	refuses(folder_path, ERR_STORE, "cannot open");
	path = in_folder("other");
	change(path, "CREATE TABLE t(x)");
	refuses(path, ERR_FORMAT, "not one of countersignd");
	change(path, "PRAGMA application_id=1129531214; PRAGMA user_version=1");
	refuses(path, ERR_FORMAT, "tables are not as they should be");
}

static void refuses_files_that_others_may_write(void **state)
{
	static const char *const names[] = {"db", "db-wal", "db-shm"};
	static const mode_t modes[] = {0666, 0620, 0602};
	struct store *again = NULL;

	(void)state; /* the open store keeps the files beside it there */
	for (size_t i = 0; i < 3; i++) {
		for (size_t m = 0; m < 3; m++) {
			assert_int_equal(chmod(in_folder(names[i]), modes[m]), 0);
			assert_int_equal(store_open(&again, in_folder("db"), &err), ERR_PERMISSION);
			assert_null(again);
			assert_non_null(strstr(err.text, in_folder(names[i])));
			assert_non_null(strstr(err.text, "chmod"));
		}
		assert_int_equal(chmod(in_folder(names[i]), 0644), 0);
	}
	assert_int_equal(store_open(&again, in_folder("db"), &err), ERR_OK);
	store_close(&again);
}

/* Overwrites a page, counted from 0; a file that is left whole again at the end. */
static void overwrite(long page, const void *with, void *kept)
{
	FILE *f = fopen(in_folder("db"), "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, page * 4096, SEEK_SET), 0);
	if (kept)
		assert_int_equal(fread(kept, 1, 4096, f), 4096);
	assert_int_equal(fseek(f, page * 4096, SEEK_SET), 0);
	assert_int_equal(fwrite(with, 1, 4096, f), 4096);
	assert_int_equal(fclose(f), 0);
}

static void check_finds_every_overwritten_page(void **state)
{
	uint8_t noise[4096], kept[4096];
	long pages;

	(void)state;
	memset(noise, 0x5a, sizeof(noise));
	assert_int_equal(store_check(s, STORE_CHECK_QUICK, &err), ERR_OK);
	assert_int_equal(store_check(s, STORE_CHECK_FULL, &err), ERR_OK);
	pages = (long)(store_size(s) / 4096);
	store_close(&s);
	pages = pages > 20 ? pages : 20;
	for (long page = 1; page < pages; page++) {
		enum err_code e;

		overwrite(page, noise, kept);
		e = store_open(&s, in_folder("db"), &err);
		if (!e)
			e = store_check(s, page % 2 ? STORE_CHECK_QUICK : STORE_CHECK_FULL, &err);
		if (e != ERR_CORRUPT)
			fail_msg("page %ld: %s", page, err_words(e));
		assert_non_null(strstr(err.text, in_folder("db")));
		assert_non_null(strstr(err.text, "put a backup"));
		store_close(&s);
		overwrite(page, kept, NULL);
	}
	assert_int_equal(store_open(&s, in_folder("db"), &err), ERR_OK);
	assert_int_equal(store_check(s, STORE_CHECK_FULL, &err), ERR_OK);
}

static void refuses_another_schema_version_by_name(void **state)
{
	char sql[64];

	(void)state;
	store_close(&s);
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version=%d", STORE_SCHEMA_VERSION + 1);
	change(in_folder("db"), sql);
	refuses(in_folder("db"), ERR_UNSUPPORTED, "newer program");
	change(in_folder("db"), "PRAGMA user_version=0");
	refuses(in_folder("db"), ERR_FORMAT, "does not exist");
	change(in_folder("db"), "PRAGMA user_version=-1");
	refuses(in_folder("db"), ERR_FORMAT, "does not exist");
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version=%d; DROP TABLE audit",
		STORE_SCHEMA_VERSION);
	change(in_folder("db"), sql);
	refuses(in_folder("db"), ERR_FORMAT, "audit");
}

static void a_strangers_file_is_not_changed(void **state)
{
	struct stat before, after;
	const char *path = in_folder("other");

	(void)state;
	change(path, "CREATE TABLE t(x)");
	assert_int_equal(stat(path, &before), 0);
	refuses(path, ERR_FORMAT, "not one of countersignd");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(access(in_folder("other-wal"), F_OK), -1);
}

static void a_damaged_byte_anywhere_is_refused_or_harmless(void **state)
{
	char path[256];
	int refused = 0;

	(void)state;
	store_close(&s);
	snprintf(path, sizeof(path), "%s", in_folder("db"));
	for (long at = 0; at < 8 * 4096; at += at < 200 ? 1 : 61) {
		struct store *opened = NULL;
		FILE *f = fopen(path, "r+b");
		int c;

		assert_non_null(f);
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		c = fgetc(f);
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		fputc(c ^ 0x5a, f);
		fclose(f);
		if (store_open(&opened, path, &err)) {
			assert_null(opened);
			assert_non_null(strstr(err.text, path));
			refused++;
		}
		store_close(&opened);
		f = fopen(path, "r+b");
		assert_non_null(f);
		assert_int_equal(fseek(f, at, SEEK_SET), 0);
		fputc(c, f);
		fclose(f);
	}
	assert_true(refused > 30);
}

static void create_refuses_what_exists_and_where_it_cannot(void **state)
{
	(void)state;
	assert_int_equal(store_create(in_folder("db"), &err), ERR_EXISTS);
	assert_non_null(strstr(err.text, in_folder("db")));
	assert_int_equal(store_create(in_folder("no/such/db"), &err), ERR_IO);
	assert_int_equal(store_create(folder_path, &err), ERR_EXISTS);
}

static void impossible_stored_values_are_found(void **state)
{
	struct store_terminal t = {.name = "t", .merchant = "m", .id = {1}};

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_terminal_insert(s, &t, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	change(in_folder("db"), "UPDATE terminal SET stopped=7");
	assert_int_equal(store_terminal_by_name(s, &t, "t", &err), ERR_CORRUPT);
	change(in_folder("db"), "UPDATE terminal SET stopped='yes'");
	assert_int_equal(store_terminal_by_name(s, &t, "t", &err), ERR_CORRUPT);
	change(in_folder("db"), "UPDATE terminal SET stopped=0, merchant=hex(zeroblob(100))");
	assert_int_equal(store_terminal_by_name(s, &t, "t", &err), ERR_CORRUPT);
	change(in_folder("db"), "UPDATE terminal SET merchant='a'||char(0)||'b'");
	assert_int_equal(store_terminal_by_name(s, &t, "t", &err), ERR_CORRUPT);
	change(in_folder("db"), "UPDATE terminal SET merchant='m'");
	assert_int_equal(store_terminal_by_name(s, &t, "t", &err), ERR_OK);
}

/* ---- faults ---- */

static void a_full_disk_writes_nothing_and_says_so(void **state)
{
	static char big[60000];
	enum err_code e = ERR_OK;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	(void)pragma("PRAGMA max_page_count=80");
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("small", "1"), ERR_OK);
	assert_int_equal(store_release(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	for (int i = 0; !e && i < 20; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%d", i);
		e = put(name, big);
	}
	assert_int_equal(e, ERR_STORE);
	assert_non_null(strstr(err.text, "disk is full"));
	/* Either only the savepoint is lost, or the whole transaction is: never half of it. */
	e = store_rollback_to(s, &err);
	if (!e) {
		assert_int_equal(store_commit(s, &err), ERR_OK);
		assert_string_equal(get("small"), "1");
	} else {
		assert_int_equal(e, ERR_STORE);
		assert_int_equal(store_commit(s, &err), ERR_STORE);
		assert_string_equal(get("small"), "none");
	}
	assert_string_equal(get("0"), "none");
	(void)pragma("PRAGMA max_page_count=100000");
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("after", "1"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void a_transaction_that_sqlite_gave_up_is_not_half_written(void **state)
{
	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("lost", "1"), ERR_OK);
	/* What SQLite may do by itself after an I/O error. */
	assert_int_equal(sqlite3_exec(db_of(s), "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(put("more", "1"), ERR_STORE);
	assert_int_equal(store_release(s, &err), ERR_STORE);
	assert_int_equal(store_commit(s, &err), ERR_STORE);
	assert_string_equal(get("lost"), "none");
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("next", "1"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_string_equal(get("next"), "1");
}

static int fail_commit(void *context)
{
	(void)context;
	return 1;
}

static void a_failed_commit_is_uncertain_and_the_store_does_nothing_any_more(void **state)
{
	(void)state;
	(void)sqlite3_commit_hook(db_of(s), fail_commit, NULL);
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("x", "1"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_UNCERTAIN);
	assert_int_equal(err.code, ERR_UNCERTAIN);
	(void)sqlite3_commit_hook(db_of(s), NULL, NULL);
	assert_int_equal(store_begin(s, &err), ERR_UNCERTAIN);
	assert_int_equal(put("x", "1"), ERR_UNCERTAIN);
	assert_string_equal(get("x"), "none");
	assert_int_equal(err.code, ERR_UNCERTAIN);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(open_store_is_durable_private_and_ours),
		CASE(refuses_files_that_are_not_a_store_of_ours),
		CASE(refuses_files_that_others_may_write),
		CASE(check_finds_every_overwritten_page),
		CASE(refuses_another_schema_version_by_name),
		CASE(a_strangers_file_is_not_changed),
		CASE(a_damaged_byte_anywhere_is_refused_or_harmless),
		CASE(create_refuses_what_exists_and_where_it_cannot),
		CASE(impossible_stored_values_are_found),
		CASE(a_full_disk_writes_nothing_and_says_so),
		CASE(a_transaction_that_sqlite_gave_up_is_not_half_written),
		CASE(a_failed_commit_is_uncertain_and_the_store_does_nothing_any_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
