/* SPDX-License-Identifier: Apache-2.0
 *
 * How much work a frame may cost. Work is counted by what is about to be done, in microseconds of
 * the machine on which the constants were measured, so that a recording is always read the same
 * way. A live camera looks at the CPU clock, too: that machine may be slower.
 */
#ifndef SCANNER_BUDGET_H
#define SCANNER_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* Limits, also in docs/limits.md. */
#define SCAN_THOROUGH_TIMES 16 /* a single picture may cost so many times a frame's budget */

struct scan_budget {
	int64_t left_us;
	int64_t stop_cpu_us; /* INT64_MAX = the clock does not matter */
};

int64_t scan_cpu_us(void); /* of this thread */
void scan_budget_start(struct scan_budget *b, int64_t us, bool live);
/* True when there is room for so much more work, which is then counted. */
bool scan_budget_take(struct scan_budget *b, int64_t us);
/* What there is room for, 0 and more; and work that was counted as it was done. */
int64_t scan_budget_left(const struct scan_budget *b);
void scan_budget_spend(struct scan_budget *b, int64_t us);

#endif
