/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the worker's files: worker.c has the threads, worker_batch.c what the store thread
 * does with a batch of requests.
 */
#ifndef BACKEND_WORKER_PRIVATE_H
#define BACKEND_WORKER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "backend/news.h"
#include "backend/post.h"
#include "backend/sweep.h"
#include "backend/watch.h"
#include "backend/worker.h"
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
	bool shared;      /* what fails now is done again */
	bool bold;        /* and there are no savepoints: one that fails undoes all */
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

/* Runs what the list asks for and commits it; each answer is there afterwards. An empty list: only
 * what is due by itself is done.
 */
void worker_run_batch(struct worker *w, struct job *list);
/* 503, whatever the answer was. */
void worker_refuse(struct job *job, const char *word, const char *detail);

#endif
