/* SPDX-License-Identifier: Apache-2.0
 *
 * init, restore, audit verify: a backend directory as a whole.
 */
#include <unistd.h>

#include "backend/admin.h"

/* The directory as a word, or as --dir before the command; not both. */
static enum err_code take_dir(
	const char **dir, const struct admin *a, const char *word, struct err *err)
{
	if (word && a->dir)
		return err_set(err, ERR_USAGE, "the directory was given twice");
	*dir = word ? word : a->dir;
	return *dir ? ERR_OK : err_set(err, ERR_USAGE, "DIR is missing");
}

static void tell_service(struct admin *a, const struct service *s)
{
	json_out_text(&a->json, "directory", s->dir);
	json_out_text(&a->json, "name", keyring_issuer_name(s->keys));
	json_out_text(&a->json, "host", keyring_issuer_host(s->keys));
	json_out_hex(&a->json, "key",
		SPAN(keyring_issuer_at(s->keys, 0)->public_key, SEC_ED25519_PUBLIC_LEN));
}

struct setup {
	const char *dir, *name, *host;
	const char *store; /* URL; NULL = in dir */
};

/* All of it or nothing. */
static enum err_code make_backend(struct service **out, const struct setup *in,
	struct admin_server *server, const struct admin *a, struct err *err)
{
	bool made_dir = access(in->dir, F_OK) != 0;
	enum err_code e = service_init_on(in->dir, in->store ? in->store : "", in->name, in->host,
		a->clock, err);

	if (e)
		return e;
	e = authority_create(in->dir, in->name, &server->server, clock_unix_s(a->clock),
		&server->not_after, err);
	if (!e)
		e = service_open(out, in->dir, a->clock, err);
	if (e)
		service_init_undo(in->dir, made_dir);
	return e;
}

enum err_code admin_init(struct admin *a, struct err *err)
{
	struct setup setup = {.name = NULL};
	const char *word = NULL;
	struct admin_server in = {.names = NULL};
	const struct arg list[] = {
		{.name = "name", .text = &setup.name},
		{.name = "host", .text = &setup.host},
		{.name = "store", .text = &setup.store},
		ADMIN_SERVER_ARGS(in),
	};
	struct args_words words = {.list = &word, .max = 1};
	struct service *s = NULL;
	enum err_code e = args_parse(
		a->argc, a->argv, list, sizeof(list) / sizeof(list[0]), &words, err);

	if (!e)
		e = take_dir(&setup.dir, a, word, err);
	if (!e)
		e = admin_text(setup.name, "--name", KEYRING_NAME_MAX - 1, err);
	if (!e)
		e = admin_text(setup.host, "--host", CODE_HOST_MAX, err);
	if (!e)
		e = admin_server_check(&in, err);
	if (e)
		return e;
	if (make_backend(&s, &setup, &in, a, err))
		return admin_setup_fault(err);
	tell_service(a, s);
	a->dir = setup.dir;
	admin_tell_authority(a, &in);
	service_close(&s);
	return ERR_OK;
}

static void tell_list(struct admin *a, const char *name, const struct service_restored_list *l)
{
	json_out_array_begin(&a->json, name);
	for (size_t i = 0; i < l->count; i++)
		if (l->item[i].name[0])
			json_out_text(&a->json, NULL, l->item[i].name);
		else
			admin_json_id(a, NULL, l->item[i].id);
	json_out_array_end(&a->json);
}

/* What must be done by hand now, by the command that does it. */
static void tell_restored(struct admin *a, const struct service_restored *r, bool all_frozen)
{
	json_out_int(&a->json, "database_until", r->until);
	tell_list(a, "terminal_enrol", &r->enrol);
	tell_list(a, "credential_renew", &r->renew);
	tell_list(a, "operator_allow", &r->allow);
	json_out_bool(&a->json, "all_credentials_frozen", all_frozen);
	json_out_bool(&a->json, "more", r->enrol.more || r->renew.more || r->allow.more);
}

/* Nothing was put back: it would only end what runs, and let nobody sign in. */
static enum err_code check_due(const char *dir, bool yes, const struct clock *clock,
	struct err *err)
{
	bool due = false;
	enum err_code e = service_restore_is_due(dir, &due, clock, err);

	if (e || due || yes)
		return e;
	return err_set(err, ERR_USAGE,
		"this backend is whole: no older database was put back. It would end what is open, "
		"withdraw unused codes and stop every operator; with --yes it does all the same");
}

enum err_code admin_restore(struct admin *a, struct err *err)
{
	static struct service_restored told; /* too large for the stack */
	const char *word = NULL, *dir = NULL;
	bool without_guard = false, yes = false;
	const struct arg list[] = {
		{.name = "without-guard", .flag = &without_guard},
		{.name = "yes", .flag = &yes},
	};
	struct args_words words = {.list = &word, .max = 1};
	struct service *s = NULL;
	enum err_code e = args_parse(a->argc, a->argv, list, 2, &words, err);

	if (!e)
		e = take_dir(&dir, a, word, err);
	if (e)
		return e;
	if (check_due(dir, yes, a->clock, err) ||
		service_restore_told(
			dir, without_guard, a->operator_name, &told, a->clock, err) ||
		service_open(&s, dir, a->clock, err))
		return admin_setup_fault(err);
	tell_service(a, s);
	tell_restored(a, &told, without_guard);
	service_close(&s);
	return ERR_OK;
}

enum err_code admin_audit_verify(struct admin *a, struct err *err)
{
	struct audit_report report = {0};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, NULL, err);

	if (!e)
		e = service_audit_verify(a->service, &report, err);
	if (e)
		return e;
	a->broken = report.bad_seq != 0 || report.words[0] != '\0';
	json_out_bool(&a->json, "good", !a->broken);
	json_out_int(&a->json, "records", report.records);
	json_out_int(&a->json, "checkpoint", report.head_seq);
	json_out_int(&a->json, "signed", report.signed_seq);
	if (report.bad_seq != 0)
		json_out_int(&a->json, "bad_record", report.bad_seq);
	if (report.words[0] != '\0')
		json_out_text(&a->json, "words", report.words);
	return ERR_OK;
}
