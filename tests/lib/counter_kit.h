/* SPDX-License-Identifier: Apache-2.0
 *
 * A counter whose scanner and backend are played by the test: what ui/counter*.c would call of them
 * is here.
 */
#ifndef TESTS_LIB_COUNTER_KIT_H
#define TESTS_LIB_COUNTER_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ui/counter.h"
#include "verifier/client_ask.h"

static struct scan_preview small;
static char told[4096]; /* events, and between them when the scanner stops looking and goes on */
static struct flow_event answer; /* of the backend, which is played here too; serial 0 = none */
static struct client_told unasked[2]; /* what the backend tells without being asked */
static size_t unasked_count;
static bool looks; /* a look at the recorded state was asked for */
static bool current; /* the issuer's keys are those of now */
static int asked;    /* for them */
static unsigned restarts;
static bool camera, lost;
static int64_t messages; /* that still wait */
static struct scan_msg message; /* what they are */

static inline void tell(struct span line)
{
	size_t len = strlen(told);

	assert_true(len + line.len < sizeof told);
	memcpy(told + len, line.data, line.len);
	told[len + line.len] = '\0';
}

enum err_code scan_process_next(
	struct scan_process *p, struct scan_msg *out, bool *got, int64_t now_ms, struct err *err)
{
	(void)p;
	(void)now_ms;
	(void)err;
	*out = message;
	*got = messages > 0;
	messages -= *got;
	return ERR_OK;
}

unsigned scan_process_restarts(const struct scan_process *p)
{
	(void)p;
	return restarts;
}

bool scan_process_lost_symbologies(const struct scan_process *p)
{
	(void)p;
	return lost;
}

int64_t scan_process_next_ms(const struct scan_process *p)
{
	(void)p;
	return INT64_MAX;
}

int scan_process_fd(const struct scan_process *p)
{
	(void)p;
	return -1;
}

void scan_process_command(struct scan_process *p, enum scan_command_kind kind, uint32_t value)
{
	(void)p;
	(void)value;
	if (kind == SCAN_CMD_PAUSE)
		tell(span_text("<pause>"));
	else if (kind == SCAN_CMD_RESUME)
		tell(span_text("<resume>"));
}

void scan_process_tell(struct scan_process *p, const char *line, size_t len)
{
	(void)p;
	(void)line;
	(void)len;
}

bool scan_process_is_simulator(const struct scan_process *p)
{
	(void)p;
	return false;
}

bool scan_process_is_reader(const struct scan_process *p)
{
	(void)p;
	return false;
}

bool scan_process_is_camera(const struct scan_process *p)
{
	(void)p;
	return camera;
}

bool scan_process_preview(const struct scan_process *p, struct scan_preview *out)
{
	(void)p;
	*out = small;
	return small.width > 0;
}

void client_request(struct client *c, const struct flow_action *action, const struct flow *flow,
	const struct client_sale *sale, struct span pin)
{
	(void)c;
	(void)flow;
	(void)sale;
	(void)pin;
	looks = looks || action->kind == FLOW_DO_LOOK;
}

bool client_next_told(struct client *c, struct client_told *out)
{
	(void)c;
	if (unasked_count == 0)
		return false;
	*out = unasked[--unasked_count];
	return true;
}

bool client_issuer_is_current(const struct client *c)
{
	(void)c;
	return current;
}

void client_issuer_ask(struct client *c)
{
	(void)c;
	asked++;
}

bool client_next_event(struct client *c, struct flow_event *out)
{
	(void)c;
	*out = answer;
	answer.serial = 0;
	return out->serial > 0;
}

size_t client_in_flight(const struct client *c)
{
	(void)c;
	return 0;
}

const char *client_last_fault(const struct client *c)
{
	(void)c;
	return "";
}

#ifndef COUNTER_KIT_ASKS /* whoever answers questions himself defines it before */
/* Of what was asked beside the flow, the last; answered by the case. */
static struct client_ask asked_last;
static uint8_t asked_body[CLIENT_ASK_BODY_MAX];
static int asked_count;

enum err_code client_ask(
	struct client *c, uint32_t *ticket, const struct client_ask *ask, struct err *err)
{
	(void)c;
	(void)err;
	asked_last = *ask;
	memcpy(asked_body, ask->body.len > 0 ? ask->body.data : asked_body, ask->body.len);
	asked_last.body.data = asked_body;
	if (ticket != NULL)
		*ticket = 1;
	asked_count++;
	return ERR_OK;
}
#endif

void client_ask_cancel(struct client *c, uint32_t ticket)
{
	(void)c;
	(void)ticket;
}

static struct counter counter;
static struct pin_entry pin; /* of every case */

static inline int begin_all(void **state)
{
	(void)state;
	return sec_start(NULL) == ERR_OK && pin_entry_init(&pin, NULL) == ERR_OK ? 0 : -1;
}

static inline int end_all(void **state)
{
	(void)state;
	pin_entry_done(&pin);
	return 0;
}

static inline void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	tell(line);
}

static inline int set_up(void **state)
{
	(void)state;
	message = (struct scan_msg){.kind = SCAN_MSG_ALIVE};
	messages = 0;
	restarts = 0;
	camera = lost = false;
	small = (struct scan_preview){.width = 0};
	told[0] = '\0';
	answer.serial = 0;
	unasked_count = 0;
	current = false;
	asked = 0;
	looks = false;
	counter_init(&counter, 0);
	counter.pin = pin;
	clock_init_real(&counter.clock);
	events_init(&counter.events, clock_mono_ms(&counter.clock));
	counter.events.sink = sink;
	return 0;
}

static inline const char *first_of(const char *what)
{
	const char *at = strstr(told, what);

	assert_non_null(at);
	assert_null(strstr(at + 1, what));
	return at;
}

#endif
