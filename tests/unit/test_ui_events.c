/* SPDX-License-Identifier: Apache-2.0
 *
 * Event lines: what a till reads of a verification, word for word.
 */
#include "tests/unit/client_fixture.h"

#include "ui/events.h"

static struct events events;
static struct flow flow;
static struct flow_event ev;
static struct flow_actions actions;
static char log_text[32768];
static enum events_to last_to;

static void sink(void *ctx, enum events_to to, struct span line)
{
	size_t len = strlen(log_text);

	(void)ctx;
	last_to = to;
	assert_true(line.len > 0 && line.data[line.len - 1] == '\n');
	assert_null(memchr(line.data, '\n', line.len - 1));
	assert_true(len + line.len < sizeof log_text);
	memcpy(log_text + len, line.data, line.len);
	log_text[len + line.len] = '\0';
}

static int set_up(void **state)
{
	(void)state;
	events_init(&events, 1000);
	events.sink = sink;
	events.now_ms = 1250;
	log_text[0] = '\0';
	flow_init(&flow);
	memset(&ev, 0, sizeof ev);
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* One step of the real flow, and what it says. */
static void step(enum flow_event_kind kind)
{
	ev.kind = kind;
	ev.now_ms = events.now_ms;
	ev.serial = flow.serial;
	log_text[0] = '\0';
	events_before(&events, &flow);
	flow_step(&flow, &actions, &ev);
	events_after(&events, &flow, &ev, &actions);
}

static void see(enum flow_code_judgement judgement, const char *text)
{
	memset(&ev, 0, sizeof ev);
	ev.codes.count = 1;
	ev.codes.list[0].judgement = judgement;
	memset(ev.codes.list[0].credential_id, 7, judgement == FLOW_CODE_SECOND ? 8 : CODE_ID_LEN);
	memset(ev.codes.list[0].response_head, text[0], 8);
	snprintf(ev.codes.list[0].text, sizeof ev.codes.list[0].text, "%s", text);
	step(FLOW_EV_CODES);
}

static void start(void)
{
	see(FLOW_CODE_FIRST, "FIRST");
	memset(&ev, 0, sizeof ev);
	ev.started = (struct flow_started){.id = FIXTURE_ID,
		.number = FIXTURE_NUMBER,
		.challenge_code = "Q",
		.lifetime_ms = 60000,
		.pin_required = true,
		.credential = {"Member card", "Gold", "Li \"Lei\""}};
}

static void answer(enum flow_recorded recorded, enum flow_reason reason, int left)
{
	memset(&ev, 0, sizeof ev);
	ev.answer = (struct flow_answer){.state = recorded,
		.reason = reason,
		.pin_required = true,
		.attempts_left = left,
		.pin_tries_used = -1};
	if (recorded == FLOW_REC_AUTHORISED)
		snprintf(ev.answer.receipt, sizeof ev.answer.receipt, "20261121-000009");
	step(FLOW_EV_STATE);
}

#define HEAD(name) "{\"v\":1,\"event\":\"" name "\",\"at_ms\":250"
#define SEVENS     "07070707070707070707070707070707"

/* clang-format off */
static void tells_a_whole_verification(void **state)
{
	(void)state;
	start();
	assert_string_equal(log_text, HEAD("first_code") ",\"credential\":\"" SEVENS "\"}\n");
	step(FLOW_EV_STARTED);
	assert_string_equal(log_text,
		HEAD("number") ",\"verification\":\"" FIXTURE_ID "\",\"number\":\"012345\","
		"\"digits\":6,\"expires_in_ms\":60000,\"holder\":\"Li \\\"Lei\\\"\","
		"\"purpose\":\"Member card\",\"face_value\":\"Gold\",\"pin_required\":true,"
		"\"challenge_code\":\"Q\"}\n");
	see(FLOW_CODE_SECOND, "SECOND");
	assert_string_equal(log_text, HEAD("second_code") ",\"credential\":\"" SEVENS "\"}\n");
	answer(FLOW_REC_ACCEPTED, REASON_NONE, 3);
	assert_string_equal(log_text,
		HEAD("state") ",\"state\":\"accepted\",\"attempts_left\":3}\n"
		HEAD("pin_wanted") ",\"try\":1,\"attempts_left\":3}\n");
	step(FLOW_EV_PIN_TYPED);
	assert_string_equal(log_text, HEAD("pin_sent") ",\"try\":1}\n");
	answer(FLOW_REC_ACCEPTED, REASON_WRONG_PIN, 2);
	assert_string_equal(log_text,
		HEAD("state") ",\"state\":\"accepted\",\"reason\":\"wrong-pin\","
		"\"attempts_left\":2}\n"
		HEAD("notice") ",\"reason\":\"wrong-pin\"}\n"
		HEAD("pin_wanted") ",\"try\":2,\"attempts_left\":2}\n");
	step(FLOW_EV_PIN_TYPED);
	answer(FLOW_REC_AUTHORISED, REASON_NONE, -1);
	assert_string_equal(log_text,
		HEAD("state") ",\"state\":\"authorised\"}\n"
		HEAD("verdict") ",\"verdict\":\"authorised\",\"reason\":\"\","
		"\"verification\":\"" FIXTURE_ID "\",\"receipt\":\"20261121-000009\"}\n");
	assert_int_equal(last_to, EVENTS_TO_ALL);
}

static void tells_a_refusal_with_its_end(void **state)
{
	(void)state;
	start();
	memset(&ev, 0, sizeof ev);
	ev.refusal = (struct flow_refusal){.reason = REASON_FROZEN, .until_unix_s = 1790000900,
		.attempts_left = -1};
	step(FLOW_EV_REFUSED);
	assert_string_equal(log_text,
		HEAD("verdict") ",\"verdict\":\"refused\",\"reason\":\"frozen\","
		"\"until\":1790000900}\n");
}

static void tells_a_notice_once_while_it_lasts(void **state)
{
	(void)state;
	see(FLOW_CODE_FOREIGN, "hello\x1b[2J");
	assert_non_null(strstr(log_text,
		HEAD("notice") ",\"reason\":\"plain-text\",\"text\":\"hello"));
	assert_null(strchr(log_text, '\x1b'));
	see(FLOW_CODE_FOREIGN, "hello\x1b[2J");
	assert_string_equal(log_text, "");
	see(FLOW_CODE_FOREIGN, "other");
	assert_string_not_equal(log_text, "");
}
/* clang-format on */

static void see_as(const char *symbology)
{
	memset(&ev, 0, sizeof ev);
	ev.codes.count = 1;
	flow_code_other(&ev.codes.list[0], span_text("12345670"), symbology);
	step(FLOW_EV_CODES);
}

static void tells_the_same_text_of_another_symbology(void **state)
{
	(void)state;
	see_as("ean-8");
	assert_non_null(strstr(log_text, "\"symbology\":\"ean-8\",\"text\":\"12345670\""));
	see_as("ean-8");
	assert_string_equal(log_text, "");
	see_as("code-128");
	assert_non_null(strstr(log_text, "\"symbology\":\"code-128\""));
	see_as("ean-8"); /* told a moment ago */
	assert_string_equal(log_text, "");
}

static int notices_of(const char *const *texts, size_t count, int64_t ms_apart)
{
	int told = 0;

	for (size_t i = 0; i < count; i++) {
		see(FLOW_CODE_FOREIGN, texts[i]);
		told += log_text[0] != '\0';
		events.now_ms += ms_apart;
	}
	return told;
}

static void tells_the_same_notice_once_a_second_however_codes_alternate(void **state)
{
	static const char *const TWO[] = {"one", "two", "one", "two", "one", "two", "one", "two"};
	(void)state;

	assert_int_equal(notices_of(TWO, 8, 30), 2);
	events.now_ms += EVENTS_NOTICE_MS;
	assert_int_equal(notices_of(TWO, 8, EVENTS_NOTICE_MS), 8);
}

static void tells_few_notices_a_second_of_codes_that_all_differ(void **state)
{
	static const char *const MANY[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	(void)state;

	assert_int_equal(notices_of(MANY, 8, 30), EVENTS_NOTICES);
	events.now_ms += EVENTS_NOTICE_MS;
	assert_int_equal(notices_of(MANY, 8, 30), EVENTS_NOTICES);
}

static void tells_every_wrong_pin_however_fast(void **state)
{
	(void)state;
	start();
	step(FLOW_EV_STARTED);
	see(FLOW_CODE_SECOND, "SECOND");
	answer(FLOW_REC_ACCEPTED, REASON_NONE, 3);
	for (int left = 2; left > 0; left--) {
		step(FLOW_EV_PIN_TYPED);
		answer(FLOW_REC_ACCEPTED, REASON_WRONG_PIN, left);
		assert_non_null(strstr(log_text, HEAD("notice") ",\"reason\":\"wrong-pin\"}"));
	}
}

static void tells_questions_when_an_answer_was_lost(void **state)
{
	(void)state;
	start();
	step(FLOW_EV_STARTED);
	see(FLOW_CODE_SECOND, "SECOND");
	memset(&ev, 0, sizeof ev);
	step(FLOW_EV_NO_ANSWER);
	assert_string_equal(log_text, HEAD("uncertain") ",\"tries\":1}\n");
}

static void says_nothing_of_answers_that_are_too_late(void **state)
{
	(void)state;
	start();
	step(FLOW_EV_STARTED);
	memset(&ev, 0, sizeof ev);
	log_text[0] = '\0';
	events_before(&events, &flow);
	ev = (struct flow_event){.kind = FLOW_EV_STATE, .serial = flow.serial + 5};
	flow_step(&flow, &actions, &ev);
	events_after(&events, &flow, &ev, &actions);
	assert_string_equal(log_text, "");
}

static void frames_that_end_are_no_verdict(void **state)
{
	(void)state;
	step(FLOW_EV_END);
	assert_string_equal(log_text, "");
}

static void tells_that_nothing_was_begun(void **state)
{
	(void)state;
	log_text[0] = '\0';
	events_nothing_decided(&events, "end-of-frames");
	assert_string_equal(
		log_text, HEAD("verdict") ",\"verdict\":\"none\",\"reason\":\"end-of-frames\"}\n");
}

static void tells_what_happens_around_the_flow(void **state)
{
	/* clang-format off */
	static const char expected[] =
		HEAD("ready") ",\"source\":\"replay:x\xef\xbf\xbd\",\"simulator\":true,"
		"\"backend\":\"http://127.0.0.1:1\",\"stepped\":false,\"unix_ms\":5}\n"
		HEAD("scanner") ",\"state\":\"ended\"}\n"
		HEAD("hint") ",\"why\":\"blurred\"}\n"
		HEAD("backend") ",\"reachable\":false,\"fault\":\"refused\xef\xbf\xbdnow\"}\n"
		HEAD("backend") ",\"reachable\":true}\n"
		HEAD("command") ",\"command\":\"cancel\"}\n"
		HEAD("end") ",\"verdict\":\"none\",\"reason\":\"\",\"verifications\":0}\n";
	/* clang-format on */
	struct events_ready ready = {.source = "replay:x\x1b",
		.backend = "http://127.0.0.1:1",
		.simulator = true,
		.unix_ms = 5};
	struct events_stats stats = {.rss_kib = 1, .first_frame_ms = -1};

	(void)state;
	events_ready(&events, &ready);
	events_scanner(&events, "ended", "");
	events_hint(&events, "blurred");
	events_backend(&events, false, "refused\nnow");
	events_backend(&events, true, "");
	events_cancel(&events);
	events_end(&events, "none", "", 0);
	assert_string_equal(log_text, expected);
	assert_int_equal(last_to, EVENTS_TO_ALL);
	events_frame(&events, 7);
	assert_int_equal(last_to, EVENTS_TO_SIMULATOR);
	events_command_fault(&events, "x");
	assert_int_equal(last_to, EVENTS_TO_OUTPUT);
	events_recording_stopped(&events, "disk full");
	assert_int_equal(last_to, EVENTS_TO_OUTPUT);
	events_stats(&events, &stats);
	assert_int_equal(last_to, EVENTS_TO_OUTPUT);
}

/* The longest texts that a flow can hold, each character of them as an escape, fit into a line. */
static void the_longest_line_fits(void **state)
{
	char *source = malloc(5000);

	(void)state;
	assert_non_null(source);
	memset(source, '"', 4999);
	source[4999] = '\0';
	start();
	memset(ev.started.challenge_code, '"', sizeof ev.started.challenge_code - 1);
	memset(ev.started.credential.holder, '"', FLOW_LABEL_MAX - 1);
	memset(ev.started.credential.purpose, '"', FLOW_LABEL_MAX - 1);
	memset(ev.started.credential.face_value, '"', FLOW_LABEL_MAX - 1);
	step(FLOW_EV_STARTED);
	assert_non_null(strstr(log_text, HEAD("number")));
	log_text[0] = '\0';
	events_ready(&events, &(struct events_ready){.source = source, .backend = source});
	assert_non_null(strstr(log_text, HEAD("ready")));
	free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tells_a_whole_verification, set_up),
		cmocka_unit_test_setup(tells_a_refusal_with_its_end, set_up),
		cmocka_unit_test_setup(tells_a_notice_once_while_it_lasts, set_up),
		cmocka_unit_test_setup(tells_the_same_text_of_another_symbology, set_up),
		cmocka_unit_test_setup(
			tells_the_same_notice_once_a_second_however_codes_alternate, set_up),
		cmocka_unit_test_setup(
			tells_few_notices_a_second_of_codes_that_all_differ, set_up),
		cmocka_unit_test_setup(tells_every_wrong_pin_however_fast, set_up),
		cmocka_unit_test_setup(tells_questions_when_an_answer_was_lost, set_up),
		cmocka_unit_test_setup(says_nothing_of_answers_that_are_too_late, set_up),
		cmocka_unit_test_setup(frames_that_end_are_no_verdict, set_up),
		cmocka_unit_test_setup(tells_that_nothing_was_begun, set_up),
		cmocka_unit_test_setup(tells_what_happens_around_the_flow, set_up),
		cmocka_unit_test_setup(the_longest_line_fits, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
