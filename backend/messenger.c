/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread that sends.
 */
#include "backend/messenger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/store.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text_safe.h"

#define OUTBOX "outbox"

struct messenger {
	char dir[STORE_PATH_MAX];
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct messenger_item *todo, *done;
	struct policy policy;
	struct policy now; /* the thread's copy */
	atomic_bool stop;
	int64_t cleaned_ms; /* the thread's */
	pthread_t thread;
	bool joined;
};

static void lock(struct messenger *m)
{
	ASSERT(pthread_mutex_lock(&m->lock) == 0);
}

static void unlock(struct messenger *m)
{
	ASSERT(pthread_mutex_unlock(&m->lock) == 0);
}

void messenger_item_free(struct messenger_item **item)
{
	if (!*item)
		return;
	sec_wipe(*item, sizeof(**item));
	free(*item);
	*item = NULL;
}

static void free_list(struct messenger_item *list)
{
	struct messenger_item *next;

	for (; list; list = next) {
		next = list->next;
		messenger_item_free(&list);
	}
}

/* ---- one message ---- */

/* A file that appears whole or not at all; whoever reads the folder removes what it took. It bears
 * the time at which it is of no use any more: what nobody took goes then, with the link in it.
 */
static enum err_code put_in_outbox(
	const char *dir, const struct messenger_item *item, struct err *err)
{
	char path[STORE_PATH_MAX + 64], id[2 * CODE_ID_LEN + 1];
	uint8_t room[MAIL_MAX];
	struct timespec ends[2] = {{.tv_sec = 0}, {.tv_sec = 0}};
	struct bytes text;
	struct json_out w;
	enum err_code e;

	(void)snprintf(path, sizeof(path), "%s/" OUTBOX, dir);
	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set_os(err, ERR_IO, errno, "cannot make the folder " OUTBOX);
	hex_encode(id, SPAN(item->id, CODE_ID_LEN));
	(void)snprintf(path, sizeof(path), "%s/" OUTBOX "/%s.json", dir, id);
	bytes_init_fixed(&text, room, sizeof(room));
	json_out_init(&w, &text);
	json_out_begin(&w, NULL);
	json_out_text(&w, "id", id);
	json_out_text(&w, "kind", item->kind);
	json_out_text(&w, "phone", item->body.phone);
	json_out_text(&w, "email", item->body.email);
	json_out_text(&w, "language", item->body.language);
	json_out_text(&w, "subject", item->body.subject);
	json_out_text(&w, "text", item->body.text);
	json_out_end(&w);
	bytes_add_text(&text, "\n");
	e = text.full ? err_set(err, ERR_TOO_LARGE, "the message is too long")
		      : file_replace(path, bytes_span(&text), 0600, err);
	sec_wipe(room, sizeof(room));
	if (e && e != ERR_UNCERTAIN) /* then it is there; a second one has the same name */
		return e;
	ends[0].tv_sec = ends[1].tv_sec = (time_t)item->ends;
	if (utimensat(AT_FDCWD, path, ends, 0) == 0 || errno == ENOENT) /* taken already */
		return ERR_OK;
	e = err_set_os(err, ERR_IO, errno, "cannot set the time of a file in " OUTBOX);
	(void)unlink(path);
	return e;
}

void messenger_clean(const char *dir, int64_t now)
{
	char path[STORE_PATH_MAX + 64];
	struct dirent *entry;
	struct stat st;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/" OUTBOX, dir);
	d = opendir(path);
	while (d && (entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len != 2 * CODE_ID_LEN + 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
			continue; /* not ours */
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && st.st_mtim.tv_sec <= now &&
			st.st_ctim.tv_sec < now - MESSENGER_CLEAN_S) /* its time was set */
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		(void)closedir(d); /* was only read */
}

static enum err_code send_one(struct messenger *m, const struct messenger_item *item,
	const struct policy *policy, struct err *err)
{
	switch (policy_messenger(policy)) {
	case MESSENGER_OUTBOX:
		return put_in_outbox(m->dir, item, err);
	case MESSENGER_SMTP:
	case MESSENGER_HTTP:
		return messenger_send(item, policy, &m->stop, err);
	case MESSENGER_NONE:
		break;
	}
	return err_set(err, ERR_UNSUPPORTED, "the messenger was switched off");
}

/* Now and then also without a message. */
static void clean(struct messenger *m)
{
	struct clock clock;

	clock_init_real(&clock);
	if (clock_mono_ms(&clock) - m->cleaned_ms < MESSENGER_CLEAN_S * 1000 && m->cleaned_ms)
		return;
	m->cleaned_ms = clock_mono_ms(&clock);
	messenger_clean(m->dir, clock_unix_s(&clock));
}

static struct messenger_item *take_todo(struct messenger *m, struct policy *policy)
{
	struct messenger_item *item;
	struct timespec until;

	lock(m);
	while (!m->todo && !atomic_load(&m->stop)) {
		unlock(m);
		clean(m);
		lock(m);
		if (m->todo || atomic_load(&m->stop))
			break;
		(void)clock_gettime(CLOCK_REALTIME, &until); /* cannot fail */
		until.tv_sec += MESSENGER_CLEAN_S;
		(void)pthread_cond_timedwait(&m->filled, &m->lock, &until);
	}
	item = atomic_load(&m->stop) ? NULL : m->todo;
	if (item) {
		m->todo = item->next;
		item->next = NULL;
		*policy = m->policy;
	}
	unlock(m);
	return item;
}

static void *messenger_thread(void *arg)
{
	struct messenger *m = arg;
	struct messenger_item *item;
	struct err err;

	while ((item = take_todo(m, &m->now)) != NULL) {
		err = (struct err){0};
		item->sent = send_one(m, item, &m->now, &err) == ERR_OK;
		(void)text_safe(item->fault, sizeof(item->fault), span_text(err.text));
		sec_wipe(&item->body, sizeof(item->body)); /* the next transaction takes the rest */
		lock(m);
		item->given_back = !item->sent && atomic_load(&m->stop);
		item->next = m->done;
		m->done = item;
		unlock(m);
	}
	return NULL;
}

/* ---- life ---- */

static enum err_code start_thread(struct messenger *m, struct err *err)
{
	sigset_t all, before;
	int e;

	(void)sigfillset(&all); /* signals are the I/O thread's */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&m->thread, NULL, messenger_thread, m);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e ? err_set_os(err, ERR_NO_MEMORY, e, "cannot start a thread") : ERR_OK;
}

enum err_code messenger_start(struct messenger **out, const char *dir,
	const struct policy *policy, struct err *err)
{
	struct messenger *m = calloc(1, sizeof(*m));
	enum err_code e;

	if (!m)
		return err_set(err, ERR_NO_MEMORY, "no memory for the messenger");
	(void)snprintf(m->dir, sizeof(m->dir), "%s", dir);
	m->policy = *policy;
	if (pthread_mutex_init(&m->lock, NULL)) {
		free(m);
		return err_set(err, ERR_NO_MEMORY, "no memory for the messenger");
	}
	if (pthread_cond_init(&m->filled, NULL)) {
		(void)pthread_mutex_destroy(&m->lock);
		free(m);
		return err_set(err, ERR_NO_MEMORY, "no memory for the messenger");
	}
	e = start_thread(m, err);
	if (e) {
		(void)pthread_cond_destroy(&m->filled);
		(void)pthread_mutex_destroy(&m->lock);
		free(m);
		return e;
	}
	*out = m;
	return ERR_OK;
}

void messenger_halt(struct messenger *m)
{
	struct messenger_item *item;

	if (m->joined)
		return;
	lock(m);
	atomic_store(&m->stop, true);
	(void)pthread_cond_signal(&m->filled);
	unlock(m);
	(void)pthread_join(m->thread, NULL);
	m->joined = true;
	while ((item = m->todo) != NULL) {
		m->todo = item->next;
		item->given_back = true;
		item->next = m->done;
		m->done = item;
	}
}

void messenger_stop(struct messenger **messenger)
{
	struct messenger *m = *messenger;

	if (!m)
		return;
	messenger_halt(m);
	free_list(m->done);
	(void)pthread_cond_destroy(&m->filled);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
	*messenger = NULL;
}

void messenger_policy(struct messenger *m, const struct policy *policy)
{
	lock(m);
	m->policy = *policy;
	unlock(m);
}

void messenger_put(struct messenger *m, struct messenger_item *list)
{
	struct messenger_item **end;

	if (!list)
		return;
	lock(m);
	for (end = &m->todo; *end; end = &(*end)->next)
		; /* a few at most: POST_OUT_MAX */
	*end = list;
	(void)pthread_cond_signal(&m->filled);
	unlock(m);
}

struct messenger_item *messenger_take_done(struct messenger *m)
{
	struct messenger_item *all;

	lock(m);
	all = m->done;
	m->done = NULL;
	unlock(m);
	return all;
}
