/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: whose they are, and the one use of an activation token.
 */
#include "tests/lib/backend_world.h"

static struct world *w;

static int set_up(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_audit_is_whole(w);
	world_free(w);
	w = NULL;
	return 0;
}

static struct service_issued issue(void)
{
	struct service_issue in = {.face_value = "EUR 50", .purpose = "meals"};
	struct service_issued out;

	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &out, &in, &w->err));
	return out;
}

static struct rules_activation_out got;

static const char *claim(const char *token, const char *made)
{
	const struct rules_activation_in in = activation_of(token, made);

	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_activation(&w->rules, &got, &w->problem, &in, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static const char *activate(const char *token)
{
	return claim(token, "");
}

static struct rules_activation_seen seen;

static const char *look(const char *token)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, rules_activation_look(&w->rules, &seen, &w->problem, token, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
}

static bool nothing_seen(void)
{
	const struct rules_activation_seen empty = {.not_after = 0};

	return memcmp(&seen, &empty, sizeof(seen)) == 0;
}

static bool nothing_got(void)
{
	const struct rules_activation_out empty = {.generation = 0};

	return memcmp(&got, &empty, sizeof(got)) == 0;
}

static enum rules_role who(const char *token)
{
	struct rules_caller c;

	must(w, rules_authenticate(&w->rules, &c, span_text(token), &w->err));
	return c.role;
}

static void activation_gives_all_that_a_wallet_needs_once(void **state)
{
	struct service_issued i = issue();
	struct code c;

	(void)state;
	assert_string_equal(activate(i.token), "");
	assert_memory_equal(got.credential_id, i.id, CODE_ID_LEN);
	assert_int_equal(got.generation, 1);
	assert_int_equal(got.not_after, i.not_after);
	assert_true(got.live);
	assert_int_equal(got.digits, 6);
	assert_string_equal(got.purpose, "meals");
	assert_string_equal(got.face_value, "EUR 50");
	assert_string_equal(got.holder, "Li Lei");
	assert_string_equal(got.issuer_name, "Corner Bank");
	code_parse(&c, span_text(got.first_code));
	assert_int_equal(code_credential_verify(&c.credential,
				 SPAN(got.issuer_public, SEC_ED25519_PUBLIC_LEN)), ERR_OK);
	assert_int_equal(who(got.token), ROLE_WALLET);
	assert_string_equal(activate(i.token), "not-found");
	assert_int_equal(w->problem.status, 404);
	assert_true(nothing_got());
	assert_int_equal(world_audit_count(w, "activated"), 1);
}

/* ---- what a token is ---- */

static void a_token_is_taken_in_any_spelling(void **state)
{
	char token[2 * SERVICE_TOKEN_MAX], plain[SERVICE_TOKEN_MAX];
	size_t n;

	(void)state;
	for (int form = 0; form < 4; form++) {
		struct service_issued i = issue();

		n = 0;
		for (const char *c = i.token; *c; c++) /* without dashes; small where it is odd */
			if (*c != '-')
				plain[n++] = (char)(form % 2 && *c >= 'A' ? *c | 0x20 : *c);
		plain[n] = '\0';
		assert_int_equal(n, 16);
		if (form < 2)
			(void)snprintf(token, sizeof(token), "%s", plain);
		else
			(void)snprintf(token, sizeof(token), " %.3s -%.9s - %s- ", plain,
				plain + 3, plain + 12);
		assert_string_equal(look(token), "");
		assert_string_equal(activate(token), "");
		assert_memory_equal(got.credential_id, i.id, CODE_ID_LEN);
		assert_string_equal(activate(i.token), "not-found"); /* it was that one */
	}
}

static void refuses_tokens_that_are_none(void **state)
{
	static const char *const none[] = {"", " ", "-", "AAAA", "AAAA-AAAA-AAAA-AAAA", "#",
		"https://qr.example.com/#AAAA-AAAA-AAAA-AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	struct service_issued i = issue();
	char token[2 * SERVICE_TOKEN_MAX];
	int records = (int)world_last_audit(w).seq;

	(void)state;
	for (size_t n = 0; n < sizeof(none) / sizeof(none[0]); n++) {
		assert_string_equal(activate(none[n]), "not-found");
		assert_string_equal(look(none[n]), "not-found");
	}
	for (size_t n = 0; n < strlen(i.token); n++) {
		if (i.token[n] == '-')
			continue;
		memcpy(token, i.token, sizeof(i.token));
		token[n] = token[n] == 'A' ? 'B' : 'A';
		assert_string_equal(activate(token), "not-found");
		assert_string_equal(look(token), "not-found");
		assert_true(nothing_got() && nothing_seen());
		token[n] = '\0';
		assert_string_equal(activate(token), "not-found");
		memcpy(token, i.token, sizeof(i.token));
		memmove(token + n, token + n + 1, strlen(token + n)); /* one is missing */
		assert_string_equal(activate(token), "not-found");
	}
	(void)snprintf(token, sizeof(token), "%sA", i.token);
	assert_string_equal(activate(token), "not-found");
	(void)snprintf(token, sizeof(token), "%s%s", i.token, i.token);
	assert_string_equal(activate(token), "not-found");
	assert_int_equal(world_last_audit(w).seq, records); /* guesses do not fill the audit */
	assert_string_equal(activate(i.token), "");
}

/* Links that were sent before tokens were short. */
static void a_long_token_of_before_still_opens(void **state)
{
	struct service_issued i = issue();
	struct store_activation a = {.generation = 1, .expires_at = world_now(w) + 60};
	char token[KEYRING_TOKEN_TEXT_LEN + 1];

	(void)state;
	memcpy(a.credential, i.id, CODE_ID_LEN);
	must(w, keyring_token_new(token, a.token, &w->err));
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_activation_insert(w->service->store, &a, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_string_equal(look(token), "");
	assert_string_equal(activate(token), "");
	assert_memory_equal(got.credential_id, i.id, CODE_ID_LEN);
	assert_string_equal(activate(token), "not-found");
}

/* ---- the code, kind A ---- */

/* As the issuer signs it, but for what the case changes. */
static void sign_code(char out[static CODE_TEXT_MAX], const char *host,
	const struct code_activation *fields, const uint8_t *seed)
{
	uint8_t body[CODE_PRESENTED_BODY_LEN];

	assert_int_equal(code_activation_sign(body, fields,
				 seed ? SPAN(seed, SEC_ED25519_SEED_LEN)
				      : keyring_signing_seed(w->service->keys)), ERR_OK);
	code_of(out, host, CODE_ACTIVATION, SPAN(body, sizeof(body)));
}

static struct code_activation fields_of(const struct service_issued *i)
{
	struct code_activation f = {.generation = i->generation,
		.not_after = (uint32_t)i->token_expires_at};

	assert_int_equal(code_activation_typed(f.secret, span_text(i->token)), ERR_OK);
	memcpy(f.credential_id, i->id, CODE_ID_LEN);
	memcpy(f.issuer_key_id, keyring_issuer_at(w->service->keys, 0)->key_id, CODE_KEY_ID_LEN);
	return f;
}

static void a_code_activates_what_its_token_does(void **state)
{
	struct service_issued i = issue();
	struct code_activation f = fields_of(&i);
	char text[CODE_TEXT_MAX];
	struct code c;

	(void)state;
	sign_code(text, "QR.EXAMPLE.COM", &f, NULL);
	assert_string_equal(i.code, text);
	code_parse(&c, span_text(i.code));
	assert_int_equal(c.presented.not_after, i.token_expires_at);
	assert_string_equal(look(i.code), "");
	assert_string_equal(activate(i.code), "");
	assert_memory_equal(got.credential_id, i.id, CODE_ID_LEN);
	assert_string_equal(activate(i.code), "not-found"); /* one activation in two forms */
	assert_string_equal(activate(i.token), "not-found");
	assert_string_equal(look(i.code), "not-found");
	i = issue();
	assert_string_equal(activate(i.token), "");
	assert_string_equal(activate(i.code), "not-found");
	i = issue(); /* signed by a key that was rotated since */
	must(w, service_key_rotate_issuer(w->service, &w->err));
	assert_string_equal(activate(i.code), "");
}

static void refuses_codes_that_were_not_made_here(void **state)
{
	static const uint8_t seed[SEC_ED25519_SEED_LEN] = {7};
	struct service_issued i = issue(), other = issue();
	const struct code_activation good = fields_of(&i);
	struct code_activation f[6];
	uint8_t key[SEC_ED25519_PUBLIC_LEN];
	char text[CODE_TEXT_MAX];
	int records = (int)world_last_audit(w).seq;

	(void)state;
	for (size_t n = 0; n < 6; n++)
		f[n] = good;
	memcpy(f[0].credential_id, other.id, CODE_ID_LEN);
	f[1].generation++;
	f[2].not_after++;
	f[3].not_after = CODE_NO_END;
	assert_int_equal(sec_ed25519_public(key, SPAN(seed, sizeof(seed))), ERR_OK);
	assert_int_equal(code_issuer_key_id(f[4].issuer_key_id, SPAN(key, sizeof(key))), ERR_OK);
	for (size_t n = 0; n < 6; n++) { /* the last two are signed by somebody else */
		sign_code(text, "QR.EXAMPLE.COM", &f[n], n < 4 ? NULL : seed);
		assert_string_equal(look(text), "bad-signature");
		assert_string_equal(activate(text), "bad-signature");
		assert_int_equal(w->problem.status, 403);
		assert_true(nothing_got() && nothing_seen());
	}
	sign_code(text, "QR.EXAMPLE.ORG", &good, NULL);
	assert_string_equal(activate(text), "foreign-code");
	assert_int_equal(w->problem.status, 400);
	f[0] = good;
	f[0].secret[0] ^= 1; /* of no activation at all */
	sign_code(text, "QR.EXAMPLE.COM", &f[0], NULL);
	assert_string_equal(activate(text), "not-found");
	assert_int_equal(world_last_audit(w).seq, records);
	assert_string_equal(activate(i.code), "");
}

/* Every character of a code changed, every length: refused, and the token is as good as before. */
static void refuses_a_code_with_a_fault(void **state)
{
	struct service_issued i = issue();
	char text[CODE_TEXT_MAX];
	size_t len = strlen(i.code);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		(void)snprintf(text, sizeof(text), "%s", i.code);
		text[n] = text[n] == 'A' ? 'C' : 'A';
		assert_string_not_equal(look(text), "");
		assert_true(nothing_seen());
		text[n] = '\0';
		assert_string_not_equal(look(text), "");
		(void)snprintf(text, sizeof(text), "%s", i.code);
		text[n] |= 0x20; /* small letters are for typing only */
		if (strcmp(text, i.code) != 0)
			assert_string_not_equal(look(text), "");
	}
	(void)snprintf(text, sizeof(text), "%sA", i.code);
	assert_string_equal(look(text), "foreign-code");
	(void)snprintf(text, sizeof(text), " %s", i.code);
	assert_string_not_equal(look(text), "");
	assert_string_equal(activate(i.code), "");
}

static void refuses_other_codes_of_ours(void **state)
{
	struct service_issued i = issue();
	struct service_credential c;
	char text[CODE_TEXT_MAX];
	struct code a;

	(void)state;
	must(w, service_credential_show(w->service, &c, i.id, &w->err));
	assert_string_equal(activate(c.first_code), "foreign-code");
	assert_string_equal(look(c.first_code), "foreign-code");
	code_parse(&a, span_text(i.code)); /* the same body under another letter */
	code_of(text, a.host, CODE_TARGET, SPAN(a.body, a.body_len));
	assert_string_equal(activate(text), "foreign-code");
	assert_int_equal(w->problem.status, 400);
	assert_true(nothing_got());
}

/* ---- a look ---- */

static void a_look_tells_what_waits_and_burns_nothing(void **state)
{
	struct service_issued i = issue();
	struct store_audit before = world_last_audit(w);

	(void)state;
	for (int n = 0; n < 3; n++) {
		assert_string_equal(look(n ? i.token : i.code), "");
		assert_string_equal(seen.issuer_name, "Corner Bank");
		assert_string_equal(seen.issuer_host, "QR.EXAMPLE.COM");
		assert_string_equal(seen.purpose, "meals");
		assert_string_equal(seen.face_value, "EUR 50");
		assert_int_equal(seen.expires_at, i.token_expires_at);
		assert_int_equal(seen.not_after, i.not_after);
	}
	assert_int_equal(world_last_audit(w).seq, before.seq);
	assert_string_equal(activate(i.token), "");
	assert_string_equal(look(i.token), "not-found");
	assert_true(nothing_seen());
}

/* ---- a claim ---- */

#define CLAIM "00112233445566778899aabbccddeeff"
#define OTHER "00112233445566778899aabbccddeefe"

static void a_lost_answer_is_claimed_again(void **state)
{
	struct service_issued i = issue();
	struct rules_activation_out first;

	(void)state;
	assert_string_equal(claim(i.token, CLAIM), "");
	first = got;
	world_pass(w, RULES_CLAIM_S - 1);
	assert_string_equal(claim(i.code, CLAIM), ""); /* in its other form, too */
	assert_memory_equal(got.credential_id, first.credential_id, CODE_ID_LEN);
	assert_memory_equal(got.secret, first.secret, SEC_KEY_LEN);
	assert_int_equal(got.generation, first.generation);
	assert_string_equal(got.first_code, first.first_code);
	assert_string_not_equal(got.token, first.token);
	assert_int_equal(who(first.token), ROLE_NOBODY); /* whoever has the lost answer */
	assert_int_equal(who(got.token), ROLE_WALLET);
	assert_int_equal(world_audit_count(w, "activated"), 2);
	assert_non_null(strstr(world_last_audit(w).detail, "\"reason\":\"again\""));
	world_pass(w, 1); /* counted from the first time: it cannot be kept alive */
	assert_string_equal(claim(i.token, CLAIM), "not-found");
	assert_true(nothing_got());
}

static void refuses_a_claim_that_is_not_of_this_activation(void **state)
{
	struct service_issued i = issue(), j = issue(), k = issue();
	char changed[sizeof(CLAIM)];

	(void)state;
	assert_string_equal(claim(i.token, CLAIM), "");
	assert_string_equal(claim(i.token, OTHER), "not-found");
	assert_string_equal(claim(i.token, ""), "not-found");
	for (size_t n = 0; n < strlen(CLAIM); n++) {
		memcpy(changed, CLAIM, sizeof(changed));
		changed[n] = changed[n] == '0' ? '1' : '0';
		assert_string_equal(claim(i.token, changed), "not-found");
	}
	assert_true(nothing_got());
	assert_string_equal(claim(j.token, ""), ""); /* used without one: nobody claims it */
	assert_string_equal(claim(j.token, CLAIM), "not-found");
	assert_string_equal(claim(j.token, ""), "not-found");
	assert_string_equal(claim(k.token, OTHER), ""); /* a claim is of one activation */
	assert_string_equal(claim(k.token, CLAIM), "not-found");
	assert_string_equal(look(i.token), "not-found"); /* a look claims nothing */
	assert_string_equal(claim(i.token, CLAIM), "");
}

static void refuses_a_claim_when_the_credential_changed(void **state)
{
	struct service_issued i = issue(), j = issue(), k = issue(), again;

	(void)state;
	assert_string_equal(claim(i.token, CLAIM), "");
	must(w, service_credential_void(w->service, i.id, &w->err));
	assert_string_equal(claim(i.token, CLAIM), "void");
	assert_true(nothing_got());
	assert_string_equal(claim(j.token, CLAIM), "");
	must(w, service_credential_renew(w->service, &again, j.id, 0, &w->err));
	assert_string_equal(claim(j.token, CLAIM), "superseded");
	assert_true(nothing_got());
	assert_string_equal(claim(again.token, CLAIM), "");
	assert_int_equal(got.generation, 2);
	assert_string_equal(claim(k.token, CLAIM), "");
	must(w, service_credential_freeze(w->service, k.id, 0, &w->err));
	assert_string_equal(claim(k.token, CLAIM), ""); /* as the first time */
	clock_set_unix(&w->clock, clock_unix_ms(&w->clock) - 1000); /* used in the future */
	assert_string_equal(claim(k.token, CLAIM), "not-found");
}

/* ---- when ---- */

static void refuses_a_token_after_its_time(void **state)
{
	struct service_issued i = issue(), j = issue();

	(void)state;
	assert_int_equal(i.token_expires_at, WORLD_NOW + 86400);
	world_pass(w, 86399);
	assert_string_equal(activate(i.token), "");
	assert_string_equal(look(j.code), "");
	world_pass(w, 1);
	assert_string_equal(activate(j.token), "not-found");
	assert_string_equal(activate(j.code), "not-found");
	assert_string_equal(look(j.token), "not-found");
}

static void refuses_a_token_of_a_void_or_renewed_credential(void **state)
{
	struct service_issued i = issue(), j = issue(), again;

	(void)state;
	must(w, service_credential_void(w->service, i.id, &w->err));
	assert_string_equal(activate(i.token), "not-found");
	must(w, service_credential_renew(w->service, &again, j.id, 0, &w->err));
	assert_string_equal(activate(j.token), "not-found");
	assert_string_equal(activate(again.token), "");
	assert_int_equal(got.generation, 2);
}

static void refuses_a_token_when_the_credential_is_over_and_says_so(void **state)
{
	struct service_issue in = {.not_after = WORLD_NOW + 100};
	struct service_issued i;

	(void)state;
	memcpy(in.holder, w->holder, CODE_ID_LEN);
	memcpy(in.account, w->no_pin, CODE_ID_LEN);
	must(w, service_credential_issue(w->service, &i, &in, &w->err));
	world_pass(w, 100);
	assert_string_equal(look(i.token), "expired");
	assert_true(nothing_seen());
	assert_string_not_equal(world_last_audit(w).kind, "activation-refused");
	assert_string_equal(activate(i.token), "expired");
	assert_int_equal(w->problem.status, 403);
	assert_true(nothing_got());
	assert_string_equal(world_last_audit(w).kind, "activation-refused");
}

static void a_rolled_back_activation_leaves_the_token_good(void **state)
{
	struct service_issued i = issue();

	(void)state;
	must(w, store_begin(w->service->store, &w->err));
	must(w, store_savepoint(w->service->store, &w->err));
	must(w, world_activation(w, &got, i.token));
	assert_string_equal(w->problem.word, "");
	must(w, store_rollback_to(w->service->store, &w->err));
	must(w, store_commit(w->service->store, &w->err));
	assert_int_equal(who(got.token), ROLE_NOBODY);
	assert_string_equal(activate(i.token), "");
	assert_int_equal(who(got.token), ROLE_WALLET);
}

static void a_bearer_token_is_of_one_role_until_it_is_revoked(void **state)
{
	struct service_issued i = issue(), again;
	struct service_terminal t, u;
	struct phone p;

	(void)state;
	assert_int_equal(who(""), ROLE_NOBODY);
	assert_int_equal(who("A"), ROLE_NOBODY);
	assert_int_equal(who(i.token), ROLE_NOBODY); /* an activation token is no bearer token */
	phone_activate(w, &p, i.token);
	assert_int_equal(who(p.token), ROLE_WALLET);
	assert_string_equal(activate(p.token), "not-found");
	must(w, service_terminal_enrol(w->service, &t, "third", NULL, &w->err));
	assert_int_equal(who(t.token), ROLE_TERMINAL);
	must(w, service_terminal_enrol(w->service, &u, "third", NULL, &w->err));
	assert_int_equal(who(t.token), ROLE_NOBODY); /* enrolled again: the old one is dead */
	assert_int_equal(who(u.token), ROLE_TERMINAL);
	assert_memory_equal(t.id, u.id, CODE_ID_LEN);
	must(w, service_credential_renew(w->service, &again, i.id, 0, &w->err));
	assert_int_equal(who(p.token), ROLE_NOBODY);
	phone_activate(w, &p, again.token);
	assert_int_equal(who(p.token), ROLE_WALLET);
	must(w, service_credential_void(w->service, i.id, &w->err));
	assert_int_equal(who(p.token), ROLE_NOBODY);
	for (size_t n = 0; n < strlen(u.token); n++) {
		char token[SERVICE_TOKEN_MAX];

		memcpy(token, u.token, sizeof(token));
		token[n] = token[n] == 'A' ? 'B' : 'A';
		assert_int_equal(who(token), ROLE_NOBODY);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(activation_gives_all_that_a_wallet_needs_once),
		CASE(a_token_is_taken_in_any_spelling),
		CASE(refuses_tokens_that_are_none),
		CASE(a_long_token_of_before_still_opens),
		CASE(a_code_activates_what_its_token_does),
		CASE(refuses_codes_that_were_not_made_here),
		CASE(refuses_a_code_with_a_fault),
		CASE(refuses_other_codes_of_ours),
		CASE(a_look_tells_what_waits_and_burns_nothing),
		CASE(a_lost_answer_is_claimed_again),
		CASE(refuses_a_claim_that_is_not_of_this_activation),
		CASE(refuses_a_claim_when_the_credential_changed),
		CASE(refuses_a_token_after_its_time),
		CASE(refuses_a_token_of_a_void_or_renewed_credential),
		CASE(refuses_a_token_when_the_credential_is_over_and_says_so),
		CASE(a_rolled_back_activation_leaves_the_token_good),
		CASE(a_bearer_token_is_of_one_role_until_it_is_revoked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
