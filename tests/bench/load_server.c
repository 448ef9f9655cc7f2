/* SPDX-License-Identifier: Apache-2.0
 *
 * countersignd as a child process, and what it costs.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define START_S 60

_Noreturn void load_fail(const char *what, const char *words)
{
	fprintf(stderr, "bench_backend: %s: %s\n", what, words);
	exit(1);
}

static int read_port(const char *path)
{
	FILE *f = fopen(path, "r");
	int port = 0;

	if (f && fscanf(f, "%d", &port) != 1)
		port = 0;
	if (f)
		(void)fclose(f);
	return port;
}

void load_command(const char *const *argv)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		load_fail(argv[0], "failed");
}

/* slow_sync.so stands beside this program. */
static void slow_down(double ms)
{
	char path[512], text[32];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *name = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;

	if (!name || (size_t)(name - path) + sizeof("/slow_sync.so") > sizeof(path))
		_exit(1);
	memcpy(name, "/slow_sync.so", sizeof("/slow_sync.so"));
	(void)snprintf(text, sizeof(text), "%.3f", ms);
	if (access(path, R_OK) || setenv("SLOW_SYNC_MS", text, 1) || setenv("LD_PRELOAD", path, 1))
		_exit(1);
}

void load_server_start(struct load_server *s, const struct load_world *w, const char *program,
	double slow_sync_ms)
{
	char port_file[LOAD_PATH_MAX + 32];
	double began = measure_now(), until = began + START_S;

	(void)snprintf(port_file, sizeof(port_file), "%s/port", w->dir);
	(void)unlink(port_file); /* of a run before */
	s->pid = fork();
	if (s->pid < 0)
		load_fail("fork", "failed");
	if (s->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		if (slow_sync_ms > 0)
			slow_down(slow_sync_ms);
		(void)execl(program, program, "--dir", w->dir, "serve", "--port", "0",
			"--port-file", port_file, "--log", "error",
			w->tls ? (char *)NULL : "--plain", (char *)NULL);
		_exit(127);
	}
	while ((s->port = read_port(port_file)) == 0) {
		struct timespec pause = {.tv_nsec = 10000000};

		if (measure_now() > until || waitpid(s->pid, NULL, WNOHANG) != 0)
			load_fail(program, "does not serve");
		(void)nanosleep(&pause, NULL);
	}
	s->start_s = measure_now() - began;
}

void load_server_stop(struct load_server *s)
{
	(void)kill(s->pid, SIGTERM);
	(void)waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

/* Nanoseconds on a processor, of each thread: finer than the ticks of getrusage(). */
double load_server_cpu_s(const struct load_server *s)
{
	char path[320];
	double sum = 0;
	DIR *tasks;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)s->pid);
	tasks = opendir(path);
	for (struct dirent *d; tasks && (d = readdir(tasks)) != NULL;) {
		double ns = 0;
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)s->pid,
			d->d_name);
		f = d->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (f && fscanf(f, "%lf", &ns) == 1)
			sum += ns / 1e9;
		if (f)
			(void)fclose(f);
	}
	if (tasks)
		(void)closedir(tasks);
	return sum;
}

double load_server_rss_kib(const struct load_server *s)
{
	return measure_memory_kib(s->pid, "VmRSS:");
}
