/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials, their keys, activation tokens, wallets, live steps and numbers.
 */
#include "backend/store_rows.h"

#include <string.h>

#include "backend/store_driver.h"

enum err_code store_credential_insert(struct store *s, const struct store_credential *in,
	struct err *err)
{
	return store_exec(s, SQL_CREDENTIAL_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_ID(in->holder), ARG_ID(in->account),
			ARG_INT(in->generation), ARG_INT(in->live), ARG_INT(in->digits),
			ARG_INT(in->pin), ARG_TEXT(in->purpose), ARG_TEXT(in->face_value),
			ARG_BLOB(in->registration, in->registration_len),
			ARG_INT(in->created_at)),
		err);
}

static void credential_read(struct store_row *row, struct store_credential *out)
{
	row_blob(row, out->id, sizeof(out->id));
	row_blob(row, out->holder, sizeof(out->holder));
	row_blob(row, out->account, sizeof(out->account));
	out->generation = (int)row_int(row, 1, UINT16_MAX);
	out->is_void = row_int(row, 0, 1) != 0;
	out->live = row_int(row, 0, 1) != 0;
	out->digits = (int)row_int(row, CODE_DIGITS_MIN, CODE_DIGITS_MAX);
	out->pin = row_int(row, 0, 1) != 0;
	row_text(row, out->purpose, sizeof(out->purpose));
	row_text(row, out->face_value, sizeof(out->face_value));
	out->registration_len = row_bytes(row, out->registration, sizeof(out->registration));
	out->frozen_until = row_int(row, 0, INT64_MAX);
	out->failures = (int)row_int(row, 0, INT32_MAX);
	out->freezes = (int)row_int(row, 0, INT32_MAX);
	out->created_at = row_int(row, INT64_MIN, INT64_MAX);
}

enum err_code store_credential_get(struct store *s, struct store_credential *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_CREDENTIAL_GET, ARGS(ARG_ID(id)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	credential_read(&row, out);
	return store_row_end(&row, err);
}

enum err_code store_credential_guard_put(struct store *s, const struct store_credential *in,
	struct err *err)
{
	return store_exec(s, SQL_CREDENTIAL_GUARD, NULL,
		ARGS(ARG_INT(in->is_void), ARG_INT(in->frozen_until), ARG_INT(in->failures),
			ARG_INT(in->freezes), ARG_ID(in->id)),
		err);
}

enum err_code store_credential_freeze_all(struct store *s, struct err *err)
{
	return store_exec(s, SQL_CREDENTIAL_FREEZE_ALL, NULL, ARGS(ARG_INT(STORE_FOR_EVER)), err);
}

enum err_code store_credential_generation_put(struct store *s,
	const uint8_t id[static CODE_ID_LEN], int generation, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_CREDENTIAL_GENERATION, &changes,
		ARGS(ARG_ID(id), ARG_INT(generation)), err);

	if (!e && changes != 1)
		e = STORE_NOT_FOUND(err);
	return e;
}

/* ---- keys ---- */

enum err_code store_key_insert(struct store *s, const struct store_key *in, struct err *err)
{
	return store_exec(s, SQL_KEY_INSERT, NULL,
		ARGS(ARG_ID(in->credential), ARG_INT(in->generation), ARG_INT(in->not_after),
			ARG_BLOB(in->static_body, CODE_STATIC_BODY_LEN),
			ARG_BLOB(in->sealed, in->sealed_len)),
		err);
}

enum err_code store_key_get(struct store *s, struct store_key *out,
	const uint8_t credential[static CODE_ID_LEN], int generation, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_KEY_GET,
		ARGS(ARG_ID(credential), ARG_INT(generation)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->credential, sizeof(out->credential));
	out->generation = (int)row_int(&row, 1, UINT16_MAX);
	out->not_after = (uint32_t)row_int(&row, 0, UINT32_MAX);
	row_blob(&row, out->static_body, sizeof(out->static_body));
	out->sealed_len = row_bytes(&row, out->sealed, sizeof(out->sealed));
	return store_row_end(&row, err);
}

enum err_code store_key_forget(struct store *s, const uint8_t credential[static CODE_ID_LEN],
	int before_generation, struct err *err)
{
	return store_exec(s, SQL_KEY_FORGET, NULL,
		ARGS(ARG_ID(credential), ARG_INT(before_generation)), err);
}

/* ---- activation and wallets ---- */

enum err_code store_activation_insert(struct store *s, const struct store_activation *in,
	struct err *err)
{
	return store_exec(s, SQL_ACTIVATION_INSERT, NULL,
		ARGS(ARG_BLOB(in->token, STORE_DIGEST_LEN), ARG_ID(in->credential),
			ARG_INT(in->generation), ARG_INT(in->expires_at)),
		err);
}

static enum err_code activation_read(struct store *s, struct store_activation *out,
	const uint8_t *token, enum store_sql n, const struct store_arg *args, size_t arg_count,
	struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	memcpy(out->token, token, STORE_DIGEST_LEN);
	row_blob(&row, out->credential, sizeof(out->credential));
	out->generation = (int)row_int(&row, 1, UINT16_MAX);
	out->expires_at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_activation_get(struct store *s, struct store_activation *out,
	const uint8_t token[static STORE_DIGEST_LEN], int64_t now, struct err *err)
{
	return activation_read(s, out, token, SQL_ACTIVATION_GET,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_INT(now)), err);
}

enum err_code store_activation_claimed(struct store *s, struct store_activation *out,
	const uint8_t token[static STORE_DIGEST_LEN], const uint8_t claim[static STORE_DIGEST_LEN],
	int64_t since, int64_t now, struct err *err)
{
	return activation_read(s, out, token, SQL_ACTIVATION_CLAIMED,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_BLOB(claim, STORE_DIGEST_LEN),
			ARG_INT(since), ARG_INT(now)),
		err);
}

enum err_code store_activation_use(struct store *s, bool *won,
	const uint8_t token[static STORE_DIGEST_LEN], struct span claim, int64_t now,
	struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_ACTIVATION_USE, &changes,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_INT(now),
			ARG_BLOB(claim.data, claim.len)),
		err);

	*won = !e && changes == 1;
	return e;
}

enum err_code store_activation_withdraw(struct store *s, const uint8_t *credential,
	struct err *err)
{
	if (!credential)
		return store_exec(s, SQL_ACTIVATION_WITHDRAW_ALL, NULL, NULL, 0, err);
	return store_exec(s, SQL_ACTIVATION_WITHDRAW, NULL, ARGS(ARG_ID(credential)), err);
}

enum err_code store_activation_open_after(struct store *s, uint8_t out[static CODE_ID_LEN],
	const uint8_t after[static CODE_ID_LEN], int64_t now, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(
		s, &row, SQL_ACTIVATION_OPEN_AFTER, ARGS(ARG_INT(now), ARG_ID(after)), err);

	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out, CODE_ID_LEN);
	return store_row_end(&row, err);
}

/* Is there a row at all? */
static enum err_code exists(struct store *s, bool *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	*out = !e && row.found;
	return e ? e : store_row_end(&row, err);
}

enum err_code store_activation_done(struct store *s, bool *done,
	const uint8_t credential[static CODE_ID_LEN], int generation, struct err *err)
{
	return exists(s, done, SQL_ACTIVATION_DONE,
		ARGS(ARG_ID(credential), ARG_INT(generation)), err);
}

enum err_code store_wallet_insert(struct store *s, const uint8_t token[static STORE_DIGEST_LEN],
	const uint8_t credential[static CODE_ID_LEN], int64_t now, struct err *err)
{
	return store_exec(s, SQL_WALLET_INSERT, NULL,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_ID(credential), ARG_INT(now)), err);
}

enum err_code store_wallet_get(struct store *s, uint8_t credential[static CODE_ID_LEN],
	const uint8_t token[static STORE_DIGEST_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_WALLET_GET,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN)), err);

	memset(credential, 0, CODE_ID_LEN);
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, credential, CODE_ID_LEN);
	return store_row_end(&row, err);
}

enum err_code store_wallet_revoke(struct store *s, const uint8_t credential[static CODE_ID_LEN],
	struct err *err)
{
	return store_exec(s, SQL_WALLET_REVOKE, NULL, ARGS(ARG_ID(credential)), err);
}

/* ---- live steps ---- */

enum err_code store_tag_get(struct store *s, struct store_tag *tag, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_TAG_GET,
		ARGS(ARG_ID(tag->credential), ARG_BLOB(tag->slot, tag->slot_len)), err);

	memset(tag->terminal, 0, sizeof(tag->terminal));
	tag->starts = tag->failures = 0;
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, tag->terminal, sizeof(tag->terminal));
	tag->starts = (int)row_int(&row, 0, INT32_MAX);
	tag->failures = (int)row_int(&row, 0, INT32_MAX);
	return store_row_end(&row, err);
}

enum err_code store_tag_put(struct store *s, const struct store_tag *tag, struct err *err)
{
	return store_exec(s, SQL_TAG_PUT, NULL,
		ARGS(ARG_ID(tag->credential), ARG_BLOB(tag->slot, tag->slot_len),
			ARG_ID(tag->terminal), ARG_INT(tag->starts), ARG_INT(tag->failures),
			ARG_INT(tag->at)),
		err);
}

enum err_code store_tag_prune(struct store *s, int *removed, int64_t before, int bite,
	struct err *err)
{
	return store_exec(s, SQL_TAG_PRUNE, removed, ARGS(ARG_INT(before), ARG_INT(bite)), err);
}

/* ---- numbers ---- */

enum err_code store_number_take(struct store *s, bool *fresh,
	const uint8_t credential[static CODE_ID_LEN], int generation, uint64_t number,
	struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_NUMBER_TAKE, &changes,
		ARGS(ARG_ID(credential), ARG_INT(generation), ARG_INT(number)), err);

	*fresh = !e && changes == 1;
	return e;
}
