/* SPDX-License-Identifier: Apache-2.0
 *
 * The choice of a mode on the lists of real cameras, and a camera's settings as text.
 */
#include "tests/lib/scan_pictures.h"

#include <linux/videodev2.h>

#include "scanner/camera_mode.h"
#include "scanner/camera_settings.h"
#include "scanner/scanner.h"

static struct camera_modes list;
static struct camera_settings want;
static struct err err;

static int start_empty(void **state)
{
	(void)state;
	list.count = 0;
	assert_int_equal(camera_settings_parse(&want, NULL, NULL), ERR_OK);
	return 0;
}

/* Rates in tenths; 0 ends them. None: the driver does not say. */
static void add(uint32_t fourcc, int width, int height, const int *tenths)
{
	const struct camera_format *f = camera_format_find(fourcc);
	assert_non_null(f);
	do {
		list.at[list.count++] = (struct camera_mode){.format = f,
			.width = width,
			.height = height,
			.interval_num = tenths && *tenths ? 10 : 0,
			.interval_den = tenths ? (uint32_t)*tenths : 0};
	} while (tenths && *++tenths);
}
#define SIX_RATES RATES(300, 250, 200, 150, 100, 50)
#define RATES(...) ((const int[]){__VA_ARGS__, 0})

static void chosen(const char *settings, uint32_t fourcc, int width, int height, int tenths)
{
	const struct camera_mode *m;
	char four[CAMERA_FOURCC_TEXT];
	assert_int_equal(camera_settings_parse(&want, settings, &err), ERR_OK);
	assert_int_equal(camera_mode_choose(&m, &list, &want, &err), ERR_OK);
	if (m->format->fourcc != fourcc || m->width != width || m->height != height ||
		camera_mode_rate(m) != tenths * 100)
		fail_msg("%s: %s %dx%d at %lld", settings,
			camera_fourcc_text(four, m->format->fourcc), m->width, m->height,
			(long long)camera_mode_rate(m));
}

static void refused(const char *settings, const char *words)
{
	const struct camera_mode *m = NULL;
	assert_int_equal(camera_settings_parse(&want, settings, &err), ERR_OK);
	assert_int_equal(camera_mode_choose(&m, &list, &want, &err), ERR_UNSUPPORTED);
	assert_null(m);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

/* ---- cameras ---- */

/* USB 2: uncompressed 1280 x 720 is too slow, MJPEG is not. */
static void list_c270(void)
{
	static const int small[][2] = {{640, 480}, {160, 120}, {176, 144}, {320, 176}, {320, 240},
		{352, 288}, {432, 240}, {544, 288}, {640, 360}};
	static const int large[][2] = {{752, 416}, {800, 448}, {800, 600}, {864, 480}, {960, 544},
		{960, 720}, {1024, 576}, {1184, 656}, {1280, 720}, {1280, 960}};
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		add(V4L2_PIX_FMT_YUYV, small[i][0], small[i][1], SIX_RATES);
	add(V4L2_PIX_FMT_YUYV, 752, 416, RATES(250, 200, 150, 100, 50));
	add(V4L2_PIX_FMT_YUYV, 800, 448, RATES(200, 150, 100, 50));
	add(V4L2_PIX_FMT_YUYV, 800, 600, RATES(200, 150, 100, 50));
	add(V4L2_PIX_FMT_YUYV, 864, 480, RATES(200, 150, 100, 50));
	add(V4L2_PIX_FMT_YUYV, 960, 544, RATES(150, 100, 50));
	add(V4L2_PIX_FMT_YUYV, 960, 720, RATES(100, 50));
	add(V4L2_PIX_FMT_YUYV, 1024, 576, RATES(100, 50));
	add(V4L2_PIX_FMT_YUYV, 1184, 656, RATES(100, 50));
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(75, 50));
	add(V4L2_PIX_FMT_YUYV, 1280, 960, RATES(75, 50));
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		add(V4L2_PIX_FMT_MJPEG, small[i][0], small[i][1], SIX_RATES);
	for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
		add(V4L2_PIX_FMT_MJPEG, large[i][0], large[i][1], SIX_RATES);
}

static void takes_mjpeg_where_the_bus_is_slow(void **state)
{
	(void)state;
	list_c270();
	chosen("", V4L2_PIX_FMT_MJPEG, 1280, 720, 300);
	chosen("format=YUYV", V4L2_PIX_FMT_YUYV, 960, 544, 150);
	chosen("format=yuy2 size=640x480", V4L2_PIX_FMT_YUYV, 640, 480, 300);
	chosen("size=1280x720 format=YUYV", V4L2_PIX_FMT_YUYV, 1280, 720, 75);
	chosen("size=1280x960", V4L2_PIX_FMT_MJPEG, 1280, 960, 300);
	chosen("rate=15", V4L2_PIX_FMT_MJPEG, 1280, 720, 150);
	chosen("rate=14", V4L2_PIX_FMT_MJPEG, 1280, 720, 150);
	chosen("rate=60 format=mjpeg", V4L2_PIX_FMT_MJPEG, 1280, 720, 300);
}

static void does_so_for_a_c920_too(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 640, 480, RATES(300, 240, 200, 150, 100, 75, 50));
	add(V4L2_PIX_FMT_YUYV, 800, 600, RATES(240, 200, 150, 100, 75, 50));
	add(V4L2_PIX_FMT_YUYV, 864, 480, RATES(240, 200, 150, 100, 75, 50));
	add(V4L2_PIX_FMT_YUYV, 960, 720, RATES(150, 100, 75, 50));
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(100, 75, 50));
	add(V4L2_PIX_FMT_YUYV, 1600, 896, RATES(75, 50));
	add(V4L2_PIX_FMT_YUYV, 1920, 1080, RATES(50));
	add(V4L2_PIX_FMT_YUYV, 2304, 1536, RATES(20));
	add(V4L2_PIX_FMT_MJPEG, 640, 480, RATES(300, 240, 150));
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300, 240, 150));
	add(V4L2_PIX_FMT_MJPEG, 1920, 1080, RATES(300, 240, 150));
	chosen("", V4L2_PIX_FMT_MJPEG, 1280, 720, 300);
	chosen("format=YUYV", V4L2_PIX_FMT_YUYV, 960, 720, 150);
	chosen("size=1920x1080", V4L2_PIX_FMT_MJPEG, 1920, 1080, 300);
}

static void takes_uncompressed_from_fifteen_frames_a_second_on(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(150, 100));
	chosen("", V4L2_PIX_FMT_YUYV, 1280, 720, 150);
	list.count = 0;
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(149, 100));
	chosen("", V4L2_PIX_FMT_MJPEG, 1280, 720, 300);
}

static void takes_what_a_cheap_camera_has(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 320, 240, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 640, 480, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 160, 120, RATES(300));
	chosen("", V4L2_PIX_FMT_YUYV, 640, 480, 300);
	refused("size=1280x720", "it does not give 1280x720; it has YUYV 320x240, YUYV 640x480");
	refused("format=MJPG", "it does not give MJPG that can be read; it has YUYV 320x240");
	refused("size=640x480 format=MJPG", "it does not give MJPG in 640x480");
	list.count = 0;
	refused("", "no picture format that can be read");
}

static void takes_the_size_before_the_kind(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 640, 480, RATES(300));
	add(V4L2_PIX_FMT_MJPEG, 640, 480, RATES(300));
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300));
	chosen("", V4L2_PIX_FMT_MJPEG, 1280, 720, 300); /* a laptop's */
	list.count = 0;
	add(V4L2_PIX_FMT_GREY, 1280, 800, RATES(1200, 600, 300)); /* a global shutter's */
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300));
	chosen("", V4L2_PIX_FMT_GREY, 1280, 800, 300);
	list.count = 0;
	add(V4L2_PIX_FMT_MJPEG, 3840, 2160, RATES(300));
	add(V4L2_PIX_FMT_MJPEG, 1920, 1080, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 640, 360, RATES(300));
	chosen("", V4L2_PIX_FMT_MJPEG, 1920, 1080, 300);
	list.count = 0;
	add(V4L2_PIX_FMT_YUYV, 720, 1280, RATES(300)); /* mounted upright */
	add(V4L2_PIX_FMT_YUYV, 960, 540, RATES(300));
	chosen("", V4L2_PIX_FMT_YUYV, 720, 1280, 300);
}

static void takes_fewer_bits_of_equals(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(300)); /* a processor's own camera */
	add(V4L2_PIX_FMT_YUV420, 1280, 720, RATES(300));
	add(V4L2_PIX_FMT_UYVY, 1280, 720, RATES(300));
	chosen("", V4L2_PIX_FMT_YUV420, 1280, 720, 300);
	add(V4L2_PIX_FMT_GREY, 1280, 720, RATES(300));
	chosen("", V4L2_PIX_FMT_GREY, 1280, 720, 300);
}

static void believes_a_driver_that_names_no_rates(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 640, 480, NULL);
	add(V4L2_PIX_FMT_MJPEG, 640, 480, RATES(300));
	chosen("", V4L2_PIX_FMT_YUYV, 640, 480, 0);
	chosen("rate=30", V4L2_PIX_FMT_YUYV, 640, 480, 0);
}

static void prefers_the_faster_when_all_are_slow(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 1280, 720, RATES(50));
	add(V4L2_PIX_FMT_YUYV, 640, 480, RATES(100));
	chosen("", V4L2_PIX_FMT_YUYV, 640, 480, 100);
}

static void leaves_sizes_that_cannot_be_read(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUYV, 8, 8, RATES(300));
	add(V4L2_PIX_FMT_YUYV, 8000, 6000, RATES(300));
	refused("", "");
	add(V4L2_PIX_FMT_YUYV, 16, 16, RATES(300));
	chosen("", V4L2_PIX_FMT_YUYV, 16, 16, 300);
}

static void converted_comes_last(void **state)
{
	(void)state;
	add(V4L2_PIX_FMT_YUV420, 1280, 720, RATES(300));
	list.at[0].converted = true;
	add(V4L2_PIX_FMT_MJPEG, 1280, 720, RATES(300));
	chosen("", V4L2_PIX_FMT_MJPEG, 1280, 720, 300);
}

/* ---- any size in steps ---- */

static void steps_hold(const struct camera_steps *s, const char *settings, const char *words)
{
	int size[CAMERA_STEP_SIZES_MAX][2];
	char text[256] = "";
	assert_int_equal(camera_settings_parse(&want, settings, &err), ERR_OK);
	unsigned n = camera_step_sizes(size, s, &want);
	for (unsigned i = 0; i < n; i++) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof text - len, "%s%dx%d", i ? " " : "", size[i][0],
			size[i][1]);
	}
	assert_string_equal(text, words);
}

static void tries_good_sizes_of_a_camera_with_steps(void **state)
{
	(void)state;
	steps_hold(&(struct camera_steps){32, 2592, 2, 32, 1944, 2}, "",
		"1280x720 1280x800 1280x960 1024x768 800x600 640x480 640x360 1920x1080 32x32 "
		"2592x1944");
	steps_hold(&(struct camera_steps){48, 640, 16, 32, 480, 8}, "size=600x401",
		"592x400 640x480 640x360 48x32");
	steps_hold(&(struct camera_steps){640, 640, 0, 480, 480, 0}, "", "640x480");
	steps_hold(&(struct camera_steps){5000, 8000, 1, 5000, 8000, 1}, "", "");
	steps_hold(&(struct camera_steps){0, 0, 0, 0, 0, 0}, "", "");
	steps_hold(&(struct camera_steps){640, 320, 1, 480, 240, 1}, "", "");
	steps_hold(&(struct camera_steps){1, 4294967295, 4294967295, 1, 4294967295, 1}, "",
		"1x720 1x800 1x960 1x768 1x600 1x480 1x360 1x1080 1x1 1x4096");
}

/* ---- settings ---- */

static void reads_settings(void **state)
{
	(void)state;
	assert_int_equal(camera_settings_parse(&want, " size=1280x720,format=mjpg\trate=30 "
		"scale=half Power_Line_Frequency=50Hz gain=-3 gain=20 focus=1.5", &err), ERR_OK);
	assert_int_equal(want.width, 1280);
	assert_int_equal(want.height, 720);
	assert_string_equal(want.format, "MJPG");
	assert_int_equal(want.rate, 30);
	assert_int_equal(want.scale, CAMERA_SCALE_HALF);
	assert_int_equal(want.count, 3);
	assert_string_equal(want.control[0].name, "power_line_frequency");
	assert_string_equal(want.control[0].value, "50hz");
	assert_string_equal(want.control[1].value, "20"); /* the last word counts */
	assert_string_equal(want.control[2].value, "1.5");
	assert_int_equal(camera_settings_parse(&want, "", &err), ERR_OK);
	assert_true(want.count == 0 && want.width == 0 && want.rate == 0 && !want.format[0]);
	assert_int_equal(camera_settings_parse(&want, " , ,", &err), ERR_OK);
}

static void refuses_settings_that_are_wrong(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
		{"gain", "\"gain\": is not name=value"},
		{"sise=640x480", "\"sise=640x480\": no camera has this; did you mean size?"},
		{"formta=YUYV", "did you mean format?"},
		{"FRMAT=YUYV", "did you mean format?"},
		{"ratte=30", "did you mean rate?"},
		{"fps=30", "did you mean rate?"},
		{"scal=half", "did you mean scale?"},
		{"=5", "\"=5\": is not name=value"},
		{"gain=", "\"gain=\": is not name=value"},
		{"size=1280", "1280x720"}, {"size=x720", "1280x720"}, {"size=1280x", "1280x720"},
		{"size=15x720", "16 to 4096"}, {"size=1280x4097", "16 to 4096"},
		{"size=1280x720x2", "1280x720"}, {"size=-1280x720", "1280x720"},
		{"size=9999999999x720", "1280x720"},
		{"rate=0", "1 to 1000"}, {"rate=1001", "1 to 1000"}, {"rate=30.5", "1 to 1000"},
		{"format=TOOLONG", "four letters"}, {"format=Y-V", "four letters"},
		{"scale=2", "auto, full or half"},
		{"ga!in=5", "a name has"}, {"gain=5;", "a value has"},
		{"gain=5\x1b[2J", "a value has"},
		{"gain==5", "a value has"},
		{"abcdefghijabcdefghijabcdefghijabcdefghij=1", "a name has"},
		{"gain=abcdefghijabcdefghijabcdefghijabcdefghij", "a value has"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(camera_settings_parse(&want, wrong[i][0], &err), ERR_INVALID);
		if (!strstr(err.text, wrong[i][1]) || strchr(err.text, '\x1b'))
			fail_msg("%s: %s", wrong[i][0], err.text);
	}
}

static void refuses_too_many_or_too_long_settings(void **state)
{
	(void)state;
	char text[SCAN_CAMERA_WORDS_MAX + 8] = "";
	size_t len = 0;
	for (int i = 0; i < CAMERA_CONTROLS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "c%d=1 ", i);
	assert_int_equal(camera_settings_parse(&want, text, &err), ERR_OK);
	assert_int_equal(want.count, CAMERA_CONTROLS_MAX);
	snprintf(text + len, sizeof text - len, "more=1");
	assert_int_equal(camera_settings_parse(&want, text, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "at most 32"));
	memset(text, ' ', sizeof text - 1);
	assert_int_equal(camera_settings_parse(&want, text, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "511"));
	text[SCAN_CAMERA_WORDS_MAX - 1] = '\0';
	assert_int_equal(camera_settings_parse(&want, text, &err), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(takes_mjpeg_where_the_bus_is_slow, start_empty),
		cmocka_unit_test_setup(does_so_for_a_c920_too, start_empty),
		cmocka_unit_test_setup(
			takes_uncompressed_from_fifteen_frames_a_second_on, start_empty),
		cmocka_unit_test_setup(takes_what_a_cheap_camera_has, start_empty),
		cmocka_unit_test_setup(takes_the_size_before_the_kind, start_empty),
		cmocka_unit_test_setup(takes_fewer_bits_of_equals, start_empty),
		cmocka_unit_test_setup(believes_a_driver_that_names_no_rates, start_empty),
		cmocka_unit_test_setup(prefers_the_faster_when_all_are_slow, start_empty),
		cmocka_unit_test_setup(leaves_sizes_that_cannot_be_read, start_empty),
		cmocka_unit_test_setup(converted_comes_last, start_empty),
		cmocka_unit_test_setup(tries_good_sizes_of_a_camera_with_steps, start_empty),
		cmocka_unit_test(reads_settings),
		cmocka_unit_test(refuses_settings_that_are_wrong),
		cmocka_unit_test(refuses_too_many_or_too_long_settings),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
