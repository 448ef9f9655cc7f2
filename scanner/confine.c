/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scanner/child.h"

#define MEMORY_MAX (512ul << 20) /* address space: libraries 60 MiB, the largest frame 100 MiB */
#define FILES_SPARE 8            /* descriptors above those open: a folder's next picture */

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifndef HAVE_ASAN
#define HAVE_ASAN 0
#endif

static enum err_code limit(int what, rlim_t most, const char *name, struct err *err)
{
	struct rlimit r;
	if (getrlimit((__rlimit_resource_t)what, &r) == 0) {
		if (r.rlim_max > most)
			r.rlim_max = most;
		r.rlim_cur = r.rlim_max;
		if (setrlimit((__rlimit_resource_t)what, &r) == 0)
			return ERR_OK;
	}
	return err_set_os(err, ERR_IO, errno, "cannot limit %s", name);
}

enum err_code scan_confine_start(struct err *err)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file limit is a write error, told in words */
	signal(SIGINT, SIG_IGN);  /* Ctrl-C is the terminal's to understand */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return err_set_os(err, ERR_IO, errno, "cannot be tied to the terminal's life");
	if (getppid() == 1)
		return err_set(err, ERR_CLOSED, "the terminal has gone");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0))
		return err_set_os(err, ERR_IO, errno, "cannot give up privileges");
	enum err_code code = limit(RLIMIT_CORE, 0, "core files", err);
	if (!code && !HAVE_ASAN) /* ASan reserves terabytes */
		code = limit(RLIMIT_AS, MEMORY_MAX, "memory", err);
	return code;
}

enum err_code scan_confine_open(struct err *err)
{
	int next = dup(CHILD_SOCKET_FD); /* the lowest free number */
	if (next < 0)
		return err_set_os(err, ERR_IO, errno, "cannot count descriptors");
	close(next);
	return limit(RLIMIT_NOFILE, (rlim_t)next + FILES_SPARE, "open files", err);
}
