/* SPDX-License-Identifier: Apache-2.0
 *
 * The customer's display: what it shows and what not, on a pseudo terminal that this test takes
 * away, stops and gives back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "tests/lib/ansi_kit.h"
#include "tests/lib/folder.h"
#include "ui/customer.h"
#include "ui/words_customer.h"

#define CODE                                                                                       \
	"HTTPS://QR.EXAMPLE.COM/Q/AEAA46IQUGIL2A2F45RPPGTGOSHFJV6INHGXFECCAIAAAAAAAAGQMSIGNNE5"    \
	"EPAAAAAAAAAAAAUAEKVKSB5TGS6DUOVZGKLLDN52W45DFOIDECLJRGAYDD3DZXSWPKGPHKO2NRPOHCQFKTMA"

static struct counter counter;
static struct settings settings;
static struct customer customer;
static struct test_terminal terminal;
static int master = -1;
static char shown[65536];
static int64_t now_ms = 1000000;

/* ---- a terminal ---- */

static const char *path(void)
{
	return in_folder("display");
}

static void plug(int cols, int rows)
{
	struct winsize size = {.ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows};

	master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	if (cols > 0)
		assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	unlink(path());
	assert_int_equal(symlink(ptsname(master), path()), 0);
	terminal_new(&terminal, cols > 0 ? cols : 80, rows > 0 ? rows : 24);
}

static void unplug(void)
{
	close(master);
	master = -1;
	terminal_free(&terminal);
}

static void look(void)
{
	char bytes[4096];
	struct bytes b;
	ssize_t n;

	while ((n = read(master, bytes, sizeof bytes)) > 0)
		terminal_feed(&terminal, bytes, (size_t)n);
	bytes_init_fixed(&b, shown, sizeof shown);
	grid_dump(&terminal.cells, &b);
	(void)bytes_text(&b);
}

/* As the loop of the terminal does it, until nothing is left to be done. */
static void turns(void)
{
	for (int i = 0; i < 12; i++) {
		now_ms += 100;
		clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 100);
		customer_turn(&customer, &counter, now_ms);
		if (master >= 0)
			look();
	}
}

/* ---- a counter ---- */

static void show_number(const char *number)
{
	struct flow *f = &counter.flow;

	f->phase = FLOW_NUMBER;
	text_copy(f->number, sizeof f->number, number);
	text_copy(f->challenge_code, sizeof f->challenge_code, CODE);
	text_copy(f->credential.holder, sizeof f->credential.holder, "Wang Xiaoming");
	f->number_ms = 60000;
	f->deadline_ms = clock_mono_ms(&counter.clock) + 60000;
}

static void open_with(const char *language)
{
	struct err err = {0};

	text_copy(settings.display.language, sizeof settings.display.language, language);
	if (customer_open(&customer, &settings, path(), false, &err) != ERR_OK)
		fail_msg("%s", err.text);
	assert_true(customer.wanted);
}

static int begin(void **state)
{
	folder_set_up(state);
	counter_init(&counter, 0);
	log_set_fd(-1);
	text_init("en");
	memset(&settings, 0, sizeof settings);
	settings.display.colours = 8;
	settings.display.columns = 80;
	settings.display.rows = 24;
	text_copy(settings.issuer_name, sizeof settings.issuer_name, "Corner Bank");
	text_copy(settings.terminal_name, sizeof settings.terminal_name, "Till 3");
	clock_init_manual(&counter.clock, 5000, 1795244820000);
	counter.scanner_state = VIEW_SCANNER_RUNNING;
	counter.sale.amount = 2490;
	text_copy(counter.sale.currency, sizeof counter.sale.currency, "EUR");
	text_copy(counter.sale.reference, sizeof counter.sale.reference, "2026-0815");
	text_copy(counter.sale.operator_name, sizeof counter.sale.operator_name, "Anna");
	now_ms += 100000;
	return 0;
}

static int end(void **state)
{
	customer_close(&customer);
	if (master >= 0)
		unplug();
	return folder_tear_down(state);
}

/* ---- what it shows ---- */

static void shows_the_customers_side_and_nothing_else(void **state)
{
	static const char *const not_his[] = {"Anna", "Till 3", "Wang Xiaoming", "hand anything",
		"The customer", "F1", "Esc"};

	(void)state;
	plug(80, 24);
	open_with("en");
	for (int phase = 0; phase < FLOW_PHASE_COUNT; phase++)
		for (int reason = 0; reason < FLOW_REASON_COUNT; reason++) {
			show_number("048213");
			counter.flow.phase = (enum flow_phase)phase;
			counter.flow.reason = (enum flow_reason)reason;
			counter.flow.notice = (enum flow_reason)reason;
			counter.flow.verdict = reason ? VERDICT_REFUSED : VERDICT_ACCEPTED;
			now_ms += 1000;
			turns();
			assert_non_null(strstr(shown, "Corner Bank"));
			for (size_t i = 0; i < sizeof not_his / sizeof not_his[0]; i++)
				if (strstr(shown, not_his[i]))
					fail_msg("phase %d, reason %d: %s\n%s", phase, reason,
						not_his[i], shown);
		}
}

static void a_phone_reads_the_code_there(void **state)
{
	static const int sizes[][2] = {{80, 24}, {100, 30}, {132, 43}, {60, 50}, {240, 67}};
	static const struct phone_font fonts[] = {{8, 16, 0, false}, {7, 14, 0, false},
		{10, 20, 1, false}, {12, 24, 0, false}, {8, 16, 0, false}};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct phone_picture picture;

		plug(sizes[i][0], sizes[i][1]);
		open_with("en");
		show_number("048213");
		turns();
		terminal_screen(&picture, &terminal, &fonts[i]);
		if (!phone_reads(&picture, CODE))
			fail_msg("%d x %d: not read\n%s", sizes[i][0], sizes[i][1], shown);
		phone_picture_free(&picture);
		customer_close(&customer);
		unplug();
	}
}

/* The screen of a verdict in two languages at once: his, while the operator has the other. */
static void speaks_the_customers_language(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("zh_CN");
	turns();
	assert_non_null(strstr(shown, "请打开钱包"));
	assert_null(strstr(shown, "Please"));
	assert_string_equal(text_language(), "en");
	assert_string_equal(_("Quit"), "Quit");
}

static void says_what_the_verdict_means_for_him(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("en");
	show_number("048213");
	counter.flow.phase = FLOW_RESULT;
	counter.flow.verdict = VERDICT_REFUSED;
	counter.flow.reason = REASON_CREDENTIAL_EXPIRED;
	turns();
	assert_non_null(strstr(shown, "You can renew it in the wallet."));
	assert_null(strstr(shown, "Thank you"));
	counter.flow.reason = REASON_NO_BACKEND;
	now_ms += 1000;
	counter.flow.phase = FLOW_WAITING;
	turns();
	counter.flow.phase = FLOW_RESULT;
	turns();
	assert_non_null(strstr(shown, "Please ask at the counter."));
	counter.flow.phase = FLOW_WAITING;
	turns();
	counter.flow.phase = FLOW_RESULT;
	counter.flow.verdict = VERDICT_ACCEPTED;
	turns();
	assert_non_null(strstr(shown, "Thank you."));
}

static void nobody_is_thanked_but_for_an_acceptance(void **state)
{
	static const enum verdict others[] = {VERDICT_NONE, VERDICT_REFUSED, VERDICT_UNCERTAIN,
		VERDICT_UNCONFIRMED, (enum verdict)77};

	(void)state;
	plug(80, 24);
	open_with("en");
	for (int i = 0; i < 5 * FLOW_PHASE_COUNT; i++) {
		show_number("048213");
		counter.flow.verdict = others[i % 5];
		counter.flow.phase = (enum flow_phase)(i / 5);
		turns();
		assert_null(strstr(shown, "Thank you"));
	}
}

static void asks_for_no_card_while_none_is_taken(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("en");
	turns();
	assert_non_null(strstr(shown, "hold the phone to the camera"));
	counter.closed = COUNTER_CLOSED_PAGE;
	turns();
	assert_null(strstr(shown, "hold the phone"));
	assert_non_null(strstr(shown, "Welcome"));
	counter.closed = 0;
	counter.scanner_state = VIEW_SCANNER_FAULT;
	turns();
	assert_non_null(strstr(shown, "No card can be taken at the moment"));
	counter.scanner_state = VIEW_SCANNER_RUNNING;
	counter.barred = REASON_TERMINAL_REVOKED;
	turns();
	assert_non_null(strstr(shown, "No card can be taken at the moment"));
}

static void every_reason_has_words_and_fits(void **state)
{
	static const char *const languages[] = {"en", "zh_CN"};

	(void)state;
	for (int l = 0; l < 2; l++)
		for (int r = 0; r <= FLOW_REASON_COUNT; r++) {
			text_init(languages[l]);
			assert_true(words_customer_reason((enum flow_reason)r)[0] != '\0');
			assert_null(strchr(words_customer_reason((enum flow_reason)r), '%'));
			assert_null(strchr(words_customer_notice((enum flow_reason)r), '%'));
			assert_in_range(grid_text_columns(words_customer_reason(
						(enum flow_reason)r)),
				1, 2 * 76);
		}
	text_init("en");
}

/* Another customer, another sale, in the same step as before. */
static void shows_at_once_what_changed(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("en");
	turns();
	assert_non_null(strstr(shown, "2026-0815"));
	text_copy(counter.sale.reference, sizeof counter.sale.reference, "2026-0816");
	turns();
	assert_non_null(strstr(shown, "2026-0816"));
	counter.flow.phase = FLOW_RESULT;
	counter.flow.verdict = VERDICT_REFUSED;
	counter.flow.reason = REASON_VOID;
	turns();
	assert_non_null(strstr(shown, "was withdrawn"));
	counter.flow.reason = REASON_SUPERSEDED;
	turns();
	assert_non_null(strstr(shown, "was renewed"));
	counter.flow.verdict = VERDICT_ACCEPTED;
	turns();
	assert_non_null(strstr(shown, "Thank you."));
}

static void draws_into_every_size(void **state)
{
	static struct view_model m;
	struct view_customer v = {.m = &m, .title = "Corner Shop"};
	struct qr_kept code = {.side = 0};
	struct grid g;

	(void)state;
	qr_keep(&code, CODE);
	show_number("0482139975");
	m.flow = &counter.flow;
	m.challenge = code.modules;
	m.challenge_side = code.side;
	m.amount = "24.90";
	m.currency = "EUR";
	m.scanner = VIEW_SCANNER_RUNNING;
	for (int i = 0; i < 4 * FLOW_PHASE_COUNT * 60; i++) {
		int cols = 1 + i % 60 * 3, rows = 1 + i % 61;

		counter.flow.phase = (enum flow_phase)(i / 240 % FLOW_PHASE_COUNT);
		counter.flow.notice = i % 3 ? REASON_NONE : REASON_WEAK_BINDING;
		m.simulator = i % 2;
		assert_int_equal(grid_init(&g, cols, rows, NULL), ERR_OK);
		view_customer_draw(&g, &v);
		grid_done(&g);
	}
}

static void counts_down_by_itself(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("en");
	show_number("048213");
	turns();
	assert_non_null(strstr(shown, " 59 s"));
	turns();
	assert_non_null(strstr(shown, " 58 s"));
	assert_int_equal(terminal.beginnings, 1);
	/* asked to wake up in time, and not all the time */
	assert_in_range(customer_wait_ms(&customer, &counter, now_ms), 0, 1000);
	counter.flow.phase = FLOW_WAITING;
	turns();
	assert_in_range(customer_wait_ms(&customer, &counter, now_ms), 1, 1000);
}

/* ---- what happens to it ---- */

static void follows_the_size(void **state)
{
	struct winsize size = {.ws_col = 132, .ws_row = 43};

	(void)state;
	plug(0, 0);
	settings.display.columns = 60;
	settings.display.rows = 12;
	open_with("en");
	turns();
	assert_int_equal(customer.grid.cols, 60);
	assert_int_equal(customer.grid.rows, 12);
	terminal_free(&terminal);
	terminal_new(&terminal, 132, 43);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	turns();
	assert_int_equal(customer.grid.cols, 132);
	assert_non_null(strstr(shown, "Corner Bank"));
}

static void goes_away_and_comes_back(void **state)
{
	(void)state;
	plug(80, 24);
	open_with("en");
	turns();
	assert_string_equal(customer.fault, "");
	for (int i = 0; i < 3; i++) {
		unplug();
		unlink(path());
		turns();
		turns();
		assert_non_null(strstr(customer.fault, "not there"));
		assert_int_equal(customer_fd(&customer), -1);
		plug(80, 24);
		show_number(i % 2 ? "048213" : "997755");
		turns();
		turns();
		assert_string_equal(customer.fault, "");
		assert_int_equal(terminal.beginnings, 1);
		assert_non_null(strstr(shown, "Type this number"));
	}
}

static void may_come_later(void **state)
{
	(void)state;
	unlink(path());
	open_with("en");
	turns();
	assert_non_null(strstr(customer.fault, "not there"));
	plug(80, 24);
	turns();
	turns();
	assert_non_null(strstr(shown, "Corner Bank"));
}

/* Nobody reads: no turn waits, and in the end it shows what is true then. */
static void one_that_stands_still_holds_up_nobody(void **state)
{
	int held = 0;

	(void)state;
	plug(132, 43);
	open_with("en");
	alarm(20); /* a write that waits would never end */
	for (int i = 0; i < 3000; i++) {
		char number[8];

		snprintf(number, sizeof number, "%06d", i * 331 % 1000000);
		show_number(number);
		counter.flow.phase = i % 2 ? FLOW_NUMBER : FLOW_WAITING;
		now_ms += 100;
		clock_advance_to(&counter.clock, clock_mono_ms(&counter.clock) + 100);
		customer_turn(&customer, &counter, now_ms);
		held += customer_port_is_sending(&customer.port);
		if (customer_port_is_sending(&customer.port)) {
			assert_int_equal(customer_fd(&customer), customer.port.fd);
			assert_true(customer_wait_ms(&customer, &counter, now_ms) >= 0);
		}
	}
	alarm(0);
	assert_true(held > 2000);
	counter.flow.phase = FLOW_RESULT;
	counter.flow.verdict = VERDICT_REFUSED;
	counter.flow.reason = REASON_CREDENTIAL_EXPIRED;
	for (int i = 0; i < 20; i++)
		turns();
	assert_non_null(strstr(shown, "You can renew it in the wallet."));
	assert_int_equal(terminal.beginnings, 1);
}

static void keys_that_are_typed_there_do_nothing(void **state)
{
	static const char keys[] = "q\x03\x1a\x13\x04 1234\r\x1b";
	struct flow before;
	int waiting = -1;

	(void)state;
	plug(80, 24);
	open_with("en");
	turns();
	before = counter.flow;
	for (int i = 0; i < 300; i++)
		assert_true(write(master, keys, sizeof keys - 1) > 0 || i > 200);
	turns();
	assert_memory_equal(&before, &counter.flow, sizeof before);
	assert_false(counter.quit);
	assert_null(strstr(shown, "1234")); /* no echo */
	show_number("048213");
	turns();
	assert_non_null(strstr(shown, "Type this number")); /* Ctrl-S stops nothing */
	assert_int_equal(ioctl(customer.port.fd, FIONREAD, &waiting), 0);
	assert_int_equal(waiting, 0);
}

static void gives_the_line_back_as_it_was(void **state)
{
	struct termios before, after;
	int fd;

	(void)state;
	plug(80, 24);
	fd = open(path(), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(tcgetattr(fd, &before), 0);
	open_with("en");
	turns();
	assert_int_equal(tcgetattr(fd, &after), 0);
	assert_int_equal(after.c_lflag & (ECHO | ISIG | ICANON), 0);
	customer_close(&customer);
	look();
	assert_int_equal(tcgetattr(fd, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_true(terminal.cursor);
	assert_false(terminal.other_screen);
	close(fd);
}

/* ---- what is refused ---- */

static void assert_refused(const char *device, const char *why)
{
	struct err err = {0};

	assert_int_equal(customer_open(&customer, &settings, device, false, &err), ERR_USAGE);
	assert_non_null(strstr(err.text, why));
	assert_false(customer.wanted);
	customer_close(&customer);
}

static void refuses_what_is_no_terminal(void **state)
{
	(void)state;
	assert_refused(put_file("file", "", 0, 0600), "no terminal");
	assert_refused(folder_path, "no terminal");
	assert_refused("/dev/null", "no terminal");
	settings.display.speed = 115201;
	assert_refused(in_folder("nothing"), "speed 115201");
}

static void refuses_the_operators_own(void **state)
{
	pid_t child;
	int status = -1;

	(void)state;
	plug(80, 24);
	child = fork();
	if (child == 0) {
		struct err err = {0};
		int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
		bool refused, tty_refused;

		setsid();
		ioctl(fd, TIOCSCTTY, 0);
		dup2(fd, STDIN_FILENO);
		refused = customer_open(&customer, &settings, path(), false, &err) == ERR_USAGE &&
			strstr(err.text, "operator");
		tty_refused = customer_open(&customer, &settings, "/dev/tty", false, &err) ==
				ERR_USAGE && strstr(err.text, "operator");
		_exit(refused && tty_refused ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void is_not_there_when_nobody_wants_it(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(customer_open(&customer, &settings, NULL, false, &err), ERR_OK);
	assert_false(customer.wanted);
	turns();
	assert_true(customer_wait_ms(&customer, &counter, now_ms) == INT64_MAX);
	assert_int_equal(customer_fd(&customer), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_the_customers_side_and_nothing_else),
		TEST(a_phone_reads_the_code_there),
		TEST(speaks_the_customers_language),
		TEST(says_what_the_verdict_means_for_him),
		TEST(nobody_is_thanked_but_for_an_acceptance),
		TEST(asks_for_no_card_while_none_is_taken),
		TEST(every_reason_has_words_and_fits),
		TEST(shows_at_once_what_changed),
		TEST(draws_into_every_size),
		TEST(counts_down_by_itself),
		TEST(follows_the_size),
		TEST(goes_away_and_comes_back),
		TEST(may_come_later),
		TEST(one_that_stands_still_holds_up_nobody),
		TEST(keys_that_are_typed_there_do_nothing),
		TEST(gives_the_line_back_as_it_was),
		TEST(refuses_what_is_no_terminal),
		TEST(refuses_the_operators_own),
		TEST(is_not_there_when_nobody_wants_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
