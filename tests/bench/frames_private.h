/* SPDX-License-Identifier: Apache-2.0
 *
 * A shot of the bench set in the making.
 */
#ifndef TESTS_BENCH_FRAMES_PRIVATE_H
#define TESTS_BENCH_FRAMES_PRIVATE_H

#include "tests/bench/dice.h"
#include "tests/bench/frames.h"

struct roll {
	struct shot *s;
	struct shot_code *c;
	double bad;
	enum grade grade;
	uint64_t *dice;
};

/* Modules of our codes' symbols with some slack, for choosing what fits a frame. */
double frames_side(const struct shot_code *c);
/* Conditions that change size, turn or quiet zone of a code: before it is placed. */
void frames_shape(struct roll *r, enum condition which);
/* The others: light, lens, sensor. */
void frames_spoil(struct roll *r, enum condition which);

#endif
