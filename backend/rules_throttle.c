/* SPDX-License-Identifier: Apache-2.0
 *
 * PROTOCOL.md section 8.5: who is slowed down, frozen or stopped, and whom a stranger with a
 * photograph cannot freeze.
 *
 * Failures are counted by slot, at most failures_per_tag of each: for a live code the slot is its
 * step, for a static code the terminal and the day. So one photographed live code, and one terminal
 * with a photographed static code, both run dry before the owner is frozen.
 */
#include "backend/rules_shared.h"

#include <string.h>

#define HOUR_S 3600
#define DAY_S 86400
#define SLOT_LIVE 'L'
#define SLOT_STATIC 'S'

/* ---- slots ---- */

void rules_slot_live(struct store_verification *v, uint64_t step)
{
	v->slot[0] = SLOT_LIVE;
	be64_put(v->slot + 1, step);
	v->slot_len = 9;
}

void rules_slot_static(struct store_verification *v, int64_t now)
{
	v->slot[0] = SLOT_STATIC;
	memcpy(v->slot + 1, v->terminal, CODE_ID_LEN);
	be32_put(v->slot + 1 + CODE_ID_LEN, (uint32_t)(now / DAY_S));
	v->slot_len = 1 + CODE_ID_LEN + 4;
}

bool rules_slot_is_live(const struct store_verification *v)
{
	return v->slot_len && v->slot[0] == SLOT_LIVE;
}

/* ---- budgets of stage one ---- */

static void too_many(struct rules_problem *p, int64_t until, const char *detail)
{
	rules_refuse(p, 429, "too-many-attempts", detail);
	p->until_unix_s = until;
}

/* The n-th delay of a doubling series that ends at max. */
static int64_t doubled(int64_t first, int64_t times, int64_t max)
{
	int64_t v = first;

	while (times-- > 0 && v < max)
		v *= 2;
	return v < max ? v : max;
}

static void credential_budget(const struct policy *p, struct rules_problem *problem,
	const struct store_starts *hour, const struct store_starts *day, int64_t now)
{
	int64_t delay, again;

	if (hour->count >= p->starts_hour) {
		too_many(problem, hour->first_at + HOUR_S,
			"too many verifications of this credential were not finished in an hour");
		return;
	}
	if (day->count >= p->starts_day) {
		too_many(problem, day->first_at + DAY_S,
			"too many verifications of this credential were not finished in a day");
		return;
	}
	if (hour->count < p->start_delay_after)
		return;
	delay = doubled(p->start_delay_s, hour->count - p->start_delay_after,
		p->start_delay_max_s);
	again = hour->last_at + delay;
	if (again > now)
		too_many(problem, again, "verifications of this credential are slowed down");
}

/* Several credentials of one account are no more numbers to collect answers for. It is looked at
 * when this one has an unfinished start already: so an ordinary start costs no look, and each of
 * the others adds one at most.
 */
static enum err_code account_budget(const struct rules *r, struct rules_problem *problem,
	const struct store_account *a, int64_t now, struct err *err)
{
	struct store_starts hour, day;
	enum err_code e = store_starts_of_account(
		r->store, &hour, &day, a, now - HOUR_S, now - DAY_S, err);

	if (e)
		return e;
	if (hour.count >= r->policy->account_starts_hour)
		too_many(problem, hour.first_at + HOUR_S,
			"too many verifications of this account were not finished in an hour");
	else if (day.count >= r->policy->account_starts_day)
		too_many(problem, day.first_at + DAY_S,
			"too many verifications of this account were not finished in a day");
	return ERR_OK;
}

enum err_code rules_budget_check(const struct rules *r, struct rules_problem *problem,
	const struct store_verification *v, const struct store_account *account,
	const struct store_tag *tag, struct err *err)
{
	const struct policy *p = r->policy;
	int64_t now = clock_unix_s(r->clock);
	struct store_starts hour, day, terminal;
	enum err_code e = store_starts_of_terminal(r->store, &terminal, v->terminal, now - HOUR_S,
		p->terminal_starts_hour, err);
	enum err_code other = store_starts_of_credential(r->store, &hour, &day, v->credential,
		now - HOUR_S, now - DAY_S, err);

	if (e || other) /* both are asked for before either is needed */
		return e ? e : other;
	if (terminal.count >= p->terminal_starts_hour)
		too_many(problem, terminal.first_at + HOUR_S,
			"too many verifications of this terminal were not finished in an hour");
	else if (tag && tag->starts >= p->starts_per_tag)
		too_many(problem, (now / CODE_STEP_S + 1) * CODE_STEP_S,
			"too many verifications from one code; wait for the phone's next one");
	else
		credential_budget(p, problem, &hour, &day, now);
	if (rules_refused(problem) || day.count == 0)
		return ERR_OK;
	return account_budget(r, problem, account, now, err);
}

/* ---- accounts ---- */

void rules_account_check(const struct rules *r, struct rules_problem *problem,
	const struct store_account *a)
{
	int64_t day = clock_unix_s(r->clock) / DAY_S;

	if (a->wrong_day == day && a->wrong_count >= r->policy->account_wrong_day)
		too_many(problem, (day + 1) * DAY_S,
			"too many wrong answers of this account's credentials today");
}

/* Several credentials of one account are no more tries than one has. What is open of the others
 * ends with the last try, so that an answer needs no look at the account: see rules_again.c.
 */
static enum err_code count_account(const struct rules *r, struct rules_act *act,
	const struct store_credential *c, struct err *err)
{
	int64_t day = clock_unix_s(r->clock) / DAY_S;
	struct store_account a;
	enum err_code e = store_account_get(r->store, &a, c->account, err);

	if (e)
		return e;
	a.wrong_count = a.wrong_day == day ? a.wrong_count + 1 : 1;
	a.wrong_day = day;
	act->account = c->account;
	act->has_wrong = true;
	act->day = a.wrong_day;
	act->wrong = a.wrong_count;
	e = store_account_wrong_put(r->store, &a, err);
	if (e || a.wrong_count < r->policy->account_wrong_day)
		return e;
	return rules_account_stop(r, a.id, "too-many-attempts", err);
}

/* ---- after a wrong answer ---- */

/* v: NULL when it was no answer but a question for somebody else's verification. */
static enum err_code count_terminal(const struct rules *r, const struct store_verification *v,
	struct store_terminal *t, struct err *err)
{
	int64_t day = clock_unix_s(r->clock) / DAY_S;
	struct rules_act act = {.kind = "terminal-stopped", .terminal = t->id};
	bool stop;
	enum err_code e;

	t->wrong_row++;
	if (v && !rules_slot_is_live(v)) {
		t->static_wrong = t->static_day == day ? t->static_wrong + 1 : 1;
		t->static_day = day;
	}
	stop = t->wrong_row >= r->policy->terminal_wrong_stop ||
		(t->static_day == day && t->static_wrong >= r->policy->terminal_static_stop);
	stop = stop && !t->stopped;
	t->stopped |= stop;
	e = store_terminal_guard_put(r->store, t, err);
	if (!e && stop)
		e = rules_record(r, &act, err);
	return e || !stop ? e : rules_event_terminal(r, t->id, "stopped", err);
}

/* Does this failure count against the credential, or is its slot used up? */
static enum err_code count_slot(const struct rules *r, const struct store_verification *v,
	bool *counts, struct err *err)
{
	struct store_tag tag = {.at = clock_unix_s(r->clock), .slot_len = v->slot_len};
	enum err_code e;

	*counts = false;
	memcpy(tag.credential, v->credential, CODE_ID_LEN);
	memcpy(tag.slot, v->slot, v->slot_len);
	e = store_tag_get(r->store, &tag, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (tag.failures >= r->policy->failures_per_tag)
		return ERR_OK;
	if (e == ERR_NOT_FOUND)
		memcpy(tag.terminal, v->terminal, CODE_ID_LEN);
	*counts = true;
	tag.failures++;
	return store_tag_put(r->store, &tag, err);
}

/* failures_freeze wrong ones in a row freeze, longer each time; after freezes_void freezes without
 * a success the next row voids.
 */
static const char *punish(const struct policy *p, struct store_credential *c, int64_t now)
{
	int64_t until;

	c->failures++;
	if (c->failures < p->failures_freeze)
		return NULL;
	c->failures = 0;
	if (c->freezes >= p->freezes_void) {
		c->is_void = true;
		return "void";
	}
	until = now + doubled(p->freeze_s, c->freezes, (int64_t)1 << 40);
	c->freezes++;
	if (c->frozen_until < until)
		c->frozen_until = until;
	return "frozen";
}

enum err_code rules_count_wrong(const struct rules *r, const struct store_verification *v,
	struct store_credential *c, struct store_terminal *t, struct err *err)
{
	struct rules_act act = {.credential = c->id, .terminal = t->id, .reason = "wrong-answer"};
	const char *word;
	bool counts = false;
	enum err_code e = count_terminal(r, v, t, err);

	if (!e)
		e = count_slot(r, v, &counts, err);
	if (e || !counts)
		return e;
	e = count_account(r, &act, c, err);
	if (e)
		return e;
	word = punish(r->policy, c, clock_unix_s(r->clock));
	act.kind = word ? word : "counted";
	act.until = word ? c->frozen_until : 0;
	act.has_counts = true;
	act.failures = c->failures;
	act.freezes = c->freezes;
	e = store_credential_guard_put(r->store, c, err);
	if (!e)
		e = rules_record(r, &act, err);
	return e || !word ? e : rules_credential_stop(r, c->id, word, c->frozen_until, err);
}

enum err_code rules_count_foreign(const struct rules *r, const struct rules_caller *caller,
	const uint8_t id[static CODE_ID_LEN], struct err *err)
{
	const struct rules_act act = {.kind = "lookup-refused", .terminal = caller->id,
		.verification = id, .reason = "not-found"};
	struct store_terminal t;
	enum err_code e = store_terminal_get(r->store, &t, caller->id, err);

	if (e == ERR_NOT_FOUND || (!e && t.stopped))
		return ERR_OK; /* it cannot fill the audit */
	if (!e)
		e = rules_record(r, &act, err);
	return e ? e : count_terminal(r, NULL, &t, err);
}

enum err_code rules_count_right(const struct rules *r, struct store_credential *c,
	struct store_terminal *t, struct err *err)
{
	const struct rules_act act = {
		.kind = "counted", .credential = c->id, .terminal = t->id, .has_counts = true};
	enum err_code e = ERR_OK;

	/* Nothing is written when nothing changes: on a large table each such write would cost a
	 * page in the log and one in the file.
	 */
	if (c->failures || c->freezes) {
		c->failures = c->freezes = 0;
		e = store_credential_guard_put(r->store, c, err);
		if (!e)
			e = rules_record(r, &act, err);
	}
	if (!e && t->wrong_row) {
		t->wrong_row = 0;
		e = store_terminal_guard_put(r->store, t, err);
	}
	return e;
}
