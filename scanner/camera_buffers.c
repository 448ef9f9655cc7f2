/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "scanner/camera.h"

#define STAMP_PAST_MAX_MS 5000 /* a time stamp is believed when it is so near */
#define STAMP_FUTURE_MAX_MS 100

static void init(struct v4l2_buffer *b, unsigned index)
{
	memset(b, 0, sizeof *b);
	b->index = index;
	b->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	b->memory = V4L2_MEMORY_MMAP;
}

/* ---- buffers ---- */

static enum err_code map_one(struct camera *c, unsigned i, struct err *err)
{
	struct v4l2_buffer b;
	init(&b, i);
	int e = camera_ask(c->calls, c->fd, VIDIOC_QUERYBUF, &b);
	if (e)
		return camera_fault(c, "VIDIOC_QUERYBUF", e, err);
	if (b.length < c->image_size || b.length > CAMERA_BUFFER_BYTES_MAX)
		return err_set(err, ERR_PROTOCOL, "%s: the camera's driver gives buffers of %u "
			"bytes for frames of %zu", c->path, b.length, c->image_size);
	void *at = c->calls->map(b.length, c->fd, b.m.offset);
	if (at == MAP_FAILED)
		return camera_fault(c, "mmap", errno, err);
	c->buffer[i] = (struct camera_buffer){.at = at, .len = b.length};
	c->buffers = i + 1;
	return ERR_OK;
}

enum err_code camera_buffers_get(struct camera *c, struct err *err)
{
	struct v4l2_requestbuffers ask;
	memset(&ask, 0, sizeof ask);
	ask.count = CAMERA_BUFFERS;
	ask.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	ask.memory = V4L2_MEMORY_MMAP;
	c->buffers = 0;
	int e = camera_ask(c->calls, c->fd, VIDIOC_REQBUFS, &ask);
	if (e)
		return camera_fault(c, "VIDIOC_REQBUFS", e, err);
	enum err_code code = ERR_OK;
	if (ask.count < CAMERA_BUFFERS_LEAST)
		code = err_set(err, ERR_IO, "%s: the camera's driver gives %u buffers, at least %d "
			"are needed", c->path, ask.count, CAMERA_BUFFERS_LEAST);
	for (uint32_t i = 0; !code && i < ask.count && i < CAMERA_BUFFERS_MAX; i++)
		code = map_one(c, i, err);
	if (code)
		camera_buffers_drop(c);
	return code;
}

void camera_buffers_drop(struct camera *c)
{
	struct v4l2_requestbuffers ask;
	camera_stream_off(c);
	for (unsigned i = 0; i < c->buffers; i++) /* nothing to do about a failure */
		(void)c->calls->unmap(c->buffer[i].at, c->buffer[i].len);
	c->buffers = 0;
	memset(&ask, 0, sizeof ask);
	ask.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	ask.memory = V4L2_MEMORY_MMAP;
	(void)camera_ask(c->calls, c->fd, VIDIOC_REQBUFS, &ask); /* closing does the same */
}

enum err_code camera_is_free(const struct camera *c, struct err *err)
{
	struct v4l2_requestbuffers ask;
	memset(&ask, 0, sizeof ask);
	ask.count = 1;
	ask.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	ask.memory = V4L2_MEMORY_MMAP;
	int e = camera_ask(c->calls, c->fd, VIDIOC_REQBUFS, &ask);
	if (e)
		return camera_fault(c, "VIDIOC_REQBUFS", e, err);
	ask.count = 0;
	(void)camera_ask(c->calls, c->fd, VIDIOC_REQBUFS, &ask); /* closing does the same */
	return ERR_OK;
}

/* ---- stream ---- */

static int queue(struct camera *c, unsigned index)
{
	struct v4l2_buffer b;
	init(&b, index);
	int e = camera_ask(c->calls, c->fd, VIDIOC_QBUF, &b);
	c->buffer[index].queued = e == 0;
	return e;
}

enum err_code camera_stream_on(struct camera *c, struct err *err)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, e = 0;
	const char *call = "VIDIOC_QBUF";
	for (unsigned i = 0; i < c->buffers && !e; i++)
		e = queue(c, i);
	if (!e) {
		call = "VIDIOC_STREAMON";
		e = camera_ask(c->calls, c->fd, VIDIOC_STREAMON, &type);
	}
	c->held = -1;
	c->streaming = !e;
	c->sequence_known = false;
	c->stamp_ms = -1;
	if (!e)
		return ERR_OK;
	camera_stream_off(c); /* it also takes back what was queued */
	return camera_fault(c, call, e, err);
}

void camera_stream_off(struct camera *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	(void)camera_ask(c->calls, c->fd, VIDIOC_STREAMOFF, &type); /* nothing to do about it */
	c->streaming = false;
	c->held = -1;
	for (unsigned i = 0; i < c->buffers; i++)
		c->buffer[i].queued = false;
}

/* ---- frames ---- */

/* Gives back all that the driver does not have. A buffer that it does not take is offered again the
 * next time; without any there is no stream.
 */
static int give_back(struct camera *c)
{
	int last = 0;
	unsigned queued = 0;
	for (unsigned i = 0; i < c->buffers; i++) {
		int e = c->buffer[i].queued ? 0 : queue(c, i);
		if (e == ENODEV || e == EIO)
			return e;
		last = e ? e : last;
		queued += c->buffer[i].queued;
	}
	return queued ? 0 : last;
}

static bool is_sane(const struct camera *c, const struct v4l2_buffer *b)
{
	return b->index < c->buffers && b->type == V4L2_BUF_TYPE_VIDEO_CAPTURE &&
		c->buffer[b->index].queued && b->bytesused <= c->buffer[b->index].len;
}

/* One frame was taken out: how many did the driver lose before it? */
static void count(struct camera *c, uint32_t sequence)
{
	uint32_t gap = sequence - c->sequence;
	/* Some drivers begin again at 0, others leave it at 0 for ever. */
	if (c->sequence_known && gap > 1 && gap < UINT32_MAX / 2)
		c->dropped += gap - 1;
	c->sequence = sequence;
	c->sequence_known = true;
}

static bool is_damaged(const struct v4l2_buffer *b)
{
	return b->flags & V4L2_BUF_FLAG_ERROR || b->bytesused == 0;
}

/* All that is finished; *newest is the last, a damaged one only when all are. Returns 0, or an
 * errno.
 */
static int drain(struct camera *c, struct v4l2_buffer *newest, bool *have)
{
	*have = false;
	for (int i = 0; i < CAMERA_TAKE_MAX; i++) {
		struct v4l2_buffer b;
		init(&b, 0);
		int e = camera_ask(c->calls, c->fd, VIDIOC_DQBUF, &b);
		if (e)
			return e == EAGAIN ? 0 : e;
		if (!is_sane(c, &b))
			return EPROTO; /* a driver's word is no better than a stranger's */
		c->buffer[b.index].queued = false;
		count(c, b.sequence);
		bool take = !*have || !is_damaged(&b);
		unsigned other = take ? newest->index : b.index;
		c->dropped += *have;
		if (*have && (e = queue(c, other)) && e != EINVAL)
			return e;
		if (take)
			*newest = b;
		*have = true;
	}
	return 0;
}

/* -1 when the driver does not say, or says what cannot be. */
static int64_t stamp_of(struct camera *c, const struct v4l2_buffer *b)
{
	if ((b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		return -1;
	int64_t s = b->timestamp.tv_sec, us = b->timestamp.tv_usec, now = c->calls->now_ms();
	if (s < 0 || s > INT64_MAX / 2000 || us < 0 || us >= 1000000)
		return -1;
	int64_t at = s * 1000 + us / 1000;
	if (at < now - STAMP_PAST_MAX_MS || at > now + STAMP_FUTURE_MAX_MS || at < c->stamp_ms)
		return -1;
	c->stamp_ms = at;
	return at;
}

/* Nothing to take: will poll() wait for it? Not when the stream is broken. A driver that says again
 * and again that there is something, and there is nothing, must not cost all of the processor.
 */
static bool may_wait(struct camera *c)
{
	short now = c->calls->poll(c->fd);
	if (now & (POLLERR | POLLHUP | POLLNVAL))
		return false;
	c->idle = now & POLLIN ? c->idle + 1 : 0;
	if (c->idle > CAMERA_IDLE_MAX)
		c->calls->sleep_ms(CAMERA_IDLE_MS);
	return true;
}

enum camera_take camera_take_newest(struct camera *c, struct camera_taken *out, struct err *err)
{
	struct v4l2_buffer b;
	const char *call = "VIDIOC_QBUF";
	bool have = false;
	int e = give_back(c);
	init(&b, 0);
	c->held = -1;
	if (!e) {
		call = "VIDIOC_DQBUF";
		e = drain(c, &b, &have);
	}
	if (!e && !have && !may_wait(c)) {
		call = "poll";
		e = EIO;
	}
	if (e) {
		ERR_IGNORE(camera_fault(c, call, e, err));
		return CAMERA_BROKEN;
	}
	if (!have)
		return CAMERA_NOTHING;
	c->idle = 0;
	c->held = (int)b.index;
	*out = (struct camera_taken){
		.data = SPAN(c->buffer[b.index].at, b.bytesused),
		.at_ms = stamp_of(c, &b),
		.damaged = is_damaged(&b),
	};
	return CAMERA_TAKEN;
}
