/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes and HMAC (RFC 2104) over the concatenation of parts. HMAC is written over the hash:
 * through EVP_MAC it takes twice as long, and a verification needs twenty of them.
 */
#include "crypto/internal.h"

#include <string.h>

#define BLOCK_MAX 128 /* bytes that SHA-512 takes at once */

static size_t block_len(enum sec_hash hash)
{
	return hash == SEC_HASH_SHA512 ? 128 : 64;
}

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
	if (digest(out, hash, c->md[hash], parts, part_count))
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

/* One of the two hashes of RFC 2104: the key's block under a mask, then the parts. */
static bool masked(uint8_t *out, enum sec_hash hash, EVP_MD_CTX *ctx, struct span key_block,
	uint8_t mask, const struct span *parts, size_t part_count)
{
	uint8_t block[BLOCK_MAX];
	unsigned len = 0;

	for (size_t i = 0; i < key_block.len; i++)
		block[i] = key_block.data[i] ^ mask;
	bool ok = EVP_DigestInit_ex2(ctx, sec_algorithms()->md[hash], NULL) == 1 &&
		EVP_DigestUpdate(ctx, block, key_block.len) == 1;
	for (size_t i = 0; ok && i < part_count; i++)
		ok = parts[i].len == 0 || EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	sec_wipe(block, sizeof block);
	return ok && EVP_DigestFinal_ex(ctx, out, &len) == 1 && len == sec_hash_len(hash);
}

static bool mac(uint8_t *out, enum sec_hash hash, EVP_MD_CTX *ctx, struct span key,
	const struct span *parts, size_t part_count)
{
	uint8_t block[BLOCK_MAX] = {0}, inner[SEC_SHA512_LEN];
	struct span key_block = SPAN(block, block_len(hash));
	struct span inside = SPAN(inner, sec_hash_len(hash));
	bool ok = true;

	if (key.len > key_block.len)
		ok = digest(block, hash, ctx, &key, 1);
	else if (key.len > 0)
		memcpy(block, key.data, key.len);
	ok = ok && masked(inner, hash, ctx, key_block, 0x36, parts, part_count) &&
		masked(out, hash, ctx, key_block, 0x5c, &inside, 1);
	sec_wipe(block, sizeof block);
	sec_wipe(inner, sizeof inner);
	return ok;
}

enum err_code sec_hmac(uint8_t *out, enum sec_hash hash, struct span key, const struct span *parts,
	size_t part_count)
{
	struct sec_contexts *c = sec_contexts();

	ASSERT(key.data != NULL || key.len == 0);
	if (c == NULL)
		return ERR_NO_MEMORY;
	bool ok = mac(out, hash, c->md[hash], key, parts, part_count);
	/* The context outlives the call; what came out, often a key, must not. */
	if (EVP_DigestInit_ex2(c->md[hash], sec_algorithms()->md[hash], NULL) == 1 && ok)
		return ERR_OK;
	sec_wipe(out, sec_hash_len(hash));
	return sec_failed(ERR_CRYPTO);
}
