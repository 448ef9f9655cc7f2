/* SPDX-License-Identifier: Apache-2.0
 *
 * What a voice says, in both languages, when it is silent, and that the number comes again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/lib/folder.h"
#include "ui/speech.h"

#define PATIENCE 2500 /* turns of 2 ms */
#define SAYS "sh -c 'echo \"$1\" >>said; cat >>said; echo >>said' x {language}"

static struct counter c;
static struct speech speech;
static struct speech_settings settings;
static int64_t later_ms; /* added to the machine's time */

static int set_up(void **state)
{
	if (folder_set_up(state) != 0 || chdir(folder_path) != 0)
		return -1;
	log_set_fd(-1);
	text_init("en");
	memset(&c, 0, sizeof c);
	memset(&settings, 0, sizeof settings);
	flow_init(&c.flow);
	settings.verdicts = true;
	settings.repeat_s = 20;
	later_ms = 0;
	speech_init(&speech, &settings, &c);
	return 0;
}

static int tear_down(void **state)
{
	speech.runner.opt.outlives = false;
	speech_done(&speech);
	text_init("en");
	return chdir("/") == 0 ? folder_tear_down(state) : -1;
}

static void configure(const char *line)
{
	static const char *const names[] = {SPEECH_LANGUAGE_NAME, NULL};

	assert_int_equal(runner_command_parse(&settings.command, line, names, NULL), ERR_OK);
}

static void happens(enum flow_phase phase)
{
	enum flow_phase before = c.flow.phase;

	c.flow.phase = phase;
	c.watch[0].stepped(c.watch[0].ctx, &c, before);
}

static void number(const char *digits)
{
	snprintf(c.flow.number, sizeof c.flow.number, "%s", digits);
	happens(FLOW_NUMBER);
}

static void turn(void)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct clock real;

	clock_init_real(&real);
	speech_tick(&speech, clock_mono_ms(&real) + later_ms);
	nanosleep(&pause, NULL);
}

static void until_silent(void)
{
	for (int i = 0; i < PATIENCE && runner_is_busy(&speech.runner); i++)
		turn();
	assert_false(runner_is_busy(&speech.runner));
}

static const char *said(void)
{
	static char text[4096];
	struct bytes out;

	bytes_init_fixed(&out, text, sizeof text - 1);
	if (file_read(&out, "said", false, NULL) != ERR_OK)
		return "";
	text[out.len] = '\0';
	return text;
}

/* ---- what ---- */

static const char *of(enum flow_phase before)
{
	static char text[SPEECH_TEXT_MAX];

	speech_of(text, &c.flow, &c.sale, before, true);
	return text;
}

static void says_the_number_digit_by_digit(void **state)
{
	(void)state;
	number("047139");
	assert_string_equal(of(FLOW_STARTING),
		"Type this number into the phone: zero, four, seven; one, three, nine. ");
	c.sale.amount = 2490;
	snprintf(c.sale.currency, sizeof c.sale.currency, "EUR");
	number("12567890");
	assert_string_equal(of(FLOW_STARTING),
		"The amount is 24.90 EUR. Type this number into the phone: "
		"one, two; five, six; seven, eight; nine, zero. ");
	c.flow.still_open = REASON_WEAK_BINDING;
	assert_non_null(strstr(of(FLOW_ANSWERING), "must first confirm the amount"));
	text_init("zh_CN");
	c.flow.still_open = REASON_NONE;
	assert_string_equal(of(FLOW_STARTING),
		"金额是 24.90 EUR。 请在手机上输入此验证码： "
		"一，二；五，六；七，八；九，零。");
}

static void says_each_verdict_without_its_reason(void **state)
{
	static const struct {
		enum verdict verdict;
		bool pin_done;
		const char *words;
	} rows[] = {
		{VERDICT_ACCEPTED, false, "Accepted. Thank you."},
		{VERDICT_ACCEPTED, true, "Authorised. Thank you."},
		{VERDICT_REFUSED, false, "Not accepted. Please ask at the counter."},
		{VERDICT_NONE, false, "Not accepted. Please ask at the counter."},
		{(enum verdict)77, true, "Not accepted. Please ask at the counter."},
		{VERDICT_UNCERTAIN, false,
			"It is not known yet whether this was accepted. Please wait."},
		{VERDICT_UNCONFIRMED, false, "Not confirmed. Please ask at the counter."},
	};
	char text[SPEECH_TEXT_MAX];

	(void)state;
	c.flow.phase = FLOW_RESULT;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		c.flow.verdict = rows[i].verdict;
		c.flow.pin_done = rows[i].pin_done;
		c.flow.reason = REASON_FROZEN;
		assert_string_equal(of(FLOW_ANSWERING), rows[i].words);
		assert_true(speech_of(text, &c.flow, &c.sale, FLOW_ANSWERING, false));
		assert_string_equal(text, "");
	}
	c.flow.phase = FLOW_UNCERTAIN;
	assert_string_equal(of(FLOW_ANSWERING), "The server has not answered yet. Please wait.");
}

/* All that is ever said of one: that it is wanted, or was wrong. */
static void never_says_a_pin(void **state)
{
	(void)state;
	c.flow.phase = FLOW_PIN;
	c.flow.pin_try = 1;
	assert_string_equal(of(FLOW_ANSWERING), "Type the account PIN, then Enter.");
	c.flow.pin_try = 2;
	assert_string_equal(of(FLOW_PIN_SENT), "The PIN was wrong. Type it again.");
	assert_string_equal(of(FLOW_PIN), ""); /* a key was pressed */
	c.flow.phase = FLOW_PIN_SENT;
	assert_string_equal(of(FLOW_PIN), "");
}

/* ---- how ---- */

static void speaks_the_language_in_force(void **state)
{
	(void)state;
	configure(SAYS);
	c.flow.verdict = VERDICT_ACCEPTED;
	happens(FLOW_RESULT);
	until_silent();
	text_init("zh_CN");
	happens(FLOW_WAITING);
	happens(FLOW_RESULT);
	until_silent();
	assert_string_equal(said(), "en\nAccepted. Thank you.\nzh\n验证通过。谢谢。\n");
}

static void repeats_the_number_until_it_is_answered(void **state)
{
	(void)state;
	configure("sh -c 'cat >>said; echo >>said'");
	number("123456");
	until_silent();
	assert_true(speech_next_ms(&speech) < INT64_MAX);
	later_ms += 20000;
	turn();
	until_silent();
	later_ms += 20000;
	happens(FLOW_ANSWERING);
	turn();
	until_silent();
	assert_string_equal(said(),
		"Type this number into the phone: one, two, three; four, five, six. \n"
		"Type this number into the phone: one, two, three; four, five, six. \n");
	assert_true(speech_next_ms(&speech) == INT64_MAX);
}

static void says_the_number_once_when_so_configured(void **state)
{
	(void)state;
	settings.repeat_s = 0;
	configure("true");
	number("123456");
	until_silent();
	assert_true(speech_next_ms(&speech) == INT64_MAX);
}

static void a_broken_voice_is_not_tried_again_and_again(void **state)
{
	(void)state;
	configure("false");
	number("123456");
	until_silent();
	assert_true(speech_next_ms(&speech) == INT64_MAX);
}

static void what_happens_next_interrupts(void **state)
{
	(void)state;
	configure("sh -c 'cat >>said; echo >>said; sleep 1000'");
	number("123456");
	for (int i = 0; i < PATIENCE && strchr(said(), '\n') == NULL; i++)
		turn();
	c.flow.pin_try = 1;
	happens(FLOW_PIN);
	for (int i = 0; i < PATIENCE && strstr(said(), "Enter.\n") == NULL; i++)
		turn();
	assert_non_null(strstr(said(), "\nType the account PIN, then Enter.\n"));
}

static void is_silent_where_it_should_be(void **state)
{
	(void)state;
	number("123456"); /* nothing is configured */
	assert_false(runner_is_busy(&speech.runner));
	configure(SAYS);
	c.stepped = true;
	happens(FLOW_RESULT);
	assert_false(runner_is_busy(&speech.runner));
	c.stepped = false;
	happens(FLOW_WAITING);
	happens(FLOW_STARTING);
	assert_false(runner_is_busy(&speech.runner));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(says_the_number_digit_by_digit),
		CASE(says_each_verdict_without_its_reason),
		CASE(never_says_a_pin),
		CASE(speaks_the_language_in_force),
		CASE(repeats_the_number_until_it_is_answered),
		CASE(says_the_number_once_when_so_configured),
		CASE(a_broken_voice_is_not_tried_again_and_again),
		CASE(what_happens_next_interrupts),
		CASE(is_silent_where_it_should_be),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
