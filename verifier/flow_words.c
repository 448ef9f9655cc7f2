/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of reasons, phases and verdicts: for logs, JSON and the backend's problem words.
 */
#include <string.h>

#include "verifier/flow.h"

static const char *const REASONS[FLOW_REASON_COUNT] = {
#define FLOW_REASON_WORD(name, word) [name] = word,
	FLOW_REASON_LIST(FLOW_REASON_WORD)
#undef FLOW_REASON_WORD
};

static const char *const PHASES[FLOW_PHASE_COUNT] = {
	[FLOW_WAITING] = "waiting",
	[FLOW_STARTING] = "starting",
	[FLOW_NUMBER] = "number",
	[FLOW_ANSWERING] = "answering",
	[FLOW_PIN] = "pin",
	[FLOW_PIN_SENT] = "pin-sent",
	[FLOW_UNCERTAIN] = "uncertain",
	[FLOW_RESULT] = "result",
};

const char *flow_reason_word(enum flow_reason r)
{
	return (unsigned)r < FLOW_REASON_COUNT ? REASONS[r] : REASONS[REASON_BAD_ANSWER];
}

enum flow_reason flow_reason_of(const char *word)
{
	for (unsigned i = 0; word && i < FLOW_REASON_COUNT; i++) {
		if (!strcmp(REASONS[i], word))
			return (enum flow_reason)i;
	}
	return REASON_BAD_ANSWER;
}

const char *flow_phase_word(enum flow_phase p)
{
	return (unsigned)p < FLOW_PHASE_COUNT ? PHASES[p] : "none";
}

const char *flow_verdict_word(enum verdict v, bool pin_done)
{
	switch (v) {
	case VERDICT_ACCEPTED:
		return pin_done ? "authorised" : "accepted";
	case VERDICT_REFUSED:
		return "refused";
	case VERDICT_UNCERTAIN:
		return "uncertain";
	case VERDICT_UNCONFIRMED:
		return "unconfirmed";
	default:
		return "none";
	}
}
