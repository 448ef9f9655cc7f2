/* SPDX-License-Identifier: Apache-2.0
 *
 * News of other processes.
 */
#include "backend/news.h"

#include <signal.h>

#define NEWS_WAIT_MS 250 /* between two looks whether it is to stop */

static void *listen_thread(void *arg)
{
	struct news *n = arg;

	while (!atomic_load(&n->stop)) {
		struct err err = {0};
		bool any = false;
		enum err_code e = store_listen_wait(n->listener, &any, NEWS_WAIT_MS, &err);

		atomic_store(&n->heard, !e);
		if (e)
			log_fault_begin(&n->fault, "store", "%s", err.text);
		else
			log_fault_end(&n->fault, "store", "other processes are heard again");
		if (any)
			queue_wake(n->wake);
	}
	return NULL;
}

enum err_code news_start(struct news *n, const char *url, struct queue *wake, struct err *err)
{
	sigset_t all, before;
	enum err_code e;
	int rc;

	n->wake = wake;
	atomic_init(&n->stop, false);
	atomic_init(&n->heard, false);
	if (!url[0])
		return ERR_OK;
	e = store_listen_open(&n->listener, url, err);
	if (e)
		return e;
	/* signals are the I/O thread's */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&n->thread, NULL, listen_thread, n);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		return ERR_OK;
	store_listen_close(&n->listener);
	return err_set_os(err, ERR_NO_MEMORY, rc, "cannot start a thread");
}

void news_stop(struct news *n)
{
	if (!n->listener)
		return;
	atomic_store(&n->stop, true);
	(void)pthread_join(n->thread, NULL);
	store_listen_close(&n->listener);
}

bool news_is_heard(struct news *n)
{
	return atomic_load(&n->heard);
}
