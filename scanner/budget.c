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

int64_t scan_budget_left(const struct scan_budget *b)
{
	int64_t left = b->left_us;
	if (b->stop_cpu_us != INT64_MAX) {
		int64_t real = b->stop_cpu_us - scan_cpu_us();
		left = real < left ? real : left;
	}
	return left < 0 ? 0 : left;
}

void scan_budget_spend(struct scan_budget *b, int64_t us)
{
	b->left_us -= us;
}

bool scan_budget_take(struct scan_budget *b, int64_t us)
{
	if (us > scan_budget_left(b))
		return false;
	b->left_us -= us;
	return true;
}
