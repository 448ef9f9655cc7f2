/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts of money: as people write them, and in minor units of the currency (ISO 4217).
 */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define AMOUNT_MAX 1000000000000000 /* minor units; 10^15 */
#define AMOUNT_TEXT_MAX 32          /* bytes of any amount with its currency and NUL */

/* 0, 2 or 3, or 4 for units of account that have them; 2 for a currency that is not known. */
int amount_decimals(const char *currency);

/* One that is in use: base/currency.h. NULL is none. */
bool amount_currency_is_valid(const char *text);

/* "12.80" with EUR -> 1280; "12.8" and "12" too; "1280" with JPY -> 1280; "0" -> 0. Refuses signs,
 * spaces, separators of thousands, more decimals than the currency has, nothing at all, and more
 * than AMOUNT_MAX: ERR_INVALID or ERR_RANGE, and out is untouched.
 */
ERR_MUST_CHECK enum err_code amount_parse(uint64_t *out, const char *text, const char *currency,
	struct err *err);

/* "24.90", without the currency. Any amount, also above AMOUNT_MAX. */
void amount_text(char *out, size_t out_cap, uint64_t minor_units, const char *currency);

#endif
