/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts that were lost: this program ended while a number was shown, or asked in vain. The
 * backend knows what it recorded; what it left open is given up there by the same question
 * (DELETE), so that nothing is accepted later by a sale that nobody looks at any more.
 */
#include "ui/till.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "verifier/client_ask.h"

/* Without a word of the backend a lost one stays uncertain. */
static bool is_lost(const struct till_sale *s)
{
	return s->state == TILL_LOST || (s->state == TILL_FINISHED && s->ask &&
		s->verification[0] != '\0');
}

/* The one behind the last that was asked for, so that none is in the way of the others. */
static struct till_sale *lost_find(const struct till *t)
{
	struct till_sale *first = NULL;
	bool behind = false;

	for (uint32_t i = 0; i < till_book_count(&t->book); i++) {
		struct till_sale *s = till_book_at(&t->book, i);

		if (is_lost(s) && behind)
			return s;
		if (is_lost(s) && first == NULL)
			first = s;
		behind = behind || strcmp(s->id, t->asked_id) == 0;
	}
	return first;
}

/* A PIN that is still wanted makes an acceptance none. False: it is still open there. */
static bool state_take(struct till *t, struct till_sale *s, const struct flow_answer *a)
{
	const char *reason = flow_reason_word(a->reason);
	bool ask = s->ask;

	s->ask = false;
	switch (a->state) {
	case FLOW_REC_AUTHORISED:
		till_finish(t, s, "authorised", reason, a->receipt);
		break;
	case FLOW_REC_ACCEPTED:
		if (a->pin_required)
			till_finish(t, s, "uncertain", "interrupted", "");
		else
			till_finish(t, s, "accepted", reason, a->receipt);
		break;
	case FLOW_REC_REJECTED:
	case FLOW_REC_EXPIRED:
	case FLOW_REC_CANCELLED:
		till_finish(t, s, "refused",
			a->reason != REASON_NONE ? reason : events_state_word(a->state), "");
		break;
	default:
		s->ask = ask;
		return false;
	}
	return true;
}

static void answered(void *ctx, const struct client_reply *reply)
{
	struct till *t = ctx;
	struct till_sale *s = till_book_find(&t->book, t->asked_id);
	struct message_request request = {.kind = FLOW_DO_LOOK};
	const struct message_answer answer = {.status = reply->status,
		.date_unix_s = reply->date_unix_s,
		.problem = reply->word[0] != '\0',
		.body = reply->body};
	struct flow_event ev;

	t->asked = 0;
	t->ask_ms = clock_mono_ms(&t->counter->clock) + t->ask_pause_ms;
	t->ask_pause_ms = t->ask_pause_ms * 2 < TILL_ASK_AGAIN_MAX_MS ? t->ask_pause_ms * 2
								      : TILL_ASK_AGAIN_MAX_MS;
	if (s == NULL || reply->code != ERR_OK)
		return;
	text_copy(request.id, sizeof request.id, s->verification);
	message_answer_parse(&ev, &request, &answer, NULL);
	if (ev.kind == FLOW_EV_STATE) {
		if (!state_take(t, s, &ev.answer))
			return;
	} else if (ev.kind == FLOW_EV_REFUSED && reply->status == 404) {
		s->ask = false; /* it knows nothing of it: that will not change */
		till_finish(t, s, "uncertain", "interrupted", "");
	} else {
		return;
	}
	t->ask_pause_ms = TILL_ASK_AGAIN_MS;
	t->ask_ms = clock_mono_ms(&t->counter->clock);
}

void till_lost_look(struct till *t)
{
	struct counter *c = t->counter;
	char path[CLIENT_ASK_PATH_MAX];
	const struct client_ask ask = {
		.method = "DELETE", .path = path, .answered = answered, .ctx = t};
	struct err err = {0};
	struct till_sale *s;

	if (t->ask_ms == 0 || t->asked != 0 || c->stepped || clock_mono_ms(&c->clock) < t->ask_ms)
		return;
	s = lost_find(t);
	if (s == NULL) {
		t->ask_ms = 0;
		return;
	}
	snprintf(path, sizeof path, "/v1/verifications/%s", s->verification);
	text_copy(t->asked_id, sizeof t->asked_id, s->id);
	if (client_ask(c->client, &t->asked, &ask, &err) != ERR_OK) {
		log_line(LOG_WARNING, "till", "a lost verdict is not asked for: %s", err.text);
		t->asked = 0;
		t->ask_ms = clock_mono_ms(&c->clock) + t->ask_pause_ms;
	}
}
