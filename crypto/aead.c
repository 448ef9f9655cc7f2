/* SPDX-License-Identifier: Apache-2.0
 *
 * AES-256-GCM (NIST SP 800-38D) as nonce | ciphertext | tag.
 */
#include "crypto/internal.h"

#include <limits.h>
#include <string.h>

/* OpenSSL counts in int. */
static bool lengths_fit(struct span key, struct span in, struct span associated)
{
	return key.len == SEC_KEY_LEN && in.len <= INT_MAX && associated.len <= INT_MAX;
}

/* Associated data and text through the cipher, either direction. */
static bool run(EVP_CIPHER_CTX *ctx, uint8_t *out, struct span in, struct span associated)
{
	int n = 0;

	if (associated.len > 0 && EVP_CipherUpdate(ctx, NULL, &n, associated.data,
					  (int)associated.len) != 1)
		return false;
	n = 0;
	if (in.len > 0 && EVP_CipherUpdate(ctx, out, &n, in.data, (int)in.len) != 1)
		return false;
	return (size_t)n == in.len;
}

/* GCM has no last block: nothing may come out of the end, but the tag is made or checked there. */
static bool finish(EVP_CIPHER_CTX *ctx)
{
	uint8_t none[16];
	int n = 0;

	return EVP_CipherFinal_ex(ctx, none, &n) == 1 && n == 0;
}

enum err_code sec_aead_seal_with(uint8_t *out, struct span key,
	const uint8_t nonce[static SEC_AEAD_NONCE_LEN], struct span in, struct span associated)
{
	uint8_t *text = out + SEC_AEAD_NONCE_LEN;
	const EVP_CIPHER *cipher = sec_algorithms()->aes_256_gcm;

	if (!lengths_fit(key, in, associated))
		return ERR_INVALID;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok = ctx != NULL && EVP_EncryptInit_ex2(ctx, cipher, key.data, nonce, NULL) == 1 &&
		  run(ctx, text, in, associated) && finish(ctx) &&
		  EVP_CIPHER_CTX_ctrl(
			  ctx, EVP_CTRL_AEAD_GET_TAG, SEC_AEAD_TAG_LEN, text + in.len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (ok) {
		memcpy(out, nonce, SEC_AEAD_NONCE_LEN);
		return ERR_OK;
	}
	sec_wipe(out, in.len + SEC_AEAD_OVERHEAD);
	return sec_failed(ERR_CRYPTO);
}

enum err_code sec_aead_seal(uint8_t *out, struct span key, struct span in, struct span associated,
	struct err *err)
{
	uint8_t nonce[SEC_AEAD_NONCE_LEN];

	enum err_code code = sec_random(nonce, sizeof nonce, err);
	if (code != ERR_OK)
		return code;
	code = sec_aead_seal_with(out, key, nonce, in, associated);
	if (code != ERR_OK)
		return err_set(err, code, "sealing with AES-256-GCM failed");
	return ERR_OK;
}

enum err_code sec_aead_open(uint8_t *out, struct span key, struct span in, struct span associated)
{
	const EVP_CIPHER *cipher = sec_algorithms()->aes_256_gcm;
	uint8_t tag[SEC_AEAD_TAG_LEN];

	if (in.len < SEC_AEAD_OVERHEAD)
		return ERR_FORGED;
	if (!lengths_fit(key, in, associated))
		return ERR_INVALID;
	struct span text = SPAN(in.data + SEC_AEAD_NONCE_LEN, in.len - SEC_AEAD_OVERHEAD);
	memcpy(tag, text.data + text.len, sizeof tag);

	enum err_code code = ERR_CRYPTO;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (ctx != NULL && EVP_DecryptInit_ex2(ctx, cipher, key.data, in.data, NULL) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
		run(ctx, out, text, associated))
		code = finish(ctx) ? ERR_OK : ERR_FORGED;
	EVP_CIPHER_CTX_free(ctx);
	if (code == ERR_OK)
		return ERR_OK;
	sec_wipe(out, text.len); /* what came out before the tag was looked at */
	return sec_failed(code);
}
