/* SPDX-License-Identifier: Apache-2.0
 *
 * Holders by what people know of them: ids are printed once, when something is added.
 */
#include <stdio.h>
#include <string.h>

#include "backend/service_people.h"
#include "backend/service_shared.h"
#include "backend/store_people.h"

/* The holder's id into h. */
static enum err_code by_account(struct service *s, struct store_holder *h, const char *number,
	struct err *err)
{
	struct store_account a;
	enum err_code e = store_account_by_number(s->store, &a, number, err);

	memcpy(h->id, a.holder, CODE_ID_LEN);
	return e;
}

static enum err_code by_credential(struct service *s, struct store_holder *h,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct service_credential c;
	enum err_code e = service_credential_show(s, &c, id, err);

	memcpy(h->id, c.holder, CODE_ID_LEN);
	return e;
}

enum err_code service_holder_find(struct service *s, struct service_holder *out,
	const struct service_find *by, int nth, struct err *err)
{
	struct store_holder h = {.created_at = 0};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	if (by->phone)
		e = store_holder_by_phone(s->store, &h, by->phone, nth, err);
	else if (nth > 0)
		e = ERR_NOT_FOUND;
	else if (by->account)
		e = by_account(s, &h, by->account, err);
	else
		e = by_credential(s, &h, by->credential, err);
	if (!e)
		e = store_holder_get(s->store, &h, h.id, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "nobody is known under this");
	if (e)
		return e;
	memcpy(out->id, h.id, CODE_ID_LEN);
	(void)snprintf(out->name, sizeof(out->name), "%s", h.name);
	(void)snprintf(out->phone, sizeof(out->phone), "%s", h.phone);
	out->created_at = h.created_at;
	return ERR_OK;
}

enum err_code service_credential_after(struct service *s, uint8_t out[static CODE_ID_LEN],
	const uint8_t holder[static CODE_ID_LEN], const uint8_t after[static CODE_ID_LEN],
	struct err *err)
{
	return store_credential_of_holder(s->store, out, holder, after, err);
}
