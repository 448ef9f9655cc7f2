/* SPDX-License-Identifier: Apache-2.0 */
#include "scanner/budget.h"

#include <time.h>

int64_t scan_cpu_us(void)
{
	struct timespec t = {.tv_sec = 0};
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void scan_budget_start(struct scan_budget *b, int64_t us, bool live)
{
	b->left_us = us;
	b->stop_cpu_us = live ? scan_cpu_us() + us : INT64_MAX;
}

bool scan_budget_take(struct scan_budget *b, int64_t us)
{
	if (us > b->left_us)
		return false;
	if (b->stop_cpu_us != INT64_MAX && scan_cpu_us() + us > b->stop_cpu_us)
		return false;
	b->left_us -= us;
	return true;
}
