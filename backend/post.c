/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to holders, between store and messenger.
 */
#include "backend/post.h"

#include <stdlib.h>
#include <string.h>

static int64_t look_ms(const struct policy *policy)
{
	int64_t ms = policy->retry_s * 1000;

	return ms < POST_LOOK_MAX_MS ? ms : POST_LOOK_MAX_MS;
}

void post_policy(struct post *p, const struct policy *policy)
{
	p->look_ms = look_ms(policy);
	messenger_policy(p->messenger, policy);
}

enum err_code post_open(struct post *p, const char *dir, const struct policy *policy,
	struct metrics *metrics, struct err *err)
{
	memset(p, 0, sizeof(*p));
	p->metrics = metrics;
	p->more = true;
	p->look_ms = look_ms(policy);
	return messenger_start(&p->messenger, dir, policy, err);
}

static void free_list(struct messenger_item **list)
{
	struct messenger_item *next;

	for (; *list; *list = next) {
		next = (*list)->next;
		messenger_item_free(list);
	}
}

void post_close(struct post *p)
{
	messenger_stop(&p->messenger);
	free_list(&p->taken);
	free_list(&p->done);
}

/* ---- what came of it ---- */

static void collect(struct post *p)
{
	struct messenger_item **end = &p->done;

	while (*end)
		end = &(*end)->next;
	*end = messenger_take_done(p->messenger);
}

bool post_is_due(struct post *p, int64_t mono_ms)
{
	collect(p);
	return (p->done && (!p->undone || p->finished)) || p->more ||
		mono_ms - p->looked_ms >= p->look_ms;
}

bool post_finish(struct post *p)
{
	messenger_halt(p->messenger);
	p->finished = true;
	p->more = false;
	collect(p);
	return p->done != NULL;
}

static int64_t pause_s(const struct policy *policy, int tries)
{
	int64_t s = policy->retry_s;

	for (int i = 1; i < tries && s < POST_RETRY_MAX_S; i++)
		s *= 2;
	return s < POST_RETRY_MAX_S ? s : POST_RETRY_MAX_S;
}

static bool is_last(const struct messenger_item *item, const struct policy *policy, int64_t due)
{
	return item->tries >= policy->tries || due >= item->ends;
}

static enum err_code write_down(const struct rules *r, const struct messenger_item *item,
	struct err *err)
{
	int64_t due = clock_unix_s(r->clock) + pause_s(r->policy, item->tries);

	if (item->given_back)
		return store_message_again(
			r->store, item->id, item->tries, clock_unix_s(r->clock), err);
	if (item->sent)
		return store_message_over(r->store, item->id, item->tries, MESSAGE_SENT, err);
	if (is_last(item, r->policy, due))
		return store_message_over(r->store, item->id, item->tries, MESSAGE_GIVEN_UP, err);
	return store_message_again(r->store, item->id, item->tries, due, err);
}

/* After the commit. A relay that is away is told once, and so is a message that is given up. */
static void tell(struct post *p, const struct rules *r, const struct messenger_item *item)
{
	int64_t due = clock_unix_s(r->clock) + pause_s(r->policy, item->tries);
	char id[2 * CODE_ID_LEN + 1];

	if (item->given_back)
		return;
	if (item->sent) {
		metrics_add(&p->metrics->messages_sent, 1);
		log_fault_end(&p->fault, "message", "messages are sent again");
		return;
	}
	log_fault_begin(&p->fault, "message", "cannot be sent, and is tried again: %s",
		item->fault);
	if (!is_last(item, r->policy, due)) {
		metrics_add(&p->metrics->messages_again, 1);
		return;
	}
	metrics_add(&p->metrics->messages_failed, 1);
	hex_encode(id, SPAN(item->credential, CODE_ID_LEN));
	log_line(LOG_ERROR, "message", "%s of credential %s given up after %d tries: %s",
		item->kind, id, item->tries, item->fault);
}

/* ---- what is due ---- */

static enum err_code take_one(struct post *p, const struct rules *r, struct err *err)
{
	struct messenger_item *item = calloc(1, sizeof(*item));
	int64_t now = clock_unix_s(r->clock);
	struct store_message m;
	enum err_code e;

	if (!item)
		return err_set(err, ERR_NO_MEMORY, "no memory for a message");
	e = store_message_take(r->store, &m, now, now + POST_LEASE_S, err);
	if (!e && m.ends <= now) {
		free(item);
		return store_message_over(r->store, m.id, m.tries, MESSAGE_GIVEN_UP, err);
	}
	if (!e && rules_message_open(r, &item->body, &m, err)) {
		free(item); /* not ours to read: it must not stand in the way of others */
		log_line(LOG_ERROR, "message", "%s", err->text);
		return store_message_over(r->store, m.id, m.tries, MESSAGE_GIVEN_UP, err);
	}
	if (e) {
		free(item);
		return e;
	}
	memcpy(item->id, m.id, CODE_ID_LEN);
	memcpy(item->credential, m.credential, CODE_ID_LEN);
	memcpy(item->kind, m.kind, sizeof(item->kind));
	item->tries = m.tries;
	item->ends = m.ends;
	item->next = p->taken;
	p->taken = item;
	p->out++;
	return ERR_OK;
}

static enum err_code take_due(struct post *p, const struct rules *r, struct err *err)
{
	enum err_code e = ERR_OK;

	p->more = true;
	for (int i = 0; !e && i < POST_OUT_MAX && p->out < POST_OUT_MAX; i++)
		e = take_one(p, r, err);
	if (e == ERR_NOT_FOUND)
		p->more = false;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err_code step(struct post *p, const struct rules *r, int64_t mono_ms, struct err *err)
{
	bool look = p->more || mono_ms - p->looked_ms >= p->look_ms;
	enum err_code e = ERR_OK;

	collect(p);
	for (const struct messenger_item *item = p->done; !e && item; item = item->next)
		e = write_down(r, item, err);
	if (!e && look && !p->finished && policy_messenger(r->policy) != MESSENGER_NONE)
		e = take_due(p, r, err);
	else if (policy_messenger(r->policy) == MESSENGER_NONE)
		p->more = false;
	if (!e && look)
		e = store_message_prune(r->store, clock_unix_s(r->clock) - MESSAGE_KEPT_S,
			MESSAGE_PRUNE_ROWS, err);
	if (look)
		p->looked_ms = mono_ms;
	return e;
}

enum err_code post_step(struct post *p, const struct rules *r, int64_t mono_ms, struct err *err)
{
	enum err_code e = step(p, r, mono_ms, err);

	p->undone = e != ERR_OK;
	return e;
}

void post_committed(struct post *p, const struct rules *r, bool messages_written)
{
	for (const struct messenger_item *item = p->undone ? NULL : p->done; item;
		item = item->next) {
		tell(p, r, item);
		p->out--;
	}
	if (!p->undone)
		free_list(&p->done);
	messenger_put(p->messenger, p->taken);
	p->taken = NULL;
	p->more = (p->more && p->out < POST_OUT_MAX) || messages_written;
}

void post_lost(struct post *p)
{
	for (const struct messenger_item *item = p->taken; item; item = item->next)
		p->out--;
	free_list(&p->taken);
	p->more = false; /* the next look is soon enough */
}
