/* SPDX-License-Identifier: Apache-2.0
 *
 * What the list of devices says of a camera, on a driver in memory.
 */
#include "tests/lib/fake_camera.h"

#include "scanner/camera_list.h"
#include "scanner/devices.h"

static uint8_t room[DEVICES_LINE_MAX];
static struct bytes out;
static char dir[] = "/tmp/countersign-list.XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int drop_dir(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static int begin(void **state)
{
	(void)state;
	fake_reset();
	bytes_init_fixed(&out, room, sizeof room);
	return 0;
}

static enum camera_state list(const char *path)
{
	return camera_list_one(&out, &fake_calls, path, dir, FAKE_FD, 0);
}

static void webcam(void)
{
	fake_mode(V4L2_PIX_FMT_YUYV, 640, 480, 30);
	fake_mode(V4L2_PIX_FMT_YUYV, 1280, 720, 10);
	fake_mode(V4L2_PIX_FMT_MJPEG, 1280, 720, 30);
	fake_mode(V4L2_PIX_FMT_H264, 1280, 720, 30);
	fake.control[0] = (struct fake_control){V4L2_CID_GAIN, V4L2_CTRL_TYPE_INTEGER, "Gain", 0,
		255, 5, 20, 0, {NULL}, 0};
	fake.control[1] = (struct fake_control){V4L2_CID_POWER_LINE_FREQUENCY, V4L2_CTRL_TYPE_MENU,
		"Power Line Frequency", 0, 2, 1, 1, V4L2_CTRL_FLAG_INACTIVE,
		{"Disabled", "50 Hz", "60 Hz"}, 0};
	fake.control[2] = (struct fake_control){V4L2_CID_AUTOGAIN, V4L2_CTRL_TYPE_BOOLEAN,
		"Gain, Automatic", 0, 1, 1, 1, V4L2_CTRL_FLAG_READ_ONLY, {NULL}, 0};
	fake.controls = 3;
}

#define FORMATS                                                                                    \
	"\"formats\":[{\"format\":\"YUYV\",\"read\":true,\"sizes\":["                              \
	"{\"width\":640,\"height\":480,\"rates\":[\"30\"]},"                                       \
	"{\"width\":1280,\"height\":720,\"rates\":[\"10\"]}]},"                                    \
	"{\"format\":\"MJPG\",\"read\":true,\"sizes\":["                                           \
	"{\"width\":1280,\"height\":720,\"rates\":[\"30\"]}]},"                                    \
	"{\"format\":\"H264\",\"read\":false}],"                                                   \
	"\"controls\":["                                                                           \
	"{\"name\":\"gain_automatic\",\"kind\":\"switch\",\"default\":0,\"value\":1,"              \
	"\"fixed\":true},"                                                                         \
	"{\"name\":\"gain\",\"kind\":\"number\",\"min\":0,\"max\":255,\"step\":5,\"default\":0,"   \
	"\"value\":20},"                                                                           \
	"{\"name\":\"power_line_frequency\",\"kind\":\"menu\",\"default\":0,\"value\":1,"          \
	"\"entries\":[{\"value\":0,\"name\":\"disabled\"},{\"value\":1,\"name\":\"50_hz\"},"       \
	"{\"value\":2,\"name\":\"60_hz\"}],\"inactive\":true}],"

static void says_all_of_a_camera(void **state)
{
	(void)state;
	webcam();
	assert_int_equal(list("/dev/fake0"), CAMERA_USABLE);
	assert_string_equal(bytes_text(&out),
		"{\"kind\":\"camera\",\"path\":\"/dev/fake0\",\"name\":\"Fake Cam\xef\xbf\xbd[2J\","
		"\"driver\":\"fake\",\"bus\":\"memory:0\","
		"\"chosen\":{\"format\":\"MJPG\",\"width\":1280,\"height\":720,\"rate\":\"30\"},"
		FORMATS "\"state\":\"usable\"}");
	assert_int_equal(fake.opened, fake.closed);
	assert_int_equal(fake.buffers, 0);
	assert_int_equal(fake.now.width, 0); /* nothing was set */
}

static void says_why_one_cannot_be_used(void **state)
{
	(void)state;
	webcam();
	fake_fail(VIDIOC_REQBUFS, 0, 1, EBUSY);
	assert_int_equal(list("/dev/fake0"), CAMERA_BUSY);
	assert_non_null(strstr(bytes_text(&out), FORMATS "\"state\":\"busy\",\"why\":\"/dev/fake0: "
		"another program uses the camera; close it\"}"));
	begin(NULL);
	webcam();
	fake_fail(VIDIOC_REQBUFS, 0, 1, EIO);
	assert_int_equal(list("/dev/fake0"), CAMERA_FAILED);
	begin(NULL);
	fake_mode(V4L2_PIX_FMT_H264, 640, 480, 30);
	assert_int_equal(list("/dev/fake0"), CAMERA_UNREADABLE);
	assert_non_null(strstr(bytes_text(&out),
		"\"formats\":[{\"format\":\"H264\",\"read\":false}],\"controls\":[],"
		"\"state\":\"unreadable\",\"why\":\"it has no picture format that can"));
	begin(NULL);
	fake_fail(1, 0, 1, ENODEV);
	assert_int_equal(list("/dev/fake0"), CAMERA_FAILED);
	assert_non_null(strstr(bytes_text(&out), "unplugged"));
	begin(NULL);
	assert_int_equal(camera_list_one(&out, &fake_calls, "/dev/fake0", dir, -1, EACCES),
		CAMERA_FORBIDDEN);
	assert_string_equal(bytes_text(&out), "{\"kind\":\"camera\",\"path\":\"/dev/fake0\","
		"\"state\":\"forbidden\","
		"\"why\":\"/dev/fake0: this user may not use the camera\"}");
	begin(NULL);
	assert_int_equal(camera_list_one(&out, &fake_calls, "/dev/fake0", dir, -1, EBUSY),
		CAMERA_BUSY);
}

static void leaves_out_what_is_no_camera(void **state)
{
	(void)state;
	fake.caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
	assert_int_equal(list("/dev/fake0"), CAMERA_NO_CAMERA);
	begin(NULL);
	fake_fail(1, 0, 1, ENOTTY);
	assert_int_equal(list("/dev/fake0"), CAMERA_NO_CAMERA);
	assert_int_equal(fake.opened, fake.closed);
}

static void finds_the_names_that_stay(void **state)
{
	(void)state;
	char folder[64], link[128], words[256];
	webcam();
	snprintf(folder, sizeof folder, "%s/by-id", dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(link, sizeof link, "%s/usb-Other-video-index0", folder);
	assert_int_equal(symlink("/dev/zero", link), 0);
	snprintf(link, sizeof link, "%s/usb-gone-video-index0", folder);
	assert_int_equal(symlink("/dev/does-not-exist", link), 0);
	snprintf(link, sizeof link, "%s/usb-Fake_Cam-video-index0", folder);
	assert_int_equal(symlink("/dev/full", link), 0);
	assert_int_equal(list("/dev/full"), CAMERA_USABLE);
	snprintf(words, sizeof words, "\"path\":\"/dev/full\",\"by_id\":\"%s\",\"name\"", link);
	assert_non_null(strstr(bytes_text(&out), words));
}

static void writes_rates_as_people_do(void **state)
{
	(void)state;
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_GREY, 640, 480, 15);
	fake_mode(V4L2_PIX_FMT_GREY, 640, 480, 120);
	assert_int_equal(list("/dev/fake0"), CAMERA_USABLE);
	assert_non_null(strstr(bytes_text(&out), "\"rates\":[\"15\",\"120\"]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(says_all_of_a_camera, begin),
		cmocka_unit_test_setup(says_why_one_cannot_be_used, begin),
		cmocka_unit_test_setup(leaves_out_what_is_no_camera, begin),
		cmocka_unit_test_setup(finds_the_names_that_stay, begin),
		cmocka_unit_test_setup(writes_rates_as_people_do, begin),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
