/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend answers late, twice, wrongly, or not at all.
 */
#include "tests/lib/flow_case.h"

static void sends_the_first_code_three_times(void **state)
{
	uint32_t serial = 0;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	for (int i = 1; i <= FLOW_START_TRIES; i++) {
		expect_request(FLOW_DO_START);
		assert_true(c.f.serial > serial);
		serial = c.f.serial;
		counter_lost(&c);
		if (i == FLOW_START_TRIES)
			break;
		assert_nothing_done();
		counter_wait(&c, FLOW_START_AGAIN_MS - 1);
		assert_nothing_done();
		counter_wait(&c, 1);
	}
	assert_result(VERDICT_NONE, REASON_NO_BACKEND);
}

static void a_late_answer_to_an_older_start_is_dropped(void **state)
{
	struct flow_event late;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	late = kit_started(c.f.serial);
	counter_lost(&c);
	counter_step(&c, &late);
	assert_int_equal(c.f.phase, FLOW_STARTING);
	counter_wait(&c, FLOW_START_AGAIN_MS);
	counter_step(&c, &late);
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_STARTING);
}

static void a_refusal_at_the_start_shows_its_reason(void **state)
{
	struct flow_event ev;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	ev = kit_refused(c.f.serial, REASON_FROZEN, false);
	ev.refusal.until_unix_s = 1800000900;
	counter_step(&c, &ev);
	assert_result(VERDICT_REFUSED, REASON_FROZEN);
	assert_int_equal(c.f.until_unix_s, 1800000900);
}

static void asks_at_once_and_then_with_doubling_pauses(void **state)
{
	static const int64_t pauses[] = {1000, 2000, 4000, 8000, 8000, 8000};

	(void)state;
	counter_to_answering(&c);
	counter_lost(&c);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	expect_request(FLOW_DO_ASK);
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		counter_lost(&c);
		assert_int_equal(flow_next_ms(&c.f), c.now + pauses[i]);
		counter_wait(&c, pauses[i] - 1);
		assert_nothing_done();
		counter_wait(&c, 1);
		expect_request(FLOW_DO_ASK);
	}
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void stays_uncertain_when_nobody_ever_answers(void **state)
{
	int64_t begin;

	(void)state;
	counter_to_answering(&c);
	counter_lost(&c);
	begin = c.now;
	while (c.f.phase == FLOW_UNCERTAIN) {
		if (c.f.in_flight)
			counter_lost(&c);
		counter_wait(&c, flow_next_ms(&c.f) - c.now);
	}
	assert_result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
	assert_int_equal(c.now - begin, FLOW_UNCERTAIN_MS);
}

static void a_request_that_the_client_forgot_is_lost(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_wait(&c, FLOW_REQUEST_MS);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	expect_request(FLOW_DO_ASK);
}

static void an_answer_that_never_arrived_is_sent_again(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_CHALLENGED, false, 0, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_ANSWERING);
	expect_request(FLOW_DO_ANSWER);
	assert_string_equal(c.f.second_code, "SECOND CODE 1 OF A");
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void an_answer_lost_again_and_again_is_neither_hurried_nor_endless(void **state)
{
	unsigned answers = 0;
	int64_t begin;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	struct flow_event ev = kit_started(c.f.serial);
	ev.started.lifetime_ms = FLOW_NUMBER_MS_MAX;
	counter_step(&c, &ev);
	counter_see_one(&c, kit_second('A', 1));
	begin = c.now;
	while (c.f.phase != FLOW_RESULT) {
		if (c.f.phase == FLOW_ANSWERING) {
			answers++;
			counter_lost(&c);
		} else if (c.f.in_flight) {
			counter_state(&c, FLOW_REC_CHALLENGED, false, 0, REASON_NONE);
		} else {
			counter_wait(&c, flow_next_ms(&c.f) - c.now);
		}
	}
	assert_result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
	assert_int_equal(c.now - begin, FLOW_UNCERTAIN_MS);
	assert_in_range(answers, 3, 20);
}

static void ask_again(void)
{
	assert_false(c.f.in_flight);
	counter_wait(&c, c.f.next_ms - c.now);
	expect_request(FLOW_DO_ASK);
}

static void an_answer_that_never_arrived_in_time_is_refused(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_wait(&c, KIT_LIFETIME_MS - 10);
	counter_see_one(&c, kit_second('A', 1));
	counter_lost(&c);
	c.now += 10;
	counter_state(&c, FLOW_REC_CHALLENGED, false, 0, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN); /* it may arrive yet */
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
	ask_again();
	counter_state(&c, FLOW_REC_EXPIRED, false, 0, REASON_NONE);
	assert_result(VERDICT_REFUSED, REASON_NUMBER_EXPIRED);
}

static void an_answer_that_arrives_after_its_number_counts_as_recorded(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_lost(&c);
	c.now += KIT_LIFETIME_MS;
	counter_state(&c, FLOW_REC_CHALLENGED, false, 0, REASON_NONE);
	ask_again();
	counter_state(&c, FLOW_REC_ACCEPTED, false, 0, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void a_lost_answer_that_was_then_refused_is_asked_about(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_CHALLENGED, false, 0, REASON_NONE);
	expect_request(FLOW_DO_ANSWER);
	counter_refused(&c, REASON_TERMINAL_STOPPED, false);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
	ask_again();
	counter_state(&c, FLOW_REC_CANCELLED, false, 0, REASON_NONE);
	assert_result(VERDICT_REFUSED, REASON_TERMINAL_STOPPED);
}

static void a_lost_pin_that_was_not_counted_is_typed_again(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 2);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, true, 1, REASON_WRONG_PIN);
	assert_int_equal(c.f.phase, FLOW_PIN);
	assert_int_equal(c.f.pin_try, 2);
	assert_int_equal(c.f.notice, REASON_NONE);
	assert_true(counter_did(&c, FLOW_DO_PIN_OPEN));
}

static void a_lost_pin_that_was_wrong_takes_the_next_try(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 2);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, true, 2, REASON_WRONG_PIN);
	assert_int_equal(c.f.phase, FLOW_PIN);
	assert_int_equal(c.f.pin_try, 3);
	assert_int_equal(c.f.notice, REASON_WRONG_PIN);
}

static void a_lost_pin_that_was_right_is_accepted(void **state)
{
	(void)state;
	counter_to_pin_sent(&c, 1);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_AUTHORISED, true, 1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
	assert_true(c.f.pin_done);
}

/* A PIN of the first try was lost, and is typed again. */
static void to_pin_again(void)
{
	counter_open(&c);
	counter_to_pin_sent(&c, 1);
	counter_lost(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, true, 0, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_PIN);
	assert_int_equal(c.f.pin_try, 1);
}

static void assert_given_up(void)
{
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	assert_int_equal(c.out.count, 3);
	assert_int_equal(c.out.list[0].kind, FLOW_DO_PIN_CLOSE);
	assert_int_equal(c.out.list[1].kind, FLOW_DO_CANCEL);
	assert_int_equal(c.out.list[2].kind, FLOW_DO_ASK);
}

static void a_lost_pin_that_may_still_arrive_is_not_refused(void **state)
{
	(void)state;
	to_pin_again();
	counter_event(&c, FLOW_EV_CANCEL);
	assert_given_up();
	counter_state(&c, FLOW_REC_AUTHORISED, true, 1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
	assert_true(c.f.pin_done);
	to_pin_again();
	counter_wait(&c, FLOW_PIN_MS);
	assert_given_up();
	counter_state(&c, FLOW_REC_CANCELLED, true, 0, REASON_NONE);
	assert_result(VERDICT_REFUSED, REASON_PIN_TIMEOUT);
	to_pin_again();
	counter_event(&c, FLOW_EV_CANCEL);
	counter_state(&c, FLOW_REC_REJECTED, true, 1, REASON_FROZEN);
	assert_result(VERDICT_REFUSED, REASON_FROZEN);
}

static void giving_up_repeats_until_something_is_recorded(void **state)
{
	(void)state;
	to_pin_again();
	counter_event(&c, FLOW_EV_CANCEL);
	for (int i = 0; i < 3; i++) {
		counter_state(&c, FLOW_REC_ACCEPTED, true, 0, REASON_NONE);
		assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
		assert_int_equal(c.out.count, 1);
		assert_true(counter_did(&c, FLOW_DO_CANCEL));
		ask_again();
	}
	counter_state(&c, FLOW_REC_CANCELLED, true, 0, REASON_NONE);
	assert_result(VERDICT_REFUSED, REASON_CANCELLED);
}

static void giving_up_without_a_word_is_uncertain(void **state)
{
	(void)state;
	to_pin_again();
	counter_event(&c, FLOW_EV_CANCEL);
	counter_event(&c, FLOW_EV_CANCEL);
	assert_result(VERDICT_UNCERTAIN, REASON_CANCELLED);
	to_pin_again();
	counter_event(&c, FLOW_EV_CANCEL);
	while (c.f.phase == FLOW_UNCERTAIN) {
		counter_lost(&c);
		counter_wait(&c, flow_next_ms(&c.f) - c.now);
	}
	assert_result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
}

static void a_pin_whose_try_is_recorded_is_not_lost(void **state)
{
	(void)state;
	to_pin_again();
	counter_event(&c, FLOW_EV_PIN_TYPED);
	counter_state(&c, FLOW_REC_ACCEPTED, true, 1, REASON_WRONG_PIN);
	assert_int_equal(c.f.pin_try, 2);
	counter_event(&c, FLOW_EV_CANCEL);
	assert_result(VERDICT_REFUSED, REASON_CANCELLED);
}

static void a_pin_wish_other_than_at_the_start_is_not_believed(void **state)
{
	(void)state;
	counter_to_answering_pin(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_open(&c);
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, true, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_open(&c);
	counter_to_pin_sent(&c, 1);
	counter_state(&c, FLOW_REC_AUTHORISED, false, 1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
}

static void states_that_cannot_be_are_asked_about(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_AUTHORISED, true, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	expect_request(FLOW_DO_ASK);
	counter_open(&c);
	counter_to_pin_sent(&c, 1);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_open(&c);
	counter_to_answering(&c);
	counter_state(&c, (enum flow_recorded)99, false, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
	counter_open(&c);
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_WRONG_PIN);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
}

static void a_weak_answer_leaves_the_number_open(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_refused(&c, REASON_WEAK_BINDING, true);
	assert_int_equal(c.f.phase, FLOW_NUMBER);
	assert_int_equal(c.f.notice, REASON_WEAK_BINDING);
	for (int i = 0; i < 100; i++) {
		c.now += 100;
		counter_see_one(&c, kit_second('A', 1));
		assert_nothing_done();
		assert_int_equal(c.f.notice, REASON_WEAK_BINDING);
	}
	counter_see_one(&c, kit_second('A', 2));
	expect_request(FLOW_DO_ANSWER);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void a_weak_answer_refused_for_good_is_refused(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_refused(&c, REASON_WEAK_BINDING, false);
	assert_result(VERDICT_REFUSED, REASON_WEAK_BINDING);
}

static void malformed_starts_are_no_answers(void **state)
{
	static const char *const ids[] = {
		"",
		"0",
		"ABCDEF00000000000000000000000000",
		"0000000000000000000000000000000g",
		"../../../../../../../../../../..",
	};
	struct flow_event ev;

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		counter_open(&c);
		counter_see_one(&c, kit_first('A'));
		ev = kit_started(c.f.serial);
		snprintf(ev.started.id, sizeof ev.started.id, "%s", ids[i]);
		counter_step(&c, &ev);
		assert_int_equal(c.f.phase, FLOW_STARTING);
		assert_string_equal(c.f.id, "");
	}
	counter_open(&c);
	counter_see_one(&c, kit_first('A'));
	ev = kit_started(c.f.serial);
	memset(ev.started.number, '1', sizeof ev.started.number); /* no NUL */
	counter_step(&c, &ev);
	assert_int_equal(c.f.phase, FLOW_STARTING);
}

static void reasons_of_the_terminal_are_not_taken_from_a_backend(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_state(&c, FLOW_REC_REJECTED, false, -1, REASON_TWO_CODES);
	assert_result(VERDICT_REFUSED, REASON_WRONG_ANSWER);
	counter_open(&c);
	counter_to_answering(&c);
	counter_refused(&c, REASON_END_OF_FRAMES, true);
	assert_int_equal(c.f.phase, FLOW_UNCERTAIN);
}

static void serials_wrap_without_zero(void **state)
{
	(void)state;
	c.f.serial = UINT32_MAX;
	counter_see_one(&c, kit_first('A'));
	assert_int_equal(c.f.serial, 1);
	counter_started(&c);
	assert_int_equal(c.f.phase, FLOW_NUMBER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sends_the_first_code_three_times),
		CASE(a_late_answer_to_an_older_start_is_dropped),
		CASE(a_refusal_at_the_start_shows_its_reason),
		CASE(asks_at_once_and_then_with_doubling_pauses),
		CASE(stays_uncertain_when_nobody_ever_answers),
		CASE(a_request_that_the_client_forgot_is_lost),
		CASE(an_answer_that_never_arrived_is_sent_again),
		CASE(an_answer_lost_again_and_again_is_neither_hurried_nor_endless),
		CASE(an_answer_that_never_arrived_in_time_is_refused),
		CASE(an_answer_that_arrives_after_its_number_counts_as_recorded),
		CASE(a_lost_answer_that_was_then_refused_is_asked_about),
		CASE(a_lost_pin_that_was_not_counted_is_typed_again),
		CASE(a_lost_pin_that_was_wrong_takes_the_next_try),
		CASE(a_lost_pin_that_was_right_is_accepted),
		CASE(a_lost_pin_that_may_still_arrive_is_not_refused),
		CASE(giving_up_repeats_until_something_is_recorded),
		CASE(giving_up_without_a_word_is_uncertain),
		CASE(a_pin_whose_try_is_recorded_is_not_lost),
		CASE(a_pin_wish_other_than_at_the_start_is_not_believed),
		CASE(states_that_cannot_be_are_asked_about),
		CASE(a_weak_answer_leaves_the_number_open),
		CASE(a_weak_answer_refused_for_good_is_refused),
		CASE(malformed_starts_are_no_answers),
		CASE(reasons_of_the_terminal_are_not_taken_from_a_backend),
		CASE(serials_wrap_without_zero),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
