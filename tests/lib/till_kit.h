/* SPDX-License-Identifier: Apache-2.0
 *
 * A till at a counter whose backend and scanner are played: what it says and hears. For test
 * programs only.
 */
#ifndef TESTS_LIB_TILL_KIT_H
#define TESTS_LIB_TILL_KIT_H

#define COUNTER_KIT_ASKS
#include "tests/lib/counter_kit.h"

#include "tests/lib/folder.h"
#include "ui/till.h"
#include "verifier/client_ask.h"

#define VERIFICATION "8f20a7eb40d4bb891ce7d9abefd71d0b"

/* ---- the backend's side of a question for a lost verdict ---- */

static struct client_ask question;
static char question_path[CLIENT_ASK_PATH_MAX];
static int questions;

enum err_code client_ask(
	struct client *c, uint32_t *ticket, const struct client_ask *ask, struct err *e)
{
	(void)c;
	(void)e;
	question = *ask;
	text_copy(question_path, sizeof question_path, ask->path);
	*ticket = (uint32_t)++questions;
	return ERR_OK;
}

static inline void reply(int status, const char *body)
{
	const struct client_reply r = {.code = status != 0 ? ERR_OK : ERR_NETWORK,
		.status = status,
		.word = "",
		.body = span_text(body)};

	question.answered(question.ctx, &r);
}

static inline void reply_problem(int status, const char *word)
{
	char body[256];
	struct client_reply r = {.code = ERR_OK, .status = status};

	snprintf(body, sizeof body,
		"{\"type\":\"https://countersign.invalid/problems/%s\",\"title\":\"x\","
		"\"status\":%d}",
		word, status);
	text_copy(r.word, sizeof r.word, word);
	r.body = span_text(body);
	question.answered(question.ctx, &r);
}

enum err_code client_post_new(struct client_post **out, struct client *c,
	const struct client_post_options *opt, struct err *e)
{
	(void)out;
	(void)c;
	(void)opt;
	return err_set(e, ERR_INTERNAL, "there is none here");
}

void client_post_free(struct client_post **p)
{
	(void)p;
}

enum err_code client_post_send(struct client_post *p, struct span body, const char *header,
	void (*answered)(void *ctx, const struct client_post_result *result), void *ctx,
	struct err *e)
{
	(void)p;
	(void)body;
	(void)header;
	(void)answered;
	(void)ctx;
	return err_set(e, ERR_INTERNAL, "there is none here");
}

/* ---- one till on standard input, whose answers are in a pipe ---- */

static struct till till;
static int in[2], out[2];
static char heard[16384];

static inline int begin(void **state)
{
	struct till_options opt = {
		.only = true, .terminal_name = "counter 1", .issuer_name = "Bank"};

	if (folder_set_up(state) != 0 || set_up(state) != 0 || pipe(in) != 0 || pipe(out) != 0)
		return -1;
	clock_init_manual(&counter.clock, 1000, 1790000000000);
	events_init(&counter.events, 1000);
	counter.events.sink = outlet_line;
	counter.events.ctx = &counter.outlet;
	counter.outlet.json_fd = out[1];
	opt.folder = folder_path;
	questions = 0;
	if (till_open(&till, &counter, &opt, NULL) != ERR_OK ||
		till_input_open(&till, in[0], NULL) != ERR_OK)
		return -1;
	return 0;
}

static inline int end(void **state)
{
	till_close(&till);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	return folder_tear_down(state);
}

/* What is told since the last time, in `heard`. */
static inline const char *hear(void)
{
	ssize_t n;

	assert_int_equal(write(out[1], "\n", 1), 1); /* so that there is something to read */
	n = read(out[0], heard, sizeof heard - 1);
	assert_true(n > 0);
	heard[n] = '\0';
	return heard;
}

static inline const char *say(const char *line)
{
	hear();
	assert_int_equal(write(in[1], line, strlen(line)), strlen(line));
	assert_int_equal(write(in[1], "\n", 1), 1);
	till_input_fill(&till);
	till_turn(&till);
	return hear();
}

static inline void said(const char *text)
{
	if (strstr(heard, text) == NULL)
		fail_msg("no %s in %s", text, heard);
}

static inline void not_said(const char *text)
{
	if (strstr(heard, text) != NULL)
		fail_msg("%s in %s", text, heard);
}

static inline void pass(int64_t ms)
{
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + ms);
	till_turn(&till);
}

#define START(id)                                                                                  \
	"{\"command\":\"start\",\"id\":\"" id "\",\"amount\":\"12.80\",\"currency\":\"EUR\"}"

/* The flow goes on, as if cards and answers had come. */
static inline void flow_to(enum flow_phase phase)
{
	enum flow_phase before = counter.flow.phase;

	counter.flow.phase = phase;
	counter.ev.kind = FLOW_EV_CODES;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, before);
}

static inline void result(enum verdict verdict, enum flow_reason reason)
{
	counter.flow.verdict = verdict;
	counter.flow.reason = reason;
	flow_to(FLOW_RESULT);
}

static inline void begin_sale(const char *start)
{
	say(start);
	said("\"state\":\"waiting\"");
	flow_to(FLOW_STARTING);
	text_copy(counter.flow.id, sizeof counter.flow.id, VERIFICATION);
	flow_to(FLOW_NUMBER);
}

#endif
