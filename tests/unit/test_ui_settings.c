/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.conf, alone and in two files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/folder.h"
#include "ui/settings.h"

#define KEY "key = 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
#define IDENTITY                                                                                   \
	"[backend]\nurl = http://127.0.0.1:8080\ntoken = system-token\n[issuer]\nname = Bank\n" KEY
#define OTHER "[backend]\nurl = http://127.0.0.1:9090\ntoken = other-token\n[issuer]\n" KEY

static struct settings s;
static struct err e;

static const char *put(const char *name, const char *text, unsigned mode)
{
	return text != NULL ? put_file(name, text, strlen(text), mode) : NULL;
}

static enum err_code read_both(const char *system, const char *user)
{
	return settings_read_files(&s, put("system.conf", system, 0600),
		put("user.conf", user, 0600), &e);
}

static void assert_refused(const char *system, const char *user, const char *words)
{
	assert_int_not_equal(read_both(system, user), ERR_OK);
	if (strstr(e.text, words) == NULL)
		fail_msg("`%s` has no `%s`", e.text, words);
}

static void one_file_is_enough(void **state)
{
	(void)state;
	assert_int_equal(read_both(IDENTITY "[terminal]\nlanguage = zh_CN\n", NULL), ERR_OK);
	assert_string_equal(s.url, "http://127.0.0.1:8080");
	assert_string_equal(s.language, "zh_CN");
	assert_string_equal(s.path, s.system_path);
	assert_string_equal(s.user_path, "");
	assert_int_equal(read_both(NULL, OTHER), ERR_OK);
	assert_string_equal(s.url, "http://127.0.0.1:9090");
	assert_string_equal(s.path, s.user_path);
	assert_string_equal(s.system_path, "");
}

static void the_users_word_counts_and_the_rest_stays(void **state)
{
	uint8_t room[512];
	struct bytes told;

	(void)state;
	assert_int_equal(read_both(IDENTITY "[terminal]\nlanguage = en\nname = Till\nsource = x\n"
					    "[camera]\nrate = 15\ngain\n", NULL), ERR_FORMAT);
	assert_int_equal(read_both(IDENTITY "[terminal]\nlanguage = en\nname = Till\n"
					    "[camera]\nrate = 15\nsize = 640x480\n",
				 "[terminal]\nlanguage = zh_CN\nsource = simulator:x\n"
				 "[camera]\nrate = 30\n"), ERR_OK);
	assert_string_equal(s.language, "zh_CN");
	assert_string_equal(s.terminal_name, "Till");
	assert_string_equal(s.source, "simulator:x");
	assert_string_equal(s.camera, "size=640x480 rate=30");
	assert_string_equal(s.token, "system-token");
	assert_string_equal(s.path, s.system_path);
	bytes_init_fixed(&told, room, sizeof room);
	assert_int_equal(settings_overridden(&s, &told), 2);
	bytes_add_u8(&told, 0);
	assert_string_equal((char *)told.data, "[terminal] language, [camera] rate");
}

/* A token of one server never goes to another one. */
static void who_the_terminal_is_comes_of_one_file(void **state)
{
	(void)state;
	assert_int_equal(read_both(IDENTITY, OTHER), ERR_OK);
	assert_string_equal(s.url, "http://127.0.0.1:9090");
	assert_string_equal(s.token, "other-token");
	assert_string_equal(s.issuer_name, ""); /* of the system's file only */
	assert_string_equal(s.path, s.user_path);
	assert_refused(IDENTITY, "[backend]\nurl = http://127.0.0.1:9090\n", "[backend] token");
	assert_refused(IDENTITY, "[backend]\nurl = http://127.0.0.1:9090\ntoken = x\n",
		"[issuer] key is missing");
	assert_refused(IDENTITY, "[backend]\ntoken = x\n", "stand in one file");
	assert_refused(IDENTITY, "[issuer]\nname = x\n", "stand in one file");
}

static void files_are_looked_for_beside_the_file_that_names_them(void **state)
{
	char expected[SETTINGS_PATH_MAX];

	(void)state;
	mkdir(in_folder("etc"), 0700);
	put("etc/system.conf", "[backend]\nurl = https://b.example\nca = ca.pem\n"
			       "certificate = t.pem\nkey = /k.key\n[issuer]\n" KEY, 0644);
	assert_int_equal(settings_read_files(&s, in_folder("etc/system.conf"),
				 put("user.conf", "[terminal]\nname = x\n", 0600), &e), ERR_OK);
	snprintf(expected, sizeof expected, "%s/etc/ca.pem", folder_path);
	assert_string_equal(s.ca, expected);
	snprintf(expected, sizeof expected, "%s/etc/t.pem", folder_path);
	assert_string_equal(s.certificate, expected);
	assert_string_equal(s.key, "/k.key");
}

static void a_token_is_for_its_owner_alone(void **state)
{
	(void)state;
	put("system.conf", IDENTITY, 0644);
	assert_int_equal(settings_read_files(&s, in_folder("system.conf"), NULL, &e),
		ERR_PERMISSION);
	assert_non_null(strstr(e.text, "chmod 600"));
	put("system.conf", "[terminal]\nname = Till\n", 0644);
	assert_int_equal(settings_read_files(&s, in_folder("system.conf"),
				 put("user.conf", OTHER, 0600), &e), ERR_OK);
	assert_string_equal(s.terminal_name, "Till");
	assert_int_equal(settings_read_files(&s, in_folder("system.conf"),
				 put("user.conf", OTHER, 0640), &e), ERR_PERMISSION);
	put("system.conf", "[terminal]\nname = Till\n", 0664);
	assert_int_equal(settings_read_files(&s, in_folder("system.conf"),
				 put("user.conf", OTHER, 0600), &e), ERR_PERMISSION);
}

static void faults_name_the_file_that_has_them(void **state)
{
	(void)state;
	assert_refused("[terminal]\nlanguage = fr\n", OTHER, "system.conf: [terminal] language");
	assert_refused("[terminal]\nlanguage = en\n", OTHER "[terminal]\nlanguage = fr\n",
		"user.conf: [terminal] language");
	assert_int_equal(read_both("[terminal]\nlanguage = fr\n", OTHER
				 "[terminal]\nlanguage = en\n"), ERR_OK);
	assert_refused("[terminal]\nlang = en\n", OTHER, "system.conf:2: [terminal] lang: is not");
	assert_refused(IDENTITY, "[terminal]\nlanguge = en\n",
		"user.conf:2: [terminal] languge: is not known; is it [terminal] language?");
	assert_refused(NULL, "[terminal]\nname = x\n", "user.conf: [backend] url is missing");
	assert_refused(IDENTITY "[camera]\nsize = big\n", NULL, "[camera]");
	assert_refused(IDENTITY "[screen]\ntheme = dark\n", NULL, "system.conf: [screen] theme");
	assert_int_equal(read_both(IDENTITY "[screen]\ntheme = no-colour\n",
				 "[screen]\ntheme = high-contrast\n"), ERR_OK);
	assert_int_equal(s.theme, SCREEN_THEME_HIGH_CONTRAST);
}

static void without_any_file_it_is_said_where_one_belongs(void **state)
{
	(void)state;
	assert_int_equal(settings_read_files(&s, in_folder("no.conf"), in_folder("none.conf"), &e),
		ERR_NOT_FOUND);
	assert_string_equal(s.user_path, in_folder("none.conf"));
	assert_int_equal(settings_read_files(&s, NULL, NULL, &e), ERR_NOT_FOUND);
	assert_int_equal(settings_read(&s, in_folder("none.conf"), &e), ERR_NOT_FOUND);
	assert_string_equal(s.user_path, in_folder("none.conf"));
	assert_non_null(strstr(e.text, "there is no such file"));
	setenv("COUNTERSIGN_CONFIG", put("named.conf", OTHER, 0600), 1);
	assert_int_equal(settings_read(&s, NULL, &e), ERR_OK);
	assert_string_equal(s.system_path, "");
	unsetenv("COUNTERSIGN_CONFIG");
}

static void programs_are_words_and_no_shell_line(void **state)
{
	(void)state;
	assert_int_equal(read_both(IDENTITY "[sound]\naccepted = aplay -q '/a b/ok.wav'\n"
					    "[speech]\ncommand = espeak-ng -v {language}\n"
					    "repeat_seconds = 0\nverdicts = no\n"
					    "[screen]\nresult_seconds = 12\n", NULL), ERR_OK);
	assert_int_equal(s.sound.command[SOUND_ACCEPTED].count, 3);
	assert_false(runner_command_is_set(&s.sound.command[SOUND_REFUSED]));
	assert_int_equal(s.speech.command.count, 3);
	assert_int_equal(s.speech.repeat_s, 0);
	assert_false(s.speech.verdicts);
	assert_int_equal(s.result_s, 12);
	assert_int_equal(read_both(IDENTITY, NULL), ERR_OK);
	assert_false(runner_command_is_set(&s.speech.command));
	assert_int_equal(s.speech.repeat_s, SPEECH_REPEAT_S);
	assert_true(s.speech.verdicts);
	assert_int_equal(s.result_s * 1000, FLOW_RESULT_MS);
	assert_refused(IDENTITY "[sound]\nrefused = aplay x | tee y\n", NULL,
		"system.conf: [sound] refused: no shell reads this");
	assert_refused(IDENTITY, "[sound]\nuncertain = 'aplay\n",
		"user.conf: [sound] uncertain: a quote (') is not closed");
	assert_refused(IDENTITY "[sound]\naccepted = aplay {language}\n", NULL,
		"[sound] accepted: {language} is nothing that can be put in");
	assert_refused(IDENTITY "[speech]\ncommand = say {voice}\n", NULL,
		"[speech] command: {voice} is nothing that can be put in; there is {language}");
	assert_refused(IDENTITY "[speech]\nrepeat_seconds = 301\n", NULL, "from 0 to 300");
	assert_refused(IDENTITY "[screen]\nresult_seconds = 0\n", NULL, "from 1 to 600");
	assert_refused(IDENTITY "[screen]\nresult_seconds = 601\n", NULL, "from 1 to 600");
}

static void what_is_typed_of_a_sale(void **state)
{
	(void)state;
	assert_int_equal(read_both(IDENTITY, NULL), ERR_OK);
	assert_int_equal(s.sale.currencies, 0);
	assert_int_equal(s.sale.amount, SETTINGS_AMOUNT_OPTIONAL);
	assert_int_equal(
		read_both(IDENTITY "[sale]\ncurrency = EUR  CHF\namount = required\n", NULL),
		ERR_OK);
	assert_int_equal(s.sale.currencies, 2);
	assert_string_equal(s.sale.currency[0], "EUR");
	assert_string_equal(s.sale.currency[1], "CHF");
	assert_int_equal(s.sale.amount, SETTINGS_AMOUNT_REQUIRED);
	assert_int_equal(read_both(IDENTITY "[sale]\namount = never\n", NULL), ERR_OK);
	assert_int_equal(s.sale.amount, SETTINGS_AMOUNT_NEVER);
	assert_refused(IDENTITY "[sale]\namount = maybe\n", NULL, "optional, required or never");
	assert_refused(IDENTITY "[sale]\namount = required\n", NULL, "needs a currency");
	assert_refused(IDENTITY "[sale]\ncurrency = euro\n", NULL, "ISO 4217");
	assert_refused(IDENTITY "[sale]\ncurrency = EU\n", NULL, "ISO 4217");
	assert_refused(IDENTITY "[sale]\ncurrency = EUR,CHF\n", NULL, "ISO 4217");
	assert_refused(IDENTITY "[sale]\ncurrency = EUR ZZZ\n", NULL, "ISO 4217");
	assert_refused(IDENTITY
		"[sale]\ncurrency = EUR CHF USD JPY CNY GBP SEK NOK DKK\n", NULL, "at most 8");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(one_file_is_enough),
		CASE(the_users_word_counts_and_the_rest_stays),
		CASE(who_the_terminal_is_comes_of_one_file),
		CASE(files_are_looked_for_beside_the_file_that_names_them),
		CASE(a_token_is_for_its_owner_alone),
		CASE(faults_name_the_file_that_has_them),
		CASE(without_any_file_it_is_said_where_one_belongs),
		CASE(programs_are_words_and_no_shell_line),
		CASE(what_is_typed_of_a_sale),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
