/* SPDX-License-Identifier: Apache-2.0
 *
 * What several commands need.
 */
#include <string.h>

#include "backend/admin.h"
#include "base/text_safe.h"

enum err_code admin_id(
	uint8_t out[static CODE_ID_LEN], const char *text, const char *what, struct err *err)
{
	if (!text)
		return err_set(err, ERR_USAGE, "%s is missing", what);
	if (hex_decode(out, CODE_ID_LEN, span_text(text)))
		return err_set(err, ERR_USAGE, "%s must be 32 hexadecimal digits", what);
	return ERR_OK;
}

enum err_code admin_text(const char *text, const char *what, size_t max, struct err *err)
{
	if (!text)
		return err_set(err, ERR_USAGE, "%s is missing", what);
	if (text[0] == '\0')
		return err_set(err, ERR_USAGE, "%s must not be empty", what);
	if (strlen(text) > max)
		return err_set(err, ERR_USAGE, "%s is too long: at most %zu bytes", what, max);
	if (!text_is_safe(span_text(text)))
		return err_set(err, ERR_USAGE, "%s must be UTF-8 without control characters", what);
	return ERR_OK;
}

enum err_code admin_one_id(struct admin *a, uint8_t out[static CODE_ID_LEN], struct err *err)
{
	const char *id = NULL;
	struct args_words words = {.list = &id, .max = 1};
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, &words, err);

	return e ? e : admin_id(out, id, "ID", err);
}

enum err_code admin_setup_fault(struct err *err)
{
	if (err)
		err->code = ERR_USAGE;
	return ERR_USAGE;
}

void admin_json_id(struct admin *a, const char *name, const uint8_t id[static CODE_ID_LEN])
{
	json_out_hex(&a->json, name, SPAN(id, CODE_ID_LEN));
}
