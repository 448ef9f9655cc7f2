/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told to whom, and that a freeze ends what runs.
 */
#include "tests/lib/backend_world.h"

#include "backend/store_event.h"

static int set_up(void **state)
{
	*state = world_new();
	return 0;
}

static int tear_down(void **state)
{
	world_free(*state);
	return 0;
}

static int64_t last(struct world *w)
{
	int64_t seq = 0;

	must(w, store_event_last(w->service->store, &seq, &w->err));
	return seq;
}

/* Everything after a number, whoever it is for: "kind data\n" each. */
static const char *told(struct world *w, int64_t after)
{
	static char text[4096];
	static struct store_event list[16];
	size_t count = 0, n = 0;

	text[0] = '\0';
	must(w, store_event_after(w->service->store, list, 16, &count, after, &w->err));
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %s\n",
			list[i].for_terminal ? "terminal" : "wallet", list[i].kind, list[i].data);
	return text;
}

static struct rules_caller wallet_of(const struct phone *p)
{
	struct rules_caller c = {.role = ROLE_WALLET};

	memcpy(c.id, p->credential, CODE_ID_LEN);
	return c;
}

static struct store_event list[RULES_EVENTS_PAGE];

static struct rules_events_out read_as(struct world *w, const struct rules_caller *who,
	int64_t after)
{
	struct rules_events_out out;

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_events_read(&w->rules, &out, list, who, after, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return out;
}

static void a_decision_is_told_to_the_wallet_that_listens_and_to_no_other(void **state)
{
	struct world *w = *state;
	struct phone p, other;
	struct rules_caller wallet, stranger;
	char tail[200];
	int64_t before;

	phone_new(w, &p, false);
	phone_new(w, &other, false);
	wallet = wallet_of(&p);
	stranger = wallet_of(&other);
	world_pass(w, EVENTS_KEPT_S + 1);
	before = last(w);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(told(w, before), ""); /* nobody listens: nothing is written */
	(void)read_as(w, &wallet, -1);
	(void)read_as(w, &stranger, -1);
	world_pass(w, 60);
	assert_string_equal(world_start(w, &p, 1999), "");
	assert_string_equal(world_answer(w, &p,
		&(struct how){.binding = CODE_BINDING_CHALLENGE}), "");
	assert_non_null(strstr(told(w, before), "wallet verification {\"id\":\""));
	(void)snprintf(tail, sizeof(tail),
		"\"state\":\"accepted\",\"amount\":1999,\"currency\":\"EUR\","
		"\"merchant\":\"till\",\"receipt\":\"%s\",\"at\":%lld}",
		w->seen.receipt, (long long)world_now(w));
	assert_true(w->seen.receipt[0] != '\0');
	assert_non_null(strstr(told(w, before), tail));
	assert_null(strstr(told(w, before), "terminal"));
	assert_int_equal(read_as(w, &wallet, before).count, 1);
	assert_int_equal(read_as(w, &stranger, before).count, 0);
	assert_int_equal(read_as(w, &w->till, before).count, 0);
}

/* It may have no network until long after its first payment. */
static void a_new_wallet_is_told_all_since_its_activation(void **state)
{
	struct world *w = *state;
	struct phone p, other;
	struct rules_caller wallet, stranger;
	struct rules_events_out out;

	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	phone_new(w, &other, false);
	wallet = wallet_of(&p);
	stranger = wallet_of(&other);
	out = read_as(w, &wallet, 0);
	assert_false(out.reset);
	assert_int_equal(out.count, 1);
	assert_non_null(strstr(list[0].data, "\"state\":\"accepted\""));
	out = read_as(w, &stranger, 0);
	assert_int_equal(out.reset + (int)out.count, 0);
}

/* What the wallet before was told is not the new one's. */
static void a_wallet_that_is_replaced_leaves_nothing_to_the_next(void **state)
{
	struct world *w = *state;
	struct service_issued issued;
	struct phone p;
	struct rules_caller wallet;
	struct rules_events_out out;

	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	must(w, service_credential_renew(w->service, &issued, p.credential, 0, &w->err));
	phone_activate(w, &p, issued.token);
	wallet = wallet_of(&p);
	out = read_as(w, &wallet, 0);
	assert_int_equal(out.reset + (int)out.count, 0);
	world_pass(w, EVENTS_KEPT_S + 60); /* its activation is not kept any more */
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_event_sweep(&w->rules, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_true(read_as(w, &wallet, 0).reset);
}

static void a_wallet_that_asked_long_ago_costs_nothing_any_more(void **state)
{
	struct world *w = *state;
	struct phone p;
	struct rules_caller wallet;
	int64_t before;

	phone_new(w, &p, false);
	wallet = wallet_of(&p);
	(void)read_as(w, &wallet, -1);
	world_pass(w, EVENTS_KEPT_S + 1);
	before = last(w);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	assert_int_equal(last(w), before);
}

static void what_is_rolled_back_is_not_told(void **state)
{
	struct world *w = *state;
	int64_t before = last(w);

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_event_terminal(&w->rules, w->till.id, "stopped", &w->err));
	assert_int_equal(last(w), before + 1);
	store_rollback(w->service->store);
	assert_int_equal(last(w), before);
}

static void a_freeze_ends_the_running_verification_and_the_terminal_is_told(void **state)
{
	struct world *w = *state;
	struct phone p;
	int64_t before;

	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	before = last(w);
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	assert_non_null(strstr(told(w, before), "terminal verification {\"id\":\""));
	assert_non_null(
		strstr(told(w, before), "\"state\":\"rejected\",\"reason\":\"frozen\"}\n"));
	assert_int_equal(read_as(w, &w->till, before).count, 1);
	assert_int_equal(read_as(w, &w->other, before).count, 0);
	assert_string_equal(world_state(w), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
	/* a right answer that comes now changes nothing and is told nothing else */
	assert_string_equal(world_right(w, &p), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
}

static void a_freeze_ends_a_verification_that_waits_for_its_pin(void **state)
{
	struct world *w = *state;
	struct phone p;

	phone_new(w, &p, true);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	assert_string_equal(world_state(w), "rejected");
	assert_string_equal(world_pin(w, WORLD_PIN, 1), "rejected");
	assert_string_equal(w->seen.reason, "frozen");
}

static void void_and_renewal_end_it_too_and_unfreezing_is_told(void **state)
{
	struct world *w = *state;
	struct phone p, q;
	struct rules_caller wallet;
	struct service_issued issued;
	int64_t before;

	phone_new(w, &p, false);
	phone_new(w, &q, false);
	wallet = wallet_of(&p);
	(void)read_as(w, &wallet, -1);
	assert_string_equal(world_start(w, &p, 0), "");
	before = last(w);
	must(w, service_credential_renew(w->service, &issued, p.credential, 0, &w->err));
	assert_string_equal(world_state(w), "rejected");
	assert_string_equal(w->seen.reason, "superseded");
	assert_non_null(strstr(told(w, before), "wallet credential {\"state\":\"superseded\"}"));
	must(w, service_credential_freeze(w->service, p.credential, world_now(w) + 60, &w->err));
	assert_non_null(strstr(told(w, before), "{\"state\":\"frozen\",\"until\":"));
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	assert_non_null(strstr(told(w, before), "{\"state\":\"active\"}"));
	assert_string_equal(world_start(w, &q, 0), "");
	must(w, service_credential_void(w->service, q.credential, &w->err));
	assert_string_equal(world_state(w), "rejected");
	assert_string_equal(w->seen.reason, "void");
}

/* Its token is worth nothing from then on: it must not go on hearing what the next one pays. */
static void a_wallet_that_is_replaced_hears_that_and_nothing_more(void **state)
{
	struct world *w = *state;
	struct service_issued issued;
	struct phone p;
	struct rules_caller wallet;
	int64_t before;

	phone_new(w, &p, false);
	wallet = wallet_of(&p);
	(void)read_as(w, &wallet, -1);
	must(w, service_credential_renew(w->service, &issued, p.credential, 0, &w->err));
	before = last(w);
	phone_activate(w, &p, issued.token);
	assert_string_equal(
		told(w, before), "wallet credential {\"state\":\"activated\"}\n");
	assert_int_equal(read_as(w, &wallet, before).count, 1);
	assert_true(rules_event_is_last(&list[0]));
}

static void an_accepted_verification_is_not_touched_by_a_freeze(void **state)
{
	struct world *w = *state;
	struct phone p;

	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	assert_string_equal(world_right(w, &p), "accepted");
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	assert_string_equal(world_state(w), "accepted");
}

static void a_number_that_ran_out_is_told_by_the_sweep(void **state)
{
	struct world *w = *state;
	struct phone p;
	int64_t before;
	int expired = 0;

	phone_new(w, &p, false);
	assert_string_equal(world_start(w, &p, 0), "");
	before = last(w);
	world_pass(w, 3600);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_sweep(&w->rules, &expired, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_int_equal(expired, 1);
	assert_non_null(strstr(told(w, before),
		"\"state\":\"expired\",\"reason\":\"number-expired\"}"));
}

static void terminals_are_told_what_is_theirs_and_what_is_for_all(void **state)
{
	struct world *w = *state;
	struct service_terminal t;
	int64_t before = last(w);

	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	must(w, service_terminal_enrol(w->service, &t, "till", NULL, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_event_issuer(&w->rules, 7, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(told(w, before), "terminal terminal {\"state\":\"stopped\"}\n"
		"terminal terminal {\"state\":\"started\"}\n"
		"terminal terminal {\"state\":\"enrolled\"}\n"
		"terminal issuer {\"version\":7}\n");
	assert_int_equal(read_as(w, &w->till, before).count, 4);
	assert_true(rules_event_is_last(&list[2]));
	assert_false(rules_event_is_last(&list[1]));
	assert_int_equal(read_as(w, &w->other, before).count, 1);
	assert_string_equal(list[0].kind, "issuer");
}

static void a_number_that_was_not_given_out_or_is_not_kept_resets(void **state)
{
	struct world *w = *state;
	struct rules_events_out out;
	int64_t first = last(w);

	assert_false(read_as(w, &w->till, first).reset);
	assert_true(read_as(w, &w->till, first + 1).reset);
	assert_true(read_as(w, &w->till, 0).reset);
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	world_pass(w, EVENTS_KEPT_S + 60);
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_event_sweep(&w->rules, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	out = read_as(w, &w->till, first);
	assert_true(out.reset);
	assert_int_equal(out.count, 0);
	assert_int_equal(out.last, first + 1); /* the newest is never pruned */
	assert_false(read_as(w, &w->till, first + 1).reset);
}

static void more_than_a_page_is_read_in_pages(void **state)
{
	struct world *w = *state;
	int64_t after = last(w);
	size_t all = 0;

	for (int i = 0; i < 2 * RULES_EVENTS_PAGE + 3; i++)
		must(w, service_terminal_stop(w->service, "till", i % 2 == 0, &w->err));
	for (int page = 0; page < 3; page++) {
		struct rules_events_out out = read_as(w, &w->till, after);

		for (size_t i = 0; i < out.count; i++)
			assert_int_equal(list[i].seq, after + 1 + (int64_t)i);
		after += (int64_t)out.count;
		all += out.count;
	}
	assert_int_equal(all, 2 * RULES_EVENTS_PAGE + 3);
}

static void a_restore_never_gives_a_lost_number_again(void **state)
{
	struct world *w = *state;
	int64_t before = last(w);

	service_close(&w->service);
	must(w, service_restore(w->dir, false, &w->clock, &w->err));
	world_open(w);
	assert_true(last(w) >= before + EVENTS_LOST_MAX);
	assert_true(read_as(w, &w->till, before + 1).reset);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_decision_is_told_to_the_wallet_that_listens_and_to_no_other),
		CASE(a_new_wallet_is_told_all_since_its_activation),
		CASE(a_wallet_that_is_replaced_leaves_nothing_to_the_next),
		CASE(a_wallet_that_asked_long_ago_costs_nothing_any_more),
		CASE(what_is_rolled_back_is_not_told),
		CASE(a_freeze_ends_the_running_verification_and_the_terminal_is_told),
		CASE(a_freeze_ends_a_verification_that_waits_for_its_pin),
		CASE(void_and_renewal_end_it_too_and_unfreezing_is_told),
		CASE(a_wallet_that_is_replaced_hears_that_and_nothing_more),
		CASE(an_accepted_verification_is_not_touched_by_a_freeze),
		CASE(a_number_that_ran_out_is_told_by_the_sweep),
		CASE(terminals_are_told_what_is_theirs_and_what_is_for_all),
		CASE(a_number_that_was_not_given_out_or_is_not_kept_resets),
		CASE(more_than_a_page_is_read_in_pages),
		CASE(a_restore_never_gives_a_lost_number_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
