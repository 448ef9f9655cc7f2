/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/options.h"

#define OPTIONS_MAX 64

static const struct option_entry *entry_find(
	const struct option_entry *list, size_t count, const char *word, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i].name) == len && strncmp(list[i].name, word, len) == 0)
			return &list[i];
	return NULL;
}

static enum err_code int_set(const struct option_entry *e, const char *text, struct err *err)
{
	char *end;
	int64_t v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || *end || v < e->min || v > e->max)
		return err_set(err, ERR_USAGE,
			"%s takes a whole number from %" PRId64 " to %" PRId64, e->name, e->min,
			e->max);
	*(int64_t *)e->value = v;
	return ERR_OK;
}

static enum err_code value_set(const struct option_entry *e, const char *text, struct err *err)
{
	if (e->kind == OPTION_INT)
		return int_set(e, text, err);
	*(const char **)e->value = text;
	return ERR_OK;
}

static enum err_code word_add(
	struct option_result *out, const char *word, size_t words_max, struct err *err)
{
	if (out->word_count == words_max ||
		out->word_count == sizeof(out->words) / sizeof(out->words[0]))
		return err_set(err, ERR_USAGE, "'%s' is one word too many", word);
	out->words[out->word_count++] = word;
	return ERR_OK;
}

/* One flag at argv[*at]; moves *at over its value. */
static enum err_code flag_take(const struct option_entry *list, size_t count, bool *seen, int argc,
	char **argv, int *at, struct err *err)
{
	const char *word = argv[*at], *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_entry *e = entry_find(list, count, word, len);

	if (!e)
		return err_set(err, ERR_USAGE, "there is no flag %.*s here; --help lists them",
			(int)(len < 64 ? len : 64), word);
	if (seen[e - list])
		return err_set(err, ERR_USAGE, "%s is given twice", e->name);
	seen[e - list] = true;
	if (e->kind == OPTION_FLAG) {
		if (equals)
			return err_set(err, ERR_USAGE, "%s takes no value", e->name);
		*(bool *)e->value = true;
		return ERR_OK;
	}
	if (equals)
		return value_set(e, equals + 1, err);
	if (*at + 1 >= argc)
		return err_set(err, ERR_USAGE, "%s wants a value: %s", e->name, e->argument);
	return value_set(e, argv[++*at], err);
}

enum err_code options_parse(struct option_result *out, const struct option_entry *list,
	size_t count, int argc, char **argv, size_t words_max, struct err *err)
{
	bool seen[OPTIONS_MAX] = {false}, only_words = false;
	enum err_code rc = ERR_OK;

	ASSERT(count <= OPTIONS_MAX);
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < argc && !rc; i++) {
		if (only_words || argv[i][0] != '-' || !argv[i][1])
			rc = word_add(out, argv[i], words_max, err);
		else if (strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			out->help = true;
			return ERR_OK;
		} else
			rc = flag_take(list, count, seen, argc, argv, &i, err);
	}
	return rc;
}

void options_print(const struct option_entry *list, size_t count)
{
	char left[64];

	for (size_t i = 0; i < count; i++) {
		snprintf(left, sizeof(left), "%s%s%s", list[i].name, list[i].argument ? " " : "",
			list[i].argument ? list[i].argument : "");
		printf("  %-24s %s\n", left, list[i].help);
	}
}
