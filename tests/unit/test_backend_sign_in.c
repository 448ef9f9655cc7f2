/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators sign in: who may, how often a passphrase may be wrong, and that a name that nobody has
 * cannot be told from one that somebody has.
 */
#include "tests/lib/people_world.h"

static struct people p;

static int set_up(void **state)
{
	(void)state;
	people_set_up(&p);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(p.w);
	return 0;
}

static void a_right_passphrase_opens_a_session(void **state)
{
	(void)state;
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
	assert_string_equal(p.session.role, "teller");
	assert_string_equal(p.session.name, "Ann");
	assert_int_equal(people_role(&p, p.session.token), ROLE_OPERATOR);
	assert_int_equal(p.session.expires_at,
		world_now(p.w) + p.w->service->policy.session_lifetime_s);
	assert_string_equal(people_sign_in(&p, "Root", PASSPHRASE), "");
	assert_string_equal(p.session.role, "administrator");
	assert_int_equal(people_role(&p, p.session.token), ROLE_ADMIN);
	assert_int_equal(world_audit_count(p.w, "signed-in"), 2);
	world_audit_is_whole(p.w);
}

/* Each role is its own, comes back out of the store, and ends sessions when it changes. */
static void a_session_has_the_role_of_its_operator(void **state)
{
	static const struct {
		enum staff_role role;
		enum rules_role caller;
		const char *word;
	} ROLES[] = {{STAFF_CASHIER, ROLE_CASHIER, "cashier"},
		{STAFF_OPERATOR, ROLE_OPERATOR, "teller"},
		{STAFF_SUPERVISOR, ROLE_SUPERVISOR, "supervisor"},
		{STAFF_ADMIN, ROLE_ADMIN, "administrator"}};
	struct service_operator o;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		must(p.w, service_operator_role(p.w->service, &o, "Bob", ROLES[i].role, &p.w->err));
		assert_int_equal(o.role, ROLES[i].role);
		assert_string_equal(people_sign_in(&p, "Bob", PASSPHRASE), "");
		assert_string_equal(p.session.role, ROLES[i].word);
		assert_int_equal(people_role(&p, p.session.token), ROLES[i].caller);
		must(p.w, service_operator_stop(p.w->service, &o, "Bob", false, &p.w->err));
		assert_int_equal(o.role, ROLES[i].role); /* a stop does not change it */
	}
	assert_string_equal(people_sign_in(&p, "Bob", PASSPHRASE), "");
	must(p.w, service_operator_role(p.w->service, &o, "Bob", STAFF_CASHIER, &p.w->err));
	assert_int_equal(people_role(&p, p.session.token), ROLE_NOBODY);
	assert_int_equal(service_operator_role(p.w->service, &o, "Nobody", STAFF_ADMIN,
				 &p.w->err), ERR_NOT_FOUND);
	assert_int_equal(world_audit_count(p.w, "operator-role"), 5);
	world_audit_is_whole(p.w);
}

static void nothing_but_the_passphrase_of_that_name_does(void **state)
{
	static const struct {
		const char *name, *passphrase;
	} WRONG[] = {{"Ann", PASSPHRASE "x"}, {"Ann", "correct horse batter"}, {"Ann", ""},
		{"Ann", "Correct horse battery"}, {"ann", PASSPHRASE}, {"Ann ", PASSPHRASE},
		{"", PASSPHRASE}, {"Nobody", PASSPHRASE}};

	(void)state;
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		assert_string_equal(
			people_sign_in(&p, WRONG[i].name, WRONG[i].passphrase), "wrong-passphrase");
		assert_string_equal(p.session.token, "");
	}
	assert_int_equal(world_audit_count(p.w, "signed-in"), 0);
	/* four of a name, and four of names that nobody has: 1, 2 and 4 of each */
	assert_int_equal(world_audit_count(p.w, "sign-in-refused"), 6);
}

/* The same words, status and hash for a name that nobody has, and for one that is stopped. */
static void a_name_that_nobody_has_looks_like_a_wrong_passphrase(void **state)
{
	static const char *const NAMES[] = {"Ann", "Nobody", "Bob"};
	struct service_operator o;
	struct rules_problem first = {.status = 0};

	(void)state;
	must(p.w, service_operator_stop(p.w->service, &o, "Bob", true, &p.w->err));
	for (size_t n = 0; n < 3; n++) {
		struct rules_hash hash;
		bool right = true;

		begin(&p);
		must(p.w, rules_sign_in_begin(&p.w->rules, &hash, &p.w->problem, NAMES[n],
				SPAN(NULL, 0), span_text("wrong wrong wrong"), &p.w->err));
		commit(&p);
		assert_true(hash.wanted);
		assert_memory_equal(hash.encoded, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
		assert_int_equal(rules_hash_compare(&right, &hash, &p.w->err), ERR_OK);
		assert_false(right);
		assert_string_equal(
			people_sign_in(&p, NAMES[n], n == 2 ? PASSPHRASE : "wrong"),
			"wrong-passphrase");
		if (n == 0)
			first = p.w->problem;
		assert_int_equal(p.w->problem.status, first.status);
		assert_string_equal(p.w->problem.detail, first.detail);
	}
}

/* After five wrong ones the sixth must wait, then twice as long, and so on, for any name. */
static void wrong_passphrases_must_wait(const char *name)
{
	int64_t wait = p.w->service->policy.sign_in_wait_s;

	for (int i = 0; i < 5; i++)
		assert_string_equal(people_sign_in(&p, name, "wrong"), "wrong-passphrase");
	for (int i = 0; i < 7; i++) {
		assert_string_equal(people_sign_in(&p, name, PASSPHRASE), "too-many-attempts");
		assert_int_equal(p.w->problem.status, 429);
		assert_int_equal(p.w->problem.until_unix_s, world_now(p.w) + wait);
		world_pass(p.w, wait - 1);
		assert_string_equal(people_sign_in(&p, name, PASSPHRASE), "too-many-attempts");
		world_pass(p.w, 1);
		assert_string_equal(people_sign_in(&p, name, "wrong"), "wrong-passphrase");
		wait = wait * 2 < p.w->service->policy.sign_in_wait_max_s
			       ? wait * 2
			       : p.w->service->policy.sign_in_wait_max_s;
	}
}

static void guessing_gets_slower_for_every_name(void **state)
{
	(void)state;
	wrong_passphrases_must_wait("Ann");
	world_pass(p.w, 60);
	wrong_passphrases_must_wait("Nobody");
	/* others are not held up */
	assert_string_equal(people_sign_in(&p, "Root", PASSPHRASE), "");
	world_pass(p.w, 900);
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
	for (int i = 0; i < 5; i++) /* and the count is gone */
		assert_string_equal(people_sign_in(&p, "Ann", "wrong"), "wrong-passphrase");
}

static void passphrases_sent_at_once_are_counted_one_by_one(void **state)
{
	struct rules_hash hash[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		begin(&p);
		must(p.w, rules_sign_in_begin(&p.w->rules, &hash[i], &p.w->problem, "Ann",
				SPAN(NULL, 0), span_text("wrong"), &p.w->err));
		commit(&p);
		assert_int_equal(hash[i].wanted, i < 5);
	}
	assert_string_equal(p.w->problem.word, "too-many-attempts");
}

static void many_names_together_have_a_budget_of_a_minute(void **state)
{
	char name[16];

	(void)state;
	p.w->service->policy.sign_in_wrong_minute = 7;
	world_pass(p.w, 60 - world_now(p.w) % 60);
	for (int i = 0; i < 7; i++) {
		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_string_equal(people_sign_in(&p, name, "wrong"), "wrong-passphrase");
	}
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "too-many-attempts");
	assert_int_equal(p.w->problem.until_unix_s, world_now(p.w) + 60);
	world_pass(p.w, 60);
	for (int i = 0; i < 20; i++) /* right ones are no attempts */
		assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
}

/* Strangers keep the name waiting, and all names: not where it has signed in before. */
static void who_signed_in_from_there_before_is_not_held_up_by_strangers(void **state)
{
	char name[16];

	(void)state;
	assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "");
	for (int i = 0; i < 5; i++)
		assert_string_equal(people_sign_in_from(&p, "elsewhere", "Root", "wrong"),
			"wrong-passphrase");
	assert_string_equal(
		people_sign_in_from(&p, "a third one", "Root", PASSPHRASE), "too-many-attempts");
	assert_string_equal(people_sign_in(&p, "Root", PASSPHRASE), "too-many-attempts");
	for (int i = 0; i < 25; i++) {
		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_string_equal(
			people_sign_in_from(&p, name, name, "wrong"), "wrong-passphrase");
	}
	assert_string_equal(
		people_sign_in_from(&p, "at home", "Ann", PASSPHRASE), "too-many-attempts");
	assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "");
	/* and that did not make it easier for the strangers */
	world_pass(p.w, 29);
	assert_string_equal(
		people_sign_in_from(&p, "elsewhere", "Root", "wrong"), "too-many-attempts");
	/* guessing from there is no faster than elsewhere */
	for (int i = 0; i < 5; i++)
		assert_string_equal(people_sign_in_from(&p, "at home", "Root", "wrong"),
			"wrong-passphrase");
	assert_string_equal(
		people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "too-many-attempts");
	assert_int_equal(p.w->problem.until_unix_s, world_now(p.w) + 30);
	world_pass(p.w, 30);
	assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "");
}

static void an_address_is_known_for_a_month(void **state)
{
	int ended = 0;

	(void)state;
	assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "");
	for (int day = 0; day <= 60; day += 30) {
		for (int i = 0; i < 6; i++)
			(void)people_sign_in_from(&p, "elsewhere", "Root", "wrong");
		begin(&p);
		must(p.w, rules_sweep(&p.w->rules, &ended, &p.w->err));
		commit(&p);
		assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE),
			day < 60 ? "" : "too-many-attempts");
		world_pass(p.w, day == 0 ? 30 * 86400 - 1 : 30 * 86400);
	}
}

/* From the last sign-in on, not from the last wrong try. */
static void failing_at_an_address_does_not_keep_it_known(void **state)
{
	(void)state;
	assert_string_equal(people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "");
	world_pass(p.w, 29 * 86400);
	assert_string_equal(
		people_sign_in_from(&p, "at home", "Root", "wrong"), "wrong-passphrase");
	world_pass(p.w, 86400);
	for (int i = 0; i < 5; i++)
		assert_string_equal(people_sign_in_from(&p, "elsewhere", "Root", "wrong"),
			"wrong-passphrase");
	assert_string_equal(
		people_sign_in_from(&p, "at home", "Root", PASSPHRASE), "too-many-attempts");
}

/* Whoever guesses all day does not fill the audit, and what is there tells how often it was. */
static void refusals_are_recorded_when_they_have_doubled(void **state)
{
	struct store_audit a;
	char name[16];

	(void)state;
	p.w->service->policy.sign_in_tries = 100;
	p.w->service->policy.sign_in_wrong_minute = 100000;
	for (int i = 0; i < 17; i++)
		assert_string_equal(people_sign_in(&p, "Ann", "wrong"), "wrong-passphrase");
	assert_int_equal(world_audit_count(p.w, "sign-in-refused"), 5); /* 1 2 4 8 16 */
	a = world_last_audit(p.w);
	assert_non_null(strstr(a.detail, "\"times\":16"));
	for (int i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof(name), "name %d", i);
		assert_string_equal(people_sign_in(&p, name, "wrong"), "wrong-passphrase");
	}
	assert_int_equal(world_audit_count(p.w, "sign-in-refused"), 9); /* 1 2 4 8 of nobody */
	a = world_last_audit(p.w);
	assert_non_null(strstr(a.detail, "\"times\":8"));
	assert_null(strstr(a.detail, "operator"));
	world_pass(p.w, 86400); /* and each day anew */
	assert_string_equal(people_sign_in(&p, "Ann", "wrong"), "wrong-passphrase");
	assert_int_equal(world_audit_count(p.w, "sign-in-refused"), 10);
	world_audit_is_whole(p.w);
}

static void a_clock_set_back_locks_nobody_out(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_string_equal(people_sign_in(&p, "Ann", "wrong"), "wrong-passphrase");
	world_pass(p.w, -3600);
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "too-many-attempts");
	assert_true(p.w->problem.until_unix_s <= world_now(p.w) + 30);
}

static void sessions_end(void **state)
{
	struct service_operator o;
	struct store_staff staff;
	char token[RULES_TOKEN_MAX], other[RULES_TOKEN_MAX];

	(void)state;
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
	memcpy(token, p.session.token, sizeof(token));
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
	memcpy(other, p.session.token, sizeof(other));
	begin(&p);
	must(p.w, rules_sign_out(&p.w->rules, &p.ann, span_text(token), &p.w->err));
	commit(&p);
	assert_int_equal(people_role(&p, token), ROLE_NOBODY);
	assert_int_equal(people_role(&p, other), ROLE_OPERATOR); /* the other one stays */
	must(p.w, service_operator_passphrase(p.w->service, &o, "Ann",
			span_text("another good one"), &p.w->err));
	assert_int_equal(people_role(&p, other), ROLE_NOBODY);
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "wrong-passphrase");
	assert_string_equal(people_sign_in(&p, "Ann", "another good one"), "");
	must(p.w, service_operator_stop(p.w->service, &o, "Ann", true, &p.w->err));
	assert_int_equal(people_role(&p, p.session.token), ROLE_NOBODY);
	must(p.w, service_operator_stop(p.w->service, &o, "Ann", false, &p.w->err));
	assert_int_equal(people_role(&p, p.session.token), ROLE_NOBODY); /* for good */
	assert_string_equal(people_sign_in(&p, "Ann", "another good one"), "");
	must(p.w, store_staff_by_name(p.w->service->store, &staff, "Ann", &p.w->err));
	staff.stopped = true; /* also when nobody ended the sessions */
	begin(&p);
	must(p.w, store_staff_put(p.w->service->store, &staff, &p.w->err));
	assert_int_equal(people_role(&p, p.session.token), ROLE_NOBODY);
	store_rollback(p.w->service->store);
	world_pass(p.w, p.w->service->policy.session_lifetime_s - 1);
	assert_int_equal(people_role(&p, p.session.token), ROLE_OPERATOR);
	world_pass(p.w, 1);
	assert_int_equal(people_role(&p, p.session.token), ROLE_NOBODY);
}

/* What was compared must still be what is stored when the hash is ready. */
static void a_passphrase_changed_meanwhile_does_not_sign_in(void **state)
{
	struct service_operator o;
	struct rules_hash hash;
	bool right = false;

	(void)state;
	begin(&p);
	must(p.w, rules_sign_in_begin(&p.w->rules, &hash, &p.w->problem, "Ann",
			SPAN(NULL, 0), span_text(PASSPHRASE), &p.w->err));
	commit(&p);
	must(p.w, rules_hash_compare(&right, &hash, &p.w->err));
	assert_true(right);
	must(p.w, service_operator_passphrase(p.w->service, &o, "Ann",
			span_text("another good one"), &p.w->err));
	begin(&p);
	must(p.w, rules_sign_in_finish(&p.w->rules, &p.session, &p.w->problem, "Ann",
			SPAN(NULL, 0), &hash, right, &p.w->err));
	commit(&p);
	assert_string_equal(p.w->problem.word, "wrong-passphrase");
	assert_string_equal(p.session.token, "");
}

static void weak_passphrases_are_refused(void **state)
{
	static const char *const WEAK[] = {"", "elevenchars", "aaaaaaaaaaaaaaaa", "ababababababab",
		"I am Zoe and this is mine", "i am zoe and this is mine", "twelve \x01 chars",
		"\xc3\x28 is not text at all", "\xe4\xb8\xad\xe6\x96\x87 chars"};
	char longest[RULES_PASSPHRASE_MAX + 2];
	struct service_operator o;

	(void)state;
	for (size_t i = 0; i < sizeof(WEAK) / sizeof(WEAK[0]); i++)
		assert_int_equal(service_operator_add(p.w->service, &o, "Zoe", STAFF_OPERATOR,
					 span_text(WEAK[i]), &p.w->err), ERR_INVALID);
	for (size_t i = 0; i < sizeof(longest) - 1; i++)
		longest[i] = (char)('a' + i % 26);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(service_operator_add(p.w->service, &o, "Zoe", STAFF_OPERATOR,
				 span_text(longest), &p.w->err), ERR_INVALID);
	longest[sizeof(longest) - 2] = '\0';
	must(p.w, service_operator_add(p.w->service, &o, "Zoe", STAFF_OPERATOR,
			span_text(longest), &p.w->err));
	assert_string_equal(people_sign_in(&p, "Zoe", longest), "");
	assert_int_equal(service_operator_add(p.w->service, &o, "Zoe", STAFF_OPERATOR,
				 span_text(PASSPHRASE), &p.w->err), ERR_EXISTS);
	assert_int_equal(service_operator_stop(p.w->service, &o, "Zo", true, &p.w->err),
		ERR_NOT_FOUND);
}

static void an_operator_stopped_meanwhile_does_not_sign_in(void **state)
{
	struct service_operator o;
	struct rules_hash hash;
	bool right = false;

	(void)state;
	begin(&p);
	must(p.w, rules_sign_in_begin(&p.w->rules, &hash, &p.w->problem, "Ann",
			SPAN(NULL, 0), span_text(PASSPHRASE), &p.w->err));
	commit(&p);
	must(p.w, rules_hash_compare(&right, &hash, &p.w->err));
	must(p.w, service_operator_stop(p.w->service, &o, "Ann", true, &p.w->err));
	begin(&p);
	must(p.w, rules_sign_in_finish(&p.w->rules, &p.session, &p.w->problem, "Ann",
			SPAN(NULL, 0), &hash, right, &p.w->err));
	commit(&p);
	assert_string_equal(p.w->problem.word, "wrong-passphrase");
	assert_string_equal(p.session.token, "");
}

/* Neither the passphrase nor anything it can be searched with but the pepper. */
static void the_stored_hash_is_of_this_operator_and_this_backend(void **state)
{
	struct store_staff ann, bob;

	(void)state;
	must(p.w, store_staff_by_name(p.w->service->store, &ann, "Ann", &p.w->err));
	must(p.w, store_staff_by_name(p.w->service->store, &bob, "Bob", &p.w->err));
	assert_string_not_equal(ann.pass_hash, bob.pass_hash);
	assert_int_equal(sec_password_verify(ann.pass_hash, span_text(PASSPHRASE)), ERR_FORGED);
	memcpy(ann.pass_hash, bob.pass_hash, sizeof(ann.pass_hash)); /* moved to another row */
	begin(&p);
	must(p.w, store_staff_put(p.w->service->store, &ann, &p.w->err));
	commit(&p);
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "wrong-passphrase");
}

/* Whoever was stopped after the backup was made is not let in by it. */
static void nobody_signs_in_after_a_restore_before_being_allowed(void **state)
{
	struct service_operator o;
	char token[RULES_TOKEN_MAX];

	(void)state;
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
	memcpy(token, p.session.token, sizeof(token));
	service_close(&p.w->service);
	must(p.w, service_restore(p.w->dir, false, &p.w->clock, &p.w->err));
	world_open(p.w);
	assert_int_equal(people_role(&p, token), ROLE_NOBODY);
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "wrong-passphrase");
	must(p.w, service_operator_stop(p.w->service, &o, "Ann", false, &p.w->err));
	assert_string_equal(people_sign_in(&p, "Ann", PASSPHRASE), "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_right_passphrase_opens_a_session),
		CASE(a_session_has_the_role_of_its_operator),
		CASE(nothing_but_the_passphrase_of_that_name_does),
		CASE(a_name_that_nobody_has_looks_like_a_wrong_passphrase),
		CASE(guessing_gets_slower_for_every_name),
		CASE(passphrases_sent_at_once_are_counted_one_by_one),
		CASE(many_names_together_have_a_budget_of_a_minute),
		CASE(who_signed_in_from_there_before_is_not_held_up_by_strangers),
		CASE(an_address_is_known_for_a_month),
		CASE(failing_at_an_address_does_not_keep_it_known),
		CASE(refusals_are_recorded_when_they_have_doubled),
		CASE(a_clock_set_back_locks_nobody_out),
		CASE(sessions_end),
		CASE(a_passphrase_changed_meanwhile_does_not_sign_in),
		CASE(an_operator_stopped_meanwhile_does_not_sign_in),
		CASE(weak_passphrases_are_refused),
		CASE(the_stored_hash_is_of_this_operator_and_this_backend),
		CASE(nobody_signs_in_after_a_restore_before_being_allowed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
