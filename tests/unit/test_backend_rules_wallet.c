/* SPDX-License-Identifier: Apache-2.0
 *
 * What a wallet is told of the verifications of its own credential, and that nobody else is.
 */
#include "tests/lib/world_case.h"

#include "backend/rules_offline.h"

static struct rules_wallet_verification got;

static struct rules_caller wallet_of(const struct phone *of)
{
	struct rules_caller c;

	must(w, rules_authenticate(&w->rules, &c, span_text(of->token), &w->err));
	assert_int_equal(c.role, ROLE_WALLET);
	return c;
}

static const char *ask_as(const struct rules_caller *who, const uint8_t *id)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_wallet_verification(&w->rules, &got, &w->problem, who, id, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word[0] ? w->problem.word : rules_state_word(got.v.state);
}

static const char *ask(const struct phone *of)
{
	const struct rules_caller who = wallet_of(of);

	return ask_as(&who, w->started.id);
}

static bool nothing_got(void)
{
	const struct rules_wallet_verification empty = {.amount = 0};

	return memcmp(&got, &empty, sizeof(got)) == 0;
}

/* A counter whose customers read another name than the operator does. */
static void start(uint64_t amount, const char *reference)
{
	struct rules_start_in in = {.amount = amount};
	struct service_terminal t;
	struct rules_caller shop;

	must(w, service_terminal_enrol(w->service, &t, "shop", "Ada\xe2\x80\x99s Shop", &w->err));
	must(w, rules_authenticate(&w->rules, &shop, span_text(t.token), &w->err));
	w->till = shop;
	phone_first_code(&p, in.code, world_now(w));
	if (amount)
		memcpy(in.currency, "EUR", 4);
	(void)snprintf(in.reference, sizeof(in.reference), "%s", reference);
	(void)snprintf(in.operator_name, sizeof(in.operator_name), "Grace");
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &shop, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(w->problem.word, "");
}

static void a_wallet_sees_what_the_holder_saw(void **state)
{
	int64_t at = world_now(w);

	(void)state;
	w->service->policy.receipt_codes = 1;
	start(1999, "Table \"4\"");
	assert_string_equal(ask(&p), "challenged");
	assert_memory_equal(got.v.id, w->started.id, CODE_ID_LEN);
	assert_int_equal(got.amount, 1999);
	assert_string_equal(got.currency, "EUR");
	assert_string_equal(got.merchant, "Ada\xe2\x80\x99s Shop");
	assert_string_equal(got.reference, "Table \"4\"");
	assert_int_equal(got.started_at, at);
	assert_int_equal(got.decided_at, 0);
	assert_string_equal(got.v.receipt, "");
	assert_string_equal(got.v.receipt_code, "");
	world_pass(w, 7);
	assert_string_equal(world_answer(w, &p,
				    &(struct how){.binding = CODE_BINDING_CHALLENGE}), "");
	assert_string_equal(ask(&p), "accepted");
	assert_int_equal(got.decided_at, at + 7);
	assert_true(got.v.receipt[0] && got.v.receipt_code[0]);
	assert_memory_equal(&got.v, &w->seen, sizeof(got.v)); /* as the terminal was told */
}

static void nothing_is_made_up_where_there_is_none(void **state)
{
	(void)state;
	start(0, "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_string_equal(ask(&p), "rejected");
	assert_string_equal(got.v.reason, "wrong-answer");
	assert_int_equal(got.amount, 0);
	assert_string_equal(got.currency, "");
	assert_string_equal(got.reference, "");
	assert_string_equal(got.v.receipt, "");
}

static void refuses_everybody_else(void **state)
{
	static const uint8_t none[CODE_ID_LEN] = {1};
	struct rules_caller who = wallet_of(&p), nobody = {.role = ROLE_NOBODY};
	struct phone other;
	int64_t records;

	(void)state;
	phone_new(w, &other, false);
	start(500, "");
	records = world_last_audit(w).seq;
	assert_string_equal(ask(&other), "not-found");
	assert_int_equal(w->problem.status, 404);
	assert_true(nothing_got());
	assert_string_equal(ask_as(&who, none), "not-found");
	memcpy(nobody.id, p.credential, CODE_ID_LEN);
	assert_string_equal(ask_as(&nobody, w->started.id), "not-found");
	nobody.role = ROLE_TERMINAL;
	assert_string_equal(ask_as(&nobody, w->started.id), "not-found");
	for (int bit = 0; bit < 8 * CODE_ID_LEN; bit++) {
		struct rules_caller near = who;

		near.id[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_string_equal(ask_as(&near, w->started.id), "not-found");
	}
	assert_true(nothing_got());
	assert_int_equal(world_last_audit(w).seq, records); /* no try that counts for anybody */
	assert_string_equal(ask(&p), "challenged");
}

/* Whoever asks first after the end finds it ended, and it is recorded. */
static void what_is_over_is_told_as_over(void **state)
{
	(void)state;
	start(500, "");
	world_pass(w, 3600);
	assert_string_equal(ask(&p), "expired");
	assert_string_equal(got.v.reason, "number-expired");
	assert_string_equal(world_last_audit(w).kind, "expired");
	assert_string_equal(world_right(w, &p), "expired");
}

static void the_next_generation_still_sees_what_was_before(void **state)
{
	struct service_issued again;
	struct phone renewed;

	(void)state;
	start(500, "");
	assert_string_equal(world_right(w, &p), "accepted");
	must(w, service_credential_renew(w->service, &again, p.credential, 0, &w->err));
	phone_activate(w, &renewed, again.token);
	assert_string_equal(ask(&renewed), "accepted");
}

static void a_sale_made_offline_has_no_challenge_and_is_told_all_the_same(void **state)
{
	struct rules_offline_in in = {.amount = 1000, .currency = "EUR", .reference = "R 7",
		.id = "00112233445566778899aabbccddeeff"};
	struct rules_offline_out out;

	(void)state;
	world_pass(w, 10 * 86400);
	w->service->policy.offline_max = 2000;
	w->service->policy.receipt_codes = 1;
	w->rules = service_rules(w->service);
	in.at = world_now(w) - 60;
	phone_first_code(&p, in.code, in.at);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_offline(&w->rules, &out, &w->problem, &w->till, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_true(out.accepted);
	memcpy(w->started.id, out.id, CODE_ID_LEN);
	assert_string_equal(ask(&p), "accepted");
	assert_string_equal(got.v.reason, "offline");
	assert_string_equal(got.merchant, "till");
	assert_string_equal(got.reference, "R 7");
	assert_int_equal(got.amount, 1000);
	assert_int_equal(got.started_at, in.at);
	assert_int_equal(got.decided_at, world_now(w));
	assert_string_equal(got.v.receipt, out.receipt);
	assert_string_equal(got.v.receipt_code, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(a_wallet_sees_what_the_holder_saw),
		WORLD_CASE(nothing_is_made_up_where_there_is_none),
		WORLD_CASE(refuses_everybody_else),
		WORLD_CASE(what_is_over_is_told_as_over),
		WORLD_CASE(the_next_generation_still_sees_what_was_before),
		WORLD_CASE(a_sale_made_offline_has_no_challenge_and_is_told_all_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
