/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to customer service: who calls, which questions are asked, and how often they may be
 * answered wrongly.
 */
#include "backend/rules_call.h"

#include <stdio.h>
#include <string.h>

#include "backend/answer_fold.h"

#define DAY_S 86400

enum err_code rules_answer_pepper(const struct rules *r, uint8_t out[static SEC_KEY_LEN],
	const uint8_t holder[static CODE_ID_LEN], struct span answer, struct err *err)
{
	uint8_t room[ANSWER_FOLD_MAX];
	struct bytes folded;
	enum err_code e;

	bytes_init_fixed(&folded, room, sizeof(room));
	e = answer_fold(&folded, answer, err);
	if (!e && keyring_pepper(r->keys, out, "answer", SPAN(holder, CODE_ID_LEN),
			  bytes_span(&folded)))
		e = err_set(err, ERR_CRYPTO, "the answer could not be prepared");
	sec_wipe(room, sizeof(room));
	return e;
}

/* ---- what an operator may know of a call ---- */

int rules_call_right(const struct store_call *c)
{
	int n = 0;

	for (size_t i = 0; i < c->asked_len; i++)
		n += (c->right_mask >> i & 1) != 0;
	return n;
}

bool rules_call_is_over(const struct rules *r, const struct store_call *c)
{
	return c->state != CALL_OPEN || c->wrong >= RULES_CALL_WRONG_MAX ||
	       clock_unix_s(r->clock) >= c->expires_at;
}

static const char *state_word(const struct rules *r, const struct store_call *c)
{
	if (c->state == CALL_FAILED || c->wrong >= RULES_CALL_WRONG_MAX)
		return "failed";
	if (c->state == CALL_ENDED)
		return "ended";
	if (rules_call_is_over(r, c))
		return "expired";
	return c->identified ? "identified" : "open";
}

static enum err_code view(const struct rules *r, struct rules_call *out,
	const struct store_call *c, struct err *err)
{
	struct store_question q;
	enum err_code e = ERR_OK;

	memset(out, 0, sizeof(*out));
	memcpy(out->id, c->id, CODE_ID_LEN);
	out->state = state_word(r, c);
	out->right = rules_call_right(c);
	out->needed = (int)r->policy->call_right;
	out->attempts_left = RULES_CALL_WRONG_MAX - c->wrong;
	if (out->attempts_left < 0)
		out->attempts_left = 0;
	out->may_freeze = !rules_call_is_over(r, c) &&
		(c->identified || out->right >= RULES_CALL_FREEZE_RIGHT);
	out->may_act = !rules_call_is_over(r, c) && c->identified;
	out->expires_at = c->expires_at;
	for (size_t i = 0; !e && i < c->asked_len; i++) {
		e = store_question_after(r->store, &q, c->holder, c->asked[i] - 1, err);
		if (e == ERR_NOT_FOUND || (!e && q.place != c->asked[i])) {
			e = ERR_OK; /* it was removed meanwhile */
			continue;
		}
		out->questions[out->question_count].number = c->asked[i];
		(void)snprintf(out->questions[out->question_count].kind, STORE_WORD_MAX, "%s",
			q.kind);
		(void)snprintf(out->questions[out->question_count].words, STORE_NAME_MAX, "%s",
			q.words);
		out->questions[out->question_count++].right = (c->right_mask >> i) & 1;
	}
	return e;
}

enum err_code rules_call_load(const struct rules *r, struct store_call *c,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e = store_call_get(r->store, c, id, err);

	rules_problem_clear(problem);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e || !span_equal(SPAN(c->staff, CODE_ID_LEN), SPAN(caller->id, CODE_ID_LEN))) {
		memset(c, 0, sizeof(*c));
		rules_refuse(problem, 404, "not-found", "this operator has no such call");
	}
	return ERR_OK;
}

enum err_code rules_call_record(const struct rules *r, const char *kind,
	const struct store_call *c, const uint8_t *credential, const char *reason, struct err *err)
{
	char actor[RULES_ACTOR_MAX];
	struct rules_caller caller = {.role = ROLE_OPERATOR};
	const struct rules_act act = {.kind = kind,
		.credential = credential,
		.call = c->id,
		.holder = c->holder,
		.reason = reason,
		.operator_mark = actor};

	memcpy(caller.id, c->staff, CODE_ID_LEN);
	rules_actor(actor, &caller);
	return rules_record(r, &act, err);
}

/* ---- opening ---- */

static enum err_code by_phone(const struct rules *r, uint8_t holder[static CODE_ID_LEN],
	struct rules_problem *problem, const char *phone, struct err *err)
{
	struct store_holder h, other;
	enum err_code e = store_holder_by_phone(r->store, &h, phone, 0, err);

	memcpy(holder, h.id, CODE_ID_LEN);
	if (e)
		return e;
	e = store_holder_by_phone(r->store, &other, phone, 1, err);
	if (!e)
		rules_refuse(problem, 409, "ambiguous",
			"several holders have this number; ask for the account number");
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err_code find_holder(const struct rules *r, uint8_t holder[static CODE_ID_LEN],
	struct rules_problem *problem, const struct rules_call_in *in, struct err *err)
{
	int given = (in->credential[0] != 0) + (in->account[0] != 0) + (in->phone[0] != 0);
	struct store_credential credential = {.generation = 0};
	struct store_account account = {.pin_failures = 0};
	enum err_code e = ERR_NOT_FOUND;

	if (given != 1) {
		rules_refuse(problem, 400, "bad-request",
			"say who calls by credential, account or phone: exactly one of them");
		return ERR_OK;
	}
	if (in->account[0]) {
		e = store_account_by_number(r->store, &account, in->account, err);
		memcpy(holder, account.holder, CODE_ID_LEN);
	} else if (in->phone[0]) {
		e = by_phone(r, holder, problem, in->phone, err);
	} else if (!hex_decode(credential.id, CODE_ID_LEN, span_text(in->credential))) {
		e = store_credential_get(r->store, &credential, credential.id, err);
		memcpy(holder, credential.holder, CODE_ID_LEN);
	}
	if (e == ERR_NOT_FOUND) {
		rules_refuse(problem, 404, "not-found", "nobody is known under this");
		return ERR_OK;
	}
	return e;
}

/* At most call_questions of the holder's questions, a random choice, in their order. The telephone
 * number is not asked for when it has just found the holder: it would prove nothing more.
 */
static enum err_code choose(const struct rules *r, struct store_call *c, bool by_phone,
	struct err *err)
{
	struct store_question q = {.place = 0};
	uint8_t all[STORE_QUESTIONS_MAX], random[STORE_QUESTIONS_MAX];
	size_t n = 0, left = (size_t)r->policy->call_questions;
	enum err_code e = sec_random(random, sizeof(random), err);

	while (!e && n < STORE_QUESTIONS_MAX) {
		e = store_question_after(r->store, &q, c->holder, q.place, err);
		if (!e && !(by_phone && strcmp(q.kind, "phone") == 0))
			all[n++] = (uint8_t)q.place;
	}
	if (e && e != ERR_NOT_FOUND)
		return e;
	for (size_t i = 0; i < n && left > 0; i++) {
		/* keeps each with the chance (still wanted) / (still there) */
		if ((size_t)random[i] * (n - i) >= left * 256)
			continue;
		c->asked[c->asked_len++] = all[i];
		left--;
	}
	return ERR_OK;
}

/* An administrator's call is identified from the start. */
static enum err_code check_open(const struct rules *r, struct store_call *c,
	struct rules_problem *problem, bool by_phone, struct err *err)
{
	int64_t calls = 0;
	enum err_code e;

	if (c->identified)
		return choose(r, c, by_phone, err);
	e = store_call_count(r->store, &calls, c->holder, c->created_at - DAY_S, err);
	if (!e && calls >= r->policy->calls_day) {
		rules_refuse(problem, 429, "too-many-attempts",
			"too many calls today in which this holder was not identified");
		return rules_call_record(r, "call-refused", c, NULL, problem->word, err);
	}
	if (!e)
		e = choose(r, c, by_phone, err);
	if (!e && c->asked_len == 0) {
		rules_refuse(problem, 403, "no-questions",
			"no identity question of this holder can be asked; ask an administrator");
		return rules_call_record(r, "call-refused", c, NULL, problem->word, err);
	}
	return e;
}

/* Whoever looks for numbers that somebody has leaves a trace: not of what was asked for. */
static enum err_code record_miss(const struct rules *r, const struct rules_caller *caller,
	const char *reason, struct err *err)
{
	char actor[RULES_ACTOR_MAX];
	const struct rules_act act = {
		.kind = "call-refused", .reason = reason, .operator_mark = actor};

	rules_actor(actor, caller);
	return rules_record(r, &act, err);
}

enum err_code rules_call_open(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const struct rules_call_in *in, struct err *err)
{
	struct store_call c = {.state = CALL_OPEN, .created_at = clock_unix_s(r->clock)};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	rules_problem_clear(problem);
	e = find_holder(r, c.holder, problem, in, err);
	if (!e && rules_refused(problem))
		return record_miss(r, caller, problem->word, err);
	if (e)
		return e;
	c.expires_at = c.created_at + r->policy->call_lifetime_s;
	c.identified = caller->role == ROLE_ADMIN;
	memcpy(c.staff, caller->id, CODE_ID_LEN);
	e = sec_random(c.id, CODE_ID_LEN, err);
	if (!e)
		e = check_open(r, &c, problem, in->phone[0] != '\0', err);
	if (e || rules_refused(problem))
		return e;
	e = store_call_insert(r->store, &c, err);
	if (!e)
		e = rules_call_record(r, "call-opened", &c, NULL, NULL, err);
	return e ? e : view(r, out, &c, err);
}

enum err_code rules_call_state(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_call c;
	enum err_code e = rules_call_load(r, &c, problem, caller, id, err);

	memset(out, 0, sizeof(*out));
	return e || rules_refused(problem) ? e : view(r, out, &c, err);
}

enum err_code rules_call_end(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_call c;
	enum err_code e = rules_call_load(r, &c, problem, caller, id, err);

	memset(out, 0, sizeof(*out));
	if (e || rules_refused(problem))
		return e;
	if (!rules_call_is_over(r, &c)) {
		c.state = CALL_ENDED;
		e = store_call_put(r->store, &c, err);
		if (!e)
			e = rules_call_record(r, "call-ended", &c, NULL, NULL, err);
	}
	return e ? e : view(r, out, &c, err);
}

/* ---- answers ---- */

/* The question of this number: its bit, and what is stored. Refuses one that was not asked. */
static enum err_code find_question(const struct rules *r, struct store_question *q, unsigned *bit,
	struct rules_problem *problem, const struct store_call *c, int number, struct err *err)
{
	enum err_code e = ERR_NOT_FOUND;

	for (size_t i = 0; i < c->asked_len; i++) {
		if (c->asked[i] != number)
			continue;
		*bit = 1u << i;
		e = store_question_after(r->store, q, c->holder, number - 1, err);
		if (!e && q->place != number)
			e = ERR_NOT_FOUND;
	}
	if (e == ERR_NOT_FOUND) {
		rules_refuse(
			problem, 400, "bad-request", "this question is not asked in this call");
		return ERR_OK;
	}
	return e;
}

enum err_code rules_call_answer_begin(const struct rules *r, struct rules_hash *hash,
	struct rules_call *out, struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], int question, struct span answer, struct err *err)
{
	struct store_question q;
	struct store_call c;
	struct err why = {.code = ERR_OK};
	unsigned bit = 0;
	enum err_code e = rules_call_load(r, &c, problem, caller, id, err);

	memset(hash, 0, sizeof(*hash));
	memset(out, 0, sizeof(*out));
	if (!e && !rules_refused(problem) && rules_call_is_over(r, &c))
		rules_refuse(problem, 403, "call-ended", "this call is over; open a new one");
	if (!e && !rules_refused(problem))
		e = find_question(r, &q, &bit, problem, &c, question, err);
	if (e || rules_refused(problem))
		return e;
	if (c.right_mask & bit)
		return view(r, out, &c, err);
	e = rules_answer_pepper(r, hash->secret, c.holder, answer, &why);
	if (e == ERR_FORMAT || e == ERR_INVALID || e == ERR_TOO_LARGE) {
		rules_refuse(problem, 400, "bad-request", why.text);
		return ERR_OK;
	}
	if (e)
		return err_set(err, e, "%s", why.text);
	c.wrong++;
	hash->wanted = true;
	memcpy(hash->encoded, q.answer_hash, sizeof(hash->encoded));
	return store_call_put(r->store, &c, err);
}

static enum err_code take_right(const struct rules *r, struct store_call *c, unsigned bit,
	struct err *err)
{
	bool before = c->identified;
	enum err_code e;

	c->wrong -= c->wrong > 0;
	c->right_mask |= bit;
	c->identified = before || rules_call_right(c) >= r->policy->call_right;
	e = store_call_put(r->store, c, err);
	if (e || before || !c->identified)
		return e;
	return rules_call_record(r, "call-identified", c, NULL, NULL, err);
}

static enum err_code take_wrong(const struct rules *r, struct store_call *c, struct err *err)
{
	enum err_code e = rules_call_record(r, "call-answer-wrong", c, NULL, NULL, err);

	if (e || c->wrong < RULES_CALL_WRONG_MAX)
		return e;
	c->state = CALL_FAILED;
	c->identified = false; /* so that it counts */
	e = store_call_put(r->store, c, err);
	return e ? e : rules_call_record(r, "call-failed", c, NULL, NULL, err);
}

enum err_code rules_call_answer_finish(const struct rules *r, struct rules_call *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], int question, const struct rules_hash *hash,
	bool right, struct err *err)
{
	struct store_question q;
	struct store_call c;
	unsigned bit = 0;
	enum err_code e = rules_call_load(r, &c, problem, caller, id, err);

	memset(out, 0, sizeof(*out));
	if (!e && !rules_refused(problem))
		e = find_question(r, &q, &bit, problem, &c, question, err);
	if (e || rules_refused(problem))
		return e;
	/* what was compared must still be what is stored */
	right = right && strcmp(hash->encoded, q.answer_hash) == 0;
	if (c.state == CALL_OPEN)
		e = right ? take_right(r, &c, bit, err) : take_wrong(r, &c, err);
	return e ? e : view(r, out, &c, err);
}
