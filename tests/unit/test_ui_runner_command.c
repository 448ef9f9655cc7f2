/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of the configuration: what is a word, and what is refused because no shell reads
 * it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/lib/folder.h"
#include "ui/runner.h"

static struct runner_command command;

static int set_up(void **state)
{
	return folder_set_up(state) == 0 && chdir(folder_path) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	return chdir("/") == 0 ? folder_tear_down(state) : -1;
}

static void parse(const char *line)
{
	struct err err = {0};

	if (runner_command_parse(&command, line, NULL, &err) != ERR_OK)
		fail_msg("%s: %s", line, err.text);
}

static void splits_words_by_the_rule(void **state)
{
	static const struct {
		const char *line;
		const char *words[5];
	} rows[] = {
		{"", {NULL}},
		{" \t ", {NULL}},
		{"aplay", {"aplay"}},
		{"  aplay\t-q  /a/b.wav ", {"aplay", "-q", "/a/b.wav"}},
		{"a 'b c' d", {"a", "b c", "d"}},
		{"a \"b  c\"", {"a", "b  c"}},
		{"a b'c 'd\"e \"f", {"a", "bc de f"}},
		{"a '' \"\"", {"a", "", ""}},
		{"a 'it\\s'", {"a", "it\\s"}},
		{"a \"\\\"\\\\\\n\"", {"a", "\"\\\\n"}},
		{"a b\\ c \\' \\\\", {"a", "b c", "'", "\\"}},
		{"sh -c 'a | b > c; d & $e `f` <g'", {"sh", "-c", "a | b > c; d & $e `f` <g"}},
		{"a \\$b \"$c\"", {"a", "$b", "$c"}},
		{"a *.wav ~/b ? #c (d)", {"a", "*.wav", "~/b", "?", "#c"}},
		{"a { {} {A} }", {"a", "{", "{}", "{A}", "}"}},
		{"播放 '好 了'", {"播放", "好 了"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *word = command.words;

		parse(rows[i].line);
		for (int n = 0; n < 5 && rows[i].words[n] != NULL; n++) {
			assert_true(n < command.count);
			assert_string_equal(word, rows[i].words[n]);
			word += strlen(word) + 1;
		}
		if (rows[i].words[0] == NULL)
			assert_false(runner_command_is_set(&command));
	}
}

static void refuses_what_only_a_shell_could_do(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{"a | b", "no shell reads this, so | does nothing"},
		{"a >b", "so > does nothing"},
		{"a <b", "so < does nothing"},
		{"a; b", "so ; does nothing"},
		{"a &", "so & does nothing"},
		{"a $HOME", "so $ does nothing"},
		{"a `b`", "so ` does nothing"},
		{"a 'b", "a quote (') is not closed"},
		{"a \"b", "a quote (\") is not closed"},
		{"a \"b\\\"", "a quote (\") is not closed"},
		{"a b\\", "a backslash at the end"},
		{"'' b", "the name of the program is empty"},
		{"a {language}", "{language} is nothing that can be put in"},
		{"1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5", "at most 24 words"},
	};
	struct err err;
	char line[RUNNER_LINE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			runner_command_parse(&command, rows[i].line, NULL, &err), ERR_FORMAT);
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].line, err.text);
		assert_false(runner_command_is_set(&command));
	}
	memset(line, 'a', sizeof line);
	line[RUNNER_LINE_MAX - 1] = '\0';
	parse(line);
	line[RUNNER_LINE_MAX - 1] = 'a';
	line[RUNNER_LINE_MAX] = '\0';
	assert_int_equal(runner_command_parse(&command, line, NULL, &err), ERR_FORMAT);
}

static void says_whether_there_is_such_a_program(void **state)
{
	struct err err;

	(void)state;
	parse("sh");
	assert_int_equal(runner_command_check(&command, &err), ERR_OK);
	parse("/bin/sh");
	assert_int_equal(runner_command_check(&command, &err), ERR_OK);
	parse("no-such-program-here");
	assert_int_equal(runner_command_check(&command, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "no-such-program-here"));
	parse("./none");
	assert_int_equal(runner_command_check(&command, &err), ERR_NOT_FOUND);
	put_file("plain", "x", 1, 0644);
	parse("./plain");
	assert_int_equal(runner_command_check(&command, &err), ERR_PERMISSION);
	parse("/tmp");
	assert_int_equal(runner_command_check(&command, &err), ERR_PERMISSION);
	parse("");
	assert_int_equal(runner_command_check(&command, &err), ERR_NOT_FOUND);
}

static void takes_known_names_only(void **state)
{
	static const char *const names[] = {"language", "tone", NULL};
	struct err err;

	(void)state;
	assert_int_equal(runner_command_parse(&command, "a {language} b{tone}{tone}", names, NULL),
		ERR_OK);
	assert_int_equal(
		runner_command_parse(&command, "a {langauge}", names, &err), ERR_FORMAT);
	assert_non_null(strstr(err.text, "{langauge} is nothing that can be put in; there is "
					 "{language}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_words_by_the_rule),
		cmocka_unit_test(refuses_what_only_a_shell_could_do),
		cmocka_unit_test(says_whether_there_is_such_a_program),
		cmocka_unit_test(takes_known_names_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
