/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline policy at the counter: the flow's question to it, and what becomes of what it wrote
 * down.
 */
#include "ui/counter.h"

#include <string.h>

#include "base/log.h"
#include "ui/offline.h"

/* Nothing happens between the question and this: see FLOW_DO_OFFLINE. */
void counter_offline_answer(struct counter *c)
{
	struct flow_event *ev = &c->ev;
	uint32_t serial = c->flow.serial;
	enum flow_reason why = REASON_NONE;
	bool written = offline_write(c->offline, &why);

	memset(ev, 0, sizeof *ev);
	ev->serial = serial;
	ev->offline.written = written;
	ev->offline.reason = written ? REASON_NONE : why;
	counter_step(c, FLOW_EV_OFFLINE);
}

void counter_offline_told(struct counter *c, const char *state, const struct offline_entry *entry,
	const char *reason, const char *receipt)
{
	char id[2 * OFFLINE_ID_LEN + 1];

	hex_encode(id, SPAN(entry->id, sizeof entry->id));
	c->events.now_ms = clock_mono_ms(&c->clock);
	events_offline(&c->events, state, id, reason, receipt);
	c->changed = true;
	log_line(strcmp(state, "conflict") == 0 ? LOG_ERROR : LOG_WARNING, "offline",
		"sale %s, %llu %s: %s%s%s", id, (unsigned long long)entry->sale.amount,
		entry->sale.currency, state, reason[0] != '\0' ? ", " : "", reason);
}
