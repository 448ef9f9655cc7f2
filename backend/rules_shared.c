/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/rules_people.h"
#include "backend/rules_shared.h"

#include <stdio.h>
#include <string.h>

#include "backend/audit.h"
#include "backend/rules_issuer.h"
#include "backend/tally.h"
#include "base/json.h"

/* ---- refusals ---- */

void rules_problem_clear(struct rules_problem *p)
{
	memset(p, 0, sizeof(*p));
	p->attempts_left = -1;
}

void rules_refuse(struct rules_problem *p, int status, const char *word, const char *detail)
{
	p->status = status;
	text_copy(p->word, sizeof(p->word), word);
	text_copy(p->detail, sizeof(p->detail), detail);
}

const char *rules_state_word(enum rules_state s)
{
	static const char *const words[] = {
		[STATE_CHALLENGED] = "challenged",
		[STATE_ACCEPTED] = "accepted",
		[STATE_AUTHORISED] = "authorised",
		[STATE_REJECTED] = "rejected",
		[STATE_EXPIRED] = "expired",
		[STATE_CANCELLED] = "cancelled",
	};

	ASSERT((size_t)s < sizeof(words) / sizeof(words[0]));
	return words[s];
}

/* ---- audit ---- */

static void act_detail(struct bytes *out, const struct rules_act *act)
{
	struct json_out w;

	json_out_init(&w, out);
	json_out_begin(&w, NULL);
	if (act->account)
		json_out_hex(&w, "account", SPAN(act->account, CODE_ID_LEN));
	if (act->has_amount)
		json_out_int(&w, "amount", (int64_t)act->amount);
	if (act->call)
		json_out_hex(&w, "call", SPAN(act->call, CODE_ID_LEN));
	if (act->code)
		json_out_hex(&w, "code", SPAN(act->code, RULES_MARK_LEN));
	if (act->has_amount)
		json_out_text(&w, "currency", act->currency);
	if (act->has_wrong)
		json_out_int(&w, "day", act->day);
	if (act->has_counts) {
		json_out_int(&w, "failures", act->failures);
		json_out_int(&w, "freezes", act->freezes);
	}
	if (act->holder)
		json_out_hex(&w, "holder", SPAN(act->holder, CODE_ID_LEN));
	if (act->member)
		json_out_hex(&w, "member", SPAN(act->member, CODE_ID_LEN));
	if (act->operator_mark && act->operator_mark[0])
		json_out_text(&w, "operator", act->operator_mark);
	if (act->reason && act->reason[0])
		json_out_text(&w, "reason", act->reason);
	if (act->receipt && act->receipt[0])
		json_out_text(&w, "receipt", act->receipt);
	if (act->times)
		json_out_int(&w, "times", act->times);
	if (act->pin_try)
		json_out_int(&w, "try", act->pin_try);
	if (act->until)
		json_out_int(&w, "until", act->until);
	if (act->has_wrong)
		json_out_int(&w, "wrong", act->wrong);
	json_out_end(&w);
}

enum err_code rules_record(const struct rules *r, const struct rules_act *act, struct err *err)
{
	uint8_t storage[AUDIT_DETAIL_MAX - 1];
	struct bytes detail;
	struct audit_record record = {
		.kind = act->kind,
		.credential = act->credential,
		.terminal = act->terminal,
		.verification = act->verification,
	};

	enum err_code e;

	bytes_init_fixed(&detail, storage, sizeof(storage));
	act_detail(&detail, act);
	ASSERT(!detail.full);
	record.detail = bytes_span(&detail);
	e = audit_append(r->store, r->keys, clock_unix_s(r->clock), &record, err);
	if (!e)
		tally_add(r->tally, act->kind);
	return e;
}

void rules_actor(char out[static RULES_ACTOR_MAX], const struct rules_caller *caller)
{
	_Static_assert(RULES_ACTOR_MAX > 2 * CODE_ID_LEN, "an id in hex fits");
	hex_encode(out, SPAN(caller->id, CODE_ID_LEN));
}

#define DAY_S 86400
#define SEQ_SHOWN INT64_C(1000000000000000) /* so many digits have room */

/* Numbers of records that a restore took away are given out again. On another day the date tells
 * them apart, on the same day (and before it, where the clock was ahead at the restore) the second
 * of the day of the restore.
 */
enum err_code rules_receipt(const struct rules *r, char out[static RULES_RECEIPT_MAX],
	struct err *err)
{
	char date[CLOCK_TEXT_LEN + 1], epoch[8] = "";
	int64_t seq = 0, now = clock_unix_s(r->clock);
	enum err_code e = audit_next_seq(r->store, &seq, err);

	clock_text(date, now);
	if (r->restored_at && now / DAY_S <= r->restored_at / DAY_S)
		(void)snprintf(epoch, sizeof(epoch), "-%d", (int)(r->restored_at % DAY_S));
	(void)snprintf(out, RULES_RECEIPT_MAX, "%.4s%.2s%.2s-%06lld%s", date, date + 5, date + 8,
		(long long)(seq % SEQ_SHOWN), epoch);
	return e;
}

/* ---- verifications ---- */

void rules_reason_set(struct store_verification *v, const char *word)
{
	text_copy(v->reason, sizeof(v->reason), word);
}

enum err_code rules_verification_end(const struct rules *r, struct store_verification *v,
	enum rules_state state, const char *reason, const char *kind, struct err *err)
{
	struct store_verification to = *v;
	struct rules_act act = {
		.kind = kind,
		.credential = v->credential,
		.terminal = v->terminal,
		.verification = v->id,
		.reason = reason,
	};
	bool won = false;
	enum err_code e;

	to.state = (int)state;
	to.deadline = 0;
	rules_reason_set(&to, reason);
	e = store_verification_close(r->store, &won, &to, clock_unix_s(r->clock), err);
	if (e)
		return e;
	if (!won)
		return store_verification_get(r->store, v, to.id, err);
	*v = to;
	e = rules_record(r, &act, err);
	return e ? e : rules_event_verification(r, v, TELL_TERMINAL | TELL_WALLET, NULL, err);
}

enum err_code rules_verification_expire(const struct rules *r, struct store_verification *v,
	struct err *err)
{
	int64_t now = clock_unix_s(r->clock);

	/* Set back so far, the clock cannot tell how long it has been open: it does not live longer
	 * for that.
	 */
	if (!v->deadline || (now < v->deadline && now >= v->created_at - RULES_CLOCK_BACK_S))
		return ERR_OK;
	return rules_verification_end(r, v, STATE_EXPIRED,
		v->state == STATE_CHALLENGED ? "number-expired" : "pin-timeout", "expired", err);
}

enum err_code rules_verification_load(const struct rules *r, struct store_verification *v,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	enum err_code e;

	rules_problem_clear(problem);
	memset(v, 0, sizeof(*v));
	if (caller->role != ROLE_TERMINAL) {
		rules_refuse(problem, 403, "forbidden", "only a terminal may ask for this");
		return ERR_OK;
	}
	e = store_verification_get(r->store, v, id, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e || !span_equal(SPAN(v->terminal, CODE_ID_LEN), SPAN(caller->id, CODE_ID_LEN))) {
		bool foreign = !e;

		memset(v, 0, sizeof(*v));
		rules_refuse(problem, 404, "not-found", "this terminal has no such verification");
		return foreign ? rules_count_foreign(r, caller, id, err) : ERR_OK;
	}
	return rules_verification_expire(r, v, err);
}

static int attempts_left(const struct store_verification *v)
{
	if (v->state == STATE_ACCEPTED && v->pin)
		return RULES_PIN_TRIES - v->pin_tries;
	if (v->state == STATE_REJECTED && v->pin_tries == RULES_PIN_TRIES)
		return 0;
	return -1;
}

void rules_verification_view(const struct rules *r, struct rules_verification *out,
	const struct store_verification *v)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, v->id, CODE_ID_LEN);
	out->state = (enum rules_state)v->state;
	text_copy(out->reason, sizeof(out->reason), v->reason);
	out->pin_required = v->pin;
	out->pin_tries = v->pin_tries;
	out->attempts_left = attempts_left(v);
	text_copy(out->receipt, sizeof(out->receipt), v->receipt);
	rules_receipt_code(r, out->receipt_code, v);
}

enum err_code rules_verification_state(const struct rules *r, struct rules_verification *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_verification v;
	enum err_code e = rules_verification_load(r, &v, problem, caller, id, err);

	rules_verification_view(r, out, &v);
	return e;
}

enum err_code rules_verification_cancel(const struct rules *r, struct rules_verification *out,
	struct rules_problem *problem, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	struct store_verification v;
	enum err_code e = rules_verification_load(r, &v, problem, caller, id, err);

	if (!e && !rules_refused(problem) && v.deadline)
		e = rules_verification_end(r, &v, STATE_CANCELLED, "cancelled", "cancelled", err);
	rules_verification_view(r, out, &v);
	return e;
}

/* One call; the next call does the rest. What waits for a journey each time ends earlier. */
#define SWEEP_MAX 256
#define SWEEP_MAX_MS 20

static enum err_code prune(const struct rules *r, struct err *err)
{
	enum err_code e = rules_retire(r, err);

	if (!e)
		e = rules_people_sweep(r, err);
	if (!e)
		e = rules_policy_tell(r, err);
	return e ? e : rules_event_sweep(r, err);
}

enum err_code rules_sweep(const struct rules *r, int *expired, struct err *err)
{
	int64_t now = clock_unix_s(r->clock), begun_ms = clock_mono_ms(r->clock);
	struct store_verification v;
	enum err_code e = ERR_OK;

	*expired = 0;
	while (!e && *expired < SWEEP_MAX &&
		clock_mono_ms(r->clock) - begun_ms < SWEEP_MAX_MS) {
		e = store_verification_due(r->store, &v, now, err);
		if (e == ERR_NOT_FOUND)
			return prune(r, err);
		if (!e)
			e = rules_verification_expire(r, &v, err);
		*expired += !e;
	}
	if (r->tally)
		r->tally->unswept = true;
	return e;
}

/* ---- who may ---- */

enum err_code rules_terminal_load(const struct rules *r, struct store_terminal *out,
	struct rules_problem *problem, const struct rules_caller *caller, struct err *err)
{
	enum err_code e = store_terminal_get(r->store, out, caller->id, err);

	if (e == ERR_NOT_FOUND) {
		rules_refuse(problem, 401, "unauthorised", "this terminal is not enrolled");
		return ERR_OK;
	}
	if (!e && out->stopped)
		rules_refuse(problem, 403, "terminal-stopped",
			"too many wrong answers came from here; the administrator can lift it");
	return e;
}

const char *rules_credential_bar(const struct store_credential *c, const struct store_key *key,
	int64_t now)
{
	if (c->is_void)
		return "void";
	if (c->generation != key->generation)
		return "superseded";
	if (key->not_after != CODE_NO_END && now >= (int64_t)key->not_after)
		return "expired";
	if (c->frozen_until > now)
		return "frozen";
	return "";
}
