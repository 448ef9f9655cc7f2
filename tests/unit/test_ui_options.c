/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of the terminal, and its configuration file.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/options.h"
#include "ui/settings.h"

#define ARGS_MAX 16

/* A command line as one text, words at single spaces. */
static enum err_code parse(struct options *o, const char *line, struct err *err)
{
	static char copy[1024];
	char *argv[ARGS_MAX] = {NULL};
	char *rest = copy;
	int argc = 0;

	argv[argc++] = copy;
	snprintf(copy, sizeof copy, "countersign %s", line);
	while ((rest = strchr(rest, ' ')) != NULL && argc < ARGS_MAX) {
		*rest++ = '\0';
		if (*rest != '\0')
			argv[argc++] = rest;
	}
	return options_parse(o, argc, argv, err);
}

static void takes_no_flags_as_the_camera_and_the_screen(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "", NULL), ERR_OK);
	assert_string_equal(o.source, OPTIONS_SOURCE_DEFAULT);
	assert_true(o.source_default);
	assert_int_equal(parse(&o, "--device /dev/video0 --camera gain=5,rate=30", NULL), ERR_OK);
	assert_false(o.source_default);
	assert_string_equal(o.camera, "gain=5,rate=30");
	assert_false(o.headless);
	assert_false(o.once);
	assert_null(o.config);
}

static void takes_every_flag(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o,
				 "--source replay:x --config f --headless --json --once "
				 "--amount 12.80 --currency EUR --reference 4711 --operator Anna",
				 NULL),
		ERR_OK);
	assert_string_equal(o.source, "replay:x");
	assert_string_equal(o.config, "f");
	assert_true(o.headless && o.json && o.once);
	assert_int_equal(o.sale.amount, 1280);
	assert_string_equal(o.sale.currency, "EUR");
	assert_string_equal(o.sale.reference, "4711");
	assert_string_equal(o.sale.operator_name, "Anna");
	assert_int_equal(
		parse(&o,
			"--device /dev/video3 --continuous --language zh_CN --no-colour "
			"--record d --fps 30 --step --start-time 1790000000000 --loop --stats",
			NULL),
		ERR_OK);
	assert_string_equal(o.source, "/dev/video3");
	assert_true(o.continuous && o.no_colour && o.step && o.loop && o.stats);
	assert_int_equal(o.fps, 30);
	assert_int_equal(o.start_unix_ms, 1790000000000);
	assert_int_equal(
		parse(&o, "--replay d --headless --pin-file p --no-color --verbose --no-bell",
			NULL),
		ERR_OK);
	assert_null(o.source);
	assert_true(o.no_colour && o.verbose && o.no_bell);
	assert_int_equal(parse(&o, "--theme high-contrast", NULL), ERR_OK);
	assert_int_equal(o.theme, SCREEN_THEME_HIGH_CONTRAST);
	assert_int_equal(parse(&o, "--theme no-colour --no-colour", NULL), ERR_OK);
	assert_int_equal(o.theme, SCREEN_THEME_NO_COLOUR);
	assert_int_equal(parse(&o, "--theme dark", NULL), ERR_USAGE);
	assert_int_equal(parse(&o, "--theme standard --no-colour", NULL), ERR_USAGE);
}

static void takes_values_behind_an_equals_sign(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "--source=replay:a=b --fps=7", NULL), ERR_OK);
	assert_string_equal(o.source, "replay:a=b");
	assert_int_equal(o.fps, 7);
}

static void help_and_version_win_over_the_rest(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "--help --nonsense", NULL), ERR_OK);
	assert_true(o.help);
	assert_int_equal(parse(&o, "--once --continuous --version", NULL), ERR_OK);
	assert_true(o.version);
}

static void refuses_wrong_flags_and_names_them(void **state)
{
	static const char *const cases[][2] = {
		{"--nonsense", "--nonsense: no such flag; countersign --help"},
		{"--lanugage en", "is it --language?"},
		{"--no_colour", "is it --no-colour?"},
		{"--step=", "--step: takes no value"},
		{"-h", "-h"},
		{"--", "--"},
		{"-", "-"},
		{"x", "x"},
		{"--sourc replay:x", "--sourc: no such flag; is it --source?"},
		{"--source", "--source"},
		{"--source=", "--source"},
		{"--headless=yes", "--headless"},
		{"--fps 0", "--fps"},
		{"--fps 241", "--fps"},
		{"--fps -1", "--fps"},
		{"--fps 1x", "--fps"},
		{"--fps 99999999999999999999", "--fps"},
		{"--fps=", "--fps"},
		{"--amount 12.80", "--currency"},
		{"--amount 12.805 --currency EUR", "--amount"},
		{"--amount -1 --currency EUR", "--amount"},
		{"--amount 1,2 --currency EUR", "--amount"},
		{"--amount . --currency EUR", "--amount"},
		{"--currency eur", "--currency"},
		{"--currency EUR", "needs --amount"},
		{"--currency EUR --reference 7", "needs --amount"},
		{"--till --amount 1 --currency EUR", "--till"},
		{"--headless --socket s --reference 7", "--socket"},
		{"--replay a --socket s", "--socket"},
		{"--replay a --till", "--till"},
		{"--step --source a --socket s", "--socket"},
		{"--socket", "--socket"},
		{"--currency EURO", "--currency"},
		{"--currency XQX", "--currency"},
		{"--currency HRK", "--currency"},
		{"--amount 1 --currency XXX", "--currency"},
		{"--reference 1234567890123456789012345", "--reference"},
		{"--reference a\x1b[2J", "--reference"},
		{"--operator \xff", "--operator"},
		{"--once --continuous", "--once"},
		{"--source a --device b", "--source"},
		{"--replay a --source b", "--replay"},
		{"--replay a --record b", "--replay"},
		{"--replay a --loop", "--replay"},
		{"--json", "--headless"},
		{"--pin-file p", "--headless"},
		{"--start-time 5", "--step"},
		{"--language fr", "en and zh_CN"},
		{"--camera size=big", "--camera: camera setting \"size=big\""},
		{"--camera gain", "is not name=value"},
		{"--camera siez=640x480", "did you mean size?"},
		{"--camera gain=5 --source reader:/dev/ttyACM0", "needs a camera"},
		{"--replay a --camera gain=5", "needs a camera"},
		{"--language english", "en and zh_CN"},
	};
	struct options o;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		assert_int_equal(parse(&o, cases[i][0], &err), ERR_USAGE);
		assert_non_null(strstr(err.text, cases[i][1]));
		assert_null(strchr(err.text, '\x1b'));
	}
}

static void refuses_a_source_that_is_too_long(void **state)
{
	char text[1100];
	char flag[] = "--source";
	char name[] = "countersign";
	char *argv[] = {name, flag, text, NULL};
	struct options o;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(options_parse(&o, 3, argv, NULL), ERR_USAGE);
}

static void help_names_every_flag_within_eighty_columns(void **state)
{
	static const char *const flags[] = {"--source", "--device", "--camera", "--config",
		"--amount", "--currency", "--reference", "--operator", "--headless", "--json",
		"--once",
		"--continuous", "--pin-file", "--language", "--no-colour", "--record", "--replay",
		"--fps", "--step", "--start-time", "--loop", "--stats", "--verbose", "--help",
		"--version", "explain", "exit status"};
	struct bytes help;
	const char *line;
	size_t i;

	(void)state;
	bytes_init(&help, 16384);
	options_help(&help);
	for (i = 0; i < sizeof flags / sizeof flags[0]; i++)
		assert_non_null(strstr(bytes_text(&help), flags[i]));
	for (line = bytes_text(&help); *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 0, 80);
	bytes_done(&help);
}

/* ---- configuration ---- */

#define KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define GOOD                                                                                       \
	"[terminal]\nname = till 3\n[backend]\nurl = http://127.0.0.1:8080\ntoken = ABC\n"         \
	"[issuer]\nname = Corner Bank\nhost = QR.EXAMPLE.COM\nkey = " KEY "\n"

static char conf_path[] = "/tmp/countersign-options.XXXXXX";

static void conf_write(const char *text, mode_t mode)
{
	FILE *f = fopen(conf_path, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0 && fclose(f) == 0, 1);
	assert_int_equal(chmod(conf_path, mode), 0);
}

static int conf_make(void **state)
{
	int fd = mkstemp(conf_path);

	(void)state;
	return fd >= 0 ? close(fd) : -1;
}

static int conf_remove(void **state)
{
	(void)state;
	return unlink(conf_path);
}

static void reads_what_enrolment_writes(void **state)
{
	struct settings s;
	struct err err = {0};

	(void)state;
	conf_write(GOOD, 0600);
	assert_int_equal(settings_read(&s, conf_path, &err), ERR_OK);
	assert_string_equal(s.terminal_name, "till 3");
	assert_string_equal(s.url, "http://127.0.0.1:8080");
	assert_string_equal(s.token, "ABC");
	assert_int_equal(s.issuer.public_key[0], 0xd7);
	settings_wipe(&s);
	assert_string_equal(s.token, "");
	setenv("COUNTERSIGN_CONFIG", conf_path, 1);
	assert_int_equal(settings_read(&s, NULL, &err), ERR_OK);
	setenv("COUNTERSIGN_CONFIG", "/nowhere/terminal.conf", 1);
	assert_int_equal(settings_read(&s, NULL, &err), ERR_NOT_FOUND);
	unsetenv("COUNTERSIGN_CONFIG");
}

static void reads_source_and_camera(void **state)
{
	struct settings s;
	struct err err = {0};

	(void)state;
	conf_write(GOOD, 0600);
	assert_int_equal(settings_read(&s, conf_path, &err), ERR_OK);
	assert_string_equal(s.source, "");
	assert_string_equal(s.camera, "");
	conf_write(GOOD "[camera]\nsize = 1280x720\nformat = mjpg\nrate = 30\nscale = full\n"
			"controls = power_line_frequency=50hz, gain=20\n",
		0600);
	assert_int_equal(settings_read(&s, conf_path, &err), ERR_OK);
	assert_string_equal(s.camera, "size=1280x720 format=mjpg rate=30 scale=full "
				      "power_line_frequency=50hz, gain=20");
	conf_write(GOOD "[terminal]\nsource = /dev/v4l/by-id/usb-046d_C270-video-index0\n", 0600);
	assert_int_equal(settings_read(&s, conf_path, &err), ERR_OK);
	assert_string_equal(s.source, "/dev/v4l/by-id/usb-046d_C270-video-index0");
}

static void refuses_camera_settings_that_are_wrong(void **state)
{
	static const char *const cases[][2] = {
		{"size = 1280\n", "[camera]: camera setting \"size=1280\""},
		{"format = H\xc3\xa4\n", "four letters"},
		{"rate = 0\n", "from 1 to 1000"},
		{"rate = fast\n", "not a whole number"},
		{"scale = 3\n", "auto, full or half"},
		{"controls = gain\n", "\"gain\": is not name=value"},
		{"gain = 20\n", "gain"},
	};
	struct settings s;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[1024];

		snprintf(text, sizeof text, GOOD "[camera]\n%s", cases[i][0]);
		conf_write(text, 0600);
		assert_int_equal(settings_read(&s, conf_path, &err), ERR_FORMAT);
		if (strstr(err.text, cases[i][1]) == NULL)
			fail_msg("%s", err.text);
	}
}

static void refuses_a_configuration_that_others_may_read(void **state)
{
	struct settings s;
	struct err err = {0};

	(void)state;
	conf_write(GOOD, 0640);
	assert_int_equal(settings_read(&s, conf_path, &err), ERR_PERMISSION);
	assert_null(strstr(err.text, "ABC"));
}

static void refuses_an_incomplete_configuration(void **state)
{
	static const char *const cases[] = {"", "[backend]\nurl = http://127.0.0.1\n",
		"[backend]\ntoken = ABC\n[issuer]\nkey = " KEY "\n",
		"[backend]\nurl = http://127.0.0.1\ntoken = ABC\n",
		"[backend]\nurl = http://127.0.0.1\ntoken = ABC\n[issuer]\nkey = 12\n",
		"[backend]\nurl = http://127.0.0.1\ntoken = ABC\n[issuer]\nkey = "
		"g75a980182b10ab7d54bfed3c9"
		"64073a0ee172f3daa62325af021a68f707511a\n",
		GOOD "more = 1\n", "garbage"};
	struct settings s;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(&err, 0, sizeof err);
		conf_write(cases[i], 0600);
		assert_int_equal(settings_read(&s, conf_path, &err), ERR_FORMAT);
		assert_null(strstr(err.text, "ABC"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_no_flags_as_the_camera_and_the_screen),
		cmocka_unit_test(takes_every_flag),
		cmocka_unit_test(takes_values_behind_an_equals_sign),
		cmocka_unit_test(help_and_version_win_over_the_rest),
		cmocka_unit_test(refuses_wrong_flags_and_names_them),
		cmocka_unit_test(refuses_a_source_that_is_too_long),
		cmocka_unit_test(help_names_every_flag_within_eighty_columns),
		cmocka_unit_test(reads_what_enrolment_writes),
		cmocka_unit_test(reads_source_and_camera),
		cmocka_unit_test(refuses_camera_settings_that_are_wrong),
		cmocka_unit_test(refuses_a_configuration_that_others_may_read),
		cmocka_unit_test(refuses_an_incomplete_configuration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, conf_make, conf_remove);
}
