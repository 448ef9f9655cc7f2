/* SPDX-License-Identifier: Apache-2.0
 *
 * A database of the first schema is brought to this program's, once, and everything in it still
 * works. It is made by the first schema's own text, filled from a backend of today.
 */
#include "tests/lib/backend_world.h"

#include "backend/service_people.h"
#include "backend/store_sqlite.h"

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static int64_t number(const char *path, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t v = -1;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return v;
}

/* The columns a table had then, as "a,b,c". */
static void columns(sqlite3 *db, const char *table, char *out, size_t cap)
{
	sqlite3_stmt *stmt = NULL;
	char sql[160];

	(void)snprintf(sql, sizeof(sql),
		"SELECT group_concat('\"'||name||'\"') FROM pragma_table_info('%s')", table);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	(void)snprintf(out, cap, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

/* w's database as a program of that schema would have left it. */
static void go_back(struct world *w, int version)
{
	char old[128], sql[2048], names[800];
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;

	service_close(&w->service);
	(void)snprintf(old, sizeof(old), "%s/old.db", w->dir);
	assert_int_equal(sqlite3_open(old, &db), SQLITE_OK);
	for (int v = 0; v < version; v++)
		for (const char *const *piece = store_migrations[v]; *piece; piece++)
			run_sql(db, *piece);
	(void)snprintf(sql, sizeof(sql),
		"PRAGMA application_id=%d; PRAGMA user_version=%d; ATTACH '%s' AS new",
		STORE_APPLICATION_ID, version, w->db);
	run_sql(db, sql);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM main.sqlite_schema"
						" WHERE type='table'", -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(stmt, 0);

		columns(db, table, names, sizeof(names));
		(void)snprintf(sql, sizeof(sql), "DELETE FROM main.%s; INSERT INTO main.%s(%s)"
						 " SELECT %s FROM new.%s",
			table, table, names, names, table);
		run_sql(db, sql);
	}
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(rename(old, w->db), 0);
	assert_int_equal(number(w->db, "PRAGMA user_version"), version);
}

/* The first 12 bytes of SHA-256 over all pieces. */
static void released(int version, const char *hex)
{
	struct span parts[16];
	uint8_t digest[SEC_SHA256_LEN];
	char got[25];
	size_t n = 0;

	for (const char *const *piece = store_migrations[version - 1]; *piece; piece++)
		parts[n++] = span_text(*piece);
	assert_int_equal(sec_sha256(digest, parts, n), ERR_OK);
	for (size_t i = 0; i < 12; i++)
		(void)snprintf(got + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(got, hex);
}

static void a_schema_stays_as_it_was_released(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(sec_start(&err), ERR_OK);
	assert_null(store_migrations[0][1]);
	released(1, "ecf94e8b151ac5421b99e7f4");
	released(2, "918c8833a307b34aabca14f2");
	released(3, "e2f76494cd8c268b75a1d5ed");
	released(4, "b0f85fb202e763b05c2215e0");
	released(5, "2ff325333c91f79732481e4e");
}

static void what_was_in_it_works_after_it(void **state)
{
	struct world *w = world_new();
	struct service_verification newest = {.place = INT64_MAX}, older;
	struct service_credential seen;
	struct phone p;
	char code[CODE_TEXT_MAX];
	int64_t records;

	(void)state;
	phone_new(w, &p, true);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(world_start(w, &p, 500), "");
		assert_string_equal(world_right(w, &p), "accepted");
		world_pass(w, 60);
	}
	assert_string_equal(world_start(w, &p, 700), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	records = number(w->db, "SELECT count(*) FROM audit");
	go_back(w, 1);
	world_open(w);
	assert_int_equal(number(w->db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
	assert_int_equal(number(w->db, "SELECT count(*) FROM audit"), records);
	/* what was begun before ends after it, with its PIN */
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	assert_string_equal(rules_state_word(w->seen.state), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	/* the newest comes first, and the one before it is next */
	must(w, service_verification_before(w->service, &newest, INT64_MAX, false, &w->err));
	assert_memory_equal(newest.id, w->started.id, CODE_ID_LEN);
	must(w, service_verification_before(w->service, &older, newest.place, false, &w->err));
	assert_true(older.place < newest.place && older.started_at < newest.started_at);
	must(w, service_credential_show(w->service, &seen, p.credential, &w->err));
	assert_string_equal(seen.status, "active");
	/* and new ones are made */
	world_pass(w, 60);
	assert_string_equal(world_start(w, &p, 500), "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	world_audit_is_whole(w);
	/* nothing is left to do the next time */
	service_close(&w->service);
	world_open(w);
	world_pass(w, 60);
	assert_string_equal(world_start(w, &p, 500), "");
	assert_string_equal(world_right(w, &p), "accepted");
	world_free(w);
}

/* ---- from the second ---- */

static void copy_to(const char *from, const char *to)
{
	char sql[200];
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(from, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", to);
	run_sql(db, sql);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Is every row of it the same in both, and in every table? */
static void same_rows(const char *before, const char *after)
{
	char sql[2048], names[800];
	sqlite3_stmt *stmt = NULL, *differ = NULL;
	sqlite3 *db = NULL;
	int rows = 0;

	assert_int_equal(sqlite3_open(before, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS new", after);
	run_sql(db, sql);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM main.sqlite_schema"
						" WHERE type='table'", -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *t = (const char *)sqlite3_column_text(stmt, 0);

		columns(db, t, names, sizeof(names));
		(void)snprintf(sql, sizeof(sql), "SELECT (SELECT count(*) FROM main.%s)"
						 "-(SELECT count(*) FROM new.%s),"
						 "(SELECT count(*) FROM (SELECT %s FROM main.%s"
						 " EXCEPT SELECT %s FROM new.%s)),"
						 "(SELECT count(*) FROM main.%s)",
			t, t, names, t, names, t, t);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &differ, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(differ), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(differ, 0), 0);
		assert_int_equal(sqlite3_column_int(differ, 1), 0);
		rows += sqlite3_column_int(differ, 2);
		sqlite3_finalize(differ);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	assert_true(rows > 50);
}

/* Verifications in every state, with a receipt and without, and what they leave in other tables. */
static void every_state(struct world *w, struct phone *with_pin, struct phone *plain)
{
	int ended = 0;

	phone_new(w, with_pin, true);
	phone_new(w, plain, false);
	assert_string_equal(world_start(w, plain, 500), "");
	world_pass(w, 3600);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &ended, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_int_equal(ended, 1);
	assert_string_equal(world_start(w, plain, 0), "");
	assert_string_equal(world_wrong(w, plain), "rejected");
	world_pass(w, 60);
	assert_string_equal(world_start(w, plain, 0), "");
	assert_string_equal(world_cancel(w), "cancelled");
	world_pass(w, 60);
	assert_string_equal(world_start(w, plain, 500), "");
	assert_string_equal(world_right(w, plain), "accepted");
	world_pass(w, 60);
	assert_string_equal(world_start(w, with_pin, 500), "");
	assert_string_equal(world_right(w, with_pin), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	world_pass(w, 60);
}

static void the_second_keeps_every_row(void **state)
{
	struct world *w = world_new();
	char before[128], code[CODE_TEXT_MAX];
	struct phone p, q;

	(void)state;
	every_state(w, &p, &q);
	assert_string_equal(world_start(w, &p, 700), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	go_back(w, 2);
	(void)snprintf(before, sizeof(before), "%s/before.db", w->dir);
	copy_to(w->db, before);
	assert_int_equal(number(before, "SELECT count(DISTINCT state) FROM verification"), 6);
	world_open(w);
	service_close(&w->service);
	assert_int_equal(number(w->db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
	same_rows(before, w->db);
	assert_int_equal(number(w->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	world_open(w);
	/* what was open ends in time, and what counts goes on counting */
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	assert_string_equal(rules_state_word(w->seen.state), "accepted");
	world_pass(w, 60);
	assert_string_equal(world_start(w, &p, 500), "");
	assert_string_equal(world_right(w, &p), "accepted");
	world_audit_is_whole(w);
	world_free(w);
}

/* ---- from the third ---- */

static void operators_of_the_third_are_tellers(void **state)
{
	struct world *w = world_new();
	struct service_operator o;

	(void)state;
	must(w, service_operator_add(w->service, &o, "Ann", STAFF_OPERATOR,
			span_text("correct horse battery"), &w->err));
	must(w, service_operator_add(w->service, &o, "Root", STAFF_ADMIN,
			span_text("correct horse battery"), &w->err));
	go_back(w, 3);
	assert_int_equal(number(w->db, "SELECT count(*) FROM pragma_table_info('staff')"
				       " WHERE name='duty'"), 0);
	world_open(w);
	assert_int_equal(number(w->db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
	must(w, service_operator_after(w->service, &o, "", &w->err));
	assert_string_equal(o.name, "Ann");
	assert_int_equal(o.role, STAFF_OPERATOR);
	must(w, service_operator_after(w->service, &o, "Ann", &w->err));
	assert_int_equal(o.role, STAFF_ADMIN);
	must(w, service_operator_role(w->service, &o, "Ann", STAFF_CASHIER, &w->err));
	must(w, service_operator_after(w->service, &o, "", &w->err));
	assert_int_equal(o.role, STAFF_CASHIER);
	world_audit_is_whole(w);
	world_free(w);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
	struct world *w = world_new();
	struct store *s = NULL;
	sqlite3 *db = NULL;

	(void)state;
	go_back(w, 1);
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	run_sql(db, "CREATE TABLE verification_2(x)"); /* in the way of migration 2 */
	sqlite3_close(db);
	assert_int_equal(store_open(&s, w->db, &w->err), ERR_FORMAT);
	assert_null(s);
	assert_non_null(strstr(w->err.text, w->db));
	assert_non_null(strstr(w->err.text, "verification_2"));
	assert_int_equal(number(w->db, "PRAGMA user_version"), 1);
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	run_sql(db, "DROP TABLE verification_2");
	sqlite3_close(db);
	world_open(w);
	world_audit_is_whole(w);
	world_free(w);
}

/* ---- from the fourth ---- */

static const char *activate(struct world *w, const char *token, const char *claim)
{
	const struct rules_activation_in in = activation_of(token, claim);
	struct rules_activation_out out;

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_activation(&w->rules, &out, &w->problem, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static void what_waited_to_be_activated_still_does(void **state)
{
	static const char claim[] = "00112233445566778899aabbccddeeff";
	struct world *w = world_new();
	struct service_issue in = {.digits = 0};
	struct service_issued used, waits;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &used, &in, &w->err));
	must(w, service_credential_issue(w->service, &waits, &in, &w->err));
	assert_string_equal(activate(w, used.token, ""), "");
	go_back(w, 4);
	world_open(w);
	assert_int_equal(number(w->db, "SELECT count(*) FROM activation WHERE claim=x''"), 2);
	assert_string_equal(activate(w, used.token, claim), "not-found"); /* nobody claimed it */
	assert_string_equal(activate(w, waits.token, claim), "");
	assert_string_equal(activate(w, waits.token, claim), "");
	assert_int_equal(
		number(w->db, "SELECT count(*) FROM activation WHERE length(claim)=32"), 1);
	world_audit_is_whole(w);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_stays_as_it_was_released),
		cmocka_unit_test(what_was_in_it_works_after_it),
		cmocka_unit_test(the_second_keeps_every_row),
		cmocka_unit_test(what_waited_to_be_activated_still_does),
		cmocka_unit_test(operators_of_the_third_are_tellers),
		cmocka_unit_test(a_migration_that_fails_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
