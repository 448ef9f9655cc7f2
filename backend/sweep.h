/* SPDX-License-Identifier: Apache-2.0
 *
 * When to look for what ran out and what is old: every WORKER_SWEEP_S, by the clock of the rules;
 * and soon again while a look leaves something, so that what comes in a busy hour goes as fast.
 */
#ifndef BACKEND_SWEEP_H
#define BACKEND_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

struct sweep {
	bool ever;
	int64_t at_s;   /* the last one, by the clock of the rules */
	int64_t at_ms;  /* and by the monotonic one */
	bool more;      /* it left something */
};

bool sweep_is_due(const struct sweep *s, int64_t now_s, int64_t now_ms);
/* At most so long until the next look, for whoever sleeps meanwhile. */
int64_t sweep_wait_ms(const struct sweep *s);
void sweep_begun(struct sweep *s, int64_t now_s, int64_t now_ms);

#endif
