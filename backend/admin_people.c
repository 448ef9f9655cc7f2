/* SPDX-License-Identifier: Apache-2.0
 *
 * holder add, find, contact, account add, account unlock. A PIN comes from a file or from standard
 * input, never from the command line, where everybody on the machine could read it.
 */
#include <string.h>
#include <unistd.h>

#include "backend/admin.h"
#include "backend/service_people.h"
#include "base/file.h"

#define PIN_FILE_MAX 64
#define HOLDERS_MAX 20      /* of one telephone */
#define CREDENTIALS_MAX 100 /* of one holder */

/* After the holder: an address that is refused is refused before anything is written. */
static enum err_code add_holder(struct admin *a, uint8_t id[static CODE_ID_LEN], const char *name,
	const char *phone, const char *email, const char *language, struct err *err)
{
	enum err_code e = service_contact_check(email, language, err);

	if (!e && phone)
		e = service_phone_check(phone, err);
	if (e)
		return admin_setup_fault(err);
	e = service_holder_add(a->service, id, name, phone ? phone : "", err);
	if (!e && (email || language))
		e = service_contact_put(a->service, id, email, language, err);
	return e;
}

enum err_code admin_holder_add(struct admin *a, struct err *err)
{
	const char *name = NULL, *phone = NULL, *email = NULL, *language = NULL;
	const struct arg list[] = {
		{.name = "name", .text = &name},
		{.name = "phone", .text = &phone},
		{.name = "email", .text = &email},
		{.name = "language", .text = &language},
	};
	uint8_t id[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 4, NULL, err);

	if (!e)
		e = admin_text(name, "--name", RULES_NAME_MAX - 1, err);
	if (!e && phone)
		e = admin_text(phone, "--phone", SERVICE_PHONE_MAX - 1, err);
	if (!e)
		e = add_holder(a, id, name, phone, email, language, err);
	if (!e)
		admin_json_id(a, "holder", id);
	return e;
}

/* ---- holder find ---- */

static enum err_code tell_credentials(struct admin *a, const uint8_t holder[static CODE_ID_LEN],
	bool *more, struct err *err)
{
	uint8_t id[CODE_ID_LEN], after[CODE_ID_LEN] = {0};
	struct service_credential c;
	int told = 0;
	enum err_code e;

	json_out_array_begin(&a->json, "credentials");
	while (!(e = service_credential_after(a->service, id, holder, after, err))) {
		if (told++ == CREDENTIALS_MAX) {
			*more = true;
			break;
		}
		memcpy(after, id, sizeof(after));
		e = service_credential_show(a->service, &c, id, err);
		if (e)
			return e;
		json_out_begin(&a->json, NULL);
		admin_json_id(a, "credential", c.id);
		json_out_text(&a->json, "status", c.status);
		admin_json_id(a, "account", c.account);
		json_out_text(&a->json, "purpose", c.purpose);
		json_out_int(&a->json, "not_after", c.not_after);
		json_out_bool(&a->json, "activated", c.activated);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err_code tell_holders(struct admin *a, const struct service_find *by, struct err *err)
{
	struct service_holder h;
	bool more = false;
	int n = 0;
	enum err_code e;

	json_out_array_begin(&a->json, "holders");
	while (!(e = service_holder_find(a->service, &h, by, n, err)) && n < HOLDERS_MAX) {
		json_out_begin(&a->json, NULL);
		admin_json_id(a, "holder", h.id);
		json_out_text(&a->json, "name", h.name);
		json_out_text(&a->json, "phone", h.phone);
		json_out_int(&a->json, "created_at", h.created_at);
		e = tell_credentials(a, h.id, &more, err);
		if (e)
			return e;
		json_out_end(&a->json);
		n++;
	}
	json_out_array_end(&a->json);
	json_out_bool(&a->json, "more", more || !e);
	return e == ERR_NOT_FOUND && n > 0 ? ERR_OK : e;
}

enum err_code admin_holder_find(struct admin *a, struct err *err)
{
	const char *credential = NULL;
	struct service_find by = {.phone = NULL};
	const struct arg list[] = {
		{.name = "phone", .text = &by.phone},
		{.name = "account", .text = &by.account},
		{.name = "credential", .text = &credential},
	};
	uint8_t id[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 3, NULL, err);

	if (!e && (credential != NULL) + (by.account != NULL) + (by.phone != NULL) != 1)
		e = err_set(err, ERR_USAGE,
			"say whom: exactly one of --phone, --account and --credential");
	if (!e && credential) {
		e = admin_id(id, credential, "--credential", err);
		by.credential = id;
	}
	if (!e && by.phone)
		e = admin_text(by.phone, "--phone", SERVICE_PHONE_MAX - 1, err);
	if (!e && by.account)
		e = admin_text(by.account, "--account", SERVICE_NUMBER_MAX - 1, err);
	return e ? e : tell_holders(a, &by, err);
}

enum err_code admin_holder_contact(struct admin *a, struct err *err)
{
	const char *email = NULL, *language = NULL, *word[1] = {NULL};
	const struct arg list[] = {
		{.name = "email", .text = &email},
		{.name = "language", .text = &language},
	};
	struct args_words words = {.list = word, .max = 1};
	uint8_t id[CODE_ID_LEN];
	enum err_code e = args_parse(a->argc, a->argv, list, 2, &words, err);

	if (!e)
		e = admin_id(id, word[0], "ID", err);
	if (!e && !email && !language)
		e = err_set(err, ERR_USAGE, "say what: --email or --language");
	if (!e)
		e = service_contact_check(email, language, err);
	if (e)
		return admin_setup_fault(err);
	e = service_contact_put(a->service, id, email, language, err);
	if (!e)
		admin_json_id(a, "holder", id);
	return e;
}

static enum err_code read_stdin(struct bytes *out, struct err *err)
{
	uint8_t c;
	ssize_t n;

	while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		bytes_add_u8(out, c);
	if (n < 0)
		return err_set(err, ERR_USAGE, "cannot read the PIN from standard input");
	return ERR_OK;
}

/* Digits with at most one line end behind them. */
static enum err_code check_pin(struct bytes *pin, struct err *err)
{
	if (pin->len > 0 && pin->data[pin->len - 1] == '\n')
		pin->len--;
	if (pin->len > 0 && pin->data[pin->len - 1] == '\r')
		pin->len--;
	if (pin->full || pin->len < RULES_PIN_MIN || pin->len > RULES_PIN_MAX)
		return err_set(err, ERR_USAGE, "the PIN must have %d to %d digits", RULES_PIN_MIN,
			RULES_PIN_MAX);
	for (size_t i = 0; i < pin->len; i++)
		if (pin->data[i] < '0' || pin->data[i] > '9')
			return err_set(err, ERR_USAGE, "the PIN must be digits only");
	return ERR_OK;
}

static enum err_code take_pin(struct bytes *pin, const char *file, bool from_stdin, struct err *err)
{
	if (file && from_stdin)
		return err_set(err, ERR_USAGE, "--pin-file or --pin-stdin, not both");
	if (!file && !from_stdin)
		return ERR_OK; /* an account without a PIN */
	if (file && file_read(pin, file, true, err))
		return admin_setup_fault(err);
	if (from_stdin && read_stdin(pin, err))
		return ERR_USAGE;
	return check_pin(pin, err);
}

enum err_code admin_account_add(struct admin *a, struct err *err)
{
	const char *holder = NULL, *number = NULL, *file = NULL;
	bool from_stdin = false;
	const struct arg list[] = {
		{.name = "holder", .text = &holder},
		{.name = "number", .text = &number},
		{.name = "pin-file", .text = &file},
		{.name = "pin-stdin", .flag = &from_stdin},
	};
	uint8_t room[PIN_FILE_MAX], id[CODE_ID_LEN], holder_id[CODE_ID_LEN];
	struct bytes pin;
	enum err_code e = args_parse(a->argc, a->argv, list, 4, NULL, err);

	bytes_init_fixed(&pin, room, sizeof(room));
	if (!e)
		e = admin_id(holder_id, holder, "--holder", err);
	if (!e)
		e = admin_text(number, "--number", SERVICE_NUMBER_MAX - 1, err);
	if (!e)
		e = take_pin(&pin, file, from_stdin, err);
	if (!e)
		e = service_account_add(a->service, id, holder_id, number, bytes_span(&pin), err);
	if (!e)
		admin_json_id(a, "account", id);
	sec_wipe(room, sizeof(room));
	return e;
}

enum err_code admin_account_unlock(struct admin *a, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code e = admin_one_id(a, id, err);

	if (!e)
		e = service_account_unlock(a->service, id, err);
	if (!e)
		admin_json_id(a, "account", id);
	return e;
}
