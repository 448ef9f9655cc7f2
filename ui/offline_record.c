/* SPDX-License-Identifier: Apache-2.0
 *
 * One record of the journal: as JSON, and sealed into a line.
 */
#include <string.h>

#include "base/json.h"
#include "ui/offline_journal.h"

#define LINE_WORDS "countersign/1 offline"

static const char *const KINDS[] = {
	[OFFLINE_RECORD_BEGIN] = "begin",
	[OFFLINE_RECORD_SALE] = "sale",
	[OFFLINE_RECORD_ANSWERED] = "answered",
	[OFFLINE_RECORD_LOOKED] = "looked",
};
#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

/* ---- JSON ---- */

enum err_code offline_record_write(struct bytes *out, const struct offline_record *r)
{
	const struct offline_entry *e = &r->entry;
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "kind", KINDS[r->kind]);
	json_out_int(&w, "at", r->at);
	if (r->kind == OFFLINE_RECORD_SALE || r->kind == OFFLINE_RECORD_ANSWERED)
		json_out_hex(&w, "id", SPAN(e->id, sizeof e->id));
	if (r->kind == OFFLINE_RECORD_SALE) {
		json_out_text(&w, "code", e->code);
		json_out_hex(&w, "credential", SPAN(e->credential_id, sizeof e->credential_id));
		json_out_int(&w, "sold", e->at);
		json_out_int(&w, "amount", (int64_t)e->sale.amount);
		json_out_text(&w, "currency", e->sale.currency);
		json_out_text(&w, "reference", e->sale.reference);
		json_out_text(&w, "operator", e->sale.operator_name);
	}
	if (r->kind == OFFLINE_RECORD_ANSWERED) {
		json_out_bool(&w, "accepted", r->answer.accepted);
		json_out_text(&w, "reason", r->answer.reason);
		json_out_text(&w, "receipt", r->answer.receipt);
	}
	if (r->kind == OFFLINE_RECORD_LOOKED)
		json_out_text(&w, "who", r->who);
	json_out_end(&w);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

static enum err_code hex_get(
	uint8_t *out, size_t len, const struct json *j, const char *name, struct err *err)
{
	char hex[2 * SEC_SHA256_LEN + 1];
	enum err_code rc = json_get_text(j, name, hex, sizeof hex, err);

	return rc == ERR_OK ? hex_decode(out, len, span_text(hex)) : rc;
}

static enum err_code sale_read(struct offline_entry *e, const struct json *j, struct err *err)
{
	int64_t amount = 0;
	enum err_code rc = json_get_text(j, "code", e->code, sizeof e->code, err);

	if (rc == ERR_OK)
		rc = hex_get(e->credential_id, sizeof e->credential_id, j, "credential", err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "sold", &e->at, 0, INT64_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "amount", &amount, 0, INT64_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "currency", e->sale.currency, sizeof e->sale.currency, err);
	if (rc == ERR_OK)
		rc = json_get_text(
			j, "reference", e->sale.reference, sizeof e->sale.reference, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "operator", e->sale.operator_name,
			sizeof e->sale.operator_name, err);
	e->sale.amount = (uint64_t)amount;
	return rc;
}

static enum err_code answer_read(struct offline_answer *a, const struct json *j, struct err *err)
{
	enum err_code rc = json_get_bool(j, "accepted", &a->accepted, err);

	if (rc == ERR_OK)
		rc = json_get_text(j, "reason", a->reason, sizeof a->reason, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "receipt", a->receipt, sizeof a->receipt, err);
	return rc;
}

static enum err_code record_read(struct offline_record *out, const struct json *j, struct err *err)
{
	char kind[16];
	size_t i = 0;
	enum err_code rc = json_get_text(j, "kind", kind, sizeof kind, err);

	if (rc != ERR_OK)
		return rc;
	while (i < KIND_COUNT && strcmp(kind, KINDS[i]) != 0)
		i++;
	if (i == KIND_COUNT)
		return err_set(err, ERR_FORMAT, "a record of a kind that is not known");
	out->kind = (enum offline_record_kind)i;
	rc = json_get_int(j, "at", &out->at, 0, INT64_MAX, err);
	if (rc == ERR_OK &&
		(out->kind == OFFLINE_RECORD_SALE || out->kind == OFFLINE_RECORD_ANSWERED))
		rc = hex_get(out->entry.id, sizeof out->entry.id, j, "id", err);
	if (rc == ERR_OK && out->kind == OFFLINE_RECORD_SALE)
		rc = sale_read(&out->entry, j, err);
	if (rc == ERR_OK && out->kind == OFFLINE_RECORD_ANSWERED)
		rc = answer_read(&out->answer, j, err);
	if (rc == ERR_OK && out->kind == OFFLINE_RECORD_LOOKED)
		rc = json_get_text(j, "who", out->who, sizeof out->who, err);
	return rc;
}

enum err_code offline_record_read(struct offline_record *out, struct span json, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, json, OFFLINE_RECORD_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = record_read(out, j, err);
	json_free(&j);
	return rc;
}

/* ---- lines ---- */

/* What is sealed with the record of this number: its place. */
static struct span place(uint8_t room[static 64], const struct offline_chain *chain)
{
	struct bytes b;

	bytes_init_fixed(&b, room, 64);
	bytes_add_text(&b, LINE_WORDS);
	bytes_add_be64(&b, chain->number + 1);
	bytes_add(&b, chain->hash, sizeof chain->hash);
	ASSERT(!b.full);
	return bytes_span(&b);
}

static enum err_code move_on(struct offline_chain *chain, struct span sealed, struct err *err)
{
	uint8_t room[64];
	const struct span parts[] = {place(room, chain), sealed};
	uint8_t hash[SEC_SHA256_LEN];

	if (sec_sha256(hash, parts, 2) != ERR_OK)
		return err_set(err, ERR_CRYPTO, "the journal could not be hashed");
	memcpy(chain->hash, hash, sizeof hash);
	chain->number++;
	return ERR_OK;
}

enum err_code offline_line_seal(struct bytes *out, struct offline_chain *chain, struct span key,
	const struct offline_record *r, struct err *err)
{
	uint8_t plain[OFFLINE_RECORD_MAX], sealed[OFFLINE_RECORD_MAX + SEC_AEAD_OVERHEAD];
	char hex[2 * sizeof sealed + 1];
	uint8_t room[64];
	struct bytes json;
	size_t len;
	enum err_code rc;

	bytes_init_fixed(&json, plain, sizeof plain);
	rc = offline_record_write(&json, r);
	if (rc != ERR_OK)
		return err_set(err, rc, "the record is too long");
	len = json.len + SEC_AEAD_OVERHEAD;
	rc = sec_aead_seal(sealed, key, bytes_span(&json), place(room, chain), err);
	if (rc == ERR_OK)
		rc = move_on(chain, SPAN(sealed, len), err);
	if (rc != ERR_OK)
		return rc;
	hex_encode(hex, SPAN(sealed, len));
	bytes_add_text(out, hex);
	return out->full ? err_set(err, ERR_TOO_LARGE, "the record is too long") : ERR_OK;
}

enum err_code offline_line_open(struct offline_record *out, struct offline_chain *chain,
	struct span key, struct span line, struct err *err)
{
	uint8_t sealed[OFFLINE_RECORD_MAX + SEC_AEAD_OVERHEAD], plain[OFFLINE_RECORD_MAX];
	uint8_t room[64];
	size_t len = line.len / 2;

	if (line.len % 2 != 0 || len <= SEC_AEAD_OVERHEAD || len > sizeof sealed ||
		hex_decode(sealed, len, line) != ERR_OK)
		return err_set(err, ERR_FORGED, "not a sealed line");
	if (sec_aead_open(plain, key, SPAN(sealed, len), place(room, chain)) != ERR_OK)
		return err_set(err, ERR_FORGED, "changed, or not in its place");
	if (offline_record_read(out, SPAN(plain, len - SEC_AEAD_OVERHEAD), err) != ERR_OK)
		return ERR_FORGED;
	return move_on(chain, SPAN(sealed, len), err);
}
