/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera through libv4l2: mapped buffers, newest frame wins. GREY, YUYV and NV12 give luma
 * without a conversion, MJPEG goes on as bytes. What the kernel says is checked like any input:
 * buffer numbers, lengths, sizes.
 */
#include <errno.h>
#include <fcntl.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "scanner/scanner.h"
#include "scanner/source.h"

#define BUFFERS 4
#define ASK_WIDTH 1280
#define ASK_HEIGHT 720

struct camera {
	struct scan_source base;
	int fd;
	uint32_t format;   /* V4L2_PIX_FMT_... */
	size_t line_bytes; /* from one row to the next */
	struct {
		void *at;
		size_t len;
	} buffer[BUFFERS];
	unsigned buffers;
	bool streaming;
	int held; /* buffer number of the frame handed out, -1 = none */
	struct scan_grey grey;
};

static int camera_ioctl(int fd, unsigned long request, void *arg)
{
	int r;
	do {
		r = v4l2_ioctl(fd, request, arg);
	} while (r < 0 && errno == EINTR);
	return r;
}

static enum err_code check_device(const struct camera *c, const char *path, struct err *err)
{
	struct v4l2_capability cap = {.capabilities = 0};
	if (camera_ioctl(c->fd, VIDIOC_QUERYCAP, &cap))
		return err_set(err, ERR_UNSUPPORTED, "%s is no V4L2 device", path);
	uint32_t can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
	if (!(can & V4L2_CAP_VIDEO_CAPTURE))
		return err_set(err, ERR_UNSUPPORTED, "%s does not capture video; a camera often "
			"has two device files: try the other", path);
	if (!(can & V4L2_CAP_STREAMING))
		return err_set(err, ERR_UNSUPPORTED, "%s cannot stream", path);
	return ERR_OK;
}

/* The cheapest for us first. libv4l2 converts to these from what the camera has. */
static enum err_code set_format(struct camera *c, const char *path, struct err *err)
{
	static const uint32_t wanted[] = {V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_NV12,
		V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
		f.fmt.pix.width = ASK_WIDTH;
		f.fmt.pix.height = ASK_HEIGHT;
		f.fmt.pix.pixelformat = wanted[i];
		f.fmt.pix.field = V4L2_FIELD_ANY;
		if (camera_ioctl(c->fd, VIDIOC_S_FMT, &f) || f.fmt.pix.pixelformat != wanted[i])
			continue;
		enum err_code code = scan_geometry_check(f.fmt.pix.width, f.fmt.pix.height, err);
		if (code)
			return err_prefix(err, "%s", path);
		c->format = wanted[i];
		c->base.width = (int)f.fmt.pix.width;
		c->base.height = (int)f.fmt.pix.height;
		size_t least = (size_t)f.fmt.pix.width * (wanted[i] == V4L2_PIX_FMT_YUYV ? 2 : 1);
		c->line_bytes = f.fmt.pix.bytesperline < least ? least : f.fmt.pix.bytesperline;
		return ERR_OK;
	}
	return err_set(err, ERR_UNSUPPORTED, "%s gives none of GREY, NV12, YUYV, MJPEG", path);
}

static enum err_code map_buffers(struct camera *c, const char *path, struct err *err)
{
	struct v4l2_requestbuffers ask = {.count = BUFFERS,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP};
	if (camera_ioctl(c->fd, VIDIOC_REQBUFS, &ask))
		return err_set_os(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno,
			"%s gives no buffers; does another program use it?", path);
	if (ask.count < 2)
		return err_set(err, ERR_IO, "%s gives too few buffers", path);
	for (uint32_t i = 0; i < ask.count && i < BUFFERS; i++) {
		struct v4l2_buffer b = {.index = i,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP};
		if (camera_ioctl(c->fd, VIDIOC_QUERYBUF, &b))
			return err_set_os(err, ERR_IO, errno, "%s: buffer %u", path, i);
		void *at = v4l2_mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd,
			b.m.offset);
		if (at == MAP_FAILED)
			return err_set_os(err, ERR_IO, errno, "%s: cannot map a buffer", path);
		c->buffer[i].at = at;
		c->buffer[i].len = b.length;
		c->buffers = i + 1;
	}
	return ERR_OK;
}

static bool queue(struct camera *c, unsigned index)
{
	struct v4l2_buffer b = {.index = index,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP};
	return camera_ioctl(c->fd, VIDIOC_QBUF, &b) == 0;
}

static bool stream_on(struct camera *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	for (unsigned i = 0; i < c->buffers; i++)
		if (!queue(c, i))
			return false;
	c->held = -1;
	c->streaming = camera_ioctl(c->fd, VIDIOC_STREAMON, &type) == 0;
	return c->streaming;
}

static void stream_off(struct camera *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	if (c->streaming)
		(void)camera_ioctl(c->fd, VIDIOC_STREAMOFF, &type); /* nothing to do about it */
	c->streaming = false;
	c->held = -1;
}

/* All that is finished, the newest kept. 1 = *b is a frame, 0 = none yet, -1 = failed. */
static int take_newest(struct camera *c, struct v4l2_buffer *b)
{
	int have = 0;
	for (;;) {
		struct v4l2_buffer next = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP};
		if (camera_ioctl(c->fd, VIDIOC_DQBUF, &next))
			return errno == EAGAIN ? have : -1;
		if (next.index >= c->buffers || next.bytesused > c->buffer[next.index].len) {
			errno = EPROTO; /* a driver's word is no better than a stranger's */
			return -1;
		}
		if (have && !queue(c, b->index))
			return -1;
		*b = next;
		have = 1;
	}
}

/* Luma of GREY, NV12 and YUYV into the grey picture. */
static enum err_code take_luma(struct camera *c, const uint8_t *from, size_t len, struct err *err)
{
	size_t step = c->format == V4L2_PIX_FMT_YUYV ? 2 : 1;
	enum err_code code = scan_grey_size(&c->grey, c->base.width, c->base.height, err);
	if (code)
		return code;
	size_t width = (size_t)c->grey.width, rows = (size_t)c->grey.height;
	if (len < (rows - 1) * c->line_bytes + width * step)
		return err_set(err, ERR_FORMAT, "the camera gave a short frame of %zu bytes", len);
	for (size_t y = 0; y < rows; y++) {
		const uint8_t *row = from + y * c->line_bytes;
		uint8_t *to = c->grey.pixels + y * width;
		for (size_t x = 0; x < width; x++)
			to[x] = row[x * step];
	}
	return ERR_OK;
}

static int64_t time_of(const struct v4l2_buffer *b)
{
	if ((b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		return -1;
	return (int64_t)b->timestamp.tv_sec * 1000 + b->timestamp.tv_usec / 1000;
}

static enum scan_source_result camera_next(struct scan_source *s, struct scan_frame *out,
	struct err *err)
{
	struct camera *c = (struct camera *)s;
	struct v4l2_buffer b = {.index = 0};
	if (c->held >= 0 && !queue(c, (unsigned)c->held))
		goto failed;
	c->held = -1;
	int have = c->streaming ? take_newest(c, &b) : -1;
	if (have < 0)
		goto failed;
	if (!have)
		return SOURCE_WAIT;
	c->held = (int)b.index;
	*out = (struct scan_frame){.grey = &c->grey, .at_ms = time_of(&b)};
	out->stamped = out->at_ms >= 0;
	const uint8_t *data = c->buffer[b.index].at;
	if (b.flags & V4L2_BUF_FLAG_ERROR) {
		ERR_IGNORE(err_set(err, ERR_FORMAT, "the camera marked a frame as damaged"));
		return SOURCE_BAD;
	}
	if (c->format == V4L2_PIX_FMT_MJPEG) {
		out->jpeg = SPAN(data, b.bytesused);
		out->verbatim = true;
		return b.bytesused ? SOURCE_FRAME : SOURCE_WAIT;
	}
	return take_luma(c, data, b.bytesused, err) ? SOURCE_BAD : SOURCE_FRAME;
failed:
	ERR_IGNORE(err_set_os(err, ERR_IO, errno, "the camera stopped; was it unplugged?"));
	return SOURCE_FAILED;
}

static int camera_fd(const struct scan_source *s)
{
	const struct camera *c = (const struct camera *)s;
	return c->streaming ? c->fd : -1;
}

static void camera_pause(struct scan_source *s, bool on)
{
	struct camera *c = (struct camera *)s;
	if (on)
		stream_off(c);
	else if (!c->streaming)
		(void)stream_on(c); /* the next camera_next() fails */
}

static void camera_close(struct scan_source *s)
{
	struct camera *c = (struct camera *)s;
	stream_off(c);
	for (unsigned i = 0; i < c->buffers; i++)
		v4l2_munmap(c->buffer[i].at, c->buffer[i].len);
	if (c->fd >= 0)
		v4l2_close(c->fd);
	scan_grey_done(&c->grey);
	free(c);
}

static const struct scan_source_ops camera_ops = {
	.name = "camera",
	.next = camera_next,
	.fd = camera_fd,
	.pause = camera_pause,
	.close = camera_close,
};

enum err_code scan_v4l2_open(struct scan_source **out, const struct scan_source_options *opt,
	struct err *err)
{
	const char *path = opt->path;
	struct camera *c = calloc(1, sizeof *c);
	*out = NULL;
	if (!c)
		return err_set(err, ERR_NO_MEMORY, "no memory for the camera");
	c->base.ops = &camera_ops;
	c->base.class = SOURCE_CAMERA;
	c->held = -1;
	if (!v4l2_log_file)
		v4l2_log_file = fopen("/dev/null", "we"); /* its words are ours to choose */
	c->fd = v4l2_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	enum err_code code = ERR_OK;
	if (c->fd < 0) {
		int e = errno;
		code = e == EACCES || e == EPERM ? ERR_PERMISSION
			: e == EBUSY		 ? ERR_BUSY
			: e == ENOTTY		 ? ERR_UNSUPPORTED
						 : ERR_NOT_FOUND;
		code = err_set_os(err, code, e, "cannot open the camera %s", path);
	}
	if (!code)
		code = check_device(c, path, err);
	if (!code)
		code = set_format(c, path, err);
	if (!code)
		code = map_buffers(c, path, err);
	if (!code && !stream_on(c))
		code = err_set_os(err, ERR_IO, errno, "%s does not start", path);
	if (code)
		camera_close(&c->base);
	else
		*out = &c->base;
	return code;
}
