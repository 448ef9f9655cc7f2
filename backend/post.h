/* SPDX-License-Identifier: Apache-2.0
 *
 * The store thread's side of messages to holders: takes what is due in the transaction that runs
 * anyway, hands it to the messenger after the commit, writes down what came of it.
 */
#ifndef BACKEND_POST_H
#define BACKEND_POST_H

#include "backend/messenger.h"
#include "backend/metrics.h"
#include "base/log.h"

/* Limits and times, also in docs/limits.md. */
#define POST_OUT_MAX 32      /* messages of one process that are being sent at a time */
#define POST_LEASE_S 600     /* then another process may try a message that was taken */
#define POST_RETRY_MAX_S 3600
#define POST_LOOK_MS 200     /* between two looks for what came of a try */
#define POST_LOOK_MAX_MS 5000 /* between two looks for what is due; retry_s when that is less */

struct post {
	struct messenger *messenger;
	struct messenger_item *taken; /* in this transaction */
	struct messenger_item *done;  /* not written down yet */
	size_t out;
	bool finished; /* nothing more is taken */
	bool more; /* something may be due: look in the next transaction */
	bool undone; /* the last step failed: done is not written down, and waits for a look */
	int64_t looked_ms;
	int64_t look_ms; /* between two looks for what is due, and for what others wrote */
	struct metrics *metrics;
	struct log_fault fault;
};

ERR_MUST_CHECK enum err_code post_open(struct post *p, const char *dir, const struct policy *policy,
	struct metrics *metrics, struct err *err);
void post_close(struct post *p);
/* For what is sent from now on. */
void post_policy(struct post *p, const struct policy *policy);
/* A transaction is wanted for it, although nobody asked for anything. */
bool post_is_due(struct post *p, int64_t mono_ms);
/* So long the store thread may sleep. */
static inline int64_t post_wait_ms(const struct post *p)
{
	return p->out > 0 || p->more ? POST_LOOK_MS : p->look_ms;
}
/* Inside a transaction and a savepoint of its own: when it fails, that is undone. */
ERR_MUST_CHECK enum err_code post_step(struct post *p, const struct rules *r, int64_t mono_ms,
	struct err *err);
/* Nothing more is sent. True: something came of it, and one more transaction should tell. */
bool post_finish(struct post *p);
/* What became of the transaction. */
void post_committed(struct post *p, const struct rules *r, bool messages_written);
void post_lost(struct post *p);

#endif
