/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests on their way between threads: bounded queues with one lock each. An item belongs to who
 * took it out.
 */
#ifndef BACKEND_QUEUE_H
#define BACKEND_QUEUE_H

#include <pthread.h>

#include "backend/routes.h"

struct http_call;

enum job_stage {
	JOB_RUN = 0,
	JOB_FINISH /* after the hashing thread */
};

/* One request, allocated and freed by the I/O thread; about 6 KiB. */
struct job {
	struct job *next;
	struct http_call *http; /* I/O thread only; NULL when the client went away */
	enum job_stage stage;
	bool rehearsed;         /* what it reads was read ahead */
	enum route_next go_on;  /* what route_run() said */
	bool tried; /* one of its address's tries was taken */
	bool timed;             /* set the clock to unix_ms before the rules run */
	int64_t unix_ms;
	int64_t begun_us; /* when it was whole, by metrics_now_us() */
	struct route_call call;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *head, *tail;
	size_t count, count_max;
	bool closed;
	bool woken;
};

ERR_MUST_CHECK enum err_code queue_init(struct queue *q, size_t count_max, struct err *err);
void queue_done(struct queue *q); /* empty by then */

/* False when it is full or closed; the job stays the caller's. */
bool queue_push(struct queue *q, struct job *job);
/* Everything that is there, in order, linked by next. Waits for the first one at most timeout_ms
 * (negative: for ever). NULL: nothing came in time, or the queue is closed and empty.
 */
struct job *queue_take_all(struct queue *q, int64_t timeout_ms);
/* The same of the first ones: `least` of them, or half when that is more. */
struct job *queue_take_some(struct queue *q, size_t least, int64_t timeout_ms);
/* Ends the wait of queue_take_all(), now or the next one, although nothing came. */
void queue_wake(struct queue *q);
/* The first one only; NULL: closed and empty. */
struct job *queue_take_one(struct queue *q);
/* What is in it can still be taken out. */
size_t queue_count(struct queue *q);
void queue_close(struct queue *q);
bool queue_is_closed(struct queue *q);

#endif
