/* SPDX-License-Identifier: Apache-2.0
 *
 * The tellers' page with a server that answers as it is told, for its tests: somebody signs in,
 * keys, and what is on the screen.
 */
#ifndef TESTS_LIB_SERVICE_KIT_H
#define TESTS_LIB_SERVICE_KIT_H

#include "tests/unit/client_fixture.h"
#include "tests/unit/script_server.h"

#include "base/text.h"
#include "ui/desk.h"

#define ID	"00112233445566778899aabbccddeeff"
#define CARD	"aabbccddeeff00112233445566778899"
#define JSON	"application/json"
#define PROBLEM "application/problem+json"
#define LINK	"https://QR.EXAMPLE.COM/#G4UF-3ZZW-Q7VA-DGE2"
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

static inline void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

static inline const char *keep(const char *status, const char *type, const char *body)
{
	char *to = storage[stored++ % 8];

	snprintf(to, sizeof storage[0], "%s", script_http(status, type, body));
	return to;
}

static inline const char *session(const char *role)
{
	char body[256];

	snprintf(body, sizeof body,
		"{\"token\":\"TOKEN\",\"expires_at\":%lld,\"name\":\"Tess\",\"role\":\"%s\"}",
		(long long)FIXTURE_NOW + 28800, role);
	return keep("201 Created", JSON, body);
}

static inline const char *call(const char *state, bool first, bool second, bool freeze, bool act)
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

static inline const char *card_text(const char *status)
{
	static char text[512];

	snprintf(text, sizeof text,
		"{\"id\":\"" CARD "\",\"status\":\"%s\",\"purpose\":\"payment\",\"face_value\":"
		"\"500.00\",\"account\":\"777\",\"generation\":1,\"not_after\":1853072000,"
		"\"pin_locked\":false,\"activated\":true}",
		status);
	return text;
}

static inline const char *cards(const char *status)
{
	char body[768];

	snprintf(body, sizeof body,
		"{\"holder\":\"Ada Lovelace\",\"credentials\":[%s],\"more\":false}",
		card_text(status));
	return keep("200 OK", JSON, body);
}

static inline const char *problem(int status, const char *word)
{
	char body[256], line[32];

	snprintf(line, sizeof line, "%d Refused", status);
	snprintf(body, sizeof body,
		"{\"type\":\"https://countersign.invalid/problems/%s\",\"title\":\"Words\","
		"\"status\":%d}",
		word, status);
	return keep(line, PROBLEM, body);
}

static inline void settle(void)
{
	for (int i = 0; i < 100 && client_asks_running(counter.client) > 0; i++)
		assert_int_equal(client_poll(counter.client, NULL, 0, 50, NULL), ERR_OK);
	assert_int_equal(client_asks_running(counter.client), 0);
	desk_tick(&desk, clock_mono_ms(&counter.clock));
}

static inline void key(enum screen_key k)
{
	desk_key(&desk, &(struct screen_input){.key = k});
	settle();
}

static inline void type(const char *text)
{
	for (; *text; text++)
		desk_key(&desk, &(struct screen_input){
					.key = SCREEN_KEY_CHARACTER, .character = (uint8_t)*text});
}

/* The page as it is drawn. */
static inline const char *screen(void)
{
	static char text[16384];
	struct bytes out;

	model = (struct view_model){
		.flow = &counter.flow, .desk = &desk, .now_ms = clock_mono_ms(&counter.clock),
		.closed = counter.closed};
	view_draw(&grid, &model);
	bytes_init_fixed(&out, text, sizeof text);
	grid_dump(&grid, &out);
	return bytes_text(&out);
}

static inline void shows(const char *text)
{
	const char *all = screen();

	if (strstr(all, text) == NULL)
		fail_msg("no \"%s\" in\n%s", text, all);
}

static inline void hides(const char *text)
{
	const char *all = screen();

	if (strstr(all, text) != NULL)
		fail_msg("\"%s\" in\n%s", text, all);
}

static inline bool offers(enum screen_key k)
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
static inline void start(const char *role, const struct script_answer *answers, size_t count)
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

static inline void stop(void)
{
	desk.operators.client = NULL; /* sessions are left: nobody answers here */
	desk_done(&desk);
	client_free(&counter.client);
	grid_done(&grid);
	script_server_stop(&server);
}

static inline void find(void)
{
	key(SCREEN_KEY_F6);
	assert_int_equal(desk.page, DESK_SERVICE);
	type("777");
	key(SCREEN_KEY_ENTER);
}

static inline const char *line_of(size_t i)
{
	static char line[256];

	snprintf(line, sizeof line, "%.*s", (int)strcspn(server.request[i], "\r"),
		server.request[i]);
	return line;
}

static inline bool sent(size_t i, const char *body)
{
	const char *at = strstr(server.request[i], "\r\n\r\n");

	return at != NULL && strcmp(at + 4, body) == 0 &&
	       strstr(server.request[i], "Bearer TOKEN\r\n") != NULL;
}

#define ACTIVATION \
	"HTTPS://QR.EXAMPLE.COM/A/AEADN2P6DMAAAAAAAAAAAAAAADQ5KLVZUMFGWSZDQAS34" \
	"ZHDFWJ7ZV2D4U3OOR2SDJOKGFBXAZM5KHITF3P47VMWNDX6S6MD6I6RKSC3775LVTTFQSO" \
	"E5SPXYYHBBJ6YM4CZQY2KSGFG2FJUOKASVJC6GYCZ5JI56P23N32JAM"
#define RENEWED \
	"{\"credential\":\"" CARD "\",\"generation\":2,\"not_after\":1853072000,\"token\":" \
	"\"G4UF-3ZZW-Q7VA-DGE2\",\"token_expires_at\":1790086400,\"link\":\"" LINK "\"," \
	"\"code\":\"" ACTIVATION "\"}"

static inline void identified(const struct script_answer *last)
{
	struct script_answer answers[] = {{call("identified", true, true, true, true), SCRIPT_KEEP},
		{cards("active"), SCRIPT_KEEP}, *last, {cards("active"), SCRIPT_KEEP}};

	start("supervisor", answers, 4);
	find();
	shows("Ada");
}

static inline int set_up(void **state)
{
	(void)state;
	text_init("en");
	return sec_start(NULL) == ERR_OK ? 0 : -1;
}

#endif
