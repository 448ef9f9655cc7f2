/* SPDX-License-Identifier: Apache-2.0
 *
 * The route table: every route called as nobody, as a terminal and as a wallet does exactly what
 * the table says, and nothing outside the table does anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/routes.h"
#include "tests/lib/test_people.h"

#define ID "00112233445566778899aabbccddeeff"

#define T ROUTE_TERMINAL
#define W ROUTE_WALLET
#define O (ROUTE_OPERATOR | ROUTE_SUPERVISOR)
#define C ROUTE_CASHIER
#define A ROUTE_ADMIN

/* What the table must be; a new route is added here by hand, so that nobody opens one unseen. */
static const struct expected {
	enum http_method method;
	const char *path;
	unsigned who;
	const char *body; /* NULL = none */
	int status;       /* of who may */
	int other;        /* of a stopped terminal that may, else of an operator that may */
} EXPECTED[] = {
	{HTTP_GET, "/healthz", ROUTE_ANYBODY, NULL, 200, 200},
	{HTTP_GET, "/metrics", ROUTE_LOCAL | A, NULL, 200, 200},
	{HTTP_GET, "/v1/issuer", T | W | C | O | A, NULL, 200, 200},
	{HTTP_GET, "/v1/events", T | W, NULL, 200, 200},
	{HTTP_POST, "/v1/activations", ROUTE_ANYBODY, "{\"token\":\"A\"}", 404, 404},
	{HTTP_POST, "/v1/activations/look", ROUTE_ANYBODY, "{\"token\":\"A\"}", 404, 404},
	{HTTP_GET, "/v1/ca", ROUTE_ANYBODY, NULL, 404, 404}, /* the test's backend has none */
	{HTTP_POST, "/v1/enrolments", ROUTE_ANYBODY, "{}", 400, 400},
	{HTTP_POST, "/v1/terminals/renewal", T, "{}", 400, 400},
	{HTTP_POST, "/v1/verifications", T, "{\"code\":\"A\"}", 400, 403},
	{HTTP_POST, "/v1/offline", T,
		"{\"id\":\"ffffffffffffffffffffffffffffffff\",\"code\":\"A\",\"at\":1,"
		"\"amount\":1,\"currency\":\"EUR\"}",
		200, 403},
	{HTTP_GET, "/v1/verifications/{id}", T | W, NULL, 404, 404},
	{HTTP_DELETE, "/v1/verifications/{id}", T, NULL, 404, 404},
	{HTTP_POST, "/v1/verifications/{id}/response", T, "{\"code\":\"A\"}", 404, 404},
	{HTTP_POST, "/v1/verifications/{id}/pin", T, "{\"pin\":\"2468\",\"try\":1}", 404, 404},
	{HTTP_POST, "/v1/sessions", ROUTE_ANYBODY, "{}", 400, 400},
	{HTTP_DELETE, "/v1/sessions", C | O | A, NULL, 200, 200},
	{HTTP_POST, "/v1/service/calls", O | A, "{\"phone\":\"1\"}", 404, 404},
	{HTTP_GET, "/v1/service/calls/{id}", O | A, NULL, 404, 404},
	{HTTP_DELETE, "/v1/service/calls/{id}", O | A, NULL, 404, 404},
	{HTTP_POST, "/v1/service/calls/{id}/answers", O | A,
		"{\"question\":1,\"answer\":\"A\"}", 404, 404},
	{HTTP_GET, "/v1/service/calls/{id}/credentials", O | A, NULL, 404, 404},
	{HTTP_GET, "/v1/credentials/{id}", A | W, NULL, 404, 404},
	{HTTP_POST, "/v1/credentials/{id}/freeze", O | A, "{\"call\":\"" ID "\"}", 404, 404},
	{HTTP_POST, "/v1/credentials/{id}/unfreeze", O | A, "{\"call\":\"" ID "\"}", 404, 404},
	{HTTP_POST, "/v1/credentials/{id}/void", O | A, "{\"call\":\"" ID "\"}", 404, 404},
	{HTTP_POST, "/v1/credentials/{id}/renewal", W | O | A, "{}", 404, 403},
};
#define EXPECTED_COUNT (sizeof(EXPECTED) / sizeof(EXPECTED[0]))

static const char *concrete(const char *path)
{
	static char text[128];
	const char *hole = strstr(path, "{id}");

	if (!hole)
		return path;
	snprintf(text, sizeof(text), "%.*s" ID "%s", (int)(hole - path), path, hole + 4);
	return text;
}

static void the_table_is_the_one_that_was_agreed(void **state)
{
	size_t count;
	const struct route *table = route_table(&count);

	(void)state;
	assert_int_equal(count, EXPECTED_COUNT);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(table[i].method, EXPECTED[i].method);
		assert_string_equal(table[i].path, EXPECTED[i].path);
		assert_int_equal(table[i].who, EXPECTED[i].who);
		assert_non_null(table[i].run);
		assert_int_equal(table[i].field_count > 0, table[i].method == HTTP_POST);
	}
}

enum { CALLERS = 15 };

/* Everybody there is, and everybody who is nobody. */
struct everybody {
	struct {
		const char *name;
		unsigned role; /* 0 = nobody */
		char token[SERVICE_TOKEN_MAX];
	} list[CALLERS];
	size_t count;
};

static void add(struct everybody *all, const char *name, unsigned role, const char *token)
{
	all->list[all->count].name = name;
	all->list[all->count].role = role;
	snprintf(all->list[all->count++].token, SERVICE_TOKEN_MAX, "%s", token);
}

static void add_operators(struct everybody *all, const struct test_backend *b)
{
	char token[SERVICE_TOKEN_MAX], digest[SEC_SHA256_LEN];
	struct raw_answer a;

	test_operator(b, token, "Ann", STAFF_OPERATOR);
	add(all, "operator", ROUTE_OPERATOR, token);
	test_operator(b, token, "Cy", STAFF_CASHIER);
	add(all, "cashier", C, token);
	test_operator(b, token, "Sue", STAFF_SUPERVISOR);
	add(all, "supervisor", ROUTE_SUPERVISOR, token);
	test_operator(b, token, "Root", STAFF_ADMIN);
	add(all, "administrator", A, token);
	test_operator(b, token, "Bob", STAFF_OPERATOR);
	assert_int_equal(test_call(b, &a, token, "DELETE", "/v1/sessions", NULL), 200);
	add(all, "session that was ended", 0, token);
	test_operator(b, token, "Eve", STAFF_ADMIN);
	test_operator_stop(b, "Eve", true);
	add(all, "session of a stopped administrator", 0, token);
	test_operator_stop(b, "Eve", false);
	add(all, "session from before the stop", 0, token);
	assert_int_equal(keyring_token_new(token, (uint8_t *)digest, NULL), ERR_OK);
	add(all, "token of another backend", 0, token);
}

static void everybody(struct everybody *all, const struct test_backend *b)
{
	struct clock clock;
	struct err err = {0};
	struct service *s = test_beside(&clock, b);
	char token[SERVICE_TOKEN_MAX];

	all->count = 0;
	add(all, "nobody", 0, "");
	snprintf(token, sizeof(token), "%s", b->terminal_a);
	token[0] = token[0] == 'A' ? 'B' : 'A';
	add(all, "nearly a terminal", 0, token);
	add(all, "something short", 0, "short");
	add(all, "terminal", T, b->terminal_a);
	add(all, "wallet", W, b->wallet_token);
	assert_int_equal(service_terminal_stop(s, "till-b", true, &err), ERR_OK);
	add(all, "stopped terminal", T, b->terminal_b);
	service_close(&s);
	add_operators(all, b);
}

static int wanted(const struct expected *e, unsigned role, const char *name)
{
	if (e->who == ROUTE_ANYBODY || e->who & ROUTE_LOCAL) /* this test is on the machine */
		return e->status;
	if (!role)
		return 401;
	if (!(e->who & role))
		return 403;
	if (e->who & T ? strcmp(name, "stopped terminal") == 0 : (role & O) != 0)
		return e->other;
	return e->status;
}

/* The last row first: DELETE of a session ends the caller's own, so it is left for the end. */
static void every_route_looks_at_who_asks(void **state)
{
	struct everybody all;
	struct test_backend b;
	struct raw_answer a;
	int leave = 0;

	(void)state;
	test_backend_start(&b, NULL);
	everybody(&all, &b);
	for (size_t i = 0; i < EXPECTED_COUNT + 1; i++) {
		const struct expected *e = &EXPECTED[i == EXPECTED_COUNT ? (size_t)leave : i];

		if (i < EXPECTED_COUNT && e->method == HTTP_DELETE &&
			strcmp(e->path, "/v1/sessions") == 0) {
			leave = (int)i;
			continue;
		}
		for (size_t k = 0; k < all.count; k++) {
			const char *token = all.list[k].token;
			int want = wanted(e, all.list[k].role, all.list[k].name);
			int got = test_call(&b, &a, k == 0 ? NULL : token,
				http_method_word(e->method), concrete(e->path), e->body);

			if (got != want)
				fail_msg("%s %s by %s: %d %s, not %d", http_method_word(e->method),
					e->path, all.list[k].name, got, test_word(&a), want);
			assert_int_equal(
				raw_field(&a, "\r\nWWW-Authenticate:") != NULL, got == 401);
			if (got == 401)
				assert_string_equal(test_word(&a), "unauthorised");
			if (want == 403 && !(e->who & all.list[k].role))
				assert_string_equal(test_word(&a), "forbidden");
		}
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_session_ends_with_its_time(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char token[SERVICE_TOKEN_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	test_operator(&b, token, "Ann", STAFF_OPERATOR);
	b.now_ms += (int64_t)b.service->policy.session_lifetime_s * 1000 - 1000;
	assert_int_equal(test_call(&b, &a, token, "GET", "/v1/issuer", NULL), 200);
	b.now_ms += 1000;
	assert_int_equal(test_call(&b, &a, token, "GET", "/v1/issuer", NULL), 401);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void whoever_may_not_learns_nothing_of_the_fields(void **state)
{
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(
		test_call(&b, &a, b.wallet_token, "POST", "/v1/verifications", "{\"x\":1}"), 403);
	assert_int_equal(
		test_call(&b, &a, "AAAA", "POST", "/v1/verifications", "not json"), 401);
	assert_int_equal(
		test_call(&b, &a, b.terminal_a, "POST", "/v1/verifications", "not json"), 400);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void every_other_method_is_refused_with_the_right_ones(void **state)
{
	static const char *const METHODS[] = {"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT",
		"PATCH", "TRACE", "CONNECT", "get"};
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	for (size_t i = 0; i < EXPECTED_COUNT; i++) {
		for (size_t m = 0; m < 10; m++) {
			bool known = false;
			const char *path = EXPECTED[i].path;

			for (size_t k = 0; k < EXPECTED_COUNT; k++)
				known |= strcmp(EXPECTED[k].path, path) == 0 &&
					 strcmp(http_method_word(EXPECTED[k].method),
						 METHODS[m]) == 0;
			if (known)
				continue;
			(void)test_call(&b, &a, b.terminal_a, METHODS[m], concrete(path),
				strcmp(METHODS[m], "POST") == 0 ? "{}" : NULL);
			if (strcmp(METHODS[m], "get") == 0) {
				assert_int_equal(a.status, 400);
				continue;
			}
			if (a.status != 405)
				fail_msg("%s %s: %d", METHODS[m], path, a.status);
			assert_non_null(raw_field(&a, "\r\nAllow: "));
			assert_non_null(strstr(raw_field(&a, "\r\nAllow: "),
				http_method_word(EXPECTED[i].method)));
		}
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void paths_are_exact(void **state)
{
	static const char *const PATHS[] = {"/", "//healthz", "/healthz/", "/healthz?", "/HEALTHZ",
		"/healthz#", "/v1", "/v1/", "/v1/verifications/", "/v1/verifications/" ID "/",
		"/v1/verifications/00112233445566778899AABBCCDDEEFF",
		"/v1/verifications/00112233445566778899aabbccddeef",
		"/v1/verifications/00112233445566778899aabbccddeefff",
		"/v1/verifications/00112233445566778899aabbccddeefg",
		"/v1/verifications/" ID "/Response", "/v1/verifications/" ID "/pin/",
		"/v1/verifications/../verifications/" ID, "/v1/verifications/%30" ID, "/v2/issuer",
		"/v1/verifications//" ID, "/v1/verifications/{id}", "/v1/issuer;a=b"};
	static const enum http_method METHODS[] = {HTTP_GET, HTTP_POST, HTTP_DELETE, HTTP_HEAD,
		HTTP_OTHER};
	const struct route *route;
	struct rules_problem problem;
	const char *allow;
	uint8_t id[CODE_ID_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
		for (size_t m = 0; m < 5; m++) {
			char *exact = malloc(strlen(PATHS[i]));

			memcpy(exact, PATHS[i], strlen(PATHS[i]));
			if (route_find(&route, id, &problem, &allow, METHODS[m],
				    SPAN(exact, strlen(PATHS[i]))))
				fail_msg("found: %s", PATHS[i]);
			free(exact);
			assert_int_equal(problem.status, 404);
			assert_null(allow);
		}
	}
}

static void an_id_in_the_path_reaches_its_handler(void **state)
{
	const struct route *route;
	struct rules_problem problem;
	const char *allow;
	uint8_t id[CODE_ID_LEN], want[CODE_ID_LEN];

	(void)state;
	assert_int_equal(hex_decode(want, sizeof(want), span_text(ID)), ERR_OK);
	assert_true(route_find(&route, id, &problem, &allow, HTTP_POST,
		span_text("/v1/verifications/" ID "/pin")));
	assert_memory_equal(id, want, sizeof(id));
	assert_string_equal(route->path, "/v1/verifications/{id}/pin");
}

static void only_json_is_taken_and_only_where_a_body_belongs(void **state)
{
	static const char *const TYPES[] = {"", "Content-Type: text/plain\r\n",
		"Content-Type: application/x-www-form-urlencoded\r\n",
		"Content-Type: application/json; charset=latin1\r\n"};
	struct test_backend b;
	struct raw_answer a;
	char text[512];

	(void)state;
	test_backend_start(&b, NULL);
	for (size_t i = 0; i < 4; i++) {
		int n = snprintf(text, sizeof(text),
			"POST /v1/activations HTTP/1.1\r\nHost: a\r\n%sContent-Length: 2\r\n\r\n{}",
			TYPES[i]);

		raw_once(b.port, &a, text, (size_t)n);
		assert_int_equal(a.status, 415);
		assert_string_equal(test_word(&a), "bad-request");
	}
	/* a browser's form cannot start a verification: it cannot send this type */
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_token_has_one_form(void **state)
{
	static const char *const SCHEMES[] = {
		"Basic ", "Bearer", "Bearer  ", "Token ", "Bearer:", "Bearer \t"};
	struct test_backend b;
	struct raw_answer a;
	char text[512];

	(void)state;
	test_backend_start(&b, NULL);
	for (size_t i = 0; i < 7; i++) {
		int n = snprintf(text, sizeof(text),
			"GET /v1/issuer HTTP/1.1\r\nHost: a\r\nAuthorization: %s%s\r\n\r\n",
			i < 6 ? SCHEMES[i] : "bEARER ", b.terminal_a);

		raw_once(b.port, &a, text, (size_t)n);
		assert_int_equal(a.status, i < 6 ? 401 : 200);
	}
	/* every byte of it counts */
	for (size_t i = 0; i < strlen(b.terminal_a); i++) {
		char token[SERVICE_TOKEN_MAX];

		memcpy(token, b.terminal_a, sizeof(token));
		token[i] = token[i] == 'Q' ? 'A' : 'Q';
		assert_int_equal(test_call(&b, &a, token, "GET", "/v1/issuer", NULL), 401);
		memcpy(token, b.terminal_a, sizeof(token));
		token[i] = '\0';
		assert_int_equal(test_call(&b, &a, token, "GET", "/v1/issuer", NULL), 401);
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void problems_are_rfc_9457(void **state)
{
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(
		test_call(&b, &a, b.terminal_a, "POST", "/v1/verifications", "{\"code\":\"x\"}"),
		400);
	assert_non_null(raw_field(&a, "\r\nContent-Type: application/problem+json\r\n"));
	assert_string_equal(
		test_text(&a, "type"), "https://countersign.invalid/problems/foreign-code");
	assert_int_equal(test_int(&a, "status"), 400);
	assert_true(test_text(&a, "title")[0] != '\0');
	assert_true(test_text(&a, "detail")[0] != '\0');
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void an_answer_that_does_not_fit_becomes_a_fault(void **state)
{
	static struct answer a;
	const struct http_answer *out;

	(void)state;
	answer_init(&a);
	answer_health(&a, &(struct answer_health){.store = true});
	while (!a.body.full)
		bytes_add_text(&a.body, "x");
	out = answer_http(&a);
	assert_int_equal(out->status, 500);
	assert_true(out->body.len > 0 && out->body.len < 512);
	assert_string_equal(problem_title("internal"), "An internal fault, nothing was decided");
	assert_string_equal(problem_title("no such word"), "Refused");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_one_that_was_agreed),
		CASE(every_route_looks_at_who_asks),
		CASE(a_session_ends_with_its_time),
		CASE(whoever_may_not_learns_nothing_of_the_fields),
		CASE(every_other_method_is_refused_with_the_right_ones),
		cmocka_unit_test(paths_are_exact),
		cmocka_unit_test(an_id_in_the_path_reaches_its_handler),
		CASE(only_json_is_taken_and_only_where_a_body_belongs),
		CASE(a_token_has_one_form),
		CASE(problems_are_rfc_9457),
		cmocka_unit_test(an_answer_that_does_not_fit_becomes_a_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
