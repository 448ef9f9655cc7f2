/* SPDX-License-Identifier: Apache-2.0
 *
 * [sale] of terminal.conf.
 */
#include "ui/settings_sale.h"

#include <string.h>

#include "base/amount.h"

static enum err_code amount_decode(struct settings_sale *out, const char *path, const char *text,
	struct err *err)
{
	static const char *const WORDS[] = {[SETTINGS_AMOUNT_OPTIONAL] = "optional",
		[SETTINGS_AMOUNT_REQUIRED] = "required",
		[SETTINGS_AMOUNT_NEVER] = "never"};

	if (text[0] == '\0')
		return ERR_OK;
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (strcmp(text, WORDS[i]) == 0) {
			out->amount = (enum settings_amount)i;
			return ERR_OK;
		}
	return err_set(err, ERR_FORMAT, "%s: [sale] amount: optional, required or never", path);
}

static enum err_code currency_add(struct settings_sale *out, const char *path, const char *code,
	size_t len, struct err *err)
{
	char *to;

	if (out->currencies == SETTINGS_CURRENCIES_MAX)
		return err_set(err, ERR_FORMAT, "%s: [sale] currency: at most %d", path,
			SETTINGS_CURRENCIES_MAX);
	to = out->currency[out->currencies];
	if (len == 3)
		memcpy(to, code, len);
	if (!amount_currency_is_valid(to))
		return err_set(err, ERR_FORMAT,
			"%s: [sale] currency: three letters of ISO 4217, for example EUR, or "
			"several of them with spaces between",
			path);
	out->currencies++;
	return ERR_OK;
}

enum err_code settings_sale_decode(struct settings_sale *out, const char *path, const char *amount,
	const char *currency, struct err *err)
{
	enum err_code rc;

	memset(out, 0, sizeof *out);
	rc = amount_decode(out, path, amount, err);
	while (rc == ERR_OK && *(currency += strspn(currency, " ")) != '\0') {
		size_t len = strcspn(currency, " ");

		rc = currency_add(out, path, currency, len, err);
		currency += len;
	}
	if (rc == ERR_OK && out->amount == SETTINGS_AMOUNT_REQUIRED && out->currencies == 0)
		return err_set(err, ERR_FORMAT,
			"%s: [sale] amount = required needs a currency, for example currency = EUR",
			path);
	return rc;
}
