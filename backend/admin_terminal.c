/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal enrol, list, revoke, stop, allow. Enrolling prints a one-time code; with --config it
 * writes the configuration file of a terminal on this machine, because the token in it is shown to
 * nobody else.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/admin.h"
#include "base/config.h"
#include "base/file.h"
#include "verifier/client_url.h"

#define CONFIG_TEXT_MAX 2048
#define LIST_MAX        1000
#define VALUE_MAX       180 /* bytes of one value: a line is at most 200 */

/* Before anything is done: what the reader of the file would not give back as it was written. */
static enum err_code check_value(const char *text, const char *what, struct err *err)
{
	uint8_t room[CONFIG_LINE_MAX + 1];
	struct bytes line;
	enum err_code e = admin_text(text, what, VALUE_MAX, err);

	bytes_init_fixed(&line, room, sizeof(room));
	if (!e && text && !config_add(&line, "language", text))
		e = err_set(err, ERR_USAGE, "%s is too long for a line of the file", what);
	return e;
}

/* The terminal's own rule, so that it does not refuse what is written here. */
static enum err_code check_url(const char *url, struct err *err)
{
	struct client_url parts;
	enum err_code e = check_value(url, "--url", err);

	if (!e && client_url_check(&parts, url, err)) {
		ERR_IGNORE(err_prefix(err, "--url")); /* the code is below */
		e = admin_setup_fault(err);
	}
	return e;
}

static enum err_code check_language(const char *word, struct err *err)
{
	if (!word || strcmp(word, "en") == 0 || strcmp(word, "zh_CN") == 0)
		return ERR_OK;
	return err_set(err, ERR_USAGE, "--language must be en or zh_CN");
}

/* Before anything is enrolled: a new token ends the old one. */
static enum err_code check_file(const char *path, bool force, struct err *err)
{
	struct stat st;

	if (!path || path[0] == '\0')
		return err_set(err, ERR_USAGE, "--config is missing");
	if (lstat(path, &st) == 0) {
		if (!force)
			return err_set(
				err, ERR_USAGE, "%s is there already; --force replaces it", path);
		if (!S_ISREG(st.st_mode))
			return err_set(err, ERR_USAGE, "%s is not a file", path);
	} else if (errno != ENOENT) {
		ERR_IGNORE(err_set_os(err, ERR_USAGE, errno, "%s", path)); /* the code is below */
		return ERR_USAGE;
	}
	return ERR_OK;
}

struct enrol_in {
	const char *name, *merchant, *url, *config, *language;
	bool force;
};

/* False: something cannot be written so that it is read back as it is. */
static bool config_text(
	struct bytes *to, const struct enrol_in *in, const struct service_terminal *t)
{
	char key[2 * SEC_ED25519_PUBLIC_LEN + 1];
	bool ok = true;

	hex_encode(key, SPAN(t->issuer_public, SEC_ED25519_PUBLIC_LEN));
	bytes_add_text(to, "# Written by countersignd terminal enrol. The token is a secret.\n"
			   "[terminal]\n");
	ok = ok && config_add(to, "name", in->name);
	if (in->language)
		ok = ok && config_add(to, "language", in->language);
	bytes_add_text(to, "\n[backend]\n");
	ok = ok && config_add(to, "url", in->url);
	ok = ok && config_add(to, "token", t->token);
	bytes_add_text(to, "\n[issuer]\n");
	ok = ok && config_add(to, "name", t->issuer_name);
	ok = ok && config_add(to, "host", t->issuer_host);
	ok = ok && config_add(to, "key", key);
	return ok && !to->full;
}

static enum err_code write_config(
	const struct enrol_in *in, const struct service_terminal *t, struct err *err)
{
	uint8_t room[CONFIG_TEXT_MAX];
	struct bytes text;
	enum err_code e;

	bytes_init_fixed(&text, room, sizeof(room));
	e = config_text(&text, in, t)
		? file_replace(in->config, bytes_span(&text), 0600, err)
		: err_set(err, ERR_INVALID, "a name or the address is too long for it");
	sec_wipe(room, sizeof(room));
	if (e)
		return err_prefix(err, "enrolled, but its file was not written; enrol again");
	return ERR_OK;
}

static enum err_code take_enrol(struct enrol_in *in, struct admin *a, struct err *err)
{
	const struct arg list[] = {
		{.name = "url", .text = &in->url},
		{.name = "config", .text = &in->config},
		{.name = "language", .text = &in->language},
		{.name = "merchant", .text = &in->merchant},
		{.name = "force", .flag = &in->force},
	};
	struct args_words words = {.list = &in->name, .max = 1};
	enum err_code e =
		args_parse(a->argc, a->argv, list, sizeof(list) / sizeof(list[0]), &words, err);

	if (!e)
		e = admin_text(in->name, "NAME", RULES_NAME_MAX - 1, err);
	if (!e)
		e = check_value(in->name, "NAME", err);
	if (!e && in->merchant)
		e = admin_text(in->merchant, "--merchant", CODE_MERCHANT_MAX, err);
	if (!e)
		e = check_value(keyring_issuer_name(a->service->keys), "the issuer's name", err);
	return e;
}

/* What only the configuration file of a terminal on this machine needs. */
static enum err_code check_local(const struct enrol_in *in, struct err *err)
{
	enum err_code e = check_url(in->url, err);

	if (!e)
		e = check_language(in->language, err);
	return e ? e : check_file(in->config, in->force, err);
}

static enum err_code print_code(struct admin *a, const struct enrol_in *in, struct err *err)
{
	struct service_enrolment code = {.expires_at = 0};
	enum err_code e = ERR_OK;

	if (in->url || in->language || in->force)
		return err_set(err, ERR_USAGE,
			"--url, --language and --force go with --config; without it a one-time "
			"code is printed, for `countersign enrol URL CODE` on the terminal");
	e = service_enrolment_new(a->service, &code, in->name, in->merchant, err);
	if (!e) {
		json_out_text(&a->json, "name", in->name);
		json_out_text(&a->json, "code", code.code);
		json_out_int(&a->json, "expires_at", code.expires_at);
	}
	sec_wipe(&code, sizeof(code));
	return e;
}

enum err_code admin_terminal_enrol(struct admin *a, struct err *err)
{
	struct enrol_in in = {0};
	struct service_terminal t = {0};
	enum err_code e = take_enrol(&in, a, err);

	if (!e && !in.config)
		return print_code(a, &in, err);
	if (!e)
		e = check_local(&in, err);
	if (!e)
		e = service_terminal_enrol(a->service, &t, in.name, in.merchant, err);
	if (!e)
		e = write_config(&in, &t, err);
	if (!e) {
		admin_json_id(a, "terminal", t.id);
		json_out_text(&a->json, "name", in.name);
		json_out_text(&a->json, "config", in.config);
	}
	sec_wipe(&t, sizeof(t));
	return e;
}

static enum err_code set_stopped(struct admin *a, bool stop, struct err *err)
{
	const char *name = NULL;
	struct args_words words = {.list = &name, .max = 1};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	if (!e)
		e = admin_text(name, "NAME", RULES_NAME_MAX - 1, err);
	if (!e)
		e = service_terminal_stop(a->service, name, stop, err);
	if (e)
		return e;
	json_out_text(&a->json, "name", name);
	json_out_bool(&a->json, "stopped", stop);
	return ERR_OK;
}

static void tell_entry(struct admin *a, const struct service_terminal_entry *t)
{
	json_out_begin(&a->json, NULL);
	json_out_text(&a->json, "name", t->name);
	admin_json_id(a, "terminal", t->id);
	json_out_text(&a->json, "merchant", t->merchant);
	json_out_bool(&a->json, "stopped", t->stopped);
	if (t->not_after) {
		json_out_int(&a->json, "certificate_not_after", t->not_after);
		json_out_bool(&a->json, "ends_soon", t->ends_soon);
	} else if (t->had_certificate) {
		json_out_bool(&a->json, "certificate_revoked", true);
	}
	json_out_end(&a->json);
}

enum err_code admin_terminal_list(struct admin *a, struct err *err)
{
	struct service_terminal_entry t = {.name = ""};
	const char *after = "";
	bool ends_soon = false;
	const struct arg list[] = {
		{.name = "after", .text = &after},
		{.name = "ends-soon", .flag = &ends_soon},
	};
	int listed = 0;
	enum err_code e = args_parse(a->argc, a->argv, list, 2, NULL, err);

	if (e)
		return e;
	json_out_array_begin(&a->json, "terminals");
	while ((e = service_terminal_after(a->service, &t, after, err)) == ERR_OK) {
		after = t.name;
		if (ends_soon && !t.ends_soon)
			continue;
		if (listed++ == LIST_MAX)
			break;
		tell_entry(a, &t);
	}
	json_out_array_end(&a->json);
	json_out_bool(&a->json, "more", !e);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code admin_terminal_revoke(struct admin *a, struct err *err)
{
	const char *name = NULL;
	struct args_words words = {.list = &name, .max = 1};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	if (!e)
		e = admin_text(name, "NAME", RULES_NAME_MAX - 1, err);
	if (!e)
		e = service_terminal_revoke(a->service, name, err);
	if (e)
		return e;
	json_out_text(&a->json, "name", name);
	json_out_bool(&a->json, "revoked", true);
	return ERR_OK;
}

enum err_code admin_terminal_stop(struct admin *a, struct err *err)
{
	return set_stopped(a, true, err);
}

enum err_code admin_terminal_allow(struct admin *a, struct err *err)
{
	return set_stopped(a, false, err);
}
