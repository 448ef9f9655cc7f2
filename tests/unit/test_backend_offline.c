/* SPDX-License-Identifier: Apache-2.0
 *
 * Sales that are handed in afterwards: recorded once, looked at as they were, and never more than
 * the issuer wants.
 */
#include "tests/lib/world_case.h"

#include "backend/rules_offline.h"
#include "backend/rules_shared.h"

static struct rules_offline_in in;
static struct rules_offline_out out;

/* A good sale of this phone, `ago` seconds ago. */
static void sell(const struct phone *of, int64_t ago)
{
	static unsigned number;

	memset(&in, 0, sizeof(in));
	(void)snprintf(in.id, sizeof(in.id), "%032x", ++number);
	in.at = world_now(w) - ago;
	in.amount = 1000;
	memcpy(in.currency, "EUR", 4);
	(void)snprintf(in.operator_name, sizeof(in.operator_name), "Anna");
	phone_first_code(of, in.code, in.at);
}

/* "accepted", the conflict's reason, or the refusal's word. */
static const char *hand_in_by(const struct rules_caller *who)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_offline(&w->rules, &out, &w->problem, who, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	if (w->problem.word[0])
		return w->problem.word;
	assert_int_equal(out.accepted, out.receipt[0] != '\0');
	assert_int_equal(out.accepted, out.reason[0] == '\0');
	return out.accepted ? "accepted" : out.reason;
}

static const char *hand_in(void)
{
	return hand_in_by(&w->till);
}

static int set_up(void **state)
{
	int e = world_set_up(state);

	world_pass(w, 10 * 86400); /* the issuer's key is older than what is sold */
	w->service->policy.offline_max = 2000;
	w->rules = service_rules(w->service);
	return e;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

/* ---- once ---- */

static void nothing_is_accepted_unless_the_issuer_said_so(void **state)
{
	(void)state;
	w->service->policy.offline_max = 0;
	sell(&p, 600);
	assert_string_equal(hand_in(), "not-allowed");
	assert_int_equal(world_audit_count(w, "offline-conflict"), 1);
}

static void a_good_sale_is_accepted_and_recorded_once(void **state)
{
	struct store_verification v;
	struct store_audit a;
	char receipt[RULES_RECEIPT_MAX];
	int64_t sum = 0;

	(void)state;
	sell(&p, 600);
	assert_string_equal(hand_in(), "accepted");
	memcpy(receipt, out.receipt, sizeof(receipt));
	a = world_last_audit(w);
	assert_string_equal(a.kind, "offline-accepted");
	assert_memory_equal(a.credential, p.credential, CODE_ID_LEN);
	assert_memory_equal(a.terminal, w->till.id, CODE_ID_LEN);
	assert_memory_equal(a.verification, out.id, CODE_ID_LEN);
	assert_non_null(strstr(a.detail, "\"amount\":1000"));
	assert_non_null(strstr(a.detail, receipt));
	assert_null(strstr(a.detail, "Anna"));
	must(w, store_verification_get(w->service->store, &v, out.id, &w->err));
	assert_int_equal(v.state, STATE_ACCEPTED);
	assert_string_equal(v.reason, "offline");
	assert_int_equal(v.created_at, in.at);
	assert_int_equal(v.deadline, 0);
	must(w, store_day_sum(w->service->store, &sum, v.account, POLICY_LEVEL_D, 0, &w->err));
	assert_int_equal(sum, 1000);
	for (int i = 0; i < 3; i++) { /* a lost answer, days later too */
		assert_string_equal(hand_in(), "accepted");
		assert_string_equal(out.receipt, receipt);
		world_pass(w, 5 * 86400);
	}
	assert_int_equal(world_audit_count(w, "offline-accepted"), 1);
}

static void a_conflict_stays_one(void **state)
{
	(void)state;
	sell(&p, 600);
	in.amount = 2001;
	assert_string_equal(hand_in(), "not-allowed");
	w->service->policy.offline_max = 5000;
	assert_string_equal(hand_in(), "not-allowed");
	assert_int_equal(world_audit_count(w, "offline-conflict"), 1);
	assert_int_equal(world_audit_count(w, "offline-accepted"), 0);
}

static void another_sale_under_the_same_id_is_refused(void **state)
{
	struct rules_offline_in was;

	(void)state;
	sell(&p, 600);
	assert_string_equal(hand_in(), "accepted");
	was = in;
	in.amount = 1001;
	assert_string_equal(hand_in(), "answered-already");
	in = was;
	in.at++;
	assert_string_equal(hand_in(), "answered-already");
	in = was;
	in.reference[0] = 'x';
	assert_string_equal(hand_in(), "answered-already");
	in = was;
	assert_string_equal(hand_in_by(&w->other), "answered-already");
	assert_string_equal(hand_in(), "accepted");
	assert_int_equal(world_audit_count(w, "offline-accepted"), 1);
	assert_int_equal(world_audit_count(w, "offline-conflict"), 0);
}

static void the_id_of_a_verification_is_no_way_in(void **state)
{
	(void)state;
	assert_string_equal(world_start(w, &p, 1000), "");
	sell(&p, 0);
	hex_encode(in.id, SPAN(w->started.id, CODE_ID_LEN));
	assert_string_equal(hand_in(), "answered-already");
	assert_string_equal(world_right(w, &p), "accepted"); /* untouched */
}

static void only_terminals_that_are_not_stopped_hand_in(void **state)
{
	struct rules_caller wallet = {.role = ROLE_WALLET};

	(void)state;
	sell(&p, 600);
	memcpy(wallet.id, p.credential, CODE_ID_LEN);
	assert_string_equal(hand_in_by(&wallet), "forbidden");
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	assert_string_equal(hand_in(), "terminal-stopped");
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	assert_string_equal(hand_in(), "accepted"); /* it was kept, and is sent again */
}

/* ---- the card ---- */

static void what_is_not_ours_or_not_as_issued_is_a_conflict(void **state)
{
	struct world *mine = w, *foreign = world_new();
	struct phone stranger;

	(void)state;
	w = foreign;
	phone_new(w, &stranger, false);
	w = mine;
	sell(&p, 600);
	phone_first_code(&stranger, in.code, in.at);
	assert_string_equal(hand_in(), "bad-signature");
	assert_int_equal(world_last_audit(w).credential_len, 0); /* named to nobody */
	sell(&p, 600);
	(void)snprintf(in.code, sizeof(in.code), "HTTPS://QR.EXAMPLE.COM/C/AEAA");
	assert_string_equal(hand_in(), "foreign-code");
	sell(&p, 600);
	in.code[strlen(in.code) - 40] ^= 1; /* within the signature */
	assert_string_not_equal(hand_in(), "accepted");
	world_free(foreign);
}

static void the_live_tag_must_have_been_right_then(void **state)
{
	(void)state;
	sell(&p, 600);
	phone_first_code(&p, in.code, in.at - 3 * CODE_STEP_S); /* a picture of before */
	assert_string_equal(hand_in(), "stale-code");
	sell(&p, 600);
	phone_first_code(&p, in.code, in.at + 3 * CODE_STEP_S);
	assert_string_equal(hand_in(), "stale-code");
	sell(&p, 600);
	phone_first_code(&p, in.code, world_now(w)); /* right now, wrong then */
	assert_string_equal(hand_in(), "stale-code");
	sell(&p, 600);
	phone_first_code(&p, in.code, in.at - 2 * CODE_STEP_S);
	assert_string_equal(hand_in(), "accepted");
}

/* The start whose answer was lost, and the sale: more is a copy. */
static void one_live_tag_is_for_one_sale_of_one_terminal(void **state)
{
	char code[CODE_TEXT_MAX];

	(void)state;
	assert_string_equal(world_start(w, &p, 1000), "");
	sell(&p, 0);
	memcpy(code, in.code, sizeof(code));
	assert_string_equal(hand_in(), "accepted");
	sell(&p, 0);
	assert_string_equal(in.code, code);
	assert_string_equal(hand_in(), "stale-code");
	sell(&p, 90);
	assert_string_equal(hand_in(), "accepted");
	sell(&p, 90);
	assert_string_equal(hand_in_by(&w->other), "stale-code");
}

static void a_picture_of_a_live_card_is_a_conflict(void **state)
{
	(void)state;
	sell(&p, 600);
	memcpy(in.code, p.static_code, sizeof(in.code));
	assert_string_equal(hand_in(), "live-code-required");
}

static void what_was_barred_then_or_still_is_conflicts(void **state)
{
	(void)state;
	sell(&p, 600);
	must(w, service_credential_freeze(
			w->service, p.credential, STORE_FOR_EVER, &w->err));
	assert_string_equal(hand_in(), "frozen");
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	sell(&p, 500);
	assert_string_equal(hand_in(), "accepted");
	must(w, service_credential_void(w->service, p.credential, &w->err));
	sell(&p, 400);
	assert_string_equal(hand_in(), "void");
}

/* It is free again when the sale comes, and was not when it was made. */
static void what_was_frozen_when_it_was_sold_is_a_conflict(void **state)
{
	(void)state;
	must(w, service_credential_freeze(
			w->service, p.credential, world_now(w) + 300, &w->err));
	world_pass(w, 600);
	sell(&p, 400);
	assert_string_equal(hand_in(), "frozen");
	sell(&p, 200);
	assert_string_equal(hand_in(), "accepted");
}

/* ---- amounts and times ---- */

static void amounts_have_their_bounds(void **state)
{
	(void)state;
	sell(&p, 600);
	in.amount = 2001;
	assert_string_equal(hand_in(), "not-allowed");
	sell(&p, 600);
	in.amount = UINT64_MAX;
	assert_string_equal(hand_in(), "not-allowed");
	w->service->policy.level_d_max = 1500;
	w->service->policy.level_d_day = 3000;
	sell(&p, 600);
	in.amount = 1501;
	assert_string_equal(hand_in(), "not-allowed");
	for (int i = 0; i < 3; i++) {
		sell(&p, 500 - 100 * i);
		assert_string_equal(hand_in(), "accepted");
	}
	sell(&p, 100);
	in.amount = 1;
	assert_string_equal(hand_in(), "not-allowed"); /* the day's sum */
}

static void too_late_and_from_the_future_are_conflicts(void **state)
{
	int64_t age = w->service->policy.offline_age_s;
	struct store_verification v;

	(void)state;
	sell(&p, age);
	assert_string_equal(hand_in(), "accepted");
	sell(&p, age + 1);
	assert_string_equal(hand_in(), "too-late");
	must(w, store_verification_get(w->service->store, &v, out.id, &w->err));
	assert_int_equal(v.created_at, world_now(w)); /* not kept by a time that is made up */
	sell(&p, -OFFLINE_AHEAD_S - 1);
	assert_string_equal(hand_in(), "clock");
	sell(&p, -60);
	assert_string_equal(hand_in(), "accepted");
}

static void they_are_listed(void **state)
{
	struct service_verification v = {.place = INT64_MAX};

	(void)state;
	sell(&p, 600);
	assert_string_equal(hand_in(), "accepted");
	assert_string_equal(world_start(w, &p, 1000), "");
	must(w, service_verification_before_offline(w->service, &v, v.place, &w->err));
	assert_memory_equal(v.id, out.id, CODE_ID_LEN);
	assert_string_equal(v.reason, "offline");
	assert_string_equal(v.terminal, "till");
	assert_int_equal(service_verification_before_offline(w->service, &v, v.place, &w->err),
		ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_accepted_unless_the_issuer_said_so),
		CASE(a_good_sale_is_accepted_and_recorded_once),
		CASE(a_conflict_stays_one),
		CASE(another_sale_under_the_same_id_is_refused),
		CASE(the_id_of_a_verification_is_no_way_in),
		CASE(only_terminals_that_are_not_stopped_hand_in),
		CASE(what_is_not_ours_or_not_as_issued_is_a_conflict),
		CASE(the_live_tag_must_have_been_right_then),
		CASE(one_live_tag_is_for_one_sale_of_one_terminal),
		CASE(a_picture_of_a_live_card_is_a_conflict),
		CASE(what_was_barred_then_or_still_is_conflicts),
		CASE(what_was_frozen_when_it_was_sold_is_a_conflict),
		CASE(amounts_have_their_bounds),
		CASE(too_late_and_from_the_future_are_conflicts),
		CASE(they_are_listed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
