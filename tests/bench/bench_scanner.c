/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner's cost beside zbarimg on the same frames, its memory over many frames, and the time
 * from start to the first frame. Prints one line a figure. bench_scanner [FRAMES]
 */
#include "tests/lib/scan_pictures.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "scanner/examine.h"
#include "scanner/scanner.h"

#define WIDTH 1280
#define HEIGHT 720
#define FILES 24 /* different frames, each once; the scanner loops over them */
#define STARTS 15
#define LONG_RUN 10000

static char dir[64];
static double module = 5; /* pixels */

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_scanner: %s\n", what);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Frame i: a hand-held phone, its screen dark around the code when inverted. */
static void draw(struct scan_grey *g, int i, bool code, bool inverted)
{
	char text[200];
	struct placed p = {.text = code_text(text, 185, 3),
		.x = WIDTH / 2 + 3 * (i % 7),
		.y = HEIGHT / 2 - 2 * (i % 5),
		.module = module,
		.angle = i % 9 - 4,
		.dark = inverted ? 225 : 25,
		.light = inverted ? 25 : 225};
	grey_scene(g, WIDTH, HEIGHT);
	if (code)
		draw_code(g, &p);
	blur(g);
}

static void put_frames(bool code, bool inverted)
{
	struct scan_grey g = {.pixels = NULL};
	for (int i = 0; i < FILES; i++) {
		char name[16];
		draw(&g, i, code, inverted);
		struct span pgm = make_pgm(&g), jpeg = make_jpeg(&g, 85);
		snprintf(name, sizeof name, "%02d.pgm", i);
		write_file(in_dir(dir, name), "w", pgm);
		write_file(in_dir(dir, "all.mjpeg"), i ? "a" : "w", jpeg);
		drop(pgm);
		drop(jpeg);
	}
	scan_grey_done(&g);
}

static double child_ms(const struct rusage *use)
{
	return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1e3 +
		(double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1e3;
}

/* CPU time of a command, per frame; -1 when it is not there. */
static double command_ms(const char *command)
{
	char shell[300];
	struct rusage use;
	int status;
	snprintf(shell, sizeof shell, "exec %s >/dev/null 2>&1", command);
	pid_t pid = fork();
	must(pid >= 0, "cannot fork");
	if (pid == 0) {
		if (chdir(dir))
			_exit(126);
		execl("/bin/sh", "sh", "-c", shell, (char *)NULL);
		_exit(127);
	}
	must(wait4(pid, &status, 0, &use) == pid, "cannot wait");
	return WIFEXITED(status) && WEXITSTATUS(status) < 100 ? child_ms(&use) / FILES : -1;
}

/* Ours in this process on the same pixels, as in a video; codes = frames with a code found. */
static double ours_ms(bool code, bool inverted, unsigned *codes)
{
	struct scan_examiner e;
	struct scan_examined seen;
	struct scan_grey g = {.pixels = NULL};
	double sum = 0;
	*codes = 0;
	scan_examiner_init(&e);
	for (int i = 0; i < FILES; i++) {
		draw(&g, i, code, inverted);
		struct scan_frame f = {.grey = &g};
		must(scan_examine(&e, &seen, &f, false, NULL) == ERR_OK, "cannot examine");
		sum += seen.cpu_us / 1e3;
		*codes += seen.found.count > 0;
	}
	scan_examiner_done(&e);
	scan_grey_done(&g);
	return sum / FILES;
}

static void compare(const char *what, bool code, bool inverted)
{
	unsigned codes;
	put_frames(code, inverted);
	double ours = ours_ms(code, inverted, &codes);
	double qr = command_ms("zbarimg -q --raw -Sdisable -Sqrcode.enable *.pgm");
	double all = command_ms("zbarimg -q --raw *.pgm");
	printf("1280x720 %-10s ours %6.2f ms a frame (%u of %d read), zbarimg QR only %6.2f, "
	       "zbarimg %6.2f\n", what, ours, codes, FILES, qr, all);
}

static struct scan_process *start(bool loop)
{
	static char spec[100];
	struct scan_options opt = {.source = spec, .stepped = true, .loop = loop};
	struct scan_process *p;
	struct err err;
	snprintf(spec, sizeof spec, "replay:%s", in_dir(dir, "all.mjpeg"));
	if (scan_process_new(&p, &opt, &err))
		must(false, err.text);
	return p;
}

static struct scan_msg step(struct scan_process *p)
{
	struct scan_msg m;
	bool got;
	scan_process_command(p, SCAN_CMD_STEP, 0);
	for (;;) {
		must(!scan_process_next(p, &m, &got, 0, NULL), "the scanner ended");
		if (got && m.kind == SCAN_MSG_FRAME)
			return m;
		struct pollfd pfd = {.fd = scan_process_fd(p), .events = POLLIN};
		if (!got)
			poll(&pfd, 1, 1000);
	}
}

static void measure_start(void)
{
	double ms[STARTS];
	for (int i = 0; i < STARTS; i++) {
		double from = now_ms();
		struct scan_process *p = start(false);
		struct scan_msg m = step(p);
		ms[i] = now_ms() - from;
		must(m.code_count == 1, "the first frame was not read");
		scan_process_free(&p);
	}
	qsort(ms, STARTS, sizeof ms[0], ascending);
	printf("start to first frame read   median %.1f ms, worst of %d %.1f ms\n", ms[STARTS / 2],
		STARTS, ms[STARTS - 1]);
}

static long resident_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "VmRSS:", 6))
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static void measure_memory(long frames)
{
	struct scan_process *p = start(true);
	long early = -1;
	double cpu = 0, from = now_ms();
	for (long i = 0; i < frames; i++) {
		cpu += step(p).decode_us / 1e3;
		if (i == frames / 10)
			early = resident_kib(scan_process_pid(p));
	}
	printf("1280x720 mjpeg, whole process   %.2f ms CPU a frame, %.2f ms wall\n",
		cpu / (double)frames, (now_ms() - from) / (double)frames);
	printf("resident memory   %ld KiB after %ld frames, %ld KiB after %ld (goal: under 24576), "
	       "%u restarts\n", early, frames / 10, resident_kib(scan_process_pid(p)), frames,
		scan_process_restarts(p));
	scan_process_free(&p);
}

int main(int argc, char **argv)
{
	snprintf(dir, sizeof dir, "%s", test_dir());
	compare("no code", false, false);
	compare("dark code", true, true);
	compare("code", true, false);
	measure_start();
	measure_memory(argc > 1 ? strtol(argv[1], NULL, 10) : LONG_RUN);
	remove_dir(dir);
	return 0;
}
