/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens at a real counter: time, the operator, and the end of the frames.
 */
#include "tests/lib/flow_case.h"

/* ---- time, operator, frames ---- */

static void the_number_runs_out(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_wait(&c, KIT_LIFETIME_MS - 1);
	assert_nothing_done();
	c.now++;
	counter_see_one(&c, kit_second('A', 1)); /* too late by nothing */
	assert_result(VERDICT_REFUSED, REASON_NUMBER_EXPIRED);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
	assert_false(counter_did(&c, FLOW_DO_ANSWER));
}

static void an_answer_on_its_way_when_the_number_runs_out_is_waited_for(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_wait(&c, KIT_LIFETIME_MS - 1);
	counter_see_one(&c, kit_second('A', 1));
	counter_wait(&c, 5000);
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_ANSWERING);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void a_number_that_lives_too_long_is_not_believed(void **state)
{
	struct flow_event ev;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	ev = kit_started(c.f.serial);
	ev.started.lifetime_ms = INT64_MAX;
	counter_step(&c, &ev);
	assert_int_equal(c.f.deadline_ms, c.now + FLOW_NUMBER_MS_MAX);
	assert_int_equal(c.f.number_ms, FLOW_NUMBER_MS_MAX);
}

static void a_number_that_has_run_out_already_is_not_shown(void **state)
{
	struct flow_event ev;

	(void)state;
	counter_see_one(&c, kit_first('A'));
	ev = kit_started(c.f.serial);
	ev.started.lifetime_ms = INT64_MIN;
	counter_step(&c, &ev);
	assert_result(VERDICT_REFUSED, REASON_NUMBER_EXPIRED);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
}

static void the_phone_goes_away(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_event(&c, FLOW_EV_END);
	assert_result(VERDICT_REFUSED, REASON_END_OF_FRAMES);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
	counter_wait(&c, 10 * FLOW_RESULT_MS); /* nothing comes that needs the screen */
	assert_int_equal(c.f.phase, FLOW_RESULT);
	assert_int_equal(flow_next_ms(&c.f), INT64_MAX);
}

static void a_verdict_stays_as_long_as_the_caller_says(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) { /* it lives longer than one verification */
		c.f.result_ms = round == 0 ? 2 * FLOW_RESULT_MS : c.f.result_ms;
		counter_to_number(&c);
		counter_event(&c, FLOW_EV_CANCEL);
		assert_int_equal(c.f.phase, FLOW_RESULT);
		counter_wait(&c, 2 * FLOW_RESULT_MS - 1);
		assert_int_equal(c.f.phase, FLOW_RESULT);
		counter_wait(&c, 1);
		assert_int_equal(c.f.phase, FLOW_WAITING);
		counter_wait(&c, FLOW_SAME_AGAIN_MS);
	}
}

static void frames_that_end_before_anything_decide_nothing(void **state)
{
	(void)state;
	counter_event(&c, FLOW_EV_END);
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_WAITING);
	assert_int_equal(c.f.verifications, 0);
	assert_int_equal(flow_next_ms(&c.f), INT64_MAX);
}

static void frames_that_end_after_a_result_was_dismissed_decide_nothing(void **state)
{
	(void)state;
	counter_to_number(&c);
	counter_event(&c, FLOW_EV_CANCEL);
	assert_result(VERDICT_REFUSED, REASON_CANCELLED);
	counter_event(&c, FLOW_EV_CANCEL);
	counter_see_one(&c, kit_first('A')); /* held: words about the phone that has to go away */
	counter_event(&c, FLOW_EV_END);
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_WAITING);
	assert_int_equal(c.f.verdict, VERDICT_NONE);
	assert_int_equal(flow_next_ms(&c.f), INT64_MAX);
}

static void frames_that_end_during_a_request_leave_it_be(void **state)
{
	(void)state;
	counter_to_answering_pin(&c);
	counter_event(&c, FLOW_EV_END);
	assert_nothing_done();
	counter_state(&c, FLOW_REC_ACCEPTED, true, -1, REASON_NONE);
	assert_int_equal(c.f.phase, FLOW_PIN);
	counter_event(&c, FLOW_EV_PIN_TYPED);
	counter_state(&c, FLOW_REC_AUTHORISED, true, -1, REASON_NONE);
	assert_result(VERDICT_ACCEPTED, REASON_NONE);
}

static void a_number_without_frames_to_come_is_given_up(void **state)
{
	(void)state;
	counter_see_one(&c, kit_first('A'));
	counter_event(&c, FLOW_EV_END);
	counter_started(&c);
	assert_result(VERDICT_REFUSED, REASON_END_OF_FRAMES);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
}

static void the_operator_cancels_in_every_phase(void **state)
{
	static const struct {
		void (*go)(struct counter *c);
		enum verdict verdict;
		bool backend, pin;
	} cases[] = {
		{counter_to_number, VERDICT_REFUSED, true, false},
		{counter_to_answering, VERDICT_UNCERTAIN, true, false},
		{counter_to_pin, VERDICT_REFUSED, true, true},
	};

	(void)state;
	counter_see_one(&c, kit_first('A'));
	counter_event(&c, FLOW_EV_CANCEL);
	assert_result(VERDICT_REFUSED, REASON_CANCELLED);
	assert_false(counter_did(&c, FLOW_DO_CANCEL));
	for (size_t i = 0; i < 3; i++) {
		counter_open(&c);
		cases[i].go(&c);
		counter_event(&c, FLOW_EV_CANCEL);
		assert_result(cases[i].verdict, REASON_CANCELLED);
		assert_int_equal(counter_did(&c, FLOW_DO_CANCEL), cases[i].backend);
		assert_int_equal(counter_did(&c, FLOW_DO_PIN_CLOSE), cases[i].pin);
		assert_string_not_equal(c.f.id, ""); /* the DELETE needs it */
	}
	counter_open(&c);
	counter_to_pin_sent(&c, 1);
	counter_event(&c, FLOW_EV_CANCEL);
	assert_result(VERDICT_UNCERTAIN, REASON_CANCELLED);
	counter_open(&c);
	counter_event(&c, FLOW_EV_CANCEL);
	assert_nothing_done();
	assert_int_equal(c.f.phase, FLOW_WAITING);
}

static void an_answer_after_the_cancel_changes_nothing(void **state)
{
	(void)state;
	counter_to_answering(&c);
	counter_event(&c, FLOW_EV_CANCEL);
	counter_state(&c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	assert_nothing_done();
	assert_int_equal(c.f.verdict, VERDICT_UNCERTAIN);
}

static void a_cancelled_start_that_began_after_all_is_cancelled_at_the_backend(void **state)
{
	struct flow_event late;

	(void)state;
	for (int dismissed = 0; dismissed < 2; dismissed++) {
		counter_open(&c);
		counter_see_one(&c, kit_first('A'));
		late = kit_started(c.f.serial);
		counter_event(&c, FLOW_EV_CANCEL);
		if (dismissed)
			counter_event(&c, FLOW_EV_CANCEL);
		counter_step(&c, &late);
		assert_int_equal(c.out.count, 1);
		assert_int_equal(c.out.list[0].kind, FLOW_DO_CANCEL);
		assert_string_equal(c.f.id, late.started.id);
		assert_int_not_equal(c.f.phase, FLOW_NUMBER);
		counter_step(&c, &late);
		assert_nothing_done();
	}
	counter_open(&c);
	counter_see_one(&c, kit_first('A'));
	late = kit_started(c.f.serial);
	counter_event(&c, FLOW_EV_CANCEL);
	counter_event(&c, FLOW_EV_CANCEL);
	counter_see_one(&c, kit_first('B'));
	counter_step(&c, &late); /* B's has no id yet: A's must not become it */
	assert_nothing_done();
	assert_string_equal(c.f.id, "");
	assert_int_equal(c.f.phase, FLOW_STARTING);
}

static void a_pin_that_nobody_types_times_out(void **state)
{
	(void)state;
	counter_to_pin(&c);
	counter_wait(&c, FLOW_PIN_MS);
	assert_result(VERDICT_REFUSED, REASON_PIN_TIMEOUT);
	assert_int_equal(c.out.list[0].kind, FLOW_DO_PIN_CLOSE);
	assert_true(counter_did(&c, FLOW_DO_CANCEL));
}

static void time_that_goes_back_is_not_believed(void **state)
{
	(void)state;
	counter_to_number(&c);
	c.now -= 900;
	counter_wait(&c, 0);
	assert_int_equal(c.f.now_ms, 1000);
	c.now = INT64_MIN;
	counter_wait(&c, 0);
	assert_int_equal(c.f.phase, FLOW_NUMBER);
	c.now = INT64_MAX;
	counter_wait(&c, 0);
	assert_result(VERDICT_REFUSED, REASON_NUMBER_EXPIRED);
	counter_wait(&c, 0);
	assert_true(flow_next_ms(&c.f) > c.f.now_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_number_runs_out),
		CASE(an_answer_on_its_way_when_the_number_runs_out_is_waited_for),
		CASE(a_number_that_lives_too_long_is_not_believed),
		CASE(a_number_that_has_run_out_already_is_not_shown),
		CASE(the_phone_goes_away),
		CASE(a_verdict_stays_as_long_as_the_caller_says),
		CASE(frames_that_end_before_anything_decide_nothing),
		CASE(frames_that_end_after_a_result_was_dismissed_decide_nothing),
		CASE(frames_that_end_during_a_request_leave_it_be),
		CASE(a_number_without_frames_to_come_is_given_up),
		CASE(the_operator_cancels_in_every_phase),
		CASE(an_answer_after_the_cancel_changes_nothing),
		CASE(a_cancelled_start_that_began_after_all_is_cancelled_at_the_backend),
		CASE(a_pin_that_nobody_types_times_out),
		CASE(time_that_goes_back_is_not_believed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
