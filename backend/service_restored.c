/* SPDX-License-Identifier: Apache-2.0
 *
 * After a backup was put back: what people have to do again. Collected while the log of what was
 * taken away is followed; the last word about a credential or a terminal counts.
 */
#include <stdio.h>
#include <string.h>

#include "backend/guard.h"
#include "backend/service_shared.h"
#include "backend/store_people.h"

static size_t find(const struct service_restored_list *l, const uint8_t id[static CODE_ID_LEN])
{
	size_t i = 0;

	while (i < l->count && memcmp(l->item[i].id, id, CODE_ID_LEN) != 0)
		i++;
	return i;
}

static void add(struct service_restored_list *l, const uint8_t id[static CODE_ID_LEN],
	const char *name)
{
	size_t i = find(l, id);

	if (i < l->count)
		return;
	if (i == SERVICE_RESTORED_MAX) {
		l->more = true;
		return;
	}
	l->count++;
	memcpy(l->item[i].id, id, CODE_ID_LEN);
	(void)snprintf(l->item[i].name, sizeof(l->item[i].name), "%s", name);
}

static void take_out(struct service_restored_list *l, const uint8_t id[static CODE_ID_LEN])
{
	size_t i = find(l, id);

	if (i < l->count)
		l->item[i] = l->item[--l->count];
}

void service_restored_line(struct service_restored *r, const struct guard_line *l)
{
	if (!r)
		return;
	if (l->has_credential && strcmp(l->kind, "renewed") == 0)
		add(&r->renew, l->credential, "");
	else if (l->has_credential && strcmp(l->kind, "void") == 0)
		take_out(&r->renew, l->credential);
	else if (l->has_terminal && strcmp(l->kind, "terminal-enrolled") == 0)
		add(&r->enrol, l->terminal, "");
	else if (l->has_terminal && strcmp(l->kind, "terminal-revoked") == 0)
		take_out(&r->enrol, l->terminal);
}

/* ---- what the backup itself says ---- */

static enum err_code list_activations(struct service *s, struct service_restored *r,
	struct err *err)
{
	uint8_t credential[CODE_ID_LEN], after[CODE_ID_LEN] = {0};
	int64_t now = clock_unix_s(s->clock);
	enum err_code e;

	while (!(e = store_activation_open_after(s->store, credential, after, now, err))) {
		add(&r->renew, credential, "");
		memcpy(after, credential, sizeof(after));
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err_code list_staff(struct service *s, struct service_restored *r, struct err *err)
{
	struct store_staff staff = {.name = ""};
	char after[STORE_NAME_MAX] = "";
	enum err_code e;

	while (!(e = store_staff_after(s->store, &staff, after, err))) {
		if (!staff.stopped)
			add(&r->allow, staff.id, staff.name);
		memcpy(after, staff.name, sizeof(after));
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Who could have activated since, and who could sign in. */
enum err_code service_restored_begin(struct service *s, struct service_restored *r,
	struct err *err)
{
	struct store_audit last;
	enum err_code e = r ? store_audit_last(s->store, &last, err) : ERR_OK;

	if (e || !r)
		return e;
	r->until = last.at;
	e = list_activations(s, r, err);
	return e ? e : list_staff(s, r, err);
}

/* Names for the terminals; credentials that became void meanwhile need nothing. */
enum err_code service_restored_end(struct service *s, struct service_restored *r, struct err *err)
{
	enum err_code e = ERR_OK;

	for (size_t i = 0; r && !e && i < r->enrol.count; i++) {
		struct store_terminal t;

		e = store_terminal_get(s->store, &t, r->enrol.item[i].id, err);
		(void)snprintf(r->enrol.item[i].name, sizeof(r->enrol.item[i].name), "%s", t.name);
	}
	for (size_t i = r ? r->renew.count : 0; !e && i-- > 0;) {
		struct store_credential c;

		e = store_credential_get(s->store, &c, r->renew.item[i].id, err);
		if (!e && c.is_void)
			take_out(&r->renew, c.id);
	}
	return e;
}
