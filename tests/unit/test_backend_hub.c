/* SPDX-License-Identifier: Apache-2.0
 *
 * The hub alone: callers whose ids are as alike as can be, so that only the comparison keeps them
 * apart; what is told once, to all, and never.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "backend/event_text.h"
#include "backend/hub.h"
#include "tests/lib/http_hooks.h"
#include "tests/lib/raw_http.h"

static struct event_base *base;
static struct http_server *server;
static struct hub *hub;
static struct clock clock_now;
static int listeners;

/* "/t5", "/w5": terminal or wallet number 5; with "?" a long poll. */
static void on_request(
	void *ctx, struct http_call *http, const struct http_head *head, struct span body)
{
	struct route_call call;
	const uint8_t *p = head->target.data;

	(void)ctx;
	(void)body;
	memset(&call, 0, sizeof(call));
	answer_init(&call.answer);
	call.answer.http.status = 200;
	call.caller.role = p[1] == 't' ? ROLE_TERMINAL : ROLE_WALLET;
	call.caller.id[CODE_ID_LEN - 1] = p[2];
	call.in.events.wait_s = head->target.len > 3 ? 60 : -1;
	call.events.held = true;
	call.events.position = 10;
	event_text_begin(&call.answer.body, EVENT_OPEN, 10);
	assert_true(hub_arrive(hub, http, &call));
}

static void on_left(void *ctx, struct http_call *call)
{
	(void)ctx;
	hub_left(hub, call);
}

static void on_beat(void *ctx, struct http_call *call)
{
	(void)ctx;
	hub_beat(hub, call);
}

static void on_refuse(void *ctx, struct http_answer *answer, const struct http_refusal *refusal)
{
	(void)ctx;
	(void)refusal;
	*answer = (struct http_answer){.status = 400};
}

static void on_changed(void *ctx, int by)
{
	(void)ctx;
	listeners += by;
}

static int start(int beat_ms)
{
	struct http_handler handler = {.head = http_hook_head,
		.request = on_request,
		.gone = http_hook_gone,
		.left = on_left,
		.beat = on_beat,
		.refuse = on_refuse};
	struct http_options opt = {.address = "127.0.0.1", .beat_ms = beat_ms};
	struct hub_options hub_opt = {.clock = &clock_now, .changed = on_changed};
	struct err err = {0};

	base = event_base_new();
	hub_opt.base = base;
	listeners = 0;
	clock_init_manual(&clock_now, 0, 1790000000000);
	return http_server_new(&server, base, &opt, &handler, &err) ||
		hub_new(&hub, &hub_opt, &err);
}

static int set_up(void **state)
{
	(void)state;
	return start(0);
}

static int set_up_beats(void **state)
{
	(void)state;
	return start(100);
}

static int tear_down(void **state)
{
	(void)state;
	http_server_free(&server);
	assert_int_equal(listeners, 0);
	hub_free(&hub);
	event_base_free(base);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 20; i++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(500);
	}
}

static int ask(const char *path)
{
	char text[64];
	int fd = raw_connect(http_server_port(server));

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	raw_text(fd, text);
	turn();
	return fd;
}

/* What came since the last time, without the head. */
static const char *came(int fd)
{
	static char text[4][8192];
	static unsigned next;
	char *out = text[next++ % 4];
	ssize_t n;

	turn();
	n = recv(fd, out, sizeof(text[0]) - 1, MSG_DONTWAIT);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static void tell(int64_t seq, bool terminal, char number)
{
	static struct hub_events list;
	struct store_event *ev = &list.list[0];

	memset(ev, 0, sizeof(*ev));
	list.count = 1;
	ev->seq = seq;
	ev->for_terminal = terminal;
	ev->for_wallet = !terminal;
	(terminal ? ev->terminal : ev->credential)[CODE_ID_LEN - 1] = (uint8_t)number;
	snprintf(ev->kind, sizeof(ev->kind), "k");
	snprintf(ev->data, sizeof(ev->data), "{\"n\":%d}", (int)seq);
	hub_tell(hub, &list);
}

static void ids_that_differ_in_one_byte_and_role_are_kept_apart(void **state)
{
	int a = ask("/t1"), b = ask("/t2"), wallet = ask("/w1"), poll_b = ask("/t2?");

	(void)state;
	assert_non_null(strstr(came(a), "event: open"));
	assert_non_null(strstr(came(b), "event: open"));
	assert_non_null(strstr(came(wallet), "event: open"));
	assert_int_equal(hub_listeners(hub), 4);
	tell(11, true, '1');
	assert_string_equal(came(a), "id: 11\nevent: k\ndata: {\"n\":11}\n\n");
	assert_null(strstr(came(b), "event"));
	assert_null(strstr(came(wallet), "event"));
	tell(12, false, '1');
	assert_null(strstr(came(a), "event"));
	assert_string_equal(came(wallet), "id: 12\nevent: k\ndata: {\"n\":12}\n\n");
	assert_string_equal(came(poll_b), "");
	tell(13, true, '2');
	assert_non_null(strstr(came(b), "{\"n\":13}"));
	assert_non_null(strstr(came(poll_b), "{\"events\":[{\"id\":13,"));
	assert_int_equal(hub_listeners(hub), 3); /* the poll is answered */
	close(a);
	close(b);
	close(wallet);
	close(poll_b);
	turn();
	assert_int_equal(hub_listeners(hub), 0);
}

static void what_was_told_is_not_told_again(void **state)
{
	int a = ask("/t1");

	(void)state;
	(void)came(a);
	tell(10, true, '1'); /* its stream began with it */
	assert_null(strstr(came(a), "event"));
	tell(11, true, '1');
	assert_non_null(strstr(came(a), "{\"n\":11}"));
	tell(11, true, '1');
	assert_null(strstr(came(a), "event"));
	close(a);
	turn();
}

static void what_is_for_all_reaches_every_terminal_and_no_wallet(void **state)
{
	int a = ask("/t1"), b = ask("/t2"), wallet = ask("/w1");

	(void)state;
	(void)came(a);
	(void)came(b);
	(void)came(wallet);
	tell(11, true, '\0');
	assert_non_null(strstr(came(a), "{\"n\":11}"));
	assert_non_null(strstr(came(b), "{\"n\":11}"));
	assert_null(strstr(came(wallet), "event"));
	tell(12, false, '\0'); /* the credential with this id, which nobody has */
	assert_null(strstr(came(a), "event"));
	assert_null(strstr(came(wallet), "event"));
	close(a);
	close(b);
	close(wallet);
	turn();
}

/* A quiet caller's number moves on with what came by for others. */
static void a_sign_of_life_carries_the_newest_number(void **state)
{
	int a = ask("/t1");
	const char *text = "";

	(void)state;
	(void)came(a);
	tell(17, true, '2');
	for (int i = 0; i < 100 && !text[0]; i++)
		text = came(a);
	assert_string_equal(text, ":\nid: 17\n\n");
	close(a);
	turn();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			ids_that_differ_in_one_byte_and_role_are_kept_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_told_is_not_told_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_for_all_reaches_every_terminal_and_no_wallet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_sign_of_life_carries_the_newest_number, set_up_beats, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
