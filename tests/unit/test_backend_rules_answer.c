/* SPDX-License-Identifier: Apache-2.0
 *
 * Stage two, state, cancel and expiry: one second code, once; a lost reply is no lost decision.
 */
#include "tests/lib/world_case.h"

/* The last step was refused in these words, is in the audit, and told nothing else. */
static void refused(const char *word, int status)
{
	struct rules_verification nothing;
	struct store_audit a = world_last_audit(w);

	memset(&nothing, 0, sizeof(nothing));
	assert_string_equal(w->problem.word, word);
	assert_int_equal(w->problem.status, status);
	assert_string_equal(a.kind, "answer-refused");
	assert_non_null(strstr(a.detail, word));
	assert_memory_equal(&w->seen, &nothing, sizeof(nothing));
}

static struct store_credential row(void)
{
	struct store_credential c;

	must(w, store_credential_get(w->service->store, &c, p.credential, &w->err));
	return c;
}

/* ---- right and wrong ---- */

static void wrong_answer_rejects_and_the_right_one_comes_too_late(void **state)
{
	struct rules_verification first;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "wrong-answer");
	assert_string_equal(w->seen.receipt, "");
	assert_int_equal(w->seen.attempts_left, -1);
	assert_int_equal(row().failures, 1);
	first = w->seen;
	assert_string_equal(world_right(w, &p), "answered-already");
	refused("answered-already", 409);
	assert_string_equal(world_state(w), "rejected");
	assert_memory_equal(&first, &w->seen, sizeof(first));
}

static void every_wrong_bit_of_a_response_is_rejected(void **state)
{
	char good[CODE_TEXT_MAX], bad[CODE_TEXT_MAX];
	struct code c;

	(void)state;
	w->service->policy.starts_hour = w->service->policy.starts_day = 100000;
	w->service->policy.account_starts_hour = w->service->policy.account_starts_day = 100000;
	w->service->policy.start_delay_after = 10000;
	w->service->policy.starts_per_tag = w->service->policy.failures_freeze = 100;
	w->service->policy.terminal_wrong_stop = w->service->policy.account_wrong_day = 10000;
	for (size_t bit = 0; bit < 8 * CODE_RESPONSE_LEN; bit += 7) {
		struct code_response r;
		uint8_t body[CODE_RESPONSE_BODY_LEN];

		world_pass(w, 31);
		assert_string_equal(world_start(w, &p, 0), "");
		phone_answer(w, &p, good, &(struct how){.wrong = false});
		code_parse(&c, span_text(good));
		r = c.response;
		r.response[bit / 8] ^= (uint8_t)(1u << bit % 8);
		code_response_build(body, &r);
		code_of(bad, p.host, CODE_RESPONSE, SPAN(body, sizeof(body)));
		assert_string_equal(world_answer_code(w, &w->till, bad), "");
		assert_int_equal(w->seen.state, STATE_REJECTED);
	}
	assert_int_equal(world_audit_count(w, "accepted"), 0);
}

static void answers_to_another_number_or_verification_are_wrong(void **state)
{
	char old[CODE_TEXT_MAX], bound[CODE_TEXT_MAX];

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	phone_answer(w, &p, old, &(struct how){.wrong = false});
	phone_answer(w, &p, bound, &(struct how){.binding = CODE_BINDING_CHALLENGE});
	assert_string_equal(world_cancel(w), "cancelled");
	world_pass(w, 1);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_answer_code(w, &w->till, old), "");
	assert_int_equal(w->seen.state, STATE_REJECTED);
	world_pass(w, 40);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_answer_code(w, &w->till, bound), "");
	assert_int_equal(w->seen.state, STATE_REJECTED);
}

static void timed_answers_are_right_from_two_steps_before_the_start_to_two_after_now(void **state)
{
	(void)state;
	w->service->policy.failures_freeze = w->service->policy.starts_per_tag = 100;
	w->service->policy.start_delay_after = 100;
	for (int step = -5; step <= 5; step++) {
		const char *want = step < -2 || step > 3 ? "rejected" : "accepted";

		world_pass(w, 300);
		assert_string_equal(world_start(w, &p, 0), "");
		world_pass(w, CODE_STEP_S); /* so that now is one step after the start */
		assert_string_equal(world_answer(w, &p, &(struct how){
			.at = world_now(w) - CODE_STEP_S + step * CODE_STEP_S}), "");
		assert_string_equal(rules_state_word(w->seen.state), want);
	}
}

static void every_binding_that_is_strong_enough_is_accepted(void **state)
{
	(void)state;
	w->service->policy.starts_per_tag = 100;
	for (int binding = CODE_BINDING_NUMBER; binding <= CODE_BINDING_CHALLENGE; binding++) {
		assert_string_equal(world_start(w, &p, 500), "");
		assert_string_equal(world_answer(w, &p,
			&(struct how){.binding = (enum code_binding)binding}), "");
		assert_int_equal(w->seen.state, STATE_ACCEPTED);
	}
	assert_string_equal(world_start(w, &p, 500), "");
	assert_string_equal(world_answer(w, &p, &(struct how){.binding = CODE_BINDING_AMOUNT,
		.wrong = true}), "");
	assert_int_equal(w->seen.state, STATE_REJECTED);
}

static void static_credentials_answer_without_time(void **state)
{
	struct phone card;

	(void)state;
	phone_new_static(w, &card, 0);
	assert_string_equal(world_start(w, &card, 0), "");
	assert_string_equal(world_right(w, &card), "accepted");
	world_pass(w, 40);
	assert_string_equal(world_start(w, &card, 0), "");
	assert_string_equal(world_wrong(w, &card), "rejected");
}

/* ---- once, and again ---- */

static void same_code_again_gets_the_recorded_answer(void **state)
{
	char code[CODE_TEXT_MAX];
	struct rules_verification first;
	int records;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	first = w->seen;
	records = (int)world_last_audit(w).seq;
	for (int i = 0; i < 3; i++) {
		world_pass(w, 1000); /* also long after its time */
		assert_string_equal(world_answer_code(w, &w->till, code), "");
		assert_memory_equal(&first, &w->seen, sizeof(first));
	}
	assert_int_equal(world_last_audit(w).seq, records);
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	assert_memory_equal(&first, &w->seen, sizeof(first));
}

static void another_terminal_does_not_see_the_verification(void **state)
{
	char code[CODE_TEXT_MAX];
	struct rules_caller mine = w->till;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	assert_string_equal(world_answer_code(w, &w->other, code), "not-found");
	w->till = w->other;
	assert_string_equal(world_state(w), "not-found");
	assert_int_equal(w->problem.status, 404);
	assert_string_equal(world_cancel(w), "not-found");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "not-found");
	w->till = mine;
	w->till.role = ROLE_WALLET;
	assert_string_equal(world_state(w), "forbidden");
	w->till = mine;
	assert_string_equal(world_answer_code(w, &w->till, code), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	w->started.id[15] ^= 1;
	assert_string_equal(world_answer_code(w, &w->till, code), "not-found");
	assert_string_equal(world_state(w), "not-found");
}

static void codes_of_other_kinds_and_credentials_are_foreign_and_it_stays_open(void **state)
{
	char code[CODE_TEXT_MAX];
	struct phone q;

	(void)state;
	phone_new(w, &q, false);
	assert_string_equal(world_start(w, &p, 0), "");
	world_answer_code(w, &w->till, "https://example.com/");
	refused("foreign-code", 400);
	world_answer_code(w, &w->till, "");
	refused("foreign-code", 400);
	world_answer_code(w, &w->till, w->started.challenge_code);
	refused("foreign-code", 400);
	phone_first_code(&p, code, world_now(w));
	world_answer_code(w, &w->till, code);
	refused("foreign-code", 400);
	phone_answer(w, &q, code, &(struct how){.wrong = false});
	world_answer_code(w, &w->till, code);
	refused("foreign-code", 400);
	assert_string_equal(world_state(w), "challenged");
	assert_string_equal(world_right(w, &p), "accepted");
}

/* ---- too weak ---- */

/* Right and wrong weak answers: the same in every byte, and nothing is decided. */
static void weak(enum code_binding binding, bool untimed)
{
	struct rules_problem right;

	world_answer(w, &p, &(struct how){.binding = binding, .untimed = untimed});
	refused("weak-binding", 403);
	right = w->problem;
	world_answer(w, &p, &(struct how){.binding = binding, .untimed = untimed, .wrong = true});
	refused("weak-binding", 403);
	assert_memory_equal(&right, &w->problem, sizeof(right));
	assert_string_equal(world_state(w), "challenged");
	assert_int_equal(row().failures, 0);
}

static void weak_bindings_are_refused_before_anything_is_computed(void **state)
{
	(void)state;
	w->service->policy.binding_1_from = 1000;
	w->service->policy.level_c_day = 0;
	assert_string_equal(world_start(w, &p, 100000), "");
	weak(CODE_BINDING_NUMBER, false);
	weak(CODE_BINDING_AMOUNT, false);
	weak(CODE_BINDING_CHALLENGE, true);
	assert_string_equal(world_answer(w, &p, &(struct how){.binding = CODE_BINDING_CHALLENGE}),
		"");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	assert_string_equal(world_start(w, &p, 99999), "");
	weak(CODE_BINDING_NUMBER, false);
	weak(CODE_BINDING_AMOUNT, true);
	assert_string_equal(world_answer(w, &p, &(struct how){.binding = CODE_BINDING_AMOUNT}), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	assert_string_equal(world_start(w, &p, 999), "");
	weak(CODE_BINDING_NUMBER, true);
	assert_string_equal(world_right(w, &p), "accepted");
}

static void static_credentials_with_short_numbers_must_scan_the_challenge(void **state)
{
	struct phone card;

	(void)state;
	phone_new_static(w, &card, 6);
	assert_string_equal(world_start(w, &card, 0), "");
	assert_string_equal(world_right(w, &card), "weak-binding");
	assert_string_equal(world_wrong(w, &card), "weak-binding");
	assert_string_equal(world_answer(w, &card,
		&(struct how){.binding = CODE_BINDING_CHALLENGE}), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
}

/* ---- time ---- */

static void answer_counts_until_the_last_second_and_not_after(void **state)
{
	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	world_pass(w, 59);
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_start(w, &p, 0), "");
	world_pass(w, 60);
	assert_string_equal(world_right(w, &p), "expired");
	assert_string_equal(w->seen.reason, "number-expired");
	assert_string_equal(world_wrong(w, &p), "expired");
	assert_string_equal(world_answer_code(w, &w->till, "what is no code"), "");
	assert_int_equal(w->seen.state, STATE_EXPIRED);
	assert_int_equal(row().failures, 0);
	world_pass(w, -30); /* a clock set back does not bring it to life again */
	assert_string_equal(world_right(w, &p), "expired");
	assert_int_equal(world_audit_count(w, "expired"), 1);
}

static void expiry_needs_no_sweep_and_the_sweep_records_it_once(void **state)
{
	int expired = -1;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_state(w), "challenged");
	world_pass(w, 60);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &expired, &w->err));
	assert_int_equal(expired, 1);
	must(w, rules_sweep(&w->rules, &expired, &w->err));
	assert_int_equal(expired, 0);
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(world_state(w), "expired");
	assert_int_equal(world_audit_count(w, "expired"), 1);
	world_pass(w, 30);
	assert_string_equal(world_start(w, &p, 0), "");
	world_pass(w, 61);
	assert_string_equal(world_state(w), "expired");
	assert_string_equal(world_cancel(w), "expired");
}

static void cancel_ends_an_open_one_and_never_changes_a_decision(void **state)
{
	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(w->seen.reason, "cancelled");
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(world_right(w, &p), "cancelled");
	assert_int_equal(world_audit_count(w, "cancelled"), 1);
	assert_string_equal(world_start(w, &p, 1), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_cancel(w), "accepted");
	assert_true(w->seen.receipt[0]);
	assert_string_equal(world_start(w, &p, 2), "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_string_equal(world_cancel(w), "rejected");
}

/* ---- what happened meanwhile ---- */

static void nothing_is_told_when_frozen_or_void_meanwhile(void **state)
{
	struct rules_verification right;

	(void)state;
	for (int wrong = 0; wrong < 2; wrong++) {
		world_pass(w, 31);
		assert_string_equal(world_start(w, &p, 0), "");
		must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
		assert_string_equal(world_answer(w, &p, &(struct how){.wrong = wrong}), "");
		assert_int_equal(w->seen.state, STATE_REJECTED);
		assert_string_equal(w->seen.reason, "frozen");
		assert_string_equal(w->seen.receipt, "");
		memset(w->seen.id, 0, CODE_ID_LEN);
		if (wrong)
			assert_memory_equal(&right, &w->seen, sizeof(right));
		right = w->seen;
		assert_int_equal(row().failures, 0);
		must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	}
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_credential_void(w->service, p.credential, &w->err));
	assert_string_equal(world_right(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "void");
}

static void renewed_or_expired_meanwhile_is_rejected(void **state)
{
	struct service_issue in = {.not_after = WORLD_NOW + 100};
	struct service_issued again;
	struct phone q;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_credential_renew(w->service, &again, p.credential, 0, &w->err));
	assert_string_equal(world_right(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "superseded");
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	phone_issue(w, &q, &in);
	world_pass(w, 90);
	assert_string_equal(world_start(w, &q, 0), "");
	world_pass(w, 10);
	assert_string_equal(world_right(w, &q), "rejected");
	assert_string_equal(w->seen.reason, "expired");
}

static void stopped_terminal_may_not_decide_but_may_ask_and_cancel(void **state)
{
	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	world_right(w, &p);
	refused("terminal-stopped", 403);
	assert_string_equal(world_state(w), "challenged");
	assert_string_equal(world_cancel(w), "cancelled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(wrong_answer_rejects_and_the_right_one_comes_too_late),
		WORLD_CASE(every_wrong_bit_of_a_response_is_rejected),
		WORLD_CASE(answers_to_another_number_or_verification_are_wrong),
		WORLD_CASE(
			timed_answers_are_right_from_two_steps_before_the_start_to_two_after_now),
		WORLD_CASE(every_binding_that_is_strong_enough_is_accepted),
		WORLD_CASE(static_credentials_answer_without_time),
		WORLD_CASE(same_code_again_gets_the_recorded_answer),
		WORLD_CASE(another_terminal_does_not_see_the_verification),
		WORLD_CASE(codes_of_other_kinds_and_credentials_are_foreign_and_it_stays_open),
		WORLD_CASE(weak_bindings_are_refused_before_anything_is_computed),
		WORLD_CASE(static_credentials_with_short_numbers_must_scan_the_challenge),
		WORLD_CASE(answer_counts_until_the_last_second_and_not_after),
		WORLD_CASE(expiry_needs_no_sweep_and_the_sweep_records_it_once),
		WORLD_CASE(cancel_ends_an_open_one_and_never_changes_a_decision),
		WORLD_CASE(nothing_is_told_when_frozen_or_void_meanwhile),
		WORLD_CASE(renewed_or_expired_meanwhile_is_rejected),
		WORLD_CASE(stopped_terminal_may_not_decide_but_may_ask_and_cancel),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
