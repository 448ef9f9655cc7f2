/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the frame generator share.
 */
#ifndef TESTS_BENCH_SHOT_PRIVATE_H
#define TESTS_BENCH_SHOT_PRIVATE_H

#include "tests/bench/dice.h"
#include "tests/bench/shot.h"

#define SYMBOL_SIDE_MAX 177
#define DEGREE          0.017453292519943295

struct symbol {
	int side;
	bool dark[SYMBOL_SIDE_MAX][SYMBOL_SIDE_MAX]; /* [y][x] */
};

/* What carries a code, seen from straight ahead. Below 0: nothing there. */
struct carrier {
	float *at;
	size_t cap; /* floats */
	int width, height;
	double x, y;       /* centre of the symbol */
	double per_module; /* texels */
	int side;          /* modules of the symbol */
};

/* The scene in linear light, 1.0 = white paper in good light. */
struct light {
	int width, height;
	float *at, *other; /* SHOT_WIDTH_MAX * SHOT_HEIGHT_MAX each */
};

void *shot_room(void *p, size_t *cap, size_t count, size_t size);
__attribute__((noreturn)) void shot_fatal(const char *what);

void symbol_make(struct symbol *m, const struct shot_code *c, uint64_t seed);
void carrier_draw(
	struct carrier *t, const struct symbol *m, const struct shot_code *c, uint64_t seed);
/* Smooth noise of lattice pitch 1, 0 .. 1. */
double ground_noise(uint64_t seed, double x, double y);
void ground_draw(struct light *l, const struct shot *s);
void scene_lay(
	struct light *l, const struct shot *s, const struct carrier *t, const struct shot_code *c);
void light_fall(struct light *l, const struct shot *s);
void lens_blur(struct light *l, const struct shot *s);
void sensor_read(uint8_t *grey, struct light *l, const struct shot *s);
/* The caller frees *out. */
size_t jpeg_write(unsigned char **out, const uint8_t *grey, int width, int height, int quality);
/* Through JPEG and back, in place. */
void jpeg_pass(uint8_t *grey, int width, int height, int quality);

#endif
