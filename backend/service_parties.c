/* SPDX-License-Identifier: Apache-2.0
 *
 * Holders, accounts and terminals.
 */
#include "backend/service_shared.h"
#include "backend/store_enrol.h"

#include <stdio.h>
#include <string.h>

/* Digits, a plus sign before them, separators between them: what can be dialled. */
enum err_code service_phone_check(const char *phone, struct err *err)
{
	const char *p = phone[0] == '+' ? phone + 1 : phone;
	int digits = 0;

	for (; *p; p++) {
		bool digit = *p >= '0' && *p <= '9';

		if (!digit && !strchr(" -./()", *p))
			break;
		digits += digit;
	}
	if (!phone[0] || (*p == '\0' && digits >= SERVICE_PHONE_DIGITS_MIN &&
				 digits <= SERVICE_PHONE_DIGITS_MAX))
		return ERR_OK;
	return err_set(err, ERR_INVALID,
		"the phone number must have %d to %d digits, with + before a country code, such as"
		" +8613800130000", SERVICE_PHONE_DIGITS_MIN, SERVICE_PHONE_DIGITS_MAX);
}

enum err_code service_holder_add(struct service *s, uint8_t id[static CODE_ID_LEN],
	const char *name, const char *phone, struct err *err)
{
	struct store_holder h = {.created_at = clock_unix_s(s->clock)};
	enum err_code e = service_text(h.name, sizeof(h.name), name, "the name", false, err);

	if (!e)
		e = service_text(h.phone, sizeof(h.phone), phone, "the phone number", true, err);
	if (!e)
		e = service_phone_check(phone, err);
	if (!e)
		e = sec_random(h.id, CODE_ID_LEN, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = store_holder_insert(s->store, &h, err);
	if (!e)
		e = service_record(s, "holder-added", NULL, NULL, 0, err);
	memcpy(id, h.id, CODE_ID_LEN);
	return service_finish(s, e, err);
}

/* ---- accounts ---- */

static enum err_code hash_pin(const struct service *s, struct store_account *a, struct span pin,
	struct err *err)
{
	uint8_t peppered[SEC_KEY_LEN];
	enum err_code e;

	if (!pin.len)
		return ERR_OK;
	if (pin.len < RULES_PIN_MIN || pin.len > RULES_PIN_MAX)
		return err_set(err, ERR_RANGE, "a PIN has %d to %d digits", RULES_PIN_MIN,
			RULES_PIN_MAX);
	for (size_t i = 0; i < pin.len; i++)
		if (pin.data[i] < '0' || pin.data[i] > '9')
			return err_set(err, ERR_INVALID, "a PIN has digits only");
	e = keyring_pin_pepper(s->keys, peppered, a->id, pin);
	if (e)
		return err_set(err, e, "the PIN could not be prepared");
	e = sec_password_hash(a->pin_hash, SPAN(peppered, sizeof(peppered)), err);
	sec_wipe(peppered, sizeof(peppered));
	return e;
}

enum err_code service_account_add(struct service *s, uint8_t id[static CODE_ID_LEN],
	const uint8_t holder[static CODE_ID_LEN], const char *number, struct span pin,
	struct err *err)
{
	struct store_account a = {.created_at = clock_unix_s(s->clock)};
	struct store_holder h;
	enum err_code e = service_text(a.number, sizeof(a.number), number, "the account number",
		false, err);

	if (!e)
		e = sec_random(a.id, CODE_ID_LEN, err);
	if (!e)
		e = hash_pin(s, &a, pin, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	memcpy(a.holder, holder, CODE_ID_LEN);
	e = store_holder_get(s->store, &h, holder, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no such holder");
	if (!e)
		e = store_account_insert(s->store, &a, err);
	if (e == ERR_EXISTS)
		e = err_set(err, e, "there is an account with this number already");
	if (!e)
		e = service_record(s, "account-added", NULL, NULL, 0, err);
	memcpy(id, a.id, CODE_ID_LEN);
	return service_finish(s, e, err);
}

enum err_code service_account_unlock(struct service *s, const uint8_t account[static CODE_ID_LEN],
	struct err *err)
{
	const struct rules r = service_rules(s);
	const struct rules_act act = {
		.kind = "pin-unlocked", .account = account, .operator_mark = s->actor};
	struct store_account a;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = store_account_get(s->store, &a, account, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no such account");
	a.pin_failures = 0;
	a.pin_locked = false;
	if (!e)
		e = store_account_pin_put(s->store, &a, err);
	if (!e)
		e = rules_record(&r, &act, err);
	return service_finish(s, e, err);
}

/* ---- terminals ---- */

enum err_code service_terminal_names(char name_out[static STORE_NAME_MAX],
	char merchant_out[static STORE_NAME_MAX], const char *name, const char *merchant,
	struct err *err)
{
	const char *shown = merchant && merchant[0] ? merchant : name;
	enum err_code e =
		service_text(name_out, STORE_NAME_MAX, name, "the terminal's name", false, err);

	if (!e)
		e = service_text(merchant_out, STORE_NAME_MAX, shown, "the merchant's name", false,
			err);
	if (!e && shown == merchant && strlen(shown) > CODE_MERCHANT_MAX)
		e = err_set(err, ERR_TOO_LARGE, "the merchant's name is longer than %d bytes",
			CODE_MERCHANT_MAX);
	return e;
}

static enum err_code enrol_row(struct service *s, struct store_terminal *t, struct err *err)
{
	struct rules r = service_rules(s);
	struct store_terminal old;
	enum err_code e = store_terminal_by_name(s->store, &old, t->name, err);

	t->created_at = clock_unix_s(s->clock);
	if (!e) {
		int keys;

		memcpy(t->id, old.id, CODE_ID_LEN);
		e = store_terminal_enrol(s->store, t, err);
		if (!e)
			e = store_terminal_key_revoke(s->store, &keys, t->id, err);
		return e ? e : rules_event_terminal(&r, t->id, "enrolled", err);
	}
	if (e == ERR_NOT_FOUND)
		e = sec_random(t->id, CODE_ID_LEN, err);
	return e ? e : store_terminal_insert(s->store, t, err);
}

enum err_code service_terminal_enrol(struct service *s, struct service_terminal *out,
	const char *name, const char *merchant, struct err *err)
{
	struct store_terminal t = {.stopped = false};
	enum err_code e = service_terminal_names(t.name, t.merchant, name, merchant, err);

	memset(out, 0, sizeof(*out));
	if (!e)
		e = keyring_token_new(out->token, t.token, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = enrol_row(s, &t, err);
	if (!e)
		e = service_record(s, "terminal-enrolled", NULL, t.id, 0, err);
	memcpy(out->id, t.id, CODE_ID_LEN);
	(void)snprintf(out->issuer_name, sizeof(out->issuer_name), "%s",
		keyring_issuer_name(s->keys));
	(void)snprintf(out->issuer_host, sizeof(out->issuer_host), "%s",
		keyring_issuer_host(s->keys));
	memcpy(out->issuer_public, keyring_issuer_at(s->keys, 0)->public_key,
		SEC_ED25519_PUBLIC_LEN);
	e = service_finish(s, e, err);
	if (e)
		sec_wipe(out, sizeof(*out));
	return e;
}

enum err_code service_terminal_stop(struct service *s, const char *name, bool stop,
	struct err *err)
{
	struct rules r = service_rules(s);
	struct store_terminal t;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = store_terminal_by_name(s->store, &t, name, err);
	if (e == ERR_NOT_FOUND)
		e = err_set(err, e, "no terminal has this name");
	t.stopped = stop;
	t.wrong_row = t.static_wrong = 0;
	if (!e)
		e = store_terminal_guard_put(s->store, &t, err);
	if (!e)
		e = service_record(s, stop ? "terminal-stopped" : "terminal-started", NULL, t.id, 0,
			err);
	if (!e)
		e = rules_event_terminal(&r, t.id, stop ? "stopped" : "started", err);
	return service_finish(s, e, err);
}
