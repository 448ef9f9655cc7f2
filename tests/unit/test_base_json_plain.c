/* SPDX-License-Identifier: Apache-2.0
 *
 * The quick reader takes nothing that the whole one would refuse, and reads it the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_plain.h"

#define ROOM 4
#define TEXT_MAX 128

/* A copy on the heap, so that a sanitizer sees a read beyond it. */
static bool plain(struct json_member *m, size_t *count, const uint8_t *text, size_t len,
	uint8_t **copy)
{
	*copy = malloc(len > 0 ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, text, len);
	return json_plain(m, ROOM, count, SPAN(*copy, len));
}

/* What was taken is what the whole reader finds, and all of it. */
static void assert_same(const struct json_member *m, size_t count, struct span text)
{
	char names[ROOM][TEXT_MAX], value[TEXT_MAX];
	const char *list[ROOM];
	struct json *j;
	int64_t number;

	assert_int_equal(json_parse(&j, text, TEXT_MAX, NULL), ERR_OK);
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], TEXT_MAX, "%.*s", (int)m[i].name.len,
			(const char *)m[i].name.data);
		list[i] = names[i];
		if (m[i].is_text) {
			assert_int_equal(json_get_text(j, names[i], value, TEXT_MAX, NULL), ERR_OK);
			assert_true(span_equal(m[i].text, span_text(value)));
		} else {
			assert_int_equal(json_get_int(j, names[i], &number, 0, INT64_MAX, NULL),
				ERR_OK);
			assert_int_equal(m[i].number, number);
		}
	}
	assert_int_equal(json_only(j, list, count, NULL), ERR_OK);
	json_free(&j);
}

static bool takes(const uint8_t *text, size_t len)
{
	struct json_member m[ROOM];
	uint8_t *copy;
	size_t count;
	bool taken = plain(m, &count, text, len, &copy);

	if (taken)
		assert_same(m, count, SPAN(copy, len));
	free(copy);
	return taken;
}

static void reads_what_requests_are(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} good[] = {
		{"{}", 0},
		{" \t\r\n{ } \n", 0},
		{"{\"code\":\"HTTPS://QR.EXAMPLE/C/AEAQ\"}", 1},
		{"{\"a\":\"\"}", 1},
		{"{\"\":0}", 1},
		{"{\"a\":999999999999999999}", 1},
		{"{ \"a\" : \"x\" , \"b\" : 10 , \"c\" : 0 , \"d\" : \"~ /'\" }", 4},
	};
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct json_member m[ROOM];
		size_t count, len = strlen(good[i].text);
		uint8_t *copy;
		assert_true(plain(m, &count, (const uint8_t *)good[i].text, len, &copy));
		assert_int_equal(count, good[i].count);
		assert_same(m, count, SPAN(copy, len));
		free(copy);
	}
}

static void leaves_everything_else_to_the_whole_reader(void **state)
{
	static const char *const others[] = {"", " ", "[]", "1", "\"a\"", "{", "{\"a\"", "{\"a\":",
		"{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
		"{\"a\":1}}", "{\"a\":1} x", "{a:1}", "{\"a\":01}", "{\"a\":-1}", "{\"a\":+1}",
		"{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":1E3}", "{\"a\":0x1}",
		"{\"a\":1000000000000000000}", "{\"a\":true}", "{\"a\":null}", "{\"a\":{}}",
		"{\"a\":[]}", "{\"a\":\"\\n\"}", "{\"a\\u0062\":1}", "{\"a\":\"\t\"}",
		"{\"a\":\"\x1f\"}", "{\"a\":\"\xc3\xa9\"}", "{\"\xc3\xa9\":1}", "{\"a\":\"\xff\"}",
		"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":\"x\"}",
		"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}", "{'a':1}", "{\"a\":'b'}",
		"\v{}", "{}\f"};
	(void)state;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (takes((const uint8_t *)others[i], strlen(others[i])))
			fail_msg("taken: %s", others[i]);
	assert_false(takes((const uint8_t *)"{}", 3)); /* with its NUL */
	assert_false(takes((const uint8_t *)"{\"a\":\"b\0\"}", 10));
}

/* Every beginning of a text, and every byte of it as every other: takes() compares. */
static void nothing_is_taken_that_the_whole_reader_refuses(void **state)
{
	static const char whole[] = "{\"code\": \"AB\", \"amount\":1250 ,\"b\":\"\"}";
	uint8_t text[sizeof whole];
	size_t len = sizeof whole - 1, taken = 0;
	(void)state;

	for (size_t cut = 0; cut < len; cut++)
		assert_false(takes((const uint8_t *)whole, cut));
	for (size_t at = 0; at < len; at++) {
		for (int c = 0; c < 256; c++) {
			memcpy(text, whole, len);
			text[at] = (uint8_t)c;
			taken += takes(text, len);
		}
	}
	assert_true(taken > len); /* other letters and digits are as good */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_requests_are),
		cmocka_unit_test(leaves_everything_else_to_the_whole_reader),
		cmocka_unit_test(nothing_is_taken_that_the_whole_reader_refuses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
