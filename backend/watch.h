/* SPDX-License-Identifier: Apache-2.0
 *
 * New events, from the store to the I/O thread: read once after each commit and, because another
 * program may write some, on a short timer; and only while somebody listens.
 *
 * That nothing is missed: a listener's request ends with the number of the newest event (P) in its
 * own transaction. watch_note() holds P before that request is answered, and every read goes on
 * from there; the I/O thread takes events before it takes answers and uses them in the other order,
 * so that a listener is there before any event after its P.
 */
#ifndef BACKEND_WATCH_H
#define BACKEND_WATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "backend/hub.h"
#include "backend/queue.h"
#include "backend/store.h"
#include "base/log.h"

#define WATCH_LOOK_MS 100 /* between two looks for events that another program wrote */
#define WATCH_LISTS_MAX 16 /* lists of events that the I/O thread did not take yet */

struct watch {
	struct store *store;
	atomic_int wanted; /* listeners, and requests that will become one */
	int64_t seq;       /* of the last event that was read; -1 = nobody listens */
	struct log_fault fault;
	pthread_mutex_t lock;
	struct hub_events *head, *tail;
	size_t lists;
};

ERR_MUST_CHECK enum err_code watch_init(struct watch *w, struct store *s, struct err *err);
void watch_done(struct watch *w);

/* ---- I/O thread ---- */

void watch_want(struct watch *w, int by);
/* What is new, linked by next, the caller's to free. */
struct hub_events *watch_take(struct watch *w);

/* ---- store thread ---- */

/* After a commit, before these are answered. */
void watch_note(struct watch *w, const struct job *list);
/* Outside a transaction. True: there is something to take. */
bool watch_look(struct watch *w);
static inline bool watch_is_wanted(struct watch *w)
{
	return atomic_load(&w->wanted) > 0;
}

#endif
