/* SPDX-License-Identifier: Apache-2.0
 *
 * What the counter sells: when cards are taken, for which sale, and who is told.
 */
#include "tests/lib/counter_kit.h"
#include "tests/lib/folder.h"

static const struct client_sale COFFEE = {.amount = 350, .currency = "EUR"};
static const struct client_sale CAKE = {.amount = 480, .currency = "EUR", .reference = "7"};

static unsigned steps;
static enum flow_phase step_before, step_after;

static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	assert_ptr_equal(ctx, &steps);
	steps++;
	step_before = before;
	step_after = c->flow.phase;
}

/* A web address before the camera: a notice, where codes are looked at. */
static enum flow_reason shown(void)
{
	message = (struct scan_msg){.kind = SCAN_MSG_FRAME, .width = 640, .height = 480};
	message.code_count = 1;
	message.codes[0].text_len = 13;
	memcpy(message.codes[0].text, "HTTPS://A.B/C", 13);
	messages = 1;
	counter_scanner(&counter);
	return counter.flow.notice;
}

static void no_card_is_taken_while_nothing_is_sold(void **state)
{
	(void)state;
	counter_close(&counter, COUNTER_CLOSED_TILL, true);
	counter_close(&counter, COUNTER_CLOSED_PAGE, true);
	assert_int_equal(shown(), REASON_NONE);
	counter_close(&counter, COUNTER_CLOSED_TILL, false);
	assert_int_equal(shown(), REASON_NONE);
	counter_close(&counter, COUNTER_CLOSED_PAGE, false);
	assert_int_equal(shown(), REASON_WEB_ADDRESS);
}

static void what_runs_keeps_its_sale(void **state)
{
	static const enum flow_phase runs[] = {FLOW_STARTING, FLOW_NUMBER, FLOW_ANSWERING, FLOW_PIN,
		FLOW_PIN_SENT, FLOW_UNCERTAIN};

	(void)state;
	assert_true(counter_sale_set(&counter, &COFFEE));
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		counter.flow.phase = runs[i];
		assert_true(counter_is_running(&counter));
		assert_false(counter_sale_set(&counter, &CAKE));
		assert_int_equal(counter.sale.amount, 350);
	}
	counter.flow.phase = FLOW_WAITING;
	assert_true(counter_sale_set(&counter, &CAKE));
	assert_string_equal(counter.sale.reference, "7");
}

static void closing_does_not_end_what_runs(void **state)
{
	(void)state;
	counter.flow.phase = FLOW_NUMBER;
	counter.flow.deadline_ms = INT64_MAX;
	counter_close(&counter, COUNTER_CLOSED_TILL, true);
	assert_int_equal(shown(), REASON_WEB_ADDRESS); /* codes are looked at */
	assert_int_equal(counter.flow.phase, FLOW_NUMBER);
}

static void a_new_sale_ends_the_display_of_the_last_verdict(void **state)
{
	(void)state;
	counter.flow.phase = FLOW_RESULT;
	counter.flow.verdict = VERDICT_REFUSED;
	counter.flow.deadline_ms = INT64_MAX;
	assert_true(counter_sale_set(&counter, &CAKE));
	assert_int_equal(counter.flow.phase, FLOW_WAITING);
	assert_int_equal(counter.flow.verdict, VERDICT_NONE);
}

static void watchers_are_told_of_each_step_and_where_it_came_from(void **state)
{
	const struct counter_watch watch = {.stepped = stepped, .ctx = &steps};

	(void)state;
	steps = 0;
	counter_watch_add(&counter, &watch);
	counter.flow.phase = FLOW_RESULT;
	counter_cancel(&counter);
	assert_int_equal(steps, 1);
	assert_int_equal(step_before, FLOW_RESULT);
	assert_int_equal(step_after, FLOW_WAITING);
	counter_watch_add(&counter, &watch);
	shown();
	assert_int_equal(steps, 3);
}

/* ---- what was done then is done in a replay ---- */

static const char RECORDED[] =
	"{\"countersign_recording\":1,\"started_unix_ms\":1790000000000,\"stepped\":true,"
	"\"continuous\":true,\"fps\":15,\"source\":\"x\"}\n"
	"{\"v\":1,\"event\":\"command\",\"at_ms\":0,\"command\":\"cards\",\"taken\":false}\n"
	"{\"v\":1,\"event\":\"command\",\"at_ms\":50,\"command\":\"sale\",\"amount\":480,"
	"\"currency\":\"EUR\",\"reference\":\"7\"}\n"
	"{\"v\":1,\"event\":\"command\",\"at_ms\":50,\"command\":\"cards\",\"taken\":true}\n"
	"{\"v\":1,\"event\":\"notice\",\"at_ms\":60,\"reason\":\"web-address\","
	"\"text\":\"HTTPS://A.B/C\"}\n"
	"{\"v\":1,\"event\":\"end\",\"at_ms\":200,\"verdict\":\"none\"}\n";

/* A frame with that web address at its own time. */
static enum flow_reason shown_at(int64_t at_ms)
{
	message = (struct scan_msg){
		.kind = SCAN_MSG_FRAME, .width = 640, .height = 480, .at_ms = at_ms};
	message.code_count = 1;
	message.codes[0].text_len = 13;
	memcpy(message.codes[0].text, "HTTPS://A.B/C", 13);
	messages = 1;
	counter_scanner(&counter);
	counter_advance(&counter);
	return counter.flow.notice;
}

static void a_replay_does_what_the_operator_did(void **state)
{
	static struct session_reader reader;
	struct session_header header;
	struct err err;

	(void)state;
	assert_int_equal(folder_set_up(state), 0);
	put_file(SESSION_FILE, RECORDED, sizeof RECORDED - 1, 0600);
	assert_int_equal(session_read_open(&reader, &header, folder_path, &err), ERR_OK);
	counter.stepped = true;
	clock_init_manual(&counter.clock, 1000, 1790000000000);
	counter.outlet.reader = &reader;
	counter.events.sink = outlet_line;
	counter.events.ctx = &counter.outlet;
	counter.events.start_ms = clock_mono_ms(&counter.clock);
	counter_close(&counter, COUNTER_CLOSED_AMOUNT, true); /* nobody else says it */
	assert_int_equal(counter.closed, 0);
	counter_advance(&counter);
	assert_int_equal(counter.closed, COUNTER_CLOSED_RECORDED);
	assert_int_equal(shown_at(counter.events.start_ms + 40), REASON_NONE);
	assert_int_equal(counter.sale.amount, 0);
	assert_int_equal(shown_at(counter.events.start_ms + 60), REASON_WEB_ADDRESS);
	assert_int_equal(counter.sale.amount, 480);
	assert_string_equal(counter.sale.reference, "7");
	assert_false(counter.outlet.differs);
	session_read_close(&reader);
	assert_int_equal(folder_tear_down(state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_card_is_taken_while_nothing_is_sold, set_up),
		cmocka_unit_test_setup(what_runs_keeps_its_sale, set_up),
		cmocka_unit_test_setup(closing_does_not_end_what_runs, set_up),
		cmocka_unit_test_setup(a_new_sale_ends_the_display_of_the_last_verdict, set_up),
		cmocka_unit_test_setup(a_replay_does_what_the_operator_did, set_up),
		cmocka_unit_test_setup(
			watchers_are_told_of_each_step_and_where_it_came_from, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
