/* SPDX-License-Identifier: Apache-2.0
 *
 * Today's sales: what is written is read again, whatever happened to the file between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/text_safe.h"
#include "tests/lib/folder.h"
#include "ui/sales.h"

#define NOON 1795262400 /* 2026-11-21 12:00 UTC */
#define DAY_S 86400

static struct sales sales, other;

static struct sale sale_of(enum sale_verdict verdict, uint64_t amount, const char *receipt)
{
	struct sale sale = {
		.verdict = verdict,
		.reason = verdict == SALE_REFUSED ? REASON_FROZEN : REASON_NONE,
		.at_unix_s = NOON,
		.sold = {.amount = amount, .currency = "EUR", .reference = "Table 4",
			.operator_name = "\xe6\x9d\x8e\xe6\x98\x8e"},
		.terminal = "Counter \"2\"",
		.id = "00112233445566778899aabbccddeeff",
		.credential = {.holder = "Anna M\xc3\xbcller", .purpose = "Member card",
			.face_value = "-"},
	};

	text_copy(sale.receipt, sizeof sale.receipt, receipt);
	return sale;
}

static const char *today_file(void)
{
	return in_folder("sales-2026-11-21.jsonl");
}

static void open_today(struct sales *s)
{
	struct err err;

	if (sales_open(s, folder_path, NOON, &err) != ERR_OK)
		fail_msg("%s", err.text);
}

static void add(enum sale_verdict verdict, uint64_t amount, const char *receipt)
{
	struct sale sale = sale_of(verdict, amount, receipt);

	sales_add(&sales, &sale);
	assert_true(sales_sync(&sales, NOON));
}

static void append_raw(const void *data, size_t len)
{
	int fd = open(today_file(), O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* Every field; between them there may be anything. */
static void assert_same(const struct sale *a, const struct sale *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->at_unix_s, b->at_unix_s);
	assert_int_equal(a->utc_offset_s, b->utc_offset_s);
	assert_int_equal(a->sold.amount, b->sold.amount);
	assert_string_equal(a->sold.currency, b->sold.currency);
	assert_string_equal(a->sold.reference, b->sold.reference);
	assert_string_equal(a->sold.operator_name, b->sold.operator_name);
	assert_string_equal(a->terminal, b->terminal);
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->receipt, b->receipt);
	assert_string_equal(a->receipt_code, b->receipt_code);
	assert_string_equal(a->credential.holder, b->credential.holder);
	assert_string_equal(a->credential.purpose, b->credential.purpose);
	assert_string_equal(a->credential.face_value, b->credential.face_value);
}

static void gives_back_what_it_was_given(void **state)
{
	struct sale sale = sale_of(SALE_AUTHORISED, 2490, "20261121-000001"), back;
	struct stat st;
	(void)state;

	memset(sale.receipt_code, 'A', sizeof sale.receipt_code - 1);
	open_today(&sales);
	sales_add(&sales, &sale);
	assert_int_equal(sales_count(&sales), 1); /* before it is written, too */
	assert_int_equal(sales_get(&sales, 0, &back), ERR_OK);
	assert_same(&back, &sale);
	assert_true(sales_sync(&sales, NOON));
	sales_close(&sales);
	open_today(&sales);
	assert_int_equal(sales_count(&sales), 1);
	assert_int_equal(sales_get(&sales, 0, &back), ERR_OK);
	assert_same(&back, &sale);
	assert_int_equal(sales_get(&sales, 1, &back), ERR_NOT_FOUND);
	assert_int_equal(stat(today_file(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sales_close(&sales);
}

static void sums_up_what_was_accepted_alone(void **state)
{
	struct sale yen = sale_of(SALE_ACCEPTED, 1000, "");
	(void)state;

	text_copy(yen.sold.currency, sizeof yen.sold.currency, "JPY");
	open_today(&sales);
	add(SALE_ACCEPTED, 100, "1");
	add(SALE_AUTHORISED, 200, "2");
	add(SALE_REFUSED, 10000, "");
	add(SALE_UNCERTAIN, 20000, "");
	add(SALE_UNCONFIRMED, 40000, "");
	add(SALE_NONE, 80000, "");
	sales_add(&sales, &yen);
	assert_true(sales_sync(&sales, NOON));
	for (int again = 0; again < 2; again++) {
		assert_int_equal(sales.written.sum_count, 2);
		assert_string_equal(sales.written.sums[0].currency, "EUR");
		assert_int_equal(sales.written.sums[0].amount, 300);
		assert_int_equal(sales.written.sums[1].amount, 1000);
		assert_int_equal(sales.written.verdicts[SALE_ACCEPTED], 2);
		assert_int_equal(sales.written.verdicts[SALE_UNCONFIRMED], 1);
		sales_close(&sales);
		open_today(&sales);
	}
	sales_close(&sales);
}

/* A line cut after each of its bytes, and one that was never filled: the list is what it was, and
 * the next sale is whole.
 */
static void survives_a_torn_line_at_every_byte(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 100, "torn"), back;
	char storage[SALES_LINE_MAX], zeroes[100] = {0};
	struct bytes line;
	(void)state;

	bytes_init_fixed(&line, storage, sizeof storage);
	sale_write(&line, &sale);
	for (size_t len = 1; len < line.len; len += len < 20 ? 1 : 7) {
		unlink(today_file());
		open_today(&sales);
		add(SALE_ACCEPTED, 100, "before");
		sales_close(&sales);
		append_raw(line.data, len);
		open_today(&sales);
		assert_int_equal(sales_count(&sales), 1);
		add(SALE_ACCEPTED, 100, "after");
		assert_int_equal(sales_count(&sales), 2);
		assert_int_equal(sales.damaged, 1);
		assert_int_equal(sales_get(&sales, 1, &back), ERR_OK);
		assert_string_equal(back.receipt, "after");
		sales_close(&sales);
	}
	append_raw(zeroes, sizeof zeroes);
	open_today(&sales);
	add(SALE_ACCEPTED, 100, "last");
	assert_int_equal(sales_count(&sales), 3);
	assert_int_equal(sales.damaged, 2);
	sales_close(&sales);
}

static void takes_no_line_that_it_did_not_write(void **state)
{
	static const char *const lines[] = {
		"",
		"null",
		"{}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0}",
		"{\"version\":2,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"ACCEPTED\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted \"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":true}",
		"{\"version\":1,\"at\":1,\"utc_offset\":99999,\"verdict\":\"accepted\"}",
		"{\"version\":1,\"utc_offset\":0,\"verdict\":\"accepted\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\",\"amount\":5}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\",\"amount\":-5,"
		"\"currency\":\"EUR\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\",\"amount\":5,"
		"\"currency\":\"EU\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\",\"reference\":"
		"\"0123456789012345678901234\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\",\"holder\":"
		"\"\\u001b[2J\"}",
		"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"accepted\"} {}",
	};
	struct sale sale;
	(void)state;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		memset(&sale, 0xff, sizeof sale);
		assert_int_equal(sale_read(&sale, span_text(lines[i]), NULL), ERR_CORRUPT);
		assert_false(sale_is_accepted(&sale));
		assert_int_equal(sale.verdict, SALE_NONE);
	}
	assert_int_equal(sale_read(&sale, span_text("{\"version\":1,\"at\":1,\"utc_offset\":0,"
						    "\"verdict\":\"accepted\"}"), NULL), ERR_OK);
	assert_true(sale_is_accepted(&sale));
}

static void leaves_out_a_line_without_end(void **state)
{
	static char noise[5 * SALES_LINE_MAX];
	(void)state;

	memset(noise, 'x', sizeof noise);
	noise[sizeof noise - 1] = '\n';
	open_today(&sales);
	add(SALE_ACCEPTED, 100, "1");
	append_raw(noise, sizeof noise);
	add(SALE_ACCEPTED, 100, "2");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(sales_count(&sales), 2);
		assert_int_equal(sales.damaged, 1);
		sales_close(&sales);
		open_today(&sales);
	}
	sales_close(&sales);
}

static void keeps_the_sale_of_a_full_disk(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 100, "late"), back;
	struct rlimit before, small = {.rlim_cur = 500};
	struct stat st;
	(void)state;

	open_today(&sales);
	add(SALE_ACCEPTED, 100, "1");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(sales.fault, "sales-2026-11-21.jsonl"));
	assert_int_equal(stat(today_file(), &st), 0);
	assert_true(st.st_size < 500); /* the part that fitted was taken back */
	assert_int_equal(sales_count(&sales), 2);
	assert_int_equal(sales_get(&sales, 1, &back), ERR_OK);
	assert_string_equal(back.receipt, "late");
	assert_true(sales_sync(&sales, NOON));
	assert_string_equal(sales.fault, "");
	sales_close(&sales);
	open_today(&sales);
	assert_int_equal(sales_count(&sales), 2);
	assert_int_equal(sales.damaged, 0);
	sales_close(&sales);
}

static void begins_again_a_file_that_was_removed(void **state)
{
	(void)state;

	open_today(&sales);
	add(SALE_ACCEPTED, 100, "1");
	unlink(today_file());
	struct sale sale = sale_of(SALE_ACCEPTED, 100, "2");
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_non_null(strstr(sales.fault, "removed"));
	assert_true(sales_sync(&sales, NOON));
	assert_int_equal(sales_count(&sales), 1);
	assert_int_equal(access(today_file(), F_OK), 0);
	sales_close(&sales);
}

static void begins_a_file_at_midnight(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 100, "next");
	(void)state;

	open_today(&sales);
	add(SALE_ACCEPTED, 100, "1");
	(void)sales_tick(&sales, NOON, sales_next_ms(&sales));
	assert_false(sales_tick(&sales, NOON, sales_next_ms(&sales)));
	assert_true(sales_tick(&sales, NOON + DAY_S, sales_next_ms(&sales)));
	assert_false(sales_tick(&sales, NOON + DAY_S, sales_next_ms(&sales)));
	assert_string_equal(sales.day, "2026-11-22");
	assert_int_equal(sales_count(&sales), 0);
	assert_int_equal(sales.written.sum_count, 0);
	/* What was sold before midnight and waited belongs to its own day. */
	sales_add(&sales, &sale);
	assert_true(sales_sync(&sales, NOON + DAY_S));
	assert_string_equal(sales.day, "2026-11-22");
	assert_int_equal(sales_count(&sales), 0);
	sales_close(&sales);
	open_today(&sales);
	assert_int_equal(sales_count(&sales), 2);
	sales_close(&sales);
	/* A day of as many sales is another list all the same. */
	unlink(today_file());
	open_today(&sales);
	assert_true(sales_tick(&sales, NOON + DAY_S, sales_next_ms(&sales)));
	assert_true(sales_tick(&sales, NOON, sales_next_ms(&sales)));
	sales_close(&sales);
}

static void lists_what_another_program_sold(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 500, "theirs");
	(void)state;

	open_today(&sales);
	open_today(&other);
	add(SALE_ACCEPTED, 100, "ours");
	sales_add(&other, &sale);
	assert_true(sales_sync(&other, NOON));
	assert_int_equal(sales_count(&other), 2);
	assert_int_equal(sales_count(&sales), 1);
	assert_true(sales_tick(&sales, NOON, sales_next_ms(&sales)));
	assert_int_equal(sales_count(&sales), 2);
	assert_int_equal(sales.written.sums[0].amount, 600);
	/* One that holds the lock and is stopped: the sale waits, the counter does not. */
	int fd = open(today_file(), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_int_equal(sales_count(&sales), 3);
	close(fd);
	assert_true(sales_sync(&sales, NOON));
	sales_close(&sales);
	sales_close(&other);
}

/* Killed at any moment: what is there are whole lines, in order, and at most a torn last one. */
static void survives_being_killed(void **state)
{
	struct sale sale;
	(void)state;

	for (int round = 0; round < 8; round++) {
		pid_t pid = fork();

		if (pid == 0) {
			open_today(&sales);
			for (unsigned i = sales_count(&sales);; i++) {
				char receipt[16];

				snprintf(receipt, sizeof receipt, "%u", i);
				sale = sale_of(SALE_ACCEPTED, 1, receipt);
				sales_add(&sales, &sale);
				(void)sales_tick(&sales, NOON, 0);
			}
		}
		/* However slow the machine is: something was written before it is killed. */
		for (struct stat st = {0}; pid > 0 && st.st_size == 0; usleep(200))
			(void)stat(today_file(), &st);
		usleep(500u * (unsigned)round);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	open_today(&sales);
	assert_true(sales_count(&sales) > 0);
	for (unsigned i = 0; i < sales_count(&sales); i++) {
		char receipt[16];

		snprintf(receipt, sizeof receipt, "%u", i);
		assert_int_equal(sales_get(&sales, i, &sale), ERR_OK);
		assert_string_equal(sale.receipt, receipt);
	}
	sales_close(&sales);
}

static void lists_the_newest_of_very_many(void **state)
{
	static char many[SALES_LISTED_MAX * 100];
	size_t len = 0;
	struct sale sale;
	(void)state;

	for (int i = 0; i < SALES_LISTED_MAX + 5; i++) {
		int n = snprintf(many + len, sizeof many - len,
			"{\"version\":1,\"at\":1,\"utc_offset\":0,\"verdict\":\"refused\","
			"\"receipt\":\"%d\"}\n", i);
		len += (size_t)n;
	}
	put_file("sales-2026-11-21.jsonl", many, len, 0644);
	open_today(&sales);
	assert_int_equal(sales_count(&sales), SALES_LISTED_MAX);
	assert_int_equal(sales.written.verdicts[SALE_REFUSED], SALES_LISTED_MAX + 5);
	assert_int_equal(sales_get(&sales, 0, &sale), ERR_OK);
	assert_string_equal(sale.receipt, "5");
	assert_int_equal(sales_get(&sales, SALES_LISTED_MAX - 1, &sale), ERR_OK);
	assert_string_equal(sale.receipt, "20004");
	struct stat st;
	assert_int_equal(stat(today_file(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sales_close(&sales);
}

static void works_without_a_folder(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 1, "1");
	struct err err;
	(void)state;

	assert_int_equal(sales_open(&sales, "/proc/none/there", NOON, &err), ERR_IO);
	assert_true(sales.fault[0] != '\0');
	for (int i = 0; i < SALES_WAITING_MAX + 3; i++)
		sales_add(&sales, &sale);
	assert_int_equal(sales_count(&sales), SALES_WAITING_MAX);
	assert_int_equal(sales.given_up, 3);
	sales_close(&sales);
	assert_int_equal(sales_open(&sales, "relative", NOON, &err), ERR_INVALID);
	sales_close(&sales);
	assert_int_equal(mkdir(in_folder("open"), 0777) | chmod(in_folder("open"), 0777), 0);
	assert_int_equal(sales_open(&sales, in_folder("open"), NOON, &err), ERR_PERMISSION);
	sales_close(&sales);
}

static void set_aside(const char *from, const char *to)
{
	char name[512];

	text_copy(name, sizeof name, in_folder(from));
	assert_int_equal(rename(name, in_folder(to)), 0);
}

/* Never another folder than the one that is said, and never one into which others write. */
static void waits_for_the_folder_that_is_said(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 100, "1");
	char said[512];
	struct err err;
	(void)state;

	setenv("XDG_STATE_HOME", in_folder("elsewhere"), 1);
	text_copy(said, sizeof said, in_folder("said"));
	put_file("said", "", 0, 0600);
	assert_int_equal(sales_open(&sales, said, NOON, &err), ERR_IO);
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_int_equal(access(in_folder("elsewhere"), F_OK), -1);
	assert_int_equal(unlink(said), 0);
	assert_int_equal(mkdir(said, 0777) | chmod(said, 0777), 0);
	for (int i = 0; i < 3; i++)
		assert_false(sales_sync(&sales, NOON));
	assert_string_equal(sales.folder, ""); /* nothing is exported there, either */
	assert_int_equal(access(in_folder("said/sales-2026-11-21.jsonl"), F_OK), -1);
	assert_int_equal(chmod(said, 0700), 0);
	assert_true(sales_sync(&sales, NOON));
	assert_int_equal(access(in_folder("said/sales-2026-11-21.jsonl"), F_OK), 0);
	/* Taken away below the program: made again. */
	set_aside("said", "aside");
	put_file("aside/empty", "", 0, 0600);
	assert_int_equal(unlink(in_folder("aside/sales-2026-11-21.jsonl")), 0);
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_true(sales_sync(&sales, NOON));
	assert_int_equal(access(in_folder("said/sales-2026-11-21.jsonl"), F_OK), 0);
	sales_close(&sales);
}

static void counts_what_waits(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 250, "1");
	struct sales_figures figures;
	struct err err;
	(void)state;

	assert_int_equal(sales_open(&sales, "/proc/none/there", NOON, &err), ERR_IO);
	sales_add(&sales, &sale);
	sale.verdict = SALE_REFUSED;
	sales_add(&sales, &sale);
	sales_figures(&figures, &sales);
	assert_int_equal(figures.verdicts[SALE_ACCEPTED], 1);
	assert_int_equal(figures.verdicts[SALE_REFUSED], 1);
	assert_int_equal(figures.sum_count, 1);
	assert_int_equal(figures.sums[0].amount, 250);
	sales_close(&sales);
}

/* Also what came of the very last one, after which nobody looks again. */
static void tells_that_syncing_failed(void **state)
{
	struct sale sale = sale_of(SALE_ACCEPTED, 250, "1");
	int fd;
	(void)state;

	open_today(&sales);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* takes everything, and cannot be synced */
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, sales.fd), sales.fd);
	close(fd);
	sales_add(&sales, &sale);
	assert_false(sales_sync(&sales, NOON));
	assert_non_null(strstr(sales.fault, "sync"));
	sales_close(&sales);
}

static void looks_for_the_folder_where_it_says(void **state)
{
	char path[STATE_PATH_MAX];
	struct err err;
	(void)state;

	unsetenv("STATE_DIRECTORY");
	setenv("XDG_STATE_HOME", in_folder("deep/er"), 1);
	assert_int_equal(state_folder(path, "", &err), ERR_OK);
	assert_string_equal(path, in_folder("deep/er/countersign"));
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	setenv("STATE_DIRECTORY", in_folder("first"), 1);
	assert_int_equal(state_folder(path, NULL, &err), ERR_OK);
	assert_string_equal(path, in_folder("first"));
	unsetenv("STATE_DIRECTORY");
	assert_int_equal(state_folder(path, in_folder("said"), &err), ERR_OK);
	assert_string_equal(path, in_folder("said"));
	put_file("file", "", 0, 0600);
	assert_int_equal(state_folder(path, in_folder("file"), &err), ERR_IO);
}

static void opens_a_day_for_reading(void **state)
{
	struct err err;
	(void)state;

	open_today(&sales);
	add(SALE_ACCEPTED, 1, "1");
	sales_close(&sales);
	assert_int_equal(sales_open_day(&sales, folder_path, "2026-11-21", &err), ERR_OK);
	assert_int_equal(sales_count(&sales), 1);
	sales_close(&sales);
	assert_int_equal(sales_open_day(&sales, folder_path, "2026-11-20", &err), ERR_NOT_FOUND);
	sales_close(&sales);
	/* What cannot be read is no empty day; and looking makes no folder. */
	assert_int_equal(mkdir(in_folder("sales-2026-11-19.jsonl"), 0700), 0);
	assert_int_equal(sales_open_day(&sales, folder_path, "2026-11-19", &err), ERR_IO);
	sales_close(&sales);
	assert_int_equal(sales_open_day(&sales, in_folder("typo"), "2026-11-21", &err),
		ERR_NOT_FOUND);
	assert_int_equal(access(in_folder("typo"), F_OK), -1);
	sales_close(&sales);
	static const char *const wrong[] = {"", "today", "2026-02-30", "2026-13-01", "2026-1-1",
		"2026-11-21x", "../../../..", "2026/11/21"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(sales_open_day(&sales, folder_path, wrong[i], &err), ERR_INVALID);
		sales_close(&sales);
	}
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(gives_back_what_it_was_given),
		CASE(sums_up_what_was_accepted_alone),
		CASE(survives_a_torn_line_at_every_byte),
		CASE(takes_no_line_that_it_did_not_write),
		CASE(leaves_out_a_line_without_end),
		CASE(keeps_the_sale_of_a_full_disk),
		CASE(begins_again_a_file_that_was_removed),
		CASE(begins_a_file_at_midnight),
		CASE(lists_what_another_program_sold),
		CASE(survives_being_killed),
		CASE(lists_the_newest_of_very_many),
		CASE(works_without_a_folder),
		CASE(waits_for_the_folder_that_is_said),
		CASE(counts_what_waits),
		CASE(tells_that_syncing_failed),
		CASE(looks_for_the_folder_where_it_says),
		CASE(opens_a_day_for_reading),
	};

	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
