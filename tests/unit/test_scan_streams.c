/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/scan_pictures.h"

#include <poll.h>

#include "scanner/mjpeg.h"
#include "scanner/reader.h"
#include "scanner/source.h"
#include "scanner/times.h"
#include "scanner/y4m.h"

static struct scan_grey scene;
static struct span jpeg;
static char dir[64];

static int make_scene(void **state)
{
	(void)state;
	grey_scene(&scene, 64, 48);
	jpeg = make_jpeg(&scene, 80);
	snprintf(dir, sizeof dir, "%s", test_dir());
	return 0;
}

static int drop_scene(void **state)
{
	(void)state;
	scan_grey_done(&scene);
	drop(jpeg);
	remove_dir(dir);
	return 0;
}

/* ---- mjpeg_split_next ---- */

static void finds_the_end_of_a_jpeg_byte_by_byte(void **state)
{
	(void)state;
	struct mjpeg_split s = {.at = 0};
	size_t len = 0;
	for (size_t n = 2; n < jpeg.len; n++) {
		struct span part = exact(jpeg.data, n);
		assert_int_equal(mjpeg_split_next(&s, part, &len), MJPEG_MORE);
		drop(part);
	}
	assert_int_equal(mjpeg_split_next(&s, jpeg, &len), MJPEG_FRAME);
	assert_int_equal(len, jpeg.len);
}

/* Every way to cut a frame: the next one is found at its right place. */
static void finds_the_next_frame_after_any_cut(void **state)
{
	(void)state;
	size_t lost = 0;
	for (size_t cut = 2; cut < jpeg.len; cut++) {
		uint8_t *both = malloc(cut + jpeg.len);
		assert_non_null(both);
		memcpy(both, jpeg.data, cut);
		memcpy(both + cut, jpeg.data, jpeg.len);
		struct mjpeg_split s = {.at = 0};
		size_t len = 0, at = 0;
		enum mjpeg_result r = mjpeg_split_next(&s, SPAN(both, cut + jpeg.len), &len);
		if (r == MJPEG_MORE) { /* the length of APP0, made of FF D8: only at the end */
			assert_in_range(cut, 4, 5);
			s = (struct mjpeg_split){.lost = true};
			r = mjpeg_split_next(&s, SPAN(both, cut + jpeg.len), &len);
		}
		at += r == MJPEG_FRAME && len == cut + jpeg.len; /* a table over the border: one */
		lost += at;                                       /* frame is lost, not two */
		if (!at) {
			assert_int_equal(r, MJPEG_CUT);
			assert_int_equal(len, cut);
		}
		free(both);
	}
	assert_true(lost < 40);
}

static void passes_over_stuffed_bytes_and_restart_marks(void **state)
{
	(void)state;
	static const uint8_t file[] = {0xff, 0xd8, 0xff, 0xda, 0, 3, 1, 0xff, 0, 7, 0xff, 0xd3, 8,
		0xff, 0xff, 0xd9, 9};
	struct span s = exact(file, sizeof file);
	struct mjpeg_split split = {.at = 0};
	size_t len = 0;
	assert_int_equal(mjpeg_split_next(&split, s, &len), MJPEG_FRAME);
	assert_int_equal(len, sizeof file - 1);
	drop(s);
}

static void passes_over_a_thumbnail(void **state)
{
	(void)state;
	uint8_t app[] = {0xff, 0xd8, 0xff, 0xe1, 0, 8, 0xff, 0xd8, 0xff, 0xd9, 1, 2};
	size_t total = sizeof app + jpeg.len - 2, len = 0;
	uint8_t *file = malloc(total);
	assert_non_null(file);
	memcpy(file, app, sizeof app);
	memcpy(file + sizeof app, jpeg.data + 2, jpeg.len - 2);
	struct mjpeg_split s = {.at = 0};
	assert_int_equal(mjpeg_split_next(&s, SPAN(file, total), &len), MJPEG_FRAME);
	assert_int_equal(len, total);
	free(file);
}

/* ---- y4m_head_parse ---- */

static enum err_code parse_head(const char *text, struct y4m_head *h)
{
	struct span line = exact(text, strlen(text));
	struct err err;
	enum err_code code = y4m_head_parse(h, line, &err);
	drop(line);
	return code;
}

static void knows_the_colour_spaces(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t rest;
	} spaces[] = {{"mono", 0}, {"420", 2 * 9 * 9}, {"420jpeg", 2 * 9 * 9}, {"420mpeg2", 162},
		{"420paldv", 162}, {"411", 2 * 5 * 17}, {"422", 2 * 9 * 17}, {"444", 2 * 17 * 17},
		{"444alpha", 3 * 17 * 17}};
	for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
		struct y4m_head h;
		char text[80];
		snprintf(text, sizeof text, "YUV4MPEG2 W17 H17 F30000:1001 Ip A1:1 C%s XTAG",
			spaces[i].name);
		assert_int_equal(parse_head(text, &h), ERR_OK);
		assert_int_equal(h.luma_len, 17 * 17);
		assert_int_equal(h.rest_len, spaces[i].rest);
		assert_int_equal(h.rate_num, 30000);
		assert_int_equal(h.rate_den, 1001);
	}
}

static void refuses_y4m_headers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum err_code code;
	} bad[] = {{"", ERR_FORMAT}, {"YUV4MPEG", ERR_FORMAT}, {"YUV4MPEG2", ERR_FORMAT},
		{"YUV4MPEG2 W64", ERR_FORMAT}, {"YUV4MPEG2 H64", ERR_FORMAT},
		{"YUV4MPEG2 W H64", ERR_FORMAT}, {"YUV4MPEG2 W-64 H64", ERR_FORMAT},
		{"YUV4MPEG2 W64 H64x", ERR_FORMAT}, {"YUV4MPEG2 W64 H64 F", ERR_FORMAT},
		{"YUV4MPEG2 W64 H64 F25", ERR_FORMAT}, {"YUV4MPEG2 W64 H64 F0:1", ERR_FORMAT},
		{"YUV4MPEG2 W64 H64 F1:0", ERR_FORMAT}, {"YUV4MPEG2 W9999999 H64", ERR_FORMAT},
		{"YUV4MPEG2 W100000 H1", ERR_RANGE}, {"YUV4MPEG2 W4097 H64", ERR_RANGE},
		{"YUV4MPEG2 W64 H15", ERR_RANGE}, {"YUV4MPEG2 W64 H64 C420p10", ERR_UNSUPPORTED},
		{"YUV4MPEG2 W64 H64 Cmono16", ERR_UNSUPPORTED},
		{"YUV4MPEG2 W64 H64 C", ERR_UNSUPPORTED}, {"yuv4mpeg2 W64 H64", ERR_FORMAT}};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct y4m_head h;
		assert_int_equal(parse_head(bad[i].text, &h), bad[i].code);
		assert_int_equal(h.width, 0);
	}
}

/* ---- whole sources ---- */

struct tally {
	unsigned frames, bad, notes;
	enum scan_source_result end;
	size_t last_len;
	int64_t last_at;
	bool times_bad;
	struct err err;
};

static struct tally run_source(struct scan_source *s)
{
	struct tally t = {.frames = 0};
	for (;;) {
		struct scan_frame f;
		switch (t.end = s->ops->next(s, &f, &t.err)) {
		case SOURCE_FRAME:
			t.frames++;
			t.last_len = f.jpeg.len;
			t.last_at = f.stamped ? f.at_ms : -1;
			if (!f.jpeg.len)
				assert_int_equal(f.grey->width, 64);
			break;
		case SOURCE_BAD:
			t.bad++;
			break;
		case SOURCE_NOTE:
			t.notes++;
			break;
		case SOURCE_WAIT:
			if (s->ops->fd && s->ops->fd(s) < 0)
				break; /* a large file: come again */
			return t;
		case SOURCE_END:
		case SOURCE_FAILED:
			t.times_bad = s->times_bad;
			return t;
		}
	}
}

static struct tally run_path(const char *path)
{
	struct scan_source_options opt = {.path = path};
	struct scan_source *s;
	struct err err = {.code = ERR_OK};
	enum err_code code = scan_source_open(&s, &opt, &err);
	if (code) {
		assert_non_null(strstr(err.text, " "));
		return (struct tally){.end = SOURCE_FAILED, .err = err};
	}
	struct tally t = run_source(s);
	scan_source_close(&s);
	return t;
}

static void put_y4m(const char *path, const char *head, unsigned frames, size_t rest)
{
	uint8_t chroma[64 * 48 * 3] = {0};
	write_file(path, "w", span_text(head));
	for (unsigned i = 0; i < frames; i++) {
		write_file(path, "a", span_text(i % 2 ? "FRAME Ip\n" : "FRAME\n"));
		write_file(path, "a", SPAN(scene.pixels, 64 * 48));
		write_file(path, "a", SPAN(chroma, rest));
	}
}

static void reads_frames_of_an_mjpeg_file(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "a.mjpeg");
	write_file(path, "w", jpeg);
	write_file(path, "a", jpeg);
	write_file(path, "a", SPAN("\0\0\0", 3)); /* padding is no damage */
	write_file(path, "a", jpeg);
	struct tally t = run_path(path);
	assert_int_equal(t.frames, 3);
	assert_int_equal(t.end, SOURCE_END);
	assert_int_equal(t.notes + t.bad, 0);
	assert_int_equal(t.last_len, jpeg.len);
}

static void finds_the_way_again_in_a_damaged_mjpeg_file(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "b.mjpeg");
	write_file(path, "w", jpeg);
	write_file(path, "a", SPAN(jpeg.data, jpeg.len / 2)); /* cut */
	write_file(path, "a", jpeg);
	write_file(path, "a", span_text("something else")); /* told, and no frame */
	write_file(path, "a", jpeg);
	write_file(path, "a", SPAN(jpeg.data, jpeg.len - 2)); /* cut by the end */
	struct tally t = run_path(path);
	assert_int_equal(t.frames, 5);
	assert_int_equal(t.notes, 1);
	assert_int_equal(t.end, SOURCE_END);
	assert_int_equal(t.last_len, jpeg.len - 2);
}

static void gives_up_a_frame_that_never_ends_and_no_more(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "c.mjpeg");
	size_t len = SCAN_FRAME_BYTES_MAX + 1000000;
	uint8_t *zeros = calloc(1, len);
	assert_non_null(zeros);
	write_file(path, "w", SPAN(jpeg.data, jpeg.len - 2));
	write_file(path, "a", SPAN(zeros, len));
	write_file(path, "a", jpeg);
	free(zeros);
	struct tally t = run_path(path);
	assert_int_equal(t.bad, 1);
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.end, SOURCE_END);
}

static void reads_y4m_of_every_colour_space(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "a.y4m");
	put_y4m(path, "YUV4MPEG2 W64 H48 F10:1 Cmono\n", 3, 0);
	assert_int_equal(run_path(path).frames, 3);
	put_y4m(path, "YUV4MPEG2 W64 H48 F10:1\n", 3, 64 * 48 / 2);
	assert_int_equal(run_path(path).frames, 3);
	put_y4m(path, "YUV4MPEG2 W64 H48 C422\n", 3, 64 * 48);
	assert_int_equal(run_path(path).frames, 3);
	put_y4m(path, "YUV4MPEG2 W64 H48 C444\n", 3, 64 * 48 * 2);
	struct tally t = run_path(path);
	assert_int_equal(t.frames, 3);
	assert_int_equal(t.end, SOURCE_END);
	assert_int_equal(t.notes, 0);
}

static void tells_that_y4m_is_cut_and_stops_at_damage(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "b.y4m");
	put_y4m(path, "YUV4MPEG2 W64 H48 Cmono\n", 2, 0);
	write_file(path, "a", span_text("FRAME\nhalf"));
	struct tally t = run_path(path);
	assert_int_equal(t.frames, 2);
	assert_int_equal(t.notes, 1);
	assert_int_equal(t.end, SOURCE_END);
	put_y4m(path, "YUV4MPEG2 W64 H48 Cmono\n", 2, 0);
	write_file(path, "a", span_text("FRAMES\nnot a frame"));
	t = run_path(path);
	assert_int_equal(t.frames, 2);
	assert_int_equal(t.end, SOURCE_FAILED);
	assert_non_null(strstr(t.err.text, "FRAME"));
}

static void refuses_files_that_are_no_source(void **state)
{
	(void)state;
	char endless[300] = "YUV4MPEG2 W64 H64 X";
	memset(endless + strlen(endless), 'x', sizeof endless - strlen(endless) - 1);
	const char *const bad[] = {"", "hello", "YUV4MPEG2 W100000 H1\nFRAME\n", "YUV4",
		endless};
	const char *path = in_dir(dir, "bad");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_file(path, "w", span_text(bad[i]));
		struct tally t = run_path(path);
		assert_int_equal(t.frames, 0);
		assert_true(t.end == SOURCE_FAILED || t.notes == 1);
	}
	assert_int_equal(run_path(in_dir(dir, "absent")).err.code, ERR_NOT_FOUND);
	assert_int_equal(run_path("/dev/null").err.code, ERR_UNSUPPORTED);
}

/* ---- recording folder ---- */

static struct tally run_recording(unsigned frames, const char *times)
{
	write_file(in_dir(dir, "frames.mjpeg"), "w", jpeg);
	for (unsigned i = 1; i < frames; i++)
		write_file(in_dir(dir, "frames.mjpeg"), "a", jpeg);
	write_file(in_dir(dir, "times"), "w", span_text(times));
	struct tally t = run_path(dir);
	unlink(in_dir(dir, "frames.mjpeg"));
	unlink(in_dir(dir, "times"));
	return t;
}

static void stamps_frames_with_the_recorded_times(void **state)
{
	(void)state;
	struct tally t = run_recording(3, "0\n70\n155\n");
	assert_int_equal(t.frames, 3);
	assert_int_equal(t.last_at, 155);
	assert_int_equal(t.notes, 0);
	assert_false(t.times_bad);
}

static void goes_on_without_times_that_are_damaged(void **state)
{
	(void)state;
	static const char *const bad[] = {"0\n", "0\nx\n70\n71\n72\n", "5\n4\n70\n71\n72\n",
		"0\n4102444800001\n4102444800001\n4102444800001\n",
		"0\n99999999999999\n99999999999999\n99999999999999\n", "", "0\n1e3\n1001\n1002\n",
		"0\n-1\n5\n6\n", "0\n\n5\n6\n", "0\n 1\n5\n6\n", "0\n12",
		"0\n0000000000000000000000000000000"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct tally t = run_recording(4, bad[i]);
		assert_int_equal(t.frames, 4);
		assert_int_equal(t.notes, 1);
		assert_int_equal(t.last_at, -1);
		assert_true(t.times_bad);
	}
}

static void tells_that_a_recording_has_no_times(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "frames.mjpeg");
	for (int y4m = 0; y4m < 2; y4m++) {
		write_file(path, "w", jpeg);
		write_file(path, "a", jpeg);
		if (y4m) {
			unlink(path);
			path = in_dir(dir, "frames.y4m");
			put_y4m(path, "YUV4MPEG2 W64 H48 Cmono\n", 2, 0);
		}
		assert_int_equal(run_path(dir).notes, 0); /* frames alone are no recording */
		write_file(in_dir(dir, "session.jsonl"), "w", span_text("{}\n"));
		struct tally t = run_path(dir);
		assert_int_equal(t.notes, 1);
		assert_int_equal(t.frames, 2);
		assert_int_equal(t.last_at, -1);
		assert_int_equal(t.end, SOURCE_END);
		assert_false(t.times_bad);
		assert_non_null(strstr(t.err.text, "times"));
		unlink(in_dir(dir, "session.jsonl"));
		path = in_dir(dir, "frames.mjpeg");
	}
	unlink(in_dir(dir, "frames.y4m"));
}

/* ---- folder of pictures ---- */

static void reads_a_folder_in_order_of_name_over_bad_files(void **state)
{
	(void)state;
	char folder[64];
	snprintf(folder, sizeof folder, "%s", test_dir());
	struct span pgm = make_pgm(&scene), png = make_png(&scene);
	write_file(in_dir(folder, "10.PGM"), "w", pgm);
	write_file(in_dir(folder, "20.png"), "w", png);
	write_file(in_dir(folder, "30.jpeg"), "w", SPAN(pgm.data, 40)); /* neither kind nor size */
	write_file(in_dir(folder, "40.jpg"), "w", jpeg);
	write_file(in_dir(folder, "README"), "w", span_text("words"));
	assert_int_equal(symlink("/dev/zero", in_dir(folder, "50.pgm")), 0); /* has no end */
	struct tally t = run_path(folder);
	assert_int_equal(t.frames, 3);
	assert_int_equal(t.bad, 2);
	assert_int_equal(t.end, SOURCE_END);
	assert_non_null(strstr(t.err.text, "50.pgm"));
	assert_int_equal(run_path(in_dir(folder, "20.png")).frames, 1);
	assert_int_equal(run_path(in_dir(folder, "40.jpg")).frames, 1);
	drop(pgm);
	drop(png);
	remove_dir(folder);
	char *empty = test_dir();
	assert_int_equal(run_path(empty).err.code, ERR_NOT_FOUND);
	remove_dir(empty);
}

/* ---- pipes ---- */

static struct scan_source *open_fifo(const char *path, bool stepped, int *writer)
{
	struct scan_source_options opt = {.path = path, .stepped = stepped};
	struct scan_source *s;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(scan_source_open(&s, &opt, NULL), ERR_OK);
	*writer = -1;
	assert_int_equal(run_source(s).end, SOURCE_WAIT); /* nobody writes yet: no end */
	*writer = open(path, O_WRONLY);
	assert_true(*writer >= 0);
	return s;
}

static void waits_on_a_pipe_and_takes_it_as_it_comes(void **state)
{
	(void)state;
	int writer;
	struct scan_source *s = open_fifo(in_dir(dir, "fifo"), false, &writer);
	assert_int_equal(s->class, SOURCE_PIPE);
	for (size_t i = 0; i < jpeg.len; i++) {
		assert_int_equal(run_source(s).end, SOURCE_WAIT);
		assert_int_equal(write(writer, jpeg.data + i, 1), 1);
	}
	struct tally t = run_source(s);
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.end, SOURCE_WAIT);
	close(writer);
	assert_int_equal(run_source(s).end, SOURCE_END);
	scan_source_close(&s);
}

static void says_once_that_nobody_writes_to_a_pipe(void **state)
{
	(void)state;
	const char *path = in_dir(dir, "fifo3");
	struct scan_source_options opt = {.path = path};
	struct scan_source *s;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(scan_source_open(&s, &opt, NULL), ERR_OK);
	assert_int_equal(run_source(s).notes, 0);
	poll(NULL, 0, SCAN_NO_WRITER_MS + 50);
	struct tally t = run_source(s);
	assert_int_equal(t.notes, 1);
	assert_int_equal(t.end, SOURCE_WAIT);
	assert_non_null(strstr(t.err.text, "fifo3: waiting for somebody to write to it"));
	poll(NULL, 0, SCAN_NO_WRITER_MS + 50);
	assert_int_equal(run_source(s).notes, 0);
	int writer = open(path, O_WRONLY);
	assert_int_equal(write(writer, jpeg.data, jpeg.len), (ssize_t)jpeg.len);
	close(writer);
	t = run_source(s);
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.end, SOURCE_END);
	scan_source_close(&s);
}

static void ends_a_cut_frame_of_a_stepped_pipe_by_silence(void **state)
{
	(void)state;
	int writer;
	struct scan_source *s = open_fifo(in_dir(dir, "fifo2"), true, &writer);
	assert_int_equal(write(writer, jpeg.data, jpeg.len / 2), (ssize_t)(jpeg.len / 2));
	assert_int_equal(run_source(s).frames, 0);
	struct tally t = {.frames = 0};
	for (int i = 0; i < 50 && !t.frames; i++) {
		poll(NULL, 0, 100);
		t = run_source(s);
	}
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.last_len, jpeg.len / 2);
	close(writer);
	scan_source_close(&s);
}

static void joins_a_y4m_pipe_in_the_middle(void **state)
{
	(void)state;
	int fds[2], saved = dup(STDIN_FILENO);
	assert_int_equal(pipe(fds), 0);
	dup2(fds[0], STDIN_FILENO);
	struct scan_source_options opt = {.path = "-",
		.joined = true,
		.head = "YUV4MPEG2 W64 H48 F15:1 Cmono"};
	struct scan_source *s;
	assert_int_equal(scan_source_open(&s, &opt, NULL), ERR_OK);
	assert_int_equal(write(fds[1], scene.pixels, 1000), 1000); /* the rest of a frame */
	assert_int_equal(write(fds[1], "FRAME\n", 6), 6);
	assert_int_equal(write(fds[1], scene.pixels, 64 * 48), 64 * 48);
	close(fds[1]);
	struct tally t = run_source(s);
	assert_int_equal(t.frames, 1);
	assert_int_equal(t.end, SOURCE_END);
	scan_source_close(&s);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_end_of_a_jpeg_byte_by_byte),
		cmocka_unit_test(finds_the_next_frame_after_any_cut),
		cmocka_unit_test(passes_over_stuffed_bytes_and_restart_marks),
		cmocka_unit_test(passes_over_a_thumbnail),
		cmocka_unit_test(knows_the_colour_spaces),
		cmocka_unit_test(refuses_y4m_headers),
		cmocka_unit_test(reads_frames_of_an_mjpeg_file),
		cmocka_unit_test(finds_the_way_again_in_a_damaged_mjpeg_file),
		cmocka_unit_test(gives_up_a_frame_that_never_ends_and_no_more),
		cmocka_unit_test(reads_y4m_of_every_colour_space),
		cmocka_unit_test(tells_that_y4m_is_cut_and_stops_at_damage),
		cmocka_unit_test(refuses_files_that_are_no_source),
		cmocka_unit_test(stamps_frames_with_the_recorded_times),
		cmocka_unit_test(goes_on_without_times_that_are_damaged),
		cmocka_unit_test(tells_that_a_recording_has_no_times),
		cmocka_unit_test(reads_a_folder_in_order_of_name_over_bad_files),
		cmocka_unit_test(waits_on_a_pipe_and_takes_it_as_it_comes),
		cmocka_unit_test(says_once_that_nobody_writes_to_a_pipe),
		cmocka_unit_test(ends_a_cut_frame_of_a_stepped_pipe_by_silence),
		cmocka_unit_test(joins_a_y4m_pipe_in_the_middle),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_scene, drop_scene);
}
