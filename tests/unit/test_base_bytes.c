/* SPDX-License-Identifier: Apache-2.0
 *
 * Byte ranges, growth, big-endian integers, hexadecimal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "tests/lib/death.h"
#include "tests/lib/exact.h"

/* So that memory which there is not comes back as NULL under AddressSanitizer too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void spans_compare_by_content(void **state)
{
	(void)state;
	assert_true(span_equal(span_text("abc"), SPAN("abcd", 3)));
	assert_false(span_equal(span_text("abc"), span_text("abd")));
	assert_false(span_equal(span_text("abc"), span_text("ab")));
	assert_true(span_equal((struct span){0}, span_text("")));
}

static void grows_up_to_its_maximum_and_no_further(void **state)
{
	struct bytes b;
	(void)state;

	bytes_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		bytes_add_u8(&b, (uint8_t)i);
	assert_int_equal(b.len, 1000);
	assert_false(b.full);
	assert_true(b.cap <= 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], (uint8_t)i);
	bytes_add_u8(&b, 1);
	assert_true(b.full);
	assert_int_equal(b.len, 1000);
	bytes_done(&b);
	assert_null(b.data);
	bytes_done(&b);
	bytes_done(NULL);
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	uint8_t storage[4];
	struct bytes b;
	(void)state;

	bytes_init_fixed(&b, storage, sizeof storage);
	bytes_add(&b, "abc", 3);
	bytes_add(&b, "de", 2);
	assert_true(b.full);
	assert_int_equal(b.len, 3);
	/* Full stays, also for what would fit: a hole must not go unseen. */
	bytes_add(&b, "d", 1);
	assert_int_equal(b.len, 3);
	bytes_clear(&b);
	assert_false(b.full);
	bytes_add(&b, "wxyz", 4);
	assert_false(b.full);
	assert_memory_equal(storage, "wxyz", 4);
	assert_true(bytes_span(&b).data == storage);
	bytes_done(&b);
}

static void a_length_that_would_overflow_is_refused(void **state)
{
	struct bytes b;
	(void)state;

	bytes_init(&b, SIZE_MAX);
	bytes_add(&b, "ab", 2);
	bytes_add(&b, "ab", SIZE_MAX);
	assert_true(b.full);
	assert_int_equal(b.len, 2);
	bytes_done(&b);

	bytes_init(&b, SIZE_MAX);
	bytes_add(&b, "ab", 2);
	assert_null(bytes_extend(&b, SIZE_MAX / 2)); /* no such memory */
	assert_true(b.full);
	assert_int_equal(b.len, 2);
	bytes_done(&b);
}

static void growth_doubles(void **state)
{
	struct bytes b;
	size_t moves = 0;
	size_t cap = 0;
	(void)state;

	bytes_init(&b, 1 << 20);
	for (int i = 0; i < 1 << 20; i++) {
		bytes_add_u8(&b, 0);
		moves += b.cap != cap;
		cap = b.cap;
	}
	assert_true(moves <= 16);
	assert_int_equal(b.cap, 1 << 20);
	bytes_done(&b);
}

static void text_is_terminated_without_counting_the_end(void **state)
{
	struct bytes b;
	char storage[4];
	(void)state;

	bytes_init(&b, 100);
	assert_string_equal(bytes_text(&b), "");
	bytes_add_text(&b, "abc");
	assert_string_equal(bytes_text(&b), "abc");
	assert_int_equal(b.len, 3);
	bytes_add_text(&b, "def");
	assert_string_equal(bytes_text(&b), "abcdef");
	bytes_done(&b);

	bytes_init_fixed(&b, storage, sizeof storage);
	bytes_add_text(&b, "abcd");
	assert_false(b.full);
	assert_string_equal(bytes_text(&b), "");
	assert_true(b.full);
}

static void nothing_is_added_from_nowhere(void **state)
{
	struct bytes b;
	(void)state;

	bytes_init(&b, 0);
	bytes_add(&b, NULL, 0);
	assert_false(b.full);
	assert_null(bytes_extend(&b, 0));
	assert_false(b.full);
	bytes_add_u8(&b, 1);
	assert_true(b.full);
	assert_null(b.data);
	bytes_done(&b);
}

static void integers_are_big_endian(void **state)
{
	static const uint8_t expected[] = {1, 2, 0xfe, 4, 5, 6, 0xff, 8, 9, 10, 11, 12, 13, 14, 15};
	struct bytes b;
	(void)state;

	bytes_init(&b, 100);
	bytes_add_u8(&b, 1);
	bytes_add_be16(&b, 0x02fe);
	bytes_add_be32(&b, 0x040506ff);
	bytes_add_be64(&b, 0x08090a0b0c0d0e0f);
	assert_int_equal(b.len, sizeof expected);
	assert_memory_equal(b.data, expected, sizeof expected);
	assert_int_equal(be16_get(b.data + 1), 0x02fe);
	assert_int_equal(be32_get(b.data + 3), 0x040506ff);
	assert_int_equal(be64_get(b.data + 7), 0x08090a0b0c0d0e0f);
	bytes_done(&b);

	uint8_t p[8];
	be64_put(p, UINT64_MAX - 1);
	assert_true(be64_get(p) == UINT64_MAX - 1);
	be32_put(p, 0x80000001);
	assert_true(be32_get(p) == 0x80000001);
}

static void hex_goes_both_ways_for_every_byte(void **state)
{
	uint8_t all[256], back[256];
	char text[513];
	char upper[513];
	(void)state;

	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	hex_encode(text, SPAN(all, sizeof all));
	for (int i = 0; i < 256; i++) {
		char want[3];
		snprintf(want, sizeof want, "%02x", (unsigned)i);
		assert_memory_equal(text + 2 * i, want, 2);
	}
	assert_int_equal(hex_decode(back, sizeof back, span_text(text)), ERR_OK);
	assert_memory_equal(back, all, sizeof all);
	for (size_t i = 0; i < sizeof text; i++)
		upper[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 32 : text[i]);
	assert_int_equal(hex_decode(back, sizeof back, span_text(upper)), ERR_OK);
	assert_memory_equal(back, all, sizeof all);
	hex_encode(text, (struct span){0});
	assert_string_equal(text, "");
	assert_int_equal(hex_decode(back, 0, (struct span){0}), ERR_OK);
}

static void text_is_cut_before_a_character(void **state)
{
	static const char text[] = "a\xc3\xa9\xf0\x9f\x98\x80z"; /* 1, 2, 4 and 1 bytes */
	static const size_t lens[] = {0, 1, 1, 3, 3, 3, 3, 7, 8, 8};
	char out[16];
	(void)state;

	for (size_t cap = 1; cap <= sizeof lens / sizeof lens[0]; cap++) {
		memset(out, '!', sizeof out);
		text_copy(out, cap, text);
		assert_int_equal(strlen(out), lens[cap - 1]);
		assert_memory_equal(out, text, lens[cap - 1]);
		assert_true(out[cap] == '!');
	}
}

static void hex_of_every_length_comes_back(void **state)
{
	uint8_t bytes[20], back[20];
	char text[41], want[41];
	(void)state;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(0xe7 * i + 0x1c);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		memset(text, '!', sizeof text);
		memset(back, 0x5a, sizeof back);
		for (size_t i = 0; i < len; i++)
			snprintf(want + 2 * i, 3, "%02x", (unsigned)bytes[i]);
		want[2 * len] = '\0';
		hex_encode(text, SPAN(bytes, len));
		assert_string_equal(text, want);
		for (size_t i = 2 * len + 1; i < sizeof text; i++)
			assert_true(text[i] == '!');
		assert_int_equal(hex_decode(back, len, span_text(text)), ERR_OK);
		assert_memory_equal(back, bytes, len);
		for (size_t i = len; i < sizeof back; i++)
			assert_true(back[i] == 0x5a);
	}
}

static void hex_refuses_every_other_character_anywhere(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool digit =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
		for (size_t at = 0; at < 18; at++) {
			uint8_t out[9], before[9];
			struct span text = exact("123456789abcdef012", 18);
			memset(before, 0x5a, sizeof before);
			memset(out, 0x5a, sizeof out);
			((uint8_t *)(uintptr_t)text.data)[at] = (uint8_t)c;
			assert_int_equal(hex_decode(out, 9, text), digit ? ERR_OK : ERR_FORMAT);
			if (!digit)
				assert_memory_equal(out, before, sizeof out);
			exact_free(text);
		}
	}
}

static void hex_refuses_another_length(void **state)
{
	uint8_t out[4];
	(void)state;

	assert_int_equal(hex_decode(out, 2, span_text("123")), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 2, span_text("12345")), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 2, span_text("123456")), ERR_FORMAT);
	assert_int_equal(hex_decode(out, 2, span_text("")), ERR_FORMAT);
	assert_int_equal(hex_decode(out, SIZE_MAX / 2 + 3, span_text("1234")), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_compare_by_content),
		cmocka_unit_test(grows_up_to_its_maximum_and_no_further),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
		cmocka_unit_test(a_length_that_would_overflow_is_refused),
		cmocka_unit_test(growth_doubles),
		cmocka_unit_test(text_is_terminated_without_counting_the_end),
		cmocka_unit_test(nothing_is_added_from_nowhere),
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(hex_goes_both_ways_for_every_byte),
		cmocka_unit_test(text_is_cut_before_a_character),
		cmocka_unit_test(hex_of_every_length_comes_back),
		cmocka_unit_test(hex_refuses_every_other_character_anywhere),
		cmocka_unit_test(hex_refuses_another_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
