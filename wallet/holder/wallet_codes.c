/* SPDX-License-Identifier: Apache-2.0
 *
 * What the wallet shows: first code and second code; and what it reads: a challenge code.
 */
#include <string.h>

#include "wallet/holder/wallet.h"

static enum err_code keys_get(struct code_keys *out, const struct wallet *w, struct err *err)
{
	if (code_keys_derive(out, SPAN(w->key->data, w->key->len)))
		return err_set(err, ERR_CRYPTO, "the keys of the credential cannot be derived");
	return ERR_OK;
}

enum err_code wallet_first_code(
	struct bytes *out, const struct wallet *w, bool live, int64_t unix_s)
{
	uint8_t body[CODE_LIVE_BODY_LEN];
	struct code_keys keys;
	enum err_code rc;

	if (!live)
		return code_text_build(out, w->host, CODE_CREDENTIAL,
			SPAN(w->static_body, sizeof(w->static_body)));
	rc = keys_get(&keys, w, NULL);
	if (!rc)
		rc = code_credential_live(body, w->static_body, SPAN(keys.live, sizeof(keys.live)),
			code_step(unix_s));
	if (!rc)
		rc = code_text_build(out, w->host, CODE_CREDENTIAL, SPAN(body, sizeof(body)));
	sec_wipe(&keys, sizeof(keys));
	return rc;
}

static enum err_code number_check(const struct wallet *w, const char *number, struct err *err)
{
	size_t len = strlen(number);

	if (strspn(number, "0123456789") != len)
		return err_set(err, ERR_INVALID,
			"the number has characters that are not digits; type what the terminal "
			"shows");
	if (len != (size_t)w->digits)
		return err_set(err, ERR_INVALID,
			"the number has %zu digits, but this credential's numbers have %d; "
			"type all of them, zeroes in front too",
			len, w->digits);
	return ERR_OK;
}

/* The binding data of PROTOCOL.md section 7; points into storage or into the challenge. */
static struct span binding_data(
	const struct wallet_answer *in, uint8_t storage[static CODE_BINDING_AMOUNT_LEN])
{
	switch (in->binding) {
	case CODE_BINDING_AMOUNT:
		code_binding_amount(storage, in->amount, in->currency);
		return SPAN(storage, CODE_BINDING_AMOUNT_LEN);
	case CODE_BINDING_CHALLENGE:
		return SPAN(in->challenge->body, in->challenge->body_len - CODE_CHALLENGE_TAG_LEN);
	case CODE_BINDING_NUMBER:
		break;
	}
	return SPAN(NULL, 0);
}

static enum err_code answer_check(
	const struct wallet *w, const struct wallet_answer *in, struct err *err)
{
	if (in->binding == CODE_BINDING_AMOUNT &&
		strspn(in->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return err_set(
			err, ERR_INVALID, "the currency is not three capital letters, like EUR");
	if (in->binding != CODE_BINDING_CHALLENGE)
		return number_check(w, in->number, err);
	if (!in->challenge || in->challenge->kind != CODE_CHALLENGE)
		return err_set(err, ERR_INVALID, "there is no challenge code to answer");
	return ERR_OK;
}

enum err_code wallet_second_code(
	struct bytes *out, const struct wallet *w, const struct wallet_answer *in, struct err *err)
{
	char challenge_number[CODE_DIGITS_MAX + 1];
	uint8_t storage[CODE_BINDING_AMOUNT_LEN], body[CODE_RESPONSE_BODY_LEN];
	struct code_response_input input = {.static_body = w->static_body, .number = in->number};
	struct code_response fields = {.binding = in->binding, .timed = in->timed};
	struct code_keys keys;
	enum err_code rc = answer_check(w, in, err);

	if (rc)
		return rc;
	rc = keys_get(&keys, w, err);
	if (rc)
		return rc;
	if (in->binding == CODE_BINDING_CHALLENGE) {
		code_number_text(challenge_number, in->challenge->challenge.number,
			in->challenge->challenge.digits);
		input.number = challenge_number;
	}
	input.k_response = SPAN(keys.response, sizeof(keys.response));
	input.binding_data = binding_data(in, storage);
	input.timed = in->timed;
	input.step = code_step(in->unix_s);
	memcpy(fields.credential_short, w->credential_id, CODE_ID_SHORT_LEN);
	rc = code_response_compute(fields.response, &input);
	sec_wipe(&keys, sizeof(keys));
	if (rc)
		return err_set(err, rc, "the answer cannot be computed");
	code_response_build(body, &fields);
	rc = code_text_build(out, w->host, CODE_RESPONSE, SPAN(body, sizeof(body)));
	return rc ? err_set(err, rc, "the second code cannot be built") : ERR_OK;
}

enum err_code wallet_challenge_open(
	struct code *out, const struct wallet *w, struct span text, int64_t unix_s, struct err *err)
{
	struct code_keys keys;
	enum err_code rc;

	code_parse(out, text);
	if (out->kind != CODE_CHALLENGE)
		return err_set(err, ERR_FORMAT, "this is not a challenge code but: %s",
			out->kind == CODE_FOREIGN ? "a foreign code" : code_kind_words(out->kind));
	if (memcmp(out->challenge.credential_short, w->credential_id, CODE_ID_SHORT_LEN) != 0)
		return err_set(err, ERR_NOT_FOUND, "this challenge is for another credential");
	rc = keys_get(&keys, w, err);
	if (rc)
		return rc;
	rc = code_challenge_verify(out, SPAN(keys.challenge, sizeof(keys.challenge)));
	sec_wipe(&keys, sizeof(keys));
	if (rc)
		return err_set(err, rc,
			"the challenge was not made by the issuer of this credential: do not "
			"answer it");
	if (out->challenge.digits != w->digits)
		return err_set(err, ERR_FORGED, "the challenge has %d digits instead of %d",
			out->challenge.digits, w->digits);
	if (unix_s >= (int64_t)out->challenge.expires)
		return err_set(err, ERR_TIMEOUT, "the challenge has run out; ask for a new number");
	return ERR_OK;
}
