/* SPDX-License-Identifier: Apache-2.0
 *
 * Events: written once, read in order, pruned from the old end.
 */
#include "backend/store_event.h"

#include <string.h>

#include "backend/store_driver.h"

/* Written for a wallet only while somebody listens: two statements, because one that reads the
 * table it adds to costs more than both.
 */
static enum err_code is_heard(struct store *s, bool *heard, const struct store_event *in,
	int64_t now, struct err *err)
{
	int64_t until = 0;
	enum err_code e = ERR_OK;

	if (in->for_wallet)
		e = store_listener_get(s, &until, in->credential, err);
	*heard = !e && (in->for_terminal || until > now);
	return e;
}

enum err_code store_event_insert(struct store *s, const struct store_event *in, int64_t now,
	struct err *err)
{
	bool heard = false;
	enum err_code e = is_heard(s, &heard, in, now, err);

	ASSERT(in->for_terminal != in->for_wallet);
	if (e || !heard)
		return e;
	return store_exec(s, SQL_EVENT_INSERT, NULL,
		ARGS(ARG_INT(1), ARG_INT(now),
			ARG_BLOB(in->terminal, in->for_terminal ? CODE_ID_LEN : 0),
			ARG_BLOB(in->credential, in->for_wallet ? CODE_ID_LEN : 0),
			ARG_TEXT(in->kind), ARG_TEXT(in->data)),
		err);
}

enum err_code store_event_skip(struct store *s, int64_t numbers, int64_t now, struct err *err)
{
	return store_exec(s, SQL_EVENT_INSERT, NULL,
		ARGS(ARG_INT(numbers), ARG_INT(now), ARG_BLOB(NULL, 0), ARG_BLOB(NULL, 0),
			ARG_TEXT("begin"), ARG_TEXT("{}")),
		err);
}

enum err_code store_event_last(struct store *s, int64_t *seq, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_EVENT_LAST, NULL, 0, err);

	*seq = 0;
	if (e)
		return e;
	ASSERT(row.found); /* an aggregate always has one row */
	*seq = row_int(&row, 1, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_event_known(struct store *s, bool *known, int64_t seq, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_EVENT_KNOWN, ARGS(ARG_INT(seq)), err);

	*known = !e && row.found;
	return e || !row.found ? e : store_row_end(&row, err);
}

enum err_code store_event_activated(struct store *s, int64_t *seq,
	const uint8_t credential[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e =
		store_row_begin(s, &row, SQL_EVENT_ACTIVATED, ARGS(ARG_ID(credential)), err);

	*seq = 0;
	if (e || !row.found)
		return e;
	*seq = row_int(&row, 1, INT64_MAX);
	return store_row_end(&row, err);
}

/* ---- lists ---- */

static bool read_id(struct store_row *row, uint8_t id[static CODE_ID_LEN])
{
	size_t len = row_bytes(row, id, CODE_ID_LEN);

	row->bad |= len != 0 && len != CODE_ID_LEN;
	return len == CODE_ID_LEN;
}

static void event_read(struct store_row *row, struct store_event *out)
{
	memset(out, 0, sizeof(*out));
	out->seq = row_int(row, 1, INT64_MAX);
	out->for_terminal = read_id(row, out->terminal);
	out->for_wallet = read_id(row, out->credential);
	row_text(row, out->kind, sizeof(out->kind));
	row_text(row, out->data, sizeof(out->data));
}

static enum err_code list(struct store *s, struct store_event *out, size_t *count,
	enum store_sql n, const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	*count = 0;
	if (e || !row.found)
		return e;
	while (!e && row.found) {
		event_read(&row, &out[(*count)++]); /* the statement has the limit */
		e = store_row_next(&row, err);
	}
	if (!e)
		e = store_row_end(&row, err);
	else
		ERR_IGNORE(store_row_end(&row, NULL)); /* the first error is told */
	return e;
}

enum err_code store_event_after(struct store *s, struct store_event *out, size_t max,
	size_t *count, int64_t after, struct err *err)
{
	return list(s, out, count, SQL_EVENT_AFTER, ARGS(ARG_INT(after), ARG_INT(max)), err);
}

enum err_code store_event_of_terminal(struct store *s, struct store_event *out, size_t max,
	size_t *count, const uint8_t terminal[static CODE_ID_LEN], int64_t after, struct err *err)
{
	static const uint8_t all[CODE_ID_LEN];

	return list(s, out, count, SQL_EVENT_OF_TERMINAL,
		ARGS(ARG_ID(terminal), ARG_ID(all), ARG_INT(after), ARG_INT(max)), err);
}

enum err_code store_event_of_wallet(struct store *s, struct store_event *out, size_t max,
	size_t *count, const uint8_t credential[static CODE_ID_LEN], int64_t after,
	struct err *err)
{
	return list(s, out, count, SQL_EVENT_OF_WALLET,
		ARGS(ARG_ID(credential), ARG_INT(after), ARG_INT(max)), err);
}

enum err_code store_event_prune(struct store *s, int64_t before, int rows, struct err *err)
{
	return store_exec(s, SQL_EVENT_PRUNE, NULL, ARGS(ARG_INT(before), ARG_INT(rows)), err);
}

/* ---- who listens ---- */

enum err_code store_listener_get(struct store *s, int64_t *until,
	const uint8_t credential[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_LISTENER_GET, ARGS(ARG_ID(credential)), err);

	*until = 0;
	if (e || !row.found)
		return e;
	*until = row_int(&row, INT64_MIN, INT64_MAX);
	return store_row_end(&row, err);
}

enum err_code store_listener_put(struct store *s, const uint8_t credential[static CODE_ID_LEN],
	int64_t until, struct err *err)
{
	return store_exec(s, SQL_LISTENER_PUT, NULL, ARGS(ARG_ID(credential), ARG_INT(until)),
		err);
}

static enum err_code find_waiting(struct store *s, uint8_t id[static CODE_ID_LEN],
	enum store_sql n, const uint8_t of[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, ARGS(ARG_ID(of)), err);

	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, id, CODE_ID_LEN);
	return store_row_end(&row, err);
}

enum err_code store_verification_waiting(struct store *s, uint8_t id[static CODE_ID_LEN],
	const uint8_t credential[static CODE_ID_LEN], struct err *err)
{
	return find_waiting(s, id, SQL_VERIFICATION_WAITING, credential, err);
}

enum err_code store_verification_waiting_account(struct store *s, uint8_t id[static CODE_ID_LEN],
	const uint8_t account[static CODE_ID_LEN], struct err *err)
{
	return find_waiting(s, id, SQL_VERIFICATION_WAITING_ACCOUNT, account, err);
}
