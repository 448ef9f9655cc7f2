/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/audit_private.h"

#include <string.h>

#include "base/json.h"

/* ---- records ---- */

static void add_field(struct bytes *out, const void *data, size_t len)
{
	bytes_add_be32(out, (uint32_t)len);
	bytes_add(out, data, len);
}

/* The formula of the header. */
enum err_code audit_record_hash(uint8_t out[static AUDIT_HASH_LEN], const struct store_audit *r)
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
enum err_code audit_last(struct store *s, struct store_audit *out, struct err *err)
{
	enum err_code e = store_audit_last(s, out, err);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err_code audit_last_seq(struct store *s, int64_t *out, struct err *err)
{
	struct store_audit last;
	enum err_code e = audit_last(s, &last, err);

	*out = last.seq;
	return e;
}

enum err_code audit_next_seq(struct store *s, int64_t *out, struct err *err)
{
	enum err_code e = audit_last_seq(s, out, err);

	(*out)++;
	*out += *out % AUDIT_CHECKPOINT_EVERY == 0;
	return e;
}

static void set_subject(uint8_t *out, size_t *len, const uint8_t *id)
{
	*len = id ? CODE_ID_LEN : 0;
	if (id)
		memcpy(out, id, CODE_ID_LEN);
}

static enum err_code append_after(struct store *s, struct store_audit *last, int64_t now,
	const struct audit_record *record, struct err *err)
{
	struct store_audit r = {.at = now};
	struct span detail = record->detail.len ? record->detail : span_text("{}");

	ASSERT(strlen(record->kind) < AUDIT_KIND_MAX && detail.len < AUDIT_DETAIL_MAX);
	r.seq = last->seq + 1;
	memcpy(r.kind, record->kind, strlen(record->kind));
	memcpy(r.detail, detail.data, detail.len);
	set_subject(r.credential, &r.credential_len, record->credential);
	set_subject(r.terminal, &r.terminal_len, record->terminal);
	set_subject(r.verification, &r.verification_len, record->verification);
	memcpy(r.prev, last->hash, AUDIT_HASH_LEN);
	if (audit_record_hash(r.hash, &r))
		return err_set(err, ERR_CRYPTO, "the audit record could not be hashed");
	*last = r;
	return store_audit_insert(s, &r, err);
}

/* ---- signed records ---- */

struct span audit_signed(struct bytes *out, const char *context, int64_t seq,
	const uint8_t prev[static AUDIT_HASH_LEN], struct span more)
{
	bytes_add_text(out, context);
	bytes_add_be64(out, (uint64_t)seq);
	bytes_add(out, prev, AUDIT_HASH_LEN);
	bytes_add(out, more.data, more.len);
	ASSERT(!out->full);
	return bytes_span(out);
}

static enum err_code append_signed(struct store *s, const struct keyring *k,
	struct store_audit *last, int64_t now, const char *kind, const char *context,
	const uint8_t *key, struct span more, struct err *err)
{
	uint8_t message[AUDIT_SIGNED_MAX], signature[SEC_ED25519_SIGNATURE_LEN];
	uint8_t storage[AUDIT_DETAIL_MAX - 1];
	struct bytes b, detail;
	struct json_out w;
	struct audit_record record = {.kind = kind};

	bytes_init_fixed(&b, message, sizeof(message));
	if (sec_ed25519_sign(signature, keyring_signing_seed(k),
		    audit_signed(&b, context, last->seq + 1, last->hash, more)))
		return err_set(err, ERR_CRYPTO, "a record of the audit could not be signed");
	bytes_init_fixed(&detail, storage, sizeof(storage));
	json_out_init(&w, &detail);
	json_out_begin(&w, NULL);
	json_out_hex(&w, "key", SPAN(key, SEC_ED25519_PUBLIC_LEN));
	json_out_hex(&w, "signature", SPAN(signature, sizeof(signature)));
	json_out_end(&w);
	record.detail = bytes_span(&detail);
	return append_after(s, last, now, &record, err);
}

static enum err_code append_checkpoint(struct store *s, const struct keyring *k,
	struct store_audit *last, int64_t now, struct err *err)
{
	return append_signed(s, k, last, now, AUDIT_CHECKPOINT, AUDIT_CONTEXT_CHECKPOINT,
		keyring_issuer_at(k, 0)->public_key, SPAN(NULL, 0), err);
}

/* Before record n * AUDIT_CHECKPOINT_EVERY; the same place whoever writes. */
static enum err_code checkpoint_when_due(struct store *s, const struct keyring *k,
	struct store_audit *last, int64_t now, struct err *err)
{
	if ((last->seq + 1) % AUDIT_CHECKPOINT_EVERY)
		return ERR_OK;
	return append_checkpoint(s, k, last, now, err);
}

enum err_code audit_append(struct store *s, const struct keyring *k, int64_t now,
	const struct audit_record *record, struct err *err)
{
	struct store_audit last;
	enum err_code e = audit_last(s, &last, err);

	if (!e)
		e = checkpoint_when_due(s, k, &last, now, err);
	return e ? e : append_after(s, &last, now, record, err);
}

enum err_code audit_checkpoint(struct store *s, const struct keyring *k, int64_t now,
	struct err *err)
{
	struct store_audit last;
	enum err_code e = audit_last(s, &last, err);

	return e ? e : append_checkpoint(s, k, &last, now, err);
}

enum err_code audit_issuer(struct store *s, const struct keyring *k, int64_t now,
	const uint8_t public_key[static SEC_ED25519_PUBLIC_LEN], struct err *err)
{
	struct store_audit last;
	enum err_code e = audit_last(s, &last, err);

	if (!e)
		e = checkpoint_when_due(s, k, &last, now, err);
	return e ? e
		 : append_signed(s, k, &last, now, AUDIT_ISSUER, AUDIT_CONTEXT_ISSUER, public_key,
			 SPAN(public_key, SEC_ED25519_PUBLIC_LEN), err);
}
