/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded queues between the threads.
 */
#include "backend/queue.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum err_code queue_init(struct queue *q, size_t count_max, struct err *err)
{
	pthread_condattr_t attr;
	int e;

	memset(q, 0, sizeof(*q));
	q->count_max = count_max;
	e = pthread_condattr_init(&attr);
	if (e)
		return err_set_os(err, ERR_NO_MEMORY, e, "cannot make a queue");
	e = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!e)
		e = pthread_cond_init(&q->filled, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (e)
		return err_set_os(err, ERR_NO_MEMORY, e, "cannot make a queue");
	e = pthread_mutex_init(&q->lock, NULL);
	if (e) {
		(void)pthread_cond_destroy(&q->filled);
		return err_set_os(err, ERR_NO_MEMORY, e, "cannot make a queue");
	}
	return ERR_OK;
}

void queue_done(struct queue *q)
{
	ASSERT(q->head == NULL);
	(void)pthread_cond_destroy(&q->filled);
	(void)pthread_mutex_destroy(&q->lock);
}

static void lock(struct queue *q)
{
	ASSERT(pthread_mutex_lock(&q->lock) == 0);
}

static void unlock(struct queue *q)
{
	ASSERT(pthread_mutex_unlock(&q->lock) == 0);
}

bool queue_push(struct queue *q, struct job *job)
{
	bool room;

	lock(q);
	room = !q->closed && q->count < q->count_max;
	if (room) {
		job->next = NULL;
		if (q->tail)
			q->tail->next = job;
		else
			q->head = job;
		q->tail = job;
		q->count++;
		(void)pthread_cond_signal(&q->filled);
	}
	unlock(q);
	return room;
}

size_t queue_count(struct queue *q)
{
	size_t count;

	lock(q);
	count = q->count;
	unlock(q);
	return count;
}

static struct timespec deadline_in(int64_t ms)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* Locked. True when something is there. */
static bool wait_filled(struct queue *q, int64_t timeout_ms)
{
	struct timespec until = deadline_in(timeout_ms < 0 ? 0 : timeout_ms);
	int e = 0;

	while (!q->head && !q->closed && !q->woken && e != ETIMEDOUT) {
		if (timeout_ms < 0)
			e = pthread_cond_wait(&q->filled, &q->lock);
		else
			e = pthread_cond_timedwait(&q->filled, &q->lock, &until);
	}
	return q->head != NULL;
}

/* Locked. The first n of them, which are there. */
static struct job *cut(struct queue *q, size_t n)
{
	struct job *list = q->head, *last = list;

	for (size_t i = 1; i < n; i++)
		last = last->next;
	q->head = last->next;
	last->next = NULL;
	q->count -= n;
	if (!q->head)
		q->tail = NULL;
	return list;
}

struct job *queue_take_some(struct queue *q, size_t least, int64_t timeout_ms)
{
	struct job *list = NULL;
	size_t n;

	lock(q);
	if (wait_filled(q, timeout_ms)) {
		n = q->count / 2 > least ? q->count / 2 : least;
		list = cut(q, n < q->count ? n : q->count);
	}
	q->woken = false;
	unlock(q);
	return list;
}

struct job *queue_take_all(struct queue *q, int64_t timeout_ms)
{
	return queue_take_some(q, SIZE_MAX, timeout_ms);
}

void queue_wake(struct queue *q)
{
	lock(q);
	q->woken = true;
	(void)pthread_cond_broadcast(&q->filled);
	unlock(q);
}

struct job *queue_take_one(struct queue *q)
{
	struct job *job = NULL;

	lock(q);
	if (wait_filled(q, -1)) {
		job = q->head;
		q->head = job->next;
		if (!q->head)
			q->tail = NULL;
		q->count--;
		job->next = NULL;
	}
	unlock(q);
	return job;
}

void queue_close(struct queue *q)
{
	lock(q);
	q->closed = true;
	(void)pthread_cond_broadcast(&q->filled);
	unlock(q);
}

bool queue_is_closed(struct queue *q)
{
	bool closed;

	lock(q);
	closed = q->closed;
	unlock(q);
	return closed;
}
