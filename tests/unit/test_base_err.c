/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors and assertions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/text_safe.h"
#include "tests/lib/death.h"

static void every_code_has_words_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_CODE_COUNT; i++) {
		assert_true(strlen(err_words((enum err_code)i)) > 3);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				err_words((enum err_code)i), err_words((enum err_code)j));
	}
	assert_int_equal(ERR_OK, 0);
}

static void words_of_a_number_outside_the_list_are_not_null(void **state)
{
	(void)state;
	assert_string_equal(err_words(ERR_CODE_COUNT), "unknown error");
	assert_string_equal(err_words((enum err_code)-1), "unknown error");
	assert_string_equal(err_words((enum err_code)123456), "unknown error");
}

static void set_keeps_code_and_text(void **state)
{
	struct err e;
	(void)state;

	memset(&e, 0x55, sizeof e);
	assert_int_equal(err_set(&e, ERR_RANGE, "line %d: %s", 7, "too long"), ERR_RANGE);
	assert_int_equal(e.code, ERR_RANGE);
	assert_int_equal(e.os_errno, 0);
	assert_string_equal(e.text, "line 7: too long");
	assert_int_equal(err_set(NULL, ERR_RANGE, "nobody listens"), ERR_RANGE);
}

static void set_os_appends_the_reason(void **state)
{
	struct err e;
	(void)state;

	assert_int_equal(err_set_os(&e, ERR_IO, ENOSPC, "/x"), ERR_IO);
	assert_int_equal(e.os_errno, ENOSPC);
	assert_string_equal(e.text, "/x: No space left on device (errno 28)");
	assert_int_equal(err_set_os(NULL, ERR_IO, EIO, "nobody listens"), ERR_IO);
}

static void prefix_goes_before(void **state)
{
	struct err e;
	(void)state;

	assert_int_equal(err_set(&e, ERR_FORMAT, "bad"), ERR_FORMAT);
	assert_int_equal(err_prefix(&e, "file %s", "a"), ERR_FORMAT);
	assert_string_equal(e.text, "file a: bad");
	assert_int_equal(err_prefix(NULL, "x"), ERR_INTERNAL);
}

static void the_text_itself_may_be_an_argument(void **state)
{
	struct err e;
	(void)state;

	assert_int_equal(err_set(&e, ERR_IO, "first"), ERR_IO);
	assert_int_equal(err_set(&e, ERR_STORE, "second after %s", e.text), ERR_STORE);
	assert_string_equal(e.text, "second after first");
}

static void long_text_is_cut_between_characters(void **state)
{
	struct err e;
	char text[1024];
	(void)state;

	for (int shift = 0; shift < 4; shift++) {
		memset(text, 'a', (size_t)shift);
		for (size_t i = (size_t)shift; i + 3 < sizeof text; i += 3)
			memcpy(text + i, "\xe8\xa1\x97", 4);
		assert_int_equal(err_set(&e, ERR_IO, "%s", text), ERR_IO);
		assert_true(strlen(e.text) > ERR_TEXT_MAX - 5);
		assert_true(text_is_safe(span_text(e.text)));
		assert_int_equal(err_prefix(&e, "%s", text), ERR_IO);
		assert_true(text_is_safe(span_text(e.text)));
		assert_int_equal(err_set_os(&e, ERR_IO, EIO, "%s", text), ERR_IO);
		assert_true(text_is_safe(span_text(e.text)));
	}
}

static void text_is_one_line(void **state)
{
	struct err e;
	(void)state;

	assert_int_equal(err_set(&e, ERR_IO, "a\nb\rc\x1b[m\x7f%s", "\n"), ERR_IO);
	assert_string_equal(e.text, "a?b?c?[m??");
}

static void success_as_error(void)
{
	ERR_IGNORE(err_set(NULL, ERR_OK, "x"));
}

static void reporting_success_as_an_error_is_a_fault_of_the_program(void **state)
{
	(void)state;
	assert_true(dies(success_as_error));
}

static int hook_pipe[2];

static void hook(void)
{
	ERR_IGNORE(write(hook_pipe[1], "h", 1) != 1);
	ASSERT(0 && "inside the hook"); /* must not come back here */
}

static void fail_with_hook(void)
{
	assert_set_hook(hook);
	ASSERT(1 == 2);
}

static void a_failed_assertion_runs_the_hook_once_and_aborts(void **state)
{
	char text[8];
	(void)state;

	assert_int_equal(pipe(hook_pipe), 0);
	assert_true(dies(fail_with_hook));
	close(hook_pipe[1]);
	assert_int_equal(read(hook_pipe[0], text, sizeof text), 1);
	close(hook_pipe[0]);
}

static void assertion_that_holds(void)
{
	assert_set_hook(hook);
	assert_set_hook(NULL);
	ASSERT(1 == 1);
}

static void an_assertion_that_holds_does_nothing(void **state)
{
	(void)state;
	assert_false(dies(assertion_that_holds));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_words_of_its_own),
		cmocka_unit_test(words_of_a_number_outside_the_list_are_not_null),
		cmocka_unit_test(set_keeps_code_and_text),
		cmocka_unit_test(set_os_appends_the_reason),
		cmocka_unit_test(prefix_goes_before),
		cmocka_unit_test(the_text_itself_may_be_an_argument),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(text_is_one_line),
		cmocka_unit_test(reporting_success_as_an_error_is_a_fault_of_the_program),
		cmocka_unit_test(a_failed_assertion_runs_the_hook_once_and_aborts),
		cmocka_unit_test(an_assertion_that_holds_does_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
