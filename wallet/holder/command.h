/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of `holder`, and what they share: flags of the wallet, passcodes, exit codes.
 */
#ifndef WALLET_HOLDER_COMMAND_H
#define WALLET_HOLDER_COMMAND_H

#include "base/clock.h"
#include "wallet/holder/options.h"
#include "wallet/holder/wallet.h"

enum holder_exit {
	HOLDER_DONE = 0,
	HOLDER_FAILED = 1, /* refused, failed */
	HOLDER_USAGE = 3   /* wrong flags, or files that are not there */
};

int command_activate(int argc, char **argv);
int command_show(int argc, char **argv);
int command_answer(int argc, char **argv);
int command_scan(int argc, char **argv);
int command_info(int argc, char **argv);
int command_derive(int argc, char **argv);
int command_simulate(int argc, char **argv);

/* One line to standard error, made safe; returns the exit code that fits. */
int command_failed(const struct err *err);

/* One case in, all that follows from it out, both JSON (derive.c). */
ERR_MUST_CHECK enum err_code derive(struct bytes *out, struct span text, struct err *err);

/* ---- a wallet on the command line ---- */

struct wallet_flags {
	const char *wallet;
	const char *passcode_file;
	bool passcode_stdin;
	int64_t at; /* Unix seconds instead of the computer's clock; -1 = the clock */
};
/* clang-format off */
#define WALLET_FLAGS(f)                                                                            \
	{"--wallet", OPTION_TEXT, &(f).wallet, 0, 0, "FILE", "the wallet file"},                   \
	{"--passcode-file", OPTION_TEXT, &(f).passcode_file, 0, 0, "FILE",                         \
		"the passcode is the first line of this file (mode 0600)"},                        \
	{"--passcode-stdin", OPTION_FLAG, &(f).passcode_stdin, 0, 0, NULL,                         \
		"the passcode is the next line of standard input"}
/* clang-format on */
#define WALLET_FLAG_AT(f)                                                                          \
	{                                                                                          \
		"--at", OPTION_INT, &(f).at, 0, UINT32_MAX, "UNIX",                                \
			"as if it were this Unix time (for tests)"                                 \
	}

int64_t wallet_flags_now(const struct wallet_flags *f); /* Unix seconds */
/* Opens the wallet that the flags name. */
ERR_MUST_CHECK enum err_code wallet_flags_open(
	struct wallet **out, const struct wallet_flags *f, struct err *err);

/* ---- secrets on the command line (passcode.c) ---- */

/* Exactly one of file and from_stdin; `what` is for messages ("passcode"). The line break at the
 * end is not part of it.
 */
ERR_MUST_CHECK enum err_code secret_line_read(struct secret **out, const char *what,
	const char *file, bool from_stdin, size_t len_max, struct err *err);
/* Length and content of a new passcode. */
ERR_MUST_CHECK enum err_code passcode_check(const struct secret *passcode, struct err *err);

/* ---- showing a code (show.c) ---- */

struct show_flags {
	bool text, terminal;
	const char *png;
};
/* clang-format off */
#define SHOW_FLAGS(f)                                                                              \
	{"--text", OPTION_FLAG, &(f).text, 0, 0, NULL, "print the code's text (the default)"},     \
	{"--terminal", OPTION_FLAG, &(f).terminal, 0, 0, NULL, "draw the code in the terminal"},   \
	{"--png", OPTION_TEXT, &(f).png, 0, 0, "FILE", "write the code as a PNG picture"}
/* clang-format on */
ERR_MUST_CHECK enum err_code code_show(
	struct span text, const struct show_flags *f, struct err *err);

#endif
