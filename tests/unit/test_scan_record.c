/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/scan_pictures.h"

#include <signal.h>
#include <sys/resource.h>

#include "scanner/record.h"

static struct scan_grey grey;
static struct span jpeg;
static char dir[64];
static struct scan_record rec;

static int begin(void **state)
{
	(void)state;
	grey_scene(&grey, 64, 48);
	jpeg = make_jpeg(&grey, 80);
	snprintf(dir, sizeof dir, "%s", test_dir());
	assert_int_equal(scan_record_open(&rec, dir, false, 15, NULL), ERR_OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scan_record_close(&rec);
	scan_grey_done(&grey);
	drop(jpeg);
	remove_dir(dir);
	return 0;
}

static void holds(const char *name, const char *text)
{
	struct span s = read_file(in_dir(dir, name));
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.data, text, s.len);
	drop(s);
}

static struct scan_frame jpeg_frame(void)
{
	return (struct scan_frame){.jpeg = jpeg, .verbatim = true};
}

static struct scan_frame grey_frame(void)
{
	return (struct scan_frame){.grey = &grey};
}

static void records_jpeg_frames_as_they_came(void **state)
{
	(void)state;
	struct scan_frame f = jpeg_frame();
	for (int i = 0; i < 3; i++)
		assert_int_equal(scan_record_frame(&rec, &f, i * 66, NULL), ERR_OK);
	struct span s = read_file(in_dir(dir, "frames.mjpeg"));
	assert_int_equal(s.len, 3 * jpeg.len);
	assert_memory_equal(s.data + jpeg.len, jpeg.data, jpeg.len);
	drop(s);
	holds("times", "0\n66\n132\n");
}

static void keeps_the_place_of_a_frame_that_is_no_jpeg(void **state)
{
	(void)state;
	struct scan_frame f = {.jpeg = span_text("garbage"), .verbatim = true};
	assert_int_equal(scan_record_frame(&rec, &f, 0, NULL), ERR_OK);
	holds("frames.mjpeg", "\xff\xd8\xff\xd9");
	holds("times", "0\n");
}

static void records_grey_frames_as_y4m(void **state)
{
	(void)state;
	struct scan_frame f = grey_frame();
	for (int i = 0; i < 2; i++)
		assert_int_equal(scan_record_frame(&rec, &f, i, NULL), ERR_OK);
	struct span s = read_file(in_dir(dir, "frames.y4m"));
	const char head[] = "YUV4MPEG2 W64 H48 F15:1 Ip A1:1 Cmono\nFRAME\n";
	assert_int_equal(s.len, sizeof head - 1 + 6 + 2 * 64 * 48);
	assert_memory_equal(s.data, head, sizeof head - 1);
	assert_memory_equal(s.data + sizeof head - 1, grey.pixels, 64 * 48);
	drop(s);
}

static void refuses_a_folder_that_holds_a_recording(void **state)
{
	(void)state;
	static const char *const names[] = {"frames.mjpeg", "frames.y4m", "times"};
	for (size_t i = 0; i < 3; i++) {
		struct scan_record other;
		struct err err = {.text = ""};
		write_file(in_dir(dir, names[i]), "w", span_text("old"));
		assert_int_equal(scan_record_open(&other, dir, false, 15, &err), ERR_EXISTS);
		assert_non_null(strstr(err.text, names[i]));
		holds(names[i], "old");
		unlink(in_dir(dir, names[i]));
	}
	assert_int_equal(scan_record_open(&rec, in_dir(dir, "absent"), false, 15, NULL),
		ERR_NOT_FOUND);
}

static void goes_on_in_the_next_life(void **state)
{
	(void)state;
	struct scan_frame f = grey_frame();
	assert_int_equal(scan_record_frame(&rec, &f, 5, NULL), ERR_OK);
	scan_record_close(&rec);
	assert_int_equal(scan_record_open(&rec, dir, true, 15, NULL), ERR_OK);
	assert_int_equal(scan_record_frame(&rec, &f, 7, NULL), ERR_OK);
	holds("times", "5\n7\n");
	struct span s = read_file(in_dir(dir, "frames.y4m"));
	size_t head = strlen("YUV4MPEG2 W64 H48 F15:1 Ip A1:1 Cmono\n");
	assert_int_equal(s.len, head + 2 * (6 + 64 * 48));
	drop(s);
}

static void ends_when_the_kind_of_frames_changes(void **state)
{
	(void)state;
	struct scan_frame f = jpeg_frame(), g = grey_frame();
	struct err err = {.text = ""};
	assert_int_equal(scan_record_frame(&rec, &f, 0, NULL), ERR_OK);
	assert_int_equal(scan_record_frame(&rec, &g, 66, &err), ERR_UNSUPPORTED);
	assert_true(err.text[0]);
	assert_int_equal(scan_record_frame(&rec, &f, 132, NULL), ERR_OK); /* does nothing */
	holds("times", "0\n");
}

static void ends_when_the_size_changes(void **state)
{
	(void)state;
	struct scan_frame g = grey_frame();
	assert_int_equal(scan_record_frame(&rec, &g, 0, NULL), ERR_OK);
	grey_scene(&grey, 32, 32);
	assert_int_equal(scan_record_frame(&rec, &g, 66, NULL), ERR_UNSUPPORTED);
	holds("times", "0\n");
}

/* A disk that is full at any byte: whole frames stay, the rest is taken back, told once. */
static void keeps_whole_frames_on_a_full_disk(void **state)
{
	(void)state;
	struct rlimit old, small;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (rlim_t room = 0; room < 3 * jpeg.len; room += 97) {
		struct scan_frame f = jpeg_frame();
		unsigned faults = 0, frames = 0;
		small = old;
		small.rlim_cur = room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		for (int i = 0; i < 5; i++) {
			struct err err = {.text = ""};
			if (scan_record_frame(&rec, &f, i, &err))
				faults++;
			else if (!faults)
				frames++;
			assert_true(faults < 2);
		}
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(faults, 1);
		struct span s = read_file(in_dir(dir, "frames.mjpeg"));
		assert_int_equal(s.len, frames * jpeg.len);
		drop(s);
		s = read_file(in_dir(dir, "times"));
		assert_int_equal(s.len, 2 * frames);
		drop(s);
		unlink(in_dir(dir, "frames.mjpeg"));
		unlink(in_dir(dir, "times"));
		assert_int_equal(scan_record_open(&rec, dir, false, 15, NULL), ERR_OK);
	}
}

static void takes_a_frame_back_whose_time_cannot_be_written(void **state)
{
	(void)state;
	struct rlimit old, small;
	struct scan_frame f = jpeg_frame();
	write_file(in_dir(dir, "times"), "w", span_text(""));
	assert_int_equal(truncate(in_dir(dir, "times"), 1 << 20), 0);
	scan_record_close(&rec);
	assert_int_equal(scan_record_open(&rec, dir, true, 15, NULL), ERR_OK);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(scan_record_frame(&rec, &f, 0, NULL), ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	holds("frames.mjpeg", "");
}

static void follows_no_link_out_of_the_folder(void **state)
{
	(void)state;
	struct scan_frame f = jpeg_frame();
	scan_record_close(&rec);
	assert_int_equal(symlink("/dev/full", in_dir(dir, "frames.mjpeg")), 0);
	assert_int_equal(scan_record_open(&rec, dir, false, 15, NULL), ERR_EXISTS);
	assert_int_equal(scan_record_open(&rec, dir, true, 15, NULL), ERR_OK);
	assert_int_equal(scan_record_frame(&rec, &f, 0, NULL), ERR_IO);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(records_jpeg_frames_as_they_came),
		CASE(keeps_the_place_of_a_frame_that_is_no_jpeg),
		CASE(records_grey_frames_as_y4m),
		CASE(refuses_a_folder_that_holds_a_recording),
		CASE(goes_on_in_the_next_life),
		CASE(ends_when_the_kind_of_frames_changes),
		CASE(ends_when_the_size_changes),
		CASE(keeps_whole_frames_on_a_full_disk),
		CASE(takes_a_frame_back_whose_time_cannot_be_written),
		CASE(follows_no_link_out_of_the_folder),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
