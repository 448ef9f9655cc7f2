/* SPDX-License-Identifier: Apache-2.0
 *
 * The guards of the running program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/process.h"

#if defined(__has_feature)
#define CLANG_ASAN __has_feature(address_sanitizer)
#else
#define CLANG_ASAN 0
#endif

static void there_is_no_core_file_and_no_debugger(void **state)
{
	struct rlimit core;
	(void)state;

	process_guard();
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(core.rlim_cur, 0);
	assert_int_equal(core.rlim_max, 0);
#if !defined(__SANITIZE_ADDRESS__) && !CLANG_ASAN
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
#endif
}

static void twice_is_as_good_as_once(void **state)
{
	(void)state;

	process_guard();
	process_guard();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_no_core_file_and_no_debugger),
		cmocka_unit_test(twice_is_as_good_as_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
