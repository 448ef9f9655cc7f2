/* SPDX-License-Identifier: Apache-2.0
 *
 * What this machine has: language and characters, and the folder of sales.
 */
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/check.h"
#include "ui/check_parts.h"
#include "ui/state.h"

/* ---- language ---- */

static void language_look(struct check *c)
{
	char amount[LOCAL_AMOUNT_MAX], date[LOCAL_DATE_MAX];
	const char *term = getenv("TERM");
	bool chinese = strcmp(text_language(), "zh_CN") == 0;
	/* translators: the name of this language in itself */
	const char *name = _("English");

	local_amount(amount, 123450, "EUR");
	local_date(date, time(NULL));
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		check_tell(c, "language", CHECK_FAULT,
			_("Install a UTF-8 locale (Debian: libc-bin has C.UTF-8) and set LANG."),
			_("characters are %s, not UTF-8"), nl_langinfo(CODESET));
	else if (chinese && strcmp(name, "English") == 0)
		check_tell(c, "language", CHECK_FAULT,
			"Install share/locale/zh_CN/LC_MESSAGES/countersign.mo beside the program.",
			"zh_CN is asked for, and its catalogue is not there");
	else if (chinese && term != NULL && strcmp(term, "linux") == 0)
		check_tell(c, "language", CHECK_WARNING,
			_("Use a graphical terminal, kmscon or fbterm."), "%s",
			_("the Linux console has no Chinese characters"));
	else
		check_tell(c, "language", CHECK_GOOD, NULL, _("%s, UTF-8; %s and %s"), name, amount,
			date);
}

/* ---- the folder of sales ---- */

static void sales_look(struct check *c)
{
	char folder[STATE_PATH_MAX];
	struct statvfs fs;
	struct err err = {0};
	const char *configured = c->settings_there ? c->settings.sales_folder : NULL;
	uint64_t free_mib;

	if (state_folder(folder, configured, &err) != ERR_OK) {
		check_tell(c, "sales", CHECK_FAULT,
			_("Give this user a folder that nobody else may write to."), "%s",
			err.text);
		return;
	}
	if (access(folder, W_OK | X_OK) != 0 || statvfs(folder, &fs) != 0) {
		check_tell(c, "sales", CHECK_FAULT, _("Look at its owner and at the disk."),
			"%s: %s", folder, strerror(errno));
		return;
	}
	free_mib = (uint64_t)fs.f_bavail * fs.f_frsize >> 20;
	if (free_mib < CHECK_SPACE_MIB)
		check_tell(c, "sales", CHECK_WARNING, _("Make room on the disk."),
			_("%s: %d MiB are free"), folder, (int)free_mib);
	else
		check_tell(c, "sales", CHECK_GOOD, NULL, "%s", folder);
}

void check_machine(struct check *c)
{
	language_look(c);
	sales_look(c);
}
