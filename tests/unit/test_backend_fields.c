/* SPDX-License-Identifier: Apache-2.0
 *
 * Declared fields: what is not exactly what was declared never reaches a handler.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/fields.h"

struct target {
	char label[9];
	char token[9];
	char digits[5];
	char currency[4];
	int64_t number;
};

static const struct field FIELDS[] = {
	{"token", FIELD_VISIBLE, true, offsetof(struct target, token), 1, 8},
	{"label", FIELD_TEXT, false, offsetof(struct target, label), 0, 8},
	{"digits", FIELD_DIGITS, false, offsetof(struct target, digits), 2, 4},
	{"currency", FIELD_CURRENCY, false, offsetof(struct target, currency), 3, 3},
	{"number", FIELD_INT, false, offsetof(struct target, number), -5, 99},
};
#define COUNT (sizeof(FIELDS) / sizeof(FIELDS[0]))

/* The body is an exact heap block, so that a read beyond it is seen. */
static enum err_code read_len(struct target *t, const char *body, size_t len, struct err *err)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum err_code e;

	memcpy(copy, body, len);
	memset(t, 0xa5, sizeof(*t));
	*err = (struct err){0};
	e = fields_read(t, sizeof(*t), FIELDS, COUNT, SPAN(copy, len), err);
	free(copy);
	return e;
}

static enum err_code read_body(struct target *t, const char *body, struct err *err)
{
	return read_len(t, body, strlen(body), err);
}

static void fills_what_is_there_and_clears_the_rest(void **state)
{
	struct target t, zero = {0};
	struct err err;

	(void)state;
	assert_int_equal(read_body(&t, "{\"token\":\"abc\"}", &err), ERR_OK);
	assert_string_equal(t.token, "abc");
	assert_memory_equal(t.label, zero.label, sizeof(t.label));
	assert_int_equal(t.number, 0);

	assert_int_equal(read_body(&t,
				 " {\"number\" : -5, \"token\":\"!~\", \"currency\":\"EUR\","
				 "\"digits\":\"0042\",\"label\":\"\xe4\xb8\xad a\"} ",
				 &err),
		ERR_OK);
	assert_int_equal(t.number, -5);
	assert_string_equal(t.currency, "EUR");
	assert_string_equal(t.digits, "0042");
	assert_string_equal(t.label, "\xe4\xb8\xad a");
}

static void refuses_everything_else(void **state)
{
	static const char *const BAD[] = {
		"", "{}", "[]", "null", "\"token\"", "1", "{", "{\"token\":\"a\"",
		"{\"token\":\"a\"}}",
		"{\"token\":\"a\"} x", "{\"token\":\"a\",}", "{token:\"a\"}",
		"{\"token\":\"a\",\"token\":\"a\"}",           /* twice */
		"{\"token\":\"a\",\"other\":1}",               /* not declared */
		"{\"Token\":\"a\"}",                           /* another name */
		"{\"token\":null}", "{\"token\":1}", "{\"token\":[\"a\"]}", "{\"token\":{}}",
		"{\"token\":\"\"}",                            /* too short */
		"{\"token\":\"123456789\"}",                   /* too long */
		"{\"token\":\"a b\"}", "{\"token\":\"a\\u0000\"}", "{\"token\":\"\\u00fc\"}",
		"{\"token\":\"a\",\"label\":\"\\u001b[2J\"}",  /* control */
		"{\"token\":\"a\",\"label\":\"\\u202e\"}",     /* format: turns the line round */
		"{\"token\":\"a\",\"label\":\"\xff\"}",        /* not UTF-8 */
		"{\"token\":\"a\",\"label\":\"\\ud800\"}",     /* half a pair */
		"{\"token\":\"a\",\"label\":\"\\u4e2d\\u4e2d\\u4e2d\"}",    /* 9 bytes */
		"{\"token\":\"a\",\"label\":null}",
		"{\"token\":\"a\",\"digits\":\"1\"}", "{\"token\":\"a\",\"digits\":\"12345\"}",
		"{\"token\":\"a\",\"digits\":\"1a\"}", "{\"token\":\"a\",\"digits\":12}",
		"{\"token\":\"a\",\"digits\":\"+1\"}",
		"{\"token\":\"a\",\"digits\":\"\\u0661\\u0662\"}",
		"{\"token\":\"a\",\"currency\":\"eur\"}", "{\"token\":\"a\",\"currency\":\"EU\"}",
		"{\"token\":\"a\",\"currency\":\"EURO\"}", "{\"token\":\"a\",\"currency\":\"\"}",
		"{\"token\":\"a\",\"number\":100}", "{\"token\":\"a\",\"number\":-6}",
		"{\"token\":\"a\",\"number\":1.5}", "{\"token\":\"a\",\"number\":\"1\"}",
		"{\"token\":\"a\",\"number\":1e1}", "{\"token\":\"a\",\"number\":true}",
		"{\"token\":\"a\",\"number\":99999999999999999999999999}",
		"{\"token\":\"a\",\"number\":NaN}",
	};
	struct target t, zero = {0};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		if (read_body(&t, BAD[i], &err) != ERR_FORMAT)
			fail_msg("let through: %s", BAD[i]);
		assert_true(err.text[0] != '\0');
		/* nothing of a refused request stays */
		assert_memory_equal(&t, &zero, sizeof(t));
	}
}

static void names_the_member_that_is_wrong(void **state)
{
	static const struct {
		const char *body, *words;
	} CASES[] = {
		{"{}", "\"token\" is missing"},
		{"{\"token\":\"a\",\"number\":100}", "\"number\" must be a whole number from -5"},
		{"{\"token\":\"a b\"}", "\"token\" must be visible ASCII"},
		{"{\"token\":\"a\",\"surprise\":1}", "surprise"},
	};
	struct target t;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(read_body(&t, CASES[i].body, &err), ERR_FORMAT);
		if (!strstr(err.text, CASES[i].words))
			fail_msg("%s: %s", CASES[i].body, err.text);
	}
}

static void never_repeats_a_value_in_its_words(void **state)
{
	static const char *const BODIES[] = {
		"{\"token\":\"a\",\"digits\":\"98767\"}",
		"{\"token\":\"a\",\"digits\":\"9876x\"}",
		"{\"token\":\"9876 \"}",
		"{\"token\":\"9876\xff\"}",
		"{\"token\":\"9876",
	};
	struct target t;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(BODIES) / sizeof(BODIES[0]); i++) {
		assert_int_equal(read_body(&t, BODIES[i], &err), ERR_FORMAT);
		if (strstr(err.text, "9876"))
			fail_msg("%s", err.text);
	}
}

static void every_truncation_is_refused(void **state)
{
	static const char BODY[] = "{\"token\":\"abc\",\"number\":12,\"currency\":\"EUR\"}";
	struct target t;
	struct err err;

	(void)state;
	for (size_t n = 0; n < sizeof(BODY) - 1; n++)
		assert_int_equal(read_len(&t, BODY, n, &err), ERR_FORMAT);
	assert_int_equal(read_len(&t, BODY, sizeof(BODY) - 1, &err), ERR_OK);
}

static void a_flipped_byte_never_gives_another_type(void **state)
{
	static const char BODY[] = "{\"token\":\"abc\",\"number\":12,\"currency\":\"EUR\"}";
	char copy[sizeof(BODY)];
	struct target t;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(BODY) - 1; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, BODY, sizeof(BODY));
			copy[i] = (char)(copy[i] ^ (1 << bit));
			if (read_len(&t, copy, sizeof(BODY) - 1, &err))
				continue;
			assert_true(strlen(t.token) >= 1 && strlen(t.token) <= 8);
			assert_in_range(t.number + 5, 0, 104);
			assert_int_equal(strlen(t.currency), 3);
		}
	}
}

static void deep_and_large_bodies_are_refused(void **state)
{
	size_t len = 20000;
	char *body = malloc(len + 1);
	struct target t;
	struct err err;

	(void)state;
	memset(body, '[', len);
	body[len] = '\0';
	assert_int_equal(read_body(&t, body, &err), ERR_FORMAT);
	memset(body, ' ', len);
	memcpy(body, "{\"token\":\"a\"}", 13);
	assert_int_equal(read_len(&t, body, 16384, &err), ERR_OK);
	assert_int_equal(read_len(&t, body, 16385, &err), ERR_FORMAT);
	free(body);
}

static void an_empty_body_is_enough_when_nothing_is_required(void **state)
{
	static const struct field OPTIONAL = {
		"label", FIELD_TEXT, false, offsetof(struct target, label), 0, 8};
	struct target t;
	struct err err;

	(void)state;
	assert_int_equal(
		fields_read(&t, sizeof(t), &OPTIONAL, 1, SPAN(NULL, 0), &err), ERR_OK);
	assert_int_equal(fields_read(&t, sizeof(t), NULL, 0, span_text("{}"), &err), ERR_OK);
	assert_int_equal(
		fields_read(&t, sizeof(t), NULL, 0, span_text("{\"a\":1}"), &err), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_what_is_there_and_clears_the_rest),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(names_the_member_that_is_wrong),
		cmocka_unit_test(never_repeats_a_value_in_its_words),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_flipped_byte_never_gives_another_type),
		cmocka_unit_test(deep_and_large_bodies_are_refused),
		cmocka_unit_test(an_empty_body_is_enough_when_nothing_is_required),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
