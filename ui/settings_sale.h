/* SPDX-License-Identifier: Apache-2.0
 *
 * [sale] of terminal.conf.
 */
#ifndef UI_SETTINGS_SALE_H
#define UI_SETTINGS_SALE_H

#include "ui/settings.h"

#define SETTINGS_CURRENCY_TEXT_MAX 64

/* amount: "" "optional" "required" "never"; currency: "EUR" or "EUR CHF", "" = none. ERR_FORMAT
 * names the key and what it may be.
 */
ERR_MUST_CHECK enum err_code settings_sale_decode(struct settings_sale *out, const char *path,
	const char *amount, const char *currency, struct err *err);

#endif
