/* SPDX-License-Identifier: Apache-2.0
 *
 * From a verdict to the list, and the page of today.
 */
#include "tests/lib/phone_kit.h"

#include "tests/lib/history_kit.h"

static void each_verdict_is_written_once(void **state)
{
	struct sale sale;
	(void)state;

	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	decided(VERDICT_REFUSED, 100, "", "Ben");
	decided(VERDICT_NONE, 0, "", "");
	/* Other steps of the flow are no verdicts. */
	counter.flow.phase = FLOW_RESULT;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_RESULT);
	counter.flow.phase = FLOW_NUMBER;
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_STARTING);
	counter.flow.phase = FLOW_WAITING;
	assert_int_equal(transactions_today(&transactions), 3);
	assert_int_equal(sales_get(&transactions.sales, 0, &sale), ERR_OK);
	assert_int_equal(sale.verdict, SALE_ACCEPTED);
	assert_int_equal(sale.sold.amount, 2490);
	assert_int_equal(sale.at_unix_s, NOON);
	assert_string_equal(sale.terminal, "Counter 2");
	assert_string_equal(sale.credential.holder, "Anna");
	assert_int_equal(sales_get(&transactions.sales, 1, &sale), ERR_OK);
	assert_int_equal(sale.verdict, SALE_REFUSED);
	assert_int_equal(sale.reason, REASON_FROZEN);
	transactions_done(&transactions);
	assert_int_equal(access(in_folder("sales-2026-11-21.jsonl"), F_OK), 0);
}

static void a_replay_sells_nothing(void **state)
{
	(void)state;
	tear_down(NULL);
	folder_set_up(NULL);
	text_copy(settings.sales_folder, sizeof settings.sales_folder, folder_path);
	begin(true);
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	assert_int_equal(transactions_today(&transactions), 0);
	assert_int_not_equal(access(in_folder("sales-2026-11-21.jsonl"), F_OK), 0);
	key(SCREEN_KEY_F4);
	assert_int_equal(desk.page, DESK_SALE);
}

static void lists_the_newest_first(void **state)
{
	(void)state;
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	decided(VERDICT_REFUSED, 100000, "Table 5", "Ben");
	key(SCREEN_KEY_F4);
	assert_int_equal(desk.page, DESK_HISTORY);
	assert_true(counter.closed & COUNTER_CLOSED_PAGE); /* no card is taken meanwhile */
	const char *seen = screen(100, 30);
	assert_non_null(strstr(seen, "2 checked, 1 accepted:  24.90 EUR"));
	assert_non_null(strstr(seen, "12:01  REFUSED"));
	assert_non_null(strstr(seen, "12:00  ACCEPTED"));
	assert_true(strstr(seen, "12:01  REFUSED") < strstr(seen, "12:00  ACCEPTED"));
	assert_non_null(strstr(seen, "1,000.00 EUR"));
	assert_non_null(strstr(seen, "Anna"));
	key(SCREEN_KEY_ESCAPE);
	assert_int_equal(desk.page, DESK_SALE);
	assert_int_equal(counter.closed, 0);
	/* Names of customers do not stay in memory. */
	for (size_t i = 0; i < sizeof desk.history.rows; i++)
		assert_int_equal(((const uint8_t *)desk.history.rows)[i], 0);
}

static void finds_by_any_part(void **state)
{
	static const struct {
		const char *typed;
		uint32_t found;
	} cases[] = {
		{"anna", 1}, {"ANNA", 1}, {"table", 2}, {"24.90", 1}, {"1,000", 1}, {"1000.00", 1},
		{"refused", 1}, {"12:02", 1}, {"20261121-", 3}, {"nobody", 0}, {"hq", 1},
		{"tabl\xc3\xa9", 0},
	};
	(void)state;

	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	decided(VERDICT_REFUSED, 100000, "Table 5", "Ben");
	decided(VERDICT_UNCERTAIN, 0, "hq", "Carl");
	key(SCREEN_KEY_F4);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		type(cases[i].typed);
		tick();
		if (desk.history.count != cases[i].found)
			fail_msg("%s: %u", cases[i].typed, desk.history.count);
		key(SCREEN_KEY_ESCAPE);
		assert_int_equal(desk.page, DESK_HISTORY); /* first the search ends */
		assert_int_equal(desk.history.count, 3);
	}
	/* Keys in a burst, the last of which does something with what is found. */
	type("table 4");
	key(SCREEN_KEY_ENTER);
	assert_true(desk.history.details);
	assert_string_equal(page_history_selected(&desk.history)->sold.reference, "Table 4");
	key(SCREEN_KEY_ESCAPE);
	key(SCREEN_KEY_ESCAPE);
	/* Keys that only move the cursor leave the selected one. */
	type("table");
	key(SCREEN_KEY_DOWN);
	key(SCREEN_KEY_LEFT);
	tick();
	assert_int_equal(desk.history.selected, 1);
	key(SCREEN_KEY_ESCAPE);
	type("nobody");
	tick();
	assert_non_null(strstr(screen(80, 24), "Nothing is like this."));
	key(SCREEN_KEY_ENTER);
	assert_false(desk.history.details);
}

/* At midnight the list begins again: what is shown does not become another sale. */
static void a_receipt_is_never_swapped(void **state)
{
	(void)state;
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_ENTER);
	assert_true(desk.history.details);
	transactions.sales.again_ms = 0;
	tick();
	assert_true(desk.history.details); /* nothing has changed */
	decided(VERDICT_REFUSED, 0, "Table 9", "");
	assert_int_equal(desk.history.count, 2);
	assert_true(desk.history.details);
	assert_string_equal(page_history_selected(&desk.history)->sold.reference, "Table 4");
	clock_set_unix(&counter.clock, (NOON + 86400) * 1000LL);
	decided(VERDICT_ACCEPTED, 100, "Table 5", "Ben");
	transactions.sales.again_ms = 0;
	tick();
	assert_int_equal(desk.history.count, 1);
	assert_false(desk.history.details);
	assert_non_null(strstr(screen(100, 30), "Table 5"));
	assert_null(strstr(screen(100, 30), "Table 4"));
}

static void the_selected_one_is_always_seen(void **state)
{
	struct sale sale = {.verdict = SALE_ACCEPTED, .at_unix_s = NOON};
	char selected[16];
	(void)state;

	for (int i = 0; i < 300; i++) {
		snprintf(sale.receipt, sizeof sale.receipt, "R-%03d-", i);
		sales_add(&transactions.sales, &sale);
		tick();
		transactions.sales.again_ms = 0;
	}
	key(SCREEN_KEY_F4);
	assert_int_equal(desk.history.count, 300);
	static const enum screen_key keys[] = {SCREEN_KEY_DOWN, SCREEN_KEY_PAGE_DOWN,
		SCREEN_KEY_PAGE_DOWN, SCREEN_KEY_PAGE_DOWN, SCREEN_KEY_PAGE_DOWN,
		SCREEN_KEY_PAGE_DOWN, SCREEN_KEY_END, SCREEN_KEY_UP, SCREEN_KEY_PAGE_UP,
		SCREEN_KEY_WHEEL_UP, SCREEN_KEY_HOME, SCREEN_KEY_UP, SCREEN_KEY_WHEEL_DOWN};
	static const int at[] = {1, 11, 21, 31, 41, 51, 299, 298, 288, 287, 0, 0, 1};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		key(keys[i]);
		assert_int_equal(desk.history.selected, at[i]);
		snprintf(selected, sizeof selected, "R-%03d-", 299 - at[i]);
		assert_non_null(strstr(screen(80, 24), selected));
		assert_non_null(strstr(screen(240, 67), selected));
		/* and the list around it is whole */
		size_t lines = 0;
		for (const char *c = strstr(text, "R-"); c != NULL; c = strstr(c + 1, "R-"))
			lines++;
		assert_true(lines >= 40);
	}
	/* One that is looked at stays, when another one comes. */
	key(SCREEN_KEY_PAGE_DOWN);
	decided(VERDICT_ACCEPTED, 1, "new", "");
	transactions.sales.again_ms = 0;
	tick();
	assert_int_equal(desk.history.selected, 12);
	assert_string_equal(page_history_selected(&desk.history)->receipt, "R-288-");
}

static void shows_the_receipt_of_one(void **state)
{
	struct sale sale = {.verdict = SALE_ACCEPTED, .at_unix_s = NOON,
		.sold = {.amount = 100, .currency = "EUR"}, .receipt_code = CODE};
	(void)state;

	sales_add(&transactions.sales, &sale);
	tick();
	decided(VERDICT_REFUSED, 100, "Table 5", "Ben");
	transactions.sales.again_ms = 0;
	tick();
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_ENTER);
	assert_true(desk.history.details);
	const char *seen = screen(80, 24);
	assert_non_null(strstr(seen, "REFUSED"));
	assert_non_null(strstr(seen, "Nothing was paid."));
	assert_non_null(strstr(seen, "Table 5"));
	assert_int_equal(desk.history.code_side, 0);
	key(SCREEN_KEY_DOWN);
	assert_true(desk.history.details);
	assert_int_equal(desk.history.code_side, 25); /* version 2 */
	assert_non_null(strstr(screen(100, 30), "ACCEPTED"));
	assert_non_null(strstr(text, "\xe2\x96\x84")); /* half blocks of the code */
	/* Full size, where the window has no room for both. */
	key(SCREEN_KEY_F5);
	assert_true(desk.history.code_whole);
	assert_non_null(strstr(screen(80, 24), "This code proves the receipt"));
	assert_null(strstr(text, "ACCEPTED"));
	assert_non_null(strstr(screen(20, 5), "window is too"));
	key(SCREEN_KEY_ESCAPE);
	assert_false(desk.history.code_whole);
	assert_true(desk.history.details);
	key(SCREEN_KEY_F5);
	key(SCREEN_KEY_UP); /* one without a code */
	assert_false(desk.history.code_whole);
	key(SCREEN_KEY_F5);
	assert_false(desk.history.code_whole);
	key(SCREEN_KEY_ESCAPE);
	assert_false(desk.history.details);
	assert_int_equal(desk.page, DESK_HISTORY);
}

/* In the smallest window with a host of up to 14 characters; with a longer one in larger ones. */
static void a_phone_reads_the_code_of_a_receipt(void **state)
{
	static const struct phone_font font = {8, 16, 0, false};
	static const struct phone_theme theme = {170, 0, 0, 255};
	struct sale sale = {.verdict = SALE_ACCEPTED, .at_unix_s = NOON};
	struct phone_picture picture;
	struct grid g;
	struct err err;
	static const int sizes[][2] = {{80, 24}, {110, 34}, {240, 67}};
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		snprintf(sale.receipt_code, sizeof sale.receipt_code,
			"HTTPS://QR.EXAMPLE.COM%s/X/AE%0168d", i == 0 ? "" : ".WITH-MORE", 7);
		sales_add(&transactions.sales, &sale);
		transactions.sales.again_ms = 0;
		tick();
		key(SCREEN_KEY_F4);
		key(SCREEN_KEY_ENTER);
		if (i == 0)
			key(SCREEN_KEY_F5); /* beside the receipt there is no room */
		assert_int_equal(grid_init(&g, sizes[i][0], sizes[i][1], &err), ERR_OK);
		model.cell = (struct qr_cell){font.width, font.height};
		view_draw(&g, &model);
		phone_screen(&picture, &g, &font, &theme);
		if (!phone_reads(&picture, sale.receipt_code))
			fail_msg("%d: %d modules\n%s", sizes[i][0], desk.history.code_side,
				screen(sizes[i][0], sizes[i][1]));
		phone_picture_free(&picture);
		grid_done(&g);
		key(SCREEN_KEY_F4);
	}
	assert_int_equal(desk.page, DESK_SALE);
}

/* The backend's code stays only when the issuer's key says that it is of this very sale. */
static void keeps_a_receipt_code_that_is_right(void **state)
{
	static const uint8_t seed[SEC_ED25519_SEED_LEN] = {7};
	struct code_presented presented = {.code_id = {1}, .not_after = CODE_NO_END};
	struct flow_issuer *k = &counter.keys.list[0];
	uint8_t storage[CODE_RECEIPT_CONTENT_MAX], body[CODE_PRESENTED_BODY_LEN];
	(void)state;

	counter.keys.count = 1;
	assert_int_equal(sec_ed25519_public(k->public_key, SPAN(seed, sizeof seed)), ERR_OK);
	assert_int_equal(code_issuer_key_id(k->key_id, SPAN(k->public_key, 32)), ERR_OK);
	for (int wrong = 0; wrong < 6; wrong++) {
		struct code_receipt fields = {.state = wrong == 1 ? "authorised"
				 : wrong == 5 ? "unconfirmed"
					      : "accepted",
			.receipt = "R-1", .verification = "00112233445566778899aabbccddeeff",
			.amount = wrong == 2 ? 24900 : 2490, .currency = "EUR",
			.reference = "Table 4"};
		struct bytes content, text_of;
		struct sale sale;

		bytes_init_fixed(&content, storage, sizeof storage);
		assert_int_equal(code_receipt_content(&content, &fields), ERR_OK);
		memcpy(presented.issuer_key_id, k->key_id, CODE_KEY_ID_LEN);
		presented.issuer_key_id[0] ^= wrong == 3;
		assert_int_equal(code_presented_sign(body, 'X', &presented, bytes_span(&content),
					 SPAN(seed, sizeof seed)), ERR_OK);
		body[60] ^= wrong == 4;
		bytes_init_fixed(&text_of, counter.flow.receipt_code, CODE_TEXT_MAX);
		assert_int_equal(code_text_build(&text_of, "BANK.EXAMPLE", 'X',
					 SPAN(body, sizeof body)), ERR_OK);
		(void)bytes_text(&text_of);
		memcpy(counter.flow.receipt, "R-1", 4);
		memcpy(counter.flow.id, fields.verification, sizeof counter.flow.id);
		counter.flow.verdict = wrong == 5 ? VERDICT_UNCONFIRMED : VERDICT_ACCEPTED;
		counter.sale = (struct client_sale){.amount = 2490, .currency = "EUR",
			.reference = "Table 4"};
		transactions_sale(&sale, &counter, "T");
		assert_int_equal(sale.receipt_code[0] != '\0', wrong == 0);
	}
	counter.flow.receipt_code[0] = '\0';
}

/* Any keys in any order, in windows of any size, while others sell: what is selected is there, and
 * what is drawn is of the list.
 */
static void any_keys_keep_it_whole(void **state)
{
	static const enum screen_key keys[] = {SCREEN_KEY_UP, SCREEN_KEY_DOWN, SCREEN_KEY_PAGE_UP,
		SCREEN_KEY_PAGE_DOWN, SCREEN_KEY_HOME, SCREEN_KEY_END, SCREEN_KEY_ENTER,
		SCREEN_KEY_ESCAPE, SCREEN_KEY_F4, SCREEN_KEY_F5, SCREEN_KEY_F8, SCREEN_KEY_F1,
		SCREEN_KEY_WHEEL_UP, SCREEN_KEY_WHEEL_DOWN, SCREEN_KEY_BACKSPACE,
		SCREEN_KEY_DELETE, SCREEN_KEY_LEFT, SCREEN_KEY_TAB, SCREEN_KEY_CLICK};
	uint32_t seed = 5;
	(void)state;

	for (int i = 0; i < 4000; i++) {
		const struct page_history *h = &desk.history;

		seed = seed * 1664525 + 1013904223;
		if ((seed >> 24) % 64 == 0) {
			decided((enum verdict)((seed >> 16) % 5), seed >> 20, "Table", "Anna");
			transactions.sales.again_ms = 0;
			tick();
		} else if ((seed >> 24) % 4 == 0) {
			type((const char[]){"Table0129. \xff"[(seed >> 16) % 12], '\0'});
		} else {
			key(keys[(seed >> 16) % (sizeof keys / sizeof keys[0])]);
		}
		if (desk.page != DESK_HISTORY)
			continue;
		assert_true(h->count == 0 ? h->selected == 0 : h->selected < h->count);
		assert_true(h->count <= sales_count(&transactions.sales));
		assert_true(h->count == 0 || page_history_selected(h) != NULL);
		if (i % 16 == 0)
			(void)screen(1 + (int)(seed >> 12) % 250, 1 + (int)(seed >> 8) % 70);
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(each_verdict_is_written_once),
		CASE(a_replay_sells_nothing),
		CASE(lists_the_newest_first),
		CASE(finds_by_any_part),
		CASE(a_receipt_is_never_swapped),
		CASE(the_selected_one_is_always_seen),
		CASE(shows_the_receipt_of_one),
		CASE(a_phone_reads_the_code_of_a_receipt),
		CASE(keeps_a_receipt_code_that_is_right),
		CASE(any_keys_keep_it_whole),
	};

	if (sec_start(NULL) != ERR_OK)
		return 1;
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	text_init("en");
	log_set_fd(-1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
