/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to holders: written once, taken by one process at a time, over once.
 */
#include "backend/store_message.h"

#include <string.h>

#include "backend/store_driver.h"

enum err_code store_contact_put(struct store *s, const struct store_contact *in,
	const uint8_t holder[static CODE_ID_LEN], struct err *err)
{
	return store_exec(s, SQL_CONTACT_PUT, NULL,
		ARGS(ARG_ID(holder), ARG_TEXT(in->email), ARG_TEXT(in->language)), err);
}

enum err_code store_contact_get(struct store *s, struct store_contact *out,
	const uint8_t holder[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_CONTACT_GET, ARGS(ARG_ID(holder)), err);

	memset(out, 0, sizeof(*out));
	if (e || !row.found)
		return e;
	row_text(&row, out->email, sizeof(out->email));
	row_text(&row, out->language, sizeof(out->language));
	return store_row_end(&row, err);
}

enum err_code store_message_insert(struct store *s, const struct store_message *in, int64_t now,
	struct err *err)
{
	return store_exec(s, SQL_MESSAGE_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_INT(now), ARG_ID(in->credential), ARG_TEXT(in->kind),
			ARG_INT(now), ARG_INT(in->ends), ARG_BLOB(in->body, in->body_len)),
		err);
}

static enum err_code message_due(struct store *s, struct store_message *out, int64_t now,
	struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_MESSAGE_DUE, ARGS(ARG_INT(now)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, CODE_ID_LEN);
	row_blob(&row, out->credential, CODE_ID_LEN);
	row_text(&row, out->kind, sizeof(out->kind));
	out->tries = (int)row_int(&row, 0, INT32_MAX - 1);
	out->ends = row_int(&row, INT64_MIN, INT64_MAX);
	out->body_len = row_bytes(&row, out->body, sizeof(out->body));
	return store_row_end(&row, err);
}

enum err_code store_message_take(struct store *s, struct store_message *out, int64_t now,
	int64_t until, struct err *err)
{
	enum err_code e = message_due(s, out, now, err);
	int changes = 0;

	if (!e)
		e = store_exec(s, SQL_MESSAGE_TAKE, &changes,
			ARGS(ARG_INT(until), ARG_ID(out->id), ARG_INT(out->tries)), err);
	if (!e && changes != 1)
		return STORE_NOT_FOUND(err); /* cannot be: writers take turns */
	out->tries++;
	return e;
}

enum err_code store_message_again(struct store *s, const uint8_t id[static CODE_ID_LEN], int tries,
	int64_t due, struct err *err)
{
	return store_exec(s, SQL_MESSAGE_AGAIN, NULL,
		ARGS(ARG_INT(due), ARG_ID(id), ARG_INT(tries)), err);
}

enum err_code store_message_over(struct store *s, const uint8_t id[static CODE_ID_LEN], int tries,
	enum store_message_state state, struct err *err)
{
	return store_exec(s, SQL_MESSAGE_OVER, NULL,
		ARGS(ARG_INT(state), ARG_ID(id), ARG_INT(tries)), err);
}

enum err_code store_message_withdraw(struct store *s, const uint8_t *credential, struct err *err)
{
	if (credential)
		return store_exec(s, SQL_MESSAGE_WITHDRAW_OF, NULL, ARGS(ARG_ID(credential)), err);
	return store_exec(s, SQL_MESSAGE_WITHDRAW, NULL, NULL, 0, err);
}

enum err_code store_message_prune(struct store *s, int64_t before, int rows, struct err *err)
{
	return store_exec(s, SQL_MESSAGE_PRUNE, NULL, ARGS(ARG_INT(before), ARG_INT(rows)), err);
}
