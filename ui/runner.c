/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs beside the loop: one at a time, ended when they take too long.
 *
 * The text is a sealed file in memory, so nothing has to be written while the program reads; its
 * standard error is another one of a fixed size, so nothing has to be read while it writes.
 */
#include "ui/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text_safe.h"

#define STANDARD_FDS 3
#define ERRORS_MAX   4096 /* bytes of standard error; a write beyond fails */
#define DONE_TURNS   50   /* of DONE_TURN_MS: a killed process is gone long before */
#define DONE_TURN_MS 4
#define NAME_MIN     3 /* "{a}" */
#define ARGS_MAX     (RUNNER_LINE_MAX + RUNNER_LINE_MAX / NAME_MIN * RUNNER_VALUE_MAX)

extern char **environ;

void runner_init(struct runner *r, const struct runner_options *opt)
{
	ASSERT(opt->limit_ms > 0 && opt->limit_ms <= RUNNER_LIMIT_MS_MAX);
	memset(r, 0, sizeof *r);
	r->opt = *opt;
	r->words_fd = -1;
}

/* ---- files in memory ---- */

/* Never one of the first three: those are set up one after another in the child. */
static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int high;

	if (fd < 0 || fd >= STANDARD_FDS)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, STANDARD_FDS);
	close(fd);
	return high;
}

static enum err_code text_file(int *out, struct span text, struct err *err)
{
	int fd = memory_file("text");

	if (fd < 0)
		return err_set_os(err, ERR_NO_MEMORY, errno, "no memory for a program's text");
	if (file_write_all(fd, text, NULL) != ERR_OK || lseek(fd, 0, SEEK_SET) != 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) != 0) {
		close(fd);
		return err_set(err, ERR_NO_MEMORY, "no memory for a program's text");
	}
	*out = fd;
	return ERR_OK;
}

/* Without it the program runs all the same: then it has no words. */
static int errors_file(void)
{
	int fd = memory_file("errors");

	if (fd >= 0 && (ftruncate(fd, ERRORS_MAX) != 0 ||
			       fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void errors_close(struct runner *r)
{
	if (r->words_fd >= 0)
		close(r->words_fd);
	r->words_fd = -1;
}

/* The first line that says something. */
static void errors_line(char *out, size_t cap, int fd)
{
	char text[ERRORS_MAX];
	ssize_t n = fd >= 0 ? pread(fd, text, sizeof text, 0) : 0;
	size_t len = n > 0 ? strnlen(text, (size_t)n) : 0;
	size_t at = 0;
	size_t end;

	while (at < len && (text[at] == '\n' || text[at] == ' ' || text[at] == '\r'))
		at++;
	for (end = at; end < len && text[end] != '\n' && text[end] != '\r'; end++)
		;
	text_safe(out, cap, SPAN(text + at, end - at));
}

/* ---- starting ---- */

struct args {
	char text[ARGS_MAX];
	size_t len;
	char *list[RUNNER_WORDS_MAX + 1];
};

static void put(struct args *a, const char *text, size_t len)
{
	ASSERT(len <= sizeof a->text - a->len);
	memcpy(a->text + a->len, text, len);
	a->len += len;
}

/* What stands at a name in braces; NULL: no name of this job stands there. */
static const char *value_at(const struct runner_waiting *w, const char *at, size_t *len)
{
	for (int i = 0; i < RUNNER_NAMES_MAX && w->names[i] != NULL; i++) {
		size_t n = strlen(w->names[i]);

		*len = n + 2;
		if (strncmp(at + 1, w->names[i], n) == 0 && at[n + 1] == '}')
			return w->values[i];
	}
	return NULL;
}

static void word_fill(struct args *a, const struct runner_waiting *w, const char *word)
{
	while (*word != '\0') {
		size_t len = 1;
		const char *value = *word == '{' ? value_at(w, word, &len) : NULL;

		if (value == NULL)
			len = 1;
		put(a, value != NULL ? value : word, value != NULL ? strlen(value) : 1);
		word += len;
	}
	put(a, "", 1);
}

static void args_fill(struct args *a, const struct runner_waiting *w)
{
	const char *word = w->command->words;
	int i;

	a->len = 0;
	for (i = 0; i < w->command->count; i++) {
		a->list[i] = a->text + a->len;
		word_fill(a, w, word);
		word += strlen(word) + 1;
	}
	a->list[i] = NULL;
}

/* Nothing of this process but its environment: not its files, terminal, signals. */
static int spawn(pid_t *pid, char *const *args, int in, int errors)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	int rc = posix_spawnattr_init(&how);

	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_init(&files);
	if (rc != 0)
		goto out_how;
	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setflags(
		&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(&how, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(&how, &all);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY,
			0);
	if (rc == 0 && errors >= 0)
		rc = posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
	else if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(&files, STANDARD_FDS);
	if (rc == 0)
		rc = posix_spawnp(pid, args[0], &files, &how, args, environ);
	posix_spawn_file_actions_destroy(&files);
out_how:
	posix_spawnattr_destroy(&how);
	return rc;
}

/* ---- ends ---- */

static void tell(struct runner *r, uint32_t id, enum runner_ending ending, const char *words,
	const char *said)
{
	const struct runner_end end = {.id = id, .ending = ending, .words = words, .said = said};

	if (ending == RUNNER_WELL)
		log_fault_end(&r->fault, r->opt.area, "the program runs again");
	else if (ending != RUNNER_DROPPED)
		log_fault_begin(&r->fault, r->opt.area, "%s", words);
	if (r->opt.ended != NULL)
		r->opt.ended(r->opt.ctx, &end);
}

static void failed_words(char *out, size_t cap, const siginfo_t *how, const char *said)
{
	bool exited = how->si_code == CLD_EXITED;

	snprintf(out, cap, "the program %s %d%s%s",
		exited ? "failed with status" : "was ended by signal", how->si_status,
		said[0] != '\0' ? ": " : "", said);
}

static void ended(struct runner *r, const siginfo_t *how)
{
	char words[RUNNER_WORDS_OF_FAULT_MAX] = "", said[RUNNER_WORDS_OF_FAULT_MAX / 2] = "";
	enum runner_ending ending = RUNNER_WELL;

	if (r->dropped) {
		ending = RUNNER_DROPPED;
	} else if (r->too_long) {
		ending = RUNNER_TOO_LONG;
		snprintf(words, sizeof words, "the program took too long and was ended");
	} else if (how->si_code != CLD_EXITED || how->si_status != 0) {
		ending = RUNNER_FAILED;
		errors_line(said, sizeof said, r->words_fd); /* the first one */
		failed_words(words, sizeof words, how, said);
	}
	errors_close(r);
	tell(r, r->id, ending, words, said);
}

/* False while it runs. What it left behind in its session's first group ends with it: while it was
 * not reaped nobody else has its number.
 */
static bool reap(struct runner *r)
{
	siginfo_t how = {.si_pid = 0};
	int rc = waitid(P_PID, (id_t)r->pid, &how, WEXITED | WNOHANG | WNOWAIT);

	if (rc == 0 && how.si_pid == 0)
		return false;
	kill(-r->pid, SIGKILL);
	while (waitid(P_PID, (id_t)r->pid, &how, WEXITED) != 0 && errno == EINTR)
		;
	r->pid = 0;
	ended(r, &how);
	return true;
}

static void end(struct runner *r, int64_t now_ms)
{
	kill(-r->pid, r->told_to_end ? SIGKILL : SIGTERM);
	r->next_ms = now_ms + RUNNER_KILL_MS; /* SIGKILL again, for what was forked meanwhile */
	r->told_to_end = true;
}

/* ---- the queue ---- */

static struct runner_waiting take_first(struct runner *r)
{
	struct runner_waiting first = r->queue[0];

	r->count--;
	memmove(r->queue, r->queue + 1, (size_t)r->count * sizeof r->queue[0]);
	return first;
}

static void start_next(struct runner *r, int64_t now_ms)
{
	struct runner_waiting w = take_first(r);
	struct args args;
	char words[RUNNER_WORDS_OF_FAULT_MAX];
	pid_t pid = 0;
	int rc;

	args_fill(&args, &w);
	r->words_fd = errors_file();
	rc = spawn(&pid, args.list, w.text_fd, r->words_fd);
	close(w.text_fd);
	if (rc != 0) {
		errors_close(r);
		snprintf(words, sizeof words, "%.80s: %s", args.list[0], strerror(rc));
		tell(r, w.id, RUNNER_FAILED, words, "");
		return;
	}
	r->pid = pid;
	r->id = w.id;
	r->next_ms = now_ms + w.limit_ms;
	r->told_to_end = r->too_long = r->dropped = false;
}

enum err_code runner_run(struct runner *r, uint32_t *id, const struct runner_job *job,
	struct err *err)
{
	struct runner_waiting w = {.command = job->command, .limit_ms = job->limit_ms};
	enum err_code rc;

	ASSERT(runner_command_is_set(job->command));
	if (r->count == RUNNER_QUEUE_MAX)
		return err_set(err, ERR_BUSY, "%s: %d wait already", r->opt.area, r->count);
	if (job->text.len > RUNNER_TEXT_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: a text of more than %d bytes", r->opt.area,
			RUNNER_TEXT_MAX);
	for (int i = 0; i < RUNNER_NAMES_MAX && job->values[i].name != NULL; i++) {
		w.names[i] = job->values[i].name;
		if (strlen(job->values[i].value) >= RUNNER_VALUE_MAX)
			return err_set(err, ERR_TOO_LARGE, "%s: {%s} is too long", r->opt.area,
				w.names[i]);
		text_copy(w.values[i], sizeof w.values[i], job->values[i].value);
	}
	if (w.limit_ms <= 0 || w.limit_ms > RUNNER_LIMIT_MS_MAX)
		w.limit_ms = r->opt.limit_ms;
	rc = text_file(&w.text_fd, job->text, err);
	if (rc != ERR_OK)
		return rc;
	r->last_id = r->last_id == UINT32_MAX ? 1 : r->last_id + 1;
	w.id = r->last_id;
	if (id != NULL)
		*id = w.id;
	r->queue[r->count++] = w;
	return ERR_OK;
}

/* Those that wait now; what is added when they are told, waits. */
static void queue_drop(struct runner *r)
{
	for (int n = r->count; n > 0; n--) {
		struct runner_waiting w = take_first(r);

		close(w.text_fd);
		tell(r, w.id, RUNNER_DROPPED, "", "");
	}
}

void runner_drop(struct runner *r, int64_t now_ms)
{
	if (r->pid != 0 && !r->dropped) {
		r->dropped = true;
		end(r, now_ms);
	}
	queue_drop(r);
}

/* ---- the loop ---- */

void runner_tick(struct runner *r, int64_t now_ms)
{
	int starts = 0;

	if (r->pid != 0 && !reap(r) && now_ms >= r->next_ms) {
		r->too_long = true;
		end(r, now_ms);
	}
	/* Those that cannot be started at all end here; what they make their caller add waits. */
	while (r->pid == 0 && r->count > 0 && starts++ < RUNNER_QUEUE_MAX)
		start_next(r, now_ms);
}

int64_t runner_next_ms(const struct runner *r)
{
	if (r->pid != 0)
		return r->next_ms;
	return r->count > 0 ? 0 : INT64_MAX;
}

bool runner_is_busy(const struct runner *r)
{
	return r->pid != 0 || r->count > 0;
}

void runner_done(struct runner *r)
{
	const struct timespec pause = {.tv_nsec = DONE_TURN_MS * 1000000};

	if (r->opt.limit_ms == 0)
		return;
	queue_drop(r);
	if (r->pid != 0 && !r->opt.outlives) {
		r->dropped = true;
		kill(-r->pid, SIGKILL);
		for (int i = 0; i < DONE_TURNS && !reap(r); i++)
			nanosleep(&pause, NULL);
	}
	errors_close(r);
	memset(r, 0, sizeof *r);
}
