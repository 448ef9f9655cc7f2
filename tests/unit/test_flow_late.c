/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow against a backend whose messages are late or lost, both ways: whatever the verdict says,
 * the backend must not have recorded otherwise once everything has arrived.
 */
#include "tests/lib/flow_rules.h"

#include "tests/lib/flow_case.h"

#define SALES        40000
#define TICK_MS      250
#define TICKS        1600
#define CLIENT_MS    8000 /* then the client reports that there is no answer */
#define PIN_OPEN_MS  120000
#define NEVER        INT64_MAX
#define MESSAGES_MAX 512
#define RECORDS_MAX  4

struct record { /* a verification at the backend */
	char id[FLOW_ID_TEXT_LEN + 1];
	enum flow_recorded state;
	bool pin;
	int tries;
	int64_t deadline_ms;
};

struct message {
	enum flow_action_kind kind;
	uint32_t serial;
	char id[FLOW_ID_TEXT_LEN + 1];
	unsigned code; /* of the second code */
	bool right;    /* the PIN */
	int pin_try;
	int64_t sent_ms, arrives_ms, answer_ms;
	struct flow_event answer;
};

static struct message messages[MESSAGES_MAX];
static size_t message_count;
static struct record records[RECORDS_MAX];
static size_t record_count;
static struct chance luck;
static bool wants_pin;
static unsigned shown; /* the second code on the phone */

/* ---- backend ---- */

static bool is_open(const struct record *r)
{
	return r->state == FLOW_REC_CHALLENGED || (r->state == FLOW_REC_ACCEPTED && r->pin);
}

static bool handed_over(const struct record *r)
{
	return r->state == FLOW_REC_AUTHORISED || (r->state == FLOW_REC_ACCEPTED && !r->pin);
}

static struct record *record_of(const char *id)
{
	for (size_t i = 0; i < record_count; i++)
		if (!strcmp(records[i].id, id))
			return &records[i];
	return NULL;
}

static void answer_with(struct message *m, const struct record *r, enum flow_reason reason)
{
	m->answer = kit_state(m->serial, r->state);
	m->answer.answer.pin_required = r->pin;
	m->answer.answer.pin_tries_used = r->tries;
	m->answer.answer.reason = reason;
}

static void take_start(struct message *m, int64_t now)
{
	struct record *r = &records[record_count++];

	assert_true(record_count <= RECORDS_MAX);
	m->answer = kit_started(m->serial);
	m->answer.started.pin_required = wants_pin;
	*r = (struct record){.state = FLOW_REC_CHALLENGED,
		.pin = wants_pin,
		.deadline_ms = now + KIT_LIFETIME_MS};
	memcpy(r->id, m->answer.started.id, sizeof r->id);
}

/* Of four second codes one is too weak, one wrong, two are right. */
static void take_second(struct message *m, struct record *r, int64_t now)
{
	if (r->state == FLOW_REC_CHALLENGED && m->code % 4 == 0) {
		m->answer = kit_refused(m->serial, REASON_WEAK_BINDING, true);
		return;
	}
	if (r->state == FLOW_REC_CHALLENGED) {
		r->state = m->code % 4 == 1 ? FLOW_REC_REJECTED : FLOW_REC_ACCEPTED;
		r->deadline_ms = now + PIN_OPEN_MS;
	}
	answer_with(m, r, r->state == FLOW_REC_REJECTED ? REASON_WRONG_ANSWER : REASON_NONE);
}

static void take_pin(struct message *m, struct record *r)
{
	if (m->pin_try == r->tries + 1 && is_open(r)) {
		r->tries++;
		r->state = m->right                     ? FLOW_REC_AUTHORISED
			   : r->tries == FLOW_PIN_TRIES ? FLOW_REC_REJECTED
							: FLOW_REC_ACCEPTED;
	} else if (m->pin_try > r->tries && is_open(r)) {
		m->answer = kit_refused(m->serial, REASON_BAD_ANSWER, false);
		return;
	}
	answer_with(m, r, r->state == FLOW_REC_AUTHORISED ? REASON_NONE : REASON_WRONG_PIN);
	if (m->pin_try < r->tries) {
		m->answer.answer.state = FLOW_REC_ACCEPTED;
		m->answer.answer.reason = REASON_WRONG_PIN;
		m->answer.answer.pin_tries_used = m->pin_try;
	}
}

static void arrive(struct message *m, int64_t now)
{
	struct record *r = record_of(m->id);

	m->arrives_ms = NEVER;
	if (m->kind == FLOW_DO_START) {
		take_start(m, now);
		return;
	}
	assert_non_null(r);
	if (is_open(r) && now >= r->deadline_ms)
		r->state = FLOW_REC_EXPIRED;
	if (m->kind == FLOW_DO_CANCEL && is_open(r))
		r->state = FLOW_REC_CANCELLED;
	if (m->kind == FLOW_DO_ANSWER || m->kind == FLOW_DO_PIN) {
		if (is_open(r) && chance(&luck, 24) == 0) /* stopped, for a moment */
			m->answer = kit_refused(m->serial, REASON_TERMINAL_STOPPED, false);
		else if (m->kind == FLOW_DO_ANSWER)
			take_second(m, r, now);
		else
			take_pin(m, r);
		return;
	}
	answer_with(m, r, REASON_NONE);
}

/* Each in its own time: one that was sent later may come first. */
static void deliver(int64_t now)
{
	for (;;) {
		struct message *next = NULL;

		for (size_t i = 0; i < message_count; i++)
			if (messages[i].arrives_ms <= now && messages[i].arrives_ms != NEVER &&
				(!next || messages[i].arrives_ms < next->arrives_ms))
				next = &messages[i];
		if (!next)
			return;
		arrive(next, next->arrives_ms);
	}
}

/* ---- network ---- */

static int64_t delay(void)
{
	switch (chance(&luck, 8)) {
	case 0:
		return NEVER;
	case 1:
	case 2:
		return 250 * (int64_t)chance(&luck, 100);
	default:
		return 50;
	}
}

static void send_actions(void)
{
	for (size_t i = 0; i < c.out.count; i++) {
		const struct flow_action *a = &c.out.list[i];
		int64_t there = delay(), back = delay();
		struct message *m = &messages[message_count];

		if (a->kind > FLOW_DO_CANCEL)
			continue;
		assert_true(message_count++ < MESSAGES_MAX);
		*m = (struct message){.kind = a->kind,
			.serial = a->serial,
			.code = shown,
			.right = chance(&luck, 2) == 0,
			.pin_try = c.f.pin_try,
			.sent_ms = c.now,
			.arrives_ms = there == NEVER ? NEVER : c.now + there,
			.answer_ms = there == NEVER || back == NEVER ? NEVER
								     : c.now + there + back};
		memcpy(m->id, c.f.id, sizeof m->id);
	}
}

static void happens(struct flow_event *ev)
{
	counter_step(&c, ev);
	send_actions();
}

static void answers_come(void)
{
	for (size_t i = 0; i < message_count && c.f.in_flight; i++) {
		struct flow_event lost = {.kind = FLOW_EV_NO_ANSWER, .serial = messages[i].serial};

		if (messages[i].kind == FLOW_DO_CANCEL || messages[i].serial != c.f.serial)
			continue;
		if (c.now >= messages[i].sent_ms + CLIENT_MS)
			happens(&lost);
		else if (c.now >= messages[i].answer_ms)
			happens(&messages[i].answer);
		return;
	}
}

/* ---- counter ---- */

static void somebody_acts(void)
{
	struct flow_event ev = {.kind = FLOW_EV_TIME};
	unsigned n = chance(&luck, 200);

	if (n == 0 && c.f.phase != FLOW_WAITING) {
		ev.kind = FLOW_EV_CANCEL;
	} else if (n == 1 && c.f.phase != FLOW_WAITING) {
		ev.kind = FLOW_EV_END;
	} else if (c.f.phase == FLOW_WAITING) {
		ev.kind = FLOW_EV_CODES;
		ev.codes.count = 1;
		ev.codes.list[0] = kit_first('A');
	} else if (c.f.phase == FLOW_NUMBER && n < 20) {
		ev.kind = FLOW_EV_CODES;
		ev.codes.count = 1;
		shown++;
		ev.codes.list[0] = kit_second('A', shown);
	} else if (c.f.phase == FLOW_PIN && n < 12) {
		ev.kind = FLOW_EV_PIN_TYPED;
	}
	happens(&ev);
}

struct tally {
	unsigned accepted, refused, uncertain, given_up, saved;
};

static void one_sale(struct tally *t)
{
	const struct record *r;
	bool handed = false;

	counter_open(&c);
	message_count = record_count = 0;
	wants_pin = chance(&luck, 4) != 0;
	shown = chance(&luck, 4);
	for (int i = 0; i < TICKS && c.f.phase != FLOW_RESULT; i++) {
		c.now += TICK_MS;
		deliver(c.now);
		answers_come();
		if (c.f.phase != FLOW_RESULT)
			somebody_acts();
	}
	assert_int_equal(c.f.phase, FLOW_RESULT);
	deliver(NEVER - 1); /* the last of them, after the verdict */
	r = record_of(c.f.id);
	for (size_t i = 0; i < record_count; i++)
		handed = handed || handed_over(&records[i]);
	if (c.f.verdict == VERDICT_ACCEPTED)
		assert_true(r && handed_over(r));
	else if (c.f.verdict != VERDICT_UNCERTAIN && handed)
		fail_msg("verdict %s, %s; recorded state %d, PIN tries %d",
			flow_verdict_word(c.f.verdict, c.f.pin_done), flow_reason_word(c.f.reason),
			(int)records[record_count - 1].state, records[record_count - 1].tries);
	t->accepted += c.f.verdict == VERDICT_ACCEPTED;
	t->refused += c.f.verdict == VERDICT_REFUSED;
	t->uncertain += c.f.verdict == VERDICT_UNCERTAIN;
	t->given_up += c.f.given_up != REASON_NONE;
	t->saved += c.f.given_up != REASON_NONE && handed;
}

static void no_verdict_is_against_the_record(void **state)
{
	struct tally t = {0};

	(void)state;
	luck = (struct chance){.state = 20261122};
	for (int i = 0; i < SALES; i++)
		one_sale(&t);
	print_message("# %u accepted, %u refused, %u uncertain; %u given up, %u of them had been "
		      "accepted\n",
		t.accepted, t.refused, t.uncertain, t.given_up, t.saved);
	assert_true(t.accepted > SALES / 10 && t.refused > SALES / 10);
	assert_true(t.given_up > SALES / 100 && t.saved > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_verdict_is_against_the_record),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
