/* SPDX-License-Identifier: Apache-2.0
 *
 * What a process gives up that looks at strangers' pictures. In this order: tie (under the
 * terminal only), start, then everything that must be opened is opened, then open. After the last
 * one there is no way to a file, a network, another process or more memory; docs/threats.md has
 * the list. A process cannot take any of it back.
 *
 *   confine.c   signals, limits, capabilities, the order
 *   sandbox.c   system calls (seccomp)
 *   landlock.c  files and networks (landlock), where the kernel has it
 */
#ifndef SCANNER_CONFINE_H
#define SCANNER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Sanitizers look at their own process when it ends or breaks (open, clone, ptrace), and reserve
 * terabytes: in such a build some denials are left out. Said on standard error, never in a plain
 * build.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SCAN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
	__has_feature(thread_sanitizer)
#define SCAN_SANITIZED 1
#endif
#endif
#ifndef SCAN_SANITIZED
#define SCAN_SANITIZED 0
#endif

#define SCAN_MEMORY_MIB 256 /* address space: libraries 60 MiB, largest frame 150 MiB */

enum scan_confine_device {
	CONFINE_NO_DEVICE,
	CONFINE_CAMERA,
	CONFINE_READER
};

struct scan_confine {
	enum scan_confine_device device; /* whose ioctl requests are allowed */
	unsigned spare_fds; /* descriptors that an opener will still send */
	bool writes;        /* a recording, or standard output that is a file */
};

/* Dies with the terminal and leaves the keyboard's signals to it. One that has gone already is
 * found by the first message.
 */
ERR_MUST_CHECK enum err_code scan_confine_tie(struct err *err);
/* Privileges, core files, memory. */
ERR_MUST_CHECK enum err_code scan_confine_start(struct err *err);
/* The rest; whatever is open now is all there will be. ERR_UNSUPPORTED: the kernel has no seccomp
 * filters; then nothing is looked at.
 */
ERR_MUST_CHECK enum err_code scan_confine_open(const struct scan_confine *c, struct err *err);

/* For the process of opener.h: nothing but opening files in one folder with these flags. */
ERR_MUST_CHECK enum err_code scan_confine_opener(int dir_fd, const char *const *names,
	size_t count, int flags, struct err *err);

/* sandbox.c. The first two are for this process and for good. */
ERR_MUST_CHECK enum err_code scan_sandbox_enter(const struct scan_confine *c, struct err *err);
ERR_MUST_CHECK enum err_code scan_sandbox_enter_opener(int flags, struct err *err);
/* Writes the filter's program for another machine ("aarch64"): only to see that it can be made. */
ERR_MUST_CHECK enum err_code scan_sandbox_write(const struct scan_confine *c, const char *machine,
	int fd, struct err *err);

/* landlock.c. ERR_OK also where the kernel has no landlock. */
ERR_MUST_CHECK enum err_code scan_landlock_nothing(struct err *err);
/* Only files in dir_fd; of symbolic links also what they lead to. */
ERR_MUST_CHECK enum err_code scan_landlock_folder(int dir_fd, const char *const *names,
	size_t count, bool writes, struct err *err);
/* What the kernel has; 0 = none. */
int scan_landlock_version(void);

#endif
