/* SPDX-License-Identifier: Apache-2.0
 *
 * The real countersign-scanner beside this program, and stand-ins for one that was taken over.
 */
#include "tests/lib/scan_pictures.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "scanner/message.h"

static char dir[64];
static struct scan_process *p;
static struct scan_grey grey;
static struct err err;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", test_dir());
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_process_free(&p);
	scan_grey_done(&grey);
	remove_dir(dir);
	return 0;
}

/* Frame i of `frames` shows the text "FRAME i". Returns the specification. */
static const char *put_recording(unsigned frames, const char *file, bool jpeg)
{
	static char spec[160];
	const char *path = in_dir(dir, file);
	if (!jpeg)
		write_file(path, "w", span_text("YUV4MPEG2 W160 H120 F10:1 Cmono\n"));
	for (unsigned i = 0; i < frames; i++) {
		char text[32];
		snprintf(text, sizeof text, "FRAME %u", i);
		struct placed code = {.text = text, .x = 80, .y = 60, .module = 3, .dark = 10,
			.light = 240};
		grey_fill(&grey, 160, 120, 200);
		draw_code(&grey, &code);
		if (jpeg) {
			struct span s = make_jpeg(&grey, 80);
			write_file(path, i ? "a" : "w", s);
			drop(s);
		} else {
			write_file(path, "a", span_text("FRAME\n"));
			write_file(path, "a", SPAN(grey.pixels, 160 * 120));
		}
	}
	snprintf(spec, sizeof spec, "replay:%s", path);
	return spec;
}

static void start(const struct scan_options *opt)
{
	enum err_code code = scan_process_new(&p, opt, &err);
	if (code)
		print_message("# %s\n", err.text);
	assert_int_equal(code, ERR_OK);
}

/* The next message; false when the source has ended. */
static bool next(struct scan_msg *m)
{
	int64_t end_ms = now_ms() + 20000;
	for (;;) {
		bool got;
		enum err_code code = scan_process_next(p, m, &got, now_ms(), &err);
		if (code == ERR_CLOSED)
			return false;
		if (got) {
			assert_int_equal(scan_msg_check(m, sizeof *m, &err), ERR_OK);
			assert_int_not_equal(m->kind, SCAN_MSG_ALIVE);
			return true;
		}
		assert_true(code == ERR_OK || code == ERR_PROTOCOL);
		assert_true(now_ms() < end_ms);
		struct pollfd pfd = {.fd = scan_process_fd(p), .events = POLLIN};
		int64_t wait = scan_process_next_ms(p) - now_ms();
		poll(&pfd, 1, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait);
	}
}

static struct scan_msg next_of(enum scan_msg_kind kind)
{
	struct scan_msg m;
	do {
		assert_true(next(&m));
	} while (m.kind != kind);
	return m;
}

static void shows(const struct scan_msg *m, unsigned number)
{
	char text[32];
	snprintf(text, sizeof text, "FRAME %u", number);
	assert_int_equal(m->frame, number);
	assert_int_equal(m->code_count, 1);
	assert_int_equal(m->codes[0].text_len, strlen(text));
	assert_memory_equal(m->codes[0].text, text, strlen(text));
}

static struct scan_msg step(void)
{
	scan_process_command(p, SCAN_CMD_STEP, 0);
	return next_of(SCAN_MSG_FRAME);
}

/* ---- stepped ---- */

static void answers_each_step_with_one_frame(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(5, "a.mjpeg", true), .stepped = true,
		.fps = 20};
	struct scan_msg m;
	bool got;
	start(&opt);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_HELLO);
	poll(NULL, 0, 50);
	assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
	assert_false(got); /* nothing without a step */
	for (unsigned i = 0; i < 5; i++) {
		m = step();
		shows(&m, i);
		assert_int_equal(m.at_ms, i * 50);
		assert_int_equal(m.width, 160);
		assert_true(m.decode_us > 0);
	}
	scan_process_command(p, SCAN_CMD_STEP, 0);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_END);
	assert_int_equal(m.frame, 5);
	assert_false(next(&m));
	assert_false(next(&m));
	assert_int_equal(scan_process_restarts(p), 0);
}

static void takes_the_rate_of_the_stream(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(3, "a.y4m", false), .stepped = true};
	start(&opt);
	struct scan_msg m = next_of(SCAN_MSG_HELLO);
	assert_int_equal(m.width, 160);
	assert_int_equal(m.height, 120);
	step();
	m = step();
	assert_int_equal(m.at_ms, 100);
}

static void answers_steps_of_unreadable_frames_too(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true), .stepped = true};
	struct span jpeg = read_file(in_dir(dir, "a.mjpeg"));
	const char *path = in_dir(dir, "a.mjpeg");
	write_file(path, "a", SPAN("\xff\xd8\xff\xd9", 4));
	write_file(path, "a", SPAN("\xff\xd8\xff\xd9", 4));
	write_file(path, "a", jpeg);
	write_file(path, "a", SPAN(jpeg.data, jpeg.len / 4)); /* cut: the rest is grey */
	start(&opt);
	struct scan_msg m = step();
	shows(&m, 0);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_FAULT);
	assert_int_equal(m.fatal, 0);
	assert_int_equal(m.frame, 1);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_FRAME);
	assert_int_equal(m.frame, 1);
	assert_int_equal(m.width, 0);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	assert_true(next(&m)); /* the same fault is not told twice */
	assert_int_equal(m.kind, SCAN_MSG_FRAME);
	assert_int_equal(m.frame, 2);
	m = step();
	assert_int_equal(m.frame, 3);
	assert_int_equal(m.code_count, 1);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_FAULT);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_FRAME);
	assert_int_equal(m.width, 160);
	drop(jpeg);
}

static void throws_stepped_frames_away_under_pause(void **state)
{
	(void)state;
	char record[64];
	snprintf(record, sizeof record, "%s", test_dir());
	struct scan_options opt = {.source = put_recording(4, "a.mjpeg", true), .stepped = true,
		.record_dir = record};
	start(&opt);
	step();
	scan_process_command(p, SCAN_CMD_PAUSE, 0);
	struct scan_msg m = step();
	assert_int_equal(m.frame, 1);
	assert_int_equal(m.code_count, 0);
	scan_process_command(p, SCAN_CMD_RESUME, 0);
	m = step();
	shows(&m, 2);
	scan_process_free(&p);
	struct span s = read_file(in_dir(record, "times"));
	assert_int_equal(s.len, 6);
	assert_memory_equal(s.data, "0\n133\n", 6);
	drop(s);
	remove_dir(record);
}

static void sends_previews_when_asked(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(6, "a.mjpeg", true), .stepped = true,
		.fps = 20};
	start(&opt);
	scan_process_command(p, SCAN_CMD_PREVIEW, 1);
	unsigned previews = 0;
	struct scan_msg m;
	for (int i = 0; i < 6; i++)
		scan_process_command(p, SCAN_CMD_STEP, 0);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	while (next(&m)) {
		if (m.kind != SCAN_MSG_PREVIEW)
			continue;
		previews++;
		assert_int_equal(m.width, 160);
		assert_in_range(m.preview[0][0], 195, 205); /* the ground */
	}
	assert_int_equal(previews, 3); /* at 0, 100 and 200 ms */
}

/* ---- live ---- */

static void plays_a_file_at_its_own_speed(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(6, "a.mjpeg", true), .fps = 20};
	int64_t start_ms = now_ms();
	struct scan_msg m;
	unsigned frames = 0;
	start(&opt);
	while (next(&m))
		frames += m.kind == SCAN_MSG_FRAME;
	assert_int_equal(frames, 6);
	assert_in_range(now_ms() - start_ms, 240, 5000);
}

static void stops_a_file_while_paused(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(6, "a.mjpeg", true), .fps = 50};
	start(&opt);
	struct scan_msg m = next_of(SCAN_MSG_FRAME);
	scan_process_command(p, SCAN_CMD_PAUSE, 0);
	poll(NULL, 0, 300);
	unsigned before = 0;
	bool got;
	while (scan_process_next(p, &m, &got, now_ms(), &err) == ERR_OK && got)
		before += m.kind == SCAN_MSG_FRAME;
	assert_true(before < 5);
	scan_process_command(p, SCAN_CMD_RESUME, 0);
	while (next(&m))
		before += m.kind == SCAN_MSG_FRAME;
	assert_int_equal(before, 5);
}

static void begins_again_with_loop(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(2, "a.mjpeg", true), .stepped = true,
		.loop = true, .fps = 10};
	start(&opt);
	for (unsigned i = 0; i < 7; i++) {
		struct scan_msg m = step();
		assert_int_equal(m.frame, i);
		assert_int_equal(m.code_count, 1);
		assert_int_equal(m.codes[0].text[6], '0' + i % 2);
	}
}

/* ---- deaths ---- */

static void goes_on_behind_the_last_frame_after_a_kill(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(12, "a.mjpeg", true), .stepped = true};
	start(&opt);
	unsigned told = 0;
	for (unsigned i = 0; i < 12; i++) {
		if (i % 4 == 2)
			assert_int_equal(kill(scan_process_pid(p), SIGKILL), 0);
		scan_process_command(p, SCAN_CMD_STEP, 0);
		struct scan_msg m;
		do {
			assert_true(next(&m));
			told += m.kind == SCAN_MSG_FAULT && strstr(m.fault, "signal 9");
		} while (m.kind != SCAN_MSG_FRAME);
		shows(&m, i);
	}
	assert_int_equal(scan_process_restarts(p), 3);
	assert_int_equal(told, 3);
}

static void loses_nothing_of_a_live_file_over_many_kills(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(30, "a.y4m", false), .fps = 100};
	struct scan_msg m;
	unsigned frames = 0;
	int64_t last = -1;
	start(&opt);
	while (next(&m)) {
		assert_true(m.at_ms >= last);
		last = m.at_ms;
		if (m.kind != SCAN_MSG_FRAME)
			continue;
		shows(&m, frames++);
		if (frames % 10 == 5)
			kill(scan_process_pid(p), SIGKILL);
	}
	assert_int_equal(frames, 30);
	assert_int_equal(scan_process_restarts(p), 3);
}

static void restarts_a_process_that_hangs(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(3, "a.mjpeg", true), .stepped = true};
	start(&opt);
	step();
	kill(scan_process_pid(p), SIGSTOP);
	int64_t since = now_ms();
	struct scan_msg m = step();
	shows(&m, 1);
	assert_in_range(now_ms() - since, SCAN_FRAME_TIMEOUT_MS, 3 * SCAN_SILENCE_MAX_MS);
	assert_int_equal(scan_process_restarts(p), 1);
}

static void tells_the_new_process_what_the_old_one_knew(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(6, "a.mjpeg", true), .stepped = true};
	start(&opt);
	scan_process_command(p, SCAN_CMD_PREVIEW, 1);
	step();
	scan_process_command(p, SCAN_CMD_PAUSE, 0);
	kill(scan_process_pid(p), SIGKILL);
	struct scan_msg m = step();
	assert_int_equal(m.frame, 1);
	assert_int_equal(m.code_count, 0);
	scan_process_command(p, SCAN_CMD_RESUME, 0);
	m = step();
	shows(&m, 2);
	next_of(SCAN_MSG_PREVIEW);
}

static void leaves_no_process_behind(void **state)
{
	(void)state;
	struct scan_options opt = {.source = put_recording(2, "a.mjpeg", true), .stepped = true};
	start(&opt);
	pid_t pid = scan_process_pid(p);
	scan_process_free(&p);
	assert_null(p);
	assert_int_equal(kill(pid, 0), -1);
}

static void gives_the_process_nothing_but_its_socket(void **state)
{
	(void)state;
	char path[64], name[256];
	int secret = open("/dev/null", O_RDONLY); /* without close-on-exec, as a library may have it */
	struct scan_options opt = {.source = put_recording(2, "a.mjpeg", true), .stepped = true};
	start(&opt);
	unsigned open_files = 0;
	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)scan_process_pid(p), fd);
		open_files += readlink(path, name, sizeof name) > 0;
	}
	if (geteuid() == 0) /* others may not look into it, which is as well */
		assert_int_equal(open_files, 5); /* 0 1 2, the socket, the file */
	close(secret);
	snprintf(path, sizeof path, "/proc/%d/status", (int)scan_process_pid(p));
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	bool no_new_privs = false;
	while (fgets(name, sizeof name, f))
		no_new_privs |= !strcmp(name, "NoNewPrivs:\t1\n");
	fclose(f);
	assert_true(no_new_privs);
}

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
	refused("replay:", ERR_INVALID, "needs");
	refused("simulator:", ERR_INVALID, "needs");
	refused("replay:/nonexistent/x", ERR_NOT_FOUND, "/nonexistent/x");
	refused("/dev/video99", ERR_NOT_FOUND, "/dev/video99");
	refused("/dev/null", ERR_INVALID, "/dev/null");
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

/* ---- a process that was taken over ---- */

/* A scanner in its place that says hello and then sends what is given, again and again. */
static void start_impostor(const char *words)
{
	char script[512];
	const char *path = in_dir(dir, "scanner");
	struct scan_msg hello;
	scan_msg_init(&hello, SCAN_MSG_HELLO);
	write_file(in_dir(dir, "hello"), "w", SPAN(&hello, sizeof hello));
	/* dd writes each message as one packet. */
	snprintf(script, sizeof script,
		"#!/bin/sh\nPATH=/usr/bin:/bin\ndd if=%s/hello bs=%zu >&3 2>/dev/null\n%s\nsleep 60\n",
		dir, sizeof hello, words);
	write_file(path, "w", span_text(script));
	assert_int_equal(chmod(path, 0700), 0);
	struct scan_options opt = {.source = put_recording(1, "a.mjpeg", true),
		.stepped = true,
		.program = path};
	start(&opt);
}

static void is_killed_for(const char *words)
{
	bool got = true;
	struct scan_msg m;
	enum err_code code = ERR_OK;
	start_impostor(words);
	pid_t pid = scan_process_pid(p);
	int64_t end_ms = now_ms() + 5000;
	while (code == ERR_OK && now_ms() < end_ms) {
		code = scan_process_next(p, &m, &got, now_ms(), &err);
		poll(NULL, 0, 2);
	}
	assert_int_equal(code, ERR_PROTOCOL);
	assert_false(got);
	assert_int_equal(kill(pid, 0), -1);
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

static void gives_up_a_file_that_cannot_be_opened_again(void **state)
{
	(void)state;
	struct scan_msg m;
	start_impostor("exit 1");
	write_file(in_dir(dir, "scanner2"), "w", span_text("#!/bin/sh\nexit 1\n"));
	chmod(in_dir(dir, "scanner2"), 0700);
	assert_int_equal(rename(in_dir(dir, "scanner2"), in_dir(dir, "scanner")), 0);
	bool fatal = false;
	while (next(&m))
		fatal |= m.kind == SCAN_MSG_FAULT && m.fatal;
	assert_true(fatal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_each_step_with_one_frame, begin, end),
		cmocka_unit_test_setup_teardown(takes_the_rate_of_the_stream, begin, end),
		cmocka_unit_test_setup_teardown(answers_steps_of_unreadable_frames_too, begin, end),
		cmocka_unit_test_setup_teardown(throws_stepped_frames_away_under_pause, begin, end),
		cmocka_unit_test_setup_teardown(sends_previews_when_asked, begin, end),
		cmocka_unit_test_setup_teardown(plays_a_file_at_its_own_speed, begin, end),
		cmocka_unit_test_setup_teardown(stops_a_file_while_paused, begin, end),
		cmocka_unit_test_setup_teardown(begins_again_with_loop, begin, end),
		cmocka_unit_test_setup_teardown(goes_on_behind_the_last_frame_after_a_kill, begin, end),
		cmocka_unit_test_setup_teardown(loses_nothing_of_a_live_file_over_many_kills, begin, end),
		cmocka_unit_test_setup_teardown(restarts_a_process_that_hangs, begin, end),
		cmocka_unit_test_setup_teardown(tells_the_new_process_what_the_old_one_knew, begin, end),
		cmocka_unit_test_setup_teardown(leaves_no_process_behind, begin, end),
		cmocka_unit_test_setup_teardown(gives_the_process_nothing_but_its_socket, begin, end),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_a_source, begin, end),
		cmocka_unit_test_setup_teardown(names_a_program_or_folder_that_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(ends_with_words_when_a_stream_is_damaged, begin, end),
		cmocka_unit_test_setup_teardown(reads_on_when_the_recording_cannot_be_written, begin, end),
		cmocka_unit_test_setup_teardown(kills_a_process_that_sends_nonsense, begin, end),
		cmocka_unit_test_setup_teardown(gives_up_a_file_that_cannot_be_opened_again, begin, end),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
