/* SPDX-License-Identifier: Apache-2.0
 *
 * PIN digits and the commands of a till: what is taken, what is not, and that nothing is left
 * behind.
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

#include "ui/command.h"
#include "ui/pin.h"

static struct pin_entry pin;

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK && pin_entry_init(&pin, NULL) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	pin_entry_done(&pin);
	pin_entry_done(&pin); /* twice is harmless */
	return 0;
}

static bool is(const char *text)
{
	return span_equal(pin_entry_span(&pin), span_text(text));
}

static bool is_wiped(void)
{
	size_t i;

	for (i = 0; i < pin.digits->len; i++)
		if (pin.digits->data[i] != 0)
			return false;
	return pin.len == 0;
}

/* ---- entry ---- */

static void takes_digits_up_to_twelve(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < CLIENT_PIN_MAX; i++) {
		assert_int_equal(pin_entry_complete(&pin), i >= CLIENT_PIN_MIN);
		assert_true(pin_entry_add(&pin, i % 10));
	}
	assert_false(pin_entry_add(&pin, 1));
	assert_true(is("012345678901"));
	pin_entry_clear(&pin);
	assert_true(is_wiped());
}

static void takes_nothing_but_digits(void **state)
{
	(void)state;
	assert_false(pin_entry_add(&pin, -1));
	assert_false(pin_entry_add(&pin, 10));
	assert_true(is_wiped());
}

static void backspace_wipes_the_digit(void **state)
{
	(void)state;
	pin_entry_backspace(&pin);
	assert_true(pin_entry_add(&pin, 7));
	pin_entry_backspace(&pin);
	assert_true(is_wiped());
}

static void a_text_that_is_no_pin_leaves_nothing(void **state)
{
	static const char *const bad[] = {"", "123", "1234567890123", "12a4", " 1234", "1234\r"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_true(pin_entry_set(&pin, span_text("2468")));
		assert_false(pin_entry_set(&pin, span_text(bad[i])));
		assert_true(is_wiped());
	}
}

/* ---- list ---- */

static char path[] = "/tmp/countersign-pins.XXXXXX";

static void list_write(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int list_make(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd >= 0 ? close(fd) : -1;
}

static int list_remove(void **state)
{
	(void)state;
	return unlink(path);
}

static void gives_pins_in_order(void **state)
{
	struct pin_list list;

	(void)state;
	list_write("1111\n22222\n333333", 0600);
	assert_int_equal(pin_list_read(&list, path, NULL), ERR_OK);
	assert_true(pin_list_next(&list, &pin, "a", 1) && is("1111"));
	assert_true(pin_list_next(&list, &pin, "a", 2) && is("22222"));
	assert_true(pin_list_next(&list, &pin, "a", 3) && is("333333"));
	assert_false(pin_list_next(&list, &pin, "a", 4));
	pin_list_done(&list);
	assert_false(pin_list_next(&list, &pin, "a", 5));
	list_write("", 0600);
	assert_int_equal(pin_list_read(&list, path, NULL), ERR_OK);
	assert_false(pin_list_next(&list, &pin, "a", 6));
	pin_list_done(&list);
}

static void the_same_try_gets_the_same_pin_again(void **state)
{
	struct pin_list list;

	(void)state;
	list_write("1111\n2222\n3333\n", 0600);
	assert_int_equal(pin_list_read(&list, path, NULL), ERR_OK);
	assert_true(pin_list_next(&list, &pin, "a", 1) && is("1111"));
	assert_true(pin_list_next(&list, &pin, "a", 1) && is("1111"));
	assert_true(pin_list_next(&list, &pin, "a", 2) && is("2222"));
	assert_true(pin_list_next(&list, &pin, "a", 2) && is("2222"));
	assert_true(pin_list_next(&list, &pin, "b", 1) && is("3333"));
	assert_true(pin_list_next(&list, &pin, "b", 1) && is("3333"));
	assert_false(pin_list_next(&list, &pin, "b", 2));
	assert_false(pin_list_next(&list, &pin, "b", 2));
	pin_list_done(&list);
}

static void refuses_lists_that_are_none(void **state)
{
	static const char *const bad[] = {"\n", "1111\n\n2222\n", "111\n", "1111\r\n", "1111 \n",
		"1111\nabcd\n", "12345678901234\n"};
	struct pin_list list;
	struct err err;
	char *large = malloc(2000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		list_write(bad[i], 0600);
		assert_int_equal(pin_list_read(&list, path, &err), ERR_FORMAT);
		assert_non_null(strstr(err.text, "line"));
		assert_null(list.text);
	}
	assert_non_null(large);
	memset(large, '1', 1999);
	large[1999] = '\0';
	list_write(large, 0600);
	free(large);
	assert_int_equal(pin_list_read(&list, path, &err), ERR_TOO_LARGE);
	list_write("1111\n", 0644);
	assert_int_equal(pin_list_read(&list, path, &err), ERR_PERMISSION);
	assert_int_equal(pin_list_read(&list, "/nowhere/pins", &err), ERR_NOT_FOUND);
}

/* ---- command lines ---- */

static enum err_code command(struct command *c, const char *text)
{
	static uint8_t *copy;
	size_t len = strlen(text);

	free(copy); /* exact size, so that a read past the end is seen */
	copy = malloc(len + (len == 0));
	assert_non_null(copy);
	memcpy(copy, text, len);
	return command_parse(c, NULL, SPAN(copy, len), NULL);
}

static void takes_the_two_commands(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(command(&c, "{\"command\":\"cancel\"}"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_CANCEL);
	assert_int_equal(command(&c, " { \"pin\" : \"2468\" , \"command\" : \"pin\" } \r"), ERR_OK);
	assert_int_equal(c.kind, COMMAND_PIN);
	assert_true(span_equal(c.pin, span_text("2468")));
	assert_int_equal(command(&c, "{\"command\":\"pin\",\"pin\":\"\"}"), ERR_OK);
	assert_int_equal(c.pin.len, 0);
}

static void refuses_everything_else(void **state)
{
	static const char *const bad[] = {"", " ", "{}", "cancel", "\"cancel\"", "[\"cancel\"]",
		"{\"command\":\"stop\"}", "{\"command\":\"pin\"}", "{\"pin\":\"2468\"}",
		"{\"command\":\"cancel\",\"pin\":\"2468\"}", "{\"command\":\"cancel\",}",
		"{\"command\":\"cancel\"} x", "{\"command\":\"cancel\"}}", "{\"command\":cancel}",
		"{\"command\":\"pin\",\"pin\":2468}", "{\"command\":\"pin\",\"pin\":\"2\\u0034\"}",
		"{\"command\":\"pin\",\"pin\":\"24",
		"{\"command\":\"cancel\",\"command\":\"cancel\"}",
		"{\"command\":\"cancel\",\"more\":\"1\"}",
		("{\"command\":\"can\x01" /* two literals, or \x would eat the c */
		 "cel\"}"),
		"{\"Command\":\"cancel\"}", "{\"command\"\"cancel\"}", "{,\"command\":\"cancel\"}"};
	struct command c;
	char cut[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(command(&c, bad[i]), ERR_FORMAT);
	for (i = 0; i < strlen("{\"command\":\"pin\",\"pin\":\"2468\"}"); i++) {
		snprintf(cut, sizeof cut, "%.*s", (int)i, "{\"command\":\"pin\",\"pin\":\"2468\"}");
		assert_int_equal(command(&c, cut), ERR_FORMAT);
	}
}

/* ---- lines from a descriptor ---- */

static struct command_input input;
static int pipe_fd[2];

static int input_open(void **state)
{
	(void)state;
	return pipe(pipe_fd) == 0 && command_input_init(&input, pipe_fd[0], NULL) == ERR_OK ? 0
											    : -1;
}

static int input_close(void **state)
{
	(void)state;
	command_input_done(&input);
	close(pipe_fd[0]);
	return 0;
}

static void type(const char *text)
{
	assert_int_equal(write(pipe_fd[1], text, strlen(text)), strlen(text));
	command_input_fill(&input);
}

static void expect_line(const char *text)
{
	struct span line;

	assert_int_equal(command_input_line(&input, &line, NULL), ERR_OK);
	assert_true(span_equal(line, span_text(text)));
}

static void expect_none(void)
{
	struct span line;

	assert_int_equal(command_input_line(&input, &line, NULL), ERR_NOT_FOUND);
}

static void gives_lines_however_they_come(void **state)
{
	(void)state;
	expect_none();
	type("one");
	expect_none();
	type(" line\ntwo\n\nfo");
	expect_line("one line");
	expect_line("two");
	expect_line("");
	expect_none();
	type("ur");
	close(pipe_fd[1]);
	command_input_fill(&input);
	assert_int_equal(input.fd, -1);
	expect_line("four"); /* the last one may lack its break */
	expect_none();
}

static void leaves_out_a_line_that_is_too_long(void **state)
{
	char text[COMMAND_LINE_MAX + 100];
	struct span line;
	struct err err = {0};

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	type(text);
	expect_none();
	command_input_fill(&input);
	type("\nshort\n");
	assert_int_equal(command_input_line(&input, &line, &err), ERR_TOO_LARGE);
	expect_line("short");
	close(pipe_fd[1]);
}

static void wipes_what_was_taken(void **state)
{
	size_t i;

	(void)state;
	type("{\"command\":\"pin\",\"pin\":\"2468\"}\n");
	expect_line("{\"command\":\"pin\",\"pin\":\"2468\"}");
	expect_none();
	for (i = 0; i < input.buffer->len; i++)
		assert_int_equal(input.buffer->data[i], 0);
	close(pipe_fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_digits_up_to_twelve, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_nothing_but_digits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(backspace_wipes_the_digit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_text_that_is_no_pin_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gives_pins_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_same_try_gets_the_same_pin_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_lists_that_are_none, set_up, tear_down),
		cmocka_unit_test(takes_the_two_commands),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test_setup_teardown(
			gives_lines_however_they_come, input_open, input_close),
		cmocka_unit_test_setup_teardown(
			leaves_out_a_line_that_is_too_long, input_open, input_close),
		cmocka_unit_test_setup_teardown(wipes_what_was_taken, input_open, input_close),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, list_make, list_remove);
}
