/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices that come and go. A hand-held reader on a pseudo terminal can be unplugged here; a camera
 * is unplugged in tests/vm.
 */
#include "tests/lib/scan_process_kit.h"

#include <grp.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "scanner/process.h"

static char name[64]; /* like one under /dev/serial/by-id: the number behind it changes */
static int far_end = -1;

static void unplug(void)
{
	if (far_end >= 0)
		close(far_end);
	far_end = -1;
	unlink(name);
}

static void plug_in(void)
{
	int near_end;
	char real[64];
	assert_int_equal(openpty(&far_end, &near_end, real, NULL, NULL), 0);
	close(near_end);
	assert_int_equal(symlink(real, name), 0);
}

static int begin_device(void **state)
{
	static unsigned count;
	snprintf(name, sizeof name, "/dev/shm/test_scan_device.%d.%u", (int)getpid(), count++);
	return begin(state);
}

static int end_device(void **state)
{
	int r = end(state);
	unplug();
	return r;
}

static const char *spec(void)
{
	static char text[80];
	snprintf(text, sizeof text, "reader:%s", name);
	return text;
}

/* The terminal goes on: it asks again and again and hears at most one fault. */
static unsigned faults_for(int ms, struct scan_msg *last)
{
	unsigned faults = 0;
	int64_t until = now_ms() + ms;
	while (now_ms() < until) {
		struct scan_msg m;
		bool got;
		assert_int_equal(scan_process_next(p, &m, &got, now_ms(), &err), ERR_OK);
		if (got && m.kind == SCAN_MSG_FAULT) {
			faults++;
			*last = m;
		}
		if (!got)
			poll(NULL, 0, 5);
	}
	return faults;
}

static void types(const char *text)
{
	struct scan_msg m;
	/* It throws away what came before it was ready. */
	do {
		m = next_of(SCAN_MSG_FRAME);
	} while (m.code_count);
	assert_int_equal(write(far_end, text, strlen(text)), strlen(text));
	do {
		m = next_of(SCAN_MSG_FRAME);
	} while (!m.code_count);
	assert_int_equal(m.codes[0].text_len, strlen(text) - 1);
	assert_memory_equal(m.codes[0].text, text, strlen(text) - 1);
}

static void waits_for_a_device_that_is_not_there(void **state)
{
	(void)state;
	struct scan_options opt = {.source = spec()};
	struct scan_msg m;
	start(&opt);
	assert_int_equal(scan_process_fd(p), -1);
	assert_int_equal(faults_for(1300, &m), 1);
	assert_int_equal(m.fatal, 1);
	assert_int_equal(m.code, ERR_NOT_FOUND);
	assert_non_null(strstr(m.fault, name));
	assert_int_equal(scan_process_restarts(p), 0); /* no process for nothing */
	plug_in();
	next_of(SCAN_MSG_HELLO);
	types("FIRST\r");
}

static void a_camera_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	struct scan_options opt = {.source = "/dev/video99"};
	struct scan_msg m;
	start(&opt);
	assert_int_equal(faults_for(1300, &m), 1);
	assert_int_equal(m.code, ERR_NOT_FOUND);
	assert_non_null(strstr(m.fault, "/dev/video99"));
	assert_int_equal(scan_process_pid(p), 0);
}

#define NOBODY 65534

/* What somebody without rights hears of a camera; in a process of its own. */
static void as_nobody(int to, const char *path)
{
	struct scan_options opt = {.source = path};
	struct scan_msg m = {.code = ERR_OK};
	bool got;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		setresuid(NOBODY, NOBODY, NOBODY) || scan_process_new(&p, &opt, &err) ||
		scan_process_next(p, &m, &got, now_ms(), &err))
		_exit(1);
	_exit(write(to, &m, sizeof m) == sizeof m ? 0 : 1);
}

static void a_camera_of_others_is_told_with_its_group(void **state)
{
	(void)state;
	const struct group *video = getgrnam("video");
	gid_t group = video ? video->gr_gid : 0;
	char spec[96], words[96];
	struct scan_msg m = {.code = ERR_OK};
	int pair[2], status;
	snprintf(spec, sizeof spec, "replay:%s/video0", dir);
	snprintf(words, sizeof words, "may not use the camera; it must be in the group %s (and log "
		"in again)", video ? "video" : "root");
	if (geteuid() != 0 || mknod(spec + 7, S_IFCHR | 0660, makedev(81, 0)))
		skip(); /* who makes no devices cannot; tests/vm does */
	assert_int_equal(chown(spec + 7, 0, group), 0);
	assert_int_equal(chmod(spec + 7, 0660), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(pipe(pair), 0);
	pid_t pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid)
		as_nobody(pair[1], spec);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(pair[0], &m, sizeof m), sizeof m);
	assert_int_equal(m.kind, SCAN_MSG_FAULT);
	assert_int_equal(m.fatal, 1);
	assert_int_equal(m.code, ERR_PERMISSION);
	assert_non_null(strstr(m.fault, words));
	close(pair[0]);
	close(pair[1]);
}

/* ---- what is told ---- */

static bool is_news(struct scan_process *of, enum err_code code, bool fatal, const char *words)
{
	struct scan_msg m;
	scan_msg_init(&m, SCAN_MSG_FAULT);
	m.code = (uint16_t)code;
	m.fatal = fatal;
	scan_msg_set_fault(&m, words);
	return scan_device_is_news(of, &m);
}

static void what_lasts_over_many_lives_is_told_once(void **state)
{
	(void)state;
	static struct scan_process of;
	memset(&of, 0, sizeof of);
	assert_true(is_news(&of, ERR_INVALID, false, "no such setting"));
	assert_true(is_news(&of, ERR_INVALID, false, "no such setting")); /* not kept */
	assert_true(is_news(&of, ERR_TIMEOUT, false, "no pictures"));
	assert_true(is_news(&of, ERR_TIMEOUT, true, "no pictures")); /* the life has ended */
	for (int life = 0; life < 3; life++) {
		assert_false(is_news(&of, ERR_INVALID, false, "no such setting"));
		assert_false(is_news(&of, ERR_TIMEOUT, false, "no pictures"));
		assert_false(is_news(&of, ERR_TIMEOUT, true, "no pictures"));
	}
	assert_true(is_news(&of, ERR_IO, false, "works again"));
	scan_device_good(&of);
	assert_true(is_news(&of, ERR_INVALID, false, "no such setting"));
	assert_true(is_news(&of, ERR_TIMEOUT, false, "no pictures"));
	assert_true(is_news(&of, ERR_CLOSED, true, "unplugged"));
	assert_false(is_news(&of, ERR_NOT_FOUND, true, "not there"));
	assert_true(is_news(&of, ERR_INVALID, false, "no such setting")); /* another one came */
	assert_true(is_news(&of, ERR_BUSY, true, "in use"));
	assert_false(is_news(&of, ERR_BUSY, true, "in use"));
	assert_true(is_news(&of, ERR_BUSY, true, "in use by another"));
}

/* Once opened and closed it would hang up: whatever is no camera, opening it may do something. */
static bool was_opened(int pty)
{
	struct pollfd terminal = {.fd = pty, .events = POLLIN};
	assert_true(poll(&terminal, 1, 0) >= 0);
	return terminal.revents;
}

static int new_pty(void)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(pty >= 0 && grantpt(pty) == 0 && unlockpt(pty) == 0);
	return pty;
}

static void looks_before_it_opens_a_camera(void **state)
{
	(void)state;
	struct scan_msg m;
	int pty = new_pty();
	struct scan_options opt = {.source = ptsname(pty)};
	assert_int_equal(scan_process_new(&p, &opt, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, opt.source));
	assert_false(was_opened(pty));
	/* Something else that comes back under the camera's name. */
	opt.source = name;
	start(&opt);
	assert_int_equal(symlink(ptsname(pty), name), 0);
	int tries = 0;
	while (tries++ < 10 && !(faults_for(200, &m) && m.code != ERR_NOT_FOUND))
		;
	assert_int_equal(m.code, ERR_UNSUPPORTED);
	assert_false(was_opened(pty));
	close(open(ptsname(pty), O_RDWR | O_NOCTTY | O_CLOEXEC));
	assert_true(was_opened(pty)); /* that can be seen */
	close(pty);
}

static void goes_on_when_it_is_plugged_in_again(void **state)
{
	(void)state;
	struct scan_options opt = {.source = spec()};
	struct scan_msg m;
	plug_in();
	start(&opt);
	types("BEFORE\r");
	for (unsigned i = 0; i < 3; i++) {
		unplug();
		assert_int_equal(faults_for(1300, &m), 1); /* told once, however long it lasts */
		assert_int_equal(m.fatal, 1);
		assert_non_null(strstr(m.fault, "unplugged"));
		plug_in(); /* under another number */
		next_of(SCAN_MSG_HELLO);
		types("AFTER\r");
	}
}

static void keeps_the_device_over_a_death(void **state)
{
	(void)state;
	struct scan_options opt = {.source = spec()};
	plug_in();
	start(&opt);
	types("BEFORE\r");
	kill(scan_process_pid(p), SIGKILL);
	struct scan_msg m = next_of(SCAN_MSG_FAULT);
	assert_int_equal(m.fatal, 0);
	/* Nobody saw this card being shown: it is no card of the next customer. */
	assert_int_equal(write(far_end, "MEANWHILE\r", 10), 10);
	m = next_of(SCAN_MSG_FRAME);
	assert_int_equal(m.code_count, 0);
	types("AFTER\r");
	assert_int_equal(scan_process_restarts(p), 1);
}

static void lets_go_of_the_device_at_the_end(void **state)
{
	(void)state;
	struct scan_options opt = {.source = spec()};
	struct termios before, after;
	plug_in();
	assert_int_equal(tcgetattr(far_end, &before), 0);
	start(&opt);
	types("BEFORE\r");
	scan_process_free(&p);
	assert_int_equal(tcgetattr(far_end, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	start(&opt); /* not in use any more */
	types("AFTER\r");
}

#undef CASE
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin_device, end_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(waits_for_a_device_that_is_not_there),
		CASE(a_camera_that_is_not_there_is_waited_for),
		CASE(a_camera_of_others_is_told_with_its_group),
		CASE(what_lasts_over_many_lives_is_told_once),
		CASE(looks_before_it_opens_a_camera),
		CASE(goes_on_when_it_is_plugged_in_again),
		CASE(keeps_the_device_over_a_death),
		CASE(lets_go_of_the_device_at_the_end),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
