/* SPDX-License-Identifier: Apache-2.0
 *
 * Stage one: what is refused, in which words, and what a verification is made of.
 */
#include "tests/lib/world_case.h"

#include <sqlite3.h>

/* Refused with this word and status, and the refusal is in the audit. */
static void refused(const char *word, int status)
{
	struct store_audit a = world_last_audit(w);

	assert_string_equal(w->problem.word, word);
	assert_int_equal(w->problem.status, status);
	assert_true(w->problem.detail[0]);
	assert_string_equal(a.kind, "start-refused");
	assert_non_null(strstr(a.detail, word));
	assert_int_equal(w->started.digits, 0);
}

static const char *start_code(const char *code)
{
	return world_start_code(w, &w->till, code, 0);
}

/* ---- what is made ---- */

static void start_gives_a_number_that_is_answered_and_receipted(void **state)
{
	(void)state;
	assert_string_equal(world_start(w, &p, 0), "");
	assert_int_equal(strlen(w->started.number), 6);
	assert_int_equal(w->started.digits, 6);
	assert_int_equal(w->started.expires_at, WORLD_NOW + 60);
	assert_string_equal(w->started.holder, "Li Lei");
	assert_string_equal(w->started.purpose, "payment");
	assert_false(w->started.pin_required);
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(w->seen.reason, "");
	assert_int_equal(strncmp(w->seen.receipt, "20270115-", 9), 0);
	assert_true(strlen(w->seen.receipt) >= 15);
	world_audit_is_whole(w);
}

static void pin_is_required_only_where_account_credential_and_amount_ask_for_it(void **state)
{
	struct service_issue in = {.no_pin = true};
	struct phone with_pin, without;

	(void)state;
	phone_new(w, &with_pin, true);
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->account, CODE_ID_LEN);
	phone_issue(w, &without, &in);
	w->service->policy.pin_from = 500;
	assert_string_equal(world_start(w, &with_pin, 0), "");
	assert_true(w->started.pin_required); /* no amount: the safe side */
	assert_string_equal(world_start(w, &with_pin, 499), "");
	assert_false(w->started.pin_required);
	assert_string_equal(world_start(w, &with_pin, 500), "");
	assert_true(w->started.pin_required);
	assert_string_equal(world_start(w, &without, 500), "");
	assert_false(w->started.pin_required);
	assert_string_equal(world_start(w, &p, 500), "");
	assert_false(w->started.pin_required);
}

static void challenge_code_says_what_is_sold_and_only_this_phone_believes_it(void **state)
{
	struct phone stranger;
	struct code c;

	(void)state;
	phone_new(w, &stranger, false);
	assert_string_equal(world_start(w, &p, 12800), "");
	code_parse(&c, span_text(w->started.challenge_code));
	assert_int_equal(c.kind, CODE_CHALLENGE);
	assert_int_equal(c.challenge.amount, 12800);
	assert_string_equal(c.challenge.currency, "EUR");
	assert_string_equal(c.challenge.merchant, "till");
	assert_int_equal(c.challenge.expires, w->started.expires_at);
	assert_memory_equal(c.challenge.verification_id, w->started.id, CODE_ID_LEN);
	assert_int_equal(code_challenge_verify(&c, SPAN(p.keys.challenge, SEC_KEY_LEN)), ERR_OK);
	assert_int_equal(code_challenge_verify(&c, SPAN(stranger.keys.challenge, SEC_KEY_LEN)),
		ERR_FORGED);
}

static uint64_t formula(const struct store_credential *c, uint32_t first, uint32_t *i)
{
	uint64_t number = 0;
	struct code_number_input in = {
		.k_number = keyring_number_key(w->rules.keys),
		.registration_record = SPAN(c->registration, c->registration_len),
		.digits = 6,
	};

	memcpy(in.verification_id, w->started.id, CODE_ID_LEN);
	assert_int_equal(code_number(&number, i, &in, first), ERR_OK);
	return number;
}

static void number_is_the_formula_over_the_canonical_registration_record(void **state)
{
	const char *want = "{\"account\":\"6222-0001\",\"name\":\"Li Lei\","
			   "\"phone\":\"13800130000\"}";
	struct store_credential c;
	char text[CODE_DIGITS_MAX + 1];
	uint32_t i;

	(void)state;
	must(w, store_credential_get(w->service->store, &c, p.credential, &w->err));
	assert_true(span_equal(SPAN(c.registration, c.registration_len), span_text(want)));
	assert_string_equal(world_start(w, &p, 0), "");
	code_number_text(text, formula(&c, 0, &i), 6);
	assert_string_equal(w->started.number, text);
}

static void in_database(const char *sql)
{
	sqlite3 *db = NULL;

	if (w->url[0]) {
		test_store_sql(w->url, sql);
		return;
	}
	assert_int_equal(sqlite3_open(w->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void numbers_used_before_are_skipped(void **state)
{
	struct store_credential c;
	char sql[512], hex[2 * CODE_ID_LEN + 1], text[CODE_DIGITS_MAX + 1];
	int skipped = 0;

	(void)state;
	hex_encode(hex, SPAN(p.credential, CODE_ID_LEN));
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i+1 FROM n"
		" WHERE i<499999) INSERT INTO number_used SELECT %s'%s%s',1,i FROM n",
		w->url[0] ? "" : "x", w->url[0] ? "\\x" : "", hex);
	in_database(sql);
	must(w, store_credential_get(w->service->store, &c, p.credential, &w->err));
	for (int n = 0; n < 12; n++) {
		uint32_t i = 0;
		uint64_t number;

		world_pass(w, 400);
		assert_string_equal(world_start(w, &p, 0), "");
		number = formula(&c, 0, &i);
		while (number < 500000) {
			number = formula(&c, i + 1, &i);
			skipped++;
		}
		code_number_text(text, number, 6);
		assert_string_equal(w->started.number, text);
	}
	assert_true(skipped > 0);
}

static void same_request_again_is_the_same_verification_while_half_its_life_is_left(void **state)
{
	char code[CODE_TEXT_MAX];
	struct rules_start_out first;

	(void)state;
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &w->till, code, 500), "");
	first = w->started;
	world_pass(w, 29);
	assert_string_equal(world_start_code(w, &w->till, code, 500), "");
	assert_memory_equal(&first, &w->started, sizeof(first));
	assert_int_equal(world_audit_count(w, "started"), 1);
	assert_string_equal(world_start_code(w, &w->till, code, 501), "");
	assert_memory_not_equal(first.id, w->started.id, CODE_ID_LEN);
	world_pass(w, 2);
	assert_string_equal(world_start_code(w, &w->till, code, 500), "");
	assert_memory_not_equal(first.id, w->started.id, CODE_ID_LEN);
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_start_code(w, &w->till, code, 500), "");
	assert_int_equal(world_audit_count(w, "started"), 4);
}

/* ---- refusals: the code ---- */

static void refuses_what_is_not_the_code_of_a_credential(void **state)
{
	char code[CODE_TEXT_MAX], damaged[CODE_TEXT_MAX];

	(void)state;
	start_code("");
	refused("foreign-code", 400);
	start_code("https://example.com/");
	refused("foreign-code", 400);
	start_code("4006381333931");
	refused("foreign-code", 400);
	assert_string_equal(world_start(w, &p, 0), "");
	memcpy(code, w->started.challenge_code, sizeof(code));
	start_code(code);
	refused("foreign-code", 400);
	assert_string_equal(world_start(w, &p, 0), "");
	phone_answer(w, &p, code, &(struct how){.wrong = false});
	start_code(code);
	refused("foreign-code", 400);
	phone_first_code(&p, code, world_now(w));
	snprintf(damaged, sizeof(damaged), "%.*s", (int)strlen(code) - 1, code);
	start_code(damaged);
	refused("foreign-code", 400);
	snprintf(damaged, sizeof(damaged), "%.380sA", code);
	start_code(damaged);
	refused("foreign-code", 400);
}

static void refuses_every_single_wrong_character_of_a_live_code(void **state)
{
	struct rules_start_in in = {.amount = 0};
	char good[CODE_TEXT_MAX];
	size_t body;

	(void)state;
	phone_first_code(&p, good, world_now(w));
	body = (size_t)(strrchr(good, '/') - good) + 1;
	must(w, store_begin(w->service->store, &w->err));
	for (size_t i = body; i < strlen(good); i++) {
		memcpy(in.code, good, sizeof(in.code));
		in.code[i] = good[i] == 'A' ? 'B' : 'A';
		must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
				&w->err));
		if (!w->problem.word[0])
			fail_msg("character %zu of %s does not matter", i, good);
	}
	must(w, store_commit(w->service->store, &w->err));
	assert_int_equal(world_audit_count(w, "started"), 0);
	assert_string_equal(start_code(good), "");
}

/* A first code as we would sign it, with other fields. */
static void signed_code(char out[static CODE_TEXT_MAX], const struct code_credential *fields,
	struct span seed)
{
	uint8_t body[CODE_STATIC_BODY_LEN], live[CODE_LIVE_BODY_LEN];

	assert_int_equal(code_credential_sign(body, fields, seed), ERR_OK);
	assert_int_equal(code_credential_live(live, body, SPAN(p.keys.live, SEC_KEY_LEN),
				 code_step(world_now(w))), ERR_OK);
	code_of(out, p.host, CODE_CREDENTIAL, SPAN(live, sizeof(live)));
}

static struct code_credential issued_fields(void)
{
	struct code c;

	code_parse(&c, span_text(p.static_code));
	return c.credential;
}

static void refuses_a_signature_that_is_not_ours(void **state)
{
	const uint8_t seed[SEC_ED25519_SEED_LEN] = {7};
	struct code_credential fields = issued_fields();
	char code[CODE_TEXT_MAX];

	(void)state;
	signed_code(code, &fields, SPAN(seed, sizeof(seed))); /* our key id, a stranger's key */
	start_code(code);
	refused("bad-signature", 403);
	assert_int_equal(world_last_audit(w).credential_len, 0);
	fields.credential_id[0] ^= 1; /* who cannot sign does not learn which ids exist */
	signed_code(code, &fields, SPAN(seed, sizeof(seed)));
	start_code(code);
	refused("bad-signature", 403);
	fields = issued_fields();
	fields.issuer_key_id[0] ^= 1; /* an unknown key id, signed by our key */
	signed_code(code, &fields, keyring_signing_seed(w->rules.keys));
	start_code(code);
	refused("bad-signature", 403);
}

static void refuses_signed_codes_that_were_never_issued(void **state)
{
	struct span seed = keyring_signing_seed(w->rules.keys);
	struct code_credential fields = issued_fields();
	char code[CODE_TEXT_MAX];

	(void)state;
	fields.credential_id[3] ^= 1;
	signed_code(code, &fields, seed);
	start_code(code);
	refused("unknown-credential", 404);
	fields = issued_fields();
	fields.generation = 2; /* as from a newer database than this one */
	signed_code(code, &fields, seed);
	start_code(code);
	refused("unknown-credential", 404);
	fields = issued_fields();
	fields.not_after = CODE_NO_END; /* longer than issued */
	signed_code(code, &fields, seed);
	start_code(code);
	refused("bad-signature", 403);
	fields = issued_fields();
	signed_code(code, &fields, seed);
	assert_string_equal(start_code(code), "");
}

/* ---- refusals: freshness ---- */

static void live_codes_are_taken_two_steps_either_side_and_no_further(void **state)
{
	char code[CODE_TEXT_MAX];

	(void)state;
	for (int step = -6; step <= 6; step++) {
		phone_first_code(&p, code, world_now(w) + step * CODE_STEP_S);
		start_code(code);
		if (step < -2 || step > 2)
			refused("stale-code", 403);
		else
			assert_string_equal(w->problem.word, "");
	}
}

static void live_step_is_for_the_first_terminal_only(void **state)
{
	char code[CODE_TEXT_MAX], next[CODE_TEXT_MAX];
	struct rules_start_out first;

	(void)state;
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &w->till, code, 0), "");
	first = w->started;
	assert_string_equal(world_start_code(w, &w->other, code, 0), "stale-code");
	refused("stale-code", 403);
	w->started = first;
	assert_string_equal(world_right(w, &p), "accepted");
	assert_string_equal(world_start_code(w, &w->other, code, 0), "stale-code");
	world_pass(w, 60);
	assert_string_equal(world_start_code(w, &w->other, code, 0), "stale-code");
	assert_string_equal(world_start_code(w, &w->till, code, 0), "");
	phone_first_code(&p, next, world_now(w));
	assert_string_equal(world_start_code(w, &w->other, next, 0), "");
	assert_string_equal(world_start_code(w, &w->till, next, 0), "stale-code");
}

/* A start that is refused for another reason has shown the code all the same. */
static void a_refused_start_binds_its_live_code_to_the_terminal_too(void **state)
{
	char code[CODE_TEXT_MAX];

	(void)state;
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	phone_first_code(&p, code, world_now(w));
	assert_string_equal(world_start_code(w, &w->till, code, 0), "frozen");
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	assert_string_equal(world_start_code(w, &w->other, code, 0), "stale-code");
	assert_string_equal(world_start_code(w, &w->till, code, 0), "");
}

static void refuses_a_picture_where_a_live_code_is_wanted(void **state)
{
	struct phone card;

	(void)state;
	start_code(p.static_code);
	refused("live-code-required", 403);
	phone_new_static(w, &card, 0);
	assert_string_equal(start_code(card.static_code), "");
	assert_int_equal(w->started.digits, 8);
	card.live = true; /* a static credential may be shown live: that is stronger */
	assert_string_equal(world_start(w, &card, 0), "");
}

/* ---- refusals: the credential's state ---- */

static void refuses_from_the_second_of_its_end(void **state)
{
	struct service_issue in = {.not_after = WORLD_NOW + 1000};
	struct phone q;
	char code[CODE_TEXT_MAX];

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	phone_issue(w, &q, &in);
	world_pass(w, 999);
	assert_string_equal(world_start(w, &q, 0), "");
	world_pass(w, 1);
	world_start(w, &q, 0);
	refused("expired", 403);
	/* Also with a static code: the reason is the end, not the policy. */
	memcpy(code, q.static_code, sizeof(code));
	start_code(code);
	refused("expired", 403);
}

static void refuses_frozen_until_it_thaws(void **state)
{
	(void)state;
	must(w, service_credential_freeze(w->service, p.credential, WORLD_NOW + 90, &w->err));
	world_start(w, &p, 0);
	refused("frozen", 403);
	assert_int_equal(w->problem.until_unix_s, WORLD_NOW + 90);
	world_pass(w, 89);
	assert_string_equal(world_start(w, &p, 0), "frozen");
	world_pass(w, 1);
	assert_string_equal(world_start(w, &p, 0), "");
	must(w, service_credential_freeze(w->service, p.credential, 0, &w->err));
	world_pass(w, 1000000);
	world_start(w, &p, 0);
	refused("frozen", 403);
	assert_int_equal(w->problem.until_unix_s, 0);
	must(w, service_credential_unfreeze(w->service, p.credential, &w->err));
	assert_string_equal(world_start(w, &p, 0), "");
}

static void refuses_void_for_ever(void **state)
{
	(void)state;
	must(w, service_credential_void(w->service, p.credential, &w->err));
	world_start(w, &p, 0);
	refused("void", 403);
	world_pass(w, 10000000);
	assert_string_equal(world_start(w, &p, 0), "void");
	assert_int_equal(service_credential_unfreeze(w->service, p.credential, &w->err),
		ERR_INVALID);
	assert_string_equal(world_start(w, &p, 0), "void");
}

static void refuses_the_generation_before_a_renewal(void **state)
{
	struct service_issued again;
	struct phone q;

	(void)state;
	must(w, service_credential_renew(w->service, &again, p.credential, 0, &w->err));
	world_start(w, &p, 0);
	refused("superseded", 403);
	phone_activate(w, &q, again.token);
	assert_string_equal(world_start(w, &q, 0), "");
	assert_string_equal(world_start(w, &p, 0), "superseded");
}

static void refuses_when_the_pin_is_locked_and_wanted(void **state)
{
	struct store_account a;
	struct phone q;

	(void)state;
	phone_new(w, &q, true);
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_account_get(w->service->store, &a, w->account, &w->err));
	a.pin_locked = true;
	must(w, store_account_pin_put(w->service->store, &a, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	world_start(w, &q, 0);
	refused("not-allowed", 403);
	must(w, service_account_unlock(w->service, w->account, &w->err));
	assert_string_equal(world_start(w, &q, 0), "");
}

/* ---- refusals: the caller and the request ---- */

static void refuses_callers_that_are_no_terminal(void **state)
{
	struct rules_caller wallet = w->till, nobody = w->till, gone = w->till;
	char code[CODE_TEXT_MAX];

	(void)state;
	wallet.role = ROLE_WALLET;
	nobody.role = ROLE_NOBODY;
	gone.id[0] ^= 1;
	phone_first_code(&p, code, world_now(w));
	world_start_code(w, &wallet, code, 0);
	refused("forbidden", 403);
	world_start_code(w, &nobody, code, 0);
	refused("forbidden", 403);
	world_start_code(w, &gone, code, 0);
	refused("unauthorised", 401);
	must(w, service_terminal_stop(w->service, "till", true, &w->err));
	world_start_code(w, &w->till, code, 0);
	refused("terminal-stopped", 403);
	must(w, service_terminal_stop(w->service, "till", false, &w->err));
	assert_string_equal(world_start_code(w, &w->till, code, 0), "");
}

static void refuses_amounts_and_currencies_out_of_range(void **state)
{
	static const char *const bad[] = {"eur", "EU", "E", "EU1", "E R"};
	struct rules_start_in in = {.amount = 1};

	(void)state;
	phone_first_code(&p, in.code, world_now(w));
	must(w, store_begin(w->service->store, &w->err));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(in.currency, sizeof(in.currency), "%s", bad[i]);
		must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
				&w->err));
		refused("bad-request", 400);
	}
	memcpy(in.currency, "EUR", 4);
	in.amount = (uint64_t)INT64_MAX + 1;
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
			&w->err));
	refused("bad-request", 400);
	in.amount = INT64_MAX;
	w->service->policy.level_b_max = w->service->policy.level_b_day = 0;
	must(w, rules_verification_start(&w->rules, &w->started, &w->problem, &w->till, &in,
			&w->err));
	assert_string_equal(w->problem.word, "");
	must(w, store_commit(w->service->store, &w->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(start_gives_a_number_that_is_answered_and_receipted),
		WORLD_CASE(pin_is_required_only_where_account_credential_and_amount_ask_for_it),
		WORLD_CASE(challenge_code_says_what_is_sold_and_only_this_phone_believes_it),
		WORLD_CASE(number_is_the_formula_over_the_canonical_registration_record),
		WORLD_CASE(numbers_used_before_are_skipped),
		WORLD_CASE(same_request_again_is_the_same_verification_while_half_its_life_is_left),
		WORLD_CASE(refuses_what_is_not_the_code_of_a_credential),
		WORLD_CASE(refuses_every_single_wrong_character_of_a_live_code),
		WORLD_CASE(refuses_a_signature_that_is_not_ours),
		WORLD_CASE(refuses_signed_codes_that_were_never_issued),
		WORLD_CASE(live_codes_are_taken_two_steps_either_side_and_no_further),
		WORLD_CASE(live_step_is_for_the_first_terminal_only),
		WORLD_CASE(a_refused_start_binds_its_live_code_to_the_terminal_too),
		WORLD_CASE(refuses_a_picture_where_a_live_code_is_wanted),
		WORLD_CASE(refuses_from_the_second_of_its_end),
		WORLD_CASE(refuses_frozen_until_it_thaws),
		WORLD_CASE(refuses_void_for_ever),
		WORLD_CASE(refuses_the_generation_before_a_renewal),
		WORLD_CASE(refuses_when_the_pin_is_locked_and_wanted),
		WORLD_CASE(refuses_callers_that_are_no_terminal),
		WORLD_CASE(refuses_amounts_and_currencies_out_of_range),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
