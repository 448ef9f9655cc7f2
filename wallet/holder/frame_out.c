/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

#include "wallet/holder/frame_out.h"

struct frame_out {
	int fd;
	enum frame_format format;
	int fps;
	bool begun;
	unsigned char *jpeg; /* libjpeg's buffer, kept from frame to frame */
	unsigned long jpeg_cap;
};

enum err_code frame_out_new(
	struct frame_out **out, int fd, enum frame_format format, int fps, struct err *err)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return err_set(err, ERR_NO_MEMORY, "no memory for the frames");
	**out = (struct frame_out){.fd = fd, .format = format, .fps = fps};
	return ERR_OK;
}

void frame_out_free(struct frame_out **f)
{
	if (!*f)
		return;
	free((*f)->jpeg);
	free(*f);
	*f = NULL;
}

/* Not file_write_all(): a reader that has gone is the usual end here, not a fault. */
static enum err_code bytes_write(int fd, const void *data, size_t len, struct err *err)
{
	const uint8_t *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return err_set(err, ERR_CLOSED, "nobody reads the frames any more");
		if (n < 0)
			return err_set_os(err, ERR_IO, errno, "the frames cannot be written");
		at += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

/* ---- JPEG ---- */

struct jpeg_fault {
	struct jpeg_error_mgr base;
	jmp_buf back;
};

static void jpeg_failed(j_common_ptr c)
{
	struct jpeg_fault *fault = (struct jpeg_fault *)(void *)c->err;

	longjmp(fault->back, 1);
}

static void jpeg_quiet(j_common_ptr c, int level)
{
	(void)c;
	(void)level;
}

/* Into f->jpeg; *len is what was used. libjpeg may give the buffer another place. */
static enum err_code jpeg_encode(struct frame_out *f, unsigned long *len,
	const struct picture *frame, int quality, struct err *err)
{
	struct jpeg_compress_struct c = {0};
	struct jpeg_fault fault;
	unsigned char *const before = f->jpeg;

	c.err = jpeg_std_error(&fault.base);
	fault.base.error_exit = jpeg_failed;
	fault.base.emit_message = jpeg_quiet;
	if (setjmp(fault.back)) {
		jpeg_destroy_compress(&c);
		return err_set(err, ERR_NO_MEMORY, "a frame cannot be made a JPEG");
	}
	jpeg_create_compress(&c);
	*len = f->jpeg_cap;
	jpeg_mem_dest(&c, &f->jpeg, len);
	c.image_width = (JDIMENSION)frame->width;
	c.image_height = (JDIMENSION)frame->height;
	c.input_components = 1;
	c.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = frame->grey + (size_t)c.next_scanline * (size_t)frame->width;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	if (f->jpeg != before) { /* a larger one was made; the old one is ours to free */
		free(before);
		f->jpeg_cap = *len;
	}
	return ERR_OK;
}

static enum err_code mjpeg_write(
	struct frame_out *f, const struct picture *frame, int quality, bool cut, struct err *err)
{
	unsigned long len = 0;
	enum err_code rc;

	if (!f->jpeg) { /* room for any frame, so that libjpeg need not grow it */
		f->jpeg_cap =
			(unsigned long)frame->width * (unsigned long)frame->height * 2 + 65536;
		f->jpeg = malloc(f->jpeg_cap);
		if (!f->jpeg)
			return err_set(err, ERR_NO_MEMORY, "no memory for the frames");
	}
	rc = jpeg_encode(f, &len, frame, quality, err);
	return rc ? rc : bytes_write(f->fd, f->jpeg, cut ? len / 2 : len, err);
}

/* ---- Y4M ---- */

static enum err_code y4m_write(struct frame_out *f, const struct picture *frame, struct err *err)
{
	char head[80];
	enum err_code rc = ERR_OK;

	if (!f->begun) {
		int n = snprintf(head, sizeof(head), "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 Cmono\n",
			frame->width, frame->height, f->fps);

		rc = bytes_write(f->fd, head, (size_t)n, err);
		f->begun = true;
	}
	if (!rc)
		rc = bytes_write(f->fd, "FRAME\n", 6, err);
	return rc ? rc
		  : bytes_write(
			    f->fd, frame->grey, (size_t)frame->width * (size_t)frame->height, err);
}

enum err_code frame_out_write(
	struct frame_out *f, const struct picture *frame, int quality, bool cut, struct err *err)
{
	return f->format == FRAME_Y4M ? y4m_write(f, frame, err)
				      : mjpeg_write(f, frame, quality, cut, err);
}
