/* SPDX-License-Identifier: Apache-2.0
 *
 * Command-line arguments against a declared list: --name VALUE, --name=VALUE, --flag, and words.
 * Unknown options, missing values, repeats and too many words are refused in one clear line.
 */
#ifndef BACKEND_ARGS_H
#define BACKEND_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Exactly one of text, number and flag is set. */
struct arg {
	const char *name;     /* without the dashes */
	const char **text;    /* borrowed from argv */
	int64_t *number;      /* decimal, min..max */
	int64_t min, max;
	bool *flag;
	bool *given;          /* NULL = nobody asks */
};

struct args_words {
	const char **list;
	size_t max, count;
};

/* Returns: ERR_OK; ERR_USAGE with words. What is not given keeps its value. words may be NULL. */
ERR_MUST_CHECK enum err_code args_parse(int argc, char **argv, const struct arg *list, size_t count,
	struct args_words *words, struct err *err);

/* The whole text is one decimal number in min..max. */
ERR_MUST_CHECK enum err_code args_number(int64_t *out, const char *text, int64_t min, int64_t max);

#endif
