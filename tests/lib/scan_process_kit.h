/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests that run the real countersign-scanner beside the test program.
 */
#ifndef TESTS_LIB_SCAN_PROCESS_KIT_H
#define TESTS_LIB_SCAN_PROCESS_KIT_H

#include "tests/lib/scan_pictures.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "scanner/message.h"

MAYBE_UNUSED static char dir[64];
MAYBE_UNUSED static struct scan_process *p;
MAYBE_UNUSED static struct scan_grey grey;
MAYBE_UNUSED static struct err err;

MAYBE_UNUSED static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

MAYBE_UNUSED static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", test_dir());
	return 0;
}

MAYBE_UNUSED static int end(void **state)
{
	(void)state;
	scan_process_free(&p);
	scan_grey_done(&grey);
	remove_dir(dir);
	return 0;
}

/* Frame i of `frames` shows the text "FRAME i". Returns the specification. */
MAYBE_UNUSED static const char *put_recording(unsigned frames, const char *file, bool jpeg)
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

MAYBE_UNUSED static void start(const struct scan_options *opt)
{
	enum err_code code = scan_process_new(&p, opt, &err);
	if (code)
		print_message("# %s\n", err.text);
	assert_int_equal(code, ERR_OK);
}

/* The next message; false when the source has ended. */
MAYBE_UNUSED static bool next(struct scan_msg *m)
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

MAYBE_UNUSED static struct scan_msg next_of(enum scan_msg_kind kind)
{
	struct scan_msg m;
	do {
		assert_true(next(&m));
	} while (m.kind != kind);
	return m;
}

MAYBE_UNUSED static void shows(const struct scan_msg *m, unsigned number)
{
	char text[32];
	snprintf(text, sizeof text, "FRAME %u", number);
	assert_int_equal(m->frame, number);
	assert_int_equal(m->code_count, 1);
	assert_int_equal(m->codes[0].text_len, strlen(text));
	assert_memory_equal(m->codes[0].text, text, strlen(text));
}

MAYBE_UNUSED static struct scan_msg step(void)
{
	scan_process_command(p, SCAN_CMD_STEP, 0);
	return next_of(SCAN_MSG_FRAME);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
