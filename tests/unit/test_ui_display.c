/* SPDX-License-Identifier: Apache-2.0
 *
 * When the screen is drawn: at once after a key, for a picture of the camera only where it is seen,
 * and otherwise no more often than DISPLAY_FRAME_MS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ui/display.h"

#define NOW 1000000 /* of both clocks */
#define LATER 5000  /* the picture changes by itself */

static struct display display;
static struct counter counter;

/* Nothing waits on any page. */
int64_t __wrap_desk_next_ms(const struct desk *d);
int64_t __wrap_desk_next_ms(const struct desk *d)
{
	(void)d;
	return INT64_MAX;
}

static void nobody(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

static int set_up(void **state)
{
	(void)state;
	counter_init(&counter, 0);
	clock_init_manual(&counter.clock, NOW, NOW);
	events_init(&counter.events, NOW);
	counter.events.sink = nobody;
	counter.changed = counter.picture_new = false;
	display = (struct display){.open = true, .drawn_ms = NOW, .next_ms = NOW + LATER};
	display.desk.counter = &counter;
	return 0;
}

static int64_t wait_at(int64_t real_ms)
{
	return display_wait_ms(&display, &counter, real_ms);
}

static void waits_until_something_changes(void **state)
{
	(void)state;
	assert_int_equal(wait_at(NOW), LATER);
	counter.clock.mono_ms += LATER - 1;
	assert_int_equal(wait_at(NOW + LATER - 1), 1);
	counter.clock.mono_ms += 1;
	assert_int_equal(wait_at(NOW + LATER), 0);
}

static void changes_are_drawn_no_more_often_than_a_frame(void **state)
{
	(void)state;
	counter.changed = true;
	assert_int_equal(wait_at(NOW + 1), DISPLAY_FRAME_MS - 1);
	assert_int_equal(wait_at(NOW + DISPLAY_FRAME_MS), 0);
}

static void a_key_is_drawn_at_once(void **state)
{
	(void)state;
	counter.changed = display.typed = true;
	assert_int_equal(wait_at(NOW), 0);
}

static void the_camera_is_drawn_where_it_is_seen(void **state)
{
	(void)state;
	counter.picture_new = true;
	for (int phase = 0; phase < FLOW_PHASE_COUNT; phase++) {
		bool seen = phase == FLOW_WAITING || phase == FLOW_STARTING;

		counter.flow.phase = (enum flow_phase)phase;
		display.desk.page = DESK_SALE;
		assert_int_equal(wait_at(NOW + DISPLAY_FRAME_MS) == 0, seen);
		assert_int_equal(wait_at(NOW), seen ? DISPLAY_FRAME_MS : LATER);
		display.desk.page = DESK_HELP;
		assert_int_not_equal(wait_at(NOW + DISPLAY_FRAME_MS), 0);
	}
}

static void frames_that_change_nothing_are_not_drawn(void **state)
{
	(void)state;
	counter.flow.phase = FLOW_WAITING;
	counter_step(&counter, FLOW_EV_TIME);
	counter.changed = false;
	counter.clock.mono_ms += 100;
	counter.ev.codes.count = 0;
	counter_step(&counter, FLOW_EV_CODES);
	counter_step(&counter, FLOW_EV_TIME);
	assert_false(counter.changed);
	counter.ev.codes.count = 1;
	counter.ev.codes.list[0] = (struct flow_code){.judgement = FLOW_CODE_FOREIGN};
	counter_step(&counter, FLOW_EV_CODES); /* a notice */
	assert_int_not_equal(counter.flow.notice, REASON_NONE);
	assert_true(counter.changed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(waits_until_something_changes, set_up),
		cmocka_unit_test_setup(changes_are_drawn_no_more_often_than_a_frame, set_up),
		cmocka_unit_test_setup(a_key_is_drawn_at_once, set_up),
		cmocka_unit_test_setup(the_camera_is_drawn_where_it_is_seen, set_up),
		cmocka_unit_test_setup(frames_that_change_nothing_are_not_drawn, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
