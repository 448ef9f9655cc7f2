/* SPDX-License-Identifier: Apache-2.0
 *
 * The real server over a database that fails: an answer never says more than what was committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/store_sqlite.h"
#include "backend/worker.h"
#include "base/log.h"
#include "tests/lib/store_faults.h"
#include "tests/lib/test_backend.h"

static struct test_backend b;

static int set_up(void **state)
{
	if (folder_set_up(state))
		return -1;
	test_backend_start(&b, NULL);
	log_set_fd(-1);
	return 0;
}

static int tear_down(void **state)
{
	log_set_fd(2);
	return folder_tear_down(state);
}

/* Another program at the same database. */
static void outside(sqlite3 **db)
{
	assert_int_equal(sqlite3_open(in_folder("backend/countersign.db"), db), SQLITE_OK);
}

static void outside_run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* A verification with its number out, and the right second code. */
static void challenged(char id[static 33], char code[static CODE_TEXT_MAX])
{
	b.now_ms += CODE_STEP_S * 1000;
	test_challenged(&b, id, code, b.terminal_a);
}

static void state_is(const char *id, const char *state)
{
	struct raw_answer a;

	assert_int_equal(test_state(&b, &a, b.terminal_a, "GET", id), 200);
	assert_string_equal(test_text(&a, "state"), state);
}

static void refused(const struct raw_answer *a)
{
	assert_int_equal(a->status, 503);
	assert_string_equal(test_word(a), "store-failed");
	assert_string_equal(test_text(a, "state"), "");
	assert_string_equal(test_text(a, "receipt"), "");
}

static void accepted_now(const char *id, const char *code)
{
	struct raw_answer a;

	assert_int_equal(test_code(&b, &a, b.terminal_a, id, code), 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	state_is(id, "accepted");
}

static void a_full_disk_at_the_commit_takes_the_answer_back(void **state)
{
	char id[33], code[CODE_TEXT_MAX];
	struct raw_answer a;

	(void)state;
	challenged(id, code);
	fail_full = 1;
	(void)test_code(&b, &a, b.terminal_a, id, code);
	assert_int_equal(fail_full, 0);
	refused(&a);
	state_is(id, "challenged");
	accepted_now(id, code);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_full_disk_at_the_commit_takes_a_right_pin_back(void **state)
{
	struct raw_answer a;
	char id[33];

	(void)state;
	test_accepted(&b, id, b.terminal_a);
	fail_full = 1;
	(void)test_pin(&b, &a, b.terminal_a, id, "2468", 1);
	refused(&a);
	state_is(id, "accepted");
	assert_int_equal(test_pin(&b, &a, b.terminal_a, id, "2468", 1), 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* A sync that failed: nobody knows. The answer is no decision, and the process ends. */
static void an_unknown_outcome_is_told_as_one_and_ends_the_server(void **state)
{
	char id[33], code[CODE_TEXT_MAX];
	struct raw_answer a;

	(void)state;
	challenged(id, code);
	fail_sync = 1;
	(void)test_code(&b, &a, b.terminal_a, id, code);
	refused(&a);
	assert_non_null(strstr(test_text(&a, "detail"), "unknown"));
	assert_int_equal(test_backend_stop(&b), ERR_UNCERTAIN);
}

/* ---- a store that hangs ---- */

/* Linked in place of clock_mono_ms(): the test's own time goes by. */
int64_t __real_clock_mono_ms(const struct clock *c);
int64_t __wrap_clock_mono_ms(const struct clock *c);

static atomic_llong gone_by_ms;

int64_t __wrap_clock_mono_ms(const struct clock *c)
{
	return __real_clock_mono_ms(c) + atomic_load(&gone_by_ms);
}

static int health(struct raw_answer *a)
{
	return test_call(&b, a, NULL, "GET", "/healthz", NULL);
}

static bool turns_true(bool (*is)(void))
{
	for (int i = 0; i < 10000; i++) {
		if (is())
			return true;
		usleep(1000);
	}
	return false;
}

static int syncs_before;

static bool a_sync_began(void)
{
	return atomic_load(&syncs_begun) > syncs_before;
}

static bool is_well(void)
{
	struct raw_answer a;

	return health(&a) == 200;
}

static void a_stuck_store_thread_is_told(void **state)
{
	char id[33], code[CODE_TEXT_MAX], path[128], body[1024];
	struct raw_answer a;
	int fd;

	(void)state;
	challenged(id, code);
	assert_int_equal(health(&a), 200);
	assert_non_null(strstr(a.body, "\"worker\":true"));
	syncs_before = atomic_load(&syncs_begun);
	assert_int_equal(pthread_mutex_lock(&sync_gate), 0);
	snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	fd = raw_connect(b.port);
	test_send(&b, fd, b.terminal_a, "POST", path, body);
	assert_true(turns_true(a_sync_began));
	atomic_store(&gone_by_ms, WORKER_STALL_MS);
	assert_int_equal(health(&a), 503);
	assert_non_null(strstr(a.body, "\"status\":\"failing\""));
	assert_non_null(strstr(a.body, "\"worker\":false"));
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/metrics", NULL), 200);
	assert_int_equal(pthread_mutex_unlock(&sync_gate), 0);
	raw_read(fd, &a, 10000, false);
	close(fd);
	assert_int_equal(a.status, 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	assert_true(turns_true(is_well));
	assert_int_equal(test_backend_stop(&b), ERR_OK);
	atomic_store(&gone_by_ms, 0);
}

/* ---- two requests in one transaction ---- */

struct request {
	const char *method;
	char path[128], body[1024];
};

static void request_answer(struct request *r, const char *id, const char *code)
{
	r->method = "POST";
	(void)snprintf(r->path, sizeof(r->path), "/v1/verifications/%s/response", id);
	(void)snprintf(r->body, sizeof(r->body), "{\"code\":\"%s\"}", code);
}

static void request_plain(struct request *r, const char *method, const char *path)
{
	r->method = method;
	(void)snprintf(r->path, sizeof(r->path), "%s", path);
	r->body[0] = '\0';
}

/* Both wait for the lock that we hold, so one transaction takes them; what accepts in it fails
 * at its second write, the audit record.
 */
static void fail_in_a_batch(const struct request request[static 2],
	struct raw_answer answers[static 2])
{
	int fd[2];
	sqlite3 *db;

	outside(&db);
	outside_run(db, "CREATE TRIGGER fault BEFORE INSERT ON audit WHEN new.kind='accepted'"
			" BEGIN SELECT RAISE(FAIL,'fault'); END; BEGIN IMMEDIATE");
	for (int i = 0; i < 2; i++)
		fd[i] = raw_connect(b.port);
	/* one packet of the kernel each, and the thread sleeps in its wait for the lock */
	for (int i = 0; i < 2; i++)
		test_send(&b, fd[i], b.terminal_a, request[i].method, request[i].path,
			request[i].body[0] ? request[i].body : NULL);
	usleep(100000);
	outside_run(db, "COMMIT");
	for (int i = 0; i < 2; i++) {
		raw_read(fd[i], &answers[i], 10000, false);
		close(fd[i]);
	}
	outside_run(db, "DROP TRIGGER fault");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The first accepts and fails, the second cancels another verification. */
static void fail_in_a_batch_of_two(const char *first, const char *code, const char *second,
	struct raw_answer answers[static 2])
{
	struct request request[2];
	char path[128];

	request_answer(&request[0], first, code);
	(void)snprintf(path, sizeof(path), "/v1/verifications/%s", second);
	request_plain(&request[1], "DELETE", path);
	fail_in_a_batch(request, answers);
}

static void a_rule_that_fails_leaves_nothing_and_harms_no_other(void **state)
{
	char first[33], second[33], code[CODE_TEXT_MAX], other[CODE_TEXT_MAX];
	struct raw_answer a[2];

	(void)state;
	challenged(first, code);
	challenged(second, other);
	fail_in_a_batch_of_two(first, code, second, a);
	refused(&a[0]);
	assert_int_equal(a[1].status, 200);
	state_is(first, "challenged");
	state_is(second, "cancelled");
	accepted_now(first, code);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* What was answered in a transaction that was undone leaves nothing behind: here a long answer with
 * memory of its own, and a stream that would have been held open.
 */
static void an_answer_that_is_given_again_is_made_anew(void **state)
{
	static const char *const paths[] = {"/v1/issuer", "/v1/events?wait=0"};
	char first[33], code[CODE_TEXT_MAX];
	struct raw_answer alone, a[2];
	struct request request[2];

	(void)state;
	challenged(first, code);
	request_answer(&request[1], first, code);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		request_plain(&request[0], "GET", paths[i]);
		assert_int_equal(test_call(&b, &alone, b.terminal_a, "GET", paths[i], NULL), 200);
		fail_in_a_batch(request, a);
		assert_int_equal(a[0].status, 200);
		assert_string_equal(a[0].body, alone.body);
		refused(&a[1]);
		state_is(first, "challenged");
	}
	accepted_now(first, code);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void what_cannot_be_undone_alone_is_undone_with_its_batch(void **state)
{
	struct store_sqlite *s = store_sqlite(b.service->store);
	char first[33], second[33], code[CODE_TEXT_MAX], other[CODE_TEXT_MAX];
	struct raw_answer a[2];
	sqlite3_stmt *real = s->stmt[SQLITE_ROLLBACK_TO], *broken = NULL;

	(void)state;
	challenged(first, code);
	challenged(second, other);
	assert_int_equal(sqlite3_prepare_v2(s->db, "ROLLBACK TO nowhere", -1, &broken, NULL),
		SQLITE_OK);
	s->stmt[SQLITE_ROLLBACK_TO] = broken; /* the store thread does nothing until we ask */
	fail_in_a_batch_of_two(first, code, second, a);
	refused(&a[0]);
	s->stmt[SQLITE_ROLLBACK_TO] = real;
	(void)sqlite3_finalize(broken);
	/* the second was in the same transaction or in one of its own: told is what is */
	state_is(second, a[1].status == 200 ? "cancelled" : "challenged");
	state_is(first, "challenged");
	accepted_now(first, code);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void what_cannot_be_kept_alone_is_undone_with_its_batch(void **state)
{
	struct store_sqlite *s = store_sqlite(b.service->store);
	char first[33], second[33], code[CODE_TEXT_MAX], other[CODE_TEXT_MAX];
	struct raw_answer a[2];
	sqlite3_stmt *real = s->stmt[SQLITE_RELEASE], *broken = NULL;

	(void)state;
	challenged(first, code);
	challenged(second, other);
	assert_int_equal(sqlite3_prepare_v2(s->db, "RELEASE nowhere", -1, &broken, NULL),
		SQLITE_OK);
	s->stmt[SQLITE_RELEASE] = broken;
	fail_in_a_batch_of_two(first, code, second, a);
	refused(&a[0]);
	s->stmt[SQLITE_RELEASE] = real;
	(void)sqlite3_finalize(broken);
	/* as above */
	state_is(second, a[1].status == 200 ? "cancelled" : "challenged");
	state_is(first, "challenged");
	accepted_now(first, code);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* ---- damage ---- */

static void says_it_is_damaged(void)
{
	struct raw_answer a;

	assert_int_equal(health(&a), 503);
	assert_non_null(strstr(a.body, "\"status\":\"failing\""));
	assert_non_null(strstr(a.body, "\"store\":false"));
}

/* What is damaged stays so, also when the next request does not meet it. */
static void damage_that_a_request_met_is_told_from_then_on(void **state)
{
	char id[33], code[CODE_TEXT_MAX];
	struct raw_answer a;
	sqlite3 *db;

	(void)state;
	challenged(id, code);
	outside(&db);
	outside_run(db, "CREATE TABLE kept AS SELECT id,challenge FROM verification;"
			"UPDATE verification SET challenge=x''");
	assert_int_equal(health(&a), 200);
	(void)test_code(&b, &a, b.terminal_a, id, code);
	refused(&a);
	says_it_is_damaged();
	outside_run(db, "UPDATE verification SET challenge=(SELECT challenge FROM kept WHERE"
			" kept.id=verification.id); DROP TABLE kept");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	accepted_now(id, code);
	says_it_is_damaged();
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void damage_that_the_sweep_met_is_told_from_then_on(void **state)
{
	char id[33], code[CODE_TEXT_MAX];
	struct raw_answer a;
	sqlite3 *db;

	(void)state;
	challenged(id, code);
	assert_int_equal(health(&a), 200);
	outside(&db);
	outside_run(db, "UPDATE verification SET number=-1,deadline=1");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	b.now_ms += (WORKER_SWEEP_S + 1) * 1000;
	(void)health(&a); /* at the latest the sweep before this one met it */
	says_it_is_damaged();
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_full_disk_at_the_commit_takes_the_answer_back),
		CASE(a_full_disk_at_the_commit_takes_a_right_pin_back),
		CASE(an_unknown_outcome_is_told_as_one_and_ends_the_server),
		CASE(a_stuck_store_thread_is_told),
		CASE(a_rule_that_fails_leaves_nothing_and_harms_no_other),
		CASE(an_answer_that_is_given_again_is_made_anew),
		CASE(what_cannot_be_undone_alone_is_undone_with_its_batch),
		CASE(what_cannot_be_kept_alone_is_undone_with_its_batch),
		CASE(damage_that_a_request_met_is_told_from_then_on),
		CASE(damage_that_the_sweep_met_is_told_from_then_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, faults_install, NULL);
}
