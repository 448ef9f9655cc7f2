/* SPDX-License-Identifier: Apache-2.0
 *
 * What tills speak at, and the shop's server that is told of verdicts.
 */
#include "base/text.h"
#include "ui/check_parts.h"
#include "ui/till_socket.h"
#include "ui/webhook.h"

static void socket_look(struct check *c)
{
	const struct settings_till *s = &c->settings.till;
	struct err err = {0};

	if (s->socket[0] == '\0') {
		check_tell(c, "till", CHECK_UNUSED, NULL, "%s", _("no socket for tills"));
		return;
	}
	switch (till_socket_check(s->socket, s->group, &err)) {
	case ERR_OK:
		check_tell(c, "till", CHECK_GOOD, NULL, "%s", s->socket);
		break;
	case ERR_BUSY:
		check_tell(c, "till", CHECK_GOOD, NULL, _("%s: a terminal listens there now"),
			s->socket);
		break;
	default:
		check_tell(c, "till", CHECK_FAULT,
			_("Make the folder for this user, or change socket and group in [till]."),
			"%s", err.text);
	}
}

static void webhook_look(struct check *c)
{
	const struct settings_till *s = &c->settings.till;
	struct err err = {0};

	if (s->webhook[0] == '\0')
		check_tell(c, "webhook", CHECK_UNUSED, NULL, "%s", _("nobody is told of verdicts"));
	else if (webhook_check(s, &err) == ERR_OK)
		check_tell(c, "webhook", CHECK_GOOD, NULL, "%s", s->webhook);
	else
		check_tell(c, "webhook", CHECK_FAULT,
			_("Look at webhook, webhook_key and webhook_ca in [till]."), "%s",
			err.text);
}

void check_till(struct check *c)
{
	if (!c->settings_there)
		return;
	socket_look(c);
	webhook_look(c);
}
