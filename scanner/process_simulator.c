/* SPDX-License-Identifier: Apache-2.0
 *
 * The phone-and-camera simulator beside the scanner: it draws what the scanner looks at, and reads
 * the terminal's events to know what the screen shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/process.h"

#define STOP_MS 1000 /* between asking it to end and making it */
#define END_MS 2000  /* for its end after that of its frames */

/* The environment with our folder first in PATH, so that `holder` is the one built with us. */
static char **make_environment(char *path, size_t path_cap, struct err *err)
{
	char dir[PATH_MAX];
	const char *old = getenv("PATH");
	size_t n = 0;
	if (scan_program_dir(dir, sizeof dir, err))
		return NULL;
	int len = snprintf(path, path_cap, "PATH=%s:%s", dir, old ? old : "/usr/bin:/bin");
	while (environ[n])
		n++;
	char **env = len < 0 || (size_t)len >= path_cap ? NULL : calloc(n + 2, sizeof *env);
	if (!env) {
		ERR_IGNORE(err_set(err, ERR_NO_MEMORY, "environment too large for the simulator"));
		return NULL;
	}
	size_t k = 0;
	env[k++] = path;
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], "PATH=", 5) != 0)
			env[k++] = environ[i];
	return env;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static enum err_code spawn_shell(struct scan_simulator *s, const char *command, int in, int out,
	int errors, struct err *err)
{
	char path[3 * PATH_MAX], shell[] = "/bin/sh", option[] = "-c";
	char *text = strdup(command);
	char **env = make_environment(path, sizeof path, err);
	enum err_code code = ERR_NO_MEMORY;
	if (text && env) {
		char *const argv[] = {shell, option, text, NULL};
		struct scan_spawn spawn = {.argv = argv,
			.envp = env,
			.fd = {in, out, errors, -1, -1, -1},
			.own_group = true,
			.death_signal = SIGTERM};
		code = scan_spawn(&s->pid, &spawn, err);
	}
	free(text);
	free(env);
	return code;
}

enum err_code scan_simulator_start(struct scan_simulator *s, const char *command, int *frames_fd,
	struct err *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, errors[2] = {-1, -1};
	enum err_code code;
	*s = (struct scan_simulator){.stdin_fd = -1, .stderr_fd = -1};
	*frames_fd = -1;
	/* A socket for its standard input: writing to one that has gone raises no signal. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(out, O_CLOEXEC) ||
		pipe2(errors, O_CLOEXEC))
		code = err_set_os(err, ERR_IO, errno, "cannot connect the simulator");
	else
		code = spawn_shell(s, command, in[1], out[1], errors[1], err);
	if (!code)
		code = file_set_nonblocking(errors[0], true, err);
	close_fd(&in[1]);
	close_fd(&out[1]);
	close_fd(&errors[1]);
	s->stdin_fd = in[0];
	s->stderr_fd = errors[0];
	if (!code) {
		*frames_fd = out[0];
		return ERR_OK;
	}
	close_fd(&out[0]);
	scan_simulator_stop(s);
	return code;
}

void scan_simulator_stop(struct scan_simulator *s)
{
	if (s->pid) {
		kill(-s->pid, SIGTERM);
		(void)scan_reap(s->pid, true, STOP_MS); /* however it ends */
	}
	s->pid = 0;
	close_fd(&s->stdin_fd);
	close_fd(&s->stderr_fd);
}

static void keep_words(struct scan_simulator *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			s->words_done = true;
			continue;
		}
		if (s->words_done)
			s->words_len = 0;
		s->words_done = false;
		if (s->words_len + 1 < sizeof s->words)
			s->words[s->words_len++] = text[i];
	}
	s->words[s->words_len] = '\0';
}

void scan_simulator_listen(struct scan_simulator *s)
{
	char piece[512];
	ssize_t n;
	while (s->stderr_fd >= 0 && (n = read(s->stderr_fd, piece, sizeof piece)) > 0)
		keep_words(s, piece, (size_t)n);
}

bool scan_simulator_ended_well(struct scan_simulator *s, struct err *err)
{
	if (!s->pid)
		return true;
	close_fd(&s->stdin_fd); /* tells it that nobody looks any more */
	int status = scan_reap(s->pid, true, END_MS);
	s->pid = 0;
	scan_simulator_listen(s);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status))
		ERR_IGNORE(err_set(err, ERR_IO, "the simulator ended with status %d%s%s",
			WEXITSTATUS(status), s->words_len ? ": " : "", s->words));
	else
		ERR_IGNORE(err_set(err, ERR_IO, "the simulator ended by signal %d",
			WTERMSIG(status)));
	return false;
}

/* False while bytes of an earlier line wait. */
static bool flush_rest(struct scan_simulator *s)
{
	while (s->rest_len) {
		ssize_t n = send(s->stdin_fd, s->rest, s->rest_len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			return false;
		s->rest_len -= (size_t)n;
		memmove(s->rest, s->rest + n, s->rest_len);
	}
	return true;
}

void scan_simulator_tell(struct scan_simulator *s, const char *line, size_t len)
{
	if (s->stdin_fd < 0 || len + 1 > sizeof s->rest || !flush_rest(s))
		return;
	memcpy(s->rest, line, len);
	if (len == 0 || line[len - 1] != '\n')
		s->rest[len++] = '\n';
	s->rest_len = len;
	ssize_t n = send(s->stdin_fd, s->rest, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0) /* it does not read: this line is lost whole */
		n = (ssize_t)len;
	s->rest_len = len - (size_t)n;
	memmove(s->rest, s->rest + n, s->rest_len);
}
