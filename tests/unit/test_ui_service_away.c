/* SPDX-License-Identifier: Apache-2.0
 *
 * The tellers' page and the way in, when nobody is at the keys, or a scanner is.
 */
#include "tests/lib/service_kit.h"

/* ---- nobody ---- */

static void a_call_that_is_left_ends_at_the_backend(void **state)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP},
		{call("ended", true, true, false, false), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 3);
	find();
	shows("Ada");
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 600000);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	assert_string_equal(operators_name(&desk.operators), "");
	for (int i = 0; i < 100 && client_asks_running(counter.client) > 0; i++)
		ERR_IGNORE(client_poll(counter.client, NULL, 0, 50, NULL));
	assert_true(server.request_count >= 4);
	assert_string_equal(line_of(3), "DELETE /v1/service/calls/" ID " HTTP/1.1");
	assert_non_null(strstr(server.request[3], "Bearer TOKEN\r\n"));
	stop();
}

static void whoever_was_signed_off_is_told_why(void **state)
{
	(void)state;
	start("cashier", NULL, 0);
	settings.operators.required = true;
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 600000);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	assert_true(counter.closed & COUNTER_CLOSED_OPERATOR);
	shows("Press F9");
	shows("Signed off, because");
	stop();
}

/* A passphrase that was typed and not sent is not sent by somebody else. */
static void what_was_typed_does_not_wait_for_others(void **state)
{
	int64_t typed_ms;

	(void)state;
	start("cashier", NULL, 0);
	key(SCREEN_KEY_F9);
	type("Root");
	key(SCREEN_KEY_TAB);
	type("battery staple");
	typed_ms = clock_mono_ms(&counter.clock);
	assert_int_equal(desk_next_ms(&desk), typed_ms + SIGN_IN_TYPED_MS);
	clock_advance_to(&counter.clock, typed_ms + SIGN_IN_TYPED_MS - 1);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	assert_int_equal(desk.sign_in.passphrase.len, 14);
	clock_advance_to(&counter.clock, typed_ms + SIGN_IN_TYPED_MS);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	assert_int_equal(desk.sign_in.passphrase.len, 0);
	assert_string_equal(desk.sign_in.name.text, "Root");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(server.request_count, 1);
	stop();
}

static void a_server_that_does_not_answer_refuses_nobody(void **state)
{
	struct script_answer nothing = {"", SCRIPT_SILENT};

	(void)state;
	start("cashier", &nothing, 1);
	key(SCREEN_KEY_F9);
	type("Cy");
	key(SCREEN_KEY_TAB);
	type("battery staple");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(desk.operators.outcome, OPERATORS_NO_LINE);
	shows("The server cannot answer now.");
	hides("did not let you in");
	assert_string_equal(operators_name(&desk.operators), "Tess");
	stop();
}

/* ---- a scanner that is a keyboard ---- */

static void scanned(const char *text, int64_t at_ms)
{
	for (; *text; text++, at_ms += 5)
		desk_key(&desk, &(struct screen_input){.key = SCREEN_KEY_CHARACTER,
					.character = (uint8_t)*text, .at_ms = at_ms});
	desk_key(&desk, &(struct screen_input){.key = SCREEN_KEY_ENTER, .at_ms = at_ms});
	settle();
}

static void a_scanner_says_yes_to_nothing(void **state)
{
	struct script_answer answer = {keep("200 OK", JSON, card_text("void")), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F8);
	shows("Make this card void?");
	scanned("4006381333931", 5000);
	assert_int_equal(server.request_count, 3);
	shows("Make this card void?");
	shows("A scanner typed something.");
	desk_key(&desk, &(struct screen_input){.key = SCREEN_KEY_ENTER, .at_ms = 9000});
	settle();
	assert_int_equal(server.request_count, 4);
	shows("Made void.");
	stop();
}

/* What is scanned is neither somebody's quick code nor a wrong one. */
static void a_scanner_is_nobody(void **state)
{
	(void)state;
	start("teller", NULL, 0);
	assert_int_equal(secret_new(&desk.operators.list[0].quick, 5), ERR_OK);
	memcpy(desk.operators.list[0].quick->data, "2580", 4);
	operators_set_aside(&desk.operators);
	key(SCREEN_KEY_F9);
	shows("quick code");
	for (int i = 0; i < 4; i++)
		scanned("2580", 5000 + i * 1000);
	assert_string_equal(operators_name(&desk.operators), "");
	assert_int_equal(desk.operators.list[0].quick_wrong, 0);
	shows("A scanner typed something.");
	type("2580");
	key(SCREEN_KEY_ENTER);
	assert_string_equal(operators_name(&desk.operators), "Tess");
	stop();
}

/* ---- many cards ---- */

static void the_chosen_card_is_on_the_screen(void **state)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}};
	char number[8];

	(void)state;
	start("teller", answers, 2);
	find();
	desk.service.cards.count = MESSAGE_CREDENTIALS_MAX;
	for (int i = 0; i < MESSAGE_CREDENTIALS_MAX; i++) {
		desk.service.cards.list[i] = desk.service.cards.list[0];
		snprintf(desk.service.cards.list[i].account, FLOW_LABEL_MAX, "No-%02d", i);
	}
	for (int i = 0; i < MESSAGE_CREDENTIALS_MAX; i++, key(SCREEN_KEY_DOWN)) {
		snprintf(number, sizeof number, "No-%02d", i);
		shows(number);
	}
	shows("There are more cards than fit here.");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_is_left_ends_at_the_backend),
		cmocka_unit_test(whoever_was_signed_off_is_told_why),
		cmocka_unit_test(what_was_typed_does_not_wait_for_others),
		cmocka_unit_test(a_server_that_does_not_answer_refuses_nobody),
		cmocka_unit_test(a_scanner_says_yes_to_nothing),
		cmocka_unit_test(a_scanner_is_nobody),
		cmocka_unit_test(the_chosen_card_is_on_the_screen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
