/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

#include "scanner/camera.h"

static enum err_code cannot_be(const struct camera *c, const char *what, unsigned long is,
	unsigned long least, struct err *err)
{
	return err_set(err, ERR_PROTOCOL, "%s: the camera's driver says %s of %lu bytes, where at "
		"least %lu are needed", c->path, what, is, least);
}

/* Two fields one behind the other are no picture. */
static bool is_one_picture(uint32_t field)
{
	return field != V4L2_FIELD_SEQ_TB && field != V4L2_FIELD_SEQ_BT;
}

/* Rows and bytes that the driver promises; uncompressed. */
static enum err_code check_rows(struct camera *c, const struct v4l2_pix_format *p,
	struct err *err)
{
	size_t row = camera_row_bytes(c->mode.format, c->mode.width);
	c->stride = p->bytesperline ? p->bytesperline : row; /* old drivers leave it out */
	if (c->stride < row)
		return cannot_be(c, "a row", c->stride, row, err);
	if (c->stride > CAMERA_BUFFER_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			"%s: the camera's driver says a row of %zu bytes", c->path, c->stride);
	size_t least = c->stride * ((size_t)c->mode.height - 1) + row;
	if (p->sizeimage && p->sizeimage < least)
		return cannot_be(c, "a frame", p->sizeimage, least, err);
	c->image_size = least;
	return ERR_OK;
}

static enum err_code check_format(struct camera *c, const struct camera_mode *m, bool strict,
	const struct v4l2_pix_format *p, struct err *err)
{
	char asked[CAMERA_FOURCC_TEXT], given[CAMERA_FOURCC_TEXT];
	if (p->pixelformat != m->format->fourcc)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: the camera's driver gives %s in place of %s", c->path,
			camera_fourcc_text(given, p->pixelformat),
			camera_fourcc_text(asked, m->format->fourcc));
	if (strict && (p->width != (uint32_t)m->width || p->height != (uint32_t)m->height))
		return err_set(err, ERR_UNSUPPORTED,
			"%s: the camera's driver gives %ux%u in place of %dx%d", c->path, p->width,
			p->height, m->width, m->height);
	enum err_code code = scan_geometry_check(p->width, p->height, err);
	if (code)
		return err_prefix(err, "%s", c->path);
	if (!is_one_picture(p->field))
		return err_set(err, ERR_UNSUPPORTED,
			"%s gives interlaced fields one after the other, which cannot be read",
			c->path);
	if (p->sizeimage > CAMERA_BUFFER_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			"%s: the camera's driver says a frame of %u bytes", c->path, p->sizeimage);
	c->mode = *m;
	c->mode.width = (int)p->width;
	c->mode.height = (int)p->height;
	c->stride = 0;
	c->image_size = 1;
	return m->format->step ? check_rows(c, p, err) : ERR_OK;
}

/* The rate is a wish: drivers that know none are common. */
static void set_rate(struct camera *c, const struct camera_mode *m)
{
	struct v4l2_streamparm p;
	memset(&p, 0, sizeof p);
	p.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct v4l2_fract *t = &p.parm.capture.timeperframe;
	t->numerator = m->interval_num;
	t->denominator = m->interval_den;
	if (m->interval_num) /* what it made of it is read back */
		(void)camera_ask(c->calls, c->fd, VIDIOC_S_PARM, &p);
	memset(&p, 0, sizeof p);
	p.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	bool said = !camera_ask(c->calls, c->fd, VIDIOC_G_PARM, &p) && t->numerator &&
		t->denominator;
	c->mode.interval_num = said ? t->numerator : 0;
	c->mode.interval_den = said ? t->denominator : 0;
}

enum err_code camera_set_mode(struct camera *c, const struct camera_mode *m, bool strict,
	struct err *err)
{
	struct v4l2_format f;
	memset(&f, 0, sizeof f);
	f.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	f.fmt.pix.width = (uint32_t)m->width;
	f.fmt.pix.height = (uint32_t)m->height;
	f.fmt.pix.pixelformat = m->format->fourcc;
	f.fmt.pix.field = V4L2_FIELD_NONE;
	int e = camera_ask(c->calls, c->fd, VIDIOC_S_FMT, &f);
	if (e)
		return camera_fault(c, "VIDIOC_S_FMT", e, err);
	enum err_code code = check_format(c, m, strict, &f.fmt.pix, err);
	if (code)
		return code;
	set_rate(c, m);
	/* A rate may change the format of some drivers: what is in force now? */
	memset(&f, 0, sizeof f);
	f.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	e = camera_ask(c->calls, c->fd, VIDIOC_G_FMT, &f);
	if (e)
		return camera_fault(c, "VIDIOC_G_FMT", e, err);
	struct camera_mode now = c->mode;
	return check_format(c, &now, true, &f.fmt.pix, err);
}
