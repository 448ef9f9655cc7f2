/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures that somebody holds up to make a reader slow, or to make it read what is not there.
 * None holds a text, except HOSTILE_HUGE and HOSTILE_NESTED, whose texts are in the frame.
 */
#ifndef TESTS_BENCH_HOSTILE_H
#define TESTS_BENCH_HOSTILE_H

#include "tests/bench/shot.h"

/* X(enum, word) */
#define HOSTILE_LIST(X)                                                                            \
	X(HOSTILE_STRIPES, "stripes")                                                              \
	X(HOSTILE_CHECKS, "checkerboards")                                                         \
	X(HOSTILE_NOISE, "noise")                                                                  \
	X(HOSTILE_BITS, "random black and white")                                                  \
	X(HOSTILE_MODULES, "fields of random modules")                                             \
	X(HOSTILE_FINDERS, "fields of finder patterns")                                            \
	X(HOSTILE_DARK_FINDERS, "the same, light on dark")                                         \
	X(HOSTILE_TINY, "thousands of tiny finder patterns")                                       \
	X(HOSTILE_SCATTER, "finder patterns everywhere, turned")                                   \
	X(HOSTILE_BARS, "bars of 1:1:3:1:1")                                                       \
	X(HOSTILE_RINGS, "rings")                                                                  \
	X(HOSTILE_SPIRAL, "spirals")                                                               \
	X(HOSTILE_HUGE, "version 40")                                                              \
	X(HOSTILE_NESTED, "a code in a code")                                                      \
	X(HOSTILE_RUINED, "codes whose data are noise")                                            \
	X(HOSTILE_FORMATS, "fields of ruined codes")                                               \
	X(HOSTILE_CORNERS, "three finder patterns around random modules")                          \
	X(HOSTILE_MATRIX, "something like Data Matrix and Aztec")                                  \
	X(HOSTILE_LABELS, "bar codes")                                                             \
	X(HOSTILE_SLOPES, "slopes")

enum hostile {
#define HOSTILE_ENUM(name, word) name,
	HOSTILE_LIST(HOSTILE_ENUM)
#undef HOSTILE_ENUM
	HOSTILE_COUNT
};

extern const char *const hostile_words[HOSTILE_COUNT];

void hostile_take(struct frame *f, enum hostile kind, int width, int height, unsigned number);

#endif
