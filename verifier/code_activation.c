/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of an activation, kind A, and the same secret as people type it.
 */
#include <string.h>

#include "base/base32.h"
#include "base/json.h"
#include "verifier/code.h"

_Static_assert(BASE32_GROUPED_LEN(CODE_ACTIVATION_LEN) == CODE_ACTIVATION_TEXT_LEN, "in fours");

void code_activation_text(char out[static CODE_ACTIVATION_TEXT_LEN + 1],
	const uint8_t secret[static CODE_ACTIVATION_LEN])
{
	base32_grouped(out, SPAN(secret, CODE_ACTIVATION_LEN));
}

enum err_code code_activation_typed(uint8_t secret[static CODE_ACTIVATION_LEN], struct span text)
{
	uint8_t storage[CODE_ACTIVATION_LEN];
	struct bytes raw;
	enum err_code rc;

	bytes_init_fixed(&raw, storage, sizeof storage);
	rc = base32_decode_typed(&raw, text);
	if (rc == ERR_OK && raw.len == sizeof storage)
		memcpy(secret, storage, sizeof storage);
	else
		rc = ERR_FORMAT;
	sec_wipe(storage, sizeof storage);
	return rc;
}

/* ---- kind A ---- */

/* The check after the secret tells a code of this kind from one whose id means something else. */
static enum err_code id_of(uint8_t out[static CODE_ID_LEN],
	const uint8_t secret[static CODE_ACTIVATION_LEN])
{
	uint8_t digest[SEC_SHA256_LEN];
	const struct span parts[] = {
		span_text("countersign/1 activation"), SPAN(secret, CODE_ACTIVATION_LEN)};
	enum err_code rc = sec_sha256(digest, parts, sizeof parts / sizeof parts[0]);

	if (rc != ERR_OK)
		return rc;
	memcpy(out, secret, CODE_ACTIVATION_LEN);
	memcpy(out + CODE_ACTIVATION_LEN, digest, CODE_ID_LEN - CODE_ACTIVATION_LEN);
	return ERR_OK;
}

static enum err_code content_of(struct bytes *out, const struct code_activation *fields)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL); /* sorted by name, no white space: canonical */
	json_out_hex(&w, "credential", SPAN(fields->credential_id, CODE_ID_LEN));
	json_out_int(&w, "generation", fields->generation);
	json_out_end(&w);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

enum err_code code_activation_sign(uint8_t out[static CODE_PRESENTED_BODY_LEN],
	const struct code_activation *fields, struct span issuer_seed)
{
	struct code_presented presented = {.not_after = fields->not_after};
	uint8_t storage[CODE_ACTIVATION_CONTENT_MAX];
	struct bytes content;
	enum err_code rc = id_of(presented.code_id, fields->secret);

	bytes_init_fixed(&content, storage, sizeof storage);
	if (rc == ERR_OK)
		rc = content_of(&content, fields);
	memcpy(presented.issuer_key_id, fields->issuer_key_id, CODE_KEY_ID_LEN);
	if (rc == ERR_OK)
		rc = code_presented_sign(out, CODE_ACTIVATION, &presented, bytes_span(&content),
			issuer_seed);
	sec_wipe(&presented, sizeof presented);
	return rc;
}

enum err_code code_activation_secret(uint8_t secret[static CODE_ACTIVATION_LEN],
	const struct code *c)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code rc = ERR_FORGED;

	if (c->kind == CODE_ACTIVATION)
		rc = id_of(id, c->presented.code_id);
	if (rc == ERR_OK && !sec_equal(id, c->presented.code_id, sizeof id))
		rc = ERR_FORGED;
	if (rc == ERR_OK)
		memcpy(secret, id, CODE_ACTIVATION_LEN);
	sec_wipe(id, sizeof id);
	return rc;
}

enum err_code code_activation_verify(const struct code *c, const struct code_activation *fields,
	struct span issuer_public)
{
	uint8_t storage[CODE_ACTIVATION_CONTENT_MAX], digest[SEC_SHA256_LEN];
	uint8_t secret[CODE_ACTIVATION_LEN];
	struct bytes content;
	struct span part;
	bool same;
	enum err_code rc = code_activation_secret(secret, c);

	if (rc != ERR_OK)
		return rc;
	same = sec_equal(secret, fields->secret, sizeof secret) &&
	       c->presented.not_after == fields->not_after;
	sec_wipe(secret, sizeof secret);
	bytes_init_fixed(&content, storage, sizeof storage);
	rc = content_of(&content, fields);
	part = bytes_span(&content);
	if (rc == ERR_OK)
		rc = sec_sha256(digest, &part, 1);
	if (rc != ERR_OK)
		return rc;
	if (!same || memcmp(digest, c->presented.content_digest,
			     sizeof c->presented.content_digest) != 0)
		return ERR_FORGED; /* of another activation */
	return code_presented_verify(c, issuer_public);
}
