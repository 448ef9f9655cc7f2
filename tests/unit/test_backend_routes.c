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
#include "tests/lib/test_backend.h"

#define ID "00112233445566778899aabbccddeeff"

/* What the table must be; a new route is added here by hand, so that nobody opens one unseen. */
static const struct expected {
	enum http_method method;
	const char *path;
	unsigned who;
	int status; /* of who may, with an empty object where a body belongs */
} EXPECTED[] = {
	{HTTP_GET, "/healthz", ROUTE_ANYBODY, 200},
	{HTTP_GET, "/v1/issuer", ROUTE_TERMINAL | ROUTE_WALLET, 200},
	{HTTP_GET, "/v1/events", ROUTE_TERMINAL | ROUTE_WALLET, 200},
	{HTTP_POST, "/v1/activations", ROUTE_ANYBODY, 400},
	{HTTP_GET, "/v1/ca", ROUTE_ANYBODY, 404}, /* the test's backend has none */
	{HTTP_POST, "/v1/enrolments", ROUTE_ANYBODY, 400},
	{HTTP_POST, "/v1/terminals/renewal", ROUTE_TERMINAL, 400},
	{HTTP_POST, "/v1/verifications", ROUTE_TERMINAL, 400},
	{HTTP_GET, "/v1/verifications/{id}", ROUTE_TERMINAL, 404},
	{HTTP_DELETE, "/v1/verifications/{id}", ROUTE_TERMINAL, 404},
	{HTTP_POST, "/v1/verifications/{id}/response", ROUTE_TERMINAL, 400},
	{HTTP_POST, "/v1/verifications/{id}/pin", ROUTE_TERMINAL, 400},
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

static int call_as(const struct test_backend *b, const struct expected *e, const char *token,
	struct raw_answer *a)
{
	return test_call(b, a, token, http_method_word(e->method), concrete(e->path),
		e->method == HTTP_POST ? "{}" : NULL);
}

static void every_route_looks_at_who_asks(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char wrong[SERVICE_TOKEN_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	snprintf(wrong, sizeof(wrong), "%s", b.terminal_a);
	wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
	for (size_t i = 0; i < EXPECTED_COUNT; i++) {
		const struct expected *e = &EXPECTED[i];
		bool open = e->who == ROUTE_ANYBODY;
		const struct {
			const char *token;
			int status;
		} callers[] = {
			{NULL, open ? e->status : 401},
			{wrong, open ? e->status : 401},
			{"", open ? e->status : 401},
			{"short", open ? e->status : 401},
			{b.terminal_a, open || e->who & ROUTE_TERMINAL ? e->status : 403},
			{b.wallet_token, open || e->who & ROUTE_WALLET ? e->status : 403},
		};

		for (size_t k = 0; k < sizeof(callers) / sizeof(callers[0]); k++) {
			int status = call_as(&b, e, callers[k].token, &a);

			if (status != callers[k].status)
				fail_msg("%s caller %zu: %d, not %d", e->path, k, status,
					callers[k].status);
			assert_int_equal(raw_field(&a, "\r\nWWW-Authenticate:") != NULL,
				status == 401);
			if (status == 401)
				assert_string_equal(test_word(&a), "unauthorised");
			if (status == 403)
				assert_string_equal(test_word(&a), "forbidden");
		}
	}
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
	answer_health(&a, false);
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
