/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the scanner's benchmark; each prints its own table.
 */
#ifndef TESTS_BENCH_PARTS_H
#define TESTS_BENCH_PARTS_H

#include "tests/bench/engine.h"
#include "tests/bench/frames.h"

struct bench_options {
	bool quick;
	unsigned each;       /* frames of each condition and grade */
	uint64_t only;       /* bits of conditions; 0 = all */
	const char *part;    /* NULL = all */
	const char *misses;  /* folder for frames that we miss and a peer reads */
	const char *photos;  /* folder of photographs with their texts */
	const char *scanner; /* countersign-scanner */
};

/* Numbers of one kind, for medians. */
struct tally {
	double *at;
	size_t count, cap;
};
void tally_add(struct tally *t, double v);
double tally_at(struct tally *t, double share); /* 0.5 = median; 0 when empty; sorts */
double tally_mean(const struct tally *t);
void tally_done(struct tally *t);

/* Texts of the frame that came out, and others. */
void reading_judge(
	const struct reading *r, const struct frame *f, unsigned *right, unsigned *wrong);
void frame_write(const struct frame *f, const char *dir, const char *name);
/* A line on stderr that is written over. */
void progress(const char *what, unsigned done, unsigned all);

void bench_set(const struct bench_options *o);

#endif
