/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of its own for a test, gone afterwards.
 */
#ifndef TESTS_LIB_FOLDER_H
#define TESTS_LIB_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

static char folder_path[64];

static inline int folder_set_up(void **state)
{
	(void)state;
	snprintf(folder_path, sizeof folder_path, "/tmp/countersign-test-XXXXXX");
	return mkdtemp(folder_path) != NULL ? 0 : -1;
}

static inline int folder_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int folder_tear_down(void **state)
{
	(void)state;
	return nftw(folder_path, folder_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in the folder; four can be held at a time. */
static inline const char *in_folder(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", folder_path, name);
	return path;
}

/* Writes a file of the folder with exactly this mode; returns its path. */
static inline const char *put_file(const char *name, const void *data, size_t len, unsigned mode)
{
	const char *path = in_folder(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || fchmod(fd, (mode_t)mode) != 0)
		abort();
	close(fd);
	return path;
}

#endif
