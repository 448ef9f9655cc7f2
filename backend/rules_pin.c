/* SPDX-License-Identifier: Apache-2.0
 *
 * The account PIN after a right answer: three tries, each with its number, so that a try repeated
 * after a lost reply gets what was recorded. begin and finish look at the same things; between them
 * the hash is computed on another thread.
 */
#include "backend/rules_message.h"

#include <string.h>

struct pin {
	const struct rules *r;
	struct rules_problem *problem;
	struct rules_verification *out;
	int pin_try;
	struct store_verification v;
	struct store_credential credential;
	struct store_account account;
	bool known; /* v is the caller's verification */
	bool done;  /* *out or *problem is final */
};

static void finish(struct pin *p)
{
	rules_verification_view(p->r, p->out, &p->v);
	p->done = true;
}

/* A try that was recorded: the last one is the state itself, earlier ones were wrong. */
static void repeat(struct pin *p)
{
	finish(p);
	if (p->pin_try == p->v.pin_tries)
		return;
	p->out->state = STATE_ACCEPTED;
	memset(p->out->reason, 0, sizeof(p->out->reason));
	memcpy(p->out->reason, "wrong-pin", sizeof("wrong-pin"));
	p->out->pin_tries = p->pin_try;
	p->out->attempts_left = RULES_PIN_TRIES - p->pin_try;
	memset(p->out->receipt, 0, sizeof(p->out->receipt));
	memset(p->out->receipt_code, 0, sizeof(p->out->receipt_code));
}

static void check_order(struct pin *p)
{
	if (p->pin_try >= 1 && p->pin_try <= p->v.pin_tries) {
		repeat(p);
	} else if (p->v.state == STATE_CHALLENGED) {
		rules_refuse(p->problem, 400, "bad-request",
			"the second code comes before the PIN");
	} else if (!p->v.deadline) {
		finish(p); /* decided without, cancelled, over */
	} else if (p->pin_try != p->v.pin_tries + 1 || p->pin_try > RULES_PIN_TRIES) {
		rules_refuse(p->problem, 400, "bad-request",
			"try must be 1, 2 or 3, one after the other");
	}
}

/* What became of credential and account since the answer: the transaction ends, and whether the
 * PIN is right is not told.
 */
static enum err_code check_parties(struct pin *p, struct err *err)
{
	struct store_key key;
	const char *bar;
	enum err_code e = store_credential_get(p->r->store, &p->credential, p->v.credential, err);

	if (!e)
		e = store_key_get(p->r->store, &key, p->v.credential, p->v.generation, err);
	if (!e)
		e = store_account_get(p->r->store, &p->account, p->credential.account, err);
	if (e)
		return e;
	bar = rules_credential_bar(&p->credential, &key, clock_unix_s(p->r->clock));
	if (!bar[0] && (p->account.pin_locked || !p->account.pin_hash[0]))
		bar = "not-allowed";
	if (!bar[0])
		bar = rules_account_bar(p->r, &p->v, &p->account);
	if (!bar[0])
		return ERR_OK;
	e = rules_verification_end(p->r, &p->v, STATE_REJECTED, bar, "rejected", err);
	finish(p);
	return e;
}

static enum err_code record(const struct pin *p, const char *kind, const char *reason,
	struct err *err)
{
	struct rules_act act = {
		.kind = kind,
		.credential = p->v.credential,
		.terminal = p->v.terminal,
		.verification = p->v.id,
		.reason = reason,
		.receipt = p->v.receipt,
		.pin_try = p->pin_try,
		.has_amount = p->v.amount != 0,
		.amount = p->v.amount,
		.currency = p->v.currency,
	};

	return rules_record(p->r, &act, err);
}

static enum err_code look(struct pin *p, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_terminal terminal;
	enum err_code e;

	memset(p->out, 0, sizeof(*p->out));
	e = rules_verification_load(p->r, &p->v, p->problem, caller, id, err);
	if (e || rules_refused(p->problem))
		return e;
	p->known = true;
	check_order(p);
	if (!p->done && !rules_refused(p->problem))
		e = rules_terminal_load(p->r, &terminal, p->problem, caller, err);
	if (!e && !p->done && !rules_refused(p->problem))
		e = check_parties(p, err);
	p->done = p->done || rules_refused(p->problem);
	return e;
}

enum err_code rules_pin_begin(const struct rules *r, struct rules_hash *hash,
	struct rules_verification *out, struct rules_problem *problem,
	const struct rules_caller *caller, const uint8_t id[static CODE_ID_LEN], int pin_try,
	struct span pin, struct err *err)
{
	struct pin p = {.r = r, .problem = problem, .out = out, .pin_try = pin_try};
	enum err_code e;

	memset(hash, 0, sizeof(*hash));
	e = look(&p, caller, id, err);
	if (!e && rules_refused(problem) && p.known)
		e = record(&p, "pin-refused", problem->word, err);
	if (e || p.done || rules_refused(problem))
		return e;
	e = keyring_pin_pepper(r->keys, hash->secret, p.account.id, pin);
	if (e)
		return err_set(err, e, "the PIN could not be prepared");
	hash->wanted = true;
	memcpy(hash->encoded, p.account.pin_hash, sizeof(hash->encoded));
	return ERR_OK;
}

/* ---- finish ---- */

static enum err_code count(struct pin *p, bool right, struct err *err)
{
	struct store_account *a = &p->account;
	struct rules_act act = {
		.kind = "pin-counted",
		.credential = p->v.credential,
		.terminal = p->v.terminal,
		.verification = p->v.id,
		.reason = p->v.reason,
		.account = a->id,
		.has_counts = true,
	};
	bool lock;
	enum err_code e;

	if (right && !a->pin_failures)
		return ERR_OK;
	a->pin_failures = right ? 0 : a->pin_failures + 1;
	lock = a->pin_failures >= p->r->policy->pin_lock_after;
	a->pin_locked = lock;
	e = store_account_pin_put(p->r->store, a, err);
	act.kind = lock ? "pin-locked" : "pin-counted";
	act.failures = a->pin_failures;
	if (!e)
		e = rules_record(p->r, &act, err);
	return e || !lock ? e : rules_message(p->r, "pin-locked", p->v.credential, NULL, 0, err);
}

static enum err_code decide(struct pin *p, bool right, struct err *err)
{
	struct store_verification to = p->v;
	bool won = false;
	enum err_code e = ERR_OK;

	to.pin_tries = p->pin_try;
	rules_reason_set(&to, right ? "" : "wrong-pin");
	if (right) {
		to.state = STATE_AUTHORISED;
		to.deadline = 0;
		e = rules_receipt(p->r, to.receipt, err);
	} else if (p->pin_try == RULES_PIN_TRIES) {
		to.state = STATE_REJECTED;
		to.deadline = 0;
	}
	if (!e)
		e = store_verification_pin(p->r->store, &won, &to, clock_unix_s(p->r->clock), err);
	if (e)
		return e;
	if (!won) {
		e = store_verification_get(p->r->store, &p->v, to.id, err);
		repeat(p);
		return e;
	}
	p->v = to;
	finish(p);
	e = record(p, right ? "authorised" : to.state == STATE_REJECTED ? "rejected" : "wrong-pin",
		to.reason, err);
	if (!e && to.state != STATE_ACCEPTED)
		e = rules_event_verification(p->r, &to, TELL_WALLET, NULL, err);
	return e ? e : count(p, right, err);
}

enum err_code rules_pin_finish(const struct rules *r, struct rules_verification *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], int pin_try, const struct rules_hash *hash,
	bool pin_is_right, struct err *err)
{
	struct pin p = {.r = r, .problem = problem, .out = out, .pin_try = pin_try};
	enum err_code e = look(&p, caller, id, err);

	if (e || p.done || rules_refused(problem))
		return e;
	/* It was compared with a PIN that is not the account's any more: no try was made. The same
	 * request again, which a terminal sends by itself, is compared with the new one.
	 */
	if (strcmp(hash->encoded, p.account.pin_hash) != 0) {
		rules_refuse(problem, 503, "busy",
			"the account's PIN was changed just now; nothing was counted, try again");
		return record(&p, "pin-refused", problem->word, err);
	}
	return decide(&p, pin_is_right, err);
}
