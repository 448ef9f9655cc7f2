/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources that cannot be had, recordings that cannot be written, and stand-ins for a process that
 * was taken over.
 */
#include "tests/lib/scan_process_kit.h"

#include <pty.h>
#include <sched.h>
#include <sys/wait.h>

#include "scanner/codes.h"
#include "scanner/confine.h"
#include "scanner/process.h"

#define NOT_POSSIBLE 77 /* for this user on this machine */

/* No frame was examined yet. */
#define HANG_MS                                                                                    \
	((SCAN_FRAME_TIMEOUT_MS + SCAN_OPEN_TIMEOUT_MS) *                                          \
		(SCAN_SANITIZED ? SCAN_SANITIZED_SLOWER : 1))

/* ---- faults at the start ---- */

static void refused(const char *source, enum err_code code, const char *words)
{
	struct scan_options opt = {.source = source, .stepped = true};
	assert_int_equal(scan_process_new(&p, &opt, &err), code);
	assert_null(p);
	if (!strstr(err.text, words))
		fail_msg("%s: %s", source, err.text);
}

static void names_what_is_wrong_with_a_source(void **state)
{
	(void)state;
	char spec[160];
	refused("", ERR_INVALID, "neither");
	refused("webcam", ERR_INVALID, "neither");
	refused("video0", ERR_INVALID, "did you mean /dev/video0?");
	refused("replay:", ERR_INVALID, "needs");
	refused("simulator:", ERR_INVALID, "needs");
	refused("replay:/nonexistent/x", ERR_NOT_FOUND, "/nonexistent/x");
	refused("/dev/null", ERR_UNSUPPORTED, "/dev/null");
	refused("/dev/shm", ERR_INVALID, "neither a recording nor");
	refused("reader:", ERR_INVALID, "reader");
	refused("reader:/nonexistent/reader", ERR_INVALID, "needs a device");
	refused("reader:/dev/null", ERR_UNSUPPORTED, "/dev/null");
	refused("reader:/dev/ttyACM99", ERR_UNSUPPORTED, "leave out --step"); /* not there yet */
	refused("reader:/dev/shm", ERR_INVALID, "/dev/shm");
	snprintf(spec, sizeof spec, "replay:%s", dir);
	refused(spec, ERR_INVALID, "neither a recording nor");
	write_file(in_dir(dir, "x"), "w", span_text("hello"));
	snprintf(spec, sizeof spec, "replay:%s/x", dir);
	refused(spec, ERR_INVALID, "neither mjpeg nor y4m");
	write_file(in_dir(dir, "x"), "w", span_text("YUV4MPEG2 W100000 H1\n"));
	refused(spec, ERR_INVALID, "100000 x 1");
	char *longer = malloc(SCAN_SOURCE_MAX + 10);
	assert_non_null(longer);
	memset(longer, 'a', SCAN_SOURCE_MAX + 9);
	longer[SCAN_SOURCE_MAX + 9] = '\0';
	refused(longer, ERR_INVALID, "characters");
	free(longer);
}

static void names_a_program_or_folder_that_is_missing(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true),
		.program = "/nonexistent/scanner"};
	assert_int_equal(scan_process_new(&p, &opt, &err), ERR_NOT_FOUND);
	opt.program = "/bin/true"; /* says nothing and ends */
	assert_int_equal(scan_process_new(&p, &opt, &err), ERR_IO);
	opt.program = NULL;
	opt.record_dir = "/nonexistent/folder";
	assert_int_equal(scan_process_new(&p, &opt, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "/nonexistent/folder"));
}

static void ends_with_words_when_a_stream_is_damaged(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(2, "a.y4m", false), .stepped = true};
	struct scan_msg m;
	write_file(in_dir(dir, "a.y4m"), "a", span_text("and now something else\n"));
	start(&opt);
	step();
	step();
	scan_process_command(p, SCAN_CMD_STEP, 0);
	m = next_of(SCAN_MSG_FAULT);
	assert_int_equal(m.fatal, 1);
	assert_non_null(strstr(m.fault, "FRAME"));
	assert_false(next(&m));
	assert_int_equal(scan_process_restarts(p), 0);
}

static void says_that_nobody_writes_to_a_named_pipe(void **state)
{
	(void)state;
	static char spec[160];
	struct scan_options opt = {.source = spec};
	struct scan_msg m;
	put_recording(2, "a.mjpeg", true);
	assert_int_equal(mkfifo(in_dir(dir, "frames"), 0600), 0);
	snprintf(spec, sizeof spec, "replay:%s", in_dir(dir, "frames"));
	start(&opt);
	next_of(SCAN_MSG_HELLO);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_FAULT);
	assert_int_equal(m.fatal, 0);
	assert_string_equal(m.fault,
		in_dir(dir, "frames: waiting for somebody to write to it"));
	int writer = open(in_dir(dir, "frames"), O_WRONLY);
	struct span s = read_file(in_dir(dir, "a.mjpeg"));
	assert_int_equal(write(writer, s.data, s.len), (ssize_t)s.len);
	drop(s);
	close(writer);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(next(&m));
		shows(&m, i);
	}
	next_of(SCAN_MSG_END);
	assert_int_equal(scan_process_restarts(p), 0);
}

static void reads_on_when_the_recording_cannot_be_written(void **state)
{
	(void)state;
	char record[64];
	snprintf(record, sizeof record, "%s", test_dir());
	struct scan_options opt = {.source = put_recording(3, "a.mjpeg", true), .stepped = true,
		.record_dir = record};
	start(&opt);
	remove_dir(record); /* the folder goes away before the first frame */
	scan_process_command(p, SCAN_CMD_STEP, 0);
	struct scan_msg m = next_of(SCAN_MSG_RECORD_FAULT);
	assert_non_null(strstr(m.fault, "recording stopped"));
	m = next_of(SCAN_MSG_FRAME);
	shows(&m, 0);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	assert_true(next(&m)); /* told once */
	shows(&m, 1);
}

/* As the first process of a container does: its children's parent is process 1. */
static int is_first(const struct scan_options *opt)
{
	if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return NOT_POSSIBLE;
	pid_t first = fork();
	int status = 0;
	if (first == 0) {
		if (getpid() != 1 || scan_process_new(&p, opt, &err))
			_exit(1);
		scan_process_free(&p);
		_exit(0);
	}
	return first > 0 && waitpid(first, &status, 0) == first ? status : 1;
}

static void works_where_the_terminal_is_the_first_process(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true), .stepped = true};
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int how = is_first(&opt);
		_exit(how == NOT_POSSIBLE ? NOT_POSSIBLE : how != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_POSSIBLE)
		skip(); /* neither root nor name spaces for everybody */
	assert_int_equal(status, 0);
}

/* ---- a process that was taken over ---- */

/* A scanner that says hello, with words in it, and then sends what is given. */
static const char *put_impostor(const char *head, const char *words)
{
	char script[1024];
	const char *path = in_dir(dir, "scanner");
	struct scan_msg hello;
	scan_msg_init(&hello, SCAN_MSG_HELLO);
	scan_msg_set_fault(&hello, head);
	write_file(in_dir(dir, "hello"), "w", SPAN(&hello, sizeof hello));
	/* dd writes each message as one packet. */
	snprintf(script, sizeof script,
		"#!/bin/sh\nPATH=/usr/bin:/bin\n"
		"hello() { dd if=%s/hello bs=%zu >&3 2>/dev/null; }\n"
		"[ -e %s/no_hello ] || hello\n%s\nexec sleep 60\n",
		dir, sizeof hello, dir, words);
	write_file(path, "w", span_text(script));
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

/* In the scanner's place, in every life again. */
static void start_impostor(const char *words, bool all_symbologies)
{
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true),
		.stepped = true,
		.all_symbologies = all_symbologies,
		.program = put_impostor("", words)};
	start(&opt);
}

static void is_killed(void)
{
	bool got = true;
	struct scan_msg m;
	enum err_code code = ERR_OK;
	pid_t pid = scan_process_pid(p);
	int64_t end_ms = now_ms() + 5000;
	while (code == ERR_OK && now_ms() < end_ms) {
		code = scan_process_next(p, &m, &got, now_ms(), &err);
		pid = code == ERR_OK && scan_process_pid(p) ? scan_process_pid(p) : pid;
		poll(NULL, 0, 2);
	}
	assert_int_equal(code, ERR_PROTOCOL);
	assert_false(got);
	assert_int_equal(kill(pid, 0), -1);
}

static void is_killed_for(const char *words)
{
	start_impostor(words, false);
	is_killed();
	scan_process_free(&p);
}

static const char *message_file(const char *name, const struct scan_msg *m, size_t len)
{
	static char command[200];
	write_file(in_dir(dir, name), "w", SPAN(m, len));
	snprintf(command, sizeof command, "dd if=%s/%s bs=%zu >&3 2>/dev/null", dir, name, len);
	return command;
}

static void kills_a_process_that_sends_nonsense(void **state)
{
	(void)state;
	struct scan_msg m;
	is_killed_for("echo hello >&3");
	scan_msg_init(&m, SCAN_MSG_END);
	is_killed_for(message_file("m", &m, sizeof m - 1));
	m.version = 7;
	is_killed_for(message_file("m", &m, sizeof m));
	scan_msg_init(&m, SCAN_MSG_FRAME);
	is_killed_for(message_file("m", &m, sizeof m)); /* a frame without a step */
	m.code_count = 200;
	is_killed_for(message_file("m", &m, sizeof m));
	scan_msg_init(&m, SCAN_MSG_ALIVE);
	m.frame = 9;
	is_killed_for(message_file("m", &m, sizeof m)); /* a frame that is not the next */
}

static const char *message_of(enum scan_msg_kind kind)
{
	struct scan_msg m;
	scan_msg_init(&m, kind);
	return message_file("m", &m, sizeof m);
}

static void kills_a_process_that_tells_of_a_recording_that_nobody_makes(void **state)
{
	(void)state;
	is_killed_for(message_of(SCAN_MSG_RECORD_FAULT));
}

/* In its first life it opened the source; all that follows must begin with a hello, too. */
static void kills_a_process_that_says_no_hello(void **state)
{
	static const enum scan_msg_kind kinds[] = {SCAN_MSG_END, SCAN_MSG_ALIVE, SCAN_MSG_PREVIEW,
		SCAN_MSG_FRAME};
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char words[400];
		snprintf(words, sizeof words, "[ -e %s/no_hello ] || { touch %s/no_hello; exit 1; }"
			"\n%s", dir, dir, message_of(kinds[i]));
		start_impostor(words, false);
		scan_process_command(p, SCAN_CMD_STEP, 0);
		is_killed();
		assert_int_equal(scan_process_restarts(p), 1);
		scan_process_free(&p);
		unlink(in_dir(dir, "no_hello"));
	}
}

static void start_on_reader(int *far_end, const char *head, const char *words)
{
	static char spec[96];
	int near_end;
	char name[64];
	assert_int_equal(openpty(far_end, &near_end, name, NULL, NULL), 0);
	close(near_end);
	snprintf(spec, sizeof spec, "reader:%s", name);
	struct scan_options opt = {.source = spec, .program = put_impostor(head, words)};
	start(&opt);
}

/* The end would be the end of the terminal's work: a device only goes away, and comes again. */
static void kills_a_process_that_says_that_a_device_has_ended(void **state)
{
	(void)state;
	int far_end;
	start_on_reader(&far_end, "", message_of(SCAN_MSG_END));
	is_killed();
	scan_process_free(&p);
	close(far_end);
}

/* Whose header says what it is: of a device the terminal knows that itself. */
static void believes_no_header_of_a_device(void **state)
{
	(void)state;
	int far_end;
	start_on_reader(&far_end, SCAN_CODES_HEAD, "hello");
	next_of(SCAN_MSG_HELLO);
	next_of(SCAN_MSG_HELLO);
	assert_string_equal(p->head, "");
	scan_process_free(&p);
	close(far_end);
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true),
		.stepped = true,
		.program = put_impostor(SCAN_CODES_HEAD, "")};
	start(&opt);
	assert_true(scan_process_is_reader(p));
}

static void gives_up_a_file_that_cannot_be_opened_again(void **state)
{
	(void)state;
	struct scan_msg m;
	start_impostor("exit 1", false);
	write_file(in_dir(dir, "scanner2"), "w", span_text("#!/bin/sh\nexit 1\n"));
	chmod(in_dir(dir, "scanner2"), 0700);
	assert_int_equal(rename(in_dir(dir, "scanner2"), in_dir(dir, "scanner")), 0);
	bool fatal = false;
	while (next(&m))
		fatal |= m.kind == SCAN_MSG_FAULT && m.fatal;
	assert_true(fatal);
}

static void passes_over_a_frame_that_kills_twice(void **state)
{
	(void)state;
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_ALIVE);
	m.code_count = 1; /* it has frame 0 and dies of it, in every life */
	char words[300];
	snprintf(words, sizeof words, "%s; exit 1", message_file("m", &m, sizeof m));
	start_impostor(words, false);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	m = next_of(SCAN_MSG_FRAME);
	assert_int_equal(m.frame, 0);
	assert_int_equal(m.code_count, 0);
	assert_int_equal(scan_process_restarts(p), SCAN_SAME_FRAME_DEATHS - 1);
}

/* It dies wherever it is asked for other codes than QR, and says hello for ever where it is not. */
static void goes_on_without_codes_that_kill_it(void **state)
{
	(void)state;
	bool got, told = false;
	struct scan_msg m;
	start_impostor("case \"$*\" in *--all-symbologies*) exit 1;; esac", true);
	assert_false(scan_process_lost_symbologies(p));
	int64_t from = now_ms();
	while (!told && now_ms() - from < 20000) {
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		told = got && m.kind == SCAN_MSG_FAULT && strstr(m.fault, "other than QR");
		poll(NULL, 0, 2);
	}
	assert_true(told);
	assert_true(scan_process_lost_symbologies(p));
	assert_int_equal(scan_process_restarts(p), SCAN_SYMBOLOGIES_DEATHS - 1);
	m = next_of(SCAN_MSG_HELLO);
	pid_t pid = scan_process_pid(p);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		poll(NULL, 0, 5);
	}
	assert_int_equal(scan_process_pid(p), pid);
}

static void restarts_after_pauses_that_double(void **state)
{
	(void)state;
	bool got;
	struct scan_msg m;
	start_impostor("exit 1", false);
	int64_t from = now_ms();
	while (now_ms() - from < 1400) {
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		poll(NULL, 0, 2);
	}
	assert_in_range(scan_process_restarts(p), 2, 3); /* at 100, 300, 700 and 1500 ms */
}

static void kills_a_process_that_only_burns_time(void **state)
{
	(void)state;
	bool got;
	struct scan_msg m;
	int64_t from = now_ms(), burnt_ms = 0; /* its birth counts, not its hello */
	start_impostor("while :; do :; done", false);
	pid_t pid = scan_process_pid(p);
	while (scan_process_pid(p) == pid && now_ms() - from < 10000) {
		clockid_t id;
		struct timespec t;
		if (!clock_getcpuclockid(pid, &id) && !clock_gettime(id, &t))
			burnt_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		poll(NULL, 0, 20);
	}
	int64_t longest = HANG_MS > SCAN_SILENCE_MAX_MS ? HANG_MS : SCAN_SILENCE_MAX_MS;
	assert_in_range(now_ms() - from, HANG_MS, longest + 2000);
	assert_true(burnt_ms < HANG_MS + 500); /* not only because it was silent */
	assert_int_equal(kill(pid, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(names_what_is_wrong_with_a_source),
		CASE(names_a_program_or_folder_that_is_missing),
		CASE(ends_with_words_when_a_stream_is_damaged),
		CASE(says_that_nobody_writes_to_a_named_pipe),
		CASE(works_where_the_terminal_is_the_first_process),
		CASE(reads_on_when_the_recording_cannot_be_written),
		CASE(kills_a_process_that_sends_nonsense),
		CASE(kills_a_process_that_tells_of_a_recording_that_nobody_makes),
		CASE(kills_a_process_that_says_no_hello),
		CASE(kills_a_process_that_says_that_a_device_has_ended),
		CASE(believes_no_header_of_a_device),
		CASE(passes_over_a_frame_that_kills_twice),
		CASE(goes_on_without_codes_that_kill_it),
		CASE(restarts_after_pauses_that_double),
		CASE(kills_a_process_that_only_burns_time),
		CASE(gives_up_a_file_that_cannot_be_opened_again),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
