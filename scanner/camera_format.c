/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/camera_format.h"

#include <linux/videodev2.h>
#include <string.h>
#include <strings.h>

/* Cheapest on the bus first; JPEG last, because it has to be decoded. */
static const struct camera_format formats[] = {
	{V4L2_PIX_FMT_GREY, 1, 0, 8, 8},
	{V4L2_PIX_FMT_NV12, 1, 0, 8, 12},
	{V4L2_PIX_FMT_NV21, 1, 0, 8, 12},
	{V4L2_PIX_FMT_YUV420, 1, 0, 8, 12},
	{V4L2_PIX_FMT_YVU420, 1, 0, 8, 12},
	{V4L2_PIX_FMT_YUYV, 2, 0, 8, 16},
	{V4L2_PIX_FMT_YVYU, 2, 0, 8, 16},
	{V4L2_PIX_FMT_UYVY, 2, 1, 8, 16},
	{V4L2_PIX_FMT_VYUY, 2, 1, 8, 16},
	{V4L2_PIX_FMT_NV16, 1, 0, 8, 16},
	{V4L2_PIX_FMT_NV61, 1, 0, 8, 16},
	{V4L2_PIX_FMT_YUV422P, 1, 0, 8, 16},
	{V4L2_PIX_FMT_Y10, 2, 0, 10, 16},
	{V4L2_PIX_FMT_Y12, 2, 0, 12, 16},
	{V4L2_PIX_FMT_Y16, 2, 1, 16, 16}, /* the upper byte */
	{V4L2_PIX_FMT_Y16_BE, 2, 0, 16, 16},
	{V4L2_PIX_FMT_NV24, 1, 0, 8, 24},
	{V4L2_PIX_FMT_NV42, 1, 0, 8, 24},
	{V4L2_PIX_FMT_MJPEG, 0, 0, 8, 2},
	{V4L2_PIX_FMT_JPEG, 0, 0, 8, 2},
};
#define FORMATS (sizeof formats / sizeof formats[0])

const struct camera_format *camera_format_find(uint32_t fourcc)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

const struct camera_format *camera_format_at(unsigned i)
{
	return i < FORMATS ? &formats[i] : NULL;
}

const struct camera_format *camera_format_converted(void)
{
	return camera_format_find(V4L2_PIX_FMT_YUV420);
}

const char *camera_fourcc_text(char out[static CAMERA_FOURCC_TEXT], uint32_t fourcc)
{
	size_t len = 4;
	bool big = fourcc >> 31; /* the top bit says big-endian */
	for (size_t i = 0; i < 4; i++) {
		char c = (char)(fourcc >> (8 * i) & 0x7f);
		out[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	memcpy(out + len, big ? "-BE" : "", big ? 4 : 1); /* as v4l2-ctl writes it */
	return out;
}

/* Names that people know from other programs. */
static uint32_t by_other_name(const char *text, size_t len)
{
	static const struct {
		const char *name;
		uint32_t fourcc;
	} names[] = {
		{"MJPEG", V4L2_PIX_FMT_MJPEG},
		{"YUY2", V4L2_PIX_FMT_YUYV},
		{"I420", V4L2_PIX_FMT_YUV420},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, text, len) == 0)
			return names[i].fourcc;
	return 0;
}

uint32_t camera_fourcc_parse(const char *text, size_t len)
{
	uint32_t fourcc = by_other_name(text, len);
	if (fourcc || len < 1 || len > 4)
		return fourcc;
	for (size_t i = 0; i < 4; i++) {
		char c = i < len ? text[i] : ' ';
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == ' ' && i >= len)))
			return 0;
		fourcc |= (uint32_t)c << (8 * i);
	}
	return fourcc;
}

size_t camera_row_bytes(const struct camera_format *f, int width)
{
	return (size_t)width * f->step;
}

/* ---- luma ---- */

/* Each second byte. `from` need not have a byte behind the last one wanted. The block of fixed size
 * is what compilers make vectors of without being asked for more than -O2: four times as fast.
 */
#define BLOCK 32
static void take_block(uint8_t *restrict to, const uint8_t *restrict from)
{
	uint16_t pair[BLOCK];
	memcpy(pair, from, sizeof pair);
	for (size_t i = 0; i < BLOCK; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		to[i] = (uint8_t)pair[i];
#else
		to[i] = (uint8_t)(pair[i] >> 8);
#endif
	}
}

static void take_second(uint8_t *restrict to, const uint8_t *restrict from, size_t width)
{
	size_t x = 0;
	for (; x + BLOCK < width; x += BLOCK)
		take_block(to + x, from + 2 * x);
	for (; x < width; x++)
		to[x] = from[2 * x];
}

/* 10 or 12 bits in two bytes: the upper eight. Drivers leave the other bits 0; if not, full. */
static void take_wide(uint8_t *restrict to, const uint8_t *restrict from, size_t width,
	unsigned bits)
{
	const uint16_t most = (uint16_t)((1u << bits) - 1);
	uint16_t v[BLOCK];
	for (size_t x = 0; x < width; x += BLOCK) {
		size_t n = width - x < BLOCK ? width - x : BLOCK;
		uint8_t block[BLOCK];
		memset(v, 0, sizeof v);
		memcpy(v, from + 2 * x, 2 * n);
		for (size_t i = 0; i < BLOCK; i++) {
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
			v[i] = (uint16_t)(v[i] << 8 | v[i] >> 8);
#endif
			block[i] = (uint8_t)((v[i] < most ? v[i] : most) >> (bits - 8));
		}
		memcpy(to + x, block, n);
	}
}

static void take_row(uint8_t *to, const uint8_t *from, size_t width,
	const struct camera_format *f)
{
	if (f->step == 1)
		memcpy(to, from, width);
	else if (f->bits > 8 && f->bits < 16)
		take_wide(to, from, width, f->bits);
	else
		take_second(to, from + f->at, width);
}

enum err_code camera_luma(struct scan_grey *out, const struct camera_picture *in, struct err *err)
{
	enum err_code code = scan_grey_size(out, in->width, in->height, err);
	if (code)
		return code;
	size_t row = camera_row_bytes(in->format, in->width), rows = (size_t)in->height;
	size_t width = (size_t)in->width;
	if (!row || in->stride < row || in->stride > SIZE_MAX / rows ||
		in->len < (rows - 1) * in->stride + row) {
		out->width = 0;
		out->height = 0;
		return err_set(err, ERR_FORMAT,
			"a frame of %zu bytes is too short for %d x %d pixels", in->len, in->width,
			in->height);
	}
	if (in->format->step == 1 && in->stride == row) {
		memcpy(out->pixels, in->from, row * rows);
		return ERR_OK;
	}
	for (size_t y = 0; y < rows; y++)
		take_row(out->pixels + y * width, in->from + y * in->stride, width, in->format);
	return ERR_OK;
}
