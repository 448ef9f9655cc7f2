/* SPDX-License-Identifier: Apache-2.0
 *
 * A function of a test on a pseudo terminal of its own: a child draws and reads keys, the test is
 * the terminal.
 */
#ifndef TESTS_LIB_PTY_KIT_H
#define TESTS_LIB_PTY_KIT_H

#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 10000

static char output[262144]; /* what the child wrote */
static size_t output_len;
static int terminal = -1;
static pid_t child = -1;

static inline void start(void (*what)(void))
{
	const struct winsize size = {.ws_row = 24, .ws_col = 80};

	output_len = 0;
	output[0] = '\0';
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	fflush(NULL);
	child = forkpty(&terminal, NULL, NULL, &size);
	assert_true(child >= 0);
	if (child == 0) {
		what();
		_exit(99);
	}
}

/* Reads until the text came or, with NULL, until the child's end. */
static inline void read_until(const char *text)
{
	struct pollfd p = {.fd = terminal, .events = POLLIN};

	while (!text || !strstr(output, text)) {
		ssize_t n;

		if (poll(&p, 1, WAIT_MS) <= 0)
			fail_msg("nothing more came: %zu bytes", output_len);
		n = read(terminal, output + output_len, sizeof(output) - 1 - output_len);
		if (n <= 0)
			return;
		output_len += (size_t)n;
		output[output_len] = '\0';
	}
}

static inline void type(const char *keys)
{
	assert_int_equal(write(terminal, keys, strlen(keys)), strlen(keys));
}

static inline void assert_ended_well(void)
{
	int status = -1;

	read_until(NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(terminal);
}

static inline size_t count(char c)
{
	size_t n = 0;

	for (size_t i = 0; i < output_len; i++)
		n += output[i] == c;
	return n;
}

#endif
