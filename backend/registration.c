/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/registration.h"

#include <string.h>

#include "base/json.h"
#include "base/text_safe.h"

#define RECORD_MAX 1024

/* The writer would make malformed text safe, and two holders' records alike. */
static bool utf8(const char *text)
{
	struct span t = span_text(text);

	for (size_t at = 0; at < t.len;) {
		size_t from = at;

		if (text_utf8_next(t, &at) == 0xfffd && (at - from != 3 ||
				memcmp(text + from, "\xef\xbf\xbd", 3) != 0))
			return false;
	}
	return true;
}

enum err_code registration_build(struct bytes *out, const char *account, const char *name,
	const char *phone, struct err *err)
{
	uint8_t storage[RECORD_MAX];
	struct json *j = NULL;
	struct json_out w;
	struct bytes text;
	size_t before = out->len;
	enum err_code e;

	if (!utf8(account) || !utf8(name) || !utf8(phone))
		return err_set(err, ERR_FORMAT, "a text of the registration is not UTF-8");
	bytes_init_fixed(&text, storage, sizeof(storage));
	json_out_init(&w, &text);
	json_out_begin(&w, NULL);
	json_out_text(&w, "account", account);
	json_out_text(&w, "name", name);
	json_out_text(&w, "phone", phone);
	json_out_end(&w);
	if (text.full)
		return err_set(err, ERR_TOO_LARGE, "the registration is too long");
	e = json_parse(&j, bytes_span(&text), sizeof(storage), err);
	if (!e)
		e = json_canonical(out, j, NULL, err);
	if (!e && out->full)
		e = err_set(err, ERR_TOO_LARGE, "the registration is too long");
	json_free(&j);
	if (e)
		out->len = before;
	return e;
}
