/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts as they are typed: "12.80" and a currency. view_amount() writes them.
 */
#ifndef UI_AMOUNT_H
#define UI_AMOUNT_H

#include <stdint.h>

#include "base/err.h"

#define AMOUNT_MAX 1000000000000000 /* minor units; 10^15 */

/* Decimals of a currency (ISO 4217): 0, 2 or 3; 4 for the units of account that have them. */
int amount_decimals(const char *currency);

/* Three capital letters. */
ERR_MUST_CHECK enum err_code amount_currency_check(const char *text, struct err *err);

/* "12.80" with EUR -> 1280; "12.8" too; "1280" with JPY -> 1280. Refuses signs, spaces, thousands
 * separators, more decimals than the currency has, nothing at all, and more than AMOUNT_MAX.
 */
ERR_MUST_CHECK enum err_code amount_parse(uint64_t *out, const char *text, const char *currency,
	struct err *err);

#endif
