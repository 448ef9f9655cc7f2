/* SPDX-License-Identifier: Apache-2.0
 *
 * Making codes: bodies with signature or tag, and the text around a body. What code_parse() would
 * not take is not built. PROTOCOL.md sections 2, 4, 6, 7 and 10.
 */
#include <string.h>

#include "base/base32.h"
#include "base/text_safe.h"
#include "verifier/code.h"
#include "verifier/code_private.h"

static bool host_valid(const char *host)
{
	size_t len = strnlen(host, CODE_HOST_MAX + 1);

	if (len == 0 || len > CODE_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!code_host_char((uint8_t)host[i]))
			return false;
	}
	return true;
}

enum err_code code_text_build(struct bytes *out, const char *host, char kind, struct span body)
{
	char slashes[] = {'/', kind, '/'};
	size_t len = out->len;

	if (!host_valid(host) || !code_kind_known(kind) || body.len < 2 || body.len > CODE_BODY_MAX)
		return ERR_INVALID;
	bytes_add_text(out, "HTTPS://");
	bytes_add_text(out, host);
	bytes_add(out, slashes, sizeof slashes);
	base32_encode(out, body);
	if (out->full) {
		out->len = len;
		return ERR_TOO_LARGE;
	}
	return ERR_OK;
}

/* ---- kind C ---- */

enum err_code code_credential_sign(uint8_t out[static CODE_STATIC_BODY_LEN],
	const struct code_credential *fields, struct span issuer_seed)
{
	uint8_t signature[SEC_ED25519_SIGNATURE_LEN];
	uint8_t message[CODE_CREDENTIAL_MESSAGE_LEN];
	uint8_t body[CODE_STATIC_BODY_LEN] = {CODE_VERSION};
	enum err_code code;

	if (fields->generation == 0)
		return ERR_INVALID;
	memcpy(body + 2, fields->issuer_key_id, CODE_KEY_ID_LEN);
	memcpy(body + 6, fields->credential_id, CODE_ID_LEN);
	be16_put(body + 22, fields->generation);
	be32_put(body + 24, fields->not_after);
	code_credential_message(message, body);
	code = sec_ed25519_sign(signature, issuer_seed, SPAN(message, sizeof message));
	if (code)
		return code;
	memcpy(body + CODE_CREDENTIAL_SIGNED_LEN, signature, sizeof signature);
	memcpy(out, body, sizeof body);
	return ERR_OK;
}

enum err_code code_credential_live(uint8_t out[static CODE_LIVE_BODY_LEN],
	const uint8_t static_body[static CODE_STATIC_BODY_LEN], struct span k_live, uint64_t step)
{
	uint8_t body[CODE_LIVE_BODY_LEN];
	enum err_code code;

	if (static_body[0] != CODE_VERSION || static_body[1] != 0)
		return ERR_INVALID;
	memcpy(body, static_body, CODE_STATIC_BODY_LEN);
	body[1] = CODE_FLAG_LIVE;
	code = code_live_tag(body + CODE_STATIC_BODY_LEN, body, k_live, step);
	if (code)
		return code;
	memcpy(out, body, sizeof body);
	return ERR_OK;
}

/* ---- kind Q ---- */

static bool text_field_valid(const char *text, size_t len_max)
{
	size_t len = strnlen(text, len_max + 1);

	return len <= len_max && text_is_safe(SPAN(text, len));
}

static bool challenge_valid(const struct code_challenge *q)
{
	return q->digits >= CODE_DIGITS_MIN && q->digits <= CODE_DIGITS_MAX &&
	       q->number < code_number_end(q->digits) && code_currency_valid(q->currency) &&
	       text_field_valid(q->merchant, CODE_MERCHANT_MAX) &&
	       text_field_valid(q->reference, CODE_REFERENCE_MAX);
}

static void add_text_field(struct bytes *out, const char *text)
{
	bytes_add_u8(out, (uint8_t)strlen(text));
	bytes_add_text(out, text);
}

enum err_code code_challenge_build(
	struct bytes *out, const struct code_challenge *fields, struct span k_challenge)
{
	uint8_t storage[CODE_BODY_MAX], tag[CODE_CHALLENGE_TAG_LEN];
	struct bytes body;
	enum err_code code;

	if (!challenge_valid(fields))
		return ERR_INVALID;
	bytes_init_fixed(&body, storage, sizeof storage);
	bytes_add_u8(&body, CODE_VERSION);
	bytes_add_u8(&body, 0);
	bytes_add(&body, fields->credential_short, CODE_ID_SHORT_LEN);
	bytes_add(&body, fields->verification_id, CODE_ID_LEN);
	bytes_add_be64(&body, fields->number);
	bytes_add_u8(&body, (uint8_t)fields->digits);
	bytes_add_be32(&body, fields->expires);
	bytes_add_be64(&body, fields->amount);
	bytes_add(&body, fields->currency, 3);
	add_text_field(&body, fields->merchant);
	add_text_field(&body, fields->reference);
	code = code_challenge_tag(tag, bytes_span(&body), k_challenge);
	if (code)
		return code;
	bytes_add(&body, tag, sizeof tag);
	ASSERT(!body.full);
	bytes_add(out, body.data, body.len);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

/* ---- kind R ---- */

void code_response_build(
	uint8_t out[static CODE_RESPONSE_BODY_LEN], const struct code_response *fields)
{
	ASSERT((unsigned)fields->binding <= CODE_BINDING_CHALLENGE);
	out[0] = CODE_VERSION;
	out[1] = (uint8_t)((unsigned)fields->binding | (fields->timed ? CODE_FLAG_TIMED : 0u));
	memcpy(out + 2, fields->credential_short, CODE_ID_SHORT_LEN);
	memcpy(out + 10, fields->response, CODE_RESPONSE_LEN);
}

/* ---- presented codes ---- */

enum err_code code_presented_sign(uint8_t out[static CODE_PRESENTED_BODY_LEN], char kind,
	const struct code_presented *fields, struct span content, struct span issuer_seed)
{
	uint8_t digest[SEC_SHA256_LEN], signature[SEC_ED25519_SIGNATURE_LEN];
	uint8_t message[CODE_PRESENTED_MESSAGE_LEN];
	uint8_t body[CODE_PRESENTED_BODY_LEN] = {CODE_VERSION};
	enum err_code code;

	if (!code_kind_presented((enum code_kind)kind))
		return ERR_INVALID;
	code = sec_sha256(digest, &content, 1);
	if (code)
		return code;
	memcpy(body + 2, fields->issuer_key_id, CODE_KEY_ID_LEN);
	memcpy(body + 6, fields->code_id, CODE_ID_LEN);
	be32_put(body + 22, fields->not_after);
	memcpy(body + 26, digest, sizeof fields->content_digest);
	code_presented_message(message, kind, body);
	code = sec_ed25519_sign(signature, issuer_seed, SPAN(message, sizeof message));
	if (code)
		return code;
	memcpy(body + CODE_PRESENTED_SIGNED_LEN, signature, sizeof signature);
	memcpy(out, body, sizeof body);
	return ERR_OK;
}
