/* SPDX-License-Identifier: Apache-2.0
 *
 * A hand-held reader as a source: on a pseudo terminal as a serial line, and on sockets with the
 * kernel's answers for key events and HID reports. ioctl() is this file's own for those.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "scanner/scanner.h"
#include "scanner/source.h"
#include "scanner/typed_port.h"
#include "scanner/typed_spec.h"
#include "tests/lib/reader_kit.h"

#define WAIT_MAX_MS 10000 /* a machine may be slow; nothing here takes this long */

/* ---- the kernel's part ---- */

enum answers {
	REAL,
	KEYS,
	HID
};
static struct {
	enum answers what;
	uint16_t bus;
	bool letters, grabbed, grab_fails;
	const uint8_t *descriptor;
	uint32_t descriptor_len;
} device;

static int keys_ioctl(unsigned long request, void *arg)
{
	if (request == EVIOCGVERSION)
		return 0;
	if (request == EVIOCGID) {
		*(struct input_id *)arg = (struct input_id){.bustype = device.bus};
		return 0;
	}
	if (request == EVIOCGRAB) {
		if (device.grab_fails) {
			errno = EBUSY;
			return -1;
		}
		device.grabbed = true;
		return 0;
	}
	if (_IOC_NR(request) == _IOC_NR(EVIOCGNAME(0))) {
		memcpy(arg, "Imager", 7);
		return 7;
	}
	if (_IOC_NR(request) == _IOC_NR(EVIOCGBIT(EV_KEY, 0))) {
		memset(arg, device.letters ? 0xff : 0, _IOC_SIZE(request));
		return (int)_IOC_SIZE(request);
	}
	if (_IOC_NR(request) == _IOC_NR(EVIOCGLED(0))) {
		memset(arg, 0, _IOC_SIZE(request));
		return 1;
	}
	return 0;
}

static int hid_ioctl(unsigned long request, void *arg)
{
	if (request == HIDIOCGRDESCSIZE) {
		memcpy(arg, &device.descriptor_len, sizeof(int));
		return 0;
	}
	if (request == HIDIOCGRDESC) {
		struct hidraw_report_descriptor *d = arg;
		memcpy(d->value, device.descriptor, device.descriptor_len);
		return 0;
	}
	errno = ENOTTY;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	va_start(args, request);
	void *arg = va_arg(args, void *);
	va_end(args);
	if (device.what == KEYS)
		return keys_ioctl(request, arg);
	if (device.what == HID)
		return hid_ioctl(request, arg);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* ---- a reader ---- */

static struct scan_source *source;
static int far; /* the reader's end */
static struct err why;

static int64_t clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int set_up(void **state)
{
	(void)state;
	memset(&device, 0, sizeof device);
	device.bus = BUS_USB;
	device.letters = true;
	device.descriptor = reader_descriptor;
	device.descriptor_len = sizeof reader_descriptor;
	source = NULL;
	far = -1;
	why = (struct err){.text = ""};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scan_source_close(&source);
	if (far >= 0)
		close(far);
	return 0;
}

static enum err_code plug(enum answers what, const char *words)
{
	int pair[2];
	char path[64];
	device.what = what;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	far = pair[0];
	snprintf(path, sizeof path, "/dev/input/event0%s", words);
	struct scan_source_options opt = {.path = path, .reader = true, .device_fd = pair[1]};
	return scan_typed_open(&source, &opt, &why);
}

static char line_path[64];

/* Bytes on their way through a pseudo terminal arrive a moment later. */
static void send_to(int near, const char *text)
{
	int before = 0, there = 0, len = (int)strlen(text);
	assert_int_equal(ioctl(near, FIONREAD, &before), 0);
	assert_int_equal(write(far, text, (size_t)len), len);
	while (there < before + len)
		assert_int_equal(ioctl(near, FIONREAD, &there), 0);
}

static enum err_code plug_line(const char *words)
{
	int near;
	char path[128];
	assert_int_equal(openpty(&far, &near, line_path, NULL, NULL), 0);
	send_to(near, "OLD\n"); /* before anybody reads */
	snprintf(path, sizeof path, "reader:%s%s", line_path, words);
	struct scan_source_options opt = {.path = path, .reader = true};
	enum err_code code = scan_typed_open(&source, &opt, &why);
	close(near);
	return code;
}

/* What comes next that is not a tick; NULL: a note or the end, in `why`. */
static const struct scan_code *next(enum scan_source_result *result)
{
	int64_t end = clock_ms() + WAIT_MAX_MS;
	struct scan_frame f;
	while (clock_ms() < end) {
		*result = source->ops->next(source, &f, &why);
		if (*result == SOURCE_FRAME && f.code->text_len)
			return f.code;
		if (*result == SOURCE_WAIT) {
			struct pollfd p = {.fd = source->ops->fd(source), .events = POLLIN};
			int64_t left = source->ops->due_ms(source) - clock_ms();
			(void)poll(&p, 1, left < 0 ? 0 : (int)left);
		} else if (*result != SOURCE_FRAME &&
			!(*result == SOURCE_NOTE && strstr(why.text, "only keyboard"))) {
			return NULL;
		}
	}
	fail_msg("nothing came");
	return NULL;
}

static void gives(const char *text, enum scan_symbology symbology)
{
	enum scan_source_result r;
	const struct scan_code *c = next(&r);
	assert_non_null(c);
	assert_int_equal(c->text_len, strlen(text));
	assert_memory_equal(c->text, text, strlen(text));
	assert_int_equal(c->symbology, symbology);
}

static void says(enum scan_source_result want, const char *words)
{
	enum scan_source_result r;
	assert_null(next(&r));
	assert_int_equal(r, want);
	assert_non_null(strstr(why.text, words));
}

/* Everything that is there now is looked at; no code may be among it. */
static void gives_nothing(void)
{
	struct scan_frame f;
	enum scan_source_result r;
	for (int i = 0; i < 100; i++) {
		r = source->ops->next(source, &f, &why);
		assert_false(r == SOURCE_FRAME && f.code->text_len);
		if (r == SOURCE_WAIT)
			return;
	}
	fail_msg("it does not end");
}

static void send_line(const char *text)
{
	send_to(source->ops->fd(source), text);
}

static void send_event(int64_t at, unsigned type, unsigned code, int value)
{
	struct input_event e = {.type = (uint16_t)type, .code = (uint16_t)code, .value = value};
	e.input_event_sec = (__typeof__(e.input_event_sec))(at / 1000);
	e.input_event_usec = (__typeof__(e.input_event_usec))(at % 1000 * 1000);
	assert_int_equal(write(far, &e, sizeof e), sizeof e);
}

static void send_keys(int64_t at, const char *text)
{
	for (; *text; text++) {
		bool shift;
		unsigned key = reader_key(*text, &shift);
		if (shift)
			send_event(at, EV_KEY, KEY_LEFTSHIFT, 1);
		send_event(at, EV_KEY, key, 1);
		send_event(at, EV_SYN, SYN_REPORT, 0);
		send_event(at, EV_KEY, key, 0);
		if (shift)
			send_event(at, EV_KEY, KEY_LEFTSHIFT, 0);
		send_event(at, EV_SYN, SYN_REPORT, 0);
	}
}

static void send_report(const char *aim, const char *text, bool more)
{
	uint8_t r[READER_REPORT_LEN];
	reader_report(r, aim, text, strlen(text), more);
	assert_int_equal(write(far, r, sizeof r), sizeof r);
}

/* ---- serial lines ---- */

static void a_serial_reader_gives_whole_codes(void **state)
{
	(void)state;
	assert_int_equal(plug_line(",115200"), ERR_OK);
	send_line("]Q1HEL");
	gives_nothing(); /* neither the old line nor half a code */
	send_line("LO\r\nWORLD\r");
	gives("HELLO", SCAN_QR);
	gives("WORLD", SCAN_UNTOLD);
	send_line("LAST"); /* and a pause */
	gives("LAST", SCAN_UNTOLD);
	assert_int_equal(source->class, SOURCE_PIPE);
}

static void says_when_nothing_is_read(void **state)
{
	(void)state;
	struct scan_frame f = {.code = NULL};
	assert_int_equal(plug_line(""), ERR_OK);
	assert_int_equal(source->ops->next(source, &f, &why), SOURCE_FRAME);
	assert_int_equal(f.code->text_len, 0);
	assert_int_equal(source->ops->next(source, &f, &why), SOURCE_WAIT);
	int64_t due = source->ops->due_ms(source), now = clock_ms();
	assert_true(due > now - WAIT_MAX_MS && due <= now + SCAN_READER_TICK_MS);
}

static void a_serial_line_is_ours_alone_and_given_back(void **state)
{
	(void)state;
	struct typed_spec spec;
	struct typed_port other;
	struct termios before, during, after;
	assert_int_equal(plug_line(",19200,7e1"), ERR_OK);
	assert_int_equal(tcgetattr(far, &during), 0);
	assert_int_equal(during.c_lflag & (ICANON | ECHO | ISIG), 0);
	assert_int_equal(cfgetispeed(&during), B19200);
	assert_int_equal(typed_spec_parse(&spec, line_path, NULL), ERR_OK);
	assert_int_equal(typed_port_open(&other, &spec, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "in use by another program"));
	scan_source_close(&source);
	assert_int_equal(tcgetattr(far, &before), 0);
	assert_true(before.c_lflag & ICANON && before.c_lflag & ECHO);
	assert_int_equal(typed_port_open(&other, &spec, &why), ERR_OK);
	int next = dup(other.fd), alone = 0;
	assert_int_equal(ioctl(next, TIOCGEXCL, &alone), 0);
	assert_int_equal(alone, 1); /* also for who knows no lock */
	typed_port_close(&other);
	assert_int_equal(ioctl(next, TIOCGEXCL, &alone), 0);
	assert_int_equal(alone, 0);
	close(next);
	assert_int_equal(tcgetattr(far, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_cflag, before.c_cflag);
}

static void an_unplugged_reader_is_told(void **state)
{
	(void)state;
	assert_int_equal(plug_line(""), ERR_OK);
	send_line("A\r");
	gives("A", SCAN_UNTOLD);
	close(far);
	far = -1;
	says(SOURCE_FAILED, "unplugged");
}

static void the_terminal_in_front_of_us_is_no_reader(void **state)
{
	(void)state;
	struct typed_spec spec;
	struct typed_port port;
	int near, before = dup(STDIN_FILENO);
	assert_int_equal(openpty(&far, &near, line_path, NULL, NULL), 0);
	assert_int_equal(typed_spec_parse(&spec, line_path, NULL), ERR_OK);
	assert_int_equal(dup2(near, STDIN_FILENO), STDIN_FILENO);
	enum err_code code = typed_port_open(&port, &spec, &why);
	dup2(before, STDIN_FILENO);
	close(before);
	close(near);
	assert_int_equal(code, ERR_UNSUPPORTED);
	assert_int_equal(port.fd, -1);
	assert_non_null(strstr(why.text, "terminal with a screen"));
}

static void what_is_no_reader_is_refused(void **state)
{
	(void)state;
	struct scan_source_options opt = {.path = "reader:/dev/null", .reader = true};
	assert_int_equal(scan_typed_open(&source, &opt, &why), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "/dev/null is no reader"));
	opt.path = "/dev/absent";
	assert_int_equal(scan_typed_open(&source, &opt, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "plugged in"));
	opt.path = "/dev/input"; /* need not be there, is a folder if it is */
	assert_int_not_equal(scan_typed_open(&source, &opt, &why), ERR_OK);
	opt = (struct scan_source_options){.path = "/dev/null", .reader = true, .stepped = true};
	assert_int_equal(scan_typed_open(&source, &opt, &why), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "--step"));
}

/* ---- pauses ---- */

static void what_comes_while_paused_is_gone(void **state)
{
	(void)state;
	assert_int_equal(plug_line(""), ERR_OK);
	send_line("BEGUN"); /* before, and ended meanwhile */
	gives_nothing();
	source->ops->pause(source, true);
	send_line(" AND ENDED\rMEANWHILE\r");
	source->ops->pause(source, false);
	gives_nothing();
	send_line("A\r");
	gives("A", SCAN_UNTOLD);
	source->ops->pause(source, true);
	send_line("BEGUN MEAN"); /* meanwhile, and ended after */
	source->ops->pause(source, false);
	send_line("WHILE\rB\r");
	gives("B", SCAN_UNTOLD);
	send_line("BEFORE"); /* before, and ended after */
	gives_nothing();
	source->ops->pause(source, true);
	source->ops->pause(source, false);
	send_line("AFTER\rC\r");
	gives("C", SCAN_UNTOLD);
}

/* ---- keys ---- */

static void a_typing_reader_gives_whole_codes(void **state)
{
	(void)state;
	assert_int_equal(plug(KEYS, ""), ERR_OK);
	send_keys(clock_ms(), "]Q1HTTPS://x.y/~\r");
	gives("HTTPS://x.y/~", SCAN_QR);
}

static void the_times_of_keys_tell_codes_apart(void **state)
{
	(void)state;
	int64_t at = clock_ms() - 5000; /* this process was stopped, and they wait together */
	assert_int_equal(plug(KEYS, ""), ERR_OK);
	send_keys(at, "ONE");
	send_keys(at + TYPED_IDLE_MS, "TWO");
	send_keys(at + 2 * TYPED_IDLE_MS - 1, "TOO");
	gives("ONE", SCAN_UNTOLD);
	gives("TWOTOO", SCAN_UNTOLD);
}

static void times_of_another_clock_do_not_matter(void **state)
{
	(void)state;
	assert_int_equal(plug(KEYS, ""), ERR_OK);
	send_keys(clock_ms() + 1000000000, "AB");
	send_keys(0, "CD\r");
	gives("ABCD", SCAN_UNTOLD);
}

static void lost_keys_spoil_their_code_alone(void **state)
{
	(void)state;
	int64_t at = clock_ms();
	assert_int_equal(plug(KEYS, ""), ERR_OK);
	send_keys(at, "AB");
	send_event(at, EV_KEY, KEY_LEFTSHIFT, 1); /* its release is lost */
	send_event(at, EV_SYN, SYN_DROPPED, 0);
	send_event(at, EV_KEY, KEY_X, 1);
	send_event(at, EV_SYN, SYN_REPORT, 0);
	send_keys(at, "cd\rok\r");
	says(SOURCE_NOTE, "characters were lost");
	gives("ok", SCAN_UNTOLD);
}

static void a_key_that_is_no_character_spoils_its_code(void **state)
{
	(void)state;
	int64_t at = clock_ms();
	assert_int_equal(plug(KEYS, ""), ERR_OK);
	send_keys(at, "AB");
	send_event(at, EV_KEY, KEY_F5, 1);
	send_event(at, EV_KEY, KEY_F5, 0);
	send_keys(at, "CD\rOK\r");
	says(SOURCE_NOTE, "no character");
	gives("OK", SCAN_UNTOLD);
}

static void keys_typed_before_are_not_taken(void **state)
{
	(void)state;
	int pair[2];
	device.what = KEYS;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	far = pair[0];
	send_keys(clock_ms(), "OLD\r");
	struct scan_source_options opt = {.path = "/dev/input/event0",
		.reader = true,
		.device_fd = pair[1]};
	assert_int_equal(scan_typed_open(&source, &opt, &why), ERR_OK);
	gives_nothing();
	send_keys(clock_ms(), "NEW\r");
	gives("NEW", SCAN_UNTOLD);
}

static void a_keyboard_is_grabbed_or_refused(void **state)
{
	(void)state;
	struct typed_spec spec;
	struct typed_port port;
	device.what = KEYS;
	assert_int_equal(typed_spec_parse(&spec, "/dev/null", NULL), ERR_OK); /* any device */
	assert_int_equal(typed_port_open(&port, &spec, &why), ERR_OK);
	assert_int_equal(port.kind, TYPED_KEYS);
	assert_true(device.grabbed);
	typed_port_close(&port);
	device.grabbed = false;
	device.grab_fails = true;
	assert_int_equal(typed_port_open(&port, &spec, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "another program has grabbed it"));
	assert_non_null(strstr(why.text, "Imager"));
	device.grab_fails = false;
	device.bus = BUS_I8042;
	assert_int_equal(typed_port_open(&port, &spec, &why), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "the machine's own keyboard"));
	device.bus = BUS_USB;
	device.letters = false;
	assert_int_equal(typed_port_open(&port, &spec, &why), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "no letters"));
	assert_false(device.grabbed);
	assert_int_equal(port.fd, -1);
}

/* ---- HID reports ---- */

static void a_point_of_sale_reader_gives_whole_codes(void **state)
{
	(void)state;
	assert_int_equal(plug(HID, ""), ERR_OK);
	send_report("]Q1", "HELLO", false);
	gives("HELLO", SCAN_QR);
	send_report("]C0", "AB\r", true);
	send_report("]C0", "\nCD\r\n", false);
	gives("AB\r\nCD", SCAN_CODE_128);
}

static void a_report_that_never_comes_spoils_its_code(void **state)
{
	(void)state;
	uint8_t bad[2] = {2, 50};
	assert_int_equal(plug(HID, ",idle=10"), ERR_OK);
	send_report("]Q1", "HALF", true);
	says(SOURCE_NOTE, "stopped before its end");
	send_report("]Q1", "X", true);
	assert_int_equal(write(far, bad, sizeof bad), sizeof bad);
	send_report("]Q1", "Y", false);
	says(SOURCE_NOTE, "report is damaged");
	send_report("]Q1", "OK", false);
	gives("OK", SCAN_QR);
}

static void hidraw_of_what_types_is_refused(void **state)
{
	(void)state;
	device.descriptor = keyboard_descriptor;
	device.descriptor_len = sizeof keyboard_descriptor;
	assert_int_equal(plug(HID, ""), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "/dev/input/by-id"));
	close(far);
	device.descriptor_len = 7;
	assert_int_equal(plug(HID, ""), ERR_UNSUPPORTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_serial_reader_gives_whole_codes),
		TEST(says_when_nothing_is_read),
		TEST(a_serial_line_is_ours_alone_and_given_back),
		TEST(an_unplugged_reader_is_told),
		TEST(the_terminal_in_front_of_us_is_no_reader),
		TEST(what_is_no_reader_is_refused),
		TEST(what_comes_while_paused_is_gone),
		TEST(a_typing_reader_gives_whole_codes),
		TEST(the_times_of_keys_tell_codes_apart),
		TEST(times_of_another_clock_do_not_matter),
		TEST(lost_keys_spoil_their_code_alone),
		TEST(a_key_that_is_no_character_spoils_its_code),
		TEST(keys_typed_before_are_not_taken),
		TEST(a_keyboard_is_grabbed_or_refused),
		TEST(a_point_of_sale_reader_gives_whole_codes),
		TEST(a_report_that_never_comes_spoils_its_code),
		TEST(hidraw_of_what_types_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan_reader", tests, NULL, NULL);
}
