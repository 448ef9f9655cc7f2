/* SPDX-License-Identifier: Apache-2.0
 *
 * The formulas of PROTOCOL.md sections 3 to 7 and 10, over the primitives of crypto/. Everything
 * secret that lands on the stack is wiped before return.
 */
#include <stdio.h>
#include <string.h>

#include "verifier/code.h"
#include "verifier/code_private.h"

#define SUITE_UNTIMED    "OCRA-1:HOTP-SHA256-0:QA10-S064"
#define SUITE_TIMED      "OCRA-1:HOTP-SHA256-0:QA10-S064-T30S"
#define LABEL_CREDENTIAL "countersign/1 credential"
#define LABEL_PRESENTED  "countersign/1 code "

#define INFO_LIVE        "countersign/1 live"
#define INFO_CHALLENGE   "countersign/1 challenge"
#define INFO_RESPONSE    "countersign/1 response"

/* Candidates to look at before giving up: each is thrown away with a chance below 10^-9. */
#define NUMBER_ROUNDS_MAX 64

/* ---- keys ---- */

static enum err_code derive(uint8_t *const *out, const struct span *info, size_t count,
	struct span credential_secret)
{
	if (credential_secret.len != SEC_KEY_LEN)
		return ERR_INVALID;
	return sec_hkdf_sha256_each(out, info, count, credential_secret, SPAN(NULL, 0));
}

enum err_code code_keys_derive(struct code_keys *out, struct span credential_secret)
{
	uint8_t *const keys[] = {out->live, out->challenge, out->response};
	const struct span info[] = {
		span_text(INFO_LIVE), span_text(INFO_CHALLENGE), span_text(INFO_RESPONSE)};
	enum err_code code = derive(keys, info, 3, credential_secret);

	if (code)
		sec_wipe(out, sizeof *out);
	return code;
}

enum err_code code_keys_start_derive(struct code_keys *out, struct span credential_secret)
{
	uint8_t *const keys[] = {out->live, out->challenge};
	const struct span info[] = {span_text(INFO_LIVE), span_text(INFO_CHALLENGE)};

	memset(out, 0, sizeof *out);
	return derive(keys, info, 2, credential_secret);
}

enum err_code code_key_response_derive(
	uint8_t out[static SEC_KEY_LEN], struct span credential_secret)
{
	const struct span info = span_text(INFO_RESPONSE);

	return derive(&out, &info, 1, credential_secret);
}

enum err_code code_issuer_key_id(uint8_t out[static CODE_KEY_ID_LEN], struct span issuer_public)
{
	uint8_t digest[SEC_SHA256_LEN];
	enum err_code code;

	if (issuer_public.len != SEC_ED25519_PUBLIC_LEN)
		return ERR_INVALID;
	code = sec_sha256(digest, &issuer_public, 1);
	if (!code)
		memcpy(out, digest, CODE_KEY_ID_LEN);
	return code;
}

/* ---- what is signed ---- */

void code_credential_message(
	uint8_t out[static CODE_CREDENTIAL_MESSAGE_LEN], const uint8_t *static_body)
{
	_Static_assert(CODE_CREDENTIAL_MESSAGE_LEN ==
			       sizeof LABEL_CREDENTIAL - 1 + CODE_CREDENTIAL_SIGNED_LEN,
		"label and fields");
	memcpy(out, LABEL_CREDENTIAL, sizeof LABEL_CREDENTIAL - 1);
	memcpy(out + sizeof LABEL_CREDENTIAL - 1, static_body, CODE_CREDENTIAL_SIGNED_LEN);
}

void code_presented_message(
	uint8_t out[static CODE_PRESENTED_MESSAGE_LEN], char kind, const uint8_t *body)
{
	_Static_assert(
		CODE_PRESENTED_MESSAGE_LEN == sizeof LABEL_PRESENTED + CODE_PRESENTED_SIGNED_LEN,
		"label, kind letter, fields");
	memcpy(out, LABEL_PRESENTED, sizeof LABEL_PRESENTED - 1);
	out[sizeof LABEL_PRESENTED - 1] = (uint8_t)kind;
	memcpy(out + sizeof LABEL_PRESENTED, body, CODE_PRESENTED_SIGNED_LEN);
}

enum err_code code_credential_verify(const struct code_credential *c, struct span issuer_public)
{
	uint8_t message[CODE_CREDENTIAL_MESSAGE_LEN];

	code_credential_message(message, c->static_body);
	return sec_ed25519_verify(issuer_public, SPAN(c->signature, sizeof c->signature),
		SPAN(message, sizeof message));
}

enum err_code code_presented_verify(const struct code *c, struct span issuer_public)
{
	uint8_t message[CODE_PRESENTED_MESSAGE_LEN];

	if (!code_kind_presented(c->kind) || c->body_len != CODE_PRESENTED_BODY_LEN)
		return ERR_FORGED;
	code_presented_message(message, (char)c->kind, c->body);
	return sec_ed25519_verify(issuer_public,
		SPAN(c->presented.signature, sizeof c->presented.signature),
		SPAN(message, sizeof message));
}

/* ---- tags ---- */

/* Of steps one after the other: what is before the step in the message is hashed once. */
static enum err_code live_tags(uint8_t (*out)[CODE_LIVE_TAG_LEN], const uint8_t *body_as_shown,
	struct span k_live, uint64_t first, size_t count)
{
	uint8_t step[CODE_LIVE_STEPS_MAX][8], mac[CODE_LIVE_STEPS_MAX][SEC_SHA256_LEN];
	uint8_t *macs[CODE_LIVE_STEPS_MAX];
	struct span steps[CODE_LIVE_STEPS_MAX];
	const struct span parts[] = {
		span_text("countersign/1 live"),
		SPAN(body_as_shown, CODE_STATIC_BODY_LEN),
	};
	enum err_code code;

	ASSERT(count <= CODE_LIVE_STEPS_MAX);
	for (size_t i = 0; i < count; i++) {
		be64_put(step[i], first + i);
		steps[i] = SPAN(step[i], sizeof step[i]);
		macs[i] = mac[i];
	}
	code = sec_hmac_each(macs, SEC_HASH_SHA256, k_live, parts, 2, steps, count);
	for (size_t i = 0; !code && i < count; i++)
		memcpy(out[i], mac[i], CODE_LIVE_TAG_LEN);
	sec_wipe(mac, count * sizeof mac[0]);
	return code;
}

enum err_code code_live_tag(uint8_t out[static CODE_LIVE_TAG_LEN], const uint8_t *body_as_shown,
	struct span k_live, uint64_t step)
{
	uint8_t tag[1][CODE_LIVE_TAG_LEN];
	enum err_code code = live_tags(tag, body_as_shown, k_live, step, 1);

	if (!code)
		memcpy(out, tag[0], CODE_LIVE_TAG_LEN);
	sec_wipe(tag, sizeof tag);
	return code;
}

enum err_code code_live_find(uint64_t *step, const struct code_credential *c, struct span k_live,
	uint64_t first, size_t count)
{
	uint8_t shown[CODE_STATIC_BODY_LEN], tags[CODE_LIVE_STEPS_MAX][CODE_LIVE_TAG_LEN];
	bool found = false;
	enum err_code code;

	if (!c->live)
		return ERR_FORGED;
	memcpy(shown, c->static_body, sizeof shown);
	shown[1] = CODE_FLAG_LIVE;
	code = live_tags(tags, shown, k_live, first, count);
	for (size_t i = 0; !code && i < count; i++)
		if (sec_equal(tags[i], c->live_tag, CODE_LIVE_TAG_LEN)) {
			*step = first + i;
			found = true;
		}
	sec_wipe(tags, sizeof tags);
	return code || found ? code : ERR_FORGED;
}

enum err_code code_challenge_tag(
	uint8_t out[static CODE_CHALLENGE_TAG_LEN], struct span fields, struct span k_challenge)
{
	struct span parts[] = {span_text("countersign/1 challenge"), fields};
	uint8_t mac[SEC_SHA256_LEN];
	enum err_code code = sec_hmac(mac, SEC_HASH_SHA256, k_challenge, parts, 2);

	if (!code)
		memcpy(out, mac, CODE_CHALLENGE_TAG_LEN);
	sec_wipe(mac, sizeof mac);
	return code;
}

enum err_code code_challenge_verify(const struct code *c, struct span k_challenge)
{
	uint8_t tag[CODE_CHALLENGE_TAG_LEN];
	enum err_code code;

	if (c->kind != CODE_CHALLENGE || c->body_len < CODE_CHALLENGE_LEN_MIN)
		return ERR_FORGED;
	code = code_challenge_tag(tag, SPAN(c->body, c->body_len - sizeof tag), k_challenge);
	if (!code && !sec_equal(tag, c->challenge.tag, sizeof tag))
		code = ERR_FORGED;
	sec_wipe(tag, sizeof tag);
	return code;
}

/* ---- number, section 5 ---- */

uint64_t code_step(int64_t unix_s)
{
	return unix_s < 0 ? 0 : (uint64_t)(unix_s / CODE_STEP_S);
}

/* floor(2^64 / m) * m without 2^64: what is left over at the top is (2^64 - m) mod m. */
static uint64_t fair_end(uint64_t m)
{
	return UINT64_MAX - (UINT64_MAX - m + 1) % m;
}

enum err_code code_number(
	uint64_t *out, uint32_t *used_i, const struct code_number_input *in, uint32_t first)
{
	uint8_t record[SEC_SHA256_LEN], mac[SEC_SHA256_LEN], i_bytes[4];
	struct span parts[] = {
		span_text("countersign/1 number"),
		SPAN(record, sizeof record),
		SPAN(in->verification_id, CODE_ID_LEN),
		SPAN(i_bytes, sizeof i_bytes),
	};
	enum err_code code;
	uint64_t m;

	if (in->digits < CODE_DIGITS_MIN || in->digits > CODE_DIGITS_MAX)
		return ERR_INVALID;
	m = code_number_end(in->digits);
	code = sec_sha256(record, &in->registration_record, 1);
	for (uint32_t n = 0; !code && n < NUMBER_ROUNDS_MAX && n <= UINT32_MAX - first; n++) {
		be32_put(i_bytes, first + n);
		code = sec_hmac(mac, SEC_HASH_SHA256, in->k_number, parts, 4);
		if (!code && be64_get(mac) <= fair_end(m)) {
			*out = be64_get(mac) % m;
			*used_i = first + n;
			sec_wipe(mac, sizeof mac);
			return ERR_OK;
		}
	}
	return code ? code : ERR_RANGE;
}

void code_number_text(char out[static CODE_DIGITS_MAX + 1], uint64_t number, int digits)
{
	ASSERT(digits >= CODE_DIGITS_MIN && digits <= CODE_DIGITS_MAX);
	for (int i = digits; i > 0; i--) {
		out[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	out[digits] = '\0';
	ASSERT(number == 0);
}

/* ---- response, section 7 ---- */

static bool number_valid(const char *number)
{
	size_t len = strnlen(number, CODE_DIGITS_MAX + 1);

	return len >= CODE_DIGITS_MIN && len <= CODE_DIGITS_MAX &&
	       strspn(number, "0123456789") == len;
}

/* What is the same in every step of the time. */
struct response {
	struct sec_ocra_suite suite;
	struct sec_ocra_input ocra;
	uint8_t session[SEC_SHA512_LEN];
};

static enum err_code response_begin(struct response *r, const struct code_response_input *in)
{
	const struct span parts[] = {
		span_text("countersign/1 session"),
		SPAN(in->static_body, CODE_STATIC_BODY_LEN),
		in->binding_data,
	};
	enum err_code code;

	if (!number_valid(in->number))
		return ERR_INVALID;
	r->ocra = (struct sec_ocra_input){.question = span_text(in->number),
		.session = SPAN(r->session, sizeof r->session)};
	code = sec_ocra_suite_parse(
		&r->suite, span_text(in->timed ? SUITE_TIMED : SUITE_UNTIMED), NULL);
	return code ? code : sec_sha512(r->session, parts, 3);
}

enum err_code code_response_compute(
	uint8_t out[static CODE_RESPONSE_LEN], const struct code_response_input *in)
{
	struct response r;
	enum err_code code = response_begin(&r, in);

	r.ocra.time_steps = in->timed ? in->step : 0;
	return code ? code : sec_ocra_mac(out, &r.suite, in->k_response, &r.ocra, NULL);
}

enum err_code code_response_match(bool *right, const struct code_response_input *in,
	uint64_t last, const uint8_t response[static CODE_RESPONSE_LEN])
{
	uint8_t want[SEC_OCRA_STEPS_MAX][CODE_RESPONSE_LEN], *wants[SEC_OCRA_STEPS_MAX];
	struct response r;
	uint64_t step = in->timed ? in->step : 0;
	unsigned match = 0;
	enum err_code code = response_begin(&r, in);

	last = in->timed ? last : 0;
	for (size_t i = 0; i < SEC_OCRA_STEPS_MAX; i++)
		wants[i] = want[i];
	while (!code && step <= last) {
		size_t count = last - step < SEC_OCRA_STEPS_MAX ? (size_t)(last - step) + 1
								: SEC_OCRA_STEPS_MAX;
		r.ocra.time_steps = step;
		code = sec_ocra_mac_steps(wants, count, &r.suite, in->k_response, &r.ocra, NULL);
		for (size_t i = 0; !code && i < count; i++)
			match |= sec_equal(want[i], response, sizeof want[i]);
		step += count;
	}
	sec_wipe(want, sizeof want);
	*right = !code && match == 1;
	return code;
}

void code_binding_amount(
	uint8_t out[static CODE_BINDING_AMOUNT_LEN], uint64_t amount, const char currency[static 3])
{
	be64_put(out, amount);
	memcpy(out + 8, currency, 3);
}
