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
	if (c->signed_in[0] != '\0')
		text_copy(c->sale.operator_name, sizeof c->sale.operator_name, c->signed_in);
	c->events.now_ms = clock_mono_ms(&c->clock);
	if (c->events.sink != NULL)
		events_sale(&c->events, &c->sale);
	c->changed = true;
	return true;
}

void counter_operator_set(struct counter *c, const char *name, const char *otherwise)
{
	struct client_sale sale = c->sale;

	text_copy(c->signed_in, sizeof c->signed_in, name);
	text_copy(sale.operator_name, sizeof sale.operator_name,
		name[0] != '\0' ? name : otherwise);
	/* what runs keeps its operator: nobody is signed in or off while it does */
	ERR_IGNORE(counter_sale_set(c, &sale));
}

void counter_close(struct counter *c, enum counter_closed why, bool closed)
{
	unsigned all = closed ? c->closed | (unsigned)why : c->closed & ~(unsigned)why;
	bool turns = (all == 0) != (c->closed == 0);

	if (c->stepped && why != COUNTER_CLOSED_RECORDED)
		return;
	c->changed = c->changed || all != c->closed;
	c->closed = all;
	c->events.now_ms = clock_mono_ms(&c->clock);
	if (turns && c->events.sink != NULL)
		events_cards(&c->events, all == 0);
}

/* ---- replay ---- */

/* Between two frames, and before what is due by time after it. */
static int64_t due_until_ms(const struct counter *c)
{
	int64_t now = clock_mono_ms(&c->clock);
	int64_t until = c->frame_held ? c->msg.at_ms - 1 : now;

	if (flow_next_ms(&c->flow) < until)
		until = flow_next_ms(&c->flow);
	return until > now ? until : now;
}

bool counter_recorded_look(struct counter *c)
{
	const struct session_command *due;
	struct session_command command;
	int line;

	if (c->outlet.reader == NULL)
		return false;
	line = c->outlet.reader->line_number;
	due = session_command_due(c->outlet.reader, due_until_ms(c) - c->events.start_ms);
	if (due == NULL)
		return false;
	command = *due; /* the reader goes on when it is told again */
	if (c->events.start_ms + command.at_ms > clock_mono_ms(&c->clock))
		clock_advance_to(&c->clock, c->events.start_ms + command.at_ms);
	switch (command.kind) {
	case SESSION_COMMAND_CANCEL:
		counter_cancel_told(c);
		break;
	case SESSION_COMMAND_SALE:
		ERR_IGNORE(counter_sale_set(c, &command.sale));
		break;
	case SESSION_COMMAND_CARDS:
		counter_close(c, COUNTER_CLOSED_RECORDED, !command.taken);
		break;
	case SESSION_COMMAND_NONE:
		break;
	}
	/* without a trace it is still what comes next, and the first other event is a difference */
	return !c->outlet.reader->have || c->outlet.reader->line_number != line || c->quit;
}
