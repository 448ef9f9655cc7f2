/* SPDX-License-Identifier: Apache-2.0
 *
 * The seed of the deterministic test build. No installed program contains this.
 */
#ifndef CRYPTO_RANDOM_DETERMINISTIC_H
#define CRYPTO_RANDOM_DETERMINISTIC_H

#include "base/bytes.h"

/* Starts the stream again: the same seed and label give the same bytes to the same calls in the
 * same order. Until it was called, sec_random() fails.
 */
void sec_random_seed(struct span seed, const char *label);

#endif
