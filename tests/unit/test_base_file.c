/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "tests/lib/folder.h"

static int files_in_folder(void)
{
	DIR *dir = opendir(folder_path);
	int count = 0;

	while (dir != NULL && readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2; /* . and .. */
}

static void reads_what_is_there(void **state)
{
	static char text[20000];
	struct bytes b;
	struct err e;
	(void)state;

	memset(text, 'x', sizeof text);
	static const size_t lens[] = {0, 1, 63, 4095, 4096, 4097, 19999, 20000};
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		const char *path = put_file("f", text, lens[i], 0600);
		bytes_init(&b, sizeof text);
		assert_int_equal(file_read(&b, path, true, &e), ERR_OK);
		assert_true(span_equal(bytes_span(&b), SPAN(text, lens[i])));
		bytes_done(&b);
		/* The limit is exact. */
		bytes_init(&b, lens[i]);
		assert_int_equal(file_read(&b, path, false, &e), ERR_OK);
		assert_int_equal(b.len, lens[i]);
		bytes_done(&b);
	}
}

static void refuses_a_file_above_the_limit(void **state)
{
	struct bytes b;
	struct err e;
	const char *path = put_file("f", "0123456789", 10, 0600);
	(void)state;

	bytes_init(&b, 9);
	assert_int_equal(file_read(&b, path, false, &e), ERR_TOO_LARGE);
	assert_int_equal(b.len, 0);
	assert_non_null(strstr(e.text, "9 bytes"));
	bytes_done(&b);
	/* What was in the buffer before stays. */
	bytes_init(&b, 12);
	bytes_add_text(&b, "abc");
	assert_int_equal(file_read(&b, path, false, &e), ERR_TOO_LARGE);
	assert_string_equal(bytes_text(&b), "abc");
	bytes_done(&b);
	bytes_init(&b, 0);
	assert_int_equal(file_read(&b, path, false, &e), ERR_TOO_LARGE);
	bytes_done(&b);
}

static void refuses_what_is_not_a_regular_file(void **state)
{
	struct bytes b;
	struct err e;
	(void)state;

	bytes_init(&b, 100);
	assert_int_equal(file_read(&b, folder_path, false, &e), ERR_INVALID);
	assert_int_equal(file_read(&b, "/dev/zero", false, &e), ERR_INVALID);
	const char *pipe_path = in_folder("pipe");
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(file_read(&b, pipe_path, true, &e), ERR_INVALID); /* and does not hang */
	assert_int_equal(file_read(&b, in_folder("missing"), false, &e), ERR_NOT_FOUND);
	assert_int_equal(e.os_errno, ENOENT);
	assert_non_null(strstr(e.text, "missing"));
	assert_int_equal(b.len, 0);
	bytes_done(&b);
}

static void a_secret_must_be_its_owners_alone(void **state)
{
	struct bytes b;
	struct err e;
	(void)state;

	bytes_init(&b, 100);
	for (unsigned mode = 0; mode < 0100; mode++) {
		const char *path = put_file("secret", "s", 1, 0600 | mode);
		assert_int_equal(
			file_read(&b, path, true, &e), mode == 0 ? ERR_OK : ERR_PERMISSION);
		if (mode != 0) {
			assert_non_null(strstr(e.text, "chmod 600 "));
			assert_non_null(strstr(e.text, path));
		}
		assert_int_equal(file_read(&b, path, false, &e), ERR_OK);
	}
	bytes_done(&b);
}

static void replaces_whole_files_and_leaves_nothing_beside(void **state)
{
	struct bytes b;
	struct stat st;
	struct err e;
	const char *path = in_folder("f");
	(void)state;

	umask(0077);
	assert_int_equal(file_replace(path, span_text("first"), 0600, &e), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_replace(path, span_text("second"), 0644, &e), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	bytes_init(&b, 100);
	assert_int_equal(file_read(&b, path, false, &e), ERR_OK);
	assert_string_equal(bytes_text(&b), "second");
	bytes_clear(&b);
	assert_int_equal(file_replace(path, (struct span){0}, 0600, &e), ERR_OK);
	assert_int_equal(file_read(&b, path, true, &e), ERR_OK);
	assert_int_equal(b.len, 0);
	bytes_done(&b);
	assert_int_equal(files_in_folder(), 1);
}

static void a_failed_replacement_keeps_the_old_file(void **state)
{
	struct err e;
	struct bytes b;
	char name[300];
	(void)state;

	assert_int_equal(
		file_replace(in_folder("no/such"), span_text("x"), 0600, &e), ERR_NOT_FOUND);
	assert_int_equal(mkdir(in_folder("d"), 0700), 0);
	put_file("d/inside", "x", 1, 0600);
	assert_int_not_equal(file_replace(in_folder("d"), span_text("x"), 0600, &e), ERR_OK);
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_not_equal(file_replace(name, span_text("x"), 0600, &e), ERR_OK);
	assert_int_equal(files_in_folder(), 1);

	/* A full disk: the limit on file size stands for it. */
	const char *path = put_file("f", "old", 3, 0600);
	struct rlimit limit;
	static char much[8192];
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	enum err_code code = file_replace(path, SPAN(much, sizeof much), 0600, &e);
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(code, ERR_IO);
	assert_int_equal(e.os_errno, EFBIG);
	assert_int_equal(files_in_folder(), 2);
	bytes_init(&b, 100);
	assert_int_equal(file_read(&b, path, true, &e), ERR_OK);
	assert_string_equal(bytes_text(&b), "old");
	bytes_done(&b);
}

static void a_name_without_a_folder_is_beside_the_caller(void **state)
{
	struct err e;
	char before[4096];
	(void)state;

	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder_path), 0);
	assert_int_equal(file_replace("f", span_text("x"), 0600, &e), ERR_OK);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(access(in_folder("f"), F_OK), 0);
}

static void *drain(void *fd)
{
	static char text[3000];
	size_t total = 0;
	ssize_t n;

	while ((n = read(*(int *)fd, text, sizeof text)) > 0)
		total += (size_t)n;
	return (void *)total;
}

static void writes_everything_through_a_small_pipe(void **state)
{
	static char much[1 << 20];
	int ends[2];
	pthread_t reader;
	void *total;
	struct err e;
	(void)state;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&reader, NULL, drain, &ends[0]), 0);
	assert_int_equal(file_write_all(ends[1], SPAN(much, sizeof much), &e), ERR_OK);
	assert_int_equal(file_write_all(ends[1], (struct span){0}, &e), ERR_OK);
	close(ends[1]);
	assert_int_equal(pthread_join(reader, &total), 0);
	assert_int_equal((size_t)total, sizeof much);
	close(ends[0]);
}

static void a_pipe_without_a_reader_is_closed(void **state)
{
	int ends[2];
	struct err e;
	(void)state;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(file_write_all(ends[1], span_text("x"), &e), ERR_CLOSED);
	close(ends[1]);
	assert_int_equal(file_write_all(ends[1], span_text("x"), &e), ERR_IO);
	assert_int_equal(e.os_errno, EBADF);
}

static void non_blocking_is_set_and_taken_back(void **state)
{
	int ends[2];
	char c;
	struct err e;
	(void)state;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(file_set_nonblocking(ends[0], true, &e), ERR_OK);
	assert_int_equal(read(ends[0], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(file_set_nonblocking(ends[0], false, &e), ERR_OK);
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(file_set_nonblocking(ends[0], true, &e), ERR_IO);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(reads_what_is_there),
		CASE(refuses_a_file_above_the_limit),
		CASE(refuses_what_is_not_a_regular_file),
		CASE(a_secret_must_be_its_owners_alone),
		CASE(replaces_whole_files_and_leaves_nothing_beside),
		CASE(a_failed_replacement_keeps_the_old_file),
		CASE(a_name_without_a_folder_is_beside_the_caller),
		CASE(writes_everything_through_a_small_pipe),
		CASE(a_pipe_without_a_reader_is_closed),
		CASE(non_blocking_is_set_and_taken_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
