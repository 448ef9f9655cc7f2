/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STANDARD_FDS 3
#define HIGH_FD 20 /* above all descriptors that are set up */

static void reset_signals(void)
{
	sigset_t none;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* the terminal reads signals from a descriptor */
}

/* Between fork and exec: only calls that are allowed there. */
static _Noreturn void become(const struct scan_spawn *s, pid_t parent)
{
	int high[SCAN_SPAWN_FDS];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	reset_signals();
	if (s->own_group)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, s->death_signal);
	if (getppid() != parent) /* it died before that */
		_exit(126);
	/* Up first, so that none is overwritten before it was moved. */
	for (int i = 0; i < SCAN_SPAWN_FDS; i++)
		high[i] = s->fd[i] < 0 && i >= STANDARD_FDS
			? -1 : fcntl(s->fd[i] >= 0 ? s->fd[i] : null, F_DUPFD, HIGH_FD);
	for (int i = 0; i < SCAN_SPAWN_FDS; i++) {
		if (high[i] < 0 && (s->fd[i] >= 0 || i < STANDARD_FDS))
			_exit(126);
		if (high[i] < 0)
			close(i);
		else if (dup2(high[i], i) < 0)
			_exit(126);
	}
	if (close_range(SCAN_SPAWN_FDS, ~0u, 0))
		_exit(126);
	execve(s->argv[0], s->argv, s->envp);
	_exit(errno == ENOENT ? 127 : 126);
}

enum err_code scan_spawn(pid_t *pid, const struct scan_spawn *s, struct err *err)
{
	*pid = 0;
	pid_t parent = getpid(), child = fork();
	if (child < 0)
		return err_set_os(err, ERR_IO, errno, "cannot start %s", s->argv[0]);
	if (child == 0)
		become(s, parent);
	if (s->own_group)
		setpgid(child, child); /* both do it: whoever comes first */
	*pid = child;
	return ERR_OK;
}

int scan_reap(pid_t pid, bool own_group, int timeout_ms)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int status = 0;
	for (int ms = 0; ms < timeout_ms; ms++) {
		pid_t r = waitpid(pid, &status, WNOHANG);
		if (r == pid)
			goto out;
		if (r < 0 && errno != EINTR)
			return 0;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
out:
	if (own_group)
		kill(-pid, SIGKILL); /* what it started and left behind */
	return status;
}

enum err_code scan_program_dir(char *out, size_t cap, struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", out, cap);
	if (n < 0 || (size_t)n >= cap)
		return err_set_os(err, ERR_NOT_FOUND, n < 0 ? errno : ENAMETOOLONG,
			"cannot find the folder of the running program");
	out[n] = '\0';
	char *slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
	return ERR_OK;
}
