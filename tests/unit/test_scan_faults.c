/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults inside the real process, as a hostile picture could cause them: each costs one restart,
 * and the next frames are read. countersign-scanner-faulty is the program with faults on demand.
 */
#include "tests/lib/scan_process_kit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "scanner/confine.h"
#include "scanner/process.h"
#include "tests/lib/scanner_faults.h"

static char folder[4096], program[4200];

/* A frame with a code each 30 ms, without end. */
static void start_live(void)
{
	static char spec[256];
	struct scan_options opt = {.source = spec, .program = program};
	put_recording(1, "one.mjpeg", true);
	snprintf(spec, sizeof spec,
		"simulator:while cat %s/one.mjpeg; do sleep 0.03; done 2>/dev/null", dir);
	assert_int_equal(scan_program_dir(folder, sizeof folder, &err), ERR_OK);
	snprintf(program, sizeof program, "%s/countersign-scanner-faulty", folder);
	start(&opt);
}

/* The next frame with its code; all faults on the way are counted. */
static unsigned faults_before_a_good_frame(char words[SCAN_FAULT_MAX])
{
	unsigned faults = 0;
	int64_t end_ms = now_ms() + 20000;
	while (now_ms() < end_ms) {
		struct scan_msg m;
		bool got;
		enum err_code code = scan_process_next(p, &m, &got, now_ms(), &err);
		assert_true(code == ERR_OK || code == ERR_PROTOCOL);
		if (got && m.kind == SCAN_MSG_FRAME && m.code_count == 1)
			return faults;
		if (got && m.kind == SCAN_MSG_FAULT && strstr(m.fault, "restarted")) {
			assert_int_equal(m.fatal, 0);
			memcpy(words, m.fault, sizeof m.fault);
			faults++;
		}
		struct pollfd pfd = {.fd = scan_process_fd(p), .events = POLLIN};
		int64_t wait = scan_process_next_ms(p) - now_ms();
		if (!got)
			poll(&pfd, 1, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait);
	}
	fail_msg("no good frame in 20 s");
	return 0;
}

/* why: NULL = anything but that it ended by itself. */
static void costs_one_restart(enum scanner_fault fault, const char *why)
{
	char words[SCAN_FAULT_MAX] = "";
	start_live();
	for (int i = 0; i < 3; i++)
		assert_int_equal(faults_before_a_good_frame(words), 0);
	pid_t pid = scan_process_pid(p);
	int64_t from = now_ms();
	assert_int_equal(kill(pid, SIGRTMIN + (int)fault), 0);
	/* frames that were on their way come first */
	while (scan_process_restarts(p) == 0)
		faults_before_a_good_frame(words);
	print_message("# %s: %d ms to the next good frame\n", words, (int)(now_ms() - from));
	if (why ? !strstr(words, why) : strstr(words, "status") != NULL)
		fail_msg("%s", words);
	assert_int_equal(kill(pid, 0), -1);
	for (int i = 0; i < 5; i++) /* and nothing else */
		assert_int_equal(faults_before_a_good_frame(words), 0);
	assert_int_equal(scan_process_restarts(p), 1);
}

static void a_crash_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_SEGV, SCAN_SANITIZED ? "status 1" : "signal 11");
}
static void an_endless_loop_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_LOOP, "did not answer");
}
static void a_loop_that_says_it_lives_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_LOOP_ALIVE, "did not answer");
}
static void a_memory_bomb_costs_one_restart(void **state)
{
	(void)state;
	/* Filling memory takes time: the limit of memory ends it (signal 6) or that of time. A
	 * build with sanitizers has no limit of memory.
	 */
	if (!SCAN_SANITIZED)
		costs_one_restart(FAULT_BOMB, NULL);
}
static void a_forbidden_call_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_SYSCALL, "what it may not");
}
static void nonsense_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_NONSENSE, "no message");
}
static void a_storm_of_good_messages_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_STORM_PREVIEW, "too many messages");
}
static void a_storm_of_words_costs_one_restart(void **state)
{
	(void)state;
	costs_one_restart(FAULT_STORM_WORDS, "too many messages");
}

/* A till may read standard error together with the events. */
static void a_forged_event_reaches_nobody(void **state)
{
	(void)state;
	int log = open(in_dir(dir, "stderr"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	struct stat st;
	assert_true(log >= 0 && before >= 0);
	assert_int_equal(dup2(log, STDERR_FILENO), STDERR_FILENO);
	if (!SCAN_SANITIZED) /* those keep it for their reports */
		costs_one_restart(FAULT_FORGERY, "status 0");
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(fstat(log, &st), 0);
	close(log);
	assert_int_equal(st.st_size, 0);
}

/* The events of a minute, not those of a fault in each millisecond. */
static void many_words_are_told_in_part(void **state)
{
	(void)state;
	unsigned told = 0;
	bool got = true;
	struct scan_msg m;
	start_live();
	next_of(SCAN_MSG_FRAME);
	assert_int_equal(kill(scan_process_pid(p), SIGRTMIN + FAULT_STORM_WORDS), 0);
	while (scan_process_restarts(p) == 0) {
		if (scan_process_next(p, &m, &got, now_ms(), &err) == ERR_OK && !got)
			poll(NULL, 0, 1);
		told += got && m.kind == SCAN_MSG_FAULT && strstr(m.fault, "on fire");
	}
	assert_in_range(told, 1, SCAN_FAULTS_MAX + 20); /* one a second more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_crash_costs_one_restart),
		CASE(an_endless_loop_costs_one_restart),
		CASE(a_loop_that_says_it_lives_costs_one_restart),
		CASE(a_memory_bomb_costs_one_restart),
		CASE(a_forbidden_call_costs_one_restart),
		CASE(nonsense_costs_one_restart),
		CASE(a_storm_of_good_messages_costs_one_restart),
		CASE(a_storm_of_words_costs_one_restart),
		CASE(a_forged_event_reaches_nobody),
		CASE(many_words_are_told_in_part),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
