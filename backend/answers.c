/* SPDX-License-Identifier: Apache-2.0
 *
 * Outcomes of the rules as JSON.
 */
#include "backend/answers.h"

#include <string.h>

#include "backend/keyring.h"
#include "base/json.h"

void answer_init(struct answer *a)
{
	a->http = (struct http_answer){.status = 500, .content_type = "application/json"};
	a->secret = false;
	bytes_init_fixed(&a->body, a->storage, sizeof(a->storage));
}

void answer_wipe(struct answer *a)
{
	if (a->secret)
		sec_wipe(a->storage, sizeof(a->storage));
	if (a->body.owned) {
		if (a->secret)
			sec_wipe(a->body.data, a->body.len);
		bytes_done(&a->body);
		bytes_init_fixed(&a->body, a->storage, sizeof(a->storage));
	}
	a->secret = false;
	bytes_clear(&a->body);
}

const struct http_answer *answer_http(struct answer *a)
{
	struct rules_problem internal;

	if (a->body.full || a->body.len == 0) {
		int64_t date = a->http.date_unix_s;

		problem_set(&internal, 500, "internal", "the answer did not fit");
		answer_problem(a, &internal);
		a->http.date_unix_s = date;
	}
	a->http.body = bytes_span(&a->body);
	return &a->http;
}

void answer_begin(struct answer *a, struct json_out *w, int status)
{
	bytes_clear(&a->body);
	a->http.status = status;
	json_out_init(w, &a->body);
	json_out_begin(w, NULL);
}

void answer_begin_long(struct answer *a, struct json_out *w, int status)
{
	bytes_init(&a->body, ANSWER_LONG_MAX);
	answer_begin(a, w, status);
}

static void hex_member(struct json_out *w, const char *name, const uint8_t *data, size_t len)
{
	json_out_hex(w, name, SPAN(data, len));
}

void answer_health(struct answer *a, const struct answer_health *health)
{
	bool ok = health->store && health->clock && health->keys && health->worker;
	struct json_out w;

	answer_begin(a, &w, ok ? 200 : 503);
	json_out_text(&w, "status", ok ? "ok" : "failing");
	json_out_bool(&w, "store", health->store);
	json_out_bool(&w, "clock", health->clock);
	json_out_bool(&w, "keys", health->keys);
	json_out_bool(&w, "worker", health->worker);
	if (health->deterministic)
		json_out_bool(&w, "deterministic", true);
	if (health->certificate_ends_at)
		json_out_int(&w, "certificate_ends_at", health->certificate_ends_at);
	json_out_end(&w);
	a->http.retry_after_s = ok ? 0 : ANSWER_BUSY_RETRY_S;
}

void answer_start(struct answer *a, const struct rules_start_out *out)
{
	struct json_out w;

	answer_begin(a, &w, 201);
	hex_member(&w, "id", out->id, sizeof(out->id));
	json_out_text(&w, "number", out->number);
	json_out_int(&w, "digits", out->digits);
	json_out_int(&w, "expires_at", out->expires_at);
	json_out_text(&w, "challenge_code", out->challenge_code);
	json_out_begin(&w, "credential");
	json_out_text(&w, "purpose", out->purpose);
	json_out_text(&w, "face_value", out->face_value);
	json_out_text(&w, "holder", out->holder);
	json_out_end(&w);
	json_out_bool(&w, "pin_required", out->pin_required);
	json_out_end(&w);
}

static void tell_verification(struct json_out *w, const struct rules_verification *v)
{
	hex_member(w, "id", v->id, sizeof(v->id));
	json_out_text(w, "state", rules_state_word(v->state));
	if (v->reason[0])
		json_out_text(w, "reason", v->reason);
	json_out_bool(w, "pin_required", v->pin_required);
	if (v->attempts_left >= 0)
		json_out_int(w, "attempts_left", v->attempts_left);
	json_out_int(w, "pin_tries", v->pin_tries);
	if (v->receipt[0])
		json_out_text(w, "receipt", v->receipt);
	if (v->receipt_code[0])
		json_out_text(w, "receipt_code", v->receipt_code);
}

void answer_verification(struct answer *a, const struct rules_verification *v)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	tell_verification(&w, v);
	json_out_end(&w);
}

void answer_wallet_verification(struct answer *a, const struct rules_wallet_verification *v)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	tell_verification(&w, &v->v);
	if (v->amount) {
		json_out_int(&w, "amount", (int64_t)v->amount);
		json_out_text(&w, "currency", v->currency);
	}
	json_out_text(&w, "merchant", v->merchant);
	if (v->reference[0])
		json_out_text(&w, "reference", v->reference);
	json_out_int(&w, "started_at", v->started_at);
	if (v->decided_at)
		json_out_int(&w, "decided_at", v->decided_at);
	json_out_end(&w);
}

void answer_activation(struct answer *a, const struct rules_activation_out *out)
{
	struct json_out w;

	answer_begin(a, &w, 201);
	a->secret = true;
	json_out_begin(&w, "credential");
	hex_member(&w, "id", out->credential_id, sizeof(out->credential_id));
	json_out_int(&w, "generation", out->generation);
	json_out_int(&w, "not_after", out->not_after);
	json_out_text(&w, "policy", out->live ? "live" : "static");
	json_out_int(&w, "digits", out->digits);
	json_out_text(&w, "purpose", out->purpose);
	json_out_text(&w, "face_value", out->face_value);
	json_out_text(&w, "holder", out->holder);
	json_out_end(&w);
	hex_member(&w, "secret", out->secret, sizeof(out->secret));
	json_out_text(&w, "first_code", out->first_code);
	json_out_begin(&w, "issuer");
	json_out_text(&w, "name", out->issuer_name);
	json_out_text(&w, "host", out->issuer_host);
	hex_member(&w, "key", out->issuer_public, sizeof(out->issuer_public));
	json_out_end(&w);
	json_out_text(&w, "token", out->token);
	json_out_end(&w);
}

void answer_activation_look(struct answer *a, const struct rules_activation_seen *seen)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	json_out_begin(&w, "issuer");
	json_out_text(&w, "name", seen->issuer_name);
	json_out_text(&w, "host", seen->issuer_host);
	json_out_end(&w);
	json_out_text(&w, "purpose", seen->purpose);
	json_out_text(&w, "face_value", seen->face_value);
	json_out_int(&w, "expires_at", seen->expires_at);
	json_out_int(&w, "ends_at", seen->not_after);
	json_out_end(&w);
}

/* PEM is ASCII in lines; JSON writes the ends of lines its own way. */
static void pem_member(struct json_out *w, const char *name, struct span pem)
{
	char text[AUTHORITY_PEM_MAX];

	ASSERT(pem.len < sizeof(text));
	memcpy(text, pem.data, pem.len);
	text[pem.len] = '\0';
	json_out_text(w, name, text);
}

void answer_authority(struct answer *a, struct span pem)
{
	struct json_out w;

	answer_begin(a, &w, 200);
	pem_member(&w, "ca", pem);
	json_out_end(&w);
}

void answer_enrolment(struct answer *a, const struct rules_enrolment_out *out,
	const struct keyring *keys)
{
	struct json_out w;

	answer_begin(a, &w, 201);
	hex_member(&w, "terminal", out->terminal, sizeof(out->terminal));
	json_out_text(&w, "name", out->name);
	pem_member(&w, "certificate", span_text(out->certificate));
	json_out_int(&w, "not_after", out->not_after);
	json_out_begin(&w, "issuer");
	json_out_text(&w, "name", keyring_issuer_name(keys));
	json_out_text(&w, "host", keyring_issuer_host(keys));
	hex_member(&w, "key", keyring_issuer_at(keys, 0)->public_key, SEC_ED25519_PUBLIC_LEN);
	json_out_end(&w);
	json_out_end(&w);
}
