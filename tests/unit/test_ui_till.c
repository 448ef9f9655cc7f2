/* SPDX-License-Identifier: Apache-2.0
 *
 * The till at the counter: what it sells is what is verified, whatever comes between; its verdicts
 * are the flow's or the backend's; and a run without a camera ends. Backend and scanner are played.
 */
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

static void reply(int status, const char *body)
{
	const struct client_reply r = {.code = status != 0 ? ERR_OK : ERR_NETWORK,
		.status = status,
		.word = "",
		.body = span_text(body)};

	question.answered(question.ctx, &r);
}

static void reply_problem(int status, const char *word)
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

static int begin(void **state)
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

static int end(void **state)
{
	till_close(&till);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	return folder_tear_down(state);
}

/* What is told since the last time, in `heard`. */
static const char *hear(void)
{
	ssize_t n;

	assert_int_equal(write(out[1], "\n", 1), 1); /* so that there is something to read */
	n = read(out[0], heard, sizeof heard - 1);
	assert_true(n > 0);
	heard[n] = '\0';
	return heard;
}

static const char *say(const char *line)
{
	hear();
	assert_int_equal(write(in[1], line, strlen(line)), strlen(line));
	assert_int_equal(write(in[1], "\n", 1), 1);
	till_input_fill(&till);
	till_turn(&till);
	return hear();
}

static void said(const char *text)
{
	if (strstr(heard, text) == NULL)
		fail_msg("no %s in %s", text, heard);
}

static void not_said(const char *text)
{
	if (strstr(heard, text) != NULL)
		fail_msg("%s in %s", text, heard);
}

static void pass(int64_t ms)
{
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + ms);
	till_turn(&till);
}

#define START(id)                                                                                  \
	"{\"command\":\"start\",\"id\":\"" id "\",\"amount\":\"12.80\",\"currency\":\"EUR\"}"

/* The flow goes on, as if cards and answers had come. */
static void flow_to(enum flow_phase phase)
{
	enum flow_phase before = counter.flow.phase;

	counter.flow.phase = phase;
	counter.ev.kind = FLOW_EV_CODES;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, before);
}

static void result(enum verdict verdict, enum flow_reason reason)
{
	counter.flow.verdict = verdict;
	counter.flow.reason = reason;
	flow_to(FLOW_RESULT);
}

static void begin_sale(const char *start)
{
	say(start);
	said("\"state\":\"waiting\"");
	flow_to(FLOW_STARTING);
	text_copy(counter.flow.id, sizeof counter.flow.id, VERIFICATION);
	flow_to(FLOW_NUMBER);
}

static void what_is_sold_is_what_is_verified(void **state)
{
	(void)state;
	assert_int_not_equal(counter.closed, 0);
	say(START("1"));
	assert_int_equal(counter.closed, 0);
	assert_int_equal(counter.sale.amount, 1280);
	flow_to(FLOW_STARTING);
	hear();
	said("\"state\":\"running\"");
	result(VERDICT_ACCEPTED, REASON_NONE);
	hear();
	said("\"event\":\"sale\"");
	said("\"state\":\"finished\",\"verdict\":\"accepted\"");
	assert_int_not_equal(counter.closed, 0); /* no second card for it */
	counter.flow.phase = FLOW_WAITING;
	till_turn(&till);
	assert_int_equal(counter.sale.amount, 0);
	assert_int_not_equal(counter.closed, 0);
	say(START("1"));
	said("\"again\":true");
	said("\"verdict\":\"accepted\"");
	assert_int_not_equal(counter.closed, 0); /* and nothing is sold by it */
}

static unsigned closed_at_clear;
static int cleared;

static void clear(void *ctx)
{
	(void)ctx;
	cleared++;
	closed_at_clear = counter.closed;
	assert_false(counter.sale_of_till);
}

/* What the operator must type is judged there: by then it is no till's sale any more. */
static void the_operator_sells_again_when_the_till_has_sold(void **state)
{
	(void)state;
	till.opt.host.clear = clear;
	till.opt.only = false;
	cleared = 0;
	say(START("1"));
	flow_to(FLOW_STARTING);
	result(VERDICT_ACCEPTED, REASON_NONE);
	assert_int_equal(cleared, 0); /* the verdict is still shown */
	till_turn(&till);
	assert_int_equal(cleared, 0);
	counter.flow.phase = FLOW_WAITING;
	till_turn(&till);
	assert_int_equal(cleared, 1);
	assert_int_equal(closed_at_clear, 0);
	till_turn(&till);
	assert_int_equal(cleared, 1);
}

static void each_verdict_has_its_word(void **state)
{
	static const struct {
		enum verdict verdict;
		enum flow_reason reason;
		const char *said;
	} cases[] = {
		{VERDICT_REFUSED, REASON_FROZEN, "\"verdict\":\"refused\",\"reason\":\"frozen\""},
		{VERDICT_NONE, REASON_NO_BACKEND, "\"verdict\":\"none\",\"reason\":\"no-backend\""},
		{VERDICT_UNCERTAIN, REASON_NO_BACKEND, "\"verdict\":\"uncertain\""},
		{VERDICT_UNCONFIRMED, REASON_OFFLINE, "\"verdict\":\"unconfirmed\""},
	};
	char start[128];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(start, sizeof start, "{\"command\":\"start\",\"id\":\"%zu\"}", i);
		say(start);
		flow_to(FLOW_STARTING);
		result(cases[i].verdict, cases[i].reason);
		hear();
		said(cases[i].said);
		not_said("accepted");
		not_said("authorised");
		counter.flow.phase = FLOW_WAITING;
		till_turn(&till);
	}
}

static void one_sale_at_a_time(void **state)
{
	(void)state;
	begin_sale(START("1"));
	say(START("2"));
	said("\"error\":\"busy\"");
	say(START("1"));
	said("\"state\":\"running\"");
	say("{\"command\":\"start\",\"id\":\"1\",\"amount\":\"12.81\",\"currency\":\"EUR\"}");
	said("\"error\":\"id-used\"");
	say("{\"command\":\"verdict\",\"id\":\"2\"}"); /* it was not kept */
	said("\"error\":\"unknown-id\"");
	result(VERDICT_REFUSED, REASON_CANCELLED);
	say(START("2")); /* while the verdict of the other is still shown */
	said("\"state\":\"waiting\"");
}

static void a_verification_of_the_operators_is_not_the_tills(void **state)
{
	struct client_sale others = {.amount = 5, .currency = "EUR"};

	(void)state;
	say(START("1"));
	counter.sale = others; /* it came between */
	flow_to(FLOW_STARTING);
	result(VERDICT_ACCEPTED, REASON_NONE);
	say("{\"command\":\"verdict\",\"id\":\"1\"}");
	said("\"state\":\"waiting\"");
	not_said("accepted");
}

static void who_is_signed_in_does_not_make_it_another_sale(void **state)
{
	(void)state;
	text_copy(counter.signed_in, sizeof counter.signed_in, "Han Meimei");
	begin_sale(START("1"));
	assert_string_equal(counter.sale.operator_name, "Han Meimei");
	say("{\"command\":\"status\"}");
	said("\"busy\":true,\"id\":\"1\"");
	say("{\"command\":\"verdict\",\"id\":\"1\"}");
	said("\"state\":\"running\",\"phase\":\"number\"");
}

static void nothing_is_sold_where_no_card_would_be_taken(void **state)
{
	static const struct {
		enum counter_closed why;
		const char *error;
	} cases[] = {
		{COUNTER_CLOSED_OPERATOR, "\"error\":\"signed-off\""},
		{COUNTER_CLOSED_JOURNAL, "\"error\":\"journal\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		counter_close(&counter, cases[i].why, true);
		say(START("1"));
		said(cases[i].error);
		counter_close(&counter, cases[i].why, false);
	}
	counter.barred = REASON_TERMINAL_STOPPED;
	say(START("1"));
	said("\"error\":\"terminal-stopped\"");
	counter.barred = REASON_NONE;
	counter.source_ended = true;
	say(START("1"));
	said("\"error\":\"ending\"");
	counter.source_ended = false;
	say(START("1"));
	said("\"state\":\"waiting\"");
}

static void a_sale_waits_for_a_card_and_no_longer(void **state)
{
	(void)state;
	say("{\"command\":\"start\",\"id\":\"1\",\"wait_s\":60}");
	pass(1); /* nothing was lost */
	assert_int_equal(till_next_ms(&till), 61000);
	pass(59998);
	hear();
	not_said("finished");
	pass(1);
	hear();
	said("\"verdict\":\"none\",\"reason\":\"no-card\"");
	say("{\"command\":\"start\",\"id\":\"2\",\"wait_s\":60}");
	flow_to(FLOW_STARTING);
	pass(60000); /* a verification has its own times */
	hear();
	not_said("finished");
}

static void a_key_of_the_operator_ends_a_sale_that_waits(void **state)
{
	(void)state;
	say(START("1"));
	counter.ev.kind = FLOW_EV_CANCEL;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_WAITING);
	hear();
	said("\"verdict\":\"none\",\"reason\":\"cancelled\"");
}

static void a_number_that_cannot_be_written_down_is_given_up(void **state)
{
	int fd = till.book.fd;

	(void)state;
	say(START("1"));
	flow_to(FLOW_STARTING);
	fd = till.book.fd;
	till.book.fd = -1;
	flow_to(FLOW_NUMBER);
	assert_true(till.number_lost);
	till.book.fd = fd;
	till_turn(&till); /* cancelled: not kept waiting for a second code */
	assert_int_not_equal(counter.flow.phase, FLOW_NUMBER);
}

/* ---- what was lost ---- */

/* The program ends while a number is shown, and begins again. */
static void lose(void **state)
{
	struct till_options opt = {.only = true, .terminal_name = "", .issuer_name = ""};

	begin_sale(START("lost"));
	till_close(&till);
	assert_int_equal(set_up(state), 0);
	clock_init_manual(&counter.clock, 1000, 1790000000000);
	events_init(&counter.events, 1000);
	counter.outlet.json_fd = out[1];
	opt.folder = folder_path;
	assert_int_equal(till_open(&till, &counter, &opt, NULL), ERR_OK);
	assert_int_equal(till_input_open(&till, in[0], NULL), ERR_OK);
	say("{\"command\":\"verdict\",\"id\":\"lost\"}");
	said("\"state\":\"lost\",\"verdict\":\"uncertain\"");
	pass(10);
	assert_int_equal(questions, 1);
	assert_string_equal(question.method, "DELETE");
	assert_string_equal(question_path, "/v1/verifications/" VERIFICATION);
}

#define STATE(state, more)                                                                         \
	"{\"id\":\"" VERIFICATION "\",\"state\":\"" state "\",\"pin_required\":false" more "}"

static void the_backend_says_what_was_lost(void **state)
{
	static const struct {
		const char *body, *said;
	} cases[] = {
		{STATE("accepted", ",\"receipt\":\"R\""), "\"verdict\":\"accepted\""},
		{STATE("authorised", ""), "\"verdict\":\"authorised\""},
		{STATE("cancelled", ""), "\"verdict\":\"refused\",\"reason\":\"cancelled\""},
		{STATE("expired", ",\"reason\":\"number-expired\""),
			"\"reason\":\"number-expired\""},
		{STATE("rejected", ",\"reason\":\"wrong-answer\""), "\"reason\":\"wrong-answer\""},
		{"{\"id\":\"" VERIFICATION "\",\"state\":\"accepted\",\"pin_required\":true}",
			"\"verdict\":\"uncertain\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		lose(state);
		reply(200, cases[i].body);
		say("{\"command\":\"verdict\",\"id\":\"lost\"}");
		said("\"state\":\"finished\"");
		said(cases[i].said);
		pass(100000);
		assert_int_equal(questions, 1); /* it is known now */
		end(state);
		assert_int_equal(begin(state), 0);
	}
}

static void what_is_no_answer_leaves_it_lost(void **state)
{
	static const char *const bodies[] = {
		"", "{}", STATE("challenged", ""), STATE("dancing", ""),
		"{\"id\":\"00000000000000000000000000000000\",\"state\":\"accepted\","
		"\"pin_required\":false}",
		"{\"id\":\"" VERIFICATION "\",\"state\":\"accepted\"}",
	};

	lose(state);
	reply(0, "");
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		pass(TILL_ASK_AGAIN_MAX_MS);
		assert_int_equal(questions, (int)i + 2); /* asked again, after a pause */
		reply(200, bodies[i]);
	}
	pass(TILL_ASK_AGAIN_MAX_MS);
	reply_problem(503, "busy");
	pass(TILL_ASK_AGAIN_MAX_MS);
	reply_problem(403, "terminal-stopped"); /* that may pass */
	say("{\"command\":\"verdict\",\"id\":\"lost\"}");
	said("\"state\":\"lost\",\"verdict\":\"uncertain\"");
	pass(TILL_ASK_AGAIN_MAX_MS);
	reply_problem(404, "not-found");
	say("{\"command\":\"verdict\",\"id\":\"lost\"}");
	said("\"state\":\"finished\",\"verdict\":\"uncertain\"");
}

/* ---- a camera that does not come ---- */

static void a_single_run_does_not_wait_for_a_camera_without_end(void **state)
{
	static const struct {
		bool gives_up, camera, good, over;
	} cases[] = {
		{true, true, false, true},
		{false, true, false, false}, /* --continuous, a screen */
		{true, false, false, false}, /* a reader has no pictures */
		{true, true, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		counter.gives_up = cases[i].gives_up;
		counter.frame_was_good = cases[i].good;
		camera = cases[i].camera;
		counter.quit = false;
		clock_init_manual(&counter.clock, 1000 + COUNTER_PATIENCE_MS - 1, 0);
		counter_camera_look(&counter);
		assert_false(counter.quit);
		clock_init_manual(&counter.clock, 1000 + COUNTER_PATIENCE_MS, 0);
		counter_camera_look(&counter);
		assert_int_equal(counter.quit, cases[i].over);
		if (cases[i].over)
			assert_int_equal(counter_exit_status(&counter), 3);
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(what_is_sold_is_what_is_verified),
		CASE(the_operator_sells_again_when_the_till_has_sold),
		CASE(each_verdict_has_its_word),
		CASE(one_sale_at_a_time),
		CASE(a_verification_of_the_operators_is_not_the_tills),
		CASE(who_is_signed_in_does_not_make_it_another_sale),
		CASE(nothing_is_sold_where_no_card_would_be_taken),
		CASE(a_sale_waits_for_a_card_and_no_longer),
		CASE(a_key_of_the_operator_ends_a_sale_that_waits),
		CASE(a_number_that_cannot_be_written_down_is_given_up),
		CASE(the_backend_says_what_was_lost),
		CASE(what_is_no_answer_leaves_it_lost),
		CASE(a_single_run_does_not_wait_for_a_camera_without_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
