/* SPDX-License-Identifier: Apache-2.0
 *
 * Lives and deaths of countersign-scanner. What a death costs: of a camera or a live pipe the
 * frames of that moment; of a file nothing, it goes on behind the last frame that was answered.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scanner/confine.h"
#include "scanner/process.h"

#define ARGS_MAX 32
#define NUMBER_MAX 24
#define EXIT_WAIT_MS 200 /* a process that closed its socket is on its way out */

int64_t scan_real_ms(void)
{
	struct timespec t = {.tv_sec = 0};
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t scan_cpu_ms(pid_t pid)
{
	clockid_t id;
	struct timespec t = {.tv_sec = 0};
	if (!pid || clock_getcpuclockid(pid, &id) || clock_gettime(id, &t))
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct scan_msg *scan_queue_add(struct scan_process *p, enum scan_msg_kind kind)
{
	ASSERT(p->queue_len < SCAN_QUEUE_MAX);
	struct scan_msg *m = &p->queue[p->queue_len++];
	scan_msg_init(m, kind);
	m->frame = p->frame_next;
	m->at_ms = p->last_at_ms;
	return m;
}

/* ---- start ---- */

struct arguments {
	char *v[ARGS_MAX + 1];
	char number[5][NUMBER_MAX];
	unsigned count, numbers;
};

/* execve() wants char *const, and writes to none of them. */
static void add(struct arguments *a, const char *text)
{
	ASSERT(a->count < ARGS_MAX);
	union {
		const char *in;
		char *out;
	} u = {.in = text};
	a->v[a->count++] = u.out;
	a->v[a->count] = NULL;
}

static void add_number(struct arguments *a, const char *name, int64_t v)
{
	ASSERT(a->numbers < sizeof a->number / sizeof a->number[0]);
	char *text = a->number[a->numbers++];
	snprintf(text, NUMBER_MAX, "%lld", (long long)v);
	add(a, name);
	add(a, text);
}

static void make_arguments(const struct scan_process *p, struct arguments *a)
{
	add(a, p->program);
	add(a, "--serve");
	if (p->fps)
		add_number(a, "--fps", p->fps);
	if (p->stepped)
		add(a, "--stepped");
	if (p->loop)
		add(a, "--loop");
	add_number(a, "--first", p->frame_next);
	if (p->kind == SCAN_KIND_FILE)
		add_number(a, "--skip", p->frame_next);
	if (p->joined && p->kind == SCAN_KIND_PIPE) {
		add(a, "--joined");
		if (p->head[0]) {
			add(a, "--head");
			add(a, p->head);
		}
	}
	if (p->pipe_name) {
		add(a, "--pipe");
		add(a, p->pipe_name);
	}
	if (p->record_dir) {
		add(a, "--record");
		add(a, p->record_dir);
		add_number(a, "--origin", p->origin_ms);
		if (p->lives)
			add(a, "--record-more");
	}
	if (p->kind == SCAN_KIND_DEVICE)
		add(a, "--device-fd");
	if (p->camera) {
		add(a, "--camera");
		add(a, p->camera);
	}
	if (p->budget_ms)
		add_number(a, "--budget", p->budget_ms);
	if (p->all_symbologies)
		add(a, "--all-symbologies");
	add(a, "--preview-fd");
	add(a, "--");
	add(a, p->source);
}

/* As little as there can be; the sanitizers' options are for the builds that have them. */
static void make_environment(struct arguments *e)
{
	static const char *const kept[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS="};
	add(e, "LC_ALL=C");
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		for (char **v = environ; *v; v++)
			if (strncmp(*v, kept[i], strlen(kept[i])) == 0)
				add(e, *v);
}

static void begin_life(struct scan_process *p, int fd)
{
	p->fd = fd;
	p->hello = false;
	p->fatal = false;
	p->in_work = false;
	p->lives++;
	p->born_ms = scan_real_ms();
	p->heard_ms = p->born_ms;
	p->heard_cpu_ms = 0;
	p->slow_us = 0;
	p->messages = 0;
	p->messages_ms = p->born_ms;
	bool may_be_lost = p->lives > 1 && p->stepped && p->steps && p->kind == SCAN_KIND_PIPE;
	p->lost_step_ms = may_be_lost ? p->born_ms + SCAN_LOST_STEP_MS : INT64_MAX;
	if (p->paused)
		scan_life_send(p, SCAN_CMD_PAUSE, 0);
	if (p->preview)
		scan_life_send(p, SCAN_CMD_PREVIEW, 1);
	for (unsigned i = 0; i < p->steps; i++)
		scan_life_send(p, SCAN_CMD_STEP, 0);
}

enum err_code scan_life_start(struct scan_process *p, struct err *err)
{
	int pair[2], device;
	struct arguments argv = {.count = 0}, envp = {.count = 0};
	enum err_code code = scan_device_open(p, &device, err);
	if (code)
		return code;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		code = err_set_os(err, ERR_IO, errno, "cannot connect countersign-scanner");
		scan_device_passed(p, device);
		return code;
	}
	make_arguments(p, &argv);
	make_environment(&envp);
	struct scan_spawn spawn = {.argv = argv.v,
		.envp = envp.v,
		/* On a terminal the screen is drawn: what libraries print must not go there. */
		.fd = {p->frames_fd, -1, isatty(STDERR_FILENO) ? -1 : STDERR_FILENO, pair[1],
			device, p->preview_fd},
		.death_signal = SIGKILL};
	code = scan_spawn(&p->pid, &spawn, err);
	close(pair[1]);
	scan_device_passed(p, device);
	if (code)
		close(pair[0]);
	else
		begin_life(p, pair[0]);
	return code;
}

void scan_life_send(struct scan_process *p, enum scan_command_kind kind, uint32_t value)
{
	struct scan_command c = {.version = SCAN_MSG_VERSION, .kind = kind, .value = value};
	ssize_t n;
	if (p->fd < 0)
		return; /* the next life is told when it begins */
	do {
		n = send(p->fd, &c, sizeof c, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	/* A process that has gone or reads no commands is found by reading and by the watchdog. */
}

/* ---- end ---- */

/* The frame in work is given up: it is answered here, without codes. */
static void answer_frame(struct scan_process *p, const char *why)
{
	scan_msg_set_fault(scan_queue_add(p, SCAN_MSG_FAULT), why);
	(void)scan_queue_add(p, SCAN_MSG_FRAME);
	p->frame_next++;
	if (p->steps)
		p->steps--;
}

static void settle_frame(struct scan_process *p)
{
	if (!p->in_work)
		return;
	p->in_work = false;
	if (p->kind == SCAN_KIND_FILE) {
		p->died_count = p->died_frame == p->frame_next ? p->died_count + 1 : 1;
		p->died_frame = p->frame_next;
		if (p->died_count >= SCAN_SAME_FRAME_DEATHS)
			answer_frame(p, "a frame that ended the scanner twice was passed over");
	} else if (p->stepped) {
		answer_frame(p, "the frame that the scanner was looking at is lost");
	} else {
		p->frame_next++;
	}
}

static void end_source(struct scan_process *p, const char *words)
{
	if (words) {
		struct scan_msg *m = scan_queue_add(p, SCAN_MSG_FAULT);
		m->fatal = 1;
		scan_msg_set_fault(m, words);
	}
	p->ended = true;
}

static void plan_restart(struct scan_process *p)
{
	int64_t now = scan_real_ms();
	int64_t max = p->kind == SCAN_KIND_DEVICE ? SCAN_DEVICE_RETRY_MAX_MS : SCAN_RESTART_MAX_MS;
	if (now - p->born_ms >= SCAN_RESTART_MAX_MS || !p->pause_ms)
		p->pause_ms = SCAN_RESTART_MIN_MS;
	else
		p->pause_ms = p->pause_ms * 2 < max ? p->pause_ms * 2 : max;
	p->restart_ms = now + p->pause_ms;
}

/* The reader of other codes is the only part that is not ours; it must not cost the QR codes. */
static bool drops_symbologies(struct scan_process *p)
{
	int64_t now = scan_real_ms();
	if (!p->all_symbologies)
		return false;
	if (!p->deaths || now - p->deaths_ms >= SCAN_SYMBOLOGIES_MS) {
		p->deaths = 0;
		p->deaths_ms = now;
	}
	if (++p->deaths < SCAN_SYMBOLOGIES_DEATHS)
		return false;
	p->all_symbologies = false;
	return true;
}

static void say_death(struct scan_process *p, int status, const char *why)
{
	char how[SCAN_FAULT_MAX / 2], words[SCAN_FAULT_MAX];
	if (why)
		snprintf(how, sizeof how, "%s", why);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(how, sizeof how, "it tried what it may not do");
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof how, "it ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof how, "it ended with status %d", WEXITSTATUS(status));
	snprintf(words, sizeof words, "the scanner was restarted: %s%s", how, drops_symbologies(p)
		? "; this happened too often, so codes other than QR are no longer read" : "");
	scan_msg_set_fault(scan_queue_add(p, SCAN_MSG_FAULT), words);
}

void scan_life_end(struct scan_process *p, const char *why)
{
	int status = scan_reap(p->pid, false, why ? 0 : EXIT_WAIT_MS);
	close(p->fd);
	p->fd = -1;
	p->pid = 0;
	p->joined = true;
	if (p->ended)
		return;
	if (p->fatal && p->kind != SCAN_KIND_DEVICE) {
		p->ended = true;
		return;
	}
	p->failed_starts = p->hello ? 0 : p->failed_starts + 1;
	if (p->failed_starts >= SCAN_START_FAILURES && p->kind != SCAN_KIND_DEVICE) {
		end_source(p, "the scanner ends again and again before it has opened the source");
		return;
	}
	if (p->fatal) /* its own words were told */
		scan_device_drop(p);
	else
		say_death(p, status, why);
	settle_frame(p);
	plan_restart(p);
}

/* ---- watch ---- */

/* Longer where a frame may take longer: opening a source loads libraries and asks a driver, the
 * first frame meets cold caches, an operator may give more time to a frame, a machine may be slow,
 * and sanitizers cost their share.
 */
static int64_t frame_timeout_ms(const struct scan_process *p)
{
	int64_t ms = SCAN_FRAME_TIMEOUT_MS;
	if (ms < SCAN_TIMEOUT_BUDGETS * (int64_t)p->budget_ms)
		ms = SCAN_TIMEOUT_BUDGETS * (int64_t)p->budget_ms;
	int64_t slow = SCAN_TIMEOUT_BUDGETS * (int64_t)p->slow_us / 1000;
	if (slow > SCAN_FRAME_TIMEOUT_MAX_MS)
		slow = SCAN_FRAME_TIMEOUT_MAX_MS;
	if (ms < slow)
		ms = slow;
	if (!p->hello || !p->slow_us)
		ms += SCAN_OPEN_TIMEOUT_MS;
	return SCAN_SANITIZED ? ms * SCAN_SANITIZED_SLOWER : ms;
}

/* Does not hang: a machine may be slow, so its own CPU time counts before the time on the wall. */
static bool hangs(struct scan_process *p, int64_t now)
{
	int64_t max = frame_timeout_ms(p), total = max;
	if (p->kind == SCAN_KIND_FILE)
		total = SCAN_PICTURE_TOTAL_MS * (SCAN_SANITIZED ? SCAN_SANITIZED_SLOWER : 1);
	if (p->in_work && scan_cpu_ms(p->pid) - p->work_cpu_ms >= total)
		return true; /* however often it says that it lives */
	if (now - p->heard_ms < max)
		return false;
	return now - p->heard_ms >= SCAN_SILENCE_MAX_MS ||
		scan_cpu_ms(p->pid) - p->heard_cpu_ms >= max;
}

static void give_up_step(struct scan_process *p)
{
	(void)scan_reap(p->pid, false, 0); /* its frame count is behind from now on */
	close(p->fd);
	p->fd = -1;
	p->pid = 0;
	p->in_work = false;
	answer_frame(p, "a frame was lost when the scanner was restarted");
	p->restart_ms = scan_real_ms();
}

static void start_again(struct scan_process *p, int64_t now)
{
	struct err err = {.code = ERR_OK};
	if (!scan_life_start(p, &err))
		return;
	p->born_ms = now;
	if (p->kind == SCAN_KIND_DEVICE)
		scan_device_trouble(p, &err);
	else
		plan_restart(p); /* no memory, no processes: perhaps later */
}

void scan_life_watch(struct scan_process *p)
{
	int64_t now = scan_real_ms();
	/* The terminal itself was stopped for a while: its silence is not the scanner's. */
	if (now - p->called_ms > SCAN_STOPPED_MS && p->fd >= 0) {
		p->heard_ms = now;
		p->heard_cpu_ms = scan_cpu_ms(p->pid);
	}
	if (p->ended)
		return;
	if (p->fd < 0) {
		if (now >= p->restart_ms)
			start_again(p, now);
	} else if (hangs(p, now)) {
		scan_life_end(p, "it did not answer");
	} else if (now >= p->lost_step_ms && p->steps && !p->in_work) {
		give_up_step(p);
	}
}

int64_t scan_life_watch_ms(const struct scan_process *p)
{
	if (p->ended)
		return INT64_MAX;
	if (p->fd < 0)
		return p->restart_ms;
	int64_t now = scan_real_ms(), at = p->heard_ms + frame_timeout_ms(p);
	if (at <= now) /* silent but not hanging yet: look again soon */
		at = now + SCAN_LOOK_AGAIN_MS;
	return at < p->lost_step_ms ? at : p->lost_step_ms;
}
