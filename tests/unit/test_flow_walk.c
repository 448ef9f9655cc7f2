/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow under everything that can happen, in any order: 100,000 random days at the counter from
 * a fixed seed, and every state that can be reached, breadth first. The rules are in flow_rules.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/lib/flow_happenings.h"
#include "tests/lib/flow_rules.h"

#define SEQUENCES     100000
#define STEPS         60
#define STEPS_TO_REST 200 /* of time and lost answers, until nothing runs any more */

/* ---- random ---- */

static void walk(
	struct chance *chance_, struct flow_rules *rules, unsigned *reached, bool offline)
{
	struct flow_actions out;
	struct flow f, before;
	int64_t now = 0;

	flow_init(&f);
	f.offline = f.down = offline;
	rules->pin_open = rules->answer_sent = rules->pin_sent = rules->pending = false;
	rules->open_serial = rules->last_serial = 0;
	for (int i = 0; i < STEPS; i++) {
		struct flow_event ev = chance_event(chance_, &f, &now);
		const char *broken;

		before = f;
		flow_step(&f, &out, &ev);
		broken = rules_check(rules, &before, &ev, &f, &out);
		if (broken)
			fail_msg("step %d, %s with event %d -> %s: %s", i,
				flow_phase_word(before.phase), (int)ev.kind,
				flow_phase_word(f.phase), broken);
		reached[f.phase]++;
	}
}

static void no_random_sequence_breaks_a_rule(void **state)
{
	struct chance chance_ = {.state = 20261121};
	unsigned reached[FLOW_PHASE_COUNT] = {0};
	struct flow_rules rules = {0};

	(void)state;
	for (int i = 0; i < SEQUENCES; i++)
		walk(&chance_, &rules, reached, i % 2);
	/* A walk that goes nowhere proves nothing. */
	for (size_t p = 0; p < FLOW_PHASE_COUNT; p++)
		assert_true(reached[p] > SEQUENCES / 4);
	assert_true(rules.accepted > SEQUENCES / 4);
	assert_true(rules.unconfirmed > SEQUENCES / 40);
	print_message("# %u results, %u of them accepted\n", rules.finished, rules.accepted);
}

/* ---- all states ---- */

#define STATES_MAX 120000
#define TABLE_SIZE (1u << 18) /* slots; a power of two */

struct place {
	struct flow f;
	int64_t now;
	struct flow_rules rules;
	unsigned depth;
};

struct atlas {
	struct place **list;
	size_t count;
	uint64_t *seen; /* hashes, open addressing; 0 = free */
};

/* Two states are one when they differ only in what nothing decides by: how long exactly until a
 * time that lies ahead, which serials were used, which of the second codes 1 to 3 is which.
 */
static uint8_t ahead(int64_t t, int64_t now)
{
	return t == INT64_MAX ? 2 : t > now;
}

/* A and B can come back, the others are one as good as the other. */
static uint8_t who(const uint8_t *id)
{
	return id[0] == 'A' || id[0] == 'B' || id[0] == 0 ? id[0] : 'x';
}

struct key {
	uint8_t phase, verdict, reason, pin_done, notice, in_flight, tries, pin_try;
	uint8_t next, deadline, number_end, uncertain_end;
	uint8_t first_code, who, second_code, still_open, id, ended, held, held_in_view, held_who;
	uint8_t cancelled_start, known, attempts_left, pin_required, lost, given_up, offline_asked;
};

static struct key key_of(const struct flow *f, int64_t now)
{
	return (struct key){
		.phase = (uint8_t)f->phase,
		.verdict = (uint8_t)f->verdict,
		.reason = (uint8_t)f->reason,
		.pin_done = f->pin_done,
		.notice = f->notice != REASON_NONE,
		.in_flight = f->in_flight,
		/* From six on the pauses are at their longest. */
		.tries = (uint8_t)(f->tries < 6 ? f->tries : 6),
		.pin_try = (uint8_t)f->pin_try,
		.next = ahead(f->next_ms, now),
		.deadline = ahead(f->deadline_ms, now),
		.number_end = ahead(f->number_end_ms, now),
		.uncertain_end = f->uncertain_end_ms ? ahead(f->uncertain_end_ms, now) : 3,
		.first_code = f->first_code[0] != 0,
		.who = who(f->credential_id),
		.second_code = f->second_code[0] != 0,
		.still_open = (uint8_t)f->still_open,
		.id = f->id[0] != 0,
		.ended = f->ended,
		.held = f->held,
		.held_in_view = f->held_in_view,
		.held_who = f->held ? who(f->held_id) : 0,
		.cancelled_start =
			(uint8_t)(f->cancelled_start ? 1 + (f->serial == f->cancelled_start) : 0),
		.known = (uint8_t)(f->answered_next < 4 ? f->answered_next : 4),
		.attempts_left = f->attempts_left >= 0,
		/* After the result these decide nothing. */
		.pin_required = f->phase != FLOW_RESULT && f->pin_required,
		.lost = f->phase != FLOW_RESULT && f->lost,
		.given_up = f->phase != FLOW_RESULT && f->given_up,
		.offline_asked = f->phase != FLOW_RESULT && f->offline_asked,
	};
}

static uint64_t hash(const struct key *k)
{
	const uint8_t *p = (const uint8_t *)k;
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < sizeof *k; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h ? h : 1;
}

static bool is_new(struct atlas *a, uint64_t h)
{
	size_t at = h & (TABLE_SIZE - 1);

	while (a->seen[at] && a->seen[at] != h)
		at = (at + 1) & (TABLE_SIZE - 1);
	if (a->seen[at])
		return false;
	a->seen[at] = h;
	return true;
}

static void visit(struct atlas *a, const struct place *p)
{
	struct key key = key_of(&p->f, p->now);

	if (!is_new(a, hash(&key)))
		return;
	assert_true(a->count < STATES_MAX);
	a->list[a->count] = malloc(sizeof *p);
	assert_non_null(a->list[a->count]);
	*a->list[a->count++] = *p;
}

static void look_around(struct atlas *a, const struct place *from)
{
	struct place to;

	for (size_t i = 0; i < HAPPENING_COUNT; i++) {
		struct counter c = {.f = from->f, .now = from->now};
		const char *broken;

		to = *from;
		HAPPENINGS[i].happen(&c);
		broken = rules_check(&to.rules, &from->f, &c.event, &c.f, &c.out);
		if (broken)
			fail_msg("%s, %s: %s", flow_phase_word(from->f.phase), HAPPENINGS[i].name,
				broken);
		to.f = c.f;
		to.now = c.now;
		to.depth++;
		visit(a, &to);
	}
}

/* With nobody at the counter and no backend, everything comes to rest by itself. */
static void comes_to_rest(const struct place *from)
{
	struct counter c = {.f = from->f, .now = from->now};

	for (int i = 0; i < STEPS_TO_REST; i++) {
		int64_t next = flow_next_ms(&c.f);

		if (next == INT64_MAX)
			break;
		if (c.f.in_flight)
			counter_lost(&c);
		else
			counter_wait(&c, next - c.now);
	}
	assert_int_equal(flow_next_ms(&c.f), INT64_MAX);
	assert_true(c.f.phase == FLOW_WAITING || (c.f.phase == FLOW_RESULT && c.f.ended));
	assert_true(c.f.verdict != VERDICT_ACCEPTED || from->f.verdict == VERDICT_ACCEPTED);
}

static void no_state_breaks_a_rule_or_gets_stuck(bool offline)
{
	struct atlas a = {0};
	struct place start = {.now = 1000};
	struct flow_code earlier = kit_second('A', 0);
	unsigned accepted = 0, unconfirmed = 0, depth = 0;

	a.list = calloc(STATES_MAX, sizeof *a.list);
	a.seen = calloc(TABLE_SIZE, sizeof *a.seen);
	assert_true(a.list && a.seen);
	flow_init(&start.f);
	start.f.offline = offline;
	memcpy(start.f.answered[0], earlier.response_head, 8);
	start.f.answered_next = 1;
	visit(&a, &start);
	for (size_t i = 0; i < a.count; i++) {
		look_around(&a, a.list[i]);
		comes_to_rest(a.list[i]);
		accepted += a.list[i]->f.verdict == VERDICT_ACCEPTED;
		unconfirmed += a.list[i]->f.verdict == VERDICT_UNCONFIRMED;
		depth = a.list[i]->depth;
	}
	print_message("# all %zu states, up to depth %u, %u of them accepted\n", a.count, depth,
		accepted);
	assert_true(a.count > 500 && accepted > 5);
	assert_int_equal(unconfirmed > 0, offline);
	for (size_t i = 0; i < a.count; i++)
		free(a.list[i]);
	free(a.list);
	free(a.seen);
}

static void no_reachable_state_breaks_a_rule_or_gets_stuck(void **state)
{
	(void)state;
	no_state_breaks_a_rule_or_gets_stuck(false);
}

static void nor_does_one_with_an_offline_policy(void **state)
{
	(void)state;
	no_state_breaks_a_rule_or_gets_stuck(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_random_sequence_breaks_a_rule),
		cmocka_unit_test(no_reachable_state_breaks_a_rule_or_gets_stuck),
		cmocka_unit_test(nor_does_one_with_an_offline_policy),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
