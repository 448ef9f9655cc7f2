/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop: time, events, one frame after another.
 */
#include "wallet/holder/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "wallet/holder/shown.h"

struct sim {
	const struct simulate_options *opt;
	struct play *play;
	struct camera *camera;
	struct frame_out *out;
	struct picture frame, phone;
	struct phone_view view[CAMERA_PHONES]; /* as drawn last */
	struct shown shown[CAMERA_PHONES];     /* by `show picture` */
	struct clock clock;
	int64_t mono_start_ms, unix_start_ms;
	int64_t number; /* of the frame that is next */
	int64_t acked;  /* highest frame the terminal has examined; -1 = none */
	bool events_over, events_seen;
	bool line_too_long; /* the rest of it is thrown away */
	size_t line_len;
	char line[PLAY_EVENT_LINE_MAX];
};

/* ---- events ---- */

static void line_take(struct sim *s)
{
	struct play_event ev;
	struct err err = {0};

	if (s->line_too_long || s->line_len == 0)
		return;
	if (play_event_parse(&ev, SPAN(s->line, s->line_len), &err)) {
		log_line(LOG_WARNING, "simulator", "an event that is none: %s", err.text);
		return;
	}
	s->events_seen = true;
	if (ev.frame > s->acked)
		s->acked = ev.frame;
	play_tell(s->play, &ev);
}

static void bytes_take(struct sim *s, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n') {
			line_take(s);
			s->line_len = 0;
			s->line_too_long = false;
		} else if (s->line_len == sizeof(s->line)) {
			s->line_too_long = true;
		} else {
			s->line[s->line_len++] = data[i];
		}
	}
}

/* Reads what is there, waiting for it at most timeout_ms; -1 = until something comes. */
static void events_read(struct sim *s, int timeout_ms)
{
	struct pollfd fd = {.fd = s->events_over ? -1 : s->opt->events_fd, .events = POLLIN};
	char data[4096];
	ssize_t n;

	if (poll(&fd, 1, timeout_ms) <= 0 || !fd.revents)
		return;
	n = read(s->opt->events_fd, data, sizeof(data));
	if (n > 0)
		bytes_take(s, data, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		s->events_over = true;
		play_tell_over(s->play);
	}
}

/* ---- time ---- */

/* Live: sleeps until the next frame is due. A frame that is missed is left out. */
static int64_t live_wait(struct sim *s)
{
	int64_t fps = s->opt->fps, due = s->mono_start_ms + s->number * 1000 / fps, now;

	for (;;) {
		now = clock_mono_ms(&s->clock);
		if (now >= due)
			break;
		events_read(s, (int)(due - now));
	}
	events_read(s, 0);
	s->number = (now - s->mono_start_ms) * fps / 1000;
	return now - s->mono_start_ms;
}

/* Stepped: waits for the terminal's word on the last frame; its time follows from its number. */
static int64_t step_wait(struct sim *s, bool answer_due)
{
	while (answer_due && s->acked < s->number - 1 && !s->events_over)
		events_read(s, -1);
	return s->number * 1000 / s->opt->fps;
}

/* ---- frames ---- */

/* What the phone shows now; a picture comes from its file. */
static enum err_code view_make(struct phone_view *view, struct sim *s, int phone, struct err *err)
{
	struct shown *shown = &s->shown[phone];
	enum err_code rc = play_view(s->play, phone, view, err);

	if (rc || view->screen != PHONE_PICTURE)
		return rc;
	rc = shown_look(shown, SPAN(view->code, view->code_len), err);
	view->shown = &shown->picture;
	view->shown_turn = shown->turn;
	return rc;
}

static enum err_code phones_draw(struct sim *s, struct err *err)
{
	for (int i = 0; i < CAMERA_PHONES; i++) {
		struct phone_view view;
		enum err_code rc = view_make(&view, s, i, err);

		if (rc)
			return rc;
		if (memcmp(&view, &s->view[i], sizeof(view)) == 0)
			continue;
		rc = phone_draw(&s->phone, &view, err);
		if (rc)
			return rc;
		camera_phone_set(s->camera, i, &s->phone);
		s->view[i] = view;
	}
	return ERR_OK;
}

static enum err_code time_write(struct sim *s, int64_t at_ms, struct err *err)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%" PRId64 "\n", at_ms);

	if (s->opt->times_fd < 0)
		return ERR_OK;
	return file_write_all(s->opt->times_fd, SPAN(line, (size_t)n), err);
}

/* One frame at this time; *cut says that it was cut short. */
static enum err_code frame_make(struct sim *s, int64_t at_ms, bool *cut, struct err *err)
{
	struct camera_shot shot = {.frame = (uint64_t)s->number};
	enum err_code rc = phones_draw(s, err);

	if (rc)
		return rc;
	play_shot(s->play, &shot);
	camera_take(s->camera, &s->frame, &shot);
	*cut = play_cut_next(s->play);
	rc = frame_out_write(s->out, &s->frame, (int)shot.knob[CAMERA_QUALITY], *cut, err);
	return rc ? rc : time_write(s, at_ms, err);
}

static bool is_stuck(const struct sim *s)
{
	return s->opt->frames == 0 && play_is_stuck(s->play);
}

static enum err_code frames_run(struct sim *s, struct err *err)
{
	bool answer_due = false;

	for (int64_t done = 0; s->opt->frames == 0 || done < s->opt->frames; done++) {
		int64_t at_ms = s->opt->step ? step_wait(s, answer_due) : live_wait(s);
		enum err_code rc = play_advance(s->play, at_ms,
			s->opt->step ? s->unix_start_ms + at_ms : clock_unix_ms(&s->clock), err);
		bool cut = false;

		if (rc == ERR_CLOSED)
			return ERR_OK;
		if (rc)
			return rc;
		if (is_stuck(s)) /* a terminal that was there and has gone is no fault */
			return s->events_seen
				       ? ERR_OK
				       : err_set(err, ERR_CLOSED,
						 "the scenario waits for events of a terminal, "
						 "and there are none on standard input");
		rc = frame_make(s, at_ms, &cut, err);
		if (rc == ERR_CLOSED) /* the terminal has gone: that is how most runs end */
			return ERR_OK;
		if (rc)
			return rc;
		s->number++;
		answer_due = !cut; /* the frame behind a cut one shows where that one ends */
	}
	return ERR_OK;
}

enum err_code simulate(const struct simulate_options *opt, struct err *err)
{
	struct sim *s = calloc(1, sizeof(*s));
	enum err_code rc;

	if (!s)
		return err_set(err, ERR_NO_MEMORY, "no memory for the simulator");
	s->opt = opt;
	s->acked = -1;
	clock_init_real(&s->clock);
	rc = play_new(&s->play, &opt->play, err);
	if (!rc)
		rc = camera_new(&s->camera, opt->width, opt->height, opt->seed, err);
	if (!rc)
		rc = frame_out_new(&s->out, opt->frames_fd, opt->format, opt->fps, err);
	if (!rc && (picture_new(&s->frame, opt->width, opt->height) ||
			   picture_new(&s->phone, PHONE_WIDTH, PHONE_HEIGHT)))
		rc = err_set(err, ERR_NO_MEMORY, "no memory for the frames");
	s->mono_start_ms = clock_mono_ms(&s->clock);
	s->unix_start_ms = opt->start_unix_ms >= 0 ? opt->start_unix_ms : clock_unix_ms(&s->clock);
	if (!rc)
		rc = frames_run(s, err);
	picture_free(&s->frame);
	picture_free(&s->phone);
	for (int i = 0; i < CAMERA_PHONES; i++)
		shown_done(&s->shown[i]);
	frame_out_free(&s->out);
	camera_free(&s->camera);
	play_free(&s->play);
	free(s);
	return rc;
}
