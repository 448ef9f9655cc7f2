/* SPDX-License-Identifier: Apache-2.0
 *
 * The counter and what the backend tells it, asked or not: that something changed, that this
 * terminal is shut out, which keys the issuer has.
 */
#include "tests/lib/counter_kit.h"

static void hear_unasked(const struct client_told *t)
{
	told[0] = '\0';
	unasked[unasked_count++] = *t;
	counter_told(&counter);
}

static void what_is_told_of_the_running_verification_is_looked_at(void **state)
{
	static const char ID[] = "00112233445566778899aabbccddeeff";
	struct client_told t = {.kind = CLIENT_TOLD_VERIFICATION};

	(void)state;
	counter.flow.phase = FLOW_NUMBER;
	counter.flow.deadline_ms = counter.flow.next_ms = INT64_MAX;
	memcpy(counter.flow.id, ID, sizeof ID);
	memcpy(t.about, "10112233445566778899aabbccddeeff", sizeof ID);
	hear_unasked(&t);
	assert_false(looks); /* another one */
	memcpy(t.about, ID, sizeof ID);
	hear_unasked(&t);
	assert_true(looks);
	looks = false;
	hear_unasked(&(struct client_told){.kind = CLIENT_TOLD_AGAIN});
	assert_true(looks);
	assert_int_equal(counter.flow.phase, FLOW_NUMBER); /* it decides nothing by itself */
}

static void a_terminal_that_was_stopped_says_so_until_it_may_go_on(void **state)
{
	struct client_told t = {
		.kind = CLIENT_TOLD_TERMINAL, .barred = REASON_TERMINAL_STOPPED};

	(void)state;
	hear_unasked(&t);
	assert_int_equal(counter.barred, REASON_TERMINAL_STOPPED);
	first_of("\"event\":\"terminal\"");
	first_of("\"state\":\"stopped\"");
	hear_unasked(&t);
	assert_string_equal(told, ""); /* once */
	t.barred = REASON_TERMINAL_REVOKED;
	hear_unasked(&t);
	first_of("\"state\":\"revoked\"");
	t.barred = REASON_NONE;
	hear_unasked(&t);
	assert_int_equal(counter.barred, REASON_NONE);
	first_of("\"state\":\"started\"");
}

static void hear_answer(enum flow_event_kind kind, enum flow_reason reason)
{
	answer = (struct flow_event){.kind = kind, .serial = 1};
	if (kind == FLOW_EV_REFUSED)
		answer.refusal.reason = reason;
	counter_answers(&counter);
}

static void a_card_that_was_refused_for_the_terminals_sake_says_so_afterwards(void **state)
{
	(void)state;
	hear_answer(FLOW_EV_REFUSED, REASON_FROZEN);
	assert_int_equal(counter.barred, REASON_NONE);
	hear_answer(FLOW_EV_REFUSED, REASON_UNKNOWN_TERMINAL);
	assert_int_equal(counter.barred, REASON_UNKNOWN_TERMINAL);
	hear_answer(FLOW_EV_REFUSED, REASON_TERMINAL_REVOKED);
	assert_int_equal(counter.barred, REASON_TERMINAL_REVOKED);
	hear_answer(FLOW_EV_NO_ANSWER, REASON_NONE);
	assert_int_equal(counter.barred, REASON_TERMINAL_REVOKED);
	hear_answer(FLOW_EV_STARTED, REASON_NONE);
	assert_int_equal(counter.barred, REASON_NONE);
}

static void a_backend_that_is_heard_is_no_longer_out_of_order(void **state)
{
	(void)state;
	hear_answer(FLOW_EV_NO_ANSWER, REASON_NONE);
	assert_true(counter.backend_fault);
	hear_unasked(&(struct client_told){.kind = CLIENT_TOLD_AGAIN});
	assert_false(counter.backend_fault);
	first_of("\"event\":\"backend\"");
	hear_unasked(&(struct client_told){.kind = CLIENT_TOLD_AGAIN});
	assert_string_equal(told, "");
}

/* ---- whose card ---- */

static char card[CODE_TEXT_MAX]; /* of a key that this terminal has not heard of */
static struct client_keys newer; /* with that key */

static void begin_issuer(void)
{
	static const uint8_t seed[SEC_KEY_LEN] = {7};
	static struct flow_issuer own;
	struct code_credential fields = {.generation = 1, .not_after = CODE_NO_END};
	uint8_t body[CODE_STATIC_BODY_LEN];
	struct bytes text;

	newer.count = 1;
	assert_int_equal(sec_ed25519_public(newer.list[0].public_key, SPAN(seed, sizeof seed)),
		ERR_OK);
	assert_int_equal(code_issuer_key_id(newer.list[0].key_id,
		SPAN(newer.list[0].public_key, SEC_ED25519_PUBLIC_LEN)), ERR_OK);
	memcpy(fields.issuer_key_id, newer.list[0].key_id, CODE_KEY_ID_LEN);
	assert_int_equal(code_credential_sign(body, &fields, SPAN(seed, sizeof seed)), ERR_OK);
	bytes_init_fixed(&text, (uint8_t *)card, sizeof card);
	assert_int_equal(code_text_build(&text, "A", 'C', SPAN(body, sizeof body)), ERR_OK);
	card[text.len] = '\0';
	clock_init_manual(&counter.clock, 5000, 0);
	counter.issuer = &own;
	counter_keys_init(&counter);
}

/* -1: not to be judged yet */
static int judged(void)
{
	struct flow_code out;

	if (!counter_code_judge(&counter, &out, span_text(card), 1800000000))
		return -1;
	return (int)out.judgement;
}

static void pass(int64_t ms)
{
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + ms);
}

static void an_unknown_key_is_of_another_issuer_only_when_the_backend_is_heard(void **state)
{
	struct client_told t = {.kind = CLIENT_TOLD_ISSUER};

	(void)state;
	begin_issuer();
	camera = true;
	assert_int_equal(judged(), -1); /* the keys are on their way since the start */
	pass(COUNTER_KEYS_MS);
	assert_int_equal(judged(), FLOW_CODE_UNKNOWN_ISSUER);
	assert_int_equal(asked, 0);
	pass(COUNTER_KEYS_AGAIN_MS);
	assert_int_equal(judged(), -1);
	assert_int_equal(asked, 1);
	assert_int_equal(judged(), -1);
	assert_int_equal(asked, 1);
	t.keys = newer;
	hear_unasked(&t);
	assert_int_equal(judged(), FLOW_CODE_FIRST);
	t.keys.list[0].key_id[0] ^= 1; /* it knows now, and it is none of these */
	hear_unasked(&t);
	assert_int_equal(judged(), FLOW_CODE_OTHER_ISSUER);
	pass(COUNTER_KEYS_FRESH_MS);
	assert_int_equal(judged(), -1); /* a new one may have come since */
	assert_int_equal(asked, 2);
	pass(COUNTER_KEYS_MS);
	assert_int_equal(judged(), FLOW_CODE_UNKNOWN_ISSUER);
	current = true;
	assert_int_equal(judged(), FLOW_CODE_OTHER_ISSUER);
	assert_int_equal(asked, 2);
}

static void what_is_seen_once_is_told_at_once(void **state)
{
	(void)state;
	begin_issuer();
	assert_int_equal(judged(), FLOW_CODE_UNKNOWN_ISSUER);
	pass(COUNTER_KEYS_MS + COUNTER_KEYS_AGAIN_MS);
	assert_int_equal(judged(), FLOW_CODE_UNKNOWN_ISSUER);
	assert_int_equal(asked, 1);
	counter.stepped = true; /* nobody is there to be asked */
	assert_int_equal(judged(), FLOW_CODE_OTHER_ISSUER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			what_is_told_of_the_running_verification_is_looked_at, set_up),
		cmocka_unit_test_setup(
			a_terminal_that_was_stopped_says_so_until_it_may_go_on, set_up),
		cmocka_unit_test_setup(
			a_card_that_was_refused_for_the_terminals_sake_says_so_afterwards, set_up),
		cmocka_unit_test_setup(
			an_unknown_key_is_of_another_issuer_only_when_the_backend_is_heard, set_up),
		cmocka_unit_test_setup(
			a_backend_that_is_heard_is_no_longer_out_of_order, set_up),
		cmocka_unit_test_setup(what_is_seen_once_is_told_at_once, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
