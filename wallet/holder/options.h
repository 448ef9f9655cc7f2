/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags of one command as a table: what is accepted and what --help prints come from the same list.
 */
#ifndef WALLET_HOLDER_OPTIONS_H
#define WALLET_HOLDER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum option_kind {
	OPTION_FLAG, /* bool, takes no value */
	OPTION_TEXT, /* const char * into argv */
	OPTION_INT   /* int64_t from min to max */
};

struct option_entry {
	const char *name; /* "--wallet" */
	enum option_kind kind;
	void *value;          /* keeps its default when the flag is absent */
	int64_t min, max;     /* OPTION_INT */
	const char *argument; /* word for --help; NULL for flags */
	const char *help;
};

struct option_result {
	const char *words[4]; /* what is no flag, in order; "-" and all after "--" belong here */
	size_t word_count;
	bool help; /* --help was among them; nothing else was checked after it */
};

/* argv[0] is the first argument. ERR_USAGE with one clear line: unknown flag, flag twice, value
 * missing or out of range, more words than words_max.
 */
ERR_MUST_CHECK enum err_code options_parse(struct option_result *out,
	const struct option_entry *list, size_t count, int argc, char **argv, size_t words_max,
	struct err *err);

void options_print(const struct option_entry *list, size_t count);

#endif
