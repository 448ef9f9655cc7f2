/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter: events into the flow, actions out of it.
 */
#include "ui/counter.h"

#include <string.h>

#include "base/log.h"
#include "base/text_safe.h"
#include "ui/offline.h"
#include "ui/plain.h"
#include "ui/trace.h"
#include "ui/words.h"

_Static_assert((int)SCAN_PREVIEW_ROWS == VIEW_PREVIEW_ROWS &&
		       (int)SCAN_PREVIEW_COLUMNS == VIEW_PREVIEW_COLUMNS,
	"the preview goes from scanner to view as it is");
_Static_assert((int)SCAN_CODES_MAX == FLOW_CODES_MAX, "codes of a frame");

/* In one turn: keys, answers and the screen have theirs, however fast a scanner writes. */
#define SCANNER_MESSAGES_MAX 64

static int64_t real_ms(void)
{
	struct clock real;

	clock_init_real(&real);
	return clock_mono_ms(&real);
}

void counter_init(struct counter *c, int64_t began_ms)
{
	memset(c, 0, sizeof *c);
	outlet_init(&c->outlet);
	flow_init(&c->flow);
	c->began_ms = began_ms;
	c->picture_ms = INT64_MAX;
	c->first_frame_ms = -1;
	c->scanner_state = VIEW_SCANNER_STARTING;
	c->frame_told = true;
}

void counter_start(struct counter *c, const struct events_ready *ready)
{
	c->outlet.scanner = c->scanner;
	counter_keys_init(c);
	c->picture_ms = clock_mono_ms(&c->clock);
	c->flow.offline = offline_is_on(c->offline);
	events_init(&c->events, clock_mono_ms(&c->clock));
	c->events.sink = outlet_line;
	c->events.ctx = &c->outlet;
	events_ready(&c->events, ready);
	if (c->closed != 0)
		events_cards(&c->events, false);
	c->changed = true;
}

/* Events outside the flow carry the time of now. */
static struct events *events_now(struct counter *c)
{
	c->events.now_ms = clock_mono_ms(&c->clock);
	return &c->events;
}

/* ---- actions ---- */

static void request(struct counter *c, const struct flow_action *a)
{
	struct span pin = a->kind == FLOW_DO_PIN ? pin_entry_span(&c->pin) : SPAN(NULL, 0);

	client_request(c->client, a, &c->flow, &c->sale, pin);
}

static void finished(struct counter *c)
{
	c->finished = true;
	c->verdict = c->flow.verdict;
	c->verdict_pin = c->flow.pin_done;
	c->verdict_reason = c->flow.reason;
}

static void scanner_pause(struct counter *c, bool pause)
{
	scan_process_command(c->scanner, pause ? SCAN_CMD_PAUSE : SCAN_CMD_RESUME, 0);
	if (c->scanner_state == VIEW_SCANNER_RUNNING || c->scanner_state == VIEW_SCANNER_PAUSED)
		c->scanner_state = pause ? VIEW_SCANNER_PAUSED : VIEW_SCANNER_RUNNING;
	c->frame_hint = SCAN_HINT_NONE;
	c->preview_there = false;
	c->paused = pause;
	c->picture_ms = clock_mono_ms(&c->clock);
}

static void act(struct counter *c, const struct flow_action *a)
{
	switch (a->kind) {
	case FLOW_DO_START:
	case FLOW_DO_ANSWER:
	case FLOW_DO_PIN:
	case FLOW_DO_ASK:
	case FLOW_DO_CANCEL:
	case FLOW_DO_LOOK:
		request(c, a);
		break;
	case FLOW_DO_OFFLINE:
		c->offline_asked = true;
		break;
	case FLOW_DO_PIN_OPEN:
	case FLOW_DO_PIN_CLOSE: /* the scanner: pause_look() */
		pin_entry_clear(&c->pin);
		break;
	case FLOW_DO_FINISHED:
		finished(c);
		break;
	}
}

static void plain_look(struct counter *c)
{
	if (c->plain && !plain_is_read())
		outlet_break(&c->outlet, "write failed");
}

/* A hint is for whoever holds a phone to the camera: it is over when no code is waited for. */
static void hint_look(struct counter *c)
{
	bool waits = c->flow.phase == FLOW_WAITING || c->flow.phase == FLOW_NUMBER;
	enum scan_hint hint = waits ? c->frame_hint : SCAN_HINT_NONE;

	if (hint == c->hint)
		return;
	c->hint = hint;
	events_hint(events_now(c), scan_hint_word(hint));
	if (c->plain)
		plain_hint(words_hint_do(hint));
	c->changed = true;
}

/* Nothing is looked at, and nothing recorded, from the moment on in which somebody may learn that a
 * PIN is wanted. So this comes before the events.
 */
static void pause_look(struct counter *c)
{
	if (c->paused != counter_pin_wanted(c))
		scanner_pause(c, !c->paused);
}

/* c->ev into the flow; then the world learns of it, then it is acted on. */
void counter_step(struct counter *c, enum flow_event_kind kind)
{
	enum flow_phase before = c->flow.phase;
	size_t i;

	c->ev.kind = kind;
	c->ev.now_ms = clock_mono_ms(&c->clock);
	events_before(events_now(c), &c->flow);
	flow_step(&c->flow, &c->actions, &c->ev);
	pause_look(c);
	events_after(&c->events, &c->flow, &c->ev, &c->actions);
	trace_after(&c->events, &c->flow, &c->ev, &c->actions);
	if (c->plain)
		plain_after(&c->events, &c->flow, &c->actions, client_last_fault(c->client));
	hint_look(c);
	plain_look(c);
	for (i = 0; i < c->actions.count; i++)
		act(c, &c->actions.list[i]);
	for (i = 0; i < c->watch_count; i++)
		c->watch[i].stepped(c->watch[i].ctx, c, before);
	counter_changed(c, kind);
	if (c->offline_asked) {
		c->offline_asked = false;
		counter_offline_answer(c); /* one step more, which asks nothing */
	}
}

/* The frames have ended. When no verification was begun, that is what this run comes to; on a
 * screen it is no verdict, the screen says that the camera has gone.
 */
static void frames_end(struct counter *c)
{
	c->end_told = true;
	counter_step(c, FLOW_EV_END);
	if (c->finished || c->flow.phase != FLOW_WAITING)
		return;
	c->verdict_reason = REASON_END_OF_FRAMES;
	events_nothing_decided(events_now(c), flow_reason_word(c->verdict_reason));
	if (c->plain)
		plain_nothing_decided(c->verdict_reason);
	plain_look(c);
}

/* ---- scanner ---- */

static void scanner_state_set(
	struct counter *c, enum view_scanner state, const char *word, const char *text)
{
	if (state != VIEW_SCANNER_RUNNING)
		c->frame_hint = SCAN_HINT_NONE;
	c->scanner_state = state;
	text_safe(c->scanner_words, sizeof c->scanner_words, span_text(text));
	if (c->plain)
		plain_scanner(word, c->scanner_words);
	plain_look(c);
	c->words_new = true;
	events_scanner(events_now(c), word, c->scanner_words);
	trace_scanner(word, c->scanner_words);
	c->changed = true;
}

/* Why, where it did not simply end: a fatal fault, or the last one of a source that never gave a
 * good frame.
 */
static void source_end(struct counter *c)
{
	char why[SCAN_FAULT_MAX] = "";

	if (!c->frame_was_good || c->scanner_state == VIEW_SCANNER_FAULT)
		memcpy(why, c->scanner_words, sizeof why);
	c->source_ended = true;
	scanner_state_set(c, VIEW_SCANNER_ENDED, "ended", why);
}

/* Only QR codes can be cards. False: as if it had not been seen yet. */
static bool code_judge(struct counter *c, struct flow_code *out, const struct scan_code *code,
	int64_t now_unix_s)
{
	struct span text = SPAN(code->text, code->text_len);

	if (scan_symbology_may_be_ours(code->symbology))
		return counter_code_judge(c, out, text, now_unix_s);
	flow_code_other(out, text, scan_symbology_word(code->symbology));
	return true;
}

/* A hand-held reader has no pictures, and always something to say. */
static bool frame_is_good(const struct counter *c)
{
	return c->msg.width > 0 || c->msg.code_count > 0 || scan_process_is_reader(c->scanner);
}

static void frame_look(struct counter *c)
{
	const struct scan_msg *m = &c->msg;
	size_t count = m->code_count < FLOW_CODES_MAX ? m->code_count : FLOW_CODES_MAX;
	int64_t now_unix_s = clock_unix_s(&c->clock);
	size_t i;

	c->frame_number = m->frame;
	c->frame_hint = (enum scan_hint)m->hint;
	c->frame_told = false;
	c->ev.codes.count = 0;
	if (c->closed != 0 && c->flow.phase == FLOW_WAITING)
		count = 0;
	for (i = 0; i < count; i++)
		if (code_judge(c, &c->ev.codes.list[c->ev.codes.count], &m->codes[i], now_unix_s))
			c->ev.codes.count++;
	counter_step(c, FLOW_EV_CODES);
}

/* A camera that was unplugged is tried again and again: it is down until it gives a picture. */
static bool scanner_is_down(const struct counter *c)
{
	return c->scanner_state == VIEW_SCANNER_RESTARTING ||
		c->scanner_state == VIEW_SCANNER_FAULT;
}

static void on_frame(struct counter *c)
{
	if (c->first_frame_ms < 0)
		c->first_frame_ms = real_ms() - c->began_ms;
	c->frames++;
	if (frame_is_good(c)) {
		c->frame_was_good = true;
		c->words_new = false;
		c->picture_ms = clock_mono_ms(&c->clock);
	}
	c->decode_us += c->msg.decode_us;
	c->step_sent = false;
	if (c->scanner_state == VIEW_SCANNER_STARTING)
		c->scanner_state = VIEW_SCANNER_RUNNING;
	else if (scanner_is_down(c) && frame_is_good(c))
		scanner_state_set(c, VIEW_SCANNER_RUNNING, "running", "");
	if (c->stepped)
		c->frame_held = true;
	else
		frame_look(c);
}

/* A code is read in some frames of many: its marks stay for a moment, so that they can be seen. */
static void on_preview(struct counter *c)
{
	int64_t now = clock_mono_ms(&c->clock);

	if (c->scanner_state == VIEW_SCANNER_PAUSED ||
		!scan_process_preview(c->scanner, &c->preview))
		return;
	if (c->preview.code_count > 0) {
		memcpy(c->marks, c->preview.corner, sizeof c->marks);
		c->marks_count = c->preview.code_count;
		c->marks_ms = now;
	} else if (now - c->marks_ms >= COUNTER_MARKS_MS) {
		c->marks_count = 0;
	}
	c->preview_there = true;
	c->picture_new = true;
}

/* The first of two that say the same may be told as what might pass by itself. */
static void on_fault(struct counter *c)
{
	bool told = c->words_new && strcmp(c->msg.fault, c->scanner_words) == 0;
	enum view_scanner state = c->msg.fatal ? VIEW_SCANNER_FAULT : c->scanner_state;

	if (c->msg.fatal)
		c->preview_there = false;
	c->scanner_code = (enum err_code)c->msg.code;
	if (told && c->msg.fatal) {
		c->frame_hint = SCAN_HINT_NONE;
		c->scanner_state = state;
		c->changed = true;
	} else {
		scanner_state_set(c, state, "fault", c->msg.fault);
	}
}

static void on_message(struct counter *c)
{
	switch ((enum scan_msg_kind)c->msg.kind) {
	case SCAN_MSG_HELLO:
		trace_scanner("began", "");
		break;
	case SCAN_MSG_ALIVE:
		break;
	case SCAN_MSG_FRAME:
		on_frame(c);
		break;
	case SCAN_MSG_PREVIEW:
		on_preview(c);
		break;
	case SCAN_MSG_END:
		source_end(c);
		break;
	case SCAN_MSG_FAULT:
		on_fault(c);
		break;
	case SCAN_MSG_RECORD_FAULT:
		events_recording_stopped(events_now(c), c->msg.fault);
		session_write_close(&c->outlet.writer);
		text_safe(c->outlet.record_ended, sizeof c->outlet.record_ended,
			span_text(c->msg.fault));
		log_line(LOG_ERROR, "record", "%s", c->msg.fault);
		break;
	}
}

static void restarts_look(struct counter *c)
{
	unsigned n = scan_process_restarts(c->scanner);

	if (n == c->restarts_seen)
		return;
	c->restarts_seen = n;
	c->preview_there = false;
	if (c->scanner_state != VIEW_SCANNER_FAULT)
		scanner_state_set(c, VIEW_SCANNER_RESTARTING, "restarted", c->scanner_words);
	if (!c->symbologies_lost && scan_process_lost_symbologies(c->scanner)) {
		c->symbologies_lost = true;
		if (c->plain)
			plain_symbologies_lost();
	}
}

/* Frames that cannot be read, none at all, one death after another: the operator must not wait in
 * front of an old picture, or for a camera that says it starts.
 */
static void picture_look(struct counter *c)
{
	bool runs = c->scanner_state == VIEW_SCANNER_RUNNING;
	int64_t patience = runs ? COUNTER_NO_PICTURE_MS : COUNTER_FIRST_PICTURE_MS;

	if (c->stepped || c->source_ended || !scan_process_is_camera(c->scanner) ||
		c->scanner_state == VIEW_SCANNER_FAULT || c->paused ||
		clock_mono_ms(&c->clock) < c->picture_ms ||
		clock_mono_ms(&c->clock) - c->picture_ms < patience)
		return;
	c->preview_there = false;
	if (!c->words_new) {
		c->scanner_code = ERR_TIMEOUT;
		scanner_state_set(c, VIEW_SCANNER_FAULT, "fault", "the camera gives no pictures");
	}
	c->frame_hint = SCAN_HINT_NONE;
	c->scanner_state = VIEW_SCANNER_FAULT; /* in words that were told */
	c->changed = true;
}

void counter_scanner(struct counter *c)
{
	struct err err = {0};
	enum err_code rc = ERR_OK;
	bool got = true;
	int taken = 0;

	c->scanner_more = false;
	while (got && !c->frame_held && !(c->source_ended && c->end_told)) {
		if (taken++ == SCANNER_MESSAGES_MAX) {
			c->scanner_more = true;
			break;
		}
		rc = scan_process_next(c->scanner, &c->msg, &got, real_ms(), &err);
		if (rc != ERR_OK)
			break;
		if (got)
			on_message(c);
	}
	restarts_look(c);
	if (rc == ERR_CLOSED && !c->source_ended) {
		source_end(c);
	} else if (rc == ERR_PROTOCOL) {
		c->scanner_code = rc;
		scanner_state_set(c, VIEW_SCANNER_RESTARTING, "fault", err.text);
	}
	if (!c->scanner_more)
		picture_look(c);
	if (!c->stepped && c->source_ended && !c->end_told)
		frames_end(c);
}

/* ---- backend ---- */

/* Who was stopped or revoked before this run began learns it by its first card. */
static void barred_look(struct counter *c)
{
	if (c->ev.kind == FLOW_EV_STARTED)
		counter_barred(c, REASON_NONE);
	else if (c->ev.kind == FLOW_EV_REFUSED && flow_reason_bars(c->ev.refusal.reason))
		counter_barred(c, c->ev.refusal.reason);
}

void counter_answers(struct counter *c)
{
	while (client_next_event(c->client, &c->ev)) {
		counter_backend_look(c, c->ev.kind != FLOW_EV_NO_ANSWER, false);
		barred_look(c);
		counter_step(c, c->ev.kind);
	}
}

/* ---- operator ---- */

void counter_cancel(struct counter *c)
{
	if (c->flow.phase != FLOW_WAITING)
		events_cancel(events_now(c));
	counter_step(c, FLOW_EV_CANCEL);
}

void counter_command_fault(struct counter *c, const char *text)
{
	events_command_fault(events_now(c), text);
}

bool counter_pin_wanted(const struct counter *c)
{
	return c->flow.phase == FLOW_PIN;
}

void counter_pin_send(struct counter *c)
{
	if (counter_pin_wanted(c) && pin_entry_complete(&c->pin))
		counter_step(c, FLOW_EV_PIN_TYPED);
}

/* Headless with nobody who could type: the list, and after its end nobody. */
static void pin_supply(struct counter *c)
{
	if (!counter_pin_wanted(c) || c->pin_typed_elsewhere)
		return;
	if (pin_list_next(&c->pins, &c->pin, c->flow.id, c->flow.pin_try)) {
		counter_pin_send(c);
		return;
	}
	log_line(LOG_WARNING, "pin",
		"a PIN is wanted, but --pin-file has none left and standard input "
		"has ended: cancelled");
	counter_cancel(c);
}

/* ---- time ---- */

void counter_time(struct counter *c)
{
	if (c->stepped)
		return;
	pin_supply(c);
	if (flow_next_ms(&c->flow) <= clock_mono_ms(&c->clock))
		counter_step(c, FLOW_EV_TIME);
}

/* What the flow waits for by time comes now, at its own time. */
static void time_jump(struct counter *c)
{
	clock_advance_to(&c->clock, flow_next_ms(&c->flow));
	counter_step(c, FLOW_EV_TIME);
}

static void held_look(struct counter *c)
{
	if (flow_next_ms(&c->flow) <= c->msg.at_ms) {
		time_jump(c);
		return;
	}
	clock_advance_to(&c->clock, c->msg.at_ms);
	c->frame_held = false;
	frame_look(c);
}

/* After the last frame: what is still due by time, until nothing is. */
static bool ended_look(struct counter *c)
{
	if (!c->end_told) {
		frames_end(c);
		return true;
	}
	if (flow_next_ms(&c->flow) == INT64_MAX || c->flow.phase == FLOW_RESULT)
		return false;
	time_jump(c);
	return true;
}

static void frame_ask(struct counter *c)
{
	if (!c->frame_told) {
		c->frame_told = true;
		events_frame(events_now(c), c->frame_number);
	}
	if (c->step_sent || scan_process_fd(c->scanner) < 0)
		return;
	c->step_sent = true;
	scan_process_command(c->scanner, SCAN_CMD_STEP, 0);
}

/* One thing that virtual time allows now; false when something must come first. */
static bool advance_once(struct counter *c)
{
	if (client_in_flight(c->client) > 0)
		return false;
	if (counter_recorded_look(c))
		return true;
	if (counter_pin_wanted(c)) {
		if (c->pin_typed_elsewhere)
			return false;
		pin_supply(c);
		return true;
	}
	if (c->frame_held) {
		held_look(c);
		return true;
	}
	if (c->source_ended)
		return ended_look(c);
	frame_ask(c);
	return false;
}

void counter_advance(struct counter *c)
{
	if (!c->stepped)
		return;
	while (!c->quit && !(c->once && c->finished) && advance_once(c))
		;
}

int64_t counter_next_ms(const struct counter *c)
{
	int64_t next = c->scanner_more ? 0 : scan_process_next_ms(c->scanner);

	if (!c->stepped && flow_next_ms(&c->flow) < next)
		next = flow_next_ms(&c->flow);
	return next;
}

bool counter_settled(const struct counter *c)
{
	if (client_in_flight(c->client) > 0 || !c->source_ended || !c->end_told || c->frame_held)
		return false;
	return c->flow.phase == FLOW_WAITING || c->flow.phase == FLOW_RESULT;
}
