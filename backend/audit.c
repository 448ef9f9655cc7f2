/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/audit.h"

#include <stdio.h>
#include <string.h>

#include "backend/store_rows.h"

/* ---- records ---- */

static void add_field(struct bytes *out, const void *data, size_t len)
{
	bytes_add_be32(out, (uint32_t)len);
	bytes_add(out, data, len);
}

/* The formula of the header. */
static enum err_code record_hash(uint8_t out[static AUDIT_HASH_LEN], const struct store_audit *r)
{
	uint8_t storage[AUDIT_DETAIL_MAX + 256];
	struct bytes b;
	struct span parts[2];

	bytes_init_fixed(&b, storage, sizeof(storage));
	bytes_add_be64(&b, (uint64_t)r->seq);
	bytes_add_be64(&b, (uint64_t)r->at);
	add_field(&b, r->kind, strlen(r->kind));
	add_field(&b, r->credential, r->credential_len);
	add_field(&b, r->terminal, r->terminal_len);
	add_field(&b, r->verification, r->verification_len);
	add_field(&b, r->detail, strlen(r->detail));
	ASSERT(!b.full);
	parts[0] = SPAN(r->prev, AUDIT_HASH_LEN);
	parts[1] = bytes_span(&b);
	return sec_sha256(out, parts, 2);
}

/* seq 0 and zeroes when there is no record yet. */
static enum err_code last_record(struct store *s, struct store_audit *out, struct err *err)
{
	enum err_code e = store_audit_last(s, out, err);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code audit_next_seq(struct store *s, int64_t *out, struct err *err)
{
	struct store_audit last;
	enum err_code e = last_record(s, &last, err);

	*out = last.seq + 1;
	return e;
}

static void set_subject(uint8_t *out, size_t *len, const uint8_t *id)
{
	*len = id ? CODE_ID_LEN : 0;
	if (id)
		memcpy(out, id, CODE_ID_LEN);
}

enum err_code audit_append(struct store *s, int64_t now, const struct audit_record *record,
	struct err *err)
{
	struct store_audit last, r = {.at = now};
	struct span detail = record->detail.len ? record->detail : span_text("{}");
	enum err_code e = last_record(s, &last, err);

	if (e)
		return e;
	ASSERT(strlen(record->kind) < AUDIT_KIND_MAX && detail.len < AUDIT_DETAIL_MAX);
	r.seq = last.seq + 1;
	memcpy(r.kind, record->kind, strlen(record->kind));
	memcpy(r.detail, detail.data, detail.len);
	set_subject(r.credential, &r.credential_len, record->credential);
	set_subject(r.terminal, &r.terminal_len, record->terminal);
	set_subject(r.verification, &r.verification_len, record->verification);
	memcpy(r.prev, last.hash, AUDIT_HASH_LEN);
	e = record_hash(r.hash, &r);
	if (e)
		return err_set(err, e, "the audit record could not be hashed");
	return store_audit_insert(s, &r, err);
}

/* ---- walking the chain ---- */

/* "" when this record follows the one before. */
static const char *record_fault(const struct store_audit *r, int64_t want_seq,
	const uint8_t want_prev[static AUDIT_HASH_LEN])
{
	uint8_t hash[AUDIT_HASH_LEN];

	if (r->seq != want_seq)
		return "it is missing";
	if (!sec_equal(r->prev, want_prev, AUDIT_HASH_LEN))
		return "it does not follow the record before it";
	if (record_hash(hash, r) || !sec_equal(hash, r->hash, AUDIT_HASH_LEN))
		return "it was changed";
	return "";
}

static void report_bad(struct audit_report *out, int64_t seq, const char *words)
{
	out->bad_seq = seq;
	(void)snprintf(out->words, sizeof(out->words), "%s", words);
}

static enum err_code walk(struct store *s, struct audit_report *out, const struct audit_head *h,
	struct err *err)
{
	uint8_t prev[AUDIT_HASH_LEN] = {0};
	struct store_audit r;
	enum err_code e;

	for (;;) {
		const char *fault;

		e = store_audit_next(s, &r, out->records, err);
		if (e == ERR_NOT_FOUND)
			return ERR_OK;
		if (e == ERR_CORRUPT) {
			report_bad(out, out->records + 1, "it cannot be read");
			return ERR_OK;
		}
		if (e)
			return e;
		fault = record_fault(&r, out->records + 1, prev);
		if (!fault[0] && r.seq == h->seq && !sec_equal(r.hash, h->hash, AUDIT_HASH_LEN))
			fault = "it is not the one of the signed checkpoint";
		if (fault[0]) {
			report_bad(out, out->records + 1, fault);
			return ERR_OK;
		}
		memcpy(prev, r.hash, AUDIT_HASH_LEN);
		out->records = r.seq;
	}
}

enum err_code audit_verify(struct store *s, const struct keyring *k, const char *head_path,
	struct audit_report *out, struct err *err)
{
	struct audit_head h = {.seq = 0};
	enum err_code e, head = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (head_path)
		head = audit_head_read(&h, k, head_path, NULL);
	if (head)
		h.seq = 0;
	out->head_seq = h.seq;
	e = walk(s, out, &h, err);
	if (e)
		return e;
	if (!out->bad_seq && out->records < h.seq)
		report_bad(out, out->records + 1, "the end was cut off");
	if (!out->bad_seq && head)
		report_bad(out, out->records + 1, "the signed checkpoint is missing or forged");
	return ERR_OK;
}

enum err_code audit_verify_last(struct store *s, int64_t count, struct err *err)
{
	uint8_t prev[AUDIT_HASH_LEN] = {0};
	struct store_audit r;
	int64_t seq = 0;
	enum err_code e = last_record(s, &r, err);

	if (!e && r.seq > count) {
		seq = r.seq - count;
		e = store_audit_next(s, &r, seq - 1, err);
		memcpy(prev, r.hash, AUDIT_HASH_LEN);
	}
	while (!e) {
		const char *fault;

		e = store_audit_next(s, &r, seq, err);
		if (e)
			break;
		fault = record_fault(&r, ++seq, prev);
		if (fault[0])
			return err_set(err, ERR_CORRUPT,
				"record %lld of the audit chain: %s; put a backup in place and run"
				" `countersignd restore`", (long long)seq, fault);
		memcpy(prev, r.hash, AUDIT_HASH_LEN);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
