/* SPDX-License-Identifier: Apache-2.0
 *
 * countersignd without its main(): the command line, shared by the program and by the deterministic
 * test build, which differ only in the hooks.
 */
#ifndef BACKEND_PROGRAM_H
#define BACKEND_PROGRAM_H

#include "backend/server.h"

/* Exit status, also in docs/countersignd.8. */
enum program_exit {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1, /* refused, failed, damaged, or the audit chain is broken */
	EXIT_SETUP = 3    /* wrong usage, or something is not set up as it must be */
};

/* All NULL but the name and the page in the installed program. */
struct program_hooks {
	const char *name;
	const char *help; /* lines about the options below */
	/* Takes argv[0] (and what it needs after it): how many it took, 0 = not one of its options,
	 * -1 = err says what is wrong with it.
	 */
	int (*option)(int argc, char **argv, struct err *err);
	/* After all global options. ERR_USAGE when one is missing. */
	enum err_code (*clock)(struct clock *out, struct err *err);
	/* Before a command uses randomness: its words, and how many audit records there are. */
	void (*seed)(const char *words, int64_t audit_records);
	const struct server_time_header *time_header;
	const struct site *site; /* the wallet page */
};

int program_main(int argc, char **argv, const struct program_hooks *hooks);

#endif
