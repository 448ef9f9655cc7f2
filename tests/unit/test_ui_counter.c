/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter and a scanner that never stops talking. The scanner's side is played here.
 */
#include "tests/lib/counter_kit.h"

/* One frame without a code, and how often a hint was told since. */
static unsigned frame(enum scan_hint hint)
{
	unsigned hints = 0;

	told[0] = '\0';
	message = (struct scan_msg){
		.kind = SCAN_MSG_FRAME, .width = 640, .height = 480, .hint = (uint16_t)hint};
	messages = 1;
	counter_scanner(&counter);
	for (const char *at = told; (at = strstr(at, "\"event\":\"hint\"")) != NULL; at++)
		hints++;
	return hints;
}

static void a_scanner_that_floods_leaves_room_for_the_rest_of_a_turn(void **state)
{
	const int64_t many = 1000000;
	(void)state;

	messages = many;
	counter_scanner(&counter);
	assert_in_range(many - messages, 1, 64);
	assert_true(counter_next_ms(&counter) <= 0); /* and the next turn comes at once */
}

static void a_turn_that_took_everything_waits_for_more(void **state)
{
	(void)state;

	messages = 70;
	counter_scanner(&counter);
	counter_scanner(&counter);
	assert_int_equal(messages, 0);
	assert_true(counter_next_ms(&counter) > 0);
}

static void a_hint_is_told_when_it_changes(void **state)
{
	(void)state;
	assert_int_equal(frame(SCAN_HINT_NONE), 0);
	assert_int_equal(frame(SCAN_HINT_FAR), 1);
	assert_non_null(strstr(told, "\"why\":\"far\""));
	assert_int_equal(counter.hint, SCAN_HINT_FAR);
	assert_int_equal(frame(SCAN_HINT_FAR), 0);
	assert_int_equal(frame(SCAN_HINT_GLARE), 1);
	assert_int_equal(frame(SCAN_HINT_NONE), 1);
	assert_non_null(strstr(told, "\"why\":\"none\""));
	assert_int_equal(counter.hint, SCAN_HINT_NONE);
}

static void a_hint_is_over_when_no_code_is_waited_for(void **state)
{
	static const enum flow_phase phases[] = {FLOW_STARTING, FLOW_ANSWERING, FLOW_UNCERTAIN};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		counter.flow.phase = FLOW_WAITING;
		assert_int_equal(frame(SCAN_HINT_BLURRED), 1);
		counter.flow.phase = phases[i];
		counter.flow.deadline_ms = counter.flow.next_ms = INT64_MAX;
		assert_int_equal(frame(SCAN_HINT_BLURRED), 1);
		assert_non_null(strstr(told, "\"why\":\"none\""));
		assert_int_equal(counter.hint, SCAN_HINT_NONE);
	}
}

static void a_camera_that_fails_takes_its_hint_with_it(void **state)
{
	(void)state;
	assert_int_equal(frame(SCAN_HINT_DARK), 1);
	message = (struct scan_msg){.kind = SCAN_MSG_FAULT, .fatal = 1};
	messages = 1;
	counter_scanner(&counter);
	assert_int_equal(frame(SCAN_HINT_NONE), 1);
	assert_int_equal(counter.hint, SCAN_HINT_NONE);
}

static void hear(enum scan_msg_kind kind, bool fatal)
{
	message = (struct scan_msg){.kind = kind, .fatal = fatal};
	memcpy(message.fault, "unplugged", kind == SCAN_MSG_FAULT ? 10 : 0);
	messages = 1;
	counter_scanner(&counter);
}

static void a_camera_that_is_gone_is_so_until_it_gives_a_picture(void **state)
{
	(void)state;
	frame(SCAN_HINT_NONE);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	hear(SCAN_MSG_FAULT, true);
	for (int i = 0; i < 3; i++) { /* it is tried again */
		restarts++;
		hear(SCAN_MSG_HELLO, false);
		assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
		assert_string_equal(counter.scanner_words, "unplugged");
	}
	frame(SCAN_HINT_NONE);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	assert_non_null(strstr(told, "\"state\":\"running\""));
	restarts++; /* a crash is something else */
	hear(SCAN_MSG_HELLO, false);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RESTARTING);
}

static void what_lasts_is_told_once(void **state)
{
	(void)state;
	frame(SCAN_HINT_NONE);
	hear(SCAN_MSG_FAULT, false);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	assert_non_null(strstr(told, "\"state\":\"fault\""));
	counter.preview_there = true;
	told[0] = '\0';
	hear(SCAN_MSG_FAULT, true);
	assert_string_equal(told, "");
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
	assert_false(counter.preview_there);
	restarts++;
	hear(SCAN_MSG_HELLO, false);
	assert_string_equal(told, ""); /* no crash either */
	frame(SCAN_HINT_NONE);
	assert_non_null(strstr(told, "\"state\":\"running\""));
	told[0] = '\0';
	frame(SCAN_HINT_NONE);
	hear(SCAN_MSG_FAULT, true);
	assert_non_null(strstr(told, "\"state\":\"fault\"")); /* it begins anew */
}

static void a_scanner_that_gave_up_other_codes_is_said_so(void **state)
{
	(void)state;
	frame(SCAN_HINT_NONE);
	restarts++;
	hear(SCAN_MSG_HELLO, false);
	assert_false(counter.symbologies_lost);
	restarts++;
	lost = true;
	hear(SCAN_MSG_HELLO, false);
	assert_true(counter.symbologies_lost);
	frame(SCAN_HINT_NONE);
	assert_true(counter.symbologies_lost); /* for good */
}

static void a_found_code_stays_marked_for_half_a_second(void **state)
{
	(void)state;
	clock_init_manual(&counter.clock, 5000, 0);
	small.width = 640;
	small.code_count = 2;
	small.corner[1][3][1] = 42;
	hear(SCAN_MSG_PREVIEW, false);
	assert_true(counter.preview_there);
	assert_int_equal(counter.marks_count, 2);
	assert_int_equal(counter.marks[1][3][1], 42);
	memset(&small, 0, sizeof small);
	small.width = 640;
	clock_advance_to(&counter.clock, 5000 + COUNTER_MARKS_MS - 1);
	hear(SCAN_MSG_PREVIEW, false);
	assert_int_equal(counter.marks_count, 2);
	clock_advance_to(&counter.clock, 5000 + COUNTER_MARKS_MS);
	hear(SCAN_MSG_PREVIEW, false);
	assert_int_equal(counter.marks_count, 0);
}

static void a_preview_that_is_nonsense_is_not_shown(void **state)
{
	(void)state;
	hear(SCAN_MSG_PREVIEW, false); /* scan_process_preview() says no */
	assert_false(counter.preview_there);
}

/* Milliseconds go by without a message. */
static void wait_for(int64_t ms)
{
	messages = 0;
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + ms);
	counter_scanner(&counter);
}

static void begin_camera(void)
{
	camera = true;
	clock_init_manual(&counter.clock, 5000, 0);
	counter.picture_ms = 5000;
}

static void a_camera_without_pictures_is_out_of_order(void **state)
{
	(void)state;
	begin_camera();
	frame(SCAN_HINT_NONE);
	counter.preview_there = true;
	hear(SCAN_MSG_FAULT, false); /* a note; the picture is there */
	frame(SCAN_HINT_NONE);
	wait_for(COUNTER_NO_PICTURE_MS - 1);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	message = (struct scan_msg){.kind = SCAN_MSG_FRAME}; /* that cannot be read */
	messages = 1;
	counter_scanner(&counter);
	assert_true(counter.preview_there);
	wait_for(1);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
	assert_false(counter.preview_there); /* an old one would say that it works */
	assert_string_equal(counter.scanner_words, "the camera gives no pictures");
	assert_non_null(strstr(told, "\"state\":\"fault\""));
	told[0] = '\0';
	wait_for(COUNTER_FIRST_PICTURE_MS); /* told once */
	assert_string_equal(told, "");
	frame(SCAN_HINT_NONE);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	hear(SCAN_MSG_FAULT, false);
	told[0] = '\0';
	wait_for(COUNTER_NO_PICTURE_MS);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
	assert_string_equal(counter.scanner_words, "unplugged"); /* as the scanner put it */
	assert_string_equal(told, ""); /* and told, once */
}

static void a_camera_that_never_starts_is_out_of_order(void **state)
{
	(void)state;
	begin_camera();
	wait_for(COUNTER_FIRST_PICTURE_MS - 1);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_STARTING);
	wait_for(1);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
	frame(SCAN_HINT_NONE);
	restarts++; /* again and again */
	hear(SCAN_MSG_FAULT, false);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RESTARTING);
	wait_for(COUNTER_FIRST_PICTURE_MS);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_FAULT);
}

static void other_sources_may_be_quiet(void **state)
{
	(void)state;
	begin_camera();
	frame(SCAN_HINT_NONE);
	camera = false; /* a film may stop, a reader reads when there is something */
	wait_for(100 * COUNTER_FIRST_PICTURE_MS);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	camera = true;
	counter.paused = true; /* a PIN is typed */
	wait_for(COUNTER_FIRST_PICTURE_MS);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
}

/* The second code was sent; now it is accepted, and a PIN wanted. */
static void want_pin(void)
{
	struct flow *f = &counter.flow;

	frame(SCAN_HINT_NONE);
	told[0] = '\0';
	f->phase = FLOW_ANSWERING;
	f->pin_required = f->in_flight = true;
	f->serial = 7;
	f->deadline_ms = f->number_end_ms = f->next_ms = INT64_MAX;
	f->first_code[0] = f->second_code[0] = f->id[0] = 'A';
	answer = (struct flow_event){.serial = 7,
		.kind = FLOW_EV_STATE,
		.answer = {.state = FLOW_REC_ACCEPTED, .pin_required = true, .attempts_left = -1}};
	counter_answers(&counter);
	assert_int_equal(f->phase, FLOW_PIN);
}

/* Whoever learns of it may hold something to the camera: that must not get into a recording. */
static void nothing_is_looked_at_once_a_pin_is_known_to_be_wanted(void **state)
{
	(void)state;
	want_pin();
	assert_true(first_of("<pause>") < first_of("\"event\":\"pin_wanted\""));
	assert_true(first_of("<pause>") < first_of("\"event\":\"state\""));
	assert_null(strstr(told, "<resume>"));
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_PAUSED);
}

/* What was in the scanner's hands at that moment comes after it. */
static void a_code_that_comes_while_a_pin_is_typed_is_not_told(void **state)
{
	(void)state;
	want_pin();
	told[0] = '\0';
	message = (struct scan_msg){.kind = SCAN_MSG_FRAME,
		.width = 640,
		.height = 480,
		.code_count = 1,
		.codes = {{.text_len = 5, .text = "HELLO"}},
		.hint = SCAN_HINT_FAR};
	messages = 1;
	counter_scanner(&counter);
	assert_int_equal(messages, 0);
	assert_string_equal(told, "");
	small.width = 640;
	hear(SCAN_MSG_PREVIEW, false);
	assert_false(counter.preview_there);
}

static void the_camera_looks_again_when_a_pin_is_no_longer_wanted(void **state)
{
	(void)state;
	want_pin();
	assert_true(pin_entry_add(&counter.pin, 1));
	counter_cancel(&counter);
	first_of("<resume>");
	assert_int_equal(counter.pin.len, 0);
	assert_int_equal(counter.scanner_state, VIEW_SCANNER_RUNNING);
	want_pin();
	assert_true(pin_entry_set(&counter.pin, span_text("135790")));
	counter_pin_send(&counter);
	assert_int_equal(counter.flow.phase, FLOW_PIN_SENT);
	first_of("<resume>");
	assert_int_equal(counter.pin.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			a_scanner_that_floods_leaves_room_for_the_rest_of_a_turn, set_up),
		cmocka_unit_test_setup(a_turn_that_took_everything_waits_for_more, set_up),
		cmocka_unit_test_setup(a_hint_is_told_when_it_changes, set_up),
		cmocka_unit_test_setup(a_hint_is_over_when_no_code_is_waited_for, set_up),
		cmocka_unit_test_setup(a_camera_that_fails_takes_its_hint_with_it, set_up),
		cmocka_unit_test_setup(
			a_camera_that_is_gone_is_so_until_it_gives_a_picture, set_up),
		cmocka_unit_test_setup(what_lasts_is_told_once, set_up),
		cmocka_unit_test_setup(a_scanner_that_gave_up_other_codes_is_said_so, set_up),
		cmocka_unit_test_setup(a_found_code_stays_marked_for_half_a_second, set_up),
		cmocka_unit_test_setup(a_preview_that_is_nonsense_is_not_shown, set_up),
		cmocka_unit_test_setup(a_camera_without_pictures_is_out_of_order, set_up),
		cmocka_unit_test_setup(a_camera_that_never_starts_is_out_of_order, set_up),
		cmocka_unit_test_setup(other_sources_may_be_quiet, set_up),
		cmocka_unit_test_setup(
			nothing_is_looked_at_once_a_pin_is_known_to_be_wanted, set_up),
		cmocka_unit_test_setup(
			a_code_that_comes_while_a_pin_is_typed_is_not_told, set_up),
		cmocka_unit_test_setup(
			the_camera_looks_again_when_a_pin_is_no_longer_wanted, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
