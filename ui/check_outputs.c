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
#include "ui/escpos.h"

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
	} else if (!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		snprintf(todo, sizeof todo, _("Change %s."), key);
		check_tell(c, name, CHECK_FAULT, todo, _("%s is no device"), path);
	} else if (access(path, W_OK) != 0) {
		check_tell(c, name, CHECK_FAULT,
			_("Put this user into the group of the device, and sign in again."),
			_("%s may not be used by this user"), path);
	} else {
		check_tell(c, name, CHECK_GOOD, NULL, "%s", path);
	}
}

static void sound_look(struct check *c)
{
	static const char *const KEYS[SOUND_COUNT] = {
		[SOUND_ACCEPTED] = "[sound] accepted",
		[SOUND_REFUSED] = "[sound] refused",
		[SOUND_UNCERTAIN] = "[sound] uncertain",
		[SOUND_UNCONFIRMED] = "[sound] unconfirmed",
	};
	bool any = false;

	for (int i = 0; i < SOUND_COUNT; i++) {
		const struct runner_command *command = &c->settings.sound.command[i];

		if (KEYS[i] == NULL || !runner_command_is_set(command))
			continue;
		check_command(c, "sound", KEYS[i], command);
		any = true;
	}
	if (!any)
		check_tell(c, "sound", CHECK_UNUSED, NULL, "%s",
			_("the bell of the terminal is used"));
}

static void speech_look(struct check *c)
{
	if (runner_command_is_set(&c->settings.speech.command))
		check_command(c, "speech", "[speech] command", &c->settings.speech.command);
	else
		check_tell(c, "speech", CHECK_UNUSED, NULL, "%s", _("nothing is spoken"));
}

/* ---- paper and the customer's side ---- */

/* Will its characters be printed? */
static bool encoding_look(struct check *c)
{
	const struct printer_settings *s = &c->settings.receipt;
	const struct escpos_encoding *encoding = escpos_encoding(s->encoding);
	struct err err = {0};

	if (s->encoding[0] == '\0' || encoding == NULL ||
		escpos_encoding_check(encoding, &err) == ERR_OK)
		return true;
	check_tell(c, "printer", CHECK_FAULT, _("Choose another encoding in [receipt]."), "%s",
		err.text);
	return false;
}

static void printer_look(struct check *c)
{
	const struct printer_settings *s = &c->settings.receipt;
	struct runner_command command = {.count = 0};

	if (s->command[0] == '\0' && s->device[0] == '\0')
		check_tell(c, "printer", CHECK_UNUSED, NULL, "%s", _("no receipts are printed"));
	else if (!encoding_look(c))
		return;
	else if (s->device[0] != '\0')
		check_device(c, "printer", "[receipt] device", s->device);
	else if (runner_command_parse(&command, s->command, NULL, NULL) == ERR_OK)
		check_command(c, "printer", "[receipt] command", &command);
}

static void display_look(struct check *c)
{
	const char *device = c->settings.display.device;

	if (device[0] != '\0')
		check_device(c, "display", "[display] device", device);
	else
		check_tell(c, "display", CHECK_UNUSED, NULL, "%s",
			_("customers look at this screen"));
}

void check_outputs(struct check *c)
{
	if (!c->settings_there)
		return;
	printer_look(c);
	sound_look(c);
	speech_look(c);
	display_look(c);
}
