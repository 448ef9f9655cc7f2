/* SPDX-License-Identifier: Apache-2.0
 *
 * The till at the counter: what it sells is what is verified, whatever comes between; its verdicts
 * are the flow's or the backend's; and a run without a camera ends. Backend and scanner are played.
 */
#include "tests/lib/till_kit.h"

static void what_is_sold_is_what_is_verified(void **state)
{
	(void)state;
	assert_int_not_equal(counter.closed, 0);
	say(START("1"));
	assert_int_equal(counter.closed, 0);
	assert_int_equal(counter.sale.amount, 1280);
	flow_to(FLOW_STARTING);
	hear();
	said("\"state\":\"running\"");
	result(VERDICT_ACCEPTED, REASON_NONE);
	hear();
	said("\"event\":\"sale\"");
	said("\"state\":\"finished\",\"verdict\":\"accepted\"");
	assert_int_not_equal(counter.closed, 0); /* no second card for it */
	counter.flow.phase = FLOW_WAITING;
	till_turn(&till);
	assert_int_equal(counter.sale.amount, 0);
	assert_int_not_equal(counter.closed, 0);
	say(START("1"));
	said("\"again\":true");
	said("\"verdict\":\"accepted\"");
	assert_int_not_equal(counter.closed, 0); /* and nothing is sold by it */
}

static unsigned closed_at_clear;
static int cleared;

static void clear(void *ctx)
{
	(void)ctx;
	cleared++;
	closed_at_clear = counter.closed;
	assert_false(counter.sale_of_till);
}

/* What the operator must type is judged there: by then it is no till's sale any more. */
static void the_operator_sells_again_when_the_till_has_sold(void **state)
{
	(void)state;
	till.opt.host.clear = clear;
	till.opt.only = false;
	cleared = 0;
	say(START("1"));
	flow_to(FLOW_STARTING);
	result(VERDICT_ACCEPTED, REASON_NONE);
	assert_int_equal(cleared, 0); /* the verdict is still shown */
	till_turn(&till);
	assert_int_equal(cleared, 0);
	counter.flow.phase = FLOW_WAITING;
	till_turn(&till);
	assert_int_equal(cleared, 1);
	assert_int_equal(closed_at_clear, 0);
	till_turn(&till);
	assert_int_equal(cleared, 1);
}

static void each_verdict_has_its_word(void **state)
{
	static const struct {
		enum verdict verdict;
		enum flow_reason reason;
		const char *said;
	} cases[] = {
		{VERDICT_REFUSED, REASON_FROZEN, "\"verdict\":\"refused\",\"reason\":\"frozen\""},
		{VERDICT_NONE, REASON_NO_BACKEND, "\"verdict\":\"none\",\"reason\":\"no-backend\""},
		{VERDICT_UNCERTAIN, REASON_NO_BACKEND, "\"verdict\":\"uncertain\""},
		{VERDICT_UNCONFIRMED, REASON_OFFLINE, "\"verdict\":\"unconfirmed\""},
	};
	char start[128];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(start, sizeof start, "{\"command\":\"start\",\"id\":\"%zu\"}", i);
		say(start);
		flow_to(FLOW_STARTING);
		result(cases[i].verdict, cases[i].reason);
		hear();
		said(cases[i].said);
		not_said("accepted");
		not_said("authorised");
		counter.flow.phase = FLOW_WAITING;
		till_turn(&till);
	}
}

static void one_sale_at_a_time(void **state)
{
	(void)state;
	begin_sale(START("1"));
	say(START("2"));
	said("\"error\":\"busy\"");
	say(START("1"));
	said("\"state\":\"running\"");
	say("{\"command\":\"start\",\"id\":\"1\",\"amount\":\"12.81\",\"currency\":\"EUR\"}");
	said("\"error\":\"id-used\"");
	say("{\"command\":\"verdict\",\"id\":\"2\"}"); /* it was not kept */
	said("\"error\":\"unknown-id\"");
	result(VERDICT_REFUSED, REASON_CANCELLED);
	say(START("2")); /* while the verdict of the other is still shown */
	said("\"state\":\"waiting\"");
}

static void a_verification_of_the_operators_is_not_the_tills(void **state)
{
	struct client_sale others = {.amount = 5, .currency = "EUR"};

	(void)state;
	say(START("1"));
	counter.sale = others; /* it came between */
	flow_to(FLOW_STARTING);
	result(VERDICT_ACCEPTED, REASON_NONE);
	say("{\"command\":\"verdict\",\"id\":\"1\"}");
	said("\"state\":\"waiting\"");
	not_said("accepted");
}

static void who_is_signed_in_does_not_make_it_another_sale(void **state)
{
	(void)state;
	text_copy(counter.signed_in, sizeof counter.signed_in, "Han Meimei");
	begin_sale(START("1"));
	assert_string_equal(counter.sale.operator_name, "Han Meimei");
	say("{\"command\":\"status\"}");
	said("\"busy\":true,\"id\":\"1\"");
	say("{\"command\":\"verdict\",\"id\":\"1\"}");
	said("\"state\":\"running\",\"phase\":\"number\"");
}

static void nothing_is_sold_where_no_card_would_be_taken(void **state)
{
	(void)state;
	counter_close(&counter, COUNTER_CLOSED_OPERATOR, true);
	say(START("1"));
	said("\"error\":\"signed-off\"");
	counter_close(&counter, COUNTER_CLOSED_OPERATOR, false);
	counter.barred = REASON_TERMINAL_STOPPED;
	say(START("1"));
	said("\"error\":\"terminal-stopped\"");
	counter.barred = REASON_NONE;
	counter.source_ended = true;
	say(START("1"));
	said("\"error\":\"ending\"");
	counter.source_ended = false;
	say(START("1"));
	said("\"state\":\"waiting\"");
}

static void a_sale_waits_for_a_card_and_no_longer(void **state)
{
	(void)state;
	say("{\"command\":\"start\",\"id\":\"1\",\"wait_s\":60}");
	pass(1); /* nothing was lost */
	assert_int_equal(till_next_ms(&till), 61000);
	pass(59998);
	hear();
	not_said("finished");
	pass(1);
	hear();
	said("\"verdict\":\"none\",\"reason\":\"no-card\"");
	say("{\"command\":\"start\",\"id\":\"2\",\"wait_s\":60}");
	flow_to(FLOW_STARTING);
	pass(60000); /* a verification has its own times */
	hear();
	not_said("finished");
}

static void a_key_of_the_operator_ends_a_sale_that_waits(void **state)
{
	(void)state;
	say(START("1"));
	counter.ev.kind = FLOW_EV_CANCEL;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_WAITING);
	hear();
	said("\"verdict\":\"none\",\"reason\":\"cancelled\"");
}

static void a_number_that_cannot_be_written_down_is_given_up(void **state)
{
	int fd = till.book.fd;

	(void)state;
	say(START("1"));
	flow_to(FLOW_STARTING);
	fd = till.book.fd;
	till.book.fd = -1;
	flow_to(FLOW_NUMBER);
	assert_true(till.number_lost);
	till.book.fd = fd;
	till_turn(&till); /* cancelled: not kept waiting for a second code */
	assert_int_not_equal(counter.flow.phase, FLOW_NUMBER);
}

/* ---- a camera that does not come ---- */

static void a_single_run_does_not_wait_for_a_camera_without_end(void **state)
{
	static const struct {
		bool gives_up, camera, good, over;
	} cases[] = {
		{true, true, false, true},
		{false, true, false, false}, /* --continuous, a screen */
		{true, false, false, false}, /* a reader has no pictures */
		{true, true, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		counter.gives_up = cases[i].gives_up;
		counter.frame_was_good = cases[i].good;
		camera = cases[i].camera;
		counter.quit = false;
		clock_init_manual(&counter.clock, 1000 + COUNTER_PATIENCE_MS - 1, 0);
		counter_camera_look(&counter);
		assert_false(counter.quit);
		clock_init_manual(&counter.clock, 1000 + COUNTER_PATIENCE_MS, 0);
		counter_camera_look(&counter);
		assert_int_equal(counter.quit, cases[i].over);
		if (cases[i].over)
			assert_int_equal(counter_exit_status(&counter), 3);
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(what_is_sold_is_what_is_verified),
		CASE(the_operator_sells_again_when_the_till_has_sold),
		CASE(each_verdict_has_its_word),
		CASE(one_sale_at_a_time),
		CASE(a_verification_of_the_operators_is_not_the_tills),
		CASE(who_is_signed_in_does_not_make_it_another_sale),
		CASE(nothing_is_sold_where_no_card_would_be_taken),
		CASE(a_sale_waits_for_a_card_and_no_longer),
		CASE(a_key_of_the_operator_ends_a_sale_that_waits),
		CASE(a_number_that_cannot_be_written_down_is_given_up),
		CASE(a_single_run_does_not_wait_for_a_camera_without_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
