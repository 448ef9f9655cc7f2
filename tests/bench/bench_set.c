/* SPDX-License-Identifier: Apache-2.0
 *
 * The graded set: reads for each condition and grade, times, ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/bench_parts.h"

struct score {
	unsigned frames;
	unsigned read[ENGINE_COUNT];
};

static struct score score[COND_COUNT][GRADE_COUNT];
static struct tally times[ENGINE_COUNT][2]; /* 640x480, larger */
static unsigned wrong[ENGINE_COUNT];

static bool wanted(const struct bench_options *o, int c)
{
	return !o->only || o->only >> c & 1;
}

static void keep_miss(const struct bench_options *o, const struct frame *f, int c, int g,
	unsigned i, const bool read[ENGINE_COUNT])
{
	char name[128];

	if (!o->misses || read[ENGINE_OURS] ||
		!(read[ENGINE_ZBAR] || read[ENGINE_ZBAR_QR] || read[ENGINE_ZXING]))
		return;
	snprintf(name, sizeof name, "%s-%s-%02u-%.1fpx-%s%s", condition_words[c], grade_words[g], i,
		f->module, read[ENGINE_ZBAR_QR] || read[ENGINE_ZBAR] ? "b" : "",
		read[ENGINE_ZXING] ? "x" : "");
	frame_write(f, o->misses, name);
}

static void examine(const struct bench_options *o, struct frame *f, int c, int g, unsigned i)
{
	static struct shot shot;
	static struct reading reading;
	bool read[ENGINE_COUNT];

	frames_shot(&shot, (enum condition)c, (enum grade)g, i);
	frame_take(f, &shot);
	score[c][g].frames++;
	for (int e = 0; e < ENGINE_COUNT; e++) {
		unsigned right, false_texts;
		double us = engine_read((enum engine)e, &reading, f);

		tally_add(&times[e][f->width > 640], us / 1000);
		reading_judge(&reading, f, &right, &false_texts);
		read[e] = right > 0;
		score[c][g].read[e] += read[e];
		wrong[e] += false_texts;
		if (false_texts && o->misses) {
			char name[64];

			snprintf(name, sizeof name, "wrong-%s-%s-%s-%02u", engine_words[e],
				condition_words[c], grade_words[g], i);
			frame_write(f, o->misses, name);
		}
	}
	keep_miss(o, f, c, g, i, read);
}

/* ---- the tables ---- */

static void heads(const char *first)
{
	printf("%-22s %7s", first, "frames");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %9s", engine_words[e]);
	puts("");
}

static unsigned best_peer(const struct score *s)
{
	unsigned best = 0;

	for (int e = ENGINE_ZBAR; e < ENGINE_COUNT; e++)
		best = s->read[e] > best ? s->read[e] : best;
	return best;
}

static void row(const char *what, const struct score *s)
{
	printf("%-22s %7u", what, s->frames);
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %7.1f %%", s->frames ? 100.0 * s->read[e] / s->frames : 0.0);
	if (best_peer(s) > s->read[ENGINE_OURS])
		printf("  behind by %u", best_peer(s) - s->read[ENGINE_OURS]);
	puts("");
}

static void add(struct score *sum, const struct score *s)
{
	sum->frames += s->frames;
	for (int e = 0; e < ENGINE_COUNT; e++)
		sum->read[e] += s->read[e];
}

static void report_reads(const struct bench_options *o)
{
	struct score all = {.frames = 0}, by_grade[GRADE_COUNT] = {{.frames = 0}};

	puts("\nreads on the graded set, easy to extreme together");
	heads("condition");
	for (int c = 0; c < COND_COUNT; c++) {
		struct score sum = {.frames = 0};

		for (int g = 0; g < GRADE_COUNT; g++) {
			add(&sum, &score[c][g]);
			add(&by_grade[g], &score[c][g]);
		}
		add(&all, &sum);
		if (wanted(o, c))
			row(condition_words[c], &sum);
	}
	puts("");
	heads("grade");
	for (int g = 0; g < GRADE_COUNT; g++)
		row(grade_words[g], &by_grade[g]);
	row("all", &all);
	printf("%-22s %7s", "wrong texts", "");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %9u", wrong[e]);
	puts("");
}

/* Read of how many, for each condition and grade: where to look. */
static void report_grades(const struct bench_options *o)
{
	puts("\nours / best peer, frames read by grade");
	for (int c = 0; c < COND_COUNT; c++) {
		if (!wanted(o, c))
			continue;
		printf("%-12s", condition_words[c]);
		for (int g = 0; g < GRADE_COUNT; g++) {
			const struct score *s = &score[c][g];

			printf("  %3u/%3u of %3u%s", s->read[ENGINE_OURS], best_peer(s), s->frames,
				best_peer(s) > s->read[ENGINE_OURS] ? " <" : "  ");
		}
		puts("");
	}
}

static void report_times(void)
{
	static const char *const sizes[] = {"640x480", "1280x720 and more"};

	puts("\nCPU ms a frame on the graded set: median / p95 / mean, and ours over theirs "
	     "(medians)");
	for (int k = 0; k < 2; k++)
		for (int e = 0; e < ENGINE_COUNT; e++) {
			double ours = tally_at(&times[ENGINE_OURS][k], 0.5);
			double median = tally_at(&times[e][k], 0.5);

			printf("%-18s %-9s %7.2f / %7.2f / %7.2f   %.2f\n", sizes[k],
				engine_words[e], median, tally_at(&times[e][k], 0.95),
				tally_mean(&times[e][k]), median > 0 ? ours / median : 0);
		}
}

void bench_set(const struct bench_options *o)
{
	static struct frame f;
	unsigned done = 0, all = 0;

	if (o->misses)
		mkdir(o->misses, 0777);
	for (int c = 0; c < COND_COUNT; c++)
		all += wanted(o, c) ? GRADE_COUNT * o->each : 0;
	for (int c = 0; c < COND_COUNT; c++)
		for (int g = 0; g < GRADE_COUNT && wanted(o, c); g++)
			for (unsigned i = 0; i < o->each; i++) {
				examine(o, &f, c, g, i);
				progress("graded set", ++done, all);
			}
	report_reads(o);
	report_grades(o);
	report_times();
	frame_done(&f);
}
