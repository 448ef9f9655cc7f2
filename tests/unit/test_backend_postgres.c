/* SPDX-License-Identifier: Apache-2.0
 *
 * PostgreSQL that goes away: before, while and after a transaction is committed; two programs that
 * send the same answer at once. That needs COUNTERSIGN_TEST_STORE, as tests/e2e/backend_postgres.t
 * sets it; without it only words are looked at.
 */
#include "tests/lib/test_postgres.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* The server ends every connection of ours but the one that says so. */
static void server_hangs_up(void)
{
	test_store_sql(getenv("COUNTERSIGN_TEST_STORE"),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		" WHERE application_name='countersignd' AND pid<>pg_backend_pid()");
}

/* ---- words ---- */

static void the_dialect_is_told_word_by_word(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"SELECT a FROM t WHERE b=? AND c=?", "SELECT a FROM t WHERE b=$1 AND c=$2"},
		{"UPDATE t SET a=?2 WHERE b=?1 AND c=?2-1",
			"UPDATE t SET a=$2 WHERE b=$1 AND c=$2-1"},
		{"INSERT INTO t VALUES('?',?,'it''s ?')", "INSERT INTO t VALUES('?',$1,'it''s ?')"},
		{"UPDATE t SET a=x'' WHERE max=1", "UPDATE t SET a=''::bytea WHERE max=1"},
		{"SELECT x,xx,x1 FROM x", "SELECT x,xx,x1 FROM x"},
		{"CREATE TABLE t(a INTEGER, b BLOB, c TEXT) WITHOUT ROWID;",
			"CREATE TABLE t(a BIGINT, b BYTEA, c TEXT COLLATE \"C\") ;"},
		{"", ""},
	};
	char out[256], small[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pg_sql(out, sizeof(out), cases[i].from, &err), ERR_OK);
		assert_string_equal(out, cases[i].to);
	}
	assert_int_equal(pg_sql(small, sizeof(small), "SELECT 12345", &err), ERR_TOO_LARGE);
}

static void urls_with_a_password_are_refused_and_never_shown(void **state)
{
	static const char *const bad[] = {"postgresql://u:hunter2@h/d",
		"postgresql://h/d?password=hunter2", "postgresql://u:hunter2@[::1/d",
		"postgres://h/d?sslpassword=hunter2"};
	char name[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(pg_url_check(bad[i], name, sizeof(name), &err), ERR_OK);
		assert_null(strstr(err.text, "hunter2"));
	}
	assert_int_equal(pg_url_check("postgresql://u@h:5433/d?passfile=/p", name, sizeof(name),
				 &err), ERR_OK);
	assert_string_equal(name, "postgresql://h:5433/d");
}

/* ---- losing the connection ---- */

static void a_connection_lost_between_transactions_is_not_noticed(void **state)
{
	(void)state;
	assert_false(there("a"));
	server_hangs_up();
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	server_hangs_up();
	assert_false(there("a")); /* this read finds it lost */
	assert_int_equal(err.code, ERR_STORE);
	assert_true(there("a"));
}

static void a_connection_lost_in_a_transaction_loses_all_of_it(void **state)
{
	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_release(s, &err), ERR_OK);
	server_hangs_up();
	ERR_IGNORE(store_savepoint(s, &err)); /* sent at best */
	assert_int_equal(put("b"), ERR_STORE);
	assert_int_equal(put("c"), ERR_STORE);
	assert_int_equal(store_rollback_to(s, &err), ERR_STORE);
	assert_int_equal(store_commit(s, &err), ERR_STORE);
	assert_int_equal(err.code, ERR_STORE);
	assert_false(store_is_lost(s));
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_false(there("a"));
	assert_int_equal(put("d"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_true(there("d"));
}

static void stop_before(struct store_postgres *p, bool sent)
{
	if (!sent)
		(void)shutdown(PQsocket(p->conn), SHUT_RDWR);
}

static int64_t settings(void)
{
	return test_store_number(place, "SELECT count(*) FROM setting");
}

/* COMMIT arrives, is done, and its answer does not come. */
static void stop_after(struct store_postgres *p, bool sent)
{
	if (!sent)
		return;
	assert_int_equal(PQsendFlushRequest(p->conn), 1);
	for (int i = 0; i < 2000 && settings() == 0; i++) {
		assert_int_equal(PQflush(p->conn), 0);
		(void)usleep(5000);
	}
	(void)shutdown(PQsocket(p->conn), SHUT_RDWR);
}

static void a_commit_that_never_arrived_is_known_to_be_none(void **state)
{
	(void)state;
	store_postgres(s)->at_commit = stop_before;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_STORE);
	assert_non_null(strstr(err.text, "nothing was written"));
	assert_int_equal(settings(), 0);
	store_postgres(s)->at_commit = NULL;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("b"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(settings(), 1);
}

static void a_commit_whose_answer_was_lost_is_known_to_be_one(void **state)
{
	(void)state;
	store_postgres(s)->at_commit = stop_after;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	store_postgres(s)->at_commit = NULL;
	assert_true(there("a"));
}

static int far_end = -1;

/* Somebody in between (a pooler, or what stands for a server that ends) says FATAL in the place of
 * the answer, and hangs up.
 */
static void answer_with_a_fault(struct store_postgres *p, bool sent)
{
	static const char fault[] = "E\0\0\0\x2a"
				    "SFATAL\0VFATAL\0C08P01\0Mserver is gone\0\0";
	struct pollfd fd = {.fd = PQsocket(p->conn), .events = POLLIN};
	int pair[2];

	if (!sent)
		return;
	assert_true(PQsendFlushRequest(p->conn) && PQflush(p->conn) == 0);
	assert_int_equal(poll(&fd, 1, 10000), 1); /* it is committed */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], fault, sizeof(fault) - 1), sizeof(fault) - 1);
	assert_int_equal(fault[4], sizeof(fault) - 2); /* all but its first byte */
	(void)shutdown(pair[1], SHUT_WR);
	assert_true(dup2(pair[0], fd.fd) >= 0);
	(void)close(pair[0]);
	far_end = pair[1];
}

/* Neither is it to be done again, nor did it fail. */
static void a_commit_that_was_answered_with_a_fault_is_asked_for(void **state)
{
	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		store_postgres(s)->at_commit = answer_with_a_fault;
		assert_int_equal(
			shared ? store_begin_shared(s, &err) : store_begin(s, &err), ERR_OK);
		assert_int_equal(put(shared ? "a" : "b"), ERR_OK);
		assert_int_equal(store_commit(s, &err), ERR_OK);
		store_postgres(s)->at_commit = NULL;
		(void)close(far_end);
		assert_int_equal(settings(), shared + 1);
	}
}

static char *good_url;

/* Nobody can be asked afterwards. */
static void stop_and_move(struct store_postgres *p, bool sent)
{
	if (!sent)
		return;
	good_url = p->url;
	p->url = strdup("postgresql:///x?host=/nonexistent");
	p->resolve_ms = 300;
	(void)shutdown(PQsocket(p->conn), SHUT_RDWR);
}

static void a_commit_that_nobody_can_be_asked_of_is_uncertain_and_work_goes_on(void **state)
{
	struct store_postgres *p = store_postgres(s);

	(void)state;
	p->at_commit = stop_and_move;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("a"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_UNCERTAIN);
	assert_false(store_is_lost(s)); /* a server may come back */
	p->at_commit = NULL;
	assert_int_equal(store_begin(s, &err), ERR_STORE);
	assert_non_null(strstr(err.text, "cannot connect"));
	free(p->url);
	p->url = good_url;
	p->retry_at_ms = 0;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("b"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_true(there("b"));
}

static void reconnecting_waits_longer_each_time_and_asks_nobody_meanwhile(void **state)
{
	struct store_postgres *p = store_postgres(s);
	int64_t before, waited = 0;

	(void)state;
	good_url = p->url;
	p->url = strdup("postgresql:///x?host=/nonexistent");
	server_hangs_up();
	assert_false(there("a"));
	for (int i = 0; i < 10; i++) {
		p->retry_at_ms = 0;
		assert_int_equal(store_begin(s, &err), ERR_STORE);
		assert_true(p->retry_ms >= waited);
		waited = p->retry_ms;
	}
	assert_int_equal(waited, STORE_POSTGRES_RETRY_MAX_MS);
	before = p->retry_at_ms;
	assert_int_equal(store_begin(s, &err), ERR_STORE);
	assert_int_equal(p->retry_at_ms, before); /* not tried */
	free(p->url);
	p->url = good_url;
	p->retry_at_ms = 0;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	store_rollback(s);
}

/* 40001 and 40P01: the server gave up ours for the sake of another one. */
static void what_lost_against_another_transaction_is_read_again(void **state)
{
	struct store_holder h = {.name = "Li Lei", .phone = "1", .created_at = 1}, got;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	test_store_sql(place, "CREATE SEQUENCE tries MINVALUE -1000 START 1;"
		" CREATE FUNCTION lost() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN"
		" IF nextval(''tries'')<=3 THEN RAISE EXCEPTION USING ERRCODE=''40001''; END IF;"
		" RETURN true; END';"
		" ALTER TABLE holder RENAME TO real; CREATE VIEW holder AS"
		" SELECT * FROM real WHERE lost()");
	assert_int_equal(store_holder_get(s, &got, h.id, &err), ERR_OK);
	assert_string_equal(got.name, "Li Lei");
	/* not for ever, and not in the middle of what depends on it */
	test_store_number(place, "SELECT setval('tries',1,false)");
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_holder_get(s, &got, h.id, &err), ERR_BUSY);
	assert_int_equal(store_commit(s, &err), ERR_BUSY);
	test_store_number(place, "SELECT setval('tries',-1000,false)");
	assert_int_equal(store_holder_get(s, &got, h.id, &err), ERR_BUSY);
	test_store_sql(place, "DROP VIEW holder; ALTER TABLE real RENAME TO holder;"
		" DROP FUNCTION lost(); DROP SEQUENCE tries");
	assert_int_equal(store_holder_get(s, &got, h.id, &err), ERR_OK);
}

static void the_last_record_of_the_chain_is_what_was_written_last(void **state)
{
	struct store_audit r = {.seq = 1, .kind = "a", .detail = "{}"}, got;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_audit_last(s, &got, &err), ERR_NOT_FOUND);
	assert_int_equal(store_audit_insert(s, &r, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	r.seq = 2;
	assert_int_equal(store_audit_insert(s, &r, &err), ERR_OK);
	assert_int_equal(store_audit_last(s, &got, &err), ERR_OK);
	assert_int_equal(got.seq, 2);
	assert_int_equal(store_rollback_to(s, &err), ERR_OK);
	assert_int_equal(store_audit_last(s, &got, &err), ERR_OK);
	assert_int_equal(got.seq, 1);
	store_rollback(s);
	assert_int_equal(store_audit_last(s, &got, &err), ERR_NOT_FOUND);
}

/* Restored, or failed over to a server that had not everything yet, beneath a program at work. */
static void a_database_that_lost_a_record_is_not_worked_on(void **state)
{
	struct store_audit r = {.seq = 1, .kind = "a", .detail = "{}", .hash = {7}};

	(void)state;
	for (; r.seq <= 2; r.seq++) {
		assert_int_equal(store_begin(s, &err), ERR_OK);
		assert_int_equal(store_audit_insert(s, &r, &err), ERR_OK);
		if (r.seq == 1)
			assert_int_equal(store_commit(s, &err), ERR_OK);
		else
			store_rollback(s); /* was never there, and is not missed */
	}
	server_hangs_up();
	assert_false(there("a")); /* finds it lost */
	assert_int_equal(store_begin(s, &err), ERR_OK);
	store_rollback(s);
	test_store_sql(place, "UPDATE audit SET hash='another' WHERE seq=1");
	server_hangs_up();
	assert_false(there("a"));
	for (int i = 0; i < 2; i++) {
		store_postgres(s)->retry_at_ms = 0;
		assert_int_equal(store_begin(s, &err), ERR_CORRUPT);
		assert_non_null(strstr(err.text, "record 1 "));
		test_store_sql(place, "DELETE FROM audit");
	}
	test_store_sql(place, "INSERT INTO audit(seq,at,kind,credential,terminal,verification,"
			      "detail,prev,hash) VALUES(1,0,'a','','','','{}',"
			      "decode(repeat('00',32),'hex'),decode('07'||repeat('00',31),'hex'))");
	store_postgres(s)->retry_at_ms = 0;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	store_rollback(s);
}

/* ---- two programs ---- */

#define SALES 200

struct counter {
	struct world *w;
	pthread_barrier_t *start;
	const struct phone *p;
	char code[CODE_TEXT_MAX];
	enum rules_state state;
	char receipt[RULES_RECEIPT_MAX];
	bool failed;
};

/* One sends the answer; the other, at the same moment, cancels. */
static void *act(void *arg)
{
	struct counter *c = arg;
	struct world *w = c->w;
	bool cancels = c->code[0] == '\0';

	(void)pthread_barrier_wait(c->start);
	c->failed = store_begin(w->service->store, &w->err) ||
		(cancels ? rules_verification_cancel(&w->rules, &w->seen, &w->problem, &w->till,
				   w->started.id, &w->err)
			 : rules_verification_answer(&w->rules, &w->seen, &w->problem, &w->till,
				   w->started.id, c->code, &w->err)) ||
		store_commit(w->service->store, &w->err);
	c->state = w->seen.state;
	memcpy(c->receipt, w->seen.receipt, sizeof(c->receipt));
	return NULL;
}

static void two_programs_decide_once_whoever_comes_first(void **state)
{
	struct world *one, *two;
	struct counter c[2];
	struct phone p;
	pthread_barrier_t start;
	pthread_t thread;
	int accepted = 0, cancelled = 0;

	(void)state;
	one = world_new();
	phone_new(one, &p, false);
	two = calloc(1, sizeof(*two));
	assert_non_null(two);
	memcpy(two, one, sizeof(*two));
	clock_init_manual(&two->clock, 0, (int64_t)WORLD_NOW * 1000);
	world_open(two);
	assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
	for (int i = 0; i < SALES; i++) {
		world_pass(one, 3700); /* what was cancelled an hour ago delays nobody */
		clock_set_unix(&two->clock, clock_unix_ms(&one->clock));
		assert_string_equal(world_start(one, &p, 500), "");
		two->started = one->started;
		memset(c, 0, sizeof(c));
		c[0] = (struct counter){.w = one, .start = &start};
		c[1] = (struct counter){.w = two, .start = &start};
		phone_answer(one, &p, c[0].code, &(struct how){.wrong = false});
		if (i % 2) /* every other time both send the same code */
			memcpy(c[1].code, c[0].code, sizeof(c[1].code));
		assert_int_equal(pthread_create(&thread, NULL, act, &c[1]), 0);
		(void)act(&c[0]);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_false(c[0].failed || c[1].failed);
		/* both were told the same, and one decision was made */
		assert_int_equal(c[0].state, c[1].state);
		assert_string_equal(c[0].receipt, c[1].receipt);
		if (i % 2)
			assert_string_equal(rules_state_word(c[0].state), "accepted");
		accepted += strcmp(rules_state_word(c[0].state), "accepted") == 0;
		cancelled += strcmp(rules_state_word(c[0].state), "cancelled") == 0;
	}
	assert_int_equal(accepted + cancelled, SALES);
	assert_int_equal(world_audit_count(one, "accepted"), accepted);
	assert_int_equal(world_audit_count(one, "cancelled"), cancelled);
	world_audit_is_whole(one);
	service_close(&two->service);
	free(two);
	(void)pthread_barrier_destroy(&start);
	world_free(one);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest words[] = {
		cmocka_unit_test(the_dialect_is_told_word_by_word),
		cmocka_unit_test(urls_with_a_password_are_refused_and_never_shown),
	};
	const struct CMUnitTest server[] = {
		CASE(a_connection_lost_between_transactions_is_not_noticed),
		CASE(a_connection_lost_in_a_transaction_loses_all_of_it),
		CASE(a_commit_that_never_arrived_is_known_to_be_none),
		CASE(a_commit_whose_answer_was_lost_is_known_to_be_one),
		CASE(a_commit_that_was_answered_with_a_fault_is_asked_for),
		CASE(a_commit_that_nobody_can_be_asked_of_is_uncertain_and_work_goes_on),
		CASE(reconnecting_waits_longer_each_time_and_asks_nobody_meanwhile),
		CASE(what_lost_against_another_transaction_is_read_again),
		CASE(the_last_record_of_the_chain_is_what_was_written_last),
		CASE(a_database_that_lost_a_record_is_not_worked_on),
		cmocka_unit_test(two_programs_decide_once_whoever_comes_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return test_store_is_postgres() ? cmocka_run_group_tests(server, NULL, NULL)
					: cmocka_run_group_tests(words, NULL, NULL);
}
