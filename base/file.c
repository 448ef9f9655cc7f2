/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files whole.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP 4096
#define PATH_CAP  4096

static enum err_code code_of_errno(int os_errno)
{
	switch (os_errno) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERMISSION;
	case ENOMEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_IO;
	}
}

static enum err_code check_file(int fd, const char *path, unsigned refused, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set_os(err, ERR_IO, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "%s: not a regular file", path);
	if ((st.st_mode & refused & 0777) == 0)
		return ERR_OK;
	return err_set(err, ERR_PERMISSION, "%s: mode %04o lets others %s it; run: chmod %s %s",
		path, (unsigned)(st.st_mode & 07777), (refused & 044) ? "use" : "write",
		(refused & 044) ? "600" : "go-w", path);
}

/* One byte more than the limit is asked for, so that a file which is too large is noticed. */
static enum err_code read_all(struct bytes *out, int fd, const char *path, struct err *err)
{
	for (;;) {
		size_t room = out->max - out->len;
		size_t step = room < READ_STEP ? room : READ_STEP;
		uint8_t beyond = 0;
		uint8_t *at = step > 0 ? bytes_extend(out, step) : &beyond;
		if (at == NULL)
			return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
		ssize_t n = read(fd, at, step > 0 ? step : 1);
		int os_errno = errno;
		out->len -= n > 0 && step > 0 ? step - (size_t)n : step;
		if (n == 0)
			return ERR_OK;
		if (n < 0 && os_errno != EINTR)
			return err_set_os(err, ERR_IO, os_errno, "%s", path);
		if (n > 0 && step == 0)
			return err_set(
				err, ERR_TOO_LARGE, "%s: larger than %zu bytes", path, out->max);
	}
}

enum err_code file_read_unless(struct bytes *out, const char *path, unsigned mode, struct err *err)
{
	size_t len_before = out->len;

	/* O_NONBLOCK: a pipe in the place of the file must not hold the program. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_set_os(err, code_of_errno(errno), errno, "%s", path);
	enum err_code code = check_file(fd, path, mode, err);
	if (code == ERR_OK)
		code = read_all(out, fd, path, err);
	close(fd);
	if (code != ERR_OK)
		out->len = len_before;
	return code;
}

enum err_code file_read(struct bytes *out, const char *path, bool secret, struct err *err)
{
	return file_read_unless(out, path, secret ? 0077 : 0, err);
}

enum err_code file_write_all(int fd, struct span data, struct err *err)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.data, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_os(
				err, errno == EPIPE ? ERR_CLOSED : ERR_IO, errno, "write");
		if (n == 0)
			return err_set(err, ERR_IO, "write: nothing was taken");
		data.data += n;
		data.len -= (size_t)n;
	}
	return ERR_OK;
}

enum err_code file_sync_folder(const char *path, struct err *err)
{
	char folder[PATH_CAP];

	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		slash[slash == folder ? 1 : 0] = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_os(err, ERR_UNCERTAIN, errno, "%s: cannot be synced", folder);
	/* EINVAL: a file system that keeps names without being asked. */
	int result = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
	close(fd);
	if (result != 0)
		return err_set_os(err, ERR_UNCERTAIN, result, "%s: cannot be synced", folder);
	return ERR_OK;
}

static enum err_code fill_file(int fd, const char *path, struct span data, unsigned mode,
	struct err *err)
{
	if (fchmod(fd, (mode_t)mode) != 0)
		return err_set_os(err, ERR_IO, errno, "%s: cannot set its mode", path);
	enum err_code code = file_write_all(fd, data, err);
	if (code != ERR_OK) {
		ERR_IGNORE(err_prefix(err, "%s", path)); /* the code is kept */
		return code;
	}
	if (fsync(fd) != 0)
		return err_set_os(err, ERR_IO, errno, "%s: cannot be synced", path);
	return ERR_OK;
}

enum err_code file_replace(const char *path, struct span data, unsigned mode, struct err *err)
{
	char beside[PATH_CAP];
	enum err_code code;

	int n = snprintf(beside, sizeof beside, "%s.new-XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof beside)
		return err_set(err, ERR_INVALID, "file name of more than %d bytes", PATH_CAP - 12);
	int fd = mkostemp(beside, O_CLOEXEC); /* O_EXCL and mode 0600 from the start */
	if (fd < 0)
		return err_set_os(err, code_of_errno(errno), errno, "%s", path);
	code = fill_file(fd, path, data, mode, err);
	if (close(fd) != 0 && code == ERR_OK)
		code = err_set_os(err, ERR_IO, errno, "%s", path);
	if (code == ERR_OK && rename(beside, path) != 0)
		code = err_set_os(err, code_of_errno(errno), errno, "%s: cannot be replaced", path);
	if (code != ERR_OK) {
		unlink(beside);
		return code;
	}
	return file_sync_folder(path, err);
}

enum err_code file_set_nonblocking(int fd, bool on, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return err_set_os(err, ERR_IO, errno, "descriptor flags");
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	if (fcntl(fd, F_SETFL, flags) != 0)
		return err_set_os(err, ERR_IO, errno, "descriptor flags");
	return ERR_OK;
}
