/* SPDX-License-Identifier: Apache-2.0
 *
 * The account PIN: three tries with numbers, nothing counted twice, nothing told when it is locked.
 */
#include "tests/lib/world_case.h"

static int set_up(void **state)
{
	int e = world_set_up_pin(state);

	assert_string_equal(world_start(w, &p, 0), "");
	return e;
}

static struct store_account account(void)
{
	struct store_account a;

	must(w, store_account_get(w->service->store, &a, w->account, &w->err));
	return a;
}

static void seen(const char *state, const char *reason, int left, int tries)
{
	assert_string_equal(w->problem.word, "");
	assert_string_equal(rules_state_word(w->seen.state), state);
	assert_string_equal(w->seen.reason, reason);
	assert_int_equal(w->seen.attempts_left, left);
	assert_int_equal(w->seen.pin_tries, tries);
}

static void right_pin_authorises_with_a_receipt(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	seen("accepted", "", 3, 0);
	assert_true(w->seen.pin_required);
	assert_string_equal(w->seen.receipt, ""); /* not before the PIN */
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	seen("authorised", "", -1, 1);
	assert_true(w->seen.receipt[0]);
	assert_int_equal(world_audit_count(w, "authorised"), 1);
	assert_string_equal(world_cancel(w), "authorised");
}

static void two_wrong_then_right_clears_the_accounts_count(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	seen("accepted", "wrong-pin", 2, 1);
	assert_string_equal(world_pin(w, "24680", 2), "accepted");
	seen("accepted", "wrong-pin", 1, 2);
	assert_int_equal(account().pin_failures, 2);
	assert_string_equal(world_pin(w, WORLD_PIN, 3), "authorised");
	assert_int_equal(account().pin_failures, 0);
}

static void third_wrong_pin_rejects_and_the_right_one_is_too_late(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	assert_string_equal(world_pin(w, "1111", 2), "accepted");
	assert_string_equal(world_pin(w, "2222", 3), "rejected");
	seen("rejected", "wrong-pin", 0, 3);
	assert_string_equal(w->seen.receipt, "");
	assert_string_equal(world_pin(w, WORLD_PIN, 3), "rejected");
	assert_string_equal(world_pin(w, WORLD_PIN, 4), "rejected");
	assert_string_equal(world_state(w), "rejected");
	assert_int_equal(account().pin_failures, 3);
	assert_int_equal(world_audit_count(w, "wrong-pin"), 2);
	assert_int_equal(world_audit_count(w, "rejected"), 1);
}

static void stopped_terminal_may_not_send_a_pin(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	world_pin(w, WORLD_PIN, 1);
	assert_string_equal(w->problem.word, "terminal-stopped");
	assert_string_equal(world_state(w), "accepted");
	assert_int_equal(w->seen.pin_tries, 0);
	assert_int_equal(world_audit_count(w, "pin-refused"), 1);
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
}

static void repeated_try_gets_what_was_recorded_and_counts_once(void **state)
{
	struct rules_verification first;

	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	first = w->seen;
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	assert_memory_equal(&first, &w->seen, sizeof(first));
	/* The number decides, not the digits: one try is one look at the PIN. */
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "accepted");
	assert_memory_equal(&first, &w->seen, sizeof(first));
	assert_int_equal(account().pin_failures, 1);
	assert_string_equal(world_pin(w, WORLD_PIN, 2), "authorised");
	assert_string_equal(world_pin(w, "0000", 1), "accepted"); /* as it was answered then */
	assert_memory_equal(&first, &w->seen, sizeof(first));
	assert_string_equal(world_pin(w, "0000", 2), "authorised");
	assert_true(w->seen.receipt[0]);
	assert_int_equal(account().pin_failures, 0);
	assert_int_equal(world_audit_count(w, "authorised"), 1);
}

static void tries_come_one_after_the_other(void **state)
{
	static const int bad[] = {0, -1, 2, 3, 4, 1000};

	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(world_pin(w, WORLD_PIN, bad[i]), "bad-request");
		assert_int_equal(w->problem.status, 400);
	}
	assert_string_equal(world_state(w), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
}

static void no_pin_before_the_second_code_or_after_the_end(void **state)
{
	(void)state;
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "bad-request");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "rejected");
	seen("rejected", "wrong-answer", -1, 0);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "cancelled");
	assert_int_equal(world_audit_count(w, "authorised"), 0);
}

static void accepted_without_a_pin_takes_none(void **state)
{
	struct phone q;

	(void)state;
	phone_new(w, &q, false);
	assert_string_equal(world_start(w, &q, 0), "");
	assert_string_equal(world_right(w, &q), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "accepted");
	seen("accepted", "", -1, 0);
	assert_true(w->seen.receipt[0]);
}

static void pin_must_come_in_time(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	world_pass(w, 239);
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	world_pass(w, 1);
	assert_string_equal(world_pin(w, WORLD_PIN, 2), "expired");
	seen("expired", "pin-timeout", -1, 1);
	assert_string_equal(world_state(w), "expired");
}

/* Nine wrong ones in a row, in three transactions. */
static void lock(void)
{
	for (int i = 0; i < 9; i++) {
		if (i % 3 == 0 && i > 0) {
			world_pass(w, 31);
			assert_string_equal(world_start(w, &p, 0), "");
		}
		if (i % 3 == 0)
			assert_string_equal(world_right(w, &p), "accepted");
		assert_string_equal(world_pin(w, "9999", i % 3 + 1),
			i % 3 == 2 ? "rejected" : "accepted");
	}
}

static void nine_wrong_pins_lock_the_account_until_it_is_unlocked(void **state)
{
	struct rules_start_out open;

	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	open = w->started; /* waits for its PIN all the while */
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	lock();
	assert_true(account().pin_locked);
	assert_int_equal(world_audit_count(w, "pin-locked"), 1);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "not-allowed");
	w->started = open;
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "rejected");
	seen("rejected", "not-allowed", -1, 0);
	must(w, service_account_unlock(w->service, w->account, &w->err));
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
}

/* ---- between begin and finish, while the hash is computed ---- */

static struct rules_hash begin_with(int pin_try, const char *pin)
{
	struct rules_hash hash;

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_pin_begin(&w->rules, &hash, &w->seen, &w->problem, &w->till, w->started.id,
			pin_try, span_text(pin), &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return hash;
}

static struct rules_hash begun;

static struct rules_hash begin(int pin_try)
{
	begun = begin_with(pin_try, WORLD_PIN);
	return begun;
}

static const char *finish(int pin_try, bool right)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_pin_finish(&w->rules, &w->seen, &w->problem, &w->till, w->started.id,
			pin_try, &begun, right, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word[0] ? w->problem.word : rules_state_word(w->seen.state);
}

/* What was compared was the PIN before. No try was made, whatever came out; the same request again
 * is compared with the new one.
 */
static void a_pin_that_was_changed_while_it_was_compared_decides_nothing(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	for (int right = 0; right <= 1; right++) {
		assert_true(begin(1).wanted);
		begun.encoded[20] ^= 1; /* of another PIN */
		assert_string_equal(finish(1, right), "busy");
		assert_int_equal(w->problem.status, 503);
		assert_string_equal(world_last_audit(w).kind, "pin-refused");
		assert_int_equal(account().pin_failures, 0);
	}
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
	assert_int_equal(world_audit_count(w, "wrong-pin"), 0);
}

static void finish_looks_at_everything_again(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(begin(1).wanted);
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(finish(1, true), "cancelled");
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(begin(1).wanted);
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	assert_string_equal(finish(1, true), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(begin(1).wanted);
	world_pass(w, 240);
	assert_string_equal(finish(1, true), "expired");
	assert_int_equal(world_audit_count(w, "authorised"), 0);
}

static void one_try_in_two_requests_at_once_is_one_look_at_the_pin(void **state)
{
	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(begin(1).wanted);
	assert_true(begin(1).wanted);
	assert_string_equal(finish(1, false), "accepted");
	assert_string_equal(finish(1, true), "accepted"); /* the first one is what try 1 was */
	seen("accepted", "wrong-pin", 2, 1);
	assert_int_equal(account().pin_failures, 1);
	assert_string_equal(finish(3, true), "bad-request");
	assert_string_equal(finish(2, true), "authorised");
	assert_string_equal(finish(2, false), "authorised");
}

/* ---- the hash ---- */

static void pin_hash_is_of_this_account_and_this_backend(void **state)
{
	static const char *const WRONG[] = {"2469", "", "24680", "02468"};
	struct rules_hash hash;
	uint8_t account_id[CODE_ID_LEN];
	bool right = false;

	(void)state;
	assert_string_equal(world_right(w, &p), "accepted");
	hash = begin(1);
	assert_true(hash.wanted);
	must(w, rules_hash_compare(&right, &hash, &w->err));
	assert_true(right);
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		hash = begin_with(1, WRONG[i]);
		must(w, rules_hash_compare(&right, &hash, &w->err));
		assert_false(right);
	}
	/* Without the pepper, which is not in the database, the hash is of no use. */
	assert_int_equal(sec_password_verify(hash.encoded, span_text(WORLD_PIN)), ERR_FORGED);
	memcpy(account_id, w->account, CODE_ID_LEN);
	account_id[0] ^= 1; /* moved to another account */
	assert_int_equal(keyring_pin_pepper(w->rules.keys, hash.secret, account_id,
				 span_text(WORLD_PIN)), ERR_OK);
	must(w, rules_hash_compare(&right, &hash, &w->err));
	assert_false(right);
	hash = begin(1);
	memcpy(hash.encoded, "nonsense", 9);
	assert_int_equal(rules_hash_compare(&right, &hash, &w->err), ERR_CORRUPT);
	assert_false(right);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(right_pin_authorises_with_a_receipt),
		CASE(two_wrong_then_right_clears_the_accounts_count),
		CASE(third_wrong_pin_rejects_and_the_right_one_is_too_late),
		CASE(stopped_terminal_may_not_send_a_pin),
		CASE(repeated_try_gets_what_was_recorded_and_counts_once),
		CASE(tries_come_one_after_the_other),
		CASE(no_pin_before_the_second_code_or_after_the_end),
		CASE(accepted_without_a_pin_takes_none),
		CASE(pin_must_come_in_time),
		CASE(nine_wrong_pins_lock_the_account_until_it_is_unlocked),
		CASE(a_pin_that_was_changed_while_it_was_compared_decides_nothing),
		CASE(finish_looks_at_everything_again),
		CASE(one_try_in_two_requests_at_once_is_one_look_at_the_pin),
		CASE(pin_hash_is_of_this_account_and_this_backend),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
