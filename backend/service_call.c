/* SPDX-License-Identifier: Apache-2.0
 *
 * Identity questions, and customer service by command: the rules of the HTTP interface, with the
 * hash computed in between.
 */
#include <stdio.h>
#include <string.h>

#include "backend/service_people.h"
#include "backend/service_shared.h"

/* ---- questions ---- */

static const struct {
	const char *kind;
	const char *words; /* NULL: the caller's */
} KINDS[] = {
	{"document", "Number of the identity document"},
	{"phone", "Phone number"},
	{"birth", "Date of birth"},
	{"other", NULL},
};

static enum err_code take_kind(struct store_question *q, const char *kind, const char *words,
	struct err *err)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		if (strcmp(KINDS[i].kind, kind) != 0)
			continue;
		(void)snprintf(q->kind, sizeof(q->kind), "%s", kind);
		if (!words && !KINDS[i].words)
			return err_set(err, ERR_INVALID, "say what is asked: --words TEXT");
		return service_text(q->words, sizeof(q->words), words ? words : KINDS[i].words,
			"the question", false, err);
	}
	return err_set(
		err, ERR_INVALID, "the kind of a question is document, phone, birth or other");
}

enum err_code service_question_check(const char *kind, const char *words, struct err *err)
{
	struct store_question q = {.place = 0};

	return take_kind(&q, kind, words, err);
}

static enum err_code hash_answer(struct service *s, struct store_question *q, struct span answer,
	struct err *err)
{
	const struct rules r = service_rules(s);
	uint8_t peppered[SEC_KEY_LEN];
	enum err_code e;

	if (answer.len > RULES_ANSWER_MAX)
		return err_set(err, ERR_TOO_LARGE, "an answer has at most %d bytes",
			RULES_ANSWER_MAX);
	e = rules_answer_pepper(&r, peppered, q->holder, answer, err);
	if (!e)
		e = sec_password_hash(q->answer_hash, SPAN(peppered, sizeof(peppered)), err);
	sec_wipe(peppered, sizeof(peppered));
	return e;
}

/* That of the same words, else the first free one. */
static enum err_code find_place(struct service *s, struct store_question *q, struct err *err)
{
	struct store_question old = {.place = 0};
	int last = 0, gap = 0;
	enum err_code e;

	while ((e = store_question_after(s->store, &old, q->holder, last, err)) == ERR_OK) {
		if (strcmp(old.words, q->words) == 0) {
			q->place = old.place;
			return ERR_OK;
		}
		if (!gap && old.place > last + 1)
			gap = last + 1;
		last = old.place;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	q->place = gap ? gap : last + 1;
	if (q->place > STORE_QUESTIONS_MAX)
		return err_set(err, ERR_INVALID, "a holder has at most %d questions; remove one",
			STORE_QUESTIONS_MAX);
	return ERR_OK;
}

static enum err_code load_holder(struct service *s, const uint8_t holder[static CODE_ID_LEN],
	struct err *err)
{
	struct store_holder h;
	enum err_code e = store_holder_get(s->store, &h, holder, err);

	return e == ERR_NOT_FOUND ? err_set(err, e, "no such holder") : e;
}

static enum err_code record(struct service *s, const uint8_t holder[static CODE_ID_LEN],
	struct err *err)
{
	const struct rules r = service_rules(s);
	const struct rules_act act = {
		.kind = "questions-changed", .holder = holder, .operator_mark = s->actor};

	return rules_record(&r, &act, err);
}

enum err_code service_question_set(struct service *s, int *place,
	const uint8_t holder[static CODE_ID_LEN], const char *kind, const char *words,
	struct span answer, struct err *err)
{
	struct store_question q = {.place = 0};
	enum err_code e = take_kind(&q, kind, words, err);

	memcpy(q.holder, holder, CODE_ID_LEN);
	if (!e)
		e = hash_answer(s, &q, answer, err);
	if (!e)
		e = store_begin(s->store, err);
	if (e)
		return e;
	e = load_holder(s, holder, err);
	if (!e)
		e = find_place(s, &q, err);
	if (!e)
		e = store_question_put(s->store, &q, err);
	if (!e)
		e = record(s, holder, err);
	*place = q.place;
	return service_finish(s, e, err);
}

enum err_code service_question_remove(struct service *s,
	const uint8_t holder[static CODE_ID_LEN], int place, struct err *err)
{
	bool removed = false;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = store_question_remove(s->store, &removed, holder, place, err);
	if (!e && !removed)
		e = err_set(err, ERR_NOT_FOUND, "this holder has no such question");
	if (!e)
		e = record(s, holder, err);
	return service_finish(s, e, err);
}

enum err_code service_question_list(struct service *s,
	struct store_question out[static STORE_QUESTIONS_MAX], size_t *count,
	const uint8_t holder[static CODE_ID_LEN], struct err *err)
{
	struct store_question q = {.place = 0};
	enum err_code e = load_holder(s, holder, err);

	*count = 0;
	if (e)
		return e;
	while (*count < STORE_QUESTIONS_MAX) {
		e = store_question_after(s->store, &q, holder, q.place, err);
		if (e)
			break;
		out[*count] = q;
		sec_wipe(out[(*count)++].answer_hash, sizeof(q.answer_hash));
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- calls ---- */

/* Whoever is named as the operator; the command line names one that is not stopped. */
static enum err_code caller_of(struct service *s, struct rules_caller *out, struct err *err)
{
	struct store_staff staff;
	enum err_code e;

	memset(out, 0, sizeof(*out));
	if (hex_decode(out->id, CODE_ID_LEN, span_text(s->actor)))
		return err_set(err, ERR_USAGE, "--operator NAME is missing: who serves the holder");
	e = store_staff_get(s->store, &staff, out->id, err);
	out->role = rules_role_of(staff.role);
	if (!e && out->role == ROLE_CASHIER)
		e = err_set(err, ERR_INVALID, "this operator is a cashier: no calls");
	return e;
}

/* Ends the transaction. A refusal is kept too: it may have its audit record. */
static enum err_code finish_call(struct service *s, const struct rules_problem *problem,
	enum err_code e, struct err *err)
{
	e = service_finish(s, e, err);
	if (!e && problem->word[0])
		e = err_set(err, problem->status == 404 ? ERR_NOT_FOUND : ERR_INVALID, "%s",
			problem->detail);
	return e;
}

enum err_code service_call_open(struct service *s, struct rules_call *out,
	const struct rules_call_in *in, struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem = {.attempts_left = -1};
	struct rules_caller caller;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = caller_of(s, &caller, err);
	if (!e)
		e = rules_call_open(&r, out, &problem, &caller, in, err);
	return finish_call(s, &problem, e, err);
}

enum err_code service_call_answer(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], int question, struct span answer, struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem = {.attempts_left = -1};
	struct rules_caller caller;
	struct rules_hash hash = {.wanted = false};
	bool right = false;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = caller_of(s, &caller, err);
	if (!e)
		e = rules_call_answer_begin(
			&r, &hash, out, &problem, &caller, id, question, answer, err);
	e = finish_call(s, &problem, e, err);
	if (!e && hash.wanted)
		e = rules_hash_compare(&right, &hash, err);
	if (!e && hash.wanted) {
		e = store_begin(s->store, err);
		if (!e) {
			e = rules_call_answer_finish(
				&r, out, &problem, &caller, id, question, &hash, right, err);
			e = finish_call(s, &problem, e, err);
		}
	}
	sec_wipe(&hash, sizeof(hash));
	return e;
}

enum err_code service_call_show(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem = {.attempts_left = -1};
	struct rules_caller caller;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = caller_of(s, &caller, err);
	if (!e)
		e = rules_call_state(&r, out, &problem, &caller, id, err);
	return finish_call(s, &problem, e, err);
}

enum err_code service_call_end(struct service *s, struct rules_call *out,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct rules r = service_rules(s);
	struct rules_problem problem = {.attempts_left = -1};
	struct rules_caller caller;
	enum err_code e = store_begin(s->store, err);

	if (e)
		return e;
	e = caller_of(s, &caller, err);
	if (!e)
		e = rules_call_end(&r, out, &problem, &caller, id, err);
	return finish_call(s, &problem, e, err);
}
