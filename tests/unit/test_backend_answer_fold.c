/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ways of writing an answer are the same answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/answer_fold.h"

static enum err_code fold(char out[static ANSWER_FOLD_MAX + 1], const char *text)
{
	struct err err = {0};
	struct bytes b;
	enum err_code e;

	bytes_init_fixed(&b, out, ANSWER_FOLD_MAX);
	e = answer_fold(&b, span_text(text), &err);
	out[b.len] = '\0';
	return e;
}

static void ways_of_writing_are_one_answer(void **state)
{
	static const char *const SAME[][4] = {
		{"AB-12 34.c", "ab1234C", "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x91\xef\xbc\x92"
					  "\xef\xbc\x93\xef\xbc\x94\xef\xbd\x83", /* full width */
			"  a b\xe3\x80\x80""1 2 3 4 c  "}, /* ideographic space */
		{"+44 (20) 7946-0018", "442079460018", "44.20.7946.0018",
			"+44\xe2\x80\x93""2079460018"},
		{"Stra\xc3\x9f""e", "STRASSE", "strasse", "Stra\xc3\x9f""e."},
		{"\xc3\x89lodie", "\xc3\xa9lodie", "e\xcc\x81lodie",
			"E\xcc\x81LODIE"}, /* composed or not */
		/* final sigma */
		{"\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
			"\xcf\x83\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83",
			"\xce\xa3\xce\x8a\xce\xa3\xce\xa5\xce\xa6\xce\x9f\xce\xa3",
			"\xcf\x82\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83"},
		{"\xe6\x9d\x8e \xe9\x9b\xb7", "\xe6\x9d\x8e\xe9\x9b\xb7",
			"\xe6\x9d\x8e\xc2\xb7\xe9\x9b\xb7",
			"\xe6\x9d\x8e\xe3\x80\x80\xe9\x9b\xb7"},
	};
	char first[ANSWER_FOLD_MAX + 1], other[ANSWER_FOLD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++) {
		assert_int_equal(fold(first, SAME[i][0]), ERR_OK);
		for (size_t k = 1; k < 4; k++) {
			assert_int_equal(fold(other, SAME[i][k]), ERR_OK);
			if (strcmp(first, other) != 0)
				fail_msg("%s: %s, %s", SAME[i][k], first, other);
		}
	}
}

static void other_answers_stay_others(void **state)
{
	static const char *const OTHERS[] = {"ab1234c", "ab1234", "ab1243c", "1990-01-02",
		"1990-02-01", "1990-1-2", "elodie", "\xc3\xa9lodie", "\xe6\x9d\x8e\xe9\x9b\xb7",
		"\xe6\x9d\x8e", "rex", "max"};
	const size_t count = sizeof(OTHERS) / sizeof(OTHERS[0]);
	char one[ANSWER_FOLD_MAX + 1], other[ANSWER_FOLD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(fold(one, OTHERS[i]), ERR_OK);
			assert_int_equal(fold(other, OTHERS[k]), ERR_OK);
			assert_int_equal(strcmp(one, other) == 0, i == k);
		}
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const NONE[] = {"", " ", "---", "\xe3\x80\x80", "?!.,", "\t\n",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	static const char *const BROKEN[] = {"\xff", "ab\xc3", "\xed\xa0\x80", "\xc0\x80",
		"ok then \xf5\x80\x80\x80"};
	char out[ANSWER_FOLD_MAX + 1], longest[ANSWER_FOLD_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++)
		assert_int_equal(fold(out, NONE[i]), ERR_INVALID);
	for (size_t i = 0; i < sizeof(BROKEN) / sizeof(BROKEN[0]); i++) {
		assert_int_equal(fold(out, BROKEN[i]), ERR_FORMAT);
		assert_string_equal(out, "");
	}
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(fold(out, longest), ERR_TOO_LARGE);
	longest[sizeof(longest) - 2] = '\0';
	assert_int_equal(fold(out, longest), ERR_OK);
	/* one character of three bytes that becomes eighteen, often enough to need the heap */
	longest[0] = '\0';
	for (int i = 0; i < 100; i++)
		memcpy(longest + (ptrdiff_t)3 * i, "\xef\xb7\xba", 4);
	assert_int_equal(fold(out, longest), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_of_writing_are_one_answer),
		cmocka_unit_test(other_answers_stay_others),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
