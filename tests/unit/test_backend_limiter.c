/* SPDX-License-Identifier: Apache-2.0
 *
 * Tries by address: a bucket for each, filled again evenly, in a table that nobody can make grow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/limiter.h"
#include "base/bytes.h"
#include "crypto/crypto.h"

static struct limiter *l;
static int64_t wait_ms;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(sec_start(NULL), ERR_OK);
	assert_int_equal(limiter_new(&l, NULL), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	limiter_free(&l);
	assert_null(l);
	return 0;
}

static bool take(uint32_t who, int64_t a_minute, int64_t now_ms)
{
	uint8_t origin[LIMITER_ORIGIN_LEN] = {0};

	be32_put(origin, who);
	return limiter_take(l, &wait_ms, origin, a_minute, now_ms);
}

static void give(uint32_t who)
{
	uint8_t origin[LIMITER_ORIGIN_LEN] = {0};

	be32_put(origin, who);
	limiter_give(l, origin);
}

static void an_address_has_so_many_tries_and_then_one_by_one(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(take(1, 20, 1000));
	for (int i = 0; i < 3; i++) {
		assert_false(take(1, 20, 1000));
		assert_int_equal(wait_ms, 3000);
	}
	assert_false(take(1, 20, 3999));
	assert_int_equal(wait_ms, 1);
	assert_true(take(1, 20, 4000));
	assert_false(take(1, 20, 4000));
	/* after a minute all of them are there again, and not more */
	for (int i = 0; i < 20; i++)
		assert_true(take(1, 20, 500000));
	assert_false(take(1, 20, 500000));
	assert_true(take(2, 20, 500000)); /* another one is not meant */
}

static void what_was_given_back_was_not_taken(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_true(take(1, 3, 7));
		give(1);
	}
	give(1);
	give(9); /* nobody knows this one */
	for (int i = 0; i < 3; i++)
		assert_true(take(1, 3, 7));
	assert_false(take(1, 3, 7));
	give(1);
	assert_true(take(1, 3, 7));
}

static void odd_times_and_limits_do_no_harm(void **state)
{
	(void)state;
	assert_true(take(1, 1, 1000000));
	assert_false(take(1, 1, 1000000));
	assert_int_equal(wait_ms, 60000);
	assert_false(take(1, 1, 5)); /* a clock that went back gives nothing */
	assert_int_equal(wait_ms, 60000);
	assert_false(take(1, 1, 60004));
	assert_true(take(1, 1, 60005));
	/* the policy was changed: fewer, then more */
	for (int i = 0; i < 100; i++)
		assert_true(take(2, 100000, 100000));
	assert_false(take(2, 10, 100001));
	assert_true(take(2, 100000, 100001));
	assert_true(take(2, 100000, INT64_MAX / 200000));
}

/* Whoever has a great many addresses drives out those that were quiet longest; the table is what it
 * was, and one that goes on guessing meanwhile is still known.
 */
static void a_flood_of_addresses_costs_no_memory_and_forgets_no_busy_one(void **state)
{
	int kept = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(take(0, 5, 1));
	for (uint32_t i = 1; i < 200000; i++) {
		assert_true(take(i, 5, 1));
		if (i % 64 == 0)
			kept += !take(0, 5, 1);
	}
	assert_true(kept > 3000); /* of 3124 */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(an_address_has_so_many_tries_and_then_one_by_one),
		CASE(what_was_given_back_was_not_taken),
		CASE(odd_times_and_limits_do_no_harm),
		CASE(a_flood_of_addresses_costs_no_memory_and_forgets_no_busy_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
