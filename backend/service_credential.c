/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials: issued, shown, frozen, made void, renewed.
 */
#include "backend/service_shared.h"

#include <stdio.h>
#include <string.h>

#include "backend/registration.h"
#include "backend/rules_credential.h"
#include "backend/rules_message.h"

/* ---- from the rules ---- */

/* A refusal in the words of a command. */
static enum err_code refusal(const struct rules_problem *problem, struct err *err)
{
	if (!rules_refused(problem))
		return ERR_OK;
	return err_set(err, problem->status == 404 ? ERR_NOT_FOUND : ERR_INVALID, "%s",
		problem->detail);
}

static void tell_issued(const struct rules *r, struct service_issued *out,
	struct rules_issued *from)
{
	_Static_assert(SERVICE_LINK_MAX == MESSAGE_LINK_MAX, "the same link");
	memcpy(out->id, from->id, CODE_ID_LEN);
	out->generation = from->generation;
	out->not_after = from->not_after;
	(void)snprintf(out->token, sizeof(out->token), "%s", from->token);
	(void)snprintf(out->code, sizeof(out->code), "%s", from->code);
	rules_message_link(r, out->link, from->token);
	out->token_expires_at = from->token_expires_at;
	sec_wipe(from, sizeof(*from));
}

/* ---- issue ---- */

static enum err_code check_issue(const struct service *s, struct store_credential *c,
	const struct service_issue *in, struct err *err)
{
	int64_t standard = in->is_static ? s->policy.digits_static : s->policy.digits;
	enum err_code e = service_text(c->purpose, sizeof(c->purpose),
		in->purpose[0] ? in->purpose : "payment", "the purpose", false, err);

	if (!e)
		e = service_text(c->face_value, sizeof(c->face_value), in->face_value,
			"the face value", true, err);
	if (e)
		return e;
	c->live = !in->is_static;
	c->digits = in->digits ? in->digits : (int)standard;
	if (c->digits < CODE_DIGITS_MIN || c->digits > CODE_DIGITS_MAX)
		return err_set(err, ERR_RANGE, "digits must be %d to %d", CODE_DIGITS_MIN,
			CODE_DIGITS_MAX);
	c->pin = !in->no_pin;
	c->generation = 1;
	c->created_at = clock_unix_s(s->clock);
	memcpy(c->holder, in->holder, CODE_ID_LEN);
	memcpy(c->account, in->account, CODE_ID_LEN);
	return ERR_OK;
}

static enum err_code load_parties(struct service *s, struct store_holder *h,
	struct store_account *a, const struct service_issue *in, struct err *err)
{
	enum err_code e = store_holder_get(s->store, h, in->holder, err);

	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "no such holder");
	if (!e)
		e = store_account_get(s->store, a, in->account, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, e, "no such account");
	if (!e && !span_equal(SPAN(a->holder, CODE_ID_LEN), SPAN(h->id, CODE_ID_LEN)))
		return err_set(err, ERR_INVALID, "the account is not this holder's");
	return e;
}

enum err_code service_credential_issue(struct service *s, struct service_issued *out,
	const struct service_issue *in, struct err *err)
{
	struct store_credential c = {.generation = 1};
	struct store_key key = {.generation = 1};
	struct store_holder holder;
	struct store_account account;
	const struct rules r = service_rules(s);
	struct rules_issued issued = {.generation = 0};
	struct bytes record;
	enum err_code e = check_issue(s, &c, in, err);

	memset(out, 0, sizeof(*out));
	if (!e)
		e = rules_credential_end(&r, &key.not_after, in->not_after, err);
	if (!e)
		e = sec_random(c.id, CODE_ID_LEN, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	memcpy(key.credential, c.id, CODE_ID_LEN);
	e = keyring_follow(s->keys, s->store, err);
	if (!e)
		e = load_parties(s, &holder, &account, in, err);
	bytes_init_fixed(&record, c.registration, sizeof(c.registration));
	if (!e)
		e = registration_build(&record, account.number, holder.name, holder.phone, err);
	c.registration_len = record.len;
	if (!e)
		e = store_credential_insert(s->store, &c, err);
	if (!e)
		e = rules_key_make(&r, &key, err);
	if (!e)
		e = rules_activation_make(&r, &issued, &key, err);
	if (!e)
		e = service_record(s, "issued", c.id, NULL, 0, err);
	if (!e)
		e = rules_message(
			&r, "activation", c.id, issued.token, issued.token_expires_at, err);
	e = service_finish(s, e, err);
	if (!e)
		tell_issued(&r, out, &issued);
	sec_wipe(&issued, sizeof(issued));
	return e;
}

/* ---- the others ---- */

enum err_code service_credential_renew(struct service *s, struct service_issued *out,
	const uint8_t id[static CODE_ID_LEN], int64_t not_after, struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_issued issued = {.generation = 0};
	struct rules_problem problem;
	uint8_t credential[CODE_ID_LEN];
	uint32_t end = 0;
	enum err_code e = rules_credential_end(&r, &end, not_after, err);

	memcpy(credential, id, CODE_ID_LEN); /* first: id may be a member of *out */
	memset(out, 0, sizeof(*out));
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = keyring_follow(s->keys, s->store, err);
	if (!e)
		e = rules_credential_renew(&r, &issued, &problem, credential, end, s->actor, err);
	if (!e)
		e = refusal(&problem, err);
	e = service_finish(s, e, err);
	if (!e)
		tell_issued(&r, out, &issued);
	sec_wipe(&issued, sizeof(issued));
	return e;
}

enum err_code service_credential_freeze(struct service *s, const uint8_t id[static CODE_ID_LEN],
	int64_t until, struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem;
	enum err_code e;

	if (until && until <= clock_unix_s(s->clock))
		return err_set(err, ERR_RANGE, "the end of the freeze must be later than now");
	e = store_begin(s->store, err);
	if (e)
		return e;
	e = rules_credential_freeze(&r, &problem, id, until, s->actor, err);
	if (!e)
		e = refusal(&problem, err);
	return service_finish(s, e, err);
}

enum err_code service_credential_unfreeze(struct service *s,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = rules_credential_unfreeze(&r, &problem, id, s->actor, err);
	if (!e)
		e = refusal(&problem, err);
	return service_finish(s, e, err);
}

enum err_code service_credential_void(struct service *s, const uint8_t id[static CODE_ID_LEN],
	struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = rules_credential_void(&r, &problem, id, s->actor, err);
	if (!e)
		e = refusal(&problem, err);
	return service_finish(s, e, err);
}

/* ---- show ---- */

static void show(struct service_credential *out, const struct rules_credential_seen *seen)
{
	memcpy(out->id, seen->id, CODE_ID_LEN);
	memcpy(out->holder, seen->holder, CODE_ID_LEN);
	memcpy(out->account, seen->account, CODE_ID_LEN);
	(void)snprintf(out->purpose, sizeof(out->purpose), "%s", seen->purpose);
	(void)snprintf(out->face_value, sizeof(out->face_value), "%s", seen->face_value);
	out->status = seen->status;
	out->frozen_until = seen->frozen_until;
	out->generation = seen->generation;
	out->not_after = seen->not_after;
	out->live = seen->live;
	out->digits = seen->digits;
	out->pin = seen->pin;
	out->activated = seen->activated;
	out->failures = seen->failures;
	out->freezes = seen->freezes;
}

enum err_code service_credential_show(struct service *s, struct service_credential *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_credential_seen seen;
	struct store_key key;
	struct store_holder holder;
	struct bytes text;
	enum err_code e = rules_credential_look(&r, &seen, id, err);

	memset(out, 0, sizeof(*out));
	out->status = "";
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no such credential");
	if (!e)
		e = store_key_get(s->store, &key, id, seen.generation, err);
	if (!e)
		e = store_holder_get(s->store, &holder, seen.holder, err);
	if (e)
		return e;
	show(out, &seen);
	(void)snprintf(out->holder_name, sizeof(out->holder_name), "%s", holder.name);
	bytes_init_fixed(&text, out->first_code, sizeof(out->first_code) - 1);
	e = code_text_build(&text, keyring_issuer_host(s->keys), CODE_CREDENTIAL,
		SPAN(key.static_body, CODE_STATIC_BODY_LEN));
	out->first_code[text.full ? 0 : text.len] = '\0';
	return e ? err_set(err, e, "the first code could not be written") : ERR_OK;
}
