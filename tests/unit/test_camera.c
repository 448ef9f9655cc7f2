/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera as a source of frames, on a driver in memory: what is asked, what is taken, and what of
 * a driver's words is not believed.
 */
#include "tests/lib/camera_kit.h"

#include "scanner/camera_health.h"
#include "scanner/examine.h"

static void is_pattern(void)
{
	assert_true(frame.grey->width == 640 && frame.grey->height == 480);
	for (size_t i = 0; i < 640 * 480; i++)
		assert_int_equal(frame.grey->pixels[i], i % 251);
}

/* ---- the mode ---- */

static void delivers_frames_with_their_times(void **state)
{
	(void)state;
	opened(NULL);
	assert_true(source->width == 640 && source->height == 480);
	assert_true(source->rate_num == 30 && source->rate_den == 1);
	assert_int_equal(source->class, SOURCE_CAMERA);
	assert_int_equal(source->ops->fd(source), FAKE_FD);
	assert_int_equal(next(), SOURCE_WAIT);
	comes(SPAN(yuyv, sizeof yuyv));
	fake.clock_ms += 20;
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
	assert_true(frame.stamped && frame.at_ms == fake.clock_ms);
	assert_int_equal(next(), SOURCE_WAIT);
	for (int i = 0; i < 20; i++) { /* every buffer comes back */
		comes(SPAN(yuyv, sizeof yuyv));
		assert_int_equal(next(), SOURCE_FRAME);
	}
	assert_int_equal(source->dropped, 0);
}

static void asks_for_the_best_mode_and_reads_it_back(void **state)
{
	(void)state;
	fake_mode(V4L2_PIX_FMT_MJPEG, 1280, 720, 30);
	fake_mode(V4L2_PIX_FMT_YUYV, 1280, 720, 10);
	opened(NULL);
	assert_int_equal(fake.now.pixelformat, V4L2_PIX_FMT_MJPEG);
	assert_true(source->width == 1280 && source->height == 720 && source->rate_num == 30);
	scan_source_close(&source);
	opened("format=YUYV rate=10");
	assert_int_equal(fake.now.pixelformat, V4L2_PIX_FMT_YUYV);
	assert_true(source->width == 1280 && source->rate_num == 10);
	scan_source_close(&source);
	assert_int_equal(fake_open(&source, "size=800x600", &err), ERR_UNSUPPORTED);
	assert_string_equal(err.text, "/dev/fake0: it does not give 800x600; it has YUYV 640x480, "
		"YUYV 1280x720, MJPG 1280x720");
	assert_int_equal(fake_open(&source, "size=big", &err), ERR_INVALID);
	assert_null(source);
}

static void takes_a_size_in_steps(void **state)
{
	(void)state;
	fake.steps = (struct v4l2_frmsize_stepwise){32, 2592, 2, 32, 1944, 2};
	opened(NULL);
	assert_true(source->width == 1280 && source->height == 720);
	scan_source_close(&source);
	opened("size=1000x700");
	assert_true(source->width == 1000 && source->height == 700);
}

static void tries_sizes_where_a_driver_lists_none(void **state)
{
	(void)state;
	fake.mode[0].rate = -1; /* no lists at all */
	opened(NULL);
	assert_true(source->width == 640 && source->height == 480 && source->rate_num == 0);
}

static void uses_padding_as_the_driver_says(void **state)
{
	(void)state;
	uint8_t *padded;
	fake.stride_extra = 37;
	opened(NULL);
	padded = calloc(480, 1280 + 37);
	assert_non_null(padded);
	for (size_t y = 0; y < 480; y++)
		memcpy(padded + y * (1280 + 37), yuyv + y * 1280, 1280);
	comes(SPAN(padded, 480 * (1280 + 37)));
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
	free(padded);
}

static void lets_libv4l2_convert_what_nobody_can_read(void **state)
{
	(void)state;
	uint8_t *planar = calloc(640 * 480 * 3 / 2, 1);
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_SGRBG8, 640, 480, 30);
	opened(NULL);
	assert_int_equal(fake.now.pixelformat, V4L2_PIX_FMT_YUV420);
	for (size_t i = 0; i < 640 * 480; i++)
		planar[i] = (uint8_t)(i % 251);
	comes(SPAN(planar, 640 * 480 * 3 / 2));
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
	free(planar);
}

static void refuses_what_is_no_camera(void **state)
{
	(void)state;
	fake.caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "two device files"));
	fake.caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "virtual camera that no program feeds"));
	fake.caps = V4L2_CAP_VIDEO_CAPTURE;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "cannot stream"));
	fake.caps |= V4L2_CAP_STREAMING;
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_H264, 640, 480, 30);
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "no picture format that can be read"));
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_SGRBG8, 640, 480, 30);
	fake_mode(V4L2_PIX_FMT_OV511, 640, 480, 30); /* libv4l2 would start a program */
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
}

/* ---- what the driver says of the mode ---- */

static void says_less_stride(struct v4l2_pix_format *p)
{
	p->bytesperline = p->width * 2 - 1;
}

static void says_no_stride(struct v4l2_pix_format *p)
{
	p->bytesperline = 0;
}

static void says_much_stride(struct v4l2_pix_format *p)
{
	p->bytesperline = UINT32_MAX;
}

static void says_less_bytes(struct v4l2_pix_format *p)
{
	p->sizeimage = p->width * p->height * 2 - 1;
}

static void says_more_bytes(struct v4l2_pix_format *p)
{
	p->sizeimage = CAMERA_BUFFER_BYTES_MAX + 1;
}

static void says_another_format(struct v4l2_pix_format *p)
{
	p->pixelformat = V4L2_PIX_FMT_H264;
}

static void says_a_huge_size(struct v4l2_pix_format *p)
{
	p->width = 100000;
}

static void says_a_tiny_size(struct v4l2_pix_format *p)
{
	p->height = 2;
}

static void says_two_fields(struct v4l2_pix_format *p)
{
	p->field = V4L2_FIELD_SEQ_TB;
}

static unsigned asked;
static void changes_behind_our_back(struct v4l2_pix_format *p)
{
	if (++asked == 2)
		p->width = 320;
}

static void does_not_believe_a_mode_that_cannot_be(void **state)
{
	(void)state;
	static const struct {
		void (*spoil)(struct v4l2_pix_format *p);
		enum err_code code;
		const char *words;
	} lies[] = {
		{says_less_stride, ERR_PROTOCOL, "a row of 1279 bytes, where at least 1280"},
		{says_much_stride, ERR_TOO_LARGE, "a row of"},
		{says_less_bytes, ERR_PROTOCOL, "a frame of 614399 bytes, where at least 614400"},
		{says_more_bytes, ERR_TOO_LARGE, "a frame of"},
		{says_another_format, ERR_UNSUPPORTED, "gives H264 in place of YUYV"},
		{says_a_huge_size, ERR_RANGE, "100000 x 480"},
		{says_a_tiny_size, ERR_RANGE, "640 x 2"},
		{says_two_fields, ERR_UNSUPPORTED, "interlaced"},
		{changes_behind_our_back, ERR_UNSUPPORTED, "320x480 in place of 640x480"},
	};
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		asked = 0;
		fake.spoil_format = lies[i].spoil;
		assert_int_equal(fake_open(&source, NULL, &err), lies[i].code);
		assert_null(source);
		if (!strstr(err.text, lies[i].words) || !strstr(err.text, "/dev/fake0"))
			fail_msg("%zu: %s", i, err.text);
	}
	fake.spoil_format = says_no_stride; /* old drivers leave it out */
	opened(NULL);
	comes(SPAN(yuyv, sizeof yuyv));
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
}

static void takes_the_next_best_mode_when_one_is_refused(void **state)
{
	(void)state;
	fake_mode(V4L2_PIX_FMT_YUYV, 1280, 720, 30);
	fake_fail(VIDIOC_S_FMT, 0, 1, EINVAL);
	opened(NULL);
	assert_int_equal(source->width, 640);
	scan_source_close(&source);
	fake_fail(VIDIOC_S_FMT, 0, 1, EINVAL); /* but not another than was set */
	assert_int_equal(fake_open(&source, "size=1280x720", &err), ERR_IO);
}

/* ---- buffers ---- */

static void does_not_believe_buffers_that_cannot_be(void **state)
{
	(void)state;
	fake.give_buffers = 1;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_IO);
	assert_non_null(strstr(err.text, "gives 1 buffers"));
	fake.give_buffers = FAKE_BUFFERS; /* more than asked for, more than are used */
	opened(NULL);
	comes(SPAN(yuyv, sizeof yuyv));
	assert_int_equal(next(), SOURCE_FRAME);
	scan_source_close(&source);
	fake.give_buffers = 0;
	fake.buffer_length = 614399;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_PROTOCOL);
	assert_non_null(strstr(err.text, "buffers of 614399 bytes for frames of 614400"));
	fake.buffer_length = CAMERA_BUFFER_BYTES_MAX + 1;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_PROTOCOL);
}

static void zero_buffers(void **state)
{
	(void)state;
	fake_fail(VIDIOC_QUERYBUF, 0, 1000, EINVAL);
	fake.give_buffers = 2;
	assert_int_equal(fake_open(&source, NULL, &err), ERR_IO);
	assert_non_null(strstr(err.text, "VIDIOC_QUERYBUF"));
	assert_int_equal(fake.buffers, 0); /* given back */
}

static void the_newest_frame_wins(void **state)
{
	(void)state;
	uint8_t old[sizeof yuyv];
	memset(old, 7, sizeof old);
	opened(NULL);
	comes(SPAN(old, sizeof old));
	comes(SPAN(old, sizeof old));
	comes(SPAN(yuyv, sizeof yuyv));
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
	assert_int_equal(source->dropped, 2);
	fake_frame((struct fake_frame){.data = SPAN(yuyv, sizeof yuyv), .gap = 5, .stamp_ms = -1});
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(source->dropped, 7);
	/* a damaged one does not push a good one out */
	comes(SPAN(yuyv, sizeof yuyv));
	fake_frame((struct fake_frame){.data = SPAN(old, sizeof old),
		.flags = V4L2_BUF_FLAG_ERROR, .stamp_ms = -1});
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
	for (int i = 0; i < 10; i++) {
		comes(SPAN(yuyv, sizeof yuyv));
		assert_int_equal(next(), SOURCE_FRAME);
	}
}

static uint32_t fixed_sequence;
static void says_sequence(struct v4l2_buffer *b)
{
	b->sequence = fixed_sequence;
}

static void counts_only_gaps_that_are_gaps(void **state)
{
	(void)state;
	static const uint32_t numbers[] = {10, 11, 0, 1, 1, 1, UINT32_MAX, 0, 1, 3};
	opened(NULL);
	fake.spoil_buffer = says_sequence;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		fixed_sequence = numbers[i];
		comes(SPAN(yuyv, sizeof yuyv));
		assert_int_equal(next(), SOURCE_FRAME);
	}
	assert_int_equal(source->dropped, 1); /* between 1 and 3 */
}

static void believes_times_that_can_be(void **state)
{
	(void)state;
	int64_t at = fake.clock_ms;
	const struct {
		int64_t stamp_ms;
		bool stamped;
	} frames[] = {{at - 40, true}, {at, true}, {at - 1, false}, {at - 60000, false},
		{at + 5000, false}, {0, false}, {at + 50, true}, {at + 50, true}};
	opened(NULL);
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		fake_frame((struct fake_frame){.data = SPAN(yuyv, sizeof yuyv),
			.stamp_ms = frames[i].stamp_ms});
		assert_int_equal(next(), SOURCE_FRAME);
		assert_int_equal(frame.stamped, frames[i].stamped);
		if (frame.stamped)
			assert_int_equal(frame.at_ms, frames[i].stamp_ms);
	}
}

static void says_another_clock(struct v4l2_buffer *b)
{
	b->flags &= ~(uint32_t)V4L2_BUF_FLAG_TIMESTAMP_MASK;
}

static void says_a_broken_time(struct v4l2_buffer *b)
{
	b->timestamp.tv_usec = 1000000;
}

static void says_the_end_of_time(struct v4l2_buffer *b)
{
	b->timestamp.tv_sec = INT64_MAX;
}

static void leaves_times_of_other_clocks(void **state)
{
	(void)state;
	void (*const spoil[])(struct v4l2_buffer *b) = {says_another_clock, says_a_broken_time,
		says_the_end_of_time};
	opened(NULL);
	for (size_t i = 0; i < 3; i++) {
		fake.spoil_buffer = spoil[i];
		comes(SPAN(yuyv, sizeof yuyv));
		assert_int_equal(next(), SOURCE_FRAME);
		assert_false(frame.stamped);
	}
}

/* ---- JPEG ---- */

static struct span jpeg_of(int width, int height)
{
	struct scan_grey g = {.pixels = NULL};
	grey_scene(&g, width, height);
	struct span s = make_jpeg(&g, 80);
	scan_grey_done(&g);
	return s;
}

static void mjpeg_camera(int width, int height)
{
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_MJPEG, width, height, 30);
}

static void finds_the_jpeg_in_a_whole_buffer(void **state)
{
	(void)state;
	struct span jpeg = jpeg_of(640, 480);
	uint8_t *whole = calloc(1, 640 * 480 * 2);
	mjpeg_camera(640, 480);
	opened(NULL);
	memcpy(whole + 3, jpeg.data, jpeg.len); /* something before it, an older frame behind */
	memcpy(whole + 3 + jpeg.len, jpeg.data + 100, 3000);
	comes(SPAN(whole, 640 * 480 * 2));
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(frame.jpeg.len, jpeg.len);
	assert_memory_equal(frame.jpeg.data, jpeg.data, jpeg.len);
	assert_true(frame.verbatim && frame.shrink == 1);
	comes(SPAN(jpeg.data, 1000)); /* cut: the decoder sees how far it goes */
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(frame.jpeg.len, 1000);
	memset(whole, 0xff, 4000); /* none: the decoder says so */
	comes(SPAN(whole, 4000));
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(frame.jpeg.len, 4000);
	comes(SPAN(whole, 1));
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(frame.jpeg.len, 1);
	free(whole);
	drop(jpeg);
}

static void halves_large_jpeg_frames(void **state)
{
	(void)state;
	static const struct {
		int width, height;
		const char *settings;
		int shrink;
	} cases[] = {{1280, 720, NULL, 1}, {1920, 1080, NULL, 1}, {1920, 1080, "scale=half", 2},
		{1936, 1080, NULL, 2}, {3840, 2160, NULL, 2}, {3840, 2160, "scale=full", 1}};
	struct span jpeg = jpeg_of(640, 480);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		mjpeg_camera(cases[i].width, cases[i].height);
		opened(cases[i].settings);
		comes(jpeg);
		assert_int_equal(next(), SOURCE_FRAME);
		assert_int_equal(frame.shrink, cases[i].shrink);
		scan_source_close(&source);
	}
	drop(jpeg);
}

/* Corners are pixels of the frame, however it was decoded. */
static void corners_of_a_halved_frame_are_those_of_the_frame(void **state)
{
	(void)state;
	struct scan_grey g = {.pixels = NULL};
	struct scan_examined seen[2];
	struct scan_examiner e;
	struct placed p = {.text = "CORNERS", .x = 1200, .y = 500, .module = 10, .dark = 20,
		.light = 230};
	grey_scene(&g, 1921, 1081);
	draw_code(&g, &p);
	struct span jpeg = make_jpeg(&g, 90);
	for (int shrink = 1; shrink <= 2; shrink++) {
		struct scan_frame f = {.jpeg = jpeg, .shrink = shrink};
		scan_examiner_init(&e);
		assert_int_equal(scan_examine(&e, &seen[shrink - 1], &f, true, &err), ERR_OK);
		assert_int_equal(seen[shrink - 1].grey->width, shrink == 2 ? 961 : 1921);
		scan_examiner_done(&e);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(seen[i].width == 1921 && seen[i].height == 1081);
		assert_int_equal(seen[i].found.count, 1);
	}
	for (int k = 0; k < 8; k++) {
		int a = seen[0].found.codes[0].corner[k / 2][k % 2];
		int b = seen[1].found.codes[0].corner[k / 2][k % 2];
		assert_in_range(a - b + 20, 0, 40);
	}
	drop(jpeg);
	scan_grey_done(&g);
}

/* ---- pause ---- */

static void stops_its_stream_for_a_pause(void **state)
{
	(void)state;
	opened(NULL);
	comes(SPAN(yuyv, sizeof yuyv));
	assert_int_equal(next(), SOURCE_FRAME);
	source->ops->pause(source, true);
	assert_false(fake.streaming);
	assert_int_equal(source->ops->fd(source), -1);
	fake.clock_ms += 60000; /* a long PIN: no fault of the camera */
	source->ops->pause(source, false);
	assert_true(fake.streaming);
	assert_int_equal(next(), SOURCE_WAIT);
	comes(SPAN(yuyv, sizeof yuyv));
	assert_int_equal(next(), SOURCE_FRAME);
	is_pattern();
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(delivers_frames_with_their_times),
		CASE(asks_for_the_best_mode_and_reads_it_back),
		CASE(takes_a_size_in_steps),
		CASE(tries_sizes_where_a_driver_lists_none),
		CASE(uses_padding_as_the_driver_says),
		CASE(lets_libv4l2_convert_what_nobody_can_read),
		CASE(refuses_what_is_no_camera),
		CASE(does_not_believe_a_mode_that_cannot_be),
		CASE(takes_the_next_best_mode_when_one_is_refused),
		CASE(does_not_believe_buffers_that_cannot_be),
		CASE(zero_buffers),
		CASE(the_newest_frame_wins),
		CASE(counts_only_gaps_that_are_gaps),
		CASE(believes_times_that_can_be),
		CASE(leaves_times_of_other_clocks),
		CASE(finds_the_jpeg_in_a_whole_buffer),
		CASE(halves_large_jpeg_frames),
		CASE(corners_of_a_halved_frame_are_those_of_the_frame),
		CASE(stops_its_stream_for_a_pause),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
