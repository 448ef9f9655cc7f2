/* SPDX-License-Identifier: Apache-2.0
 *
 * Every situation with every event, against docs/flow.md: the document is the table, and a change
 * of the code that it does not show fails here, line by line. `test_flow_table --print` writes the
 * table as the code has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/file.h"
#include "tests/lib/flow_happenings.h"

#define DOCUMENT     "docs/flow.md"
#define DOCUMENT_MAX (256 * 1024)
#define TABLE_BEGIN  "<!-- table -->\n"
#define TABLE_END    "<!-- end of table -->\n"

/* ---- situations: where the flow can be ---- */

static void go_waiting(struct counter *c)
{
	(void)c;
}

static void go_held(struct counter *c)
{
	counter_to_answering(c);
	counter_state(c, FLOW_REC_ACCEPTED, false, -1, REASON_NONE);
	counter_event(c, FLOW_EV_CANCEL);
}

static void go_starting(struct counter *c)
{
	counter_see_one(c, kit_first('A'));
}

static void go_starting_pause(struct counter *c)
{
	go_starting(c);
	counter_lost(c);
}

static void go_starting_last(struct counter *c)
{
	go_starting(c);
	for (int i = 1; i < FLOW_START_TRIES; i++) {
		counter_lost(c);
		counter_wait(c, FLOW_START_AGAIN_MS);
	}
}

static void go_starting_down(struct counter *c)
{
	c->f.down = true;
	go_starting(c);
}

static void go_starting_last_offline(struct counter *c)
{
	c->f.offline = true;
	go_starting_last(c);
}

static void go_offline(struct counter *c)
{
	go_starting_last_offline(c);
	nobody(c);
}

static void go_result_offline(struct counter *c)
{
	go_offline(c);
	offline_written(c);
}

static void go_weak(struct counter *c)
{
	counter_to_answering(c);
	counter_refused(c, REASON_WEAK_BINDING, true);
}

static void go_pin_sent_first(struct counter *c)
{
	counter_to_pin_sent(c, 1);
}

static void go_pin_sent_last(struct counter *c)
{
	counter_to_pin_sent(c, FLOW_PIN_TRIES);
}

static void go_uncertain(struct counter *c)
{
	counter_to_answering(c);
	counter_lost(c);
}

static void go_uncertain_pause(struct counter *c)
{
	go_uncertain(c);
	counter_lost(c);
}

static void go_uncertain_late(struct counter *c)
{
	counter_to_answering(c);
	c->now += KIT_LIFETIME_MS - 1;
	counter_lost(c);
	c->now++;
}

static void go_uncertain_pin(struct counter *c)
{
	counter_to_pin_sent(c, 1);
	counter_lost(c);
}

static void go_uncertain_pin_last(struct counter *c)
{
	counter_to_pin_sent(c, FLOW_PIN_TRIES);
	counter_lost(c);
}

static void go_weak_lost(struct counter *c)
{
	go_uncertain(c);
	counter_state(c, FLOW_REC_CHALLENGED, false, -1, REASON_NONE);
	counter_refused(c, REASON_WEAK_BINDING, true);
}

static void go_pin_again(struct counter *c)
{
	go_uncertain_pin(c);
	counter_state(c, FLOW_REC_ACCEPTED, true, 0, REASON_NONE);
}

static void go_given_up(struct counter *c)
{
	go_pin_again(c);
	counter_event(c, FLOW_EV_CANCEL);
}

static void go_result(struct counter *c)
{
	counter_to_answering(c);
	counter_state(c, FLOW_REC_REJECTED, false, -1, REASON_WRONG_ANSWER);
}

static void go_result_cancelled_start(struct counter *c)
{
	go_starting(c);
	counter_event(c, FLOW_EV_CANCEL);
}

static void go_result_ended(struct counter *c)
{
	go_result(c);
	counter_event(c, FLOW_EV_END);
}

static const struct situation {
	const char *name;
	enum flow_phase phase;
	void (*go)(struct counter *c);
} SITUATIONS[] = {
	{"WAITING", FLOW_WAITING, go_waiting},
	{"WAITING, credential A held back after a result", FLOW_WAITING, go_held},
	{"STARTING", FLOW_STARTING, go_starting},
	{"STARTING, pause before the next try", FLOW_STARTING, go_starting_pause},
	{"STARTING, last try", FLOW_STARTING, go_starting_last},
	{"STARTING, the backend is known to be out of reach", FLOW_STARTING, go_starting_down},
	{"STARTING, last try, with an offline policy", FLOW_STARTING, go_starting_last_offline},
	{"STARTING, the offline policy was asked", FLOW_STARTING, go_offline},
	{"NUMBER", FLOW_NUMBER, counter_to_number},
	{"NUMBER, after second code 1 was refused as too weak", FLOW_NUMBER, go_weak},
	{"NUMBER, the same, after an answer to it was lost", FLOW_NUMBER, go_weak_lost},
	{"ANSWERING", FLOW_ANSWERING, counter_to_answering},
	{"ANSWERING, PIN wanted", FLOW_ANSWERING, counter_to_answering_pin},
	{"PIN", FLOW_PIN, counter_to_pin},
	{"PIN, typed again because the answer to this try was lost", FLOW_PIN, go_pin_again},
	{"PIN_SENT, first try", FLOW_PIN_SENT, go_pin_sent_first},
	{"PIN_SENT, third try", FLOW_PIN_SENT, go_pin_sent_last},
	{"UNCERTAIN, answer to the second code lost, asking", FLOW_UNCERTAIN, go_uncertain},
	{"UNCERTAIN, the same, pause before the next question", FLOW_UNCERTAIN, go_uncertain_pause},
	{"UNCERTAIN, the same, number has run out", FLOW_UNCERTAIN, go_uncertain_late},
	{"UNCERTAIN, answer to the first PIN lost", FLOW_UNCERTAIN, go_uncertain_pin},
	{"UNCERTAIN, answer to the third PIN lost", FLOW_UNCERTAIN, go_uncertain_pin_last},
	{"UNCERTAIN, given up in PIN after the answer to this try was lost", FLOW_UNCERTAIN,
		go_given_up},
	{"RESULT", FLOW_RESULT, go_result},
	{"RESULT, of a start that was cancelled in flight", FLOW_RESULT, go_result_cancelled_start},
	{"RESULT, after the end of frames", FLOW_RESULT, go_result_ended},
	{"RESULT, unconfirmed", FLOW_RESULT, go_result_offline},
};

#define SITUATION_COUNT (sizeof SITUATIONS / sizeof SITUATIONS[0])

/* ---- the table as the code has it ---- */

static const char *const PHASES[FLOW_PHASE_COUNT] = {
	"WAITING",
	"STARTING",
	"NUMBER",
	"ANSWERING",
	"PIN",
	"PIN_SENT",
	"UNCERTAIN",
	"RESULT",
};
static const char *const ACTIONS[] = {
	"START",
	"ANSWER",
	"PIN",
	"ASK",
	"CANCEL",
	"PIN_OPEN",
	"PIN_CLOSE",
	"FINISHED",
	"LOOK",
	"OFFLINE",
};

static void open_situation(struct counter *c, const struct situation *s)
{
	const uint8_t *earlier = kit_second('A', 0).response_head;
	uint8_t head[8];

	memcpy(head, earlier, sizeof head);
	counter_open(c);
	memcpy(c->f.answered[0], head, sizeof head);
	c->f.answered_next = 1;
	s->go(c);
	assert_int_equal(c->f.phase, s->phase);
}

/* Only the clock went on. */
static bool unchanged(const struct flow *before, const struct flow *after)
{
	struct flow copy = *after;

	copy.now_ms = before->now_ms;
	copy.held_seen_ms = before->held_seen_ms;
	return !memcmp(before, &copy, sizeof copy);
}

static void add_row(struct bytes *out, const char *event, const struct counter *c)
{
	int64_t next = flow_next_ms(&c->f);
	char wait[32] = "-";

	bytes_add_text(out, "| ");
	bytes_add_text(out, event);
	bytes_add_text(out, " | ");
	bytes_add_text(out, PHASES[c->f.phase]);
	if (c->f.phase == FLOW_RESULT) {
		bytes_add_text(out, ": ");
		bytes_add_text(out, flow_verdict_word(c->f.verdict, c->f.pin_done));
		bytes_add_text(out, c->f.reason ? ", " : "");
		bytes_add_text(out, flow_reason_word(c->f.reason));
	}
	if (c->f.phase == FLOW_PIN) {
		bytes_add_text(out, ": try ");
		bytes_add_u8(out, (uint8_t)('0' + c->f.pin_try));
	}
	bytes_add_text(out, " | ");
	bytes_add_text(out, c->f.notice ? flow_reason_word(c->f.notice) : "-");
	bytes_add_text(out, " | ");
	for (size_t i = 0; i < c->out.count; i++) {
		bytes_add_text(out, i ? ", " : "");
		bytes_add_text(out, ACTIONS[c->out.list[i].kind]);
	}
	bytes_add_text(out, c->out.count ? " | " : "- | ");
	if (next != INT64_MAX)
		snprintf(wait, sizeof wait, "%lld", (long long)(next - c->now));
	bytes_add_text(out, wait);
	bytes_add_text(out, " |\n");
}

static void add_situation(struct bytes *out, const struct situation *s)
{
	bytes_add_text(out, "\n### ");
	bytes_add_text(out, s->name);
	bytes_add_text(out, "\n\n| event | then | notice | actions | next in ms |\n");
	bytes_add_text(out, "|---|---|---|---|---|\n");
	for (size_t i = 0; i < HAPPENING_COUNT; i++) {
		struct counter c;
		struct flow before;

		open_situation(&c, s);
		before = c.f;
		c.out.count = 0;
		HAPPENINGS[i].happen(&c);
		if (c.out.count || !unchanged(&before, &c.f))
			add_row(out, HAPPENINGS[i].name, &c);
	}
}

static void add_table(struct bytes *out)
{
	bytes_add_text(out, TABLE_BEGIN);
	for (size_t i = 0; i < SITUATION_COUNT; i++)
		add_situation(out, &SITUATIONS[i]);
	bytes_add_text(out, "\n" TABLE_END);
	assert_false(out->full);
}

/* ---- cases ---- */

static void the_document_shows_what_the_code_does(void **state)
{
	struct bytes document, table;
	const char *is, *says;
	int line = 1;

	(void)state;
	bytes_init(&document, DOCUMENT_MAX);
	bytes_init(&table, DOCUMENT_MAX);
	assert_int_equal(file_read(&document, DOCUMENT, false, NULL), ERR_OK);
	add_table(&table);
	is = bytes_text(&table);
	says = strstr(bytes_text(&document), TABLE_BEGIN);
	assert_non_null(says);
	while (*is) {
		size_t is_len = strcspn(is, "\n"), says_len = strcspn(says, "\n");

		if (is_len != says_len || strncmp(is, says, is_len))
			fail_msg("line %d of the table: the code does\n  %.*s\nthe document says\n "
				 " %.*s",
				line, (int)is_len, is, (int)says_len, says);
		is += is_len + (is[is_len] != '\0');
		says += says_len + (says[says_len] != '\0');
		line++;
	}
	bytes_done(&document);
	bytes_done(&table);
}

static void every_phase_is_a_situation(void **state)
{
	bool seen[FLOW_PHASE_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < SITUATION_COUNT; i++)
		seen[SITUATIONS[i].phase] = true;
	for (size_t i = 0; i < FLOW_PHASE_COUNT; i++)
		assert_true(seen[i]);
}

static void only_three_answers_lead_to_accepted(void **state)
{
	unsigned accepted = 0;

	(void)state;
	for (size_t s = 0; s < SITUATION_COUNT; s++) {
		for (size_t i = 0; i < HAPPENING_COUNT; i++) {
			struct counter c;
			bool pin;

			open_situation(&c, &SITUATIONS[s]);
			pin = c.f.pin_try > 0;
			HAPPENINGS[i].happen(&c);
			if (c.f.verdict != VERDICT_ACCEPTED)
				continue;
			accepted++;
			assert_true(
				HAPPENINGS[i].happen == (pin ? state_authorised : state_accepted));
			assert_int_equal(c.f.pin_done, pin);
		}
	}
	assert_int_equal(
		accepted, 1 + 2 + 2 + 3); /* ANSWERING, PIN_SENT, UNCERTAIN without and with */
}

static void only_what_was_written_down_is_unconfirmed(void **state)
{
	unsigned unconfirmed = 0;

	(void)state;
	for (size_t s = 0; s < SITUATION_COUNT; s++) {
		for (size_t i = 0; i < HAPPENING_COUNT; i++) {
			struct counter c;

			open_situation(&c, &SITUATIONS[s]);
			if (c.f.verdict == VERDICT_UNCONFIRMED)
				continue; /* before */
			HAPPENINGS[i].happen(&c);
			if (c.f.verdict != VERDICT_UNCONFIRMED)
				continue;
			unconfirmed++;
			assert_true(SITUATIONS[s].go == go_offline);
			assert_true(HAPPENINGS[i].happen == offline_written);
		}
	}
	assert_int_equal(unconfirmed, 1);
}

static void the_same_answer_twice_is_taken_once(void **state)
{
	(void)state;
	for (size_t s = 0; s < SITUATION_COUNT; s++) {
		for (size_t i = 0; i < HAPPENING_COUNT; i++) {
			struct counter c;
			struct flow once;
			uint32_t serial;

			if (strncmp(HAPPENINGS[i].name, "answer", 6))
				continue;
			open_situation(&c, &SITUATIONS[s]);
			serial = c.f.serial;
			HAPPENINGS[i].happen(&c);
			once = c.f;
			struct flow_event again = kit_state(serial, FLOW_REC_AUTHORISED);
			counter_step(&c, &again);
			again = kit_state(serial, FLOW_REC_ACCEPTED);
			counter_step(&c, &again);
			/* An answer that was dropped leaves the request open: these are the first.
			 */
			if ((!once.in_flight || once.serial != serial) && !once.cancelled_start)
				assert_memory_equal(&once, &c.f, sizeof once);
		}
	}
}

static unsigned lines_with(const char *path, const char *words)
{
	struct bytes text;
	unsigned n = 0;

	bytes_init(&text, DOCUMENT_MAX);
	assert_int_equal(file_read(&text, path, false, NULL), ERR_OK);
	for (const char *at = bytes_text(&text); (at = strstr(at, words)); at++)
		n++;
	bytes_done(&text);
	return n;
}

static void exactly_one_line_writes_accepted(void **state)
{
	(void)state;
	assert_int_equal(lines_with("verifier/flow_phases.c", "VERDICT_ACCEPTED"), 1);
	assert_int_equal(lines_with("verifier/flow.c", "VERDICT_ACCEPTED"), 0);
	assert_int_equal(lines_with("verifier/flow_phases.c", "VERDICT_UNCONFIRMED"), 1);
	assert_int_equal(lines_with("verifier/flow.c", "VERDICT_UNCONFIRMED"), 0);
	assert_int_equal(lines_with("verifier/flow_codes.c", "VERDICT_UNCONFIRMED"), 0);
	assert_int_equal(lines_with("verifier/flow_codes.c", "VERDICT_ACCEPTED"), 0);
	assert_int_equal(lines_with("verifier/flow.c", "verdict ="), 0);
	assert_int_equal(lines_with("verifier/flow_codes.c", "verdict ="), 0);
	assert_int_equal(lines_with("verifier/flow_phases.c", "verdict ="), 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_shows_what_the_code_does),
		cmocka_unit_test(every_phase_is_a_situation),
		cmocka_unit_test(only_three_answers_lead_to_accepted),
		cmocka_unit_test(only_what_was_written_down_is_unconfirmed),
		cmocka_unit_test(the_same_answer_twice_is_taken_once),
		cmocka_unit_test(exactly_one_line_writes_accepted),
	};

	if (argc == 2 && !strcmp(argv[1], "--print")) {
		struct bytes table;

		bytes_init(&table, DOCUMENT_MAX);
		add_table(&table);
		fputs(bytes_text(&table), stdout);
		bytes_done(&table);
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
