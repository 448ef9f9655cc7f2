/* SPDX-License-Identifier: Apache-2.0
 *
 * What the backend tells unasked: that a verification changed, that this terminal was stopped, and
 * which keys the issuer has now.
 *
 * The keys are kept for this run only. At a start there is the one of the configuration; the others
 * are fetched at once, and a card of none of them is not judged before they came or could have.
 */
#include "ui/counter.h"

#include <string.h>

#include "base/log.h"

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

bool counter_code_judge(
	const struct counter *c, struct flow_code *out, struct span text, int64_t now_unix_s)
{
	size_t i = 0;

	do {
		flow_code_judge(out, text, &c->keys.list[i], now_unix_s);
	} while (out->judgement == FLOW_CODE_OTHER_ISSUER && ++i < c->keys.count);
	return out->judgement != FLOW_CODE_OTHER_ISSUER ||
	       clock_mono_ms(&c->clock) >= c->keys_wait_ms || !shows_on(c);
}

static void told_verification(struct counter *c, const char *about)
{
	memset(&c->ev, 0, sizeof c->ev);
	memcpy(c->ev.about, about, sizeof c->ev.about);
	counter_step(c, FLOW_EV_TOLD);
}

static void told_terminal(struct counter *c, bool stopped)
{
	if (stopped == c->stopped)
		return;
	c->stopped = stopped;
	c->changed = true;
	c->events.now_ms = clock_mono_ms(&c->clock);
	events_terminal(&c->events, stopped);
	log_line(LOG_WARNING, "backend", "this terminal %s", stopped ? "was stopped" : "may go on");
}

static void told_issuer(struct counter *c, const struct client_keys *keys)
{
	c->keys_wait_ms = 0;
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
		switch (told.kind) {
		case CLIENT_TOLD_AGAIN:
			told_verification(c, c->flow.id);
			break;
		case CLIENT_TOLD_VERIFICATION:
			told_verification(c, told.about);
			break;
		case CLIENT_TOLD_TERMINAL:
			told_terminal(c, told.stopped);
			break;
		case CLIENT_TOLD_ISSUER:
			told_issuer(c, &told.keys);
			break;
		}
	}
}
