/* SPDX-License-Identifier: Apache-2.0
 *
 * The real scanner process: from the first legible frame to its text at the terminal's side, and
 * memory over many frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scanner/scanner.h"
#include "tests/bench/bench_parts.h"
#include "tests/bench/dice.h"
#include "tests/bench/shot_private.h"

#define WIDTH    1280
#define HEIGHT   720
#define PICTURES 24
#define WAIT_MS  5000

static char dir[] = "/tmp/bench_scanner.XXXXXX";
static char path[64];

static double now_ms(void)
{
	return measure_now() * 1e3;
}

__attribute__((noreturn)) static void fatal(const char *what)
{
	fprintf(stderr, "bench_scanner: %s\n", what);
	exit(1);
}

static struct scan_process *start(const struct bench_options *o, bool stepped)
{
	static char spec[96];
	struct scan_options opt = {
		.source = spec, .stepped = stepped, .loop = stepped, .program = o->scanner};
	struct scan_process *p;
	struct err err;

	snprintf(spec, sizeof spec, "replay:%s", path);
	if (scan_process_new(&p, &opt, &err))
		fatal(err.text);
	return p;
}

/* The next examined frame; false when there is none within WAIT_MS. */
static bool next_frame(struct scan_process *p, struct scan_msg *m)
{
	double end = now_ms() + WAIT_MS;

	while (now_ms() < end) {
		bool got = false;

		if (scan_process_next(p, m, &got, (int64_t)now_ms(), NULL) == ERR_CLOSED)
			return false;
		if (got && m->kind == SCAN_MSG_FRAME)
			return true;
		struct pollfd pfd = {.fd = scan_process_fd(p), .events = POLLIN};

		if (!got)
			poll(&pfd, 1, 100);
	}
	return false;
}

static void put(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			fatal("cannot write frames");
		at += n;
		len -= (size_t)n;
	}
}

static void put_frame(int fd, const struct frame *f, bool jpeg)
{
	if (jpeg) {
		unsigned char *bytes;
		size_t len = jpeg_write(&bytes, f->grey, f->width, f->height, 85);

		put(fd, bytes, len);
		free(bytes);
	} else {
		put(fd, "FRAME\n", 6);
		put(fd, f->grey, (size_t)f->width * (size_t)f->height);
	}
}

static void take(struct frame *f, unsigned number, bool code)
{
	static struct shot s;

	shot_plain(&s, WIDTH, HEIGHT, number);
	s.background = (enum shot_background)(number % GROUND_COUNT);
	if (code) {
		struct shot_code *c = shot_add(&s, 5, 180, number);

		c->carrier = CARRIER_PHONE;
		c->roll = number % 17 - 8.0;
		c->x = 0.4 + 0.02 * (number % 11);
	}
	frame_take(f, &s);
}

/* ---- from a frame to its text ---- */

/* A live pipe: the writer is a process of its own, as a camera is. Tells when it wrote the last
 * frame's first and last byte through `times`.
 */
static void feed(bool jpeg, unsigned number, int times)
{
	static const struct timespec pause = {.tv_nsec = 66 * 1000000};
	static struct frame empty, code;
	double at[2];

	take(&empty, number + 1, false);
	take(&code, number, true);
	int fd = open(path, O_WRONLY);

	if (!jpeg)
		put(fd, "YUV4MPEG2 W1280 H720 F15:1 Cmono\n", 33);
	for (int i = 0; i < 4; i++) {
		put_frame(fd, &empty, jpeg);
		nanosleep(&pause, NULL);
	}
	at[0] = now_ms();
	put_frame(fd, &code, jpeg);
	if (jpeg) /* the next one begins: only then is it known that this one is whole */
		put(fd, "\xff\xd8\xff", 3);
	at[1] = now_ms();
	put(times, at, sizeof at);
	nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	_exit(0);
}

static bool latency_once(const struct bench_options *o, bool jpeg, unsigned number, double out[2])
{
	int times[2];
	double at[2] = {0, 0}, seen = 0;
	struct scan_msg m;

	if (mkfifo(path, 0600) || pipe(times))
		fatal("cannot make a pipe");
	fflush(NULL);
	pid_t pid = fork();

	if (pid == 0)
		feed(jpeg, number, times[1]);
	struct scan_process *p = start(o, false);

	while (seen <= 0 && next_frame(p, &m))
		if (m.code_count)
			seen = now_ms();
	if (read(times[0], at, sizeof at) != sizeof at)
		seen = 0;
	scan_process_free(&p);
	close(times[0]);
	close(times[1]);
	waitpid(pid, NULL, 0);
	unlink(path);
	out[0] = seen - at[0];
	out[1] = seen - at[1];
	return seen > 0;
}

static void latency(const struct bench_options *o, bool jpeg)
{
	struct tally first = {.at = NULL}, last = {.at = NULL};
	unsigned tries = o->quick ? 5 : 15;

	for (unsigned i = 0; i < tries; i++) {
		double ms[2];

		if (!latency_once(o, jpeg, i, ms))
			continue;
		tally_add(&first, ms[0]);
		tally_add(&last, ms[1]);
	}
	printf("first legible frame to text, 1280x720 %-5s  median %.1f ms after its last byte, "
	       "%.1f after its first, worst %.1f, %zu of %u read\n",
		jpeg ? "mjpeg" : "grey", tally_at(&last, 0.5), tally_at(&first, 0.5),
		tally_at(&last, 1), first.count, tries);
	tally_done(&first);
	tally_done(&last);
}

/* ---- memory ---- */

/* Easy, hard and empty frames in turn, so that every step of the reader runs. */
static void put_pictures(bool jpeg)
{
	static struct frame f;
	static struct shot s;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		fatal("cannot write pictures");
	if (!jpeg)
		put(fd, "YUV4MPEG2 W1280 H720 F30:1 Cmono\n", 33);
	for (unsigned i = 0; i < PICTURES; i++) {
		if (i % 3 < 2) {
			take(&f, i, i % 3 == 0);
		} else {
			frames_shot(&s, (enum condition)(i % COND_COUNT), GRADE_EXTREME, 2 * i + 1);
			s.width = WIDTH;
			s.height = HEIGHT;
			frame_take(&f, &s);
		}
		put_frame(fd, &f, jpeg);
	}
	close(fd);
}

static void memory(const struct bench_options *o, bool jpeg, unsigned frames)
{
	struct tally cpu = {.at = NULL};
	struct scan_msg m;
	double first = 0, early = 0, late, most;

	put_pictures(jpeg);
	struct scan_process *p = start(o, true);
	double from = now_ms();

	for (unsigned i = 0; i < frames; i++) {
		scan_process_command(p, SCAN_CMD_STEP, 0);
		if (!next_frame(p, &m))
			fatal("the scanner says nothing any more");
		tally_add(&cpu, m.decode_us / 1e3);
		if (i == 0)
			first = measure_memory_kib(scan_process_pid(p), "VmRSS:");
		if (i == frames / 10)
			early = measure_memory_kib(scan_process_pid(p), "VmRSS:");
	}
	late = measure_memory_kib(scan_process_pid(p), "VmRSS:");
	most = measure_memory_kib(scan_process_pid(p), "VmHWM:");
	printf("%-5s %u frames, %.2f ms wall each, CPU ms median %.2f p99 %.2f worst %.2f, %u "
	       "restarts\n",
		jpeg ? "mjpeg" : "grey", frames, (now_ms() - from) / frames, tally_at(&cpu, 0.5),
		tally_at(&cpu, 0.99), tally_at(&cpu, 1), scan_process_restarts(p));
	printf("      resident MiB: %.1f after the first frame, %.1f after a tenth, %.1f at the "
	       "end, %.1f most (goal: under 24)\n",
		first / 1024, early / 1024, late / 1024,
		most / 1024);
	scan_process_free(&p);
	unlink(path);
	tally_done(&cpu);
}

void bench_process(const struct bench_options *o)
{
	puts("\nthe scanner process");
	if (!o->scanner || access(o->scanner, X_OK)) {
		puts("not measured: --scanner names no program");
		return;
	}
	if (!mkdtemp(dir))
		fatal("cannot make a folder");
	snprintf(path, sizeof path, "%s/frames", dir);
	latency(o, false);
	latency(o, true);
	memory(o, false, o->frames);
	memory(o, true, o->frames / 2);
	rmdir(dir);
}
