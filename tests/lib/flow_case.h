/* SPDX-License-Identifier: Apache-2.0
 *
 * What the cmocka programs about the flow share: one counter, opened afresh for each case.
 */
#ifndef TESTS_LIB_FLOW_CASE_H
#define TESTS_LIB_FLOW_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/flow_kit.h"

static struct counter c;

static inline int open_counter(void **state)
{
	(void)state;
	counter_open(&c);
	return 0;
}

static inline void assert_nothing_done(void)
{
	assert_int_equal(c.out.count, 0);
}

static inline void assert_result(enum verdict verdict, enum flow_reason reason)
{
	assert_int_equal(c.f.phase, FLOW_RESULT);
	assert_int_equal(c.f.verdict, verdict);
	assert_int_equal(c.f.reason, reason);
	assert_true(c.out.count > 0);
	assert_int_equal(c.out.list[c.out.count - 1].kind, FLOW_DO_FINISHED);
}

static inline void expect_request(enum flow_action_kind kind)
{
	assert_true(c.out.count > 0);
	assert_int_equal(c.out.list[0].kind, kind);
	assert_int_equal(c.out.list[0].serial, c.f.serial);
	assert_true(c.f.in_flight);
}

#define CASE(name) cmocka_unit_test_setup(name, open_counter)

#endif
