/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests between the threads: all of them, in order, and none twice however many are taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/queue.h"

#define JOBS 9

static struct queue q;
static struct job jobs[JOBS];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(queue_init(&q, JOBS, NULL), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	queue_done(&q);
	return 0;
}

static void push(size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(queue_push(&q, &jobs[i]));
}

/* The list is jobs[first] to jobs[last], and ends. */
static void assert_list(const struct job *list, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++, list = list->next)
		assert_ptr_equal(list, &jobs[i]);
	assert_null(list);
}

static void all_are_taken_in_order(void **state)
{
	(void)state;
	push(JOBS);
	assert_false(queue_push(&q, &jobs[0])); /* full */
	assert_list(queue_take_all(&q, 0), 0, JOBS - 1);
	assert_null(queue_take_all(&q, 0));
}

static void some_are_the_first_ones(void **state)
{
	(void)state;
	push(5);
	assert_list(queue_take_some(&q, 3, 0), 0, 2);
	assert_int_equal(queue_count(&q), 2);
	assert_list(queue_take_some(&q, 3, 0), 3, 4); /* no more are there */
	assert_int_equal(queue_count(&q), 0);
	assert_null(queue_take_some(&q, 3, 0));
}

static void of_very_many_half_is_taken(void **state)
{
	(void)state;
	push(8);
	assert_list(queue_take_some(&q, 3, 0), 0, 3);
	assert_list(queue_take_some(&q, 3, 0), 4, 6);
	assert_list(queue_take_some(&q, 3, 0), 7, 7);
}

static void what_comes_after_some_were_taken_is_behind_the_rest(void **state)
{
	(void)state;
	push(4);
	assert_list(queue_take_some(&q, 3, 0), 0, 2);
	assert_true(queue_push(&q, &jobs[4]));
	assert_list(queue_take_all(&q, 0), 3, 4);
	assert_true(queue_push(&q, &jobs[5])); /* also once the last one was taken */
	assert_list(queue_take_some(&q, 3, 0), 5, 5);
	assert_true(queue_push(&q, &jobs[6]));
	assert_ptr_equal(queue_take_one(&q), &jobs[6]);
}

static void a_closed_queue_gives_out_what_it_has(void **state)
{
	(void)state;
	push(4);
	queue_close(&q);
	assert_false(queue_push(&q, &jobs[4]));
	assert_list(queue_take_some(&q, 3, -1), 0, 2);
	assert_list(queue_take_some(&q, 3, -1), 3, 3);
	assert_null(queue_take_some(&q, 3, -1));
	assert_true(queue_is_closed(&q));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(all_are_taken_in_order),
		CASE(some_are_the_first_ones),
		CASE(of_very_many_half_is_taken),
		CASE(what_comes_after_some_were_taken_is_behind_the_rest),
		CASE(a_closed_queue_gives_out_what_it_has),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
