/* SPDX-License-Identifier: Apache-2.0
 *
 * The challenge code of an answer to stage one against the sale that was sent, and the receipt code
 * of one to stage two.
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

/* A code that is none, or of another kind, is left out; the decision stands. */
static void a_receipt_code_decides_nothing(void **state)
{
	static const struct {
		const char *before;
		int zeroes; /* of Base32, after the version: 106 bytes are 170 characters */
		const char *after;
		bool taken;
	} cases[] = {
		{"\"HTTPS://BANK.EXAMPLE/X/AE", 168, "\"", true},
		{"\"HTTPS://BANK.EXAMPLE/D/AE", 168, "\"", false},
		{"\"HTTPS://BANK.EXAMPLE/C/AE", 168, "\"", false},
		{"\"HTTPS://BANK.EXAMPLE/X/AE", 167, "\"", false},
		{"\"HTTPS://BANK.EXAMPLE/X/AE", 169, "\"", false},
		{"\"https://bank.example/X/AE", 168, "\"", false},
		{"\"HTTPS://BANK.EXAMPLE/X/AE", 700, "\"", false},
		{"\"", 0, "\"", false},
		{"7", 0, "", false},
		{"null", 0, "", false},
	};
	struct message_answer answer = {.status = 200, .date_unix_s = FIXTURE_NOW};
	struct message_request request;
	struct flow_event ev;
	struct err err = {0};
	struct flow flow;
	char zeroes[701], text[2048];

	(void)state;
	memset(zeroes, 'A', sizeof zeroes);
	fixture_flow(&flow);
	message_request_init(&request, FLOW_DO_ANSWER, &flow, &sale);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(text, sizeof text,
			"{\"id\":\"" FIXTURE_ID "\",\"state\":\"accepted\",\"pin_required\":"
			"false,\"receipt\":\"1\",\"receipt_code\":%s%.*s%s}",
			cases[i].before, cases[i].zeroes, zeroes, cases[i].after);
		answer.body = span_text(text);
		message_answer_parse(&ev, &request, &answer, &err);
		assert_int_equal(ev.kind, FLOW_EV_STATE);
		assert_int_equal(ev.answer.state, FLOW_REC_ACCEPTED);
		assert_string_equal(ev.answer.receipt, "1");
		assert_int_equal(ev.answer.receipt_code[0] != '\0', cases[i].taken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_code_must_be_of_this_sale),
		cmocka_unit_test(a_receipt_code_decides_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return sec_start(NULL) != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
