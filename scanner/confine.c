/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPARE_FDS_MAX 8 /* one of an opener, two of a recording */
#define SANITIZER_FDS 16

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

enum err_code scan_confine_tie(struct err *err)
{
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the terminal's to understand */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return err_set_os(err, ERR_IO, errno, "cannot be tied to the terminal's life");
	return ERR_OK;
}

static enum err_code give_up_privileges(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		(!SCAN_SANITIZED && prctl(PR_SET_DUMPABLE, 0)))
		return err_set_os(err, ERR_IO, errno, "cannot give up privileges");
	return ERR_OK;
}

enum err_code scan_confine_start(struct err *err)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file limit is a write error, told in words */
	signal(SIGCHLD, SIG_IGN); /* openers end by themselves and leave nothing behind */
	enum err_code code = give_up_privileges(err);
	if (!code)
		code = limit(RLIMIT_CORE, 0, "core files", err);
	if (!code && !SCAN_SANITIZED)
		code = limit(RLIMIT_AS, (rlim_t)SCAN_MEMORY_MIB << 20, "memory", err);
	return code;
}

/* As root a descriptor could otherwise do more than another user's. */
static enum err_code drop_capabilities(struct err *err)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{.effective = 0}};
	if (syscall(SYS_capset, &head, none))
		return err_set_os(err, ERR_IO, errno, "cannot give up capabilities");
	return ERR_OK;
}

/* No CPU limit: it adds up over a process's life, which may be months. The terminal's watchdog
 * knows how long a frame may take.
 */
static enum err_code limit_all(const struct scan_confine *c, struct err *err)
{
	/* As many as will be needed, each at the lowest free number: there are gaps. */
	int last = eventfd(0, EFD_CLOEXEC);
	int taken[SPARE_FDS_MAX];
	unsigned count = 0;
	for (; last >= 0 && count < c->spare_fds && count < SPARE_FDS_MAX; count++) {
		taken[count] = last;
		last = eventfd(0, EFD_CLOEXEC);
	}
	for (unsigned i = 0; i < count; i++)
		close(taken[i]);
	if (last < 0)
		return err_set_os(err, ERR_IO, errno, "cannot count descriptors");
	close(last);
	/* The leak sanitizer looks into /proc at the end. */
	rlim_t files = (rlim_t)last + (SCAN_SANITIZED ? SANITIZER_FDS : 0);
	enum err_code code = limit(RLIMIT_NOFILE, files, "open files", err);
	if (!code && !SCAN_SANITIZED)
		code = limit(RLIMIT_NPROC, 0, "processes", err);
	/* Sanitizers write their report to standard error, which may be a file. */
	if (!code && !c->writes && !SCAN_SANITIZED)
		code = limit(RLIMIT_FSIZE, 0, "the size of files", err);
	return code;
}

enum err_code scan_confine_open(const struct scan_confine *c, struct err *err)
{
	enum err_code code = scan_landlock_nothing(err);
	if (!code)
		code = drop_capabilities(err);
	if (!code)
		code = limit_all(c, err);
	return code ? code : scan_sandbox_enter(c, err);
}

/* Its capabilities stay: root may read any user's pictures, but only those in the folder. */
enum err_code scan_confine_opener(int dir_fd, const char *const *names, size_t count, int flags,
	struct err *err)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	enum err_code code = give_up_privileges(err);
	if (!code)
		code = scan_landlock_folder(dir_fd, names, count, writes, err);
	if (!code && !SCAN_SANITIZED)
		code = limit(RLIMIT_NPROC, 0, "processes", err);
	return code ? code : scan_sandbox_enter_opener(flags, err);
}
