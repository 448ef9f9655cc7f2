/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/audit.h"

#include <stdio.h>
#include <string.h>

#include "backend/store_rows.h"
#include "base/file.h"
#include "base/json.h"

#define HEAD_FILE_MAX 1024
#define HEAD_CONTEXT "countersign/1 audit head "

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

/* ---- checkpoint ---- */

struct head {
	int64_t seq;
	uint8_t hash[AUDIT_HASH_LEN];
	uint8_t key_id[CODE_KEY_ID_LEN];
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
};

static struct span head_message(uint8_t out[static 128], const struct head *h)
{
	struct bytes b;

	bytes_init_fixed(&b, out, 128);
	bytes_add_text(&b, HEAD_CONTEXT);
	bytes_add_be64(&b, (uint64_t)h->seq);
	bytes_add(&b, h->hash, AUDIT_HASH_LEN);
	return bytes_span(&b);
}

static void head_build(struct bytes *out, const struct head *h)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_hex(&w, "hash", SPAN(h->hash, AUDIT_HASH_LEN));
	json_out_hex(&w, "key_id", SPAN(h->key_id, CODE_KEY_ID_LEN));
	json_out_int(&w, "seq", h->seq);
	json_out_hex(&w, "signature", SPAN(h->signature, SEC_ED25519_SIGNATURE_LEN));
	json_out_end(&w);
	bytes_add_text(out, "\n");
}

static enum err_code get_hex(const struct json *j, const char *name, uint8_t *out, size_t len,
	struct err *err)
{
	char text[2 * SEC_ED25519_SIGNATURE_LEN + 1];
	enum err_code e = json_get_text(j, name, text, sizeof(text), err);

	if (!e && hex_decode(out, len, span_text(text)))
		e = err_set(err, ERR_FORMAT, "%s is not %zu bytes in hexadecimal", name, len);
	return e;
}

static enum err_code head_parse(struct head *out, struct span text, struct err *err)
{
	static const char *const names[] = {"hash", "key_id", "seq", "signature"};
	struct json *j = NULL;
	enum err_code e = json_parse(&j, text, HEAD_FILE_MAX, err);

	if (!e)
		e = json_only(j, names, 4, err);
	if (!e)
		e = json_get_int(j, "seq", &out->seq, 1, INT64_MAX, err);
	if (!e)
		e = get_hex(j, "hash", out->hash, sizeof(out->hash), err);
	if (!e)
		e = get_hex(j, "key_id", out->key_id, sizeof(out->key_id), err);
	if (!e)
		e = get_hex(j, "signature", out->signature, sizeof(out->signature), err);
	json_free(&j);
	return e;
}

/* Reads a checkpoint and believes it only with a signature of one of our keys. */
static enum err_code head_read(struct head *out, const struct keyring *k, const char *path,
	struct err *err)
{
	uint8_t storage[HEAD_FILE_MAX], message[128];
	const struct keyring_issuer *issuer;
	struct bytes file;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	bytes_init_fixed(&file, storage, sizeof(storage));
	e = file_read(&file, path, false, err);
	if (!e)
		e = head_parse(out, bytes_span(&file), err);
	if (e)
		return e;
	issuer = keyring_issuer_find(k, out->key_id);
	if (!issuer || sec_ed25519_verify(SPAN(issuer->public_key, SEC_ED25519_PUBLIC_LEN),
			       SPAN(out->signature, SEC_ED25519_SIGNATURE_LEN),
			       head_message(message, out)))
		return err_set(err, ERR_FORGED, "its signature is not of this backend");
	return ERR_OK;
}

enum err_code audit_head_write(struct store *s, const struct keyring *k, const char *path,
	struct err *err)
{
	uint8_t storage[HEAD_FILE_MAX], message[128];
	struct store_audit last;
	struct head h = {.seq = 0};
	struct bytes text;
	enum err_code e;

	ASSERT(!store_in_transaction(s)); /* a checkpoint never runs ahead of what is durable */
	e = last_record(s, &last, err);
	if (e || !last.seq)
		return e;
	h.seq = last.seq;
	memcpy(h.hash, last.hash, AUDIT_HASH_LEN);
	memcpy(h.key_id, keyring_issuer_at(k, 0)->key_id, CODE_KEY_ID_LEN);
	e = sec_ed25519_sign(h.signature, keyring_signing_seed(k), head_message(message, &h));
	if (e)
		return err_set(err, e, "the checkpoint could not be signed");
	bytes_init_fixed(&text, storage, sizeof(storage));
	head_build(&text, &h);
	ASSERT(!text.full);
	return file_replace(path, bytes_span(&text), 0600, err);
}

#define RESTORE_WORDS                                                                              \
	"if a backup was restored on purpose, run `countersignd restore`; otherwise put the"       \
	" newest database back"

enum err_code audit_head_check(struct store *s, const struct keyring *k, const char *path,
	struct err *err)
{
	struct store_audit r;
	struct head h;
	enum err_code e = head_read(&h, k, path, err);

	if (e)
		return err_set(err, ERR_CORRUPT,
			"%s: the checkpoint of the audit chain cannot be used (%s); " RESTORE_WORDS,
			path, err_words(e));
	e = store_audit_next(s, &r, h.seq - 1, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e == ERR_NOT_FOUND || r.seq != h.seq)
		return err_set(err, ERR_CORRUPT,
			"the database is older than its audit checkpoint (record %lld is missing); "
			RESTORE_WORDS, (long long)h.seq);
	if (!sec_equal(r.hash, h.hash, AUDIT_HASH_LEN))
		return err_set(err, ERR_CORRUPT,
			"record %lld of the audit chain is not the one of the checkpoint: another"
			" or a changed database; " RESTORE_WORDS, (long long)h.seq);
	return ERR_OK;
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

static enum err_code walk(struct store *s, struct audit_report *out, const struct head *h,
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
	struct head h = {.seq = 0};
	enum err_code e, head = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (head_path)
		head = head_read(&h, k, head_path, NULL);
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
