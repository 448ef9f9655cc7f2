/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal amounts in, minor units out.
 */
#include "ui/amount.h"

#include <stdbool.h>
#include <string.h>

/* ISO 4217 list one, 2024: every currency that has not two decimals. */
static const char *const no_decimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
	"PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
static const char *const three_decimals[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
static const char *const four_decimals[] = {"CLF", "UYW"};

static bool is_one_of(const char *currency, const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(currency, list[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(currency, list) is_one_of(currency, list, sizeof(list) / sizeof((list)[0]))

int amount_decimals(const char *currency)
{
	if (IS_ONE_OF(currency, no_decimals))
		return 0;
	if (IS_ONE_OF(currency, three_decimals))
		return 3;
	return IS_ONE_OF(currency, four_decimals) ? 4 : 2;
}

enum err_code amount_currency_check(const char *text, struct err *err)
{
	if (strlen(text) != 3 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return err_set(err, ERR_USAGE,
			"--currency: three capital letters of ISO 4217, for example EUR");
	return ERR_OK;
}

/* Appends digits to *v; false when it grows too large. */
static bool digits_add(uint64_t *v, const char *digits, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		*v = *v * 10 + (uint64_t)(digits[i] - '0');
		if (*v > AMOUNT_MAX)
			return false;
	}
	return true;
}

enum err_code amount_parse(uint64_t *out, const char *text, const char *currency, struct err *err)
{
	size_t decimals = (size_t)amount_decimals(currency);
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;
	size_t part = 0;
	uint64_t v = 0;

	if (*rest == '.') {
		part = strspn(++rest, "0123456789");
		if (part == 0 || part > decimals)
			return err_set(err, ERR_USAGE, "--amount: %s has %d decimals", currency,
				(int)decimals);
	}
	if (whole == 0 || rest[part] != '\0')
		return err_set(err, ERR_USAGE, "--amount: digits and a point, for example 12.80");
	if (!digits_add(&v, text, whole) || !digits_add(&v, rest, part) ||
		!digits_add(&v, "0000", decimals - part))
		return err_set(err, ERR_USAGE, "--amount: too large");
	*out = v;
	return ERR_OK;
}
