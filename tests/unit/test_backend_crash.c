/* SPDX-License-Identifier: Apache-2.0
 *
 * kill -9 at many moments: what was acknowledged is there, the chain is whole, nothing was decided
 * twice. The child acknowledges through a pipe after each commit, as the server answers.
 */
#include "tests/lib/world_case.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 40
#define SHARED 3 /* requests of one transaction */

struct acknowledged {
	uint8_t id[CODE_ID_LEN];
	enum rules_state state;
	char receipt[RULES_RECEIPT_MAX];
};

/* ---- the child: no assertion here, only exits ---- */

static void check(bool good)
{
	if (!good)
		_exit(9);
}

static void one(struct acknowledged *out, int n)
{
	struct rules_start_in in = {.amount = (uint64_t)n + 1, .currency = "EUR"};
	struct rules_verification seen;
	struct rules_hash hash;
	char code[CODE_TEXT_MAX];

	phone_first_code(&p, in.code, world_now(w));
	check(!rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in, NULL));
	check(!w->problem.word[0]);
	phone_answer(w, &p, code, &(struct how){.wrong = n % 7 == 0});
	check(!rules_verification_answer(&w->rules, &seen, &w->problem, &w->till, w->started.id,
		code, NULL));
	check(!w->problem.word[0]);
	if (n % 2 && seen.state == STATE_ACCEPTED) {
		check(!rules_pin_begin(&w->rules, &hash, &seen, &w->problem, &w->till,
			w->started.id, 1, span_text(WORLD_PIN), NULL));
		check(!rules_pin_finish(&w->rules, &seen, &w->problem, &w->till, w->started.id, 1,
			&hash, n % 3 != 0, NULL));
	}
	memset(out, 0, sizeof(*out));
	memcpy(out->id, w->started.id, CODE_ID_LEN);
	out->state = seen.state;
	memcpy(out->receipt, seen.receipt, sizeof(out->receipt));
}

static void limits_off(struct policy *policy)
{
	policy->starts_hour = policy->starts_day = policy->start_delay_after = 1000000;
	policy->starts_per_tag = policy->failures_freeze = policy->pin_lock_after = 1000000;
	policy->terminal_wrong_stop = policy->terminal_starts_hour = 1000000;
	policy->account_starts_hour = policy->account_starts_day = 1000000;
	policy->audit_checkpoint_every = 5;
}

static _Noreturn void work(int to)
{
	struct acknowledged done[SHARED];

	check(!service_open(&w->service, w->dir, &w->clock, NULL));
	w->rules = service_rules(w->service);
	limits_off(&w->service->policy);
	for (int n = 1;; n++) {
		world_pass(w, 1);
		check(!store_begin(w->service->store, NULL));
		for (int i = 0; i < SHARED; i++) {
			check(!store_savepoint(w->service->store, NULL));
			one(&done[i], n * SHARED + i);
			check(!store_release(w->service->store, NULL));
		}
		check(!store_commit(w->service->store, NULL));
		check(write(to, done, sizeof(done)) == (ssize_t)sizeof(done));
		service_after_commit(w->service);
	}
}

/* ---- the parent ---- */

static int killed_child(int round)
{
	int ends[2], status = 0;
	struct timespec wait = {.tv_nsec = (1 + (round * 7919) % 60) * 1000000L};
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		work(ends[1]);
	}
	(void)close(ends[1]);
	(void)nanosleep(&wait, NULL);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		fail_msg("the child gave up with %d", WEXITSTATUS(status));
	return ends[0];
}

/* Every acknowledged decision is recorded, exactly as it was answered. */
static int look(int from)
{
	struct acknowledged a;
	int count = 0;

	while (read(from, &a, sizeof(a)) == (ssize_t)sizeof(a)) {
		struct store_verification v;

		must(w, store_verification_get(w->service->store, &v, a.id, &w->err));
		assert_int_equal(v.state, a.state);
		assert_string_equal(v.receipt, a.receipt);
		count++;
	}
	(void)close(from);
	return count;
}

static int records_of(const uint8_t *id, const char *kind)
{
	struct store_audit r = {.seq = 0};
	int n = 0;

	while (store_audit_next(w->service->store, &r, r.seq, &w->err) == ERR_OK)
		n += strcmp(r.kind, kind) == 0 && memcmp(r.verification, id, CODE_ID_LEN) == 0;
	return n;
}

static void killed_backend_keeps_every_acknowledged_decision(void **state)
{
	struct store_audit last;
	int acknowledged = 0;

	(void)state;
	service_close(&w->service);
	for (int round = 0; round < ROUNDS; round++) {
		int from = killed_child(round);

		world_open(w);
		acknowledged += look(from);
		world_audit_is_whole(w);
		service_close(&w->service);
	}
	assert_true(acknowledged > ROUNDS);
	world_open(w);
	must(w, store_audit_last(w->service->store, &last, &w->err));
	if (last.verification_len)
		assert_true(records_of(last.verification, "accepted") <= 1);
	assert_true(world_audit_count(w, "accepted") >= world_audit_count(w, "authorised"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_backend_keeps_every_acknowledged_decision,
			world_set_up_pin, world_tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
