/* SPDX-License-Identifier: Apache-2.0
 *
 * operator add, passphrase, role, stop, allow, list.
 */
#include <string.h>

#include "backend/admin.h"
#include "backend/admin_secret.h"
#include "backend/service_people.h"

#define SECRET_ROOM (RULES_PASSPHRASE_MAX + 8)

static void tell(struct admin *a, const struct service_operator *o)
{
	admin_json_id(a, "operator", o->id);
	json_out_text(&a->json, "name", o->name);
	json_out_text(&a->json, "role", rules_staff_role(o->role));
	json_out_bool(&a->json, "stopped", o->stopped);
}

static enum err_code take_role(enum staff_role *out, const char *word, struct err *err)
{
	static const struct {
		const char *word;
		enum staff_role role;
	} ROLES[] = {
		{"cashier", STAFF_CASHIER},
		{"teller", STAFF_OPERATOR},
		{"operator", STAFF_OPERATOR}, /* its name before there were others */
		{"supervisor", STAFF_SUPERVISOR},
		{"admin", STAFF_ADMIN},
	};

	*out = STAFF_CASHIER;
	if (!word)
		return err_set(err, ERR_USAGE,
			"--role is missing: cashier, teller, supervisor or admin");
	for (size_t i = 0; i < sizeof(ROLES) / sizeof(ROLES[0]); i++) {
		if (strcmp(word, ROLES[i].word) != 0)
			continue;
		*out = ROLES[i].role;
		return ERR_OK;
	}
	return err_set(err, ERR_USAGE, "--role must be cashier, teller, supervisor or admin");
}

struct asked {
	const char *name, *role, *file;
	bool from_stdin;
};

static enum err_code parse(struct admin *a, struct asked *in, bool with_role, struct err *err)
{
	const struct arg list[] = {
		{.name = "passphrase-file", .text = &in->file},
		{.name = "passphrase-stdin", .flag = &in->from_stdin},
		{.name = "role", .text = &in->role},
	};
	struct args_words words = {.list = &in->name, .max = 1};
	enum err_code e = args_parse(a->argc, a->argv, list, with_role ? 3 : 2, &words, err);

	return e ? e : admin_text(in->name, "NAME", RULES_NAME_MAX - 1, err);
}

static enum err_code read_passphrase(struct bytes *out, const struct asked *in, struct err *err)
{
	const struct admin_secret from = {.what = "passphrase",
		.file = in->file,
		.from_stdin = in->from_stdin,
		.twice = true};

	return admin_secret_read(out, &from, err);
}

enum err_code admin_operator_add(struct admin *a, struct err *err)
{
	struct asked in = {.name = NULL};
	struct service_operator out;
	enum staff_role role;
	uint8_t room[SECRET_ROOM];
	struct bytes passphrase;
	enum err_code e = parse(a, &in, true, err);

	bytes_init_fixed(&passphrase, room, sizeof(room));
	if (!e)
		e = take_role(&role, in.role, err);
	if (!e)
		e = read_passphrase(&passphrase, &in, err);
	if (!e)
		e = service_operator_add(
			a->service, &out, in.name, role, bytes_span(&passphrase), err);
	if (!e)
		tell(a, &out);
	sec_wipe(room, sizeof(room));
	return e;
}

enum err_code admin_operator_passphrase(struct admin *a, struct err *err)
{
	struct asked in = {.name = NULL};
	struct service_operator out;
	uint8_t room[SECRET_ROOM];
	struct bytes passphrase;
	enum err_code e = parse(a, &in, false, err);

	bytes_init_fixed(&passphrase, room, sizeof(room));
	if (!e)
		e = read_passphrase(&passphrase, &in, err);
	if (!e)
		e = service_operator_passphrase(
			a->service, &out, in.name, bytes_span(&passphrase), err);
	if (!e)
		tell(a, &out);
	sec_wipe(room, sizeof(room));
	return e;
}

enum err_code admin_operator_role(struct admin *a, struct err *err)
{
	const char *name = NULL, *word = NULL;
	const struct arg list[] = {{.name = "role", .text = &word}};
	struct args_words words = {.list = &name, .max = 1};
	struct service_operator out;
	enum staff_role role = STAFF_CASHIER;
	enum err_code e = args_parse(a->argc, a->argv, list, 1, &words, err);

	if (!e)
		e = admin_text(name, "NAME", RULES_NAME_MAX - 1, err);
	if (!e)
		e = take_role(&role, word, err);
	if (!e)
		e = service_operator_role(a->service, &out, name, role, err);
	if (!e)
		tell(a, &out);
	return e;
}

static enum err_code set_stopped(struct admin *a, bool stop, struct err *err)
{
	const char *name = NULL;
	struct args_words words = {.list = &name, .max = 1};
	struct service_operator out;
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	if (!e)
		e = admin_text(name, "NAME", RULES_NAME_MAX - 1, err);
	if (!e)
		e = service_operator_stop(a->service, &out, name, stop, err);
	if (!e)
		tell(a, &out);
	return e;
}

enum err_code admin_operator_stop(struct admin *a, struct err *err)
{
	return set_stopped(a, true, err);
}

enum err_code admin_operator_allow(struct admin *a, struct err *err)
{
	return set_stopped(a, false, err);
}

enum err_code admin_operator_list(struct admin *a, struct err *err)
{
	struct service_operator o = {.name = ""};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, NULL, err);

	if (e)
		return e;
	json_out_array_begin(&a->json, "operators");
	while ((e = service_operator_after(a->service, &o, o.name, err)) == ERR_OK) {
		json_out_begin(&a->json, NULL);
		tell(a, &o);
		json_out_int(&a->json, "created_at", o.created_at);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
