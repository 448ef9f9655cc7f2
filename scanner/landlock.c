/* SPDX-License-Identifier: Apache-2.0
 *
 * Landlock by its system calls: the C library has no wrappers, and the headers of a Debian release
 * are older than the kernels that it may run on, so what came later is written down here.
 */
#include "scanner/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_VERSION_1 ((UINT64_C(1) << 13) - 1) /* EXECUTE to MAKE_SYM */
#define FS_REFER (UINT64_C(1) << 13)           /* version 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)        /* version 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)       /* version 5 */
#define NET_TCP UINT64_C(3)                    /* version 4: bind, connect */
#define SCOPES UINT64_C(3)                     /* version 6: abstract sockets, signals */

/* struct landlock_ruleset_attr of version 6; the kernel takes a longer one while the rest is 0. */
struct ruleset {
	uint64_t fs, net, scoped;
};

int scan_landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return v < 0 ? 0 : (int)v;
}

static uint64_t all_fs(int version)
{
	uint64_t fs = FS_VERSION_1;
	if (version >= 2)
		fs |= FS_REFER;
	if (version >= 3)
		fs |= FS_TRUNCATE;
	if (version >= 5)
		fs |= FS_IOCTL_DEV;
	/* See SCAN_SANITIZED: they read /proc/self. */
	if (SCAN_SANITIZED)
		fs &= ~(uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
	return fs;
}

/* *set = -1 where there is no landlock. */
static enum err_code make_set(int *set, int version, struct err *err)
{
	struct ruleset r = {.fs = all_fs(version)};
	if (version >= 4)
		r.net = NET_TCP;
	/* The sanitizers' own tracer signals its parent. */
	if (version >= 6 && !SCAN_SANITIZED)
		r.scoped = SCOPES;
	*set = -1;
	if (!version)
		return ERR_OK;
	*set = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
	if (*set < 0)
		return err_set_os(err, ERR_IO, errno, "cannot prepare landlock");
	return ERR_OK;
}

/* Takes over `set`. */
static enum err_code enter(int set, struct err *err)
{
	if (set < 0)
		return ERR_OK;
	long r = syscall(SYS_landlock_restrict_self, set, 0);
	int e = errno;
	close(set);
	return r ? err_set_os(err, ERR_IO, e, "cannot enter landlock") : ERR_OK;
}

enum err_code scan_landlock_nothing(struct err *err)
{
	int set;
	enum err_code code = make_set(&set, scan_landlock_version(), err);
	return code ? code : enter(set, err);
}

static bool allow(int set, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr a = {.allowed_access = access, .parent_fd = fd};
	return syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &a, 0) == 0;
}

/* A link may lead out of the folder: its target is allowed by itself, as it is now. */
static void allow_link(int set, int dir_fd, const char *name)
{
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(st.st_mode))
		return;
	int fd = openat(dir_fd, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return; /* leads nowhere: told when its turn comes */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		(void)allow(set, fd, LANDLOCK_ACCESS_FS_READ_FILE); /* else it cannot be opened */
	close(fd);
}

enum err_code scan_landlock_folder(int dir_fd, const char *const *names, size_t count,
	bool writes, struct err *err)
{
	int version = scan_landlock_version(), set;
	uint64_t access = writes ? LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
			FS_TRUNCATE
				 : LANDLOCK_ACCESS_FS_READ_FILE;
	enum err_code code = make_set(&set, version, err);
	if (code || set < 0)
		return code;
	access &= all_fs(version);
	if (access && !allow(set, dir_fd, access)) {
		code = err_set_os(err, ERR_IO, errno, "cannot prepare landlock for a folder");
		close(set);
		return code;
	}
	for (size_t i = 0; !writes && !SCAN_SANITIZED && i < count; i++)
		allow_link(set, dir_fd, names[i]);
	return enter(set, err);
}
