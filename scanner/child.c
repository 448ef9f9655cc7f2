/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop of the scanner process: commands in, frames through the decoder, messages out.
 */
#include "scanner/child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "scanner/examine.h"
#include "scanner/message.h"
#include "scanner/opener.h"
#include "scanner/preview.h"
#include "scanner/record.h"
#include "scanner/shrink.h"
#include "scanner/times.h"

#define SKIP_ALIVE_FRAMES 256 /* while passing over frames, a sign of life every so many */

struct child {
	const struct child_options *opt;
	struct clock clock;
	struct scan_source *source;
	struct scan_examiner examiner;
	struct scan_record record;
	struct scan_examined seen;
	struct scan_msg msg;
	struct scan_preview_ring *ring; /* NULL = nobody can look */
	struct scan_preview small;
	bool paused, preview, stop;
	bool head_told;      /* the stream's header line went out with a HELLO */
	bool bad_run;        /* frames before this one were damaged, and that was told */
	unsigned steps;      /* frames that may be read */
	uint32_t frame;      /* number of the next one */
	int64_t last_at_ms;  /* time of the last one */
	int64_t loop_ms;     /* added to stamps after rewinding */
	int64_t pace_ms;     /* monotonic time of at_ms = 0; INT64_MIN = not set */
	int64_t sent_ms;     /* when the last message went out */
	int64_t previewed_ms;
};

/* ---- messages ---- */

static void post(struct child *c, int flags)
{
	ssize_t n;
	do {
		n = send(CHILD_SOCKET_FD, &c->msg, sizeof c->msg, MSG_NOSIGNAL | flags);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		c->stop = true; /* nobody listens any more */
	c->sent_ms = clock_mono_ms(&c->clock);
}

static void tell_alive(struct child *c, bool in_work)
{
	scan_msg_init(&c->msg, SCAN_MSG_ALIVE);
	c->msg.frame = c->frame;
	c->msg.code_count = in_work;
	/* A frame in work must be known if this process dies of it; a heartbeat may be lost. */
	post(c, in_work ? 0 : MSG_DONTWAIT);
}

static void on_look(void *context)
{
	tell_alive(context, true);
}

static void tell_fault(struct child *c, enum scan_msg_kind kind, const struct err *err, bool fatal)
{
	scan_msg_init(&c->msg, kind);
	c->msg.frame = c->frame;
	c->msg.at_ms = c->last_at_ms;
	c->msg.fatal = fatal;
	if (kind == SCAN_MSG_FAULT)
		c->msg.code = (uint16_t)err->code;
	scan_msg_set_fault(&c->msg, err->text);
	post(c, 0);
}

static void tell_hello(struct child *c)
{
	scan_msg_init(&c->msg, SCAN_MSG_HELLO);
	c->msg.width = (uint16_t)c->source->width;
	c->msg.height = (uint16_t)c->source->height;
	if (c->source->head) {
		scan_msg_set_fault(&c->msg, c->source->head);
		c->head_told = true;
	}
	post(c, 0);
}

static void tell_frame(struct child *c, const struct scan_examined *seen)
{
	scan_msg_init(&c->msg, SCAN_MSG_FRAME);
	c->msg.frame = c->frame;
	c->msg.at_ms = c->last_at_ms;
	if (seen && seen->grey) {
		c->msg.width = (uint16_t)seen->width;
		c->msg.height = (uint16_t)seen->height;
		c->msg.decode_us = seen->cpu_us;
		c->msg.hint = (uint16_t)seen->hint;
	}
	if (seen) { /* a reader's code has no picture */
		c->msg.code_count = (uint16_t)seen->found.count;
		memcpy(c->msg.codes, seen->found.codes,
			seen->found.count * sizeof seen->found.codes[0]);
	}
	post(c, 0);
}

static void tell_preview(struct child *c)
{
	int64_t now = c->opt->stepped ? c->last_at_ms : clock_mono_ms(&c->clock);
	if (!c->preview || !c->ring || !c->seen.grey ||
		now - c->previewed_ms < SCAN_PREVIEW_EVERY_MS)
		return;
	c->previewed_ms = now;
	c->small.frame = c->frame;
	scan_shrink(&c->small, &c->seen);
	scan_preview_write(c->ring, &c->small);
	scan_msg_init(&c->msg, SCAN_MSG_PREVIEW);
	c->msg.frame = c->frame;
	c->msg.at_ms = c->last_at_ms;
	post(c, 0);
}

/* ---- commands ---- */

static void pause_source(struct child *c, bool on)
{
	if (c->paused == on)
		return;
	c->paused = on;
	c->pace_ms = INT64_MIN; /* a file goes on where it stopped */
	if (c->source->ops->pause)
		c->source->ops->pause(c->source, on);
}

static void obey(struct child *c, const struct scan_command *cmd)
{
	switch ((enum scan_command_kind)cmd->kind) {
	case SCAN_CMD_STEP:
		if (c->steps < UINT32_MAX)
			c->steps++;
		break;
	case SCAN_CMD_PAUSE:
		pause_source(c, true);
		break;
	case SCAN_CMD_RESUME:
		pause_source(c, false);
		break;
	case SCAN_CMD_PREVIEW:
		c->preview = cmd->value == 1;
		c->previewed_ms = INT64_MIN / 2;
		break;
	case SCAN_CMD_STOP:
		c->stop = true;
		break;
	}
}

static void read_commands(struct child *c)
{
	struct scan_command cmd;
	ssize_t n;
	while ((n = recv(CHILD_SOCKET_FD, &cmd, sizeof cmd, MSG_DONTWAIT)) > 0)
		if (!scan_command_check(&cmd, (size_t)n, NULL))
			obey(c, &cmd);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		c->stop = true;
}

/* Until a command comes, `fd` (-1 = none) is readable, `until_ms`, or a heartbeat is due. */
static void wait_for(struct child *c, int fd, int64_t until_ms)
{
	struct pollfd p[2] = {{.fd = CHILD_SOCKET_FD, .events = POLLIN},
		{.fd = fd, .events = POLLIN}};
	int64_t now = clock_mono_ms(&c->clock);
	int64_t end = c->sent_ms + SCAN_ALIVE_MS < until_ms ? c->sent_ms + SCAN_ALIVE_MS : until_ms;
	(void)poll(p, 2, end > now ? (int)(end - now) : 0); /* EINTR: look again */
	if (clock_mono_ms(&c->clock) - c->sent_ms >= SCAN_ALIVE_MS)
		tell_alive(c, false);
	if (p[0].revents)
		read_commands(c);
}

/* ---- frames ---- */

static int64_t time_by_rate(const struct child *c)
{
	int64_t num = SCAN_FPS_DEFAULT, den = 1;
	if (c->opt->fps > 0) {
		num = c->opt->fps;
	} else if (c->source->rate_num > 0) {
		num = c->source->rate_num;
		den = c->source->rate_den;
	}
	return (int64_t)c->frame * 1000 * den / num;
}

static int64_t time_of(const struct child *c, const struct scan_frame *f)
{
	int64_t at;
	if (f->stamped)
		at = f->at_ms + c->loop_ms;
	else if (c->opt->stepped || c->source->class == SOURCE_FILE)
		at = time_by_rate(c);
	else
		at = clock_mono_ms(&c->clock);
	if (at > SCAN_TIME_MAX_MS)
		at = SCAN_TIME_MAX_MS;
	return at > c->last_at_ms ? at : c->last_at_ms;
}

/* A file that is not stepped runs at its own speed. */
static void wait_until_due(struct child *c)
{
	while (!c->stop) {
		int64_t now = clock_mono_ms(&c->clock);
		if (c->pace_ms == INT64_MIN)
			c->pace_ms = now - c->last_at_ms;
		int64_t due = c->paused ? INT64_MAX : c->pace_ms + c->last_at_ms;
		if (now >= due)
			return;
		wait_for(c, -1, due);
	}
}

static void record(struct child *c, const struct scan_frame *f)
{
	struct err err = {.code = ERR_OK};
	bool own_time = c->opt->stepped || c->source->class == SOURCE_FILE;
	int64_t at = own_time ? c->last_at_ms : c->last_at_ms - c->opt->origin_ms;
	if (scan_record_frame(&c->record, f, at > 0 ? at : 0, &err)) {
		ERR_IGNORE(err_prefix(&err, "recording stopped")); /* words only */
		tell_fault(c, SCAN_MSG_RECORD_FAULT, &err, false);
	}
}

/* A run of damaged frames is told where it begins. */
static void tell_damage(struct child *c, const struct err *err)
{
	if (!c->bad_run)
		tell_fault(c, SCAN_MSG_FAULT, err, false);
	c->bad_run = true;
}

static void on_frame(struct child *c, const struct scan_frame *f)
{
	struct err err = {.code = ERR_OK};
	bool live_file = !c->opt->stepped && c->source->class == SOURCE_FILE;
	c->last_at_ms = time_of(c, f);
	if (live_file)
		wait_until_due(c);
	if (c->stop)
		return;
	if (c->paused && !c->opt->stepped)
		return; /* thrown away: it has no number */
	if (c->paused) {
		tell_frame(c, NULL);
	} else {
		tell_alive(c, true);
		record(c, f);
		c->examiner.at_ms = c->last_at_ms;
		enum err_code code = scan_examine(&c->examiner, &c->seen, f,
			c->source->pictures, &err);
		if (c->source->ops->judge)
			c->source->ops->judge(c->source, !code);
		else if (code || c->seen.damaged)
			tell_damage(c, &err);
		else
			c->bad_run = false;
		tell_frame(c, &c->seen);
		tell_preview(c);
	}
	c->frame++;
}

/* A frame came and is of no use: it has a number and an answer like any other. */
static void on_bad(struct child *c, const struct err *err)
{
	struct scan_frame f = {.verbatim = true};
	if (c->paused && !c->opt->stepped)
		return; /* thrown away like a good one */
	c->last_at_ms = time_of(c, &f);
	if (c->record.frames_fd >= 0 && c->record.jpeg && !c->paused)
		record(c, &f);
	tell_damage(c, err);
	tell_frame(c, NULL);
	c->frame++;
}

/* ---- the loop ---- */

static bool loop_again(struct child *c)
{
	if (!c->opt->loop || !c->source->ops->rewind || !c->source->ops->rewind(c->source))
		return false;
	c->loop_ms = c->last_at_ms + 1000 / SCAN_FPS_DEFAULT;
	return true;
}

static bool may_read(const struct child *c)
{
	if (c->opt->stepped)
		return c->steps > 0;
	return !c->paused || c->source->class == SOURCE_PIPE;
}

/* One call on the source. False when the process has nothing left to do. */
static bool turn(struct child *c, struct err *err)
{
	struct scan_frame f;
	enum scan_source_result r = c->source->ops->next(c->source, &f, err);
	if (c->source->head && !c->head_told)
		tell_hello(c);
	switch (r) {
	case SOURCE_FRAME:
	case SOURCE_BAD:
		c->steps -= c->opt->stepped;
		if (r == SOURCE_FRAME)
			on_frame(c, &f);
		else
			on_bad(c, err);
		return true;
	case SOURCE_WAIT: {
		int fd = c->source->ops->fd ? c->source->ops->fd(c->source) : -1;
		int64_t due = c->source->ops->due_ms ? c->source->ops->due_ms(c->source)
						     : INT64_MAX;
		/* A file is always ready; but a stepped pipe may have been cut by silence. */
		wait_for(c, fd, fd < 0 ? 0 : due);
		return true;
	}
	case SOURCE_NOTE:
		tell_fault(c, SCAN_MSG_FAULT, err, false);
		return true;
	case SOURCE_END:
		if (loop_again(c))
			return true;
		scan_msg_init(&c->msg, SCAN_MSG_END);
		c->msg.frame = c->frame;
		c->msg.at_ms = c->last_at_ms;
		post(c, 0);
		return false;
	case SOURCE_FAILED:
		break;
	}
	tell_fault(c, SCAN_MSG_FAULT, err, true);
	return false;
}

/* Passes over the frames of a former life. */
static void skip(struct child *c)
{
	const struct scan_source_ops *ops = c->source->ops;
	struct scan_frame f;
	struct err err;
	bool progress = true;
	for (uint32_t n = 0; n < c->opt->skip && !c->stop;) {
		enum scan_source_result r = ops->skip ? ops->skip(c->source, &err)
						      : ops->next(c->source, &f, &err);
		if (r == SOURCE_FAILED || (r == SOURCE_END && (!progress || !loop_again(c))))
			return; /* the loop meets the same end and tells it */
		progress = r != SOURCE_END;
		n += r == SOURCE_FRAME || r == SOURCE_BAD;
		if (n % SKIP_ALIVE_FRAMES == 0)
			tell_alive(c, false);
	}
}

struct scan_confine child_needs(const struct child_options *opt, const struct scan_source *source)
{
	bool live = source->class == SOURCE_CAMERA;
	return (struct scan_confine){
		.device = opt->reader ? CONFINE_READER : live ? CONFINE_CAMERA : CONFINE_NO_DEVICE,
		.spare_fds = (source->opens ? SCAN_OPENER_SPARE_FDS : 0u) +
			(opt->record_dir ? SCAN_RECORD_SPARE_FDS : 0u),
		.writes = opt->record_dir != NULL};
}

/* Standard error may be where the till reads what was accepted (2>&1): what looks at strangers'
 * pictures has no way there. Standard output is /dev/null: scan_life_start().
 */
static enum err_code close_stderr(struct err *err)
{
	if (SCAN_SANITIZED || dup2(STDOUT_FILENO, STDERR_FILENO) == STDERR_FILENO)
		return ERR_OK;
	return err_set_os(err, ERR_IO, errno, "cannot close standard error");
}

/* The recording first: its opener must not inherit the camera. */
static enum err_code open_all(struct child *c, struct err *err)
{
	const struct child_options *o = c->opt;
	struct scan_source_options so = {.path = o->source,
		.pipe = o->pipe,
		.head = o->head,
		.joined = o->joined,
		.stepped = o->stepped,
		.reader = o->reader,
		.device_fd = o->device_fd ? CHILD_DEVICE_FD : 0,
		.camera = o->camera};
	enum err_code code = ERR_OK;
	if (o->preview_fd)
		code = scan_preview_join(&c->ring, CHILD_PREVIEW_FD, err);
	if (!code && o->record_dir)
		code = scan_record_open(&c->record, o->record_dir, o->record_more,
			o->fps ? o->fps : SCAN_FPS_DEFAULT, err);
	if (!code)
		code = scan_source_open(&c->source, &so, err);
	if (!code && o->all_symbologies)
		code = scan_symbologies_load(&c->examiner.symbologies, err);
	if (!code)
		code = close_stderr(err);
	if (code)
		return code;
	c->examiner.decoder.live = c->source->class == SOURCE_CAMERA;
	struct scan_confine needs = child_needs(o, c->source);
	return scan_confine_open(&needs, err);
}

static int serve(struct child *c)
{
	struct err err = {.code = ERR_OK};
	enum err_code code = scan_confine_tie(&err);
	if (!code)
		code = scan_confine_start(&err);
	if (!code)
		code = open_all(c, &err);
	if (code) {
		tell_fault(c, SCAN_MSG_FAULT, &err, true);
		return 1;
	}
	tell_hello(c);
	skip(c);
	while (!c->stop) {
		if (clock_mono_ms(&c->clock) - c->sent_ms >= SCAN_ALIVE_MS)
			tell_alive(c, false);
		read_commands(c);
		if (c->stop)
			break;
		if (!may_read(c))
			wait_for(c, -1, INT64_MAX);
		else if (!turn(c, &err))
			break;
	}
	return 0;
}

int child_serve(const struct child_options *opt)
{
	static struct child c; /* large, one for each process */
	struct stat st;
	if (fstat(CHILD_SOCKET_FD, &st) || !S_ISSOCK(st.st_mode)) {
		fputs("countersign-scanner: --serve is for countersign; by hand use --print\n",
			stderr);
		return 3;
	}
	c.opt = opt;
	c.frame = opt->first;
	c.pace_ms = INT64_MIN;
	c.record = (struct scan_record){.opener_fd = -1, .frames_fd = -1, .times_fd = -1};
	clock_init_real(&c.clock);
	scan_examiner_init(&c.examiner);
	if (opt->budget_ms)
		c.examiner.decoder.budget_ms = opt->budget_ms;
	c.examiner.alive = on_look;
	c.examiner.context = &c;
	int status = serve(&c);
	scan_source_close(&c.source);
	scan_record_close(&c.record);
	scan_examiner_done(&c.examiner);
	return status;
}
