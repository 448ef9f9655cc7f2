/* SPDX-License-Identifier: Apache-2.0
 *
 * What the backend tells unasked: that a verification changed, that this terminal was stopped, and
 * which keys the issuer has now.
 *
 * The keys are kept for this run only. At a start there is the one of the configuration; the others
 * are fetched at once. A card of none of them is of another issuer only when the backend is heard
 * or has just said which there are; else it is asked, and without an answer it cannot be told.
 */
#include "ui/counter.h"

#include <string.h>

#include "base/log.h"
#include "ui/offline.h"

void counter_keys_init(struct counter *c)
{
	c->keys.count = 1;
	c->keys.list[0] = *c->issuer;
	c->keys_wait_ms = c->stepped ? 0 : clock_mono_ms(&c->clock) + COUNTER_KEYS_MS;
}

/* What is not judged now is seen again in the next frames; pictures and readers show it once. */
static bool shows_on(const struct counter *c)
{
	return scan_process_is_camera(c->scanner) || scan_process_is_simulator(c->scanner);
}

static bool keys_are_current(const struct counter *c, int64_t now_ms)
{
	return client_issuer_is_current(c->client) ||
	       (c->keys_told && now_ms - c->keys_ms < COUNTER_KEYS_FRESH_MS);
}

/* In virtual time there is nobody to ask. */
bool counter_code_judge(
	struct counter *c, struct flow_code *out, struct span text, int64_t now_unix_s)
{
	int64_t now_ms = clock_mono_ms(&c->clock);
	size_t i = 0;

	do {
		flow_code_judge(out, text, &c->keys.list[i], now_unix_s);
	} while (out->judgement == FLOW_CODE_OTHER_ISSUER && ++i < c->keys.count);
	if (out->judgement != FLOW_CODE_OTHER_ISSUER || c->stepped || keys_are_current(c, now_ms))
		return true;
	if (now_ms >= c->keys_wait_ms + COUNTER_KEYS_AGAIN_MS) {
		client_issuer_ask(c->client);
		c->keys_wait_ms = now_ms + COUNTER_KEYS_MS;
	}
	out->judgement = FLOW_CODE_UNKNOWN_ISSUER;
	return now_ms >= c->keys_wait_ms || !shows_on(c);
}

static void told_verification(struct counter *c, const char *about)
{
	memset(&c->ev, 0, sizeof c->ev);
	memcpy(c->ev.about, about, sizeof c->ev.about);
	counter_step(c, FLOW_EV_TOLD);
}

void counter_backend_look(struct counter *c, bool answered, bool heard)
{
	const char *fault = answered ? "" : client_last_fault(c->client);

	if (answered || heard) /* what a card has met, the ear meets, too */
		offline_heard(c->offline, answered);
	if (answered)
		c->flow.down = false;
	else if (heard)
		c->flow.down = true;
	if (answered != c->backend_fault)
		return;
	c->backend_fault = !answered;
	c->changed = true;
	c->events.now_ms = clock_mono_ms(&c->clock);
	if (heard)
		events_backend_heard(&c->events, answered, fault);
	else
		events_backend(&c->events, answered, fault);
	if (!answered)
		log_line(LOG_WARNING, "backend", "%s", client_last_fault(c->client));
}

void counter_barred(struct counter *c, enum flow_reason why)
{
	if (why == c->barred)
		return;
	c->barred = why;
	if (why != REASON_NONE)
		offline_barred(c->offline);
	c->changed = true;
	c->events.now_ms = clock_mono_ms(&c->clock);
	events_terminal(&c->events, why);
	log_line(LOG_WARNING, "backend", "this terminal %s",
		why == REASON_NONE		 ? "may go on"
		: why == REASON_TERMINAL_STOPPED ? "was stopped"
		: why == REASON_TERMINAL_REVOKED ? "was revoked or enrolled anew"
						 : "is not known to the backend");
}

static void told_issuer(struct counter *c, const struct client_keys *keys)
{
	c->keys_told = true;
	c->keys_ms = clock_mono_ms(&c->clock);
	if (memcmp(&c->keys, keys, sizeof c->keys) == 0)
		return;
	c->keys = *keys;
	c->events.now_ms = clock_mono_ms(&c->clock);
	events_issuer(&c->events, keys->count);
}

void counter_told(struct counter *c)
{
	struct client_told told;

	while (client_next_told(c->client, &told)) {
		/* a fault begins and is over without a card, too */
		counter_backend_look(c, told.kind != CLIENT_TOLD_LOST, true);
		switch (told.kind) {
		case CLIENT_TOLD_LOST:
			break;
		case CLIENT_TOLD_AGAIN:
			told_verification(c, c->flow.id);
			break;
		case CLIENT_TOLD_VERIFICATION:
			told_verification(c, told.about);
			break;
		case CLIENT_TOLD_TERMINAL:
			counter_barred(c, told.barred);
			break;
		case CLIENT_TOLD_ISSUER:
			told_issuer(c, &told.keys);
			break;
		}
	}
}
