/* SPDX-License-Identifier: Apache-2.0
 *
 * What is old goes, a little at a time; and the one use of an activation by two at the same
 * instant.
 */
#include "tests/lib/world_case.h"

#include <pthread.h>

#include "backend/sweep.h"
#include "backend/tally.h"
#include "backend/worker.h"

/* True: it left something. */
static bool sweep(void)
{
	struct tally tally = {.unswept = false};
	int ended = 0;

	w->rules.tally = &tally;
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &ended, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	w->rules.tally = NULL;
	return tally.unswept;
}

static int verifications(void)
{
	struct service_verification v = {.place = INT64_MAX};
	int n = 0;

	while (service_verification_before(w->service, &v, v.place, false, NULL) == ERR_OK)
		n++;
	return n;
}

static void pay(int times)
{
	for (int i = 0; i < times; i++) {
		world_pass(w, 31);
		assert_string_equal(world_start(w, &p, 0), "");
		assert_string_equal(world_right(w, &p), "accepted");
	}
}

static void finished_verifications_go_after_their_days_and_the_audit_stays(void **state)
{
	int64_t first = world_now(w), last;

	(void)state;
	pay(3);
	world_pass(w, 200 * 86400);
	pay(2);
	last = world_last_audit(w).seq;
	sweep();
	assert_int_equal(verifications(), 5);
	clock_set_unix(&w->clock, (first + 400 * 86400) * 1000);
	sweep();
	assert_int_equal(verifications(), 5);
	world_pass(w, 200);
	sweep();
	assert_int_equal(verifications(), 2);
	world_pass(w, 201 * 86400);
	sweep();
	assert_int_equal(verifications(), 0);
	assert_int_equal(world_last_audit(w).seq, last);
}

static void for_ever_is_for_ever_and_what_waits_is_not_taken_away(void **state)
{
	(void)state;
	w->service->policy.keep_days = 0;
	pay(1);
	world_pass(w, (int64_t)4000 * 86400);
	sweep();
	assert_int_equal(verifications(), 1);
}

/* So many that one sweep does not take them all. */
static void old_ones_go_in_bites(void **state)
{
	struct store_verification v;
	int before, after, sweeps = 0;

	(void)state;
	pay(1);
	must(w, store_verification_get(w->service->store, &v, w->started.id, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	for (int i = 0; i < 300; i++) {
		v.id[0]++;
		v.id[1] = (uint8_t)(v.id[1] + (v.id[0] == 0));
		v.deadline = 0;
		must(w, store_verification_insert(w->service->store, &v, &w->err));
	}
	must(w, store_commit(w->service->store, &w->err));
	before = verifications();
	world_pass(w, (int64_t)401 * 86400);
	assert_true(sweep()); /* ends those that wait, then takes the first */
	assert_true(sweep());
	after = verifications();
	assert_true(before == 301 && after > 0 && after < before);
	while (sweep()) /* whoever sees to it that nothing is left leaves nothing */
		assert_true(++sweeps < 10);
	assert_int_equal(verifications(), 0);
	assert_false(sweep());
}

/* A clock that was years ahead for a while: what it dated stops nobody's deletion, and is not taken
 * before its time either.
 */
static void rows_of_the_future_stop_nothing(void **state)
{
	struct store_verification v;

	(void)state;
	pay(1);
	must(w, store_verification_get(w->service->store, &v, w->started.id, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_verification_prune(w->service->store, &(int){0}, INT64_MAX, INT64_MAX, 10,
		&w->err));
	v.created_at = world_now(w) + (int64_t)3000 * 86400;
	v.deadline = 0;
	for (int i = 0; i < 200; i++) { /* more than a sweep looks at */
		v.id[0]++;
		must(w, store_verification_insert(w->service->store, &v, &w->err));
	}
	v.created_at = world_now(w);
	for (int i = 0; i < 200; i++) {
		v.id[1]++;
		must(w, store_verification_insert(w->service->store, &v, &w->err));
	}
	must(w, store_commit(w->service->store, &w->err));
	sweep();
	assert_int_equal(verifications(), 400);
	world_pass(w, (int64_t)401 * 86400);
	for (int i = 0; sweep(); i++)
		assert_true(i < 10);
	sweep();
	assert_int_equal(verifications(), 0);
}

/* Live steps alone make a sweep go on, too. */
static void many_old_steps_are_told_as_left(void **state)
{
	struct store_tag tag = {.at = world_now(w), .slot_len = 9};
	int sweeps = 0;

	(void)state;
	assert_false(sweep());
	must(w, store_begin(w->service->store, &w->err));
	for (int i = 0; i < 1100; i++) {
		be32_put(tag.slot, (uint32_t)i);
		must(w, store_tag_put(w->service->store, &tag, &w->err));
	}
	must(w, store_commit(w->service->store, &w->err));
	assert_false(sweep()); /* they are not old */
	world_pass(w, (int64_t)3 * 86400);
	while (sweep())
		assert_true(++sweeps < 10);
	assert_int_equal(sweeps, 2);
}

static void the_next_look_is_sooner_while_something_is_left(void **state)
{
	struct sweep s = {.ever = false};

	(void)state;
	assert_true(sweep_is_due(&s, 1000, 50));
	sweep_begun(&s, 1000, 50);
	assert_int_equal(sweep_wait_ms(&s), WORKER_SWEEP_S * 1000);
	assert_false(sweep_is_due(&s, 1000 + WORKER_SWEEP_S - 1, 50 + WORKER_SWEEP_MORE_MS));
	assert_true(sweep_is_due(&s, 1000 + WORKER_SWEEP_S, 50));
	assert_true(sweep_is_due(&s, 999, 50)); /* the clock was set back */
	s.more = true;
	assert_int_equal(sweep_wait_ms(&s), WORKER_SWEEP_MORE_MS);
	assert_false(sweep_is_due(&s, 1000, 50 + WORKER_SWEEP_MORE_MS - 1));
	assert_true(sweep_is_due(&s, 1000, 50 + WORKER_SWEEP_MORE_MS));
	sweep_begun(&s, 1000, 150); /* until it says so again */
	assert_false(sweep_is_due(&s, 1000, 9999));
}

static void numbers_of_an_ended_generation_are_forgotten(void **state)
{
	struct service_issued out;
	struct store_verification v;
	bool fresh = true;

	(void)state;
	pay(1);
	must(w, store_verification_get(w->service->store, &v, w->started.id, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_number_take(w->service->store, &fresh, p.credential, 1, v.number, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_false(fresh);
	must(w, service_credential_renew(w->service, &out, p.credential, 0, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_number_take(w->service->store, &fresh, p.credential, 1, v.number, &w->err));
	store_rollback(w->service->store);
	assert_true(fresh);
}

/* ---- two at the same instant ---- */

struct racer {
	struct service *service;
	const char *token;
	pthread_barrier_t *start;
	bool won;
	char word[RULES_WORD_MAX];
};

static void *race(void *arg)
{
	struct racer *r = arg;
	struct rules rules = service_rules(r->service);
	const struct rules_activation_in in = activation_of(r->token, "");
	struct rules_activation_out out;
	struct rules_problem problem;
	struct err err = {0};
	enum err_code e;

	(void)pthread_barrier_wait(r->start);
	e = store_begin(r->service->store, &err);
	if (!e)
		e = rules_activation(&rules, &out, &problem, &in, &err);
	if (!e)
		e = store_commit(r->service->store, &err);
	r->won = !e && !problem.word[0];
	(void)snprintf(r->word, sizeof(r->word), "%s", e ? err_words(e) : problem.word);
	return NULL;
}

static void one_of_two_programs_gets_an_activation(void **state)
{
	struct racer racers[2] = {{.won = false}};
	struct service_issue in = {.digits = 0};

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	for (int i = 0; i < 2; i++)
		must(w, service_open(&racers[i].service, w->dir, &w->clock, &w->err));
	for (int round = 0; round < 20; round++) {
		struct service_issued issued;
		pthread_t thread[2];
		pthread_barrier_t start;

		must(w, service_credential_issue(w->service, &issued, &in, &w->err));
		assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
		for (int i = 0; i < 2; i++) {
			racers[i].token = issued.token;
			racers[i].start = &start;
			assert_int_equal(pthread_create(&thread[i], NULL, race, &racers[i]), 0);
		}
		for (int i = 0; i < 2; i++)
			assert_int_equal(pthread_join(thread[i], NULL), 0);
		(void)pthread_barrier_destroy(&start);
		assert_int_equal(racers[0].won + racers[1].won, 1);
		assert_string_equal(racers[racers[0].won].word, "not-found");
	}
	for (int i = 0; i < 2; i++)
		service_close(&racers[i].service);
}

/* The statement itself lets only one through, also where nobody looked before. */
static void using_an_activation_twice_wins_once(void **state)
{
	struct store_activation a = {.generation = 1, .expires_at = WORLD_NOW + 100};
	bool won[2] = {false};

	(void)state;
	memcpy(a.credential, p.credential, CODE_ID_LEN);
	a.token[0] = 7;
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_activation_insert(w->service->store, &a, &w->err));
	for (int i = 0; i < 2; i++)
		must(w, store_activation_use(w->service->store, &won[i], a.token, SPAN(NULL, 0),
				WORLD_NOW, &w->err));
	store_rollback(w->service->store);
	assert_true(won[0]);
	assert_false(won[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(finished_verifications_go_after_their_days_and_the_audit_stays),
		WORLD_CASE(for_ever_is_for_ever_and_what_waits_is_not_taken_away),
		WORLD_CASE(old_ones_go_in_bites),
		WORLD_CASE(rows_of_the_future_stop_nothing),
		WORLD_CASE(many_old_steps_are_told_as_left),
		WORLD_CASE(the_next_look_is_sooner_while_something_is_left),
		WORLD_CASE(numbers_of_an_ended_generation_are_forgotten),
		WORLD_CASE(one_of_two_programs_gets_an_activation),
		WORLD_CASE(using_an_activation_twice_wins_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
