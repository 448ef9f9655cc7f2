/* SPDX-License-Identifier: Apache-2.0
 *
 * Flags, and secrets from files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/lib/folder.h"
#include "wallet/holder/command.h"

static struct {
	bool flag;
	const char *text;
	int64_t number;
} f;

static const struct option_entry list[] = {
	{"--flag", OPTION_FLAG, &f.flag, 0, 0, NULL, ""},
	{"--text", OPTION_TEXT, &f.text, 0, 0, "TEXT", ""},
	{"--number", OPTION_INT, &f.number, -5, 60, "N", ""},
};

/* The words of one line, separated by single spaces. */
static enum err_code parse(struct option_result *r, const char *line)
{
	static char copy[256];
	char *argv[16];
	int argc = 0;

	f.flag = false;
	f.text = NULL;
	f.number = 7;
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *at = copy; *at;) {
		argv[argc++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = 0;
	}
	return options_parse(r, list, 3, argc, argv, 2, NULL);
}

static void takes_flags_and_words(void **state)
{
	struct option_result r;

	(void)state;
	assert_int_equal(parse(&r, ""), ERR_OK);
	assert_int_equal(r.word_count, 0);
	assert_int_equal(f.number, 7);
	assert_int_equal(parse(&r, "one --flag --text a=b --number=-5 -"), ERR_OK);
	assert_true(f.flag);
	assert_string_equal(f.text, "a=b");
	assert_int_equal(f.number, -5);
	assert_int_equal(r.word_count, 2);
	assert_string_equal(r.words[0], "one");
	assert_string_equal(r.words[1], "-");
	assert_int_equal(parse(&r, "--text=--flag -- --number"), ERR_OK);
	assert_false(f.flag);
	assert_string_equal(f.text, "--flag");
	assert_string_equal(r.words[0], "--number");
	assert_int_equal(parse(&r, "--flag --help --nonsense"), ERR_OK);
	assert_true(r.help);
}

static void refuses_what_is_no_flag(void **state)
{
	static const char *const bad[] = {"--fla", "--flagg", "-f", "--flag=1", "--flag --flag",
		"--text", "--number", "--number x", "--number 61", "--number -6", "--number 1x",
		"--number=", "--number 99999999999999999999", "a b c", "--text a --text b",
		"--= 1"};
	struct option_result r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&r, bad[i]), ERR_USAGE);
}

static enum err_code read_secret(const char *path, char out[static 300])
{
	struct secret *s = NULL;
	enum err_code rc = secret_line_read(&s, "passcode", path, false, WALLET_PASSCODE_MAX, NULL);

	assert_true((rc == ERR_OK) == (s != NULL));
	if (s)
		snprintf(out, 300, "%.*s", (int)s->len, (const char *)s->data);
	secret_free(&s);
	return rc;
}

static void reads_the_first_line_of_a_secret_file(void **state)
{
	char long_line[WALLET_PASSCODE_MAX + 2], out[300];

	(void)state;
	memset(long_line, 'x', sizeof(long_line));
	assert_int_equal(read_secret(put_file("a", "pass word\n", 10, 0600), out), ERR_OK);
	assert_string_equal(out, "pass word");
	assert_int_equal(read_secret(put_file("a", "crlf\r\nsecond", 12, 0600), out), ERR_OK);
	assert_string_equal(out, "crlf");
	assert_int_equal(read_secret(put_file("a", "bare", 4, 0400), out), ERR_OK);
	assert_string_equal(out, "bare");
	assert_int_equal(
		read_secret(put_file("b", long_line, WALLET_PASSCODE_MAX, 0600), out), ERR_OK);
}

static void refuses_a_secret_file_that_is_open_empty_or_long(void **state)
{
	char long_line[WALLET_PASSCODE_MAX + 2], out[300];

	(void)state;
	memset(long_line, 'x', sizeof(long_line));
	assert_int_equal(read_secret(put_file("c", "pass\n", 5, 0640), out), ERR_PERMISSION);
	assert_int_equal(read_secret(put_file("c", "pass\n", 5, 0604), out), ERR_PERMISSION);
	assert_int_equal(read_secret(put_file("d", "", 0, 0600), out), ERR_INVALID);
	assert_int_equal(read_secret(put_file("d", "\nsecond", 7, 0600), out), ERR_INVALID);
	assert_int_not_equal(
		read_secret(put_file("e", long_line, WALLET_PASSCODE_MAX + 1, 0600), out), ERR_OK);
	assert_int_equal(read_secret(in_folder("none"), out), ERR_NOT_FOUND);
	assert_int_equal(read_secret(folder_path, out), ERR_INVALID);
}

static void wants_one_source_of_a_secret(void **state)
{
	struct secret *s = NULL;

	(void)state;
	assert_int_equal(secret_line_read(&s, "passcode", NULL, false, 10, NULL), ERR_USAGE);
	assert_int_equal(secret_line_read(&s, "passcode", "x", true, 10, NULL), ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_flags_and_words),
		cmocka_unit_test(refuses_what_is_no_flag),
		cmocka_unit_test(reads_the_first_line_of_a_secret_file),
		cmocka_unit_test(refuses_a_secret_file_that_is_open_empty_or_long),
		cmocka_unit_test(wants_one_source_of_a_secret),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (sec_start(NULL))
		return 1;
	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
