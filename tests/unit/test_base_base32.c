/* SPDX-License-Identifier: Apache-2.0
 *
 * Base32: RFC 4648 section 10, and that each value has one text only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/base32.h"
#include "tests/lib/exact.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static void gives_the_vectors_of_the_standard(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "MY"}, {"fo", "MZXQ"},
		{"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"},
		{"foobar", "MZXW6YTBOI"}};
	struct bytes b;
	(void)state;

	bytes_init(&b, 100);
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		bytes_clear(&b);
		base32_encode(&b, span_text(vectors[i][0]));
		assert_string_equal(bytes_text(&b), vectors[i][1]);
		bytes_clear(&b);
		struct span text = exact_text(vectors[i][1]);
		assert_int_equal(base32_decode(&b, text), ERR_OK);
		assert_string_equal(bytes_text(&b), vectors[i][0]);
		exact_free(text);
	}
	bytes_done(&b);
}

static void every_length_comes_back(void **state)
{
	uint8_t data[200];
	struct bytes text, back;
	(void)state;

	bytes_init(&text, 1000);
	bytes_init(&back, 1000);
	for (size_t len = 0; len <= sizeof data; len++) {
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(i * 151 + len * 31);
		bytes_clear(&text);
		bytes_clear(&back);
		base32_encode(&text, SPAN(data, len));
		assert_int_equal(text.len, BASE32_TEXT_LEN(len));
		assert_int_equal(base32_decode(&back, bytes_span(&text)), ERR_OK);
		assert_true(span_equal(bytes_span(&back), SPAN(data, len)));
	}
	bytes_done(&text);
	bytes_done(&back);
}

/* All texts of two and four letters: what is accepted must be what would be written. */
static void a_value_has_one_text(void **state)
{
	char text[4];
	uint8_t storage[8], again[8];
	struct bytes back, out;
	int accepted = 0;
	(void)state;

	for (unsigned v = 0; v < 1u << 20; v += (v < 4096 ? 1 : 37)) {
		for (int i = 0; i < 4; i++)
			text[i] = alphabet[v >> (5 * i) & 31];
		for (size_t len = 2; len <= 4; len += 2) {
			bytes_init_fixed(&back, storage, sizeof storage);
			bytes_init_fixed(&out, again, sizeof again);
			if (base32_decode(&back, SPAN(text, len)) != ERR_OK)
				continue;
			accepted++;
			base32_encode(&out, bytes_span(&back));
			assert_true(span_equal(bytes_span(&out), SPAN(text, len)));
		}
	}
	assert_true(accepted > 100);
}

static void refuses_every_character_outside_the_alphabet_anywhere(void **state)
{
	uint8_t storage[8];
	struct bytes out;
	(void)state;

	for (unsigned c = 0; c < 256; c++) {
		bool in_alphabet = c != 0 && strchr(alphabet, (int)c) != NULL;
		for (size_t at = 0; at < 8; at++) {
			struct span text = exact("MZXW6YTB", 8);
			((uint8_t *)(uintptr_t)text.data)[at] = (uint8_t)c;
			bytes_init_fixed(&out, storage, sizeof storage);
			assert_int_equal(
				base32_decode(&out, text), in_alphabet ? ERR_OK : ERR_FORMAT);
			assert_int_equal(out.len, in_alphabet ? 5 : 0);
			assert_false(out.full);
			exact_free(text);
		}
	}
}

static void refuses_padding_and_lower_case(void **state)
{
	static const char *const texts[] = {"MY======", "MY=", "my", "MZXW6YTBOI======", "M Y",
		"MY\n", "MY ", " MY", "M1", "M0", "M8", "M9"};
	struct bytes out;
	(void)state;

	bytes_init(&out, 100);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(base32_decode(&out, span_text(texts[i])), ERR_FORMAT);
	assert_int_equal(out.len, 0);
	bytes_done(&out);
}

static void refuses_lengths_that_no_bytes_have(void **state)
{
	char text[64];
	struct bytes out;
	(void)state;

	memset(text, 'A', sizeof text);
	bytes_init(&out, 100);
	for (size_t len = 0; len <= sizeof text; len++) {
		bool possible = len % 8 != 1 && len % 8 != 3 && len % 8 != 6;
		assert_int_equal(
			base32_decode(&out, SPAN(text, len)), possible ? ERR_OK : ERR_FORMAT);
		bytes_clear(&out);
	}
	bytes_done(&out);
}

static void refuses_bits_that_belong_to_no_byte(void **state)
{
	/* Each is a right text with its last letter one higher. */
	static const char *const texts[] = {"MZ", "MZXR", "MZXW7", "MZXW6YR", "MZXW6YTBOJ"};
	struct bytes out;
	(void)state;

	bytes_init(&out, 100);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(base32_decode(&out, span_text(texts[i])), ERR_FORMAT);
	bytes_done(&out);
}

static void leaves_a_full_output_as_it_was(void **state)
{
	uint8_t storage[9] = "abcdefgh";
	struct bytes out;
	(void)state;

	bytes_init_fixed(&out, storage, 8);
	out.len = 4;
	assert_int_equal(base32_decode(&out, span_text("MZXW6YTB")), ERR_TOO_LARGE);
	assert_int_equal(out.len, 4);
	assert_memory_equal(storage, "abcdefgh", 8);

	bytes_init_fixed(&out, storage, 8);
	out.len = 1;
	base32_encode(&out, span_text("fooba"));
	assert_true(out.full);
	assert_int_equal(out.len, 1);
	assert_memory_equal(storage, "abcdefgh", 8);
}

static void is_written_in_fours_for_people(void **state)
{
	uint8_t most[40];
	char text[BASE32_GROUPED_LEN(sizeof most) + 1];
	(void)state;

	base32_grouped(text, span_text("f"));
	assert_string_equal(text, "MY");
	base32_grouped(text, span_text("fo"));
	assert_string_equal(text, "MZXQ");
	base32_grouped(text, span_text("foo"));
	assert_string_equal(text, "MZXW-6");
	base32_grouped(text, span_text("foobar"));
	assert_string_equal(text, "MZXW-6YTB-OI");
	memset(most, 0, sizeof most);
	base32_grouped(text, SPAN(most, sizeof most));
	assert_int_equal(strlen(text), 79);
	assert_int_equal(strspn(text, "A-"), 79);
}

static void reads_what_was_typed_in_any_spelling(void **state)
{
	static const char *const good[] = {"MZXW6YTBOI", "MZXW-6YTB-OI", "mzxw 6ytb oi",
		"--m Zx-w6YtbOI--  "};
	static const char *const bad[] = {"MZXW6YTBO1", "MZXW6YTBO", "MZXW_6YTBOI", "MZXW\t6YTBOI",
		"MZXW6YTBOJ", "MZXW6YTBOI=", "MZXW\xe2\x80\x93-TBOI"};
	char many[4 * BASE32_TYPED_MAX];
	uint8_t storage[BASE32_TYPED_MAX];
	struct bytes out;
	(void)state;

	bytes_init_fixed(&out, storage, sizeof storage);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		bytes_clear(&out);
		assert_int_equal(base32_decode_typed(&out, span_text(good[i])), ERR_OK);
		assert_true(span_equal(bytes_span(&out), span_text("foobar")));
	}
	bytes_clear(&out);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(base32_decode_typed(&out, span_text(bad[i])), ERR_FORMAT);
	memset(many, 'A', sizeof many);
	assert_int_equal(
		base32_decode_typed(&out, SPAN(many, BASE32_TYPED_MAX + 8)), ERR_FORMAT);
	assert_int_equal(out.len, 0);
	assert_int_equal(base32_decode_typed(&out, SPAN(many, BASE32_TYPED_MAX)), ERR_OK);
	assert_int_equal(out.len, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_vectors_of_the_standard),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(a_value_has_one_text),
		cmocka_unit_test(refuses_every_character_outside_the_alphabet_anywhere),
		cmocka_unit_test(refuses_padding_and_lower_case),
		cmocka_unit_test(refuses_lengths_that_no_bytes_have),
		cmocka_unit_test(refuses_bits_that_belong_to_no_byte),
		cmocka_unit_test(leaves_a_full_output_as_it_was),
		cmocka_unit_test(is_written_in_fours_for_people),
		cmocka_unit_test(reads_what_was_typed_in_any_spelling),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
