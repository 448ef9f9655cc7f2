/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts of money as text, both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/amount.h"

static void reads_amounts_with_the_decimals_of_the_currency(void **state)
{
	static const struct {
		const char *text, *currency;
		uint64_t minor;
	} cases[] = {{"12.80", "EUR", 1280}, {"12.8", "EUR", 1280}, {"12", "EUR", 1200},
		{"0.01", "EUR", 1}, {"0", "EUR", 0}, {"007.00", "EUR", 700}, {"1280", "JPY", 1280},
		{"1.234", "KWD", 1234}, {"1.2", "KWD", 1200}, {"1.2345", "CLF", 12345},
		{"10000000000000.00", "USD", 1000000000000000}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t minor = 99;

		assert_int_equal(
			amount_parse(&minor, cases[i].text, cases[i].currency, NULL), ERR_OK);
		assert_int_equal(minor, cases[i].minor);
	}
}

static void refuses_amounts_that_are_none(void **state)
{
	static const char *const cases[][2] = {{"", "EUR"}, {".", "EUR"}, {".5", "EUR"},
		{"5.", "EUR"}, {"1.234", "EUR"}, {"1.0", "JPY"}, {"+1", "EUR"}, {"1 ", "EUR"},
		{" 1", "EUR"}, {"1,00", "EUR"}, {"1.2.3", "EUR"}, {"1e3", "EUR"}, {"0x10", "EUR"},
		{"1.00", "eur"}, {"1.00", "EURO"}, {"1.00", ""}, {"1.00", NULL}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t minor = 99;

		assert_int_equal(amount_parse(&minor, cases[i][0], cases[i][1], NULL), ERR_INVALID);
		assert_int_equal(minor, 99);
	}
}


static void refuses_amounts_that_are_absurdly_large(void **state)
{
	uint64_t minor = 99;

	(void)state;
	assert_int_equal(amount_parse(&minor, "10000000000000.01", "USD", NULL), ERR_RANGE);
	assert_int_equal(amount_parse(&minor, "99999999999999999999999", "EUR", NULL), ERR_RANGE);
	assert_int_equal(amount_parse(&minor, "9223372036854775807", "JPY", NULL), ERR_RANGE);
	assert_int_equal(minor, 99);
}

static void assert_amount(uint64_t minor_units, const char *currency, const char *expected)
{
	char out[AMOUNT_TEXT_MAX];

	amount_text(out, sizeof(out), minor_units, currency);
	assert_string_equal(out, expected);
}

static void writes_amounts_with_the_decimals_of_the_currency(void **state)
{
	(void)state;
	assert_amount(2490, "EUR", "24.90");
	assert_amount(5, "CNY", "0.05");
	assert_amount(2490, "JPY", "2490");
	assert_amount(2490, "KWD", "2.490");
	assert_amount(0, "EUR", "0.00");
	assert_amount(100, NULL, "1.00");
	assert_amount(UINT64_MAX, "EUR", "184467440737095516.15");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_amounts_with_the_decimals_of_the_currency),
		cmocka_unit_test(refuses_amounts_that_are_none),
		cmocka_unit_test(refuses_amounts_that_are_absurdly_large),
		cmocka_unit_test(writes_amounts_with_the_decimals_of_the_currency),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
