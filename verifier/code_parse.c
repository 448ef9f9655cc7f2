/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code text is: form, canonical Base32, version, and the fields of each kind. Every rule
 * that is broken has its own words, so that somebody with a camera in his hand can find the fault.
 * PROTOCOL.md sections 2, 4, 6, 7 and 10.
 */
#include <string.h>
#include <strings.h>

#include "base/base32.h"
#include "base/text_safe.h"
#include "verifier/code.h"
#include "verifier/code_private.h"

#define PREFIX     "HTTPS://"
#define PREFIX_LEN (sizeof PREFIX - 1)

static const struct kind_words {
	enum code_kind kind;
	const char *words;
} KINDS[] = {
	{CODE_CREDENTIAL, "credential (first code)"},
	{CODE_CHALLENGE, "challenge code"},
	{CODE_RESPONSE, "response (second code)"},
	{CODE_ACTIVATION, "activation"},
	{CODE_TARGET, "target"},
	{CODE_PAIRING, "pairing"},
	{CODE_LINK, "link"},
	{CODE_DOCUMENT, "document"},
	{CODE_PROOF, "proof of a document's holder"},
	{CODE_RECEIPT, "receipt"},
	{CODE_CIRCLE, "invitation to a circle"},
};

const char *code_kind_words(enum code_kind kind)
{
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (KINDS[i].kind == kind)
			return KINDS[i].words;
	}
	return "foreign code";
}

bool code_kind_known(char letter)
{
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if ((char)KINDS[i].kind == letter)
			return true;
	}
	return false;
}

bool code_kind_presented(enum code_kind kind)
{
	return code_kind_known((char)kind) && kind != CODE_CREDENTIAL && kind != CODE_CHALLENGE &&
	       kind != CODE_RESPONSE;
}

bool code_host_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
}

bool code_currency_valid(const char currency[static 3])
{
	for (size_t i = 0; i < 3; i++) {
		if (currency[i] < 'A' || currency[i] > 'Z')
			return false;
	}
	return true;
}

uint64_t code_number_end(int digits)
{
	uint64_t end = 1;

	for (int i = 0; i < digits; i++)
		end *= 10;
	return end;
}

/* ---- the body of each kind: NULL when every rule holds, else which does not ---- */

static const char *parse_credential(struct code *out)
{
	struct code_credential *c = &out->credential;
	const uint8_t *b = out->body;

	if (out->body_len != CODE_STATIC_BODY_LEN && out->body_len != CODE_LIVE_BODY_LEN)
		return "a credential has 92 or 100 bytes";
	if (b[1] & ~CODE_FLAG_LIVE)
		return "reserved flag bits are not zero";
	c->live = b[1] & CODE_FLAG_LIVE;
	if (c->live != (out->body_len == CODE_LIVE_BODY_LEN))
		return c->live ? "a live credential has 100 bytes"
			       : "a static credential has 92 bytes";
	memcpy(c->issuer_key_id, b + 2, CODE_KEY_ID_LEN);
	memcpy(c->credential_id, b + 6, CODE_ID_LEN);
	c->generation = be16_get(b + 22);
	if (c->generation == 0)
		return "generation is zero";
	c->not_after = be32_get(b + 24);
	memcpy(c->signature, b + CODE_CREDENTIAL_SIGNED_LEN, SEC_ED25519_SIGNATURE_LEN);
	memcpy(c->static_body, b, CODE_STATIC_BODY_LEN);
	c->static_body[1] = 0;
	if (c->live)
		memcpy(c->live_tag, b + CODE_STATIC_BODY_LEN, CODE_LIVE_TAG_LEN);
	return NULL;
}

/* A length byte and so many bytes of safe text at *at, before the tag. */
static const char *parse_text(char *out, size_t len_max, const struct code *code, size_t *at)
{
	size_t end = code->body_len - CODE_CHALLENGE_TAG_LEN;
	size_t len;

	if (*at >= end)
		return "challenge is too short";
	len = code->body[(*at)++];
	if (len > len_max)
		return "a text of the challenge is too long";
	if (len > end - *at)
		return "challenge is too short";
	if (!text_is_safe(SPAN(code->body + *at, len)))
		return "a text of the challenge is not printable UTF-8";
	memcpy(out, code->body + *at, len);
	out[len] = '\0';
	*at += len;
	return NULL;
}

static const char *parse_challenge(struct code *out)
{
	struct code_challenge *q = &out->challenge;
	const uint8_t *b = out->body;
	size_t at = CODE_CHALLENGE_FIXED_LEN;
	const char *why;

	if (out->body_len < CODE_CHALLENGE_LEN_MIN)
		return "challenge is too short";
	if (b[1])
		return "reserved flag bits are not zero";
	memcpy(q->credential_short, b + 2, CODE_ID_SHORT_LEN);
	memcpy(q->verification_id, b + 10, CODE_ID_LEN);
	q->number = be64_get(b + 26);
	q->digits = b[34];
	if (q->digits < CODE_DIGITS_MIN || q->digits > CODE_DIGITS_MAX)
		return "number of digits is not 6 to 10";
	if (q->number >= code_number_end(q->digits))
		return "number has more digits than it says";
	q->expires = be32_get(b + 35);
	q->amount = be64_get(b + 39);
	memcpy(q->currency, b + 47, 3);
	q->currency[3] = '\0';
	if (!code_currency_valid(q->currency))
		return "currency is not three letters";
	why = parse_text(q->merchant, CODE_MERCHANT_MAX, out, &at);
	if (!why)
		why = parse_text(q->reference, CODE_REFERENCE_MAX, out, &at);
	if (why)
		return why;
	if (at != out->body_len - CODE_CHALLENGE_TAG_LEN)
		return "challenge is longer than its texts";
	memcpy(q->tag, b + at, CODE_CHALLENGE_TAG_LEN);
	return NULL;
}

static const char *parse_response(struct code *out)
{
	struct code_response *r = &out->response;
	const uint8_t *b = out->body;

	if (out->body_len != CODE_RESPONSE_BODY_LEN)
		return "a response has 42 bytes";
	if (b[1] & ~(CODE_FLAG_BINDING | CODE_FLAG_TIMED))
		return "reserved flag bits are not zero";
	if ((b[1] & CODE_FLAG_BINDING) > CODE_BINDING_CHALLENGE)
		return "binding is not 0, 1 or 2";
	r->binding = (enum code_binding)(b[1] & CODE_FLAG_BINDING);
	r->timed = b[1] & CODE_FLAG_TIMED;
	memcpy(r->credential_short, b + 2, CODE_ID_SHORT_LEN);
	memcpy(r->response, b + 10, CODE_RESPONSE_LEN);
	return NULL;
}

static const char *parse_presented(struct code *out)
{
	struct code_presented *p = &out->presented;
	const uint8_t *b = out->body;

	if (out->body_len != CODE_PRESENTED_BODY_LEN)
		return "a presented code has 106 bytes";
	if (b[1])
		return "reserved flag bits are not zero";
	memcpy(p->issuer_key_id, b + 2, CODE_KEY_ID_LEN);
	memcpy(p->code_id, b + 6, CODE_ID_LEN);
	p->not_after = be32_get(b + 22);
	memcpy(p->content_digest, b + 26, sizeof p->content_digest);
	memcpy(p->signature, b + CODE_PRESENTED_SIGNED_LEN, SEC_ED25519_SIGNATURE_LEN);
	return NULL;
}

static const char *parse_fields(struct code *out)
{
	switch (out->kind) {
	case CODE_CREDENTIAL:
		return parse_credential(out);
	case CODE_CHALLENGE:
		return parse_challenge(out);
	case CODE_RESPONSE:
		return parse_response(out);
	default:
		return parse_presented(out);
	}
}

static const char *parse_body(struct code *out, struct span text)
{
	struct bytes body;

	if (text.len > BASE32_TEXT_LEN(CODE_BODY_MAX))
		return "body is too long";
	bytes_init_fixed(&body, out->body, sizeof out->body);
	if (base32_decode(&body, text))
		return "body is not canonical Base32";
	out->body_len = body.len;
	if (body.len < 2)
		return "body is too short";
	if (body.data[0] != CODE_VERSION)
		return "version is not 1";
	return parse_fields(out);
}

/* ---- the text around it ---- */

static bool starts_with(struct span text, const char *prefix, bool any_case)
{
	size_t len = strlen(prefix);

	if (text.len < len)
		return false;
	return any_case ? !strncasecmp((const char *)text.data, prefix, len)
			: !memcmp(text.data, prefix, len);
}

static bool is_web_address(struct span text)
{
	return starts_with(text, "http://", true) || starts_with(text, "https://", true) ||
	       starts_with(text, "www.", true);
}

/* HTTPS://HOST/K/ with any capital K: what starts like this wants to be ours. Returns the length of
 * the host, 0 when it does not.
 */
static size_t host_len(struct span text)
{
	size_t at = PREFIX_LEN;

	if (!starts_with(text, PREFIX, false))
		return 0;
	while (at < text.len && code_host_char(text.data[at]))
		at++;
	if (at == PREFIX_LEN || text.len - at < 3)
		return 0;
	if (text.data[at] != '/' || text.data[at + 2] != '/')
		return 0;
	if (text.data[at + 1] < 'A' || text.data[at + 1] > 'Z')
		return 0;
	return at - PREFIX_LEN;
}

static const char *parse_ours(struct code *out, struct span text, size_t host)
{
	char letter = (char)text.data[PREFIX_LEN + host + 1];
	size_t at = PREFIX_LEN + host + 3;

	if (host > CODE_HOST_MAX)
		return "host is longer than 64 characters";
	memcpy(out->host, text.data + PREFIX_LEN, host);
	if (!code_kind_known(letter))
		return "kind letter is not known";
	out->kind = (enum code_kind)letter;
	return parse_body(out, SPAN(text.data + at, text.len - at));
}

void code_parse(struct code *out, struct span text)
{
	size_t host = host_len(text);
	const char *why;

	memset(out, 0, sizeof *out);
	if (!host) {
		out->foreign = is_web_address(text) ? CODE_FOREIGN_WEB : CODE_FOREIGN_TEXT;
		return;
	}
	why = parse_ours(out, text, host);
	if (!why)
		return;
	/* Nothing of a damaged code is handed on: half-read fields would only tempt somebody. */
	memset(out, 0, sizeof *out);
	out->foreign = CODE_FOREIGN_DAMAGED;
	out->why = why;
}
