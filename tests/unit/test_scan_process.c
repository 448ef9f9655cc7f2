/* SPDX-License-Identifier: Apache-2.0
 *
 * The process at work: steps, live files, pause, and its deaths.
 */
#include "tests/lib/scan_process_kit.h"

#include "scanner/confine.h"

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

/* A code of 21 modules of 3 pixels in the middle of 160 x 120 light grey pixels. */
static void shows_frame(const struct scan_preview *s)
{
	const int columns = SCAN_PREVIEW_COLUMNS, rows = SCAN_PREVIEW_ROWS;
	const int x0 = (80 - 32) * columns / 160, y0 = (60 - 32) * rows / 120;
	assert_int_equal(s->width, 160);
	assert_int_equal(s->height, 120);
	assert_int_equal(s->code_count, 1);
	for (int k = 0; k < 4; k++) {
		bool right = k == 1 || k == 2, low = k >= 2;
		int x = right ? columns - x0 : x0, y = low ? rows - y0 : y0;
		assert_in_range(s->corner[0][k][0], x - 4, x + 4);
		assert_in_range(s->corner[0][k][1], y - 4, y + 4);
		/* the finder pattern's edge is dark, but lower right there is none */
		assert_in_range(s->grey[low ? 1 : SCAN_PREVIEW_ROWS - 2][right ? 1
				: SCAN_PREVIEW_COLUMNS - 2], 190, 210);
	}
	assert_in_range(s->grey[y0 + 2][x0 + 2], 0, 60);
	assert_in_range(s->grey[y0 + 8][x0 + 10], 0, 60); /* the pattern's middle */
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
	struct scan_preview small;
	assert_false(scan_process_preview(p, &small)); /* none yet */
	for (int i = 0; i < 6; i++)
		scan_process_command(p, SCAN_CMD_STEP, 0);
	scan_process_command(p, SCAN_CMD_STEP, 0);
	while (next(&m)) {
		if (m.kind != SCAN_MSG_PREVIEW)
			continue;
		previews++;
		assert_true(scan_process_preview(p, &small));
		assert_in_range(small.frame, m.frame, 5); /* or a newer one */
		shows_frame(&small);
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

/* A line of /proc begins so; it was confined before it said hello. */
static void says_of_itself(const char *file, const char *begin)
{
	char path[64], line[256];
	bool said = false;
	snprintf(path, sizeof path, "/proc/%d/%s", (int)scan_process_pid(p), file);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		said |= strncmp(line, begin, strlen(begin)) == 0;
	fclose(f);
	if (!said)
		fail_msg("%s has no %s", path, begin);
}

static void gives_the_process_nothing_but_its_socket(void **state)
{
	(void)state;
	char path[64], name[256];
	int secret = open("/dev/null", O_RDONLY); /* not close-on-exec, as a library may have it */
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
	says_of_itself("status", "NoNewPrivs:\t1\n");
	says_of_itself("status", "CapEff:\t0000000000000000\n");
	says_of_itself("status", "CapPrm:\t0000000000000000\n");
	if (!SCAN_SANITIZED)
		says_of_itself("limits", "Max processes             0 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(answers_each_step_with_one_frame),
		CASE(takes_the_rate_of_the_stream),
		CASE(answers_steps_of_unreadable_frames_too),
		CASE(throws_stepped_frames_away_under_pause),
		CASE(sends_previews_when_asked),
		CASE(plays_a_file_at_its_own_speed),
		CASE(stops_a_file_while_paused),
		CASE(begins_again_with_loop),
		CASE(goes_on_behind_the_last_frame_after_a_kill),
		CASE(loses_nothing_of_a_live_file_over_many_kills),
		CASE(restarts_a_process_that_hangs),
		CASE(tells_the_new_process_what_the_old_one_knew),
		CASE(leaves_no_process_behind),
		CASE(gives_the_process_nothing_but_its_socket),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
