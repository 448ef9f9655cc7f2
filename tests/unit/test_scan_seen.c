/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "scanner/scanner.h"

#define AWAY 1000

static bool is_new(struct scan_seen *s, const char *text, int64_t at)
{
	return scan_seen_is_new(s, text, strlen(text), at, AWAY);
}

static void reports_a_text_once_while_it_stays(void **state)
{
	(void)state;
	struct scan_seen s;
	scan_seen_init(&s, 42);
	assert_true(is_new(&s, "A", 0));
	for (int64_t at = 66; at < 60000; at += 66)
		assert_false(is_new(&s, "A", at));
}

static void reports_it_again_after_it_was_away(void **state)
{
	(void)state;
	struct scan_seen s;
	scan_seen_init(&s, 42);
	assert_true(is_new(&s, "A", 0));
	assert_false(is_new(&s, "A", AWAY));
	assert_true(is_new(&s, "A", 2 * AWAY + 1));
}

static void tells_texts_apart(void **state)
{
	(void)state;
	struct scan_seen s;
	char text[40];
	scan_seen_init(&s, 1);
	for (size_t len = 1; len < 40; len++) {
		memset(text, 'A', len);
		assert_true(scan_seen_is_new(&s, text, len, 0, AWAY));
		text[len - 1] = 'B';
		assert_true(scan_seen_is_new(&s, text, len, 0, AWAY));
	}
}

static void forgets_the_one_that_was_away_longest(void **state)
{
	(void)state;
	struct scan_seen s;
	char text[16];
	scan_seen_init(&s, 1);
	for (int i = 0; i < SCAN_SEEN_MAX; i++) {
		snprintf(text, sizeof text, "%d", i);
		assert_true(is_new(&s, text, i));
	}
	assert_false(is_new(&s, "0", 100));
	assert_true(is_new(&s, "one more", 101)); /* in the place of "1" */
	assert_false(is_new(&s, "0", 102));
	assert_false(is_new(&s, "2", 103));
	assert_true(is_new(&s, "1", 104));
}

static void is_not_confused_by_a_time_that_falls(void **state)
{
	(void)state;
	struct scan_seen s;
	scan_seen_init(&s, 1);
	assert_true(is_new(&s, "A", 50000));
	assert_false(is_new(&s, "A", 10));
	assert_false(is_new(&s, "A", 500));
}

static void hashes_depend_on_the_key(void **state)
{
	(void)state;
	struct scan_seen a, b;
	scan_seen_init(&a, 1);
	scan_seen_init(&b, 2);
	is_new(&a, "A", 0);
	is_new(&b, "A", 0);
	assert_int_not_equal(a.entry[0].hash, b.entry[0].hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_a_text_once_while_it_stays),
		cmocka_unit_test(reports_it_again_after_it_was_away),
		cmocka_unit_test(tells_texts_apart),
		cmocka_unit_test(forgets_the_one_that_was_away_longest),
		cmocka_unit_test(is_not_confused_by_a_time_that_falls),
		cmocka_unit_test(hashes_depend_on_the_key),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
