/* SPDX-License-Identifier: Apache-2.0
 *
 * Debug lines.
 */
#include "ui/trace.h"

#include "base/log.h"

static const char *phase_word(enum flow_phase phase)
{
	static const char *const words[] = {
		[FLOW_WAITING] = "waiting",
		[FLOW_STARTING] = "starting",
		[FLOW_NUMBER] = "number",
		[FLOW_ANSWERING] = "answering",
		[FLOW_PIN] = "pin",
		[FLOW_PIN_SENT] = "pin sent",
		[FLOW_UNCERTAIN] = "uncertain",
		[FLOW_RESULT] = "result",
	};

	return (size_t)phase < sizeof words / sizeof words[0] ? words[phase] : "?";
}

/* NULL = no request. */
static const char *request_word(enum flow_action_kind kind)
{
	switch (kind) {
	case FLOW_DO_START:
		return "start (first code)";
	case FLOW_DO_ANSWER:
		return "response (second code)";
	case FLOW_DO_PIN:
		return "PIN";
	case FLOW_DO_ASK:
		return "what is recorded";
	case FLOW_DO_CANCEL:
		return "cancel";
	case FLOW_DO_LOOK:
		return "what is recorded (look)";
	default:
		return NULL;
	}
}

static void answer(const struct flow_event *ev)
{
	switch (ev->kind) {
	case FLOW_EV_STARTED:
		log_line(LOG_DEBUG, "backend", "answer %u: started", ev->serial);
		break;
	case FLOW_EV_REFUSED:
		log_line(LOG_DEBUG, "backend", "answer %u: refused, %s", ev->serial,
			flow_reason_word(ev->refusal.reason));
		break;
	case FLOW_EV_STATE:
		log_line(LOG_DEBUG, "backend", "answer %u: %s", ev->serial,
			events_state_word(ev->answer.state));
		break;
	case FLOW_EV_TOLD:
		log_line(LOG_DEBUG, "backend", "told: %s has changed", ev->about);
		break;
	case FLOW_EV_LOOKED:
		log_line(LOG_DEBUG, "backend", "looked: %s", events_state_word(ev->answer.state));
		break;
	case FLOW_EV_NO_ANSWER:
		log_line(LOG_DEBUG, "backend", "answer %u: none", ev->serial);
		break;
	default:
		break;
	}
}

void trace_after(const struct events *e, const struct flow *f, const struct flow_event *ev,
	const struct flow_actions *actions)
{
	size_t i;

	answer(ev);
	for (i = 0; i < actions->count; i++)
		if (request_word(actions->list[i].kind) != NULL)
			log_line(LOG_DEBUG, "backend", "request %u: %s", actions->list[i].serial,
				request_word(actions->list[i].kind));
	if (f->phase == e->last.phase)
		return;
	if (f->phase == FLOW_RESULT)
		log_line(LOG_DEBUG, "flow", "%s -> result: %s %s", phase_word(e->last.phase),
			flow_verdict_word(f->verdict, f->pin_done), flow_reason_word(f->reason));
	else
		log_line(LOG_DEBUG, "flow", "%s -> %s", phase_word(e->last.phase),
			phase_word(f->phase));
}

void trace_scanner(const char *state, const char *text)
{
	log_line(LOG_DEBUG, "scanner", "%s%s%s", state, text[0] != '\0' ? ": " : "", text);
}
