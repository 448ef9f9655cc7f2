/* SPDX-License-Identifier: Apache-2.0
 *
 * A camera as a source of frames: the newest one wins, what does not work is told once in plain
 * words, and mended here where that is possible. Where it is not, the source fails, and the
 * terminal opens the device anew with another process.
 */
#include "scanner/source_v4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/camera_controls.h"
#include "scanner/camera_health.h"
#include "scanner/mjpeg.h"

#define START_TRIES 2        /* some drivers refuse the first call after another program's end */
#define START_PAUSE_MS 100
#define MODE_TRIES 4         /* modes that the driver has on its list and does not take */
#define BREAK_AGAIN_MS 10000 /* a stream that breaks twice in this time is opened anew */

struct source {
	struct scan_source base;
	struct camera camera;
	struct camera_health health;
	struct camera_notes notes;
	unsigned notes_told;
	struct scan_grey grey;
	enum camera_scale scale;
	bool works_again;      /* to be told */
	int64_t broke_ms;      /* when the stream broke last; INT64_MIN = never */
	enum err_code failed;  /* the stream could not be started after a pause; words in why */
	struct err why;
};

/* ---- opening ---- */

static enum err_code open_device(struct camera *c, const struct scan_source_options *opt,
	struct err *err)
{
	c->fd = opt->device_fd;
	if (!c->fd)
		c->fd = open(c->path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (c->fd < 0)
		return camera_open_fault(c->path, errno, err);
	if (c->calls->attach(c->fd) < 0)
		return camera_open_fault(c->path, errno, err);
	return ERR_OK;
}

/* A fault that another mode does not have. */
static bool is_of_the_mode(enum err_code code)
{
	return code == ERR_IO || code == ERR_UNSUPPORTED || code == ERR_PROTOCOL ||
		code == ERR_RANGE || code == ERR_TOO_LARGE;
}

static enum err_code set_best_mode(struct camera *c, struct camera_modes *modes,
	const struct camera_settings *want, struct err *err)
{
	struct err later;
	const struct camera_mode *best;
	enum err_code code = camera_mode_choose(&best, modes, want, err);
	if (code)
		return err_prefix(err, "%s", c->path);
	struct camera_mode m = *best;
	code = camera_set_mode(c, &m, want->width, err);
	for (int i = 1; is_of_the_mode(code) && i < MODE_TRIES; i++) {
		modes->at[best - modes->at] = modes->at[--modes->count];
		if (camera_mode_choose(&best, modes, want, NULL))
			break; /* the first fault is the one to tell */
		m = *best;
		code = camera_set_mode(c, &m, want->width, &later);
	}
	return code;
}

static enum err_code choose_mode(struct camera *c, const struct camera_settings *want,
	struct err *err)
{
	struct camera_modes *modes = malloc(sizeof *modes);
	if (!modes)
		return err_set(err, ERR_NO_MEMORY, "no memory for the camera");
	camera_probe_modes(modes, c, want);
	enum err_code code = set_best_mode(c, modes, want, err);
	free(modes);
	return code;
}

static enum err_code start_stream(struct camera *c, struct err *err)
{
	enum err_code code = camera_buffers_get(c, err);
	if (code)
		return code;
	code = camera_stream_on(c, err);
	if (code)
		camera_buffers_drop(c);
	return code;
}

static enum err_code start(struct source *s, struct err *err)
{
	enum err_code code = start_stream(&s->camera, err);
	for (int i = 1; code == ERR_IO && i < START_TRIES; i++) {
		s->camera.calls->sleep_ms(START_PAUSE_MS);
		struct err first = *err;
		code = start_stream(&s->camera, err);
		if (!code)
			camera_note(&s->notes, "%.*s; it worked at the second try",
				(int)strcspn(first.text, ";"), first.text);
	}
	return code;
}

static int64_t interval_ms(const struct camera *c)
{
	int64_t rate = camera_mode_rate(&c->mode);
	return rate > 0 ? 1000000 / rate : 0;
}

static void begin_health(struct source *s)
{
	const struct camera *c = &s->camera;
	camera_health_start(&s->health, interval_ms(c), c->calls->now_ms());
}

static void take_facts(struct source *s)
{
	const struct camera_mode *m = &s->camera.mode;
	s->base.width = m->width;
	s->base.height = m->height;
	if (m->interval_num && m->interval_num <= INT_MAX && m->interval_den <= INT_MAX) {
		s->base.rate_num = (int)m->interval_den;
		s->base.rate_den = (int)m->interval_num;
	}
}

static enum err_code open_all(struct source *s, const struct scan_source_options *opt,
	struct err *err)
{
	struct camera *c = &s->camera;
	struct camera_identity identity;
	struct camera_settings want;
	enum err_code code = open_device(c, opt, err);
	if (!code)
		code = camera_settings_parse(&want, opt->camera, err);
	if (!code)
		code = camera_probe_device(&identity, c, err);
	if (!code)
		code = choose_mode(c, &want, err);
	if (code)
		return code;
	s->scale = want.scale;
	camera_controls_set(c, &want, &s->notes);
	code = start(s, err);
	if (!code) {
		take_facts(s);
		begin_health(s);
		c->open_done = true;
	}
	return code;
}

/* ---- trouble ---- */

static enum scan_source_result tell(enum scan_source_result as, struct source *s,
	enum err_code code, const char *words, struct err *err)
{
	ERR_IGNORE(err_set(err, code, "%s: %s", s->camera.path, words)); /* to be told only */
	return as;
}

/* The same words when it begins and when it has lasted until the device is opened anew: a terminal
 * tells them once.
 */
static enum scan_source_result tell_silence(enum scan_source_result as, struct source *s,
	struct err *err)
{
	return tell(as, s, ERR_TIMEOUT, "the camera delivers no pictures; if that lasts, unplug it "
		"and plug it in again", err);
}

static enum scan_source_result tell_trouble(struct source *s, enum camera_trouble trouble,
	struct err *err)
{
	switch (trouble) {
	case CAMERA_DAMAGED:
		return tell(SOURCE_NOTE, s, ERR_IO, "the camera's pictures arrive damaged; try "
			"another cable or USB port", err);
	case CAMERA_UNDECODABLE:
		return tell(SOURCE_NOTE, s, ERR_IO, "the camera's pictures cannot be decoded; try "
			"the setting format=YUYV, another cable or USB port", err);
	case CAMERA_SILENT:
	case CAMERA_FINE:
		break;
	}
	return tell_silence(SOURCE_NOTE, s, err);
}

static enum err_code restart(struct source *s, struct err *err)
{
	camera_stream_off(&s->camera);
	enum err_code code = camera_stream_on(&s->camera, err);
	if (code == ERR_IO) { /* a driver may want all buffers back first */
		camera_buffers_drop(&s->camera);
		code = start_stream(&s->camera, err);
	}
	return code;
}

/* The stream broke: off and on, unless the camera has gone or that was tried just now. */
static enum scan_source_result mend(struct source *s, struct err *err)
{
	int64_t now = s->camera.calls->now_ms();
	struct err why = *err;
	bool again = s->broke_ms != INT64_MIN && now - s->broke_ms < BREAK_AGAIN_MS;
	s->broke_ms = now;
	if (why.code == ERR_CLOSED || again || restart(s, err)) {
		/* what is told is why it broke, unless starting says more: that it has gone */
		if (err->code != ERR_CLOSED)
			*err = why;
		return SOURCE_FAILED;
	}
	begin_health(s);
	s->health.told = true;
	ERR_IGNORE(err_set(err, ERR_IO, "%s: the camera's stream broke and was started again (%s)",
		s->camera.path, why.os_errno ? strerror(why.os_errno)
					     : "its driver said what cannot be")); /* words only */
	return SOURCE_NOTE;
}

/* No usable frame now. */
static enum scan_source_result look_at_health(struct source *s, struct err *err)
{
	bool say;
	enum camera_trouble trouble = s->health.seen;
	switch (camera_health_look(&s->health, &say, s->camera.calls->now_ms())) {
	case CAMERA_WAIT:
		return SOURCE_WAIT;
	case CAMERA_REOPEN:
		return tell_silence(SOURCE_FAILED, s, err);
	case CAMERA_RESTART_STREAM:
		break;
	}
	if (restart(s, err))
		return SOURCE_FAILED;
	return say ? tell_trouble(s, trouble, err) : SOURCE_WAIT;
}

static enum scan_source_result bad_frame(struct source *s, enum camera_trouble what,
	struct err *err)
{
	camera_health_bad(&s->health, what);
	return look_at_health(s, err);
}

/* ---- frames ---- */

/* Drivers hand over whole buffers, with the end of an older frame behind this one's. */
static struct span only_jpeg(struct span data)
{
	size_t start = mjpeg_find_start(data), len;
	struct mjpeg_split split = {.at = 0};
	if (start + 4 > data.len)
		return data; /* no JPEG: for the decoder to say */
	data = SPAN(data.data + start, data.len - start);
	if (mjpeg_split_next(&split, data, &len) != MJPEG_MORE)
		data.len = len;
	return data;
}

static int shrink_of(const struct source *s)
{
	const struct camera_mode *m = &s->camera.mode;
	if (s->scale == CAMERA_SCALE_AUTO)
		return m->width * m->height > SCAN_FULL_PIXELS_MAX ? 2 : 1;
	return s->scale == CAMERA_SCALE_HALF ? 2 : 1;
}

/* Whether it is good is known when it was decoded: camera_judge(). */
static enum scan_source_result take_jpeg(struct source *s, const struct camera_taken *t,
	struct scan_frame *out, struct err *err)
{
	out->jpeg = only_jpeg(t->data);
	out->verbatim = true;
	out->shrink = shrink_of(s);
	if (s->health.seen != CAMERA_SILENT) { /* those before were bad: for how long? */
		enum scan_source_result r = look_at_health(s, err);
		if (r != SOURCE_WAIT || s->camera.held < 0) /* the stream was restarted */
			return r;
	}
	return SOURCE_FRAME;
}

static enum scan_source_result take_frame(struct source *s, const struct camera_taken *t,
	struct scan_frame *out, struct err *err)
{
	const struct camera *c = &s->camera;
	*out = (struct scan_frame){.at_ms = t->at_ms, .stamped = t->at_ms >= 0};
	if (t->damaged)
		return bad_frame(s, CAMERA_DAMAGED, err);
	if (!c->mode.format->step)
		return take_jpeg(s, t, out, err);
	const struct camera_picture picture = {.format = c->mode.format,
		.from = t->data.data,
		.len = t->data.len,
		.width = c->mode.width,
		.height = c->mode.height,
		.stride = c->stride};
	enum err_code code = camera_luma(&s->grey, &picture, err);
	if (code == ERR_NO_MEMORY)
		return SOURCE_FAILED;
	if (code)
		return bad_frame(s, CAMERA_DAMAGED, err);
	out->grey = &s->grey;
	s->works_again = camera_health_good(&s->health, c->calls->now_ms());
	return SOURCE_FRAME;
}

static enum scan_source_result camera_next(struct scan_source *base, struct scan_frame *out,
	struct err *err)
{
	struct source *s = (struct source *)base;
	struct camera_taken taken;
	if (s->failed) {
		*err = s->why;
		return SOURCE_FAILED;
	}
	if (s->notes_told < s->notes.count) {
		ERR_IGNORE(err_set(err, ERR_INVALID, "%s", s->notes.text[s->notes_told++]));
		return SOURCE_NOTE;
	}
	if (s->works_again) {
		s->works_again = false;
		return tell(SOURCE_NOTE, s, ERR_IO, "the camera works again", err);
	}
	switch (camera_take_newest(&s->camera, &taken, err)) {
	case CAMERA_TAKEN:
		base->dropped = s->camera.dropped;
		return take_frame(s, &taken, out, err);
	case CAMERA_NOTHING:
		return look_at_health(s, err);
	case CAMERA_BROKEN:
		break;
	}
	return mend(s, err);
}

static void camera_judge(struct scan_source *base, bool readable)
{
	struct source *s = (struct source *)base;
	if (readable)
		s->works_again = camera_health_good(&s->health, s->camera.calls->now_ms()) ||
			s->works_again;
	else
		camera_health_bad(&s->health, CAMERA_UNDECODABLE);
}

static int camera_fd(const struct scan_source *base)
{
	const struct source *s = (const struct source *)base;
	bool tells = s->notes_told < s->notes.count || s->works_again;
	return s->camera.streaming && !tells ? s->camera.fd : -1;
}

static void camera_pause(struct scan_source *base, bool on)
{
	struct source *s = (struct source *)base;
	if (on) {
		camera_stream_off(&s->camera);
	} else if (!s->camera.streaming) {
		s->failed = restart(s, &s->why); /* camera_next() tells */
		begin_health(s);
	}
}

static void camera_close(struct scan_source *base)
{
	struct source *s = (struct source *)base;
	if (s->camera.buffers)
		camera_buffers_drop(&s->camera);
	if (s->camera.fd >= 0)
		s->camera.calls->close(s->camera.fd);
	scan_grey_done(&s->grey);
	free(s);
}

static const struct scan_source_ops camera_ops = {
	.name = "camera",
	.next = camera_next,
	.judge = camera_judge,
	.fd = camera_fd,
	.pause = camera_pause,
	.close = camera_close,
};

enum err_code scan_v4l2_open_with(struct scan_source **out, const struct camera_calls *calls,
	const struct scan_source_options *opt, struct err *err)
{
	struct source *s = calloc(1, sizeof *s);
	*out = NULL;
	if (!s) {
		if (opt->device_fd > 0)
			close(opt->device_fd);
		return err_set(err, ERR_NO_MEMORY, "no memory for the camera");
	}
	s->base.ops = &camera_ops;
	s->base.class = SOURCE_CAMERA;
	s->broke_ms = INT64_MIN;
	s->camera.calls = calls;
	s->camera.path = opt->path;
	s->camera.held = -1;
	enum err_code code = open_all(s, opt, err);
	if (code)
		camera_close(&s->base);
	else
		*out = &s->base;
	return code;
}

enum err_code scan_v4l2_open(struct scan_source **out, const struct scan_source_options *opt,
	struct err *err)
{
	return scan_v4l2_open_with(out, &camera_libv4l2, opt, err);
}
