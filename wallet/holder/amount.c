/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts as people write them, and in minor units. Decimals are ISO 4217's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wallet/holder/wallet.h"

static bool listed(const char *list, const char currency[static 3])
{
	for (; *list; list += 4)
		if (memcmp(list, currency, 3) == 0)
			return true;
	return false;
}

int amount_decimals(const char currency[static 3])
{
	/* each entry is three letters and a space */
	if (listed("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
		    currency))
		return 0;
	if (listed("BHD IQD JOD KWD LYD OMR TND ", currency))
		return 3;
	return 2;
}

enum err_code amount_parse(uint64_t *out, const char *text, const char *currency, struct err *err)
{
	int decimals, after = -1;
	uint64_t v = 0;

	if (!currency || strlen(currency) != 3 ||
		strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return err_set(err, ERR_INVALID,
			"an amount needs a currency of three capital letters, like EUR");
	decimals = amount_decimals(currency);
	if (*text == '.' || !*text)
		goto bad;
	for (const char *p = text; *p; p++) {
		if (*p == '.' && after < 0 && decimals) {
			after = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || after == decimals)
			goto bad;
		if (v > (UINT64_MAX / 2) / 10)
			return err_set(err, ERR_RANGE, "the amount is too large");
		v = v * 10 + (uint64_t)(*p - '0');
		if (after >= 0)
			after++;
	}
	if (after >= 0 && after != decimals)
		goto bad;
	if (v == 0 || v > (uint64_t)INT64_MAX / 1000000)
		return err_set(
			err, ERR_RANGE, "the amount must be above zero and not absurdly large");
	for (int i = after < 0 ? 0 : decimals; i < decimals; i++)
		v *= 10;
	*out = v;
	return ERR_OK;
bad:
	return err_set(err, ERR_INVALID, "write the amount like %s, in %s",
		decimals == 0   ? "1280"
		: decimals == 2 ? "12.80"
				: "12.800",
		currency);
}

void amount_text(char out[static AMOUNT_TEXT_MAX], uint64_t amount, const char *currency)
{
	int decimals = amount_decimals(currency);
	uint64_t unit = decimals == 0 ? 1 : decimals == 2 ? 100 : 1000;

	if (decimals == 0)
		snprintf(out, AMOUNT_TEXT_MAX, "%" PRIu64 " %.3s", amount, currency);
	else
		snprintf(out, AMOUNT_TEXT_MAX, "%" PRIu64 ".%0*" PRIu64 " %.3s", amount / unit,
			decimals, amount % unit, currency);
}
