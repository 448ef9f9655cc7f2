/* SPDX-License-Identifier: Apache-2.0
 *
 * Who types: fingers, fast ones too, and scanners that pretend to be a keyboard, slow ones too.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ui/typing.h"

static struct typing t;
static int64_t now_ms;

static int set_up(void **state)
{
	(void)state;
	t = (struct typing){.count = 0};
	now_ms = 1000000;
	return 0;
}

/* Keys with a pause before each; how many of them are taken. */
static int taken(int keys, int pause_ms)
{
	int count = 0;

	while (keys-- > 0) {
		now_ms += pause_ms;
		count += !typing_is_machine(&t, now_ms);
	}
	return count;
}

static void fingers_are_taken(void **state)
{
	static const int pauses[] = {60, 80, 120, 300, 3000};

	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		set_up(state);
		assert_int_equal(taken(13, pauses[i]), 13);
	}
}

static void three_keys_at_once_are_a_chord_of_fingers(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		now_ms += 200;
		assert_int_equal(taken(3, 5), 3);
	}
}

static void a_scanner_is_not_taken(void **state)
{
	static const int pauses[] = {0, 1, 2, 8, 16, 30, 50};

	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		set_up(state);
		assert_int_equal(taken(13, pauses[i]), TYPING_KEYS - 1);
	}
}

/* Its last key, Enter, is late sometimes. */
static void what_follows_a_burst_is_dropped_until_it_is_quiet(void **state)
{
	(void)state;
	taken(8, 4);
	assert_int_equal(taken(3, TYPING_QUIET_MS - 1), 0);
	assert_int_equal(taken(4, TYPING_QUIET_MS), 4);
	assert_int_equal(taken(4, 100), 4);
}

static void a_scanner_between_fingers_is_found(void **state)
{
	(void)state;
	assert_int_equal(taken(2, 150), 2);
	assert_int_equal(taken(6, 3), 2); /* the second of the fingers counts */
}

static void without_times_nothing_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_false(typing_is_machine(&t, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fingers_are_taken, set_up),
		cmocka_unit_test_setup(three_keys_at_once_are_a_chord_of_fingers, set_up),
		cmocka_unit_test_setup(a_scanner_is_not_taken, set_up),
		cmocka_unit_test_setup(what_follows_a_burst_is_dropped_until_it_is_quiet, set_up),
		cmocka_unit_test_setup(a_scanner_between_fingers_is_found, set_up),
		cmocka_unit_test_setup(without_times_nothing_is_refused, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
