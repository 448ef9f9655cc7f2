/* SPDX-License-Identifier: Apache-2.0
 *
 * Languages. gettext looks LANGUAGE up only when the locale is not "C", and a machine at a counter
 * often has no locale data but C.UTF-8, which glibc counts as another: so the locale is the
 * environment's where that is UTF-8, else C.UTF-8, and LANGUAGE says the language.
 */
#include "base/text.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOMAIN    "countersign"
#define INSTALLED "/usr/share/locale"
#define UTF8      "C.UTF-8"

static const char *in_force = "en";

static bool begins_with(const char *text, const char *language)
{
	size_t len = strlen(language);

	return strncasecmp(text, language, len) == 0 && strchr("_-.@:", text[len]) != NULL;
}

/* One of the languages there are, or NULL. strchr() above finds the NUL at the end too. */
static const char *known_language(const char *text)
{
	if (begins_with(text, "zh"))
		return "zh_CN";
	if (begins_with(text, "en") || strcmp(text, "C") == 0 || strcmp(text, "POSIX") == 0 ||
		strncmp(text, "C.", 2) == 0)
		return "en";
	return NULL;
}

static const char *set_variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* What the user's environment asks for, in the order of gettext. */
static const char *environment_language(void)
{
	const char *list = set_variable("LANGUAGE");

	while (list != NULL) {
		const char *known = known_language(list);
		if (known != NULL)
			return known;
		list = strchr(list, ':');
		if (list != NULL)
			list++;
	}
	const char *locale = set_variable("LC_ALL");
	if (locale == NULL)
		locale = set_variable("LC_MESSAGES");
	if (locale == NULL)
		locale = set_variable("LANG");
	return locale != NULL ? known_language(locale) : NULL;
}

static bool folder_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The catalogues beside the program (built), or where PREFIX/bin has them, else the system's. */
static void find_catalogues(char *out, size_t out_cap)
{
	static const char *const PLACES[] = {"locale", "../share/locale"};
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; slash != NULL && i < sizeof PLACES / sizeof PLACES[0]; i++) {
		int len = snprintf(out, out_cap, "%s/%s", program, PLACES[i]);

		if (len > 0 && (size_t)len < out_cap && folder_exists(out))
			return;
	}
	snprintf(out, out_cap, "%s", INSTALLED);
}

static void set_locale(void)
{
	/* Not the others: numbers of printf() keep the point. Money and time are for base/local.c,
	 * which asks whether the environment's locale is there.
	 */
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, UTF8);
	setlocale(LC_MESSAGES, UTF8);
	setlocale(LC_MONETARY, "");
	setlocale(LC_TIME, "");
}

void text_init(const char *language)
{
	char catalogues[PATH_MAX];
	const char *known = NULL;

	if (language != NULL && language[0] != '\0')
		known = known_language(language);
	else
		known = environment_language();
	in_force = known != NULL ? known : "en";

	setenv("LANGUAGE", in_force, 1);
	set_locale();
	find_catalogues(catalogues, sizeof catalogues);
	bindtextdomain(DOMAIN, catalogues);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

bool text_language_exists(const char *language)
{
	return known_language(language) != NULL;
}

const char *text_language(void)
{
	return in_force;
}
