/* SPDX-License-Identifier: Apache-2.0
 *
 * The log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text_safe.h"

static int ends[2];

static int set_up(void **state)
{
	(void)state;
	if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		return -1;
	log_set_level(LOG_INFO);
	log_set_format(LOG_PLAIN);
	log_set_fd(ends[1]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_set_fd(2);
	log_set_format(LOG_PLAIN);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* Everything that was written since the last call; "" for nothing. */
static const char *written(void)
{
	static char text[65536];
	ssize_t n = read(ends[0], text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void a_line_has_time_level_area_and_words(void **state)
{
	(void)state;
	log_line(LOG_WARNING, "scanner", "frame %d was lost", 7);
	const char *line = written();
	assert_int_equal(strlen(line), 20 + strlen(" warning scanner: frame 7 was lost\n"));
	assert_string_equal(line + 20, " warning scanner: frame 7 was lost\n");
	int year;
	char zone;
	assert_int_equal(sscanf(line, "%4d-%*2d-%*2dT%*2d:%*2d:%*2d%c", &year, &zone), 2);
	assert_true(year >= 2024);
	assert_int_equal(zone, 'Z');
}

static void text_from_outside_cannot_make_a_line_of_its_own(void **state)
{
	(void)state;
	log_line(LOG_ERROR, "http", "name is %s",
		"x\n2026-01-01T00:00:00Z info audit: fine\x1b[2J\xff");
	const char *line = written();
	assert_true(strchr(line, '\n') == line + strlen(line) - 1);
	assert_null(strchr(line, 0x1b));
	assert_true(text_is_safe(SPAN(line, strlen(line) - 1)));
	assert_non_null(strstr(line, "x\xef\xbf\xbd" "2026"));
}

static void a_long_line_is_cut_and_ends(void **state)
{
	char text[4000];
	(void)state;

	for (size_t len = LOG_LINE_MAX - 100; len < sizeof text;
		len += len < LOG_LINE_MAX ? 1 : 501) {
		memset(text, 'a', len);
		text[len] = '\0';
		log_line(LOG_INFO, "area", "%s", text);
		const char *line = written();
		assert_true(strlen(line) <= LOG_LINE_MAX);
		assert_int_equal(line[strlen(line) - 1], '\n');
		assert_true(text_is_safe(SPAN(line, strlen(line) - 1)));
	}
	/* An area is a word of the program, but even that cannot break the line. */
	memset(text, 'b', 500);
	text[500] = '\0';
	log_line(LOG_INFO, text, "words");
	assert_non_null(strstr(written(), "bbb: words\n"));
}

static void levels_above_the_limit_are_dropped(void **state)
{
	(void)state;
	log_line(LOG_DEBUG, "a", "x");
	assert_string_equal(written(), "");
	log_set_level(LOG_DEBUG);
	log_line(LOG_DEBUG, "a", "x");
	assert_non_null(strstr(written(), " debug a: x\n"));
	log_set_level(LOG_ERROR);
	log_line(LOG_WARNING, "a", "x");
	assert_string_equal(written(), "");
	log_line(LOG_ERROR, "a", "x");
	assert_non_null(strstr(written(), " error a: x\n"));
}

static void nothing_is_written_where_there_is_no_descriptor(void **state)
{
	(void)state;
	log_set_fd(-1);
	log_line(LOG_ERROR, "a", "x");
	assert_string_equal(written(), "");
}

static void a_fault_is_told_when_it_begins_and_when_it_ends(void **state)
{
	struct log_fault fault = {0};
	(void)state;

	log_fault_end(&fault, "net", "is back");
	assert_string_equal(written(), "");
	for (int i = 0; i < 5; i++)
		log_fault_begin(&fault, "net", "no answer, try %d", i);
	assert_string_equal(written() + 20, " warning net: no answer, try 0\n");
	for (int i = 0; i < 5; i++)
		log_fault_end(&fault, "net", "is back");
	assert_string_equal(written() + 20, " info net: is back\n");
	log_fault_begin(&fault, "net", "again");
	assert_string_equal(written() + 20, " warning net: again\n");
}

static void errno_survives(void **state)
{
	(void)state;
	log_set_fd(12345); /* not open: write(2) fails */
	errno = ENOSPC;
	log_line(LOG_ERROR, "a", "x");
	assert_int_equal(errno, ENOSPC);
}

static void *write_lines(void *word)
{
	for (int i = 0; i < 100; i++)
		log_line(LOG_INFO, "thread", "%s%s%s", (char *)word, (char *)word, (char *)word);
	return NULL;
}

static void lines_of_threads_stay_whole(void **state)
{
	static char words[4][16] = {"aaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbb", "ccccccccccccccc",
		"ddddddddddddddd"};
	pthread_t threads[4];
	int lines = 0;
	(void)state;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, words[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	const char *at = written();
	for (; *at != '\0'; at += 20 + strlen(" info thread: ") + 45 + 1, lines++) {
		const char *text = at + 20 + strlen(" info thread: ");
		assert_memory_equal(at + 20, " info thread: ", 14);
		assert_int_equal(strspn(text, (char[]){text[0], '\0'}), 45);
		assert_int_equal(text[45], '\n');
	}
	assert_int_equal(lines, 400);
}

static void the_journal_gets_a_priority_and_no_time(void **state)
{
	(void)state;
	log_set_level(LOG_DEBUG);
	log_set_format(LOG_JOURNAL);
	log_line(LOG_ERROR, "store", "a\n<1>b");
	assert_string_equal(written(), "<3>store: a\xef\xbf\xbd<1>b\n");
	log_line(LOG_WARNING, "store", "x");
	assert_string_equal(written(), "<4>store: x\n");
	log_line(LOG_INFO, "store", "x");
	assert_string_equal(written(), "<6>store: x\n");
	log_line(LOG_DEBUG, "store", "x");
	assert_string_equal(written(), "<7>store: x\n");
}

/* One object and nothing else; "" for a member that is not there. */
static const char *member(const char *line, const char *name)
{
	static char value[LOG_LINE_MAX];
	struct json *doc = NULL;
	struct err err;

	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
	assert_int_equal(json_parse(&doc, SPAN(line, strlen(line) - 1), LOG_JSON_MAX, &err),
		ERR_OK);
	if (json_get_text(doc, name, value, sizeof value, &err) != ERR_OK)
		value[0] = '\0';
	json_free(&doc);
	return value;
}

static void json_is_one_object_a_line(void **state)
{
	struct log_fault fault = {0};
	char text[4000], area[500];
	(void)state;

	log_set_format(LOG_JSON);
	log_line(LOG_ERROR, "http", "he said \"%s\"", "x\n{\\\x01\xff");
	const char *line = written();
	assert_string_equal(member(line, "text"),
		"he said \"x\xef\xbf\xbd{\\\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string_equal(member(line, "level"), "error");
	assert_string_equal(member(line, "area"), "http");
	assert_string_equal(member(line, "fault"), "");
	assert_int_equal(strlen(member(line, "time")), 20);
	log_fault_begin(&fault, "net", "gone");
	assert_string_equal(member(written(), "fault"), "begin");
	log_fault_begin(&fault, "net", "gone");
	assert_string_equal(written(), "");
	log_fault_end(&fault, "net", "back");
	assert_string_equal(member(written(), "fault"), "end");
	/* what takes the most room */
	memset(text, '"', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memset(area, '\\', sizeof area - 1);
	area[sizeof area - 1] = '\0';
	log_line(LOG_WARNING, area, "%s", text);
	line = written();
	assert_true(strlen(line) <= LOG_JSON_MAX);
	assert_true(strlen(member(line, "text")) > LOG_LINE_MAX / 2);
}

static void the_journal_is_known_by_its_stream(void **state)
{
	char said[64];
	struct stat st;
	(void)state;

	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	assert_false(log_is_journal());
	assert_int_equal(fstat(2, &st), 0);
	(void)snprintf(said, sizeof said, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", said, 1), 0);
	assert_true(log_is_journal());
	(void)snprintf(said, sizeof said, "%ju:%ju", (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino + 1);
	assert_int_equal(setenv("JOURNAL_STREAM", said, 1), 0);
	assert_false(log_is_journal());
	assert_int_equal(setenv("JOURNAL_STREAM", "", 1), 0);
	assert_false(log_is_journal());
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void levels_have_words(void **state)
{
	static const char *const NONE[] = {"", "Error", "errors", "warn", "4"};
	enum log_level level = LOG_ERROR;
	(void)state;

	assert_true(log_level_read(&level, "debug"));
	assert_int_equal(level, LOG_DEBUG);
	for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
		assert_false(log_level_read(&level, NONE[i]));
	assert_int_equal(level, LOG_DEBUG);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_line_has_time_level_area_and_words),
		CASE(text_from_outside_cannot_make_a_line_of_its_own),
		CASE(a_long_line_is_cut_and_ends),
		CASE(levels_above_the_limit_are_dropped),
		CASE(nothing_is_written_where_there_is_no_descriptor),
		CASE(a_fault_is_told_when_it_begins_and_when_it_ends),
		CASE(errno_survives),
		CASE(lines_of_threads_stay_whole),
		CASE(the_journal_gets_a_priority_and_no_time),
		CASE(json_is_one_object_a_line),
		CASE(the_journal_is_known_by_its_stream),
		CASE(levels_have_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
