/* SPDX-License-Identifier: Apache-2.0
 *
 * A world of its own with one phone for each case of a test of the rules: w and p.
 */
#ifndef TESTS_LIB_WORLD_CASE_H
#define TESTS_LIB_WORLD_CASE_H

#include "tests/lib/backend_world.h"

static struct world *w;
static struct phone p;

/* The phone's account has no PIN. */
static inline int world_set_up(void **state)
{
	(void)state;
	w = world_new();
	phone_new(w, &p, false);
	return 0;
}

/* It has one. */
static inline int world_set_up_pin(void **state)
{
	(void)state;
	w = world_new();
	phone_new(w, &p, true);
	return 0;
}

/* It has one, and only levels say what an amount needs. */
static inline int world_set_up_levels(void **state)
{
	int e = world_set_up_pin(state);

	w->service->policy.binding_2_from = 0;
	return e;
}

/* Whatever a case did, the chain is whole. */
static inline int world_tear_down(void **state)
{
	(void)state;
	world_audit_is_whole(w);
	world_free(w);
	w = NULL;
	return 0;
}

#define WORLD_CASE(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
#define LEVEL_CASE(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, world_set_up_levels, world_tear_down)

#endif
