/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519 (RFC 8032), the plain variant without prehash and context.
 */
#include "crypto/internal.h"

#include <string.h>

/* Points of order 8 and less, and their forms that are not reduced; x's sign bit left out. Under
 * such a key anybody can sign, and the first of them is what a key that was never set looks like.
 */
static const char *const weak_keys[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static bool key_is_weak(struct span public_key)
{
	uint8_t key[SEC_ED25519_PUBLIC_LEN];
	uint8_t weak[SEC_ED25519_PUBLIC_LEN];

	memcpy(key, public_key.data, sizeof key);
	key[sizeof key - 1] &= 0x7f;
	for (size_t i = 0; i < sizeof weak_keys / sizeof weak_keys[0]; i++) {
		if (hex_decode(weak, sizeof weak, span_text(weak_keys[i])) != ERR_OK ||
			sec_equal(key, weak, sizeof key))
			return true;
	}
	return false;
}

static EVP_PKEY *private_key(struct span seed)
{
	ASSERT(sec_algorithms() != NULL);
	if (seed.len != SEC_ED25519_SEED_LEN)
		return NULL;
	return EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed.data, seed.len);
}

enum err_code sec_ed25519_public(uint8_t out[static SEC_ED25519_PUBLIC_LEN], struct span seed)
{
	enum err_code code = ERR_CRYPTO;
	size_t len = SEC_ED25519_PUBLIC_LEN;

	if (seed.len != SEC_ED25519_SEED_LEN)
		return ERR_INVALID;
	EVP_PKEY *key = private_key(seed);
	if (key != NULL && EVP_PKEY_get_raw_public_key(key, out, &len) == 1 &&
		len == SEC_ED25519_PUBLIC_LEN)
		code = ERR_OK;
	EVP_PKEY_free(key);
	return code == ERR_OK ? ERR_OK : sec_failed(code);
}

enum err_code sec_ed25519_sign(uint8_t out[static SEC_ED25519_SIGNATURE_LEN], struct span seed,
	struct span message)
{
	static const uint8_t nothing[1];
	enum err_code code = ERR_CRYPTO;
	size_t len = SEC_ED25519_SIGNATURE_LEN;

	if (seed.len != SEC_ED25519_SEED_LEN)
		return ERR_INVALID;
	EVP_PKEY *key = private_key(seed);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key != NULL && ctx != NULL &&
		EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
		EVP_DigestSign(ctx, out, &len, message.len > 0 ? message.data : nothing,
			message.len) == 1 &&
		len == SEC_ED25519_SIGNATURE_LEN)
		code = ERR_OK;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (code == ERR_OK)
		return ERR_OK;
	sec_wipe(out, SEC_ED25519_SIGNATURE_LEN);
	return sec_failed(code);
}

enum err_code sec_ed25519_verify(struct span public_key, struct span signature, struct span message)
{
	static const uint8_t nothing[1];
	enum err_code code = ERR_CRYPTO; /* until proven */

	ASSERT(sec_algorithms() != NULL);
	if (public_key.len != SEC_ED25519_PUBLIC_LEN || key_is_weak(public_key))
		return ERR_INVALID;
	if (signature.len != SEC_ED25519_SIGNATURE_LEN)
		return ERR_FORGED;
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(
		NULL, "ED25519", NULL, public_key.data, public_key.len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key != NULL && ctx != NULL &&
		EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) == 1) {
		int result = EVP_DigestVerify(ctx, signature.data, signature.len,
			message.len > 0 ? message.data : nothing, message.len);
		if (result == 1)
			code = ERR_OK;
		else if (result == 0)
			code = ERR_FORGED;
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return code == ERR_OK ? ERR_OK : sec_failed(code);
}
