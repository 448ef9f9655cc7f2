/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole backend in the test's process: a fresh directory, one holder with account, PIN 2468 and
 * credential, two terminals, the real server on a free port in a thread of its own, and a clock
 * that the test turns through a header field. For test programs only.
 */
#ifndef TESTS_LIB_TEST_BACKEND_H
#define TESTS_LIB_TEST_BACKEND_H

#include <pthread.h>

#include "backend/args.h"
#include "backend/server.h"
#include "base/json.h"
#include "tests/lib/folder.h"
#include "tests/lib/raw_http.h"
#include "tests/lib/test_wallet.h"

#define TEST_START_MS 1790000000000
#define TEST_TIME_HEADER "X-Test-Clock"

struct test_backend {
	struct clock clock;
	struct service *service;
	struct server *server;
	pthread_t thread;
	enum err_code ended;
	int port;
	int64_t now_ms; /* sent with every request */
	uint8_t credential[CODE_ID_LEN];
	char terminal_a[SERVICE_TOKEN_MAX], terminal_b[SERVICE_TOKEN_MAX];
	char wallet_token[SERVICE_TOKEN_MAX];
	struct test_wallet wallet;
};

static inline bool test_time_read(int64_t *unix_ms, struct span value)
{
	char text[24] = "";

	if (value.len >= sizeof(text))
		return false;
	memcpy(text, value.data, value.len);
	return args_number(unix_ms, text, 0, INT64_MAX / 2000000) == ERR_OK;
}

static const struct server_time_header test_time_header = {TEST_TIME_HEADER, test_time_read};

/* One request on a connection of its own (fd < 0) or on the given one. */
static inline void test_send(const struct test_backend *b, int fd, const char *token,
	const char *method, const char *path, const char *body)
{
	char text[4096];
	char length[96] = "";
	int n;

	if (body)
		snprintf(length, sizeof(length),
			"Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	n = snprintf(text, sizeof(text),
		"%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s" TEST_TIME_HEADER ": %lld\r\n%s\r\n%s",
		method, path, token ? "Authorization: Bearer " : "", token ? token : "",
		token ? "\r\n" : "", (long long)b->now_ms, length, body ? body : "");
	TEST_MUST(n < 0 || (size_t)n >= sizeof(text));
	raw_send(fd, text, (size_t)n);
}

static inline int test_call(const struct test_backend *b, struct raw_answer *a, const char *token,
	const char *method, const char *path, const char *body)
{
	int fd = raw_connect(b->port);

	bool head = strcmp(method, "HEAD") == 0; /* its answer ends with the connection */

	test_send(b, fd, token, method, path, body);
	if (head)
		(void)shutdown(fd, SHUT_WR);
	raw_read(fd, a, 10000, head);
	close(fd);
	return a->status;
}

/* A text member of the answer, "object.member" one level down; "" when it is not there. Four can be
 * held at a time.
 */
static inline const char *test_text(const struct raw_answer *a, const char *name)
{
	static char results[4][512];
	static unsigned next;
	char *out = results[next++ % 4];
	char first[32] = "";
	const char *dot = strchr(name, '.');
	struct json *j = NULL;
	const struct json *in;
	struct err err;

	out[0] = '\0';
	if (json_parse(&j, span_text(a->body), RAW_ANSWER_MAX, &err))
		return out;
	in = j;
	if (dot) {
		memcpy(first, name, (size_t)(dot - name));
		name = dot + 1;
		TEST_MUST(json_get_object(j, first, &in, &err));
	}
	if (json_get_text(in, name, out, sizeof(results[0]), &err))
		out[0] = '\0';
	json_free(&j);
	return out;
}

static inline int64_t test_int(const struct raw_answer *a, const char *name)
{
	struct json *j = NULL;
	struct err err;
	int64_t v = -1;

	if (json_parse(&j, span_text(a->body), RAW_ANSWER_MAX, &err) ||
		json_get_int(j, name, &v, INT64_MIN, INT64_MAX, &err))
		v = -1;
	json_free(&j);
	return v;
}

/* The stable word of a problem; "" when it is none. */
static inline const char *test_word(const struct raw_answer *a)
{
	const char *type = test_text(a, "type");
	const char *slash = strrchr(type, '/');

	return slash ? slash + 1 : "";
}

static inline void *test_backend_run(void *arg)
{
	struct test_backend *b = arg;
	struct err err;

	b->ended = server_run(b->server, &err);
	return NULL;
}

static inline void test_backend_parties(struct test_backend *b)
{
	uint8_t holder[CODE_ID_LEN], account[CODE_ID_LEN];
	struct service_issue in = {.purpose = "payment", .face_value = "500.00"};
	struct service_issued issued;
	struct service_terminal t;
	struct raw_answer a;
	char body[128];
	struct err err;

	TEST_MUST(service_holder_add(b->service, holder, "Ada Lovelace", "+44 1", &err));
	TEST_MUST(service_account_add(
		b->service, account, holder, "12345", span_text("2468"), &err));
	memcpy(in.holder, holder, CODE_ID_LEN);
	memcpy(in.account, account, CODE_ID_LEN);
	TEST_MUST(service_credential_issue(b->service, &issued, &in, &err));
	memcpy(b->credential, issued.id, CODE_ID_LEN);
	TEST_MUST(service_terminal_enrol(b->service, &t, "till-a", NULL, &err));
	memcpy(b->terminal_a, t.token, sizeof(b->terminal_a));
	TEST_MUST(service_terminal_enrol(b->service, &t, "till-b", NULL, &err));
	memcpy(b->terminal_b, t.token, sizeof(b->terminal_b));

	TEST_MUST(pthread_create(&b->thread, NULL, test_backend_run, b));
	snprintf(body, sizeof(body), "{\"token\":\"%s\"}", issued.token);
	TEST_MUST(test_call(b, &a, NULL, "POST", "/v1/activations", body) != 201);
	snprintf(b->wallet_token, sizeof(b->wallet_token), "%s", test_text(&a, "token"));
	test_wallet_init(&b->wallet, test_text(&a, "secret"), test_text(&a, "first_code"));
}

static inline void test_backend_start(struct test_backend *b, const struct server_options *limits)
{
	struct server_options opt = limits ? *limits : (struct server_options){0};
	struct err err = {0};

	memset(b, 0, sizeof(*b));
	TEST_MUST(sec_start(&err));
	b->now_ms = TEST_START_MS;
	clock_init_manual(&b->clock, 0, b->now_ms);
	if (service_init(in_folder("backend"), "Corner Bank", "QR.EXAMPLE.COM", &b->clock, &err) ||
		service_open(&b->service, in_folder("backend"), &b->clock, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	opt.service = b->service;
	opt.clock = &b->clock;
	opt.address = "127.0.0.1";
	opt.time_header = &test_time_header;
	TEST_MUST(server_new(&b->server, &opt, &err));
	b->port = server_port(b->server);
	test_backend_parties(b);
}

/* How server_run() ended. */
static inline enum err_code test_backend_stop(struct test_backend *b)
{
	server_stop(b->server);
	TEST_MUST(pthread_join(b->thread, NULL));
	server_free(&b->server);
	service_close(&b->service);
	return b->ended;
}

/* ---- the usual steps ---- */

static inline int test_start_amount(struct test_backend *b, struct raw_answer *a,
	const char *terminal, const char *more)
{
	char code[CODE_TEXT_MAX], body[1024];

	test_wallet_show(&b->wallet, code, b->now_ms / 1000);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"%s}", code, more);
	return test_call(b, a, terminal, "POST", "/v1/verifications", body);
}

static inline int test_start(struct test_backend *b, struct raw_answer *a, const char *terminal)
{
	return test_start_amount(b, a, terminal, "");
}

static inline int test_code(const struct test_backend *b, struct raw_answer *a,
	const char *terminal, const char *id, const char *code)
{
	char path[128], body[1024];

	snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	return test_call(b, a, terminal, "POST", path, body);
}

static inline int test_pin(const struct test_backend *b, struct raw_answer *a, const char *terminal,
	const char *id, const char *pin, int pin_try)
{
	char path[128], body[128];

	snprintf(path, sizeof(path), "/v1/verifications/%s/pin", id);
	snprintf(body, sizeof(body), "{\"pin\":\"%s\",\"try\":%d}", pin, pin_try);
	return test_call(b, a, terminal, "POST", path, body);
}

static inline int test_state(const struct test_backend *b, struct raw_answer *a,
	const char *terminal, const char *method, const char *id)
{
	char path[128];

	snprintf(path, sizeof(path), "/v1/verifications/%s", id);
	return test_call(b, a, terminal, method, path, NULL);
}

/* A verification with its number out, and the right second code. */
static inline void test_challenged(struct test_backend *b, char id[static 33],
	char code[static CODE_TEXT_MAX], const char *terminal)
{
	struct raw_answer a;

	TEST_MUST(test_start(b, &a, terminal) != 201);
	(void)snprintf(id, 33, "%s", test_text(&a, "id"));
	test_wallet_answer(&b->wallet, code, test_text(&a, "number"), b->now_ms / 1000);
}

/* Start and right second code; the id of the accepted verification. */
static inline void test_accepted(struct test_backend *b, char id[static 33], const char *terminal)
{
	struct raw_answer a;
	char code[CODE_TEXT_MAX];

	b->now_ms += 60000; /* a live code that nobody has seen */
	test_challenged(b, id, code, terminal);
	TEST_MUST(test_code(b, &a, terminal, id, code) != 200);
	TEST_MUST(strcmp(test_text(&a, "state"), "accepted") != 0);
}

#endif
