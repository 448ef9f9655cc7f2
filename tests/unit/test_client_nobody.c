/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is out of reach: only for that there is an offline policy.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"

static struct script_server server;
static struct client *client;
static struct clock test_clock;
static struct flow flow;
static struct client_sale sale;

static void start(const struct script_answer *answer)
{
	struct client_options opt = {.token = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		.total_ms = 400,
		.clock = &test_clock};
	struct err err = {0};

	script_server_start(&server, answer, 1);
	opt.url = server.url;
	clock_init_manual(&test_clock, 0, FIXTURE_NOW * 1000);
	fixture_flow(&flow);
	assert_int_equal(client_new(&client, &opt, &err), ERR_OK);
}

static bool nobody_is_there(void)
{
	struct flow_action action = {.kind = FLOW_DO_START, .serial = 7};
	struct flow_event ev;

	client_request(client, &action, &flow, &sale, SPAN(NULL, 0));
	for (int i = 0; i < 100; i++) {
		if (client_next_event(client, &ev)) {
			assert_int_equal(ev.kind, FLOW_EV_NO_ANSWER);
			return ev.nobody;
		}
		assert_int_equal(client_poll(client, NULL, 0, 50, NULL), ERR_OK);
	}
	fail_msg("no event");
	return false;
}

/* Who answered anything at all, or closed the door, was reached. */
static void whoever_says_anything_was_reached(void **state)
{
	static const struct script_answer there[] = {
		{"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", SCRIPT_KEEP},
		{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", SCRIPT_SILENT},
		{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", SCRIPT_CLOSE},
		{"nonsense\r\n\r\n", SCRIPT_CLOSE},
		{"", SCRIPT_CLOSE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
		start(&there[i]);
		assert_false(nobody_is_there());
		client_free(&client);
		script_server_stop(&server);
	}
}

static void silence_and_a_closed_port_are_nobody(void **state)
{
	static const struct script_answer silent = {"", SCRIPT_SILENT};

	(void)state;
	start(&silent);
	assert_true(nobody_is_there());
	script_server_stop(&server);
	assert_true(nobody_is_there());
	client_free(&client);
}

static int set_up(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_says_anything_was_reached),
		cmocka_unit_test(silence_and_a_closed_port_are_nobody),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
