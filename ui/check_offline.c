/* SPDX-License-Identifier: Apache-2.0
 *
 * [offline]: its bounds are said, its journal can be written and is whole, and somebody has looked.
 */
#include <stdio.h>

#include "base/local.h"
#include "base/text.h"
#include "ui/check_parts.h"
#include "ui/offline.h"

/* true: there is a journal, and what is wrong with it was told. */
static bool journal_fault(struct check *c, const char *folder)
{
	struct offline_journal *j = NULL;
	struct err err = {0};
	enum err_code rc;
	bool wrong = true;

	if (!offline_journal_is_there(folder))
		return false;
	rc = offline_journal_open(&j, folder, true, &err);
	if (rc != ERR_OK)
		check_tell(c, "offline", CHECK_FAULT, _("Look at its owner and at the disk."), "%s",
			err.text);
	else if (offline_journal_damage(j)[0] != '\0')
		check_tell(c, "offline", CHECK_FAULT,
			_("A supervisor must look: countersign offline."), "%s/%s", folder,
			offline_journal_damage(j));
	else if (offline_journal_conflicts(j) > 0)
		check_tell(c, "offline", CHECK_WARNING,
			_("A supervisor must look: countersign offline."),
			ngettext("%d unconfirmed payment was not accepted afterwards",
				"%d unconfirmed payments were not accepted afterwards",
				(unsigned long)offline_journal_conflicts(j)),
			offline_journal_conflicts(j));
	else
		wrong = false;
	offline_journal_close(&j);
	return wrong;
}

void check_offline(struct check *c)
{
	const struct offline_settings *s = &c->settings.offline;
	struct offline_policy policy;
	char folder[OFFLINE_FOLDER_MAX], amount[LOCAL_AMOUNT_MAX];
	struct err err = {0};
	enum err_code rc;

	if (!c->settings_there)
		return;
	rc = offline_settings_decode(&policy, s, c->settings.path, &err);
	if (rc == ERR_OK)
		rc = offline_folder(folder, sizeof folder, s, &err);
	if (rc != ERR_OK && (policy.accept || rc == ERR_FORMAT)) {
		check_tell(c, "offline", CHECK_FAULT, _("Mend it in the configuration."), "%s",
			err.text);
		return;
	}
	if (rc == ERR_OK && journal_fault(c, folder))
		return;
	if (!policy.accept) {
		check_tell(c, "offline", CHECK_UNUSED, NULL, "%s",
			_("without the server no card is taken"));
		return;
	}
	local_amount(amount, policy.amount_max, policy.currency);
	check_tell(c, "offline", CHECK_GOOD, NULL,
		_("without the server up to %s %s is written down unconfirmed"), amount,
		policy.currency);
}
