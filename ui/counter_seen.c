/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step of the flow means for the screen.
 */
#include <string.h>

#include "ui/counter.h"

/* Most frames and ticks change nothing that is seen: then nothing is drawn. */
void counter_changed(struct counter *c, enum flow_event_kind kind)
{
	c->seen.now_ms = c->flow.now_ms;
	c->changed = c->changed || (kind != FLOW_EV_CODES && kind != FLOW_EV_TIME) ||
		     memcmp(&c->seen, &c->flow, sizeof c->seen) != 0;
	memcpy(&c->seen, &c->flow, sizeof c->seen); /* the gaps between its members, too */
}
