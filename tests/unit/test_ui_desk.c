/* SPDX-License-Identifier: Apache-2.0
 *
 * The operator's side of the counter: keys, pages, and what is sold next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/desk.h"

static struct counter counter;
static struct settings settings;
static struct desk desk;
static struct view_model model;

static void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

/* An idle counter; what the command line says of the sale. */
static void begin(const struct client_sale *first)
{
	desk_done(&desk); /* of the case before */
	counter_init(&counter, 0);
	clock_init_manual(&counter.clock, 1000, 1790000000000);
	events_init(&counter.events, 1000);
	counter.events.sink = sink;
	if (first != NULL)
		counter.sale = *first;
	assert_int_equal(desk_init(&desk, &counter, &settings, NULL), ERR_OK);
	model = (struct view_model){.flow = &counter.flow, .desk = &desk};
}

static int set_up(void **state)
{
	(void)state;
	memset(&settings, 0, sizeof settings);
	settings.sale = (struct settings_sale){.currency = {"EUR", "JPY"}, .currencies = 2};
	begin(NULL);
	return 0;
}

static void key(enum screen_key k)
{
	desk_key(&desk, &(struct screen_input){.key = k});
}

static void type(const char *characters)
{
	for (; *characters; characters++)
		desk_key(&desk, &(struct screen_input){.key = SCREEN_KEY_CHARACTER,
					.character = (unsigned char)*characters});
}

static void runs(enum flow_phase phase)
{
	counter.flow.phase = phase;
	counter.flow.deadline_ms = INT64_MAX;
}

/* A verification ends, and its verdict has been read. */
static void ends(enum verdict verdict)
{
	counter.verdict = verdict;
	runs(FLOW_RESULT);
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.flow.phase, FLOW_WAITING);
}

/* ---- the amount ---- */

static void digits_begin_an_amount_and_enter_takes_it(void **state)
{
	(void)state;
	type("1");
	assert_int_equal(desk.page, DESK_AMOUNT);
	assert_true(counter.closed & COUNTER_CLOSED_PAGE);
	type("280");
	assert_int_equal(counter.sale.amount, 0); /* not before Enter */
	key(SCREEN_KEY_ENTER);
	assert_int_equal(desk.page, DESK_SALE);
	assert_int_equal(counter.closed, 0);
	assert_int_equal(counter.sale.amount, 1280);
	assert_string_equal(counter.sale.currency, "EUR");
}

static void an_amount_is_what_was_typed(void **state)
{
	static const struct {
		const char *typed; /* < is Backspace */
		uint64_t minor;
	} cases[] = {
		{"1", 1}, {"12", 12}, {"128", 128}, {"12.8", 1280}, {"12,8", 1280}, {"12.", 1200},
		{"12.80", 1280}, {"12.809", 1280}, {"12..5", 1250}, {".5", 50}, {"0.05", 5},
		{"128<", 12}, {"12.80<", 1280}, {"12.80<<", 1200}, {"12.8<<", 12}, {"12.8<<3", 123},
		{"<<1", 1}, {"1a2", 12}, {"99999999999", 99999999999},
		{"999999999991", 99999999999}, {"9999999999.", 9999999999},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		key(SCREEN_KEY_F2);
		for (const char *c = cases[i].typed; *c; c++)
			if (*c == '<')
				key(SCREEN_KEY_BACKSPACE);
			else
				type((const char[]){*c, '\0'});
		if (desk.amount.amount != cases[i].minor)
			fail_msg("\"%s\": %llu", cases[i].typed,
				(unsigned long long)desk.amount.amount);
		key(SCREEN_KEY_ESCAPE);
	}
	assert_int_equal(counter.sale.amount, 0); /* Esc took none of them */
}

/* Keys with so many milliseconds between them. */
static void type_at(const char *characters, int pause_ms)
{
	static int64_t at_ms = 1000000;

	at_ms += 10000;
	for (; *characters; characters++)
		desk_key(&desk, &(struct screen_input){
			.key = *characters == '\n' ? SCREEN_KEY_ENTER : SCREEN_KEY_CHARACTER,
			.character = *characters == '\n' ? 0 : (unsigned char)*characters,
			.at_ms = at_ms += pause_ms});
}

static void the_digits_of_a_scanner_are_no_amount(void **state)
{
	(void)state;
	type_at("4006381333931\n", 4);
	assert_int_equal(desk.page, DESK_AMOUNT);
	assert_int_equal(desk.amount.amount, 0);
	assert_int_equal(counter.sale.amount, 0);
	assert_true(desk.said_is_fault);
	type_at("1280\n", 90);
	assert_int_equal(counter.sale.amount, 1280);
	type_at("50000", 33); /* the last key is held down */
	key(SCREEN_KEY_TAB);
	type_at("4006381333931\n", 4);
	assert_string_equal(counter.sale.reference, "4006381333931");
	assert_int_equal(counter.sale.amount, 50000);
}

static void another_currency_has_its_own_decimals(void **state)
{
	(void)state;
	key(SCREEN_KEY_F2);
	type("12");
	key(SCREEN_KEY_F2);
	assert_int_equal(desk.amount.amount, 0);
	type("12.");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.sale.amount, 12);
	assert_string_equal(counter.sale.currency, "JPY");
	key(SCREEN_KEY_F2); /* begins with the one of the sale */
	type("7");
	key(SCREEN_KEY_ENTER);
	assert_string_equal(counter.sale.currency, "JPY");
}

static void a_reference_is_typed_beside_it(void **state)
{
	(void)state;
	key(SCREEN_KEY_F3);
	assert_true(desk.amount.in_reference);
	type("A-1001");
	key(SCREEN_KEY_TAB);
	type("350");
	key(SCREEN_KEY_ENTER);
	assert_string_equal(counter.sale.reference, "A-1001");
	assert_int_equal(counter.sale.amount, 350);
	key(SCREEN_KEY_F3);
	assert_string_equal(desk.amount.reference.text, "A-1001");
	type("0123456789012345678901234567890");
	assert_int_equal(desk.amount.reference.len, CODE_REFERENCE_MAX);
}

static void what_was_taken_can_be_changed(void **state)
{
	(void)state;
	type("1280");
	key(SCREEN_KEY_ENTER);
	key(SCREEN_KEY_F3); /* only the reference */
	type("A");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.sale.amount, 1280);
	assert_string_equal(counter.sale.reference, "A");
	key(SCREEN_KEY_F2);
	type("5"); /* another one, not one more digit */
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.sale.amount, 5);
	key(SCREEN_KEY_F2);
	key(SCREEN_KEY_BACKSPACE);
	type("71");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.sale.amount, 71);
	key(SCREEN_KEY_F2);
	type(".5");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.sale.amount, 50);
}

static void a_required_amount_is_waited_for(void **state)
{
	(void)state;
	settings.sale.amount = SETTINGS_AMOUNT_REQUIRED;
	begin(NULL);
	assert_int_equal(counter.closed, COUNTER_CLOSED_AMOUNT);
	key(SCREEN_KEY_F2);
	key(SCREEN_KEY_ENTER);
	assert_int_equal(desk.page, DESK_AMOUNT); /* and says why */
	assert_true(desk.said_is_fault);
	type("5");
	key(SCREEN_KEY_ENTER);
	assert_int_equal(counter.closed, 0);
	key(SCREEN_KEY_ESCAPE);
	assert_int_equal(counter.sale.amount, 0);
	assert_int_equal(counter.closed, COUNTER_CLOSED_AMOUNT);
}

static void the_next_customer_begins_with_nothing(void **state)
{
	static const enum verdict OTHER[] = {VERDICT_NONE, VERDICT_REFUSED, VERDICT_UNCERTAIN};

	(void)state;
	settings.sale.amount = SETTINGS_AMOUNT_REQUIRED;
	begin(NULL);
	type("500");
	key(SCREEN_KEY_ENTER);
	for (size_t i = 0; i < sizeof OTHER / sizeof OTHER[0]; i++) {
		ends(OTHER[i]); /* the same customer tries again */
		assert_int_equal(counter.sale.amount, 500);
	}
	ends(VERDICT_ACCEPTED);
	assert_int_equal(counter.sale.amount, 0);
	assert_int_equal(counter.closed, COUNTER_CLOSED_AMOUNT);
	type("500");
	key(SCREEN_KEY_ENTER);
	ends(VERDICT_UNCONFIRMED); /* it was sold, too */
	assert_int_equal(counter.sale.amount, 0);
}

static void what_the_command_line_says_stays(void **state)
{
	static const struct client_sale FIRST = {.amount = 990, .currency = "CHF"};

	(void)state;
	settings.sale.amount = SETTINGS_AMOUNT_REQUIRED;
	begin(&FIRST);
	type("5");
	key(SCREEN_KEY_F2);
	assert_int_equal(desk.page, DESK_SALE);
	ends(VERDICT_ACCEPTED);
	assert_int_equal(counter.sale.amount, 990);
	assert_int_equal(counter.closed, 0);
}

static void without_a_currency_nothing_is_typed(void **state)
{
	(void)state;
	settings.sale.currencies = 0;
	type("5");
	key(SCREEN_KEY_F2);
	assert_int_equal(desk.page, DESK_SALE);
}

/* ---- while a verification runs ---- */

static void what_runs_has_the_screen(void **state)
{
	static const enum flow_phase phases[] = {FLOW_STARTING, FLOW_NUMBER, FLOW_ANSWERING,
		FLOW_PIN_SENT, FLOW_UNCERTAIN};

	(void)state;
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		runs(phases[i]);
		for (int k = SCREEN_KEY_F2; k <= SCREEN_KEY_F12; k++)
			key((enum screen_key)k);
		type("123qhsol");
		assert_false(counter.quit);
		assert_int_equal(desk.page, DESK_SALE);
		assert_false(desk_open(&desk, DESK_AMOUNT));
		assert_int_equal(counter.flow.phase, phases[i]);
	}
}

static void the_list_of_keys_gives_way_to_what_comes(void **state)
{
	(void)state;
	runs(FLOW_RESULT);
	key(SCREEN_KEY_F1);
	assert_int_equal(desk.page, DESK_HELP);
	counter_cancel(&counter); /* whatever changes the phase */
	assert_int_equal(desk.page, DESK_SALE);
	assert_int_equal(counter.closed, 0);
}

static void the_list_of_keys_goes_back_to_its_page(void **state)
{
	(void)state;
	key(SCREEN_KEY_F2);
	type("12");
	key(SCREEN_KEY_F1);
	assert_int_equal(desk.page, DESK_HELP);
	key(SCREEN_KEY_ESCAPE);
	assert_int_equal(desk.page, DESK_AMOUNT);
	assert_int_equal(desk.amount.amount, 12);
}

static void a_page_ends_the_display_of_the_last_verdict(void **state)
{
	(void)state;
	runs(FLOW_RESULT);
	key(SCREEN_KEY_F2);
	assert_int_equal(counter.flow.phase, FLOW_WAITING);
	assert_int_equal(desk.page, DESK_AMOUNT);
}

static void only_an_idle_counter_is_left(void **state)
{
	(void)state;
	runs(FLOW_WAITING);
	type("q");
	assert_true(counter.quit);
}

/* ---- letters, of a person and of a scanner that is a keyboard ---- */

static int64_t typed_at;

static void type_every(int64_t ms, const char *characters)
{
	for (; *characters; characters++, typed_at += ms)
		desk_key(&desk, &(struct screen_input){.key = *characters == '\r'
							? SCREEN_KEY_ENTER
							: SCREEN_KEY_CHARACTER,
					.character = *characters == '\r'
						? 0
						: (unsigned char)*characters,
					.at_ms = typed_at});
}

static void a_letter_waits_for_a_second_one(void **state)
{
	(void)state;
	typed_at = 5000;
	type_every(1, "q");
	assert_false(counter.quit);
	assert_int_equal(desk_next_ms(&desk), 5000 + DESK_LETTER_MS);
	desk_tick(&desk, 5000 + DESK_LETTER_MS - 1);
	assert_false(counter.quit);
	counter.changed = false;
	desk_tick(&desk, 5000 + DESK_LETTER_MS);
	assert_true(counter.quit);
	assert_true(counter.changed); /* and is drawn at once */
}

static void a_slow_letter_acts_before_the_next_key(void **state)
{
	(void)state;
	typed_at = 5000;
	type_every(DESK_LETTER_MS, "?");
	key(SCREEN_KEY_ESCAPE); /* no tick was between */
	assert_int_equal(desk.page, DESK_SALE);
	type_every(DESK_LETTER_MS, "?1");
	assert_int_equal(desk.page, DESK_SALE); /* the list came and went */
}

static void what_a_scanner_types_does_nothing(void **state)
{
	static const char *const CODES[] = {"HTTPS://QR.EXAMPLE.COM/C/QQQQQ\r", "q\r", "qq", "o1\r",
		"?h", "LSOPQ4006381333931\r"};

	(void)state;
	typed_at = 5000;
	for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++)
		for (int64_t ms = 0; ms < 50; ms += 7) {
			type_every(ms, CODES[i]);
			typed_at += 20;
			desk_tick(&desk, typed_at);
			if (counter.quit || desk.page != DESK_SALE)
				fail_msg("%s every %d ms", CODES[i], (int)ms);
			typed_at += 1000;
			desk_tick(&desk, typed_at);
		}
	assert_false(counter.quit);
	assert_int_equal(desk.page, DESK_SALE);
}

static void a_scanner_takes_no_verdict_off_the_screen(void **state)
{
	(void)state;
	typed_at = 5000;
	for (int typed = 0; typed < 2; typed++) {
		settings.sale.currencies = typed ? 2 : 0;
		runs(FLOW_RESULT);
		type_every(5, "4006381333931\r");
		desk_tick(&desk, typed_at);
		typed_at += 1000;
		desk_tick(&desk, typed_at);
		assert_int_equal(counter.flow.phase, FLOW_RESULT);
		assert_int_equal(desk.page, DESK_SALE);
	}
	type_every(200, "1"); /* a person begins the next sale */
	desk_tick(&desk, typed_at);
	assert_int_equal(desk.page, DESK_AMOUNT);
	assert_int_equal(desk.amount.amount, 1);
	assert_int_equal(counter.flow.phase, FLOW_WAITING);
}

/* ---- the bar ---- */

static void a_click_on_the_bar_is_that_key(void **state)
{
	struct grid g;
	struct page_key told, keys[PAGE_KEYS_MAX];
	size_t count = desk_keys(&model, keys);
	size_t met = 0;

	(void)state;
	assert_int_equal(grid_init(&g, 100, 30, NULL), ERR_OK);
	for (int col = 0; col < 100; col++) {
		if (!view_key_at(&g, &model, col, 29, &told))
			continue;
		if (told.key != keys[met].key)
			met++;
		assert_in_range(met, 0, count - 1);
		assert_int_equal(told.key, keys[met].key);
		assert_false(view_key_at(&g, &model, col, 28, &told));
	}
	assert_int_equal(met, count - 1); /* every one has its place */
	grid_done(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(digits_begin_an_amount_and_enter_takes_it, set_up),
		cmocka_unit_test_setup(an_amount_is_what_was_typed, set_up),
		cmocka_unit_test_setup(the_digits_of_a_scanner_are_no_amount, set_up),
		cmocka_unit_test_setup(another_currency_has_its_own_decimals, set_up),
		cmocka_unit_test_setup(a_reference_is_typed_beside_it, set_up),
		cmocka_unit_test_setup(a_required_amount_is_waited_for, set_up),
		cmocka_unit_test_setup(the_next_customer_begins_with_nothing, set_up),
		cmocka_unit_test_setup(what_the_command_line_says_stays, set_up),
		cmocka_unit_test_setup(without_a_currency_nothing_is_typed, set_up),
		cmocka_unit_test_setup(what_runs_has_the_screen, set_up),
		cmocka_unit_test_setup(the_list_of_keys_gives_way_to_what_comes, set_up),
		cmocka_unit_test_setup(the_list_of_keys_goes_back_to_its_page, set_up),
		cmocka_unit_test_setup(a_page_ends_the_display_of_the_last_verdict, set_up),
		cmocka_unit_test_setup(only_an_idle_counter_is_left, set_up),
		cmocka_unit_test_setup(what_was_taken_can_be_changed, set_up),
		cmocka_unit_test_setup(a_letter_waits_for_a_second_one, set_up),
		cmocka_unit_test_setup(a_slow_letter_acts_before_the_next_key, set_up),
		cmocka_unit_test_setup(what_a_scanner_types_does_nothing, set_up),
		cmocka_unit_test_setup(a_scanner_takes_no_verdict_off_the_screen, set_up),
		cmocka_unit_test_setup(a_click_on_the_bar_is_that_key, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (sec_start(NULL) != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
