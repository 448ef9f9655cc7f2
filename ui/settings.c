/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.conf.
 */
#include "ui/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/config.h"
#include "crypto/x509.h"
#include "scanner/camera_settings.h"

#define SYSTEM_PATH "/etc/countersign/terminal.conf"
#define HOME_TAIL   "/.config/countersign/terminal.conf"

static bool path_try(struct settings *out, const char *head, const char *tail)
{
	int n;

	if (head == NULL || head[0] == '\0')
		return false;
	n = snprintf(out->path, sizeof out->path, "%s%s", head, tail);
	return n > 0 && (size_t)n < sizeof out->path && access(out->path, F_OK) == 0;
}

static enum err_code path_find(struct settings *out, const char *path, struct err *err)
{
	const char *named = path != NULL ? path : getenv("COUNTERSIGN_CONFIG");

	/* A file that was asked for is the one, also when it is not there. */
	if (named != NULL && named[0] != '\0') {
		if (strlen(named) >= sizeof out->path)
			return err_set(err, ERR_INVALID, "--config: the name is too long");
		memcpy(out->path, named, strlen(named) + 1);
		return ERR_OK;
	}
	if (path_try(out, getenv("HOME"), HOME_TAIL) || path_try(out, SYSTEM_PATH, ""))
		return ERR_OK;
	return err_set(err, ERR_NOT_FOUND,
		"no configuration: neither --config, $COUNTERSIGN_CONFIG, ~%s nor %s; "
		"`countersign enrol` writes one",
		HOME_TAIL, SYSTEM_PATH);
}

static enum err_code missing(const struct settings *s, const char *key, struct err *err)
{
	return err_set(err, ERR_FORMAT,
		"%s: %s is missing; `countersign enrol` writes it", s->path, key);
}

/* A name without a slash at its front is beside the configuration. */
static enum err_code beside(struct settings *s, char *file, const char *what, struct err *err)
{
	const char *slash = strrchr(s->path, '/');
	size_t dir = slash != NULL ? (size_t)(slash + 1 - s->path) : 0;
	size_t len = strlen(file);

	if (len == 0 || file[0] == '/' || dir == 0)
		return ERR_OK;
	if (dir + len >= SETTINGS_PATH_MAX)
		return err_set(err, ERR_FORMAT, "%s: [backend] %s: the name is too long", s->path,
			what);
	memmove(file + dir, file, len + 1);
	memcpy(file, s->path, dir);
	return ERR_OK;
}

/* A token, or a certificate with its key: one of the two says who this terminal is. */
static enum err_code tls_decode(struct settings *s, struct err *err)
{
	bool https = strncasecmp(s->url, "https:", 6) == 0;
	enum err_code rc = beside(s, s->ca, "ca", err);

	if (rc == ERR_OK)
		rc = beside(s, s->certificate, "certificate", err);
	if (rc == ERR_OK)
		rc = beside(s, s->key, "key", err);
	if (rc != ERR_OK)
		return rc;
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

/* [camera] as it stands in the file. */
struct camera_section {
	char size[16];
	char format[16];
	char scale[16];
	int64_t rate;
	char controls[SCAN_CAMERA_WORDS_MAX];
};

static bool word_add(char *out, size_t cap, const char *name, const char *value)
{
	size_t len = strlen(out);
	int n = 0;

	if (value[0] != '\0')
		n = snprintf(out + len, cap - len, "%s%s%s", len > 0 ? " " : "", name, value);
	return n >= 0 && (size_t)n < cap - len;
}

static enum err_code camera_decode(struct settings *s, const struct camera_section *c,
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

enum err_code settings_read(struct settings *out, const char *path, struct err *err)
{
	struct camera_section camera = {.rate = 0};
	char key[2 * SEC_ED25519_PUBLIC_LEN + 1] = "";
	const struct config_key keys[] = {
		{"terminal", "name", CONFIG_TEXT, out->terminal_name, sizeof out->terminal_name, 0,
			0},
		{"terminal", "language", CONFIG_TEXT, out->language, sizeof out->language, 0, 0},
		{"terminal", "source", CONFIG_TEXT, out->source, sizeof out->source, 0, 0},
		{"terminal", "all_symbologies", CONFIG_BOOL, &out->all_symbologies, 0, 0, 0},
		{"camera", "size", CONFIG_TEXT, camera.size, sizeof camera.size, 0, 0},
		{"camera", "format", CONFIG_TEXT, camera.format, sizeof camera.format, 0, 0},
		{"camera", "rate", CONFIG_INT, &camera.rate, 0, 1, CAMERA_RATE_MAX},
		{"camera", "scale", CONFIG_TEXT, camera.scale, sizeof camera.scale, 0, 0},
		{"camera", "controls", CONFIG_TEXT, camera.controls, sizeof camera.controls, 0, 0},
		{"backend", "url", CONFIG_TEXT, out->url, sizeof out->url, 0, 0},
		{"backend", "token", CONFIG_TEXT, out->token, sizeof out->token, 0, 0},
		{"backend", "ca", CONFIG_TEXT, out->ca, sizeof out->ca, 0, 0},
		{"backend", "certificate", CONFIG_TEXT, out->certificate, sizeof out->certificate,
			0, 0},
		{"backend", "key", CONFIG_TEXT, out->key, sizeof out->key, 0, 0},
		{"issuer", "name", CONFIG_TEXT, out->issuer_name, sizeof out->issuer_name, 0, 0},
		{"issuer", "host", CONFIG_TEXT, out->issuer_host, sizeof out->issuer_host, 0, 0},
		{"issuer", "key", CONFIG_TEXT, key, sizeof key, 0, 0},
	};
	enum err_code rc;

	memset(out, 0, sizeof *out);
	rc = path_find(out, path, err);
	if (rc == ERR_OK)
		rc = config_read(out->path, true, keys, sizeof keys / sizeof keys[0], err);
	if (rc == ERR_OK && out->url[0] == '\0')
		rc = missing(out, "[backend] url", err);
	if (rc == ERR_OK)
		rc = tls_decode(out, err);
	if (rc == ERR_OK)
		rc = key_decode(out, key, err);
	if (rc == ERR_OK)
		rc = camera_decode(out, &camera, err);
	return rc;
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
