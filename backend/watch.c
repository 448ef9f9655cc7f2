/* SPDX-License-Identifier: Apache-2.0
 *
 * New events, from the store to the I/O thread.
 */
#include "backend/watch.h"

#include <stdlib.h>
#include <string.h>

enum err_code watch_init(struct watch *w, struct store *s, struct err *err)
{
	int e;

	memset(w, 0, sizeof(*w));
	w->store = s;
	w->seq = -1;
	e = pthread_mutex_init(&w->lock, NULL);
	return e ? err_set_os(err, ERR_NO_MEMORY, e, "cannot watch for events") : ERR_OK;
}

void watch_done(struct watch *w)
{
	struct hub_events *next;

	for (struct hub_events *l = w->head; l; l = next) {
		next = l->next;
		free(l);
	}
	w->head = NULL;
	(void)pthread_mutex_destroy(&w->lock);
}

void watch_want(struct watch *w, int by)
{
	atomic_fetch_add(&w->wanted, by);
}

struct hub_events *watch_take(struct watch *w)
{
	struct hub_events *all;

	ASSERT(pthread_mutex_lock(&w->lock) == 0);
	all = w->head;
	w->head = w->tail = NULL;
	w->lists = 0;
	ASSERT(pthread_mutex_unlock(&w->lock) == 0);
	return all;
}

static void put(struct watch *w, struct hub_events *list)
{
	list->next = NULL;
	ASSERT(pthread_mutex_lock(&w->lock) == 0);
	if (w->tail)
		w->tail->next = list;
	else
		w->head = list;
	w->tail = list;
	w->lists++;
	ASSERT(pthread_mutex_unlock(&w->lock) == 0);
}

static bool is_full(struct watch *w)
{
	bool full;

	ASSERT(pthread_mutex_lock(&w->lock) == 0);
	full = w->lists >= WATCH_LISTS_MAX;
	ASSERT(pthread_mutex_unlock(&w->lock) == 0);
	return full;
}

void watch_note(struct watch *w, const struct job *list)
{
	for (; w->seq < 0 && list; list = list->next)
		if (list->call.events.held)
			w->seq = list->call.events.position;
}

/* One list. *more: it was full, so there may be others. */
static enum err_code read_list(struct watch *w, bool *there, bool *more, struct err *err)
{
	struct hub_events *list = malloc(sizeof(*list));
	enum err_code e;

	*there = *more = false;
	if (!list)
		return err_set(err, ERR_NO_MEMORY, "no memory for events");
	e = store_event_after(w->store, list->list, HUB_EVENTS_MAX, &list->count, w->seq, err);
	if (e || list->count == 0) {
		free(list);
		return e;
	}
	w->seq = list->list[list->count - 1].seq;
	*there = true;
	*more = list->count == HUB_EVENTS_MAX;
	put(w, list);
	return ERR_OK;
}

/* When the I/O thread does not keep up, the rest stays where it is: in the store. */
bool watch_look(struct watch *w)
{
	bool any = false, there, more = true;
	struct err err = {0};

	if (!watch_is_wanted(w))
		w->seq = -1;
	while (w->seq >= 0 && more && !is_full(w)) {
		if (read_list(w, &there, &more, &err)) {
			log_fault_begin(&w->fault, "events", "cannot be read: %s", err.text);
			return any;
		}
		log_fault_end(&w->fault, "events", "can be read again");
		any = any || there;
	}
	return any;
}
