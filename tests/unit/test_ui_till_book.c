/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of a till's sales: over the end of the program, a torn line, a full disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "tests/lib/folder.h"
#include "ui/till_book.h"

#define VERIFICATION "8f20a7eb40d4bb891ce7d9abefd71d0b"
#define FILE_NAME "till.jsonl"

static struct till_book book;
static struct err err;

static void open_again(void)
{
	if (book.fd >= 0)
		till_book_close(&book);
	assert_int_equal(till_book_open(&book, folder_path, 5000, &err), ERR_OK);
}

static int begin(void **state)
{
	book.fd = -1;
	if (folder_set_up(state) != 0)
		return -1;
	open_again();
	return 0;
}

static int end(void **state)
{
	till_book_close(&book);
	return folder_tear_down(state);
}

static struct till_sale *start(const char *id)
{
	struct command c = {.kind = COMMAND_START, .sale = {.amount = 1280, .currency = "EUR"}};
	struct till_sale *s = NULL;

	text_copy(c.id, sizeof c.id, id);
	text_copy(c.sale.reference, sizeof c.sale.reference, "\xe5\x8d\x95 \"7\"");
	text_copy(c.sale.operator_name, sizeof c.sale.operator_name, "Li Lei");
	assert_int_equal(till_book_start(&book, &s, &c, 1000, &err), ERR_OK);
	return s;
}

static void sell(const char *id)
{
	struct till_sale *s = start(id);

	assert_int_equal(till_book_number(&book, s, VERIFICATION, &err), ERR_OK);
	assert_int_equal(
		till_book_finish(&book, s, "authorised", "", "20261121-000025", 2000, &err),
		ERR_OK);
}

static size_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(in_folder(FILE_NAME), &st), 0);
	return (size_t)st.st_size;
}

static void a_sale_is_remembered_whole(void **state)
{
	const struct till_sale *s;

	(void)state;
	sell("one");
	open_again();
	s = till_book_find(&book, "one");
	assert_non_null(s);
	assert_int_equal(s->state, TILL_FINISHED);
	assert_string_equal(s->verdict, "authorised");
	assert_string_equal(s->receipt, "20261121-000025");
	assert_string_equal(s->verification, VERIFICATION);
	assert_int_equal(s->sale.amount, 1280);
	assert_string_equal(s->sale.currency, "EUR");
	assert_string_equal(s->sale.reference, "\xe5\x8d\x95 \"7\"");
	assert_string_equal(s->sale.operator_name, "Li Lei");
	assert_int_equal(s->started_unix_ms, 1000);
	assert_int_equal(s->finished_unix_ms, 2000);
	assert_false(s->ask);
	assert_null(till_book_find(&book, "on"));
	assert_null(till_book_find(&book, "one1"));
}

static void without_a_number_nothing_was_decided(void **state)
{
	const struct till_sale *s;

	(void)state;
	start("waits");
	open_again();
	s = till_book_find(&book, "waits");
	assert_int_equal(s->state, TILL_FINISHED);
	assert_string_equal(s->verdict, "none");
	assert_string_equal(s->reason, "interrupted");
	open_again(); /* and that was written down */
	assert_int_equal(till_book_find(&book, "waits")->finished_unix_ms, 5000);
}

static void with_a_number_nobody_here_knows(void **state)
{
	(void)state;
	assert_int_equal(till_book_number(&book, start("shown"), VERIFICATION, &err), ERR_OK);
	for (int i = 0; i < 2; i++) {
		open_again();
		assert_int_equal(till_book_find(&book, "shown")->state, TILL_LOST);
		assert_string_equal(till_book_find(&book, "shown")->verdict, "");
	}
}

static void an_uncertain_verdict_is_asked_for_again(void **state)
{
	struct till_sale *s;

	(void)state;
	s = start("a");
	assert_int_equal(till_book_number(&book, s, VERIFICATION, &err), ERR_OK);
	assert_int_equal(
		till_book_finish(&book, s, "uncertain", "no-backend", "", 1, &err), ERR_OK);
	s = start("b");
	assert_int_equal(
		till_book_finish(&book, s, "uncertain", "interrupted", "", 1, &err), ERR_OK);
	open_again();
	assert_true(till_book_find(&book, "a")->ask);
	assert_false(till_book_find(&book, "b")->ask); /* the backend knows nothing of it */
	s = till_book_find(&book, "a");
	assert_int_equal(till_book_finish(&book, s, "accepted", "", "R", 9, &err), ERR_OK);
	open_again();
	assert_string_equal(till_book_find(&book, "a")->verdict, "accepted"); /* the last counts */
	assert_false(till_book_find(&book, "a")->ask);
}

/* Power is lost after each byte of the last lines. */
static void a_torn_line_is_cut_off_wherever_it_was_torn(void **state)
{
	char text[4096];
	struct bytes whole;
	size_t before;

	(void)state;
	sell("first");
	before = file_size();
	sell("second");
	bytes_init_fixed(&whole, text, sizeof text);
	assert_int_equal(file_read(&whole, in_folder(FILE_NAME), true, &err), ERR_OK);
	for (size_t len = before; len <= whole.len; len++) {
		const struct till_sale *s;
		const char *verdict;

		till_book_close(&book);
		put_file(FILE_NAME, text, len, 0600);
		open_again();
		assert_string_equal(till_book_find(&book, "first")->verdict, "authorised");
		s = till_book_find(&book, "second");
		verdict = s != NULL ? s->verdict : "none";
		/* never a verdict that was not there */
		if (len < whole.len)
			assert_string_not_equal(verdict, "authorised");
		assert_true(file_size() == 0 || len >= before);
		if (s == NULL)
			sell("second"); /* the file takes lines again */
		open_again();
		assert_non_null(till_book_find(&book, "second"));
	}
	assert_string_equal(till_book_find(&book, "second")->verdict, "authorised");
}

static void damaged_lines_are_left_out_and_become_no_verdict(void **state)
{
	static const char *const bad[] = {
		"{\"v\":1,\"id\":\"x\",\"unix_ms\":1,\"what\":\"verdict\",\"verdict\":\"accepted\","
		"\"reason\":\"\",\"receipt\":\"\"}\n", /* of a sale that never started */
		"{\"v\":2,\"id\":\"x\",\"unix_ms\":1,\"what\":\"start\",\"amount\":1,\"currency\":"
		"\"EUR\",\"reference\":\"\",\"operator\":\"\"}\n",
		"{\"v\":1,\"id\":\"x\",\"unix_ms\":1,\"what\":\"dance\"}\n",
		"nonsense\n",
		"\n",
		"{}\n",
	};
	static char text[4096];
	size_t len = 0;

	(void)state;
	sell("good");
	till_book_close(&book);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		memcpy(text + len, bad[i], strlen(bad[i]));
		len += strlen(bad[i]);
	}
	int fd = open(in_folder(FILE_NAME), O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	open_again();
	assert_int_equal(till_book_count(&book), 1);
	assert_null(till_book_find(&book, "x"));
	assert_string_equal(till_book_find(&book, "good")->verdict, "authorised");
}

static void it_is_one_terminals_and_private(void **state)
{
	struct till_book other;

	(void)state;
	assert_int_equal(till_book_open(&other, folder_path, 1, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "another terminal"));
	assert_int_equal(other.fd, -1);
	till_book_close(&book);
	assert_int_equal(chmod(in_folder(FILE_NAME), 0644), 0);
	assert_int_equal(till_book_open(&other, folder_path, 1, &err), ERR_PERMISSION);
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_not_equal(till_book_open(&other, in_folder("nowhere"), 1, &err), ERR_OK);
	assert_int_equal(chmod(in_folder(FILE_NAME), 0600), 0);
	open_again();
}

static void a_sale_that_cannot_be_written_down_is_none(void **state)
{
	struct rlimit no_more;
	struct rlimit before;
	struct command c = {.kind = COMMAND_START, .id = "full"};
	struct till_sale *s = NULL;
	struct till_sale *running = start("running");

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	no_more = (struct rlimit){.rlim_cur = file_size() + 10, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &no_more), 0);
	assert_int_not_equal(till_book_start(&book, &s, &c, 1, &err), ERR_OK);
	assert_non_null(strstr(err.text, FILE_NAME));
	assert_null(s);
	assert_null(till_book_find(&book, "full"));
	assert_int_not_equal(till_book_number(&book, running, VERIFICATION, &err), ERR_OK);
	assert_string_equal(running->verification, "");
	/* A verdict was reached all the same. */
	assert_int_not_equal(
		till_book_finish(&book, running, "refused", "frozen", "", 1, &err), ERR_OK);
	assert_string_equal(running->verdict, "refused");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	sell("after"); /* no torn line is in its way */
	open_again();
	assert_string_equal(till_book_find(&book, "after")->verdict, "authorised");
	assert_string_equal(till_book_find(&book, "running")->verdict, "none");
}

static void the_newest_are_kept_and_the_file_is_written_anew(void **state)
{
	const unsigned many = TILL_BOOK_LINES_MAX / 2;
	char id[16];
	size_t grown;
	FILE *f;

	(void)state;
	till_book_close(&book);
	f = fopen(in_folder(FILE_NAME), "w");
	for (unsigned i = 0; i < many; i++)
		fprintf(f,
			"{\"v\":1,\"id\":\"%u\",\"unix_ms\":1,\"what\":\"start\",\"amount\":1,"
			"\"currency\":\"EUR\",\"reference\":\"\",\"operator\":\"\"}\n"
			"{\"v\":1,\"id\":\"%u\",\"unix_ms\":2,\"what\":\"verdict\",\"verdict\":"
			"\"refused\",\"reason\":\"frozen\",\"receipt\":\"\"}\n",
			i, i);
	assert_int_equal(fclose(f), 0);
	open_again();
	assert_int_equal(till_book_count(&book), TILL_SALES_MAX);
	grown = file_size();
	sell("new");
	assert_true(file_size() < grown / 2);
	assert_int_equal(
		till_book_open(&(struct till_book){.fd = -1}, folder_path, 1, &err), ERR_BUSY);
	open_again();
	assert_int_equal(till_book_count(&book), TILL_SALES_MAX);
	assert_string_equal(till_book_at(&book, TILL_SALES_MAX - 1)->id, "new");
	snprintf(id, sizeof id, "%u", many - TILL_SALES_MAX + 1);
	assert_string_equal(till_book_at(&book, 0)->id, id);
	assert_string_equal(till_book_find(&book, id)->reason, "frozen");
	assert_null(till_book_find(&book, "0"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_sale_is_remembered_whole),
		CASE(without_a_number_nothing_was_decided),
		CASE(with_a_number_nobody_here_knows),
		CASE(an_uncertain_verdict_is_asked_for_again),
		CASE(a_torn_line_is_cut_off_wherever_it_was_torn),
		CASE(damaged_lines_are_left_out_and_become_no_verdict),
		CASE(it_is_one_terminals_and_private),
		CASE(a_sale_that_cannot_be_written_down_is_none),
		CASE(the_newest_are_kept_and_the_file_is_written_anew),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
