/* SPDX-License-Identifier: Apache-2.0
 *
 * Freezing, voids, stops and budgets: what a guesser meets, and what a stranger with a photograph
 * cannot do to the owner.
 */
#include "tests/lib/world_case.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static struct store_credential row(const struct phone *of)
{
	struct store_credential c;

	must(w, store_credential_get(w->service->store, &c, of->credential, &w->err));
	return c;
}

/* One wrong answer to a fresh code, a step later than the one before. */
static void fail_once(const struct phone *of)
{
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, of, 0), "");
	assert_string_equal(world_wrong(w, of), "rejected");
}

static void fail_times(const struct phone *of, int times)
{
	for (int i = 0; i < times; i++)
		fail_once(of);
}

/* ---- freezing ---- */

static void five_wrong_in_a_row_freeze_and_a_success_between_clears(void **state)
{
	(void)state;
	fail_times(&p, 4);
	assert_int_equal(row(&p).failures, 4);
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_int_equal(row(&p).failures, 0);
	fail_times(&p, 4);
	assert_int_equal(row(&p).frozen_until, 0);
	fail_once(&p);
	assert_int_equal(row(&p).frozen_until, world_now(w) + 900);
	assert_int_equal(world_audit_count(w, "frozen"), 1);
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "frozen");
	assert_int_equal(w->problem.until_unix_s, world_now(w) - CODE_STEP_S + 900);
}

static void freezes_double_and_the_row_after_the_third_voids(void **state)
{
	const int64_t seconds[] = {900, 1800, 3600};

	(void)state;
	for (int i = 0; i < 3; i++) {
		world_pass(w, 4000); /* outside the budget of an hour */
		fail_times(&p, 5);
		assert_int_equal(row(&p).frozen_until, world_now(w) + seconds[i]);
		world_pass(w, seconds[i] - 1);
		assert_string_equal(world_start(w, &p, 0), "frozen");
		world_pass(w, 1);
	}
	assert_false(row(&p).is_void);
	world_pass(w, 4000);
	fail_times(&p, 4);
	assert_false(row(&p).is_void);
	fail_once(&p);
	assert_true(row(&p).is_void);
	assert_int_equal(world_audit_count(w, "frozen"), 3);
	assert_int_equal(world_audit_count(w, "void"), 1);
	world_pass(w, 100000);
	assert_string_equal(world_start(w, &p, 0), "void");
}

static void success_clears_the_freezes_too(void **state)
{
	(void)state;
	fail_times(&p, 5);
	world_pass(w, 900);
	assert_int_equal(row(&p).freezes, 1);
	world_pass(w, 4000);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_int_equal(row(&p).freezes, 0);
	world_pass(w, 4000);
	fail_times(&p, 5);
	assert_int_equal(row(&p).frozen_until, world_now(w) + 900);
}

static void open_verification_of_a_frozen_credential_tells_and_counts_nothing(void **state)
{
	struct rules_start_out open;

	(void)state;
	fail_times(&p, 4);
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 77), "");
	open = w->started;
	world_pass(w, 1); /* the sixth unfinished one is delayed by a second */
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_wrong(w, &p), "rejected");
	assert_true(row(&p).frozen_until > world_now(w));
	w->started = open;
	assert_string_equal(world_right(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
	assert_int_equal(row(&p).failures, 0);
}

/* ---- a photographed code ---- */

/* As many wrong answers as the limits allow, from one code, at one terminal. */
static int attack(const struct rules_caller *who, const char *code, const struct phone *of,
	int64_t seconds)
{
	char answer[CODE_TEXT_MAX];
	int wrong = 0;

	for (int64_t at = 0; at < seconds; at++) {
		if (!world_start_code(w, who, code, (uint64_t)at)[0]) {
			phone_answer(w, of, answer, &(struct how){.wrong = true});
			wrong += !world_answer_code(w, who, answer)[0];
		}
		world_pass(w, 1);
	}
	return wrong;
}

static void one_photographed_live_code_cannot_freeze_its_owner(void **state)
{
	char code[CODE_TEXT_MAX];
	int wrong;

	(void)state;
	w->service->policy.starts_per_tag = 100; /* even if only the count per tag were there */
	w->service->policy.start_delay_after = 10000;
	w->service->policy.starts_hour = w->service->policy.starts_day = 100000;
	phone_first_code(&p, code, world_now(w) + 2 * CODE_STEP_S); /* the longest life there is */
	wrong = attack(&w->other, code, &p, 200);
	assert_true(wrong > 20);
	assert_int_equal(row(&p).failures, 2);
	assert_int_equal(row(&p).frozen_until, 0);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
}

static void one_photographed_live_code_does_not_spend_the_owners_budget(void **state)
{
	char code[CODE_TEXT_MAX];

	(void)state;
	phone_first_code(&p, code, world_now(w) + 2 * CODE_STEP_S);
	assert_int_equal(attack(&w->other, code, &p, 140), 4);
	assert_int_equal(row(&p).frozen_until, 0);
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
}

static void photographed_static_code_stops_the_terminal_and_not_the_owner(void **state)
{
	struct phone card;

	(void)state;
	w->service->policy.start_delay_after = 10000;
	w->service->policy.starts_hour = w->service->policy.starts_day = 100000;
	phone_new_static(w, &card, 8);
	assert_int_equal(attack(&w->other, card.static_code, &card, 3600), 10);
	assert_string_equal(w->problem.word, "terminal-stopped");
	assert_int_equal(row(&card).failures, 2);
	assert_int_equal(row(&card).frozen_until, 0);
	assert_int_equal(world_audit_count(w, "terminal-stopped"), 1);
	assert_string_equal(world_start(w, &card, 0), ""); /* at the honest one */
	assert_string_equal(world_right(w, &card), "accepted");
}

static void many_terminals_together_do_freeze_a_guessed_static_code(void **state)
{
	struct rules_caller third;
	struct phone card;

	(void)state;
	world_enrol(w, &third, "third");
	phone_new_static(w, &card, 8);
	assert_true(attack(&w->till, card.static_code, &card, 5) >= 2);
	assert_true(attack(&w->other, card.static_code, &card, 60) >= 2);
	assert_int_equal(row(&card).frozen_until, 0);
	assert_true(attack(&third, card.static_code, &card, 600) >= 1);
	assert_true(row(&card).frozen_until > 0);
}

/* ---- terminals ---- */

static void terminal_is_stopped_by_a_long_row_of_wrong_answers(void **state)
{
	struct store_terminal t;

	(void)state;
	w->service->policy.terminal_wrong_stop = 6;
	w->service->policy.failures_freeze = 100;
	fail_times(&p, 5);
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	world_pass(w, 4000);
	fail_times(&p, 6);
	must(w, store_terminal_get(w->service->store, &t, w->till.id, &w->err));
	assert_true(t.stopped);
	assert_int_equal(world_audit_count(w, "terminal-stopped"), 1);
	world_pass(w, 4000);
	assert_string_equal(world_start(w, &p, 0), "terminal-stopped");
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
}

static void terminal_has_a_budget_of_unfinished_starts(void **state)
{
	char code[CODE_TEXT_MAX];
	struct phone q[3];

	(void)state;
	w->service->policy.terminal_starts_hour = 3;
	for (int i = 0; i < 3; i++) {
		phone_new(w, &q[i], false);
		world_pass(w, 10);
		assert_string_equal(world_start(w, &q[i], 0), "");
	}
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	assert_int_equal(w->problem.until_unix_s, WORLD_NOW + 10 + 3600);
	world_pass(w, CODE_STEP_S); /* the code of this step is the first till's now */
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &w->other, code, 0), "");
	world_pass(w, 3600 - 20 - CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_start(w, &q[0], 0), "too-many-attempts");
}

/* ---- budgets of a credential ---- */

static void finished_verifications_cost_no_budget(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		world_pass(w, CODE_STEP_S);
		assert_string_equal(world_start(w, &p, 0), "");
		assert_string_equal(world_right(w, &p), "accepted");
	}
}

static void unfinished_starts_are_slowed_down_more_and_more(void **state)
{
	const int64_t delays[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};

	(void)state;
	w->service->policy.starts_per_tag = 100;
	for (int i = 0; i < 5; i++) {
		world_pass(w, CODE_STEP_S);
		assert_string_equal(world_start(w, &p, 0), "");
		assert_string_equal(world_cancel(w), "cancelled");
	}
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		assert_string_equal(world_start(w, &p, i), "too-many-attempts");
		assert_int_equal(w->problem.status, 429);
		assert_int_equal(w->problem.until_unix_s, world_now(w) + delays[i]);
		world_pass(w, delays[i] - 1);
		assert_string_equal(world_start(w, &p, i), "too-many-attempts");
		world_pass(w, 1);
		assert_string_equal(world_start(w, &p, i), "");
		assert_string_equal(world_cancel(w), "cancelled");
	}
	assert_int_equal(row(&p).frozen_until, 0); /* never a freeze */
}

static void budgets_of_an_hour_and_of_a_day_end_with_the_time_to_wait(void **state)
{
	int64_t first = WORLD_NOW + CODE_STEP_S;

	(void)state;
	w->service->policy.start_delay_after = 1000;
	for (int i = 0; i < 20; i++) {
		world_pass(w, CODE_STEP_S);
		assert_string_equal(world_start(w, &p, 0), "");
	}
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	assert_int_equal(w->problem.until_unix_s, first + 3600);
	world_pass(w, first + 3600 - world_now(w) - 1);
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	world_pass(w, 1);
	assert_string_equal(world_start(w, &p, 0), "");
	for (int i = 0; i < 79; i++) {
		world_pass(w, 200);
		assert_string_equal(world_start(w, &p, 0), "");
	}
	world_pass(w, 200);
	assert_string_equal(world_start(w, &p, 0), "too-many-attempts");
	assert_int_equal(w->problem.until_unix_s, first + 86400);
	world_pass(w, first + 86400 - world_now(w));
	assert_string_equal(world_start(w, &p, 0), "");
}

/* Each alone would have its own 20 an hour. */
static void credentials_of_one_account_have_a_budget_together(void **state)
{
	struct phone of_account[4], of_another;
	int64_t first = WORLD_NOW + 2;
	int made = 0;

	(void)state;
	w->service->policy.start_delay_after = 1000;
	w->service->policy.account_starts_hour = 10;
	w->service->policy.account_starts_day = 14;
	phone_new(w, &of_another, true);
	for (int i = 0; i < 4; i++)
		phone_new(w, &of_account[i], false);
	world_pass(w, 1);
	assert_string_equal(world_start(w, &of_another, 0), "");
	for (int i = 0; i < 20; i++) {
		world_pass(w, i ? CODE_STEP_S : 1);
		made += world_start(w, &of_account[i % 2], 0)[0] == '\0';
	}
	assert_int_equal(made, 10);
	assert_string_equal(w->problem.word, "too-many-attempts");
	assert_int_equal(w->problem.status, 429);
	assert_int_equal(w->problem.until_unix_s, first + 3600);
	assert_non_null(strstr(w->problem.detail, "account"));
	/* one that has nothing unfinished may start once, and is then counted with the others */
	assert_string_equal(world_start(w, &of_account[2], 0), "");
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &of_account[2], 0), "too-many-attempts");
	/* the other account is not meant */
	assert_string_equal(world_start(w, &of_another, 0), "");
	/* what is accepted is not unfinished */
	assert_string_equal(world_start(w, &of_account[3], 0), "");
	assert_string_equal(world_right(w, &of_account[3]), "accepted");
	world_pass(w, CODE_STEP_S);
	assert_string_equal(world_start(w, &of_account[3], 0), "");
	/* and of a day */
	world_pass(w, 3600);
	for (int i = 0; i < 4; i++) {
		world_pass(w, CODE_STEP_S);
		made += world_start(w, &of_account[0], 0)[0] == '\0';
	}
	assert_int_equal(made, 12); /* with the two above: 14 */
	assert_string_equal(w->problem.word, "too-many-attempts");
	assert_int_equal(w->problem.until_unix_s, first + 86400);
	world_pass(w, first + 86400 - world_now(w));
	assert_string_equal(world_start(w, &of_account[0], 0), "");
}

/* PROTOCOL.md section 8.5 and docs/threats.md: the chance of a dishonest counter that has collected
 * answers is starts x answers / 10^digits. The best it can do is to start as often as the budgets
 * of the default policy let it.
 */
#define STARTS_OF_A_DAY 100
#define STARTS_OF_150_S 20
#define COLLECTED       10

/* Tries every step_s; when they were granted goes to at. Counts at most room of them. */
static size_t starts_granted(int64_t *at, size_t room, int64_t seconds, int64_t step_s)
{
	int64_t began = world_now(w);
	size_t count = 0;

	for (int64_t t = 0; t < seconds; t += step_s) {
		if (!world_start(w, &p, (uint64_t)t)[0] && count < room)
			at[count++] = world_now(w) - began;
		world_pass(w, step_s);
	}
	return count;
}

/* The most that lie within any time of that length. */
static size_t most_within(const int64_t *at, size_t count, int64_t seconds)
{
	size_t most = 0;

	for (size_t from = 0, to = 0; to < count; to++) {
		while (at[to] - at[from] >= seconds)
			from++;
		if (to - from + 1 > most)
			most = to - from + 1;
	}
	return most;
}

static double chance(size_t starts, int64_t digits)
{
	double numbers = 1;

	for (int64_t i = 0; i < digits; i++)
		numbers *= 10;
	return (double)(starts * COLLECTED) / numbers;
}

static void starts_of_a_day_stay_within_the_preplay_bound(void **state)
{
	int64_t at[2 * STARTS_OF_A_DAY];
	size_t starts = starts_granted(at, 2 * STARTS_OF_A_DAY, 86400, 10);

	(void)state;
	assert_in_range(starts, STARTS_OF_A_DAY / 2, STARTS_OF_A_DAY);
	assert_true(chance(starts, w->service->policy.digits) <= 0.001);
	/* static: docs/threats.md says 100 a / 10^8 */
	assert_true(chance(starts, w->service->policy.digits_static) <= 0.00001);
	assert_true(w->service->policy.digits_static >= 8);
}

static void starts_while_an_answer_lives_stay_within_the_preplay_bound(void **state)
{
	int64_t at[2 * STARTS_OF_A_DAY];
	size_t count = starts_granted(at, 2 * STARTS_OF_A_DAY, 900, 1);
	size_t starts = most_within(at, count, 150);

	(void)state;
	assert_int_equal(150, 5 * CODE_STEP_S);
	assert_in_range(starts, 2, STARTS_OF_150_S);
	assert_true(chance(starts, w->service->policy.digits) <= 0.0002);
}

static void the_threat_model_states_these_figures(void **state)
{
	char text[32768];
	FILE *in = fopen("docs/threats.md", "re");
	size_t n;

	(void)state;
	assert_non_null(in);
	n = fread(text, 1, sizeof(text) - 1, in);
	(void)fclose(in);
	text[n] = '\0';
	assert_non_null(strstr(text, "With n = 6, s = 100 a day and a = 10 answers: 0.1 % a day"));
	assert_non_null(strstr(text, "(150 s): in that time the budget allows 20 starts"));
	assert_non_null(strstr(text, "With the static policy n is at least 8: 100·a / 10^8"));
}

/* ---- what is written ---- */

static void accepted_verification_of_a_clean_credential_writes_no_credential_row(void **state)
{
	static const char who_wrote[] = "SELECT sum(xmin::text::bigint) FROM"
		" (SELECT xmin FROM credential UNION ALL SELECT xmin FROM terminal) rows";
	int64_t before;
	sqlite3 *db = NULL;

	(void)state;
	if (w->url[0]) {
		before = test_store_number(w->url, who_wrote);
		assert_string_equal(world_start(w, &p, 0), "");
		assert_string_equal(world_right(w, &p), "accepted");
		assert_int_equal(test_store_number(w->url, who_wrote), before);
		return;
	}
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TRIGGER c BEFORE UPDATE ON credential BEGIN"
		" SELECT RAISE(ABORT,'written'); END; CREATE TRIGGER t BEFORE UPDATE ON terminal"
		" BEGIN SELECT RAISE(ABORT,'written'); END", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
}

static void used_live_steps_are_forgotten_when_they_cannot_matter(void **state)
{
	struct store_tag tag = {.slot_len = 9};
	struct store_verification v = {.state = 0};
	int expired;

	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	rules_slot_live(&v, code_step(world_now(w)));
	memcpy(tag.credential, p.credential, CODE_ID_LEN);
	memcpy(tag.slot, v.slot, sizeof(tag.slot));
	for (int days = 0; days < 3; days++) {
		must(w, store_begin(w->service->store, &w->err));
		must(w, rules_sweep(&w->rules, &expired, &w->err));
		must(w, store_commit(w->service->store, &w->err));
		assert_int_equal(store_tag_get(w->service->store, &tag, &w->err),
			days < 2 ? ERR_OK : ERR_NOT_FOUND);
		world_pass(w, days ? 86401 : 86400);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(five_wrong_in_a_row_freeze_and_a_success_between_clears),
		WORLD_CASE(freezes_double_and_the_row_after_the_third_voids),
		WORLD_CASE(success_clears_the_freezes_too),
		WORLD_CASE(open_verification_of_a_frozen_credential_tells_and_counts_nothing),
		WORLD_CASE(one_photographed_live_code_cannot_freeze_its_owner),
		WORLD_CASE(one_photographed_live_code_does_not_spend_the_owners_budget),
		WORLD_CASE(photographed_static_code_stops_the_terminal_and_not_the_owner),
		WORLD_CASE(many_terminals_together_do_freeze_a_guessed_static_code),
		WORLD_CASE(terminal_is_stopped_by_a_long_row_of_wrong_answers),
		WORLD_CASE(terminal_has_a_budget_of_unfinished_starts),
		WORLD_CASE(finished_verifications_cost_no_budget),
		WORLD_CASE(unfinished_starts_are_slowed_down_more_and_more),
		WORLD_CASE(credentials_of_one_account_have_a_budget_together),
		WORLD_CASE(budgets_of_an_hour_and_of_a_day_end_with_the_time_to_wait),
		WORLD_CASE(starts_of_a_day_stay_within_the_preplay_bound),
		WORLD_CASE(starts_while_an_answer_lives_stay_within_the_preplay_bound),
		WORLD_CASE(the_threat_model_states_these_figures),
		WORLD_CASE(accepted_verification_of_a_clean_credential_writes_no_credential_row),
		WORLD_CASE(used_live_steps_are_forgotten_when_they_cannot_matter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
