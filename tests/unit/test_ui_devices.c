/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of devices in words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "ui/devices.h"

static struct bytes out;
static bool usable;
static struct err err;

static int end(void **state)
{
	(void)state;
	bytes_done(&out);
	text_init("en");
	return 0;
}

static const char *words(const char *json, bool controls)
{
	bytes_done(&out);
	bytes_init(&out, DEVICES_TEXT_MAX);
	assert_int_equal(devices_text(&out, span_text(json), controls, &usable, &err), ERR_OK);
	return bytes_text(&out);
}

#define C270                                                                                       \
	"{\"kind\":\"camera\",\"path\":\"/dev/video0\","                                           \
	"\"by_id\":\"/dev/v4l/by-id/usb-046d_0825-video-index0\",\"name\":\"C270\","               \
	"\"driver\":\"uvcvideo\",\"bus\":\"usb-1.2\","                                             \
	"\"chosen\":{\"format\":\"MJPG\",\"width\":1280,\"height\":720,\"rate\":\"30\"},"          \
	"\"formats\":[{\"format\":\"YUYV\",\"read\":true,\"sizes\":["                              \
	"{\"width\":640,\"height\":480,\"rates\":[\"30\",\"25\",\"20\",\"15\",\"10\",\"5\"]},"     \
	"{\"width\":160,\"height\":120,\"rates\":[\"30\",\"25\",\"20\",\"15\",\"10\",\"5\"]},"     \
	"{\"width\":1280,\"height\":720,\"rates\":[\"7.5\",\"5\"]},"                               \
	"{\"width\":1280,\"height\":960,\"rates\":[]}]},"                                          \
	"{\"format\":\"H264\",\"read\":false},{\"format\":\"HEVC\",\"read\":false}],"              \
	"\"controls\":[{\"name\":\"gain\",\"kind\":\"number\",\"min\":0,\"max\":255,\"step\":1,"   \
	"\"default\":64,\"value\":20},{\"name\":\"auto_exposure\",\"kind\":\"menu\","              \
	"\"default\":3,\"value\":1,\"entries\":[{\"value\":1,\"name\":\"manual_mode\"},"           \
	"{\"value\":3,\"name\":\"aperture_priority_mode\"}]},"                                     \
	"{\"name\":\"exposure_time_absolute\",\"kind\":\"number\",\"min\":3,\"max\":2047,"         \
	"\"step\":1,\"default\":250,\"value\":250,\"inactive\":true},"                             \
	"{\"name\":\"white_balance_automatic\",\"kind\":\"switch\",\"default\":1,\"value\":1},"    \
	"{\"name\":\"auto_focus_start\",\"kind\":\"button\"},"                                     \
	"{\"name\":\"region\",\"kind\":\"other\",\"fixed\":true}],\"state\":\"usable\"}"

static void says_what_a_camera_is_and_has(void **state)
{
	(void)state;
	assert_string_equal(words(C270, false),
		"/dev/video0  C270 (uvcvideo, usb-1.2)\n"
		"  /dev/v4l/by-id/usb-046d_0825-video-index0\n"
		"  would be used with MJPG 1280x720, 30 frames a second\n"
		"  YUYV  640x480 (30, 25, 20, 15, 10, 5), 160x120 (30, 25, 20, 15, 10, 5),\n"
		"        1280x720 (7.5, 5), 1280x960\n"
		"  cannot be read: H264 HEVC\n");
	assert_true(usable);
}

static void says_what_can_be_set(void **state)
{
	(void)state;
	const char *text = strstr(words(C270, true), "  controls:\n");
	assert_non_null(text);
	assert_string_equal(text,
		"  controls:\n"
		"    gain                               0 to 255 in steps of 1; now 20\n"
		"    auto_exposure                      manual_mode, aperture_priority_mode; now "
		"manual_mode\n"
		"    exposure_time_absolute             3 to 2047 in steps of 1; now 250 (has no "
		"effect now: an automatic is on)\n"
		"    white_balance_automatic            on, off; now on\n"
		"    auto_focus_start                   does something once\n"
		"    region                             cannot be set here (only to be read)\n");
}

static void says_why_one_cannot_be_used(void **state)
{
	(void)state;
	assert_string_equal(words("{\"kind\":\"camera\",\"path\":\"/dev/video2\",\"state\":"
				  "\"forbidden\",\"why\":\"it must be in the group video\"}", true),
		"/dev/video2\n  may not be used by this user: it must be in the group video\n");
	assert_false(usable);
	assert_string_equal(words("{\"path\":\"/dev/video2\",\"state\":\"of another version\"}",
				    true),
		"/dev/video2\n  of another version: \n");
}

static void says_it_in_chinese(void **state)
{
	(void)state;
	text_init("zh_CN");
	const char *text = words(C270, true);
	assert_non_null(strstr(text, "/dev/v4l/by-id/usb-046d_0825-video-index0"));
	assert_null(strstr(text, "would be used"));
	assert_null(strstr(text, "controls"));
	assert_null(strstr(text, "now"));
}

static void shows_no_control_characters(void **state)
{
	(void)state;
	const char *text = words("{\"path\":\"/dev/video2\\u001b[2J\",\"name\":\"\\u0007\\u202e\","
				 "\"state\":\"busy\",\"why\":\"\\u001b]0;x\\u0007\"}", true);
	for (const char *s = text; *s; s++)
		assert_true((unsigned char)*s >= ' ' || *s == '\n');
	assert_null(strstr(text, "\xe2\x80\xae"));
}

static void takes_nothing_else(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "{}", "[]", "{\"path\":\"x\"}",
		"{\"state\":\"busy\"}",
		"{\"path\":1,\"state\":\"busy\"}", "countersign-scanner: fault"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		bytes_done(&out);
		bytes_init(&out, DEVICES_TEXT_MAX);
		usable = true;
		assert_int_not_equal(devices_text(&out, span_text(bad[i]), false, &usable, &err),
			ERR_OK);
		assert_false(usable);
	}
	/* members of other types are left out */
	assert_string_equal(words("{\"path\":\"/dev/video2\",\"state\":\"usable\",\"name\":5,"
				  "\"chosen\":[],\"formats\":{},\"controls\":7}", false),
		"/dev/video2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(says_what_a_camera_is_and_has, end),
		cmocka_unit_test_teardown(says_what_can_be_set, end),
		cmocka_unit_test_teardown(says_why_one_cannot_be_used, end),
		cmocka_unit_test_teardown(says_it_in_chinese, end),
		cmocka_unit_test_teardown(shows_no_control_characters, end),
		cmocka_unit_test_teardown(takes_nothing_else, end),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	text_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
