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

/* ---- HMAC ---- */

static bool absorb(EVP_MD_CTX *ctx, struct span part)
{
	return part.len == 0 || EVP_DigestUpdate(ctx, part.data, part.len) == 1;
}

static bool finish(uint8_t *out, enum sec_hash hash, EVP_MD_CTX *ctx)
{
	unsigned len = 0;

	return EVP_DigestFinal_ex(ctx, out, &len) == 1 && len == sec_hash_len(hash);
}

/* One of the two hashes of RFC 2104, begun with the key's block under a mask. */
static bool begin_masked(EVP_MD_CTX *ctx, enum sec_hash hash, uint8_t *block, uint8_t mask)
{
	size_t len = block_len(hash);

	for (size_t i = 0; i < len; i++)
		block[i] ^= mask;
	return EVP_DigestInit_ex2(ctx, sec_algorithms()->md[hash], NULL) == 1 &&
		absorb(ctx, SPAN(block, len));
}

/* Both hashes after the key, the inner one also after what every message begins with. */
static bool begin(struct sec_contexts *c, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count)
{
	uint8_t block[BLOCK_MAX] = {0};
	bool ok = true;

	if (key.len > block_len(hash))
		ok = digest(block, hash, c->work, &key, 1);
	else if (key.len > 0)
		memcpy(block, key.data, key.len);
	ok = ok && begin_masked(c->inner, hash, block, 0x36) &&
		begin_masked(c->outer, hash, block, 0x36 ^ 0x5c);
	sec_wipe(block, sizeof block);
	for (size_t i = 0; ok && i < part_count; i++)
		ok = absorb(c->inner, parts[i]);
	return ok;
}

/* One message's end. The last one takes what was begun, the others a copy each. */
static bool end(uint8_t *out, enum sec_hash hash, struct sec_contexts *c, struct span rest,
	bool last)
{
	EVP_MD_CTX *inner = last ? c->inner : c->work;
	EVP_MD_CTX *outer = last ? c->outer : c->work;
	uint8_t inside[SEC_SHA512_LEN];

	bool ok = (last || EVP_MD_CTX_copy_ex(inner, c->inner) == 1) && absorb(inner, rest) &&
		finish(inside, hash, inner) &&
		(last || EVP_MD_CTX_copy_ex(outer, c->outer) == 1) &&
		absorb(outer, SPAN(inside, sec_hash_len(hash))) && finish(out, hash, outer);
	sec_wipe(inside, sizeof inside);
	return ok;
}

static void wipe_each(uint8_t *const *out, enum sec_hash hash, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sec_wipe(out[i], sec_hash_len(hash));
}

enum err_code sec_hmac_each(uint8_t *const *out, enum sec_hash hash, struct span key,
	const struct span *parts, size_t part_count, const struct span *rests, size_t count)
{
	struct sec_contexts *c = sec_contexts();

	ASSERT(key.data != NULL || key.len == 0);
	ASSERT(count > 0);
	if (c == NULL) {
		wipe_each(out, hash, count);
		return ERR_NO_MEMORY;
	}
	bool ok = begin(c, hash, key, parts, part_count);
	for (size_t i = 0; ok && i < count; i++)
		ok = end(out[i], hash, c, rests[i], i + 1 == count);
	/* The contexts outlive the call; what came out, often a key, must not. OpenSSL wipes. */
	ok = EVP_MD_CTX_reset(c->inner) == 1 && ok;
	ok = EVP_MD_CTX_reset(c->outer) == 1 && ok;
	ok = EVP_MD_CTX_reset(c->work) == 1 && ok;
	if (ok)
		return ERR_OK;
	wipe_each(out, hash, count);
	return sec_failed(ERR_CRYPTO);
}

enum err_code sec_hmac(uint8_t *out, enum sec_hash hash, struct span key, const struct span *parts,
	size_t part_count)
{
	const struct span rest = SPAN(NULL, 0);

	return sec_hmac_each(&out, hash, key, parts, part_count, &rest, 1);
}
