/* SPDX-License-Identifier: Apache-2.0
 *
 * The n-th allocation, write or sync of the database fails, for n = 1, 2, ... until nothing fails
 * any more. Whatever happens: an acknowledged decision is kept, a refused one leaves nothing, an
 * uncertain one is one or the other, and asking again gives the one answer there is.
 */
#include "tests/lib/world_case.h"
#include "tests/lib/store_faults.h"

/* ---- one verification with a fault in it ---- */

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
	w->service->policy.account_starts_hour = w->service->policy.account_starts_day = 100000;
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
	const struct CMUnitTest tests[] = {
		WORLD_CASE(every_allocation_of_the_database_may_fail),
		WORLD_CASE(every_write_may_fail),
		WORLD_CASE(the_disk_may_be_full_at_every_write),
		WORLD_CASE(every_sync_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, faults_install, NULL);
}
