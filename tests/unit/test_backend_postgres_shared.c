/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions that requests share on PostgreSQL: things are taken as expected, and rows are read
 * ahead. That needs COUNTERSIGN_TEST_STORE, as tests/e2e/backend_postgres.t sets it; without it
 * only words are looked at.
 */
#include "tests/lib/test_postgres.h"

#include <sys/socket.h>

#include "backend/rehearsal.h"
#include "backend/store_event.h"

/* Columns that hold identifiers, by which rows are found. */
static const char *const IDS[] = {"id", "credential", "terminal", "account", "holder", "staff"};

static const char *table_of(const char *sql, char out[static 64])
{
	static const char *const before[] = {"INSERT INTO ", "UPDATE ", " FROM "};

	out[0] = '\0';
	for (size_t i = 0; i < 3 && !out[0]; i++) {
		const char *at = strstr(sql, before[i]);

		if (at && (i == 2 || at == sql))
			(void)snprintf(out, 64, "%.*s",
				(int)strspn(at + strlen(before[i]), "abcdefghijklmnopqrstuvwxyz_"),
				at + strlen(before[i]));
	}
	return out;
}

static bool names(const char *sql, const char *column, const char *after)
{
	size_t len = strlen(column);

	for (const char *at = sql; (at = strstr(at, column)) != NULL; at += len)
		if (strchr(" (,", at > sql ? at[-1] : 'x') && strchr(after, at[len]) && at[len])
			return true;
	return false;
}

/* A write leaves what was read ahead by another identifier: so it must name each by which a row of
 * its table is ever looked for.
 */
static void writes_name_whatever_rows_are_found_by(void **state)
{
	char read_table[64], written[64];
	int pairs = 0;

	(void)state;
	for (int r = 0; r < STORE_SQL_COUNT; r++) {
		const char *read = store_sql_text[r], *where = strstr(read, " WHERE ");

		if (strncmp(read, "SELECT", 6) != 0 || !where || strstr(read, " JOIN "))
			continue;
		for (int n = 0; n < STORE_SQL_COUNT; n++) {
			const char *write = store_sql_text[n];
			bool moves = strstr(write, " AND credential=?") &&
				strstr(write, " AND terminal=?");

			if (strcmp(table_of(read, read_table), table_of(write, written)) != 0 ||
				strncmp(write, "SELECT", 6) == 0 ||
				(!moves && strncmp(write, "INSERT ", 7) != 0))
				continue;
			for (size_t i = 0; i < sizeof(IDS) / sizeof(IDS[0]); i++) {
				if (!names(where, IDS[i], "="))
					continue;
				pairs++;
				if (!names(write, IDS[i], moves ? "=" : ",)"))
					fail_msg("%s is found by %s, which %s does not name",
						store_sql_names[r], IDS[i], store_sql_names[n]);
			}
		}
	}
	assert_true(pairs > 20);
}

static struct store_verification row_of(uint8_t id, uint8_t credential)
{
	struct store_verification v = {.generation = 1, .digits = 6, .expires_at = 100,
		.deadline = 100, .created_at = 10, .currency = "XXX"};

	memset(v.id, id, sizeof(v.id));
	memset(v.credential, credential, sizeof(v.credential));
	memset(v.terminal, 0x77, sizeof(v.terminal));
	return v;
}

static void two_rows(void)
{
	assert_int_equal(store_begin(s, &err), ERR_OK);
	for (uint8_t i = 1; i <= 2; i++) {
		struct store_verification v = row_of(i, (uint8_t)(0x10 + i));

		assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	}
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

static void what_did_not_change_as_expected_undoes_all_and_is_said(void **state)
{
	struct store_verification v = row_of(1, 0x11);
	bool won = false;

	(void)state;
	two_rows();
	v.state = 3;
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_true(store_is_expecting(s));
	assert_int_equal(put("a"), ERR_OK);
	/* its time is over: nobody who read it would try */
	assert_int_equal(store_verification_decide(s, &won, &v, 100, &err), ERR_OK);
	assert_true(won);
	assert_int_equal(store_commit(s, &err), ERR_BUSY);
	assert_false(there("a"));
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_false(store_is_expecting(s));
	assert_int_equal(store_verification_decide(s, &won, &v, 100, &err), ERR_OK);
	assert_false(won);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	/* a key that is taken, too */
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(put("b"), ERR_OK);
	assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_BUSY);
	assert_false(there("b"));
	/* what the server refuses is one request's fault */
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(put("b"), ERR_OK);
	assert_int_equal(store_wallet_insert(s, v.request, v.credential, 10, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "WALLET_INSERT"));
	assert_false(there("b"));
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_wallet_insert(s, v.request, v.credential, 10, &err), ERR_EXISTS);
	store_rollback(s);
	/* and a request that failed */
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_int_equal(store_savepoint(s, &err), ERR_OK);
	assert_int_equal(put("c"), ERR_OK);
	assert_int_equal(store_rollback_to(s, &err), ERR_BUSY);
	assert_int_equal(store_commit(s, &err), ERR_BUSY);
	assert_false(there("c"));
}

static int state_of(uint8_t id)
{
	struct store_verification v = row_of(id, 0), got;

	if (store_verification_get(s, &got, v.id, &err))
		return -(int)err.code;
	return got.state;
}

static int64_t starts_of(uint8_t credential)
{
	struct store_verification v = row_of(0, credential);
	struct store_starts starts, longer;

	if (store_starts_of_credential(s, &starts, &longer, v.credential, 0, 0, &err))
		return -(int64_t)err.code;
	return starts.count;
}

static void rows_read_ahead_are_as_they_would_be_read_now(void **state)
{
	struct store_verification first = row_of(1, 0x11), more = row_of(9, 0x12);
	size_t sent;
	bool any = false, won = false;

	(void)state;
	two_rows();
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_true(store_rehearse(s, true));
	for (uint8_t i = 1; i <= 3; i++) {
		assert_int_equal(state_of(i), -(int)ERR_TIMEOUT);
		assert_int_equal(starts_of((uint8_t)(0x10 + i)), -(int)ERR_TIMEOUT);
	}
	first.state = 3; /* a rehearsal changes nothing */
	assert_int_equal(store_verification_decide(s, &won, &first, 50, &err), ERR_OK);
	assert_true(store_rehearse(s, false));
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_OK);
	assert_true(any);
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_OK);
	assert_false(any);
	sent = store_postgres(s)->sent_first;
	assert_int_equal(state_of(1), 0);
	assert_int_equal(state_of(2), 0);
	assert_int_equal(state_of(3), -(int)ERR_NOT_FOUND);
	assert_int_equal(starts_of(0x11), 1);
	assert_int_equal(starts_of(0x13), 0);
	assert_int_equal(store_postgres(s)->sent_first, sent); /* nobody was asked */
	/* a write of one is seen, and the others stay */
	assert_int_equal(store_verification_decide(s, &won, &first, 50, &err), ERR_OK);
	sent = store_postgres(s)->sent_first;
	assert_int_equal(state_of(2), 0);
	assert_int_equal(starts_of(0x12), 1);
	assert_int_equal(store_postgres(s)->sent_first, sent);
	assert_int_equal(state_of(1), 3);
	assert_int_not_equal(store_postgres(s)->sent_first, sent);
	assert_int_equal(store_verification_insert(s, &more, &err), ERR_OK);
	assert_int_equal(starts_of(0x12), 2);
	assert_int_equal(state_of(9), 0);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(state_of(1), 3);
}

/* What was accepted a moment ago, in the same transaction, counts: two at once are not each the
 * first of the day.
 */
static void sum_of_a_day_that_was_read_ahead_is_read_again_after_an_acceptance(void **state)
{
	struct store_verification v = row_of(1, 0x11);
	int64_t sum = -1;
	bool any = false, won = false;

	(void)state;
	memset(v.account, 0x55, sizeof(v.account));
	v.amount = 700;
	v.level = 1;
	assert_int_equal(store_begin(s, &err), ERR_OK);
	assert_int_equal(store_verification_insert(s, &v, &err), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_true(store_rehearse(s, true));
	assert_int_equal(store_day_sum(s, &sum, v.account, 1, 0, &err), ERR_TIMEOUT);
	assert_true(store_rehearse(s, false));
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_OK);
	assert_int_equal(store_day_sum(s, &sum, v.account, 1, 0, &err), ERR_OK);
	assert_int_equal(sum, 0);
	v.state = 1;
	assert_int_equal(store_verification_decide(s, &won, &v, 50, &err), ERR_OK);
	assert_int_equal(store_day_sum(s, &sum, v.account, 1, 0, &err), ERR_OK);
	assert_int_equal(sum, 700);
	assert_int_equal(store_commit(s, &err), ERR_OK);
}

/* Nothing is written in a rehearsal, so what is looked for until it is gone stays there. */
static void a_freeze_is_rehearsed_and_ends_what_waits(void **state)
{
	struct world *w = world_new();
	struct store *of = w->service->store;
	struct phone p;
	bool any = true;

	(void)state;
	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 500), "");
	(void)alarm(60); /* a loop without an end is a failure, too */
	must(w, store_begin_shared(of, &w->err));
	for (int wave = 0; any; wave++) {
		assert_true(wave < REHEARSAL_WAVES_MAX);
		assert_true(store_rehearse(of, true));
		assert_int_not_equal(rules_credential_stop(&w->rules, p.credential, "frozen",
					     world_now(w) + 900, &w->err), ERR_OK);
		assert_true(store_rehearse(of, false));
		must(w, store_read_ahead(of, &any, &w->err));
	}
	must(w, rules_credential_stop(&w->rules, p.credential, "frozen", world_now(w) + 900,
			&w->err));
	must(w, store_commit(of, &w->err));
	(void)alarm(0);
	assert_string_equal(world_state(w), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
	assert_int_equal(world_audit_count(w, "rejected"), 1);
	world_free(w);
}

/* What a usual start and answer read is known before they run: then nobody is asked any more. Who
 * adds a read to them adds it to their look ahead, too.
 */
static int waves_of(struct world *w, const struct rules_start_in *start,
	const struct rules_caller *caller, const uint8_t *id, const char *code)
{
	struct rules_start_out started;
	struct rules_verification seen;
	enum err_code e = ERR_TIMEOUT;
	bool any = true;
	int waves = 0;

	for (; e == ERR_TIMEOUT; waves++) {
		assert_true(store_rehearse(w->service->store, true));
		e = start ? rules_verification_start(&w->rules, &started, &w->problem, caller,
				    start, &w->err)
			  : rules_verification_answer(&w->rules, &seen, &w->problem, caller, id,
				    code, &w->err);
		assert_true(store_rehearse(w->service->store, false));
		must(w, store_read_ahead(w->service->store, &any, &w->err));
		assert_true(any);
	}
	assert_int_equal(e, ERR_EXISTS);
	return waves;
}

static void a_usual_verification_is_read_in_two_waves_and_waits_for_nothing(void **state)
{
	struct world *w = world_new();
	struct store *of = w->service->store;
	struct store_postgres *p = store_postgres(of);
	struct rules_start_in in = {.amount = 500, .currency = "EUR"};
	struct phone phone;
	char code[CODE_TEXT_MAX];
	size_t sent;

	(void)state;
	phone_new(w, &phone, false);
	must(w, store_begin(of, &w->err));
	must(w, store_listener_put(of, phone.credential, 0, &w->err)); /* no event to write */
	must(w, store_commit(of, &w->err));
	phone_first_code(&phone, in.code, world_now(w));
	must(w, store_begin_shared(of, &w->err));
	assert_int_equal(waves_of(w, &in, &w->till, NULL, NULL), 2);
	sent = p->sent_first + p->sent_count;
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
			&w->err));
	assert_string_equal(w->problem.word, "");
	assert_int_equal(p->sent_first + p->sent_count, sent);
	must(w, store_commit(of, &w->err));
	phone_answer(w, &phone, code, &(struct how){.wrong = false});
	must(w, store_begin_shared(of, &w->err));
	assert_int_equal(waves_of(w, NULL, &w->till, w->started.id, code), 2);
	sent = p->sent_first + p->sent_count;
	must(w, rules_verification_answer(&w->rules, &w->seen, &w->problem, &w->till,
			w->started.id, code, &w->err));
	assert_string_equal(w->problem.word, "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	assert_int_equal(p->sent_first + p->sent_count, sent);
	must(w, store_commit(of, &w->err));
	world_free(w);
}

static void a_connection_lost_while_reading_ahead_leaves_nothing_behind(void **state)
{
	bool any = false;

	(void)state;
	two_rows();
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_true(store_rehearse(s, true));
	(void)state_of(1);
	(void)starts_of(0x11);
	assert_true(store_rehearse(s, false));
	(void)shutdown(PQsocket(store_postgres(s)->conn), SHUT_RDWR);
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_STORE);
	assert_int_equal(put("a"), ERR_STORE);
	assert_int_equal(store_commit(s, &err), ERR_STORE);
	assert_int_equal(store_begin_shared(s, &err), ERR_OK);
	assert_true(store_rehearse(s, true));
	assert_int_equal(state_of(1), -(int)ERR_TIMEOUT);
	assert_true(store_rehearse(s, false));
	assert_int_equal(store_read_ahead(s, &any, &err), ERR_OK);
	assert_int_equal(state_of(1), 0);
	assert_int_equal(put("b"), ERR_OK);
	assert_int_equal(store_commit(s, &err), ERR_OK);
	assert_false(there("a"));
	assert_true(there("b"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_did_not_change_as_expected_undoes_all_and_is_said),
		CASE(rows_read_ahead_are_as_they_would_be_read_now),
		CASE(sum_of_a_day_that_was_read_ahead_is_read_again_after_an_acceptance),
		CASE(a_connection_lost_while_reading_ahead_leaves_nothing_behind),
		cmocka_unit_test(a_freeze_is_rehearsed_and_ends_what_waits),
		cmocka_unit_test(
			a_usual_verification_is_read_in_two_waves_and_waits_for_nothing),
	};

	const struct CMUnitTest words[] = {
		cmocka_unit_test(writes_name_whatever_rows_are_found_by),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return test_store_is_postgres() ? cmocka_run_group_tests(tests, NULL, NULL)
					: cmocka_run_group_tests(words, NULL, NULL);
}
