/* SPDX-License-Identifier: Apache-2.0
 *
 * From a verdict to the list, the page of today, and what is exported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/lib/folder.h"
#include "tests/lib/phone_kit.h"
#include "ui/desk.h"
#include "ui/sales_export.h"
#include "ui/transactions.h"

#define NOON 1795262400 /* 2026-11-21 12:00 UTC */
#define CODE "HTTPS://BANK.EXAMPLE/X/AEAAAAAA"

static struct counter counter;
static struct settings settings;
static struct desk desk;
static struct transactions transactions;
static struct view_model model;
static char text[65536];

static void sink(void *ctx, enum events_to to, struct span line)
{
	(void)ctx;
	(void)to;
	(void)line;
}

static void end(void)
{
	desk_done(&desk);
	transactions_done(&transactions);
	memset(&desk, 0, sizeof desk);
}

/* Again, where it has begun already. */
static void begin(bool stepped)
{
	struct err err;

	end();
	counter_init(&counter, 0);
	clock_init_manual(&counter.clock, 1000, NOON * 1000LL);
	counter.stepped = stepped;
	events_init(&counter.events, 1000);
	counter.events.sink = sink;
	assert_int_equal(desk_init(&desk, &counter, &settings, NULL), ERR_OK);
	desk.transactions = &transactions;
	assert_int_equal(transactions_start(&transactions, &settings, &counter, &err), ERR_OK);
	model = (struct view_model){.flow = &counter.flow, .desk = &desk};
}

static int set_up(void **state)
{
	if (folder_set_up(state) != 0)
		return -1;
	memset(&settings, 0, sizeof settings);
	text_copy(settings.sales_folder, sizeof settings.sales_folder, folder_path);
	text_copy(settings.terminal_name, sizeof settings.terminal_name, "Counter 2");
	begin(false);
	return 0;
}

static int tear_down(void **state)
{
	end();
	return folder_tear_down(state);
}

static void tick(void)
{
	int64_t now = clock_mono_ms(&counter.clock);

	transactions_tick(&transactions, now);
	desk_tick(&desk, now);
}

/* A verdict is reached, as the counter's watches are told it. */
static void decided(enum verdict verdict, uint64_t amount, const char *reference,
	const char *holder)
{
	struct flow *f = &counter.flow;
	static unsigned number;

	f->phase = FLOW_RESULT;
	f->verdict = verdict;
	f->reason = verdict == VERDICT_REFUSED ? REASON_FROZEN : REASON_NONE;
	counter.sale = (struct client_sale){.amount = amount, .currency = "EUR"};
	text_copy(counter.sale.reference, sizeof counter.sale.reference, reference);
	text_copy(f->credential.holder, sizeof f->credential.holder, holder);
	snprintf(f->receipt, sizeof f->receipt, "20261121-%06u", ++number);
	for (size_t i = 0; i < counter.watch_count; i++)
		counter.watch[i].stepped(counter.watch[i].ctx, &counter, FLOW_ANSWERING);
	f->phase = FLOW_WAITING;
	clock_set_unix(&counter.clock, clock_unix_ms(&counter.clock) + 60000);
	tick();
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

static const char *screen(int cols, int rows)
{
	struct grid g;
	struct bytes b;
	struct err err;

	assert_int_equal(grid_init(&g, cols, rows, &err), ERR_OK);
	view_draw(&g, &model);
	bytes_init_fixed(&b, text, sizeof text);
	grid_dump(&g, &b);
	grid_done(&g);
	return bytes_text(&b);
}

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
		if (desk.history.count != cases[i].found)
			fail_msg("%s: %u", cases[i].typed, desk.history.count);
		key(SCREEN_KEY_ESCAPE);
		assert_int_equal(desk.page, DESK_HISTORY); /* first the search ends */
		assert_int_equal(desk.history.count, 3);
	}
	type("nobody");
	assert_non_null(strstr(screen(80, 24), "Nothing is like this."));
	key(SCREEN_KEY_ENTER);
	assert_false(desk.history.details);
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

static void prints_a_copy(void **state)
{
	struct receipt r = {.copy = true};
	struct bytes b, file;
	struct err err;
	static char storage[2][RECEIPT_TEXT_MAX];
	(void)state;

	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	key(SCREEN_KEY_F8);
	assert_int_equal(desk.said[0], '\0'); /* there is no printer: the key is not there */
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_F8);
	assert_true(desk.said_is_fault);
	tear_down(NULL);
	set_up(NULL);
	snprintf(settings.receipt.command, sizeof settings.receipt.command, "tee '%s'",
		in_folder("out"));
	begin(false);
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_F8);
	assert_false(desk.said_is_fault);
	assert_true(printer_is_busy(&transactions.printer));
	for (int i = 0; i < 5000 && printer_is_busy(&transactions.printer); i++) {
		transactions_tick(&transactions, 1000);
		usleep(1000);
	}
	assert_int_equal(transactions.printer.printed, 1);
	r.sale = page_history_selected(&desk.history);
	r.printed_unix_s = clock_unix_s(&counter.clock);
	r.header = r.footer = "";
	bytes_init_fixed(&b, storage[0], sizeof storage[0]);
	bytes_init_fixed(&file, storage[1], sizeof storage[1]);
	assert_int_equal(receipt_text(&b, &r, PRINTER_COLUMNS, &err), ERR_OK);
	assert_int_equal(file_read(&file, in_folder("out"), false, &err), ERR_OK);
	assert_true(span_equal(bytes_span(&b), bytes_span(&file)));
}

static void a_printer_that_does_not_print_is_told_and_changes_nothing(void **state)
{
	struct sale sale;
	(void)state;

	text_copy(settings.receipt.command, sizeof settings.receipt.command,
		"sh -c 'echo out of paper >&2; exit 1'");
	settings.receipt.automatic = PRINTER_ACCEPTED;
	begin(false);
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	for (int i = 0; i < 5000 && printer_is_busy(&transactions.printer); i++) {
		tick();
		usleep(1000);
	}
	tick();
	assert_true(desk.said_is_fault);
	assert_non_null(strstr(desk.said, "The receipt was not printed: "));
	assert_non_null(strstr(desk.said, "out of paper"));
	assert_false(transactions.last_printed); /* so that the next one is no copy */
	assert_int_equal(sales_get(&transactions.sales, 0, &sale), ERR_OK);
	assert_int_equal(sale.verdict, SALE_ACCEPTED);
}

/* By itself once, then every further one is a copy; a failed one is none. */
static void prints_by_itself_what_is_configured(void **state)
{
	static const struct {
		enum printer_automatic automatic;
		enum verdict verdict;
		bool printed;
	} cases[] = {
		{PRINTER_NEVER, VERDICT_ACCEPTED, false},
		{PRINTER_ACCEPTED, VERDICT_ACCEPTED, true},
		{PRINTER_ACCEPTED, VERDICT_REFUSED, false},
		{PRINTER_ACCEPTED, VERDICT_UNCERTAIN, false},
		{PRINTER_ACCEPTED, VERDICT_UNCONFIRMED, false},
		{PRINTER_ACCEPTED, VERDICT_NONE, false},
		{PRINTER_ALL, VERDICT_REFUSED, true},
	};
	struct err err;
	(void)state;

	tear_down(NULL);
	set_up(NULL);
	text_copy(settings.receipt.command, sizeof settings.receipt.command, "true");
	begin(false);
	assert_int_equal(transactions_print_last(&transactions, &err), ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		settings.receipt.automatic = cases[i].automatic;
		decided(cases[i].verdict, 100, "", "");
		assert_int_equal(printer_is_busy(&transactions.printer), cases[i].printed);
		assert_int_equal(transactions.last_printed, cases[i].printed);
		for (int n = 0; n < 5000 && printer_is_busy(&transactions.printer); n++) {
			transactions_tick(&transactions, 1000);
			usleep(1000);
		}
	}
	assert_int_equal(transactions_print_last(&transactions, &err), ERR_OK);
	assert_true(transactions.last_printed);
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
		struct code_receipt fields = {.state = wrong == 1 ? "authorised" : "accepted",
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

/* ---- export ---- */

static const char *exported(const char *ending)
{
	char name[64];
	struct bytes b;
	struct err err;

	snprintf(name, sizeof name, "sales-2026-11-21.%s", ending);
	bytes_init_fixed(&b, text, sizeof text);
	assert_int_equal(file_read(&b, in_folder(name), true, &err), ERR_OK); /* private */
	return bytes_text(&b);
}

static void exports_for_spreadsheets_and_programs(void **state)
{
	struct json *j = NULL;
	const struct json *first = NULL;
	struct err err;
	int64_t amount = 0;
	size_t len = 0;
	(void)state;

	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	decided(VERDICT_REFUSED, 5, "=HYPERLINK(\"x\")", "B, \"Ben\"");
	key(SCREEN_KEY_F4);
	key(SCREEN_KEY_F6);
	assert_false(desk.said_is_fault);
	assert_non_null(strstr(desk.said, "sales-2026-11-21"));
	const char *csv = exported("csv");
	assert_int_equal(strncmp(csv, "\xef\xbb\xbftime,verdict,reason,amount,currency,", 39), 0);
	assert_non_null(strstr(csv, "\r\n2026-11-21T12:00:00Z,accepted,,24.90,EUR,Table 4,,"
				    "Counter 2,20261121-"));
	assert_non_null(strstr(csv, ",refused,frozen,0.05,EUR,\"'=HYPERLINK(\"\"x\"\")\",,"));
	assert_non_null(strstr(csv, ",\"B, \"\"Ben\"\"\"\r\n"));
	const char *json = exported("json");
	assert_int_equal(json_parse(&j, span_text(json), sizeof text, &err), ERR_OK);
	assert_int_equal(json_get_array_len(j, "sales", &len, &err), ERR_OK);
	assert_int_equal(len, 2);
	assert_int_equal(json_get_array_object(j, "sums", 0, &first, &err), ERR_OK);
	assert_int_equal(json_get_int(first, "amount", &amount, 0, 10000, &err), ERR_OK);
	assert_int_equal(amount, 2490);
	json_free(&j);
	/* No cell begins like a formula. */
	static const char *const evil[] = {"=1", "+1", "-1", "@SUM(A1)"};
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		char cell[32];

		decided(VERDICT_REFUSED, 0, evil[i], evil[i]);
		transactions.sales.again_ms = 0;
		tick();
		key(SCREEN_KEY_F6);
		snprintf(cell, sizeof cell, ",\"'%s\"", evil[i]);
		assert_non_null(strstr(exported("csv"), cell));
		snprintf(cell, sizeof cell, ",%s", evil[i]);
		assert_null(strstr(text, cell));
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
		CASE(the_selected_one_is_always_seen),
		CASE(shows_the_receipt_of_one),
		CASE(a_phone_reads_the_code_of_a_receipt),
		CASE(prints_a_copy),
		CASE(a_printer_that_does_not_print_is_told_and_changes_nothing),
		CASE(prints_by_itself_what_is_configured),
		CASE(keeps_a_receipt_code_that_is_right),
		CASE(any_keys_keep_it_whole),
		CASE(exports_for_spreadsheets_and_programs),
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
