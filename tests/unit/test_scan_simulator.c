/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner on simulators made of shell commands, live and stepped, and their deaths.
 */
#include "tests/lib/scan_pictures.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "scanner/message.h"

static char dir[64];
static struct scan_process *p;
static struct err err;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Files 0.jpg to 9.jpg, 0.raw to 9.raw (a y4m frame each) and a y4m header. */
static int begin(void **state)
{
	struct scan_grey grey = {.pixels = NULL};
	(void)state;
	snprintf(dir, sizeof dir, "%s", test_dir());
	for (int i = 0; i < 10; i++) {
		char text[] = "FRAME 0", name[] = "0.jpg";
		struct placed code = {.text = text, .x = 80, .y = 60, .module = 3, .dark = 10,
			.light = 240};
		text[6] = (char)('0' + i);
		name[0] = text[6];
		grey_fill(&grey, 160, 120, 200);
		draw_code(&grey, &code);
		struct span jpeg = make_jpeg(&grey, 80);
		write_file(in_dir(dir, name), "w", jpeg);
		drop(jpeg);
		memcpy(name + 2, "raw", 3);
		write_file(in_dir(dir, name), "w", span_text("FRAME\n"));
		write_file(in_dir(dir, name), "a", SPAN(grey.pixels, 160 * 120));
	}
	write_file(in_dir(dir, "head"), "w", span_text("YUV4MPEG2 W160 H120 F10:1 Cmono\n"));
	scan_grey_done(&grey);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_process_free(&p);
	remove_dir(dir);
	return 0;
}

static void start(const char *command, bool stepped)
{
	static char spec[900];
	struct scan_options opt = {.source = spec, .stepped = stepped, .fps = 10};
	snprintf(spec, sizeof spec, "simulator:cd %s; %s", dir, command);
	enum err_code code = scan_process_new(&p, &opt, &err);
	if (code)
		print_message("# %s\n", err.text);
	assert_int_equal(code, ERR_OK);
	assert_true(scan_process_is_simulator(p));
}

static bool next(struct scan_msg *m)
{
	int64_t end_ms = now_ms() + 20000;
	for (;;) {
		bool got;
		enum err_code code = scan_process_next(p, m, &got, now_ms(), &err);
		if (code == ERR_CLOSED)
			return false;
		assert_int_equal(code, ERR_OK);
		if (got)
			return true;
		assert_true(now_ms() < end_ms);
		struct pollfd pfd = {.fd = scan_process_fd(p), .events = POLLIN};
		int64_t wait = scan_process_next_ms(p) - now_ms();
		poll(&pfd, 1, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait);
	}
}

/* Frames among the messages that are there already. */
static unsigned drain(struct scan_msg *m)
{
	unsigned frames = 0;
	bool got = true;
	while (got) {
		assert_int_equal(scan_process_next(p, m, &got, now_ms(), &err), ERR_OK);
		frames += got && m->kind == SCAN_MSG_FRAME;
	}
	return frames;
}

static struct scan_msg next_of(enum scan_msg_kind kind)
{
	struct scan_msg m;
	do {
		assert_true(next(&m));
	} while (m.kind != kind);
	return m;
}

static void tell(const char *line)
{
	scan_process_tell(p, line, strlen(line));
}

static void reads_live_frames_with_times_of_the_clock(void **state)
{
	(void)state;
	for (int y4m = 0; y4m < 2; y4m++) {
		int64_t from = now_ms();
		start(y4m ? "cat head; for i in 0 1 2 3; do cat $i.raw; sleep 0.1; done"
			  : "for i in 0 1 2 3; do cat $i.jpg; sleep 0.1; done", false);
		for (unsigned i = 0; i < 4; i++) {
			struct scan_msg m = next_of(SCAN_MSG_FRAME);
			assert_int_equal(m.frame, i);
			assert_int_equal(m.codes[0].text[6], '0' + i);
			assert_true(m.at_ms >= from && m.at_ms <= now_ms());
		}
		next_of(SCAN_MSG_END);
		struct scan_msg m;
		assert_false(next(&m));
		scan_process_free(&p);
	}
}

/* A stepped simulator draws the next frame when it was told that this one was looked at. */
#define STEPPED                                                                                    \
	"for i in 0 1 2 3 4; do cat $i.jpg; read line; "                                           \
	"[ \"$line\" = \"frame $i\" ] || { echo \"wrong: $line\" >&2; exit 4; }; done"

static void steps_hand_in_hand_with_a_simulator(void **state)
{
	(void)state;
	start(STEPPED, true);
	for (unsigned i = 0; i < 5; i++) {
		char line[20];
		scan_process_command(p, SCAN_CMD_STEP, 0);
		struct scan_msg m = next_of(SCAN_MSG_FRAME);
		assert_int_equal(m.frame, i);
		assert_int_equal(m.at_ms, i * 100);
		assert_int_equal(m.codes[0].text[6], '0' + i);
		snprintf(line, sizeof line, "frame %u", i);
		tell(line);
	}
	scan_process_command(p, SCAN_CMD_STEP, 0);
	struct scan_msg m;
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_END); /* no fault: it ended with 0 */
}

static void loses_one_frame_to_a_kill_and_no_step(void **state)
{
	(void)state;
	start(STEPPED, true);
	for (unsigned i = 0; i < 5; i++) {
		char line[20];
		scan_process_command(p, SCAN_CMD_STEP, 0);
		if (i == 2) {
			poll(NULL, 0, 100); /* it has read the frame, perhaps answered */
			kill(scan_process_pid(p), SIGKILL);
		}
		struct scan_msg m = next_of(SCAN_MSG_FRAME);
		assert_int_equal(m.frame, i);
		snprintf(line, sizeof line, "frame %u\n", i);
		tell(line);
	}
	assert_in_range(scan_process_restarts(p), 1, 2);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	next_of(SCAN_MSG_END);
}

/* The frame is half written when the scanner dies: nobody knows how much of it was read. */
static void gives_up_a_step_that_was_half_read(void **state)
{
	(void)state;
	start("head -c 300 0.jpg; read a; tail -c +301 0.jpg | head -c 100; read a; "
	      "cat 1.jpg; read a", true);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	poll(NULL, 0, 200);
	kill(scan_process_pid(p), SIGKILL);
	struct scan_msg m;
	bool got;
	poll(NULL, 0, 50);
	assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
	tell("go on");
	m = next_of(SCAN_MSG_FRAME);
	assert_int_equal(m.frame, 0);
	assert_int_equal(m.code_count, 0);
	tell("go on");
	scan_process_command(p, SCAN_CMD_STEP, 0);
	m = next_of(SCAN_MSG_FRAME);
	assert_int_equal(m.frame, 1);
	assert_int_equal(m.code_count, 1);
	assert_int_equal(m.codes[0].text[6], '1');
}

static void goes_on_in_a_live_y4m_pipe_after_kills(void **state)
{
	(void)state;
	unsigned frames = 0;
	char last = '0';
	struct scan_msg m;
	start("cat head; for k in 1 2 3; do for i in 0 1 2 3 4 5 6 7 8 9; do cat $i.raw; "
	      "sleep 0.05; done; done", false);
	while (next(&m)) {
		assert_true(m.kind != SCAN_MSG_FAULT || !m.fatal);
		if (m.kind != SCAN_MSG_FRAME)
			continue;
		assert_int_equal(m.width, 160);
		if (m.code_count)
			last = m.codes[0].text[6];
		if (++frames % 8 == 0)
			kill(scan_process_pid(p), SIGKILL);
	}
	assert_true(frames >= 20);
	assert_true(scan_process_restarts(p) >= 2);
	assert_int_equal(last, '9');
}

static void tells_how_a_simulator_failed(void **state)
{
	(void)state;
	start("cat 0.jpg; echo first >&2; echo wrong passcode >&2; exit 3", false);
	struct scan_msg m = next_of(SCAN_MSG_FAULT);
	assert_string_equal(m.fault, "the simulator ended with status 3: wrong passcode");
	assert_int_equal(m.fatal, 0);
	assert_true(next(&m));
	assert_int_equal(m.kind, SCAN_MSG_END);
	assert_false(next(&m));
	scan_process_free(&p);
	start("no-such-command-at-all", false);
	m = next_of(SCAN_MSG_FAULT);
	assert_non_null(strstr(m.fault, "status 127"));
}

static void is_not_held_by_a_simulator_that_does_not_read(void **state)
{
	(void)state;
	char line[2000];
	memset(line, 'x', sizeof line);
	start("cat 0.jpg; sleep 30", false);
	next_of(SCAN_MSG_FRAME);
	int64_t from = now_ms();
	for (int i = 0; i < 5000; i++)
		scan_process_tell(p, line, sizeof line);
	assert_true(now_ms() - from < 2000);
	scan_process_free(&p); /* and ends it at once */
	assert_true(now_ms() - from < 4000);
}

static void gives_whole_lines_to_a_slow_reader(void **state)
{
	(void)state;
	char line[1500];
	memset(line, 'x', sizeof line);
	start("cat 0.jpg; sleep 0.5; "
	      "while read l; do [ ${#l} = 1500 ] || [ \"$l\" = end ] || exit 9; "
	      "[ \"$l\" = end ] && break; done", false);
	next_of(SCAN_MSG_FRAME);
	for (int i = 0; i < 1000; i++)
		scan_process_tell(p, line, sizeof line);
	struct scan_msg m;
	bool got;
	while (scan_process_next(p, &m, &got, now_ms(), &err) == ERR_OK) {
		if (got && m.kind == SCAN_MSG_FAULT)
			fail_msg("%s", m.fault);
		tell("end\n");
		poll(NULL, 0, 20);
	}
}

static void asks_a_simulator_to_end_before_it_makes_it(void **state)
{
	(void)state;
	start("trap 'echo well >ended; exit' TERM; cat 0.jpg; while :; do sleep 0.05; done", false);
	next_of(SCAN_MSG_FRAME);
	scan_process_free(&p);
	struct span s = read_file(in_dir(dir, "ended"));
	assert_int_equal(s.len, 5);
	drop(s);
}

static void ends_everything_that_the_simulator_started(void **state)
{
	(void)state;
	start("sleep 300 & echo $! >pid; cat 0.jpg; wait", false);
	next_of(SCAN_MSG_FRAME);
	struct span s = read_file(in_dir(dir, "pid"));
	pid_t pid = (pid_t)strtol((const char *)s.data, NULL, 10);
	drop(s);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), 0);
	scan_process_free(&p);
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
		char path[64], text[256] = "";
		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		FILE *f = fopen(path, "r"); /* a zombie that nobody waits for has ended too */
		if (!f || !fgets(text, sizeof text, f) || strstr(text, ") Z "))
			i = 100;
		if (f)
			fclose(f);
		poll(NULL, 0, i < 100 ? 20 : 0);
		if (i == 99)
			fail();
	}
}

static void finds_programs_beside_the_running_one(void **state)
{
	(void)state;
	start("countersign-scanner --version >found; cat 0.jpg", false);
	next_of(SCAN_MSG_FRAME);
	struct span s = read_file(in_dir(dir, "found"));
	assert_true(s.len > 20);
	assert_memory_equal(s.data, "countersign-scanner ", 20);
	drop(s);
}

static void throws_live_frames_away_under_pause(void **state)
{
	(void)state;
	struct scan_msg m;
	unsigned frames = 0;
	start("for k in 1 2 3; do for i in 0 1 2 3 4 5 6 7 8 9; do cat $i.jpg; sleep 0.03; "
	      "done; done", false);
	next_of(SCAN_MSG_FRAME);
	scan_process_command(p, SCAN_CMD_PAUSE, 0);
	poll(NULL, 0, 200);
	drain(&m);
	poll(NULL, 0, 300);
	assert_int_equal(drain(&m), 0);
	scan_process_command(p, SCAN_CMD_RESUME, 0);
	while (next(&m))
		frames += m.kind == SCAN_MSG_FRAME;
	assert_in_range(frames, 1, 25);
	assert_int_equal(scan_process_restarts(p), 0);
}

/* Signs of life carry the number of the next frame: a thrown away one, good or bad, has none. */
static void counts_no_frame_of_a_long_pause(void **state)
{
	(void)state;
	struct scan_msg m;
	unsigned heard = 0;
	start("i=0; while [ $i -lt 60 ]; do cat 1.jpg; [ $((i % 7)) = 6 ] && "
	      "printf '\\377\\330\\377\\331'; i=$((i+1)); sleep 0.05; done", false);
	m = next_of(SCAN_MSG_FRAME);
	uint32_t expected = 1;
	while (expected < 5) {
		m = next_of(SCAN_MSG_FRAME);
		assert_int_equal(m.frame, expected++);
	}
	scan_process_command(p, SCAN_CMD_PREVIEW, 1);
	scan_process_command(p, SCAN_CMD_PAUSE, 0);
	for (int64_t end_ms = now_ms() + 2000; now_ms() < end_ms; poll(NULL, 0, 20)) {
		bool got;
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		if (got && m.kind == SCAN_MSG_FRAME) {
			assert_int_equal(m.frame, expected++);
			heard++; /* was in work when the pause came */
		}
	}
	assert_in_range(heard, 0, 2);
	scan_process_command(p, SCAN_CMD_RESUME, 0);
	for (heard = 0; next(&m);) {
		if (m.kind != SCAN_MSG_FRAME)
			continue;
		assert_int_equal(m.frame, expected++);
		heard++;
	}
	assert_in_range(heard, 1, 40);
	assert_int_equal(scan_process_restarts(p), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reads_live_frames_with_times_of_the_clock),
		CASE(steps_hand_in_hand_with_a_simulator),
		CASE(loses_one_frame_to_a_kill_and_no_step),
		CASE(gives_up_a_step_that_was_half_read),
		CASE(goes_on_in_a_live_y4m_pipe_after_kills),
		CASE(tells_how_a_simulator_failed),
		CASE(is_not_held_by_a_simulator_that_does_not_read),
		CASE(gives_whole_lines_to_a_slow_reader),
		CASE(asks_a_simulator_to_end_before_it_makes_it),
		CASE(ends_everything_that_the_simulator_started),
		CASE(finds_programs_beside_the_running_one),
		CASE(throws_live_frames_away_under_pause),
		CASE(counts_no_frame_of_a_long_pause),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
