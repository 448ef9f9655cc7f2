/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes in view: what the terminal can say of one by itself, and what those of one frame together
 * mean for the verification that runs.
 */
#include <string.h>

#include "verifier/flow_private.h"

/* ---- one code, without the flow ---- */

static void copy_text(struct flow_code *out, struct span text)
{
	size_t len = text.len < CODE_FOREIGN_TEXT_MAX ? text.len : CODE_FOREIGN_TEXT_MAX;

	if (len)
		memcpy(out->text, text.data, len);
	out->text[len] = '\0';
}

/* A fault of the check itself counts as forged: deny by default. */
static enum flow_code_judgement judge_credential(
	const struct code_credential *c, const struct flow_issuer *issuer, int64_t now_unix_s)
{
	if (memcmp(c->issuer_key_id, issuer->key_id, CODE_KEY_ID_LEN))
		return FLOW_CODE_OTHER_ISSUER;
	if (code_credential_verify(c, SPAN(issuer->public_key, sizeof issuer->public_key)))
		return FLOW_CODE_FORGED;
	if (c->not_after != CODE_NO_END && now_unix_s > (int64_t)c->not_after)
		return FLOW_CODE_EXPIRED;
	return FLOW_CODE_FIRST;
}

void flow_code_judge(struct flow_code *out, struct span text, const struct flow_issuer *issuer,
	int64_t now_unix_s)
{
	struct code code;

	memset(out, 0, sizeof *out);
	copy_text(out, text);
	code_parse(&code, text);
	switch (code.kind) {
	case CODE_FOREIGN:
		out->judgement = FLOW_CODE_FOREIGN;
		out->foreign = code.foreign;
		break;
	case CODE_CREDENTIAL:
		memcpy(out->credential_id, code.credential.credential_id, CODE_ID_LEN);
		out->live = code.credential.live;
		out->judgement = judge_credential(&code.credential, issuer, now_unix_s);
		break;
	case CODE_RESPONSE:
		memcpy(out->credential_id, code.response.credential_short, CODE_ID_SHORT_LEN);
		memcpy(out->response_head, code.response.response, sizeof out->response_head);
		out->judgement = FLOW_CODE_SECOND;
		break;
	default:
		out->judgement = FLOW_CODE_OTHER_KIND;
	}
}

void flow_code_other(struct flow_code *out, struct span text, const char *symbology)
{
	size_t len = strlen(symbology);

	ASSERT(len > 0 && len < sizeof out->symbology);
	memset(out, 0, sizeof *out);
	copy_text(out, text);
	out->judgement = FLOW_CODE_FOREIGN;
	out->foreign = CODE_FOREIGN_TEXT;
	memcpy(out->symbology, symbology, len + 1);
}

/* ---- second codes that were sent before ---- */

bool flow_answer_known(const struct flow *f, const uint8_t head[static 8])
{
	size_t n = f->answered_next < FLOW_ANSWERED_MAX ? f->answered_next : FLOW_ANSWERED_MAX;

	for (size_t i = 0; i < n; i++) {
		if (!memcmp(f->answered[i], head, sizeof f->answered[i]))
			return true;
	}
	return false;
}

void flow_answer_remember(struct flow *f, const uint8_t head[static 8])
{
	if (flow_answer_known(f, head))
		return;
	memcpy(f->answered[f->answered_next % FLOW_ANSWERED_MAX], head, sizeof f->answered[0]);
	f->answered_next++;
}

/* ---- the codes of one frame ---- */

/* The notice to show when several are due: the later in this list. */
static const enum flow_reason IMPORTANCE[] = {
	REASON_NONE,
	REASON_OTHER_SYMBOLOGY,
	REASON_TEXT,
	REASON_WEB_ADDRESS,
	REASON_DAMAGED_CODE,
	REASON_OTHER_KIND,
	REASON_ANSWER_TOO_EARLY,
	REASON_CREDENTIAL_EXPIRED,
	REASON_UNKNOWN_ISSUER,
	REASON_OTHER_ISSUER,
	REASON_BAD_SIGNATURE,
	REASON_OTHER_CUSTOMER,
	REASON_OLD_ANSWER,
};

/* Reasons that are not in the list (why a weak second code was refused) come before all of it. */
static size_t importance(enum flow_reason r)
{
	size_t n = sizeof IMPORTANCE / sizeof IMPORTANCE[0];

	for (size_t i = 0; i < n; i++) {
		if (IMPORTANCE[i] == r)
			return i;
	}
	return n;
}

static void want_notice(struct flow_sight *s, enum flow_reason r, const struct flow_code *c)
{
	if (importance(r) <= importance(s->notice))
		return;
	s->notice = r;
	s->notice_code = c;
}

static void take(struct flow_sight *s, const struct flow_code *c, bool *two)
{
	if (s->take && strncmp(s->take->text, c->text, sizeof c->text))
		*two = true;
	s->take = c;
}

static bool same_credential(const struct flow_code *c, const uint8_t id[static CODE_ID_LEN])
{
	size_t len = c->judgement == FLOW_CODE_SECOND ? CODE_ID_SHORT_LEN : CODE_ID_LEN;

	return !memcmp(c->credential_id, id, len);
}

static bool is_credential(const struct flow_code *c)
{
	return c->judgement == FLOW_CODE_FIRST || c->judgement == FLOW_CODE_OTHER_ISSUER ||
	       c->judgement == FLOW_CODE_UNKNOWN_ISSUER ||
	       c->judgement == FLOW_CODE_FORGED || c->judgement == FLOW_CODE_EXPIRED;
}

/* What it is outside any verification. */
static enum flow_reason own_reason(const struct flow_code *c)
{
	switch (c->judgement) {
	case FLOW_CODE_FOREIGN:
		if (c->symbology[0])
			return REASON_OTHER_SYMBOLOGY;
		if (c->foreign == CODE_FOREIGN_WEB)
			return REASON_WEB_ADDRESS;
		return c->foreign == CODE_FOREIGN_DAMAGED ? REASON_DAMAGED_CODE : REASON_TEXT;
	case FLOW_CODE_OTHER_KIND:
		return REASON_OTHER_KIND;
	case FLOW_CODE_OTHER_ISSUER:
		return REASON_OTHER_ISSUER;
	case FLOW_CODE_UNKNOWN_ISSUER:
		return REASON_UNKNOWN_ISSUER;
	case FLOW_CODE_FORGED:
		return REASON_BAD_SIGNATURE;
	case FLOW_CODE_EXPIRED:
		return REASON_CREDENTIAL_EXPIRED;
	default:
		return REASON_NONE;
	}
}

static void look_waiting(
	struct flow_sight *s, const struct flow *f, const struct flow_code *c, bool *two)
{
	bool is_phone = is_credential(c) || c->judgement == FLOW_CODE_SECOND;
	bool is_held = f->held && is_phone && same_credential(c, f->held_id);
	bool known;

	s->held_in_view |= is_held;
	if (is_credential(c)) {
		take(s, c, two);
	} else if (c->judgement == FLOW_CODE_SECOND) {
		known = flow_answer_known(f, c->response_head);
		if (!is_held)
			want_notice(s, known ? REASON_OLD_ANSWER : REASON_ANSWER_TOO_EARLY, c);
	} else {
		want_notice(s, own_reason(c), c);
	}
}

/* A second code of the running credential. */
static void look_answer(
	struct flow_sight *s, const struct flow *f, const struct flow_code *c, bool *two)
{
	bool known = flow_answer_known(f, c->response_head);
	bool sent = f->second_code[0] &&
		    !memcmp(c->response_head, f->second_head, sizeof f->second_head);

	if (f->phase == FLOW_STARTING)
		want_notice(s, known ? REASON_OLD_ANSWER : REASON_ANSWER_TOO_EARLY, c);
	else if (f->phase != FLOW_NUMBER)
		return;
	else if (sent)
		want_notice(s, f->still_open, c);
	else if (known)
		want_notice(s, REASON_OLD_ANSWER, c);
	else
		take(s, c, two);
}

static void look_running(
	struct flow_sight *s, const struct flow *f, const struct flow_code *c, bool *two)
{
	bool same = same_credential(c, f->credential_id);

	switch (c->judgement) {
	case FLOW_CODE_FIRST:
		if (!same)
			want_notice(s, REASON_OTHER_CUSTOMER, c);
		break;
	case FLOW_CODE_SECOND:
		if (same)
			look_answer(s, f, c, two);
		else
			want_notice(s, REASON_OTHER_CUSTOMER, c);
		break;
	case FLOW_CODE_EXPIRED:
		/* The end of its validity may come while it is held up; the backend knows. */
		if (!same)
			want_notice(s, REASON_CREDENTIAL_EXPIRED, c);
		break;
	default:
		want_notice(s, own_reason(c), c);
	}
}

void flow_codes_look(
	struct flow_sight *out, const struct flow *f, const struct flow_code *list, size_t count)
{
	bool two = false;

	*out = (struct flow_sight){0};
	for (size_t i = 0; i < count && i < FLOW_CODES_MAX; i++) {
		if (f->phase == FLOW_WAITING || f->phase == FLOW_RESULT)
			look_waiting(out, f, &list[i], &two);
		else
			look_running(out, f, &list[i], &two);
	}
	if (two) {
		out->notice = REASON_TWO_CODES;
		out->notice_code = out->take;
		out->take = NULL;
	} else if (f->phase == FLOW_WAITING && out->take && f->held &&
		   same_credential(out->take, f->held_id)) {
		out->take = NULL;
	}
}
