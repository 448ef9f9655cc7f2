/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of the configuration: words and their quotes.
 */
#include "ui/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_LEN 16 /* characters of a {name} */
#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

struct splitting {
	const char *line;
	size_t at;
	char *out; /* RUNNER_LINE_MAX: words are never longer than their line */
	size_t len;
};

static bool is_gap(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_for_a_shell(char c)
{
	return c != '\0' && strchr("|&;<>$`", c) != NULL;
}

/* ---- one word ---- */

static enum err_code quoted(struct splitting *s, struct err *err)
{
	char quote = s->line[s->at++];
	char c;

	while ((c = s->line[s->at]) != quote) {
		if (c == '\\' && quote == '"' &&
			(s->line[s->at + 1] == '"' || s->line[s->at + 1] == '\\'))
			c = s->line[++s->at];
		if (c == '\0')
			return err_set(err, ERR_FORMAT, "a quote (%c) is not closed", quote);
		s->out[s->len++] = c;
		s->at++;
	}
	s->at++;
	return ERR_OK;
}

static enum err_code word(struct splitting *s, struct err *err)
{
	enum err_code rc = ERR_OK;
	char c;

	while (rc == ERR_OK && (c = s->line[s->at]) != '\0' && !is_gap(c)) {
		if (c == '"' || c == '\'') {
			rc = quoted(s, err);
			continue;
		}
		if (is_for_a_shell(c))
			return err_set(err, ERR_FORMAT,
				"no shell reads this, so %c does nothing; put it in quotes, or "
				"name a script that does it",
				c);
		if (c == '\\' && (c = s->line[++s->at]) == '\0')
			return err_set(err, ERR_FORMAT, "a backslash at the end");
		s->out[s->len++] = c;
		s->at++;
	}
	s->out[s->len++] = '\0';
	return rc;
}

/* ---- {names} ---- */

static bool is_name(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((text[i] < 'a' || text[i] > 'z') && text[i] != '_')
			return false;
	return len > 0 && len <= NAME_MAX_LEN;
}

static bool is_known(const char *text, size_t len, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++)
		if (strlen(*names) == len && memcmp(*names, text, len) == 0)
			return true;
	return false;
}

/* What looks like a name and is none would reach the program as it stands, and nobody see why. */
static enum err_code names_check(const char *text, const char *const *names, struct err *err)
{
	const char *open = text;

	while ((open = strchr(open, '{')) != NULL) {
		const char *close = strchr(++open, '}');
		size_t len = close != NULL ? (size_t)(close - open) : 0;

		if (!is_name(open, len) || is_known(open, len, names))
			continue;
		return err_set(err, ERR_FORMAT, "{%.*s} is nothing that can be put in%s%s%s",
			(int)len, open, names != NULL && names[0] != NULL ? "; there is {" : "",
			names != NULL && names[0] != NULL ? names[0] : "",
			names != NULL && names[0] != NULL ? "}" : "");
	}
	return ERR_OK;
}

/* ---- the line ---- */

enum err_code runner_command_parse(struct runner_command *out, const char *line,
	const char *const *names, struct err *err)
{
	struct splitting s = {.line = line, .out = out->words};
	enum err_code rc = ERR_OK;
	size_t start;
	int count = 0;

	memset(out, 0, sizeof *out);
	/* with NUL; each word takes its NUL from the gap before it or the end of the line */
	if (strlen(line) >= RUNNER_LINE_MAX)
		return err_set(err, ERR_FORMAT, "at most %d bytes", RUNNER_LINE_MAX - 1);
	while (rc == ERR_OK) {
		while (is_gap(line[s.at]))
			s.at++;
		if (line[s.at] == '\0')
			break;
		if (count++ == RUNNER_WORDS_MAX)
			return err_set(err, ERR_FORMAT, "at most %d words", RUNNER_WORDS_MAX);
		start = s.len;
		rc = word(&s, err);
		if (rc == ERR_OK)
			rc = names_check(out->words + start, names, err);
		if (rc == ERR_OK && count == 1 && out->words[0] == '\0')
			rc = err_set(err, ERR_FORMAT, "the name of the program is empty");
	}
	if (rc == ERR_OK)
		out->count = count;
	return rc;
}

/* ---- is there such a program ---- */

static bool may_be_run(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool is_in_path(const char *name)
{
	const char *folders = getenv("PATH");
	char path[4096];
	size_t len;
	int n;

	if (folders == NULL || folders[0] == '\0')
		folders = PATH_DEFAULT;
	for (; *folders != '\0'; folders += len + (folders[len] == ':')) {
		len = strcspn(folders, ":");
		n = snprintf(path, sizeof path, "%.*s%s%s", (int)len, folders, len > 0 ? "/" : "",
			name);
		if (n > 0 && (size_t)n < sizeof path && may_be_run(path))
			return true;
	}
	return false;
}

enum err_code runner_command_check(const struct runner_command *c, struct err *err)
{
	const char *name = c->words;

	if (c->count == 0)
		return err_set(err, ERR_NOT_FOUND, "no program is named");
	if (strchr(name, '/') == NULL && !is_in_path(name))
		return err_set(err, ERR_NOT_FOUND, "there is no program %s in $PATH; install it",
			name);
	if (strchr(name, '/') == NULL || may_be_run(name))
		return ERR_OK;
	if (access(name, F_OK) != 0)
		return err_set_os(err, ERR_NOT_FOUND, errno, "%s", name);
	return err_set(err, ERR_PERMISSION, "%s: is no program that may be run here", name);
}
