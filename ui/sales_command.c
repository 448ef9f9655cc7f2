/* SPDX-License-Identifier: Apache-2.0
 *
 * `countersign sales`: the list of a day on standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/options.h"
#include "ui/sales_export.h"
#include "ui/settings.h"

struct arguments {
	const char *config, *folder, *date, *language;
	enum sales_format format;
	bool help;
};

static void usage(FILE *to)
{
	fputs(_("usage: countersign sales [--date 2026-11-21] [--json | --csv]\n"
		"                         [--config FILE | --folder DIR] [--language LANG]\n"
		"Prints what this terminal checked today, or on another day.\n"
		"Exit status: 0 printed, also an empty list; 3 wrong usage or fault.\n"),
		to);
}

/* NULL: that is no argument of ours. */
static const char **value_of(struct arguments *a, const char *word)
{
	const struct {
		const char *name;
		const char **value;
	} names[] = {{"--config", &a->config}, {"--folder", &a->folder}, {"--date", &a->date},
		{"--language", &a->language}};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(word, names[i].name) == 0)
			return names[i].value;
	return NULL;
}

static bool arguments_read(struct arguments *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char **value = value_of(a, argv[i]);

		if (strcmp(argv[i], "--help") == 0)
			a->help = true;
		else if (strcmp(argv[i], "--json") == 0 && a->format != SALES_CSV)
			a->format = SALES_JSON;
		else if (strcmp(argv[i], "--csv") == 0 && a->format != SALES_JSON)
			a->format = SALES_CSV;
		else if (value != NULL && *value == NULL && i + 1 < argc)
			*value = argv[++i];
		else
			return false;
	}
	if (a->language != NULL && !text_language_exists(a->language))
		return false;
	return a->config == NULL || a->folder == NULL;
}

static void today(char day[static SALES_DAY_LEN + 1])
{
	struct clock clock;
	int32_t offset;

	clock_init_real(&clock);
	sale_day(day, &offset, clock_unix_s(&clock));
}

/* Without a configuration the usual folder is meant. */
static enum err_code folder_find(const char **out, struct settings *s, const struct arguments *a,
	struct err *err)
{
	enum err_code rc;

	*out = a->folder;
	if (a->folder != NULL)
		return ERR_OK;
	rc = settings_read(s, a->config, err);
	settings_wipe(s);
	*out = rc == ERR_OK ? s->sales_folder : NULL;
	if (rc == ERR_OK && a->language == NULL && s->language[0] != '\0')
		text_init(s->language);
	return rc == ERR_NOT_FOUND && a->config == NULL ? ERR_OK : rc;
}

static enum err_code print(const struct arguments *a, struct err *err)
{
	static struct settings settings; /* large, as the next one is */
	static struct sales sales;
	char day[SALES_DAY_LEN + 1];
	struct stat st;
	const char *folder;
	enum err_code rc = folder_find(&folder, &settings, a, err);

	today(day);
	if (rc == ERR_OK && a->folder != NULL && stat(a->folder, &st) != 0)
		rc = err_set_os(err, ERR_IO, errno, "%s", a->folder);
	if (rc == ERR_OK)
		rc = sales_open_day(&sales, folder, a->date != NULL ? a->date : day, err);
	if (rc == ERR_NOT_FOUND && sales.day[0] != '\0')
		rc = ERR_OK; /* nothing was sold on that day */
	if (rc == ERR_OK)
		rc = sales_write(stdout, &sales, a->format, err);
	sales_close(&sales);
	return rc;
}

int sales_main(int argc, char **argv)
{
	struct arguments a = {.format = SALES_TABLE};
	struct err err = {0};

	if (!arguments_read(&a, argc, argv)) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (a.language != NULL)
		text_init(a.language);
	if (a.help) {
		usage(stdout);
		return EXIT_ACCEPTED;
	}
	if (print(&a, &err) == ERR_OK)
		return EXIT_ACCEPTED;
	fprintf(stderr, "countersign sales: %s\n", err.text);
	return EXIT_USAGE;
}
