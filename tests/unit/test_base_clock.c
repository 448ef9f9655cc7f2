/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock seam and dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/lib/death.h"

static void the_real_clock_is_the_systems(void **state)
{
	struct clock c;
	(void)state;

	clock_init_real(&c);
	int64_t before = clock_mono_ms(&c);
	int64_t seconds = (int64_t)time(NULL);
	assert_true(clock_unix_s(&c) - seconds >= 0 && clock_unix_s(&c) - seconds <= 2);
	assert_true(clock_unix_ms(&c) / 1000 - seconds <= 2);
	assert_true(clock_mono_ms(&c) >= before);
}

static void a_manual_clock_moves_only_by_hand(void **state)
{
	struct clock c;
	(void)state;

	clock_init_manual(&c, 1000, 1800000000123);
	assert_int_equal(clock_mono_ms(&c), 1000);
	assert_int_equal(clock_unix_ms(&c), 1800000000123);
	assert_int_equal(clock_unix_s(&c), 1800000000);
	clock_advance_to(&c, 1877);
	assert_int_equal(clock_mono_ms(&c), 1877);
	assert_int_equal(clock_unix_ms(&c), 1800000001000);
	clock_advance_to(&c, 5); /* never back */
	assert_int_equal(clock_mono_ms(&c), 1877);
	assert_int_equal(clock_unix_ms(&c), 1800000001000);
	clock_set_unix(&c, 5);
	assert_int_equal(clock_unix_ms(&c), 5);
	assert_int_equal(clock_mono_ms(&c), 1877);
}

static void seconds_are_rounded_down_also_before_1970(void **state)
{
	struct clock c;
	(void)state;

	clock_init_manual(&c, 0, -1);
	assert_int_equal(clock_unix_s(&c), -1);
	clock_set_unix(&c, -1000);
	assert_int_equal(clock_unix_s(&c), -1);
	clock_set_unix(&c, -1001);
	assert_int_equal(clock_unix_s(&c), -2);
	clock_set_unix(&c, 999);
	assert_int_equal(clock_unix_s(&c), 0);
}

static void turn_a_real_clock(void)
{
	struct clock c;

	clock_init_real(&c);
	clock_set_unix(&c, 1);
}

static void a_real_clock_cannot_be_turned(void **state)
{
	(void)state;
	assert_true(dies(turn_a_real_clock));
}

static void dates_follow_rfc_3339(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} dates[] = {
		{0, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{1795243263, "2026-11-21T06:41:03Z"},
		{4294967295, "2106-02-07T06:28:15Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
		{253402300800, "9999-12-31T23:59:59Z"},
		{INT64_MAX, "9999-12-31T23:59:59Z"},
		{-62167219200, "0000-01-01T00:00:00Z"},
		{INT64_MIN, "0000-01-01T00:00:00Z"},
	};
	char text[CLOCK_TEXT_LEN + 1];
	(void)state;

	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		clock_text(text, dates[i].at);
		assert_string_equal(text, dates[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_real_clock_is_the_systems),
		cmocka_unit_test(a_manual_clock_moves_only_by_hand),
		cmocka_unit_test(seconds_are_rounded_down_also_before_1970),
		cmocka_unit_test(a_real_clock_cannot_be_turned),
		cmocka_unit_test(dates_follow_rfc_3339),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
