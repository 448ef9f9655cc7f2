/* SPDX-License-Identifier: Apache-2.0
 *
 * How far this machine's clock is from the backend's.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"

#define STATE "{\"id\":\"" FIXTURE_ID "\",\"state\":\"accepted\",\"pin_required\":true}"
#define WITHOUT_DATE                                                                               \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

static struct script_server server;
static struct client *client;
static struct clock test_clock;
static struct flow flow;

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* The answer has FIXTURE_NOW for its Date. */
static void ask_at(int64_t unix_s)
{
	const struct flow_action action = {.kind = FLOW_DO_ASK, .serial = 1};
	struct client_sale sale = {0};
	struct flow_event ev;

	clock_set_unix(&test_clock, unix_s * 1000);
	client_request(client, &action, &flow, &sale, SPAN(NULL, 0));
	for (int i = 0; i < 200 && !client_next_event(client, &ev); i++)
		assert_int_equal(client_poll(client, NULL, 0, 50, NULL), ERR_OK);
}

static void start(const struct script_answer *answers, size_t count)
{
	struct client_options opt = {.token = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		.send_replay_time = true,
		.clock = &test_clock};

	script_server_start(&server, answers, count);
	opt.url = server.url;
	clock_init_manual(&test_clock, 0, FIXTURE_NOW * 1000);
	fixture_flow(&flow);
	assert_int_equal(client_new(&client, &opt, NULL), ERR_OK);
}

static void stop(void)
{
	client_free(&client);
	script_server_stop(&server);
}

static void assert_ahead(int64_t expected)
{
	int64_t ahead_s = 12345;

	assert_true(client_clock_skew_s(client, &ahead_s));
	/* the server's clock has whole seconds, and a machine may be busy */
	assert_in_range(ahead_s + 1000000, expected - 2 + 1000000, expected + 2 + 1000000);
}

static void is_known_from_the_first_answer_on(void **state)
{
	char good[1024];
	const struct script_answer answers[] = {{good, SCRIPT_KEEP}, {good, SCRIPT_KEEP},
		{good, SCRIPT_KEEP}};
	int64_t ahead_s;

	(void)state;
	snprintf(good, sizeof good, "%s", script_http("200 OK", "application/json", STATE));
	start(answers, 3);
	assert_false(client_clock_skew_s(client, &ahead_s));
	ask_at(FIXTURE_NOW);
	assert_ahead(0);
	ask_at(FIXTURE_NOW + 300);
	assert_ahead(300);
	ask_at(FIXTURE_NOW - 86400);
	assert_ahead(-86400);
	stop();
}

static void an_answer_without_a_date_tells_nothing(void **state)
{
	char good[1024];
	const struct script_answer answers[] = {{WITHOUT_DATE, SCRIPT_KEEP}, {good, SCRIPT_KEEP},
		{WITHOUT_DATE, SCRIPT_KEEP}};
	int64_t ahead_s;

	(void)state;
	snprintf(good, sizeof good, "%s", script_http("200 OK", "application/json", STATE));
	start(answers, 3);
	ask_at(FIXTURE_NOW + 40);
	assert_false(client_clock_skew_s(client, &ahead_s));
	ask_at(FIXTURE_NOW + 40);
	assert_ahead(40);
	ask_at(FIXTURE_NOW);
	assert_ahead(40); /* what was known stays */
	stop();
}

static void a_refusal_has_a_date_too(void **state)
{
	char bad[1024];
	const struct script_answer answers[] = {{bad, SCRIPT_KEEP}};

	(void)state;
	snprintf(bad, sizeof bad, "%s", script_http("503 Busy", "text/html", "<html>"));
	start(answers, 1);
	ask_at(FIXTURE_NOW + 90);
	assert_ahead(90);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_known_from_the_first_answer_on),
		cmocka_unit_test(an_answer_without_a_date_tells_nothing),
		cmocka_unit_test(a_refusal_has_a_date_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
