/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens at a real counter: the straight way, and codes that stay, return or belong to
 * others.
 */
#include "tests/lib/flow_case.h"

/* ---- the straight way ---- */

static void accepts_first_code_number_second_code(void **state)
{
	(void)state;
	counter_see_one(&c, kit_first('A'));
	expect_request(FLOW_DO_START);
	assert_string_equal(c.f.first_code, "FIRST CODE OF A");
	counter_started(&c);
	assert_int_equal(c.f.phase, FLOW_NUMBER);
	assert_string_equal(c.f.number, "012345");
	assert_string_equal(c.f.credential.holder, "Li Lei");
	assert_int_equal(c.f.deadline_ms, c.now + KIT_LIFETIME_MS);
	assert_int_equal(c.f.number_ms, KIT_LIFETIME_MS);
	counter_wait(&c, 9000);
	counter_see_one(&c, kit_second('A', 1));
	expect_request(FLOW_DO_ANSWER);
	assert_string_equal(c.f.second_code, "SECOND CODE 1 OF A");
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
	assert_string_equal(flow_verdict_word(c.f.verdict, c.f.pin_done), "accepted");
	assert_string_equal(c.f.receipt, "R-1");
	assert_int_equal(c.f.verifications, 1);
}

static void authorises_after_the_pin(void **state)
{
	(void)state;
	counter_to_pin(&c);
	assert_true(counter_did(&c, FLOW_DO_PIN_OPEN));
	assert_int_equal(c.f.pin_try, 1);
	counter_event(&c, FLOW_EV_PIN_TYPED);
	expect_request(FLOW_DO_PIN);
	assert_int_equal(c.out.list[1].kind, FLOW_DO_PIN_CLOSE);
	counter_state(&c, FLOW_REC_AUTHORISED, true, 1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
	assert_string_equal(flow_verdict_word(c.f.verdict, c.f.pin_done), "authorised");
}

static void takes_two_wrong_pins_and_a_right_one(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 1);
	for (int pin_try = 2; pin_try <= 3; pin_try++) {
		struct flow_event ev = kit_state(c.f.serial, FLOW_REC_ACCEPTED);

		ev.answer.pin_required = true;
		ev.answer.reason = REASON_WRONG_PIN;
		ev.answer.attempts_left = 4 - pin_try;
		ev.answer.pin_tries_used = pin_try - 1;
		counter_step(&c, &ev);
		assert_int_equal(c.f.phase, FLOW_PIN);
		assert_int_equal(c.f.pin_try, pin_try);
		assert_int_equal(c.f.attempts_left, 4 - pin_try);
		assert_int_equal(c.f.notice, REASON_WRONG_PIN);
		assert_true(counter_did(&c, FLOW_DO_PIN_OPEN));
		counter_event(&c, FLOW_EV_PIN_TYPED);
		expect_request(FLOW_DO_PIN);
	}
	counter_state(&c, FLOW_REC_AUTHORISED, true, 3, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void three_wrong_pins_refuse(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 3);
	counter_state(&c, FLOW_REC_REJECTED, true, 3, REASON_WRONG_PIN);
	assert_result(VERDICT_REFUSED, REASON_WRONG_PIN);
}

static void a_backend_that_allows_a_fourth_pin_is_not_believed(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 3);
	counter_state(&c, FLOW_REC_ACCEPTED, true, 3, REASON_WRONG_PIN);
	assert_result(VERDICT_REFUSED, REASON_WRONG_PIN);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
}

/* ---- codes that stay, codes of others ---- */

static void the_first_code_may_stay_in_view_while_the_holder_types(void **state)
{
	(void)state;
	counter_to_number(&c);
	for (int i = 0; i < 500; i++) {
		struct flow_code first = kit_first('A');

		c.now += 66;
		first.text[0] = (char)('A' + i % 26); /* a new live tag */
		counter_see_one(&c, first);
		assert_nothing_done();
		assert_int_equal(c.f.phase, FLOW_NUMBER);
		assert_int_equal(c.f.notice, REASON_NONE);
	}
}

static void the_same_code_fifty_times_acts_once(void **state)
{
	unsigned starts = 0, answers = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		counter_see_one(&c, kit_first('A'));
		starts += counter_did(&c, FLOW_DO_START);
	}
	counter_started(&c);
	for (int i = 0; i < 50; i++) {
		counter_see_one(&c, kit_second('A', 1));
		answers += counter_did(&c, FLOW_DO_ANSWER);
	}
	assert_int_equal(starts, 1);
	assert_int_equal(answers, 1);
	assert_int_equal(c.f.notice, REASON_NONE);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	for (int i = 0; i < 50; i++) {
		counter_see_one(&c, kit_second('A', 1));
		assert_nothing_done();
	}
}

static void two_phones_in_view_start_nothing(void **state)
{
	(void)state;
	counter_see_two(&c, kit_first('A'), kit_first('B'));
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_WAITING);
	assert_int_equal(c.f.notice, REASON_TWO_CODES);
	counter_see_one(&c, kit_first('B'));
	expect_request(FLOW_DO_START);
	assert_string_equal(c.f.first_code, "FIRST CODE OF B");
	assert_int_equal(c.f.notice, REASON_NONE);
}

static void a_good_code_beside_a_forged_one_starts_nothing(void **state)
{
	(void)state;
	counter_see_two(&c, kit_judged('F', FLOW_CODE_FORGED), kit_first('A'));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_TWO_CODES);
}

static void the_same_code_twice_in_one_frame_is_one(void **state)
{
	(void)state;
	counter_see_two(&c, kit_first('A'), kit_first('A'));
	expect_request(FLOW_DO_START);
}

static void a_second_customer_is_told_to_wait(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_see_one(&c, kit_first('B'));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_OTHER_CUSTOMER);
	counter_see_one(&c, kit_second('B', 1));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_OTHER_CUSTOMER);
	counter_wait(&c, FLOW_NOTICE_MS - 1);
	assert_int_equal(c.f.notice, REASON_OTHER_CUSTOMER);
	counter_wait(&c, 1);
	assert_int_equal(c.f.notice, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_NUMBER);
}

static void an_answer_to_an_older_number_is_not_sent(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_REJECTED, false, -1, REASON_WRONG_ANSWER);
	counter_wait(&c, FLOW_RESULT_MS);
	counter_wait(&c, FLOW_SAME_AGAIN_MS);
	counter_to_number(&c);
	counter_see_one(&c, kit_second('A', 1));
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_NUMBER);
	assert_int_equal(c.f.notice, REASON_OLD_ANSWER);
	counter_see_two(&c, kit_second('A', 1), kit_second('A', 2));
	expect_request(FLOW_DO_ANSWER);
	assert_string_equal(c.f.second_code, "SECOND CODE 2 OF A");
}

static void remembers_the_last_sixteen_answers(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= FLOW_ANSWERED_MAX + 1; n++) {
		counter_to_number(&c);
		counter_see_one(&c, kit_second('A', n));
		expect_request(FLOW_DO_ANSWER);
		counter_state(&c, FLOW_REC_REJECTED, false, -1, REASON_NONE);
		counter_wait(&c, FLOW_RESULT_MS);
		counter_wait(&c, FLOW_SAME_AGAIN_MS);
	}
	counter_to_number(&c);
	for (unsigned n = 2; n <= FLOW_ANSWERED_MAX + 1; n++) {
		counter_see_one(&c, kit_second('A', n));
		assert_nothing_done();
		assert_int_equal(c.f.notice, REASON_OLD_ANSWER);
	}
}

static void an_answer_before_the_number_comes_too_early_and_is_not_lost(void **state)
{
	(void)state;
	counter_see_one(&c, kit_second('A', 1));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_ANSWER_TOO_EARLY);
	counter_see_one(&c, kit_first('A'));
	counter_see_one(&c, kit_second('A', 1));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_ANSWER_TOO_EARLY);
	counter_started(&c);
	assert_int_equal(c.f.notice, REASON_NONE);
	counter_see_one(&c, kit_second('A', 1));
	expect_request(FLOW_DO_ANSWER);
}

static void two_answers_of_one_phone_are_not_guessed_between(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_see_two(&c, kit_second('A', 1), kit_second('A', 2));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_TWO_CODES);
}

static void foreign_codes_are_shown_safe_and_never_sent(void **state)
{
	(void)state;
	counter_see_one(&c, kit_foreign(CODE_FOREIGN_WEB, "https://evil.example/\x1b[2J"));
	assert_nothing_done();
	assert_int_equal(c.f.notice, REASON_WEB_ADDRESS);
	assert_string_equal(c.f.notice_text, "https://evil.example/\xef\xbf\xbd[2J");
	counter_see_one(&c, kit_foreign(CODE_FOREIGN_DAMAGED, "HTTPS://A/C/AE"));
	assert_int_equal(c.f.notice, REASON_DAMAGED_CODE);
	counter_see_one(&c, kit_other_kind());
	assert_int_equal(c.f.notice, REASON_OTHER_KIND);
	assert_string_equal(c.f.notice_text, "");
	counter_see_two(&c, kit_foreign(CODE_FOREIGN_TEXT, "6901234567892"), kit_first('A'));
	expect_request(FLOW_DO_START);
}

static void refuses_what_the_terminal_knows_by_itself(void **state)
{
	static const struct {
		enum flow_code_judgement judgement;
		enum flow_reason reason;
	} cases[] = {
		{FLOW_CODE_OTHER_ISSUER, REASON_OTHER_ISSUER},
		{FLOW_CODE_FORGED, REASON_BAD_SIGNATURE},
		{FLOW_CODE_EXPIRED, REASON_CREDENTIAL_EXPIRED},
		{FLOW_CODE_UNKNOWN_ISSUER, REASON_UNKNOWN_ISSUER},
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		counter_open(&c);
		counter_see_one(&c, kit_judged('A', cases[i].judgement));
		assert_result(i < 3 ? VERDICT_REFUSED : VERDICT_NONE, cases[i].reason);
		assert_int_equal(c.out.count, 1);
		assert_int_equal(c.f.serial, 0);
		assert_int_equal(c.f.verifications, 1);
		counter_open(&c);
		counter_to_number(&c);
		counter_see_one(&c, kit_judged('B', cases[i].judgement));
		assert_nothing_done();
		assert_int_equal(c.f.phase, FLOW_NUMBER);
		assert_int_equal(c.f.notice, cases[i].reason);
	}
}

/* ---- after the result ---- */

static void to_next_waiting(void)
{
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
}

static void a_code_that_stays_in_view_does_not_start_again(void **state)
{
	(void)state;
	to_next_waiting();
	for (int i = 0; i < 300; i++) { /* 30 s, over the result and the waiting after it */
		struct flow_code first = kit_first('A');

		c.now += 100;
		first.text[0] = (char)('a' + i / 30 % 26);
		counter_see_one(&c, i % 3 ? first : kit_second('A', 1));
		assert_nothing_done();
		assert_int_equal(c.f.notice, REASON_NONE);
	}
	assert_int_equal(c.f.phase, FLOW_WAITING);
	assert_true(c.f.held && c.f.held_in_view);
	c.now += FLOW_SAME_AGAIN_MS - 1;
	counter_see_one(&c, kit_first('A'));
	assert_nothing_done();
	counter_wait(&c, FLOW_SAME_AGAIN_MS);
	assert_false(c.f.held || c.f.held_in_view);
	counter_see_one(&c, kit_first('A'));
	expect_request(FLOW_DO_START);
}

static void a_phone_taken_away_during_the_result_may_come_back_at_once(void **state)
{
	(void)state;
	to_next_waiting();
	counter_wait(&c, FLOW_SAME_AGAIN_MS);
	counter_see_one(&c, kit_first('A'));
	assert_nothing_done();
	counter_event(&c, FLOW_EV_CANCEL);
	assert_int_equal(c.f.phase, FLOW_WAITING);
	counter_see_one(&c, kit_first('A'));
	expect_request(FLOW_DO_START);
}

static void a_dismissed_result_does_not_start_the_same_phone(void **state)
{
	(void)state;
	to_next_waiting();
	counter_event(&c, FLOW_EV_CANCEL);
	counter_see_one(&c, kit_first('A'));
	assert_nothing_done();
	assert_true(c.f.held_in_view);
	assert_int_equal(flow_next_ms(&c.f), c.now + FLOW_SAME_AGAIN_MS);
}

static void the_next_customer_starts_at_once(void **state)
{
	(void)state;
	to_next_waiting();
	counter_see_one(&c, kit_first('B'));
	assert_nothing_done(); /* while the result is shown */
	counter_wait(&c, FLOW_RESULT_MS);
	assert_int_equal(c.f.phase, FLOW_WAITING);
	counter_see_one(&c, kit_first('B'));
	expect_request(FLOW_DO_START);
	assert_string_equal(c.f.number, "");
	assert_string_equal(c.f.second_code, "");
	assert_string_equal(c.f.receipt, "");
	assert_int_equal(c.f.verdict, VERDICT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(accepts_first_code_number_second_code),
		CASE(authorises_after_the_pin),
		CASE(takes_two_wrong_pins_and_a_right_one),
		CASE(three_wrong_pins_refuse),
		CASE(a_backend_that_allows_a_fourth_pin_is_not_believed),
		CASE(the_first_code_may_stay_in_view_while_the_holder_types),
		CASE(the_same_code_fifty_times_acts_once),
		CASE(two_phones_in_view_start_nothing),
		CASE(a_good_code_beside_a_forged_one_starts_nothing),
		CASE(the_same_code_twice_in_one_frame_is_one),
		CASE(a_second_customer_is_told_to_wait),
		CASE(an_answer_to_an_older_number_is_not_sent),
		CASE(remembers_the_last_sixteen_answers),
		CASE(an_answer_before_the_number_comes_too_early_and_is_not_lost),
		CASE(two_answers_of_one_phone_are_not_guessed_between),
		CASE(foreign_codes_are_shown_safe_and_never_sent),
		CASE(refuses_what_the_terminal_knows_by_itself),
		CASE(a_code_that_stays_in_view_does_not_start_again),
		CASE(a_phone_taken_away_during_the_result_may_come_back_at_once),
		CASE(a_dismissed_result_does_not_start_the_same_phone),
		CASE(the_next_customer_starts_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
