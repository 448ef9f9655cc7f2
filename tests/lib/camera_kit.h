/* SPDX-License-Identifier: Apache-2.0
 *
 * A source of frames on the driver in memory, opened, fed and asked.
 */
#ifndef TESTS_LIB_CAMERA_KIT_H
#define TESTS_LIB_CAMERA_KIT_H

#include "tests/lib/fake_camera.h"

static struct scan_source *source;
static struct scan_frame frame;
static struct err err;
static uint8_t yuyv[640 * 480 * 2]; /* a pattern */

static int begin(void **state)
{
	(void)state;
	fake_reset();
	fake_mode(V4L2_PIX_FMT_YUYV, 640, 480, 30);
	for (size_t i = 0; i < sizeof yuyv; i++)
		yuyv[i] = (uint8_t)(i % 2 ? 128 : i / 2 % 251);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_source_close(&source);
	assert_int_equal(fake.opened, fake.closed);
	fake_reset();
	return 0;
}

static void opened(const char *settings)
{
	if (fake_open(&source, settings, &err))
		fail_msg("%s", err.text);
}

static void comes(struct span data)
{
	fake_frame((struct fake_frame){.data = data, .stamp_ms = -1});
}

static enum scan_source_result next(void)
{
	err.text[0] = '\0';
	return source->ops->next(source, &frame, &err);
}

#endif
