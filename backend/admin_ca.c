/* SPDX-License-Identifier: Apache-2.0
 *
 * ca create, ca show, ca renew-server; and the certificates that init makes.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/admin.h"
#include "base/clock.h"

static const char *const HERE[] = {"localhost", "127.0.0.1", "::1"};

enum err_code admin_server_check(struct admin_server *in, struct err *err)
{
	struct authority_server *s = &in->server;

	if ((s->certificate == NULL) != (s->key == NULL))
		return err_set(err, ERR_USAGE, "--server-cert and --server-key go together");
	if (s->ca && !s->certificate)
		return err_set(err, ERR_USAGE, "--server-ca is for a given --server-cert");
	if (in->names && s->certificate)
		return err_set(err, ERR_USAGE,
			"--server-name is for a certificate that is made; a given one has its own");
	if (s->certificate)
		return ERR_OK;
	s->names = HERE;
	s->name_count = sizeof(HERE) / sizeof(HERE[0]);
	if (!in->names)
		return ERR_OK;
	if (strlen(in->names) >= sizeof(in->room))
		return err_set(err, ERR_USAGE, "--server-name is too long");
	memcpy(in->room, in->names, strlen(in->names) + 1);
	s->names = in->list;
	s->name_count = 0;
	for (char *at = in->room; at; s->name_count++) {
		char *comma = strchr(at, ',');

		if (s->name_count == SEC_CERT_NAMES_MAX)
			return err_set(err, ERR_USAGE, "--server-name: at most %d names",
				SEC_CERT_NAMES_MAX);
		if (comma)
			*comma++ = '\0';
		if (!sec_cert_name_is_one(at))
			return err_set(err, ERR_USAGE,
				"--server-name: '%.64s' is neither a host name nor an address", at);
		in->list[s->name_count] = at;
		at = comma;
	}
	return ERR_OK;
}

void admin_tell_authority(struct admin *a, const struct admin_server *in)
{
	struct authority_files f;

	authority_files(&f, a->dir);
	json_out_text(&a->json, "ca", f.ca);
	json_out_text(&a->json, "server", f.server);
	if (in->server.name_count) { /* of one that was made */
		json_out_array_begin(&a->json, "server_names");
		for (size_t i = 0; i < in->server.name_count; i++)
			json_out_text(&a->json, NULL, in->server.names[i]);
		json_out_array_end(&a->json);
	}
	json_out_int(&a->json, "server_not_after", in->not_after);
}

static enum err_code take(struct admin_server *in, struct admin *a, struct err *err)
{
	const struct arg list[] = {ADMIN_SERVER_ARGS(*in)};

	return args_parse(a->argc, a->argv, list, sizeof(list) / sizeof(list[0]), NULL, err);
}

/* Renewed without a word about names: those it has, or counters elsewhere would trust it no more.
 * One that was given is renewed where it came from.
 */
static enum err_code keep_names(struct admin_server *in, struct bytes *names, struct admin *a,
	struct err *err)
{
	struct authority_files f;
	struct sec_cert *old = NULL;
	enum err_code e;

	if (in->names || in->server.certificate)
		return ERR_OK;
	authority_files(&f, a->dir);
	if (access(f.server_ca, F_OK) == 0)
		return err_set(err, ERR_USAGE,
			"%s was given: renew it where it came from and give it with --server-cert "
			"and --server-key; --server-name makes one of our own instead", f.server);
	if (access(f.server, F_OK) != 0)
		return ERR_OK;
	e = sec_cert_read(&old, f.server, err);
	if (!e)
		e = sec_cert_names(names, old, err);
	sec_cert_free(&old);
	if (e)
		return err_prefix(err, "%s: say the names with --server-name", f.server);
	in->names = bytes_text(names);
	return ERR_OK;
}

enum err_code admin_ca_create(struct admin *a, struct err *err)
{
	struct admin_server in = {.names = NULL};
	enum err_code e = take(&in, a, err);

	if (!e)
		e = admin_server_check(&in, err);
	if (e)
		return e;
	if (authority_create(a->dir, keyring_issuer_name(a->service->keys), &in.server,
		    clock_unix_s(a->clock), &in.not_after, err))
		return admin_setup_fault(err);
	admin_tell_authority(a, &in);
	return ERR_OK;
}

static void tell_certificate(struct admin *a, const char *name, const char *path,
	const struct sec_cert *c)
{
	int64_t now = clock_unix_s(a->clock), not_before, not_after;

	sec_cert_times(c, &not_before, &not_after);
	json_out_begin(&a->json, name);
	json_out_text(&a->json, "file", path);
	json_out_int(&a->json, "not_after", not_after);
	json_out_int(&a->json, "days_left", not_after > now ? (not_after - now) / 86400 : 0);
	json_out_bool(&a->json, "ends_soon", ends_soon(not_after, now));
	json_out_end(&a->json);
}

/* An array, as init and ca renew-server tell it. */
static void tell_names(struct admin *a, const char *list)
{
	char name[SEC_CERT_NAME_MAX + 1];

	json_out_array_begin(&a->json, "server_names");
	for (size_t len; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, list);
		json_out_text(&a->json, NULL, name);
	}
	json_out_array_end(&a->json);
}

static enum err_code show(struct admin *a, const char *name, const char *path, struct bytes *names,
	struct err *err)
{
	struct sec_cert *c = NULL;
	enum err_code e = sec_cert_read(&c, path, err);

	if (!e)
		tell_certificate(a, name, path, c);
	if (!e && names && sec_cert_names(names, c, NULL) == ERR_OK)
		tell_names(a, bytes_text(names));
	sec_cert_free(&c);
	return e;
}

enum err_code admin_ca_show(struct admin *a, struct err *err)
{
	struct authority_files f;
	struct bytes names;
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, NULL, err);

	if (e)
		return e;
	authority_files(&f, a->dir);
	if (!a->service->authority)
		return err_set(err, ERR_NOT_FOUND,
			"there is no authority yet; `countersignd --dir %s ca create` makes it",
			a->dir);
	bytes_init(&names, SEC_PEM_MAX);
	e = show(a, "authority", f.ca, NULL, err);
	if (!e)
		e = show(a, "server", f.server, &names, err);
	if (!e && access(f.server_ca, F_OK) == 0)
		e = show(a, "server_authority", f.server_ca, NULL, err);
	bytes_done(&names);
	return e;
}

enum err_code admin_ca_renew_server(struct admin *a, struct err *err)
{
	struct admin_server in = {.names = NULL};
	char room[sizeof(in.room)];
	struct bytes names;
	enum err_code e = take(&in, a, err);

	bytes_init_fixed(&names, room, sizeof(room));
	if (!e)
		e = keep_names(&in, &names, a, err);
	if (!e)
		e = admin_server_check(&in, err);
	if (e)
		return e;
	if (authority_renew_server(
		    a->dir, &in.server, clock_unix_s(a->clock), &in.not_after, err))
		return admin_setup_fault(err);
	admin_tell_authority(a, &in);
	return ERR_OK;
}
