/* SPDX-License-Identifier: Apache-2.0
 *
 * Rotation of keys, daily sums, and the end of old rows.
 */
#include "backend/store_driver.h"
#include "backend/store_rows.h"

#include <string.h>

/* ---- issuer keys ---- */

enum err_code store_issuer_seal(struct store *s, const uint8_t key_id[static CODE_KEY_ID_LEN],
	struct span sealed, struct err *err)
{
	return store_exec(s, SQL_ISSUER_SEAL, NULL,
		ARGS(ARG_BLOB(key_id, CODE_KEY_ID_LEN), ARG_BLOB(sealed.data, sealed.len)), err);
}

enum err_code store_issuer_forget(struct store *s, struct err *err)
{
	return store_exec(s, SQL_ISSUER_FORGET, NULL, NULL, 0, err);
}

enum err_code store_issuer_end_put(struct store *s, const uint8_t key_id[static CODE_KEY_ID_LEN],
	int64_t not_after, struct err *err)
{
	return store_exec(s, SQL_ISSUER_END, NULL,
		ARGS(ARG_BLOB(key_id, CODE_KEY_ID_LEN), ARG_INT(not_after)), err);
}

enum err_code store_issuer_prune(struct store *s, int64_t now, struct err *err)
{
	return store_exec(s, SQL_ISSUER_PRUNE, NULL, ARGS(ARG_INT(now)), err);
}

/* One number, of an aggregate. */
static enum err_code number_of(struct store *s, int64_t *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	*out = 0;
	if (e)
		return e;
	*out = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_issuer_last_end(struct store *s, int64_t *out,
	const uint8_t key_id[static CODE_KEY_ID_LEN], struct err *err)
{
	return number_of(s, out, SQL_ISSUER_LAST_END, ARGS(ARG_BLOB(key_id, CODE_KEY_ID_LEN)),
		err);
}

/* ---- sealed secrets ---- */

enum err_code store_sealed_next(struct store *s, struct store_sealed *out, size_t *count,
	const struct store_sealed *after, struct span master, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_SEALED_NEXT,
		ARGS(ARG_ID(after->credential), ARG_INT(after->generation),
			ARG_BLOB(master.data, master.len), ARG_INT(STORE_SEALED_BITE)),
		err);

	*count = 0;
	while (!e && row.found && *count < STORE_SEALED_BITE) {
		struct store_sealed *to = &out[(*count)++];

		row_blob(&row, to->credential, CODE_ID_LEN);
		to->generation = (int)row_int(&row, 1, UINT16_MAX);
		to->sealed_len = row_bytes(&row, to->sealed, sizeof(to->sealed));
		e = store_row_next(&row, err);
	}
	return e ? e : store_row_end(&row, err);
}

enum err_code store_sealed_put(struct store *s, const struct store_sealed *old,
	struct span sealed, struct err *err)
{
	return store_exec(s, SQL_SEALED_PUT, NULL,
		ARGS(ARG_ID(old->credential), ARG_INT(old->generation),
			ARG_BLOB(sealed.data, sealed.len), ARG_BLOB(old->sealed, old->sealed_len)),
		err);
}

enum err_code store_sealed_count(struct store *s, int64_t *out, struct span master,
	struct err *err)
{
	return number_of(s, out, SQL_SEALED_COUNT, ARGS(ARG_BLOB(master.data, master.len)), err);
}

/* ---- amounts and wrong answers of an account ---- */

enum err_code store_day_sum(struct store *s, int64_t *out,
	const uint8_t account[static CODE_ID_LEN], int level, int64_t since, struct err *err)
{
	return number_of(s, out, SQL_DAY_SUM, ARGS(ARG_ID(account), ARG_INT(level), ARG_INT(since)),
		err);
}

enum err_code store_account_wrong_put(struct store *s, const struct store_account *in,
	struct err *err)
{
	return store_exec(s, SQL_ACCOUNT_WRONG, NULL,
		ARGS(ARG_ID(in->id), ARG_INT(in->wrong_day), ARG_INT(in->wrong_count)), err);
}

/* ---- the end of old rows ---- */

/* The first at this place or after it. */
static enum err_code verification_from(struct store *s, int64_t *place, int64_t *created_at,
	struct err *err)
{
	struct store_row row;
	enum err_code e =
		store_row_begin(s, &row, SQL_VERIFICATION_FROM, ARGS(ARG_INT(*place)), err);

	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	*place = row_int(&row, INT64_MIN, INT64_MAX);
	*created_at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

/* Places are in the order of making, whatever the clock said: what is before an old one is old,
 * too. Looked for, further away each time, only where the oldest was made in the future.
 */
static enum err_code find_old(struct store *s, int64_t *until, int64_t before, int64_t now,
	struct err *err)
{
	int64_t first = INT64_MIN, place, at = 0;
	enum err_code e = verification_from(s, &first, &at, err);

	*until = INT64_MIN;
	if (e || at <= now)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	for (int64_t step = 1; !e && step < INT64_MAX / 4; step *= 2) {
		place = first + step;
		e = verification_from(s, &place, &at, err);
		if (!e && at < before) {
			*until = place;
			return ERR_OK;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code store_verification_prune(struct store *s, int *removed, int64_t before, int64_t now,
	int bite, struct err *err)
{
	int64_t until;
	enum err_code e = find_old(s, &until, before, now, err);

	*removed = 0;
	return e ? e
		 : store_exec(s, SQL_VERIFICATION_PRUNE, removed,
			   ARGS(ARG_INT(before), ARG_INT(bite), ARG_INT(until)), err);
}

enum err_code store_number_forget(struct store *s, const uint8_t credential[static CODE_ID_LEN],
	int before_generation, struct err *err)
{
	return store_exec(s, SQL_NUMBER_FORGET, NULL,
		ARGS(ARG_ID(credential), ARG_INT(before_generation)), err);
}
