/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/config.h"
#include "tests/lib/folder.h"

static struct {
	char name[16];
	char url[64];
	int64_t port;
	bool loud;
} values;

static const struct config_key keys[] = {
	{"terminal", "name", CONFIG_TEXT, values.name, sizeof values.name, 0, 0},
	{"backend", "url", CONFIG_TEXT, values.url, sizeof values.url, 0, 0},
	{"backend", "port", CONFIG_INT, &values.port, 0, 1, 65535},
	{"terminal", "loud", CONFIG_BOOL, &values.loud, 0, 0, 0},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

static struct err e;

static int set_up(void **state)
{
	memset(&values, 0, sizeof values);
	snprintf(values.name, sizeof values.name, "default");
	values.port = 7;
	return folder_set_up(state);
}

static enum err_code read_bytes(const void *text, size_t len)
{
	return config_read(put_file("c.conf", text, len, 0600), true, keys, KEY_COUNT, &e);
}

static enum err_code read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

/* Refused, with the file, the line and these words. */
static void assert_refused(const char *text, int line, const char *words)
{
	char where[300];

	assert_int_equal(read_text(text), ERR_FORMAT);
	snprintf(where, sizeof where, "%s/c.conf:%d: ", folder_path, line);
	if (strncmp(e.text, where, strlen(where)) != 0 || strstr(e.text, words) == NULL)
		fail_msg("`%s` is not `%s...%s`", e.text, where, words);
}

static void reads_values_of_every_type(void **state)
{
	(void)state;
	assert_int_equal(
		read_text("; counter 3\n# by hand\n[terminal]\nname = Front desk \nloud=yes\n"
			  "\n[backend]\r\nurl=https://x.example:8/y\r\nport = 8443\n"),
		ERR_OK);
	assert_string_equal(values.name, "Front desk");
	assert_string_equal(values.url, "https://x.example:8/y");
	assert_int_equal(values.port, 8443);
	assert_true(values.loud);
}

static void absent_keys_keep_their_defaults(void **state)
{
	(void)state;
	assert_int_equal(read_text(""), ERR_OK);
	assert_int_equal(read_text("[terminal]\n"), ERR_OK);
	assert_int_equal(read_text("[terminal]"), ERR_OK);
	assert_string_equal(values.name, "default");
	assert_int_equal(values.port, 7);
	assert_int_equal(read_text("[terminal]\nname=街角"), ERR_OK);
	assert_string_equal(values.name, "街角");
}

static void refuses_names_that_are_not_known(void **state)
{
	(void)state;
	assert_refused("[terminal]\nnam=x\n", 2, "[terminal] nam: is not known");
	assert_refused("[terminal]\nname=x\n\nNAME=x\n", 4, "NAME: is not known");
	assert_refused("[backend]\nname=x\n", 2, "[backend] name: is not known");
	assert_refused("name=x\n", 1, "[] name: is not known");
	assert_refused("[other]\nx=1\n", 2, "[other] x: is not known");
	assert_refused("[te\x1b]\nx=1\n", 2, "[te\xef\xbf\xbd] x: is not known");
}

static void names_the_key_that_was_meant(void **state)
{
	(void)state;
	assert_refused("[terminal]\nnmae=x\n", 2, "nmae: is not known; is it [terminal] name?");
	assert_refused("[terminal]\nNAME=x\n", 2, "is it [terminal] name?");
	assert_refused("[termnal]\nloud=yes\n", 2, "is it [terminal] loud?");
	assert_refused("[terminal]\nport=1\n", 2, "is it [backend] port?");
	assert_refused("[backend]\nul=x\n", 2, "is it [backend] url?");
	assert_refused("[backend]\ncolour=x\n", 2, "is not known; see the manual");
	assert_refused("[backend]\nx=1\n", 2, "is not known; see the manual");
}

static void tells_which_keys_a_file_has(void **state)
{
	bool seen[KEY_COUNT];
	static const char text[] = "[backend]\nport=80\n[terminal]\nname=x\n";

	(void)state;
	memset(seen, 1, sizeof seen);
	assert_int_equal(config_read_told(put_file("c.conf", text, sizeof text - 1, 0600), true,
				 keys, KEY_COUNT, seen, &e), ERR_OK);
	assert_true(seen[0] && !seen[1] && seen[2] && !seen[3]);
	/* of a second file only what is in that */
	assert_int_equal(config_read_told(put_file("d.conf", "", 0, 0600), true, keys, KEY_COUNT,
				 seen, &e), ERR_OK);
	assert_true(!seen[0] && !seen[1] && !seen[2] && !seen[3]);
	assert_int_equal(values.port, 80); /* and what it does not say stays */
}

static void refuses_a_name_that_is_there_twice(void **state)
{
	(void)state;
	assert_refused("[terminal]\nname=x\nloud=1\nname=x\n", 4, "name: is there twice");
	assert_refused("[terminal]\nname=x\n[backend]\n[terminal]\nname=y\n", 5, "twice");
}

static void refuses_values_that_do_not_fit(void **state)
{
	(void)state;
	assert_int_equal(read_text("[terminal]\nname=123456789012345\n"), ERR_OK);
	assert_refused("[terminal]\nname=1234567890123456\n", 2, "name: value is too long");
	assert_refused("[terminal]\nname=a\x07z\n", 2, "name: value is not plain");
	assert_refused("[terminal]\nname=a\xff\n", 2, "name: value is not plain");
	assert_null(strstr(e.text, "\xff"));
}

static void refuses_numbers_that_are_not_whole_or_out_of_range(void **state)
{
	static const char *const bad[] = {
		"", "x", "1x", "0x10", "1.0", "+1", "- 1", "1 2", "--1", "-", "1e3"};
	static const char *const outside[] = {"0", "65536", "-1", "99999999999999999999",
		"-99999999999999999999"};
	char text[100];
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, "[backend]\nport=%s\n", bad[i]);
		assert_refused(text, 2, "port: not a whole number");
	}
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		snprintf(text, sizeof text, "[backend]\nport=%s\n", outside[i]);
		assert_refused(text, 2, "port: must be from 1 to 65535");
	}
	assert_int_equal(values.port, 7);
	assert_int_equal(read_text("[backend]\nport=1\n"), ERR_OK);
	assert_int_equal(read_text("[backend]\nport=65535\n"), ERR_OK);
	assert_int_equal(read_text("[backend]\nport=00080\n"), ERR_OK);
	assert_int_equal(values.port, 80);
}

static void the_largest_number_is_not_what_a_larger_one_becomes(void **state)
{
	int64_t v = 0;
	const struct config_key key = {"a", "n", CONFIG_INT, &v, 0, INT64_MIN, INT64_MAX};
	static const char right[] = "[a]\nn=9223372036854775807\n";
	static const char *const wrong[] = {
		"[a]\nn=9223372036854775808\n", "[a]\nn=-9223372036854775809\n"};
	(void)state;

	const char *path = put_file("n.conf", right, sizeof right - 1, 0600);
	assert_int_equal(config_read(path, true, &key, 1, &e), ERR_OK);
	assert_true(v == INT64_MAX);
	for (int i = 0; i < 2; i++) {
		path = put_file("n.conf", wrong[i], strlen(wrong[i]), 0600);
		assert_int_equal(config_read(path, true, &key, 1, &e), ERR_FORMAT);
	}
}

static char back[200];

static bool comes_back(const char *value)
{
	const struct config_key key = {"s", "n", CONFIG_TEXT, back, sizeof back, 0, 0};
	uint8_t room[512];
	struct bytes text;

	bytes_init_fixed(&text, room, sizeof room);
	bytes_add_text(&text, "[s]\n");
	if (!config_add(&text, "n", value))
		return false;
	memset(back, 0, sizeof back);
	assert_int_equal(config_read(put_file("w.conf", (const char *)text.data, text.len, 0600),
				 true, &key, 1, &e), ERR_OK);
	if (strcmp(back, value) != 0)
		fail_msg("`%s` came back as `%s`", value, back);
	return true;
}

/* Every text of up to three of these, and whole ones. */
static void what_is_written_is_read_back_as_it_is(void **state)
{
	static const char *const parts[] = {
		" ", ";", "#", "\"", "\\", "=", ":", "[", "]", "a", "\xc3\xa9", ""};
	static const char *const whole[] = {"Till 3 ; counter \"2\" # front", "街角 ；面包店",
		"C:\\till;1", " two ends ", "\"", "\"\"", "\\", "a\\;b"};
	char text[32], longest[200];
	size_t n = sizeof parts / sizeof parts[0];

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		snprintf(text, sizeof text, "%s%s%s", parts[i % n], parts[i / n % n],
			parts[i / n / n]);
		assert_true(comes_back(text));
	}
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		assert_true(comes_back(whole[i]));
	/* n = and the line feed: the longest line that is read */
	memset(longest, 'x', sizeof longest);
	longest[194] = '\0';
	assert_true(comes_back(longest));
	longest[194] = 'x';
	longest[195] = '\0';
	assert_false(comes_back(longest));
	longest[100] = ';';
	longest[194] = '\0';
	assert_false(comes_back(longest)); /* with its quotes it is too long */
}

static void what_cannot_be_written_is_not(void **state)
{
	static const char *const bad[] = {"two\nlines", "a\r", "\x1b[2J", "\xff", "a\x07",
		"\xe2\x80\xaeturned"};
	uint8_t room[64], small[8];
	struct bytes text;

	(void)state;
	bytes_init_fixed(&text, room, sizeof room);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(config_add(&text, "n", bad[i]));
	assert_int_equal(text.len, 0);
	bytes_init_fixed(&text, small, sizeof small);
	assert_false(config_add(&text, "name", "does not fit"));
	assert_refused("[terminal]\nname=\"a\"b\"\n", 2, "in quotes");
	assert_refused("[terminal]\nname=\"a\\n\"\n", 2, "in quotes");
	assert_refused("[terminal]\nname=\"a\\\"\n", 2, "in quotes");
	assert_int_equal(read_text("[terminal]\nname=\"\n"), ERR_OK); /* one alone is itself */
	assert_string_equal(values.name, "\"");
}

static void knows_the_words_of_yes_and_no(void **state)
{
	static const char *const yes[] = {"yes", "true", "on", "1", "Yes", "TRUE"};
	static const char *const no[] = {"no", "false", "off", "0", "No"};
	static const char *const neither[] = {"", "y", "n", "2", "yess", "yes no"};
	char text[100];
	(void)state;

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		values.loud = false;
		snprintf(text, sizeof text, "[terminal]\nloud=%s\n", yes[i]);
		assert_int_equal(read_text(text), ERR_OK);
		assert_true(values.loud);
	}
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		values.loud = true;
		snprintf(text, sizeof text, "[terminal]\nloud=%s\n", no[i]);
		assert_int_equal(read_text(text), ERR_OK);
		assert_false(values.loud);
	}
	for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++) {
		snprintf(text, sizeof text, "[terminal]\nloud=%s\n", neither[i]);
		assert_refused(text, 2, "loud: must be yes or no");
	}
}

static void refuses_lines_that_are_neither_section_nor_value(void **state)
{
	(void)state;
	assert_refused("[terminal]\nname\n", 2, "neither [section] nor name = value");
	assert_refused("[terminal\nname=x\n", 1, "neither [section] nor name = value");
	assert_refused("\n\n\nhello\n", 4, "neither");
	assert_refused("[terminal]\nname=x\n more\n", 3, "begins with white space");
	assert_refused("[terminal]\nname=x\n\tloud=1\n", 3, "begins with white space");
	assert_int_equal(read_text("[terminal]\nname=x\n   \n\t; words\n  # words\n"), ERR_OK);
}

/* libinih would take the rest of a long line for a line of its own. */
static void refuses_lines_that_the_library_would_split(void **state)
{
	char text[1000];
	int accepted = 0;
	(void)state;

	for (size_t len = 150; len < 900; len++) {
		size_t head = (size_t)snprintf(text, sizeof text, "[terminal]\n;");
		memset(text + head, ' ', len);
		snprintf(text + head + len, sizeof text - head - len, "name=smuggled");
		enum err_code code = read_text(text);
		assert_string_equal(values.name, "default");
		if (code == ERR_OK)
			accepted++;
		else
			assert_refused(text, 2, "line is too long");
	}
	assert_true(accepted < 200);
}

static void refuses_nul_bytes(void **state)
{
	static const char text[] = "[terminal]\nname=x\0y\n";
	(void)state;

	assert_int_equal(read_bytes(text, sizeof text - 1), ERR_FORMAT);
	assert_non_null(strstr(e.text, "c.conf:2: line holds a NUL byte"));
	assert_string_equal(values.name, "default");
	assert_int_equal(read_bytes("\0", 1), ERR_FORMAT);
}

static void the_first_fault_is_the_one_that_is_told(void **state)
{
	(void)state;
	assert_refused("[terminal]\nx=1\nname\nname=a\nname=b\n", 2, "x: is not known");
	assert_string_equal(values.name, "default");
}

static void a_file_with_secrets_must_be_its_owners_alone(void **state)
{
	(void)state;
	const char *path = put_file("s.conf", "[terminal]\nname=x\n", 18, 0640);
	assert_int_equal(config_read(path, true, keys, KEY_COUNT, &e), ERR_PERMISSION);
	assert_non_null(strstr(e.text, "chmod 600 "));
	assert_int_equal(config_read(path, false, keys, KEY_COUNT, &e), ERR_OK);
	path = put_file("s.conf", "[terminal]\nname=x\n", 18, 0600);
	assert_int_equal(config_read(path, true, keys, KEY_COUNT, &e), ERR_OK);
	path = put_file("s.conf", "[terminal]\nname=x\n", 18, 0602);
	assert_int_equal(config_read(path, false, keys, KEY_COUNT, &e), ERR_PERMISSION);
	assert_non_null(strstr(e.text, "chmod go-w "));
	path = put_file("s.conf", "[terminal]\nname=x\n", 18, 0664);
	assert_int_equal(config_read(path, false, keys, KEY_COUNT, &e), ERR_PERMISSION);
	path = put_file("s.conf", "[terminal]\nname=x\n", 18, 0644);
	assert_int_equal(config_read(path, false, keys, KEY_COUNT, &e), ERR_OK);
}

static void refuses_files_that_are_missing_or_too_large(void **state)
{
	static char text[CONFIG_FILE_MAX + 1];
	(void)state;

	assert_int_equal(
		config_read(in_folder("none"), true, keys, KEY_COUNT, &e), ERR_NOT_FOUND);
	assert_int_equal(config_read(folder_path, false, keys, KEY_COUNT, &e), ERR_INVALID);
	memset(text, '\n', sizeof text);
	assert_int_equal(read_bytes(text, CONFIG_FILE_MAX), ERR_OK);
	assert_int_equal(read_bytes(text, CONFIG_FILE_MAX + 1), ERR_TOO_LARGE);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(reads_values_of_every_type),
		CASE(absent_keys_keep_their_defaults),
		CASE(refuses_names_that_are_not_known),
		CASE(names_the_key_that_was_meant),
		CASE(tells_which_keys_a_file_has),
		CASE(refuses_a_name_that_is_there_twice),
		CASE(refuses_values_that_do_not_fit),
		CASE(refuses_numbers_that_are_not_whole_or_out_of_range),
		CASE(the_largest_number_is_not_what_a_larger_one_becomes),
		CASE(what_is_written_is_read_back_as_it_is),
		CASE(what_cannot_be_written_is_not),
		CASE(knows_the_words_of_yes_and_no),
		CASE(refuses_lines_that_are_neither_section_nor_value),
		CASE(refuses_lines_that_the_library_would_split),
		CASE(refuses_nul_bytes),
		CASE(the_first_fault_is_the_one_that_is_told),
		CASE(a_file_with_secrets_must_be_its_owners_alone),
		CASE(refuses_files_that_are_missing_or_too_large),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
