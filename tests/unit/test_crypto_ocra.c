/* SPDX-License-Identifier: Apache-2.0
 *
 * OCRA: every value of RFC 6287 appendix C, values of our own for what it leaves open, and HOTP and
 * TOTP (RFC 4226, RFC 6238) for the truncation.
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
#include "tests/lib/death.h"
#include "tests/lib/exact.h"
#include "tests/lib/hex.h"

/* The standard keys are the first 20, 32 and 64 bytes. */
static const char key_text[] = "1234567890123456789012345678901234567890123456789012345678901234";
#define STEPS    0x132d0b6 /* 2008-03-25 12:06:30 UTC in minutes */
#define PIN_SHA1 "7110eda4d09e062aa5e4a390b0a572ac0d2c0220" /* of "1234" */

static struct err e;

static struct sec_ocra_suite suite_of(const char *text)
{
	struct sec_ocra_suite suite;

	if (sec_ocra_suite_parse(&suite, span_text(text), &e) != ERR_OK)
		fail_msg("%s: %s", text, e.text);
	return suite;
}

static const struct {
	const char *suite;
	size_t key_len;
	uint64_t counter;
	const char *question;
	const char *value;
} appendix_c[] = {
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "00000000", "237653"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "11111111", "243178"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "22222222", "653583"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "33333333", "740991"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "44444444", "608993"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "55555555", "388898"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "66666666", "816933"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "77777777", "224598"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "88888888", "750600"},
	{"OCRA-1:HOTP-SHA1-6:QN08", 20, 0, "99999999", "294470"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 0, "12345678", "65347737"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 1, "12345678", "86775851"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 2, "12345678", "78192410"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 3, "12345678", "71565254"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 4, "12345678", "10104329"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 5, "12345678", "65983500"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 6, "12345678", "70069104"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 7, "12345678", "91771096"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 8, "12345678", "75011558"},
	{"OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", 32, 9, "12345678", "08522129"},
	{"OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, 0, "00000000", "83238735"},
	{"OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, 0, "11111111", "01501458"},
	{"OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, 0, "22222222", "17957585"},
	{"OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, 0, "33333333", "86776967"},
	{"OCRA-1:HOTP-SHA256-8:QN08-PSHA1", 32, 0, "44444444", "86807031"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 0, "00000000", "07016083"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 1, "11111111", "63947962"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 2, "22222222", "70123924"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 3, "33333333", "25341727"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 4, "44444444", "33203315"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 5, "55555555", "34205738"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 6, "66666666", "44343969"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 7, "77777777", "51946085"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 8, "88888888", "20403879"},
	{"OCRA-1:HOTP-SHA512-8:C-QN08", 64, 9, "99999999", "31409299"},
	{"OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, 0, "00000000", "95209754"},
	{"OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, 0, "11111111", "55907591"},
	{"OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, 0, "22222222", "22048402"},
	{"OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, 0, "33333333", "24218844"},
	{"OCRA-1:HOTP-SHA512-8:QN08-T1M", 64, 0, "44444444", "36209546"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "CLI22220SRV11110", "28247970"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "CLI22221SRV11111", "01984843"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "CLI22222SRV11112", "65387857"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "CLI22223SRV11113", "03351211"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "CLI22224SRV11114", "83412541"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SRV11110CLI22220", "15510767"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SRV11111CLI22221", "90175646"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SRV11112CLI22222", "33777207"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SRV11113CLI22223", "95285278"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SRV11114CLI22224", "28934924"},
	{"OCRA-1:HOTP-SHA512-8:QA08", 64, 0, "CLI22220SRV11110", "79496648"},
	{"OCRA-1:HOTP-SHA512-8:QA08", 64, 0, "CLI22221SRV11111", "76831980"},
	{"OCRA-1:HOTP-SHA512-8:QA08", 64, 0, "CLI22222SRV11112", "12250499"},
	{"OCRA-1:HOTP-SHA512-8:QA08", 64, 0, "CLI22223SRV11113", "90856481"},
	{"OCRA-1:HOTP-SHA512-8:QA08", 64, 0, "CLI22224SRV11114", "12761449"},
	{"OCRA-1:HOTP-SHA512-8:QA08-PSHA1", 64, 0, "SRV11110CLI22220", "18806276"},
	{"OCRA-1:HOTP-SHA512-8:QA08-PSHA1", 64, 0, "SRV11111CLI22221", "70020315"},
	{"OCRA-1:HOTP-SHA512-8:QA08-PSHA1", 64, 0, "SRV11112CLI22222", "01600026"},
	{"OCRA-1:HOTP-SHA512-8:QA08-PSHA1", 64, 0, "SRV11113CLI22223", "18951020"},
	{"OCRA-1:HOTP-SHA512-8:QA08-PSHA1", 64, 0, "SRV11114CLI22224", "32528969"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SIG10000", "53095496"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SIG11000", "04110475"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SIG12000", "31331128"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SIG13000", "76028668"},
	{"OCRA-1:HOTP-SHA256-8:QA08", 32, 0, "SIG14000", "46554205"},
	{"OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, 0, "SIG1000000", "77537423"},
	{"OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, 0, "SIG1100000", "31970405"},
	{"OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, 0, "SIG1200000", "10235557"},
	{"OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, 0, "SIG1300000", "95213541"},
	{"OCRA-1:HOTP-SHA512-8:QA10-T1M", 64, 0, "SIG1400000", "65360607"},
};

static void gives_every_value_of_appendix_c(void **state)
{
	uint8_t pin[SEC_SHA1_LEN];
	(void)state;

	for (size_t i = 0; i < sizeof appendix_c / sizeof appendix_c[0]; i++) {
		struct sec_ocra_suite suite = suite_of(appendix_c[i].suite);
		struct span key = exact(key_text, appendix_c[i].key_len);
		struct span question = exact_text(appendix_c[i].question);
		struct sec_ocra_input in = {.question = question,
			.counter = appendix_c[i].counter,
			.time_steps = STEPS};
		char out[SEC_OCRA_TEXT_LEN + 1];
		if (suite.pin)
			in.pin_digest = unhex(pin, sizeof pin, PIN_SHA1);
		assert_int_equal(sec_ocra_text(out, &suite, key, &in, &e), ERR_OK);
		assert_string_equal(out, appendix_c[i].value);
		exact_free(key);
		exact_free(question);
	}
	assert_int_equal(sizeof appendix_c / sizeof appendix_c[0], 70);
}

static const uint8_t session_bytes[64] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	63};

/* t = 0 is the whole HMAC; the RFC has no values for it. Made by a separate implementation. */
static void without_truncation_the_whole_mac_comes_out(void **state)
{
	static const struct {
		const char *suite;
		size_t key_len;
		const char *question;
		bool session;
		const char *mac;
	} values[] = {
		{"OCRA-1:HOTP-SHA1-0:QN08", 20, "00000000", false,
			"d216b1d33ccbb7cc1076895153fc70bcf3d987de"},
		{"OCRA-1:HOTP-SHA1-0:QN08", 20, "12345678", false,
			"20c95bc9c4f0508d274e75f3e6e8067cbe44c182"},
		{"OCRA-1:HOTP-SHA256-0:QN08", 32, "12345678", false,
			"191482c73848ee56c6ea6983581adc1ac1f32e8c681806a8b26cc135d6c677a5"},
		{"OCRA-1:HOTP-SHA512-0:QN08", 64, "12345678", false,
			"272e1cde8125fc04cf79b517854192a778a4a790226f8be45b50282fa4e31ff2"
			"01323ed1ba46510cea975ae2a6322fff80d843dc361ad27b8af6761e9826e0ef"},
		{"OCRA-1:HOTP-SHA256-0:QA08", 32, "SIG10000", false,
			"cf13c6dfb39fc868c6e206b2887c07c661d6bd3396bbb90dfd61fdaf11075349"},
		{"OCRA-1:HOTP-SHA512-0:QA10-T1M", 64, "SIG1000000", false,
			"fbccda35b642e185a80ff787fb5723708aff21914becd6410ab2118bf977f2a3"
			"363cc3f6335318a848241a3822430a27999bba78c9924240c6a32b6767d6ad7f"},
		{"OCRA-1:HOTP-SHA256-0:QN08-S064", 32, "12345678", true,
			"41f065b188b7a03dce8f0c5ef6adecbf3c4f16cfc0667000517bde0f13fee6dd"},
		/* Tiqr's test suite; S alone means S064 */
		{"OCRA-1:HOTP-SHA1-0:QH10-S", 32, "0000000000", true,
			"fb2c8815e0858fda61334e840e47b90e20f4b32f"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct sec_ocra_suite suite = suite_of(values[i].suite);
		uint8_t out[SEC_SHA512_LEN];
		struct sec_ocra_input in = {
			.question = span_text(values[i].question), .time_steps = STEPS};
		if (values[i].session)
			in.session = SPAN(session_bytes, 32);
		assert_int_equal(
			sec_ocra_mac(out, &suite, SPAN(key_text, values[i].key_len), &in, &e),
			ERR_OK);
		assert_true(is_hex(SPAN(out, sec_hash_len(suite.hash)), values[i].mac));
	}
}

static void session_data_is_padded_on_the_left(void **state)
{
	struct sec_ocra_suite suite = suite_of("OCRA-1:HOTP-SHA256-8:QN08-S064");
	struct sec_ocra_input in = {.question = span_text("12345678")};
	uint8_t padded[64] = {0}, right[64] = {0};
	char out[SEC_OCRA_TEXT_LEN + 1], other[SEC_OCRA_TEXT_LEN + 1];
	const struct span key = SPAN(key_text, 32);
	(void)state;

	in.session = SPAN(session_bytes, 32);
	assert_int_equal(sec_ocra_text(out, &suite, key, &in, &e), ERR_OK);
	assert_string_equal(out, "28416789");
	memcpy(padded + 32, session_bytes, 32);
	in.session = SPAN(padded, 64);
	assert_int_equal(sec_ocra_text(other, &suite, key, &in, &e), ERR_OK);
	assert_string_equal(other, out);
	memcpy(right, session_bytes, 32);
	in.session = SPAN(right, 64);
	assert_int_equal(sec_ocra_text(other, &suite, key, &in, &e), ERR_OK);
	assert_string_not_equal(other, out);

	/* Tiqr's test suite */
	suite = suite_of("OCRA-1:HOTP-SHA1-6:QH10-S064");
	in.question = span_text("1111111111");
	in.session = SPAN(session_bytes + 32, 32);
	assert_int_equal(sec_ocra_text(out, &suite, key, &in, &e), ERR_OK);
	assert_string_equal(out, "554036");
}

/* RFC 6287 pads the hex form of a number on the right, so these are one question. It is why the
 * protocol uses QA; the test is here so that nobody changes either without noticing.
 */
static void numeric_questions_collide_and_text_does_not(void **state)
{
	static const char *const same[] = {"00000001", "00000016", "00000256"};
	static const char *const answers[] = {"86444646", "98270982"};
	struct sec_ocra_suite number = suite_of("OCRA-1:HOTP-SHA1-6:QN08");
	struct sec_ocra_suite text = suite_of("OCRA-1:HOTP-SHA256-8:QA08");
	char out[SEC_OCRA_TEXT_LEN + 1];
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		struct sec_ocra_input in = {.question = span_text(same[i])};
		assert_int_equal(sec_ocra_text(out, &number, SPAN(key_text, 20), &in, &e), ERR_OK);
		assert_string_equal(out, "012817");
		if (i == 2)
			continue;
		assert_int_equal(sec_ocra_text(out, &text, SPAN(key_text, 32), &in, &e), ERR_OK);
		assert_string_equal(out, answers[i]);
	}
}

/* The largest question: 128 digits against 425 bits of hex worked out by another program. */
static void a_long_number_becomes_hex(void **state)
{
	struct sec_ocra_suite number = suite_of("OCRA-1:HOTP-SHA256-0:QN64");
	struct sec_ocra_suite hex = suite_of("OCRA-1:HOTP-SHA256-0:QH64");
	char digits[129];
	uint8_t a[SEC_SHA256_LEN], b[SEC_SHA256_LEN];
	(void)state;

	memset(digits, '9', 128);
	digits[128] = '\0';
	struct sec_ocra_input in = {.question = span_text(digits)};
	assert_int_equal(sec_ocra_mac(a, &number, SPAN(key_text, 32), &in, &e), ERR_OK);
	in.question = span_text(
		"24ee91f2603a6337f19bccdb0dac404dc08d3cff5ec2374e42f0f1538fd03df9"
		"9092e953e00ffffffffffffffffffffffffffffffff");
	memcpy(hex.text, number.text, sizeof hex.text);
	assert_int_equal(sec_ocra_mac(b, &hex, SPAN(key_text, 32), &in, &e), ERR_OK);
	assert_memory_equal(a, b, sizeof a);
}

static void refuses_questions_that_are_not_the_suites(void **state)
{
	static const char *const bad[][2] = {
		{"OCRA-1:HOTP-SHA1-6:QN08", ""},
		{"OCRA-1:HOTP-SHA1-6:QN08", "1234567a"},
		{"OCRA-1:HOTP-SHA1-6:QN08", "-1234567"},
		{"OCRA-1:HOTP-SHA1-6:QN08", "1234567 "},
		{"OCRA-1:HOTP-SHA1-6:QN08", "12345678901234567"}, /* more than two of eight */
		{"OCRA-1:HOTP-SHA1-6:QH08", "0123456g"},
		{"OCRA-1:HOTP-SHA1-6:QH08", "0x123456"},
		{"OCRA-1:HOTP-SHA1-6:QH04", "012345678"},
		{"OCRA-1:HOTP-SHA1-6:QA08", ""},
		{"OCRA-1:HOTP-SHA1-6:QA08", "with spc"},
		{"OCRA-1:HOTP-SHA1-6:QA08", "caf\xc3\xa9"},
		{"OCRA-1:HOTP-SHA1-6:QA08", "a\nb"},
		{"OCRA-1:HOTP-SHA1-6:QA64",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	};
	char out[SEC_OCRA_TEXT_LEN + 1];
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct sec_ocra_suite suite = suite_of(bad[i][0]);
		struct sec_ocra_input in = {.question = exact_text(bad[i][1])};
		assert_int_equal(
			sec_ocra_text(out, &suite, SPAN(key_text, 20), &in, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "question"));
		exact_free(in.question);
	}
	struct sec_ocra_suite suite = suite_of("OCRA-1:HOTP-SHA1-6:QA08");
	struct sec_ocra_input in = {.question = SPAN("ab\0cd", 5)};
	assert_int_equal(sec_ocra_text(out, &suite, SPAN(key_text, 20), &in, &e), ERR_INVALID);
}

static void refuses_input_that_the_suite_does_not_take(void **state)
{
	struct sec_ocra_suite suite = suite_of("OCRA-1:HOTP-SHA256-8:QN08-PSHA1-S064");
	struct sec_ocra_input in = {.question = span_text("12345678"),
		.pin_digest = SPAN(session_bytes, 20),
		.session = SPAN(session_bytes, 64)};
	uint8_t mac[SEC_SHA256_LEN];
	const struct span key = SPAN(key_text, 32);
	(void)state;

	assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_OK);
	static const size_t lens[] = {0, 19, 21, 32, 64};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		in.pin_digest = SPAN(session_bytes, lens[i]);
		assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_INVALID);
	}
	in.pin_digest = SPAN(session_bytes, 20);
	uint8_t longer[65] = {0};
	in.session = SPAN(longer, 65);
	assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_INVALID);
	in.session = (struct span){0};
	assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_OK);
	assert_int_equal(sec_ocra_mac(mac, &suite, (struct span){0}, &in, &e), ERR_INVALID);

	suite = suite_of("OCRA-1:HOTP-SHA256-8:QN08");
	assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_INVALID); /* a PIN */
	in.pin_digest = (struct span){0};
	in.session = SPAN(session_bytes, 1);
	assert_int_equal(sec_ocra_mac(mac, &suite, key, &in, &e), ERR_INVALID);
}

static void every_input_of_the_suite_counts(void **state)
{
	struct sec_ocra_suite suite = suite_of("OCRA-1:HOTP-SHA256-0:C-QA10-PSHA256-S064-T30S");
	const struct sec_ocra_input right = {.question = span_text("123456"), .counter = 5,
		.pin_digest = SPAN(session_bytes, 32), .session = SPAN(session_bytes, 64),
		.time_steps = 60000000};
	uint8_t want[SEC_SHA256_LEN], out[SEC_SHA256_LEN];
	(void)state;

	assert_int_equal(sec_ocra_mac(want, &suite, SPAN(key_text, 32), &right, &e), ERR_OK);
	struct sec_ocra_input changed[6];
	for (int i = 0; i < 6; i++)
		changed[i] = right;
	changed[0].counter = 6;
	changed[1].question = span_text("1234560");
	changed[2].question = span_text("12345");
	changed[3].pin_digest = SPAN(session_bytes + 1, 32);
	changed[4].session = SPAN(session_bytes, 63);
	changed[5].time_steps++;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(
			sec_ocra_mac(out, &suite, SPAN(key_text, 32), &changed[i], &e), ERR_OK);
		assert_memory_not_equal(out, want, sizeof out);
	}
	/* What the suite does not name does not. */
	suite = suite_of("OCRA-1:HOTP-SHA256-0:QA10");
	struct sec_ocra_input in = {.question = span_text("123456")};
	assert_int_equal(sec_ocra_mac(want, &suite, SPAN(key_text, 32), &in, &e), ERR_OK);
	in.counter = 9;
	in.time_steps = 9;
	assert_int_equal(sec_ocra_mac(out, &suite, SPAN(key_text, 32), &in, &e), ERR_OK);
	assert_memory_equal(out, want, sizeof out);
}

static void text_of_an_untruncated_suite_is_refused(void **state)
{
	struct sec_ocra_suite suite = suite_of("OCRA-1:HOTP-SHA256-0:QA10");
	struct sec_ocra_input in = {.question = span_text("123456")};
	char out[SEC_OCRA_TEXT_LEN + 1] = "untouched";
	(void)state;

	assert_int_equal(sec_ocra_text(out, &suite, SPAN(key_text, 32), &in, &e), ERR_INVALID);
	assert_string_equal(out, "untouched");
}

static void hotp_gives_the_values_of_rfc_4226(void **state)
{
	static const char *const values[] = {"755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489"};
	(void)state;

	for (uint64_t i = 0; i < 10; i++) {
		uint8_t counter[8], mac[SEC_SHA1_LEN];
		char out[11];
		const struct span part = SPAN(counter, 8);
		be64_put(counter, i);
		assert_int_equal(
			sec_hmac(mac, SEC_HASH_SHA1, SPAN(key_text, 20), &part, 1), ERR_OK);
		sec_truncate(out, mac, sizeof mac, 6);
		assert_string_equal(out, values[i]);
	}
}

static void totp_gives_the_values_of_rfc_6238(void **state)
{
	static const struct {
		uint64_t time;
		const char *values[3];
	} rows[] = {
		{59, {"94287082", "46119246", "90693936"}},
		{1111111109, {"07081804", "68084774", "25091201"}},
		{1111111111, {"14050471", "67062674", "99943326"}},
		{1234567890, {"89005924", "91819424", "93441116"}},
		{2000000000, {"69279037", "90698825", "38618901"}},
		{20000000000, {"65353130", "77737706", "47863826"}},
	};
	static const size_t key_lens[] = {20, 32, 64};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (int h = 0; h < 3; h++) {
			enum sec_hash hash = (enum sec_hash)h;
			uint8_t step[8], mac[SEC_SHA512_LEN];
			char out[11];
			const struct span part = SPAN(step, 8);
			be64_put(step, rows[i].time / 30);
			assert_int_equal(
				sec_hmac(mac, hash, SPAN(key_text, key_lens[h]), &part, 1), ERR_OK);
			sec_truncate(out, mac, sec_hash_len(hash), 8);
			assert_string_equal(out, rows[i].values[h]);
		}
	}
}

/* RFC 4226 section 5.4: the example, and the offset at both ends. */
static void truncation_takes_four_bytes_at_the_offset(void **state)
{
	uint8_t mac[SEC_SHA512_LEN];
	char out[11];
	(void)state;

	unhex(mac, sizeof mac, "1f8698690e02ca16618550ef7f19da8e945b555a");
	sec_truncate(out, mac, 20, 6);
	assert_string_equal(out, "872921");
	sec_truncate(out, mac, 20, 4);
	assert_string_equal(out, "2921");
	sec_truncate(out, mac, 20, 10);
	assert_string_equal(out, "1357872921");
	memset(mac, 0xff, sizeof mac);
	sec_truncate(out, mac, 64, 10); /* the sign bit is left out */
	assert_string_equal(out, "2147483647");
	memset(mac, 0, sizeof mac);
	mac[3] = 7;
	sec_truncate(out, mac, 32, 4);
	assert_string_equal(out, "0007");
}

static void three_digits(void)
{
	uint8_t mac[20] = {0};
	char out[11];

	sec_truncate(out, mac, sizeof mac, 3);
}

static void eleven_digits(void)
{
	uint8_t mac[20] = {0};
	char out[12];

	sec_truncate(out, mac, sizeof mac, 11);
}

static void other_numbers_of_digits_are_a_fault_of_the_program(void **state)
{
	(void)state;
	assert_true(dies(three_digits));
	assert_true(dies(eleven_digits));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_every_value_of_appendix_c),
		cmocka_unit_test(without_truncation_the_whole_mac_comes_out),
		cmocka_unit_test(session_data_is_padded_on_the_left),
		cmocka_unit_test(numeric_questions_collide_and_text_does_not),
		cmocka_unit_test(a_long_number_becomes_hex),
		cmocka_unit_test(refuses_questions_that_are_not_the_suites),
		cmocka_unit_test(refuses_input_that_the_suite_does_not_take),
		cmocka_unit_test(every_input_of_the_suite_counts),
		cmocka_unit_test(text_of_an_untruncated_suite_is_refused),
		cmocka_unit_test(hotp_gives_the_values_of_rfc_4226),
		cmocka_unit_test(totp_gives_the_values_of_rfc_6238),
		cmocka_unit_test(truncation_takes_four_bytes_at_the_offset),
		cmocka_unit_test(other_numbers_of_digits_are_a_fault_of_the_program),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
