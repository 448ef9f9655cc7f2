/* SPDX-License-Identifier: Apache-2.0
 *
 * What an amount needs, level by level, and the sums of a day; and whose wrong answers count for an
 * account.
 */
#include "tests/lib/world_case.h"

#include "backend/policy_private.h"

#define DAY_S 86400

static void accept(const struct phone *of, uint64_t amount, enum code_binding binding)
{
	world_pass(w, 31);
	assert_string_equal(world_start(w, of, amount), "");
	assert_string_equal(world_answer(w, of, &(struct how){.binding = binding}), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	if (w->seen.pin_required)
		assert_string_equal(world_pin(w, WORLD_PIN, 1), "authorised");
}

static void refused_with(const char *words)
{
	assert_string_equal(w->problem.word, "not-allowed");
	assert_int_equal(w->problem.status, 403);
	if (!strstr(w->problem.detail, words))
		fail_msg("\"%s\" does not say \"%s\"", w->problem.detail, words);
}

/* ---- levels ---- */

static void each_level_is_good_for_its_amount_and_not_for_a_cent_more(void **state)
{
	struct phone bare, card;

	(void)state;
	phone_new(w, &bare, false);
	phone_new_static(w, &card, 8);
	assert_string_equal(world_wants(w, &card, 50000), "-");
	assert_string_equal(world_wants(w, &card, 50001), "not-allowed");
	refused_with("500.00");
	refused_with("a live code");
	assert_string_equal(world_wants(w, &bare, 100000), "-");
	assert_string_equal(world_wants(w, &bare, 100001), "-+challenge");
	assert_string_equal(world_wants(w, &bare, 500000), "-+challenge");
	assert_string_equal(world_wants(w, &bare, 500001), "not-allowed");
	refused_with("5000.00");
	refused_with("with a PIN");
	assert_string_equal(world_wants(w, &p, 500000), "pin");
	assert_string_equal(world_wants(w, &p, 500001), "pin+challenge");
	assert_string_equal(world_wants(w, &p, (uint64_t)1 << 52), "pin+challenge");
	w->service->policy.level_a_max = 600000;
	assert_string_equal(world_wants(w, &p, 600001), "not-allowed");
	refused_with("the issuer");
	w->service->policy.pin_from = 100000; /* the PIN is asked for where it is needed */
	assert_string_equal(world_wants(w, &p, 99999), "-");
	assert_string_equal(world_wants(w, &p, 100000), "pin");
	w->service->policy.pin_from = 200000;
	assert_string_equal(world_wants(w, &p, 100001), "pin");
}

static void the_standard_policy_wants_the_challenge_code_from_1000(void **state)
{
	struct policy d;

	(void)state;
	policy_defaults(&d);
	w->service->policy.binding_2_from = d.binding_2_from;
	assert_string_equal(world_wants(w, &p, 99999), "pin");
	assert_string_equal(world_wants(w, &p, 100000), "pin+challenge");
	assert_string_equal(world_wants(w, &p, 0), "pin");
}

/* ---- a day ---- */

static void sum_of_a_day_is_of_the_account_and_its_level(void **state)
{
	struct phone bare, second;

	(void)state;
	phone_new(w, &bare, false);
	phone_new(w, &second, false); /* of the same account */
	accept(&bare, 60000, CODE_BINDING_NUMBER);
	assert_string_equal(world_wants(w, &second, 40000), "-");
	assert_string_equal(world_wants(w, &second, 40001), "-+challenge");
	accept(&second, 300000, CODE_BINDING_CHALLENGE);
	assert_string_equal(world_wants(w, &bare, 200001), "not-allowed");
	refused_with("in one day");
	assert_int_equal(w->problem.until_unix_s % DAY_S, 0);
	assert_int_equal(w->problem.until_unix_s, world_now(w) - world_now(w) % DAY_S + DAY_S);
	assert_string_equal(world_wants(w, &bare, 200000), "-+challenge");
	/* another account is not meant */
	assert_string_equal(world_wants(w, &p, 500000), "pin");
	/* and tomorrow is another day */
	world_pass(w, DAY_S);
	assert_string_equal(world_wants(w, &bare, 100000), "-");
}

static void only_what_was_accepted_counts(void **state)
{
	struct phone bare;
	int ended = 0;

	(void)state;
	phone_new(w, &bare, false);
	for (int i = 0; i < 3; i++) {
		world_pass(w, 31);
		assert_string_equal(world_start(w, &bare, 90000), "");
	}
	assert_string_equal(world_wrong(w, &bare), "rejected");
	assert_string_equal(world_wants(w, &bare, 90000), "-");
	assert_string_equal(world_cancel(w), "cancelled");
	assert_string_equal(world_wants(w, &bare, 100000), "-");
	/* accepted, and then the PIN never came */
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 500000), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_wants(w, &p, 1), "pin+challenge"); /* it counts while it waits */
	world_pass(w, 400);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &ended, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_true(ended >= 1);
	assert_string_equal(world_wants(w, &p, 500000), "pin");
}

static void two_open_ones_cannot_both_be_accepted_above_the_sum(void **state)
{
	struct phone bare;
	struct rules_start_out first;

	(void)state;
	phone_new(w, &bare, false);
	world_pass(w, 31);
	assert_string_equal(world_start(w, &bare, 60000), "");
	first = w->started;
	world_pass(w, 1);
	assert_string_equal(world_start(w, &bare, 60001), "");
	assert_string_equal(world_right(w, &bare), "accepted");
	w->started = first;
	assert_string_equal(world_right(w, &bare), "rejected");
	assert_string_equal(w->seen.reason, "not-allowed");
	{
		struct store_credential c;

		must(w, store_credential_get(w->service->store, &c, bare.credential, &w->err));
		assert_int_equal(c.failures, 0);
	}
}

/* Started before midnight and answered after it, they are the old day's. */
static void midnight_does_not_give_the_sum_twice(void **state)
{
	struct phone bare;
	struct rules_start_out first;

	(void)state;
	phone_new(w, &bare, false);
	world_pass(w, DAY_S - world_now(w) % DAY_S - 40);
	assert_string_equal(world_start(w, &bare, 60000), "");
	first = w->started;
	world_pass(w, 1);
	assert_string_equal(world_start(w, &bare, 60001), "");
	world_pass(w, 45);
	assert_int_equal(world_now(w) % DAY_S, 6);
	assert_string_equal(world_right(w, &bare), "accepted");
	w->started = first;
	assert_string_equal(world_right(w, &bare), "rejected");
	assert_string_equal(w->seen.reason, "not-allowed");
	/* the new day has all of its sum */
	assert_string_equal(world_wants(w, &bare, 100000), "-");
}

static void the_day_begins_where_the_bank_is(void **state)
{
	struct policy q;

	(void)state;
	policy_defaults(&q);
	assert_int_equal(policy_day_start(&q, 5 * DAY_S), 5 * DAY_S);
	assert_int_equal(policy_day_start(&q, 6 * DAY_S - 1), 5 * DAY_S);
	q.day_offset_min = 480;
	assert_int_equal(policy_day_start(&q, 5 * DAY_S), 5 * DAY_S - 8 * 3600);
	assert_int_equal(policy_day_start(&q, 5 * DAY_S + 16 * 3600 - 1), 5 * DAY_S - 8 * 3600);
	assert_int_equal(policy_day_start(&q, 5 * DAY_S + 16 * 3600), 5 * DAY_S + 16 * 3600);
	q.day_offset_min = -60;
	assert_int_equal(policy_day_start(&q, 5 * DAY_S), 4 * DAY_S + 3600);
}

/* ---- the table ---- */

static void contradicts(int64_t struct_offset, int64_t value, const char *words)
{
	struct policy q;
	struct err err = {0};

	policy_defaults(&q);
	assert_int_equal(policy_check(&q, &err), ERR_OK);
	*(int64_t *)(void *)((char *)&q + struct_offset) = value;
	assert_int_equal(policy_check(&q, &err), ERR_INVALID);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void levels_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
#define FIELD(f) ((int64_t)offsetof(struct policy, f))
	contradicts(FIELD(level_d_max), 50001, "level_d_max is above level_d_day");
	contradicts(FIELD(level_d_max), 0, "level_d_max is above level_d_day");
	contradicts(FIELD(level_c_max), 49999, "level_c_max is below level_d_max");
	contradicts(FIELD(level_d_day), 100001, "level_c_day is below level_d_day");
	contradicts(FIELD(level_b_max), 500001, "level_b_max is above level_b_day");
	contradicts(FIELD(level_a_max), 499999, "level_a_max is below level_b_max");
	contradicts(FIELD(level_a_day), 499999, "level_a_");
	contradicts(FIELD(level_c_day), 0, "level_b_day is below level_c_day");
	contradicts(FIELD(keep_days), 2, "keep_days");
#undef FIELD
}

static void policy_is_told_in_words(void **state)
{
	static const char *const lines[] = {
		"D      static code, saved or printed            500.00   500.00\n",
		"A      live code, with PIN and challenge code      any      any\n",
		"The day begins at 16:00 UTC.\n",
		"From 1000.00 on the wallet must scan the challenge code.\n"};
	struct policy q;
	struct bytes out;

	(void)state;
	policy_defaults(&q);
	q.day_offset_min = 480;
	bytes_init(&out, 8192);
	policy_show(&out, &q);
	bytes_add_u8(&out, 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strstr((const char *)out.data, lines[i]))
			fail_msg("not told: %sin\n%s", lines[i], (const char *)out.data);
	bytes_done(&out);
}

/* ---- wrong answers of an account, questions of strangers ---- */

static void wrong_answers_of_all_credentials_of_an_account_are_counted_together(void **state)
{
	struct phone many[4];

	(void)state;
	w->service->policy.account_wrong_day = 6;
	for (int i = 0; i < 4; i++)
		phone_new(w, &many[i], true);
	for (int i = 0; i < 6; i++) {
		world_pass(w, 31);
		assert_string_equal(world_start(w, &many[i % 4], 0), "");
		assert_string_equal(world_wrong(w, &many[i % 4]), "rejected");
	}
	world_pass(w, 31);
	for (int i = 0; i < 4; i++)
		assert_string_equal(world_start(w, &many[i], 0), "too-many-attempts");
	assert_int_equal(w->problem.status, 429);
	assert_int_equal(w->problem.until_unix_s, world_now(w) - world_now(w) % DAY_S + DAY_S);
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	{
		struct phone other;

		phone_new(w, &other, false); /* of another account */
		assert_string_equal(world_start(w, &other, 0), "");
	}
	world_pass(w, DAY_S);
	assert_string_equal(world_start(w, &p, 0), "");
}

static void wrong_pins_of_several_credentials_lock_the_one_account(void **state)
{
	struct phone second;

	(void)state;
	phone_new(w, &second, true);
	for (int round = 0; round < 3; round++) {
		const struct phone *of = round % 2 ? &second : &p;

		world_pass(w, 31);
		assert_string_equal(world_start(w, of, 0), "");
		assert_string_equal(world_right(w, of), "accepted");
		for (int t = 1; t <= 3; t++)
			assert_string_equal(world_pin(w, "0000", t),
				t < 3 ? "accepted" : "rejected");
	}
	world_pass(w, 31);
	assert_string_equal(world_start(w, &p, 0), "not-allowed");
	assert_string_equal(world_start(w, &second, 0), "not-allowed");
	assert_int_equal(world_audit_count(w, "pin-locked"), 1);
	assert_int_equal(world_audit_count(w, "pin-counted"), 8);
}

static void questions_for_another_terminals_verification_are_recorded_and_stop_it(void **state)
{
	struct store_audit a;
	char answer[CODE_TEXT_MAX];
	int asked = 0;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	phone_answer(w, &p, answer, &(struct how){.wrong = false});
	assert_string_equal(world_answer_code(w, &w->other, answer), "not-found");
	a = world_last_audit(w);
	assert_string_equal(a.kind, "lookup-refused");
	assert_memory_equal(a.terminal, w->other.id, CODE_ID_LEN);
	assert_memory_equal(a.verification, w->started.id, CODE_ID_LEN);
	assert_int_equal(a.credential_len, 0);
	for (asked = 1; asked < 40; asked++)
		assert_string_equal(world_answer_code(w, &w->other, answer), "not-found");
	/* no more records than a stop takes */
	assert_int_equal(world_audit_count(w, "lookup-refused"), 30);
	assert_int_equal(world_audit_count(w, "terminal-stopped"), 1);
	/* the one that may is not hindered */
	assert_string_equal(world_answer_code(w, &w->till, answer), "");
	assert_int_equal(w->seen.state, STATE_ACCEPTED);
	/* an id that nobody has is no record: a stranger could fill the audit */
	w->started.id[0] ^= 1;
	assert_string_equal(world_answer_code(w, &w->till, answer), "not-found");
	assert_int_equal(world_audit_count(w, "lookup-refused"), 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEVEL_CASE(each_level_is_good_for_its_amount_and_not_for_a_cent_more),
		LEVEL_CASE(the_standard_policy_wants_the_challenge_code_from_1000),
		LEVEL_CASE(sum_of_a_day_is_of_the_account_and_its_level),
		LEVEL_CASE(only_what_was_accepted_counts),
		LEVEL_CASE(two_open_ones_cannot_both_be_accepted_above_the_sum),
		LEVEL_CASE(midnight_does_not_give_the_sum_twice),
		LEVEL_CASE(the_day_begins_where_the_bank_is),
		LEVEL_CASE(levels_that_contradict_each_other_are_refused),
		LEVEL_CASE(policy_is_told_in_words),
		LEVEL_CASE(wrong_answers_of_all_credentials_of_an_account_are_counted_together),
		LEVEL_CASE(wrong_pins_of_several_credentials_lock_the_one_account),
		LEVEL_CASE(questions_for_another_terminals_verification_are_recorded_and_stop_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
