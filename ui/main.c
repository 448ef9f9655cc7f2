/* SPDX-License-Identifier: Apache-2.0
 *
 * countersign: the terminal program.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/near.h"
#include "base/process.h"
#include "base/text.h"
#include "base/text_safe.h"
#include "ui/check.h"
#include "ui/devices.h"
#include "ui/enrol.h"
#include "ui/explain.h"
#include "ui/first_start.h"
#include "ui/offline_command.h"
#include "ui/options.h"
#include "ui/printer.h"
#include "ui/sales_export.h"
#include "ui/terminal.h"

#define HELP_MAX 8192

static int help_print(void)
{
	static char storage[HELP_MAX];
	struct bytes text;

	bytes_init_fixed(&text, storage, sizeof storage);
	options_help(&text);
	ASSERT(!text.full);
	return fwrite(text.data, 1, text.len, stdout) == text.len && fflush(stdout) == 0
		       ? EXIT_ACCEPTED
		       : EXIT_REFUSED;
}

static int run_main(int argc, char **argv)
{
	struct options opt;
	struct err err = {0};

	if (options_parse(&opt, argc, argv, &err) != ERR_OK) {
		fprintf(stderr, "countersign: %s\n", err.text);
		return EXIT_USAGE;
	}
	if (opt.language != NULL)
		text_init(opt.language);
	if (opt.help)
		return help_print();
	if (opt.version) {
		printf("countersign " COUNTERSIGN_VERSION "\n");
		return EXIT_ACCEPTED;
	}
	if (first_start(&opt, &err) != ERR_OK) {
		fprintf(stderr, "countersign: %s\n", err.text);
		return EXIT_USAGE;
	}
	log_set_level(opt.verbose ? LOG_DEBUG : LOG_WARNING);
	return terminal_run(&opt);
}

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{"run", run_main},
	{"explain", explain_main},
	{"devices", devices_main},
	{"enrol", enrol_main},
	{"sales", sales_main},
	{"offline", offline_main},
	{PRINTER_DEVICE_COMMAND, printer_device_main}, /* what printer.c starts */
	{"check", check_main},
};

static int unknown_command(const char *word)
{
	char safe[NEAR_WORD_MAX];

	text_safe(safe, sizeof safe, span_text(word));
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (!near_is(near_distance(safe, commands[i].name), safe))
			continue;
		fprintf(stderr, "countersign: %s: no such command; is it %s?\n", safe,
			commands[i].name);
		return EXIT_USAGE;
	}
	fprintf(stderr,
		"countersign: %s: no such command; there are run, sales, offline, enrol, check, "
		"explain and devices, and --help\n",
		safe);
	return EXIT_USAGE;
}

/* A descriptor that somebody closed would be given to a file of ours, and be read or written. */
static void standard_descriptors_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	size_t i;

	process_guard();
	standard_descriptors_open();
	text_init(NULL);
	if (argc < 2 || argv[1][0] == '-')
		return run_main(argc, argv);
	for (i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].main(argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
