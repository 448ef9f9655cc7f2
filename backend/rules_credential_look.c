/* SPDX-License-Identifier: Apache-2.0
 *
 * What administration and customer service may know of a credential.
 */
#include "backend/rules_credential.h"

#include <stdio.h>
#include <string.h>

#include "backend/store_people.h"

static void tell(const struct rules *r, struct rules_credential_seen *out,
	const struct store_credential *c, const struct store_key *key,
	const struct store_account *account)
{
	int64_t now = clock_unix_s(r->clock);
	const char *bar = rules_credential_bar(c, key, now);

	memcpy(out->id, c->id, CODE_ID_LEN);
	memcpy(out->holder, c->holder, CODE_ID_LEN);
	memcpy(out->account, c->account, CODE_ID_LEN);
	(void)snprintf(out->account_number, sizeof(out->account_number), "%s", account->number);
	(void)snprintf(out->purpose, sizeof(out->purpose), "%s", c->purpose);
	(void)snprintf(out->face_value, sizeof(out->face_value), "%s", c->face_value);
	out->status = bar[0] ? bar : "active";
	out->frozen_until = c->frozen_until > now ? c->frozen_until : 0;
	out->generation = (uint16_t)c->generation;
	out->not_after = key->not_after;
	out->live = c->live;
	out->digits = c->digits;
	out->pin = c->pin;
	out->pin_locked = account->pin_locked;
	out->failures = c->failures;
	out->freezes = c->freezes;
}

enum err_code rules_credential_look(const struct rules *r, struct rules_credential_seen *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_credential c;
	struct store_key key;
	struct store_account account;
	bool activated = false;
	enum err_code e = store_credential_get(r->store, &c, id, err);

	memset(out, 0, sizeof(*out));
	out->status = "";
	if (e)
		return e;
	e = store_key_get(r->store, &key, c.id, c.generation, err);
	if (!e)
		e = store_account_get(r->store, &account, c.account, err);
	if (!e)
		e = store_activation_done(r->store, &activated, c.id, c.generation, err);
	if (e == ERR_NOT_FOUND) /* what every credential has */
		return err_set(err, ERR_CORRUPT, "a credential is damaged");
	if (e)
		return e;
	tell(r, out, &c, &key, &account);
	out->activated = activated;
	return ERR_OK;
}

enum err_code rules_credentials_of(const struct rules *r,
	struct rules_credential_seen out[static RULES_CREDENTIALS_MAX], size_t *count, bool *more,
	const uint8_t holder[static CODE_ID_LEN], struct err *err)
{
	uint8_t id[CODE_ID_LEN] = {0}, next[CODE_ID_LEN];
	enum err_code e;

	*count = 0;
	*more = false;
	while ((e = store_credential_of_holder(r->store, next, holder, id, err)) == ERR_OK) {
		*more = *count == RULES_CREDENTIALS_MAX;
		if (*more)
			return ERR_OK;
		memcpy(id, next, CODE_ID_LEN);
		e = rules_credential_look(r, &out[(*count)++], id, err);
		if (e)
			return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
