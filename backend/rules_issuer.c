/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/rules_issuer.h"

#include <string.h>

#include "backend/store_people.h"

enum err_code rules_issuer_version(const struct rules *r, int64_t *out, struct err *err)
{
	return store_issuer_version(r->store, out, err);
}

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

enum err_code rules_issuer(const struct rules *r, struct rules_issuer *out, struct err *err)
{
	struct store_barred barred[ISSUER_LIST_MAX + 1];
	uint8_t room[ISSUER_LIST_BYTES_MAX];
	struct bytes message;
	size_t count = 0;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	out->at = clock_unix_s(r->clock);
	e = rules_issuer_version(r, &out->version, err);
	if (!e)
		e = store_barred_list(r->store, barred, ISSUER_LIST_MAX + 1, &count, out->at, err);
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
