/* SPDX-License-Identifier: Apache-2.0
 *
 * The tellers' page against a server that says anything: what is asked, what is offered, and that
 * nothing is left of a holder or a code when the page is.
 */
#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"

#include "base/text.h"
#include "ui/desk.h"

#define ID	"00112233445566778899aabbccddeeff"
#define CARD	"aabbccddeeff00112233445566778899"
#define JSON	"application/json"
#define PROBLEM "application/problem+json"
#define LINK	"https://QR.EXAMPLE.COM/#G4UF3ZZWQ7VADGE2"
#define QUESTIONS \
	"\"questions\":[{\"question\":1,\"kind\":\"document\",\"words\":\"Number\",\"right\":%s}," \
	"{\"question\":2,\"kind\":\"other\",\"words\":\"First pet\",\"right\":%s}]"

static struct script_server server;
static struct counter counter;
static struct settings settings;
static struct desk desk;
static struct view_model model;
static struct grid grid;
static char storage[8][1024]; /* answers stay while the server may give them */
static size_t stored;

static void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

static const char *keep(const char *status, const char *type, const char *body)
{
	char *to = storage[stored++ % 8];

	snprintf(to, sizeof storage[0], "%s", script_http(status, type, body));
	return to;
}

static const char *session(const char *role)
{
	char body[256];

	snprintf(body, sizeof body,
		"{\"token\":\"TOKEN\",\"expires_at\":%lld,\"name\":\"Tess\",\"role\":\"%s\"}",
		(long long)FIXTURE_NOW + 28800, role);
	return keep("201 Created", JSON, body);
}

static const char *call(const char *state, bool first, bool second, bool freeze, bool act)
{
	char questions[256], body[768];

	snprintf(questions, sizeof questions, QUESTIONS, first ? "true" : "false",
		second ? "true" : "false");
	snprintf(body, sizeof body,
		"{\"id\":\"" ID "\",\"state\":\"%s\",%s,\"right\":%d,\"needed\":2,"
		"\"attempts_left\":2,\"may_freeze\":%s,\"may_act\":%s,\"expires_at\":1790001800}",
		state, questions, first + second, freeze ? "true" : "false",
		act ? "true" : "false");
	return keep("200 OK", JSON, body);
}

static const char *card_text(const char *status)
{
	static char text[512];

	snprintf(text, sizeof text,
		"{\"id\":\"" CARD "\",\"status\":\"%s\",\"purpose\":\"payment\",\"face_value\":"
		"\"500.00\",\"account\":\"777\",\"generation\":1,\"not_after\":1853072000,"
		"\"pin_locked\":false,\"activated\":true}",
		status);
	return text;
}

static const char *cards(const char *status)
{
	char body[768];

	snprintf(body, sizeof body,
		"{\"holder\":\"Ada Lovelace\",\"credentials\":[%s],\"more\":false}",
		card_text(status));
	return keep("200 OK", JSON, body);
}

static const char *problem(int status, const char *word)
{
	char body[256], line[32];

	snprintf(line, sizeof line, "%d Refused", status);
	snprintf(body, sizeof body,
		"{\"type\":\"https://countersign.invalid/problems/%s\",\"title\":\"Words\","
		"\"status\":%d}",
		word, status);
	return keep(line, PROBLEM, body);
}

static void settle(void)
{
	for (int i = 0; i < 100 && client_asks_running(counter.client) > 0; i++)
		assert_int_equal(client_poll(counter.client, NULL, 0, 50, NULL), ERR_OK);
	assert_int_equal(client_asks_running(counter.client), 0);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
}

static void key(enum screen_key k)
{
	desk_key(&desk, &(struct screen_input){.key = k});
	settle();
}

static void type(const char *text)
{
	for (; *text; text++)
		desk_key(&desk, &(struct screen_input){
					.key = SCREEN_KEY_CHARACTER, .character = (uint8_t)*text});
}

/* The page as it is drawn. */
static const char *screen(void)
{
	static char text[16384];
	struct bytes out;

	model = (struct view_model){
		.flow = &counter.flow, .desk = &desk, .now_ms = clock_mono_ms(&counter.clock)};
	view_draw(&grid, &model);
	bytes_init_fixed(&out, text, sizeof text);
	grid_dump(&grid, &out);
	return bytes_text(&out);
}

static void shows(const char *text)
{
	const char *all = screen();

	if (strstr(all, text) == NULL)
		fail_msg("no \"%s\" in\n%s", text, all);
}

static void hides(const char *text)
{
	const char *all = screen();

	if (strstr(all, text) != NULL)
		fail_msg("\"%s\" in\n%s", text, all);
}

static bool offers(enum screen_key k)
{
	struct page_key keys[PAGE_KEYS_MAX];
	size_t count;

	model = (struct view_model){.flow = &counter.flow, .desk = &desk};
	count = desk_keys(&model, keys);
	for (size_t i = 0; i < count; i++)
		if (keys[i].key == k)
			return true;
	return false;
}

/* Somebody signs in; the answers that follow are those of the service page. */
static void start(const char *role, const struct script_answer *answers, size_t count)
{
	struct script_answer all[SCRIPT_ANSWERS_MAX] = {{session(role), SCRIPT_KEEP}};
	struct client_options opt = {.token = "TERMINAL", .total_ms = 400, .clock = &counter.clock};

	for (size_t i = 0; i < count; i++)
		all[i + 1] = answers[i];
	script_server_start(&server, all, count + 1);
	counter_init(&counter, 0);
	clock_init_manual(&counter.clock, 1000, FIXTURE_NOW * 1000);
	events_init(&counter.events, 1000);
	counter.events.sink = sink;
	opt.url = server.url;
	assert_int_equal(client_new(&counter.client, &opt, NULL), ERR_OK);
	memset(&settings, 0, sizeof settings);
	settings.operators = (struct operators_settings){.idle_minutes = 10, .aside_minutes = 60};
	assert_int_equal(desk_init(&desk, &counter, &settings, NULL), ERR_OK);
	assert_int_equal(grid_init(&grid, 80, 24, NULL), ERR_OK);
	operators_sign_in(&desk.operators, "Tess", span_text("correct horse"), SPAN(NULL, 0));
	settle();
}

static void stop(void)
{
	desk.operators.client = NULL; /* sessions are left: nobody answers here */
	desk_done(&desk);
	client_free(&counter.client);
	grid_done(&grid);
	script_server_stop(&server);
}

static void find(void)
{
	key(SCREEN_KEY_F6);
	assert_int_equal(desk.page, DESK_SERVICE);
	type("777");
	key(SCREEN_KEY_ENTER);
}

static const char *line_of(size_t i)
{
	static char line[256];

	snprintf(line, sizeof line, "%.*s", (int)strcspn(server.request[i], "\r"),
		server.request[i]);
	return line;
}

static bool sent(size_t i, const char *body)
{
	const char *at = strstr(server.request[i], "\r\n\r\n");

	return at != NULL && strcmp(at + 4, body) == 0 &&
	       strstr(server.request[i], "Bearer TOKEN\r\n") != NULL;
}

/* ---- who ---- */

static void a_cashier_serves_nobody(void **state)
{
	(void)state;
	start("cashier", NULL, 0);
	assert_string_equal(counter.sale.operator_name, "Tess");
	assert_false(offers(SCREEN_KEY_F6));
	key(SCREEN_KEY_F6);
	assert_int_equal(desk.page, DESK_SALE);
	stop();
	assert_int_equal(server.request_count, 1);
}

/* No card is taken until somebody stands there, and then it is for nobody else. */
static void whoever_signed_in_is_named_whatever_a_till_says(void **state)
{
	struct client_sale sale = {
		.amount = 500, .currency = "EUR", .operator_name = "Mallory"};
	const char *words = NULL;

	(void)state;
	start("cashier", NULL, 0);
	settings.operators.required = true;
	assert_true(desk_sale_take(&desk, &sale, &words));
	assert_string_equal(counter.sale.operator_name, "Tess");
	assert_int_equal(counter.sale.amount, 500);
	assert_int_equal(counter.closed & COUNTER_CLOSED_OPERATOR, 0);
	operators_sign_off(&desk.operators);
	settle();
	assert_true(counter.closed & COUNTER_CLOSED_OPERATOR);
	assert_string_equal(counter.sale.operator_name, "");
	assert_true(desk_sale_take(&desk, &sale, &words)); /* it waits */
	assert_true(counter.closed & COUNTER_CLOSED_OPERATOR);
	key(SCREEN_KEY_F9);
	assert_true(desk_sale_take(&desk, &sale, &words));
	assert_int_equal(desk.page, DESK_SIGN_IN); /* and takes nobody's page away */
	stop();
}

static void a_till_does_not_end_a_call(void **state)
{
	struct client_sale sale = {.amount = 500, .currency = "EUR"};
	struct script_answer answer = {call("open", true, false, true, false), SCRIPT_KEEP};
	const char *words = NULL;

	(void)state;
	start("teller", &answer, 1);
	find();
	assert_false(desk_sale_take(&desk, &sale, &words));
	assert_non_null(strstr(words, "holder"));
	key(SCREEN_KEY_F1);
	assert_int_equal(desk.page, DESK_HELP);
	assert_false(desk_sale_take(&desk, &sale, &words));
	assert_int_equal(counter.sale.amount, 0);
	stop();
}

/* ---- a call ---- */

static void a_holder_is_found_identified_and_served(void **state)
{
	struct script_answer answers[] = {{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("open", true, false, true, false), SCRIPT_KEEP},
		{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP},
		{keep("200 OK", JSON, card_text("frozen")), SCRIPT_KEEP},
		{keep("200 OK", JSON, card_text("active")), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 6);
	find();
	shows("Number of the identity document");
	hides("Ada");
	type("AB 1");
	key(SCREEN_KEY_ENTER);
	shows("1 of 2");
	shows("Right.");
	assert_string_equal(desk.service.answer.text, ""); /* not kept */
	type("Rex");
	key(SCREEN_KEY_ENTER); /* identified: the cards are asked for at once */
	shows("Ada Lovelace");
	assert_true(counter.closed & COUNTER_CLOSED_PAGE);
	assert_true(offers(SCREEN_KEY_F2) && offers(SCREEN_KEY_F4) && offers(SCREEN_KEY_F8));
	assert_false(offers(SCREEN_KEY_F3));
	key(SCREEN_KEY_F3); /* it is not frozen */
	key(SCREEN_KEY_F2);
	shows("Frozen.");
	assert_true(offers(SCREEN_KEY_F3));
	key(SCREEN_KEY_F3);
	shows("It can be used again.");
	key(SCREEN_KEY_ESCAPE);
	shows("Find the holder");
	hides("Ada");
	assert_null(memmem(&desk.service, sizeof desk.service, "Ada", 3));
	assert_null(memmem(&desk.service, sizeof desk.service, ID, 8));
	stop();
	assert_string_equal(line_of(1), "POST /v1/service/calls HTTP/1.1");
	assert_true(sent(1, "{\"account\":\"777\"}"));
	assert_string_equal(line_of(2), "POST /v1/service/calls/" ID "/answers HTTP/1.1");
	assert_true(sent(2, "{\"question\":1,\"answer\":\"AB 1\"}"));
	assert_true(sent(3, "{\"question\":2,\"answer\":\"Rex\"}"));
	assert_string_equal(line_of(4), "GET /v1/service/calls/" ID "/credentials HTTP/1.1");
	assert_string_equal(line_of(5), "POST /v1/credentials/" CARD "/freeze HTTP/1.1");
	assert_true(sent(5, "{\"call\":\"" ID "\"}"));
	assert_string_equal(line_of(6), "POST /v1/credentials/" CARD "/unfreeze HTTP/1.1");
	assert_string_equal(line_of(7), "DELETE /v1/service/calls/" ID " HTTP/1.1");
}

static void what_the_call_does_not_allow_is_not_asked(void **state)
{
	struct script_answer answers[] = {{call("open", true, false, true, false), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 2);
	find();
	key(SCREEN_KEY_TAB);
	shows("Ada");
	assert_true(offers(SCREEN_KEY_F2));
	for (enum screen_key k = SCREEN_KEY_F3; k <= SCREEN_KEY_F8; k++) {
		assert_false(offers(k));
		key(k);
		key(SCREEN_KEY_ENTER);
	}
	stop();
	assert_int_equal(server.request_count, 3);
}

static void a_call_that_ended_meanwhile_allows_nothing_more(void **state)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}, {problem(403, "call-ended"), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 3);
	find();
	key(SCREEN_KEY_F2);
	shows("This call is over. Begin again.");
	for (enum screen_key k = SCREEN_KEY_F2; k <= SCREEN_KEY_F8; k++)
		assert_false(offers(k));
	key(SCREEN_KEY_F2);
	stop();
	assert_int_equal(server.request_count, 4);
}

static void too_many_wrong_answers_end_it(void **state)
{
	struct script_answer answers[] = {{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("open", false, false, false, false), SCRIPT_KEEP},
		{call("failed", false, false, true, true), SCRIPT_KEEP}};

	(void)state;
	start("teller", answers, 3);
	find();
	type("x");
	key(SCREEN_KEY_ENTER);
	shows("That answer is wrong.");
	type("y");
	key(SCREEN_KEY_ENTER);
	shows("Too many wrong answers: the call is over.");
	key(SCREEN_KEY_TAB); /* whatever it said that it allows */
	hides("Ada");
	key(SCREEN_KEY_ESCAPE);
	stop();
	assert_int_equal(server.request_count, 4); /* a call that is over is not ended again */
}

static void refusals_are_told_in_words_of_the_counter(void **state)
{
	static const struct {
		int status;
		const char *word, *words;
	} CASES[] = {
		{404, "not-found", "Nobody is known under this"},
		{409, "ambiguous", "Several holders"},
		{403, "no-questions", "No question of this holder"},
		{403, "forbidden", "Your role"},
		{403, "something-new", "Words"},
		{503, "busy", "Words"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		const char *refusal = problem(CASES[i].status, CASES[i].word);
		struct script_answer answer = {refusal, SCRIPT_KEEP};

		start("teller", &answer, 1);
		find();
		shows(CASES[i].words);
		shows("Find the holder");
		stop();
	}
}

static void an_answer_that_is_none_is_not_believed(void **state)
{
	static const char *const BODIES[] = {"{}", "{\"id\":\"../../x\"}", "[1]"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct script_answer answer = {keep("201 Created", JSON, BODIES[i]), SCRIPT_KEEP};

		start("teller", &answer, 1);
		find();
		shows("The server did not answer this");
		shows("Find the holder");
		stop();
	}
}

static void a_session_that_is_over_is_nobody(void **state)
{
	struct script_answer answer = {problem(401, "unauthorised"), SCRIPT_KEEP};

	(void)state;
	start("teller", &answer, 1);
	find();
	assert_int_equal(desk.page, DESK_SALE);
	assert_string_equal(operators_name(&desk.operators), "");
	assert_string_equal(counter.sale.operator_name, "");
	stop();
}

/* ---- renewal ---- */

#define RENEWED \
	"{\"credential\":\"" CARD "\",\"generation\":2,\"not_after\":1853072000,\"token\":" \
	"\"G4UF3ZZWQ7VADGE2\",\"token_expires_at\":1790086400,\"link\":\"" LINK "\"}"

static void identified(const struct script_answer *last)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}, *last, {cards("active"), SCRIPT_KEEP}};

	start("supervisor", answers, 4);
	find();
	shows("Ada");
}

static void a_renewal_is_asked_for_first_and_shows_no_code(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F4);
	shows("Renew this card?");
	key(SCREEN_KEY_ESCAPE);
	assert_int_equal(server.request_count, 3);
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_ENTER);
	shows("Renewed. The holder gets a message.");
	hides("G4UF3ZZW");
	assert_null(desk.service.code);
	stop();
	assert_true(sent(3, "{\"call\":\"" ID "\"}"));
}

static void a_code_is_shown_for_a_while_and_gone(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	assert_true(sent(3, "{\"call\":\"" ID "\",\"show\":1}"));
	shows("It disappears in 120 s.");
	shows("QR.EXAMPLE.COM/#G4UF3");
	assert_true(desk.service.code_side >= 21);
	type("x");
	shows("QR.EXAMPLE.COM/#G4UF3");
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + SERVICE_CODE_MS);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	settle();
	hides("G4UF3");
	shows("Ada");
	assert_null(desk.service.code);
	assert_int_equal(desk.service.code_side, 0);
	assert_null(memmem(&desk, sizeof desk, "G4UF3ZZW", 8));
	stop();
}

static void a_code_that_is_not_allowed_renews_nothing(void **state)
{
	struct script_answer answer = {problem(403, "not-allowed"), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	shows("You may not show activation codes here");
	assert_null(desk.service.code);
	stop();
}

static void nobody_at_the_keys_leaves_no_holder_behind(void **state)
{
	struct script_answer answer = {keep("201 Created", JSON, RENEWED), SCRIPT_KEEP};

	(void)state;
	identified(&answer);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_ENTER);
	key(SCREEN_KEY_F1); /* the list of keys is in front */
	clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 600000);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
	settle();
	assert_int_equal(desk.page, DESK_SALE);
	assert_string_equal(operators_name(&desk.operators), "");
	assert_null(desk.service.code);
	assert_null(memmem(&desk, sizeof desk, "Ada", 3));
	stop();
}

static int set_up(void **state)
{
	(void)state;
	text_init("en");
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cashier_serves_nobody),
		cmocka_unit_test(whoever_signed_in_is_named_whatever_a_till_says),
		cmocka_unit_test(a_till_does_not_end_a_call),
		cmocka_unit_test(a_holder_is_found_identified_and_served),
		cmocka_unit_test(what_the_call_does_not_allow_is_not_asked),
		cmocka_unit_test(a_call_that_ended_meanwhile_allows_nothing_more),
		cmocka_unit_test(too_many_wrong_answers_end_it),
		cmocka_unit_test(refusals_are_told_in_words_of_the_counter),
		cmocka_unit_test(an_answer_that_is_none_is_not_believed),
		cmocka_unit_test(a_session_that_is_over_is_nobody),
		cmocka_unit_test(a_renewal_is_asked_for_first_and_shows_no_code),
		cmocka_unit_test(a_code_is_shown_for_a_while_and_gone),
		cmocka_unit_test(a_code_that_is_not_allowed_renews_nothing),
		cmocka_unit_test(nobody_at_the_keys_leaves_no_holder_behind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
