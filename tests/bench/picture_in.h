/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures from files, as grey frames: JPEG, PNG, PGM. For photographs and recordings that the
 * benchmark reads; fitted into a size by means over areas, never enlarged.
 */
#ifndef TESTS_BENCH_PICTURE_IN_H
#define TESTS_BENCH_PICTURE_IN_H

#include "tests/bench/shot.h"

struct picture_in {
	int width, height;
	uint8_t *grey;
	size_t cap;
};

/* False: no picture that is known, or broken. */
bool picture_in_read(struct picture_in *p, const uint8_t *bytes, size_t len);
/* Into width x height, turned for a picture that is higher than wide. */
void picture_in_fit(struct frame *f, const struct picture_in *p, int width, int height);
/* NULL when it cannot be read; the caller frees it. */
uint8_t *file_bytes(const char *path, size_t *len);

#endif
