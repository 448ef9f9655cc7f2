/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts that prove themselves: whoever has the issuer's key checks one without asking anybody.
 */
#include "tests/lib/world_case.h"

/* The code of the last answer is of exactly this receipt. */
static void proves(const char *state, uint64_t amount, const char *currency, const char *reference)
{
	const struct keyring_issuer *k = keyring_issuer_at(w->service->keys, 0);
	char id[2 * CODE_ID_LEN + 1];
	struct code_receipt fields = {.state = state, .receipt = w->seen.receipt,
		.verification = id, .amount = amount, .currency = currency,
		.reference = reference};
	struct span key = SPAN(k->public_key, sizeof k->public_key);
	struct code code;

	hex_encode(id, SPAN(w->seen.id, CODE_ID_LEN));
	assert_true(w->seen.receipt[0]);
	code_parse(&code, span_text(w->seen.receipt_code));
	assert_int_equal(code.kind, CODE_RECEIPT);
	assert_memory_equal(code.presented.issuer_key_id, k->key_id, CODE_KEY_ID_LEN);
	assert_int_equal(code_receipt_verify(&code, &fields, key), ERR_OK);
	fields.amount++;
	assert_int_equal(code_receipt_verify(&code, &fields, key), ERR_FORGED);
}

static void each_receipt_has_its_code(void **state)
{
	struct rules_verification first;
	(void)state;

	w->service->policy.receipt_codes = 1;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(w->seen.receipt_code, "");
	assert_string_equal(world_right(w, &p), "accepted");
	proves("accepted", 0, "", "");
	/* Asked again it is the same: nothing of it is random. */
	first = w->seen;
	assert_string_equal(world_state(w), "accepted");
	assert_memory_equal(&first, &w->seen, sizeof(first));
}

static void a_code_says_what_was_sold(void **state)
{
	char text[CODE_TEXT_MAX];
	struct rules_start_in in = {.amount = 2490, .currency = "EUR", .reference = "T\xc3\xa4 4"};
	(void)state;

	w->service->policy.receipt_codes = 1;
	phone_first_code(&p, text, world_now(w));
	memcpy(in.code, text, sizeof(in.code));
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
			&w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(w->problem.word, "");
	assert_string_equal(world_right(w, &p), "accepted");
	proves("accepted", 2490, "EUR", "T\xc3\xa4 4");
}

static void nothing_but_a_receipt_has_one(void **state)
{
	(void)state;
	w->service->policy.receipt_codes = 1;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_string_equal(w->seen.receipt_code, "");
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(w->seen.receipt_code, "");
	/* and none at all unless the policy says so */
	w->service->policy.receipt_codes = 0;
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_true(w->seen.receipt[0]);
	assert_string_equal(w->seen.receipt_code, "");
}

static void not_before_the_pin(void **state)
{
	(void)state;
	w->service->policy.receipt_codes = 1;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(w->seen.receipt_code, "");
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	assert_string_equal(w->seen.receipt_code, "");
	assert_string_equal(world_pin(w, WORLD_PIN, 2), "authorised");
	proves("authorised", 0, "", "");
	/* The first try sent again is told as it was: wrong, and without a code. */
	assert_string_equal(world_pin(w, "0000", 1), "accepted");
	assert_string_equal(w->seen.receipt, "");
	assert_string_equal(w->seen.receipt_code, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(each_receipt_has_its_code),
		WORLD_CASE(a_code_says_what_was_sold),
		WORLD_CASE(nothing_but_a_receipt_has_one),
		cmocka_unit_test_setup_teardown(
			not_before_the_pin, world_set_up_pin, world_tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
