/* SPDX-License-Identifier: Apache-2.0
 *
 * Customer service: who is known by which answers, what that allows, and how soon guessing ends.
 */
#include "tests/lib/people_world.h"

static struct people p;
static struct phone card; /* of the holder */

static int set_up(void **state)
{
	(void)state;
	people_set_up(&p);
	phone_new(p.w, &card, true);
	people_question(&p, "document", NULL, "AB-1234");
	people_question(&p, "birth", NULL, "1990-01-02");
	people_question(&p, "other", "First pet", "Rex");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(p.w);
	return 0;
}

static struct store_credential row(void)
{
	struct store_credential c;

	must(p.w, store_credential_get(p.w->service->store, &c, card.credential, &p.w->err));
	return c;
}

static const char *freeze_by(const struct rules_caller *who, bool call)
{
	return people_may(&p, who, call, card.credential, CALL_ACT_FREEZE);
}

static const char *change_by(const struct rules_caller *who, bool call)
{
	return people_may(&p, who, call, card.credential, CALL_ACT_CHANGE);
}

static void a_holder_is_found_by_one_thing(void **state)
{
	struct rules_call_in in = {.phone = "13800130000"};
	uint8_t other[CODE_ID_LEN];

	(void)state;
	assert_string_equal(people_call(&p, &p.ann, &in), "");
	assert_int_equal(p.call.question_count, 3);
	assert_string_equal(p.call.state, "open");
	assert_int_equal(p.call.attempts_left, 3);
	in = (struct rules_call_in){.account = "6222-0001"};
	assert_string_equal(people_call(&p, &p.ann, &in), "");
	in = (struct rules_call_in){.phone = ""};
	hex_encode(in.credential, SPAN(card.credential, CODE_ID_LEN));
	assert_string_equal(people_call(&p, &p.ann, &in), "");

	(void)snprintf(in.phone, sizeof(in.phone), "13800130000");
	assert_string_equal(people_call(&p, &p.ann, &in), "bad-request");
	in = (struct rules_call_in){.phone = ""};
	assert_string_equal(people_call(&p, &p.ann, &in), "bad-request");
	in = (struct rules_call_in){.phone = "13800130001"};
	assert_string_equal(people_call(&p, &p.ann, &in), "not-found");
	in = (struct rules_call_in){.account = "6222"};
	assert_string_equal(people_call(&p, &p.ann, &in), "not-found");
	in = (struct rules_call_in){.credential = "00112233445566778899aabbccddeeff"};
	assert_string_equal(people_call(&p, &p.ann, &in), "not-found");
	must(p.w, service_holder_add(p.w->service, other, "Li Mei", "13800130000", &p.w->err));
	assert_string_equal(people_call_phone(&p, &p.ann), "ambiguous");
	assert_int_equal(p.w->problem.status, 409);
	{ /* whoever looks for numbers that somebody has leaves a trace, without the numbers */
		struct store_audit a = world_last_audit(p.w);
		char ann[2 * CODE_ID_LEN + 1];

		hex_encode(ann, SPAN(p.ann.id, CODE_ID_LEN));
		assert_string_equal(a.kind, "call-refused");
		assert_non_null(strstr(a.detail, "\"reason\":\"ambiguous\""));
		assert_non_null(strstr(a.detail, ann));
		assert_null(strstr(a.detail, "1380"));
		assert_int_equal(world_audit_count(p.w, "call-refused"), 6);
	}
}

static void one_right_answer_freezes_two_do_everything(void **state)
{
	(void)state;
	assert_string_equal(freeze_by(&p.ann, false), "call-needed");
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(freeze_by(&p.ann, true), "not-identified");
	assert_string_equal(change_by(&p.ann, true), "not-identified");
	assert_string_equal(people_answer(&p, &p.ann, 1, "ab 1234"), "open");
	assert_true(p.call.may_freeze);
	assert_false(p.call.may_act);
	assert_string_equal(freeze_by(&p.ann, true), "");
	assert_string_equal(change_by(&p.ann, true), "not-identified");
	/* the same question again is not a second answer */
	assert_string_equal(people_answer(&p, &p.ann, 1, "ab 1234"), "open");
	assert_int_equal(p.call.right, 1);
	/* nor is a wrong one to what was answered */
	assert_string_equal(people_answer(&p, &p.ann, 1, "something else"), "open");
	assert_int_equal(p.call.attempts_left, 3);
	assert_string_equal(people_answer(&p, &p.ann, 3, " REX "), "identified");
	assert_int_equal(p.call.attempts_left, 3);
	assert_string_equal(change_by(&p.ann, true), "");
	assert_int_equal(world_audit_count(p.w, "call-identified"), 1);
	assert_int_equal(world_audit_count(p.w, "call-used"), 2); /* what was refused is none */
	assert_memory_equal(
		world_last_audit(p.w).credential, card.credential, CODE_ID_LEN);
	world_audit_is_whole(p.w);
}

static void three_wrong_answers_end_the_call(void **state)
{
	(void)state;
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1235"), "open");
	assert_int_equal(p.call.attempts_left, 2);
	assert_string_equal(people_answer(&p, &p.ann, 2, "1990-01-02"), "open");
	assert_string_equal(people_answer(&p, &p.ann, 3, "Max"), "open");
	assert_string_equal(freeze_by(&p.ann, true), "");
	assert_string_equal(people_answer(&p, &p.ann, 3, "Bello"), "failed");
	assert_false(p.call.may_freeze);
	assert_string_equal(freeze_by(&p.ann, true), "call-ended");
	assert_string_equal(people_answer(&p, &p.ann, 3, "Rex"), "call-ended");
	assert_int_equal(world_audit_count(p.w, "call-answer-wrong"), 3);
	assert_int_equal(world_audit_count(p.w, "call-failed"), 1);
}

/* Even an identified call ends: nobody tries questions out in it. */
static void an_identified_call_can_fail_too(void **state)
{
	(void)state;
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "open");
	assert_string_equal(people_answer(&p, &p.ann, 2, "1990-01-02"), "identified");
	for (int i = 0; i < 2; i++)
		assert_string_equal(people_answer(&p, &p.ann, 3, "x"), "identified");
	assert_string_equal(people_answer(&p, &p.ann, 3, "x"), "failed");
	assert_string_equal(change_by(&p.ann, true), "call-ended");
}

static void answers_sent_at_once_are_no_more_tries(void **state)
{
	struct rules_hash hash[4];
	uint8_t id[CODE_ID_LEN];

	(void)state;
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	memcpy(id, p.call.id, CODE_ID_LEN);
	for (int i = 0; i < 4; i++) {
		begin(&p);
		must(p.w, rules_call_answer_begin(&p.w->rules, &hash[i], &p.call, &p.w->problem,
				&p.ann, id, 1, span_text("guess"), &p.w->err));
		commit(&p);
		assert_int_equal(hash[i].wanted, i < 3);
	}
	assert_string_equal(p.w->problem.word, "call-ended");
}

/* The right answer to the question as it was before is no answer to the one of now. */
static void a_question_that_was_changed_while_it_was_compared_is_not_answered(void **state)
{
	struct rules_hash hash;
	uint8_t id[CODE_ID_LEN];
	bool right = false;
	int place = 0;

	(void)state;
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	memcpy(id, p.call.id, CODE_ID_LEN);
	begin(&p);
	must(p.w, rules_call_answer_begin(&p.w->rules, &hash, &p.call, &p.w->problem, &p.ann, id, 1,
			span_text("AB1234"), &p.w->err));
	commit(&p);
	must(p.w, rules_hash_compare(&right, &hash, &p.w->err));
	assert_true(right);
	must(p.w, service_question_set(p.w->service, &place, p.w->holder, "document", NULL,
			span_text("CD5678"), &p.w->err));
	assert_int_equal(place, 1);
	begin(&p);
	must(p.w, rules_call_answer_finish(&p.w->rules, &p.call, &p.w->problem, &p.ann, id, 1,
			&hash, right, &p.w->err));
	commit(&p);
	assert_int_equal(p.call.right, 0);
	assert_int_equal(p.call.attempts_left, RULES_CALL_WRONG_MAX - 1);
}

static void calls_that_identify_nobody_have_a_budget(void **state)
{
	struct rules_call_in in = {.account = "6222-0001"};

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_string_equal(people_call_phone(&p, i % 2 ? &p.ann : &p.bob), "");
	/* by whatever the holder is found, and whoever serves */
	assert_string_equal(people_call(&p, &p.ann, &in), "too-many-attempts");
	assert_int_equal(world_audit_count(p.w, "call-refused"), 1);
	world_pass(p.w, 86400);
	for (int i = 0; i < 10; i++) { /* the ones that identify do not count */
		assert_string_equal(people_call_phone(&p, &p.ann), "");
		assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "open");
		assert_string_equal(people_answer(&p, &p.ann, 3, "rex"), "identified");
	}
}

static void a_call_is_one_operators_and_one_holders(void **state)
{
	uint8_t holder[CODE_ID_LEN], account[CODE_ID_LEN];
	struct service_issue in = {.digits = 0};
	struct service_issued other;
	struct store_holder found;

	(void)state;
	must(p.w, service_holder_add(p.w->service, holder, "Han Mei", "101", &p.w->err));
	must(p.w, service_account_add(
			p.w->service, account, holder, "7", SPAN(NULL, 0), &p.w->err));
	memcpy(in.holder, holder, CODE_ID_LEN);
	memcpy(in.account, account, CODE_ID_LEN);
	must(p.w, service_credential_issue(p.w->service, &other, &in, &p.w->err));
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(people_answer(&p, &p.bob, 1, "AB1234"), "not-found");
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "open");
	assert_string_equal(people_answer(&p, &p.ann, 2, "1990-01-02"), "identified");
	assert_string_equal(change_by(&p.ann, true), "");
	assert_string_equal(change_by(&p.bob, true), "not-found");
	assert_string_equal(
		people_may(&p, &p.ann, true, other.id, CALL_ACT_FREEZE), "not-found");
	assert_string_equal(
		people_may(&p, &p.ann, true, p.ann.id, CALL_ACT_FREEZE), "not-found");
	begin(&p);
	must(p.w, rules_call_holder(&p.w->rules, &found, &p.w->problem, &p.bob, p.call.id,
			&p.w->err));
	assert_string_equal(p.w->problem.word, "not-found");
	must(p.w, rules_call_holder(&p.w->rules, &found, &p.w->problem, &p.ann, p.call.id,
			&p.w->err));
	commit(&p);
	assert_string_equal(p.w->problem.word, "");
	assert_string_equal(found.name, "Li Lei");
}

static void a_call_ends_by_hand_and_with_its_time(void **state)
{
	uint8_t id[CODE_ID_LEN];

	(void)state;
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "open");
	world_pass(p.w, p.w->service->policy.call_lifetime_s - 1);
	assert_string_equal(freeze_by(&p.ann, true), "");
	world_pass(p.w, 1);
	assert_string_equal(freeze_by(&p.ann, true), "call-ended");
	assert_string_equal(people_answer(&p, &p.ann, 2, "1990-01-02"), "call-ended");
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	memcpy(id, p.call.id, CODE_ID_LEN);
	for (int i = 0; i < 2; i++) {
		begin(&p);
		must(p.w, rules_call_end(
				&p.w->rules, &p.call, &p.w->problem, &p.ann, id, &p.w->err));
		commit(&p);
		assert_string_equal(p.call.state, "ended");
	}
	assert_int_equal(world_audit_count(p.w, "call-ended"), 1);
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "call-ended");
}

static void administrators_need_no_call(void **state)
{
	struct rules_caller wallet = {.role = ROLE_WALLET}, till = {.role = ROLE_TERMINAL};

	(void)state;
	assert_string_equal(change_by(&p.root, false), "");
	assert_string_equal(freeze_by(&p.root, false), "");
	assert_string_equal(change_by(&p.ann, false), "call-needed");
	assert_string_equal(freeze_by(&wallet, false), "call-needed");
	assert_string_equal(freeze_by(&till, false), "call-needed");
	/* to find somebody they open one, as often as they like, and need no answers */
	for (int i = 0; i < 7; i++)
		assert_string_equal(people_call_phone(&p, &p.root), "");
	assert_string_equal(p.call.state, "identified");
	assert_string_equal(change_by(&p.root, true), "");
	assert_string_equal(people_call_phone(&p, &p.ann), ""); /* that was nobody's budget */
}

static void a_holder_without_questions_is_known_to_nobody(void **state)
{
	(void)state;
	for (int place = 1; place <= 3; place++)
		must(p.w, service_question_remove(
				p.w->service, p.w->holder, place, &p.w->err));
	assert_int_equal(
		service_question_remove(p.w->service, p.w->holder, 1, &p.w->err), ERR_NOT_FOUND);
	assert_string_equal(people_call_phone(&p, &p.ann), "no-questions");
	assert_string_equal(people_call_phone(&p, &p.root), "");
	people_question(&p, "phone", NULL, "13800130000");
	/* what found the holder is no answer */
	assert_string_equal(people_call_phone(&p, &p.ann), "no-questions");
	assert_string_equal(people_call_phone(&p, &p.root), "");
	assert_int_equal(p.call.question_count, 0);
	assert_string_equal(people_call(&p, &p.ann,
				    &(struct rules_call_in){.account = "6222-0001"}), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, "138 0013 0000"), "open");
	assert_string_equal(freeze_by(&p.ann, true), ""); /* but never more than that */
	assert_string_equal(change_by(&p.ann, true), "not-identified");
}

static void questions_are_chosen_out_of_many(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		char words[16];

		(void)snprintf(words, sizeof(words), "question %d", i);
		people_question(&p, "other", words, "x1");
	}
	p.w->service->policy.calls_day = 1000;
	for (int i = 0; i < 40; i++) {
		assert_string_equal(people_call_phone(&p, &p.ann), "");
		assert_int_equal(p.call.question_count, 3);
		for (size_t k = 0; k < 3; k++) {
			assert_true(k == 0 || p.call.questions[k].number >
						      p.call.questions[k - 1].number);
			seen |= 1u << p.call.questions[k].number;
		}
	}
	assert_int_equal(seen, 0x1fe); /* each of the eight, sooner or later */
	for (int n = 1; n <= 8; n++) { /* what was not asked is no answer */
		bool asked = false;

		for (size_t k = 0; k < 3; k++)
			asked |= p.call.questions[k].number == n;
		if (!asked)
			assert_string_equal(people_answer(&p, &p.ann, n, "x1"), "bad-request");
		if (!asked)
			assert_string_equal(people_call_phone(&p, &p.ann), "");
	}
}

static void questions_and_answers_that_are_none_are_refused(void **state)
{
	static const char *const BAD[] = {"", " - ", "\xff"};
	int place = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(service_question_set(p.w->service, &place, p.w->holder,
					     "phone", NULL, span_text(BAD[i]), &p.w->err),
			ERR_OK);
	assert_int_equal(service_question_set(p.w->service, &place, p.w->holder, "pet", NULL,
				 span_text("Rex"), &p.w->err), ERR_INVALID);
	assert_int_equal(service_question_set(p.w->service, &place, p.w->holder, "other", NULL,
				 span_text("Rex"), &p.w->err), ERR_INVALID);
	assert_int_equal(service_question_set(p.w->service, &place, p.w->account, "phone", NULL,
				 span_text("1"), &p.w->err), ERR_NOT_FOUND);
	assert_string_equal(people_call_phone(&p, &p.ann), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, " - "), "bad-request");
	assert_string_equal(people_answer(&p, &p.ann, 9, "x"), "bad-request");
	assert_string_equal(people_answer(&p, &p.ann, 0, "x"), "bad-request");
	assert_string_equal(people_answer(&p, &p.ann, 1, "AB1234"), "open");
	assert_int_equal(p.call.attempts_left, 3); /* none of that was a wrong answer */
}

/* A freeze ends what runs; the same act by command tells the same in the audit. */
static void acts_have_their_operator_in_the_audit_and_no_name(void **state)
{
	char actor[RULES_ACTOR_MAX], hex[RULES_ACTOR_MAX + 16];
	struct rules_problem problem;
	struct store_audit a = {.seq = 0};

	(void)state;
	rules_actor(actor, &p.ann);
	assert_string_equal(world_start(p.w, &card, 0), "");
	begin(&p);
	must(p.w, rules_credential_freeze(
			&p.w->rules, &problem, card.credential, 0, actor, &p.w->err));
	commit(&p);
	assert_string_equal(problem.word, "");
	assert_string_equal(world_state(p.w), "rejected");
	assert_true(row().frozen_until == STORE_FOR_EVER);
	must(p.w, service_actor_set(p.w->service, "Ann", &p.w->err));
	must(p.w, service_credential_unfreeze(p.w->service, card.credential, &p.w->err));
	(void)snprintf(hex, sizeof(hex), "\"operator\":\"%s\"", actor);
	assert_non_null(strstr(world_last_audit(p.w).detail, hex));
	while (store_audit_next(p.w->service->store, &a, a.seq, &p.w->err) == ERR_OK) {
		static const char *const PERSONAL[] = {"Ann", "Li Lei", "13800130000", "6222",
			"AB", "Rex", "1990", "battery"};

		if (strcmp(a.kind, "frozen") == 0)
			assert_non_null(strstr(a.detail, hex));
		for (size_t i = 0; i < sizeof(PERSONAL) / sizeof(PERSONAL[0]); i++)
			assert_null(strstr(a.detail, PERSONAL[i]));
	}
	assert_int_equal(service_actor_set(p.w->service, "Nobody", &p.w->err), ERR_NOT_FOUND);
}

/* Answers are few and easily guessed: nothing in the file helps without the master key. */
static void stored_answers_are_of_this_holder_and_peppered(void **state)
{
	struct store_question q, twin;
	uint8_t holder[CODE_ID_LEN];
	int place = 0;

	(void)state;
	must(p.w, store_question_after(p.w->service->store, &q, p.w->holder, 2, &p.w->err));
	assert_int_equal(sec_password_verify(q.answer_hash, span_text("rex")), ERR_FORGED);
	must(p.w, service_holder_add(p.w->service, holder, "Li Mei", "102", &p.w->err));
	must(p.w, service_question_set(p.w->service, &place, holder, "other", "First pet",
			span_text("Cat"), &p.w->err));
	twin = q;
	memcpy(twin.holder, holder, CODE_ID_LEN);
	twin.place = place;
	begin(&p);
	must(p.w, store_question_put(p.w->service->store, &twin, &p.w->err));
	commit(&p);
	assert_string_equal(
		people_call(&p, &p.ann, &(struct rules_call_in){.phone = "102"}), "");
	assert_string_equal(people_answer(&p, &p.ann, 1, "Rex"), "open");
	assert_int_equal(p.call.attempts_left, 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_holder_is_found_by_one_thing),
		CASE(one_right_answer_freezes_two_do_everything),
		CASE(three_wrong_answers_end_the_call),
		CASE(an_identified_call_can_fail_too),
		CASE(answers_sent_at_once_are_no_more_tries),
		CASE(a_question_that_was_changed_while_it_was_compared_is_not_answered),
		CASE(calls_that_identify_nobody_have_a_budget),
		CASE(a_call_is_one_operators_and_one_holders),
		CASE(a_call_ends_by_hand_and_with_its_time),
		CASE(administrators_need_no_call),
		CASE(a_holder_without_questions_is_known_to_nobody),
		CASE(questions_are_chosen_out_of_many),
		CASE(questions_and_answers_that_are_none_are_refused),
		CASE(acts_have_their_operator_in_the_audit_and_no_name),
		CASE(stored_answers_are_of_this_holder_and_peppered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
