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

static const char *activate(const char *token)
{
	must(w, store_begin(w->service->store, &w->err));
	must(w, world_activation(w, &got, token));
	must(w, store_commit(w->service->store, &w->err));
	return w->problem.word;
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

static void refuses_tokens_that_are_none(void **state)
{
	struct service_issued i = issue();
	char token[SERVICE_TOKEN_MAX + 8];
	int records = (int)world_last_audit(w).seq;

	(void)state;
	assert_string_equal(activate(""), "not-found");
	assert_string_equal(activate("AAAA"), "not-found");
	for (size_t n = 0; n < strlen(i.token); n++) {
		memcpy(token, i.token, sizeof(i.token));
		token[n] = token[n] == 'A' ? 'B' : 'A';
		assert_string_equal(activate(token), "not-found");
		assert_true(nothing_got());
		token[n] = '\0';
		assert_string_equal(activate(token), "not-found");
	}
	snprintf(token, sizeof(token), "%sA", i.token);
	assert_string_equal(activate(token), "not-found");
	token[52] = '\0';
	token[strcspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] |= 0x20; /* lower case */
	assert_string_equal(activate(token), "not-found");
	assert_int_equal(world_last_audit(w).seq, records); /* guesses do not fill the audit */
	assert_string_equal(activate(i.token), "");
}

static void refuses_a_token_after_its_time(void **state)
{
	struct service_issued i = issue(), j = issue();

	(void)state;
	assert_int_equal(i.token_expires_at, WORLD_NOW + 86400);
	world_pass(w, 86399);
	assert_string_equal(activate(i.token), "");
	world_pass(w, 1);
	assert_string_equal(activate(j.token), "not-found");
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
		CASE(refuses_tokens_that_are_none),
		CASE(refuses_a_token_after_its_time),
		CASE(refuses_a_token_of_a_void_or_renewed_credential),
		CASE(refuses_a_token_when_the_credential_is_over_and_says_so),
		CASE(a_rolled_back_activation_leaves_the_token_good),
		CASE(a_bearer_token_is_of_one_role_until_it_is_revoked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
