/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench_parts.h"

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

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double tally_at(struct tally *t, double share)
{
	if (!t->count)
		return 0;
	qsort(t->at, t->count, sizeof *t->at, ascending);
	return t->at[(size_t)((double)(t->count - 1) * share + 0.5)];
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

void progress(const char *what, unsigned done, unsigned all)
{
	if (done % 20 && done != all)
		return;
	if (isatty(2))
		fprintf(stderr, "\r%s %u of %u%s", what, done, all, done == all ? "\n" : "  ");
	else if (done && done % 500 == 0)
		fprintf(stderr, "%s %u of %u\n", what, done, all);
}
