/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed list of credentials, its vector of docs/http.md, and renewal by the wallet.
 */
#include "backend/rules_issuer.h"
#include "tests/lib/people_world.h"

#include "backend/store_message.h"

#include "backend/store_event.h"

static struct people p;

static int set_up(void **state)
{
	(void)state;
	memset(&p, 0, sizeof(p));
	p.w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_free(p.w);
	return 0;
}

static struct rules_issuer list(void)
{
	struct rules_issuer out;

	must(p.w, rules_issuer(&p.w->rules, &out, &p.w->err));
	return out;
}

static bool has(const uint8_t *ids, size_t count, const struct phone *card)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(ids + i * CODE_ID_SHORT_LEN, card->credential, CODE_ID_SHORT_LEN) == 0)
			return true;
	return false;
}

static enum err_code verify(const struct rules_issuer *l)
{
	uint8_t room[ISSUER_LIST_BYTES_MAX];
	struct bytes b;

	bytes_init_fixed(&b, room, sizeof(room));
	rules_issuer_bytes(&b, l);
	return sec_ed25519_verify(
		SPAN(keyring_issuer_at(p.w->rules.keys, 0)->public_key, SEC_ED25519_PUBLIC_LEN),
		SPAN(l->signature, sizeof(l->signature)), bytes_span(&b));
}

static void the_list_follows_every_change_with_a_new_version(void **state)
{
	struct phone one, two;
	struct rules_issuer l = list();
	int64_t version = l.version;

	(void)state;
	assert_int_equal(l.frozen_count + l.void_count, 0);
	phone_new(p.w, &one, false);
	phone_new(p.w, &two, false);
	assert_int_equal(list().version, version); /* issuing bars nothing */
	must(p.w, service_credential_freeze(p.w->service, one.credential, 0, &p.w->err));
	l = list();
	assert_true(l.version > version && l.complete);
	assert_true(l.frozen_count == 1 && has(l.frozen_ids, 1, &one) && l.void_count == 0);
	assert_int_equal(verify(&l), ERR_OK);
	version = l.version;
	must(p.w, service_credential_void(p.w->service, one.credential, &p.w->err));
	must(p.w, service_credential_freeze(
			p.w->service, two.credential, world_now(p.w) + 100, &p.w->err));
	l = list();
	assert_true(l.version > version);
	assert_true(l.void_count == 1 && has(l.void_ids, 1, &one));
	assert_true(l.frozen_count == 1 && has(l.frozen_ids, 1, &two));
	assert_int_equal(verify(&l), ERR_OK);
	world_pass(p.w, 100); /* thawed by itself */
	l = list();
	assert_true(l.frozen_count == 0 && l.void_count == 1 && l.at == world_now(p.w));
	must(p.w, service_credential_freeze(p.w->service, two.credential, 0, &p.w->err));
	must(p.w, service_credential_unfreeze(p.w->service, two.credential, &p.w->err));
	assert_int_equal(list().frozen_count, 0);
}

/* A transaction takes back what a list was made of; the next record has its number. */
static void a_list_of_a_transaction_that_was_lost_is_forgotten(void **state)
{
	const char *actor = "local:0";
	struct rules_problem problem;
	struct phone one, two;
	struct rules_issuer l;
	int64_t version;

	(void)state;
	phone_new(p.w, &one, false);
	phone_new(p.w, &two, false);
	begin(&p);
	must(p.w, rules_credential_freeze(
			&p.w->rules, &problem, one.credential, 0, actor, &p.w->err));
	l = list();
	assert_true(l.frozen_count == 1 && has(l.frozen_ids, 1, &one));
	version = l.version;
	store_rollback(p.w->service->store);
	begin(&p);
	must(p.w, rules_credential_freeze(
			&p.w->rules, &problem, two.credential, 0, actor, &p.w->err));
	l = list();
	commit(&p);
	assert_int_equal(l.version, version);
	assert_true(l.frozen_count == 1 && has(l.frozen_ids, 1, &two));
	assert_int_equal(verify(&l), ERR_OK);
}

/* Another process, which keeps a list of its own, writes into the same store. */
static void a_list_follows_what_another_process_changes(void **state)
{
	struct service *second = NULL;
	struct phone card;
	struct rules_issuer l;

	(void)state;
	phone_new(p.w, &card, false);
	assert_int_equal(list().frozen_count, 0);
	must(p.w, service_open(&second, p.w->service->dir, p.w->service->clock, &p.w->err));
	must(p.w, service_credential_freeze(second, card.credential, 0, &p.w->err));
	l = list();
	assert_true(l.frozen_count == 1 && has(l.frozen_ids, 1, &card));
	assert_int_equal(verify(&l), ERR_OK);
	must(p.w, service_credential_unfreeze(second, card.credential, &p.w->err));
	assert_int_equal(list().frozen_count, 0);
	service_close(&second);
}

static void wrong_answers_get_into_the_list_too(void **state)
{
	struct phone card;

	(void)state;
	phone_new(p.w, &card, false);
	for (int i = 0; i < 5; i++) {
		world_pass(p.w, 60);
		assert_string_equal(world_start(p.w, &card, 0), "");
		assert_string_equal(world_wrong(p.w, &card), "rejected");
	}
	assert_int_equal(list().frozen_count, 1);
}

static void every_changed_byte_of_the_list_is_noticed(void **state)
{
	struct phone one, two;
	struct rules_issuer l;

	(void)state;
	phone_new(p.w, &one, false);
	phone_new(p.w, &two, false);
	must(p.w, service_credential_freeze(p.w->service, one.credential, 0, &p.w->err));
	must(p.w, service_credential_void(p.w->service, two.credential, &p.w->err));
	l = list();
	assert_int_equal(verify(&l), ERR_OK);
	l.version++;
	assert_int_equal(verify(&l), ERR_FORGED);
	l.version--;
	l.at++;
	assert_int_equal(verify(&l), ERR_FORGED);
	l.at--;
	l.complete = !l.complete;
	assert_int_equal(verify(&l), ERR_FORGED);
	l.complete = !l.complete;
	for (size_t i = 0; i < CODE_ID_SHORT_LEN; i++) {
		l.frozen_ids[i] ^= 1;
		assert_int_equal(verify(&l), ERR_FORGED);
		l.frozen_ids[i] ^= 1;
		l.void_ids[i] ^= 0x80;
		assert_int_equal(verify(&l), ERR_FORGED);
		l.void_ids[i] ^= 0x80;
	}
	l.void_count = 0;
	assert_int_equal(verify(&l), ERR_FORGED);
	/* a frozen one passed off as void */
	l.void_count = 2;
	memcpy(l.void_ids + CODE_ID_SHORT_LEN, l.frozen_ids, CODE_ID_SHORT_LEN);
	l.frozen_count = 0;
	assert_int_equal(verify(&l), ERR_FORGED);
}

static void a_list_that_is_too_long_says_so(void **state)
{
	struct phone card;
	struct rules_issuer l;
	struct store_credential c;

	(void)state;
	phone_new(p.w, &card, false);
	must(p.w, store_credential_get(p.w->service->store, &c, card.credential, &p.w->err));
	begin(&p);
	c.is_void = true;
	for (int i = 0; i < ISSUER_LIST_MAX + 10; i++) {
		must(p.w, sec_random(c.id, CODE_ID_LEN, &p.w->err));
		must(p.w, store_credential_insert(p.w->service->store, &c, &p.w->err));
		must(p.w, store_credential_guard_put(p.w->service->store, &c, &p.w->err));
	}
	commit(&p);
	l = list();
	assert_false(l.complete);
	assert_int_equal(l.void_count, ISSUER_LIST_MAX);
	assert_int_equal(verify(&l), ERR_OK);
	for (size_t i = 1; i < l.void_count; i++)
		assert_true(memcmp(l.void_ids + (i - 1) * CODE_ID_SHORT_LEN,
				    l.void_ids + i * CODE_ID_SHORT_LEN, CODE_ID_SHORT_LEN) <= 0);
}

/* docs/http.md has this one for whoever writes a reader. */
static void the_vector_of_the_documentation(void **state)
{
	static struct rules_issuer l = {.version = 7, .at = 1790000000, .complete = true,
		.frozen_count = 1, .void_count = 2};
	static const char WANT[] =
		"d799f8f04df59deb4cfdfeb0a6fac06256bb3d24873a16a3859154514e2ca982"
		"85597fb90a57b3a44cb522e06874a006bddc1992e45f6c3aa96d466101d47107";
	uint8_t seed[SEC_ED25519_SEED_LEN], room[ISSUER_LIST_BYTES_MAX];
	char hex[2 * SEC_ED25519_SIGNATURE_LEN + 1];
	struct bytes b;

	(void)state;
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < 8; i++) {
		l.frozen_ids[i] = (uint8_t)(0x10 + i);
		l.void_ids[i] = (uint8_t)(0x20 + i);
		l.void_ids[8 + i] = (uint8_t)(0x30 + i);
	}
	bytes_init_fixed(&b, room, sizeof(room));
	rules_issuer_bytes(&b, &l);
	assert_int_equal(b.len, 18 + 8 + 8 + 1 + 4 + 8 + 4 + 16);
	assert_int_equal(sec_ed25519_sign(l.signature, SPAN(seed, sizeof(seed)), bytes_span(&b)),
		ERR_OK);
	hex_encode(hex, SPAN(l.signature, sizeof(l.signature)));
	assert_string_equal(hex, WANT);
}

/* ---- renewal by the wallet ---- */

static struct rules_issued issued;

static const char *renew(const struct phone *card, const uint8_t id[static CODE_ID_LEN])
{
	struct rules_caller wallet = {.role = ROLE_WALLET};

	memcpy(wallet.id, card->credential, CODE_ID_LEN);
	begin(&p);
	must(p.w, rules_wallet_renew(
			&p.w->rules, &issued, &p.w->problem, &wallet, id, &p.w->err));
	commit(&p);
	return p.w->problem.word;
}

static int64_t issue(struct phone *card, int64_t seconds)
{
	struct service_issue in = {.not_after = world_now(p.w) + seconds};

	memcpy(in.holder, p.w->holder, CODE_ID_LEN);
	memcpy(in.account, p.w->no_pin, CODE_ID_LEN);
	phone_issue(p.w, card, &in);
	return in.not_after;
}

static void a_wallet_renews_after_the_end(void **state)
{
	struct phone card, again;

	(void)state;
	(void)issue(&card, 1000);
	assert_string_equal(renew(&card, card.credential), "not-expired");
	world_pass(p.w, 999);
	assert_string_equal(renew(&card, card.credential), "not-expired");
	world_pass(p.w, 1);
	assert_string_equal(world_start(p.w, &card, 0), "expired");
	assert_string_equal(renew(&card, card.credential), "");
	assert_int_equal(issued.generation, 2);
	phone_activate(p.w, &again, issued.token);
	assert_string_equal(world_start(p.w, &card, 0), "superseded");
	assert_string_equal(world_start(p.w, &again, 0), "");
	assert_string_equal(world_right(p.w, &again), "accepted");
	assert_string_equal(renew(&again, card.credential), "not-expired");
	assert_int_equal(world_audit_count(p.w, "renewed"), 1);
}

/* The answer was lost: the wallet still has its token, asks again, and only the last one counts. */
static void a_lost_answer_loses_nothing(void **state)
{
	struct rules_activation_out out;
	struct rules_caller caller;
	struct phone card, again;
	char lost[sizeof(issued.token)];

	(void)state;
	(void)issue(&card, 1000);
	world_pass(p.w, 1000);
	assert_string_equal(renew(&card, card.credential), "");
	memcpy(lost, issued.token, sizeof(lost));
	must(p.w, rules_authenticate(&p.w->rules, &caller, span_text(card.token), &p.w->err));
	assert_int_equal(caller.role, ROLE_WALLET);
	assert_string_equal(renew(&card, card.credential), "");
	assert_int_equal(issued.generation, 2);
	begin(&p);
	must(p.w, world_activation(p.w, &out, lost));
	commit(&p);
	assert_string_equal(p.w->problem.word, "not-found");
	phone_activate(p.w, &again, issued.token);
	must(p.w, rules_authenticate(&p.w->rules, &caller, span_text(card.token), &p.w->err));
	assert_int_equal(caller.role, ROLE_NOBODY); /* from now on the new one */
	assert_int_equal(world_audit_count(p.w, "renewed"), 1);
	assert_int_equal(world_audit_count(p.w, "activation-token"), 1);
	{ /* and the holder is told of both */
		struct store_message m;
		int notices = 0;

		begin(&p);
		while (store_message_take(p.w->service->store, &m, INT32_MAX, INT64_MAX,
			       &p.w->err) == ERR_OK)
			notices += strcmp(m.kind, "renewed") == 0;
		commit(&p);
		assert_int_equal(notices, 2);
	}
}

/* ---- the policy for amounts ---- */

static void sweep(void)
{
	int ended = 0;

	begin(&p);
	must(p.w, rules_sweep(&p.w->rules, &ended, &p.w->err));
	commit(&p);
}

static int64_t version(void)
{
	int64_t v = 0;

	must(p.w, rules_issuer_version(&p.w->rules, &v, &p.w->err));
	return v;
}

static void terminals_are_told_of_another_policy_once(void **state)
{
	struct store_event list[4];
	struct policy q;
	int64_t last = 0, before, after;
	size_t count = 0;

	(void)state;
	sweep(); /* what is first is no change */
	sweep();
	assert_int_equal(world_audit_count(p.w, "policy-changed"), 0);
	must(p.w, store_event_last(p.w->service->store, &last, &p.w->err));
	before = version();
	q = p.w->service->policy;
	q.starts_day++; /* they are not told that */
	assert_true(service_policy_take(p.w->service, &q));
	sweep();
	assert_int_equal(version(), before);
	q.level_c_max--;
	assert_true(service_policy_take(p.w->service, &q));
	for (int i = 0; i < 3; i++)
		sweep();
	assert_int_equal(world_audit_count(p.w, "policy-changed"), 1);
	after = version();
	assert_true(after > before);
	must(p.w, store_event_after(
			p.w->service->store, list, 4, &count, last, &p.w->err));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].kind, "issuer");
	{
		char want[48];

		(void)snprintf(want, sizeof(want), "{\"version\":%lld}", (long long)after);
		assert_string_equal(list[0].data, want);
	}
	/* and it is the same after a start with the same file, another one with another */
	service_close(&p.w->service);
	world_open(p.w);
	sweep(); /* the file says what it said at first */
	assert_int_equal(world_audit_count(p.w, "policy-changed"), 2);
	assert_true(version() > after);
	service_close(&p.w->service);
	world_open(p.w);
	sweep();
	assert_int_equal(world_audit_count(p.w, "policy-changed"), 2);
	world_audit_is_whole(p.w);
}

static void what_a_wallet_may_not_renew(void **state)
{
	struct phone card, other;
	int64_t end;

	(void)state;
	end = issue(&card, 1000);
	phone_new(p.w, &other, false);
	world_pass(p.w, 1000);
	assert_string_equal(renew(&other, card.credential), "not-found"); /* not its own */
	must(p.w, service_credential_freeze(p.w->service, card.credential, 0, &p.w->err));
	assert_string_equal(renew(&card, card.credential), "frozen");
	must(p.w, service_credential_unfreeze(p.w->service, card.credential, &p.w->err));
	world_pass(p.w, end + p.w->service->policy.renewal_days * 86400 - world_now(p.w) - 1);
	assert_string_equal(renew(&card, card.credential), "");
	(void)issue(&card, 1000);
	world_pass(p.w, 1000 + p.w->service->policy.renewal_days * 86400);
	assert_string_equal(renew(&card, card.credential), "expired");
	must(p.w, service_credential_void(p.w->service, card.credential, &p.w->err));
	assert_string_equal(renew(&card, card.credential), "void");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_list_follows_every_change_with_a_new_version),
		CASE(a_list_of_a_transaction_that_was_lost_is_forgotten),
		CASE(a_list_follows_what_another_process_changes),
		CASE(wrong_answers_get_into_the_list_too),
		CASE(every_changed_byte_of_the_list_is_noticed),
		CASE(a_list_that_is_too_long_says_so),
		cmocka_unit_test(the_vector_of_the_documentation),
		CASE(a_wallet_renews_after_the_end),
		CASE(a_lost_answer_loses_nothing),
		CASE(what_a_wallet_may_not_renew),
		CASE(terminals_are_told_of_another_policy_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
