/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run comes to.
 */
#include "ui/counter.h"

#include "base/log.h"
#include "ui/options.h"
#include "ui/plain.h"

/* Events outside the flow carry the time of now. */
static struct events *now(struct counter *c)
{
	c->events.now_ms = clock_mono_ms(&c->clock);
	return &c->events;
}

void counter_cancel_told(struct counter *c)
{
	if (c->flow.phase != FLOW_WAITING || !c->once || c->finished || c->end_told) {
		counter_cancel(c);
		return;
	}
	events_cancel(now(c));
	c->verdict_reason = REASON_CANCELLED;
	events_nothing_decided(now(c), flow_reason_word(c->verdict_reason));
	if (c->plain)
		plain_nothing_decided(c->verdict_reason);
	c->quit = true;
}

/* Whoever runs one verification and goes by its exit status waits for it to end. */
void counter_camera_look(struct counter *c)
{
	int64_t waited = clock_mono_ms(&c->clock) - c->events.start_ms;

	if (!c->gives_up || c->stepped || c->quit || c->frame_was_good || c->source_ended ||
		!scan_process_is_camera(c->scanner) || waited < COUNTER_PATIENCE_MS)
		return;
	log_line(LOG_ERROR, "scanner",
		"no picture of the camera in %d s: given up; --continuous waits for it",
		COUNTER_PATIENCE_MS / 1000);
	c->scanner_state = VIEW_SCANNER_FAULT;
	c->verdict_reason = REASON_END_OF_FRAMES;
	events_nothing_decided(now(c), flow_reason_word(c->verdict_reason));
	if (c->plain)
		plain_nothing_decided(c->verdict_reason);
	c->quit = true;
}

void counter_recording_look(struct counter *c)
{
	if (c->outlet.record_fault[0] == '\0')
		return;
	events_recording_stopped(now(c), c->outlet.record_fault);
	c->outlet.record_fault[0] = '\0';
}

void counter_finish(struct counter *c)
{
	if (!c->finished && c->quit && c->verdict_reason == REASON_NONE)
		c->verdict_reason = REASON_CANCELLED;
	events_end(now(c), flow_verdict_word(c->verdict, c->verdict_pin),
		flow_reason_word(c->verdict_reason), c->flow.verifications);
	outlet_compare_end(&c->outlet);
}

/* The source ended or was out of order before the first picture. */
static bool never_saw(const struct counter *c)
{
	return !c->frame_was_good && (c->source_ended || c->scanner_words[0] != '\0' ||
		c->scanner_state == VIEW_SCANNER_FAULT);
}

int counter_exit_status(const struct counter *c)
{
	if (c->outlet.reader != NULL)
		return c->outlet.differs ? EXIT_REFUSED : EXIT_ACCEPTED;
	if (!c->finished && (c->outlet.broken || never_saw(c)))
		return EXIT_USAGE; /* nobody to tell, or nothing to look at: it never ran */
	switch (c->verdict) {
	case VERDICT_ACCEPTED:
		return EXIT_ACCEPTED;
	case VERDICT_UNCERTAIN:
	case VERDICT_UNCONFIRMED:
		return EXIT_UNCERTAIN;
	default:
		return EXIT_REFUSED;
	}
}
