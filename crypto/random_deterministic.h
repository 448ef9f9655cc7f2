/* SPDX-License-Identifier: Apache-2.0
 *
 * The seed of the deterministic test build. No installed program contains this.
 */
#ifndef CRYPTO_RANDOM_DETERMINISTIC_H
#define CRYPTO_RANDOM_DETERMINISTIC_H

#include "base/bytes.h"

#define SEC_RANDOM_SEED_MAX  256 /* bytes */
#define SEC_RANDOM_LABEL_MAX 256 /* bytes with NUL */

/* Starts the stream again: the same seed and label give the same bytes to the same calls in the
 * same order. Until it was called, sec_random() fails. May
 * be called before sec_start().
 */
void sec_random_seed(struct span seed, const char *label);

#endif
