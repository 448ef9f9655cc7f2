/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store thread does: many requests in one transaction, or one.
 */
#include "backend/worker_private.h"

#include <stdlib.h>

#include "backend/rehearsal.h"

void worker_refuse(struct job *job, const char *word, const char *detail)
{
	struct rules_problem problem;
	int64_t date = job->call.answer.http.date_unix_s;

	job->go_on = ROUTE_DONE;
	job->call.events.held = false;
	problem_set(&problem, 503, word, detail);
	if (job->call.route->health)
		answer_health(&job->call.answer,
			&(struct answer_health){.clock = true, .keys = true, .worker = true});
	else
		answer_problem(&job->call.answer, &problem);
	job->call.answer.http.date_unix_s = date;
}

#define NOTHING_DECIDED "the database failed; nothing was decided, try again"
#define OUTCOME_UNKNOWN                                                                            \
	"the database failed and the outcome is unknown; ask for the recorded state later"

static void refuse_all(struct job *list, const char *word, const char *detail)
{
	for (struct job *j = list; j; j = j->next)
		worker_refuse(j, word, detail);
}

/* ---- one transaction ---- */

/* Without room for a hash nothing begins: rules count a try before it is compared. */
static enum err_code run_rules(struct worker *w, struct job *job, struct err *err)
{
	if (job->stage == JOB_FINISH)
		return route_finish(&w->rules, &job->call, err);
	if (job->call.route->finish && queue_count(&w->hashes) + w->hashing >= WORKER_HASHES_MAX) {
		worker_refuse(job, "busy", "too many PINs and passphrases at once");
		return ERR_OK;
	}
	return route_run(&w->rules, &job->call, &job->go_on, err);
}

/* Ends the savepoint: keeps what was done when e is ERR_OK, else throws it away. What can be
 * neither kept nor thrown away alone goes with the whole transaction.
 */
static enum err_code end_part(struct worker *w, enum err_code e, struct err *err)
{
	struct err again = {0};

	if (!e)
		e = store_release(w->service->store, err);
	else if (!store_rollback_to(w->service->store, &again))
		return e;
	if (!e)
		return ERR_OK;
	w->lost = true;
	if (again.text[0] && !w->shared)
		log_line(LOG_ERROR, "store", "a request could not be undone: %s", again.text);
	return e;
}

/* One that runs again has the answer of a transaction that was undone. */
static void begin_anew(struct job *job)
{
	job->go_on = ROUTE_DONE;
	route_anew(&job->call, job->stage == JOB_FINISH);
}

static enum err_code run_part(struct worker *w, struct job *job, struct err *err)
{
	enum err_code e = w->bold ? ERR_OK : store_savepoint(w->service->store, err);

	if (e) {
		w->lost = true;
		return e;
	}
	e = run_rules(w, job, err);
	w->hashing += job->go_on == ROUTE_HASH;
	if (!w->bold)
		return end_part(w, e, err);
	w->lost = e != ERR_OK;
	return e;
}

static void run_job(struct worker *w, struct job *job)
{
	struct err err = {0};
	enum err_code e;

	const struct tally before = w->tally;

	begin_anew(job);
	if (job->timed)
		clock_set_unix(w->clock, job->unix_ms);
	e = run_part(w, job, &err);
	job->call.answer.http.date_unix_s = clock_unix_s(w->clock);
	if (!e)
		return;
	w->tally = before;
	if (w->shared)
		return;
	w->damaged |= e == ERR_CORRUPT;
	log_line(LOG_ERROR, "store", "%s %s failed: %s", http_method_word(job->call.route->method),
		job->call.route->path, err.text);
	worker_refuse(job, "store-failed", NOTHING_DECIDED);
}

/* In the transaction of the requests that come next, so that it costs no commit of its own. */
static void sweep_when_due(struct worker *w)
{
	int64_t now = clock_unix_s(w->clock), now_ms = clock_mono_ms(&w->mono);
	struct err err = {0};
	enum err_code e;
	int expired = 0;

	if (!sweep_is_due(&w->sweep, now, now_ms))
		return;
	sweep_begun(&w->sweep, now, now_ms);
	e = store_savepoint(w->service->store, &err);
	if (e) {
		w->lost = true;
	} else {
		e = rules_sweep(&w->rules, &expired, &err);
		e = end_part(w, e, &err);
	}
	w->sweep.more = !e && w->tally.unswept;
	w->damaged |= e == ERR_CORRUPT;
	if (e)
		log_line(LOG_ERROR, "store", "looking for what ran out failed: %s", err.text);
	else if (expired > 0)
		log_line(LOG_DEBUG, "store", "%d verifications ran out", expired);
}

/* A sweep alone is no request's commit, and mostly wrote nothing. */
static void count_commit(struct worker *w, const struct job *list, int64_t us)
{
	uint64_t jobs = 0;

	for (; list; list = list->next)
		jobs++;
	metrics_tally(w->metrics, &w->tally);
	if (!jobs)
		return;
	metrics_observe(&w->metrics->commit, us);
	metrics_add(&w->metrics->commit_jobs, jobs);
}

static void tell_uncertain(struct worker *w, const struct err *err)
{
	if (!store_is_lost(w->service->store))
		log_line(LOG_ERROR, "store", "the outcome of a write is unknown: %s", err->text);
	else if (!atomic_exchange(&w->failed, true))
		log_line(LOG_ERROR, "store",
			"the outcome of a write is unknown, so this process stops; look at disk"
			" and file system, then start it again: %s", err->text);
}

/* In the transaction that runs anyway; what fails here is undone alone. */
static void post_when_due(struct worker *w)
{
	int64_t now = clock_mono_ms(&w->mono);
	struct err err = {0};
	enum err_code e;

	if (w->lost || !post_is_due(&w->post, now))
		return;
	e = store_savepoint(w->service->store, &err);
	if (e) {
		w->lost = true;
	} else {
		e = post_step(&w->post, &w->rules, now, &err);
		e = end_part(w, e, &err);
	}
	if (!e)
		return;
	post_lost(&w->post);
	if (!w->shared || w->bold)
		log_line(LOG_ERROR, "message", "messages that are due cannot be read: %s",
			err.text);
}

/* False: nothing was decided, and all of it is to be done again. */
static bool commit(struct worker *w, struct job *list)
{
	int64_t begun_us = metrics_now_us();
	struct err err = {0};
	enum err_code e;

	if (w->lost && w->bold) {
		post_lost(&w->post);
		store_rollback(w->service->store);
		return false;
	}
	if (w->lost && !w->shared)
		e = err_set(&err, ERR_STORE, "a part of it could not be undone");
	else
		e = store_commit(w->service->store, &err);
	if (!e) {
		count_commit(w, list, metrics_now_us() - begun_us);
		post_committed(&w->post, &w->rules, w->tally.messages > 0);
		return true;
	}
	post_lost(&w->post);
	if (e == ERR_BUSY && w->shared)
		return false;
	metrics_add(&w->metrics->commits_failed, 1);
	if (e == ERR_UNCERTAIN) {
		refuse_all(list, "store-failed", OUTCOME_UNKNOWN);
		tell_uncertain(w, &err);
		return true;
	}
	store_rollback(w->service->store);
	refuse_all(list, "store-failed", NOTHING_DECIDED);
	log_fault_begin(&w->fault, "store", "a transaction was lost: %s", err.text);
	return true;
}

/* Where a disk is full, reading works and writing does not: only a write ends the fault. It has a
 * transaction of its own, so that what can be read is answered meanwhile.
 */
static void try_to_write(struct worker *w)
{
	int64_t now = clock_mono_ms(&w->mono);
	struct store *s = w->service->store;
	struct err err = {0};
	uint8_t mark[8];
	enum err_code e;

	if (!w->fault.active || (w->tried_ms && now - w->tried_ms < WORKER_TRY_MS))
		return;
	w->tried_ms = now;
	be64_put(mark, (uint64_t)now);
	e = store_begin(s, &err);
	if (!e)
		e = store_setting_put(s, "tried", SPAN(mark, sizeof(mark)), &err);
	if (!e)
		e = store_commit(s, &err);
	store_rollback(s);
	if (e == ERR_UNCERTAIN)
		tell_uncertain(w, &err);
	else if (!e)
		log_fault_end(&w->fault, "store", "the database works again");
}

/* Somebody rotated a key since the last batch: from here on it is ours, too. */
static void follow_keys(struct worker *w)
{
	struct err err = {0};

	if (keyring_follow(w->service->keys, w->service->store, &err))
		log_fault_begin(&w->key_fault, "keys", "a rotated key cannot be read: %s",
			err.text);
	else
		log_fault_end(&w->key_fault, "keys", "the rotated keys were read");
}

/* The wall clock against the other one: whoever sets it hears what that does. */
static void look_at_clock(struct worker *w)
{
	int64_t wall = clock_unix_ms(w->clock), mono = clock_mono_ms(w->clock);
	int64_t step = wall - w->step_wall_ms - (mono - w->step_mono_ms);
	bool stepped = step > WORKER_CLOCK_STEP_MS || step < -WORKER_CLOCK_STEP_MS;

	if (w->clock->manual)
		return;
	if (w->step_wall_ms && stepped)
		log_line(LOG_WARNING, "clock",
			"was set %s by %lld s: %s, codes of wallets that did not follow are "
			"refused",
			step > 0 ? "forward" : "back",
			(long long)((step > 0 ? step : -step) / 1000),
			step > 0 ? "numbers and freezes end sooner"
				 : "what is open ends, freezes end later");
	w->step_wall_ms = wall;
	w->step_mono_ms = mono;
}

static void take_policy(struct worker *w)
{
	struct policy *policy = atomic_exchange(&w->policy, NULL);

	if (!policy)
		return;
	(void)service_policy_take(w->service, policy); /* the log says what waits */
	post_policy(&w->post, &w->service->policy);
	free(policy);
}

/* How the requests of a batch share a transaction. */
enum how {
	HOW_BOLD,  /* nothing is there to undo one alone: whatever fails, all of it is done again */
	HOW_SAVED, /* a savepoint each */
	HOW_ALONE  /* none beside it */
};

/* list may be empty: then only the sweep is done. False: as commit() says. */
static bool run_together(struct worker *w, struct job *list, enum how how)
{
	struct err err = {0};
	enum err_code e;

	look_at_clock(w);
	take_policy(w);
	try_to_write(w);
	e = how == HOW_BOLD ? store_begin_shared(w->service->store, &err)
			    : store_begin(w->service->store, &err);
	w->bold = how == HOW_BOLD && !store_is_expecting(w->service->store);
	w->shared = how == HOW_BOLD;
	w->tally = (struct tally){.keys_failed = false};
	w->batch_ms = clock_mono_ms(&w->mono);
	if (e) {
		metrics_add(&w->metrics->commits_failed, 1);
		post_lost(&w->post);
		if (e == ERR_BUSY)
			refuse_all(list, "busy", "the database is in use by another program");
		else
			refuse_all(list, "store-failed", NOTHING_DECIDED);
		if (!atomic_load(&w->failed))
			log_fault_begin(
				&w->fault, "store", "cannot begin a transaction: %s", err.text);
		return true;
	}
	/* the time of the first request also counts for the sweep before it */
	if (list && list->timed)
		clock_set_unix(w->clock, list->unix_ms);
	w->lost = false;
	follow_keys(w);
	w->tally.keys_failed = w->key_fault.active != 0;
	w->tally.store_failed = w->fault.active || w->damaged;
	sweep_when_due(w);
	if (list && w->shared && !w->bold)
		rehearsal_run(&w->rules, w->clock, list);
	for (struct job *j = list; j && !(w->bold && w->lost); j = j->next)
		run_job(w, j);
	post_when_due(w);
	if (!commit(w, list))
		return false;
	/* before anybody is told: what was told cannot be taken back with an older file */
	if (atomic_load(&w->failed))
		return true;
	service_after_commit(w->service);
	atomic_store(&w->metrics->audit_seq, (uint64_t)w->service->checkpoint_seq);
	return true;
}

/* A savepoint for each request costs a tenth of all the work, and next to none of them is ever
 * used: so what fails in a file is done again with them, and elsewhere (there the other side knows
 * no savepoints in what is sent ahead) one by one.
 */
void worker_run_batch(struct worker *w, struct job *list)
{
	w->hashing = 0;
	if (run_together(w, list, HOW_BOLD))
		return;
	w->hashing = 0;
	if (w->bold) {
		(void)run_together(w, list, HOW_SAVED); /* is never to be done again */
		return;
	}
	for (struct job *j = list; j; j = j->next) {
		struct job *next = j->next;

		j->next = NULL;
		(void)run_together(w, j, HOW_ALONE); /* nor is this */
		j->next = next;
	}
}
