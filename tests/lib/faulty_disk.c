/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that fails on demand, for tests: loaded before the program by LD_PRELOAD. FAULTY_DISK is a
 * folder; while the file "<folder>.fault" is there, its first word says what fails for files in it:
 *
 *   readonly   every write, as after a file system was set read-only because of errors
 *   sync       every sync, with an I/O error
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define PATH_ROOM 4096

static bool fault_is(char first)
{
	char name[PATH_ROOM], got = 0;
	const char *folder = getenv("FAULTY_DISK");
	FILE *f;
	int n = folder ? snprintf(name, sizeof(name), "%s.fault", folder) : -1;

	if (n < 0 || n >= (int)sizeof(name))
		return false;
	f = fopen(name, "re");
	if (!f)
		return false;
	if (fread(&got, 1, 1, f) != 1)
		got = 0;
	(void)fclose(f);
	return got == first;
}

static bool is_inside(const char *path)
{
	const char *folder = getenv("FAULTY_DISK");

	return folder && strncmp(path, folder, strlen(folder)) == 0 &&
		path[strlen(folder)] == '/';
}

static bool is_ours(int fd)
{
	char link[64], path[PATH_ROOM];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return is_inside(path);
}

static bool refused(int fd)
{
	if (!is_ours(fd) || !fault_is('r'))
		return false;
	errno = EROFS;
	return true;
}

/* dlsym() gives a pointer to data; POSIX says that it can be one to a function. */
#define REAL(type, name, ...)                                                                      \
	type (*real)(__VA_ARGS__);                                                                 \
	void *found = dlsym(RTLD_NEXT, name);                                                      \
	memcpy(&real, &found, sizeof(real))

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
	return refused(fd) ? -1 : real(fd, data, len, at);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
	return refused(fd) ? -1 : real(fd, data, len, at);
}

ssize_t write(int fd, const void *data, size_t len)
{
	REAL(ssize_t, "write", int, const void *, size_t);
	return refused(fd) ? -1 : real(fd, data, len);
}

int ftruncate64(int fd, off64_t len)
{
	REAL(int, "ftruncate64", int, off64_t);
	return refused(fd) ? -1 : real(fd, len);
}

static int sync_one(const char *name, int fd)
{
	REAL(int, name, int);
	if (is_ours(fd) && fault_is('s')) {
		errno = EIO;
		return -1;
	}
	return real(fd);
}

int fsync(int fd)
{
	return sync_one("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_one("fdatasync", fd);
}
