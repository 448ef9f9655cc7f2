/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file: defaults, ranges, values that do not fit together, amount classes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/policy.h"
#include "tests/lib/folder.h"

static struct policy p;
static struct err err;

static enum err_code read_text(const char *text)
{
	return policy_read(&p, put_file("conf", text, strlen(text), 0600), &err);
}

static void refuses(const char *text, enum err_code code, const char *words)
{
	assert_int_equal(read_text(text), code);
	if (!strstr(err.text, words) || !strstr(err.text, in_folder("conf")))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void template_says_the_defaults(void **state)
{
	struct policy defaults;
	struct bytes text, inforce;

	(void)state;
	bytes_init(&text, 100000);
	bytes_init(&inforce, 100000);
	policy_template(&text);
	assert_false(text.full);
	policy_defaults(&defaults);
	assert_int_equal(read_text(bytes_text(&text)), ERR_OK);
	assert_memory_equal(&p, &defaults, sizeof(p));
	/* With every line in force it says the same. */
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.data[i] != ';' || text.data[i + 1] == ' ')
			bytes_add_u8(&inforce, text.data[i]);
	memset(&p, 0, sizeof(p));
	assert_int_equal(read_text(bytes_text(&inforce)), ERR_OK);
	assert_memory_equal(&p, &defaults, sizeof(p));
	bytes_done(&text);
	bytes_done(&inforce);
	assert_int_equal(policy_check(&defaults, &err), ERR_OK);
}

static int times(const char *text, const char *line)
{
	int n = 0;

	for (text = strstr(text, line); text; text = strstr(text + 1, line))
		n++;
	return n;
}

static void template_has_each_section_and_each_key_once(void **state)
{
	struct bytes text;

	(void)state;
	bytes_init(&text, 100000);
	policy_template(&text);
#define ONCE(line) assert_int_equal(times(bytes_text(&text), "\n" line), 1)
	ONCE("[server]\n");
	ONCE("[wallet]\n");
	ONCE("[policy]\n");
	ONCE("[keys]\n");
	ONCE("[store]\n");
	ONCE("[messenger]\n");
	assert_int_equal(times(bytes_text(&text), "\n["), 6);
#define ONE_NUMBER(field, section, value, min, max, words) ONCE(";" #field " = ");
	POLICY_LIST(ONE_NUMBER)
#undef ONE_NUMBER
#define ONE_TEXT(field, section, key, size, words) ONCE("; " words "\n;" key " =\n");
	POLICY_TEXTS(ONE_TEXT)
#undef ONE_TEXT
#undef ONCE
	bytes_done(&text);
}

static void file_changes_what_it_names(void **state)
{
	(void)state;
	assert_int_equal(read_text(""), ERR_OK);
	assert_int_equal(p.number_lifetime_s, 60);
	assert_int_equal(read_text("[policy]\nnumber_lifetime_s = 90\n[server]\nport=0\n"), ERR_OK);
	assert_int_equal(p.number_lifetime_s, 90);
	assert_int_equal(p.port, 0);
	assert_int_equal(p.digits, 6);
}

static void refuses_values_out_of_range_and_keys_it_does_not_know(void **state)
{
	(void)state;
	refuses("[policy]\ndigits = 5\n", ERR_FORMAT, "digits");
	refuses("[policy]\ndigits = 11\n", ERR_FORMAT, "digits");
	refuses("[policy]\nnumber_lifetime_s = 9\n", ERR_FORMAT, "number_lifetime_s");
	refuses("[policy]\nnumber_lifetime_s = 601\n", ERR_FORMAT, "number_lifetime_s");
	refuses("[policy]\nfailures_freeze = -1\n", ERR_FORMAT, "failures_freeze");
	refuses("[policy]\nfreeze_s = soon\n", ERR_FORMAT, "freeze_s");
	refuses("[policy]\nfreeze_s =\n", ERR_FORMAT, "freeze_s");
	refuses("[policy]\nfreeze_s = 99999999999999999999\n", ERR_FORMAT, "freeze_s");
	refuses("[policy]\nfreeze = 1\n", ERR_FORMAT, "freeze");
	refuses("[server]\nfreeze_s = 1\n", ERR_FORMAT, "freeze_s");
	refuses("[server]\nport = 65536\n", ERR_FORMAT, "port");
	refuses("[other]\nport = 1\n", ERR_FORMAT, "other");
	refuses("freeze_s = 1\n", ERR_FORMAT, "freeze_s");
}

static void refuses_values_that_do_not_fit_together(void **state)
{
	(void)state;
	refuses("[policy]\nbinding_1_from = 200000\n", ERR_INVALID, "binding_1_from");
	refuses("[policy]\nstarts_hour = 101\n", ERR_INVALID, "starts_hour");
	refuses("[policy]\nstart_delay_s = 301\n", ERR_INVALID, "start_delay_s");
	refuses("[policy]\nfailures_per_tag = 5\n", ERR_INVALID, "failures_per_tag");
	refuses("[policy]\nfailures_freeze = 2\n", ERR_INVALID, "failures_per_tag");
	assert_int_equal(read_text("[policy]\nfailures_freeze = 3\n"), ERR_OK);
	assert_int_equal(read_text("[policy]\nbinding_1_from = 5\nbinding_2_from = 0\n"), ERR_OK);
}

static void refuses_files_it_may_not_trust(void **state)
{
	(void)state;
	assert_int_equal(policy_read(&p, in_folder("missing"), &err), ERR_NOT_FOUND);
	put_file("conf", "", 0, 0622);
	assert_int_equal(policy_read(&p, in_folder("conf"), &err), ERR_PERMISSION);
}

static void need(uint64_t amount, bool live, int digits, enum code_binding binding, bool pin)
{
	struct policy_need n = policy_need_of(&p, amount, live, digits);

	assert_int_equal(n.binding, binding);
	assert_int_equal(n.timed, live);
	assert_int_equal(n.pin, pin);
}

static void amounts_say_which_binding_and_whether_a_pin(void **state)
{
	(void)state;
	policy_defaults(&p);
	need(0, true, 6, CODE_BINDING_NUMBER, true);
	need(99999, true, 6, CODE_BINDING_NUMBER, true);
	need(100000, true, 6, CODE_BINDING_CHALLENGE, true);
	need(INT64_MAX, true, 6, CODE_BINDING_CHALLENGE, true);
	p.binding_1_from = 5000;
	p.pin_from = 3000;
	need(0, true, 6, CODE_BINDING_NUMBER, true);
	need(2999, true, 6, CODE_BINDING_NUMBER, false);
	need(3000, true, 6, CODE_BINDING_NUMBER, true);
	need(4999, true, 6, CODE_BINDING_NUMBER, true);
	need(5000, true, 6, CODE_BINDING_AMOUNT, true);
	need(99999, true, 6, CODE_BINDING_AMOUNT, true);
	p.binding_2_from = 0;
	need(INT64_MAX, true, 6, CODE_BINDING_AMOUNT, true);
	need(0, false, 8, CODE_BINDING_NUMBER, true);
	need(0, false, 7, CODE_BINDING_CHALLENGE, true);
	need(0, false, 6, CODE_BINDING_CHALLENGE, true);
	need(5000, false, 10, CODE_BINDING_AMOUNT, true);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(template_says_the_defaults),
		CASE(template_has_each_section_and_each_key_once),
		CASE(file_changes_what_it_names),
		CASE(refuses_values_out_of_range_and_keys_it_does_not_know),
		CASE(refuses_values_that_do_not_fit_together),
		CASE(refuses_files_it_may_not_trust),
		CASE(amounts_say_which_binding_and_whether_a_pin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
