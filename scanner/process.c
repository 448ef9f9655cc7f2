/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/process.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scanner/codes.h"

#define SLOW_FADES 64 /* frames until a slow one counts for a third */
#define TAKE_MAX 64 /* messages looked at in one call */

/* ---- start and stop ---- */

static enum err_code find_program(struct scan_process *p, const char *given, struct err *err)
{
	static const char name[] = "/countersign-scanner";
	char path[PATH_MAX + sizeof name];
	if (given) {
		p->program = strdup(given);
	} else {
		enum err_code code = scan_program_dir(path, PATH_MAX, err);
		if (code)
			return code;
		memcpy(path + strlen(path), name, sizeof name);
		p->program = strdup(path);
	}
	if (!p->program)
		return err_set(err, ERR_NO_MEMORY, "no memory for a path");
	if (access(p->program, X_OK))
		return err_set_os(err, ERR_NOT_FOUND, errno, "cannot start the scanner %s",
			p->program);
	return ERR_OK;
}

static enum err_code copy_text(char **out, const char *text, struct err *err)
{
	if (text && !(*out = strdup(text)))
		return err_set(err, ERR_NO_MEMORY, "no memory for an option");
	return ERR_OK;
}

static enum err_code set_options(struct scan_process *p, const struct scan_options *opt,
	const char **simulator, struct err *err)
{
	p->fps = opt->fps;
	p->stepped = opt->stepped;
	p->loop = opt->loop;
	p->budget_ms = opt->budget_ms;
	p->all_symbologies = opt->all_symbologies;
	if (opt->fps < 0 || opt->fps > 1000)
		return err_set(err, ERR_INVALID, "frames a second must be 1 to 1000");
	if (opt->budget_ms < 0 || opt->budget_ms > SCAN_BUDGET_MS_MAX)
		return err_set(err, ERR_INVALID, "a frame's budget must be 1 to %d ms",
			SCAN_BUDGET_MS_MAX);
	if (opt->camera && strlen(opt->camera) >= SCAN_CAMERA_WORDS_MAX)
		return err_set(err, ERR_INVALID, "the camera's settings are longer than %d bytes",
			SCAN_CAMERA_WORDS_MAX - 1);
	enum err_code code = find_program(p, opt->program, err);
	if (!code)
		code = copy_text(&p->record_dir, opt->record_dir, err);
	if (!code)
		code = copy_text(&p->camera, opt->camera, err);
	if (code)
		return code;
	return scan_process_set_source(p, opt->source, simulator, err);
}

/* What the first life says first. ERR_OK: HELLO, kept for the caller. */
static enum err_code first_word(struct scan_process *p, struct err *err)
{
	int64_t end = scan_real_ms() + SCAN_START_TIMEOUT_MS;
	struct scan_msg m;
	for (;;) {
		struct pollfd pfd = {.fd = p->fd, .events = POLLIN};
		int64_t left = end - scan_real_ms();
		if (left <= 0)
			return err_set(err, ERR_TIMEOUT, "the scanner does not open the source");
		if (poll(&pfd, 1, (int)left) <= 0)
			continue;
		ssize_t n = recv(p->fd, &m, sizeof m, MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return err_set(err, ERR_IO, "the scanner %s cannot be run", p->program);
		enum err_code code = scan_msg_check(&m, (size_t)n, err);
		if (code)
			return code;
		if (m.kind == SCAN_MSG_FAULT)
			return err_set(err, p->kind == SCAN_KIND_DEVICE && m.code
					? (enum err_code)m.code : ERR_INVALID, "%s", m.fault);
		if (m.kind != SCAN_MSG_HELLO)
			return err_set(err, ERR_PROTOCOL, "the scanner says no hello");
		p->hello = true;
		*scan_queue_add(p, SCAN_MSG_HELLO) = m;
		if (p->kind != SCAN_KIND_DEVICE)
			memcpy(p->head, m.fault, sizeof p->head);
		return ERR_OK;
	}
}

/* A device that does not work yet is told with the first call of scan_process_next(). */
static enum err_code begin(struct scan_process *p, struct err *err)
{
	enum err_code code = scan_life_start(p, err);
	if (!code)
		code = first_word(p, err);
	if (!scan_device_may_come(p, code))
		return code;
	if (p->pid) {
		(void)scan_reap(p->pid, false, 0); /* it has said what it had to say */
		close(p->fd);
		p->pid = 0;
		p->fd = -1;
		scan_device_drop(p);
	}
	scan_device_trouble(p, err);
	return ERR_OK;
}

enum err_code scan_process_new(struct scan_process **out, const struct scan_options *opt,
	struct err *err)
{
	const char *simulator = NULL;
	struct scan_process *p = calloc(1, sizeof *p);
	*out = NULL;
	if (!p)
		return err_set(err, ERR_NO_MEMORY, "no memory for the scanner");
	p->fd = -1;
	p->frames_fd = -1;
	p->port.fd = -1;
	p->preview_fd = -1;
	p->sim.stdin_fd = -1;
	p->sim.stderr_fd = -1;
	p->origin_ms = scan_real_ms();
	p->called_ms = p->origin_ms;
	enum err_code code = set_options(p, opt, &simulator, err);
	if (!code && simulator)
		code = scan_simulator_start(&p->sim, simulator, &p->frames_fd, err);
	if (!code)
		code = scan_preview_make(&p->ring, &p->preview_fd, err);
	if (!code)
		code = begin(p, err);
	if (code)
		scan_process_free(&p);
	*out = p;
	return code;
}

void scan_process_free(struct scan_process **p)
{
	struct scan_process *s = *p;
	if (!s)
		return;
	if (s->pid)
		(void)scan_reap(s->pid, false, 0); /* it keeps nothing that a kill could harm */
	if (s->fd >= 0)
		close(s->fd);
	scan_simulator_stop(&s->sim);
	if (s->frames_fd >= 0)
		close(s->frames_fd);
	scan_device_drop(s);
	scan_preview_unmake(&s->ring, &s->preview_fd);
	free(s->source);
	free(s->program);
	free(s->pipe_name);
	free(s->record_dir);
	free(s->camera);
	free(s);
	*p = NULL;
}

/* ---- messages ---- */

/* Takes what a message says into the books. False: it does not fit them. */
static bool take_in(struct scan_process *p, struct scan_msg *m)
{
	if (m->kind != SCAN_MSG_HELLO && m->kind != SCAN_MSG_FAULT && !p->hello)
		return false;
	if (m->at_ms > p->last_at_ms)
		p->last_at_ms = m->at_ms;
	else
		m->at_ms = p->last_at_ms; /* time never falls for the caller */
	switch ((enum scan_msg_kind)m->kind) {
	case SCAN_MSG_HELLO:
		p->hello = true;
		if (m->fault[0] && p->kind != SCAN_KIND_DEVICE) /* those have none */
			memcpy(p->head, m->fault, sizeof p->head);
		return true;
	case SCAN_MSG_FRAME:
		if (m->frame != p->frame_next || (p->stepped && !p->steps))
			return false;
		if (m->width || m->code_count || p->reader)
			scan_device_good(p);
		p->in_work = false;
		p->joined = true;
		p->lost_step_ms = INT64_MAX;
		p->frame_next++;
		p->slow_us -= p->slow_us / SLOW_FADES;
		if (p->slow_us < m->decode_us)
			p->slow_us = m->decode_us;
		if (p->steps) {
			p->steps--;
			p->messages -= SCAN_MESSAGES_A_STEP;
		}
		return true;
	case SCAN_MSG_ALIVE:
		if (!p->in_work)
			p->work_cpu_ms = p->heard_cpu_ms;
		p->in_work = m->code_count == 1;
		p->joined |= p->in_work;
		return m->frame == p->frame_next;
	case SCAN_MSG_FAULT:
		p->fatal |= m->fatal == 1;
		return true;
	case SCAN_MSG_END:
		return p->kind != SCAN_KIND_DEVICE; /* a device comes and goes and never ends */
	case SCAN_MSG_RECORD_FAULT:
		return p->record_dir != NULL;
	case SCAN_MSG_PREVIEW:
		return true;
	}
	return false;
}

/* The frames have ended: did the simulator, too, and well? */
static void on_end(struct scan_process *p)
{
	struct err err;
	if (!scan_simulator_ended_well(&p->sim, &err))
		scan_msg_set_fault(scan_queue_add(p, SCAN_MSG_FAULT), err.text);
	*scan_queue_add(p, SCAN_MSG_END) = (struct scan_msg){.version = SCAN_MSG_VERSION,
		.kind = SCAN_MSG_END,
		.frame = p->frame_next,
		.at_ms = p->last_at_ms};
	p->ended = true;
	scan_life_end(p, NULL);
}

static bool take_queued(struct scan_process *p, struct scan_msg *out)
{
	if (!p->queue_len)
		return false;
	*out = p->queue[0];
	p->queue_len--;
	memmove(p->queue, p->queue + 1, p->queue_len * sizeof p->queue[0]);
	return true;
}

enum taken {
	TAKEN_NOTHING, /* the socket is empty, or there is none */
	TAKEN_SOMETHING, /* not for the caller; look again */
	TAKEN_MESSAGE,
	TAKEN_NONSENSE
};

static bool is_old_news(struct scan_process *p, const struct scan_msg *m)
{
	return p->kind == SCAN_KIND_DEVICE && m->kind == SCAN_MSG_FAULT &&
		!scan_device_is_news(p, m);
}

/* Each fault is an event, a line in a log, and a new picture of the screen. */
static bool is_one_too_many(struct scan_process *p, const struct scan_msg *m)
{
	if (p->stepped || (m->kind != SCAN_MSG_FAULT && m->kind != SCAN_MSG_RECORD_FAULT))
		return false;
	if (p->faults_ms < p->heard_ms)
		p->faults_ms = p->heard_ms;
	if (p->faults_ms - p->heard_ms >= SCAN_FAULTS_MAX * (int64_t)SCAN_FAULTS_EVERY_MS)
		return true;
	p->faults_ms += SCAN_FAULTS_EVERY_MS;
	return false;
}

/* Messages that are fine, but no end of them: the terminal has other things to do. */
static bool talks_too_much(struct scan_process *p)
{
	p->messages += 1 - (p->heard_ms - p->messages_ms) * SCAN_MESSAGES_A_MS;
	p->messages_ms = p->heard_ms;
	if (p->messages < 0)
		p->messages = 0;
	return p->messages > SCAN_MESSAGES_MAX;
}

static enum taken take(struct scan_process *p, struct scan_msg *out, struct err *err)
{
	if (p->fd < 0)
		return TAKEN_NOTHING;
	ssize_t n = recv(p->fd, out, sizeof *out, MSG_DONTWAIT | MSG_TRUNC);
	/* A process that died with a command unread: that is told once, before what it had sent. */
	if (n < 0 && errno == ECONNRESET)
		n = recv(p->fd, out, sizeof *out, MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return TAKEN_NOTHING;
	if (n <= 0) {
		scan_life_end(p, NULL);
		return TAKEN_SOMETHING;
	}
	p->heard_ms = scan_real_ms();
	p->heard_cpu_ms = scan_cpu_ms(p->pid);
	if (talks_too_much(p)) {
		ERR_IGNORE(err_set(err, ERR_PROTOCOL, "scanner: too many messages")); /* words */
		scan_life_end(p, "it sent too many messages");
		return TAKEN_NONSENSE;
	}
	if (scan_msg_check(out, (size_t)n, err) == ERR_OK && take_in(p, out)) {
		if (out->kind == SCAN_MSG_ALIVE || is_old_news(p, out) || is_one_too_many(p, out))
			return TAKEN_SOMETHING;
		if (out->kind != SCAN_MSG_END)
			return TAKEN_MESSAGE;
		on_end(p);
		return TAKEN_SOMETHING;
	}
	if (!err->code)
		ERR_IGNORE(err_set(err, ERR_PROTOCOL, "scanner: message out of order"));
	scan_life_end(p, "it sent what is no message");
	return TAKEN_NONSENSE;
}

enum err_code scan_process_next(struct scan_process *p, struct scan_msg *out, bool *got,
	int64_t now_ms, struct err *err)
{
	struct err local = {.code = ERR_OK};
	*got = false;
	if (!err)
		err = &local;
	*err = (struct err){.code = ERR_OK};
	scan_simulator_listen(&p->sim);
	enum taken t = TAKEN_SOMETHING;
	/* Bounded: a process that chatters without end must not hold the terminal. */
	for (int i = 0; i < TAKE_MAX && t == TAKEN_SOMETHING; i++) {
		if ((*got = take_queued(p, out)))
			break;
		t = take(p, out, err);
	}
	if (t == TAKEN_NOTHING && !*got)
		scan_life_watch(p);
	p->caller_ms = now_ms;
	p->called_ms = scan_real_ms();
	if (t == TAKEN_MESSAGE)
		*got = true;
	if (t == TAKEN_NONSENSE)
		return ERR_PROTOCOL;
	if (!*got && p->ended && !p->queue_len)
		return err_set(err, ERR_CLOSED, "the source has ended");
	return ERR_OK;
}

int64_t scan_process_next_ms(const struct scan_process *p)
{
	if (p->queue_len || p->ended)
		return p->caller_ms;
	int64_t at = scan_life_watch_ms(p);
	if (at == INT64_MAX)
		return at;
	int64_t left = at - scan_real_ms();
	return p->caller_ms + (left > 0 ? left : 0);
}

/* ---- the rest ---- */

void scan_process_command(struct scan_process *p, enum scan_command_kind kind, uint32_t value)
{
	switch (kind) {
	case SCAN_CMD_STEP:
		p->steps++;
		break;
	case SCAN_CMD_PAUSE:
		p->paused = true;
		break;
	case SCAN_CMD_RESUME:
		p->paused = false;
		break;
	case SCAN_CMD_PREVIEW:
		p->preview = value == 1;
		break;
	case SCAN_CMD_STOP:
		p->ended = true;
		break;
	}
	scan_life_send(p, kind, value);
}

int scan_process_fd(const struct scan_process *p)
{
	return p->fd;
}

bool scan_process_preview(const struct scan_process *p, struct scan_preview *out)
{
	return scan_preview_read(p->ring, out);
}

unsigned scan_process_restarts(const struct scan_process *p)
{
	return p->lives ? p->lives - 1 : 0;
}

bool scan_process_lost_symbologies(const struct scan_process *p)
{
	return p->deaths >= SCAN_SYMBOLOGIES_DEATHS;
}

pid_t scan_process_pid(const struct scan_process *p)
{
	return p->pid;
}

bool scan_process_is_simulator(const struct scan_process *p)
{
	return p->kind == SCAN_KIND_PIPE && p->sim.stderr_fd >= 0;
}

bool scan_process_is_reader(const struct scan_process *p)
{
	return p->reader || strcmp(p->head, SCAN_CODES_HEAD) == 0;
}

bool scan_process_is_camera(const struct scan_process *p)
{
	return p->kind == SCAN_KIND_DEVICE && !p->reader;
}

void scan_process_tell(struct scan_process *p, const char *line, size_t len)
{
	scan_simulator_tell(&p->sim, line, len);
}
