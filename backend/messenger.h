/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends messages to holders: a thread that knows mail, text messages and files, and no store. The
 * store thread takes what is due (post.h), gives it here after its commit, and writes down what
 * came of it; so nothing that a relay does or does not do is ever in the way of a decision.
 *
 * A try that succeeded and could not be written down (the process ended in between) is made again:
 * every message carries its id, by which a relay or gateway can tell.
 */
#ifndef BACKEND_MESSENGER_H
#define BACKEND_MESSENGER_H

#include <stdatomic.h>

#include "backend/policy.h"
#include "backend/rules_message.h"

#define MESSENGER_FAULT_MAX 160
#define MESSENGER_CLEAN_S 60 /* between two looks for messages in outbox that nobody took in time */

struct messenger_item { /* on the heap; wiped when it is freed */
	struct messenger_item *next;
	uint8_t id[CODE_ID_LEN];
	uint8_t credential[CODE_ID_LEN]; /* for the log */
	char kind[STORE_MESSAGE_KIND_MAX];
	int tries; /* this one included */
	int64_t ends;
	struct message_body body;
	/* what came of it */
	bool sent;
	bool given_back; /* the process ends: nothing can be said of it */
	char fault[MESSENGER_FAULT_MAX]; /* safe; without address and text */
};
void messenger_item_free(struct messenger_item **item);

struct messenger;
/* dir: of the backend; outbox is made in it. Starts the thread. */
ERR_MUST_CHECK enum err_code messenger_start(struct messenger **out, const char *dir,
	const struct policy *policy, struct err *err);
/* What is being sent is given up and given back: another process or the next start sends it. */
void messenger_halt(struct messenger *m); /* all that was put is done then */
void messenger_stop(struct messenger **m);
/* For what is sent from now on. */
void messenger_policy(struct messenger *m, const struct policy *policy);
void messenger_put(struct messenger *m, struct messenger_item *list);
/* What is finished, linked by next. */
struct messenger_item *messenger_take_done(struct messenger *m);

/* Removes messages in dir/outbox whose time is over: their links are worth nothing any more. */
void messenger_clean(const char *dir, int64_t now);

/* ---- one try. Private to the messenger and its tests. ---- */

/* A mail as RFC 5322 and 2045 say, lines ended by CR LF. now: for Date. */
#define MAIL_MAX 4096
ERR_MUST_CHECK enum err_code messenger_mail(struct bytes *out, const struct messenger_item *item,
	const char *from, int64_t now, struct err *err);
/* By smtp or http. *stop ends it early. libcurl is loaded when it is first needed: most backends
 * have no use for its memory.
 */
ERR_MUST_CHECK enum err_code messenger_send(const struct messenger_item *item,
	const struct policy *policy, const atomic_bool *stop, struct err *err);

#endif
