/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimals of currencies, and the two directions.
 */
#include "base/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/currency.h"

#define DIGITS "0123456789"

static const struct currency {
	char code[4];
	int decimals;
} CURRENCIES[] = {
#define CURRENCY(code, decimals) {#code, decimals},
	CURRENCY_LIST(CURRENCY)
#undef CURRENCY
};

static const struct currency *find(const char *code)
{
	for (size_t i = 0; code != NULL && i < sizeof(CURRENCIES) / sizeof(CURRENCIES[0]); i++)
		if (strcmp(code, CURRENCIES[i].code) == 0)
			return &CURRENCIES[i];
	return NULL;
}

int amount_decimals(const char *currency)
{
	const struct currency *c = find(currency);

	return c != NULL ? c->decimals : 2;
}

bool amount_currency_is_valid(const char *text)
{
	return find(text) != NULL;
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
	if (!amount_currency_is_valid(currency))
		return err_set(err, ERR_INVALID,
			"an amount needs a currency of ISO 4217, for example EUR");

	size_t decimals = (size_t)amount_decimals(currency);
	size_t whole = strspn(text, DIGITS);
	const char *rest = text + whole;
	size_t part = 0;
	uint64_t v = 0;

	if (*rest == '.') {
		part = strspn(++rest, DIGITS);
		if (part == 0 || part > decimals)
			return err_set(err, ERR_INVALID, "%s has %d decimals", currency,
				(int)decimals);
	}
	if (whole == 0 || rest[part] != '\0')
		return err_set(err, ERR_INVALID, "digits and a point, for example 12.80");
	if (!digits_add(&v, text, whole) || !digits_add(&v, rest, part) ||
		!digits_add(&v, "0000", decimals - part))
		return err_set(err, ERR_RANGE, "too large an amount");
	*out = v;
	return ERR_OK;
}

void amount_text(char *out, size_t out_cap, uint64_t minor_units, const char *currency)
{
	int decimals = amount_decimals(currency ? currency : "");
	uint64_t power = 1;

	for (int i = 0; i < decimals; i++)
		power *= 10;
	if (decimals == 0)
		snprintf(out, out_cap, "%" PRIu64, minor_units);
	else
		snprintf(out, out_cap, "%" PRIu64 ".%0*" PRIu64, minor_units / power, decimals,
			minor_units % power);
}
