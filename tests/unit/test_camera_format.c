/* SPDX-License-Identifier: Apache-2.0
 *
 * Luma of every format on patterns whose bytes are known.
 */
#include "tests/lib/scan_pictures.h"

#include <linux/videodev2.h>

#include "scanner/camera_format.h"
#include "scanner/scanner.h"

static struct scan_grey out;
static struct err err;

/* What pixel x, y is worth: all values, and no two rows alike. */
static unsigned worth(int x, int y)
{
	return (unsigned)(x * 7 + y * 31) & 0xff;
}

/* How a format lays its luma down, written a second time: first byte, step, bits. */
struct layout {
	uint32_t fourcc;
	size_t first, step;
	int bits;
	bool big_endian;
};
static const struct layout layouts[] = {
	{V4L2_PIX_FMT_GREY, 0, 1, 8, false}, {V4L2_PIX_FMT_NV12, 0, 1, 8, false},
	{V4L2_PIX_FMT_NV21, 0, 1, 8, false}, {V4L2_PIX_FMT_NV16, 0, 1, 8, false},
	{V4L2_PIX_FMT_NV61, 0, 1, 8, false}, {V4L2_PIX_FMT_NV24, 0, 1, 8, false},
	{V4L2_PIX_FMT_NV42, 0, 1, 8, false}, {V4L2_PIX_FMT_YUV420, 0, 1, 8, false},
	{V4L2_PIX_FMT_YVU420, 0, 1, 8, false}, {V4L2_PIX_FMT_YUV422P, 0, 1, 8, false},
	{V4L2_PIX_FMT_YUYV, 0, 2, 8, false}, {V4L2_PIX_FMT_YVYU, 0, 2, 8, false},
	{V4L2_PIX_FMT_UYVY, 1, 2, 8, false}, {V4L2_PIX_FMT_VYUY, 1, 2, 8, false},
	{V4L2_PIX_FMT_Y10, 0, 2, 10, false}, {V4L2_PIX_FMT_Y12, 0, 2, 12, false},
	{V4L2_PIX_FMT_Y16, 0, 2, 16, false}, {V4L2_PIX_FMT_Y16_BE, 0, 2, 16, true},
};

static void lay(uint8_t *at, const struct layout *l, unsigned v)
{
	if (l->bits == 8) {
		at[0] = (uint8_t)v;
		return;
	}
	unsigned wide = v << (l->bits - 8) | 1; /* the lowest bit must not matter */
	at[l->big_endian ? 1 : 0] = (uint8_t)wide;
	at[l->big_endian ? 0 : 1] = (uint8_t)(wide >> 8);
}

/* A block of exactly the bytes that the rows need: one read too many is seen. */
static struct camera_picture make(const struct layout *l, int width, int height, size_t stride)
{
	size_t row = (size_t)width * l->step, len = stride * (size_t)(height - 1) + row;
	uint8_t *data = malloc(len);
	assert_non_null(data);
	memset(data, 0xa5, len);
	for (int y = 0; y < height; y++) {
		uint8_t *at = data + (size_t)y * stride + l->first;
		for (int x = 0; x < width; x++)
			lay(at + (size_t)x * l->step, l, worth(x, y));
	}
	return (struct camera_picture){.format = camera_format_find(l->fourcc),
		.from = data,
		.len = len,
		.width = width,
		.height = height,
		.stride = stride};
}

static void drop_picture(const struct camera_picture *p)
{
	free((void *)(uintptr_t)p->from);
}

static int done(void **state)
{
	(void)state;
	scan_grey_done(&out);
	return 0;
}

static void takes_the_luma_of_every_format(void **state)
{
	(void)state;
	static const int sizes[][2] = {{16, 16}, {17, 19}, {64, 16}, {33, 16}, {321, 17}};
	static const size_t extra[] = {0, 1, 3, 64};
	for (size_t f = 0; f < sizeof layouts / sizeof layouts[0]; f++) {
		for (size_t i = 0; i < 20; i++) {
			int width = sizes[i / 4][0], height = sizes[i / 4][1];
			struct camera_picture p = make(&layouts[f], width, height,
				(size_t)width * layouts[f].step + extra[i % 4]);
			assert_non_null(p.format);
			assert_int_equal(camera_luma(&out, &p, &err), ERR_OK);
			assert_true(out.width == width && out.height == height);
			for (int y = 0; y < height; y++)
				for (int x = 0; x < width; x++)
					assert_int_equal(out.pixels[y * width + x], worth(x, y));
			drop_picture(&p);
		}
	}
}

/* A table that names a format twice, or one that the test does not know. */
static void knows_these_formats_and_jpeg(void **state)
{
	(void)state;
	unsigned count = 0, jpegs = 0;
	for (; camera_format_at(count); count++) {
		const struct camera_format *f = camera_format_at(count);
		assert_ptr_equal(camera_format_find(f->fourcc), f);
		jpegs += f->step == 0;
	}
	assert_int_equal(count, sizeof layouts / sizeof layouts[0] + 2);
	assert_int_equal(jpegs, 2);
	assert_int_equal(camera_format_find(V4L2_PIX_FMT_MJPEG)->step, 0);
	assert_null(camera_format_find(V4L2_PIX_FMT_SGRBG8));
	assert_int_equal(camera_format_converted()->fourcc, V4L2_PIX_FMT_YUV420);
}

static void refuses_frames_that_are_too_short(void **state)
{
	(void)state;
	for (size_t f = 0; f < sizeof layouts / sizeof layouts[0]; f++) {
		struct camera_picture p = make(&layouts[f], 33, 20, 33 * layouts[f].step + 5);
		struct camera_picture cut = p;
		cut.len--;
		assert_int_equal(camera_luma(&out, &cut, &err), ERR_FORMAT);
		assert_true(out.width == 0 && out.height == 0);
		assert_non_null(strstr(err.text, "too short for 33 x 20"));
		cut = p;
		cut.stride = 33 * layouts[f].step - 1; /* rows that overlap */
		assert_int_equal(camera_luma(&out, &cut, &err), ERR_FORMAT);
		cut.stride = SIZE_MAX / 4;
		assert_int_equal(camera_luma(&out, &cut, &err), ERR_FORMAT);
		cut = p;
		cut.len = 0;
		assert_int_equal(camera_luma(&out, &cut, &err), ERR_FORMAT);
		cut = p;
		cut.width = SCAN_WIDTH_MAX + 1;
		assert_int_equal(camera_luma(&out, &cut, &err), ERR_RANGE);
		drop_picture(&p);
	}
	struct camera_picture jpeg = {.format = camera_format_find(V4L2_PIX_FMT_MJPEG),
		.from = (const uint8_t *)"x", .len = 1, .width = 16, .height = 16, .stride = 16};
	assert_int_equal(camera_luma(&out, &jpeg, &err), ERR_FORMAT);
}

static void takes_bits_that_a_driver_left_behind_for_white(void **state)
{
	(void)state;
	uint8_t data[16 * 16 * 2];
	memset(data, 0xff, sizeof data);
	struct camera_picture p = {.format = camera_format_find(V4L2_PIX_FMT_Y10),
		.from = data, .len = sizeof data, .width = 16, .height = 16, .stride = 32};
	assert_int_equal(camera_luma(&out, &p, &err), ERR_OK);
	for (int i = 0; i < 256; i++)
		assert_int_equal(out.pixels[i], 255);
}

static void names_formats(void **state)
{
	(void)state;
	char text[CAMERA_FOURCC_TEXT];
	assert_string_equal(camera_fourcc_text(text, V4L2_PIX_FMT_YUYV), "YUYV");
	assert_string_equal(camera_fourcc_text(text, V4L2_PIX_FMT_Y16), "Y16");
	assert_string_equal(camera_fourcc_text(text, V4L2_PIX_FMT_Y16_BE), "Y16-BE");
	assert_string_equal(camera_fourcc_text(text, 0x411b0a00), "???A");
	assert_int_equal(camera_fourcc_parse("yuyv", 4), V4L2_PIX_FMT_YUYV);
	assert_int_equal(camera_fourcc_parse("Y16", 3), V4L2_PIX_FMT_Y16);
	assert_int_equal(camera_fourcc_parse("mjpeg", 5), V4L2_PIX_FMT_MJPEG);
	assert_int_equal(camera_fourcc_parse("YUY2", 4), V4L2_PIX_FMT_YUYV);
	assert_int_equal(camera_fourcc_parse("i420", 4), V4L2_PIX_FMT_YUV420);
	assert_int_equal(camera_fourcc_parse("", 0), 0);
	assert_int_equal(camera_fourcc_parse("Y U", 3), 0);
	assert_int_equal(camera_fourcc_parse("ABCDE", 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_luma_of_every_format),
		cmocka_unit_test(knows_these_formats_and_jpeg),
		cmocka_unit_test(refuses_frames_that_are_too_short),
		cmocka_unit_test(takes_bits_that_a_driver_left_behind_for_white),
		cmocka_unit_test(names_formats),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, done);
}
