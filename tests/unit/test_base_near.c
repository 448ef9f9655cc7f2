/* SPDX-License-Identifier: Apache-2.0
 *
 * How far words are from one another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/near.h"

static void counts_what_fingers_do_wrong(void **state)
{
	static const struct {
		const char *one, *other;
		size_t distance;
	} cases[] = {
		{"", "", 0}, {"name", "name", 0}, {"", "url", 3}, {"url", "", 3},
		{"nam", "name", 1}, {"name", "nam", 1}, {"nmae", "name", 1}, {"anme", "name", 1},
		{"nane", "name", 1}, {"NAME", "name", 0}, {"no-colour", "no_colour", 0},
		{"langauge", "language", 1}, {"lanugaeg", "language", 2}, {"token", "url", 5},
		{"ca", "abc", 3}, {"kitten", "sitting", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(near_distance(cases[i].one, cases[i].other), cases[i].distance);
		assert_int_equal(near_distance(cases[i].other, cases[i].one), cases[i].distance);
	}
}

static void words_of_any_length_are_taken(void **state)
{
	char one[3 * NEAR_WORD_MAX];

	(void)state;
	for (size_t len = 0; len < sizeof one; len++) {
		memset(one, 'x', len);
		one[len] = '\0';
		assert_int_equal(near_distance(one, "xyz"), len >= NEAR_WORD_MAX ? NEAR_WORD_MAX
			: len == 0 ? 3 : len < 3 ? 2 : len - 1);
	}
}

static void another_word_is_not_near(void **state)
{
	(void)state;
	assert_true(near_is(near_distance("nam", "name"), "nam"));
	assert_true(near_is(near_distance("lanugaeg", "language"), "lanugaeg"));
	assert_true(near_is(0, "url"));
	assert_false(near_is(near_distance("ul", "key"), "ul"));
	assert_false(near_is(near_distance("token", "url"), "token"));
	assert_false(near_is(near_distance("x", "y"), "x"));
	assert_false(near_is(near_distance("", "y"), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_fingers_do_wrong),
		cmocka_unit_test(words_of_any_length_are_taken),
		cmocka_unit_test(another_word_is_not_near),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
