/* SPDX-License-Identifier: Apache-2.0
 *
 * Stage two: one second code decides a verification, once. What does not depend on the response is
 * looked at first; then the response is computed and compared in the same work whatever it is.
 */
#include "backend/audit.h"
#include "backend/rules_shared.h"
#include "backend/store_event.h"

#include <stdio.h>
#include <string.h>

struct answer {
	const struct rules *r;
	struct rules_problem *problem;
	int64_t now;
	struct code code;
	struct store_verification v; /* as recorded */
	struct store_credential credential;
	struct store_key key;
	struct store_terminal terminal;
	uint8_t digest[STORE_DIGEST_LEN]; /* of the code's text */
};

static enum err_code record(const struct answer *a, const char *kind, const char *reason,
	const char *receipt, struct err *err)
{
	struct rules_act act = {
		.kind = kind,
		.credential = a->v.credential,
		.terminal = a->v.terminal,
		.verification = a->v.id,
		.reason = reason,
		.receipt = receipt,
		.has_amount = a->v.amount != 0,
		.amount = a->v.amount,
		.currency = a->v.currency,
	};

	return rules_record(a->r, &act, err);
}

/* Was it decided before? Then the same code gets the recorded answer and another one is told. */
static bool recorded(struct answer *a)
{
	if (a->v.answered) {
		if (!span_equal(SPAN(a->v.answer, STORE_DIGEST_LEN),
			    SPAN(a->digest, STORE_DIGEST_LEN)))
			rules_refuse(a->problem, 409, "answered-already",
				"another code has decided this verification");
		return true;
	}
	return a->v.state != STATE_CHALLENGED; /* expired or cancelled */
}

static void check_code(struct answer *a, const char *text)
{
	code_parse(&a->code, span_text(text));
	if (a->code.kind != CODE_RESPONSE)
		rules_refuse(a->problem, 400, "foreign-code", "this is not an answer");
	else if (!span_equal(SPAN(a->code.response.credential_short, CODE_ID_SHORT_LEN),
			 SPAN(a->v.credential, CODE_ID_SHORT_LEN)))
		rules_refuse(a->problem, 400, "foreign-code",
			"this is an answer of another credential");
}

/* Before anything is computed, so that it cannot tell whether the response is right. */
static void check_binding(struct answer *a)
{
	const struct code_response *c = &a->code.response;

	int least = rules_least_binding(a->r, &a->v);

	if ((int)c->binding < least)
		rules_refuse(a->problem, 403, "weak-binding",
			least == CODE_BINDING_CHALLENGE
				? "this amount needs an answer to the challenge code; scan it with"
				  " the phone"
				: "the answer must confirm the amount on the phone");
	else if (a->v.timed && !c->timed)
		rules_refuse(a->problem, 403, "weak-binding",
			"this credential must answer with the time");
}

static enum err_code load_parties(struct answer *a, struct err *err)
{
	enum err_code e = store_credential_get(a->r->store, &a->credential, a->v.credential, err);

	return e ? e
		 : store_key_get(a->r->store, &a->key, a->v.credential, a->v.generation, err);
}

/* ---- the comparison ---- */

static struct span binding_data(const struct answer *a,
	uint8_t amount[static CODE_BINDING_AMOUNT_LEN])
{
	switch (a->code.response.binding) {
	case CODE_BINDING_NUMBER:
		return SPAN(NULL, 0);
	case CODE_BINDING_AMOUNT:
		code_binding_amount(amount, a->v.amount, a->v.currency);
		return SPAN(amount, CODE_BINDING_AMOUNT_LEN);
	case CODE_BINDING_CHALLENGE:
		break;
	}
	return SPAN(a->v.challenge, a->v.challenge_len - CODE_CHALLENGE_TAG_LEN);
}

/* Timed: each step from two before stage one to two after now, all of them always. */
static enum err_code compare(const struct answer *a, struct code_response_input *in, bool *right)
{
	uint64_t first = code_step(a->v.created_at), last = code_step(a->now);

	if (last < first)
		last = first; /* the clock was set back */
	in->step = first > CODE_STEP_WINDOW ? first - CODE_STEP_WINDOW : 0;
	return code_response_match(
		right, in, last + CODE_STEP_WINDOW, a->code.response.response);
}

static enum err_code check_response(const struct answer *a, bool *right, struct err *err)
{
	uint8_t secret[SEC_KEY_LEN], amount[CODE_BINDING_AMOUNT_LEN];
	char number[CODE_DIGITS_MAX + 1];
	uint8_t key[SEC_KEY_LEN];
	struct code_response_input in = {
		.k_response = SPAN(key, SEC_KEY_LEN),
		.static_body = a->key.static_body,
		.number = number,
		.binding_data = binding_data(a, amount),
		.timed = a->code.response.timed,
	};
	enum err_code e;

	*right = false;
	if (a->v.challenge_len < CODE_CHALLENGE_TAG_LEN)
		return err_set(err, ERR_CORRUPT, "a stored challenge is too short");
	code_number_text(number, a->v.number, a->v.digits);
	e = keyring_credential_unseal(a->r->keys, secret, a->v.credential, a->v.generation,
		SPAN(a->key.sealed, a->key.sealed_len), err);
	if (e)
		return e;
	e = code_key_response_derive(key, SPAN(secret, sizeof(secret)));
	if (!e)
		e = compare(a, &in, right);
	sec_wipe(secret, sizeof(secret));
	sec_wipe(key, sizeof(key));
	return e ? err_set(err, e, "the response could not be computed") : ERR_OK;
}

/* ---- the decision ---- */

/* The only place that turns a right answer into an accepted verification. */
static enum err_code verdict(const struct answer *a, struct store_verification *to,
	const char *bar, bool right, struct err *err)
{
	to->state = STATE_REJECTED;
	to->deadline = 0;
	rules_reason_set(to, bar[0] ? bar : "wrong-answer");
	if (bar[0] || !right)
		return ERR_OK;
	to->state = STATE_ACCEPTED;
	rules_reason_set(to, "");
	if (to->pin) {
		to->deadline = a->now + a->r->policy->pin_lifetime_s;
		return ERR_OK;
	}
	return rules_receipt(a->r, to->receipt, err);
}

static enum err_code count(struct answer *a, const struct store_verification *to, struct err *err)
{
	if (to->state == STATE_ACCEPTED)
		return rules_count_right(a->r, &a->credential, &a->terminal, err);
	if (strcmp(to->reason, "wrong-answer") == 0)
		return rules_count_wrong(a->r, to, &a->credential, &a->terminal, err);
	return ERR_OK; /* frozen, void: nothing is told and nothing counted */
}

static enum err_code decide(struct answer *a, struct err *err)
{
	const char *bar = rules_credential_bar(&a->credential, &a->key, a->now), *over = "";
	struct store_verification to = a->v;
	bool right = false, won = false;
	enum err_code e = ERR_OK;

	e = rules_amount_fits(a->r, &over, &a->v, err);
	if (!bar[0])
		bar = over;
	if (!e)
		e = rules_again(a->r, &bar, &a->v, &a->credential, err);
	/* A renewed credential's old key is gone; everything else does the same work. */
	if (!e && strcmp(bar, "superseded") != 0)
		e = check_response(a, &right, err);
	if (!e)
		e = verdict(a, &to, bar, right, err);
	if (e)
		return e;
	to.answered = true;
	memcpy(to.answer, a->digest, STORE_DIGEST_LEN);
	e = store_verification_decide(a->r->store, &won, &to, a->now, err);
	if (e)
		return e;
	if (!won) { /* somebody else was first: what they recorded holds */
		e = store_verification_get(a->r->store, &a->v, to.id, err);
		ERR_IGNORE(!e && recorded(a)); /* the problem is set when there is one */
		return e;
	}
	a->v = to;
	e = record(a, to.state == STATE_ACCEPTED ? "accepted" : "rejected", to.reason, to.receipt,
		err);
	if (!e)
		e = rules_event_verification(
			a->r, &to, TELL_WALLET, a->terminal.merchant, err);
	return e ? e : count(a, &to, err);
}

static enum err_code text_digest(struct answer *a, const char *text, struct err *err)
{
	struct span part = span_text(text);

	if (sec_sha256(a->digest, &part, 1))
		return err_set(err, ERR_CRYPTO, "the code could not be hashed");
	return ERR_OK;
}

/* Open, ours, and in time: what may still be wrong, then the decision. */
static enum err_code take(struct answer *a, const struct rules_caller *caller, const char *text,
	struct err *err)
{
	enum err_code e = rules_terminal_load(a->r, &a->terminal, a->problem, caller, err);

	if (e)
		return e;
	if (!rules_refused(a->problem))
		check_code(a, text);
	if (!rules_refused(a->problem))
		check_binding(a);
	if (rules_refused(a->problem))
		return ERR_OK;
	e = load_parties(a, err);
	return e ? e : decide(a, err);
}

/* In a rehearsal: as in rules_start.c. */
static enum err_code look_ahead(struct answer *a, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct store_verification *v = &a->v;
	struct store *s = a->r->store;
	const char *bar;
	bool all = true, known;
	int64_t seq, until;

	(void)rules_asked(&all, audit_last_seq(s, &seq, err));
	(void)rules_asked(&all, store_terminal_get(s, &a->terminal, caller->id, err));
	known = rules_asked(&all, store_verification_get(s, &a->v, id, err));
	if (known) {
		(void)rules_asked(&all,
			store_key_get(s, &a->key, v->credential, v->generation, err));
		(void)rules_asked(&all, rules_amount_fits(a->r, &bar, v, err));
		(void)rules_asked(&all, store_listener_get(s, &until, v->credential, err));
		bar = "";
		memcpy(a->credential.account, v->account, CODE_ID_LEN); /* it keeps its account */
		(void)rules_asked(&all, rules_again(a->r, &bar, v, &a->credential, err));
		(void)rules_asked(&all,
			store_credential_get(s, &a->credential, v->credential, err));
	}
	return rules_ahead_end(all || known, err); /* nothing comes after that */
}

enum err_code rules_verification_answer(const struct rules *r, struct rules_verification *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], const char *code_text, struct err *err)
{
	struct answer a = {.r = r, .problem = problem};
	enum err_code e;

	memset(out, 0, sizeof(*out));
	a.now = clock_unix_s(r->clock);
	if (store_is_rehearsing(r->store))
		return look_ahead(&a, caller, id, err);
	e = rules_verification_load(r, &a.v, problem, caller, id, err);
	if (e || rules_refused(problem))
		return e;
	e = text_digest(&a, code_text, err);
	if (!e && !recorded(&a))
		e = take(&a, caller, code_text, err);
	if (!e && rules_refused(problem))
		e = record(&a, "answer-refused", problem->word, NULL, err);
	if (!e && !rules_refused(problem))
		rules_verification_view(r, out, &a.v);
	return e;
}
