/* SPDX-License-Identifier: Apache-2.0
 *
 * A wallet in memory, and whether its parts fit together.
 */
#include <stdlib.h>
#include <string.h>

#include "wallet/holder/wallet.h"

enum err_code wallet_new(struct wallet **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? ERR_OK : ERR_NO_MEMORY;
}

void wallet_free(struct wallet **w)
{
	if (!*w)
		return;
	secret_free(&(*w)->key);
	secret_free(&(*w)->token);
	sec_wipe(*w, sizeof(**w));
	free(*w);
	*w = NULL;
}

/* The fields of the first code, taken from its own bytes. */
static enum err_code body_read(struct code_credential *out, const struct wallet *w, struct err *err)
{
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	struct code code;

	bytes_init_fixed(&text, storage, sizeof(storage));
	if (code_text_build(
		    &text, w->host, CODE_CREDENTIAL, SPAN(w->static_body, sizeof(w->static_body))))
		return err_set(err, ERR_INVALID,
			"the issuer's host name has characters that no code may have");
	code_parse(&code, bytes_span(&text));
	if (code.kind != CODE_CREDENTIAL || code.credential.live)
		return err_set(err, ERR_FORMAT, "the first code is not a static credential code");
	*out = code.credential;
	return ERR_OK;
}

enum err_code wallet_check(const struct wallet *w, struct err *err)
{
	struct span issuer = SPAN(w->issuer_public, sizeof(w->issuer_public));
	uint8_t key_id[CODE_KEY_ID_LEN];
	struct code_credential c;
	enum err_code rc = body_read(&c, w, err);

	if (rc)
		return rc;
	if (code_issuer_key_id(key_id, issuer))
		return err_set(err, ERR_CRYPTO, "the issuer key cannot be hashed");
	if (!span_equal(SPAN(key_id, sizeof(key_id)), SPAN(c.issuer_key_id, sizeof(key_id))))
		return err_set(err, ERR_FORGED, "the first code names another issuer key");
	if (code_credential_verify(&c, issuer))
		return err_set(
			err, ERR_FORGED, "the issuer's signature of the first code is wrong");
	if (memcmp(c.credential_id, w->credential_id, CODE_ID_LEN) != 0)
		return err_set(err, ERR_FORGED, "the first code is of another credential");
	if (c.generation != w->generation)
		return err_set(err, ERR_FORGED, "the first code is of another generation");
	if (c.not_after != w->not_after)
		return err_set(err, ERR_FORGED, "the first code ends at another time");
	if (w->digits < CODE_DIGITS_MIN || w->digits > CODE_DIGITS_MAX)
		return err_set(
			err, ERR_RANGE, "a number of %d digits is outside 6 to 10", w->digits);
	if (!w->key || w->key->len != SEC_KEY_LEN)
		return err_set(err, ERR_INVALID, "the credential's secret is not 32 bytes");
	return ERR_OK;
}
