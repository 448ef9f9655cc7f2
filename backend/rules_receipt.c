/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of a receipt, PROTOCOL.md section 10, kind X: signed over what stands on the receipt. It
 * is made anew for each answer from what is recorded, so nothing is stored for it.
 */
#include <string.h>

#include "backend/rules_shared.h"
#include "base/log.h"

#define MERCHANT_AT 50 /* its length, in the body of a challenge code; section 6 */

/* A text and the length before it. */
static bool text_read(char *out, size_t max, const struct store_verification *v, size_t *at)
{
	size_t len;

	if (v->challenge_len <= *at)
		return false;
	len = v->challenge[(*at)++];
	if (len > max || len > v->challenge_len - *at)
		return false;
	memcpy(out, v->challenge + *at, len);
	out[len] = '\0';
	*at += len;
	return true;
}

bool rules_challenge_texts(char merchant[static CODE_MERCHANT_MAX + 1],
	char reference[static CODE_REFERENCE_MAX + 1], const struct store_verification *v)
{
	size_t at = MERCHANT_AT;

	merchant[0] = reference[0] = '\0';
	return text_read(merchant, CODE_MERCHANT_MAX, v, &at) &&
	       text_read(reference, CODE_REFERENCE_MAX, v, &at);
}

static enum err_code sign(const struct rules *r, uint8_t body[static CODE_PRESENTED_BODY_LEN],
	const struct code_receipt *receipt, const uint8_t code_id[static CODE_ID_LEN])
{
	struct code_presented fields = {.not_after = CODE_NO_END};
	uint8_t storage[CODE_RECEIPT_CONTENT_MAX];
	struct bytes content;
	enum err_code e;

	bytes_init_fixed(&content, storage, sizeof(storage));
	e = code_receipt_content(&content, receipt);
	memcpy(fields.issuer_key_id, keyring_issuer_at(r->keys, 0)->key_id, CODE_KEY_ID_LEN);
	memcpy(fields.code_id, code_id, CODE_ID_LEN);
	if (!e)
		e = code_presented_sign(body, CODE_RECEIPT, &fields, bytes_span(&content),
			keyring_signing_seed(r->keys));
	return e;
}

void rules_receipt_code(const struct rules *r, char out[static CODE_TEXT_MAX],
	const struct store_verification *v)
{
	char id[2 * CODE_ID_LEN + 1];
	char merchant[CODE_MERCHANT_MAX + 1], reference[CODE_REFERENCE_MAX + 1];
	uint8_t body[CODE_PRESENTED_BODY_LEN];
	const struct code_receipt receipt = {
		.state = rules_state_word((enum rules_state)v->state),
		.receipt = v->receipt,
		.verification = id,
		.amount = v->amount,
		.currency = v->currency,
		.reference = reference,
	};
	struct bytes text;

	out[0] = '\0';
	if (!v->receipt[0] || !r->policy->receipt_codes)
		return;
	if (!v->challenge_len) /* made offline: nobody's wallet was shown what was sold */
		return;
	hex_encode(id, SPAN(v->id, CODE_ID_LEN));
	bytes_init_fixed(&text, out, CODE_TEXT_MAX);
	/* The id is random, too. A receipt without its code is one all the same: nothing that was
	 * decided hangs on it.
	 */
	if (!rules_challenge_texts(merchant, reference, v) || sign(r, body, &receipt, v->id) ||
		code_text_build(&text, keyring_issuer_host(r->keys), CODE_RECEIPT,
			SPAN(body, sizeof(body))) || text.full || text.len >= CODE_TEXT_MAX) {
		log_line(LOG_WARNING, "rules", "receipt %s: its code cannot be made", v->receipt);
		out[0] = '\0';
		return;
	}
	out[text.len] = '\0';
}
