/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and customer service in JSON.
 */
#include "verifier/message_service.h"

#include <string.h>

#include "base/json.h"
#include "base/text_safe.h"

#define TEXT_IN_MAX 1024 /* bytes of a text member before it is made safe and cut */
#define WORD_MAX    24

/* ---- requests ---- */

static enum err_code built(const struct bytes *out)
{
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

/* What the backend would refuse without saying more than that is not sent. */
static bool is_text(struct span text, size_t max)
{
	return text.len > 0 && text.len <= max && text_is_safe(text);
}

enum err_code message_session_build(struct bytes *out, const char *name, struct span passphrase)
{
	struct json_out w;

	if (!is_text(span_text(name), MESSAGE_NAME_MAX) ||
		!is_text(passphrase, MESSAGE_PASSPHRASE_MAX))
		return ERR_INVALID;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "name", name);
	json_out_span(&w, "passphrase", passphrase);
	json_out_end(&w);
	return built(out);
}

enum err_code message_call_build(struct bytes *out, enum message_call_by by, const char *text)
{
	static const char *const NAMES[] = {[MESSAGE_CALL_ACCOUNT] = "account",
		[MESSAGE_CALL_PHONE] = "phone",
		[MESSAGE_CALL_CREDENTIAL] = "credential"};
	struct json_out w;

	if (!is_text(span_text(text), FLOW_LABEL_MAX - 1))
		return ERR_INVALID;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, NAMES[by], text);
	json_out_end(&w);
	return built(out);
}

enum err_code message_call_answer_build(struct bytes *out, int question, struct span answer)
{
	struct json_out w;

	if (!is_text(answer, MESSAGE_ANSWER_MAX))
		return ERR_INVALID;
	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_int(&w, "question", question);
	json_out_span(&w, "answer", answer);
	json_out_end(&w);
	return built(out);
}

enum err_code message_act_build(struct bytes *out, const char *call, bool show)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_text(&w, "call", call);
	if (show)
		json_out_int(&w, "show", 1);
	json_out_end(&w);
	return built(out);
}

/* ---- pieces of an answer ---- */

static enum err_code safe_get(const struct json *j, const char *name,
	char out[static FLOW_LABEL_MAX], struct err *err)
{
	char raw[TEXT_IN_MAX];
	enum err_code rc = json_get_text(j, name, raw, sizeof raw, err);

	if (rc == ERR_OK)
		text_safe(out, FLOW_LABEL_MAX, span_text(raw));
	return rc;
}

static enum err_code small_get(const struct json *j, const char *name, int *out, int min, int max,
	struct err *err)
{
	int64_t v = 0;
	enum err_code rc = json_get_int(j, name, &v, min, max, err);

	if (rc == ERR_OK)
		*out = (int)v;
	return rc;
}

static enum err_code time_get(const struct json *j, const char *name, int64_t *out,
	struct err *err)
{
	return json_get_int(j, name, out, 0, UINT32_MAX, err);
}

/* Its index in the list; ERR_PROTOCOL when it is none of them. */
static enum err_code word_get(const struct json *j, const char *name, const char *const *words,
	size_t count, size_t *out, struct err *err)
{
	char word[WORD_MAX];
	enum err_code rc = json_get_text(j, name, word, sizeof word, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = i;
			return ERR_OK;
		}
	}
	return err_set(err, ERR_PROTOCOL, "member \"%s\" is none of the protocol's words", name);
}

/* An id goes into a path: only one spelling, and nothing else. */
static enum err_code id_get(const struct json *j, const char *name,
	char out[static MESSAGE_ID_LEN + 1], const char *wanted, struct err *err)
{
	uint8_t raw[MESSAGE_ID_LEN / 2];
	enum err_code rc = json_get_text(j, name, out, MESSAGE_ID_LEN + 1, err);

	if (rc != ERR_OK)
		return rc;
	if (hex_decode(raw, sizeof raw, span_text(out)) != ERR_OK)
		return err_set(err, ERR_PROTOCOL, "the id is not %d hexadecimal digits",
			MESSAGE_ID_LEN);
	hex_encode(out, SPAN(raw, sizeof raw));
	if (wanted[0] != '\0' && strcmp(out, wanted) != 0)
		return err_set(err, ERR_PROTOCOL, "the answer is about something else");
	return ERR_OK;
}

/* A token is sent back in a header, or shown as a code. */
static enum err_code token_get(const struct json *j, char out[static CLIENT_TOKEN_MAX + 1],
	struct err *err)
{
	enum err_code rc = json_get_text(j, "token", out, CLIENT_TOKEN_MAX + 1, err);
	size_t len = rc == ERR_OK ? strlen(out) : 0;

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < len; i++)
		if (out[i] <= ' ' || out[i] > '~')
			return err_set(err, ERR_PROTOCOL, "the token has other characters");
	return len > 0 ? ERR_OK : err_set(err, ERR_PROTOCOL, "the token is empty");
}

/* ---- sessions ---- */

static enum message_role role_of(const char *word)
{
	static const char *const WORDS[] = {[MESSAGE_ROLE_CASHIER] = "cashier",
		[MESSAGE_ROLE_TELLER] = "teller",
		[MESSAGE_ROLE_SUPERVISOR] = "supervisor",
		[MESSAGE_ROLE_ADMINISTRATOR] = "administrator"};

	for (size_t i = MESSAGE_ROLE_CASHIER; i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (strcmp(word, WORDS[i]) == 0)
			return (enum message_role)i;
	return MESSAGE_ROLE_NONE;
}

static enum err_code session_get(struct message_session *out, const struct json *j,
	struct err *err)
{
	char word[WORD_MAX];
	enum err_code rc = token_get(j, out->token, err);

	if (rc == ERR_OK)
		rc = time_get(j, "expires_at", &out->expires_at, err);
	if (rc == ERR_OK)
		rc = safe_get(j, "name", out->name, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "role", word, sizeof word, err);
	if (rc == ERR_OK)
		out->role = role_of(word);
	return rc;
}

enum err_code message_session_parse(struct message_session *out, struct span body,
	struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = session_get(out, j, err);
	json_free(&j);
	if (rc != ERR_OK)
		sec_wipe(out, sizeof *out);
	return rc;
}

/* ---- calls ---- */

static enum err_code question_get(struct message_question *q, const struct json *j,
	struct err *err)
{
	static const char *const KINDS[] = {[MESSAGE_QUESTION_OTHER] = "other",
		[MESSAGE_QUESTION_DOCUMENT] = "document",
		[MESSAGE_QUESTION_PHONE] = "phone",
		[MESSAGE_QUESTION_BIRTH] = "birth"};
	size_t kind = 0;
	enum err_code rc =
		small_get(j, "question", &q->number, 1, MESSAGE_QUESTIONS_MAX, err);

	if (rc == ERR_OK)
		rc = word_get(j, "kind", KINDS, sizeof KINDS / sizeof KINDS[0], &kind, err);
	q->kind = (enum message_question_kind)kind;
	if (rc == ERR_OK)
		rc = safe_get(j, "words", q->words, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "right", &q->right, err);
	return rc;
}

static enum err_code questions_get(struct message_call *c, const struct json *j, struct err *err)
{
	const struct json *one = NULL;
	size_t count = 0;
	enum err_code rc = json_get_array_len(j, "questions", &count, err);

	if (rc == ERR_OK && count > MESSAGE_QUESTIONS_MAX)
		rc = err_set(err, ERR_PROTOCOL, "there are too many questions");
	for (size_t i = 0; i < count && rc == ERR_OK; i++) {
		rc = json_get_array_object(j, "questions", i, &one, err);
		if (rc == ERR_OK)
			rc = question_get(&c->question[c->question_count++], one, err);
	}
	return rc;
}

static enum err_code call_get(struct message_call *c, const char *id, const struct json *j,
	struct err *err)
{
	static const char *const STATES[] = {[MESSAGE_CALL_OPEN] = "open",
		[MESSAGE_CALL_IDENTIFIED] = "identified",
		[MESSAGE_CALL_ENDED] = "ended",
		[MESSAGE_CALL_FAILED] = "failed",
		[MESSAGE_CALL_EXPIRED] = "expired"};
	size_t state = 0;
	enum err_code rc = id_get(j, "id", c->id, id, err);

	if (rc == ERR_OK)
		rc = word_get(j, "state", STATES, sizeof STATES / sizeof STATES[0], &state, err);
	c->state = (enum message_call_state)state;
	if (rc == ERR_OK)
		rc = questions_get(c, j, err);
	if (rc == ERR_OK)
		rc = small_get(j, "right", &c->right, 0, MESSAGE_QUESTIONS_MAX, err);
	if (rc == ERR_OK)
		rc = small_get(j, "needed", &c->needed, 0, MESSAGE_QUESTIONS_MAX, err);
	if (rc == ERR_OK)
		rc = small_get(j, "attempts_left", &c->attempts_left, 0, 1000, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "may_freeze", &c->may_freeze, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "may_act", &c->may_act, err);
	if (rc == ERR_OK)
		rc = time_get(j, "expires_at", &c->expires_at, err);
	if (c->state > MESSAGE_CALL_IDENTIFIED)
		c->may_freeze = c->may_act = false;
	return rc;
}

enum err_code message_call_parse(struct message_call *out, const char *id, struct span body,
	struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = call_get(out, id, j, err);
	json_free(&j);
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	return rc;
}

/* ---- credentials ---- */

static enum err_code credential_get(struct message_credential *c, const char *id,
	const struct json *j, struct err *err)
{
	static const char *const WORDS[] = {[MESSAGE_STATUS_VOID] = "void",
		[MESSAGE_STATUS_ACTIVE] = "active",
		[MESSAGE_STATUS_FROZEN] = "frozen",
		[MESSAGE_STATUS_EXPIRED] = "expired"};
	size_t status = 0;
	enum err_code rc = id_get(j, "id", c->id, id, err);

	if (rc == ERR_OK)
		rc = word_get(j, "status", WORDS, sizeof WORDS / sizeof WORDS[0], &status, err);
	c->status = (enum message_status)status;
	if (rc == ERR_OK && json_has(j, "frozen_until"))
		rc = time_get(j, "frozen_until", &c->frozen_until, err);
	if (rc == ERR_OK)
		rc = safe_get(j, "purpose", c->purpose, err);
	if (rc == ERR_OK)
		rc = safe_get(j, "face_value", c->face_value, err);
	if (rc == ERR_OK)
		rc = safe_get(j, "account", c->account, err);
	if (rc == ERR_OK)
		rc = small_get(j, "generation", &c->generation, 1, UINT16_MAX, err);
	if (rc == ERR_OK)
		rc = time_get(j, "not_after", &c->not_after, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "pin_locked", &c->pin_locked, err);
	if (rc == ERR_OK)
		rc = json_get_bool(j, "activated", &c->activated, err);
	return rc;
}

enum err_code message_credential_parse(struct message_credential *out, const char *id,
	struct span body, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = credential_get(out, id, j, err);
	json_free(&j);
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	return rc;
}

static enum err_code credentials_get(struct message_credentials *out, const struct json *j,
	struct err *err)
{
	const struct json *one = NULL;
	size_t count = 0;
	enum err_code rc = safe_get(j, "holder", out->holder, err);

	if (rc == ERR_OK)
		rc = json_get_array_len(j, "credentials", &count, err);
	if (rc == ERR_OK && count > MESSAGE_CREDENTIALS_MAX)
		rc = err_set(err, ERR_PROTOCOL, "there are too many credentials");
	for (size_t i = 0; i < count && rc == ERR_OK; i++) {
		rc = json_get_array_object(j, "credentials", i, &one, err);
		if (rc == ERR_OK)
			rc = credential_get(&out->list[out->count++], "", one, err);
	}
	return rc == ERR_OK ? json_get_bool(j, "more", &out->more, err) : rc;
}

enum err_code message_credentials_parse(struct message_credentials *out, struct span body,
	struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = credentials_get(out, j, err);
	json_free(&j);
	if (rc != ERR_OK)
		memset(out, 0, sizeof *out);
	return rc;
}

/* ---- renewal ---- */

/* A link is drawn as a code that a phone opens. */
static enum err_code link_get(const struct json *j, char out[static MESSAGE_LINK_MAX],
	struct err *err)
{
	enum err_code rc = json_get_text(j, "link", out, MESSAGE_LINK_MAX, err);

	if (rc != ERR_OK)
		return rc;
	for (const char *p = out; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(err, ERR_PROTOCOL, "the link has other characters");
	if (strncmp(out, "https://", 8) != 0 && strncmp(out, "http://", 7) != 0)
		return err_set(err, ERR_PROTOCOL, "the link is no address of the web");
	return ERR_OK;
}

/* Drawn, too, for a wallet to scan: nothing else that looks like a code of ours. */
static enum err_code code_get(const struct json *j, char out[static CODE_TEXT_MAX],
	struct err *err)
{
	struct code code;
	enum err_code rc;

	if (!json_has(j, "code"))
		return ERR_OK;
	rc = json_get_text(j, "code", out, CODE_TEXT_MAX, err);
	if (rc != ERR_OK)
		return rc;
	code_parse(&code, span_text(out));
	return code.kind == CODE_ACTIVATION
		       ? ERR_OK
		       : err_set(err, ERR_PROTOCOL, "the code is not that of an activation");
}

static enum err_code renewed_get(struct message_renewed *out, const char *id, bool show,
	const struct json *j, struct err *err)
{
	char credential[MESSAGE_ID_LEN + 1];
	enum err_code rc = id_get(j, "credential", credential, id, err);

	if (rc == ERR_OK)
		rc = small_get(j, "generation", &out->generation, 1, UINT16_MAX, err);
	if (rc == ERR_OK)
		rc = time_get(j, "not_after", &out->not_after, err);
	if (rc != ERR_OK || !show)
		return rc;
	rc = token_get(j, out->token, err);
	if (rc == ERR_OK)
		rc = time_get(j, "token_expires_at", &out->token_expires_at, err);
	if (rc == ERR_OK)
		rc = link_get(j, out->link, err);
	return rc == ERR_OK ? code_get(j, out->code, err) : rc;
}

enum err_code message_renewed_parse(struct message_renewed *out, const char *id, bool show,
	struct span body, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, body, CLIENT_ANSWER_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = renewed_get(out, id, show, j, err);
	json_free(&j);
	if (rc != ERR_OK)
		sec_wipe(out, sizeof *out);
	return rc;
}
