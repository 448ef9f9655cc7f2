/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator as a process sees it: events in, frames out.
 */
#include <poll.h>
#include <sys/wait.h>

#include "base/log.h"
#include "tests/lib/folder.h"
#include "tests/lib/holder_kit.h"
#include "wallet/holder/simulate.h"

static struct scenario scenario;

/* Runs a scenario with all its events ready beforehand, in steps; returns the stream. */
struct result {
	enum err_code rc;
	struct err err;
	struct bytes stream;
	char times[256];
};

static struct result run(const char *text, const char *events, struct simulate_options o)
{
	struct result r = {0};
	struct wallet *w = kit_wallet(&vectors_load()->list[0], true);
	const char *in = put_file("events", events, strlen(events), 0600);
	const char *out = in_folder("frames"), *times = in_folder("times");
	struct bytes t;

	unlink(out);
	unlink(times);
	assert_int_equal(scenario_parse(&scenario, span_text(text), NULL), ERR_OK);
	o.play.scenario = &scenario;
	o.play.wallet[0] = w;
	o.width = 160;
	o.height = 120;
	o.fps = o.fps ? o.fps : 10;
	o.step = true;
	o.start_unix_ms = INT64_C(1800000000000);
	o.events_fd = open(in, O_RDONLY | O_CLOEXEC);
	o.frames_fd = open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	o.times_fd = open(times, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(o.events_fd >= 0 && o.frames_fd >= 0 && o.times_fd >= 0);
	r.rc = simulate(&o, &r.err);
	close(o.events_fd);
	close(o.frames_fd);
	close(o.times_fd);
	bytes_init(&r.stream, 64 * 1024 * 1024);
	assert_int_equal(file_read(&r.stream, out, false, NULL), ERR_OK);
	bytes_init_fixed(&t, r.times, sizeof(r.times) - 1);
	assert_int_equal(file_read(&t, times, false, NULL), ERR_OK);
	wallet_free(&w);
	return r;
}

static size_t count_of(const struct bytes *b, const char *what, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i + len <= b->len; i++)
		n += memcmp(b->data + i, what, len) == 0;
	return n;
}

#define JPEG_BEGIN "\xff\xd8\xff", 3
#define JPEG_END   "\xff\xd9", 2

static void writes_a_frame_for_every_tick(void **state)
{
	struct result r = run("show first\nwait 400", "", (struct simulate_options){0});

	(void)state;
	assert_int_equal(r.rc, ERR_OK);
	assert_int_equal(count_of(&r.stream, JPEG_BEGIN), 4); /* at 0, 100, 200 and 300 ms */
	assert_int_equal(count_of(&r.stream, JPEG_END), 4);
	assert_string_equal(r.times, "0\n100\n200\n300\n");
	bytes_done(&r.stream);
}

static void writes_y4m_with_a_header(void **state)
{
	static const char head[] = "YUV4MPEG2 W160 H120 F10:1 Ip A1:1 Cmono\nFRAME\n";
	struct result r =
		run("show first\nwait 200", "", (struct simulate_options){.format = FRAME_Y4M});

	(void)state;
	assert_int_equal(r.stream.len, strlen(head) + 6 + (size_t)2 * 160 * 120);
	assert_memory_equal(r.stream.data, head, strlen(head));
	bytes_done(&r.stream);
}

/* One frame of a picture, then one of the next. */
static void shows_a_picture_of_a_file(void **state)
{
	struct result r[3];
	char text[300];

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct picture p;

		assert_int_equal(picture_new(&p, 90, 180), ERR_OK);
		picture_fill(&p, 0, 0, 90, 180, i ? 250 : 0);
		assert_int_equal(png_write(in_folder("shown.png"), &p, NULL), ERR_OK);
		picture_free(&p);
		snprintf(text, sizeof(text), "show picture %s\nwait 200", in_folder("shown.png"));
		r[i] = run(text, "", (struct simulate_options){.format = FRAME_Y4M});
		assert_int_equal(r[i].rc, ERR_OK);
	}
	assert_false(span_equal(bytes_span(&r[0].stream), bytes_span(&r[1].stream)));
	assert_true(span_equal(bytes_span(&r[1].stream), bytes_span(&r[2].stream)));
	for (int i = 0; i < 3; i++)
		bytes_done(&r[i].stream);
	r[0] = run("show picture nowhere.png\nwait 200", "", (struct simulate_options){0});
	assert_int_equal(r[0].rc, ERR_IO);
	assert_non_null(strstr(r[0].err.text, "nowhere.png"));
	bytes_done(&r[0].stream);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	static const char text[] = "show first\nwait number\ntype 300\nshow second\nwait 200";
	static const char events[] = "{\"event\":\"number\",\"number\":\"123456\"}\n";
	struct result a = run(text, events, (struct simulate_options){.seed = 7});
	struct result b = run(text, events, (struct simulate_options){.seed = 7});
	struct result c = run(text, events, (struct simulate_options){.seed = 8});

	(void)state;
	assert_true(a.stream.len > 5000);
	assert_true(span_equal(bytes_span(&a.stream), bytes_span(&b.stream)));
	assert_false(span_equal(bytes_span(&a.stream), bytes_span(&c.stream)));
	bytes_done(&a.stream);
	bytes_done(&b.stream);
	bytes_done(&c.stream);
}

static void cuts_frames_that_are_to_be_cut(void **state)
{
	struct result whole = run("show first\nwait 400", "", (struct simulate_options){0});
	struct result cut =
		run("show first\ntruncate 2\nwait 400", "", (struct simulate_options){0});

	(void)state;
	assert_int_equal(count_of(&cut.stream, JPEG_BEGIN), 4);
	assert_int_equal(count_of(&cut.stream, JPEG_END), 2);
	assert_true(cut.stream.len < whole.stream.len);
	bytes_done(&whole.stream);
	bytes_done(&cut.stream);
}

static void survives_nonsense_on_its_standard_input(void **state)
{
	static const char good[] =
		"\n\n{}\n[1]\nnull\n{\"event\":\"number\",\"number\":\"123456\"}\n";
	size_t len = PLAY_EVENT_LINE_MAX + 100;
	char *events = malloc(len + sizeof(good));
	struct result r;

	(void)state;
	assert_non_null(events);
	memset(events, 'x', len);
	memcpy(events + len, good, sizeof(good));
	log_set_fd(-1);
	r = run("wait number\nanswer\nshow second\nwait 100", events, (struct simulate_options){0});
	assert_int_equal(r.rc, ERR_OK);
	bytes_done(&r.stream);
	free(events);
}

static void says_that_nobody_answers(void **state)
{
	struct result r = run("show first\nwait number\nend", "", (struct simulate_options){0});

	(void)state;
	assert_int_equal(r.rc, ERR_CLOSED);
	assert_non_null(strstr(r.err.text, "waits for events"));
	bytes_done(&r.stream);
}

static void stops_after_the_frames_it_was_told(void **state)
{
	struct result r =
		run("show first\nwait number\nend", "", (struct simulate_options){.frames = 3});

	(void)state;
	assert_int_equal(r.rc, ERR_OK);
	assert_int_equal(count_of(&r.stream, JPEG_END), 3);
	bytes_done(&r.stream);
}

static void says_which_line_cannot_be_played(void **state)
{
	struct result r =
		run("wait 200\nshow code \"lower\"\nwait 100", "", (struct simulate_options){0});

	(void)state;
	assert_int_equal(r.rc, ERR_INVALID);
	bytes_done(&r.stream);
	r = run("wait 200\nshow second", "", (struct simulate_options){0});
	assert_int_equal(r.rc, ERR_INVALID);
	assert_non_null(strstr(r.err.text, "line 2"));
	bytes_done(&r.stream);
}

/* The terminal in a process of its own: it acknowledges each frame, late. */
static void the_next_frame_waits_for_the_word_on_the_last(void **state)
{
	struct wallet *w = kit_wallet(&vectors_load()->list[0], true);
	struct simulate_options o = {.width = 160,
		.height = 120,
		.fps = 10,
		.step = true,
		.times_fd = -1,
		.format = FRAME_Y4M,
		.play = {.scenario = &scenario, .wallet = {w}}};
	int events[2], frames[2];
	uint8_t frame[6 + 160 * 120];
	pid_t child;

	(void)state;
	assert_int_equal(
		scenario_parse(&scenario, span_text("show first\nwait 300"), NULL), ERR_OK);
	assert_true(pipe(events) == 0 && pipe(frames) == 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		o.events_fd = events[0];
		o.frames_fd = frames[1];
		close(events[1]);
		close(frames[0]);
		_exit(simulate(&o, NULL) ? 1 : 0);
	}
	close(events[0]);
	close(frames[1]);
	for (int k = 0; k < 3; k++) {
		size_t want = sizeof(frame) + (k ? 0 : 40), got = 0;
		struct pollfd fd = {.fd = frames[0], .events = POLLIN};
		char ack[64];
		int n;

		while (got < want) {
			uint8_t some[4096];
			size_t room = want - got < sizeof(some) ? want - got : sizeof(some);
			ssize_t r = read(frames[0], some, room);

			assert_true(r > 0);
			got += (size_t)r;
		}
		assert_int_equal(poll(&fd, 1, 50), 0); /* nothing before the word */
		n = snprintf(ack, sizeof(ack), "{\"event\":\"frame\",\"frame\":%d}\n", k);
		assert_int_equal(write(events[1], ack, (size_t)n), n);
	}
	{
		int status = -1;

		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	close(events[1]);
	close(frames[0]);
	wallet_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_a_frame_for_every_tick),
		cmocka_unit_test(writes_y4m_with_a_header),
		cmocka_unit_test(shows_a_picture_of_a_file),
		cmocka_unit_test(the_same_run_gives_the_same_bytes),
		cmocka_unit_test(cuts_frames_that_are_to_be_cut),
		cmocka_unit_test(survives_nonsense_on_its_standard_input),
		cmocka_unit_test(says_that_nobody_answers),
		cmocka_unit_test(stops_after_the_frames_it_was_told),
		cmocka_unit_test(says_which_line_cannot_be_played),
		cmocka_unit_test(the_next_frame_waits_for_the_word_on_the_last),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (holder_set_up(NULL))
		return 1;
	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
