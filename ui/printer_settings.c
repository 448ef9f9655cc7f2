/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in [receipt] is what a printer needs.
 */
#include "ui/printer_settings.h"

#include <string.h>

#include "base/text.h"
#include "ui/escpos.h"

static enum err_code wrong(const char *path, const char *key, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "%s: [receipt] %s: %s", path, key, what);
}

static enum err_code print_read(struct printer_settings *s, const char *path, struct err *err)
{
	if (s->print[0] == '\0' || strcmp(s->print, "never") == 0)
		s->automatic = PRINTER_NEVER;
	else if (strcmp(s->print, "accepted") == 0)
		s->automatic = PRINTER_ACCEPTED;
	else if (strcmp(s->print, "all") == 0)
		s->automatic = PRINTER_ALL;
	else
		return wrong(path, "print", "there are never, accepted and all", err);
	if (s->automatic != PRINTER_NEVER && s->command[0] == '\0' && s->device[0] == '\0')
		return wrong(path, "print", "there is no printer: say command or device", err);
	return ERR_OK;
}

enum err_code printer_settings_check(struct printer_settings *s, const char *path, struct err *err)
{
	struct runner_command command;
	struct err why = {0};

	if (s->command[0] != '\0' && s->device[0] != '\0')
		return wrong(path, "device", "either command or device, not both", err);
	if (runner_command_parse(&command, s->command, NULL, &why) != ERR_OK)
		return wrong(path, "command", why.text, err);
	if (s->device[0] != '\0' && s->device[0] != '/')
		return wrong(path, "device", "a whole path, for example /dev/usb/lp0", err);
	if (s->format[0] != '\0' && strcmp(s->format, "text") != 0 &&
		strcmp(s->format, "escpos") != 0)
		return wrong(path, "format", "there are text and escpos", err);
	if (s->encoding[0] != '\0' && escpos_encoding(s->encoding) == NULL)
		return wrong(path, "encoding",
			"there are ascii, cp437, cp850, cp852, cp858, cp866, windows-1252, gb18030 "
			"and utf-8",
			err);
	if (s->language[0] != '\0' && !text_language_exists(s->language))
		return wrong(path, "language", "there are en and zh_CN", err);
	return print_read(s, path, err);
}
