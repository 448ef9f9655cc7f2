/* SPDX-License-Identifier: Apache-2.0
 *
 * The one query there is: ?wait=SECONDS&after=NUMBER of the route for events. Strict: each name at
 * most once, decimal digits without a sign or leading zeros, nothing escaped, nothing else. Pure.
 */
#ifndef BACKEND_QUERY_H
#define BACKEND_QUERY_H

#include <stdbool.h>

#include "base/bytes.h"

#define EVENTS_WAIT_MAX_S 60 /* of a long poll; longer waits are refused */
#define EVENTS_NUMBER_MAX 9007199254740991 /* 2^53 - 1: what every JSON reader can hold */

/* The path before '?'; *query is what follows it, data NULL when there is no '?'. */
struct span query_split(struct span target, struct span *query);

/* query may have data NULL. On success *wait_s is -1 when it is not there, and so is *after.
 * ERR_FORMAT or ERR_RANGE with words for the caller.
 */
ERR_MUST_CHECK enum err_code query_read(int64_t *wait_s, int64_t *after, struct span query,
	struct err *err);
/* One number of the form above, from 0 to max. */
ERR_MUST_CHECK enum err_code query_number(int64_t *out, struct span digits, int64_t max);

#endif
