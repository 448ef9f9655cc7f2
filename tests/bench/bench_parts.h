/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the scanner's benchmark; each prints its own table.
 */
#ifndef TESTS_BENCH_PARTS_H
#define TESTS_BENCH_PARTS_H

#include "tests/bench/engine.h"
#include "tests/bench/frames.h"
#include "tests/bench/measure.h"

struct bench_options {
	bool quick;
	unsigned each;       /* frames of each condition and grade */
	unsigned jobs;       /* processes; each measures its own CPU time */
	unsigned blank;      /* frames without a code */
	unsigned frames;     /* of the long run */
	uint64_t only;       /* bits of conditions; 0 = all */
	uint64_t parts;      /* bits of parts; 0 = all */
	const char *misses;  /* folder for frames that we miss and a peer reads */
	const char *photos;  /* folder of photographs with their texts */
	const char *scanner; /* countersign-scanner */
};

/* What came of one frame. */
struct record {
	uint8_t at[4]; /* the part's own: which condition and so on */
	bool large;    /* wider than 640 */
	bool done[ENGINE_COUNT], read[ENGINE_COUNT];
	uint8_t wrong[ENGINE_COUNT];
	float ms[ENGINE_COUNT];
	struct ours_steps steps; /* of ENGINE_OURS */
};

/* Makes `count` records of `size` bytes by calling work(context, index, record) for each, in
 * o->jobs processes. The caller gives them back by spread_done(). Progress goes to stderr.
 */
void *spread(const struct bench_options *o, const char *what, unsigned count, size_t size,
	void (*work)(const void *context, unsigned index, void *record), const void *context);
void spread_done(void *records, unsigned count, size_t size);

/* Every engine of the bits in `engines` on one frame. */
#define ENGINES_ALL ((1u << ENGINE_COUNT) - 1)
void record_fill(struct record *r, const struct frame *f, unsigned engines);

/* ---- numbers of one kind ---- */

struct tally {
	double *at;
	size_t count, cap;
};
void tally_add(struct tally *t, double v);
double tally_at(struct tally *t, double share); /* 0.5 = median; 0 when empty; sorts */
double tally_mean(const struct tally *t);
void tally_done(struct tally *t);

/* ---- tables ---- */

struct score {
	unsigned frames;
	unsigned done[ENGINE_COUNT];
	unsigned read[ENGINE_COUNT];
	unsigned wrong[ENGINE_COUNT];
};
void score_add(struct score *s, const struct record *r);
unsigned score_best_peer(const struct score *s);
void score_heads(const char *first);
void score_row(const char *what, const struct score *s);
/* What each step of our cascade added and cost, over the records. */
void print_steps(const struct record *r, unsigned count);
/* Medians and the like of the records, for each engine, by size of frame. */
void print_times(const struct record *r, unsigned count);

/* ---- frames ---- */

/* Texts of the frame that came out, and others. */
void reading_judge(
	const struct reading *r, const struct frame *f, unsigned *right, unsigned *wrong);
void frame_write(const struct frame *f, const char *dir, const char *name);

/* X(function, word, what it tells) */
#define PART_LIST(X)                                                                               \
	X(bench_set, "set", "the graded set: reads and times")                                     \
	X(bench_sweep, "sweep", "sharp codes by size; tilt, dark, inverted at 3 pixels and more")  \
	X(bench_fixtures, "fixtures", "frames of the recorded sessions")                           \
	X(bench_video, "video", "a moving hand: frames until the first read")                      \
	X(bench_tracked, "tracked", "CPU where the code is where it was")                          \
	X(bench_idle, "idle", "CPU with nothing in view")                                          \
	X(bench_hostile, "hostile", "the worst frame of pictures made to be bad")                  \
	X(bench_blank, "blank", "wrong texts on frames without a code")                            \
	X(bench_process, "process", "the real process: latency, memory")

#define PART_DECLARE(function, word, what) void function(const struct bench_options *o);
PART_LIST(PART_DECLARE)
#undef PART_DECLARE
void bench_photos(const struct bench_options *o);

#endif
