/* SPDX-License-Identifier: Apache-2.0
 *
 * The challenge code of an answer to stage one against the sale that was sent.
 */
#include "tests/unit/client_fixture.h"

static struct client_sale sale;

static void assert_sale_taken(
	bool taken, uint64_t amount, const char *currency, const char *reference)
{
	struct client_sale other = {.amount = amount};
	struct message_answer answer = {.status = 201, .date_unix_s = FIXTURE_NOW};
	struct message_request request;
	struct flow_event ev;
	struct err err = {0};
	struct flow flow;

	snprintf(other.currency, sizeof other.currency, "%s", currency);
	snprintf(other.reference, sizeof other.reference, "%s", reference);
	fixture_flow(&flow);
	message_request_init(&request, FLOW_DO_START, &flow, &sale);
	answer.body = span_text(fixture_started_for(&other));
	message_answer_parse(&ev, &request, &answer, &err);
	assert_int_equal(ev.kind, taken ? FLOW_EV_STARTED : FLOW_EV_NO_ANSWER);
	assert_true(taken || strstr(err.text, "challenge code has another"));
}

static void the_challenge_code_must_be_of_this_sale(void **state)
{
	(void)state;
	sale = (struct client_sale){1280, "EUR", "R\xc3\xa9\x66 7", "Anna"};
	assert_sale_taken(true, 1280, "EUR", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 1281, "EUR", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 0, "EUR", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 128000, "EUR", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 1280, "USD", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 1280, "XXX", "R\xc3\xa9\x66 7");
	assert_sale_taken(false, 1280, "EUR", "R\xc3\xa9\x66 8");
	assert_sale_taken(false, 1280, "EUR", "R\xc3\xa9\x66");
	assert_sale_taken(false, 1280, "EUR", "");
	sale = (struct client_sale){.reference = "exactly 24 bytes of text"};
	assert_sale_taken(true, 0, "XXX", "exactly 24 bytes of text");
	assert_sale_taken(false, 0, "XXX", "exactly 24 bytes of tex");
	sale = (struct client_sale){0};
	assert_sale_taken(true, 0, "XXX", "");
	assert_sale_taken(false, 1, "XXX", "");
	assert_sale_taken(false, 0, "EUR", "");
	assert_sale_taken(false, 0, "XXX", "R");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_code_must_be_of_this_sale),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return sec_start(NULL) != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
