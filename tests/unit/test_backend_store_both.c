/* SPDX-License-Identifier: Apache-2.0
 *
 * What every store does, on whichever COUNTERSIGN_TEST_STORE says (see tests/lib/test_store.h):
 * tests/e2e/backend_postgres.t runs this on PostgreSQL, too.
 */
#include "tests/lib/backend_world.h"

#include <pthread.h>

#include "backend/store_event.h"
#include "backend/store_message.h"
#include "backend/store_postgres.h"
#include "backend/store_sqlite.h"

static struct store *s;
static struct err err;
static char place[TEST_STORE_URL_MAX];

static int set_up(void **state)
{
	if (folder_set_up(state))
		return -1;
	test_store_new(place);
	if (!place[0])
		snprintf(place, sizeof(place), "%s", in_folder("db"));
	if (store_create(place, &err))
		return -1;
	return store_open(&s, place, &err) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	store_close(&s);
	assert_null(s);
	test_store_drop(place);
	return folder_tear_down(state);
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

/* Gives up soon when somebody else has the lock. */
static void hurry(struct store *store)
{
	PGconn *c;

	if (!test_store_is_postgres()) {
		(void)sqlite3_busy_timeout(store_sqlite(store)->db, 20);
		return;
	}
	c = store_postgres(store)->conn;
	assert_int_equal(PQexitPipelineMode(c), 1);
	PQclear(PQexec(c, "SET lock_timeout=20"));
	assert_int_equal(PQenterPipelineMode(c), 1);
}

/* A race is for the row; durability is another test's, and slow. */
static void not_durable(struct store *store)
{
	if (!test_store_is_postgres())
		assert_int_equal(sqlite3_exec(store_sqlite(store)->db, "PRAGMA synchronous=OFF",
					 NULL, NULL, NULL), SQLITE_OK);
}

/* ---- transactions ---- */

static void savepoints_of_a_shared_transaction_are_kept_or_thrown_away_one_by_one(void **state)
{
	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("first", "kept"), ERR_OK);
	assert_int_equal(store_release(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("second", "gone"), ERR_OK);
	assert_int_equal(put("first", "changed"), ERR_OK);
	assert_int_equal(store_rollback_to(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("third", "kept"), ERR_OK);
	assert_int_equal(store_release(s, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	store_close(&s);
	assert_int_equal(store_open(&s, place, &err), ERR_OK);
	assert_string_equal(get("first"), "kept");
	assert_string_equal(get("second"), "none");
	assert_string_equal(get("third"), "kept");
}

static void nothing_is_written_outside_a_transaction_or_after_a_rollback(void **state)
{
	(void)state;
	assert_int_equal(put("x", "1"), ERR_INTERNAL);
	assert_string_equal(get("x"), "none");
	assert_false(store_in_transaction(s));
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_true(store_in_transaction(s));
	assert_int_equal(put("x", "1"), ERR_OK);
	store_rollback(s);
	store_rollback(s);
	assert_string_equal(get("x"), "none");
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("x", "2"), ERR_OK);
	store_close(&s); /* an open transaction is not committed by closing */
	assert_int_equal(store_open(&s, place, &err), ERR_OK);
	assert_string_equal(get("x"), "none");
}

static void taken_keys_and_missing_rows_are_answers(void **state)
{
	struct store_holder h = {.name = "A", .phone = "1", .id = {1}};
	struct store_account a = {.number = "n", .holder = {9}, .id = {2}};

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
	assert_int_equal(store_holder_insert(s, &h, &err), ERR_EXISTS);
	assert_int_equal(store_holder_get(s, &h, a.id, &err), ERR_NOT_FOUND);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(store_account_insert(s, &a, &err), ERR_EXISTS); /* no such holder */
	assert_int_equal(store_rollback_to(s, &err), ERR_OK);
	h.id[0] = 1;
	assert_int_equal(store_holder_get(s, &h, h.id, &err), ERR_OK);
	assert_string_equal(h.name, "A");
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void many_writes_without_an_answer_are_all_there(void **state)
{
	char name[16];

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(put(name, "1"), ERR_OK);
	}
	assert_string_equal(get("n4999"), "1");
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_string_equal(get("n0"), "1");
}

static void every_kind_of_value_comes_back_as_it_went(void **state)
{
	static const int64_t times[] = {0, 1, -1, INT32_MAX, INT64_MAX, INT64_MIN, 255, 256, -256};
	struct store_holder h = {.name = "\xe6\x9d\x8e'\"\\%$1?", .phone = ""}, got;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		memset(h.id, (int)i, sizeof(h.id)); /* zeroes are bytes, too */
		h.created_at = times[i];
		assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
		assert_int_equal(store_holder_get(s, &got, h.id, &err), ERR_OK);
		assert_memory_equal(got.id, h.id, sizeof(h.id));
		assert_string_equal(got.name, h.name);
		assert_string_equal(got.phone, "");
		assert_true(got.created_at == times[i]);
	}
	assert_int_equal(store_setting_put(s, "empty", SPAN(NULL, 0), &err), ERR_OK);
	assert_string_equal(get("empty"), "");
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void another_programs_lock_is_waited_for_and_then_told(void **state)
{
	struct store *other = NULL;

	(void)state;
	assert_int_equal(store_open(&other, place, &err), ERR_OK);
	hurry(other);
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(put("x", "1"), ERR_OK);
	assert_int_equal(store_begin(other, &err), ERR_BUSY);
	assert_false(store_in_transaction(other));
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(store_begin(other, &err), ERR_OK);
	store_close(&other);
}

/* ---- the race ---- */

#define RACES_MAX 1000

static int races = RACES_MAX;
static struct store_verification race_rows[RACES_MAX];

struct racer {
	struct store *store;
	pthread_barrier_t *start;
	int state;
	int wins;
	bool won[RACES_MAX];
};

static void *race(void *context)
{
	struct racer *r = context;
	struct err e;

	for (int i = 0; i < races; i++) {
		struct store_verification to = race_rows[i];

		to.state = r->state;
		to.deadline = 0;
		(void)pthread_barrier_wait(r->start);
		if (store_begin(r->store, &e) || store_verification_decide(r->store, &r->won[i],
				&to, 50, &e) || store_commit(r->store, &e))
			return r;
		r->wins += r->won[i];
	}
	return NULL;
}

static void fill_races(void)
{
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (int i = 0; i < races; i++) {
		struct store_verification *v = &race_rows[i];

		memset(v, 0, sizeof(*v));
		be32_put(v->id, (uint32_t)i);
		v->generation = 1;
		v->digits = 6;
		v->expires_at = v->deadline = 100;
		memcpy(v->currency, "XXX", 4);
		assert_int_equal(store_verification_insert(s, v, &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void two_deciders_of_one_verification_are_one_winner_again_and_again(void **state)
{
	struct racer racer[2] = {{.state = 1}, {.state = 3}};
	pthread_barrier_t start;
	pthread_t thread;
	void *failed = NULL;

	(void)state;
	if (test_store_is_postgres())
		races = 200; /* each is two commits with a sync */
	fill_races();
	assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_open(&racer[i].store, place, &err), ERR_OK);
		not_durable(racer[i].store);
		racer[i].start = &start;
	}
	assert_int_equal(pthread_create(&thread, NULL, race, &racer[0]), 0);
	assert_null(race(&racer[1]));
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	(void)pthread_barrier_destroy(&start);
	assert_int_equal(racer[0].wins + racer[1].wins, races);
	for (int i = 0; i < races; i++) {
		struct store_verification v;

		assert_int_equal(store_verification_get(s, &v, race_rows[i].id, &err), ERR_OK);
		assert_int_equal(racer[0].won[i] + racer[1].won[i], 1);
		assert_int_equal(v.state, racer[0].won[i] ? 1 : 3);
	}
	store_close(&racer[0].store);
	store_close(&racer[1].store);
}

static void decisions_need_the_state_and_the_time(void **state)
{
	struct store_verification to;
	bool won = true;

	(void)state;
	fill_races();
	to = race_rows[0];
	to.state = 1;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_verification_decide(s, &won, &to, 100, &err), ERR_OK);
	assert_false(won); /* expires_at is 100 */
	to.pin_tries = 1;
	assert_int_equal(store_verification_pin(s, &won, &to, 10, &err), ERR_OK);
	assert_false(won); /* not accepted yet */
	to.deadline = 200;
	assert_int_equal(store_verification_decide(s, &won, &to, 99, &err), ERR_OK);
	assert_true(won);
	assert_int_equal(store_verification_decide(s, &won, &to, 99, &err), ERR_OK);
	assert_false(won);
	to.pin_tries = 2;
	assert_int_equal(store_verification_pin(s, &won, &to, 150, &err), ERR_OK);
	assert_false(won); /* the first try comes first */
	to.pin_tries = 1;
	assert_int_equal(store_verification_pin(s, &won, &to, 200, &err), ERR_OK);
	assert_false(won);
	assert_int_equal(store_verification_pin(s, &won, &to, 199, &err), ERR_OK);
	assert_true(won);
	assert_int_equal(store_verification_pin(s, &won, &to, 199, &err), ERR_OK);
	assert_false(won);
	to.state = 5;
	assert_int_equal(store_verification_close(s, &won, &to, 199, &err), ERR_OK);
	assert_true(won);
	assert_int_equal(store_verification_close(s, &won, &to, 199, &err), ERR_OK);
	assert_false(won);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static const uint8_t ONE[CODE_ID_LEN] = {1}, TWO[CODE_ID_LEN] = {2};

static void message(const uint8_t *id, int64_t now)
{
	struct store_message m = {.kind = "frozen", .ends = 1000, .body = "sealed", .body_len = 6};

	memcpy(m.id, id, CODE_ID_LEN);
	assert_int_equal(store_message_insert(s, &m, now, &err), ERR_OK);
}

static void a_message_is_had_by_one_at_a_time_and_over_once(void **state)
{
	struct store_message m, again;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	message(TWO, 110);
	message(ONE, 100);
	assert_int_equal(store_message_take(s, &m, 99, 200, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_take(s, &m, 105, 200, &err), ERR_OK);
	assert_memory_equal(m.id, ONE, CODE_ID_LEN);
	assert_int_equal(m.tries, 1);
	assert_int_equal(m.ends, 1000);
	assert_string_equal(m.kind, "frozen");
	assert_int_equal(m.body_len, 6);
	assert_memory_equal(m.body, "sealed", 6);
	/* nobody else gets it while it is out, and then somebody does */
	assert_int_equal(store_message_take(s, &again, 109, 200, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_over(s, TWO, 0, MESSAGE_SENT, &err), ERR_OK);
	assert_int_equal(store_message_take(s, &again, 199, 300, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_take(s, &again, 200, 300, &err), ERR_OK);
	assert_int_equal(again.tries, 2);
	/* what the first one says now, it says too late */
	assert_int_equal(store_message_over(s, ONE, m.tries, MESSAGE_SENT, &err), ERR_OK);
	assert_int_equal(store_message_again(s, ONE, m.tries, 0, &err), ERR_OK);
	assert_int_equal(store_message_take(s, &m, 299, 400, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_again(s, ONE, again.tries, 250, &err), ERR_OK);
	assert_int_equal(store_message_take(s, &m, 250, 400, &err), ERR_OK);
	assert_int_equal(store_message_over(s, ONE, m.tries, MESSAGE_GIVEN_UP, &err), ERR_OK);
	assert_int_equal(store_message_over(s, ONE, m.tries, MESSAGE_SENT, &err), ERR_OK);
	assert_int_equal(store_message_take(s, &m, 10000, 20000, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_prune(s, 100, 10, &err), ERR_OK); /* none is older */
	assert_int_equal(store_message_insert(s, &again, 100, &err), ERR_EXISTS);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void messages_that_wait_are_withdrawn_and_old_ones_pruned(void **state)
{
	struct store_message m;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	message(ONE, 100);
	assert_int_equal(store_message_prune(s, 1000, 10, &err), ERR_OK); /* it waits: it stays */
	assert_int_equal(store_message_withdraw(s, NULL, &err), ERR_OK);
	assert_int_equal(store_message_take(s, &m, 1000, 2000, &err), ERR_NOT_FOUND);
	assert_int_equal(store_message_prune(s, 1000, 10, &err), ERR_OK);
	message(ONE, 100);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

/* id and account of a credential, and when a verification of it was made; state 1: accepted. */
static void start_of(uint8_t credential, uint8_t account, uint8_t id, int64_t at, bool accepted)
{
	struct store_verification v = {.id = {id},
		.credential = {credential},
		.account = {account},
		.generation = 1,
		.digits = 6,
		.created_at = at,
		.expires_at = at + 60,
		.deadline = at + 60,
		.currency = "XXX"};
	bool won = false;

	v.number = id;
	assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	if (!accepted)
		return;
	v.state = 1;
	v.deadline = 0;
	assert_int_equal(store_verification_decide(s, &won, &v, at, &err), ERR_OK);
	assert_true(won);
}

static void unfinished_starts_of_an_account_are_those_of_all_its_credentials(void **state)
{
	struct store_holder h = {.name = "Ada", .id = {50}};
	struct store_account account = {.id = {51}, .holder = {50}, .number = "51"};
	struct store_account other = {.id = {52}, .holder = {50}, .number = "52"};
	struct store_starts hour, day;
	uint8_t id[CODE_ID_LEN];

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
	assert_int_equal(store_account_insert(s, &account, &err), ERR_OK);
	assert_int_equal(store_account_insert(s, &other, &err), ERR_OK);
	for (uint8_t c = 60; c < 63; c++) {
		struct store_credential credential = {.id = {c}, .holder = {50},
			.account = {c < 62 ? 51 : 52}, .generation = 1, .digits = 6};

		assert_int_equal(store_credential_insert(s, &credential, &err), ERR_OK);
	}
	assert_int_equal(store_starts_of_account(s, &hour, &day, &account, 500, 0, &err), ERR_OK);
	assert_true(hour.count == 0 && day.count == 0 && hour.first_at == 0 && day.last_at == 0);
	start_of(60, 51, 70, 100, false);
	start_of(61, 51, 71, 600, false);
	start_of(61, 51, 72, 700, false);
	start_of(61, 51, 73, 800, true); /* finished */
	start_of(62, 52, 74, 900, false); /* another account of the same holder */
	assert_int_equal(store_starts_of_account(s, &hour, &day, &account, 500, 0, &err), ERR_OK);
	assert_true(hour.count == 2 && hour.first_at == 600 && hour.last_at == 700);
	assert_true(day.count == 3 && day.first_at == 100 && day.last_at == 700);
	assert_int_equal(store_starts_of_account(s, &hour, &day, &account, 700, 100, &err), ERR_OK);
	assert_true(hour.count == 0 && day.count == 2); /* after, not at */
	/* and those that wait for something, until they do not */
	assert_int_equal(
		store_verification_waiting_account(s, id, other.id, &err), ERR_OK);
	assert_int_equal(id[0], 74);
	for (int left = 3; left > 0; left--) {
		struct store_verification v;
		bool won = false;

		assert_int_equal(
			store_verification_waiting_account(s, id, account.id, &err), ERR_OK);
		assert_int_equal(store_verification_get(s, &v, id, &err), ERR_OK);
		v.state = 3;
		assert_int_equal(store_verification_close(s, &won, &v, 1000, &err), ERR_OK);
		assert_true(won);
	}
	assert_int_equal(
		store_verification_waiting_account(s, id, account.id, &err), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void links_of_one_credential_are_withdrawn(void **state)
{
	struct store_message m = {.ends = 1000, .body = "sealed", .body_len = 6};
	int left = 0;

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (int i = 0; i < 4; i++) { /* two of each: a link and a notice */
		m.id[0] = (uint8_t)(100 + i);
		m.credential[0] = (uint8_t)(i % 2);
		(void)snprintf(m.kind, sizeof(m.kind), i < 2 ? "activation" : "frozen");
		assert_int_equal(store_message_insert(s, &m, 100, &err), ERR_OK);
	}
	memset(m.credential, 0, sizeof(m.credential));
	assert_int_equal(store_message_withdraw(s, m.credential, &err), ERR_OK);
	for (; store_message_take(s, &m, 1000, 2000, &err) == ERR_OK; left++)
		assert_false(m.credential[0] == 0 && strcmp(m.kind, "activation") == 0);
	assert_int_equal(left, 3);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void a_holder_has_one_address_and_language(void **state)
{
	struct store_holder h = {.name = "Ada", .id = {7}};
	struct store_contact c = {.email = "a@b.example", .language = "zh_CN"};

	(void)state;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_holder_insert(s, &h, &err), ERR_OK);
	assert_int_equal(store_contact_put(s, &c, h.id, &err), ERR_OK);
	assert_int_equal(store_contact_get(s, &c, ONE, &err), ERR_OK);
	assert_string_equal(c.email, "");
	assert_int_equal(store_contact_get(s, &c, h.id, &err), ERR_OK);
	assert_string_equal(c.email, "a@b.example");
	assert_string_equal(c.language, "zh_CN");
	c.language[0] = '\0';
	assert_int_equal(store_contact_put(s, &c, h.id, &err), ERR_OK);
	assert_int_equal(store_contact_get(s, &c, h.id, &err), ERR_OK);
	assert_string_equal(c.language, "");
	assert_int_equal(store_contact_put(s, &c, ONE, &err), ERR_EXISTS); /* nobody's */
	store_rollback(s);
}

static void a_server_elsewhere_must_show_its_certificate(void **state)
{
	static const char *const modes[] = {"", "disable", "allow", "prefer", "require", "verify"};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_true(pg_way_is_safe("", "", modes[i]));
		assert_true(pg_way_is_safe("/run/postgresql", "", modes[i]));
		assert_true(pg_way_is_safe("@abstract", "", modes[i]));
		assert_true(pg_way_is_safe("localhost", "127.0.0.1", modes[i]));
		assert_true(pg_way_is_safe("::1", "::1", modes[i]));
		assert_false(pg_way_is_safe("db.example.com", "192.0.2.1", modes[i]));
		assert_false(pg_way_is_safe("localhost", "192.0.2.1", modes[i]));
		assert_false(pg_way_is_safe("127.0.0.1", "", modes[i])); /* not known */
		assert_false(pg_way_is_safe("db", "2001:db8::1", modes[i]));
		assert_false(pg_way_is_safe("db", "::12", modes[i]));
	}
	assert_true(pg_way_is_safe("db.example.com", "192.0.2.1", "verify-full"));
	assert_true(pg_way_is_safe("db.example.com", "192.0.2.1", "verify-ca"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(savepoints_of_a_shared_transaction_are_kept_or_thrown_away_one_by_one),
		CASE(nothing_is_written_outside_a_transaction_or_after_a_rollback),
		CASE(taken_keys_and_missing_rows_are_answers),
		CASE(many_writes_without_an_answer_are_all_there),
		CASE(every_kind_of_value_comes_back_as_it_went),
		CASE(another_programs_lock_is_waited_for_and_then_told),
		CASE(two_deciders_of_one_verification_are_one_winner_again_and_again),
		CASE(decisions_need_the_state_and_the_time),
		CASE(a_message_is_had_by_one_at_a_time_and_over_once),
		CASE(messages_that_wait_are_withdrawn_and_old_ones_pruned),
		CASE(unfinished_starts_of_an_account_are_those_of_all_its_credentials),
		CASE(links_of_one_credential_are_withdrawn),
		CASE(a_holder_has_one_address_and_language),
		cmocka_unit_test(a_server_elsewhere_must_show_its_certificate),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
