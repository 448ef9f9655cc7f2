/* SPDX-License-Identifier: Apache-2.0
 *
 * holder: the wallet as a command-line program, and the phone-and-camera simulator.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "wallet/holder/command.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *words;
} commands[] = {
	{"activate", command_activate, "fetch a credential from its issuer into a wallet file"},
	{"show", command_show, "the first code, as text, in the terminal, or as PNG"},
	{"answer", command_answer, "NUMBER: the second code for the number on the terminal"},
	{"scan", command_scan, "CODE: check a challenge code; with --yes answer it"},
	{"info", command_info, "what the wallet holds, without its secrets"},
	{"simulate", command_simulate, "the phone-and-camera simulator: frames on standard output"},
	{"derive", command_derive, "plumbing: all codes of one test case as JSON"},
};

static void help(void)
{
	puts("usage: holder COMMAND [FLAGS]\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].words);
	puts("\n`holder COMMAND --help` lists the flags of one command.\n"
	     "exit status: 0 done; 1 refused or failed; 3 wrong usage, or a file that is not "
	     "there");
}

int main(int argc, char **argv)
{
	struct err err = {0};

	process_guard();
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		help();
		return argc < 2 ? HOLDER_USAGE : HOLDER_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("holder " COUNTERSIGN_VERSION);
		return HOLDER_DONE;
	}
	if (sec_start(&err))
		return command_failed(&err);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			int code = commands[i].run(argc - 2, argv + 2);

			if (fflush(stdout) || ferror(stdout)) {
				err_set(&err, ERR_IO, "standard output cannot be written");
				code = command_failed(&err);
			}
			sec_stop();
			return code;
		}
	err_set(&err, ERR_USAGE, "there is no command %.32s; `holder --help` lists them", argv[1]);
	return command_failed(&err);
}
