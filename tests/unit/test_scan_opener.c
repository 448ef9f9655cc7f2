/* SPDX-License-Identifier: Apache-2.0
 *
 * The process that opens files for a confined one.
 */
#include "tests/lib/scan_pictures.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "scanner/confine.h"
#include "scanner/opener.h"

#define READING (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define WRITING (O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_EXCL)

static char dir[64], folder[96];
static struct err err;
static int opener;

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", test_dir());
	snprintf(folder, sizeof folder, "%s/folder", dir);
	write_file(in_dir(dir, "secret"), "w", span_text("secret"));
	opener = -1;
	return mkdir(folder, 0700);
}

static int end(void **state)
{
	(void)state;
	if (opener >= 0)
		close(opener);
	remove_dir(folder);
	remove_dir(dir);
	return 0;
}

static void start(const char *const *names, size_t count, int flags)
{
	struct scan_opener_job job = {.dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.names = names,
		.count = count,
		.flags = flags};
	assert_int_equal(scan_opener_start(&opener, &job, &err), ERR_OK);
	close(job.dir_fd);
}

static void holds(uint32_t index, const char *text)
{
	char got[32] = "";
	int fd;
	assert_int_equal(scan_opener_open(opener, &fd, index, &err), ERR_OK);
	assert_int_equal(read(fd, got, sizeof got - 1), strlen(text));
	assert_string_equal(got, text);
	close(fd);
}

static void opens_by_number_in_any_order_and_again(void **state)
{
	(void)state;
	static const char *const names[] = {"a", "b", "c"};
	for (size_t i = 0; i < 3; i++)
		write_file(in_dir(folder, names[i]), "w", span_text(names[i]));
	start(names, 3, READING);
	holds(2, "c");
	holds(0, "a");
	for (int i = 0; i < 2000; i++) /* keeps none of them itself */
		holds(1, "b");
}

static void refused(uint32_t index, enum err_code code, const char *words)
{
	int fd = 7;
	assert_int_equal(scan_opener_open(opener, &fd, index, &err), code);
	assert_int_equal(fd, -1);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void refuses_what_is_no_file_in_the_list(void **state)
{
	(void)state;
	static const char *const names[] = {"a", "fifo", "none", "/dev/null"};
	write_file(in_dir(folder, "a"), "w", span_text("a"));
	assert_int_equal(mkfifo(in_dir(folder, "fifo"), 0600), 0);
	start(names, 3, READING); /* the fourth is behind its end */
	refused(1, ERR_FORMAT, "not a file");
	refused(2, ERR_IO, "No such file");
	refused(3, ERR_IO, "Invalid argument");
	refused(UINT32_MAX, ERR_IO, "Invalid argument");
	holds(0, "a"); /* and lives on */
}

static void follows_a_link_that_was_in_the_folder(void **state)
{
	(void)state;
	static const char *const names[] = {"link"};
	assert_int_equal(symlink("../secret", in_dir(folder, "link")), 0);
	start(names, 1, READING);
	holds(0, "secret");
}

/* A name that leaves the folder never comes from a folder's listing. */
static void is_held_in_its_folder_by_the_kernel(void **state)
{
	(void)state;
	static const char *const names[] = {"../secret"};
	if (!scan_landlock_version() || SCAN_SANITIZED)
		return; /* this kernel or build has none */
	start(names, 1, READING);
	refused(0, ERR_IO, "Permission denied");
}

static void makes_files_of_a_recording_once(void **state)
{
	(void)state;
	static const char *const names[] = {"frames", "times", "../out"};
	int fd;
	start(names, 3, WRITING);
	assert_int_equal(scan_opener_open(opener, &fd, 0, &err), ERR_OK);
	assert_int_equal(write(fd, "12", 2), 2);
	assert_int_equal(ftruncate(fd, 1), 0); /* a frame is taken back */
	close(fd);
	refused(0, ERR_IO, "File exists");
	assert_int_equal(access(in_dir(folder, "times"), F_OK), -1); /* only when asked */
	if (scan_landlock_version())
		refused(2, ERR_IO, "Permission denied");
}

static void ends_with_its_asker(void **state)
{
	(void)state;
	static const char *const names[] = {"a"};
	int status;
	start(names, 1, READING);
	close(opener);
	opener = -1;
	assert_true(wait(&status) > 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void says_that_the_opener_has_gone(void **state)
{
	(void)state;
	static const char *const names[] = {"a"};
	start(names, 1, READING);
	assert_int_equal(send(opener, "nonsense", 8, 0), 8); /* it believes no such asker */
	struct pollfd p = {.fd = opener, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 5000), 1);
	refused(0, ERR_IO, "has gone");
	wait(NULL);
}

/* ---- confined itself ---- */

static bool opens_otherwise(int fd)
{
	return openat(fd, "a", O_RDWR) >= 0;
}
static bool makes_a_socket(int fd)
{
	(void)fd;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}
static bool forks(int fd)
{
	(void)fd;
	return fork() >= 0;
}
static bool maps(int fd)
{
	(void)fd;
	return syscall(SYS_mmap, NULL, 4096, 1, 0x22, -1, 0) > 0;
}
static bool removes(int fd)
{
	return unlinkat(fd, "a", 0) == 0;
}

static void can_do_nothing_but_open(void **state)
{
	(void)state;
	static bool (*const deeds[])(int) = {opens_otherwise, makes_a_socket, forks, maps, removes};
	write_file(in_dir(folder, "a"), "w", span_text("a"));
	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			int fd = open(folder, O_RDONLY | O_DIRECTORY);
			if (scan_confine_start(NULL) ||
				scan_confine_opener(fd, NULL, 0, READING, NULL) ||
				openat(fd, "a", READING) < 0)
				_exit(2);
			_exit(deeds[i](fd));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(opens_by_number_in_any_order_and_again),
		CASE(refuses_what_is_no_file_in_the_list),
		CASE(follows_a_link_that_was_in_the_folder),
		CASE(is_held_in_its_folder_by_the_kernel),
		CASE(makes_files_of_a_recording_once),
		CASE(ends_with_its_asker),
		CASE(says_that_the_opener_has_gone),
		CASE(can_do_nothing_but_open),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
