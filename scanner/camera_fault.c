/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text_safe.h"
#include "scanner/camera.h"

#define PROCESSES_MAX 4096 /* looked at for the one that holds the camera */
#define FILES_MAX 1024     /* of each */

/* Does the process have the device open? */
static bool has_open(const char *pid, dev_t device)
{
	char path[64];
	bool found = false;
	int left = FILES_MAX;
	struct dirent *e;
	if (snprintf(path, sizeof path, "/proc/%.16s/fd", pid) >= (int)sizeof path)
		return false;
	DIR *dir = opendir(path);
	while (dir && !found && left-- > 0 && (e = readdir(dir))) {
		struct stat st;
		if (fstatat(dirfd(dir), e->d_name, &st, 0) == 0)
			found = S_ISCHR(st.st_mode) && st.st_rdev == device;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void name_of(char *out, size_t cap, const char *pid)
{
	char path[64], raw[32] = "", safe[32];
	snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
	FILE *in = fopen(path, "re");
	if (in) {
		size_t n = fread(raw, 1, sizeof raw - 1, in);
		raw[n > 0 && raw[n - 1] == '\n' ? n - 1 : n] = '\0';
		fclose(in);
	}
	text_safe(safe, sizeof safe, span_text(raw));
	snprintf(out, cap, "%s, process %.16s", safe[0] ? safe : "unnamed", pid);
}

bool camera_holder(char *out, size_t cap, const char *device)
{
	struct stat st;
	struct dirent *e;
	bool found = false;
	int left = PROCESSES_MAX;
	DIR *dir = stat(device, &st) || !S_ISCHR(st.st_mode) ? NULL : opendir("/proc");
	while (dir && !found && left-- > 0 && (e = readdir(dir))) {
		long pid = strtol(e->d_name, NULL, 10);
		/* The terminal has the device open because it hands it to us. */
		if (pid <= 0 || pid == getpid() || pid == getppid())
			continue;
		found = has_open(e->d_name, st.st_rdev);
		if (found)
			name_of(out, cap, e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static enum err_code is_busy(const struct camera *c, struct err *err)
{
	char who[80];
	if (!c->open_done && camera_holder(who, sizeof who, c->path))
		return err_set(err, ERR_BUSY, "%s: another program uses the camera (%s); close it",
			c->path, who);
	return err_set(err, ERR_BUSY, "%s: another program uses the camera; close it", c->path);
}

/* "video" of the device file, "" when it has none that helps. */
static void group_of(char *out, size_t cap, const char *path)
{
	struct stat st;
	struct group g, *found = NULL;
	char room[1024];
	out[0] = '\0';
	if (stat(path, &st) == 0 && (st.st_mode & 0060) == 0060 &&
		getgrgid_r(st.st_gid, &g, room, sizeof room, &found) == 0 && found)
		text_safe(out, cap, span_text(found->gr_name));
}

enum err_code camera_open_fault(const char *path, int os_errno, struct err *err)
{
	const struct camera c = {.path = path};
	char group[64];
	switch (os_errno) {
	case ENOENT:
	case ENOTDIR:
		return err_set(err, ERR_NOT_FOUND, "%s: there is no such camera; is it plugged in? "
			"`countersign devices` lists those that are", path);
	case EACCES:
	case EPERM:
		group_of(group, sizeof group, path);
		return err_set(err, ERR_PERMISSION, "%s: this user may not use the camera%s%s%s",
			path, group[0] ? "; it must be in the group " : "", group,
			group[0] ? " (and log in again)" : "");
	case ENOTTY:
	case EINVAL:
		return err_set(err, ERR_UNSUPPORTED, "%s is no camera (no V4L2 device)", path);
	default:
		return camera_fault(&c, "open", os_errno, err);
	}
}

enum err_code camera_fault(const struct camera *c, const char *call, int os_errno,
	struct err *err)
{
	switch (os_errno) {
	case ENODEV:
	case ENXIO:
		return err_set(err, ERR_CLOSED,
			"%s: the camera was unplugged; plug it in again", c->path);
	case EBUSY:
		return is_busy(c, err);
	case ENOSPC:
		return err_set(err, ERR_BUSY, "%s: not enough USB bandwidth for the camera; use "
			"another port, or a smaller size, or format=MJPG", c->path);
	case ENOMEM:
		return err_set(err, ERR_NO_MEMORY, "%s: no memory for the camera's pictures",
			c->path);
	case EACCES:
	case EPERM:
		return err_set(err, ERR_PERMISSION, "%s: the camera may not be used by this user "
			"(%s)", c->path, call);
	case EPROTO:
		return err_set(err, ERR_PROTOCOL, "%s: the camera's driver says what cannot be "
			"(%s)", c->path, call);
	default:
		ERR_IGNORE(err_set(err, ERR_IO, "%s: the camera's driver refuses %s (%s); unplug "
			"the camera and plug it in again", c->path, call, strerror(os_errno)));
		if (err)
			err->os_errno = os_errno;
		return ERR_IO;
	}
}
