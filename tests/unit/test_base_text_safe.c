/* SPDX-License-Identifier: Apache-2.0
 *
 * Text safety, against what Python's Unicode tables and decoder say (fixtures/unicode/, written by
 * tests/lib/unicode_rule.py); the program's own tables come from perl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/text_safe.h"
#include "tests/lib/death.h"
#include "tests/lib/exact.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

/* Written another way than the program's. */
static size_t put_utf8(char *out, uint32_t c)
{
	int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};

	out[0] = (char)(lead[more] + (c >> (6 * more)));
	for (int i = 1; i <= more; i++)
		out[i] = (char)(0x80 + (c >> (6 * (more - i))) % 64);
	return (size_t)more + 1;
}

static void check_code_point(uint32_t c, char kind)
{
	char text[8] = "";
	char safe[8];
	size_t len = put_utf8(text, c);
	bool surrogate = c >= 0xd800 && c <= 0xdfff; /* malformed in UTF-8: three bad bytes */

	assert_int_equal(text_is_safe(SPAN(text, len)), kind != 'U');
	if (surrogate)
		return;
	size_t safe_len = text_safe(safe, sizeof safe, SPAN(text, len));
	assert_int_equal(safe_len, strlen(safe));
	assert_string_equal(safe, kind == 'U' ? REPLACEMENT : text);
	if (kind != 'U')
		assert_int_equal(text_char_columns(c), kind - '0');
	size_t at = 0;
	assert_int_equal(text_utf8_next(SPAN(text, len), &at), c);
	assert_int_equal(at, len);
}

static void every_code_point_follows_the_rule(void **state)
{
	char line[128];
	uint32_t next = 0;
	FILE *in = fopen("fixtures/unicode/points.txt", "r");
	(void)state;

	assert_non_null(in);
	while (fgets(line, sizeof line, in) != NULL) {
		unsigned first, last;
		char kind;
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%x %x %c", &first, &last, &kind), 3);
		assert_int_equal(first, next);
		for (uint32_t c = first; c <= last; c++)
			check_code_point(c, kind);
		next = last + 1;
	}
	fclose(in);
	assert_int_equal(next, 0x110000);
}

static void malformed_text_has_one_mark_for_each_bad_sequence(void **state)
{
	char line[512];
	int count = 0;
	FILE *in = fopen("fixtures/unicode/malformed.txt", "r");
	(void)state;

	assert_non_null(in);
	while (fgets(line, sizeof line, in) != NULL) {
		uint8_t input[64], expected[256];
		char safe[256];
		char *space = strchr(line, ' ');
		assert_non_null(space);
		size_t in_len = (size_t)(space - line) / 2;
		size_t out_len = (strlen(space) - 2) / 2;
		assert_int_equal(hex_decode(input, in_len, SPAN(line, 2 * in_len)), ERR_OK);
		assert_int_equal(
			hex_decode(expected, out_len, SPAN(space + 1, 2 * out_len)), ERR_OK);
		struct span text = exact(input, in_len);
		size_t len = text_safe(safe, sizeof safe, text);
		assert_true(span_equal(SPAN(safe, len), SPAN(expected, out_len)));
		assert_int_equal(text_is_safe(text),
			span_equal(text, SPAN(expected, out_len)) &&
				memmem(input, in_len, REPLACEMENT, 3) == NULL);
		assert_true(text_is_safe(SPAN(safe, len)));
		exact_free(text);
		count++;
	}
	fclose(in);
	assert_true(count > 400);
}

static void what_hides_on_a_screen_is_marked(void **state)
{
	static const char *const texts[][2] = {
		{"a\nb", "a" REPLACEMENT "b"},
		{"\x1b[2J", REPLACEMENT "[2J"},
		{"a\xc2\x9b" "31m", "a" REPLACEMENT "31m"},            /* C1 control CSI */
		{"x\xe2\x80\xaetxt.exe", "x" REPLACEMENT "txt.exe"},   /* right-to-left override */
		{"a\xe2\x80\x8b" "b", "a" REPLACEMENT "b"},            /* zero width space */
		{"a\xef\xbb\xbf", "a" REPLACEMENT},                    /* byte order mark */
		{"\xe2\x80\xa8", REPLACEMENT},                         /* line separator */
		{"\xee\x80\x80", REPLACEMENT},                         /* private use */
		{"\xf3\xa0\x81\x81", REPLACEMENT},                     /* tag letter */
		{"\xef\xbf\xbe", REPLACEMENT},                         /* no character */
		{"\xc0\x80", REPLACEMENT REPLACEMENT},                 /* overlong NUL */
	};
	char safe[64];
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		text_safe(safe, sizeof safe, span_text(texts[i][0]));
		assert_string_equal(safe, texts[i][1]);
		assert_false(text_is_safe(span_text(texts[i][0])));
	}
	assert_int_equal(text_safe(safe, sizeof safe, SPAN("a\0b", 3)), 5);
	assert_string_equal(safe, "a" REPLACEMENT "b");
}

static void names_of_people_pass(void **state)
{
	static const char *const texts[] = {"", "Li Lei", "街角面包店", "Zoë", "Zoe\xcc\x88", "😀",
		"علي", "한글", "\xc2\xa0", "\xef\xbf\xbd"};
	char safe[64];
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_true(text_is_safe(span_text(texts[i])));
		text_safe(safe, sizeof safe, span_text(texts[i]));
		assert_string_equal(safe, texts[i]);
	}
}

static void cuts_at_a_character_and_says_so(void **state)
{
	static const char text[] = "ab\xc3\xa9\xe8\xa1\x97\xf0\x9f\x98\x80z";
	(void)state;

	for (size_t cap = 4; cap <= sizeof text + 4; cap++) {
		char *out = malloc(cap);
		assert_non_null(out);
		size_t len = text_safe(out, cap, span_text(text));
		assert_int_equal(len, strlen(out));
		assert_true(len < cap);
		assert_true(text_is_safe(SPAN(out, len)));
		if (cap >= sizeof text) {
			assert_string_equal(out, text);
		} else {
			assert_true(len >= 3);
			assert_string_equal(out + len - 3, ELLIPSIS);
			assert_memory_equal(out, text, len - 3);
			/* As much as possible: the next character would not have fitted. */
			size_t next = len - 3;
			if (next < sizeof text - 1) {
				ERR_IGNORE(text_utf8_next(span_text(text), &next) == 0);
				assert_true(next + 3 > cap - 1);
			}
		}
		free(out);
	}
}

static void no_room_for_a_mark(void)
{
	char out[3];

	text_safe(out, sizeof out, span_text("x"));
}

static void room_for_less_than_a_mark_is_a_fault_of_the_program(void **state)
{
	(void)state;
	assert_true(dies(no_room_for_a_mark));
}

static void columns_add_up(void **state)
{
	(void)state;
	assert_int_equal(text_columns(span_text("")), 0);
	assert_int_equal(text_columns(span_text("Li Lei")), 6);
	assert_int_equal(text_columns(span_text("街角面包店")), 10);
	assert_int_equal(text_columns(span_text("e\xcc\x88")), 1);
	assert_int_equal(text_columns(span_text("ＡＢ")), 4);
	assert_int_equal(text_columns(span_text(REPLACEMENT)), 1);
	assert_int_equal(text_columns(span_text(ELLIPSIS)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_follows_the_rule),
		cmocka_unit_test(malformed_text_has_one_mark_for_each_bad_sequence),
		cmocka_unit_test(what_hides_on_a_screen_is_marked),
		cmocka_unit_test(names_of_people_pass),
		cmocka_unit_test(cuts_at_a_character_and_says_so),
		cmocka_unit_test(room_for_less_than_a_mark_is_a_fault_of_the_program),
		cmocka_unit_test(columns_add_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
