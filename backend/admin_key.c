/* SPDX-License-Identifier: Apache-2.0
 *
 * key rotate, key list, audit export, policy show.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/admin.h"
#include "base/file.h"
#include "base/log.h"

/* ---- key rotate ---- */

static void tell_hex(struct admin *a, const char *name, const uint8_t *data, size_t len)
{
	json_out_hex(&a->json, name, SPAN(data, len));
}

static enum err_code rotate_master(struct admin *a, const char *new_path, struct err *err)
{
	struct service_rotation r;
	enum err_code e;

	if (!new_path && !service_key_prepared(a->service, err))
		return admin_setup_fault(err);
	if (new_path && access(new_path, R_OK) != 0) {
		ERR_IGNORE(err_set_os(err, ERR_USAGE, errno, "%s", new_path)); /* see below */
		return admin_setup_fault(err);
	}
	e = service_key_rotate_master(a->service, &r, new_path, err);
	if (e)
		return e;
	tell_hex(a, "master", r.master, sizeof(r.master));
	json_out_int(&a->json, "sealed", r.sealed);
	json_out_bool(&a->json, "waits", r.waits);
	if (r.waits)
		log_line(LOG_WARNING, "keys",
			"everything is sealed under the new key, which is in DIR/master.next for"
			" now: put it into %s, then run `key rotate master` once more", r.path);
	return ERR_OK;
}

static void tell_issuer(struct admin *a, const struct keyring_issuer *issuer, bool signs)
{
	tell_hex(a, "key_id", issuer->key_id, CODE_KEY_ID_LEN);
	tell_hex(a, "key", issuer->public_key, SEC_ED25519_PUBLIC_LEN);
	json_out_int(&a->json, "not_before", issuer->not_before);
	if (issuer->not_after != INT64_MAX)
		json_out_int(&a->json, "not_after", issuer->not_after);
	json_out_bool(&a->json, "signs", signs);
}

enum err_code admin_key_rotate(struct admin *a, struct err *err)
{
	const char *new_path = NULL, *word = NULL;
	const struct arg list[] = {{.name = "new", .text = &new_path}};
	struct args_words words = {.list = &word, .max = 1};
	enum err_code e = args_parse(a->argc, a->argv, list, 1, &words, err);

	if (e)
		return e;
	if (new_path && (!word || strcmp(word, "master") != 0))
		return err_set(err, ERR_USAGE, "--new is for the master key only");
	if (word && strcmp(word, "master") == 0)
		return rotate_master(a, new_path, err);
	if (word && strcmp(word, "number") == 0) {
		e = service_key_rotate_number(a->service, err);
		if (!e)
			json_out_text(&a->json, "rotated", "number");
		return e;
	}
	if (word && strcmp(word, "issuer") == 0) {
		e = service_key_rotate_issuer(a->service, err);
		if (!e)
			tell_issuer(a, keyring_issuer_at(a->service->keys, 0), true);
		return e;
	}
	return err_set(err, ERR_USAGE, "say which key: master, number or issuer");
}

enum err_code admin_key_list(struct admin *a, struct err *err)
{
	const struct keyring *keys = a->service->keys;
	int64_t left = 0;
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, NULL, err);

	if (!e)
		e = service_key_left(a->service, &left, err);
	if (e)
		return e;
	tell_hex(a, "master", keyring_master_sealing(keys), KEYRING_MASTER_ID_LEN);
	json_out_text(&a->json, "master_file", keyring_master_path(keys));
	json_out_int(&a->json, "left_to_seal", left);
	json_out_bool(&a->json, "rotation_begun", keyring_master_count(keys) > 1 || left > 0);
	json_out_array_begin(&a->json, "issuers");
	for (size_t i = 0; i < keyring_issuer_count(keys); i++) {
		json_out_begin(&a->json, NULL);
		tell_issuer(a, keyring_issuer_at(keys, i), i == 0);
		json_out_end(&a->json);
	}
	json_out_array_end(&a->json);
	return ERR_OK;
}

/* ---- audit export ---- */

/* SEQ, @UNIX, or 2026-11-21T15:00:00Z. */
static enum err_code read_point(const char *text, const char *name, int64_t *seq, int64_t *at,
	struct err *err)
{
	struct tm tm = {.tm_isdst = 0};
	const char *end;

	if (!text || !args_number(seq, text, 0, INT64_MAX) ||
		(text[0] == '@' && !args_number(at, text + 1, 0, INT64_MAX)))
		return ERR_OK;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return err_set(err, ERR_USAGE,
			"%s must be the number of a record, @UNIX seconds, or a time like"
			" 2026-11-21T15:00:00Z", name);
	*at = (int64_t)timegm(&tm);
	return ERR_OK;
}

static enum err_code put_line(void *ctx, struct span line, struct err *err)
{
	struct bytes *out = ctx;
	enum err_code e = ERR_OK;

	if (out->len + line.len > out->max) {
		e = file_write_all(STDOUT_FILENO, bytes_span(out), err);
		out->len = 0;
	}
	bytes_add(out, line.data, line.len);
	return e;
}

enum err_code admin_audit_export(struct admin *a, struct err *err)
{
	const char *since = NULL, *until = NULL;
	const struct arg list[] = {
		{.name = "since", .text = &since}, {.name = "until", .text = &until}};
	struct audit_range range = {.since_seq = 1};
	int64_t count = 0;
	enum err_code e = args_parse(a->argc, a->argv, list, 2, NULL, err);

	if (!e)
		e = read_point(since, "--since", &range.since_seq, &range.since_at, err);
	if (!e)
		e = read_point(until, "--until", &range.until_seq, &range.until_at, err);
	if (e)
		return e;
	a->printed = true;
	a->out.len = 0;
	e = audit_export(a->service->store, &range, &count, put_line, &a->out, err);
	if (!e)
		e = file_write_all(STDOUT_FILENO, bytes_span(&a->out), err);
	a->out.len = 0;
	return e;
}

/* ---- policy show ---- */

enum err_code admin_policy_show(struct admin *a, struct err *err)
{
	enum err_code e = args_parse(a->argc, a->argv, NULL, 0, NULL, err);

	if (e)
		return e;
	a->printed = true;
	a->out.len = 0;
	policy_show(&a->out, &a->service->policy);
	e = file_write_all(STDOUT_FILENO, bytes_span(&a->out), err);
	a->out.len = 0;
	return e;
}
