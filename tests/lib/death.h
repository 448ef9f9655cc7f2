/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a call ends the program by an assertion, seen from outside.
 */
#ifndef TESTS_LIB_DEATH_H
#define TESTS_LIB_DEATH_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool dies(void (*call)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		const struct rlimit none = {0};
		int null = open("/dev/null", O_WRONLY);
		setrlimit(RLIMIT_CORE, &none);
		dup2(null, 1);
		dup2(null, 2);
		signal(SIGABRT, SIG_DFL);
		call();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
