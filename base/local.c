/* SPDX-License-Identifier: Apache-2.0
 *
 * What the C library knows of a place, and what stands for it where it knows none.
 */
#include "base/local.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/amount.h"
#include "base/text.h"
#include "base/text_safe.h"

#define LATEST_S INT64_C(253402300799) /* end of the year 9999 */
#define DIGITS_MAX 24 /* of 2^64 */

/* A place, and not only the computer's own "C". */
static bool is_place(int category)
{
	const char *name = setlocale(category, NULL);

	return name != NULL && strcmp(name, "C") != 0 && strncmp(name, "C.", 2) != 0 &&
	       strcmp(name, "POSIX") != 0;
}

/* A sign of the C library; of another character set, or an odd one, it is not taken. */
static bool sign_take(char out[static LOCAL_SIGN_MAX], const char *sign)
{
	size_t len = strlen(sign);

	if (len >= LOCAL_SIGN_MAX || !text_is_safe(SPAN(sign, len)))
		return false;
	memcpy(out, sign, len + 1);
	return true;
}

struct local_style local_style_now(void)
{
	const struct local_style usual = {".", ",", {3, 0}};
	const struct lconv *c = localeconv();
	struct local_style s = {.decimal = ""};
	size_t len = strlen(c->mon_grouping);

	if (!is_place(LC_MONETARY) || c->mon_decimal_point[0] == '\0' || len >= sizeof s.grouping)
		return usual;
	memcpy(s.grouping, c->mon_grouping, len + 1);
	return sign_take(s.decimal, c->mon_decimal_point) &&
			       sign_take(s.separator, c->mon_thousands_sep)
		       ? s
		       : usual;
}

/* ---- amounts ---- */

/* Where groups end, counted in digits from the right: is there one after `count` digits? */
static bool group_ends(const char *grouping, int count)
{
	int sum = 0;

	for (const char *g = grouping; *g > 0 && *g != CHAR_MAX; g++) {
		sum += *g;
		if (count == sum)
			return true;
		if (g[1] == '\0')
			return count > sum && (count - sum) % *g == 0;
	}
	return false;
}

static size_t put(char *out, size_t at, const char *text)
{
	size_t len = strlen(text);

	if (at + len >= LOCAL_AMOUNT_MAX)
		return at;
	memcpy(out + at, text, len + 1);
	return at + len;
}

void local_amount_in(char out[static LOCAL_AMOUNT_MAX], uint64_t minor_units,
	const char *currency, const struct local_style *style)
{
	char plain[AMOUNT_TEXT_MAX];
	size_t at = 0;
	int whole;

	amount_text(plain, sizeof plain, minor_units, currency);
	whole = (int)strcspn(plain, ".");
	out[0] = '\0';
	for (int i = 0; i < whole; i++) {
		const char digit[2] = {plain[i], '\0'};

		if (i > 0 && group_ends(style->grouping, whole - i))
			at = put(out, at, style->separator);
		at = put(out, at, digit);
	}
	if (plain[whole] == '.') {
		at = put(out, at, style->decimal);
		put(out, at, plain + whole + 1);
	}
}

void local_amount(char out[static LOCAL_AMOUNT_MAX], uint64_t minor_units, const char *currency)
{
	const struct local_style style = local_style_now();

	local_amount_in(out, minor_units, currency, &style);
}

/* ---- dates ---- */

static struct tm time_of(int64_t local_s)
{
	time_t t = (time_t)(local_s < 0 ? 0 : local_s > LATEST_S ? LATEST_S : local_s);
	struct tm tm = {.tm_mday = 1};

	if (gmtime_r(&t, &tm) == NULL)
		tm = (struct tm){.tm_mday = 1, .tm_year = 70};
	return tm;
}

/* False: it does not fit, or is of another character set. */
static bool format(char out[static LOCAL_DATE_MAX], const char *format_text, const struct tm *tm)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the C library's own formats */
	size_t len = strftime(out, LOCAL_DATE_MAX, format_text, tm);
#pragma GCC diagnostic pop

	return len > 0 && text_is_safe(SPAN(out, len));
}

void local_date(char out[static LOCAL_DATE_MAX], int64_t local_s)
{
	struct tm tm = time_of(local_s);

	if (is_place(LC_TIME) && format(out, "%x", &tm))
		return;
	/* of a date: year, month, day as strftime() has them */
	if (!format(out, _("%Y-%m-%d"), &tm))
		snprintf(out, LOCAL_DATE_MAX, "%d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday);
}

/* Where hours go to twelve only. */
static bool is_twelve(void)
{
	const char *usual = nl_langinfo(T_FMT);

	return is_place(LC_TIME) && (strstr(usual, "%r") != NULL ||
		strstr(usual, "%I") != NULL || strstr(usual, "%l") != NULL);
}

void local_time(char out[static LOCAL_DATE_MAX], int64_t local_s)
{
	struct tm tm = time_of(local_s);

	if (!is_twelve() || !format(out, "%I:%M %p", &tm))
		snprintf(out, LOCAL_DATE_MAX, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

void local_time_long(char out[static LOCAL_DATE_MAX], int64_t local_s)
{
	struct tm tm = time_of(local_s);

	if (!is_twelve() || !format(out, "%I:%M:%S %p", &tm))
		snprintf(out, LOCAL_DATE_MAX, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}
