/* SPDX-License-Identifier: Apache-2.0
 *
 * A sale as a line of JSON, and back. Whatever is not exactly what sale_write() writes is damaged:
 * an unknown word is never taken for an acceptance.
 */
#include <string.h>

#include "base/amount.h"
#include "base/json.h"
#include "base/text_safe.h"
#include "ui/sales.h"

#define VERSION 1
#define WORD_MAX 32
#define UTC_OFFSET_MAX 64800 /* 18 hours */

static const char *const words[SALE_VERDICT_COUNT] = {
	[SALE_NONE] = "none",
	[SALE_ACCEPTED] = "accepted",
	[SALE_AUTHORISED] = "authorised",
	[SALE_REFUSED] = "refused",
	[SALE_UNCERTAIN] = "uncertain",
	[SALE_UNCONFIRMED] = "unconfirmed",
};

const char *sale_verdict_word(enum sale_verdict v)
{
	return v > SALE_NONE && v < SALE_VERDICT_COUNT ? words[v] : words[SALE_NONE];
}

bool sale_is_accepted(const struct sale *sale)
{
	return sale->verdict == SALE_ACCEPTED || sale->verdict == SALE_AUTHORISED;
}

enum sale_verdict sale_verdict_of(enum verdict v, bool pin_done)
{
	switch (v) {
	case VERDICT_ACCEPTED:
		return pin_done ? SALE_AUTHORISED : SALE_ACCEPTED;
	case VERDICT_REFUSED:
		return SALE_REFUSED;
	case VERDICT_UNCERTAIN:
		return SALE_UNCERTAIN;
	case VERDICT_UNCONFIRMED:
		return SALE_UNCONFIRMED;
	case VERDICT_NONE:
		break;
	}
	return SALE_NONE;
}

/* cap: of the field, into which it has to fit when it is read again. */
static void text_out(struct json_out *w, const char *name, const char *text, size_t cap)
{
	char safe[CODE_TEXT_MAX];

	ASSERT(cap <= sizeof safe);
	if (text[0] == '\0')
		return;
	text_safe(safe, cap, span_text(text));
	json_out_text(w, name, safe);
}
#define TEXT_OUT(w, name, field) text_out(w, name, field, sizeof(field))

void sale_write(struct bytes *out, const struct sale *sale)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	json_out_int(&w, "version", VERSION);
	json_out_int(&w, "at", sale->at_unix_s);
	json_out_int(&w, "utc_offset", sale->utc_offset_s);
	json_out_text(&w, "verdict", sale_verdict_word(sale->verdict));
	text_out(&w, "reason", flow_reason_word(sale->reason), FLOW_WORD_MAX);
	if (sale->sold.amount > 0) {
		json_out_int(&w, "amount", (int64_t)sale->sold.amount);
		json_out_text(&w, "currency", sale->sold.currency);
	}
	TEXT_OUT(&w, "reference", sale->sold.reference);
	TEXT_OUT(&w, "operator", sale->sold.operator_name);
	TEXT_OUT(&w, "terminal", sale->terminal);
	TEXT_OUT(&w, "verification", sale->id);
	TEXT_OUT(&w, "receipt", sale->receipt);
	TEXT_OUT(&w, "receipt_code", sale->receipt_code);
	TEXT_OUT(&w, "holder", sale->credential.holder);
	TEXT_OUT(&w, "purpose", sale->credential.purpose);
	TEXT_OUT(&w, "face_value", sale->credential.face_value);
	json_out_end(&w);
	bytes_add_u8(out, '\n');
}

/* ---- back ---- */

static enum err_code text_in(const struct json *j, const char *name, char *out, size_t cap,
	struct err *err)
{
	char raw[SALES_LINE_MAX];
	enum err_code rc;

	out[0] = '\0';
	if (!json_has(j, name))
		return ERR_OK;
	rc = json_get_text(j, name, raw, sizeof raw, err);
	if (rc == ERR_OK && strlen(raw) >= cap)
		rc = err_set(err, ERR_CORRUPT, "%s: too long", name);
	if (rc == ERR_OK && !text_is_safe(span_text(raw)))
		rc = err_set(err, ERR_CORRUPT, "%s: characters that cannot be shown", name);
	if (rc == ERR_OK)
		memcpy(out, raw, strlen(raw) + 1);
	return rc;
}

static enum err_code verdict_in(const struct json *j, struct sale *out, struct err *err)
{
	char word[WORD_MAX];
	enum err_code rc = json_get_text(j, "verdict", word, sizeof word, err);

	for (int v = SALE_NONE; rc == ERR_OK && v < SALE_VERDICT_COUNT; v++) {
		if (strcmp(word, words[v]) == 0) {
			out->verdict = (enum sale_verdict)v;
			return ERR_OK;
		}
	}
	return rc != ERR_OK ? rc : err_set(err, ERR_CORRUPT, "verdict: no such word");
}

static enum err_code reason_in(const struct json *j, struct sale *out, struct err *err)
{
	char word[FLOW_WORD_MAX];
	enum err_code rc = text_in(j, "reason", word, sizeof word, err);

	out->reason = word[0] != '\0' ? flow_reason_of(word) : REASON_NONE;
	return rc;
}

static enum err_code amount_in(const struct json *j, struct sale *out, struct err *err)
{
	int64_t amount = 0;
	enum err_code rc;

	if (!json_has(j, "amount"))
		return ERR_OK;
	rc = json_get_int(j, "amount", &amount, 1, AMOUNT_MAX, err);
	if (rc == ERR_OK)
		rc = json_get_text(j, "currency", out->sold.currency, sizeof out->sold.currency,
			err);
	if (rc == ERR_OK && !amount_currency_is_valid(out->sold.currency))
		rc = err_set(err, ERR_CORRUPT, "currency: none that is in use");
	out->sold.amount = (uint64_t)amount;
	return rc;
}

static enum err_code head_in(const struct json *j, struct sale *out, struct err *err)
{
	int64_t version, offset = 0;
	enum err_code rc = json_get_int(j, "version", &version, VERSION, VERSION, err);

	if (rc == ERR_OK)
		rc = json_get_int(j, "at", &out->at_unix_s, INT64_MIN / 2, INT64_MAX / 2, err);
	if (rc == ERR_OK)
		rc = json_get_int(j, "utc_offset", &offset, -UTC_OFFSET_MAX, UTC_OFFSET_MAX, err);
	if (rc == ERR_OK)
		rc = verdict_in(j, out, err);
	if (rc == ERR_OK)
		rc = reason_in(j, out, err);
	if (rc == ERR_OK)
		rc = amount_in(j, out, err);
	out->utc_offset_s = (int32_t)offset;
	return rc;
}

static enum err_code texts_in(const struct json *j, struct sale *out, struct err *err)
{
	struct {
		const char *name;
		char *text;
		size_t cap;
	} const texts[] = {
		{"reference", out->sold.reference, sizeof out->sold.reference},
		{"operator", out->sold.operator_name, sizeof out->sold.operator_name},
		{"terminal", out->terminal, sizeof out->terminal},
		{"verification", out->id, sizeof out->id},
		{"receipt", out->receipt, sizeof out->receipt},
		{"receipt_code", out->receipt_code, sizeof out->receipt_code},
		{"holder", out->credential.holder, sizeof out->credential.holder},
		{"purpose", out->credential.purpose, sizeof out->credential.purpose},
		{"face_value", out->credential.face_value, sizeof out->credential.face_value},
	};
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < sizeof texts / sizeof texts[0]; i++)
		rc = text_in(j, texts[i].name, texts[i].text, texts[i].cap, err);
	return rc;
}

enum err_code sale_read(struct sale *out, struct span line, struct err *err)
{
	struct json *j = NULL;
	enum err_code rc = json_parse(&j, line, SALES_LINE_MAX, err);

	memset(out, 0, sizeof *out);
	if (rc == ERR_OK)
		rc = head_in(j, out, err);
	if (rc == ERR_OK)
		rc = texts_in(j, out, err);
	json_free(&j);
	if (rc == ERR_OK)
		return ERR_OK;
	memset(out, 0, sizeof *out);
	return ERR_CORRUPT;
}
