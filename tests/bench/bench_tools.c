/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames in several processes, records in shared memory, tables.
 */
#include "tests/bench/bench_parts.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- several processes ---- */

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("bench_scanner: shared memory");
		exit(1);
	}
	return p;
}

void *spread(const struct bench_options *o, const char *what, unsigned count, size_t size,
	void (*work)(const void *context, unsigned index, void *record), const void *context)
{
	char *records = shared(count * size + sizeof(atomic_uint));
	atomic_uint *done = shared(sizeof *done);

	fflush(NULL);
	for (unsigned job = 0; job < o->jobs; job++) {
		pid_t pid = fork();

		if (pid > 0)
			continue;
		for (unsigned i = job; i < count; i += o->jobs) {
			work(context, i, records + i * size);
			measure_progress(what, atomic_fetch_add(done, 1) + 1, count);
		}
		_exit(pid < 0);
	}
	for (unsigned job = 0; job < o->jobs; job++) {
		int status = 0;

		if (wait(&status) < 0 || status)
			fprintf(stderr, "bench_scanner: a worker for %s died: %x\n", what,
				(unsigned)status);
	}
	munmap(done, sizeof *done);
	return records;
}

void spread_done(void *records, unsigned count, size_t size)
{
	munmap(records, count * size + sizeof(atomic_uint));
}

void record_fill(struct record *r, const struct frame *f, unsigned engines)
{
	static struct reading reading;

	r->large = f->width > 640;
	for (int e = 0; e < ENGINE_COUNT; e++) {
		unsigned right, wrong;

		if (!(engines >> e & 1))
			continue;
		if (e == ENGINE_ZXING && !f->texts)
			r->ms[e] = (float)(engine_read_limited((enum engine)e, &reading, f) / 1000);
		else
			r->ms[e] = (float)(engine_read((enum engine)e, &reading, f) / 1000);
		if (e == ENGINE_OURS)
			r->steps = ours_steps;
		reading_judge(&reading, f, &right, &wrong);
		r->done[e] = true;
		r->read[e] = right > 0;
		r->wrong[e] = (uint8_t)wrong;
	}
}

/* ---- numbers ---- */

void tally_add(struct tally *t, double v)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 256;
		t->at = realloc(t->at, t->cap * sizeof *t->at);
		if (!t->at)
			exit(1);
	}
	t->at[t->count++] = v;
}

double tally_at(struct tally *t, double share)
{
	measure_sort(t->at, t->count);
	return measure_at(t->at, t->count, share);
}

double tally_mean(const struct tally *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->count; i++)
		sum += t->at[i];
	return t->count ? sum / (double)t->count : 0;
}

void tally_done(struct tally *t)
{
	free(t->at);
	*t = (struct tally){.at = NULL};
}

/* ---- tables ---- */

void score_add(struct score *s, const struct record *r)
{
	s->frames++;
	for (int e = 0; e < ENGINE_COUNT; e++) {
		s->done[e] += r->done[e];
		s->read[e] += r->read[e];
		s->wrong[e] += r->wrong[e];
	}
}

unsigned score_best_peer(const struct score *s)
{
	unsigned best = 0;

	for (int e = ENGINE_ZBAR; e < ENGINE_COUNT; e++)
		best = s->read[e] > best ? s->read[e] : best;
	return best;
}

void score_heads(const char *first)
{
	printf("%-24s %7s", first, "frames");
	for (int e = 0; e < ENGINE_COUNT; e++)
		printf(" %9s", engine_words[e]);
	puts("");
}

void score_row(const char *what, const struct score *s)
{
	printf("%-24s %7u", what, s->frames);
	for (int e = 0; e < ENGINE_COUNT; e++)
		if (s->done[e])
			printf(" %7.1f %%", 100.0 * s->read[e] / s->done[e]);
		else
			printf(" %9s", "-");
	if (score_best_peer(s) > s->read[ENGINE_OURS])
		printf("  behind by %u", score_best_peer(s) - s->read[ENGINE_OURS]);
	puts("");
}

static void times_row(const char *size, int e, struct tally *t, double ours)
{
	double median = tally_at(t, 0.5);

	printf("%-18s %-9s %7.2f / %7.2f / %7.2f / %7.2f  %6.2f\n", size, engine_words[e], median,
		tally_at(t, 0.95), tally_at(t, 1), tally_mean(t), median > 0 ? ours / median : 0);
}

void print_times(const struct record *r, unsigned count)
{
	static const char *const sizes[] = {"640x480", "1280x720 and more"};

	printf("%-18s %-9s %s\n", "CPU ms a frame", "",
		" median /     p95 /   worst /    mean  ours / theirs (medians)");
	for (int large = 0; large < 2; large++) {
		double ours = 0;

		for (int e = 0; e < ENGINE_COUNT; e++) {
			struct tally t = {.at = NULL};

			for (unsigned i = 0; i < count; i++)
				if (r[i].large == large && r[i].done[e])
					tally_add(&t, r[i].ms[e]);
			if (e == ENGINE_OURS || (e == ENGINE_VIDEO && ours <= 0))
				ours = tally_at(&t, 0.5);
			if (t.count)
				times_row(sizes[large], e, &t, ours);
			tally_done(&t);
		}
	}
}

void print_steps(const struct record *r, unsigned count)
{
	printf("%-10s %7s %7s %8s %8s %8s  %s\n", "step", "frames", "reads", "ms each", "p95",
		"ms/frame", "every effort: in this order until something is read");
	for (unsigned k = 0; k < ours_step_count(); k++) {
		struct tally t = {.at = NULL};
		unsigned reads = 0;

		for (unsigned i = 0; i < count; i++) {
			const struct ours_step *s = &r[i].steps.step[k];

			reads += s->read;
			if (s->ran)
				tally_add(&t, s->ms);
		}
		printf("%-10s %7zu %7u %8.2f %8.2f %8.2f  %s\n", ours_step_word(k), t.count, reads,
			tally_mean(&t), tally_at(&t, 0.95),
			tally_mean(&t) * (double)t.count / count, ours_step_means(k));
		tally_done(&t);
	}
}

/* ---- frames ---- */

void reading_judge(const struct reading *r, const struct frame *f, unsigned *right, unsigned *wrong)
{
	*right = *wrong = 0;
	for (unsigned i = 0; i < r->count; i++) {
		bool known = false;

		for (unsigned k = 0; k < f->texts; k++)
			known |= r->text[i].len == f->text[k].len &&
				 !memcmp(r->text[i].bytes, f->text[k].bytes, f->text[k].len);
		*right += known;
		*wrong += !known;
	}
}

void frame_write(const struct frame *f, const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s.pgm", dir, name);
	FILE *out = fopen(path, "w");

	if (!out) {
		perror(path);
		exit(1);
	}
	fprintf(out, "P5\n%d %d\n255\n", f->width, f->height);
	fwrite(f->grey, 1, (size_t)f->width * (size_t)f->height, out);
	fclose(out);
}
