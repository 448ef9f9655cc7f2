/* SPDX-License-Identifier: Apache-2.0
 *
 * `holder derive`: one case in the form of vectors.json on standard input, every derived code, key
 * and number as JSON on standard output. For integrators and outside checks. It prints keys: the
 * case is test data, never a holder's wallet.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "wallet/holder/command.h"

#define DERIVE_TEXT_MAX 16384   /* of one member */
#define DERIVE_INPUT_MAX 65536  /* more than vectors.json has: giving all of it is told apart */
#define DERIVE_OUTPUT_MAX 131072

struct derive_case {
	uint8_t issuer_seed[SEC_ED25519_SEED_LEN];
	uint8_t issuer_public[SEC_ED25519_PUBLIC_LEN];
	uint8_t secret[SEC_KEY_LEN];
	uint8_t k_number[SEC_KEY_LEN];
	uint8_t static_body[CODE_STATIC_BODY_LEN];
	struct code_credential credential;
	struct code_challenge challenge;
	struct code_keys keys;
	char host[CODE_HOST_MAX + 1];
	char record[DERIVE_TEXT_MAX];
	int64_t now, answered_at;
	uint64_t number_next;
	uint8_t challenge_body[CODE_BODY_MAX];
	size_t challenge_len;
	char kind[2];
	struct code_presented presented;
	char content[DERIVE_TEXT_MAX];
};

/* ---- inputs ---- */

static enum err_code hex_get(
	uint8_t *out, size_t len, const struct json *j, const char *name, struct err *err)
{
	char text[2 * SEC_KEY_LEN + 1];
	enum err_code rc = json_get_text(j, name, text, sizeof(text), err);

	if (!rc && hex_decode(out, len, span_text(text)))
		rc = err_set(err, ERR_FORMAT, "%s is not %zu bytes in hex", name, len);
	return rc;
}

static enum err_code credential_get(struct derive_case *c, const struct json *j, struct err *err)
{
	int64_t generation, not_after;
	enum err_code rc = hex_get(c->issuer_seed, sizeof(c->issuer_seed), j, "issuer_seed", err);

	if (!rc)
		rc = hex_get(c->secret, sizeof(c->secret), j, "secret", err);
	if (!rc)
		rc = hex_get(c->credential.credential_id, CODE_ID_LEN, j, "credential_id", err);
	if (!rc)
		rc = json_get_int(j, "generation", &generation, 0, UINT16_MAX, err);
	if (!rc)
		rc = json_get_int(j, "not_after", &not_after, 0, UINT32_MAX, err);
	if (!rc)
		rc = json_get_text(j, "host", c->host, sizeof(c->host), err);
	if (!rc)
		rc = json_get_int(j, "now", &c->now, 0, INT64_MAX, err);
	if (!rc)
		rc = json_get_int(j, "answered_at", &c->answered_at, 0, INT64_MAX, err);
	if (rc)
		return rc;
	c->credential.generation = (uint16_t)generation;
	c->credential.not_after = (uint32_t)not_after;
	return ERR_OK;
}

static enum err_code challenge_get(struct derive_case *c, const struct json *j, struct err *err)
{
	struct code_challenge *q = &c->challenge;
	int64_t digits, amount, expires;
	enum err_code rc = hex_get(c->k_number, sizeof(c->k_number), j, "k_number", err);

	if (!rc)
		rc = json_get_text(j, "registration_record", c->record, sizeof(c->record), err);
	if (!rc)
		rc = hex_get(q->verification_id, CODE_ID_LEN, j, "verification_id", err);
	if (!rc)
		rc = json_get_int(j, "digits", &digits, CODE_DIGITS_MIN, CODE_DIGITS_MAX, err);
	if (!rc)
		rc = json_get_int(j, "amount", &amount, 0, INT64_MAX, err);
	if (!rc)
		rc = json_get_text(j, "currency", q->currency, sizeof(q->currency), err);
	if (!rc && strspn(q->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		rc = err_set(err, ERR_FORMAT, "currency is not three capital letters");
	if (!rc)
		rc = json_get_text(j, "merchant", q->merchant, sizeof(q->merchant), err);
	if (!rc)
		rc = json_get_text(j, "reference", q->reference, sizeof(q->reference), err);
	if (!rc)
		rc = json_get_int(j, "expires", &expires, 0, UINT32_MAX, err);
	if (rc)
		return rc;
	q->digits = (int)digits;
	q->amount = (uint64_t)amount;
	q->expires = (uint32_t)expires;
	memcpy(q->credential_short, c->credential.credential_id, CODE_ID_SHORT_LEN);
	return ERR_OK;
}

static enum err_code presented_get(struct derive_case *c, const struct json *j, struct err *err)
{
	const struct json *p;
	int64_t not_after;
	enum err_code rc = json_get_object(j, "presented", &p, err);

	if (!rc)
		rc = json_get_text(p, "kind", c->kind, sizeof(c->kind), err);
	if (!rc)
		rc = hex_get(c->presented.code_id, CODE_ID_LEN, p, "code_id", err);
	if (!rc)
		rc = json_get_int(p, "not_after", &not_after, 0, UINT32_MAX, err);
	if (!rc)
		rc = json_get_text(p, "content", c->content, sizeof(c->content), err);
	if (rc)
		return rc;
	c->presented.not_after = (uint32_t)not_after;
	return ERR_OK;
}

/* ---- what is derived ---- */

static enum err_code issuer_derive(struct derive_case *c)
{
	struct span seed = SPAN(c->issuer_seed, sizeof(c->issuer_seed));
	enum err_code rc = sec_ed25519_public(c->issuer_public, seed);

	if (!rc)
		rc = code_issuer_key_id(c->credential.issuer_key_id,
			SPAN(c->issuer_public, sizeof(c->issuer_public)));
	if (!rc)
		rc = code_credential_sign(c->static_body, &c->credential, seed);
	memcpy(c->presented.issuer_key_id, c->credential.issuer_key_id, CODE_KEY_ID_LEN);
	return rc ? rc : code_keys_derive(&c->keys, SPAN(c->secret, sizeof(c->secret)));
}

static enum err_code number_derive(struct derive_case *c)
{
	struct code_number_input in = {.k_number = SPAN(c->k_number, sizeof(c->k_number)),
		.registration_record = span_text(c->record),
		.digits = c->challenge.digits};
	uint32_t i = 0;
	enum err_code rc;

	memcpy(in.verification_id, c->challenge.verification_id, CODE_ID_LEN);
	rc = code_number(&c->challenge.number, &i, &in, 0);
	return rc ? rc : code_number(&c->number_next, &i, &in, i + 1);
}

static enum err_code challenge_derive(struct derive_case *c)
{
	struct bytes body;
	enum err_code rc;

	bytes_init_fixed(&body, c->challenge_body, sizeof(c->challenge_body));
	rc = code_challenge_build(&body, &c->challenge, SPAN(c->keys.challenge, SEC_KEY_LEN));
	c->challenge_len = body.len;
	return rc;
}

/* ---- output ---- */

static enum err_code code_put(struct json_out *out, const struct derive_case *c, const char *name,
	char kind, struct span body)
{
	char storage[CODE_TEXT_MAX];
	struct bytes text;
	enum err_code rc;

	bytes_init_fixed(&text, storage, sizeof(storage));
	rc = code_text_build(&text, c->host, kind, body);
	if (!rc)
		json_out_span(out, name, bytes_span(&text));
	return rc;
}

static enum err_code second_code_put(
	struct json_out *out, const struct derive_case *c, bool timed, enum code_binding binding)
{
	char name[40], number[CODE_DIGITS_MAX + 1];
	uint8_t amount[CODE_BINDING_AMOUNT_LEN], body[CODE_RESPONSE_BODY_LEN];
	struct code_response fields = {.binding = binding, .timed = timed};
	struct code_response_input in = {.k_response = SPAN(c->keys.response, SEC_KEY_LEN),
		.static_body = c->static_body,
		.number = number,
		.timed = timed,
		.step = code_step(c->answered_at)};
	enum err_code rc;

	code_number_text(number, c->challenge.number, c->challenge.digits);
	code_binding_amount(amount, c->challenge.amount, c->challenge.currency);
	if (binding == CODE_BINDING_AMOUNT)
		in.binding_data = SPAN(amount, sizeof(amount));
	if (binding == CODE_BINDING_CHALLENGE)
		in.binding_data =
			SPAN(c->challenge_body, c->challenge_len - CODE_CHALLENGE_TAG_LEN);
	memcpy(fields.credential_short, c->credential.credential_id, CODE_ID_SHORT_LEN);
	rc = code_response_compute(fields.response, &in);
	if (rc)
		return rc;
	code_response_build(body, &fields);
	snprintf(name, sizeof(name), "second_code_%sbinding_%d", timed ? "timed_" : "",
		(int)binding);
	return code_put(out, c, name, CODE_RESPONSE, SPAN(body, sizeof(body)));
}

static enum err_code first_codes_put(struct json_out *out, const struct derive_case *c)
{
	uint8_t live[CODE_LIVE_BODY_LEN];
	enum err_code rc = code_put(out, c, "first_code_static", CODE_CREDENTIAL,
		SPAN(c->static_body, sizeof(c->static_body)));

	if (!rc)
		rc = code_credential_live(
			live, c->static_body, SPAN(c->keys.live, SEC_KEY_LEN), code_step(c->now));
	return rc ? rc
		  : code_put(out, c, "first_code_live", CODE_CREDENTIAL, SPAN(live, sizeof(live)));
}

static enum err_code presented_put(struct json_out *out, const struct derive_case *c)
{
	uint8_t body[CODE_PRESENTED_BODY_LEN];
	enum err_code rc = code_presented_sign(body, c->kind[0], &c->presented,
		span_text(c->content), SPAN(c->issuer_seed, sizeof(c->issuer_seed)));

	if (rc)
		return rc;
	json_out_begin(out, "presented");
	json_out_text(out, "kind", c->kind);
	json_out_hex(out, "code_id", SPAN(c->presented.code_id, CODE_ID_LEN));
	json_out_int(out, "not_after", c->presented.not_after);
	json_out_text(out, "content", c->content);
	rc = code_put(out, c, "code", c->kind[0], SPAN(body, sizeof(body)));
	json_out_end(out);
	return rc;
}

static enum err_code case_put(struct json_out *out, const struct derive_case *c)
{
	char number[CODE_DIGITS_MAX + 1];
	enum err_code rc;

	json_out_hex(out, "issuer_public", SPAN(c->issuer_public, sizeof(c->issuer_public)));
	json_out_hex(out, "k_response", SPAN(c->keys.response, SEC_KEY_LEN));
	json_out_hex(out, "k_live", SPAN(c->keys.live, SEC_KEY_LEN));
	json_out_hex(out, "k_challenge", SPAN(c->keys.challenge, SEC_KEY_LEN));
	rc = first_codes_put(out, c);
	code_number_text(number, c->challenge.number, c->challenge.digits);
	json_out_text(out, "number", number);
	code_number_text(number, c->number_next, c->challenge.digits);
	json_out_text(out, "number_if_that_was_used", number);
	if (!rc)
		rc = code_put(out, c, "challenge_code", CODE_CHALLENGE,
			SPAN(c->challenge_body, c->challenge_len));
	for (int timed = 0; timed < 2; timed++)
		for (int b = CODE_BINDING_NUMBER; b <= CODE_BINDING_CHALLENGE && !rc; b++)
			rc = second_code_put(out, c, timed, (enum code_binding)b);
	return rc ? rc : presented_put(out, c);
}

static enum err_code case_read(struct derive_case *c, struct span text, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = text.len ? json_parse(&j, text, DERIVE_INPUT_MAX, err)
				    : err_set(err, ERR_FORMAT, "standard input is empty: give it "
					      "one case as JSON");

	if (!rc && json_has(j, "cases"))
		rc = err_set(err, ERR_FORMAT,
			"this is the whole of vectors.json: give one element of `cases`");
	if (!rc)
		rc = credential_get(c, j, err);
	if (!rc)
		rc = challenge_get(c, j, err);
	if (!rc)
		rc = presented_get(c, j, err);
	json_free(&j);
	return rc;
}

enum err_code derive(struct bytes *out, struct span text, struct err *err)
{
	struct derive_case *c = calloc(1, sizeof(*c));
	struct json_out w;
	enum err_code rc;

	if (!c)
		return err_set(err, ERR_NO_MEMORY, "no memory for the case");
	rc = case_read(c, text, err);
	if (rc)
		goto out;
	rc = issuer_derive(c);
	if (!rc)
		rc = number_derive(c);
	if (!rc)
		rc = challenge_derive(c);
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	if (!rc)
		rc = case_put(&w, c);
	json_out_end(&w);
	if (rc)
		err_set(err, rc, "the case has a value that no code can carry");
	else if (out->full)
		rc = err_set(err, ERR_TOO_LARGE, "the answer is longer than there is room for");
out:
	sec_wipe(c, sizeof(*c));
	free(c);
	return rc;
}

static enum err_code input_read(struct bytes *out, struct err *err)
{
	while (!out->full) {
		uint8_t chunk[1024];
		ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_os(err, ERR_IO, errno, "standard input");
		if (n == 0)
			return ERR_OK;
		bytes_add(out, chunk, (size_t)n);
	}
	return err_set(err, ERR_TOO_LARGE, "the case is longer than %d bytes", DERIVE_INPUT_MAX);
}

/* Whatever is wrong is wrong with the input; only a lack of memory is not its fault. */
static int derive_failed(const struct err *err)
{
	int code = command_failed(err);

	return err->code == ERR_NO_MEMORY ? code : HOLDER_USAGE;
}

int command_derive(int argc, char **argv)
{
	static uint8_t in_storage[DERIVE_INPUT_MAX], out_storage[DERIVE_OUTPUT_MAX];
	struct option_result r;
	struct bytes in, out;
	struct err err = {0};

	if (options_parse(&r, NULL, 0, argc, argv, 0, &err))
		return derive_failed(&err);
	if (r.help) {
		puts("holder derive: reads one case in the form of fixtures/vectors/vectors.json "
		     "(members "
		     "that are\nno inputs are ignored) on standard input; prints what follows from "
		     "it");
		return HOLDER_DONE;
	}
	bytes_init_fixed(&in, in_storage, sizeof(in_storage));
	bytes_init_fixed(&out, out_storage, sizeof(out_storage));
	if (input_read(&in, &err) || derive(&out, bytes_span(&in), &err))
		return derive_failed(&err);
	puts(bytes_text(&out));
	return HOLDER_DONE;
}
