/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs and devices of the configuration that something is given to.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "ui/check_parts.h"

void check_command(struct check *c, const char *name, const char *key,
	const struct runner_command *command)
{
	struct err err = {0};
	char todo[CHECK_TEXT_MAX];

	if (runner_command_check(command, &err) == ERR_OK) {
		check_tell(c, name, CHECK_GOOD, NULL, "%s = %s", key, command->words);
		return;
	}
	snprintf(todo, sizeof todo, _("Install that program, or change %s."), key);
	check_tell(c, name, CHECK_FAULT, todo, "%s: %s", key, err.text);
}

void check_device(struct check *c, const char *name, const char *key, const char *path)
{
	struct stat st;
	char todo[CHECK_TEXT_MAX];

	if (stat(path, &st) != 0) {
		snprintf(todo, sizeof todo, _("Plug it in and switch it on, or change %s."), key);
		check_tell(c, name, CHECK_FAULT, todo, "%s: %s", path, strerror(errno));
	} else if (!S_ISCHR(st.st_mode)) {
		snprintf(todo, sizeof todo, _("Change %s."), key);
		check_tell(c, name, CHECK_FAULT, todo, _("%s is no device"), path);
	} else if (access(path, R_OK | W_OK) != 0) {
		check_tell(c, name, CHECK_FAULT,
			_("Put this user into the group of the device, and sign in again."),
			_("%s may not be used by this user"), path);
	} else {
		check_tell(c, name, CHECK_GOOD, NULL, "%s", path);
	}
}

void check_outputs(struct check *c)
{
	(void)c;
}
