/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.conf: where it is, and whether what it says can be.
 */
#include "ui/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "crypto/x509.h"
#include "scanner/camera_settings.h"
#include "ui/settings_sale.h"
#include "ui/settings_table.h"

#define SYSTEM_PATH "/etc/countersign/terminal.conf"
#define HOME_TAIL   "/.config/countersign/terminal.conf"

static enum err_code missing(const struct settings *s, const char *key, struct err *err)
{
	return err_set(err, ERR_FORMAT, "%s: %s is missing; `countersign enrol` writes it", s->path,
		key);
}

/* A token, or a certificate with its key: one of the two says who this terminal is. */
static enum err_code tls_decode(struct settings *s, struct err *err)
{
	bool https = strncasecmp(s->url, "https:", 6) == 0;

	if ((s->certificate[0] == '\0') != (s->key[0] == '\0'))
		return missing(s, s->key[0] == '\0' ? "[backend] key" : "[backend] certificate",
			err);
	if (s->token[0] == '\0' && s->certificate[0] == '\0')
		return missing(s, "[backend] token or certificate", err);
	if (!https && (s->ca[0] != '\0' || s->certificate[0] != '\0'))
		return err_set(err, ERR_FORMAT,
			"%s: [backend] certificate and ca are for an address that begins with "
			"https://",
			s->path);
	s->tls.ca = s->ca[0] != '\0' ? s->ca : NULL;
	s->tls.certificate = s->certificate[0] != '\0' ? s->certificate : NULL;
	s->tls.key = s->key[0] != '\0' ? s->key : NULL;
	return ERR_OK;
}

const struct client_tls *settings_tls(const struct settings *s)
{
	return s->tls.ca != NULL || s->tls.certificate != NULL ? &s->tls : NULL;
}

static enum err_code key_decode(struct settings *s, const char *hex, struct err *err)
{
	if (hex[0] == '\0')
		return missing(s, "[issuer] key", err);
	if (hex_decode(s->issuer.public_key, sizeof s->issuer.public_key, span_text(hex)) != ERR_OK)
		return err_set(err, ERR_FORMAT, "%s: [issuer] key: 64 hexadecimal digits", s->path);
	return ERR_OK;
}

static bool word_add(char *out, size_t cap, const char *name, const char *value)
{
	size_t len = strlen(out);
	int n = 0;

	if (value[0] != '\0')
		n = snprintf(out + len, cap - len, "%s%s%s", len > 0 ? " " : "", name, value);
	return n >= 0 && (size_t)n < cap - len;
}

static enum err_code camera_decode(struct settings *s, const struct settings_draft *c,
	struct err *err)
{
	struct camera_settings checked;
	struct err why;
	char rate[24] = "";
	size_t cap = sizeof s->camera;

	if (c->rate > 0)
		snprintf(rate, sizeof rate, "%lld", (long long)c->rate);
	if (!word_add(s->camera, cap, "size=", c->size) ||
		!word_add(s->camera, cap, "format=", c->format) ||
		!word_add(s->camera, cap, "rate=", rate) ||
		!word_add(s->camera, cap, "scale=", c->scale) ||
		!word_add(s->camera, cap, "", c->controls))
		return err_set(err, ERR_FORMAT, "%s: [camera]: more than %zu bytes", s->path,
			cap - 1);
	if (camera_settings_parse(&checked, s->camera, &why))
		return err_set(err, ERR_FORMAT, "%s: [camera]: %s", s->path, why.text);
	return ERR_OK;
}

static const char *field_said_in(const void *ctx, const void *field)
{
	return settings_said_in(ctx, field);
}

static enum err_code language_check(const struct settings_reading *r, const char *key,
	const char *language, struct err *err)
{
	if (language[0] == '\0' || text_language_exists(language))
		return ERR_OK;
	return err_set(err, ERR_USAGE, "%s: %s: there are en and zh_CN",
		settings_said_in(r, language), key);
}

static enum err_code display_check(const struct settings_reading *r, struct err *err)
{
	const struct settings_display *d = &r->s->display;

	if (d->colours != 0 && d->colours != 8 && d->colours != 256)
		return err_set(err, ERR_USAGE, "%s: [display] colours: 0, 8 or 256",
			settings_said_in(r, &d->colours));
	return language_check(r, "[display] language", d->language, err);
}

static enum err_code theme_check(struct settings_reading *r, struct err *err)
{
	if (r->draft.theme[0] == '\0' || screen_theme_of(&r->s->theme, r->draft.theme))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
		"%s: [screen] theme: there are standard, high-contrast and no-colour",
		settings_said_in(r, r->draft.theme));
}

static enum err_code values_check(struct settings_reading *r, struct err *err)
{
	struct settings *s = r->s;
	enum err_code rc = ERR_OK;

	if (s->url[0] == '\0')
		rc = missing(s, "[backend] url", err);
	if (rc == ERR_OK)
		rc = tls_decode(s, err);
	if (rc == ERR_OK)
		rc = key_decode(s, r->draft.issuer_key, err);
	if (rc == ERR_OK)
		rc = camera_decode(s, &r->draft, err);
	if (rc == ERR_OK)
		rc = settings_sale_decode(&s->sale, settings_said_in(r, r->draft.sale_amount),
			r->draft.sale_amount, r->draft.sale_currency, err);
	if (rc == ERR_OK)
		rc = settings_programs_decode(&s->sound, &s->speech, &r->draft.programs,
			field_said_in, r, err);
	if (rc == ERR_OK)
		rc = printer_settings_check(&s->receipt, settings_said_in(r, s->receipt.print),
			err);
	if (rc == ERR_OK)
		rc = language_check(r, "[terminal] language", s->language, err);
	if (rc == ERR_OK)
		rc = display_check(r, err);
	if (rc == ERR_OK)
		rc = theme_check(r, err);
	return rc;
}

static enum err_code all_read(struct settings *s, struct err *err)
{
	struct settings_reading r = {.s = s};
	enum err_code rc;

	settings_defaults(s);
	r.count = settings_table(r.keys, s, &r.draft);
	rc = settings_files_read(&r, err);
	return rc == ERR_OK ? values_check(&r, err) : rc;
}

enum err_code settings_read_files(struct settings *out, const char *system_path,
	const char *user_path, struct err *err)
{
	enum err_code rc = ERR_OK;

	memset(out, 0, sizeof *out);
	if (user_path != NULL)
		rc = settings_path_take(out->user_path, user_path, "", err);
	if (rc == ERR_OK && system_path != NULL && settings_file_is_there(system_path))
		rc = settings_path_take(out->system_path, system_path, "", err);
	if (rc != ERR_OK)
		return rc;
	if (!settings_file_is_there(out->user_path) && out->system_path[0] == '\0')
		return err_set(err, ERR_NOT_FOUND,
			"no configuration: neither --config, $COUNTERSIGN_CONFIG, ~%s nor %s; "
			"`countersign enrol` writes one",
			HOME_TAIL, SYSTEM_PATH);
	if (!settings_file_is_there(out->user_path))
		out->user_path[0] = '\0';
	return all_read(out, err);
}

/* Where the user's own is, "" when there is no home. */
static void own_path(char out[static SETTINGS_PATH_MAX])
{
	const char *home = getenv("HOME");

	out[0] = '\0';
	if (home != NULL && home[0] != '\0' &&
		settings_path_take(out, home, HOME_TAIL, NULL) != ERR_OK)
		out[0] = '\0';
}

/* A file that was asked for is the one, also when it is not there. NULL = none was. */
static const char *named_path(const char *path)
{
	const char *named = path != NULL ? path : getenv("COUNTERSIGN_CONFIG");

	return named != NULL && named[0] != '\0' ? named : NULL;
}

bool settings_are_missing(char where[static SETTINGS_PATH_MAX], const char *path)
{
	const char *named = named_path(path);

	if (named == NULL)
		own_path(where);
	else if (settings_path_take(where, named, "", NULL) != ERR_OK)
		return false; /* it is refused where it is read */
	return !settings_file_is_there(where) &&
		(named != NULL || !settings_file_is_there(SYSTEM_PATH));
}

enum err_code settings_read(struct settings *out, const char *path, struct err *err)
{
	const char *named = named_path(path);
	char own[SETTINGS_PATH_MAX];

	if (named != NULL) {
		memset(out, 0, sizeof *out);
		if (settings_path_take(out->user_path, named, "", err) != ERR_OK)
			return ERR_INVALID;
		if (!settings_file_is_there(named))
			return err_set(err, ERR_NOT_FOUND,
				"%s: there is no such file; `countersign enrol` writes one", named);
		return all_read(out, err);
	}
	own_path(own);
	return settings_read_files(out, SYSTEM_PATH, own, err);
}

enum err_code settings_tls_check(const struct settings *s, struct err *err)
{
	struct sec_cert *cert = NULL;
	struct sec_key *key = NULL;
	enum err_code rc = ERR_OK;

	if (s->tls.ca != NULL)
		rc = sec_cert_read(&cert, s->tls.ca, err);
	sec_cert_free(&cert);
	if (rc == ERR_OK && s->tls.certificate != NULL)
		rc = sec_cert_read(&cert, s->tls.certificate, err);
	if (rc == ERR_OK && s->tls.key != NULL)
		rc = sec_key_read(&key, s->tls.key, err);
	if (rc == ERR_OK && key != NULL && !sec_cert_has_key(cert, key))
		rc = err_set(err, ERR_FORMAT, "%s: is not the key of %s; enrol the terminal again",
			s->tls.key, s->tls.certificate);
	sec_key_free(&key);
	sec_cert_free(&cert);
	return rc;
}

enum err_code settings_issuer_finish(struct settings *s, struct err *err)
{
	if (code_issuer_key_id(s->issuer.key_id,
		    SPAN(s->issuer.public_key, sizeof s->issuer.public_key)) != ERR_OK)
		return err_set(err, ERR_CRYPTO, "the issuer's key id cannot be computed");
	return ERR_OK;
}

void settings_wipe(struct settings *s)
{
	sec_wipe(s->token, sizeof s->token);
}
