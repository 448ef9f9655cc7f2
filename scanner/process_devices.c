/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/process.h"

#define REAP_MS 2000

static enum err_code start(pid_t *pid, int *fd, const char *program, struct err *err)
{
	static char option[] = "--devices", locale[] = "LC_ALL=C";
	union { /* execve() wants char *const, and writes to none of them */
		const char *in;
		char *out;
	} path = {.in = program};
	int pair[2];
	if (access(program, X_OK))
		return err_set_os(err, ERR_NOT_FOUND, errno, "cannot start %s", program);
	if (pipe2(pair, O_CLOEXEC))
		return err_set_os(err, ERR_IO, errno, "cannot connect countersign-scanner");
	char *argv[] = {path.out, option, NULL}, *envp[] = {locale, NULL};
	const struct scan_spawn spawn = {.argv = argv,
		.envp = envp,
		.fd = {-1, pair[1], STDERR_FILENO, -1},
		.death_signal = SIGKILL};
	enum err_code code = scan_spawn(pid, &spawn, err);
	close(pair[1]);
	*fd = pair[0];
	if (code)
		close(pair[0]);
	return code;
}

/* Until the other end closes, at the latest when the time is over. */
static enum err_code read_all(struct bytes *out, int fd, struct err *err)
{
	int64_t end = scan_real_ms() + SCAN_DEVICES_MS;
	uint8_t block[4096];
	while (!out->full) {
		int64_t left = end - scan_real_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (left <= 0)
			return err_set(err, ERR_TIMEOUT, "a device does not answer");
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		ssize_t n = read(fd, block, sizeof block);
		if (n == 0)
			return ERR_OK;
		if (n < 0 && errno != EINTR)
			return err_set_os(err, ERR_IO, errno, "cannot read the list of devices");
		if (n > 0)
			bytes_add(out, block, (size_t)n);
	}
	return err_set(err, ERR_TOO_LARGE, "the list of devices is too long");
}

enum err_code scan_devices(struct bytes *out, const char *program, struct err *err)
{
	static const char name[] = "/countersign-scanner";
	char path[PATH_MAX + sizeof name];
	pid_t pid;
	int fd = -1;
	if (!program) {
		enum err_code found = scan_program_dir(path, PATH_MAX, err);
		if (found)
			return found;
		memcpy(path + strlen(path), name, sizeof name);
		program = path;
	}
	enum err_code code = start(&pid, &fd, program, err);
	if (code)
		return code;
	code = read_all(out, fd, err);
	close(fd);
	int status = scan_reap(pid, false, code ? 0 : REAP_MS);
	if (!code && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
		code = err_set(err, ERR_IO, "countersign-scanner failed");
	return code;
}
