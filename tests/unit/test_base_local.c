/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts, dates and times of places. Locales are compiled here, because a machine may have none.
 */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/local.h"
#include "base/text.h"
#include "tests/lib/folder.h"

#define NARROW "\xe2\x80\xaf" /* U+202F */

static const struct local_style english = {".", ",", {3, 0}};
static const struct local_style german = {",", ".", {3, 3, 0}};
static const struct local_style indian = {".", ",", {3, 2, 0}};
static const struct local_style once = {".", "'", {3, CHAR_MAX, 0}};
static const struct local_style french = {",", NARROW, {3, 0}};
static const struct local_style none = {",", "", {0}};

static void assert_amount(uint64_t minor, const char *currency, const struct local_style *style,
	const char *expected)
{
	char out[LOCAL_AMOUNT_MAX];

	local_amount_in(out, minor, currency, style);
	assert_string_equal(out, expected);
}

static void groups_digits_as_the_style_says(void **state)
{
	(void)state;
	assert_amount(0, "EUR", &english, "0.00");
	assert_amount(99999, "EUR", &english, "999.99");
	assert_amount(100000, "EUR", &english, "1,000.00");
	assert_amount(123456789, "EUR", &english, "1,234,567.89");
	assert_amount(123456789, "EUR", &german, "1.234.567,89");
	assert_amount(123456789, "INR", &indian, "12,34,567.89");
	assert_amount(12345678900, "INR", &indian, "12,34,56,789.00");
	assert_amount(123456789, "CHF", &once, "1234'567.89");
	assert_amount(123456789, "EUR", &french, "1" NARROW "234" NARROW "567,89");
	assert_amount(123456789, "EUR", &none, "1234567,89");
	assert_amount(UINT64_MAX, "JPY", &english, "18,446,744,073,709,551,615");
}

static void has_the_decimals_of_the_currency(void **state)
{
	(void)state;
	assert_amount(1234567, "JPY", &german, "1.234.567");
	assert_amount(1234567, "KWD", &english, "1,234.567");
	assert_amount(1234567, "KWD", &german, "1.234,567");
	assert_amount(1234567, "CLF", &english, "123.4567");
	assert_amount(5, "EUR", &german, "0,05");
}

/* Every amount: without its separators it is what programs read. */
static void says_what_programs_read(void **state)
{
	char out[LOCAL_AMOUNT_MAX], bare[LOCAL_AMOUNT_MAX], plain[64];

	(void)state;
	for (uint64_t v = 1; v < UINT64_MAX / 7; v *= 7) {
		size_t n = 0;

		local_amount_in(out, v, "EUR", &english);
		for (const char *p = out; *p != '\0'; p++)
			if (*p != ',')
				bare[n++] = *p;
		bare[n] = '\0';
		snprintf(plain, sizeof plain, "%llu.%02llu", (unsigned long long)(v / 100),
			(unsigned long long)(v % 100));
		assert_string_equal(bare, plain);
	}
}

/* ---- the environment's ---- */

/* Both at once: one takes more than a second. */
static bool locales_make(void)
{
	char command[512];

	snprintf(command, sizeof command,
		"cd %s && { localedef -i en_US -f UTF-8 --no-archive ./en_US.UTF-8 & "
		"localedef -i de_DE -f UTF-8 --no-archive ./de_DE.UTF-8; r=$?; wait $! && exit $r; "
		"} 2>words", folder_path);
	return system(command) == 0; /* NOLINT(cert-env33-c): fixed text, build machine only */
}

static void in_place(const char *name, const char *language)
{
	char locale[32];

	snprintf(locale, sizeof locale, "%s.UTF-8", name);
	setenv("LC_ALL", locale, 1);
	text_init(language);
}

static int places_make(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	setenv("LOCPATH", folder_path, 1);
	return locales_make() ? 0 : -1;
}

static void assert_says(const char *amount, const char *date, const char *time)
{
	char out[LOCAL_DATE_MAX], money[LOCAL_AMOUNT_MAX];

	local_amount(money, 123456789, "EUR");
	assert_string_equal(money, amount);
	local_date(out, 1795269900); /* 2026-11-21 14:05 */
	assert_string_equal(out, date);
	local_time(out, 1795269900);
	assert_string_equal(out, time);
	local_time_long(out, 1795269909);
	assert_memory_equal(out, time, 5);
	assert_memory_equal(out + 5, ":09", 3);
	assert_string_equal(out + 8, time + 5);
}

static void the_environment_says_the_place(void **state)
{
	(void)state;
	in_place("de_DE", "en");
	assert_says("1.234.567,89", "21.11.2026", "14:05");
	in_place("de_DE", "zh_CN"); /* language and place are two things */
	assert_says("1.234.567,89", "21.11.2026", "14:05");
	in_place("en_US", "en");
	assert_says("1,234,567.89", "11/21/2026", "02:05 PM");
}

static void without_locale_data_it_is_what_is_usual(void **state)
{
	(void)state;
	in_place("C", "en");
	assert_says("1,234,567.89", "2026-11-21", "14:05");
	in_place("xx_XX", "en"); /* not installed */
	assert_says("1,234,567.89", "2026-11-21", "14:05");
	setenv("LC_ALL", "POSIX", 1);
	text_init("en");
	assert_says("1,234,567.89", "2026-11-21", "14:05");
}

static void times_outside_the_calendar_are_its_ends(void **state)
{
	char out[LOCAL_DATE_MAX];

	(void)state;
	in_place("C", "en");
	local_date(out, INT64_MIN);
	assert_string_equal(out, "1970-01-01");
	local_date(out, INT64_MAX);
	assert_string_equal(out, "9999-12-31");
	local_time(out, INT64_MAX);
	assert_string_equal(out, "23:59");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_digits_as_the_style_says),
		cmocka_unit_test(has_the_decimals_of_the_currency),
		cmocka_unit_test(says_what_programs_read),
		cmocka_unit_test(the_environment_says_the_place),
		cmocka_unit_test(without_locale_data_it_is_what_is_usual),
		cmocka_unit_test(times_outside_the_calendar_are_its_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, places_make, folder_tear_down);
}
