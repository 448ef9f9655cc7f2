/* SPDX-License-Identifier: Apache-2.0
 *
 * Languages: the program itself, copied beside a catalogue made here, started again in an
 * environment without any locale.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <langinfo.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/lib/folder.h"

static const char hello[] = N_("Hello");
static const char program_name[] = "program";

/* The format of a compiled catalogue: two tables of length and offset, sorted by the original. */
static void put_catalogue(const char *folder)
{
	static const char *const originals[] = {"", "Hello"};
	static const char *const translations[] = {
		"Content-Type: text/plain; charset=UTF-8\n", "你好"};
	char path[256];
	uint32_t head[7 + 8] = {0x950412de, 0, 2, 28, 44, 0, 60};
	uint32_t at = sizeof head;
	struct bytes b;
	struct err e;

	bytes_init(&b, 4096);
	for (int i = 0; i < 4; i++) {
		const char *text = i < 2 ? originals[i] : translations[i - 2];
		head[7 + 2 * i] = (uint32_t)strlen(text);
		head[8 + 2 * i] = at;
		at += (uint32_t)strlen(text) + 1;
	}
	bytes_add(&b, head, sizeof head);
	for (int i = 0; i < 4; i++) {
		const char *text = i < 2 ? originals[i] : translations[i - 2];
		bytes_add(&b, text, strlen(text) + 1);
	}
	static const char *const parts[] = {
		"", "/locale", "/locale/zh_CN", "/locale/zh_CN/LC_MESSAGES"};
	for (int i = 1; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", folder, parts[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(path, sizeof path, "%s%s/countersign.mo", folder, parts[3]);
	assert_int_equal(file_replace(path, bytes_span(&b), 0600, &e), ERR_OK);
	bytes_done(&b);
}

static int set_up(void **state)
{
	struct bytes b;
	struct err e;

	if (folder_set_up(state) != 0)
		return -1;
	bytes_init(&b, 64 << 20);
	assert_int_equal(file_read(&b, "/proc/self/exe", false, &e), ERR_OK);
	assert_int_equal(file_replace(in_folder(program_name), bytes_span(&b), 0700, &e), ERR_OK);
	bytes_done(&b);
	return 0;
}

/* What the copy prints for a language and an environment. */
static void assert_says(const char *language, const char *variable, const char *expected)
{
	const char *path = in_folder(program_name);
	char *argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t)"--say",
		(char *)(uintptr_t)language, NULL};
	char *envp[] = {(char *)(uintptr_t)variable, NULL};
	char said[256] = "";
	int ends[2];
	int status;
	pid_t child;
	posix_spawn_file_actions_t actions;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
	assert_int_equal(posix_spawn(&child, path, &actions, NULL, argv, envp), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	size_t len = 0;
	ssize_t n;
	while ((n = read(ends[0], said + len, sizeof said - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	if (strcmp(said, expected) != 0)
		fail_msg("language `%s`, %s: said `%s`, not `%s`", language,
			variable != NULL ? variable : "no environment", said, expected);
}

static void a_named_language_needs_no_locale_data(void **state)
{
	static const char *const chinese[] = {"zh_CN", "zh", "zh_CN.UTF-8", "ZH-cn"};
	static const char *const english[] = {
		"en", "en_US.UTF-8", "C", "C.UTF-8", "fr", "zhz", "xx"};
	(void)state;

	put_catalogue(folder_path);
	for (size_t i = 0; i < sizeof chinese / sizeof chinese[0]; i++) {
		assert_says(chinese[i], NULL, "zh_CN UTF-8 你好");
		assert_says(chinese[i], "LC_ALL=C", "zh_CN UTF-8 你好");
		assert_says(chinese[i], "LANGUAGE=en", "zh_CN UTF-8 你好");
		assert_says(chinese[i], "LANG=zh_CN.GB18030", "zh_CN UTF-8 你好");
	}
	for (size_t i = 0; i < sizeof english / sizeof english[0]; i++) {
		assert_says(english[i], NULL, "en UTF-8 Hello");
		assert_says(english[i], "LANGUAGE=zh_CN", "en UTF-8 Hello");
	}
}

static void without_a_name_the_environment_decides(void **state)
{
	(void)state;
	put_catalogue(folder_path);
	assert_says("", NULL, "en UTF-8 Hello");
	assert_says("", "LANG=zh_CN.UTF-8", "zh_CN UTF-8 你好");
	assert_says("", "LC_ALL=zh_CN", "zh_CN UTF-8 你好");
	assert_says("", "LC_MESSAGES=zh_TW.UTF-8", "zh_CN UTF-8 你好");
	assert_says("", "LANGUAGE=fr:zh_CN:en", "zh_CN UTF-8 你好");
	assert_says("", "LANGUAGE=en:zh_CN", "en UTF-8 Hello");
	assert_says("", "LANG=de_DE.UTF-8", "en UTF-8 Hello");
	assert_says("", "LANG=../../../zh", "en UTF-8 Hello");
}

static void without_a_catalogue_the_text_is_english(void **state)
{
	(void)state;
	assert_says("en", NULL, "en UTF-8 Hello");
	assert_says("zh_CN", "LANG=C.UTF-8", "zh_CN UTF-8 Hello");
}

static void numbers_keep_their_point(void **state)
{
	char text[16];
	(void)state;

	text_init("zh_CN");
	snprintf(text, sizeof text, "%.1f", 1.5);
	assert_string_equal(text, "1.5");
	text_init("en");
	assert_string_equal(text_language(), "en");
	text_init("zh");
	assert_string_equal(text_language(), "zh_CN");
	text_init(NULL);
}

static void knows_which_languages_there_are(void **state)
{
	(void)state;
	assert_true(text_language_exists("en") && text_language_exists("en_GB.UTF-8"));
	assert_true(text_language_exists("zh") && text_language_exists("zh_CN"));
	assert_false(text_language_exists("fr") || text_language_exists("") ||
		     text_language_exists("english"));
}

int main(int argc, char **argv)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_named_language_needs_no_locale_data),
		CASE(without_a_name_the_environment_decides),
		CASE(without_a_catalogue_the_text_is_english),
		CASE(numbers_keep_their_point),
		CASE(knows_which_languages_there_are),
	};

	if (argc == 3 && strcmp(argv[1], "--say") == 0) {
		text_init(argv[2]);
		printf("%s %s %s", text_language(), nl_langinfo(CODESET), gettext(hello));
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
