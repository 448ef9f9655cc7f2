/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs of the configuration: what one gets and does not get, and that none of them, whatever it
 * does, holds up or outlives whoever started it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "tests/lib/folder.h"
#include "ui/runner.h"

#define LIMIT_MS 60000 /* of time that the tests turn by hand */
#define PATIENCE 2500  /* turns of 2 ms */
#define ENDS_MAX 32

static struct runner runner;
static struct runner_command command;
static struct {
	uint32_t id;
	enum runner_ending ending;
	char words[RUNNER_WORDS_OF_FAULT_MAX];
} ends[ENDS_MAX];
static int end_count;
static int64_t now_ms;

static void on_end(void *ctx, const struct runner_end *end)
{
	(void)ctx;
	assert_true(end_count < ENDS_MAX);
	ends[end_count].id = end->id;
	ends[end_count].ending = end->ending;
	snprintf(ends[end_count++].words, sizeof ends[0].words, "%s", end->words);
}

static int set_up(void **state)
{
	const struct runner_options opt = {.area = "test", .limit_ms = LIMIT_MS, .ended = on_end};

	if (folder_set_up(state) != 0 || chdir(folder_path) != 0)
		return -1;
	log_set_fd(-1);
	end_count = 0;
	now_ms = 1000;
	runner_init(&runner, &opt);
	return 0;
}

static int tear_down(void **state)
{
	runner_done(&runner);
	return chdir("/") == 0 ? folder_tear_down(state) : -1;
}

static void parse(const char *line)
{
	struct err err = {0};

	if (runner_command_parse(&command, line, NULL, &err) != ERR_OK)
		fail_msg("%s: %s", line, err.text);
}

static uint32_t run_text(const char *line, struct span text)
{
	const struct runner_job job = {.command = &command, .text = text};
	uint32_t id = 0;

	parse(line);
	assert_int_equal(runner_run(&runner, &id, &job, NULL), ERR_OK);
	return id;
}

static uint32_t run(const char *line)
{
	return run_text(line, SPAN(NULL, 0));
}

static void turn(void)
{
	const struct timespec pause = {.tv_nsec = 2000000};

	nanosleep(&pause, NULL);
	runner_tick(&runner, now_ms);
}

static void until_ends(int count)
{
	for (int i = 0; i < PATIENCE && end_count < count; i++)
		turn();
	assert_int_equal(end_count, count);
}

static void run_well(const char *line)
{
	run(line);
	until_ends(1);
	if (ends[0].ending != RUNNER_WELL)
		fail_msg("%s: %s", line, ends[0].words);
}

static const char *content(const char *name)
{
	static char text[RUNNER_TEXT_MAX + 1];
	struct bytes out;

	bytes_init_fixed(&out, text, sizeof text - 1);
	if (file_read(&out, name, false, NULL) != ERR_OK)
		return "(none)";
	text[out.len] = '\0';
	return text;
}

/* A line of it was written whole. */
static const char *content_wait(const char *name)
{
	for (int i = 0; i < PATIENCE && strchr(content(name), '\n') == NULL; i++)
		turn();
	return content(name);
}

static bool is_alive(pid_t pid)
{
	char name[64];

	snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
	return access(name, F_OK) == 0 && strstr(content(name), ") Z ") == NULL;
}

static void until_gone(pid_t pid)
{
	for (int i = 0; i < PATIENCE && is_alive(pid); i++)
		turn();
	assert_false(is_alive(pid));
}

/* ---- what a program gets ---- */

static void gives_words_as_they_are(void **state)
{
	(void)state;
	run_well("sh -c 'printf \"%s|\" \"$@\" >out' x 'a b' '$HOME' '' '*' \"it's\"");
	assert_string_equal(content("out"), "a b|$HOME||*|it's|");
}

static void gives_the_text_on_standard_input(void **state)
{
	(void)state;
	run_text("sh -c 'cat >out'", span_text("一 two\nthree"));
	until_ends(1);
	assert_string_equal(content("out"), "一 two\nthree");
}

/* More than a pipe holds, to a program that never reads, and to one that reads all. */
static void gives_a_long_text_without_waiting(void **state)
{
	static char text[RUNNER_TEXT_MAX + 1];
	const struct runner_job job = {.command = &command, .text = SPAN(text, sizeof text)};

	(void)state;
	memset(text, 'x', sizeof text);
	run_text("true", SPAN(text, RUNNER_TEXT_MAX));
	assert_int_equal(runner_run(&runner, NULL, &job, NULL), ERR_TOO_LARGE);
	until_ends(1);
	assert_int_equal(ends[0].ending, RUNNER_WELL);
	run_text("sh -c 'wc -c >out'", SPAN(text, RUNNER_TEXT_MAX));
	until_ends(2);
	assert_int_equal(strtol(content("out"), NULL, 10), RUNNER_TEXT_MAX);
}

static void puts_in_the_callers_names_only(void **state)
{
	static const char *const names[] = {"language", "tone", NULL};
	const struct runner_job job = {
		.command = &command,
		.values = {{"language", "zh; rm -rf '"}, {"tone", "{language}"}},
	};
	struct runner_job longer = job;
	char value[RUNNER_VALUE_MAX + 1];

	(void)state;
	assert_int_equal(runner_command_parse(&command,
				 "sh -c 'printf \"%s|\" \"$@\" >out' x -v {language} "
				 "a{tone}b{language} {x",
				 names, NULL),
		ERR_OK);
	assert_int_equal(runner_run(&runner, NULL, &job, NULL), ERR_OK);
	until_ends(1);
	assert_string_equal(content("out"), "-v|zh; rm -rf '|a{language}bzh; rm -rf '|{x|");
	memset(value, 'a', sizeof value);
	value[RUNNER_VALUE_MAX] = '\0';
	longer.values[0].value = value;
	assert_int_equal(runner_run(&runner, NULL, &longer, NULL), ERR_TOO_LARGE);
}

/* Not the files of this process, and standard input cannot be written to. */
static void has_no_file_of_ours(void **state)
{
	int left_open;

	(void)state;
	left_open = open("/dev/null", O_RDONLY);
	assert_true(left_open >= 0);
	assert_true(dup2(left_open, 77) == 77);
	run_well("sh -c 'ls /proc/self/fd >out'");
	close(left_open);
	close(77);
	assert_string_equal(content("out"), "0\n1\n2\n3\n"); /* 3 is that of ls */
}

static void has_no_terminal_and_its_own_session(void **state)
{
	int session = 0, terminal = 0, group = 0;
	char text[16];

	(void)state;
	run_well("sh -c 'echo $$ >pid; cut -d\" \" -f5,6,7 /proc/$$/stat >out'");
	assert_int_equal(sscanf(content("out"), "%d %d %d", &group, &session, &terminal), 3);
	snprintf(text, sizeof text, "%d\n", session);
	assert_string_equal(content("pid"), text);
	assert_int_equal(group, session);
	assert_int_equal(terminal, 0);
	assert_int_not_equal(session, getsid(0));
}

static void has_signals_as_at_a_login(void **state)
{
	unsigned long long blocked = 1, ignored = 1;
	sigset_t set, old;

	(void)state;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	run("sh -c 'grep -E \"Sig(Blk|Ign)\" /proc/self/status >out'");
	until_ends(1);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_int_equal(
		sscanf(content("out"), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & 0x7fffffff, 0); /* 32 and 33 are the C library's own */
}

/* ---- what it comes to ---- */

static void tells_the_first_line_of_a_failure(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{"sh -c 'echo; echo no paper >&2; echo more >&2; exit 3'",
			"the program failed with status 3: no paper"},
		{"false", "the program failed with status 1"},
		{"sh -c 'kill -9 $$'", "the program was ended by signal 9"},
		{"no-such-program-here", "no-such-program-here: No such file or directory"},
		{"/tmp", "/tmp: Permission denied"},
		{"sh -c 'printf \"\\033[2Jx\" >&2; exit 1'",
			"the program failed with status 1: \xef\xbf\xbd[2Jx"},
		/* more than there is room for: its writes fail, and nothing grows */
		{"sh -c 'yes no >&2'", "the program failed with status 1: no"},
	};

	(void)state;
	for (int i = 0; i < (int)(sizeof rows / sizeof rows[0]); i++) {
		run(rows[i].line);
		until_ends(i + 1);
		assert_int_equal(ends[i].ending, RUNNER_FAILED);
		assert_string_equal(ends[i].words, rows[i].words);
	}
}

static void logs_a_fault_that_repeats_once(void **state)
{
	int fd = open("log", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	const char *first;

	(void)state;
	log_set_fd(fd);
	for (int i = 0; i < 3; i++) {
		run("false");
		until_ends(i + 1);
	}
	run("true");
	until_ends(4);
	log_set_fd(-1);
	close(fd);
	first = strstr(content("log"), "the program failed with status 1");
	assert_non_null(first);
	assert_null(strstr(first + 1, "the program failed"));
	assert_non_null(strstr(first, "the program runs again"));
}

static void runs_one_after_another(void **state)
{
	uint32_t first = run("sh -c 'cat >>out; sleep 0.02; echo ends >>out'");
	uint32_t second = run("sh -c 'cat >>out; sleep 0.02; echo ends >>out'");

	(void)state;
	assert_int_not_equal(first, second);
	assert_true(runner_is_busy(&runner));
	assert_int_equal(runner_next_ms(&runner), 0); /* it wants to be started */
	until_ends(2);
	assert_int_equal(ends[0].id, first);
	assert_int_equal(ends[1].id, second);
	assert_string_equal(content("out"), "ends\nends\n");
	assert_false(runner_is_busy(&runner));
	assert_true(runner_next_ms(&runner) == INT64_MAX);
}

static void the_queue_is_bounded(void **state)
{
	const struct runner_job job = {.command = &command};
	struct err err;

	(void)state;
	parse("sleep 1000");
	for (int i = 0; i <= RUNNER_QUEUE_MAX; i++) {
		assert_int_equal(runner_run(&runner, NULL, &job, NULL), ERR_OK);
		runner_tick(&runner, now_ms); /* the first one runs */
	}
	assert_int_equal(runner_run(&runner, NULL, &job, &err), ERR_BUSY);
	runner_drop(&runner, now_ms);
	assert_int_equal(end_count, RUNNER_QUEUE_MAX);
	until_ends(RUNNER_QUEUE_MAX + 1);
	for (int i = 0; i < end_count; i++)
		assert_int_equal(ends[i].ending, RUNNER_DROPPED);
	assert_false(runner_is_busy(&runner));
}

static void what_comes_after_a_drop_runs(void **state)
{
	pid_t old;

	(void)state;
	run("sleep 1000");
	runner_tick(&runner, now_ms);
	old = runner.pid;
	assert_true(is_alive(old));
	runner_drop(&runner, now_ms);
	runner_drop(&runner, now_ms); /* twice is harmless */
	run("true");
	until_ends(2);
	assert_int_equal(ends[0].ending, RUNNER_DROPPED);
	assert_int_equal(ends[1].ending, RUNNER_WELL);
	until_gone(old);
}

/* ---- time ---- */

static pid_t grandchild(void)
{
	return (pid_t)strtol(content_wait("pid"), NULL, 10);
}

static void ends_whoever_takes_too_long_with_its_children(void **state)
{
	pid_t child;

	(void)state;
	run("sh -c 'sleep 1000 & echo $! >pid; wait'");
	runner_tick(&runner, now_ms);
	child = grandchild();
	assert_true(is_alive(child));
	assert_int_equal(runner_next_ms(&runner), now_ms + LIMIT_MS);
	now_ms += LIMIT_MS - 1;
	runner_tick(&runner, now_ms);
	assert_int_equal(end_count, 0);
	now_ms += 1;
	until_ends(1);
	assert_int_equal(ends[0].ending, RUNNER_TOO_LONG);
	assert_non_null(strstr(ends[0].words, "took too long"));
	until_gone(child);
}

static void kills_whoever_does_not_end(void **state)
{
	(void)state;
	run("sh -c 'trap \"\" TERM; echo 1 >pid; while :; do sleep 1000; done'");
	runner_tick(&runner, now_ms);
	grandchild();
	now_ms += LIMIT_MS;
	for (int i = 0; i < 20; i++)
		turn();
	assert_int_equal(end_count, 0); /* asked, but deaf */
	now_ms = runner_next_ms(&runner);
	until_ends(1);
	assert_int_equal(ends[0].ending, RUNNER_TOO_LONG);
}

static void leaves_nothing_behind(void **state)
{
	pid_t child;

	(void)state;
	run("sh -c 'sleep 1000 & echo $! >pid'");
	runner_tick(&runner, now_ms);
	child = grandchild();
	until_ends(1);
	assert_int_equal(ends[0].ending, RUNNER_WELL);
	until_gone(child);
}

static void a_job_may_have_its_own_limit(void **state)
{
	const struct runner_job job = {.command = &command, .limit_ms = 5};

	(void)state;
	parse("sleep 1000");
	assert_int_equal(runner_run(&runner, NULL, &job, NULL), ERR_OK);
	runner_tick(&runner, now_ms);
	assert_int_equal(runner_next_ms(&runner), now_ms + 5);
}

/* ---- the end ---- */

static void nothing_is_left_running_at_the_end(void **state)
{
	pid_t pid;

	(void)state;
	run("sh -c 'trap \"\" TERM; sleep 1000; sleep 1000'");
	run("true");
	runner_tick(&runner, now_ms);
	pid = runner.pid;
	runner_done(&runner);
	assert_int_equal(end_count, 2);
	assert_int_equal(ends[0].ending, RUNNER_DROPPED);
	assert_int_equal(ends[1].ending, RUNNER_DROPPED);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1); /* reaped */
	assert_int_equal(errno, ECHILD);
	runner_done(&runner); /* twice is harmless */
}

static void a_receipt_is_finished_at_the_end(void **state)
{
	const struct runner_options opt = {.area = "test", .limit_ms = LIMIT_MS, .outlives = true};
	pid_t pid;
	int status = 0;

	(void)state;
	runner_init(&runner, &opt);
	run_text("sh -c 'sleep 0.05; cat >out'", span_text("whole\n"));
	runner_tick(&runner, now_ms);
	pid = runner.pid;
	runner_done(&runner);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(content("out"), "whole\n");
}

static void rerun(void *ctx, const struct runner_end *end)
{
	const struct runner_job job = {.command = &command};

	(void)end;
	if (++*(int *)ctx < 3)
		assert_int_equal(runner_run(&runner, NULL, &job, NULL), ERR_OK);
}

static void whoever_is_told_may_run_another(void **state)
{
	int count = 0;
	const struct runner_options opt = {
		.area = "test", .limit_ms = LIMIT_MS, .ended = rerun, .ctx = &count};

	(void)state;
	runner_init(&runner, &opt);
	run("no-such-program-here");
	for (int i = 0; i < PATIENCE && count < 3; i++)
		turn();
	assert_int_equal(count, 3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(gives_words_as_they_are),
		CASE(gives_the_text_on_standard_input),
		CASE(gives_a_long_text_without_waiting),
		CASE(puts_in_the_callers_names_only),
		CASE(has_no_file_of_ours),
		CASE(has_no_terminal_and_its_own_session),
		CASE(has_signals_as_at_a_login),
		CASE(tells_the_first_line_of_a_failure),
		CASE(logs_a_fault_that_repeats_once),
		CASE(runs_one_after_another),
		CASE(the_queue_is_bounded),
		CASE(what_comes_after_a_drop_runs),
		CASE(ends_whoever_takes_too_long_with_its_children),
		CASE(kills_whoever_does_not_end),
		CASE(leaves_nothing_behind),
		CASE(a_job_may_have_its_own_limit),
		CASE(nothing_is_left_running_at_the_end),
		CASE(a_receipt_is_finished_at_the_end),
		CASE(whoever_is_told_may_run_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
