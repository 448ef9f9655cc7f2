/* SPDX-License-Identifier: Apache-2.0
 *
 * Enrolment of this terminal.
 */
#include "ui/enrol.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base32.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "ui/options.h"
#include "ui/settings.h"
#include "verifier/client_renew.h"
#include "verifier/client_url.h"

#define CODE_LEN    32 /* characters without dashes */
#define MARK_LEN    10 /* bytes of the code that tell the authority */
#define RAW_LEN     20
#define URL_MAX     (CLIENT_URL_MAX + 32)
#define CONFIG_MAX  4096
#define HOME_TAIL   "/.config/countersign/terminal.conf"

struct enrol {
	const char *url;
	const char *code_text;
	const char *config;
	const char *language;
	const char *source;
	bool force;
	char code[CODE_LEN + 1];
	uint8_t raw[RAW_LEN];
	char conf_path[SETTINGS_PATH_MAX];
	char key_path[SETTINGS_PATH_MAX];
	char cert_path[SETTINGS_PATH_MAX];
	char ca_path[SETTINGS_PATH_MAX];
	char ca[SEC_PEM_MAX];
	struct message_enrolled answer;
};

/* ---- what was asked for ---- */

static void usage(FILE *to)
{
	fputs(_("usage: countersign enrol URL CODE [--config FILE] [--language L] [--force]\n"
		"Makes this terminal's key, gets its certificate from the backend at URL\n"
		"(https://...) and writes its configuration. CODE is printed by\n"
		"`countersignd terminal enrol NAME` and works once.\n"
		"  --config FILE   where to; without it ~/.config/countersign/terminal.conf\n"
		"  --language L    of the screen: en or zh_CN\n"
		"  --force         replace what is there\n"
		"Exit status: 0 enrolled; 1 refused or failed; 3 wrong usage.\n"),
		to);
}

static enum err_code take_option(struct enrol *e, int argc, char **argv, int *i, struct err *err)
{
	static const char *const NAMES[] = {"--config", "--language"};
	const char **const values[] = {&e->config, &e->language};

	if (strcmp(argv[*i], "--force") == 0) {
		e->force = true;
		return ERR_OK;
	}
	for (size_t k = 0; k < 2; k++) {
		if (strcmp(argv[*i], NAMES[k]) != 0)
			continue;
		if (*i + 1 >= argc)
			return err_set(err, ERR_USAGE, "%s needs a value", NAMES[k]);
		*values[k] = argv[++*i];
		return ERR_OK;
	}
	return err_set(err, ERR_USAGE, "unknown option; see countersign enrol --help");
}

static enum err_code take_arguments(struct enrol *e, int argc, char **argv, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = 1; i < argc && rc == ERR_OK; i++) {
		if (argv[i][0] == '-')
			rc = take_option(e, argc, argv, &i, err);
		else if (e->url == NULL)
			e->url = argv[i];
		else if (e->code_text == NULL)
			e->code_text = argv[i];
		else
			rc = err_set(err, ERR_USAGE, "URL and CODE, and nothing else");
	}
	if (rc == ERR_OK && e->code_text == NULL)
		rc = err_set(err, ERR_USAGE, "URL or CODE is missing");
	if (rc == ERR_OK && e->language != NULL && !text_language_exists(e->language))
		rc = err_set(err, ERR_USAGE, "--language: there are en and zh_CN");
	return rc;
}

/* As people type it: in groups, in small letters. */
static enum err_code code_read(struct enrol *e, struct err *err)
{
	struct bytes raw;
	size_t n = 0;

	for (const char *p = e->code_text; *p != '\0'; p++) {
		if (*p == '-' || *p == ' ')
			continue;
		if (n == CODE_LEN)
			break;
		e->code[n++] = (char)toupper((unsigned char)*p);
		e->code[n] = '\0';
	}
	bytes_init_fixed(&raw, e->raw, sizeof e->raw);
	if (n != CODE_LEN || base32_decode(&raw, SPAN(e->code, n)) != ERR_OK ||
		raw.len != sizeof e->raw)
		return err_set(err, ERR_USAGE,
			"CODE is %d characters A-Z and 2-7 (dashes do not matter); one is mistyped",
			CODE_LEN);
	return ERR_OK;
}

enum err_code enrol_url_check(const char *text, struct err *err)
{
	struct client_url url;

	if (client_url_check(&url, text, err) != ERR_OK)
		return ERR_USAGE;
	if (!url.tls)
		return err_set(err, ERR_USAGE,
			"a terminal is enrolled over TLS: the address begins with https://");
	return ERR_OK;
}

enum err_code enrol_code_check(const char *code, struct err *err)
{
	struct enrol *e = calloc(1, sizeof *e);
	enum err_code rc;

	if (e == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory");
	e->code_text = code;
	rc = code_read(e, err);
	sec_wipe(e, sizeof *e);
	free(e);
	return rc;
}

/* ---- files ---- */

static enum err_code path_make(char out[static SETTINGS_PATH_MAX], const char *stem, size_t len,
	const char *tail, struct err *err)
{
	int n = snprintf(out, SETTINGS_PATH_MAX, "%.*s%s", (int)len, stem, tail);

	return n > 0 && n < SETTINGS_PATH_MAX
		       ? ERR_OK
		       : err_set(err, ERR_USAGE, "--config: the name is too long");
}

static enum err_code directories_make(const char *path, struct err *err)
{
	char part[SETTINGS_PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		memcpy(part, path, len);
		part[len] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return err_set_os(err, ERR_IO, errno, "%s", part);
	}
	return ERR_OK;
}

static enum err_code paths_make(struct enrol *e, struct err *err)
{
	const char *home = getenv("HOME");
	const char *stem = e->config != NULL ? e->config : home;
	size_t len;
	enum err_code rc;

	if (stem == NULL || stem[0] == '\0')
		return err_set(err, ERR_USAGE, "say where to with --config FILE");
	rc = path_make(e->conf_path, stem, strlen(stem), e->config != NULL ? "" : HOME_TAIL, err);
	if (rc != ERR_OK)
		return rc;
	len = strlen(e->conf_path);
	if (len > 5 && strcmp(e->conf_path + len - 5, ".conf") == 0)
		len -= 5;
	rc = path_make(e->key_path, e->conf_path, len, ".key", err);
	if (rc == ERR_OK)
		rc = path_make(e->cert_path, e->conf_path, len, ".pem", err);
	if (rc == ERR_OK)
		rc = path_make(e->ca_path, e->conf_path, len, ".ca.pem", err);
	if (rc == ERR_OK && e->config == NULL)
		rc = directories_make(e->conf_path, err);
	return rc;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* False: something cannot be written so that it is read back as it is. */
static bool config_text(struct bytes *text, const struct enrol *e)
{
	char key[2 * SEC_ED25519_PUBLIC_LEN + 1];
	bool ok = true;

	hex_encode(key, SPAN(e->answer.issuer_key, SEC_ED25519_PUBLIC_LEN));
	bytes_add_text(text, "# Written by countersign enrol.\n[terminal]\n");
	ok = ok && config_add(text, "name", e->answer.name);
	if (e->language != NULL)
		ok = ok && config_add(text, "language", e->language);
	if (e->source != NULL)
		ok = ok && config_add(text, "source", e->source);
	bytes_add_text(text, "\n[backend]\n");
	ok = ok && config_add(text, "url", e->url);
	ok = ok && config_add(text, "ca", name_of(e->ca_path));
	ok = ok && config_add(text, "certificate", name_of(e->cert_path));
	ok = ok && config_add(text, "key", name_of(e->key_path));
	bytes_add_text(text, "\n[issuer]\n");
	ok = ok && config_add(text, "name", e->answer.issuer_name);
	ok = ok && config_add(text, "host", e->answer.issuer_host);
	ok = ok && config_add(text, "key", key);
	return ok && !text->full;
}

/* Before anything is asked for: a code works once. */
static enum err_code files_check(const struct enrol *e, struct err *err)
{
	const char *const files[] = {e->conf_path, e->key_path, e->cert_path, e->ca_path};
	char directory[SETTINGS_PATH_MAX];
	char *slash;

	char storage[CONFIG_MAX];
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof storage);
	if (!config_text(&text, e)) /* without what the backend will say */
		return err_set(err, ERR_USAGE,
			"the address or the name of the file cannot be written in a "
			"configuration: it is too long, or has characters that cannot be shown");
	for (size_t i = 0; i < 4 && !e->force; i++)
		if (access(files[i], F_OK) == 0)
			return err_set(err, ERR_EXISTS,
				"%s is there already; --force replaces this terminal's files",
				files[i]);
	memcpy(directory, e->conf_path, strlen(e->conf_path) + 1);
	slash = strrchr(directory, '/');
	if (slash != NULL)
		slash[slash == directory ? 1 : 0] = '\0';
	if (access(slash != NULL ? directory : ".", W_OK | X_OK) != 0)
		return err_set_os(err, ERR_IO, errno, "%s: cannot write there",
			slash != NULL ? directory : ".");
	return ERR_OK;
}

static enum err_code config_write(const struct enrol *e, struct err *err)
{
	char storage[CONFIG_MAX];
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof storage);
	if (!config_text(&text, e))
		return err_set(err, ERR_INVALID,
			"a name or an address cannot be written in a configuration: it is too "
			"long, or has characters that cannot be shown");
	return file_replace(e->conf_path, bytes_span(&text), 0600, err);
}

/* The configuration last: what it names is there then. */
static enum err_code files_write(const struct enrol *e, const struct sec_key *key,
	const struct sec_cert *cert, struct err *err)
{
	enum err_code rc = sec_key_write(key, e->key_path, err);

	if (rc == ERR_OK)
		rc = sec_cert_write(cert, e->cert_path, err);
	if (rc == ERR_OK)
		rc = file_replace(e->ca_path, span_text(e->ca), 0644, err);
	if (rc == ERR_OK)
		rc = config_write(e, err);
	return rc == ERR_OK ? rc
			    : err_prefix(err, "the backend has enrolled this terminal, but its "
					      "files were not written; ask for a new code");
}

/* ---- the two exchanges ---- */

static enum err_code exchange(const struct enrol *e, const char *method, const char *path,
	const struct client_tls *tls, struct span body, struct bytes *answer, int *status,
	struct err *err)
{
	char url[URL_MAX];
	size_t len = strlen(e->url);
	struct http_exchange x = {
		.method = method, .url = url, .tls = tls, .body = body, .answer = answer};
	enum err_code rc;

	while (len > 0 && e->url[len - 1] == '/')
		len--;
	snprintf(url, sizeof url, "%.*s%s", (int)len, e->url, path);
	rc = http_exchange(&x, err);
	*status = x.status;
	return rc;
}

/* Anybody may answer this; only the key that the code tells of is believed. */
static enum err_code authority_get(struct enrol *e, struct bytes *answer, struct err *err)
{
	const struct client_tls stranger = {.stranger = true};
	uint8_t spki[SEC_SPKI_LEN];
	struct sec_cert *ca = NULL;
	int status = 0;
	enum err_code rc = exchange(
		e, "GET", "/v1/ca", &stranger, SPAN(NULL, 0), answer, &status, err);

	if (rc == ERR_OK)
		rc = message_authority_parse(e->ca, status, bytes_span(answer), err);
	if (rc == ERR_OK)
		rc = sec_cert_parse(&ca, span_text(e->ca), err);
	if (rc == ERR_OK)
		rc = sec_cert_spki(spki, ca);
	sec_cert_free(&ca);
	if (rc != ERR_OK)
		return rc;
	if (!sec_equal(spki, e->raw + RAW_LEN - MARK_LEN, MARK_LEN))
		return err_set(err, ERR_FORGED,
			"this is not the backend that the code is for, or a letter is mistyped; "
			"the code was not sent");
	return ERR_OK;
}

static enum err_code certificate_get(struct enrol *e, const struct sec_key *key,
	struct bytes *answer, struct err *err)
{
	const struct client_tls tls = {.ca_pem = span_text(e->ca)};
	char csr_storage[SEC_CSR_MAX];
	char body_storage[CLIENT_BODY_MAX];
	struct bytes csr;
	struct bytes body;
	int status = 0;
	enum err_code rc;

	bytes_init_fixed(&csr, csr_storage, sizeof csr_storage);
	bytes_init_fixed(&body, body_storage, sizeof body_storage);
	rc = sec_csr_build(&csr, key, "countersign terminal", err);
	if (rc == ERR_OK)
		rc = message_enrol_build(&body, e->code, bytes_span(&csr), err);
	if (rc == ERR_OK)
		rc = exchange(e, "POST", "/v1/enrolments", &tls, bytes_span(&body), answer, &status,
			err);
	if (rc == ERR_OK)
		rc = message_enrolled_parse(&e->answer, status, bytes_span(answer), err);
	sec_wipe(body_storage, sizeof body_storage);
	return rc;
}

/* A clock far off makes every handshake fail later; this is the moment to say so. */
static void clock_look(const struct sec_cert *cert)
{
	struct clock clock;
	int64_t not_before;
	int64_t not_after;
	int64_t now;

	clock_init_real(&clock);
	now = clock_unix_s(&clock);
	sec_cert_times(cert, &not_before, &not_after);
	if (now < not_before || now >= not_after)
		fputs(_("countersign enrol: this machine's clock is wrong by days; set it before "
			"the terminal is used\n"),
			stderr);
}

static enum err_code enrol(struct enrol *e, struct err *err)
{
	struct bytes answer;
	struct sec_key *key = NULL;
	struct sec_cert *cert = NULL;
	enum err_code rc;

	bytes_init(&answer, CLIENT_ANSWER_MAX);
	rc = authority_get(e, &answer, err);
	if (rc == ERR_OK)
		rc = sec_key_new(&key, err);
	if (rc == ERR_OK)
		rc = certificate_get(e, key, &answer, err);
	if (rc == ERR_OK)
		rc = sec_cert_parse(&cert, span_text(e->answer.certificate), err);
	if (rc == ERR_OK && !sec_cert_has_key(cert, key))
		rc = err_set(err, ERR_PROTOCOL, "the certificate is not for this terminal's key");
	if (rc == ERR_OK)
		rc = files_write(e, key, cert, err);
	if (rc == ERR_OK)
		clock_look(cert);
	sec_cert_free(&cert);
	sec_key_free(&key);
	bytes_done(&answer);
	return rc;
}

static void told(const struct enrol *e)
{
	printf(_("This terminal is \"%s\" of %s.\n"), e->answer.name, e->answer.issuer_name);
	printf(_("Written: %s, %s (secret), %s, %s\n"), e->conf_path, e->key_path, e->cert_path,
		e->ca_path);
}

static enum err_code enrol_all(struct enrol *e, struct err *err)
{
	enum err_code rc = enrol_url_check(e->url, err);

	if (rc == ERR_OK)
		rc = code_read(e, err);
	if (rc == ERR_OK)
		rc = paths_make(e, err);
	if (rc == ERR_OK)
		rc = files_check(e, err);
	if (rc == ERR_OK)
		rc = sec_start(err);
	if (rc == ERR_OK)
		rc = enrol(e, err);
	if (rc == ERR_OK)
		told(e);
	return rc;
}

enum err_code enrol_run(const struct enrol_request *r, struct err *err)
{
	struct enrol *e = calloc(1, sizeof *e);
	enum err_code rc;

	if (e == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory");
	e->url = r->url;
	e->code_text = r->code;
	e->config = r->config;
	e->language = r->language;
	e->source = r->source;
	e->force = r->force;
	rc = enrol_all(e, err);
	sec_wipe(e, sizeof *e);
	free(e);
	return rc;
}

int enrol_main(int argc, char **argv)
{
	struct enrol *e;
	struct err err = {0};
	enum err_code rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EXIT_ACCEPTED;
	}
	e = calloc(1, sizeof *e);
	if (e == NULL)
		return EXIT_REFUSED;
	(void)umask(077);
	rc = take_arguments(e, argc, argv, &err);
	if (rc == ERR_OK)
		rc = enrol_all(e, &err);
	if (rc == ERR_OK)
		printf(_("Next: countersign --config %s\n"), e->conf_path);
	else
		fprintf(stderr, "countersign enrol: %s\n", err.text);
	sec_wipe(e, sizeof *e);
	free(e);
	if (rc == ERR_OK && fflush(stdout) == 0)
		return EXIT_ACCEPTED;
	return rc == ERR_USAGE || rc == ERR_EXISTS ? EXIT_USAGE : EXIT_REFUSED;
}
