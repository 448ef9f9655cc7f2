/* SPDX-License-Identifier: Apache-2.0
 *
 * The suite grammar of RFC 6287 section 6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "tests/lib/exact.h"

static struct err e;

static enum err_code parse(struct sec_ocra_suite *out, const char *text)
{
	struct span s = exact_text(text);
	enum err_code code = sec_ocra_suite_parse(out, s, &e);

	exact_free(s);
	return code;
}

static void reads_every_part(void **state)
{
	struct sec_ocra_suite s;
	(void)state;

	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA512-10:C-QA64-PSHA256-S512-T48H"), ERR_OK);
	assert_string_equal(s.text, "OCRA-1:HOTP-SHA512-10:C-QA64-PSHA256-S512-T48H");
	assert_int_equal(s.hash, SEC_HASH_SHA512);
	assert_int_equal(s.digits, 10);
	assert_true(s.counter);
	assert_int_equal(s.question_format, 'A');
	assert_int_equal(s.question_len, 64);
	assert_true(s.pin);
	assert_int_equal(s.pin_hash, SEC_HASH_SHA256);
	assert_int_equal(s.session_len, 512);
	assert_int_equal(s.time_step_s, 48 * 3600);
}

static void what_is_left_out_is_absent(void **state)
{
	struct sec_ocra_suite s;
	(void)state;

	memset(&s, 0x55, sizeof s);
	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA1-0:QN04"), ERR_OK);
	assert_int_equal(s.hash, SEC_HASH_SHA1);
	assert_int_equal(s.digits, 0);
	assert_false(s.counter);
	assert_int_equal(s.question_format, 'N');
	assert_int_equal(s.question_len, 4);
	assert_false(s.pin);
	assert_int_equal(s.session_len, 0);
	assert_true(s.time_step_s == 0);
}

static void reads_the_suites_of_the_protocol(void **state)
{
	struct sec_ocra_suite s;
	(void)state;

	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA256-0:QA10-S064-T30S"), ERR_OK);
	assert_int_equal(s.session_len, 64);
	assert_true(s.time_step_s == 30);
	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA256-0:QA10-S064"), ERR_OK);
	assert_true(s.time_step_s == 0);
}

static void letters_alone_have_the_defaults_of_the_standard(void **state)
{
	struct sec_ocra_suite s;
	(void)state;

	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA256-6:QN08-P-S-T"), ERR_OK);
	assert_true(s.pin);
	assert_int_equal(s.pin_hash, SEC_HASH_SHA1);
	assert_int_equal(s.session_len, 64);
	assert_true(s.time_step_s == 60);
	/* The S of PSHA1 is not session data. */
	assert_int_equal(parse(&s, "OCRA-1:HOTP-SHA256-6:QN08-PSHA1"), ERR_OK);
	assert_int_equal(s.session_len, 0);
}

static void accepts_every_number_in_range_and_none_outside(void **state)
{
	struct sec_ocra_suite s;
	char text[64];
	(void)state;

	for (int n = 0; n < 100; n++) {
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-%d:QN08", n);
		assert_int_equal(
			parse(&s, text), n == 0 || (n >= 4 && n <= 10) ? ERR_OK : ERR_FORMAT);
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-6:QH%02d", n);
		assert_int_equal(parse(&s, text), n >= 4 && n <= 64 ? ERR_OK : ERR_FORMAT);
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-6:QN08-T%dS", n);
		assert_int_equal(parse(&s, text), n >= 1 && n <= 59 ? ERR_OK : ERR_FORMAT);
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-6:QN08-T%dM", n);
		assert_int_equal(parse(&s, text), n >= 1 && n <= 59 ? ERR_OK : ERR_FORMAT);
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-6:QN08-T%dH", n);
		assert_int_equal(parse(&s, text), n >= 1 && n <= 48 ? ERR_OK : ERR_FORMAT);
	}
	for (int n = 0; n < 1000; n++) {
		snprintf(text, sizeof text, "OCRA-1:HOTP-SHA1-6:QN08-S%03d", n);
		assert_int_equal(parse(&s, text), n >= 1 && n <= 512 ? ERR_OK : ERR_FORMAT);
	}
}

static void refuses_what_is_off_the_grammar(void **state)
{
	static const char *const texts[] = {
		"",
		"OCRA-1",
		"OCRA-1:",
		"OCRA-1:HOTP-SHA1-6",
		"OCRA-1:HOTP-SHA1-6:",
		"QN08",
		"OCRA-2:HOTP-SHA1-6:QN08",
		"OCRA-1:TOTP-SHA1-6:QN08",
		"OCRA-1:HOTP-SHA224-6:QN08",
		"OCRA-1:HOTP-MD5-6:QN08",
		"OCRA-1:HOTP-SHA3-6:QN08",
		"OCRA-1:HOTP-SHA-6:QN08",
		"ocra-1:hotp-sha1-6:qn08",
		"OCRA-1:HOTP-sha1-6:QN08",
		"OCRA-1:HOTP-SHA1-6:Qn08",
		"OCRA-1:HOTP-SHA1-06:QN08",
		"OCRA-1:HOTP-SHA1-:QN08",
		"OCRA-1:HOTP-SHA1--6:QN08",
		"OCRA-1:HOTP-SHA1-00:QN08",
		"OCRA-1:HOTP-SHA1-4:QH8-S512", /* so in section 6.4, against its table */
		"OCRA-1:HOTP-SHA1-6:QN8",
		"OCRA-1:HOTP-SHA1-6:QN008",
		"OCRA-1:HOTP-SHA1-6:Q08",
		"OCRA-1:HOTP-SHA1-6:QB08",
		"OCRA-1:HOTP-SHA1-6:Q",
		"OCRA-1:HOTP-SHA1-6:QN",
		"OCRA-1:HOTP-SHA1-6:C",
		"OCRA-1:HOTP-SHA1-6:C-",
		"OCRA-1:HOTP-SHA1-6:CQN08",
		"OCRA-1:HOTP-SHA1-6:C-C-QN08",
		"OCRA-1:HOTP-SHA1-6:QN08-C",
		"OCRA-1:HOTP-SHA1-6:PSHA1",
		"OCRA-1:HOTP-SHA1-6:QN08-QN08",
		"OCRA-1:HOTP-SHA1-6:QN08-",
		"OCRA-1:HOTP-SHA1-6:QN08-PSHA1-PSHA1",
		"OCRA-1:HOTP-SHA1-6:QN08-S064-S064",
		"OCRA-1:HOTP-SHA1-6:QN08-T1M-T1M",
		"OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1",
		"OCRA-1:HOTP-SHA1-6:QN08-T1M-S064",
		"OCRA-1:HOTP-SHA1-6:QN08-T1M-PSHA1",
		"OCRA-1:HOTP-SHA1-6:PSHA1-QN08",
		"OCRA-1:HOTP-SHA1-6:QN08-PMD5",
		"OCRA-1:HOTP-SHA1-6:QN08-PSHA",
		"OCRA-1:HOTP-SHA1-6:QN08-PS",
		"OCRA-1:HOTP-SHA1-6:QN08-S64",
		"OCRA-1:HOTP-SHA1-6:QN08-S1",
		"OCRA-1:HOTP-SHA1-6:QN08-S0064",
		"OCRA-1:HOTP-SHA1-6:QN08-S06x",
		"OCRA-1:HOTP-SHA1-6:QN08-S-1",
		"OCRA-1:HOTP-SHA1-6:QN08-T0H", /* in section 6.3, and divides by zero */
		"OCRA-1:HOTP-SHA1-6:QN08-T0S",
		"OCRA-1:HOTP-SHA1-6:QN08-T01M",
		"OCRA-1:HOTP-SHA1-6:QN08-T60M",
		"OCRA-1:HOTP-SHA1-6:QN08-T1D",
		"OCRA-1:HOTP-SHA1-6:QN08-T1",
		"OCRA-1:HOTP-SHA1-6:QN08-TM",
		"OCRA-1:HOTP-SHA1-6:QN08-T1m",
		"OCRA-1:HOTP-SHA1-6:QN08-T100S",
		"OCRA-1:HOTP-SHA1-6:QN08-T1MM",
		"OCRA-1:HOTP-SHA1-6:QN08-X",
		"OCRA-1:HOTP-SHA1-6:QN08 ",
		" OCRA-1:HOTP-SHA1-6:QN08",
		"OCRA-1:HOTP-SHA1-6:QN08\n",
		"OCRA-1:HOTP-SHA1-6:QN08:",
		"OCRA-1:HOTP-SHA1-6-QN08",
		"OCRA-1::HOTP-SHA1-6:QN08",
		"OCRA-1:HOTP-SHA1-6:QN08-S-PSHA1",
		"OCRA-1:HOTP-SHA1-6:QN08-T-S",
	};
	struct sec_ocra_suite s, before;
	(void)state;

	memset(&s, 0x55, sizeof s);
	before = s;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (parse(&s, texts[i]) != ERR_FORMAT)
			fail_msg("accepted: %s", texts[i]);
	}
	assert_memory_equal(&s, &before, sizeof s);
}

static void refuses_every_part_and_every_wrong_byte_of_a_suite(void **state)
{
	static const char right[] = "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064-T30S";
	struct sec_ocra_suite s;
	char text[sizeof right];
	(void)state;

	for (size_t len = 0; len < sizeof right - 1; len++) {
		memcpy(text, right, len);
		text[len] = '\0';
		/* These are suites of their own. */
		bool whole = strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08") == 0 ||
			strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08-P") == 0 ||
			strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1") == 0 ||
			strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S") == 0 ||
			strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064") == 0 ||
			strcmp(text, "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1-S064-T") == 0;
		assert_int_equal(parse(&s, text), whole ? ERR_OK : ERR_FORMAT);
	}
	for (size_t at = 0; at < sizeof right - 1; at++) {
		for (int c = 0; c < 256; c++) {
			struct span changed = exact(right, sizeof right - 1);
			((uint8_t *)(uintptr_t)changed.data)[at] = (uint8_t)c;
			bool accepted = sec_ocra_suite_parse(&s, changed, &e) == ERR_OK;
			if (accepted && c != right[at]) {
				/* Others are for digits, the question's letter, the unit. */
				if (c == 0 || strchr("0123456789NAHSM", c) == NULL)
					fail_msg("accepted: %s", s.text);
				assert_true(span_equal(span_text(s.text), changed));
			}
			exact_free(changed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_part),
		cmocka_unit_test(what_is_left_out_is_absent),
		cmocka_unit_test(reads_the_suites_of_the_protocol),
		cmocka_unit_test(letters_alone_have_the_defaults_of_the_standard),
		cmocka_unit_test(accepts_every_number_in_range_and_none_outside),
		cmocka_unit_test(refuses_what_is_off_the_grammar),
		cmocka_unit_test(refuses_every_part_and_every_wrong_byte_of_a_suite),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
