/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of what outlives a terminal: XDG Base Directory Specification 0.8, systemd.exec(5).
 */
#include "ui/state.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define SYSTEM_FOLDER "/var/lib/countersign"
#define OWN_NAME      "/countersign"
#define HOME_TAIL     "/.local/state/countersign"

/* False: there is no such variable, or what it says is no absolute path (XDG: then ignore it). */
static bool from_environment(char out[static STATE_PATH_MAX], const char *name, const char *tail)
{
	const char *head = getenv(name);
	int n;

	if (head == NULL || head[0] != '/')
		return false;
	/* $STATE_DIRECTORY may be several, with colons between; the first is ours. */
	n = snprintf(out, STATE_PATH_MAX, "%.*s%s", (int)strcspn(head, ":"), head, tail);
	return n > 0 && n < STATE_PATH_MAX;
}

enum err_code state_folder_name(char out[static STATE_PATH_MAX], const char *configured,
	struct err *err)
{
	if (configured != NULL && configured[0] != '\0') {
		if (configured[0] != '/' || strlen(configured) >= STATE_PATH_MAX)
			return err_set(err, ERR_INVALID,
				"the folder of the sales: a whole path, beginning with a slash");
		memcpy(out, configured, strlen(configured) + 1);
		return ERR_OK;
	}
	if (from_environment(out, "STATE_DIRECTORY", "") ||
		from_environment(out, "XDG_STATE_HOME", OWN_NAME))
		return ERR_OK;
	if (access(SYSTEM_FOLDER, W_OK | X_OK) == 0) {
		memcpy(out, SYSTEM_FOLDER, sizeof SYSTEM_FOLDER);
		return ERR_OK;
	}
	if (from_environment(out, "HOME", HOME_TAIL))
		return ERR_OK;
	return err_set(err, ERR_NOT_FOUND,
		"no folder for what is kept: neither $XDG_STATE_HOME, %s nor $HOME",
		SYSTEM_FOLDER);
}

/* mkdir(2), durable where the file system can. */
static int folder_make(const char *path)
{
	if (mkdir(path, 0700) != 0)
		return -1;
	ERR_IGNORE(file_sync_folder(path, NULL)); /* what is written there will be synced, too */
	return 0;
}

static enum err_code parents_make(const char *path, struct err *err)
{
	char part[STATE_PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		memcpy(part, path, len);
		part[len] = '\0';
		if (folder_make(part) != 0 && errno != EEXIST && access(part, X_OK) != 0)
			return err_set_os(err, ERR_IO, errno, "%s", part);
	}
	return ERR_OK;
}

enum err_code state_folder(char out[static STATE_PATH_MAX], const char *configured,
	struct err *err)
{
	struct stat st;
	enum err_code rc = state_folder_name(out, configured, err);

	if (rc == ERR_OK)
		rc = parents_make(out, err);
	if (rc != ERR_OK)
		return rc;
	if (folder_make(out) != 0 && errno != EEXIST)
		return err_set_os(err, ERR_IO, errno, "%s", out);
	if (stat(out, &st) != 0)
		return err_set_os(err, ERR_IO, errno, "%s", out);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s: is no folder", out);
	if ((st.st_mode & 0022) != 0)
		return err_set(err, ERR_PERMISSION,
			"%s: mode %04o lets others write there; run: chmod go-w %s", out,
			(unsigned)(st.st_mode & 07777), out);
	return ERR_OK;
}
