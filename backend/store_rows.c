/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings, issuer keys, holders, accounts, terminals and the audit table.
 */
#include "backend/store_rows.h"

#include <string.h>

#include "backend/store_driver.h"

enum err_code store_setting_put(struct store *s, const char *name, struct span value,
	struct err *err)
{
	return store_exec(s, SQL_SETTING_PUT, NULL,
		ARGS(ARG_TEXT(name), ARG_BLOB(value.data, value.len)), err);
}

enum err_code store_setting_get(struct store *s, const char *name, void *out, size_t out_cap,
	size_t *out_len, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_SETTING_GET, ARGS(ARG_TEXT(name)), err);

	*out_len = 0;
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	*out_len = row_bytes(&row, out, out_cap);
	return store_row_end(&row, err);
}

enum err_code store_issuer_insert(struct store *s, const struct store_issuer *in, struct err *err)
{
	return store_exec(s, SQL_ISSUER_INSERT, NULL,
		ARGS(ARG_BLOB(in->key_id, CODE_KEY_ID_LEN),
			ARG_BLOB(in->public_key, SEC_ED25519_PUBLIC_LEN),
			ARG_BLOB(in->sealed, in->sealed_len), ARG_INT(in->not_before),
			ARG_INT(in->not_after)),
		err);
}

enum err_code store_issuer_nth(struct store *s, struct store_issuer *out, int nth, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_ISSUER_NTH, ARGS(ARG_INT(nth)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->key_id, sizeof(out->key_id));
	row_blob(&row, out->public_key, sizeof(out->public_key));
	out->sealed_len = row_bytes(&row, out->sealed, sizeof(out->sealed));
	out->not_before = row_int(&row, 0, INT64_MAX);
	out->not_after = row_int(&row, 0, INT64_MAX);
	return store_row_end(&row, err);
}

/* ---- holders and accounts ---- */

enum err_code store_holder_insert(struct store *s, const struct store_holder *in, struct err *err)
{
	return store_exec(s, SQL_HOLDER_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_TEXT(in->name), ARG_TEXT(in->phone),
			ARG_INT(in->created_at)),
		err);
}

enum err_code store_holder_get(struct store *s, struct store_holder *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_HOLDER_GET, ARGS(ARG_ID(id)), err);

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

enum err_code store_account_insert(struct store *s, const struct store_account *in,
	struct err *err)
{
	return store_exec(s, SQL_ACCOUNT_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_ID(in->holder), ARG_TEXT(in->number),
			ARG_TEXT(in->pin_hash), ARG_INT(in->created_at)),
		err);
}

enum err_code store_account_get(struct store *s, struct store_account *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_ACCOUNT_GET, ARGS(ARG_ID(id)), err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_blob(&row, out->holder, sizeof(out->holder));
	row_text(&row, out->number, sizeof(out->number));
	row_text(&row, out->pin_hash, sizeof(out->pin_hash));
	out->pin_failures = (int)row_int(&row, 0, INT32_MAX);
	out->pin_locked = row_int(&row, 0, 1) != 0;
	out->created_at = row_int(&row, INT64_MIN, INT64_MAX);
	out->wrong_day = row_int(&row, INT64_MIN, INT64_MAX);
	out->wrong_count = (int)row_int(&row, 0, INT32_MAX);
	return store_row_end(&row, err);
}

enum err_code store_account_pin_put(struct store *s, const struct store_account *in,
	struct err *err)
{
	return store_exec(s, SQL_ACCOUNT_PIN, NULL,
		ARGS(ARG_INT(in->pin_failures), ARG_INT(in->pin_locked), ARG_ID(in->id)), err);
}

/* ---- terminals ---- */

enum err_code store_terminal_insert(struct store *s, const struct store_terminal *in,
	struct err *err)
{
	return store_exec(s, SQL_TERMINAL_INSERT, NULL,
		ARGS(ARG_ID(in->id), ARG_TEXT(in->name), ARG_TEXT(in->merchant),
			ARG_BLOB(in->token, STORE_DIGEST_LEN), ARG_INT(in->created_at)),
		err);
}

enum err_code store_terminal_enrol(struct store *s, const struct store_terminal *in,
	struct err *err)
{
	return store_exec(s, SQL_TERMINAL_ENROL, NULL,
		ARGS(ARG_TEXT(in->merchant), ARG_BLOB(in->token, STORE_DIGEST_LEN),
			ARG_ID(in->id)),
		err);
}

static enum err_code terminal_read(struct store *s, struct store_terminal *out, enum store_sql n,
	struct store_arg key, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, &key, 1, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	row_blob(&row, out->id, sizeof(out->id));
	row_text(&row, out->name, sizeof(out->name));
	row_text(&row, out->merchant, sizeof(out->merchant));
	out->stopped = row_int(&row, 0, 1) != 0;
	out->wrong_row = (int)row_int(&row, 0, INT32_MAX);
	out->static_day = row_int(&row, INT64_MIN, INT64_MAX);
	out->static_wrong = (int)row_int(&row, 0, INT32_MAX);
	return store_row_end(&row, err);
}

enum err_code store_terminal_get(struct store *s, struct store_terminal *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	return terminal_read(s, out, SQL_TERMINAL_BY_ID, ARG_ID(id), err);
}

enum err_code store_terminal_by_name(struct store *s, struct store_terminal *out,
	const char *name, struct err *err)
{
	return terminal_read(s, out, SQL_TERMINAL_BY_NAME, ARG_TEXT(name), err);
}

enum err_code store_terminal_by_token(struct store *s, struct store_terminal *out,
	const uint8_t token[static STORE_DIGEST_LEN], struct err *err)
{
	return terminal_read(s, out, SQL_TERMINAL_BY_TOKEN, ARG_BLOB(token, STORE_DIGEST_LEN),
		err);
}

enum err_code store_terminal_guard_put(struct store *s, const struct store_terminal *in,
	struct err *err)
{
	return store_exec(s, SQL_TERMINAL_GUARD, NULL,
		ARGS(ARG_INT(in->stopped), ARG_INT(in->wrong_row), ARG_INT(in->static_day),
			ARG_INT(in->static_wrong), ARG_ID(in->id)),
		err);
}

/* ---- audit ---- */

enum err_code store_audit_insert(struct store *s, const struct store_audit *in, struct err *err)
{
	enum err_code e = store_exec(s, SQL_AUDIT_INSERT, NULL,
		ARGS(ARG_INT(in->seq), ARG_INT(in->at), ARG_TEXT(in->kind),
			ARG_BLOB(in->credential, in->credential_len),
			ARG_BLOB(in->terminal, in->terminal_len),
			ARG_BLOB(in->verification, in->verification_len), ARG_TEXT(in->detail),
			ARG_BLOB(in->prev, STORE_DIGEST_LEN), ARG_BLOB(in->hash, STORE_DIGEST_LEN)),
		err);

	if (!s->rehearsing) {
		s->last_known = !e;
		s->last = *in;
	}
	return e;
}

static void audit_columns(struct store_row *row, struct store_audit *out)
{
	memset(out, 0, sizeof(*out));
	out->seq = row_int(row, INT64_MIN, INT64_MAX);
	out->at = row_int(row, INT64_MIN, INT64_MAX);
	row_text(row, out->kind, sizeof(out->kind));
	out->credential_len = row_bytes(row, out->credential, CODE_ID_LEN);
	out->terminal_len = row_bytes(row, out->terminal, CODE_ID_LEN);
	out->verification_len = row_bytes(row, out->verification, CODE_ID_LEN);
	row_text(row, out->detail, sizeof(out->detail));
	row_blob(row, out->prev, STORE_DIGEST_LEN);
	row_blob(row, out->hash, STORE_DIGEST_LEN);
}

static enum err_code audit_read(struct store *s, struct store_audit *out, enum store_sql n,
	const struct store_arg *args, size_t arg_count, struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, n, args, arg_count, err);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (!row.found)
		return STORE_NOT_FOUND(err);
	audit_columns(&row, out);
	return store_row_end(&row, err);
}

/* Asked for before each record that is written: whoever writes alone knows what it wrote. */
enum err_code store_audit_last(struct store *s, struct store_audit *out, struct err *err)
{
	enum err_code e;

	if (s->begun && s->last_known) {
		*out = s->last;
		return ERR_OK;
	}
	e = audit_read(s, out, SQL_AUDIT_LAST, NULL, 0, err);
	s->last_known = !e && s->begun;
	if (s->last_known)
		s->last = *out;
	return e;
}

enum err_code store_audit_committed(struct store *s, struct store_audit *out, struct err *err)
{
	if (s->begun || !s->last_known)
		return store_audit_last(s, out, err);
	*out = s->last;
	return ERR_OK;
}

static enum err_code page_read(struct store *s, struct store_audit_page *page, int64_t seq,
	struct err *err)
{
	struct store_row row;
	enum err_code e = store_row_begin(s, &row, SQL_AUDIT_PAGE,
		ARGS(ARG_INT(seq), ARG_INT(STORE_AUDIT_PAGE)), err);

	page->count = page->at = 0;
	if (e)
		return e;
	while (!e && row.found && page->count < STORE_AUDIT_PAGE) {
		audit_columns(&row, &page->row[page->count++]);
		e = row.bad ? ERR_OK : store_row_next(&row, err);
		if (row.bad)
			break;
	}
	return e ? e : store_row_end(&row, err);
}

enum err_code store_audit_walk(struct store *s, struct store_audit_page *page,
	struct store_audit *out, int64_t seq, struct err *err)
{
	enum err_code e = ERR_OK;

	if (page->at == page->count || page->at == 0 || page->row[page->at - 1].seq != seq)
		e = page_read(s, page, seq, err);
	if (e == ERR_CORRUPT) { /* which one? */
		page->count = page->at = 0;
		return store_audit_next(s, out, seq, err);
	}
	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	if (page->at == page->count)
		return STORE_NOT_FOUND(err);
	*out = page->row[page->at++];
	return ERR_OK;
}

enum err_code store_audit_next(struct store *s, struct store_audit *out, int64_t seq,
	struct err *err)
{
	return audit_read(s, out, SQL_AUDIT_NEXT, ARGS(ARG_INT(seq)), err);
}

enum err_code store_audit_guarded(struct store *s, struct store_audit *out, int64_t seq,
	struct err *err)
{
	return audit_read(s, out, SQL_AUDIT_GUARDED, ARGS(ARG_INT(seq)), err);
}
