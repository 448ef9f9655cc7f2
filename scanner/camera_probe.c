/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

#include "base/text_safe.h"
#include "scanner/camera.h"

static void copy_safe(char *out, size_t cap, const uint8_t *text, size_t len)
{
	text_safe(out, cap, SPAN(text, strnlen((const char *)text, len)));
}

enum err_code camera_probe_device(struct camera_identity *out, const struct camera *c,
	struct err *err)
{
	struct v4l2_capability cap;
	memset(&cap, 0, sizeof cap);
	memset(out, 0, sizeof *out);
	int e = camera_ask(c->calls, c->fd, VIDIOC_QUERYCAP, &cap);
	if (e == ENODEV || e == ENXIO)
		return camera_fault(c, "VIDIOC_QUERYCAP", e, err);
	if (e)
		return err_set(err, ERR_UNSUPPORTED, "%s is no camera (no V4L2 device)", c->path);
	copy_safe(out->name, sizeof out->name, cap.card, sizeof cap.card);
	copy_safe(out->driver, sizeof out->driver, cap.driver, sizeof cap.driver);
	copy_safe(out->bus, sizeof out->bus, cap.bus_info, sizeof cap.bus_info);
	uint32_t can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
	out->capture = can & V4L2_CAP_VIDEO_CAPTURE;
	out->stream = can & V4L2_CAP_STREAMING;
	if (!out->capture && can & V4L2_CAP_VIDEO_OUTPUT)
		return err_set(err, ERR_UNSUPPORTED, "%s gives no pictures; is it a virtual "
			"camera that no program feeds now?", c->path);
	if (!out->capture)
		return err_set(err, ERR_UNSUPPORTED, "%s does not capture video; a camera often "
			"has two device files: try the other", c->path);
	if (!out->stream)
		return err_set(err, ERR_UNSUPPORTED, "%s cannot stream", c->path);
	return ERR_OK;
}

/* ---- modes ---- */

struct probe {
	const struct camera *c;
	struct camera_modes *out;
	const struct camera_settings *want;
	const struct camera_format *format;
	bool converted;
};

static void add_mode(struct probe *p, int width, int height, uint32_t num, uint32_t den)
{
	struct camera_modes *m = p->out;
	if (!num || !den)
		num = den = 0;
	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i].format == p->format && m->at[i].width == width &&
			m->at[i].height == height && m->at[i].interval_num == num &&
			m->at[i].interval_den == den)
			return;
	if (m->count == CAMERA_MODES_MAX) {
		m->cut = true;
		return;
	}
	m->at[m->count++] = (struct camera_mode){.format = p->format,
		.width = width,
		.height = height,
		.interval_num = num,
		.interval_den = den,
		.converted = p->converted};
}

/* a <= b as fractions of seconds. */
static bool not_longer(const struct v4l2_fract *a, const struct v4l2_fract *b)
{
	return (uint64_t)a->numerator * b->denominator <= (uint64_t)b->numerator * a->denominator;
}

/* Any rate between two: those that matter. */
static void add_rates_between(struct probe *p, int width, int height,
	const struct v4l2_frmival_stepwise *s)
{
	const uint32_t rates[] = {CAMERA_RATE_BEST, 25, CAMERA_RATE_LEAST,
		(uint32_t)p->want->rate};
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct v4l2_fract f = {.numerator = 1, .denominator = rates[i]};
		if (rates[i] && not_longer(&s->min, &f) && not_longer(&f, &s->max))
			add_mode(p, width, height, 1, rates[i]);
	}
	add_mode(p, width, height, s->min.numerator, s->min.denominator);
	add_mode(p, width, height, s->max.numerator, s->max.denominator);
}

static void probe_rates(struct probe *p, int width, int height)
{
	uint32_t i;
	for (i = 0; i < CAMERA_ENUM_MAX; i++) {
		struct v4l2_frmivalenum f;
		memset(&f, 0, sizeof f);
		f.index = i;
		f.pixel_format = p->format->fourcc;
		f.width = (uint32_t)width;
		f.height = (uint32_t)height;
		if (camera_ask(p->c->calls, p->c->fd, VIDIOC_ENUM_FRAMEINTERVALS, &f))
			break;
		if (f.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
			add_rates_between(p, width, height, &f.stepwise);
			return;
		}
		add_mode(p, width, height, f.discrete.numerator, f.discrete.denominator);
	}
	if (i == 0) /* the driver does not say */
		add_mode(p, width, height, 0, 0);
}

static void probe_size(struct probe *p, uint32_t width, uint32_t height)
{
	if (!scan_geometry_check(width, height, NULL))
		probe_rates(p, (int)width, (int)height);
}

static void probe_steps(struct probe *p, const struct v4l2_frmsize_stepwise *s)
{
	int size[CAMERA_STEP_SIZES_MAX][2];
	const struct camera_steps steps = {s->min_width, s->max_width, s->step_width,
		s->min_height, s->max_height, s->step_height};
	unsigned count = camera_step_sizes(size, &steps, p->want);
	for (unsigned i = 0; i < count; i++)
		probe_size(p, (uint32_t)size[i][0], (uint32_t)size[i][1]);
}

/* A driver without a list of sizes: what it makes of those that we would like. */
static void probe_by_trying(struct probe *p)
{
	const int like[][2] = {{p->want->width, p->want->height},
		{CAMERA_BEST_WIDTH, CAMERA_BEST_HEIGHT}, {640, 480}};
	for (size_t i = 0; i < sizeof like / sizeof like[0]; i++) {
		struct v4l2_format f;
		memset(&f, 0, sizeof f);
		f.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		f.fmt.pix.width = (uint32_t)like[i][0];
		f.fmt.pix.height = (uint32_t)like[i][1];
		f.fmt.pix.pixelformat = p->format->fourcc;
		if (like[i][0] && !camera_ask(p->c->calls, p->c->fd, VIDIOC_TRY_FMT, &f) &&
			f.fmt.pix.pixelformat == p->format->fourcc)
			probe_size(p, f.fmt.pix.width, f.fmt.pix.height);
	}
}

static void probe_sizes(struct probe *p)
{
	uint32_t i;
	for (i = 0; i < CAMERA_ENUM_MAX; i++) {
		struct v4l2_frmsizeenum f;
		memset(&f, 0, sizeof f);
		f.index = i;
		f.pixel_format = p->format->fourcc;
		if (camera_ask(p->c->calls, p->c->fd, VIDIOC_ENUM_FRAMESIZES, &f))
			break;
		if (f.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
			probe_steps(p, &f.stepwise);
			return;
		}
		probe_size(p, f.discrete.width, f.discrete.height);
	}
	if (i == 0)
		probe_by_trying(p);
}

/* libv4l2 would start a program of its own to decode these, which is not possible here. */
static bool needs_a_program(uint32_t fourcc)
{
	return fourcc == V4L2_PIX_FMT_OV511 || fourcc == V4L2_PIX_FMT_OV518;
}

static void probe_formats(struct probe *p, bool emulated)
{
	for (uint32_t i = 0; i < CAMERA_ENUM_MAX; i++) {
		struct v4l2_fmtdesc d;
		memset(&d, 0, sizeof d);
		d.index = i;
		d.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		if (camera_ask(p->c->calls, p->c->fd, VIDIOC_ENUM_FMT, &d))
			return;
		if (needs_a_program(d.pixelformat) && emulated)
			return;
		p->format = camera_format_find(d.pixelformat);
		p->converted = d.flags & V4L2_FMT_FLAG_EMULATED;
		if (!p->format || p->converted != emulated)
			continue;
		if (!emulated || p->format == camera_format_converted())
			probe_sizes(p);
	}
}

void camera_probe_modes(struct camera_modes *out, const struct camera *c,
	const struct camera_settings *want)
{
	struct probe p = {.c = c, .out = out, .want = want};
	out->count = 0;
	out->cut = false;
	probe_formats(&p, false);
	if (!out->count)
		probe_formats(&p, true);
}
