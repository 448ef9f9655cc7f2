/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call to the driver made to fail, with every errno that it may have, the first time, the
 * second, ...; and streams that break, fall silent, or deliver what nobody can read.
 */
#include "tests/lib/camera_kit.h"

#include "scanner/camera_health.h"

static const struct span good = {.data = yuyv, .len = sizeof yuyv};

static int begin_two_modes(void **state)
{
	(void)begin(state);
	fake_mode(V4L2_PIX_FMT_YUYV, 320, 240, 30);
	return 0;
}

static void says(const char *words)
{
	if (!strstr(err.text, words) || strncmp(err.text, "/dev/fake0: ", 12) != 0)
		fail_msg("\"%s\" in: %s", words, err.text);
}

/* A frame each 33 ms for so long; of length 0: none. Returns the first that is no FRAME or WAIT. */
static enum scan_source_result run(struct span data, int64_t ms)
{
	for (int64_t end_ms = fake.clock_ms + ms; fake.clock_ms < end_ms; fake.clock_ms += 33) {
		if (data.len)
			comes(data);
		unsigned streams = fake.streams;
		enum scan_source_result r = next();
		if (r == SOURCE_FRAME) /* its bytes are still there */
			assert_int_equal(fake.streams, streams);
		if (r == SOURCE_FRAME && frame.jpeg.len)
			source->ops->judge(source, false);
		if (r != SOURCE_FRAME && r != SOURCE_WAIT)
			return r;
	}
	return SOURCE_WAIT;
}

/* ---- opening ---- */

static const int errnos[] = {EIO, EINVAL, EBUSY, ENODEV, ENOMEM, EACCES, EPERM, ENOSPC, ENOTTY,
	EPROTO, EAGAIN, ETIMEDOUT, ENXIO, EFAULT, EINTR, 0};

static const unsigned long requests[] = {1, 2, VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT,
	VIDIOC_ENUM_FRAMESIZES, VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_TRY_FMT, VIDIOC_S_FMT,
	VIDIOC_G_FMT, VIDIOC_S_PARM, VIDIOC_G_PARM, VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_QBUF,
	VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_QUERYCTRL};

static void opens_or_says_why_whatever_fails(void **state)
{
	(void)state;
	unsigned failed = 0, fine = 0;
	for (size_t r = 0; r < sizeof requests / sizeof requests[0]; r++) {
		for (size_t e = 0; e < sizeof errnos / sizeof errnos[0]; e++) {
			for (unsigned n = 0;; n++) {
				unsigned times = n % 2 ? 1 : 1000; /* for good, or once */
				fake_fail(requests[r], n / 2, times, errnos[e]);
				err = (struct err){.code = ERR_OK};
				enum err_code code = fake_open(&source, NULL, &err);
				bool reached = fake.seen > n / 2;
				fake_fail(0, 0, 0, 0);
				if (code) {
					assert_int_equal(code, err.code);
					assert_null(source);
					assert_non_null(strstr(err.text, "/dev/fake0"));
					failed++;
				} else {
					enum scan_source_result got;
					comes(good);
					while ((got = next()) == SOURCE_NOTE)
						says("; it worked at the second try");
					assert_int_equal(got, SOURCE_FRAME);
					fine++;
				}
				scan_source_close(&source);
				fake.waiting_len = 0;
				assert_int_equal(fake.opened, fake.closed);
				assert_int_equal(fake.buffers, 0); /* given back */
				if (!reached)
					break;
			}
		}
	}
	assert_true(failed > 100 && fine > 100);
}

static void start_fails(unsigned long request, int e, enum err_code code, const char *words)
{
	fake_fail(request, 0, 1000, e);
	assert_int_equal(fake_open(&source, NULL, &err), code);
	says(words);
	fake_fail(0, 0, 0, 0);
}

static void says_in_plain_words_why_it_does_not_open(void **state)
{
	(void)state;
	start_fails(VIDIOC_S_FMT, EBUSY, ERR_BUSY, "another program uses the camera; close it");
	start_fails(VIDIOC_REQBUFS, EBUSY, ERR_BUSY, "another program uses the camera");
	start_fails(VIDIOC_STREAMON, EBUSY, ERR_BUSY, "another program uses the camera");
	start_fails(VIDIOC_STREAMON, ENOSPC, ERR_BUSY, "not enough USB bandwidth");
	start_fails(VIDIOC_STREAMON, ENODEV, ERR_CLOSED, "the camera was unplugged; plug it in");
	start_fails(VIDIOC_STREAMON, EIO, ERR_IO,
		"driver refuses VIDIOC_STREAMON (Input/output error); unplug");
	start_fails(VIDIOC_REQBUFS, ENOMEM, ERR_NO_MEMORY, "no memory");
	start_fails(VIDIOC_QBUF, EPERM, ERR_PERMISSION, "may not be used by this user");
	start_fails(2, ENOMEM, ERR_NO_MEMORY, "no memory");
	start_fails(1, ENODEV, ERR_CLOSED, "unplugged");
	start_fails(VIDIOC_QUERYCAP, ENODEV, ERR_CLOSED, "unplugged");
	fake_fail(1, 0, 1, ENOTTY);
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_string_equal(err.text, "/dev/fake0 is no camera (no V4L2 device)");
	fake_fail(VIDIOC_QUERYCAP, 0, 1000, ENOTTY);
	assert_int_equal(fake_open(&source, NULL, &err), ERR_UNSUPPORTED);
	assert_string_equal(err.text, "/dev/fake0 is no camera (no V4L2 device)");
}

static void tries_twice_to_start(void **state)
{
	(void)state;
	static const unsigned long once[] = {VIDIOC_REQBUFS, VIDIOC_QBUF, VIDIOC_STREAMON,
		VIDIOC_QUERYBUF};
	for (size_t i = 0; i < 4; i++) {
		fake_fail(once[i], 0, 1, EINVAL);
		opened(NULL);
		assert_int_equal(next(), SOURCE_NOTE); /* told once */
		says(" (Invalid argument); it worked at the second try");
		assert_null(strstr(err.text, "unplug"));
		comes(good);
		assert_int_equal(next(), SOURCE_FRAME);
		scan_source_close(&source);
	}
	fake_fail(VIDIOC_REQBUFS, 0, 1, EBUSY); /* somebody else's: not ours to try again */
	assert_int_equal(fake_open(&source, NULL, &err), ERR_BUSY);
}

static void says_why_a_path_does_not_open(void **state)
{
	(void)state;
	struct scan_source_options opt = {.path = "/dev/does-not-exist0"};
	assert_int_equal(scan_v4l2_open_with(&source, &fake_calls, &opt, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/dev/does-not-exist0: there is no such camera"));
	assert_int_equal(camera_open_fault("/dev/video0", EACCES, &err), ERR_PERMISSION);
	assert_non_null(strstr(err.text, "/dev/video0: this user may not use the camera"));
	assert_int_equal(camera_open_fault("/dev/video0", EBUSY, &err), ERR_BUSY);
	assert_int_equal(camera_open_fault("/dev/video0", ENXIO, &err), ERR_CLOSED);
	assert_int_equal(camera_open_fault("/dev/video0", EMFILE, &err), ERR_IO);
	fake.opened = fake.closed = 0; /* of a descriptor that there is not */
}

/* A device that no other program has. */
static const char *new_device(int *far_end)
{
	*far_end = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(*far_end >= 0);
	assert_int_equal(unlockpt(*far_end), 0);
	return ptsname(*far_end);
}

/* The child has it open, and so has its parent, who hands cameras over: who else has it? */
static void hold(const char *device, int ready, int until_end)
{
	char who[80], c = 0;
	int fd = open(device, O_RDWR | O_NOCTTY);
	if (fd < 0 || camera_holder(who, sizeof who, device) || write(ready, &c, 1) != 1)
		_exit(1);
	_exit(read(until_end, &c, 1) == 0 ? 0 : 1);
}

static void finds_who_holds_a_device(void **state)
{
	(void)state;
	char who[80], words[32], c;
	int ready[2], keep[2], status, far_end;
	const char *device = new_device(&far_end);
	int ours = open(device, O_RDWR | O_NOCTTY);
	assert_true(ours >= 0);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(keep), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(keep[1]);
		hold(device, ready[1], keep[0]);
	}
	close(keep[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	bool found = camera_holder(who, sizeof who, device);
	close(keep[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(words, sizeof words, ", process %d", (int)pid);
	assert_true(found);
	assert_non_null(strstr(who, words));
	assert_false(camera_holder(who, sizeof who, device));
	assert_false(camera_holder(who, sizeof who, "/dev/does-not-exist0"));
	close(ready[0]);
	close(ours);
	close(far_end);
}

/* ---- the stream breaks ---- */

static void goes_on_after_one_break(void **state)
{
	(void)state;
	static const unsigned long calls[] = {VIDIOC_DQBUF, VIDIOC_QBUF};
	static const int breaks[] = {EIO, EINVAL, EPIPE, EPROTO};
	for (size_t i = 0; i < 8; i++) {
		if (calls[i / 4] == VIDIOC_QBUF && breaks[i % 4] != EIO)
			continue; /* offered again, see below */
		opened(NULL);
		comes(good);
		assert_int_equal(next(), SOURCE_FRAME);
		fake_fail(calls[i / 4], 0, 1, breaks[i % 4]);
		comes(good);
		assert_int_equal(next(), SOURCE_NOTE);
		says("the camera's stream broke and was started again");
		assert_int_equal(next(), SOURCE_FRAME);
		assert_int_equal(source->ops->fd(source), -1); /* there is something to tell */
		comes(good);
		assert_int_equal(next(), SOURCE_NOTE);
		says("the camera works again");
		assert_int_equal(next(), SOURCE_FRAME);
		assert_int_equal(fake.streams, 2);
		scan_source_close(&source);
		fake.streams = 0;
		fake.waiting_len = 0;
	}
}

static void gives_up_a_stream_that_breaks_twice(void **state)
{
	(void)state;
	opened(NULL);
	fake_fail(VIDIOC_DQBUF, 0, 2, EIO);
	assert_int_equal(next(), SOURCE_NOTE);
	assert_int_equal(next(), SOURCE_FAILED);
	says("driver refuses VIDIOC_DQBUF");
	scan_source_close(&source);
	opened(NULL); /* long after the first time it is tried again */
	fake_fail(VIDIOC_DQBUF, 0, 1, EIO);
	assert_int_equal(next(), SOURCE_NOTE);
	assert_int_equal(run(good, 100), SOURCE_NOTE);
	assert_int_equal(run(good, 20000), SOURCE_WAIT);
	fake_fail(VIDIOC_DQBUF, 0, 1, EIO);
	assert_int_equal(next(), SOURCE_NOTE);
}

static void says_that_it_was_unplugged(void **state)
{
	(void)state;
	static const unsigned long calls[] = {VIDIOC_DQBUF, VIDIOC_QBUF};
	for (size_t i = 0; i < 2; i++) {
		opened(NULL);
		comes(good);
		assert_int_equal(next(), SOURCE_FRAME);
		fake_fail(calls[i], 0, 1000, ENODEV);
		comes(good);
		assert_int_equal(next(), SOURCE_FAILED);
		says("the camera was unplugged; plug it in again");
		scan_source_close(&source);
		fake.waiting_len = 0;
		fake_fail(0, 0, 0, 0);
	}
	static const short events[] = {POLLERR, POLLHUP, POLLERR | POLLHUP, POLLNVAL};
	for (size_t i = 0; i < 4; i++) { /* poll() knows first, the next call says ENODEV */
		opened(NULL);
		fake.poll_also = events[i];
		fake_fail(VIDIOC_STREAMON, 0, 1000, ENODEV);
		assert_int_equal(next(), SOURCE_FAILED);
		says("unplugged");
		scan_source_close(&source);
		fake.poll_also = 0;
		fake_fail(0, 0, 0, 0);
	}
}

static void offers_a_refused_buffer_again(void **state)
{
	(void)state;
	opened(NULL);
	for (int i = 0; i < 3; i++) { /* each time one buffer less */
		comes(good);
		assert_int_equal(next(), SOURCE_FRAME);
		fake_fail(VIDIOC_QBUF, 0, 1, EINVAL);
		assert_int_equal(next(), SOURCE_WAIT);
		fake_fail(0, 0, 0, 0);
		comes(good);
		assert_int_equal(next(), SOURCE_FRAME);
	}
	assert_int_equal(fake.streams, 1);
	fake_fail(VIDIOC_QBUF, 0, 100, EINVAL); /* none is taken any more */
	enum scan_source_result r = SOURCE_FRAME;
	for (int i = 0; i < CAMERA_BUFFERS_MAX && r == SOURCE_FRAME; i++) {
		comes(good);
		r = next();
	}
	assert_int_equal(r, SOURCE_FAILED);
}

/* ---- what it says of a buffer ---- */

static void says_a_large_index(struct v4l2_buffer *b)
{
	b->index = UINT32_MAX;
}

static void says_the_first_index_too_many(struct v4l2_buffer *b)
{
	b->index = CAMERA_BUFFERS;
}

static void says_more_than_there_is(struct v4l2_buffer *b)
{
	b->bytesused = 640 * 480 * 2 + 1;
}

static void says_another_type(struct v4l2_buffer *b)
{
	b->type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
}

static void says_the_same_again(struct v4l2_buffer *b)
{
	b->index = 3;
}

static void does_not_believe_a_buffer_that_cannot_be(void **state)
{
	(void)state;
	void (*const spoil[])(struct v4l2_buffer *b) = {says_a_large_index,
		says_the_first_index_too_many, says_more_than_there_is, says_another_type,
		says_the_same_again};
	for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
		opened(NULL);
		comes(good);
		comes(good); /* the second time number 3 is not the driver's any more */
		fake.spoil_buffer = spoil[i];
		assert_int_equal(next(), SOURCE_NOTE);
		says("its driver said what cannot be");
		comes(good);
		comes(good);
		assert_int_equal(next(), SOURCE_FAILED);
		says("driver says what cannot be");
		scan_source_close(&source);
		fake.spoil_buffer = NULL;
		fake.waiting_len = 0;
	}
}

/* ---- nothing usable ---- */

static void a_silent_camera_is_told_restarted_and_given_up(void **state)
{
	(void)state;
	opened(NULL);
	assert_int_equal(run(good, 1000), SOURCE_WAIT);
	int64_t since = fake.clock_ms;
	assert_int_equal(run(SPAN(NULL, 0), 60000), SOURCE_NOTE);
	says("the camera delivers no pictures; if that lasts, unplug it");
	assert_in_range(fake.clock_ms - since, CAMERA_SILENT_MS - 34, CAMERA_SILENT_MS + 34);
	assert_int_equal(fake.streams, 2);
	assert_int_equal(run(SPAN(NULL, 0), 60000), SOURCE_FAILED);
	says("the camera delivers no pictures; if that lasts, unplug it");
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_in_range(fake.clock_ms - since, CAMERA_SILENT_MS + CAMERA_REOPEN_MS - 68,
		CAMERA_SILENT_MS + CAMERA_REOPEN_MS + 68);
}

static void a_silent_camera_that_wakes_up_is_told_too(void **state)
{
	(void)state;
	opened(NULL);
	assert_int_equal(run(good, 1000), SOURCE_WAIT);
	assert_int_equal(run(SPAN(NULL, 0), 60000), SOURCE_NOTE);
	assert_int_equal(run(good, 1000), SOURCE_NOTE);
	says("the camera works again");
	assert_int_equal(run(good, 60000), SOURCE_WAIT); /* and nothing more */
	assert_int_equal(fake.streams, 2);
}

static void the_first_frame_may_take_longer(void **state)
{
	(void)state;
	opened(NULL);
	assert_int_equal(run(SPAN(NULL, 0), CAMERA_FIRST_MS - 100), SOURCE_WAIT);
	assert_int_equal(run(good, 100), SOURCE_WAIT);
	scan_source_close(&source);
	opened(NULL);
	int64_t since = fake.clock_ms;
	assert_int_equal(run(SPAN(NULL, 0), 60000), SOURCE_NOTE);
	assert_in_range(fake.clock_ms - since, CAMERA_FIRST_MS - 34, CAMERA_FIRST_MS + 34);
}

static void marks_frames(struct v4l2_buffer *b)
{
	b->flags |= V4L2_BUF_FLAG_ERROR;
}

static void a_damaged_frame_is_passed_over(void **state)
{
	(void)state;
	opened(NULL);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run(good, 900), SOURCE_WAIT);
		fake.spoil_buffer = marks_frames;
		comes(good);
		assert_int_equal(next(), SOURCE_WAIT);
		fake.spoil_buffer = NULL;
		comes(SPAN(yuyv, sizeof yuyv - 1)); /* short */
		assert_int_equal(next(), SOURCE_WAIT);
		comes(SPAN(yuyv, 0));
		assert_int_equal(next(), SOURCE_WAIT);
	}
	assert_int_equal(fake.streams, 1);
}

static void damaged_frames_only_are_told_and_waited_out(void **state)
{
	(void)state;
	opened(NULL);
	assert_int_equal(run(good, 1000), SOURCE_WAIT);
	fake.spoil_buffer = marks_frames;
	assert_int_equal(run(good, 10000), SOURCE_NOTE);
	says("the camera's pictures arrive damaged; try another cable");
	assert_int_equal(run(good, 65000), SOURCE_WAIT); /* told once, whatever comes */
	assert_in_range(fake.streams, 7, 8);		 /* started again now and then */
	fake.spoil_buffer = NULL;
	assert_int_equal(run(good, 1000), SOURCE_NOTE);
	says("works again");
}

static void undecodable_jpeg_only_is_told_and_waited_out(void **state)
{
	(void)state;
	static const uint8_t noise[] = "\xff\xd8 this begins like a picture and is none";
	struct span bad = SPAN(noise, sizeof noise);
	fake.modes = 0;
	fake_mode(V4L2_PIX_FMT_MJPEG, 640, 480, 30);
	opened(NULL);
	comes(bad);
	assert_int_equal(next(), SOURCE_FRAME);
	source->ops->judge(source, true); /* as if it had been good */
	assert_int_equal(run(bad, 60000), SOURCE_NOTE);
	says("the camera's pictures cannot be decoded; try the setting format=YUYV");
	assert_int_equal(run(bad, 60000), SOURCE_WAIT);
	assert_true(fake.streams > 4);
	comes(bad);
	assert_int_equal(next(), SOURCE_FRAME);
	source->ops->judge(source, true);
	assert_int_equal(next(), SOURCE_NOTE);
	says("works again");
	assert_int_equal(run(bad, 1900), SOURCE_WAIT);
}

static void a_driver_that_says_again_and_again_does_not_spin(void **state)
{
	(void)state;
	opened(NULL);
	comes(good);
	fake.eagain = 300;
	int64_t slept = fake.slept_ms;
	for (int i = 0; i < 300; i++)
		assert_int_equal(next(), SOURCE_WAIT);
	assert_true(fake.slept_ms - slept >= 270 * CAMERA_IDLE_MS);
	assert_int_equal(next(), SOURCE_FRAME);
	assert_int_equal(fake.streams, 1);
}

/* More finished buffers than there are: such a driver must not hold the process in one call. */
static void keeps_saying(struct v4l2_buffer *b)
{
	b->index = fake.sequence % 2;
	fake.buffer[b->index].queued = true;
	fake.waiting_len = 1;
}

static void a_driver_without_end_is_left(void **state)
{
	(void)state;
	opened(NULL);
	comes(good);
	fake.spoil_buffer = keeps_saying;
	enum scan_source_result r = next();
	assert_true(r == SOURCE_FRAME || r == SOURCE_NOTE);
}

static void says_why_it_does_not_go_on_after_a_pause(void **state)
{
	(void)state;
	opened(NULL);
	source->ops->pause(source, true);
	fake_fail(VIDIOC_STREAMON, 0, 1000, ENODEV);
	source->ops->pause(source, false);
	assert_int_equal(source->ops->fd(source), -1);
	assert_int_equal(next(), SOURCE_FAILED);
	says("unplugged");
	assert_int_equal(next(), SOURCE_FAILED);
	scan_source_close(&source);
	fake_fail(0, 0, 0, 0);
	opened(NULL);
	source->ops->pause(source, true);
	fake_fail(VIDIOC_STREAMON, 0, 1, EIO); /* with new buffers it goes */
	source->ops->pause(source, false);
	comes(good);
	assert_int_equal(next(), SOURCE_FRAME);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_two_modes, end)
	const struct CMUnitTest tests[] = {
		CASE(opens_or_says_why_whatever_fails),
		CASE(says_in_plain_words_why_it_does_not_open),
		CASE(tries_twice_to_start),
		CASE(says_why_a_path_does_not_open),
		CASE(finds_who_holds_a_device),
		CASE(goes_on_after_one_break),
		CASE(gives_up_a_stream_that_breaks_twice),
		CASE(says_that_it_was_unplugged),
		CASE(offers_a_refused_buffer_again),
		CASE(does_not_believe_a_buffer_that_cannot_be),
		CASE(a_silent_camera_is_told_restarted_and_given_up),
		CASE(a_silent_camera_that_wakes_up_is_told_too),
		CASE(the_first_frame_may_take_longer),
		CASE(a_damaged_frame_is_passed_over),
		CASE(damaged_frames_only_are_told_and_waited_out),
		CASE(undecodable_jpeg_only_is_told_and_waited_out),
		CASE(a_driver_that_says_again_and_again_does_not_spin),
		CASE(a_driver_without_end_is_left),
		CASE(says_why_it_does_not_go_on_after_a_pause),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
