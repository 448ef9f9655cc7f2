/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts that a till has not heard: what the backend recorded is asked for and told, to whoever
 * started the sale, and nothing is taken for an answer that is none.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/lib/till_kit.h"

/* ---- what was lost ---- */

/* The program ended without a word; another one begins in the same folder. */
static void begin_again(void **state)
{
	struct till_options opt = {.only = true, .terminal_name = "", .issuer_name = ""};

	till_close(&till);
	assert_int_equal(set_up(state), 0);
	clock_init_manual(&counter.clock, 1000, 1790000000000);
	events_init(&counter.events, 1000);
	counter.outlet.json_fd = out[1];
	opt.folder = folder_path;
	assert_int_equal(till_open(&till, &counter, &opt, NULL), ERR_OK);
	assert_int_equal(till_input_open(&till, in[0], NULL), ERR_OK);
}

/* The program ends while a number is shown, and begins again. */
static void lose(void **state)
{
	begin_sale(START("lost"));
	begin_again(state);
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

/* The power may be lost behind it: then nobody knows whether it is in the journal. */
static void one_that_was_about_to_be_sold_offline_is_uncertain(void **state)
{
	say(START("off"));
	flow_to(FLOW_STARTING);
	counter.offline_asked = true;
	flow_to(FLOW_STARTING);
	begin_again(state);
	say("{\"command\":\"verdict\",\"id\":\"off\"}");
	said("\"state\":\"finished\",\"verdict\":\"uncertain\",\"reason\":\"interrupted\"");
	pass(TILL_ASK_AGAIN_MAX_MS);
	assert_int_equal(questions, 0); /* the backend knows nothing of it */
}

/* A sale that ended uncertain, by this verification. */
static void sell_uncertain(const char *start, const char *verification)
{
	say(start);
	flow_to(FLOW_STARTING);
	text_copy(counter.flow.id, sizeof counter.flow.id, verification);
	flow_to(FLOW_NUMBER);
	result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
	counter.flow.phase = FLOW_WAITING;
}

static void one_that_is_not_answered_is_not_in_the_way_of_another(void **state)
{
	(void)state;
	sell_uncertain(START("1"), VERIFICATION);
	sell_uncertain(START("2"), "00000000000000000000000000000002");
	pass(TILL_ASK_AGAIN_MAX_MS);
	assert_string_equal(question_path, "/v1/verifications/" VERIFICATION);
	reply_problem(503, "busy");
	pass(TILL_ASK_AGAIN_MAX_MS);
	assert_string_equal(question_path, "/v1/verifications/00000000000000000000000000000002");
	reply(0, "");
	pass(TILL_ASK_AGAIN_MAX_MS);
	assert_string_equal(question_path, "/v1/verifications/" VERIFICATION);
	reply(200, STATE("challenged", "")); /* and not asked again at once */
	pass(1);
	assert_int_equal(questions, 3);
}

/* ---- a till at the socket ---- */

static int socket_fd = -1;

static void socket_connect(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	text_copy(to.sun_path, sizeof to.sun_path, in_folder("t.sock"));
	assert_int_equal(till_socket_open(&till.socket, to.sun_path, "", NULL), ERR_OK);
	socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(socket_fd, (const struct sockaddr *)&to, sizeof to), 0);
	till_turn(&till);
}

static void socket_hear(void)
{
	ssize_t n = recv(socket_fd, heard, sizeof heard - 1, MSG_DONTWAIT);

	heard[n > 0 ? n : 0] = '\0';
}

static void socket_say(const char *line)
{
	assert_int_equal(write(socket_fd, line, strlen(line)), strlen(line));
	assert_int_equal(write(socket_fd, "\n", 1), 1);
	till_turn(&till);
	socket_hear();
}

/* Also after it has asked for something that it did not get; and again when more is known. */
static void whoever_started_a_sale_hears_how_it_ends(void **state)
{
	(void)state;
	socket_connect();
	socket_say(START("1"));
	said("\"state\":\"waiting\"");
	flow_to(FLOW_STARTING);
	text_copy(counter.flow.id, sizeof counter.flow.id, VERIFICATION);
	flow_to(FLOW_NUMBER);
	socket_say(START("2"));
	said("\"error\":\"busy\"");
	socket_say("{\"command\":\"start\",\"id\":\"1\"}");
	said("\"error\":\"id-used\"");
	result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
	socket_hear();
	said("\"state\":\"finished\",\"verdict\":\"uncertain\"");
	pass(TILL_ASK_AGAIN_MAX_MS);
	assert_int_equal(questions, 1);
	reply(200, STATE("accepted", ",\"receipt\":\"R\""));
	socket_hear();
	said("\"id\":\"1\",\"state\":\"finished\",\"verdict\":\"accepted\"");
	close(socket_fd);
}

/* Whoever will say nothing more is not kept until the backend answers. */
static void an_uncertain_one_ends_a_connection_that_is_half_closed(void **state)
{
	(void)state;
	socket_connect();
	socket_say(START("1"));
	assert_int_equal(shutdown(socket_fd, SHUT_WR), 0);
	till_turn(&till);
	assert_int_equal(till_socket_count(&till.socket), 1);
	flow_to(FLOW_STARTING);
	text_copy(counter.flow.id, sizeof counter.flow.id, VERIFICATION);
	flow_to(FLOW_NUMBER);
	till_turn(&till);
	assert_int_equal(till_socket_count(&till.socket), 1);
	result(VERDICT_UNCERTAIN, REASON_NO_BACKEND);
	socket_hear();
	said("\"verdict\":\"uncertain\"");
	till_turn(&till);
	assert_int_equal(till_socket_count(&till.socket), 0);
	close(socket_fd);
}

/* Each line may wait for the disk: the rest of what one till says is for the turns after. */
static void a_till_that_says_very_much_does_not_hold_the_loop(void **state)
{
	static const char line[] = "{\"command\":\"hello\"}\n";
	char many[20 * (sizeof line - 1)];
	int count = 0;

	(void)state;
	socket_connect();
	for (int i = 0; i < 20; i++)
		memcpy(many + (size_t)i * (sizeof line - 1), line, sizeof line - 1);
	assert_int_equal(write(socket_fd, many, sizeof many), sizeof many);
	assert_int_equal(shutdown(socket_fd, SHUT_WR), 0);
	for (int turn = 0; turn < 40; turn++) {
		int in_turn = 0;

		till_turn(&till);
		socket_hear();
		for (const char *at = heard; (at = strchr(at, '\n')) != NULL; at++)
			in_turn++;
		assert_in_range(in_turn, 0, TILL_LINES_MAX);
		count += in_turn;
		if (count < 20)
			assert_int_equal(till_next_ms(&till), 0);
	}
	assert_int_equal(count, 20);
	assert_int_equal(till_next_ms(&till), INT64_MAX);
	assert_int_equal(till_socket_count(&till.socket), 0);
	close(socket_fd);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(the_backend_says_what_was_lost),
		CASE(what_is_no_answer_leaves_it_lost),
		CASE(one_that_was_about_to_be_sold_offline_is_uncertain),
		CASE(one_that_is_not_answered_is_not_in_the_way_of_another),
		CASE(whoever_started_a_sale_hears_how_it_ends),
		CASE(a_till_that_says_very_much_does_not_hold_the_loop),
		CASE(an_uncertain_one_ends_a_connection_that_is_half_closed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
