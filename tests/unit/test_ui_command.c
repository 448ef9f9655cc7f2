/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a till: what is a command, and what is wrong with one that is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "ui/command.h"

static struct command c;
static struct command_fault fault;
static struct err err;

static enum err_code parse(const char *line)
{
	memset(&c, 0x5a, sizeof c);
	err = (struct err){0};
	return command_parse(&c, &fault, span_text(line), &err);
}

static void takes_a_whole_start(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"command\":\"start\",\"id\":\"A-1.2_3:4\",\"amount\":\"12.80\","
			       "\"currency\":\"EUR\",\"reference\":\"\\u5355 7\","
			       "\"operator\":\"Li \\\"L\\\"\",\"wait_s\":60}"),
		ERR_OK);
	assert_int_equal(c.kind, COMMAND_START);
	assert_string_equal(c.id, "A-1.2_3:4");
	assert_int_equal(c.sale.amount, 1280);
	assert_string_equal(c.sale.currency, "EUR");
	assert_string_equal(c.sale.reference, "\xe5\x8d\x95 7");
	assert_string_equal(c.sale.operator_name, "Li \"L\"");
	assert_int_equal(c.wait_s, 60);
}

static void a_start_may_have_no_amount(void **state)
{
	(void)state;
	assert_int_equal(parse(" { \"id\" : \"1\" , \"command\":\"start\" }\r"), ERR_OK);
	assert_int_equal(c.sale.amount, 0);
	assert_string_equal(c.sale.currency, "");
	assert_string_equal(c.sale.reference, "");
	assert_int_equal(c.wait_s, COMMAND_WAIT_S);
}

static void a_pin_lies_in_its_line_and_is_not_copied(void **state)
{
	static const char line[] = "{\"command\":\"pin\",\"pin\":\"2468\"}";

	(void)state;
	assert_int_equal(parse(line), ERR_OK);
	assert_int_equal(c.kind, COMMAND_PIN);
	assert_ptr_equal(c.pin.data, strstr(line, "2468"));
	assert_int_equal(c.pin.len, 4);
	assert_int_equal(parse("{\"pin\":\"24x8\",\"command\":\"pin\"}"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_PIN); /* looked at later */
	assert_int_equal(c.pin.len, 4);
}

static void takes_the_others(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"command\":\"hello\"}"), ERR_OK);
	assert_int_equal(c.version, 1);
	assert_int_equal(parse("{\"command\":\"hello\",\"version\":7}"), ERR_OK);
	assert_int_equal(c.version, 7);
	assert_int_equal(parse("{\"command\":\"cancel\"}"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_CANCEL);
	assert_string_equal(c.id, "");
	assert_int_equal(parse("{\"command\":\"cancel\",\"id\":\"7\"}"), ERR_OK);
	assert_string_equal(c.id, "7");
	assert_int_equal(parse("{\"command\":\"verdict\",\"id\":\"7\"}"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_VERDICT);
	assert_int_equal(parse("{\"command\":\"status\"}"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_STATUS);
	assert_int_equal(parse("{\"command\":\"today\"}"), ERR_OK);
	assert_int_equal(c.from, 0);
	assert_int_equal(parse("{\"command\":\"today\",\"from\":20}"), ERR_OK);
	assert_int_equal(c.from, 20);
	assert_int_equal(parse("{\"command\":\"subscribe\"}"), ERR_OK);
	assert_int_equal(c.events, COMMAND_EVENTS_ALL);
	assert_int_equal(parse("{\"command\":\"subscribe\",\"events\":\"sales\"}"), ERR_OK);
	assert_int_equal(c.events, COMMAND_EVENTS_SALES);
	assert_int_equal(parse("{\"command\":\"subscribe\",\"events\":\"none\"}"), ERR_OK);
	assert_int_equal(c.events, COMMAND_EVENTS_NONE);
}

#define ID64 "0123456789012345678901234567890123456789012345678901234567890123"
#define START "{\"command\":\"start\",\"id\":\"1\","

static const struct {
	const char *line, *word, *in_text, *command;
} REFUSED[] = {
	{"", "bad-json", "not a command", ""},
	{"nonsense", "bad-json", "not a command", ""},
	{"[]", "bad-json", "not an object", ""},
	{"{\"command\":\"status\"} x", "bad-json", "after the end", ""},
	{"{\"command\":\"status\",\"command\":\"status\"}", "bad-json", "twice", ""},
	{"{\"command\":\"pin\",\"pin\":\"1\"", "bad-json", "too early", ""},
	{"{}", "missing-member", "command", ""},
	{"{\"command\":7}", "bad-member", "command", ""},
	{"{\"command\":\"dance\"}", "unknown-command", "dance", ""},
	{"{\"command\":\"\"}", "unknown-command", "not a command", ""},
	{"{\"command\":\"Start\",\"id\":\"1\"}", "unknown-command", "Start", ""},
	{"{\"command\":\"start\"}", "missing-member", "id", "start"},
	{"{\"command\":\"start\",\"id\":\"\"}", "bad-member", "id", "start"},
	{"{\"command\":\"start\",\"id\":7}", "bad-member", "id", "start"},
	{"{\"command\":\"start\",\"id\":\"a b\"}", "bad-member", "id", "start"},
	{"{\"command\":\"start\",\"id\":\"" ID64 "4\"}", "bad-member", "64 bytes", "start"},
	{START "\"ammount\":\"12.80\",\"currency\":\"EUR\"}",
		"unknown-member", "ammount", "start"},
	{START "\"amount\":\"12.80\"}", "bad-member", "needs a currency", "start"},
	{START "\"currency\":\"EUR\"}", "bad-member", "without an amount", "start"},
	{START "\"amount\":12.80,\"currency\":\"EUR\"}",
		"bad-member", "no number", "start"},
	{START "\"amount\":1280,\"currency\":\"EUR\"}", "bad-member", "no number", "start"},
	{START "\"amount\":\"-1\",\"currency\":\"EUR\"}", "bad-member", "amount", "start"},
	{START "\"amount\":\"1.234\",\"currency\":\"EUR\"}",
		"bad-member", "amount", "start"},
	{START "\"amount\":\"0.00\",\"currency\":\"EUR\"}",
		"bad-member", "is nothing", "start"},
	{START "\"amount\":\"\",\"currency\":\"EUR\"}", "bad-member", "amount", "start"},
	{START "\"amount\":\"1\",\"currency\":\"eur\"}", "bad-member", "ISO 4217", "start"},
	{START "\"amount\":\"1\",\"currency\":\"\"}", "bad-member", "ISO 4217", "start"},
	{START "\"amount\":\"1\",\"currency\":\"EURO\"}",
		"bad-member", "currency", "start"},
	{START "\"amount\":null,\"currency\":\"EUR\"}", "bad-member", "amount", "start"},
	{START "\"reference\":\"1234567890123456789012345\"}",
		"bad-member", "24 bytes", "start"},
	{START "\"reference\":\"a\\u202eb\"}", "bad-member", "cannot be shown", "start"},
	{START "\"reference\":\"a\\nb\"}", "bad-member", "cannot be shown", "start"},
	{START "\"operator\":[]}", "bad-member", "operator", "start"},
	{START "\"wait_s\":0}", "bad-member", "1 to 3600", "start"},
	{START "\"wait_s\":\"60\"}", "bad-member", "1 to 3600", "start"},
	{"{\"command\":\"verdict\"}", "missing-member", "id", "verdict"},
	{"{\"command\":\"cancel\",\"id\":\"\"}", "bad-member", "id", "cancel"},
	{"{\"command\":\"status\",\"id\":\"1\"}", "unknown-member", "id", "status"},
	{"{\"command\":\"pin\"}", "bad-member", "digits", "pin"},
	{"{\"command\":\"pin\",\"pin\":2468}", "bad-member", "digits", "pin"},
	{"{\"command\":\"pin\",\"pin\":\"24\\u00368\"}", "bad-member", "digits", "pin"},
	{"{\"command\":\"pin\",\"pin\":\"2468\",\"id\":\"1\"}",
		"unknown-member", "id", "pin"},
	{"{\"command\":\"today\",\"from\":-1}", "bad-member", "from", "today"},
	{"{\"command\":\"hello\",\"version\":0}", "bad-member", "version", "hello"},
	{"{\"command\":\"subscribe\",\"events\":\"some\"}",
		"bad-member", "events", "subscribe"},
};

static void every_refusal_has_its_word_and_names_what_was_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
		struct command before;

		memset(&before, 0x5a, sizeof before);
		assert_int_equal(parse(REFUSED[i].line), ERR_FORMAT);
		assert_string_equal(fault.word, REFUSED[i].word);
		assert_string_equal(fault.command, REFUSED[i].command);
		if (strstr(err.text, REFUSED[i].in_text) == NULL)
			fail_msg("%s: %s", REFUSED[i].line, err.text);
		assert_null(strstr(err.text, "2468"));
		assert_memory_equal(&c, &before, sizeof c); /* untouched */
	}
}

/* ---- lines ---- */

static struct command_input input;
static int fds[2];

static int open_input(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK && pipe(fds) == 0 &&
		       command_input_init(&input, fds[0], NULL) == ERR_OK
		       ? 0
		       : -1;
}

static int close_input(void **state)
{
	(void)state;
	command_input_done(&input);
	close(fds[0]);
	return 0;
}

static void give(const char *text)
{
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	command_input_fill(&input);
}

static void lines_come_whole_however_they_are_cut(void **state)
{
	struct span line;

	(void)state;
	give("on");
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
	give("e\ntwo\nthr");
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_OK);
	assert_true(span_equal(line, span_text("one")));
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_OK);
	assert_true(span_equal(line, span_text("two")));
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
	close(fds[1]);
	command_input_fill(&input);
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_OK); /* the last, unbroken */
	assert_true(span_equal(line, span_text("thr")));
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
	assert_int_equal(input.fd, -1);
}

static void a_line_that_is_too_long_is_left_out_and_the_next_is_taken(void **state)
{
	char many[COMMAND_LINE_MAX];
	struct span line;
	int told = 0;

	(void)state;
	memset(many, 'x', sizeof many);
	many[sizeof many - 1] = '\0';
	for (int i = 0; i < 5; i++) {
		give(many);
		assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
	}
	give("\nnext\n");
	for (enum err_code rc; (rc = command_input_line(&input, &line, NULL)) != ERR_NOT_FOUND;) {
		if (rc == ERR_TOO_LARGE)
			told++;
		else
			assert_true(span_equal(line, span_text("next")));
	}
	assert_int_equal(told, 1);
	close(fds[1]);
}

static void what_was_taken_is_wiped(void **state)
{
	struct span line;

	(void)state;
	give("{\"command\":\"pin\",\"pin\":\"2468\"}\n");
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_OK);
	assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
	for (size_t i = 0; i < input.buffer->len; i++)
		assert_int_equal(input.buffer->data[i], 0);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_whole_start),
		cmocka_unit_test(a_start_may_have_no_amount),
		cmocka_unit_test(a_pin_lies_in_its_line_and_is_not_copied),
		cmocka_unit_test(takes_the_others),
		cmocka_unit_test(every_refusal_has_its_word_and_names_what_was_wrong),
		cmocka_unit_test_setup_teardown(
			lines_come_whole_however_they_are_cut, open_input, close_input),
		cmocka_unit_test_setup_teardown(
			a_line_that_is_too_long_is_left_out_and_the_next_is_taken, open_input,
			close_input),
		cmocka_unit_test_setup_teardown(what_was_taken_is_wiped, open_input, close_input),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
