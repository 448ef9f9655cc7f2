/* SPDX-License-Identifier: Apache-2.0
 *
 * Every answer of the real server fits what docs/openapi.json says of its call and status: at least
 * one success and one refusal of each route.
 */
#include "tests/lib/openapi.h"
#include "tests/lib/test_people.h"

static unsigned seen_ok[64], seen_refused[64]; /* by place in the table */

static const struct route *route_of(const char *method, const char *path, size_t *place)
{
	const struct route *route = NULL;
	struct rules_problem problem;
	const char *allow;
	uint8_t id[CODE_ID_LEN];
	size_t count;
	enum http_method m = strcmp(method, "GET") == 0    ? HTTP_GET
			     : strcmp(method, "POST") == 0 ? HTTP_POST
							   : HTTP_DELETE;

	assert_true(route_find(&route, id, &problem, &allow, m, span_text(path)));
	*place = (size_t)(route - route_table(&count));
	return route;
}

/* Calls, and compares the answer with what the document says of this call and status. */
static int call(const struct test_backend *b, struct raw_answer *a, const char *token,
	const char *method, const char *path, const char *body)
{
	int status = test_call(b, a, token, method, path, body);
	size_t place;
	const struct route *route = route_of(method, path, &place);
	const json_t *response, *schema;
	char text[8];
	json_t *v = json_loads(a->body, JSON_REJECT_DUPLICATES, NULL);

	snprintf(text, sizeof(text), "%d", status);
	response = json_object_get(
		json_object_get(operation(route->path, method_key(route->method)), "responses"),
		text);
	if (!response || !v)
		fail_msg("%s %s: %d is not described, or no JSON: %s", method, path, status,
			a->body);
	schema = json_object_get(json_object_get(json_object_get(response, "content"),
					 status < 400 ? "application/json"
						      : "application/problem+json"),
		"schema");
	fits(schema, v, path);
	json_decref(v);
	(status < 400 ? seen_ok : seen_refused)[place]++;
	return status;
}

#define ID "00112233445566778899aabbccddeeff"

static void credential_path(char out[static 128], const struct test_backend *b, const char *act)
{
	char hex[2 * CODE_ID_LEN + 1];

	hex_encode(hex, SPAN(b->credential, CODE_ID_LEN));
	snprintf(out, 128, "/v1/credentials/%s%s", hex, act);
}

static void terminals(struct test_backend *b)
{
	char path[128], body[1024], code[CODE_TEXT_MAX], id[33];
	struct raw_answer a;

	test_wallet_show(&b->wallet, code, b->now_ms / 1000);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	assert_int_equal(call(b, &a, b->terminal_a, "POST", "/v1/verifications", body), 201);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));
	test_wallet_answer(&b->wallet, code, test_text(&a, "number"), b->now_ms / 1000);
	snprintf(path, sizeof(path), "/v1/verifications/%s", id);
	assert_int_equal(call(b, &a, b->terminal_a, "GET", path, NULL), 200);
	assert_string_equal(test_text(&a, "merchant"), "");
	assert_int_equal(call(b, &a, b->wallet_token, "GET", path, NULL), 200);
	assert_string_equal(test_text(&a, "merchant"), "till-a");
	assert_int_equal(call(b, &a, b->terminal_b, "GET", path, NULL), 404);
	snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	assert_int_equal(call(b, &a, b->terminal_a, "POST", path, body), 200);
	assert_int_equal(call(b, &a, b->terminal_a, "POST", path, "{\"code\":\"x\"}"), 409);
	snprintf(path, sizeof(path), "/v1/verifications/%s/pin", id);
	assert_int_equal(
		call(b, &a, b->terminal_a, "POST", path, "{\"pin\":\"1\",\"try\":1}"), 400);
	assert_int_equal(
		call(b, &a, b->terminal_a, "POST", path, "{\"pin\":\"1111\",\"try\":1}"), 200);
	assert_int_equal(
		call(b, &a, b->terminal_a, "POST", path, "{\"pin\":\"2468\",\"try\":2}"), 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	snprintf(path, sizeof(path), "/v1/verifications/%s", id);
	assert_int_equal(call(b, &a, b->wallet_token, "GET", path, NULL), 200);
	assert_true(test_text(&a, "receipt")[0] && test_int(&a, "decided_at") > 0);
	assert_int_equal(call(b, &a, b->wallet_token, "GET", "/v1/verifications/" ID, NULL), 404);
	assert_int_equal(call(b, &a, b->terminal_a, "DELETE", path, NULL), 200);
	assert_int_equal(
		call(b, &a, b->terminal_a, "DELETE", "/v1/verifications/" ID, NULL), 404);
	assert_int_equal(call(b, &a, b->terminal_a, "POST", "/v1/verifications", "{}"), 400);
}

static void add_question(const struct test_backend *b, const char *words)
{
	struct clock clock;
	struct err err = {0};
	struct store_holder holder;
	struct service *s = test_beside(&clock, b);
	int place;

	TEST_MUST(store_holder_by_phone(s->store, &holder, "+44 1", 0, &err));
	TEST_MUST(service_question_set(
		s, &place, holder.id, "other", words, span_text("yes"), &err));
	service_close(&s);
}

static void calls(struct test_backend *b, const char *operator_token, char id[static 33])
{
	char path[128];
	struct raw_answer a;

	assert_int_equal(call(b, &a, operator_token, "POST", "/v1/service/calls",
				 "{\"phone\":\"+44 1\"}"), 403);
	assert_string_equal(test_word(&a), "no-questions");
	add_question(b, "Question one");
	add_question(b, "Question two");
	assert_int_equal(call(b, &a, operator_token, "POST", "/v1/service/calls",
				 "{\"phone\":\"+44 1\"}"), 201);
	snprintf(id, 33, "%s", test_text(&a, "id"));
	snprintf(path, sizeof(path), "/v1/service/calls/%s", id);
	assert_int_equal(call(b, &a, operator_token, "GET", path, NULL), 200);
	assert_int_equal(
		call(b, &a, operator_token, "GET", "/v1/service/calls/" ID, NULL), 404);
	snprintf(path, sizeof(path), "/v1/service/calls/%s/credentials", id);
	assert_int_equal(call(b, &a, operator_token, "GET", path, NULL), 403);
	snprintf(path, sizeof(path), "/v1/service/calls/%s/answers", id);
	for (int q = 1; q <= 2; q++) {
		char body[64];

		snprintf(body, sizeof(body), "{\"question\":%d,\"answer\":\"Yes!\"}", q);
		assert_int_equal(call(b, &a, operator_token, "POST", path, body), 200);
	}
	assert_string_equal(test_text(&a, "state"), "identified");
	assert_int_equal(call(b, &a, operator_token, "POST", path, "{}"), 400);
	snprintf(path, sizeof(path), "/v1/service/calls/%s/credentials", id);
	assert_int_equal(call(b, &a, operator_token, "GET", path, NULL), 200);
}

static void credentials(struct test_backend *b, const char *operator_token,
	const char *admin_token, const char *call_id)
{
	static const char *const ACTS[] = {"/freeze", "/unfreeze", "/renewal", "/void"};
	char path[128], body[128];
	struct raw_answer a;

	snprintf(body, sizeof(body), "{\"call\":\"%s\"}", call_id);
	credential_path(path, b, "");
	assert_int_equal(call(b, &a, admin_token, "GET", path, NULL), 200);
	assert_int_equal(call(b, &a, operator_token, "GET", path, NULL), 403);
	assert_int_equal(call(b, &a, b->wallet_token, "GET", path, NULL), 200);
	assert_string_equal(test_text(&a, "account"), "");
	assert_int_equal(call(b, &a, b->wallet_token, "GET", "/v1/credentials/" ID, NULL), 404);
	credential_path(path, b, "/renewal");
	assert_int_equal(call(b, &a, b->wallet_token, "POST", path, "{}"), 403);
	assert_int_equal(call(b, &a, operator_token, "POST", path,
				 "{\"call\":\"00112233445566778899AABBCCDDEEFF\"}"), 400);
	assert_int_equal(call(b, &a, operator_token, "POST", path, "{\"call\":\"0011\"}"), 400);
	for (size_t i = 0; i < 4; i++) {
		credential_path(path, b, ACTS[i]);
		assert_int_equal(call(b, &a, operator_token, "POST", path, "{}"), 403);
		assert_int_equal(call(b, &a, operator_token, "POST", path, body),
			i == 2 ? 201 : 200);
		if (i == 2) { /* the token is the holder's: an operator does not see it */
			assert_string_equal(test_text(&a, "token"), "");
			assert_int_equal(call(b, &a, admin_token, "POST", path, "{}"), 201);
			assert_true(test_text(&a, "token")[0] != '\0');
		}
	}
	assert_int_equal(call(b, &a, admin_token, "POST", path, "{}"), 403); /* void is for ever */
	snprintf(path, sizeof(path), "/v1/service/calls/%s", call_id);
	assert_int_equal(call(b, &a, operator_token, "DELETE", path, NULL), 200);
	assert_int_equal(
		call(b, &a, operator_token, "DELETE", "/v1/service/calls/" ID, NULL), 404);
}

static void offline(struct test_backend *b)
{
	static const char sale[] = "{\"id\":\"" ID "\",\"code\":\"A\",\"at\":1,\"amount\":1,"
				   "\"currency\":\"EUR\"}";
	struct raw_answer a;

	assert_int_equal(call(b, &a, b->terminal_a, "POST", "/v1/offline", sale), 200);
	assert_string_equal(test_text(&a, "reason"), "foreign-code");
	assert_int_equal(call(b, &a, b->terminal_b, "POST", "/v1/offline", sale), 409);
	assert_int_equal(call(b, &a, b->terminal_a, "POST", "/v1/offline", "{}"), 400);
}

static void sessions(struct test_backend *b, char operator_token[static SERVICE_TOKEN_MAX],
	char admin_token[static SERVICE_TOKEN_MAX])
{
	struct raw_answer a;

	test_operator(b, operator_token, "Ann", STAFF_OPERATOR);
	test_operator(b, admin_token, "Root", STAFF_ADMIN);
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/sessions",
				 "{\"name\":\"Ann\",\"passphrase\":\"" TEST_PASSPHRASE "\"}"), 201);
	assert_int_equal(call(b, &a, test_text(&a, "token"), "DELETE", "/v1/sessions", NULL), 200);
	assert_int_equal(call(b, &a, "AAAA", "DELETE", "/v1/sessions", NULL), 401);
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/sessions",
				 "{\"name\":\"Ann\",\"passphrase\":\"no\"}"), 403);
}

static void activation(struct test_backend *b)
{
	struct clock clock;
	struct err err = {0};
	struct service *s = test_beside(&clock, b);
	struct service_issued issued;
	struct raw_answer a;
	char body[CODE_TEXT_MAX + 32];

	TEST_MUST(service_credential_renew(s, &issued, b->credential, 0, &err));
	service_close(&s);
	for (size_t i = 0; i < 2; i++) { /* of another host, and with another signature */
		const char *last = issued.code + strlen(issued.code) - 1;

		snprintf(body, sizeof(body), "{\"token\":\"HTTPS://%s%.*s%s\"}",
			i ? "QR.EXAMPLE.COM" : "QR.EXAMPLE.ORG",
			(int)(last - issued.code) - 21 - (int)i, issued.code + 22,
			!i ? "" : *last == 'I' ? "A" : "I");
		assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations/look", body),
			i ? 403 : 400);
		assert_string_equal(test_word(&a), i ? "bad-signature" : "foreign-code");
	}
	snprintf(body, sizeof(body), "{\"token\":\"%s\"}", issued.token);
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations/look", body), 200);
	assert_string_equal(test_text(&a, "issuer.host"), "QR.EXAMPLE.COM");
	assert_null(strstr(a.body, "Ada")); /* nobody's name */
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations", body), 201);
	snprintf(b->wallet_token, sizeof(b->wallet_token), "%s", test_text(&a, "token"));
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations", body), 404);
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations/look", body), 404);
	assert_int_equal(call(b, &a, NULL, "POST", "/v1/activations", "{\"token\":\"A\","
				 "\"claim\":\"00\"}"), 400);
}

/* What cannot be had from a server without TLS, or is no JSON, or cannot be refused. */
static bool only_half(const char *path, bool refused)
{
	if (strcmp(path, "/metrics") == 0)
		return true;
	if (strcmp(path, "/healthz") == 0)
		return refused;
	return !refused && (strcmp(path, "/v1/ca") == 0 || strcmp(path, "/v1/enrolments") == 0 ||
				   strcmp(path, "/v1/terminals/renewal") == 0);
}

static void answers_of_the_server_fit_the_document(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char operator_token[SERVICE_TOKEN_MAX], admin_token[SERVICE_TOKEN_MAX], id[33];
	size_t count;
	const struct route *table = route_table(&count);

	(void)state;
	assert_true(count < sizeof(seen_ok) / sizeof(seen_ok[0]));
	test_backend_start(&b, NULL);
	assert_int_equal(call(&b, &a, NULL, "GET", "/healthz", NULL), 200);
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/metrics", NULL), 200);
	assert_non_null(raw_field(&a, "\r\nContent-Type: text/plain"));
	assert_non_null(operation("/metrics", "get"));
	assert_int_equal(call(&b, &a, b.terminal_a, "GET", "/v1/issuer", NULL), 200);
	assert_int_equal(call(&b, &a, NULL, "GET", "/v1/issuer", NULL), 401);
	assert_int_equal(call(&b, &a, b.terminal_a, "GET", "/v1/events?wait=0", NULL), 200);
	assert_int_equal(call(&b, &a, b.terminal_a, "GET", "/v1/events?wait=x", NULL), 400);
	assert_int_equal(call(&b, &a, NULL, "GET", "/v1/ca", NULL), 404);
	assert_int_equal(call(&b, &a, NULL, "POST", "/v1/enrolments",
				 "{\"code\":\"A\",\"csr\":\"A\"}"), 403);
	assert_int_equal(call(&b, &a, b.terminal_a, "POST", "/v1/terminals/renewal",
				 "{\"csr\":\"A\"}"), 403);
	terminals(&b);
	offline(&b);
	sessions(&b, operator_token, admin_token);
	activation(&b);
	calls(&b, operator_token, id);
	credentials(&b, operator_token, admin_token, id);
	for (size_t i = 0; i < count; i++) {
		if (!seen_ok[i] && !only_half(table[i].path, false))
			fail_msg("no success of %s was looked at", table[i].path);
		if (!seen_refused[i] && !only_half(table[i].path, true))
			fail_msg("no refusal of %s was looked at", table[i].path);
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* What the test's server, which has no TLS, cannot be asked for: from the same writers. */
static void answers_over_tls_fit_the_document(void **state)
{
	static const struct {
		const char *path, *method, *status;
	} CALLS[] = {{"/v1/ca", "get", "200"}, {"/v1/enrolments", "post", "201"},
		{"/v1/terminals/renewal", "post", "201"}};
	static struct answer a;
	struct rules_enrolment_out out = {.name = "till", .not_after = 1800000000,
		.certificate = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"};
	struct test_backend b;

	(void)state;
	test_backend_start(&b, NULL);
	for (size_t i = 0; i < 3; i++) {
		const json_t *content = json_object_get(
			json_object_get(json_object_get(operation(CALLS[i].path, CALLS[i].method),
						"responses"), CALLS[i].status), "content");
		struct span body;
		json_t *v;

		answer_init(&a);
		if (i == 0)
			answer_authority(&a, span_text(out.certificate));
		else
			answer_enrolment(&a, &out, b.service->keys);
		body = answer_http(&a)->body;
		v = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(v);
		fits(json_object_get(json_object_get(content, "application/json"), "schema"), v,
			CALLS[i].path);
		json_decref(v);
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(answers_of_the_server_fit_the_document),
		CASE(answers_over_tls_fit_the_document),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, load, unload);
}
