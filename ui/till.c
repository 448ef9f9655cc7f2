/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands of tills to the counter.
 */
#include "ui/till.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

/* ---- a sale comes to its end ---- */

static void verdict_send(struct till *t, const char *id, const struct client_sale *sale,
	const char *verdict, const char *reason, const char *verification, const char *receipt)
{
	const struct webhook_verdict v = {
		.terminal = t->opt.terminal_name,
		.id = id,
		.sale = sale,
		.verdict = verdict,
		.reason = reason,
		.verification = verification,
		.receipt = receipt,
		.unix_ms = clock_unix_ms(&t->counter->clock),
	};

	webhook_add(&t->webhook, &v);
}

void till_finish(struct till *t, struct till_sale *s, const char *verdict, const char *reason,
	const char *receipt)
{
	struct err err = {0};

	if (till_book_finish(&t->book, s, verdict, reason, receipt,
		    clock_unix_ms(&t->counter->clock), &err) != ERR_OK)
		log_line(LOG_ERROR, "till", "a verdict is not written down: %s", err.text);
	if (t->active == s) {
		t->active = NULL;
		t->begun = false;
		t->clear_due = true;
		t->counter->sale_of_till = false;
		counter_close(t->counter, COUNTER_CLOSED_TILL, true); /* until it is cleared */
	}
	till_tell_sale(t, s);
	verdict_send(t, s->id, &s->sale, s->verdict, s->reason, s->verification, s->receipt);
}

/* The next one is the operator's, or nobody's. */
static void clear_look(struct till *t)
{
	if (!t->clear_due || t->active != NULL || t->counter->flow.phase != FLOW_WAITING)
		return;
	t->clear_due = false;
	/* first: whether an amount has to be typed now depends on it */
	counter_close(t->counter, COUNTER_CLOSED_TILL, t->opt.only);
	if (t->opt.host.clear != NULL)
		t->opt.host.clear(t->opt.host.ctx);
	else
		ERR_IGNORE(counter_sale_set(t->counter, &t->first));
}

/* ---- what the counter does ---- */

/* Before the number can be answered its verification is written down: after a loss of power it is
 * known what to ask for.
 */
static void number_look(struct till *t, const struct counter *c)
{
	struct err err = {0};

	if (c->flow.phase != FLOW_NUMBER || t->active->verification[0] != '\0')
		return;
	if (till_book_number(&t->book, t->active, c->flow.id, &err) == ERR_OK)
		return;
	log_line(LOG_ERROR, "till", "given up, it cannot be written down: %s", err.text);
	t->number_lost = true;
}

/* The same before it goes into the offline journal. */
static void journal_look(struct till *t, const struct counter *c)
{
	struct err err = {0};

	if (c->offline_asked && till_book_offline(&t->book, t->active, &err) != ERR_OK)
		log_line(LOG_ERROR, "till", "an offline sale is not written down: %s", err.text);
}

static bool same_sale(const struct client_sale *a, const struct client_sale *b)
{
	return a->amount == b->amount && strcmp(a->currency, b->currency) == 0 &&
	       strcmp(a->reference, b->reference) == 0 &&
	       strcmp(a->operator_name, b->operator_name) == 0;
}

/* What begins now is what the till started. The operator is who has signed in at the terminal. */
static bool sells(const struct till *t, const struct counter *c)
{
	struct client_sale sale = c->sale;

	if (t->active == NULL || !c->sale_of_till)
		return false;
	memcpy(sale.operator_name, t->active->sale.operator_name, sizeof sale.operator_name);
	return same_sale(&sale, &t->active->sale);
}

/* An uncertain one: the backend may say more later. */
static void verdict_take(struct till *t, const struct counter *c)
{
	t->active->ask = c->flow.verdict == VERDICT_UNCERTAIN &&
			 t->active->verification[0] != '\0';
	if (t->active->ask)
		t->ask_ms = clock_mono_ms(&c->clock) + t->ask_pause_ms;
	till_finish(t, t->active, flow_verdict_word(c->flow.verdict, c->flow.pin_done),
		flow_reason_word(c->flow.reason), c->flow.receipt);
}

static void stepped(void *ctx, const struct counter *c, enum flow_phase before)
{
	struct till *t = ctx;
	enum flow_phase phase = c->flow.phase;

	if (phase == FLOW_RESULT && before != FLOW_RESULT && (t->active == NULL || !t->begun) &&
		!(before == FLOW_WAITING && sells(t, c)))
		verdict_send(t, "", &c->sale,
			flow_verdict_word(c->flow.verdict, c->flow.pin_done),
			flow_reason_word(c->flow.reason), c->flow.id, c->flow.receipt);
	if (t->active == NULL)
		return;
	if (before == FLOW_WAITING && phase == FLOW_WAITING && c->ev.kind == FLOW_EV_CANCEL) {
		till_finish(t, t->active, "none", flow_reason_word(REASON_CANCELLED), "");
		return;
	}
	if (before == FLOW_WAITING && phase != FLOW_WAITING && sells(t, c)) {
		t->begun = true;
		t->active->state = TILL_RUNNING;
		till_tell_sale(t, t->active);
	}
	if (!t->begun)
		return;
	number_look(t, c);
	journal_look(t, c);
	if (phase == FLOW_RESULT && before != FLOW_RESULT)
		verdict_take(t, c);
}

/* ---- commands ---- */

static enum err_code book_need(struct till *t, struct err *err)
{
	char folder[STATE_PATH_MAX];
	enum err_code rc;

	if (t->book.fd >= 0)
		return ERR_OK;
	rc = state_folder(folder, t->opt.folder, err);
	if (rc == ERR_OK)
		rc = till_book_open(&t->book, folder, clock_unix_ms(&t->counter->clock), err);
	if (rc == ERR_OK)
		t->ask_ms = clock_mono_ms(&t->counter->clock) + 1;
	return rc;
}

/* Why no card would be taken for a new sale: a word and words; NULL = nothing is in the way. */
static const char *hindrance(const struct till *t, const char **words)
{
	const struct counter *c = t->counter;

	if (t->active != NULL || counter_is_running(c)) {
		*words = t->active != NULL ? "another sale is not finished; cancel it, or wait"
					   : "a verification runs that no till started";
		return "busy";
	}
	if (c->barred != REASON_NONE) {
		*words = "the backend takes nothing from this terminal";
		return flow_reason_word(c->barred);
	}
	if (c->closed & (unsigned)COUNTER_CLOSED_OPERATOR) {
		*words = "nobody has signed in at the terminal";
		return "signed-off";
	}
	if (c->stepped) {
		*words = "this is a run in virtual time";
		return "virtual-time";
	}
	if (c->quit || c->source_ended) {
		*words = "the terminal ends, or its camera has ended";
		return "ending";
	}
	return NULL;
}

static bool sale_take(struct till *t, const struct client_sale *sale, const char **words)
{
	*words = "the operator must finish something at the terminal first";
	if (t->opt.host.take != NULL)
		return t->opt.host.take(t->opt.host.ctx, sale, words);
	return counter_sale_set(t->counter, sale);
}

/* It is told how this one goes on; without a sale of its own it goes on with the one before. */
static void follow(const struct till_asker *a, const struct till_sale *s)
{
	if (a->client == NULL || (s->state == TILL_FINISHED && !s->ask))
		return;
	text_copy(a->client->waits_for, sizeof a->client->waits_for, s->id);
	a->client->later = s->state == TILL_FINISHED;
}

static void start_new(const struct till_asker *a, const struct command *c)
{
	struct till *t = a->till;
	const char *words = "";
	const char *word = hindrance(t, &words);
	struct till_sale *s = NULL;
	struct err err = {0};

	if (word == NULL && !sale_take(t, &c->sale, &words))
		word = "busy";
	if (word == NULL && till_book_start(&t->book, &s, c,
		clock_unix_ms(&t->counter->clock), &err) != ERR_OK) {
		t->counter->sale_of_till = false;
		counter_close(t->counter, COUNTER_CLOSED_TILL, true);
		t->clear_due = true;
		word = "not-recorded";
		words = err.text;
	}
	if (word != NULL) {
		till_answer_fault(a, word, words);
		return;
	}
	t->active = s;
	t->begun = t->number_lost = t->clear_due = false;
	t->give_up_ms = clock_mono_ms(&t->counter->clock) + c->wait_s * 1000;
	t->counter->sale_of_till = true;
	counter_close(t->counter, COUNTER_CLOSED_TILL, false);
	follow(a, s);
	till_answer_sale(a, s, false, NULL, "");
	till_tell_sale(t, s);
}

static void start(const struct till_asker *a, const struct command *c)
{
	struct till *t = a->till;
	struct till_sale *known;
	struct err err = {0};

	if (book_need(t, &err) != ERR_OK) {
		till_answer_fault(a, "not-recorded", err.text);
		return;
	}
	known = till_book_find(&t->book, c->id);
	if (known == NULL) {
		start_new(a, c);
	} else if (!same_sale(&known->sale, &c->sale)) {
		till_answer_sale(a, known, true, "id-used",
			"this id is another sale's: amount, currency, reference or operator "
			"differ");
	} else {
		follow(a, known);
		till_answer_sale(a, known, true, NULL, "");
	}
}

/* Of this run; before a card was shown the sale is over at once. */
static void cancel_active(struct till *t)
{
	struct counter *c = t->counter;

	if (t->active != NULL && !t->begun) {
		till_finish(t, t->active, "none", flow_reason_word(REASON_CANCELLED), "");
		if (!c->once)
			return;
	}
	counter_cancel_told(c);
}

static void cancel(const struct till_asker *a, const struct command *c)
{
	struct till *t = a->till;
	struct err err = {0};
	struct till_sale *s;

	if (c->id[0] == '\0') {
		cancel_active(t);
		till_answer_done(a);
		return;
	}
	s = book_need(t, &err) == ERR_OK ? till_book_find(&t->book, c->id) : NULL;
	if (s == NULL) {
		till_answer_fault(a, "unknown-id", "no sale with this id is remembered");
	} else if (s != t->active) {
		till_answer_sale(a, s, true, "not-running", "this sale does not run any more");
	} else {
		cancel_active(t);
		till_answer_sale(a, s, true, NULL, "");
	}
}

static void verdict(const struct till_asker *a, const struct command *c)
{
	struct err err = {0};
	const struct till_sale *s = NULL;

	if (book_need(a->till, &err) == ERR_OK)
		s = till_book_find(&a->till->book, c->id);
	if (s != NULL)
		till_answer_sale(a, s, true, NULL, "");
	else
		till_answer_fault(a, "unknown-id",
			"no sale with this id is remembered; nothing was sold by it");
}

/* Of standard input a line that is not taken is told as an event, too, as it always was. */
static void refuse(const struct till_asker *a, const char *word, const char *text)
{
	if (a->client == NULL)
		counter_command_fault(a->till->counter, text);
	till_answer_fault(a, word, text);
}

static void pin(const struct till_asker *a, const struct command *command)
{
	struct counter *c = a->till->counter;

	if (!counter_pin_wanted(c)) {
		refuse(a, "no-pin-wanted", "no PIN is wanted now");
	} else if (c->pin.len > 0) {
		refuse(a, "pin-typed", "a PIN is being typed at the terminal");
	} else if (!pin_entry_set(&c->pin, command->pin)) {
		refuse(a, "bad-member", "a PIN is 4 to 12 digits");
	} else {
		till_answer_done(a);
		counter_pin_send(c);
	}
}

static void subscribe(const struct till_asker *a, const struct command *c)
{
	if (a->client != NULL) { /* standard output has all of them anyway */
		a->client->events = c->events;
		a->client->asked = c->events != COMMAND_EVENTS_NONE;
	}
	till_answer_done(a);
}

static void hello(const struct till_asker *a, const struct command *c)
{
	if (c->version > COMMAND_PROTOCOL)
		till_answer_fault(a, "unsupported-version", "this terminal speaks version 1");
	else
		till_answer_hello(a);
}

static void command_do(const struct till_asker *a, const struct command *c)
{
	switch (c->kind) {
	case COMMAND_HELLO:
		hello(a, c);
		break;
	case COMMAND_START:
		start(a, c);
		break;
	case COMMAND_CANCEL:
		cancel(a, c);
		break;
	case COMMAND_PIN:
		pin(a, c);
		break;
	case COMMAND_VERDICT:
		verdict(a, c);
		break;
	case COMMAND_STATUS:
		till_answer_status(a);
		break;
	case COMMAND_TODAY:
		till_answer_today(a, c->from);
		break;
	default:
		subscribe(a, c);
		break;
	}
}

static void line_take(struct till *t, struct till_client *client, struct span line)
{
	struct till_asker a = {.till = t, .client = client, .command = ""};
	struct command c;
	struct command_fault fault;
	struct err err = {0};

	if (command_parse(&c, &fault, line, &err) != ERR_OK) {
		a.command = fault.command;
		refuse(&a, fault.word, err.text);
		return;
	}
	a.command = command_word(c.kind);
	command_do(&a, &c);
}

static void line_too_long(struct till *t, struct till_client *client)
{
	const struct till_asker a = {.till = t, .client = client, .command = ""};
	char text[64];

	snprintf(text, sizeof text, "a command line of more than %d bytes", COMMAND_LINE_MAX);
	refuse(&a, "too-long", text);
}

static void socket_line(void *ctx, struct till_client *c, struct span line, bool too_long)
{
	if (too_long)
		line_too_long(ctx, c);
	else
		line_take(ctx, c, line);
}

/* ---- life ---- */

void till_init(struct till *t)
{
	memset(t, 0, sizeof *t);
	t->book.fd = t->input.fd = -1;
	till_socket_init(&t->socket);
}

enum err_code till_open(
	struct till *t, struct counter *c, const struct till_options *opt, struct err *err)
{
	const struct counter_watch watch = {.stepped = stepped, .ctx = t};
	enum err_code rc = ERR_OK;

	till_init(t);
	t->opt = *opt;
	t->counter = c;
	t->first = c->sale;
	t->ask_pause_ms = TILL_ASK_AGAIN_MS;
	t->socket.line = socket_line;
	t->socket.full = till_words_full;
	t->socket.ctx = t;
	if (opt->socket != NULL && opt->socket[0] != '\0') {
		rc = book_need(t, err);
		if (rc == ERR_OK)
			rc = till_socket_open(&t->socket, opt->socket, opt->group, err);
	}
	if (rc == ERR_OK && opt->settings != NULL)
		rc = webhook_open(&t->webhook, opt->settings, opt->folder, c->client, &c->clock,
			err);
	if (rc != ERR_OK) {
		till_close(t);
		return rc;
	}
	c->outlet.tap = till_tap;
	c->outlet.tap_ctx = t;
	counter_watch_add(c, &watch);
	counter_close(c, COUNTER_CLOSED_TILL, opt->only);
	return ERR_OK;
}

void till_close(struct till *t)
{
	if (t->counter != NULL)
		t->counter->outlet.tap = NULL;
	webhook_close(&t->webhook);
	till_socket_close(&t->socket);
	till_book_close(&t->book);
	command_input_done(&t->input);
	t->active = NULL;
}

enum err_code till_input_open(struct till *t, int fd, struct err *err)
{
	return command_input_init(&t->input, fd, err);
}

bool till_listens(const struct till *t)
{
	return t->socket.fd >= 0 || t->input.fd >= 0;
}

bool till_is_over(const struct till *t)
{
	return t->opt.only && !till_listens(t) && t->active == NULL &&
	       !counter_is_running(t->counter);
}

int till_input_fd(const struct till *t)
{
	return t->input.fd;
}

void till_input_fill(struct till *t)
{
	command_input_fill(&t->input);
}

static void input_take(struct till *t)
{
	struct span line;
	struct err err = {0};
	enum err_code rc;

	if (t->input.buffer == NULL)
		return;
	while ((rc = command_input_line(&t->input, &line, &err)) != ERR_NOT_FOUND)
		if (rc == ERR_OK)
			line_take(t, NULL, line);
		else
			line_too_long(t, NULL);
}

int till_fd(const struct till *t)
{
	return till_socket_fd(&t->socket);
}

void till_turn(struct till *t)
{
	if (t->counter == NULL)
		return;
	input_take(t);
	till_socket_turn(&t->socket);
	if (t->number_lost) {
		t->number_lost = false;
		counter_cancel(t->counter);
	}
	if (t->active != NULL && !t->begun && clock_mono_ms(&t->counter->clock) >= t->give_up_ms)
		till_finish(t, t->active, "none", "no-card", "");
	clear_look(t);
	till_lost_look(t);
	webhook_turn(&t->webhook);
}

int64_t till_next_ms(const struct till *t)
{
	int64_t next = t->active != NULL && !t->begun ? t->give_up_ms : INT64_MAX;

	if (t->asked == 0 && t->ask_ms != 0 && t->ask_ms < next)
		next = t->ask_ms;
	if (webhook_next_ms(&t->webhook) < next)
		next = webhook_next_ms(&t->webhook);
	return till_socket_has_more(&t->socket) ? 0 : next;
}
