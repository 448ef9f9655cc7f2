/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes and HMAC over the concatenation of parts.
 */
#include "crypto/internal.h"

size_t sec_hash_len(enum sec_hash hash)
{
	switch (hash) {
	case SEC_HASH_SHA1:
		return SEC_SHA1_LEN;
	case SEC_HASH_SHA256:
		return SEC_SHA256_LEN;
	case SEC_HASH_SHA512:
		return SEC_SHA512_LEN;
	}
	assert_failed("hash is one of the list", __FILE__, __LINE__);
}

static bool digest(uint8_t *out, enum sec_hash hash, EVP_MD_CTX *ctx, const struct span *parts,
	size_t part_count)
{
	unsigned len = 0;

	if (EVP_DigestInit_ex2(ctx, sec_algorithms()->md[hash], NULL) != 1)
		return false;
	for (size_t i = 0; i < part_count; i++) {
		if (parts[i].len > 0 && EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) != 1)
			return false;
	}
	return EVP_DigestFinal_ex(ctx, out, &len) == 1 && len == sec_hash_len(hash);
}

static enum err_code hash_parts(uint8_t *out, enum sec_hash hash, const struct span *parts,
	size_t part_count)
{
	struct sec_contexts *c = sec_contexts();

	if (c == NULL)
		return ERR_NO_MEMORY;
	if (digest(out, hash, c->md, parts, part_count))
		return ERR_OK;
	sec_wipe(out, sec_hash_len(hash));
	return sec_failed(ERR_CRYPTO);
}

enum err_code sec_sha1(uint8_t out[static SEC_SHA1_LEN], const struct span *parts,
	size_t part_count)
{
	return hash_parts(out, SEC_HASH_SHA1, parts, part_count);
}

enum err_code sec_sha256(uint8_t out[static SEC_SHA256_LEN], const struct span *parts,
	size_t part_count)
{
	return hash_parts(out, SEC_HASH_SHA256, parts, part_count);
}

enum err_code sec_sha512(uint8_t out[static SEC_SHA512_LEN], const struct span *parts,
	size_t part_count)
{
	return hash_parts(out, SEC_HASH_SHA512, parts, part_count);
}

static bool mac(uint8_t *out, enum sec_hash hash, EVP_MAC_CTX *ctx, struct span key,
	const struct span *parts, size_t part_count)
{
	static const uint8_t nothing[1];
	size_t len = 0;

	/* A key of NULL would mean the one before. */
	if (EVP_MAC_init(ctx, key.len > 0 ? key.data : nothing, key.len, NULL) != 1)
		return false;
	for (size_t i = 0; i < part_count; i++) {
		if (parts[i].len > 0 && EVP_MAC_update(ctx, parts[i].data, parts[i].len) != 1)
			return false;
	}
	return EVP_MAC_final(ctx, out, &len, sec_hash_len(hash)) == 1 && len == sec_hash_len(hash);
}

enum err_code sec_hmac(uint8_t *out, enum sec_hash hash, struct span key, const struct span *parts,
	size_t part_count)
{
	static const uint8_t zeroes[SEC_KEY_LEN];
	struct sec_contexts *c = sec_contexts();

	ASSERT(key.data != NULL || key.len == 0);
	if (c == NULL)
		return ERR_NO_MEMORY;
	bool ok = mac(out, hash, c->hmac[hash], key, parts, part_count);
	/* The context outlives the call; the key must not. */
	if (EVP_MAC_init(c->hmac[hash], zeroes, sizeof zeroes, NULL) == 1 && ok)
		return ERR_OK;
	sec_wipe(out, sec_hash_len(hash));
	return sec_failed(ERR_CRYPTO);
}
