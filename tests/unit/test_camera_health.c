/* SPDX-License-Identifier: Apache-2.0
 *
 * What is advised, and what is told, as frames come and do not come.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "scanner/camera_health.h"

static struct camera_health h;
static bool tell;

static int begin(void **state)
{
	(void)state;
	h = (struct camera_health){.told = false};
	camera_health_start(&h, 33, 0);
	return 0;
}

static void advises(int64_t now_ms, enum camera_advice advice, bool told)
{
	assert_int_equal(camera_health_look(&h, &tell, now_ms), advice);
	assert_int_equal(tell, told);
}

static void waits_longer_for_the_first_frame(void **state)
{
	(void)state;
	advises(CAMERA_FIRST_MS - 1, CAMERA_WAIT, false);
	advises(CAMERA_FIRST_MS, CAMERA_RESTART_STREAM, true);
	begin(NULL);
	assert_false(camera_health_good(&h, 100));
	advises(100 + CAMERA_SILENT_MS - 1, CAMERA_WAIT, false);
	advises(100 + CAMERA_SILENT_MS, CAMERA_RESTART_STREAM, true);
}

static void opens_anew_when_nothing_comes_after_a_restart(void **state)
{
	(void)state;
	assert_false(camera_health_good(&h, 0));
	advises(2000, CAMERA_RESTART_STREAM, true);
	advises(2001, CAMERA_WAIT, false);
	advises(2000 + CAMERA_REOPEN_MS - 1, CAMERA_WAIT, false);
	advises(2000 + CAMERA_REOPEN_MS, CAMERA_REOPEN, false);
}

static void waits_out_damaged_frames(void **state)
{
	(void)state;
	assert_false(camera_health_good(&h, 0));
	camera_health_bad(&h, CAMERA_DAMAGED);
	advises(2000, CAMERA_RESTART_STREAM, true);
	for (int64_t at = 2000; at < 200000; at += CAMERA_AGAIN_MS) {
		camera_health_bad(&h, CAMERA_UNDECODABLE);
		advises(at + CAMERA_AGAIN_MS - 1, CAMERA_WAIT, false);
		advises(at + CAMERA_AGAIN_MS, CAMERA_RESTART_STREAM, false);
	}
	advises(210000, CAMERA_REOPEN, false); /* and after that nothing at all */
}

static void tells_the_end_of_what_was_told(void **state)
{
	(void)state;
	assert_false(camera_health_good(&h, 0));
	assert_false(camera_health_good(&h, 1999));
	advises(3999, CAMERA_RESTART_STREAM, true);
	assert_true(camera_health_good(&h, 4100));
	assert_false(camera_health_good(&h, 4133));
	advises(6133, CAMERA_RESTART_STREAM, true); /* and the next time again */
	camera_health_start(&h, 33, 7000); /* a new stream: what was told stays told */
	advises(12000, CAMERA_RESTART_STREAM, false);
	assert_true(camera_health_good(&h, 12001));
}

static void is_patient_with_a_slow_camera(void **state)
{
	(void)state;
	camera_health_start(&h, 1000, 0);
	assert_false(camera_health_good(&h, 0));
	advises(4999, CAMERA_WAIT, false);
	advises(5000, CAMERA_RESTART_STREAM, true);
	advises(9999, CAMERA_WAIT, false);
	advises(10000, CAMERA_REOPEN, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(waits_longer_for_the_first_frame, begin),
		cmocka_unit_test_setup(opens_anew_when_nothing_comes_after_a_restart, begin),
		cmocka_unit_test_setup(waits_out_damaged_frames, begin),
		cmocka_unit_test_setup(tells_the_end_of_what_was_told, begin),
		cmocka_unit_test_setup(is_patient_with_a_slow_camera, begin),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
