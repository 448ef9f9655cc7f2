/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes, letters and the drawn phone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wallet/holder/phone.h"

static struct qr qr;

/* A text of n characters of alphanumeric mode. */
static struct span letters(size_t n)
{
	static uint8_t text[8000];

	assert_true(n <= sizeof(text));
	memset(text, 'A', n);
	return SPAN(text, n);
}

static void uses_alphanumeric_mode_for_codes_of_ours(void **state)
{
	(void)state;
	/* 185 characters: the length of a live first code (PROTOCOL.md section 4) */
	assert_int_equal(qr_encode(&qr, letters(185), true, QR_LOW), ERR_OK);
	assert_int_equal(qr.side, 41);
	assert_int_equal(qr_encode(&qr, letters(185), true, QR_MEDIUM), ERR_OK);
	assert_int_equal(qr.side, 49);
	assert_int_equal(qr_encode(&qr, letters(185), false, QR_LOW), ERR_OK);
	assert_true(qr.side > 41);
}

static void refuses_other_characters_in_alphanumeric_mode(void **state)
{
	static const char *const bad[] = {"https://X", "HTTPS://X?Y", "A_B", "\xe4", "A\nB", "A#B"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(qr_encode(&qr, span_text(bad[i]), true, QR_LOW), ERR_INVALID);
		assert_int_equal(qr.side, 0);
		assert_int_equal(qr_encode(&qr, span_text(bad[i]), false, QR_LOW), ERR_OK);
	}
}

static void refuses_texts_without_a_symbol(void **state)
{
	(void)state;
	assert_int_equal(qr_encode(&qr, SPAN(NULL, 0), true, QR_LOW), ERR_INVALID);
	assert_int_equal(qr_encode(&qr, letters(4296), true, QR_LOW), ERR_OK);
	assert_int_equal(qr.side, QR_SIDE_MAX);
	assert_int_equal(qr_encode(&qr, letters(4297), true, QR_LOW), ERR_TOO_LARGE);
	assert_int_equal(qr_encode(&qr, letters(7090), false, QR_LOW), ERR_TOO_LARGE);
}

static void draws_finder_patterns_and_quiet_zone(void **state)
{
	struct picture p;

	(void)state;
	assert_int_equal(qr_encode(&qr, span_text("HELLO"), true, QR_LOW), ERR_OK);
	assert_int_equal(qr.side, 21);
	assert_int_equal(picture_new(&p, 58, 58), ERR_OK);
	picture_qr(&p, 0, 0, 58, &qr); /* 29 modules of 2 pixels */
	for (int i = 0; i < 58; i++)
		for (int j = 0; j < 2 * QR_QUIET; j++) {
			assert_int_equal(p.grey[i * 58 + j], 255);
			assert_int_equal(p.grey[j * 58 + i], 255);
		}
	for (int i = 8; i < 8 + 14; i++)
		assert_int_equal(p.grey[8 * 58 + i], 0); /* top row of a finder pattern */
	picture_free(&p);
}

static void encodes_ean13(void **state)
{
	/* a leading 4 means sets A B A A B B on the left */
	static const char bars[] = "101"
				   "0001101"
				   "0100111"
				   "0111101"
				   "0001011"
				   "0010111"
				   "0011101"
				   "01010"
				   "1100110"
				   "1001110"
				   "1001110"
				   "1011100"
				   "1001000"
				   "1010000"
				   "101";
	bool out[EAN13_MODULES];

	(void)state;
	assert_int_equal(ean13_encode(out, "4003994155486"), ERR_OK);
	for (int i = 0; i < EAN13_MODULES; i++)
		assert_int_equal(out[i], bars[i] == '1');
}

static void refuses_ean13_with_a_wrong_check_digit(void **state)
{
	static const char *const bad[] = {"", "400399415548", "40039941554866", "4003994155487",
		"4003994515486", "400399415548a", "-003994155486"};
	bool out[EAN13_MODULES];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ean13_encode(out, bad[i]), ERR_INVALID);
}

static void clips_at_the_border(void **state)
{
	struct picture p;

	(void)state;
	assert_int_equal(picture_new(&p, 20, 10), ERR_OK);
	picture_fill(&p, -5, -5, 10, 10, 7);
	picture_fill(&p, 18, 8, 100, 100, 8);
	picture_fill(&p, 30, 3, 4, 4, 9);
	picture_fill(&p, 3, 3, -2, 4, 9);
	picture_text(&p, -3, 6, "A\xe5\xbc\xa0 letter \xff", 3, 1);
	picture_invert(&p, 19, -4, 9, 9);
	assert_int_equal(p.grey[0], 7);
	assert_int_equal(p.grey[199], 8);
	picture_free(&p);
}

static void draws_every_screen(void **state)
{
	static struct phone_view v;
	struct picture p, before;

	(void)state;
	assert_int_equal(picture_new(&p, PHONE_WIDTH, PHONE_HEIGHT), ERR_OK);
	assert_int_equal(picture_new(&before, PHONE_WIDTH, PHONE_HEIGHT), ERR_OK);
	memset(v.issuer, 'W', PHONE_LABEL_MAX - 1);
	memset(v.purpose, 'W', PHONE_LABEL_MAX - 1);
	memset(v.face_value, 'W', PHONE_LABEL_MAX - 1);
	memset(v.valid, 'W', PHONE_LABEL_MAX - 1);
	memcpy(v.number, "0123456789", 11);
	v.digits = 10;
	memcpy(v.code, "6901234567892", 13);
	v.code_len = 13;
	for (int s = PHONE_DARK; s <= PHONE_BARS; s++) {
		v.screen = (enum phone_screen)s;
		assert_int_equal(phone_draw(&p, &v, NULL), ERR_OK);
		assert_memory_not_equal(p.grey, before.grey, PHONE_WIDTH * PHONE_HEIGHT);
		memcpy(before.grey, p.grey, PHONE_WIDTH * PHONE_HEIGHT);
	}
	picture_free(&p);
	picture_free(&before);
}

static void refuses_a_screen_whose_code_cannot_be_drawn(void **state)
{
	static struct phone_view v = {.screen = PHONE_CARD, .alphanumeric = true};
	struct picture p;

	(void)state;
	assert_int_equal(picture_new(&p, PHONE_WIDTH, PHONE_HEIGHT), ERR_OK);
	memcpy(v.code, "lower case", v.code_len = 10);
	assert_int_equal(phone_draw(&p, &v, NULL), ERR_INVALID);
	v.screen = PHONE_BARS;
	assert_int_equal(phone_draw(&p, &v, NULL), ERR_INVALID);
	picture_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_alphanumeric_mode_for_codes_of_ours),
		cmocka_unit_test(refuses_other_characters_in_alphanumeric_mode),
		cmocka_unit_test(refuses_texts_without_a_symbol),
		cmocka_unit_test(draws_finder_patterns_and_quiet_zone),
		cmocka_unit_test(encodes_ean13),
		cmocka_unit_test(refuses_ean13_with_a_wrong_check_digit),
		cmocka_unit_test(clips_at_the_border),
		cmocka_unit_test(draws_every_screen),
		cmocka_unit_test(refuses_a_screen_whose_code_cannot_be_drawn),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
