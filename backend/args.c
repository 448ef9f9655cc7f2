/* SPDX-License-Identifier: Apache-2.0
 *
 * Command-line arguments against a declared list.
 */
#include "backend/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_safe.h"

#define ARGS_MAX 16

enum err_code args_number(int64_t *out, const char *text, int64_t min, int64_t max)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	long long v;

	if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return ERR_FORMAT;
	errno = 0;
	v = strtoll(text, NULL, 10);
	if (errno || v < min || v > max)
		return ERR_RANGE;
	*out = v;
	return ERR_OK;
}

static enum err_code refuse(struct err *err, const char *arg, const char *words)
{
	char safe[80];

	(void)text_safe(safe, sizeof(safe), span_text(arg));
	return err_set(err, ERR_USAGE, "%s: %s", safe, words);
}

/* The declared option that `arg` (behind its dashes) names; *value is what follows a '='. */
static const struct arg *find(
	const struct arg *list, size_t count, const char *arg, const char **value)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);

	*value = equals ? equals + 1 : NULL;
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i].name) == len && memcmp(list[i].name, arg, len) == 0)
			return &list[i];
	return NULL;
}

static enum err_code take_value(const struct arg *a, const char *value, struct err *err)
{
	char name[64] = "--";

	memcpy(name + 2, a->name, strlen(a->name) + 1);
	if (a->text) {
		*a->text = value;
		return ERR_OK;
	}
	if (args_number(a->number, value, a->min, a->max) == ERR_OK)
		return ERR_OK;
	return err_set(err, ERR_USAGE, "%s: must be a whole number from %lld to %lld", name,
		(long long)a->min, (long long)a->max);
}

static enum err_code take_word(struct args_words *words, const char *arg, struct err *err)
{
	if (!words || words->count >= words->max)
		return refuse(err, arg, "unexpected argument; see --help");
	words->list[words->count++] = arg;
	return ERR_OK;
}

enum err_code args_parse(int argc, char **argv, const struct arg *list, size_t count,
	struct args_words *words, struct err *err)
{
	bool seen[ARGS_MAX] = {false};
	bool only_words = false;
	enum err_code e = ERR_OK;

	ASSERT(count <= ARGS_MAX);
	for (int i = 0; !e && i < argc; i++) {
		const struct arg *a;
		const char *value;

		if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
			e = take_word(words, argv[i], err);
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		a = argv[i][1] == '-' ? find(list, count, argv[i] + 2, &value) : NULL;
		if (!a)
			return refuse(err, argv[i], "unknown option; see --help");
		if (seen[a - list])
			return refuse(err, argv[i], "given twice");
		seen[a - list] = true;
		if (a->given)
			*a->given = true;
		if (a->flag) {
			if (value)
				return refuse(err, argv[i], "takes no value");
			*a->flag = true;
			continue;
		}
		if (!value && ++i >= argc)
			return refuse(err, argv[i - 1], "needs a value");
		e = take_value(a, value ? value : argv[i], err);
	}
	return e;
}
