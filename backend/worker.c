/* SPDX-License-Identifier: Apache-2.0
 *
 * The store thread and the hashing pool.
 */
#include "backend/worker_private.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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
		list = queue_take_some(&w->jobs, WORKER_BATCH, wait_ms(w));
		atomic_store(&w->beat_ms, clock_mono_ms(&w->mono));
		if (!list && queue_is_closed(&w->jobs))
			return NULL;
		if (list || batch_is_due(w))
			worker_run_batch(w, list);
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
		store_rest(w->service->store);
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
			worker_refuse(job, "internal",
				"what was typed could not be compared; try again");
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
		e = store_keep(service->store, err);
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
		worker_run_batch(w, NULL);
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
