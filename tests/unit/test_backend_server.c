/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend as a server, kcgi's way: the real server and its client in one program. Sessions,
 * repeats, many at once, stopping in the middle, a disk that is full.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "backend/store_people.h"
#include "backend/worker.h"
#include "base/log.h"
#include "tests/lib/test_backend.h"
#include "tests/lib/test_people.h"

#define A(b) ((b).terminal_a)

static void a_session_from_first_code_to_receipt(void **state)
{
	struct test_backend b;
	struct raw_answer a, again;
	char id[33], code[CODE_TEXT_MAX], receipt[64];

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_start(&b, &a, A(b)), 201);
	assert_string_equal(test_text(&a, "credential.holder"), "Ada Lovelace");
	assert_string_equal(test_text(&a, "credential.face_value"), "500.00");
	assert_int_equal(test_int(&a, "digits"), 6);
	assert_int_equal(strlen(test_text(&a, "number")), 6);
	assert_int_equal(test_int(&a, "expires_at"), b.now_ms / 1000 + 60);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));

	assert_int_equal(test_state(&b, &a, A(b), "GET", id), 200);
	assert_string_equal(test_text(&a, "state"), "challenged");

	assert_int_equal(test_state(&b, &a, A(b), "GET", id), 200);
	b.now_ms += 5000;
	test_start(&b, &again, A(b)); /* an older number is not disturbed by a newer one */
	test_wallet_answer(&b.wallet, code, test_text(&again, "number"), b.now_ms / 1000);
	assert_int_equal(
		test_code(&b, &a, A(b), test_text(&again, "id"), code), 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	snprintf(id, sizeof(id), "%s", test_text(&again, "id"));

	assert_int_equal(test_pin(&b, &a, A(b), id, "2468", 1), 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	snprintf(receipt, sizeof(receipt), "%s", test_text(&a, "receipt"));
	assert_true(receipt[0] != '\0');

	assert_int_equal(test_state(&b, &again, A(b), "GET", id), 200);
	assert_string_equal(again.body, a.body);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_challenge_code_can_be_scanned_for_a_large_amount(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], code[CODE_TEXT_MAX], challenge[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_start_amount(&b, &a, A(b),
				 ",\"amount\":250000,\"currency\":\"EUR\",\"reference\":\"R-1\","
				 "\"operator\":\"Grace\""),
		201);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));
	snprintf(challenge, sizeof(challenge), "%s", test_text(&a, "challenge_code"));
	test_wallet_answer(&b.wallet, code, test_text(&a, "number"), b.now_ms / 1000);
	assert_int_equal(test_code(&b, &a, A(b), id, code), 403);
	assert_string_equal(test_word(&a), "weak-binding");
	assert_int_equal(test_state(&b, &a, A(b), "GET", id), 200);
	assert_string_equal(test_text(&a, "state"), "challenged");
	test_wallet_scan(&b.wallet, code, challenge, b.now_ms / 1000);
	assert_int_equal(test_code(&b, &a, A(b), id, code), 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_wrong_second_code_decides_once_and_for_all(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], number[16], wrong[CODE_TEXT_MAX], right[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_start(&b, &a, A(b)), 201);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));
	snprintf(number, sizeof(number), "%s", test_text(&a, "number"));
	test_wallet_answer(&b.wallet, right, number, b.now_ms / 1000);
	number[0] = number[0] == '9' ? '0' : '9';
	test_wallet_answer(&b.wallet, wrong, number, b.now_ms / 1000);

	for (int i = 0; i < 3; i++) {
		assert_int_equal(test_code(&b, &a, A(b), id, wrong), 200);
		assert_string_equal(test_text(&a, "state"), "rejected");
		assert_string_equal(test_text(&a, "reason"), "wrong-answer");
		assert_string_equal(test_text(&a, "receipt"), "");
	}
	assert_int_equal(test_code(&b, &a, A(b), id, right), 409);
	assert_string_equal(test_word(&a), "answered-already");
	assert_int_equal(test_state(&b, &a, A(b), "DELETE", id), 200);
	assert_string_equal(test_text(&a, "state"), "rejected");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void every_flipped_byte_of_a_second_code_is_refused(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	struct code c;
	char id[33], right[CODE_TEXT_MAX], text[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	test_challenged(&b, id, right, A(b));
	code_parse(&c, span_text(right));
	for (size_t i = 0; i < 10; i++) { /* what is not the response itself leaves it open */
		c.body[i] ^= 0x10;
		test_wallet_text(&b.wallet, text, 'R', SPAN(c.body, c.body_len));
		c.body[i] ^= 0x10;
		assert_int_equal(test_code(&b, &a, A(b), id, text), 400);
		assert_string_equal(test_word(&a), "foreign-code");
	}
	c.body[41] ^= 1;
	test_wallet_text(&b.wallet, text, 'R', SPAN(c.body, c.body_len));
	assert_int_equal(test_code(&b, &a, A(b), id, text), 200);
	assert_string_equal(test_text(&a, "state"), "rejected");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_pin_twice_wrong_then_right(void **state)
{
	struct test_backend b;
	struct raw_answer a, again;
	char id[33];

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	assert_int_equal(test_pin(&b, &a, A(b), id, "1111", 1), 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	assert_string_equal(test_text(&a, "reason"), "wrong-pin");
	assert_int_equal(test_int(&a, "attempts_left"), 2);
	/* repeated after a lost reply, even with another PIN: the recorded answer */
	assert_int_equal(test_pin(&b, &again, A(b), id, "2468", 1), 200);
	assert_string_equal(again.body, a.body);
	assert_int_equal(test_pin(&b, &a, A(b), id, "2222", 2), 200);
	assert_int_equal(test_int(&a, "attempts_left"), 1);
	assert_int_equal(test_pin(&b, &a, A(b), id, "2468", 3), 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void the_third_wrong_pin_rejects(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33];

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	for (int i = 1; i <= 3; i++)
		assert_int_equal(test_pin(&b, &a, A(b), id, "9999", i), 200);
	assert_string_equal(test_text(&a, "state"), "rejected");
	assert_string_equal(test_text(&a, "reason"), "wrong-pin");
	assert_int_equal(test_pin(&b, &a, A(b), id, "2468", 3), 200);
	assert_string_equal(test_text(&a, "state"), "rejected");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_verification_is_its_terminals_alone(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], code[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	test_challenged(&b, id, code, A(b));
	assert_int_equal(test_state(&b, &a, b.terminal_b, "GET", id), 404);
	assert_int_equal(test_state(&b, &a, b.terminal_b, "DELETE", id), 404);
	assert_int_equal(test_code(&b, &a, b.terminal_b, id, code), 404);
	assert_int_equal(test_pin(&b, &a, b.terminal_b, id, "2468", 1), 404);
	/* and so is the live code it was started with */
	assert_int_equal(test_start(&b, &a, b.terminal_b), 403);
	assert_string_equal(test_word(&a), "stale-code");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_cancelled_verification_takes_no_answer(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], code[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	test_challenged(&b, id, code, A(b));
	assert_int_equal(test_state(&b, &a, A(b), "DELETE", id), 200);
	assert_string_equal(test_text(&a, "state"), "cancelled");
	(void)test_code(&b, &a, A(b), id, code);
	assert_string_not_equal(test_text(&a, "state"), "accepted");
	assert_int_equal(test_state(&b, &a, A(b), "GET", id), 200);
	assert_string_equal(test_text(&a, "state"), "cancelled");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_late_answer_finds_the_number_expired(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], code[CODE_TEXT_MAX];

	(void)state;
	test_backend_start(&b, NULL);
	test_challenged(&b, id, code, A(b));
	b.now_ms += 61000;
	assert_int_equal(test_code(&b, &a, A(b), id, code), 200);
	assert_string_equal(test_text(&a, "state"), "expired");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void an_activation_token_works_once(void **state)
{
	struct test_backend b;
	struct service_issued out;
	struct raw_answer a;
	char body[128];
	struct err err;

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
	/* renewed while no server runs, used when one does again */
	TEST_MUST(service_open(&b.service, in_folder("backend"), &b.clock, &err));
	TEST_MUST(service_credential_renew(b.service, &out, b.credential, 0, &err));
	struct server_options opt = {.service = b.service,
		.clock = &b.clock,
		.address = "127.0.0.1",
		.time_header = &test_time_header};
	TEST_MUST(server_new(&b.server, &opt, &err));
	b.port = server_port(b.server);
	TEST_MUST(pthread_create(&b.thread, NULL, test_backend_run, &b));
	snprintf(body, sizeof(body), "{\"token\":\"%s\"}", out.token);
	assert_int_equal(test_call(&b, &a, NULL, "POST", "/v1/activations", body), 201);
	assert_int_equal(test_call(&b, &a, NULL, "POST", "/v1/activations", body), 404);
	assert_int_equal(test_start(&b, &a, A(b)), 403); /* the old generation */
	assert_string_equal(test_word(&a), "superseded");
	/* the old wallet's token ended with its generation */
	assert_int_equal(test_call(&b, &a, b.wallet_token, "GET", "/v1/issuer", NULL), 401);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void the_date_of_an_answer_is_the_backends(void **state)
{
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	b.now_ms = 784111777000;
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/healthz", NULL), 503);
	assert_non_null(strstr(a.body, "{\"status\":\"failing\",\"store\":true,\"clock\":false,"
				       "\"keys\":true,\"worker\":true"));
	assert_non_null(raw_field(&a, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/nothing", NULL), 404);
	assert_non_null(raw_field(&a, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

#define MANY 200

static void many_connections_at_once_are_all_answered(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], path[80];
	int fd[MANY], good = 0;

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	snprintf(path, sizeof(path), "/v1/verifications/%s", id);
	for (int i = 0; i < MANY; i++)
		fd[i] = raw_connect(b.port);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MANY; i++)
			test_send(&b, fd[i], A(b), "GET", path, NULL);
		for (int i = 0; i < MANY; i++) {
			raw_read(fd[i], &a, 10000, false);
			good += a.status == 200;
		}
	}
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	assert_int_equal(good, 3 * MANY);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void one_second_code_sent_from_many_sides_is_decided_once(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], path[96], code[CODE_TEXT_MAX], body[512], first[512] = "";
	int fd[20];

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_start(&b, &a, A(b)), 201);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));
	snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	test_wallet_answer(&b.wallet, code, test_text(&a, "number"), b.now_ms / 1000);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	for (int i = 0; i < 20; i++)
		fd[i] = raw_connect(b.port);
	for (int i = 0; i < 20; i++)
		test_send(&b, fd[i], A(b), "POST", path, body);
	for (int i = 0; i < 20; i++) {
		raw_read(fd[i], &a, 10000, false);
		close(fd[i]);
		assert_int_equal(a.status, 200);
		if (i == 0)
			snprintf(first, sizeof(first), "%s", a.body);
		assert_string_equal(a.body, first);
	}
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void guesses_of_one_pin_at_once_are_one_try(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], path[96], body[64];
	int fd[60], answered = 0, busy = 0;

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	snprintf(path, sizeof(path), "/v1/verifications/%s/pin", id);
	for (int i = 0; i < 60; i++)
		fd[i] = raw_connect(b.port);
	for (int i = 0; i < 60; i++) {
		snprintf(body, sizeof(body), "{\"pin\":\"%04d\",\"try\":1}", i);
		test_send(&b, fd[i], A(b), "POST", path, body);
	}
	for (int i = 0; i < 60; i++) {
		raw_read(fd[i], &a, 20000, false);
		close(fd[i]);
		answered += a.status == 200;
		busy += a.status == 503;
		if (a.status == 200)
			assert_int_equal(test_int(&a, "attempts_left"), 2);
		else
			assert_string_equal(test_word(&a), "busy");
	}
	assert_int_equal(answered + busy, 60);
	assert_true(answered >= WORKER_HASHES_MAX / 2);
	assert_int_equal(test_pin(&b, &a, A(b), id, "2468", 2), 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* Else whoever keeps the hashing threads busy locks out everybody who signs in meanwhile. */
static void a_passphrase_that_nobody_had_time_for_is_not_counted_as_wrong(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	struct store_try all = {.failures = 0};
	struct err err = {0};
	char id[33], path[96], body[96];
	int fd[80], wrong = 0, busy = 0;

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	snprintf(path, sizeof(path), "/v1/verifications/%s/pin", id);
	for (int i = 0; i < 80; i++)
		fd[i] = raw_connect(b.port);
	for (int i = 0; i < 60; i++)
		test_send(&b, fd[i], A(b), "POST", path, "{\"pin\":\"0000\",\"try\":1}");
	for (int i = 60; i < 80; i++) {
		snprintf(body, sizeof(body), "{\"name\":\"name %d\",\"passphrase\":\"x\"}", i);
		test_send(&b, fd[i], NULL, "POST", "/v1/sessions", body);
	}
	for (int i = 0; i < 80; i++) {
		raw_read(fd[i], &a, 20000, false);
		close(fd[i]);
		wrong += i >= 60 && a.status == 403;
		busy += i >= 60 && a.status == 503;
	}
	assert_int_equal(wrong + busy, 20);
	server_stop(b.server);
	assert_int_equal(pthread_join(b.thread, NULL), 0);
	server_free(&b.server);
	assert_int_equal(store_try_get(b.service->store, &all, &err), ERR_OK);
	assert_int_equal(all.failures, wrong);
	service_close(&b.service);
}

/* What anybody may send, from one address; off as it is here by default, behind a proxy. */
static void guesses_of_one_address_are_limited(void **state)
{
	static const struct {
		const char *path, *body;
	} GUESS[] = {{"/v1/sessions", "{\"name\":\"Nobody\",\"passphrase\":\"x\"}"},
		{"/v1/activations", "{\"token\":\"guess\"}"}, {"/v1/enrolments", "{}"},
		{"/v1/activations/look", "{\"token\":\"guess\"}"}};
	const struct server_options limits = {.address_tries = 8};
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, &limits); /* the activation in it was no guess */
	for (int i = 0; i < 16; i++)
		assert_int_equal(test_call(&b, &a, NULL, "POST", GUESS[i % 4].path,
					 GUESS[i % 4].body) == 429, i >= 8);
	assert_string_equal(test_word(&a), "too-many-attempts");
	assert_true(test_int(&a, "until") > 0);
	/* who does not guess is not meant, nor is what needs a token */
	assert_int_equal(test_call(&b, &a, NULL, "GET", "/healthz", NULL), 200);
	assert_int_equal(test_start(&b, &a, A(b)), 201);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

/* Each time it is asked for is a record in the audit: its wallet asks a few times, not for ever. */
static void an_activation_is_claimed_again_a_few_times(void **state)
{
	const struct server_options limits = {.address_tries = 4};
	struct test_backend b;
	struct service_issued issued;
	struct service *s;
	struct clock clock;
	struct raw_answer a;
	struct err err = {0};
	char look[96], claim[160];

	(void)state;
	test_backend_start(&b, &limits);
	s = test_beside(&clock, &b);
	TEST_MUST(service_credential_renew(s, &issued, b.credential, 0, &err));
	service_close(&s);
	snprintf(look, sizeof(look), "{\"token\":\"%s\"}", issued.token);
	snprintf(claim, sizeof(claim), "{\"token\":\"%s\",\"claim\":\"%032d\"}",
		issued.token, 7);
	for (int i = 0; i < 8; i++) /* what is right is no guess */
		assert_int_equal(test_call(&b, &a, NULL, "POST", "/v1/activations/look",
					 look), 200);
	for (int i = 0; i < 7; i++)
		assert_int_equal(test_call(&b, &a, NULL, "POST", "/v1/activations", claim),
			i < 5 ? 201 : 429);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void behind_a_proxy_of_this_machine_everybody_comes_from_it(void **state)
{
	struct test_backend b;
	struct raw_answer a;

	(void)state;
	test_backend_start(&b, NULL);
	for (int i = 0; i < 30; i++)
		assert_int_equal(test_call(&b, &a, NULL, "POST", "/v1/activations",
					 "{\"token\":\"guess\"}"), 404);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void what_was_begun_is_answered_before_the_end(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	char id[33], path[96];
	int pin, idle, half;

	(void)state;
	test_backend_start(&b, NULL);
	test_accepted(&b, id, A(b));
	snprintf(path, sizeof(path), "/v1/verifications/%s/pin", id);
	idle = raw_connect(b.port);
	half = raw_connect(b.port);
	test_send(&b, idle, NULL, "GET", "/healthz", NULL);
	raw_read(idle, &a, 5000, false);
	raw_text(half, "GET /healthz HTTP/1.1\r\n");
	usleep(50000);
	pin = raw_connect(b.port);
	test_send(&b, pin, A(b), "POST", path, "{\"pin\":\"2468\",\"try\":1}");
	usleep(5000); /* read, and not yet hashed */
	server_stop(b.server);
	raw_text(half, "Host: x\r\n\r\n");
	raw_read(pin, &a, 5000, true);
	assert_int_equal(a.status, 200);
	assert_string_equal(test_text(&a, "state"), "authorised");
	assert_non_null(raw_field(&a, "\r\nConnection: close"));
	raw_read(half, &a, 5000, true);
	assert_int_equal(a.status, 200);
	raw_read(idle, &a, 5000, true);
	assert_true(a.closed);
	close(pin);
	close(idle);
	close(half);
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_decision_stands_when_nobody_waits_for_it(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	struct linger reset = {.l_onoff = 1};
	char id[33], path[96], code[CODE_TEXT_MAX], body[512];
	int fd;

	(void)state;
	test_backend_start(&b, NULL);
	assert_int_equal(test_start(&b, &a, A(b)), 201);
	snprintf(id, sizeof(id), "%s", test_text(&a, "id"));
	snprintf(path, sizeof(path), "/v1/verifications/%s/response", id);
	test_wallet_answer(&b.wallet, code, test_text(&a, "number"), b.now_ms / 1000);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	fd = raw_connect(b.port);
	test_send(&b, fd, A(b), "POST", path, body);
	usleep(20000);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	close(fd);
	usleep(50000);
	assert_int_equal(test_state(&b, &a, A(b), "GET", id), 200);
	assert_string_equal(test_text(&a, "state"), "accepted");
	assert_int_equal(test_backend_stop(&b), ERR_OK);
}

static void a_disk_that_refuses_writes_gives_no_decision(void **state)
{
	struct test_backend b;
	struct raw_answer a;
	struct rlimit before, none;
	enum err_code ended;
	int status;

	(void)state;
	test_backend_start(&b, NULL);
	(void)signal(SIGXFSZ, SIG_IGN);
	log_set_level(LOG_ERROR);
	log_set_fd(-1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	status = test_start(&b, &a, A(b));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(status, 503);
	assert_string_equal(test_word(&a), "store-failed");
	assert_non_null(raw_field(&a, "\r\nRetry-After: "));
	assert_string_equal(test_text(&a, "number"), "");
	ended = test_backend_stop(&b);
	/* nothing written, or nobody knows: the store says which, and then the process must stop */
	assert_true(ended == ERR_OK || ended == ERR_UNCERTAIN);
	log_set_fd(2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_session_from_first_code_to_receipt),
		CASE(a_challenge_code_can_be_scanned_for_a_large_amount),
		CASE(a_wrong_second_code_decides_once_and_for_all),
		CASE(every_flipped_byte_of_a_second_code_is_refused),
		CASE(a_pin_twice_wrong_then_right),
		CASE(the_third_wrong_pin_rejects),
		CASE(a_verification_is_its_terminals_alone),
		CASE(a_cancelled_verification_takes_no_answer),
		CASE(a_late_answer_finds_the_number_expired),
		CASE(an_activation_token_works_once),
		CASE(the_date_of_an_answer_is_the_backends),
		CASE(many_connections_at_once_are_all_answered),
		CASE(one_second_code_sent_from_many_sides_is_decided_once),
		CASE(guesses_of_one_pin_at_once_are_one_try),
		CASE(a_passphrase_that_nobody_had_time_for_is_not_counted_as_wrong),
		CASE(guesses_of_one_address_are_limited),
		CASE(an_activation_is_claimed_again_a_few_times),
		CASE(behind_a_proxy_of_this_machine_everybody_comes_from_it),
		CASE(what_was_begun_is_answered_before_the_end),
		CASE(a_decision_stands_when_nobody_waits_for_it),
		CASE(a_disk_that_refuses_writes_gives_no_decision),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
