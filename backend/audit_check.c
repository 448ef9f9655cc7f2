/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking the chain: what was changed, removed or put in another order is named.
 */
#include <stdio.h>
#include <string.h>

#include "backend/audit_private.h"
#include "base/json.h"

/* "" when this record follows the one before. */
static const char *record_fault(const struct store_audit *r, int64_t want_seq,
	const uint8_t want_prev[static AUDIT_HASH_LEN])
{
	uint8_t hash[AUDIT_HASH_LEN];

	if (r->seq != want_seq)
		return "it is missing";
	if (!sec_equal(r->prev, want_prev, AUDIT_HASH_LEN))
		return "it does not follow the record before it";
	if (audit_record_hash(hash, r) || !sec_equal(hash, r->hash, AUDIT_HASH_LEN))
		return "it was changed";
	return "";
}

/* ---- signatures ---- */

/* Which key must have signed the next checkpoint; the first one that signs is believed, and the
 * last one must be ours: between them each named the next.
 */
struct signers {
	bool known;
	uint8_t key[SEC_ED25519_PUBLIC_LEN];
};

static bool detail_hex(const struct json *j, const char *name, uint8_t *out, size_t len)
{
	char text[2 * SEC_ED25519_SIGNATURE_LEN + 1];

	return !json_get_text(j, name, text, sizeof(text), NULL) && strlen(text) == 2 * len &&
		!hex_decode(out, len, span_text(text));
}

static bool detail_read(const struct store_audit *r, uint8_t key[static SEC_ED25519_PUBLIC_LEN],
	uint8_t signature[static SEC_ED25519_SIGNATURE_LEN])
{
	struct json *j = NULL;
	bool good = !json_parse(&j, span_text(r->detail), AUDIT_DETAIL_MAX, NULL) &&
		detail_hex(j, "key", key, SEC_ED25519_PUBLIC_LEN) &&
		detail_hex(j, "signature", signature, SEC_ED25519_SIGNATURE_LEN);

	json_free(&j);
	return good;
}

/* "" when it is no signed record, or one as it should be. */
static const char *signature_fault(struct signers *by, const struct store_audit *r)
{
	bool rotation = strcmp(r->kind, AUDIT_ISSUER) == 0;
	uint8_t key[SEC_ED25519_PUBLIC_LEN], signature[SEC_ED25519_SIGNATURE_LEN];
	uint8_t message[AUDIT_SIGNED_MAX];
	struct bytes b;

	if (!rotation && strcmp(r->kind, AUDIT_CHECKPOINT) != 0)
		return by->known && r->seq % AUDIT_CHECKPOINT_EVERY == 0
			       ? "a signed checkpoint should be here"
			       : "";
	if (!detail_read(r, key, signature))
		return "its signature cannot be read";
	if (!rotation && !by->known)
		memcpy(by->key, key, sizeof(key));
	if (rotation && !by->known)
		return "no signed checkpoint is before it";
	if (!rotation && !span_equal(SPAN(by->key, sizeof(key)), SPAN(key, sizeof(key))))
		return "it is signed by another key";
	bytes_init_fixed(&b, message, sizeof(message));
	if (sec_ed25519_verify(SPAN(by->key, sizeof(by->key)), SPAN(signature, sizeof(signature)),
		    audit_signed(&b, rotation ? AUDIT_CONTEXT_ISSUER : AUDIT_CONTEXT_CHECKPOINT,
			    r->seq, r->prev, SPAN(key, rotation ? sizeof(key) : 0))))
		return "its signature is wrong";
	memcpy(by->key, key, sizeof(key));
	by->known = true;
	return "";
}

static void report_bad(struct audit_report *out, int64_t seq, const char *words)
{
	out->bad_seq = seq;
	(void)snprintf(out->words, sizeof(out->words), "%s", words);
}

static enum err_code walk(struct store *s, struct audit_report *out, const struct audit_head *h,
	struct signers *by, struct err *err)
{
	uint8_t prev[AUDIT_HASH_LEN] = {0};
	struct store_audit_page page = {.count = 0};
	struct store_audit r;
	enum err_code e;

	for (;;) {
		const char *fault;

		e = store_audit_walk(s, &page, &r, out->records, err);
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
			fault = "it is not the one of the checkpoint outside";
		if (!fault[0])
			fault = signature_fault(by, &r);
		if (fault[0]) {
			report_bad(out, out->records + 1, fault);
			return ERR_OK;
		}
		memcpy(prev, r.hash, AUDIT_HASH_LEN);
		out->records = r.seq;
		if (strcmp(r.kind, AUDIT_CHECKPOINT) == 0)
			out->signed_seq = r.seq;
	}
}

enum err_code audit_verify(struct store *s, const struct keyring *k, const char *head_path,
	struct audit_report *out, struct err *err)
{
	struct audit_head h = {.seq = 0};
	struct signers by = {.known = false};
	enum err_code e, head = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (head_path)
		head = audit_head_read(&h, k, head_path, NULL);
	if (head)
		h.seq = 0;
	out->head_seq = h.seq;
	e = walk(s, out, &h, &by, err);
	if (e)
		return e;
	if (!out->bad_seq && out->records < h.seq)
		report_bad(out, out->records + 1, "the end was cut off");
	if (!out->bad_seq && head)
		report_bad(out, out->records + 1, "the checkpoint outside is missing or forged");
	if (!out->bad_seq && by.known &&
		!span_equal(SPAN(by.key, sizeof(by.key)),
			SPAN(keyring_issuer_at(k, 0)->public_key, SEC_ED25519_PUBLIC_LEN)))
		report_bad(out, out->signed_seq, "it is signed by a key that is not the issuer's");
	return ERR_OK;
}

enum err_code audit_verify_last(struct store *s, int64_t count, struct err *err)
{
	uint8_t prev[AUDIT_HASH_LEN] = {0};
	struct store_audit r;
	int64_t seq = 0;
	enum err_code e = audit_last(s, &r, err);

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
				" `countersignd restore DIR`", (long long)seq, fault);
		memcpy(prev, r.hash, AUDIT_HASH_LEN);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
