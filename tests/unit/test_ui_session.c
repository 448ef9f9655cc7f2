/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings: what is written can be read, a run that goes differently is noticed at the first
 * event, and a file that is none is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/session.h"

#define HEADER                                                                                     \
	"{\"countersign_recording\":1,\"started_unix_ms\":1790000000000,"         \
	"\"stepped\":true,\"continuous\":false,\"fps\":15,\"source\":\"x\"}\n"
#define LIVE_HEADER                                                                                \
	"{\"countersign_recording\":1,\"started_unix_ms\":1790000000000,"                          \
	"\"stepped\":false,\"continuous\":true,\"fps\":0,\"source\":\"x\"}\n"
#define READY "{\"v\":1,\"event\":\"ready\",\"at_ms\":0,\"source\":\"x\"}\n"
#define FIRST "{\"v\":1,\"event\":\"first_code\",\"at_ms\":66,\"credential\":\"07\"}\n"
#define NUMBER                                                                                     \
	"{\"v\":1,\"event\":\"number\",\"at_ms\":66,\"number\":\"012345\",\"expires_in_ms\":"      \
	"60000}\n"
#define BACKEND "{\"v\":1,\"event\":\"backend\",\"at_ms\":70,\"reachable\":false}\n"
#define HINT    "{\"v\":1,\"event\":\"hint\",\"at_ms\":66,\"why\":\"glare\"}\n"
#define CANCEL  "{\"v\":1,\"event\":\"command\",\"at_ms\":900,\"command\":\"cancel\"}\n"
#define END     "{\"v\":1,\"event\":\"end\",\"at_ms\":950,\"verdict\":\"refused\"}\n"

static char dir[64];
static struct session_reader reader;
static struct session_header header;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/countersign-session.XXXXXX");
	memset(&err, 0, sizeof err);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[SESSION_PATH_MAX];

	(void)state;
	assert_int_equal(session_path(path, dir, SESSION_FILE, NULL), ERR_OK);
	unlink(path);
	return rmdir(dir);
}

static void file_write(const char *text, size_t len)
{
	char path[SESSION_PATH_MAX];
	FILE *f;

	assert_int_equal(session_path(path, dir, SESSION_FILE, NULL), ERR_OK);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static enum err_code open_text(const char *text)
{
	file_write(text, strlen(text));
	return session_read_open(&reader, &header, dir, &err);
}

static enum err_code happens(const char *line)
{
	return session_compare(&reader, span_text(line), &err);
}

/* ---- writing ---- */

static void reads_the_header_it_wrote(void **state)
{
	static struct session_header wrote = {.started_unix_ms = 1790000000123,

		.stepped = true,
		.continuous = true,
		.fps = 30,
		.result_ms = 20000,
		.all_symbologies = true,
		.source = "simulator:holder \"x\"",
		.sale = {1280, "EUR", "4711", "Anna"}};
	struct session_writer w;

	(void)state;
	assert_int_equal(session_write_open(&w, dir, &wrote, &err), ERR_OK);
	assert_int_equal(session_write_line(&w, span_text(END), &err), ERR_OK);
	session_write_close(&w);
	session_write_close(&w);
	assert_int_equal(session_read_open(&reader, &header, dir, &err), ERR_OK);
	assert_memory_equal(&header, &wrote, sizeof header);
	assert_int_equal(happens(END), ERR_OK);
	assert_int_equal(session_compare_end(&reader, &err), ERR_OK);
	session_read_close(&reader);
	/* a recording is never written over */
	assert_int_not_equal(session_write_open(&w, dir, &wrote, &err), ERR_OK);
	assert_int_equal(w.fd, -1);
}

static void takes_only_a_new_or_empty_folder(void **state)
{
	char inner[128];
	struct stat st;

	(void)state;
	assert_int_equal(session_folder_make(dir, &err), ERR_OK);
	snprintf(inner, sizeof inner, "%s/new", dir);
	assert_int_equal(session_folder_make(inner, &err), ERR_OK);
	assert_int_equal(stat(inner, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(session_folder_make(dir, &err), ERR_EXISTS);
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(session_folder_make("/nowhere/at/all", &err), ERR_IO);
	assert_int_not_equal(session_folder_make("/dev/null", &err), ERR_OK);
}

static void stops_with_one_word_when_the_disk_is_full(void **state)
{
	struct session_writer w = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};

	(void)state;
	assert_true(w.fd >= 0);
	assert_int_equal(session_write_line(&w, span_text(END), &err), ERR_IO);
	assert_string_equal(err.text, "recording stopped: disk full");
	assert_int_equal(w.fd, -1);
	assert_int_equal(session_write_line(&w, span_text(END), &err), ERR_OK); /* told once */
}

/* ---- comparing ---- */

static void the_same_events_are_the_same(void **state)
{
	(void)state;
	assert_int_equal(open_text(HEADER READY HINT FIRST BACKEND NUMBER END), ERR_OK);
	assert_int_equal(
		happens("{\"v\":1,\"event\":\"ready\",\"at_ms\":0,\"source\":\"other\"}\n"),
		ERR_OK);
	assert_int_equal(happens(FIRST), ERR_OK);
	assert_int_equal(happens(NUMBER), ERR_OK);
	assert_int_equal(happens("{\"v\":1,\"event\":\"scanner\",\"at_ms\":1}\n"), ERR_OK);
	assert_int_equal(happens("{\"v\":1,\"event\":\"hint\",\"at_ms\":1,\"why\":\"far\"}\n"),
		ERR_OK);
	/* members in another order are the same members */
	assert_int_equal(
		happens("{\"verdict\":\"refused\",\"at_ms\":950,\"event\":\"end\",\"v\":1}\n"),
		ERR_OK);
	assert_int_equal(session_compare_end(&reader, &err), ERR_OK);
	session_read_close(&reader);
}

static void names_the_first_difference(void **state)
{
	static const char *const others[] = {"{\"v\":1,\"event\":\"number\",\"at_ms\":66,"
					     "\"number\":\"012346\",\"expires_in_ms\":60000}\n",
		"{\"v\":1,\"event\":\"number\",\"at_ms\":67,\"number\":\"012345\",\"expires_in_"
		"ms\":60000}\n",
		"{\"v\":1,\"event\":\"number\",\"at_ms\":66,\"number\":\"012345\"}\n",
		"{\"v\":1,\"event\":\"number\",\"at_ms\":66,\"number\":\"012345\",\"expires_in_"
		"ms\":60000,"
		"\"x\":1}\n",
		END};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(open_text(HEADER FIRST NUMBER END), ERR_OK);
		assert_int_equal(happens(FIRST), ERR_OK);
		assert_int_equal(happens(others[i]), ERR_CORRUPT);
		assert_non_null(strstr(err.text, "line 3"));
		assert_non_null(strstr((const char *)session_expected(&reader).data, "012345"));
		assert_int_equal(happens(NUMBER), ERR_OK); /* only the first is told */
		assert_int_equal(session_compare_end(&reader, &err), ERR_OK);
		session_read_close(&reader);
	}
}

static void notices_events_that_are_missing_or_too_many(void **state)
{
	(void)state;
	assert_int_equal(open_text(HEADER FIRST END), ERR_OK);
	assert_int_equal(happens(FIRST), ERR_OK);
	assert_int_equal(session_compare_end(&reader, &err), ERR_CORRUPT);
	session_read_close(&reader);
	assert_int_equal(open_text(HEADER FIRST), ERR_OK);
	assert_int_equal(happens(FIRST), ERR_OK);
	assert_int_equal(happens(END), ERR_CORRUPT);
	assert_int_equal(session_expected(&reader).len, 0);
	session_read_close(&reader);
}

static void live_recordings_are_compared_without_times(void **state)
{
	(void)state;
	assert_int_equal(open_text(LIVE_HEADER NUMBER END), ERR_OK);
	assert_int_equal(happens("{\"v\":1,\"event\":\"number\",\"at_ms\":90,\"number\":\"012345\","
				 "\"expires_in_ms\":59000}\n"),
		ERR_OK);
	/* what only looks like a time is text */
	assert_int_equal(happens("{\"v\":1,\"event\":\"end\",\"at_ms\":1,\"verdict\":\"\\\"at_"
				 "ms\\\":5,\"}\n"),
		ERR_CORRUPT);
	session_read_close(&reader);
}

static void knows_when_a_cancellation_is_due(void **state)
{
	(void)state;
	assert_int_equal(open_text(HEADER FIRST CANCEL END), ERR_OK);
	assert_false(session_command_due(&reader, 5000) != NULL);
	assert_int_equal(happens(FIRST), ERR_OK);
	assert_false(session_command_due(&reader, 899) != NULL);
	assert_true(session_command_due(&reader, 900) != NULL);
	assert_int_equal(happens(CANCEL), ERR_OK);
	assert_false(session_command_due(&reader, 5000) != NULL);
	session_read_close(&reader);
}

/* ---- files that are none ---- */

static void refuses_headers_that_are_none(void **state)
{
	static const char *const bad[] = {"", "\n", "{}\n", "x\n", "[1]\n", READY,
		"{\"countersign_recording\":2,\"started_unix_ms\":0}\n",
		"{\"countersign_recording\":\"1\"}\n",
		"{\"countersign_recording\":1,\"started_unix_ms\":-1,\"stepped\":"
		"true,"
		"\"continuous\":false,\"fps\":15,\"source\":\"x\"}\n",
		"{\"countersign_recording\":1,\"started_unix_ms\":1,\"stepped\":1,"
		"\"continuous\":false,\"fps\":15,\"source\":\"x\"}\n",
		"{\"countersign_recording\":1,\"started_unix_ms\":1,\"stepped\":"
		"true,"
		"\"continuous\":false,\"fps\":15,\"source\":\"x\",\"currency\":\"EURO\"}\n",
		"{\"countersign_recording\":1,\"started_unix_ms\":1,\"stepped\":"
		"true,"
		"\"continuous\":false,\"fps\":15,\"source\":\"x\",\"amount\":0}\n",
		HEADER "x\n", HEADER "{\"event\":\"end\"}\n", HEADER "{\"event\":7,\"at_ms\":1}\n",
		HEADER "{\"event\":\"end\",\"at_ms\":-1}\n", HEADER FIRST "{\"v\":1"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		memset(&err, 0, sizeof err);
		if (open_text(bad[i]) == ERR_OK) { /* the fault is behind the first event */
			assert_int_not_equal(happens(FIRST), ERR_OK);
			session_read_close(&reader);
		}
		assert_non_null(strstr(err.text, SESSION_FILE));
	}
}

static void refuses_a_header_cut_anywhere(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < strlen(HEADER) - 1; i++) {
		file_write(HEADER, i);
		assert_int_not_equal(session_read_open(&reader, &header, dir, &err), ERR_OK);
	}
}

static void refuses_lines_and_files_without_end(void **state)
{
	size_t len = SESSION_FILE_MAX + 4096;
	char *text = malloc(len);
	size_t at;
	enum err_code rc;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	file_write(text, SESSION_LINE_MAX + 1);
	assert_int_equal(session_read_open(&reader, &header, dir, &err), ERR_TOO_LARGE);
	memcpy(text, HEADER, strlen(HEADER));
	for (at = strlen(HEADER); at + strlen(READY) < len; at += strlen(READY))
		memcpy(text + at, READY, strlen(READY)); /* none of them is compared */
	text[len - 1] = '\n';
	file_write(text, len);
	rc = session_read_open(&reader, &header, dir, &err);
	assert_int_equal(rc, ERR_TOO_LARGE);
	free(text);
}

static void refuses_what_is_no_file(void **state)
{
	char path[SESSION_PATH_MAX];
	char long_name[SESSION_PATH_MAX];

	(void)state;
	assert_int_equal(session_read_open(&reader, &header, "/nowhere", &err), ERR_NOT_FOUND);
	assert_int_equal(session_path(path, dir, SESSION_FILE, NULL), ERR_OK);
	assert_int_equal(mkfifo(path, 0600), 0); /* must not wait for a writer */
	assert_int_equal(session_read_open(&reader, &header, dir, &err), ERR_INVALID);
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_int_equal(session_read_open(&reader, &header, long_name, &err), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_the_header_it_wrote, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			takes_only_a_new_or_empty_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			stops_with_one_word_when_the_disk_is_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_events_are_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_the_first_difference, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			notices_events_that_are_missing_or_too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			live_recordings_are_compared_without_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			knows_when_a_cancellation_is_due, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_headers_that_are_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_a_header_cut_anywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			refuses_lines_and_files_without_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_file, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
