/* SPDX-License-Identifier: Apache-2.0
 *
 * feed_vivid DEVICE <Y4M
 *
 * The newest frame of standard input, again and again, into vivid's output, which wants mapped
 * buffers and one at each of its own ticks. The errors that vivid makes on demand and a disconnect
 * meet this end, too: then the device is opened anew, until it works. Ends when it is killed, so
 * that the last picture stays in view.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/vm/feed.h"

#define BUFFERS 3
#define WAIT_MS 20

struct out {
	int fd;
	void *at[BUFFERS];
	size_t len; /* of each */
};

static struct v4l2_buffer buffer(unsigned index, size_t used)
{
	return (struct v4l2_buffer){.index = index,
		.type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
		.memory = V4L2_MEMORY_MMAP,
		.field = V4L2_FIELD_NONE,
		.bytesused = (uint32_t)used};
}

static void stop(struct out *o)
{
	for (int i = 0; i < BUFFERS; i++)
		if (o->at[i])
			munmap(o->at[i], o->len);
	if (o->fd >= 0)
		close(o->fd);
	*o = (struct out){.fd = -1};
}

static bool put(struct out *o, unsigned index, const uint8_t *frame, size_t len)
{
	struct v4l2_buffer b = buffer(index, len);
	memcpy(o->at[index], frame, len);
	return ioctl(o->fd, VIDIOC_QBUF, &b) == 0;
}

static bool start(struct out *o, const char *device, unsigned width, unsigned height,
	const uint8_t *frame)
{
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	size_t len = (size_t)width * height;
	struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	struct v4l2_requestbuffers ask = {.count = BUFFERS,
		.type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
		.memory = V4L2_MEMORY_MMAP};
	o->fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	f.fmt.pix.width = width;
	f.fmt.pix.height = height;
	f.fmt.pix.pixelformat = V4L2_PIX_FMT_GREY;
	f.fmt.pix.field = V4L2_FIELD_NONE;
	if (o->fd < 0 || ioctl(o->fd, VIDIOC_S_FMT, &f) || f.fmt.pix.sizeimage != len ||
		ioctl(o->fd, VIDIOC_REQBUFS, &ask) || ask.count != BUFFERS)
		return false;
	for (unsigned i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer b = buffer(i, 0);
		if (ioctl(o->fd, VIDIOC_QUERYBUF, &b))
			return false;
		o->len = b.length;
		void *at = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, o->fd,
			(off_t)b.m.offset);
		if (at == MAP_FAILED)
			return false;
		o->at[i] = at;
		if (!put(o, i, frame, len))
			return false;
	}
	return ioctl(o->fd, VIDIOC_STREAMON, &type) == 0;
}

/* Fills what vivid has shown. False when the device is to be opened anew. */
static bool refill(struct out *o, const uint8_t *frame, size_t len)
{
	struct v4l2_buffer b = buffer(0, 0);
	while (ioctl(o->fd, VIDIOC_DQBUF, &b) == 0)
		if (b.index >= BUFFERS || !put(o, b.index, frame, len))
			return false;
	return errno == EAGAIN;
}

int main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX];
	const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000L};
	unsigned width, height;
	struct out o = {.fd = -1};
	if (argc != 2)
		die("usage: feed_vivid DEVICE <Y4M");
	setvbuf(stdin, NULL, _IONBF, 0); /* else poll() does not see what was read ahead */
	y4m_head(&width, &height, stdin);
	size_t len = (size_t)width * height;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	for (;;) {
		while (poll(&p, 1, 0) > 0)
			if (!y4m_frame(frame, len, stdin))
				p.fd = -1; /* the last one stays */
		if ((o.fd < 0 && !start(&o, argv[1], width, height, frame)) ||
			!refill(&o, frame, len))
			stop(&o);
		nanosleep(&pause, NULL);
	}
}
