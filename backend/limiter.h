/* SPDX-License-Identifier: Apache-2.0
 *
 * How often one address may guess: tries that did not succeed, by where they came from, for what
 * anybody may send (passphrases, activation tokens, enrolment codes). Each address has a bucket of
 * as many tries as the policy allows a minute, filled again evenly. A fixed table: the bucket that
 * was used longest ago gives way, so that nobody can make it grow. Pure: knows no sockets and no
 * clock, and belongs to one thread.
 */
#ifndef BACKEND_LIMITER_H
#define BACKEND_LIMITER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_ORIGIN_LEN 16 /* IPv4 as ::ffff:a.b.c.d; of IPv6 the first 64 bits, then zeroes */
#define LIMITER_SETS 1024 /* also in docs/limits.md: 4 addresses each */
#define LIMITER_WAYS 4

struct limiter;

ERR_MUST_CHECK enum err_code limiter_new(struct limiter **out, struct err *err);
void limiter_free(struct limiter **l); /* NULL-safe */

/* Takes one try of at most `a_minute`; false: none is left, and *wait_ms says until when. */
ERR_MUST_CHECK bool limiter_take(struct limiter *l, int64_t *wait_ms,
	const uint8_t origin[static LIMITER_ORIGIN_LEN], int64_t a_minute, int64_t now_ms);
/* It was no guess, or was never looked at: the try is given back. */
void limiter_give(struct limiter *l, const uint8_t origin[static LIMITER_ORIGIN_LEN]);

#endif
