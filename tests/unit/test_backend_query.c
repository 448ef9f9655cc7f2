/* SPDX-License-Identifier: Apache-2.0
 *
 * The one query: what it takes, and everything near it that it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/query.h"

/* In memory that ends where the text ends. */
static enum err_code read_text(const char *text, int64_t *wait_s, int64_t *after)
{
	size_t len = strlen(text);
	char *copy = malloc(len + 1);
	struct err err = {0};
	enum err_code e;

	assert_non_null(copy);
	memcpy(copy, text, len);
	e = query_read(wait_s, after, SPAN(copy, len), &err);
	assert_true(!e || err.text[0] != '\0');
	free(copy);
	return e;
}

static void takes_each_name_once_in_any_order(void **state)
{
	static const struct {
		const char *text;
		int64_t wait_s, after;
	} GOOD[] = {
		{"wait=0", 0, -1},
		{"wait=60", 60, -1},
		{"after=0", -1, 0},
		{"after=9007199254740991", -1, 9007199254740991},
		{"wait=5&after=17", 5, 17},
		{"after=17&wait=5", 5, 17},
	};
	int64_t wait_s, after;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(read_text(GOOD[i].text, &wait_s, &after), ERR_OK);
		assert_int_equal(wait_s, GOOD[i].wait_s);
		assert_int_equal(after, GOOD[i].after);
	}
	assert_int_equal(query_read(&wait_s, &after, SPAN(NULL, 0), NULL), ERR_OK);
	assert_int_equal(wait_s, -1);
	assert_int_equal(after, -1);
}

static void refuses_everything_else(void **state)
{
	static const char *const BAD[] = {"", "&", "wait", "wait=", "=5", "wait=61", "wait=-1",
		"wait=+1", "wait= 1", "wait=1 ", "wait=1.0", "wait=01", "wait=00", "wait=1&",
		"&wait=1", "wait=1&&after=2", "wait=1&wait=1", "after=1&after=1", "wait=1;after=2",
		"Wait=1", "WAIT=1", "wait=%31", "wait=1e1", "wait=0x1", "waits=1", "wai=1",
		"after=9007199254740992", "after=99999999999999999999", "after=1#", "after=",
		"x=1", "wait=1&x=1", "wait==1", "wait=1=1"};
	int64_t wait_s, after;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		if (read_text(BAD[i], &wait_s, &after) == ERR_OK)
			fail_msg("\"%s\" was taken", BAD[i]);
}

static void splits_at_the_first_mark(void **state)
{
	struct span query;

	(void)state;
	assert_true(span_equal(query_split(span_text("/a"), &query), span_text("/a")));
	assert_null(query.data);
	assert_true(span_equal(query_split(span_text("/a?"), &query), span_text("/a")));
	assert_non_null(query.data);
	assert_int_equal(query.len, 0);
	assert_true(span_equal(query_split(span_text("/a?b?c"), &query), span_text("/a")));
	assert_true(span_equal(query, span_text("b?c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_each_name_once_in_any_order),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(splits_at_the_first_mark),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
