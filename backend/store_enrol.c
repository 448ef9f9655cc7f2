/* SPDX-License-Identifier: Apache-2.0
 *
 * Enrolment codes and the keys of terminals.
 */
#include "backend/store_enrol.h"

#include <string.h>

#include "backend/store_driver.h"

enum err_code store_enrolment_insert(struct store *s, const struct store_enrolment *in,
	struct err *err)
{
	return store_exec(s, SQL_ENROLMENT_INSERT, NULL,
		ARGS(ARG_BLOB(in->code, STORE_DIGEST_LEN), ARG_TEXT(in->name),
			ARG_TEXT(in->merchant), ARG_INT(in->expires_at)),
		err);
}

enum err_code store_enrolment_get(struct store *s, struct store_enrolment *out,
	const uint8_t code[static STORE_DIGEST_LEN], int64_t now, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_ENROLMENT_GET,
		ARGS(ARG_BLOB(code, STORE_DIGEST_LEN), ARG_INT(now)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	memcpy(out->code, code, STORE_DIGEST_LEN);
	row_text(&row, out->name, sizeof(out->name));
	row_text(&row, out->merchant, sizeof(out->merchant));
	return store_row_end(&row, err);
}

enum err_code store_enrolment_forget(struct store *s, const char *name, int64_t now,
	struct err *err)
{
	return store_exec(s, SQL_ENROLMENT_FORGET, NULL, ARGS(ARG_TEXT(name), ARG_INT(now)), err);
}

enum err_code store_terminal_key_insert(struct store *s, const struct store_terminal_key *in,
	struct err *err)
{
	return store_exec(s, SQL_TERMINAL_KEY_INSERT, NULL,
		ARGS(ARG_BLOB(in->spki, STORE_DIGEST_LEN), ARG_ID(in->terminal),
			ARG_INT(in->not_after), ARG_INT(in->created_at)),
		err);
}

enum err_code store_terminal_key_get(struct store *s, struct store_terminal_key *out,
	const uint8_t spki[static STORE_DIGEST_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_TERMINAL_KEY_GET,
		ARGS(ARG_BLOB(spki, STORE_DIGEST_LEN)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	memcpy(out->spki, spki, STORE_DIGEST_LEN);
	row_blob(&row, out->terminal, sizeof(out->terminal));
	row_text(&row, out->terminal_name, sizeof(out->terminal_name));
	out->not_after = row_int(&row, 0, INT64_MAX);
	out->revoked = row_int(&row, 0, 1) != 0;
	return store_row_end(&row, err);
}

enum err_code store_terminal_key_renew(struct store *s, bool *done,
	const uint8_t spki[static STORE_DIGEST_LEN], int64_t not_after, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_TERMINAL_KEY_RENEW, &changes,
		ARGS(ARG_BLOB(spki, STORE_DIGEST_LEN), ARG_INT(not_after)), err);

	*done = !e && changes == 1;
	return e;
}

enum err_code store_terminal_key_revoke(struct store *s, int *count,
	const uint8_t terminal[static CODE_ID_LEN], struct err *err)
{
	return store_exec(s, SQL_TERMINAL_KEY_REVOKE, count, ARGS(ARG_ID(terminal)), err);
}

enum err_code store_terminal_key_ending(struct store *s, int64_t *count, int64_t after,
	int64_t until, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(
		s, &row, SQL_TERMINAL_KEY_ENDING, ARGS(ARG_INT(after), ARG_INT(until)), err);

	*count = 0;
	if (e)
		return e;
	*count = row_int(&row, 0, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_terminal_after(struct store *s, struct store_terminal_entry *out,
	const char *name, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_TERMINAL_AFTER, ARGS(ARG_TEXT(name)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_text(&row, out->name, sizeof(out->name));
	row_text(&row, out->merchant, sizeof(out->merchant));
	out->stopped = row_int(&row, 0, 1) != 0;
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	out->keys = row_int(&row, 0, INT64_MAX);
	out->not_after = row_int(&row, 0, INT64_MAX);
	return store_row_end(&row, err);
}
