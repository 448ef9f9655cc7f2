/* SPDX-License-Identifier: Apache-2.0
 *
 * feed_loopback DEVICE [--fps N] [--whole WxH] <FRAMES
 *
 * Frames from standard input into the output side of v4l2loopback, which hands them out as a camera
 * does. A Y4M stream goes in as YUYV, a stream of JPEGs as MJPG, each as it comes; with --fps the
 * input is a file, which is repeated at that rate until this is killed. --whole: the file is one
 * MJPG frame, whatever is in it (cut off, or no JPEG at all).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/vm/feed.h"

struct feed {
	const char *device;
	int fd;
	unsigned width, height;
	bool whole;
	long fps;
	uint8_t *frame; /* FRAME_MAX bytes */
	size_t len;
};

static void open_device(struct feed *f, uint32_t format)
{
	struct v4l2_format v = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
	if (f->fd >= 0)
		return;
	f->fd = open(f->device, O_WRONLY | O_CLOEXEC);
	if (f->fd < 0)
		die("%s: %s", f->device, strerror(errno));
	v.fmt.pix.width = f->width;
	v.fmt.pix.height = f->height;
	v.fmt.pix.pixelformat = format;
	v.fmt.pix.field = V4L2_FIELD_NONE;
	v.fmt.pix.sizeimage = f->width * f->height * 2;
	if (ioctl(f->fd, VIDIOC_S_FMT, &v) || v.fmt.pix.pixelformat != format ||
		v.fmt.pix.width != f->width || v.fmt.pix.height != f->height)
		die("%s does not take %u x %u of format %08x (%u x %u of %08x): %s", f->device,
			f->width, f->height, format, v.fmt.pix.width, v.fmt.pix.height,
			v.fmt.pix.pixelformat, strerror(errno));
	/* Only who has said this is a writer, and the device has none again when it closes. */
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	if (ioctl(f->fd, VIDIOC_STREAMON, &type))
		die("%s does not start: %s", f->device, strerror(errno));
}

static void put(struct feed *f)
{
	if (f->fps) {
		struct timespec pause = {.tv_nsec = 999999999 / f->fps};
		nanosleep(&pause, NULL);
	}
	if (write(f->fd, f->frame, f->len) != (ssize_t)f->len)
		die("%s: cannot write: %s", f->device, strerror(errno));
}

/* ---- Y4M ---- */

static bool yuyv_frame(struct feed *f, FILE *in)
{
	size_t count = (size_t)f->width * f->height;
	if (!y4m_frame(f->frame + count, count, in))
		return false;
	/* In place: pixel i is read before it is written over. */
	for (size_t i = 0; i < count; i++) {
		f->frame[2 * i] = f->frame[count + i];
		f->frame[2 * i + 1] = 128;
	}
	f->len = 2 * count;
	return true;
}

static void feed_y4m(struct feed *f, FILE *in)
{
	do {
		y4m_head(&f->width, &f->height, in);
		open_device(f, V4L2_PIX_FMT_YUYV);
		while (yuyv_frame(f, in))
			put(f);
		rewind(in);
	} while (f->fps);
}

/* ---- JPEGs, one behind the other; ours hold no pictures within pictures ---- */

/* Width and height out of the frame header; they are the same for all that come. */
static void jpeg_size(struct feed *f)
{
	for (size_t i = 2; i + 9 < f->len && f->frame[i] == 0xff;) {
		const uint8_t *m = f->frame + i;
		if (m[1] == 0xc0) {
			f->height = (unsigned)m[5] << 8 | m[6];
			f->width = (unsigned)m[7] << 8 | m[8];
			return;
		}
		i += 2 + ((size_t)m[2] << 8 | m[3]);
	}
	die("a JPEG without a size");
}

static bool jpeg_frame(struct feed *f, FILE *in)
{
	int last = 0, c;
	f->len = 0;
	while ((c = getc(in)) != EOF) {
		if (f->len == FRAME_MAX)
			die("a JPEG of more than %u bytes", FRAME_MAX);
		f->frame[f->len++] = (uint8_t)c;
		if (last == 0xff && c == 0xd9)
			return true;
		last = c;
	}
	return false;
}

static void feed_jpegs(struct feed *f, FILE *in)
{
	do {
		while (jpeg_frame(f, in)) {
			if (f->fd < 0)
				jpeg_size(f);
			open_device(f, V4L2_PIX_FMT_MJPEG);
			put(f);
		}
		rewind(in);
	} while (f->fps);
}

static void feed_whole(struct feed *f, FILE *in)
{
	f->len = fread(f->frame, 1, FRAME_MAX, in);
	open_device(f, V4L2_PIX_FMT_MJPEG);
	for (;;)
		put(f);
}

int main(int argc, char **argv)
{
	static uint8_t room[FRAME_MAX];
	struct feed f = {.fd = -1, .frame = room};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--fps") == 0 && argv[i + 1])
			f.fps = strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--whole") == 0 && argv[i + 1])
			f.whole = sscanf(argv[++i], "%ux%u", &f.width, &f.height) == 2;
		else
			f.device = argv[i];
	}
	if (!f.device || f.fps < 0 || (f.whole && !f.fps))
		die("usage: feed_loopback DEVICE [--fps N] [--whole WxH] <FRAMES");
	int first = getc(stdin);
	if (first == EOF)
		die("no frames");
	ungetc(first, stdin);
	if (f.whole)
		feed_whole(&f, stdin);
	else if (first == 'Y')
		feed_y4m(&f, stdin);
	else
		feed_jpegs(&f, stdin);
	return 0;
}
