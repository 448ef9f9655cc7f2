/* SPDX-License-Identifier: Apache-2.0
 *
 * Randomness of the deterministic test build.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "tests/lib/crypto_case.h"
#include "crypto/random_deterministic.h"
#include "tests/lib/hex.h"

static struct err e;

/* The order of the cases matters: this one comes before any seed. */
static void without_a_seed_nothing_is_random(void **state)
{
	static const uint8_t zeroes[16];
	uint8_t out[16];
	(void)state;

	memset(out, 0x5a, sizeof out);
	assert_int_equal(sec_random(out, sizeof out, &e), ERR_CRYPTO);
	assert_memory_equal(out, zeroes, sizeof out);
}

static void the_same_seed_gives_the_same_calls_the_same_bytes(void **state)
{
	uint8_t first[3][50], second[3][50];
	(void)state;

	for (int round = 0; round < 2; round++) {
		uint8_t(*out)[50] = round == 0 ? first : second;
		sec_random_seed(span_text("seven"), "serve");
		assert_int_equal(sec_random(out[0], 16, &e), ERR_OK);
		assert_int_equal(sec_random(out[1], 50, &e), ERR_OK);
		assert_int_equal(sec_random(out[2], 32, &e), ERR_OK);
	}
	assert_memory_equal(first[0], second[0], 16);
	assert_memory_equal(first[1], second[1], 50);
	assert_memory_equal(first[2], second[2], 32);
	assert_memory_not_equal(first[0], first[1], 16);
	assert_memory_not_equal(first[1], first[2], 16);
	/* Python: k = hmac(b"seven", b"serve"); hmac(k, bytes(8)) with SHA-256 */
	assert_true(is_hex(SPAN(first[0], 16), "af695dad592a5a5f7cd796724cdbda85"));
}

static void another_seed_or_label_is_another_stream(void **state)
{
	uint8_t out[4][16];
	(void)state;

	sec_random_seed(span_text("seven"), "serve");
	assert_int_equal(sec_random(out[0], 16, &e), ERR_OK);
	sec_random_seed(span_text("seven"), "holder add");
	assert_int_equal(sec_random(out[1], 16, &e), ERR_OK);
	sec_random_seed(span_text("eight"), "serve");
	assert_int_equal(sec_random(out[2], 16, &e), ERR_OK);
	sec_random_seed(span_text("seve"), "nserve");
	assert_int_equal(sec_random(out[3], 16, &e), ERR_OK);
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(out[i], out[j], 16);
	}
}

static void the_seed_may_come_before_the_start(void **state)
{
	uint8_t before[16], after[16];
	(void)state;

	sec_random_seed(span_text("seven"), "serve");
	assert_int_equal(sec_random(before, sizeof before, &e), ERR_OK);
	sec_stop();
	sec_random_seed(span_text("seven"), "serve");
	assert_int_equal(sec_start(&e), ERR_OK);
	assert_int_equal(sec_random(after, sizeof after, &e), ERR_OK);
	assert_memory_equal(before, after, sizeof before);
}

static void nothing_asked_moves_nothing(void **state)
{
	uint8_t out[2][16];
	(void)state;

	for (int i = 0; i < 2; i++) {
		sec_random_seed(span_text("x"), "y");
		if (i == 1)
			assert_int_equal(sec_random(out[1], 0, &e), ERR_OK);
		assert_int_equal(sec_random(out[i], 16, &e), ERR_OK);
	}
	assert_memory_equal(out[0], out[1], 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_seed_nothing_is_random),
		cmocka_unit_test(the_same_seed_gives_the_same_calls_the_same_bytes),
		cmocka_unit_test(another_seed_or_label_is_another_stream),
		cmocka_unit_test(the_seed_may_come_before_the_start),
		cmocka_unit_test(nothing_asked_moves_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
