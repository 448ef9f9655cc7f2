/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits that change while a verification is open, and what currency they are in.
 */
#include "tests/lib/world_case.h"

/* ---- limits that change while a verification is open ---- */

/* As after SIGHUP. */
static void take_policy(const struct policy *policy)
{
	assert_true(service_policy_take(w->service, policy));
}

static void rejected(const struct phone *of, const char *reason)
{
	assert_string_equal(world_right(w, of), "rejected");
	assert_string_equal(w->seen.reason, reason);
}

static void what_is_too_much_by_the_limits_of_now_is_not_accepted(void **state)
{
	struct phone bare;
	struct policy q;

	(void)state;
	phone_new(w, &bare, false);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &bare, 60001), "");
	q = w->service->policy;
	q.level_d_max = q.level_d_day = 1000;
	q.level_c_max = 60000;
	take_policy(&q);
	rejected(&bare, "limits-changed");
	{
		struct store_credential c;

		must(w, store_credential_get(w->service->store, &c, bare.credential, &w->err));
		assert_int_equal(c.failures, 0);
	}
	assert_string_equal(world_wants(w, &bare, 60000), "-"); /* what is good now is good */
	assert_string_equal(world_right(w, &bare), "accepted");
	/* begun on another process, which has not read the file yet: here it is old all the same */
	world_pass(w, 31);
	w->service->policy.level_c_day = w->service->policy.level_b_day = 1000000;
	assert_string_equal(world_start(w, &bare, 60000), "");
	w->service->policy.level_c_max = 59999;
	rejected(&bare, "limits-changed");
}

static void the_binding_that_is_needed_now_is_asked_for(void **state)
{
	struct phone bare;
	struct policy q;

	(void)state;
	phone_new(w, &bare, false);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &bare, 60000), "");
	q = w->service->policy;
	q.binding_2_from = 60000;
	take_policy(&q);
	assert_string_equal(world_right(w, &bare), "weak-binding"); /* and it stays open */
	assert_string_equal(
		world_answer(w, &bare, &(struct how){.binding = CODE_BINDING_CHALLENGE}), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
}

static void a_pin_that_was_not_asked_for_and_is_needed_now_ends_it(void **state)
{
	struct policy q;

	(void)state;
	q = w->service->policy;
	q.pin_from = 50000;
	take_policy(&q);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 40000), "");
	assert_false(w->started.pin_required);
	take_policy(&q); /* the same again is no change */
	q.pin_from = 40000;
	take_policy(&q);
	rejected(&p, "limits-changed");
	assert_string_equal(world_wants(w, &p, 40000), "pin");
	/* begun on another process, which has not read the file yet */
	w->service->policy.pin_from = 50000;
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 40000), "");
	assert_false(w->started.pin_required);
	w->service->policy.pin_from = 40000;
	rejected(&p, "limits-changed");
	assert_string_equal(world_wants(w, &p, 40000), "pin");
	/* less is asked for now: what was asked for stays */
	q.pin_from = 50000;
	world_pass(w, 1);
	take_policy(&q);
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(w->seen.pin_required);
	/* and the amount is looked at once more before the PIN counts */
	q.level_d_max = q.level_d_day = q.level_c_max = q.level_b_max = 39999;
	q.level_c_day = 100000;
	take_policy(&q);
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "rejected");
	assert_string_equal(w->seen.reason, "limits-changed");
}

static void an_account_that_ran_out_of_tries_gets_nothing_accepted_that_was_open(void **state)
{
	struct rules_start_out waits_for_pin, waits_for_answer;
	struct phone second, bare;

	(void)state;
	w->service->policy.account_wrong_day = 3;
	phone_new(w, &second, true);
	phone_new(w, &bare, false);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &bare, 0), "");
	waits_for_answer = w->started; /* of another account */
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	waits_for_pin = w->started;
	for (int i = 0; i < 3; i++) {
		struct rules_start_out wrong;

		assert_string_equal(world_start(w, &second, 0), "");
		wrong = w->started;
		if (i == 2) {
			assert_string_equal(world_start(w, &p, 1), "");
			waits_for_answer = w->started;
		}
		w->started = wrong;
		assert_string_equal(world_wrong(w, &second), "rejected");
		assert_string_equal(w->seen.reason, "wrong-answer");
		if (i < 2)
			world_pass(w, 31);
	}
	w->started = waits_for_answer;
	rejected(&p, "too-many-attempts");
	w->started = waits_for_pin;
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "rejected");
	assert_string_equal(w->seen.reason, "too-many-attempts");
	assert_int_equal(world_audit_count(w, "authorised"), 0);
	assert_string_equal(world_start(w, &bare, 0), "");
	assert_string_equal(world_right(w, &bare), "accepted");
}

static void fewer_tries_of_an_account_count_for_what_is_open_too(void **state)
{
	struct phone second;
	struct policy q;

	(void)state;
	phone_new(w, &second, true);
	for (int i = 0; i < 2; i++) {
		world_pass(w, 31);
		assert_string_equal(world_start(w, &second, 0), "");
		assert_string_equal(world_wrong(w, &second), "rejected");
	}
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	q = w->service->policy;
	q.account_wrong_day = 2;
	take_policy(&q);
	rejected(&p, "too-many-attempts");
}

/* ---- currencies ---- */

static void refused_with(const char *words)
{
	assert_string_equal(w->problem.word, "not-allowed");
	assert_int_equal(w->problem.status, 403);
	if (!strstr(w->problem.detail, words))
		fail_msg("\"%s\" does not say \"%s\"", w->problem.detail, words);
}

static const char *start_in(const struct phone *of, const char *currency, uint64_t amount)
{
	struct rules_start_in in = {.amount = amount};

	world_pass(w, 31);
	phone_first_code(of, in.code, world_now(w));
	(void)snprintf(in.currency, sizeof(in.currency), "%s", currency);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_start(
			&w->rules, &w->started, &w->problem, &w->till, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

/* Minor units of different currencies are not the same money: a limit in one says nothing of a
 * payment in another.
 */
static void limits_of_one_currency_are_for_that_one(void **state)
{
	struct phone bare;
	struct policy q = w->service->policy;

	(void)state;
	phone_new(w, &bare, false);
	assert_string_equal(start_in(&bare, "GBP", 100), ""); /* any, where none was said */
	assert_true(service_policy_take(w->service, &q));
	(void)snprintf(q.currency, sizeof(q.currency), "CNY");
	assert_true(service_policy_take(w->service, &q));
	assert_string_equal(world_right(w, &bare), "rejected"); /* begun before */
	assert_string_equal(w->seen.reason, "limits-changed");
	assert_string_equal(start_in(&bare, "GBP", 1), "not-allowed");
	refused_with("payments in GBP are not allowed here, only in CNY");
	assert_string_equal(start_in(&bare, "", 1), "not-allowed"); /* of none */
	assert_string_equal(start_in(&bare, "CNY", 100000), "");
	assert_string_equal(world_right(w, &bare), "accepted");
	assert_string_equal(start_in(&bare, "CNY", 100001), "");
	assert_string_equal(start_in(&bare, "GBP", 0), ""); /* no amount, no limit */
}

static void without_a_currency_of_their_own_sums_take_all_for_the_same(void **state)
{
	struct phone bare;

	(void)state;
	phone_new(w, &bare, false);
	w->service->policy.level_b_max = w->service->policy.level_b_day = 100000;
	assert_string_equal(start_in(&bare, "EUR", 60000), "");
	assert_string_equal(world_right(w, &bare), "accepted");
	/* several currencies are no more money */
	assert_string_equal(start_in(&bare, "USD", 40001), "");
	{
		struct store_verification v;

		must(w, store_verification_get(
				w->service->store, &v, w->started.id, &w->err));
		assert_int_equal(v.min_binding, CODE_BINDING_CHALLENGE); /* C has no room */
	}
}

static void a_currency_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"cny", "CN", "CNYY", "ABC", "XXX", " ", "C Y"};
	struct policy q;
	struct err err = {0};

	(void)state;
	policy_defaults(&q);
	(void)snprintf(q.currency, sizeof(q.currency), "CNY");
	assert_int_equal(policy_check(&q, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(q.currency, sizeof(q.currency), "%s", bad[i]);
		assert_int_equal(policy_check(&q, &err), ERR_INVALID);
		assert_non_null(strstr(err.text, "currency"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEVEL_CASE(what_is_too_much_by_the_limits_of_now_is_not_accepted),
		LEVEL_CASE(the_binding_that_is_needed_now_is_asked_for),
		LEVEL_CASE(a_pin_that_was_not_asked_for_and_is_needed_now_ends_it),
		LEVEL_CASE(an_account_that_ran_out_of_tries_gets_nothing_accepted_that_was_open),
		LEVEL_CASE(fewer_tries_of_an_account_count_for_what_is_open_too),
		LEVEL_CASE(limits_of_one_currency_are_for_that_one),
		LEVEL_CASE(without_a_currency_of_their_own_sums_take_all_for_the_same),
		LEVEL_CASE(a_currency_that_is_none_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
