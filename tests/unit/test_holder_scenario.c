/* SPDX-License-Identifier: Apache-2.0
 *
 * The language of scenario files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/lib/exact.h"
#include "wallet/holder/scenario.h"

static struct scenario s;

static enum err_code parse(const char *text, struct err *err)
{
	struct span block = exact_text(text);
	enum err_code rc = scenario_parse(&s, block, err);

	exact_free(block);
	return rc;
}

static void assert_step(size_t i, enum scenario_verb verb, int phone, int what)
{
	assert_true(i < s.count);
	assert_int_equal(s.step[i].verb, verb);
	assert_int_equal(s.step[i].phone, phone);
	assert_int_equal(s.step[i].what, what);
}

static void reads_every_verb(void **state)
{
	(void)state;
	assert_int_equal(parse("# a comment\n"
			       "\n"
			       "  show first # and another\r\n"
			       "phone 2 show ean13 6901234567892\n"
			       "wait 1500\n"
			       "wait verdict 9000\n"
			       "phone 2 type 300\n"
			       "answer amount 12.80 EUR untimed\n"
			       "camera size 3.5 for 200\n"
			       "camera glare on\n"
			       "camera reset\n"
			       "invert on\n"
			       "clock -600\n"
			       "truncate 3\n"
			       "show picture \"a b.png\"\n"
			       "end",
				 NULL),
		ERR_OK);
	assert_int_equal(s.count, 14);
	assert_step(0, SCENARIO_SHOW, 0, SHOW_FIRST);
	assert_step(1, SCENARIO_SHOW, 1, SHOW_EAN13);
	assert_int_equal(s.step[1].text_len, 13);
	assert_step(2, SCENARIO_WAIT, 0, 0);
	assert_int_equal(s.step[2].ms, 1500);
	assert_step(3, SCENARIO_WAIT_EVENT, 0, EVENT_VERDICT);
	assert_int_equal(s.step[3].ms, 9000);
	assert_step(4, SCENARIO_TYPE, 1, ANSWER_DEFAULT);
	assert_step(5, SCENARIO_ANSWER, 0, ANSWER_AMOUNT);
	assert_int_equal(s.step[5].count, 1280);
	assert_string_equal(s.step[5].currency, "EUR");
	assert_true(s.step[5].untimed);
	assert_step(6, SCENARIO_CAMERA, 0, CAMERA_SIZE);
	assert_true(s.step[6].value == 3.5 && s.step[6].how == HOW_FOR && s.step[6].ms == 200);
	assert_step(7, SCENARIO_CAMERA, 0, CAMERA_GLARE);
	assert_true(s.step[7].value == 1);
	assert_step(8, SCENARIO_CAMERA_RESET, 0, 0);
	assert_step(9, SCENARIO_INVERT, 0, 0);
	assert_int_equal(s.step[9].count, 1);
	assert_step(10, SCENARIO_CLOCK, 0, 0);
	assert_int_equal(s.step[10].count, -600);
	assert_step(11, SCENARIO_TRUNCATE, 0, 0);
	assert_step(12, SCENARIO_SHOW, 0, SHOW_PICTURE);
	assert_memory_equal(s.texts + s.step[12].text_at, "a b.png", 7);
	assert_step(13, SCENARIO_END, 0, 0);
	assert_int_equal(s.step[13].line, 16);
}

static void tilt_turns_three_knobs(void **state)
{
	(void)state;
	assert_int_equal(parse("camera tilt 20 -10 5 over 300", NULL), ERR_OK);
	assert_int_equal(s.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_step(i, SCENARIO_CAMERA, 0, (int)(CAMERA_PITCH + (int)i));
		assert_true(s.step[i].how == HOW_OVER && s.step[i].ms == 300);
	}
	assert_true(s.step[1].value == -10);
}

static void texts_have_escapes(void **state)
{
	(void)state;
	assert_int_equal(
		parse("show text \"a\\\"b\\\\c\\n\\e[31m\\x00\\xfF #no comment\"", NULL), ERR_OK);
	assert_int_equal(s.step[0].text_len, 25);
	assert_memory_equal(s.texts, "a\"b\\c\n\033[31m\0\xff #no comment", 25);
	assert_int_equal(parse("show text HTTPS://X/#Y\nshow code ABC", NULL), ERR_OK);
	assert_memory_equal(s.texts, "HTTPS://X/#YABC", 15);
	assert_int_equal(s.step[1].text_at, 12);
}

static void end_closes_the_innermost_repeat(void **state)
{
	(void)state;
	assert_int_equal(parse("repeat 2\nwait 1\nrepeat 3\nwait 2\nend\nend\nend", NULL), ERR_OK);
	assert_int_equal(s.step[0].jump, 6);
	assert_int_equal(s.step[2].jump, 5);
	assert_step(4, SCENARIO_AGAIN, 0, 0);
	assert_int_equal(s.step[4].jump, 3);
	assert_step(5, SCENARIO_AGAIN, 0, 0);
	assert_int_equal(s.step[5].jump, 1);
	assert_step(6, SCENARIO_END, 0, 0);
}

static void refuses_lines_that_make_no_sense(void **state)
{
	static const char *const bad[] = {"", "# nothing", "shwo first", "show", "show it",
		"show first now", "show text", "show text \"\"", "show text \"open",
		"show text \"a\\q\"", "show text \"\\x1\"", "show picture",
		"show text \"\\", "\"show\" first",
		"wait", "wait -1", "wait 99999999999", "wait number 0", "wait number x", "wait 1 2",
		"type", "type x", "type -1", "answer amount", "answer amount 12.80",
		"answer amount 12.805 EUR", "answer maybe", "answer wrong right", "camera",
		"camera shutter 1", "camera blur", "camera blur x", "camera blur 9",
		"camera blur -1", "camera blur 1e1", "camera blur nan", "camera blur 1 at 5",
		"camera blur 1 for", "camera blur 1 for 0", "camera blur 1 over x",
		"camera tilt 1 2", "camera tilt 99 1 2", "camera reset now", "phone 1 show first",
		"phone 3 show first", "phone 2", "phone 2 wait 1", "phone 2 camera blur 1",
		"phone 2 end", "invert", "invert maybe", "clock", "clock x", "truncate",
		"truncate 0", "repeat", "repeat 0", "repeat 1001\nend", "repeat 2",
		"repeat 2\nrepeat 2\nend",
		"repeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nend\nend\nend\nend\nend",
		"a b c d e f g h i j k l", "wait 1\nwait 1\nwiat 1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};

		if (parse(bad[i], &err) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(err.text, "scenario, line "));
	}
}

static void names_the_line(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(parse("wait 1\n\nwiat 1", &err), ERR_FORMAT);
	assert_non_null(strstr(err.text, "line 3"));
}

static void keeps_its_limits(void **state)
{
	static char text[SCENARIO_FILE_MAX + 16];
	size_t at = 0;

	(void)state;
	for (int i = 0; i < SCENARIO_STEPS_MAX; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "wait 1\n");
	assert_int_equal(parse(text, NULL), ERR_OK);
	snprintf(text + at, sizeof(text) - at, "wait 1\n");
	assert_int_equal(parse(text, NULL), ERR_FORMAT);
	snprintf(text + at - 7, sizeof(text) - at, "camera tilt 1 2 3\n");
	assert_int_equal(parse(text, NULL), ERR_FORMAT);
	memset(text, ' ', SCENARIO_FILE_MAX + 1);
	assert_int_equal(parse(text, NULL), ERR_TOO_LARGE);
	text[SCENARIO_LINE_MAX + 1] = 0;
	assert_int_equal(parse(text, NULL), ERR_FORMAT);
	at = (size_t)snprintf(text, sizeof(text), "show text ");
	memset(text + at, 'x', SCENARIO_TEXT_MAX);
	text[at + SCENARIO_TEXT_MAX] = 0;
	assert_int_equal(parse(text, NULL), ERR_OK);
	text[at + SCENARIO_TEXT_MAX] = 'x';
	text[at + SCENARIO_TEXT_MAX + 1] = 0;
	assert_int_equal(parse(text, NULL), ERR_FORMAT);
	assert_int_equal(scenario_parse(&s, SPAN("wait 1\0\n", 8), NULL), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_verb),
		cmocka_unit_test(tilt_turns_three_knobs),
		cmocka_unit_test(texts_have_escapes),
		cmocka_unit_test(end_closes_the_innermost_repeat),
		cmocka_unit_test(refuses_lines_that_make_no_sense),
		cmocka_unit_test(names_the_line),
		cmocka_unit_test(keeps_its_limits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
