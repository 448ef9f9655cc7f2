/* SPDX-License-Identifier: Apache-2.0
 *
 * Event lines.
 */
#include "ui/events.h"

#include <string.h>

#include "base/text_safe.h"
#include "verifier/client.h"

#define SAFE_TEXT_MAX 1024

void events_init(struct events *e, int64_t start_ms)
{
	memset(e, 0, sizeof *e);
	e->start_ms = e->now_ms = start_ms;
	bytes_init_fixed(&e->line, e->storage, sizeof e->storage);
}

/* ---- one line ---- */

static void begin(struct events *e, const char *name)
{
	bytes_clear(&e->line);
	json_out_init(&e->out, &e->line);
	json_out_begin(&e->out, NULL);
	json_out_int(&e->out, "v", EVENTS_VERSION);
	json_out_text(&e->out, "event", name);
	json_out_int(&e->out, "at_ms", e->now_ms - e->start_ms);
}

struct json_out *events_line_begin(struct events *e, const char *name)
{
	begin(e, name);
	return &e->out;
}

struct span events_line_end(struct events *e)
{
	json_out_end(&e->out);
	bytes_add_text(&e->line, "\n");
	ASSERT(!e->line.full); /* every member is bounded, and together they fit */
	return bytes_span(&e->line);
}

static void end(struct events *e, enum events_to to)
{
	struct span line = events_line_end(e);

	if (e->sink != NULL)
		e->sink(e->ctx, to, line);
}

/* Texts of our own state are safe already; those of errors and flags may not be. */
static void safe(struct events *e, const char *name, const char *text)
{
	char out[SAFE_TEXT_MAX];

	text_safe(out, sizeof out, span_text(text));
	json_out_text(&e->out, name, out);
}

static void text_if(struct events *e, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_out_text(&e->out, name, text);
}

static void count_if(struct events *e, const char *name, int v)
{
	if (v >= 0)
		json_out_int(&e->out, name, v);
}

/* ---- around the flow ---- */

void events_ready(struct events *e, const struct events_ready *r)
{
	begin(e, "ready");
	safe(e, "source", r->source);
	json_out_bool(&e->out, "simulator", r->simulator);
	safe(e, "backend", r->backend);
	json_out_bool(&e->out, "stepped", r->stepped);
	json_out_int(&e->out, "unix_ms", r->unix_ms);
	end(e, EVENTS_TO_ALL);
}

void events_frame(struct events *e, uint32_t frame)
{
	begin(e, "frame");
	json_out_int(&e->out, "frame", frame);
	end(e, EVENTS_TO_SIMULATOR);
}

void events_scanner(struct events *e, const char *state, const char *text)
{
	begin(e, "scanner");
	json_out_text(&e->out, "state", state);
	if (text[0] != '\0')
		safe(e, "text", text);
	end(e, EVENTS_TO_ALL);
}

void events_hint(struct events *e, const char *why)
{
	begin(e, "hint");
	json_out_text(&e->out, "why", why);
	end(e, EVENTS_TO_ALL);
}

void events_backend(struct events *e, bool reachable, const char *fault)
{
	begin(e, "backend");
	json_out_bool(&e->out, "reachable", reachable);
	if (fault[0] != '\0')
		safe(e, "fault", fault);
	end(e, EVENTS_TO_ALL);
}

void events_offline(struct events *e, const char *state, const char *id, const char *reason,
	const char *receipt)
{
	begin(e, "offline");
	json_out_text(&e->out, "state", state);
	json_out_text(&e->out, "sale", id);
	text_if(e, "reason", reason);
	text_if(e, "receipt", receipt);
	end(e, EVENTS_TO_OUTPUT);
}

void events_backend_heard(struct events *e, bool reachable, const char *fault)
{
	begin(e, "backend");
	json_out_bool(&e->out, "reachable", reachable);
	if (fault[0] != '\0')
		safe(e, "fault", fault);
	end(e, EVENTS_TO_OUTPUT);
}

void events_terminal(struct events *e, enum flow_reason barred)
{
	begin(e, "terminal");
	json_out_text(&e->out, "state",
		barred == REASON_NONE			? "started"
		: barred == REASON_TERMINAL_STOPPED	? "stopped"
		: barred == REASON_TERMINAL_REVOKED	? "revoked"
							: "unknown");
	end(e, EVENTS_TO_OUTPUT);
}

void events_issuer(struct events *e, size_t keys)
{
	begin(e, "issuer");
	json_out_int(&e->out, "keys", (int64_t)keys);
	end(e, EVENTS_TO_OUTPUT);
}

void events_cancel(struct events *e)
{
	begin(e, "command");
	json_out_text(&e->out, "command", "cancel");
	end(e, EVENTS_TO_ALL);
}

void events_sale(struct events *e, const struct client_sale *sale)
{
	begin(e, "command");
	json_out_text(&e->out, "command", "sale");
	if (sale->amount > 0)
		json_out_int(&e->out, "amount", (int64_t)sale->amount);
	if (sale->currency[0] != '\0')
		json_out_text(&e->out, "currency", sale->currency);
	if (sale->reference[0] != '\0')
		json_out_text(&e->out, "reference", sale->reference);
	if (sale->operator_name[0] != '\0')
		json_out_text(&e->out, "operator", sale->operator_name);
	end(e, EVENTS_TO_ALL);
}

void events_cards(struct events *e, bool taken)
{
	begin(e, "command");
	json_out_text(&e->out, "command", "cards");
	json_out_bool(&e->out, "taken", taken);
	end(e, EVENTS_TO_ALL);
}

void events_command_fault(struct events *e, const char *text)
{
	begin(e, "command");
	safe(e, "fault", text);
	end(e, EVENTS_TO_OUTPUT);
}

void events_recording_stopped(struct events *e, const char *text)
{
	begin(e, "recording");
	json_out_text(&e->out, "state", "stopped");
	safe(e, "text", text);
	end(e, EVENTS_TO_OUTPUT);
}

/* ---- the flow ---- */

const char *events_state_word(enum flow_recorded state)
{
	static const char *const words[] = {
		[FLOW_REC_CHALLENGED] = "challenged",
		[FLOW_REC_ACCEPTED] = "accepted",
		[FLOW_REC_AUTHORISED] = "authorised",
		[FLOW_REC_REJECTED] = "rejected",
		[FLOW_REC_EXPIRED] = "expired",
		[FLOW_REC_CANCELLED] = "cancelled",
	};

	return (size_t)state < sizeof words / sizeof words[0] ? words[state] : "";
}

void events_before(struct events *e, const struct flow *f)
{
	e->last.phase = f->phase;
	e->last.notice = f->notice;
	memcpy(e->last.notice_symbology, f->notice_symbology, sizeof e->last.notice_symbology);
	memcpy(e->last.notice_text, f->notice_text, sizeof e->last.notice_text);
	e->last.serial = f->serial;
	e->last.in_flight = f->in_flight;
}

static bool entered(const struct events *e, const struct flow *f, enum flow_phase phase)
{
	return f->phase == phase && e->last.phase != phase;
}

static void state_event(struct events *e, const struct flow_answer *a)
{
	begin(e, "state");
	json_out_text(&e->out, "state", events_state_word(a->state));
	text_if(e, "reason", flow_reason_word(a->reason));
	count_if(e, "attempts_left", a->attempts_left);
	count_if(e, "pin_tries", a->pin_tries_used);
	end(e, EVENTS_TO_ALL);
}

static void number_event(struct events *e, const struct flow *f)
{
	begin(e, "number");
	json_out_text(&e->out, "verification", f->id);
	json_out_text(&e->out, "number", f->number);
	json_out_int(&e->out, "digits", (int64_t)strlen(f->number));
	json_out_int(&e->out, "expires_in_ms", f->number_ms);
	json_out_text(&e->out, "holder", f->credential.holder);
	json_out_text(&e->out, "purpose", f->credential.purpose);
	json_out_text(&e->out, "face_value", f->credential.face_value);
	json_out_bool(&e->out, "pin_required", f->pin_required);
	json_out_text(&e->out, "challenge_code", f->challenge_code);
	end(e, EVENTS_TO_ALL);
}

static void credential_event(struct events *e, const char *name, const struct flow *f)
{
	begin(e, name);
	json_out_hex(&e->out, "credential", SPAN(f->credential_id, CODE_ID_LEN));
	end(e, EVENTS_TO_ALL);
}

static void pin_event(struct events *e, const char *name, const struct flow *f)
{
	begin(e, name);
	json_out_int(&e->out, "try", f->pin_try);
	if (f->phase == FLOW_PIN)
		count_if(e, "attempts_left", f->attempts_left);
	end(e, EVENTS_TO_ALL);
}

static void uncertain_event(struct events *e, const struct flow *f)
{
	begin(e, "uncertain");
	json_out_int(&e->out, "tries", f->tries);
	end(e, EVENTS_TO_ALL);
}

/* May it be told now? Then it is remembered as told. */
static bool notice_take(struct events *e, const struct flow *f)
{
	unsigned i;

	for (i = 0; i < EVENTS_NOTICES; i++)
		if (e->noticed[i].reason == f->notice &&
			e->now_ms - e->noticed[i].at_ms < EVENTS_NOTICE_MS &&
			strcmp(e->noticed[i].symbology, f->notice_symbology) == 0 &&
			strcmp(e->noticed[i].text, f->notice_text) == 0)
			return false;
	i = e->noticed_next;
	if (e->noticed[i].reason != REASON_NONE &&
		e->now_ms - e->noticed[i].at_ms < EVENTS_NOTICE_MS)
		return false;
	e->noticed[i].reason = f->notice;
	e->noticed[i].at_ms = e->now_ms;
	memcpy(e->noticed[i].symbology, f->notice_symbology, sizeof e->noticed[i].symbology);
	memcpy(e->noticed[i].text, f->notice_text, sizeof e->noticed[i].text);
	e->noticed_next = (i + 1) % EVENTS_NOTICES;
	return true;
}

static void notice_event(struct events *e, const struct flow *f)
{
	begin(e, "notice");
	json_out_text(&e->out, "reason", flow_reason_word(f->notice));
	text_if(e, "symbology", f->notice_symbology);
	text_if(e, "text", f->notice_text);
	end(e, EVENTS_TO_ALL);
}

static void verdict_event(struct events *e, const struct flow *f)
{
	begin(e, "verdict");
	json_out_text(&e->out, "verdict", flow_verdict_word(f->verdict, f->pin_done));
	json_out_text(&e->out, "reason", flow_reason_word(f->reason));
	text_if(e, "verification", f->id);
	text_if(e, "receipt", f->receipt);
	count_if(e, "attempts_left", f->attempts_left);
	if (f->until_unix_s > 0)
		json_out_int(&e->out, "until", f->until_unix_s);
	end(e, EVENTS_TO_ALL);
}

void events_nothing_decided(struct events *e, const char *reason)
{
	begin(e, "verdict");
	json_out_text(&e->out, "verdict", flow_verdict_word(VERDICT_NONE, false));
	json_out_text(&e->out, "reason", reason);
	end(e, EVENTS_TO_ALL);
}

static void action_event(struct events *e, const struct flow *f, enum flow_action_kind kind)
{
	switch (kind) {
	case FLOW_DO_START:
		if (f->tries == 1)
			credential_event(e, "first_code", f);
		break;
	case FLOW_DO_ANSWER:
		credential_event(e, "second_code", f);
		break;
	case FLOW_DO_PIN:
		pin_event(e, "pin_sent", f);
		break;
	case FLOW_DO_ASK:
		uncertain_event(e, f);
		break;
	case FLOW_DO_PIN_OPEN:
		pin_event(e, "pin_wanted", f);
		break;
	case FLOW_DO_FINISHED:
		verdict_event(e, f);
		break;
	default:
		break;
	}
}

void events_after(struct events *e, const struct flow *f, const struct flow_event *ev,
	const struct flow_actions *actions)
{
	bool taken = e->last.in_flight && ev->serial == e->last.serial;
	size_t i;

	if ((ev->kind == FLOW_EV_STATE && taken) ||
		(ev->kind == FLOW_EV_LOOKED && entered(e, f, FLOW_RESULT)))
		state_event(e, &ev->answer);
	if (ev->kind == FLOW_EV_STARTED && entered(e, f, FLOW_NUMBER))
		number_event(e, f);
	e->notice_told = f->notice != REASON_NONE &&
			 (f->notice != e->last.notice ||
				 strcmp(f->notice_symbology, e->last.notice_symbology) != 0 ||
				 strcmp(f->notice_text, e->last.notice_text) != 0) &&
			 (ev->kind != FLOW_EV_CODES || notice_take(e, f));
	if (e->notice_told)
		notice_event(e, f);
	for (i = 0; i < actions->count; i++)
		action_event(e, f, actions->list[i].kind);
}

/* ---- the end ---- */

void events_stats(struct events *e, const struct events_stats *s)
{
	begin(e, "stats");
	json_out_int(&e->out, "rss_kib", s->rss_kib);
	json_out_int(&e->out, "scanner_rss_kib", s->scanner_rss_kib);
	json_out_int(&e->out, "first_frame_ms", s->first_frame_ms);
	json_out_int(&e->out, "wall_ms", s->wall_ms);
	json_out_int(&e->out, "cpu_ms", s->cpu_ms);
	json_out_int(&e->out, "frames", (int64_t)s->frames);
	json_out_int(&e->out, "decode_us", (int64_t)s->decode_us);
	json_out_int(&e->out, "restarts", s->restarts);
	end(e, EVENTS_TO_OUTPUT);
}

void events_end(struct events *e, const char *verdict, const char *reason, uint32_t verifications)
{
	begin(e, "end");
	json_out_text(&e->out, "verdict", verdict);
	json_out_text(&e->out, "reason", reason);
	json_out_int(&e->out, "verifications", verifications);
	end(e, EVENTS_TO_ALL);
}
