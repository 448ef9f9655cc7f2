/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a client is, as the limits of guesses take it: also of one that has gone already. The loop
 * runs only when the test says so, so that the client has gone before its request is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "backend/http.h"
#include "tests/lib/http_hooks.h"
#include "tests/lib/raw_http.h"

#define GUESS "POST /guess HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"

struct seen {
	int requests;
	uint8_t origin[HTTP_ORIGIN_LEN];
	bool local;
};

static void on_request(
	void *ctx, struct http_call *call, const struct http_head *head, struct span body)
{
	const struct http_answer a = {.status = 200, .body = span_text("{}")};
	struct seen *seen = ctx;

	(void)head;
	(void)body;
	seen->requests++;
	memset(seen->origin, 0xee, sizeof(seen->origin));
	http_call_origin(call, seen->origin, &seen->local);
	http_answer_send(call, &a);
}

static void on_refuse(void *ctx, struct http_answer *answer, const struct http_refusal *refusal)
{
	(void)ctx;
	*answer = (struct http_answer){.status = refusal->status, .body = span_text("no")};
}

static void reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1};

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	close(fd);
}

static void guess(struct seen *seen, bool stays)
{
	static const uint8_t here[HTTP_ORIGIN_LEN] = {
		[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
	struct http_handler handler = {.ctx = seen,
		.head = http_hook_head,
		.request = on_request,
		.gone = http_hook_gone,
		.refuse = on_refuse};
	struct http_options opt = {.address = "127.0.0.1"};
	struct event_base *base = event_base_new();
	struct http_server *server = NULL;
	struct err err = {0};
	int fd;

	memset(seen, 0, sizeof(*seen));
	if (http_server_new(&server, base, &opt, &handler, &err))
		fail_msg("%s", err.text);
	fd = raw_connect(http_server_port(server));
	raw_text(fd, GUESS);
	if (!stays)
		reset(fd);
	for (int64_t end = raw_now_ms() + 5000; !seen->requests && raw_now_ms() < end;)
		assert_true(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
	assert_int_equal(seen->requests, 1);
	assert_true(seen->local);
	assert_memory_equal(seen->origin, here, sizeof(here));
	if (stays)
		close(fd);
	http_server_free(&server);
	event_base_free(base);
}

static void one_that_stays_is_where_it_is(void **state)
{
	struct seen seen;

	(void)state;
	guess(&seen, true);
}

/* A reset leaves what was sent before it to be read, and nobody to ask for the address. */
static void one_that_has_gone_is_where_it_was(void **state)
{
	struct seen seen;

	(void)state;
	guess(&seen, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_stays_is_where_it_is),
		cmocka_unit_test(one_that_has_gone_is_where_it_was),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
