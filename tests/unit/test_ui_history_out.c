/* SPDX-License-Identifier: Apache-2.0
 *
 * What was sold on paper, and exported.
 */
#include "tests/lib/history_kit.h"

#include "base/file.h"
#include "base/json.h"
#include "ui/sales_export.h"

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

static void wait_printed(void)
{
	for (int i = 0; i < 5000 && printer_is_busy(&transactions.printer); i++) {
		transactions_tick(&transactions, 1000);
		usleep(1000);
	}
	assert_false(printer_is_busy(&transactions.printer));
}

/* Else there would be two first ones of the last sale. */
static void a_copy_that_fails_is_another_matter(void **state)
{
	char broken[120];
	struct err err;
	(void)state;

	text_copy(broken, sizeof broken, in_folder("broken"));
	snprintf(settings.receipt.command, sizeof settings.receipt.command,
		"sh -c 'test ! -e %s'", broken);
	settings.receipt.automatic = PRINTER_ACCEPTED;
	begin(false);
	decided(VERDICT_ACCEPTED, 2490, "Table 4", "Anna");
	wait_printed();
	assert_true(transactions.last_printed);
	put_file("broken", "", 0, 0600);
	assert_int_equal(transactions_print(&transactions, &transactions.last, &err), ERR_OK);
	wait_printed();
	assert_int_equal(transactions.notices, 1);
	assert_true(transactions.last_printed);
	/* That of the next sale fails; the one after it is no copy and does not. */
	decided(VERDICT_ACCEPTED, 100, "Table 5", "Ben");
	wait_printed();
	assert_false(transactions.last_printed);
	assert_int_equal(unlink(broken), 0);
	assert_int_equal(transactions_print_last(&transactions, &err), ERR_OK);
	wait_printed();
	assert_true(transactions.last_printed);
	assert_int_equal(transactions.notices, 2);
	assert_true(transactions.notice[0] != '\0');
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
	static const char *const evil[] = {"=1", "+1", "-1", "@SUM(A1)", "\xef\xbc\x9d\x31"};
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
	/* What another terminal writes meanwhile is not touched; nothing is left behind. */
	put_file("sales-2026-11-21.csv.new", "theirs", 6, 0600);
	key(SCREEN_KEY_F6);
	assert_false(desk.said_is_fault);
	assert_string_equal(exported("csv.new"), "theirs");
	char name[64];
	snprintf(name, sizeof name, "sales-2026-11-21.csv.%ld.new", (long)getpid());
	assert_int_not_equal(access(in_folder(name), F_OK), 0);
	/* Nor behind a sign that parts cells for some. */
	decided(VERDICT_REFUSED, 0, "Table;=1", "");
	transactions.sales.again_ms = 0;
	tick();
	key(SCREEN_KEY_F6);
	assert_non_null(strstr(exported("csv"), ",\"Table;=1\","));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(prints_a_copy),
		CASE(a_printer_that_does_not_print_is_told_and_changes_nothing),
		CASE(a_copy_that_fails_is_another_matter),
		CASE(prints_by_itself_what_is_configured),
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
