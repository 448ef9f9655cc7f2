/* SPDX-License-Identifier: Apache-2.0
 *
 * The store thread and the hashing pool.
 */
#include "backend/worker.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/post.h"
#include "backend/watch.h"
#include "backend/news.h"
#include "backend/rehearsal.h"
#include "backend/sweep.h"
#include "base/log.h"

struct worker {
	struct service *service;
	struct clock *clock;
	struct rules rules;
	int wake_fd;
	struct sweep sweep;
	struct clock mono;
	int64_t batch_ms; /* when the last batch ran */
	struct watch watch;
	struct news news; /* of other processes */
	bool damaged;     /* a page or a row cannot be right: for the life of the process */
	bool lost;        /* the transaction holds more than was answered: never commit it */
	bool shared;      /* what fails now is done again, each request by itself */
	atomic_bool failed;
	struct log_fault fault, key_fault;
	int64_t tried_ms; /* when writing was last tried to end the fault; 0 = never */
	struct metrics *metrics;
	struct post post;
	struct tally tally; /* of the batch that runs */
	atomic_int_fast64_t beat_ms;
	int64_t step_wall_ms, step_mono_ms; /* when the clock was last looked at; 0 = never */
	_Atomic(struct policy *) policy; /* a new one that was not taken yet */
	struct queue jobs, hashes, done;
	size_t threads, hashing; /* hashing: requests of this batch that go to hashes next */
	pthread_t thread[1 + WORKER_HASH_THREADS];
};

static void wake(struct worker *w)
{
	uint64_t one = 1;

	/* fails only when the counter is full: then the I/O thread is awake anyway */
	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return;
}

/* wake() is called once for all that was finished together. */
static void finish(struct worker *w, struct job *job)
{
	/* as many places as there are jobs: never full */
	ASSERT(queue_push(&w->done, job));
}

static void refuse(struct job *job, const char *word, const char *detail)
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
		refuse(j, word, detail);
}

/* ---- one transaction ---- */

/* Without room for a hash nothing begins: rules count a try before it is compared. */
static enum err_code run_rules(struct worker *w, struct job *job, struct err *err)
{
	job->go_on = ROUTE_DONE;
	if (job->stage == JOB_FINISH)
		return route_finish(&w->rules, &job->call, err);
	if (job->call.route->finish && queue_count(&w->hashes) + w->hashing >= WORKER_HASHES_MAX) {
		refuse(job, "busy", "too many PINs and passphrases at once");
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

static void run_job(struct worker *w, struct job *job)
{
	struct err err = {0};
	enum err_code e;

	const struct tally before = w->tally;

	if (job->timed)
		clock_set_unix(w->clock, job->unix_ms);
	job->call.answer.http.date_unix_s = clock_unix_s(w->clock);
	e = store_savepoint(w->service->store, &err);
	if (e) {
		w->lost = true;
	} else {
		e = run_rules(w, job, &err);
		w->hashing += job->go_on == ROUTE_HASH;
		e = end_part(w, e, &err);
	}
	job->call.answer.http.date_unix_s = clock_unix_s(w->clock);
	if (!e)
		return;
	w->tally = before;
	if (w->shared)
		return;
	log_line(LOG_ERROR, "store", "%s %s failed: %s", http_method_word(job->call.route->method),
		job->call.route->path, err.text);
	refuse(job, "store-failed", NOTHING_DECIDED);
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
	if (!w->shared)
		log_line(LOG_ERROR, "message", "messages that are due cannot be read: %s",
			err.text);
}

/* False: nothing was decided, and each of them is to be done by itself. */
static bool commit(struct worker *w, struct job *list)
{
	int64_t begun_us = metrics_now_us();
	struct err err = {0};
	enum err_code e;

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

/* list may be empty: then only the sweep is done. False: as commit() says. */
static bool run_together(struct worker *w, struct job *list, bool shared)
{
	struct err err = {0};
	enum err_code e;

	look_at_clock(w);
	take_policy(w);
	try_to_write(w);
	e = shared ? store_begin_shared(w->service->store, &err)
		   : store_begin(w->service->store, &err);
	w->shared = store_is_expecting(w->service->store);
	w->tally = (struct tally){.keys_failed = false};
	w->batch_ms = clock_mono_ms(&w->mono);
	w->hashing = shared ? 0 : w->hashing; /* one batch's, together or one by one */
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
	if (list && w->shared)
		rehearsal_run(&w->rules, w->clock, list);
	for (struct job *j = list; j; j = j->next)
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

static void run_batch(struct worker *w, struct job *list)
{
	if (run_together(w, list, true))
		return;
	for (struct job *j = list; j; j = j->next) {
		struct job *next = j->next;

		j->next = NULL;
		(void)run_together(w, j, false); /* is never to be done again */
		j->next = next;
	}
}

/* ---- threads ---- */

static void hand_on(struct worker *w, struct job *job)
{
	if (job->go_on == ROUTE_HASH)
		ASSERT(queue_push(&w->hashes, job)); /* run_rules() has seen to it */
	else
		finish(w, job);
}

/* Another program's events are looked for now and then while somebody listens. */
static int64_t wait_ms(struct worker *w)
{
	int64_t ms = post_wait_ms(&w->post), sweep_ms = sweep_wait_ms(&w->sweep);

	if (watch_is_wanted(&w->watch) && !news_is_heard(&w->news) && ms > WATCH_LOOK_MS)
		return WATCH_LOOK_MS;
	return ms < sweep_ms ? ms : sweep_ms;
}

/* Without a request, for the sweep alone. */
static bool batch_is_due(struct worker *w)
{
	return post_is_due(&w->post, clock_mono_ms(&w->mono)) ||
		clock_mono_ms(&w->mono) - w->batch_ms >= sweep_wait_ms(&w->sweep);
}

static void *store_thread(void *arg)
{
	struct worker *w = arg;
	struct job *list, *next;
	bool told;

	while (true) {
		atomic_store(&w->beat_ms, clock_mono_ms(&w->mono));
		list = queue_take_all(&w->jobs, wait_ms(w));
		atomic_store(&w->beat_ms, clock_mono_ms(&w->mono));
		if (!list && queue_is_closed(&w->jobs))
			return NULL;
		if (list || batch_is_due(w))
			run_batch(w, list);
		watch_note(&w->watch, list);
		told = list != NULL;
		for (; list; list = next) {
			next = list->next;
			hand_on(w, list);
		}
		if (told)
			wake(w);
		if (!atomic_load(&w->failed) && watch_look(&w->watch))
			wake(w);
	}
}

static void *hash_thread(void *arg)
{
	struct worker *w = arg;
	struct job *job;
	struct err err;

	while ((job = queue_take_one(&w->hashes)) != NULL) {
		err = (struct err){0};
		if (route_hash(&job->call, &err)) {
			log_line(LOG_ERROR, "hash", "%s %s: %s",
				http_method_word(job->call.route->method),
				job->call.route->path, err.text);
			refuse(job, "internal", "what was typed could not be compared; try again");
			finish(w, job);
			wake(w);
			continue;
		}
		job->stage = JOB_FINISH;
		/* every job has its place there: never full */
		ASSERT(queue_push(&w->jobs, job));
	}
	return NULL;
}

static enum err_code start_threads(struct worker *w, struct err *err)
{
	sigset_t all, before;
	int e = 0;

	/* signals are the I/O thread's */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; !e && i < 1 + WORKER_HASH_THREADS; i++) {
		e = pthread_create(&w->thread[i], NULL, i == 0 ? store_thread : hash_thread, w);
		if (!e)
			w->threads++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e ? err_set_os(err, ERR_NO_MEMORY, e, "cannot start a thread") : ERR_OK;
}

enum err_code worker_start(struct worker **out, struct service *service, struct clock *clock,
	int wake_fd, struct metrics *metrics, struct err *err)
{
	struct worker *w = calloc(1, sizeof(*w));
	struct queue *queues[3];
	size_t made = 0;
	enum err_code e = ERR_OK;

	if (!w)
		return err_set(err, ERR_NO_MEMORY, "no memory for the worker");
	w->service = service;
	w->clock = clock;
	w->metrics = metrics;
	w->rules = service_rules(service);
	w->rules.tally = &w->tally;
	w->wake_fd = wake_fd;
	clock_init_real(&w->mono);
	atomic_init(&w->beat_ms, clock_mono_ms(&w->mono));
	e = watch_init(&w->watch, service->store, err);
	if (e) {
		free(w);
		return e;
	}
	queues[0] = &w->jobs;
	queues[1] = &w->hashes;
	queues[2] = &w->done;
	for (; !e && made < 3; made++)
		e = queue_init(queues[made],
			queues[made] == &w->hashes ? WORKER_HASHES_MAX : WORKER_JOBS_MAX, err);
	if (e) {
		while (--made > 0)
			queue_done(queues[made - 1]);
		watch_done(&w->watch);
		free(w);
		return e;
	}
	e = post_open(&w->post, service->dir, &service->policy, metrics, err);
	if (!e)
		e = start_threads(w, err);
	if (!e)
		e = news_start(&w->news, service->policy.store_url, &w->jobs, err);
	if (e)
		worker_stop(&w);
	else
		*out = w;
	return e;
}

void worker_stop(struct worker **worker)
{
	struct worker *w = *worker;

	if (!w)
		return;
	news_stop(&w->news);
	queue_close(&w->jobs);
	queue_close(&w->hashes);
	for (size_t i = 0; i < w->threads; i++)
		(void)pthread_join(w->thread[i], NULL);
	/* what came of the messages that were being sent; the store is this thread's now */
	if (w->threads > 0 && !atomic_load(&w->failed) && post_finish(&w->post))
		run_batch(w, NULL);
	post_close(&w->post);
	queue_done(&w->jobs);
	queue_done(&w->hashes);
	queue_done(&w->done);
	watch_done(&w->watch);
	free(atomic_load(&w->policy));
	free(w);
	*worker = NULL;
}

bool worker_submit(struct worker *w, struct job *job)
{
	return queue_push(&w->jobs, job);
}

struct job *worker_take_done(struct worker *w)
{
	return queue_take_all(&w->done, 0);
}

void worker_want_events(struct worker *w, int by)
{
	watch_want(&w->watch, by);
}

struct hub_events *worker_take_events(struct worker *w)
{
	return watch_take(&w->watch);
}

bool worker_failed(struct worker *w)
{
	return atomic_load(&w->failed);
}

bool worker_is_alive(struct worker *w)
{
	return clock_mono_ms(&w->mono) - atomic_load(&w->beat_ms) < WORKER_STALL_MS;
}

bool worker_set_policy(struct worker *w, const struct policy *policy)
{
	struct policy *copy = malloc(sizeof(*copy));

	if (!copy)
		return false;
	*copy = *policy;
	free(atomic_exchange(&w->policy, copy)); /* one that was not taken in time */
	return true;
}

size_t worker_hashes_waiting(struct worker *w)
{
	return queue_count(&w->hashes);
}
