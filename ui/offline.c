/* SPDX-License-Identifier: Apache-2.0
 *
 * What the journal says goes to the backend, one sale at a time; what the backend says of its cards
 * is kept.
 */
#include "ui/offline.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ui/counter.h"
#include "verifier/client_ask.h"

#define WORD_REFUSED "not-taken" /* the backend will never take the request as it is */

struct offline {
	struct offline_policy policy;
	struct counter *counter;
	struct offline_journal *journal;
	struct offline_list list;
	bool up;            /* the backend was heard last, not lost */
	int64_t heard_at;   /* wall clock; 0 = not in this run */
	uint32_t list_asked, sale_asked; /* tickets; 0 = none runs */
	struct offline_entry sending;
	int64_t list_ms, send_ms; /* when to ask; machine clock */
	int64_t pause_ms;
};

static int64_t mono_ms(const struct offline *o)
{
	return clock_mono_ms(&o->counter->clock);
}

static int64_t unix_s(const struct offline *o)
{
	return clock_unix_s(&o->counter->clock);
}

/* ---- life ---- */

enum err_code offline_new(struct offline **out, const struct offline_settings *s, const char *path,
	struct counter *counter, struct err *err)
{
	struct offline_policy policy;
	struct offline *o;
	char folder[OFFLINE_FOLDER_MAX];
	enum err_code rc = offline_settings_decode(&policy, s, path, err);

	*out = NULL;
	if (rc == ERR_OK)
		rc = offline_folder(folder, sizeof folder, s, err);
	if (rc != ERR_OK)
		return policy.accept || rc == ERR_FORMAT ? rc : ERR_OK;
	if (!policy.accept && !offline_journal_is_there(folder))
		return ERR_OK;
	o = calloc(1, sizeof *o);
	if (o == NULL)
		return err_set(err, ERR_NO_MEMORY, "no memory for the offline policy");
	o->policy = policy;
	o->counter = counter;
	o->pause_ms = OFFLINE_SEND_AGAIN_MS;
	rc = offline_journal_open(&o->journal, folder, false, err);
	if (rc != ERR_OK) {
		offline_free(&o);
		return err_prefix(err, "[offline]");
	}
	offline_journal_list_get(o->journal, &o->list);
	*out = o;
	return ERR_OK;
}

void offline_free(struct offline **o)
{
	if (*o == NULL)
		return;
	client_ask_cancel((*o)->counter->client, (*o)->list_asked);
	client_ask_cancel((*o)->counter->client, (*o)->sale_asked);
	offline_journal_close(&(*o)->journal);
	free(*o);
	*o = NULL;
}

bool offline_is_on(const struct offline *o)
{
	return o != NULL && o->policy.accept;
}

/* ---- a sale ---- */

static enum flow_reason decide(const struct offline *o, const struct flow_code *code)
{
	const struct offline_now now = {.unix_s = unix_s(o), .heard_at = o->heard_at};
	struct offline_open open;

	offline_journal_sum(o->journal, &open, code);
	return offline_decide(&o->policy, &o->list, &open, code, &o->counter->sale, &now);
}

static enum err_code entry_make(struct offline_entry *out, const struct offline *o,
	const struct flow_code *code, struct err *err)
{
	*out = (struct offline_entry){.at = unix_s(o), .sale = o->counter->sale};
	memcpy(out->code, o->counter->flow.first_code, sizeof out->code);
	memcpy(out->credential_id, code->credential_id, sizeof out->credential_id);
	return sec_random(out->id, sizeof out->id, err);
}

bool offline_write(struct offline *o, enum flow_reason *why)
{
	struct counter *c = o != NULL ? o->counter : NULL;
	struct offline_entry entry;
	struct flow_code code;
	struct err err = {0};
	enum err_code rc;

	*why = REASON_NO_BACKEND;
	if (!offline_is_on(o) || c->barred != REASON_NONE)
		return false;
	/* once more: minutes may have passed, and nothing may be taken over from before */
	(void)counter_code_judge(c, &code, span_text(c->flow.first_code), unix_s(o));
	*why = decide(o, &code);
	if (*why == REASON_NONE && offline_journal_damage(o->journal)[0] != '\0')
		*why = REASON_OFFLINE_JOURNAL;
	if (*why != REASON_NONE)
		return false;
	rc = entry_make(&entry, o, &code, &err);
	if (rc == ERR_OK)
		rc = offline_journal_add(o->journal, &entry, &err);
	if (rc != ERR_OK) {
		log_line(LOG_ERROR, "offline", "nothing was written down: %s", err.text);
		*why = REASON_OFFLINE_JOURNAL;
		return false;
	}
	counter_offline_told(c, "written", &entry, "", "");
	return true;
}

/* ---- the line ---- */

void offline_heard(struct offline *o, bool heard)
{
	if (o == NULL)
		return;
	if (heard && !o->up) { /* at once: somebody waits for it */
		o->send_ms = 0;
		o->pause_ms = OFFLINE_SEND_AGAIN_MS;
	}
	o->up = heard;
	if (heard)
		o->heard_at = unix_s(o);
}

void offline_barred(struct offline *o)
{
	if (o == NULL)
		return;
	memset(&o->list, 0, sizeof o->list);
	offline_journal_list_forget(o->journal);
	o->list_ms = 0; /* at once when it may go on */
}

static void later(struct offline *o)
{
	o->send_ms = mono_ms(o) + o->pause_ms;
	o->pause_ms *= 2;
	if (o->pause_ms > OFFLINE_SEND_AGAIN_MAX_MS)
		o->pause_ms = OFFLINE_SEND_AGAIN_MAX_MS;
}

/* An answer that will be the same for ever is one; anything else is tried again. */
static bool answer_of(
	struct offline_answer *out, const struct client_reply *r, const struct offline_entry *entry)
{
	struct err err = {0};

	memset(out, 0, sizeof *out);
	if (r->code != ERR_OK)
		return false;
	if (r->status == 200 && message_offline_parse(out, r->body, entry, &err) == ERR_OK)
		return true;
	if (strcmp(r->word, "bad-request") != 0 && strcmp(r->word, "answered-already") != 0)
		return false;
	memcpy(out->reason, WORD_REFUSED, sizeof WORD_REFUSED);
	return true;
}

static void sale_answered(void *ctx, const struct client_reply *reply)
{
	struct offline *o = ctx;
	struct offline_answer answer;
	struct err err = {0};

	o->sale_asked = 0;
	if (!answer_of(&answer, reply, &o->sending)) {
		later(o);
		return;
	}
	if (offline_journal_answered(o->journal, &o->sending, &answer, unix_s(o), &err) != ERR_OK) {
		log_line(LOG_ERROR, "offline", "the answer cannot be written down: %s", err.text);
		later(o);
		return;
	}
	o->pause_ms = OFFLINE_SEND_AGAIN_MS;
	o->send_ms = 0;
	counter_offline_told(o->counter, answer.accepted ? "accepted" : "conflict", &o->sending,
		answer.reason, answer.receipt);
}

static const struct offline_item *next_item(const struct offline *o)
{
	for (size_t i = 0; i < offline_journal_count(o->journal); i++)
		if (offline_journal_item(o->journal, i)->state == OFFLINE_OPEN)
			return offline_journal_item(o->journal, i);
	return NULL;
}

static void sale_send(struct offline *o)
{
	const struct offline_item *item = next_item(o);
	uint8_t room[OFFLINE_RECORD_MAX];
	struct client_ask ask = {.method = "POST",
		.path = "/v1/offline",
		.answered = sale_answered,
		.ctx = o};
	struct bytes body;

	if (item == NULL || offline_journal_damage(o->journal)[0] != '\0') {
		o->send_ms = INT64_MAX;
		return;
	}
	o->sending = item->entry;
	bytes_init_fixed(&body, room, sizeof room);
	if (message_offline_build(&body, &o->sending) != ERR_OK) {
		later(o);
		return;
	}
	ask.body = bytes_span(&body);
	if (client_ask(o->counter->client, &o->sale_asked, &ask, NULL) != ERR_OK)
		later(o);
}

static void list_answered(void *ctx, const struct client_reply *reply)
{
	struct offline *o = ctx;
	struct offline_list list;
	struct err err = {0};

	o->list_asked = 0;
	if (o->counter->barred != REASON_NONE)
		return; /* it was on its way when this terminal was stopped */
	o->list_ms = mono_ms(o) + OFFLINE_LIST_AGAIN_MS;
	if (reply->code != ERR_OK || reply->status != 200) {
		o->list_ms = mono_ms(o) + OFFLINE_SEND_AGAIN_MAX_MS;
		return;
	}
	if (offline_list_parse(&list, reply->body, unix_s(o), &err) != ERR_OK) {
		log_line(LOG_WARNING, "offline", "the list of barred cards: %s", err.text);
		return;
	}
	if (list.version < o->list.version)
		log_line(LOG_WARNING, "offline", "the server's list is older than the last one");
	o->list = list;
	if (offline_journal_list_put(o->journal, &list, &err) != ERR_OK)
		log_line(LOG_WARNING, "offline", "the list cannot be kept: %s", err.text);
}

static void list_fetch(struct offline *o)
{
	const struct client_ask ask = {.method = "GET",
		.path = "/v1/issuer",
		.answered = list_answered,
		.ctx = o};

	if (client_ask(o->counter->client, &o->list_asked, &ask, NULL) != ERR_OK)
		o->list_ms = mono_ms(o) + OFFLINE_SEND_AGAIN_MS;
}

/* Once its time has come. */
static bool list_is_wanted(const struct offline *o)
{
	return o->policy.accept && o->list_asked == 0 && o->counter->barred == REASON_NONE;
}

void offline_tick(struct offline *o)
{
	if (o == NULL || !o->up)
		return;
	if (list_is_wanted(o) && mono_ms(o) >= o->list_ms)
		list_fetch(o);
	if (o->sale_asked == 0 && next_item(o) != NULL && mono_ms(o) >= o->send_ms)
		sale_send(o);
}

int64_t offline_next_ms(const struct offline *o)
{
	int64_t next = INT64_MAX;

	if (o == NULL || !o->up)
		return next;
	if (list_is_wanted(o))
		next = o->list_ms;
	if (o->sale_asked == 0 && next_item(o) != NULL && o->send_ms < next)
		next = o->send_ms;
	return next;
}

/* ---- the screen ---- */

void offline_look(const struct offline *o, struct offline_view *out)
{
	*out = (struct offline_view){.damage = ""};
	if (o == NULL)
		return;
	out->on = o->policy.accept;
	out->damage = offline_journal_damage(o->journal);
	out->conflicts = offline_journal_conflicts(o->journal);
	out->open = (int)offline_journal_count(o->journal) - out->conflicts;
	out->amount_max = o->policy.amount_max < o->list.amount_max ? o->policy.amount_max
								    : o->list.amount_max;
	memcpy(out->currency, o->policy.currency, sizeof out->currency);
	out->ready = out->on && out->damage[0] == '\0' && o->list.known && o->list.complete &&
		     out->amount_max > 0 && o->counter->barred == REASON_NONE;
}
