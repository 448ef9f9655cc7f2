/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of a receipt, kind X.
 */
#include <string.h>

#include "base/json.h"
#include "verifier/code.h"

#define CURRENCY_NONE "XXX" /* ISO 4217: no currency */

enum err_code code_receipt_content(struct bytes *out, const struct code_receipt *fields)
{
	struct json_out w;

	if (fields->amount > INT64_MAX)
		return ERR_RANGE;
	json_out_init(&w, out);
	json_out_begin(&w, NULL); /* sorted by name, no white space: canonical */
	json_out_int(&w, "amount", (int64_t)fields->amount);
	json_out_text(&w, "currency",
		fields->currency[0] != '\0' ? fields->currency : CURRENCY_NONE);
	json_out_text(&w, "receipt", fields->receipt);
	json_out_text(&w, "reference", fields->reference);
	json_out_text(&w, "state", fields->state);
	json_out_text(&w, "verification", fields->verification);
	json_out_end(&w);
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

enum err_code code_receipt_verify(const struct code *c, const struct code_receipt *fields,
	struct span issuer_public)
{
	uint8_t storage[CODE_RECEIPT_CONTENT_MAX], digest[SEC_SHA256_LEN];
	struct bytes content;
	struct span part;
	enum err_code rc;

	if (c->kind != CODE_RECEIPT)
		return ERR_FORGED;
	bytes_init_fixed(&content, storage, sizeof storage);
	rc = code_receipt_content(&content, fields);
	part = bytes_span(&content);
	if (rc == ERR_OK)
		rc = sec_sha256(digest, &part, 1);
	if (rc != ERR_OK)
		return rc;
	if (!span_equal(SPAN(digest, sizeof c->presented.content_digest),
		    SPAN(c->presented.content_digest, sizeof c->presented.content_digest)))
		return ERR_FORGED; /* of another receipt */
	return code_presented_verify(c, issuer_public);
}
