/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts to programs and devices. The device's process is this program again, as it is in the
 * terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/lib/folder.h"
#include "ui/printer.h"

#define WAIT_MS 10000 /* for what must come at once */

static struct printer printer;
static struct printer_settings settings;
static char expected[RECEIPT_TEXT_MAX], got[RECEIPT_TEXT_MAX];

static const struct sale sale = {.verdict = SALE_ACCEPTED, .at_unix_s = 1795262709,
	.sold = {.amount = 2490, .currency = "EUR"}, .receipt = "20261121-000001"};

static int64_t now_ms(void)
{
	struct clock c;

	clock_init_real(&c);
	return clock_mono_ms(&c);
}

static int set_up(void **state)
{
	memset(&settings, 0, sizeof settings);
	settings.cut = true;
	return folder_set_up(state);
}

static void start(void)
{
	struct err err;

	assert_int_equal(printer_settings_check(&settings, "conf", &err), ERR_OK);
	assert_int_equal(printer_init(&printer, &settings, &err), ERR_OK);
}

static enum err_code print(bool copy)
{
	struct err err;

	return printer_print(&printer, NULL, &sale, copy, 1795262800, &err);
}

static void wait_end(void)
{
	int64_t end = now_ms() + WAIT_MS;

	while (!printer.ended && now_ms() < end) {
		printer_tick(&printer, now_ms());
		poll(NULL, 0, 2);
	}
	assert_true(printer.ended);
	printer.ended = false;
}

static struct bytes expected_bytes(bool escpos, bool copy, int copies)
{
	struct receipt r = {.sale = &sale, .copy = copy, .printed_unix_s = 1795262800,
		.header = settings.header, .footer = settings.footer};
	struct escpos_options opt = {.encoding = escpos_encoding("cp858"), .cols = 42, .cut = true};
	struct bytes b;
	struct err err;
	unsigned lost;

	bytes_init_fixed(&b, expected, sizeof expected);
	for (int i = 0; i < copies; i++)
		assert_int_equal(escpos ? escpos_receipt(&b, &lost, &r, &opt, &err)
					: receipt_text(&b, &r, 42, &err), ERR_OK);
	return b;
}

static void assert_file_holds(const char *path, struct bytes b)
{
	struct bytes file;
	struct err err;

	bytes_init_fixed(&file, got, sizeof got);
	assert_int_equal(file_read(&file, path, false, &err), ERR_OK);
	assert_true(span_equal(bytes_span(&file), bytes_span(&b)));
}

static void gives_a_program_the_receipt(void **state)
{
	(void)state;
	snprintf(settings.command, sizeof settings.command, "tee '%s'", in_folder("out"));
	settings.copies = 2;
	text_copy(settings.header, sizeof settings.header, "Shop|Street");
	start();
	assert_true(printer_is_there(&printer));
	assert_int_equal(print(false), ERR_OK);
	wait_end();
	assert_string_equal(printer.fault, "");
	assert_int_equal(printer.printed, 1);
	assert_file_holds(in_folder("out"), expected_bytes(false, false, 2));
	assert_int_equal(print(true), ERR_OK);
	wait_end();
	assert_file_holds(in_folder("out"), expected_bytes(false, true, 2));
	assert_non_null(strstr(got, "COPY"));
	printer_done(&printer);
	/* The same printer fed by a program, ESC/POS. */
	text_copy(settings.format, sizeof settings.format, "escpos");
	start();
	assert_int_equal(print(false), ERR_OK);
	wait_end();
	assert_file_holds(in_folder("out"), expected_bytes(true, false, 2));
	printer_done(&printer);
}

static void prints_what_was_asked_for_last_when_the_program_ends(void **state)
{
	struct stat st;
	int64_t end = now_ms() + WAIT_MS;
	(void)state;

	snprintf(settings.command, sizeof settings.command, "tee '%s'", in_folder("out"));
	start();
	assert_int_equal(print(false), ERR_OK);
	printer_done(&printer);
	struct bytes b = expected_bytes(false, false, 1);
	while ((stat(in_folder("out"), &st) != 0 || (size_t)st.st_size < b.len) && now_ms() < end)
		poll(NULL, 0, 2);
	assert_file_holds(in_folder("out"), b);
}

static void tells_what_went_wrong(void **state)
{
	static const struct {
		const char *command, *words;
	} cases[] = {
		{"sh -c 'echo no paper >&2; exit 1'", "no paper"},
		{"/no/such/program", "no/such/program"},
		{"false", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		text_copy(settings.command, sizeof settings.command, cases[i].command);
		start();
		assert_int_equal(print(false), ERR_OK);
		wait_end();
		assert_int_equal(printer.failed, 1);
		assert_int_equal(printer.printed, 0);
		assert_true(printer.fault[0] != '\0');
		assert_non_null(strstr(printer.fault, cases[i].words));
		printer_done(&printer);
	}
	settings.command[0] = '\0';
	start();
	assert_false(printer_is_there(&printer));
	assert_int_equal(print(false), ERR_NOT_FOUND);
	printer_done(&printer);
}

/* Everything that comes out until the printer has ended; returns how much. */
static size_t read_all(int fd)
{
	size_t len = 0;
	int64_t end = now_ms() + WAIT_MS;

	while (now_ms() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		printer_tick(&printer, now_ms());
		if (poll(&p, 1, 2) > 0 && (p.revents & POLLIN) != 0) {
			n = read(fd, got + len, sizeof got - len);
			len += n > 0 ? (size_t)n : 0;
		} else if (printer.ended) {
			break;
		}
	}
	return len;
}

static void writes_to_a_device(void **state)
{
	int fd;
	(void)state;

	text_copy(settings.device, sizeof settings.device, in_folder("lp"));
	assert_int_equal(mkfifo(settings.device, 0600), 0);
	start();
	/* Nobody is there. */
	assert_int_equal(print(false), ERR_OK);
	wait_end();
	assert_non_null(strstr(printer.fault, "nobody is there"));
	assert_non_null(strstr(printer.fault, "connected?")); /* what to look at */
	assert_null(strstr(printer.fault, "the program"));
	fd = open(settings.device, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(print(false), ERR_OK);
	size_t len = read_all(fd);
	assert_string_equal(printer.fault, "");
	struct bytes b = expected_bytes(true, false, 1);
	assert_true(span_equal(SPAN(got, len), bytes_span(&b)));
	close(fd);
	printer_done(&printer);
}

/* It waits, as for paper; then whoever read is gone. */
static void tells_of_a_device_that_goes_away(void **state)
{
	int reader, writer;
	(void)state;

	text_copy(settings.device, sizeof settings.device, in_folder("lp"));
	assert_int_equal(mkfifo(settings.device, 0600), 0);
	reader = open(settings.device, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	writer = open(settings.device, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0 && writer >= 0);
	while (write(writer, got, sizeof got) > 0 || write(writer, got, 1) > 0)
		;
	start();
	assert_int_equal(print(false), ERR_OK);
	for (int i = 0; i < 50; i++) {
		printer_tick(&printer, now_ms());
		poll(NULL, 0, 2);
	}
	close(reader);
	wait_end();
	assert_int_equal(printer.failed, 1);
	assert_null(strstr(printer.fault, "the program"));
	assert_null(strstr(printer.fault, "signal"));
	close(writer);
	printer_done(&printer);
}

static void says_in_plain_words_that_too_many_wait(void **state)
{
	struct err err = {0};
	(void)state;

	text_copy(settings.command, sizeof settings.command, "sleep 60");
	start();
	assert_int_equal(print(false), ERR_OK);
	printer_tick(&printer, now_ms()); /* one runs */
	for (int i = 0; i < RUNNER_QUEUE_MAX; i++)
		assert_int_equal(print(false), ERR_OK);
	assert_int_equal(printer_print(&printer, NULL, &sale, false, 0, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "paper"));
	printer_tick(&printer, now_ms() + 2 * PRINTER_LIMIT_MS);
	wait_end();
	assert_non_null(strstr(printer.fault, "paper"));
	printer_done(&printer);
}

static void writes_bytes_to_a_serial_line_as_they_are(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	struct termios t;
	(void)state;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	text_copy(settings.device, sizeof settings.device, ptsname(master));
	slave = open(settings.device, O_RDWR | O_NOCTTY); /* else it hangs up when it is closed */
	settings.speed = 19200;
	start();
	assert_int_equal(print(false), ERR_OK);
	size_t len = read_all(master);
	assert_string_equal(printer.fault, "");
	struct bytes b = expected_bytes(true, false, 1);
	assert_true(span_equal(SPAN(got, len), bytes_span(&b)));
	assert_int_equal(tcgetattr(slave, &t), 0);
	assert_int_equal(cfgetospeed(&t), B19200);
	close(slave);
	close(master);
	printer_done(&printer);
}

static void makes_no_file_of_a_wrong_name(void **state)
{
	struct stat st;
	(void)state;

	text_copy(settings.device, sizeof settings.device, put_file("file", "mine", 4, 0600));
	start();
	assert_int_equal(print(false), ERR_OK);
	wait_end();
	assert_non_null(strstr(printer.fault, "is no device"));
	assert_int_equal(stat(settings.device, &st), 0);
	assert_int_equal(st.st_size, 4);
	printer_done(&printer);
	text_copy(settings.device, sizeof settings.device, in_folder("none"));
	start();
	assert_int_equal(print(false), ERR_OK);
	wait_end();
	assert_non_null(strstr(printer.fault, "none"));
	assert_int_not_equal(access(settings.device, F_OK), 0);
	printer_done(&printer);
}

static void says_which_setting_is_wrong(void **state)
{
	static const struct printer_settings wrong[] = {
		{.command = "lp", .device = "/x"},
		{.command = "lp | cat"},
		{.device = "lp0"},
		{.command = "lp", .format = "pdf"},
		{.command = "lp", .encoding = "latin1"},
		{.command = "lp", .print = "yes"},
		{.print = "accepted"},
		{.command = "lp", .language = "xx"},
	};
	static const char *const keys[] = {"device", "command", "device", "format", "encoding",
		"print", "print", "language"};
	struct err err;
	(void)state;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char key[40];

		settings = wrong[i];
		snprintf(key, sizeof key, "conf: [receipt] %s: ", keys[i]);
		assert_int_equal(printer_settings_check(&settings, "conf", &err), ERR_FORMAT);
		assert_int_equal(strncmp(err.text, key, strlen(key)), 0);
	}
	settings = (struct printer_settings){.command = "lp -", .print = "all"};
	assert_int_equal(printer_settings_check(&settings, "conf", &err), ERR_OK);
	assert_int_equal(settings.automatic, PRINTER_ALL);
}

/* The receipt has its own language; the screen keeps its own. */
static void prints_in_its_own_language(void **state)
{
	(void)state;
	snprintf(settings.command, sizeof settings.command, "tee '%s'", in_folder("out"));
	text_copy(settings.language, sizeof settings.language, "zh_CN");
	text_init("en");
	start();
	assert_int_equal(print(false), ERR_OK);
	assert_string_equal(text_language(), "en");
	wait_end();
	text_init("zh_CN");
	assert_file_holds(in_folder("out"), expected_bytes(false, false, 1));
	text_init("en");
	printer_done(&printer);
}

int main(int argc, char **argv)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(gives_a_program_the_receipt),
		CASE(prints_what_was_asked_for_last_when_the_program_ends),
		CASE(tells_what_went_wrong),
		CASE(writes_to_a_device),
		CASE(tells_of_a_device_that_goes_away),
		CASE(says_in_plain_words_that_too_many_wait),
		CASE(writes_bytes_to_a_serial_line_as_they_are),
		CASE(makes_no_file_of_a_wrong_name),
		CASE(says_which_setting_is_wrong),
		CASE(prints_in_its_own_language),
	};

	if (argc > 1 && strcmp(argv[1], PRINTER_DEVICE_COMMAND) == 0)
		return printer_device_main(argc - 1, argv + 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	text_init("en");
	log_set_fd(-1); /* faults are what is looked for */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
