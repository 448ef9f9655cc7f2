/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera's controls by name, on a driver in memory that has those of a webcam.
 */
#include "tests/lib/fake_camera.h"

#include "scanner/camera_controls.h"

static struct scan_source *source;
static struct scan_frame frame;
static struct err err;
static char told[CAMERA_NOTES_MAX * (SCAN_FAULT_MAX + 1)];

enum {
	BRIGHTNESS,
	BALANCE_AUTO,
	GAIN,
	POWER_LINE,
	EXPOSURE,
	EXPOSURE_TIME,
	FOCUS_NOW,
	LINK,
	COUNT
};

static int begin(void **state)
{
	(void)state;
	fake_reset();
	fake_mode(V4L2_PIX_FMT_YUYV, 640, 480, 30);
	/* not in the order of their numbers: a driver lists them as it likes */
	const struct fake_control all[COUNT] = {
		[BRIGHTNESS] = {V4L2_CID_BRIGHTNESS, V4L2_CTRL_TYPE_INTEGER, "Brightness", -64, 64,
			1, 0, 0, {NULL}, 0},
		[BALANCE_AUTO] = {V4L2_CID_AUTO_WHITE_BALANCE, V4L2_CTRL_TYPE_BOOLEAN,
			"White Balance, Automatic", 0, 1, 1, 1, 0, {NULL}, 0},
		[GAIN] = {V4L2_CID_GAIN, V4L2_CTRL_TYPE_INTEGER, "Gain", 0, 255, 5, 0, 0, {NULL},
			0},
		[POWER_LINE] = {V4L2_CID_POWER_LINE_FREQUENCY, V4L2_CTRL_TYPE_MENU,
			"Power Line Frequency", 0, 2, 1, 2, 0, {"Disabled", "50 Hz", "60 Hz"}, 0},
		[EXPOSURE] = {V4L2_CID_EXPOSURE_AUTO, V4L2_CTRL_TYPE_MENU, "Auto Exposure", 0, 3, 1,
			3, 0, {NULL, "Manual Mode", NULL, "Aperture Priority Mode"}, 0},
		[EXPOSURE_TIME] = {V4L2_CID_EXPOSURE_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER,
			"Exposure Time, Absolute", 3, 2047, 1, 250, V4L2_CTRL_FLAG_INACTIVE, {NULL},
			0},
		[FOCUS_NOW] = {V4L2_CID_AUTO_FOCUS_START, V4L2_CTRL_TYPE_BUTTON,
			"Auto Focus, Start", 0, 0, 0, 0, V4L2_CTRL_FLAG_WRITE_ONLY, {NULL}, 0},
		[LINK] = {V4L2_CID_LINK_FREQ, V4L2_CTRL_TYPE_INTEGER, "Link Frequency", 0, 9, 1, 0,
			V4L2_CTRL_FLAG_READ_ONLY, {NULL}, 0},
	};
	memcpy(fake.control, all, sizeof all);
	fake.controls = COUNT;
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_source_close(&source);
	fake_reset();
	return 0;
}

/* Opens with the settings; what is told is in `told`, a line each. */
static void set(const char *settings)
{
	scan_source_close(&source);
	if (fake_open(&source, settings, &err))
		fail_msg("%s", err.text);
	told[0] = '\0';
	while (source->ops->next(source, &frame, &err) == SOURCE_NOTE) {
		size_t len = strlen(told);
		snprintf(told + len, sizeof told - len, "%s\n", err.text);
	}
}

static void quiet(const char *settings)
{
	set(settings);
	assert_string_equal(told, "");
}

static void notes(const char *settings, const char *words)
{
	char line[SCAN_FAULT_MAX + 20];
	set(settings);
	snprintf(line, sizeof line, "/dev/fake0: %s\n", words);
	assert_string_equal(told, line);
}

static void sets_numbers_switches_and_menus(void **state)
{
	(void)state;
	quiet("brightness=-64 gain=0x14 white_balance_automatic=off power_line_frequency=50_hz");
	assert_int_equal(fake.control[BRIGHTNESS].value, -64);
	assert_int_equal(fake.control[GAIN].value, 20);
	assert_int_equal(fake.control[BALANCE_AUTO].value, 0);
	assert_int_equal(fake.control[POWER_LINE].value, 1);
	quiet("auto_focus_start=1 white_balance_automatic=Yes power_line_frequency=2");
	assert_int_equal(fake.control[FOCUS_NOW].value, 1);
	assert_int_equal(fake.control[BALANCE_AUTO].value, 1);
	assert_int_equal(fake.control[POWER_LINE].value, 2);
}

static void understands_what_people_write(void **state)
{
	(void)state;
	static const struct {
		const char *settings;
		int control, value;
	} cases[] = {
		{"power_line_frequency=50hz", POWER_LINE, 1},
		{"power_line_frequency=60Hz", POWER_LINE, 2},
		{"power_line_frequency=60", POWER_LINE, 2},
		{"power_line_frequency=off", POWER_LINE, 0},
		{"power_line_frequency=disabled", POWER_LINE, 0},
		{"auto_exposure=manual", EXPOSURE, 1},
		{"auto_exposure=auto", EXPOSURE, 3},
		{"auto_exposure=manual_mode", EXPOSURE, 1},
		{"auto_exposure=aperture_priority_mode", EXPOSURE, 3},
		{"exposure_auto=manual", EXPOSURE, 1}, /* before Linux 5.19 */
		{"white_balance_temperature_auto=0", BALANCE_AUTO, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(NULL);
		fake.control[cases[i].control].value = 77;
		quiet(cases[i].settings);
		assert_int_equal(fake.control[cases[i].control].value, cases[i].value);
		scan_source_close(&source);
	}
}

static void switches_an_automatic_off_before_the_number(void **state)
{
	(void)state;
	quiet("exposure_time_absolute=100 auto_exposure=manual");
	assert_int_equal(fake.control[EXPOSURE_TIME].value, 100);
	quiet("exposure_absolute=90");
	assert_int_equal(fake.control[EXPOSURE_TIME].value, 90);
	fake.control[EXPOSURE_TIME].flags = V4L2_CTRL_FLAG_INACTIVE;
	notes("exposure_absolute=80", "exposure_absolute=80 has no effect while an automatic of "
		"the camera is on; switch it off, too");
}

static void says_what_is_possible(void **state)
{
	(void)state;
	notes("gian=5", "the camera has no control gian; it has brightness, "
		"white_balance_automatic, gain, power_line_frequency, auto_exposure, "
		"exposure_time_absolute, ...");
	notes("brightness=65", "brightness=65 cannot be: -64 to 64");
	notes("brightness=much", "brightness=much cannot be: -64 to 64");
	notes("gain=3", "gain=3 cannot be: 0 to 255 in steps of 5");
	notes("gain=99999999999", "gain=99999999999 cannot be: 0 to 255 in steps of 5");
	notes("power_line_frequency=55hz",
		"power_line_frequency=55hz cannot be: disabled, 50_hz, 60_hz");
	notes("power_line_frequency=3", "power_line_frequency=3 cannot be: disabled, 50_hz, 60_hz");
	notes("auto_exposure=2", "auto_exposure=2 cannot be: manual_mode, aperture_priority_mode");
	notes("auto_exposure=x", "auto_exposure=x cannot be: manual_mode, aperture_priority_mode");
	notes("white_balance_automatic=2", "white_balance_automatic=2 cannot be: on or off");
	assert_int_equal(fake.control[GAIN].value, 0); /* nothing of it was set */
	assert_int_equal(fake.control[POWER_LINE].value, 2);
	fake.controls = 0;
	notes("gain=5", "the camera has no control gain; it has none");
}

static void says_what_the_camera_made_of_it(void **state)
{
	(void)state;
	notes("link_frequency=1", "link_frequency=1 was refused by the camera: Permission denied");
	fake.control[GAIN].refuse = EIO;
	notes("gain=5", "gain=5 was refused by the camera: Input/output error");
}

static void one_that_cannot_be_does_not_hinder_the_others(void **state)
{
	(void)state;
	set("gain=3 nothing=1 brightness=5 auto_exposure=x white_balance_automatic=0");
	assert_int_equal(fake.control[BRIGHTNESS].value, 5);
	assert_int_equal(fake.control[BALANCE_AUTO].value, 0);
	int lines = 0;
	for (const char *s = told; *s; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 3);
}

static void tells_no_more_than_there_is_room_for(void **state)
{
	(void)state;
	set("a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1");
	assert_non_null(strstr(told, "no control h;"));
	assert_null(strstr(told, "no control i;"));
}

/* A list that never ends, or goes round. */
static unsigned queries;
static int round_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	struct v4l2_queryctrl *q = arg;
	if (request != VIDIOC_QUERYCTRL)
		return -1;
	queries++;
	q->id = (q->id & 0xffff) + (queries > 5000 ? 0 : 1);
	q->type = V4L2_CTRL_TYPE_INTEGER;
	memcpy(q->name, "x", 2);
	return 0;
}

static void a_list_without_end_ends(void **state)
{
	(void)state;
	struct camera_calls calls = fake_calls;
	static struct camera_controls all;
	const struct camera c = {.calls = &calls, .fd = FAKE_FD, .path = "/dev/fake0"};
	calls.ioctl = round_ioctl;
	camera_controls_list(&all, &c);
	assert_int_equal(all.count, CAMERA_CONTROLS_LIST_MAX);
	assert_true(queries < 5000);
	queries = 6000; /* the same one again and again */
	camera_controls_list(&all, &c);
	assert_int_equal(all.count, 0);
}

static void names_are_those_of_v4l2_ctl(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{"Exposure, Auto", "exposure_auto"},
		{"White Balance Temperature, Auto", "white_balance_temperature_auto"},
		{"Power Line Frequency", "power_line_frequency"},
		{" LED1 Mode ", "led1_mode"},
		{"Focus (absolute)", "focus_absolute"},
		{"\xe4\xbd\xa0", ""},
		{"", ""},
	};
	char out[CAMERA_NAME_MAX], small[5];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		camera_control_name(out, sizeof out, names[i][0], strlen(names[i][0]));
		assert_string_equal(out, names[i][1]);
	}
	camera_control_name(small, sizeof small, "A B C", 5);
	assert_string_equal(small, "a_b");
	camera_control_name(small, sizeof small, "ABCDEF", 6);
	assert_string_equal(small, "abcd");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(sets_numbers_switches_and_menus),
		CASE(understands_what_people_write),
		CASE(switches_an_automatic_off_before_the_number),
		CASE(says_what_is_possible),
		CASE(says_what_the_camera_made_of_it),
		CASE(one_that_cannot_be_does_not_hinder_the_others),
		CASE(tells_no_more_than_there_is_room_for),
		CASE(a_list_without_end_ends),
		CASE(names_are_those_of_v4l2_ctl),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
