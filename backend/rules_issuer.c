/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/rules_issuer.h"

#include <string.h>

#include "backend/audit.h"
#include "backend/rules_shared.h"
#include "backend/store_people.h"

/* ---- versions ---- */

#define TOLD "policy-told"

struct told { /* what terminals were told last, and the audit record that says so; 0 = none */
	uint8_t digest[SEC_SHA256_LEN];
	int64_t seq;
	bool known;
};

static enum err_code told_read(const struct rules *r, struct told *out, struct err *err)
{
	uint8_t room[SEC_SHA256_LEN + 8];
	size_t len = 0;
	enum err_code e = store_setting_get(r->store, TOLD, room, sizeof(room), &len, err);

	memset(out, 0, sizeof(*out));
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e || len != sizeof(room))
		return e ? e : err_set(err, ERR_CORRUPT, "the setting " TOLD " is damaged");
	memcpy(out->digest, room, SEC_SHA256_LEN);
	out->seq = (int64_t)(be64_get(room + SEC_SHA256_LEN) & INT64_MAX);
	out->known = true;
	return ERR_OK;
}

static enum err_code told_write(const struct rules *r, const struct told *t, struct err *err)
{
	uint8_t room[SEC_SHA256_LEN + 8];

	memcpy(room, t->digest, SEC_SHA256_LEN);
	be64_put(room + SEC_SHA256_LEN, (uint64_t)t->seq);
	return store_setting_put(r->store, TOLD, SPAN(room, sizeof(room)), err);
}

enum err_code rules_issuer_version(const struct rules *r, int64_t *out, struct err *err)
{
	struct told told = {.known = false};
	enum err_code e = store_issuer_version(r->store, out, err);

	if (!e)
		e = told_read(r, &told, err);
	if (!e && told.seq > *out)
		*out = told.seq;
	return e;
}

/* What answer_issuer() tells of it. */
static enum err_code policy_digest(uint8_t out[static SEC_SHA256_LEN], const struct policy *p,
	struct err *err)
{
	const int64_t told[] = {p->number_lifetime_s, p->binding_1_from, p->binding_2_from,
		p->pin_from, p->offline_max, p->level_d_max, p->level_d_day, p->level_c_max,
		p->level_c_day, p->level_b_max, p->level_b_day, p->level_a_max, p->level_a_day};
	uint8_t room[sizeof(told)];
	const struct span part = SPAN(room, sizeof(room));

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		be64_put(room + 8 * i, (uint64_t)told[i]);
	if (sec_sha256(out, &part, 1))
		return err_set(err, ERR_CRYPTO, "the policy could not be hashed");
	return ERR_OK;
}

enum err_code rules_policy_tell(const struct rules *r, struct err *err)
{
	const struct rules_act act = {.kind = "policy-changed"};
	struct told was, now = {.known = true};
	enum err_code e = told_read(r, &was, err);

	if (!e)
		e = policy_digest(now.digest, r->policy, err);
	if (e || (was.known && span_equal(SPAN(was.digest, SEC_SHA256_LEN),
				     SPAN(now.digest, SEC_SHA256_LEN))))
		return e;
	if (!was.known) /* nobody was told anything else */
		return told_write(r, &now, err);
	e = audit_next_seq(r->store, &now.seq, err);
	if (!e)
		e = rules_record(r, &act, err);
	if (!e)
		e = told_write(r, &now, err);
	return e ? e : rules_event_issuer(r, now.seq, err);
}

/* ---- the list ---- */

void rules_issuer_bytes(struct bytes *out, const struct rules_issuer *list)
{
	bytes_add_text(out, ISSUER_LIST_WORDS);
	bytes_add_be64(out, (uint64_t)list->version);
	bytes_add_be64(out, (uint64_t)list->at);
	bytes_add_u8(out, list->complete);
	bytes_add_be32(out, (uint32_t)list->frozen_count);
	bytes_add(out, list->frozen_ids, list->frozen_count * CODE_ID_SHORT_LEN);
	bytes_add_be32(out, (uint32_t)list->void_count);
	bytes_add(out, list->void_ids, list->void_count * CODE_ID_SHORT_LEN);
	ASSERT(!out->full);
}

static void take(struct rules_issuer *out, const struct store_barred *b)
{
	uint8_t *ids = b->is_void ? out->void_ids : out->frozen_ids;
	size_t *count = b->is_void ? &out->void_count : &out->frozen_count;

	memcpy(ids + (*count)++ * CODE_ID_SHORT_LEN, b->id, CODE_ID_SHORT_LEN);
}

static enum err_code make(const struct rules *r, struct rules_issuer *out, struct err *err)
{
	struct store_barred barred[ISSUER_LIST_MAX + 1];
	uint8_t room[ISSUER_LIST_BYTES_MAX];
	struct bytes message;
	size_t count = 0;
	enum err_code e = store_barred_list(
		r->store, barred, ISSUER_LIST_MAX + 1, &count, out->at, err);

	if (e)
		return e;
	out->complete = count <= ISSUER_LIST_MAX;
	for (size_t i = 0; i < count && i < ISSUER_LIST_MAX; i++)
		take(out, &barred[i]);
	bytes_init_fixed(&message, room, sizeof(room));
	rules_issuer_bytes(&message, out);
	if (sec_ed25519_sign(out->signature, keyring_signing_seed(r->keys), bytes_span(&message)))
		return err_set(err, ERR_CRYPTO, "the list of credentials could not be signed");
	return ERR_OK;
}

/* ---- the last one ---- */

static enum err_code record_hash(const struct rules *r, uint8_t out[static AUDIT_HASH_LEN],
	int64_t seq, struct err *err)
{
	struct store_audit record;
	enum err_code e = store_audit_next(r->store, &record, seq - 1, err);

	if (!e && record.seq != seq)
		e = err_set(err, ERR_CORRUPT, "audit record %lld is missing", (long long)seq);
	if (!e)
		memcpy(out, record.hash, AUDIT_HASH_LEN);
	return e;
}

static bool is_kept(const struct rules_issuer_kept *kept, const struct rules_issuer_kept *now)
{
	return kept->list.version == now->list.version && kept->list.at == now->list.at &&
		span_equal(SPAN(kept->hash, AUDIT_HASH_LEN), SPAN(now->hash, AUDIT_HASH_LEN)) &&
		span_equal(SPAN(kept->key_id, CODE_KEY_ID_LEN),
			SPAN(now->key_id, CODE_KEY_ID_LEN));
}

enum err_code rules_issuer(const struct rules *r, struct rules_issuer *out, struct err *err)
{
	struct rules_issuer_kept now = {.list.at = clock_unix_s(r->clock)};
	enum err_code e = rules_issuer_version(r, &now.list.version, err);

	memcpy(now.key_id, keyring_issuer_at(r->keys, 0)->key_id, CODE_KEY_ID_LEN);
	if (!e && r->issuer)
		e = record_hash(r, now.hash, now.list.version, err);
	if (!e && r->issuer && is_kept(r->issuer, &now)) {
		*out = r->issuer->list;
		return ERR_OK;
	}
	if (!e)
		e = make(r, &now.list, err);
	if (!e && r->issuer)
		*r->issuer = now;
	*out = now.list;
	return e;
}
