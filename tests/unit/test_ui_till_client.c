/* SPDX-License-Identifier: Apache-2.0
 *
 * The C client of tills: one value means yes, and nothing that a broken, slow or lying terminal
 * says becomes it but a finished sale of this id. The terminal's side of the socket is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "tests/lib/folder.h"
#define COUNTERSIGN_TILL_SEND_S 1
#include "ui/till/countersign_till.h"

static struct countersign_till_result r;

static int read_line(const char *line)
{
	memset(&r, 0, sizeof r);
	return countersign_till_line_read(&r, line, "17");
}

static void a_finished_sale_of_this_id_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_line("{\"v\":1,\"event\":\"sale\",\"id\":\"17\","
				   "\"state\":\"finished\",\"verdict\":\"authorised\","
				   "\"reason\":\"\","
				   "\"receipt\":\"20261121-000025\",\"amount\":\"12.80\"}"),
		1);
	assert_int_equal(r.verdict, COUNTERSIGN_TILL_ACCEPTED);
	assert_string_equal(r.word, "authorised");
	assert_string_equal(r.receipt, "20261121-000025");
	assert_int_equal(read_line("{\"event\":\"answer\",\"command\":\"start\",\"again\":true,"
				   "\"id\":\"17\",\"state\":\"finished\","
				   "\"verdict\":\"refused\",\"reason\":\"frozen\"}"),
		1);
	assert_int_equal(r.verdict, COUNTERSIGN_TILL_REFUSED);
	assert_string_equal(r.reason, "frozen");
}

static void an_error_is_one(void **state)
{
	(void)state;
	assert_int_equal(read_line("{\"event\":\"answer\",\"command\":\"start\",\"error\":\"busy\","
				   "\"text\":\"a \\\"b\\\" \\u5355\"}"),
		1);
	assert_int_equal(r.verdict, COUNTERSIGN_TILL_ERROR);
	assert_string_equal(r.error, "busy");
	assert_string_equal(r.text, "a \"b\" \xe5\x8d\x95");
	/* also where the sale that is in the way was accepted */
	assert_int_equal(read_line("{\"event\":\"answer\",\"error\":\"id-used\",\"text\":\"\","
				   "\"id\":\"17\",\"state\":\"finished\","
				   "\"verdict\":\"accepted\"}"),
		1);
	assert_int_equal(r.verdict, COUNTERSIGN_TILL_ERROR);
}

#define FINISHED "{\"event\":\"sale\",\"id\":\"17\",\"state\":\"finished\",\"verdict\":"
#define YES "\"state\":\"finished\",\"verdict\":\"accepted\""

#define INNER "\\\"state\\\":\\\"finished\\\",\\\"verdict\\\":\\\"accepted\\\""

static void nothing_else_is_a_yes(void **state)
{
	static const char *const lines[] = {
		"", "{", "{}", "[]", "null", "accepted",
		"{\"event\":\"sale\",\"id\":\"18\"," YES "}",
		"{\"event\":\"sale\",\"id\":\"1\"," YES "}",
		"{\"event\":\"sale\",\"id\":\"177\"," YES "}",
		"{\"event\":\"sale\"," YES "}",
		"{\"event\":\"verdict\",\"id\":\"17\"," YES "}",
		"{\"event\":\"sale\",\"id\":17," YES "}",
		"{\"event\":\"sale\",\"id\":\"17\",\"sub\":{\"x\":1," YES "}}",
		"{\"event\":\"sale\",\"id\":\"17\",\"list\":[{" YES "}]}",
		"{\"event\":\"sale\",\"id\":\"17\",\"text\":\"\\\"," INNER "\"}",
		"{\"event\":\"sale\",\"id\":\"17\",\"state\":\"running\",\"verdict\":\"accepted\"}",
		"{\"event\":\"sale\",\"id\":\"17\",\"state\":\"lost\",\"verdict\":\"accepted\"}",
		FINISHED "\"Accepted\"}",
		FINISHED "\"acceptedx\"}",
		FINISHED "\"\"}",
		FINISHED "true}",
		FINISHED "\"unconfirmed\"}",
		FINISHED "\"uncertain\"}",
		FINISHED "\"acc\\uZZZZ\"}",
		FINISHED "\"accepted\\ud800\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (read_line(lines[i]) == 1 && r.verdict == COUNTERSIGN_TILL_ACCEPTED)
			fail_msg("a yes: %s", lines[i]);
}

static void a_line_that_is_cut_anywhere_is_not_a_yes(void **state)
{
	static const char whole[] = FINISHED "\"accepted\"";
	char line[sizeof whole];

	(void)state;
	for (size_t len = 0; len + 1 < sizeof whole; len++) {
		memcpy(line, whole, len);
		line[len] = '\0';
		assert_int_equal(read_line(line), 0);
	}
}

static void a_request_is_json_whatever_is_in_it(void **state)
{
	struct countersign_till_sale sale = {.id = "17", .amount = "12.80", .currency = "EUR"};
	char line[COUNTERSIGN_TILL_SEND_MAX];
	char back[128];

	(void)state;
	sale.reference = "a\"b\\c\n\x01\xe5\x8d\x95";
	assert_int_equal(countersign_till_start_line(line, sizeof line, &sale), 0);
	assert_null(strchr(line, '\n'));
	assert_int_equal(countersign_till_text(line, "reference", back, sizeof back), 1);
	assert_string_equal(back, sale.reference);
	assert_int_equal(countersign_till_text(line, "command", back, sizeof back), 1);
	assert_string_equal(back, "start");
	assert_int_equal(countersign_till_text(line, "operator", back, sizeof back), 0);
	for (size_t cap = 0; cap < strlen(line) + 1; cap++) /* and never half of one */
		assert_int_equal(countersign_till_start_line(line, cap, &sale), -1);
}

/* ---- a terminal ---- */

static const char *path;

static int listen_at(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	path = in_folder("till.sock");
	unlink(path);
	snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* Answers the n-th connection with what it is given, and closes it; in a process of its own. */
static pid_t terminal(const char *const *says, int count)
{
	int fd = listen_at();
	pid_t pid = fork();

	if (pid != 0) {
		close(fd);
		return pid;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < count; i++) {
		char request[4096];
		int c = accept(fd, NULL, NULL);
		ssize_t n = read(c, request, sizeof request);

		if (n > 0 && strstr(request, "\"id\":\"17\"") != NULL)
			for (const char *at = says[i]; *at != '\0'; at++) /* byte by byte */
				if (write(c, at, 1) != 1)
					break;
		close(c);
	}
	_exit(0);
}

static enum countersign_till_verdict sell(const char *const *says, int count, int timeout_ms)
{
	struct countersign_till_sale sale = {.id = "17", .amount = "12.80", .currency = "EUR"};
	pid_t pid = terminal(says, count);
	enum countersign_till_verdict v = countersign_till_sell(path, &sale, timeout_ms, &r);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return v;
}

#define WAITING "{\"event\":\"answer\",\"command\":\"start\",\"id\":\"17\",\"state\":\"waiting\"}\n"
#define RUNNING "{\"event\":\"sale\",\"id\":\"17\",\"state\":\"running\",\"phase\":\"number\"}\n"
#define DONE FINISHED "\"accepted\"}\n"

static void a_connection_that_breaks_is_made_again(void **state)
{
	static const char *const says[] = {
		WAITING RUNNING, WAITING "{\"event\":\"sa", "", RUNNING DONE};

	(void)state;
	assert_int_equal(sell(says, 4, 20000), COUNTERSIGN_TILL_ACCEPTED);
	assert_string_equal(r.word, "accepted");
}

static void without_a_verdict_it_is_not_known(void **state)
{
	static const char *const says[] = {WAITING RUNNING};
	struct countersign_till_sale sale = {.id = "17"};

	(void)state;
	assert_int_equal(sell(says, 1, 300), COUNTERSIGN_TILL_UNKNOWN);
	assert_int_equal(countersign_till_sell("/nowhere/till.sock", &sale, 100, &r),
		COUNTERSIGN_TILL_UNKNOWN);
	assert_string_equal(r.error, "connection");
	assert_int_equal(countersign_till_ask_verdict("/nowhere/till.sock", "17", 100, &r),
		COUNTERSIGN_TILL_UNKNOWN);
	sale.id = NULL;
	assert_int_equal(countersign_till_sell("/nowhere/till.sock", &sale, 100, &r),
		COUNTERSIGN_TILL_ERROR);
}

static void a_terminal_that_never_ends_its_line_is_left(void **state)
{
	static char much[COUNTERSIGN_TILL_LINE_MAX * 2];
	const char *const says[] = {much, DONE};

	(void)state;
	memset(much, 'x', sizeof much - 1);
	assert_int_equal(sell(says, 2, 20000), COUNTERSIGN_TILL_ACCEPTED); /* by the next one */
}

/* Nobody has read the start: it may be a sale that was begun before the connection broke. */
static void a_terminal_that_has_no_room_has_not_refused_the_sale(void **state)
{
	static const char full[] = "{\"event\":\"answer\",\"error\":\"too-many-clients\","
				   "\"text\":\"full\"}\n";
	const char *const says[] = {WAITING RUNNING, full, RUNNING DONE};
	const char *const no_room[] = {full, full, full};

	(void)state;
	assert_int_equal(sell(says, 3, 20000), COUNTERSIGN_TILL_ACCEPTED);
	assert_int_equal(sell(no_room, 3, 300), COUNTERSIGN_TILL_UNKNOWN);
	assert_string_equal(r.error, "too-many-clients");
}

/* It listens and never takes a connection: nothing waits for it without end. */
static void a_terminal_that_stands_still_does_not_hold_the_till(void **state)
{
	int fd = listen_at();
	int waiting[64];
	struct countersign_till t;
	size_t count = 0;

	(void)state;
	while (count < 64) {
		struct sockaddr_un to = {.sun_family = AF_UNIX};

		waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
		if (connect(waiting[count++], (const struct sockaddr *)&to, sizeof to) != 0)
			break;
	}
	assert_int_equal(errno, EAGAIN); /* there is no room for one more */
	alarm(60);
	assert_int_equal(countersign_till_open(&t, path), -1);
	assert_int_equal(t.fd, -1);
	alarm(0);
	while (count > 0)
		close(waiting[--count]);
	close(fd);
}

static void a_text_that_is_too_long_is_cut_between_characters(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"{\"x\":\"abcdefgh\"}", "abcde"},
		{"{\"x\":\"\xe5\x8d\x95\xe5\x8d\x95\"}", "\xe5\x8d\x95"},
		{"{\"x\":\"ab\xe5\x8d\x95""cd\"}", "ab\xe5\x8d\x95"},
		{"{\"x\":\"abc\\u5355d\"}", "abc"}, /* and nothing from behind the gap */
		{"{\"x\":\"abc\xc3\xa9z\"}", "abc\xc3\xa9"},
		{"{\"x\":\"ab\xf0\x9f\x98\x80\"}", "ab"},
	};
	char out[6];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(countersign_till_text(cases[i].line, "x", out, sizeof out), 1);
		assert_string_equal(out, cases[i].text);
	}
}

static void an_escape_is_its_character(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(countersign_till_text("{\"x\":\"\\u0041\\u00e9\\u5355\\ud83d\\ude00\"}",
				 "x", out, sizeof out),
		1);
	assert_string_equal(out, "A\xc3\xa9\xe5\x8d\x95\xf0\x9f\x98\x80");
}

static void an_uncertain_verdict_stays_one(void **state)
{
	static const char *const says[] = {
		"{\"event\":\"answer\",\"command\":\"verdict\",\"id\":\"17\",\"state\":\"lost\","
		"\"verdict\":\"uncertain\",\"reason\":\"interrupted\"}\n"};
	pid_t pid = terminal(says, 1);

	(void)state;
	assert_int_equal(countersign_till_ask_verdict(path, "17", 20000, &r),
		COUNTERSIGN_TILL_UNCERTAIN);
	waitpid(pid, NULL, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finished_sale_of_this_id_is_read),
		cmocka_unit_test(an_error_is_one),
		cmocka_unit_test(nothing_else_is_a_yes),
		cmocka_unit_test(a_line_that_is_cut_anywhere_is_not_a_yes),
		cmocka_unit_test(a_request_is_json_whatever_is_in_it),
		CASE(a_connection_that_breaks_is_made_again),
		CASE(without_a_verdict_it_is_not_known),
		CASE(a_terminal_that_never_ends_its_line_is_left),
		CASE(a_terminal_that_has_no_room_has_not_refused_the_sale),
		CASE(a_terminal_that_stands_still_does_not_hold_the_till),
		cmocka_unit_test(a_text_that_is_too_long_is_cut_between_characters),
		cmocka_unit_test(an_escape_is_its_character),
		CASE(an_uncertain_verdict_stays_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
