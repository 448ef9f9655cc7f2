/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON between terminal and backend: what is sent, and what is taken for an answer.
 */
#include "tests/unit/client_fixture.h"

static struct flow flow;
static struct client_sale sale; /* none, unless a case has one */

/* Parses from an exact-size heap block, so that a read past the end is seen. */
static enum flow_event_kind parse(struct flow_event *ev, enum flow_action_kind kind, int status,
	int64_t date, const void *data, size_t len)
{
	struct message_request request;
	struct err err = {0};
	uint8_t *copy = malloc(len + (len == 0));
	struct message_answer answer = {.status = status, .date_unix_s = date,
		.problem = status >= 400 && status <= 499,
		.body = SPAN(copy, len)};

	assert_non_null(copy);
	memcpy(copy, data, len);
	message_request_init(&request, kind, &flow, &sale);
	message_answer_parse(ev, &request, &answer, &err);
	if (ev->kind == FLOW_EV_NO_ANSWER)
		assert_string_not_equal(err.text, "");
	free(copy);
	return ev->kind;
}

static enum flow_event_kind parse_text(
	struct flow_event *ev, enum flow_action_kind kind, int status, const char *text)
{
	return parse(ev, kind, status, FIXTURE_NOW, text, strlen(text));
}

/* The text with one occurrence of `from` replaced. */
static const char *edited(const char *text, const char *from, const char *to)
{
	static char out[2][4096]; /* two, so that an edit can be part of another */
	static int turn;
	const char *at = strstr(text, from);

	assert_non_null(at);
	turn = 1 - turn;
	snprintf(out[turn], sizeof out[turn], "%.*s%s%s", (int)(at - text), text, to,
		at + strlen(from));
	return out[turn];
}

static int set_up(void **state)
{
	(void)state;
	fixture_flow(&flow);
	memset(&sale, 0, sizeof sale);
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

/* ---- requests ---- */

static void writes_stage_one_with_what_is_known(void **state)
{
	char storage[CLIENT_BODY_MAX];
	struct bytes out;

	(void)state;
	bytes_init_fixed(&out, storage, sizeof storage);
	assert_int_equal(message_start_build(&out, &flow, &sale), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"code\":\"HTTPS://QR.EXAMPLE.COM/C/AE\"}");
	bytes_clear(&out);
	sale = (struct client_sale){1280, "EUR", "bon \"7\"", "Anna"};
	assert_int_equal(message_start_build(&out, &flow, &sale), ERR_OK);
	assert_string_equal(bytes_text(&out),
		"{\"code\":\"HTTPS://QR.EXAMPLE.COM/C/AE\",\"amount\":1280,\"currency\":\"EUR\","
		"\"reference\":\"bon \\\"7\\\"\",\"operator\":\"Anna\"}");
	sale.amount = UINT64_MAX;
	assert_int_not_equal(message_start_build(&out, &flow, &sale), ERR_OK);
}

static void writes_the_second_code(void **state)
{
	char storage[CLIENT_BODY_MAX];
	struct bytes out;

	(void)state;
	bytes_init_fixed(&out, storage, sizeof storage);
	assert_int_equal(message_answer_build(&out, &flow), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"code\":\"HTTPS://QR.EXAMPLE.COM/R/AE\"}");
	bytes_init_fixed(&out, storage, 10);
	assert_int_equal(message_answer_build(&out, &flow), ERR_TOO_LARGE);
}

static void writes_only_digits_as_a_pin(void **state)
{
	static const char *const bad[] = {
		"", "123", "1234567890123", "12 4", "12\"4", "-123", "12a4"};
	char storage[64];
	struct bytes out;
	size_t i;

	(void)state;
	bytes_init_fixed(&out, storage, sizeof storage);
	assert_int_equal(message_pin_build(&out, span_text("2468"), 2), ERR_OK);
	assert_string_equal(bytes_text(&out), "{\"pin\":\"2468\",\"try\":2}");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		bytes_clear(&out);
		assert_int_equal(message_pin_build(&out, span_text(bad[i]), 1), ERR_INVALID);
		assert_int_equal(out.len, 0);
	}
}

/* ---- stage one ---- */

static void takes_a_started_verification(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 201, fixture_started()), FLOW_EV_STARTED);
	assert_string_equal(ev.started.id, FIXTURE_ID);
	assert_string_equal(ev.started.number, FIXTURE_NUMBER);
	assert_string_equal(ev.started.credential.holder, "Li Lei");
	assert_string_equal(ev.started.credential.purpose, "Member card");
	assert_string_equal(ev.started.credential.face_value, "Gold");
	assert_true(ev.started.pin_required);
	assert_int_equal(ev.started.lifetime_ms, 60000);
}

static void takes_members_it_does_not_know(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(
		parse_text(&ev, FLOW_DO_START, 201,
			edited(fixture_started(), "\"digits\"", "\"new\":[{\"a\":1}],\"digits\"")),
		FLOW_EV_STARTED);
}

static void refuses_a_start_with_one_thing_wrong(void **state)
{
	static const char *const edits[][2] = {
		{"\"id\"", "\"di\""},
		{"\"id\":\"0", "\"id\":\"g"},
		{"\"id\":\"0", "\"id\":\""},
		{"\"id\":\"0", "\"id\":\"1"}, /* the challenge code has another */
		{"\"012345\"", "\"12345\""},
		{"\"012345\"", "\"012346\""},
		{"\"012345\"", "\"01234 \""},
		{"\"012345\"", "\"-12345\""},
		{"\"012345\"", "12345"},
		{"\"012345\"", "\"0012345\""},
		{"\"digits\":6", "\"digits\":7"},
		{"\"digits\":6", "\"digits\":\"6\""},
		{"\"digits\":6", "\"digits\":6.0"},
		{"\"digits\":6,", ""},
		{"\"expires_at\":1", "\"expires_at\":-1"},
		{"\"expires_at\":1", "\"expires_at\":1000000001"},
		{"\"expires_at\":", "\"expires_on\":"},
		{"/Q/", "/R/"},
		{"/Q/A", "/Q/B"},
		{"HTTPS://", "HTTP://"},
		{"\"challenge_code\":", "\"challenge\":"},
		{"\"credential\":{", "\"credential_\":{"},
		{"\"purpose\":\"Member card\",", ""},
		{"\"purpose\":\"Member card\"", "\"purpose\":1"},
		{"\"face_value\":\"Gold\",", ""},
		{",\"holder\":\"Li Lei\"", ""},
		{"\"pin_required\":true", "\"pin_required\":1"},
		{",\"pin_required\":true", ""},
		{"{\"id\"", "[\"id\""},
		{"{\"id\"", "{\"id\":\"" FIXTURE_ID "\",\"id\""},
		{"true}", "true}}"},
		{"true}", "true} x"},
		{"true}", "true"},
	};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof edits / sizeof edits[0]; i++)
		assert_int_equal(parse_text(&ev, FLOW_DO_START, 201,
					 edited(fixture_started(), edits[i][0], edits[i][1])),
			FLOW_EV_NO_ANSWER);
}

static void refuses_a_challenge_for_another_credential(void **state)
{
	struct flow_event ev;

	(void)state;
	flow.credential_id[0] ^= 1;
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 201, fixture_started()), FLOW_EV_NO_ANSWER);
}

static void refuses_a_start_cut_anywhere(void **state)
{
	struct flow_event ev;
	const char *text = fixture_started();
	size_t i;

	(void)state;
	for (i = 0; i < strlen(text); i++)
		assert_int_equal(
			parse(&ev, FLOW_DO_START, 201, FIXTURE_NOW, text, i), FLOW_EV_NO_ANSWER);
}

/* Not every flipped byte can be noticed (a letter of a name), but none may change what the flow
 * trusts: the number is in the challenge code too, and both must agree.
 */
static void flipped_bytes_never_change_id_or_number(void **state)
{
	struct flow_event ev;
	char text[2048];
	size_t len = strlen(fixture_started());
	size_t i;

	(void)state;
	for (i = 0; i < len; i++) {
		memcpy(text, fixture_started(), len);
		text[i] = (char)(text[i] ^ 1);
		if (parse(&ev, FLOW_DO_START, 201, FIXTURE_NOW, text, len) != FLOW_EV_STARTED)
			continue;
		assert_string_equal(ev.started.number, FIXTURE_NUMBER);
		assert_string_equal(ev.started.id, FIXTURE_ID);
	}
}

static void bounds_the_lifetime_of_a_number(void **state)
{
	static const struct {
		int64_t date, lifetime_ms;
	} cases[] = {
		{FIXTURE_NOW + 59, 1000},
		{FIXTURE_NOW + 60, 0},
		{FIXTURE_NOW + 3600, 0},
		{FIXTURE_NOW - 1000000, FLOW_NUMBER_MS_MAX},
		{1, FLOW_NUMBER_MS_MAX},
		{0, MESSAGE_NUMBER_MS},
	};
	const char *text = fixture_started();
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(parse(&ev, FLOW_DO_START, 201, cases[i].date, text, strlen(text)),
			FLOW_EV_STARTED);
		assert_int_equal(ev.started.lifetime_ms, cases[i].lifetime_ms);
	}
}

static void makes_names_safe_for_the_screen(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 201,
				 edited(fixture_started(), "Li Lei", "Li\\u001b[2J\\u202eLei\\r")),
		FLOW_EV_STARTED);
	assert_null(strpbrk(ev.started.credential.holder, "\x1b\r"));
	assert_null(strstr(ev.started.credential.holder, "\xe2\x80\xae"));
	assert_non_null(strstr(ev.started.credential.holder, "Li\xef\xbf\xbd[2J"));
}

static void cuts_long_names_and_refuses_endless_ones(void **state)
{
	struct flow_event ev;
	char name[1200];

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(
		parse_text(&ev, FLOW_DO_START, 201, edited(fixture_started(), "Li Lei", name)),
		FLOW_EV_NO_ANSWER);
	name[900] = '\0';
	assert_int_equal(
		parse_text(&ev, FLOW_DO_START, 201, edited(fixture_started(), "Li Lei", name)),
		FLOW_EV_STARTED);
	assert_true(strlen(ev.started.credential.holder) < FLOW_LABEL_MAX);
}

/* ---- recorded state ---- */

#define STATE                                                                                      \
	"{\"id\":\"" FIXTURE_ID "\",\"state\":\"accepted\",\"pin_required\":true,"                 \
	"\"attempts_left\":3,\"pin_tries\":0}"

static void takes_every_recorded_state(void **state)
{
	static const struct {
		const char *word;
		enum flow_recorded recorded;
	} words[] = {{"challenged", FLOW_REC_CHALLENGED}, {"accepted", FLOW_REC_ACCEPTED},
		{"authorised", FLOW_REC_AUTHORISED}, {"rejected", FLOW_REC_REJECTED},
		{"expired", FLOW_REC_EXPIRED}, {"cancelled", FLOW_REC_CANCELLED}};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_int_equal(
			parse_text(&ev, FLOW_DO_ASK, 200, edited(STATE, "accepted", words[i].word)),
			FLOW_EV_STATE);
		assert_int_equal(ev.answer.state, words[i].recorded);
		assert_int_equal(ev.answer.attempts_left, 3);
		assert_int_equal(ev.answer.pin_tries_used, 0);
	}
}

static void says_when_counts_are_not_said(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(parse_text(&ev, FLOW_DO_ANSWER, 200,
				 "{\"id\":\"" FIXTURE_ID
				 "\",\"state\":\"rejected\",\"reason\":\"wrong-answer\","
				 "\"pin_required\":false}"),
		FLOW_EV_STATE);
	assert_int_equal(ev.answer.attempts_left, -1);
	assert_int_equal(ev.answer.pin_tries_used, -1);
	assert_int_equal(ev.answer.reason, REASON_WRONG_ANSWER);
	assert_string_equal(ev.answer.receipt, "");
}

static void refuses_a_state_with_one_thing_wrong(void **state)
{
	static const char *const edits[][2] = {
		{"\"id\":\"00", "\"id\":\"01"}, /* another verification */
		{"\"id\":\"00", "\"id\":\"0"},
		{"\"id\":", "\"ID\":"},
		{"accepted", "Accepted"},
		{"accepted", "approved"},
		{"accepted", ""},
		{"\"state\":\"accepted\",", ""},
		{"\"accepted\"", "true"},
		{"true", "\"true\""},
		{"\"pin_required\":true,", ""},
		{"\"attempts_left\":3", "\"attempts_left\":-1"},
		{"\"attempts_left\":3", "\"attempts_left\":1001"},
		{"\"attempts_left\":3", "\"attempts_left\":99999999999999999999"},
		{"\"pin_tries\":0", "\"pin_tries\":\"0\""},
		{"\"pin_tries\":0", "\"receipt\":7"},
		{"\"pin_tries\":0", "\"receipt\":\"0123456789012345678901234567890123456789\""},
		{"\"pin_tries\":0", "\"reason\":false"},
		{"\"pin_tries\":0", "\"state\":\"accepted\""},
	};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof edits / sizeof edits[0]; i++)
		assert_int_equal(parse_text(&ev, FLOW_DO_ANSWER, 200,
					 edited(STATE, edits[i][0], edits[i][1])),
			FLOW_EV_NO_ANSWER);
}

static void refuses_an_answer_that_does_not_decide(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(
		parse_text(&ev, FLOW_DO_ANSWER, 200, edited(STATE, "accepted", "challenged")),
		FLOW_EV_NO_ANSWER);
	assert_int_equal(parse_text(&ev, FLOW_DO_PIN, 200, edited(STATE, "accepted", "challenged")),
		FLOW_EV_NO_ANSWER);
}

static void refuses_a_state_cut_anywhere(void **state)
{
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < strlen(STATE); i++)
		assert_int_equal(
			parse(&ev, FLOW_DO_ANSWER, 200, FIXTURE_NOW, STATE, i), FLOW_EV_NO_ANSWER);
}

/* A flip may spell another state, but never acceptance out of a refusal. */
static void flipped_bytes_never_accept(void **state)
{
	static const char rejected[] = "{\"id\":\"" FIXTURE_ID "\",\"state\":\"rejected\","
				       "\"reason\":\"wrong-answer\",\"pin_required\":false}";
	struct flow_event ev;
	char text[sizeof rejected];
	size_t i;
	int bit;

	(void)state;
	for (i = 0; i < sizeof rejected - 1; i++) {
		for (bit = 0; bit < 8; bit++) {
			memcpy(text, rejected, sizeof text);
			text[i] = (char)(text[i] ^ (1 << bit));
			if (parse(&ev, FLOW_DO_ANSWER, 200, FIXTURE_NOW, text, sizeof text - 1) ==
				FLOW_EV_STATE)
				assert_int_equal(ev.answer.state, FLOW_REC_REJECTED);
		}
	}
}

/* ---- refusals ---- */

#define PROBLEM                                                                                    \
	"{\"type\":\"https://countersign.invalid/problems/frozen\",\"title\":\"Frozen\","          \
	"\"status\":403,\"detail\":\"wait\",\"until\":1790000900,\"attempts_left\":0}"

static void takes_a_problem_with_its_word(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 403, PROBLEM), FLOW_EV_REFUSED);
	assert_int_equal(ev.refusal.reason, REASON_FROZEN);
	assert_int_equal(ev.refusal.until_unix_s, 1790000900);
	assert_int_equal(ev.refusal.attempts_left, 0);
	assert_false(ev.refusal.still_open);
}

static void takes_words_it_does_not_know_as_refusals(void **state)
{
	static const char *const words[] = {"solar-flare", "", "end-of-frames", "web-address",
		"no-backend", "frozen/x", "FROZEN", "bad-request"};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_int_equal(parse_text(&ev, FLOW_DO_START, 403,
					 edited(PROBLEM, "problems/frozen",
						 edited("problems/#", "#", words[i]))),
			FLOW_EV_REFUSED);
		assert_int_equal(ev.refusal.reason, REASON_BAD_ANSWER);
	}
}

static void a_token_that_is_not_taken_is_no_locked_pin(void **state)
{
	struct flow_event ev;

	(void)state;
	parse_text(&ev, FLOW_DO_START, 403, edited(PROBLEM, "frozen", "unauthorised"));
	assert_int_equal(ev.refusal.reason, REASON_UNKNOWN_TERMINAL);
	parse_text(&ev, FLOW_DO_START, 403, edited(PROBLEM, "frozen", "forbidden"));
	assert_int_equal(ev.refusal.reason, REASON_UNKNOWN_TERMINAL);
	parse_text(&ev, FLOW_DO_START, 403, edited(PROBLEM, "frozen", "not-allowed"));
	assert_int_equal(ev.refusal.reason, REASON_NOT_ALLOWED);
}

static void a_weak_second_code_leaves_the_verification_open(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(
		parse_text(&ev, FLOW_DO_ANSWER, 403, edited(PROBLEM, "frozen", "weak-binding")),
		FLOW_EV_REFUSED);
	assert_true(ev.refusal.still_open);
	assert_int_equal(
		parse_text(&ev, FLOW_DO_PIN, 403, edited(PROBLEM, "frozen", "weak-binding")),
		FLOW_EV_REFUSED);
	assert_false(ev.refusal.still_open);
}

static void refuses_a_problem_with_one_thing_wrong(void **state)
{
	static const char *const edits[][2] = {
		{"\"type\":", "\"kind\":"}, {"countersign.invalid", "countersign.example"},
		{"\"status\":403", "\"status\":404"}, /* of another answer */
		{"\"status\":403", "\"status\":503"}, {"\"status\":403,", ""},
		{"\"status\":403", "\"status\":\"403\""}, {"\"until\":1790000900", "\"until\":-5"},
		{"\"until\":1790000900", "\"until\":1790000900.5"},
		{"\"attempts_left\":0", "\"attempts_left\":null"},
		{"problems/frozen", "problems/busy"}, /* not a decision */
	};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof edits / sizeof edits[0]; i++)
		assert_int_equal(parse_text(&ev, FLOW_DO_START, 403,
					 edited(PROBLEM, edits[i][0], edits[i][1])),
			FLOW_EV_NO_ANSWER);
}

/* ---- status and content type ---- */

static void other_statuses_are_no_answer(void **state)
{
	static const int statuses[] = {
		0, 100, 200, 202, 204, 301, 302, 307, 399, 500, 503, 599, 700, -1};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		assert_int_equal(parse_text(&ev, FLOW_DO_START, statuses[i], fixture_started()),
			FLOW_EV_NO_ANSWER);
	assert_int_equal(parse_text(&ev, FLOW_DO_ANSWER, 201, STATE), FLOW_EV_NO_ANSWER);
}

static void answers_of_another_kind_are_none(void **state)
{
	struct flow_event ev;

	(void)state;
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 201, STATE), FLOW_EV_NO_ANSWER);
	assert_int_equal(
		parse_text(&ev, FLOW_DO_ANSWER, 200, fixture_started()), FLOW_EV_NO_ANSWER);
	assert_int_equal(parse_text(&ev, FLOW_DO_START, 403, fixture_started()), FLOW_EV_NO_ANSWER);
	assert_int_equal(parse_text(&ev, FLOW_DO_ASK, 200, PROBLEM), FLOW_EV_NO_ANSWER);
}

static void a_problem_needs_its_content_type(void **state)
{
	struct message_request request;
	struct message_answer answer = {.status = 403, .body = span_text(PROBLEM)};
	struct flow_event ev;
	struct err err;

	(void)state;
	message_request_init(&request, FLOW_DO_START, &flow, &sale);
	message_answer_parse(&ev, &request, &answer, &err);
	assert_int_equal(ev.kind, FLOW_EV_NO_ANSWER);
	answer = (struct message_answer){
		.status = 201, .problem = true, .body = span_text(fixture_started())};
	message_answer_parse(&ev, &request, &answer, &err);
	assert_int_equal(ev.kind, FLOW_EV_NO_ANSWER);
}

static void garbage_is_no_answer(void **state)
{
	static const char *const texts[] = {"", " ", "null", "[]", "\"x\"", "{}", "{", "{\"id\"}",
		"<html>", "{\"id\":\"\\u0000\"}", "[[[[[[[[[[[[[[[[[[[[", "\xff\xfe",
		"{\"a\":\"\xc0\xaf\"}"};
	struct flow_event ev;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(parse_text(&ev, FLOW_DO_START, 201, texts[i]), FLOW_EV_NO_ANSWER);
		assert_int_equal(parse_text(&ev, FLOW_DO_PIN, 200, texts[i]), FLOW_EV_NO_ANSWER);
		assert_int_equal(parse_text(&ev, FLOW_DO_ASK, 404, texts[i]), FLOW_EV_NO_ANSWER);
	}
}

static void too_much_is_no_answer(void **state)
{
	struct flow_event ev;
	size_t len = CLIENT_ANSWER_MAX + 1;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, STATE, strlen(STATE));
	assert_int_equal(parse(&ev, FLOW_DO_ASK, 200, FIXTURE_NOW, text, len), FLOW_EV_NO_ANSWER);
	assert_int_equal(parse(&ev, FLOW_DO_ASK, 200, FIXTURE_NOW, text, len - 1), FLOW_EV_STATE);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(writes_stage_one_with_what_is_known, set_up),
		cmocka_unit_test_setup(writes_the_second_code, set_up),
		cmocka_unit_test_setup(writes_only_digits_as_a_pin, set_up),
		cmocka_unit_test_setup(takes_a_started_verification, set_up),
		cmocka_unit_test_setup(takes_members_it_does_not_know, set_up),
		cmocka_unit_test_setup(refuses_a_start_with_one_thing_wrong, set_up),
		cmocka_unit_test_setup(refuses_a_challenge_for_another_credential, set_up),
		cmocka_unit_test_setup(refuses_a_start_cut_anywhere, set_up),
		cmocka_unit_test_setup(flipped_bytes_never_change_id_or_number, set_up),
		cmocka_unit_test_setup(bounds_the_lifetime_of_a_number, set_up),
		cmocka_unit_test_setup(makes_names_safe_for_the_screen, set_up),
		cmocka_unit_test_setup(cuts_long_names_and_refuses_endless_ones, set_up),
		cmocka_unit_test_setup(takes_every_recorded_state, set_up),
		cmocka_unit_test_setup(says_when_counts_are_not_said, set_up),
		cmocka_unit_test_setup(refuses_a_state_with_one_thing_wrong, set_up),
		cmocka_unit_test_setup(refuses_an_answer_that_does_not_decide, set_up),
		cmocka_unit_test_setup(refuses_a_state_cut_anywhere, set_up),
		cmocka_unit_test_setup(flipped_bytes_never_accept, set_up),
		cmocka_unit_test_setup(takes_a_problem_with_its_word, set_up),
		cmocka_unit_test_setup(takes_words_it_does_not_know_as_refusals, set_up),
		cmocka_unit_test_setup(a_token_that_is_not_taken_is_no_locked_pin, set_up),
		cmocka_unit_test_setup(a_weak_second_code_leaves_the_verification_open, set_up),
		cmocka_unit_test_setup(refuses_a_problem_with_one_thing_wrong, set_up),
		cmocka_unit_test_setup(other_statuses_are_no_answer, set_up),
		cmocka_unit_test_setup(answers_of_another_kind_are_none, set_up),
		cmocka_unit_test_setup(a_problem_needs_its_content_type, set_up),
		cmocka_unit_test_setup(garbage_is_no_answer, set_up),
		cmocka_unit_test_setup(too_much_is_no_answer, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
