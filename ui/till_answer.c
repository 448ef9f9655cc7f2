/* SPDX-License-Identifier: Apache-2.0
 *
 * What tills are told: answers, and how sales go on. Every line is an event line.
 */
#include "ui/till.h"

#include <string.h>

#include "base/amount.h"
#include "base/text_safe.h"

#define SAFE_MAX 1024

/* ---- one line ---- */

static struct json_out *begin(struct till *t, const char *event)
{
	struct events *e = &t->counter->events;

	e->now_ms = clock_mono_ms(&t->counter->clock);
	return events_line_begin(e, event);
}

static struct json_out *answer_begin(const struct till_asker *a)
{
	struct json_out *w = begin(a->till, "answer");

	if (a->command[0] != '\0')
		json_out_text(w, "command", a->command);
	return w;
}

static void answer_end(const struct till_asker *a)
{
	struct till *t = a->till;
	struct span line = events_line_end(&t->counter->events);

	if (a->client != NULL)
		till_socket_send(&t->socket, a->client, line);
	else
		outlet_print(&t->counter->outlet, line);
}

/* Words of errors may hold what somebody sent. */
static void safe(struct json_out *w, const char *name, const char *text)
{
	char out[SAFE_MAX];

	text_safe(out, sizeof out, span_text(text));
	json_out_text(w, name, out);
}

static void text_if(struct json_out *w, const char *name, const char *text)
{
	if (text[0] != '\0')
		safe(w, name, text);
}

static void fault_write(struct json_out *w, const char *word, const char *text)
{
	json_out_text(w, "error", word);
	safe(w, "text", text);
}

void till_answer_done(const struct till_asker *a)
{
	answer_begin(a);
	answer_end(a);
}

void till_answer_fault(const struct till_asker *a, const char *word, const char *text)
{
	fault_write(answer_begin(a), word, text);
	answer_end(a);
}

void till_answer_hello(const struct till_asker *a)
{
	struct json_out *w = answer_begin(a);

	json_out_int(w, "protocol", COMMAND_PROTOCOL);
	json_out_text(w, "program", "countersign " COUNTERSIGN_VERSION);
	safe(w, "terminal", a->till->opt.terminal_name);
	safe(w, "issuer", a->till->opt.issuer_name);
	answer_end(a);
}

struct span till_words_full(void *ctx)
{
	struct till *t = ctx;

	fault_write(begin(t, "answer"), "too-many-clients",
		"as many tills as this terminal takes are connected");
	return events_line_end(&t->counter->events);
}

/* ---- a sale ---- */

static void amount_write(struct json_out *w, const struct client_sale *sale)
{
	char text[AMOUNT_TEXT_MAX];

	if (sale->currency[0] != '\0') {
		amount_text(text, sizeof text, sale->amount, sale->currency);
		json_out_text(w, "amount", text);
		json_out_text(w, "currency", sale->currency);
	}
	text_if(w, "reference", sale->reference);
	text_if(w, "operator", sale->operator_name);
}

/* A verdict that is not known has to look like none to whoever reads the first lines only. */
static void members_write(struct json_out *w, const struct till *t, const struct till_sale *s)
{
	json_out_text(w, "id", s->id);
	json_out_text(w, "state", till_state_word(s->state));
	if (s == t->active && t->begun)
		json_out_text(w, "phase", flow_phase_word(t->counter->flow.phase));
	if (s->state == TILL_FINISHED) {
		json_out_text(w, "verdict", s->verdict);
		json_out_text(w, "reason", s->reason);
	} else if (s->state == TILL_LOST) {
		json_out_text(w, "verdict", "uncertain");
		json_out_text(w, "reason", "interrupted");
	}
	text_if(w, "verification", s->verification);
	text_if(w, "receipt", s->receipt);
	amount_write(w, &s->sale);
	json_out_int(w, "started_unix_ms", s->started_unix_ms);
	if (s->finished_unix_ms != 0)
		json_out_int(w, "finished_unix_ms", s->finished_unix_ms);
}

void till_answer_sale(const struct till_asker *a, const struct till_sale *s, bool again,
	const char *word, const char *text)
{
	struct json_out *w = answer_begin(a);

	if (word != NULL)
		fault_write(w, word, text);
	if (again && strcmp(a->command, "start") == 0)
		json_out_bool(w, "again", true);
	members_write(w, a->till, s);
	answer_end(a);
}

/* Whoever started it and whoever wants to know; and standard output. */
void till_tell_sale(struct till *t, const struct till_sale *s)
{
	struct json_out *w = begin(t, "sale");
	struct span line;

	members_write(w, t, s);
	line = events_line_end(&t->counter->events);
	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++) {
		struct till_client *c = &t->socket.clients[i];
		bool waits = strcmp(c->waits_for, s->id) == 0;

		if (c->fd < 0 || (!waits && c->events == COMMAND_EVENTS_NONE))
			continue;
		till_socket_send(&t->socket, c, line);
		if (waits && s->state == TILL_FINISHED && !s->ask)
			c->waits_for[0] = '\0';
		c->later = waits && s->state == TILL_FINISHED && s->ask;
	}
	outlet_print(&t->counter->outlet, line);
}

/* Events of docs/events.md to whoever wants all of them. */
void till_tap(void *ctx, struct span line)
{
	struct till *t = ctx;

	for (size_t i = 0; i < TILL_CLIENTS_MAX; i++)
		if (t->socket.clients[i].fd >= 0 &&
			t->socket.clients[i].events == COMMAND_EVENTS_ALL)
			till_socket_send(&t->socket, &t->socket.clients[i], line);
}

/* ---- status ---- */

static const char *camera_word(enum view_scanner state)
{
	static const char *const words[] = {
		[VIEW_SCANNER_STARTING] = "starting",
		[VIEW_SCANNER_RUNNING] = "running",
		[VIEW_SCANNER_PAUSED] = "paused",
		[VIEW_SCANNER_RESTARTING] = "restarting",
		[VIEW_SCANNER_ENDED] = "ended",
		[VIEW_SCANNER_FAULT] = "fault",
	};

	return (size_t)state < sizeof words / sizeof words[0] ? words[state] : "";
}

static void closed_write(struct json_out *w, unsigned closed)
{
	static const struct {
		enum counter_closed why;
		const char *word;
	} words[] = {
		{COUNTER_CLOSED_TILL, "till"},
		{COUNTER_CLOSED_PAGE, "page"},
		{COUNTER_CLOSED_AMOUNT, "amount"},
		{COUNTER_CLOSED_OPERATOR, "operator"},
	};

	json_out_array_begin(w, "closed");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (closed & (unsigned)words[i].why)
			json_out_text(w, NULL, words[i].word);
	json_out_array_end(w);
}

void till_answer_status(const struct till_asker *a)
{
	const struct till *t = a->till;
	const struct counter *c = t->counter;
	struct json_out *w = answer_begin(a);

	json_out_text(w, "phase", flow_phase_word(c->flow.phase));
	json_out_bool(w, "busy", t->active != NULL || counter_is_running(c));
	if (t->active != NULL)
		json_out_text(w, "id", t->active->id);
	closed_write(w, c->closed);
	json_out_text(w, "camera", camera_word(c->scanner_state));
	text_if(w, "camera_text", c->scanner_words);
	json_out_bool(w, "backend", !c->backend_fault);
	if (c->backend_fault)
		text_if(w, "backend_text", client_last_fault(c->client));
	text_if(w, "barred", flow_reason_word(c->barred));
	json_out_int(w, "verifications", c->flow.verifications);
	if (t->webhook.post != NULL) {
		json_out_int(w, "webhook_waiting", t->webhook.waiting);
		text_if(w, "webhook_text", t->webhook.fault);
	}
	json_out_int(w, "clients", till_socket_count(&t->socket));
	json_out_int(w, "unix_ms", clock_unix_ms(&c->clock));
	answer_end(a);
}

/* ---- today ---- */

static void today_sale(struct json_out *w, const struct sale *s)
{
	char text[AMOUNT_TEXT_MAX];

	json_out_begin(w, NULL);
	json_out_text(w, "verdict", sale_verdict_word(s->verdict));
	text_if(w, "reason", flow_reason_word(s->reason));
	json_out_int(w, "unix_s", s->at_unix_s);
	if (s->sold.currency[0] != '\0') {
		amount_text(text, sizeof text, s->sold.amount, s->sold.currency);
		json_out_text(w, "amount", text);
		json_out_text(w, "currency", s->sold.currency);
	}
	text_if(w, "reference", s->sold.reference);
	text_if(w, "operator", s->sold.operator_name);
	text_if(w, "verification", s->id);
	text_if(w, "receipt", s->receipt);
	text_if(w, "receipt_code", s->receipt_code);
	json_out_end(w);
}

void till_answer_today(const struct till_asker *a, int64_t from)
{
	struct sales *all = a->till->opt.sales;
	struct json_out *w;
	struct sale s;
	int64_t count;
	int64_t at = from;

	if (all == NULL) {
		till_answer_fault(a, "not-kept", "nobody keeps the sales of this terminal");
		return;
	}
	count = sales_count(all);
	w = answer_begin(a);
	json_out_int(w, "count", count);
	json_out_int(w, "from", from);
	json_out_array_begin(w, "sales");
	for (; at < count && at < from + TILL_TODAY_MAX; at++)
		if (sales_get(all, (uint32_t)at, &s) == ERR_OK)
			today_sale(w, &s);
	json_out_array_end(w);
	if (at < count)
		json_out_int(w, "next", at);
	answer_end(a);
}
