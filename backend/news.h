/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that hears when another process on the same database committed new events, and wakes the
 * store thread. A file tells nothing: then there is no thread, and one looks now and then.
 */
#ifndef BACKEND_NEWS_H
#define BACKEND_NEWS_H

#include <pthread.h>
#include <stdatomic.h>

#include "backend/queue.h"
#include "backend/store.h"
#include "base/log.h"

struct news {
	struct store_listener *listener; /* NULL: none */
	struct queue *wake;
	pthread_t thread;
	atomic_bool stop;
	atomic_bool heard; /* it is connected: what happens is heard */
	struct log_fault fault;
};

/* url: of the store; "" = a file. */
ERR_MUST_CHECK enum err_code news_start(struct news *n, const char *url, struct queue *wake,
	struct err *err);
void news_stop(struct news *n); /* also what was never started but is zero */
bool news_is_heard(struct news *n);

#endif
