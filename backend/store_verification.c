/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifications: made once, read, and moved on by one conditional statement at a time.
 */
#include "backend/store_rows.h"

#include <string.h>

#include "backend/store_driver.h"

#define STATE_LAST 5

enum err_code store_verification_insert(struct store *s, const struct store_verification *in,
	struct err *err)
{
	return store_exec(s, SQL_VERIFICATION_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_ID(in->credential), ARG_INT(in->generation),
			ARG_ID(in->terminal), ARG_INT(in->created_at), ARG_INT(in->expires_at),
			ARG_INT(in->number), ARG_INT(in->digits), ARG_INT(in->amount),
			ARG_TEXT(in->currency), ARG_INT(in->min_binding), ARG_INT(in->timed),
			ARG_INT(in->pin), ARG_BLOB(in->slot, in->slot_len),
			ARG_BLOB(in->challenge, in->challenge_len),
			ARG_BLOB(in->request, STORE_DIGEST_LEN), ARG_TEXT(in->reference),
			ARG_TEXT(in->operator_name), ARG_ID(in->account), ARG_INT(in->level)),
		err);
}

static void verification_read(struct store_row *row, struct store_verification *out)
{
	row_blob(row, out->id, sizeof(out->id));
	row_blob(row, out->credential, sizeof(out->credential));
	out->generation = (int)row_int(row, 1, UINT16_MAX);
	row_blob(row, out->terminal, sizeof(out->terminal));
	out->state = (int)row_int(row, 0, STATE_LAST);
	row_text(row, out->reason, sizeof(out->reason));
	out->created_at = row_int(row, INT64_MIN, INT64_MAX);
	out->expires_at = row_int(row, INT64_MIN, INT64_MAX);
	if (row_null(row))
		row_skip(row);
	else
		out->deadline = row_int(row, 1, INT64_MAX);
	out->number = (uint64_t)row_int(row, 0, INT64_MAX);
	out->digits = (int)row_int(row, CODE_DIGITS_MIN, CODE_DIGITS_MAX);
	out->amount = (uint64_t)row_int(row, 0, INT64_MAX);
	row_text(row, out->currency, sizeof(out->currency));
	out->min_binding = (int)row_int(row, CODE_BINDING_NUMBER, CODE_BINDING_CHALLENGE);
	out->timed = row_int(row, 0, 1) != 0;
	out->pin = row_int(row, 0, 1) != 0;
	out->slot_len = row_bytes(row, out->slot, sizeof(out->slot));
	out->challenge_len = row_bytes(row, out->challenge, sizeof(out->challenge));
	row_blob(row, out->request, sizeof(out->request));
	out->answered = !row_null(row);
	if (out->answered)
		row_blob(row, out->answer, sizeof(out->answer));
	else
		row_skip(row);
	out->pin_tries = (int)row_int(row, 0, INT32_MAX);
	if (row_null(row))
		row_skip(row);
	else
		row_text(row, out->receipt, sizeof(out->receipt));
	row_blob(row, out->account, sizeof(out->account));
	out->level = (int)row_int(row, 0, INT32_MAX);
}

static enum err_code verification_find(struct store *s, struct store_verification *out,
	enum store_sql n, const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	verification_read(&row, out);
	return store_row_end(&row, err);
}

enum err_code store_verification_get(struct store *s, struct store_verification *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	return verification_find(s, out, SQL_VERIFICATION_GET, ARGS(ARG_ID(id)), err);
}

enum err_code store_verification_same(struct store *s, struct store_verification *out,
	const uint8_t terminal[static CODE_ID_LEN],
	const uint8_t request[static STORE_DIGEST_LEN], int64_t since, int64_t now,
	struct err *err)
{
	return verification_find(s, out, SQL_VERIFICATION_SAME,
		ARGS(ARG_ID(terminal), ARG_INT(since), ARG_BLOB(request, STORE_DIGEST_LEN),
			ARG_INT(now)),
		err);
}

enum err_code store_verification_due(struct store *s, struct store_verification *out,
	int64_t now, struct err *err)
{
	return verification_find(s, out, SQL_VERIFICATION_DUE, ARGS(ARG_INT(now)), err);
}

/* ---- for an administrator ---- */

static int64_t time_or_zero(struct store_row *row)
{
	if (!row_null(row))
		return row_int(row, INT64_MIN, INT64_MAX);
	row_skip(row);
	return 0;
}

static enum err_code told_find(struct store *s, struct store_told *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	out->place = row_int(&row, INT64_MIN, INT64_MAX);
	row_blob(&row, out->id, sizeof(out->id));
	out->state = (int)row_int(&row, 0, STATE_LAST);
	row_text(&row, out->reason, sizeof(out->reason));
	row_blob(&row, out->credential, sizeof(out->credential));
	row_text(&row, out->terminal, sizeof(out->terminal));
	out->amount = (uint64_t)row_int(&row, 0, INT64_MAX);
	row_text(&row, out->currency, sizeof(out->currency));
	row_text(&row, out->reference, sizeof(out->reference));
	row_text(&row, out->operator_name, sizeof(out->operator_name));
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	out->deadline = time_or_zero(&row);
	out->decided_at = time_or_zero(&row);
	out->pin = row_int(&row, 0, 1) != 0;
	out->pin_tries = (int)row_int(&row, 0, INT32_MAX);
	if (!row_null(&row))
		row_text(&row, out->receipt, sizeof(out->receipt));
	return store_row_end(&row, err);
}

enum err_code store_verification_told(struct store *s, struct store_told *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	return told_find(s, out, SQL_VERIFICATION_TOLD, ARGS(ARG_ID(id)), err);
}

enum err_code store_verification_before(struct store *s, struct store_told *out, int64_t place,
	int64_t open_at, struct err *err)
{
	if (!open_at)
		return told_find(s, out, SQL_VERIFICATION_BEFORE, ARGS(ARG_INT(place)), err);
	return told_find(s, out, SQL_VERIFICATION_BEFORE_OPEN,
		ARGS(ARG_INT(place), ARG_INT(open_at)), err);
}

enum err_code store_verification_before_offline(struct store *s, struct store_told *out,
	int64_t place, struct err *err)
{
	return told_find(s, out, SQL_VERIFICATION_BEFORE_OFFLINE, ARGS(ARG_INT(place)), err);
}

/* ---- ways out of a state ---- */

static struct store_arg receipt_arg(const struct store_verification *v)
{
	return v->receipt[0] ? ARG_TEXT(v->receipt) : ARG_NULL;
}

static struct store_arg deadline_arg(const struct store_verification *v)
{
	return v->deadline ? ARG_INT(v->deadline) : ARG_NULL;
}

enum err_code store_verification_decide(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_VERIFICATION_DECIDE, &changes,
		ARGS(ARG_ID(to->id), ARG_INT(now), ARG_INT(to->state), ARG_TEXT(to->reason),
			ARG_BLOB(to->answer, STORE_DIGEST_LEN), receipt_arg(to),
			deadline_arg(to), ARG_ID(to->credential), ARG_ID(to->terminal),
			ARG_ID(to->account)),
		err);

	*won = !e && changes == 1;
	return e;
}

enum err_code store_verification_pin(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_VERIFICATION_PIN, &changes,
		ARGS(ARG_ID(to->id), ARG_INT(now), ARG_INT(to->state), ARG_TEXT(to->reason),
			ARG_INT(to->pin_tries), receipt_arg(to), deadline_arg(to),
			ARG_ID(to->credential), ARG_ID(to->terminal), ARG_ID(to->account)),
		err);

	*won = !e && changes == 1;
	return e;
}

enum err_code store_verification_close(struct store *s, bool *won,
	const struct store_verification *to, int64_t now, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_VERIFICATION_CLOSE, &changes,
		ARGS(ARG_ID(to->id), ARG_INT(now), ARG_INT(to->state), ARG_TEXT(to->reason),
			ARG_ID(to->credential), ARG_ID(to->terminal), ARG_ID(to->account)),
		err);

	*won = !e && changes == 1;
	return e;
}

/* ---- budgets ---- */

static void starts_read(struct store_row *row, struct store_starts *out)
{
	out->count = row_int(row, 0, INT64_MAX);
	out->last_at = row_int(row, INT64_MIN, INT64_MAX);
	out->first_at = row_int(row, INT64_MIN, INT64_MAX);
}

static enum err_code starts_find(struct store *s, struct store_starts *shorter,
	struct store_starts *longer, enum store_sql n, const struct store_arg *args,
	size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	*shorter = *longer = (struct store_starts){0};
	if (e)
		return e;
	starts_read(&row, longer); /* an aggregate always has one row */
	shorter->count = row_int(&row, 0, INT64_MAX);
	shorter->first_at = row_int(&row, INT64_MIN, INT64_MAX);
	shorter->last_at = shorter->count ? longer->last_at : 0;
	return store_row_end(&row, err);
}

enum err_code store_starts_of_credential(struct store *s, struct store_starts *shorter,
	struct store_starts *longer, const uint8_t credential[static CODE_ID_LEN],
	int64_t short_after, int64_t long_after, struct err *err)
{
	return starts_find(s, shorter, longer, SQL_STARTS_CREDENTIAL,
		ARGS(ARG_ID(credential), ARG_INT(short_after), ARG_INT(long_after)), err);
}

enum err_code store_starts_of_account(struct store *s, struct store_starts *shorter,
	struct store_starts *longer, const struct store_account *account, int64_t short_after,
	int64_t long_after, struct err *err)
{
	return starts_find(s, shorter, longer, SQL_STARTS_ACCOUNT,
		ARGS(ARG_ID(account->holder), ARG_ID(account->id), ARG_INT(short_after),
			ARG_INT(long_after)),
		err);
}

enum err_code store_starts_of_terminal(struct store *s, struct store_starts *out,
	const uint8_t terminal[static CODE_ID_LEN], int64_t after, int64_t limit, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_STARTS_TERMINAL,
		ARGS(ARG_ID(terminal), ARG_INT(after), ARG_INT(limit)), err);

	*out = (struct store_starts){0};
	if (e)
		return e;
	starts_read(&row, out);
	return store_row_end(&row, err);
}
