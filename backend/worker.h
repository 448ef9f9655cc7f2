/* SPDX-License-Identifier: Apache-2.0
 *
 * The store thread and the hashing pool. The store thread takes the requests that queued while the
 * last commit was on its way to the disk (of very many, half: the others are answered and read
 * meanwhile), runs them in one transaction, commits, and only then gives the answers back: a lonely
 * request waits for one commit and for no timer, a hundred share one. When one of them fails, all
 * are run again with a savepoint each: it harms no other.
 *
 *   submit -> [jobs] -> store thread -> [done] -> take_done
 *                          |  ^
 *                       [hashes] -> hashing threads
 */
#ifndef BACKEND_WORKER_H
#define BACKEND_WORKER_H

#include "backend/queue.h"
#include "backend/service.h"

/* Limits and times, also in docs/limits.md. */
#define WORKER_JOBS_MAX 1024  /* requests in the backend at once; more get `busy` */
#define WORKER_BATCH 128      /* in one commit when so many wait; half of them when that is more */
#define WORKER_HASHES_MAX 32  /* PINs, passphrases, answers waiting for a hashing thread */
#define WORKER_HASH_THREADS 2
#define WORKER_SWEEP_S 5      /* between two looks for verifications that ran out */
#define WORKER_SWEEP_MORE_MS 100 /* while a look leaves something for the next one */
#define WORKER_TRY_MS 1000    /* between two tries to write while writing fails */
#define WORKER_STALL_MS 15000 /* without a sign of life, and the store thread counts as stuck */
#define WORKER_CLOCK_STEP_MS 2000 /* wall clock against time that passed: then it was set */

struct worker;
struct hub_events; /* backend/hub.h */

/* Starts the threads. service and clock are the store thread's until worker_stop(). wake_fd: an
 * eventfd that is written whenever something is done. metrics is borrowed.
 */
ERR_MUST_CHECK enum err_code worker_start(struct worker **out, struct service *service,
	struct clock *clock, int wake_fd, struct metrics *metrics, struct err *err);
/* Every job was taken back before. Ends the threads and frees. */
void worker_stop(struct worker **w);

/* False: too many requests already; the job stays the caller's. */
bool worker_submit(struct worker *w, struct job *job);
/* What is finished, linked by next; NULL = nothing. The jobs are the caller's again. */
struct job *worker_take_done(struct worker *w);

/* So many more listen for events, or fewer. */
void worker_want_events(struct worker *w, int by);
/* New events, linked by next, the caller's to free. To be taken before worker_take_done(), and told
 * after what that gives was answered: see watch.h.
 */
struct hub_events *worker_take_events(struct worker *w);

/* The outcome of a commit is unknown: nothing more is decided, the process must stop. From any
 * thread.
 */
bool worker_failed(struct worker *w);

/* ---- from any thread ---- */

/* The store thread went round less than WORKER_STALL_MS ago. */
bool worker_is_alive(struct worker *w);
/* Used from the next batch on; copied. What cannot change while it runs stays: see
 * service_policy_take(). False: no memory.
 */
bool worker_set_policy(struct worker *w, const struct policy *policy);
size_t worker_hashes_waiting(struct worker *w);

#endif
