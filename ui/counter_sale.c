/* SPDX-License-Identifier: Apache-2.0
 *
 * What the counter sells, and who watches it.
 */
#include "ui/counter.h"

void counter_watch_add(struct counter *c, const struct counter_watch *watch)
{
	ASSERT(c->watch_count < COUNTER_WATCHES_MAX);
	c->watch[c->watch_count++] = *watch;
}

bool counter_is_running(const struct counter *c)
{
	return c->flow.phase != FLOW_WAITING && c->flow.phase != FLOW_RESULT;
}

bool counter_sale_set(struct counter *c, const struct client_sale *sale)
{
	if (counter_is_running(c))
		return false;
	if (c->flow.phase == FLOW_RESULT)
		counter_cancel(c); /* it has been read */
	c->sale = *sale;
	c->changed = true;
	return true;
}

void counter_close(struct counter *c, enum counter_closed why, bool closed)
{
	unsigned all = closed ? c->closed | (unsigned)why : c->closed & ~(unsigned)why;

	c->changed = c->changed || all != c->closed;
	c->closed = all;
}
