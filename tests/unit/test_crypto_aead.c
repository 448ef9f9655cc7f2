/* SPDX-License-Identifier: Apache-2.0
 *
 * AES-256-GCM: test cases 13 to 16 of the GCM specification, and what must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/internal.h"
#include "tests/lib/crypto_case.h"
#include "tests/lib/exact.h"
#include "tests/lib/hex.h"

static struct err e;

/* key, nonce, text, associated data, ciphertext and tag */
static const char *const vectors[][5] = {
	{"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
	{"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "00000000000000000000000000000000", "",
		"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255", "",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
		"b094dac5d93471bdec1a502270e3cc6c"},
	{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void gives_the_vectors_of_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		uint8_t key[32], nonce[12], text[64], associated[32], out[64 + SEC_AEAD_OVERHEAD];
		uint8_t opened[64];
		struct span k = unhex(key, sizeof key, vectors[i][0]);
		struct span t = unhex(text, sizeof text, vectors[i][2]);
		struct span a = unhex(associated, sizeof associated, vectors[i][3]);
		unhex(nonce, sizeof nonce, vectors[i][1]);
		assert_int_equal(sec_aead_seal_with(out, k, nonce, t, a), ERR_OK);
		assert_memory_equal(out, nonce, sizeof nonce);
		assert_true(is_hex(SPAN(out + 12, t.len + 16), vectors[i][4]));
		assert_int_equal(
			sec_aead_open(opened, k, SPAN(out, t.len + SEC_AEAD_OVERHEAD), a), ERR_OK);
		assert_true(span_equal(SPAN(opened, t.len), t));
	}
}

static const uint8_t key_bytes[SEC_KEY_LEN] = {7, 1, 2, 3};
static const struct span associated = {.data = (const uint8_t *)"row 12", .len = 6};

static void what_is_sealed_can_be_opened(void **state)
{
	uint8_t text[300];
	(void)state;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)i;
	for (size_t len = 0; len <= sizeof text; len += len < 40 ? 1 : 13) {
		struct span in = exact(text, len);
		uint8_t *sealed = malloc(len + SEC_AEAD_OVERHEAD);
		uint8_t *opened = malloc(len);
		assert_int_equal(
			sec_aead_seal(sealed, SPAN(key_bytes, 32), in, associated, &e), ERR_OK);
		assert_int_equal(sec_aead_open(opened, SPAN(key_bytes, 32),
					 SPAN(sealed, len + SEC_AEAD_OVERHEAD), associated),
			ERR_OK);
		assert_true(span_equal(SPAN(opened, len), in));
		free(sealed);
		free(opened);
		exact_free(in);
	}
}

static void the_same_text_is_sealed_differently_each_time(void **state)
{
	uint8_t sealed[64][4 + SEC_AEAD_OVERHEAD];
	(void)state;

	for (int i = 0; i < 64; i++) {
		assert_int_equal(sec_aead_seal(sealed[i], SPAN(key_bytes, 32), span_text("text"),
					 associated, &e), ERR_OK);
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(sealed[i], sealed[j], SEC_AEAD_NONCE_LEN);
	}
}

static void assert_forged(struct span key, struct span sealed, struct span with)
{
	static const uint8_t zeroes[64];
	uint8_t out[64];

	memset(out, 0x5a, sizeof out);
	assert_int_equal(sec_aead_open(out, key, sealed, with), ERR_FORGED);
	if (sealed.len >= SEC_AEAD_OVERHEAD)
		assert_memory_equal(out, zeroes, sealed.len - SEC_AEAD_OVERHEAD);
}

static void every_changed_bit_is_forged_and_gives_zeroes(void **state)
{
	uint8_t sealed[21 + SEC_AEAD_OVERHEAD], key[SEC_KEY_LEN], with[6];
	(void)state;

	memcpy(key, key_bytes, sizeof key);
	memcpy(with, associated.data, sizeof with);
	assert_int_equal(sec_aead_seal(sealed, SPAN(key, 32), span_text("twenty-one characters"),
				 associated, &e), ERR_OK);
	struct {
		uint8_t *at;
		size_t len;
	} fields[] = {{sealed, sizeof sealed}, {key, sizeof key}, {with, sizeof with}};
	for (size_t f = 0; f < 3; f++) {
		for (size_t bit = 0; bit < 8 * fields[f].len; bit++) {
			fields[f].at[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_forged(SPAN(key, 32), SPAN(sealed, sizeof sealed), SPAN(with, 6));
			fields[f].at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	for (size_t len = 0; len < sizeof sealed; len++) {
		struct span part = exact(sealed, len);
		assert_forged(SPAN(key, 32), part, SPAN(with, 6));
		exact_free(part);
	}
	uint8_t longer[sizeof sealed + 1] = {0};
	memcpy(longer, sealed, sizeof sealed);
	assert_forged(SPAN(key, 32), SPAN(longer, sizeof longer), SPAN(with, 6));
	assert_forged(SPAN(key, 32), SPAN(sealed, sizeof sealed), SPAN(with, 5));
	assert_forged(SPAN(key, 32), SPAN(sealed, sizeof sealed), (struct span){0});
}

static void keys_of_another_length_are_refused(void **state)
{
	uint8_t sealed[4 + SEC_AEAD_OVERHEAD], out[4], key[64] = {0};
	(void)state;

	assert_int_equal(
		sec_aead_seal(sealed, SPAN(key, 32), span_text("text"), associated, &e), ERR_OK);
	static const size_t lens[] = {0, 16, 24, 31, 33, 64};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		uint8_t other[4 + SEC_AEAD_OVERHEAD];
		assert_int_equal(sec_aead_open(out, SPAN(key, lens[i]), SPAN(sealed, sizeof sealed),
					 associated), ERR_INVALID);
		assert_int_equal(sec_aead_seal(other, SPAN(key, lens[i]), span_text("text"),
					 associated, &e), ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_vectors_of_the_specification),
		cmocka_unit_test(what_is_sealed_can_be_opened),
		cmocka_unit_test(the_same_text_is_sealed_differently_each_time),
		cmocka_unit_test(every_changed_bit_is_forged_and_gives_zeroes),
		cmocka_unit_test(keys_of_another_length_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
