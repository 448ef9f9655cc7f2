/* SPDX-License-Identifier: Apache-2.0
 *
 * The tellers' page against a server that says anything: what is asked, what is offered, and that
 * nothing is left of a holder or a code when the page is.
 */
#include "tests/lib/service_kit.h"

/* ---- who ---- */

static void a_cashier_serves_nobody(void **state)
{
	(void)state;
	start("cashier", NULL, 0);
	assert_string_equal(counter.sale.operator_name, "Tess");
	assert_false(offers(SCREEN_KEY_F6));
	key(SCREEN_KEY_F6);
	assert_int_equal(desk.page, DESK_SALE);
	stop();
	assert_int_equal(server.request_count, 1);
}

/* No card is taken until somebody stands there, and then it is for nobody else. */
static void whoever_signed_in_is_named_whatever_a_till_says(void **state)
{
	struct client_sale sale = {
		.amount = 500, .currency = "EUR", .operator_name = "Mallory"};
	const char *words = NULL;

	(void)state;
	start("cashier", NULL, 0);
	settings.operators.required = true;
	assert_true(desk_sale_take(&desk, &sale, &words));
	assert_string_equal(counter.sale.operator_name, "Tess");
	assert_int_equal(counter.sale.amount, 500);
	assert_int_equal(counter.closed & COUNTER_CLOSED_OPERATOR, 0);
	operators_sign_off(&desk.operators);
	settle();
	assert_true(counter.closed & COUNTER_CLOSED_OPERATOR);
	assert_string_equal(counter.sale.operator_name, "");
	assert_true(desk_sale_take(&desk, &sale, &words)); /* it waits */
	assert_true(counter.closed & COUNTER_CLOSED_OPERATOR);
	key(SCREEN_KEY_F9);
	assert_true(desk_sale_take(&desk, &sale, &words));
	assert_int_equal(desk.page, DESK_SIGN_IN); /* and takes nobody's page away */
	stop();
}

static void a_till_does_not_end_a_call(void **state)
{
	struct client_sale sale = {.amount = 500, .currency = "EUR"};
	struct script_answer answer = {call("open", true, false, true, false), SCRIPT_KEEP};
	const char *words = NULL;

	(void)state;
	start("teller", &answer, 1);
	find();
	assert_false(desk_sale_take(&desk, &sale, &words));
	assert_non_null(strstr(words, "holder"));
	key(SCREEN_KEY_F1);
	assert_int_equal(desk.page, DESK_HELP);
	assert_false(desk_sale_take(&desk, &sale, &words));
	assert_int_equal(counter.sale.amount, 0);
	stop();
}

/* ---- a call ---- */

static void a_holder_is_found_identified_and_served(void **state)
{
	struct script_answer answers[] = {{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("open", true, false, true, false), SCRIPT_KEEP},
		{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP},
		{keep("200 OK", JSON, card_text("frozen")), SCRIPT_KEEP},
		{keep("200 OK", JSON, card_text("active")), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 6);
	find();
	shows("Number of the identity document");
	hides("Ada");
	type("AB 1");
	key(SCREEN_KEY_ENTER);
	shows("1 of 2");
	shows("Right.");
	assert_string_equal(desk.service.answer.text, ""); /* not kept */
	type("Rex");
	key(SCREEN_KEY_ENTER); /* identified: the cards are asked for at once */
	shows("Ada Lovelace");
	assert_true(counter.closed & COUNTER_CLOSED_PAGE);
	assert_true(offers(SCREEN_KEY_F2) && offers(SCREEN_KEY_F4) && offers(SCREEN_KEY_F8));
	assert_false(offers(SCREEN_KEY_F3));
	key(SCREEN_KEY_F3); /* it is not frozen */
	key(SCREEN_KEY_F2);
	shows("Frozen.");
	assert_true(offers(SCREEN_KEY_F3));
	key(SCREEN_KEY_F3);
	shows("It can be used again.");
	key(SCREEN_KEY_ESCAPE);
	shows("Find the holder");
	hides("Ada");
	assert_null(memmem(&desk.service, sizeof desk.service, "Ada", 3));
	assert_null(memmem(&desk.service, sizeof desk.service, ID, 8));
	stop();
	assert_string_equal(line_of(1), "POST /v1/service/calls HTTP/1.1");
	assert_true(sent(1, "{\"account\":\"777\"}"));
	assert_string_equal(line_of(2), "POST /v1/service/calls/" ID "/answers HTTP/1.1");
	assert_true(sent(2, "{\"question\":1,\"answer\":\"AB 1\"}"));
	assert_true(sent(3, "{\"question\":2,\"answer\":\"Rex\"}"));
	assert_string_equal(line_of(4), "GET /v1/service/calls/" ID "/credentials HTTP/1.1");
	assert_string_equal(line_of(5), "POST /v1/credentials/" CARD "/freeze HTTP/1.1");
	assert_true(sent(5, "{\"call\":\"" ID "\"}"));
	assert_string_equal(line_of(6), "POST /v1/credentials/" CARD "/unfreeze HTTP/1.1");
	assert_string_equal(line_of(7), "DELETE /v1/service/calls/" ID " HTTP/1.1");
}

static void what_the_call_does_not_allow_is_not_asked(void **state)
{
	struct script_answer answers[] = {{call("open", true, false, true, false), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 2);
	find();
	key(SCREEN_KEY_TAB);
	shows("Ada");
	assert_true(offers(SCREEN_KEY_F2));
	for (enum screen_key k = SCREEN_KEY_F3; k <= SCREEN_KEY_F8; k++) {
		assert_false(offers(k));
		key(k);
		key(SCREEN_KEY_ENTER);
	}
	assert_int_equal(server.request_count, 3);
	stop();
}

static void a_call_that_ended_meanwhile_allows_nothing_more(void **state)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}, {problem(403, "call-ended"), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 3);
	find();
	key(SCREEN_KEY_F2);
	shows("This call is over. Begin again.");
	for (enum screen_key k = SCREEN_KEY_F2; k <= SCREEN_KEY_F8; k++)
		assert_false(offers(k));
	key(SCREEN_KEY_F2);
	stop();
	assert_int_equal(server.request_count, 4);
}

static void too_many_wrong_answers_end_it(void **state)
{
	struct script_answer answers[] = {{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("failed", false, false, true, true), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 3);
	find();
	type("x");
	key(SCREEN_KEY_ENTER);
	shows("That answer is wrong.");
	type("y");
	key(SCREEN_KEY_ENTER);
	shows("Too many wrong answers: the call is over.");
	key(SCREEN_KEY_TAB); /* whatever it said that it allows */
	hides("Ada");
	key(SCREEN_KEY_ESCAPE);
	stop();
	assert_int_equal(server.request_count, 4); /* a call that is over is not ended again */
}

static void refusals_are_told_in_words_of_the_counter(void **state)
{
	static const struct {
		int status;
		const char *word, *words;
	} CASES[] = {
		{404, "not-found", "Nobody is known under this"},
		{409, "ambiguous", "Several holders"},
		{403, "no-questions", "No question of this holder"},
		{403, "forbidden", "Your role"},
		{403, "something-new", "Words"},
		{503, "busy", "Words"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		const char *refusal = problem(CASES[i].status, CASES[i].word);
		struct script_answer answer = {refusal, SCRIPT_KEEP};

		start("teller", &answer, 1);
		find();
		shows(CASES[i].words);
		shows("Find the holder");
		stop();
	}
}

static void an_answer_that_is_none_is_not_believed(void **state)
{
	static const char *const BODIES[] = {"{}", "{\"id\":\"../../x\"}", "[1]"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct script_answer answer = {keep("201 Created", JSON, BODIES[i]), SCRIPT_KEEP};

		start("teller", &answer, 1);
		find();
		shows("The server did not answer this");
		shows("Find the holder");
		stop();
	}
}

static void a_session_that_is_over_is_nobody(void **state)
{
	struct script_answer answer = {problem(401, "unauthorised"), SCRIPT_KEEP};

	(void)state;
	start("teller", &answer, 1);
	find();
	assert_int_equal(desk.page, DESK_SALE);
	assert_string_equal(operators_name(&desk.operators), "");
	assert_string_equal(counter.sale.operator_name, "");
	stop();
}

/* ---- renewal ---- */

static void a_renewal_is_asked_for_first_and_shows_no_code(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F4);
	shows("Renew this card?");
	key(SCREEN_KEY_ESCAPE);
	assert_int_equal(server.request_count, 3);
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_ENTER);
	shows("Renewed. The holder gets a message.");
	hides("G4UF-3ZZW");
	assert_null(desk.service.code);
	stop();
	assert_true(sent(3, "{\"call\":\"" ID "\"}"));
}

static void a_code_is_shown_for_a_while_and_gone(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	assert_true(sent(3, "{\"call\":\"" ID "\",\"show\":1}"));
	shows("It disappears in 120 s.");
	shows("QR.EXAMPLE.COM/#G4UF-3");
	assert_true(desk.service.link_picture.side >= 21);
	assert_true(desk.service.code_picture.side >= 41);
	shows("G4UF-3ZZW-Q7VA-DGE2");
	type("x");
	shows("QR.EXAMPLE.COM/#G4UF-3");
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + SERVICE_CODE_MS);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	settle();
	hides("G4UF-3");
	shows("Ada");
	assert_null(desk.service.code);
	assert_int_equal(desk.service.link_picture.side, 0);
	assert_int_equal(desk.service.code_picture.side, 0);
	assert_null(memmem(&desk, sizeof desk, "G4UF-3ZZW", 9));
	stop();
}

static void a_code_that_is_not_allowed_renews_nothing(void **state)
{
	struct script_answer answer = {problem(403, "not-allowed"), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	shows("You may not show activation codes here");
	assert_null(desk.service.code);
	stop();
}

static void nobody_at_the_keys_leaves_no_holder_behind(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	key(SCREEN_KEY_F1); /* the list of keys is in front */
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 600000);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	settle();
	assert_int_equal(desk.page, DESK_SALE);
	assert_string_equal(operators_name(&desk.operators), "");
	assert_null(desk.service.code);
	assert_null(memmem(&desk, sizeof desk, "Ada", 3));
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cashier_serves_nobody),
		cmocka_unit_test(whoever_signed_in_is_named_whatever_a_till_says),
		cmocka_unit_test(a_till_does_not_end_a_call),
		cmocka_unit_test(a_holder_is_found_identified_and_served),
		cmocka_unit_test(what_the_call_does_not_allow_is_not_asked),
		cmocka_unit_test(a_call_that_ended_meanwhile_allows_nothing_more),
		cmocka_unit_test(too_many_wrong_answers_end_it),
		cmocka_unit_test(refusals_are_told_in_words_of_the_counter),
		cmocka_unit_test(an_answer_that_is_none_is_not_believed),
		cmocka_unit_test(a_session_that_is_over_is_nobody),
		cmocka_unit_test(a_renewal_is_asked_for_first_and_shows_no_code),
		cmocka_unit_test(a_code_is_shown_for_a_while_and_gone),
		cmocka_unit_test(a_code_that_is_not_allowed_renews_nothing),
		cmocka_unit_test(nobody_at_the_keys_leaves_no_holder_behind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
