/* SPDX-License-Identifier: Apache-2.0
 *
 * The small picture through shared memory: honest, torn and hostile writers.
 */
#include "tests/lib/scan_pictures.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "scanner/preview.h"
#include "scanner/shrink.h"

static const struct scan_preview_ring *ring;
static struct scan_preview_ring *theirs;
static struct scan_preview picture, got;
static int memory;

static int begin(void **state)
{
	(void)state;
	memset(&picture, 0, sizeof picture);
	picture.width = 640;
	picture.height = 480;
	return scan_preview_make(&ring, &memory, NULL) ||
		scan_preview_join(&theirs, dup(memory), NULL);
}

static int end(void **state)
{
	(void)state;
	munmap(theirs, sizeof *theirs);
	scan_preview_unmake(&ring, &memory);
	return 0;
}

static void gives_the_newest_picture(void **state)
{
	(void)state;
	assert_false(scan_preview_read(ring, &got));
	for (unsigned i = 0; i < 10; i++) {
		picture.frame = i;
		picture.code_count = 1;
		picture.corner[0][2][0] = SCAN_PREVIEW_COLUMNS;
		memset(picture.grey, (int)i, sizeof picture.grey);
		scan_preview_write(theirs, &picture);
		assert_true(scan_preview_read(ring, &got));
		assert_memory_equal(&got, &picture, sizeof got);
		assert_true(scan_preview_read(ring, &got)); /* as often as one likes */
	}
	atomic_store(&theirs->written, UINT32_MAX); /* the count begins again; 0 means none */
	scan_preview_write(theirs, &picture);
	assert_true(scan_preview_read(ring, &got));
}

static void the_memory_keeps_its_size_and_is_not_ours_to_write(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(memory, 10), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(memory, 1 << 20), -1);
	assert_int_equal(fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE), -1);
	pid_t pid = fork();
	if (pid == 0) {
		union {
			const struct scan_preview_ring *in;
			volatile uint32_t *out;
		} u = {.in = ring};
		signal(SIGSEGV, SIG_DFL);
		*u.out = 1;
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(atomic_load(&ring->written), 0);
}

static void refuses_memory_of_another_size(void **state)
{
	(void)state;
	struct scan_preview_ring *r;
	int fd = memfd_create("x", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, sizeof *r - 1), 0);
	assert_int_equal(scan_preview_join(&r, fd, NULL), ERR_IO);
	assert_null(r);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* closed */
}

static void passes_over_a_picture_that_is_being_written(void **state)
{
	(void)state;
	scan_preview_write(theirs, &picture);
	atomic_fetch_add(&theirs->slot[0].sequence, 1);
	assert_false(scan_preview_read(ring, &got)); /* its writer died in the middle */
	for (unsigned i = 0; i < 2 * SCAN_PREVIEW_SLOTS; i++) {
		picture.frame = 100 + i;
		scan_preview_write(theirs, &picture); /* the next life comes by there, too */
		assert_true(scan_preview_read(ring, &got));
		assert_int_equal(got.frame, 100 + i);
	}
}

static void refused(void)
{
	static const struct scan_preview nothing;
	scan_preview_write(theirs, &picture);
	assert_false(scan_preview_read(ring, &got));
	assert_memory_equal(&got, &nothing, sizeof got);
}

static void believes_no_field(void **state)
{
	(void)state;
	const struct scan_preview good = picture;
	static const uint16_t sides[] = {0, SCAN_SIDE_MIN - 1, SCAN_WIDTH_MAX + 1, UINT16_MAX};
	for (size_t i = 0; i < 4; i++) {
		picture = good;
		picture.width = sides[i];
		refused();
		picture = good;
		picture.height = sides[i];
		refused();
	}
	picture = good;
	picture.code_count = SCAN_CODES_MAX + 1;
	refused();
	picture.code_count = UINT16_MAX;
	refused();
	for (unsigned i = 0; i < SCAN_CODES_MAX; i++)
		for (unsigned k = 0; k < 4; k++)
			for (unsigned xy = 0; xy < 2; xy++) {
				picture = good;
				picture.code_count = (uint16_t)(i + 1);
				picture.corner[i][k][xy] = -1;
				refused();
				picture.corner[i][k][xy] = (int16_t)(
					(xy ? SCAN_PREVIEW_ROWS : SCAN_PREVIEW_COLUMNS) + 1);
				refused();
			}
	picture = good;
	memset(picture.corner, 0x7f, sizeof picture.corner); /* of no code: not looked at */
	scan_preview_write(theirs, &picture);
	assert_true(scan_preview_read(ring, &got));
	assert_int_equal(got.corner[0][0][0], 0); /* and not handed on */
}

/* ---- writers beside us ---- */

static pid_t beside(void (*writes)(void))
{
	pid_t parent = getpid(), pid = fork();
	assert_true(pid >= 0);
	while (pid == 0 && getppid() == parent)
		writes();
	if (pid == 0)
		_exit(0);
	return pid;
}

static void write_even(void)
{
	picture.frame++;
	memset(picture.grey, (int)(picture.frame & 0xff), sizeof picture.grey);
	scan_preview_write(theirs, &picture);
}

static void never_gives_a_torn_picture(void **state)
{
	(void)state;
	pid_t pid = beside(write_even);
	unsigned seen = 0;
	for (unsigned i = 0; seen < 2000 && i < 50000000; i++) {
		if (!scan_preview_read(ring, &got))
			continue;
		seen++;
		for (size_t k = 0; k < sizeof got.grey; k++)
			if (got.grey[k / SCAN_PREVIEW_COLUMNS][k % SCAN_PREVIEW_COLUMNS] !=
				(got.frame & 0xff))
				fail_msg("torn at %zu", k);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(seen, 2000);
}

/* Everything, all the time, the counters as well. */
static void scribble(void)
{
	static uint32_t seed = 1;
	volatile uint32_t *words = (volatile uint32_t *)(void *)theirs;
	for (size_t i = 0; i < sizeof *theirs / 4; i += 1 + (seed >> 24)) {
		seed = seed * 1664525u + 1013904223u;
		words[i] = seed & (seed << 7);
	}
	atomic_store(&theirs->written, 1);
	atomic_store(&theirs->slot[0].sequence, 2);
	theirs->slot[0].picture.width = 100;
	theirs->slot[0].picture.height = 100;
	theirs->slot[0].picture.code_count = (uint16_t)(seed >> 31);
	memset(theirs->slot[0].picture.corner, (int)(seed >> 30), 64);
}

static void survives_a_writer_that_scribbles(void **state)
{
	(void)state;
	pid_t pid = beside(scribble);
	unsigned seen = 0;
	for (unsigned i = 0; seen < 50 && i < 1000000; i++) {
		if (!scan_preview_read(ring, &got))
			continue;
		seen++;
		assert_in_range(got.width, SCAN_SIDE_MIN, SCAN_WIDTH_MAX);
		assert_in_range(got.height, SCAN_SIDE_MIN, SCAN_HEIGHT_MAX);
		assert_in_range(got.code_count, 0, SCAN_CODES_MAX);
		for (unsigned k = 0; k < SCAN_CODES_MAX * 4; k++) {
			assert_in_range(got.corner[k / 4][k % 4][0], 0, SCAN_PREVIEW_COLUMNS);
			assert_in_range(got.corner[k / 4][k % 4][1], 0, SCAN_PREVIEW_ROWS);
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(seen, 50); /* some of it could be believed */
}

/* ---- from a frame ---- */

static void corners_go_with_the_picture(void **state)
{
	(void)state;
	static struct scan_examined seen;
	struct scan_grey half = {.width = 0};
	grey_fill(&half, 640, 360, 77); /* of a frame of 1280 x 720 */
	seen = (struct scan_examined){.grey = &half, .width = 1280, .height = 720};
	seen.found.count = 1;
	const int16_t corner[4][2] = {{0, 0}, {1280, 0}, {640, 720}, {-40, 360}};
	memcpy(seen.found.codes[0].corner, corner, sizeof corner);
	scan_shrink(&picture, &seen);
	assert_int_equal(picture.width, 1280);
	assert_int_equal(picture.height, 720);
	const int16_t small[4][2] = {{0, 0}, {192, 0}, {96, 108}, {0, 54}};
	assert_memory_equal(picture.corner[0], small, sizeof small);
	assert_int_equal(picture.grey[0][0], 77);
	assert_int_equal(picture.grey[SCAN_PREVIEW_ROWS - 1][SCAN_PREVIEW_COLUMNS - 1], 77);
	scan_grey_done(&half);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(gives_the_newest_picture),
		CASE(the_memory_keeps_its_size_and_is_not_ours_to_write),
		CASE(refuses_memory_of_another_size),
		CASE(passes_over_a_picture_that_is_being_written),
		CASE(believes_no_field),
		CASE(never_gives_a_torn_picture),
		CASE(survives_a_writer_that_scribbles),
		CASE(corners_go_with_the_picture),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
