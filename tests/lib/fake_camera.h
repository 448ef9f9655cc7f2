/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera driver in memory: keeps the rules of V4L2 as the kernel's documentation has them, and
 * breaks one where a test says so. Any call can be made to fail with any errno the n-th time.
 */
#ifndef TESTS_LIB_FAKE_CAMERA_H
#define TESTS_LIB_FAKE_CAMERA_H

#include "tests/lib/scan_pictures.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "scanner/camera_calls.h"
#include "scanner/source_v4l2.h"

#define FAKE_FD 77 /* never a real descriptor: only these calls see it */
#define FAKE_BUFFERS 16
#define FAKE_MODES 64
#define FAKE_MENU 8

struct fake_mode {
	uint32_t fourcc;
	int width, height;
	int rate; /* frames a second; 0 = the driver does not list rates */
};

struct fake_control {
	uint32_t id, type;
	const char *name;
	int32_t min, max, step, value;
	uint32_t flags;
	const char *menu[FAKE_MENU];
	int refuse; /* errno of setting it */
};

struct fake_frame {
	struct span data;
	uint32_t flags; /* V4L2_BUF_FLAG_... */
	uint32_t gap;   /* frames lost before it */
	int64_t stamp_ms; /* -1: as it is made */
};

static struct {
	/* what it is */
	uint32_t caps;
	struct fake_mode mode[FAKE_MODES];
	unsigned modes;
	struct v4l2_frmsize_stepwise steps; /* in place of modes' sizes, when max_width is set */
	struct fake_control control[8];
	unsigned controls;
	uint32_t stride_extra;

	/* what it does wrong */
	unsigned long fail_request; /* 0 = none; 1 = attach, 2 = map */
	unsigned fail_from, fail_times;
	int fail_errno;
	unsigned give_buffers;    /* 0 = as asked */
	void (*spoil_format)(struct v4l2_pix_format *p); /* after S_FMT and G_FMT */
	void (*spoil_buffer)(struct v4l2_buffer *b);     /* after DQBUF */
	uint32_t buffer_length;   /* 0 = right */
	short poll_also;
	unsigned eagain;          /* so many DQBUF say EAGAIN although there is a frame */

	/* how it stands */
	struct v4l2_pix_format now;
	int rate;
	struct {
		uint8_t *at;
		uint32_t len;
		bool queued, mapped;
	} buffer[FAKE_BUFFERS];
	unsigned buffers;
	bool streaming, open;
	struct fake_frame waiting[FAKE_BUFFERS];
	unsigned waiting_len;
	uint32_t sequence;
	int64_t clock_ms, slept_ms;
	unsigned calls, streams, opened, closed, seen;
} fake;

/* ---- what a test sets up ---- */

MAYBE_UNUSED static void fake_reset(void)
{
	for (unsigned i = 0; i < FAKE_BUFFERS; i++)
		free(fake.buffer[i].at);
	memset(&fake, 0, sizeof fake);
	fake.caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_TIMEPERFRAME;
	fake.clock_ms = 1000000;
}

MAYBE_UNUSED static void fake_mode(uint32_t fourcc, int width, int height, int rate)
{
	assert_true(fake.modes < FAKE_MODES);
	fake.mode[fake.modes++] = (struct fake_mode){fourcc, width, height, rate};
}

MAYBE_UNUSED static void fake_fail(unsigned long request, unsigned from, unsigned times, int e)
{
	fake.fail_request = request;
	fake.fail_from = from;
	fake.fail_times = times;
	fake.fail_errno = e;
	fake.seen = 0;
}

/* A frame arrives at the camera. */
MAYBE_UNUSED static void fake_frame(struct fake_frame f)
{
	assert_true(fake.waiting_len < FAKE_BUFFERS);
	fake.waiting[fake.waiting_len++] = f;
}

/* ---- the driver ---- */

static bool fake_fails(unsigned long request)
{
	if (!fake.fail_request || request != fake.fail_request)
		return false;
	fake.seen++;
	if (fake.seen <= fake.fail_from || fake.seen > fake.fail_from + fake.fail_times)
		return false;
	errno = fake.fail_errno;
	return true;
}

static int fake_error(int e)
{
	errno = e;
	return -1;
}

static int fake_attach(int fd)
{
	assert_int_equal(fd, FAKE_FD);
	fake.calls++;
	fake.opened++;
	fake.open = true;
	return fake_fails(1) ? -1 : fd;
}

static int fake_close(int fd)
{
	assert_int_equal(fd, FAKE_FD);
	fake.closed++;
	fake.open = false;
	for (unsigned i = 0; i < fake.buffers; i++)
		assert_false(fake.buffer[i].mapped); /* libv4l2 complains of these */
	return 0;
}

static uint32_t fake_bits(uint32_t fourcc)
{
	switch (fourcc) {
	case V4L2_PIX_FMT_GREY:
		return 8;
	case V4L2_PIX_FMT_NV12:
	case V4L2_PIX_FMT_YUV420:
		return 12;
	default:
		return 16;
	}
}

static void fake_fill(struct v4l2_pix_format *p)
{
	bool jpeg = p->pixelformat == V4L2_PIX_FMT_MJPEG;
	bool packed = fake_bits(p->pixelformat) == 16;
	p->field = V4L2_FIELD_NONE;
	p->bytesperline = jpeg ? 0 : p->width * (packed ? 2 : 1) + fake.stride_extra;
	p->sizeimage = p->width * p->height * fake_bits(p->pixelformat) / 8 +
		fake.stride_extra * p->height;
}

/* The nearest of the modes with this format; the first mode when there is none. */
static void fake_try(struct v4l2_pix_format *p)
{
	const struct fake_mode *best = NULL;
	int64_t best_d = 0;
	bool any_size = fake.steps.max_width;
	for (unsigned i = 0; i < fake.modes; i++) {
		const struct fake_mode *m = &fake.mode[i];
		int64_t d = llabs((int64_t)m->width * m->height - (int64_t)p->width * p->height);
		if (m->fourcc == p->pixelformat && (!best || d < best_d)) {
			best = m;
			best_d = d;
		}
	}
	if (!best)
		best = &fake.mode[0];
	p->pixelformat = best->fourcc;
	if (!any_size) {
		p->width = (uint32_t)best->width;
		p->height = (uint32_t)best->height;
	}
	fake_fill(p);
}

static int fake_enum_fmt(struct v4l2_fmtdesc *d)
{
	uint32_t seen = 0;
	for (unsigned i = 0; i < fake.modes; i++) {
		bool before = false;
		for (unsigned k = 0; k < i; k++)
			before = before || fake.mode[k].fourcc == fake.mode[i].fourcc;
		if (before || seen++ != d->index)
			continue;
		d->pixelformat = fake.mode[i].fourcc;
		return 0;
	}
	/* as libv4l2, which converts Bayer */
	if (d->index == seen && fake.modes && fake.mode[0].fourcc == V4L2_PIX_FMT_SGRBG8) {
		d->pixelformat = V4L2_PIX_FMT_YUV420;
		d->flags = V4L2_FMT_FLAG_EMULATED;
		return 0;
	}
	return fake_error(EINVAL);
}

static bool fake_has(const struct fake_mode *m, uint32_t fourcc)
{
	return m->fourcc == fourcc ||
		(m->fourcc == V4L2_PIX_FMT_SGRBG8 && fourcc == V4L2_PIX_FMT_YUV420);
}

static int fake_enum_sizes(struct v4l2_frmsizeenum *f)
{
	uint32_t seen = 0;
	if (fake.steps.max_width) {
		f->type = V4L2_FRMSIZE_TYPE_STEPWISE;
		f->stepwise = fake.steps;
		return f->index ? fake_error(EINVAL) : 0;
	}
	for (unsigned i = 0; i < fake.modes; i++) {
		const struct fake_mode *m = &fake.mode[i];
		if (!fake_has(m, f->pixel_format) || seen++ != f->index || m->rate < 0)
			continue;
		f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
		f->discrete.width = (uint32_t)m->width;
		f->discrete.height = (uint32_t)m->height;
		return 0;
	}
	return fake_error(EINVAL);
}

static int fake_enum_rates(struct v4l2_frmivalenum *f)
{
	uint32_t seen = 0;
	for (unsigned i = 0; i < fake.modes; i++) {
		const struct fake_mode *m = &fake.mode[i];
		bool same = fake_has(m, f->pixel_format) && (fake.steps.max_width ||
			(m->width == (int)f->width && m->height == (int)f->height));
		if (!same || m->rate <= 0 || seen++ != f->index)
			continue;
		f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
		f->discrete.numerator = 1;
		f->discrete.denominator = (uint32_t)m->rate;
		return 0;
	}
	return fake_error(EINVAL);
}

static int fake_format(unsigned long request, struct v4l2_format *f)
{
	if (request == VIDIOC_G_FMT) {
		f->fmt.pix = fake.now;
	} else {
		if (request == VIDIOC_S_FMT && fake.buffers)
			return fake_error(EBUSY);
		if (fake.mode[0].fourcc == V4L2_PIX_FMT_SGRBG8) /* libv4l2 does it */
			fake_fill(&f->fmt.pix);
		else
			fake_try(&f->fmt.pix);
		if (request == VIDIOC_S_FMT)
			fake.now = f->fmt.pix;
	}
	if (fake.spoil_format && request != VIDIOC_TRY_FMT)
		fake.spoil_format(&f->fmt.pix);
	return 0;
}

static int fake_parm(unsigned long request, struct v4l2_streamparm *p)
{
	struct v4l2_fract *t = &p->parm.capture.timeperframe;
	if (request == VIDIOC_S_PARM && t->numerator)
		fake.rate = (int)(t->denominator / t->numerator);
	t->numerator = fake.rate ? 1 : 0;
	t->denominator = (uint32_t)fake.rate;
	return 0;
}

static int fake_request(struct v4l2_requestbuffers *r)
{
	for (unsigned i = 0; i < fake.buffers; i++) {
		if (fake.buffer[i].mapped)
			return fake_error(EBUSY);
		free(fake.buffer[i].at);
		fake.buffer[i].at = NULL;
	}
	if (r->count && fake.give_buffers)
		r->count = fake.give_buffers;
	fake.streaming = fake.streaming && r->count;
	fake.buffers = r->count < FAKE_BUFFERS ? r->count : FAKE_BUFFERS;
	for (unsigned i = 0; i < fake.buffers; i++) {
		fake.buffer[i].len = fake.now.sizeimage;
		fake.buffer[i].at = malloc(fake.now.sizeimage);
		fake.buffer[i].queued = false;
		assert_non_null(fake.buffer[i].at);
	}
	return 0;
}

static int fake_query(struct v4l2_buffer *b)
{
	if (b->index >= fake.buffers)
		return fake_error(EINVAL);
	b->length = fake.buffer_length ? fake.buffer_length : fake.buffer[b->index].len;
	b->m.offset = b->index * 0x1000000;
	return 0;
}

static int fake_queue(struct v4l2_buffer *b)
{
	if (b->index >= fake.buffers || fake.buffer[b->index].queued)
		return fake_error(EINVAL);
	fake.buffer[b->index].queued = true;
	return 0;
}

static int fake_dequeue(struct v4l2_buffer *b)
{
	unsigned i = 0;
	if (!fake.streaming)
		return fake_error(EINVAL);
	if (!fake.waiting_len)
		return fake_error(EAGAIN);
	if (fake.eagain) {
		fake.eagain--;
		return fake_error(EAGAIN);
	}
	while (i < fake.buffers && !fake.buffer[i].queued)
		i++;
	if (i == fake.buffers)
		return fake_error(EAGAIN);
	struct fake_frame f = fake.waiting[0];
	memmove(fake.waiting, fake.waiting + 1, --fake.waiting_len * sizeof f);
	if (f.data.len > fake.buffer[i].len)
		f.data.len = fake.buffer[i].len;
	if (f.data.len)
		memcpy(fake.buffer[i].at, f.data.data, f.data.len);
	fake.buffer[i].queued = false;
	fake.sequence += f.gap;
	b->index = i;
	b->bytesused = (uint32_t)f.data.len;
	b->flags = f.flags | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	b->sequence = fake.sequence++;
	b->length = fake.buffer[i].len;
	int64_t at = f.stamp_ms < 0 ? fake.clock_ms : f.stamp_ms;
	b->timestamp.tv_sec = at / 1000;
	b->timestamp.tv_usec = at % 1000 * 1000;
	if (fake.spoil_buffer)
		fake.spoil_buffer(b);
	return 0;
}

static int fake_stream(bool on)
{
	if (on && !fake.buffers)
		return fake_error(EINVAL);
	fake.streams += on;
	fake.streaming = on;
	for (unsigned i = 0; i < fake.buffers && !on; i++)
		fake.buffer[i].queued = false;
	if (!on)
		fake.sequence = 0;
	return 0;
}

static struct fake_control *fake_find(uint32_t id)
{
	for (unsigned i = 0; i < fake.controls; i++)
		if (fake.control[i].id == id)
			return &fake.control[i];
	return NULL;
}

static int fake_query_control(struct v4l2_queryctrl *q)
{
	struct fake_control *best = NULL;
	uint32_t after = q->id & ~V4L2_CTRL_FLAG_NEXT_CTRL;
	for (unsigned i = 0; i < fake.controls; i++)
		if (fake.control[i].id > after && (!best || fake.control[i].id < best->id))
			best = &fake.control[i];
	if (!best)
		return fake_error(EINVAL);
	q->id = best->id;
	q->type = best->type;
	q->minimum = best->min;
	q->maximum = best->max;
	q->step = best->step;
	q->flags = best->flags;
	memcpy(q->name, best->name, strlen(best->name));
	return 0;
}

static int fake_control_value(unsigned long request, struct v4l2_control *v)
{
	struct fake_control *c = fake_find(v->id);
	if (!c)
		return fake_error(EINVAL);
	if (request == VIDIOC_G_CTRL) {
		v->value = c->value;
		return 0;
	}
	if (c->refuse)
		return fake_error(c->refuse);
	c->value = v->value;
	/* as UVC cameras do: the time is its own while the automatic is on */
	struct fake_control *time = fake_find(V4L2_CID_EXPOSURE_ABSOLUTE);
	if (time && c->id == V4L2_CID_EXPOSURE_AUTO)
		time->flags = v->value == V4L2_EXPOSURE_MANUAL ? 0 : V4L2_CTRL_FLAG_INACTIVE;
	return 0;
}

static int fake_menu(struct v4l2_querymenu *m)
{
	struct fake_control *c = fake_find(m->id);
	if (!c || m->index >= FAKE_MENU || !c->menu[m->index])
		return fake_error(EINVAL);
	memset(m->name, 0, sizeof m->name);
	memcpy(m->name, c->menu[m->index], strlen(c->menu[m->index]));
	return 0;
}

static int fake_cap(struct v4l2_capability *cap)
{
	memcpy(cap->driver, "fake", 5);
	memcpy(cap->card, "Fake Cam\x1b[2J", 13);
	memcpy(cap->bus_info, "memory:0", 9);
	cap->capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	cap->device_caps = fake.caps;
	return 0;
}

static int fake_do(unsigned long request, void *arg)
{
	switch (request) {
	case VIDIOC_QUERYCAP:
		return fake_cap(arg);
	case VIDIOC_ENUM_FMT:
		return fake_enum_fmt(arg);
	case VIDIOC_ENUM_FRAMESIZES:
		return fake_enum_sizes(arg);
	case VIDIOC_ENUM_FRAMEINTERVALS:
		return fake_enum_rates(arg);
	case VIDIOC_G_FMT:
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT:
		return fake_format(request, arg);
	case VIDIOC_G_PARM:
	case VIDIOC_S_PARM:
		return fake_parm(request, arg);
	case VIDIOC_REQBUFS:
		return fake_request(arg);
	case VIDIOC_QUERYBUF:
		return fake_query(arg);
	case VIDIOC_QBUF:
		return fake_queue(arg);
	case VIDIOC_DQBUF:
		return fake_dequeue(arg);
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return fake_stream(request == VIDIOC_STREAMON);
	case VIDIOC_QUERYCTRL:
		return fake_query_control(arg);
	case VIDIOC_QUERYMENU:
		return fake_menu(arg);
	case VIDIOC_G_CTRL:
	case VIDIOC_S_CTRL:
		return fake_control_value(request, arg);
	default:
		return fake_error(ENOTTY);
	}
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	assert_int_equal(fd, FAKE_FD);
	assert_true(fake.open);
	fake.calls++;
	return fake_fails(request) ? -1 : fake_do(request, arg);
}

static void *fake_map(size_t len, int fd, int64_t offset)
{
	size_t i = (size_t)offset / 0x1000000;
	assert_int_equal(fd, FAKE_FD);
	fake.calls++;
	if (fake_fails(2))
		return MAP_FAILED;
	assert_true(i < fake.buffers && len > 0);
	fake.buffer[i].mapped = true;
	return fake.buffer[i].at;
}

static int fake_unmap(void *at, size_t len)
{
	assert_true(len > 0);
	for (unsigned i = 0; i < fake.buffers; i++)
		if (fake.buffer[i].at == at)
			fake.buffer[i].mapped = false;
	return 0;
}

static short fake_poll(int fd)
{
	assert_int_equal(fd, FAKE_FD);
	return (short)((fake.waiting_len ? POLLIN : 0) | fake.poll_also);
}

static int64_t fake_now(void)
{
	return fake.clock_ms;
}

static void fake_sleep(int ms)
{
	fake.clock_ms += ms;
	fake.slept_ms += ms;
}

MAYBE_UNUSED static const struct camera_calls fake_calls = {
	.attach = fake_attach,
	.close = fake_close,
	.ioctl = fake_ioctl,
	.map = fake_map,
	.unmap = fake_unmap,
	.poll = fake_poll,
	.now_ms = fake_now,
	.sleep_ms = fake_sleep,
};

MAYBE_UNUSED static enum err_code fake_open(struct scan_source **out, const char *settings,
	struct err *err)
{
	const struct scan_source_options opt = {.path = "/dev/fake0",
		.device_fd = FAKE_FD,
		.camera = settings};
	return scan_v4l2_open_with(out, &fake_calls, &opt, err);
}

#endif
