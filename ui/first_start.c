/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions of a first start. An answer that cannot be right is told and asked for again; what
 * the server refuses leads back to its address and code.
 */
#include "ui/first_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "crypto/crypto.h"
#include "scanner/scanner.h"
#include "ui/devices.h"
#include "ui/enrol.h"
#include "ui/settings.h"

struct answers {
	char language[16];
	char url[FIRST_START_LINE_MAX];
	char code[FIRST_START_LINE_MAX];
	char source[FIRST_START_LINE_MAX]; /* "" = not said */
};

struct device {
	char source[FIRST_START_LINE_MAX];
	char name[128];
	bool usable;
};

/* ---- asking ---- */

/* One line without its break. False: there are no more, or one is too long to be an answer. */
static bool line_read(char out[static FIRST_START_LINE_MAX])
{
	size_t len;

	if (fgets(out, FIRST_START_LINE_MAX, stdin) == NULL)
		return false;
	len = strcspn(out, "\r\n");
	if (len + 1 == FIRST_START_LINE_MAX)
		return false;
	out[len] = '\0';
	return true;
}

/* Without blanks at its ends; what cannot be shown is no answer. */
static enum err_code ask(char out[static FIRST_START_LINE_MAX], const char *question,
	const char *usual, struct err *err)
{
	char line[FIRST_START_LINE_MAX];
	size_t begin, len;

	do {
		if (usual[0] != '\0')
			printf("%s [%s]: ", question, usual);
		else
			printf("%s: ", question);
		if (fflush(stdout) != 0 || !line_read(line))
			return err_set(err, ERR_CLOSED,
				"not set up: the questions were not answered; `countersign enrol "
				"URL CODE` does the same");
		begin = strspn(line, " \t");
		len = strlen(line + begin);
		while (len > 0 && (line[begin + len - 1] == ' ' || line[begin + len - 1] == '\t'))
			len--;
	} while ((len == 0 && usual[0] == '\0') || !text_is_safe(SPAN(line + begin, len)));
	if (len == 0)
		snprintf(out, FIRST_START_LINE_MAX, "%s", usual);
	else
		snprintf(out, FIRST_START_LINE_MAX, "%.*s", (int)len, line + begin);
	sec_wipe(line, sizeof line);
	return ERR_OK;
}

static void wrong(const struct err *why)
{
	char safe[ERR_TEXT_MAX];

	text_safe(safe, sizeof safe, span_text(why->text));
	printf("  ! %s\n", safe);
}

/* In both languages: nobody knows yet which one is read here. */
static enum err_code language_ask(struct answers *a, const struct options *opt, struct err *err)
{
	char answer[FIRST_START_LINE_MAX];
	enum err_code rc = ERR_OK;

	if (opt->language == NULL)
		printf("1 English   2 \xe7\xae\x80\xe4\xbd\x93\xe4\xb8\xad\xe6\x96\x87\n");
	snprintf(a->language, sizeof a->language, "%s", text_language());
	while (rc == ERR_OK && opt->language == NULL) {
		rc = ask(answer, "Language / \xe8\xaf\xad\xe8\xa8\x80",
			strcmp(text_language(), "en") == 0 ? "1" : "2", err);
		if (rc != ERR_OK)
			continue;
		if (strcmp(answer, "1") != 0 && strcmp(answer, "2") != 0) {
			printf("  ! 1 / 2\n");
			continue;
		}
		snprintf(a->language, sizeof a->language, "%s", answer[0] == '1' ? "en" : "zh_CN");
		text_init(a->language);
		return ERR_OK;
	}
	return rc;
}

static enum err_code url_ask(struct answers *a, struct err *err)
{
	char usual[FIRST_START_LINE_MAX];
	struct err why = {0};
	enum err_code rc;

	snprintf(usual, sizeof usual, "%s", a->url);
	do {
		rc = ask(a->url, _("Address of the server, https://..."), usual, err);
		if (rc != ERR_OK || enrol_url_check(a->url, &why) == ERR_OK)
			return rc;
		wrong(&why);
	} while (true);
}

static enum err_code code_ask(struct answers *a, struct err *err)
{
	struct err why = {0};
	enum err_code rc;

	do {
		rc = ask(a->code, _("Enrolment code, from whoever runs the server"), "", err);
		if (rc != ERR_OK || enrol_code_check(a->code, &why) == ERR_OK)
			return rc;
		wrong(&why);
	} while (true);
}

/* ---- cameras and readers ---- */

/* False: not a device that can be chosen. */
static bool device_read(struct device *d, struct span line)
{
	struct json *j = NULL;
	char state[32] = "", name[256] = "";

	memset(d, 0, sizeof *d);
	if (json_parse(&j, line, JSON_TEXT_MAX, NULL) != ERR_OK)
		return false;
	if (json_get_text(j, "source", d->source, sizeof d->source, NULL) != ERR_OK &&
		json_get_text(j, "by_id", d->source, sizeof d->source, NULL) != ERR_OK &&
		json_get_text(j, "path", d->source, sizeof d->source, NULL) != ERR_OK)
		d->source[0] = '\0';
	if (json_get_text(j, "name", name, sizeof name, NULL) == ERR_OK)
		text_safe(d->name, sizeof d->name, span_text(name));
	d->usable = json_get_text(j, "state", state, sizeof state, NULL) == ERR_OK &&
		strcmp(state, "usable") == 0;
	json_free(&j);
	return d->source[0] != '\0' && d->usable && text_is_safe(span_text(d->source));
}

static size_t devices_read(struct device list[static FIRST_START_DEVICES_MAX])
{
	struct bytes all;
	struct span rest;
	size_t count = 0;

	bytes_init(&all, DEVICES_JSON_MAX);
	if (scan_devices(&all, NULL, NULL) != ERR_OK)
		bytes_clear(&all);
	rest = bytes_span(&all);
	while (rest.len > 0 && count < FIRST_START_DEVICES_MAX) {
		const uint8_t *end = memchr(rest.data, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.data) : rest.len;

		if (device_read(&list[count], SPAN(rest.data, len)))
			count++;
		rest.data += len + (end != NULL);
		rest.len -= len + (end != NULL);
	}
	bytes_done(&all);
	return count;
}

static enum err_code source_ask(struct answers *a, const struct options *opt, struct err *err)
{
	static struct device list[FIRST_START_DEVICES_MAX];
	char answer[FIRST_START_LINE_MAX];
	size_t count;
	enum err_code rc = ERR_OK;

	if (!opt->source_default) /* said on the command line, for this time */
		return ERR_OK;
	count = devices_read(list);
	if (count == 0) {
		printf("%s\n", _("There is no camera and no reader yet: plug one in, and "
				 "`countersign check` looks at it."));
		return ERR_OK;
	}
	for (size_t i = 0; i < count; i++)
		printf("%zu %s  %s\n", i + 1, list[i].source, list[i].name);
	do {
		rc = ask(answer, _("Camera or reader"), "1", err);
	} while (rc == ERR_OK && (answer[0] < '1' || (size_t)(answer[0] - '0') > count ||
					 answer[1] != '\0'));
	if (rc == ERR_OK)
		memcpy(a->source, list[answer[0] - '1'].source, sizeof a->source);
	return rc;
}

/* ---- all of it ---- */

static enum err_code enrol_asked(struct answers *a, const char *config, struct err *err)
{
	const struct enrol_request r = {
		.url = a->url,
		.code = a->code,
		.config = config,
		.language = a->language,
		.source = a->source[0] != '\0' ? a->source : NULL,
	};

	return enrol_run(&r, err);
}

static enum err_code questions(struct answers *a, const struct options *opt, const char *config,
	const char *where, struct err *err)
{
	struct err why = {0};
	enum err_code rc = language_ask(a, opt, err);

	if (rc == ERR_OK) {
		printf("\n");
		printf(_("This terminal was not set up yet. Its settings go to %s; Ctrl-C leaves "
			 "everything as it is.\n"),
			where);
		rc = source_ask(a, opt, err);
	}
	while (rc == ERR_OK) {
		rc = url_ask(a, err);
		if (rc == ERR_OK)
			rc = code_ask(a, err);
		if (rc != ERR_OK || enrol_asked(a, config, &why) == ERR_OK)
			break;
		if (why.code == ERR_EXISTS || why.code == ERR_IO) { /* no answer mends that */
			*err = why;
			return why.code;
		}
		wrong(&why);
	}
	return rc;
}

static bool somebody_answers(const struct options *opt)
{
	return !opt->headless && opt->replay == NULL && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO);
}

enum err_code first_start(const struct options *opt, struct err *err)
{
	char where[SETTINGS_PATH_MAX];
	const char *named = opt->config != NULL ? opt->config : getenv("COUNTERSIGN_CONFIG");
	struct answers *a;
	mode_t mask;
	enum err_code rc;

	if (!settings_are_missing(where, opt->config) || !somebody_answers(opt))
		return ERR_OK; /* what is missing is told where it is read */
	if (where[0] == '\0')
		return err_set(err, ERR_NOT_FOUND,
			"no configuration, and no home for one; --config FILE says where it goes");
	a = calloc(1, sizeof *a);
	if (a == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory");
	mask = umask(077);
	rc = questions(a, opt, named != NULL && named[0] != '\0' ? where : NULL, where, err);
	(void)umask(mask);
	sec_wipe(a, sizeof *a);
	free(a);
	return rc;
}
