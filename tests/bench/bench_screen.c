/* SPDX-License-Identifier: Apache-2.0
 *
 * The drawing half of make bench-screen: what a picture of the terminal's screen costs, and whether
 * memory stays through a day of them. The parent is the terminal and reads what is written; the
 * child draws, on a pseudo terminal, and measures its own processor time. Prints lines
 * "name value unit". Asserts nothing.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/measure.h"
#include "tests/lib/ui_samples.h"
#include "ui/screen.h"

#define RUNS 300
#define DAY_S 86400
#define DAY_PICTURES_S 60 /* one second in so many has ten pictures of the camera, not one */

struct bench {
	const char *name;
	const char *sample;
	int cols, rows;
	void (*before)(struct view_model *m, unsigned run); /* each picture */
};

static FILE *result; /* what the child measured */

static void nothing(struct view_model *m, unsigned run)
{
	(void)m;
	(void)run;
}

static void all_again(struct view_model *m, unsigned run)
{
	(void)m;
	(void)run;
	screen_redraw();
}

/* A hand that is never still, and a sensor's noise. */
static void other_picture(struct view_model *m, unsigned run)
{
	unsigned dice = run * 2654435761u;

	(void)m;
	for (int y = 0; y < VIEW_PREVIEW_ROWS; y++)
		for (int x = 0; x < VIEW_PREVIEW_COLUMNS; x++) {
			dice = dice * 1103515245u + 12345u;
			sample_preview_pixels[y][x] =
				(uint8_t)((unsigned)((x + (int)run) / 6 * 37 % 180 + y / 2) +
					(dice >> 16) % 5);
		}
}

static void other_second(struct view_model *m, unsigned run)
{
	m->now_unix_s = SAMPLE_NOW_UNIX_S + run;
	m->now_ms = SAMPLE_NOW_MS + (int64_t)(run % 40) * 1000;
}

static const struct bench BENCHES[] = {
	{"redraw-waiting-200x60", "waiting", 200, 60, all_again},
	{"redraw-number-200x60", "number", 200, 60, all_again},
	{"redraw-verdict-200x60", "authorised", 200, 60, all_again},
	{"redraw-waiting-240x67", "waiting", 240, 67, all_again},
	{"redraw-waiting-80x24", "waiting", 80, 24, all_again},
	{"preview-200x60", "waiting", 200, 60, other_picture},
	{"preview-80x24", "waiting", 80, 24, other_picture},
	{"second-200x60", "number", 200, 60, other_second},
	{"same-200x60", "waiting", 200, 60, nothing},
};

/* ---- the child's side ---- */

static const struct sample *named(const char *name)
{
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		if (strcmp(SAMPLES[i].name, name) == 0)
			return &SAMPLES[i];
	abort();
}

static void open_screen(struct grid *g)
{
	struct err err;
	int cols, rows;

	text_init("en");
	if (screen_open(&(struct screen_options){.no_bell = true}, &err) != ERR_OK)
		_exit(90);
	screen_size(&cols, &rows);
	if (grid_init(g, cols, rows, &err) != ERR_OK)
		_exit(91);
}

static void draw_many(const struct bench *b)
{
	static double ms[RUNS];
	struct view_model m;
	struct flow f;
	struct grid g;

	open_screen(&g);
	sample_fill(&m, &f, named(b->sample));
	m.colours = screen_colours();
	for (unsigned run = 0; run < RUNS; run++) {
		double begin;

		b->before(&m, run);
		begin = measure_process_cpu();
		view_draw(&g, &m);
		screen_draw(&g);
		ms[run] = 1000 * (measure_process_cpu() - begin);
	}
	screen_close();
	measure_sort(ms, RUNS);
	(void)fprintf(result, "%s %.3f ms CPU, p95 %.3f\n", b->name, measure_at(ms, RUNS, 0.5),
		measure_at(ms, RUNS, 0.95));
}

/* Every screen in turn, a minute each, in windows that change. */
static void one_second(struct grid *g, unsigned second)
{
	static const int SIZES[][2] = {{80, 24}, {200, 60}, {100, 30}, {240, 67}};
	struct view_model m;
	struct flow f;
	struct err err;

	if (second % 3600 == 0) {
		const int *size = SIZES[second / 3600 % 4];
		const struct winsize now = {.ws_col = (unsigned short)size[0],
			.ws_row = (unsigned short)size[1]};
		int cols, rows;

		if (ioctl(STDOUT_FILENO, TIOCSWINSZ, &now) != 0)
			_exit(92);
		screen_size(&cols, &rows);
		if (grid_resize(g, cols, rows, &err) != ERR_OK)
			_exit(93);
	}
	sample_fill(&m, &f, &SAMPLES[second / 60 % SAMPLE_COUNT]);
	m.colours = screen_colours();
	other_second(&m, second);
	for (unsigned i = 0; i < (second % DAY_PICTURES_S ? 1 : 10); i++) {
		if (second % DAY_PICTURES_S == 0)
			other_picture(&m, second * 10 + i);
		view_draw(g, &m);
		screen_draw(g);
	}
}

static void draw_a_day(void)
{
	struct grid g;
	double first = 0;

	open_screen(&g);
	for (unsigned second = 0; second < DAY_S; second++) {
		one_second(&g, second);
		if (second == 4 * 3600 - 1) /* every size was there, and this is the largest */
			first = measure_memory_kib(getpid(), "VmRSS:");
	}
	screen_close();
	(void)fprintf(result, "day-memory-first %.0f KiB\nday-memory-last %.0f KiB\n", first,
		measure_memory_kib(getpid(), "VmRSS:"));
	(void)fprintf(result, "day-cpu %.1f s for 24 hours\n", measure_process_cpu());
}

/* ---- the terminal's side ---- */

static void measure(const struct bench *b)
{
	const struct winsize size = {.ws_row = (unsigned short)(b ? b->rows : 24),
		.ws_col = (unsigned short)(b ? b->cols : 80)};
	static char text[65536];
	size_t bytes = 0;
	int terminal, status = -1;
	pid_t child;
	ssize_t n;

	(void)fflush(NULL);
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child == 0) {
		if (b)
			draw_many(b);
		else
			draw_a_day();
		_exit(fclose(result) == 0 ? 0 : 94);
	}
	while (child > 0 && (n = read(terminal, text, sizeof(text))) > 0)
		bytes += (size_t)n;
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		(void)fprintf(stderr, "bench_screen: %s: status %d\n", b ? b->name : "day", status);
		exit(1);
	}
	close(terminal);
	if (b)
		printf("%s-bytes %zu bytes\n", b->name, bytes / RUNS);
}

int main(int argc, char **argv)
{
	bool day = argc < 2 || strcmp(argv[1], "day") == 0;

	/* the child's standard output is the terminal */
	if (argc > 2 || (result = fdopen(dup(STDOUT_FILENO), "w")) == NULL) {
		(void)fputs("usage: bench_screen [drawing | day | part of a name]\n", stderr);
		return 3;
	}
	(void)setenv("TERM", "xterm-256color", 1);
	(void)unsetenv("NO_COLOR");
	for (size_t i = 0; i < sizeof(BENCHES) / sizeof(BENCHES[0]); i++)
		if (argc < 2 || strcmp(argv[1], "drawing") == 0 || strstr(BENCHES[i].name, argv[1]))
			measure(&BENCHES[i]);
	if (day)
		measure(NULL);
	return 0;
}
