/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of PROTOCOL.md section 9, both ways, without a network. Everything in an answer is
 * checked as if a stranger had sent it.
 */
#include <string.h>

#include "base/json.h"
#include "base/text_safe.h"
#include "verifier/client.h"

#define TEXT_IN_MAX    1024 /* bytes of a text member before it is made safe and cut */
#define TYPE_MAX       128  /* bytes of a problem's type */
#define PROBLEM_PREFIX "https://countersign.invalid/problems/"
#define CURRENCY_NONE  "XXX" /* ISO 4217: no currency */

/* ---- requests ---- */

static enum err_code built(const struct bytes *out)
{
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

enum err_code message_start_build(
	struct bytes *out, const struct flow *flow, const struct client_sale *sale)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "code", flow->first_code);
	if (sale->amount > 0) {
		if (sale->amount > INT64_MAX)
			return ERR_RANGE;
		json_out_int(&w, "amount", (int64_t)sale->amount);
	}
	if (sale->currency[0] != '\0')
		json_out_text(&w, "currency", sale->currency);
	if (sale->reference[0] != '\0')
		json_out_text(&w, "reference", sale->reference);
	if (sale->operator_name[0] != '\0')
		json_out_text(&w, "operator", sale->operator_name);
	json_out_end(&w);
	return built(out);
}

enum err_code message_answer_build(struct bytes *out, const struct flow *flow)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "code", flow->second_code);
	json_out_end(&w);
	return built(out);
}

enum err_code message_pin_build(struct bytes *out, struct span pin, int pin_try)
{
	struct json_out w;
	size_t i;

	if (pin.len < CLIENT_PIN_MIN || pin.len > CLIENT_PIN_MAX)
		return ERR_INVALID;
	for (i = 0; i < pin.len; i++)
		if (pin.data[i] < '0' || pin.data[i] > '9')
			return ERR_INVALID;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_span(&w, "pin", pin);
	json_out_int(&w, "try", pin_try);
	json_out_end(&w);
	return built(out);
}

void message_request_init(struct message_request *out, enum flow_action_kind kind,
	const struct flow *flow, const struct client_sale *sale)
{
	memset(out, 0, sizeof *out);
	out->kind = kind;
	if (kind == FLOW_DO_START) {
		memcpy(out->credential_short, flow->credential_id, CODE_ID_SHORT_LEN);
		out->sale = *sale;
	} else {
		memcpy(out->id, flow->id, sizeof out->id);
	}
}

/* ---- pieces of an answer ---- */

/* A text of the server as it may be shown; longer ones are cut. */
static enum err_code safe_get(
	const struct json *j, const char *name, char *out, size_t out_cap, struct err *err)
{
	char raw[TEXT_IN_MAX];
	enum err_code rc = json_get_text(j, name, raw, sizeof raw, err);

	if (rc == ERR_OK)
		text_safe(out, out_cap, span_text(raw));
	return rc;
}

/* *out keeps its value when the member is absent. */
static enum err_code int_get_if(
	const struct json *j, const char *name, int *out, int max, struct err *err)
{
	int64_t v;
	enum err_code rc;

	if (!json_has(j, name))
		return ERR_OK;
	rc = json_get_int(j, name, &v, 0, max, err);
	if (rc == ERR_OK)
		*out = (int)v;
	return rc;
}

static enum err_code id_get(const struct json *j, char out[static FLOW_ID_TEXT_LEN + 1],
	uint8_t raw[static CODE_ID_LEN], struct err *err)
{
	enum err_code rc = json_get_text(j, "id", out, FLOW_ID_TEXT_LEN + 1, err);

	if (rc != ERR_OK)
		return rc;
	if (hex_decode(raw, CODE_ID_LEN, span_text(out)) != ERR_OK)
		return err_set(
			err, ERR_PROTOCOL, "the id is not %d hexadecimal digits", FLOW_ID_TEXT_LEN);
	hex_encode(out, SPAN(raw, CODE_ID_LEN)); /* one spelling from here on */
	return ERR_OK;
}

/* Words of the backend only: what the terminal says of itself is not the backend's to say. */
static enum flow_reason reason_of(const char *word)
{
	enum flow_reason r = word[0] != '\0' ? flow_reason_of(word) : REASON_BAD_ANSWER;

	if (r > REASON_NOT_ALLOWED || r == REASON_NONE)
		return REASON_BAD_ANSWER;
	return r;
}

/* ---- stage one ---- */

static enum err_code number_get(const struct json *j, struct flow_started *s, struct err *err)
{
	int64_t digits;
	size_t len;
	enum err_code rc =
		json_get_int(j, "digits", &digits, CODE_DIGITS_MIN, CODE_DIGITS_MAX, err);

	if (rc == ERR_OK)
		rc = json_get_text(j, "number", s->number, sizeof s->number, err);
	if (rc != ERR_OK)
		return rc;
	len = strlen(s->number);
	if (len != (size_t)digits || strspn(s->number, "0123456789") != len)
		return err_set(err, ERR_PROTOCOL, "the number is not %d digits", (int)digits);
	return ERR_OK;
}

/* What the customer reads on the phone and answers for must be the sale that was sent. */
static enum err_code sale_check(
	const struct code_challenge *c, const struct client_sale *sale, struct err *err)
{
	const char *currency = sale->currency[0] != '\0' ? sale->currency : CURRENCY_NONE;

	if (c->amount != sale->amount)
		return err_set(err, ERR_PROTOCOL, "the challenge code has another amount");
	if (strcmp(c->currency, currency) != 0)
		return err_set(err, ERR_PROTOCOL, "the challenge code has another currency");
	if (strcmp(c->reference, sale->reference) != 0)
		return err_set(err, ERR_PROTOCOL, "the challenge code has another reference");
	return ERR_OK;
}

/* The challenge code that a phone would scan must say what the screen says. */
static enum err_code challenge_get(const struct json *j, struct flow_started *s,
	const uint8_t id[static CODE_ID_LEN], const struct message_request *request,
	struct err *err)
{
	struct code code;
	char number[CODE_DIGITS_MAX + 1];
	enum err_code rc = json_get_text(
		j, "challenge_code", s->challenge_code, sizeof s->challenge_code, err);

	if (rc != ERR_OK)
		return rc;
	code_parse(&code, span_text(s->challenge_code));
	if (code.kind != CODE_CHALLENGE)
		return err_set(err, ERR_PROTOCOL, "the challenge code is none");
	code_number_text(number, code.challenge.number, code.challenge.digits);
	if (strcmp(number, s->number) != 0)
		return err_set(err, ERR_PROTOCOL, "the challenge code has another number");
	if (!span_equal(SPAN(code.challenge.verification_id, CODE_ID_LEN), SPAN(id, CODE_ID_LEN)))
		return err_set(err, ERR_PROTOCOL, "the challenge code has another verification");
	if (!span_equal(SPAN(code.challenge.credential_short, CODE_ID_SHORT_LEN),
		    SPAN(request->credential_short, CODE_ID_SHORT_LEN)))
		return err_set(err, ERR_PROTOCOL, "the challenge code is for another credential");
	return sale_check(&code.challenge, &request->sale, err);
}

static enum err_code lifetime_get(
	const struct json *j, struct flow_started *s, int64_t date_unix_s, struct err *err)
{
	int64_t expires;
	enum err_code rc = json_get_int(j, "expires_at", &expires, 0, UINT32_MAX, err);

	if (rc != ERR_OK)
		return rc;
	/* Both figures are the backend's own, so a wrong clock here does not matter. */
	s->lifetime_ms = date_unix_s > 0 ? (expires - date_unix_s) * 1000 : MESSAGE_NUMBER_MS;
	if (s->lifetime_ms < 0)
		s->lifetime_ms = 0;
	if (s->lifetime_ms > FLOW_NUMBER_MS_MAX)
		s->lifetime_ms = FLOW_NUMBER_MS_MAX;
	return ERR_OK;
}

static enum err_code credential_get(
	const struct json *j, struct flow_credential *c, struct err *err)
{
	const struct json *o;
	enum err_code rc = json_get_object(j, "credential", &o, err);

	if (rc == ERR_OK)
		rc = safe_get(o, "purpose", c->purpose, sizeof c->purpose, err);
	if (rc == ERR_OK)
		rc = safe_get(o, "face_value", c->face_value, sizeof c->face_value, err);
	if (rc == ERR_OK)
		rc = safe_get(o, "holder", c->holder, sizeof c->holder, err);
	return rc;
}

static enum err_code started_get(const struct json *j, struct flow_started *s,
	const struct message_request *request, int64_t date_unix_s, struct err *err)
{
	uint8_t id[CODE_ID_LEN];
	enum err_code rc = id_get(j, s->id, id, err);

	if (rc == ERR_OK)
		rc = number_get(j, s, err);
	if (rc == ERR_OK)
		rc = challenge_get(j, s, id, request, err);
	if (rc == ERR_OK)
		rc = lifetime_get(j, s, date_unix_s, err);
	if (rc == ERR_OK)
		rc = credential_get(j, &s->credential, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "pin_required", &s->pin_required, err);
	return rc;
}

/* ---- stage two, PIN, state ---- */

static enum err_code state_word_get(const struct json *j, enum flow_recorded *out, struct err *err)
{
	static const struct {
		const char *word;
		enum flow_recorded state;
	} words[] = {
		{"challenged", FLOW_REC_CHALLENGED},
		{"accepted", FLOW_REC_ACCEPTED},
		{"authorised", FLOW_REC_AUTHORISED},
		{"rejected", FLOW_REC_REJECTED},
		{"expired", FLOW_REC_EXPIRED},
		{"cancelled", FLOW_REC_CANCELLED},
	};
	char word[FLOW_WORD_MAX];
	size_t i;
	enum err_code rc = json_get_text(j, "state", word, sizeof word, err);

	if (rc != ERR_OK)
		return rc;
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(word, words[i].word) == 0) {
			*out = words[i].state;
			return ERR_OK;
		}
	}
	return err_set(err, ERR_PROTOCOL, "the state is none of the protocol's");
}

static enum err_code receipt_get(const struct json *j, struct flow_answer *a, struct err *err)
{
	char raw[FLOW_RECEIPT_MAX];
	enum err_code rc;

	if (!json_has(j, "receipt"))
		return ERR_OK;
	rc = json_get_text(j, "receipt", raw, sizeof raw, err);
	if (rc == ERR_OK)
		text_safe(a->receipt, sizeof a->receipt, span_text(raw));
	return rc;
}

/* What is no receipt code is left out: a decision does not hang on it. */
static void receipt_code_get(const struct json *j, struct flow_answer *a)
{
	struct code code;

	if (!json_has(j, "receipt_code") ||
		json_get_text(j, "receipt_code", a->receipt_code, sizeof a->receipt_code, NULL) !=
			ERR_OK) {
		a->receipt_code[0] = '\0';
		return;
	}
	code_parse(&code, span_text(a->receipt_code));
	if (code.kind != CODE_RECEIPT)
		a->receipt_code[0] = '\0';
}

static enum err_code reason_get(const struct json *j, struct flow_answer *a, struct err *err)
{
	char word[FLOW_WORD_MAX];
	enum err_code rc;

	if (!json_has(j, "reason"))
		return ERR_OK;
	rc = json_get_text(j, "reason", word, sizeof word, err);
	if (rc == ERR_OK)
		a->reason = reason_of(word);
	return rc;
}

static enum err_code answer_get(const struct json *j, struct flow_answer *a,
	const struct message_request *request, struct err *err)
{
	char id[FLOW_ID_TEXT_LEN + 1];
	uint8_t raw[CODE_ID_LEN];
	enum err_code rc = id_get(j, id, raw, err);

	if (rc != ERR_OK)
		return rc;
	if (strcmp(id, request->id) != 0)
		return err_set(err, ERR_PROTOCOL, "the answer is of another verification");
	rc = state_word_get(j, &a->state, err);
	if (rc == ERR_OK)
		rc = reason_get(j, a, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "pin_required", &a->pin_required, err);
	if (rc == ERR_OK)
		rc = int_get_if(j, "attempts_left", &a->attempts_left, 1000, err);
	if (rc == ERR_OK)
		rc = int_get_if(j, "pin_tries", &a->pin_tries_used, 1000, err);
	if (rc == ERR_OK)
		rc = receipt_get(j, a, err);
	receipt_code_get(j, a);
	if (rc == ERR_OK && a->state == FLOW_REC_CHALLENGED && request->kind != FLOW_DO_ASK &&
		request->kind != FLOW_DO_LOOK)
		rc = err_set(err, ERR_PROTOCOL, "the answer does not decide");
	return rc;
}

/* ---- problems, RFC 9457 ---- */

static enum err_code problem_word(
	const char **out, char type[static TYPE_MAX], const struct json *j, struct err *err)
{
	enum err_code rc = json_get_text(j, "type", type, TYPE_MAX, err);

	if (rc != ERR_OK)
		return rc;
	if (strncmp(type, PROBLEM_PREFIX, strlen(PROBLEM_PREFIX)) != 0)
		return err_set(err, ERR_PROTOCOL, "the problem's type is none of the protocol's");
	*out = type + strlen(PROBLEM_PREFIX);
	return ERR_OK;
}

static enum flow_reason problem_reason(const char *word)
{
	if (strcmp(word, "forbidden") == 0) /* a token, but not a terminal's */
		return REASON_UNKNOWN_TERMINAL;
	return reason_of(word);
}

static enum err_code refusal_get(const struct json *j, struct flow_refusal *r,
	const struct message_request *request, int http_status, struct err *err)
{
	char type[TYPE_MAX];
	const char *word = "";
	int64_t status;
	enum err_code rc = problem_word(&word, type, j, err);

	if (rc == ERR_OK)
		rc = json_get_int(j, "status", &status, 400, 499, err);
	if (rc != ERR_OK)
		return rc;
	if (status != http_status)
		return err_set(err, ERR_PROTOCOL, "the problem has another status than the answer");
	if (strcmp(word, "busy") == 0)
		return err_set(err, ERR_BUSY, "the backend is busy");
	r->reason = problem_reason(word);
	/* The two refusals of a second code after which the number still waits for one. */
	r->still_open = request->kind == FLOW_DO_ANSWER &&
			(r->reason == REASON_WEAK_BINDING || r->reason == REASON_FOREIGN_CODE);
	if (json_has(j, "until"))
		rc = json_get_int(j, "until", &r->until_unix_s, 0, UINT32_MAX, err);
	if (rc == ERR_OK)
		rc = int_get_if(j, "attempts_left", &r->attempts_left, 1000, err);
	return rc;
}

/* ---- an answer ---- */

static enum err_code body_get(struct flow_event *out, const struct json *j,
	const struct message_request *request, const struct message_answer *answer, struct err *err)
{
	if (answer->status >= 400) {
		out->kind = FLOW_EV_REFUSED;
		out->refusal.attempts_left = -1;
		return refusal_get(j, &out->refusal, request, answer->status, err);
	}
	if (request->kind == FLOW_DO_START) {
		out->kind = FLOW_EV_STARTED;
		return started_get(j, &out->started, request, answer->date_unix_s, err);
	}
	out->kind = FLOW_EV_STATE;
	out->answer.attempts_left = -1;
	out->answer.pin_tries_used = -1;
	return answer_get(j, &out->answer, request, err);
}

static enum err_code status_check(
	const struct message_request *request, const struct message_answer *answer, struct err *err)
{
	int good = request->kind == FLOW_DO_START ? 201 : 200;
	bool refused = answer->status >= 400 && answer->status <= 499;

	if (answer->status != good && !refused)
		return err_set(
			err, ERR_PROTOCOL, "the backend answered with status %d", answer->status);
	if (refused != answer->problem)
		return err_set(err, ERR_PROTOCOL,
			"the backend answered status %d with another content type than JSON%s",
			answer->status, refused ? " of a problem" : "");
	return ERR_OK;
}

void message_answer_parse(struct flow_event *out, const struct message_request *request,
	const struct message_answer *answer, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = status_check(request, answer, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = json_parse(&j, answer->body, CLIENT_ANSWER_MAX, err);
	if (rc == ERR_OK)
		rc = body_get(out, j, request, answer, err);
	json_free(&j);
	if (rc != ERR_OK) {
		memset(out, 0, sizeof *out);
		out->kind = FLOW_EV_NO_ANSWER;
	}
}
