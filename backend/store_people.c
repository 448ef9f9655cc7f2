/* SPDX-License-Identifier: Apache-2.0
 *
 * Staff, sessions, identity questions, calls, and the list of barred credentials.
 */
#include "backend/store_people.h"

#include <string.h>

#include "backend/store_driver.h"

/* ---- staff ---- */

/* As they are stored: see store_sql_people.h. */
enum { ROW_OPERATOR = 1, ROW_ADMIN = 2, DUTY_CASHIER = 1, DUTY_TELLER = 2, DUTY_SUPERVISOR = 3 };

static int64_t row_role(enum staff_role role)
{
	return role == STAFF_ADMIN ? ROW_ADMIN : ROW_OPERATOR;
}

static int64_t row_duty(enum staff_role role)
{
	switch (role) {
	case STAFF_CASHIER:
		return DUTY_CASHIER;
	case STAFF_SUPERVISOR:
		return DUTY_SUPERVISOR;
	default:
		return DUTY_TELLER;
	}
}

static enum staff_role role_of(int64_t role, int64_t duty)
{
	if (role == ROW_ADMIN)
		return STAFF_ADMIN;
	if (duty == DUTY_SUPERVISOR)
		return STAFF_SUPERVISOR;
	return duty == DUTY_TELLER ? STAFF_OPERATOR : STAFF_CASHIER;
}

enum err_code store_staff_insert(struct store *s, const struct store_staff *in, struct err *err)
{
	return store_exec(s, SQL_STAFF_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_TEXT(in->name), ARG_INT(row_role(in->role)),
			ARG_INT(row_duty(in->role)), ARG_TEXT(in->pass_hash),
			ARG_INT(in->created_at)),
		err);
}

static enum err_code staff_read(struct store *s, struct store_staff *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	int64_t role;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_text(&row, out->name, sizeof(out->name));
	role = row_int(&row, ROW_OPERATOR, ROW_ADMIN);
	out->role = role_of(role, row_int(&row, DUTY_CASHIER, DUTY_SUPERVISOR));
	row_text(&row, out->pass_hash, sizeof(out->pass_hash));
	out->stopped = row_int(&row, 0, 1) != 0;
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_staff_get(struct store *s, struct store_staff *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	return staff_read(s, out, SQL_STAFF_GET, ARGS(ARG_ID(id)), err);
}

enum err_code store_staff_by_name(struct store *s, struct store_staff *out, const char *name,
	struct err *err)
{
	return staff_read(s, out, SQL_STAFF_BY_NAME, ARGS(ARG_TEXT(name)), err);
}

enum err_code store_staff_after(struct store *s, struct store_staff *out, const char *name,
	struct err *err)
{
	return staff_read(s, out, SQL_STAFF_AFTER, ARGS(ARG_TEXT(name)), err);
}

enum err_code store_staff_put(struct store *s, const struct store_staff *in, struct err *err)
{
	return store_exec(s, SQL_STAFF_PUT, NULL,
		ARGS(ARG_INT(row_role(in->role)), ARG_INT(row_duty(in->role)),
			ARG_TEXT(in->pass_hash), ARG_INT(in->stopped),
			ARG_ID(in->id)),
		err);
}

enum err_code store_staff_stop_all(struct store *s, struct err *err)
{
	return store_exec(s, SQL_STAFF_STOP_ALL, NULL, NULL, 0, err);
}

/* ---- sessions ---- */

enum err_code store_session_insert(struct store *s, const uint8_t token[static STORE_DIGEST_LEN],
	const uint8_t staff[static CODE_ID_LEN], int64_t now, int64_t expires_at, struct err *err)
{
	return store_exec(s, SQL_SESSION_INSERT, NULL,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_ID(staff), ARG_INT(now),
			ARG_INT(expires_at)),
		err);
}

enum err_code store_session_staff(struct store *s, struct store_staff *out,
	const uint8_t token[static STORE_DIGEST_LEN], int64_t now, struct err *err)
{
	return staff_read(s, out, SQL_SESSION_STAFF,
		ARGS(ARG_BLOB(token, STORE_DIGEST_LEN), ARG_INT(now)), err);
}

enum err_code store_session_end(struct store *s, const uint8_t token[static STORE_DIGEST_LEN],
	struct err *err)
{
	return store_exec(
		s, SQL_SESSION_END, NULL, ARGS(ARG_BLOB(token, STORE_DIGEST_LEN)), err);
}

enum err_code store_session_end_of(struct store *s, const uint8_t *staff, struct err *err)
{
	if (!staff)
		return store_exec(s, SQL_SESSION_END_ALL, NULL, NULL, 0, err);
	return store_exec(s, SQL_SESSION_END_OF, NULL, ARGS(ARG_ID(staff)), err);
}

enum err_code store_session_prune(struct store *s, int64_t now, struct err *err)
{
	return store_exec(s, SQL_SESSION_PRUNE, NULL, ARGS(ARG_INT(now)), err);
}

enum err_code store_try_get(struct store *s, struct store_try *t, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_TRY_GET, ARGS(ARG_ID(t->slot)), err);

	t->failures = 0;
	t->at = 0;
	if (e || !row.found)
		return e;
	t->failures = (int)row_int(&row, 0, INT32_MAX);
	t->at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_try_put(struct store *s, const struct store_try *t, struct err *err)
{
	return store_exec(s, SQL_TRY_PUT, NULL,
		ARGS(ARG_ID(t->slot), ARG_INT(t->failures), ARG_INT(t->at)), err);
}

enum err_code store_try_forget(struct store *s, const uint8_t slot[static CODE_ID_LEN],
	struct err *err)
{
	return store_exec(s, SQL_TRY_FORGET, NULL, ARGS(ARG_ID(slot)), err);
}

enum err_code store_try_prune(struct store *s, int64_t before, struct err *err)
{
	return store_exec(s, SQL_TRY_PRUNE, NULL, ARGS(ARG_INT(before)), err);
}

/* ---- questions ---- */

enum err_code store_question_put(struct store *s, const struct store_question *in,
	struct err *err)
{
	return store_exec(s, SQL_QUESTION_PUT, NULL,
		ARGS(ARG_ID(in->holder), ARG_INT(in->place), ARG_TEXT(in->kind),
			ARG_TEXT(in->words), ARG_TEXT(in->answer_hash)),
		err);
}

enum err_code store_question_after(struct store *s, struct store_question *out,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_QUESTION_AFTER,
		ARGS(ARG_ID(holder), ARG_INT(place)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	memcpy(out->holder, holder, CODE_ID_LEN);
	out->place = (int)row_int(&row, 1, STORE_QUESTIONS_MAX);
	row_text(&row, out->kind, sizeof(out->kind));
	row_text(&row, out->words, sizeof(out->words));
	row_text(&row, out->answer_hash, sizeof(out->answer_hash));
	return store_row_end(&row, err);
}

enum err_code store_question_remove(struct store *s, bool *removed,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err)
{
	int changes = 0;
	enum err_code e = store_exec(s, SQL_QUESTION_REMOVE, &changes,
		ARGS(ARG_ID(holder), ARG_INT(place)), err);

	*removed = changes > 0;
	return e;
}

/* ---- calls ---- */

enum err_code store_call_insert(struct store *s, const struct store_call *in, struct err *err)
{
	return store_exec(s, SQL_CALL_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_ID(in->staff), ARG_ID(in->holder),
			ARG_BLOB(in->asked, in->asked_len), ARG_INT(in->identified),
			ARG_INT(in->created_at), ARG_INT(in->expires_at)),
		err);
}

enum err_code store_call_get(struct store *s, struct store_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_CALL_GET, ARGS(ARG_ID(id)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_blob(&row, out->staff, sizeof(out->staff));
	row_blob(&row, out->holder, sizeof(out->holder));
	out->state = (enum store_call_state)row_int(&row, CALL_OPEN, CALL_FAILED);
	out->asked_len = row_bytes(&row, out->asked, sizeof(out->asked));
	out->right_mask = (unsigned)row_int(&row, 0, (1 << STORE_QUESTIONS_MAX) - 1);
	out->wrong = (int)row_int(&row, 0, INT32_MAX);
	out->identified = row_int(&row, 0, 1) != 0;
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	out->expires_at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_call_put(struct store *s, const struct store_call *in, struct err *err)
{
	return store_exec(s, SQL_CALL_PUT, NULL,
		ARGS(ARG_INT(in->state), ARG_INT(in->right_mask), ARG_INT(in->wrong),
			ARG_INT(in->identified), ARG_ID(in->id)),
		err);
}

enum err_code store_call_end_all(struct store *s, struct err *err)
{
	return store_exec(s, SQL_CALL_END_ALL, NULL, NULL, 0, err);
}

static enum err_code one_number(struct store *s, int64_t *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	*out = 0;
	if (e)
		return e;
	*out = row_int(&row, 0, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_call_count(struct store *s, int64_t *out,
	const uint8_t holder[static CODE_ID_LEN], int64_t after, struct err *err)
{
	return one_number(s, out, SQL_CALL_COUNT, ARGS(ARG_ID(holder), ARG_INT(after)), err);
}

enum err_code store_call_prune(struct store *s, int64_t before, struct err *err)
{
	return store_exec(s, SQL_CALL_PRUNE, NULL, ARGS(ARG_INT(before)), err);
}

/* ---- finding ---- */

enum err_code store_holder_by_phone(struct store *s, struct store_holder *out, const char *phone,
	int nth, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_HOLDER_BY_PHONE,
		ARGS(ARG_TEXT(phone), ARG_INT(nth)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_text(&row, out->name, sizeof(out->name));
	row_text(&row, out->phone, sizeof(out->phone));
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_account_by_number(struct store *s, struct store_account *out,
	const char *number, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	struct store_row row;
	enum err_code e =
		store_row_begin(s, &row, SQL_ACCOUNT_BY_NUMBER, ARGS(ARG_TEXT(number)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, id, sizeof(id));
	e = store_row_end(&row, err);
	return e ? e : store_account_get(s, out, id, err);
}

enum err_code store_credential_of_holder(struct store *s, uint8_t out[static CODE_ID_LEN],
	const uint8_t holder[static CODE_ID_LEN], const uint8_t after[static CODE_ID_LEN],
	struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_CREDENTIAL_OF_HOLDER,
		ARGS(ARG_ID(holder), ARG_ID(after)), err);

	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out, CODE_ID_LEN);
	return store_row_end(&row, err);
}

/* ---- what an issuer tells ---- */

static enum err_code barred_read(struct store *s, struct store_barred *out, size_t max,
	size_t *count, bool is_void, const struct store_arg *args, size_t arg_count,
	struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row,
		is_void ? SQL_CREDENTIAL_VOID : SQL_CREDENTIAL_FROZEN, args, arg_count, err);

	if (e)
		return e;
	while (row.found && *count < max) {
		struct store_barred *to = &out[(*count)++];

		row_blob(&row, to->id, sizeof(to->id));
		to->is_void = is_void;
		to->until = is_void ? 0 : row_int(&row, 1, INT64_MAX);
		e = store_row_next(&row, err);
		if (e)
			return e;
	}
	return store_row_end(&row, err);
}

enum err_code store_barred_list(struct store *s, struct store_barred *out, size_t max,
	size_t *count, int64_t now, struct err *err)
{
	enum err_code e;

	*count = 0;
	e = barred_read(s, out, max, count, false, ARGS(ARG_INT(now), ARG_INT(max)), err);
	return e ? e : barred_read(s, out, max, count, true, ARGS(ARG_INT(max)), err);
}

enum err_code store_issuer_version(struct store *s, int64_t *out, struct err *err)
{
	return one_number(s, out, SQL_ISSUER_VERSION, NULL, 0, err);
}
