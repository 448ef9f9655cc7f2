/* SPDX-License-Identifier: Apache-2.0
 *
 * Stage one: what is refused, in which words, and what a verification is made of.
 */
#include "tests/lib/backend_world.h"

static struct world *w;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(w);
	w = NULL;
	return 0;
}

static void start_gives_a_number_that_is_answered_and_receipted(void **state)
{
	struct phone p;

	(void)state;
	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_int_equal(strlen(w->started.number), 6);
	assert_int_equal(w->started.expires_at, WORLD_NOW + 60);
	assert_string_equal(w->started.holder, "Li Lei");
	assert_string_equal(w->started.purpose, "payment");
	assert_false(w->started.pin_required);
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(w->seen.reason, "");
	assert_int_equal(strncmp(w->seen.receipt, "20270115-", 9), 0);
	world_audit_is_whole(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			start_gives_a_number_that_is_answered_and_receipted, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
