/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter and a scanner that never stops talking. The scanner's side is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ui/counter.h"

static int64_t messages; /* that still wait */

enum err_code scan_process_next(
	struct scan_process *p, struct scan_msg *out, bool *got, int64_t now_ms, struct err *err)
{
	(void)p;
	(void)now_ms;
	(void)err;
	memset(out, 0, sizeof *out);
	out->kind = SCAN_MSG_ALIVE;
	*got = messages > 0;
	messages -= *got;
	return ERR_OK;
}

unsigned scan_process_restarts(const struct scan_process *p)
{
	(void)p;
	return 0;
}

int64_t scan_process_next_ms(const struct scan_process *p)
{
	(void)p;
	return INT64_MAX;
}

int scan_process_fd(const struct scan_process *p)
{
	(void)p;
	return -1;
}

void scan_process_command(struct scan_process *p, enum scan_command_kind kind, uint32_t value)
{
	(void)p;
	(void)kind;
	(void)value;
}

void scan_process_tell(struct scan_process *p, const char *line, size_t len)
{
	(void)p;
	(void)line;
	(void)len;
}

bool scan_process_is_simulator(const struct scan_process *p)
{
	(void)p;
	return false;
}

bool scan_process_is_reader(const struct scan_process *p)
{
	(void)p;
	return false;
}

bool scan_process_preview(const struct scan_process *p, struct scan_preview *out)
{
	(void)p;
	(void)out;
	return false;
}

static struct counter counter;

static void a_scanner_that_floods_leaves_room_for_the_rest_of_a_turn(void **state)
{
	const int64_t many = 1000000;
	(void)state;

	counter_init(&counter, 0);
	clock_init_real(&counter.clock);
	messages = many;
	counter_scanner(&counter);
	assert_in_range(many - messages, 1, 64);
	assert_true(counter_next_ms(&counter) <= 0); /* and the next turn comes at once */
}

static void a_turn_that_took_everything_waits_for_more(void **state)
{
	(void)state;

	counter_init(&counter, 0);
	clock_init_real(&counter.clock);
	messages = 70;
	counter_scanner(&counter);
	counter_scanner(&counter);
	assert_int_equal(messages, 0);
	assert_true(counter_next_ms(&counter) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scanner_that_floods_leaves_room_for_the_rest_of_a_turn),
		cmocka_unit_test(a_turn_that_took_everything_waits_for_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
