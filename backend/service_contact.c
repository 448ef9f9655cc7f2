/* SPDX-License-Identifier: Apache-2.0
 *
 * Where and in which language a holder wants messages.
 */
#include <stdio.h>
#include <string.h>

#include "backend/rules_message.h"
#include "backend/service_shared.h"

static enum err_code take(struct store_contact *c, const char *email, const char *language,
	struct err *err)
{
	if (email && email[0] && (strlen(email) >= sizeof(c->email) || !policy_mail_address(email)))
		return err_set(err, ERR_INVALID, "%.64s is no mail address that can be used",
			email);
	if (language && language[0] && !rules_message_language(language))
		return err_set(err, ERR_INVALID, "the language must be en or zh_CN");
	if (email)
		(void)snprintf(c->email, sizeof(c->email), "%s", email);
	if (language)
		(void)snprintf(c->language, sizeof(c->language), "%s", language);
	return ERR_OK;
}

enum err_code service_contact_check(const char *email, const char *language, struct err *err)
{
	struct store_contact c;

	return take(&c, email, language, err);
}

enum err_code service_contact_put(struct service *s, const uint8_t holder[static CODE_ID_LEN],
	const char *email, const char *language, struct err *err)
{
	struct store_contact c;
	struct store_holder h;
	enum err_code e = service_contact_check(email, language, err);

	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = store_holder_get(s->store, &h, holder, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no such holder");
	if (!e)
		e = store_contact_get(s->store, &c, holder, err);
	if (!e)
		e = take(&c, email, language, err);
	if (!e)
		e = store_contact_put(s->store, &c, holder, err);
	if (!e)
		e = service_record(s, "contact-changed", NULL, NULL, 0, err);
	return service_finish(s, e, err);
}
