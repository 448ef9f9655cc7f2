/* SPDX-License-Identifier: Apache-2.0
 *
 * Passwords: argon2id. The vector of RFC 9106 is part of the self-test.
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

static void gives_the_vector_of_the_standard(void **state)
{
	uint8_t expected[32];
	(void)state;

	unhex(expected, sizeof expected,
		"0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
	assert_true(sec_password_selftest(expected));
	expected[0] ^= 1;
	assert_false(sec_password_selftest(expected));
}

static void a_hash_carries_its_parameters_and_a_salt(void **state)
{
	char first[SEC_PASSWORD_TEXT_MAX], second[SEC_PASSWORD_TEXT_MAX];
	(void)state;

	assert_int_equal(sec_password_hash(first, span_text("2468"), &e), ERR_OK);
	assert_int_equal(sec_password_hash(second, span_text("2468"), &e), ERR_OK);
	assert_int_equal(strncmp(first, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_string_not_equal(first, second);
	assert_true(strlen(first) < SEC_PASSWORD_TEXT_MAX);
	assert_int_equal(sec_password_verify(first, span_text("2468")), ERR_OK);
	assert_int_equal(sec_password_verify(second, span_text("2468")), ERR_OK);
}

static void a_wrong_password_is_forged(void **state)
{
	static const char *const wrong[] = {"", "2", "246", "24680", "2469", "2468\n", "8642"};
	char text[SEC_PASSWORD_TEXT_MAX];
	(void)state;

	assert_int_equal(sec_password_hash(text, span_text("2468"), &e), ERR_OK);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct span password = exact_text(wrong[i]);
		assert_int_equal(sec_password_verify(text, password), ERR_FORGED);
		exact_free(password);
	}
	assert_int_equal(sec_password_verify(text, SPAN("2468", 5)), ERR_FORGED); /* with its NUL */
}

static void an_empty_password_and_a_long_one_are_passwords(void **state)
{
	static char longest[4097];
	char text[SEC_PASSWORD_TEXT_MAX];
	(void)state;

	assert_int_equal(sec_password_hash(text, (struct span){0}, &e), ERR_OK);
	assert_int_equal(sec_password_verify(text, (struct span){0}), ERR_OK);
	assert_int_equal(sec_password_verify(text, span_text("x")), ERR_FORGED);
	assert_int_equal(sec_password_hash(text, SPAN(longest, 4096), &e), ERR_OK);
	assert_int_equal(sec_password_verify(text, SPAN(longest, 4096)), ERR_OK);
	assert_int_equal(sec_password_verify(text, SPAN(longest, 4095)), ERR_FORGED);
	assert_int_equal(sec_password_verify(text, SPAN(longest, 4097)), ERR_FORGED);
	assert_int_equal(sec_password_hash(text, SPAN(longest, 4097), &e), ERR_TOO_LARGE);
}

static void text_that_is_no_hash_is_corrupt(void **state)
{
	static const char *const texts[] = {
		"", "x", "2468", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$",
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$",
		"$argon2id$v=19$m=19456,t=2,p=1$****************$****",
		"$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2d$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=16$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		/* figures that would take all memory or the rest of the day */
		"$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=19456,t=4000000000,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=19456,t=99999999999999999999,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRz",
		"$argon2id$v=19$m=19456,t=2,p=1000$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=0,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=-1,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
		"$argon2id$v=19$m=19456,t=2,p=1,keyid=x$c2FsdHNhbHRzYWx0c2Fs$c2FsdHNhbHRzYWx0c2Fs",
	};
	static char longest[300] = "$argon2id$v=19$m=19456,t=2,p=1$";
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (sec_password_verify(texts[i], span_text("2468")) != ERR_CORRUPT)
			fail_msg("not corrupt: %s", texts[i]);
	}
	memset(longest + 31, 'A', sizeof longest - 32);
	assert_int_equal(sec_password_verify(longest, span_text("2468")), ERR_CORRUPT);
}

static void a_damaged_hash_never_opens(void **state)
{
	char text[SEC_PASSWORD_TEXT_MAX], damaged[SEC_PASSWORD_TEXT_MAX];
	(void)state;

	assert_int_equal(sec_password_hash(text, span_text("2468"), &e), ERR_OK);
	/* From the salt on; every seventh, because each costs a whole hash. */
	for (size_t at = 31; at < strlen(text); at += 7) {
		memcpy(damaged, text, sizeof damaged);
		damaged[at] = damaged[at] == 'A' ? 'Q' : 'A';
		enum err_code code = sec_password_verify(damaged, span_text("2468"));
		assert_true(code == ERR_FORGED || code == ERR_CORRUPT);
		memcpy(damaged, text, sizeof damaged);
		damaged[at] = '\0';
		code = sec_password_verify(damaged, span_text("2468"));
		assert_true(code == ERR_FORGED || code == ERR_CORRUPT);
	}
}

static void a_key_comes_from_passphrase_and_salt(void **state)
{
	uint8_t salt[16] = {1}, other_salt[16] = {2};
	uint8_t a[SEC_KEY_LEN], b[SEC_KEY_LEN];
	(void)state;

	assert_int_equal(sec_password_key(a, span_text("pass phrase"), salt, &e), ERR_OK);
	assert_int_equal(sec_password_key(b, span_text("pass phrase"), salt, &e), ERR_OK);
	assert_memory_equal(a, b, sizeof a);
	assert_int_equal(sec_password_key(b, span_text("pass phrase"), other_salt, &e), ERR_OK);
	assert_memory_not_equal(a, b, sizeof a);
	assert_int_equal(sec_password_key(b, span_text("pass phras"), salt, &e), ERR_OK);
	assert_memory_not_equal(a, b, sizeof a);
	static char longest[4097];
	assert_int_equal(sec_password_key(b, SPAN(longest, 4097), salt, &e), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_vector_of_the_standard),
		cmocka_unit_test(a_hash_carries_its_parameters_and_a_salt),
		cmocka_unit_test(a_wrong_password_is_forged),
		cmocka_unit_test(an_empty_password_and_a_long_one_are_passwords),
		cmocka_unit_test(text_that_is_no_hash_is_corrupt),
		cmocka_unit_test(a_damaged_hash_never_opens),
		cmocka_unit_test(a_key_comes_from_passphrase_and_salt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, crypto_case_start, crypto_case_stop);
}
